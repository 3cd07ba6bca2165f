/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes and conditions on gsync (ABI sheet 9.1).
 */
#include <mach/gnumach.h>
#include <mach/mach_init.h>
#include <mach/mach_threads.h>
#include <mach/portolan.h>

#define MUTEX_FREE   0U
#define MUTEX_HELD   1U
#define MUTEX_WAITED 2U

boolean_t
mach_mutex_try_lock(struct mach_mutex *mutex)
{
	unsigned int expected = MUTEX_FREE;

	return __atomic_compare_exchange_n(
	    &mutex->mm_state, &expected, MUTEX_HELD, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Whoever has waited leaves the mark, for there may be others. */
static void
mutex_lock_marked(struct mach_mutex *mutex)
{
	while (__atomic_exchange_n(&mutex->mm_state, MUTEX_WAITED, __ATOMIC_ACQUIRE) != MUTEX_FREE)
		(void)gsync_wait(
		    mach_task_self(), (vm_address_t)&mutex->mm_state, MUTEX_WAITED, 0, 0, 0);
}

void
mach_mutex_lock(struct mach_mutex *mutex)
{
	if (!mach_mutex_try_lock(mutex))
		mutex_lock_marked(mutex);
}

void
mach_mutex_unlock(struct mach_mutex *mutex)
{
	if (__atomic_exchange_n(&mutex->mm_state, MUTEX_FREE, __ATOMIC_RELEASE) == MUTEX_WAITED)
		(void)gsync_wake(mach_task_self(), (vm_address_t)&mutex->mm_state, 0, 0);
}

/*
 * The sequence is read under the mutex: a signal after that changes it, and
 * the wait then returns at once.
 */
static boolean_t
condition_wait(
    struct mach_condition *condition, struct mach_mutex *mutex, mach_msg_timeout_t msec, int flags)
{
	unsigned int sequence = __atomic_load_n(&condition->mc_sequence, __ATOMIC_RELAXED);
	kern_return_t kr;

	mach_mutex_unlock(mutex);
	kr = gsync_wait(
	    mach_task_self(), (vm_address_t)&condition->mc_sequence, sequence, 0, msec, flags);
	mutex_lock_marked(mutex);
	return kr != KERN_TIMEDOUT;
}

void
mach_condition_wait(struct mach_condition *condition, struct mach_mutex *mutex)
{
	(void)condition_wait(condition, mutex, 0, 0);
}

boolean_t
mach_condition_timed_wait(
    struct mach_condition *condition, struct mach_mutex *mutex, mach_msg_timeout_t msec)
{
	return condition_wait(condition, mutex, msec, GSYNC_TIMED);
}

static void
condition_wake(struct mach_condition *condition, int flags)
{
	__atomic_fetch_add(&condition->mc_sequence, 1, __ATOMIC_RELAXED);
	(void)gsync_wake(mach_task_self(), (vm_address_t)&condition->mc_sequence, 0, flags);
}

void
mach_condition_signal(struct mach_condition *condition)
{
	condition_wake(condition, 0);
}

void
mach_condition_broadcast(struct mach_condition *condition)
{
	condition_wake(condition, GSYNC_BROADCAST);
}
