/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls on descriptors: reading, writing, positions, duplication, locks.
 * Data go through a buffer on the emulator's stack, BSD_IO_MAX at a time.
 */
#include "bsd_file_user.h"
#include "calls.h"
#include "emul.h"

/* ---- reading ---------------------------------------------------------------------- */

#define POSITION        (-1) /* bsd_read: at the file's position */
#define POSITION_NOWAIT (-2) /* the same, but EAGAIN rather than wait */

static int64_t
read_position(int64_t offset, uint64_t done)
{
	if (offset < 0)
		return done == 0 ? POSITION : POSITION_NOWAIT;
	return offset + (int64_t)done;
}

/*
 * Read into the program's memory; offset -1: at the file's position. Only the
 * first piece may wait: what has come is answered.
 */
static int64_t
read_into(int fd, uint64_t address, uint64_t count, int64_t offset)
{
	char buffer[BSD_IO_MAX];
	uint64_t done = 0;

	if (count > INT64_MAX)
		return -LINUX_EINVAL;
	do {
		uint64_t want = count - done < BSD_IO_MAX ? count - done : BSD_IO_MAX;
		mach_msg_type_number_t got = BSD_IO_MAX;
		int64_t r = emul_result(bsd_read(
		    emul_process(), fd, (int)want, read_position(offset, done), buffer, &got));

		if (r != 0)
			return done > 0 ? (int64_t)done : r;
		if (emul_copyout(address + done, buffer, got) != 0)
			return done > 0 ? (int64_t)done : -LINUX_EFAULT;
		done += got;
		if (got < want)
			break; /* end, or a source that gives what it has */
	} while (done < count && emul_self()->signal_pending == 0);
	return (int64_t)done;
}

int64_t
sys_read(struct emul_frame *f)
{
	return read_into((int)ARG1(f), ARG2(f), ARG3(f), -1);
}

int64_t
sys_pread64(struct emul_frame *f)
{
	if ((int64_t)ARG4(f) < 0)
		return -LINUX_EINVAL;
	return read_into((int)ARG1(f), ARG2(f), ARG3(f), (int64_t)ARG4(f));
}

int64_t
emul_pread_into(int fd, uint64_t address, uint64_t count, uint64_t offset)
{
	if ((int64_t)offset < 0)
		return -LINUX_EINVAL;
	return read_into(fd, address, count, (int64_t)offset);
}

/* ---- writing ---------------------------------------------------------------------- */

static int64_t
write_from(int fd, uint64_t address, uint64_t count, int64_t offset)
{
	char buffer[BSD_IO_MAX];
	uint64_t done = 0;

	if (count > INT64_MAX)
		return -LINUX_EINVAL;
	do {
		uint64_t size = count - done < BSD_IO_MAX ? count - done : BSD_IO_MAX;
		int written;
		int64_t r;

		if (emul_copyin(buffer, address + done, size) != 0)
			return done > 0 ? (int64_t)done : -LINUX_EFAULT;
		r = emul_result(
		    bsd_write(emul_process(), fd, offset < 0 ? -1 : offset + (int64_t)done,
			done + size < count, buffer, (unsigned)size, &written));
		if (r != 0)
			return done > 0 ? (int64_t)done : r;
		done += (uint64_t)written;
		if ((uint64_t)written < size)
			break;
	} while (done < count && emul_self()->signal_pending == 0);
	return (int64_t)done;
}

int64_t
sys_write(struct emul_frame *f)
{
	return write_from((int)ARG1(f), ARG2(f), ARG3(f), -1);
}

int64_t
sys_pwrite64(struct emul_frame *f)
{
	if ((int64_t)ARG4(f) < 0)
		return -LINUX_EINVAL;
	return write_from((int)ARG1(f), ARG2(f), ARG3(f), (int64_t)ARG4(f));
}

/* ---- vectors -------------------------------------------------------------------------- */

typedef int64_t transfer_function(int fd, uint64_t address, uint64_t count, int64_t offset);

static int64_t
transfer_vector(struct emul_frame *f, transfer_function *transfer, int64_t offset)
{
	uint64_t count = ARG3(f);
	int64_t done = 0;

	if (count > LINUX_IOV_MAX)
		return -LINUX_EINVAL;
	for (uint64_t i = 0; i < count; i++) {
		struct linux_iovec v;
		int64_t r;

		if (emul_copyin(&v, ARG2(f) + i * sizeof(v), sizeof(v)) != 0)
			return done > 0 ? done : -LINUX_EFAULT;
		if (v.length == 0)
			continue;
		r = transfer((int)ARG1(f), v.base, v.length, offset < 0 ? -1 : offset + done);
		if (r < 0)
			return done > 0 ? done : r;
		done += r;
		if ((uint64_t)r < v.length)
			break;
	}
	return done;
}

int64_t
sys_readv(struct emul_frame *f)
{
	return transfer_vector(f, read_into, -1);
}

#define GATHER_MAX BSD_IO_MAX

/* Small vectors go as one request: lines stay whole, and it is the usual case. */
static int64_t
write_gathered(struct emul_frame *f, bool *gathered)
{
	char buffer[GATHER_MAX];
	struct linux_iovec v;
	uint64_t used = 0;
	int written;
	int64_t r;

	*gathered = false;
	if (ARG3(f) > LINUX_IOV_MAX)
		return -LINUX_EINVAL;
	for (uint64_t i = 0; i < ARG3(f); i++) {
		if (emul_copyin(&v, ARG2(f) + i * sizeof(v), sizeof(v)) != 0)
			return -LINUX_EFAULT;
		if (v.length > GATHER_MAX - used)
			return 0;
		if (emul_copyin(buffer + used, v.base, v.length) != 0)
			return -LINUX_EFAULT;
		used += v.length;
	}
	*gathered = true;
	r = emul_result(
	    bsd_write(emul_process(), (int)ARG1(f), -1, 0, buffer, (unsigned)used, &written));
	return r != 0 ? r : written;
}

int64_t
sys_writev(struct emul_frame *f)
{
	bool gathered;
	int64_t r = write_gathered(f, &gathered);

	if (r != 0 || gathered)
		return r;
	return transfer_vector(f, write_from, -1);
}

int64_t
sys_preadv(struct emul_frame *f)
{
	if ((int64_t)ARG4(f) < 0)
		return -LINUX_EINVAL;
	return transfer_vector(f, read_into, (int64_t)ARG4(f));
}

int64_t
sys_pwritev(struct emul_frame *f)
{
	if ((int64_t)ARG4(f) < 0)
		return -LINUX_EINVAL;
	return transfer_vector(f, write_from, (int64_t)ARG4(f));
}

int64_t
sys_sendfile(struct emul_frame *f)
{
	int64_t offset = -1;
	int64_t done;
	int64_t r;

	if (ARG3(f) != 0) {
		if (emul_copyin(&offset, ARG3(f), sizeof(offset)) != 0)
			return -LINUX_EFAULT;
		if (offset < 0)
			return -LINUX_EINVAL;
	}
	r = emul_result(bsd_sendfile(
	    emul_process(), (int)ARG1(f), (int)ARG2(f), offset, (int64_t)ARG4(f), &done));
	if (r != 0)
		return r;
	offset += done;
	if (ARG3(f) != 0 && emul_copyout(ARG3(f), &offset, sizeof(offset)) != 0)
		return -LINUX_EFAULT;
	return done;
}

/* ---- descriptors ------------------------------------------------------------------------- */

int64_t
sys_close(struct emul_frame *f)
{
	return emul_result(bsd_close(emul_process(), (int)ARG1(f)));
}

int64_t
sys_close_range(struct emul_frame *f)
{
	if (ARG1(f) > ARG2(f) || (ARG3(f) & ~6UL) != 0)
		return -LINUX_EINVAL;
	return emul_result(
	    bsd_close_range(emul_process(), ARG1(f) > INT32_MAX ? INT32_MAX : (int)ARG1(f),
		ARG2(f) > INT32_MAX ? INT32_MAX : (int)ARG2(f), (ARG3(f) & 4) != 0));
}

int64_t
sys_lseek(struct emul_frame *f)
{
	int64_t position;
	int64_t r;

	if (ARG3(f) > SEEK_END)
		return -LINUX_EINVAL;
	r = emul_result(
	    bsd_lseek(emul_process(), (int)ARG1(f), (int64_t)ARG2(f), (int)ARG3(f), &position));
	return r != 0 ? r : position;
}

static int64_t
dup_to(uint64_t fd, int to, int flags)
{
	int result;
	int64_t r = emul_result(bsd_dup(emul_process(), (int)fd, to, flags, &result));

	return r != 0 ? r : result;
}

int64_t
sys_dup(struct emul_frame *f)
{
	return dup_to(ARG1(f), -1, 0);
}

int64_t
sys_dup2(struct emul_frame *f)
{
	if ((int)ARG2(f) < 0)
		return -LINUX_EBADF;
	return dup_to(ARG1(f), (int)ARG2(f), 0);
}

int64_t
sys_dup3(struct emul_frame *f)
{
	if (ARG1(f) == ARG2(f) || (ARG3(f) & ~(uint64_t)LINUX_O_CLOEXEC) != 0)
		return -LINUX_EINVAL;
	if ((int)ARG2(f) < 0)
		return -LINUX_EBADF;
	return dup_to(ARG1(f), (int)ARG2(f), ARG3(f) != 0 ? O_CLOEXEC : 0);
}

static int64_t
make_pipe(uint64_t at, uint64_t flags)
{
	int fds[2];
	int64_t r;

	if ((flags & ~(uint64_t)(LINUX_O_CLOEXEC | LINUX_O_NONBLOCK)) != 0)
		return -LINUX_EINVAL;
	r = emul_result(bsd_pipe(emul_process(), emul_open_flags(flags), &fds[0], &fds[1]));
	if (r != 0)
		return r;
	if (emul_copyout(at, fds, sizeof(fds)) != 0) {
		bsd_close(emul_process(), fds[0]);
		bsd_close(emul_process(), fds[1]);
		return -LINUX_EFAULT;
	}
	return 0;
}

int64_t
sys_pipe(struct emul_frame *f)
{
	return make_pipe(ARG1(f), 0);
}

int64_t
sys_pipe2(struct emul_frame *f)
{
	return make_pipe(ARG1(f), ARG2(f));
}

/* ---- fcntl ------------------------------------------------------------------------------------ */

static const int16_t lock_type_from_linux[] = { F_RDLCK, F_WRLCK, F_UNLCK };

static int16_t
lock_type_to_linux(int16_t type)
{
	return type == F_RDLCK ? LINUX_F_RDLCK : type == F_WRLCK ? LINUX_F_WRLCK : LINUX_F_UNLCK;
}

static int64_t
do_lock(struct emul_frame *f, int command)
{
	struct linux_flock l;
	struct bsd_flock lock;
	struct bsd_flock found;
	int64_t r;

	if (emul_copyin(&l, ARG3(f), sizeof(l)) != 0)
		return -LINUX_EFAULT;
	if (l.l_type < 0 || l.l_type > LINUX_F_UNLCK)
		return -LINUX_EINVAL;
	lock = (struct bsd_flock) {
		.l_start = l.l_start,
		.l_len = l.l_len,
		.l_pid = l.l_pid,
		.l_type = lock_type_from_linux[l.l_type],
		.l_whence = l.l_whence,
	};
	r = emul_result(bsd_lock(emul_process(), (int)ARG1(f), command, lock, &found));
	if (r != 0 || command != F_GETLK)
		return r;
	l.l_type = lock_type_to_linux(found.l_type);
	if (found.l_type != F_UNLCK) {
		l.l_whence = found.l_whence;
		l.l_start = found.l_start;
		l.l_len = found.l_len;
		l.l_pid = found.l_pid;
	}
	return emul_copyout(ARG3(f), &l, sizeof(l));
}

static int64_t
do_fcntl(struct emul_frame *f, int command, int64_t argument)
{
	int64_t result;
	int64_t r =
	    emul_result(bsd_fcntl(emul_process(), (int)ARG1(f), command, argument, &result));

	return r != 0 ? r : result;
}

int64_t
sys_fcntl(struct emul_frame *f)
{
	int64_t r;

	switch (ARG2(f)) {
	case LINUX_F_DUPFD:
		return do_fcntl(f, F_DUPFD, (int)ARG3(f));
	case LINUX_F_DUPFD_CLOEXEC:
		return do_fcntl(f, F_DUPFD_CLOEXEC, (int)ARG3(f));
	case LINUX_F_GETFD:
		return do_fcntl(f, F_GETFD, 0);
	case LINUX_F_SETFD:
		return do_fcntl(f, F_SETFD, (int)ARG3(f) & FD_CLOEXEC);
	case LINUX_F_GETFL:
		r = do_fcntl(f, F_GETFL, 0);
		return r < 0 ? r : emul_open_flags_to_linux((int)r);
	case LINUX_F_SETFL:
		return do_fcntl(f, F_SETFL, emul_open_flags(ARG3(f)));
	case LINUX_F_GETLK:
		return do_lock(f, F_GETLK);
	case LINUX_F_SETLK:
		return do_lock(f, F_SETLK);
	case LINUX_F_SETLKW:
		return do_lock(f, F_SETLKW);
	case LINUX_F_SETOWN:
		return do_fcntl(f, F_SETOWN, (int)ARG3(f));
	case LINUX_F_GETOWN:
		return do_fcntl(f, F_GETOWN, 0);
	case LINUX_F_SETPIPE_SZ:
		return do_fcntl(f, F_SETPIPE_SZ, (int)ARG3(f));
	case LINUX_F_GETPIPE_SZ:
		return do_fcntl(f, F_GETPIPE_SZ, 0);
	default:
		return -LINUX_EINVAL;
	}
}

int64_t
sys_flock(struct emul_frame *f)
{
	/* the operations have the same numbers on both sides */
	return emul_result(bsd_flock(emul_process(), (int)ARG1(f), (int)ARG2(f)));
}

int64_t
sys_ftruncate(struct emul_frame *f)
{
	if ((int64_t)ARG2(f) < 0)
		return -LINUX_EINVAL;
	return emul_result(bsd_ftruncate(emul_process(), (int)ARG1(f), (int64_t)ARG2(f)));
}

int64_t
sys_fallocate(struct emul_frame *f)
{
	struct bsd_stat st;
	int64_t end = (int64_t)(ARG3(f) + ARG4(f));
	int64_t r;

	if (ARG2(f) != 0)
		return -LINUX_EOPNOTSUPP;
	if ((int64_t)ARG3(f) < 0 || (int64_t)ARG4(f) <= 0 || end < 0)
		return -LINUX_EINVAL;
	r = emul_result(bsd_fstat(emul_process(), (int)ARG1(f), &st));
	if (r != 0 || st.st_size >= end)
		return r;
	return emul_result(bsd_ftruncate(emul_process(), (int)ARG1(f), end));
}

int64_t
sys_fsync(struct emul_frame *f)
{
	return emul_result(bsd_fsync(emul_process(), (int)ARG1(f)));
}

int64_t
sys_fdatasync(struct emul_frame *f)
{
	return sys_fsync(f);
}

int64_t
sys_sync(struct emul_frame *f)
{
	return emul_result(bsd_sync(emul_process()));
}
