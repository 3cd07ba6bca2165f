/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * waiter_fast -- waiter_claim and waiter_prepare without a call, for the one
 * place that counts instructions. Same meaning as in kern/waiter.h, for a
 * wait that anything may end and that has no time limit. The hosted machine
 * puts its own file of this name before this one on the include path.
 */
#ifndef KERN_WAITER_FAST_H
#define KERN_WAITER_FAST_H

#include <kern/waiter.h>

/* waiter_claim(waiter, WAIT_OK) for a thread that waits interruptibly. */
static inline bool
waiter_claim_fast(struct waiter *waiter)
{
	uint32_t state = WAITER_WAITING;

	if (!atomic_compare_exchange_strong_explicit(&waiter->w_state, &state, WAITER_CLAIMED,
		memory_order_acq_rel, memory_order_relaxed))
		return false;
	waiter->w_result = WAIT_OK;
	return true;
}

/* waiter_prepare(self, true, WAIT_FOREVER). */
static inline void
waiter_prepare_fast(struct waiter *self)
{
	self->w_result = WAIT_OK;
	atomic_store_explicit(&self->w_state, WAITER_WAITING, memory_order_release);
}

#endif
