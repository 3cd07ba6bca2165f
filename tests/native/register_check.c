/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * register_check -- register IPC (docs/register-ipc.md) between tasks: forms,
 * errors, and threads that are aborted, suspended and terminated in the middle.
 *
 * A boot module: `register_check --host-port=${host-port} $(task-create)
 * $(task-resume)`. Prints a line for each check that fails, then `register: N
 * passed, M failed`.
 */
#include <mach.h>
#include <mach/mach_threads.h>
#include <mach/mach_traps.h>
#include <mach/mig_errors.h>
#include <mach/portolan.h>
#include <mach/register_ipc.h>
#include <mach/thread_switch.h>
#include <portolan/portolan.h>

#include "bench.h"
#include "check.h"
#include "counts.h"
#include "fast.h"
#include "fast_server.h"

#define STACK   16384
#define SERVERS 2
#define CLIENTS 4
#define ROUNDS  3000

#define TYPES                                                                                      \
	(MACH_REGISTER_TYPE(0, MACH_REGISTER_INTEGER_64) |                                         \
	    MACH_REGISTER_TYPE(1, MACH_REGISTER_INTEGER_64) |                                      \
	    MACH_REGISTER_TYPE(2, MACH_REGISTER_INTEGER_64) |                                      \
	    MACH_REGISTER_TYPE(3, MACH_REGISTER_INTEGER_64) |                                      \
	    MACH_REGISTER_TYPE(4, MACH_REGISTER_INTEGER_64) |                                      \
	    MACH_REGISTER_TYPE(5, MACH_REGISTER_INTEGER_64))

/* A message of mach_msg with the six words. */
struct typed {
	mach_msg_header_t head;
	struct {
		mach_msg_type_t type;
		uint64_t value;
	} item[MACH_REGISTER_WORDS];
	uint64_t odd;
	uint64_t room[8];
};

#define TYPED_SIZE offsetof(struct typed, odd)

static unsigned char stacks[SERVERS][STACK] __attribute__((aligned(16)));

/* -- Messages -------------------------------------------------------------------- */

static void
fill(struct mach_register_message *message, int id, uint64_t seed)
{
	message->label = MACH_REGISTER_LABEL(id, TYPES);
	for (unsigned i = 0; i < MACH_REGISTER_WORDS; i++)
		message->words[i] = seed * 0x9e3779b97f4a7c15u + i;
}

static bool
is_answer(const struct mach_register_message *message, int id, uint64_t seed)
{
	bool good = message->label == MACH_REGISTER_LABEL(id + 100, TYPES);

	for (unsigned i = 0; i < MACH_REGISTER_WORDS; i++)
		good = good && message->words[i] == seed * 0x9e3779b97f4a7c15u + i + 1;
	return good;
}

static void
answer(struct mach_register_message *message)
{
	message->label += 100;
	for (unsigned i = 0; i < MACH_REGISTER_WORDS; i++)
		message->words[i]++;
}

static void
to_typed(struct typed *typed, const struct mach_register_message *message)
{
	typed->head.msgh_id = MACH_REGISTER_ID(message->label);
	for (unsigned i = 0; i < MACH_REGISTER_WORDS; i++) {
		typed->item[i].type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_INTEGER_64,
			.msgt_size = 64,
			.msgt_inline = TRUE,
			.msgt_number = 1 };
		typed->item[i].value = message->words[i];
	}
}

static void
from_typed(struct mach_register_message *message, const struct typed *typed)
{
	message->label = MACH_REGISTER_LABEL(typed->head.msgh_id, TYPES);
	for (unsigned i = 0; i < MACH_REGISTER_WORDS; i++)
		message->words[i] = typed->item[i].value;
}

/* -- Servers, in a task of their own ------------------------------------------------ */

static mach_port_name_t server_name; /* there */
static mach_port_name_t server_task, server_port, server_thread[SERVERS];

/* Both forms, answers in registers. */
static void
server_loop(void)
{
	struct mach_register_message message = { 0 };
	mach_port_name_t reply = MACH_PORT_NULL;
	struct typed buffer;
	mach_msg_return_t mr;

	for (;;) {
		mr = mach_register_reply_wait(
		    reply, server_name, &message, &buffer.head, sizeof(buffer));
		reply = message.reply;
		if (mr == MACH_REGISTER_MESSAGE) {
			from_typed(&message, &buffer);
			reply = buffer.head.msgh_remote_port;
		} else if (mr != MACH_MSG_SUCCESS) {
			/* The client went away; its right is a dead name. */
			reply = MACH_PORT_NULL;
			continue;
		}
		answer(&message);
	}
}

/* By mach_msg; id 7 gets an answer that fits no registers, 8 none. */
static void
typed_loop(void)
{
	struct mach_register_message message;
	struct typed buffer;

	for (;;) {
		mach_msg_size_t size = TYPED_SIZE;

		if (mach_msg(&buffer.head, MACH_RCV_MSG, 0, sizeof(buffer), server_name, 0, 0) !=
		    MACH_MSG_SUCCESS)
			continue;
		if (buffer.head.msgh_id == 8)
			continue;
		if (buffer.head.msgh_id == 7)
			size += 8;
		from_typed(&message, &buffer);
		answer(&message);
		to_typed(&buffer, &message);
		buffer.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		buffer.head.msgh_local_port = MACH_PORT_NULL;
		(void)mach_msg(&buffer.head, MACH_SEND_MSG, size, 0, 0, 0, 0);
	}
}

/* Takes one request and keeps it. */
static void
keeper_loop(void)
{
	struct mach_register_message message = { 0 };

	(void)mach_register_reply_wait(MACH_PORT_NULL, server_name, &message, NULL, 0);
	for (;;)
		rest(1000);
}

/* Takes one, and answers after a while. */
static void
slow_loop(void)
{
	struct mach_register_message message = { 0 };

	(void)mach_register_reply_wait(MACH_PORT_NULL, server_name, &message, NULL, 0);
	rest(200);
	answer(&message);
	for (;;)
		(void)mach_register_reply_wait(message.reply, server_name, &message, NULL, 0);
}

static void
server_start(void (*loop)(void), unsigned threads, bool in_set)
{
	mach_port_name_t set;

	bench_check("task_create", task_create(me(), TRUE, &server_task));
	bench_check("allocate", bench_port_allocate_in(server_task, &server_name, &server_port));
	if (in_set) {
		bench_check("set", mach_port_allocate(server_task, MACH_PORT_RIGHT_PORT_SET, &set));
		bench_check("member", bench_move_member(server_task, server_name, set));
		server_name = set;
	}
	bench_poke(server_task, &server_name, sizeof(server_name));
	for (unsigned i = 0; i < threads; i++)
		server_thread[i] = bench_thread_start(server_task, loop, stacks[i] + STACK);
}

static void
server_stop(unsigned threads)
{
	CHECK_EQ(task_terminate(server_task), KERN_SUCCESS);
	for (unsigned i = 0; i < threads; i++)
		mach_port_deallocate(me(), server_thread[i]);
	mach_port_deallocate(me(), server_port);
	mach_port_deallocate(me(), server_task);
}

/* -- Clients --------------------------------------------------------------------------- */

static void
call_some(mach_port_name_t reply, unsigned rounds)
{
	struct mach_register_message message;
	unsigned good = 0;

	for (unsigned i = 0; i < rounds; i++) {
		fill(&message, 40, i);
		good += mach_register_call(server_port, reply, &message) == MACH_MSG_SUCCESS &&
		    is_answer(&message, 40, i);
	}
	CHECK_EQ(good, rounds);
}

static void
message_some(mach_port_name_t reply, unsigned rounds)
{
	struct mach_register_message message;
	struct typed buffer;
	unsigned good = 0;

	for (unsigned i = 0; i < rounds; i++) {
		fill(&message, 41, i);
		to_typed(&buffer, &message);
		buffer.head.msgh_bits =
		    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		buffer.head.msgh_remote_port = server_port;
		buffer.head.msgh_local_port = reply;
		if (mach_msg(&buffer.head, MACH_SEND_MSG | MACH_RCV_MSG, TYPED_SIZE, sizeof(buffer),
			reply, 0, 0) != MACH_MSG_SUCCESS)
			continue;
		from_typed(&message, &buffer);
		good += buffer.head.msgh_size == TYPED_SIZE && is_answer(&message, 41, i);
	}
	CHECK_EQ(good, rounds);
}

static void
test_forms(mach_port_name_t reply)
{
	for (int in_set = 0; in_set < 2; in_set++) {
		server_start(server_loop, 1, in_set);
		call_some(reply, 1000);
		message_some(reply, 100);
		call_some(reply, 10);
		server_stop(1);
	}
	server_start(typed_loop, 1, false);
	call_some(reply, 100);
	server_stop(1);
}

static void
test_errors(mach_port_name_t reply, mach_port_name_t host)
{
	struct mach_register_message message;

	server_start(typed_loop, 1, false);
	fill(&message, 7, 1);
	CHECK_EQ(mach_register_call(server_port, reply, &message), MACH_RCV_TOO_LARGE);
	fill(&message, 40, 1);
	CHECK_EQ(
	    mach_register_call(server_port, MACH_PORT_NULL, &message), MACH_SEND_INVALID_REPLY);
	CHECK_EQ(mach_register_call(server_port, server_port, &message), MACH_SEND_INVALID_REPLY);
	CHECK_EQ(mach_register_call(0x7ffff, reply, &message), MACH_SEND_INVALID_DEST);
	CHECK_EQ(
	    mach_register_reply_wait(0x7ffff, reply, &message, NULL, 0), MACH_SEND_INVALID_DEST);
	CHECK_EQ(
	    mach_register_reply_wait(0, server_port, &message, NULL, 0), MACH_RCV_INVALID_NAME);
	bench_ipc_mode_set(host, PORTOLAN_IPC_HANDOFF);
	CHECK_EQ(mach_register_call(server_port, reply, &message), MACH_REGISTER_FORBIDDEN);
	CHECK_EQ(mach_register_reply_wait(0, reply, &message, NULL, 0), MACH_REGISTER_FORBIDDEN);
	message_some(reply, 10);
	bench_ipc_mode_set(host, PORTOLAN_IPC_ALL);
	call_some(reply, 10);
	server_stop(1);
}

/* The kernel's own answers: mach_port_type of our task port. */
static void
test_kernel_call(mach_port_name_t reply)
{
	struct mach_register_message message = { 0 };

	message.label = MACH_REGISTER_LABEL(3201, MACH_REGISTER_TYPE(0, MACH_REGISTER_PORT_NAME));
	message.words[0] = reply;
	CHECK_EQ(mach_register_call(me(), reply, &message), MACH_MSG_SUCCESS);
	CHECK_EQ(MACH_REGISTER_ID(message.label), 3301);
	CHECK_EQ(MACH_REGISTER_CODE(message.label, 0), MACH_REGISTER_INTEGER_32);
	CHECK_EQ(message.words[0], KERN_SUCCESS);
	CHECK_EQ(message.words[1] & MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_RECEIVE);
}

/* -- Stubs of mig --fastpath ------------------------------------------------------------- */

static volatile int noted;

kern_return_t
serve_fast_add(mach_port_t server, int a, int64_t b, int64_t *sum)
{
	*sum = a + b;
	return KERN_SUCCESS;
}

kern_return_t
serve_fast_swap(mach_port_t server, pair_t *pair, mach_port_name_t name, boolean_t *same)
{
	*same = pair->first == pair->second;
	*pair = (pair_t) { pair->second, pair->first + (int)name };
	return KERN_SUCCESS;
}

kern_return_t
serve_fast_fail(mach_port_t server, int code)
{
	return code;
}

kern_return_t
serve_fast_text(mach_port_t server, const_text_t text, int *length)
{
	for (*length = 0; text[*length] != '\0'; ++*length)
		continue;
	return KERN_SUCCESS;
}

kern_return_t
serve_fast_note(mach_port_t server, int a)
{
	noted = a;
	return KERN_SUCCESS;
}

static void
fast_loop(void *arg)
{
	(void)mach_register_server(
	    fast_server_register, fast_server, 256, *(mach_port_name_t *)arg);
}

/* Every routine, by stubs of both kinds. */
static void
fast_calls(mach_port_name_t port)
{
	pair_t pair = { 3, 4 };
	boolean_t same = TRUE;
	int64_t sum = 0;
	int length = 0;

	CHECK_EQ(fast_add_register(port, -5, 1ll << 40, &sum), KERN_SUCCESS);
	CHECK_EQ(sum, (1ll << 40) - 5);
	CHECK_EQ(fast_add(port, 5, -6, &sum), KERN_SUCCESS);
	CHECK_EQ(sum, -1);
	CHECK_EQ(fast_swap_register(port, &pair, 10, &same), KERN_SUCCESS);
	CHECK(pair.first == 4 && pair.second == 13 && !same);
	CHECK_EQ(fast_swap(port, &pair, 0, &same), KERN_SUCCESS);
	CHECK(pair.first == 13 && pair.second == 4);
	CHECK_EQ(fast_fail_register(port, 77), 77);
	CHECK_EQ(fast_fail_register(port, 0), 0);
	CHECK_EQ(fast_fail(port, 78), 78);
	CHECK_EQ(fast_text(port, "twelve chars", &length), KERN_SUCCESS);
	CHECK_EQ(length, 12);
	CHECK_EQ(fast_note(port, 9), KERN_SUCCESS);
	CHECK_EQ(fast_fail(port, 0), 0);
	CHECK_EQ(noted, 9);
}

static void
test_stubs(mach_port_name_t host)
{
	static mach_port_name_t port;
	struct mach_register_message message = { 0 };
	mach_port_name_t thread, reply = mach_reply_port();

	port = mach_reply_port();
	CHECK_EQ(mach_port_insert_right(me(), port, port, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
	bench_check("thread", mach_thread_start(fast_loop, &port, 0, &thread));
	fast_calls(port);
	/* in registers, but of no routine, or of other types: the other demultiplexer's */
	message.label = MACH_REGISTER_LABEL(4000, MACH_REGISTER_TYPE(0, MACH_REGISTER_CHAR));
	CHECK_EQ(mach_register_call(port, reply, &message), MACH_MSG_SUCCESS);
	CHECK_EQ((int)message.words[0], MIG_BAD_ARGUMENTS);
	message.label = MACH_REGISTER_LABEL(4999, 0);
	CHECK_EQ(mach_register_call(port, reply, &message), MACH_MSG_SUCCESS);
	CHECK_EQ((int)message.words[0], MIG_BAD_ID);
	/* the stubs and the loop go on by mach_msg */
	bench_ipc_mode_set(host, PORTOLAN_IPC_HANDOFF);
	fast_calls(port);
	bench_ipc_mode_set(host, PORTOLAN_IPC_ALL);
	CHECK_EQ(mach_port_mod_refs(me(), port, MACH_PORT_RIGHT_RECEIVE, -1), KERN_SUCCESS);
	CHECK_EQ(fast_fail_register(port, 0), MACH_SEND_INVALID_DEST);
	mach_port_deallocate(me(), port);
	mach_port_deallocate(me(), thread);
	mach_port_mod_refs(me(), reply, MACH_PORT_RIGHT_RECEIVE, -1);
}

/* -- Threads that are disturbed ----------------------------------------------------------- */

struct caller {
	mach_port_name_t reply;
	mach_port_name_t thread;
	volatile mach_msg_return_t mr;
	volatile bool done;
	bool bare; /* the trap itself, interruptions shown */
	unsigned rounds;
	volatile unsigned good;
	struct mach_register_message message;
};

static void
one_call(void *arg)
{
	struct caller *caller = arg;

	fill(&caller->message, 40, 5);
	caller->mr = caller->bare
	    ? mach_register_call_trap(server_port, caller->reply, &caller->message)
	    : mach_register_call(server_port, caller->reply, &caller->message);
	caller->done = true;
}

static void
caller_start(struct caller *caller, void (*body)(void *), bool bare)
{
	*caller = (struct caller) { .reply = mach_reply_port(), .bare = bare };
	bench_check("thread", mach_thread_start(body, caller, 0, &caller->thread));
	rest(50);
}

static void
caller_end(struct caller *caller)
{
	mach_port_deallocate(me(), caller->thread);
	mach_port_mod_refs(me(), caller->reply, MACH_PORT_RIGHT_RECEIVE, -1);
}

static void
test_server_dies(void)
{
	struct caller caller;

	for (int got = 0; got < 2; got++) {
		/* after it took the call, and while the call is queued */
		server_start(keeper_loop, got, false);
		caller_start(&caller, one_call, false);
		CHECK(!caller.done);
		server_stop(got);
		CHECK(await_flag(&caller.done));
		CHECK_EQ(caller.mr, MIG_SERVER_DIED);
		caller_end(&caller);
	}
}

static void
test_abort(void)
{
	struct mach_register_message message = { 0 };
	struct caller caller;

	server_start(slow_loop, 1, false);
	caller_start(&caller, one_call, true);
	CHECK_EQ(thread_abort(caller.thread), KERN_SUCCESS);
	CHECK(await_flag(&caller.done));
	CHECK_EQ(caller.mr, MACH_RCV_INTERRUPTED);
	/* the answer comes all the same, and can be waited for alone */
	CHECK_EQ(mach_register_call(MACH_PORT_NULL, caller.reply, &message), MACH_MSG_SUCCESS);
	CHECK(is_answer(&message, 40, 5));
	caller_end(&caller);
	server_stop(1);

	/* suspended while it waits: answered after it is let go */
	server_start(slow_loop, 1, false);
	caller_start(&caller, one_call, true);
	CHECK_EQ(thread_suspend(caller.thread), KERN_SUCCESS);
	rest(400);
	CHECK(!caller.done);
	CHECK_EQ(thread_resume(caller.thread), KERN_SUCCESS);
	CHECK(await_flag(&caller.done));
	CHECK_EQ(caller.mr, MACH_MSG_SUCCESS);
	CHECK(is_answer(&caller.message, 40, 5));
	caller_end(&caller);

	/* terminated while it waits: the answer finds its port */
	server_stop(1);
	server_start(slow_loop, 1, false);
	caller_start(&caller, one_call, true);
	CHECK_EQ(thread_terminate(caller.thread), KERN_SUCCESS);
	CHECK_EQ(mach_register_call(MACH_PORT_NULL, caller.reply, &message), MACH_MSG_SUCCESS);
	CHECK(is_answer(&message, 40, 5));
	caller_end(&caller);
	server_stop(1);
}

static void
many_calls(void *arg)
{
	struct caller *caller = arg;
	struct mach_register_message message;

	for (unsigned i = 0; i < ROUNDS; i++) {
		fill(&message, 40, i);
		caller->good +=
		    mach_register_call(server_port, caller->reply, &message) == MACH_MSG_SUCCESS &&
		    is_answer(&message, 40, i);
		caller->rounds++;
	}
	caller->done = true;
}

static bool
all_done(const struct caller *callers)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		if (!callers[i].done)
			return false;
	return true;
}

/* Abort, stop and let go whoever is there until all calls are made. */
static void
disturb(const struct caller *callers)
{
	for (unsigned i = 0; i < 4000 && !all_done(callers); i++) {
		mach_port_name_t thread =
		    i % 3 == 0 ? server_thread[i % SERVERS] : callers[i % CLIENTS].thread;

		if (i % 5 != 0) {
			(void)thread_abort(thread);
			rest(1);
		} else if (thread_suspend(thread) == KERN_SUCCESS) {
			rest(2);
			(void)thread_resume(thread);
		}
	}
}

static void
test_many(bool in_set, bool disturbed)
{
	static struct caller callers[CLIENTS];
	unsigned good = 0;

	server_start(server_loop, SERVERS, in_set);
	for (unsigned i = 0; i < CLIENTS; i++)
		caller_start(&callers[i], many_calls, false);
	if (disturbed)
		disturb(callers);
	for (unsigned i = 0; i < CLIENTS; i++) {
		CHECK(await_flag(&callers[i].done));
		good += callers[i].good;
		caller_end(&callers[i]);
	}
	CHECK_EQ(good, CLIENTS * ROUNDS);
	server_stop(SERVERS);
}

/* -- Nothing is left over --------------------------------------------------------------------- */

/* The library never learns that one of its threads was terminated. */
static const struct counts_row rows[] = { COUNTS_IPC_KEPT(1) };

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void
all_tests(mach_port_name_t reply, mach_port_name_t host)
{
	test_forms(reply);
	test_errors(reply, host);
	test_kernel_call(reply);
	test_stubs(host);
	test_server_dies();
	test_abort();
	test_many(false, false);
	test_many(true, false);
	test_many(true, true);
}

int
main(int argc, char **argv)
{
	mach_port_name_t host = bench_port_argument(argc, argv, "--host-port=");
	mach_port_name_t reply = mach_reply_port();
	portolan_counts_data_t before, after;

	/* Threads of the library and their reply ports stay. */
	all_tests(reply, host);
	CHECK(counts_settle(host, before, rows, ROWS));
	all_tests(reply, host);
	if (!CHECK(counts_return(host, before, after, rows, ROWS)))
		counts_tell(before, after, rows, ROWS);
	bench_print("register: %u passed, %u failed\n", check_passed, check_failed);
	bench_exit(host, check_failed != 0);
	return 0;
}
