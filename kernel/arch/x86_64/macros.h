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

/* Marks of kern/ipc_trace.h. At the entry all user registers are in the PCB
 * and the stack is the kernel's; RAX and the arguments live on. */
#ifdef PORTOLAN_IPC_TRACE
.macro TRACE_TRAP
	pushq %rax
	callq ipc_trace_trap
	popq %rax
	movq %gs:CPU_RSP0, %rcx
	movq PCB_RDI - PCB_END(%rcx), %rdi
	movq PCB_RSI - PCB_END(%rcx), %rsi
	movq PCB_RDX - PCB_END(%rcx), %rdx
	movq PCB_R8 - PCB_END(%rcx), %r8
	movq PCB_R9 - PCB_END(%rcx), %r9
	movq PCB_R10 - PCB_END(%rcx), %r10
.endm
.macro TRACE_RETURN
	pushq %rax
	movq %rax, %rdi
	callq ipc_trace_return
	popq %rax
.endm
#else
.macro TRACE_TRAP
.endm
.macro TRACE_RETURN
.endm
#endif

/* A fault at `at` goes to `fixup`, for kind FIXUP_RETRY only after
 * trap_copy_fault said no. */
.macro FIXUP at, fixup, kind
	.pushsection .fixup_table, "a"
	.quad \at, \fixup, \kind
	.popsection
.endm

#endif
