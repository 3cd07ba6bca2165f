/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes, for the files of proc/ and exec/ (the rest is server/proc.h).
 *
 * Locks: the master lock.
 */
#ifndef PROC_PROC_H
#define PROC_PROC_H

#include "server/proc.h"

/* A process with a pid and nothing else, in the table. Null: none to be had. */
struct proc *proc_create(void);

/* Take a process, done with in every other way, out of the table. */
void proc_remove(struct proc *p);

/* Add the use of resources. */
void usage_add(struct bsd_rusage *to, const struct bsd_rusage *from);

/*
 * A vfork child has executed or ends: its parent goes on.
 */
void proc_vfork_done(struct proc *p);

/* All threads of p but `except` (may be null) end. */
void proc_end_threads(struct proc *p, struct thread *except);

/* Processes, zombies included, of one user. */
unsigned proc_count_of_user(uint32_t uid);

/* The limits of the first process. */
void proc_limits_init(struct proc *p);

/* The short name, cut to its room. */
void proc_set_comm(struct proc *p, const char *name);

/* Whether the caller may signal p (signal 0 included). */
bool proc_may_signal(const struct proc *p, int sig);

#endif
