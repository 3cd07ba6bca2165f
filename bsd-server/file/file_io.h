/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file_io -- the calls on descriptors: what the routines of bsd_file.defs
 * that take an fd do for a process.
 *
 * Every call gives EBADF for a descriptor that is not open (or open only as a
 * path, or not for this direction).
 *
 * Locks: master lock; reading, writing, polling, locking may sleep.
 */
#ifndef BSD_FILE_FILE_IO_H
#define BSD_FILE_FILE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bsd/abi.h"

struct file;
struct proc;

/* An offset for file_read: at the position, but EAGAIN rather than waiting. */
#define FILE_READ_NOWAIT (-2)

/* `offset` -1: at the file's position, which moves.  ESPIPE otherwise. */
int
file_read(struct proc *proc, int fd, void *buffer, size_t length, int64_t offset, size_t *donep);
int file_write(
    struct proc *proc, int fd, const void *buffer, size_t length, int64_t offset, size_t *donep);

/*
 * Copy between two descriptors inside the server, up to `length` bytes: from
 * a regular file to anything, or from a pipe to a pipe, a regular file or a
 * device that never waits.  From a pipe it returns what has come rather than
 * wait for more.  EINVAL: another kind.
 */
int file_sendfile(
    struct proc *proc, int outfd, int infd, int64_t offset, uint64_t length, uint64_t *donep);

/* ESPIPE, EINVAL, EOVERFLOW */
int file_lseek(struct proc *proc, int fd, int64_t offset, int whence, int64_t *positionp);

int file_close(struct proc *proc, int fd);
/* Close (or mark, with `mark`) descriptors first..last. */
int file_close_range(struct proc *proc, unsigned first, unsigned last, bool mark);

/* to -1: the lowest free one.  flags O_CLOEXEC.  EMFILE, EBADF */
int file_dup(struct proc *proc, int fd, int to, unsigned flags, int *newfdp);
int file_fcntl(struct proc *proc, int fd, int command, int64_t argument, int64_t *resultp);
int file_lock(struct proc *proc, int fd, int command, struct bsd_flock *lock);
int file_flock(struct proc *proc, int fd, int operation);

/*
 * `data` has room for BSD_IOCTL_MAX bytes and holds `length` valid ones.
 * EINVAL: fewer than the request needs.  ENOTTY.
 */
int file_ioctl(struct proc *proc, int fd, uint32_t request, void *data, size_t length);
int file_fsync(struct proc *proc, int fd);

/*
 * A memory object with `size` bytes of a regular file from `offset` on, for
 * the program to map shared; *writablep: not only to read.  EBADF, EINVAL,
 * EACCES (asked for `write`), ENODEV (no such file), ENOMEM, ENOSPC.
 */
int file_map(struct proc *proc, int fd, uint64_t offset, uint64_t size, bool write,
    unsigned *objectp, bool *writablep);

#endif /* BSD_FILE_FILE_IO_H */
