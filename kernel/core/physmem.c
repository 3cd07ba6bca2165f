/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * physmem -- a buddy allocator; see kern/physmem.h.
 *
 * One byte per frame says whether a free block of which order starts there.
 * The list node of a free block lies in the block itself, reached through
 * the direct map. Two blocks of one order whose frame numbers differ only in
 * the bit of that order are buddies and are joined when both are free.
 *
 * Memory of the boot ranges comes to the free lists when it is needed, a
 * biggest block at a time: its node would be the first thing written there,
 * and a virtual machine's host would have to supply all pages at start.
 *
 * Locks: phys_lock (rank PHYS) guards everything here.
 */
#include <kern/assert.h>
#include <kern/list.h>
#include <kern/physmem.h>
#include <kern/spinlock.h>
#include <kern/string.h>

#include <arch/boot_info.h>

#include "physmem.h"

#define FRAME_USED 0xff /* no free block starts here */

static struct spinlock phys_lock = SPINLOCK_INITIALIZER(PHYS);
static struct list phys_queue[PHYS_ORDER_MAX + 1];
static uint8_t *frame_order;
static uint64_t frame_end;
static uint64_t pages_total;
static _Atomic uint64_t pages_free;

struct frame_range {
	uint64_t first;
	uint64_t end;
};

static struct frame_range fresh[BOOT_RANGES_MAX];
static unsigned fresh_count; /* the last one is cut first */

static struct list *
frame_node(uint64_t frame)
{
	return phys_to_virt(frame << PHYS_PAGE_SHIFT);
}

static void
block_insert(uint64_t frame, unsigned order)
{
	frame_order[frame] = (uint8_t)order;
	list_insert_head(&phys_queue[order], frame_node(frame));
}

static void
block_remove(uint64_t frame)
{
	frame_order[frame] = FRAME_USED;
	list_remove(frame_node(frame));
}

/* Join with free buddies as far up as possible, then insert. */
static void
block_free(uint64_t frame, unsigned order)
{
	while (order < PHYS_ORDER_MAX) {
		uint64_t buddy = frame ^ (1ul << order);

		if (buddy >= frame_end || frame_order[buddy] != order)
			break;
		block_remove(buddy);
		frame &= ~(1ul << order);
		order++;
	}
	block_insert(frame, order);
}

/* Cut [first, end) into the biggest aligned blocks and free them. */
static void
blocks_free(uint64_t first, uint64_t end)
{
	while (first < end) {
		unsigned order = 0;

		while (order < PHYS_ORDER_MAX && (first & ((2ul << order) - 1)) == 0 &&
		    first + (2ul << order) <= end)
			order++;
		block_free(first, order);
		first += 1ul << order;
	}
}

/* Move up to one biggest block from the fresh ranges to the free lists. */
static bool
fresh_cut(void)
{
	uint64_t size = 1ul << PHYS_ORDER_MAX;
	struct frame_range *range;
	uint64_t first;

	if (fresh_count == 0)
		return false;
	range = &fresh[fresh_count - 1];
	first = (range->end - 1) & ~(size - 1);
	if (first < range->first)
		first = range->first;
	blocks_free(first, range->end);
	range->end = first;
	if (range->end == range->first)
		fresh_count--;
	return true;
}

/* The order, at least `order`, of the smallest free block. */
static unsigned
block_order(unsigned order)
{
	while (order <= PHYS_ORDER_MAX && list_empty(&phys_queue[order]))
		order++;
	return order;
}

/* A block of exactly `order`, split off a bigger one if need be. */
static bool
block_alloc(unsigned order, uint64_t *framep)
{
	unsigned have = block_order(order);
	uint64_t frame;

	while (have > PHYS_ORDER_MAX && fresh_cut())
		have = block_order(order);
	if (have > PHYS_ORDER_MAX)
		return false;
	frame = virt_to_phys(list_first(&phys_queue[have])) >> PHYS_PAGE_SHIFT;
	block_remove(frame);
	while (have > order) {
		have--;
		block_insert(frame + (1ul << have), have);
	}
	*framep = frame;
	return true;
}

bool
phys_alloc(unsigned order, uint64_t *addressp)
{
	uint64_t frame = 0;
	bool found;

	if (order > PHYS_ORDER_MAX)
		return false;
	spin_lock(&phys_lock);
	found = block_alloc(order, &frame);
	if (found)
		pages_free -= 1ul << order;
	spin_unlock(&phys_lock);
	*addressp = frame << PHYS_PAGE_SHIFT;
	return found;
}

void
phys_free(uint64_t address, unsigned order)
{
	uint64_t frame = address >> PHYS_PAGE_SHIFT;

	kassert(order <= PHYS_ORDER_MAX && frame + (1ul << order) <= frame_end);
	kassert((frame & ((1ul << order) - 1)) == 0);
	kassert(frame_order[frame] == FRAME_USED);
	spin_lock(&phys_lock);
	block_free(frame, order);
	pages_free += 1ul << order;
	spin_unlock(&phys_lock);
}

uint64_t
phys_pages_free(void)
{
	return pages_free;
}

uint64_t
phys_pages_total(void)
{
	return pages_total;
}

uint64_t
phys_frame_end(void)
{
	return frame_end;
}

/* The direct map (execution model; arch/x86_64 sets it up). */
#define DIRECT_MAP_BASE 0xffff800000000000ul

void *
phys_to_virt(uint64_t address)
{
	return (void *)(address + DIRECT_MAP_BASE);
}

uint64_t
virt_to_phys(const void *virt)
{
	return (uint64_t)virt - DIRECT_MAP_BASE;
}

/* -- Start ------------------------------------------------------------------- */

/* Whole frames of a range, as [*firstp, *endp). */
static void
range_frames(const struct boot_range *range, uint64_t *firstp, uint64_t *endp)
{
	*firstp = (range->start + PHYS_PAGE_SIZE - 1) >> PHYS_PAGE_SHIFT;
	*endp = range->end >> PHYS_PAGE_SHIFT;
	if (*endp < *firstp)
		*endp = *firstp;
}

/* The frame table goes to the start of the first range with room for it. */
static void
frame_table_place(struct boot_range *ranges, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint64_t first, end;

		range_frames(&ranges[i], &first, &end);
		if ((end - first) << PHYS_PAGE_SHIFT < frame_end)
			continue;
		frame_order = phys_to_virt(first << PHYS_PAGE_SHIFT);
		memset(frame_order, FRAME_USED, frame_end);
		ranges[i].start = (first << PHYS_PAGE_SHIFT) + frame_end;
		return;
	}
	panic("too little memory: no room for the table of page frames");
}

void
phys_module_init(struct boot_range *ranges, unsigned count, uint64_t frame_limit)
{
	uint64_t first, end;

	for (unsigned order = 0; order <= PHYS_ORDER_MAX; order++)
		list_init(&phys_queue[order]);
	for (unsigned i = 0; i < count; i++) {
		range_frames(&ranges[i], &first, &end);
		if (end > frame_end)
			frame_end = end;
	}
	if (frame_limit > frame_end)
		frame_end = frame_limit;
	frame_table_place(ranges, count);
	for (unsigned i = 0; i < count; i++) {
		range_frames(&ranges[i], &first, &end);
		if (first == end)
			continue;
		fresh[fresh_count++] = (struct frame_range) { first, end };
		pages_free += end - first;
	}
	pages_total = pages_free;
}

void
phys_add_range(uint64_t start, uint64_t end)
{
	struct boot_range range = { start, end };
	uint64_t first_frame, end_frame;

	range_frames(&range, &first_frame, &end_frame);
	kassert(end_frame <= frame_end);
	spin_lock(&phys_lock);
	blocks_free(first_frame, end_frame);
	pages_free += end_frame - first_frame;
	pages_total += end_frame - first_frame;
	spin_unlock(&phys_lock);
}
