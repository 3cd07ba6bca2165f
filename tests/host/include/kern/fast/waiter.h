/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosted machine's, in host_sched.c. See the kernel's file. */
#ifndef KERN_FAST_WAITER_H
#define KERN_FAST_WAITER_H

#include <kern/waiter.h>

static inline bool
waiter_fit(const struct waiter *waiter)
{
	return waiter_may_handoff(waiter);
}

static inline bool
waiter_take(struct waiter *waiter)
{
	return waiter_claim(waiter, WAIT_OK);
}

static inline void
waiter_leave(struct waiter *self, continuation_t *continuation)
{
	waiter_prepare(self, true, WAIT_FOREVER);
	self->w_continuation = continuation;
}

/* The two threads exchange kernel stacks. */
void waiter_switch(struct waiter *self, struct waiter *to);

#endif
