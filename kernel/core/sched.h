/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sched -- run queues, switching, preemption.
 *
 * Each CPU has a queue of ready threads per priority and a bitmap. A thread
 * goes to the queue of the CPU it ran on last, or of an idle one; an idle CPU
 * steals. Threads whose last CPU has not let go of them yet (t_on_cpu) are
 * passed over, never waited for.
 *
 * Locks: RUN_QUEUE, one per CPU.
 */
#ifndef CORE_SCHED_H
#define CORE_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include <arch/cpu.h>

#include "thread.h"

/* this_cpu()->ast: reasons of this module. */
#define CPU_AST_THREAD  1u /* look at the thread's t_ast */
#define CPU_AST_RESCHED 2u /* another thread should run */

#define SCHED_SLICE_TICKS 3 /* 30 ms, ABI sheet 4.7 */

void sched_module_init(void);

/* This CPU may run threads; `idle` runs on it now. */
void sched_cpu_start(struct thread *idle);

/* The body of idle threads. */
_Noreturn void sched_idle(void);

/* Make a thread that is off the CPU or leaving it ready, at the tail of its
 * queue. Any lock before RUN_QUEUE may be held. */
void sched_enqueue(struct thread *thread);

/* Take a ready thread out of its queue; false: it is in none. */
bool sched_dequeue(struct thread *thread);

/* The running thread was claimed and is to go on later, or is stopped or
 * dead: run something else. Its stack is lost. */
_Noreturn void sched_leave(struct thread *self);

/* Let the next thread run; the running one is ready. Without a stack, with
 * w_continuation set. */
_Noreturn void sched_yield_continue(continuation_t *continuation);

/* As above, keeping the stack. */
void sched_yield(void);

/* The continuation of a thread that has nothing left to do in the kernel: its
 * user state is complete (a clean point). */
void thread_return_continue(struct waiter *self);

/* Others want this CPU? (swtch) */
bool sched_others_ready(void);

/* Another thread that is ready goes ahead of all others on this CPU, if it is
 * in a queue: thread_switch's hint. Returns false if it is not. */
bool sched_prefer(struct thread *thread);

/* Recompute t_priority from base, depression and usage. Only for a thread in
 * no queue, by whoever took it out or, running, by itself. */
void sched_priority_update(struct thread *thread);

/* Wherever it runs, the thread looks at its t_ast soon. */
void sched_notify_ast(struct thread *thread);

/* One tick of the running thread. */
void sched_tick(bool user);

/*
 * From now on the thread executes user code on that CPU only, ON_NO_CPU: on
 * any. It moves as soon as it leaves the kernel, if it runs elsewhere. False:
 * no such CPU. Locks: none ranked at or after THREAD.
 */
bool sched_bind(struct thread *thread, int target);

/* The running thread goes to a CPU and stays, wherever it is bound; ON_NO_CPU:
 * back to what it is bound to, at the latest in user mode. Keeps the stack. */
void sched_errand(int target);

/* Threads ready or running, for load figures. */
unsigned sched_load(void);

/* Kernel stacks in existence. */
uint64_t sched_stack_count(void);
/* Give this CPU's spare stacks back. */
void sched_stacks_empty(void);

#endif
