/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stress -- many threads and tasks at once, ended and interrupted at any
 * moment; afterwards nothing may be left behind.
 *
 * A boot module: `stress --host-port=${host-port} [--rounds=N] $(task-create)
 * $(task-resume)`. Prints a line per part, then `stress: N passed, M failed`,
 * and powers off.
 */
#include <mach.h>
#include <mach/mach_threads.h>
#include <mach/portolan.h>
#include <portolan/portolan.h>

#include "counts.h"

#define ROUNDS_DEFAULT 200

static unsigned int passed, failed;
static unsigned int rounds = ROUNDS_DEFAULT;
static mach_port_t host_priv;

static boolean_t
check_at(int line, const char *what, boolean_t good)
{
	if (good) {
		__atomic_fetch_add(&passed, 1, __ATOMIC_RELAXED);
		return TRUE;
	}
	__atomic_fetch_add(&failed, 1, __ATOMIC_RELAXED);
	mach_printf("FAIL line %d: %s\n", line, what);
	return FALSE;
}

#define CHECK(condition)       check_at(__LINE__, #condition, (condition))
#define CHECK_KR(call, wanted) check_kr(__LINE__, #call, (call), (wanted))

static void
check_kr(int line, const char *what, kern_return_t got, kern_return_t wanted)
{
	if (!check_at(line, what, got == wanted))
		mach_printf("     got %s (0x%x)\n", mach_error_string(got), (unsigned int)got);
}

static unsigned int
random_next(unsigned int *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 16;
}

/* -- Waiting for a number of threads to end ------------------------------------ */

static struct mach_mutex gate_lock;
static struct mach_condition gate_change;
static unsigned int gate_running;

static void
gate_start(void (*function)(void *), void *argument)
{
	mach_mutex_lock(&gate_lock);
	gate_running++;
	mach_mutex_unlock(&gate_lock);
	CHECK_KR(mach_thread_start(function, argument, 0, NULL), KERN_SUCCESS);
}

static void
gate_leave(void)
{
	mach_mutex_lock(&gate_lock);
	gate_running--;
	mach_condition_broadcast(&gate_change);
	mach_mutex_unlock(&gate_lock);
}

static void
gate_wait(void)
{
	mach_mutex_lock(&gate_lock);
	while (gate_running > 0)
		mach_condition_wait(&gate_change, &gate_lock);
	mach_mutex_unlock(&gate_lock);
}

/* -- Messages of a header alone ---------------------------------------------------- */

static mach_port_t
port_create(void)
{
	mach_port_t port = MACH_PORT_NULL;

	CHECK_KR(
	    mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port), KERN_SUCCESS);
	CHECK_KR(mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_SUCCESS);
	return port;
}

static void
port_destroy(mach_port_t port)
{
	CHECK_KR(mach_port_destroy(mach_task_self(), port), KERN_SUCCESS);
}

/* Ask `server`; the answer's id is the request's plus one. */
static mach_msg_return_t
call(mach_port_t server, mach_port_t reply, int id, int *answerp)
{
	mach_msg_header_t head = { 0 };
	mach_msg_return_t mr;

	head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	head.msgh_size = sizeof(head);
	head.msgh_remote_port = server;
	head.msgh_local_port = reply;
	head.msgh_id = id;
	mr = mach_msg(&head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(head), sizeof(head), reply, 0,
	    MACH_PORT_NULL);
	*answerp = head.msgh_id;
	return mr;
}

#define SERVER_END 999999

static void
serve(mach_port_t port)
{
	union {
		mach_msg_header_t head;
		char room[256];
	} message;
	mach_msg_header_t *head = &message.head;
	mach_msg_return_t mr;

	mr = mach_msg(head, MACH_RCV_MSG, 0, sizeof(message), port, 0, MACH_PORT_NULL);
	while (mr == MACH_MSG_SUCCESS) {
		boolean_t last = head->msgh_id == SERVER_END;

		head->msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(head->msgh_bits), 0);
		head->msgh_local_port = MACH_PORT_NULL;
		head->msgh_size = sizeof(*head);
		head->msgh_id++;
		if (last) {
			(void)mach_msg(head, MACH_SEND_MSG, sizeof(*head), 0, 0, 0, MACH_PORT_NULL);
			return;
		}
		mr = mach_msg(head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(*head), sizeof(message),
		    port, 0, MACH_PORT_NULL);
		if (mr != MACH_SEND_INVALID_DEST)
			continue;
		/* The client is gone; its reply right became a dead name. */
		(void)mach_port_deallocate(mach_task_self(), head->msgh_remote_port);
		mr = mach_msg(head, MACH_RCV_MSG, 0, sizeof(message), port, 0, MACH_PORT_NULL);
	}
}

static void
server_thread(void *argument)
{
	serve(*(mach_port_t *)argument);
	gate_leave();
}

/* -- Part: RPC among many threads ---------------------------------------------------- */

#define RPC_CLIENTS 6
#define RPC_SERVERS 3

static mach_port_t rpc_port;
static unsigned int rpc_wrong;

static void
client_thread(void *argument)
{
	mach_port_t reply = mach_reply_port();
	unsigned int clients_rounds = rounds * 20;

	for (unsigned int i = 0; i < clients_rounds; i++) {
		int answer = 0;

		if (call(rpc_port, reply, (int)i, &answer) != MACH_MSG_SUCCESS ||
		    answer != (int)i + 1)
			__atomic_fetch_add(&rpc_wrong, 1, __ATOMIC_RELAXED);
	}
	(void)mach_port_mod_refs(mach_task_self(), reply, MACH_PORT_RIGHT_RECEIVE, -1);
	gate_leave();
}

static void
servers_end(unsigned int count)
{
	mach_port_t reply = mach_reply_port();
	int answer;

	for (unsigned int i = 0; i < count; i++)
		CHECK_KR(call(rpc_port, reply, SERVER_END, &answer), MACH_MSG_SUCCESS);
	gate_wait();
	(void)mach_port_mod_refs(mach_task_self(), reply, MACH_PORT_RIGHT_RECEIVE, -1);
}

static void
part_rpc(void)
{
	rpc_port = port_create();
	for (int i = 0; i < RPC_CLIENTS; i++)
		gate_start(client_thread, NULL);
	for (int i = 0; i < RPC_SERVERS; i++)
		gate_start(server_thread, &rpc_port);
	mach_mutex_lock(&gate_lock);
	while (gate_running > RPC_SERVERS)
		mach_condition_wait(&gate_change, &gate_lock);
	mach_mutex_unlock(&gate_lock);
	servers_end(RPC_SERVERS);
	CHECK(rpc_wrong == 0);
	port_destroy(rpc_port);
}

/* -- Part: threads come and go ---------------------------------------------------------- */

static unsigned int short_lives;

static void
short_thread(void *argument)
{
	__atomic_fetch_add(&short_lives, 1, __ATOMIC_RELAXED);
	gate_leave();
}

static void
part_threads(void)
{
	unsigned int total = rounds * 5;

	short_lives = 0;
	for (unsigned int i = 0; i < total; i++) {
		gate_start(short_thread, NULL);
		if (i % 16 == 15)
			gate_wait();
	}
	gate_wait();
	CHECK(short_lives == total);
}

/* -- Part: a thread held, aborted and looked at while it works ----------------------------- */

static unsigned int victim_calls, victim_interrupted, victim_wrong;
static volatile boolean_t victim_stop;

static void
victim_thread(void *argument)
{
	mach_port_t reply = mach_reply_port();
	int answer;

	while (!victim_stop) {
		mach_msg_return_t mr = call(rpc_port, reply, 5, &answer);

		if (mr == MACH_MSG_SUCCESS && answer == 6) {
			victim_calls++;
		} else if (mr == MACH_RCV_INTERRUPTED || mr == MACH_SEND_INTERRUPTED) {
			victim_interrupted++;
			/* The answer may still come: a new port. */
			(void)mach_port_mod_refs(
			    mach_task_self(), reply, MACH_PORT_RIGHT_RECEIVE, -1);
			reply = mach_reply_port();
		} else {
			victim_wrong++;
		}
		for (volatile int spin = 0; spin < 300; spin++)
			;
	}
	(void)mach_port_mod_refs(mach_task_self(), reply, MACH_PORT_RIGHT_RECEIVE, -1);
	gate_leave();
}

static void
control_round(thread_t victim, unsigned int *seed)
{
	natural_t state[i386_THREAD_STATE_COUNT];
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	unsigned int what = random_next(seed) % 4;

	CHECK_KR(thread_suspend(victim), KERN_SUCCESS);
	if (what >= 1)
		CHECK_KR(thread_abort(victim), KERN_SUCCESS);
	if (what >= 2) {
		CHECK_KR(thread_get_state(victim, i386_THREAD_STATE, state, &count), KERN_SUCCESS);
		CHECK(count == i386_THREAD_STATE_COUNT);
	}
	if (what == 3)
		CHECK_KR(thread_set_state(victim, i386_THREAD_STATE, state, count), KERN_SUCCESS);
	CHECK_KR(thread_resume(victim), KERN_SUCCESS);
	if (random_next(seed) % 8 == 0)
		(void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 10);
	else if (random_next(seed) % 2 == 0)
		(void)swtch();
}

static void
part_control(void)
{
	unsigned int seed = 12345;
	thread_t victim = MACH_PORT_NULL;

	victim_stop = FALSE;
	victim_calls = victim_interrupted = victim_wrong = 0;
	rpc_port = port_create();
	gate_start(server_thread, &rpc_port);
	mach_mutex_lock(&gate_lock);
	gate_running++;
	mach_mutex_unlock(&gate_lock);
	CHECK_KR(mach_thread_start(victim_thread, NULL, 0, &victim), KERN_SUCCESS);
	for (unsigned int i = 0; i < rounds * 5; i++)
		control_round(victim, &seed);
	victim_stop = TRUE;
	mach_mutex_lock(&gate_lock);
	while (gate_running > 1)
		mach_condition_wait(&gate_change, &gate_lock);
	mach_mutex_unlock(&gate_lock);
	servers_end(1);
	port_destroy(rpc_port);
	(void)mach_port_deallocate(mach_task_self(), victim);
	CHECK(victim_wrong == 0);
	CHECK(victim_calls > 0);
	mach_printf("     %u calls, %u interrupted\n", victim_calls, victim_interrupted);
}

/* -- Part: threads ended at any moment ------------------------------------------------------- */

static void
doomed_thread(void *argument)
{
	mach_port_t reply = mach_reply_port();
	int answer;

	for (;;)
		(void)call(rpc_port, reply, 7, &answer);
}

static void
part_terminate(void)
{
	unsigned int seed = 777;
	mach_port_t names[4];

	rpc_port = port_create();
	gate_start(server_thread, &rpc_port);
	for (unsigned int i = 0; i < rounds; i++) {
		task_t task = MACH_PORT_NULL;
		thread_t thread;

		/* In a child that shares nothing but this text. */
		CHECK_KR(task_create(mach_task_self(), TRUE, &task), KERN_SUCCESS);
		CHECK_KR(mach_port_insert_right(task, rpc_port, rpc_port, MACH_MSG_TYPE_COPY_SEND),
		    KERN_SUCCESS);
		for (int n = 0; n < 4; n++) {
			vm_address_t stack = 0;

			CHECK_KR(thread_create(task, &thread), KERN_SUCCESS);
			CHECK_KR(
			    mach_setup_thread(task, thread, (void *)doomed_thread, &stack, NULL),
			    KERN_SUCCESS);
			names[n] = thread;
			CHECK_KR(thread_resume(thread), KERN_SUCCESS);
		}
		for (unsigned int n = random_next(&seed) % 8; n > 0; n--)
			(void)swtch();
		if (i % 4 == 0)
			CHECK_KR(task_suspend(task), KERN_SUCCESS);
		if (i % 3 == 0)
			CHECK_KR(thread_terminate(names[i % 4]), KERN_SUCCESS);
		CHECK_KR(task_terminate(task), KERN_SUCCESS);
		for (int n = 0; n < 4; n++)
			(void)mach_port_deallocate(mach_task_self(), names[n]);
		(void)mach_port_deallocate(mach_task_self(), task);
	}
	servers_end(1);
	port_destroy(rpc_port);
}

/* -- Part: memory shared and copied ------------------------------------------------------------ */

static void
part_memory(void)
{
	vm_size_t size = 64 * 4096;

	for (unsigned int i = 0; i < rounds / 4; i++) {
		vm_address_t memory = 0, copy = 0;
		mach_msg_type_number_t count;
		vm_offset_t data = 0;
		task_t task;

		CHECK_KR(vm_allocate(mach_task_self(), &memory, size, TRUE), KERN_SUCCESS);
		for (vm_size_t at = 0; at < size; at += 4096)
			*(unsigned int *)(memory + at) = i + (unsigned int)at;
		CHECK_KR(task_create(mach_task_self(), TRUE, &task), KERN_SUCCESS);
		*(unsigned int *)memory = 0;
		CHECK_KR(vm_read(task, memory, size, &data, &count), KERN_SUCCESS);
		copy = data;
		CHECK(*(unsigned int *)copy == i && *(unsigned int *)(copy + 4096) == i + 4096);
		CHECK_KR(vm_deallocate(mach_task_self(), copy, size), KERN_SUCCESS);
		CHECK_KR(task_terminate(task), KERN_SUCCESS);
		(void)mach_port_deallocate(mach_task_self(), task);
		CHECK_KR(vm_deallocate(mach_task_self(), memory, size), KERN_SUCCESS);
	}
}

/* -- Part: many waiters on few words -------------------------------------------------------------- */

#define SYNC_THREADS 6

static struct mach_mutex sync_lock;
static unsigned int sync_total;

static void
sync_thread(void *argument)
{
	for (unsigned int i = 0; i < rounds * 20; i++) {
		mach_mutex_lock(&sync_lock);
		sync_total++;
		mach_mutex_unlock(&sync_lock);
	}
	gate_leave();
}

static void
part_gsync(void)
{
	sync_total = 0;
	for (int i = 0; i < SYNC_THREADS; i++)
		gate_start(sync_thread, NULL);
	gate_wait();
	CHECK(sync_total == SYNC_THREADS * rounds * 20);
}

/* -- Nothing may stay ------------------------------------------------------------------------------- */

/* The library keeps reply ports for reuse, at most one per slot. */
#define REPLY_PORTS_KEPT 16

static const struct counts_row watched[] = {
	COUNTS_IPC_KEPT(REPLY_PORTS_KEPT),
	COUNTS_VM,
	{ PORTOLAN_COUNT_MAP_ENTRIES, "map entries", 0 },
	{ PORTOLAN_COUNT_OBJECTS, "objects", 0 },
};

#define WATCHED (sizeof(watched) / sizeof(watched[0]))

struct part {
	const char *name;
	void (*run)(void);
};

static const struct part parts[] = {
	{ "rpc", part_rpc },
	{ "threads", part_threads },
	{ "control", part_control },
	{ "terminate", part_terminate },
	{ "memory", part_memory },
	{ "gsync", part_gsync },
};

/* The first run makes what stays (reply ports, stacks); the second must not
 * change the counts. */
static void
part_run(const struct part *part)
{
	portolan_counts_data_t before, after;
	unsigned int failed_before = failed;

	part->run();
	CHECK(counts_settle(host_priv, before, watched, WATCHED));
	part->run();
	if (!CHECK(counts_return(host_priv, before, after, watched, WATCHED)))
		counts_tell(before, after, watched, WATCHED);
	mach_printf("%s %s\n", failed == failed_before ? "PASS" : "FAIL", part->name);
}

static unsigned long
argument(int argc, char **argv, const char *name, unsigned long value)
{
	for (int i = 1; i < argc; i++) {
		const char *text = argv[i], *at = name;

		while (*at != '\0' && *text == *at)
			text++, at++;
		if (*at != '\0')
			continue;
		for (value = 0; *text >= '0' && *text <= '9'; text++)
			value = value * 10 + (unsigned long)(*text - '0');
	}
	return value;
}

int
main(int argc, char **argv)
{
	host_priv = (mach_port_t)argument(argc, argv, "--host-port=", 0);
	rounds = (unsigned int)argument(argc, argv, "--rounds=", ROUNDS_DEFAULT);
	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		part_run(&parts[i]);
	mach_printf("stress: %u passed, %u failed\n", passed, failed);
	(void)host_exit(host_priv, failed != 0);
	return 1;
}
