/* SPDX-License-Identifier: BSD-2-Clause */
/* thread_info -- what is told about threads (ABI sheet 4.3). */
#include <glue/mach_server.h>
#include <kern/string.h>
#include <mach/policy.h>
#include <mach/thread_info.h>

#include "sched.h"
#include "task.h"
#include "thread.h"
#include "times.h"

#define BASIC_COUNT_MIN 20
#define SCHED_COUNT_MIN 7
#define MS_PER_TICK     10

/* Precedence of ABI sheet 4.3: halted, running, uninterruptible, stopped,
 * waiting. */
int
thread_run_state(struct thread *thread)
{
	uint32_t state = thread_waiter(thread)->w_state;

	if (thread->t_dead || thread->t_terminating)
		return TH_STATE_HALTED;
	if (!thread->t_frozen && thread->t_parked == 0)
		return TH_STATE_RUNNING;
	if (thread->t_parked != 0 && state == WAITER_WAITING_UNINT)
		return TH_STATE_UNINTERRUPTIBLE;
	if (thread->t_frozen || thread->t_hold_count > 0)
		return TH_STATE_STOPPED;
	return TH_STATE_WAITING;
}

static void
basic_info(struct thread *thread, struct thread_basic_info *info)
{
	memset(info, 0, sizeof(*info));
	info->user_time = time_from_ns(thread->t_user_ns);
	info->system_time = time_from_ns(thread->t_system_ns);
	info->cpu_usage = (integer_t)(thread->t_usage * TH_USAGE_SCALE / 256);
	info->base_priority = thread->t_base_priority;
	info->cur_priority = thread->t_priority;
	info->run_state = thread_run_state(thread);
	info->flags = thread_waiter(thread)->w_continuation != NULL ? TH_FLAGS_SWAPPED : 0;
	info->suspend_count = (integer_t)thread->t_suspend_count;
	info->creation_time = time_from_ns(thread->t_created);
	info->user_time64 = time64_from_ns(thread->t_user_ns);
	info->system_time64 = time64_from_ns(thread->t_system_ns);
	info->creation_time64 = time64_from_ns(thread->t_created);
}

static void
sched_info(struct thread *thread, struct thread_sched_info *info)
{
	info->policy = thread->t_policy;
	info->data = thread->t_policy == POLICY_FIXEDPRI ? thread->t_quantum * MS_PER_TICK : 0;
	info->base_priority = thread->t_base_priority;
	info->max_priority = thread->t_max_priority;
	info->cur_priority = thread->t_priority;
	info->depressed = thread->t_depressed;
	info->depress_priority = thread->t_depressed ? thread->t_base_priority : -1;
	info->last_processor = thread->t_last_cpu;
}

/* Give as much of `info` as the caller has room for. */
static void
info_copy(
    integer_t *out, mach_msg_type_number_t *countp, const void *info, mach_msg_type_number_t full)
{
	if (*countp > full)
		*countp = full;
	memcpy(out, info, *countp * sizeof(integer_t));
}

kern_return_t
thread_info(struct thread *thread, int flavor, thread_info_t out, mach_msg_type_number_t *countp)
{
	struct thread_basic_info basic;
	struct thread_sched_info sched;

	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	if (flavor == THREAD_BASIC_INFO && *countp >= BASIC_COUNT_MIN) {
		basic_info(thread, &basic);
		info_copy(out, countp, &basic, THREAD_BASIC_INFO_COUNT);
		return KERN_SUCCESS;
	}
	if (flavor == THREAD_SCHED_INFO && *countp >= SCHED_COUNT_MIN) {
		sched_info(thread, &sched);
		info_copy(out, countp, &sched, THREAD_SCHED_INFO_COUNT);
		return KERN_SUCCESS;
	}
	return KERN_INVALID_ARGUMENT;
}
