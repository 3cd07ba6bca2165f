/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_object -- life of objects, their page sets and shadow links.
 *
 * Releasing is a loop down the chain, never a recursion: a chain may be as
 * long as there were generations of forks.
 */
#include <kern/account.h>
#include <kern/assert.h>
#include <kern/event.h>
#include <kern/preempt.h>
#include <kern/zalloc.h>
#include <mach/vm_param.h>
#include <vm/pmap.h>
#include <vm/vm_internal.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

static struct zone vm_object_zone;
static struct zone vm_page_set_zone;

void
vm_object_init(void)
{
	zone_init(&vm_object_zone, "vm objects", sizeof(struct vm_object));
	zone_init(&vm_page_set_zone, "vm page sets", sizeof(struct vm_page_set));
}

/* ---- Life ---- */

static struct vm_object *
vm_object_allocate(void)
{
	struct vm_object *object = zalloc(&vm_object_zone);
	struct vm_page_set *set = zalloc(&vm_page_set_zone);

	if (object != NULL && set != NULL) {
		*object = (struct vm_object) { .vo_set = set };
		*set = (struct vm_page_set) { .ps_object = object };
		return object;
	}
	if (object != NULL)
		zfree(&vm_object_zone, object);
	if (set != NULL)
		zfree(&vm_page_set_zone, set);
	return NULL;
}

struct vm_object *
vm_object_create_in(struct vm_object *family, vm_size_t size, struct account *account)
{
	struct vm_object *object;

	if (!account_charge(account, ACCOUNT_OBJECTS, 1))
		return NULL;
	object = vm_object_allocate();
	if (object == NULL) {
		account_uncharge(account, ACCOUNT_OBJECTS, 1);
		return NULL;
	}
	object->vo_family = family != NULL ? family->vo_family : object;
	spinlock_init(&object->vo_lock, LOCK_RANK_OBJECT);
	atomic_fetch_add(&object->vo_family->vo_members, 1);
	object->vo_refs = 1;
	object->vo_size = size;
	object->vo_end = VM_OBJECT_UNBOUNDED;
	object->vo_account = account;
	object->vo_strategy = MEMORY_OBJECT_COPY_DELAY;
	object->vo_one_map = true;
	list_init(&object->vo_shadowers);
	list_init(&object->vo_shadower_link);
	list_init(&object->vo_cache_link);
	return object;
}

struct vm_object *
vm_object_create(vm_size_t size, struct account *account)
{
	return vm_object_create_in(NULL, size, account);
}

/* The founder's structure stays until the last of the family is gone. */
void
vm_object_free(struct vm_object *object)
{
	struct vm_object *founder = object->vo_family;

	kassert(object->vo_set->ps_count == 0 && object->vo_shadow == NULL);
	zfree(&vm_page_set_zone, object->vo_set);
	object->vo_set = NULL;
	account_uncharge(object->vo_account, ACCOUNT_OBJECTS, 1);
	if (object != founder)
		zfree(&vm_object_zone, object);
	vm_object_family_release(founder);
}

void
vm_object_family_release(struct vm_object *founder)
{
	if (atomic_fetch_sub(&founder->vo_members, 1) == 1)
		zfree(&vm_object_zone, founder);
}

void
vm_object_reference_locked(struct vm_object *object)
{
	object->vo_refs++;
}

void
vm_object_reference(struct vm_object *object)
{
	vm_object_lock(object);
	vm_object_reference_locked(object);
	vm_object_unlock(object);
}

/* Counts, queue and back pointer of a page that leaves the tree. */
static void
vm_object_forget(struct vm_page_set *set, struct vm_page *page)
{
	set->ps_count--;
	if (page->pg_wire_count > 0)
		set->ps_wired--;
	vm_page_leave_set(page);
}

static struct vm_page *
vm_page_of(struct rb_node *node)
{
	return container_of(node, struct vm_page, pg_node);
}

/* A leaf of the tree below `node`. */
static struct rb_node *
rb_leaf(struct rb_node *node)
{
	while (node->left != NULL || node->right != NULL)
		node = node->left != NULL ? node->left : node->right;
	return node;
}

void
vm_object_batch(struct vm_object *object, unsigned *done)
{
	if (++*done % VM_BATCH != 0)
		return;
	vm_object_unlock(object);
	preempt_point();
	vm_object_lock(object);
}

/* Free all pages of an object nobody can reach, leaves first: a tree that goes
 * as a whole need not be balanced. Locked; stays locked. The entries that
 * showed it are unmapped already. */
static void
vm_object_free_pages(struct vm_object *object)
{
	struct vm_page_set *set = object->vo_set;
	struct rb_node *node = set->ps_pages.root, *parent;
	unsigned done = 0;

	set->ps_max = NULL;
	while (node != NULL) {
		node = rb_leaf(node);
		parent = node->parent;
		if (parent == NULL)
			set->ps_pages.root = NULL;
		else if (parent->left == node)
			parent->left = NULL;
		else
			parent->right = NULL;
		vm_object_forget(set, vm_page_of(node));
		/* a placeholder that a fault waits for: it looks again */
		vm_page_wake(vm_page_of(node));
		vm_page_free(vm_page_of(node));
		node = parent;
		vm_object_batch(object, &done);
	}
}

/*
 * The last reference is gone, the lock is held; returns the shadow, whose
 * reference passes to the caller.
 */
static struct vm_object *
vm_object_destroy(struct vm_object *object)
{
	struct vm_object *shadow;

	kassert(list_empty(&object->vo_shadowers));
	vm_object_free_pages(object);
	shadow = vm_object_unlink(object);
	vm_object_unlock(object);
	vm_object_free(object);
	return shadow;
}

/*
 * One reference is left: if it is a shadow link, the object in front may
 * absorb this one. It goes on `pending` with a reference, unless it is on
 * somebody's already. Lock held.
 */
static void
vm_object_note_shadower(struct vm_object *object, struct vm_object **pending)
{
	struct vm_object *front;

	if (object->vo_refs != 1 || list_empty(&object->vo_shadowers))
		return;
	front = list_entry(object->vo_shadowers.next, struct vm_object, vo_shadower_link);
	vm_object_push_pending(front, pending);
}

void
vm_object_push_pending(struct vm_object *object, struct vm_object **pending)
{
	if (object->vo_is_pending)
		return;
	vm_object_reference_locked(object);
	object->vo_is_pending = true;
	object->vo_pending = *pending;
	*pending = object;
}

static struct vm_object *
vm_object_pop_pending(struct vm_object **pending)
{
	struct vm_object *object = *pending;

	vm_object_lock(object);
	object->vo_is_pending = false;
	*pending = object->vo_pending;
	vm_object_unlock(object);
	return object;
}

/* Drop one reference; returns the next object to do that to, or NULL. */
static struct vm_object *
vm_object_drop(struct vm_object *object, struct vm_object **pending)
{
	vm_object_lock(object);
	kassert(object->vo_refs > 0);
	if (--object->vo_refs > 0) {
		vm_object_note_shadower(object, pending);
		vm_object_unlock(object);
		return NULL;
	}
	if (object->vo_pager != NULL) {
		if (vm_pager_last_release(object))
			return NULL;
		vm_object_lock(object);
	}
	return vm_object_destroy(object);
}

void
vm_object_destroy_dead(struct vm_object *object)
{
	vm_object_lock(object);
	vm_object_release(vm_object_destroy(object));
}

/* Drop references down the chain, then merge what that left over, which may
 * drop more: iteratively, however long the chains are. */
static void
vm_object_settle(struct vm_object *drop, struct vm_object *pending)
{
	struct vm_object *front, *released;

	for (;;) {
		while (drop != NULL)
			drop = vm_object_drop(drop, &pending);
		if (pending == NULL)
			return;
		front = vm_object_pop_pending(&pending);
		while (vm_collapse_step(front, &released)) {
			while (released != NULL)
				released = vm_object_drop(released, &pending);
			preempt_point();
		}
		drop = front;
	}
}

void
vm_object_release(struct vm_object *object)
{
	vm_object_settle(object, NULL);
}

void
vm_object_collapse(struct vm_object *object)
{
	struct vm_object *pending = NULL;

	vm_object_lock(object);
	vm_object_push_pending(object, &pending);
	vm_object_unlock(object);
	vm_object_settle(NULL, pending);
}

/* ---- Shadow links ---- */

void
vm_object_link(struct vm_object *object, struct vm_object *shadow, vm_offset_t shadow_offset)
{
	kassert(object->vo_shadow == NULL);
	kassert(shadow == NULL || shadow->vo_family == object->vo_family);
	object->vo_shadow = shadow;
	object->vo_shadow_offset = shadow_offset;
	if (shadow != NULL)
		list_insert_tail(&shadow->vo_shadowers, &object->vo_shadower_link);
}

struct vm_object *
vm_object_unlink(struct vm_object *object)
{
	struct vm_object *shadow = object->vo_shadow;

	if (shadow == NULL)
		return NULL;
	if (shadow->vo_copy == object)
		shadow->vo_copy = NULL;
	list_remove(&object->vo_shadower_link);
	object->vo_shadow = NULL;
	object->vo_shadow_offset = 0;
	return shadow;
}

kern_return_t
vm_object_shadow(
    struct vm_object **objectp, vm_offset_t *offsetp, vm_size_t size, struct account *account)
{
	struct vm_object *source = *objectp;
	struct vm_object *front = vm_object_create_in(source, size, account);

	if (front == NULL)
		return KERN_RESOURCE_SHORTAGE;
	vm_object_lock(source);
	source->vo_one_map = false;
	vm_object_link(front, source, *offsetp);
	vm_object_unlock(source);
	*objectp = front;
	*offsetp = 0;
	return KERN_SUCCESS;
}

bool
vm_object_complete(const struct vm_object *object)
{
	return object->vo_pager == NULL && !object->vo_is_physical &&
	    object->vo_set->ps_count == VM_PAGES(object->vo_size);
}

bool
vm_object_copies_symmetrically(const struct vm_object *object)
{
	return object->vo_pager == NULL && !object->vo_dead && !object->vo_is_physical &&
	    !object->vo_true_share && object->vo_copy == NULL;
}

bool
vm_object_copies_eagerly(const struct vm_object *object)
{
	return object->vo_is_physical || object->vo_strategy == MEMORY_OBJECT_COPY_NONE ||
	    object->vo_strategy == MEMORY_OBJECT_COPY_CALL ||
	    (object->vo_pager != NULL && !object->vo_ready);
}

/* ---- Pages ---- */

struct vm_object *
vm_page_object(const struct vm_page *page)
{
	return page->pg_set->ps_object;
}

vm_offset_t
vm_page_offset(const struct vm_page *page)
{
	return page->pg_key - page->pg_set->ps_bias;
}

struct vm_page *
vm_object_page_or_slot(struct vm_object *object, vm_offset_t offset, struct vm_object_slot *slot)
{
	struct vm_page_set *set = object->vo_set;
	uint64_t key = offset + set->ps_bias;
	struct rb_node **link = &set->ps_pages.root;
	struct rb_node *parent = NULL;
	struct vm_page *page = set->ps_max;

	if (page != NULL && key > page->pg_key) {
		/* Growing upward: no descent. */
		slot->parent = &page->pg_node;
		slot->link = &page->pg_node.right;
		return NULL;
	}
	while (*link != NULL) {
		parent = *link;
		page = vm_page_of(parent);
		if (key == page->pg_key)
			return page;
		link = key < page->pg_key ? &parent->left : &parent->right;
	}
	slot->parent = parent;
	slot->link = link;
	return NULL;
}

struct vm_page *
vm_object_page(struct vm_object *object, vm_offset_t offset)
{
	struct vm_object_slot slot;

	return vm_object_page_or_slot(object, offset, &slot);
}

struct vm_page *
vm_object_page_from(struct vm_object *object, vm_offset_t offset, vm_offset_t *foundp)
{
	uint64_t key = offset + object->vo_set->ps_bias;
	struct rb_node *node = object->vo_set->ps_pages.root;
	struct vm_page *page, *best = NULL;

	while (node != NULL) {
		page = vm_page_of(node);
		if (page->pg_key >= key) {
			best = page;
			node = node->left;
		} else {
			node = node->right;
		}
	}
	if (best != NULL)
		*foundp = vm_page_offset(best);
	return best;
}

struct vm_page *
vm_object_chain_page(struct vm_object *object, vm_offset_t offset)
{
	struct vm_page *page;

	while (object != NULL) {
		page = vm_object_page(object, offset);
		if (page != NULL && page->pg_pa != VM_PAGE_NO_FRAME)
			return page;
		offset += object->vo_shadow_offset;
		object = object->vo_shadow;
	}
	return NULL;
}

void
vm_object_insert_at(struct vm_object *object, vm_offset_t offset, struct vm_page *page,
    const struct vm_object_slot *slot)
{
	struct vm_page_set *set = object->vo_set;

	kassert(page->pg_set == NULL && page_aligned(offset));
	page->pg_key = offset + set->ps_bias;
	page->pg_set = set;
	rb_insert(&set->ps_pages, slot->parent, slot->link, &page->pg_node, NULL);
	if (set->ps_max == NULL || page->pg_key > set->ps_max->pg_key)
		set->ps_max = page;
	set->ps_count++;
	if (page->pg_wire_count > 0)
		set->ps_wired++;
}

void
vm_object_insert(struct vm_object *object, vm_offset_t offset, struct vm_page *page)
{
	struct vm_object_slot slot;
	struct vm_page *there;

	there = vm_object_page_or_slot(object, offset, &slot);
	kassert(there == NULL);
	vm_object_insert_at(object, offset, page, &slot);
}

static struct vm_page *
vm_page_before(struct vm_page *page)
{
	struct rb_node *node = rb_prev(&page->pg_node);

	return node == NULL ? NULL : vm_page_of(node);
}

void
vm_object_detach(struct vm_page *page)
{
	struct vm_page_set *set = page->pg_set;

	if (page == set->ps_max)
		set->ps_max = vm_page_before(page);
	rb_remove(&set->ps_pages, &page->pg_node, NULL);
	vm_object_forget(set, page);
}

void
vm_object_move_page(struct vm_page *page, struct vm_object *to, vm_offset_t offset)
{
	vm_object_detach(page);
	vm_object_insert(to, offset, page);
}

void
vm_object_page_destroy(struct vm_page *page)
{
	if (page->pg_pa != VM_PAGE_NO_FRAME)
		pmap_page_protect(page->pg_pa, VM_PROT_NONE);
	vm_page_wake(page);
	while (page->pg_wire_count > 0)
		vm_page_unwire(page);
	vm_object_detach(page);
	vm_page_free(page);
}

void
vm_object_remove_pages(struct vm_object *object, vm_offset_t start, vm_offset_t end)
{
	struct vm_page *page;
	vm_offset_t offset = start;
	unsigned done = 0;

	vm_object_lock(object);
	while ((page = vm_object_page_from(object, offset, &offset)) != NULL && offset < end) {
		vm_object_page_destroy(page);
		vm_object_batch(object, &done);
	}
	vm_object_unlock(object);
}

void
vm_object_set_end(struct vm_object *object, vm_offset_t end)
{
	struct vm_page *page;
	vm_offset_t offset = end;
	unsigned done = 0;

	vm_object_lock(object);
	object->vo_end = end;
	/* Somebody else may move it meanwhile. */
	while (object->vo_end == end &&
	    (page = vm_object_page_from(object, offset, &offset)) != NULL) {
		if (page->pg_wire_count > 0)
			pmap_zero_page(page->pg_pa);
		else
			vm_object_page_destroy(page);
		offset += PAGE_SIZE;
		vm_object_batch(object, &done);
	}
	vm_object_unlock(object);
}

/* ---- Waiting ---- */

enum wait_result
vm_object_wait(struct vm_object *object, bool interruptible)
{
	object->vo_wanted = true;
	return event_wait(object, vm_object_lock_of(object), interruptible, WAIT_FOREVER);
}

void
vm_object_wake(struct vm_object *object)
{
	if (object->vo_wanted) {
		object->vo_wanted = false;
		event_wake_all(object);
	}
}

kern_return_t
vm_object_wait_ready(struct vm_object *object)
{
	vm_object_lock(object);
	while (object->vo_pager != NULL && !object->vo_ready && !object->vo_dead) {
		if (vm_object_wait(object, true) != WAIT_OK)
			return KERN_ABORTED;
		vm_object_lock(object);
	}
	vm_object_unlock(object);
	return object->vo_dead ? KERN_MEMORY_ERROR : KERN_SUCCESS;
}
