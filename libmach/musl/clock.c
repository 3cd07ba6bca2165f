/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks and sleeping.
 */
#include <mach/mach_host.h>
#include <mach/mach_init.h>
#include <mach/mach_traps.h>
#include <mach/thread_switch.h>

#include "handler.h"

#define MSEC_MAX   0x7fffffff /* in one wait: 24 days */
#define TICK_NANOS 10000000

static kern_return_t
clock_read(uint64_t clock, time_value64_t *now)
{
	switch (clock) {
	case LINUX_CLOCK_REALTIME:
	case LINUX_CLOCK_REALTIME_COARSE:
		return host_get_time64(mach_host_self_, now);
	case LINUX_CLOCK_MONOTONIC:
	case LINUX_CLOCK_MONOTONIC_COARSE:
	case LINUX_CLOCK_BOOTTIME:
		return host_get_uptime64(mach_host_self_, now);
	default:
		return KERN_INVALID_ARGUMENT;
	}
}

long
handler_clock_gettime(struct handler_frame *frame, struct emulation_block *block)
{
	struct linux_timespec *out = (struct linux_timespec *)FRAME_ARG1(frame);
	time_value64_t now;

	if (clock_read(FRAME_ARG0(frame), &now) != KERN_SUCCESS)
		return -LINUX_EINVAL;
	TIME_VALUE64_TO_TIMESPEC(&now, out);
	return 0;
}

long
handler_clock_getres(struct handler_frame *frame, struct emulation_block *block)
{
	struct linux_timespec *out = (struct linux_timespec *)FRAME_ARG1(frame);
	time_value64_t now;

	if (clock_read(FRAME_ARG0(frame), &now) != KERN_SUCCESS)
		return -LINUX_EINVAL;
	if (out != NULL)
		*out = (struct linux_timespec) { .tv_nsec = TICK_NANOS };
	return 0;
}

int64_t
handler_milliseconds(const struct linux_timespec *time)
{
	if (time->tv_sec < 0 || time->tv_nsec < 0 || time->tv_nsec >= TIME_NANOS_MAX)
		return -1;
	if (time->tv_sec >= MSEC_MAX / 1000)
		return MSEC_MAX;
	return time->tv_sec * 1000 + (time->tv_nsec + 999999) / 1000000;
}

/* Until `clock` shows `when`. */
static long
sleep_until(uint64_t clock, const time_value64_t *when)
{
	time_value64_t left, now;
	struct linux_timespec wait;

	for (;;) {
		if (clock_read(clock, &now) != KERN_SUCCESS)
			return -LINUX_EINVAL;
		left = *when;
		time_value64_sub(&left, &now);
		if (left.seconds < 0 || (left.seconds == 0 && left.nanoseconds == 0))
			return 0;
		TIME_VALUE64_TO_TIMESPEC(&left, &wait);
		(void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT,
		    (mach_msg_timeout_t)handler_milliseconds(&wait));
	}
}

static long
clock_sleep(uint64_t clock, boolean_t absolute, const struct linux_timespec *time)
{
	time_value64_t when, start;

	if (handler_milliseconds(time) < 0 || clock_read(clock, &start) != KERN_SUCCESS)
		return -LINUX_EINVAL;
	TIMESPEC_TO_TIME_VALUE64(&when, time);
	if (!absolute)
		time_value64_add(&when, &start);
	return sleep_until(clock, &when);
}

long
handler_nanosleep(struct handler_frame *frame, struct emulation_block *block)
{
	return clock_sleep(
	    LINUX_CLOCK_MONOTONIC, FALSE, (const struct linux_timespec *)FRAME_ARG0(frame));
}

long
handler_clock_nanosleep(struct handler_frame *frame, struct emulation_block *block)
{
	return clock_sleep(FRAME_ARG0(frame), (FRAME_ARG1(frame) & LINUX_TIMER_ABSTIME) != 0,
	    (const struct linux_timespec *)FRAME_ARG2(frame));
}
