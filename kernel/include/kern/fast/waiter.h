/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fast/waiter -- the handing over of a CPU in line, for the paths that count
 * instructions. Same meaning as the calls of kern/waiter.h, for waits that
 * anything may end; the one difference is that no continuation runs:
 *
 *	waiter_fit(to)          may it have this CPU?  side-effect-free
 *	waiter_take(to)         claim it; false: its wait has just ended
 *	waiter_leave(self, f)   begin to wait for ever, f the continuation
 *	waiter_switch(self, to) from here on the caller *is* `to`, on the same
 *	                        stack, and must end in trap_return
 *	waiter_depart(self)     or else: run whoever is ready
 *
 * waiter_leave says that the thread is off the CPU before anybody can claim
 * it; a claimer then puts it into a run queue, where schedulers pass it over
 * until waiter_switch has let go of it (t_on_cpu). So nothing is looked at
 * twice. The exchange in waiter_leave orders it, as waiter.c's own does:
 * whoever sets a bit of t_ast either sees where the thread is or is seen by
 * the looks at t_ast in waiter_switch.
 *
 * The hosted machine puts its own file of this name before this one on the
 * include path. This one looks into the scheduler; nobody else's header may.
 */
#ifndef KERN_FAST_WAITER_H
#define KERN_FAST_WAITER_H

#include <stdatomic.h>
#include <stdbool.h>

#include <arch/context.h>
#include <arch/cpu.h>
#include <arch/pmap.h>
#include <core/sched_private.h>
#include <core/thread.h>
#include <core/timer.h>
#include <kern/rare.h>
#include <kern/waiter.h>

#define WAITER_INLINE      inline __attribute__((always_inline))
#define waiter_likely(x)   __builtin_expect(!!(x), 1)
#define waiter_unlikely(x) __builtin_expect(!!(x), 0)

/* trap_return with result 0. */
_Noreturn void trap_return_success(void);

/* Out of line in core/waiter.c, for what is rare. */
KERN_RARE bool waiter_fit_bound(const struct thread *to);
KERN_RARE bool waiter_fit_among_better(const struct thread *to, const struct sched_cpu *cpu);
KERN_RARE void waiter_switch_ast(struct thread *self, struct thread *to);

/* `self` has left; the CPU goes to a thread of the scheduler's choice. Locks:
 * none. */
_Noreturn void waiter_depart(struct waiter *self);

/* A relaxed load that compilers may make part of a comparison. */
static WAITER_INLINE uint32_t
waiter_peek(const void *word)
{
	__asm__("" : : : "memory");
	return *(const uint32_t *)word;
}

/*
 * Locks: the one of the queue in which `to` waits, so that it is not claimed,
 * run and waiting anew meanwhile. A waiter that is on no CPU is parked.
 */
static WAITER_INLINE bool
waiter_fit(const struct waiter *waiter)
{
	const struct thread *to = thread_of(waiter);
	const struct sched_cpu *cpu;

	if (waiter_unlikely(waiter_peek(&to->t_on_cpu) != (uint32_t)ON_NO_CPU))
		return false;
	if (waiter_unlikely(waiter_peek(&to->t_ast) != 0) && !waiter_fit_bound(to))
		return false;
	if (waiter_likely(to->t_priority <= this_cpu()->priority))
		return true;
	/* bitmap[0]: all that are ready but the least. */
	cpu = (const struct sched_cpu *)this_cpu()->scheduler;
	return waiter_likely(cpu->queue.bitmap[0] == 0) || waiter_fit_among_better(to, cpu);
}

/* This CPU. */
static WAITER_INLINE unsigned long
waiter_here(void)
{
	unsigned long id = cpu_id();

	/* One register for all its uses. */
	__asm__("" : "+r"(id));
	return id;
}

/* It counts as running here from now on: an exchange follows before
 * waiter_switch looks at t_ast. False, too, if it waits in another state. */
static WAITER_INLINE bool
waiter_take_from(struct waiter *waiter, uint32_t state)
{
	struct thread *to = thread_of(waiter);

	if (waiter_unlikely(!atomic_compare_exchange_strong_explicit(&waiter->w_state, &state,
		WAITER_RUNNING, memory_order_acq_rel, memory_order_relaxed)))
		return false;
	/* t_on_cpu, and t_parked 0 above it. */
	atomic_store_explicit(&to->t_where, waiter_here(), memory_order_relaxed);
	return true;
}

/* waiter_claim with WAIT_OK, of a waiter in this state. */
static WAITER_INLINE bool
waiter_claim_fast(struct waiter *waiter)
{
	uint32_t state = WAITER_WAITING;

	if (waiter_unlikely(!atomic_compare_exchange_strong_explicit(&waiter->w_state, &state,
		WAITER_CLAIMED, memory_order_acq_rel, memory_order_relaxed)))
		return false;
	waiter->w_result = WAIT_OK;
	return true;
}

static WAITER_INLINE bool
waiter_take(struct waiter *waiter)
{
	return waiter_take_from(waiter, WAITER_WAITING);
}

/* Locks: the one of the queue in which it waits. */
static WAITER_INLINE void
waiter_leave_as(struct waiter *waiter, continuation_t *continuation, uint32_t state)
{
	struct thread *self = thread_of(waiter);

	waiter->w_continuation = continuation;
	atomic_store_explicit(&self->t_parked, 1, memory_order_relaxed);
	atomic_exchange(&waiter->w_state, state);
}

static WAITER_INLINE void
waiter_leave(struct waiter *waiter, continuation_t *continuation)
{
	waiter_leave_as(waiter, continuation, WAITER_WAITING);
}

/* Stop the clock of a taken waiter that did not wait for ever. Locks: none. */
static WAITER_INLINE void
waiter_untime(struct waiter *waiter)
{
	timer_cancel(&thread_of(waiter)->t_wait_timer);
}

/* From the space of `self`, which is loaded since both are users' threads. */
static WAITER_INLINE void
waiter_switch_space(const struct thread *self, const struct thread *to, unsigned long id)
{
	if (waiter_likely(to->t_pmap != self->t_pmap))
		pmap_exchange(self->t_pmap, to->t_pmap, id);
}

/* Locks: none. `to` is taken and not timed, `self` has left; both came from
 * user mode. */
static WAITER_INLINE void
waiter_switch(struct waiter *self_waiter, struct waiter *to_waiter)
{
	struct thread *self = thread_of(self_waiter), *to = thread_of(to_waiter);
	unsigned long id;

	to_waiter->w_continuation = NULL;
	this_cpu()->priority = to->t_priority;
	if (waiter_unlikely(waiter_peek(&self->t_ast) != 0) ||
	    waiter_unlikely(waiter_peek(&to->t_ast) != 0))
		waiter_switch_ast(self, to);
	id = cpu_id();
	waiter_switch_space(self, to, id);
	to->t_last_cpu = (uint16_t)id;
	context_become(&self->pcb, &to->pcb, to);
	atomic_store_explicit(&self->t_on_cpu, ON_NO_CPU, memory_order_release);
}

#endif
