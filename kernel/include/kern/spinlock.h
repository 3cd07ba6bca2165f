/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spinlock -- short mutual exclusion between CPUs.
 *
 * Kernel code runs with interrupts off except in the idle loop and at
 * preemption points (kern/preempt.h), so a spin lock needs no interrupt
 * level. A CPU that waits for a lock serves cross-CPU requests (TLB
 * shootdown) meanwhile, so a holder may wait for other CPUs to answer one.
 * Nothing may block while a spin lock is held.
 *
 * Hosted: the machine is one deterministic thread; waiting is a deadlock and
 * stops the test.
 */
#ifndef KERN_SPINLOCK_H
#define KERN_SPINLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <kern/lock_rank.h>
#include <kern/rare.h>

struct spinlock {
	_Atomic uint32_t held;
	uint32_t rank;
};

#define SPINLOCK_INITIALIZER(name)                                                                 \
	{                                                                                          \
		0, LOCK_RANK_##name                                                                \
	}

/* Wait for the lock and take it: pause, serve cross-CPU requests. */
KERN_RARE void spinlock_wait(struct spinlock *lock);

#ifdef PORTOLAN_LOCK_CHECK
#define SPIN_LOCK_CHECKED true
/* Check the order against what this CPU holds; record or forget. */
void lock_check_acquire(const void *lock, uint32_t rank, const void *site);
void lock_check_release(const void *lock, uint32_t rank, const void *site);
#else
#define SPIN_LOCK_CHECKED false
static inline void
lock_check_acquire(const void *lock, uint32_t rank, const void *site)
{
	(void)lock;
	(void)rank;
	(void)site;
}

static inline void
lock_check_release(const void *lock, uint32_t rank, const void *site)
{
	(void)lock;
	(void)rank;
	(void)site;
}
#endif

static inline void
spinlock_init(struct spinlock *lock, enum lock_rank rank)
{
	atomic_store_explicit(&lock->held, 0, memory_order_relaxed);
	lock->rank = rank;
}

/* The lock itself, unchecked: one bit set and asked for, for which compilers
 * know an instruction. */
static inline bool
spin_take(struct spinlock *lock)
{
	return (atomic_fetch_or_explicit(&lock->held, 1, memory_order_acquire) & 1) == 0;
}

static inline bool
spin_try_lock(struct spinlock *lock)
{
	if (!spin_take(lock))
		return false;
	lock_check_acquire(lock, lock->rank, __builtin_return_address(0));
	return true;
}

/*
 * A lock while another one is held that may come after it in their order, which
 * is no matter if it is free. Where orders are checked, only in order.
 */
static inline bool
spin_try_lock_beside(struct spinlock *lock, const struct spinlock *held)
{
	if (SPIN_LOCK_CHECKED && lock->rank == held->rank && lock <= held)
		return false;
	return __builtin_expect(spin_try_lock(lock), 1);
}

static inline void
spin_lock(struct spinlock *lock)
{
	if (__builtin_expect(!spin_take(lock), 0))
		spinlock_wait(lock);
	lock_check_acquire(lock, lock->rank, __builtin_return_address(0));
}

static inline void
spin_unlock(struct spinlock *lock)
{
	lock_check_release(lock, lock->rank, __builtin_return_address(0));
	atomic_store_explicit(&lock->held, 0, memory_order_release);
}

static inline bool
spin_is_locked(struct spinlock *lock)
{
	return atomic_load_explicit(&lock->held, memory_order_relaxed) != 0;
}

#endif
