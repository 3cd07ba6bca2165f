/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hosted locks: spin locks with the rank check, mutexes, rwlocks, events.
 * One CPU and no preemption: a spin lock found held is a deadlock.
 */
#include <host/host.h>

#include <kern/assert.h>
#include <kern/event.h>
#include <kern/mutex.h>
#include <kern/spinlock.h>

#include "host_private.h"

#define HELD_MAX 64

static const char *const rank_name[LOCK_RANK_COUNT] = {
#define RANK_NAME(name, kind, equal, what) #name,
	LOCK_RANK_TABLE(RANK_NAME)
#undef RANK_NAME
};

static const bool rank_equal[LOCK_RANK_COUNT] = {
#define RANK_EQUAL(name, kind, equal, what) equal,
	LOCK_RANK_TABLE(RANK_EQUAL)
#undef RANK_EQUAL
};

static struct {
	const void *lock;
	uint32_t rank;
	const void *site;
} held[HELD_MAX];
static unsigned held_count;

void
host_locks_init(void)
{
	held_count = 0;
}

void
host_check_no_spin_locks(const char *what)
{
	if (held_count != 0)
		panic("%s with a %s lock held (taken at %p)", what,
		    rank_name[held[held_count - 1].rank], held[held_count - 1].site);
}

/* -- Spin locks -------------------------------------------------------------- */

void
spinlock_wait(struct spinlock *lock)
{
	panic("spin lock %p (%s) is held already", (void *)lock, rank_name[lock->rank]);
}

void
lock_check_acquire(const void *lock, uint32_t rank, const void *site)
{
	if (rank >= LOCK_RANK_COUNT)
		panic("lock %p has no rank", lock);
	if (held_count == HELD_MAX)
		panic("too many locks");
	if (held_count != 0) {
		uint32_t top = held[held_count - 1].rank;

		if (rank < top ||
		    (rank == top && (!rank_equal[rank] || lock <= held[held_count - 1].lock)))
			panic("lock order: %s at %p, then %s at %p", rank_name[top],
			    held[held_count - 1].site, rank_name[rank], site);
	}
	held[held_count].lock = lock;
	held[held_count].rank = rank;
	held[held_count].site = site;
	held_count++;
}

void
lock_check_release(const void *lock, uint32_t rank, const void *site)
{
	unsigned i = held_count;

	(void)site;
	while (i > 0 && held[i - 1].lock != lock)
		i--;
	if (i == 0)
		panic("lock %p (%s) is not held", lock, rank_name[rank]);
	for (; i < held_count; i++)
		held[i - 1] = held[i];
	held_count--;
}

/* -- Mutexes ----------------------------------------------------------------- */

/* Wait on a list of waiters guarded by `guard`, which is released. */
static void
list_wait(struct list *waiters, struct spinlock *guard)
{
	struct waiter *self = waiter_current();

	list_insert_tail(waiters, &self->w_link);
	waiter_prepare(self, false, WAIT_FOREVER);
	spin_unlock(guard);
	(void)waiter_block(self);
}

static bool
list_wake_one(struct list *waiters)
{
	struct list *node = list_pop(waiters);
	struct waiter *waiter;

	if (node == NULL)
		return false;
	waiter = list_entry(node, struct waiter, w_link);
	if (waiter_claim(waiter, WAIT_OK))
		waiter_go(waiter);
	return true;
}

void
mutex_init(struct mutex *mutex, enum lock_rank rank)
{
	atomic_store(&mutex->held, 0);
	mutex->rank = rank;
	spinlock_init(&mutex->guard, LOCK_RANK_EVENT);
	list_init(&mutex->waiters);
}

bool
mutex_try_lock(struct mutex *mutex)
{
	host_check_no_spin_locks("mutex_try_lock");
	if (atomic_load(&mutex->held) != 0)
		return false;
	atomic_store(&mutex->held, 1);
	return true;
}

void
mutex_lock(struct mutex *mutex)
{
	host_check_no_spin_locks("mutex_lock");
	spin_lock(&mutex->guard);
	while (atomic_load(&mutex->held) != 0) {
		list_wait(&mutex->waiters, &mutex->guard);
		spin_lock(&mutex->guard);
	}
	atomic_store(&mutex->held, 1);
	spin_unlock(&mutex->guard);
}

void
mutex_unlock(struct mutex *mutex)
{
	spin_lock(&mutex->guard);
	if (atomic_load(&mutex->held) == 0)
		panic("mutex_unlock: not held");
	atomic_store(&mutex->held, 0);
	(void)list_wake_one(&mutex->waiters);
	spin_unlock(&mutex->guard);
}

/* -- Read-write locks --------------------------------------------------------- */

void
rwlock_init(struct rwlock *lock, enum lock_rank rank)
{
	spinlock_init(&lock->guard, LOCK_RANK_EVENT);
	lock->rank = rank;
	lock->holders = 0;
	lock->writers_waiting = 0;
	list_init(&lock->waiters);
}

static void
rwlock_wake_all(struct rwlock *lock)
{
	while (list_wake_one(&lock->waiters))
		;
}

bool
rwlock_try_read(struct rwlock *lock)
{
	bool ok;

	spin_lock(&lock->guard);
	ok = lock->holders >= 0 && lock->writers_waiting == 0;
	if (ok)
		lock->holders++;
	spin_unlock(&lock->guard);
	return ok;
}

bool
rwlock_try_write(struct rwlock *lock)
{
	bool ok;

	spin_lock(&lock->guard);
	ok = lock->holders == 0;
	if (ok)
		lock->holders = -1;
	spin_unlock(&lock->guard);
	return ok;
}

void
rwlock_read(struct rwlock *lock)
{
	host_check_no_spin_locks("rwlock_read");
	spin_lock(&lock->guard);
	while (lock->holders < 0 || lock->writers_waiting != 0) {
		list_wait(&lock->waiters, &lock->guard);
		spin_lock(&lock->guard);
	}
	lock->holders++;
	spin_unlock(&lock->guard);
}

void
rwlock_write(struct rwlock *lock)
{
	host_check_no_spin_locks("rwlock_write");
	spin_lock(&lock->guard);
	lock->writers_waiting++;
	while (lock->holders != 0) {
		list_wait(&lock->waiters, &lock->guard);
		spin_lock(&lock->guard);
	}
	lock->writers_waiting--;
	lock->holders = -1;
	spin_unlock(&lock->guard);
}

void
rwlock_unlock(struct rwlock *lock)
{
	spin_lock(&lock->guard);
	if (lock->holders == 0)
		panic("rwlock_unlock: not held");
	if (lock->holders < 0)
		lock->holders = 0;
	else
		lock->holders--;
	rwlock_wake_all(lock);
	spin_unlock(&lock->guard);
}

void
rwlock_downgrade(struct rwlock *lock)
{
	spin_lock(&lock->guard);
	if (lock->holders != -1)
		panic("rwlock_downgrade: not held for writing");
	lock->holders = 1;
	rwlock_wake_all(lock);
	spin_unlock(&lock->guard);
}

bool
rwlock_try_upgrade(struct rwlock *lock)
{
	spin_lock(&lock->guard);
	if (lock->holders != 1 || lock->writers_waiting != 0) {
		lock->holders--;
		rwlock_wake_all(lock);
		spin_unlock(&lock->guard);
		return false;
	}
	lock->holders = -1;
	spin_unlock(&lock->guard);
	return true;
}

/* -- Events ------------------------------------------------------------------- */

static struct spinlock event_lock = SPINLOCK_INITIALIZER(EVENT);
static struct list event_waiters = LIST_INITIALIZER(event_waiters);

static struct waiter *
event_enqueue(const void *event, struct spinlock *interlock, bool interruptible, uint64_t timeout)
{
	struct waiter *self = waiter_current();

	spin_lock(&event_lock);
	self->w_event = event;
	list_insert_tail(&event_waiters, &self->w_link);
	waiter_prepare(self, interruptible, timeout);
	spin_unlock(&event_lock);
	spin_unlock(interlock);
	return self;
}

static enum wait_result
event_dequeue(struct waiter *self)
{
	spin_lock(&event_lock);
	list_remove(&self->w_link);
	self->w_event = NULL;
	spin_unlock(&event_lock);
	return (enum wait_result)self->w_result;
}

enum wait_result
event_wait(const void *event, struct spinlock *interlock, bool interruptible, uint64_t timeout)
{
	struct waiter *self = event_enqueue(event, interlock, interruptible, timeout);

	(void)waiter_block(self);
	return event_dequeue(self);
}

_Noreturn void
event_wait_continue(const void *event, struct spinlock *interlock, bool interruptible,
    uint64_t timeout, continuation_t *continuation)
{
	struct waiter *self = event_enqueue(event, interlock, interruptible, timeout);

	waiter_block_continue(self, continuation);
}

static bool
event_wake(const void *event, bool all)
{
	struct list *node, *next;
	bool any = false;

	spin_lock(&event_lock);
	list_for_each_safe(&event_waiters, node, next) {
		struct waiter *waiter = list_entry(node, struct waiter, w_link);

		if (waiter->w_event != event)
			continue;
		list_remove(node);
		if (!waiter_claim(waiter, WAIT_OK))
			continue;
		waiter_go(waiter);
		any = true;
		if (!all)
			break;
	}
	spin_unlock(&event_lock);
	return any;
}

void
event_wake_all(const void *event)
{
	(void)event_wake(event, true);
}

bool
event_wake_one(const void *event)
{
	return event_wake(event, false);
}
