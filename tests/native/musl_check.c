/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * musl_check -- a Mach-native program on musl: stdio, malloc, threads,
 * thread-local storage, clocks, and Mach calls beside them.
 *
 * A boot module: `musl_check --host-port=${host-port} $(task-create)
 * $(task-resume)`. Prints `musl: N passed, M failed` and halts the machine.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <mach.h>
#include <mach/mach_musl.h>

static unsigned int passed, failed;
static mach_port_t host_priv;

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (condition) {                                                                   \
			passed++;                                                                  \
		} else {                                                                           \
			failed++;                                                                  \
			printf("FAIL line %d: %s\n", __LINE__, #condition);                        \
		}                                                                                  \
	} while (0)

static void
test_start(int argc, char **argv)
{
	CHECK(argc >= 1 && argv[argc] == NULL);
	CHECK(getauxval(AT_PAGESZ) == 4096);
	CHECK(getauxval(AT_PHNUM) > 0);
	CHECK(getauxval(AT_RANDOM) != 0);
	CHECK(getauxval(AT_SECURE) == 0);
	CHECK(getenv("NO_SUCH_VARIABLE") == NULL);
	CHECK(getpid() == 1);
}

static void
test_memory(void)
{
	char *blocks[200], *map;

	for (size_t i = 0; i < 200; i++) {
		size_t size = i * i * 17 + 1;

		blocks[i] = malloc(size);
		CHECK(blocks[i] != NULL);
		memset(blocks[i], (int)i, size);
	}
	for (int i = 0; i < 200; i++) {
		CHECK(blocks[i][i * i * 17] == (char)i);
		free(blocks[i]);
	}
	map = malloc(1 << 20);
	memset(map, 7, 1 << 20);
	map = realloc(map, 9 << 20);
	CHECK(map != NULL && map[(1 << 20) - 1] == 7);
	free(map);
	map = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(map != MAP_FAILED && map != NULL && map[4096] == 0);
	map[4096] = 1;
	CHECK(madvise(map, 5 * 4096, MADV_DONTNEED) == 0 && map[4096] == 0);
	CHECK(mmap(map + 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	    map + 4096);
	CHECK(mprotect(map + 4096, 4096, PROT_READ | PROT_WRITE) == 0);
	map[4096] = 2;
	CHECK(munmap(map, 5 * 4096) == 0);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 5, 0) == MAP_FAILED && errno == ENODEV);
}

static __thread int local = 5;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int sum, ready;

static void *
worker(void *argument)
{
	int id = (int)(intptr_t)argument;
	mach_port_t port;

	local += id;
	for (size_t i = 0; i < 500; i++) {
		free(malloc(i * 10 + 1));
		pthread_mutex_lock(&mutex);
		sum++;
		pthread_mutex_unlock(&mutex);
		/* Stubs in many threads at once. */
		if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port) ==
		    KERN_SUCCESS)
			(void)mach_port_mod_refs(
			    mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
	}
	pthread_mutex_lock(&mutex);
	ready++;
	pthread_cond_broadcast(&cond);
	while (ready < 4)
		pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	return (void *)(intptr_t)local;
}

static void
test_threads(void)
{
	pthread_t threads[4];
	double x = 1.25;

	for (intptr_t i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], NULL, worker, (void *)i) == 0);
	for (intptr_t i = 0; i < 4; i++) {
		void *result = NULL;

		CHECK(pthread_join(threads[i], &result) == 0);
		CHECK((intptr_t)result == 5 + i);
		x *= 2;
	}
	CHECK(sum == 4 * 500);
	CHECK(local == 5);
	CHECK(x == 20.0);
}

static void *
detached(void *argument)
{
	pthread_mutex_lock(&mutex);
	ready++;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&mutex);
	return NULL;
}

/* Whose end runs without a stack of the program. */
static void
test_detached(void)
{
	pthread_attr_t attr;

	ready = 0;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 20; i++) {
		pthread_t thread;

		CHECK(pthread_create(&thread, &attr, detached, NULL) == 0);
		pthread_mutex_lock(&mutex);
		while (ready <= i)
			pthread_cond_wait(&cond, &mutex);
		pthread_mutex_unlock(&mutex);
	}
}

static void
test_clocks(void)
{
	struct timespec before, after, wait = { 0, 50000000 };
	int result;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
	CHECK(nanosleep(&wait, NULL) == 0);
	CHECK(clock_gettime(CLOCK_MONOTONIC, &after) == 0);
	CHECK((after.tv_sec - before.tv_sec) * 1000000000L + after.tv_nsec - before.tv_nsec >=
	    50000000);
	CHECK(time(NULL) != (time_t)-1);
	clock_gettime(CLOCK_REALTIME, &wait);
	wait.tv_nsec += 20000000;
	if (wait.tv_nsec >= 1000000000) {
		wait.tv_sec++;
		wait.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&mutex);
	do
		result = pthread_cond_timedwait(&cond, &mutex, &wait);
	while (result == 0);
	CHECK(result == ETIMEDOUT);
	pthread_mutex_unlock(&mutex);
	CHECK(clock_gettime(99, &wait) == -1 && errno == EINVAL);
}

static void
test_other(void)
{
	unsigned char bytes[16] = { 0 };
	int set = 0;

	CHECK(getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes));
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		set |= bytes[i];
	CHECK(set != 0);
	CHECK(syscall(SYS_mount, 0, 0, 0, 0, 0) == -1 && errno == ENOSYS);
	CHECK(syscall(100000, 0) == -1 && errno == ENOSYS);
	CHECK(write(7, "x", 1) == -1 && errno == EBADF);
	CHECK(read(0, bytes, 1) == 0);
	CHECK(isatty(1) == 0);
	CHECK(signal(SIGUSR1, SIG_IGN) == SIG_DFL);
	CHECK(task_suspend(MACH_PORT_NULL) != KERN_SUCCESS);
}

static void
halt(int status)
{
	for (;;)
		(void)host_reboot(host_priv, RB_HALT);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--host-port=", 12) == 0)
			host_priv = (mach_port_t)strtoul(argv[i] + 12, NULL, 10);
	}
	mach_musl_exit_hook = halt;
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	test_start(argc, argv);
	test_memory();
	test_threads();
	test_detached();
	test_clocks();
	test_other();
	printf("musl: %u passed, %u failed\n", passed, failed);
	exit(failed != 0);
}
