/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers: a queue by deadline, and the thread that serves it. Clocks.
 */
#include "server/timer.h"

#include <stddef.h>
#include <time.h>

#include "server/sync.h"

static struct list queue = LIST_HEAD(queue);
static uint64_t boot_time;      /* of the monotonic clock */
static int64_t realtime_offset; /* realtime minus monotonic */

/* ---- clocks ----------------------------------------------------------------------- */

static int64_t
clock_ns(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) != 0)
		return 0;
	return (int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/*
 * The monotonic clock is used as it is, so that deadlines can be handed to
 * the condition variables; it starts with the machine.
 */
uint64_t
bsd_uptime(void)
{
	return (uint64_t)clock_ns(CLOCK_MONOTONIC);
}

int64_t
clock_realtime(void)
{
	if (boot_time == 0) {
		boot_time = bsd_uptime() + 1;
		realtime_offset = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	}
	return (int64_t)bsd_uptime() + realtime_offset;
}

void
clock_set_realtime(int64_t now)
{
	(void)clock_realtime();
	realtime_offset = now - (int64_t)bsd_uptime();
}

/* ---- the queue ------------------------------------------------------------------------ */

void
timer_init(struct timer *timer, void (*function)(void *), void *argument)
{
	list_init(&timer->link);
	timer->deadline = 0;
	timer->function = function;
	timer->argument = argument;
}

void
timer_set(struct timer *timer, uint64_t deadline)
{
	struct list *at;

	list_remove(&timer->link);
	timer->deadline = deadline;
	list_for_each(at, &queue)
		if (list_entry(at, struct timer, link)->deadline > deadline)
			break;
	list_append(at, &timer->link);
	if (queue.next == &timer->link)
		bsd_wakeup(&queue);
}

void
timer_cancel(struct timer *timer)
{
	list_remove(&timer->link);
	timer->deadline = 0;
}

/* Call what is due; the deadline of the next, or 0. */
static uint64_t
run_due(void)
{
	struct list *first;

	while ((first = list_first(&queue)) != NULL) {
		struct timer *timer = list_entry(first, struct timer, link);

		if (timer->deadline > bsd_uptime())
			return timer->deadline;
		timer_cancel(timer);
		timer->function(timer->argument);
	}
	return 0;
}

static void
timer_thread(void *unused)
{
	bsd_lock();
	for (;;)
		(void)bsd_sleep(&queue, 0, run_due());
}

bool
timer_start(void)
{
	return bsd_thread_start(timer_thread, NULL);
}
