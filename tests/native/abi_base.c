/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the checks share: traps, messages, calls, threads.
 */
#include "abi.h"

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

/* A descriptor word: inline, one element unless said otherwise. */
uint64_t
descriptor(uint64_t type, uint64_t bits, uint64_t number)
{
	return type | bits << 8 | 1u << 29 | number << 32;
}

uint64_t
descriptor_ool(uint64_t type, uint64_t bits, uint64_t number, bool deallocate)
{
	return type | bits << 8 | 1u << 30 | (deallocate ? 1ull << 31 : 0) | number << 32;
}

void
copy_bytes(void *to, const void *from, size_t count)
{
	volatile uint8_t *t = to;
	const volatile uint8_t *f = from;

	for (size_t i = 0; i < count; i++)
		t[i] = f[i];
}

void
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

void
msg_begin(
    struct msg *m, name_t remote, uint32_t remote_type, name_t local, uint32_t local_type, int id)
{
	m->h = (struct header) { remote_type | local_type << 8, 32, remote, local, 0, id };
}

uint64_t *
msg_room(struct msg *m, uint32_t bytes)
{
	uint64_t *at = (uint64_t *)((char *)m + m->h.size);

	m->h.size += (bytes + 7) & ~7u;
	return at;
}

void
put_item(struct msg *m, uint64_t desc, uint64_t value)
{
	uint64_t *at = msg_room(m, 16);

	at[0] = desc;
	at[1] = value;
}

void
put_i32(struct msg *m, uint32_t value)
{
	put_item(m, descriptor(T_INT32, 32, 1), value);
}

void
put_bool(struct msg *m, bool value)
{
	put_item(m, descriptor(T_BOOLEAN, 32, 1), value);
}

void
put_i64(struct msg *m, uint64_t value)
{
	put_item(m, descriptor(T_INT64, 64, 1), value);
}

void
put_name(struct msg *m, name_t name)
{
	put_item(m, descriptor(T_NAME, 32, 1), name);
}

void
put_port(struct msg *m, name_t name, uint32_t type)
{
	put_item(m, descriptor(type, 64, 1), name);
	m->h.bits |= COMPLEX;
}

void
put_ool(struct msg *m, uint64_t desc, const void *address)
{
	put_item(m, desc, (uint64_t)address);
	m->h.bits |= COMPLEX;
}

uint64_t
get64(const struct msg *m, uint32_t offset)
{
	return *(const uint64_t *)((const char *)m + offset);
}

uint32_t
get32(const struct msg *m, uint32_t offset)
{
	return *(const uint32_t *)((const char *)m + offset);
}

/* ---- Reporting ----------------------------------------------------------------- */

unsigned int passed, failed, group_failed;
const char *group_name;

void
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

bool
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

/* A part that this kernel does not have and says so. */
void
skip(const char *what)
{
	t_print("SKIP ");
	t_print(what);
	t_print("\n");
}

/* ---- RPC (13) ------------------------------------------------------------------- */

name_t me, reply_port, host_priv, device_master;

void
rpc_begin(struct msg *m, name_t port, int id)
{
	msg_begin(m, port, COPY_SEND, reply_port, MAKE_SEND_ONCE, id);
}

/* Send and receive in one call; the RetCode, or the code of mach_msg. */
int
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
int
rpc_i32(struct msg *m, name_t port, int id, unsigned int count, const uint32_t *values)
{
	rpc_begin(m, port, id);
	for (unsigned int i = 0; i < count; i++)
		put_i32(m, values[i]);
	return rpc(m);
}

/* A routine of mach_port that takes a name and then integers. */
int
port_call(struct msg *m, int id, name_t name, unsigned int count, const uint32_t *values)
{
	rpc_begin(m, me, id);
	put_name(m, name);
	for (unsigned int i = 0; i < count; i++)
		put_i32(m, values[i]);
	return rpc(m);
}

name_t
port_new(void)
{
	name_t name = 0;

	CHECK_EQ(t_port_allocate(me, RIGHT_RECEIVE, &name), 0);
	return name;
}

uint32_t
port_refs(name_t name, uint32_t right)
{
	struct msg m;
	int kr = port_call(&m, 3207, name, 1, &right);

	return kr == 0 ? get32(&m, 56) : 0x80000000u + (uint32_t)kr;
}

uint32_t
port_type(name_t name)
{
	struct msg m;
	int kr = port_call(&m, 3201, name, 0, NULL);

	return kr == 0 ? get32(&m, 56) : 0xf0000000u + (uint32_t)kr;
}

int
port_mod_refs(name_t name, uint32_t right, int delta)
{
	struct msg m;
	uint32_t values[2] = { right, (uint32_t)delta };

	return port_call(&m, 3208, name, 2, values);
}

int
port_destroy(name_t name)
{
	struct msg m;

	return port_call(&m, 3205, name, 0, NULL);
}

int
receive(struct msg *m, name_t port, uint32_t timeout)
{
	return t_mach_msg(m, RCV | RCV_TIMEOUT, 0, sizeof(*m), port, timeout, 0);
}

int
send(struct msg *m)
{
	return t_mach_msg(m, SEND | SEND_TIMEOUT, m->h.size, 0, 0, 0, 0);
}

/* ---- Threads (4.1, 4.4, 4.5) ----------------------------------------------------- */

uint8_t thread_stacks[4][16384] __attribute__((aligned(16)));

int
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

int
get_state(name_t thread, int flavor, void *state, uint32_t words)
{
	struct msg m;
	uint32_t values[2] = { (uint32_t)flavor, words };
	int kr = rpc_i32(&m, thread, 2017, 2, values);

	if (kr == 0)
		copy_bytes(state, (char *)&m + 56, (get64(&m, 48) >> 32) * 4);
	return kr;
}

int
simple_call(name_t port, int id)
{
	struct msg m;

	rpc_begin(&m, port, id);
	return rpc(&m);
}

/* A thread of this task, suspended, to run `function(argument)`. */
name_t
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

volatile uint64_t thread_flag;

/* Ends the calling thread; nothing of this task's shared state is used. */
void
thread_exit(void)
{
	struct msg m;

	for (;;) {
		msg_begin(&m, t_thread_self(), COPY_SEND, 0, 0, 2016);
		(void)send(&m);
	}
}

void
thread_set_flag(uint64_t value)
{
	thread_flag = value;
	thread_exit();
}

/* The names of what ended become dead names; the end may take a moment. */
bool
wait_for_death(name_t name)
{
	for (int i = 0; i < 300 && port_type(name) != TYPE_DEAD_NAME; i++)
		(void)t_thread_switch(0, 2, 10);
	return port_type(name) == TYPE_DEAD_NAME;
}

/*
 * Wait for the end of a thread of ours and destroy its name. Not before: the
 * thread makes itself a name to end by, which would stay behind as a new one,
 * and its stack is the next thread's.
 */
bool
thread_gone(name_t thread)
{
	return wait_for_death(thread) && port_destroy(thread) == 0;
}

bool
wait_for_flag(uint64_t value)
{
	for (int i = 0; i < 500 && thread_flag != value; i++)
		(void)t_thread_switch(0, 2, 10);
	return thread_flag == value;
}

/* mach_port_move_member. */
int
move_member(name_t member, name_t after)
{
	struct msg m;

	rpc_begin(&m, me, 3213);
	put_name(&m, member);
	put_name(&m, after);
	return rpc(&m);
}

/* mach_port_request_notification. */
int
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

/* insert_right by message, into another task. */
int
insert_into(name_t task, name_t name, name_t port, uint32_t type)
{
	struct msg m;

	rpc_begin(&m, task, 3215);
	put_name(&m, name);
	put_port(&m, port, type);
	return rpc(&m);
}

int
vm_call2(int id, uint64_t address, uint64_t size)
{
	struct msg m;

	rpc_begin(&m, me, id);
	put_i64(&m, address);
	put_i64(&m, size);
	return rpc(&m);
}

int
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

int
vm_region(struct msg *m, uint64_t address)
{
	rpc_begin(m, me, 2029);
	put_i64(m, address);
	return rpc(m);
}
