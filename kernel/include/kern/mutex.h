/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mutex, rwlock -- locks whose holders may block.
 *
 * Never taken while a spin lock is held. Not recursive. FIFO.
 */
#ifndef KERN_MUTEX_H
#define KERN_MUTEX_H

#include <kern/spinlock.h>
#include <kern/waiter.h>

struct mutex {
	_Atomic uint32_t held; /* 0 free, 1 held, 2 held with waiters */
	uint32_t rank;
	struct spinlock guard;
	struct list waiters;
};

void mutex_init(struct mutex *mutex, enum lock_rank rank);
void mutex_lock(struct mutex *mutex);
bool mutex_try_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

/* Many readers or one writer; a waiting writer keeps new readers out. */
struct rwlock {
	struct spinlock guard;
	uint32_t rank;
	int32_t holders; /* readers, or -1 for a writer */
	uint32_t writers_waiting;
	struct list waiters;
};

void rwlock_init(struct rwlock *lock, enum lock_rank rank);
void rwlock_read(struct rwlock *lock);
void rwlock_write(struct rwlock *lock);
bool rwlock_try_read(struct rwlock *lock);
bool rwlock_try_write(struct rwlock *lock);
void rwlock_unlock(struct rwlock *lock);
/* Write to read, without a gap. */
void rwlock_downgrade(struct rwlock *lock);
/* Read to write; false if another reader also wants to: then it is released
 * and the caller starts anew. */
bool rwlock_try_upgrade(struct rwlock *lock);

#endif
