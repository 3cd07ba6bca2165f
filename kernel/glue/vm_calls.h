/* SPDX-License-Identifier: BSD-2-Clause */
/* vm_calls -- memory calls that name objects by port (ABI sheet 5.2, 5.6). */
#ifndef GLUE_VM_CALLS_H
#define GLUE_VM_CALLS_H

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>

struct ipc_port;
struct vm_map;

/*
 * vm_map. `memory_object` is NULL (zero fill), dead, or a port for which the
 * caller holds a send right, which stays the caller's.
 */
kern_return_t vm_map_call(struct vm_map *map, vm_address_t *address, vm_size_t size,
    vm_address_t mask, boolean_t anywhere, struct ipc_port *memory_object, vm_offset_t offset,
    boolean_t copy, vm_prot_t cur_protection, vm_prot_t max_protection, vm_inherit_t inheritance);

#endif
