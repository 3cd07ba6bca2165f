/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The routines of bsd_file.defs: from a request to the call of the caller's
 * process.  Lengths and counts are checked by the stubs against the declared
 * maxima and here against everything else.
 */
#include <mach.h>
#include <string.h>

#include "bsd/bsd_types.h"
#include "bsd_file_server.h"
#include "file/file_io.h"
#include "file/poll.h"
#include "pipe/pipe.h"
#include "server/proc.h"
#include "server/signal.h"
#include "vfs/mount.h"
#include "vfs/services.h"
#include "vfs/vfs.h"

/* ---- descriptors ------------------------------------------------------------- */

kern_return_t
serve_bsd_open(mach_port_t self, int dirfd, const char *path, int flags, int mode, int *fd)
{
	return vfs_open(bsd_current_proc(), dirfd, path, flags, mode, fd);
}

kern_return_t
serve_bsd_close(mach_port_t self, int fd)
{
	return file_close(bsd_current_proc(), fd);
}

kern_return_t
serve_bsd_close_range(mach_port_t self, int first, int last, int flags)
{
	return file_close_range(bsd_current_proc(), first, last, flags & 1);
}

kern_return_t
serve_bsd_read(mach_port_t self, int fd, int count, int64_t offset, bsd_data_t data,
    mach_msg_type_number_t *dataCnt)
{
	size_t length, done;
	int error;

	if (count < 0)
		return EINVAL;
	length = count < BSD_IO_MAX ? count : BSD_IO_MAX;
	error = file_read(bsd_current_proc(), fd, data, length, offset, &done);
	*dataCnt = done;
	return error;
}

kern_return_t
serve_bsd_write(mach_port_t self, int fd, int64_t offset, int more, const bsd_data_t data,
    mach_msg_type_number_t dataCnt, int *written)
{
	size_t done;
	int error;

	error = file_write(bsd_current_proc(), fd, data, dataCnt, offset, &done);
	*written = done;
	return error;
}

kern_return_t
serve_bsd_lseek(mach_port_t self, int fd, int64_t offset, int whence, int64_t *position)
{
	return file_lseek(bsd_current_proc(), fd, offset, whence, position);
}

kern_return_t
serve_bsd_sendfile(
    mach_port_t self, int outfd, int infd, int64_t offset, int64_t count, int64_t *done)
{
	uint64_t copied;
	int error;

	if (count < 0)
		return EINVAL;
	error = file_sendfile(bsd_current_proc(), outfd, infd, offset, count, &copied);
	*done = copied;
	return error;
}

kern_return_t
serve_bsd_dup(mach_port_t self, int fd, int to, int flags, int *newfd)
{
	return file_dup(bsd_current_proc(), fd, to, flags, newfd);
}

kern_return_t
serve_bsd_fcntl(mach_port_t self, int fd, int command, int64_t argument, int64_t *result)
{
	return file_fcntl(bsd_current_proc(), fd, command, argument, result);
}

kern_return_t
serve_bsd_lock(mach_port_t self, int fd, int command, bsd_flock_t lock, bsd_flock_t *found)
{
	*found = lock;
	return file_lock(bsd_current_proc(), fd, command, found);
}

kern_return_t
serve_bsd_flock(mach_port_t self, int fd, int operation)
{
	return file_flock(bsd_current_proc(), fd, operation);
}

kern_return_t
serve_bsd_ioctl(mach_port_t self, int fd, int request, const bsd_data_t argument,
    mach_msg_type_number_t argumentCnt, bsd_data_t result, mach_msg_type_number_t *resultCnt)
{
	_Alignas(16) uint8_t data[BSD_IOCTL_MAX] = { 0 };
	int error;

	memcpy(data, argument, argumentCnt);
	error = file_ioctl(bsd_current_proc(), fd, request, data, argumentCnt);
	*resultCnt = 0;
	if (error == 0 && ((uint32_t)request & IOC_OUT)) {
		*resultCnt = IOC_LEN((uint32_t)request);
		memcpy(result, data, *resultCnt);
	}
	return error;
}

kern_return_t
serve_bsd_pipe(mach_port_t self, int flags, int *readfd, int *writefd)
{
	return pipe_call(bsd_current_proc(), flags, readfd, writefd);
}

/* The absolute time a relative timeout means to file_poll. */
static uint64_t
poll_deadline(int64_t timeout)
{
	uint64_t now = bsd_uptime();

	if (timeout < 0)
		return 0;
	if (timeout == 0)
		return 1;
	return (uint64_t)timeout > UINT64_MAX - now ? 0 : now + (uint64_t)timeout;
}

kern_return_t
serve_bsd_poll(mach_port_t self, const bsd_pollset_t set, mach_msg_type_number_t setCnt,
    int64_t timeout, int setmask, uint64_t mask, int *ready, bsd_pollset_t result,
    mach_msg_type_number_t *resultCnt)
{
	struct bsd_pollfd polled[BSD_POLL_MAX];
	unsigned count = 0;
	int error;

	memcpy(polled, set, setCnt * sizeof(polled[0]));
	if (setmask)
		signal_mask_swap(bsd_current_thread(), mask);
	error = file_poll(bsd_current_proc(), polled, setCnt, poll_deadline(timeout), &count);
	if (setmask && error != EINTR)
		signal_mask_restore(bsd_current_thread());
	*ready = count;
	memcpy(result, polled, setCnt * sizeof(polled[0]));
	*resultCnt = setCnt;
	return error;
}

/* ---- attributes ---------------------------------------------------------------- */

kern_return_t
serve_bsd_fstat(mach_port_t self, int fd, bsd_stat_t *st)
{
	return vfs_fstat(bsd_current_proc(), fd, st);
}

kern_return_t
serve_bsd_stat(mach_port_t self, int dirfd, const char *path, int flags, bsd_stat_t *st)
{
	return vfs_stat(bsd_current_proc(), dirfd, path, flags, st);
}

kern_return_t
serve_bsd_access(mach_port_t self, int dirfd, const char *path, int mode, int flags)
{
	return vfs_access(bsd_current_proc(), dirfd, path, mode, flags);
}

kern_return_t
serve_bsd_chmod(mach_port_t self, int dirfd, const char *path, int mode, int flags)
{
	return vfs_chmod(bsd_current_proc(), dirfd, path, mode, flags);
}

kern_return_t
serve_bsd_chown(mach_port_t self, int dirfd, const char *path, int uid, int gid, int flags)
{
	return vfs_chown(bsd_current_proc(), dirfd, path, uid, gid, flags);
}

kern_return_t
serve_bsd_utimes(mach_port_t self, int dirfd, const char *path, bsd_timespec_t atime,
    bsd_timespec_t mtime, int flags)
{
	return vfs_utimes(bsd_current_proc(), dirfd, path, &atime, &mtime, flags);
}

kern_return_t
serve_bsd_truncate(mach_port_t self, const char *path, int64_t length)
{
	return vfs_truncate(bsd_current_proc(), path, length);
}

kern_return_t
serve_bsd_ftruncate(mach_port_t self, int fd, int64_t length)
{
	return vfs_ftruncate(bsd_current_proc(), fd, length);
}

kern_return_t
serve_bsd_statfs(mach_port_t self, const char *path, bsd_statfs_t *st)
{
	return vfs_statfs(bsd_current_proc(), path, st);
}

kern_return_t
serve_bsd_fstatfs(mach_port_t self, int fd, bsd_statfs_t *st)
{
	return vfs_fstatfs(bsd_current_proc(), fd, st);
}

/* ---- directories ---------------------------------------------------------------- */

kern_return_t
serve_bsd_getdents(
    mach_port_t self, int fd, int count, bsd_data_t data, mach_msg_type_number_t *dataCnt)
{
	size_t length, done;
	int error;

	if (count < 0)
		return EINVAL;
	length = count < BSD_IO_MAX ? count : BSD_IO_MAX;
	error = vfs_getdents(bsd_current_proc(), fd, data, length, &done);
	*dataCnt = done;
	return error;
}

kern_return_t
serve_bsd_chdir(mach_port_t self, const char *path)
{
	return vfs_chdir(bsd_current_proc(), path);
}

kern_return_t
serve_bsd_fchdir(mach_port_t self, int fd)
{
	return vfs_fchdir(bsd_current_proc(), fd);
}

kern_return_t
serve_bsd_chroot(mach_port_t self, const char *path)
{
	return vfs_chroot(bsd_current_proc(), path);
}

kern_return_t
serve_bsd_getcwd(mach_port_t self, bsd_names_t path, mach_msg_type_number_t *pathCnt)
{
	size_t length = 0;
	int error;

	error = vfs_getcwd(bsd_current_proc(), path, BSD_PATH_MAX, &length);
	*pathCnt = length;
	return error;
}

kern_return_t
serve_bsd_umask(mach_port_t self, int mask, int *old)
{
	*old = vfs_umask(bsd_current_proc(), mask);
	return 0;
}

/* ---- names ------------------------------------------------------------------------ */

kern_return_t
serve_bsd_mkdir(mach_port_t self, int dirfd, const char *path, int mode)
{
	return vfs_mkdir(bsd_current_proc(), dirfd, path, mode);
}

kern_return_t
serve_bsd_mknod(mach_port_t self, int dirfd, const char *path, int mode, uint64_t dev)
{
	return vfs_mknod(bsd_current_proc(), dirfd, path, mode, dev);
}

kern_return_t
serve_bsd_unlink(mach_port_t self, int dirfd, const char *path, int flags)
{
	return vfs_unlink(bsd_current_proc(), dirfd, path, flags);
}

kern_return_t
serve_bsd_rename(
    mach_port_t self, int fromfd, const char *from, int tofd, const char *to, int flags)
{
	return vfs_rename(bsd_current_proc(), fromfd, from, tofd, to, flags);
}

kern_return_t
serve_bsd_link(mach_port_t self, int fromfd, const char *from, int tofd, const char *to, int flags)
{
	return vfs_link(bsd_current_proc(), fromfd, from, tofd, to, flags);
}

kern_return_t
serve_bsd_symlink(mach_port_t self, const char *target, int dirfd, const char *path)
{
	return vfs_symlink(bsd_current_proc(), target, dirfd, path);
}

kern_return_t
serve_bsd_readlink(mach_port_t self, int dirfd, const char *path, bsd_names_t target,
    mach_msg_type_number_t *targetCnt)
{
	size_t length = 0;
	int error;

	error = vfs_readlink(bsd_current_proc(), dirfd, path, target, BSD_PATH_MAX, &length);
	*targetCnt = length;
	return error;
}

/* ---- file systems ------------------------------------------------------------------ */

kern_return_t
serve_bsd_map(mach_port_t self, int fd, int64_t offset, int64_t size, int write,
    mach_port_t *object, int *writable)
{
	bool may_write = false;
	int error;

	if (offset < 0 || size < 0)
		return EINVAL;
	error = file_map(bsd_current_proc(), fd, (uint64_t)offset, (uint64_t)size, write != 0,
	    object, &may_write);
	*writable = may_write;
	return error;
}

kern_return_t
serve_bsd_fsync(mach_port_t self, int fd)
{
	return file_fsync(bsd_current_proc(), fd);
}

kern_return_t
serve_bsd_sync(mach_port_t self)
{
	vfs_sync();
	return 0;
}

kern_return_t
serve_bsd_mount(
    mach_port_t self, const char *type, const char *source, const char *target, int flags)
{
	unsigned own = flags & MNT_RDONLY ? MOUNT_READ_ONLY : 0;

	if (flags & MNT_UPDATE)
		return vfs_remount(bsd_current_proc(), target, own);
	return vfs_mount(bsd_current_proc(), type, source, target, own);
}

kern_return_t
serve_bsd_unmount(mach_port_t self, const char *target, int flags)
{
	return vfs_unmount(bsd_current_proc(), target);
}
