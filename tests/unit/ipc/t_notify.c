/* SPDX-License-Identifier: BSD-2-Clause */
/* Notifications: when they come, to whom, with what (sheet 3.5 to 3.7). */
#include "fixture.h"

static mach_port_name_t watcher; /* receive right for notifications */

static struct ipc_port *
watch(void)
{
	struct ipc_port *sonce;

	assert_int_equal(
	    ipc_name_copyin(fix_space, watcher, MACH_MSG_TYPE_MAKE_SEND_ONCE, &sonce), 0);
	return sonce;
}

static kern_return_t
request(struct ipc_space *space, mach_port_name_t name, int32_t id, uint32_t sync, bool cancel)
{
	struct ipc_port *sonce = cancel ? NULL : watch(), *previous = NULL;
	kern_return_t kr;

	kr = mach_port_request_notification(space, name, id, sync, sonce, &previous);
	if (kr != KERN_SUCCESS && sonce != NULL)
		ipc_port_drop_sonce(sonce);
	else if (previous != NULL)
		ipc_port_release_sonce(previous);
	return kr;
}

static int
setup(void **state)
{
	fix_setup(state);
	watcher = fix_receive(fix_space);
	return 0;
}

static void
dead_name_on_death(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t port = fix_receive(fix_space), send, sonce;

	(void)state;
	send = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	sonce = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, space);
	assert_int_equal(request(space, send, MACH_NOTIFY_DEAD_NAME, 0, false), 0);
	assert_int_equal(request(space, sonce, MACH_NOTIFY_DEAD_NAME, 0, false), 0);
	assert_int_equal(fix_type(space, send), MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST);
	assert_int_equal(mach_port_destroy(fix_space, port), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_DEAD_NAME, send);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_DEAD_NAME, sonce);
	/* one reference more each: the notification's */
	assert_int_equal(fix_type(space, send), MACH_PORT_TYPE_DEAD_NAME);
	assert_int_equal(fix_refs(space, send, MACH_PORT_RIGHT_DEAD_NAME), 2);
	assert_int_equal(fix_refs(space, sonce, MACH_PORT_RIGHT_DEAD_NAME), 2);
}

static void
port_deleted(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t port = fix_receive(fix_space), name;
	static const mach_msg_type_name_t moves[] = { 17, 18 };
	unsigned i;

	(void)state;
	/* deallocated */
	name = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	assert_int_equal(request(space, name, MACH_NOTIFY_DEAD_NAME, 0, false), 0);
	assert_int_equal(mach_port_deallocate(space, name), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_PORT_DELETED, name);
	/* moved away, as destination */
	for (i = 0; i < 2; i++) {
		name = fix_give(fix_space, port,
		    i == 0 ? MACH_MSG_TYPE_MAKE_SEND : MACH_MSG_TYPE_MAKE_SEND_ONCE, space);
		assert_int_equal(request(space, name, MACH_NOTIFY_DEAD_NAME, 0, false), 0);
		assert_int_equal(fix_send_id(space, name, moves[i], 1), 0);
		fix_expect_notify(fix_space, watcher, MACH_NOTIFY_PORT_DELETED, name);
	}
	/* a receive-only name moved to another task */
	name = fix_receive(space);
	assert_int_equal(request(space, name, MACH_NOTIFY_DEAD_NAME, 0, false), 0);
	(void)fix_give(space, name, MACH_MSG_TYPE_MOVE_RECEIVE, fix_space);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_PORT_DELETED, name);
	/* the receive right destroyed, no send right under the name */
	name = fix_receive(space);
	assert_int_equal(request(space, name, MACH_NOTIFY_DEAD_NAME, 0, false), 0);
	assert_int_equal(mach_port_mod_refs(space, name, MACH_PORT_RIGHT_RECEIVE, -1), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_PORT_DELETED, name);
	/* with a send right it becomes a dead name instead */
	name = fix_receive(space);
	fix_make_send(space, name);
	assert_int_equal(request(space, name, MACH_NOTIFY_DEAD_NAME, 0, false), 0);
	assert_int_equal(mach_port_mod_refs(space, name, MACH_PORT_RIGHT_RECEIVE, -1), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_DEAD_NAME, name);
	assert_int_equal(fix_refs(space, name, MACH_PORT_RIGHT_DEAD_NAME), 2);
}

static void
dead_name_registration(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t port = fix_receive(fix_space), name, set, dead;
	struct ipc_port *previous;

	(void)state;
	name = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	set = fix_pset(space);
	assert_int_equal(mach_port_allocate(space, MACH_PORT_RIGHT_DEAD_NAME, &dead), 0);
	assert_int_equal(request(space, set, 72, 0, false), KERN_INVALID_RIGHT);
	assert_int_equal(request(space, 999, 72, 0, false), KERN_INVALID_NAME);
	assert_int_equal(request(space, name, 71, 0, false), KERN_INVALID_VALUE);
	assert_int_equal(request(space, dead, 72, 0, false), KERN_INVALID_ARGUMENT);
	assert_int_equal(request(space, dead, 72, 0, true), KERN_INVALID_ARGUMENT);
	assert_int_equal(request(space, dead, 72, 1, false), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_DEAD_NAME, dead);
	assert_int_equal(fix_refs(space, dead, MACH_PORT_RIGHT_DEAD_NAME), 2);
	assert_int_equal(mach_port_mod_refs(space, dead, MACH_PORT_RIGHT_DEAD_NAME, 65533), 0);
	assert_int_equal(request(space, dead, 72, 1, false), KERN_UREFS_OVERFLOW);
	assert_int_equal(
	    mach_port_request_notification(space, name, 72, 0, IPC_PORT_DEAD, &previous),
	    KERN_INVALID_CAPABILITY);
	/* replace: the previous right comes back; cancel likewise */
	assert_int_equal(request(space, name, 72, 0, false), 0);
	assert_int_equal(request(space, name, 72, 0, false), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_SEND_ONCE, 0);
	assert_int_equal(request(space, name, 72, 0, true), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_SEND_ONCE, 0);
	assert_int_equal(fix_type(space, name), MACH_PORT_TYPE_SEND);
	assert_int_equal(mach_port_destroy(fix_space, port), 0);
	fix_expect_nothing(fix_space, watcher);
	assert_int_equal(fix_refs(space, name, MACH_PORT_RIGHT_DEAD_NAME), 1);
}

/* A renamed right is told of under its new name. */
static void
request_follows_rename(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t port = fix_receive(fix_space), name;

	(void)state;
	name = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	assert_int_equal(request(space, name, 72, 0, false), 0);
	assert_int_equal(mach_port_rename(space, name, 0xdead0), 0);
	assert_int_equal(mach_port_rename(space, 0xdead0, 5), 0);
	assert_int_equal(mach_port_destroy(fix_space, port), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_DEAD_NAME, 5);
}

static void
no_senders(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t port = fix_receive(fix_space), name;

	(void)state;
	/* at once: no send rights and sync <= make-send count */
	assert_int_equal(request(fix_space, port, 70, 0, false), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_NO_SENDERS, 0);
	/* later: sync ahead of the count */
	assert_int_equal(request(fix_space, port, 70, 1, false), 0);
	fix_expect_nothing(fix_space, watcher);
	assert_true(fix_status(fix_space, port).mps_nsrequest);
	name = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	(void)fix_give(space, name, MACH_MSG_TYPE_COPY_SEND, fix_space);
	assert_int_equal(mach_port_deallocate(space, name), 0);
	fix_expect_nothing(fix_space, watcher);
	assert_int_equal(mach_port_mod_refs(fix_space, port, MACH_PORT_RIGHT_SEND, -1), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_NO_SENDERS, 1);
	assert_false(fix_status(fix_space, port).mps_nsrequest);
	/* by a message that used up the last one */
	assert_int_equal(request(fix_space, port, 70, 2, false), 0);
	assert_int_equal(fix_send_id(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, 1), 0);
	fix_expect_nothing(fix_space, watcher);
	{
		struct user_msg *msg = fix_msg();

		assert_int_equal(fix_poll(fix_space, port, msg), 0);
		fix_user_free(msg);
	}
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_NO_SENDERS, 2);
	/* by a task's death */
	(void)fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	assert_int_equal(request(fix_space, port, 70, 9, false), 0);
	fix_space_destroy(space);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_NO_SENDERS, 3);
	/* the port dies first: a send-once notification */
	assert_int_equal(request(fix_space, port, 70, 9, false), 0);
	assert_int_equal(mach_port_destroy(fix_space, port), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_SEND_ONCE, 0);
}

static void
port_destroyed(void **state)
{
	struct ipc_space *space = fix_space_create();
	struct user_msg *msg = fix_msg();
	mach_port_name_t port = fix_receive(space), send, got;

	(void)state;
	send = fix_give(space, port, MACH_MSG_TYPE_MAKE_SEND, fix_space);
	assert_int_equal(fix_send_id(fix_space, send, 19, 321), 0);
	assert_int_equal(request(space, port, 69, 1, false), KERN_INVALID_VALUE);
	assert_int_equal(request(space, port, 69, 0, false), 0);
	assert_true(fix_status(space, port).mps_pdrequest);
	fix_space_destroy(space);
	assert_int_equal(fix_type(fix_space, send), MACH_PORT_TYPE_SEND);
	assert_int_equal(fix_poll(fix_space, watcher, msg), 0);
	assert_int_equal(msg->header.msgh_id, MACH_NOTIFY_PORT_DESTROYED);
	assert_int_equal(msg->header.msgh_bits, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(0, 18));
	assert_int_equal(msg->bytes[32], MACH_MSG_TYPE_PORT_RECEIVE);
	got = (mach_port_name_t)msg->words[5];
	assert_int_equal(got, send);
	/* its queue came along */
	assert_int_equal(fix_poll(fix_space, got, msg), 0);
	assert_int_equal(msg->header.msgh_id, 321);
	assert_false(fix_status(fix_space, got).mps_pdrequest);
}

/* A right that would be delivered into its own queue is destroyed. */
static void
port_destroyed_circular(void **state)
{
	mach_port_name_t port = fix_receive(fix_space);
	struct ipc_port *sonce, *previous;

	(void)state;
	assert_int_equal(ipc_name_copyin(fix_space, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, &sonce), 0);
	assert_int_equal(
	    mach_port_request_notification(fix_space, port, 69, 0, sonce, &previous), 0);
	assert_int_equal(mach_port_destroy(fix_space, port), 0);
	assert_int_equal(fix_type(fix_space, port), 0);
}

static void
send_once_unused(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t name, inbox = fix_receive(fix_space), to;
	struct user_msg *msg = fix_msg();
	uint32_t size;

	(void)state;
	/* deallocated; with the task; in a destroyed message */
	name = fix_give(fix_space, watcher, MACH_MSG_TYPE_MAKE_SEND_ONCE, space);
	assert_int_equal(fix_status(fix_space, watcher).mps_sorights, 1);
	assert_int_equal(mach_port_deallocate(space, name), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_SEND_ONCE, 0);
	name = fix_give(fix_space, watcher, MACH_MSG_TYPE_MAKE_SEND_ONCE, space);
	to = fix_give(fix_space, inbox, MACH_MSG_TYPE_MAKE_SEND, space);
	fix_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(19, 0), to, 0, 1);
	size = fix_add_ports(msg, 32, MACH_MSG_TYPE_MOVE_SEND_ONCE, &name, 1);
	assert_int_equal(fix_mach_msg_as(space, msg, MACH_SEND_MSG, size, 0, 0, 0, 0), 0);
	fix_expect_nothing(fix_space, watcher);
	assert_int_equal(mach_port_destroy(fix_space, inbox), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_SEND_ONCE, 0);
	(void)fix_give(fix_space, watcher, MACH_MSG_TYPE_MAKE_SEND_ONCE, space);
	fix_space_destroy(space);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_SEND_ONCE, 0);
	assert_int_equal(fix_status(fix_space, watcher).mps_sorights, 0);
}

/* Without memory the notification waits until there is some. */
static void
send_once_owed(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t name;

	(void)state;
	name = fix_give(fix_space, watcher, MACH_MSG_TYPE_MAKE_SEND_ONCE, space);
	host_fail_allocation(1);
	assert_int_equal(mach_port_deallocate(space, name), 0);
	assert_true(host_failed());
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_SEND_ONCE, 0);
	fix_expect_nothing(fix_space, watcher);
	assert_int_equal(fix_status(fix_space, watcher).mps_sorights, 0);
}

static void
watching_thread(void *arg)
{
	mach_port_name_t from = *(mach_port_name_t *)arg;
	struct user_msg *msg = fix_msg();
	mach_msg_return_t mr;

	do
		mr = fix_mach_msg(msg, MACH_RCV_MSG, 0, MSG_BYTES, from, 0, 0);
	while (mr == MACH_RCV_INTERRUPTED); /* as the library does */
	assert_int_equal(mr, 0);
	assert_int_equal(msg->header.msgh_id, MACH_NOTIFY_SEND_ONCE);
	fix_user_free(msg);
}

/* The same with a thread waiting there, on the port or on its set. */
static void
send_once_owed_to_waiter(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t set = fix_pset(fix_space), name, from;
	struct host_thread *thread;
	int in_set;

	(void)state;
	for (in_set = 0; in_set < 2; in_set++) {
		from = in_set ? set : watcher;
		if (in_set)
			assert_int_equal(mach_port_move_member(fix_space, watcher, set), 0);
		name = fix_give(fix_space, watcher, MACH_MSG_TYPE_MAKE_SEND_ONCE, space);
		thread = fix_thread(fix_space, watching_thread, &from);
		host_run();
		host_fail_allocation(1);
		assert_int_equal(mach_port_deallocate(space, name), 0);
		assert_true(host_failed());
		host_run();
		assert_true(host_thread_done(thread));
		/* and owed before the port joins or the thread comes */
		name = fix_give(fix_space, watcher, MACH_MSG_TYPE_MAKE_SEND_ONCE, space);
		host_fail_allocation(1);
		assert_int_equal(mach_port_deallocate(space, name), 0);
		if (!in_set)
			continue;
		fix_expect_notify(fix_space, set, MACH_NOTIFY_SEND_ONCE, 0);
		fix_expect_notify(fix_space, set, MACH_NOTIFY_SEND_ONCE, 0);
		fix_expect_nothing(fix_space, set);
	}
}

/* What waits in queues is paid for, notifications too; those for which the
 * account has no room come when it has. */
static void
notifications_are_charged(void **state)
{
	uint64_t limit = fix_account->used[ACCOUNT_MESSAGE_BYTES] + 2000;
	mach_port_name_t name;
	int i;

	(void)state;
	fix_account->limit[ACCOUNT_MESSAGE_BYTES] = limit;
	for (i = 0; i < 100; i++) {
		name = fix_give(fix_space, watcher, MACH_MSG_TYPE_MAKE_SEND_ONCE, fix_space);
		assert_int_equal(mach_port_deallocate(fix_space, name), 0);
	}
	assert_true(fix_account->used[ACCOUNT_MESSAGE_BYTES] > 0);
	assert_true(fix_account->used[ACCOUNT_MESSAGE_BYTES] <= limit);
	assert_int_equal(request(fix_space, watcher, 70, 9, false), KERN_RESOURCE_SHORTAGE);
	for (i = 0; i < 100; i++)
		fix_expect_notify(fix_space, watcher, MACH_NOTIFY_SEND_ONCE, 0);
	fix_expect_nothing(fix_space, watcher);
	assert_int_equal(fix_account->used[ACCOUNT_MESSAGE_BYTES], 0);
}

/* Nor do answers of the kernel pile up for nothing. */
static void
kernel_replies_are_charged(void **state)
{
	struct ipc_port *port = ipc_port_create_kernel(NULL);
	struct user_msg *msg = fix_msg();
	mach_port_name_t name;
	uint64_t limit = 2000;
	int object, i;

	(void)state;
	ipc_kobject_set(port, &object, IKOT_DEVICE);
	name = ipc_name_send_right(fix_space, ipc_port_make_send(port));
	fix_account->limit[ACCOUNT_MESSAGE_BYTES] = limit;
	for (i = 0; i < 100; i++) {
		fix_header(msg, MACH_MSGH_BITS(19, 21), name, watcher, 2000);
		(void)fix_mach_msg(msg, MACH_SEND_MSG, 32, 0, 0, 0, 0);
	}
	assert_true(fix_account->used[ACCOUNT_MESSAGE_BYTES] <= limit);
	for (i = 0; fix_poll(fix_space, watcher, msg) == 0; i++)
		assert_true(
		    msg->header.msgh_id == 2100 || msg->header.msgh_id == MACH_NOTIFY_SEND_ONCE);
	assert_true(i > 3 && i <= 100);
	ipc_port_destroy_kernel(port);
}

static void
fill_queue(struct ipc_space *space, mach_port_name_t send)
{
	int i;

	for (i = 0; i < 5; i++)
		assert_int_equal(fix_send_id(space, send, 19, i), 0);
	assert_int_equal(fix_send_id(space, send, 19, i), MACH_SEND_TIMED_OUT);
}

static mach_msg_return_t
send_notify(struct ipc_space *space, mach_port_name_t to, mach_port_name_t notify)
{
	struct user_msg *msg = fix_msg();
	mach_msg_return_t mr;

	fix_header(msg, MACH_MSGH_BITS(19, 0), to, 0, 99);
	mr = fix_mach_msg_as(space, msg, MACH_SEND_MSG | MACH_SEND_NOTIFY, 32, 0, 0, 0, notify);
	fix_user_free(msg);
	return mr;
}

static void
msg_accepted(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t port = fix_receive(fix_space), send, mine;
	struct user_msg *msg = fix_msg();
	int i;

	(void)state;
	send = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	mine = fix_receive(space);
	fill_queue(space, send);
	assert_int_equal(send_notify(space, send, 0), MACH_SEND_INVALID_NOTIFY);
	assert_int_equal(fix_refs(space, send, MACH_PORT_RIGHT_SEND), 3);
	assert_int_equal(send_notify(space, send, mine), MACH_SEND_WILL_NOTIFY);
	assert_int_equal(fix_type(space, send), MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_MAREQUEST);
	assert_int_equal(send_notify(space, send, mine), MACH_SEND_NOTIFY_IN_PROGRESS);
	for (i = 0; i < 5; i++)
		assert_int_equal(fix_poll(fix_space, port, msg), 0);
	fix_expect_nothing(space, mine);
	assert_int_equal(fix_poll(fix_space, port, msg), 0);
	assert_int_equal(msg->header.msgh_id, 99);
	fix_expect_notify(space, mine, MACH_NOTIFY_MSG_ACCEPTED, send);
	assert_int_equal(fix_type(space, send), MACH_PORT_TYPE_SEND);
	/* not full: an ordinary send */
	assert_int_equal(send_notify(space, send, mine), 0);
	assert_int_equal(fix_poll(fix_space, port, msg), 0);
	fix_expect_nothing(space, mine);
	/* the name goes first: null; the port dies: send-once */
	fill_queue(space, send);
	assert_int_equal(send_notify(space, send, mine), MACH_SEND_WILL_NOTIFY);
	assert_int_equal(mach_port_destroy(space, send), 0);
	for (i = 0; i < 6; i++)
		assert_int_equal(fix_poll(fix_space, port, msg), 0);
	fix_expect_notify(space, mine, MACH_NOTIFY_MSG_ACCEPTED, 0);
	send = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	fill_queue(space, send);
	assert_int_equal(send_notify(space, send, mine), MACH_SEND_WILL_NOTIFY);
	assert_int_equal(mach_port_destroy(fix_space, port), 0);
	fix_expect_notify(space, mine, MACH_NOTIFY_SEND_ONCE, 0);
}

static void
send_cancel(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t port = fix_receive(fix_space), send, mine, other;
	struct user_msg *msg = fix_msg();
	struct ipc_port *sonce, *previous;

	(void)state;
	send = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	mine = fix_receive(space);
	other = fix_receive(space);
	assert_int_equal(ipc_name_copyin(space, mine, MACH_MSG_TYPE_MAKE_SEND_ONCE, &sonce), 0);
	assert_int_equal(mach_port_request_notification(space, send, 72, 0, sonce, &previous), 0);
	fix_header(msg, MACH_MSGH_BITS(17, 0), send, 0, 1);
	assert_int_equal(
	    fix_mach_msg_as(space, msg, MACH_SEND_MSG | MACH_SEND_CANCEL, 32, 0, 0, 0, mine), 0);
	fix_expect_nothing(space, mine);
	assert_int_equal(fix_status(space, mine).mps_sorights, 0);
	/* another notify port: not cancelled */
	send = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	assert_int_equal(ipc_name_copyin(space, mine, MACH_MSG_TYPE_MAKE_SEND_ONCE, &sonce), 0);
	assert_int_equal(mach_port_request_notification(space, send, 72, 0, sonce, &previous), 0);
	fix_header(msg, MACH_MSGH_BITS(17, 0), send, 0, 1);
	assert_int_equal(
	    fix_mach_msg_as(space, msg, MACH_SEND_MSG | MACH_SEND_CANCEL, 32, 0, 0, 0, other), 0);
	fix_expect_notify(space, mine, MACH_NOTIFY_PORT_DELETED, send);
}

static void
rcv_notify(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t inbox = fix_receive(fix_space), to, reply, got;
	struct user_msg *msg = fix_msg();
	int round;

	(void)state;
	to = fix_give(fix_space, inbox, MACH_MSG_TYPE_MAKE_SEND, space);
	reply = fix_receive(space);
	for (round = 0; round < 2; round++) {
		fix_header(msg, MACH_MSGH_BITS(19, 20), to, reply, 1);
		assert_int_equal(fix_mach_msg_as(space, msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), 0);
		assert_int_equal(
		    fix_mach_msg(msg, MACH_RCV_MSG | MACH_RCV_NOTIFY, 0, 64, inbox, 0, watcher), 0);
	}
	got = msg->header.msgh_remote_port;
	/* new the first time only */
	assert_int_equal(fix_type(fix_space, got), MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST);
	assert_int_equal(fix_status(fix_space, watcher).mps_sorights, 1);
	assert_int_equal(mach_port_destroy(space, reply), 0);
	fix_expect_notify(fix_space, watcher, MACH_NOTIFY_DEAD_NAME, got);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(dead_name_on_death),
		TEST(port_deleted),
		TEST(dead_name_registration),
		TEST(request_follows_rename),
		TEST(no_senders),
		TEST(port_destroyed),
		TEST(port_destroyed_circular),
		TEST(send_once_unused),
		TEST(send_once_owed),
		TEST(send_once_owed_to_waiter),
		TEST(notifications_are_charged),
		TEST(kernel_replies_are_charged),
		TEST(msg_accepted),
		TEST(send_cancel),
		TEST(rcv_notify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
