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
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t name_t;

/* ---- Traps (1.1, 1.3): one stub each, the shape the sheet gives ----------- */

#define TRAP(name, number)                                                                         \
	__asm__(".globl " #name "\n.type " #name ",@function\n" #name ":\n"                        \
		"\tmov $-" #number ",%rax\n\tmov %rcx,%r10\n\tsyscall\n\tret\n")

TRAP(t_mach_msg, 25);
TRAP(t_reply_port, 26);
TRAP(t_thread_self, 27);
TRAP(t_task_self, 28);
TRAP(t_host_self, 29);
TRAP(t_print, 30);
TRAP(t_swtch_pri, 59);
TRAP(t_swtch, 60);
TRAP(t_thread_switch, 61);
TRAP(t_vm_map, 64);
TRAP(t_vm_allocate, 65);
TRAP(t_vm_deallocate, 66);
TRAP(t_task_create, 68);
TRAP(t_task_terminate, 69);
TRAP(t_task_suspend, 70);
TRAP(t_task_set_special_port, 71);
TRAP(t_port_allocate, 72);
TRAP(t_port_deallocate, 73);
TRAP(t_port_insert_right, 74);
TRAP(t_port_allocate_name, 75);
TRAP(t_depress_abort, 76);
TRAP(t_set_self_state, 77);
TRAP(t_unused_1, 1);
TRAP(t_unused_16, 16);
TRAP(t_unused_54, 54);
TRAP(t_unused_129, 129);
TRAP(t_zero_10, 10);
TRAP(t_zero_13, 13);
TRAP(t_zero_55, 55);
TRAP(t_zero_56, 56);
TRAP(t_beyond_130, 130);

int t_mach_msg(void *msg, int option, uint32_t send_size, uint32_t rcv_size, name_t rcv_name,
    uint32_t timeout, name_t notify);
name_t t_reply_port(void);
name_t t_thread_self(void);
name_t t_task_self(void);
name_t t_host_self(void);
int t_print(const char *string);
int t_swtch_pri(int pri);
int t_swtch(void);
int t_thread_switch(name_t thread, int option, uint32_t time);
int t_vm_map(name_t task, uint64_t *address, uint64_t size, uint64_t mask, int anywhere,
    name_t object, uint64_t offset, int copy, int cur, int max, int inheritance);
int t_vm_allocate(name_t task, uint64_t *address, uint64_t size, int anywhere);
int t_vm_deallocate(name_t task, uint64_t start, uint64_t size);
int t_task_create(name_t parent, int inherit, name_t *child);
int t_task_terminate(name_t task);
int t_task_suspend(name_t task);
int t_task_set_special_port(name_t task, int which, name_t port);
int t_port_allocate(name_t task, uint32_t right, name_t *name);
int t_port_deallocate(name_t task, name_t name);
int t_port_insert_right(name_t task, name_t name, name_t right, uint32_t type);
int t_port_allocate_name(name_t task, uint32_t right, name_t name);
int t_depress_abort(name_t thread);
int t_set_self_state(int flavor, void *state, uint32_t count);
int t_unused_1(void);
int t_unused_16(void);
int t_unused_54(void);
int t_unused_129(void);
int t_zero_10(void);
int t_zero_13(void);
int t_zero_55(void);
int t_zero_56(void);
int t_beyond_130(void);

/* ---- Values (2.3, 2.4, 2.9, 2.15, 12.1) ------------------------------------ */

enum {
	MOVE_RECEIVE = 16,
	MOVE_SEND = 17,
	MOVE_SEND_ONCE = 18,
	COPY_SEND = 19,
	MAKE_SEND = 20,
	MAKE_SEND_ONCE = 21,
	T_BOOLEAN = 0,
	T_INT16 = 1,
	T_INT32 = 2,
	T_CHAR = 8,
	T_BYTE = 9,
	T_INT64 = 11,
	T_STRING = 12,
	T_NAME = 15,
	SEND = 1,
	RCV = 2,
	SEND_TIMEOUT = 0x10,
	RCV_TIMEOUT = 0x100,
	RCV_LARGE = 0x800,
	RIGHT_SEND = 0,
	RIGHT_RECEIVE = 1,
	RIGHT_SEND_ONCE = 2,
	RIGHT_PORT_SET = 3,
	RIGHT_DEAD_NAME = 4,
	TYPE_SEND = 0x10000,
	TYPE_RECEIVE = 0x20000,
	TYPE_PORT_SET = 0x80000,
	TYPE_DEAD_NAME = 0x100000,
	NOTIFY_PORT_DELETED = 65,
	NOTIFY_PORT_DESTROYED = 69,
	NOTIFY_NO_SENDERS = 70,
	NOTIFY_SEND_ONCE = 71,
	NOTIFY_DEAD_NAME = 72,
};

#define COMPLEX   0x80000000u
#define PORT_DEAD 0xffffffffu

#define SEND_INVALID_DATA   0x10000002
#define SEND_INVALID_DEST   0x10000003
#define SEND_TIMED_OUT      0x10000004
#define SEND_INTERRUPTED    0x10000007
#define SEND_TOO_SMALL      0x10000008
#define SEND_INVALID_REPLY  0x10000009
#define SEND_INVALID_RIGHT  0x1000000a
#define SEND_INVALID_MEMORY 0x1000000c
#define SEND_INVALID_TYPE   0x1000000f
#define SEND_INVALID_HEADER 0x10000010
#define RCV_INVALID_NAME    0x10004002
#define RCV_TIMED_OUT       0x10004003
#define RCV_TOO_LARGE       0x10004004
#define RCV_INTERRUPTED     0x10004005
#define RCV_PORT_DIED       0x10004009
#define RCV_IN_SET          0x1000400a

enum {
	K_SUCCESS = 0,
	K_INVALID_ADDRESS = 1,
	K_PROTECTION_FAILURE = 2,
	K_NO_SPACE = 3,
	K_INVALID_ARGUMENT = 4,
	K_FAILURE = 5,
	K_NOT_IN_SET = 12,
	K_NAME_EXISTS = 13,
	K_INVALID_NAME = 15,
	K_INVALID_TASK = 16,
	K_INVALID_RIGHT = 17,
	K_INVALID_VALUE = 18,
	K_UREFS_OVERFLOW = 19,
	K_INVALID_CAPABILITY = 20,
	K_RIGHT_EXISTS = 21,
	K_INVALID_HOST = 22,
	K_TIMEDOUT = 27,
	BAD_ID = -303,
	BAD_ARGUMENTS = -304,
};

#define PAGE 4096u

/* Where nothing is. */
#define UNMAPPED ((void *)(uintptr_t)0x600000000000)

/* ---- Messages (2.1, 2.5) ----------------------------------------------------- */

struct header {
	uint32_t bits, size;
	uint64_t remote, local;
	uint32_t seqno;
	int32_t id;
};

struct msg {
	struct header h;
	uint64_t body[1024];
};

_Static_assert(sizeof(struct header) == 32, "header");

/* A descriptor word: inline, one element unless said otherwise. */
static uint64_t
descriptor(uint64_t type, uint64_t bits, uint64_t number)
{
	return type | bits << 8 | 1u << 29 | number << 32;
}

static uint64_t
descriptor_ool(uint64_t type, uint64_t bits, uint64_t number, bool deallocate)
{
	return type | bits << 8 | 1u << 30 | (deallocate ? 1ull << 31 : 0) | number << 32;
}

static void
copy_bytes(void *to, const void *from, size_t count)
{
	volatile uint8_t *t = to;
	const volatile uint8_t *f = from;

	for (size_t i = 0; i < count; i++)
		t[i] = f[i];
}

static void
clear_bytes(void *to, size_t count)
{
	volatile uint8_t *t = to;

	for (size_t i = 0; i < count; i++)
		t[i] = 0;
}

/* What a compiler may call. */
void *memcpy(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);

void *
memcpy(void *to, const void *from, size_t count)
{
	copy_bytes(to, from, count);
	return to;
}

void *
memset(void *to, int value, size_t count)
{
	volatile uint8_t *t = to;

	for (size_t i = 0; i < count; i++)
		t[i] = (uint8_t)value;
	return to;
}

static void
msg_begin(
    struct msg *m, name_t remote, uint32_t remote_type, name_t local, uint32_t local_type, int id)
{
	m->h = (struct header){ remote_type | local_type << 8, 32, remote, local, 0, id };
}

static uint64_t *
msg_room(struct msg *m, uint32_t bytes)
{
	uint64_t *at = (uint64_t *)((char *)m + m->h.size);

	m->h.size += (bytes + 7) & ~7u;
	return at;
}

static void
put_item(struct msg *m, uint64_t desc, uint64_t value)
{
	uint64_t *at = msg_room(m, 16);

	at[0] = desc;
	at[1] = value;
}

static void
put_i32(struct msg *m, uint32_t value)
{
	put_item(m, descriptor(T_INT32, 32, 1), value);
}

static void
put_bool(struct msg *m, bool value)
{
	put_item(m, descriptor(T_BOOLEAN, 32, 1), value);
}

static void
put_i64(struct msg *m, uint64_t value)
{
	put_item(m, descriptor(T_INT64, 64, 1), value);
}

static void
put_name(struct msg *m, name_t name)
{
	put_item(m, descriptor(T_NAME, 32, 1), name);
}

static void
put_port(struct msg *m, name_t name, uint32_t type)
{
	put_item(m, descriptor(type, 64, 1), name);
	m->h.bits |= COMPLEX;
}

static void
put_ool(struct msg *m, uint64_t desc, const void *address)
{
	put_item(m, desc, (uint64_t)address);
	m->h.bits |= COMPLEX;
}

static uint64_t
get64(const struct msg *m, uint32_t offset)
{
	return *(const uint64_t *)((const char *)m + offset);
}

static uint32_t
get32(const struct msg *m, uint32_t offset)
{
	return *(const uint32_t *)((const char *)m + offset);
}

/* ---- Reporting ----------------------------------------------------------------- */

static unsigned int passed, failed, group_failed;
static const char *group_name;

static void
print_number(uint64_t value, unsigned int base)
{
	char text[32];
	unsigned int at = sizeof(text) - 1;

	text[at] = '\0';
	do {
		text[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	t_print(text + at);
}

static bool
check_at(int line, const char *what, uint64_t got, uint64_t wanted)
{
	if (got == wanted) {
		passed++;
		return true;
	}
	failed++;
	group_failed++;
	t_print("FAIL ");
	t_print(group_name);
	t_print(": line ");
	print_number((unsigned int)line, 10);
	t_print(": ");
	t_print(what);
	t_print(": got 0x");
	print_number(got, 16);
	t_print(", wanted 0x");
	print_number(wanted, 16);
	t_print("\n");
	return false;
}

#define CHECK_EQ(got, wanted)                                                                      \
	check_at(__LINE__, #got, (uint64_t)(int64_t)(got), (uint64_t)(int64_t)(wanted))
#define CHECK(condition) check_at(__LINE__, #condition, !!(condition), 1)

/* ---- RPC (13) ------------------------------------------------------------------- */

static name_t me, reply_port, host_priv, device_master;

static void
rpc_begin(struct msg *m, name_t port, int id)
{
	msg_begin(m, port, COPY_SEND, reply_port, MAKE_SEND_ONCE, id);
}

/* Send and receive in one call; the RetCode, or the code of mach_msg. */
static int
rpc(struct msg *m)
{
	int id = m->h.id, result;

	result = t_mach_msg(m, SEND | RCV, m->h.size, sizeof(*m), reply_port, 0, 0);
	if (result != 0)
		return result;
	if (m->h.id != id + 100 || get64(m, 32) != descriptor(T_INT32, 32, 1))
		return -1000;
	/* Devices may answer an error in the form of a success (8.2). */
	if (get32(m, 40) != 0 && (id < 2800 || id > 2899) &&
	    (m->h.size != 48 || (m->h.bits & COMPLEX)))
		return -1001;
	return (int)get32(m, 40);
}

/* RPCs with nothing but 32-bit integers in the request. */
static int
rpc_i32(struct msg *m, name_t port, int id, unsigned int count, const uint32_t *values)
{
	rpc_begin(m, port, id);
	for (unsigned int i = 0; i < count; i++)
		put_i32(m, values[i]);
	return rpc(m);
}

/* A routine of mach_port that takes a name and then integers. */
static int
port_call(struct msg *m, int id, name_t name, unsigned int count, const uint32_t *values)
{
	rpc_begin(m, me, id);
	put_name(m, name);
	for (unsigned int i = 0; i < count; i++)
		put_i32(m, values[i]);
	return rpc(m);
}

static name_t
port_new(void)
{
	name_t name = 0;

	CHECK_EQ(t_port_allocate(me, RIGHT_RECEIVE, &name), 0);
	return name;
}

static uint32_t
port_refs(name_t name, uint32_t right)
{
	struct msg m;
	int kr = port_call(&m, 3207, name, 1, &right);

	return kr == 0 ? get32(&m, 56) : 0x80000000u + (uint32_t)kr;
}

static uint32_t
port_type(name_t name)
{
	struct msg m;
	int kr = port_call(&m, 3201, name, 0, NULL);

	return kr == 0 ? get32(&m, 56) : 0xf0000000u + (uint32_t)kr;
}

static int
port_mod_refs(name_t name, uint32_t right, int delta)
{
	struct msg m;
	uint32_t values[2] = { right, (uint32_t)delta };

	return port_call(&m, 3208, name, 2, values);
}

static int
port_destroy(name_t name)
{
	struct msg m;

	return port_call(&m, 3205, name, 0, NULL);
}

static int
receive(struct msg *m, name_t port, uint32_t timeout)
{
	return t_mach_msg(m, RCV | RCV_TIMEOUT, 0, sizeof(*m), port, timeout, 0);
}

static int
send(struct msg *m)
{
	return t_mach_msg(m, SEND | SEND_TIMEOUT, m->h.size, 0, 0, 0, 0);
}

/* ---- Groups of checks ---------------------------------------------------------- */

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

/* 2.10: what a bad send header answers, with nothing consumed. */
static void
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
static void
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
static void
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
static void
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
static void
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
static void
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
static void
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
static void
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
static void
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
static int
request_notification(name_t name, int id, uint32_t sync, name_t notify)
{
	struct msg m;

	rpc_begin(&m, me, 3214);
	put_name(&m, name);
	put_i32(&m, (uint32_t)id);
	put_i32(&m, sync);
	put_port(&m, notify, MAKE_SEND_ONCE);
	return rpc(&m);
}

static void
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
static int
move_member(name_t member, name_t after)
{
	struct msg m;

	rpc_begin(&m, me, 3213);
	put_name(&m, member);
	put_name(&m, after);
	return rpc(&m);
}

static void
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

/* 1.5, 5.4: memory by traps and by messages. */
static int
vm_call2(int id, uint64_t address, uint64_t size)
{
	struct msg m;

	rpc_begin(&m, me, id);
	put_i64(&m, address);
	put_i64(&m, size);
	return rpc(&m);
}

static int
vm_protect(uint64_t address, uint64_t size, bool maximum, uint32_t prot)
{
	struct msg m;

	rpc_begin(&m, me, 2024);
	put_i64(&m, address);
	put_i64(&m, size);
	put_bool(&m, maximum);
	put_i32(&m, prot);
	return rpc(&m);
}

static int
vm_region(struct msg *m, uint64_t address)
{
	rpc_begin(m, me, 2029);
	put_i64(m, address);
	return rpc(m);
}

static void
test_vm(void)
{
	struct msg m;
	uint64_t a = 0x200000000000, b = 0, c = 0;

	CHECK_EQ(t_vm_allocate(me, &b, 3 * PAGE, 1), 0);
	CHECK_EQ(b % PAGE, 0);
	CHECK_EQ(*(uint64_t *)(b + 2 * PAGE), 0);
	CHECK_EQ(t_vm_deallocate(me, b, 3 * PAGE), 0);
	/* With no neighbours, so that the entry is these four pages. */
	CHECK_EQ(t_vm_allocate(me, &a, 4 * PAGE, 0), 0);
	CHECK_EQ(a, 0x200000000000);
	CHECK_EQ(*(uint64_t *)a, 0);
	*(uint64_t *)(a + PAGE) = 42;
	b = a + 100;
	CHECK_EQ(t_vm_allocate(me, &b, PAGE, 0), K_NO_SPACE);
	b = 0x800000000000;
	CHECK_EQ(t_vm_allocate(me, &b, PAGE, 0), K_INVALID_ADDRESS);
	b = 77;
	CHECK_EQ(t_vm_allocate(me, &b, 0, 1), 0);
	CHECK_EQ(b, 0);
	CHECK_EQ(t_vm_allocate(reply_port, &b, PAGE, 1), SEND_INTERRUPTED);
	CHECK_EQ(t_vm_deallocate(0x7ffffff0, a, PAGE), SEND_INTERRUPTED);

	CHECK_EQ(vm_region(&m, a), 0);
	CHECK_EQ(m.h.size, 176);
	CHECK_EQ(m.h.bits, COMPLEX | 0x1200);
	CHECK_EQ(get64(&m, 56), a);
	CHECK_EQ(get64(&m, 72), 4 * PAGE);
	CHECK_EQ(get32(&m, 88), 3);
	CHECK_EQ(get32(&m, 104), 7);
	CHECK_EQ(get32(&m, 120), 1);
	CHECK_EQ(vm_protect(a + PAGE, PAGE, false, 1), 0);
	CHECK_EQ(vm_region(&m, a + PAGE), 0);
	CHECK_EQ(get64(&m, 56), a + PAGE);
	CHECK_EQ(get64(&m, 72), PAGE);
	CHECK_EQ(get32(&m, 88), 1);
	CHECK_EQ(vm_protect(a, PAGE, false, 0x40), K_INVALID_ARGUMENT);
	CHECK_EQ(vm_protect(a, PAGE, true, 1), 0);
	CHECK_EQ(vm_protect(a, PAGE, false, 3), K_PROTECTION_FAILURE);

	rpc_begin(&m, me, 2026);
	put_i64(&m, a + PAGE);
	put_i64(&m, PAGE);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(get64(&m, 48), 0x00001000c0000809);
	c = get64(&m, 56);
	CHECK_EQ(*(uint64_t *)c, 42);
	*(uint64_t *)c = 43;
	CHECK_EQ(*(uint64_t *)(a + PAGE), 42);

	rpc_begin(&m, me, 2027);
	put_i64(&m, a + 2 * PAGE);
	put_ool(&m, descriptor_ool(T_BYTE, 8, PAGE, false), (void *)c);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(*(uint64_t *)(a + 2 * PAGE), 43);
	rpc_begin(&m, me, 2027);
	put_i64(&m, a + 2 * PAGE + 8);
	put_ool(&m, descriptor_ool(T_BYTE, 8, PAGE, false), (void *)c);
	CHECK_EQ(rpc(&m), K_INVALID_ARGUMENT);
	rpc_begin(&m, me, 2028);
	put_i64(&m, a + PAGE);
	put_i64(&m, PAGE);
	put_i64(&m, a + 3 * PAGE);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(*(uint64_t *)(a + 3 * PAGE), 42);
	CHECK_EQ(t_vm_deallocate(me, c, PAGE), 0);

	CHECK_EQ(vm_call2(2023, a, PAGE), 0);
	CHECK_EQ(vm_region(&m, a), 0);
	CHECK_EQ(get64(&m, 56), a + PAGE);
	CHECK_EQ(vm_call2(2026, a, PAGE), K_INVALID_ADDRESS);
	CHECK_EQ(vm_region(&m, 0x7ffffffff000 + PAGE), K_NO_SPACE);
	CHECK_EQ(t_vm_deallocate(me, a, 4 * PAGE), 0);
	CHECK_EQ(t_vm_deallocate(me, a, 0), 0);

	c = 0;
	CHECK_EQ(t_vm_map(me, &c, PAGE, 0xffff, 1, 0, 0, 0, 3, 7, 1), 0);
	CHECK_EQ(c & 0xffff, 0);
	CHECK_EQ(t_vm_map(me, &c, PAGE, 0, 0, 0, 0, 0, 3, 7, 1), K_NO_SPACE);
	CHECK_EQ(t_vm_map(me, &c, 0, 0, 1, 0, 0, 0, 3, 7, 1), K_INVALID_ARGUMENT);
	CHECK_EQ(t_vm_map(me, &c, PAGE, 0, 1, 0, 0, 0, 8, 7, 1), K_INVALID_ARGUMENT);
	CHECK_EQ(t_vm_map(me, &c, PAGE, 0, 1, 0, 0, 0, 3, 7, 3), K_INVALID_ARGUMENT);
	CHECK_EQ(t_vm_deallocate(me, c, PAGE), 0);

	rpc_begin(&m, me, 2030);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(m.h.size, 112);
	CHECK_EQ(get64(&m, 48), descriptor(T_INT32, 32, 13));
	CHECK_EQ(get32(&m, 56), 4096);
}

/* ---- Threads (4.1, 4.4, 4.5) ----------------------------------------------------- */

struct thread_state {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rsp, rbx, rdx, rcx, rax, rip,
	    cs, rfl, ursp, ss;
};

_Static_assert(sizeof(struct thread_state) == 168, "42 words");

static uint8_t thread_stacks[4][16384] __attribute__((aligned(16)));

static int
set_state(name_t thread, int flavor, const void *state, uint32_t words)
{
	struct msg m;
	uint64_t *at;

	rpc_begin(&m, thread, 2018);
	put_i32(&m, (uint32_t)flavor);
	at = msg_room(&m, 8 + words * 4);
	at[0] = descriptor(T_INT32, 32, words);
	copy_bytes(at + 1, state, words * 4);
	return rpc(&m);
}

static int
get_state(name_t thread, int flavor, void *state, uint32_t words)
{
	struct msg m;
	uint32_t values[2] = { (uint32_t)flavor, words };
	int kr = rpc_i32(&m, thread, 2017, 2, values);

	if (kr == 0)
		copy_bytes(state, (char *)&m + 56, (get64(&m, 48) >> 32) * 4);
	return kr;
}

static int
simple_call(name_t port, int id)
{
	struct msg m;

	rpc_begin(&m, port, id);
	return rpc(&m);
}

/* A thread of this task, suspended, to run `function(argument)`. */
static name_t
thread_new(void (*function)(uint64_t), uint64_t argument, unsigned int stack)
{
	struct thread_state state = { 0 };
	struct msg m;
	name_t thread;

	rpc_begin(&m, me, 2061);
	if (!CHECK_EQ(rpc(&m), 0))
		return 0;
	thread = get32(&m, 56);
	state.rip = (uint64_t)function;
	state.rdi = argument;
	state.ursp = (uint64_t)thread_stacks[stack] + sizeof(thread_stacks[0]) - 8;
	CHECK_EQ(set_state(thread, 1, &state, 42), 0);
	return thread;
}

static volatile uint64_t thread_flag;

/* Ends the calling thread; nothing of this task's shared state is used. */
static void
thread_exit(void)
{
	struct msg m;

	for (;;) {
		msg_begin(&m, t_thread_self(), COPY_SEND, 0, 0, 2016);
		(void)send(&m);
	}
}

static void
thread_set_flag(uint64_t value)
{
	thread_flag = value;
	thread_exit();
}

/* The names of what ended become dead names; the end may take a moment. */
static bool
wait_for_death(name_t name)
{
	for (int i = 0; i < 300 && port_type(name) != TYPE_DEAD_NAME; i++)
		(void)t_thread_switch(0, 2, 10);
	return port_type(name) == TYPE_DEAD_NAME;
}

static bool
wait_for_flag(uint64_t value)
{
	for (int i = 0; i < 500 && thread_flag != value; i++)
		(void)t_thread_switch(0, 2, 10);
	return thread_flag == value;
}

static void
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
	CHECK(wait_for_death(thread));
	CHECK_EQ(port_destroy(thread), 0);

	thread = thread_new(thread_set_flag, 12, 0);
	CHECK_EQ(simple_call(thread, 2063), 0);
	CHECK(wait_for_flag(12));
	(void)port_destroy(thread);
	thread = thread_new(thread_set_flag, 13, 0);
	CHECK_EQ(simple_call(thread, 2016), 0);
	CHECK(wait_for_death(thread));
	CHECK_EQ(port_destroy(thread), 0);
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

static void
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
	(void)port_destroy(thread);

	thread = thread_new(thread_block, port, 1);
	thread_flag = 0;
	CHECK_EQ(simple_call(thread, 2063), 0);
	(void)t_thread_switch(0, 2, 100);
	CHECK_EQ(port_destroy(port), 0);
	CHECK(wait_for_flag(20));
	CHECK_EQ(blocked_result, RCV_PORT_DIED);
	(void)port_destroy(thread);
}

/* 1.4: thread_set_self_state. */
static void
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
	(void)port_destroy(thread);
}

static void
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

/* insert_right by message, into another task. */
static int
insert_into(name_t task, name_t name, name_t port, uint32_t type)
{
	struct msg m;

	rpc_begin(&m, task, 3215);
	put_name(&m, name);
	put_port(&m, port, type);
	return rpc(&m);
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

static void
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
static void
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
static void
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

static void
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
	(void)port_destroy(thread);
}

/* 8: the console device, when the boot script gave a device port. */
static void
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
