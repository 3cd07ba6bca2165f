/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Posting signals: what happens to a process when one comes.
 */
#include "main/init.h"
#include "proc/proc.h"
#include "server/signal.h"
#include "server/sync.h"
#include "signal/deliver.h"

/* ---- a thread that is to look ------------------------------------------------------- */

void
signal_notify_thread(struct thread *t)
{
	if (t->dead)
		return;
	if (t->sleeper != NULL)
		sleep_interrupt(t, false);
	else if (!t->in_request && !t->in_exception)
		deliver_to_running(t);
}

bool
signal_deliverable(const struct thread *t)
{
	bsd_sigset_t pending = (t->pending.set | t->proc->pending.set) & ~t->mask;

	return pending != 0;
}

/* ---- blocked, ignored ------------------------------------------------------------------- */

/* A thread of p that does not block sig, or null. */
static struct thread *
open_thread(const struct proc *p, int sig)
{
	struct list *link;

	list_for_each(link, &p->threads) {
		struct thread *t = list_entry(link, struct thread, link);

		if ((t->mask & BSD_SIGMASK(sig)) == 0)
			return t;
	}
	return NULL;
}

/* A thread that waits for sig by sigtimedwait, or null. */
static struct thread *
waiting_thread(const struct proc *p, int sig)
{
	struct list *link;

	list_for_each(link, &p->threads) {
		struct thread *t = list_entry(link, struct thread, link);

		if ((t->wanted & BSD_SIGMASK(sig)) != 0)
			return t;
	}
	return NULL;
}

static bool
is_ignored(const struct proc *p, int sig)
{
	uint64_t handler = p->actions->action[sig].sa_handler;

	if (handler == BSD_SIG_DFL)
		return sig_default(sig) == SIG_DEFAULT_IGNORE ||
		    sig_default(sig) == SIG_DEFAULT_CONTINUE;
	return handler == BSD_SIG_IGN;
}

bool
signal_held(const struct proc *p, int sig)
{
	if (p->actions == NULL)
		return true;
	return p->actions->action[sig].sa_handler == BSD_SIG_IGN || open_thread(p, sig) == NULL;
}

/* ---- default actions ----------------------------------------------------------------------- */

void
proc_stop(struct proc *p, int sig)
{
	struct list *link;

	if (p->state != PROC_RUNNING)
		return;
	p->state = PROC_STOPPED;
	p->status = BSD_WSTATUS_STOP(sig);
	p->stop_reported = false;
	p->continue_pending = false;
	list_for_each(link, &p->threads) {
		struct thread *t = list_entry(link, struct thread, link);

		t->stopped = thread_suspend(t->port) == KERN_SUCCESS;
	}
	proc_tell_parent(p);
}

void
proc_continue(struct proc *p)
{
	struct list *link;

	if (p->state != PROC_STOPPED)
		return;
	p->state = PROC_RUNNING;
	p->continue_pending = true;
	list_for_each(link, &p->threads) {
		struct thread *t = list_entry(link, struct thread, link);

		if (t->stopped)
			thread_resume(t->port);
		t->stopped = false;
	}
	proc_tell_parent(p);
}

/* Stops from the terminal mean nothing to a group that nobody could continue. */
static void
default_stop(struct proc *p, int sig)
{
	if (sig == SIGSTOP || p->pgrp->job_control > 0)
		proc_stop(p, sig);
}

/* What sig does to p when there is no handler. */
static void
act_by_default(struct proc *p, int sig)
{
	switch (sig_default(sig)) {
	case SIG_DEFAULT_END:
		proc_exit(p, BSD_WSTATUS_SIGNAL(sig));
		break;
	case SIG_DEFAULT_CORE:
		/* no core is written, so the status does not say so */
		proc_exit(p, BSD_WSTATUS_SIGNAL(sig));
		break;
	case SIG_DEFAULT_STOP:
		default_stop(p, sig);
		break;
	case SIG_DEFAULT_IGNORE:
	case SIG_DEFAULT_CONTINUE:
		break;
	}
}

/* ---- posting ---------------------------------------------------------------------------------- */

static void
drop_everywhere(struct proc *p, bsd_sigset_t set)
{
	struct list *link;

	sigqueue_drop(&p->pending, set);
	list_for_each(link, &p->threads)
		sigqueue_drop(&list_entry(link, struct thread, link)->pending, set);
}

/* Stop and continue undo each other, whatever becomes of the signal itself. */
static void
job_control_effects(struct proc *p, int sig)
{
	if (sig == SIGCONT) {
		drop_everywhere(p, SIGMASK_STOP);
		proc_continue(p);
	} else if ((BSD_SIGMASK(sig) & SIGMASK_STOP) != 0)
		drop_everywhere(p, BSD_SIGMASK(SIGCONT));
}

/* Keep it until a thread takes it. */
static int
enqueue(struct proc *p, struct thread *only, const struct bsd_siginfo *info)
{
	struct sigqueue *q = only != NULL ? &only->pending : &p->pending;

	return sigqueue_put(q, info) ? 0 : EAGAIN;
}

int
signal_post(struct proc *p, struct thread *only, const struct bsd_siginfo *info)
{
	int sig = info->si_signo;
	struct thread *t;
	int error;

	if (p->exiting || p->state == PROC_ZOMBIE || p->state == PROC_EMBRYO)
		return 0;
	if (p->pid == PID_INIT) {
		init_signal(sig);
		return 0;
	}
	if (sig == SIGKILL) {
		proc_exit(p, BSD_WSTATUS_SIGNAL(SIGKILL));
		return 0;
	}
	job_control_effects(p, sig);
	t = only != NULL ? only : waiting_thread(p, sig);
	if (t != NULL && (t->wanted & BSD_SIGMASK(sig)) != 0) {
		error = enqueue(p, only, info);
		bsd_wakeup(&t->wanted);
		return error;
	}
	t = only != NULL && (only->mask & BSD_SIGMASK(sig)) == 0 ? only
	    : only == NULL                                       ? open_thread(p, sig)
								 : NULL;
	if (t == NULL)
		return enqueue(p, only, info); /* blocked */
	if (is_ignored(p, sig))
		return 0;
	if (p->actions->action[sig].sa_handler == BSD_SIG_DFL) {
		act_by_default(p, sig);
		return 0;
	}
	error = enqueue(p, only, info);
	if (error == 0)
		signal_notify_thread(t);
	return error;
}

void
bsd_signal_proc(struct proc *p, int sig)
{
	struct bsd_siginfo info = { .si_signo = sig, .si_code = SI_KERNEL };

	(void)signal_post(p, NULL, &info);
}

/* Members may end while we go through them: so by pid, not along the list. */
void
bsd_signal_pgrp(int32_t id, int sig)
{
	for (struct proc *p = proc_next(0); p != NULL;) {
		int32_t pid = p->pid;

		if (p->pgrp != NULL && p->pgrp->id == id)
			bsd_signal_proc(p, sig);
		p = proc_next(pid);
	}
}

void
signal_fault(struct thread *t, const struct bsd_siginfo *info)
{
	struct proc *p = t->proc;
	int sig = info->si_signo;
	uint64_t handler = p->actions->action[sig].sa_handler;

	if (handler <= BSD_SIG_IGN || (t->mask & BSD_SIGMASK(sig)) != 0 ||
	    !sigqueue_put(&t->pending, info))
		proc_exit(p, BSD_WSTATUS_SIGNAL(sig));
}

/* ---- masks ---------------------------------------------------------------------------------------- */

/* Signals that were blocked and have no handler now have their effect. */
static void
act_on_unblocked(struct thread *t)
{
	struct proc *p = t->proc;
	bsd_sigset_t ready = (t->pending.set | p->pending.set) & ~t->mask;

	while (ready != 0 && !p->exiting) {
		int sig = __builtin_ctzl(ready) + 1;
		bsd_sigset_t bit = BSD_SIGMASK(sig);

		ready &= ~bit;
		if (p->actions->action[sig].sa_handler > BSD_SIG_IGN)
			continue;
		sigqueue_drop(&t->pending, bit);
		sigqueue_drop(&p->pending, bit);
		if (!is_ignored(p, sig))
			act_by_default(p, sig);
	}
}

void
signal_set_mask(struct thread *t, bsd_sigset_t mask)
{
	t->mask = mask & ~SIGMASK_UNBLOCKABLE;
	act_on_unblocked(t);
}

void
signal_mask_swap(struct thread *t, bsd_sigset_t mask)
{
	if (!t->mask_to_restore)
		t->saved_mask = t->mask;
	t->mask_to_restore = true;
	signal_set_mask(t, mask);
}

void
signal_mask_restore(struct thread *t)
{
	if (!t->mask_to_restore)
		return;
	t->mask_to_restore = false;
	signal_set_mask(t, t->saved_mask);
}
