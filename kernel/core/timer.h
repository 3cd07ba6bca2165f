/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timer -- something to do at a tick in the future.
 *
 * Each CPU has a wheel of 256 slots; a timer hangs in the slot of its tick on
 * the CPU that armed it and fires there, in the clock interrupt.
 *
 * Locks: a wheel has one (rank TIMER), not held while a timer's function
 *        runs. The function may take locks ranked THREAD and above, up to but
 *        not including TIMER.
 */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <kern/list.h>
#include <kern/rare.h>

enum timer_state {
	TIMER_IDLE,
	TIMER_ARMED,
	TIMER_FIRING,
};

struct timer {
	struct list link;
	uint64_t deadline; /* tick */
	void (*function)(struct timer *timer);
	_Atomic uint32_t state; /* enum timer_state */
	uint32_t cpu;           /* whose wheel */
};

void timer_module_init(void);

static inline void
timer_init(struct timer *timer, void (*function)(struct timer *timer))
{
	list_init(&timer->link);
	timer->function = function;
	timer->deadline = 0;
	timer->cpu = 0;
	atomic_init(&timer->state, TIMER_IDLE);
}

/* Fire at the first tick at least `ms` milliseconds from now. It is idle. */
void timer_arm(struct timer *timer, uint64_t ms);

/* Never again: on return the function does not run and will not. Not from
 * the timer's own function. */
KERN_RARE void timer_cancel_slow(struct timer *timer);

static inline void
timer_cancel(struct timer *timer)
{
	if (atomic_load_explicit(&timer->state, memory_order_acquire) != TIMER_IDLE)
		timer_cancel_slow(timer);
}

/* Fire what is due on this CPU. The clock interrupt. */
void timer_tick(void);

#endif
