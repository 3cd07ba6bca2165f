/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread_info flavours (ABI sheet 4.3). Counts are in 32-bit words.
 */
#ifndef MACH_THREAD_INFO_H
#define MACH_THREAD_INFO_H

#include <mach/boolean.h>
#include <mach/machine/vm_types.h>
#include <mach/policy.h>
#include <mach/time_value.h>
#include <stddef.h>

#define THREAD_INFO_MAX 1024

typedef integer_t *thread_info_t;
typedef integer_t thread_info_data_t[THREAD_INFO_MAX];

#define THREAD_BASIC_INFO 1

struct thread_basic_info {
	rpc_time_value_t user_time;
	rpc_time_value_t system_time;
	integer_t cpu_usage; /* in 1 / TH_USAGE_SCALE */
	integer_t base_priority;
	integer_t cur_priority;
	integer_t run_state;     /* TH_STATE_* */
	integer_t flags;         /* TH_FLAGS_* */
	integer_t suspend_count; /* as set by users */
	integer_t sleep_time;    /* seconds */
	integer_t tbi_pad;
	rpc_time_value_t creation_time;
	time_value64_t user_time64;
	time_value64_t system_time64;
	time_value64_t creation_time64;
};

typedef struct thread_basic_info thread_basic_info_data_t;
typedef struct thread_basic_info *thread_basic_info_t;

#define THREAD_BASIC_INFO_COUNT (sizeof(struct thread_basic_info) / sizeof(natural_t))

_Static_assert(THREAD_BASIC_INFO_COUNT == 32, "layout");
_Static_assert(offsetof(struct thread_basic_info, cpu_usage) == 32, "layout");
_Static_assert(offsetof(struct thread_basic_info, sleep_time) == 56, "layout");
_Static_assert(offsetof(struct thread_basic_info, creation_time) == 64, "layout");
_Static_assert(offsetof(struct thread_basic_info, creation_time64) == 112, "layout");

#define TH_USAGE_SCALE 1000

#define TH_STATE_RUNNING         1
#define TH_STATE_STOPPED         2
#define TH_STATE_WAITING         3
#define TH_STATE_UNINTERRUPTIBLE 4
#define TH_STATE_HALTED          5

#define TH_FLAGS_SWAPPED 0x1
#define TH_FLAGS_IDLE    0x2

#define THREAD_SCHED_INFO 2

struct thread_sched_info {
	integer_t policy;
	integer_t data; /* quantum in ms, or 0 */
	integer_t base_priority;
	integer_t max_priority;
	integer_t cur_priority;
	boolean_t depressed;
	integer_t depress_priority; /* -1 if not depressed */
	integer_t last_processor;
};

typedef struct thread_sched_info thread_sched_info_data_t;
typedef struct thread_sched_info *thread_sched_info_t;

#define THREAD_SCHED_INFO_COUNT (sizeof(struct thread_sched_info) / sizeof(natural_t))

_Static_assert(THREAD_SCHED_INFO_COUNT == 8, "layout");

#endif /* MACH_THREAD_INFO_H */
