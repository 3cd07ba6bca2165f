/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_fault_internal -- faults as a service inside vm/: find the page that
 * serves an access, with the locks that keep it so, and let the caller use it.
 */
#ifndef VM_VM_FAULT_INTERNAL_H
#define VM_VM_FAULT_INTERNAL_H

#include <vm/vm_fault.h>
#include <vm/vm_internal.h>

struct vm_fault {
	/* Asked for. */
	struct vm_map *map;  /* NULL: `first` is given */
	vm_offset_t address; /* page aligned */
	vm_prot_t access;    /* READ, WRITE, EXECUTE */
	bool own_page;       /* the page must be in the first object
					 * (wiring), whatever the access */
	bool trusted;        /* whatever the entry's protection */
	bool enters;         /* the result will be mapped at address */
	continuation_t *continuation;

	/* Found by lookup. */
	struct vm_map_entry *entry;
	bool exclusive; /* map locked for writing */
	struct vm_object *first;
	vm_offset_t first_offset;
	struct account *account; /* pays for new pages */
	vm_prot_t protection;    /* what may be mapped */

	/* Found by walk, then the result. */
	struct vm_object *object;
	vm_offset_t offset;
	struct vm_page *page;
	struct vm_object_slot slot; /* in `first`, if it has no page */
	bool filled;                /* a page was added to `first` */
};

/*
 * Fill in the result: on success the map is locked (if there is one), the
 * lock of fault->object is held and fault->page is there, not busy. End with
 * vm_fault_release. On failure nothing is held.
 */
kern_return_t vm_fault_resolve(struct vm_fault *fault);
void vm_fault_release(struct vm_fault *fault);

/* Resolve, map and wire the page, for vm_map_wire. */
kern_return_t vm_fault_wire(struct vm_map *map, vm_offset_t address, vm_prot_t access);

/* Copy the page at `address` of `map` into a new page of `to`, an object only
 * the caller knows; or the page at `offset` of an object. `trusted`: even if
 * the owner could not read it. */
kern_return_t vm_fault_copy_page(struct vm_map *map, vm_offset_t address, bool trusted,
    struct vm_object *to, vm_offset_t to_offset, struct account *account);
kern_return_t vm_fault_copy_object_page(struct vm_object *from, vm_offset_t offset,
    struct vm_object *to, vm_offset_t to_offset, struct account *account);

/* Bytes within one page of an object chain, through the direct map. */
kern_return_t vm_fault_read_object(
    struct vm_object *object, vm_offset_t offset, void *to, uint32_t size, struct account *account);

#endif
