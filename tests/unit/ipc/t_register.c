/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register IPC as docs/register-ipc.md has it: forms and their conversion,
 * what fails how, and that nobody can tell which way a message went.
 */
#include "registers.h"

#include <stdio.h>

#include <mach/mig_errors.h>
#include <mach/portolan.h>

#define TYPES4                                                                                     \
	(MACH_REGISTER_TYPE(0, MACH_REGISTER_INTEGER_32) |                                         \
	    MACH_REGISTER_TYPE(1, MACH_REGISTER_INTEGER_64) |                                      \
	    MACH_REGISTER_TYPE(2, MACH_REGISTER_BOOLEAN) |                                         \
	    MACH_REGISTER_TYPE(3, MACH_REGISTER_PORT_NAME))

static void
fill(struct mach_register_message *message, int32_t id)
{
	unsigned i;

	memset(message, 0, sizeof(*message));
	message->label = MACH_REGISTER_LABEL(id, TYPES4);
	for (i = 0; i < MACH_REGISTER_WORDS; i++)
		message->words[i] = (uint64_t)id * 0x100000001ul + i;
}

/* Words as far as their types tell. */
static void
assert_words(const struct mach_register_message *a, int32_t id)
{
	struct mach_register_message b;

	fill(&b, id);
	assert_int_equal(a->label, b.label);
	assert_int_equal((uint32_t)a->words[0], (uint32_t)b.words[0]);
	assert_int_equal(a->words[1], b.words[1]);
	assert_int_equal((uint32_t)a->words[2], (uint32_t)b.words[2]);
	assert_int_equal((uint32_t)a->words[3], (uint32_t)b.words[3]);
}

/* -- Labels and types ------------------------------------------------------------ */

static void
every_type(void **state)
{
	struct mach_register_message message, back;
	struct user_msg *msg = fix_msg();
	mach_msg_type_t *type = (void *)(msg->bytes + 32);
	unsigned code;

	(void)state;
	for (code = 1; code < 16; code++) {
		memset(&message, 0xa5, sizeof(message));
		message.label = MACH_REGISTER_LABEL(-7, MACH_REGISTER_TYPE(0, code));
		msg->header.msgh_size = fix_typed(msg, &message, 0, 1, 2);
		assert_int_equal(msg->header.msgh_size, 48);
		assert_int_equal(type->msgt_inline, 1);
		assert_int_equal(type->msgt_unused, 0);
		assert_true(type->msgt_size * type->msgt_number <= 64);
		assert_true(fix_untyped(&back, msg));
		assert_int_equal(back.label, message.label);
		assert_int_equal(
		    back.words[0], message.words[0] >> (64 - type->msgt_size * type->msgt_number));
		assert_int_equal(back.words[1], 0);
		type->msgt_longform = 1;
		assert_true(fix_untyped(&back, msg));
		type->msgt_unused = 1;
		assert_false(fix_untyped(&back, msg));
	}
	/* the first code 0 ends it, and bits above the codes mean nothing */
	message.label = MACH_REGISTER_LABEL(1, 0x404) | 0xffuL << 56;
	assert_int_equal(ipc_register_count(message.label), 1);
	message.label = ~0ul;
	assert_int_equal(ipc_register_count(message.label), MACH_REGISTER_WORDS);
	assert_int_equal(fix_typed(msg, &message, 0, 1, 2), IPC_REGISTER_SIZE_MAX);
}

static void
no_words(void **state)
{
	struct mach_register_message message, back;
	struct user_msg *msg = fix_msg();
	mach_msg_type_t *type = (void *)(msg->bytes + 32), good;

	(void)state;
	fill(&message, 5);
	msg->header.msgh_size = fix_typed(msg, &message, 0, 1, 2);
	assert_true(fix_untyped(&back, msg));
	good = *type;
	type->msgt_name = MACH_MSG_TYPE_COPY_SEND;
	assert_false(fix_untyped(&back, msg));
	*type = good;
	type->msgt_number = 3;
	assert_false(fix_untyped(&back, msg));
	*type = good;
	type->msgt_inline = 0;
	assert_false(fix_untyped(&back, msg));
	*type = good;
	type->msgt_deallocate = 1;
	assert_false(fix_untyped(&back, msg));
	*type = good;
	msg->header.msgh_size += 8;
	assert_false(fix_untyped(&back, msg));
	msg->header.msgh_size = IPC_REGISTER_SIZE_MAX + 16;
	assert_false(fix_untyped(&back, msg));
}

/* -- Clients and servers ----------------------------------------------------------- */

/* How a server or a client is to behave, and what came of it. */
struct party {
	mach_port_name_t port; /* received on, or sent to */
	mach_port_name_t reply;
	int32_t id;
	struct mach_register_message message;
	uint32_t size;
	mach_msg_return_t mr;
	unsigned served, messages;
	bool die, twice;
};

/* Answers with the id + 100, in registers, until an error. */
static void
server(void *arg)
{
	struct party *party = arg;
	struct mach_register_message *message = &party->message;
	struct user_msg *msg = fix_msg();
	mach_port_name_t reply = 0;

	for (;;) {
		party->mr = fix_reply_wait(
		    reply, party->port, message, msg, party->size != 0 ? party->size : MSG_BYTES);
		if (party->mr == MACH_REGISTER_MESSAGE) {
			party->messages++;
			assert_true(fix_untyped(message, msg));
		} else if (party->mr != MACH_MSG_SUCCESS) {
			break;
		}
		reply = message->reply;
		party->served++;
		if (party->die)
			break;
		fill(message, MACH_REGISTER_ID(message->label) + 100);
		if (!party->twice)
			continue;
		party->mr = fix_reply_wait(reply, 0, message, NULL, 0);
		assert_int_equal(party->mr, MACH_RCV_INVALID_NAME);
	}
	message->reply = reply;
	fix_user_free(msg);
}

static void
client(void *arg)
{
	struct party *party = arg;

	fill(&party->message, party->id);
	party->mr = fix_call(party->port, party->reply, &party->message);
}

static void
message_client(void *arg)
{
	struct party *party = arg;
	struct user_msg *msg = fix_msg();
	uint32_t size;

	fill(&party->message, party->id);
	size = fix_typed(msg, &party->message, MACH_MSGH_BITS(19, 21), party->port, party->reply);
	party->mr =
	    fix_mach_msg(msg, MACH_SEND_MSG | MACH_RCV_MSG, size, MSG_BYTES, party->reply, 0, 0);
	if (party->mr == MACH_MSG_SUCCESS)
		assert_true(fix_untyped(&party->message, msg));
	fix_user_free(msg);
}

struct pair {
	struct ipc_space *in, *out; /* server's, client's */
	struct party server, client;
	mach_port_name_t port, set;
	bool moves, done;
};

static void
pair_make(struct pair *pair, bool set)
{
	memset(pair, 0, sizeof(*pair));
	pair->in = fix_space_create();
	pair->out = fix_space_create();
	pair->port = pair->server.port = fix_receive(pair->in);
	if (set) {
		pair->set = pair->server.port = fix_pset(pair->in);
		assert_int_equal(mach_port_move_member(pair->in, pair->port, pair->set), 0);
	}
	pair->client.port = fix_give(pair->in, pair->port, MACH_MSG_TYPE_MAKE_SEND, pair->out);
	pair->client.reply = ipc_reply_port_allocate(pair->out);
	pair->client.id = 40;
}

static void
pair_run(struct pair *pair, void (*serve)(void *), void (*ask)(void *))
{
	if (serve != NULL)
		fix_thread(pair->in, serve, &pair->server);
	host_run();
	fix_thread(pair->out, ask, &pair->client);
	host_run();
}

static void
pair_end(struct pair *pair)
{
	fix_space_destroy(pair->in);
	host_run();
	fix_space_destroy(pair->out);
	host_run();
}

/* All right in the client, and no trace of the reply right anywhere. */
static void
assert_answered(struct pair *pair, int32_t id)
{
	assert_int_equal(pair->client.mr, 0);
	assert_words(&pair->client.message, id);
	assert_int_equal(fix_status(pair->out, pair->client.reply).mps_sorights, 0);
	assert_int_equal(fix_status(pair->out, pair->client.reply).mps_msgcount, 0);
}

/* Both in registers, the server first or the client, port or set. */
static void
both(void **state)
{
	struct pair pair;
	int set, late;

	(void)state;
	for (set = 0; set < 2; set++) {
		for (late = 0; late < 2; late++) {
			pair_make(&pair, set);
			if (late) {
				pair_run(&pair, NULL, client);
				fix_thread(pair.in, server, &pair.server);
				host_run();
			} else {
				pair_run(&pair, server, client);
			}
			assert_answered(&pair, 140);
			assert_int_equal(pair.server.served, 1);
			fix_rendezvous = 0;
			pair_run(&pair, NULL, client);
			assert_answered(&pair, 140);
			assert_int_equal(pair.server.served, 2);
			assert_int_equal(fix_rendezvous, 2);
			pair_end(&pair);
			assert_int_equal(pair.server.mr, MACH_RCV_PORT_DIED);
		}
	}
}

/* What the server is told beside the words. */
static void
told(void **state)
{
	struct pair pair;
	int late;

	(void)state;
	for (late = 0; late < 2; late++) {
		pair_make(&pair, false);
		pair.server.die = true;
		if (late)
			pair_run(&pair, NULL, client);
		fix_thread(pair.in, server, &pair.server);
		host_run();
		if (!late)
			pair_run(&pair, NULL, client);
		assert_words(&pair.server.message, 40);
		assert_int_equal(pair.server.message.payload, pair.port);
		assert_int_equal(pair.server.message.bits, MACH_MSGH_BITS(18, 17));
		assert_int_equal(pair.server.message.seqno, 0);
		assert_int_equal(
		    fix_type(pair.in, pair.server.message.reply), MACH_PORT_TYPE_SEND_ONCE);
		pair_end(&pair);
	}
	pair_make(&pair, false);
	pair.server.die = true;
	assert_int_equal(mach_port_set_protected_payload(pair.in, pair.port, ~6ul), 0);
	assert_int_equal(mach_port_set_seqno(pair.in, pair.port, 77), 0);
	pair_run(&pair, server, client);
	assert_int_equal(pair.server.message.payload, ~6ul);
	assert_int_equal(pair.server.message.bits, MACH_MSGH_BITS(18, 23));
	assert_int_equal(pair.server.message.seqno, 77);
	pair_end(&pair);
	assert_int_equal(pair.client.mr, MIG_SERVER_DIED);
}

/* -- Threads that stand (ipc_register_stand.c) -------------------------------------- */

/* What the server was told last. */
static uint64_t noted_payload;
static uint32_t noted_seqno;

/* Answers calls and messages with the id + 100, until an error. */
static void
noting_server(void *arg)
{
	struct party *party = arg;
	struct mach_register_message message;
	struct user_msg *msg = fix_msg();
	mach_port_name_t reply = 0;

	for (;;) {
		party->mr = fix_reply_wait(reply, party->port, &message, msg, MSG_BYTES);
		if (party->mr == MACH_REGISTER_MESSAGE)
			assert_true(fix_untyped(&message, msg));
		else if (party->mr != MACH_MSG_SUCCESS)
			break;
		noted_payload = message.payload;
		noted_seqno = message.seqno;
		reply = message.reply;
		fill(&message, MACH_REGISTER_ID(message.label) + 100);
	}
	fix_user_free(msg);
}

static void
ask(struct pair *pair)
{
	client(&pair->client);
	assert_answered(pair, 140);
}

/* Client and server stand by now: both legs are short. */
static void
ask_short(struct pair *pair)
{
	fix_rendezvous = 0;
	ask(pair);
	assert_int_equal(fix_rendezvous, 2);
}

/* What changes while the server waits shows in the next call. */
static void
changing_client(void *arg)
{
	struct pair *pair = arg;
	mach_port_name_t port = pair->port;

	ask(pair);
	ask_short(pair);
	assert_int_equal(noted_payload, port);
	assert_int_equal(mach_port_set_protected_payload(pair->in, port, ~5ul), 0);
	ask_short(pair);
	assert_int_equal(noted_payload, ~5ul);
	assert_int_equal(mach_port_clear_protected_payload(pair->in, port), 0);
	assert_int_equal(mach_port_set_seqno(pair->in, port, 90), 0);
	ask_short(pair);
	assert_int_equal(noted_payload, port);
	assert_int_equal(noted_seqno, 90);
	/* by mach_msg on the port where it stands, and back */
	message_client(&pair->client);
	assert_answered(pair, 140);
	ask(pair);
	ask_short(pair);
	assert_int_equal(noted_seqno, 93);
}

/* Its reply port is gone, or has another name: the call does not happen. */
static void
moving_client(void *arg)
{
	struct pair *pair = arg;
	mach_port_name_t reply = pair->client.reply;

	ask(pair);
	ask_short(pair);
	assert_int_equal(mach_port_rename(pair->out, reply, 0x1234), 0);
	client(&pair->client);
	assert_int_equal(pair->client.mr, MACH_SEND_INVALID_REPLY);
	pair->client.reply = 0x1234;
	ask(pair);
	assert_int_equal(
	    mach_port_mod_refs(pair->out, 0x1234, MACH_PORT_RIGHT_RECEIVE, -1), KERN_SUCCESS);
	client(&pair->client);
	assert_int_equal(pair->client.mr, MACH_SEND_INVALID_REPLY);
	pair->client.reply = ipc_reply_port_allocate(pair->out);
	ask(pair);
	ask_short(pair);
}

static void
standing(void **state)
{
	struct host_thread *thread;
	struct party second = { 0 };
	struct pair pair;
	int set, way;

	(void)state;
	for (set = 0; set < 2; set++) {
		pair_make(&pair, set);
		thread = fix_thread(pair.in, noting_server, &pair.server);
		host_run();
		fix_thread(pair.out, changing_client, &pair);
		host_run();
		fix_thread(pair.out, moving_client, &pair);
		host_run();
		/* two at one place */
		second.port = pair.server.port;
		fix_thread(pair.in, noting_server, &second);
		host_run();
		for (way = 0; way < 3; way++) {
			pair_run(&pair, NULL, client);
			assert_answered(&pair, 140);
		}
		/* an abort ends one wait; the other is still there */
		host_thread_abort(thread);
		host_run();
		assert_int_equal(pair.server.mr, MACH_RCV_INTERRUPTED);
		pair_run(&pair, NULL, client);
		assert_answered(&pair, 140);
		pair_end(&pair);
		assert_int_equal(second.mr, MACH_RCV_PORT_DIED);
	}
	/* the only one: the call is queued for the next */
	pair_make(&pair, false);
	thread = fix_thread(pair.in, noting_server, &pair.server);
	host_run();
	fix_thread(pair.out, changing_client, &pair);
	host_run();
	host_thread_abort(thread);
	pair_run(&pair, NULL, client);
	assert_int_equal(fix_status(pair.in, pair.port).mps_msgcount, 1);
	fix_thread(pair.in, noting_server, &pair.server);
	host_run();
	assert_answered(&pair, 140);
	/* its port joins a set */
	pair.set = fix_pset(pair.in);
	assert_int_equal(mach_port_move_member(pair.in, pair.port, pair.set), 0);
	host_run();
	assert_int_equal(pair.server.mr, MACH_RCV_PORT_CHANGED);
	pair_end(&pair);
}

/* A typed message for mach_msg, an ordinary answer in registers. */
struct typed_server {
	struct party party;
	uint32_t bits;  /* of the answer */
	uint32_t extra; /* bytes beyond the words */
	int32_t id;
	mach_port_name_t carried;
};

static void
mach_msg_server(void *arg)
{
	struct typed_server *typed = arg;
	struct party *party = &typed->party;
	struct user_msg *msg = fix_msg(), *expected = fix_msg();
	struct mach_register_message message;
	uint32_t size;

	party->mr = fix_mach_msg(msg, MACH_RCV_MSG, 0, MSG_BYTES, party->port, 0, 0);
	assert_int_equal(party->mr, 0);
	fill(&message, 40);
	assert_int_equal(msg->header.msgh_size, fix_typed(expected, &message, 0, 0, 0));
	assert_int_equal(msg->header.msgh_size, 32 + 4 * 16);
	assert_int_equal(msg->header.msgh_id, 40);
	assert_int_equal(msg->header.msgh_bits, MACH_MSGH_BITS(18, 17));
	assert_memory_equal(msg->bytes + 32, expected->bytes + 32, 4 * 16);
	party->message.reply = msg->header.msgh_remote_port;
	fill(&message, typed->id);
	size = fix_typed(msg, &message, MACH_MSGH_BITS(18, 0), party->message.reply, 0);
	if (typed->carried != 0) {
		msg->header.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		size = fix_add_ports(msg, 32, MACH_MSG_TYPE_MAKE_SEND, &typed->carried, 1);
	}
	if (typed->bits != 0) {
		msg->header.msgh_bits = typed->bits;
		msg->header.msgh_local_port = party->port;
	}
	party->mr = fix_mach_msg(msg, MACH_SEND_MSG, size + typed->extra, 0, 0, 0, 0);
	fix_user_free(msg);
	fix_user_free(expected);
}

static void
typed_pair(struct pair *pair, struct typed_server *typed, bool late)
{
	typed->party.port = pair->port;
	if (late)
		pair_run(pair, NULL, client);
	fix_thread(pair->in, mach_msg_server, typed);
	host_run();
	if (!late)
		pair_run(pair, NULL, client);
	assert_int_equal(typed->party.mr, 0);
}

static void
to_mach_msg(void **state)
{
	struct pair pair;
	int late;

	(void)state;
	for (late = 0; late < 2; late++) {
		struct typed_server typed = { .id = 140 };

		pair_make(&pair, false);
		typed_pair(&pair, &typed, late);
		assert_answered(&pair, 140);
		pair_end(&pair);
	}
}

static void
misfit(void **state)
{
	struct pair pair;
	int kind;

	(void)state;
	for (kind = 0; kind < 3; kind++) {
		struct typed_server typed = { .id = 140 };

		pair_make(&pair, false);
		if (kind == 0)
			typed.extra = 8;
		else if (kind == 1)
			typed.carried = pair.port;
		else
			typed.bits = MACH_MSGH_BITS(18, 21);
		typed_pair(&pair, &typed, false);
		assert_int_equal(pair.client.mr, MACH_RCV_TOO_LARGE);
		assert_int_equal(fix_status(pair.out, pair.client.reply).mps_sorights, 0);
		/* what it carried is gone: the one send right is the client's */
		assert_int_equal(fix_status(pair.in, pair.port).mps_sorights, kind == 2);
		assert_int_equal(fix_refs(pair.out, pair.client.port, 0), 1);
		if (kind == 2) {
			struct user_msg *msg = fix_msg();

			assert_int_equal(fix_poll(pair.in, pair.port, msg), 0);
			assert_int_equal(msg->header.msgh_id, MACH_NOTIFY_SEND_ONCE);
		}
		pair_end(&pair);
	}
}

static void
from_mach_msg(void **state)
{
	struct pair pair;
	int late;

	(void)state;
	for (late = 0; late < 2; late++) {
		pair_make(&pair, late);
		if (late) {
			pair_run(&pair, NULL, message_client);
			fix_thread(pair.in, server, &pair.server);
			host_run();
		} else {
			pair_run(&pair, server, message_client);
		}
		assert_int_equal(pair.server.messages, 1);
		assert_answered(&pair, 140);
		assert_int_equal(pair.client.message.bits, MACH_MSGH_BITS(0, 18));
		pair_end(&pair);
	}
	/* too small a buffer: the header only, the rest destroyed */
	pair_make(&pair, false);
	pair.server.size = 40;
	pair_run(&pair, server, message_client);
	assert_int_equal(pair.server.mr, MACH_RCV_TOO_LARGE);
	assert_int_equal(MACH_REGISTER_ID(pair.client.message.label), MACH_NOTIFY_SEND_ONCE);
	pair_end(&pair);
}

/* Calls wait among messages for their turn. */
static void
order(void **state)
{
	struct party clients[4] = { { 0 } };
	struct pair pair;
	unsigned i;

	(void)state;
	pair_make(&pair, true);
	for (i = 0; i < 4; i++) {
		clients[i].port = pair.client.port;
		clients[i].reply = ipc_reply_port_allocate(pair.out);
		clients[i].id = 40 + (int)i;
		fix_thread(pair.out, i % 2 ? message_client : client, &clients[i]);
		host_run();
	}
	for (i = 0; i < 4; i++) {
		struct mach_register_message message = { 0 };
		struct user_msg *msg = fix_msg();
		mach_msg_return_t mr =
		    fix_mach_msg_as(pair.in, msg, MACH_RCV_MSG, 0, MSG_BYTES, pair.set, 0, 0);

		assert_int_equal(mr, 0);
		assert_true(fix_untyped(&message, msg));
		assert_words(&message, 40 + (int)i);
		assert_int_equal(message.seqno, i);
		fix_user_free(msg);
	}
	pair_end(&pair);
	for (i = 0; i < 4; i++)
		if (i % 2 == 0)
			assert_int_equal(clients[i].mr, MIG_SERVER_DIED);
}

/* -- Rights ------------------------------------------------------------------------- */

static void
once(void **state)
{
	struct mach_register_message message;
	struct pair pair;

	(void)state;
	pair_make(&pair, false);
	pair.server.twice = true;
	pair_run(&pair, server, client);
	assert_answered(&pair, 140);
	assert_int_equal(pair.server.mr, MACH_SEND_INVALID_DEST);
	/* names that never were, and the client's name for its port */
	fill(&message, 1);
	assert_int_equal(fix_reply_wait(77, pair.port, &message, NULL, 0), MACH_SEND_INVALID_DEST);
	assert_int_equal(fix_call(77, 78, &message), MACH_SEND_INVALID_DEST);
	pair_end(&pair);
}

/*
 * A client that kept its place at its reply port gives the port's receive right
 * away, or the port dies. The name that the new owner has for it is none of the
 * client's, nor is the null name.
 */
static void
mover(void *arg)
{
	struct pair *pair = arg;
	struct party *party = &pair->client;
	mach_port_name_t name = 0;
	int i;

	for (i = 0; i < 12; i++)
		(void)fix_receive(fix_space);
	for (i = 0; i < 3; i++) {
		client(party);
		assert_int_equal(party->mr, 0);
	}
	if (pair->moves)
		name = fix_give(pair->out, party->reply, MACH_MSG_TYPE_MOVE_RECEIVE, fix_space);
	else
		assert_int_equal(
		    mach_port_mod_refs(pair->out, party->reply, MACH_PORT_RIGHT_RECEIVE, -1), 0);
	party->mr = fix_call(party->port, name, &party->message);
	pair->done = true;
}

static void
place_moved(void **state)
{
	struct pair pair;
	int moves;

	(void)state;
	for (moves = 0; moves < 2; moves++) {
		pair_make(&pair, false);
		pair.moves = moves;
		fix_thread(pair.in, server, &pair.server);
		host_run();
		fix_thread(pair.out, mover, &pair);
		host_run();
		assert_true(pair.done);
		assert_int_equal(pair.client.mr, MACH_SEND_INVALID_REPLY);
		assert_int_equal(pair.server.served, 3);
		pair_end(&pair);
	}
}

/* A reply right that is a send right is used up as one; a full queue does
 * not stop the server. */
static void
send_right_as_reply(void **state)
{
	struct mach_register_message message;
	struct pair pair;
	unsigned i;

	(void)state;
	pair_make(&pair, false);
	fill(&message, 9);
	for (i = 0; i < MACH_PORT_QLIMIT_DEFAULT + 1; i++) {
		mach_port_name_t send =
		    fix_give(pair.in, pair.port, MACH_MSG_TYPE_MAKE_SEND, fix_space);

		assert_int_equal(fix_reply_wait(send, 0, &message, NULL, 0),
		    i < MACH_PORT_QLIMIT_DEFAULT ? MACH_RCV_INVALID_NAME : MACH_SEND_TIMED_OUT);
		fill(&message, 9);
	}
	assert_int_equal(fix_status(pair.in, pair.port).mps_msgcount, MACH_PORT_QLIMIT_DEFAULT);
	pair_end(&pair);
}

static void
server_dies(void **state)
{
	struct pair pair;
	int late;

	(void)state;
	for (late = 0; late < 2; late++) {
		pair_make(&pair, false);
		pair.server.die = true;
		pair_run(&pair, late ? NULL : server, client);
		assert_int_equal(pair.server.served, !late);
		fix_space_destroy(pair.in);
		host_run();
		assert_int_equal(pair.client.mr, MIG_SERVER_DIED);
		assert_int_equal(fix_status(pair.out, pair.client.reply).mps_sorights, 0);
		client(&pair.client); /* by the test's own space: no such names */
		assert_int_equal(pair.client.mr, MACH_SEND_INVALID_DEST);
		fix_space_destroy(pair.out);
	}
}

/* -- Ends of waits ---------------------------------------------------------------------- */

static void
aborts(void **state)
{
	struct host_thread *thread;
	struct pair pair;

	(void)state;
	pair_make(&pair, false);
	/* a client that waits for its answer; the answer comes later */
	thread = fix_thread(pair.out, client, &pair.client);
	host_run();
	host_thread_abort(thread);
	host_run();
	assert_int_equal(pair.client.mr, MACH_RCV_INTERRUPTED);
	assert_int_equal(fix_status(pair.out, pair.client.reply).mps_sorights, 1);
	thread = fix_thread(pair.in, server, &pair.server);
	host_run();
	assert_int_equal(fix_status(pair.out, pair.client.reply).mps_msgcount, 1);
	/* a server that waits */
	host_thread_abort(thread);
	host_run();
	assert_int_equal(pair.server.mr, MACH_RCV_INTERRUPTED);
	/* the client asks for the answer alone */
	pair.client.port = 0;
	fix_thread(pair.out, client, &pair.client);
	host_run();
	assert_answered(&pair, 140);
	pair_end(&pair);
}

/* A client that waits for room goes away without a trace. */
static void
abort_in_queue(void **state)
{
	struct host_thread *thread;
	struct pair pair;
	unsigned i;

	(void)state;
	pair_make(&pair, false);
	for (i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		assert_int_equal(fix_send_id(pair.out, pair.client.port, 19, 7), 0);
	thread = fix_thread(pair.out, client, &pair.client);
	host_run();
	assert_false(host_thread_done(thread));
	host_thread_abort(thread);
	host_run();
	assert_int_equal(pair.client.mr, MACH_SEND_INTERRUPTED);
	assert_int_equal(fix_status(pair.out, pair.client.reply).mps_sorights, 0);
	assert_int_equal(fix_status(pair.out, pair.client.reply).mps_msgcount, 0);
	/* another that gets its room */
	(void)fix_thread(pair.out, client, &pair.client);
	host_run();
	fix_thread(pair.in, server, &pair.server);
	host_run();
	assert_int_equal(pair.server.messages, MACH_PORT_QLIMIT_DEFAULT);
	assert_int_equal(pair.server.served, MACH_PORT_QLIMIT_DEFAULT + 1);
	pair_end(&pair);
}

static void
errors(void **state)
{
	struct mach_register_message message;
	struct pair pair;
	mach_port_name_t set;

	(void)state;
	pair_make(&pair, false);
	pair.client.port = fix_give(pair.in, pair.port, MACH_MSG_TYPE_MAKE_SEND, fix_space);
	fill(&message, 3);
	assert_int_equal(fix_call(pair.client.port, 0, &message), MACH_SEND_INVALID_REPLY);
	assert_int_equal(
	    fix_call(pair.client.port, MACH_PORT_NAME_DEAD, &message), MACH_SEND_INVALID_REPLY);
	assert_int_equal(fix_call(pair.client.port, 99, &message), MACH_SEND_INVALID_REPLY);
	assert_int_equal(
	    fix_call(pair.client.port, pair.client.port, &message), MACH_SEND_INVALID_REPLY);
	assert_int_equal(fix_call(99, fix_receive(fix_space), &message), MACH_SEND_INVALID_DEST);
	assert_int_equal(fix_status(pair.in, pair.port).mps_msgcount, 0);
	/* sent, but there is no waiting in a set's member */
	set = fix_pset(fix_space);
	message.reply = ipc_reply_port_allocate(fix_space);
	assert_int_equal(mach_port_move_member(fix_space, message.reply, set), 0);
	assert_int_equal(fix_call(pair.client.port, message.reply, &message), MACH_RCV_IN_SET);
	assert_int_equal(fix_status(pair.in, pair.port).mps_msgcount, 1);
	assert_int_equal(fix_reply_wait(0, 0, &message, NULL, 0), MACH_RCV_INVALID_NAME);
	assert_int_equal(
	    fix_reply_wait(0, pair.client.port, &message, NULL, 0), MACH_RCV_INVALID_NAME);
	atomic_store(&ipc_transports, PORTOLAN_IPC_HANDOFF);
	assert_int_equal(fix_call(pair.client.port, 0, &message), MACH_REGISTER_FORBIDDEN);
	assert_int_equal(fix_reply_wait(0, 0, &message, NULL, 0), MACH_REGISTER_FORBIDDEN);
	atomic_store(&ipc_transports, PORTOLAN_IPC_ALL);
	pair_end(&pair);
}

/* Every allocation fails once: an error, and nothing leaks. */
static void
no_memory(void **state)
{
	struct pair pair;
	uint64_t k;
	bool failed = true;
	int late;

	(void)state;
	for (late = 0; late < 2; late++) {
		for (k = 1, failed = true; failed; k++) {
			pair_make(&pair, false);
			pair.client.mr = -1;
			if (!late)
				fix_thread(pair.in, server, &pair.server);
			host_run();
			host_fail_allocation(k);
			fix_thread(pair.out, client, &pair.client);
			host_run();
			if (late)
				fix_thread(pair.in, server, &pair.server);
			host_run();
			failed = host_failed();
			host_fail_allocation(0);
			if (!failed)
				assert_answered(&pair, 140);
			pair_end(&pair);
			assert_true(pair.client.mr != -1);
		}
	}
}

/* The server has no name left for the reply right. */
static void
no_name(void **state)
{
	struct pair pair;
	int i, late;

	(void)state;
	for (late = 0; late < 2; late++) {
		pair_make(&pair, false);
		for (i = 1; i < (int)IPC_ENTRY_CHUNK - 1; i++)
			(void)fix_receive(pair.in);
		fix_account->limit[ACCOUNT_ENTRIES] = fix_account->used[ACCOUNT_ENTRIES];
		if (late)
			pair_run(&pair, NULL, client);
		fix_thread(pair.in, server, &pair.server);
		host_run();
		if (!late)
			pair_run(&pair, NULL, client);
		fix_account->limit[ACCOUNT_ENTRIES] = ACCOUNT_NO_LIMIT;
		assert_int_equal(pair.server.mr, MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_KERNEL);
		assert_int_equal(pair.client.mr, MIG_SERVER_DIED);
		pair_end(&pair);
	}
}

static void
kernel_port(void **state)
{
	struct ipc_port *port = ipc_port_create_kernel(NULL);
	struct party party = { .id = 2000 };

	(void)state;
	ipc_kobject_set(port, &party, IKOT_DEVICE);
	party.port = ipc_name_send_right(fix_space, ipc_port_make_send(port));
	party.reply = ipc_reply_port_allocate(fix_space);
	client(&party);
	assert_int_equal(party.mr, 0);
	assert_int_equal(party.message.label, MACH_REGISTER_LABEL(2100, 0));
	ipc_port_destroy_kernel(port);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_type),
		TEST(no_words),
		TEST(both),
		TEST(told),
		TEST(standing),
		TEST(to_mach_msg),
		TEST(misfit),
		TEST(from_mach_msg),
		TEST(order),
		TEST(once),
		TEST(place_moved),
		TEST(send_right_as_reply),
		TEST(server_dies),
		TEST(aborts),
		TEST(abort_in_queue),
		TEST(errors),
		TEST(no_memory),
		TEST(no_name),
		TEST(kernel_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
