/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls with a shortcut trap: the trap first, the RPC when the object is
 * not a local one (ABI sheet 1.5).
 */
#include <mach/mach_host.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/mach_shortcuts.h>
#include <mach/mach_traps.h>

/* The only answer after which the RPC is tried. */
static boolean_t
not_local(kern_return_t kr)
{
	return kr == MACH_SEND_INTERRUPTED;
}

kern_return_t
vm_map(vm_task_t target_task, vm_address_t *address, vm_size_t size, vm_address_t mask,
    boolean_t anywhere, memory_object_t memory_object, vm_offset_t offset, boolean_t copy,
    vm_prot_t cur_protection, vm_prot_t max_protection, vm_inherit_t inheritance)
{
	kern_return_t kr;

	kr = syscall_vm_map(target_task, address, size, mask, anywhere, memory_object, offset, copy,
	    cur_protection, max_protection, inheritance);
	return not_local(kr) ? vm_map_rpc(target_task, address, size, mask, anywhere, memory_object,
				   offset, copy, cur_protection, max_protection, inheritance)
			     : kr;
}

kern_return_t
vm_allocate(vm_task_t target_task, vm_address_t *address, vm_size_t size, boolean_t anywhere)
{
	kern_return_t kr = syscall_vm_allocate(target_task, address, size, anywhere);

	return not_local(kr) ? vm_allocate_rpc(target_task, address, size, anywhere) : kr;
}

kern_return_t
vm_deallocate(vm_task_t target_task, vm_address_t address, vm_size_t size)
{
	kern_return_t kr = syscall_vm_deallocate(target_task, address, size);

	return not_local(kr) ? vm_deallocate_rpc(target_task, address, size) : kr;
}

kern_return_t
task_create(task_t target_task, boolean_t inherit_memory, task_t *child_task)
{
	kern_return_t kr = syscall_task_create(target_task, inherit_memory, child_task);

	return not_local(kr) ? task_create_rpc(target_task, inherit_memory, child_task) : kr;
}

kern_return_t
task_terminate(task_t target_task)
{
	kern_return_t kr = syscall_task_terminate(target_task);

	return not_local(kr) ? task_terminate_rpc(target_task) : kr;
}

kern_return_t
task_suspend(task_t target_task)
{
	kern_return_t kr = syscall_task_suspend(target_task);

	return not_local(kr) ? task_suspend_rpc(target_task) : kr;
}

kern_return_t
task_set_special_port(task_t task, int which_port, mach_port_t special_port)
{
	kern_return_t kr = syscall_task_set_special_port(task, which_port, special_port);

	return not_local(kr) ? task_set_special_port_rpc(task, which_port, special_port) : kr;
}

kern_return_t
mach_port_allocate(ipc_space_t task, mach_port_right_t right, mach_port_name_t *name)
{
	kern_return_t kr = syscall_mach_port_allocate(task, right, name);

	return not_local(kr) ? mach_port_allocate_rpc(task, right, name) : kr;
}

kern_return_t
mach_port_deallocate(ipc_space_t task, mach_port_name_t name)
{
	kern_return_t kr = syscall_mach_port_deallocate(task, name);

	return not_local(kr) ? mach_port_deallocate_rpc(task, name) : kr;
}

kern_return_t
mach_port_insert_right(
    ipc_space_t task, mach_port_name_t name, mach_port_t poly, mach_msg_type_name_t polyPoly)
{
	kern_return_t kr = syscall_mach_port_insert_right(task, name, poly, polyPoly);

	return not_local(kr) ? mach_port_insert_right_rpc(task, name, poly, polyPoly) : kr;
}

kern_return_t
mach_port_allocate_name(ipc_space_t task, mach_port_right_t right, mach_port_name_t name)
{
	kern_return_t kr = syscall_mach_port_allocate_name(task, right, name);

	return not_local(kr) ? mach_port_allocate_name_rpc(task, right, name) : kr;
}

kern_return_t
thread_depress_abort(thread_t thread)
{
	kern_return_t kr = syscall_thread_depress_abort(thread);

	return not_local(kr) ? thread_depress_abort_rpc(thread) : kr;
}
