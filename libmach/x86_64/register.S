/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The traps of register IPC (mach/register_ipc.h, docs/register-ipc.md).
 * Payload words travel in the registers that C keeps across calls.
 */
#define LABEL   0
#define WORD(n) (8 + 8 * (n))
#define PAYLOAD 56
#define REPLY   64
#define BITS    68 /* and the sequence number */

	.macro ENTER
	endbr64
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	%rdx
	mov	%edi, %edi
	shl	$32, %rsi
	or	%rsi, %rdi
	mov	LABEL(%rdx), %rsi
	mov	WORD(0)(%rdx), %rbx
	mov	WORD(1)(%rdx), %rbp
	mov	WORD(2)(%rdx), %r12
	mov	WORD(3)(%rdx), %r13
	mov	WORD(4)(%rdx), %r14
	mov	WORD(5)(%rdx), %r15
	.endm

	.macro LEAVE
	mov	%rsi, LABEL(%rcx)
	mov	%rbx, WORD(0)(%rcx)
	mov	%rbp, WORD(1)(%rcx)
	mov	%r12, WORD(2)(%rcx)
	mov	%r13, WORD(3)(%rcx)
	mov	%r14, WORD(4)(%rcx)
	mov	%r15, WORD(5)(%rcx)
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
	.endm

	.text

/* mach_msg_return_t mach_register_call_trap(dest, reply, message) */
	.globl	mach_register_call_trap
	.type	mach_register_call_trap, @function
	.align	16
mach_register_call_trap:
	ENTER
	mov	$-1025, %rax
	syscall
	pop	%rcx
	LEAVE
	.size	mach_register_call_trap, . - mach_register_call_trap

/* mach_msg_return_t mach_register_reply_wait_trap(reply, receive, message,
 * buffer, size) */
	.globl	mach_register_reply_wait_trap
	.type	mach_register_reply_wait_trap, @function
	.align	16
mach_register_reply_wait_trap:
	ENTER
	mov	%r8d, %r10d
	mov	%rcx, %rdx
	mov	$-1026, %rax
	syscall
	pop	%rcx
	mov	%rdx, PAYLOAD(%rcx)
	mov	%edi, REPLY(%rcx)
	mov	%r8, BITS(%rcx)
	LEAVE
	.size	mach_register_reply_wait_trap, . - mach_register_reply_wait_trap

	.section .note.GNU-stack, "", @progbits
