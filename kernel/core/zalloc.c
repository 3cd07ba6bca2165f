/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zalloc, kalloc -- see kern/zalloc.h.
 *
 * A slab is a naturally aligned power of two of pages with its header at the
 * start, so an element finds its slab by masking its address. Slabs with free
 * elements come first in the zone's list. A CPU's cache needs no lock: kernel
 * code does not migrate between two statements.
 */
#include <kern/assert.h>
#include <kern/physmem.h>
#include <kern/string.h>
#include <kern/zalloc.h>

#include <arch/cpu.h>

#include "zalloc.h"

#define SLAB_HEADER    64
#define SLAB_ORDER_MAX 3
#define ELEMENT_MAX    2048

struct slab {
	struct list link; /* in the zone's slabs */
	void *free;       /* singly linked */
	uint32_t free_count;
	uint32_t element_count;
};

_Static_assert(sizeof(struct slab) <= SLAB_HEADER, "header fits");

/* Zones are added, never removed: walking the list needs no lock. */
static struct spinlock zones_lock = SPINLOCK_INITIALIZER(ZONE);
static struct list zones = LIST_INITIALIZER(zones);

/* Biggest slab wastes least, but small zones should stay small. */
static unsigned
slab_order(size_t size)
{
	unsigned order = 0;

	while (order < SLAB_ORDER_MAX && ((PHYS_PAGE_SIZE << order) - SLAB_HEADER) / size < 8)
		order++;
	return order;
}

static size_t
slab_bytes(const struct zone *zone)
{
	return PHYS_PAGE_SIZE << slab_order(zone->size);
}

void
zone_init(struct zone *zone, const char *name, size_t size)
{
	kassert(size > 0);
	memset(zone, 0, sizeof(*zone));
	zone->name = name;
	zone->size = (size + 15) & ~(size_t)15;
	if (size % 64 == 0 || size > 512)
		zone->size = (size + 63) & ~(size_t)63;
	kassert(zone->size <= PHYS_PAGE_SIZE << (SLAB_ORDER_MAX - 1));
	spinlock_init(&zone->lock, LOCK_RANK_ZONE);
	list_init(&zone->slabs);
	spin_lock(&zones_lock);
	list_insert_tail(&zones, &zone->link);
	spin_unlock(&zones_lock);
}

static void
slab_init(struct slab *slab, const struct zone *zone)
{
	size_t count = (slab_bytes(zone) - SLAB_HEADER) / zone->size;
	char *element = (char *)slab + SLAB_HEADER + count * zone->size;

	slab->free = NULL;
	slab->free_count = (uint32_t)count;
	slab->element_count = (uint32_t)count;
	do {
		element -= zone->size;
		*(void **)(void *)element = slab->free;
		slab->free = element;
	} while (--count > 0);
}

/* A new slab at the head of the list; NULL without memory. Called and returns
 * with the zone locked. */
static struct slab *
zone_grow(struct zone *zone)
{
	unsigned order = slab_order(zone->size);
	uint64_t address;
	struct slab *slab;

	if (!phys_alloc(order, &address))
		return NULL;
	slab = phys_to_virt(address);
	slab_init(slab, zone);
	list_insert_head(&zone->slabs, &slab->link);
	zone->slab_count += 1ul << order;
	return slab;
}

/* The slab an allocation comes from: full ones are at the tail. */
static struct slab *
zone_free_slab(struct zone *zone)
{
	struct list *first = list_first(&zone->slabs);
	struct slab *slab = first != NULL ? list_entry(first, struct slab, link) : NULL;

	if (slab != NULL && slab->free_count > 0)
		return slab;
	return zone_grow(zone);
}

static void *
zone_take(struct zone *zone)
{
	struct slab *slab = zone_free_slab(zone);
	void *element;

	if (slab == NULL)
		return NULL;
	element = slab->free;
	slab->free = *(void **)element;
	zone->taken++;
	if (--slab->free_count == 0) {
		list_remove(&slab->link);
		list_insert_tail(&zone->slabs, &slab->link);
	}
	return element;
}

static void
zone_put(struct zone *zone, void *element)
{
	uintptr_t mask = ~(uintptr_t)(slab_bytes(zone) - 1);
	struct slab *slab = (struct slab *)((uintptr_t)element & mask);

	*(void **)element = slab->free;
	slab->free = element;
	zone->taken--;
	if (slab->free_count++ == 0) {
		list_remove(&slab->link);
		list_insert_head(&zone->slabs, &slab->link);
	}
}

/* Fill half a cache, so that alternating calls do not hit the lock. */
static void
cache_fill(struct zone *zone, struct zone_cache *cache)
{
	spin_lock(&zone->lock);
	while (cache->count < ZONE_CACHE / 2) {
		void *element = zone_take(zone);

		if (element == NULL)
			break;
		cache->element[cache->count++] = element;
	}
	spin_unlock(&zone->lock);
}

static void
cache_drain(struct zone *zone, struct zone_cache *cache, uint32_t keep)
{
	spin_lock(&zone->lock);
	while (cache->count > keep)
		zone_put(zone, cache->element[--cache->count]);
	spin_unlock(&zone->lock);
}

void *
zalloc(struct zone *zone)
{
	struct zone_cache *cache = &zone->cache[cpu_id()];

	if (cache->count == 0)
		cache_fill(zone, cache);
	if (cache->count == 0)
		return NULL;
	return cache->element[--cache->count];
}

void
zfree(struct zone *zone, void *element)
{
	struct zone_cache *cache = &zone->cache[cpu_id()];

	if (cache->count == ZONE_CACHE)
		cache_drain(zone, cache, ZONE_CACHE / 2);
	cache->element[cache->count++] = element;
}

uint64_t
zone_live(const struct zone *zone)
{
	uint64_t live = zone->taken;

	for (unsigned id = 0; id < ZONE_CPUS; id++)
		live -= zone->cache[id].count;
	return live;
}

/* Give slabs without a live element back. */
static void
zone_shrink(struct zone *zone)
{
	unsigned order = slab_order(zone->size);
	struct list *node, *next;

	spin_lock(&zone->lock);
	list_for_each_safe(&zone->slabs, node, next) {
		struct slab *slab = list_entry(node, struct slab, link);

		if (slab->free_count != slab->element_count)
			continue;
		list_remove(&slab->link);
		zone->slab_count -= 1ul << order;
		phys_free(virt_to_phys(slab), order);
	}
	spin_unlock(&zone->lock);
}

void
zone_caches_empty(void)
{
	struct list *node;

	list_for_each(&zones, node) {
		struct zone *zone = list_entry(node, struct zone, link);

		cache_drain(zone, &zone->cache[cpu_id()], 0);
		zone_shrink(zone);
	}
}

void
zone_for_each(void (*visit)(const struct zone *zone, void *arg), void *arg)
{
	struct list *node;

	list_for_each(&zones, node)
		visit(list_entry(node, struct zone, link), arg);
}

/* -- kalloc: a zone per size class up to half a page -------------------------- */

static const uint16_t kalloc_sizes[] = {
	16,
	32,
	48,
	64,
	96,
	128,
	192,
	256,
	384,
	512,
	768,
	1024,
	1536,
	ELEMENT_MAX,
};

#define KALLOC_CLASSES (sizeof(kalloc_sizes) / sizeof(kalloc_sizes[0]))
#define KALLOC_STEP    16

static struct zone kalloc_zones[KALLOC_CLASSES];
static uint8_t kalloc_class[ELEMENT_MAX / KALLOC_STEP + 1];
static const char *const kalloc_names[KALLOC_CLASSES] = {
	"kalloc.16",
	"kalloc.32",
	"kalloc.48",
	"kalloc.64",
	"kalloc.96",
	"kalloc.128",
	"kalloc.192",
	"kalloc.256",
	"kalloc.384",
	"kalloc.512",
	"kalloc.768",
	"kalloc.1024",
	"kalloc.1536",
	"kalloc.2048",
};

/* Pages handed out by kalloc directly. */
static _Atomic uint64_t kalloc_big_pages;

void
zalloc_module_init(void)
{
	unsigned class = 0;

	for (unsigned i = 0; i < KALLOC_CLASSES; i++)
		zone_init(&kalloc_zones[i], kalloc_names[i], kalloc_sizes[i]);
	for (unsigned step = 0; step <= ELEMENT_MAX / KALLOC_STEP; step++) {
		if (step * KALLOC_STEP > kalloc_sizes[class])
			class ++;
		kalloc_class[step] = (uint8_t) class;
	}
}

static struct zone *
kalloc_zone(size_t size)
{
	return &kalloc_zones[kalloc_class[(size + KALLOC_STEP - 1) / KALLOC_STEP]];
}

static unsigned
kalloc_order(size_t size)
{
	unsigned order = 0;

	while (PHYS_PAGE_SIZE << order < size)
		order++;
	return order;
}

static void *
kalloc_pages(size_t size)
{
	uint64_t address;

	if (size > PHYS_PAGE_SIZE << PHYS_ORDER_MAX || !phys_alloc(kalloc_order(size), &address))
		return NULL;
	atomic_fetch_add(&kalloc_big_pages, 1ul << kalloc_order(size));
	return phys_to_virt(address);
}

void *
kalloc(size_t size)
{
	if (size > ELEMENT_MAX)
		return kalloc_pages(size);
	return zalloc(kalloc_zone(size));
}

void
kfree(void *memory, size_t size)
{
	if (memory == NULL)
		return;
	if (size <= ELEMENT_MAX) {
		zfree(kalloc_zone(size), memory);
		return;
	}
	atomic_fetch_sub(&kalloc_big_pages, 1ul << kalloc_order(size));
	phys_free(virt_to_phys(memory), kalloc_order(size));
}

uint64_t
zone_pages_held(void)
{
	uint64_t pages = atomic_load(&kalloc_big_pages);
	struct list *node;

	list_for_each(&zones, node)
		pages += list_entry(node, struct zone, link)->slab_count;
	return pages;
}
