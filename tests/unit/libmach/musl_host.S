/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only system calls of the hosted handler test that reach Linux: those
 * between host_allowed and host_allowed_end.
 */
	.text
	.globl	host_allowed, host_allowed_end

host_allowed:
/* long host_syscall(long number, a0, a1, a2, a3, a4, [stack] a5) */
	.globl	host_syscall
host_syscall:
	mov	%rdi, %rax
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	mov	%rcx, %rdx
	mov	%r8, %r10
	mov	%r9, %r8
	mov	8(%rsp), %r9
	syscall
	ret

	.globl	host_restorer
host_restorer:
	mov	$15, %eax
	syscall
	hlt

/* void host_unmap_exit(void *stack, size_t size): no stack is used any more. */
	.globl	host_unmap_exit
host_unmap_exit:
	test	%rsi, %rsi
	jz	1f
	mov	$11, %eax
	syscall
1:	mov	$60, %eax
	xor	%edi, %edi
	syscall
	hlt

/*
 * long host_clone(long flags, void *stack, struct host_thread *thread): the child
 * prepares itself on `stack` and then becomes what the thread's state says.
 */
	.globl	host_clone
host_clone:
	push	%rbx
	mov	%rdx, %rbx
	xor	%edx, %edx
	xor	%r10d, %r10d
	xor	%r8d, %r8d
	mov	$56, %eax
	syscall
	test	%rax, %rax
	jz	1f
	pop	%rbx
	ret
1:	mov	%rbx, %rdi
	call	host_thread_prepare
	/* RAX is the struct i386_thread_state. */
	mov	%rax, %rdi
	mov	0(%rdi), %r8
	mov	8(%rdi), %r9
	mov	16(%rdi), %r10
	mov	24(%rdi), %r11
	mov	32(%rdi), %r12
	mov	40(%rdi), %r13
	mov	48(%rdi), %r14
	mov	56(%rdi), %r15
	mov	72(%rdi), %rsi
	mov	80(%rdi), %rbp
	mov	96(%rdi), %rbx
	mov	104(%rdi), %rdx
	mov	128(%rdi), %rcx
	mov	120(%rdi), %rax
	mov	152(%rdi), %rsp
	mov	64(%rdi), %rdi
	jmp	*%rcx
host_allowed_end:

	.section .note.GNU-stack, "", @progbits
