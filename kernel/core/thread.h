/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread -- a flow of control of a task.
 *
 * Life:    thread_create (held, suspended once) -> runs, blocks, stops ->
 *          thread_exit in its own context -> freed with its last reference.
 *          It holds one reference on itself until it has left its last CPU;
 *          its list in the task needs none.
 *
 * Where a thread is, seen from the scheduler:
 *
 *      on a CPU (t_on_cpu) --park--> parked (t_parked) --waiter_go--> queued
 *          ^  |                                            |             |
 *          |  '---stop at the AST---> frozen <---held------'             |
 *          |                            '---------thread_release--->-----|
 *          '-------------------------------------------------------------'
 *
 *      frozen: would be runnable, but is held and has no stack, hence no
 *      kernel resource. A held thread with a stack runs on until it gives
 *      the stack up or comes to the AST before user mode.
 *
 * Locks:   t_lock (rank THREAD): (l) fields. The task's lock: (t) fields.
 *          (a) atomic. (o) the thread itself. (c) constant.
 */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <arch/current.h>
#include <arch/pcb.h>
#include <ipc/ipc_thread.h>
#include <kern/list.h>
#include <kern/mutex.h>
#include <kern/spinlock.h>
#include <kern/waiter.h>
#include <mach/kern_return.h>
#include <mach/thread_info.h>

#include "lock_check.h"
#include "timer.h"

struct account;
struct ipc_port;
struct pmap;
struct task;

#define THREAD_NAME_MAX 32

/* Priorities (ABI sheet 4.7): 0 is best. */
#define PRIORITY_SYSTEM 6
#define PRIORITY_USER   25
#define PRIORITY_LOWEST 64
#define PRIORITY_COUNT  65
#define PRIORITY_IDLE   255 /* of idle threads; in no queue */

#define ON_NO_CPU (-1)

/* t_ast: why the thread must not just go back to user mode. */
#define THREAD_AST_HOLD      1u /* t_hold_count > 0 */
#define THREAD_AST_ABORT     2u /* waits are interrupted */
#define THREAD_AST_TERMINATE 4u
#define THREAD_AST_WATCHED   8u  /* somebody waits for it to stop */
#define THREAD_AST_BOUND     16u /* t_bound_cpu is a CPU */

struct thread {
	struct ipc_thread ipc; /* first; the waiter first in it */
	struct pcb pcb;

	/* What a switch needs. */
	struct pmap *t_pmap; /* (o) */
	union {
		struct {
			_Atomic int32_t t_on_cpu;  /* (a) CPU it executes on */
			_Atomic uint32_t t_parked; /* (a) 1: off the CPU, in a wait */
		};
		_Atomic uint64_t t_where; /* both at once */
	};
	_Atomic uint32_t t_ast;  /* (a) THREAD_AST_* */
	uint8_t t_priority;      /* of the run queue; (o) or queue */
	uint8_t t_slice;         /* ticks left (o) */
	bool t_queued;           /* run queue lock */
	bool t_priority_changed; /* (a) t_priority is to be computed anew */
	uint16_t t_last_cpu;
	_Atomic int16_t t_bound_cpu; /* (a) set under t_lock; or ON_NO_CPU */
	struct list t_run_link;
	struct list t_stack_link; /* queued with a kernel stack */
	struct timer t_wait_timer;

	_Atomic uint32_t t_references;
	struct spinlock t_lock;
	uint32_t t_hold_count;  /* (l) reasons not to run */
	uint32_t t_abort_count; /* (l) aborts under way */
	bool t_frozen;          /* (l) */
	bool t_terminating;     /* (l) */
	_Atomic bool t_leaving; /* (a) queued, about to switch away */
	_Atomic bool t_dead;    /* (a) has left its last CPU, almost */

	/* Scheduling parameters (l). */
	uint8_t t_base_priority;
	uint8_t t_max_priority;
	uint8_t t_policy;
	uint8_t t_quantum; /* ticks, for fixed priority */
	bool t_depressed;
	struct timer t_depress_timer;
	uint32_t t_usage; /* decayed ticks used */
	uint32_t t_usage_second;

	/* Wait at an event without a stack: what to run then (o). */
	continuation_t *t_event_continuation;
	uint64_t t_switch_value; /* (o) result of a yielding trap */

	struct task *t_task;               /* (c) referenced */
	struct list t_task_link;           /* (t) */
	uint32_t t_suspend_count;          /* (t) the user's */
	struct ipc_port *t_self;           /* (t) receive right, NULL: dying */
	struct ipc_port *t_kernel_port;    /* (t) send right */
	struct ipc_port *t_exception_port; /* (t) send right */
	struct mutex t_state_lock;         /* editors of its user state */
	char t_name[THREAD_NAME_MAX];      /* (t) */

	/* Exception under way (o); see exception.c. */
	struct {
		int exception;
		int code;
		int64_t subcode;
		bool thread_port_tried;
		bool task_port_tried;
	} t_exception;

	uint64_t t_created;              /* (c) wall clock, ns */
	uint64_t t_user_ns;              /* (o) */
	uint64_t t_system_ns;            /* (o) */
	uint64_t t_events[7];            /* (o) TASK_EVENTS_INFO's, reserved */
	void (*t_kernel_function)(void); /* (c) kernel threads */
	bool t_is_idle;                  /* (c) */
	bool t_wired;                    /* (o) thread_wire */
	int16_t t_home_cpu;              /* (l) t_bound_cpu, errands apart */
	bool t_on_errand;                /* (l) sched_errand */
#ifdef PORTOLAN_LOCK_CHECK
	struct lock_stack sleep_locks; /* (o) */
#endif
};

_Static_assert(offsetof(struct thread, ipc) == 0, "a waiter is a thread");

static inline struct thread *
thread_of(const struct waiter *waiter)
{
	return (struct thread *)(void *)(uintptr_t)waiter;
}

static inline struct waiter *
thread_waiter(struct thread *thread)
{
	return &thread->ipc.ith_waiter;
}

static inline struct thread *
thread_current(void)
{
	return thread_of(arch_current());
}

/* NULL before the first thread runs. */
static inline struct thread *
thread_current_or_null(void)
{
	return thread_of(arch_current());
}

void thread_module_init(void);

void thread_reference(struct thread *thread);
/* Any context; never blocks. NULL is fine. */
void thread_release(struct thread *thread);

/* Threads in existence. */
uint64_t thread_count(void);

/*
 * A thread of `task`, suspended once, its state to be set; with a reference
 * for the caller.
 *
 * Returns: KERN_FAILURE (task dying), KERN_RESOURCE_SHORTAGE.
 */
kern_return_t thread_create_in(struct task *task, struct thread **threadp);

/* A running thread of the kernel task. Panics when there is no memory. */
struct thread *thread_create_kernel(const char *name, uint8_t priority, void (*function)(void));

/* The thread that `cpu` runs when it has nothing else; it runs already, on
 * the boot stack. */
struct thread *thread_create_idle(unsigned cpu);

/* End of the running thread. Locks: none. */
_Noreturn void thread_exit(void);

/* -- Stopping (thread_control.c) --------------------------------------------- */

/* One more reason not to run; thread_unhold takes it away. */
void thread_hold(struct thread *thread);
void thread_unhold(struct thread *thread);

/*
 * How still a thread must be:
 *   OFF_USER  executes no user code (perhaps kernel code)
 *   STABLE    blocked or frozen: nobody changes its user state meanwhile
 *   CLEAN     frozen with nothing left to do in the kernel
 *   DEAD      gone for good
 */
enum thread_stillness {
	THREAD_OFF_USER,
	THREAD_STABLE,
	THREAD_CLEAN,
	THREAD_DEAD,
};

/*
 * Wait until a held (or terminating) thread other than the running one is as
 * still as wanted, or dead. Interruptible: false. Locks: none.
 */
bool thread_wait_still(struct thread *thread, enum thread_stillness wanted);

/* Ask it to end. KERN_FAILURE: asked before. Does not wait. */
kern_return_t thread_terminate_start(struct thread *thread);

/*
 * Interrupt its waits and bring it to a clean point, where it stays until
 * thread_abort_done. False: the caller was interrupted; thread_abort_done is
 * due all the same.
 */
bool thread_abort_and_stop(struct thread *thread);
void thread_abort_done(struct thread *thread);

/* Base priority, policy or depression changed: requeue it if it is ready. */
void thread_priority_changed(struct thread *thread);

/* The running thread is about to enter user mode and t_ast is set. May stop
 * or end it. */
void thread_ast(struct thread *self);

/* End a depression of priority; true if there was one. */
bool thread_undepress(struct thread *thread);
/* Lowest priority for `ms`, or until undepressed (0). */
void thread_depress(struct thread *thread, uint64_t ms);

/* -- Properties (thread_info.c) ------------------------------------------------ */

/* TH_STATE_*. */
int thread_run_state(struct thread *thread);

#endif
