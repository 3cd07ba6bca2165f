/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The traps of the ABI, one stub each, and Portolan's own.
 */
	.text

#include <mach/machine/syscall_sw.h>
#include <mach/syscall_sw.h>

kernel_trap(thread_set_emulation_block, -1024, 1)

/* void mach_emulated_exit(int status): number 231 of the Linux x86-64 ABI. */
	.globl	mach_emulated_exit
	.type	mach_emulated_exit, @function
mach_emulated_exit:
	mov	$231, %eax
	syscall
	ret
	.size	mach_emulated_exit, . - mach_emulated_exit

	.section .note.GNU-stack, "", @progbits
