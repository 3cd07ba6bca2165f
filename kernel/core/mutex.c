/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mutex, rwlock -- see kern/mutex.h.
 *
 * Both hand themselves over: a releaser gives the lock to the oldest waiter,
 * which owns it when it wakes. Waits are uninterruptible, so the claim of a
 * queued waiter always succeeds.
 */
#include <kern/assert.h>
#include <kern/mutex.h>

#define MUTEX_FREE   0u
#define MUTEX_HELD   1u
#define MUTEX_WAITED 2u

void
mutex_init(struct mutex *mutex, enum lock_rank rank)
{
	atomic_init(&mutex->held, MUTEX_FREE);
	mutex->rank = rank;
	spinlock_init(&mutex->guard, LOCK_RANK_EVENT);
	list_init(&mutex->waiters);
}

static bool
mutex_take_free(struct mutex *mutex)
{
	uint32_t expected = MUTEX_FREE;

	return atomic_compare_exchange_strong_explicit(
	    &mutex->held, &expected, MUTEX_HELD, memory_order_acquire, memory_order_relaxed);
}

/* Queue up behind the guard; on return the lock is ours. */
static void
mutex_lock_slow(struct mutex *mutex)
{
	struct waiter *self = waiter_current();

	spin_lock(&mutex->guard);
	if (atomic_exchange(&mutex->held, MUTEX_WAITED) == MUTEX_FREE) {
		if (list_empty(&mutex->waiters))
			atomic_store(&mutex->held, MUTEX_HELD);
		spin_unlock(&mutex->guard);
		return;
	}
	list_insert_tail(&mutex->waiters, &self->w_link);
	waiter_prepare(self, false, WAIT_FOREVER);
	spin_unlock(&mutex->guard);
	waiter_block(self);
}

void
mutex_lock(struct mutex *mutex)
{
	if (!mutex_take_free(mutex))
		mutex_lock_slow(mutex);
	lock_check_acquire(mutex, mutex->rank, __builtin_return_address(0));
}

bool
mutex_try_lock(struct mutex *mutex)
{
	if (!mutex_take_free(mutex))
		return false;
	lock_check_acquire(mutex, mutex->rank, __builtin_return_address(0));
	return true;
}

/* Give the lock to the oldest waiter. */
static void
mutex_unlock_slow(struct mutex *mutex)
{
	struct list *node;

	spin_lock(&mutex->guard);
	node = list_pop(&mutex->waiters);
	if (node == NULL) {
		atomic_store(&mutex->held, MUTEX_FREE);
	} else {
		struct waiter *waiter = list_entry(node, struct waiter, w_link);
		bool claimed = waiter_claim(waiter, WAIT_OK);

		kassert(claimed);
		if (list_empty(&mutex->waiters))
			atomic_store(&mutex->held, MUTEX_HELD);
		waiter_go(waiter);
	}
	spin_unlock(&mutex->guard);
}

void
mutex_unlock(struct mutex *mutex)
{
	uint32_t expected = MUTEX_HELD;

	lock_check_release(mutex, mutex->rank, __builtin_return_address(0));
	if (!atomic_compare_exchange_strong_explicit(
		&mutex->held, &expected, MUTEX_FREE, memory_order_release, memory_order_relaxed))
		mutex_unlock_slow(mutex);
}

/* -- Readers and writers ------------------------------------------------------- */

/* What a queued waiter wants: its w_event points to one of these. */
static const char want_read, want_write, want_upgrade;

void
rwlock_init(struct rwlock *lock, enum lock_rank rank)
{
	spinlock_init(&lock->guard, LOCK_RANK_EVENT);
	lock->rank = rank;
	lock->holders = 0;
	lock->writers_waiting = 0;
	list_init(&lock->waiters);
}

/* Wait in the queue until a releaser grants it; drops the guard. */
static void
rwlock_wait(struct rwlock *lock, const void *want)
{
	struct waiter *self = waiter_current();

	self->w_event = want;
	if (want == &want_upgrade)
		list_insert_head(&lock->waiters, &self->w_link);
	else
		list_insert_tail(&lock->waiters, &self->w_link);
	if (want != &want_read)
		lock->writers_waiting++;
	waiter_prepare(self, false, WAIT_FOREVER);
	spin_unlock(&lock->guard);
	waiter_block(self);
}

/* May the waiter at the head have the lock now? Then it has. */
static bool
rwlock_grant(struct rwlock *lock, const void *want)
{
	if (want == &want_read) {
		if (lock->holders < 0)
			return false;
		lock->holders++;
		return true;
	}
	if (lock->holders != (want == &want_upgrade ? 1 : 0))
		return false;
	lock->holders = -1;
	lock->writers_waiting--;
	return true;
}

/* Let in whoever can go, oldest first. The guard is held. */
static void
rwlock_wake(struct rwlock *lock)
{
	struct list *node;

	while ((node = list_first(&lock->waiters)) != NULL) {
		struct waiter *waiter = list_entry(node, struct waiter, w_link);
		bool claimed;

		if (!rwlock_grant(lock, waiter->w_event))
			return;
		list_remove(node);
		claimed = waiter_claim(waiter, WAIT_OK);
		kassert(claimed);
		waiter_go(waiter);
	}
}

static bool
rwlock_read_free(const struct rwlock *lock)
{
	return lock->holders >= 0 && lock->writers_waiting == 0;
}

void
rwlock_read(struct rwlock *lock)
{
	spin_lock(&lock->guard);
	if (rwlock_read_free(lock)) {
		lock->holders++;
		spin_unlock(&lock->guard);
	} else {
		rwlock_wait(lock, &want_read);
	}
	lock_check_acquire(lock, lock->rank, __builtin_return_address(0));
}

void
rwlock_write(struct rwlock *lock)
{
	spin_lock(&lock->guard);
	if (lock->holders == 0 && list_empty(&lock->waiters)) {
		lock->holders = -1;
		spin_unlock(&lock->guard);
	} else {
		rwlock_wait(lock, &want_write);
	}
	lock_check_acquire(lock, lock->rank, __builtin_return_address(0));
}

bool
rwlock_try_read(struct rwlock *lock)
{
	bool taken;

	spin_lock(&lock->guard);
	taken = rwlock_read_free(lock);
	if (taken)
		lock->holders++;
	spin_unlock(&lock->guard);
	if (taken)
		lock_check_acquire(lock, lock->rank, __builtin_return_address(0));
	return taken;
}

bool
rwlock_try_write(struct rwlock *lock)
{
	bool taken;

	spin_lock(&lock->guard);
	taken = lock->holders == 0 && list_empty(&lock->waiters);
	if (taken)
		lock->holders = -1;
	spin_unlock(&lock->guard);
	if (taken)
		lock_check_acquire(lock, lock->rank, __builtin_return_address(0));
	return taken;
}

void
rwlock_unlock(struct rwlock *lock)
{
	lock_check_release(lock, lock->rank, __builtin_return_address(0));
	spin_lock(&lock->guard);
	kassert(lock->holders != 0);
	if (lock->holders < 0)
		lock->holders = 0;
	else
		lock->holders--;
	rwlock_wake(lock);
	spin_unlock(&lock->guard);
}

void
rwlock_downgrade(struct rwlock *lock)
{
	spin_lock(&lock->guard);
	kassert(lock->holders == -1);
	lock->holders = 1;
	rwlock_wake(lock);
	spin_unlock(&lock->guard);
}

/* Does another reader wait to become the writer? It is at the head. */
static bool
rwlock_upgrade_waits(const struct rwlock *lock)
{
	struct list *node = list_first(&lock->waiters);

	return node != NULL && list_entry(node, struct waiter, w_link)->w_event == &want_upgrade;
}

bool
rwlock_try_upgrade(struct rwlock *lock)
{
	bool upgraded = true;

	spin_lock(&lock->guard);
	kassert(lock->holders > 0);
	if (lock->holders == 1) {
		lock->holders = -1;
		spin_unlock(&lock->guard);
	} else if (!rwlock_upgrade_waits(lock)) {
		rwlock_wait(lock, &want_upgrade);
	} else {
		lock_check_release(lock, lock->rank, __builtin_return_address(0));
		lock->holders--;
		rwlock_wake(lock);
		spin_unlock(&lock->guard);
		upgraded = false;
	}
	return upgraded;
}
