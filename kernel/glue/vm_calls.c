/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_calls -- the memory routines whose arguments are ports or hosts: vm_map,
 * vm_region, vm_wire and others (ABI sheet 5.2 to 5.7). What needs no port
 * lies in vm/vm_user.c and is called by the stubs directly.
 */
#include <core/host.h>
#include <ipc/ipc_port.h>
#include <kern/mig_kernel.h>
#include <kern/zalloc.h>
#include <mach/vm_param.h>
#include <mach/vm_wire.h>
#include <vm/vm_map.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_object.h>
#include <vm/vm_pager.h>
#include <vm/vm_user.h>

#include "pager.h"
#include "vm_calls.h"
#include "vm_calls_stubs.h"

kern_return_t
vm_map_call(struct vm_map *map, vm_address_t *address, vm_size_t size, vm_address_t mask,
    boolean_t anywhere, struct ipc_port *memory_object, vm_offset_t offset, boolean_t copy,
    vm_prot_t cur_protection, vm_prot_t max_protection, vm_inherit_t inheritance)
{
	struct pager_mapping mapping = {
		.offset = offset,
		.size = size,
		.copy = copy != FALSE,
		.cur_protection = cur_protection,
		.max_protection = max_protection,
	};
	kern_return_t kr = KERN_SUCCESS;

	if (map == NULL)
		return KERN_INVALID_ARGUMENT;
	if (IPC_PORT_VALID(memory_object))
		kr = pager_find_object(memory_object, map->vm_account, &mapping);
	if (kr != KERN_SUCCESS)
		return kr;
	kr = vm_user_map(map, address, size, mask, anywhere, mapping.object, mapping.offset, copy,
	    mapping.cur_protection, mapping.max_protection, inheritance);
	if (kr != KERN_SUCCESS)
		vm_object_release(mapping.object);
	return kr;
}

/* The stub's: the right is ours on success. */
kern_return_t
vm_map(struct vm_map *map, vm_address_t *address, vm_size_t size, vm_address_t mask,
    boolean_t anywhere, struct ipc_port *memory_object, vm_offset_t offset, boolean_t copy,
    vm_prot_t cur_protection, vm_prot_t max_protection, vm_inherit_t inheritance)
{
	kern_return_t kr = vm_map_call(map, address, size, mask, anywhere, memory_object, offset,
	    copy, cur_protection, max_protection, inheritance);

	if (kr == KERN_SUCCESS)
		ipc_port_release_send(memory_object);
	return kr;
}

kern_return_t
vm_region(struct vm_map *map, vm_address_t *address, vm_size_t *size, vm_prot_t *protection,
    vm_prot_t *max_protection, vm_inherit_t *inheritance, boolean_t *is_shared,
    struct ipc_port **object_name, vm_offset_t *offset)
{
	struct vm_map_region region;
	kern_return_t kr;

	if (map == NULL)
		return KERN_INVALID_ARGUMENT;
	kr = vm_map_region(map, *address, &region);
	if (kr != KERN_SUCCESS)
		return kr;
	*address = region.start;
	*size = region.size;
	*protection = region.protection;
	*max_protection = region.max_protection;
	*inheritance = region.inheritance;
	*is_shared = region.shared;
	*offset = region.offset;
	*object_name = pager_name_right(region.object);
	vm_object_release(region.object);
	return KERN_SUCCESS;
}

/* -- Wiring: who asks decides how much ------------------------------------------- */

kern_return_t
vm_wire(struct ipc_port *host_port, struct vm_map *map, vm_address_t address, vm_size_t size,
    vm_prot_t access)
{
	bool privileged = convert_port_to_host_priv(host_port) != NULL;

	if (!privileged && convert_port_to_host(host_port) == NULL)
		return KERN_INVALID_HOST;
	if (map == NULL)
		return KERN_INVALID_TASK;
	return vm_user_wire(map, address, size, access, privileged);
}

kern_return_t
vm_wire_all(struct ipc_port *host_port, struct vm_map *map, vm_wire_t flags)
{
	if (convert_port_to_host_priv(host_port) == NULL)
		return KERN_INVALID_HOST;
	if (map == NULL)
		return KERN_INVALID_TASK;
	if ((flags & ~VM_WIRE_ALL) != 0)
		return KERN_INVALID_ARGUMENT;
	return vm_map_wire_all(map, flags);
}

/* -- GNU additions (ABI sheet 5.7) -------------------------------------------------- */

kern_return_t
vm_set_size_limit(
    struct ipc_port *host_port, struct vm_map *map, vm_size_t current_limit, vm_size_t max_limit)
{
	bool privileged = convert_port_to_host_priv(host_port) != NULL;

	if (!privileged && convert_port_to_host(host_port) == NULL)
		return KERN_INVALID_HOST;
	if (map == NULL)
		return KERN_INVALID_TASK;
	return vm_map_set_limit(map, current_limit, max_limit, privileged);
}

kern_return_t
vm_get_size_limit(struct vm_map *map, vm_size_t *current_limit, vm_size_t *max_limit)
{
	if (map == NULL)
		return KERN_INVALID_TASK;
	vm_map_get_limit(map, current_limit, max_limit);
	return KERN_SUCCESS;
}

kern_return_t
vm_allocate_contiguous(struct host *host, struct vm_map *map, vm_address_t *vaddr,
    rpc_phys_addr_t *paddr, vm_size_t size, rpc_phys_addr_t pmin, rpc_phys_addr_t pmax,
    rpc_phys_addr_t palign)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	if (map == NULL)
		return KERN_INVALID_TASK;
	return vm_user_allocate_contiguous(map, vaddr, paddr, size, pmin, pmax, palign);
}

/* Addresses that fit the reply go inline, more out of line. */
#define PAGES_INLINE    256
#define PAGES_MAX       (PHYS_LIST_BYTES / sizeof(uint64_t))
#define PHYS_LIST_BYTES (1024ul * 1024)

kern_return_t
vm_pages_phys(struct host *host, struct vm_map *map, vm_address_t vaddr, vm_size_t size,
    rpc_phys_addr_t **pages, mach_msg_type_number_t *countp)
{
	vm_offset_t start = trunc_page(vaddr);
	vm_offset_t end = round_page(vaddr + size);
	struct vm_map_copy *copy = NULL;
	uint64_t count, *list;
	kern_return_t kr;

	if (host == NULL)
		return KERN_INVALID_HOST;
	if (map == NULL)
		return KERN_INVALID_TASK;
	if (end <= start || end - start > PAGES_MAX * PAGE_SIZE)
		return KERN_INVALID_ARGUMENT;
	count = (end - start) / PAGE_SIZE;
	if (count <= PAGES_INLINE) {
		*countp = (mach_msg_type_number_t)count;
		return vm_map_pages_phys(map, start, end, (uint64_t *)(void *)*pages);
	}
	list = kalloc(count * sizeof(*list));
	if (list == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = vm_map_pages_phys(map, start, end, list);
	if (kr == KERN_SUCCESS)
		kr = vm_map_copy_from_kernel(list, count * sizeof(*list), map->vm_account, &copy);
	kfree(list, count * sizeof(*list));
	if (kr == KERN_SUCCESS) {
		*pages = (rpc_phys_addr_t *)(void *)copy;
		*countp = (mach_msg_type_number_t)count;
	}
	return kr;
}

kern_return_t
vm_object_sync_call(struct vm_object *object, vm_offset_t offset, vm_size_t size,
    boolean_t should_flush, boolean_t should_return, boolean_t should_iosync)
{
	if (object == NULL)
		return KERN_INVALID_ARGUMENT;
	return vm_object_sync(object, offset, size, should_flush != FALSE, should_return != FALSE,
	    should_iosync != FALSE);
}

/* -- The default memory manager -------------------------------------------------------- */

static struct ipc_port *default_manager;

/* There is no use for it yet but to hand it back: anonymous memory stays
 * resident. The old one is returned, the new one kept unless null. */
kern_return_t
vm_set_default_memory_manager(struct host *host, struct ipc_port **managerp)
{
	struct ipc_port *old, *new = *managerp;

	if (host == NULL)
		return KERN_INVALID_HOST;
	mutex_lock(&host->lock);
	old = default_manager;
	if (IPC_PORT_VALID(new))
		default_manager = new;
	else
		old = ipc_port_copy_send(old);
	mutex_unlock(&host->lock);
	*managerp = old;
	return KERN_SUCCESS;
}
