/* SPDX-License-Identifier: BSD-2-Clause */
/* The mach_port calls (sheet 3.8) that other suites do not cover, and what
 * becomes of everything when allocation fails. */
#include "fixture.h"

#include <stdio.h>

static void
bad_space(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t name;

	(void)state;
	assert_int_equal(mach_port_allocate(NULL, 1, &name), KERN_INVALID_TASK);
	ipc_space_reference(space);
	fix_space_destroy(space);
	assert_int_equal(mach_port_allocate(space, 1, &name), KERN_INVALID_TASK);
	assert_int_equal(mach_port_allocate(space, 3, &name), KERN_INVALID_TASK);
	assert_int_equal(mach_port_allocate(space, 4, &name), KERN_INVALID_TASK);
	assert_int_equal(mach_port_destroy(space, 1), KERN_INVALID_TASK);
	assert_int_equal(fix_send_id(space, 1, 19, 1), MACH_SEND_INVALID_DEST);
	ipc_space_release(space);
}

static void
allocate_kinds(void **state)
{
	mach_port_name_t name = 42;

	(void)state;
	assert_int_equal(mach_port_allocate(fix_space, 0, &name), KERN_INVALID_VALUE);
	assert_int_equal(mach_port_allocate(fix_space, 2, &name), KERN_INVALID_VALUE);
	assert_int_equal(mach_port_allocate(fix_space, 5, &name), KERN_INVALID_VALUE);
	assert_int_equal(name, 42);
	assert_int_equal(mach_port_allocate(fix_space, 4, &name), 0);
	assert_int_equal(fix_type(fix_space, name), MACH_PORT_TYPE_DEAD_NAME);
	fix_account->limit[ACCOUNT_PORTS] = 1;
	assert_int_equal(mach_port_allocate(fix_space, 1, &name), 0);
	assert_int_equal(mach_port_allocate(fix_space, 1, &name), KERN_RESOURCE_SHORTAGE);
	assert_int_equal(mach_port_allocate(fix_space, 3, &name), KERN_RESOURCE_SHORTAGE);
}

static uint32_t *
region_words(void *region, uint32_t count)
{
	uint64_t address = 0;

	if (region == NULL)
		return NULL;
	assert_int_equal(ipc_ool->deliver(region, &address), 0);
	assert_true(host_user_check(address, count * 4, HOST_READ));
	return (uint32_t *)(uintptr_t)address;
}

static void
names(void **state)
{
	mach_port_name_array_t name_array;
	mach_port_type_array_t type_array;
	mach_msg_type_number_t n1, n2;
	mach_port_name_t port = fix_receive(fix_space);
	mach_port_name_t set = fix_pset(fix_space);
	uint32_t *got, *types, i, seen = 0;

	(void)state;
	fix_make_send(fix_space, port);
	assert_int_equal(mach_port_allocate_name(fix_space, 4, 0x99999999), 0);
	assert_int_equal(mach_port_names(fix_space, &name_array, &n1, &type_array, &n2), 0);
	assert_int_equal(n1, 3);
	assert_int_equal(n2, 3);
	got = region_words(name_array, 3);
	types = region_words(type_array, 3);
	for (i = 0; i < 3; i++) {
		if (got[i] == port)
			seen += types[i] == MACH_PORT_TYPE_SEND_RECEIVE;
		if (got[i] == set)
			seen += types[i] == MACH_PORT_TYPE_PORT_SET;
		if (got[i] == 0x99999999)
			seen += types[i] == MACH_PORT_TYPE_DEAD_NAME;
	}
	assert_int_equal(seen, 3);
}

static void
set_status(void **state)
{
	mach_port_name_t set = fix_pset(fix_space), ports[40];
	mach_port_name_array_t array;
	mach_msg_type_number_t n;
	uint32_t *got;
	int i;

	(void)state;
	assert_int_equal(mach_port_get_set_status(fix_space, set, &array, &n), 0);
	assert_int_equal(n, 0);
	assert_null(array);
	for (i = 0; i < 40; i++) {
		ports[i] = fix_receive(fix_space);
		assert_int_equal(mach_port_move_member(fix_space, ports[i], set), 0);
	}
	assert_int_equal(mach_port_get_set_status(fix_space, set, &array, &n), 0);
	assert_int_equal(n, 40);
	got = region_words(array, n);
	for (i = 0; i < 40; i++)
		assert_int_equal(got[i], ports[i]);
	assert_int_equal(
	    mach_port_get_set_status(fix_space, ports[0], &array, &n), KERN_INVALID_RIGHT);
	assert_int_equal(mach_port_get_set_status(fix_space, 0, &array, &n), KERN_INVALID_NAME);
}

static void
rename_rights(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t port = fix_receive(fix_space), send, set;
	struct user_msg *msg = fix_msg();

	(void)state;
	send = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	assert_int_equal(mach_port_rename(space, send, 0), KERN_INVALID_VALUE);
	assert_int_equal(mach_port_rename(space, send, ~0u), KERN_INVALID_VALUE);
	assert_int_equal(mach_port_rename(space, 50, 51), KERN_INVALID_NAME);
	assert_int_equal(mach_port_rename(space, send, send), KERN_NAME_EXISTS);
	assert_int_equal(mach_port_rename(space, send, 0x80000001), 0);
	assert_int_equal(fix_type(space, send), 0);
	/* (space, port) still finds it, sends still work */
	assert_int_equal(fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space), 0x80000001);
	assert_int_equal(fix_send_id(space, 0x80000001, 19, 4), 0);
	assert_int_equal(mach_port_rename(fix_space, port, 1000000), 0);
	assert_int_equal(fix_poll(fix_space, 1000000, msg), 0);
	assert_int_equal(msg->header.msgh_local_port, 1000000);
	set = fix_pset(fix_space);
	assert_int_equal(mach_port_move_member(fix_space, 1000000, set), 0);
	assert_int_equal(mach_port_rename(fix_space, set, 2000000), 0);
	assert_int_equal(fix_status(fix_space, 1000000).mps_pset, 2000000);
}

static void
insert_right(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t port = fix_receive(fix_space), dead, other;

	(void)state;
	other = fix_receive(fix_space);
	fix_make_send(fix_space, other);
	/* under a chosen name, again, and under another one */
	assert_int_equal(
	    ipc_insert_right_from_name(fix_space, space, 17, port, MACH_MSG_TYPE_MAKE_SEND), 0);
	assert_int_equal(
	    ipc_insert_right_from_name(fix_space, space, 17, port, MACH_MSG_TYPE_MAKE_SEND), 0);
	assert_int_equal(fix_refs(space, 17, MACH_PORT_RIGHT_SEND), 2);
	assert_int_equal(
	    ipc_insert_right_from_name(fix_space, space, 18, port, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_RIGHT_EXISTS);
	assert_int_equal(
	    ipc_insert_right_from_name(fix_space, space, 17, other, MACH_MSG_TYPE_COPY_SEND),
	    KERN_NAME_EXISTS);
	assert_int_equal(
	    ipc_insert_right_from_name(fix_space, space, 17, port, MACH_MSG_TYPE_MAKE_SEND_ONCE),
	    KERN_NAME_EXISTS);
	assert_int_equal(
	    ipc_insert_right_from_name(fix_space, space, 19, port, MACH_MSG_TYPE_MAKE_SEND_ONCE),
	    0);
	assert_int_equal(fix_type(space, 19), MACH_PORT_TYPE_SEND_ONCE);
	assert_int_equal(mach_port_mod_refs(space, 17, 0, 65532), 0);
	assert_int_equal(
	    ipc_insert_right_from_name(fix_space, space, 17, port, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_UREFS_OVERFLOW);
	/* the receive right joins its send right's name */
	assert_int_equal(
	    ipc_insert_right_from_name(fix_space, space, 17, port, MACH_MSG_TYPE_MOVE_RECEIVE), 0);
	assert_int_equal(fix_type(space, 17), MACH_PORT_TYPE_SEND_RECEIVE);
	/* bad arguments; the right is not lost */
	assert_int_equal(
	    ipc_insert_right_from_name(fix_space, space, 0, other, MACH_MSG_TYPE_COPY_SEND),
	    KERN_INVALID_VALUE);
	assert_int_equal(
	    ipc_insert_right_from_name(fix_space, space, 60, other, 15), KERN_INVALID_VALUE);
	assert_int_equal(
	    ipc_insert_right_from_name(fix_space, space, 60, 555, MACH_MSG_TYPE_COPY_SEND),
	    KERN_INVALID_NAME);
	assert_int_equal(mach_port_allocate(fix_space, 4, &dead), 0);
	assert_int_equal(
	    ipc_insert_right_from_name(fix_space, space, 60, dead, MACH_MSG_TYPE_COPY_SEND),
	    KERN_INVALID_CAPABILITY);
	assert_int_equal(mach_port_insert_right(space, 60, NULL, MACH_MSG_TYPE_PORT_SEND),
	    KERN_INVALID_CAPABILITY);
	assert_int_equal(
	    mach_port_insert_right(space, 60, NULL, MACH_MSG_TYPE_COPY_SEND), KERN_INVALID_VALUE);
	assert_int_equal(fix_refs(fix_space, other, 0), 1);
}

static void
extract_right(void **state)
{
	mach_port_name_t port = fix_receive(fix_space), dead;
	mach_msg_type_name_t type = 0;
	struct ipc_port *got;

	(void)state;
	assert_int_equal(
	    mach_port_extract_right(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, &got, &type), 0);
	assert_int_equal(type, MACH_MSG_TYPE_PORT_SEND);
	assert_int_equal(fix_status(fix_space, port).mps_srights, 1);
	ipc_port_release_send(got);
	assert_int_equal(
	    mach_port_extract_right(fix_space, port, MACH_MSG_TYPE_COPY_SEND, &got, &type),
	    KERN_INVALID_RIGHT);
	assert_int_equal(
	    mach_port_extract_right(fix_space, port, 15, &got, &type), KERN_INVALID_VALUE);
	assert_int_equal(mach_port_extract_right(fix_space, 0, 19, &got, &type), KERN_INVALID_NAME);
	assert_int_equal(mach_port_allocate(fix_space, 4, &dead), 0);
	assert_int_equal(mach_port_extract_right(fix_space, dead, 17, &got, &type), 0);
	assert_ptr_equal(got, IPC_PORT_DEAD);
	assert_int_equal(mach_port_extract_right(fix_space, port, 16, &got, &type), 0);
	assert_int_equal(type, MACH_MSG_TYPE_PORT_RECEIVE);
	ipc_port_destroy(got);
}

static void
receive_status(void **state)
{
	mach_port_name_t port = fix_receive(fix_space), send;
	mach_port_status_t status = fix_status(fix_space, port);
	struct ipc_space *space = fix_space_create();

	(void)state;
	assert_int_equal(status.mps_pset, 0);
	assert_int_equal(status.mps_qlimit, 5);
	assert_int_equal(status.mps_srights, 0);
	send = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	assert_int_equal(mach_port_get_receive_status(space, send, &status), KERN_INVALID_RIGHT);
	assert_int_equal(mach_port_get_receive_status(space, 99, &status), KERN_INVALID_NAME);
	assert_int_equal(mach_port_set_mscount(fix_space, port, 77), 0);
	status = fix_status(fix_space, port);
	assert_int_equal(status.mps_mscount, 77);
	assert_int_equal(status.mps_srights, 1);
	assert_int_equal(mach_port_set_mscount(space, send, 1), KERN_INVALID_RIGHT);
	assert_int_equal(mach_port_set_qlimit(space, send, 1), KERN_INVALID_RIGHT);
	assert_int_equal(ipc_port_set_ktype(space, send, 0, MACH_PORT_KTYPE_USER_DEVICE), 0);
	assert_int_equal(ipc_port_set_ktype(space, send, 0, 5), KERN_INVALID_ARGUMENT);
	/* a marked port queues as any other */
	assert_int_equal(fix_send_id(space, send, 19, 1), 0);
	assert_int_equal(fix_status(fix_space, port).mps_msgcount, 1);
}

static void
trap_helpers(void **state)
{
	mach_port_name_t port = ipc_reply_port_allocate(fix_space);
	struct ipc_port *found;

	(void)state;
	assert_int_equal(fix_status(fix_space, port).mps_qlimit, 5);
	assert_null(ipc_name_lookup_send(fix_space, port));
	fix_make_send(fix_space, port);
	found = ipc_name_lookup_send(fix_space, port);
	assert_non_null(found);
	assert_int_equal(ipc_port_receiver_name(found, fix_space), port);
	assert_int_equal(ipc_name_send_right(fix_space, ipc_port_copy_send(found)), port);
	assert_int_equal(fix_refs(fix_space, port, 0), 2);
	ipc_port_release(found);
	assert_int_equal(ipc_name_send_right(fix_space, NULL), 0);
	assert_int_equal(ipc_name_send_right(fix_space, IPC_PORT_DEAD), ~0u);
}

/* -- Failing allocations ----------------------------------------------------------- */

/* A bit of everything, for ever ignoring errors; nothing may leak. */
static void
everything(void)
{
	struct ipc_space *space = ipc_space_create(fix_account);
	struct user_msg *msg = fix_msg();
	mach_port_name_t port = 0, reply = 0, set = 0, watcher = 0, name = 0;
	mach_port_name_array_t array = NULL;
	mach_port_type_array_t types = NULL;
	mach_msg_type_number_t n1 = 0, n2 = 0;
	mach_port_name_t *names_ool = fix_user(8);
	struct ipc_port *sonce, *previous;
	uint32_t size;
	int i;

	if (space == NULL) {
		fix_user_free(msg);
		fix_user_free(names_ool);
		return;
	}
	(void)mach_port_allocate(fix_space, 1, &port);
	(void)mach_port_allocate(fix_space, 3, &set);
	(void)mach_port_allocate_name(fix_space, 1, 0xcccccccc);
	watcher = ipc_reply_port_allocate(fix_space);
	reply = ipc_reply_port_allocate(space);
	(void)ipc_insert_right_from_name(fix_space, space, 600, port, MACH_MSG_TYPE_MAKE_SEND);
	(void)ipc_insert_right_from_name(
	    fix_space, space, 4, watcher, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	(void)mach_port_rename(space, 600, 601);
	for (i = 0; i < 3; i++) {
		sonce = NULL;
		if (ipc_name_copyin(fix_space, watcher, MACH_MSG_TYPE_MAKE_SEND_ONCE, &sonce) !=
			0 ||
		    sonce == NULL)
			continue;
		previous = NULL;
		if (mach_port_request_notification(i == 1 ? space : fix_space, i == 1 ? 601 : port,
			i == 0       ? 69
			    : i == 1 ? 72
				     : 70,
			i == 2 ? 5 : 0, sonce, &previous) != KERN_SUCCESS)
			ipc_port_release_sonce(sonce);
	}
	(void)mach_port_move_member(fix_space, port, set);
	for (i = 0; i < 7; i++) {
		names_ool[0] = reply;
		names_ool[1] = 601;
		fix_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(19, 21), 601, reply, i);
		size = fix_add_ports(msg, 32, MACH_MSG_TYPE_MAKE_SEND, &reply, 1);
		size = fix_add_ool(msg, size, MACH_MSG_TYPE_BYTE, 8, names_ool, 8, false);
		size =
		    fix_add_ool(msg, size, MACH_MSG_TYPE_MAKE_SEND_ONCE, 32, names_ool, 1, false);
		(void)fix_mach_msg_as(space, msg,
		    MACH_SEND_MSG | (i < 6 ? MACH_SEND_TIMEOUT : MACH_SEND_NOTIFY), size, 0, 0, 0,
		    reply);
	}
	for (i = 0; i < 7; i++) {
		if (fix_mach_msg(msg, MACH_RCV_MSG | MACH_RCV_TIMEOUT | MACH_RCV_NOTIFY, 0,
			MSG_BYTES, set, 0, watcher) != 0)
			continue;
		if (i == 3)
			continue;
		if (msg->words[7] != 0)
			fix_user_free((void *)(uintptr_t)msg->words[7]);
		if (msg->words[9] != 0)
			fix_user_free((void *)(uintptr_t)msg->words[9]);
		if (msg->header.msgh_remote_port != 0) {
			fix_header(msg, MACH_MSGH_BITS(18, 0), msg->header.msgh_remote_port, 0, 1);
			(void)fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0);
		}
	}
	if (mach_port_names(fix_space, &array, &n1, &types, &n2) == 0) {
		if (array != NULL)
			ipc_ool->discard(array);
		if (types != NULL)
			ipc_ool->discard(types);
	}
	if (mach_port_get_set_status(fix_space, set, &array, &n1) == 0 && array != NULL)
		ipc_ool->discard(array);
	(void)mach_port_allocate(space, 4, &name);
	ipc_space_destroy(space);
	ipc_space_release(space);
	(void)mach_port_destroy(fix_space, set);
	fix_user_free(names_ool);
	fix_user_free(msg);
}

/* The k-th allocation fails, for every k; then everything from the k-th on. */
static void
allocation_failures(void **state)
{
	uint64_t k;
	int on;

	for (on = 0; on < 2; on++) {
		for (k = 1;; k++) {
			bool failed;

			fix_setup(state);
			if (on)
				host_fail_allocations_from(k);
			else
				host_fail_allocation(k);
			everything();
			failed = host_failed();
			host_fail_allocation(0);
			fix_teardown(state);
			if (!failed)
				break;
			assert_true(k < 10000);
		}
		assert_true(k > 50);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bad_space),
		TEST(allocate_kinds),
		TEST(names),
		TEST(set_status),
		TEST(rename_rights),
		TEST(insert_right),
		TEST(extract_right),
		TEST(receive_status),
		TEST(trap_helpers),
		cmocka_unit_test(allocation_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
