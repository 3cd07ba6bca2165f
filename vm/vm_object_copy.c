/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_object_copy -- asymmetric copies: snapshots of objects that others keep
 *                   writing to.
 *
 *      reader's entry -> (its shadow) -> C2 -> O <- writers' entries
 *      earlier reader's entry  ->  C1 ---^
 *
 * O->vo_copy is the newest copy object (C2). A writer that is about to change
 * a page of O first pushes the old contents into C2 unless it is there already
 * (vm_fault.c, case E). An older copy stands in front of the newer one, so a
 * page pushed into C2 serves C1 as well.
 */
#include <vm/pmap.h>
#include <vm/vm_internal.h>
#include <vm/vm_object.h>

/* The newest copy, if nothing was written since it was made: it will do for
 * the next reader. Lock held. */
static struct vm_object *
vm_object_copy_reuse(struct vm_object *object)
{
	struct vm_object *copy = object->vo_copy;

	if (copy == NULL || !copy->vo_snapshot || copy->vo_set->ps_count != 0)
		return NULL;
	vm_object_reference_locked(copy);
	return copy;
}

/* Put `copy` between the object and its newest copy so far. Lock held. */
static void
vm_object_copy_install(struct vm_object *object, struct vm_object *copy)
{
	struct vm_object *older = object->vo_copy;
	vm_offset_t window;

	if (older == NULL) {
		vm_object_reference_locked(object);
	} else {
		/* Collapse may have put a smaller object in a copy's place. */
		window = older->vo_shadow_offset;
		vm_object_unlink(older);
		vm_object_reference_locked(copy);
		vm_object_link(older, copy, window);
	}
	vm_object_link(copy, object, 0);
	object->vo_copy = copy;
	copy->vo_snapshot = true;
	object->vo_one_map = false;
	copy->vo_one_map = false;
}

/* Take away writers' mappings, so that their next write faults and pushes.
 * Lock held, given away between batches. */
static void
vm_object_write_protect(struct vm_object *object)
{
	vm_offset_t offset = 0;
	struct vm_page *page;
	unsigned done = 0;

	if (!object->vo_written)
		return;
	object->vo_written = false;
	while ((page = vm_object_page_from(object, offset, &offset)) != NULL) {
		if (page->pg_pa != VM_PAGE_NO_FRAME)
			pmap_page_protect(page->pg_pa, VM_PROT_READ | VM_PROT_EXECUTE);
		offset += PAGE_SIZE;
		vm_object_batch(object, &done);
	}
}

struct vm_object *
vm_object_copy_delayed(struct vm_object *object, struct account *account)
{
	struct vm_object *copy;

	vm_object_lock(object);
	copy = vm_object_copy_reuse(object);
	vm_object_unlock(object);
	if (copy != NULL)
		return copy;
	copy = vm_object_create_in(object, object->vo_size, account);
	if (copy == NULL)
		return NULL;
	vm_object_lock(object);
	vm_object_copy_install(object, copy);
	vm_object_write_protect(object);
	vm_object_unlock(object);
	return copy;
}
