/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * waiter -- the part of a thread that blocks and is woken.
 *
 * Embedded first in struct ipc_thread, which is first in struct thread, so a
 * waiter pointer is a thread pointer. ipc/ and vm/ know threads only as this.
 *
 * Life of one wait:
 *
 *   RUNNING --waiter_prepare--> WAITING --waiter_claim--> CLAIMED
 *                                  ^                        |
 *                                  | (exactly one of: the   | waiter_go or
 *                                  |  waker, the timeout,   | waiter_handoff
 *                                  |  an abort claims it)   v
 *                                                        RUNNING again
 *
 * 1. Under the lock that guards the wait's condition, the thread queues
 *    itself wherever wakers look (w_link is free for that) and calls
 *    waiter_prepare. 2. It drops the lock and blocks. 3. A waker, under the
 *    same lock, unlinks it and calls waiter_claim: on true it alone decides
 *    the result, may store things for the thread, then calls waiter_go (run
 *    queue) or waiter_handoff (give it this CPU). On false somebody else
 *    claimed first (timeout, abort): take the next waiter. A claim made before
 *    the thread really blocked makes the block return at once.
 * 4. After a result other than WAIT_OK the thread itself unlinks, under the
 *    lock, in case no waker did.
 *
 * Two ways of blocking (design D5): waiter_block keeps the kernel stack and
 * returns the result; waiter_block_continue gives the stack up and never
 * returns: the continuation runs on a fresh stack and must end in
 * trap_return, exception_return or another waiter_block_continue.
 *
 * Locks:  none held when blocking. waiter_claim/go may be called under any
 *         lock ranked before THREAD.
 */
#ifndef KERN_WAITER_H
#define KERN_WAITER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <kern/list.h>

enum waiter_state {
	WAITER_RUNNING,       /* running or runnable */
	WAITER_WAITING,       /* may be claimed */
	WAITER_WAITING_UNINT, /* may be claimed, but not by an abort */
	WAITER_CLAIMED,       /* result decided, not yet made runnable */
	/* As WAITING. Who looks for a waiter of one kind (kern/fast/waiter.h)
	 * sees by the state alone that it is one. */
	WAITER_WAITING_SERVER,
	WAITER_WAITING_CALLER,
};

/* May anything end a wait in this state? */
static inline bool
waiter_state_interruptible(uint32_t state)
{
	return state == WAITER_WAITING || state >= WAITER_WAITING_SERVER;
}

enum wait_result {
	WAIT_OK, /* the awaited thing happened */
	WAIT_TIMED_OUT,
	WAIT_INTERRUPTED, /* thread_abort, terminate */
	WAIT_RESTART,     /* the condition's object changed or died */
};

struct waiter;
typedef void continuation_t(struct waiter *self);

struct waiter {
	struct list w_link;             /* on the queue waited in */
	_Atomic uint32_t w_state;       /* enum waiter_state */
	uint32_t w_result;              /* enum wait_result; by the claimer */
	const void *w_event;            /* event wait: what for (kern/event.h) */
	continuation_t *w_continuation; /* non-NULL: blocked without a stack */
};

/* Wait forever: the `timeout` of waiter_prepare. */
#define WAIT_FOREVER UINT64_MAX

/* The running thread. Any context but early boot. */
static inline struct waiter *waiter_current(void);

/*
 * Announce that `self` (the running thread) is about to block. From here on
 * it can be claimed. `timeout` in milliseconds from now, rounded up to ticks,
 * or WAIT_FOREVER. A pending abort claims an interruptible wait at once.
 *
 * Locks: the one guarding the condition.
 */
void waiter_prepare(struct waiter *self, bool interruptible, uint64_t timeout);

/* Undo waiter_prepare without blocking; true if nobody had claimed. After
 * false the result stands and the wait must be treated as over. */
bool waiter_cancel(struct waiter *self);

/* Block the running thread, `waiter`, keeping the stack; returns w_result. */
enum wait_result waiter_block(struct waiter *waiter);

/* Block without a stack; see above. */
_Noreturn void waiter_block_continue(struct waiter *waiter, continuation_t *continuation);

/* Become the one who ends this wait, with `result`; false: too late. */
bool waiter_claim(struct waiter *waiter, enum wait_result result);

/* Make a claimed waiter runnable. */
void waiter_go(struct waiter *waiter);

/*
 * Give this CPU to `to`, claimed, which may run here, as `waiter`, the running
 * thread's and prepared, blocks with `continuation`. No run queue, no
 * scheduler decision.
 */
_Noreturn void
waiter_handoff(struct waiter *waiter, struct waiter *to, continuation_t *continuation);

/* May `to` (waiting) take this CPU from the running thread at once: its
 * priority is equal or better or nothing better is ready, it is not
 * suspended, may run here? A hint; no locks. */
bool waiter_may_handoff(const struct waiter *to);

/* Is `to` bound to a CPU, and not to this one? For counts; no locks. */
bool waiter_is_elsewhere(const struct waiter *to);

/* End a trap or an exception of the running thread from a continuation. */
_Noreturn void trap_return(uint64_t result);
_Noreturn void exception_return(void);

/* Bind implementations: the kernel's or the hosted machine's. */
#include <kern/waiter_current.h>

#endif
