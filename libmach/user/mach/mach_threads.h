/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads, mutexes and conditions for programs without a libc. Programs on
 * musl use pthreads instead.
 *
 * A mutex and a condition are words in memory; threads wait on them by
 * gsync. Zero is their initial state.
 */
#ifndef MACH_MACH_THREADS_H
#define MACH_MACH_THREADS_H

#include <mach/mach_types.h>

#define MACH_THREAD_STACK_DEFAULT (64 * 1024)

/*
 * Run function(argument) in a new thread of this task on a stack of its own
 * (at least a page; 0 means the default) with a page without access below. The
 * thread ends when the function returns; its stack goes with it. A name for
 * the thread is stored at threadp unless that is null: the caller then owns
 * one reference. Errors: those of vm_map, thread_create, thread_set_state.
 */
kern_return_t mach_thread_start(
    void (*function)(void *argument), void *argument, vm_size_t stack_size, thread_t *threadp);

/*
 * Give a new thread of any task a stack and a first instruction. The stack
 * gets a page without access below; *stackp is where it starts and *sizep,
 * unless null, its size: zero asks for 64 KiB.
 */
kern_return_t
mach_setup_thread(task_t task, thread_t thread, void *pc, vm_address_t *stackp, vm_size_t *sizep);

struct mach_mutex {
	unsigned int mm_state; /* 0 free, 1 held, 2 held and waited for */
};

void mach_mutex_lock(struct mach_mutex *mutex);
boolean_t mach_mutex_try_lock(struct mach_mutex *mutex);
void mach_mutex_unlock(struct mach_mutex *mutex);

struct mach_condition {
	unsigned int mc_sequence;
};

/* Unlock, wait for a signal, lock again. Wakes without a cause may happen. */
void mach_condition_wait(struct mach_condition *condition, struct mach_mutex *mutex);
/* The same for at most msec; FALSE when the time is up. */
boolean_t mach_condition_timed_wait(
    struct mach_condition *condition, struct mach_mutex *mutex, mach_msg_timeout_t msec);
void mach_condition_signal(struct mach_condition *condition);
void mach_condition_broadcast(struct mach_condition *condition);

#endif /* MACH_MACH_THREADS_H */
