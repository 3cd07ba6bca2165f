/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_user -- the memory routines of subsystem mach (ABI sheet 5.2 to 5.8) that
 *            need no ports. kernel/glue serves vm_map, vm_region and others
 *            that name objects by port on top of vm_map.h.
 *
 * All round, check and answer as the sheet says; a NULL map is
 * KERN_INVALID_ARGUMENT. Data out of line is passed as a struct vm_map_copy *
 * in a pointer_t, as the generated kernel servers do.
 *
 * Locks: none held.
 */
#ifndef VM_VM_USER_H
#define VM_VM_USER_H

#include <stdbool.h>

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/message.h>
#include <mach/std_types.h>
#include <mach/vm_attributes.h>
#include <mach/vm_cache_statistics.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <mach/vm_statistics.h>
#include <mach/vm_sync.h>

struct vm_map;
struct vm_map_copy;

kern_return_t
vm_allocate(struct vm_map *map, vm_address_t *address, vm_size_t size, boolean_t anywhere);
kern_return_t vm_deallocate(struct vm_map *map, vm_address_t address, vm_size_t size);
kern_return_t vm_protect(struct vm_map *map, vm_address_t address, vm_size_t size,
    boolean_t set_maximum, vm_prot_t new_protection);
kern_return_t
vm_inherit(struct vm_map *map, vm_address_t address, vm_size_t size, vm_inherit_t new_inheritance);
/* *data is a struct vm_map_copy * or 0. */
kern_return_t vm_read(struct vm_map *map, vm_address_t address, vm_size_t size, pointer_t *data,
    mach_msg_type_number_t *countp);
/* Consumes the struct vm_map_copy * `data` on success. */
kern_return_t
vm_write(struct vm_map *map, vm_address_t address, pointer_t data, mach_msg_type_number_t count);
kern_return_t
vm_copy(struct vm_map *map, vm_address_t source_address, vm_size_t size, vm_address_t dest_address);
kern_return_t vm_statistics(struct vm_map *map, vm_statistics_data_t *statistics);
kern_return_t vm_cache_statistics(struct vm_map *map, vm_cache_statistics_data_t *statistics);
kern_return_t vm_machine_attribute(struct vm_map *map, vm_address_t address, vm_size_t size,
    vm_machine_attribute_t attribute, vm_machine_attribute_val_t *value);
kern_return_t
vm_msync(struct vm_map *map, vm_address_t address, vm_size_t size, vm_sync_t sync_flags);

/* The vm_map call, memory object already found: `object` NULL for zero fill;
 * its reference is consumed on success. Rounds and checks (sheet 5.6). */
struct vm_object;
kern_return_t vm_user_map(struct vm_map *map, vm_address_t *address, vm_size_t size,
    vm_address_t mask, boolean_t anywhere, struct vm_object *object, vm_offset_t offset,
    boolean_t copy, vm_prot_t cur_protection, vm_prot_t max_protection, vm_inherit_t inheritance);

/* The vm_wire call, host port already judged. */
kern_return_t vm_user_wire(
    struct vm_map *map, vm_address_t address, vm_size_t size, vm_prot_t access, bool privileged);

/* The vm_allocate_contiguous call, host port already judged (sheet 5.7). */
kern_return_t
vm_user_allocate_contiguous(struct vm_map *map, vm_address_t *addressp, rpc_phys_addr_t *pap,
    vm_size_t size, rpc_phys_addr_t pmin, rpc_phys_addr_t pmax, rpc_phys_addr_t palign);

#endif
