/* SPDX-License-Identifier: BSD-2-Clause */
/* times -- nanoseconds as the interface's time structures. */
#ifndef CORE_TIMES_H
#define CORE_TIMES_H

#include <stdint.h>

#include <mach/time_value.h>

#define NS_PER_SECOND 1000000000ul

static inline rpc_time_value_t
time_from_ns(uint64_t ns)
{
	rpc_time_value_t time = { 0 };

	time.seconds = (rpc_long_integer_t)(ns / NS_PER_SECOND);
	time.microseconds = (integer_t)(ns % NS_PER_SECOND / 1000);
	return time;
}

static inline time_value64_t
time64_from_ns(uint64_t ns)
{
	return (time_value64_t) { (int64_t)(ns / NS_PER_SECOND), (int64_t)(ns % NS_PER_SECOND) };
}

#endif
