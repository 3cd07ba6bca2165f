/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hosted machine's way to the running thread. Stands before the kernel's
 * file of this name on the include path.
 */
#ifndef KERN_WAITER_CURRENT_H
#define KERN_WAITER_CURRENT_H

extern struct waiter *host_current;

static inline struct waiter *
waiter_current(void)
{
	return host_current;
}

#endif
