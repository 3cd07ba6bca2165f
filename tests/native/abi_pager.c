/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * External memory objects: the manager's side of the protocol (6).
 *
 * One thread maps and touches the object; this one is its manager.
 */
#include "abi.h"

#define OBJECT_PAGES 4

static name_t object, control, object_name;
static uint64_t mapped;

static volatile uint64_t touch_result;

/* Read the first word of page `argument` of the mapping; with bit 8, write it. */
static void
thread_touch(uint64_t argument)
{
	volatile uint64_t *word = (volatile uint64_t *)(mapped + (argument & 0xff) * PAGE);

	if (argument & 0x100)
		*word = 0x77;
	touch_result = *word;
	thread_flag = 100 + argument;
	thread_exit();
}

static name_t
touch(uint64_t argument)
{
	name_t thread = thread_new(thread_touch, argument, 0);

	thread_flag = 0;
	CHECK_EQ(simple_call(thread, 2063), 0);
	return thread;
}

static int
map_object(name_t port, uint64_t size, bool copy, uint64_t *address)
{
	*address = 0;
	return t_vm_map(me, address, size, 0, 1, port, 0, copy, 3, 7, 1);
}

/* A message of the kernel to the manager: id, size, and the control right in front. */
static bool
expect_request(struct msg *m, int id, uint32_t size)
{
	if (!CHECK_EQ(receive(m, object, 5000), 0))
		return false;
	CHECK_EQ(m->h.id, id);
	CHECK_EQ(m->h.size, size);
	CHECK_EQ(m->h.remote, 0);
	CHECK_EQ(m->h.bits & 0xff, 0);
	return m->h.id == id;
}

/* 6.2: the first mapping sends memory_object_init, answered by ready. */
static void
check_init(void)
{
	struct msg m;

	CHECK_EQ(map_object(object, OBJECT_PAGES * PAGE, false, &mapped), 0);
	if (!expect_request(&m, 2200, 80))
		return;
	CHECK_EQ(get64(&m, 32), descriptor(MOVE_SEND, 64, 1));
	CHECK_EQ(get64(&m, 48), descriptor(MOVE_SEND, 64, 1));
	CHECK_EQ(get64(&m, 64), descriptor(T_INT64, 64, 1));
	CHECK_EQ(get64(&m, 72), PAGE);
	control = get32(&m, 40);
	object_name = get32(&m, 56);
	msg_begin(&m, control, COPY_SEND, 0, 0, 2094);
	put_bool(&m, false);
	put_i32(&m, 2);
	CHECK_EQ(send(&m), 0);
	rpc_begin(&m, control, 2040);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(get32(&m, 56), 1);
	CHECK_EQ(get32(&m, 72), 0);
	CHECK_EQ(get32(&m, 88), 2);
	CHECK_EQ(vm_region(&m, mapped), 0);
	CHECK_EQ(get64(&m, 152), object_name);
}

static void
supply(uint64_t offset, uint64_t value, uint32_t lock)
{
	static uint64_t page[PAGE / 8] __attribute__((aligned(4096)));
	struct msg m;

	page[0] = value;
	msg_begin(&m, control, COPY_SEND, 0, 0, 2093);
	put_i64(&m, offset);
	put_ool(&m, descriptor_ool(T_BYTE, 8, PAGE, false), page);
	put_i32(&m, lock);
	put_bool(&m, false);
	put_port(&m, 0, MAKE_SEND_ONCE);
	CHECK_EQ(send(&m), 0);
}

/* 6.2, 6.3: a fault asks; data_supply, data_unavailable and data_error answer. */
static void
check_requests(void)
{
	struct msg m;
	name_t thread = touch(1);

	if (!expect_request(&m, 2203, 96))
		return;
	CHECK_EQ(get32(&m, 40), control);
	CHECK_EQ(get64(&m, 56), PAGE);
	CHECK_EQ(get64(&m, 72), PAGE);
	CHECK_EQ(get32(&m, 88) & 1, 1);
	supply(PAGE, 0x1234, 0);
	CHECK(wait_for_flag(101));
	CHECK_EQ(touch_result, 0x1234);
	CHECK(thread_gone(thread));

	thread = touch(2);
	if (!expect_request(&m, 2203, 96))
		return;
	msg_begin(&m, control, COPY_SEND, 0, 0, 2039);
	put_i64(&m, 2 * PAGE);
	put_i64(&m, PAGE);
	CHECK_EQ(send(&m), 0);
	CHECK(wait_for_flag(102));
	CHECK_EQ(touch_result, 0);
	CHECK(thread_gone(thread));
}

/* A page in error: the thread's exception is KERN_MEMORY_ERROR. */
static void
check_error(void)
{
	struct thread_state state;
	struct msg m, answer;
	name_t exc = port_new(), thread = thread_new(thread_touch, 3, 0);

	rpc_begin(&m, thread, 2068);
	put_i32(&m, 3);
	put_port(&m, exc, MAKE_SEND);
	CHECK_EQ(rpc(&m), 0);
	thread_flag = 0;
	CHECK_EQ(simple_call(thread, 2063), 0);
	if (!expect_request(&m, 2203, 96))
		return;
	msg_begin(&m, control, COPY_SEND, 0, 0, 2090);
	put_i64(&m, 3 * PAGE);
	put_i64(&m, PAGE);
	put_i32(&m, K_FAILURE);
	CHECK_EQ(send(&m), 0);
	if (!CHECK_EQ(receive(&m, exc, 5000), 0))
		return;
	CHECK_EQ(get32(&m, 72), 1);
	CHECK_EQ(get32(&m, 88), 10);
	CHECK_EQ(get64(&m, 104), mapped + 3 * PAGE);
	CHECK_EQ(get_state(thread, 1, &state, 42), 0);
	state.rip = (uint64_t)thread_set_flag;
	state.rdi = 30;
	state.ursp = (uint64_t)thread_stacks[0] + sizeof(thread_stacks[0]) - 8;
	CHECK_EQ(set_state(thread, 1, &state, 42), 0);
	msg_begin(&answer, (name_t)m.h.remote, MOVE_SEND_ONCE, 0, 0, 2500);
	put_i32(&answer, 0);
	CHECK_EQ(send(&answer), 0);
	CHECK(wait_for_flag(30));
	CHECK(thread_gone(thread));
	CHECK_EQ(port_destroy(exc), 0);
}

/* 6.4: locks and the unlock request. */
static void
check_lock(void)
{
	struct msg m;
	name_t reply = port_new(), thread;

	msg_begin(&m, control, COPY_SEND, 0, 0, 2044);
	put_i64(&m, PAGE);
	put_i64(&m, PAGE);
	put_i32(&m, 0);
	put_bool(&m, false);
	put_i32(&m, 2);
	put_port(&m, reply, MAKE_SEND_ONCE);
	CHECK_EQ(send(&m), 0);
	CHECK_EQ(receive(&m, reply, 5000), 0);
	CHECK_EQ(m.h.id, 2206);
	CHECK_EQ(m.h.size, 80);
	CHECK_EQ(get32(&m, 40), control);
	CHECK_EQ(get64(&m, 56), PAGE);
	CHECK_EQ(get64(&m, 72), PAGE);

	thread = touch(0x101);
	if (!expect_request(&m, 2204, 96))
		return;
	CHECK_EQ(get64(&m, 56), PAGE);
	CHECK_EQ(get32(&m, 88) & 2, 2);
	CHECK_EQ(thread_flag, 0);
	msg_begin(&m, control, COPY_SEND, 0, 0, 2044);
	put_i64(&m, PAGE);
	put_i64(&m, PAGE);
	put_i32(&m, 0);
	put_bool(&m, false);
	put_i32(&m, 0);
	put_port(&m, 0, MAKE_SEND_ONCE);
	CHECK_EQ(send(&m), 0);
	CHECK(wait_for_flag(100 + 0x101));
	CHECK_EQ(touch_result, 0x77);
	CHECK(thread_gone(thread));
	CHECK_EQ(port_destroy(reply), 0);
}

/* 6.2: what was written comes back, and flushed data is asked for again. */
static void
check_return(void)
{
	struct msg m;
	name_t thread;
	uint64_t data;

	msg_begin(&m, control, COPY_SEND, 0, 0, 2044);
	put_i64(&m, 0);
	put_i64(&m, OBJECT_PAGES * PAGE);
	put_i32(&m, 1);
	put_bool(&m, true);
	put_i32(&m, 8);
	put_port(&m, 0, MAKE_SEND_ONCE);
	CHECK_EQ(send(&m), 0);
	if (!expect_request(&m, 2208, 112))
		return;
	CHECK_EQ(get32(&m, 40), control);
	CHECK_EQ(get64(&m, 56), PAGE);
	CHECK_EQ(get64(&m, 64), descriptor_ool(T_BYTE, 8, PAGE, true));
	data = get64(&m, 72);
	CHECK_EQ(*(uint64_t *)data, 0x77);
	CHECK_EQ(get32(&m, 88), 1);
	CHECK_EQ(get32(&m, 104), 0);
	CHECK_EQ(t_vm_deallocate(me, data, PAGE), 0);

	thread = touch(1);
	if (!expect_request(&m, 2203, 96))
		return;
	supply(PAGE, 0x4321, 0);
	CHECK(wait_for_flag(101));
	CHECK_EQ(touch_result, 0x4321);
	CHECK(thread_gone(thread));
}

/* The second mapping sees the same pages without asking; a copy keeps its own. */
static void
check_sharing(void)
{
	uint64_t second, copy;

	CHECK_EQ(map_object(object, OBJECT_PAGES * PAGE, false, &second), 0);
	CHECK_EQ(map_object(object, OBJECT_PAGES * PAGE, true, &copy), 0);
	CHECK_EQ(*(uint64_t *)(second + PAGE), 0x4321);
	CHECK_EQ(*(uint64_t *)(copy + PAGE), 0x4321);
	*(uint64_t *)(copy + PAGE) = 1;
	CHECK_EQ(*(uint64_t *)(mapped + PAGE), 0x4321);
	*(uint64_t *)(mapped + PAGE) = 2;
	CHECK_EQ(*(uint64_t *)(second + PAGE), 2);
	CHECK_EQ(*(uint64_t *)(copy + PAGE), 1);
	CHECK_EQ(t_vm_deallocate(me, second, OBJECT_PAGES * PAGE), 0);
	CHECK_EQ(t_vm_deallocate(me, copy, OBJECT_PAGES * PAGE), 0);
}

/* 6.2: the last unmap returns what is dirty and hands over the receive rights. */
static void
check_terminate(void)
{
	struct msg m;

	CHECK_EQ(t_vm_deallocate(me, mapped, OBJECT_PAGES * PAGE), 0);
	for (;;) {
		if (!CHECK_EQ(receive(&m, object, 5000), 0))
			return;
		if (m.h.id != 2208)
			break;
		CHECK_EQ(get64(&m, 56), PAGE);
		CHECK_EQ(*(uint64_t *)get64(&m, 72), 2);
		CHECK_EQ(t_vm_deallocate(me, get64(&m, 72), PAGE), 0);
	}
	CHECK_EQ(m.h.id, 2201);
	CHECK_EQ(m.h.size, 64);
	CHECK_EQ(get64(&m, 32), descriptor(MOVE_RECEIVE, 64, 1));
	CHECK_EQ(get32(&m, 40), control);
	CHECK_EQ(get64(&m, 48), descriptor(MOVE_RECEIVE, 64, 1));
	CHECK_EQ(get32(&m, 56), object_name);
	CHECK_EQ(port_type(control) & TYPE_RECEIVE, TYPE_RECEIVE);
	CHECK_EQ(port_destroy(control), 0);
	CHECK_EQ(port_destroy(object_name), 0);
}

/* vm_map of what is no memory object. */
static void
check_misuse(void)
{
	uint64_t address;

	CHECK_EQ(map_object(me, PAGE, false, &address), K_INVALID_ARGUMENT);
	CHECK_EQ(map_object(0x7ffffff0, PAGE, false, &address), K_INVALID_NAME);
	CHECK_EQ(map_object(0, PAGE, false, &address), 0);
	CHECK_EQ(t_vm_deallocate(me, address, PAGE), 0);
}

void
test_pager(void)
{
	object = port_new();
	CHECK_EQ(t_port_insert_right(me, object, object, MAKE_SEND), 0);
	check_init();
	check_requests();
	check_error();
	check_lock();
	check_return();
	check_sharing();
	check_terminate();
	check_misuse();
	CHECK_EQ(port_destroy(object), 0);
}

static uint64_t proxy_window;

static int
create_proxy(name_t task, name_t port, uint32_t prot, uint64_t offset, uint64_t start, uint64_t len,
    name_t *proxy)
{
	struct msg m;
	int kr;

	rpc_begin(&m, task, 4010);
	put_i32(&m, prot);
	put_port(&m, port, COPY_SEND);
	put_i64(&m, offset);
	put_i64(&m, start);
	put_i64(&m, len);
	kr = rpc(&m);
	*proxy = kr == 0 ? get32(&m, 56) : 0;
	return kr;
}

/* 6.8: proxies, of a region of one's own memory. */
void
test_proxies(void)
{
	struct msg m;
	name_t proxy, second;
	uint64_t address = 0;

	proxy_window = 0x210000000000;
	CHECK_EQ(t_vm_allocate(me, &proxy_window, 4 * PAGE, 0), 0);
	*(uint64_t *)(proxy_window + PAGE) = 0xabcd;
	rpc_begin(&m, me, 4011);
	put_i64(&m, proxy_window);
	put_i32(&m, 1);
	put_i64(&m, 4 * PAGE);
	if (rpc(&m) == K_FAILURE) {
		skip("proxies");
		CHECK_EQ(t_vm_deallocate(me, proxy_window, 4 * PAGE), 0);
		return;
	}
	CHECK_EQ(get32(&m, 40), 0);
	proxy = get32(&m, 56);
	CHECK_EQ(map_object(proxy, 2 * PAGE, false, &address), 0);
	CHECK_EQ(*(uint64_t *)(address + PAGE), 0xabcd);
	*(uint64_t *)(proxy_window + PAGE) = 0xabce;
	CHECK_EQ(*(uint64_t *)(address + PAGE), 0xabce);
	CHECK_EQ(vm_region(&m, address), 0);
	CHECK_EQ(get32(&m, 88), 1);
	CHECK_EQ(get32(&m, 104), 1);
	CHECK_EQ(t_vm_deallocate(me, address, 2 * PAGE), 0);
	CHECK_EQ(map_object(proxy, 5 * PAGE, false, &address), K_INVALID_ARGUMENT);
	CHECK_EQ(create_proxy(me, proxy, 3, 0, PAGE, PAGE, &second), 0);
	CHECK_EQ(map_object(second, PAGE, false, &address), 0);
	CHECK_EQ(*(uint64_t *)address, 0xabce);
	CHECK_EQ(t_vm_deallocate(me, address, PAGE), 0);
	CHECK_EQ(port_destroy(second), 0);
	CHECK_EQ(create_proxy(me, proxy, 3, PAGE, 0, PAGE, &second), K_INVALID_ARGUMENT);
	CHECK_EQ(
	    create_proxy(me, proxy, 3, 0, ~0ull - PAGE + 1, 2 * PAGE, &second), K_INVALID_ARGUMENT);
	CHECK_EQ(create_proxy(me, 0, 3, 0, 0, PAGE, &second), K_INVALID_NAME);
	CHECK_EQ(port_destroy(proxy), 0);
	CHECK_EQ(t_vm_deallocate(me, proxy_window, 4 * PAGE), 0);
}
