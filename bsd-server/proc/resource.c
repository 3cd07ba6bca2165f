/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits, priorities, use of resources, timers, names of processes.
 */
#include <mach/gnumach.h>
#include <string.h>

#include "bsd_server.h"
#include "file/cred.h"
#include "file/fd_table.h"
#include "proc/proc.h"
#include "server/sync.h"
#include "vfs/services.h"

#define NICE_LIMIT 20

/* ---- limits ------------------------------------------------------------------------- */

/* A process for each half MiB of memory, at least enough to work with. */
static struct bsd_rlimit
process_limit(void)
{
	uint64_t free_memory, total;
	uint64_t n;

	bsd_memory(&free_memory, &total);
	n = total / (512 * 1024);
	n = n < 64 ? 64 : n > 4096 ? 4096 : n;
	return (struct bsd_rlimit) { n, n };
}

void
proc_limits_init(struct proc *p)
{
	for (int i = 0; i < BSD_RLIM_COUNT; i++)
		p->rlimit[i] = (struct bsd_rlimit) { BSD_RLIM_INFINITY, BSD_RLIM_INFINITY };
	p->rlimit[RLIMIT_STACK].rlim_cur = 8 * 1024 * 1024;
	p->rlimit[RLIMIT_CORE].rlim_cur = 0;
	p->rlimit[RLIMIT_NOFILE] = (struct bsd_rlimit) { 1024, 4096 };
	p->rlimit[RLIMIT_NPROC] = process_limit();
	p->rlimit[RLIMIT_NICE] = (struct bsd_rlimit) { 0, 0 };
	p->rlimit[RLIMIT_RTPRIO] = (struct bsd_rlimit) { 0, 0 };
	p->rlimit[RLIMIT_SIGPENDING] = (struct bsd_rlimit) { SIGQUEUE_MAX, SIGQUEUE_MAX };
}

/* Another's limits are for its owner and the super-user. */
static bool
may_change(const struct proc *p)
{
	const struct cred *self = bsd_current_proc()->cred;

	return p == bsd_current_proc() || cred_is_root(self) || self->euid == p->cred->ruid;
}

static int
set_limit(struct proc *p, int which, const struct bsd_rlimit *value)
{
	struct bsd_rlimit *limit = &p->rlimit[which];

	if (value->rlim_cur > value->rlim_max)
		return EINVAL;
	if (value->rlim_max > limit->rlim_max && !cred_is_root(bsd_current_proc()->cred))
		return EPERM;
	if (which == RLIMIT_NOFILE && value->rlim_max > FD_TABLE_MAX)
		return EPERM;
	*limit = *value;
	return 0;
}

kern_return_t
serve_bsd_rlimit(
    mach_port_t port, int pid, int which, int change, bsd_rlimit_t value, bsd_rlimit_t *old)
{
	struct proc *p = pid == 0 ? bsd_current_proc() : proc_find(pid);

	if (which < 0 || which >= BSD_RLIM_COUNT)
		return EINVAL;
	if (p == NULL)
		return ESRCH;
	if (!may_change(p))
		return EPERM;
	*old = p->rlimit[which];
	return change != 0 ? set_limit(p, which, &value) : 0;
}

kern_return_t
serve_bsd_getrusage(mach_port_t port, int who, bsd_rusage_t *usage)
{
	struct proc *p = bsd_current_proc();

	switch (who) {
	case BSD_RUSAGE_SELF:
	case BSD_RUSAGE_THREAD:
		proc_usage(p, usage);
		return 0;
	case BSD_RUSAGE_CHILDREN:
		*usage = p->children_usage;
		return 0;
	default:
		return EINVAL;
	}
}

/* ---- priorities ------------------------------------------------------------------------ */

/* Call `visit` on all that (which, who) means; ESRCH when there is none. */
static int
visit_processes(int which, int who, int (*visit)(struct proc *p, int *value), int *value)
{
	const struct proc *self = bsd_current_proc();
	uint32_t uid = who == 0 ? self->cred->euid : (uint32_t)who;
	int32_t pgrp = who == 0 ? self->pgrp->id : who;
	int32_t pid = who == 0 ? self->pid : who;
	int error = ESRCH;

	if (which < 0 || which > 2)
		return EINVAL;
	for (struct proc *p = proc_next(0); p != NULL; p = proc_next(p->pid)) {
		bool match = which == 0 ? p->pid == pid
		    : which == 1        ? p->pgrp != NULL && p->pgrp->id == pgrp
					: p->cred->euid == uid;
		int e;

		if (!match || p->state == PROC_ZOMBIE)
			continue;
		e = visit(p, value);
		if (e != 0 || error == ESRCH)
			error = e;
	}
	return error;
}

static int
best_priority(struct proc *p, int *value)
{
	if (p->nice < *value)
		*value = p->nice;
	return 0;
}

/* The kernel's scale: 25 is the usual one, 64 the worst, 6 the best left to us. */
static void
apply_priority(struct proc *p)
{
	struct list *link;
	int priority = 25 + p->nice * (p->nice > 0 ? 30 : 18) / NICE_LIMIT;

	list_for_each(link, &p->threads)
		(void)thread_priority(list_entry(link, struct thread, link)->port, priority, FALSE);
}

static int
change_priority(struct proc *p, int *value)
{
	const struct cred *self = bsd_current_proc()->cred;

	if (!cred_is_root(self) && self->euid != p->cred->ruid && self->euid != p->cred->euid)
		return EPERM;
	if (*value < p->nice && !cred_is_root(self))
		return EACCES;
	p->nice = *value;
	apply_priority(p);
	return 0;
}

kern_return_t
serve_bsd_getpriority(mach_port_t port, int which, int who, int *priority)
{
	*priority = NICE_LIMIT;
	return visit_processes(which, who, best_priority, priority);
}

kern_return_t
serve_bsd_setpriority(mach_port_t port, int which, int who, int priority)
{
	if (priority < -NICE_LIMIT)
		priority = -NICE_LIMIT;
	if (priority > NICE_LIMIT - 1)
		priority = NICE_LIMIT - 1;
	return visit_processes(which, who, change_priority, &priority);
}

/* ---- the interval timer ------------------------------------------------------------------- */

static int64_t
timer_left(const struct proc *p)
{
	int64_t left;

	if (p->real_timer.deadline == 0)
		return 0;
	left = (int64_t)(p->real_timer.deadline - bsd_uptime());
	return left > 0 ? left : 1;
}

kern_return_t
serve_bsd_setitimer(mach_port_t port, int which, int change, bsd_itimer_t value, bsd_itimer_t *old)
{
	struct proc *p = bsd_current_proc();

	if (which != ITIMER_REAL)
		return which == ITIMER_VIRTUAL || which == ITIMER_PROF ? EOPNOTSUPP : EINVAL;
	if (value.it_value < 0 || value.it_interval < 0)
		return EINVAL;
	old->it_interval = p->real_interval;
	old->it_value = timer_left(p);
	if (change == 0)
		return 0;
	p->real_interval = value.it_interval;
	if (value.it_value == 0)
		timer_cancel(&p->real_timer);
	else
		timer_set(&p->real_timer, bsd_uptime() + (uint64_t)value.it_value);
	return 0;
}

/* ---- names ----------------------------------------------------------------------------------- */

void
proc_set_comm(struct proc *p, const char *name)
{
	size_t n = strnlen(name, COMM_LENGTH - 1);

	memset(p->comm, 0, sizeof(p->comm));
	memcpy(p->comm, name, n);
}

kern_return_t
serve_bsd_setname(mach_port_t port, const char *name)
{
	struct proc *p = bsd_current_proc();

	proc_set_comm(p, name);
	task_set_name(bsd_current_thread()->space->task, p->comm);
	return 0;
}

kern_return_t
serve_bsd_getname(mach_port_t port, bsd_names_t name, mach_msg_type_number_t *count)
{
	const struct proc *p = bsd_current_proc();

	*count = (mach_msg_type_number_t)strnlen(p->comm, COMM_LENGTH);
	memcpy(name, p->comm, *count);
	return 0;
}
