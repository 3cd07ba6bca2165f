/* SPDX-License-Identifier: BSD-2-Clause */
/* version -- what the kernel calls itself. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#define KERNEL_VERSION "Portolan 0.1.0: a Mach microkernel (x86_64)"

#endif
