/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plain loops of register traps (mach/register_ipc.h), client and server; the
 * payload stays in its registers.
 */
	.text

/* long bench_register_calls(uint64_t names, uint64_t label, unsigned count):
 * call so often, with four words; the first result that is not 0, or 0. */
	.globl	bench_register_calls
	.type	bench_register_calls, @function
bench_register_calls:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	%rdx
	push	%rsi
	push	%rdi
	mov	$1, %ebx
	mov	$2, %ebp
	mov	$3, %r12d
	mov	$4, %r13d
1:	mov	(%rsp), %rdi
	mov	8(%rsp), %rsi
	mov	$-1025, %rax
	syscall
	test	%eax, %eax
	jnz	2f
	decl	16(%rsp)
	jnz	1b
2:	add	$24, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
	.size	bench_register_calls, . - bench_register_calls

/* long bench_register_serve(uint64_t names, uint64_t label): wait, and answer
 * with the same words until something fails. */
	.globl	bench_register_serve
	.type	bench_register_serve, @function
bench_register_serve:
	push	%rsi
	push	%rdi
	xor	%edi, %edi
	xor	%r10d, %r10d
1:	or	(%rsp), %rdi
	mov	8(%rsp), %rsi
	mov	$-1026, %rax
	syscall			/* R10 comes back 0: no buffer */
	test	%eax, %eax
	jz	1b
	add	$16, %rsp
	ret
	.size	bench_register_serve, . - bench_register_serve

	.section .note.GNU-stack, "", @progbits
