/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * paging -- the kernel's own page tables.
 *
 *   DIRECT_MAP_BASE   all RAM, writable, never executable; the kernel's text
 *                     and constants in it are read-only
 *   MMIO_BASE         devices, mapped on demand, 1 GiB
 *   KERNEL_BASE       the image: text r-x, constants r--, data rw-
 *
 * Nothing is both writable and executable. All upper-half entries of the root
 * exist from here on, so that user address spaces share them by copying the
 * root's upper half once.
 */
#include <arch/boot_info.h>
#include <arch/pmap.h>
#include <kern/assert.h>
#include <kern/physmem.h>
#include <kern/string.h>

#include "machine.h"

extern char kernel_start[], kernel_text_end[], kernel_rodata_end[], kernel_data_start[],
    kernel_end[];

bool paging_late;

static uint64_t *root;
static uint64_t mmio_next = MMIO_BASE;

uint64_t
paging_root(void)
{
	return (uint64_t)root - DIRECT_MAP_BASE;
}

static uint64_t *
table_create(void)
{
	uint64_t frame;

	if (!paging_late)
		return boot_alloc(PAGE_SIZE_4K);
	if (!phys_alloc(0, &frame))
		return NULL;
	return memset(direct_map(frame), 0, PAGE_SIZE_4K);
}

/* The table that *entry points to, made if absent. */
static uint64_t *
table_below(uint64_t *entry)
{
	uint64_t *table;

	if ((*entry & PTE_PRESENT) != 0)
		return direct_map(*entry & PTE_FRAME);
	table = table_create();
	if (table != NULL)
		*entry = ((uint64_t)table - DIRECT_MAP_BASE) | PTE_PRESENT | PTE_WRITE;
	return table;
}

/* The entry of `va` in the table of the given level (1: 4 KiB pages), with
 * all tables above it. */
static uint64_t *
entry_find(uint64_t va, int level)
{
	uint64_t *table = root;

	for (int at = 4; at > level && table != NULL; at--)
		table = table_below(&table[va >> (12 + 9 * (at - 1)) & 511]);
	return table == NULL ? NULL : &table[va >> (12 + 9 * (level - 1)) & 511];
}

static int
level_that_fits(uint64_t va, uint64_t pa, uint64_t size)
{
	uint64_t both = va | pa;

	if (cpu_features.page_1g && both % PAGE_SIZE_1G == 0 && size >= PAGE_SIZE_1G)
		return 3;
	if (both % PAGE_SIZE_2M == 0 && size >= PAGE_SIZE_2M)
		return 2;
	return 1;
}

/* Map with the largest pages that fit. False: no memory for a table. */
static bool
map_range(uint64_t va, uint64_t pa, uint64_t size, uint64_t flags)
{
	uint64_t step, *entry;
	int level;

	flags |= PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | (cpu_features.pge ? PTE_GLOBAL : 0);
	if (!cpu_features.nx)
		flags &= ~PTE_NX;
	for (; size > 0; va += step, pa += step, size -= step) {
		level = level_that_fits(va, pa, size);
		step = PAGE_SIZE_4K << (9 * (level - 1));
		entry = entry_find(va, level);
		if (entry == NULL)
			return false;
		*entry = pa | flags | (level > 1 ? PTE_LARGE : 0);
	}
	return true;
}

static uint64_t
image_physical(const char *at)
{
	return (uint64_t)at - KERNEL_BASE;
}

static void
map_image(void)
{
	const struct {
		const char *start, *end;
		uint64_t flags;
	} part[] = {
		{ kernel_start, kernel_text_end, 0 },
		{ kernel_text_end, kernel_data_start, PTE_NX },
		{ kernel_data_start, kernel_end, PTE_NX | PTE_WRITE },
	};
	uint64_t start, end;

	for (unsigned i = 0; i < 3; i++) {
		start = (uint64_t)part[i].start + (i != 0) * (PAGE_SIZE_4K - 1);
		start &= ~(PAGE_SIZE_4K - 1);
		end = ((uint64_t)part[i].end + PAGE_SIZE_4K - 1) & ~(PAGE_SIZE_4K - 1);
		map_range(start, start - KERNEL_BASE, end - start, part[i].flags);
	}
}

static void
map_direct(void)
{
	uint64_t start = image_physical(kernel_start);
	uint64_t data = image_physical(kernel_data_start);
	uint64_t end = (boot_info.memory_end + PAGE_SIZE_2M - 1) & ~(PAGE_SIZE_2M - 1);

	map_range(DIRECT_MAP_BASE, 0, start, PTE_NX | PTE_WRITE);
	map_range(DIRECT_MAP_BASE + start, start, data - start, PTE_NX);
	map_range(DIRECT_MAP_BASE + data, data, end - data, PTE_NX | PTE_WRITE);
}

void
paging_init(void)
{
	root = boot_alloc(PAGE_SIZE_4K);
	map_direct();
	map_image();
	if (entry_find(MMIO_BASE, 2) == NULL || entry_find(KERNEL_VM_START, 3) == NULL)
		panic("no memory for page tables");
	x86_write_cr3(paging_root());
}

static void *
window_map(uint64_t address, uint64_t size, uint64_t flags)
{
	uint64_t offset = address % PAGE_SIZE_4K;
	uint64_t va = mmio_next;

	size = (size + offset + PAGE_SIZE_4K - 1) & ~(PAGE_SIZE_4K - 1);
	if (size >= PAGE_SIZE_2M)
		va = ((va + PAGE_SIZE_2M - 1) & ~(PAGE_SIZE_2M - 1)) +
		    (address - offset) % PAGE_SIZE_2M;
	if (size > MMIO_SIZE || va + size > MMIO_BASE + MMIO_SIZE)
		return NULL;
	if (!map_range(va, address - offset, size, flags | PTE_NX | PTE_WRITE))
		return NULL;
	mmio_next = va + size;
	return (void *)(va + offset);
}

void *
mmio_map(uint64_t address, uint64_t size)
{
	return window_map(address, size, PTE_PCD | PTE_PWT);
}

void *
mmio_map_combining(uint64_t address, uint64_t size)
{
	return window_map(address, size, PTE_PWT);
}
