/* SPDX-License-Identifier: BSD-2-Clause */
/* timer -- see timer.h. */
#include <kern/assert.h>
#include <kern/clock.h>
#include <kern/spinlock.h>

#include <arch/cpu.h>

#include "timer.h"

#define WHEEL_SLOTS 256u
#define MS_PER_TICK (1000 / CLOCK_HZ)
#define NS_PER_TICK (1000000000ul / CLOCK_HZ)

struct timer_wheel {
	struct spinlock lock;
	uint64_t next; /* first tick not looked at yet */
	struct list slot[WHEEL_SLOTS];
};

static struct timer_wheel timer_wheels[MAX_CPUS];

void
timer_module_init(void)
{
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
		struct timer_wheel *wheel = &timer_wheels[cpu];

		spinlock_init(&wheel->lock, LOCK_RANK_TIMER);
		for (unsigned i = 0; i < WHEEL_SLOTS; i++)
			list_init(&wheel->slot[i]);
	}
}

void
timer_arm(struct timer *timer, uint64_t ms)
{
	struct timer_wheel *wheel = &timer_wheels[cpu_id()];
	uint64_t ticks = (ms + MS_PER_TICK - 1) / MS_PER_TICK + 1;
	/* Not clock_ticks(): while CPU 0 is late with a tick that lags behind,
	 * and the timer would fire too early. */
	uint64_t now = clock_uptime_ns() / NS_PER_TICK;

	kassert(atomic_load(&timer->state) == TIMER_IDLE);
	spin_lock(&wheel->lock);
	timer->cpu = cpu_id();
	timer->deadline = now + ticks;
	if (timer->deadline < wheel->next)
		timer->deadline = wheel->next;
	atomic_store(&timer->state, TIMER_ARMED);
	list_insert_tail(&wheel->slot[timer->deadline % WHEEL_SLOTS], &timer->link);
	spin_unlock(&wheel->lock);
}

void
timer_cancel_slow(struct timer *timer)
{
	struct timer_wheel *wheel = &timer_wheels[timer->cpu];

	spin_lock(&wheel->lock);
	if (atomic_load(&timer->state) == TIMER_ARMED) {
		list_remove(&timer->link);
		atomic_store(&timer->state, TIMER_IDLE);
	}
	spin_unlock(&wheel->lock);
	while (atomic_load(&timer->state) == TIMER_FIRING) {
		cpu_call_poll();
		cpu_pause();
	}
}

/* Take the due timers of one slot out, marked as firing. */
static void
wheel_collect(struct timer_wheel *wheel, uint64_t now, struct list *due)
{
	struct list *slot = &wheel->slot[wheel->next % WHEEL_SLOTS];
	struct list *node, *next;

	list_for_each_safe(slot, node, next) {
		struct timer *timer = list_entry(node, struct timer, link);

		if (timer->deadline > now)
			continue;
		list_remove(node);
		atomic_store(&timer->state, TIMER_FIRING);
		list_insert_tail(due, node);
	}
}

/* Whoever owns the timer waits in timer_cancel until it is idle again. */
static void
timer_fire(struct timer *timer)
{
	timer->function(timer);
	atomic_store_explicit(&timer->state, TIMER_IDLE, memory_order_release);
}

void
timer_tick(void)
{
	struct timer_wheel *wheel = &timer_wheels[cpu_id()];
	uint64_t now = clock_ticks();
	struct list due;
	struct list *node;

	list_init(&due);
	spin_lock(&wheel->lock);
	if (now >= wheel->next + WHEEL_SLOTS)
		wheel->next = now - WHEEL_SLOTS + 1;
	for (; wheel->next <= now; wheel->next++)
		wheel_collect(wheel, now, &due);
	spin_unlock(&wheel->lock);
	while ((node = list_pop(&due)) != NULL)
		timer_fire(list_entry(node, struct timer, link));
}
