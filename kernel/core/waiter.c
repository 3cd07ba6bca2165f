/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * waiter -- blocking and waking: the kernel's side of kern/waiter.h.
 *
 * The end of a wait meets the beginning without a lock. The blocking thread
 * sets t_parked, then looks at w_state; the waker sets w_state, then takes
 * t_parked away. Whoever finds the other's mark acts: the waker by making the
 * thread ready, or the thread by not leaving the CPU. In the same way the
 * thread looks at t_ast after parking, and an abort claims after setting it.
 */
#include <arch/context.h>
#include <arch/pmap.h>
#include <kern/assert.h>
#include <kern/fast/waiter.h>
#include <kern/waiter.h>

#include "sched.h"
#include "sched_private.h"
#include "thread.h"
#include "waiter.h"

#define AST_INTERRUPTS (THREAD_AST_ABORT | THREAD_AST_TERMINATE)

void
waiter_prepare(struct waiter *self, bool interruptible, uint64_t timeout)
{
	self->w_result = WAIT_OK;
	atomic_store_explicit(&self->w_state, interruptible ? WAITER_WAITING : WAITER_WAITING_UNINT,
	    memory_order_release);
	if (timeout != WAIT_FOREVER)
		timer_arm(&thread_of(self)->t_wait_timer, timeout);
}

bool
waiter_cancel(struct waiter *self)
{
	uint32_t state = atomic_load(&self->w_state);
	bool cancelled = false;

	while (!cancelled && (state == WAITER_WAITING || state == WAITER_WAITING_UNINT))
		cancelled = atomic_compare_exchange_weak(&self->w_state, &state, WAITER_RUNNING);
	while (atomic_load(&self->w_state) != WAITER_RUNNING) {
		cpu_call_poll();
		cpu_pause();
	}
	timer_cancel(&thread_of(self)->t_wait_timer);
	return cancelled;
}

bool
waiter_claim(struct waiter *waiter, enum wait_result result)
{
	uint32_t state = atomic_load_explicit(&waiter->w_state, memory_order_acquire);

	do {
		if (!waiter_state_interruptible(state) &&
		    (state != WAITER_WAITING_UNINT || result == WAIT_INTERRUPTED))
			return false;
	} while (!atomic_compare_exchange_weak_explicit(
	    &waiter->w_state, &state, WAITER_CLAIMED, memory_order_acq_rel, memory_order_acquire));
	waiter->w_result = result;
	return true;
}

/* The wait timer of a thread fired. */
void
waiter_timeout(struct timer *timer)
{
	struct thread *thread = container_of(timer, struct thread, t_wait_timer);

	if (waiter_claim(thread_waiter(thread), WAIT_TIMED_OUT))
		waiter_go(thread_waiter(thread));
}

/* A held thread that has no stack stays where it is until it is let go. */
static bool
waiter_freeze(struct thread *thread)
{
	bool frozen;

	if (thread_waiter(thread)->w_continuation == NULL)
		return false;
	spin_lock(&thread->t_lock);
	frozen = thread->t_hold_count > 0 && (thread->t_ast & AST_INTERRUPTS) == 0;
	if (frozen)
		thread->t_frozen = true;
	spin_unlock(&thread->t_lock);
	return frozen;
}

void
waiter_go(struct waiter *waiter)
{
	struct thread *thread = thread_of(waiter);

	atomic_store_explicit(&waiter->w_state, WAITER_RUNNING, memory_order_release);
	if (atomic_exchange(&thread->t_parked, 0) == 0)
		return;
	if ((thread->t_ast & THREAD_AST_HOLD) != 0 && waiter_freeze(thread))
		return;
	sched_enqueue(thread);
}

/* Parked with something to attend to: a pending abort ends the wait. */
static void
waiter_park_ast(struct thread *self)
{
	struct waiter *waiter = thread_waiter(self);

	if ((self->t_ast & AST_INTERRUPTS) != 0 && waiter_claim(waiter, WAIT_INTERRUPTED))
		atomic_store(&waiter->w_state, WAITER_RUNNING);
	thread_watched(self);
}

/* True: off the CPU as far as wakers are concerned; now really leave. */
static bool
waiter_park(struct thread *self)
{
	struct waiter *waiter = thread_waiter(self);

	if (atomic_load_explicit(&waiter->w_state, memory_order_acquire) == WAITER_RUNNING)
		return false;
	atomic_exchange(&self->t_parked, 1);
	if (__builtin_expect(self->t_ast != 0, 0))
		waiter_park_ast(self);
	return atomic_load(&waiter->w_state) != WAITER_RUNNING ||
	    atomic_exchange(&self->t_parked, 0) == 0;
}

enum wait_result
waiter_block(struct waiter *waiter)
{
	struct thread *self = thread_of(waiter);

	lock_check_none_held("waiter_block");
	waiter->w_continuation = NULL;
	if (waiter_park(self))
		sched_leave_keep_stack(self);
	timer_cancel(&self->t_wait_timer);
	return waiter->w_result;
}

/* TOUR: cont-1 */
_Noreturn void
waiter_block_continue(struct waiter *waiter, continuation_t *continuation)
{
	struct thread *self = thread_of(waiter);

	lock_check_none_held("waiter_block_continue");
	waiter->w_continuation = continuation;
	if (waiter_park(self))
		sched_leave(self);
	context_call(sched_continue, NULL);
}

bool
waiter_may_handoff(const struct waiter *waiter)
{
	const struct thread *to = thread_of(waiter);
	const struct sched_cpu *cpu = &sched_cpus[cpu_id()];

	if (to->t_parked == 0 || to->t_on_cpu != ON_NO_CPU || thread_must_attend(to) ||
	    waiter->w_continuation == NULL)
		return false;
	if (to->t_priority <= cpu->block->priority || cpu->queue.bitmap[0] == 0)
		return true;
	return (unsigned)__builtin_ctzl(cpu->queue.bitmap[0]) >= to->t_priority;
}

/* -- The rare parts of kern/fast/waiter.h ------------------------------------ */

/* A thread of lower priority than the running one gives way to the best that
 * is ready, if any is better. */
bool
waiter_fit_among_better(const struct thread *to, const struct sched_cpu *cpu)
{
	return (unsigned)__builtin_ctzl(cpu->queue.bitmap[0]) >= to->t_priority;
}

/* A waiter whose t_ast is not empty may do with this CPU if it is bound to it,
 * and nothing else. */
bool
waiter_fit_bound(const struct thread *to)
{
	return !thread_must_attend(to);
}

bool
waiter_is_elsewhere(const struct waiter *waiter)
{
	int target = thread_of(waiter)->t_bound_cpu;

	return target != ON_NO_CPU && target != (int)cpu_id();
}

/* A thread that has left has something to attend to: a pending abort ends its
 * wait. */
static void
waiter_left_ast(struct thread *self)
{
	if ((self->t_ast & AST_INTERRUPTS) != 0 &&
	    waiter_claim(thread_waiter(self), WAIT_INTERRUPTED))
		waiter_go(thread_waiter(self));
	thread_watched(self);
}

/* The CPU changes hands and one of the two has something to attend to: `to` at
 * the border to user mode, `self` now. */
void
waiter_switch_ast(struct thread *self, struct thread *to)
{
	if (thread_must_attend(to))
		atomic_fetch_or(&this_cpu()->self->ast, CPU_AST_THREAD);
	if (self->t_ast != 0)
		waiter_left_ast(self);
}

_Noreturn void
waiter_depart(struct waiter *waiter)
{
	struct thread *self = thread_of(waiter);

	lock_check_none_held("waiter_depart");
	if (waiter_unlikely((self->t_ast & ~THREAD_AST_BOUND) != 0))
		waiter_left_ast(self);
	sched_leave(self);
}

/* -- Handing over, out of line ------------------------------------------------- */

_Noreturn void
waiter_handoff(struct waiter *waiter, struct waiter *to_waiter, continuation_t *continuation)
{
	struct thread *self = thread_of(waiter);
	struct thread *to = thread_of(to_waiter);
	struct sched_cpu *cpu = &sched_cpus[cpu_id()];

	atomic_store_explicit(&to_waiter->w_state, WAITER_RUNNING, memory_order_relaxed);
	atomic_store_explicit(&to->t_parked, 0, memory_order_relaxed);
	atomic_store_explicit(&to->t_on_cpu, (int32_t)cpu_id(), memory_order_relaxed);
	waiter->w_continuation = continuation;
	if (!waiter_park(self))
		sched_enqueue(self);
	to->t_last_cpu = (uint16_t)cpu_id();
	to->t_slice = self->t_slice;
	cpu->block->priority = to->t_priority;
	if (thread_must_attend(to))
		atomic_fetch_or(&cpu->block->ast, CPU_AST_THREAD);
	pmap_activate(to->t_pmap);
	context_become(&self->pcb, &to->pcb, to);
	atomic_store_explicit(&self->t_on_cpu, ON_NO_CPU, memory_order_release);
	context_call(sched_continue, NULL);
}
