/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * event -- hashed queues of waiters; see kern/event.h.
 */
#include <kern/assert.h>
#include <kern/event.h>

#include "event.h"
#include "thread.h"

#define EVENT_BUCKETS 256

struct event_bucket {
	struct spinlock lock;
	struct list waiters;
};

static struct event_bucket event_buckets[EVENT_BUCKETS];

void
event_module_init(void)
{
	for (unsigned i = 0; i < EVENT_BUCKETS; i++) {
		spinlock_init(&event_buckets[i].lock, LOCK_RANK_EVENT);
		list_init(&event_buckets[i].waiters);
	}
}

static struct event_bucket *
event_bucket(const void *event)
{
	uint64_t hash = (uintptr_t)event * 0x9e3779b97f4a7c15ul;

	return &event_buckets[hash >> 56];
}

static void
event_dequeue(struct waiter *self)
{
	struct event_bucket *bucket = event_bucket(self->w_event);

	spin_lock(&bucket->lock);
	list_remove(&self->w_link);
	spin_unlock(&bucket->lock);
}

void
event_prepare(const void *event, bool interruptible, uint64_t timeout)
{
	struct waiter *self = waiter_current();
	struct event_bucket *bucket = event_bucket(event);

	spin_lock(&bucket->lock);
	self->w_event = event;
	list_insert_tail(&bucket->waiters, &self->w_link);
	waiter_prepare(self, interruptible, timeout);
	spin_unlock(&bucket->lock);
}

void
event_cancel(void)
{
	struct waiter *self = waiter_current();

	waiter_cancel(self);
	event_dequeue(self);
}

enum wait_result
event_block(void)
{
	struct waiter *self = waiter_current();
	enum wait_result result = waiter_block(self);

	if (result != WAIT_OK)
		event_dequeue(self);
	return result;
}

enum wait_result
event_wait(const void *event, struct spinlock *interlock, bool interruptible, uint64_t timeout)
{
	event_prepare(event, interruptible, timeout);
	spin_unlock(interlock);
	return event_block();
}

/* The first thing on the fresh stack: leave the queue if nobody took us out. */
static void
event_continue(struct waiter *self)
{
	if (self->w_result != WAIT_OK)
		event_dequeue(self);
	thread_of(self)->t_event_continuation(self);
}

_Noreturn void
event_wait_continue(const void *event, struct spinlock *interlock, bool interruptible,
    uint64_t timeout, continuation_t *continuation)
{
	struct waiter *self = waiter_current();

	thread_of(self)->t_event_continuation = continuation;
	event_prepare(event, interruptible, timeout);
	spin_unlock(interlock);
	waiter_block_continue(self, event_continue);
}

void
event_wake_all(const void *event)
{
	struct event_bucket *bucket = event_bucket(event);
	struct list *node, *next;

	spin_lock(&bucket->lock);
	list_for_each_safe(&bucket->waiters, node, next) {
		struct waiter *waiter = list_entry(node, struct waiter, w_link);

		if (waiter->w_event != event)
			continue;
		list_remove(&waiter->w_link);
		if (waiter_claim(waiter, WAIT_OK))
			waiter_go(waiter);
	}
	spin_unlock(&bucket->lock);
}

bool
event_wake_one(const void *event)
{
	struct event_bucket *bucket = event_bucket(event);
	struct list *node, *next;
	bool woken = false;

	spin_lock(&bucket->lock);
	list_for_each_safe(&bucket->waiters, node, next) {
		struct waiter *waiter = list_entry(node, struct waiter, w_link);

		if (waiter->w_event != event)
			continue;
		list_remove(&waiter->w_link);
		if (waiter_claim(waiter, WAIT_OK)) {
			waiter_go(waiter);
			woken = true;
			break;
		}
	}
	spin_unlock(&bucket->lock);
	return woken;
}
