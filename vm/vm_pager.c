/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_pager -- objects whose data an external manager keeps.
 *
 * The link between a pager and its object (both directions), the cache of
 * unreferenced objects and the start of termination are guarded by one mutex,
 * vm_pager_mutex (rank OBJECT_CHAIN). It is never held while an operation of
 * a pager is called. A mapping that meets an object on its way out waits until
 * the terminate request was made, so that the manager sees terminate before
 * the next init.
 *
 * Objects with pagers found their own family, so a family reference keeps
 * their structure (not their contents) in place.
 */
#include <kern/account.h>
#include <kern/assert.h>
#include <kern/mutex.h>
#include <kern/physmem.h>
#include <kern/preempt.h>
#include <mach/vm_param.h>
#include <vm/pmap.h>
#include <vm/vm_fault_internal.h>
#include <vm/vm_internal.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_pager.h>

/* Unreferenced objects kept for the next user. */
#define VM_PAGER_CACHE_MAX 1024

static struct mutex vm_pager_mutex;
static struct list vm_pager_cache; /* oldest first */
static uint64_t vm_pager_cache_count;

void
vm_pager_init(void)
{
	mutex_init(&vm_pager_mutex, LOCK_RANK_OBJECT_CHAIN);
	list_init(&vm_pager_cache);
	vm_pager_cache_count = 0;
}

/* ---- Operations underway ---- */

struct vm_pager *
vm_pager_hold(struct vm_object *object)
{
	struct vm_pager *pager;

	vm_object_lock(object);
	pager = object->vo_dead ? NULL : object->vo_pager;
	if (pager != NULL)
		object->vo_paging++;
	vm_object_unlock(object);
	return pager;
}

void
vm_pager_drop(struct vm_object *object)
{
	vm_object_lock(object);
	object->vo_paging--;
	vm_object_wake(object);
	vm_object_unlock(object);
}

/* Lock held, and given away: until no operation is underway. */
static void
pager_wait_idle(struct vm_object *object)
{
	while (object->vo_paging > 0) {
		(void)vm_object_wait(object, false);
		vm_object_lock(object);
	}
}

/* ---- Making and finding ---- */

static void
pager_uncache(struct vm_object *object)
{
	if (list_empty(&object->vo_cache_link))
		return;
	list_remove(&object->vo_cache_link);
	vm_pager_cache_count--;
}

/* The mutex is held: a reference on the pager's object, which may have been
 * in the cache. */
static struct vm_object *
pager_revive(struct vm_pager *pager)
{
	struct vm_object *object = pager->object;

	pager_uncache(object);
	vm_object_reference(object);
	return object;
}

/* Mutex held, released: until the object going away is gone. */
static void
pager_wait_terminated(struct vm_object *object)
{
	atomic_fetch_add(&object->vo_members, 1);
	vm_object_lock(object);
	mutex_unlock(&vm_pager_mutex);
	if (object->vo_pager != NULL)
		(void)vm_object_wait(object, false);
	else
		vm_object_unlock(object);
	vm_object_family_release(object);
}

static struct vm_object *
pager_object_create(struct vm_pager *pager, struct account *account)
{
	struct vm_object *object;

	object = vm_object_create(VM_OBJECT_SIZE_MAX, account);
	if (object == NULL)
		return NULL;
	object->vo_pager = pager;
	object->vo_one_map = false;
	object->vo_paging = 1; /* init */
	pager->object = object;
	return object;
}

/* An answer to init may come before init is over; the end of the pager waits
 * until then. */
static void
pager_start(struct vm_pager *pager, struct vm_object *object)
{
	bool reached = pager->ops->init(pager, object);

	vm_pager_drop(object);
	if (!reached)
		vm_pager_destroy(object);
}

struct vm_object *
vm_pager_object(struct vm_pager *pager, struct account *account)
{
	struct vm_object *object;

	mutex_lock(&vm_pager_mutex);
	vm_count(VM_COUNT_LOOKUPS);
	while (pager->object != NULL && pager->object->vo_terminating) {
		pager_wait_terminated(pager->object);
		mutex_lock(&vm_pager_mutex);
	}
	if (pager->object != NULL) {
		object = pager_revive(pager);
		mutex_unlock(&vm_pager_mutex);
		vm_count(VM_COUNT_HITS);
		return object;
	}
	object = pager_object_create(pager, account);
	mutex_unlock(&vm_pager_mutex);
	if (object != NULL)
		pager_start(pager, object);
	return object;
}

struct vm_object *
vm_pager_object_lookup(struct vm_pager *pager)
{
	struct vm_object *object = NULL;

	mutex_lock(&vm_pager_mutex);
	if (pager->object != NULL && !pager->object->vo_terminating)
		object = pager_revive(pager);
	mutex_unlock(&vm_pager_mutex);
	return object;
}

struct vm_object *
vm_object_create_physical(
    uint64_t pa, vm_size_t size, vm_prot_t max_protection, struct account *account)
{
	struct vm_object *object = vm_object_create(size, account);

	if (object == NULL)
		return NULL;
	object->vo_is_physical = true;
	object->vo_physical = pa;
	object->vo_max_protection = max_protection;
	object->vo_one_map = false;
	return object;
}

/* ---- Returning pages ---- */

/* A copy that consists of this one page, which is in no object. Consumes the
 * page, also on failure. */
static struct vm_map_copy *
pager_copy_of_page(struct vm_page *page, struct account *account)
{
	struct vm_map_copy *copy = vm_map_copy_create_object(PAGE_SIZE, account);
	struct vm_object *object;

	if (copy == NULL) {
		vm_page_free(page);
		return NULL;
	}
	object = vm_map_entry_of(copy->vc_entries.next)->me_object;
	vm_object_lock(object);
	vm_object_insert(object, 0, page);
	vm_object_unlock(object);
	return copy;
}

/* A clean page stays here; what goes out is a second one. NULL: shortage. */
static struct vm_page *
pager_duplicate(struct vm_object *object, struct vm_page *page)
{
	struct vm_page *out;
	bool machine;

	out = vm_page_create(object->vo_account, &machine);
	if (out == NULL)
		return NULL;
	pmap_page_protect(page->pg_pa, VM_PROT_READ | VM_PROT_EXECUTE);
	pmap_clear_modify(page->pg_pa);
	pmap_copy_page(page->pg_pa, out->pg_pa);
	page->pg_dirty = false;
	page->pg_precious = false;
	return out;
}

/* The page itself goes out. */
static struct vm_page *
pager_take(struct vm_page *page)
{
	pmap_page_protect(page->pg_pa, VM_PROT_NONE);
	vm_page_wake(page);
	vm_object_detach(page);
	page->pg_precious = false;
	page->pg_lock = VM_PROT_NONE;
	page->pg_unlock_request = VM_PROT_NONE;
	return page;
}

static bool
pager_page_dirty(const struct vm_page *page)
{
	return page->pg_dirty || pmap_is_modified(page->pg_pa);
}

/*
 * Send one page back. With `flush` the page leaves the object.
 *
 * Locks: the object's; released and taken again.
 */
static bool
pager_return_page(struct vm_object *object, struct vm_page *page, bool flush)
{
	vm_offset_t offset = vm_page_offset(page);
	struct vm_pager *pager = object->vo_pager;
	bool dirty, keep = !flush || page->pg_wire_count > 0;
	struct vm_page *out;
	struct vm_map_copy *copy;

	if (!keep)
		pmap_page_protect(page->pg_pa, VM_PROT_NONE);
	dirty = pager_page_dirty(page);
	out = keep ? pager_duplicate(object, page) : pager_take(page);
	if (out == NULL)
		return false;
	object->vo_paging++;
	vm_object_unlock(object);
	copy = pager_copy_of_page(out, object->vo_account);
	if (copy != NULL) {
		vm_count(VM_COUNT_PAGEOUTS);
		pager->ops->data_return(pager, offset, copy, dirty, keep);
	}
	vm_object_lock(object);
	object->vo_paging--;
	vm_object_wake(object);
	return copy != NULL;
}

static bool
pager_must_return(const struct vm_page *page, memory_object_return_t which)
{
	if (which == MEMORY_OBJECT_RETURN_NONE)
		return false;
	return pager_page_dirty(page) || (which == MEMORY_OBJECT_RETURN_ALL && page->pg_precious);
}

bool
vm_pager_clean_page(struct vm_object *object, struct vm_page *page)
{
	if (pager_must_return(page, MEMORY_OBJECT_RETURN_ALL))
		return pager_return_page(object, page, true);
	vm_object_page_destroy(page);
	return true;
}

/* What lock_request asks of each page. */
struct pager_request {
	memory_object_return_t should_return;
	bool should_flush;
	vm_prot_t lock;
};

static void
pager_apply_lock(struct vm_page *page, vm_prot_t lock)
{
	if (lock == VM_PROT_NO_CHANGE)
		return;
	page->pg_lock = (uint8_t)lock;
	page->pg_unlock_request = VM_PROT_NONE;
	pmap_page_protect(page->pg_pa, VM_PROT_ALL & ~lock);
	vm_page_wake(page);
}

/* Locks: the object's; may be given away meanwhile. */
static void
pager_apply(struct vm_object *object, struct vm_page *page, const struct pager_request *request)
{
	pager_apply_lock(page, request->lock);
	if (pager_must_return(page, request->should_return))
		(void)pager_return_page(object, page, request->should_flush);
	else if (request->should_flush && page->pg_wire_count == 0)
		vm_object_page_destroy(page);
}

static void
pager_apply_range(struct vm_object *object, vm_offset_t start, vm_offset_t end,
    const struct pager_request *request)
{
	vm_offset_t offset = start;
	struct vm_page *page;
	unsigned done = 0;

	vm_object_lock(object);
	while ((page = vm_object_page_from(object, offset, &offset)) != NULL && offset < end) {
		if (page->pg_pa != VM_PAGE_NO_FRAME && !page->pg_busy && object->vo_pager != NULL)
			pager_apply(object, page, request);
		offset += PAGE_SIZE;
		vm_object_batch(object, &done);
	}
	vm_object_unlock(object);
}

/* ---- Ending ---- */

/* Nobody refers to the object and vo_terminating is set: return what is
 * dirty, tell the pager, cut the link. */
static void
pager_terminate(struct vm_object *object)
{
	static const struct pager_request all = {
		.should_return = MEMORY_OBJECT_RETURN_ALL,
		.should_flush = true,
		.lock = VM_PROT_NO_CHANGE,
	};
	struct vm_pager *pager = object->vo_pager;

	pager_apply_range(object, 0, VM_OBJECT_SIZE_MAX, &all);
	vm_object_lock(object);
	pager_wait_idle(object); /* pageout may be at a page */
	vm_object_unlock(object);
	pager->ops->terminate(pager, object);
	mutex_lock(&vm_pager_mutex);
	pager->object = NULL;
	mutex_unlock(&vm_pager_mutex);
	vm_object_lock(object);
	object->vo_pager = NULL;
	vm_object_wake(object);
	vm_object_unlock(object);
}

/* Mutex and object lock held: what becomes of an object without references? */
static bool
pager_begin_end(struct vm_object *object)
{
	if (object->vo_refs > 0 || object->vo_terminating || !list_empty(&object->vo_cache_link))
		return false; /* somebody else's business by now */
	if (object->vo_may_cache && object->vo_ready && !object->vo_dead) {
		list_insert_tail(&vm_pager_cache, &object->vo_cache_link);
		vm_pager_cache_count++;
		return false;
	}
	object->vo_terminating = true;
	return true;
}

bool
vm_pager_last_release(struct vm_object *object)
{
	bool end;

	atomic_fetch_add(&object->vo_members, 1);
	vm_object_unlock(object);
	mutex_lock(&vm_pager_mutex);
	vm_object_lock(object);
	end = object->vo_pager != NULL && pager_begin_end(object);
	vm_object_unlock(object);
	mutex_unlock(&vm_pager_mutex);
	if (end)
		pager_terminate(object);
	vm_object_family_release(object);
	if (!end)
		vm_pager_cache_trim(VM_PAGER_CACHE_MAX);
	return !end;
}

/* The oldest cached object, now terminating, or NULL. */
static struct vm_object *
pager_evict(uint64_t keep)
{
	struct vm_object *object = NULL;

	mutex_lock(&vm_pager_mutex);
	if (vm_pager_cache_count > keep) {
		object = list_entry(vm_pager_cache.next, struct vm_object, vo_cache_link);
		pager_uncache(object);
		object->vo_terminating = true;
	}
	mutex_unlock(&vm_pager_mutex);
	return object;
}

uint64_t
vm_pager_cache_trim(uint64_t keep)
{
	struct vm_object *object;
	uint64_t freed = 0;

	while ((object = pager_evict(keep)) != NULL) {
		freed += object->vo_set->ps_count;
		pager_terminate(object);
		vm_object_destroy_dead(object);
		preempt_point();
	}
	return freed;
}

void
vm_pager_cache_statistics(uint64_t *objectsp, uint64_t *pagesp)
{
	struct list *link;

	mutex_lock(&vm_pager_mutex);
	*objectsp = vm_pager_cache_count;
	*pagesp = 0;
	list_for_each(&vm_pager_cache, link)
		*pagesp += list_entry(link, struct vm_object, vo_cache_link)->vo_set->ps_count;
	mutex_unlock(&vm_pager_mutex);
}

/* Placeholders get an error; whoever waits looks again. Lock held. */
static void
pager_fail_waiters(struct vm_object *object)
{
	vm_offset_t offset = 0;
	struct vm_page *page;

	while ((page = vm_object_page_from(object, offset, &offset)) != NULL) {
		offset += PAGE_SIZE;
		if (page->pg_absent) {
			page->pg_error = true;
			vm_page_ready(page);
		}
		page->pg_unlock_request = VM_PROT_NONE;
		vm_page_wake(page);
	}
	vm_object_wake(object);
}

/* Cut the link of a live object and wait for operations underway. Returns
 * the pager to tell, or NULL if somebody else does. */
static struct vm_pager *
pager_cut(struct vm_object *object)
{
	struct vm_pager *pager;

	mutex_lock(&vm_pager_mutex);
	vm_object_lock(object);
	pager = object->vo_pager;
	object->vo_dead = true;
	object->vo_may_cache = false;
	object->vo_pager = NULL;
	if (pager != NULL)
		pager->object = NULL;
	pager_fail_waiters(object);
	mutex_unlock(&vm_pager_mutex);
	pager_wait_idle(object);
	vm_object_unlock(object);
	return pager;
}

void
vm_pager_destroy(struct vm_object *object)
{
	struct vm_pager *pager = pager_cut(object);

	if (pager != NULL)
		pager->ops->terminate(pager, object);
}

/* ---- Answers: attributes ---- */

void
vm_pager_ready(struct vm_object *object, bool may_cache, memory_object_copy_strategy_t strategy)
{
	vm_object_lock(object);
	object->vo_ready = true;
	object->vo_may_cache = may_cache;
	if (strategy >= MEMORY_OBJECT_COPY_NONE && strategy <= MEMORY_OBJECT_COPY_TEMPORARY)
		object->vo_strategy = (uint8_t)strategy;
	vm_object_wake(object);
	vm_object_unlock(object);
}

kern_return_t
vm_pager_change_attributes(
    struct vm_object *object, bool may_cache, memory_object_copy_strategy_t strategy, void *reply)
{
	struct vm_pager *pager = vm_pager_hold(object);

	if (pager == NULL)
		return KERN_MEMORY_FAILURE;
	vm_pager_ready(object, may_cache, strategy);
	if (reply != NULL)
		pager->ops->change_completed(pager, reply, may_cache, strategy);
	vm_pager_drop(object);
	return KERN_SUCCESS;
}

void
vm_pager_get_attributes(struct vm_object *object, bool *readyp, bool *may_cachep,
    memory_object_copy_strategy_t *strategyp)
{
	vm_object_lock(object);
	*readyp = object->vo_ready;
	*may_cachep = object->vo_may_cache;
	*strategyp = object->vo_strategy;
	vm_object_unlock(object);
}

/* ---- Answers: data ---- */

static bool
pager_range_valid(vm_offset_t offset, vm_size_t size)
{
	return page_aligned(offset) && page_aligned(size) && offset < VM_OBJECT_SIZE_MAX &&
	    size <= VM_OBJECT_SIZE_MAX - offset;
}

/* Take a page out of the copy's own object, if nobody else could see it. */
static struct vm_page *
pager_steal(struct vm_map_entry *entry, vm_offset_t offset)
{
	struct vm_object *from = entry->me_object;
	struct vm_page *page = NULL;

	if (from == NULL)
		return NULL;
	vm_object_lock(from);
	if (from->vo_refs == 1 && vm_object_copies_symmetrically(from))
		page = vm_object_page(from, offset);
	if (page != NULL && page->pg_wire_count == 0 && !page->pg_busy)
		(void)pager_take(page);
	else
		page = NULL;
	vm_object_unlock(from);
	return page;
}

/* Whose fault it was is not known any more: the object's account pays. */
static bool
pager_recharge(struct vm_page *page, struct account *account)
{
	if (page->pg_account == account)
		return true;
	if (!account_charge(account, ACCOUNT_PAGES, 1))
		return false;
	account_uncharge(page->pg_account, ACCOUNT_PAGES, 1);
	page->pg_account = account;
	return true;
}

/* A page with the data at `at` of the copy (page aligned there). */
static kern_return_t
pager_data_page(struct vm_map_copy *copy, struct vm_map_entry *entry, vm_offset_t at,
    struct account *account, struct vm_page **pagep)
{
	vm_offset_t offset = entry->me_offset + (at - entry->me_start);
	struct vm_page *page = pager_steal(entry, offset);
	kern_return_t kr;

	if (page != NULL) {
		if (pager_recharge(page, account)) {
			*pagep = page;
			return KERN_SUCCESS;
		}
		vm_page_free(page);
		return KERN_RESOURCE_SHORTAGE;
	}
	page = vm_page_create_wait(account);
	if (page == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = vm_map_copy_read(copy, at, phys_to_virt(page->pg_pa), PAGE_SIZE);
	if (kr != KERN_SUCCESS)
		vm_page_free(page);
	else
		*pagep = page;
	return kr;
}

/* Put a page where a placeholder is, or nothing. */
static kern_return_t
pager_install(struct vm_object *object, vm_offset_t offset, struct vm_page *page, vm_prot_t lock,
    bool precious)
{
	struct vm_page *old;

	page->pg_dirty = false;
	pmap_clear_modify(page->pg_pa);
	page->pg_lock = (uint8_t)(lock & VM_PROT_ALL);
	page->pg_precious = precious;
	vm_object_lock(object);
	old = vm_object_page(object, offset);
	if (old != NULL && old->pg_pa != VM_PAGE_NO_FRAME) {
		vm_object_unlock(object);
		return KERN_MEMORY_PRESENT;
	}
	if (old != NULL)
		vm_object_page_destroy(old);
	vm_object_insert(object, offset, page);
	vm_page_activate(page);
	vm_object_unlock(object);
	return KERN_SUCCESS;
}

/* The request for these pages came to nothing. */
static void
pager_mark_error(struct vm_object *object, vm_offset_t start, vm_offset_t end)
{
	vm_offset_t offset = start;
	struct vm_page *page;

	vm_object_lock(object);
	while ((page = vm_object_page_from(object, offset, &offset)) != NULL && offset < end) {
		if (page->pg_absent && page->pg_busy) {
			page->pg_error = true;
			vm_page_ready(page);
		}
		offset += PAGE_SIZE;
	}
	vm_object_unlock(object);
}

struct pager_supply {
	struct vm_object *object;
	vm_offset_t offset;
	vm_prot_t lock;
	bool precious;
	vm_size_t done;
};

static kern_return_t
pager_supply_entry(
    struct pager_supply *supply, struct vm_map_copy *copy, struct vm_map_entry *entry)
{
	struct vm_page *page;
	kern_return_t kr;

	while (supply->done < entry->me_end) {
		kr = pager_data_page(copy, entry, supply->done, supply->object->vo_account, &page);
		if (kr != KERN_SUCCESS)
			return kr;
		kr = pager_install(supply->object, supply->offset + supply->done, page,
		    supply->lock, supply->precious);
		if (kr != KERN_SUCCESS) {
			vm_page_free(page);
			return kr;
		}
		supply->done += PAGE_SIZE;
		preempt_point();
	}
	return KERN_SUCCESS;
}

static kern_return_t
pager_supply_all(struct pager_supply *supply, struct vm_map_copy *copy)
{
	kern_return_t kr = KERN_SUCCESS;
	struct list *link;

	list_for_each(&copy->vc_entries, link) {
		kr = pager_supply_entry(supply, copy, vm_map_entry_of(link));
		if (kr != KERN_SUCCESS)
			break;
	}
	return kr;
}

static bool
pager_supply_valid(vm_offset_t offset, const struct vm_map_copy *data)
{
	return data == NULL ? page_aligned(offset)
			    : data->vc_offset == 0 && pager_range_valid(offset, data->vc_size);
}

/* For now: it may end any time. */
static bool
pager_lives(struct vm_object *object)
{
	bool lives;

	vm_object_lock(object);
	lives = object->vo_pager != NULL && !object->vo_dead;
	vm_object_unlock(object);
	return lives;
}

/* The data may have to be waited for (they may be another pager's), so the
 * pager is not held meanwhile: its end need not wait for them. */
kern_return_t
vm_pager_data_supply(struct vm_object *object, vm_offset_t offset, struct vm_map_copy *data,
    vm_prot_t lock, bool precious, void *reply)
{
	struct pager_supply supply = {
		.object = object,
		.offset = offset,
		.lock = lock,
		.precious = precious,
	};
	vm_size_t size = data == NULL ? 0 : data->vc_size;
	struct vm_pager *pager;
	kern_return_t kr = KERN_SUCCESS;

	if (!pager_supply_valid(offset, data))
		return KERN_INVALID_ARGUMENT;
	if (!pager_lives(object))
		return KERN_MEMORY_FAILURE;
	if (data != NULL)
		kr = pager_supply_all(&supply, data);
	if (kr != KERN_SUCCESS && kr != KERN_MEMORY_PRESENT)
		pager_mark_error(object, offset + supply.done, offset + size);
	pager = vm_pager_hold(object);
	if (pager == NULL)
		return KERN_MEMORY_FAILURE;
	if (reply != NULL)
		pager->ops->supply_completed(
		    pager, reply, offset, size, kr, kr == KERN_SUCCESS ? 0 : offset + supply.done);
	vm_pager_drop(object);
	vm_map_copy_discard(data);
	return KERN_SUCCESS;
}

/* Behind a placeholder of an object without a shadow there are zeroes. */
static void
pager_zero_fill(struct vm_object *object, vm_offset_t offset)
{
	struct vm_page *page;

	page = vm_page_create_wait(object->vo_account);
	if (page == NULL) {
		pager_mark_error(object, offset, offset + PAGE_SIZE);
		return;
	}
	pmap_zero_page(page->pg_pa);
	if (pager_install(object, offset, page, VM_PROT_NONE, false) != KERN_SUCCESS)
		vm_page_free(page);
}

/* The next page at or above *offsetp that was asked for; true: there is. */
static bool
pager_next_asked(struct vm_object *object, vm_offset_t *offsetp, vm_offset_t end, bool *shadowedp)
{
	vm_offset_t offset = *offsetp;
	struct vm_page *page;

	vm_object_lock(object);
	*shadowedp = object->vo_shadow != NULL;
	while ((page = vm_object_page_from(object, offset, &offset)) != NULL && offset < end &&
	    !(page->pg_absent && page->pg_busy))
		offset += PAGE_SIZE;
	if (page != NULL && offset < end && *shadowedp) {
		page->pg_unavailable = true;
		vm_page_ready(page);
	}
	vm_object_unlock(object);
	*offsetp = offset;
	return page != NULL && offset < end;
}

kern_return_t
vm_pager_data_unavailable(struct vm_object *object, vm_offset_t offset, vm_size_t size)
{
	vm_offset_t end = offset + size;
	bool shadowed;

	if (!pager_range_valid(offset, size))
		return KERN_INVALID_ARGUMENT;
	while (pager_next_asked(object, &offset, end, &shadowed)) {
		if (!shadowed)
			pager_zero_fill(object, offset);
		offset += PAGE_SIZE;
		preempt_point();
	}
	return KERN_SUCCESS;
}

kern_return_t
vm_pager_data_error(struct vm_object *object, vm_offset_t offset, vm_size_t size)
{
	if (!pager_range_valid(offset, size))
		return KERN_INVALID_ARGUMENT;
	pager_mark_error(object, offset, offset + size);
	return KERN_SUCCESS;
}

kern_return_t
vm_pager_lock_request(struct vm_object *object, vm_offset_t offset, vm_size_t size,
    memory_object_return_t should_return, bool should_flush, vm_prot_t lock, void *reply)
{
	struct pager_request request = {
		.should_return = should_return,
		.should_flush = should_flush,
		.lock = lock,
	};
	struct vm_pager *pager;

	if ((lock & ~VM_PROT_ALL) != 0 && lock != VM_PROT_NO_CHANGE)
		return KERN_INVALID_ARGUMENT;
	offset = trunc_page(offset);
	size = round_page(size);
	if (!pager_range_valid(offset, size))
		return KERN_INVALID_ARGUMENT;
	pager = vm_pager_hold(object);
	if (pager == NULL)
		return KERN_MEMORY_FAILURE;
	pager_apply_range(object, offset, offset + size, &request);
	if (reply != NULL)
		pager->ops->lock_completed(pager, reply, offset, size);
	vm_pager_drop(object);
	return KERN_SUCCESS;
}

kern_return_t
vm_object_sync(struct vm_object *object, vm_offset_t offset, vm_size_t size, bool should_flush,
    bool should_return, bool should_iosync)
{
	if (object == NULL)
		return KERN_INVALID_ARGUMENT;
	return vm_pager_lock_request(object, offset, size,
	    should_return ? MEMORY_OBJECT_RETURN_ALL : MEMORY_OBJECT_RETURN_NONE, should_flush,
	    VM_PROT_NO_CHANGE, NULL);
}
