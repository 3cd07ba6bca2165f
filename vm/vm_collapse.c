/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_collapse -- keep shadow chains as short as what is alive needs.
 *
 *      before                             after
 *      F -> B -> C   B only used by F     F' -> C        (collapse)
 *      F -> B -> C   F has every page     F              (bypass)
 *      F -> B -> C   B has no page        F -> C         (bypass)
 *
 * Which of these holds is seen from counts, in constant time. It is tried when
 * a reference falls (vm_object_release) or a count fills (the fault that
 * brought the last page), so no fault pays for pages it does not touch.
 *
 * Collapse moves the pages of whichever set is smaller: up from B to F, or
 * down from F to B, after which the two objects exchange their sets. In both
 * directions a page of F hides the one of B at the same place. After each
 * batch the lock may be given away: in between, every page is found through
 * the chain, with the right contents; a page that moves down loses its
 * writable mappings if that can be seen, so that a write copies it up. Pages
 * move down only while F has no wired page, because a wired page must stay in
 * the first object.
 */
#include <kern/assert.h>
#include <vm/pmap.h>
#include <vm/vm_internal.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

static bool
vm_object_is_plain(const struct vm_object *object)
{
	return object->vo_pager == NULL && !object->vo_is_physical && !object->vo_dead &&
	    object->vo_paging == 0 && object->vo_end == VM_OBJECT_UNBOUNDED;
}

/* Where `offset` of the front lies in the back, and the other way round. */
static vm_offset_t
to_back(const struct vm_object *front, vm_offset_t offset)
{
	return offset + front->vo_shadow_offset;
}

static bool
in_window(const struct vm_object *front, vm_offset_t back_offset)
{
	return back_offset >= front->vo_shadow_offset &&
	    back_offset - front->vo_shadow_offset < front->vo_size;
}

/* Move (or free, if hidden or out of sight) a batch of the back's pages. */
static void
collapse_up(struct vm_object *front, struct vm_object *back)
{
	struct vm_page *page;
	vm_offset_t offset, up;

	for (int i = 0; i < VM_BATCH; i++) {
		page = vm_object_page_from(back, 0, &offset);
		if (page == NULL)
			return;
		up = offset - front->vo_shadow_offset;
		if (in_window(front, offset) && vm_object_page(front, up) == NULL)
			vm_object_move_page(page, front, up);
		else
			vm_object_page_destroy(page);
	}
}

/* Free up to a batch of the back's pages outside the window; true: no more. */
static bool
collapse_trim(struct vm_object *front, struct vm_object *back)
{
	vm_offset_t end = front->vo_shadow_offset + front->vo_size;
	struct vm_page *page;
	vm_offset_t offset;

	for (int i = 0; i < VM_BATCH; i++) {
		page = vm_object_page_from(back, 0, &offset);
		if (page == NULL || offset >= front->vo_shadow_offset)
			page = vm_object_page_from(back, end, &offset);
		if (page == NULL)
			return true;
		vm_object_page_destroy(page);
	}
	return false;
}

/* The front is empty and the back holds only what the front shows. */
static void
collapse_exchange(struct vm_object *front, struct vm_object *back)
{
	struct vm_page_set *set = front->vo_set;

	spin_lock(&vm_page_queues.lock);
	front->vo_set = back->vo_set;
	front->vo_set->ps_object = front;
	front->vo_set->ps_bias += front->vo_shadow_offset;
	back->vo_set = set;
	set->ps_object = back;
	spin_unlock(&vm_page_queues.lock);
}

static void
collapse_down(struct vm_object *front, struct vm_object *back)
{
	bool several = front->vo_set->ps_count > VM_BATCH;
	struct vm_page *page, *hidden;
	vm_offset_t offset;

	if (!collapse_trim(front, back))
		return;
	for (int i = 0; i < VM_BATCH; i++) {
		page = vm_object_page_from(front, 0, &offset);
		if (page == NULL) {
			collapse_exchange(front, back);
			return;
		}
		offset = to_back(front, offset);
		hidden = vm_object_page(back, offset);
		if (hidden != NULL)
			vm_object_page_destroy(hidden);
		if (several)
			pmap_page_protect(page->pg_pa, VM_PROT_READ | VM_PROT_EXECUTE);
		vm_object_move_page(page, back, offset);
	}
}

/* The back is empty and only the front refers to it: take its place. */
static void
collapse_finish(struct vm_object *front, struct vm_object *back)
{
	vm_offset_t offset = front->vo_shadow_offset + back->vo_shadow_offset;
	struct vm_object *copy_of = back->vo_shadow;
	bool newest = copy_of != NULL && copy_of->vo_copy == back;
	struct vm_object *shadow;

	vm_object_unlink(front);
	shadow = vm_object_unlink(back);
	vm_object_link(front, shadow, offset);
	if (newest)
		copy_of->vo_copy = front;
	back->vo_refs = 0;
}

static bool
collapse_goes_down(const struct vm_object *front, const struct vm_object *back)
{
	return front->vo_set->ps_count < back->vo_set->ps_count && front->vo_set->ps_wired == 0;
}

/* One batch of merging `back`, which only `front` refers to. *deadp: the
 * structure to free, unlocked. */
static void
collapse_merge(struct vm_object *front, struct vm_object *back, struct vm_object **deadp)
{
	if (back->vo_set->ps_count == 0) {
		collapse_finish(front, back);
		*deadp = back;
	} else if (collapse_goes_down(front, back)) {
		collapse_down(front, back);
	} else {
		collapse_up(front, back);
	}
}

/* Can nothing ever appear in `back` that `front` would have to see? */
static bool
collapse_back_is_void(const struct vm_object *back)
{
	bool pushed_to = back->vo_shadow != NULL && back->vo_shadow->vo_copy == back;

	return back->vo_set->ps_count == 0 && back->vo_copy == NULL && !back->vo_true_share &&
	    !pushed_to;
}

/* Let `front` look past `back`, which has and will have nothing to see. TOUR: ool-2 */
static struct vm_object *
collapse_bypass(struct vm_object *front, struct vm_object *back)
{
	vm_offset_t offset = front->vo_shadow_offset + back->vo_shadow_offset;

	vm_object_unlink(front);
	if (back->vo_shadow != NULL)
		vm_object_reference_locked(back->vo_shadow);
	vm_object_link(front, back->vo_shadow, offset);
	return back;
}

static bool
collapse_locked(struct vm_object *front, struct vm_object **deadp, struct vm_object **releasep)
{
	struct vm_object *back = front->vo_shadow;

	if (back == NULL || !vm_object_is_plain(front))
		return false;
	if (vm_object_complete(front)) {
		*releasep = vm_object_unlink(front);
		return true;
	}
	if (!vm_object_is_plain(back))
		return false;
	if (back->vo_refs == 1) {
		collapse_merge(front, back, deadp);
		return true;
	}
	if (!collapse_back_is_void(back))
		return false;
	*releasep = collapse_bypass(front, back);
	return true;
}

bool
vm_collapse_step(struct vm_object *front, struct vm_object **releasep)
{
	struct vm_object *dead = NULL;
	bool progress;

	*releasep = NULL;
	vm_object_lock(front);
	progress = collapse_locked(front, &dead, releasep);
	vm_object_unlock(front);
	if (dead != NULL)
		vm_object_free(dead);
	return progress;
}
