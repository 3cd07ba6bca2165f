/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread control -- holding, aborting, ending; see the picture in thread.h.
 *
 * Whoever wants a thread to be still sets a bit in t_ast and then looks where
 * the thread is; the thread publishes where it is and then looks at t_ast
 * (atomic operations on both sides order this). So either the thread notices
 * by itself, or the other sees it on a CPU and interrupts it.
 */
#include <arch/cpu.h>
#include <arch/trap.h>
#include <kern/assert.h>
#include <kern/copyio.h>
#include <kern/string.h>

#include "clock.h"
#include "event.h"
#include "sched.h"
#include "sched_private.h"
#include "thread.h"

static bool
thread_is_clean(struct thread *thread)
{
	return thread->t_frozen && thread_waiter(thread)->w_continuation == thread_return_continue;
}

/* A ready thread without a stack need not run to be stopped. Locks: t_lock. */
static void
thread_freeze_ready(struct thread *thread)
{
	if (thread->t_frozen || thread_waiter(thread)->w_continuation == NULL)
		return;
	if (thread->t_abort_count > 0 &&
	    thread_waiter(thread)->w_continuation != thread_return_continue)
		return;
	if (sched_dequeue(thread))
		thread->t_frozen = true;
}

static void
thread_hold_locked(struct thread *thread)
{
	thread->t_hold_count++;
	atomic_fetch_or(&thread->t_ast, THREAD_AST_HOLD);
	if (!thread->t_terminating)
		thread_freeze_ready(thread);
}

void
thread_hold(struct thread *thread)
{
	spin_lock(&thread->t_lock);
	thread_hold_locked(thread);
	spin_unlock(&thread->t_lock);
	sched_notify_ast(thread);
}

void
thread_unhold(struct thread *thread)
{
	bool thaw;

	spin_lock(&thread->t_lock);
	kassert(thread->t_hold_count > 0);
	thread->t_hold_count--;
	if (thread->t_hold_count == 0)
		atomic_fetch_and(&thread->t_ast, ~THREAD_AST_HOLD);
	thaw = thread->t_hold_count == 0 && thread->t_frozen;
	if (thaw)
		thread->t_frozen = false;
	spin_unlock(&thread->t_lock);
	if (thaw)
		sched_enqueue(thread);
}

/* -- Waiting for a thread to be still -------------------------------------------- */

void
thread_watched(struct thread *thread)
{
	if ((thread->t_ast & THREAD_AST_WATCHED) == 0)
		return;
	atomic_fetch_and(&thread->t_ast, ~THREAD_AST_WATCHED);
	event_wake_all(thread);
}

/* Where it is satisfies the wish, once it has left its CPU. */
static bool
thread_is_still(struct thread *thread, enum thread_stillness wanted)
{
	if (thread->t_dead)
		return true;
	switch (wanted) {
	case THREAD_OFF_USER:
		return thread->t_on_cpu == ON_NO_CPU || thread->t_parked != 0 ||
		    thread->t_leaving || thread->t_frozen;
	case THREAD_STABLE:
		return thread->t_parked != 0 || thread->t_frozen;
	case THREAD_CLEAN:
		return thread_is_clean(thread);
	default:
		return false;
	}
}

/* It is about to leave a CPU: that takes no longer than a switch. */
static bool
thread_has_left(struct thread *thread, enum thread_stillness wanted)
{
	while (thread->t_on_cpu != ON_NO_CPU) {
		if (!thread_is_still(thread, wanted))
			return false;
		cpu_call_poll();
		cpu_pause();
	}
	return true;
}

bool
thread_wait_still(struct thread *thread, enum thread_stillness wanted)
{
	enum wait_result result = WAIT_OK;

	for (;;) {
		event_prepare(thread, true, WAIT_FOREVER);
		atomic_fetch_or(&thread->t_ast, THREAD_AST_WATCHED);
		if (thread_is_still(thread, wanted)) {
			event_cancel();
			if (thread_has_left(thread, wanted))
				return true;
			continue;
		}
		if (result != WAIT_OK) {
			event_cancel();
			return false;
		}
		sched_notify_ast(thread);
		result = event_block();
	}
}

/* -- At the border to user mode --------------------------------------------------- */

/* Stop here while held. Returns when there is no reason (any more). */
static void
thread_stop(struct thread *self)
{
	bool frozen;

	spin_lock(&self->t_lock);
	frozen = self->t_hold_count > 0 && !self->t_terminating;
	if (frozen) {
		thread_waiter(self)->w_continuation = thread_return_continue;
		self->t_frozen = true;
	}
	spin_unlock(&self->t_lock);
	if (frozen) {
		thread_watched(self);
		sched_leave(self);
	}
}

void
thread_ast(struct thread *self)
{
	if ((self->t_ast & THREAD_AST_HOLD) != 0)
		thread_stop(self);
	if ((self->t_ast & THREAD_AST_TERMINATE) != 0)
		thread_exit();
	if ((self->t_ast & THREAD_AST_BOUND) != 0)
		sched_move_bound(self);
}

void
trap_ast(void)
{
	struct thread *self = thread_current();
	uint32_t reasons = atomic_exchange(&this_cpu()->self->ast, 0);

	if (self->t_ast != 0)
		thread_ast(self);
	if ((reasons & CPU_AST_RESCHED) != 0)
		sched_preempt_user(self);
}

/*
 * The kernel runs with interrupts off: a tick that fell into a system call
 * strikes when it ends, just behind the user's syscall instruction. Hardly
 * any other tick finds a program there.
 */
static bool
tick_waited_for_kernel(const struct thread *self)
{
	static const uint8_t syscall_bytes[2] = { 0x0f, 0x05 };
	uint8_t bytes[2];

	return copyin_resident(self->pcb.r.rip - sizeof(bytes), bytes, sizeof(bytes)) &&
	    memcmp(bytes, syscall_bytes, sizeof(bytes)) == 0;
}

void
trap_tick(bool user)
{
	if (cpu_id() == 0)
		clock_tick();
	timer_tick();
	sched_tick(user && !tick_waited_for_kernel(thread_current()));
}

/* -- Abort, terminate -------------------------------------------------------------- */

/* Let a frozen thread run to its clean point, or to its end. */
static void
thread_thaw_locked(struct thread *thread)
{
	if (!thread->t_frozen)
		return;
	thread->t_frozen = false;
	sched_enqueue(thread);
}

static void
thread_interrupt(struct thread *thread)
{
	if (waiter_claim(thread_waiter(thread), WAIT_INTERRUPTED))
		waiter_go(thread_waiter(thread));
	sched_notify_ast(thread);
}

bool
thread_abort_and_stop(struct thread *thread)
{
	spin_lock(&thread->t_lock);
	thread->t_abort_count++;
	atomic_fetch_or(&thread->t_ast, THREAD_AST_ABORT);
	thread_hold_locked(thread);
	if (!thread_is_clean(thread))
		thread_thaw_locked(thread);
	spin_unlock(&thread->t_lock);
	thread_interrupt(thread);
	thread_undepress(thread);
	return thread_wait_still(thread, THREAD_CLEAN);
}

void
thread_abort_done(struct thread *thread)
{
	spin_lock(&thread->t_lock);
	if (--thread->t_abort_count == 0)
		atomic_fetch_and(&thread->t_ast, ~THREAD_AST_ABORT);
	spin_unlock(&thread->t_lock);
	thread_unhold(thread);
}

kern_return_t
thread_terminate_start(struct thread *thread)
{
	bool first;

	spin_lock(&thread->t_lock);
	first = !thread->t_terminating;
	thread->t_terminating = true;
	atomic_fetch_or(&thread->t_ast, THREAD_AST_TERMINATE);
	thread_thaw_locked(thread);
	spin_unlock(&thread->t_lock);
	thread_interrupt(thread);
	return first ? KERN_SUCCESS : KERN_FAILURE;
}

/* -- Depression -------------------------------------------------------------------- */

/* Let a changed base or depression take effect at once for a ready thread. */
void
thread_priority_changed(struct thread *thread)
{
	thread->t_priority_changed = true;
	if (sched_dequeue(thread))
		sched_enqueue(thread);
}

void
thread_depress(struct thread *thread, uint64_t ms)
{
	timer_cancel(&thread->t_depress_timer);
	thread->t_depressed = true;
	thread->t_priority_changed = true;
	if (ms != 0)
		timer_arm(&thread->t_depress_timer, ms);
}

bool
thread_undepress(struct thread *thread)
{
	bool depressed;

	spin_lock(&thread->t_lock);
	depressed = thread->t_depressed;
	thread->t_depressed = false;
	spin_unlock(&thread->t_lock);
	if (depressed)
		thread_priority_changed(thread);
	return depressed;
}
