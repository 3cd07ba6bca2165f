/* SPDX-License-Identifier: BSD-2-Clause */
/* thread -- creation and end; see thread.h. */
#include <arch/context.h>
#include <arch/pmap.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <kern/account.h>
#include <kern/assert.h>
#include <kern/clock.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <mach/policy.h>
#include <vm/vm_map.h>

#include "event.h"
#include "host_counts.h"
#include "sched.h"
#include "sched_private.h"
#include "task.h"
#include "thread.h"
#include "waiter.h"

static struct zone thread_zone;

void
thread_module_init(void)
{
	zone_init(&thread_zone, "threads", sizeof(struct thread));
	host_count_zone(PORTOLAN_COUNT_THREADS, &thread_zone);
}

uint64_t
thread_count(void)
{
	return zone_live(&thread_zone);
}

void
thread_reference(struct thread *thread)
{
	atomic_fetch_add_explicit(&thread->t_references, 1, memory_order_relaxed);
}

static void
thread_free(struct thread *thread)
{
	struct task *task = thread->t_task;

	pcb_destroy(&thread->pcb);
	zfree(&thread_zone, thread);
	account_uncharge(task->k_account, ACCOUNT_THREADS, 1);
	task_release(task);
}

void
thread_release(struct thread *thread)
{
	if (thread == NULL)
		return;
	if (atomic_fetch_sub_explicit(&thread->t_references, 1, memory_order_acq_rel) == 1)
		thread_free(thread);
}

/* -- Creation -------------------------------------------------------------------- */

static void
depress_timeout(struct timer *timer)
{
	thread_undepress(container_of(timer, struct thread, t_depress_timer));
}

static void
waiter_init(struct waiter *waiter)
{
	atomic_init(&waiter->w_state, WAITER_RUNNING);
	waiter->w_result = WAIT_OK;
	list_init(&waiter->w_link);
	waiter->w_event = NULL;
	waiter->w_continuation = NULL;
}

static void
thread_init_scheduling(struct thread *thread, uint8_t priority)
{
	atomic_init(&thread->t_on_cpu, ON_NO_CPU);
	atomic_init(&thread->t_bound_cpu, ON_NO_CPU);
	thread->t_home_cpu = ON_NO_CPU;
	thread->t_last_cpu = (uint16_t)cpu_id();
	list_init(&thread->t_run_link);
	list_init(&thread->t_stack_link);
	timer_init(&thread->t_wait_timer, waiter_timeout);
	timer_init(&thread->t_depress_timer, depress_timeout);
	thread->t_base_priority = priority;
	thread->t_max_priority = priority < PRIORITY_USER ? priority : PRIORITY_USER;
	thread->t_policy = POLICY_TIMESHARE;
	thread->t_quantum = SCHED_SLICE_TICKS;
	thread->t_slice = SCHED_SLICE_TICKS;
	thread->t_priority = priority;
}

/* A zeroed thread with everything set but ports and its place in the task. */
static struct thread *
thread_alloc(struct task *task, uint8_t priority)
{
	struct thread *thread = zalloc(&thread_zone);

	if (thread == NULL)
		return NULL;
	memset(thread, 0, sizeof(*thread));
	if (!pcb_init(&thread->pcb)) {
		zfree(&thread_zone, thread);
		return NULL;
	}
	waiter_init(thread_waiter(thread));
	ipc_thread_init(&thread->ipc, task->k_space);
	spinlock_init(&thread->t_lock, LOCK_RANK_THREAD);
	mutex_init(&thread->t_state_lock, LOCK_RANK_THREAD_STATE);
	atomic_init(&thread->t_references, 1);
	thread->t_task = task;
	thread->t_pmap = task->k_map->vm_pmap;
	list_init(&thread->t_task_link);
	thread->t_created = clock_wall_ns();
	thread_init_scheduling(thread, priority);
	task_reference(task);
	return thread;
}

/* Held once, in the name of the user's suspension. */
static void
thread_start_held(struct thread *thread)
{
	thread->t_suspend_count = 1;
	thread->t_hold_count = 1;
	atomic_init(&thread->t_ast, THREAD_AST_HOLD);
	thread->t_frozen = true;
	thread_waiter(thread)->w_continuation = thread_return_continue;
}

/* Enter it into its task. False: the task is dying. */
static bool
thread_join_task(struct thread *thread)
{
	struct task *task = thread->t_task;
	bool alive;

	mutex_lock(&task->k_lock);
	alive = task->k_state == TASK_ALIVE;
	if (alive) {
		if (task->k_suspend_count > 0)
			thread->t_hold_count++;
		memcpy(thread->t_name, task->k_name, sizeof(thread->t_name));
		pcb_set_emulation(&thread->pcb, task->k_emulation_entry, task->k_emulation_start,
		    task->k_emulation_end);
		thread->t_base_priority = task->k_priority;
		thread_reference(thread); /* its own: alive */
		list_insert_tail(&task->k_threads, &thread->t_task_link);
		task->k_thread_count++;
	}
	mutex_unlock(&task->k_lock);
	return alive;
}

/* Ports first: nobody can find the thread before it is in its task. */
static bool
thread_create_ports(struct thread *thread)
{
	thread->t_self = ipc_port_create_kernel(thread->t_task->k_account);
	if (thread->t_self == NULL)
		return false;
	thread->t_kernel_port = ipc_port_make_send(thread->t_self);
	return true;
}

static void
thread_destroy_ports(struct thread *thread)
{
	struct task *task = thread->t_task;
	struct ipc_port *self, *kernel, *exception;

	mutex_lock(&task->k_lock);
	self = thread->t_self;
	kernel = thread->t_kernel_port;
	exception = thread->t_exception_port;
	thread->t_self = NULL;
	thread->t_kernel_port = NULL;
	thread->t_exception_port = NULL;
	mutex_unlock(&task->k_lock);
	ipc_port_release_send(kernel);
	ipc_port_release_send(exception);
	if (self != NULL)
		ipc_port_destroy_kernel(self);
}

kern_return_t
thread_create_in(struct task *task, struct thread **threadp)
{
	struct thread *thread;

	if (!account_charge(task->k_account, ACCOUNT_THREADS, 1))
		return KERN_RESOURCE_SHORTAGE;
	thread = thread_alloc(task, task->k_priority);
	if (thread == NULL) {
		account_uncharge(task->k_account, ACCOUNT_THREADS, 1);
		return KERN_RESOURCE_SHORTAGE;
	}
	thread_start_held(thread);
	if (!thread_create_ports(thread)) {
		thread_release(thread);
		return KERN_RESOURCE_SHORTAGE;
	}
	if (!thread_join_task(thread)) {
		thread_destroy_ports(thread);
		thread_release(thread);
		return KERN_FAILURE;
	}
	ipc_kobject_set(thread->t_self, thread, IKOT_THREAD);
	*threadp = thread;
	return KERN_SUCCESS;
}

static void
kernel_thread_continue(struct waiter *self)
{
	thread_of(self)->t_kernel_function();
	thread_exit();
}

struct thread *
thread_create_kernel(const char *name, uint8_t priority, void (*function)(void))
{
	struct thread *thread = thread_alloc(kernel_task, priority);

	if (thread == NULL)
		panic("no memory for kernel thread %s", name);
	snprintf(thread->t_name, sizeof(thread->t_name), "%s", name);
	thread->t_kernel_function = function;
	thread_waiter(thread)->w_continuation = kernel_thread_continue;
	mutex_lock(&kernel_task->k_lock);
	list_insert_tail(&kernel_task->k_threads, &thread->t_task_link);
	kernel_task->k_thread_count++;
	mutex_unlock(&kernel_task->k_lock);
	sched_enqueue(thread);
	return thread;
}

struct thread *
thread_create_idle(unsigned cpu)
{
	struct thread *thread = thread_alloc(kernel_task, PRIORITY_LOWEST);

	if (thread == NULL)
		panic("no memory for the idle thread of CPU %u", cpu);
	snprintf(thread->t_name, sizeof(thread->t_name), "%s", "idle");
	thread->t_is_idle = true;
	atomic_init(&thread->t_bound_cpu, (int16_t)cpu);
	thread->t_priority = PRIORITY_IDLE;
	return thread;
}

/* -- The end --------------------------------------------------------------------- */

/* Nothing of the task's memory is needed from here on. */
static void
thread_leave_space(struct thread *self)
{
	self->t_pmap = kernel_pmap;
	ipc_thread_set_space(&self->ipc, NULL);
}

_Noreturn void
thread_exit(void)
{
	struct thread *self = thread_current();

	timer_cancel(&self->t_depress_timer);
	ipc_thread_cleanup(&self->ipc);
	thread_destroy_ports(self);
	thread_leave_space(self);
	task_thread_gone(self->t_task, self);
	atomic_store(&self->t_dead, true);
	event_wake_all(self);
	sched_leave(self);
}
