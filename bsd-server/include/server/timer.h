/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers of the server: a function called once, with the master lock held,
 * by the timer thread. Clocks.
 *
 * Locks: the master lock guards every timer.
 */
#ifndef SERVER_TIMER_H
#define SERVER_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "server/list.h"

struct timer {
	struct list link;  /* on the queue, by deadline */
	uint64_t deadline; /* ns of bsd_uptime; 0 = not set */
	void (*function)(void *argument);
	void *argument;
};

/* The timer is not set. */
void timer_init(struct timer *timer, void (*function)(void *), void *argument);

/* Call the function at `deadline`, which replaces any earlier one. */
void timer_set(struct timer *timer, uint64_t deadline);

/* Forget the call, if it has not begun. */
void timer_cancel(struct timer *timer);

/* Start the timer thread; once. False when it could not be started. */
bool timer_start(void);

/* Nanoseconds since start, monotonic. */
uint64_t bsd_uptime(void);

/* Nanoseconds since 1970; clock_set moves it. */
int64_t clock_realtime(void);
void clock_set_realtime(int64_t now);

#define NSEC_PER_SEC  1000000000LL
#define NSEC_PER_MSEC 1000000LL

#endif
