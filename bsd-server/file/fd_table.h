/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fd_table -- the descriptors of a process: small numbers for open files.
 *
 * Life:  fd_table_create -> shared (threads) or copied (fork) -> the last
 *        fd_table_release closes everything.
 * Locks: master lock; fd_table_get's reference keeps the file while its user
 *        sleeps.
 *
 * Record locks belong to the table: closing any descriptor of a file gives up
 * the table's record locks on it (POSIX).
 */
#ifndef BSD_FILE_FD_TABLE_H
#define BSD_FILE_FD_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct file;
struct proc;

/* No process may have more, whatever its limit. */
#define FD_TABLE_MAX 65536

struct fd_slot {
	struct file *file;
	bool close_on_exec;
	bool reserved; /* taken by a call that is still opening */
};

struct fd_table {
	unsigned refs;
	unsigned count;  /* slots */
	unsigned lowest; /* no free slot below */
	struct fd_slot *slots;
};

/* An empty table; NULL when out of memory. */
struct fd_table *fd_table_create(void);

/* A private copy referring to the same open files; NULL: out of memory. */
struct fd_table *fd_table_copy(const struct fd_table *table);

struct fd_table *fd_table_share(struct fd_table *table);

void fd_table_release(struct fd_table *table);

/* At exec: close what is marked. */
void fd_table_close_on_exec(struct fd_table *table);

/* The open file of a descriptor with a reference; EBADF. */
int fd_table_get(struct fd_table *table, int fd, struct file **filep);

/*
 * Reserve the lowest free descriptor not below `from` and below `limit`;
 * filled by fd_table_set or given back by fd_table_cancel.  EMFILE, ENOMEM.
 */
int fd_table_reserve(struct fd_table *table, unsigned from, uint64_t limit, int *fdp);
void fd_table_set(struct fd_table *table, int fd, struct file *file, bool close_on_exec);
void fd_table_cancel(struct fd_table *table, int fd);

/* Reserve and set in one; takes over the reference only on success. */
int fd_table_add(struct fd_table *table, unsigned from, uint64_t limit, struct file *file,
    bool close_on_exec, int *fdp);

/* Close one; EBADF. */
int fd_table_close(struct fd_table *table, int fd);

/*
 * Make `fd` refer to `file` (whose reference is taken over on success),
 * closing what it was.  EBADF beyond the limit, EBUSY while another call is
 * opening it, ENOMEM.
 */
int fd_table_replace(
    struct fd_table *table, int fd, uint64_t limit, struct file *file, bool close_on_exec);

/* The slot of an open descriptor, for its flags; NULL: none. */
struct fd_slot *fd_table_slot(struct fd_table *table, int fd);

/* The lowest open descriptor at or above `fd`; -1: none. */
int fd_table_next(const struct fd_table *table, int fd);

#endif /* BSD_FILE_FD_TABLE_H */
