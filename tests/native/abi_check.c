/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * abi_check -- the native ABI, checked from outside.
 *
 * Written from the ABI sheet alone: every number, layout and rule here is
 * taken from there, none from a header of this tree, so that a mistake in
 * the headers cannot hide one in the kernel. The section a check comes from
 * stands beside its group.
 *
 * A boot module: `abi_check --host-port=${host-port} --device-port=${device-port}
 * $(task-create) $(task-resume)`. Prints a line for each check that fails and one
 * for each group, then `abi: N passed, M failed`, and halts the machine.
 */
#include "abi.h"

/* 1.1, 1.3: results of the traps that take nothing. */
static void
test_traps(void)
{
	uint32_t refs;

	CHECK_EQ(t_task_self(), me);
	refs = port_refs(me, RIGHT_SEND);
	CHECK_EQ(t_task_self(), me);
	CHECK_EQ(port_refs(me, RIGHT_SEND), refs + 1);
	CHECK(t_thread_self() != 0);
	CHECK(t_host_self() != 0);
	CHECK_EQ(t_host_self(), t_host_self());
	CHECK(t_reply_port() != t_reply_port());
	CHECK_EQ(t_unused_1(), K_INVALID_ARGUMENT);
	CHECK_EQ(t_unused_16(), K_INVALID_ARGUMENT);
	CHECK_EQ(t_unused_54(), K_INVALID_ARGUMENT);
	CHECK_EQ(t_unused_129(), K_INVALID_ARGUMENT);
	CHECK_EQ(t_zero_10(), 0);
	CHECK_EQ(t_zero_13(), 0);
	CHECK_EQ(t_zero_55(), 0);
	CHECK_EQ(t_zero_56(), 0);
	CHECK((unsigned int)t_swtch() <= 1);
	CHECK((unsigned int)t_swtch_pri(0) <= 1);
	CHECK_EQ(t_thread_switch(0, 0, 0), 0);
	CHECK_EQ(t_thread_switch(0, 1, 10), 0);
	CHECK_EQ(t_thread_switch(0, 2, 20), 0);
	CHECK_EQ(t_thread_switch(0, 3, 0), K_INVALID_ARGUMENT);
	CHECK_EQ(t_thread_switch(0, -1, 0), K_INVALID_ARGUMENT);
	CHECK_EQ(t_depress_abort(t_thread_self()), 0);
}

/*
 * 1.1: all registers but RAX, RCX and R11 survive, and the flags. Returns how many did not.
 */
static unsigned int
registers_lost(void)
{
	uint64_t lost;

	__asm__ volatile(
	    "push %%rbx; push %%rbp; sub $8,%%rsp\n"
	    "mov $0x1001,%%rbx; mov $0x1002,%%rbp; mov $0x1003,%%r12; mov $0x1004,%%r13\n"
	    "mov $0x1005,%%r14; mov $0x1006,%%r15; mov $0x1007,%%rdi; mov $0x1008,%%rsi\n"
	    "mov $0x1009,%%rdx; mov $0x100a,%%r10; mov $0x100b,%%r8; mov $0x100c,%%r9\n"
	    "mov $-60,%%rax; stc; syscall\n"
	    "mov $0,%%eax; setnc %%al\n"
	    "cmp $0x1001,%%rbx; je 1f; inc %%eax; 1: cmp $0x1002,%%rbp; je 1f; inc %%eax\n"
	    "1: cmp $0x1003,%%r12; je 1f; inc %%eax; 1: cmp $0x1004,%%r13; je 1f; inc %%eax\n"
	    "1: cmp $0x1005,%%r14; je 1f; inc %%eax; 1: cmp $0x1006,%%r15; je 1f; inc %%eax\n"
	    "1: cmp $0x1007,%%rdi; je 1f; inc %%eax; 1: cmp $0x1008,%%rsi; je 1f; inc %%eax\n"
	    "1: cmp $0x1009,%%rdx; je 1f; inc %%eax; 1: cmp $0x100a,%%r10; je 1f; inc %%eax\n"
	    "1: cmp $0x100b,%%r8; je 1f; inc %%eax; 1: cmp $0x100c,%%r9; je 1f; inc %%eax\n"
	    "1: add $8,%%rsp; pop %%rbp; pop %%rbx\n"
	    : "=a"(lost)
	    :
	    : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
	    "cc", "memory");
	return (unsigned int)lost;
}

/* RCX and R11 as the instruction leaves them: user RIP and RFLAGS. */
static void
test_registers(void)
{
	uint64_t rcx, r11, rip;
	long rax = -60;

	for (int i = 0; i < 50; i++)
		if (registers_lost() != 0)
			break;
	CHECK_EQ(registers_lost(), 0);
	__asm__ volatile("cld\n\tsyscall\n1:\tlea 1b(%%rip),%%rdx"
			 : "+a"(rax), "=c"(rcx), "=d"(rip)
			 :
			 : "r11", "memory");
	CHECK_EQ(rcx, rip);
	rax = -60;
	__asm__ volatile("syscall\n\tmov %%r11,%1"
			 : "+a"(rax), "=r"(r11)
			 :
			 : "rcx", "r11", "memory");
	CHECK_EQ(r11 & 0x200, 0x200);
}

/* Names in use before and after everything: what a leak would raise. */
static uint32_t
count_names(void)
{
	struct msg m;
	uint32_t count;

	rpc_begin(&m, me, 3200);
	if (rpc(&m) != 0)
		return 0;
	count = (uint32_t)(get64(&m, 48) >> 32);
	CHECK_EQ(get64(&m, 64) >> 32, count);
	CHECK_EQ(t_vm_deallocate(me, get64(&m, 56), count * 4ull), 0);
	CHECK_EQ(t_vm_deallocate(me, get64(&m, 72), count * 4ull), 0);
	return count;
}

/* ---- The program ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*function)(void);
} groups[] = {
	{ "traps", test_traps },
	{ "registers", test_registers },
	{ "send errors", test_send_errors },
	{ "header-only messages", test_header_only },
	{ "receive errors", test_receive_errors },
	{ "queue limit", test_queue_limit },
	{ "worked examples", test_worked_examples },
	{ "typed messages", test_typed_messages },
	{ "out-of-line data", test_out_of_line },
	{ "rights", test_rights },
	{ "port status", test_port_status },
	{ "notifications", test_notifications },
	{ "port sets", test_port_sets },
	{ "memory", test_vm },
	{ "threads", test_threads },
	{ "blocked thread", test_blocked_thread },
	{ "own state", test_self_state },
	{ "exceptions", test_exceptions },
	{ "second task", test_second_task },
	{ "tasks", test_tasks },
	{ "host", test_host },
	{ "gsync", test_gsync },
	{ "device", test_device },
	{ "pager", test_pager },
	{ "pager death", test_pager_death },
	{ "proxies", test_proxies },
	{ "send notify", test_send_notify },
	{ "send cancel", test_send_cancel },
	{ "receive notify", test_receive_notify },
	{ "payload", test_payload },
	{ "extract", test_extract },
	{ "move resets", test_move_resets },
	{ "circular", test_circular },
	{ "dead rights", test_dead_rights },
	{ "info", test_info },
	{ "scheduling", test_scheduling },
	{ "processors", test_processors },
	{ "emulation vector", test_emulation_vector },
	{ "wiring", test_wiring },
	{ "inheritance", test_inheritance },
	{ "task exceptions", test_task_exceptions },
	{ "debug", test_debug },
	{ "machine", test_machine },
	{ "other states", test_other_states },
};

static void
run_groups(void)
{
	for (unsigned int i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		group_name = groups[i].name;
		group_failed = 0;
		groups[i].function();
		t_print(group_failed == 0 ? "PASS " : "FAIL ");
		t_print(group_name);
		t_print("\n");
	}
}

/* The decimal number after `key` in an argument that begins with it, or 0. */
static name_t
argument_port(char **arguments, uint64_t count, const char *key)
{
	for (uint64_t i = 1; i < count; i++) {
		const char *a = arguments[i], *k = key;
		name_t value = 0;

		while (*k != '\0' && *a == *k)
			a++, k++;
		if (*k != '\0')
			continue;
		for (; *a >= '0' && *a <= '9'; a++)
			value = value * 10 + (name_t)(*a - '0');
		return value;
	}
	return 0;
}

void abi_check_start(uint64_t *stack);

/* 10.4: argc, argv, null, environment, null; RSP on a multiple of 16. */
static void
test_start(uint64_t *stack)
{
	group_name = "start";
	CHECK_EQ((uint64_t)stack % 16, 0);
	CHECK(stack[0] >= 1);
	CHECK_EQ(stack[1 + stack[0]], 0);
	CHECK_EQ(stack[2 + stack[0]], 0);
	CHECK((uint64_t)stack >= 0x7ffffffe0000 && (uint64_t)stack < 0x800000000000);
}

/* The first argument's port is 1, the lowest free name (10.2). */
static void
test_boot_names(uint64_t *stack)
{
	group_name = "boot names";
	if (host_priv != 0)
		CHECK_EQ(host_priv, 1);
	CHECK_EQ(me != 0, 1);
	CHECK(stack[1] != 0);
}

static void
halt(void)
{
	struct msg m;

	for (;;) {
		rpc_begin(&m, host_priv, 2635);
		put_i32(&m, 8);
		(void)rpc(&m);
		(void)t_thread_switch(0, 2, 1000);
	}
}

void
abi_check_start(uint64_t *stack)
{
	uint32_t names;

	host_priv = argument_port((char **)(stack + 1), stack[0], "--host-port=");
	device_master = argument_port((char **)(stack + 1), stack[0], "--device-port=");
	me = t_task_self();
	reply_port = t_reply_port();
	test_start(stack);
	test_boot_names(stack);
	run_groups();
	group_name = "leaks";
	names = count_names();
	test_header_only();
	test_typed_messages();
	test_rights();
	CHECK_EQ(count_names(), names);
	t_print("abi: ");
	print_number(passed, 10);
	t_print(" passed, ");
	print_number(failed, 10);
	t_print(" failed\n");
	halt();
}

__asm__(".globl _start\n_start: xor %ebp,%ebp\n\tmov %rsp,%rdi\n\tand $-16,%rsp\n\tcall "
	"abi_check_start\n");
