/* SPDX-License-Identifier: BSD-2-Clause */
/* lock_check -- the memory of locks held; see lock_check.c. */
#ifndef CORE_LOCK_CHECK_H
#define CORE_LOCK_CHECK_H

#include <stdint.h>

#define LOCK_STACK_MAX 24

struct lock_held {
	const void *lock;
	const void *site;
	uint32_t rank;
};

struct lock_stack {
	uint32_t count;
	struct lock_held held[LOCK_STACK_MAX];
};

/* Panic when the running CPU holds a spin lock. */
#ifdef PORTOLAN_LOCK_CHECK
void lock_check_none_held(const char *where);
#else
static inline void
lock_check_none_held(const char *where)
{
	(void)where;
}
#endif

#endif
