/* SPDX-License-Identifier: BSD-2-Clause */
/* sched_private -- what sched.c and waiter.c share; for them alone. */
#ifndef CORE_SCHED_PRIVATE_H
#define CORE_SCHED_PRIVATE_H

#include <stdint.h>

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
	uint8_t current_priority; /* of the running thread */
	uint8_t stack_count;
	uint64_t stack[SCHED_STACK_CACHE];
} __attribute__((aligned(64)));

extern struct sched_cpu sched_cpus[MAX_CPUS];

/* Run the continuation of the running thread; on an empty stack. */
void sched_continue(void *arg);

/* As sched_leave, but `self` keeps its stack and returns when it is run. */
void sched_leave_keep_stack(struct thread *self);

/* Put the running thread into the queue of this CPU. */
void sched_enqueue_self(struct thread *self);

/* this_cpu()->ast asked to run another thread; before user mode. */
void sched_preempt_user(struct thread *self);

/* Tell those who wait for `thread` to stop (THREAD_AST_WATCHED). Locks: none
 * ranked at or after EVENT. */
void thread_watched(struct thread *thread);

#endif
