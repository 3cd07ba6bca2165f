/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors, pipes, FIFOs, locks, polling.
 */
#include "file/fd_table.h"
#include "file/file.h"
#include "file/file_io.h"
#include "file/poll.h"
#include "pipe/pipe.h"
#include "services.h"
#include "vfs/vfs.h"

static int read_fd, write_fd;
static int sleep_step;

static void
t_pipe(unsigned flags)
{
	assert_ok(pipe_call(root_proc, flags, &read_fd, &write_fd));
	sleep_step = 0;
}

static int
t_write(int fd, const void *bytes, size_t length, size_t *donep)
{
	return file_write(root_proc, fd, bytes, length, -1, donep);
}

static int
t_read(int fd, void *bytes, size_t length, size_t *donep)
{
	return file_read(root_proc, fd, bytes, length, -1, donep);
}

/* ---- descriptors ------------------------------------------------------------------ */

static void
test_dup(void **state)
{
	int64_t value;
	int fd, other;

	t_write_file("f", "abc");
	fd = t_open("f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fd, 0);
	assert_ok(file_dup(root_proc, fd, -1, 0, &other));
	assert_int_equal(other, 1);
	assert_ok(file_dup(root_proc, fd, 10, 0, &other));
	assert_ok(file_dup(root_proc, fd, fd, 0, &other));
	assert_ok(file_fcntl(root_proc, fd, F_GETFD, 0, &value));
	assert_int_equal(value, FD_CLOEXEC);
	assert_ok(file_fcntl(root_proc, 10, F_GETFD, 0, &value));
	assert_int_equal(value, 0);
	assert_ok(file_fcntl(root_proc, fd, F_DUPFD, 10, &value));
	assert_int_equal(value, 11);
	assert_ok(file_fcntl(root_proc, fd, F_DUPFD_CLOEXEC, 255, &value));
	assert_int_equal(value, 255);
	assert_int_equal(file_fcntl(root_proc, fd, F_DUPFD, 1024, &value), EINVAL);
	assert_int_equal(file_fcntl(root_proc, 99, F_DUPFD, 0, &value), EBADF);
	assert_int_equal(file_fcntl(root_proc, fd, 77, 0, &value), EINVAL);
	assert_int_equal(file_dup(root_proc, fd, 1024, 0, &other), EBADF);
	assert_int_equal(file_dup(root_proc, -1, 3, 0, &other), EBADF);
	fd_table_close_on_exec(root_proc->files);
	assert_int_equal(file_close(root_proc, 0), EBADF);
	assert_int_equal(file_close(root_proc, 255), EBADF);
	assert_ok(file_close_range(root_proc, 2, 10, false));
	assert_int_equal(file_close(root_proc, 10), EBADF);
	assert_ok(file_close(root_proc, 11));
	assert_ok(file_close(root_proc, 1));
	assert_int_equal(file_close(root_proc, INT32_MIN), EBADF);
}

static void
test_limits(void **state)
{
	int fd, i, r, w;

	root_proc->limit_nofile = 5;
	t_write_file("f", "");
	for (i = 0; i < 5; i++)
		(void)t_open("f", O_RDONLY);
	assert_int_equal(vfs_open(root_proc, AT_FDCWD, "f", O_RDONLY, 0, &fd), EMFILE);
	assert_int_equal(pipe_call(root_proc, 0, &r, &w), EMFILE);
	t_close(4);
	assert_int_equal(pipe_call(root_proc, 0, &r, &w), EMFILE);
	t_close(2);
	assert_ok(pipe_call(root_proc, 0, &r, &w));
	assert_int_equal(r, 2);
	assert_int_equal(w, 4);
}

static void
test_fork_shares(void **state)
{
	struct fd_table *copy;
	struct file *file;
	int64_t position;
	int fd;

	t_write_file("f", "abcdef");
	fd = t_open("f", O_RDONLY);
	copy = fd_table_copy(root_proc->files);
	assert_ok(fd_table_get(copy, fd, &file));
	assert_ok(file_lseek(root_proc, fd, 4, SEEK_SET, &position));
	assert_int_equal(file->offset, 4);
	file_release(file);
	t_close(fd);
	assert_ok(fd_table_get(copy, fd, &file));
	file_release(file);
	fd_table_release(copy);
	assert_int_equal(file_count(), 0);
}

/* ---- pipes -------------------------------------------------------------------------- */

static char big[100000], out[100000];

static int
reader_drains(const void *channel)
{
	size_t done;

	assert_ok(t_read(read_fd, out, 3000, &done));
	return ++sleep_step < 4 ? 0 : ERESTART;
}

static void
test_pipe(void **state)
{
	size_t done;
	int32_t count;

	t_pipe(0);
	assert_ok(t_write(write_fd, "hello", 5, &done));
	assert_ok(file_ioctl(root_proc, read_fd, FIONREAD, &count, 4));
	assert_int_equal(count, 5);
	assert_ok(t_read(read_fd, out, 100, &done));
	assert_int_equal(done, 5);
	assert_int_equal(t_read(write_fd, out, 1, &done), EBADF);
	assert_int_equal(t_write(read_fd, out, 1, &done), EBADF);
	assert_int_equal(file_lseek(root_proc, read_fd, 0, SEEK_SET, &(int64_t) { 0 }), ESPIPE);
	assert_int_equal(file_read(root_proc, read_fd, out, 1, 0, &done), ESPIPE);
	/* never wait: the second piece of a read */
	assert_int_equal(file_read(root_proc, read_fd, out, 1, FILE_READ_NOWAIT, &done), EAGAIN);
	/* interrupted after a part: the count, not the error */
	on_sleep = reader_drains;
	assert_ok(t_write(write_fd, big, sizeof(big), &done));
	assert_int_equal(done, 65536 + 3 * 3000 + 0);
	t_close(write_fd);
	while (t_read(read_fd, out, sizeof(out), &done) == 0 && done > 0)
		;
	assert_int_equal(done, 0);
	t_close(read_fd);
}

static int
note_channel(const void *channel)
{
	slept_on = channel;
	return ERESTART;
}

/* A writer that waits for room is woken when half of it is there, not for each
 * piece that is read. */
static void
test_pipe_wakes_for_half(void **state)
{
	size_t done;
	int i;

	t_pipe(0);
	on_sleep = note_channel;
	assert_ok(t_write(write_fd, big, 65536, &done));
	assert_int_equal(t_write(write_fd, big, 4096, &done), ERESTART);
	wakeups = 0;
	for (i = 1; i < 8; i++)
		assert_ok(t_read(read_fd, out, 4096, &done));
	assert_int_equal(wakeups, 0);
	assert_ok(t_read(read_fd, out, 4096, &done));
	assert_int_equal(wakeups, 1);
	slept_on = NULL;
	t_close(write_fd);
	t_close(read_fd);

	/* A short ring: a whole piece has room when it is empty. */
	t_pipe(0);
	assert_ok(t_write(write_fd, big, 4096, &done));
	assert_ok(t_read(read_fd, out, 4096, &done));
	assert_ok(t_write(write_fd, big, 4096, &done));
	t_close(write_fd);
	t_close(read_fd);
}

static int
signal_comes(const void *channel)
{
	return ERESTART;
}

static void
test_pipe_edges(void **state)
{
	size_t done;

	t_pipe(O_NONBLOCK);
	assert_int_equal(t_read(read_fd, out, 1, &done), EAGAIN);
	assert_ok(t_write(write_fd, big, sizeof(big), &done));
	assert_int_equal(done, 65536);
	assert_int_equal(t_write(write_fd, "x", 1, &done), EAGAIN);
	assert_ok(t_read(read_fd, out, 4095, &done));
	/* up to 4096 bytes go in as a whole or not at all */
	assert_int_equal(t_write(write_fd, big, 4096, &done), EAGAIN);
	assert_ok(t_write(write_fd, big, 4095, &done));
	assert_ok(t_read(read_fd, out, 100, &done));
	assert_ok(t_write(write_fd, big, 5000, &done));
	assert_int_equal(done, 100);
	t_close(read_fd);
	assert_int_equal(t_write(write_fd, "x", 1, &done), EPIPE);
	assert_int_equal(signal_count, 1);
	assert_int_equal(signals[0] & 0xff, SIGPIPE);
	t_close(write_fd);

	t_pipe(0);
	on_sleep = signal_comes;
	assert_int_equal(t_read(read_fd, out, 1, &done), ERESTART);
	assert_ok(t_write(write_fd, big, 65536, &done));
	assert_int_equal(t_write(write_fd, big, 1, &done), ERESTART);
	t_close(write_fd);
	t_close(read_fd);
}

/* A process with very many full pipes: the later ones stay small. */
static void
test_pipe_memory(void **state)
{
	struct bsd_pollfd set;
	size_t done, before = alloc_bytes;
	unsigned ready;
	int i;

	for (i = 0; i < 200; i++) {
		t_pipe(O_NONBLOCK);
		assert_ok(t_write(write_fd, big, 65536, &done));
		assert_true(done == 65536 || done == 4096);
	}
	assert_int_equal(done, 4096);
	assert_true(alloc_bytes - before < 2 * PIPE_MEMORY_SOFT);
	set = (struct bsd_pollfd) { write_fd, POLLOUT, 0 };
	assert_ok(file_poll(root_proc, &set, 1, 1, &ready));
	assert_int_equal(ready, 0);
	assert_ok(t_read(read_fd, out, 4096, &done));
	assert_ok(file_poll(root_proc, &set, 1, 1, &ready));
	assert_int_equal(ready, 1);
	/* no memory for a large ring: a small one serves */
	t_pipe(O_NONBLOCK);
	for (i = 3; i < 200; i++)
		(void)file_close(root_proc, i);
	t_pipe(O_NONBLOCK);
	alloc_fail_at = 1;
	assert_ok(t_write(write_fd, big, 10000, &done));
	assert_int_equal(done, 4096);
}

/* Bytes come out as they went in, whatever the sizes. */
static void
test_pipe_order(void **state)
{
	static uint8_t bytes[5000];
	uint8_t next_in = 0, next_out = 0;
	uint32_t random = 7;
	size_t done, i, length;
	int round;

	t_pipe(O_NONBLOCK);
	for (round = 0; round < 5000; round++) {
		random = random * 1664525 + 1013904223;
		length = (random >> 8) % sizeof(bytes);
		if (random >> 31) {
			for (i = 0; i < length; i++)
				bytes[i] = next_in + i;
			(void)t_write(write_fd, bytes, length, &done);
			next_in += done;
		} else {
			(void)t_read(read_fd, bytes, length, &done);
			for (i = 0; i < done; i++)
				assert_int_equal(bytes[i], next_out++);
		}
	}
	t_close(read_fd);
	t_close(write_fd);
}

static int
other_end_opens(const void *channel)
{
	assert_ok(vfs_open(root_proc, AT_FDCWD, "fifo", O_RDONLY | O_NONBLOCK, 0, &read_fd));
	return 0;
}

static void
test_fifo(void **state)
{
	size_t done;
	int fd;

	assert_ok(vfs_mknod(root_proc, AT_FDCWD, "fifo", S_IFIFO | 0600, 0));
	assert_int_equal(
	    vfs_open(root_proc, AT_FDCWD, "fifo", O_WRONLY | O_NONBLOCK, 0, &fd), ENXIO);
	on_sleep = signal_comes;
	assert_int_equal(vfs_open(root_proc, AT_FDCWD, "fifo", O_WRONLY, 0, &fd), ERESTART);
	on_sleep = other_end_opens;
	write_fd = t_open("fifo", O_WRONLY);
	on_sleep = NULL;
	assert_ok(t_write(write_fd, "abc", 3, &done));
	assert_ok(t_read(read_fd, out, 10, &done));
	assert_int_equal(done, 3);
	t_close(write_fd);
	assert_ok(t_read(read_fd, out, 10, &done));
	assert_int_equal(done, 0);
	t_close(read_fd);
	fd = t_open("fifo", O_RDWR);
	assert_ok(t_write(fd, "abc", 3, &done));
	assert_ok(t_read(fd, out, 10, &done));
	t_close(fd);
}

/* ---- copying from a pipe ----------------------------------------------------------- */

static int second_read;

static int
feed_then_drain(const void *channel)
{
	size_t done;

	/* First the copy waits for input, then for room at the other side. */
	if (sleep_step++ == 0) {
		assert_ok(t_write(write_fd, big, 6000, &done));
		return 0;
	}
	assert_ok(t_read(second_read, out, 5000, &done));
	return 0;
}

static void
test_splice(void **state)
{
	int r, w, second_write, file;
	uint64_t copied;
	int32_t count;
	size_t done, i;

	for (i = 0; i < sizeof(big); i++)
		big[i] = i * 31;
	t_pipe(0);
	r = read_fd;
	w = write_fd;
	assert_ok(pipe_call(root_proc, 0, &second_read, &second_write));
	/* what has come goes over at once, no wait for the rest */
	assert_ok(t_write(w, big, 10000, &done));
	assert_ok(file_sendfile(root_proc, second_write, r, -1, 1 << 24, &copied));
	assert_int_equal(copied, 10000);
	assert_ok(t_read(second_read, out, sizeof(out), &done));
	assert_memory_equal(out, big, 10000);
	/* both sides waited for */
	assert_ok(t_write(second_write, big, 65536, &done));
	on_sleep = feed_then_drain;
	assert_ok(file_sendfile(root_proc, second_write, r, -1, 1 << 24, &copied));
	assert_int_equal(copied, 4096);
	assert_int_equal(sleep_step, 2);
	/* interrupted before anything moved: nothing is lost */
	assert_ok(t_write(second_write, big, 904, &done));
	on_sleep = signal_comes;
	assert_int_equal(file_sendfile(root_proc, second_write, r, -1, 100, &copied), ERESTART);
	assert_ok(file_ioctl(root_proc, r, FIONREAD, &count, 4));
	assert_int_equal(count, 6000 - 4096);
	on_sleep = NULL;
	/* into a file, and the end */
	file = t_open("f", O_RDWR | O_CREAT);
	assert_ok(file_sendfile(root_proc, file, r, -1, 1 << 24, &copied));
	assert_int_equal(copied, 6000 - 4096);
	t_close(w);
	assert_ok(file_sendfile(root_proc, file, r, -1, 10, &copied));
	assert_int_equal(copied, 0);
	/* nobody reads any more */
	t_pipe(0);
	assert_ok(t_write(write_fd, big, 10, &done));
	t_close(second_read);
	assert_int_equal(file_sendfile(root_proc, second_write, read_fd, -1, 10, &copied), EPIPE);
	assert_int_equal(signals[0] & 0xff, SIGPIPE);
	assert_int_equal(file_sendfile(root_proc, second_write, read_fd, 0, 10, &copied), ESPIPE);
	assert_int_equal(file_sendfile(root_proc, read_fd, file, 0, 10, &copied), EBADF);
}

/* ---- poll --------------------------------------------------------------------------- */

static int
writer_writes(const void *channel)
{
	size_t done;

	if (sleep_step++ == 0)
		return 0; /* woken for no reason */
	assert_ok(t_write(write_fd, "x", 1, &done));
	return 0;
}

static void
test_poll(void **state)
{
	struct bsd_pollfd set[3];
	unsigned ready;
	size_t done;

	t_pipe(0);
	t_write_file("f", "");
	set[0] = (struct bsd_pollfd) { read_fd, POLLIN, 0 };
	set[1] = (struct bsd_pollfd) { write_fd, POLLIN, 0 };
	set[2] = (struct bsd_pollfd) { -1, POLLIN, 0 };
	assert_ok(file_poll(root_proc, set, 3, 1, &ready));
	assert_int_equal(ready, 0);
	assert_ok(file_poll(root_proc, set, 3, test_uptime + 1000, &ready));
	assert_int_equal(ready, 0);
	on_sleep = writer_writes;
	assert_ok(file_poll(root_proc, set, 3, 0, &ready));
	assert_int_equal(ready, 1);
	assert_int_equal(set[0].revents, POLLIN);
	assert_int_equal(sleep_step, 2);
	assert_ok(t_read(read_fd, out, 10, &done));
	on_sleep = signal_comes;
	assert_int_equal(file_poll(root_proc, set, 3, 0, &ready), EINTR);
	set[2].fd = 77;
	assert_ok(file_poll(root_proc, set, 3, 0, &ready));
	assert_int_equal(set[2].revents, POLLNVAL);
	t_close(write_fd);
	set[2].fd = -1;
	set[1].fd = t_open("f", O_RDONLY);
	assert_ok(file_poll(root_proc, set, 3, 0, &ready));
	assert_int_equal(ready, 2);
	assert_int_equal(set[0].revents, POLLHUP);
	assert_int_equal(set[1].revents, POLLIN);
	t_close(read_fd);
	t_pipe(0);
	t_close(read_fd);
	set[0] = (struct bsd_pollfd) { write_fd, 0, 0 };
	assert_ok(file_poll(root_proc, set, 1, 0, &ready));
	assert_int_equal(set[0].revents, POLLERR);
}

/* ---- locks --------------------------------------------------------------------------- */

static struct proc *locker;

static int
lock_as(struct proc *proc, int command, int type, int64_t start, int64_t length)
{
	struct bsd_flock lock = {
		.l_start = start, .l_len = length, .l_type = type, .l_whence = SEEK_SET
	};

	return file_lock(proc, 0, command, &lock);
}

static struct bsd_flock
lock_test(struct proc *proc, int type, int64_t start, int64_t length)
{
	struct bsd_flock lock = {
		.l_start = start, .l_len = length, .l_type = type, .l_whence = SEEK_SET
	};

	assert_ok(file_lock(proc, 0, F_GETLK, &lock));
	return lock;
}

static void
locks_begin(void)
{
	int fd;

	t_write_file("f", "0123456789");
	locker = test_proc_create(9, 0);
	assert_int_equal(t_open("f", O_RDWR), 0);
	assert_ok(vfs_open(locker, AT_FDCWD, "f", O_RDWR, 0, &fd));
	assert_int_equal(fd, 0);
}

static void
test_record_locks(void **state)
{
	struct bsd_flock lock;
	int fd;

	locks_begin();
	assert_ok(lock_as(root_proc, F_SETLK, F_WRLCK, 10, 10));
	assert_int_equal(lock_as(locker, F_SETLK, F_RDLCK, 19, 5), EAGAIN);
	assert_int_equal(lock_as(locker, F_SETLK, F_WRLCK, 0, 0), EAGAIN);
	assert_ok(lock_as(locker, F_SETLK, F_WRLCK, 20, 0));
	assert_int_equal(lock_test(locker, F_RDLCK, 0, 100).l_start, 10);
	assert_int_equal(lock_test(locker, F_RDLCK, 0, 100).l_pid, 1);
	lock = lock_test(root_proc, F_WRLCK, 30, 1);
	assert_int_equal(lock.l_type, F_WRLCK);
	assert_int_equal(lock.l_len, 0);
	assert_int_equal(lock_test(root_proc, F_WRLCK, 0, 10).l_type, F_UNLCK);
	/* a hole in the middle, then the two parts */
	assert_ok(lock_as(root_proc, F_SETLK, F_UNLCK, 14, 2));
	assert_ok(lock_as(locker, F_SETLK, F_WRLCK, 14, 2));
	lock = lock_test(locker, F_WRLCK, 0, 30);
	assert_int_equal(lock.l_start, 10);
	assert_int_equal(lock.l_len, 4);
	lock = lock_test(locker, F_WRLCK, 15, 30);
	assert_int_equal(lock.l_start, 16);
	assert_int_equal(lock.l_len, 4);
	assert_ok(lock_as(locker, F_SETLK, F_UNLCK, 14, 2));
	/* filled again they are one */
	assert_ok(lock_as(root_proc, F_SETLK, F_WRLCK, 14, 2));
	lock = lock_test(locker, F_WRLCK, 0, 100);
	assert_int_equal(lock.l_len, 10);
	/* to shared in part */
	assert_ok(lock_as(root_proc, F_SETLK, F_RDLCK, 10, 3));
	assert_ok(lock_as(locker, F_SETLK, F_RDLCK, 10, 3));
	assert_int_equal(lock_as(locker, F_SETLK, F_RDLCK, 10, 4), EAGAIN);
	assert_int_equal(lock_as(root_proc, F_SETLK, F_WRLCK, 10, 3), EAGAIN);
	/* closing any descriptor of the file gives all of them up */
	fd = t_open("f", O_RDONLY);
	t_close(fd);
	assert_ok(lock_as(locker, F_SETLK, F_WRLCK, 0, 0));
	/* bad requests */
	assert_int_equal(lock_as(root_proc, F_SETLK, 9, 0, 0), EINVAL);
	assert_int_equal(lock_as(root_proc, F_SETLK, F_RDLCK, -1, 0), EINVAL);
	assert_int_equal(lock_as(root_proc, F_SETLK, F_RDLCK, INT64_MAX, 2), EOVERFLOW);
	assert_int_equal(lock_as(root_proc, F_SETLK, F_RDLCK, 5, -6), EINVAL);
	assert_ok(lock_as(root_proc, F_SETLK, F_UNLCK, 5, -5));
	test_proc_destroy(locker);
}

static int
locker_unlocks(const void *channel)
{
	assert_ok(lock_as(locker, F_SETLK, F_UNLCK, 0, 0));
	return 0;
}

/* While root waits for the locker, the locker wants what root has. */
static int
locker_would_wait(const void *channel)
{
	assert_int_equal(lock_as(locker, F_SETLKW, F_WRLCK, 0, 1), EDEADLK);
	return ERESTART;
}

static void
test_lock_waiting(void **state)
{
	locks_begin();
	assert_ok(lock_as(locker, F_SETLK, F_WRLCK, 0, 0));
	on_sleep = locker_unlocks;
	assert_ok(lock_as(root_proc, F_SETLKW, F_WRLCK, 0, 1));
	assert_ok(lock_as(locker, F_SETLK, F_WRLCK, 1, 1));
	on_sleep = locker_would_wait;
	assert_int_equal(lock_as(root_proc, F_SETLKW, F_WRLCK, 1, 1), ERESTART);
	test_proc_destroy(locker);
}

static void
test_flock(void **state)
{
	int other;

	locks_begin();
	assert_ok(file_flock(root_proc, 0, LOCK_SH));
	assert_ok(file_flock(locker, 0, LOCK_SH | LOCK_NB));
	assert_int_equal(file_flock(root_proc, 0, LOCK_EX | LOCK_NB), EAGAIN);
	assert_ok(file_flock(locker, 0, LOCK_UN));
	assert_ok(file_flock(root_proc, 0, LOCK_EX | LOCK_NB));
	assert_int_equal(file_flock(locker, 0, LOCK_SH | LOCK_NB), EAGAIN);
	/* a duplicate is the same open file: the lock goes with the last */
	assert_ok(file_dup(root_proc, 0, -1, 0, &other));
	t_close(0);
	assert_int_equal(file_flock(locker, 0, LOCK_SH | LOCK_NB), EAGAIN);
	t_close(other);
	assert_ok(file_flock(locker, 0, LOCK_EX | LOCK_NB));
	assert_int_equal(file_flock(locker, 0, 77), EINVAL);
	test_proc_destroy(locker);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)
	const struct CMUnitTest tests[] = {
		T(test_dup),
		T(test_limits),
		T(test_fork_shares),
		T(test_pipe),
		T(test_pipe_wakes_for_half),
		T(test_pipe_edges),
		T(test_pipe_memory),
		T(test_pipe_order),
		T(test_fifo),
		T(test_splice),
		T(test_poll),
		T(test_record_locks),
		T(test_lock_waiting),
		T(test_flock),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
