/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages, rights, notifications, sets (2, 3).
 */
#include "abi.h"

/* 2.10: what a bad send header answers, with nothing consumed. */
void
test_send_errors(void)
{
	struct msg m;
	name_t port = port_new(), dead = 0;

	CHECK_EQ(t_mach_msg(NULL, 0, 0, 0, 0, 0, 0), 0);
	msg_begin(&m, port, MAKE_SEND, 0, 0, 7);
	CHECK_EQ(t_mach_msg(&m, SEND, 24, 0, 0, 0, 0), SEND_TOO_SMALL);
	CHECK_EQ(t_mach_msg(&m, SEND, 36, 0, 0, 0, 0), SEND_TOO_SMALL);
	CHECK_EQ(t_mach_msg(UNMAPPED, SEND, 32, 0, 0, 0, 0), SEND_INVALID_DATA);
	CHECK_EQ(t_mach_msg((void *)(uintptr_t)0xffff800000000000, SEND, 32, 0, 0, 0, 0),
	    SEND_INVALID_DATA);
	msg_begin(&m, port, MOVE_RECEIVE, 0, 0, 7);
	CHECK_EQ(send(&m), SEND_INVALID_HEADER);
	msg_begin(&m, port, 0, 0, 0, 7);
	CHECK_EQ(send(&m), SEND_INVALID_HEADER);
	msg_begin(&m, port, MAKE_SEND, port, 0, 7);
	CHECK_EQ(send(&m), SEND_INVALID_HEADER);
	msg_begin(&m, port, MAKE_SEND, port, MOVE_RECEIVE, 7);
	CHECK_EQ(send(&m), SEND_INVALID_HEADER);
	msg_begin(&m, port, COPY_SEND, 0, 0, 7);
	CHECK_EQ(send(&m), SEND_INVALID_DEST);
	msg_begin(&m, 0x7ffffff0, COPY_SEND, 0, 0, 7);
	CHECK_EQ(send(&m), SEND_INVALID_DEST);
	msg_begin(&m, 0, COPY_SEND, 0, 0, 7);
	CHECK_EQ(send(&m), SEND_INVALID_DEST);
	CHECK_EQ(t_port_allocate(me, RIGHT_DEAD_NAME, &dead), 0);
	msg_begin(&m, dead, COPY_SEND, 0, 0, 7);
	CHECK_EQ(send(&m), SEND_INVALID_DEST);
	msg_begin(&m, port, MAKE_SEND, port, MOVE_SEND, 7);
	CHECK_EQ(send(&m), SEND_INVALID_REPLY);
	CHECK_EQ(port_type(port), TYPE_RECEIVE);
	CHECK_EQ(port_destroy(dead), 0);
	CHECK_EQ(port_destroy(port), 0);
}

/* 2.12: every byte of a received header. */
void
test_header_only(void)
{
	struct msg m;
	name_t port = port_new(), reply = port_new();

	for (uint32_t i = 0; i < 3; i++) {
		msg_begin(&m, port, MAKE_SEND, 0, 0, 1000 + (int)i);
		m.h.remote |= 0xdeadbeef00000000;
		m.h.size = 7;
		m.h.seqno = 99;
		CHECK_EQ(t_mach_msg(&m, SEND, 32, 0, 0, 0, 0), 0);
		clear_bytes(&m, sizeof(m));
		CHECK_EQ(receive(&m, port, 0), 0);
		CHECK_EQ(m.h.bits, MOVE_SEND << 8);
		CHECK_EQ(m.h.size, 32);
		CHECK_EQ(m.h.remote, 0);
		CHECK_EQ(m.h.local, port);
		CHECK_EQ(m.h.seqno, i);
		CHECK_EQ(m.h.id, 1000 + (int)i);
	}
	msg_begin(&m, port, MAKE_SEND_ONCE, reply, MAKE_SEND_ONCE, 5);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, port, 0), 0);
	CHECK_EQ(m.h.bits, MOVE_SEND_ONCE | MOVE_SEND_ONCE << 8);
	CHECK(m.h.remote != 0 && m.h.remote != reply);
	CHECK_EQ(m.h.local, port);
	msg_begin(&m, (name_t)m.h.remote, MOVE_SEND_ONCE, 0, 0, 6);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, reply, 0), 0);
	CHECK_EQ(m.h.bits, MOVE_SEND_ONCE << 8);
	CHECK_EQ(m.h.id, 6);
	CHECK_EQ(port_type(port), TYPE_RECEIVE);
	CHECK_EQ(port_destroy(port), 0);
	CHECK_EQ(port_destroy(reply), 0);
}

/* 2.9, 2.14: timeouts, sizes, names. */
void
test_receive_errors(void)
{
	struct msg m;
	name_t port = port_new(), set = 0;
	uint32_t after;

	CHECK_EQ(receive(&m, port, 0), RCV_TIMED_OUT);
	CHECK_EQ(receive(&m, port, 30), RCV_TIMED_OUT);
	CHECK_EQ(receive(&m, 0x7ffffff0, 0), RCV_INVALID_NAME);
	CHECK_EQ(receive(&m, me, 0), RCV_INVALID_NAME);
	msg_begin(&m, port, MAKE_SEND, 0, 0, 11);
	(void)msg_room(&m, 64);
	CHECK_EQ(send(&m), 0);
	clear_bytes(&m, sizeof(m));
	CHECK_EQ(t_mach_msg(&m, RCV | RCV_LARGE, 0, 64, port, 0, 0), RCV_TOO_LARGE);
	CHECK_EQ(m.h.size, 96);
	CHECK_EQ(m.h.id, 0);
	CHECK_EQ(t_mach_msg(&m, RCV, 0, 64, port, 0, 0), RCV_TOO_LARGE);
	CHECK_EQ(m.h.size, 96);
	CHECK_EQ(m.h.id, 11);
	CHECK_EQ(m.h.local, port);
	CHECK_EQ(receive(&m, port, 0), RCV_TIMED_OUT);
	CHECK_EQ(t_port_allocate(me, RIGHT_PORT_SET, &set), 0);
	after = set;
	rpc_begin(&m, me, 3213);
	put_name(&m, port);
	put_name(&m, after);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(receive(&m, port, 0), RCV_IN_SET);
	CHECK_EQ(receive(&m, set, 0), RCV_TIMED_OUT);
	CHECK_EQ(port_destroy(set), 0);
	CHECK_EQ(receive(&m, port, 0), RCV_TIMED_OUT);
	CHECK_EQ(port_destroy(port), 0);
}

/* 2.10, 2.11, 3.3: a full queue and the pseudo-receive. */
void
test_queue_limit(void)
{
	struct msg m;
	name_t port = port_new();
	uint32_t value;

	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	for (int i = 0; i < 5; i++) {
		msg_begin(&m, port, COPY_SEND, 0, 0, i);
		CHECK_EQ(send(&m), 0);
	}
	msg_begin(&m, port, COPY_SEND, 0, 0, 77);
	put_i32(&m, 1);
	CHECK_EQ(send(&m), SEND_TIMED_OUT);
	CHECK_EQ(m.h.bits, MOVE_SEND);
	CHECK_EQ(m.h.remote, port);
	CHECK_EQ(m.h.size, 48);
	CHECK_EQ(m.h.id, 77);
	CHECK_EQ(port_refs(port, RIGHT_SEND), 2);
	value = 6;
	CHECK_EQ(port_call(&m, 3210, port, 1, &value), 0);
	msg_begin(&m, port, MOVE_SEND, 0, 0, 5);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(port_refs(port, RIGHT_SEND), 1);
	value = 17;
	CHECK_EQ(port_call(&m, 3210, port, 1, &value), K_INVALID_VALUE);
	for (int i = 0; i < 6; i++) {
		CHECK_EQ(receive(&m, port, 0), 0);
		CHECK_EQ(m.h.id, i);
	}
	CHECK_EQ(port_destroy(port), 0);
}

/* 13.7: the worked examples, byte for byte. */
void
test_worked_examples(void)
{
	struct msg m;
	name_t port, notify = port_new();

	msg_begin(&m, me, COPY_SEND, reply_port, MAKE_SEND_ONCE, 3204);
	CHECK_EQ(m.h.bits, 0x1513);
	*msg_room(&m, 8) = 0x0000000120002002;
	*msg_room(&m, 8) = 1;
	CHECK_EQ(t_mach_msg(&m, SEND | RCV, 48, 64, reply_port, 0, 0), 0);
	CHECK_EQ(m.h.bits, 0x1200);
	CHECK_EQ(m.h.size, 64);
	CHECK_EQ(m.h.remote, 0);
	CHECK_EQ(m.h.local, reply_port);
	CHECK_EQ(m.h.id, 3304);
	CHECK_EQ(get64(&m, 32), 0x0000000120002002);
	CHECK_EQ(get32(&m, 40), 0);
	CHECK_EQ(get64(&m, 48), 0x000000012000200f);
	port = get32(&m, 56);
	CHECK_EQ(port_type(port), TYPE_RECEIVE);

	rpc_begin(&m, me, 3214);
	put_name(&m, port);
	put_i32(&m, NOTIFY_DEAD_NAME);
	put_i32(&m, 1);
	put_port(&m, notify, MAKE_SEND_ONCE);
	CHECK_EQ(m.h.size, 96);
	CHECK_EQ(get64(&m, 80), 0x0000000120004015);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(m.h.size, 64);
	CHECK_EQ(m.h.bits, COMPLEX | 0x1200);
	CHECK_EQ(get64(&m, 48), 0x0000000120004012);
	CHECK_EQ(get64(&m, 56), 0);
	CHECK_EQ(port_type(port), 0x80000000u | TYPE_RECEIVE);
	CHECK_EQ(port_destroy(port), 0);
	CHECK_EQ(receive(&m, notify, 100), 0);
	CHECK_EQ(m.h.id, NOTIFY_PORT_DELETED);
	CHECK_EQ(get32(&m, 40), port);
	CHECK_EQ(port_destroy(notify), 0);

	rpc_begin(&m, me, 2000);
	CHECK_EQ(rpc(&m), BAD_ID);
	CHECK_EQ(m.h.size, 48);
	rpc_begin(&m, me, 3204);
	CHECK_EQ(rpc(&m), BAD_ARGUMENTS);
	rpc_begin(&m, me, 3204);
	put_i64(&m, 1);
	CHECK_EQ(rpc(&m), BAD_ARGUMENTS);
	rpc_begin(&m, reply_port, 3204);
	m.h.bits = MAKE_SEND | (uint32_t)MAKE_SEND_ONCE << 8;
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, reply_port, 0), 0);
	CHECK_EQ(t_port_deallocate(me, (name_t)m.h.remote), 0);
	CHECK_EQ(receive(&m, reply_port, 0), 0);
	CHECK_EQ(m.h.id, NOTIFY_SEND_ONCE);
}

/* 2.6, 2.7: bodies with data and rights, and descriptors that lie. */
void
test_typed_messages(void)
{
	struct msg m;
	name_t port = port_new(), other = port_new(), got;
	uint64_t *at;

	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	msg_begin(&m, port, COPY_SEND, 0, 0, 20);
	put_i32(&m, 0x12345678);
	put_i64(&m, 0x123456789abcdef0);
	at = msg_room(&m, 16);
	at[0] = descriptor(T_CHAR, 8, 5);
	copy_bytes(at + 1, "hello", 5);
	CHECK_EQ(send(&m), 0);
	clear_bytes(&m, sizeof(m));
	CHECK_EQ(receive(&m, port, 0), 0);
	CHECK_EQ(m.h.size, 80);
	CHECK_EQ(m.h.bits, MOVE_SEND << 8);
	CHECK_EQ(get32(&m, 40), 0x12345678);
	CHECK_EQ(get64(&m, 56), 0x123456789abcdef0);
	CHECK_EQ(get64(&m, 64), descriptor(T_CHAR, 8, 5));
	CHECK_EQ(get64(&m, 72) & 0xffffffffff, 0x6f6c6c6568);

	/* Complex in name alone: the bit is gone at the other end. */
	msg_begin(&m, port, COPY_SEND, 0, 0, 21);
	put_i32(&m, 3);
	m.h.bits |= COMPLEX;
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, port, 0), 0);
	CHECK_EQ(m.h.bits, MOVE_SEND << 8);

	/* A right, a null, a dead name, each in eight bytes. */
	msg_begin(&m, port, COPY_SEND, 0, 0, 22);
	at = msg_room(&m, 8 + 3 * 8);
	at[0] = descriptor(MAKE_SEND, 64, 2);
	at[1] = other | 0xabcd00000000;
	at[2] = 0;
	at[3] = descriptor(T_INT32, 0, 0);
	m.h.bits |= COMPLEX;
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, port, 0), 0);
	CHECK_EQ(m.h.bits, COMPLEX | MOVE_SEND << 8);
	CHECK_EQ(get64(&m, 32), descriptor(MOVE_SEND, 64, 2));
	CHECK_EQ(get64(&m, 40), other);
	CHECK_EQ(get64(&m, 48), 0);
	CHECK_EQ(port_refs(other, RIGHT_SEND), 1);

	/* A receive right to oneself and back: the port lives. */
	msg_begin(&m, port, COPY_SEND, 0, 0, 23);
	put_port(&m, other, MOVE_RECEIVE);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(port_type(other), TYPE_SEND);
	CHECK_EQ(receive(&m, port, 0), 0);
	got = get32(&m, 40);
	CHECK_EQ(got, other);
	CHECK_EQ(get64(&m, 32), descriptor(MOVE_RECEIVE, 64, 1));
	CHECK_EQ(port_type(other), TYPE_SEND | TYPE_RECEIVE);

	/* 2.7 */
	msg_begin(&m, port, COPY_SEND, 0, 0, 24);
	put_item(&m, descriptor(MAKE_SEND, 32, 1), other);
	m.h.bits |= COMPLEX;
	CHECK_EQ(send(&m), SEND_INVALID_TYPE);
	msg_begin(&m, port, COPY_SEND, 0, 0, 24);
	put_item(&m, descriptor(T_INT32, 32, 1) | 1u << 24, 0);
	m.h.bits |= COMPLEX;
	CHECK_EQ(send(&m), SEND_INVALID_TYPE);
	msg_begin(&m, port, COPY_SEND, 0, 0, 24);
	put_item(&m, descriptor(T_INT32, 32, 1) | 1u << 31, 0);
	m.h.bits |= COMPLEX;
	CHECK_EQ(send(&m), SEND_INVALID_TYPE);
	msg_begin(&m, port, COPY_SEND, 0, 0, 24);
	put_item(&m, descriptor(T_INT32, 32, 1000), 0);
	m.h.bits |= COMPLEX;
	CHECK_EQ(send(&m), SEND_TOO_SMALL);
	msg_begin(&m, port, COPY_SEND, 0, 0, 24);
	put_port(&m, 0x7ffffff0, COPY_SEND);
	CHECK_EQ(send(&m), SEND_INVALID_RIGHT);
	msg_begin(&m, port, COPY_SEND, 0, 0, 24);
	put_ool(&m, descriptor_ool(T_BYTE, 8, 100, false), UNMAPPED);
	CHECK_EQ(send(&m), SEND_INVALID_MEMORY);
	CHECK_EQ(port_destroy(port), 0);
	CHECK_EQ(port_destroy(other), 0);
}

/* 2.8: arrays of rights out of line, memory with and without deallocation. */
void
test_out_of_line(void)
{
	struct msg m;
	name_t port = port_new(), names[3], *got;
	uint64_t region = 0, address;

	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	names[0] = port_new();
	names[1] = 0;
	names[2] = names[0];
	msg_begin(&m, port, COPY_SEND, 0, 0, 30);
	put_ool(&m, descriptor_ool(MAKE_SEND, 32, 3, false), names);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, port, 0), 0);
	CHECK_EQ(
	    get64(&m, 32) & ~(1ull << 30), descriptor_ool(MOVE_SEND, 32, 3, true) & ~(1ull << 30));
	got = (name_t *)get64(&m, 40);
	CHECK_EQ(got[0], names[0]);
	CHECK_EQ(got[1], 0);
	CHECK_EQ(got[2], names[0]);
	CHECK_EQ(port_refs(names[0], RIGHT_SEND), 2);
	CHECK_EQ(t_vm_deallocate(me, (uint64_t)got, 12), 0);
	CHECK_EQ(port_destroy(names[0]), 0);

	CHECK_EQ(t_vm_allocate(me, &region, 3 * PAGE, 1), 0);
	for (uint32_t i = 0; i < 3 * PAGE; i++)
		((uint8_t *)region)[i] = (uint8_t)(i * 7);
	msg_begin(&m, port, COPY_SEND, 0, 0, 31);
	put_ool(&m, descriptor_ool(T_BYTE, 8, 5000, false), (void *)(region + 100));
	CHECK_EQ(send(&m), 0);
	((uint8_t *)region)[100] = 0;
	CHECK_EQ(receive(&m, port, 0), 0);
	address = get64(&m, 40);
	CHECK(address != region + 100);
	CHECK_EQ(address % PAGE, 100);
	CHECK_EQ(get64(&m, 32) >> 32, 5000);
	CHECK_EQ((get64(&m, 32) >> 31) & 1, 1);
	CHECK_EQ(((uint8_t *)address)[0], (uint8_t)(100 * 7));
	CHECK_EQ(((uint8_t *)address)[4999], (uint8_t)(5099 * 7));
	((uint8_t *)address)[0] = 1;
	CHECK_EQ(((uint8_t *)region)[100], 0);
	CHECK_EQ(t_vm_deallocate(me, address, 5000), 0);

	msg_begin(&m, port, COPY_SEND, 0, 0, 32);
	put_ool(&m, descriptor_ool(T_BYTE, 8, 3 * PAGE, true), (void *)region);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(t_mach_msg((void *)region, SEND, 32, 0, 0, 0, 0), SEND_INVALID_DATA);
	CHECK_EQ(receive(&m, port, 0), 0);
	address = get64(&m, 40);
	CHECK_EQ(((uint8_t *)address)[2 * PAGE], (uint8_t)(2 * PAGE * 7));
	CHECK_EQ(t_vm_deallocate(me, address, 3 * PAGE), 0);

	msg_begin(&m, port, COPY_SEND, 0, 0, 33);
	put_ool(&m, descriptor_ool(T_BYTE, 8, 0, false), (void *)(uintptr_t)0x1234);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, port, 0), 0);
	CHECK_EQ(get64(&m, 40), 0);
	CHECK_EQ(port_destroy(port), 0);
}

/* 3.2, 3.8: user references, names, kinds. */
void
test_rights(void)
{
	struct msg m;
	name_t port = port_new(), dead = 0;
	uint32_t value;

	CHECK_EQ(port_refs(port, RIGHT_RECEIVE), 1);
	CHECK_EQ(port_refs(port, RIGHT_SEND), 0);
	value = 5;
	CHECK_EQ(port_call(&m, 3207, port, 1, &value), K_INVALID_VALUE);
	CHECK_EQ(port_type(0x7ffffff0), 0xf0000000u + K_INVALID_NAME);
	CHECK_EQ(t_port_deallocate(me, port), K_INVALID_RIGHT);
	CHECK_EQ(t_port_deallocate(me, 0x7ffffff0), K_INVALID_NAME);
	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	CHECK_EQ(t_port_insert_right(me, port, port, COPY_SEND), 0);
	CHECK_EQ(port_refs(port, RIGHT_SEND), 2);
	CHECK_EQ(t_port_insert_right(me, 0x1234567, port, COPY_SEND), K_RIGHT_EXISTS);
	CHECK_EQ(t_port_insert_right(me, port, port, 22), K_INVALID_VALUE);
	CHECK_EQ(t_port_insert_right(me, port, 0, COPY_SEND), K_INVALID_CAPABILITY);
	CHECK_EQ(port_mod_refs(port, RIGHT_SEND, 3), 0);
	CHECK_EQ(port_refs(port, RIGHT_SEND), 5);
	CHECK_EQ(port_mod_refs(port, RIGHT_SEND, -6), K_INVALID_VALUE);
	CHECK_EQ(port_mod_refs(port, RIGHT_SEND, 65530), K_UREFS_OVERFLOW);
	CHECK_EQ(port_mod_refs(port, RIGHT_RECEIVE, 1), K_INVALID_VALUE);
	CHECK_EQ(port_mod_refs(port, RIGHT_RECEIVE, -1), 0);
	CHECK_EQ(port_type(port), TYPE_DEAD_NAME);
	CHECK_EQ(port_refs(port, RIGHT_DEAD_NAME), 5);
	CHECK_EQ(port_mod_refs(port, RIGHT_SEND, 1), K_INVALID_RIGHT);
	CHECK_EQ(port_mod_refs(port, RIGHT_DEAD_NAME, -5), 0);
	CHECK_EQ(port_type(port), 0xf0000000u + K_INVALID_NAME);

	CHECK_EQ(t_port_allocate_name(me, RIGHT_DEAD_NAME, 0x12345678), 0);
	CHECK_EQ(t_port_allocate_name(me, RIGHT_RECEIVE, 0x12345678), K_NAME_EXISTS);
	CHECK_EQ(t_port_allocate_name(me, RIGHT_RECEIVE, 0), K_INVALID_VALUE);
	CHECK_EQ(t_port_allocate_name(me, RIGHT_SEND, 0x12345679), K_INVALID_VALUE);
	CHECK_EQ(t_port_allocate(me, RIGHT_SEND_ONCE, &dead), K_INVALID_VALUE);
	rpc_begin(&m, me, 3202);
	put_name(&m, 0x12345678);
	put_name(&m, 0xfffffffe);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(port_type(0xfffffffe), TYPE_DEAD_NAME);
	CHECK_EQ(t_port_deallocate(me, 0xfffffffe), 0);
	CHECK_EQ(port_type(0x12345678), 0xf0000000u + K_INVALID_NAME);
}

/* 3.9: mach_port_get_receive_status. */
void
test_port_status(void)
{
	struct msg m;
	name_t port = port_new();
	uint32_t value = 9;

	msg_begin(&m, port, MAKE_SEND, 0, 0, 1);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(port_call(&m, 3218, port, 1, &value), 0);
	CHECK_EQ(port_call(&m, 3217, port, 0, NULL), 0);
	CHECK_EQ(m.h.size, 96);
	CHECK_EQ(get64(&m, 48), descriptor(T_INT32, 32, 9));
	CHECK_EQ(get32(&m, 56), 0);
	CHECK_EQ(get32(&m, 60), 9);
	CHECK_EQ(get32(&m, 64), 1);
	CHECK_EQ(get32(&m, 68), 5);
	CHECK_EQ(get32(&m, 72), 1);
	CHECK_EQ(get32(&m, 76), 0);
	CHECK_EQ(get32(&m, 80), 1);
	CHECK_EQ(get32(&m, 84), 0);
	CHECK_EQ(get32(&m, 88), 0);
	CHECK_EQ(receive(&m, port, 0), 0);
	CHECK_EQ(m.h.seqno, 9);
	CHECK_EQ(port_destroy(port), 0);
}

/* 3.6, 3.7: notifications, with the bytes of each. */
void
test_notifications(void)
{
	struct msg m;
	name_t port = port_new(), notify = port_new();

	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	CHECK_EQ(request_notification(port, NOTIFY_NO_SENDERS, 1, notify), 0);
	CHECK_EQ(receive(&m, notify, 0), RCV_TIMED_OUT);
	CHECK_EQ(t_port_deallocate(me, port), 0);
	CHECK_EQ(receive(&m, notify, 100), 0);
	CHECK_EQ(m.h.id, NOTIFY_NO_SENDERS);
	CHECK_EQ(m.h.size, 48);
	CHECK_EQ(m.h.bits, MOVE_SEND_ONCE << 8);
	CHECK_EQ(m.h.remote, 0);
	CHECK_EQ(m.h.local, notify);
	CHECK_EQ(get64(&m, 32), descriptor(T_INT32, 32, 1));
	CHECK_EQ(get32(&m, 40), 1);

	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	CHECK_EQ(request_notification(port, NOTIFY_DEAD_NAME, 0, notify), 0);
	CHECK_EQ(port_mod_refs(port, RIGHT_RECEIVE, -1), 0);
	CHECK_EQ(receive(&m, notify, 100), 0);
	CHECK_EQ(m.h.id, NOTIFY_DEAD_NAME);
	CHECK_EQ(m.h.size, 48);
	CHECK_EQ(get64(&m, 32), descriptor(T_NAME, 32, 1));
	CHECK_EQ(get32(&m, 40), port);
	CHECK_EQ(port_refs(port, RIGHT_DEAD_NAME), 2);
	/* The refused request's right dies unused, and tells so. */
	CHECK_EQ(request_notification(port, NOTIFY_DEAD_NAME, 0, notify), K_INVALID_ARGUMENT);
	CHECK_EQ(receive(&m, notify, 100), 0);
	CHECK_EQ(m.h.id, NOTIFY_SEND_ONCE);
	CHECK_EQ(m.h.size, 32);
	CHECK_EQ(request_notification(port, NOTIFY_DEAD_NAME, 1, notify), 0);
	CHECK_EQ(receive(&m, notify, 100), 0);
	CHECK_EQ(m.h.id, NOTIFY_DEAD_NAME);
	CHECK_EQ(port_refs(port, RIGHT_DEAD_NAME), 3);
	CHECK_EQ(port_destroy(port), 0);

	port = port_new();
	CHECK_EQ(request_notification(port, NOTIFY_PORT_DESTROYED, 0, notify), 0);
	CHECK_EQ(request_notification(port, NOTIFY_PORT_DESTROYED, 1, notify), K_INVALID_VALUE);
	CHECK_EQ(request_notification(port, 68, 0, notify), K_INVALID_VALUE);
	while (receive(&m, notify, 0) == 0)
		;
	CHECK_EQ(port_destroy(port), 0);
	CHECK_EQ(receive(&m, notify, 100), 0);
	CHECK_EQ(m.h.id, NOTIFY_PORT_DESTROYED);
	CHECK_EQ(m.h.bits, COMPLEX | MOVE_SEND_ONCE << 8);
	CHECK_EQ(get64(&m, 32), descriptor(MOVE_RECEIVE, 64, 1));
	port = get32(&m, 40);
	CHECK_EQ(port_type(port), TYPE_RECEIVE);
	CHECK_EQ(port_destroy(port), 0);
	CHECK_EQ(port_destroy(notify), 0);
}

/* 3.4: sets. */
void
test_port_sets(void)
{
	struct msg m;
	name_t set = 0, a = port_new(), b = port_new();

	CHECK_EQ(t_port_allocate(me, RIGHT_PORT_SET, &set), 0);
	CHECK_EQ(port_type(set), TYPE_PORT_SET);
	msg_begin(&m, a, MAKE_SEND, 0, 0, 50);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(move_member(a, set), 0);
	CHECK_EQ(move_member(b, set), 0);
	CHECK_EQ(move_member(b, set), 0);
	msg_begin(&m, b, MAKE_SEND, 0, 0, 51);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, set, 0), 0);
	CHECK_EQ(m.h.local, a);
	CHECK_EQ(receive(&m, set, 0), 0);
	CHECK_EQ(m.h.local, b);
	CHECK_EQ(port_call(&m, 3212, set, 0, NULL), 0);
	CHECK_EQ(get64(&m, 48) >> 32, 2);
	CHECK_EQ(get64(&m, 48) & 0xffffffff, 0xc000200f);
	CHECK_EQ(t_vm_deallocate(me, get64(&m, 56), 8), 0);
	CHECK_EQ(move_member(a, 0), 0);
	CHECK_EQ(move_member(a, 0), K_NOT_IN_SET);
	CHECK_EQ(move_member(a, b), K_INVALID_RIGHT);
	CHECK_EQ(move_member(0x7ffffff0, set), K_INVALID_NAME);
	CHECK_EQ(port_destroy(set), 0);
	CHECK_EQ(port_destroy(a), 0);
	CHECK_EQ(port_destroy(b), 0);
}
