/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_map_fork -- a child's map, made from its parent's by inheritance.
 *
 * The cost is the parent's entries, plus taking write permission from the
 * pages it has written since its last fork. Nothing else is copied, except
 * what cannot be copied on write (wired memory, devices, objects whose manager
 * said so): those pages are copied at once.
 */
#include <kern/account.h>
#include <kern/preempt.h>
#include <mach/vm_param.h>
#include <vm/pmap.h>
#include <vm/vm_fault_internal.h>
#include <vm/vm_internal.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>

/* ---- One entry, copy-on-write ---- */

/* Both sides share the object until one writes. */
static void
entry_copy_symmetric(struct vm_map *map, struct vm_map_entry *entry, struct vm_map_entry *copy)
{
	struct vm_object *object = entry->me_object;
	bool written;

	vm_object_lock(object);
	vm_object_reference_locked(object);
	object->vo_one_map = false;
	written = object->vo_set->ps_count > 0;
	vm_object_unlock(object);
	if (!entry->me_needs_copy) {
		entry->me_needs_copy = true;
		if (written && (entry->me_protection & VM_PROT_WRITE))
			pmap_protect(map->vm_pmap, entry->me_start, entry->me_end,
			    vm_map_entry_hardware(map, entry, entry->me_protection));
	}
	copy->me_object = object;
	copy->me_needs_copy = true;
}

static kern_return_t
entry_copy_asymmetric(struct vm_map *map, struct vm_map_entry *entry, struct vm_map_entry *copy)
{
	copy->me_object = vm_object_copy_delayed(entry->me_object, map->vm_account);
	if (copy->me_object == NULL)
		return KERN_RESOURCE_SHORTAGE;
	copy->me_needs_copy = true;
	return KERN_SUCCESS;
}

kern_return_t
vm_map_entry_copy(struct vm_map *map, struct vm_map_entry *entry, vm_offset_t start,
    vm_offset_t end, struct vm_map_entry *copy, bool *slowp)
{
	struct vm_object *object = entry->me_object;

	*slowp = false;
	copy->me_start = start;
	copy->me_end = end;
	if (object == NULL)
		return KERN_SUCCESS;
	copy->me_offset = entry->me_offset + (start - entry->me_start);
	if (entry->me_needs_copy ||
	    (!vm_map_entry_wired(entry) && vm_object_copies_symmetrically(object))) {
		entry_copy_symmetric(map, entry, copy);
		return KERN_SUCCESS;
	}
	if (vm_map_entry_wired(entry) || vm_object_copies_eagerly(object)) {
		*slowp = true;
		return KERN_SUCCESS;
	}
	return entry_copy_asymmetric(map, entry, copy);
}

/* ---- One entry, shared ---- */

kern_return_t
vm_map_entry_share(struct vm_map *map, struct vm_map_entry *entry)
{
	struct vm_object *object;
	kern_return_t kr;

	kr = entry->me_object == NULL ? vm_map_entry_need_object(map, entry)
				      : vm_map_entry_unshare(map, entry);
	if (kr != KERN_SUCCESS)
		return kr;
	object = entry->me_object;
	vm_object_lock(object);
	vm_object_reference_locked(object);
	object->vo_true_share = true;
	object->vo_written = true;
	object->vo_one_map = false;
	vm_object_unlock(object);
	entry->me_shared = true;
	return KERN_SUCCESS;
}

/* ---- The whole map ---- */

struct vm_fork {
	struct vm_map *parent;
	struct vm_map *child;
	vm_offset_t next; /* where to go on in the parent */
};

/* The child's entry with the parent's attributes, showing nothing yet. While
 * pages were copied, the parent's entries may have been merged across the
 * place where to go on. */
static struct vm_map_entry *
fork_entry(struct vm_fork *fork, const struct vm_map_entry *entry)
{
	struct vm_map_entry *copy;

	copy = vm_map_entry_create(fork->child->vm_account);
	if (copy == NULL)
		return NULL;
	copy->me_start = entry->me_start > fork->next ? entry->me_start : fork->next;
	copy->me_end = entry->me_end;
	copy->me_protection = entry->me_protection;
	copy->me_max_protection = entry->me_max_protection;
	copy->me_inheritance = entry->me_inheritance;
	copy->me_notify = entry->me_notify;
	return copy;
}

static void
fork_link(struct vm_fork *fork, struct vm_map_entry *copy)
{
	vm_map_entry_link(fork->child, copy);
	vm_map_count_mapped(fork->child, copy, true);
}

/* Both write to one object from now on. */
static kern_return_t
fork_share(struct vm_fork *fork, struct vm_map_entry *entry, struct vm_map_entry *copy)
{
	kern_return_t kr = vm_map_entry_share(fork->parent, entry);

	if (kr != KERN_SUCCESS)
		return kr;
	copy->me_shared = true;
	copy->me_object = entry->me_object;
	copy->me_offset = entry->me_offset + (copy->me_start - entry->me_start);
	return KERN_SUCCESS;
}

/* Page by page, the parent's lock given up: it may change meanwhile, which
 * its threads asked for. Comes back locked. */
static kern_return_t
fork_copy_pages(struct vm_fork *fork, struct vm_map_entry *copy)
{
	vm_size_t size = copy->me_end - copy->me_start;
	struct account *account = fork->child->vm_account;
	struct vm_object *object;
	kern_return_t kr = KERN_SUCCESS;

	rwlock_unlock(&fork->parent->vm_lock);
	object = vm_object_create(size, account);
	if (object == NULL)
		kr = KERN_RESOURCE_SHORTAGE;
	for (vm_offset_t at = 0; kr == KERN_SUCCESS && at < size; at += PAGE_SIZE) {
		kr = vm_fault_copy_page(
		    fork->parent, copy->me_start + at, true, object, at, account);
		if (kr == KERN_INVALID_ADDRESS)
			kr = KERN_SUCCESS; /* gone meanwhile: zeroes */
		preempt_point();
	}
	if (kr != KERN_SUCCESS)
		vm_object_release(object);
	else
		copy->me_object = object;
	copy->me_offset = 0;
	rwlock_write(&fork->parent->vm_lock);
	return kr;
}

static kern_return_t
fork_copy(struct vm_fork *fork, struct vm_map_entry *entry, struct vm_map_entry *copy)
{
	kern_return_t kr;
	bool slow;

	kr = vm_map_entry_copy(fork->parent, entry, copy->me_start, copy->me_end, copy, &slow);
	return slow ? fork_copy_pages(fork, copy) : kr;
}

static kern_return_t
fork_one(struct vm_fork *fork, struct vm_map_entry *entry)
{
	struct vm_map_entry *copy;
	kern_return_t kr;

	if (entry->me_inheritance == VM_INHERIT_NONE) {
		fork->next = entry->me_end;
		return KERN_SUCCESS;
	}
	copy = fork_entry(fork, entry);
	if (copy == NULL)
		return KERN_RESOURCE_SHORTAGE;
	fork->next = copy->me_end;
	kr = entry->me_inheritance == VM_INHERIT_SHARE ? fork_share(fork, entry, copy)
						       : fork_copy(fork, entry, copy);
	if (kr != KERN_SUCCESS)
		vm_map_entry_free(copy);
	else
		fork_link(fork, copy);
	return kr;
}

static kern_return_t
fork_entries(struct vm_fork *fork)
{
	struct vm_map_entry *entry;
	kern_return_t kr = KERN_SUCCESS;

	rwlock_write(&fork->parent->vm_lock);
	while (
	    kr == KERN_SUCCESS && (entry = vm_map_entry_from(fork->parent, fork->next)) != NULL) {
		kr = fork_one(fork, entry);
		preempt_point();
	}
	rwlock_unlock(&fork->parent->vm_lock);
	return kr;
}

struct vm_map *
vm_map_fork(struct vm_map *map, struct pmap *pmap, struct account *account)
{
	struct vm_fork fork = { .parent = map, .next = map->vm_min };

	fork.child = vm_map_create(pmap, map->vm_min, map->vm_max, account);
	if (fork.child == NULL)
		return NULL;
	fork.child->vm_limit_current = map->vm_limit_current;
	fork.child->vm_limit_max = map->vm_limit_max;
	fork.child->vm_enforce_execute = map->vm_enforce_execute;
	if (fork_entries(&fork) == KERN_SUCCESS)
		return fork.child;
	vm_map_abandon(fork.child);
	return NULL;
}
