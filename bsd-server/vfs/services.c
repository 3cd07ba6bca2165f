/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The view of processes that services.h promises the file half, taken from
 * the server's processes.  Every process that calls is in a group and a
 * session.
 */
#include "vfs/services.h"

#include <mach.h>
#include <string.h>

#include "server/proc.h"
#include "server/signal.h"
#include "server/timer.h"
#include "tty/tty.h"
#include "vfs/session_tty.h"

void *
bsd_alloc_aligned(size_t size)
{
	vm_address_t address = 0;

	if (vm_map(mach_task_self(), &address, size, size - 1, TRUE, MACH_PORT_NULL, 0, FALSE,
		VM_PROT_READ | VM_PROT_WRITE, VM_PROT_ALL, VM_INHERIT_NONE) != KERN_SUCCESS)
		return NULL;
	return (void *)address;
}

const struct cred *
proc_cred(const struct proc *proc)
{
	return proc->cred;
}

struct fd_table *
proc_files(const struct proc *proc)
{
	return proc->files;
}

struct fs_context *
proc_fs(const struct proc *proc)
{
	return proc->fs;
}

int32_t
proc_pid(const struct proc *proc)
{
	return proc->pid;
}

int32_t
proc_pgrp(const struct proc *proc)
{
	return proc->pgrp->id;
}

int32_t
proc_session(const struct proc *proc)
{
	return proc->pgrp->session->id;
}

bool
proc_session_leader(const struct proc *proc)
{
	return proc->pgrp->session->leader == proc;
}

uint64_t
proc_limit_nofile(const struct proc *proc)
{
	return proc->rlimit[RLIMIT_NOFILE].rlim_cur;
}

uint64_t
proc_limit_fsize(const struct proc *proc)
{
	return proc->rlimit[RLIMIT_FSIZE].rlim_cur;
}

void
bsd_now(struct vfs_time *time)
{
	int64_t now = clock_realtime();

	time->sec = now / NSEC_PER_SEC;
	now %= NSEC_PER_SEC;
	if (now < 0) {
		now += NSEC_PER_SEC;
		time->sec--;
	}
	time->nsec = now;
}

/* ---- controlling terminals ------------------------------------------------------ */

struct tty *
proc_ctty(const struct proc *proc)
{
	return proc->pgrp->session->tty;
}

void
proc_set_ctty(struct proc *proc, struct tty *tty)
{
	proc->pgrp->session->tty = tty_reference(tty);
}

void
session_forget_tty(struct tty *tty)
{
	struct proc *p;

	for (p = proc_next(0); p != NULL; p = proc_next(p->pid)) {
		if (p->pgrp != NULL && p->pgrp->session->tty == tty) {
			p->pgrp->session->tty = NULL;
			tty_release(tty);
		}
	}
}

void
tty_hangup_session(struct session *session)
{
	struct tty *tty = session->tty;

	if (tty == NULL)
		return;
	session->tty = NULL;
	tty_hangup(tty);
	tty_release(tty);
}

/* ---- signals and groups ----------------------------------------------------------- */

void
bsd_signal_session_leader(int32_t id, int sig)
{
	struct proc *leader = proc_find(id);

	if (leader != NULL && leader->pgrp != NULL && leader->pgrp->session->leader == leader)
		bsd_signal_proc(leader, sig);
}

bool
proc_signal_held(const struct proc *proc, int sig)
{
	return signal_held(proc, sig);
}

bool
pgrp_orphaned(int32_t id)
{
	const struct pgrp *group = pgrp_find(id);

	return group == NULL || group->job_control == 0;
}

int32_t
pgrp_session(int32_t id)
{
	const struct pgrp *group = pgrp_find(id);

	return group == NULL ? -1 : group->session->id;
}

/* ---- processes and the system for /proc ---------------------------------------------- */

static uint64_t
actions_set(const struct proc *proc, bool ignored)
{
	uint64_t set = 0, handler;
	int sig;

	if (proc->actions == NULL)
		return 0;
	for (sig = 1; sig < BSD_NSIG; sig++) {
		handler = proc->actions->action[sig].sa_handler;
		if (ignored ? handler == BSD_SIG_IGN : handler > BSD_SIG_IGN)
			set |= BSD_SIGMASK(sig);
	}
	return set;
}

/* Group, session and terminal. */
static void
info_job(const struct proc *proc, struct proc_info *info)
{
	const struct tty *tty;

	info->tpgid = -1;
	if (proc->pgrp == NULL)
		return;
	info->pgrp = proc->pgrp->id;
	info->session = proc->pgrp->session->id;
	tty = proc->pgrp->session->tty;
	info->tty = tty_rdev(tty);
	if (tty != NULL)
		info->tpgid = tty->pgrp;
}

void
proc_info_get(struct proc *proc, struct proc_info *info)
{
	struct bsd_rusage usage = { 0 };

	memset(info, 0, sizeof(*info));
	info->pid = proc->pid;
	info->ppid = proc->parent != NULL ? proc->parent->pid : 0;
	info->state = proc_state_letter(proc);
	info->zombie = proc->state == PROC_ZOMBIE;
	memcpy(info->comm, proc->comm, sizeof(info->comm));
	info->comm[sizeof(info->comm) - 1] = '\0';
	info->nice = proc->nice;
	info->threads = proc->thread_count;
	info->start_ns = proc->start_time;
	info_job(proc, info);
	proc_usage(proc, &usage);
	info->user_ns = usage.ru_utime;
	info->system_ns = usage.ru_stime;
	info->faults = usage.ru_minflt;
	info->children_user_ns = proc->children_usage.ru_utime;
	info->children_system_ns = proc->children_usage.ru_stime;
	proc_memory(proc, &info->vsize, &info->rss);
	info->pending = proc->pending.set;
	info->ignored = actions_set(proc, true);
	info->caught = actions_set(proc, false);
}

const char *
proc_arguments(const struct proc *proc, size_t *lengthp)
{
	*lengthp = proc->arguments_length;
	return proc->arguments;
}

struct vnode *
proc_program(const struct proc *proc)
{
	return proc->exe;
}

void
system_info_get(struct system_info *info)
{
	uint64_t used = 0;
	struct bsd_rusage usage;
	struct proc *p;

	memset(info, 0, sizeof(*info));
	for (p = proc_next(0); p != NULL; p = proc_next(p->pid)) {
		info->processes++;
		if (proc_state_letter(p) == 'R')
			info->running++;
		if (p->pid > 0 && (uint64_t)p->pid > info->forks)
			info->forks = p->pid;
		proc_usage(p, &usage);
		used += usage.ru_utime + usage.ru_stime;
	}
	info->cpus = bsd_cpu_count();
	info->idle_ns = bsd_uptime() * info->cpus;
	info->idle_ns = used < info->idle_ns ? info->idle_ns - used : 0;
	info->boot_time = (clock_realtime() - (int64_t)bsd_uptime()) / NSEC_PER_SEC;
}
