/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * convert -- ports to kernel objects and back; see kern/mig_kernel.h.
 *
 * A reference is taken while the port is locked, and an object detaches its
 * port before it gives anything up; so what a conversion finds is alive.
 */
#include <core/host.h>
#include <core/task.h>
#include <core/thread.h>
#include <device/device.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>
#include <kern/mig_kernel.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>

#include "io_perm.h"
#include "pager.h"

/* -- Tasks and what belongs to them --------------------------------------------- */

struct task *
convert_port_to_task(struct ipc_port *port)
{
	struct task *task = ipc_kobject_lock(port, IKOT_TASK);

	if (task == NULL)
		return NULL;
	task_reference(task);
	ipc_port_unlock(port);
	return task;
}

struct ipc_port *
convert_task_to_port(struct task *task)
{
	struct ipc_port *port;

	if (task == NULL)
		return NULL;
	mutex_lock(&task->k_lock);
	port = task->k_self != NULL ? ipc_port_make_send(task->k_self) : NULL;
	mutex_unlock(&task->k_lock);
	task_release(task);
	return port;
}

void
task_deallocate(struct task *task)
{
	task_release(task);
}

struct vm_map *
convert_port_to_map(struct ipc_port *port)
{
	struct task *task = ipc_kobject_lock(port, IKOT_TASK);
	struct vm_map *map = NULL;

	if (task == NULL)
		return NULL;
	/* The kernel's is nobody's to change, whatever port they hold. */
	if (task != kernel_task) {
		map = task->k_map;
		vm_map_reference(map);
	}
	ipc_port_unlock(port);
	return map;
}

void
vm_map_deallocate(struct vm_map *map)
{
	if (map != NULL)
		vm_map_release(map);
}

struct ipc_space *
convert_port_to_space(struct ipc_port *port)
{
	struct task *task = ipc_kobject_lock(port, IKOT_TASK);
	struct ipc_space *space;

	if (task == NULL)
		return NULL;
	space = task->k_space;
	if (space != NULL)
		ipc_space_reference(space);
	ipc_port_unlock(port);
	return space;
}

void
space_deallocate(struct ipc_space *space)
{
	if (space != NULL)
		ipc_space_release(space);
}

/* -- Threads --------------------------------------------------------------------- */

struct thread *
convert_port_to_thread(struct ipc_port *port)
{
	struct thread *thread = ipc_kobject_lock(port, IKOT_THREAD);

	if (thread == NULL)
		return NULL;
	thread_reference(thread);
	ipc_port_unlock(port);
	return thread;
}

struct ipc_port *
convert_thread_to_port(struct thread *thread)
{
	struct ipc_port *port;

	if (thread == NULL)
		return NULL;
	mutex_lock(&thread->t_task->k_lock);
	port = thread->t_self != NULL ? ipc_port_make_send(thread->t_self) : NULL;
	mutex_unlock(&thread->t_task->k_lock);
	thread_release(thread);
	return port;
}

void
thread_deallocate(struct thread *thread)
{
	thread_release(thread);
}

/* -- Host, processors, sets: never freed ------------------------------------------ */

struct host *
convert_port_to_host(struct ipc_port *port)
{
	struct host *host = ipc_kobject_get(port, IKOT_HOST, NULL);

	return host != NULL ? host : convert_port_to_host_priv(port);
}

struct host *
convert_port_to_host_priv(struct ipc_port *port)
{
	return ipc_kobject_get(port, IKOT_HOST_PRIV, NULL);
}

struct ipc_port *
convert_host_to_port(struct host *host)
{
	return host != NULL ? ipc_port_make_send(host->name_port) : NULL;
}

struct processor *
convert_port_to_processor(struct ipc_port *port)
{
	return ipc_kobject_get(port, IKOT_PROCESSOR, NULL);
}

struct processor *
convert_port_to_processor_name(struct ipc_port *port)
{
	struct processor *processor = ipc_kobject_get(port, IKOT_PROCESSOR_NAME, NULL);

	return processor != NULL ? processor : convert_port_to_processor(port);
}

struct ipc_port *
convert_processor_to_port(struct processor *processor)
{
	return processor != NULL ? ipc_port_make_send(processor->port) : NULL;
}

struct ipc_port *
convert_processor_name_to_port(struct processor *processor)
{
	return processor != NULL ? ipc_port_make_send(processor->name_port) : NULL;
}

struct processor_set *
convert_port_to_pset(struct ipc_port *port)
{
	return ipc_kobject_get(port, IKOT_PROCESSOR_SET, NULL);
}

struct processor_set *
convert_port_to_pset_name(struct ipc_port *port)
{
	struct processor_set *set = ipc_kobject_get(port, IKOT_PROCESSOR_SET_NAME, NULL);

	return set != NULL ? set : convert_port_to_pset(port);
}

struct ipc_port *
convert_pset_to_port(struct processor_set *set)
{
	return set != NULL ? ipc_port_make_send(set->port) : NULL;
}

struct ipc_port *
convert_pset_name_to_port(struct processor_set *set)
{
	return set != NULL ? ipc_port_make_send(set->name_port) : NULL;
}

void
pset_deallocate(struct processor_set *set)
{
	(void)set;
}

/* -- Memory objects ---------------------------------------------------------------- */

struct vm_object *
convert_port_to_memory_control(struct ipc_port *port)
{
	return pager_object_of(port, IKOT_PAGING_REQUEST);
}

void
memory_control_deallocate(struct vm_object *object)
{
	vm_object_release(object);
}

struct vm_object *
convert_port_to_memory_name(struct ipc_port *port)
{
	return pager_object_of(port, IKOT_PAGING_NAME);
}

void
memory_name_deallocate(struct vm_object *object)
{
	vm_object_release(object);
}

/* -- Devices ------------------------------------------------------------------------ */

static void
reference_device(void *object)
{
	device_reference(object);
}

struct device *
convert_port_to_device(struct ipc_port *port)
{
	return ipc_kobject_get(port, IKOT_DEVICE, reference_device);
}

struct ipc_port *
convert_device_to_port(struct device *device)
{
	return device != NULL ? device_opened(device) : NULL;
}

void
device_deallocate(struct device *device)
{
	if (device != NULL)
		device_release(device);
}
