/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zalloc, kalloc -- kernel memory.
 *
 * A zone hands out elements of one size from slabs taken straight from the
 * physical pages (kern/physmem.h) through the direct map; nothing here faults,
 * blocks or calls the vm system. Per-CPU caches in front. Elements are not
 * cleared. Zones count live elements, which tests compare before and after.
 *
 * Hosted: malloc with red zones, a failure injected at the k-th request, and
 * a leak report.
 */
#ifndef KERN_ZALLOC_H
#define KERN_ZALLOC_H

#include <stddef.h>
#include <stdint.h>

#include <kern/list.h>
#include <kern/spinlock.h>

#define ZONE_CPUS  16 /* CPUs with a private cache (MAX_CPUS) */
#define ZONE_CACHE 16 /* elements in one */

struct zone_cache {
	uint32_t count;
	void *element[ZONE_CACHE];
};

struct zone {
	const char *name;
	size_t size; /* of an element, rounded */
	struct spinlock lock;
	void *free; /* singly linked free elements */
	struct list slabs;
	struct list link;    /* all zones */
	uint64_t slab_count; /* pages held */
	uint64_t taken;      /* elements out of the slabs: live or in a cache */
	struct zone_cache cache[ZONE_CPUS];
};

/* Set up a zone of elements of `size` bytes, aligned to the smaller of 64 and
 * the largest power of two dividing the size. Cannot fail. */
void zone_init(struct zone *zone, const char *name, size_t size);

/* An element or NULL. Any context, any lock below rank ZONE. */
void *zalloc(struct zone *zone) __attribute__((warn_unused_result));
void zfree(struct zone *zone, void *element);

/* Any size: a zone per size class up to a page, whole contiguous pages above.
 * kfree must be told the size that was asked for. */
void *kalloc(size_t size) __attribute__((warn_unused_result));
void kfree(void *memory, size_t size);

/* Return per-CPU caches and empty slabs to the physical allocator. */
void zone_caches_empty(void);

/* Elements handed out. Exact when no CPU allocates meanwhile. */
uint64_t zone_live(const struct zone *zone);

/* Walk all zones: name, live elements, pages held. */
void zone_for_each(void (*visit)(const struct zone *zone, void *arg), void *arg);

#endif
