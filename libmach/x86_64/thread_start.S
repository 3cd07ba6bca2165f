/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * First instruction of a thread made by mach_thread_start: the frame below
 * the top of its stack holds the function and its argument.
 */
	.text
	.globl	mach_thread_trampoline
	.type	mach_thread_trampoline, @function
mach_thread_trampoline:
	xor	%ebp, %ebp
	mov	%rsp, %rdi
	and	$-16, %rsp
	call	mach_thread_body
	hlt
	.size	mach_thread_trampoline, . - mach_thread_trampoline

	.section .note.GNU-stack, "", @progbits
