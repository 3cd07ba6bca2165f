/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file -- an open file: what a descriptor refers to.  Position and status
 * flags are shared by all descriptors made from one open (dup, fork).
 *
 * Life:   file_create -> in descriptor tables, in use by calls -> the last
 *         file_release calls ops->close and frees.
 * Locks:  master lock.  Whoever may sleep in an operation holds a reference
 *         (fd_table_get gives one).
 * Hosted: yes.
 */
#ifndef BSD_FILE_FILE_H
#define BSD_FILE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bsd/abi.h"
#include "vfs/vnode.h"

struct file;
struct poll_wait;
struct proc;

/* Open files in the whole system before ENFILE. */
#define FILE_MAX 65536

/*
 * What an open file does; NULL entries answer as said.  `offset` is where to
 * read or write (the file's own position is kept by file_io); streams ignore
 * it.  Operations may sleep; interrupted before any effect they return
 * ERESTART.
 */
struct file_ops {
	/* *donep 0 with result 0 is end of file.  NULL: EBADF... EINVAL. */
	int (*read)(struct file *file, struct proc *proc, void *buffer, size_t length,
	    uint64_t offset, size_t *donep);
	int (*write)(struct file *file, struct proc *proc, const void *buffer, size_t length,
	    uint64_t offset, size_t *donep);
	/*
	 * Which of the events hold now; when `wait` is given also register it
	 * (poll_record) for what may come.  NULL: always readable, writable.
	 */
	unsigned (*poll)(struct file *file, unsigned events, struct poll_wait *wait);
	/* `data` holds IOC_LEN bytes, in and out.  NULL: ENOTTY. */
	int (*ioctl)(struct file *file, struct proc *proc, uint32_t request, void *data);
	/* The last reference is gone.  NULL: nothing to do. */
	void (*close)(struct file *file);
	bool seekable;
};

struct file {
	unsigned refs;
	uint32_t flags; /* O_ACCMODE, O_APPEND, O_NONBLOCK... */
	const struct file_ops *ops;
	struct vnode *vnode; /* with a reference; NULL for sockets */
	uint64_t offset;
	void *data;   /* the operations' own */
	bool flocked; /* may hold a flock lock */
};

/*
 * A new file object with one reference; takes over the caller's reference on
 * `vp` (only on success).  ENFILE, ENOMEM.
 */
int file_create(const struct file_ops *ops, uint32_t flags, struct vnode *vp, struct file **filep);

struct file *file_reference(struct file *file);

/* NULL is allowed. */
void file_release(struct file *file);

/* Open files in the system now. */
unsigned file_count(void);

static inline bool
file_readable(const struct file *file)
{
	return (file->flags & O_ACCMODE) != O_WRONLY;
}

static inline bool
file_writable(const struct file *file)
{
	return (file->flags & O_ACCMODE) != O_RDONLY;
}

static inline bool
file_nonblocking(const struct file *file)
{
	return (file->flags & O_NONBLOCK) != 0;
}

/* Operations of an opened regular file or directory. */
extern const struct file_ops vnode_file_ops;

#endif /* BSD_FILE_FILE_H */
