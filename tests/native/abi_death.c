/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * External memory objects whose manager's port dies (6.4, 5.9): whoever waits
 * gets KERN_MEMORY_ERROR, at once, and so does whoever comes later; pages that
 * are there stay.
 */
#include "abi.h"

#define OBJECT_PAGES   8
#define K_MEMORY_ERROR 10

/* How long a waiting thread may take to learn of the death, in ms. */
#define AT_ONCE 400

static struct {
	name_t object, control, exc;
	uint64_t at;
	name_t threads[2]; /* by stack */
} mortal;

/* ---- The manager ---- */

static void
manager_ready(void)
{
	struct msg m;

	msg_begin(&m, mortal.control, COPY_SEND, 0, 0, 2094);
	put_bool(&m, false);
	put_i32(&m, 2);
	CHECK_EQ(send(&m), 0);
}

static void
manager_supply(unsigned int page, uint32_t lock)
{
	static uint64_t data[PAGE / 8] __attribute__((aligned(4096)));
	struct msg m;

	data[0] = 1000 + page;
	msg_begin(&m, mortal.control, COPY_SEND, 0, 0, 2093);
	put_i64(&m, page * PAGE);
	put_ool(&m, descriptor_ool(T_BYTE, 8, PAGE, false), data);
	put_i32(&m, lock);
	put_bool(&m, false);
	put_port(&m, 0, MAKE_SEND_ONCE);
	CHECK_EQ(send(&m), 0);
}

/* The kernel asks. */
static bool
manager_asked(int id)
{
	struct msg m;

	return CHECK_EQ(receive(&m, mortal.object, 5000), 0) && CHECK_EQ(m.h.id, id);
}

/* A new object, mapped; ready with pages 0 and 1 (the second locked for
 * writing), or not ready at all. */
static bool
mortal_create(bool ready)
{
	struct msg m;

	mortal.object = port_new();
	mortal.exc = port_new();
	mortal.at = 0;
	CHECK_EQ(t_port_insert_right(me, mortal.object, mortal.object, MAKE_SEND), 0);
	CHECK_EQ(
	    t_vm_map(me, &mortal.at, OBJECT_PAGES * PAGE, 0, 1, mortal.object, 0, 0, 3, 7, 1), 0);
	if (!CHECK_EQ(receive(&m, mortal.object, 5000), 0) || !CHECK_EQ(m.h.id, 2200))
		return false;
	mortal.control = get32(&m, 40);
	CHECK_EQ(port_destroy(get32(&m, 56)), 0);
	if (ready) {
		manager_ready();
		manager_supply(0, 0);
		manager_supply(1, 2);
		manager_supply(5, 0);
		CHECK_EQ(*(volatile uint64_t *)mortal.at, 1000);
	}
	return true;
}

static void
mortal_dies(void)
{
	CHECK_EQ(port_destroy(mortal.object), 0);
}

static void
mortal_bury(void)
{
	CHECK_EQ(t_vm_deallocate(me, mortal.at, OBJECT_PAGES * PAGE), 0);
	CHECK_EQ(port_destroy(mortal.control), 0);
	CHECK_EQ(port_destroy(mortal.exc), 0);
}

/* ---- Threads that touch it ---- */

static void
thread_read_word(uint64_t address)
{
	(void)*(volatile uint64_t *)address;
	thread_set_flag(1);
}

static void
thread_write_word(uint64_t address)
{
	*(volatile uint64_t *)address = 1;
	thread_set_flag(1);
}

/* Fault in the kernel: a message's body lies there. */
static void
thread_send_from(uint64_t address)
{
	uint32_t result = (uint32_t)t_mach_msg((void *)address, SEND, 64, 0, 0, 0, 0);

	thread_set_flag(result);
}

/* vm_read of the page. */
static void
thread_vm_read(uint64_t address)
{
	name_t port = t_reply_port();
	struct msg m;

	msg_begin(&m, me, COPY_SEND, port, MAKE_SEND_ONCE, 2026);
	put_i64(&m, address);
	put_i64(&m, PAGE);
	(void)t_mach_msg(&m, SEND | RCV, m.h.size, sizeof(m), port, 0, 0);
	thread_set_flag(0x1000 + get32(&m, 40));
}

static name_t
thread_start(void (*function)(uint64_t), uint64_t argument, unsigned int stack)
{
	name_t thread = thread_new(function, argument, stack);
	struct msg m;

	mortal.threads[stack] = thread;
	rpc_begin(&m, thread, 2068);
	put_i32(&m, 3);
	put_port(&m, mortal.exc, MAKE_SEND);
	CHECK_EQ(rpc(&m), 0);
	thread_flag = 0;
	CHECK_EQ(simple_call(thread, 2063), 0);
	return thread;
}

/* An exception of KERN_MEMORY_ERROR at this address comes, soon, from either
 * thread; it is sent to its end. */
static void
expect_memory_error(uint64_t address)
{
	struct thread_state state;
	struct msg m, answer;
	unsigned int stack;
	name_t thread;

	if (!CHECK_EQ(receive(&m, mortal.exc, AT_ONCE), 0))
		return;
	thread = get32(&m, 40);
	stack = thread == mortal.threads[1];
	CHECK_EQ(get32(&m, 72), 1);
	CHECK_EQ(get32(&m, 88), K_MEMORY_ERROR);
	CHECK_EQ(get64(&m, 104), address);
	CHECK_EQ(get_state(thread, 1, &state, 42), 0);
	state.rip = (uint64_t)thread_set_flag;
	state.rdi = 30;
	state.ursp = (uint64_t)thread_stacks[stack] + sizeof(thread_stacks[0]) - 8;
	CHECK_EQ(set_state(thread, 1, &state, 42), 0);
	msg_begin(&answer, (name_t)m.h.remote, MOVE_SEND_ONCE, 0, 0, 2500);
	put_i32(&answer, 0);
	CHECK_EQ(send(&answer), 0);
	CHECK(thread_gone(thread));
}

/* ---- Cases ---- */

/* The manager never said that it is ready. */
static void
dies_before_ready(void)
{
	if (!mortal_create(false))
		return;
	(void)thread_start(thread_read_word, mortal.at, 0);
	(void)t_thread_switch(0, 2, 50);
	mortal_dies();
	expect_memory_error(mortal.at);
	mortal_bury();
}

/* It was asked for a page and does not answer: two threads wait. */
static void
dies_when_asked(void)
{
	if (!mortal_create(true))
		return;
	(void)thread_start(thread_read_word, mortal.at + 2 * PAGE, 0);
	(void)manager_asked(2203);
	(void)thread_start(thread_write_word, mortal.at + 2 * PAGE, 1);
	(void)t_thread_switch(0, 2, 50);
	mortal_dies();
	expect_memory_error(mortal.at + 2 * PAGE);
	expect_memory_error(mortal.at + 2 * PAGE);
	mortal_bury();
}

/* It was asked to unlock a page. */
static void
dies_when_asked_to_unlock(void)
{
	if (!mortal_create(true))
		return;
	(void)thread_start(thread_write_word, mortal.at + PAGE, 0);
	(void)manager_asked(2204);
	(void)t_thread_switch(0, 2, 50);
	mortal_dies();
	expect_memory_error(mortal.at + PAGE);
	CHECK_EQ(*(volatile uint64_t *)(mortal.at + PAGE), 1001);
	mortal_bury();
}

/* The fault is the kernel's own. */
static void
dies_under_the_kernel(void (*function)(uint64_t), uint32_t expected)
{
	name_t thread;

	if (!mortal_create(true))
		return;
	thread = thread_start(function, mortal.at + 3 * PAGE, 0);
	(void)manager_asked(2203);
	(void)t_thread_switch(0, 2, 50);
	mortal_dies();
	(void)t_thread_switch(0, 2, AT_ONCE);
	CHECK_EQ(thread_flag, expected);
	CHECK(thread_gone(thread));
	mortal_bury();
}

/* Who waits through a private copy. */
static void
dies_behind_a_copy(void)
{
	uint64_t copy = 0;

	if (!mortal_create(true))
		return;
	CHECK_EQ(t_vm_map(me, &copy, OBJECT_PAGES * PAGE, 0, 1, mortal.object, 0, 1, 3, 7, 1), 0);
	(void)thread_start(thread_write_word, copy + 4 * PAGE, 0);
	(void)manager_asked(2203);
	(void)t_thread_switch(0, 2, 50);
	mortal_dies();
	expect_memory_error(copy + 4 * PAGE);
	CHECK_EQ(*(volatile uint64_t *)copy, 1000);
	*(volatile uint64_t *)copy = 7;
	CHECK_EQ(*(volatile uint64_t *)mortal.at, 1000);
	CHECK_EQ(t_vm_deallocate(me, copy, OBJECT_PAGES * PAGE), 0);
	mortal_bury();
}

/* vm_copy (2028) from the object to `to`. */
static int
copy_page(unsigned int page, uint64_t to)
{
	struct msg m;

	rpc_begin(&m, me, 2028);
	put_i64(&m, mortal.at + page * PAGE);
	put_i64(&m, PAGE);
	put_i64(&m, to);
	return rpc(&m);
}

static int
read_page(unsigned int page, uint64_t *data)
{
	struct msg m;
	int kr;

	rpc_begin(&m, me, 2026);
	put_i64(&m, mortal.at + page * PAGE);
	put_i64(&m, PAGE);
	kr = rpc(&m);
	*data = kr == 0 ? get64(&m, 56) : 0;
	return kr;
}

static void
resident_pages_stay(uint64_t spare)
{
	uint64_t data;

	CHECK_EQ(*(volatile uint64_t *)mortal.at, 1000);
	*(volatile uint64_t *)mortal.at = 5;
	CHECK_EQ(*(volatile uint64_t *)(mortal.at + 5 * PAGE), 1005);
	CHECK_EQ(copy_page(5, spare), 0);
	CHECK_EQ(*(volatile uint64_t *)spare, 1005);
	CHECK_EQ(read_page(0, &data), 0);
	CHECK_EQ(*(volatile uint64_t *)data, 5);
	CHECK_EQ(t_vm_deallocate(me, data, PAGE), 0);
}

static void
absent_pages_fail(uint64_t spare)
{
	uint64_t data;

	(void)thread_start(thread_read_word, mortal.at + 6 * PAGE, 0);
	expect_memory_error(mortal.at + 6 * PAGE);
	CHECK_EQ(read_page(6, &data), K_MEMORY_ERROR);
	CHECK_EQ(copy_page(7, spare), K_MEMORY_ERROR);
	CHECK_EQ(
	    t_mach_msg((void *)(mortal.at + 4 * PAGE), SEND, 64, 0, 0, 0, 0), SEND_INVALID_DATA);
}

static void
after_the_death(void)
{
	uint64_t spare = 0;

	if (!mortal_create(true))
		return;
	CHECK_EQ(t_vm_allocate(me, &spare, PAGE, 1), 0);
	*(volatile uint64_t *)spare = 2;
	mortal_dies();
	resident_pages_stay(spare);
	absent_pages_fail(spare);
	CHECK_EQ(t_vm_deallocate(me, spare, PAGE), 0);
	mortal_bury();
}

/* The notification that tells the kernel, sent by a liar: nothing happens. */
static void
false_alarm(void)
{
	struct msg m;
	name_t thread;

	if (!mortal_create(true))
		return;
	thread = thread_start(thread_read_word, mortal.at + 2 * PAGE, 0);
	(void)manager_asked(2203);
	msg_begin(&m, mortal.control, COPY_SEND, 0, 0, NOTIFY_DEAD_NAME);
	put_name(&m, mortal.object);
	CHECK_EQ(send(&m), 0);
	manager_supply(2, 0);
	CHECK(wait_for_flag(1));
	CHECK(thread_gone(thread));
	mortal_dies();
	mortal_bury();
}

/* 5.6: a dead memory object maps zeroes; 6.8: a proxy of one maps nothing. */
static void
mapping_the_dead(void)
{
	name_t port = port_new(), proxy;
	uint64_t at = 0;
	struct msg m;

	CHECK_EQ(t_vm_map(me, &at, PAGE, 0, 1, PORT_DEAD, PAGE, 1, 3, 7, 1), 0);
	CHECK_EQ(*(volatile uint64_t *)at, 0);
	CHECK_EQ(t_vm_deallocate(me, at, PAGE), 0);
	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	rpc_begin(&m, me, 4010);
	put_i32(&m, 3);
	put_port(&m, port, COPY_SEND);
	put_i64(&m, 0);
	put_i64(&m, 0);
	put_i64(&m, PAGE);
	CHECK_EQ(rpc(&m), 0);
	proxy = get32(&m, 56);
	CHECK_EQ(port_destroy(port), 0);
	CHECK_EQ(t_vm_map(me, &at, PAGE, 0, 1, proxy, 0, 0, 3, 7, 1), K_INVALID_ARGUMENT);
	CHECK_EQ(port_destroy(proxy), 0);
}

void
test_pager_death(void)
{
	dies_before_ready();
	dies_when_asked();
	dies_when_asked_to_unlock();
	dies_under_the_kernel(thread_send_from, SEND_INVALID_DATA);
	dies_under_the_kernel(thread_vm_read, 0x1000 + K_MEMORY_ERROR);
	dies_behind_a_copy();
	after_the_death();
	false_alarm();
	mapping_the_dead();
}
