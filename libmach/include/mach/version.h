/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Version of the interface these headers describe.
 */
#ifndef MACH_VERSION_H
#define MACH_VERSION_H

#define KERNEL_MAJOR_VERSION 4
#define KERNEL_MINOR_VERSION 0

#endif /* MACH_VERSION_H */
