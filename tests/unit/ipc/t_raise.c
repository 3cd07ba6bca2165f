/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions handed over with the CPU (mach_msg_raise.h): in every situation
 * the handler and the raising thread see what they see when the message goes
 * by way of kernel buffers.
 */
#include "fixture.h"

#include <mach/mig_errors.h>
#include <mach/portolan.h>

#include "mach_msg_raise.h"

#define RAISE_ID  2400
#define ANSWER_ID 2500

/* -- A thread that raises --------------------------------------------------------- */

struct raiser {
	struct mach_msg_raise say;
	bool short_way;
	mach_msg_return_t result;
	int32_t id;
	kern_return_t code;
};

static struct raiser *raising;

static void
answered(struct ipc_thread *self, mach_msg_return_t result, struct ipc_kmsg *kmsg,
    const mach_msg_header_t *message)
{
	raising->result = result;
	if (result == MACH_MSG_SUCCESS) {
		raising->id = message->msgh_id;
		if (message->msgh_size == sizeof(mig_reply_header_t))
			raising->code =
			    ((const mig_reply_header_t *)(const void *)message)->RetCode;
	} else {
		ipc_thread_reply_port_abandon(self);
	}
	if (kmsg != NULL)
		ipc_kmsg_destroy(kmsg);
	trap_return(0);
}

/* What the stub of exception_raise makes. */
struct held_raise {
	struct ipc_msg_header head;
	mach_msg_type_t thread_type;
	struct ipc_port *thread;
	mach_msg_type_t task_type;
	struct ipc_port *task;
	uint64_t words[6];
};

_Static_assert(sizeof(struct held_raise) == 112, "ABI sheet 7.1");

static mach_msg_type_t
descriptor(unsigned name, unsigned bits)
{
	return (mach_msg_type_t) {
		.msgt_name = name,
		.msgt_size = bits,
		.msgt_inline = 1,
		.msgt_number = 1,
	};
}

static void
word_of(uint64_t *word, mach_msg_type_t type)
{
	memcpy(word, &type, sizeof(type));
}

static void
raise_by_message(const struct mach_msg_raise *say)
{
	struct held_raise held = {
		.head.mh_bits = MACH_MSGH_BITS_COMPLEX |
		    MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.head.mh_remote = ipc_port_copy_send(say->handler),
		.head.mh_local = ipc_thread_reply_port(ipc_thread_current()),
		.head.mh_id = RAISE_ID,
		.thread_type = descriptor(MACH_MSG_TYPE_MOVE_SEND, 64),
		.thread = ipc_port_copy_send(say->thread),
		.task_type = descriptor(MACH_MSG_TYPE_MOVE_SEND, 64),
		.task = ipc_port_copy_send(say->task),
	};

	word_of(&held.words[0], descriptor(MACH_MSG_TYPE_INTEGER_32, 32));
	held.words[1] = (uint32_t)say->exception;
	word_of(&held.words[2], descriptor(MACH_MSG_TYPE_INTEGER_32, 32));
	held.words[3] = (uint32_t)say->code;
	word_of(&held.words[4], descriptor(MACH_MSG_TYPE_INTEGER_64, 64));
	held.words[5] = (uint64_t)say->subcode;
	assert_int_equal(mach_msg_send_from_kernel(&held.head, sizeof(held)), MACH_MSG_SUCCESS);
}

static uint64_t
raise_trap(void *arg)
{
	struct raiser *raiser = arg;

	raiser->short_way = mach_msg_raise(&raiser->say, answered);
	if (raiser->short_way)
		mach_msg_raise_go(&raiser->say);
	raise_by_message(&raiser->say);
	mach_msg_await_answer(ipc_thread_reply_port(ipc_thread_current()), answered);
}

static void
raise_body(void *arg)
{
	(void)host_trap(raise_trap, arg);
}

/* -- A handler --------------------------------------------------------------------- */

enum answer { ANSWER_SUCCESS, ANSWER_FAILURE, ANSWER_OTHER_ID, ANSWER_DROP, ANSWER_NONE };

struct handler {
	struct ipc_space *space;
	mach_port_name_t port, from;
	enum answer answer;
	uint32_t room;
	struct user_msg *msg;
	uint64_t got[14];
	mach_msg_return_t mr, answer_mr;
	mach_port_name_t reply;
};

static mach_msg_return_t
give_answer(struct handler *h)
{
	mig_reply_header_t *reply = (void *)h->msg;

	reply->Head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
	reply->Head.msgh_local_port = 0;
	reply->Head.msgh_id = h->answer == ANSWER_OTHER_ID ? 7 : ANSWER_ID;
	reply->RetCodeType = descriptor(MACH_MSG_TYPE_INTEGER_32, 32);
	reply->RetCode = h->answer == ANSWER_SUCCESS ? KERN_SUCCESS : KERN_FAILURE;
	return fix_mach_msg(
	    h->msg, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(*reply), MSG_BYTES, h->from, 0, 0);
}

static void
handle(void *arg)
{
	struct handler *h = arg;

	h->mr = fix_mach_msg(h->msg, MACH_RCV_MSG, 0, h->room, h->from, 0, 0);
	memcpy(h->got, h->msg, sizeof(h->got));
	h->reply = h->msg->header.msgh_remote_port;
	if (h->mr != MACH_MSG_SUCCESS || h->answer == ANSWER_NONE)
		return;
	if (h->answer == ANSWER_DROP)
		(void)mach_port_deallocate(h->space, h->reply);
	else
		h->answer_mr = give_answer(h);
}

/* -- A situation ---------------------------------------------------------------------- */

struct situation {
	bool set, payload, known, faults, unwritable;
	enum answer answer;
	int slots; /* free ones the handler has left; -1: many */
	uint32_t room;
	bool late; /* the handler comes after the message */
};

struct outcome {
	struct handler handler;
	struct raiser raiser;
	uint32_t types[2 * IPC_ENTRY_CHUNK];
	uint32_t refs[2 * IPC_ENTRY_CHUNK];
	uint32_t names;
	uint64_t handoffs;
};

static struct ipc_port *
port_named(struct ipc_space *space, mach_port_name_t name)
{
	struct ipc_entry *entry;

	spin_lock(&space->is_lock);
	entry = ipc_entry_lookup(space, name);
	spin_unlock(&space->is_lock);
	return ipc_port_of(entry->ie_object);
}

static void
know(struct ipc_space *space, struct ipc_port *port)
{
	assert_true(MACH_PORT_NAME_VALID(ipc_name_send_right(space, ipc_port_copy_send(port))));
}

static void
fill_slots(struct ipc_space *space, int left)
{
	while ((int)(space->is_slots - 1 - space->is_names) > left)
		(void)fix_receive(space);
	fix_account->limit[ACCOUNT_ENTRIES] = fix_account->used[ACCOUNT_ENTRIES];
}

static void
handler_make(struct handler *h, const struct situation *s)
{
	h->space = fix_space_create();
	h->port = h->from = fix_receive(h->space);
	h->answer = s->answer;
	h->room = s->room != 0 ? s->room : MSG_BYTES;
	h->msg = fix_msg();
	memset(h->msg, 0x55, sizeof(*h->msg));
	if (s->set) {
		h->from = fix_pset(h->space);
		assert_int_equal(mach_port_move_member(h->space, h->port, h->from), 0);
	}
	if (s->payload)
		assert_int_equal(mach_port_set_protected_payload(h->space, h->port, ~5ul), 0);
}

static void
describe(struct outcome *out)
{
	struct ipc_space *space = out->handler.space;

	for (uint32_t i = 1; i < space->is_slots && i < 2 * IPC_ENTRY_CHUNK; i++) {
		mach_port_name_t name =
		    space->is_chunks[i / IPC_ENTRY_CHUNK][i % IPC_ENTRY_CHUNK].ie_name;

		out->types[i] = fix_type(space, name);
		if (out->types[i] & MACH_PORT_TYPE_SEND)
			out->refs[i] = fix_refs(space, name, MACH_PORT_RIGHT_SEND);
		out->names += out->types[i] != 0;
	}
}

static void
play(struct outcome *out, const struct situation *s, uint32_t transports)
{
	struct ipc_port *thread = ipc_port_create_kernel(NULL);
	struct ipc_port *task = ipc_port_create_kernel(NULL);
	struct mach_msg_raise *say = &out->raiser.say;
	struct host_thread *faulter;
	uint64_t before;

	memset(out, 0, sizeof(*out));
	atomic_store(&ipc_transports, transports);
	handler_make(&out->handler, s);
	say->handler = ipc_port_make_send(port_named(out->handler.space, out->handler.port));
	say->thread = ipc_port_make_send(thread);
	say->task = ipc_port_make_send(task);
	say->exception = 6;
	say->code = -2;
	say->subcode = 0x7f0012345678;
	if (s->known) {
		know(out->handler.space, thread);
		know(out->handler.space, task);
	}
	if (s->slots >= 0)
		fill_slots(out->handler.space, s->slots);
	before = host_handoff_count();
	if (!s->late)
		fix_thread(out->handler.space, handle, &out->handler);
	host_run();
	if (s->faults)
		host_user_add(out->handler.msg, sizeof(struct user_msg), HOST_READ | HOST_WRITE);
	if (s->unwritable)
		host_user_add(out->handler.msg, sizeof(struct user_msg), HOST_READ);
	raising = &out->raiser;
	faulter = fix_thread(fix_space, raise_body, &out->raiser);
	host_run();
	if (s->late)
		fix_thread(out->handler.space, handle, &out->handler);
	host_run();
	if (s->answer == ANSWER_NONE)
		host_thread_abort(faulter);
	host_run();
	out->handoffs = host_handoff_count() - before;
	fix_account->limit[ACCOUNT_ENTRIES] = ACCOUNT_NO_LIMIT;
	describe(out);
	host_user_add(out->handler.msg, sizeof(struct user_msg), HOST_ALL);
	if (s->answer == ANSWER_NONE && out->handler.mr == MACH_MSG_SUCCESS)
		assert_int_equal(fix_send_id(out->handler.space, out->handler.reply,
				     MACH_MSG_TYPE_MOVE_SEND_ONCE, ANSWER_ID),
		    MACH_SEND_INVALID_DEST);
	fix_space_destroy(out->handler.space);
	fix_user_free(out->handler.msg);
	host_run();
	ipc_port_release_send(say->handler);
	ipc_port_release_send(say->thread);
	ipc_port_release_send(say->task);
	ipc_port_destroy_kernel(thread);
	ipc_port_destroy_kernel(task);
	atomic_store(&ipc_transports, PORTOLAN_IPC_ALL);
}

/* By both ways; equal but for the way. */
static void
compare(const struct situation *s, bool short_way)
{
	static struct outcome slow, fast;

	play(&slow, s, PORTOLAN_IPC_BUFFERED);
	play(&fast, s, PORTOLAN_IPC_ALL);
	assert_false(slow.raiser.short_way);
	assert_int_equal(slow.handoffs, 0);
	assert_int_equal(fast.raiser.short_way, short_way);
	assert_int_equal(fast.handler.mr, slow.handler.mr);
	assert_int_equal(fast.handler.answer_mr, slow.handler.answer_mr);
	assert_memory_equal(fast.handler.got, slow.handler.got, sizeof(fast.handler.got));
	assert_int_equal(fast.raiser.result, slow.raiser.result);
	assert_int_equal(fast.raiser.id, slow.raiser.id);
	assert_int_equal(fast.raiser.code, slow.raiser.code);
	assert_memory_equal(fast.types, slow.types, sizeof(fast.types));
	assert_memory_equal(fast.refs, slow.refs, sizeof(fast.refs));
}

/* -- Tests ------------------------------------------------------------------------------ */

static void
every_answer(void **state)
{
	(void)state;
	for (enum answer answer = ANSWER_SUCCESS; answer <= ANSWER_NONE; answer++)
		for (unsigned bits = 0; bits < 8; bits++)
			compare(
			    &(struct situation) {
				.set = bits & 1,
				.payload = bits & 2,
				.known = bits & 4,
				.answer = answer,
				.slots = -1,
			    },
			    true);
}

static void
both_handed_over(void **state)
{
	static struct outcome out;

	(void)state;
	play(&out, &(struct situation) { .slots = -1 }, PORTOLAN_IPC_ALL);
	assert_int_equal(out.handler.mr, MACH_MSG_SUCCESS);
	assert_int_equal(out.raiser.id, ANSWER_ID);
	assert_int_equal(out.raiser.code, KERN_SUCCESS);
	assert_int_equal(out.handoffs, 2);
}

/* No slot for the reply right, for the thread's, for the task's. */
static void
few_names(void **state)
{
	(void)state;
	for (int slots = 0; slots <= 3; slots++)
		for (unsigned known = 0; known < 2; known++)
			compare(&(struct situation) { .slots = slots, .known = known }, true);
}

static void
receiver_buffers(void **state)
{
	(void)state;
	compare(&(struct situation) { .slots = -1, .faults = true }, true);
	compare(
	    &(struct situation) { .slots = -1, .unwritable = true, .answer = ANSWER_NONE }, true);
	compare(&(struct situation) { .slots = -1, .room = 64 }, false);
	compare(&(struct situation) { .slots = -1, .room = 112, .answer = ANSWER_FAILURE }, true);
}

/* The message waits in the queue; its answer may yet come the short way. */
static void
late_handler(void **state)
{
	static struct outcome out;

	(void)state;
	compare(&(struct situation) { .slots = -1, .late = true }, false);
	play(&out, &(struct situation) { .slots = -1, .late = true }, PORTOLAN_IPC_ALL);
	assert_int_equal(out.handoffs, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_handed_over),
		TEST(every_answer),
		TEST(few_names),
		TEST(receiver_buffers),
		TEST(late_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
