/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The traps of the ABI, one stub each, and Portolan's own.
 */
	.text

#include <mach/machine/syscall_sw.h>
#include <mach/syscall_sw.h>

kernel_trap(thread_set_emulation_block, -1024, 1)

	.section .note.GNU-stack, "", @progbits
