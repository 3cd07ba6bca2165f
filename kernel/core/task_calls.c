/* SPDX-License-Identifier: BSD-2-Clause */
/* task_calls -- what tasks may do with tasks (ABI sheet section 4). */
#include <glue/gnumach_server.h>
#include <glue/mach_host_server.h>
#include <glue/mach_server.h>
#include <glue/portolan_server.h>
#include <ipc/ipc_port.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <mach/error.h>
#include <mach/portolan.h>
#include <mach/task_special_ports.h>
#include <mach/vm_param.h>
#include <vm/vm_map.h>
#include <vm/vm_map_copy.h>

#include "host.h"
#include "sched.h"
#include "task.h"
#include "task_calls.h"
#include "thread.h"
#include "thread_calls.h"

/* -- Life ------------------------------------------------------------------------ */

static kern_return_t
task_create_told(
    struct task *parent, bool inherit, const struct task_limits *limits, struct task **childp)
{
	kern_return_t kr;

	if (parent == NULL || parent == kernel_task)
		return KERN_INVALID_TASK;
	kr = task_create_child(parent, inherit, limits, childp);
	if (kr == KERN_SUCCESS)
		host_notify_new_task(*childp, parent);
	return kr;
}

kern_return_t
task_create(struct task *parent, boolean_t inherit_memory, struct task **childp)
{
	return task_create_told(parent, inherit_memory != FALSE, NULL, childp);
}

kern_return_t
task_create_with_limits(struct task *parent, unsigned flags, rpc_long_natural_t child_limit,
    rpc_long_natural_t page_limit, rpc_long_natural_t port_limit, struct task **childp)
{
	struct task_limits limits = {
		.carve = true,
		.children = child_limit,
		.pages = page_limit,
		.ports = port_limit,
	};

	if ((flags & ~(unsigned)PORTOLAN_CREATE_INHERIT_MEMORY) != 0)
		return KERN_INVALID_ARGUMENT;
	return task_create_told(
	    parent, (flags & PORTOLAN_CREATE_INHERIT_MEMORY) != 0, &limits, childp);
}

kern_return_t
task_create_for(
    struct task *creator, struct task *source, boolean_t inherit_memory, struct task **childp)
{
	struct task_limits limits = { .creator = creator };

	if (creator == NULL || creator == kernel_task)
		return KERN_INVALID_TASK;
	return task_create_told(source, inherit_memory != FALSE, &limits, childp);
}

/* Own task: its threads end on their way out of the kernel, this one too. */
kern_return_t
task_terminate(struct task *task)
{
	kern_return_t kr;

	if (task == NULL)
		return KERN_INVALID_ARGUMENT;
	kr = task_terminate_start(task);
	if (kr == KERN_SUCCESS && task != thread_current()->t_task)
		(void)task_wait_dead(task);
	return kr;
}

/* Each thread of the task, referenced, one after the other; the lock is free
 * while `visit` runs. */
static void
task_visit_threads(struct task *task, void (*visit)(struct thread *thread))
{
	struct thread *thread = NULL, *next;
	struct list *node;

	for (;;) {
		mutex_lock(&task->k_lock);
		node = thread != NULL && !list_empty(&thread->t_task_link)
		    ? thread->t_task_link.next
		    : task->k_threads.next;
		if (thread != NULL && list_empty(&thread->t_task_link))
			node = &task->k_threads;
		next =
		    node == &task->k_threads ? NULL : list_entry(node, struct thread, t_task_link);
		if (next != NULL)
			thread_reference(next);
		mutex_unlock(&task->k_lock);
		thread_release(thread);
		thread = next;
		if (thread == NULL)
			return;
		visit(thread);
	}
}

static void
thread_wait_off_user(struct thread *thread)
{
	if (thread != thread_current())
		(void)thread_wait_still(thread, THREAD_OFF_USER);
}

/* Locks: task. */
static void
task_hold_threads(struct task *task, void (*change)(struct thread *thread))
{
	struct list *node;

	list_for_each(&task->k_threads, node)
		change(list_entry(node, struct thread, t_task_link));
}

kern_return_t
task_suspend(struct task *task)
{
	if (task == NULL || task == kernel_task)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->k_lock);
	if (task->k_suspend_count++ == 0)
		task_hold_threads(task, thread_hold);
	mutex_unlock(&task->k_lock);
	task_visit_threads(task, thread_wait_off_user);
	return KERN_SUCCESS;
}

kern_return_t
task_resume(struct task *task)
{
	kern_return_t kr = KERN_FAILURE;

	if (task == NULL || task == kernel_task)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->k_lock);
	if (task->k_suspend_count > 0) {
		kr = KERN_SUCCESS;
		if (--task->k_suspend_count == 0)
			task_hold_threads(task, thread_unhold);
	}
	mutex_unlock(&task->k_lock);
	return kr;
}

/* Send rights to all threads, in an array for a reply. */
kern_return_t
task_threads(struct task *task, struct ipc_port ***listp, mach_msg_type_number_t *countp)
{
	struct ipc_port **ports;
	uint32_t room, count = 0;
	struct list *node;

	if (task == NULL)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->k_lock);
	room = task->k_thread_count;
	if (task->k_state != TASK_ALIVE || room == 0) {
		mutex_unlock(&task->k_lock);
		*listp = NULL;
		*countp = 0;
		return task->k_state != TASK_ALIVE ? KERN_FAILURE : KERN_SUCCESS;
	}
	ports = kalloc(room * sizeof(*ports));
	if (ports == NULL) {
		mutex_unlock(&task->k_lock);
		return KERN_RESOURCE_SHORTAGE;
	}
	list_for_each(&task->k_threads, node) {
		struct thread *thread = list_entry(node, struct thread, t_task_link);

		ports[count++] = thread->t_self != NULL ? ipc_port_make_send(thread->t_self) : NULL;
	}
	mutex_unlock(&task->k_lock);
	*listp = ports;
	*countp = count;
	return KERN_SUCCESS;
}

/* -- Ports ------------------------------------------------------------------------- */

static struct ipc_port **
task_port_slot(struct task *task, int which)
{
	switch (which) {
	case TASK_KERNEL_PORT:
		return &task->k_kernel_port;
	case TASK_EXCEPTION_PORT:
		return &task->k_exception_port;
	case TASK_BOOTSTRAP_PORT:
		return &task->k_bootstrap_port;
	default:
		return NULL;
	}
}

kern_return_t
task_get_special_port(struct task *task, int which, struct ipc_port **portp)
{
	struct ipc_port **slot;
	kern_return_t kr = KERN_FAILURE;

	if (task == NULL || (slot = task_port_slot(task, which)) == NULL)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->k_lock);
	if (task->k_state == TASK_ALIVE) {
		*portp = ipc_port_copy_send(*slot);
		kr = KERN_SUCCESS;
	}
	mutex_unlock(&task->k_lock);
	return kr;
}

kern_return_t
task_set_special_port(struct task *task, int which, struct ipc_port *port)
{
	struct ipc_port **slot, *old = NULL;
	kern_return_t kr = KERN_FAILURE;

	if (task == NULL || task == kernel_task || (slot = task_port_slot(task, which)) == NULL)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->k_lock);
	if (task->k_state == TASK_ALIVE) {
		old = *slot;
		*slot = port;
		kr = KERN_SUCCESS;
	}
	mutex_unlock(&task->k_lock);
	ipc_port_release_send(old);
	return kr;
}

kern_return_t
mach_ports_register(struct task *task, struct ipc_port **ports, mach_msg_type_number_t count)
{
	struct ipc_port *old[TASK_REGISTERED_PORTS];

	if (task == NULL || task == kernel_task || count > TASK_REGISTERED_PORTS)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->k_lock);
	if (task->k_state != TASK_ALIVE) {
		mutex_unlock(&task->k_lock);
		return KERN_INVALID_ARGUMENT;
	}
	for (unsigned i = 0; i < TASK_REGISTERED_PORTS; i++) {
		old[i] = task->k_registered[i];
		task->k_registered[i] = i < count ? ports[i] : NULL;
	}
	mutex_unlock(&task->k_lock);
	for (unsigned i = 0; i < TASK_REGISTERED_PORTS; i++)
		ipc_port_release_send(old[i]);
	if (count > 0)
		kfree(ports, count * sizeof(*ports));
	return KERN_SUCCESS;
}

kern_return_t
mach_ports_lookup(struct task *task, struct ipc_port ***portsp, mach_msg_type_number_t *countp)
{
	struct ipc_port **ports;

	if (task == NULL)
		return KERN_INVALID_ARGUMENT;
	ports = kalloc(TASK_REGISTERED_PORTS * sizeof(*ports));
	if (ports == NULL)
		return KERN_RESOURCE_SHORTAGE;
	mutex_lock(&task->k_lock);
	for (unsigned i = 0; i < TASK_REGISTERED_PORTS; i++)
		ports[i] = ipc_port_copy_send(task->k_registered[i]);
	mutex_unlock(&task->k_lock);
	*portsp = ports;
	*countp = TASK_REGISTERED_PORTS;
	return KERN_SUCCESS;
}

/* -- Scheduling, names -------------------------------------------------------------- */

kern_return_t
task_priority(struct task *task, int priority, boolean_t change_threads)
{
	kern_return_t kr = KERN_SUCCESS;
	struct list *node;

	if (task == NULL || priority < 0 || priority >= PRIORITY_LOWEST)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->k_lock);
	task->k_priority = (uint8_t)priority;
	if (change_threads) {
		list_for_each(&task->k_threads, node)
			if (thread_priority(list_entry(node, struct thread, t_task_link), priority,
				FALSE) != KERN_SUCCESS)
				kr = KERN_FAILURE;
	}
	mutex_unlock(&task->k_lock);
	return kr;
}

kern_return_t
task_assign(struct task *task, struct processor_set *new_set, boolean_t assign_threads)
{
	(void)assign_threads;
	if (task == NULL || new_set == NULL)
		return KERN_INVALID_ARGUMENT;
	return KERN_FAILURE;
}

kern_return_t
task_assign_default(struct task *task, boolean_t assign_threads)
{
	(void)assign_threads;
	if (task == NULL)
		return KERN_INVALID_ARGUMENT;
	return KERN_FAILURE;
}

kern_return_t
task_get_assignment(struct task *task, struct processor_set **setp)
{
	if (task == NULL)
		return KERN_INVALID_ARGUMENT;
	*setp = &default_set;
	return KERN_SUCCESS;
}

kern_return_t
task_set_name(struct task *task, const char *name)
{
	if (task == NULL)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->k_lock);
	task_set_name_string(task, name);
	mutex_unlock(&task->k_lock);
	return KERN_SUCCESS;
}

/* The system's own tasks alone, which live inside no account, may take it
 * down with them. */
kern_return_t
task_set_essential(struct task *task, boolean_t essential)
{
	if (task == NULL)
		return KERN_INVALID_ARGUMENT;
	if (task->k_account != NULL)
		return KERN_NO_ACCESS;
	mutex_lock(&task->k_lock);
	task->k_essential = essential != FALSE;
	mutex_unlock(&task->k_lock);
	return KERN_SUCCESS;
}

kern_return_t
task_ras_control(struct task *task, vm_address_t base, vm_address_t bounds, int flavor)
{
	(void)task;
	(void)base;
	(void)bounds;
	(void)flavor;
	return KERN_FAILURE; /* not configured, ABI sheet 4.1 */
}

/* -- Redirection (D2) and the old emulation vectors ----------------------------------- */

static bool
emulation_range_valid(uint64_t entry, uint64_t start, uint64_t end)
{
	if (entry == 0)
		return true;
	return start <= entry && entry < end && end <= VM_MAX_ADDRESS;
}

/* Programs behind an emulator expect memory without EXECUTE not to be
 * executable; native ones that readable is enough (ABI sheet 5.4). */
kern_return_t
task_set_emulation_entry(
    struct task *task, vm_address_t entry, vm_address_t start, vm_address_t end)
{
	struct list *node;

	if (task == NULL || task == kernel_task || !emulation_range_valid(entry, start, end))
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->k_lock);
	task->k_emulation_entry = entry;
	task->k_emulation_start = start;
	task->k_emulation_end = end;
	if (task->k_state == TASK_ALIVE)
		vm_map_set_enforce_execute(task->k_map, entry != 0);
	list_for_each(&task->k_threads, node)
		pcb_set_emulation(
		    &list_entry(node, struct thread, t_task_link)->pcb, entry, start, end);
	mutex_unlock(&task->k_lock);
	return KERN_SUCCESS;
}

kern_return_t
task_get_emulation_entry(
    struct task *task, vm_address_t *entryp, vm_address_t *startp, vm_address_t *endp)
{
	if (task == NULL)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->k_lock);
	*entryp = task->k_emulation_entry;
	*startp = task->k_emulation_start;
	*endp = task->k_emulation_end;
	mutex_unlock(&task->k_lock);
	return KERN_SUCCESS;
}

#define EML_COUNT_MAX 8192

/* A vector that covers the old one and [start, start + count). */
static struct emulation_vector *
vector_grow(const struct emulation_vector *old, uint32_t start, uint32_t count)
{
	uint32_t low = start, high = start + count;
	struct emulation_vector *vector;
	size_t size;

	if (old != NULL && old->start < low)
		low = old->start;
	if (old != NULL && old->start + old->count > high)
		high = old->start + old->count;
	size = sizeof(*vector) + (high - low) * sizeof(vector->routine[0]);
	vector = kalloc(size);
	if (vector == NULL)
		return NULL;
	memset(vector, 0, size);
	atomic_init(&vector->references, 1);
	vector->start = low;
	vector->count = high - low;
	if (old != NULL)
		memcpy(&vector->routine[old->start - low], old->routine,
		    old->count * sizeof(old->routine[0]));
	return vector;
}

static kern_return_t
task_store_vector(struct task *task, uint32_t start, const uint64_t *routines, uint32_t count)
{
	struct emulation_vector *vector, *old;

	mutex_lock(&task->k_lock);
	old = task->k_vector;
	vector = vector_grow(old, start, count);
	if (vector != NULL) {
		memcpy(
		    &vector->routine[start - vector->start], routines, count * sizeof(routines[0]));
		task->k_vector = vector;
	}
	mutex_unlock(&task->k_lock);
	if (vector == NULL)
		return KERN_RESOURCE_SHORTAGE;
	emulation_vector_release(old);
	return KERN_SUCCESS;
}

kern_return_t
task_set_emulation(struct task *task, vm_address_t routine, int number)
{
	uint64_t value = routine;

	if (task == NULL)
		return EML_BAD_TASK;
	if (number < 0 || number >= EML_COUNT_MAX)
		return EML_BAD_CNT;
	return task_store_vector(task, (uint32_t)number, &value, 1);
}

kern_return_t
task_set_emulation_vector(
    struct task *task, int start, struct vm_map_copy *data, mach_msg_type_number_t count)
{
	size_t size = count * sizeof(uint64_t);
	uint64_t *routines;
	kern_return_t kr;

	if (task == NULL)
		return EML_BAD_TASK;
	if (start < 0 || start >= EML_COUNT_MAX || count == 0 ||
	    count > EML_COUNT_MAX - (unsigned)start)
		return EML_BAD_CNT;
	routines = kalloc(size);
	if (routines == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = vm_map_copy_read(data, 0, routines, size);
	if (kr == KERN_SUCCESS)
		kr = task_store_vector(task, (uint32_t)start, routines, count);
	kfree(routines, size);
	if (kr == KERN_SUCCESS)
		vm_map_copy_discard(data);
	return kr;
}

kern_return_t
task_get_emulation_vector(
    struct task *task, int *startp, struct vm_map_copy **datap, mach_msg_type_number_t *countp)
{
	kern_return_t kr = KERN_SUCCESS;

	if (task == NULL)
		return EML_BAD_TASK;
	*startp = 0;
	*countp = 0;
	*datap = NULL;
	mutex_lock(&task->k_lock);
	if (task->k_vector != NULL) {
		*startp = (int)task->k_vector->start;
		*countp = task->k_vector->count;
		kr = vm_map_copy_from_kernel(task->k_vector->routine,
		    task->k_vector->count * sizeof(uint64_t), thread_current()->t_task->k_account,
		    datap);
	}
	mutex_unlock(&task->k_lock);
	return kr;
}
