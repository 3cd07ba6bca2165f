/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock -- ticks, uptime and the time of day; see kern/clock.h.
 *
 * Wall time is uptime plus an offset. A slow adjustment moves the offset by a
 * bounded amount at each tick of CPU 0 until it is used up.
 */
#include <stdatomic.h>

#include <kern/clock.h>

#include <arch/timer.h>
#include <device/mapped_time.h>

#include "clock.h"

#define NS_PER_TICK        (1000000000ul / CLOCK_HZ)
/* 5 microseconds a tick: half a millisecond a second. */
#define ADJUST_NS_PER_TICK 5000

struct clock_hands clock_hands;
static _Atomic uint64_t wall_offset;
static _Atomic int64_t adjust_left;

void
clock_module_init(void)
{
	uint64_t rtc = timer_read_rtc_ns();

	if (rtc != 0)
		clock_wall_set(rtc);
}

uint64_t
clock_ticks(void)
{
	return atomic_load_explicit(&clock_hands.ticks, memory_order_relaxed);
}

uint64_t
clock_uptime_ns(void)
{
	return timer_uptime_ns();
}

uint64_t
clock_wall_ns(void)
{
	return timer_uptime_ns() + wall_offset;
}

void
clock_wall_set(uint64_t ns)
{
	wall_offset = ns - timer_uptime_ns();
}

int64_t
clock_adjust_get(void)
{
	return adjust_left;
}

void
clock_adjust_set(int64_t ns)
{
	adjust_left = ns;
}

static void
clock_adjust_step(void)
{
	int64_t left = adjust_left;
	int64_t step = left;

	if (left == 0)
		return;
	if (step > ADJUST_NS_PER_TICK)
		step = ADJUST_NS_PER_TICK;
	if (step < -ADJUST_NS_PER_TICK)
		step = -ADJUST_NS_PER_TICK;
	adjust_left -= step;
	wall_offset += (uint64_t)step;
}

void
clock_tick(void)
{
	uint64_t now = timer_uptime_ns() / NS_PER_TICK;

	if (now > clock_hands.ticks) {
		clock_hands.ticks = now;
		clock_hands.seconds = (uint32_t)(now / CLOCK_HZ);
	}
	clock_adjust_step();
	mapped_time_update();
}
