/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Local sockets.
 */
#include "file/file.h"
#include "file/file_io.h"
#include "file/poll.h"
#include "services.h"
#include "socket/unix.h"
#include "vfs/vfs.h"

static int a, b;
static const struct bsd_sockaddr nobody;
static char buffer[200000];

static struct bsd_sockaddr
at_path(const char *path)
{
	struct bsd_sockaddr name = { .sa_family = AF_LOCAL };

	strcpy(name.sa_data, path);
	name.sa_len = 2 + strlen(path);
	return name;
}

static void
pair(int type, unsigned flags)
{
	assert_ok(socket_pair(root_proc, AF_LOCAL, type, 0, flags, &a, &b));
}

static int
t_send(int fd, const void *bytes, size_t length, size_t *donep)
{
	return socket_send(root_proc, fd, 0, &nobody, bytes, length, donep);
}

static int
t_receive(int fd, unsigned flags, size_t length, size_t *donep)
{
	struct bsd_sockaddr from;
	unsigned outflags;

	return socket_receive(root_proc, fd, flags, buffer, length, &from, donep, &outflags);
}

static void
test_stream_pair(void **state)
{
	static char text[100000];
	int32_t count;
	size_t done, got = 0;
	unsigned i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = i * 7;
	pair(SOCK_STREAM, O_NONBLOCK);
	assert_int_equal(t_receive(a, 0, 1, &done), EAGAIN);
	assert_ok(t_send(a, "ab", 2, &done));
	assert_ok(file_write(root_proc, a, "cd", 2, -1, &done));
	assert_ok(file_ioctl(root_proc, b, FIONREAD, &count, 4));
	assert_int_equal(count, 4);
	assert_ok(t_receive(b, MSG_PEEK, 3, &done));
	assert_memory_equal(buffer, "abc", 3);
	assert_ok(file_read(root_proc, b, buffer, 10, -1, &done));
	assert_int_equal(done, 4);
	/* more than fits: a part, then nothing, then the rest in order */
	assert_ok(t_send(a, text, sizeof(text), &done));
	assert_int_equal(done, UNIX_BUFFER);
	assert_int_equal(t_send(a, text, 1, &done), EAGAIN);
	while (got < UNIX_BUFFER) {
		assert_ok(t_receive(b, 0, 777, &done));
		assert_memory_equal(buffer, text + got, done);
		got += done;
	}
	/* half closed: the end is seen, the other way still works */
	assert_ok(socket_shutdown(root_proc, a, SHUT_WR));
	assert_ok(t_receive(b, 0, 1, &done));
	assert_int_equal(done, 0);
	assert_int_equal(t_send(a, "x", 1, &done), EPIPE);
	assert_int_equal(signals[0] & 0xff, SIGPIPE);
	assert_ok(t_send(b, "x", 1, &done));
	/* closed with bytes unread: the peer is told */
	t_close(a);
	assert_int_equal(t_receive(b, 0, 1, &done), ECONNRESET);
	assert_ok(t_receive(b, 0, 1, &done));
	assert_int_equal(done, 0);
	assert_int_equal(t_send(b, "x", 1, &done), EPIPE);
	t_close(b);
}

static void
test_packets(void **state)
{
	size_t done;
	struct bsd_sockaddr from;
	unsigned outflags;

	pair(SOCK_SEQPACKET, O_NONBLOCK);
	assert_ok(t_send(a, "first", 5, &done));
	assert_ok(t_send(a, "second", 6, &done));
	assert_ok(socket_receive(root_proc, b, 0, buffer, 3, &from, &done, &outflags));
	assert_int_equal(done, 3);
	assert_int_equal(outflags, MSG_TRUNC);
	assert_ok(socket_receive(root_proc, b, MSG_TRUNC, buffer, 3, &from, &done, &outflags));
	assert_int_equal(done, 6);
	assert_int_equal(t_receive(b, 0, 3, &done), EAGAIN);
	assert_int_equal(t_send(a, buffer, UNIX_BUFFER + 1, &done), EMSGSIZE);
	t_close(a);
	t_close(b);
}

static int server;

static int
somebody_connects(const void *channel)
{
	struct bsd_sockaddr name = at_path("/sock");
	size_t done;

	assert_ok(socket_create(root_proc, AF_LOCAL, SOCK_STREAM, 0, 0, &a));
	assert_ok(socket_connect(root_proc, a, &name));
	assert_ok(t_send(a, "hello", 5, &done));
	return 0;
}

static void
test_listen(void **state)
{
	struct bsd_sockaddr name = at_path("/sock"), other;
	struct bsd_pollfd poll;
	struct bsd_peercred cred;
	struct bsd_stat st;
	unsigned ready;
	size_t done;
	int i, fds[3];

	assert_int_equal(
	    socket_create(root_proc, AF_INET, SOCK_STREAM, 0, 0, &server), EAFNOSUPPORT);
	assert_int_equal(socket_create(root_proc, AF_LOCAL, 77, 0, 0, &server), ESOCKTNOSUPPORT);
	assert_ok(socket_create(root_proc, AF_LOCAL, SOCK_STREAM, 0, 0, &server));
	assert_int_equal(socket_listen(root_proc, server, 1), EINVAL);
	assert_int_equal(t_send(server, "x", 1, &done), ENOTCONN);
	assert_int_equal(t_receive(server, 0, 1, &done), ENOTCONN);
	assert_ok(socket_bind(root_proc, server, &name));
	assert_int_equal(socket_bind(root_proc, server, &name), EINVAL);
	assert_ok(vfs_stat(root_proc, AT_FDCWD, "/sock", 0, &st));
	assert_int_equal(st.st_mode & S_IFMT, S_IFSOCK);
	assert_int_equal(vfs_open(root_proc, AT_FDCWD, "/sock", O_RDWR, 0, &a), ENXIO);
	assert_ok(socket_create(root_proc, AF_LOCAL, SOCK_STREAM, 0, O_NONBLOCK, &b));
	assert_int_equal(socket_bind(root_proc, b, &name), EADDRINUSE);
	assert_int_equal(socket_connect(root_proc, b, &name), ECONNREFUSED);
	other = at_path("/none");
	assert_int_equal(socket_connect(root_proc, b, &other), ENOENT);
	assert_ok(socket_listen(root_proc, server, 2));
	t_close(b);
	on_sleep = somebody_connects;
	assert_ok(socket_accept(root_proc, server, 0, &other, &b));
	assert_ok(t_receive(b, 0, 10, &done));
	assert_memory_equal(buffer, "hello", 5);
	assert_ok(socket_getname(root_proc, a, true, &other));
	assert_string_equal(other.sa_data, "/sock");
	assert_ok(socket_getoption(root_proc, b, SOL_SOCKET, SO_PEERCRED, &cred, &done));
	assert_int_equal(cred.pid, 1);
	assert_int_equal(socket_connect(root_proc, a, &name), EISCONN);
	t_close(a);
	t_close(b);
	/* the backlog is two; a third has to wait */
	for (i = 0; i < 3; i++) {
		assert_ok(socket_create(root_proc, AF_LOCAL, SOCK_STREAM, 0, O_NONBLOCK, &fds[i]));
		assert_int_equal(socket_connect(root_proc, fds[i], &name), i < 2 ? 0 : EAGAIN);
	}
	poll = (struct bsd_pollfd) { server, POLLIN, 0 };
	assert_ok(file_poll(root_proc, &poll, 1, 1, &ready));
	assert_int_equal(ready, 1);
	/* closing the listener ends those in the queue */
	t_close(server);
	assert_ok(t_receive(fds[0], 0, 1, &done));
	assert_int_equal(done, 0);
	assert_int_equal(socket_connect(root_proc, fds[2], &name), ECONNREFUSED);
	for (i = 0; i < 3; i++)
		t_close(fds[i]);
}

static void
test_datagrams(void **state)
{
	struct bsd_sockaddr name = at_path("/log"), from;
	unsigned outflags;
	size_t done;

	assert_ok(socket_create(root_proc, AF_LOCAL, SOCK_DGRAM, 0, 0, &a));
	assert_ok(socket_create(root_proc, AF_LOCAL, SOCK_DGRAM, 0, O_NONBLOCK, &b));
	assert_ok(socket_bind(root_proc, a, &name));
	assert_int_equal(t_send(b, "x", 1, &done), EDESTADDRREQ);
	assert_ok(socket_send(root_proc, b, 0, &name, "one", 3, &done));
	assert_ok(socket_connect(root_proc, b, &name));
	assert_ok(t_send(b, "", 0, &done));
	assert_ok(t_receive(a, 0, 10, &done));
	assert_int_equal(done, 3);
	assert_ok(socket_receive(root_proc, a, 0, buffer, 10, &from, &done, &outflags));
	assert_int_equal(done, 0);
	t_close(a);
	assert_int_equal(t_send(b, "x", 1, &done), ECONNREFUSED);
	t_close(b);
}

static void
test_not_sockets(void **state)
{
	int fd = t_open("f", O_RDWR | O_CREAT);
	size_t done;

	assert_int_equal(t_send(fd, "x", 1, &done), ENOTSOCK);
	assert_int_equal(socket_listen(root_proc, 99, 1), EBADF);
	t_close(fd);
}

/* Every allocation of a conversation fails once. */
static int
conversation(void)
{
	struct bsd_sockaddr name = at_path("/s"), from;
	size_t done;
	int error, c;

	if ((error = socket_create(root_proc, AF_LOCAL, SOCK_STREAM, 0, 0, &a)) != 0 ||
	    (error = socket_bind(root_proc, a, &name)) != 0 ||
	    (error = socket_listen(root_proc, a, 5)) != 0 ||
	    (error = socket_create(root_proc, AF_LOCAL, SOCK_STREAM, 0, 0, &b)) != 0 ||
	    (error = socket_connect(root_proc, b, &name)) != 0 ||
	    (error = socket_accept(root_proc, a, 0, &from, &c)) != 0)
		return error;
	return t_send(c, "text", 4, &done);
}

static void
test_no_memory(void **state)
{
	unsigned k;
	int error;

	for (k = 1;; k++) {
		alloc_fail_at = k;
		error = conversation();
		if (alloc_fail_at > 0)
			break;
		test_teardown(NULL);
		test_setup(NULL);
	}
	alloc_fail_at = 0;
	assert_ok(error);
	assert_true(k > 8);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)
	const struct CMUnitTest tests[] = {
		T(test_stream_pair),
		T(test_packets),
		T(test_listen),
		T(test_datagrams),
		T(test_not_sockets),
		T(test_no_memory),
	};

	return cmocka_run_group_tests_name("socket", tests, NULL, NULL);
}
