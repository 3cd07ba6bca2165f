/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of processes, and what can be asked about one.
 */
#include "proc/proc.h"

#include <mach/task_info.h>

#include "file/cred.h"
#include "main/service.h"
#include "proc/pid.h"
#include "proc/thread.h"
#include "server/sync.h"

static struct proc *table[PID_MAX + 1];
static struct list all = LIST_HEAD(all);
static unsigned count;

/* ---- finding ------------------------------------------------------------------------ */

struct proc *
proc_find(int32_t pid)
{
	return pid > 0 && pid <= PID_MAX ? table[pid] : NULL;
}

struct proc *
proc_next(int32_t after)
{
	for (int32_t pid = after < 0 ? 1 : after + 1; pid <= PID_MAX; pid++)
		if (table[pid] != NULL)
			return table[pid];
	return NULL;
}

unsigned
proc_count(void)
{
	return count;
}

unsigned
proc_count_of_user(uint32_t uid)
{
	struct list *link;
	unsigned n = 0;

	list_for_each(link, &all) {
		const struct proc *p = list_entry(link, struct proc, all_link);

		n += p->cred != NULL && p->cred->ruid == uid;
	}
	return n;
}

char
proc_state_letter(const struct proc *p)
{
	struct list *link;

	if (p->state == PROC_ZOMBIE)
		return 'Z';
	if (p->state == PROC_STOPPED)
		return 'T';
	list_for_each(link, &p->threads)
		if (list_entry(link, struct thread, link)->sleeper == NULL)
			return 'R';
	return 'S';
}

/* ---- life ------------------------------------------------------------------------------ */

static void real_timer_fired(void *argument);

struct proc *
proc_create(void)
{
	struct proc *p = bsd_alloc(sizeof(*p));

	if (p == NULL)
		return NULL;
	p->pid = pid_allocate();
	if (p->pid == 0) {
		bsd_free(p, sizeof(*p));
		return NULL;
	}
	p->refs = 1;
	p->state = PROC_EMBRYO;
	p->exit_signal = SIGCHLD;
	p->start_time = (int64_t)bsd_uptime();
	list_init(&p->children);
	list_init(&p->sibling);
	list_init(&p->pgrp_link);
	list_init(&p->threads);
	timer_init(&p->real_timer, real_timer_fired, p);
	table[p->pid] = p;
	list_append(&all, &p->all_link);
	count++;
	return p;
}

void
proc_remove(struct proc *p)
{
	table[p->pid] = NULL;
	list_remove(&p->all_link);
	count--;
	pid_release(p->pid);
	proc_release(p);
}

void
proc_reference(struct proc *p)
{
	p->refs++;
}

void
proc_release(struct proc *p)
{
	if (--p->refs > 0)
		return;
	sigqueue_drop(&p->pending, ~(bsd_sigset_t)0);
	if (p->cred != NULL)
		cred_release(p->cred);
	bsd_free(p, sizeof(*p));
}

/* ---- usage ------------------------------------------------------------------------------- */

static int64_t
time_ns(const time_value_t *t)
{
	return (int64_t)t->seconds * NSEC_PER_SEC + (int64_t)t->microseconds * 1000;
}

static mach_port_t
proc_task(const struct proc *p)
{
	const struct list *first = list_first(&p->threads);

	if (first == NULL || p->shares_parent)
		return MACH_PORT_NULL;
	return list_entry(first, struct thread, link)->space->task;
}

static void
task_usage(mach_port_t task, struct bsd_rusage *usage)
{
	struct task_basic_info basic;
	struct task_thread_times_info times;
	struct task_events_info events;
	mach_msg_type_number_t n = TASK_BASIC_INFO_COUNT;

	if (task_info(task, TASK_BASIC_INFO, (task_info_t)&basic, &n) == KERN_SUCCESS) {
		usage->ru_utime += time_ns((time_value_t *)(void *)&basic.user_time);
		usage->ru_stime += time_ns((time_value_t *)(void *)&basic.system_time);
		usage->ru_maxrss = (int64_t)(basic.resident_size / 1024);
	}
	n = TASK_THREAD_TIMES_INFO_COUNT;
	if (task_info(task, TASK_THREAD_TIMES_INFO, (task_info_t)&times, &n) == KERN_SUCCESS) {
		usage->ru_utime += time_ns((time_value_t *)(void *)&times.user_time);
		usage->ru_stime += time_ns((time_value_t *)(void *)&times.system_time);
	}
	n = TASK_EVENTS_INFO_COUNT;
	if (task_info(task, TASK_EVENTS_INFO, (task_info_t)&events, &n) == KERN_SUCCESS) {
		usage->ru_majflt = (int64_t)events.pageins;
		usage->ru_minflt = (int64_t)(events.faults - events.pageins);
	}
}

void
proc_usage(struct proc *p, struct bsd_rusage *usage)
{
	mach_port_t task = proc_task(p);

	*usage = p->dead_threads;
	if (task != MACH_PORT_NULL)
		task_usage(task, usage);
}

void
proc_memory(struct proc *p, uint64_t *virtualp, uint64_t *residentp)
{
	struct task_basic_info basic;
	mach_msg_type_number_t n = TASK_BASIC_INFO_COUNT;
	mach_port_t task = proc_task(p);

	*virtualp = 0;
	*residentp = 0;
	if (task == MACH_PORT_NULL ||
	    task_info(task, TASK_BASIC_INFO, (task_info_t)&basic, &n) != KERN_SUCCESS)
		return;
	*virtualp = basic.virtual_size;
	*residentp = basic.resident_size;
}

void
usage_add(struct bsd_rusage *to, const struct bsd_rusage *from)
{
	to->ru_utime += from->ru_utime;
	to->ru_stime += from->ru_stime;
	if (to->ru_maxrss < from->ru_maxrss)
		to->ru_maxrss = from->ru_maxrss;
	to->ru_minflt += from->ru_minflt;
	to->ru_majflt += from->ru_majflt;
	to->ru_nvcsw += from->ru_nvcsw;
	to->ru_nivcsw += from->ru_nivcsw;
}

/* ---- the real-time interval timer ------------------------------------------------------------ */

static void
real_timer_fired(void *argument)
{
	struct proc *p = argument;

	if (p->real_interval > 0) {
		uint64_t next = bsd_uptime() + (uint64_t)p->real_interval;

		timer_set(&p->real_timer, next);
	}
	bsd_signal_proc(p, SIGALRM);
}
