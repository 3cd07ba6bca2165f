/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that have a shortcut trap: the plain name tries the trap first and
 * falls back on the RPC when the object is not a local one; the name with
 * _rpc is the RPC alone (ABI sheet 1.5). The plain names are declared by the
 * interface headers.
 */
#ifndef MACH_MACH_SHORTCUTS_H
#define MACH_MACH_SHORTCUTS_H

#include <mach/mach_types.h>

kern_return_t vm_map_rpc(vm_task_t target_task, vm_address_t *address, vm_size_t size,
    vm_address_t mask, boolean_t anywhere, memory_object_t memory_object, vm_offset_t offset,
    boolean_t copy, vm_prot_t cur_protection, vm_prot_t max_protection, vm_inherit_t inheritance);
kern_return_t
vm_allocate_rpc(vm_task_t target_task, vm_address_t *address, vm_size_t size, boolean_t anywhere);
kern_return_t vm_deallocate_rpc(vm_task_t target_task, vm_address_t address, vm_size_t size);
kern_return_t task_create_rpc(task_t target_task, boolean_t inherit_memory, task_t *child_task);
kern_return_t task_terminate_rpc(task_t target_task);
kern_return_t task_suspend_rpc(task_t target_task);
kern_return_t task_set_special_port_rpc(task_t task, int which_port, mach_port_t special_port);
kern_return_t
mach_port_allocate_rpc(ipc_space_t task, mach_port_right_t right, mach_port_name_t *name);
kern_return_t mach_port_deallocate_rpc(ipc_space_t task, mach_port_name_t name);
kern_return_t mach_port_insert_right_rpc(
    ipc_space_t task, mach_port_name_t name, mach_port_t poly, mach_msg_type_name_t poly_type);
kern_return_t
mach_port_allocate_name_rpc(ipc_space_t task, mach_port_right_t right, mach_port_name_t name);
kern_return_t thread_depress_abort_rpc(thread_t thread);

#endif /* MACH_MACH_SHORTCUTS_H */
