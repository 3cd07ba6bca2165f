/* SPDX-License-Identifier: BSD-2-Clause */
/* The processor this tree is built for. */
#ifndef MACH_MACHINE_SYSCALL_SW_H
#define MACH_MACHINE_SYSCALL_SW_H

#include <mach/x86_64/syscall_sw.h>

#endif /* MACH_MACHINE_SYSCALL_SW_H */
