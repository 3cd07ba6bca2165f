/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosted machine's: the ordinary calls. See the kernel's file. */
#ifndef KERN_WAITER_FAST_H
#define KERN_WAITER_FAST_H

#include <kern/waiter.h>

static inline bool
waiter_claim_fast(struct waiter *waiter)
{
	return waiter_claim(waiter, WAIT_OK);
}

static inline void
waiter_prepare_fast(struct waiter *self)
{
	waiter_prepare(self, true, WAIT_FOREVER);
}

#endif
