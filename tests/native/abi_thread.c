/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads and exceptions (4, 7).
 */
#include "abi.h"

void
test_threads(void)
{
	struct thread_state state = { 0 };
	uint32_t flavors[3], fsgs[4] = { 0 };
	name_t thread;

	thread_flag = 0;
	thread = thread_new(thread_set_flag, 11, 0);
	(void)t_thread_switch(0, 2, 50);
	CHECK_EQ(thread_flag, 0);
	CHECK_EQ(get_state(thread, 1, &state, 42), 0);
	CHECK_EQ(state.rip, (uint64_t)thread_set_flag);
	CHECK_EQ(state.rdi, 11);
	CHECK_EQ((uint32_t)state.cs, 0x1f);
	CHECK_EQ((uint32_t)state.ss, 0x17);
	CHECK_EQ(state.rfl & 0x200, 0x200);
	CHECK_EQ(state.rsp, 0);
	CHECK_EQ(get_state(thread, 1, &state, 41), K_INVALID_ARGUMENT);
	CHECK_EQ(get_state(thread, 99, &state, 42), K_INVALID_ARGUMENT);
	CHECK_EQ(get_state(thread, 0, flavors, 3), 0);
	CHECK_EQ(flavors[0], 1);
	fsgs[0] = 0x5000;
	CHECK_EQ(set_state(thread, 7, fsgs, 4), 0);
	fsgs[0] = 0;
	CHECK_EQ(get_state(thread, 7, fsgs, 4), 0);
	CHECK_EQ(fsgs[0], 0x5000);
	CHECK_EQ(simple_call(thread, 2062), 0);
	CHECK_EQ(simple_call(thread, 2063), 0);
	CHECK_EQ(thread_flag, 0);
	CHECK_EQ(simple_call(thread, 2063), 0);
	CHECK(wait_for_flag(11));
	CHECK(thread_gone(thread));

	thread = thread_new(thread_set_flag, 12, 0);
	CHECK_EQ(simple_call(thread, 2063), 0);
	CHECK(wait_for_flag(12));
	CHECK(thread_gone(thread));
	thread = thread_new(thread_set_flag, 13, 0);
	CHECK_EQ(simple_call(thread, 2016), 0);
	CHECK(thread_gone(thread));
}

/* 1.2, 4.4: what a debugger sees of a thread in a trap, and abort. */
static struct msg blocked_msg;
static volatile int blocked_result;

static void
thread_block(uint64_t port)
{
	blocked_result = t_mach_msg(&blocked_msg, RCV, 0, sizeof(blocked_msg), (name_t)port, 5, 6);
	thread_flag = 20;
	thread_exit();
}

/* 2.12: nobody receives into the kernel's half, where memory is. */
static void
thread_receive_high(uint64_t port)
{
	blocked_result =
	    t_mach_msg((void *)0xffff800000000600, RCV, 0, sizeof(blocked_msg), (name_t)port, 0, 0);
	thread_flag = 21;
	thread_exit();
}

static void
check_receive_high(void)
{
	name_t port = port_new(), thread = thread_new(thread_receive_high, port, 1);
	struct msg m;

	thread_flag = 0;
	CHECK_EQ(t_port_insert_right(me, port, port, MAKE_SEND), 0);
	CHECK_EQ(simple_call(thread, 2063), 0);
	(void)t_thread_switch(0, 2, 50);
	msg_begin(&m, port, COPY_SEND, 0, 0, 1);
	CHECK_EQ(send(&m), 0);
	CHECK(wait_for_flag(21));
	CHECK_EQ(blocked_result, RCV_INVALID_DATA);
	CHECK(thread_gone(thread));
	CHECK_EQ(port_destroy(port), 0);
}

void
test_blocked_thread(void)
{
	struct thread_state state = { 0 };
	name_t port = port_new(), thread = thread_new(thread_block, port, 1);

	thread_flag = 0;
	CHECK_EQ(simple_call(thread, 2063), 0);
	(void)t_thread_switch(0, 2, 100);
	CHECK_EQ(simple_call(thread, 2062), 0);
	CHECK_EQ(get_state(thread, 5, &state, 42), 0);
	CHECK_EQ(*(uint8_t *)(state.rip - 2), 0x0f);
	CHECK_EQ(*(uint8_t *)(state.rip - 1), 0x05);
	CHECK_EQ(state.rax, -25);
	CHECK_EQ(state.rdi, (uint64_t)&blocked_msg);
	CHECK_EQ((uint32_t)state.rsi, RCV);
	CHECK_EQ((uint32_t)state.rdx, 0);
	CHECK_EQ((uint32_t)state.r10, sizeof(blocked_msg));
	CHECK_EQ((uint32_t)state.r8, port);
	CHECK_EQ((uint32_t)state.r9, 5);
	CHECK_EQ(*(uint32_t *)(state.ursp + 8), 6);
	CHECK_EQ(simple_call(thread, 2064), 0);
	CHECK_EQ(get_state(thread, 5, &state, 42), 0);
	CHECK_EQ((uint32_t)state.rax, RCV_INTERRUPTED);
	CHECK_EQ(thread_flag, 0);
	CHECK_EQ(simple_call(thread, 2063), 0);
	CHECK(wait_for_flag(20));
	CHECK_EQ(blocked_result, RCV_INTERRUPTED);
	CHECK(thread_gone(thread));

	thread = thread_new(thread_block, port, 1);
	thread_flag = 0;
	CHECK_EQ(simple_call(thread, 2063), 0);
	(void)t_thread_switch(0, 2, 100);
	CHECK_EQ(port_destroy(port), 0);
	CHECK(wait_for_flag(20));
	CHECK_EQ(blocked_result, RCV_PORT_DIED);
	CHECK(thread_gone(thread));
	check_receive_high();
}

/* 1.4: thread_set_self_state. */
void
test_self_state(void)
{
	uint64_t fsgs[2] = { 0x7000, 0 }, seen = 0;
	static uint64_t word = 0x1234567812345678;

	fsgs[0] = (uint64_t)&word;
	CHECK_EQ(t_set_self_state(7, fsgs, 4), 0);
	__asm__ volatile("mov %%fs:0,%0" : "=r"(seen));
	CHECK_EQ(seen, word);
	(void)t_thread_switch(0, 2, 20);
	__asm__ volatile("mov %%fs:0,%0" : "=r"(seen));
	CHECK_EQ(seen, word);
	fsgs[0] = 0;
	CHECK_EQ(t_set_self_state(7, fsgs, 4), 0);
	CHECK_EQ(t_set_self_state(7, fsgs, 0), K_INVALID_ARGUMENT);
	CHECK_EQ(t_set_self_state(7, fsgs, 151), K_INVALID_ARGUMENT);
	CHECK_EQ(t_set_self_state(7, UNMAPPED, 4), K_INVALID_ARGUMENT);
	CHECK_EQ(t_set_self_state(99, fsgs, 4), K_INVALID_ARGUMENT);
}

/* ---- Exceptions (7) ------------------------------------------------------------------ */

extern char fault_read[], fault_div[], fault_bpt[], fault_ud[], fault_trap[];

__asm__(".globl fault_read, fault_div, fault_bpt, fault_ud, fault_trap\n"
	"fault_read: mov $0x7f0012345678,%rax\n\tmov (%rax),%rax\n\tud2\n"
	"fault_div: xor %ecx,%ecx\n\tmov $1,%eax\n\txor %edx,%edx\n\tdiv %ecx\n\tud2\n"
	"fault_bpt: int3\n\tud2\n"
	"fault_ud: ud2\n"
	"fault_trap: mov $12345,%eax\n\tsyscall\n\tud2\n");

struct fault {
	char *start;
	uint32_t exception, code;
	uint64_t subcode;
};

/* Let a thread fault at `fault`, check the message, and send it on to set the flag. */
static void
check_fault(const struct fault *fault, name_t exc)
{
	struct thread_state state;
	struct msg m, answer;
	name_t thread = thread_new((void (*)(uint64_t))(uintptr_t)fault->start, 0, 2);

	rpc_begin(&m, thread, 2068);
	put_i32(&m, 3);
	put_port(&m, exc, MAKE_SEND);
	CHECK_EQ(rpc(&m), 0);
	thread_flag = 0;
	CHECK_EQ(simple_call(thread, 2063), 0);
	if (!CHECK_EQ(receive(&m, exc, 5000), 0))
		return;
	CHECK_EQ(m.h.bits, 0x80001112);
	CHECK_EQ(m.h.id, 2400);
	CHECK_EQ(m.h.size, 112);
	CHECK_EQ(m.h.local, exc);
	CHECK_EQ(get64(&m, 32), descriptor(MOVE_SEND, 64, 1));
	CHECK_EQ(get64(&m, 40), thread);
	CHECK_EQ(get64(&m, 48), descriptor(MOVE_SEND, 64, 1));
	CHECK_EQ(get64(&m, 56), me);
	CHECK_EQ(get64(&m, 64), descriptor(T_INT32, 32, 1));
	CHECK_EQ(get32(&m, 72), fault->exception);
	CHECK_EQ(get32(&m, 88), fault->code);
	CHECK_EQ(get64(&m, 96), descriptor(T_INT64, 64, 1));
	CHECK_EQ(get64(&m, 104), fault->subcode);
	CHECK_EQ(get_state(thread, 1, &state, 42), 0);
	state.rip = (uint64_t)thread_set_flag;
	state.rdi = 30;
	state.ursp = (uint64_t)thread_stacks[2] + sizeof(thread_stacks[0]) - 8;
	CHECK_EQ(set_state(thread, 1, &state, 42), 0);
	msg_begin(&answer, (name_t)m.h.remote, MOVE_SEND_ONCE, 0, 0, 2500);
	put_i32(&answer, 0);
	CHECK_EQ(send(&answer), 0);
	CHECK(wait_for_flag(30));
	(void)t_port_deallocate(me, me);
	CHECK(thread_gone(thread));
}

void
test_exceptions(void)
{
	const struct fault faults[] = {
		{ fault_read, 1, K_INVALID_ADDRESS, 0x7f0012345678 },
		{ fault_div, 3, 1, 0 },
		{ fault_bpt, 6, 2, 0 },
		{ fault_ud, 2, 1, 0 },
		{ fault_trap, 2, 1, 0 },
	};
	name_t exc = port_new();

	for (unsigned int i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		check_fault(&faults[i], exc);
	CHECK_EQ(port_destroy(exc), 0);
}
