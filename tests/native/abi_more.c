/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Information, scheduling, processors, emulation vectors, wiring, inheritance,
 * the debugging and machine interfaces (4, 5, 9).
 */
#include "abi.h"

static int
info_call(struct msg *m, name_t port, int id, uint32_t flavor, uint32_t count)
{
	uint32_t values[2] = { flavor, count };

	return rpc_i32(m, port, id, 2, values);
}

static uint32_t
info_count(const struct msg *m, uint32_t at)
{
	return (uint32_t)(get64(m, at) >> 32);
}

/* 4.2, 4.3 */
void
test_info(void)
{
	struct msg m;
	name_t thread = t_thread_self();

	CHECK_EQ(info_call(&m, me, 2012, 1, 30), 0);
	CHECK_EQ(info_count(&m, 48), 30);
	CHECK(get64(&m, 64) >= 100 * 1024);
	CHECK(get64(&m, 72) > 0 && get64(&m, 72) <= get64(&m, 64));
	CHECK_EQ(info_call(&m, me, 2012, 1, 18), 0);
	CHECK_EQ(info_count(&m, 48), 18);
	CHECK_EQ(info_call(&m, me, 2012, 2, 14), 0);
	CHECK_EQ(info_count(&m, 48), 14);
	CHECK(get64(&m, 56) > 0);
	CHECK_EQ(info_call(&m, me, 2012, 2, 13), K_INVALID_ARGUMENT);
	CHECK_EQ(info_call(&m, me, 2012, 3, 16), 0);
	CHECK_EQ(info_count(&m, 48), 16);
	CHECK_EQ(info_call(&m, me, 2012, 9, 1024), K_INVALID_ARGUMENT);
	CHECK_EQ(info_call(&m, thread, 2019, 1, 32), 0);
	CHECK_EQ(info_count(&m, 48), 32);
	CHECK_EQ(get32(&m, 56 + 44), 1);
	CHECK_EQ(get32(&m, 56 + 52), 0);
	CHECK_EQ(info_call(&m, thread, 2019, 1, 20), 0);
	CHECK_EQ(info_call(&m, thread, 2019, 1, 19), K_INVALID_ARGUMENT);
	CHECK_EQ(info_call(&m, thread, 2019, 2, 8), 0);
	CHECK_EQ(get32(&m, 56), 1);
	CHECK_EQ(get32(&m, 56 + 8), 25);
	CHECK_EQ(get32(&m, 56 + 20), 0);
	CHECK_EQ(get32(&m, 56 + 24), 0xffffffff);
	CHECK_EQ(info_call(&m, thread, 2019, 3, 1024), K_INVALID_ARGUMENT);
}

static int
two_ints(name_t port, int id, uint32_t a, bool b)
{
	struct msg m;

	rpc_begin(&m, port, id);
	put_i32(&m, a);
	put_bool(&m, b);
	return rpc(&m);
}

/* 4.7, 4.8 */
void
test_scheduling(void)
{
	struct msg m;
	name_t thread = thread_new(thread_set_flag, 1, 0), set;
	uint32_t policy[2] = { 2, 50 };

	CHECK_EQ(two_ints(thread, 2620, 30, false), 0);
	CHECK_EQ(info_call(&m, thread, 2019, 2, 8), 0);
	CHECK_EQ(get32(&m, 56 + 8), 30);
	CHECK_EQ(two_ints(thread, 2620, 65, false), K_INVALID_ARGUMENT);
	CHECK_EQ(two_ints(thread, 2620, 0xffffffff, false), K_INVALID_ARGUMENT);
	CHECK_EQ(two_ints(thread, 2620, 5, false), K_FAILURE);
	CHECK_EQ(rpc_i32(&m, thread, 2624, 2, policy), K_FAILURE);
	policy[0] = 7;
	CHECK_EQ(rpc_i32(&m, thread, 2624, 2, policy), K_INVALID_ARGUMENT);
	policy[0] = 1;
	CHECK_EQ(rpc_i32(&m, thread, 2624, 2, policy), 0);
	rpc_begin(&m, thread, 2615);
	CHECK_EQ(rpc(&m), 0);
	set = get32(&m, 56);
	rpc_begin(&m, t_host_self(), 2606);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(get32(&m, 56), set);
	CHECK_EQ(info_call(&m, set, 2640, 1, 5), 0);
	CHECK_EQ(m.h.size, 72 + 24);
	CHECK(get32(&m, 72) >= 1);
	CHECK(get32(&m, 76) >= 1);
	CHECK_EQ(info_call(&m, set, 2640, 2, 2), 0);
	CHECK_EQ(info_call(&m, set, 2640, 1, 4), K_FAILURE);
	CHECK_EQ(info_call(&m, set, 2640, 9, 5), K_INVALID_ARGUMENT);
	CHECK_EQ(simple_call(thread, 2016), 0);
	CHECK(thread_gone(thread));
}

/* 4.8, with the control port. */
void
test_processors(void)
{
	struct msg m;
	name_t *list;
	uint32_t count;

	CHECK_EQ(simple_call(t_host_self(), 2600), K_INVALID_ARGUMENT);
	if (host_priv == 0)
		return;
	rpc_begin(&m, host_priv, 2600);
	CHECK_EQ(rpc(&m), 0);
	count = info_count(&m, 48);
	list = (name_t *)get64(&m, 56);
	CHECK(count >= 1);
	CHECK_EQ(info_call(&m, list[0], 2639, 1, 5), 0);
	CHECK_EQ(get32(&m, 72), 21);
	CHECK_EQ(get32(&m, 80), 1);
	CHECK_EQ(get32(&m, 88), 1);
	CHECK_EQ(info_call(&m, list[0], 2639, 1, 4), K_FAILURE);
	CHECK_EQ(info_call(&m, list[0], 2639, 2, 5), K_FAILURE);
	for (uint32_t i = 0; i < count; i++)
		CHECK_EQ(t_port_deallocate(me, list[i]), 0);
	CHECK_EQ(t_vm_deallocate(me, (uint64_t)list, count * 4ull), 0);
	rpc_begin(&m, host_priv, 2629);
	CHECK_EQ(rpc(&m), 0);
	CHECK(info_count(&m, 48) >= 1);
	rpc_begin(&m, host_priv, 2638);
	put_i32(&m, 1);
	put_i32(&m, 6);
	CHECK_EQ(rpc(&m), 0);
}

/* 4.11: stored and returned, nothing more. */
void
test_emulation_vector(void)
{
	static const uint64_t vector[3] = { 0x1000, 0, 0x3000 };
	struct msg m;

	rpc_begin(&m, me, 2009);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(info_count(&m, 64), 0);
	rpc_begin(&m, me, 2010);
	put_i32(&m, 10);
	put_ool(&m, descriptor_ool(T_INT64, 64, 3, false), vector);
	CHECK_EQ(rpc(&m), 0);
	rpc_begin(&m, me, 2070);
	put_i64(&m, 0x2000);
	put_i32(&m, 11);
	CHECK_EQ(rpc(&m), 0);
	rpc_begin(&m, me, 2009);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(get32(&m, 56), 10);
	CHECK_EQ(get64(&m, 64), descriptor_ool(T_INT64, 64, 3, true));
	CHECK_EQ(((uint64_t *)get64(&m, 72))[0], 0x1000);
	CHECK_EQ(((uint64_t *)get64(&m, 72))[1], 0x2000);
	CHECK_EQ(((uint64_t *)get64(&m, 72))[2], 0x3000);
	CHECK_EQ(t_vm_deallocate(me, get64(&m, 72), 24), 0);
	rpc_begin(&m, me, 2071);
	put_i64(&m, 0);
	put_i64(&m, 0);
	put_i32(&m, 0);
	CHECK_EQ(rpc(&m), K_FAILURE);
}

static int
vm_wire(name_t host, uint64_t address, uint64_t size, uint32_t access)
{
	struct msg m;

	rpc_begin(&m, host, 2636);
	put_port(&m, me, COPY_SEND);
	put_i64(&m, address);
	put_i64(&m, size);
	put_i32(&m, access);
	return rpc(&m);
}

/* 5.5, 5.7 */
void
test_wiring(void)
{
	struct msg m;
	uint64_t a = 0;
	name_t host = t_host_self();

	CHECK_EQ(t_vm_allocate(me, &a, 4 * PAGE, 1), 0);
	CHECK_EQ(vm_wire(host, a, 2 * PAGE, 3), 0);
	*(uint64_t *)a = 1;
	CHECK_EQ(vm_wire(host, a, 2 * PAGE, 3), 0);
	CHECK_EQ(vm_wire(host, a, 2 * PAGE, 0), 0);
	CHECK_EQ(vm_wire(me, a, PAGE, 3), K_INVALID_HOST);
	CHECK_EQ(vm_wire(host, a, PAGE, 0x40), K_INVALID_ARGUMENT);
	CHECK_EQ(vm_wire(host, (uint64_t)UNMAPPED, PAGE, 3), K_NO_SPACE);
	CHECK_EQ(t_vm_deallocate(me, a, 4 * PAGE), 0);
	rpc_begin(&m, me, 4216);
	CHECK_EQ(rpc(&m), 0);
	CHECK(get64(&m, 56) > 0 && get64(&m, 72) >= get64(&m, 56));
	rpc_begin(&m, me, 4209);
	put_i64(&m, 0);
	put_i64(&m, PAGE);
	put_i32(&m, 3);
	CHECK_EQ(rpc(&m), K_INVALID_ARGUMENT);
	rpc_begin(&m, me, 4200);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(m.h.size, 104);
	CHECK_EQ(get64(&m, 48), descriptor(T_INT32, 32, 11));
}

static int
vm_inherit(uint64_t address, uint32_t inheritance)
{
	struct msg m;

	rpc_begin(&m, me, 2025);
	put_i64(&m, address);
	put_i64(&m, PAGE);
	put_i32(&m, inheritance);
	return rpc(&m);
}

static uint64_t
read_word(name_t task, uint64_t address, int *kr)
{
	struct msg m;
	uint64_t word = 0;

	rpc_begin(&m, task, 2026);
	put_i64(&m, address);
	put_i64(&m, 8);
	*kr = rpc(&m);
	if (*kr == 0) {
		word = *(uint64_t *)get64(&m, 56);
		CHECK_EQ(t_vm_deallocate(me, get64(&m, 56), 8), 0);
	}
	return word;
}

/* 4.1, 5.1: share, copy, none. */
void
test_inheritance(void)
{
	uint64_t share = 0x220000000000, copy = 0x221000000000, none = 0x222000000000;
	name_t child = 0;
	int kr;

	CHECK_EQ(t_vm_allocate(me, &share, PAGE, 0), 0);
	CHECK_EQ(t_vm_allocate(me, &copy, PAGE, 0), 0);
	CHECK_EQ(t_vm_allocate(me, &none, PAGE, 0), 0);
	*(uint64_t *)share = *(uint64_t *)copy = *(uint64_t *)none = 1;
	CHECK_EQ(vm_inherit(share, 0), 0);
	CHECK_EQ(vm_inherit(none, 2), 0);
	CHECK_EQ(vm_inherit(none, 3), K_INVALID_ARGUMENT);
	CHECK_EQ(t_task_create(me, 1, &child), 0);
	*(uint64_t *)share = *(uint64_t *)copy = 2;
	CHECK_EQ(read_word(child, share, &kr), 2);
	CHECK_EQ(read_word(child, copy, &kr), 1);
	(void)read_word(child, none, &kr);
	CHECK_EQ(kr, K_INVALID_ADDRESS);
	CHECK_EQ(t_task_terminate(child), 0);
	CHECK(wait_for_death(child));
	CHECK_EQ(*(uint64_t *)copy, 2);
	CHECK_EQ(port_destroy(child), 0);
	CHECK_EQ(t_vm_deallocate(me, share, PAGE), 0);
	CHECK_EQ(t_vm_deallocate(me, copy, PAGE), 0);
	CHECK_EQ(t_vm_deallocate(me, none, PAGE), 0);
}

/* 7.2: no handler, and a handler that refuses: the task ends. */
static void
crash(uint64_t argument)
{
	*(volatile int *)UNMAPPED = 1;
}

static name_t
crash_in(name_t task)
{
	struct thread_state state = { 0 };
	struct msg m;
	name_t thread;

	rpc_begin(&m, task, 2061);
	CHECK_EQ(rpc(&m), 0);
	thread = get32(&m, 56);
	state.rip = (uint64_t)crash;
	state.ursp = (uint64_t)thread_stacks[3] + sizeof(thread_stacks[0]) - 8;
	CHECK_EQ(set_state(thread, 1, &state, 42), 0);
	CHECK_EQ(simple_call(thread, 2063), 0);
	return thread;
}

void
test_task_exceptions(void)
{
	struct msg m, answer;
	name_t child = 0, exc = port_new(), thread;

	CHECK_EQ(t_task_create(me, 1, &child), 0);
	thread = crash_in(child);
	CHECK(wait_for_death(child));
	CHECK_EQ(port_destroy(child), 0);
	CHECK_EQ(port_destroy(thread), 0);

	CHECK_EQ(t_task_create(me, 1, &child), 0);
	CHECK_EQ(t_port_insert_right(me, exc, exc, MAKE_SEND), 0);
	CHECK_EQ(t_task_set_special_port(child, 3, exc), 0);
	thread = crash_in(child);
	CHECK_EQ(receive(&m, exc, 5000), 0);
	CHECK_EQ(m.h.id, 2400);
	CHECK_EQ(get32(&m, 40), thread);
	CHECK_EQ(get32(&m, 56), child);
	msg_begin(&answer, (name_t)m.h.remote, MOVE_SEND_ONCE, 0, 0, 2500);
	put_i32(&answer, K_FAILURE);
	CHECK_EQ(send(&answer), 0);
	CHECK(wait_for_death(child));
	CHECK_EQ(port_destroy(child), 0);
	CHECK_EQ(port_destroy(thread), 0);
	CHECK_EQ(port_destroy(exc), 0);
}

/* 9.4 */
void
test_debug(void)
{
	struct msg m;
	name_t port = port_new();
	name_t thread = t_thread_self();

	/* 9.4: "built when configured". */
	if (port_call(&m, 3007, port, 0, NULL) == K_FAILURE) {
		skip("mach_debug");
		CHECK_EQ(port_destroy(port), 0);
		return;
	}
	CHECK_EQ(get32(&m, 56), 0);
	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	CHECK_EQ(port_call(&m, 3007, port, 0, NULL), 0);
	CHECK_EQ(get32(&m, 56), 1);
	CHECK_EQ(port_call(&m, 3018, me, 0, NULL), 0);
	CHECK_EQ(get32(&m, 56), 2);
	CHECK_EQ(port_call(&m, 3018, thread, 0, NULL), 0);
	CHECK_EQ(get32(&m, 56), 1);
	CHECK_EQ(port_call(&m, 3018, 0x7ffffff0, 0, NULL), K_INVALID_NAME);
	rpc_begin(&m, me, 3019);
	put_i64(&m, (uint64_t)thread_stacks);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(m.h.size, 136);
	CHECK(get64(&m, 56) <= (uint64_t)thread_stacks && get64(&m, 64) > (uint64_t)thread_stacks);
	CHECK_EQ(port_destroy(port), 0);
	rpc_begin(&m, me, 424242);
	CHECK_EQ(rpc(&m), BAD_ID);
}

/* 9.7; the descriptor table calls may be refused in 64-bit tasks. */
void
test_machine(void)
{
	struct msg m;
	name_t thread = t_thread_self();
	uint32_t selector[2] = { 0, 1 };
	uint32_t outside[2] = { 0x10000, 1 };

	rpc_begin(&m, t_host_self(), 3809);
	CHECK_EQ(rpc(&m), 0);
	CHECK(get64(&m, 56) >= 592);
	CHECK_EQ(rpc_i32(&m, thread, 3804, 2, selector), 0);
	CHECK_EQ(get64(&m, 48) >> 32, 0);
	CHECK_EQ(rpc_i32(&m, thread, 3804, 2, outside), K_INVALID_ARGUMENT);
	CHECK_EQ(rpc_i32(&m, me, 3804, 2, selector), K_INVALID_ARGUMENT);
}

/* 4.5: floating point and debug registers of another thread. */
void
test_other_states(void)
{
	uint32_t words[32], again[32];
	name_t thread = thread_new(thread_set_flag, 50, 0);

	clear_bytes(words, sizeof(words));
	CHECK_EQ(get_state(thread, 2, words, 30), 0);
	CHECK_EQ(get_state(thread, 2, words, 29), K_INVALID_ARGUMENT);
	words[1] = 1;
	words[2] = 0x37f;
	words[3] = 0;
	words[4] = 0xffff;
	CHECK_EQ(set_state(thread, 2, words, 30), 0);
	CHECK_EQ(get_state(thread, 2, again, 30), 0);
	CHECK_EQ(again[1], 1);
	CHECK_EQ(again[2] & 0xffff, 0x37f);
	CHECK_EQ(get_state(thread, 3, words, 32), 0);
	CHECK_EQ(get_state(thread, 4, words, 2), K_INVALID_ARGUMENT);
	clear_bytes(words, sizeof(words));
	CHECK_EQ(set_state(thread, 6, words, 8), 0);
	CHECK_EQ(get_state(thread, 6, again, 8), 0);
	CHECK_EQ(again[0], 0);
	words[0] = words[1] = 0;
	words[2] = 0;
	words[3] = 0x80000000;
	CHECK_EQ(get_state(t_thread_self(), 1, words, 32), K_INVALID_ARGUMENT);
	thread_flag = 0;
	CHECK_EQ(simple_call(thread, 2063), 0);
	CHECK(wait_for_flag(50));
	CHECK(thread_gone(thread));
}
