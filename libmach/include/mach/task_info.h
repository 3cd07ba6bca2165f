/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * task_info flavours (ABI sheet 4.2). Counts are in 32-bit words.
 */
#ifndef MACH_TASK_INFO_H
#define MACH_TASK_INFO_H

#include <mach/machine/vm_types.h>
#include <mach/time_value.h>
#include <stddef.h>

#define TASK_INFO_MAX 1024

typedef integer_t *task_info_t;
typedef integer_t task_info_data_t[TASK_INFO_MAX];

#define TASK_BASIC_INFO 1

struct task_basic_info {
	integer_t suspend_count; /* as set by users */
	integer_t base_priority;
	rpc_vm_size_t virtual_size;   /* bytes */
	rpc_vm_size_t resident_size;  /* bytes */
	rpc_time_value_t user_time;   /* of terminated threads */
	rpc_time_value_t system_time; /* of terminated threads */
	rpc_time_value_t creation_time;
	time_value64_t user_time64;
	time_value64_t system_time64;
	time_value64_t creation_time64;
};

typedef struct task_basic_info task_basic_info_data_t;
typedef struct task_basic_info *task_basic_info_t;

#define TASK_BASIC_INFO_COUNT (sizeof(struct task_basic_info) / sizeof(integer_t))

_Static_assert(TASK_BASIC_INFO_COUNT == 30, "layout");
_Static_assert(offsetof(struct task_basic_info, virtual_size) == 8, "layout");
_Static_assert(offsetof(struct task_basic_info, user_time) == 24, "layout");
_Static_assert(offsetof(struct task_basic_info, creation_time) == 56, "layout");
_Static_assert(offsetof(struct task_basic_info, creation_time64) == 104, "layout");

#define TASK_EVENTS_INFO 2

struct task_events_info {
	rpc_long_natural_t faults;
	rpc_long_natural_t zero_fills;
	rpc_long_natural_t reactivations;
	rpc_long_natural_t pageins;
	rpc_long_natural_t cow_faults;
	rpc_long_natural_t messages_sent;
	rpc_long_natural_t messages_received;
};

typedef struct task_events_info task_events_info_data_t;
typedef struct task_events_info *task_events_info_t;

#define TASK_EVENTS_INFO_COUNT (sizeof(struct task_events_info) / sizeof(integer_t))

_Static_assert(TASK_EVENTS_INFO_COUNT == 14, "layout");
_Static_assert(offsetof(struct task_events_info, messages_received) == 48, "layout");

#define TASK_THREAD_TIMES_INFO 3

/* Totals over live threads. */
struct task_thread_times_info {
	rpc_time_value_t user_time;
	rpc_time_value_t system_time;
	time_value64_t user_time64;
	time_value64_t system_time64;
};

typedef struct task_thread_times_info task_thread_times_info_data_t;
typedef struct task_thread_times_info *task_thread_times_info_t;

#define TASK_THREAD_TIMES_INFO_COUNT (sizeof(struct task_thread_times_info) / sizeof(integer_t))

_Static_assert(TASK_THREAD_TIMES_INFO_COUNT == 16, "layout");

/* Flavours of task_ras_control. */
#define TASK_RAS_CONTROL_PURGE_ALL                 0
#define TASK_RAS_CONTROL_PURGE_ONE                 1
#define TASK_RAS_CONTROL_PURGE_ALL_AND_INSTALL_ONE 2
#define TASK_RAS_CONTROL_INSTALL_ONE               3

#endif /* MACH_TASK_INFO_H */
