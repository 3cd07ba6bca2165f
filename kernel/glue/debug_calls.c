/* SPDX-License-Identifier: BSD-2-Clause */
/* debug_calls -- mach_debug.defs (ABI sheet 9.4): looking into ports, maps
 * and zones. */
#include <arch/context.h>
#include <core/host.h>
#include <core/sched.h>
#include <core/task.h>
#include <core/thread.h>
#include <glue/mach_debug_server.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_port.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <vm/vm_map.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_object.h>

#include "pager.h"

/* -- Ports ------------------------------------------------------------------------ */

/* A right of one of `types`, its port referenced. */
static kern_return_t
name_port(
    struct ipc_space *space, mach_port_name_t name, mach_port_type_t types, struct ipc_port **portp)
{
	struct ipc_entry *entry;
	kern_return_t kr = KERN_SUCCESS;

	if (space == NULL)
		return KERN_INVALID_TASK;
	spin_lock(&space->is_lock);
	entry = space->is_active ? ipc_entry_lookup(space, name) : NULL;
	if (!space->is_active) {
		kr = KERN_INVALID_TASK;
	} else if (entry == NULL) {
		kr = KERN_INVALID_NAME;
	} else if ((ipc_entry_type(entry) & types) == 0) {
		kr = KERN_INVALID_RIGHT;
	} else {
		*portp = ipc_port_of(entry->ie_object);
		ipc_port_reference(*portp);
	}
	spin_unlock(&space->is_lock);
	return kr;
}

kern_return_t
mach_port_get_srights(struct ipc_space *space, mach_port_name_t name, mach_port_rights_t *srights)
{
	struct ipc_port *port;
	kern_return_t kr = name_port(space, name, MACH_PORT_TYPE_RECEIVE, &port);

	if (kr != KERN_SUCCESS)
		return kr;
	*srights = port->ip_srights;
	ipc_port_release(port);
	return KERN_SUCCESS;
}

kern_return_t
mach_port_dnrequest_info(
    struct ipc_space *space, mach_port_name_t name, unsigned *total, unsigned *used)
{
	struct ipc_port *port;
	struct list *node;
	kern_return_t kr = name_port(space, name, MACH_PORT_TYPE_RECEIVE, &port);

	if (kr != KERN_SUCCESS)
		return kr;
	*used = 0;
	ipc_port_lock(port);
	list_for_each(&port->ip_requests, node)
		(*used)++;
	ipc_port_unlock(port);
	*total = *used;
	ipc_port_release(port);
	return KERN_SUCCESS;
}

/* The sheet's number of each kind of ours. */
static const uint8_t kind_numbers[IKOT_COUNT] = {
	[IKOT_THREAD] = 1,
	[IKOT_TASK] = 2,
	[IKOT_HOST] = 3,
	[IKOT_HOST_PRIV] = 4,
	[IKOT_PROCESSOR] = 5,
	[IKOT_PROCESSOR_SET] = 6,
	[IKOT_PROCESSOR_SET_NAME] = 7,
	[IKOT_PAGER] = 8,
	[IKOT_PAGING_REQUEST] = 9,
	[IKOT_DEVICE] = 10,
	[IKOT_PAGING_NAME] = 16,
	[IKOT_MASTER_DEVICE] = 19,
	[IKOT_USER_DEVICE] = 28,
	[IKOT_PROCESSOR_NAME] = 29,
};

/* Kernel addresses are not told. */
kern_return_t
mach_port_kernel_object(
    struct ipc_space *space, mach_port_name_t name, unsigned *typep, vm_offset_t *addressp)
{
	struct ipc_port *port;
	kern_return_t kr =
	    name_port(space, name, MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE, &port);

	if (kr != KERN_SUCCESS)
		return kr;
	*typep = kind_numbers[ipc_kobject_type(port)];
	*addressp = 0;
	ipc_port_release(port);
	return KERN_SUCCESS;
}

/* -- Memory ------------------------------------------------------------------------ */

kern_return_t
mach_vm_region_info(
    struct vm_map *map, vm_address_t address, vm_region_info_t *info, struct ipc_port **objectp)
{
	struct vm_map_region region;
	kern_return_t kr;

	if (map == NULL)
		return KERN_INVALID_TASK;
	kr = vm_map_region(map, address, &region);
	if (kr != KERN_SUCCESS)
		return kr;
	memset(info, 0, sizeof(*info));
	info->vri_start = region.start;
	info->vri_end = region.start + region.size;
	info->vri_protection = region.protection;
	info->vri_max_protection = region.max_protection;
	info->vri_inheritance = region.inheritance;
	info->vri_wired_count = region.wired;
	info->vri_user_wired_count = region.user_wired;
	info->vri_offset = region.offset;
	info->vri_needs_copy = region.needs_copy;
	info->vri_sharing = region.shared;
	*objectp = pager_name_right(region.object);
	vm_object_release(region.object);
	return KERN_SUCCESS;
}

/* -- Zones and stacks ---------------------------------------------------------------- */

struct slab_list {
	cache_info_t *row;
	unsigned room;
	unsigned count;
};

static void
slab_list_add(const struct zone *zone, void *arg)
{
	struct slab_list *list = arg;
	cache_info_t *row;

	if (list->count == list->room)
		return;
	row = &list->row[list->count++];
	memset(row, 0, sizeof(*row));
	row->obj_size = zone->size;
	row->buf_size = zone->size;
	row->cpu_pool_size = ZONE_CACHE;
	row->nr_objs = zone_live(zone);
	row->nr_slabs = zone->slab_count;
	snprintf(row->name, sizeof(row->name), "%s", zone->name);
}

#define SLAB_ROWS_MAX    128
#define SLAB_ROWS_INLINE (2048 / sizeof(cache_info_t))

kern_return_t
host_slab_info(struct host *host, cache_info_array_t *infop, mach_msg_type_number_t *countp)
{
	size_t size = SLAB_ROWS_MAX * sizeof(cache_info_t);
	struct slab_list list = { kalloc(size), SLAB_ROWS_MAX, 0 };
	struct vm_map_copy *copy = NULL;
	kern_return_t kr = KERN_SUCCESS;

	if (host == NULL)
		kr = KERN_INVALID_HOST;
	else if (list.row == NULL)
		kr = KERN_RESOURCE_SHORTAGE;
	if (kr != KERN_SUCCESS) {
		kfree(list.row, size);
		return kr;
	}
	zone_for_each(slab_list_add, &list);
	if (list.count <= SLAB_ROWS_INLINE)
		memcpy(*infop, list.row, list.count * sizeof(cache_info_t));
	else
		kr = vm_map_copy_from_kernel(list.row, list.count * sizeof(cache_info_t),
		    thread_current()->t_task->k_account, &copy);
	if (copy != NULL)
		*infop = (cache_info_array_t)(void *)copy;
	*countp = list.count;
	kfree(list.row, size);
	return kr;
}

kern_return_t
host_stack_usage(struct host *host, vm_size_t *reserved, unsigned *total, vm_size_t *space,
    vm_size_t *resident, vm_size_t *maxusage, vm_offset_t *maxstack)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	*reserved = 0;
	*total = (unsigned)sched_stack_count();
	*space = *total * KERNEL_STACK_SIZE;
	*resident = *space;
	*maxusage = 0; /* not measured */
	*maxstack = 0;
	return KERN_SUCCESS;
}

kern_return_t
processor_set_stack_usage(struct processor_set *set, unsigned *total, vm_size_t *space,
    vm_size_t *resident, vm_size_t *maxusage, vm_offset_t *maxstack)
{
	vm_size_t reserved;

	if (set == NULL)
		return KERN_INVALID_ARGUMENT;
	return host_stack_usage(&the_host, &reserved, total, space, resident, maxusage, maxstack);
}
