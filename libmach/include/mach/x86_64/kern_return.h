/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kern_return_t for x86-64 (ABI sheet 0.4).
 */
#ifndef MACH_X86_64_KERN_RETURN_H
#define MACH_X86_64_KERN_RETURN_H

typedef int kern_return_t;

_Static_assert(sizeof(kern_return_t) == 4, "kern_return_t is 32 bits");

#endif /* MACH_X86_64_KERN_RETURN_H */
