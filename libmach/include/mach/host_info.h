/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host_info flavours (ABI sheet 4.9). Counts are in 32-bit words.
 */
#ifndef MACH_HOST_INFO_H
#define MACH_HOST_INFO_H

#include <mach/machine.h>
#include <mach/machine/vm_types.h>
#include <stddef.h>

#define HOST_INFO_MAX 1024

typedef integer_t *host_info_t;
typedef integer_t host_info_data_t[HOST_INFO_MAX];

#define KERNEL_VERSION_MAX 512

typedef char kernel_version_t[KERNEL_VERSION_MAX];
typedef const char *const_kernel_version_t;
typedef char new_kernel_version_t[KERNEL_VERSION_MAX];
typedef const char *const_new_kernel_version_t;

#define HOST_BASIC_INFO      1
#define HOST_PROCESSOR_SLOTS 2
#define HOST_SCHED_INFO      3
#define HOST_LOAD_INFO       4

struct host_basic_info {
	integer_t max_cpus;
	integer_t avail_cpus;
	rpc_vm_size_t memory_size; /* bytes */
	cpu_type_t cpu_type;
	cpu_subtype_t cpu_subtype;
};

typedef struct host_basic_info host_basic_info_data_t;
typedef struct host_basic_info *host_basic_info_t;

#define HOST_BASIC_INFO_COUNT (sizeof(struct host_basic_info) / sizeof(integer_t))

_Static_assert(HOST_BASIC_INFO_COUNT == 6, "layout");
_Static_assert(offsetof(struct host_basic_info, memory_size) == 8, "layout");
_Static_assert(offsetof(struct host_basic_info, cpu_subtype) == 20, "layout");

struct host_sched_info {
	integer_t min_timeout; /* ms */
	integer_t min_quantum; /* ms */
};

typedef struct host_sched_info host_sched_info_data_t;
typedef struct host_sched_info *host_sched_info_t;

#define HOST_SCHED_INFO_COUNT (sizeof(struct host_sched_info) / sizeof(integer_t))

_Static_assert(HOST_SCHED_INFO_COUNT == 2, "layout");

struct host_load_info {
	integer_t avenrun[3]; /* scaled by LOAD_SCALE */
	integer_t mach_factor[3];
};

typedef struct host_load_info host_load_info_data_t;
typedef struct host_load_info *host_load_info_t;

#define HOST_LOAD_INFO_COUNT (sizeof(struct host_load_info) / sizeof(integer_t))

_Static_assert(HOST_LOAD_INFO_COUNT == 6, "layout");

/* Options of host_reboot (ABI sheet 4.8). */
#define RB_AUTOBOOT 0x0000
#define RB_HALT     0x0008
#define RB_DEBUGGER 0x1000

#endif /* MACH_HOST_INFO_H */
