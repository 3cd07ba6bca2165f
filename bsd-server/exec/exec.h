/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Executing programs.
 *
 * Locks: the master lock.
 */
#ifndef EXEC_EXEC_H
#define EXEC_EXEC_H

#include <stddef.h>
#include <stdint.h>

struct proc;
struct thread;

struct exec_request {
	int dirfd;
	const char *path;
	unsigned flags;      /* AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW */
	const char *strings; /* arguments, then environment, each with NUL */
	size_t strings_size;
	unsigned argc;
	unsigned envc;
};

/*
 * Make p run a program: in place of thread t's, or, with t null, as the first
 * of a new process. On an error nothing has changed; an error after the old
 * program is gone ends the process and answers 0.
 */
int exec_program(struct proc *p, struct thread *t, const struct exec_request *request);

#endif
