/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/thread.h"

#include <mach/machine/thread_status.h>
#include <string.h>

#include "bsd/emulator.h"
#include "exec/image.h"
#include "main/service.h"
#include "proc/pid.h"
#include "proc/robust.h"
#include "server/proc.h"
#include "server/sync.h"

#define BUCKETS       256
#define HANDLES_START 64

/* Threads by handle; a slot's generation goes up when it is freed. */
struct handle {
	struct thread *thread;
	uint32_t generation;
	uint32_t next_free;
};

static struct handle *handles;
static uint32_t handle_count;
static uint32_t handle_free; /* index + 1, 0 = none */
static struct list by_tid[BUCKETS];
static struct list by_port[BUCKETS];

void
thread_init(void)
{
	for (int i = 0; i < BUCKETS; i++) {
		list_init(&by_tid[i]);
		list_init(&by_port[i]);
	}
}

/* ---- handles ----------------------------------------------------------------------- */

static bool
handles_grow(void)
{
	uint32_t count = handle_count == 0 ? HANDLES_START : handle_count * 2;
	struct handle *bigger = bsd_alloc(count * sizeof(*bigger));

	if (bigger == NULL)
		return false;
	if (handle_count > 0)
		memcpy(bigger, handles, handle_count * sizeof(*bigger));
	for (uint32_t i = handle_count; i < count; i++) {
		bigger[i].generation = 1;
		bigger[i].next_free = handle_free;
		handle_free = i + 1;
	}
	bsd_free(handles, handle_count * sizeof(*bigger));
	handles = bigger;
	handle_count = count;
	return true;
}

static bool
handle_assign(struct thread *t)
{
	uint32_t index;

	if (handle_free == 0 && !handles_grow())
		return false;
	index = handle_free - 1;
	handle_free = handles[index].next_free;
	handles[index].thread = t;
	t->handle = (uint64_t)handles[index].generation << 32 | index;
	return true;
}

static void
handle_drop(struct thread *t)
{
	uint32_t index = (uint32_t)t->handle;

	handles[index].thread = NULL;
	if (++handles[index].generation == 0)
		handles[index].generation = 1;
	handles[index].next_free = handle_free;
	handle_free = index + 1;
}

struct thread *
thread_by_handle(uint64_t handle)
{
	uint32_t index = (uint32_t)handle;

	if (index >= handle_count || handles[index].generation != handle >> 32)
		return NULL;
	return handles[index].thread;
}

/* ---- finding ---------------------------------------------------------------------------- */

struct thread *
thread_find(int32_t tid)
{
	struct list *link;
	struct list *head = &by_tid[(uint32_t)tid % BUCKETS];

	list_for_each(link, head) {
		struct thread *t = list_entry(link, struct thread, tid_link);

		if (t->tid == tid)
			return t;
	}
	return NULL;
}

struct thread *
thread_by_port(mach_port_t port)
{
	struct list *link;
	struct list *head = &by_port[port % BUCKETS];

	list_for_each(link, head) {
		struct thread *t = list_entry(link, struct thread, port_link);

		if (t->port == port)
			return t;
	}
	return NULL;
}

/* ---- references -------------------------------------------------------------------------- */

void
thread_reference(struct thread *t)
{
	t->refs++;
}

void
thread_release(struct thread *t)
{
	if (--t->refs > 0)
		return;
	sigqueue_drop(&t->pending, ~(bsd_sigset_t)0);
	bsd_free(t->exec_args, t->exec_args_length);
	bsd_free(t->start_fpu, t->start_fpu_size);
	proc_release(t->proc);
	bsd_free(t, sizeof(*t));
}

/* ---- life ---------------------------------------------------------------------------------- */

/* The thread's right to ask: its name in the task is known by the slot. */
static kern_return_t
give_process_port(struct thread *t)
{
	kern_return_t kr;

	kr = mach_port_insert_right(
	    t->space->task, EMUL_PROCESS_PORT(t->slot), t->process_port, MACH_MSG_TYPE_COPY_SEND);
	if (kr == KERN_SUCCESS && t->proc->thread_count == 0)
		kr = task_set_special_port(t->space->task, TASK_BOOTSTRAP_PORT, t->process_port);
	return kr;
}

struct thread *
thread_create_in(struct proc *p, struct space *space, uint32_t slot, int32_t tid)
{
	struct thread *t = bsd_alloc(sizeof(*t));

	if (t == NULL)
		return NULL;
	if (!handle_assign(t)) {
		bsd_free(t, sizeof(*t));
		return NULL;
	}
	t->refs = 1;
	t->proc = p;
	t->space = space;
	t->slot = slot;
	t->tid = tid;
	t->altstack.ss_flags = SS_DISABLE;
	if (service_port_create(t->handle, &t->process_port) != KERN_SUCCESS) {
		handle_drop(t);
		bsd_free(t, sizeof(*t));
		return NULL;
	}
	if (give_process_port(t) != KERN_SUCCESS) {
		service_port_destroy(t->process_port);
		handle_drop(t);
		bsd_free(t, sizeof(*t));
		return NULL;
	}
	space_reference(space);
	proc_reference(p);
	list_append(&p->threads, &t->link);
	list_append(&by_tid[(uint32_t)tid % BUCKETS], &t->tid_link);
	list_init(&t->port_link);
	p->thread_count++;
	return t;
}

static kern_return_t
set_start_state(const struct thread *t)
{
	struct i386_thread_state state = {
		.rip = image_emulator()->start,
		.cs = I386_USER_CS,
		.ss = I386_USER_SS,
		.rfl = 0x202,
		.ursp = EMUL_BLOCK_ADDRESS(t->slot),
	};

	return thread_set_state(
	    t->port, i386_THREAD_STATE, (thread_state_t)&state, i386_THREAD_STATE_COUNT);
}

/* Be told when the thread ends by other hands than ours. */
static kern_return_t
watch(struct thread *t)
{
	mach_port_t previous = MACH_PORT_NULL;
	kern_return_t kr;

	kr = mach_port_request_notification(mach_task_self(), t->port, MACH_NOTIFY_DEAD_NAME, 0,
	    service_notify_port, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
	if (MACH_PORT_VALID(previous))
		mach_port_deallocate(mach_task_self(), previous);
	return kr;
}

kern_return_t
thread_start(struct thread *t)
{
	kern_return_t kr = thread_create(t->space->task, &t->port);

	if (kr != KERN_SUCCESS)
		return kr;
	kr = set_start_state(t);
	if (kr == KERN_SUCCESS)
		kr = watch(t);
	if (kr != KERN_SUCCESS) {
		thread_terminate(t->port);
		mach_port_deallocate(mach_task_self(), t->port);
		t->port = MACH_PORT_NULL;
		return kr;
	}
	list_append(&by_port[t->port % BUCKETS], &t->port_link);
	t->stopped = t->proc->state == PROC_STOPPED;
	if (!t->stopped)
		kr = thread_resume(t->port);
	return kr;
}

/*
 * Dropping the name with a dead-name request brings a port-deleted
 * notification, which is ignored.
 */
static void
drop_kernel_thread(struct thread *t, bool terminate)
{
	if (t->port == MACH_PORT_NULL)
		return;
	if (terminate)
		thread_terminate(t->port);
	list_remove(&t->port_link);
	mach_port_destroy(mach_task_self(), t->port);
	t->port = MACH_PORT_NULL;
}

/* Leave the space: slot (unless it is still to be looked at), process port's
 * name, kernel thread. */
static void
leave_space(struct thread *t, bool noted)
{
	struct space *space = t->space;
	bool last = space->refs == 1;

	/* With notes the task stays a little longer than the space. */
	drop_kernel_thread(t, !last || !list_empty(&space->notes));
	if (!last && !noted) {
		mach_port_deallocate(space->task, EMUL_PROCESS_PORT(t->slot));
		(void)vm_deallocate(space->task, EMUL_SLOT_ADDRESS(t->slot) + EMUL_SLOT_GUARD,
		    EMUL_SLOT_SIZE - EMUL_SLOT_GUARD);
		space_slot_give(space, t->slot);
	}
	t->space = NULL;
	space_release(space);
}

void
thread_destroy(struct thread *t)
{
	struct proc *p = t->proc;
	bool noted;

	if (t->dead)
		return;
	t->dead = true;
	noted = robust_note(t);
	handle_drop(t);
	service_port_destroy(t->process_port);
	leave_space(t, noted);
	list_remove(&t->link);
	list_remove(&t->tid_link);
	p->thread_count--;
	if (t->tid != p->pid)
		pid_release(t->tid);
	sleep_interrupt(t, true);
	thread_release(t);
}

void
thread_become_leader(struct thread *t)
{
	if (t->tid == t->proc->pid)
		return;
	list_remove(&t->tid_link);
	pid_release(t->tid);
	t->tid = t->proc->pid;
	list_append(&by_tid[(uint32_t)t->tid % BUCKETS], &t->tid_link);
}

kern_return_t
thread_move(struct thread *t, struct space *space)
{
	leave_space(t, false);
	t->space = space;
	space_reference(space);
	t->slot = 0;
	space_slot_claim(space, 0);
	t->signal_saved = false;
	t->in_exception = false;
	if (mach_port_insert_right(space->task, EMUL_PROCESS_PORT(0), t->process_port,
		MACH_MSG_TYPE_COPY_SEND) != KERN_SUCCESS ||
	    task_set_special_port(space->task, TASK_BOOTSTRAP_PORT, t->process_port) !=
		KERN_SUCCESS)
		return KERN_RESOURCE_SHORTAGE;
	return thread_start(t);
}
