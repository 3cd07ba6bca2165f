/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
/*
 * Trap stubs of x86-64, for assembler sources (ABI sheet 1.1): number in RAX,
 * arguments in RDI RSI RDX R10 R8 R9 and then on the caller's stack, where a
 * C caller has put them already.
 */
#ifndef MACH_X86_64_SYSCALL_SW_H
#define MACH_X86_64_SYSCALL_SW_H

#define kernel_trap(trap_name, trap_number, number_args)	\
	.globl	trap_name;					\
	.type	trap_name, @function;				\
	.align	16;						\
trap_name:							\
	endbr64;						\
	mov	$(trap_number), %rax;				\
	mov	%rcx, %r10;					\
	syscall;						\
	ret;							\
	.size	trap_name, . - trap_name

#endif /* MACH_X86_64_SYSCALL_SW_H */
