/* SPDX-License-Identifier: BSD-2-Clause */
/* thread_calls -- what tasks may do with threads (ABI sheet section 4). */
#include <glue/gnumach_server.h>
#include <glue/mach_host_server.h>
#include <glue/mach_server.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_port.h>
#include <kern/assert.h>
#include <kern/string.h>
#include <mach/machine/thread_status.h>
#include <mach/policy.h>
#include <mach/portolan.h>
#include <mach/thread_special_ports.h>
#include <vm/vm_map.h>

#include "host.h"
#include "sched.h"
#include "task.h"
#include "thread.h"
#include "thread_calls.h"

kern_return_t
thread_create(struct task *task, struct thread **threadp)
{
	if (task == NULL || task == kernel_task)
		return KERN_INVALID_ARGUMENT;
	return thread_create_in(task, threadp);
}

/* The caller's own thread ends on the way out of the kernel. */
kern_return_t
thread_terminate(struct thread *thread)
{
	kern_return_t kr;

	if (thread == NULL || thread->t_task == kernel_task)
		return KERN_INVALID_ARGUMENT;
	kr = thread_terminate_start(thread);
	if (thread != thread_current())
		(void)thread_wait_still(thread, THREAD_DEAD);
	return kr;
}

/*
 * End a thread and give back its stack and ports, in the order of ABI sheet
 * 9.2. The stack may be the caller's own: nothing of it is touched here.
 */
kern_return_t
thread_terminate_release(struct thread *thread, struct task *task, mach_port_name_t thread_name,
    mach_port_name_t reply_port, vm_address_t address, vm_size_t size)
{
	struct ipc_space *space;
	struct vm_map *map;

	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	if (task == NULL || !task_reference_contents(task, &map, &space))
		return KERN_INVALID_TASK;
	(void)mach_port_deallocate(space, thread_name);
	if (reply_port != MACH_PORT_NULL)
		(void)mach_port_destroy(space, reply_port);
	if (address != 0 || size != 0)
		(void)vm_deallocate(map, address, size);
	ipc_space_release(space);
	vm_map_release(map);
	return thread_terminate(thread);
}

/* -- Suspension ---------------------------------------------------------------- */

kern_return_t
thread_suspend(struct thread *thread)
{
	struct task *task;
	bool hold;

	if (thread == NULL || thread->t_task == kernel_task)
		return KERN_INVALID_ARGUMENT;
	task = thread->t_task;
	mutex_lock(&task->k_lock);
	hold = thread->t_suspend_count++ == 0;
	if (hold)
		thread_hold(thread);
	mutex_unlock(&task->k_lock);
	if (thread != thread_current())
		(void)thread_wait_still(thread, THREAD_OFF_USER);
	return KERN_SUCCESS;
}

kern_return_t
thread_resume(struct thread *thread)
{
	struct task *task;
	kern_return_t kr = KERN_FAILURE;

	if (thread == NULL || thread->t_task == kernel_task)
		return KERN_INVALID_ARGUMENT;
	task = thread->t_task;
	mutex_lock(&task->k_lock);
	if (thread->t_suspend_count > 0) {
		kr = KERN_SUCCESS;
		if (--thread->t_suspend_count == 0)
			thread_unhold(thread);
	}
	mutex_unlock(&task->k_lock);
	return kr;
}

kern_return_t
thread_abort(struct thread *thread)
{
	bool stopped;

	if (thread == NULL || thread == thread_current() || thread->t_task == kernel_task)
		return KERN_INVALID_ARGUMENT;
	stopped = thread_abort_and_stop(thread);
	thread_abort_done(thread);
	return stopped ? KERN_SUCCESS : KERN_ABORTED;
}

/* -- State --------------------------------------------------------------------- */

/* Run `edit` on the user state of a thread that is kept from running. */
static kern_return_t
thread_with_state(struct thread *thread,
    kern_return_t (*edit)(struct thread *thread, int flavor, uint32_t *state, uint32_t *countp),
    int flavor, uint32_t *state, uint32_t *countp)
{
	kern_return_t kr = KERN_ABORTED;

	mutex_lock(&thread->t_state_lock);
	thread_hold(thread);
	if (thread_wait_still(thread, THREAD_STABLE))
		kr = thread->t_dead ? KERN_FAILURE : edit(thread, flavor, state, countp);
	thread_unhold(thread);
	mutex_unlock(&thread->t_state_lock);
	return kr;
}

static kern_return_t
edit_get(struct thread *thread, int flavor, uint32_t *state, uint32_t *countp)
{
	return pcb_get_state(&thread->pcb, flavor, state, countp);
}

static kern_return_t
edit_set(struct thread *thread, int flavor, uint32_t *state, uint32_t *countp)
{
	return pcb_set_state(&thread->pcb, flavor, state, *countp);
}

kern_return_t
thread_get_state(
    struct thread *thread, int flavor, thread_state_t old_state, mach_msg_type_number_t *countp)
{
	if (thread == NULL || thread->t_task == kernel_task)
		return KERN_INVALID_ARGUMENT;
	if (thread != thread_current())
		return thread_with_state(thread, edit_get, flavor, old_state, countp);
	if (flavor != i386_DEBUG_STATE && flavor != EMULATION_BLOCK_STATE)
		return KERN_INVALID_ARGUMENT;
	return pcb_get_state(&thread->pcb, flavor, old_state, countp);
}

kern_return_t
thread_set_state(
    struct thread *thread, int flavor, const thread_state_t new_state, mach_msg_type_number_t count)
{
	if (thread == NULL || thread->t_task == kernel_task)
		return KERN_INVALID_ARGUMENT;
	if (thread != thread_current())
		return thread_with_state(
		    thread, edit_set, flavor, (uint32_t *)(uintptr_t)new_state, &count);
	if (flavor != i386_DEBUG_STATE && flavor != i386_FSGS_BASE_STATE &&
	    flavor != EMULATION_BLOCK_STATE)
		return KERN_INVALID_ARGUMENT;
	return pcb_set_state(&thread->pcb, flavor, new_state, count);
}

/* -- Ports ---------------------------------------------------------------------- */

static struct ipc_port **
thread_port_slot(struct thread *thread, int which)
{
	switch (which) {
	case THREAD_KERNEL_PORT:
		return &thread->t_kernel_port;
	case THREAD_EXCEPTION_PORT:
		return &thread->t_exception_port;
	default:
		return NULL;
	}
}

kern_return_t
thread_get_special_port(struct thread *thread, int which, struct ipc_port **portp)
{
	struct ipc_port **slot;
	kern_return_t kr = KERN_FAILURE;

	if (thread == NULL || thread->t_task == kernel_task ||
	    (slot = thread_port_slot(thread, which)) == NULL)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&thread->t_task->k_lock);
	if (thread->t_self != NULL) {
		*portp = ipc_port_copy_send(*slot);
		kr = KERN_SUCCESS;
	}
	mutex_unlock(&thread->t_task->k_lock);
	return kr;
}

kern_return_t
thread_set_special_port(struct thread *thread, int which, struct ipc_port *port)
{
	struct ipc_port **slot, *old = NULL;
	kern_return_t kr = KERN_FAILURE;

	if (thread == NULL || thread->t_task == kernel_task ||
	    (slot = thread_port_slot(thread, which)) == NULL)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&thread->t_task->k_lock);
	if (thread->t_self != NULL) {
		old = *slot;
		*slot = port;
		kr = KERN_SUCCESS;
	}
	mutex_unlock(&thread->t_task->k_lock);
	ipc_port_release_send(old);
	return kr;
}

/* -- Scheduling ------------------------------------------------------------------ */

static bool
priority_valid(int priority)
{
	return priority >= 0 && priority < PRIORITY_LOWEST;
}

kern_return_t
thread_depress_abort(struct thread *thread)
{
	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	(void)thread_undepress(thread);
	return KERN_SUCCESS;
}

kern_return_t
thread_priority(struct thread *thread, int priority, boolean_t set_max)
{
	kern_return_t kr = KERN_SUCCESS;

	if (thread == NULL || !priority_valid(priority))
		return KERN_INVALID_ARGUMENT;
	spin_lock(&thread->t_lock);
	if (!set_max && priority < thread->t_max_priority) {
		kr = KERN_FAILURE;
	} else {
		thread->t_base_priority = (uint8_t)priority;
		if (set_max)
			thread->t_max_priority = (uint8_t)priority;
	}
	spin_unlock(&thread->t_lock);
	if (kr == KERN_SUCCESS)
		thread_priority_changed(thread);
	return kr;
}

kern_return_t
thread_max_priority(struct thread *thread, struct processor_set *set, int max_priority)
{
	if (thread == NULL || set == NULL || !priority_valid(max_priority))
		return KERN_INVALID_ARGUMENT;
	spin_lock(&thread->t_lock);
	thread->t_max_priority = (uint8_t)max_priority;
	if (thread->t_base_priority < max_priority)
		thread->t_base_priority = (uint8_t)max_priority;
	spin_unlock(&thread->t_lock);
	thread_priority_changed(thread);
	return KERN_SUCCESS;
}

/* Longest quantum: the slice is kept in a byte. */
#define QUANTUM_TICKS_MAX 200
#define MS_PER_TICK       10

kern_return_t
thread_policy(struct thread *thread, int policy, int data)
{
	int ticks = data / MS_PER_TICK;

	if (thread == NULL || invalid_policy(policy))
		return KERN_INVALID_ARGUMENT;
	if ((default_set.policies & (uint32_t)policy) == 0)
		return KERN_FAILURE;
	if (policy == POLICY_TIMESHARE || ticks < SCHED_SLICE_TICKS)
		ticks = SCHED_SLICE_TICKS;
	if (ticks > QUANTUM_TICKS_MAX)
		ticks = QUANTUM_TICKS_MAX;
	spin_lock(&thread->t_lock);
	thread->t_policy = (uint8_t)policy;
	thread->t_quantum = (uint8_t)ticks;
	spin_unlock(&thread->t_lock);
	thread_priority_changed(thread);
	return KERN_SUCCESS;
}

kern_return_t
thread_wire(struct host *host, struct thread *thread, boolean_t wired)
{
	if (host == NULL)
		return KERN_INVALID_ARGUMENT;
	if (thread == NULL || thread != thread_current())
		return KERN_INVALID_ARGUMENT;
	thread->t_wired = wired != FALSE;
	return KERN_SUCCESS;
}

/* One processor set: assignment is not configured. */
kern_return_t
thread_assign(struct thread *thread, struct processor_set *new_set)
{
	if (thread == NULL || new_set == NULL)
		return KERN_INVALID_ARGUMENT;
	return KERN_FAILURE;
}

kern_return_t
thread_assign_default(struct thread *thread)
{
	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	return KERN_FAILURE;
}

kern_return_t
thread_get_assignment(struct thread *thread, struct processor_set **setp)
{
	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	*setp = &default_set;
	return KERN_SUCCESS;
}

/* -- Names ----------------------------------------------------------------------- */

kern_return_t
thread_set_name(struct thread *thread, const char *name)
{
	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&thread->t_task->k_lock);
	snprintf(thread->t_name, sizeof(thread->t_name), "%s", name);
	mutex_unlock(&thread->t_task->k_lock);
	return KERN_SUCCESS;
}

/* `name` has room for kernel_debug_name_t, which is more. */
kern_return_t
thread_get_name(struct thread *thread, char *name)
{
	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&thread->t_task->k_lock);
	memcpy(name, thread->t_name, sizeof(thread->t_name));
	mutex_unlock(&thread->t_task->k_lock);
	return KERN_SUCCESS;
}
