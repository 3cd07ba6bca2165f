/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * services -- everything the file half of the server asks of the rest: memory,
 * waiting, time, signals, and a view of the calling process.
 *
 * The real ones are in main/ and proc/; tests/unit/bsd-vfs/services.c has a
 * hosted set that fails allocations and delivers signals on request.
 *
 * Locks: the master lock is held by every caller; only bsd_sleep and the
 * functions named so give it up.
 */
#ifndef BSD_VFS_SERVICES_H
#define BSD_VFS_SERVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfs/vnode.h"

struct cred;
struct fd_table;
struct fs_context;
struct proc;
struct tty;

/* ---- memory ------------------------------------------------------------ */

/* Zeroed memory, 16-byte aligned; NULL when there is none. */
void *bsd_alloc(size_t size);

/* Give back what bsd_alloc returned; NULL is allowed. */
void bsd_free(void *memory, size_t size);

/* Zeroed page-aligned memory; size is rounded up to pages. */
void *bsd_alloc_pages(size_t size);

/*
 * Zeroed memory aligned to its own size, a power of two of at least a page;
 * freed by bsd_free_pages.
 */
void *bsd_alloc_aligned(size_t size);
void bsd_free_pages(void *memory, size_t size);

/*
 * Memory of a file that programs map: `size` bytes of addresses, whole pages,
 * that hold zeroes up to an end, at first 0. Nobody, not even we, may touch
 * what lies behind. *ownerp is for the calls below. NULL: there is none.
 */
void *bsd_file_memory_create(size_t size, unsigned *ownerp);
/* Move the end (whole pages); what is cut off is gone. */
void bsd_file_memory_end(unsigned owner, size_t end);
/* Who maps it keeps what is there. */
void bsd_file_memory_destroy(void *memory, size_t size, unsigned owner);

/*
 * A memory object (a port's name) that shows page-aligned server memory to
 * those who map it; 0: none to be had.  The caller gives it away.
 */
unsigned bsd_memory_object(const void *memory, size_t size, bool writable);

/* Bytes that are still free in the whole machine, and all there are. */
void bsd_memory(uint64_t *freep, uint64_t *totalp);

/* ---- waiting ----------------------------------------------------------- */

#define BSD_SLEEP_INTR 0x1 /* a signal ends the sleep */

/*
 * Give up the master lock until somebody calls bsd_wakeup(channel); may also
 * return without reason.  `deadline` in ns of bsd_uptime, 0 for none.
 * Returns 0, ETIMEDOUT, or ERESTART when a signal that will be handled came
 * (with BSD_SLEEP_INTR) or the process is to die (always).
 */
int bsd_sleep(const void *channel, unsigned flags, uint64_t deadline);

/* Wake all that sleep on `channel`. */
void bsd_wakeup(const void *channel);

/* ---- time -------------------------------------------------------------- */

uint64_t bsd_uptime(void);
void bsd_now(struct vfs_time *time);

/* ---- processes as the file half sees them ------------------------------- */

const struct cred *proc_cred(const struct proc *proc);
struct fd_table *proc_files(const struct proc *proc);
struct fs_context *proc_fs(const struct proc *proc);
int32_t proc_pid(const struct proc *proc);
int32_t proc_pgrp(const struct proc *proc);
int32_t proc_session(const struct proc *proc);
bool proc_session_leader(const struct proc *proc);

/* The controlling terminal of the process' session; NULL for none. */
struct tty *proc_ctty(const struct proc *proc);
void proc_set_ctty(struct proc *proc, struct tty *tty);

/* No session has `tty` as its controlling terminal any more. */
void session_forget_tty(struct tty *tty);

uint64_t proc_limit_nofile(const struct proc *proc);
uint64_t proc_limit_fsize(const struct proc *proc);

/* ---- any process, for /proc ---------------------------------------------- */

/* The process, zombies included, or NULL. */
struct proc *proc_find(int32_t pid);

/* The process with the lowest number above `after`, or NULL. */
struct proc *proc_next(int32_t after);

struct proc_info {
	int32_t pid, ppid, pgrp, session;
	int32_t tpgid; /* foreground of its terminal, -1 */
	uint64_t tty;  /* its number, 0: none */
	char state;    /* R S T Z */
	char comm[16];
	int nice;
	unsigned threads;
	uint64_t user_ns, system_ns; /* time used */
	uint64_t children_user_ns, children_system_ns;
	uint64_t faults;
	uint64_t start_ns;                          /* uptime when it began */
	uint64_t vsize, rss;                        /* bytes */
	uint64_t pending, blocked, ignored, caught; /* signal sets */
	bool zombie;
};

void proc_info_get(struct proc *proc, struct proc_info *info);

/* Its argument strings with their NULs; NULL when there are none. */
const char *proc_arguments(const struct proc *proc, size_t *lengthp);

/* Its program, borrowed; NULL when there is none. */
struct vnode *proc_program(const struct proc *proc);

struct system_info {
	unsigned processes, running, cpus;
	uint64_t idle_ns;
	int64_t boot_time; /* seconds since 1970 */
	uint64_t forks;
	uint32_t load[3]; /* 16 bits of fraction */
};

void system_info_get(struct system_info *info);

const char *system_hostname(void);

/* Processors in use. */
unsigned bsd_cpu_count(void);

/* ---- signals ----------------------------------------------------------- */

void bsd_signal_proc(struct proc *proc, int sig);
void bsd_signal_pgrp(int32_t pgrp, int sig);
void bsd_signal_session_leader(int32_t session, int sig);

/* Whether the process ignores or blocks `sig`. */
bool proc_signal_held(const struct proc *proc, int sig);

/* Whether no member's parent is in another group of the same session. */
bool pgrp_orphaned(int32_t pgrp);

/* The session a process group belongs to; -1 when there is no such group. */
int32_t pgrp_session(int32_t pgrp);

/* ---- last resort --------------------------------------------------------- */

_Noreturn void bsd_assert_failed(const char *file, int line, const char *what);

#define bsd_assert(condition)                                                                      \
	((condition) ? (void)0 : bsd_assert_failed(__FILE__, __LINE__, #condition))

#endif /* BSD_VFS_SERVICES_H */
