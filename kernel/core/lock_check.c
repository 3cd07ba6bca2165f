/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lock_check -- the run-time check of the lock order (kern/lock_rank.h).
 *
 * Spin locks held are remembered per CPU, sleep locks per thread. A lock taken
 * out of order stops the machine and names both call sites. Compiled in by
 * the build option lock_check.
 */
#include <kern/assert.h>
#include <kern/spinlock.h>

#include <arch/cpu.h>

#include "thread.h"

struct rank_info {
	const char *name;
	bool sleeps;
	bool equal_allowed;
};

enum lock_kind { lock_kind_spin, lock_kind_sleep };

static const struct rank_info rank_table[] = {
#define LOCK_RANK_INFO(name, kind, equal, what)                                                    \
	{ #name, lock_kind_##kind == lock_kind_sleep, equal },
	LOCK_RANK_TABLE(LOCK_RANK_INFO)
#undef LOCK_RANK_INFO
};

static struct lock_stack cpu_locks[MAX_CPUS];

static struct lock_stack *
lock_stack_of(uint32_t rank)
{
	struct thread *self;

	if (!rank_table[rank].sleeps)
		return &cpu_locks[cpu_id()];
	self = thread_current_or_null();
	return self != NULL ? &self->sleep_locks : NULL;
}

static void
lock_check_against(const struct lock_held *held, const void *lock, uint32_t rank, const void *site)
{
	const struct rank_info *info = &rank_table[rank];

	if (held->rank < rank)
		return;
	if (held->rank == rank && info->equal_allowed && held->lock < lock)
		return;
	panic("lock order: %s %p at %p while holding %s %p taken at %p", info->name, lock, site,
	    rank_table[held->rank].name, held->lock, held->site);
}

static void
lock_stack_check(const struct lock_stack *stack, const void *lock, uint32_t rank, const void *site)
{
	if (stack == NULL)
		return;
	for (unsigned i = 0; i < stack->count; i++)
		lock_check_against(&stack->held[i], lock, rank, site);
}

void
lock_check_acquire(const void *lock, uint32_t rank, const void *site)
{
	struct lock_stack *stack = lock_stack_of(rank);

	lock_stack_check(&cpu_locks[cpu_id()], lock, rank, site);
	if (stack == NULL)
		return;
	if (rank_table[rank].sleeps)
		lock_stack_check(stack, lock, rank, site);
	if (stack->count == LOCK_STACK_MAX)
		panic("lock order: more than %d locks held", LOCK_STACK_MAX);
	stack->held[stack->count++] = (struct lock_held) { lock, site, rank };
}

void
lock_check_release(const void *lock, uint32_t rank, const void *site)
{
	struct lock_stack *stack = lock_stack_of(rank);
	unsigned i;

	if (stack == NULL)
		return;
	for (i = stack->count; i > 0; i--)
		if (stack->held[i - 1].lock == lock)
			break;
	if (i == 0)
		panic("lock order: %s %p released at %p is not held", rank_table[rank].name, lock,
		    site);
	for (; i < stack->count; i++)
		stack->held[i - 1] = stack->held[i];
	stack->count--;
}

void
lock_check_none_held(const char *where)
{
	const struct lock_stack *stack = &cpu_locks[cpu_id()];

	if (stack->count > 0)
		panic("%s while holding %s %p taken at %p", where,
		    rank_table[stack->held[0].rank].name, stack->held[0].lock, stack->held[0].site);
}
