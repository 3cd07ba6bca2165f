/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_calls_stubs -- prototypes of vm_calls.c as the generated stubs have them.
 * The stubs' own header cannot be had beside vm/vm_user.h: there out-of-line
 * data are struct vm_map_copy *, here the user's types.
 */
#ifndef GLUE_VM_CALLS_STUBS_H
#define GLUE_VM_CALLS_STUBS_H

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/std_types.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <mach/vm_wire.h>

struct host;
struct ipc_port;
struct vm_map;
struct vm_object;

kern_return_t vm_map(struct vm_map *map, vm_address_t *address, vm_size_t size, vm_address_t mask,
    boolean_t anywhere, struct ipc_port *memory_object, vm_offset_t offset, boolean_t copy,
    vm_prot_t cur_protection, vm_prot_t max_protection, vm_inherit_t inheritance);
kern_return_t vm_region(struct vm_map *map, vm_address_t *address, vm_size_t *size,
    vm_prot_t *protection, vm_prot_t *max_protection, vm_inherit_t *inheritance,
    boolean_t *is_shared, struct ipc_port **object_name, vm_offset_t *offset);
kern_return_t vm_wire(struct ipc_port *host_port, struct vm_map *map, vm_address_t address,
    vm_size_t size, vm_prot_t access);
kern_return_t vm_wire_all(struct ipc_port *host_port, struct vm_map *map, vm_wire_t flags);
kern_return_t vm_set_size_limit(
    struct ipc_port *host_port, struct vm_map *map, vm_size_t current_limit, vm_size_t max_limit);
kern_return_t vm_get_size_limit(struct vm_map *map, vm_size_t *current_limit, vm_size_t *max_limit);
kern_return_t vm_allocate_contiguous(struct host *host, struct vm_map *map, vm_address_t *vaddr,
    rpc_phys_addr_t *paddr, vm_size_t size, rpc_phys_addr_t pmin, rpc_phys_addr_t pmax,
    rpc_phys_addr_t palign);
kern_return_t vm_pages_phys(struct host *host, struct vm_map *map, vm_address_t vaddr,
    vm_size_t size, rpc_phys_addr_t **pages, mach_msg_type_number_t *countp);
kern_return_t vm_object_sync_call(struct vm_object *object, vm_offset_t offset, vm_size_t size,
    boolean_t should_flush, boolean_t should_return, boolean_t should_iosync);
kern_return_t vm_set_default_memory_manager(struct host *host, struct ipc_port **managerp);

#endif
