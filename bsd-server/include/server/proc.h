/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes, threads, process groups and sessions of the BSD server.
 *
 * Life of a process: proc_create (embryo) -> runs -> proc_exit (zombie, its
 * task gone) -> reaped by its parent's wait or, when nobody waits, at once.
 * The structure itself lives until its last reference: one for being in the
 * process table, one per thread.
 * Life of a thread: thread_create -> runs -> thread_destroy; a request in
 * progress holds a reference, so that its server thread may always look at
 * it after waking.
 * Life of a space (a Mach task): one reference per thread in it; the last one
 * terminates the task.
 *
 * Locks: the master lock guards everything here.
 */
#ifndef SERVER_PROC_H
#define SERVER_PROC_H

#include <mach.h>
#include <stdbool.h>
#include <stdint.h>

#include "bsd/abi.h"
#include "server/list.h"
#include "server/signal.h"
#include "server/timer.h"

struct cred;
struct fd_table;
struct fs_context;
struct tty;
struct vnode;

#define PID_MAX     32767
#define PID_INIT    1
#define COMM_LENGTH 16

/* A session: process groups under one controlling terminal. */
struct session {
	unsigned refs; /* its groups */
	int32_t id;
	struct proc *leader; /* null once it has exited */
	struct tty *tty;     /* controlling terminal or null */
	struct list link;
};

/* A process group. */
struct pgrp {
	struct list link;    /* in the hash of groups */
	struct list members; /* proc.pgrp_link */
	int32_t id;
	unsigned job_control; /* members whose parent is in another
					   group of the session; 0 = orphaned */
	struct session *session;
};

/* Emulation slots (a stack and a block each) that one task has room for. */
#define SPACE_SLOTS 1024

/* The Mach task that one or (after vfork) more processes live in. */
struct space {
	unsigned refs;
	mach_port_t task;
	uint64_t slots[SPACE_SLOTS / 64]; /* taken */
	struct list notes;                /* of threads that were killed: robust.h */
};

enum proc_state {
	PROC_EMBRYO,
	PROC_RUNNING,
	PROC_STOPPED,
	PROC_ZOMBIE,
};

struct proc {
	unsigned refs;
	int32_t pid;
	enum proc_state state;
	bool exiting;          /* proc_exit has begun */
	bool stop_reported;    /* a wait has seen this stop */
	bool continue_pending; /* continued, not yet seen by a wait */
	bool executed;         /* has run an exec since fork */
	bool vfork_done;       /* parent need not wait any more */
	bool shares_parent;    /* CLONE_VM child until exec or exit */
	bool keep_off_parent;  /* exit signal 0 */
	int exit_signal;       /* to the parent at exit */
	int status;            /* wait status of a zombie or a stop */

	struct list all_link; /* in the order of creation */
	struct proc *parent;
	struct list children;
	struct list sibling;
	struct pgrp *pgrp;
	struct list pgrp_link;
	struct list threads;
	unsigned thread_count;
	unsigned requests; /* server threads that work for it */

	struct cred *cred;
	struct fd_table *files;
	struct fs_context *fs;

	struct sigactions *actions;
	struct sigqueue pending; /* for any thread */
	struct timer real_timer;
	int64_t real_interval; /* ns */

	struct bsd_rlimit rlimit[BSD_RLIM_COUNT];
	struct bsd_rusage children_usage;
	struct bsd_rusage dead_threads; /* usage when the task ended */
	int nice;
	int64_t start_time; /* ns of bsd_uptime */

	char comm[COMM_LENGTH];
	struct vnode *exe; /* the program, referenced; or null */
	char *exe_path;    /* as executed, absolute; or null */
	char *arguments;   /* argv strings with NULs, for procfs */
	uint32_t arguments_length;
	uint64_t image_bytes;
};

/* Where a thread is, as far as signals care. */
struct thread {
	unsigned refs;
	bool dead;            /* taken off its process */
	bool in_request;      /* a server thread works for it */
	bool in_exception;    /* waits for our exception reply */
	bool signal_saved;    /* `saved` holds the program's registers */
	bool mask_to_restore; /* sigsuspend or poll: `saved_mask` counts */
	bool stopped;         /* suspended by job control */
	bool left;            /* ends by itself, mutexes marked */
	int32_t tid;
	uint32_t slot;   /* emulation slot in the space */
	uint64_t handle; /* index and generation, see thread.h */
	struct proc *proc;
	struct list link; /* proc.threads */
	struct list tid_link;
	struct list port_link;
	struct space *space;
	mach_port_t port;         /* kernel thread, send right */
	mach_port_t process_port; /* receive right: its requests */

	const void *sleep_channel; /* null when not asleep */
	struct sleeper *sleeper;
	mach_port_t outside; /* server thread in a kernel call for it, or null */

	bsd_sigset_t mask;
	bsd_sigset_t saved_mask;
	bsd_sigset_t wanted;     /* sigtimedwait */
	struct sigqueue pending; /* for this thread only */
	struct bsd_sigstack altstack;
	bool on_altstack;
	struct bsd_regs saved;

	struct bsd_start start; /* for bsd_start */
	char *start_fpu;        /* likewise, or null */
	uint32_t start_fpu_size;
	char *exec_args; /* brought by bsd_exec_append */
	uint32_t exec_args_length;
};

/* ---- the caller ---------------------------------------------------------- */

/*
 * The thread whose request this server thread serves, and its process; null
 * in timers and the server's own threads.
 */
struct thread *bsd_current_thread(void);
struct proc *bsd_current_proc(void);

/* ---- finding ---------------------------------------------------------------*/

/* The process (zombies included) or null; no reference taken. */
struct proc *proc_find(int32_t pid);

/* The process with the lowest pid above `after`, zombies included, or null. */
struct proc *proc_next(int32_t after);

struct pgrp *pgrp_find(int32_t id);
struct thread *thread_find(int32_t tid);
struct thread *thread_by_port(mach_port_t port);

unsigned proc_count(void);

/* One letter as ps shows it: R S T Z. */
char proc_state_letter(const struct proc *p);

/* CPU time and faults so far; asks the kernel for a live one. */
void proc_usage(struct proc *p, struct bsd_rusage *usage);

/* Bytes mapped and resident; 0 for a zombie. */
void proc_memory(struct proc *p, uint64_t *virtualp, uint64_t *residentp);

/* ---- references ------------------------------------------------------------*/

void proc_reference(struct proc *p);
void proc_release(struct proc *p);
void thread_reference(struct thread *t);
void thread_release(struct thread *t);

/* ---- life -------------------------------------------------------------------*/

/*
 * Begin the end of a process: wait status given. Its task is terminated and
 * its sleeping requests are woken; when the last request has left, the rest
 * follows (proc_finish), at once if there is none. Harmless on one that is
 * ending already. Nobody waits for a request to leave: two processes that kill
 * each other would wait for ever.
 */
void proc_exit(struct proc *p, int status);

/*
 * The rest: files closed, children handed on, parent told. Called once, by
 * proc_exit or the end of the last request. May sleep in file closing.
 */
void proc_finish(struct proc *p);

/* Tell the parent of p that it ended, stopped or went on. */
void proc_tell_parent(struct proc *p);

/* End one thread; the last one ends the process with `status`. */
void thread_exit(struct thread *t, int status);

/* ---- groups and sessions ----------------------------------------------------*/

/* Move p into group `id` of its session, made when there is none. ENOMEM. */
int pgrp_enter(struct proc *p, int32_t id);

/* A new session with a new group, both named after p. ENOMEM. */
int session_create(struct proc *p);

/* A new process (with its parent set) enters the group. */
void pgrp_join(struct proc *p, struct pgrp *g);

/* Take p out of its group. Called once, at reaping. */
void pgrp_leave(struct proc *p);

/*
 * p is about to change its parent or group (leaving) or has (entering):
 * account for its own group and its children's groups becoming orphaned.
 */
void pgrp_adjust(struct proc *p, struct pgrp *group, bool entering);

#endif
