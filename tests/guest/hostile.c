/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile -- programs that do to the server what no good program does. Each
 * argument names an attack; afterwards whoever did it must be gone by kill -9
 * and all others unharmed. The tables of requests (hostile_requests.h) are
 * made from the server's interfaces by the test that runs this.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* One field of a request. */
struct field {
	unsigned type, bits, number, variable, string;
};

struct request {
	int id;
	unsigned count;
	const struct field *fields;
};

#include "check.h"
#include "hostile_requests.h"

#define REQUESTS  (sizeof(requests) / sizeof(requests[0]))
#define NOBODY    65534
#define ATTACKERS 40

static void
sleep_ms(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* ---- Mach, from the ABI ------------------------------------------------------------ */

#define COPY_SEND      19u
#define MAKE_SEND      20u
#define MAKE_SEND_ONCE 21u
#define COMPLEX        0x80000000u
#define SEND           1
#define RECEIVE        2
#define TIMEOUTS       0x110
#define INLINE         (1u << 29)
#define PROCESS_PORT   1

struct header {
	uint32_t bits, size;
	uint64_t remote, local;
	uint32_t seqno, id;
};

union message {
	struct header head;
	unsigned char bytes[32768];
};

long message_trap(void *message, int option, unsigned send_size, unsigned receive_size,
    unsigned receive_name, unsigned timeout, unsigned notify);
long map_trap(unsigned task, void **address, size_t size, size_t mask, int anywhere,
    unsigned object, size_t offset, int copy, int protection, int maximum, int inheritance);

__asm__("message_trap: mov %rcx, %r10; mov $-25, %rax; syscall; ret\n"
	"map_trap: mov %rcx, %r10; mov $-64, %rax; syscall; ret\n");

static long
trap(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
}

static unsigned
reply_port(void)
{
	return (unsigned)trap(-26, 0, 0, 0, 0);
}

static unsigned
task_self(void)
{
	return (unsigned)trap(-28, 0, 0, 0, 0);
}

static uint64_t
descriptor(unsigned type, unsigned bits, unsigned number)
{
	return (uint64_t)number << 32 | INLINE | bits << 8 | type;
}

static unsigned
put(union message *m, unsigned at, uint64_t descriptor_word, uint64_t value)
{
	memcpy(m->bytes + at, &descriptor_word, 8);
	memcpy(m->bytes + at + 8, &value, 8);
	return at + 16;
}

/* Send and wait a little for an answer, which replaces the message. */
static long
call(union message *m, unsigned port, int id, unsigned size, uint32_t bits, unsigned ms)
{
	unsigned reply = reply_port();
	long result;

	m->head = (struct header) {
		.bits = COPY_SEND | MAKE_SEND_ONCE << 8 | bits,
		.size = size,
		.remote = port,
		.local = reply,
		.id = (uint32_t)id,
	};
	result = message_trap(m, SEND | RECEIVE | TIMEOUTS, size, sizeof(*m), reply, ms, 0);
	trap(-73, task_self(), reply, 0, 0);
	return result;
}

/* ---- random requests ------------------------------------------------------------------- */

static uint32_t seed;

static uint32_t
next_random(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

static uint64_t
odd_number(void)
{
	static const uint64_t odd[] = { 0, 1, 2, 3, 7, 8, 64, 255, 4096, 0x7fffffff, 0x80000000,
		0xffffffff, INT64_MAX, (uint64_t)INT64_MIN, UINT64_MAX, (uint64_t)-100 };
	uint32_t r = next_random();

	if (r % 4 == 0)
		return (uint64_t)next_random() << 32 | r;
	if (r % 4 == 1)
		return r / 4 % 8;
	return odd[r / 4 % (sizeof(odd) / sizeof(odd[0]))];
}

static void
odd_bytes(unsigned char *at, unsigned size, int string)
{
	static const char *const texts[] = { "/", "/tmp/x", "..", "/proc/self/fd/0", "/dev/null",
		"", "/proc/self/exe", "/dev/console", "/tmp/../tmp/hostile" };
	const char *text = texts[next_random() % (sizeof(texts) / sizeof(texts[0]))];

	for (unsigned i = 0; i < size; i++)
		at[i] = next_random() % 3 == 0 ? (unsigned char)next_random() : '/';
	if (string && strlen(text) < size && next_random() % 4 != 0)
		strcpy((char *)at, text);
}

static unsigned
put_field(union message *m, unsigned at, const struct field *f)
{
	unsigned number = f->number;
	unsigned size;

	if (f->variable && next_random() % 8 != 0)
		number = next_random() % (next_random() % 2 == 0 ? 40 : f->number + 1);
	size = (number * f->bits / 8 + 7) & ~7u;
	if (at + 8 + size + 64 > sizeof(*m))
		return at;
	put(m, at, descriptor(f->type, f->bits, number), 0);
	if (f->bits == 8)
		odd_bytes(m->bytes + at + 8, size, (int)f->string);
	else
		for (unsigned i = 0; i < number; i++) {
			uint64_t value = odd_number();

			memcpy(m->bytes + at + 8 + i * f->bits / 8, &value, f->bits / 8);
		}
	return at + 8 + size;
}

/* A good request with odd values, or one that was tampered with. */
static void
random_request(void)
{
	static union message m;
	const struct request *r = &requests[next_random() % REQUESTS];
	unsigned at = sizeof(struct header);
	uint32_t bits = 0;
	int id = r->id;

	for (unsigned i = 0; i < r->count; i++)
		at = put_field(&m, at, &r->fields[i]);
	switch (next_random() % 10) {
	case 0:
		m.bytes[32 + next_random() % (at - 31)] ^= (unsigned char)next_random();
		break;
	case 1:
		at = 32 + next_random() % 200 / 4 * 4;
		break;
	case 2:
		id = (int)(5390 + next_random() % 600);
		break;
	case 3:
		at = put(&m, at, descriptor(COPY_SEND, 64, 1), task_self());
		bits = COMPLEX;
		break;
	default:
		break;
	}
	call(&m, PROCESS_PORT, id, at, bits, 5);
}

/* The child is to end by itself soon, or by kill -9 always. */
static void
reap(pid_t pid, long ms)
{
	int status;

	for (; ms > 0; ms -= 5) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return;
		sleep_ms(5);
	}
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == 9);
}

static void
attack_requests(void)
{
	for (uint32_t i = 0; i < ATTACKERS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			int null = open("/dev/null", O_RDWR);

			/* not the super-user, lest it power off */
			dup2(null, 0);
			dup2(null, 1);
			setsid();
			if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
				_exit(1);
			seed = i + 1;
			for (int n = 0; n < 60; n++)
				random_request();
			_exit(0);
		}
		reap(pid, 200);
	}
}

/* ---- killed while waiting ------------------------------------------------------------------ */

#define FIFO    "/tmp/hostile.fifo"
#define LOCK    "/tmp/hostile.lock"
#define ADDRESS "/tmp/hostile.socket"

static int ends[2]; /* a pipe, full */
static int empty[2];

static struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = ADDRESS };

static void
wait_read(void)
{
	char c;
	(void)!read(empty[0], &c, 1);
}
static void
wait_write(void)
{
	(void)!write(ends[1], "xx", 2);
}
static void
wait_open_read(void)
{
	open(FIFO, O_RDONLY);
}
static void
wait_open_write(void)
{
	open(FIFO, O_WRONLY);
}
static void
wait_poll(void)
{
	poll(&(struct pollfd) { empty[0], POLLIN, 0 }, 1, -1);
}
static void
wait_sleep(void)
{
	sleep(1000);
}
static void
wait_pause(void)
{
	pause();
}
static void
wait_flock(void)
{
	flock(open(LOCK, O_RDWR), LOCK_EX);
}
static void
wait_sendfile(void)
{
	sendfile(ends[1], empty[0], NULL, 100);
}

static void
wait_record_lock(void)
{
	struct flock lock = { .l_type = F_WRLCK };

	fcntl(open(LOCK, O_RDWR), F_SETLKW, &lock);
}

static void
wait_suspend(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigsuspend(&set);
}

static void
wait_timed(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigtimedwait(&set, NULL, NULL);
}

static void
wait_child(void)
{
	if (fork() == 0)
		for (;;)
			pause();
	waitpid(-1, NULL, 0);
}

static void
wait_vfork(void)
{
	if (vfork() == 0)
		for (;;)
			pause();
}

static void
wait_accept(void)
{
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink(ADDRESS);
	bind(s, (struct sockaddr *)&address, sizeof(address));
	listen(s, 1);
	accept(s, NULL, NULL);
}

static void
wait_connect(void)
{
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink(ADDRESS);
	bind(s, (struct sockaddr *)&address, sizeof(address));
	listen(s, 1);
	for (;;)
		connect(
		    socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof(address));
}

static void
wait_receive(void)
{
	int pair[2];
	char c;

	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
	recv(pair[0], &c, 1, 0);
}

static void
wait_futex(void)
{
	static int word;

	syscall(SYS_futex, &word, 0, 0, NULL);
}

static void (*const waits[])(void) = { wait_read, wait_write, wait_open_read, wait_open_write,
	wait_poll, wait_sleep, wait_pause, wait_flock, wait_sendfile, wait_record_lock,
	wait_suspend, wait_timed, wait_child, wait_vfork, wait_accept, wait_connect, wait_receive,
	wait_futex };

/* Killed with its group, in the middle and right at the start. */
static void
kill_waiting(void (*wait_somehow)(void), long ms)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		setpgid(0, 0);
		wait_somehow();
		_exit(1);
	}
	setpgid(pid, pid);
	sleep_ms(ms);
	CHECK(kill(-pid, SIGKILL) == 0);
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == 9);
}

static void
attack_waits(void)
{
	static const long delays[] = { 20, 0, 1 };
	struct flock lock = { .l_type = F_WRLCK };
	int held = open(LOCK, O_RDWR | O_CREAT, 0600);
	char fill[4096] = { 0 };

	CHECK(pipe(ends) == 0 && pipe(empty) == 0 && mkfifo(FIFO, 0600) == 0);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	while (write(ends[1], fill, sizeof(fill)) > 0)
		;
	fcntl(ends[1], F_SETFL, 0);
	CHECK(flock(held, LOCK_EX) == 0 && fcntl(held, F_SETLK, &lock) == 0);
	for (size_t d = 0; d < sizeof(delays) / sizeof(delays[0]); d++)
		for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
			kill_waiting(waits[i], delays[d]);
	unlink(FIFO);
	unlink(LOCK);
	unlink(ADDRESS);
}

/* ---- forged exceptions ------------------------------------------------------------------------ */

#define TASK_GET_SPECIAL_PORT 2058
#define EXCEPTION_PORT        3

static unsigned
exception_port(void)
{
	static union message m;
	unsigned size = put(&m, 32, descriptor(2, 32, 1), EXCEPTION_PORT);
	uint32_t name;

	CHECK(call(&m, task_self(), TASK_GET_SPECIAL_PORT, size, 0, 1000) == 0);
	memcpy(&name, m.bytes + 56, sizeof(name));
	return name;
}

/* `port` is no thread of ours: whatever the server holds by this name stays. */
static void
forge(unsigned to, unsigned port)
{
	static union message m;
	unsigned at = put(&m, 32, descriptor(COPY_SEND, 64, 1), port);

	at = put(&m, at, descriptor(COPY_SEND, 64, 1), port);
	at = put(&m, at, descriptor(2, 32, 1), 1);
	at = put(&m, at, descriptor(2, 32, 1), 1);
	at = put(&m, at, descriptor(11, 64, 1), 0);
	CHECK(call(&m, to, 2400, at, COMPLEX, 1000) == 0);
}

static void
attack_exceptions(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		unsigned to = exception_port();
		unsigned thread = (unsigned)trap(-27, 0, 0, 0, 0);

		for (int i = 0; i < 20; i++) {
			forge(to, task_self());
			forge(to, PROCESS_PORT);
			forge(to, to);
		}
		signal(SIGSEGV, SIG_IGN);
		forge(to, thread);
		for (;;)
			pause();
	}
	reap(pid, 100);
}

/* ---- a pager that never answers ----------------------------------------------------------------- */

#define SILENT ((void *)0x100000000000)

/* Memory whose contents never come. */
static char *
silent_memory(void)
{
	unsigned self = task_self();
	void *at = SILENT;
	unsigned port = 0;

	if (trap(-72, self, 1, (long)&port, 0) != 0 ||
	    trap(-74, self, port, port, MAKE_SEND) != 0 ||
	    map_trap(self, &at, 65536, 0, 0, port, 0, 0, 3, 7, 1) != 0)
		return NULL;
	return at;
}

static void
touch_silent(void)
{
	char *at = silent_memory();

	if (at != NULL)
		*(volatile char *)at = 1;
}

static void
write_silent(void)
{
	char *at = silent_memory();

	(void)!write(empty[1], at, 100);
}

static void
read_into_silent(void)
{
	char *at = silent_memory();
	int fd = open("/proc/version", O_RDONLY);

	(void)!read(fd, at, 100);
}

/* The child has it too; exec must not wait for it. */
static void
fork_silent(void)
{
	char *at = silent_memory();

	if (fork() == 0)
		*(volatile char *)at = 1;
	if (fork() == 0)
		execl("/bin/true", at, (char *)NULL);
	for (;;)
		pause();
}

static void
handle_nothing(int signal_number)
{
	(void)signal_number;
}

/* Signals for one who waits for its pager. */
static void
signal_silent(void)
{
	pid_t pid = getpid();
	char *at;

	if (fork() == 0) {
		sleep_ms(5);
		kill(pid, SIGSTOP);
		kill(pid, SIGCONT);
		kill(pid, SIGUSR1);
		_exit(0);
	}
	signal(SIGUSR1, handle_nothing);
	at = silent_memory();
	*(volatile char *)at = 1;
}

static void
with_pager(void (*wait_somehow)(void))
{
	CHECK(pipe(empty) == 0);
	kill_waiting(wait_somehow, 30);
	close(empty[0]);
	close(empty[1]);
}

static void
attack_pager(void)
{
	with_pager(touch_silent);
}

static void
attack_pager_write(void)
{
	with_pager(write_silent);
}

static void
attack_pager_read(void)
{
	with_pager(read_into_silent);
}

static void
attack_pager_fork(void)
{
	with_pager(fork_silent);
}

static void
attack_pager_signal(void)
{
	with_pager(signal_silent);
}

/* ---- all of them ------------------------------------------------------------------------------------- */

static const struct attack {
	const char *name;
	void (*run)(void);
} attacks[] = {
	{ "requests", attack_requests },
	{ "waits", attack_waits },
	{ "exceptions", attack_exceptions },
	{ "pager", attack_pager },
	{ "pager-write", attack_pager_write },
	{ "pager-read", attack_pager_read },
	{ "pager-fork", attack_pager_fork },
	{ "pager-signal", attack_pager_signal },
};

int
main(int argc, char **argv)
{
	for (int a = 1; a < argc; a++)
		for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
			int before = failures;

			if (strcmp(attacks[i].name, argv[a]) != 0)
				continue;
			fflush(stdout);
			attacks[i].run();
			printf("%s %s\n", argv[a], failures == before ? "ok" : "failed");
		}
	return failures != 0;
}
