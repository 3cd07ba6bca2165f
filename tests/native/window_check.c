/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * window_check -- what happens to a message between the moment it is the
 * receiver's and the moment it is in its buffer.
 *
 * A boot module: `window_check --host-port=${host-port} [--races=N]
 * [--seed=N] $(task-create) $(task-resume)`. Prints a line for each check that fails, then `window: N
 * passed, M failed`.
 *
 * The buffer lies, whole or in part, in a page of a memory object whose
 * manager is this task. So a message that has been taken for the receiver
 * stops at the first byte it stores there, and stays until we answer
 * memory_object_data_request: the window is as long as we like. In it we do
 * the deed (abort, terminate, unmap, ...), then answer, well or badly or
 * never, and see what everybody got and has.
 *
 * Every kind of message meets every deed under every transport. The outcome
 * must be what `expect` says, the same as by way of kernel buffers, and
 * nothing may be left behind.
 *
 * Where several CPUs are, most kinds meet most deeds once more as races: with
 * memory that is there, sender and deed begin together, one of them a little
 * later each time. Anything may come of that but a leak, a wrong message, or a
 * thread that cannot be ended.
 */
#include <mach.h>
#include <mach/mach_traps.h>
#include <mach/memory_object.h>
#include <mach/portolan.h>
#include <mach/register_ipc.h>
#include <mach/task_special_ports.h>
#include <mach/thread_info.h>
#include <portolan/portolan.h>

#include "bench.h"
#include "check.h"
#include "counts.h"

#define STACK     16384
#define PAGE      4096ul
#define WINDOW    0x220000000000ul /* the manager's page; one of ours before it */
#define ANSWER_ID 100              /* added to the request's id */
#define LIMIT     10               /* ms, of a receiver with a time limit */
#define WORDS     4                /* of a long message */

/* -- Who takes part ------------------------------------------------------------- */

enum role { SERVER, CLIENT, ROLES };

enum kind {
	CALL,
	CALL_SET,       /* to a set */
	QUEUED,         /* there before the receiver is */
	QUEUED_SET,     /* that too, in a set */
	CALL_RIGHT,     /* with a port right */
	CALL_MEMORY,    /* with memory out of line */
	NOTE,           /* no reply wanted */
	REPLY,          /* the client is the receiver */
	REPLY_RIGHT,    /* that too */
	REPLY_ALONE,    /* by a server that does not wait */
	RAISE,          /* an exception */
	KERNEL,         /* the kernel's answer */
	TO_REGISTERS,   /* a message for reply_wait */
	FROM_REGISTERS, /* a call in registers for mach_msg */
	KINDS,
	REGISTERS = KINDS, /* call and reply_wait: no buffer, races alone */
};

static const char *const kind_names[KINDS] = { "call", "call to a set", "queued", "queued in a set",
	"call with a right", "call with memory", "note", "reply", "reply with a right",
	"reply alone", "exception", "kernel", "to registers", "from registers" };

static enum role
receiver_of(enum kind kind)
{
	return kind == REPLY || kind == REPLY_RIGHT || kind == REPLY_ALONE || kind == KERNEL
	    ? CLIENT
	    : SERVER;
}

static bool
is_to_set(enum kind kind)
{
	return kind == CALL_SET || kind == QUEUED_SET;
}

enum stage { IDLE, ENTERED, PARKED };

union message {
	mach_msg_header_t head;
	uint64_t words[32];
};

/* What a thread has to do and what became of it; shared memory. */
struct actor {
	volatile uint32_t stage;
	enum kind kind;
	mach_port_name_t port, set; /* receive right, and a set it may be in */
	mach_port_name_t to;        /* send right */
	uint64_t buffer;            /* of the receiver */
	uint32_t limit;             /* ms, 0: none */
	volatile uint32_t go;       /* of a client that races: not 0 */
	uint32_t delay;             /* and so much later */
	mach_msg_return_t mr, answer_mr;
	mach_msg_header_t head; /* what came */
	uint64_t sum;           /* and its body */
};

static struct actor *actors;
static unsigned char stacks[ROLES][STACK] __attribute__((aligned(16)));

/* -- Messages ---------------------------------------------------------------------- */

static uint64_t
descriptor(unsigned name, unsigned number)
{
	return (uint64_t)number << 32 | 1ul << 29 | 64u << 8 | name;
}

/* `words` numbers, behind a right or a region if the kind has one. */
static mach_msg_size_t
put_body(union message *m, unsigned words, mach_port_name_t right, mach_msg_type_name_t type)
{
	unsigned at = 4;

	if (type != 0) {
		m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		m->words[at++] = descriptor(type, 1);
		m->words[at++] = right;
	}
	for (unsigned i = 0; i < words; i++) {
		m->words[at++] = descriptor(MACH_MSG_TYPE_INTEGER_64, 1);
		m->words[at++] = 0x1234567890ul * (i + 1);
	}
	return 8 * at;
}

/* Two words of our own stack page, out of line. */
static mach_msg_size_t
put_memory(union message *m, mach_msg_size_t size)
{
	static const uint64_t data[2] = { 5, 6 };

	m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	m->words[size / 8] = 2ul << 32 | 64u << 8 | MACH_MSG_TYPE_INTEGER_64;
	m->words[size / 8 + 1] = (uint64_t)data;
	return size + 16;
}

static void
put_head(union message *m, uint32_t bits, mach_port_name_t to, mach_port_name_t reply, int id)
{
	m->head = (mach_msg_header_t) {
		.msgh_bits = bits,
		.msgh_remote_slot = to,
		.msgh_protected_payload = reply,
		.msgh_id = id,
	};
}

/* What came, for the others to see; names of rights apart. */
static void
note_message(struct actor *self, const union message *m)
{
	unsigned count = m->head.msgh_size / 8;

	self->head = m->head;
	self->head.msgh_remote_slot = m->head.msgh_remote_slot != 0;
	if (self->head.msgh_id == 2400)
		count = 4; /* names of a thread and a task */
	for (unsigned i = 4; i < count; i += 2) {
		self->sum = self->sum * 31 + m->words[i];
		if (!(m->head.msgh_bits & MACH_MSGH_BITS_COMPLEX) || i != 4)
			self->sum = self->sum * 31 + m->words[i + 1];
	}
}

/* -- Threads in their tasks: bare traps only ------------------------------------------ */

static _Noreturn void
park(struct actor *self)
{
	__atomic_store_n(&self->stage, PARKED, __ATOMIC_SEQ_CST);
	for (;;)
		rest(100000);
}

static void
await_go(const struct actor *self)
{
	for (unsigned turn = 1; !self->go; turn++)
		if (turn % 1000 == 0)
			(void)swtch();
	for (volatile uint32_t i = 0; i < self->delay; i++)
		;
}

/* Receive in the window, by mach_msg. */
static mach_msg_return_t
receive(struct actor *self, union message *m)
{
	mach_msg_option_t option = MACH_RCV_MSG | (self->limit != 0 ? MACH_RCV_TIMEOUT : 0);

	return mach_msg_trap(&m->head, option, 0, sizeof(*m),
	    is_to_set(self->kind) ? self->set : self->port, self->limit, MACH_PORT_NULL);
}

static mach_msg_return_t
receive_registers(struct actor *self, union message *m)
{
	struct mach_register_message words = { 0 };
	mach_msg_return_t mr =
	    mach_register_reply_wait_trap(MACH_PORT_NULL, self->port, &words, &m->head, sizeof(*m));

	if (mr == MACH_REGISTER_FORBIDDEN)
		return receive(self, m);
	return mr == MACH_REGISTER_MESSAGE ? MACH_MSG_SUCCESS : mr;
}

/* The request's answer, by a message of its own. */
static mach_msg_return_t
send_answer(const union message *request)
{
	union message m;
	mach_msg_size_t size;
	bool raised = request->head.msgh_id == 2400;

	put_head(&m, MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0),
	    (mach_port_name_t)request->head.msgh_remote_slot, MACH_PORT_NULL,
	    request->head.msgh_id + ANSWER_ID);
	size = put_body(&m, 1, 0, 0);
	if (raised) {
		m.words[4] = 1ul << 32 | 1ul << 29 | 32u << 8 | MACH_MSG_TYPE_INTEGER_32;
		m.words[5] = KERN_SUCCESS;
	}
	return bench_mach_msg(&m.head, MACH_SEND_MSG, size, 0, MACH_PORT_NULL);
}

/* Wait for a request in the window and answer it. */
static void
server_receives(struct actor *self)
{
	union message *m = (union message *)self->buffer;

	__atomic_store_n(&self->stage, ENTERED, __ATOMIC_SEQ_CST);
	self->mr = self->kind == TO_REGISTERS ? receive_registers(self, m) : receive(self, m);
	if (self->mr == MACH_MSG_SUCCESS) {
		note_message(self, m);
		if (m->head.msgh_remote_slot != MACH_PORT_NULL)
			self->answer_mr = send_answer(m);
	}
	park(self);
}

/* Wait for a request and send a long answer to who receives in the window. */
static void
server_replies(struct actor *self)
{
	union message m = { .words = { 0 } };
	mach_msg_size_t size;

	__atomic_store_n(&self->stage, ENTERED, __ATOMIC_SEQ_CST);
	self->mr = bench_mach_msg(&m.head, MACH_RCV_MSG, 0, sizeof(m), self->port);
	if (self->mr == MACH_MSG_SUCCESS) {
		put_head(&m, MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0),
		    (mach_port_name_t)m.head.msgh_remote_slot, MACH_PORT_NULL,
		    m.head.msgh_id + ANSWER_ID);
		size = put_body(
		    &m, WORDS, self->port, self->kind == REPLY_RIGHT ? MACH_MSG_TYPE_MAKE_SEND : 0);
		self->answer_mr = bench_mach_msg(&m.head,
		    MACH_SEND_MSG | (self->kind == REPLY_ALONE ? 0 : MACH_RCV_MSG), size, sizeof(m),
		    self->port);
	}
	park(self);
}

/* One call in registers, answered there, and a wait for another. */
static void
server_in_registers(struct actor *self)
{
	struct mach_register_message words = { 0 };
	union message m;

	__atomic_store_n(&self->stage, ENTERED, __ATOMIC_SEQ_CST);
	self->mr =
	    mach_register_reply_wait_trap(MACH_PORT_NULL, self->port, &words, &m.head, sizeof(m));
	words.label += ANSWER_ID;
	if (self->mr == MACH_MSG_SUCCESS)
		self->answer_mr = mach_register_reply_wait_trap(
		    words.reply, self->port, &words, &m.head, sizeof(m));
	park(self);
}

static void
server(struct actor *self)
{
	if (self->kind == REGISTERS)
		server_in_registers(self);
	if (receiver_of(self->kind) == SERVER)
		server_receives(self);
	else
		server_replies(self);
}

static mach_msg_size_t
make_request(const struct actor *self, union message *m)
{
	mach_msg_size_t size;

	put_head(m, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), self->to,
	    self->port, 1000);
	if (self->kind == KERNEL) {
		m->head.msgh_id = 3201; /* mach_port_type */
		m->words[4] = 1ul << 32 | 1ul << 29 | 32u << 8 | MACH_MSG_TYPE_PORT_NAME;
		m->words[5] = self->port;
		return 48;
	}
	if (self->kind == NOTE) {
		m->head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
		m->head.msgh_protected_payload = MACH_PORT_NULL;
	}
	size = put_body(m, receiver_of(self->kind) == CLIENT ? 1 : WORDS, self->port,
	    self->kind == CALL_RIGHT ? MACH_MSG_TYPE_MAKE_SEND : 0);
	return self->kind == CALL_MEMORY ? put_memory(m, size) : size;
}

/* A call in registers, or the message it stands for. */
static void
client_calls_in_registers(struct actor *self)
{
	struct mach_register_message words = {
		.label = MACH_REGISTER_LABEL(1000,
		    MACH_REGISTER_TYPE(0, MACH_REGISTER_INTEGER_64) |
			MACH_REGISTER_TYPE(1, MACH_REGISTER_INTEGER_64) |
			MACH_REGISTER_TYPE(2, MACH_REGISTER_INTEGER_64) |
			MACH_REGISTER_TYPE(3, MACH_REGISTER_INTEGER_64)),
	};
	mach_msg_return_t mr;
	union message m;

	for (unsigned i = 0; i < WORDS; i++)
		words.words[i] = 0x1234567890ul * (i + 1);
	__atomic_store_n(&self->stage, ENTERED, __ATOMIC_SEQ_CST);
	await_go(self);
	mr = mach_register_call_trap(self->to, self->port, &words);
	if (mr == MACH_REGISTER_FORBIDDEN) {
		mach_msg_size_t size = make_request(self, &m);

		mr = bench_mach_msg(
		    &m.head, MACH_SEND_MSG | MACH_RCV_MSG, size, sizeof(m), self->port);
		if (mr == MACH_MSG_SUCCESS && m.head.msgh_id == MACH_NOTIFY_SEND_ONCE)
			mr = MIG_SERVER_DIED;
		words.label = (uint32_t)m.head.msgh_id;
		words.words[0] = m.words[5];
	}
	self->mr = mr;
	if (mr == MACH_MSG_SUCCESS) {
		self->head.msgh_id = MACH_REGISTER_ID(words.label);
		self->sum = words.words[0];
	}
	park(self);
}

static void
client(struct actor *self)
{
	union message own, *m = &own;
	mach_msg_option_t option = MACH_SEND_MSG | MACH_RCV_MSG;

	if (self->kind == FROM_REGISTERS || self->kind == REGISTERS)
		client_calls_in_registers(self);
	if (receiver_of(self->kind) == CLIENT)
		m = (union message *)self->buffer;
	if (self->limit != 0)
		option |= MACH_RCV_TIMEOUT;
	__atomic_store_n(&self->stage, ENTERED, __ATOMIC_SEQ_CST);
	await_go(self);
	if (self->kind == RAISE)
		__asm__ volatile("int3" : : : "memory");
	else
		self->mr = mach_msg_trap(&m->head, option, make_request(self, m), sizeof(*m),
		    self->port, self->limit, MACH_PORT_NULL);
	if (self->mr == MACH_MSG_SUCCESS && self->kind != RAISE)
		note_message(self, m);
	park(self);
}

/* -- A world: two tasks and the page between them and us -------------------------------- */

struct side {
	mach_port_name_t task, thread;
};

struct world {
	enum kind kind;
	enum role receiver, sender;
	struct side sides[ROLES];
	mach_port_name_t object;        /* the manager's port */
	mach_port_name_t control, name; /* the kernel's */
	mach_port_name_t taken;         /* a receive right that we moved here */
	bool asked;                     /* for the page */
	bool over;                      /* with the manager */
};

/* A message of the kernel to the manager. */
struct asked {
	union {
		mach_msg_header_t head;
		uint64_t words[32];
	};
};

static mach_msg_return_t
manager_receive(const struct world *w, struct asked *m, unsigned ms)
{
	return mach_msg_trap(&m->head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(*m), w->object,
	    ms, MACH_PORT_NULL);
}

static void
map_window(struct world *w, mach_port_name_t task)
{
	vm_address_t window = WINDOW, before = WINDOW - PAGE;
	struct asked m;

	CHECK_EQ(vm_allocate(task, &before, PAGE, FALSE), KERN_SUCCESS);
	w->object = port_new();
	CHECK_EQ(vm_map(task, &window, PAGE, 0, FALSE, w->object, 0, FALSE, VM_PROT_DEFAULT,
		     VM_PROT_ALL, VM_INHERIT_NONE),
	    KERN_SUCCESS);
	if (!CHECK_EQ(manager_receive(w, &m, CHECK_PATIENCE), MACH_MSG_SUCCESS))
		return;
	CHECK_EQ(m.head.msgh_id, 2200);
	w->control = (mach_port_name_t)m.words[5];
	w->name = (mach_port_name_t)m.words[7];
	CHECK_EQ(memory_object_ready(w->control, FALSE, MEMORY_OBJECT_COPY_NONE), KERN_SUCCESS);
}

static void
make_side(struct world *w, enum role role)
{
	struct side *side = &w->sides[role];
	struct actor *actor = &actors[role];

	*actor = (struct actor) { .kind = w->kind, .go = 1 };
	CHECK_EQ(syscall_task_create(me(), TRUE, &side->task), KERN_SUCCESS);
	CHECK_EQ(mach_port_allocate(side->task, MACH_PORT_RIGHT_RECEIVE, &actor->port), 0);
	CHECK_EQ(mach_port_allocate(side->task, MACH_PORT_RIGHT_PORT_SET, &actor->set), 0);
	if (is_to_set(w->kind) && role == SERVER)
		CHECK_EQ(mach_port_move_member(side->task, actor->port, actor->set), 0);
	side->thread = thread_new(
	    side->task, role == SERVER ? server : client, stacks[role] + STACK, (uint64_t)actor, 0);
}

/* A send right for the server's port, by a name a slot has, to the client. */
static void
introduce(struct world *w)
{
	mach_port_name_t send;
	mach_msg_type_name_t type;

	if (w->kind == KERNEL)
		send = w->sides[CLIENT].task;
	else
		CHECK_EQ(mach_port_extract_right(w->sides[SERVER].task, actors[SERVER].port,
			     MACH_MSG_TYPE_MAKE_SEND, &send, &type),
		    KERN_SUCCESS);
	if (w->kind == RAISE) {
		CHECK_EQ(task_set_special_port(w->sides[CLIENT].task, TASK_EXCEPTION_PORT, send),
		    KERN_SUCCESS);
	} else {
		actors[CLIENT].to = 100;
		CHECK_EQ(mach_port_insert_right(
			     w->sides[CLIENT].task, 100, send, MACH_MSG_TYPE_COPY_SEND),
		    KERN_SUCCESS);
	}
	if (w->kind != KERNEL)
		drop(send);
}

/* The receiver's buffer: whole in the window, or its last words only. */
static uint64_t
buffer_of(enum kind kind, bool whole)
{
	if (receiver_of(kind) == CLIENT)
		return WINDOW - 48; /* the request lies before it */
	return whole ? WINDOW : WINDOW - 64;
}

static bool
is_waiting(mach_port_name_t thread)
{
	mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;
	struct thread_basic_info info;

	/* a dead one does nothing either */
	return thread_info(thread, THREAD_BASIC_INFO, (thread_info_t)&info, &count) !=
	    KERN_SUCCESS ||
	    info.run_state == TH_STATE_WAITING || info.run_state == TH_STATE_STOPPED ||
	    info.suspend_count != 0;
}

static void
await_waiting(mach_port_name_t thread, const struct actor *actor)
{
	for (unsigned turn = 0; turn < 100000; turn++) {
		if (actor->stage != IDLE && is_waiting(thread))
			return;
		(void)swtch();
	}
	CHECK(false);
}

static void
world_make(struct world *w, enum kind kind, bool whole, bool timed)
{
	*w = (struct world) { .kind = kind, .receiver = receiver_of(kind) };
	w->sender = w->receiver == SERVER ? CLIENT : SERVER;
	make_side(w, SERVER);
	make_side(w, CLIENT);
	introduce(w);
	actors[w->receiver].buffer = buffer_of(kind, whole);
	actors[w->receiver].limit = timed ? LIMIT : 0;
}

/* Start both; true once the receiver stands in the window. */
static bool
enter_window(struct world *w)
{
	enum role first = w->kind == QUEUED || w->kind == QUEUED_SET ? CLIENT : SERVER;
	struct asked m;

	CHECK_EQ(thread_resume(w->sides[first].thread), KERN_SUCCESS);
	await_waiting(w->sides[first].thread, &actors[first]);
	CHECK_EQ(thread_resume(w->sides[first == SERVER ? CLIENT : SERVER].thread), KERN_SUCCESS);
	if (!CHECK_EQ(manager_receive(w, &m, CHECK_PATIENCE), MACH_MSG_SUCCESS))
		return false;
	w->asked = true;
	if (!CHECK_EQ(m.head.msgh_id, 2203) || !CHECK_EQ(m.words[5], w->control))
		return false;
	/* the sender has come to its wait as well, on whatever CPU it is */
	if (w->kind != KERNEL)
		await_waiting(w->sides[w->sender].thread, &actors[w->sender]);
	return true;
}

/* What the manager got when the last mapping went: both rights are ours. */
static void
manager_end(struct world *w)
{
	struct asked m;

	if (w->control == MACH_PORT_NULL)
		return;
	while (!w->over) {
		if (!CHECK_EQ(manager_receive(w, &m, CHECK_PATIENCE), MACH_MSG_SUCCESS))
			break;
		if (m.head.msgh_id == 2208)
			CHECK_EQ(vm_deallocate(me(), m.words[9], PAGE), KERN_SUCCESS);
		w->over = m.head.msgh_id == 2201;
	}
	port_end(w->control);
	if (w->name != MACH_PORT_NULL)
		port_end(w->name);
	if (w->object != MACH_PORT_NULL)
		port_end(w->object);
}

static void
world_end(struct world *w)
{
	for (unsigned i = 0; i < ROLES; i++) {
		(void)syscall_task_terminate(w->sides[i].task);
		CHECK(await_death(w->sides[i].task));
		CHECK(await_death(w->sides[i].thread));
		drop(w->sides[i].task);
		drop(w->sides[i].thread);
	}
	manager_end(w);
	if (w->taken != MACH_PORT_NULL)
		port_end(w->taken);
}

/* -- Answers of the manager ----------------------------------------------------------------- */

static void
supply(struct world *w)
{
	static unsigned char page[PAGE] __attribute__((aligned(PAGE)));

	(void)memory_object_data_supply(
	    w->control, 0, (vm_offset_t)page, PAGE, FALSE, VM_PROT_NONE, FALSE, MACH_PORT_NULL);
}

static void
answer_zero(struct world *w)
{
	(void)memory_object_data_unavailable(w->control, 0, PAGE);
}

static void
answer_error(struct world *w)
{
	(void)memory_object_data_error(w->control, 0, PAGE, KERN_FAILURE);
}

/* -- Deeds ------------------------------------------------------------------------------------ */

static mach_port_name_t
task_of(const struct world *w, enum role role)
{
	return w->sides[role].task;
}

static void
late(struct world *w)
{
	rest(2 * LIMIT);
}

static void
unmap(struct world *w)
{
	CHECK_EQ(vm_deallocate(task_of(w, w->receiver), WINDOW, PAGE), KERN_SUCCESS);
}

static void
protect(struct world *w)
{
	CHECK_EQ(
	    vm_protect(task_of(w, w->receiver), WINDOW, PAGE, FALSE, VM_PROT_READ), KERN_SUCCESS);
}

static void
manager_dies(struct world *w)
{
	port_end(w->object);
	w->object = MACH_PORT_NULL;
	w->over = true;
}

static void
give_up_object(struct world *w)
{
	CHECK_EQ(memory_object_destroy(w->control, KERN_FAILURE), KERN_SUCCESS);
}

static void
abort_receiver(struct world *w)
{
	CHECK_EQ(thread_abort(w->sides[w->receiver].thread), KERN_SUCCESS);
}

static void
suspend(struct world *w)
{
	CHECK_EQ(thread_suspend(w->sides[w->receiver].thread), KERN_SUCCESS);
	supply(w);
	rest(2 * LIMIT);
	CHECK_EQ(actors[w->receiver].stage, ENTERED);
	CHECK_EQ(thread_resume(w->sides[w->receiver].thread), KERN_SUCCESS);
}

static void
suspend_task(struct world *w)
{
	CHECK_EQ(task_suspend(task_of(w, w->receiver)), KERN_SUCCESS);
	supply(w);
	rest(2 * LIMIT);
	CHECK_EQ(actors[w->receiver].stage, ENTERED);
	CHECK_EQ(task_resume(task_of(w, w->receiver)), KERN_SUCCESS);
}

/* Without an answer. */
static void
terminate(struct world *w)
{
	CHECK_EQ(thread_terminate(w->sides[w->receiver].thread), KERN_SUCCESS);
	CHECK(await_death(w->sides[w->receiver].thread));
}

static void
terminate_task(struct world *w)
{
	CHECK_EQ(task_terminate(task_of(w, w->receiver)), KERN_SUCCESS);
	CHECK(await_death(w->sides[w->receiver].thread));
}

static void
destroy_port(struct world *w)
{
	CHECK_EQ(mach_port_destroy(task_of(w, w->receiver), actors[w->receiver].port), 0);
}

static void
move_port(struct world *w)
{
	mach_msg_type_name_t type;

	CHECK_EQ(mach_port_extract_right(task_of(w, w->receiver), actors[w->receiver].port,
		     MACH_MSG_TYPE_MOVE_RECEIVE, &w->taken, &type),
	    KERN_SUCCESS);
}

/* Into the set, out of it if it is there, or with its end. */
static void
change_set(struct world *w)
{
	const struct actor *actor = &actors[w->receiver];

	if (is_to_set(w->kind))
		CHECK_EQ(mach_port_destroy(task_of(w, w->receiver), actor->set), KERN_SUCCESS);
	else
		CHECK_EQ(mach_port_move_member(task_of(w, w->receiver), actor->port, actor->set),
		    KERN_SUCCESS);
}

/* The place where the sender waits for an answer. */
static void
destroy_reply(struct world *w)
{
	CHECK_EQ(mach_port_destroy(task_of(w, w->sender), actors[w->sender].port), KERN_SUCCESS);
}

static void
abort_sender(struct world *w)
{
	CHECK_EQ(thread_abort(w->sides[w->sender].thread), KERN_SUCCESS);
}

static void
terminate_sender(struct world *w)
{
	CHECK_EQ(thread_terminate(w->sides[w->sender].thread), KERN_SUCCESS);
}

static void
terminate_sender_task(struct world *w)
{
	CHECK_EQ(task_terminate(task_of(w, w->sender)), KERN_SUCCESS);
}

/* What the receiver gets. */
enum end { MESSAGE, NO_DATA, DEAD };

static const struct deed {
	const char *name;
	void (*deed)(struct world *w);
	void (*then)(struct world *w);
	enum end end;
	bool sender; /* it befalls the sender, who gets no answer */
	bool timed;  /* the receiver has a time limit, long past */
} deeds[] = {
	{ "late", late, supply, MESSAGE, false, false },
	{ "time is up", late, supply, MESSAGE, false, true },
	{ "zero fill", NULL, answer_zero, MESSAGE, false, false },
	{ "error", NULL, answer_error, NO_DATA, false, false },
	{ "manager dies", manager_dies, NULL, NO_DATA, false, false },
	{ "object destroyed", give_up_object, NULL, NO_DATA, false, false },
	{ "unmapped", unmap, supply, NO_DATA, false, false },
	{ "read-only", protect, supply, NO_DATA, false, false },
	{ "aborted", abort_receiver, supply, NO_DATA, false, false },
	{ "suspended", suspend, NULL, MESSAGE, false, false },
	{ "task suspended", suspend_task, NULL, MESSAGE, false, false },
	{ "terminated", terminate, supply, DEAD, false, false },
	{ "task terminated", terminate_task, supply, DEAD, false, false },
	{ "port destroyed", destroy_port, supply, MESSAGE, false, false },
	{ "port moved", move_port, supply, MESSAGE, false, false },
	{ "set changed", change_set, supply, MESSAGE, false, false },
	{ "reply port destroyed", destroy_reply, supply, MESSAGE, true, false },
	{ "sender aborted", abort_sender, supply, MESSAGE, true, false },
	{ "sender terminated", terminate_sender, supply, MESSAGE, true, false },
	{ "sender's task terminated", terminate_sender_task, supply, MESSAGE, true, false },
};

#define DEEDS (sizeof(deeds) / sizeof(deeds[0]))

/* It befalls a sender that is not there; or is seen but once a second. */
static bool
is_spared(enum kind kind, const struct deed *deed)
{
	return (deed->sender && kind == KERNEL) ||
	    (deed->deed == manager_dies && kind != CALL && kind != REPLY && kind != RAISE);
}

/* -- Outcomes ------------------------------------------------------------------------------------ */

enum { RECEIVE, SEND, ONCE, DEAD_NAME, SET, RIGHTS };

static const mach_port_type_t right_types[RIGHTS] = { MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND,
	MACH_PORT_TYPE_SEND_ONCE, MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_PORT_SET };

/* Of one of the two; nothing in it is a name that the kernel chose. */
struct outcome_side {
	uint32_t stage;
	mach_msg_return_t mr, answer_mr;
	uint32_t bits, size, seqno;
	int32_t id;
	uint64_t sum, remote, local;
	uint32_t rights[RIGHTS], refs; /* of its task */
	uint32_t port_seqno, port_queued, port_sonce, port_in_set;
};

struct outcome {
	struct outcome_side sides[ROLES];
};

static struct outcome buffered[KINDS][DEEDS];

static void
count_rights(mach_port_name_t task, struct outcome_side *out)
{
	mach_msg_type_number_t names_count = 0, types_count = 0;
	mach_port_name_array_t names = NULL;
	mach_port_type_array_t types = NULL;
	mach_port_urefs_t refs;

	if (mach_port_names(task, &names, &names_count, &types, &types_count) != KERN_SUCCESS)
		return;
	for (unsigned i = 0; i < names_count; i++) {
		for (unsigned type = 0; type < RIGHTS; type++)
			out->rights[type] += (types[i] & right_types[type]) != 0;
		if ((types[i] & (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DEAD_NAME)) &&
		    mach_port_get_refs(task, names[i],
			types[i] & MACH_PORT_TYPE_SEND ? MACH_PORT_RIGHT_SEND
						       : MACH_PORT_RIGHT_DEAD_NAME,
			&refs) == KERN_SUCCESS)
			out->refs += refs;
	}
	(void)vm_deallocate(me(), (vm_address_t)names, names_count * sizeof(*names));
	(void)vm_deallocate(me(), (vm_address_t)types, types_count * sizeof(*types));
}

static void
see_side(const struct world *w, enum role role, struct outcome_side *out)
{
	const struct actor *actor = &actors[role];
	mach_port_status_t status;

	*out = (struct outcome_side) {
		.stage = actor->stage,
		.mr = actor->mr,
		.answer_mr = actor->answer_mr,
		.bits = actor->head.msgh_bits,
		.size = actor->head.msgh_size,
		.seqno = actor->head.msgh_seqno,
		.id = actor->head.msgh_id,
		.sum = actor->sum,
		.remote = actor->head.msgh_remote_slot,
		.local = actor->head.msgh_protected_payload,
	};
	/* A dead thread's result may or may not have been written. */
	if (is_dead(w->sides[role].thread))
		out->mr = out->answer_mr = 0;
	count_rights(w->sides[role].task, out);
	if (mach_port_get_receive_status(w->sides[role].task, actor->port, &status) ==
	    KERN_SUCCESS) {
		out->port_seqno = status.mps_seqno;
		out->port_queued = status.mps_msgcount;
		out->port_sonce = status.mps_sorights;
		out->port_in_set = status.mps_pset != MACH_PORT_NULL;
	}
}

static void
await_rest(const struct world *w)
{
	for (unsigned turn = 0, still = 0; turn < 1000 && still < 2; turn++) {
		still = is_waiting(w->sides[SERVER].thread) && is_waiting(w->sides[CLIENT].thread)
		    ? still + 1
		    : 0;
		(void)swtch();
	}
}

/* Wait for everybody, and look. */
static void
see(const struct world *w, enum end end, struct outcome *out)
{
	if (end != DEAD)
		CHECK(await_value(&actors[w->receiver].stage, PARKED));
	await_rest(w);
	see_side(w, SERVER, &out->sides[SERVER]);
	see_side(w, CLIENT, &out->sides[CLIENT]);
}

static void
tell_side(const char *what, const struct outcome_side *o)
{
	bench_print(
	    "     %s: stage %u mr %x/%x bits %x size %u id %d seqno %u remote %lu sum %lx\n", what,
	    o->stage, (unsigned)o->mr, (unsigned)o->answer_mr, o->bits, o->size, o->id, o->seqno,
	    (unsigned long)o->remote, (unsigned long)o->sum);
	bench_print(
	    "       rights %u %u %u %u %u refs %u port seqno %u queued %u sonce %u set %u\n",
	    o->rights[0], o->rights[1], o->rights[2], o->rights[3], o->rights[4], o->refs,
	    o->port_seqno, o->port_queued, o->port_sonce, o->port_in_set);
}

static void
compare(const struct outcome *got, const struct outcome *wanted)
{
	static const char *const roles[ROLES] = { "server", "client" };

	for (unsigned i = 0; i < ROLES; i++) {
		bool same =
		    __builtin_memcmp(&got->sides[i], &wanted->sides[i], sizeof(got->sides[i])) == 0;

		if (CHECK(same))
			continue;
		tell_side(roles[i], &got->sides[i]);
		tell_side("buffered", &wanted->sides[i]);
	}
}

/* Apart from all comparing. */
static void
expect(const struct world *w, const struct deed *deed, const struct outcome *out)
{
	const struct outcome_side *to = &out->sides[w->receiver], *from = &out->sides[w->sender];
	bool answered = w->kind != NOTE && w->receiver == SERVER;

	if (deed->end == DEAD) {
		CHECK_EQ(to->stage, ENTERED);
		/* the reply right may live on in the dead one's task */
		CHECK(w->receiver == CLIENT || w->kind == RAISE || from->stage == ENTERED ||
		    from->id == MACH_NOTIFY_SEND_ONCE || from->mr == MIG_SERVER_DIED);
		return;
	}
	CHECK_EQ(to->mr, deed->end == MESSAGE ? MACH_MSG_SUCCESS : MACH_RCV_INVALID_DATA);
	if (deed->end != MESSAGE)
		return;
	CHECK_EQ(to->port_queued, 0);
	if (answered && !deed->sender) {
		CHECK_EQ(to->answer_mr, MACH_MSG_SUCCESS);
		CHECK_EQ(from->mr, MACH_MSG_SUCCESS);
		CHECK_EQ(from->stage, PARKED);
		CHECK(w->kind == RAISE || from->id == 1000 + ANSWER_ID);
	}
}

/* -- All of it -------------------------------------------------------------------------------------- */

static void
one_case(enum kind kind, unsigned which, bool reference)
{
	const struct deed *deed = &deeds[which];
	struct outcome out;
	struct world w;

	world_make(&w, kind, (kind + which) & 1, deed->timed);
	map_window(&w, task_of(&w, w.receiver));
	if (enter_window(&w)) {
		if (deed->deed != NULL)
			deed->deed(&w);
		if (deed->then != NULL)
			deed->then(&w);
		see(&w, deed->end, &out);
		expect(&w, deed, &out);
		if (reference)
			buffered[kind][which] = out;
		else
			compare(&out, &buffered[kind][which]);
	}
	world_end(&w);
}

/* -- Races ------------------------------------------------------------------------------------------ */

static void
stop_receiver(struct world *w)
{
	CHECK_EQ(thread_suspend(w->sides[w->receiver].thread), KERN_SUCCESS);
	CHECK_EQ(thread_resume(w->sides[w->receiver].thread), KERN_SUCCESS);
}

static void
stop_sender(struct world *w)
{
	CHECK_EQ(thread_suspend(w->sides[w->sender].thread), KERN_SUCCESS);
	CHECK_EQ(thread_resume(w->sides[w->sender].thread), KERN_SUCCESS);
}

static void (*const race_deeds[])(struct world *w) = { unmap, protect, abort_receiver,
	stop_receiver, terminate, terminate_task, destroy_port, move_port, change_set,
	destroy_reply, abort_sender, stop_sender, terminate_sender, terminate_sender_task };

#define RACE_DEEDS (sizeof(race_deeds) / sizeof(race_deeds[0]))

static const enum kind race_kinds[] = { CALL, CALL_SET, CALL_RIGHT, NOTE, REPLY, REPLY_ALONE, RAISE,
	TO_REGISTERS, FROM_REGISTERS, REGISTERS };

#define RACE_KINDS (sizeof(race_kinds) / sizeof(race_kinds[0]))

static uint64_t dice_state = 1;

static uint32_t
dice(uint32_t n)
{
	dice_state = dice_state * 6364136223846793005ul + 1442695040888963407ul;
	return (uint32_t)(dice_state >> 33) % n;
}

/* What the client has, if it has anything, is the answer or a notice. */
static void
check_race(const struct world *w)
{
	const struct actor *actor = &actors[CLIENT];

	if (w->kind == RAISE || actor->stage != PARKED || actor->mr != MACH_MSG_SUCCESS)
		return;
	CHECK(actor->head.msgh_id == 1000 + ANSWER_ID ||
	    actor->head.msgh_id == MACH_NOTIFY_SEND_ONCE);
}

static void
one_race(enum kind kind, void (*deed)(struct world *w))
{
	vm_address_t before = WINDOW - PAGE;
	struct world w;

	world_make(&w, kind, false, false);
	CHECK_EQ(vm_allocate(task_of(&w, w.receiver), &before, 2 * PAGE, FALSE), KERN_SUCCESS);
	actors[CLIENT].go = 0;
	actors[CLIENT].delay = dice(1u << (4 + dice(10)));
	CHECK_EQ(thread_resume(w.sides[SERVER].thread), KERN_SUCCESS);
	await_waiting(w.sides[SERVER].thread, &actors[SERVER]);
	CHECK_EQ(thread_resume(w.sides[CLIENT].thread), KERN_SUCCESS);
	CHECK(await_value(&actors[CLIENT].stage, ENTERED));
	__atomic_store_n(&actors[CLIENT].go, 1, __ATOMIC_SEQ_CST);
	for (volatile uint32_t i = dice(1u << dice(10)); i > 0; i--)
		;
	deed(&w);
	await_rest(&w);
	check_race(&w);
	world_end(&w);
}

static const struct counts_row rows[] = { COUNTS_IPC, COUNTS_VM,
	{ PORTOLAN_COUNT_OBJECTS, "objects", 2 } };

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void
one_kind(mach_port_name_t host, const char *mode, enum kind kind, bool reference)
{
	portolan_counts_data_t before, after;
	unsigned bad = check_failed, names;

	CHECK(counts_settle(host, before, rows, ROWS));
	names = names_held();
	for (unsigned i = 0; i < DEEDS; i++) {
		unsigned bad_before = check_failed;

		if (is_spared(kind, &deeds[i]))
			continue;
		one_case(kind, i, reference);
		if (check_failed != bad_before)
			bench_print("window: %s: %s: %s\n", mode, kind_names[kind], deeds[i].name);
	}
	CHECK_EQ(names_held(), names);
	if (!CHECK(counts_return(host, before, after, rows, ROWS)))
		counts_tell(before, after, rows, ROWS);
	if (check_failed != bad)
		bench_print("window: %s: %s: failed\n", mode, kind_names[kind]);
}

static void
one_mode(mach_port_name_t host, const char *name, int mode)
{
	uint64_t before = counts_ipc("HANDOFF_UNDONE"), undone;

	check_about = name;
	CHECK_EQ(bench_ipc_mode_set(host, mode), KERN_SUCCESS);
	one_case(CALL, 0, true); /* what stays, stays from now on */
	for (enum kind kind = 0; kind < KINDS; kind++)
		one_kind(host, name, kind, mode == PORTOLAN_IPC_BUFFERED);
	undone = counts_ipc("HANDOFF_UNDONE") - before;
	bench_print("window: %s: %lu messages stood in the window of the handoff path\n", name,
	    (unsigned long)undone);
	if (mode & PORTOLAN_IPC_HANDOFF)
		CHECK(undone > 100);
	else
		CHECK_EQ(undone, 0);
}

static void
races(mach_port_name_t host, const char *name, int mode, unsigned rounds)
{
	portolan_counts_data_t before, after;
	unsigned names;

	check_about = name;
	CHECK_EQ(bench_ipc_mode_set(host, mode), KERN_SUCCESS);
	CHECK(counts_settle(host, before, rows, ROWS));
	names = names_held();
	for (unsigned i = 0; i < rounds; i++) {
		enum kind kind = race_kinds[dice(RACE_KINDS)];
		unsigned deed = dice(RACE_DEEDS), bad = check_failed;

		one_race(kind, race_deeds[deed]);
		if (check_failed != bad)
			bench_print("window: %s: race %u: %s, deed %u\n", name, i,
			    kind == REGISTERS ? "registers" : kind_names[kind], deed);
	}
	CHECK_EQ(names_held(), names);
	if (!CHECK(counts_return(host, before, after, rows, ROWS)))
		counts_tell(before, after, rows, ROWS);
}

int main(int argc, char **argv);

int
main(int argc, char **argv)
{
	mach_port_name_t host = bench_port_argument(argc, argv, "--host-port=");

	const char *argument = bench_argument(argc, argv, "--races=");
	unsigned rounds = argument != NULL ? (unsigned)bench_number(argument) : 0;

	actors = shared_memory(PAGE);
	argument = bench_argument(argc, argv, "--seed=");
	dice_state += argument != NULL ? bench_number(argument) : 0;
	one_mode(host, "buffered", PORTOLAN_IPC_BUFFERED);
	one_mode(host, "handoff", PORTOLAN_IPC_HANDOFF);
	one_mode(host, "register", PORTOLAN_IPC_REGISTER);
	one_mode(host, "auto", PORTOLAN_IPC_ALL);
	races(host, "buffered races", PORTOLAN_IPC_BUFFERED, rounds);
	races(host, "auto races", PORTOLAN_IPC_ALL, 2 * rounds);
	bench_print("window: %u passed, %u failed\n", check_passed, check_failed);
	bench_exit(host, check_failed != 0);
	return 0;
}
