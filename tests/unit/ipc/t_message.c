/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of each kind through the buffered path. */
#include "fixture.h"

static void
header_only(void **state)
{
	struct user_msg *msg = fix_msg();
	mach_port_name_t name = fix_receive(fix_space);

	(void)state;
	assert_int_equal(name, 1); /* fresh names are 1, 2, 3 (D7) */
	fix_header(msg, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), name, 0, 1234);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), 0);
	assert_int_equal(fix_status(fix_space, name).mps_msgcount, 1);
	assert_int_equal(fix_poll(fix_space, name, msg), 0);
	assert_int_equal(msg->header.msgh_id, 1234);
	assert_int_equal(msg->header.msgh_size, 32);
	assert_int_equal(msg->header.msgh_bits, MACH_MSGH_BITS(0, 17));
	assert_int_equal(msg->header.msgh_local_port, name);
	assert_int_equal(msg->header.msgh_seqno, 0);
	assert_int_equal(fix_poll(fix_space, name, msg), MACH_RCV_TIMED_OUT);
}

struct rpc_client {
	mach_port_name_t server;
	int replies;
};

static void
client_body(void *arg)
{
	struct rpc_client *client = arg;
	struct user_msg *msg = fix_msg();
	mach_port_name_t reply = ipc_reply_port_allocate(ipc_thread_current()->ith_space);
	int i;

	for (i = 0; i < 10; i++) {
		fix_header(msg,
		    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
		    client->server, reply, i);
		msg->words[4] = 0x1111111111111111ul * (uint64_t)i;
		assert_int_equal(
		    fix_mach_msg(msg, MACH_SEND_MSG | MACH_RCV_MSG, 40, 64, reply, 0, 0), 0);
		assert_int_equal(msg->header.msgh_id, i + 100);
		assert_int_equal(
		    msg->header.msgh_bits, MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE));
		assert_int_equal(msg->header.msgh_seqno, i);
		assert_int_equal(msg->words[4], 0x1111111111111111ul * (uint64_t)i);
		client->replies++;
	}
	fix_user_free(msg);
}

static void
server_body(void *arg)
{
	mach_port_name_t port = *(mach_port_name_t *)arg;
	struct user_msg *msg = fix_msg();
	mach_msg_return_t mr;

	mr = fix_mach_msg(msg, MACH_RCV_MSG, 0, MSG_BYTES, port, 0, 0);
	while (mr == MACH_MSG_SUCCESS) {
		assert_int_equal(
		    MACH_MSGH_BITS_REMOTE(msg->header.msgh_bits), MACH_MSG_TYPE_PORT_SEND_ONCE);
		msg->header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		msg->header.msgh_local_port = 0;
		msg->header.msgh_id += 100;
		mr = fix_mach_msg(msg, MACH_SEND_MSG | MACH_RCV_MSG, msg->header.msgh_size,
		    MSG_BYTES, port, 0, 0);
	}
	assert_int_equal(mr, MACH_RCV_PORT_DIED);
	fix_user_free(msg);
}

static void
rpc_through(struct ipc_space *server, mach_port_name_t port, mach_port_name_t receive)
{
	struct ipc_space *client = fix_space_create();
	struct rpc_client args = { 0, 0 };
	struct host_thread *server_thread, *client_thread;

	args.server = fix_give(server, port, MACH_MSG_TYPE_MAKE_SEND, client);
	server_thread = fix_thread(server, server_body, &receive);
	client_thread = fix_thread(client, client_body, &args);
	host_run();
	assert_true(host_thread_done(client_thread));
	assert_int_equal(args.replies, 10);
	assert_false(host_thread_done(server_thread));
	assert_int_equal(mach_port_destroy(server, receive), 0);
	host_run();
	assert_true(host_thread_done(server_thread));
}

static void
rpc_on_port(void **state)
{
	struct ipc_space *server = fix_space_create();
	mach_port_name_t port = fix_receive(server);

	(void)state;
	rpc_through(server, port, port);
}

static void
rpc_on_set(void **state)
{
	struct ipc_space *server = fix_space_create();
	mach_port_name_t port = fix_receive(server);
	mach_port_name_t set = fix_pset(server);

	(void)state;
	assert_int_equal(mach_port_move_member(server, port, set), 0);
	rpc_through(server, port, set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(header_only, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(rpc_on_port, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(rpc_on_set, fix_setup, fix_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
