/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start of a native program on musl, and the way in and out of the in-task
 * handler.
 */
#include "frame_offsets.h"

	.text

/*
 * RSP points at argc (ABI sheet 10.4). The C part answers with a new stack
 * that begins as libc expects it, auxiliary vector included.
 */
	.globl	mach_musl_start
	.type	mach_musl_start, @function
mach_musl_start:
	xor	%ebp, %ebp
	mov	%rsp, %rdi
	and	$-16, %rsp
	call	mach_musl_prepare
	mov	%rax, %rsp
	xor	%edx, %edx
	xor	%ebp, %ebp
	jmp	_start
	.size	mach_musl_start, . - mach_musl_start

/*
 * A system call of libc: RSP is the thread's emulation block, which holds
 * the caller's RIP, RSP and RFLAGS; RCX and R11 are free. The frame pushed
 * here is struct handler_frame.
 */
	.globl	mach_handler_entry
	.globl	mach_handler_entry_end
	.type	mach_handler_entry, @function
mach_handler_entry:
	cld
	push	$0
	push	%rax
	push	%rdi
	push	%rsi
	push	%rdx
	push	%r10
	push	%r8
	push	%r9
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, %rdi
	lea	HANDLER_FRAME_SIZE(%rsp), %rsi
	xor	%ebp, %ebp
	call	mach_handler_dispatch
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	pop	%r9
	pop	%r8
	pop	%r10
	pop	%rdx
	pop	%rsi
	pop	%rdi
	add	$16, %rsp
	mov	BLOCK_RIP(%rsp), %rcx
	mov	BLOCK_RFLAGS(%rsp), %r11
	push	%r11
	popfq
	mov	BLOCK_RSP(%rsp), %rsp
	jmp	*%rcx
mach_handler_entry_end:
	.size	mach_handler_entry, . - mach_handler_entry

	.section .note.GNU-stack, "", @progbits
