/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals inside the server.
 *
 * A signal is posted to a process or to a thread. What its default action
 * does (end, stop, continue, nothing) is done at posting, by the poster; only
 * signals with a handler wait in a queue until a thread of the process takes
 * them (bsd_sigtake), and interrupt its sleep. Blocked ones wait until they
 * are unblocked.
 *
 * Locks: the master lock.
 */
#ifndef SERVER_SIGNAL_H
#define SERVER_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "bsd/abi.h"

struct proc;
struct thread;

/* Queued real-time signals one process may have waiting. */
#define SIGQUEUE_MAX 128

struct sigentry {
	struct sigentry *next;
	struct bsd_siginfo info;
};

/* Pending signals: the set, and what is known about each. */
struct sigqueue {
	bsd_sigset_t set;
	unsigned count;
	struct sigentry *first; /* oldest first */
};

/* Actions, shared by CLONE_SIGHAND. */
struct sigactions {
	unsigned refs;
	struct bsd_sigaction action[BSD_NSIG];
};

/* ---- sets and queues (signal/sigqueue.c, pure) ------------------------------*/

#define SIGMASK_UNBLOCKABLE (BSD_SIGMASK(SIGKILL) | BSD_SIGMASK(SIGSTOP))
#define SIGMASK_STOP                                                                               \
	(BSD_SIGMASK(SIGSTOP) | BSD_SIGMASK(SIGTSTP) | BSD_SIGMASK(SIGTTIN) | BSD_SIGMASK(SIGTTOU))

enum sig_default {
	SIG_DEFAULT_END,
	SIG_DEFAULT_CORE,
	SIG_DEFAULT_STOP,
	SIG_DEFAULT_IGNORE,
	SIG_DEFAULT_CONTINUE
};

static inline bool
sig_valid(int sig)
{
	return sig > 0 && sig < BSD_NSIG;
}

enum sig_default sig_default(int sig);

/* False when a queued signal found no room (EAGAIN) or no memory. */
bool sigqueue_put(struct sigqueue *q, const struct bsd_siginfo *info);

/* Take the lowest signal within `wanted`; false when there is none. */
bool sigqueue_take(struct sigqueue *q, bsd_sigset_t wanted, struct bsd_siginfo *info);

void sigqueue_drop(struct sigqueue *q, bsd_sigset_t set);

struct sigactions *sigactions_create(void);
struct sigactions *sigactions_copy(const struct sigactions *a);
void sigactions_release(struct sigactions *a);
/* exec: handlers to default, ignored ones stay. */
void sigactions_reset(struct sigactions *a);

/* ---- posting ------------------------------------------------------------------*/

/* To a process, by the server. Zombies are ignored. */
void bsd_signal_proc(struct proc *p, int sig);

/* With details, to a process or (only not null) to one of its threads. EAGAIN. */
int signal_post(struct proc *p, struct thread *only, const struct bsd_siginfo *info);

/* To every member of a group. */
void bsd_signal_pgrp(int32_t id, int sig);

/* A signal that a fault of `t` caused: ends the process when it is not caught. */
void signal_fault(struct thread *t, const struct bsd_siginfo *info);

/* Whether t has a signal to take: pending, not blocked, with a handler. */
bool signal_deliverable(const struct thread *t);

/* Set t's mask and act on what this unblocks. */
void signal_set_mask(struct thread *t, bsd_sigset_t mask);

/*
 * For the time of a wait: the caller's mask becomes `mask`; the old one comes
 * back when the handler returns, or by signal_mask_restore when none ran.
 */
void signal_mask_swap(struct thread *t, bsd_sigset_t mask);
void signal_mask_restore(struct thread *t);

/* See that t, wherever it is, looks for signals. */
void signal_notify_thread(struct thread *t);

/* Stop and continue all threads of p. */
void proc_stop(struct proc *p, int sig);
void proc_continue(struct proc *p);

/* Whether p ignores or (all its threads) block sig. */
bool signal_held(const struct proc *p, int sig);

#endif
