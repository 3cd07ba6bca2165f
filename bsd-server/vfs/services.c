/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The view of processes that services.h promises the file half, taken from
 * the server's processes.  Every process that calls is in a group and a
 * session.
 */
#include "vfs/services.h"

#include "server/proc.h"
#include "server/signal.h"
#include "server/timer.h"
#include "tty/tty.h"
#include "vfs/session_tty.h"

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

	if (leader != NULL && leader->pgrp != NULL &&
	    leader->pgrp->session->leader == leader)
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
