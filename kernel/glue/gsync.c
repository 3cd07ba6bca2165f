/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gsync -- waiting on words of user memory (ABI sheet 9.1).
 *
 * The word may have to be paged in, so it is read without a lock. Wakers count
 * in the bucket; a waiter enqueues itself only if no wake-up has passed since
 * before it read the word, else it reads again. So a word that changed, with
 * a wake-up after the change, is never slept on.
 *
 * Locks: a bucket has one (rank EVENT); two are taken in address order.
 */
#include <core/event.h>
#include <core/task.h>
#include <core/thread.h>
#include <glue/gnumach_server.h>
#include <ipc/ipc_space.h>
#include <kern/assert.h>
#include <mach/portolan.h>
#include <mach/vm_param.h>
#include <vm/vm_fault.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>

#include "gsync.h"

#define GSYNC_BUCKETS 256

struct gsync_key {
	const void *space;        /* the map, or the object (shared) */
	uint64_t address;         /* or offset */
	struct vm_object *object; /* referenced, shared only */
};

struct gsync_bucket {
	struct spinlock lock;
	uint64_t wakes;      /* wake-ups that passed */
	struct list waiters; /* oldest first */
};

struct gsync_waiter {
	struct list link;
	struct gsync_key key;
	struct gsync_bucket *bucket; /* where it is; under that lock */
	struct waiter *waiter;
};

static struct gsync_bucket gsync_buckets[GSYNC_BUCKETS];

void
gsync_module_init(void)
{
	for (unsigned i = 0; i < GSYNC_BUCKETS; i++) {
		spinlock_init(&gsync_buckets[i].lock, LOCK_RANK_EVENT);
		list_init(&gsync_buckets[i].waiters);
	}
}

static struct gsync_bucket *
gsync_bucket(const struct gsync_key *key)
{
	uint64_t hash = ((uintptr_t)key->space >> 4) + (key->address >> 2);

	return &gsync_buckets[hash * 0x9e3779b97f4a7c15ul >> 56];
}

static bool
gsync_key_equal(const struct gsync_key *a, const struct gsync_key *b)
{
	return a->space == b->space && a->address == b->address;
}

/* -- The target: a task's memory ------------------------------------------------------ */

struct gsync_target {
	struct vm_map *map; /* referenced */
	struct gsync_key key;
};

static kern_return_t
gsync_target_error(struct task *task, kern_return_t kr)
{
	if (kr == KERN_ABORTED)
		return KERN_INTERRUPTED;
	if (task != thread_current()->t_task &&
	    (kr == KERN_MEMORY_ERROR || kr == KERN_RESOURCE_SHORTAGE))
		return KERN_MEMORY_FAILURE;
	return KERN_INVALID_ADDRESS;
}

/* Find map and key of a word; `access` must be allowed there. */
static kern_return_t
gsync_target_get(struct gsync_target *target, struct task *task, vm_address_t address, int flags,
    vm_prot_t access)
{
	struct vm_object *object;
	struct ipc_space *space;
	vm_offset_t offset;
	kern_return_t kr;

	if (task == NULL)
		return KERN_INVALID_TASK;
	if (address % sizeof(uint32_t) != 0 || address >= VM_MAX_ADDRESS)
		return KERN_INVALID_ADDRESS;
	if (!task_reference_contents(task, &target->map, &space))
		return KERN_INVALID_TASK;
	ipc_space_release(space);
	target->key = (struct gsync_key) { target->map, address, NULL };
	if ((flags & GSYNC_SHARED) == 0)
		return KERN_SUCCESS;
	kr = vm_map_lookup_identity(target->map, address, access, &object, &offset);
	if (kr != KERN_SUCCESS) {
		vm_map_release(target->map);
		return gsync_target_error(task, kr);
	}
	target->key = (struct gsync_key) { object, offset, object };
	return KERN_SUCCESS;
}

static void
gsync_target_put(struct gsync_target *target)
{
	if (target->key.object != NULL)
		vm_object_release(target->key.object);
	vm_map_release(target->map);
}

/* -- Waiting ---------------------------------------------------------------------------- */

/* Does the memory still hold what the caller says? */
static kern_return_t
gsync_compare(struct task *task, struct vm_map *map, vm_address_t address, uint32_t val1,
    uint32_t val2, int flags)
{
	uint32_t word[2] = { 0, val2 };
	vm_size_t size = (flags & GSYNC_QUAD) != 0 ? sizeof(word) : sizeof(word[0]);
	kern_return_t kr = vm_map_read_bytes(map, address, word, size, NULL);

	if (kr != KERN_SUCCESS)
		return gsync_target_error(task, kr);
	if (word[0] != val1 || word[1] != val2)
		return KERN_INVALID_ARGUMENT;
	return KERN_SUCCESS;
}

static uint64_t
gsync_wakes(struct gsync_bucket *bucket)
{
	uint64_t wakes;

	spin_lock(&bucket->lock);
	wakes = bucket->wakes;
	spin_unlock(&bucket->lock);
	return wakes;
}

/* Enqueue and prepare to wait, unless a wake-up came meanwhile. */
static bool
gsync_enqueue(
    struct gsync_waiter *self, struct gsync_bucket *bucket, uint64_t wakes, uint64_t timeout)
{
	bool enqueued;

	spin_lock(&bucket->lock);
	enqueued = bucket->wakes == wakes;
	if (enqueued) {
		self->bucket = bucket;
		list_insert_tail(&bucket->waiters, &self->link);
		waiter_prepare(self->waiter, true, timeout);
	}
	spin_unlock(&bucket->lock);
	return enqueued;
}

/* After a wait nobody ended by a wake-up: leave the queue, wherever a
 * requeue has put us. */
static void
gsync_dequeue(struct gsync_waiter *self)
{
	for (;;) {
		struct gsync_bucket *bucket = *(struct gsync_bucket *volatile *)&self->bucket;
		bool same;

		spin_lock(&bucket->lock);
		same = bucket == self->bucket;
		if (same)
			list_remove(&self->link);
		spin_unlock(&bucket->lock);
		if (same)
			return;
	}
}

static kern_return_t
gsync_sleep(struct gsync_waiter *self)
{
	switch (waiter_block(self->waiter)) {
	case WAIT_OK:
		return KERN_SUCCESS;
	case WAIT_TIMED_OUT:
		gsync_dequeue(self);
		return KERN_TIMEDOUT;
	default:
		gsync_dequeue(self);
		return KERN_INTERRUPTED;
	}
}

static kern_return_t
gsync_wait_target(struct task *task, struct gsync_target *target, vm_address_t address,
    uint32_t val1, uint32_t val2, uint64_t timeout, int flags)
{
	struct gsync_bucket *bucket = gsync_bucket(&target->key);
	struct gsync_waiter self = {
		.key = target->key,
		.waiter = waiter_current(),
	};
	kern_return_t kr;
	uint64_t wakes;

	do {
		wakes = gsync_wakes(bucket);
		kr = gsync_compare(task, target->map, address, val1, val2, flags);
		if (kr != KERN_SUCCESS)
			return kr;
	} while (!gsync_enqueue(&self, bucket, wakes, timeout));
	return gsync_sleep(&self);
}

kern_return_t
gsync_wait(struct task *task, vm_address_t address, unsigned val1, unsigned val2, natural_t msec,
    int flags)
{
	uint64_t timeout = (flags & GSYNC_TIMED) != 0 ? msec : WAIT_FOREVER;
	struct gsync_target target;
	kern_return_t kr;

	kr = gsync_target_get(&target, task, address, flags, VM_PROT_READ);
	if (kr != KERN_SUCCESS)
		return kr;
	kr = gsync_wait_target(task, &target, address, val1, val2, timeout, flags);
	gsync_target_put(&target);
	return kr;
}

/* -- Waking ------------------------------------------------------------------------------ */

/* Wake up to `most` waiters of a key. Locks: bucket. */
static unsigned
gsync_wake_locked(struct gsync_bucket *bucket, const struct gsync_key *key, unsigned most)
{
	struct list *node, *next;
	unsigned woken = 0;

	bucket->wakes++;
	list_for_each_safe(&bucket->waiters, node, next) {
		struct gsync_waiter *waiter = list_entry(node, struct gsync_waiter, link);

		if (woken == most)
			break;
		if (!gsync_key_equal(&waiter->key, key))
			continue;
		if (!waiter_claim(waiter->waiter, WAIT_OK))
			continue; /* it is leaving by itself */
		list_remove(node);
		waiter_go(waiter->waiter);
		woken++;
	}
	return woken;
}

kern_return_t
gsync_wake(struct task *task, vm_address_t address, unsigned val, int flags)
{
	bool mutate = (flags & GSYNC_MUTATE) != 0;
	struct gsync_target target;
	struct gsync_bucket *bucket;
	uint32_t word = val;
	unsigned woken;
	kern_return_t kr;

	kr = gsync_target_get(
	    &target, task, address, flags, mutate ? VM_PROT_READ | VM_PROT_WRITE : VM_PROT_READ);
	if (kr != KERN_SUCCESS)
		return kr;
	if (mutate)
		kr = vm_map_write_bytes(target.map, address, &word, sizeof(word), NULL);
	if (kr != KERN_SUCCESS) {
		gsync_target_put(&target);
		return gsync_target_error(task, kr);
	}
	bucket = gsync_bucket(&target.key);
	spin_lock(&bucket->lock);
	woken =
	    gsync_wake_locked(bucket, &target.key, (flags & GSYNC_BROADCAST) != 0 ? UINT32_MAX : 1);
	spin_unlock(&bucket->lock);
	gsync_target_put(&target);
	return woken > 0 ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

/* -- Moving waiters ----------------------------------------------------------------------- */

static void
gsync_lock_two(struct gsync_bucket *a, struct gsync_bucket *b)
{
	spin_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		spin_lock(a < b ? &b->lock : &a->lock);
}

static void
gsync_unlock_two(struct gsync_bucket *a, struct gsync_bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

/* The sleeper's own reference keeps its first object alive; the key it is
 * moved to is alive while a waker names it, and is only compared. */
static unsigned
gsync_move_locked(struct gsync_bucket *from, struct gsync_bucket *to,
    const struct gsync_key *from_key, const struct gsync_key *to_key, unsigned most)
{
	struct list *node, *next, *end = from->waiters.prev;
	unsigned moved = 0;

	if (list_empty(&from->waiters))
		return 0;
	list_for_each_safe(&from->waiters, node, next) {
		struct gsync_waiter *waiter = list_entry(node, struct gsync_waiter, link);
		bool last = node == end;

		if (moved < most && gsync_key_equal(&waiter->key, from_key)) {
			list_remove(node);
			waiter->key.space = to_key->space;
			waiter->key.address = to_key->address;
			waiter->bucket = to;
			list_insert_tail(&to->waiters, node);
			moved++;
		}
		if (last)
			break;
	}
	return moved;
}

kern_return_t
gsync_requeue(struct task *task, vm_address_t src_address, vm_address_t dst_address,
    boolean_t wake_one, int flags)
{
	unsigned most = (flags & GSYNC_BROADCAST) != 0 ? UINT32_MAX : 1;
	struct gsync_target src, dst;
	struct gsync_bucket *from, *to;
	unsigned count = 0;
	kern_return_t kr;

	kr = gsync_target_get(&src, task, src_address, flags, VM_PROT_READ);
	if (kr != KERN_SUCCESS)
		return kr;
	kr = gsync_target_get(&dst, task, dst_address, flags, VM_PROT_READ);
	if (kr != KERN_SUCCESS) {
		gsync_target_put(&src);
		return kr;
	}
	from = gsync_bucket(&src.key);
	to = gsync_bucket(&dst.key);
	gsync_lock_two(from, to);
	if (wake_one)
		count += gsync_wake_locked(from, &src.key, 1);
	count += gsync_move_locked(from, to, &src.key, &dst.key, most);
	gsync_unlock_two(from, to);
	gsync_target_put(&src);
	gsync_target_put(&dst);
	return count > 0 ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}
