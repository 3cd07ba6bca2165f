/* SPDX-License-Identifier: BSD-2-Clause */
#include "signal/deliver.h"

#include <mach.h>
#include <mach/machine/thread_status.h>

#include "bsd/emulator.h"
#include "exec/image.h"
#include "server/proc.h"

static kern_return_t
get_state(const struct thread *t, struct i386_thread_state *state)
{
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;

	return thread_get_state(t->port, i386_REGS_SEGS_STATE, (thread_state_t)state, &count);
}

static kern_return_t
set_state(const struct thread *t, struct i386_thread_state *state)
{
	return thread_set_state(
	    t->port, i386_THREAD_STATE, (thread_state_t)state, i386_THREAD_STATE_COUNT);
}

static bool
in_emulator(uint64_t rip)
{
	return rip >= EMUL_IMAGE_BASE && rip < EMUL_IMAGE_LIMIT;
}

static void
regs_from_state(struct bsd_regs *r, const struct i386_thread_state *s)
{
	*r = (struct bsd_regs) {
		.r8 = s->r8,
		.r9 = s->r9,
		.r10 = s->r10,
		.r11 = s->r11,
		.r12 = s->r12,
		.r13 = s->r13,
		.r14 = s->r14,
		.r15 = s->r15,
		.rdi = s->rdi,
		.rsi = s->rsi,
		.rbp = s->rbp,
		.rbx = s->rbx,
		.rdx = s->rdx,
		.rcx = s->rcx,
		.rax = s->rax,
		.rip = s->rip,
		.rsp = s->ursp,
		.rflags = s->rfl,
	};
}

/* Keep the program's registers and go to the signal entry. */
static kern_return_t
redirect(struct thread *t, struct i386_thread_state *state)
{
	kern_return_t kr;

	regs_from_state(&t->saved, state);
	state->rip = image_emulator()->signal;
	state->ursp = EMUL_BLOCK_ADDRESS(t->slot);
	state->rfl = 0x202;
	kr = set_state(t, state);
	t->signal_saved = kr == KERN_SUCCESS;
	return kr;
}

/* At the emulator's very last instruction the registers are the program's. */
static bool
at_exit_jump(struct i386_thread_state *state)
{
	if (state->rip != image_emulator()->exit_jump)
		return false;
	state->rip = state->rcx;
	return true;
}

/* In one of the ranges that end in the program or in a wait: begin it again. */
static void
restart_range(const struct thread *t, struct i386_thread_state *state)
{
	const struct emul_header *e = image_emulator();

	if (state->rip >= e->exit_start && state->rip < e->exit_jump) {
		state->rip = e->exit_start;
		state->ursp = EMUL_BLOCK_ADDRESS(t->slot) - EMUL_FRAME_SIZE;
	} else if (state->rip >= e->full_start && state->rip <= e->full_syscall) {
		state->rip = e->full_start;
		state->ursp = EMUL_BLOCK_ADDRESS(t->slot) - EMUL_FRAME_SIZE;
	} else if (state->rip >= e->wait_start && state->rip <= e->wait_syscall)
		state->rip = e->wait_start;
}

static void
mark(struct thread *t, struct i386_thread_state *state)
{
	bool waiting = state->rip == image_emulator()->wait_after;

	restart_range(t, state);
	state->rfl |= EMUL_RFLAGS_SIGNAL;
	(void)set_state(t, state);
	if (waiting)
		(void)thread_abort(t->port);
}

/*
 * The program may be in a kernel call of its own: that ends first, as if
 * interrupted.
 */
static void
interrupt_program(struct thread *t, struct i386_thread_state *state)
{
	if (thread_abort(t->port) == KERN_SUCCESS && get_state(t, state) == KERN_SUCCESS)
		(void)redirect(t, state);
}

void
deliver_to_running(struct thread *t)
{
	struct i386_thread_state state;

	if (t->port == MACH_PORT_NULL || thread_suspend(t->port) != KERN_SUCCESS)
		return;
	if (get_state(t, &state) == KERN_SUCCESS) {
		if (at_exit_jump(&state))
			(void)redirect(t, &state);
		else if (in_emulator(state.rip))
			mark(t, &state);
		else
			interrupt_program(t, &state);
	}
	(void)thread_resume(t->port);
}

bool
deliver_at_exception(struct thread *t)
{
	struct i386_thread_state state;

	return get_state(t, &state) == KERN_SUCCESS && redirect(t, &state) == KERN_SUCCESS;
}

bool
deliver_in_emulator(struct thread *t)
{
	struct i386_thread_state state;

	return get_state(t, &state) == KERN_SUCCESS && in_emulator(state.rip);
}

bool
deliver_copy_fault(struct thread *t)
{
	const struct emul_header *e = image_emulator();
	struct i386_thread_state state;

	if (get_state(t, &state) != KERN_SUCCESS || state.rip < e->copy_start ||
	    state.rip >= e->copy_end)
		return false;
	state.rip = e->copy_fault;
	return set_state(t, &state) == KERN_SUCCESS;
}
