/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unixcheck -- what a Unix program may expect of its processes and memory and
 * no shell script can see. Each argument names a check; without one all run.
 * Linked against libc alone; passes on Linux, too, but for those about Mach.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures;

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("line %d: %s (errno %d)\n", __LINE__, #condition, errno);           \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

/* The exit status of a child, or -1. */
static int
status_of(pid_t pid)
{
	int status;

	if (pid <= 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* ---- Mach tasks -------------------------------------------------------------------- */

#define TRAP_TASK_SELF         -28
#define TRAP_TASK_CREATE       -68
#define KERN_RESOURCE_SHORTAGE 6

static long
trap3(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

/* A program has its task port, but tasks are made by fork alone. */
static void
check_tasks(void)
{
	long self = (int)trap3(TRAP_TASK_SELF, 0, 0, 0);
	uint32_t child = 0;
	pid_t pid;

	CHECK(self > 0);
	CHECK(trap3(TRAP_TASK_CREATE, self, 0, (long)&child) == KERN_RESOURCE_SHORTAGE);
	CHECK(trap3(TRAP_TASK_CREATE, self, 1, (long)&child) == KERN_RESOURCE_SHORTAGE);
	CHECK(child == 0);
	pid = fork();
	if (pid == 0)
		_exit(trap3(TRAP_TASK_CREATE, (int)trap3(TRAP_TASK_SELF, 0, 0, 0), 1,
			  (long)&child) == KERN_RESOURCE_SHORTAGE
			? 42
			: 1);
	CHECK(status_of(pid) == 42);
}

/* ---- floating-point state ------------------------------------------------------------- */

struct fpu {
	uint32_t mxcsr;
	uint16_t control;
	uint16_t pad;
	uint64_t xmm[2];
	uint64_t ymm[4];
	double st0;
};

static int has_avx;

static const struct fpu unusual = {
	.mxcsr = 0x3f80,   /* round down */
	.control = 0x0a7f, /* round up, 53 bits */
	.xmm = { 0x0123456789abcdef, 0xfedcba9876543210 },
	.ymm = { 1, 2, 0x3333333333333333, 0x4444444444444444 },
	.st0 = 1234.5,
};

/* No call of libc between a load and the look at what became of it. */
static inline __attribute__((always_inline)) void
fpu_load(const struct fpu *from)
{
	__asm__ volatile("fldcw %0; ldmxcsr %1; fldl %2; movdqu %3, %%xmm6"
			 :
			 : "m"(from->control), "m"(from->mxcsr), "m"(from->st0), "m"(from->xmm)
			 : "xmm6");
	if (has_avx)
		__asm__ volatile("vmovdqu %0, %%ymm9" : : "m"(from->ymm));
}

static inline __attribute__((always_inline)) void
fpu_look(struct fpu *now)
{
	__asm__ volatile("fstpl %0; fnstcw %1; stmxcsr %2; movdqu %%xmm6, %3"
			 : "=m"(now->st0), "=m"(now->control), "=m"(now->mxcsr), "=m"(now->xmm));
	if (has_avx)
		__asm__ volatile("vmovdqu %%ymm9, %0" : "=m"(now->ymm));
}

static void
fpu_reset(void)
{
	static const uint32_t mxcsr = 0x1f80;

	__asm__ volatile("fninit; ldmxcsr %0" : : "m"(mxcsr));
}

static int
fpu_same(const struct fpu *now)
{
	return now->mxcsr == unusual.mxcsr && now->control == unusual.control &&
	    now->st0 == unusual.st0 && memcmp(now->xmm, unusual.xmm, sizeof(now->xmm)) == 0 &&
	    (!has_avx || memcmp(now->ymm, unusual.ymm, sizeof(now->ymm)) == 0);
}

static void
find_avx(void)
{
	uint32_t a = 1, b, c = 0, d;

	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	has_avx = (c & 3u << 27) == 3u << 27;
}

/* Shared with a child that shares memory. */
static volatile struct fpu child_saw;
static volatile int child_done;
static char stacks[4][16384] __attribute__((aligned(64)));

/*
 * clone(flags, stack) as a raw call. The child looks at its registers, stores
 * what it saw (seen by the parent if memory is shared) and exits with 42 if it
 * was what the parent had. On its own stack it touches nothing of the frame
 * it was made in.
 */
static inline __attribute__((always_inline)) long
raw_clone(long flags, void *stack)
{
	register long tid __asm__("r10") = 0;
	register long tls __asm__("r8") = 0;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(SYS_clone), "D"(flags), "S"(stack), "d"(0), "r"(tid), "r"(tls)
			 : "rcx", "r11", "memory");
	return result;
}

static __attribute__((noreturn)) void
child_end(void)
{
	struct fpu *saw = (struct fpu *)(uintptr_t)&child_saw;
	long result = fpu_same(saw) ? 42 : 1;

	child_done = 1;
	for (;;)
		__asm__ volatile("syscall"
				 : "+a"((long) { SYS_exit })
				 : "D"(result)
				 : "rcx", "r11");
}

static __attribute__((noinline)) void
clone_and_look(long flags, void *stack, long *pidp)
{
	struct fpu now;
	long pid;

	memset((void *)(uintptr_t)&child_saw, 0, sizeof(child_saw));
	child_done = 0;
	fpu_load(&unusual);
	pid = raw_clone(flags, stack);
	if (pid == 0) {
		fpu_look((struct fpu *)(uintptr_t)&child_saw);
		child_end();
	}
	fpu_look(&now);
	fpu_reset();
	CHECK(fpu_same(&now)); /* ours is as it was */
	*pidp = pid;
}

static void
check_fpu_fork(void)
{
	long pid;

	find_avx();
	clone_and_look(SIGCHLD, NULL, &pid);
	CHECK(status_of((pid_t)pid) == 42);
}

static void
check_fpu_vfork(void)
{
	long pid;

	find_avx();
	clone_and_look(CLONE_VM | CLONE_VFORK | SIGCHLD, stacks[0] + sizeof(stacks[0]), &pid);
	CHECK(status_of((pid_t)pid) == 42);
	CHECK(fpu_same((struct fpu *)(uintptr_t)&child_saw));
}

/* A thread may begin long after its maker went on, with other registers. */
static void
check_fpu_thread(void)
{
	long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
	long tid;

	find_avx();
	for (int i = 0; i < 4; i++) {
		clone_and_look(flags, stacks[i] + sizeof(stacks[i]), &tid);
		CHECK(tid > 0);
		while (!child_done)
			sched_yield();
		CHECK(fpu_same((struct fpu *)(uintptr_t)&child_saw));
	}
}

/* ---- all of them -------------------------------------------------------------------------- */

static const struct check {
	const char *name;
	void (*run)(void);
} checks[] = {
	{ "tasks", check_tasks },
	{ "fpu-fork", check_fpu_fork },
	{ "fpu-vfork", check_fpu_vfork },
	{ "fpu-thread", check_fpu_thread },
};

static int
wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return 1;
	return argc == 1;
}

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		int before = failures;

		if (!wanted(checks[i].name, argc, argv))
			continue;
		fflush(stdout);
		checks[i].run();
		printf("%s %s\n", checks[i].name, failures == before ? "ok" : "failed");
	}
	return failures != 0;
}
