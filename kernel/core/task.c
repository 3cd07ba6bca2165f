/* SPDX-License-Identifier: BSD-2-Clause */
/* task -- creation and end; see task.h. */
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>
#include <kern/account.h>
#include <kern/assert.h>
#include <kern/clock.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <mach/vm_param.h>
#include <vm/pmap.h>
#include <vm/vm_kern.h>
#include <vm/vm_map.h>

#include "event.h"
#include "host_counts.h"
#include "task.h"
#include "thread.h"

static struct zone task_zone;
static struct spinlock tasks_lock = SPINLOCK_INITIALIZER(THREAD);
static struct list tasks = LIST_INITIALIZER(tasks);

struct task *kernel_task;

static void
task_init_fields(struct task *task)
{
	memset(task, 0, sizeof(*task));
	mutex_init(&task->k_lock, LOCK_RANK_TASK);
	atomic_init(&task->k_references, 1);
	list_init(&task->k_threads);
	list_init(&task->k_link);
	task->k_priority = PRIORITY_USER;
	task->k_created = clock_wall_ns();
}

void
task_module_init(void)
{
	zone_init(&task_zone, "tasks", sizeof(struct task));
	host_count_zone(PORTOLAN_COUNT_TASKS, &task_zone);
	kernel_task = zalloc(&task_zone);
	if (kernel_task == NULL)
		panic("too little memory for the first task");
	task_init_fields(kernel_task);
	kernel_task->k_map = kernel_map;
	kernel_task->k_priority = PRIORITY_SYSTEM;
	task_set_name_string(kernel_task, "kernel");
	kernel_task->k_self = ipc_port_create_kernel(NULL);
	if (kernel_task->k_self == NULL)
		panic("too little memory for the first port");
	kernel_task->k_kernel_port = ipc_port_make_send(kernel_task->k_self);
	ipc_kobject_set(kernel_task->k_self, kernel_task, IKOT_TASK);
}

void
task_reference(struct task *task)
{
	atomic_fetch_add_explicit(&task->k_references, 1, memory_order_relaxed);
}

void
task_release(struct task *task)
{
	if (task == NULL ||
	    atomic_fetch_sub_explicit(&task->k_references, 1, memory_order_acq_rel) != 1)
		return;
	kassert(task != kernel_task);
	account_uncharge(task->k_charged, ACCOUNT_TASKS, 1);
	account_release(task->k_account);
	zfree(&task_zone, task);
}

bool
task_reference_contents(struct task *task, struct vm_map **mapp, struct ipc_space **spacep)
{
	bool alive;

	mutex_lock(&task->k_lock);
	alive = task->k_state == TASK_ALIVE && task != kernel_task;
	if (alive) {
		vm_map_reference(task->k_map);
		ipc_space_reference(task->k_space);
		*mapp = task->k_map;
		*spacep = task->k_space;
	}
	mutex_unlock(&task->k_lock);
	return alive;
}

uint64_t
task_count(void)
{
	return zone_live(&task_zone);
}

void
task_set_name_string(struct task *task, const char *name)
{
	snprintf(task->k_name, sizeof(task->k_name), "%s", name);
}

struct task *
task_next(struct task *previous)
{
	struct task *next = NULL;
	struct list *node;

	spin_lock(&tasks_lock);
	node = previous == NULL ? tasks.next : previous->k_link.next;
	while (node != &tasks && next == NULL) {
		next = list_entry(node, struct task, k_link);
		node = node->next;
		if (next->k_state == TASK_DEAD)
			next = NULL;
	}
	if (next != NULL)
		task_reference(next);
	spin_unlock(&tasks_lock);
	task_release(previous);
	return next;
}

/* -- Creation ---------------------------------------------------------------------- */

/* The account the task will charge: its parent's, or one carved out of it. */
static bool
task_choose_account(struct task *task, struct task *parent, const struct task_limits *limits)
{
	struct account *account = parent != NULL ? parent->k_account : NULL;

	if (limits == NULL || !limits->carve) {
		account_reference(account);
		task->k_account = account;
		return true;
	}
	task->k_account = account_create(account);
	if (task->k_account == NULL)
		return false;
	task->k_account->limit[ACCOUNT_TASKS] = limits->children;
	task->k_account->limit[ACCOUNT_PAGES] = limits->pages;
	task->k_account->limit[ACCOUNT_PORTS] = limits->ports;
	return true;
}

static bool
task_create_map(struct task *task, struct task *parent, bool inherit)
{
	struct pmap *pmap = pmap_create(task->k_account);

	if (pmap == NULL)
		return false;
	kassert(!inherit || parent != NULL);
	if (inherit)
		task->k_map = vm_map_fork(parent->k_map, pmap, task->k_account);
	else
		task->k_map = vm_map_create(pmap, VM_MIN_ADDRESS, VM_MAX_ADDRESS, task->k_account);
	if (task->k_map == NULL)
		pmap_destroy(pmap);
	return task->k_map != NULL;
}

static bool
task_create_ports(struct task *task)
{
	task->k_self = ipc_port_create_kernel(task->k_account);
	if (task->k_self == NULL)
		return false;
	task->k_kernel_port = ipc_port_make_send(task->k_self);
	return true;
}

static void
emulation_vector_reference(struct emulation_vector *vector)
{
	if (vector != NULL)
		atomic_fetch_add(&vector->references, 1);
}

/* What a child gets from its parent (ABI sheet 4.1). */
static void
task_inherit(struct task *task, struct task *parent)
{
	mutex_lock(&parent->k_lock);
	task->k_exception_port = ipc_port_copy_send(parent->k_exception_port);
	task->k_bootstrap_port = ipc_port_copy_send(parent->k_bootstrap_port);
	for (unsigned i = 0; i < TASK_REGISTERED_PORTS; i++)
		task->k_registered[i] = ipc_port_copy_send(parent->k_registered[i]);
	task->k_priority = parent->k_priority;
	task->k_emulation_entry = parent->k_emulation_entry;
	task->k_emulation_start = parent->k_emulation_start;
	task->k_emulation_end = parent->k_emulation_end;
	task->k_vector = parent->k_vector;
	emulation_vector_reference(task->k_vector);
	memcpy(task->k_name, parent->k_name, sizeof(task->k_name));
	mutex_unlock(&parent->k_lock);
}

static void task_destroy_contents(struct task *task);

static bool
task_fill(
    struct task *task, struct task *parent, bool inherit_memory, const struct task_limits *limits)
{
	if (!task_choose_account(task, parent, limits) ||
	    !task_create_map(task, parent, inherit_memory))
		return false;
	task->k_space = ipc_space_create(task->k_account);
	if (task->k_space == NULL || !task_create_ports(task))
		return false;
	if (parent != NULL)
		task_inherit(task, parent);
	return true;
}

static struct task *
task_alloc(struct account *charged)
{
	struct task *task;

	if (!account_charge(charged, ACCOUNT_TASKS, 1))
		return NULL;
	task = zalloc(&task_zone);
	if (task == NULL) {
		account_uncharge(charged, ACCOUNT_TASKS, 1);
		return NULL;
	}
	task_init_fields(task);
	task->k_charged = charged;
	return task;
}

/* Whose limit of tasks a child counts against. */
static struct account *
task_choose_charged(struct task *parent, const struct task_limits *limits)
{
	if (limits != NULL && limits->creator != NULL)
		return limits->creator->k_account;
	return parent != NULL ? parent->k_account : NULL;
}

kern_return_t
task_create_child(
    struct task *parent, bool inherit_memory, const struct task_limits *limits, struct task **taskp)
{
	struct task *task;

	if (parent != NULL && parent->k_state != TASK_ALIVE)
		return KERN_INVALID_TASK;
	task = task_alloc(task_choose_charged(parent, limits));
	if (task == NULL)
		return KERN_RESOURCE_SHORTAGE;
	if (!task_fill(task, parent, inherit_memory, limits)) {
		task_destroy_contents(task);
		task_release(task);
		return KERN_RESOURCE_SHORTAGE;
	}
	spin_lock(&tasks_lock);
	list_insert_tail(&tasks, &task->k_link);
	spin_unlock(&tasks_lock);
	task_reference(task);
	ipc_kobject_set(task->k_self, task, IKOT_TASK);
	*taskp = task;
	return KERN_SUCCESS;
}

/* -- The end ----------------------------------------------------------------------- */

void
emulation_vector_release(struct emulation_vector *vector)
{
	if (vector == NULL || atomic_fetch_sub(&vector->references, 1) != 1)
		return;
	kfree(vector, sizeof(*vector) + vector->count * sizeof(vector->routine[0]));
}

static void
task_release_ports(struct task *task)
{
	ipc_port_release_send(task->k_kernel_port);
	ipc_port_release_send(task->k_exception_port);
	ipc_port_release_send(task->k_bootstrap_port);
	for (unsigned i = 0; i < TASK_REGISTERED_PORTS; i++)
		ipc_port_release_send(task->k_registered[i]);
	task->k_kernel_port = NULL;
	task->k_exception_port = NULL;
	task->k_bootstrap_port = NULL;
	memset(task->k_registered, 0, sizeof(task->k_registered));
}

/*
 * Names and memory, then the task port, whose death others are told of. No
 * thread and, from the first statement on, no conversion from the port uses
 * them.
 */
static void
task_destroy_contents(struct task *task)
{
	struct ipc_port *self;

	if (task->k_self != NULL)
		ipc_kobject_set(task->k_self, NULL, IKOT_NONE);
	if (task->k_space != NULL) {
		ipc_space_destroy(task->k_space);
		ipc_space_release(task->k_space);
	}
	if (task->k_map != NULL) {
		vm_map_terminate(task->k_map);
		vm_map_release(task->k_map);
	}
	task_release_ports(task);
	emulation_vector_release(task->k_vector);
	task->k_vector = NULL;
	/* Others who hold the task make rights of its port under this lock. */
	mutex_lock(&task->k_lock);
	self = task->k_self;
	task->k_self = NULL;
	mutex_unlock(&task->k_lock);
	if (self != NULL)
		ipc_port_destroy_kernel(self);
}

/* The reference of the task port goes with it. */
static void
task_finish(struct task *task)
{
	spin_lock(&tasks_lock);
	list_remove(&task->k_link);
	spin_unlock(&tasks_lock);
	task_destroy_contents(task);
	atomic_store(&task->k_state, TASK_DEAD);
	event_wake_all(task);
	task_release(task);
}

void
task_thread_gone(struct task *task, struct thread *thread)
{
	bool last;

	mutex_lock(&task->k_lock);
	list_remove(&thread->t_task_link);
	task->k_thread_count--;
	task->k_user_ns += thread->t_user_ns;
	task->k_system_ns += thread->t_system_ns;
	last = task->k_thread_count == 0 && task->k_state == TASK_DYING;
	mutex_unlock(&task->k_lock);
	if (last)
		task_finish(task);
}

/* Tell every thread to end. Locks: task. */
static void
task_terminate_threads(struct task *task)
{
	struct list *node;

	list_for_each(&task->k_threads, node)
		(void)thread_terminate_start(list_entry(node, struct thread, t_task_link));
}

kern_return_t
task_terminate_start(struct task *task)
{
	bool first, empty;

	if (task == kernel_task)
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&task->k_lock);
	first = task->k_state == TASK_ALIVE;
	if (first) {
		atomic_store(&task->k_state, TASK_DYING);
		task_terminate_threads(task);
	}
	empty = task->k_thread_count == 0;
	mutex_unlock(&task->k_lock);
	if (!first)
		return KERN_FAILURE;
	if (empty)
		task_finish(task);
	return KERN_SUCCESS;
}

bool
task_wait_dead(struct task *task)
{
	for (;;) {
		event_prepare(task, true, WAIT_FOREVER);
		if (task->k_state == TASK_DEAD) {
			event_cancel();
			return true;
		}
		if (event_block() == WAIT_INTERRUPTED)
			return task->k_state == TASK_DEAD;
	}
}
