/* SPDX-License-Identifier: BSD-2-Clause */
/* Every failure row of the sheet's 2.7 to 2.14, and what becomes of the
 * message; bodies of every kind. */
#include "fixture.h"

static mach_port_name_t inbox; /* the test's receive right, with a send */

static void
use_inbox(void)
{
	inbox = fix_receive(fix_space);
	fix_make_send(fix_space, inbox);
}

static mach_msg_return_t
send_to_inbox(struct user_msg *msg, uint32_t bits, uint32_t size)
{
	msg->header.msgh_bits = bits | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
	msg->header.msgh_remote_port = inbox;
	msg->header.msgh_local_port = 0;
	return fix_mach_msg(msg, MACH_SEND_MSG, size, 0, 0, 0, 0);
}

static void
sizes(void **state)
{
	struct user_msg *msg = fix_msg();

	(void)state;
	use_inbox();
	assert_int_equal(send_to_inbox(msg, 0, 0), MACH_SEND_MSG_TOO_SMALL);
	assert_int_equal(send_to_inbox(msg, 0, 24), MACH_SEND_MSG_TOO_SMALL);
	assert_int_equal(send_to_inbox(msg, 0, 36), MACH_SEND_MSG_TOO_SMALL);
	assert_int_equal(send_to_inbox(msg, 0, 40), 0);
	assert_int_equal(send_to_inbox(msg, 0, 0xfffffff8u), MACH_SEND_NO_BUFFER);
	assert_int_equal(send_to_inbox(msg, 0, MSG_BYTES + 8), MACH_SEND_INVALID_DATA);
	assert_int_equal(
	    fix_mach_msg((void *)8, MACH_SEND_MSG, 32, 0, 0, 0, 0), MACH_SEND_INVALID_DATA);
	assert_int_equal(fix_mach_msg(msg, MACH_MSG_OPTION_NONE, 0, 0, 0, 0, 0), 0);
	fix_account->limit[ACCOUNT_MESSAGE_BYTES] = fix_account->used[ACCOUNT_MESSAGE_BYTES] + 100;
	assert_int_equal(send_to_inbox(msg, 0, 40), MACH_SEND_NO_BUFFER);
	fix_account->limit[ACCOUNT_MESSAGE_BYTES] = ACCOUNT_NO_LIMIT;
}

static void
headers(void **state)
{
	struct user_msg *msg = fix_msg();
	mach_port_name_t sonce;

	(void)state;
	use_inbox();
	/* local 0 with a name; local 16; nothing at all */
	fix_header(msg, MACH_MSGH_BITS(19, 0), inbox, inbox, 1);
	assert_int_equal(
	    fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), MACH_SEND_INVALID_HEADER);
	fix_header(msg, MACH_MSGH_BITS(19, 16), inbox, inbox, 1);
	assert_int_equal(
	    fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), MACH_SEND_INVALID_HEADER);
	fix_header(msg, MACH_MSGH_BITS(19, 0), MACH_PORT_NULL, 0, 1);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), MACH_SEND_INVALID_DEST);
	fix_header(msg, MACH_MSGH_BITS(19, 0), MACH_PORT_DEAD, 0, 1);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), MACH_SEND_INVALID_DEST);
	fix_header(msg, MACH_MSGH_BITS(19, 19), inbox, 12345, 1);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), MACH_SEND_INVALID_REPLY);
	fix_header(msg, MACH_MSGH_BITS(19, 0), inbox, 0, 1);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG | MACH_SEND_CANCEL, 32, 0, 0, 0, 0),
	    MACH_SEND_INVALID_NOTIFY);
	/* null and dead reply ports are carried as such */
	fix_header(msg, MACH_MSGH_BITS(19, 21), inbox, 0, 1);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), 0);
	assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
	assert_int_equal(msg->header.msgh_remote_port, 0);
	fix_header(msg, MACH_MSGH_BITS(19, 21), inbox, MACH_PORT_DEAD, 1);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), 0);
	assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
	assert_int_equal(msg->header.msgh_remote_port, MACH_PORT_DEAD);
	/* sent to a send-once right: local disposition 18 */
	sonce = fix_give(fix_space, inbox, MACH_MSG_TYPE_MAKE_SEND_ONCE, fix_space);
	assert_int_equal(fix_send_id(fix_space, sonce, 18, 7), 0);
	assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
	assert_int_equal(msg->header.msgh_bits, MACH_MSGH_BITS(0, 18));
	assert_int_equal(fix_type(fix_space, sonce), 0);
}

/* Names of all kinds inline, back as names in another task. */
static void
inline_ports(void **state)
{
	struct ipc_space *sender = fix_space_create();
	struct user_msg *msg = fix_msg();
	mach_port_name_t names[7], to;
	uint32_t size = 32, one = 1;

	(void)state;
	use_inbox();
	to = fix_give(fix_space, inbox, MACH_MSG_TYPE_MAKE_SEND, sender);
	names[0] = fix_receive(sender);
	names[1] = names[0];
	names[2] = MACH_PORT_NULL;
	names[3] = MACH_PORT_DEAD;
	fix_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(19, 0), to, 0, 3);
	size = fix_add_words(msg, size, &one, 1);
	size = fix_add_ports(msg, size, MACH_MSG_TYPE_MAKE_SEND, names, 4);
	size = fix_add_ports(msg, size, MACH_MSG_TYPE_MAKE_SEND_ONCE, names, 1);
	size = fix_add_ports(msg, size, MACH_MSG_TYPE_MOVE_RECEIVE, names, 1);
	assert_int_equal(fix_mach_msg_as(sender, msg, MACH_SEND_MSG, size, 0, 0, 0, 0), 0);
	assert_int_equal(fix_type(sender, names[0]), 0);
	assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
	assert_int_equal(msg->header.msgh_size, size);
	assert_true(msg->header.msgh_bits & MACH_MSGH_BITS_COMPLEX);
	assert_int_equal((uint32_t)msg->words[5], 1);
	assert_int_equal(msg->bytes[48], MACH_MSG_TYPE_PORT_SEND);
	/* the send rights and then the receive right share one name */
	assert_int_equal(msg->words[7], msg->words[8]);
	assert_int_equal(msg->words[9], 0);
	assert_int_equal(msg->words[10], MACH_PORT_DEAD);
	assert_int_equal(msg->words[14], msg->words[7]);
	assert_int_equal(
	    fix_type(fix_space, (mach_port_name_t)msg->words[7]), MACH_PORT_TYPE_SEND_RECEIVE);
	assert_int_equal(
	    fix_refs(fix_space, (mach_port_name_t)msg->words[7], MACH_PORT_RIGHT_SEND), 2);
	assert_int_equal(
	    fix_type(fix_space, (mach_port_name_t)msg->words[12]), MACH_PORT_TYPE_SEND_ONCE);
	assert_int_equal(fix_status(fix_space, (mach_port_name_t)msg->words[7]).mps_sorights, 1);
}

/* The complex bit goes when nothing needs it. */
static void
not_really_complex(void **state)
{
	struct user_msg *msg = fix_msg();
	uint32_t words[3] = { 1, 2, 3 };
	uint32_t size;

	(void)state;
	use_inbox();
	size = fix_add_words(msg, 32, words, 3);
	assert_int_equal(size, 56);
	assert_int_equal(
	    send_to_inbox(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS_CIRCULAR | 0x3fff0000, size),
	    0);
	assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
	assert_int_equal(msg->header.msgh_bits, MACH_MSGH_BITS(0, 17));
	/* and without it descriptors may lie */
	memset(msg->bytes + 32, 0xff, 64);
	assert_int_equal(send_to_inbox(msg, 0, 96), 0);
	assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
	assert_int_equal(msg->words[4], ~0ul);
}

/* Sheet 2.7, row by row; the header's right and earlier items are gone, no
 * message arrives. */
static void
bad_descriptors(void **state)
{
	static const struct {
		mach_msg_type_t type;
		uint32_t follow; /* bytes after the descriptor */
		mach_msg_return_t mr;
	} rows[] = {
		{ { .msgt_name = 2, .msgt_size = 32, .msgt_inline = 1, .msgt_number = 3 }, 8,
		    MACH_SEND_MSG_TOO_SMALL },
		{ { .msgt_name = 2,
		      .msgt_size = 65535,
		      .msgt_inline = 1,
		      .msgt_number = 0xffffffff },
		    8, MACH_SEND_MSG_TOO_SMALL },
		{ { .msgt_name = 9, .msgt_size = 8, .msgt_number = 1 }, 0,
		    MACH_SEND_MSG_TOO_SMALL },
		{ { .msgt_name = 19, .msgt_size = 32, .msgt_inline = 1, .msgt_number = 1 }, 8,
		    MACH_SEND_INVALID_TYPE },
		{ { .msgt_name = 19, .msgt_size = 64, .msgt_number = 1 }, 8,
		    MACH_SEND_INVALID_TYPE },
		{ { .msgt_name = 2,
		      .msgt_size = 32,
		      .msgt_inline = 1,
		      .msgt_unused = 1,
		      .msgt_number = 1 },
		    8, MACH_SEND_INVALID_TYPE },
		{ { .msgt_name = 2,
		      .msgt_size = 32,
		      .msgt_inline = 1,
		      .msgt_deallocate = 1,
		      .msgt_number = 1 },
		    8, MACH_SEND_INVALID_TYPE },
		{ { .msgt_name = 19, .msgt_size = 64, .msgt_inline = 1, .msgt_number = 1 }, 8,
		    MACH_SEND_INVALID_RIGHT },
		{ { .msgt_name = 9, .msgt_size = 8, .msgt_number = 1 }, 8,
		    MACH_SEND_INVALID_MEMORY },
		{ { .msgt_name = 19, .msgt_size = 32, .msgt_number = 1 }, 8,
		    MACH_SEND_INVALID_MEMORY },
		{ { .msgt_name = 19, .msgt_size = 32, .msgt_number = ~0u }, 8,
		    MACH_SEND_INVALID_MEMORY },
	};
	struct user_msg *msg = fix_msg();
	unsigned i;

	(void)state;
	use_inbox();
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		mach_port_name_t first = fix_receive(fix_space);
		uint32_t size;

		size = fix_add_ports(msg, 32, MACH_MSG_TYPE_MOVE_RECEIVE, &first, 1);
		memcpy(msg->bytes + size, &rows[i].type, 8);
		memset(msg->bytes + size + 8, 0x77, 8);
		assert_int_equal(
		    send_to_inbox(msg, MACH_MSGH_BITS_COMPLEX, size + 8 + rows[i].follow),
		    rows[i].mr);
		assert_int_equal(fix_type(fix_space, first), 0);
		assert_int_equal(msg->words[5], first | 0xabcd00000000ul);
		fix_expect_nothing(fix_space, inbox);
	}
	assert_int_equal(fix_refs(fix_space, inbox, MACH_PORT_RIGHT_SEND), 1);
	/* an array that fails in its middle destroys its first part */
	{
		mach_port_name_t names[3] = { fix_receive(fix_space), 999, 1 };
		uint32_t size = fix_add_ports(msg, 32, MACH_MSG_TYPE_MOVE_RECEIVE, names, 3);

		assert_int_equal(
		    send_to_inbox(msg, MACH_MSGH_BITS_COMPLEX, size), MACH_SEND_INVALID_RIGHT);
		assert_int_equal(fix_type(fix_space, names[0]), 0);
	}
}

static void
ool_data(void **state)
{
	struct user_msg *msg = fix_msg();
	char *data = fix_user(100);
	uint32_t size;

	(void)state;
	use_inbox();
	memset(data, 'x', 100);
	size = fix_add_ool(msg, 32, MACH_MSG_TYPE_BYTE, 8, data, 100, true);
	size = fix_add_ool(msg, size, MACH_MSG_TYPE_BYTE, 8, (void *)1, 0, false);
	assert_int_equal(send_to_inbox(msg, MACH_MSGH_BITS_COMPLEX, size), 0);
	assert_int_equal(fix_regions, 1);
	assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
	assert_int_equal(fix_regions, 0);
	/* sheet 13.7: name BYTE 9, size 8, longform and deallocate set */
	assert_int_equal(msg->words[4], 100ul << 32 | 0xc0000809);
	data = (char *)(uintptr_t)msg->words[5];
	assert_true(host_user_check(msg->words[5], 100, HOST_READ));
	assert_int_equal(data[99], 'x');
	assert_int_equal(msg->words[7], 0);
	fix_user_free(data);
	/* destroyed unreceived: nothing stays */
	data = fix_user(8);
	size = fix_add_ool(msg, 32, MACH_MSG_TYPE_BYTE, 8, data, 8, false);
	assert_int_equal(send_to_inbox(msg, MACH_MSGH_BITS_COMPLEX, size), 0);
	assert_int_equal(mach_port_destroy(fix_space, inbox), 0);
	assert_int_equal(fix_regions, 0);
}

static void
ool_data_without_room(void **state)
{
	struct user_msg *msg = fix_msg();
	char *data = fix_user(100);
	uint32_t size;

	(void)state;
	use_inbox();
	size = fix_add_ool(msg, 32, MACH_MSG_TYPE_BYTE, 8, data, 100, false);
	assert_int_equal(send_to_inbox(msg, MACH_MSGH_BITS_COMPLEX, size), 0);
	fix_ool_deliver_result = KERN_NO_SPACE;
	assert_int_equal(fix_poll(fix_space, inbox, msg), MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE);
	assert_int_equal(msg->words[4], 100ul << 32 | 0xc0000009);
	assert_int_equal(msg->words[5], 0);
	size = fix_add_ool(msg, 32, MACH_MSG_TYPE_BYTE, 8, data, 100, false);
	assert_int_equal(send_to_inbox(msg, MACH_MSGH_BITS_COMPLEX, size), 0);
	fix_ool_deliver_result = KERN_RESOURCE_SHORTAGE;
	assert_int_equal(fix_poll(fix_space, inbox, msg), MACH_RCV_BODY_ERROR | MACH_MSG_VM_KERNEL);
}

static void
ool_ports(void **state)
{
	struct ipc_space *sender = fix_space_create();
	struct user_msg *msg = fix_msg();
	mach_port_name_t *names = fix_user(100 * 4), *got, to;
	uint32_t size, i;

	(void)state;
	use_inbox();
	to = fix_give(fix_space, inbox, MACH_MSG_TYPE_MAKE_SEND, sender);
	for (i = 0; i < 100; i++)
		names[i] = i == 50 ? MACH_PORT_NULL
		    : i == 51      ? MACH_PORT_DEAD
				   : fix_receive(sender);
	fix_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(19, 0), to, 0, 3);
	size = fix_add_ool(msg, 32, MACH_MSG_TYPE_MAKE_SEND, 32, names, 50, false);
	size = fix_add_ool(msg, size, MACH_MSG_TYPE_MOVE_RECEIVE, 32, names + 50, 50, false);
	size = fix_add_ool(msg, size, MACH_MSG_TYPE_MAKE_SEND, 32, NULL, 0, false);
	assert_int_equal(fix_mach_msg_as(sender, msg, MACH_SEND_MSG, size, 0, 0, 0, 0), 0);
	assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
	assert_int_equal(msg->words[4], 50ul << 32 | 0xc0002011);
	got = (void *)(uintptr_t)msg->words[5];
	for (i = 0; i < 50; i++)
		assert_int_equal(fix_type(fix_space, got[i]), MACH_PORT_TYPE_SEND);
	got = (void *)(uintptr_t)msg->words[7];
	assert_int_equal(got[0], 0);
	assert_int_equal(got[1], MACH_PORT_DEAD);
	for (i = 2; i < 50; i++)
		assert_int_equal(fix_type(fix_space, got[i]), MACH_PORT_TYPE_RECEIVE);
	assert_int_equal(msg->words[9], 0);
	/* a bad name in the array, and no memory for it at the receiver */
	names[7] = 424242;
	size = fix_add_ool(msg, 32, MACH_MSG_TYPE_MAKE_SEND, 32, names, 50, false);
	fix_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(19, 0), to, 0, 3);
	assert_int_equal(
	    fix_mach_msg_as(sender, msg, MACH_SEND_MSG, size, 0, 0, 0, 0), MACH_SEND_INVALID_RIGHT);
	size = fix_add_ool(msg, 32, MACH_MSG_TYPE_MAKE_SEND, 32, names, 7, true);
	assert_int_equal(fix_mach_msg_as(sender, msg, MACH_SEND_MSG, size, 0, 0, 0, 0), 0);
}

static void
ool_ports_without_room(void **state)
{
	struct user_msg *msg = fix_msg();
	mach_port_name_t *names = fix_user(8);
	uint32_t size;

	(void)state;
	use_inbox();
	names[0] = names[1] = inbox;
	size = fix_add_ool(msg, 32, MACH_MSG_TYPE_COPY_SEND, 32, names, 2, true);
	assert_int_equal(send_to_inbox(msg, MACH_MSGH_BITS_COMPLEX, size), 0);
	fix_ool_allocate_result = KERN_RESOURCE_SHORTAGE;
	assert_int_equal(fix_poll(fix_space, inbox, msg), MACH_RCV_BODY_ERROR | MACH_MSG_VM_KERNEL);
	assert_int_equal(msg->words[5], 0);
	assert_int_equal(fix_refs(fix_space, inbox, MACH_PORT_RIGHT_SEND), 1);
}

/* Sheet 2.14. */
static void
too_large(void **state)
{
	struct user_msg *msg = fix_msg();
	mach_port_name_t reply = fix_receive(fix_space);
	uint32_t size;

	(void)state;
	use_inbox();
	fix_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(19, 21), inbox, reply, 88);
	size = fix_add_ports(msg, 32, MACH_MSG_TYPE_COPY_SEND, &inbox, 1);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, size, 0, 0, 0, 0), 0);
	memset(msg, 0x5a, sizeof(*msg));
	assert_int_equal(fix_mach_msg(msg, MACH_RCV_MSG | MACH_RCV_LARGE, 0, 40, inbox, 0, 0),
	    MACH_RCV_TOO_LARGE);
	assert_int_equal(msg->header.msgh_size, size);
	assert_int_equal(msg->header.msgh_bits, 0x5a5a5a5a);
	assert_int_equal(fix_status(fix_space, inbox).mps_msgcount, 1);
	assert_int_equal(fix_status(fix_space, inbox).mps_seqno, 0);
	assert_int_equal(fix_mach_msg(msg, MACH_RCV_MSG, 0, 40, inbox, 0, 0), MACH_RCV_TOO_LARGE);
	assert_int_equal(msg->header.msgh_size, size);
	assert_int_equal(msg->header.msgh_id, 88);
	assert_int_equal(msg->header.msgh_remote_port, 0);
	assert_int_equal(msg->header.msgh_local_port, inbox);
	assert_int_equal(msg->header.msgh_bits & 0xffff, MACH_MSGH_BITS(0, 17));
	assert_int_equal(msg->words[4], 0x5a5a5a5a5a5a5a5aul);
	assert_int_equal(fix_status(fix_space, inbox).mps_msgcount, 0);
	assert_int_equal(fix_refs(fix_space, inbox, MACH_PORT_RIGHT_SEND), 1);
	/* the reply right died with it */
	fix_expect_notify(fix_space, reply, MACH_NOTIFY_SEND_ONCE, 0);
}

static void
receive_errors(void **state)
{
	struct user_msg *msg = fix_msg();
	mach_port_name_t set = fix_pset(fix_space), reply, sonce;

	(void)state;
	use_inbox();
	reply = fix_receive(fix_space);
	sonce = fix_give(fix_space, inbox, MACH_MSG_TYPE_MAKE_SEND_ONCE, fix_space);
	assert_int_equal(fix_poll(fix_space, 4711, msg), MACH_RCV_INVALID_NAME);
	assert_int_equal(fix_poll(fix_space, sonce, msg), MACH_RCV_INVALID_NAME);
	assert_int_equal(fix_poll(fix_space, 0, msg), MACH_RCV_INVALID_NAME);
	assert_int_equal(mach_port_move_member(fix_space, inbox, set), 0);
	assert_int_equal(fix_poll(fix_space, inbox, msg), MACH_RCV_IN_SET);
	assert_int_equal(fix_poll(fix_space, set, msg), MACH_RCV_TIMED_OUT);
	/* buffer not writable: what came is acquired, the names are lost */
	fix_header(msg, MACH_MSGH_BITS(19, 20), inbox, reply, 88);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), 0);
	host_user_add(msg, sizeof(*msg), HOST_READ);
	assert_int_equal(fix_mach_msg(msg, MACH_RCV_MSG, 0, 64, set, 0, 0), MACH_RCV_INVALID_DATA);
	assert_int_equal(fix_refs(fix_space, reply, MACH_PORT_RIGHT_SEND), 1);
	host_user_add(msg, sizeof(*msg), HOST_ALL);
	/* bad notify: header only, reply right destroyed */
	fix_header(msg, MACH_MSGH_BITS(19, 21), inbox, reply, 89);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), 0);
	assert_int_equal(fix_mach_msg(msg, MACH_RCV_MSG | MACH_RCV_NOTIFY, 0, 64, set, 0, 0),
	    MACH_RCV_INVALID_NOTIFY);
	assert_int_equal(msg->header.msgh_id, 89);
	fix_expect_notify(fix_space, reply, MACH_NOTIFY_SEND_ONCE, 0);
}

/* No room for the reply's name: header error, the message is destroyed. */
static void
header_error(void **state)
{
	struct ipc_space *sender = fix_space_create();
	struct user_msg *msg = fix_msg();
	mach_port_name_t to, reply, i;

	(void)state;
	use_inbox();
	to = fix_give(fix_space, inbox, MACH_MSG_TYPE_MAKE_SEND, sender);
	reply = fix_receive(sender);
	fix_header(msg, MACH_MSGH_BITS(19, 21), to, reply, 5);
	assert_int_equal(fix_mach_msg_as(sender, msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), 0);
	for (i = inbox + 1; i < IPC_ENTRY_CHUNK; i++)
		(void)fix_receive(fix_space);
	fix_account->limit[ACCOUNT_ENTRIES] = 0;
	assert_int_equal(
	    fix_poll(fix_space, inbox, msg), MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_KERNEL);
	fix_account->limit[ACCOUNT_ENTRIES] = ACCOUNT_NO_LIMIT;
	assert_int_equal(msg->header.msgh_local_port, inbox);
	assert_int_equal(msg->header.msgh_remote_port, 0);
	fix_expect_notify(sender, reply, MACH_NOTIFY_SEND_ONCE, 0);
}

/* No room for names in the body: only those rights are lost. */
static void
body_error(void **state)
{
	struct ipc_space *sender = fix_space_create();
	struct user_msg *msg = fix_msg();
	mach_port_name_t to, names[2], i;
	uint32_t size;

	(void)state;
	use_inbox();
	to = fix_give(fix_space, inbox, MACH_MSG_TYPE_MAKE_SEND, sender);
	names[0] = fix_receive(sender);
	names[1] = fix_receive(sender);
	fix_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(19, 0), to, 0, 5);
	size = fix_add_ports(msg, 32, MACH_MSG_TYPE_MAKE_SEND_ONCE, names, 2);
	assert_int_equal(fix_mach_msg_as(sender, msg, MACH_SEND_MSG, size, 0, 0, 0, 0), 0);
	for (i = inbox + 1; i < IPC_ENTRY_CHUNK - 1; i++)
		(void)fix_receive(fix_space);
	fix_account->limit[ACCOUNT_ENTRIES] = 0;
	assert_int_equal(
	    fix_poll(fix_space, inbox, msg), MACH_RCV_BODY_ERROR | MACH_MSG_IPC_KERNEL);
	fix_account->limit[ACCOUNT_ENTRIES] = ACCOUNT_NO_LIMIT;
	assert_int_equal(msg->words[5], IPC_ENTRY_CHUNK - 1);
	assert_int_equal(msg->words[6], 0);
	fix_expect_notify(sender, names[1], MACH_NOTIFY_SEND_ONCE, 0);
}

static void
protected_payload(void **state)
{
	struct user_msg *msg = fix_msg();

	(void)state;
	use_inbox();
	assert_int_equal(
	    mach_port_set_protected_payload(fix_space, inbox, 0x123456789abcdef0ul), 0);
	assert_int_equal(fix_send_id(fix_space, inbox, 19, 1), 0);
	assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
	assert_int_equal(msg->header.msgh_bits, MACH_MSGH_BITS(0, 23));
	assert_int_equal(msg->words[2], 0x123456789abcdef0ul);
	assert_int_equal(mach_port_clear_protected_payload(fix_space, inbox), 0);
	assert_int_equal(fix_send_id(fix_space, inbox, 19, 1), 0);
	assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
	assert_int_equal(msg->words[2], inbox);
}

/* Sequence numbers count dequeued messages; moving resets. */
static void
seqno(void **state)
{
	struct user_msg *msg = fix_msg();
	struct ipc_space *other = fix_space_create();
	mach_port_name_t there;
	int i;

	(void)state;
	use_inbox();
	for (i = 0; i < 5; i++)
		assert_int_equal(fix_send_id(fix_space, inbox, 19, i), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
		assert_int_equal(msg->header.msgh_id, i);
		assert_int_equal(msg->header.msgh_seqno, i);
	}
	assert_int_equal(mach_port_set_seqno(fix_space, inbox, 1000), 0);
	assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
	assert_int_equal(msg->header.msgh_seqno, 1000);
	assert_int_equal(fix_status(fix_space, inbox).mps_mscount, 1);
	there = fix_give(fix_space, inbox, MACH_MSG_TYPE_MOVE_RECEIVE, other);
	assert_int_equal(fix_status(other, there).mps_mscount, 0);
	assert_int_equal(fix_status(other, there).mps_srights, 1);
	assert_int_equal(fix_poll(other, there, msg), 0);
	assert_int_equal(msg->header.msgh_seqno, 0);
	assert_int_equal(msg->header.msgh_id, 4);
}

/* Kernel objects are served at once, whatever the queue limit. */
static void
kernel_object(void **state)
{
	struct ipc_port *port = ipc_port_create_kernel(NULL);
	struct user_msg *msg = fix_msg();
	mach_port_name_t name, reply = fix_receive(fix_space);
	int object;

	(void)state;
	ipc_kobject_set(port, &object, IKOT_DEVICE);
	assert_ptr_equal(ipc_kobject_get(port, IKOT_DEVICE, NULL), &object);
	assert_null(ipc_kobject_get(port, IKOT_TASK, NULL));
	name = ipc_name_send_right(fix_space, ipc_port_make_send(port));
	fix_header(msg, MACH_MSGH_BITS(19, 21), name, reply, 2000);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG | MACH_RCV_MSG, 32, 64, reply, 0, 0), 0);
	assert_int_equal(msg->header.msgh_id, 2100);
	assert_int_equal(msg->header.msgh_bits, MACH_MSGH_BITS(0, 18));
	assert_int_equal(fix_served_id, 2000);
	fix_header(msg, MACH_MSGH_BITS(19, 0), name, 0, 2001);
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), 0);
	assert_int_equal(fix_served_id, 2001);
	ipc_port_destroy_kernel(port);
	assert_int_equal(fix_type(fix_space, name), MACH_PORT_TYPE_DEAD_NAME);
	assert_int_equal(fix_send_id(fix_space, name, 19, 1), MACH_SEND_INVALID_DEST);
}

/* The kernel as sender and as client. */
static void
echo_server(void *arg)
{
	mach_port_name_t port = *(mach_port_name_t *)arg;
	struct user_msg *msg = fix_msg();

	assert_int_equal(fix_mach_msg(msg, MACH_RCV_MSG, 0, 4096, port, 0, 0), 0);
	msg->header.msgh_bits = MACH_MSGH_BITS(18, 0);
	msg->header.msgh_local_port = 0;
	msg->header.msgh_id += 100;
	msg->words[4]++;
	assert_int_equal(fix_mach_msg(msg, MACH_SEND_MSG, msg->header.msgh_size, 0, 0, 0, 0), 0);
	fix_user_free(msg);
}

static void
from_kernel(void **state)
{
	struct ipc_space *server = fix_space_create();
	mach_port_name_t name = fix_receive(server);
	struct {
		struct ipc_msg_header header;
		uint64_t word;
	} message;
	struct ipc_port *send;

	(void)state;
	assert_int_equal(ipc_name_copyin(server, name, MACH_MSG_TYPE_MAKE_SEND, &send), 0);
	fix_thread(server, echo_server, &name);
	message.header = (struct ipc_msg_header) {
		.mh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.mh_remote = send,
		.mh_local = ipc_thread_reply_port(ipc_thread_current()),
		.mh_id = 2400,
	};
	message.word = 41;
	assert_int_equal(
	    mach_msg_rpc_from_kernel(&message.header, sizeof(message), sizeof(message)), 0);
	assert_int_equal(message.word, 42);
	assert_int_equal(message.header.mh_id, 2500);
	assert_int_equal(message.header.mh_size, 40);
	host_run();
	/* and to a server that dies instead of answering */
	message.header.mh_bits =
	    MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message.header.mh_remote = send;
	message.header.mh_local = ipc_thread_reply_port(ipc_thread_current());
	assert_int_equal(mach_port_destroy(server, name), 0);
	assert_int_equal(
	    mach_msg_rpc_from_kernel(&message.header, sizeof(message), sizeof(message)), 0);
	assert_int_equal(message.header.mh_id, MACH_NOTIFY_SEND_ONCE);
	message.header.mh_remote = NULL;
	assert_int_equal(mach_msg_send_from_kernel(&message.header, 32), MACH_SEND_INVALID_DEST);
}

/* The kernel sends `port`'s receive right, as for memory_object_terminate. */
static void
send_receive_from_kernel(struct ipc_port *dest, struct ipc_port *port)
{
	struct {
		struct ipc_msg_header header;
		mach_msg_type_t type;
		struct ipc_port *port;
	} message = {
		.header = {
			.mh_bits = MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
			.mh_remote = dest,
			.mh_id = 2201,
		},
		.type = { .msgt_name = MACH_MSG_TYPE_MOVE_RECEIVE, .msgt_size = 64, .msgt_inline = 1,
			.msgt_number = 1 },
		.port = port,
	};

	assert_int_equal(mach_msg_send_from_kernel(&message.header, sizeof(message)), 0);
}

/* A receive right of the kernel's that goes away, whether it arrives or not. */
static void
receive_from_kernel(void **state)
{
	struct user_msg *msg = fix_msg();
	struct ipc_port *dest;

	(void)state;
	use_inbox();
	assert_int_equal(
	    ipc_name_copyin(fix_space, inbox, MACH_MSG_TYPE_MAKE_SEND, &dest), KERN_SUCCESS);
	send_receive_from_kernel(dest, ipc_port_create_kernel(NULL));
	send_receive_from_kernel(dest, ipc_port_create_kernel(NULL));
	assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
	assert_int_equal(
	    fix_type(fix_space, (mach_port_name_t)msg->words[5]), MACH_PORT_TYPE_RECEIVE);
	assert_int_equal(mach_port_destroy(fix_space, (mach_port_name_t)msg->words[5]), 0);
	/* the second dies with the port it is queued on */
	assert_int_equal(mach_port_destroy(fix_space, inbox), 0);
	ipc_port_release_send(dest);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sizes),
		TEST(headers),
		TEST(inline_ports),
		TEST(not_really_complex),
		TEST(bad_descriptors),
		TEST(ool_data),
		TEST(ool_data_without_room),
		TEST(ool_ports),
		TEST(ool_ports_without_room),
		TEST(too_large),
		TEST(receive_errors),
		TEST(header_error),
		TEST(body_error),
		TEST(protected_payload),
		TEST(seqno),
		TEST(kernel_object),
		TEST(from_kernel),
		TEST(receive_from_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
