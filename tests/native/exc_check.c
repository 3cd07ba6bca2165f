/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exc_check -- exceptions (ABI sheet section 7) under every transport: many
 * threads and handlers at once, every kind of refusal, and handlers, threads
 * and tasks that end in the middle.
 *
 * A boot module: `exc_check --host-port=${host-port} $(task-create)
 * $(task-resume)`. Prints a line for each check that fails, then `exc: N
 * passed, M failed`.
 */
#include <mach.h>
#include <mach/exception.h>
#include <mach/mach_traps.h>
#include <mach/mach_types.h>
#include <mach/portolan.h>
#include <mach/thread_status.h>
#include <mach/thread_switch.h>
#include <portolan/portolan.h>

#include "bench.h"
#include "check.h"

#define THREADS  4
#define ROUNDS   200
#define STACK    16384
#define RAISE_ID 2400
#define MOMENT   50 /* ms for something that must not */

struct raised {
	mach_msg_header_t head;
	mach_msg_type_t thread_type;
	mach_port_name_inlined_t thread;
	mach_msg_type_t task_type;
	mach_port_name_inlined_t task;
	mach_msg_type_t exception_type;
	int32_t exception, exception_pad;
	mach_msg_type_t code_type;
	int32_t code, code_pad;
	mach_msg_type_t subcode_type;
	int64_t subcode;
};

_Static_assert(sizeof(struct raised) == 112, "ABI sheet 7.1");

struct answer {
	mach_msg_header_t head;
	mach_msg_type_t type;
	int32_t code, pad;
	uint64_t more[2];
};

union message {
	struct raised raised;
	struct answer answer;
	mach_msg_header_t head;
	unsigned char bytes[512];
};

/* A page that the children write and this task reads. */
struct shared {
	volatile uint32_t count[THREADS];
	volatile uint32_t served;
};

static struct shared *shared;
static unsigned char stacks[THREADS][STACK] __attribute__((aligned(16)));
static unsigned char own_stacks[THREADS][STACK] __attribute__((aligned(16)));

/* -- Messages ---------------------------------------------------------------------- */

static mach_msg_return_t
receive_sized(
    union message *m, mach_port_name_t port, unsigned ms, mach_msg_size_t size, int options)
{
	return mach_msg(
	    &m->head, MACH_RCV_MSG | MACH_RCV_TIMEOUT | options, 0, size, port, ms, MACH_PORT_NULL);
}

static mach_msg_return_t
receive(union message *m, mach_port_name_t port, unsigned ms)
{
	return receive_sized(m, port, ms, sizeof(*m), 0);
}

/* The answer to the message in m, in its place. */
static void
make_answer(union message *m, kern_return_t code)
{
	struct answer *answer = &m->answer;

	answer->head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
	answer->head.msgh_local_port = MACH_PORT_NULL;
	answer->head.msgh_size = EXC_REPLY_SIZE;
	answer->head.msgh_id = EXC_REPLY_ID;
	answer->type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_INTEGER_32,
		.msgt_size = 32,
		.msgt_inline = TRUE,
		.msgt_number = 1 };
	answer->code = code;
	answer->pad = 0;
}

static mach_msg_return_t
send(union message *m, mach_msg_size_t size)
{
	return mach_msg(&m->head, MACH_SEND_MSG, size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
}

static mach_msg_return_t
send_answer(union message *m, kern_return_t code)
{
	make_answer(m, code);
	return send(m, EXC_REPLY_SIZE);
}

/* Send m and wait, in one call as servers do. */
static mach_msg_return_t
exchange(union message *m, mach_msg_size_t size, mach_port_name_t port, unsigned ms)
{
	return mach_msg(&m->head, MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT, size, sizeof(*m),
	    port, ms, MACH_PORT_NULL);
}

static void
drop_rights(const union message *m)
{
	drop(m->raised.thread.name);
	drop(m->raised.task.name);
}

static mach_port_urefs_t
send_refs(mach_port_name_t name)
{
	mach_port_urefs_t refs = 0;

	(void)mach_port_get_refs(me(), name, MACH_PORT_RIGHT_SEND, &refs);
	return refs;
}

/* -- Threads that fault --------------------------------------------------------------- */

/* In a child: `rounds` breakpoints, each counted once it is answered. */
static void
fault_rounds(uint64_t number, uint64_t rounds)
{
	for (uint64_t i = 0; i < rounds; i++) {
		__asm__ volatile("int3" : : : "memory");
		shared->count[number]++;
	}
	for (;;)
		rest(100000);
}

/* A task whose threads fault, and who is asked then. */
struct child {
	mach_port_name_t task;
	mach_port_name_t threads[THREADS];
	unsigned count;
	mach_port_name_t first; /* the first thread's handler, or null */
	mach_port_name_t port;  /* the task's, or null */
};

static void
child_make(struct child *child, unsigned count, unsigned rounds)
{
	*child = (struct child) { .count = count };
	for (unsigned i = 0; i < THREADS; i++)
		shared->count[i] = 0;
	CHECK_EQ(syscall_task_create(me(), TRUE, &child->task), KERN_SUCCESS);
	for (unsigned i = 0; i < count; i++)
		child->threads[i] =
		    thread_new(child->task, fault_rounds, stacks[i] + STACK, i, rounds);
}

static void
child_run(struct child *child)
{
	for (unsigned i = 0; i < child->count; i++)
		CHECK_EQ(thread_resume(child->threads[i]), KERN_SUCCESS);
}

/* Its threads' and its own name are ours once, no more and no less. */
static void
child_end(struct child *child)
{
	(void)syscall_task_terminate(child->task);
	CHECK(await_death(child->task));
	drop(child->task);
	for (unsigned i = 0; i < child->count; i++) {
		CHECK(await_death(child->threads[i]));
		drop(child->threads[i]);
	}
	if (child->first != MACH_PORT_NULL)
		port_end(child->first);
	if (child->port != MACH_PORT_NULL)
		port_end(child->port);
}

static void
set_thread_handler(const struct child *child, mach_port_name_t port)
{
	CHECK_EQ(
	    thread_set_special_port(child->threads[0], THREAD_EXCEPTION_PORT, port), KERN_SUCCESS);
}

static void
set_task_handler(const struct child *child, mach_port_name_t port)
{
	CHECK_EQ(task_set_special_port(child->task, TASK_EXCEPTION_PORT, port), KERN_SUCCESS);
}

/* With a handler for the task, and one for its first thread if wanted; not
 * running. child_end ends all that. */
static void
child_handled(struct child *child, unsigned count, unsigned rounds, bool first)
{
	child_make(child, count, rounds);
	child->port = port_new();
	set_task_handler(child, child->port);
	if (first) {
		child->first = port_new();
		set_thread_handler(child, child->first);
	}
}

static bool
await_count(unsigned number, uint32_t wanted)
{
	(void)await_value(&shared->count[number], wanted);
	return CHECK_EQ(shared->count[number], wanted);
}

/* Descriptors of one element: name, bits, inline (ABI sheet 2.5). */
#define TYPE_PORT  (1ul << 32 | 1ul << 29 | 64ul << 8 | MACH_MSG_TYPE_PORT_SEND)
#define TYPE_INT32 (1ul << 32 | 1ul << 29 | 32ul << 8 | MACH_MSG_TYPE_INTEGER_32)
#define TYPE_INT64 (1ul << 32 | 1ul << 29 | 64ul << 8 | MACH_MSG_TYPE_INTEGER_64)

static uint64_t
type_word(const mach_msg_type_t *type)
{
	uint64_t word;

	__builtin_memcpy(&word, type, sizeof(word));
	return word;
}

static bool
expect_raise(const union message *m, const struct child *child, mach_port_name_t port)
{
	const struct raised *r = &m->raised;
	unsigned i = 0;

	CHECK_EQ(r->head.msgh_bits,
	    MACH_MSGH_BITS_COMPLEX |
		MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND));
	CHECK_EQ(r->head.msgh_size, 112);
	CHECK_EQ(r->head.msgh_id, RAISE_ID);
	CHECK_EQ(r->head.msgh_protected_payload, port);
	CHECK_EQ(r->head.msgh_remote_slot >> 32, 0);
	while (i < child->count && child->threads[i] != r->thread.name)
		i++;
	CHECK_EQ(type_word(&r->thread_type), TYPE_PORT);
	CHECK_EQ(type_word(&r->task_type), TYPE_PORT);
	CHECK_EQ(type_word(&r->exception_type), TYPE_INT32);
	CHECK_EQ(type_word(&r->code_type), TYPE_INT32);
	CHECK_EQ(type_word(&r->subcode_type), TYPE_INT64);
	CHECK_EQ(r->thread.padding, 0);
	CHECK_EQ(r->task.name, child->task);
	CHECK_EQ(r->exception, EXC_BREAKPOINT);
	CHECK_EQ(r->exception_pad, 0);
	CHECK_EQ(r->code, EXC_I386_BPT);
	CHECK_EQ(r->subcode, 0);
	return CHECK(i < child->count);
}

/* One exception of the child's first thread, caught on `port`. */
static bool
catch_one(union message *m, const struct child *child, mach_port_name_t port)
{
	return CHECK_EQ(receive(m, port, CHECK_PATIENCE), MACH_MSG_SUCCESS) &&
	    expect_raise(m, child, port);
}

/* The thread `number`, whose exception m is, has then been through `count`. */
static void
let_go_on(union message *m, unsigned number, uint32_t count)
{
	drop_rights(m);
	CHECK_EQ(send_answer(m, KERN_SUCCESS), MACH_MSG_SUCCESS);
	await_count(number, count);
}

/* -- Many at once ----------------------------------------------------------------------- */

/* Serve until `total` exceptions are answered; several threads do it. */
static void
serve(uint64_t port, uint64_t total)
{
	union message m;
	mach_msg_return_t mr = receive(&m, (mach_port_name_t)port, MOMENT);

	while (shared->served < total) {
		if (mr == MACH_RCV_TIMED_OUT) {
			mr = receive(&m, (mach_port_name_t)port, MOMENT);
			continue;
		}
		if (mr != MACH_MSG_SUCCESS || m.head.msgh_id != RAISE_ID) {
			__sync_fetch_and_add(&check_failed, 1);
			break;
		}
		(void)syscall_mach_port_deallocate(me(), m.raised.thread.name);
		(void)syscall_mach_port_deallocate(me(), m.raised.task.name);
		make_answer(&m, KERN_SUCCESS);
		__sync_fetch_and_add(&shared->served, 1);
		mr = exchange(&m, EXC_REPLY_SIZE, (mach_port_name_t)port, MOMENT);
	}
}

/* A thread of this task makes no calls by stubs, which share a reply port. */
static volatile uint32_t idle_helpers;

static void
await_helpers(unsigned count)
{
	CHECK(await_value(&idle_helpers, count));
	idle_helpers = 0;
}

static void
helper_end(mach_port_name_t thread)
{
	CHECK_EQ(thread_terminate(thread), KERN_SUCCESS);
	CHECK(await_death(thread));
	drop(thread);
}

static void
serve_thread(uint64_t port, uint64_t total)
{
	serve(port, total);
	__sync_fetch_and_add(&idle_helpers, 1);
	for (;;)
		rest(100000);
}

/* `helpers` more threads of this task serve too; `set`: through a set. */
static void
many(unsigned threads, unsigned helpers, bool set)
{
	mach_port_name_t port = port_new(), from = port, helper[THREADS];
	struct child child;
	unsigned i;

	if (set) {
		CHECK_EQ(mach_port_allocate(me(), MACH_PORT_RIGHT_PORT_SET, &from), KERN_SUCCESS);
		CHECK_EQ(mach_port_move_member(me(), port, from), KERN_SUCCESS);
	}
	shared->served = 0;
	child_make(&child, threads, ROUNDS);
	set_task_handler(&child, port);
	for (i = 0; i < helpers; i++) {
		helper[i] =
		    thread_new(me(), serve_thread, own_stacks[i] + STACK, from, threads * ROUNDS);
		CHECK_EQ(thread_resume(helper[i]), KERN_SUCCESS);
	}
	child_run(&child);
	serve(from, threads * ROUNDS);
	for (i = 0; i < threads; i++) {
		await_count(i, ROUNDS);
		CHECK_EQ(send_refs(child.threads[i]), 1);
	}
	await_helpers(helpers);
	for (i = 0; i < helpers; i++)
		helper_end(helper[i]);
	CHECK_EQ(send_refs(child.task), 1);
	child_end(&child);
	port_end(port);
	if (set)
		port_end(from);
}

static void
test_many(void)
{
	many(1, 0, false);
	many(1, 0, true);
	many(THREADS, 0, false);
	many(THREADS, 1, true);
	many(THREADS, THREADS, false);
	many(2, THREADS, true);
}

/* -- Refusals ---------------------------------------------------------------------------- */

enum refusal {
	REFUSE_CODE,
	REFUSE_ID,
	REFUSE_SHORT,
	REFUSE_LONG,
	REFUSE_TYPE,
	REFUSE_COMPLEX,
	REFUSE_DROP,
	REFUSALS,
};

/* Turn m into a refusal; gives back its size. */
static mach_msg_size_t
make_refusal(union message *m, enum refusal refusal)
{
	make_answer(m, refusal == REFUSE_CODE ? KERN_FAILURE : KERN_SUCCESS);
	switch (refusal) {
	case REFUSE_ID:
		m->head.msgh_id = EXC_REPLY_ID + 1;
		break;
	case REFUSE_SHORT:
		return sizeof(m->head);
	case REFUSE_LONG:
		m->answer.more[0] = m->answer.more[1] = 0;
		return EXC_REPLY_SIZE + 8;
	case REFUSE_TYPE:
		m->answer.type.msgt_name = MACH_MSG_TYPE_BOOLEAN;
		break;
	case REFUSE_COMPLEX:
		m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		m->answer.type.msgt_name = MACH_MSG_TYPE_COPY_SEND;
		m->answer.type.msgt_size = 64;
		m->answer.code = (int32_t)me();
		break;
	default:
		break;
	}
	return EXC_REPLY_SIZE;
}

/* The thread's handler refuses, the task's is asked next and says yes. */
static void
refuse(enum refusal refusal, bool combined)
{
	mach_msg_size_t size;
	struct child child;
	union message m;

	child_handled(&child, 1, 2, true);
	child_run(&child);
	for (unsigned round = 1; round <= 2; round++) {
		if (!catch_one(&m, &child, child.first))
			break;
		drop_rights(&m);
		CHECK_EQ(shared->count[0], round - 1);
		if (refusal == REFUSE_DROP) {
			drop((mach_port_name_t)m.head.msgh_remote_port);
			CHECK_EQ(receive(&m, child.port, CHECK_PATIENCE), MACH_MSG_SUCCESS);
		} else {
			size = make_refusal(&m, refusal);
			CHECK_EQ(combined ? exchange(&m, size, child.port, CHECK_PATIENCE)
					  : send(&m, size),
			    MACH_MSG_SUCCESS);
			if (!combined)
				CHECK_EQ(receive(&m, child.port, CHECK_PATIENCE), MACH_MSG_SUCCESS);
		}
		if (!expect_raise(&m, &child, child.port))
			break;
		let_go_on(&m, 0, round);
	}
	child_end(&child);
}

static void
test_refusals(void)
{
	for (enum refusal refusal = 0; refusal < REFUSALS; refusal++) {
		refuse(refusal, false);
		refuse(refusal, true);
	}
}

/* Both refuse, or nobody is there: the task ends. */
static void
test_unhandled(void)
{
	struct child child;
	union message m;

	child_handled(&child, 1, 1, true);
	child_run(&child);
	if (catch_one(&m, &child, child.first)) {
		drop_rights(&m);
		make_answer(&m, KERN_FAILURE);
		CHECK_EQ(
		    exchange(&m, EXC_REPLY_SIZE, child.port, CHECK_PATIENCE), MACH_MSG_SUCCESS);
		drop_rights(&m);
		CHECK_EQ(send_answer(&m, KERN_NOT_RECEIVER), MACH_MSG_SUCCESS);
	}
	CHECK(await_death(child.task));
	CHECK_EQ(shared->count[0], 0);
	child_end(&child);

	child_make(&child, 1, 1);
	child_run(&child);
	CHECK(await_death(child.task));
	child_end(&child);
}

/* -- In the middle -------------------------------------------------------------------------- */

static void
test_abort(void)
{
	struct child child;
	union message m;

	child_handled(&child, 1, 3, false);
	child_run(&child);
	if (catch_one(&m, &child, child.port)) {
		drop_rights(&m);
		CHECK_EQ(thread_abort(child.threads[0]), KERN_SUCCESS);
		await_count(0, 1);
		/* Too late; and the next one is another question. */
		CHECK_EQ(send_answer(&m, KERN_FAILURE), MACH_SEND_INVALID_DEST);
		drop((mach_port_name_t)m.head.msgh_remote_port);
	}
	if (catch_one(&m, &child, child.port)) {
		let_go_on(&m, 0, 2);
	}
	if (catch_one(&m, &child, child.port))
		drop_rights(&m);
	child_end(&child);
	CHECK_EQ(send_answer(&m, KERN_SUCCESS), MACH_SEND_INVALID_DEST);
	drop((mach_port_name_t)m.head.msgh_remote_port);
}

/* The thread ends while its handler thinks, and the handler answers. */
static void
test_terminate(void)
{
	struct child child;
	union message m;

	child_handled(&child, 2, 2, false);
	CHECK_EQ(thread_resume(child.threads[0]), KERN_SUCCESS);
	if (catch_one(&m, &child, child.port)) {
		CHECK_EQ(thread_terminate(child.threads[0]), KERN_SUCCESS);
		CHECK(await_death(child.threads[0]));
		drop_rights(&m);
		CHECK_EQ(send_answer(&m, KERN_SUCCESS), MACH_SEND_INVALID_DEST);
		drop((mach_port_name_t)m.head.msgh_remote_port);
	}
	/* The other one is none the worse. */
	CHECK_EQ(thread_resume(child.threads[1]), KERN_SUCCESS);
	for (unsigned round = 1; round <= 2 && catch_one(&m, &child, child.port); round++) {
		let_go_on(&m, 1, round);
	}
	child_end(&child);
}

/* A suspended thread takes its answer and stays where it is. */
static void
test_suspend(void)
{
	struct child child;
	union message m;

	child_handled(&child, 1, 2, false);
	child_run(&child);
	if (catch_one(&m, &child, child.port)) {
		drop_rights(&m);
		CHECK_EQ(thread_suspend(child.threads[0]), KERN_SUCCESS);
		make_answer(&m, KERN_SUCCESS);
		CHECK_EQ(exchange(&m, EXC_REPLY_SIZE, child.port, MOMENT), MACH_RCV_TIMED_OUT);
		CHECK_EQ(shared->count[0], 0);
		CHECK_EQ(thread_resume(child.threads[0]), KERN_SUCCESS);
		await_count(0, 1);
	}
	child_end(&child);
}

/* The handler moves the thread over a loop it would not have left. */
static void
test_state(void)
{
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	struct i386_thread_state state;
	struct child child;
	union message m;

	child_handled(&child, 1, 1, false);
	child_run(&child);
	if (catch_one(&m, &child, child.port)) {
		CHECK_EQ(thread_get_state(m.raised.thread.name, i386_REGS_SEGS_STATE,
			     (thread_state_t)&state, &count),
		    KERN_SUCCESS);
		state.rip = (uint64_t)fault_rounds;
		state.rdi = 1;
		state.rsi = 1;
		CHECK_EQ(thread_set_state(m.raised.thread.name, i386_REGS_SEGS_STATE,
			     (thread_state_t)&state, count),
		    KERN_SUCCESS);
		drop_rights(&m);
		make_answer(&m, KERN_SUCCESS);
		CHECK_EQ(
		    exchange(&m, EXC_REPLY_SIZE, child.port, CHECK_PATIENCE), MACH_MSG_SUCCESS);
		let_go_on(&m, 1, 1);
		CHECK_EQ(shared->count[0], 0);
	}
	child_end(&child);
}

/* In a task of its own: take one exception and sit on it. */
static void
catch_and_hold(uint64_t port, uint64_t take)
{
	static union message held;

	if (take != 0 &&
	    bench_mach_msg(&held.head, MACH_RCV_MSG, 0, sizeof(held), (mach_port_name_t)port) == 0)
		shared->served++;
	for (;;)
		rest(100000);
}

/*
 * The handler is a task that dies: with the question in its hands (`take`), or
 * in its queue. The task's handler is asked then.
 */
static void
handler_dies(bool take)
{
	mach_port_name_t port = port_new(), second = port_new(), handler, thread;
	const mach_port_name_t name = 0x1234;
	struct child child;
	union message m;

	shared->served = 0;
	CHECK_EQ(syscall_task_create(me(), TRUE, &handler), KERN_SUCCESS);
	CHECK_EQ(
	    mach_port_insert_right(handler, name, port, MACH_MSG_TYPE_MOVE_RECEIVE), KERN_SUCCESS);
	thread = thread_new(handler, catch_and_hold, own_stacks[0] + STACK, name, take);
	CHECK_EQ(thread_resume(thread), KERN_SUCCESS);
	rest(MOMENT);
	child_make(&child, 1, 1);
	set_thread_handler(&child, port);
	set_task_handler(&child, second);
	child_run(&child);
	CHECK_EQ(receive(&m, second, MOMENT), MACH_RCV_TIMED_OUT);
	for (int i = 0; take && i < 100 && shared->served == 0; i++)
		rest(MOMENT);
	CHECK_EQ(shared->served, take ? 1 : 0);
	CHECK_EQ(syscall_task_terminate(handler), KERN_SUCCESS);
	if (catch_one(&m, &child, second)) {
		let_go_on(&m, 0, 1);
	}
	child_end(&child);
	CHECK(await_death(thread));
	CHECK(is_dead(port));
	drop(port);
	drop(thread);
	CHECK(await_death(handler));
	drop(handler);
	port_end(second);
}

static void
test_handler_dies(void)
{
	handler_dies(true);
	handler_dies(false);
}

/* -- Receivers of other kinds ------------------------------------------------------------------ */

/* Too small a buffer: the message is lost, the next handler is asked. */
static void
test_too_small(void)
{
	struct child child;
	union message m;

	child_handled(&child, 1, 2, true);
	child_run(&child);
	CHECK_EQ(receive_sized(&m, child.first, CHECK_PATIENCE, 64, 0), MACH_RCV_TOO_LARGE);
	if (catch_one(&m, &child, child.port)) {
		drop_rights(&m);
		make_answer(&m, KERN_SUCCESS);
		CHECK_EQ(exchange(&m, EXC_REPLY_SIZE, child.port, MOMENT), MACH_RCV_TIMED_OUT);
	}
	/* With the option it stays, and its size is told. */
	CHECK_EQ(
	    receive_sized(&m, child.first, CHECK_PATIENCE, 64, MACH_RCV_LARGE), MACH_RCV_TOO_LARGE);
	CHECK_EQ(m.head.msgh_size, 112);
	if (catch_one(&m, &child, child.first)) {
		let_go_on(&m, 0, 2);
	}
	child_end(&child);
}

static void
test_payload(void)
{
	struct child child;
	union message m;

	child_handled(&child, 1, 1, false);
	CHECK_EQ(mach_port_set_protected_payload(me(), child.port, 0x123456789abcul), KERN_SUCCESS);
	child_run(&child);
	if (CHECK_EQ(receive(&m, child.port, CHECK_PATIENCE), MACH_MSG_SUCCESS)) {
		CHECK_EQ(m.head.msgh_bits,
		    MACH_MSGH_BITS_COMPLEX |
			MACH_MSGH_BITS(
			    MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PROTECTED_PAYLOAD));
		CHECK_EQ(m.head.msgh_protected_payload, 0x123456789abcul);
		let_go_on(&m, 0, 1);
	}
	child_end(&child);
}

/* A handler that keeps the rights has one more reference each time; one that
 * holds none gets names for them, the same each time. */
static void
test_references(void)
{
	mach_port_name_t thread;
	struct child child;
	union message m;

	child_handled(&child, 1, 4, false);
	child_run(&child);
	if (catch_one(&m, &child, child.port)) {
		make_answer(&m, KERN_SUCCESS);
		CHECK_EQ(
		    exchange(&m, EXC_REPLY_SIZE, child.port, CHECK_PATIENCE), MACH_MSG_SUCCESS);
	}
	CHECK_EQ(send_refs(child.threads[0]), 3);
	CHECK_EQ(send_refs(child.task), 3);
	CHECK_EQ(mach_port_mod_refs(me(), child.threads[0], MACH_PORT_RIGHT_SEND, -3), 0);
	make_answer(&m, KERN_SUCCESS);
	CHECK_EQ(exchange(&m, EXC_REPLY_SIZE, child.port, CHECK_PATIENCE), MACH_MSG_SUCCESS);
	thread = child.threads[0] = m.raised.thread.name;
	CHECK_EQ(send_refs(thread), 1);
	make_answer(&m, KERN_SUCCESS);
	CHECK_EQ(exchange(&m, EXC_REPLY_SIZE, child.port, CHECK_PATIENCE), MACH_MSG_SUCCESS);
	CHECK_EQ(m.raised.thread.name, thread);
	CHECK_EQ(send_refs(thread), 2);
	CHECK_EQ(send_answer(&m, KERN_SUCCESS), MACH_MSG_SUCCESS);
	await_count(0, 4);
	drop(thread);
	CHECK_EQ(send_refs(child.task), 5);
	CHECK_EQ(mach_port_mod_refs(me(), child.task, MACH_PORT_RIGHT_SEND, -4), 0);
	child_end(&child);
}

/* -- Everything at random times ---------------------------------------------------------------- */

static volatile bool storm_over;

/* Answer whatever comes, well or badly, until the storm is over. */
static void
storm_server(uint64_t port, uint64_t seed)
{
	union message m;
	mach_msg_return_t mr;

	while (!storm_over) {
		mr = receive(&m, (mach_port_name_t)port, 20);
		while (mr == MACH_MSG_SUCCESS && m.head.msgh_id == RAISE_ID) {
			(void)syscall_mach_port_deallocate(me(), m.raised.thread.name);
			(void)syscall_mach_port_deallocate(me(), m.raised.task.name);
			seed = seed * 6364136223846793005ul + 1442695040888963407ul;
			make_answer(&m, (seed >> 33) % 50 == 0 ? KERN_FAILURE : KERN_SUCCESS);
			mr = exchange(&m, EXC_REPLY_SIZE, (mach_port_name_t)port, 20);
			if (mr == MACH_SEND_INVALID_DEST)
				(void)syscall_mach_port_deallocate(
				    me(), (mach_port_name_t)m.head.msgh_remote_port);
		}
	}
	__sync_fetch_and_add(&idle_helpers, 1);
	for (;;)
		rest(100000);
}

/* Threads fault, are aborted, suspended and terminated, all at once. */
static void
test_storm(void)
{
	mach_port_name_t port = port_new(), server[THREADS];
	struct child child;

	storm_over = false;
	for (unsigned i = 0; i < THREADS; i++) {
		server[i] = thread_new(me(), storm_server, own_stacks[i] + STACK, port, i + 1);
		CHECK_EQ(thread_resume(server[i]), KERN_SUCCESS);
	}
	for (unsigned round = 0; round < 25; round++) {
		child_make(&child, THREADS, 1000000);
		set_task_handler(&child, port);
		if (round % 2)
			set_thread_handler(&child, port);
		child_run(&child);
		for (unsigned i = 0; i < 20; i++) {
			mach_port_name_t thread = child.threads[(round + i) % THREADS];

			(void)thread_abort(thread);
			if (i % 4 == 0)
				(void)thread_suspend(thread);
			if (i % 8 == 3)
				rest(1);
			if (i % 4 == 0)
				(void)thread_resume(thread);
		}
		if (round % 3 == 0)
			(void)thread_terminate(child.threads[1]);
		child_end(&child);
	}
	storm_over = true;
	await_helpers(THREADS);
	for (unsigned i = 0; i < THREADS; i++)
		helper_end(server[i]);
	port_end(port);
}

/* -- All of it -------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "many at once", test_many },
	{ "refusals", test_refusals },
	{ "nobody handles it", test_unhandled },
	{ "abort", test_abort },
	{ "terminate", test_terminate },
	{ "suspend", test_suspend },
	{ "state", test_state },
	{ "the handler dies", test_handler_dies },
	{ "too small a buffer", test_too_small },
	{ "payload", test_payload },
	{ "references", test_references },
	{ "storm", test_storm },
};

static void
run_all(mach_port_name_t host, const char *name, int mode)
{
	unsigned before, after;

	check_about = name;
	CHECK_EQ(bench_ipc_mode_set(host, mode), KERN_SUCCESS);
	for (unsigned i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		unsigned bad = check_failed;

		before = names_held();
		tests[i].run();
		after = names_held();
		CHECK_EQ(after, before);
		if (check_failed != bad)
			bench_print("exc: %s: %s: failed\n", name, tests[i].name);
	}
}

int main(int argc, char **argv);

int
main(int argc, char **argv)
{
	mach_port_name_t host = bench_port_argument(argc, argv, "--host-port=");

	shared = shared_memory(sizeof(*shared));
	run_all(host, "buffered", PORTOLAN_IPC_BUFFERED);
	run_all(host, "handoff", PORTOLAN_IPC_HANDOFF);
	run_all(host, "auto", PORTOLAN_IPC_ALL);
	bench_print("exc: %u passed, %u failed\n", check_passed, check_failed);
	bench_exit(host, check_failed != 0);
	return 0;
}
