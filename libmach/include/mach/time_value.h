/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time, in seconds and microseconds or nanoseconds (ABI sheet 0.4, 8.7).
 */
#ifndef MACH_TIME_VALUE_H
#define MACH_TIME_VALUE_H

#include <mach/machine/vm_types.h>
#include <stddef.h>
#include <stdint.h>

struct rpc_time_value {
	rpc_long_integer_t seconds;
	integer_t microseconds;
};

typedef struct rpc_time_value rpc_time_value_t;

struct time_value {
	long_integer_t seconds;
	integer_t microseconds;
};

typedef struct time_value time_value_t;

struct time_value64 {
	int64_t seconds;
	int64_t nanoseconds;
};

typedef struct time_value64 time_value64_t;

#define TIME_MICROS_MAX 1000000
#define TIME_NANOS_MAX  1000000000

/* In a new adjustment: change nothing, only return the old one. */
#define MACH_ADJTIME_USECS_OMIT TIME_MICROS_MAX
#define MACH_ADJTIME_NSECS_OMIT TIME_NANOS_MAX

#define time_value_add_usec(val, micros)                                                           \
	do {                                                                                       \
		(val)->microseconds += (micros);                                                   \
		if ((val)->microseconds >= TIME_MICROS_MAX) {                                      \
			(val)->microseconds -= TIME_MICROS_MAX;                                    \
			(val)->seconds++;                                                          \
		}                                                                                  \
	} while (0)

#define time_value64_add_nanos(val, nanos)                                                         \
	do {                                                                                       \
		(val)->nanoseconds += (nanos);                                                     \
		if ((val)->nanoseconds >= TIME_NANOS_MAX) {                                        \
			(val)->nanoseconds -= TIME_NANOS_MAX;                                      \
			(val)->seconds++;                                                          \
		}                                                                                  \
	} while (0)

#define time_value64_sub_nanos(val, nanos)                                                         \
	do {                                                                                       \
		(val)->nanoseconds -= (nanos);                                                     \
		if ((val)->nanoseconds < 0) {                                                      \
			(val)->nanoseconds += TIME_NANOS_MAX;                                      \
			(val)->seconds--;                                                          \
		}                                                                                  \
	} while (0)

#define time_value_add(result, addend)                                                             \
	do {                                                                                       \
		(result)->seconds += (addend)->seconds;                                            \
		time_value_add_usec(result, (addend)->microseconds);                               \
	} while (0)

#define time_value64_add(result, addend)                                                           \
	do {                                                                                       \
		(result)->seconds += (addend)->seconds;                                            \
		time_value64_add_nanos(result, (addend)->nanoseconds);                             \
	} while (0)

#define time_value64_sub(result, subtrahend)                                                       \
	do {                                                                                       \
		(result)->seconds -= (subtrahend)->seconds;                                        \
		time_value64_sub_nanos(result, (subtrahend)->nanoseconds);                         \
	} while (0)

#define time_value64_init(tv)                                                                      \
	do {                                                                                       \
		(tv)->seconds = 0;                                                                 \
		(tv)->nanoseconds = 0;                                                             \
	} while (0)

#define TIME_VALUE64_TO_TIME_VALUE(tv64, tv)                                                       \
	do {                                                                                       \
		(tv)->seconds = (tv64)->seconds;                                                   \
		(tv)->microseconds = (integer_t)((tv64)->nanoseconds / 1000);                      \
	} while (0)

#define TIME_VALUE_TO_TIME_VALUE64(tv, tv64)                                                       \
	do {                                                                                       \
		(tv64)->seconds = (tv)->seconds;                                                   \
		(tv64)->nanoseconds = (int64_t)(tv)->microseconds * 1000;                          \
	} while (0)

#define TIME_VALUE_TO_TIMESPEC(tv, ts)                                                             \
	do {                                                                                       \
		(ts)->tv_sec = (tv)->seconds;                                                      \
		(ts)->tv_nsec = (long)(tv)->microseconds * 1000;                                   \
	} while (0)

#define TIMESPEC_TO_TIME_VALUE(tv, ts)                                                             \
	do {                                                                                       \
		(tv)->seconds = (ts)->tv_sec;                                                      \
		(tv)->microseconds = (integer_t)((ts)->tv_nsec / 1000);                            \
	} while (0)

#define TIME_VALUE64_TO_TIMESPEC(tv, ts)                                                           \
	do {                                                                                       \
		(ts)->tv_sec = (tv)->seconds;                                                      \
		(ts)->tv_nsec = (long)(tv)->nanoseconds;                                           \
	} while (0)

#define TIMESPEC_TO_TIME_VALUE64(tv, ts)                                                           \
	do {                                                                                       \
		(tv)->seconds = (ts)->tv_sec;                                                      \
		(tv)->nanoseconds = (ts)->tv_nsec;                                                 \
	} while (0)

/*
 * The page device "time" maps. Read the seconds, then the sub-second part,
 * then the check field, until seconds and check agree.
 */
struct mapped_time_value {
	integer_t seconds;
	integer_t microseconds;
	integer_t check_seconds;
	integer_t mtv_pad;
	time_value64_t time_value;
	int64_t check_seconds64;
	time_value64_t uptime_value;
	int64_t check_upseconds64;
};

typedef struct mapped_time_value mapped_time_value_t;

_Static_assert(sizeof(struct time_value) == 16, "layout");
_Static_assert(sizeof(struct rpc_time_value) == 16, "layout");
_Static_assert(offsetof(struct time_value, microseconds) == 8, "layout");
_Static_assert(sizeof(struct time_value64) == 16, "layout");
_Static_assert(sizeof(struct mapped_time_value) == 64, "layout");
_Static_assert(offsetof(struct mapped_time_value, time_value) == 16, "layout");
_Static_assert(offsetof(struct mapped_time_value, check_seconds64) == 32, "layout");
_Static_assert(offsetof(struct mapped_time_value, uptime_value) == 40, "layout");
_Static_assert(offsetof(struct mapped_time_value, check_upseconds64) == 56, "layout");

#endif /* MACH_TIME_VALUE_H */
