/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unixbench -- what Unix calls cost, measured from inside a Unix process.
 *
 * An ordinary static Linux program: it also runs on Linux. Prints lines
 * `RESULT operation unix bytes instructions`; the TSC counts instructions
 * under icount. Every figure is the smallest of several batches.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCHES 6

static uint64_t
tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static uint64_t
measure(void (*step)(void), unsigned count)
{
	uint64_t best = UINT64_MAX;

	for (unsigned batch = 0; batch <= BATCHES; batch++) {
		uint64_t begin = tsc();

		for (unsigned i = 0; i < count; i++)
			step();
		uint64_t cost = (tsc() - begin) / count;
		if (batch > 0 && cost < best)
			best = cost;
	}
	return best;
}

static void
report(const char *operation, size_t bytes, uint64_t cost)
{
	printf("RESULT %s unix %zu %llu\n", operation, bytes, (unsigned long long)cost);
	fflush(stdout);
}

static char *self_path;
static int null_fd;
static int pipe_fds[2];
static char buffer[65536];

static void
step_local(void)
{
	syscall(SYS_getpid);
}

static void
step_server(void)
{
	syscall(SYS_getpgid, 0);
}

static void
step_bad_call(void)
{
	syscall(999);
}

static void
step_read_zero(void)
{
	if (read(null_fd, buffer, 1) != 1)
		abort();
}

static void
step_pipe(void)
{
	if (write(pipe_fds[1], buffer, 4096) != 4096 || read(pipe_fds[0], buffer, 4096) != 4096)
		abort();
}

static void
step_stat(void)
{
	if (access("/etc/passwd", R_OK) != 0)
		abort();
}

static void
reap(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		abort();
}

static void
step_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	reap(pid);
}

static void
step_fork_exec(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl(self_path, self_path, "--nothing", (char *)NULL);
		_exit(1);
	}
	reap(pid);
}

static void
step_vfork_exec(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execl(self_path, self_path, "--nothing", (char *)NULL);
		_exit(1);
	}
	reap(pid);
}

static size_t fault_pages;

static void
step_zero_fill(void)
{
	char *memory = mmap(
	    NULL, fault_pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		abort();
	for (size_t i = 0; i < fault_pages; i++)
		memory[i * 4096] = 1;
	munmap(memory, fault_pages * 4096);
}

static void
bench_zero_fill(void)
{
	fault_pages = 1;
	uint64_t one = measure(step_zero_fill, 10);
	fault_pages = 65;
	uint64_t many = measure(step_zero_fill, 4);

	report("mmap_touch_munmap", 4096, one);
	report("fault_zero_fill", 4096, (many - one) / 64);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--nothing") == 0)
		return 0;
	report("boot_to_program", 0, tsc());
	self_path = argv[0];
	null_fd = open("/dev/zero", O_RDONLY);
	if (null_fd < 0 || pipe(pipe_fds) != 0)
		return 1;
	report("call_local", 0, measure(step_local, 200));
	report("call_server", 0, measure(step_server, 200));
	report("call_unknown", 0, measure(step_bad_call, 50));
	report("access", 0, measure(step_stat, 50));
	report("read_zero", 1, measure(step_read_zero, 50));
	report("pipe_write_read", 4096, measure(step_pipe, 50));
	bench_zero_fill();
	report("fork_wait", 0, measure(step_fork, 5));
	report("fork_exec_wait", 0, measure(step_fork_exec, 5));
	report("vfork_exec_wait", 0, measure(step_vfork_exec, 5));
	return 0;
}
