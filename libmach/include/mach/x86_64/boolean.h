/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boolean_t for x86-64: 32 bits on the wire and in structures (ABI sheet 0.4).
 */
#ifndef MACH_X86_64_BOOLEAN_H
#define MACH_X86_64_BOOLEAN_H

typedef int boolean_t;

_Static_assert(sizeof(boolean_t) == 4, "boolean_t is 32 bits");

#endif /* MACH_X86_64_BOOLEAN_H */
