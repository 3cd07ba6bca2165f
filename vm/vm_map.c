/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_map -- life of maps, entering and removing memory, and the operations
 *           that change a range.
 *
 * Operations that may fail for want of memory clip first and change after, so
 * that a failure leaves the map as it was but for harmless splits.
 */
#include <kern/account.h>
#include <kern/assert.h>
#include <kern/preempt.h>
#include <kern/zalloc.h>
#include <mach/vm_param.h>
#include <vm/pmap.h>
#include <vm/vm_internal.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>

struct zone vm_map_zone;

void
vm_map_init(void)
{
	zone_init(&vm_map_zone, "vm maps", sizeof(struct vm_map));
	zone_init(&vm_map_entry_zone, "vm map entries", sizeof(struct vm_map_entry));
	zone_init(&vm_map_copy_zone, "vm map copies", sizeof(struct vm_map_copy));
}

/* ---- Life ---- */

struct vm_map *
vm_map_create(struct pmap *pmap, vm_offset_t min, vm_offset_t max, struct account *account)
{
	struct vm_map *map = zalloc(&vm_map_zone);

	if (map == NULL)
		return NULL;
	*map = (struct vm_map) {
		.vm_pmap = pmap,
		.vm_account = account,
		.vm_min = min,
		.vm_max = max,
		.vm_limit_current = VM_MAP_NO_LIMIT,
		.vm_limit_max = VM_MAP_NO_LIMIT,
		.vm_refs = 1,
	};
	rwlock_init(&map->vm_lock, LOCK_RANK_MAP);
	spinlock_init(&map->vm_transition_lock, LOCK_RANK_OBJECT);
	list_init(&map->vm_entries);
	rb_init(&map->vm_tree);
	if (account != NULL)
		account_reference(account);
	return map;
}

void
vm_map_reference(struct vm_map *map)
{
	atomic_fetch_add(&map->vm_refs, 1);
}

/* Everything but the pmap, which the caller keeps. */
void
vm_map_abandon(struct vm_map *map)
{
	vm_map_terminate(map);
	if (map->vm_account != NULL)
		account_release(map->vm_account);
	zfree(&vm_map_zone, map);
}

void
vm_map_release(struct vm_map *map)
{
	struct pmap *pmap = map->vm_pmap;

	if (atomic_fetch_sub(&map->vm_refs, 1) != 1)
		return;
	vm_map_abandon(map);
	pmap_destroy(pmap);
}

void
vm_map_terminate(struct vm_map *map)
{
	struct list dead;
	kern_return_t kr;

	list_init(&dead);
	rwlock_write(&map->vm_lock);
	map->vm_terminated = true;
	kr = vm_map_remove_locked(map, map->vm_min, map->vm_max, &dead);
	kassert(kr == KERN_SUCCESS); /* nothing to clip */
	rwlock_unlock(&map->vm_lock);
	vm_map_entries_destroy(&dead);
}

/* ---- Entries and their objects ---- */

vm_prot_t
vm_map_entry_hardware(
    const struct vm_map *map, const struct vm_map_entry *entry, vm_prot_t protection)
{
	protection &= VM_PROT_ALL;
	if (entry->me_needs_copy)
		protection &= ~VM_PROT_WRITE;
	if (!map->vm_enforce_execute && (protection & VM_PROT_READ))
		protection |= VM_PROT_EXECUTE;
	return protection;
}

kern_return_t
vm_map_entry_need_object(struct vm_map *map, struct vm_map_entry *entry)
{
	if (entry->me_object != NULL)
		return KERN_SUCCESS;
	entry->me_object = vm_object_create(entry->me_end - entry->me_start, map->vm_account);
	if (entry->me_object == NULL)
		return KERN_RESOURCE_SHORTAGE;
	entry->me_offset = 0;
	entry->me_needs_copy = false;
	return KERN_SUCCESS;
}

/* Whoever else referred to the object is gone: it is ours to write. */
static bool
vm_map_entry_sole_user(struct vm_map_entry *entry)
{
	struct vm_object *object = entry->me_object;
	bool sole;

	vm_object_lock(object);
	sole = object->vo_refs == 1 && vm_object_copies_symmetrically(object);
	if (sole) {
		object->vo_one_map = true;
		object->vo_snapshot = false;
	}
	vm_object_unlock(object);
	return sole;
}

kern_return_t
vm_map_entry_unshare(struct vm_map *map, struct vm_map_entry *entry)
{
	kern_return_t kr;

	if (!entry->me_needs_copy)
		return KERN_SUCCESS;
	if (!vm_map_entry_sole_user(entry)) {
		kr = vm_object_shadow(&entry->me_object, &entry->me_offset,
		    entry->me_end - entry->me_start, map->vm_account);
		if (kr != KERN_SUCCESS)
			return kr;
	}
	entry->me_needs_copy = false;
	return KERN_SUCCESS;
}

/* Pages of a clipped part that no other entry shows. */
static void
vm_map_entry_free_window(struct vm_map_entry *entry)
{
	struct vm_object *object = entry->me_object;
	bool purge;

	vm_object_lock(object);
	purge = object->vo_one_map && object->vo_refs > 1 && object->vo_pager == NULL &&
	    list_empty(&object->vo_shadowers);
	vm_object_unlock(object);
	if (purge)
		vm_object_remove_pages(
		    object, entry->me_offset, entry->me_offset + (entry->me_end - entry->me_start));
}

void
vm_map_entries_destroy(struct list *entries)
{
	struct vm_map_entry *entry;
	struct list *link;

	while ((link = list_pop(entries)) != NULL) {
		entry = vm_map_entry_of(link);
		if (entry->me_object != NULL) {
			vm_map_entry_free_window(entry);
			vm_object_release(entry->me_object);
		}
		vm_map_entry_free(entry);
		preempt_point();
	}
}

/* ---- Enter ---- */

bool
vm_map_limit_allows(const struct vm_map *map, vm_size_t size)
{
	return map->vm_limited <= map->vm_limit_current &&
	    size <= map->vm_limit_current - map->vm_limited;
}

/* What vm_map_enter was asked for. */
struct vm_map_request {
	vm_offset_t start;
	vm_size_t size;
	struct vm_object *object;
	vm_offset_t offset;
	vm_prot_t protection;
	vm_prot_t max_protection;
	vm_inherit_t inheritance;
	bool needs_copy;
	bool shared;
};

void
vm_map_count_mapped(struct vm_map *map, const struct vm_map_entry *entry, bool added)
{
	vm_size_t size = entry->me_end - entry->me_start;

	map->vm_size += added ? size : -size;
	if (entry->me_max_protection != VM_PROT_NONE)
		map->vm_limited += added ? size : -size;
}

static bool
entry_like_request(const struct vm_map_entry *entry, const struct vm_map_request *request)
{
	return entry->me_protection == request->protection &&
	    entry->me_max_protection == request->max_protection &&
	    entry->me_inheritance == request->inheritance && !entry->me_needs_copy &&
	    !entry->me_shared && !entry->me_notify && !vm_map_entry_wired(entry);
}

/* May the object grow by what follows the entry? Nobody else sees it, and
 * nothing behind it would show through. */
static bool
object_grows(struct vm_map_entry *entry, vm_size_t size)
{
	struct vm_object *object = entry->me_object;
	vm_offset_t end = entry->me_offset + (entry->me_end - entry->me_start);
	vm_offset_t found;
	bool grows;

	vm_object_lock(object);
	grows = object->vo_refs == 1 && object->vo_one_map &&
	    vm_object_copies_symmetrically(object) && object->vo_shadow == NULL &&
	    vm_object_page_from(object, end, &found) == NULL;
	if (grows)
		object->vo_size = end + size;
	vm_object_unlock(object);
	return grows;
}

/* Zero-fill memory right behind memory of the same kind: one entry. */
static bool
vm_map_extend(struct vm_map *map, const struct vm_map_request *request)
{
	struct vm_map_entry *entry;

	if (request->object != NULL || request->start == map->vm_min)
		return false;
	entry = vm_map_entry_from(map, request->start - 1);
	if (entry == NULL || entry->me_end != request->start || !entry_like_request(entry, request))
		return false;
	if (entry->me_object != NULL && !object_grows(entry, request->size))
		return false;
	entry->me_end += request->size;
	vm_map_entry_refresh_gap(map, vm_map_entry_next(map, entry));
	map->vm_size += request->size;
	if (request->max_protection != VM_PROT_NONE)
		map->vm_limited += request->size;
	return true;
}

static kern_return_t
vm_map_insert(struct vm_map *map, const struct vm_map_request *request)
{
	struct vm_map_entry *entry;

	if (vm_map_extend(map, request))
		return KERN_SUCCESS;
	entry = vm_map_entry_create(map->vm_account);
	if (entry == NULL)
		return KERN_RESOURCE_SHORTAGE;
	entry->me_start = request->start;
	entry->me_end = request->start + request->size;
	entry->me_object = request->object;
	entry->me_offset = request->object != NULL ? request->offset : 0;
	entry->me_protection = (uint8_t)request->protection;
	entry->me_max_protection = (uint8_t)request->max_protection;
	entry->me_inheritance = (uint8_t)request->inheritance;
	entry->me_needs_copy = request->needs_copy;
	entry->me_shared = request->shared;
	vm_map_entry_link(map, entry);
	vm_map_count_mapped(map, entry, true);
	return KERN_SUCCESS;
}

static kern_return_t
vm_map_place(struct vm_map *map, struct vm_map_request *request, vm_offset_t mask, bool anywhere)
{
	if (map->vm_terminated)
		return KERN_INVALID_ARGUMENT;
	if (request->max_protection != VM_PROT_NONE && !vm_map_limit_allows(map, request->size))
		return KERN_NO_SPACE;
	if (anywhere)
		return vm_map_find_space(map, request->size, mask, &request->start);
	if (!vm_map_mask_allows(mask, request->start, request->start + request->size))
		return KERN_NO_SPACE;
	return vm_map_check_free(map, request->start, request->start + request->size);
}

static kern_return_t
vm_map_enter_request(
    struct vm_map *map, struct vm_map_request *request, vm_offset_t mask, bool anywhere)
{
	kern_return_t kr;
	bool wire;

	rwlock_write(&map->vm_lock);
	kr = vm_map_place(map, request, mask, anywhere);
	if (kr == KERN_SUCCESS)
		kr = vm_map_insert(map, request);
	wire = map->vm_wire_future && request->protection != VM_PROT_NONE;
	rwlock_unlock(&map->vm_lock);
	if (kr == KERN_SUCCESS && wire)
		kr = vm_map_wire(map, request->start, request->start + request->size,
		    request->protection, VM_MAP_NO_LIMIT);
	return kr;
}

/* A private copy of part of a pager's object, as its strategy says. On
 * success the reference on the object became one on the copy. */
static kern_return_t
vm_map_request_copy(struct vm_map *map, struct vm_map_request *request)
{
	struct vm_object *copy;
	kern_return_t kr = vm_object_wait_ready(request->object);
	bool eager = vm_object_copies_eagerly(request->object);

	if (kr != KERN_SUCCESS)
		return kr;
	if (eager)
		copy = vm_object_copy_eagerly(
		    request->object, request->offset, request->size, map->vm_account, &kr);
	else
		copy = vm_object_copy_delayed(request->object, map->vm_account);
	if (copy == NULL)
		return kr != KERN_SUCCESS ? kr : KERN_RESOURCE_SHORTAGE;
	if (eager)
		request->offset = 0;
	request->needs_copy = !eager;
	request->object = copy;
	return KERN_SUCCESS;
}

/* Whoever else refers to the object may write it, too: then copies must not
 * rely on needs_copy. True: it is shared. */
static bool
vm_map_note_sharing(struct vm_object *object)
{
	bool shared;

	vm_object_lock(object);
	shared = object->vo_pager != NULL || object->vo_is_physical || object->vo_refs > 1;
	if (shared) {
		object->vo_true_share = true;
		object->vo_written |= object->vo_pager == NULL;
		object->vo_one_map = false;
	}
	vm_object_unlock(object);
	return shared;
}

kern_return_t
vm_map_enter(struct vm_map *map, vm_offset_t *addressp, vm_size_t size, vm_offset_t mask,
    bool anywhere, struct vm_object *object, vm_offset_t offset, bool copy, vm_prot_t protection,
    vm_prot_t max_protection, vm_inherit_t inheritance)
{
	struct vm_map_request request = {
		.start = *addressp,
		.size = size,
		.object = object,
		.offset = offset,
		.protection = protection,
		.max_protection = max_protection,
		.inheritance = inheritance,
	};
	kern_return_t kr;

	if (size == 0 || !page_aligned(size) || !page_aligned(offset) ||
	    (!anywhere && request.start + size < request.start))
		return KERN_INVALID_ARGUMENT;
	if (object != NULL && (offset >= object->vo_size || size > object->vo_size - offset))
		return KERN_INVALID_ARGUMENT;
	if (object != NULL && object->vo_is_physical) {
		if ((protection & ~object->vo_max_protection) != 0)
			return KERN_PROTECTION_FAILURE;
		request.max_protection &= object->vo_max_protection;
	}
	if (object != NULL && copy) {
		kr = vm_map_request_copy(map, &request);
		if (kr != KERN_SUCCESS)
			return kr;
	} else if (object != NULL) {
		request.shared = vm_map_note_sharing(object);
	}
	kr = vm_map_enter_request(map, &request, mask, anywhere);
	if (kr == KERN_SUCCESS)
		*addressp = request.start;
	if (request.object != object) /* the copy took its place */
		vm_object_release(kr == KERN_SUCCESS ? object : request.object);
	return kr;
}

/* ---- Remove ---- */

/* An entry of the range that is being wired, or NULL. */
static bool
range_in_transition(struct vm_map *map, struct vm_map_entry *entry, vm_offset_t end)
{
	for (; entry != NULL && entry->me_start < end; entry = vm_map_entry_next(map, entry)) {
		if (entry->me_transition)
			return true;
	}
	return false;
}

kern_return_t
vm_map_clip_settled(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, struct vm_map_entry **firstp)
{
	for (;;) {
		kern_return_t kr = vm_map_clip_range(map, start, end, firstp);

		if (kr != KERN_SUCCESS || !range_in_transition(map, *firstp, end))
			return kr;
		vm_map_wait_transition(map);
	}
}

/* Entries that lie close together are unmapped in one go: between them there
 * is nothing, and a walk over a small hole is cheaper than another start. */
struct unmap_run {
	vm_offset_t start;
	vm_offset_t end; /* equal: empty */
};

#define UNMAP_HOLE_MAX (1ul << 20)

static void
unmap_run_end(struct vm_map *map, struct unmap_run *run)
{
	if (run->start < run->end)
		pmap_remove(map->vm_pmap, run->start, run->end);
	run->start = run->end;
}

static void
unmap_run_add(struct vm_map *map, struct unmap_run *run, const struct vm_map_entry *entry)
{
	if (entry->me_start - run->end > UNMAP_HOLE_MAX)
		unmap_run_end(map, run);
	if (run->start == run->end)
		run->start = entry->me_start;
	run->end = entry->me_end;
}

kern_return_t
vm_map_remove_locked(struct vm_map *map, vm_offset_t start, vm_offset_t end, struct list *dead)
{
	struct unmap_run run = { 0, 0 };
	struct vm_map_entry *entry, *next;
	kern_return_t kr;

	kr = vm_map_clip_settled(map, start, end, &entry);
	if (kr != KERN_SUCCESS)
		return kr;
	for (; entry != NULL && entry->me_start < end; entry = next) {
		next = vm_map_entry_next(map, entry);
		vm_map_entry_unwire(map, entry);
		vm_map_entry_unlink(map, entry);
		vm_map_count_mapped(map, entry, false);
		if (entry->me_object != NULL)
			unmap_run_add(map, &run, entry);
		list_insert_tail(dead, &entry->me_link);
		preempt_point();
	}
	unmap_run_end(map, &run);
	return KERN_SUCCESS;
}

kern_return_t
vm_map_remove(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct list dead;
	kern_return_t kr;

	list_init(&dead);
	rwlock_write(&map->vm_lock);
	kr = vm_map_remove_locked(map, start, end, &dead);
	rwlock_unlock(&map->vm_lock);
	vm_map_entries_destroy(&dead);
	return kr;
}

/* ---- Protection and inheritance ---- */

static bool
protection_allowed(struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_prot_t protection)
{
	struct vm_map_entry *entry = vm_map_entry_from(map, start);

	for (; entry != NULL && entry->me_start < end; entry = vm_map_entry_next(map, entry)) {
		if (protection & ~entry->me_max_protection)
			return false;
	}
	return true;
}

static void
entry_protect(struct vm_map *map, struct vm_map_entry *entry, vm_prot_t protection, bool notify,
    bool set_maximum)
{
	vm_prot_t old = entry->me_protection;

	if (set_maximum) {
		vm_map_count_mapped(map, entry, false);
		entry->me_max_protection &= (uint8_t)protection;
		entry->me_protection &= entry->me_max_protection;
		vm_map_count_mapped(map, entry, true);
	} else {
		entry->me_protection = (uint8_t)protection;
		entry->me_notify = notify;
	}
	if (old & ~entry->me_protection)
		pmap_protect(map->vm_pmap, entry->me_start, entry->me_end,
		    vm_map_entry_hardware(map, entry, entry->me_protection));
}

static kern_return_t
vm_map_protect_locked(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_prot_t protection, bool set_maximum)
{
	vm_prot_t access = protection & VM_PROT_ALL;
	struct vm_map_entry *entry;
	kern_return_t kr;

	if (!set_maximum && !protection_allowed(map, start, end, access))
		return KERN_PROTECTION_FAILURE;
	kr = vm_map_clip_range(map, start, end, &entry);
	if (kr != KERN_SUCCESS)
		return kr;
	for (; entry != NULL && entry->me_start < end; entry = vm_map_entry_next(map, entry)) {
		entry_protect(map, entry, access, (protection & VM_PROT_NOTIFY) != 0, set_maximum);
		preempt_point();
	}
	vm_map_simplify(map, start, end);
	return KERN_SUCCESS;
}

kern_return_t
vm_map_protect(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_prot_t protection, bool set_maximum)
{
	kern_return_t kr;

	rwlock_write(&map->vm_lock);
	kr = vm_map_protect_locked(map, start, end, protection, set_maximum);
	rwlock_unlock(&map->vm_lock);
	return kr;
}

kern_return_t
vm_map_inherit(struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_inherit_t inheritance)
{
	struct vm_map_entry *entry;
	kern_return_t kr;

	rwlock_write(&map->vm_lock);
	kr = vm_map_clip_range(map, start, end, &entry);
	if (kr == KERN_SUCCESS) {
		for (; entry != NULL && entry->me_start < end;
		     entry = vm_map_entry_next(map, entry)) {
			entry->me_inheritance = (uint8_t)inheritance;
			preempt_point();
		}
		vm_map_simplify(map, start, end);
	}
	rwlock_unlock(&map->vm_lock);
	return kr;
}

/* ---- Questions ---- */

static void
entry_describe(const struct vm_map_entry *entry, struct vm_map_region *region)
{
	*region = (struct vm_map_region) {
		.start = entry->me_start,
		.size = entry->me_end - entry->me_start,
		.protection = entry->me_protection,
		.max_protection = entry->me_max_protection,
		.inheritance = entry->me_inheritance,
		.shared = entry->me_shared,
		.needs_copy = entry->me_needs_copy,
		.wired = entry->me_wired + entry->me_user_wired,
		.user_wired = entry->me_user_wired,
		.offset = entry->me_offset,
		.object = entry->me_object,
	};
}

kern_return_t
vm_map_region(struct vm_map *map, vm_offset_t address, struct vm_map_region *region)
{
	struct vm_map_entry *entry;

	rwlock_read(&map->vm_lock);
	entry = vm_map_entry_from(map, address);
	if (entry != NULL) {
		entry_describe(entry, region);
		if (entry->me_object != NULL)
			vm_object_reference(entry->me_object);
	}
	rwlock_unlock(&map->vm_lock);
	return entry == NULL ? KERN_NO_SPACE : KERN_SUCCESS;
}

kern_return_t
vm_map_share_region(struct vm_map *map, vm_offset_t address, struct vm_map_region *region)
{
	struct vm_map_entry *entry;
	kern_return_t kr = KERN_NO_SPACE;

	rwlock_write(&map->vm_lock);
	entry = vm_map_entry_from(map, address);
	if (entry != NULL)
		kr = vm_map_entry_share(map, entry);
	if (kr == KERN_SUCCESS)
		entry_describe(entry, region);
	rwlock_unlock(&map->vm_lock);
	return kr;
}

kern_return_t
vm_map_set_limit(struct vm_map *map, vm_size_t current, vm_size_t max, bool privileged)
{
	kern_return_t kr = KERN_SUCCESS;

	if (current > max)
		return KERN_INVALID_ARGUMENT;
	rwlock_write(&map->vm_lock);
	if (max > map->vm_limit_max && !privileged) {
		kr = KERN_NO_ACCESS;
	} else {
		map->vm_limit_current = current;
		map->vm_limit_max = max;
	}
	rwlock_unlock(&map->vm_lock);
	return kr;
}

void
vm_map_get_limit(struct vm_map *map, vm_size_t *currentp, vm_size_t *maxp)
{
	rwlock_read(&map->vm_lock);
	*currentp = map->vm_limit_current;
	*maxp = map->vm_limit_max;
	rwlock_unlock(&map->vm_lock);
}

/* Mappings made so far may be too generous: let them fault in again. */
void
vm_map_set_enforce_execute(struct vm_map *map, bool enforce)
{
	struct vm_map_entry *entry;
	struct list *link;

	rwlock_write(&map->vm_lock);
	map->vm_enforce_execute = enforce;
	list_for_each(&map->vm_entries, link) {
		entry = vm_map_entry_of(link);
		if (enforce && !(entry->me_protection & VM_PROT_EXECUTE))
			pmap_protect(map->vm_pmap, entry->me_start, entry->me_end,
			    vm_map_entry_hardware(map, entry, entry->me_protection));
	}
	rwlock_unlock(&map->vm_lock);
}

kern_return_t
vm_map_pages_phys(struct vm_map *map, vm_offset_t start, vm_offset_t end, uint64_t *pages)
{
	struct vm_map_entry *entry;
	struct vm_page *page;
	vm_offset_t at;

	rwlock_read(&map->vm_lock);
	for (at = start; at < end; at += PAGE_SIZE, pages++) {
		*pages = 0;
		entry = vm_map_entry_at(map, at);
		if (entry == NULL || entry->me_object == NULL)
			continue;
		vm_object_lock(entry->me_object);
		page = vm_object_chain_page(
		    entry->me_object, entry->me_offset + (at - entry->me_start));
		if (page != NULL)
			*pages = page->pg_pa;
		vm_object_unlock(entry->me_object);
		preempt_point();
	}
	rwlock_unlock(&map->vm_lock);
	return KERN_SUCCESS;
}

vm_size_t
vm_map_virtual_size(struct vm_map *map)
{
	return map->vm_size;
}

vm_size_t
vm_map_resident_size(struct vm_map *map)
{
	return pmap_resident_count(map->vm_pmap) << PAGE_SHIFT;
}
