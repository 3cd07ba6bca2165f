/* SPDX-License-Identifier: BSD-2-Clause */
/* The untyped dialect's environment, as far as its stubs need it: for tests. */
#ifndef MACH_BOOLEAN_H
#define MACH_BOOLEAN_H
typedef int boolean_t;
#define TRUE  1
#define FALSE 0
#endif
