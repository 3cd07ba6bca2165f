/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of processes and threads, and waiting for it.
 */
#include "bsd_server.h"
#include "exec/image.h"
#include "file/cred.h"
#include "file/fd_table.h"
#include "main/init.h"
#include "main/service.h"
#include "proc/pid.h"
#include "proc/proc.h"
#include "proc/thread.h"
#include "server/sync.h"
#include "vfs/fs_context.h"
#include "vfs/session_tty.h"
#include "vfs/vfs.h"

/* ---- telling the parent ------------------------------------------------------------------ */

static void
fill_child_info(struct bsd_siginfo *info, const struct proc *p, int sig)
{
	int status = p->status;

	*info = (struct bsd_siginfo) {
		.si_signo = sig,
		.si_pid = p->pid,
		.si_uid = (int32_t)p->cred->ruid,
	};
	if (p->state != PROC_ZOMBIE) {
		info->si_code = p->state == PROC_STOPPED ? CLD_STOPPED : CLD_CONTINUED;
		info->si_status = p->state == PROC_STOPPED ? status >> 8 & 0xff : SIGCONT;
	} else if ((status & 0x7f) != 0) {
		info->si_code = (status & BSD_WSTATUS_CORE) != 0 ? CLD_DUMPED : CLD_KILLED;
		info->si_status = status & 0x7f;
	} else {
		info->si_code = CLD_EXITED;
		info->si_status = status >> 8 & 0xff;
	}
	info->si_utime = p->dead_threads.ru_utime;
	info->si_stime = p->dead_threads.ru_stime;
}

void
proc_tell_parent(struct proc *p)
{
	struct proc *parent = p->parent;
	int sig = p->state == PROC_ZOMBIE ? p->exit_signal : SIGCHLD;
	struct bsd_siginfo info;

	if (parent == NULL)
		return;
	bsd_wakeup(&parent->children);
	if (sig == 0)
		return;
	if (p->state != PROC_ZOMBIE &&
	    (parent->actions->action[SIGCHLD].sa_flags & SA_NOCLDSTOP) != 0)
		return;
	fill_child_info(&info, p, sig);
	(void)signal_post(parent, NULL, &info);
}

/* Whether the parent does not want to hear of its children's end. */
static bool
not_waited_for(const struct proc *p)
{
	const struct bsd_sigaction *action;

	if (p->parent == NULL)
		return true;
	if (p->exit_signal != SIGCHLD)
		return false;
	action = &p->parent->actions->action[SIGCHLD];
	return action->sa_handler == BSD_SIG_IGN || (action->sa_flags & SA_NOCLDWAIT) != 0;
}

/* ---- the end -------------------------------------------------------------------------------- */

void
proc_vfork_done(struct proc *p)
{
	p->shares_parent = false;
	p->vfork_done = true;
	bsd_wakeup(&p->vfork_done);
}

void
proc_end_threads(struct proc *p, struct thread *except)
{
	struct list *link;
	struct list *next;

	list_for_each_safe(link, next, &p->threads) {
		struct thread *t = list_entry(link, struct thread, link);

		if (t != except)
			thread_destroy(t);
	}
}

static void
reap(struct proc *p)
{
	if (p->parent != NULL) {
		struct bsd_rusage *sum = &p->parent->children_usage;

		usage_add(sum, &p->dead_threads);
		usage_add(sum, &p->children_usage);
	}
	list_remove(&p->sibling);
	pgrp_leave(p);
	proc_remove(p);
}

/* Children go to init, or away when they have ended. */
static void
hand_on_children(struct proc *p)
{
	struct proc *init = proc_find(PID_INIT);
	struct list *first;

	while ((first = list_first(&p->children)) != NULL) {
		struct proc *child = list_entry(first, struct proc, sibling);

		list_remove(&child->sibling);
		if (child->state != PROC_ZOMBIE && child->pgrp != NULL)
			pgrp_adjust(child, child->pgrp, false);
		child->parent = init != p ? init : NULL;
		if (child->parent == NULL)
			continue;
		list_append(&child->parent->children, &child->sibling);
		child->exit_signal = SIGCHLD;
		if (child->state != PROC_ZOMBIE && child->pgrp != NULL)
			pgrp_adjust(child, child->pgrp, true);
		else if (not_waited_for(child))
			reap(child);
		else
			proc_tell_parent(child);
	}
}

static void
release_files(struct proc *p)
{
	struct fd_table *files = p->files;
	struct fs_context *fs = p->fs;

	p->files = NULL;
	p->fs = NULL;
	if (files != NULL)
		fd_table_release(files);
	if (fs != NULL)
		fs_context_release(fs);
	vfs_text_release(p->exe);
	p->exe = NULL;
}

static void
release_names(struct proc *p)
{
	bsd_free(p->exe_path, 0);
	p->exe_path = NULL;
	bsd_free(p->arguments, p->arguments_length);
	p->arguments = NULL;
	p->arguments_length = 0;
}

static void
leave_session(struct proc *p)
{
	struct session *session = p->pgrp->session;

	if (session->leader != p)
		return;
	session->leader = NULL;
	tty_hangup_session(session);
}

void
proc_finish(struct proc *p)
{
	struct thread *self = bsd_current_thread();
	struct proc *parent;

	proc_reference(p);
	bsd_current_set(NULL);
	leave_session(p);
	release_files(p);
	bsd_current_set(self);
	hand_on_children(p);
	pgrp_adjust(p, p->pgrp, false);
	release_names(p);
	sigactions_release(p->actions);
	p->actions = NULL;
	sigqueue_drop(&p->pending, ~(bsd_sigset_t)0);
	p->state = PROC_ZOMBIE;
	init_process_ended(p);
	if (not_waited_for(p)) {
		parent = p->parent;
		reap(p);
		if (parent != NULL)
			bsd_wakeup(&parent->children);
	} else
		proc_tell_parent(p);
	proc_release(p);
}

void
proc_exit(struct proc *p, int status)
{
	if (p->exiting || p->state == PROC_ZOMBIE)
		return;
	p->exiting = true;
	p->status = status;
	timer_cancel(&p->real_timer);
	proc_usage(p, &p->dead_threads);
	proc_vfork_done(p);
	proc_end_threads(p, NULL);
	if (p->requests == 0)
		proc_finish(p);
}

void
thread_exit(struct thread *t, int status)
{
	struct proc *p = t->proc;

	if (t->dead)
		return;
	if (p->thread_count == 1)
		proc_exit(p, status);
	else
		thread_destroy(t);
}

kern_return_t
serve_bsd_exit(mach_port_t port, int status)
{
	bsd_current_thread()->left = true;
	proc_exit(bsd_current_proc(), BSD_WSTATUS_EXIT(status));
	return MIG_NO_REPLY;
}

kern_return_t
serve_bsd_thread_exit(mach_port_t port, int status)
{
	bsd_current_thread()->left = true;
	thread_exit(bsd_current_thread(), BSD_WSTATUS_EXIT(status));
	return MIG_NO_REPLY;
}

/* ---- waiting ----------------------------------------------------------------------------------- */

struct wait {
	int pid;
	int options;
	struct proc *found;
	int status;
};

static bool
wanted(const struct proc *child, const struct proc *p, int pid)
{
	if (pid > 0)
		return child->pid == pid;
	if (pid == 0)
		return child->pgrp == p->pgrp;
	return pid == -1 || child->pgrp->id == -pid;
}

/* Whether this child has something to tell. */
static bool
has_news(const struct proc *child, struct wait *w)
{
	if (child->state == PROC_ZOMBIE && (w->options & BSD_WEXITED) != 0) {
		w->status = child->status;
		return true;
	}
	if (child->state == PROC_STOPPED && !child->stop_reported &&
	    (w->options & WUNTRACED) != 0) {
		w->status = child->status;
		return true;
	}
	if (child->continue_pending && (w->options & WCONTINUED) != 0) {
		w->status = BSD_WSTATUS_CONTINUED;
		return true;
	}
	return false;
}

/* 0 with w->found or without, ECHILD. */
static int
look(struct proc *p, struct wait *w)
{
	struct list *link;
	bool any = false;

	list_for_each(link, &p->children) {
		struct proc *child = list_entry(link, struct proc, sibling);

		if (!wanted(child, p, w->pid))
			continue;
		any = true;
		if (has_news(child, w)) {
			w->found = child;
			return 0;
		}
	}
	return any ? 0 : ECHILD;
}

static void
take_news(struct wait *w)
{
	struct proc *child = w->found;

	if ((w->options & WNOWAIT) != 0)
		return;
	if (child->state == PROC_ZOMBIE)
		reap(child);
	else if (child->state == PROC_STOPPED)
		child->stop_reported = true;
	else
		child->continue_pending = false;
}

kern_return_t
serve_bsd_wait(
    mach_port_t port, int pid, int options, int *found, int *status, int *uid, bsd_rusage_t *rusage)
{
	struct proc *p = bsd_current_proc();
	struct wait w = { .pid = pid, .options = options };
	int error;

	*found = 0;
	*status = 0;
	*uid = 0;
	*rusage = (struct bsd_rusage) { 0 };
	for (;;) {
		error = look(p, &w);
		if (error != 0 || w.found != NULL || (options & WNOHANG) != 0)
			break;
		error = bsd_sleep(&p->children, BSD_SLEEP_INTR, 0);
		if (error != 0)
			break;
	}
	if (error != 0 || w.found == NULL)
		return error;
	*found = w.found->pid;
	*status = w.status;
	*uid = (int)w.found->cred->ruid;
	*rusage = w.found->dead_threads;
	usage_add(rusage, &w.found->children_usage);
	take_news(&w);
	return 0;
}
