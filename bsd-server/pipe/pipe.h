/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pipe -- pipes and FIFOs: a byte buffer between readers and writers.
 *
 * A pipe is a FIFO without a name: its vnode belongs to no file system.  The
 * buffer (struct fifo) hangs at the vnode while an end is open.
 *
 * Rules: a write of up to PIPE_BYTES_ATOMIC bytes goes in as a whole or waits;
 * a read returns what is there; end of file when the last writer has gone;
 * writing without a reader is EPIPE and SIGPIPE.  A signal ends a write with
 * the count so far, or ERESTART when that is 0.
 *
 * Locks: master lock; read, write and the open of a FIFO sleep.
 */
#ifndef BSD_PIPE_PIPE_H
#define BSD_PIPE_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file;
struct proc;
struct vnode;

#define PIPE_CAPACITY     65536u
#define PIPE_BYTES_ATOMIC 4096u /* PIPE_BUF */

/* When the buffers of all pipes hold so much, others stay at one page. */
#define PIPE_MEMORY_SOFT (4u << 20)

/*
 * Two new open files, the reading and the writing end.  `flags` may hold
 * O_NONBLOCK.  ENFILE, ENOMEM.
 */
int pipe_create(uint32_t flags, struct file **readp, struct file **writep);

/*
 * pipe(2): the two ends under the two lowest descriptors; flags O_NONBLOCK
 * and O_CLOEXEC.  EMFILE, ENFILE, ENOMEM, EINVAL.
 */
int pipe_call(struct proc *proc, unsigned flags, int *readfdp, int *writefdp);

/*
 * Open a FIFO.  Without O_NONBLOCK waits for the other side; with it a writer
 * without readers gets ENXIO.  Takes over the reference on `vp` on success.
 */
int fifo_open(struct proc *proc, struct vnode *vp, uint32_t flags, struct file **filep);

/* Whether an open file is the end of a pipe or FIFO. */
bool pipe_is(const struct file *file);

/* The buffer size of a pipe; EBADF for other files. */
int pipe_size(const struct file *file, int64_t *sizep);

#endif /* BSD_PIPE_PIPE_H */
