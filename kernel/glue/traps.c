/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * traps -- the trap tables, and the traps that are not messages
 * (ABI sheet 1.3 to 1.5).
 *
 * A shortcut trap whose first argument does not name a local object answers
 * MACH_SEND_INTERRUPTED and has no effect; the library then sends the
 * message.
 */
#include <arch/console.h>
#include <arch/trap.h>
#include <core/host.h>
#include <core/sched.h>
#include <core/task.h>
#include <core/task_calls.h>
#include <core/thread.h>
#include <core/thread_calls.h>
#include <device/device_types.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_register.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_msg.h>
#include <ipc/mach_port.h>
#include <ipc/mach_port_own.h>
#include <kern/copyio.h>
#include <kern/mig_kernel.h>
#include <kern/preempt.h>
#include <mach/machine/thread_status.h>
#include <mach/thread_switch.h>
#include <mach/vm_param.h>
#include <vm/vm_map.h>
#include <vm/vm_user.h>

#include "pager.h"
#include "vm_calls.h"

#define NOT_LOCAL MACH_SEND_INTERRUPTED

static struct task *
self_task(void)
{
	return thread_current()->t_task;
}

/* -- Objects behind a name ------------------------------------------------------- */

static struct task *
name_to_task(mach_port_name_t name)
{
	struct ipc_port *port = ipc_name_lookup_send(self_task()->k_space, name);
	struct task *task;

	if (port == NULL)
		return NULL;
	task = convert_port_to_task(port);
	ipc_port_release(port);
	return task;
}

static struct thread *
name_to_thread(mach_port_name_t name)
{
	struct ipc_port *port = ipc_name_lookup_send(self_task()->k_space, name);
	struct thread *thread;

	if (port == NULL)
		return NULL;
	thread = convert_port_to_thread(port);
	ipc_port_release(port);
	return thread;
}

static struct vm_map *
name_to_map(mach_port_name_t name)
{
	struct ipc_port *port = ipc_name_lookup_send(self_task()->k_space, name);
	struct vm_map *map;

	if (port == NULL)
		return NULL;
	map = convert_port_to_map(port);
	ipc_port_release(port);
	return map;
}

static struct ipc_space *
name_to_space(mach_port_name_t name)
{
	struct ipc_port *port = ipc_name_lookup_send(self_task()->k_space, name);
	struct ipc_space *space;

	if (port == NULL)
		return NULL;
	space = convert_port_to_space(port);
	ipc_port_release(port);
	return space;
}

/* -- Names of oneself -------------------------------------------------------------- */

static mach_port_name_t
trap_mach_reply_port(void)
{
	return ipc_reply_port_allocate(self_task()->k_space);
}

static mach_port_name_t
trap_mach_thread_self(void)
{
	struct thread *self = thread_current();
	struct ipc_port *port;

	mutex_lock(&self->t_task->k_lock);
	port = ipc_port_copy_send(self->t_kernel_port);
	mutex_unlock(&self->t_task->k_lock);
	return ipc_name_send_right(self->t_task->k_space, port);
}

static mach_port_name_t
trap_mach_task_self(void)
{
	struct task *task = self_task();
	struct ipc_port *port;

	mutex_lock(&task->k_lock);
	port = ipc_port_copy_send(task->k_kernel_port);
	mutex_unlock(&task->k_lock);
	return ipc_name_send_right(task->k_space, port);
}

static mach_port_name_t
trap_mach_host_self(void)
{
	return ipc_name_send_right(self_task()->k_space, ipc_port_make_send(the_host.name_port));
}

/* -- Printing, yielding, own state -------------------------------------------------- */

static kern_return_t
trap_mach_print(uint64_t string)
{
	char piece[128];
	size_t length = 0;

	do {
		for (length = 0; length < sizeof(piece); length++) {
			if (!copyin(string + length, &piece[length], 1))
				break;
			if (piece[length] == '\0')
				break;
		}
		console_write(piece, length);
		string += length;
		preempt_point();
	} while (length == sizeof(piece));
	return KERN_SUCCESS;
}

static void
switch_continue(struct waiter *self)
{
	trap_return(thread_of(self)->t_switch_value);
}

/* Yield; the trap's result will be `value`. Returns when nobody else waits. */
static uint64_t
yield_with_result(struct thread *self, uint64_t value)
{
	self->t_slice = 0;
	self->t_switch_value = value;
	if (!sched_others_ready())
		return value;
	sched_yield_continue(switch_continue);
}

static boolean_t
trap_swtch(void)
{
	boolean_t others = sched_others_ready();

	return (boolean_t)yield_with_result(thread_current(), (uint64_t)others);
}

static void
swtch_pri_continue(struct waiter *self)
{
	thread_undepress(thread_of(self));
	trap_return((uint64_t)sched_others_ready());
}

static boolean_t
trap_swtch_pri(int32_t priority)
{
	struct thread *self = thread_current();

	(void)priority;
	if (!sched_others_ready())
		return FALSE;
	thread_depress(self, THREAD_MINIMUM_QUANTUM_MS);
	self->t_slice = 0;
	sched_yield_continue(swtch_pri_continue);
}

/* On return any depression is cancelled. */
static void
thread_switch_continue(struct waiter *self)
{
	thread_undepress(thread_of(self));
	trap_return(KERN_SUCCESS);
}

static kern_return_t
trap_thread_switch(mach_port_name_t name, int32_t option, uint32_t option_time)
{
	struct thread *self = thread_current();
	struct thread *hint;

	if (option < SWITCH_OPTION_NONE || option > SWITCH_OPTION_WAIT)
		return KERN_INVALID_ARGUMENT;
	hint = name_to_thread(name);
	if (hint != NULL) {
		(void)sched_prefer(hint);
		thread_release(hint);
	}
	if (option == SWITCH_OPTION_WAIT) {
		waiter_prepare(thread_waiter(self), true, option_time);
		waiter_block_continue(thread_waiter(self), thread_switch_continue);
	}
	if (option == SWITCH_OPTION_DEPRESS)
		thread_depress(self, option_time);
	self->t_slice = 0;
	sched_yield_continue(thread_switch_continue);
}

#define SELF_STATE_MAX 150

static kern_return_t
trap_thread_set_self_state(int32_t flavor, uint64_t user, uint32_t count)
{
	uint32_t state[SELF_STATE_MAX];
	kern_return_t kr;

	if (count < 1 || count > SELF_STATE_MAX || !copyin(user, state, count * sizeof(state[0])))
		return KERN_INVALID_ARGUMENT;
	kr = pcb_set_state(&thread_current()->pcb, flavor, state, count);
	if (kr == KERN_SUCCESS && (flavor == i386_THREAD_STATE || flavor == i386_REGS_SEGS_STATE))
		exception_return();
	return kr;
}

static kern_return_t
trap_evc_wait(uint32_t event)
{
	(void)event; /* no driver has assigned one */
	return KERN_INVALID_ARGUMENT;
}

static kern_return_t
trap_set_emulation_block(uint64_t block)
{
	return pcb_set_emulation_block(&thread_current()->pcb, block) ? KERN_SUCCESS
								      : KERN_INVALID_ARGUMENT;
}

/* -- Shortcuts ------------------------------------------------------------------------ */

static kern_return_t
trap_vm_allocate(mach_port_name_t target, uint64_t user_address, uint64_t size, int32_t anywhere)
{
	struct vm_map *map = name_to_map(target);
	vm_address_t address = 0;
	kern_return_t kr;

	if (map == NULL)
		return NOT_LOCAL;
	if (!copyin(user_address, &address, sizeof(address)))
		kr = KERN_INVALID_ADDRESS;
	else
		kr = vm_allocate(map, &address, size, anywhere);
	vm_map_release(map);
	if (kr == KERN_SUCCESS)
		(void)!copyout(&address, user_address, sizeof(address));
	return kr;
}

static kern_return_t
trap_vm_deallocate(mach_port_name_t target, uint64_t start, uint64_t size)
{
	struct vm_map *map = name_to_map(target);
	kern_return_t kr;

	if (map == NULL)
		return NOT_LOCAL;
	kr = vm_deallocate(map, start, size);
	vm_map_release(map);
	return kr;
}

static kern_return_t
trap_vm_map(mach_port_name_t target, uint64_t user_address, uint64_t size, uint64_t mask,
    int32_t anywhere, mach_port_name_t memory_object, uint64_t offset, int32_t copy,
    int32_t protection, int32_t max_protection, int32_t inheritance)
{
	struct vm_map *map = name_to_map(target);
	struct ipc_port *pager = NULL;
	vm_address_t address = 0;
	kern_return_t kr;

	if (map == NULL)
		return NOT_LOCAL;
	kr = ipc_name_copyin(self_task()->k_space, memory_object, MACH_MSG_TYPE_COPY_SEND, &pager);
	if (kr == KERN_SUCCESS && !copyin(user_address, &address, sizeof(address)))
		kr = KERN_INVALID_ADDRESS;
	if (kr == KERN_SUCCESS)
		kr = vm_map_call(map, &address, size, mask, anywhere, pager, offset, copy,
		    protection, max_protection, inheritance);
	ipc_port_release_send(pager);
	vm_map_release(map);
	if (kr == KERN_SUCCESS)
		(void)!copyout(&address, user_address, sizeof(address));
	return kr;
}

static kern_return_t
trap_task_create(mach_port_name_t target, int32_t inherit, uint64_t user_child)
{
	struct task *parent = name_to_task(target);
	struct task *child = NULL;
	mach_port_name_t name;
	kern_return_t kr;

	if (parent == NULL)
		return NOT_LOCAL;
	kr = task_create(parent, inherit, &child);
	task_release(parent);
	if (kr != KERN_SUCCESS)
		return kr;
	name = ipc_name_send_right(self_task()->k_space, convert_task_to_port(child));
	(void)!copyout(&name, user_child, sizeof(name));
	return KERN_SUCCESS;
}

static kern_return_t
trap_task_terminate(mach_port_name_t target)
{
	struct task *task = name_to_task(target);
	kern_return_t kr;

	if (task == NULL)
		return NOT_LOCAL;
	kr = task_terminate(task);
	task_release(task);
	return kr;
}

static kern_return_t
trap_task_suspend(mach_port_name_t target)
{
	struct task *task = name_to_task(target);
	kern_return_t kr;

	if (task == NULL)
		return NOT_LOCAL;
	kr = task_suspend(task);
	task_release(task);
	return kr;
}

static kern_return_t
trap_task_set_special_port(mach_port_name_t target, int32_t which, mach_port_name_t name)
{
	struct task *task = name_to_task(target);
	struct ipc_port *port = NULL;
	kern_return_t kr;

	if (task == NULL)
		return NOT_LOCAL;
	kr = ipc_name_copyin(self_task()->k_space, name, MACH_MSG_TYPE_COPY_SEND, &port);
	if (kr == KERN_SUCCESS) {
		kr = task_set_special_port(task, which, port);
		if (kr != KERN_SUCCESS)
			ipc_port_release_send(port);
	}
	task_release(task);
	return kr;
}

static kern_return_t
trap_mach_port_allocate(mach_port_name_t target, uint32_t right, uint64_t user_name)
{
	struct ipc_space *space = name_to_space(target);
	mach_port_name_t name = MACH_PORT_NULL;
	kern_return_t kr;

	if (space == NULL)
		return NOT_LOCAL;
	kr = mach_port_allocate(space, right, &name);
	ipc_space_release(space);
	if (kr == KERN_SUCCESS)
		(void)!copyout(&name, user_name, sizeof(name));
	return kr;
}

static kern_return_t
trap_mach_port_allocate_name(mach_port_name_t target, uint32_t right, mach_port_name_t name)
{
	struct ipc_space *space = name_to_space(target);
	kern_return_t kr;

	if (space == NULL)
		return NOT_LOCAL;
	kr = mach_port_allocate_name(space, right, name);
	ipc_space_release(space);
	return kr;
}

static __attribute__((noinline)) kern_return_t
port_deallocate_in(mach_port_name_t target, mach_port_name_t name)
{
	struct ipc_space *space = name_to_space(target);
	kern_return_t kr;

	if (space == NULL)
		return NOT_LOCAL;
	kr = mach_port_deallocate(space, name);
	ipc_space_release(space);
	return kr;
}

static kern_return_t
trap_mach_port_deallocate(mach_port_name_t target, mach_port_name_t name)
{
	struct task *self = self_task();

	/* k_self is but compared with what the name denotes. */
	if (mach_port_deallocate_own(self->k_space, self->k_self, target, name))
		return KERN_SUCCESS;
	return port_deallocate_in(target, name);
}

static kern_return_t
trap_mach_port_insert_right(
    mach_port_name_t target, mach_port_name_t name, mach_port_name_t right, uint32_t type)
{
	struct ipc_space *space = name_to_space(target);
	kern_return_t kr;

	if (space == NULL)
		return NOT_LOCAL;
	kr = ipc_insert_right_from_name(self_task()->k_space, space, name, right, type);
	ipc_space_release(space);
	return kr;
}

static kern_return_t
trap_thread_depress_abort(mach_port_name_t target)
{
	struct thread *thread = name_to_thread(target);
	kern_return_t kr;

	if (thread == NULL)
		return NOT_LOCAL;
	kr = thread_depress_abort(thread);
	thread_release(thread);
	return kr;
}

/* -- Devices: no driver takes writes by trap --------------------------------------------- */

static io_return_t
device_write_trap(mach_port_name_t name, mach_port_name_t reply)
{
	struct ipc_port *port = ipc_name_lookup_send(self_task()->k_space, name);
	bool is_device = port != NULL && ipc_kobject_type(port) == IKOT_DEVICE;

	if (port != NULL)
		ipc_port_release(port);
	if (!is_device)
		return KERN_INVALID_CAPABILITY;
	if (reply != MACH_PORT_NULL)
		return KERN_INVALID_RIGHT;
	return D_INVALID_OPERATION;
}

static io_return_t
trap_device_write(mach_port_name_t device, mach_port_name_t reply)
{
	return device_write_trap(device, reply);
}

/* -- Tables ------------------------------------------------------------------------------ */

static uint64_t
trap_null(void)
{
	return 0;
}

const struct trap_entry trap_table[TRAP_COUNT] = {
	[10] = TRAP(trap_null, 0),
	[11] = TRAP(trap_null, 0),
	[12] = TRAP(trap_null, 0),
	[13] = TRAP(trap_null, 0),
	[17] = TRAP(trap_evc_wait, 1),
	[18] = TRAP(trap_evc_wait, 1),
	[25] = TRAP(mach_msg_syscall, 7),
	[26] = TRAP(trap_mach_reply_port, 0),
	[27] = TRAP(trap_mach_thread_self, 0),
	[28] = TRAP(trap_mach_task_self, 0),
	[29] = TRAP(trap_mach_host_self, 0),
	[30] = TRAP(trap_mach_print, 1),
	[39] = TRAP(trap_device_write, 6),
	[40] = TRAP(trap_device_write, 6),
	[55] = TRAP(trap_null, 0),
	[56] = TRAP(trap_null, 0),
	[59] = TRAP(trap_swtch_pri, 1),
	[60] = TRAP(trap_swtch, 0),
	[61] = TRAP(trap_thread_switch, 3),
	[64] = TRAP(trap_vm_map, 11),
	[65] = TRAP(trap_vm_allocate, 4),
	[66] = TRAP(trap_vm_deallocate, 3),
	[68] = TRAP(trap_task_create, 3),
	[69] = TRAP(trap_task_terminate, 1),
	[70] = TRAP(trap_task_suspend, 1),
	[71] = TRAP(trap_task_set_special_port, 3),
	[72] = TRAP(trap_mach_port_allocate, 3),
	[73] = TRAP(trap_mach_port_deallocate, 2),
	[74] = TRAP(trap_mach_port_insert_right, 4),
	[75] = TRAP(trap_mach_port_allocate_name, 3),
	[76] = TRAP(trap_thread_depress_abort, 1),
	[77] = TRAP(trap_thread_set_self_state, 3),
};

const struct trap_entry trap_own_table[TRAP_OWN_COUNT] = {
	[0] = TRAP(trap_set_emulation_block, 1),
	[1] = TRAP(ipc_register_call, 2),
	[2] = TRAP(ipc_register_reply_wait, 4),
};
