/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of new threads, and the bases of FS and GS.
 */
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_traps.h>
#include <mach/thread_status.h>

#include "../handler.h"

static kern_return_t
block_set(thread_t thread, struct emulation_block *block)
{
	struct emulation_block_state state = { .block = (uint64_t)block };

	return thread_set_state(
	    thread, EMULATION_BLOCK_STATE, (thread_state_t)&state, EMULATION_BLOCK_STATE_COUNT);
}

static kern_return_t
tls_set(thread_t thread, uint64_t tls)
{
	struct i386_fsgs_base_state state = { .fs_base = tls };

	return thread_set_state(
	    thread, i386_FSGS_BASE_STATE, (thread_state_t)&state, i386_FSGS_BASE_STATE_COUNT);
}

/* Just behind the caller's `syscall`, with result 0. */
static kern_return_t
registers_set(thread_t thread, const struct handler_frame *frame,
    const struct emulation_block *caller, uint64_t stack)
{
	struct i386_thread_state state = {
		.r8 = frame->r8,
		.r9 = frame->r9,
		.r10 = frame->r10,
		.r11 = caller->eb_rflags,
		.r12 = frame->r12,
		.r13 = frame->r13,
		.r14 = frame->r14,
		.r15 = frame->r15,
		.rdi = frame->rdi,
		.rsi = frame->rsi,
		.rbp = frame->rbp,
		.rbx = frame->rbx,
		.rdx = frame->rdx,
		.rcx = caller->eb_rip,
		.rax = 0,
		.rip = caller->eb_rip,
		.rfl = caller->eb_rflags,
		.ursp = stack,
	};

	return thread_set_state(
	    thread, i386_THREAD_STATE, (thread_state_t)&state, i386_THREAD_STATE_COUNT);
}

kern_return_t
handler_thread_set(thread_t thread, const struct handler_frame *frame,
    const struct emulation_block *caller, uint64_t stack, struct emulation_block *block,
    const uint64_t *tls)
{
	kern_return_t kr;

	kr = registers_set(thread, frame, caller, stack);
	if (kr == KERN_SUCCESS)
		kr = block_set(thread, block);
	if (kr == KERN_SUCCESS && tls != NULL)
		kr = tls_set(thread, *tls);
	return kr;
}

/* The base of FS is the thread pointer; libc uses no other of these calls. */
long
handler_arch_prctl(struct handler_frame *frame, struct emulation_block *block)
{
	struct i386_fsgs_base_state state = { .fs_base = FRAME_ARG1(frame) };

	if (FRAME_ARG0(frame) != LINUX_ARCH_SET_FS)
		return -LINUX_EINVAL;
	if (thread_set_self_state(i386_FSGS_BASE_STATE, (natural_t *)&state,
		i386_FSGS_BASE_STATE_COUNT) != KERN_SUCCESS)
		return -LINUX_EPERM;
	return 0;
}
