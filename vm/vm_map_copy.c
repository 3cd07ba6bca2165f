/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_map_copy -- copyin, copyout, overwrite: memory between maps.
 *
 * Copyin decides once for the whole range:
 *   eager   few pages, a resident copy wanted, or something in the range that
 *           cannot be copied on write: pages are copied into one new object,
 *           faulting as the owner would
 *   lazy    entries are copied under one hold of the map lock
 * and with `destroy` removes the range once all is copied. The object of a
 * range moved that way is then the receiver's alone, and its first write
 * finds that out without copying.
 */
#include <kern/account.h>
#include <kern/assert.h>
#include <kern/preempt.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <mach/vm_param.h>
#include <vm/pmap.h>
#include <vm/vm_fault_internal.h>
#include <vm/vm_internal.h>
#include <vm/vm_map.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_object.h>

/* Up to here copying bytes is cheaper than protecting, shadowing, faulting. */
#define VM_COPY_EAGER_PAGES 4

struct zone vm_map_copy_zone;

/* ---- Life ---- */

static struct vm_map_copy *
vm_map_copy_create(vm_offset_t address, vm_size_t size, struct account *account)
{
	struct vm_map_copy *copy = zalloc(&vm_map_copy_zone);

	if (copy == NULL)
		return NULL;
	*copy = (struct vm_map_copy) {
		.vc_size = size,
		.vc_offset = (uint32_t)(address & PAGE_MASK),
		.vc_account = account,
	};
	list_init(&copy->vc_entries);
	if (account != NULL)
		account_reference(account);
	return copy;
}

/* The structure, its entries gone. */
static void
vm_map_copy_free(struct vm_map_copy *copy)
{
	if (copy->vc_account != NULL)
		account_release(copy->vc_account);
	zfree(&vm_map_copy_zone, copy);
}

void
vm_map_copy_discard(struct vm_map_copy *copy)
{
	if (copy == NULL)
		return;
	vm_map_entries_destroy(&copy->vc_entries);
	vm_map_copy_free(copy);
}

/* Whole pages that the data touch. */
static vm_size_t
vm_map_copy_span(const struct vm_map_copy *copy)
{
	return round_page(copy->vc_offset + copy->vc_size);
}

/* An entry for [start, end) at the tail. */
static struct vm_map_entry *
vm_map_copy_append(struct vm_map_copy *copy, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry = vm_map_entry_create(copy->vc_account);

	if (entry == NULL)
		return NULL;
	entry->me_start = start;
	entry->me_end = end;
	list_insert_tail(&copy->vc_entries, &entry->me_link);
	return entry;
}

/* ---- Copyin ---- */

/* Every page there and readable? Map locked. */
static kern_return_t
range_readable(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry = vm_map_entry_from(map, start);

	while (entry != NULL && entry->me_start <= start) {
		if (!(entry->me_protection & VM_PROT_READ))
			return KERN_PROTECTION_FAILURE;
		start = entry->me_end;
		if (start >= end)
			return KERN_SUCCESS;
		entry = vm_map_entry_next(map, entry);
	}
	return KERN_INVALID_ADDRESS;
}

static kern_return_t
copyin_remove(struct vm_map *map, vm_offset_t start, vm_offset_t end, bool destroy)
{
	return destroy ? vm_map_remove(map, start, end) : KERN_SUCCESS;
}

/* A last entry that shows a fresh object. */
static struct vm_object *
vm_map_copy_append_object(struct vm_map_copy *copy, vm_size_t size)
{
	struct vm_map_entry *entry = vm_map_copy_append(copy, 0, size);

	if (entry == NULL)
		return NULL;
	entry->me_object = vm_object_create(size, copy->vc_account);
	return entry->me_object;
}

struct vm_map_copy *
vm_map_copy_create_object(vm_size_t size, struct account *account)
{
	struct vm_map_copy *copy = vm_map_copy_create(0, size, account);

	if (copy == NULL)
		return NULL;
	if (vm_map_copy_append_object(copy, size) != NULL)
		return copy;
	vm_map_copy_discard(copy);
	return NULL;
}

static kern_return_t
copyin_pages(struct vm_map *map, vm_offset_t start, vm_offset_t end, struct vm_map_copy *copy)
{
	struct vm_object *object;
	kern_return_t kr = KERN_SUCCESS;

	object = vm_map_copy_append_object(copy, end - start);
	if (object == NULL)
		return KERN_RESOURCE_SHORTAGE;
	for (vm_offset_t at = start; kr == KERN_SUCCESS && at < end; at += PAGE_SIZE) {
		kr = vm_fault_copy_page(map, at, false, object, at - start, copy->vc_account);
		preempt_point();
	}
	return kr;
}

static kern_return_t
copyin_eager(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, bool destroy, struct vm_map_copy *copy)
{
	kern_return_t kr;

	rwlock_read(&map->vm_lock);
	kr = range_readable(map, start, end);
	rwlock_unlock(&map->vm_lock);
	if (kr == KERN_SUCCESS)
		kr = copyin_pages(map, start, end, copy);
	if (kr == KERN_SUCCESS)
		kr = copyin_remove(map, start, end, destroy);
	return kr;
}

/* Copy the entries of the range, map write-locked. */
static kern_return_t
copyin_entries(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, struct vm_map_copy *copy, bool *slowp)
{
	struct vm_map_entry *entry, *new;
	kern_return_t kr;

	kr = vm_map_clip_range(map, start, end, &entry);
	for (; kr == KERN_SUCCESS && entry != NULL && entry->me_start < end;
	     entry = vm_map_entry_next(map, entry)) {
		new = vm_map_copy_append(copy, 0, 0);
		if (new == NULL)
			return KERN_RESOURCE_SHORTAGE;
		kr = vm_map_entry_copy(map, entry, entry->me_start, entry->me_end, new, slowp);
		if (*slowp)
			break;
		new->me_start -= start;
		new->me_end -= start;
		preempt_point();
	}
	return kr;
}

/* *slowp: nothing was done, copy eagerly. */
static kern_return_t
copyin_lazy(struct vm_map *map, vm_offset_t start, vm_offset_t end, bool destroy,
    struct vm_map_copy *copy, bool *slowp)
{
	struct list dead;
	kern_return_t kr;

	*slowp = false;
	list_init(&dead);
	rwlock_write(&map->vm_lock);
	kr = range_readable(map, start, end);
	if (kr == KERN_SUCCESS)
		kr = copyin_entries(map, start, end, copy, slowp);
	if (kr == KERN_SUCCESS && !*slowp && destroy)
		kr = vm_map_remove_locked(map, start, end, &dead);
	if (!destroy || *slowp || kr != KERN_SUCCESS)
		vm_map_simplify(map, start, end);
	rwlock_unlock(&map->vm_lock);
	if (*slowp)
		vm_map_entries_destroy(&copy->vc_entries);
	vm_map_entries_destroy(&dead);
	return kr;
}

static bool
copyin_is_eager(vm_offset_t start, vm_offset_t end, bool destroy, enum vm_copyin_how how)
{
	if (how == VM_COPYIN_RESIDENT)
		return true;
	return !destroy && VM_PAGES(end - start) <= VM_COPY_EAGER_PAGES;
}

kern_return_t
vm_map_copyin(struct vm_map *map, vm_offset_t address, vm_size_t size, bool destroy,
    enum vm_copyin_how how, struct vm_map_copy **copyp)
{
	vm_offset_t start = trunc_page(address);
	vm_offset_t end = round_page(address + size);
	struct vm_map_copy *copy;
	bool slow = true;
	kern_return_t kr = KERN_SUCCESS;

	*copyp = NULL;
	if (size == 0)
		return KERN_SUCCESS;
	if (address + size < address || end <= start || start < map->vm_min || end > map->vm_max)
		return KERN_INVALID_ADDRESS;
	copy = vm_map_copy_create(address, size, map->vm_account);
	if (copy == NULL)
		return KERN_RESOURCE_SHORTAGE;
	if (!copyin_is_eager(start, end, destroy, how))
		kr = copyin_lazy(map, start, end, destroy, copy, &slow);
	if (kr == KERN_SUCCESS && slow)
		kr = copyin_eager(map, start, end, destroy, copy);
	if (kr != KERN_SUCCESS)
		vm_map_copy_discard(copy);
	else
		*copyp = copy;
	return kr;
}

/* ---- Kernel data ---- */

static kern_return_t
copy_fill_page(struct vm_object *object, vm_offset_t offset, const char *data, vm_size_t size,
    struct account *account)
{
	uint32_t part = size < PAGE_SIZE ? (uint32_t)size : PAGE_SIZE;
	struct vm_page *page;

	page = vm_page_create_wait(account);
	if (page == NULL)
		return KERN_RESOURCE_SHORTAGE;
	if (part < PAGE_SIZE)
		pmap_zero_page(page->pg_pa);
	pmap_write_page(page->pg_pa, 0, data, part);
	page->pg_dirty = true;
	vm_object_lock(object);
	vm_object_insert(object, offset, page);
	vm_object_unlock(object);
	return KERN_SUCCESS;
}

static kern_return_t
copy_fill(struct vm_map_copy *copy, const char *data, vm_size_t size)
{
	struct vm_object *object;
	kern_return_t kr = KERN_SUCCESS;

	object = vm_map_copy_append_object(copy, round_page(size));
	if (object == NULL)
		return KERN_RESOURCE_SHORTAGE;
	for (vm_offset_t at = 0; kr == KERN_SUCCESS && at < size; at += PAGE_SIZE) {
		kr = copy_fill_page(object, at, data + at, size - at, copy->vc_account);
		preempt_point();
	}
	return kr;
}

kern_return_t
vm_map_copy_from_kernel(
    const void *data, vm_size_t size, struct account *account, struct vm_map_copy **copyp)
{
	struct vm_map_copy *copy;
	kern_return_t kr;

	*copyp = NULL;
	if (size == 0)
		return KERN_SUCCESS;
	copy = vm_map_copy_create(0, size, account);
	if (copy == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = copy_fill(copy, data, size);
	if (kr != KERN_SUCCESS)
		vm_map_copy_discard(copy);
	else
		*copyp = copy;
	return kr;
}

/* Bytes of one entry: [at, at + size) counted from the copy's address 0. */
static kern_return_t
copy_read_entry(struct vm_map_copy *copy, const struct vm_map_entry *entry, vm_offset_t at,
    char *to, vm_size_t size)
{
	vm_offset_t offset = entry->me_offset + (at - entry->me_start);
	kern_return_t kr = KERN_SUCCESS;
	vm_size_t part;

	if (entry->me_object == NULL) {
		memset(to, 0, size);
		return KERN_SUCCESS;
	}
	while (kr == KERN_SUCCESS && size > 0) {
		part = PAGE_SIZE - (offset & PAGE_MASK);
		if (part > size)
			part = size;
		kr = vm_fault_read_object(
		    entry->me_object, offset, to, (uint32_t)part, copy->vc_account);
		offset += part;
		to += part;
		size -= part;
		preempt_point();
	}
	return kr;
}

kern_return_t
vm_map_copy_read(struct vm_map_copy *copy, vm_size_t offset, void *to, vm_size_t size)
{
	vm_offset_t at = copy->vc_offset + offset;
	struct vm_map_entry *entry;
	struct list *link;
	vm_size_t part, done = 0;
	kern_return_t kr;

	if (offset > copy->vc_size || size > copy->vc_size - offset)
		return KERN_INVALID_ARGUMENT;
	list_for_each(&copy->vc_entries, link) {
		entry = vm_map_entry_of(link);
		if (done == size)
			break;
		if (at >= entry->me_end)
			continue;
		part = entry->me_end - at;
		if (part > size - done)
			part = size - done;
		kr = copy_read_entry(copy, entry, at, (char *)to + done, part);
		if (kr != KERN_SUCCESS)
			return kr;
		at += part;
		done += part;
	}
	return KERN_SUCCESS;
}

/* ---- Copyout ---- */

/* Let `account` pay for the entries; all or none. */
static bool
copyout_recharge(struct vm_map_copy *copy, struct account *account)
{
	struct list *link;

	list_for_each(&copy->vc_entries, link) {
		if (!vm_map_entry_recharge(vm_map_entry_of(link), account))
			return false;
	}
	return true;
}

/* Pages that are there already, and only ours, need no fault: a small message
 * is read at once. Shortage is not an error: the fault will tell. */
static void
copyout_premap(struct vm_map *map, struct vm_map_entry *entry)
{
	struct vm_object *object = entry->me_object;
	vm_offset_t offset = entry->me_offset;
	vm_offset_t end = offset + (entry->me_end - entry->me_start);
	struct vm_page *page;

	if (object == NULL || entry->me_needs_copy ||
	    end - offset > VM_COPY_EAGER_PAGES * PAGE_SIZE)
		return;
	vm_object_lock(object);
	object->vo_written = true;
	while ((page = vm_object_page_from(object, offset, &offset)) != NULL && offset < end) {
		if (pmap_enter(map->vm_pmap, entry->me_start + (offset - entry->me_offset),
			page->pg_pa, vm_map_entry_hardware(map, entry, VM_PROT_DEFAULT),
			false) != KERN_SUCCESS)
			break;
		offset += PAGE_SIZE;
	}
	vm_object_unlock(object);
}

static void
copyout_link(struct vm_map *map, struct vm_map_copy *copy, vm_offset_t start)
{
	struct vm_map_entry *entry;
	struct list *link;

	while ((link = list_pop(&copy->vc_entries)) != NULL) {
		entry = vm_map_entry_of(link);
		entry->me_start += start;
		entry->me_end += start;
		vm_map_entry_link(map, entry);
		vm_map_count_mapped(map, entry, true);
		copyout_premap(map, entry);
		preempt_point();
	}
}

static kern_return_t
copyout_locked(struct vm_map *map, struct vm_map_copy *copy, vm_offset_t *startp)
{
	vm_size_t span = vm_map_copy_span(copy);
	kern_return_t kr;

	if (map->vm_terminated)
		return KERN_INVALID_ARGUMENT;
	if (!vm_map_limit_allows(map, span))
		return KERN_NO_SPACE;
	kr = vm_map_find_space(map, span, 0, startp);
	if (kr != KERN_SUCCESS)
		return kr;
	if (!copyout_recharge(copy, map->vm_account))
		return KERN_RESOURCE_SHORTAGE;
	copyout_link(map, copy, *startp);
	return KERN_SUCCESS;
}

kern_return_t
vm_map_copyout(struct vm_map *map, vm_offset_t *addressp, struct vm_map_copy *copy)
{
	vm_offset_t start;
	kern_return_t kr;
	bool wire;

	*addressp = 0;
	if (copy == NULL)
		return KERN_SUCCESS;
	rwlock_write(&map->vm_lock);
	kr = copyout_locked(map, copy, &start);
	wire = map->vm_wire_future;
	rwlock_unlock(&map->vm_lock);
	if (kr != KERN_SUCCESS)
		return kr;
	/* The data have arrived, wired or not. */
	if (wire &&
	    vm_map_wire(map, start, start + vm_map_copy_span(copy), VM_PROT_DEFAULT,
		VM_MAP_NO_LIMIT) != KERN_SUCCESS)
		kern_log("vm: cannot wire %lu bytes received", copy->vc_size);
	*addressp = start + copy->vc_offset;
	vm_map_copy_free(copy);
	return KERN_SUCCESS;
}

/* ---- Overwrite ---- */

static kern_return_t
range_writable(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry = vm_map_entry_from(map, start);

	while (entry != NULL && entry->me_start <= start) {
		if (!(entry->me_protection & VM_PROT_WRITE))
			return KERN_PROTECTION_FAILURE;
		start = entry->me_end;
		if (start >= end)
			return KERN_SUCCESS;
		entry = vm_map_entry_next(map, entry);
	}
	return KERN_INVALID_ADDRESS;
}

/* May the window simply show other memory? Not if others see the object, or
 * frames are promised. */
static bool
entry_replaceable(const struct vm_map_entry *entry)
{
	if (entry->me_shared || vm_map_entry_wired(entry))
		return false;
	return entry->me_object == NULL || entry->me_needs_copy ||
	    vm_object_copies_symmetrically(entry->me_object);
}

/* Can all of the range be replaced by memory of one kind? */
static bool
range_replaceable(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *first = vm_map_entry_from(map, start);
	struct vm_map_entry *entry = first;

	for (; entry != NULL && entry->me_start < end; entry = vm_map_entry_next(map, entry)) {
		if (!entry_replaceable(entry) || entry->me_inheritance != first->me_inheritance ||
		    entry->me_protection != first->me_protection ||
		    entry->me_max_protection != first->me_max_protection)
			return false;
	}
	return true;
}

/* Put the copy's entries where [start, end) was, with its attributes. */
static kern_return_t
overwrite_replace(struct vm_map *map, vm_offset_t start, vm_offset_t end, struct vm_map_copy *copy,
    struct list *dead)
{
	struct vm_map_entry like, *entry;
	struct list *link;
	kern_return_t kr;

	if (!copyout_recharge(copy, map->vm_account))
		return KERN_RESOURCE_SHORTAGE;
	like = *vm_map_entry_from(map, start);
	kr = vm_map_remove_locked(map, start, end, dead);
	if (kr != KERN_SUCCESS)
		return kr;
	list_for_each(&copy->vc_entries, link) {
		entry = vm_map_entry_of(link);
		entry->me_protection = like.me_protection;
		entry->me_max_protection = like.me_max_protection;
		entry->me_inheritance = like.me_inheritance;
	}
	copyout_link(map, copy, start);
	return KERN_SUCCESS;
}

/* Through a page-sized window of kernel memory; the destination faults as its
 * owner's writes would. */
static kern_return_t
overwrite_bytes(struct vm_map *map, vm_offset_t start, struct vm_map_copy *copy)
{
	char *window = kalloc(PAGE_SIZE);
	kern_return_t kr = KERN_SUCCESS;
	vm_size_t part;

	if (window == NULL)
		return KERN_RESOURCE_SHORTAGE;
	for (vm_size_t at = 0; kr == KERN_SUCCESS && at < copy->vc_size; at += part) {
		part = copy->vc_size - at;
		if (part > PAGE_SIZE)
			part = PAGE_SIZE;
		kr = vm_map_copy_read(copy, at, window, part);
		if (kr == KERN_SUCCESS)
			kr = vm_map_write_bytes(map, start + at, window, part, NULL);
	}
	kfree(window, PAGE_SIZE);
	return kr;
}

/* *bytesp: must be done byte by byte, nothing changed so far. */
static kern_return_t
overwrite_locked(struct vm_map *map, vm_offset_t start, vm_offset_t end, struct vm_map_copy *copy,
    struct list *dead, bool *bytesp)
{
	kern_return_t kr = range_writable(map, start, end);

	if (kr != KERN_SUCCESS)
		return kr;
	*bytesp = VM_PAGES(end - start) <= VM_COPY_EAGER_PAGES || !page_aligned(start) ||
	    !page_aligned(end) || !range_replaceable(map, start, end);
	if (*bytesp)
		return KERN_SUCCESS;
	return overwrite_replace(map, start, end, copy, dead);
}

kern_return_t
vm_map_copy_overwrite(struct vm_map *map, vm_offset_t address, struct vm_map_copy *copy)
{
	vm_offset_t end;
	struct list dead;
	bool bytes = false;
	kern_return_t kr;

	if (copy == NULL)
		return KERN_SUCCESS;
	end = address + copy->vc_size;
	if (end < address || address < map->vm_min || end > map->vm_max)
		return KERN_INVALID_ADDRESS;
	if ((address & PAGE_MASK) != copy->vc_offset)
		return KERN_INVALID_ARGUMENT;
	list_init(&dead);
	rwlock_write(&map->vm_lock);
	kr = overwrite_locked(map, address, end, copy, &dead, &bytes);
	rwlock_unlock(&map->vm_lock);
	vm_map_entries_destroy(&dead);
	if (kr == KERN_SUCCESS && bytes)
		kr = overwrite_bytes(map, address, copy);
	if (kr == KERN_SUCCESS)
		vm_map_copy_discard(copy);
	return kr;
}
