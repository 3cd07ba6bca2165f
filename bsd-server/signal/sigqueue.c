/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pending signals, actions, default actions: no process is looked at here.
 */
#include <stddef.h>

#include "main/service.h"
#include "server/signal.h"

enum sig_default
sig_default(int sig)
{
	switch (sig) {
	case SIGQUIT:
	case SIGILL:
	case SIGTRAP:
	case SIGABRT:
	case SIGFPE:
	case SIGBUS:
	case SIGSEGV:
	case SIGSYS:
	case SIGXCPU:
	case SIGXFSZ:
		return SIG_DEFAULT_CORE;
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return SIG_DEFAULT_STOP;
	case SIGCONT:
		return SIG_DEFAULT_CONTINUE;
	case SIGURG:
	case SIGCHLD:
	case SIGWINCH:
		return SIG_DEFAULT_IGNORE;
	default:
		return SIG_DEFAULT_END;
	}
}

/* ---- queues ---------------------------------------------------------------------------- */

/* A plain signal is pending once; a real-time one as often as it came. */
bool
sigqueue_put(struct sigqueue *q, const struct bsd_siginfo *info)
{
	bsd_sigset_t bit = BSD_SIGMASK(info->si_signo);
	struct sigentry *entry;
	struct sigentry **end;

	if (info->si_signo < BSD_SIGRT_FIRST && (q->set & bit) != 0)
		return true;
	if (q->count >= SIGQUEUE_MAX)
		return false;
	entry = bsd_alloc(sizeof(*entry));
	if (entry == NULL)
		return false;
	entry->info = *info;
	for (end = &q->first; *end != NULL; end = &(*end)->next)
		;
	*end = entry;
	q->set |= bit;
	q->count++;
	return true;
}

static void
remove_entry(struct sigqueue *q, struct sigentry **at)
{
	struct sigentry *entry = *at;

	*at = entry->next;
	q->count--;
	bsd_free(entry, sizeof(*entry));
}

/* The set's bit follows what is left. */
static void
update_bit(struct sigqueue *q, int sig)
{
	for (const struct sigentry *e = q->first; e != NULL; e = e->next)
		if (e->info.si_signo == sig)
			return;
	q->set &= ~BSD_SIGMASK(sig);
}

bool
sigqueue_take(struct sigqueue *q, bsd_sigset_t wanted, struct bsd_siginfo *info)
{
	bsd_sigset_t ready = q->set & wanted;
	int sig;

	if (ready == 0)
		return false;
	sig = __builtin_ctzl(ready) + 1;
	for (struct sigentry **at = &q->first; *at != NULL; at = &(*at)->next) {
		if ((*at)->info.si_signo != sig)
			continue;
		*info = (*at)->info;
		remove_entry(q, at);
		break;
	}
	update_bit(q, sig);
	return true;
}

void
sigqueue_drop(struct sigqueue *q, bsd_sigset_t set)
{
	struct sigentry **at = &q->first;

	while (*at != NULL) {
		if ((BSD_SIGMASK((*at)->info.si_signo) & set) != 0)
			remove_entry(q, at);
		else
			at = &(*at)->next;
	}
	q->set &= ~set;
}

/* ---- actions ----------------------------------------------------------------------------- */

struct sigactions *
sigactions_create(void)
{
	struct sigactions *a = bsd_alloc(sizeof(*a));

	if (a != NULL)
		a->refs = 1;
	return a;
}

struct sigactions *
sigactions_copy(const struct sigactions *a)
{
	struct sigactions *copy = bsd_alloc(sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = *a;
	copy->refs = 1;
	return copy;
}

void
sigactions_release(struct sigactions *a)
{
	if (a != NULL && --a->refs == 0)
		bsd_free(a, sizeof(*a));
}

void
sigactions_reset(struct sigactions *a)
{
	for (int sig = 1; sig < BSD_NSIG; sig++) {
		uint64_t handler = a->action[sig].sa_handler;

		a->action[sig] = (struct bsd_sigaction) {
			.sa_handler = handler == BSD_SIG_IGN ? BSD_SIG_IGN : BSD_SIG_DFL,
		};
	}
}
