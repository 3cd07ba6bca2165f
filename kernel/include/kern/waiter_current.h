/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's way to the running thread: the first word of per-CPU data.
 * The hosted machine puts its own file of this name before this one on the
 * include path.
 */
#ifndef KERN_WAITER_CURRENT_H
#define KERN_WAITER_CURRENT_H

#include <arch/current.h>

static inline struct waiter *
waiter_current(void)
{
	return arch_current();
}

#endif
