/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file_lock -- advisory locks on files: record locks (fcntl), owned by a
 * descriptor table, and whole-file locks (flock), owned by an open file.
 * The two kinds do not see each other.
 *
 * A file's locks are kept in its vnode, sorted by start, only while there are
 * any.  Waiting for a record lock that would close a circle of waiters is
 * refused (EDEADLK).
 *
 * Locks: master lock; setting may sleep.
 */
#ifndef BSD_FILE_FILE_LOCK_H
#define BSD_FILE_FILE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

struct bsd_flock;
struct file;
struct proc;
struct vnode;

/*
 * F_GETLK, F_SETLK, F_SETLKW.  `lock` is the request; for F_GETLK *lock
 * becomes the first lock in the way or F_UNLCK.
 * EAGAIN, EDEADLK, EINVAL, EBADF (mode does not fit), ENOLCK, ERESTART.
 */
int file_lock_record(struct file *file, struct proc *proc, int command, struct bsd_flock *lock);

/* LOCK_SH, LOCK_EX, LOCK_UN, with LOCK_NB.  EWOULDBLOCK, ENOLCK, ERESTART. */
int file_lock_whole(struct file *file, int operation);

/* A descriptor of the file was closed in this table. */
void file_lock_forget_owner(struct vnode *vp, const void *owner);

/* The open file goes. */
void file_lock_forget_file(struct file *file);

#endif /* BSD_FILE_FILE_LOCK_H */
