/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_fault -- make an access possible, or say why not.
 *
 * The cases and steps are described at the top of vm_fault.c.
 */
#ifndef VM_VM_FAULT_H
#define VM_VM_FAULT_H

#include <stdbool.h>

#include <kern/waiter.h>
#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/vm_prot.h>

struct vm_map;
struct vm_object;

/*
 * Resolve a page fault of the running thread at `address` in `map` for
 * `access` (READ, or READ|WRITE; EXECUTE as reported by the CPU).
 *
 * `continuation`: NULL for a fault inside the kernel: waits keep the stack and
 * an abort returns KERN_ABORTED. Otherwise (fault from user mode) a wait for a
 * pager gives up the stack and does not return: the continuation runs when the
 * page may be there (or the wait was aborted) and goes back to user mode, where
 * the instruction faults again if need be.
 *
 * Locks:   none held, no spin lock.
 * Returns: KERN_SUCCESS: mapped now, try again. KERN_INVALID_ADDRESS,
 *          KERN_PROTECTION_FAILURE, KERN_WRITE_PROTECTION_FAILURE,
 *          KERN_MEMORY_ERROR (sheet 5.9), KERN_RESOURCE_SHORTAGE (account or
 *          machine full), KERN_ABORTED.
 */
kern_return_t
vm_fault(struct vm_map *map, vm_offset_t address, vm_prot_t access, continuation_t *continuation);

/*
 * Kernel access to any map's memory, page by page through the direct map,
 * faulting as the owner would; the range needs READ (WRITE) permission.
 * *donep counts the bytes moved, also on failure; may be NULL.
 *
 * Locks:   none held. Waits for pagers, interruptibly.
 */
kern_return_t vm_map_read_bytes(
    struct vm_map *map, vm_offset_t address, void *to, vm_size_t size, vm_size_t *donep);
kern_return_t vm_map_write_bytes(
    struct vm_map *map, vm_offset_t address, const void *from, vm_size_t size, vm_size_t *donep);

/*
 * What `address` is, for meeting others who share it (gsync): the object and
 * offset its page belongs to, with a reference on the object. With WRITE in
 * `access` copy-on-write is resolved first.
 *
 * Returns: as vm_fault without continuation.
 */
kern_return_t vm_map_lookup_identity(struct vm_map *map, vm_offset_t address, vm_prot_t access,
    struct vm_object **objectp, vm_offset_t *offsetp);

#endif
