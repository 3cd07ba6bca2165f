/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_map_copy -- memory on its way from one map to another: out-of-line
 *                message data, vm_read, vm_write, pager data.
 *
 * A list of entries that belong to no map, in order and without holes,
 * starting at address 0; the data begin at vc_offset in the first page.
 *
 * Life:    made by copyin (or from kernel bytes) -> consumed by exactly one
 *          of copyout, overwrite, discard.
 * Owns:    its entries and their object references; charges to vc_account
 *          (the sender's: design D9).
 * Locks:   none: it has one owner at a time.
 */
#ifndef VM_VM_MAP_COPY_H
#define VM_VM_MAP_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include <kern/list.h>
#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>

struct account;
struct vm_map;

struct vm_map_copy {
	struct list vc_entries;     /* struct vm_map_entry by me_link */
	vm_size_t vc_size;          /* bytes of data */
	uint32_t vc_offset;         /* of the data in the first page */
	struct account *vc_account; /* held; NULL: kernel */
};

enum vm_copyin_how {
	VM_COPYIN_LAZY,     /* copy-on-write where it pays */
	VM_COPYIN_RESIDENT, /* pages copied now, in this context (D10):
				 * nobody needs the sender's pagers later */
};

/*
 * Copy [address, address + size) of `map`, any alignment. With `destroy` the
 * overlapping pages are removed from the map once all was copied (moved
 * instead of copied where possible). Small copies are made at once.
 * *copyp is NULL for size 0.
 *
 * Locks:   none held; may wait for pagers (interruptible).
 * Returns: KERN_INVALID_ADDRESS (hole, outside, wraps),
 *          KERN_PROTECTION_FAILURE (not readable), KERN_RESOURCE_SHORTAGE,
 *          KERN_MEMORY_ERROR, KERN_ABORTED. On failure the map is unchanged.
 */
kern_return_t vm_map_copyin(struct vm_map *map, vm_offset_t address, vm_size_t size, bool destroy,
    enum vm_copyin_how how, struct vm_map_copy **copyp) __attribute__((warn_unused_result));

/* A copy holding `size` bytes of kernel memory. */
kern_return_t vm_map_copy_from_kernel(const void *data, vm_size_t size, struct account *account,
    struct vm_map_copy **copyp) __attribute__((warn_unused_result));

/* Bytes [offset, offset + size) of the data; may fault pages in (waits for
 * pagers, interruptible). KERN_INVALID_ARGUMENT outside. */
kern_return_t
vm_map_copy_read(struct vm_map_copy *copy, vm_size_t offset, void *to, vm_size_t size);

/*
 * Give the data to `map` as new memory where there is room: protection RW,
 * maximum ALL, inheritance COPY (sheet 2.8). *addressp is the first byte.
 * `copy` NULL: address 0, success.
 *
 * Refs:    consumes `copy` on success; on failure the caller still has it.
 * Returns: KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE, KERN_INVALID_ARGUMENT (map
 *          terminated).
 */
kern_return_t vm_map_copyout(struct vm_map *map, vm_offset_t *addressp, struct vm_map_copy *copy)
    __attribute__((warn_unused_result));

/*
 * Replace existing memory by the data (vm_write, vm_copy). `address` and the
 * copy's offset must be equal in the page. All of the destination must exist
 * and be writable, else nothing is changed.
 *
 * Refs:    consumes `copy` on success only.
 * Returns: KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE,
 *          KERN_INVALID_ARGUMENT (alignment), KERN_RESOURCE_SHORTAGE, faults'.
 */
kern_return_t vm_map_copy_overwrite(struct vm_map *map, vm_offset_t address,
    struct vm_map_copy *copy) __attribute__((warn_unused_result));

/* Free a copy that nobody wants. NULL is fine. Preemption points. */
void vm_map_copy_discard(struct vm_map_copy *copy);

#endif
