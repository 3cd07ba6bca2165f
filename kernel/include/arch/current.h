/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * current -- the running thread: the first word of this CPU's block.
 */
#ifndef ARCH_CURRENT_H
#define ARCH_CURRENT_H

struct waiter;

/* The running thread (struct thread begins with its waiter). A thread never
 * sees another value, so the compiler may load it once. */
static inline struct waiter *
arch_current(void)
{
	struct waiter *current;

	__asm__("movq %%gs:0, %0" : "=r"(current));
	return current;
}

#endif
