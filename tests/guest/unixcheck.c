/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unixcheck -- what a Unix program may expect of its processes and memory and
 * no shell script can see. Each argument names a check; without one all run.
 * Linked against libc alone; passes on Linux, too, but for those about Mach.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

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

/* ---- clone3 ---------------------------------------------------------------------------------- */

#ifndef SYS_clone3
#define SYS_clone3 435
#endif

struct clone3 {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
	    set_tid_size, cgroup, later;
};

/* The child runs `function` on its stack, if it has one, and ends with what comes. */
static long
clone3(const struct clone3 *args, size_t size, int (*function)(void))
{
	register int (*in_r12)(void) __asm__("r12") = function;
	long result;

	__asm__ volatile("syscall\n"
			 "test %%rax, %%rax\n"
			 "jnz 1f\n"
			 "xor %%ebp, %%ebp\n"
			 "and $-16, %%rsp\n"
			 "call *%%r12\n"
			 "mov %%eax, %%edi\n"
			 "mov $60, %%eax\n"
			 "syscall\n"
			 "1:\n"
			 : "=a"(result)
			 : "a"(SYS_clone3), "D"(args), "S"(size), "r"(in_r12)
			 : "rcx", "r11", "rdx", "r8", "r9", "r10", "memory");
	return result;
}

static volatile int child_ran;

static int
child_three(void)
{
	child_ran = 1;
	return 3;
}

static void
ignore_it(int sig)
{
	(void)sig;
}

/* Handlers are gone, what is ignored stays so. */
static int
child_handlers(void)
{
	struct sigaction one, two;

	sigaction(SIGUSR1, NULL, &one);
	sigaction(SIGUSR2, NULL, &two);
	return one.sa_handler == SIG_DFL && two.sa_handler == SIG_IGN ? 4 : 5;
}

static void
check_clone3_errors(void)
{
	struct clone3 args = { .exit_signal = SIGCHLD };

	CHECK(clone3(&args, 56, child_three) == -EINVAL);
	CHECK(clone3(&args, 5000, child_three) == -E2BIG);
	CHECK(clone3((void *)16, 88, child_three) == -EFAULT);
	args.later = 1;
	CHECK(clone3(&args, sizeof(args), child_three) == -E2BIG);
	args = (struct clone3) { .exit_signal = 0x100 };
	CHECK(clone3(&args, 88, child_three) == -EINVAL);
	args = (struct clone3) { .flags = CLONE_VM | CLONE_VFORK, .stack_size = 4096 };
	CHECK(clone3(&args, 88, child_three) == -EINVAL);
	args = (struct clone3) { .flags = CLONE_SIGHAND | 0x100000000 | CLONE_VM };
	CHECK(clone3(&args, 88, child_three) == -EINVAL);
	args = (struct clone3) { .flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM,
		.exit_signal = SIGCHLD };
	CHECK(clone3(&args, 88, child_three) == -EINVAL);
	args = (struct clone3) { .flags = SIGCHLD };
	CHECK(clone3(&args, 88, child_three) == -EINVAL);
}

static void
check_clone3(void)
{
	static _Alignas(16) char stack[65536];
	struct clone3 args = { .exit_signal = SIGCHLD };
	int tid = 0;

	CHECK(status_of((pid_t)clone3(&args, 64, child_three)) == 3 && child_ran == 0);
	args = (struct clone3) { .flags = CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID,
		.parent_tid = (uintptr_t)&tid,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack,
		.stack_size = sizeof(stack) };
	CHECK(status_of((pid_t)clone3(&args, sizeof(args), child_three)) == 3 && child_ran == 1);
	CHECK(tid > 0);
	signal(SIGUSR1, ignore_it);
	signal(SIGUSR2, SIG_IGN);
	args = (struct clone3) { .flags = 0x100000000, .exit_signal = SIGCHLD };
	CHECK(status_of((pid_t)clone3(&args, 88, child_handlers)) == 4);
	args.flags = 0;
	CHECK(status_of((pid_t)clone3(&args, 88, child_handlers)) == 5);
	check_clone3_errors();
}

/* ---- shared mappings of files ------------------------------------------------------------ */

#define MAPPED      "/tmp/unixcheck.mapped"
#define MAPPED_SIZE 8192

static void *
map_shared(const char *path, int open_flags, int prot, size_t size)
{
	int fd = open(path, open_flags, 0600);
	void *at = mmap(NULL, size, prot, MAP_SHARED, fd, 0);
	int saved = errno;

	close(fd);
	errno = saved;
	return at;
}

static int
file_has(int fd, off_t offset, const char *text)
{
	char buffer[64];
	size_t size = strlen(text);

	return pread(fd, buffer, size, offset) == (ssize_t)size && memcmp(buffer, text, size) == 0;
}

/* What one writes by any way, all see by any other. */
static void
check_map_shared(void)
{
	int fd = open(MAPPED, O_RDWR | O_CREAT | O_TRUNC, 0700);
	char *a, *b;
	pid_t pid;

	CHECK(fd >= 0 && write(fd, "0123456789", 10) == 10);
	a = mmap(NULL, MAPPED_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = map_shared(MAPPED, O_RDONLY, PROT_READ, 4096);
	CHECK(a != MAP_FAILED && b != MAP_FAILED && a != b);
	if (a == MAP_FAILED || b == MAP_FAILED)
		return;
	CHECK(memcmp(a, "0123456789", 11) == 0 && memcmp(b, "0123456789", 11) == 0);
	memcpy(a + 2, "xy", 2);
	CHECK(file_has(fd, 0, "01xy456789") && memcmp(b, "01xy45", 6) == 0);
	CHECK(pwrite(fd, "Z", 1, 0) == 1 && a[0] == 'Z' && b[0] == 'Z');
	pid = fork();
	if (pid == 0) {
		a[1] = 'C';
		_exit(0);
	}
	CHECK(status_of(pid) == 0 && a[1] == 'C' && b[1] == 'C' && file_has(fd, 0, "ZCxy"));
	/* growing behind what is mapped, cutting, growing again */
	CHECK(ftruncate(fd, 100000) == 0 && pwrite(fd, "end", 3, 99997) == 3);
	CHECK(pwrite(fd, "second", 6, 4096) == 6 && memcmp(a + 4096, "second", 6) == 0);
	CHECK(ftruncate(fd, 3) == 0 && ftruncate(fd, 10) == 0);
	CHECK(memcmp(a, "ZCx\0\0\0\0", 8) == 0 && b[5] == 0);
	/* without a name, without a descriptor */
	CHECK(unlink(MAPPED) == 0 && close(fd) == 0);
	a[7] = 'q';
	CHECK(b[7] == 'q');
	CHECK(munmap(a, MAPPED_SIZE) == 0 && b[7] == 'q' && munmap(b, 4096) == 0);
}

static void
check_map_rights(void)
{
	int fd = open(MAPPED, O_RDWR | O_CREAT | O_TRUNC, 0700);
	char *a;

	CHECK(write(fd, "text", 4) == 4 && close(fd) == 0);
	a = map_shared(MAPPED, O_RDONLY, PROT_READ | PROT_WRITE, 4096);
	CHECK(a == MAP_FAILED && errno == EACCES);
	a = map_shared(MAPPED, O_WRONLY, PROT_READ, 4096);
	CHECK(a == MAP_FAILED && errno == EACCES);
	a = map_shared(MAPPED, O_RDONLY, PROT_READ, 4096);
	CHECK(a != MAP_FAILED && mprotect(a, 4096, PROT_READ | PROT_WRITE) == -1 &&
	    errno == EACCES && a[0] == 't');
	CHECK(munmap(a, 4096) == 0 && unlink(MAPPED) == 0);
	a = map_shared("/tmp", O_RDONLY, PROT_READ, 4096);
	CHECK(a == MAP_FAILED && errno == ENODEV);
}

/* A program that was mapped can still be run, and written afterwards. */
static void
check_map_program(void)
{
	int fd = open(MAPPED, O_RDWR | O_CREAT | O_TRUNC, 0700);
	static const char zero[4096];
	char *text = malloc(8 << 20);
	int self = open("/proc/self/exe", O_RDONLY);
	ssize_t size = read(self, text, 8 << 20);
	char *a;
	pid_t pid;

	CHECK(size > 0 && write(fd, text, (size_t)size) == size && close(fd) == 0);
	close(self);
	a = map_shared(MAPPED, O_RDWR, PROT_READ | PROT_WRITE, (size_t)size);
	CHECK(a != MAP_FAILED && memcmp(a, text, (size_t)size) == 0);
	CHECK(munmap(a, (size_t)size) == 0);
	pid = fork();
	if (pid == 0) {
		execl(MAPPED, MAPPED, "nothing", (char *)NULL);
		_exit(127);
	}
	CHECK(status_of(pid) == 0);
	a = map_shared(MAPPED, O_RDWR, PROT_READ | PROT_WRITE, (size_t)size);
	CHECK(a != MAP_FAILED);
	memset(a, 0, 4096);
	fd = open(MAPPED, O_RDONLY);
	CHECK(read(fd, text, 4096) == 4096 && memcmp(text, zero, 4096) == 0);
	CHECK(close(fd) == 0 && munmap(a, (size_t)size) == 0 && unlink(MAPPED) == 0);
	free(text);
}

/* ---- behind the end of a mapped file ------------------------------------------------------- */

static sigjmp_buf bus_return;
static void *volatile bus_address;
static volatile int bus_code;

static void
on_bus(int sig, siginfo_t *info, void *context)
{
	(void)context;
	bus_address = info->si_addr;
	bus_code = info->si_code;
	siglongjmp(bus_return, sig);
}

/* The signal that reading (or writing) the byte brings, or 0. */
static int
touch(volatile char *at, int write)
{
	int sig = sigsetjmp(bus_return, 1);

	if (sig != 0)
		return bus_address == at && bus_code == BUS_ADRERR ? sig : -sig;
	if (write)
		*at = 'w';
	else
		(void)*at;
	return 0;
}

static void
catch_bus(void)
{
	struct sigaction action = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };

	CHECK(sigaction(SIGBUS, &action, NULL) == 0);
}

/* A file of 5000 bytes, mapped by four pages. */
static char *
map_four(int fd, int type)
{
	char *at = mmap(NULL, 16384, PROT_READ | PROT_WRITE, type, fd, 0);

	CHECK(at != MAP_FAILED);
	return at;
}

static void
check_map_end(void)
{
	int fd = open(MAPPED, O_RDWR | O_CREAT | O_TRUNC, 0700);
	char *shared, *private;
	pid_t pid;

	catch_bus();
	CHECK(fd >= 0 && ftruncate(fd, 5000) == 0 && pwrite(fd, "last", 4, 4996) == 4);
	shared = map_four(fd, MAP_SHARED);
	private = map_four(fd, MAP_PRIVATE);
	CHECK(memcmp(shared + 4996, "last\0\0", 6) == 0 && shared[8191] == 0);
	CHECK(memcmp(private + 4996, "last\0\0", 6) == 0 && private[8191] == 0);
	CHECK(touch(shared + 8192, 0) == SIGBUS && touch(shared + 16383, 1) == SIGBUS);
	CHECK(touch(private + 8192, 1) == SIGBUS && touch(private + 12288, 0) == SIGBUS);
	/* system calls are told EFAULT */
	CHECK(write(fd, shared + 8192, 1) == -1 && errno == EFAULT);
	/* the file grows */
	CHECK(ftruncate(fd, 8193) == 0 && touch(shared + 8192, 1) == 0 && file_has(fd, 8192, "w"));
	CHECK(touch(private + 12287, 0) == 0 && touch(private + 12288, 0) == SIGBUS);
	CHECK(pwrite(fd, "far", 3, 16000) == 3 && memcmp(shared + 16000, "far", 3) == 0);
	/* and is cut; a child sees the same */
	private[0] = 'p';
	pid = fork();
	if (pid == 0) {
		CHECK(ftruncate(fd, 1) == 0);
		_exit(touch(shared + 4096, 0) == SIGBUS && touch(shared, 1) == 0 ? failures : 100);
	}
	CHECK(status_of(pid) == 0 && shared[0] == 'w' && private[0] == 'p');
	CHECK(touch(shared + 4096, 1) == SIGBUS && touch(shared + 16000, 0) == SIGBUS);
	CHECK(touch(private + 12288, 1) == SIGBUS);
	/* what comes again is empty */
	CHECK(ftruncate(fd, 16384) == 0 && shared[4996] == 0 && shared[16000] == 0);
	CHECK(munmap(shared, 16384) == 0 && munmap(private, 16384) == 0);
	CHECK(close(fd) == 0 && unlink(MAPPED) == 0);
}

/* A private mapping: written pages are one's own, the file's name may go. */
static void
check_map_private(void)
{
	int fd = open(MAPPED, O_RDWR | O_CREAT | O_TRUNC, 0700);
	char *a, *b;
	pid_t pid;

	catch_bus();
	CHECK(write(fd, "0123456789", 10) == 10 && ftruncate(fd, 40000) == 0);
	a = mmap(NULL, 40960, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(a != MAP_FAILED && mprotect(a, 4096, PROT_READ | PROT_WRITE) == 0);
	a[0] = 'a';
	CHECK(file_has(fd, 0, "0123") && memcmp(a, "a123", 4) == 0);
	b = mmap(a + 8192, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0);
	CHECK(b == a + 8192 && memcmp(b, "0123", 4) == 0);
	memcpy(b, "bbbb", 4);
	pid = fork();
	if (pid == 0) {
		a[1] = 'c';
		_exit(memcmp(a, "ac23", 4) != 0 || memcmp(b, "bbbb", 4) != 0);
	}
	CHECK(status_of(pid) == 0 && memcmp(a, "a123", 4) == 0 && file_has(fd, 0, "0123"));
	CHECK(close(fd) == 0 && unlink(MAPPED) == 0);
	CHECK(memcmp(a, "a123", 4) == 0 && memcmp(b, "bbbb", 4) == 0 && touch(a + 36864, 0) == 0);
	CHECK(munmap(a, 40960) == 0);
	fd = open(MAPPED, O_WRONLY | O_CREAT, 0200);
	CHECK(write(fd, "text", 4) == 4);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EACCES);
	CHECK(close(fd) == 0 && unlink(MAPPED) == 0);
	fd = open("/dev/zero", O_RDWR);
	a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(a != MAP_FAILED && a[8191] == 0);
	a[0] = 1;
	CHECK(munmap(a, 8192) == 0 && close(fd) == 0);
}

/* ---- robust mutexes ----------------------------------------------------------------------- */

struct robust_node {
	struct robust_node *next;
	uint32_t word;
};

static struct robust_list {
	struct robust_node *next;
	long offset;
	struct robust_node *pending;
} robust;

static struct robust_node nodes[3];

static void *
die_with_mutexes(void *unused)
{
	uint32_t tid = (uint32_t)syscall(SYS_gettid);

	(void)unused;
	robust.offset = offsetof(struct robust_node, word);
	robust.next = &nodes[0];
	nodes[0] = (struct robust_node) { &nodes[1], tid | 0x80000000 };
	nodes[1] = (struct robust_node) { (struct robust_node *)&robust, tid + 1 };
	nodes[2] = (struct robust_node) { NULL, tid };
	robust.pending = &nodes[2];
	CHECK(syscall(SYS_set_robust_list, &robust, sizeof(robust)) == 0);
	return (void *)(uintptr_t)tid;
}

/* What the dead thread held is marked, what others hold is not. */
static void
check_robust(void)
{
	struct robust_list *list = NULL;
	size_t length = 0;
	pthread_t thread;
	void *tid;

	CHECK(syscall(SYS_set_robust_list, &robust, 23) == -1 && errno == EINVAL);
	CHECK(syscall(SYS_get_robust_list, 0, &list, &length) == 0 && length == sizeof(robust));
	CHECK(syscall(SYS_get_robust_list, 0, 8, &length) == -1 && errno == EFAULT);
	CHECK(pthread_create(&thread, NULL, die_with_mutexes, NULL) == 0);
	CHECK(pthread_join(thread, &tid) == 0);
	CHECK(nodes[0].word == 0xc0000000);
	CHECK(nodes[1].word == (uint32_t)(uintptr_t)tid + 1);
	CHECK(nodes[2].word == 0x40000000);
}

/* A shared page with a robust mutex. */
static pthread_mutex_t *
shared_mutex(void)
{
	pthread_mutex_t *mutex =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attributes;

	CHECK(mutex != MAP_FAILED && pthread_mutexattr_init(&attributes) == 0);
	CHECK(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
	CHECK(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
	CHECK(pthread_mutex_init(mutex, &attributes) == 0);
	return mutex;
}

static void
take_over(pthread_mutex_t *mutex)
{
	CHECK(pthread_mutex_lock(mutex) == EOWNERDEAD);
	CHECK(pthread_mutex_consistent(mutex) == 0 && pthread_mutex_unlock(mutex) == 0);
	CHECK(pthread_mutex_lock(mutex) == 0 && pthread_mutex_unlock(mutex) == 0);
}

static void *
hold_it(void *mutex)
{
	CHECK(pthread_mutex_lock(mutex) == 0);
	*(volatile int *)((char *)mutex + 2048) = 1;
	while (pause() != 0)
		;
	return NULL;
}

/* A process that holds the mutex: `other`, by a thread that is not the one to end it. */
static pid_t
holder(pthread_mutex_t *mutex, int other)
{
	volatile int *held = (volatile int *)((char *)mutex + 2048);
	pthread_t thread;
	pid_t pid;

	*held = 0;
	pid = fork();
	if (pid == 0 && !other)
		hold_it(mutex);
	if (pid == 0) {
		pthread_create(&thread, NULL, hold_it, mutex);
		while (!*held)
			sched_yield();
		_exit(3);
	}
	while (!*held)
		sched_yield();
	return pid;
}

/* The owner is killed while somebody waits, or nobody; or another thread ends all. */
static void
check_robust_kill(void)
{
	pthread_mutex_t *mutex = shared_mutex();
	pid_t pid = holder(mutex, 0), waiter;

	kill(pid, SIGKILL);
	CHECK(status_of(pid) == -1);
	take_over(mutex);
	pid = holder(mutex, 0);
	waiter = fork();
	if (waiter == 0) {
		take_over(mutex);
		_exit(failures);
	}
	usleep(50000);
	kill(pid, SIGTERM);
	CHECK(status_of(pid) == -1 && status_of(waiter) == 0);
	CHECK(status_of(holder(mutex, 1)) == 3);
	take_over(mutex);
	CHECK(munmap(mutex, 4096) == 0);
}

/* ---- local sockets ------------------------------------------------------------------------- */

/* One connection: greets, and echoes until the end. */
static int
serve_one(int listener)
{
	char buffer[32];
	int fd = accept(listener, NULL, NULL);
	ssize_t n;

	if (fd < 0 || write(fd, "hello", 5) != 5)
		return 1;
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		if (send(fd, buffer, (size_t)n, 0) != n)
			return 2;
	return n == 0 ? 42 : 3;
}

static void
check_sockets(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/tmp/unixcheck.socket" };
	char buffer[32];
	int pair[2], listener, fd;
	pid_t pid;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	CHECK(write(pair[0], "ab", 2) == 2 && read(pair[1], buffer, 32) == 2 && buffer[1] == 'b');
	CHECK(close(pair[0]) == 0 && read(pair[1], buffer, 32) == 0 && close(pair[1]) == 0);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(bind(listener, (struct sockaddr *)&name, sizeof(name)) == 0);
	CHECK(listen(listener, 4) == 0);
	pid = fork();
	if (pid == 0)
		_exit(serve_one(listener));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0);
	CHECK(recv(fd, buffer, 5, MSG_WAITALL) == 5 && memcmp(buffer, "hello", 5) == 0);
	CHECK(write(fd, "again", 5) == 5 && read(fd, buffer, 32) == 5 && buffer[0] == 'a');
	CHECK(shutdown(fd, SHUT_WR) == 0 && read(fd, buffer, 32) == 0);
	CHECK(status_of(pid) == 42);
	CHECK(close(fd) == 0 && close(listener) == 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(connect(fd, (struct sockaddr *)&name, sizeof(name)) == -1 && errno == ECONNREFUSED);
	CHECK(unlink(name.sun_path) == 0 && close(fd) == 0);
	CHECK(listen(0, 1) == -1 && errno == ENOTSOCK);
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
	{ "clone3", check_clone3 },
	{ "map-shared", check_map_shared },
	{ "map-rights", check_map_rights },
	{ "map-program", check_map_program },
	{ "map-end", check_map_end },
	{ "map-private", check_map_private },
	{ "robust", check_robust },
	{ "robust-kill", check_robust_kill },
	{ "sockets", check_sockets },
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
