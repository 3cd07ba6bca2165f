/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sysfuzz SEED CHILDREN STEPS -- random system calls by processes that may
 * not do much: uid 65534, in a directory and a session of their own. Each
 * child makes STEPS calls with plausible and hostile arguments; one that
 * hangs is killed. Prints how many children there were. Whoever started it
 * looks whether anything else suffered.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOBODY       65534
#define NUMBERS      462
#define CHILD_MILLIS 1500

static unsigned long state;
static char *pages; /* some to play with; the one after them is not there */

static unsigned long
draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 2685821657736338717ul;
}

static unsigned
below(unsigned limit)
{
	return (unsigned)((draw() >> 33) % limit);
}

static long
any_argument(void)
{
	static const long edges[] = { 0, 1, 2, 3, -1, -2, 4095, 4096, 0x7fffffff, 0x80000000,
		0x7fffffffffffffff, (long)0x8000000000000000, 0x7ffffffff000, 0x800000000000,
		(long)0xffff800000000000, (long)0xffffffff80000000, 0x100000000 };

	switch (below(8)) {
	case 0:
		return (long)draw();
	case 1:
		return edges[below(sizeof(edges) / sizeof(edges[0]))];
	case 2:
		return below(16);
	case 3:
		return 1l << below(64);
	case 4: /* close to the end of what is there */
		return (long)pages + 4 * 4096 - below(64);
	default:
		return (long)pages + below(4 * 4096);
	}
}

/* Strings, paths, small structures: something to point at. */
static void
fill_pages(void)
{
	static const char *const words[] = { "/", "/tmp/sysfuzz/x", "/proc/self/exe", "/dev/tty",
		"/dev/null", "/dev/zero", "../..", "/etc/passwd", "x/../x", "/bin/sh",
		"/dev/random" };

	for (unsigned i = 0; i < 4 * 4096 / 8; i++)
		((long *)(void *)pages)[i] = below(3) ? below(64) : any_argument();
	for (unsigned i = 0; i < 64; i++)
		strcpy(
		    pages + below(4 * 4096 - 64), words[below(sizeof(words) / sizeof(words[0]))]);
}

/* Not: what ends or stops the caller at once, or waits without a limit. */
static int
spared(unsigned number)
{
	switch (number) {
	case SYS_exit:
	case SYS_exit_group:
	case SYS_pause:
	case SYS_rt_sigsuspend:
	case SYS_rt_sigreturn:
		return below(16) != 0;
	case SYS_fork:
	case SYS_vfork:
	case SYS_clone:
		return below(8) != 0;
	default:
		return 0;
	}
}

static void
set_up_child(void)
{
	int pair[2];
	struct rlimit processes = { 24, 24 }, size = { 1 << 20, 1 << 20 };

	setsid();
	setrlimit(RLIMIT_NPROC, &processes);
	setrlimit(RLIMIT_FSIZE, &size);
	if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0 || chdir("/tmp/sysfuzz") != 0)
		_exit(99);
	for (int fd = 0; fd < 3; fd++) {
		close(fd);
		open("/dev/null", O_RDWR);
	}
	(void)!pipe(pair);
	(void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	(void)open("/tmp/sysfuzz", O_RDONLY);
	(void)open("/tmp/sysfuzz/file", O_RDWR | O_CREAT, 0666);
	pages = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(pages + 4 * 4096, 4096);
}

static void
child(unsigned long seed, unsigned steps)
{
	state = seed * 48271 + 1;
	set_up_child();
	fill_pages();
	for (unsigned i = 0; i < steps; i++) {
		unsigned number = below(8) ? below(NUMBERS) : (unsigned)draw();

		if (spared(number))
			continue;
		syscall(number, below(4) ? any_argument() : (long)below(10), any_argument(),
		    any_argument(), any_argument(), any_argument(), any_argument());
		if (i % 64 == 0)
			fill_pages();
	}
	_exit(0);
}

/* What it started is in its session; all of it is that user's. */
static void
reap(pid_t pid)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

	for (int waited = 0; waited < CHILD_MILLIS; waited += 20) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
kill_nobody(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (setuid(NOBODY) == 0)
			kill(-1, SIGKILL);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

int
main(int argc, char **argv)
{
	unsigned long seed = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	unsigned children = argc > 2 ? (unsigned)atoi(argv[2]) : 10;
	unsigned steps = argc > 3 ? (unsigned)atoi(argv[3]) : 500;

	mkdir("/tmp/sysfuzz", 0777);
	chmod("/tmp/sysfuzz", 0777);
	for (unsigned i = 0; i < children; i++) {
		pid_t pid = fork();

		if (pid == 0)
			child(seed + i, steps);
		if (pid > 0)
			reap(pid);
		kill_nobody();
	}
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	if (system("rm -rf /tmp/sysfuzz") != 0)
		return 1;
	printf("%u children\n", children);
	return 0;
}
