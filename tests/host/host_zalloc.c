/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hosted zones: every element is a malloc block of the exact size, so that
 * the sanitizer sees its ends; failures are injected by count.
 */
#include <host/host.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kern/assert.h>
#include <kern/zalloc.h>

#include "host_private.h"

static struct list zones = LIST_INITIALIZER(zones);
static uint64_t requests;
static uint64_t fail_at; /* request number, 0 never */
static bool fail_on;     /* and all after it */
static bool failed;
static uint64_t kalloc_live;
static uint64_t kalloc_bytes;

void
host_zalloc_init(void)
{
	requests = 0;
	fail_at = 0;
	failed = false;
}

void
host_fail_allocation(uint64_t k)
{
	requests = 0;
	fail_at = k;
	fail_on = false;
	failed = false;
}

void
host_fail_allocations_from(uint64_t k)
{
	host_fail_allocation(k);
	fail_on = true;
}

bool
host_failed(void)
{
	return failed;
}

uint64_t
host_allocation_count(void)
{
	return requests;
}

static bool
fails_now(void)
{
	requests++;
	if (fail_at == 0 || requests < fail_at)
		return false;
	if (requests > fail_at && !fail_on)
		return false;
	failed = true;
	return true;
}

/* Alike on every run, unlike anything useful. */
static void *
dirty_malloc(size_t size, size_t align)
{
	void *memory = NULL;

	if (posix_memalign(&memory, align, size) != 0)
		abort();
	memset(memory, 0xd5, size);
	return memory;
}

static size_t
alignment(size_t size)
{
	size_t align = size & -size;

	if (align > 64)
		align = 64;
	return align < sizeof(void *) ? sizeof(void *) : align;
}

void
zone_init(struct zone *zone, const char *name, size_t size)
{
	struct list *node;

	/* The same zone again (another test): keep its place in the list. */
	list_for_each(&zones, node)
		if (node == &zone->link)
			break;
	if (node == &zones) {
		memset(zone, 0, sizeof(*zone));
		list_insert_tail(&zones, &zone->link);
	}
	zone->name = name;
	zone->size = size;
	spinlock_init(&zone->lock, LOCK_RANK_ZONE);
}

void *
zalloc(struct zone *zone)
{
	if (zone->size == 0)
		panic("zalloc: zone not set up");
	if (fails_now())
		return NULL;
	zone->taken++;
	return dirty_malloc(zone->size, alignment(zone->size));
}

void
zfree(struct zone *zone, void *element)
{
	if (zone->taken-- == 0)
		panic("zfree: %s: more freed than allocated", zone->name);
	memset(element, 0xdf, zone->size);
	free(element);
}

void *
kalloc(size_t size)
{
	if (size == 0)
		panic("kalloc: no size");
	if (fails_now())
		return NULL;
	kalloc_live++;
	kalloc_bytes += size;
	return dirty_malloc(size, alignment(size));
}

void
kfree(void *memory, size_t size)
{
	if (kalloc_live == 0 || kalloc_bytes < size)
		panic("kfree: more freed than allocated");
	kalloc_live--;
	kalloc_bytes -= size;
	memset(memory, 0xdf, size);
	free(memory);
}

void
zone_caches_empty(void)
{
}

void
zone_for_each(void (*visit)(const struct zone *, void *), void *arg)
{
	struct list *node;

	list_for_each(&zones, node)
		visit(list_entry(node, struct zone, link), arg);
}

uint64_t
host_live_allocations(void)
{
	uint64_t live = kalloc_live;
	struct list *node;

	list_for_each(&zones, node)
		live += zone_live(list_entry(node, struct zone, link));
	return live;
}

void
host_report_live(void)
{
	struct list *node;

	list_for_each(&zones, node) {
		struct zone *zone = list_entry(node, struct zone, link);

		if (zone_live(zone) != 0)
			fprintf(stderr, "live: %s: %llu\n", zone->name,
			    (unsigned long long)zone_live(zone));
	}
	if (kalloc_live != 0)
		fprintf(stderr, "live: kalloc: %llu blocks, %llu bytes\n",
		    (unsigned long long)kalloc_live, (unsigned long long)kalloc_bytes);
}

uint64_t
zone_live(const struct zone *zone)
{
	return zone->taken;
}
