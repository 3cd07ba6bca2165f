/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * abi -- what the checks of the native ABI share.
 *
 * Everything here is taken from the ABI sheet: numbers, layouts and rules, none
 * from a header of this tree, so that a mistake in the headers cannot hide one
 * in the kernel. The section a check comes from stands beside its group.
 */
#ifndef ABI_H
#define ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t name_t;

/* ---- Traps (1.1, 1.3) ---- */

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
#define RCV_INVALID_DATA    0x10004008
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

struct thread_state {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rsp, rbx, rdx, rcx, rax, rip,
	    cs, rfl, ursp, ss;
};

_Static_assert(sizeof(struct thread_state) == 168, "42 words");

/* ---- Helpers (abi_base.c) ---- */

extern unsigned int passed, failed, group_failed;
extern const char *group_name;
extern name_t me, reply_port, host_priv, device_master;
extern volatile uint64_t thread_flag;
extern uint8_t thread_stacks[4][16384];

uint64_t descriptor(uint64_t type, uint64_t bits, uint64_t number);
uint64_t descriptor_ool(uint64_t type, uint64_t bits, uint64_t number, bool deallocate);
void copy_bytes(void *to, const void *from, size_t count);
void clear_bytes(void *to, size_t count);
void msg_begin(
    struct msg *m, name_t remote, uint32_t remote_type, name_t local, uint32_t local_type, int id);

void put_item(struct msg *m, uint64_t desc, uint64_t value);
void put_i32(struct msg *m, uint32_t value);
void put_bool(struct msg *m, bool value);
void put_i64(struct msg *m, uint64_t value);
void put_name(struct msg *m, name_t name);
void put_port(struct msg *m, name_t name, uint32_t type);
void put_ool(struct msg *m, uint64_t desc, const void *address);
uint64_t get64(const struct msg *m, uint32_t offset);
uint32_t get32(const struct msg *m, uint32_t offset);
void print_number(uint64_t value, unsigned int base);
bool check_at(int line, const char *what, uint64_t got, uint64_t wanted);
void skip(const char *what);
void rpc_begin(struct msg *m, name_t port, int id);
int rpc(struct msg *m);
int rpc_i32(struct msg *m, name_t port, int id, unsigned int count, const uint32_t *values);
int port_call(struct msg *m, int id, name_t name, unsigned int count, const uint32_t *values);
name_t port_new(void);
uint32_t port_refs(name_t name, uint32_t right);
uint32_t port_type(name_t name);
int port_mod_refs(name_t name, uint32_t right, int delta);
int port_destroy(name_t name);
int receive(struct msg *m, name_t port, uint32_t timeout);
int send(struct msg *m);
int set_state(name_t thread, int flavor, const void *state, uint32_t words);
int get_state(name_t thread, int flavor, void *state, uint32_t words);
int simple_call(name_t port, int id);
name_t thread_new(void (*function)(uint64_t), uint64_t argument, unsigned int stack);
void thread_exit(void);
void thread_set_flag(uint64_t value);
bool wait_for_death(name_t name);
bool thread_gone(name_t thread);
bool wait_for_flag(uint64_t value);
int move_member(name_t member, name_t after);
int request_notification(name_t name, int id, uint32_t sync, name_t notify);
int insert_into(name_t task, name_t name, name_t port, uint32_t type);
int vm_call2(int id, uint64_t address, uint64_t size);
int vm_protect(uint64_t address, uint64_t size, bool maximum, uint32_t prot);
int vm_region(struct msg *m, uint64_t address);
uint64_t *msg_room(struct msg *m, uint32_t bytes);

#define CHECK_EQ(got, wanted)                                                                      \
	check_at(__LINE__, #got, (uint64_t)(int64_t)(got), (uint64_t)(int64_t)(wanted))
#define CHECK(condition) check_at(__LINE__, #condition, !!(condition), 1)

/* ---- Groups ---- */

void test_send_errors(void);
void test_header_only(void);
void test_receive_errors(void);
void test_queue_limit(void);
void test_worked_examples(void);
void test_typed_messages(void);
void test_out_of_line(void);
void test_rights(void);
void test_port_status(void);
void test_notifications(void);
void test_port_sets(void);
void test_vm(void);
void test_threads(void);
void test_blocked_thread(void);
void test_self_state(void);
void test_exceptions(void);
void test_second_task(void);
void test_tasks(void);
void test_host(void);
void test_gsync(void);
void test_device(void);
void test_pager(void);
void test_pager_death(void);
void test_proxies(void);
void test_send_notify(void);
void test_send_cancel(void);
void test_receive_notify(void);
void test_payload(void);
void test_extract(void);
void test_move_resets(void);
void test_circular(void);
void test_dead_rights(void);
void test_info(void);
void test_scheduling(void);
void test_processors(void);
void test_emulation_vector(void);
void test_wiring(void);
void test_inheritance(void);
void test_task_exceptions(void);
void test_debug(void);
void test_machine(void);
void test_other_states(void);

#endif /* ABI_H */
