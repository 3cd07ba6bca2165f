/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosted machine's, in host_sched.c. See the kernel's file. */
#ifndef KERN_FAST_WAITER_H
#define KERN_FAST_WAITER_H

#include <kern/waiter.h>

_Noreturn static inline void
trap_return_success(void)
{
	trap_return(0);
}

static inline uint32_t
waiter_peek(const void *word)
{
	return *(const uint32_t *)word;
}

static inline bool
waiter_fit(const struct waiter *waiter)
{
	return waiter_may_handoff(waiter);
}

static inline bool
waiter_take_from(struct waiter *waiter, uint32_t state)
{
	return waiter->w_state == state && waiter_claim(waiter, WAIT_OK);
}

static inline bool
waiter_take(struct waiter *waiter)
{
	return waiter_take_from(waiter, WAITER_WAITING);
}

static inline void
waiter_leave_as(struct waiter *self, continuation_t *continuation, uint32_t state)
{
	waiter_prepare(self, true, WAIT_FOREVER);
	if (self->w_state == WAITER_WAITING)
		self->w_state = state;
	self->w_continuation = continuation;
}

static inline void
waiter_leave(struct waiter *self, continuation_t *continuation)
{
	waiter_leave_as(self, continuation, WAITER_WAITING);
}

static inline void
waiter_untime(struct waiter *waiter)
{
	(void)waiter; /* the claim did */
}

static inline bool
waiter_claim_fast(struct waiter *waiter)
{
	return waiter_claim(waiter, WAIT_OK);
}

_Noreturn static inline void
waiter_depart(struct waiter *self)
{
	waiter_block_continue(self, self->w_continuation);
}

/* The two threads exchange kernel stacks. */
void waiter_switch(struct waiter *self, struct waiter *to);

#endif
