/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Simulated physical memory and a table-driven pmap; see host/memory.h.
 *
 * Mappings hang in a hash by (pmap, page) and on their frame's list.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kern/account.h>
#include <kern/assert.h>
#include <kern/list.h>
#include <kern/physmem.h>
#include <mach/vm_param.h>
#include <vm/pmap.h>

#include <host/memory.h>

#define FRAME_BASE 0x100ul   /* first frame number */
#define FRAME_MAX  0x10000ul /* and how many can be told apart */
#define BUCKETS    4096
#define JUNK       0xa5

struct frame {
	char *memory; /* NULL: free */
	bool device;
	bool modified;
	bool referenced;
	struct list mappings;
};

struct mapping {
	struct pmap *pmap;
	uint64_t va;
	uint64_t frame;
	vm_prot_t prot;
	bool wired;
	struct list hash_link;
	struct list frame_link;
};

struct pmap {
	uint64_t count;
	struct account *account;
	bool dead;
};

static struct pmap kernel_pmap_store;
struct pmap *const kernel_pmap = &kernel_pmap_store;

static struct frame frames[FRAME_MAX];
static struct list buckets[BUCKETS];
static uint64_t frame_limit, frame_used, frame_cursor, device_cursor;
static uint64_t fail_frame, fail_enter, enter_count, pmap_count;
static bool refused;

/* ---- Frames ---- */

static struct frame *
frame_at(uint64_t pa)
{
	uint64_t number = (pa >> PAGE_SHIFT) - FRAME_BASE;

	kassert(number < FRAME_MAX);
	return &frames[number];
}

static struct frame *
frame_live(uint64_t pa)
{
	struct frame *frame = frame_at(pa);

	kassert(frame->memory != NULL);
	return frame;
}

void
host_memory_init(uint64_t limit)
{
	kassert(frame_used == 0 && pmap_count == 0);
	for (uint64_t i = 0; i < FRAME_MAX; i++) {
		frames[i] = (struct frame) { 0 };
		list_init(&frames[i].mappings);
	}
	for (int i = 0; i < BUCKETS; i++)
		list_init(&buckets[i]);
	kernel_pmap_store = (struct pmap) { 0 };
	frame_limit = limit;
	frame_cursor = 0;
	device_cursor = FRAME_MAX;
	fail_frame = fail_enter = enter_count = 0;
	refused = false;
}

uint64_t
host_frames_used(void)
{
	return frame_used;
}

void
host_frames_limit(uint64_t limit)
{
	frame_limit = limit;
}

/* Counts down; true when this is the request to refuse. */
static bool
countdown(uint64_t *k)
{
	if (*k == 0 || --*k > 0)
		return false;
	refused = true;
	return true;
}

void
host_fail_frame(uint64_t k)
{
	fail_frame = k;
	refused = false;
}

void
host_fail_pmap_enter(uint64_t k)
{
	fail_enter = k;
	refused = false;
}

bool
host_memory_refused(void)
{
	return refused;
}

uint64_t
host_device_memory(void *memory, uint64_t size)
{
	uint64_t count = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;

	device_cursor -= count;
	for (uint64_t i = 0; i < count; i++) {
		frames[device_cursor + i].memory = (char *)memory + i * PAGE_SIZE;
		frames[device_cursor + i].device = true;
	}
	return (FRAME_BASE + device_cursor) << PAGE_SHIFT;
}

/* The first of `count` free frames in a row. */
static bool
frames_find(uint64_t count, uint64_t *firstp)
{
	for (uint64_t tries = 0; tries < FRAME_MAX; tries++) {
		uint64_t first = (frame_cursor + tries) % FRAME_MAX, i = 0;

		while (i < count && first + i < device_cursor && frames[first + i].memory == NULL)
			i++;
		if (i == count) {
			*firstp = first;
			frame_cursor = first + count;
			return true;
		}
	}
	return false;
}

bool
phys_alloc(unsigned order, uint64_t *addressp)
{
	uint64_t count = 1ull << order, first;

	kassert(order <= PHYS_ORDER_MAX);
	if (countdown(&fail_frame) || frame_used + count > frame_limit ||
	    !frames_find(count, &first))
		return false;
	for (uint64_t i = first; i < first + count; i++) {
		frames[i].memory = malloc(PAGE_SIZE);
		kassert(frames[i].memory != NULL);
		memset(frames[i].memory, JUNK, PAGE_SIZE);
		frames[i].modified = frames[i].referenced = true;
	}
	frame_used += count;
	*addressp = (FRAME_BASE + first) << PAGE_SHIFT;
	return true;
}

void
phys_free(uint64_t address, unsigned order)
{
	for (uint64_t i = 0; i < 1ull << order; i++) {
		struct frame *frame = frame_live(address + (i << PAGE_SHIFT));

		kassert(!frame->device);
		kassert(list_empty(&frame->mappings));
		free(frame->memory);
		frame->memory = NULL;
		frame_used--;
	}
}

uint64_t
phys_pages_free(void)
{
	return frame_limit > frame_used ? frame_limit - frame_used : 0;
}

uint64_t
phys_pages_total(void)
{
	return frame_limit;
}

uint64_t
phys_frame_end(void)
{
	return FRAME_BASE + FRAME_MAX;
}

void *
phys_to_virt(uint64_t address)
{
	return frame_live(address)->memory + (address & PAGE_MASK);
}

uint64_t
virt_to_phys(const void *virt)
{
	for (uint64_t i = 0; i < FRAME_MAX; i++) {
		const char *memory = frames[i].memory;

		if (memory != NULL && (const char *)virt >= memory &&
		    (const char *)virt < memory + PAGE_SIZE)
			return ((FRAME_BASE + i) << PAGE_SHIFT) +
			    (uint64_t)((const char *)virt - memory);
	}
	panic("virt_to_phys: not a frame");
}

/* ---- Mappings ---- */

static struct list *
bucket_of(const struct pmap *pmap, uint64_t va)
{
	uint64_t key = (uint64_t)(uintptr_t)pmap / 16 + (va >> PAGE_SHIFT);

	return &buckets[key * 0x9e3779b97f4a7c15ull >> 52];
}

static struct mapping *
mapping_find(const struct pmap *pmap, uint64_t va)
{
	struct list *link, *bucket = bucket_of(pmap, va);

	list_for_each(bucket, link) {
		struct mapping *mapping = list_entry(link, struct mapping, hash_link);

		if (mapping->pmap == pmap && mapping->va == va)
			return mapping;
	}
	return NULL;
}

static void
mapping_free(struct mapping *mapping)
{
	list_remove(&mapping->hash_link);
	list_remove(&mapping->frame_link);
	mapping->pmap->count--;
	free(mapping);
}

/* As mapping_free, or only lower the protection. */
static void
mapping_lower(struct mapping *mapping, vm_prot_t prot)
{
	mapping->prot &= prot;
	if ((mapping->prot & VM_PROT_READ) == 0)
		mapping_free(mapping);
}

struct pmap *
pmap_create(struct account *account)
{
	struct pmap *pmap = calloc(1, sizeof(*pmap));

	kassert(pmap != NULL);
	pmap->account = account;
	pmap_count++;
	return pmap;
}

void
pmap_destroy(struct pmap *pmap)
{
	kassert(pmap != kernel_pmap && pmap->count == 0);
	pmap_count--;
	free(pmap);
}

kern_return_t
pmap_enter(struct pmap *pmap, uint64_t va, uint64_t pa, vm_prot_t prot, bool wired)
{
	struct mapping *mapping = mapping_find(pmap, va);
	struct frame *frame = frame_live(pa);

	kassert((va & PAGE_MASK) == 0 && (pa & PAGE_MASK) == 0);
	kassert((prot & ~VM_PROT_ALL) == 0);
	kassert((prot & VM_PROT_WRITE) == 0 || (prot & VM_PROT_READ) != 0);
	enter_count++;
	if (countdown(&fail_enter))
		return KERN_RESOURCE_SHORTAGE;
	if (mapping != NULL)
		mapping_free(mapping);
	if ((prot & VM_PROT_READ) == 0)
		return KERN_SUCCESS;
	mapping = malloc(sizeof(*mapping));
	kassert(mapping != NULL);
	*mapping = (struct mapping) {
		.pmap = pmap,
		.va = va,
		.frame = pa >> PAGE_SHIFT,
		.prot = prot,
		.wired = wired,
	};
	list_insert_tail(bucket_of(pmap, va), &mapping->hash_link);
	list_insert_tail(&frame->mappings, &mapping->frame_link);
	pmap->count++;
	return KERN_SUCCESS;
}

/* Page by page, or mapping by mapping when the range is larger. */
static void
range_lower(struct pmap *pmap, uint64_t start, uint64_t end, vm_prot_t prot)
{
	struct list *link, *tmp;

	kassert((start & PAGE_MASK) == 0 && (end & PAGE_MASK) == 0);
	kassert(start <= end);
	if ((end - start) >> PAGE_SHIFT < BUCKETS) {
		for (; start < end && pmap->count > 0; start += PAGE_SIZE) {
			struct mapping *mapping = mapping_find(pmap, start);

			if (mapping != NULL)
				mapping_lower(mapping, prot);
		}
		return;
	}
	for (int i = 0; i < BUCKETS && pmap->count > 0; i++) {
		list_for_each_safe(&buckets[i], link, tmp) {
			struct mapping *mapping = list_entry(link, struct mapping, hash_link);

			if (mapping->pmap == pmap && mapping->va >= start && mapping->va < end)
				mapping_lower(mapping, prot);
		}
	}
}

void
pmap_remove(struct pmap *pmap, uint64_t start, uint64_t end)
{
	range_lower(pmap, start, end, VM_PROT_NONE);
}

void
pmap_protect(struct pmap *pmap, uint64_t start, uint64_t end, vm_prot_t prot)
{
	range_lower(pmap, start, end, prot);
}

void
pmap_change_wiring(struct pmap *pmap, uint64_t va, bool wired)
{
	struct mapping *mapping = mapping_find(pmap, va);

	if (mapping != NULL)
		mapping->wired = wired;
}

bool
pmap_extract(struct pmap *pmap, uint64_t va, uint64_t *pap)
{
	struct mapping *mapping = mapping_find(pmap, trunc_page(va));

	if (mapping == NULL)
		return false;
	*pap = (mapping->frame << PAGE_SHIFT) + (va & PAGE_MASK);
	return true;
}

void
pmap_page_protect(uint64_t pa, vm_prot_t prot)
{
	struct frame *frame = frame_live(pa);
	struct list *link, *tmp;

	list_for_each_safe(&frame->mappings, link, tmp)
		mapping_lower(list_entry(link, struct mapping, frame_link), prot);
}

bool
pmap_is_modified(uint64_t pa)
{
	return frame_live(pa)->modified;
}

void
pmap_clear_modify(uint64_t pa)
{
	frame_live(pa)->modified = false;
}

bool
pmap_is_referenced(uint64_t pa)
{
	return frame_live(pa)->referenced;
}

void
pmap_clear_reference(uint64_t pa)
{
	frame_live(pa)->referenced = false;
}

void
pmap_zero_page(uint64_t pa)
{
	memset(frame_live(pa)->memory, 0, PAGE_SIZE);
}

void
pmap_copy_page(uint64_t from, uint64_t to)
{
	memcpy(frame_live(to)->memory, frame_live(from)->memory, PAGE_SIZE);
}

void
pmap_read_page(uint64_t pa, uint32_t offset, void *to, uint32_t size)
{
	kassert(offset + size <= PAGE_SIZE);
	memcpy(to, frame_live(pa)->memory + offset, size);
}

void
pmap_write_page(uint64_t pa, uint32_t offset, const void *from, uint32_t size)
{
	kassert(offset + size <= PAGE_SIZE);
	memcpy(frame_live(pa)->memory + offset, from, size);
}

uint64_t
pmap_resident_count(const struct pmap *pmap)
{
	return pmap->count;
}

/* ---- For tests ---- */

bool
host_mmu(struct pmap *pmap, uint64_t va, bool write, bool execute, void **pointerp)
{
	struct mapping *mapping = mapping_find(pmap, trunc_page(va));
	struct frame *frame;

	if (mapping == NULL || (write && !(mapping->prot & VM_PROT_WRITE)) ||
	    (execute && !(mapping->prot & VM_PROT_EXECUTE)))
		return false;
	frame = frame_live(mapping->frame << PAGE_SHIFT);
	frame->referenced = true;
	if (write)
		frame->modified = true;
	*pointerp = frame->memory + (va & PAGE_MASK);
	return true;
}

void
host_pmap_forget(struct pmap *pmap)
{
	struct list *link, *tmp;

	for (int i = 0; i < BUCKETS; i++) {
		list_for_each_safe(&buckets[i], link, tmp) {
			struct mapping *mapping = list_entry(link, struct mapping, hash_link);

			if (mapping->pmap == pmap && !mapping->wired)
				mapping_free(mapping);
		}
	}
}

uint64_t
host_pmaps(void)
{
	return pmap_count;
}

uint64_t
host_pmap_enters(void)
{
	return enter_count;
}
