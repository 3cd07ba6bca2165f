/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * copyio -- kern/copyio.h. A fault in the user's memory goes through
 * the fix-up table: the plain functions have it served and go on where they
 * were, the _resident ones give up.
 */
#include "macros.h"

	.text

/*
 * RSI source, RDI target, RDX bytes, the user's side checked already. Four
 * words at a time, then one, then bytes; large ones by a string instruction.
 */
.macro COPY kind
	USER_OPEN
	cmpq $128, %rdx
	jae 30f
	subq $32, %rdx
	jb 15f
	.balign 16
40:	movq (%rsi), %rax
41:	movq %rax, (%rdi)
42:	movq 8(%rsi), %rax
43:	movq %rax, 8(%rdi)
44:	movq 16(%rsi), %rax
45:	movq %rax, 16(%rdi)
46:	movq 24(%rsi), %rax
47:	movq %rax, 24(%rdi)
	addq $32, %rsi
	addq $32, %rdi
	subq $32, %rdx
	jae 40b
15:	addq $24, %rdx
	js 20f
10:	movq (%rsi), %rax
11:	movq %rax, (%rdi)
	addq $8, %rsi
	addq $8, %rdi
	subq $8, %rdx
	jae 10b
20:	addq $8, %rdx
	jz 25f
21:	movb (%rsi), %al
22:	movb %al, (%rdi)
	incq %rsi
	incq %rdi
	decq %rdx
	jnz 21b
25:	USER_CLOSE
	movl $1, %eax
	retq
30:	movq %rdx, %rcx
	shrq $3, %rcx
	andl $7, %edx
31:	rep movsq
	subq $8, %rdx
	jmp 20b
	.irp at, 40b, 41b, 42b, 43b, 44b, 45b, 46b, 47b
	FIXUP \at, copy_failed, \kind
	.endr
	FIXUP 10b, copy_failed, \kind
	FIXUP 11b, copy_failed, \kind
	FIXUP 21b, copy_failed, \kind
	FIXUP 22b, copy_failed, \kind
	FIXUP 31b, copy_failed, \kind
.endm

/* Is [\start, \start + RDX) in user space? Uses RAX. */
.macro CHECK_RANGE start
	movq %rdx, %rax
	addq \start, %rax
	jc copy_refused
	cmpq user_end, %rax
	ja copy_refused
.endm

/* bool copyin(uint64_t user, void *to, size_t size) */
.macro COPYIN name, kind
FUNCTION \name
	CHECK_RANGE %rdi
	xchgq %rdi, %rsi
	COPY \kind
END_FUNCTION \name
.endm

/* bool copyout(const void *from, uint64_t user, size_t size) */
.macro COPYOUT name, kind
FUNCTION \name
	CHECK_RANGE %rsi
	xchgq %rdi, %rsi
	COPY \kind
END_FUNCTION \name
.endm

	COPYIN copyin, FIXUP_RETRY
	COPYIN copyin_resident, FIXUP_FAIL
	COPYOUT copyout, FIXUP_RETRY
	COPYOUT copyout_resident, FIXUP_FAIL

copy_failed:
	USER_CLOSE
copy_refused:
	xorl %eax, %eax
	retq

/*
 * bool copyin_string(uint64_t user, char *to, size_t size, size_t *lengthp)
 */
FUNCTION copyin_string
	xorl %r8d, %r8d
	USER_OPEN
1:	cmpq %rdx, %r8
	jae copy_failed
	cmpq user_end, %rdi
	jae copy_failed
2:	movb (%rdi), %al
	movb %al, (%rsi)
	testb %al, %al
	jz 3f
	incq %rdi
	incq %rsi
	incq %r8
	jmp 1b
3:	USER_CLOSE
	movq %r8, (%rcx)
	movl $1, %eax
	retq
	FIXUP 2b, copy_failed, FIXUP_RETRY
END_FUNCTION copyin_string

	.section .rodata
	.balign 8
user_end:
	.quad USER_END

	.section .note.GNU-stack, "", @progbits
