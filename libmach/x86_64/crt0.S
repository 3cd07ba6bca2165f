/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start of a native program: RSP points at argc (ABI sheet 10.4). Weak: a
 * program on a libc has that one's.
 */
	.text
	.weak	_start
	.type	_start, @function
_start:
	xor	%ebp, %ebp
	mov	%rsp, %rdi
	and	$-16, %rsp
	call	mach_start
	hlt
	.size	_start, . - _start

	.section .note.GNU-stack, "", @progbits
