/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * context -- the part of arch/context.h that C cannot say.
 */
#include "macros.h"

	.text

/*
 * void *context_swap(struct pcb *old, struct pcb *new, void *arg): keep the
 * running stack in old, go on with new's, there returning arg.
 */
FUNCTION context_swap
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %gs:CPU_STACK, %rax
	movq %rsp, PCB_KERNEL_RSP(%rdi)
	movq %rax, PCB_KERNEL_STACK(%rdi)
END_FUNCTION context_swap

/* As above without keeping anything: context_take(unused, new, arg). */
FUNCTION context_take
	movq PCB_KERNEL_STACK(%rsi), %rax
	movq PCB_KERNEL_RSP(%rsi), %rsp
	movq %rax, %gs:CPU_STACK
	movq $0, PCB_KERNEL_STACK(%rsi)
	movq %rdx, %rax
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	retq
END_FUNCTION context_take

/* Where a prepared context begins: RBX is the function, RAX its argument. */
FUNCTION context_begin
	movq %rax, %rdi
	xorl %ebp, %ebp
	callq *%rbx
	ud2
END_FUNCTION context_begin

	.section .note.GNU-stack, "", @progbits
