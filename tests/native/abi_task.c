/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tasks, the host, gsync, devices (4, 8, 9).
 */
#include "abi.h"

/* ---- A second task (4.1, 10.6) --------------------------------------------------------- */

#define CHILD_SERVICE 0x100 /* the name it finds its parent under */

static volatile uint64_t child_word = 5;

/*
 * In the child: its memory is a copy, its names are its own. Sends its word
 * and a reply port, expects an array of rights, and answers through the first.
 */
static void
child_main(uint64_t argument)
{
	static struct msg m;
	name_t reply = t_reply_port(), task = t_task_self();
	const name_t *rights;

	child_word += argument;
	msg_begin(&m, CHILD_SERVICE, COPY_SEND, reply, MAKE_SEND, 60);
	put_i64(&m, child_word);
	put_port(&m, task, COPY_SEND);
	(void)t_mach_msg(&m, SEND, m.h.size, 0, 0, 0, 0);
	if (t_mach_msg(&m, RCV, 0, sizeof(m), reply, 0, 0) == 0) {
		rights = (const name_t *)get64(&m, 40);
		msg_begin(&m, rights[0], COPY_SEND, 0, 0, 62);
		put_i64(&m, rights[0] == rights[1]);
		(void)t_mach_msg(&m, SEND, m.h.size, 0, 0, 0, 0);
	}
	(void)t_task_terminate(task);
	for (;;)
		(void)t_swtch();
}

static void
child_start(name_t child)
{
	struct thread_state state = { 0 };
	struct msg m;
	name_t thread;

	rpc_begin(&m, child, 2061);
	CHECK_EQ(rpc(&m), 0);
	thread = get32(&m, 56);
	state.rip = (uint64_t)child_main;
	state.rdi = 4;
	state.ursp = (uint64_t)thread_stacks[3] + sizeof(thread_stacks[0]) - 8;
	CHECK_EQ(set_state(thread, 1, &state, 42), 0);
	CHECK_EQ(simple_call(thread, 2063), 0);
	CHECK_EQ(t_port_deallocate(me, thread), 0);
}

void
test_second_task(void)
{
	struct msg m;
	name_t child = 0, service = port_new(), answer = port_new(), rights[2];
	uint64_t region = 0x200000000000;

	CHECK_EQ(t_task_create(me, 1, &child), 0);
	CHECK_EQ(insert_into(child, CHILD_SERVICE, service, MAKE_SEND), 0);
	CHECK_EQ(insert_into(child, CHILD_SERVICE + 1, service, MAKE_SEND), K_RIGHT_EXISTS);
	CHECK_EQ(t_vm_allocate(child, &region, PAGE, 0), 0);
	CHECK_EQ(t_vm_deallocate(child, region, PAGE), 0);
	child_start(child);
	if (!CHECK_EQ(receive(&m, service, 5000), 0))
		return;
	CHECK_EQ(m.h.id, 60);
	CHECK_EQ(get64(&m, 40), 9);
	CHECK_EQ(child_word, 5);
	CHECK_EQ(get64(&m, 56), child);
	CHECK_EQ(m.h.bits & 0xff, MOVE_SEND);
	rights[0] = rights[1] = answer;
	msg_begin(&m, (name_t)m.h.remote, MOVE_SEND, 0, 0, 61);
	put_ool(&m, descriptor_ool(MAKE_SEND, 32, 2, false), rights);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, answer, 5000), 0);
	CHECK_EQ(m.h.id, 62);
	CHECK_EQ(get64(&m, 40), 1);
	CHECK(wait_for_death(child));
	CHECK_EQ(t_task_suspend(child), SEND_INTERRUPTED);
	CHECK_EQ(port_destroy(child), 0);
	CHECK_EQ(port_destroy(answer), 0);
	CHECK_EQ(port_destroy(service), 0);
}

/* 4.1, 4.6: suspend counts, special ports, registered ports, information. */
void
test_tasks(void)
{
	struct msg m;
	name_t child = 0, port = port_new(), names[5];
	uint32_t values[2];

	CHECK_EQ(t_task_create(me, 0, &child), 0);
	CHECK_EQ(simple_call(child, 2057), K_FAILURE);
	CHECK_EQ(t_task_suspend(child), 0);
	CHECK_EQ(simple_call(child, 2056), 0);
	values[0] = 1;
	values[1] = 30;
	CHECK_EQ(rpc_i32(&m, child, 2012, 2, values), 0);
	CHECK_EQ(get64(&m, 48), descriptor(T_INT32, 32, 30));
	CHECK_EQ(get32(&m, 56), 2);
	CHECK_EQ(get64(&m, 64), 0);
	values[1] = 17;
	CHECK_EQ(rpc_i32(&m, child, 2012, 2, values), K_INVALID_ARGUMENT);
	CHECK_EQ(simple_call(child, 2057), 0);
	CHECK_EQ(simple_call(child, 2057), 0);
	CHECK_EQ(simple_call(child, 2011), 0);

	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	CHECK_EQ(t_task_set_special_port(child, 4, port), 0);
	CHECK_EQ(t_task_set_special_port(child, 2, port), K_INVALID_ARGUMENT);
	values[0] = 4;
	CHECK_EQ(rpc_i32(&m, child, 2058, 1, values), 0);
	CHECK_EQ(get32(&m, 56), port);
	CHECK_EQ(port_refs(port, RIGHT_SEND), 2);

	for (int i = 0; i < 5; i++)
		names[i] = port;
	rpc_begin(&m, child, 2033);
	put_ool(&m, descriptor_ool(COPY_SEND, 32, 2, false), names);
	CHECK_EQ(rpc(&m), 0);
	rpc_begin(&m, child, 2033);
	put_ool(&m, descriptor_ool(COPY_SEND, 32, 5, false), names);
	CHECK_EQ(rpc(&m), K_INVALID_ARGUMENT);
	CHECK_EQ(simple_call(child, 2034), 0);
	rpc_begin(&m, child, 2034);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(get64(&m, 48) >> 32, 4);
	CHECK_EQ(((name_t *)get64(&m, 56))[0], port);
	CHECK_EQ(((name_t *)get64(&m, 56))[1], port);
	CHECK_EQ(((name_t *)get64(&m, 56))[2], 0);
	CHECK_EQ(t_vm_deallocate(me, get64(&m, 56), 16), 0);

	CHECK_EQ(t_task_terminate(child), 0);
	CHECK(wait_for_death(child));
	CHECK_EQ(port_destroy(child), 0);
	CHECK_EQ(port_destroy(port), 0);
}

/* 4.8, 4.9: what anybody may ask the host. */
void
test_host(void)
{
	struct msg m;
	name_t host = t_host_self();
	uint32_t values[2] = { 1, 6 };
	uint64_t before;

	CHECK_EQ(rpc_i32(&m, host, 2638, 2, values), 0);
	CHECK(get32(&m, 56) >= 1);
	CHECK(get32(&m, 60) >= 1);
	CHECK(get64(&m, 64) >= 16 << 20);
	CHECK_EQ(get32(&m, 72), 21);
	values[1] = 5;
	CHECK_EQ(rpc_i32(&m, host, 2638, 2, values), K_FAILURE);
	values[0] = 99;
	CHECK_EQ(rpc_i32(&m, host, 2638, 2, values), K_INVALID_ARGUMENT);
	CHECK_EQ(simple_call(me, 2634), K_INVALID_HOST);
	rpc_begin(&m, host, 2646);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(m.h.size, 568);
	CHECK_EQ(get64(&m, 48), descriptor(T_STRING, 8, 512));
	rpc_begin(&m, host, 2647);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(m.h.size, 72);
	CHECK_EQ(get64(&m, 48), descriptor(T_INT64, 64, 2));
	before = get64(&m, 56) * 1000000000 + get64(&m, 64);
	(void)t_thread_switch(0, 2, 50);
	rpc_begin(&m, host, 2647);
	CHECK_EQ(rpc(&m), 0);
	CHECK(get64(&m, 56) * 1000000000 + get64(&m, 64) >= before + 40000000);
	values[0] = 8;
	CHECK_EQ(rpc_i32(&m, host, 2635, 1, values), K_INVALID_HOST);
}

/* 9.1: gsync. */
static volatile uint32_t gsync_word;
static volatile int gsync_result;

static void
gsync_begin(struct msg *m, name_t reply, uint32_t value, uint32_t msec, uint32_t flags)
{
	msg_begin(m, me, COPY_SEND, reply, MAKE_SEND_ONCE, 4204);
	put_i64(m, (uint64_t)&gsync_word);
	put_i32(m, value);
	put_i32(m, 0);
	put_i32(m, msec);
	put_i32(m, flags);
}

static void
thread_gsync(uint64_t argument)
{
	static struct msg m;
	name_t reply = t_reply_port();

	gsync_begin(&m, reply, (uint32_t)argument, 0, 0);
	(void)t_mach_msg(&m, SEND | RCV, m.h.size, sizeof(m), reply, 0, 0);
	gsync_result = (int)get32(&m, 40);
	thread_flag = 40;
	thread_exit();
}

void
test_gsync(void)
{
	struct msg m;
	name_t thread;

	gsync_word = 1;
	gsync_begin(&m, reply_port, 2, 0, 0);
	CHECK_EQ(rpc(&m), K_INVALID_ARGUMENT);
	gsync_begin(&m, reply_port, 1, 30, 4);
	CHECK_EQ(rpc(&m), K_TIMEDOUT);
	thread_flag = 0;
	thread = thread_new(thread_gsync, 1, 0);
	CHECK_EQ(simple_call(thread, 2063), 0);
	(void)t_thread_switch(0, 2, 100);
	CHECK_EQ(thread_flag, 0);
	msg_begin(&m, me, COPY_SEND, 0, 0, 4205);
	put_i64(&m, (uint64_t)&gsync_word);
	put_i32(&m, 9);
	put_i32(&m, 0x10);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(gsync_word, 9);
	CHECK(wait_for_flag(40));
	CHECK_EQ(gsync_result, 0);
	CHECK(thread_gone(thread));
}

/* 8: the console device, when the boot script gave a device port. */
void
test_device(void)
{
	struct msg m;
	name_t device;
	uint64_t *at;

	if (device_master == 0)
		return;
	rpc_begin(&m, device_master, 2800);
	put_i32(&m, 3);
	at = msg_room(&m, 8 + 128);
	at[0] = T_STRING | 1024u << 8 | 3u << 29 | 1ull << 32;
	clear_bytes(at + 1, 128);
	copy_bytes(at + 1, "console", 7);
	CHECK_EQ(m.h.size, 184);
	if (!CHECK_EQ(rpc(&m), 0))
		return;
	device = get32(&m, 56);
	rpc_begin(&m, device, 2803);
	put_i32(&m, 0);
	put_i64(&m, 0);
	at = msg_room(&m, 8 + 24);
	at[0] = descriptor(T_CHAR, 8, 18);
	copy_bytes(at + 1, "console device ok\n", 18);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(get32(&m, 56), 18);
	rpc_begin(&m, device_master, 2800);
	put_i32(&m, 3);
	at = msg_room(&m, 8 + 128);
	at[0] = T_STRING | 1024u << 8 | 3u << 29 | 1ull << 32;
	clear_bytes(at + 1, 128);
	copy_bytes(at + 1, "nothing", 7);
	CHECK_EQ(rpc(&m), 2502);
	CHECK_EQ(port_destroy(device), 0);
}
