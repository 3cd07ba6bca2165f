/* SPDX-License-Identifier: BSD-2-Clause */
/* sched_private -- what sched.c and waiter.c share; for them alone. */
#ifndef CORE_SCHED_PRIVATE_H
#define CORE_SCHED_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include <arch/cpu.h>
#include <kern/list.h>
#include <kern/spinlock.h>

#include "thread.h"

#define SCHED_STACK_CACHE 8

struct run_queue {
	struct spinlock lock;
	_Atomic uint32_t count;
	uint64_t bitmap[2];     /* bit = priority with ready threads */
	uint64_t turn;          /* tick of the last turn of the worst off */
	struct list with_stack; /* of the ready, those that have one */
	struct list ready[PRIORITY_COUNT];
};

struct sched_cpu {
	struct run_queue queue;
	struct cpu *block;
	struct thread *idle;
	struct thread *preferred; /* out of its queue, goes first */
	struct thread *previous;  /* being switched away from */
	uint64_t previous_stack;  /* to free after the switch, or 0 */
	uint8_t stack_count;
	bool is_idle; /* runs its idle thread; its bit of idle_cpus */
	uint64_t stack[SCHED_STACK_CACHE];
} __attribute__((aligned(64)));

extern struct sched_cpu sched_cpus[MAX_CPUS];

/* Has the thread something to attend to before user mode, here on this CPU?
 * That it is bound to this one is nothing. */
static inline bool
thread_must_attend(const struct thread *thread)
{
	uint32_t ast = atomic_load(&thread->t_ast);

	if (__builtin_expect(ast == 0, 1))
		return false;
	return ast != THREAD_AST_BOUND || atomic_load(&thread->t_bound_cpu) != (int)cpu_id();
}

/* Run the continuation of the running thread; on an empty stack. */
void sched_continue(void *arg);

/* As sched_leave, but `self` keeps its stack and returns when it is run. */
void sched_leave_keep_stack(struct thread *self);

/* Put the running thread into the queue of this CPU. */
void sched_enqueue_self(struct thread *self);

/* this_cpu()->ast asked to run another thread; before user mode. */
void sched_preempt_user(struct thread *self);

/* The running thread, its user state complete, goes to the CPU it is bound to,
 * if that is another. */
void sched_move_bound(struct thread *self);

/* Tell those who wait for `thread` to stop (THREAD_AST_WATCHED). Locks: none
 * ranked at or after EVENT. */
void thread_watched(struct thread *thread);

#endif
