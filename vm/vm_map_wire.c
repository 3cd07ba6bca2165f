/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_map_wire -- memory that never faults and is never paged out.
 *
 * Wiring marks the entries of the range as in transition, gives up the map
 * lock, faults each page in (perhaps waiting for a pager) and then settles the
 * entries: wired, or as they were. Whoever wants to remove or wire entries in
 * transition waits. A wired page is always in the first object of its entry,
 * so that it is found again without a walk and no copy-on-write replaces it.
 *
 * Wiring by vm_wire does not nest: one unwiring undoes it (sheet 5.5).
 */
#include <kern/account.h>
#include <kern/assert.h>
#include <kern/preempt.h>
#include <mach/vm_param.h>
#include <vm/pmap.h>
#include <vm/vm_fault_internal.h>
#include <vm/vm_internal.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>

static vm_size_t
entry_size(const struct vm_map_entry *entry)
{
	return entry->me_end - entry->me_start;
}

/* ---- Unwiring ---- */

/* Take back one wiring of each page in [start, end) of the entry. */
static void
entry_unwire_pages(
    struct vm_map *map, struct vm_map_entry *entry, vm_offset_t start, vm_offset_t end)
{
	struct vm_object *object = entry->me_object;
	vm_offset_t at = entry->me_offset + (start - entry->me_start);
	vm_offset_t last = entry->me_offset + (end - entry->me_start);
	struct vm_page *page;
	unsigned done = 0;

	if (object == NULL)
		return;
	vm_object_lock(object);
	while ((page = vm_object_page_from(object, at, &at)) != NULL && at < last) {
		if (page->pg_wire_count > 0)
			vm_page_unwire(page);
		pmap_change_wiring(map->vm_pmap, entry->me_start + (at - entry->me_offset), false);
		at += PAGE_SIZE;
		vm_object_batch(object, &done);
	}
	vm_object_unlock(object);
}

static void
entry_forget_user_wiring(struct vm_map *map, struct vm_map_entry *entry)
{
	entry->me_user_wired = false;
	map->vm_user_wired -= entry_size(entry);
	account_uncharge(map->vm_account, ACCOUNT_WIRED_PAGES, VM_PAGES(entry_size(entry)));
}

void
vm_map_entry_unwire(struct vm_map *map, struct vm_map_entry *entry)
{
	if (entry->me_wired == 0 && !entry->me_user_wired)
		return;
	entry_unwire_pages(map, entry, entry->me_start, entry->me_end);
	if (entry->me_user_wired)
		entry_forget_user_wiring(map, entry);
	entry->me_wired = 0;
}

static kern_return_t
vm_map_unwire(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry;
	kern_return_t kr;

	rwlock_write(&map->vm_lock);
	kr = vm_map_clip_settled(map, start, end, &entry);
	if (kr == KERN_SUCCESS) {
		for (; entry != NULL && entry->me_start < end;
		     entry = vm_map_entry_next(map, entry)) {
			if (!entry->me_user_wired)
				continue;
			entry_unwire_pages(map, entry, entry->me_start, entry->me_end);
			entry_forget_user_wiring(map, entry);
		}
		vm_map_simplify(map, start, end);
	}
	rwlock_unlock(&map->vm_lock);
	return kr;
}

/* ---- Wiring ---- */

/* All there, and all allowed? */
static bool
range_wirable(struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_prot_t access)
{
	struct vm_map_entry *entry = vm_map_entry_from(map, start);

	while (entry != NULL && entry->me_start <= start) {
		if (access & ~entry->me_protection)
			return false;
		start = entry->me_end;
		if (start >= end)
			return true;
		entry = vm_map_entry_next(map, entry);
	}
	return false;
}

/* Mark what is not wired yet as in transition; *newp: how many bytes. */
static void
range_begin(struct vm_map *map, struct vm_map_entry *entry, vm_offset_t end, vm_size_t *newp)
{
	*newp = 0;
	for (; entry != NULL && entry->me_start < end; entry = vm_map_entry_next(map, entry)) {
		if (entry->me_user_wired)
			continue;
		entry->me_transition = true;
		*newp += entry_size(entry);
	}
}

/* The pages below `reached` are wired. Keep that (success), or undo it. */
static void
range_end(struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_offset_t reached, bool success)
{
	struct vm_map_entry *entry = vm_map_entry_from(map, start);
	vm_offset_t stop;

	for (; entry != NULL && entry->me_start < end; entry = vm_map_entry_next(map, entry)) {
		if (!entry->me_transition)
			continue;
		entry->me_transition = false;
		if (success) {
			entry->me_user_wired = true;
			continue;
		}
		stop = reached < entry->me_end ? reached : entry->me_end;
		if (stop > entry->me_start)
			entry_unwire_pages(map, entry, entry->me_start, stop);
	}
	vm_map_end_transition(map);
}

/* The next page in transition at or above `at`, or `end`. */
static vm_offset_t
range_next(struct vm_map *map, vm_offset_t at, vm_offset_t end)
{
	struct vm_map_entry *entry;

	rwlock_read(&map->vm_lock);
	entry = vm_map_entry_from(map, at);
	while (entry != NULL && !entry->me_transition)
		entry = vm_map_entry_next(map, entry);
	if (entry == NULL || entry->me_start >= end)
		at = end;
	else if (entry->me_start > at)
		at = entry->me_start;
	rwlock_unlock(&map->vm_lock);
	return at;
}

static kern_return_t
range_fault(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_prot_t access, vm_offset_t *reachedp)
{
	vm_offset_t at = range_next(map, start, end);
	kern_return_t kr = KERN_SUCCESS;

	while (at < end) {
		kr = vm_fault_wire(map, at, access);
		if (kr != KERN_SUCCESS)
			break;
		preempt_point();
		at = range_next(map, at + PAGE_SIZE, end);
	}
	*reachedp = at;
	return kr;
}

/* The account and the limit of vm_wire. */
static kern_return_t
range_charge(struct vm_map *map, vm_size_t size, uint64_t limit)
{
	if (limit != VM_MAP_NO_LIMIT &&
	    (map->vm_user_wired > limit || size > limit - map->vm_user_wired))
		return KERN_NO_ACCESS;
	if (!account_charge(map->vm_account, ACCOUNT_WIRED_PAGES, VM_PAGES(size)))
		return KERN_RESOURCE_SHORTAGE;
	map->vm_user_wired += size;
	return KERN_SUCCESS;
}

/* Map write-locked: check, charge, mark. */
static kern_return_t
range_prepare(struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_prot_t access,
    uint64_t limit, vm_size_t *newp)
{
	struct vm_map_entry *entry;
	kern_return_t kr;

	kr = vm_map_clip_settled(map, start, end, &entry);
	if (kr != KERN_SUCCESS)
		return kr;
	if (!range_wirable(map, start, end, access))
		return KERN_NO_SPACE;
	range_begin(map, entry, end, newp);
	kr = range_charge(map, *newp, limit);
	if (kr != KERN_SUCCESS)
		range_end(map, start, end, start, false);
	return kr;
}

kern_return_t
vm_map_wire(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_prot_t access, uint64_t limit)
{
	vm_offset_t reached;
	vm_size_t size;
	kern_return_t kr;

	if (access == VM_PROT_NONE)
		return vm_map_unwire(map, start, end);
	rwlock_write(&map->vm_lock);
	kr = range_prepare(map, start, end, access, limit, &size);
	rwlock_unlock(&map->vm_lock);
	if (kr != KERN_SUCCESS)
		return kr;

	kr = range_fault(map, start, end, access, &reached);

	rwlock_write(&map->vm_lock);
	range_end(map, start, end, reached, kr == KERN_SUCCESS);
	if (kr != KERN_SUCCESS) {
		map->vm_user_wired -= size;
		account_uncharge(map->vm_account, ACCOUNT_WIRED_PAGES, VM_PAGES(size));
	}
	vm_map_simplify(map, start, end);
	rwlock_unlock(&map->vm_lock);
	return kr;
}

/* ---- Whole maps ---- */

/* The lowest entry at or above `at` that could be wired and is not. */
static bool
next_unwired(struct vm_map *map, vm_offset_t *atp, vm_offset_t *endp, vm_prot_t *accessp)
{
	struct vm_map_entry *entry;

	rwlock_read(&map->vm_lock);
	entry = vm_map_entry_from(map, *atp);
	while (entry != NULL && (entry->me_user_wired || entry->me_protection == VM_PROT_NONE))
		entry = vm_map_entry_next(map, entry);
	if (entry != NULL) {
		*atp = entry->me_start;
		*endp = entry->me_end;
		*accessp = entry->me_protection;
	}
	rwlock_unlock(&map->vm_lock);
	return entry != NULL;
}

static kern_return_t
vm_map_wire_current(struct vm_map *map)
{
	vm_offset_t at = map->vm_min, end;
	vm_prot_t access;
	kern_return_t kr;

	while (next_unwired(map, &at, &end, &access)) {
		kr = vm_map_wire(map, at, end, access, VM_MAP_NO_LIMIT);
		if (kr != KERN_SUCCESS && kr != KERN_NO_SPACE)
			return kr; /* NO_SPACE: changed meanwhile */
		at = end;
	}
	return KERN_SUCCESS;
}

kern_return_t
vm_map_wire_all(struct vm_map *map, vm_wire_t flags)
{
	if (flags & ~VM_WIRE_ALL)
		return KERN_INVALID_ARGUMENT;
	rwlock_write(&map->vm_lock);
	map->vm_wire_future = (flags & VM_WIRE_FUTURE) != 0;
	rwlock_unlock(&map->vm_lock);
	if (flags == VM_WIRE_NONE)
		return vm_map_unwire(map, map->vm_min, map->vm_max);
	if (flags & VM_WIRE_CURRENT)
		return vm_map_wire_current(map);
	return KERN_SUCCESS;
}
