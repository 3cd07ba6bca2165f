/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line discipline as a table (typed -> echoed, read), raw modes, job
 * control, pseudo-terminals.
 */
#include <stdio.h>

#include "dev/dev.h"
#include "file/cred.h"
#include "file/fd_table.h"
#include "file/file.h"
#include "file/file_io.h"
#include "file/poll.h"
#include "services.h"
#include "tty/tty.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

static const struct tty_device no_device;
static struct tty *tty;
static int fd;

/* A terminal on descriptor `fd`, opened without becoming controlling. */
static int
tty_setup(void **state)
{
	struct vnode *vp;
	struct file *file;

	test_setup(state);
	t_write_file("tty", "");
	assert_ok(vfs_find(root_proc, AT_FDCWD, "tty", 0, &vp));
	tty = tty_create(&no_device, NULL, BSD_MAKEDEV(5, 1));
	assert_ok(tty_open(tty, root_proc, vp, O_RDWR | O_NOCTTY, &file));
	fd = t_open("tty", O_RDONLY);
	assert_ok(file_close(root_proc, fd));
	root_proc->files->slots[fd].file = file;
	return 0;
}

static int
tty_teardown(void **state)
{
	t_close(fd);
	tty_release(tty);
	return test_teardown(state);
}

static void
type(const char *keys, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		ldisc_input(tty, keys[i]);
}

static void
assert_echo(const char *expected)
{
	static char echo[TTY_OUTPUT_SIZE + 1];
	size_t done = tty_output_take(tty, (uint8_t *)echo, TTY_OUTPUT_SIZE);

	echo[done] = '\0';
	assert_string_equal(echo, expected);
}

static int
t_ioctl(uint32_t request, void *data)
{
	return file_ioctl(root_proc, fd, request, data, IOC_LEN(request));
}

/* Change local, input and output flags. */
static void
set_flags(uint32_t off, uint32_t on, uint32_t input, uint32_t output)
{
	struct bsd_termios t;

	assert_ok(t_ioctl(TIOCGETA, &t));
	t.c_lflag = (t.c_lflag & ~off) | on;
	t.c_iflag = input;
	t.c_oflag = output;
	assert_ok(t_ioctl(TIOCSETA, &t));
}

/* ---- canonical mode ------------------------------------------------------------------ */

struct line_case {
	const char *keys;
	const char *echo;
	const char *reads[3]; /* until NULL; "" is end of file */
};

static const struct line_case line_cases[] = {
	{ "abc\r", "abc\r\n", { "abc\n" } },
	{ "abc\n", "abc\r\n", { "abc\n" } },
	{ "one\rtwo\r", "one\r\ntwo\r\n", { "one\n", "two\n" } },
	{ "ab\x7f"
	  "c\r",
	    "ab\b \bc\r\n", { "ac\n" } },
	{ "\x7f\x7f"
	  "x\r",
	    "x\r\n", { "x\n" } },
	{ "a\x01"
	  "\x7f\r",
	    "a^A\b \b\b \b\r\n", { "a\n" } },
	{ "\tx\x7f\x7f"
	  "y\r",
	    "\tx\b \b\b\b\b\b\b\b\b\by\r\n", { "y\n" } },
	{ "ab\tx\x15z\r", "ab\tx\b \b\b\b\b\b\b\b\b \b\b \bz\r\n", { "z\n" } },
	{ "one two  \x17"
	  "x\r",
	    "one two  \b \b\b \b\b \b\b \b\b \bx\r\n", { "one x\n" } },
	{ "abc\x04", "abc", { "abc" } },
	{ "\x04", "", { "" } },
	{ "abc\x04\x04", "abc", { "abc", "" } },
	{ "\x16\x03q\r", "^\b^Cq\r\n", { "\x03q\n" } },
	{ "a\x16\rb\r", "a^\b^Mb\r\n", { "a\rb\n" } },
	{ "ab\x12"
	  "c\r",
	    "ab^R\r\nabc\r\n", { "abc\n" } },
	{ "\xc3\xa4"
	  "b\x7f\x7f"
	  "c\r",
	    "\xc3\xa4"
	    "b\b \b\b \bc\r\n",
	    { "c\n" } },
	{ "\x1b[A\r", "^[[A\r\n", { "\x1b[A\n" } },
};

static void
test_lines(void **state)
{
	char line[256];
	size_t i, j, done;

	for (i = 0; i < sizeof(line_cases) / sizeof(line_cases[0]); i++) {
		const struct line_case *c = &line_cases[i];

		tty->column = 0;
		type(c->keys, strlen(c->keys));
		assert_echo(c->echo);
		for (j = 0; j < 3 && c->reads[j] != NULL; j++) {
			assert_ok(file_read(root_proc, fd, line, sizeof(line), -1, &done));
			line[done] = '\0';
			assert_string_equal(line, c->reads[j]);
		}
		assert_int_equal(tty->input_used, 0);
		assert_int_equal(tty->lines, 0);
		assert_int_equal(tty->pending, 0);
	}
}

static void
test_short_reads(void **state)
{
	char line[8];
	size_t done;

	type("abc\x04"
	     "de\r",
	    7);
	assert_ok(file_read(root_proc, fd, line, 2, -1, &done));
	assert_memory_equal(line, "ab", 2);
	/* exactly up to the mark: it must not be an end of file later */
	assert_ok(file_read(root_proc, fd, line, 1, -1, &done));
	assert_memory_equal(line, "c", 1);
	assert_ok(file_read(root_proc, fd, line, 8, -1, &done));
	assert_int_equal(done, 3);
	assert_memory_equal(line, "de\n", 3);
}

static void
test_echo_modes(void **state)
{
	set_flags(ECHO, 0, ICRNL, OPOST | ONLCR);
	type("secret\r", 7);
	assert_echo("");
	set_flags(ECHO, ECHONL, ICRNL, OPOST | ONLCR);
	type("secret\r", 7);
	assert_echo("\r\n");
	set_flags(ECHOE | ECHOKE | ECHONL, ECHO, ICRNL, OPOST | ONLCR);
	type("ab\x7f\x15", 4);
	assert_echo("ab^?^U\r\n");
	set_flags(ECHOCTL, 0, ICRNL, OPOST | ONLCR);
	type("\x01", 1);
	assert_echo("\x01");
	type("\r", 1);
	assert_echo("\r\n");
	set_flags(0, 0, IGNCR, 0);
	type("a\rb\n", 4);
	assert_echo("ab\n");
	set_flags(0, 0, INLCR, OPOST);
	type("a\n", 2);
	assert_echo("a\r");
}

static void
test_output(void **state)
{
	size_t done;

	assert_ok(file_write(root_proc, fd, "a\nb\tc\r\n", 7, -1, &done));
	assert_echo("a\r\nb\tc\r\r\n");
	set_flags(0, 0, ICRNL, OPOST | ONLCR | OXTABS);
	assert_ok(file_write(root_proc, fd, "\tx\ty\n", 5, -1, &done));
	assert_echo("        x       y\r\n");
	set_flags(0, 0, ICRNL, OPOST | OCRNL | ONOCR);
	assert_ok(file_write(root_proc, fd, "\ra\rb", 4, -1, &done));
	assert_echo("a\nb");
	set_flags(0, 0, ICRNL, 0);
	assert_ok(file_write(root_proc, fd, "a\n", 2, -1, &done));
	assert_echo("a\n");
}

/* ---- special characters ----------------------------------------------------------------- */

static void
test_signals(void **state)
{
	tty->session = 100;
	tty->pgrp = 100;
	type("abc\x03", 4);
	assert_echo("^C"); /* the echo of abc was flushed with it */
	assert_int_equal(signals[0], SIGINT | 100 << 8);
	assert_int_equal(tty->input_used, 0);
	type("\x1c\x1a", 2);
	assert_int_equal(signals[1], SIGQUIT | 100 << 8);
	assert_int_equal(signals[2], SIGTSTP | 100 << 8);
	assert_int_equal(signal_count, 3);
	assert_echo("^Z");
	set_flags(0, NOFLSH, ICRNL, OPOST);
	type("ab\x03", 3);
	assert_echo("ab^C");
	assert_int_equal(tty->pending, 2);
	set_flags(ISIG, 0, ICRNL, OPOST);
	type("\x03", 1);
	assert_int_equal(signal_count, 4);
	assert_int_equal(tty->pending, 3);
	tty->session = 0;
}

static void
test_flow(void **state)
{
	size_t done;

	type("\x13", 1);
	assert_ok(file_write(root_proc, fd, "held", 4, -1, &done));
	assert_echo("");
	type("\x11", 1);
	assert_echo("held");
	type("\x13", 1);
	set_flags(0, 0, ICRNL, OPOST);
	assert_false(tty->stopped);
	type("\x13", 1);
	assert_false(tty->stopped);
	assert_int_equal(tty->pending, 1);
}

static void
test_full_input(void **state)
{
	static char line[TTY_INPUT_SIZE + 10];
	size_t done;
	int i;

	for (i = 0; i < 6000; i++)
		type("x", 1);
	assert_int_equal(tty->input_used, TTY_INPUT_SIZE - 1);
	type("\r", 1);
	assert_ok(file_read(root_proc, fd, line, sizeof(line), -1, &done));
	assert_int_equal(done, TTY_INPUT_SIZE);
	assert_int_equal(line[done - 1], '\n');
	/* with whole lines waiting the device is held back instead */
	type("a\r", 2);
	for (i = 0; i < 6000; i++)
		if (tty_input(tty, (const uint8_t *)"y", 1) == 0)
			break;
	assert_int_equal(i, TTY_INPUT_SIZE - 3);
	ldisc_flush_input(tty);
}

/* ---- raw modes ------------------------------------------------------------------------------ */

static void
set_raw(uint8_t minimum, uint8_t time)
{
	struct bsd_termios t;

	assert_ok(t_ioctl(TIOCGETA, &t));
	t.c_lflag &= ~(uint32_t)(ICANON | ECHO | ISIG | IEXTEN);
	t.c_iflag = 0;
	t.c_oflag = 0;
	t.c_cc[VMIN] = minimum;
	t.c_cc[VTIME] = time;
	assert_ok(t_ioctl(TIOCSETA, &t));
}

static const char *late_keys;

static int
keys_come(const void *channel)
{
	if (*late_keys == '\0') {
		test_uptime += 500000000;
		return ETIMEDOUT;
	}
	type(late_keys++, 1);
	return 0;
}

static void
assert_read(size_t length, const char *expected)
{
	char bytes[64];
	size_t done;

	assert_ok(file_read(root_proc, fd, bytes, length, -1, &done));
	assert_int_equal(done, strlen(expected));
	assert_memory_equal(bytes, expected, done);
}

static void
test_raw(void **state)
{
	size_t done;
	char byte;

	on_sleep = keys_come;
	late_keys = "\r\x03\x04\x13";
	set_raw(1, 0);
	assert_read(64, "\r");
	assert_read(64, "\x03");
	assert_read(64, "\x04");
	assert_read(64, "\x13");
	set_raw(3, 0);
	late_keys = "abcd";
	assert_read(64, "abc");
	late_keys = "xy";
	assert_read(2, "xy");
	set_raw(0, 0);
	assert_read(64, "");
	type("q", 1);
	assert_read(64, "q");
	set_raw(0, 5);
	late_keys = "";
	assert_read(64, "");
	late_keys = "k";
	assert_read(64, "k");
	set_raw(5, 5);
	late_keys = "abc";
	assert_read(64, "abc");
	assert_ok(t_ioctl(FIONBIO, &(int32_t) { 1 }));
	set_raw(1, 0);
	assert_int_equal(file_read(root_proc, fd, &byte, 1, -1, &done), EAGAIN);
	assert_echo("");
}

static void
test_mode_change(void **state)
{
	struct bsd_pollfd poll = { fd, POLLIN, 0 };
	unsigned ready;

	/* half a line becomes readable when line mode ends */
	type("ab", 2);
	poll.fd = fd;
	assert_ok(file_poll(root_proc, &poll, 1, 1, &ready));
	assert_int_equal(ready, 0);
	set_raw(1, 0);
	assert_ok(file_poll(root_proc, &poll, 1, 1, &ready));
	assert_int_equal(ready, 1);
	assert_read(64, "ab");
	/* and what came without lines is a line when it begins */
	type("cd", 2);
	set_flags(0, ICANON, ICRNL, OPOST);
	type("x\r", 2);
	assert_read(64, "cd");
	assert_read(64, "x\n");
}

/* ---- job control ------------------------------------------------------------------------------- */

static void
test_job_control(void **state)
{
	struct proc *bg = test_proc_create(7, 0);
	struct file *file = root_proc->files->slots[fd].file;
	int32_t pgrp;
	size_t done;
	char byte;

	bg->pgrp = 107;
	assert_int_equal(t_ioctl(TIOCGPGRP, &pgrp), ENOTTY);
	assert_int_equal(t_ioctl(TIOCSCTTY, NULL), EPERM);
	root_proc->leader = true;
	assert_ok(t_ioctl(TIOCSCTTY, NULL));
	assert_ok(t_ioctl(TIOCGPGRP, &pgrp));
	assert_int_equal(pgrp, 100);
	assert_ok(t_ioctl(TIOCGSID, &pgrp));
	assert_int_equal(pgrp, 100);
	assert_ptr_equal(proc_ctty(root_proc), tty);
	/* in the background: reading stops, writing only with TOSTOP */
	type("x\r", 2);
	assert_int_equal(file->ops->read(file, bg, &byte, 1, 0, &done), ERESTART);
	assert_int_equal(signals[0], SIGTTIN | 107 << 8);
	bg->held = 1u << SIGTTIN;
	assert_int_equal(file->ops->read(file, bg, &byte, 1, 0, &done), EIO);
	bg->held = 0;
	test_orphaned = true;
	assert_int_equal(file->ops->read(file, bg, &byte, 1, 0, &done), EIO);
	test_orphaned = false;
	assert_ok(file->ops->write(file, bg, "w", 1, 0, &done));
	set_flags(0, TOSTOP, ICRNL, 0);
	assert_int_equal(file->ops->write(file, bg, "w", 1, 0, &done), ERESTART);
	assert_int_equal(signals[1], SIGTTOU | 107 << 8);
	/* taking the terminal from the background: with SIGTTOU held only */
	pgrp = 107;
	assert_int_equal(tty_control(tty, bg, TIOCSPGRP, &pgrp), ERESTART);
	bg->held = 1u << SIGTTOU;
	assert_ok(tty_control(tty, bg, TIOCSPGRP, &pgrp));
	assert_int_equal(tty->pgrp, 107);
	pgrp = 230;
	assert_int_equal(tty_control(tty, bg, TIOCSPGRP, &pgrp), EPERM);
	/* window size */
	signal_count = 0;
	assert_ok(tty_control(tty, bg, TIOCSWINSZ, &(struct bsd_winsize) { 24, 80, 0, 0 }));
	assert_ok(tty_control(tty, bg, TIOCSWINSZ, &(struct bsd_winsize) { 24, 80, 0, 0 }));
	assert_int_equal(signal_count, 1);
	assert_int_equal(signals[0], SIGWINCH | 107 << 8);
	/* hangup: open files are cut off, the terminal is free again */
	signal_count = 0;
	tty_hangup(tty);
	assert_int_equal(signals[0], SIGHUP | 100 << 8);
	assert_int_equal(signals[2], SIGHUP | 107 << 8);
	assert_ok(file_read(root_proc, fd, &byte, 1, -1, &done));
	assert_int_equal(done, 0);
	assert_int_equal(file_write(root_proc, fd, "x", 1, -1, &done), EIO);
	assert_int_equal(t_ioctl(TIOCDRAIN, NULL), EIO);
	assert_null(proc_ctty(root_proc));
	test_proc_destroy(bg);
}

/* ---- pseudo-terminals ----------------------------------------------------------------------------- */

static void
test_pty(void **state)
{
	char bytes[64];
	int master, slave, other;
	int32_t number, zero = 0;
	size_t done;

	assert_ok(dev_populate(root_proc));
	master = t_open("/dev/ptmx", O_RDWR | O_NONBLOCK);
	assert_ok(file_ioctl(root_proc, master, TIOCGPTN, &number, 4));
	assert_int_equal(number, 0);
	assert_int_equal(vfs_open(root_proc, AT_FDCWD, "/dev/pts/0", O_RDWR, 0, &slave), EIO);
	assert_ok(file_ioctl(root_proc, master, TIOCSPTLCK, &zero, 4));
	root_proc->leader = true;
	slave = t_open("/dev/pts/0", O_RDWR);
	other = t_open("/dev/tty", O_RDWR);
	t_close(other);
	assert_ok(file_write(root_proc, master, "ls\r", 3, -1, &done));
	assert_ok(file_read(root_proc, slave, bytes, 64, -1, &done));
	assert_memory_equal(bytes, "ls\n", 3);
	assert_ok(file_write(root_proc, slave, "out\n", 4, -1, &done));
	assert_ok(file_read(root_proc, master, bytes, 64, -1, &done));
	assert_int_equal(done, 9);
	assert_memory_equal(bytes, "ls\r\nout\r\n", 9);
	assert_int_equal(file_read(root_proc, master, bytes, 1, -1, &done), EAGAIN);
	t_close(slave);
	assert_int_equal(file_read(root_proc, master, bytes, 1, -1, &done), EIO);
	slave = t_open("/dev/pts/0", O_RDWR);
	t_close(master);
	assert_ok(file_read(root_proc, slave, bytes, 1, -1, &done));
	assert_int_equal(done, 0);
	assert_int_equal(signals[0] & 0xff, SIGHUP);
	assert_int_equal(vfs_open(root_proc, AT_FDCWD, "/dev/pts/0", O_RDWR, 0, &other), ENOENT);
	t_close(slave);
	master = t_open("/dev/ptmx", O_RDWR);
	t_close(master);
}

/* ---- devices ---------------------------------------------------------------------------------------- */

static void
test_devices(void **state)
{
	uint8_t bytes[100], more[100];
	int null, full, zero, random, other;
	size_t done;

	assert_ok(dev_populate(root_proc));
	assert_ok(dev_populate(root_proc));
	null = t_open("/dev/null", O_RDWR | O_TRUNC);
	full = t_open("/dev/full", O_RDWR);
	zero = t_open("/dev/zero", O_RDWR);
	random = t_open("/dev/urandom", O_RDWR);
	assert_ok(file_read(root_proc, null, bytes, 100, -1, &done));
	assert_int_equal(done, 0);
	assert_ok(file_write(root_proc, null, bytes, 100, -1, &done));
	assert_int_equal(done, 100);
	assert_int_equal(file_write(root_proc, full, bytes, 1, -1, &done), ENOSPC);
	memset(bytes, 1, 100);
	assert_ok(file_read(root_proc, zero, bytes, 100, -1, &done));
	assert_int_equal(bytes[99], 0);
	assert_ok(file_read(root_proc, random, bytes, 100, -1, &done));
	assert_ok(file_read(root_proc, random, more, 100, -1, &done));
	assert_memory_not_equal(bytes, more, 100);
	assert_int_equal(vfs_open(root_proc, AT_FDCWD, "/dev/tty", O_RDWR, 0, &other), ENXIO);
	assert_ok(vfs_mknod(root_proc, AT_FDCWD, "/dev/x", S_IFCHR | 0666, BSD_MAKEDEV(99, 1)));
	assert_int_equal(vfs_open(root_proc, AT_FDCWD, "/dev/x", O_RDWR, 0, &other), ENXIO);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, tty_setup, tty_teardown)
	const struct CMUnitTest tests[] = {
		T(test_lines),
		T(test_short_reads),
		T(test_echo_modes),
		T(test_output),
		T(test_signals),
		T(test_flow),
		T(test_full_input),
		T(test_raw),
		T(test_mode_change),
		T(test_job_control),
		T(test_pty),
		T(test_devices),
	};

	return cmocka_run_group_tests_name("tty", tests, NULL, NULL);
}
