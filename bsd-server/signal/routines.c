/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The requests about signals.
 */
#include "bsd_server.h"
#include "file/cred.h"
#include "proc/proc.h"
#include "server/sync.h"

/* ---- sending ----------------------------------------------------------------------- */

bool
proc_may_signal(const struct proc *p, int sig)
{
	const struct proc *self = bsd_current_proc();
	const struct cred *from = self->cred;
	const struct cred *to = p->cred;

	if (cred_is_root(from))
		return true;
	if (sig == SIGCONT && p->pgrp != NULL && p->pgrp->session == self->pgrp->session)
		return true;
	return from->euid == to->ruid || from->euid == to->suid || from->ruid == to->ruid ||
	    from->ruid == to->suid;
}

static void
from_caller(struct bsd_siginfo *info, int sig, int code)
{
	const struct proc *self = bsd_current_proc();

	*info = (struct bsd_siginfo) {
		.si_signo = sig,
		.si_code = code,
		.si_pid = self->pid,
		.si_uid = (int32_t)self->cred->ruid,
	};
}

/* To all processes that `match`; ESRCH when there is none, EPERM when none may be. */
static int
signal_many(
    bool (*match)(const struct proc *p, int32_t id), int32_t id, const struct bsd_siginfo *info)
{
	int error = ESRCH;

	for (struct proc *p = proc_next(0); p != NULL;) {
		int32_t pid = p->pid;

		if (match(p, id)) {
			if (proc_may_signal(p, info->si_signo)) {
				if (info->si_signo != 0)
					(void)signal_post(p, NULL, info);
				error = 0;
			} else if (error == ESRCH)
				error = EPERM;
		}
		p = proc_next(pid);
	}
	return error;
}

static bool
in_group(const struct proc *p, int32_t id)
{
	return p->pgrp != NULL && p->pgrp->id == id;
}

/* kill(-1) spares init and the caller. */
static bool
anyone(const struct proc *p, int32_t id)
{
	return p->pid != PID_INIT && p != bsd_current_proc();
}

static int
signal_one(int32_t pid, const struct bsd_siginfo *info)
{
	struct proc *p = proc_find(pid);

	if (p == NULL)
		return ESRCH;
	if (!proc_may_signal(p, info->si_signo))
		return EPERM;
	return info->si_signo == 0 ? 0 : signal_post(p, NULL, info);
}

kern_return_t
serve_bsd_kill(mach_port_t port, int pid, int sig)
{
	struct bsd_siginfo info;

	if (sig != 0 && !sig_valid(sig))
		return EINVAL;
	from_caller(&info, sig, SI_USER);
	if (pid > 0)
		return signal_one(pid, &info);
	if (pid == 0)
		return signal_many(in_group, bsd_current_proc()->pgrp->id, &info);
	if (pid == -1)
		return signal_many(anyone, 0, &info);
	return signal_many(in_group, -pid, &info);
}

static int
signal_thread(int pid, int tid, const struct bsd_siginfo *info)
{
	struct thread *t = thread_find(tid);

	if (t == NULL || (pid != 0 && t->proc->pid != pid))
		return ESRCH;
	if (!proc_may_signal(t->proc, info->si_signo))
		return EPERM;
	return info->si_signo == 0 ? 0 : signal_post(t->proc, t, info);
}

kern_return_t
serve_bsd_thread_kill(mach_port_t port, int pid, int tid, int sig)
{
	struct bsd_siginfo info;

	if ((sig != 0 && !sig_valid(sig)) || tid <= 0)
		return EINVAL;
	from_caller(&info, sig, SI_LWP);
	return signal_thread(pid, tid, &info);
}

kern_return_t
serve_bsd_sigqueue(mach_port_t port, int pid, int tid, int sig, int code, uint64_t value)
{
	struct bsd_siginfo info;

	if ((sig != 0 && !sig_valid(sig)) || pid <= 0)
		return EINVAL;
	/* only to oneself may a signal seem to come from elsewhere */
	if ((code >= 0 || code == SI_LWP) && pid != bsd_current_proc()->pid)
		return EPERM;
	from_caller(&info, sig, code);
	info.si_value = value;
	return tid != 0 ? signal_thread(pid, tid, &info) : signal_one(pid, &info);
}

/* ---- actions and masks ------------------------------------------------------------------ */

static void
set_action(struct proc *p, int sig, const struct bsd_sigaction *action)
{
	struct list *link;
	bsd_sigset_t bit = BSD_SIGMASK(sig);
	bool ignored;

	p->actions->action[sig] = *action;
	p->actions->action[sig].sa_mask &= ~SIGMASK_UNBLOCKABLE;
	ignored = action->sa_handler == BSD_SIG_IGN ||
	    (action->sa_handler == BSD_SIG_DFL && sig_default(sig) == SIG_DEFAULT_IGNORE);
	if (!ignored)
		return;
	sigqueue_drop(&p->pending, bit);
	list_for_each(link, &p->threads)
		sigqueue_drop(&list_entry(link, struct thread, link)->pending, bit);
}

kern_return_t
serve_bsd_sigaction(
    mach_port_t port, int sig, int change, bsd_sigaction_t action, bsd_sigaction_t *old)
{
	struct proc *p = bsd_current_proc();

	if (!sig_valid(sig))
		return EINVAL;
	*old = p->actions->action[sig];
	if (change == 0)
		return 0;
	if ((BSD_SIGMASK(sig) & SIGMASK_UNBLOCKABLE) != 0)
		return EINVAL;
	set_action(p, sig, &action);
	return 0;
}

kern_return_t
serve_bsd_sigprocmask(mach_port_t port, int how, uint64_t set, uint64_t *old)
{
	struct thread *t = bsd_current_thread();

	*old = t->mask;
	switch (how) {
	case 0:
		return 0;
	case SIG_BLOCK:
		signal_set_mask(t, t->mask | set);
		return 0;
	case SIG_UNBLOCK:
		signal_set_mask(t, t->mask & ~set);
		return 0;
	case SIG_SETMASK:
		signal_set_mask(t, set);
		return 0;
	default:
		return EINVAL;
	}
}

kern_return_t
serve_bsd_sigpending(mach_port_t port, uint64_t *set)
{
	const struct thread *t = bsd_current_thread();

	*set = (t->pending.set | t->proc->pending.set) & t->mask;
	return 0;
}

kern_return_t
serve_bsd_sigsuspend(mach_port_t port, uint64_t mask)
{
	struct thread *t = bsd_current_thread();

	signal_mask_swap(t, mask);
	while (bsd_sleep(&t->mask, BSD_SLEEP_INTR, 0) == 0)
		;
	return EINTR;
}

kern_return_t
serve_bsd_sigtimedwait(mach_port_t port, uint64_t set, int64_t timeout, bsd_siginfo_t *info)
{
	struct thread *t = bsd_current_thread();
	uint64_t deadline = timeout < 0 ? 0 : bsd_uptime() + (uint64_t)timeout;
	int error = 0;

	set &= ~SIGMASK_UNBLOCKABLE;
	*info = (struct bsd_siginfo) { 0 };
	for (;;) {
		if (sigqueue_take(&t->pending, set, info) ||
		    sigqueue_take(&t->proc->pending, set, info))
			return 0;
		if (error != 0)
			return error == ETIMEDOUT ? EAGAIN : EINTR;
		t->wanted = set;
		error = bsd_sleep(&t->wanted, BSD_SLEEP_INTR, deadline);
		t->wanted = 0;
	}
}

kern_return_t
serve_bsd_sigaltstack(
    mach_port_t port, int change, uint64_t sp, bsd_sigstack_t stack, bsd_sigstack_t *old)
{
	struct thread *t = bsd_current_thread();
	bool in_use = (t->altstack.ss_flags & SS_DISABLE) == 0 && sp > t->altstack.ss_sp &&
	    sp - t->altstack.ss_sp <= t->altstack.ss_size;

	*old = t->altstack;
	if (change == 0)
		return 0;
	if (in_use)
		return EPERM;
	t->altstack = stack;
	t->altstack.ss_flags &= SS_DISABLE;
	return 0;
}

/* ---- delivery ---------------------------------------------------------------------------------- */

/* The handler's action and mask; the caller's mask changes. */
static void
begin_handler(struct thread *t, bsd_sigdelivery_t *d)
{
	int sig = d->info.si_signo;
	struct bsd_sigaction *action = &t->proc->actions->action[sig];
	bsd_sigset_t mask = t->mask | action->sa_mask;

	d->what |= BSD_SIGTAKE_DELIVER;
	d->action = *action;
	d->oldmask = t->mask_to_restore ? t->saved_mask : t->mask;
	d->stack = t->altstack;
	t->mask_to_restore = false;
	if ((action->sa_flags & SA_NODEFER) == 0)
		mask |= BSD_SIGMASK(sig);
	if ((action->sa_flags & SA_RESETHAND) != 0)
		*action = (struct bsd_sigaction) { .sa_handler = BSD_SIG_DFL };
	t->mask = mask & ~SIGMASK_UNBLOCKABLE;
}

kern_return_t
serve_bsd_sigtake(mach_port_t port, bsd_sigdelivery_t *d)
{
	struct thread *t = bsd_current_thread();
	struct proc *p = t->proc;

	*d = (struct bsd_sigdelivery) { .what = BSD_SIGTAKE_NONE };
	if (t->signal_saved) {
		t->signal_saved = false;
		d->what = BSD_SIGTAKE_ASYNC;
		d->regs = t->saved;
	}
	signal_set_mask(t, t->mask); /* an action may have become the default */
	if (p->exiting)
		return 0;
	if (sigqueue_take(&t->pending, ~t->mask, &d->info) ||
	    sigqueue_take(&p->pending, ~t->mask, &d->info))
		begin_handler(t, d);
	else
		signal_mask_restore(t);
	return 0;
}

kern_return_t
serve_bsd_sigreturn(mach_port_t port, uint64_t mask)
{
	signal_set_mask(bsd_current_thread(), mask);
	return 0;
}

kern_return_t
serve_bsd_sigdie(mach_port_t port, int sig)
{
	proc_exit(bsd_current_proc(), BSD_WSTATUS_SIGNAL(sig_valid(sig) ? sig : SIGKILL));
	return MIG_NO_REPLY;
}
