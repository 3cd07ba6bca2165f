/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosted machine's: no caches. See the kernel's file. */
#ifndef KERN_FAST_ZALLOC_H
#define KERN_FAST_ZALLOC_H

#include <stdbool.h>

#include <kern/zalloc.h>

static inline void *
zalloc_cached(struct zone *zone)
{
	return zalloc(zone);
}

static inline bool
zfree_cached(struct zone *zone, void *element)
{
	zfree(zone, element);
	return true;
}

#endif
