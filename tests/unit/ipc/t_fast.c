/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The handoff path: that it is taken, what ends it late, and that nobody can
 * tell it from the buffered one: the same random programs with it on and off,
 * equal results step by step and equal rights in the end.
 */
#include "fixture.h"

#include <stdio.h>

#include <mach/portolan.h>

/* -- It is taken ----------------------------------------------------------------- */

struct loop {
	mach_port_name_t receive, send;
	uint32_t size;
	uint32_t right; /* disposition of one in the body, or 0 */
	mach_port_name_t right_name;
	mach_msg_return_t mr;
	struct user_msg *msg;
};

static void
one_server(void *arg)
{
	struct loop *loop = arg;

	loop->msg = fix_msg();
	loop->mr = fix_mach_msg(loop->msg, MACH_RCV_MSG, 0, MSG_BYTES, loop->receive, 0, 0);
	while (loop->mr == MACH_MSG_SUCCESS) {
		loop->msg->header.msgh_bits =
		    MACH_MSGH_BITS(18, 0) | (loop->msg->header.msgh_bits & MACH_MSGH_BITS_COMPLEX);
		if (loop->msg->header.msgh_bits & MACH_MSGH_BITS_COMPLEX)
			loop->msg->words[4] += MACH_MSG_TYPE_COPY_SEND - MACH_MSG_TYPE_PORT_SEND;
		loop->msg->header.msgh_local_port = 0;
		loop->mr = fix_mach_msg(loop->msg, MACH_SEND_MSG | MACH_RCV_MSG,
		    loop->msg->header.msgh_size, MSG_BYTES, loop->receive, 0, 0);
	}
}

static void
one_call(void *arg)
{
	struct loop *loop = arg;
	mach_port_name_t reply = ipc_reply_port_allocate(ipc_thread_current()->ith_space);

	loop->msg = fix_msg();
	memset(loop->msg, 0x77, sizeof(*loop->msg));
	fix_header(loop->msg, MACH_MSGH_BITS(19, 21), loop->send, reply, 44);
	if (loop->right != 0) {
		loop->msg->header.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		loop->msg->words[4] = loop->right | 64u << 8 | 1u << 29 | 1ul << 32;
		loop->msg->words[5] = loop->right_name;
	}
	loop->mr = fix_mach_msg(
	    loop->msg, MACH_SEND_MSG | MACH_RCV_MSG, loop->size, MSG_BYTES, reply, 0, 0);
}

struct pair {
	struct ipc_space *server, *client;
	struct loop served, called;
	mach_port_name_t port;
};

static void
pair_make(struct pair *pair, bool set)
{
	memset(pair, 0, sizeof(*pair));
	pair->server = fix_space_create();
	pair->client = fix_space_create();
	pair->port = pair->served.receive = fix_receive(pair->server);
	if (set) {
		pair->served.receive = fix_pset(pair->server);
		assert_int_equal(
		    mach_port_move_member(pair->server, pair->port, pair->served.receive), 0);
	}
	pair->called.send =
	    fix_give(pair->server, pair->port, MACH_MSG_TYPE_MAKE_SEND, pair->client);
	pair->called.size = 64;
	fix_thread(pair->server, one_server, &pair->served);
	host_run();
}

static void
taken(void **state)
{
	struct pair pair;
	uint64_t before;
	int set;

	(void)state;
	for (set = 0; set < 2; set++) {
		pair_make(&pair, set);
		before = host_handoff_count();
		pair.called.size = set ? 64 : 1056;
		fix_thread(pair.client, one_call, &pair.called);
		host_run();
		assert_int_equal(pair.called.mr, 0);
		assert_int_equal(pair.called.msg->header.msgh_id, 44);
		assert_int_equal(pair.called.msg->header.msgh_bits, MACH_MSGH_BITS(0, 18));
		assert_int_equal(host_handoff_count(), before + 2);
		assert_int_equal(fix_type(pair.server, 1 + set + 1), 0);
		fix_space_destroy(pair.server);
		host_run();
		assert_int_equal(pair.served.mr, MACH_RCV_PORT_DIED);
	}
}

/* One right in the body, there and back again. */
static void
carried(void **state)
{
	struct pair pair;
	uint64_t before;
	int make;

	(void)state;
	for (make = 0; make < 2; make++) {
		pair_make(&pair, false);
		before = host_handoff_count();
		pair.called.size = 48;
		pair.called.right = make ? MACH_MSG_TYPE_MAKE_SEND : MACH_MSG_TYPE_COPY_SEND;
		pair.called.right_name = make ? fix_receive(pair.client) : pair.called.send;
		fix_thread(pair.client, one_call, &pair.called);
		host_run();
		assert_int_equal(pair.called.mr, 0);
		assert_int_equal(pair.called.msg->header.msgh_bits,
		    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(0, 18));
		assert_int_equal(pair.called.msg->words[4] & 0xff, MACH_MSG_TYPE_PORT_SEND);
		assert_int_equal(pair.called.msg->words[5], pair.called.right_name);
		assert_int_equal(fix_refs(pair.client, pair.called.right_name, 0), make ? 1 : 2);
		assert_int_equal(host_handoff_count(), before + 2);
		fix_space_destroy(pair.server);
		host_run();
	}
}

static void
payload(void **state)
{
	struct pair pair;

	(void)state;
	pair_make(&pair, false);
	assert_int_equal(mach_port_set_protected_payload(pair.server, pair.port, ~5ul), 0);
	atomic_store(&ipc_transports, PORTOLAN_IPC_ALL);
	fix_thread(pair.client, one_call, &pair.called);
	host_run();
	assert_int_equal(pair.called.mr, 0);
	fix_space_destroy(pair.server);
	host_run();
}

/* The receiver's buffer is there, but not resident: served by faults. */
static void
receiver_faults(void **state)
{
	struct pair pair;

	(void)state;
	pair_make(&pair, false);
	host_user_add(pair.served.msg, sizeof(struct user_msg), HOST_READ | HOST_WRITE);
	ipc_counters[IPC_COUNT_HANDOFF_UNDONE] = 0;
	fix_thread(pair.client, one_call, &pair.called);
	host_run();
	assert_int_equal(pair.called.mr, 0);
	assert_true(ipc_counters[IPC_COUNT_HANDOFF_UNDONE] != 0);
	/* and not there at all: the server is told, the client is not */
	host_user_add(pair.served.msg, sizeof(struct user_msg), HOST_READ);
	fix_thread(pair.client, one_call, &pair.called);
	host_run();
	assert_int_equal(pair.served.mr, MACH_RCV_INVALID_DATA);
	host_user_add(pair.served.msg, sizeof(struct user_msg), HOST_ALL);
	fix_space_destroy(pair.server);
	host_run();
	assert_int_equal(pair.called.msg->header.msgh_id, MACH_NOTIFY_SEND_ONCE);
}

/* No name to be had for the reply right, seen only beyond the claim. */
static void
no_reply_name(void **state)
{
	struct pair pair;
	int i;

	(void)state;
	pair_make(&pair, false);
	for (i = 2; i < (int)IPC_ENTRY_CHUNK; i++)
		(void)fix_receive(pair.server);
	fix_account->limit[ACCOUNT_ENTRIES] = fix_account->used[ACCOUNT_ENTRIES] + IPC_ENTRY_CHUNK;
	fix_thread(pair.client, one_call, &pair.called);
	fix_account->limit[ACCOUNT_ENTRIES] = fix_account->used[ACCOUNT_ENTRIES];
	host_run();
	fix_account->limit[ACCOUNT_ENTRIES] = ACCOUNT_NO_LIMIT;
	assert_int_equal(pair.served.mr, MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_KERNEL);
	assert_int_equal(pair.served.msg->header.msgh_remote_port, 0);
	assert_int_equal(pair.served.msg->header.msgh_id, 44);
	assert_int_equal(pair.called.mr, 0);
	assert_int_equal(pair.called.msg->header.msgh_id, MACH_NOTIFY_SEND_ONCE);
}

static void
transport_names(void **state)
{
	uint32_t mask = 99;

	(void)state;
	assert_true(ipc_transports_named("buffered x", 8, &mask));
	assert_int_equal(mask, PORTOLAN_IPC_BUFFERED);
	assert_true(ipc_transports_named("auto", 4, &mask));
	assert_int_equal(mask, PORTOLAN_IPC_ALL);
	assert_false(ipc_transports_named("buff", 4, &mask));
	assert_false(ipc_transports_named("", 0, &mask));
	assert_string_equal(ipc_counter_name(IPC_COUNT_HANDOFF), "HANDOFF");
	assert_non_null(ipc_counter_meaning(IPC_COUNT_NO_CONTENTION));
}

/* -- The kernel as server ------------------------------------------------------------ */

struct kernel_call {
	mach_port_name_t port, reply;
	int32_t id;
	uint32_t rcv_size;
	mach_msg_return_t mr;
	struct user_msg *msg;
};

static void
kernel_call(void *arg)
{
	struct kernel_call *call = arg;

	fix_header(call->msg, MACH_MSGH_BITS(19, 21), call->port, call->reply, call->id);
	call->mr = fix_mach_msg(
	    call->msg, MACH_SEND_MSG | MACH_RCV_MSG, 48, call->rcv_size, call->reply, 0, 0);
}

static void
kernel_short(void **state)
{
	struct ipc_port *port = ipc_port_create_kernel(NULL);
	struct kernel_call call = { .rcv_size = MSG_BYTES };
	uint64_t shorts;
	int object, round;

	(void)state;
	ipc_kobject_set(port, &object, IKOT_DEVICE);
	call.port = ipc_name_send_right(fix_space, ipc_port_make_send(port));
	call.reply = fix_receive(fix_space);
	call.msg = fix_msg();
	shorts = ipc_counters[IPC_COUNT_KERNEL_SHORT];
	for (round = 0; round < 3; round++) {
		call.id = 2000;
		kernel_call(&call);
		assert_int_equal(call.mr, 0);
		assert_int_equal(call.msg->header.msgh_id, 2100);
		assert_int_equal(call.msg->header.msgh_bits, MACH_MSGH_BITS(0, 18));
		assert_int_equal(call.msg->header.msgh_local_port, call.reply);
		assert_int_equal(call.msg->header.msgh_seqno, round);
	}
	assert_int_equal(ipc_counters[IPC_COUNT_KERNEL_SHORT], shorts + 3);
	assert_int_equal(fix_status(fix_space, call.reply).mps_sorights, 0);
	/* not for the short way, and refused by it */
	call.id = 900;
	kernel_call(&call);
	assert_int_equal(call.msg->header.msgh_id, 1000);
	/* an answer with a right in it */
	call.id = 4000;
	kernel_call(&call);
	assert_int_equal(call.mr, 0);
	assert_int_equal(call.msg->words[5], call.port);
	assert_int_equal(fix_refs(fix_space, call.port, 0), 2);
	/* the same without memory for it: the reply right dies */
	host_fail_allocation(1);
	kernel_call(&call);
	assert_true(host_failed());
	assert_int_equal(call.mr, 0);
	assert_int_equal(call.msg->header.msgh_id, MACH_NOTIFY_SEND_ONCE);
	/* too long for the caller */
	call.id = 2000;
	call.rcv_size = 24;
	kernel_call(&call);
	assert_int_equal(call.mr, MACH_RCV_TOO_LARGE);
	call.rcv_size = MSG_BYTES;
	/* something waits there already: it comes first */
	assert_int_equal(
	    fix_send_id(fix_space,
		fix_give(fix_space, call.reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, fix_space), 18, 55),
	    0);
	kernel_call(&call);
	assert_int_equal(call.msg->header.msgh_id, 55);
	/* and who asked has paid for the answer that waits */
	assert_true(fix_account->used[ACCOUNT_MESSAGE_BYTES] > 0);
	assert_int_equal(fix_poll(fix_space, call.reply, call.msg), 0);
	assert_int_equal(call.msg->header.msgh_id, 2100);
	assert_int_equal(fix_account->used[ACCOUNT_MESSAGE_BYTES], 0);
	/* or gets none */
	assert_int_equal(
	    fix_send_id(fix_space,
		fix_give(fix_space, call.reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, fix_space), 18, 55),
	    0);
	fix_account->limit[ACCOUNT_MESSAGE_BYTES] = fix_account->used[ACCOUNT_MESSAGE_BYTES];
	kernel_call(&call);
	fix_account->limit[ACCOUNT_MESSAGE_BYTES] = ACCOUNT_NO_LIMIT;
	assert_int_equal(call.msg->header.msgh_id, 55);
	fix_expect_notify(fix_space, call.reply, MACH_NOTIFY_SEND_ONCE, 0);
	fix_expect_nothing(fix_space, call.reply);
	/* answered later */
	call.id = 3000;
	fix_thread(fix_space, kernel_call, &call);
	host_run();
	fix_answer_kept();
	host_run();
	assert_int_equal(call.mr, 0);
	assert_int_equal(call.msg->header.msgh_id, 3100);
	ipc_port_destroy_kernel(port);
}

/* -- Random programs --------------------------------------------------------------- */

#define SPACES  3
#define WORKERS 7
#define STEPS   600
#define LOG     4096

#define REVIVALS 6

enum op_kind {
	OP_CALL,
	OP_RECEIVE,
	OP_REPLY_RECEIVE,
	OP_REPLY,
	OP_NOTE,
	OP_NOTE_RECEIVE,
	OP_KINDS
};

struct op {
	enum op_kind kind;
	mach_port_name_t to, receive;
	uint32_t size, rcv_size, option, timeout;
	int32_t id;
	uint32_t right; /* disposition of one in the body, or 0 */
	mach_port_name_t right_name;
};

struct worker {
	struct host_thread *thread;
	struct waiter *turn; /* waiting for its turn, or NULL */
	struct waiter *page; /* waiting for a page of its buffer, or NULL */
	bool page_failed;
	bool quit;
	unsigned number, space;
	struct op op;
	struct user_msg *msg;
	mach_port_name_t reply_to; /* got with the last message */
	mach_port_name_t reply_port;
};

struct record {
	unsigned step;
	unsigned worker;
	mach_msg_return_t mr;
	uint32_t header[8];
	uint64_t body;
};

struct run {
	struct ipc_space *spaces[SPACES];
	mach_port_name_t ports[SPACES], sets[SPACES], sends[SPACES][SPACES];
	struct ipc_port *kernel; /* the kernel receives on it */
	mach_port_name_t kernel_sends[SPACES];
	struct worker workers[WORKERS];
	struct record log[LOG];
	unsigned logged;
	unsigned step;
	unsigned revivals, faults;
	char final[65536];
	uint64_t handoffs;
};

static struct run *running;

static uint64_t
hash(const void *data, size_t size)
{
	const unsigned char *bytes = data;
	uint64_t value = 14695981039346656037ul;

	while (size-- > 0)
		value = (value ^ *bytes++) * 1099511628211ul;
	return value;
}

/* Several may finish in one step; who does so first is the scheduler's affair,
 * and a thread handed the CPU comes before one woken earlier. */
static void
record(struct worker *worker, mach_msg_return_t mr)
{
	struct record *log = running->log, record;
	unsigned i = running->logged++;

	assert_true(running->logged < LOG);
	memset(&record, 0, sizeof(record));
	record.step = running->step;
	record.worker = worker->number;
	record.mr = mr;
	memcpy(record.header, worker->msg->bytes, 32);
	record.body = hash(worker->msg->bytes + 32, MSG_BYTES - 32);
	for (; i > 0 && log[i - 1].step == record.step && log[i - 1].worker > record.worker; i--)
		log[i] = log[i - 1];
	log[i] = record;
}

/* One right, and inline data behind it if there is room. */
static void
put_right(struct user_msg *msg, const struct op *op)
{
	msg->header.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	msg->words[4] = op->right | 64u << 8 | 1u << 29 | 1ul << 32;
	msg->words[5] = op->right_name;
	if (op->size > 56)
		msg->words[6] = 9u | 8u << 8 | 1u << 29 | (uint64_t)(op->size - 56) << 32;
}

static void
perform(struct worker *worker)
{
	struct op *op = &worker->op;
	struct user_msg *msg = worker->msg;
	bool note = op->kind == OP_NOTE || op->kind == OP_NOTE_RECEIVE;
	uint32_t bits = op->kind == OP_CALL ? MACH_MSGH_BITS(19, 21)
	    : note                          ? MACH_MSGH_BITS(19, 0)
					    : MACH_MSGH_BITS(18, 0);
	mach_msg_option_t option = (mach_msg_option_t)op->option;
	mach_msg_return_t mr;

	memset(msg, 0x33 + op->id % 64, sizeof(*msg));
	if (op->kind != OP_RECEIVE) {
		option |= MACH_SEND_MSG;
		fix_header(msg, bits,
		    op->kind == OP_REPLY || op->kind == OP_REPLY_RECEIVE ? worker->reply_to
									 : op->to,
		    op->kind == OP_CALL ? op->receive : 0, op->id);
		if (op->right != 0)
			put_right(msg, op);
	}
	if (op->kind != OP_REPLY && op->kind != OP_NOTE)
		option |= MACH_RCV_MSG;
	mr = fix_mach_msg(msg, option, op->size, op->rcv_size, op->receive, op->timeout, 0);
	worker->reply_to = 0;
	if (mr == MACH_MSG_SUCCESS && (option & MACH_RCV_MSG))
		worker->reply_to = msg->header.msgh_remote_port;
	record(worker, mr);
}

static void
worker_body(void *arg)
{
	struct worker *worker = arg;

	worker->msg = fix_msg();
	for (;;) {
		worker->turn = waiter_current();
		waiter_prepare(worker->turn, false, WAIT_FOREVER);
		(void)waiter_block(worker->turn);
		if (worker->quit)
			break;
		perform(worker);
	}
	fix_user_free(worker->msg);
}

/* -- Faults ----------------------------------------------------------------------- */

static struct worker *
running_worker(void)
{
	unsigned i;

	for (i = 0; i < WORKERS; i++)
		if (running->workers[i].thread != NULL &&
		    host_thread_waiter(running->workers[i].thread) == waiter_current())
			return &running->workers[i];
	return NULL;
}

/* Whoever touches a page that is not resident stays where it is until the
 * driver serves the fault, or makes it fail, or an abort does. */
static bool
await_page(uint64_t address)
{
	struct worker *worker = running_worker();
	enum wait_result result;

	(void)address;
	if (worker == NULL)
		return true;
	running->faults++;
	worker->page_failed = false;
	worker->page = waiter_current();
	waiter_prepare(worker->page, true, WAIT_FOREVER);
	result = waiter_block(worker->page);
	worker->page = NULL;
	return result != WAIT_INTERRUPTED && !worker->page_failed;
}

static void
serve_page(struct worker *worker, bool fail)
{
	struct waiter *waiter = worker->page;

	if (waiter == NULL)
		return;
	worker->page_failed = fail;
	if (waiter_claim(waiter, WAIT_OK))
		waiter_go(waiter);
}

/* -- The driver -------------------------------------------------------------------- */

static void
give_turn(struct worker *worker)
{
	struct waiter *turn = worker->turn;

	worker->turn = NULL;
	assert_true(waiter_claim(turn, WAIT_OK));
	waiter_go(turn);
	host_run();
}

/* The driver's own dice: the same in both modes. */
static uint64_t dice_state;

static uint32_t
dice(uint32_t n)
{
	dice_state = dice_state * 6364136223846793005ul + 1442695040888963407ul;
	return (uint32_t)(dice_state >> 33) % n;
}

static void
make_op(struct worker *worker)
{
	struct op *op = &worker->op;
	unsigned space = worker->space;
	mach_port_status_t status;

	op->kind = (enum op_kind)dice(OP_KINDS);
	/* The first worker of each space is most often its server. */
	if (worker->number < SPACES && dice(8) != 0)
		op->kind = OP_RECEIVE;
	else if (worker->number >= SPACES && dice(3) != 0)
		op->kind = OP_CALL;
	if (worker->reply_to != 0 && dice(4) != 0)
		op->kind = dice(3) ? OP_REPLY_RECEIVE : OP_REPLY;
	op->to = running->sends[space][dice(SPACES)];
	status.mps_pset = 0;
	(void)mach_port_get_receive_status(running->spaces[space], running->ports[space], &status);
	op->receive = status.mps_pset;
	if (op->receive == 0 || dice(8) == 0)
		op->receive = running->ports[space];
	if (op->kind == OP_CALL)
		op->receive = worker->reply_port;
	if (dice(20) == 0)
		op->receive = dice(40);
	op->size = dice(5) ? 32 + 8 * dice(10) : 32 + 8 * dice(140);
	op->rcv_size = dice(12) ? 2048 : 40 + 8 * dice(20);
	op->option = (dice(5) ? 0 : MACH_SEND_TIMEOUT) | (dice(5) ? 0 : MACH_RCV_TIMEOUT) |
	    (dice(8) ? 0 : MACH_RCV_LARGE);
	op->timeout = 10 * dice(4);
	/* The fixture's kernel answers some ids on the short way alone. */
	op->id = 5000 + (int32_t)dice(100000);
	if (dice(12) == 0)
		op->to = running->kernel_sends[space];
	else if (dice(5) == 0)
		op->to = 1 + dice(40);
	if (dice(12) == 0)
		op->id = (int32_t)dice(1000);
	op->right = dice(4) ? 0 : dice(3) ? MACH_MSG_TYPE_COPY_SEND : 16 + dice(6);
	op->right_name = dice(3) ? running->sends[space][dice(SPACES)]
	    : dice(3)            ? running->ports[space]
				 : dice(20);
	if (op->right != 0 && op->size < 48)
		op->size = 48;
}

static void
worker_start(struct run *run, unsigned number)
{
	struct worker *worker = &run->workers[number];
	unsigned space = number % SPACES;

	*worker = (struct worker) { .number = number, .space = space };
	worker->reply_port = ipc_reply_port_allocate(run->spaces[space]);
	worker->thread = fix_thread(run->spaces[space], worker_body, worker);
	host_run();
}

/* A thread ends wherever it is: in a wait, or one for a page after that. */
static void
worker_end(struct worker *worker)
{
	worker->quit = true;
	while (worker->turn == NULL && !host_thread_done(worker->thread)) {
		host_thread_abort(worker->thread);
		host_run();
	}
	if (!host_thread_done(worker->thread))
		give_turn(worker);
}

static void
space_start(struct run *run, unsigned i)
{
	run->spaces[i] = fix_space_create();
	run->ports[i] = fix_receive(run->spaces[i]);
	run->sets[i] = fix_pset(run->spaces[i]);
	run->kernel_sends[i] = ipc_name_send_right(run->spaces[i], ipc_port_make_send(run->kernel));
}

/* Send rights between the two, both ways. */
static void
introduce(struct run *run, unsigned i, unsigned j)
{
	run->sends[i][j] =
	    fix_give(run->spaces[j], run->ports[j], MACH_MSG_TYPE_MAKE_SEND, run->spaces[i]);
	if (i != j)
		run->sends[j][i] = fix_give(
		    run->spaces[i], run->ports[i], MACH_MSG_TYPE_MAKE_SEND, run->spaces[j]);
}

/* A task ends, in the middle of whatever its threads do; and another comes. */
static void
task_again(struct run *run, unsigned space)
{
	unsigned i;

	if (run->revivals == REVIVALS)
		return;
	run->revivals++;
	ipc_space_destroy(run->spaces[space]);
	host_run();
	for (i = space; i < WORKERS; i += SPACES)
		worker_end(&run->workers[i]);
	fix_space_destroy(run->spaces[space]);
	space_start(run, space);
	for (i = 0; i < SPACES; i++)
		if (run->spaces[i]->is_active &&
		    (fix_type(run->spaces[i], run->ports[i]) & MACH_PORT_TYPE_RECEIVE))
			introduce(run, space, i);
	for (i = space; i < WORKERS; i += SPACES)
		worker_start(run, i);
}

static void
end_right(struct ipc_space *in, mach_port_name_t name)
{
	if (dice(2) != 0)
		(void)mach_port_destroy(in, name);
	else
		(void)mach_port_deallocate(in, name);
}

/* A new port, most often with a send right elsewhere; now and then a set. */
static void
more_rights(struct ipc_space *in, struct ipc_space *to)
{
	mach_port_name_t name;

	if (!in->is_active || !to->is_active)
		return;
	if (dice(6) == 0) {
		(void)fix_pset(in);
		return;
	}
	name = fix_receive(in);
	if (dice(4) != 0)
		(void)fix_give(
		    in, name, dice(4) ? MACH_MSG_TYPE_MAKE_SEND : MACH_MSG_TYPE_MAKE_SEND_ONCE, to);
	else
		(void)mach_port_move_member(in, name, 1 + dice(40));
}

/* Tell some port of the end of some name, or of a port's senders. */
static void
ask_notice(struct ipc_space *in, mach_port_name_t name, mach_port_name_t to)
{
	struct ipc_port *notify = NULL, *previous = NULL;
	bool dead = dice(2) != 0;

	if (ipc_name_copyin(in, to, MACH_MSG_TYPE_MAKE_SEND_ONCE, &notify) != KERN_SUCCESS)
		return;
	if (mach_port_request_notification(in, name,
		dead ? MACH_NOTIFY_DEAD_NAME : MACH_NOTIFY_NO_SENDERS, dead, notify,
		&previous) != KERN_SUCCESS)
		ipc_port_release_sonce(notify);
	else if (IPC_PORT_VALID(previous))
		ipc_port_release_sonce(previous);
}

/* Rights change hands, or ports and names. */
static void
disturb_rights(unsigned kind, unsigned space)
{
	struct ipc_space *in = running->spaces[space];
	mach_port_name_t port = running->ports[space];

	switch (kind) {
	case 0:
		(void)mach_port_move_member(in, port, dice(2) ? running->sets[space] : 0);
		break;
	case 1:
		(void)mach_port_set_protected_payload(in, port, dice(1000));
		break;
	case 2:
		(void)mach_port_clear_protected_payload(in, port);
		break;
	case 3:
		if (dice(3) == 0)
			end_right(in, 1 + dice(40));
		break;
	case 4:
		ask_notice(in, dice(2) ? port : 1 + dice(40), running->workers[space].reply_port);
		break;
	default:
		more_rights(in, running->spaces[dice(SPACES)]);
		break;
	}
}

/* Aborts, faults, and ends of threads and tasks. */
static void
disturb_worker(unsigned kind, struct worker *worker)
{
	struct ipc_space *in = running->spaces[worker->space];

	switch (kind) {
	case 0:
		if (host_thread_blocked(worker->thread) && worker->turn == NULL)
			host_thread_abort(worker->thread);
		break;
	case 1:
	case 2:
		host_user_add(worker->msg, sizeof(*worker->msg),
		    dice(2)        ? HOST_READ | HOST_WRITE
			: dice(20) ? HOST_ALL
				   : HOST_READ);
		break;
	case 3:
	case 4:
		serve_page(worker, dice(10) == 0);
		break;
	case 5:
		if (dice(20) == 0)
			(void)mach_port_mod_refs(
			    in, worker->reply_port, MACH_PORT_RIGHT_RECEIVE, -1);
		break;
	case 6:
		if (dice(8) == 0)
			task_again(running, worker->space);
		break;
	default:
		if (dice(4) == 0) {
			worker_end(worker);
			worker_start(running, worker->number);
		}
		break;
	}
}

/* Something from outside. */
static void
disturb(void)
{
	unsigned kind = dice(15);

	if (kind < 6)
		disturb_rights(kind, dice(SPACES));
	else if (kind < 14)
		disturb_worker(kind - 6, &running->workers[dice(WORKERS)]);
	else
		host_advance_ms(10 * dice(5));
	host_run();
}

/* Every name, right and queue of a space, as text. */
static void
describe(struct ipc_space *space, char *text, size_t size)
{
	struct ipc_entry *entries[256];
	unsigned i;
	size_t used = 0;

	(void)entries;
	for (i = 1; i < space->is_slots; i++) {
		struct ipc_entry *entry =
		    &space->is_chunks[i >> IPC_ENTRY_CHUNK_SHIFT][i & (IPC_ENTRY_CHUNK - 1)];
		mach_port_status_t status;
		mach_port_name_t name = entry->ie_name;
		mach_port_type_t type = fix_type(space, name);

		if (type == 0)
			continue;
		memset(&status, 0, sizeof(status));
		(void)mach_port_get_receive_status(space, name, &status);
		used += (size_t)snprintf(text + used, size - used,
		    "%x: %x refs %u %u status %x %u %u %u %u %u %u\n", name, type,
		    fix_refs(space, name, 0), fix_refs(space, name, 4), status.mps_pset,
		    status.mps_seqno, status.mps_mscount, status.mps_msgcount, status.mps_sorights,
		    status.mps_srights, status.mps_qlimit);
		assert_true(used < size);
	}
}

static void
run_setup(struct run *run)
{
	unsigned i, j;

	memset(run, 0, sizeof(*run));
	running = run;
	host_user_fault = await_page;
	run->kernel = ipc_port_create_kernel(NULL);
	ipc_kobject_set(run->kernel, run, IKOT_DEVICE);
	for (i = 0; i < SPACES; i++)
		space_start(run, i);
	for (i = 0; i < SPACES; i++)
		for (j = i; j < SPACES; j++)
			introduce(run, i, j);
	for (i = 0; i < WORKERS; i++)
		worker_start(run, i);
}

static void
run_finish(struct run *run)
{
	unsigned i;

	for (i = 0; i < SPACES; i++)
		describe(run->spaces[i], run->final + i * 20000, 20000);
	run->handoffs = host_handoff_count();
	for (i = 0; i < SPACES; i++)
		ipc_space_destroy(run->spaces[i]);
	host_run();
	for (i = 0; i < WORKERS; i++)
		worker_end(&run->workers[i]);
	ipc_port_destroy_kernel(run->kernel);
}

static void
run_program(struct run *run, uint64_t seed, uint32_t transports, bool plain)
{
	unsigned step;
	void *state = NULL;

	fix_setup(&state);
	atomic_store(&ipc_transports, transports);
	fix_plain = plain;
	dice_state = seed;
	run_setup(run);
	for (step = 0; step < STEPS; step++) {
		struct worker *worker = &run->workers[dice(WORKERS)];

		run->step = step;
		if (worker->turn != NULL) {
			make_op(worker);
			give_turn(worker);
		} else if (dice(3) == 0) {
			serve_page(worker, dice(10) == 0);
			host_run();
		}
		if (dice(4) == 0)
			disturb();
	}
	run_finish(run);
	atomic_store(&ipc_transports, PORTOLAN_IPC_ALL);
	fix_teardown(&state);
}

static void
compare(const struct run *a, const struct run *b, uint64_t seed)
{
	unsigned i;

	for (i = 0; i < a->logged && i < b->logged; i++)
		if (memcmp(&a->log[i], &b->log[i], sizeof(a->log[i])) != 0)
			break;
	if (i < a->logged || i < b->logged)
		fail_msg(
		    "seed %llu: record %u differs: worker %u mr %x id %d, worker %u mr %x id %d",
		    (unsigned long long)seed, i, a->log[i].worker, (unsigned)a->log[i].mr,
		    (int)a->log[i].header[7], b->log[i].worker, (unsigned)b->log[i].mr,
		    (int)b->log[i].header[7]);
	for (i = 0; i < SPACES; i++)
		assert_string_equal(a->final + i * 20000, b->final + i * 20000);
}

static void
differential(void **state)
{
	static struct run general, off, on;
	const char *first = getenv("IPC_SEED"), *count = getenv("IPC_RUNS");
	uint64_t seed = first != NULL ? strtoull(first, NULL, 0) : 1;
	uint64_t runs = count != NULL ? strtoull(count, NULL, 0) : 150;
	uint64_t handoffs = 0, records = 0, faults = 0, revivals = 0;

	(void)state;
	for (; runs > 0; runs--, seed++) {
		run_program(&general, seed, PORTOLAN_IPC_BUFFERED, false);
		run_program(&off, seed, PORTOLAN_IPC_BUFFERED, true);
		run_program(&on, seed, PORTOLAN_IPC_ALL, true);
		assert_int_equal(off.handoffs, 0);
		compare(&general, &off, seed);
		compare(&off, &on, seed);
		handoffs += on.handoffs;
		records += on.logged;
		faults += on.faults;
		revivals += on.revivals;
	}
	printf("%llu operations, %llu handoffs, %llu waits for a page, %llu tasks killed\n",
	    (unsigned long long)records, (unsigned long long)handoffs, (unsigned long long)faults,
	    (unsigned long long)revivals);
	assert_true(handoffs > 100 && faults > 100);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(taken),
		TEST(carried),
		TEST(payload),
		TEST(receiver_faults),
		TEST(no_reply_name),
		TEST(kernel_short),
		TEST(transport_names),
		cmocka_unit_test(differential),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
