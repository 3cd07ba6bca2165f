/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pipes: a ring that starts with one page and grows to its full size when a
 * writer needs more.
 *
 * Channels: &fifo->readers for those who wait for bytes (or for a writer),
 * &fifo->writers for those who wait for room (or for a reader).
 */
#include "pipe/pipe.h"

#include <stdbool.h>
#include <string.h>

#include "bsd/abi.h"
#include "file/cred.h"
#include "file/fd_table.h"
#include "file/file.h"
#include "file/poll.h"
#include "vfs/services.h"

#define FIFO_FIRST_SIZE 4096u

struct fifo {
	unsigned readers, writers; /* open ends */
	unsigned reader_opens;     /* ever, to see short-lived ones */
	unsigned writer_opens;
	unsigned users; /* opens and sleeping openers */
	uint8_t *ring;
	size_t size; /* of the ring: 0 or a power of two */
	bool small;  /* there was no memory for a large one */
	size_t head, used;
	struct poll_head read_poll, write_poll;
};

static const struct file_ops fifo_file_ops;

static size_t ring_bytes; /* of all rings */

/* ---- the ring -------------------------------------------------------------- */

/* How much it can come to hold. */
static size_t
fifo_capacity(const struct fifo *fifo)
{
	if (fifo->size == PIPE_CAPACITY)
		return PIPE_CAPACITY;
	return fifo->small || ring_bytes + PIPE_CAPACITY > PIPE_MEMORY_SOFT ? FIFO_FIRST_SIZE
									    : PIPE_CAPACITY;
}

/* Make room for `want` bytes in all, if there is memory. */
static void
fifo_grow(struct fifo *fifo, size_t want)
{
	size_t size = want > FIFO_FIRST_SIZE ? fifo_capacity(fifo) : FIFO_FIRST_SIZE;
	size_t front;
	uint8_t *ring;

	if (size <= fifo->size)
		return;
	ring = bsd_alloc(size);
	if (ring == NULL && size > FIFO_FIRST_SIZE) {
		fifo->small = true;
		if (fifo->size == 0)
			fifo_grow(fifo, FIFO_FIRST_SIZE);
	}
	if (ring == NULL)
		return;
	ring_bytes += size - fifo->size;
	front = fifo->size - fifo->head;
	if (front > fifo->used)
		front = fifo->used;
	if (fifo->used > 0) {
		memcpy(ring, fifo->ring + fifo->head, front);
		memcpy(ring + front, fifo->ring, fifo->used - front);
	}
	bsd_free(fifo->ring, fifo->size);
	fifo->ring = ring;
	fifo->size = size;
	fifo->head = 0;
}

static void
fifo_put(struct fifo *fifo, const uint8_t *bytes, size_t length)
{
	size_t tail = (fifo->head + fifo->used) & (fifo->size - 1);
	size_t front = fifo->size - tail;

	if (front > length)
		front = length;
	memcpy(fifo->ring + tail, bytes, front);
	memcpy(fifo->ring, bytes + front, length - front);
	fifo->used += length;
}

static void
fifo_take(struct fifo *fifo, uint8_t *bytes, size_t length)
{
	size_t front = fifo->size - fifo->head;

	if (front > length)
		front = length;
	memcpy(bytes, fifo->ring + fifo->head, front);
	memcpy(bytes + front, fifo->ring, length - front);
	fifo->head = (fifo->head + length) & (fifo->size - 1);
	fifo->used -= length;
	if (fifo->used == 0)
		fifo->head = 0;
}

/* ---- life ------------------------------------------------------------------ */

static struct fifo *
fifo_get(struct vnode *vp)
{
	if (vp->fifo == NULL)
		vp->fifo = bsd_alloc(sizeof(*vp->fifo));
	return vp->fifo;
}

static void
fifo_drop(struct vnode *vp)
{
	struct fifo *fifo = vp->fifo;

	if (fifo->users > 0)
		return;
	bsd_assert(fifo->readers == 0 && fifo->writers == 0);
	vp->fifo = NULL;
	ring_bytes -= fifo->size;
	bsd_free(fifo->ring, fifo->size);
	bsd_free(fifo, sizeof(*fifo));
}

static void
fifo_wake_readers(struct fifo *fifo)
{
	bsd_wakeup(&fifo->readers);
	poll_notify(&fifo->read_poll);
}

static void
fifo_wake_writers(struct fifo *fifo)
{
	bsd_wakeup(&fifo->writers);
	poll_notify(&fifo->write_poll);
}

/* Count an end in. */
static void
fifo_attach(struct fifo *fifo, uint32_t flags)
{
	fifo->users++;
	if ((flags & O_ACCMODE) != O_WRONLY) {
		fifo->readers++;
		fifo->reader_opens++;
		fifo_wake_writers(fifo);
	}
	if ((flags & O_ACCMODE) != O_RDONLY) {
		fifo->writers++;
		fifo->writer_opens++;
		fifo_wake_readers(fifo);
	}
}

static void
fifo_detach(struct vnode *vp, uint32_t flags)
{
	struct fifo *fifo = vp->fifo;

	if ((flags & O_ACCMODE) != O_WRONLY && --fifo->readers == 0)
		fifo_wake_writers(fifo);
	if ((flags & O_ACCMODE) != O_RDONLY && --fifo->writers == 0)
		fifo_wake_readers(fifo);
	fifo->users--;
	fifo_drop(vp);
}

static void
fifo_close(struct file *file)
{
	fifo_detach(file->vnode, file->flags);
}

/* ---- reading and writing ----------------------------------------------------- */

static int
fifo_read(struct file *file, struct proc *proc, void *buffer, size_t length, uint64_t offset,
    size_t *donep)
{
	struct fifo *fifo = file->vnode->fifo;
	int error;

	*donep = 0;
	if (length == 0)
		return 0;
	while (fifo->used == 0) {
		if (fifo->writers == 0)
			return 0;
		if (file_nonblocking(file))
			return EAGAIN;
		error = bsd_sleep(&fifo->readers, BSD_SLEEP_INTR, 0);
		if (error != 0)
			return error;
	}
	*donep = length < fifo->used ? length : fifo->used;
	fifo_take(fifo, buffer, *donep);
	if (fifo->used <= fifo->size / 2)
		bsd_wakeup(&fifo->writers); /* for more than a piece at a time */
	poll_notify(&fifo->write_poll);
	return 0;
}

/* How many of `left` bytes may go in now. */
static size_t
fifo_room(struct fifo *fifo, size_t length, size_t left)
{
	size_t room;

	if (fifo->used + left > fifo->size)
		fifo_grow(fifo, fifo->used + left);
	room = fifo->size - fifo->used;
	if (room >= left)
		return left;
	return length <= PIPE_BYTES_ATOMIC ? 0 : room;
}

static int
fifo_write(struct file *file, struct proc *proc, const void *buffer, size_t length, uint64_t offset,
    size_t *donep)
{
	struct fifo *fifo = file->vnode->fifo;
	size_t part;
	int error = 0;

	*donep = 0;
	while (*donep < length) {
		if (fifo->readers == 0) {
			error = EPIPE;
			break;
		}
		part = fifo_room(fifo, length, length - *donep);
		if (part > 0) {
			fifo_put(fifo, (const uint8_t *)buffer + *donep, part);
			*donep += part;
			fifo_wake_readers(fifo);
			continue;
		}
		if (fifo->size == 0)
			error = ENOMEM;
		else if (file_nonblocking(file))
			error = EAGAIN;
		else
			error = bsd_sleep(&fifo->writers, BSD_SLEEP_INTR, 0);
		if (error != 0)
			break;
	}
	if (*donep > 0)
		return 0;
	if (error == EPIPE)
		bsd_signal_proc(proc, SIGPIPE);
	return error;
}

static unsigned
fifo_poll(struct file *file, unsigned events, struct poll_wait *wait)
{
	struct fifo *fifo = file->vnode->fifo;
	unsigned ready = 0;

	if (file_readable(file)) {
		if (fifo->used > 0)
			ready |= POLLIN | POLLRDNORM;
		if (fifo->writers == 0)
			ready |= POLLHUP;
		poll_record(&fifo->read_poll, wait);
	}
	if (file_writable(file)) {
		if (fifo_capacity(fifo) - fifo->used >= PIPE_BYTES_ATOMIC)
			ready |= POLLOUT;
		if (fifo->readers == 0)
			ready |= POLLERR;
		poll_record(&fifo->write_poll, wait);
	}
	return ready;
}

static int
fifo_ioctl(struct file *file, struct proc *proc, uint32_t request, void *data)
{
	if (request != FIONREAD)
		return ENOTTY;
	*(int32_t *)data = file->vnode->fifo->used;
	return 0;
}

static const struct file_ops fifo_file_ops = {
	.read = fifo_read,
	.write = fifo_write,
	.poll = fifo_poll,
	.ioctl = fifo_ioctl,
	.close = fifo_close,
};

/* ---- opening ----------------------------------------------------------------- */

/* Wait until the other side has been opened since `opens` was read. */
static int
fifo_await(unsigned *ends, unsigned *opens, const void *channel)
{
	unsigned before = *opens;
	int error = 0;

	while (*ends == 0 && *opens == before && error == 0)
		error = bsd_sleep(channel, BSD_SLEEP_INTR, 0);
	return error;
}

static int
fifo_await_other(struct fifo *fifo, uint32_t flags)
{
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return flags & O_NONBLOCK
		    ? 0
		    : fifo_await(&fifo->writers, &fifo->writer_opens, &fifo->readers);
	case O_WRONLY:
		if (flags & O_NONBLOCK)
			return fifo->readers == 0 ? ENXIO : 0;
		return fifo_await(&fifo->readers, &fifo->reader_opens, &fifo->writers);
	default:
		return 0;
	}
}

int
fifo_open(struct proc *proc, struct vnode *vp, uint32_t flags, struct file **filep)
{
	struct fifo *fifo = fifo_get(vp);
	int error;

	if (fifo == NULL)
		return ENOMEM;
	fifo_attach(fifo, flags);
	/* A pipe opened again (/dev/fd) has no other side to wait for. */
	error = vp->mount == NULL ? 0 : fifo_await_other(fifo, flags);
	if (error == 0)
		error = file_create(&fifo_file_ops, flags, vp, filep);
	if (error != 0)
		fifo_detach(vp, flags);
	return error;
}

/* ---- pipes without a name ------------------------------------------------------ */

static int
pipe_attr_changed(struct vnode *vp)
{
	return 0;
}

static void
pipe_inactive(struct vnode *vp)
{
	bsd_free(vp, sizeof(*vp));
}

static const struct vnode_ops pipe_vnode_ops = {
	.changed = pipe_attr_changed,
	.inactive = pipe_inactive,
};

static struct vnode *
pipe_vnode_create(void)
{
	static uint64_t next_ino = 1;
	struct vnode *vp = bsd_alloc(sizeof(*vp));

	if (vp == NULL)
		return NULL;
	vp->attr.mode = S_IFIFO | 0600;
	vp->attr.nlink = 1;
	vp->attr.ino = next_ino++;
	vnode_init(vp, &pipe_vnode_ops, NULL);
	vnode_touch(vp, VNODE_ATIME | VNODE_MTIME | VNODE_CTIME);
	return vp;
}

/* One end, with its own reference on `vp`. */
static int
pipe_end(struct vnode *vp, uint32_t flags, struct file **filep)
{
	int error;

	error = file_create(&fifo_file_ops, flags, vnode_reference(vp), filep);
	if (error != 0)
		vnode_release(vp);
	else
		fifo_attach(vp->fifo, flags);
	return error;
}

int
pipe_create(uint32_t flags, struct file **readp, struct file **writep)
{
	struct vnode *vp = pipe_vnode_create();
	int error = ENOMEM;

	if (vp == NULL)
		return ENOMEM;
	if (fifo_get(vp) != NULL) {
		error = pipe_end(vp, O_RDONLY | flags, readp);
		if (error == 0)
			error = pipe_end(vp, O_WRONLY | flags, writep);
		else
			fifo_drop(vp);
		if (error != 0 && vp->fifo != NULL)
			file_release(*readp);
	}
	vnode_release(vp);
	return error;
}

int
pipe_call(struct proc *proc, unsigned flags, int *readfdp, int *writefdp)
{
	struct fd_table *files = proc_files(proc);
	uint64_t limit = proc_limit_nofile(proc);
	bool cloexec = flags & O_CLOEXEC;
	struct file *read_end, *write_end;
	int error;

	if (flags & ~(unsigned)(O_NONBLOCK | O_CLOEXEC))
		return EINVAL;
	error = pipe_create(flags & O_NONBLOCK, &read_end, &write_end);
	if (error != 0)
		return error;
	read_end->vnode->attr.uid = proc_cred(proc)->euid;
	read_end->vnode->attr.gid = proc_cred(proc)->egid;
	error = fd_table_add(files, 0, limit, read_end, cloexec, readfdp);
	if (error != 0) {
		file_release(read_end);
		file_release(write_end);
		return error;
	}
	error = fd_table_add(files, 0, limit, write_end, cloexec, writefdp);
	if (error != 0) {
		fd_table_close(files, *readfdp);
		file_release(write_end);
	}
	return error;
}

bool
pipe_is(const struct file *file)
{
	return file->ops == &fifo_file_ops;
}

int
pipe_size(const struct file *file, int64_t *sizep)
{
	if (!pipe_is(file))
		return EBADF;
	*sizep = PIPE_CAPACITY;
	return 0;
}
