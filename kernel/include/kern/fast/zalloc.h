/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fast/zalloc -- zalloc and zfree in line, as far as the CPU's own cache of the
 * zone goes. The hosted machine puts its own file of this name before this one.
 */
#ifndef KERN_FAST_ZALLOC_H
#define KERN_FAST_ZALLOC_H

#include <stdbool.h>

#include <arch/cpu.h>
#include <kern/zalloc.h>

/* An element from the cache; NULL: ask zalloc. */
static inline void *
zalloc_cached(struct zone *zone)
{
	struct zone_cache *cache = &zone->cache[cpu_id()];

	if (__builtin_expect(cache->count == 0, 0))
		return NULL;
	return cache->element[--cache->count];
}

/* Give an element to the cache; false: it is full, ask zfree. */
static inline bool
zfree_cached(struct zone *zone, void *element)
{
	struct zone_cache *cache = &zone->cache[cpu_id()];

	if (__builtin_expect(cache->count == ZONE_CACHE, 0))
		return false;
	cache->element[cache->count++] = element;
	return true;
}

#endif
