/* SPDX-License-Identifier: BSD-2-Clause */
/* task_info -- what is told about tasks (ABI sheet 4.2). */
#include <glue/mach_server.h>
#include <kern/string.h>
#include <mach/task_info.h>
#include <vm/vm_map.h>

#include "task.h"
#include "thread.h"
#include "times.h"

#define BASIC_COUNT_MIN 18
#define TIMES_COUNT_MIN 8

static void
basic_info(struct task *task, struct task_basic_info *info)
{
	memset(info, 0, sizeof(*info));
	mutex_lock(&task->k_lock);
	info->suspend_count = (integer_t)task->k_suspend_count;
	info->base_priority = task->k_priority;
	info->user_time = time_from_ns(task->k_user_ns);
	info->system_time = time_from_ns(task->k_system_ns);
	info->user_time64 = time64_from_ns(task->k_user_ns);
	info->system_time64 = time64_from_ns(task->k_system_ns);
	info->creation_time = time_from_ns(task->k_created);
	info->creation_time64 = time64_from_ns(task->k_created);
	if (task->k_state == TASK_ALIVE) {
		info->virtual_size = vm_map_virtual_size(task->k_map);
		info->resident_size = vm_map_resident_size(task->k_map);
	}
	mutex_unlock(&task->k_lock);
}

/* Zero fills and the like are counted for the whole machine (vm_statistics);
 * per task only what costs nothing to count. */
static void
events_info(struct task *task, struct task_events_info *info)
{
	memset(info, 0, sizeof(*info));
	info->faults = task->k_faults;
	info->messages_sent = task->k_sent;
	info->messages_received = task->k_received;
}

static void
times_info(struct task *task, struct task_thread_times_info *info)
{
	uint64_t user = 0, system = 0;
	struct list *node;

	mutex_lock(&task->k_lock);
	list_for_each(&task->k_threads, node) {
		struct thread *thread = list_entry(node, struct thread, t_task_link);

		user += thread->t_user_ns;
		system += thread->t_system_ns;
	}
	mutex_unlock(&task->k_lock);
	memset(info, 0, sizeof(*info));
	info->user_time = time_from_ns(user);
	info->system_time = time_from_ns(system);
	info->user_time64 = time64_from_ns(user);
	info->system_time64 = time64_from_ns(system);
}

union task_infos {
	struct task_basic_info basic;
	struct task_events_info events;
	struct task_thread_times_info times;
};

struct flavor {
	int flavor;
	mach_msg_type_number_t least;
	mach_msg_type_number_t full;
	void (*fill)(struct task *task, union task_infos *info);
};

static void
fill_basic(struct task *task, union task_infos *info)
{
	basic_info(task, &info->basic);
}

static void
fill_events(struct task *task, union task_infos *info)
{
	events_info(task, &info->events);
}

static void
fill_times(struct task *task, union task_infos *info)
{
	times_info(task, &info->times);
}

static const struct flavor flavors[] = {
	{ TASK_BASIC_INFO, BASIC_COUNT_MIN, TASK_BASIC_INFO_COUNT, fill_basic },
	{ TASK_EVENTS_INFO, TASK_EVENTS_INFO_COUNT, TASK_EVENTS_INFO_COUNT, fill_events },
	{ TASK_THREAD_TIMES_INFO, TIMES_COUNT_MIN, TASK_THREAD_TIMES_INFO_COUNT, fill_times },
};

kern_return_t
task_info(struct task *task, int flavor, task_info_t out, mach_msg_type_number_t *countp)
{
	union task_infos info;

	if (task == NULL)
		return KERN_INVALID_ARGUMENT;
	for (unsigned i = 0; i < sizeof(flavors) / sizeof(flavors[0]); i++) {
		const struct flavor *row = &flavors[i];

		if (row->flavor != flavor || *countp < row->least)
			continue;
		row->fill(task, &info);
		if (*countp > row->full)
			*countp = row->full;
		memcpy(out, &info, *countp * sizeof(integer_t));
		return KERN_SUCCESS;
	}
	return KERN_INVALID_ARGUMENT;
}
