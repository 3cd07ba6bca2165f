/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of mach_msg, payloads, extraction, names (2.9, 2.13, 3.8, 3.10).
 */
#include "abi.h"

enum { SEND_NOTIFY = 0x20, SEND_CANCEL = 0x80, RCV_NOTIFY = 0x200 };

#define SEND_WILL_NOTIFY        0x10000005
#define SEND_NOTIFY_IN_PROGRESS 0x10000006
#define SEND_INVALID_NOTIFY     0x1000000b
#define RCV_INVALID_NOTIFY      0x10004007
#define TYPE_MAREQUEST          0x40000000u
#define TYPE_DNREQUEST          0x80000000u

/* 2.13: a message forced into a full queue, and its acceptance. */
void
test_send_notify(void)
{
	struct msg m;
	name_t port = port_new(), notify = port_new();

	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	for (int i = 0; i < 5; i++) {
		msg_begin(&m, port, COPY_SEND, 0, 0, i);
		CHECK_EQ(send(&m), 0);
	}
	msg_begin(&m, port, COPY_SEND, 0, 0, 5);
	CHECK_EQ(t_mach_msg(&m, SEND | SEND_NOTIFY | SEND_TIMEOUT, 32, 0, 0, 0, 0x7ffffff0),
	    SEND_INVALID_NOTIFY);
	msg_begin(&m, port, COPY_SEND, 0, 0, 5);
	CHECK_EQ(t_mach_msg(&m, SEND | SEND_NOTIFY | SEND_TIMEOUT, 32, 0, 0, 0, notify),
	    SEND_WILL_NOTIFY);
	CHECK_EQ(port_type(port) & TYPE_MAREQUEST, TYPE_MAREQUEST);
	msg_begin(&m, port, COPY_SEND, 0, 0, 6);
	CHECK_EQ(t_mach_msg(&m, SEND | SEND_NOTIFY | SEND_TIMEOUT, 32, 0, 0, 0, notify),
	    SEND_NOTIFY_IN_PROGRESS);
	CHECK_EQ(receive(&m, notify, 0), RCV_TIMED_OUT);
	for (int i = 0; i < 6; i++) {
		CHECK_EQ(receive(&m, port, 0), 0);
		CHECK_EQ(m.h.id, i);
	}
	CHECK_EQ(receive(&m, notify, 100), 0);
	CHECK_EQ(m.h.id, 66);
	CHECK_EQ(m.h.size, 48);
	CHECK_EQ(get64(&m, 32), descriptor(T_NAME, 32, 1));
	CHECK_EQ(get32(&m, 40), port);
	CHECK_EQ(port_destroy(port), 0);
	CHECK_EQ(port_destroy(notify), 0);
}

/* 2.13: SEND_CANCEL takes the dead-name request away silently. */
void
test_send_cancel(void)
{
	struct msg m;
	name_t port = port_new(), right, notify = port_new(), other = port_new();

	msg_begin(&m, port, MAKE_SEND_ONCE, port, MAKE_SEND_ONCE, 1);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, port, 0), 0);
	right = (name_t)m.h.remote;
	CHECK_EQ(request_notification(right, NOTIFY_DEAD_NAME, 0, notify), 0);
	msg_begin(&m, right, MOVE_SEND_ONCE, 0, 0, 2);
	CHECK_EQ(t_mach_msg(&m, SEND | SEND_CANCEL, 32, 0, 0, 0, 0), SEND_INVALID_NOTIFY);
	CHECK_EQ(t_mach_msg(&m, SEND | SEND_CANCEL, 32, 0, 0, 0, notify), 0);
	CHECK_EQ(receive(&m, notify, 0), RCV_TIMED_OUT);
	CHECK_EQ(receive(&m, port, 0), 0);

	msg_begin(&m, port, MAKE_SEND_ONCE, port, MAKE_SEND_ONCE, 1);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, port, 0), 0);
	right = (name_t)m.h.remote;
	CHECK_EQ(request_notification(right, NOTIFY_DEAD_NAME, 0, notify), 0);
	msg_begin(&m, right, MOVE_SEND_ONCE, 0, 0, 2);
	CHECK_EQ(t_mach_msg(&m, SEND | SEND_CANCEL, 32, 0, 0, 0, other), 0);
	CHECK_EQ(receive(&m, notify, 0), 0);
	CHECK_EQ(m.h.id, NOTIFY_PORT_DELETED);
	CHECK_EQ(get32(&m, 40), right);
	CHECK_EQ(port_destroy(port), 0);
	CHECK_EQ(port_destroy(notify), 0);
	CHECK_EQ(port_destroy(other), 0);
}

/* 2.13: RCV_NOTIFY registers a dead-name request for a new reply right. */
void
test_receive_notify(void)
{
	struct msg m;
	name_t port = port_new(), reply = port_new(), notify = port_new();

	msg_begin(&m, port, MAKE_SEND_ONCE, reply, MAKE_SEND_ONCE, 1);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(t_mach_msg(&m, RCV | RCV_NOTIFY, 0, sizeof(m), port, 0, notify), 0);
	CHECK_EQ(port_type((name_t)m.h.remote) & TYPE_DNREQUEST, TYPE_DNREQUEST);
	CHECK_EQ(port_destroy(reply), 0);
	CHECK_EQ(receive(&m, notify, 100), 0);
	CHECK_EQ(m.h.id, NOTIFY_DEAD_NAME);
	CHECK_EQ(port_refs(get32(&m, 40), RIGHT_DEAD_NAME), 2);
	CHECK_EQ(port_destroy(get32(&m, 40)), 0);

	reply = port_new();
	msg_begin(&m, port, MAKE_SEND_ONCE, reply, MAKE_SEND_ONCE, 1);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(t_mach_msg(&m, RCV | RCV_NOTIFY, 0, sizeof(m), port, 0, 0x7ffffff0),
	    RCV_INVALID_NOTIFY);
	CHECK_EQ(receive(&m, reply, 100), 0);
	CHECK_EQ(m.h.id, NOTIFY_SEND_ONCE);
	CHECK_EQ(port_destroy(port), 0);
	CHECK_EQ(port_destroy(reply), 0);
	CHECK_EQ(port_destroy(notify), 0);
}

/* 2.12, 3.8: protected payloads. */
void
test_payload(void)
{
	struct msg m;
	name_t port = port_new();

	rpc_begin(&m, me, 3221);
	put_name(&m, port);
	put_i64(&m, 0x1122334455667788);
	CHECK_EQ(rpc(&m), 0);
	msg_begin(&m, port, MAKE_SEND, 0, 0, 1);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, port, 0), 0);
	CHECK_EQ(m.h.bits, 23 << 8);
	CHECK_EQ(m.h.local, 0x1122334455667788);
	CHECK_EQ(port_call(&m, 3222, port, 0, NULL), 0);
	msg_begin(&m, port, MAKE_SEND, 0, 0, 1);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, port, 0), 0);
	CHECK_EQ(m.h.bits, MOVE_SEND << 8);
	CHECK_EQ(m.h.local, port);
	rpc_begin(&m, me, 3221);
	put_name(&m, 0x7ffffff0);
	put_i64(&m, 1);
	CHECK_EQ(rpc(&m), K_INVALID_NAME);
	CHECK_EQ(port_destroy(port), 0);
}

static int
extract(struct msg *m, name_t name, uint32_t disposition)
{
	return port_call(m, 3216, name, 1, &disposition);
}

/* 3.8, 3.10: extraction by each disposition. */
void
test_extract(void)
{
	struct msg m;
	name_t port = port_new();

	CHECK_EQ(extract(&m, port, MAKE_SEND), 0);
	CHECK_EQ(m.h.size, 64);
	CHECK_EQ(get64(&m, 48), descriptor(MOVE_SEND, 64, 1));
	CHECK_EQ(get32(&m, 56), port);
	CHECK_EQ(port_refs(port, RIGHT_SEND), 1);
	CHECK_EQ(extract(&m, port, COPY_SEND), 0);
	CHECK_EQ(port_refs(port, RIGHT_SEND), 2);
	CHECK_EQ(extract(&m, port, MOVE_SEND), 0);
	CHECK_EQ(port_refs(port, RIGHT_SEND), 2);
	CHECK_EQ(extract(&m, port, MAKE_SEND_ONCE), 0);
	CHECK_EQ(get64(&m, 48), descriptor(MOVE_SEND_ONCE, 64, 1));
	CHECK_EQ(t_port_deallocate(me, get32(&m, 56)), 0);
	CHECK_EQ(receive(&m, port, 100), 0);
	CHECK_EQ(m.h.id, NOTIFY_SEND_ONCE);
	CHECK_EQ(extract(&m, port, 22), K_INVALID_VALUE);
	CHECK_EQ(extract(&m, 0x7ffffff0, COPY_SEND), K_INVALID_NAME);
	CHECK_EQ(extract(&m, me, MOVE_RECEIVE), K_INVALID_RIGHT);
	CHECK_EQ(extract(&m, port, MOVE_RECEIVE), 0);
	CHECK_EQ(get32(&m, 56), port);
	CHECK_EQ(port_type(port), TYPE_RECEIVE | TYPE_SEND);
	CHECK_EQ(port_destroy(port), 0);
}

/* 3.3: what moving a receive right resets. */
void
test_move_resets(void)
{
	struct msg m;
	name_t port = port_new(), carrier = port_new(), set = 0;
	uint32_t value = 77;

	CHECK_EQ(t_port_allocate(me, RIGHT_PORT_SET, &set), 0);
	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	CHECK_EQ(port_call(&m, 3218, port, 1, &value), 0);
	CHECK_EQ(move_member(port, set), 0);
	msg_begin(&m, port, COPY_SEND, 0, 0, 40);
	CHECK_EQ(send(&m), 0);
	msg_begin(&m, carrier, MAKE_SEND, 0, 0, 41);
	put_port(&m, port, MOVE_RECEIVE);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, set, 0), RCV_TIMED_OUT);
	CHECK_EQ(receive(&m, carrier, 0), 0);
	CHECK_EQ(get32(&m, 40), port);
	CHECK_EQ(port_call(&m, 3217, port, 0, NULL), 0);
	CHECK_EQ(get32(&m, 56), 0);
	CHECK_EQ(get32(&m, 60), 0);
	CHECK_EQ(get32(&m, 64), 0);
	CHECK_EQ(get32(&m, 72), 1);
	CHECK_EQ(receive(&m, port, 0), 0);
	CHECK_EQ(m.h.id, 40);
	CHECK_EQ(m.h.seqno, 0);
	CHECK_EQ(port_destroy(port), 0);
	CHECK_EQ(port_destroy(carrier), 0);
	CHECK_EQ(port_destroy(set), 0);
}

/* 2.10: a receive right queued to itself is destroyed, not kept for ever. */
void
test_circular(void)
{
	struct msg m;
	name_t port = port_new(), notify = port_new();

	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	CHECK_EQ(request_notification(port, NOTIFY_DEAD_NAME, 0, notify), 0);
	msg_begin(&m, port, COPY_SEND, 0, 0, 1);
	put_port(&m, port, MOVE_RECEIVE);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, notify, 1000), 0);
	CHECK_EQ(m.h.id, NOTIFY_DEAD_NAME);
	CHECK_EQ(port_type(port), TYPE_DEAD_NAME);
	CHECK_EQ(port_destroy(port), 0);
	CHECK_EQ(port_destroy(notify), 0);
}

/* 3.1, 3.2: dead and null rights in bodies; dead destinations of replies. */
void
test_dead_rights(void)
{
	struct msg m;
	name_t port = port_new(), dead = 0;

	CHECK_EQ(t_port_allocate(me, RIGHT_DEAD_NAME, &dead), 0);
	CHECK_EQ(port_mod_refs(dead, RIGHT_DEAD_NAME, 3), 0);
	msg_begin(&m, port, MAKE_SEND, dead, COPY_SEND, 1);
	put_port(&m, dead, COPY_SEND);
	put_port(&m, dead, MOVE_SEND);
	put_port(&m, PORT_DEAD, COPY_SEND);
	put_port(&m, 0, MOVE_RECEIVE);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(port_refs(dead, RIGHT_DEAD_NAME), 3);
	CHECK_EQ(receive(&m, port, 0), 0);
	CHECK_EQ(m.h.remote, PORT_DEAD);
	CHECK_EQ(get64(&m, 40), PORT_DEAD);
	CHECK_EQ(get64(&m, 56), PORT_DEAD);
	CHECK_EQ(get64(&m, 72), PORT_DEAD);
	CHECK_EQ(get64(&m, 80), descriptor(MOVE_RECEIVE, 64, 1));
	CHECK_EQ(get64(&m, 88), 0);
	msg_begin(&m, port, MAKE_SEND, 0, 0, 1);
	put_port(&m, dead, MAKE_SEND);
	CHECK_EQ(send(&m), SEND_INVALID_RIGHT);
	CHECK_EQ(port_destroy(dead), 0);
	CHECK_EQ(port_destroy(port), 0);
}
