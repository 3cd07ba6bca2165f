/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_fault -- making an access possible.
 *
 *      map entry --> first object --> shadow --> ... --> last object
 *                        ^                                 (pager?)
 *                   copy object
 *
 * Where the page is found decides the case:
 *
 *   A  in the first object: map it
 *   B  deeper, reading: map it read-only
 *   C  deeper, writing (or wiring): copy it up into the first object
 *   D  nowhere: zero fill in the first object
 *   E  before any write under a copy object: push the old page into it first
 *   F  a pager has it: ask, wait, start anew
 *   G  the pager failed
 *
 * Steps: lookup (map locked; entry, object, offset, protection) -> walk (down
 * the chain; its result is the case) -> act (copy up, zero fill, push, ask) ->
 * enter (the only place that touches the pmap) -> release.
 *
 * The map stays locked for reading from lookup to enter, and all objects of a
 * chain share one lock, so nothing found can change until release. Whatever
 * must wait gives up both locks first and then restarts from lookup: there is
 * nothing to revalidate. Pages are cleared and copied under the family's lock:
 * it is one page, and a second trip through the lock would cost more.
 */
#include <kern/assert.h>
#include <kern/event.h>
#include <kern/preempt.h>
#include <mach/vm_param.h>
#include <vm/pmap.h>
#include <vm/vm_fault_internal.h>
#include <vm/vm_pageout.h>
#include <vm/vm_pager.h>

/* Internal result: everything was released, look again. */
#define VM_FAULT_RESTART ((kern_return_t)-1)

enum vm_fault_case {
	VM_FAULT_FIRST,     /* A */
	VM_FAULT_DEEPER,    /* B, C */
	VM_FAULT_NOWHERE,   /* D */
	VM_FAULT_ASK,       /* F: no page, the pager may have it */
	VM_FAULT_BUSY,      /* F: asked already, or in use */
	VM_FAULT_NOT_READY, /* F: the pager has not said ready */
	VM_FAULT_LOCKED,    /* F: the pager forbids this access for now */
	VM_FAULT_FAILED,    /* G */
	VM_FAULT_PHYSICAL,  /* no pages: memory of a device */
};

/* ---- Lookup ---- */

static void
vm_fault_lock_map(struct vm_fault *fault)
{
	if (fault->exclusive)
		rwlock_write(&fault->map->vm_lock);
	else
		rwlock_read(&fault->map->vm_lock);
}

/* Before changing the entry. False: the lock was lost; restart, exclusive. */
static bool
vm_fault_make_exclusive(struct vm_fault *fault)
{
	if (fault->exclusive)
		return true;
	fault->exclusive = true;
	return rwlock_try_upgrade(&fault->map->vm_lock);
}

static kern_return_t
vm_fault_check_protection(const struct vm_fault *fault, const struct vm_map_entry *entry)
{
	vm_prot_t access = fault->access;

	if (!fault->map->vm_enforce_execute && (access & VM_PROT_EXECUTE))
		access = (access & ~VM_PROT_EXECUTE) | VM_PROT_READ;
	if ((access & ~entry->me_protection) == 0 || fault->trusted)
		return KERN_SUCCESS;
	if (entry->me_notify && (access & VM_PROT_WRITE) && (entry->me_protection & VM_PROT_READ))
		return KERN_WRITE_PROTECTION_FAILURE;
	return KERN_PROTECTION_FAILURE;
}

/* The entry needs an object, or one of its own to write to. */
static kern_return_t
vm_fault_prepare_entry(struct vm_fault *fault, struct vm_map_entry *entry)
{
	if (!vm_fault_make_exclusive(fault))
		return VM_FAULT_RESTART;
	if (entry->me_object == NULL)
		return vm_map_entry_need_object(fault->map, entry);
	return vm_map_entry_unshare(fault->map, entry);
}

static bool
vm_fault_changes(const struct vm_fault *fault)
{
	return (fault->access & VM_PROT_WRITE) != 0 || fault->own_page;
}

static kern_return_t
vm_fault_lookup_locked(struct vm_fault *fault)
{
	struct vm_map_entry *entry;
	kern_return_t kr;

	entry = vm_map_entry_at(fault->map, fault->address);
	if (entry == NULL)
		return KERN_INVALID_ADDRESS;
	kr = vm_fault_check_protection(fault, entry);
	if (kr != KERN_SUCCESS)
		return kr;
	if (__builtin_expect(
		entry->me_object == NULL || (entry->me_needs_copy && vm_fault_changes(fault)), 0)) {
		kr = vm_fault_prepare_entry(fault, entry);
		if (kr != KERN_SUCCESS)
			return kr;
	}
	fault->entry = entry;
	fault->first = entry->me_object;
	fault->first_offset = entry->me_offset + (fault->address - entry->me_start);
	fault->protection = vm_map_entry_hardware(fault->map, entry, entry->me_protection);
	return KERN_SUCCESS;
}

/* On success the map and the first object are locked. */
static kern_return_t
vm_fault_lookup(struct vm_fault *fault)
{
	bool held;
	kern_return_t kr;

	if (fault->map != NULL) {
		vm_fault_lock_map(fault);
		held = fault->exclusive;
		kr = vm_fault_lookup_locked(fault);
		if (kr == VM_FAULT_RESTART && !held)
			return kr; /* the upgrade released it */
		if (kr != KERN_SUCCESS) {
			rwlock_unlock(&fault->map->vm_lock);
			return kr;
		}
	}
	vm_object_lock(fault->first);
	return KERN_SUCCESS;
}

void
vm_fault_release(struct vm_fault *fault)
{
	vm_object_unlock(fault->first);
	if (fault->map != NULL)
		rwlock_unlock(&fault->map->vm_lock);
}

/* ---- Walk ---- */

/* The case a resident page makes. */
static enum vm_fault_case
vm_fault_classify(const struct vm_fault *fault, const struct vm_page *page)
{
	vm_prot_t access = fault->object == fault->first ? fault->access : VM_PROT_READ;

	if (page->pg_busy)
		return VM_FAULT_BUSY;
	if (page->pg_error)
		return VM_FAULT_FAILED;
	if (page->pg_lock & access)
		return VM_FAULT_LOCKED;
	return fault->object == fault->first ? VM_FAULT_FIRST : VM_FAULT_DEEPER;
}

/* An object without the page: go on (true) or is this the end of the walk? */
static bool
vm_fault_pass(const struct vm_object *object, vm_offset_t offset, enum vm_fault_case *casep)
{
	if (object->vo_is_physical)
		*casep = VM_FAULT_PHYSICAL;
	else if (object->vo_dead)
		*casep = VM_FAULT_FAILED;
	else if (object->vo_pager != NULL)
		*casep = object->vo_ready ? VM_FAULT_ASK : VM_FAULT_NOT_READY;
	else if (object->vo_shadow == NULL)
		*casep = offset < object->vo_end ? VM_FAULT_NOWHERE : VM_FAULT_FAILED;
	else
		return true;
	return false;
}

static enum vm_fault_case
vm_fault_walk(struct vm_fault *fault)
{
	enum vm_fault_case found;

	fault->object = fault->first;
	fault->offset = fault->first_offset;
	fault->page = vm_object_page_or_slot(fault->first, fault->offset, &fault->slot);
	for (;;) {
		if (fault->page == NULL) {
			if (!vm_fault_pass(fault->object, fault->offset, &found))
				return found;
		} else if (!fault->page->pg_unavailable) {
			return vm_fault_classify(fault, fault->page);
		} else if (fault->object->vo_shadow == NULL) {
			return VM_FAULT_NOWHERE;
		}
		fault->offset += fault->object->vo_shadow_offset;
		fault->object = fault->object->vo_shadow;
		fault->page = vm_object_page(fault->object, fault->offset);
	}
}

/* ---- Waiting: every one of these releases all and answers RESTART ---- */

/* Locks released but for the object's, which `event` waits with. */
static kern_return_t
vm_fault_wait_event(struct vm_fault *fault, const void *event)
{
	struct spinlock *interlock = vm_object_lock_of(fault->first);

	if (fault->map != NULL)
		rwlock_unlock(&fault->map->vm_lock);
	if (fault->continuation != NULL)
		event_wait_continue(event, interlock, true, WAIT_FOREVER, fault->continuation);
	if (event_wait(event, interlock, true, WAIT_FOREVER) == WAIT_INTERRUPTED)
		return KERN_ABORTED;
	return VM_FAULT_RESTART;
}

static kern_return_t
vm_fault_wait_page(struct vm_fault *fault)
{
	fault->page->pg_wanted = true;
	return vm_fault_wait_event(fault, fault->page);
}

static kern_return_t
vm_fault_wait_ready(struct vm_fault *fault)
{
	fault->object->vo_wanted = true;
	return vm_fault_wait_event(fault, fault->object);
}

/* No frame or no structure: let pageout work if it can help. */
static kern_return_t
vm_fault_shortage(struct vm_fault *fault, bool machine)
{
	vm_fault_release(fault);
	if (machine && vm_pageout_wait())
		return VM_FAULT_RESTART;
	return KERN_RESOURCE_SHORTAGE;
}

/* ---- Pagers: cases F and G ---- */

/* The request could not be sent: whoever waits for the page starts anew. */
static void
vm_fault_ask_failed(struct vm_object *object, vm_offset_t offset)
{
	struct vm_page *page = vm_object_page(object, offset);

	if (page != NULL && page->pg_absent && page->pg_busy)
		vm_object_page_destroy(page);
}

/* A busy placeholder stands for the answer; ask with no lock held. */
static kern_return_t
vm_fault_ask(struct vm_fault *fault)
{
	struct vm_object *object = fault->object;
	struct vm_pager *pager = object->vo_pager;
	vm_offset_t offset = fault->offset;
	struct vm_page *page = vm_page_create_placeholder();
	vm_prot_t access = object == fault->first ? fault->access : VM_PROT_READ;
	bool sent;

	if (page == NULL)
		return vm_fault_shortage(fault, true);
	vm_object_insert(object, offset, page);
	vm_object_reference_locked(object);
	object->vo_paging++;
	vm_fault_release(fault);

	sent = pager->ops->data_request(pager, offset, PAGE_SIZE, access);
	vm_count(VM_COUNT_PAGEINS);

	vm_object_lock(object);
	object->vo_paging--;
	vm_object_wake(object);
	if (!sent)
		vm_fault_ask_failed(object, offset);
	vm_object_unlock(object);
	vm_object_release(object);
	return sent ? VM_FAULT_RESTART : KERN_MEMORY_ERROR;
}

/* The pager forbids this access: ask once for each set of accesses, wait. */
static kern_return_t
vm_fault_unlock(struct vm_fault *fault)
{
	struct vm_object *object = fault->object;
	struct vm_pager *pager = object->vo_pager;
	vm_prot_t access = fault->access & VM_PROT_ALL;
	bool sent;

	if (object->vo_dead || pager == NULL) {
		vm_fault_release(fault);
		return KERN_MEMORY_ERROR;
	}
	if ((access & ~fault->page->pg_unlock_request) == 0)
		return vm_fault_wait_page(fault);
	fault->page->pg_unlock_request |= access;
	vm_object_reference_locked(object);
	object->vo_paging++;
	vm_fault_release(fault);

	sent = pager->ops->data_unlock(pager, fault->offset, PAGE_SIZE, access);

	vm_object_lock(object);
	object->vo_paging--;
	vm_object_wake(object);
	vm_object_unlock(object);
	vm_object_release(object);
	return sent ? VM_FAULT_RESTART : KERN_MEMORY_ERROR;
}

/* The first who sees the pager's error takes it away (sheet 6.3: only pages
 * being requested at that time are affected). */
static kern_return_t
vm_fault_failed(struct vm_fault *fault)
{
	if (fault->page != NULL && fault->page->pg_error)
		vm_object_page_destroy(fault->page);
	vm_fault_release(fault);
	return KERN_MEMORY_ERROR;
}

/* ---- Filling the first object: cases C, D, E ---- */

/* A page filled from `from` (NULL: zeroes), in no object. NULL: shortage. */
static struct vm_page *
vm_fault_new_page(struct vm_fault *fault, const struct vm_page *from, bool *shortp)
{
	struct vm_page *page = vm_page_create(fault->account, shortp);

	if (page == NULL)
		return NULL;
	if (from == NULL)
		pmap_zero_page(page->pg_pa);
	else
		pmap_copy_page(from->pg_pa, page->pg_pa);
	return page;
}

/* Case E: the page as it is now (NULL: zeroes) must be in the copy object
 * before anyone changes it. */
static kern_return_t
vm_fault_push(struct vm_fault *fault)
{
	struct vm_object *copy = fault->first->vo_copy;
	struct vm_page *page;
	vm_offset_t offset;
	bool machine;

	if (__builtin_expect(copy == NULL, 1))
		return KERN_SUCCESS;
	if (fault->page == NULL && fault->first->vo_end != VM_OBJECT_UNBOUNDED)
		return KERN_SUCCESS; /* a file's hole is nobody's contents */
	offset = fault->first_offset - copy->vo_shadow_offset;
	if (fault->first_offset < copy->vo_shadow_offset || offset >= copy->vo_size ||
	    vm_object_page(copy, offset) != NULL)
		return KERN_SUCCESS;
	page = vm_fault_new_page(fault, fault->page, &machine);
	if (page == NULL)
		return vm_fault_shortage(fault, machine);
	vm_object_insert(copy, offset, page);
	/* Readers of the copy may have mapped the old page itself. */
	if (fault->page != NULL)
		pmap_page_protect(fault->page->pg_pa, VM_PROT_NONE);
	return KERN_SUCCESS;
}

/* Make room in the first object, which may hold a pager's "no data". */
static void
vm_fault_drop_unavailable(struct vm_fault *fault)
{
	struct vm_page *page;

	if (fault->first->vo_pager == NULL)
		return;
	page = vm_object_page(fault->first, fault->first_offset);
	if (page != NULL)
		vm_object_page_destroy(page);
	(void)vm_object_page_or_slot(fault->first, fault->first_offset, &fault->slot);
}

/* Cases C and D: a page of our own, from fault->page or zeroes. */
static kern_return_t
vm_fault_fill(struct vm_fault *fault)
{
	struct vm_page *from = fault->page;
	struct vm_page *page;
	bool machine;
	kern_return_t kr;

	if (vm_fault_changes(fault)) {
		kr = vm_fault_push(fault);
		if (kr != KERN_SUCCESS)
			return kr;
	}
	vm_fault_drop_unavailable(fault);
	page = vm_fault_new_page(fault, from, &machine);
	if (page == NULL)
		return vm_fault_shortage(fault, machine);
	vm_object_insert_at(fault->first, fault->first_offset, page, &fault->slot);
	/* Whoever looks through this object must not go on reading the old
	 * page: others, or ourselves if the new one is not mapped now. */
	if (from != NULL && (fault->first->vo_refs > 1 || !fault->enters))
		pmap_page_protect(from->pg_pa, VM_PROT_NONE);
	page->pg_dirty = true;
	fault->page = page;
	fault->object = fault->first;
	fault->filled = true;
	return KERN_SUCCESS;
}

static kern_return_t
vm_fault_first(struct vm_fault *fault)
{
	if (fault->first->vo_copy == NULL)
		return KERN_SUCCESS;
	if (vm_fault_changes(fault))
		return vm_fault_push(fault);
	fault->protection &= ~VM_PROT_WRITE;
	return KERN_SUCCESS;
}

static kern_return_t
vm_fault_deeper(struct vm_fault *fault)
{
	if (vm_fault_changes(fault)) {
		vm_count(VM_COUNT_COW_FAULTS);
		return vm_fault_fill(fault);
	}
	fault->protection &= ~VM_PROT_WRITE;
	return KERN_SUCCESS;
}

static kern_return_t
vm_fault_zero(struct vm_fault *fault)
{
	vm_count(VM_COUNT_ZERO_FILL);
	fault->page = NULL;
	/* A read must not enter a zero page for writing under a copy object:
	 * the push would be missed. */
	if (fault->first->vo_copy != NULL && !vm_fault_changes(fault))
		fault->protection &= ~VM_PROT_WRITE;
	return vm_fault_fill(fault);
}

static kern_return_t
vm_fault_act(struct vm_fault *fault, enum vm_fault_case found)
{
	switch (found) {
	case VM_FAULT_FIRST:
		return vm_fault_first(fault);
	case VM_FAULT_DEEPER:
		return vm_fault_deeper(fault);
	case VM_FAULT_NOWHERE:
		return vm_fault_zero(fault);
	case VM_FAULT_ASK:
		return vm_fault_ask(fault);
	case VM_FAULT_BUSY:
		return vm_fault_wait_page(fault);
	case VM_FAULT_NOT_READY:
		return vm_fault_wait_ready(fault);
	case VM_FAULT_LOCKED:
		return vm_fault_unlock(fault);
	case VM_FAULT_FAILED:
		return vm_fault_failed(fault);
	case VM_FAULT_PHYSICAL:
		return KERN_SUCCESS;
	}
	panic("vm_fault: case %d", found);
}

kern_return_t
vm_fault_resolve(struct vm_fault *fault)
{
	kern_return_t kr;

	do {
		kr = vm_fault_lookup(fault);
		if (kr == KERN_SUCCESS)
			kr = vm_fault_act(fault, vm_fault_walk(fault));
	} while (kr == VM_FAULT_RESTART);
	return kr;
}

/* ---- Enter ---- */

/* Physical address of the result; a physical object has no pages. */
static uint64_t
vm_fault_pa(const struct vm_fault *fault)
{
	if (fault->page != NULL)
		return fault->page->pg_pa;
	return fault->object->vo_physical + fault->offset;
}

/* Map the result. The locks stay. */
static kern_return_t
vm_fault_enter(struct vm_fault *fault, bool wire)
{
	vm_prot_t protection = fault->protection;
	struct vm_page *page = fault->page;
	kern_return_t kr;

	if (page != NULL)
		protection &= ~page->pg_lock;
	if (protection & VM_PROT_WRITE)
		fault->first->vo_written = true;
	if (page != NULL && page->pg_queue != VM_PAGE_QUEUE_ACTIVE)
		vm_page_activate(page);
	kr = pmap_enter(fault->map->vm_pmap, fault->address, vm_fault_pa(fault), protection, wire);
	if (kr != KERN_SUCCESS) /* nor the page that was there before */
		pmap_remove(fault->map->vm_pmap, fault->address, fault->address + PAGE_SIZE);
	return kr;
}

/* A page was added that may have been the last one missing: then nothing
 * behind this object is seen any more. Checked under the lock. */
static struct vm_object *
vm_fault_completed(const struct vm_fault *fault)
{
	struct vm_object *first = fault->first;

	if (!fault->filled || first->vo_shadow == NULL || !vm_object_complete(first))
		return NULL;
	vm_object_reference_locked(first);
	return first;
}

static kern_return_t
vm_fault_resolve_and_enter(struct vm_fault *fault, bool wire)
{
	struct vm_object *complete;
	kern_return_t kr;

	do {
		kr = vm_fault_resolve(fault);
		if (kr != KERN_SUCCESS)
			return kr;
		kr = vm_fault_enter(fault, wire);
		if (kr == KERN_SUCCESS && wire && fault->page != NULL)
			vm_page_wire(fault->page);
		complete = vm_fault_completed(fault);
		vm_fault_release(fault);
		if (complete != NULL) {
			vm_object_collapse(complete);
			vm_object_release(complete);
		}
	} while (kr == KERN_RESOURCE_SHORTAGE && vm_pageout_wait());
	return kr;
}

kern_return_t
vm_fault(struct vm_map *map, vm_offset_t address, vm_prot_t access, continuation_t *continuation)
{
	struct vm_fault fault = {
		.map = map,
		.address = trunc_page(address),
		.access = access,
		.enters = true,
		.continuation = continuation,
		.account = map->vm_account,
	};

	vm_count(VM_COUNT_FAULTS);
	return vm_fault_resolve_and_enter(&fault, false);
}

kern_return_t
vm_fault_wire(struct vm_map *map, vm_offset_t address, vm_prot_t access)
{
	struct vm_fault fault = {
		.map = map,
		.address = address,
		.access = access,
		.own_page = true,
		.enters = true,
		.account = map->vm_account,
	};

	return vm_fault_resolve_and_enter(&fault, true);
}
