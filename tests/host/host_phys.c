/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hosted physical memory: an arena with a first-fit map of frames. Physical
 * addresses begin at 1 MiB, so that none is 0.
 */
#include <host/host.h>

#include <stdlib.h>
#include <string.h>

#include <kern/assert.h>
#include <kern/physmem.h>

#include "host_private.h"

#define FRAMES 8192u /* 32 MiB */
#define BASE   0x100000ul

static char *arena;
static unsigned char used[FRAMES];
static uint64_t used_count;

static void
arena_init(void)
{
	void *memory = NULL;

	if (arena != NULL)
		return;
	if (posix_memalign(&memory, PHYS_PAGE_SIZE << PHYS_ORDER_MAX, FRAMES * PHYS_PAGE_SIZE) != 0)
		abort();
	arena = memory;
}

static bool
is_free(unsigned first, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++)
		if (used[first + i])
			return false;
	return true;
}

bool
phys_alloc(unsigned order, uint64_t *addressp)
{
	unsigned count = 1u << order, first;

	arena_init();
	for (first = 0; first + count <= FRAMES; first += count) {
		if (!is_free(first, count))
			continue;
		memset(&used[first], 1, count);
		used_count += count;
		*addressp = BASE + first * PHYS_PAGE_SIZE;
		memset(phys_to_virt(*addressp), 0xa5, count * PHYS_PAGE_SIZE);
		return true;
	}
	return false;
}

void
phys_free(uint64_t address, unsigned order)
{
	uint64_t first = (address - BASE) / PHYS_PAGE_SIZE;
	unsigned i;

	for (i = 0; i < 1u << order; i++) {
		if (first + i >= FRAMES || !used[first + i])
			panic("phys_free: %#lx is free", (unsigned long)address);
		used[first + i] = 0;
	}
	used_count -= 1u << order;
}

uint64_t
phys_pages_free(void)
{
	return FRAMES - used_count;
}

uint64_t
phys_pages_total(void)
{
	return FRAMES;
}

uint64_t
phys_frame_end(void)
{
	return BASE / PHYS_PAGE_SIZE + FRAMES;
}

void *
phys_to_virt(uint64_t address)
{
	arena_init();
	if (address < BASE || address >= BASE + FRAMES * PHYS_PAGE_SIZE)
		panic("phys_to_virt: %#lx", (unsigned long)address);
	return arena + (address - BASE);
}

uint64_t
virt_to_phys(const void *virt)
{
	return (uint64_t)((const char *)virt - arena) + BASE;
}
