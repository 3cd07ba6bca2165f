/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Machine state of threads: the generic part.
 */
#ifndef MACH_THREAD_STATUS_H
#define MACH_THREAD_STATUS_H

#include <mach/machine/thread_status.h>
#include <mach/machine/vm_types.h>

#define THREAD_STATE_MAX         1024
#define THREAD_STATE_FLAVOR_LIST 0

typedef natural_t *thread_state_t;
typedef const natural_t *const_thread_state_t;
typedef natural_t thread_state_data_t[THREAD_STATE_MAX];

#endif /* MACH_THREAD_STATUS_H */
