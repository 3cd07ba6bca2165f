/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting: senders for room, receivers for messages, on ports and in sets;
 * timeouts, aborts, deaths; nesting. */
#include "fixture.h"

struct waiting {
	mach_port_name_t name;
	mach_msg_option_t option;
	uint32_t timeout;
	uint32_t size;
	int32_t id;
	mach_msg_return_t mr;
	bool done;
	struct user_msg *msg;
};

static void
receiver(void *arg)
{
	struct waiting *w = arg;

	w->msg = fix_msg();
	w->mr = fix_mach_msg(w->msg, MACH_RCV_MSG | w->option, 0,
	    w->size == 0 ? MSG_BYTES : w->size, w->name, w->timeout, 0);
	w->id = w->msg->header.msgh_id;
	w->done = true;
}

static void
sender(void *arg)
{
	struct waiting *w = arg;

	w->msg = fix_msg();
	fix_header(w->msg, MACH_MSGH_BITS(19, 0), w->name, 0, w->id);
	w->mr = fix_mach_msg(w->msg, MACH_SEND_MSG | w->option, 32, 0, 0, w->timeout, 0);
	w->done = true;
}

static mach_port_name_t
port_with_send(void)
{
	mach_port_name_t name = fix_receive(fix_space);

	fix_make_send(fix_space, name);
	return name;
}

/* Blocked senders go in the order in which they came. */
static void
senders_fifo(void **state)
{
	mach_port_name_t name = port_with_send();
	struct waiting w[6] = { { 0 } };
	struct user_msg *msg = fix_msg();
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(fix_send_id(fix_space, name, 19, i), 0);
	for (i = 0; i < 6; i++) {
		w[i] = (struct waiting) { .name = name, .id = 5 + i };
		fix_thread(fix_space, sender, &w[i]);
		host_run();
		assert_false(w[i].done);
	}
	for (i = 0; i < 11; i++) {
		assert_int_equal(fix_poll(fix_space, name, msg), 0);
		assert_int_equal(msg->header.msgh_id, i);
		host_run();
		if (i < 6)
			assert_true(w[i].done);
		if (i < 5)
			assert_false(w[i + 1].done);
	}
	assert_int_equal(fix_poll(fix_space, name, msg), MACH_RCV_TIMED_OUT);
}

static void
sender_times_out(void **state)
{
	mach_port_name_t name = port_with_send(), reply;
	struct user_msg *msg = fix_msg();
	struct waiting w = { .name = name, .option = MACH_SEND_TIMEOUT, .timeout = 95, .id = 7 };
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(fix_send_id(fix_space, name, 19, i), 0);
	fix_thread(fix_space, sender, &w);
	host_run();
	assert_false(w.done);
	host_advance_ms(90);
	assert_false(w.done);
	host_advance_ms(10);
	assert_true(w.done);
	assert_int_equal(w.mr, MACH_SEND_TIMED_OUT);
	/* written back, ready to be sent again */
	assert_int_equal(w.msg->header.msgh_remote_port, name);
	assert_int_equal(w.msg->header.msgh_bits, MACH_MSGH_BITS(17, 0));
	assert_int_equal(fix_refs(fix_space, name, MACH_PORT_RIGHT_SEND), 2);
	/* with reply and body rights */
	reply = fix_receive(fix_space);
	fix_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(17, 21), name, reply, 8);
	i = (int)fix_add_ports(msg, 32, MACH_MSG_TYPE_MOVE_RECEIVE, &reply, 1);
	assert_int_equal(
	    fix_mach_msg(msg, MACH_SEND_MSG | MACH_SEND_TIMEOUT, (uint32_t)i, 0, 0, 0, 0),
	    MACH_SEND_TIMED_OUT);
	assert_int_equal(msg->header.msgh_bits, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(17, 18));
	assert_int_equal(
	    fix_type(fix_space, msg->header.msgh_local_port), MACH_PORT_TYPE_SEND_ONCE);
	assert_int_equal(
	    fix_type(fix_space, (mach_port_name_t)msg->words[5]), MACH_PORT_TYPE_RECEIVE);
	assert_int_equal(msg->bytes[32], MACH_MSG_TYPE_MOVE_RECEIVE);
	assert_int_equal(fix_poll(fix_space, name, w.msg), 0);
	assert_int_equal(
	    fix_mach_msg(msg, MACH_SEND_MSG | MACH_SEND_TIMEOUT, (uint32_t)i, 0, 0, 0, 0), 0);
}

static void
sender_aborted_and_port_dies(void **state)
{
	mach_port_name_t name = port_with_send();
	struct waiting w[2] = { { .name = name }, { .name = name } };
	struct host_thread *thread;
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(fix_send_id(fix_space, name, 19, i), 0);
	thread = fix_thread(fix_space, sender, &w[0]);
	fix_thread(fix_space, sender, &w[1]);
	host_run();
	host_thread_abort(thread);
	host_run();
	assert_true(w[0].done);
	assert_int_equal(w[0].mr, MACH_SEND_INTERRUPTED);
	assert_false(w[1].done);
	assert_int_equal(mach_port_mod_refs(fix_space, name, MACH_PORT_RIGHT_RECEIVE, -1), 0);
	host_run();
	assert_int_equal(w[1].mr, MACH_MSG_SUCCESS);
	assert_true(w[1].done);
}

static void
qlimit(void **state)
{
	mach_port_name_t name = port_with_send();
	struct waiting w[3] = { { .name = name }, { .name = name }, { .name = name } };
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(fix_send_id(fix_space, name, 19, i), 0);
	for (i = 0; i < 3; i++)
		fix_thread(fix_space, sender, &w[i]);
	host_run();
	assert_int_equal(mach_port_set_qlimit(fix_space, name, 17), KERN_INVALID_VALUE);
	assert_int_equal(mach_port_set_qlimit(fix_space, name, 7), 0);
	host_run();
	assert_true(w[0].done && w[1].done && !w[2].done);
	assert_int_equal(fix_status(fix_space, name).mps_msgcount, 7);
	assert_int_equal(mach_port_set_qlimit(fix_space, name, 0), 0);
	/* a send-once right knows no limit */
	i = (int)fix_give(fix_space, name, MACH_MSG_TYPE_MAKE_SEND_ONCE, fix_space);
	assert_int_equal(fix_send_id(fix_space, (mach_port_name_t)i, 18, 1), 0);
	assert_int_equal(mach_port_destroy(fix_space, name), 0);
	host_run();
	assert_true(w[2].done);
}

static void
receiver_woken(void **state)
{
	mach_port_name_t name = port_with_send();
	struct waiting w[2] = { { .name = name }, { .name = name } };

	(void)state;
	fix_thread(fix_space, receiver, &w[0]);
	host_run();
	fix_thread(fix_space, receiver, &w[1]);
	host_run();
	assert_int_equal(fix_send_id(fix_space, name, 19, 1), 0);
	host_run();
	assert_true(w[0].done && !w[1].done);
	assert_int_equal(w[0].id, 1);
	assert_int_equal(fix_send_id(fix_space, name, 19, 2), 0);
	host_run();
	assert_int_equal(w[1].id, 2);
	assert_int_equal(w[1].msg->header.msgh_seqno, 1);
}

/* Everything that ends a receive other than a message. */
static void
receiver_ends(void **state)
{
	mach_port_name_t name = port_with_send(), set = fix_pset(fix_space);
	struct ipc_space *other = fix_space_create();
	struct waiting w = { .name = name };
	struct host_thread *thread;

	(void)state;
	w.option = MACH_RCV_TIMEOUT;
	w.timeout = 50;
	fix_thread(fix_space, receiver, &w);
	host_run();
	assert_false(w.done);
	host_advance_ms(50);
	assert_int_equal(w.mr, MACH_RCV_TIMED_OUT);

	w = (struct waiting) { .name = name };
	thread = fix_thread(fix_space, receiver, &w);
	host_run();
	host_thread_abort(thread);
	host_run();
	assert_int_equal(w.mr, MACH_RCV_INTERRUPTED);

	w = (struct waiting) { .name = name };
	fix_thread(fix_space, receiver, &w);
	host_run();
	assert_int_equal(mach_port_move_member(fix_space, name, set), 0);
	host_run();
	assert_int_equal(w.mr, MACH_RCV_PORT_CHANGED);
	assert_int_equal(mach_port_move_member(fix_space, name, 0), 0);
	assert_int_equal(mach_port_move_member(fix_space, name, 0), KERN_NOT_IN_SET);

	w = (struct waiting) { .name = name };
	fix_thread(fix_space, receiver, &w);
	host_run();
	name = fix_give(fix_space, name, MACH_MSG_TYPE_MOVE_RECEIVE, other);
	host_run();
	assert_int_equal(w.mr, MACH_RCV_PORT_DIED);

	w = (struct waiting) { .name = set };
	fix_thread(fix_space, receiver, &w);
	host_run();
	assert_int_equal(mach_port_destroy(fix_space, set), 0);
	host_run();
	assert_int_equal(w.mr, MACH_RCV_PORT_DIED);

	w = (struct waiting) { .name = name };
	fix_thread(other, receiver, &w);
	host_run();
	fix_space_destroy(other);
	host_run();
	assert_int_equal(w.mr, MACH_RCV_PORT_DIED);
}

/* A receiver with MACH_RCV_LARGE and a small buffer is passed over. */
static void
receiver_large(void **state)
{
	mach_port_name_t name = port_with_send();
	struct waiting small = { .name = name, .option = MACH_RCV_LARGE, .size = 40 },
		       big = { .name = name };
	struct user_msg *msg = fix_msg();

	(void)state;
	fix_thread(fix_space, receiver, &small);
	host_run();
	fix_thread(fix_space, receiver, &big);
	host_run();
	fix_header(msg, MACH_MSGH_BITS(19, 0), name, 0, 77);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, 64, 0, 0, 0, 0), 0);
	host_run();
	assert_int_equal(small.mr, MACH_RCV_TOO_LARGE);
	assert_int_equal(small.msg->header.msgh_size, 64);
	assert_int_equal(big.mr, 0);
	assert_int_equal(big.id, 77);
}

/* Sets: oldest message over all members, members come and go. */
static void
sets(void **state)
{
	mach_port_name_t set = fix_pset(fix_space), ports[3];
	struct user_msg *msg = fix_msg();
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		ports[i] = port_with_send();
	/* queued before: they move in */
	assert_int_equal(fix_send_id(fix_space, ports[0], 19, 0), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(mach_port_move_member(fix_space, ports[i], set), 0);
	assert_int_equal(mach_port_move_member(fix_space, ports[0], set), 0);
	for (i = 1; i < 9; i++)
		assert_int_equal(fix_send_id(fix_space, ports[i * 2 % 3], 19, i), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(fix_poll(fix_space, set, msg), 0);
		assert_int_equal(msg->header.msgh_id, i);
		assert_int_equal(msg->header.msgh_local_port, ports[i * 2 % 3]);
	}
	assert_int_equal(fix_status(fix_space, ports[0]).mps_pset, set);
	/* one leaves with its messages (ids 6), the others stay in order */
	assert_int_equal(mach_port_move_member(fix_space, ports[0], 0), 0);
	for (i = 4; i < 9; i++) {
		if (i * 2 % 3 == 0)
			continue;
		assert_int_equal(fix_poll(fix_space, set, msg), 0);
		assert_int_equal(msg->header.msgh_id, i);
	}
	assert_int_equal(fix_poll(fix_space, set, msg), MACH_RCV_TIMED_OUT);
	assert_int_equal(fix_poll(fix_space, ports[0], msg), 0);
	assert_int_equal(msg->header.msgh_id, 6);
	/* destroying the set leaves the members */
	assert_int_equal(fix_send_id(fix_space, ports[1], 19, 50), 0);
	assert_int_equal(mach_port_destroy(fix_space, set), 0);
	assert_int_equal(fix_poll(fix_space, ports[1], msg), 0);
	assert_int_equal(msg->header.msgh_id, 50);
	/* errors */
	assert_int_equal(mach_port_move_member(fix_space, 999, ports[0]), KERN_INVALID_NAME);
	assert_int_equal(mach_port_move_member(fix_space, ports[0], 999), KERN_INVALID_NAME);
	assert_int_equal(mach_port_move_member(fix_space, ports[0], ports[1]), KERN_INVALID_RIGHT);
	set = fix_pset(fix_space);
	assert_int_equal(mach_port_move_member(fix_space, set, 0), KERN_INVALID_RIGHT);
}

/* A port with messages joins a set on which somebody waits. */
static void
join_wakes(void **state)
{
	mach_port_name_t set = fix_pset(fix_space), port = port_with_send();
	struct waiting w = { .name = set };

	(void)state;
	fix_thread(fix_space, receiver, &w);
	assert_int_equal(fix_send_id(fix_space, port, 19, 11), 0);
	host_run();
	assert_false(w.done);
	assert_int_equal(mach_port_move_member(fix_space, port, set), 0);
	host_run();
	assert_true(w.done);
	assert_int_equal(w.id, 11);
}

/* The receive right of a port sent to itself, directly and through others. */
static void
circular(void **state)
{
	mach_port_name_t a = port_with_send(), b = port_with_send();
	struct user_msg *msg = fix_msg();
	uint32_t size;

	(void)state;
	fix_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(19, 0), a, 0, 1);
	size = fix_add_ports(msg, 32, MACH_MSG_TYPE_MOVE_RECEIVE, &a, 1);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, size, 0, 0, 0, 0), 0);
	assert_int_equal(fix_type(fix_space, a), MACH_PORT_TYPE_DEAD_NAME);

	a = port_with_send();
	/* a's right into b's queue, then b's into a's */
	fix_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(19, 0), b, 0, 1);
	size = fix_add_ports(msg, 32, MACH_MSG_TYPE_MOVE_RECEIVE, &a, 1);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, size, 0, 0, 0, 0), 0);
	assert_int_equal(fix_type(fix_space, a), MACH_PORT_TYPE_SEND);
	fix_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(19, 0), a, 0, 1);
	size = fix_add_ports(msg, 32, MACH_MSG_TYPE_MOVE_RECEIVE, &b, 1);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, size, 0, 0, 0, 0), 0);
	assert_int_equal(fix_type(fix_space, a), MACH_PORT_TYPE_DEAD_NAME);
	assert_int_equal(fix_type(fix_space, b), MACH_PORT_TYPE_DEAD_NAME);
}

/* A queue in a queue in a queue, 100,000 deep, destroyed at once. */
static void
nested(void **state)
{
	struct user_msg *msg = fix_msg();
	mach_port_name_t inner = port_with_send(), outer;
	uint32_t size;
	int i;

	(void)state;
	assert_int_equal(mach_port_mod_refs(fix_space, inner, MACH_PORT_RIGHT_SEND, -1), 0);
	for (i = 0; i < 100000; i++) {
		outer = fix_receive(fix_space);
		fix_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
		    outer, 0, 1);
		size = fix_add_ports(msg, 32, MACH_MSG_TYPE_MOVE_RECEIVE, &inner, 1);
		assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, size, 0, 0, 0, 0), 0);
		inner = outer;
	}
	assert_int_equal(ipc_port_count(), 100001);
	assert_int_equal(mach_port_destroy(fix_space, inner), 0);
	assert_int_equal(ipc_port_count(), 0);
}

/* A buffer in the kernel's half: for whatever kind of message, whether it is
 * there already or waited for, the receiver is told. */
static void
receive_beyond(void *arg)
{
	struct waiting *w = arg;

	w->mr = fix_mach_msg(
	    (void *)~0xffful, MACH_RCV_MSG | w->option, 0, MSG_BYTES, w->name, w->timeout, 0);
	w->done = true;
}

static void
buffer_beyond_user_space(void **state)
{
	static const struct {
		mach_msg_option_t option;
		uint32_t timeout;
	} ways[] = { { 0, 0 }, { MACH_RCV_TIMEOUT, 1000 }, { MACH_RCV_LARGE, 0 } };
	mach_port_name_t name = port_with_send();
	struct waiting note = { .name = name };
	unsigned i;

	(void)state;
	for (i = 0; i < 2 * sizeof(ways) / sizeof(*ways); i++) {
		struct waiting w = {
			.name = name, .option = ways[i / 2].option, .timeout = ways[i / 2].timeout
		};

		if (i % 2 == 0)
			sender(&note);
		fix_thread(fix_space, receive_beyond, &w);
		host_run();
		if (i % 2 != 0)
			sender(&note);
		host_run();
		assert_true(w.done);
		assert_int_equal(w.mr, MACH_RCV_INVALID_DATA);
	}
}

/* A receiver killed where it waits, and one killed with a message in hand. */
static void
thread_killed(void **state)
{
	mach_port_name_t name = port_with_send();
	struct waiting w = { .name = name };
	struct host_thread *thread = fix_thread(fix_space, receiver, &w);
	struct ipc_thread *ith = (void *)host_thread_waiter(thread);

	(void)state;
	host_run();
	assert_non_null(ith->ith_object);
	/* given a message, not yet run: as the reaper of a dead thread */
	assert_int_equal(fix_send_id(fix_space, name, 19, 3), 0);
	assert_non_null(ith->ith_kmsg);
	ipc_kmsg_destroy(ith->ith_kmsg);
	ith->ith_kmsg = NULL;
	ith->ith_result = MACH_RCV_INTERRUPTED;
	host_run();
	assert_int_equal(w.mr, MACH_RCV_INTERRUPTED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(senders_fifo),
		TEST(sender_times_out),
		TEST(sender_aborted_and_port_dies),
		TEST(qlimit),
		TEST(receiver_woken),
		TEST(receiver_ends),
		TEST(receiver_large),
		TEST(sets),
		TEST(join_wakes),
		TEST(circular),
		TEST(nested),
		TEST(buffer_beyond_user_space),
		TEST(thread_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
