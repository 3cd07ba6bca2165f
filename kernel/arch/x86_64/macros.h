/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
/*
 * macros -- assembler shorthands.
 */
#ifndef X86_64_MACROS_H
#define X86_64_MACROS_H

#include "offsets.h"

.macro FUNCTION name
	.globl \name
	.type \name, @function
	.balign 16
\name:
.endm

.macro END_FUNCTION name
	.size \name, . - \name
.endm

/* Open and close user memory to the kernel. Without SMAP these instructions
 * do not exist: cpu_patch makes them no-ops then. */
.macro USER_OPEN
771:	stac
	.pushsection .patch_table, "a"
	.quad 771b
	.popsection
.endm

.macro USER_CLOSE
772:	clac
	.pushsection .patch_table, "a"
	.quad 772b
	.popsection
.endm

/* A fault at `at` goes to `fixup`, for kind FIXUP_RETRY only after
 * trap_copy_fault said no. */
.macro FIXUP at, fixup, kind
	.pushsection .fixup_table, "a"
	.quad \at, \fixup, \kind
	.popsection
.endm

#endif
