/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_kern -- the kernel's own map: wired virtual memory for what must be
 *            contiguous in addresses but need not be in frames.
 *
 * Small and page-sized things come from kern/zalloc.h, not from here.
 */
#ifndef VM_VM_KERN_H
#define VM_VM_KERN_H

#include <stdbool.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>

struct vm_map;

/* The kernel map; set by vm_init. */
extern struct vm_map *kernel_map;

/*
 * Wired, zeroed kernel memory of whole pages, with an unmapped guard page
 * below when `guard`.
 *
 * Locks:   none held.
 * Returns: KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t vm_kern_allocate(vm_size_t size, bool guard, vm_offset_t *addressp)
    __attribute__((warn_unused_result));
void vm_kern_free(vm_offset_t address, vm_size_t size, bool guard);

#endif
