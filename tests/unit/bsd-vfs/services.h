/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hosted stand-ins for vfs/services.h, and what tests steer them with: a
 * process made of plain fields, memory that runs out on request, sleeps that
 * run a function of the test instead of waiting.
 */
#ifndef TEST_BSD_VFS_SERVICES_H
#define TEST_BSD_VFS_SERVICES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bsd/abi.h"
#include "vfs/services.h"

struct proc {
	int32_t pid, pgrp, session;
	bool leader;
	struct cred *cred;
	struct fd_table *files;
	struct fs_context *fs;
	struct tty **ctty;
	uint64_t limit_nofile, limit_fsize;
	uint64_t held; /* signals ignored or blocked */
	struct vnode *program;
	struct proc *next; /* by number */
};

/* ---- memory: the k-th allocation from now on fails; 0: none does */
extern unsigned alloc_fail_at;
extern size_t alloc_bytes;    /* in use */
extern uint64_t memory_left;  /* what bsd_alloc may still give */
extern uint64_t machine_free; /* what bsd_memory says */

/* ---- waiting: called instead of sleeping; its result is bsd_sleep's */
extern int (*on_sleep)(const void *channel);
extern unsigned sleeps;
extern const void *slept_on; /* wakeups on this channel are counted */
extern unsigned wakeups;

/* ---- time in ns; bsd_sleep with a deadline and no on_sleep moves it */
extern uint64_t test_uptime;

/* ---- signals sent, oldest first, as sig | target << 8 */
extern unsigned signals[64];
extern unsigned signal_count;
extern bool test_orphaned;

/* The session of groups: group numbers from n * 100 belong to session n * 100. */

/* A process of user `uid` in the root of the tree. */
struct proc *test_proc_create(int32_t pid, uint32_t uid);
void test_proc_destroy(struct proc *proc);

/* Mounted root and one process of root, `root_proc`; checks for leaks. */
extern struct proc *root_proc;
int test_setup(void **state);
int test_teardown(void **state);

/* ---- short forms used by many tests */
int t_open(const char *path, unsigned flags);
void t_close(int fd);
void t_write_file(const char *path, const char *text);
void t_assert_file(const char *path, const char *text);

#define assert_ok(expression) assert_int_equal((expression), 0)

#endif
