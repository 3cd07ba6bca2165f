/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stress -- messages between tasks that come and go, on as many CPUs as there
 * are. A boot module: `stress --host-port=${host-port} --seconds=N
 * $(task-create) $(task-resume)`.
 *
 * Four tasks, each a copy of this one with a server thread and two client
 * threads, call one another at random: plain, with a port right, too long for
 * the fast path, one way. Every answer is checked. Meanwhile this task
 * terminates one of them now and then and puts a new one in its place. Whoever
 * called the victim gets a dead port or a send-once notification, nothing
 * else. Ends with `stress: N calls, M tasks, 0 failed`.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mach.h>
#include <mach/mach_traps.h>
#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/notify.h>
#include <mach/port.h>
#include <mach/thread_switch.h>

#include "bench.h"

#define TASKS     4
#define CLIENTS   2
#define STACK     16384
#define BODY      3000
#define PEER_NAME 100u /* servers, in every task: small, so slots */

struct packet {
	mach_msg_header_t header;
	union {
		unsigned char bytes[BODY];
		struct {
			mach_msg_type_t type;
			mach_port_name_inlined_t port;
			uint64_t check;
		} right;
	};
};

/* In every task its own. */
static struct packet packets[CLIENTS + 1];
static unsigned char stacks[CLIENTS + 1][STACK] __attribute__((aligned(16)));
static volatile unsigned threads_started;

/* Where the children leave their counts: pages shared with this task. */
struct shared {
	volatile uint64_t calls[TASKS][CLIENTS];
	volatile uint64_t served[TASKS];
	volatile uint32_t failed;
	volatile uint32_t reason;
	volatile uint32_t code;
};

static struct shared *shared;
static unsigned self_index;
static mach_port_name_t peers[TASKS];
static volatile mach_port_name_t own_task;

static void
failed(unsigned reason, unsigned code)
{
	shared->reason = reason;
	shared->code = code;
	shared->failed = 1;
	for (;;)
		thread_switch(0, SWITCH_OPTION_WAIT, 1000);
}

/* -- In the children ------------------------------------------------------------ */

static void
server(void)
{
	struct packet *p = &packets[CLIENTS];
	mach_port_name_t port = peers[self_index];
	mach_msg_return_t mr;

	mr = bench_mach_msg(&p->header, MACH_RCV_MSG, 0, sizeof(*p), port);
	for (;;) {
		if (mr != MACH_MSG_SUCCESS && mr != MACH_SEND_INVALID_DEST)
			failed(1, (unsigned)mr);
		shared->served[self_index]++;
		if (mr != MACH_MSG_SUCCESS || p->header.msgh_remote_port == MACH_PORT_NULL ||
		    p->header.msgh_remote_port == MACH_PORT_DEAD) {
			mr = bench_mach_msg(&p->header, MACH_RCV_MSG, 0, sizeof(*p), port);
			continue;
		}
		/* A right in it is moved back as it is. */
		if ((p->header.msgh_bits & MACH_MSGH_BITS_COMPLEX) &&
		    p->right.type.msgt_name != MACH_MSG_TYPE_PORT_SEND)
			failed(2, p->right.type.msgt_name);
		p->header.msgh_bits = (p->header.msgh_bits & MACH_MSGH_BITS_COMPLEX) |
		    MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(p->header.msgh_bits), 0);
		p->header.msgh_local_port = MACH_PORT_NULL;
		p->header.msgh_id += 100;
		mr = bench_mach_msg(&p->header, MACH_SEND_MSG | MACH_RCV_MSG, p->header.msgh_size,
		    sizeof(*p), port);
	}
}

static uint32_t
dice(uint64_t *state, uint32_t n)
{
	*state = *state * 6364136223846793005ul + 1442695040888963407ul;
	return (uint32_t)(*state >> 33) % n;
}

enum shape { PLAIN, LONG, RIGHT, ONE_WAY, SHAPES };

static mach_msg_size_t
compose(struct packet *p, enum shape shape, uint64_t *state, mach_port_name_t reply)
{
	mach_msg_size_t size = shape == LONG ? 1200 + 8 * dice(state, 200) : 8 * dice(state, 100);

	if (shape == RIGHT) {
		p->right.type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_MAKE_SEND,
			.msgt_size = 64,
			.msgt_inline = TRUE,
			.msgt_number = 1 };
		p->right.port.name = reply;
		p->header.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		return 16;
	}
	for (mach_msg_size_t i = 0; i < size; i++)
		p->bytes[i] = (unsigned char)(*state >> 24) + i;
	return size;
}

static void
check_answer(struct packet *p, enum shape shape, uint64_t state, mach_msg_size_t size,
    mach_port_name_t reply)
{
	if (p->header.msgh_size != size + sizeof(p->header))
		failed(3, p->header.msgh_size);
	if (shape == RIGHT) {
		if (p->right.port.name != reply)
			failed(4, p->right.port.name);
		if (syscall_mach_port_deallocate(own_task, reply) != 0)
			failed(5, reply);
		return;
	}
	for (mach_msg_size_t i = 0; i < size; i++)
		if (p->bytes[i] != (unsigned char)((state >> 24) + i))
			failed(6, i);
}

static void
client(unsigned number)
{
	struct packet *p = &packets[number];
	uint64_t state = bench_tsc() + number;
	mach_port_name_t reply = mach_reply_port();
	mach_msg_return_t mr;

	for (int32_t id = 1;; id = (id + 1) & 0xfffff) {
		enum shape shape = dice(&state, 8);
		mach_port_name_t to = peers[dice(&state, TASKS)];
		mach_msg_size_t size;
		uint64_t before;

		if (shape >= SHAPES)
			shape = PLAIN;
		p->header.msgh_bits = shape == ONE_WAY
		    ? MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0)
		    : MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		p->header.msgh_remote_port = to;
		p->header.msgh_local_port = shape == ONE_WAY ? 0 : reply;
		p->header.msgh_id = 1000 + id;
		size = compose(p, shape, &state, reply);
		before = state;
		mr = bench_mach_msg(&p->header,
		    shape == ONE_WAY ? MACH_SEND_MSG : MACH_SEND_MSG | MACH_RCV_MSG,
		    (mach_msg_size_t)sizeof(p->header) + size, sizeof(*p), reply);
		if (mr == MACH_SEND_INVALID_DEST) {
			/* its task is gone; a new one may come under the name */
			thread_switch(0, SWITCH_OPTION_WAIT, 10);
			continue;
		}
		if (mr != MACH_MSG_SUCCESS)
			failed(7, (unsigned)mr);
		shared->calls[self_index][number]++;
		if (shape == ONE_WAY || p->header.msgh_id == MACH_NOTIFY_SEND_ONCE)
			continue;
		if (p->header.msgh_id != 1100 + id)
			failed(8, (unsigned)p->header.msgh_id);
		check_answer(p, shape, before, size, reply);
	}
}

static void
thread_main(void)
{
	unsigned number = __sync_fetch_and_add(&threads_started, 1);

	own_task = (mach_task_self)();

	if (number == CLIENTS)
		server();
	client(number);
}

/* -- In the parent -------------------------------------------------------------- */

struct child {
	mach_port_name_t task;
	mach_port_name_t port; /* our name of its receive right */
};

static struct child children[TASKS];
static unsigned tasks_made;

/* Every child has a send right for every server, under one and the same name. */
static void
tell_about(unsigned about, unsigned to)
{
	/* There may be a dead name of the one before. */
	(void)syscall_mach_port_deallocate(children[to].task, peers[about]);
	(void)syscall_mach_port_insert_right(
	    children[to].task, peers[about], children[about].port, MACH_MSG_TYPE_COPY_SEND);
}

static void
child_make(unsigned index)
{
	struct child *child = &children[index];
	mach_port_name_t self = bench_task_self();
	unsigned i;

	self_index = index;
	threads_started = 0;
	bench_check("task_create", syscall_task_create(self, TRUE, &child->task));
	bench_check(
	    "port", syscall_mach_port_allocate(self, MACH_PORT_RIGHT_RECEIVE, &child->port));
	bench_check("send",
	    syscall_mach_port_insert_right(
		self, child->port, child->port, MACH_MSG_TYPE_MAKE_SEND));
	bench_check("give",
	    syscall_mach_port_insert_right(
		child->task, peers[index], child->port, MACH_MSG_TYPE_MOVE_RECEIVE));
	for (i = 0; i < TASKS; i++) {
		if (children[i].task != 0) {
			tell_about(index, i);
			if (i != index)
				tell_about(i, index);
		}
	}
	for (i = 0; i <= CLIENTS; i++)
		bench_thread_start(child->task, thread_main, stacks[i] + STACK);
	tasks_made++;
}

static void
child_end(unsigned index)
{
	struct child *child = &children[index];
	mach_port_name_t self = bench_task_self();

	syscall_task_terminate(child->task);
	syscall_mach_port_deallocate(self, child->port);
	syscall_mach_port_deallocate(self, child->task);
	child->task = 0;
}

static uint64_t
total_calls(void)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < TASKS; i++)
		for (unsigned j = 0; j < CLIENTS; j++)
			total += shared->calls[i][j];
	return total;
}

int main(int argc, char **argv);

int
main(int argc, char **argv)
{
	mach_port_name_t host = bench_port_argument(argc, argv, "--host-port=");
	unsigned seconds = bench_port_argument(argc, argv, "--seconds=");
	vm_address_t address = 0;
	uint64_t calls, last = 0;
	unsigned i;

	bench_check(
	    "vm_allocate", syscall_vm_allocate(bench_task_self(), &address, sizeof(*shared), TRUE));
	bench_check("vm_inherit",
	    vm_inherit(bench_task_self(), address, sizeof(*shared), VM_INHERIT_SHARE));
	shared = (struct shared *)address;
	for (i = 0; i < TASKS; i++)
		peers[i] = PEER_NAME + i;
	for (i = 0; i < TASKS; i++)
		child_make(i);
	for (i = 0; i < seconds * 10 && !shared->failed; i++) {
		thread_switch(0, SWITCH_OPTION_WAIT, 100);
		if (i % 3 == 2) {
			child_end((i / 3) % TASKS);
			child_make((i / 3) % TASKS);
		}
		calls = total_calls();
		if (i % 20 == 19) {
			if (calls == last)
				failed(9, i);
			last = calls;
		}
	}
	for (i = 0; i < TASKS; i++)
		child_end(i);
	if (shared->failed)
		bench_print("stress: failed: reason %u code %x\n", shared->reason, shared->code);
	bench_print("stress: %lu calls, %u tasks, %u failed\n", (unsigned long)total_calls(),
	    tasks_made, shared->failed);
	bench_exit(host, (int)shared->failed);
	return 0;
}
