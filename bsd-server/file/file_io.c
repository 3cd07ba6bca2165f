/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls on descriptors.
 */
#include "file/file_io.h"

#include "file/fd_table.h"
#include "file/file.h"
#include "file/file_lock.h"
#include "file/poll.h"
#include "pipe/pipe.h"
#include "vfs/services.h"

#define MAP_PAGE 4096u

/* Piece of a copy inside the server. */
#define SENDFILE_PIECE 16384u

static void
io_drop(struct file **filep)
{
	if (*filep != NULL)
		file_release(*filep);
}

/* A file that its function releases by leaving, whichever way. */
#define IO_FILE __attribute__((cleanup(io_drop))) struct file *

/* The open file of a descriptor that was opened for data, into an IO_FILE. */
static int
io_get(struct proc *proc, int fd, struct file **filep)
{
	int error = fd_table_get(proc_files(proc), fd, filep);

	if (error != 0)
		*filep = NULL;
	return error == 0 && ((*filep)->flags & O_PATH) != 0 ? EBADF : error;
}

static int
io_check_offset(const struct file *file, int64_t offset)
{
	if (offset == -1)
		return 0;
	if (!file->ops->seekable)
		return ESPIPE;
	return offset < 0 ? EINVAL : 0;
}

static int
io_read(struct file *file, struct proc *proc, void *buffer, size_t length, int64_t offset,
    size_t *donep)
{
	uint64_t at = offset == -1 ? file->offset : (uint64_t)offset;
	int error;

	*donep = 0;
	if (!file_readable(file))
		return EBADF;
	if (file->ops->read == NULL)
		return EINVAL;
	error = io_check_offset(file, offset);
	if (error == 0)
		error = file->ops->read(file, proc, buffer, length, at, donep);
	if (error == 0 && offset == -1 && file->ops->seekable)
		file->offset = at + *donep;
	return error;
}

static int
io_write(struct file *file, struct proc *proc, const void *buffer, size_t length, int64_t offset,
    size_t *donep)
{
	uint64_t at = offset == -1 ? file->offset : (uint64_t)offset;
	int error;

	*donep = 0;
	if (!file_writable(file))
		return EBADF;
	if (file->ops->write == NULL)
		return EINVAL;
	error = io_check_offset(file, offset);
	if (error != 0)
		return error;
	if ((file->flags & O_APPEND) && file->ops->seekable)
		at = file->vnode->attr.size;
	error = file->ops->write(file, proc, buffer, length, at, donep);
	if (error == 0 && offset == -1 && file->ops->seekable)
		file->offset = at + *donep;
	return error;
}

/* A read that does not wait: nobody else runs meanwhile, so the flag may. */
static int
io_read_nowait(struct file *file, struct proc *proc, void *buffer, size_t length, size_t *donep)
{
	uint32_t kept = file->flags & O_NONBLOCK;
	int error;

	file->flags |= O_NONBLOCK;
	error = io_read(file, proc, buffer, length, -1, donep);
	file->flags = (file->flags & ~(uint32_t)O_NONBLOCK) | kept;
	return error;
}

int
file_read(struct proc *proc, int fd, void *buffer, size_t length, int64_t offset, size_t *donep)
{
	IO_FILE file = NULL;
	int error;

	*donep = 0;
	error = io_get(proc, fd, &file);
	if (error != 0)
		return error;
	if (offset == FILE_READ_NOWAIT)
		return io_read_nowait(file, proc, buffer, length, donep);
	return io_read(file, proc, buffer, length, offset, donep);
}

int
file_write(
    struct proc *proc, int fd, const void *buffer, size_t length, int64_t offset, size_t *donep)
{
	IO_FILE file = NULL;
	int error;

	*donep = 0;
	error = io_get(proc, fd, &file);
	return error != 0 ? error : io_write(file, proc, buffer, length, offset, donep);
}

/* Copy one piece; *donep is what arrived, *endp that there is no more. */
static int
sendfile_piece(struct proc *proc, struct file *out, struct file *in, void *piece, size_t length,
    int64_t offset, size_t *donep)
{
	size_t got;
	int error;

	*donep = 0;
	error = io_read(in, proc, piece, length, offset, &got);
	if (error != 0 || got == 0)
		return error;
	error = io_write(out, proc, piece, got, -1, donep);
	/* What was read but not written is read again next time. */
	if (offset == -1 && *donep < got)
		in->offset -= got - *donep;
	return error;
}

static int
sendfile_copy(struct proc *proc, struct file *out, struct file *in, int64_t offset, uint64_t length,
    uint64_t *donep)
{
	void *piece = bsd_alloc(SENDFILE_PIECE);
	size_t want, done;
	int error = 0;

	if (piece == NULL)
		return ENOMEM;
	while (*donep < length) {
		want = length - *donep < SENDFILE_PIECE ? length - *donep : SENDFILE_PIECE;
		error = sendfile_piece(proc, out, in, piece, want,
		    offset == -1 ? -1 : offset + (int64_t)*donep, &done);
		*donep += done;
		if (error != 0 || done == 0)
			break;
	}
	bsd_free(piece, SENDFILE_PIECE);
	return *donep > 0 ? 0 : error;
}

/* ---- from a pipe ----------------------------------------------------------- */

/* Wait for one side, unless it must not or bytes have moved already. */
static int
splice_wait(struct file *file, unsigned events, uint64_t done)
{
	if (file_poll_now(file, events) != 0)
		return 0;
	if (done > 0 || file_nonblocking(file))
		return EAGAIN;
	return file_wait(file, events);
}

/* A piece on its way, under the master lock. */
static char splice_piece_bytes[PIPE_BYTES_ATOMIC];

/*
 * One piece, taken only when the other side has room for all of it: nothing
 * is in our hands while we sleep.  Neither call below waits.
 */
static int
splice_piece(struct proc *proc, struct file *out, struct file *in, size_t want, uint64_t done,
    size_t *movedp)
{
	size_t got;
	int error;

	*movedp = 0;
	error = splice_wait(in, POLLIN, done);
	if (error == 0)
		error = splice_wait(out, POLLOUT, done);
	/* While the second wait slept somebody else may have emptied it. */
	if (error == 0 && file_poll_now(in, POLLIN) == 0)
		return 0;
	if (error == 0)
		error = io_read(in, proc, splice_piece_bytes, want, -1, &got);
	if (error != 0)
		return error;
	if (got == 0)
		return ENODATA; /* the end */
	return io_write(out, proc, splice_piece_bytes, got, -1, movedp);
}

static int
splice_copy(struct proc *proc, struct file *out, struct file *in, uint64_t length, uint64_t *donep)
{
	size_t want, moved;
	int error = 0;

	while (*donep < length && error == 0) {
		want = length - *donep < PIPE_BYTES_ATOMIC ? length - *donep : PIPE_BYTES_ATOMIC;
		error = splice_piece(proc, out, in, want, *donep, &moved);
		*donep += moved;
	}
	return *donep > 0 || error == ENODATA ? 0 : error;
}

/* Whether writing to it with POLLOUT never waits for a piece. */
static bool
splice_target(const struct file *out)
{
	return pipe_is(out) || out->ops->poll == NULL;
}

static int
sendfile_between(struct proc *proc, struct file *out, struct file *in, int64_t offset,
    uint64_t length, uint64_t *donep)
{
	if (out->flags & O_APPEND)
		return EINVAL;
	if (pipe_is(in)) {
		if (offset != -1)
			return ESPIPE;
		if (!file_readable(in) || !file_writable(out))
			return EBADF;
		return splice_target(out) ? splice_copy(proc, out, in, length, donep) : EINVAL;
	}
	/* The source must be able to take bytes back. */
	if (!in->ops->seekable || in->vnode == NULL || vnode_type(in->vnode) != S_IFREG ||
	    offset < -1)
		return EINVAL;
	return sendfile_copy(proc, out, in, offset, length, donep);
}

int
file_sendfile(
    struct proc *proc, int outfd, int infd, int64_t offset, uint64_t length, uint64_t *donep)
{
	IO_FILE out = NULL;
	IO_FILE in = NULL;
	int error;

	*donep = 0;
	error = io_get(proc, outfd, &out);
	if (error == 0)
		error = io_get(proc, infd, &in);
	return error != 0 ? error : sendfile_between(proc, out, in, offset, length, donep);
}

static int
lseek_base(const struct file *file, int whence, int64_t *basep)
{
	struct vnode_attr attr;

	switch (whence) {
	case SEEK_SET:
		*basep = 0;
		return 0;
	case SEEK_CUR:
		*basep = file->offset;
		return 0;
	case SEEK_END:
		(void)vnode_getattr(file->vnode, &attr);
		*basep = attr.size;
		return 0;
	default:
		return EINVAL;
	}
}

int
file_lseek(struct proc *proc, int fd, int64_t offset, int whence, int64_t *positionp)
{
	IO_FILE file = NULL;
	int64_t base;
	int error;

	error = io_get(proc, fd, &file);
	if (error != 0)
		return error;
	if (!file->ops->seekable)
		error = ESPIPE;
	else
		error = lseek_base(file, whence, &base);
	if (error == 0 && __builtin_add_overflow(base, offset, positionp))
		error = EOVERFLOW;
	if (error == 0 && *positionp < 0)
		error = EINVAL;
	if (error == 0)
		file->offset = *positionp;
	return error;
}

int
file_close(struct proc *proc, int fd)
{
	return fd_table_close(proc_files(proc), fd);
}

int
file_close_range(struct proc *proc, unsigned first, unsigned last, bool mark)
{
	struct fd_table *files = proc_files(proc);
	int fd;

	if (first > last)
		return EINVAL;
	if (first > INT32_MAX)
		return 0;
	for (fd = fd_table_next(files, first); fd >= 0 && (unsigned)fd <= last;
	     fd = fd_table_next(files, fd + 1)) {
		if (mark)
			fd_table_slot(files, fd)->close_on_exec = true;
		else
			(void)fd_table_close(files, fd);
	}
	return 0;
}

int
file_dup(struct proc *proc, int fd, int to, unsigned flags, int *newfdp)
{
	struct fd_table *files = proc_files(proc);
	uint64_t limit = proc_limit_nofile(proc);
	struct file *file;
	int error;

	error = fd_table_get(files, fd, &file);
	if (error != 0)
		return error;
	if (to == -1) {
		error = fd_table_add(files, 0, limit, file, flags & O_CLOEXEC, newfdp);
	} else if (to == fd) {
		*newfdp = fd;
		file_release(file);
	} else {
		*newfdp = to;
		error = fd_table_replace(files, to, limit, file, flags & O_CLOEXEC);
	}
	if (error != 0)
		file_release(file);
	return error;
}

/* Flags that F_SETFL may change. */
#define FCNTL_CHANGEABLE (O_APPEND | O_NONBLOCK | O_ASYNC)

static int
fcntl_dup(struct proc *proc, struct file *file, int64_t from, bool cloexec, int64_t *resultp)
{
	uint64_t limit = proc_limit_nofile(proc);
	int fd, error;

	if (from < 0 || (uint64_t)from >= limit)
		return EINVAL;
	error = fd_table_add(proc_files(proc), from, limit, file_reference(file), cloexec, &fd);
	if (error != 0)
		file_release(file);
	*resultp = fd;
	return error;
}

static int
fcntl_do(
    struct proc *proc, int fd, struct file *file, int command, int64_t argument, int64_t *resultp)
{
	struct fd_slot *slot = fd_table_slot(proc_files(proc), fd);

	*resultp = 0;
	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return fcntl_dup(proc, file, argument, command == F_DUPFD_CLOEXEC, resultp);
	case F_GETFD:
		*resultp = slot->close_on_exec ? FD_CLOEXEC : 0;
		return 0;
	case F_SETFD:
		slot->close_on_exec = argument & FD_CLOEXEC;
		return 0;
	case F_GETFL:
		*resultp = file->flags;
		return 0;
	case F_SETFL:
		if (file->flags & O_PATH)
			return EBADF;
		file->flags = (file->flags & ~FCNTL_CHANGEABLE) | (argument & FCNTL_CHANGEABLE);
		return 0;
	case F_GETPIPE_SZ:
		return pipe_size(file, resultp);
	case F_SETPIPE_SZ:
		if (argument > PIPE_CAPACITY)
			return EPERM;
		return pipe_size(file, resultp);
	default:
		return EINVAL;
	}
}

int
file_fcntl(struct proc *proc, int fd, int command, int64_t argument, int64_t *resultp)
{
	struct file *file;
	int error;

	error = fd_table_get(proc_files(proc), fd, &file);
	if (error != 0)
		return error;
	error = fcntl_do(proc, fd, file, command, argument, resultp);
	file_release(file);
	return error;
}

int
file_lock(struct proc *proc, int fd, int command, struct bsd_flock *lock)
{
	IO_FILE file = NULL;
	int error;

	if (command != F_GETLK && command != F_SETLK && command != F_SETLKW)
		return EINVAL;
	error = io_get(proc, fd, &file);
	if (error != 0)
		return error;
	error = file_lock_record(file, proc, command, lock);
	/* Closed by another thread while it waited: nobody would unlock. */
	if (error == 0 && command != F_GETLK && fd_table_slot(proc_files(proc), fd) == NULL)
		file_lock_forget_owner(file->vnode, proc_files(proc));
	return error;
}

int
file_flock(struct proc *proc, int fd, int operation)
{
	IO_FILE file = NULL;
	int error;

	error = io_get(proc, fd, &file);
	return error != 0 ? error : file_lock_whole(file, operation);
}

static int
ioctl_do(struct proc *proc, int fd, struct file *file, uint32_t request, void *data)
{
	switch (request) {
	case FIOCLEX:
	case FIONCLEX:
		fd_table_slot(proc_files(proc), fd)->close_on_exec = request == FIOCLEX;
		return 0;
	case FIONBIO:
		file->flags &= ~O_NONBLOCK;
		if (*(int32_t *)data != 0)
			file->flags |= O_NONBLOCK;
		return 0;
	default:
		if (file->ops->ioctl == NULL)
			return ENOTTY;
		return file->ops->ioctl(file, proc, request, data);
	}
}

int
file_ioctl(struct proc *proc, int fd, uint32_t request, void *data, size_t length)
{
	IO_FILE file = NULL;
	int error;

	if (IOC_LEN(request) > BSD_IOCTL_MAX || ((request & IOC_IN) && length < IOC_LEN(request)))
		return EINVAL;
	error = io_get(proc, fd, &file);
	return error != 0 ? error : ioctl_do(proc, fd, file, request, data);
}

static int
map_do(const struct file *file, uint64_t offset, uint64_t size, bool write, unsigned *objectp)
{
	const void *base;
	uint64_t end;
	int error;

	if (file->vnode == NULL || file->ops->seekable == false)
		return ENODEV;
	if (!file_readable(file) || (write && !file_writable(file)))
		return EACCES;
	if (size == 0 || offset % MAP_PAGE != 0 || size % MAP_PAGE != 0)
		return EINVAL;
	if (__builtin_add_overflow(offset, size, &end))
		return ENOMEM;
	error = vnode_map(file->vnode, end, file_writable(file), &base);
	if (error != 0)
		return error;
	if (write)
		vnode_touch(file->vnode, VNODE_MTIME | VNODE_CTIME);
	*objectp = bsd_memory_object((const char *)base + offset, size, file_writable(file));
	return *objectp != 0 ? 0 : ENOMEM;
}

int
file_map(struct proc *proc, int fd, uint64_t offset, uint64_t size, bool write, unsigned *objectp,
    bool *writablep)
{
	IO_FILE file = NULL;
	int error;

	error = io_get(proc, fd, &file);
	if (error != 0)
		return error;
	error = map_do(file, offset, size, write, objectp);
	*writablep = file_writable(file);
	return error;
}

int
file_fsync(struct proc *proc, int fd)
{
	IO_FILE file = NULL;
	int error;

	error = io_get(proc, fd, &file);
	if (error != 0)
		return error;
	if (file->vnode == NULL ||
	    (vnode_type(file->vnode) != S_IFREG && vnode_type(file->vnode) != S_IFDIR))
		error = EINVAL;
	return error;
}
