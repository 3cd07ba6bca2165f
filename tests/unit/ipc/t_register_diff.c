/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nobody can tell which way a message went: the same random programs with
 * mach_msg alone, in registers, and with a form drawn for each operation.
 * Equal results step by step and equal rights in the end, names of reply
 * rights apart.
 */
#include "registers.h"

#include <stdio.h>

#include <mach/mig_errors.h>
#include <mach/portolan.h>

#define SPACES  3
#define WORKERS 7
#define STEPS   400
#define LOG     4096

#define REVIVALS 6

enum form { MESSAGES, REGISTERS, MIXED, FORMS };
enum op_kind { OP_CALL, OP_RECEIVE, OP_REPLY_RECEIVE, OP_NOTE, OP_KINDS };

struct worker {
	struct host_thread *thread;
	struct waiter *turn; /* waiting for its turn, or NULL */
	bool quit;
	unsigned number, space;
	enum op_kind kind;
	bool in_registers;
	bool misfit; /* the answer is no sequence of words */
	mach_port_name_t to, receive;
	struct mach_register_message message;
	struct user_msg *msg;
	mach_port_name_t reply_to; /* got with the last message */
	mach_port_name_t reply_port;
};

struct record {
	unsigned step;
	unsigned worker;
	mach_msg_return_t mr;
	struct mach_register_message message;
};

struct run {
	enum form form;
	struct ipc_space *spaces[SPACES];
	mach_port_name_t ports[SPACES], sets[SPACES], sends[SPACES][SPACES];
	struct ipc_port *kernel; /* the kernel receives on it */
	mach_port_name_t kernel_sends[SPACES];
	struct worker workers[WORKERS];
	struct record log[LOG];
	unsigned logged;
	unsigned step;
	unsigned revivals;
	char final[SPACES][8192];
};

static struct run *running;

/* The driver's own dice: the same in all forms; and one for the forms. */
static uint64_t dice_state, form_state;

static uint32_t
throw_dice(uint64_t *state, uint32_t n)
{
	*state = *state * 6364136223846793005ul + 1442695040888963407ul;
	return (uint32_t)(*state >> 33) % n;
}

static uint32_t
dice(uint32_t n)
{
	return throw_dice(&dice_state, n);
}

/* -- Operations in either form --------------------------------------------------- */

/* What mach_msg received, as registers tell it; for a call that is too large,
 * for others the header, if it does not fit them. */
static mach_msg_return_t
seen(struct worker *worker, mach_msg_return_t mr)
{
	const mach_msg_header_t *header = &worker->msg->header;

	if (mr != MACH_MSG_SUCCESS || fix_untyped(&worker->message, worker->msg))
		return mr;
	worker->message = (struct mach_register_message) {
		.label = MACH_REGISTER_LABEL(header->msgh_id, 0),
		.payload = header->msgh_protected_payload,
		.reply = (mach_port_name_t)header->msgh_remote_slot,
		.bits = header->msgh_bits,
		.seqno = header->msgh_seqno,
	};
	return worker->kind == OP_CALL ? MACH_RCV_TOO_LARGE : mr;
}

static mach_msg_return_t
call(struct worker *worker)
{
	uint32_t size;
	mach_msg_return_t mr;

	if (worker->in_registers)
		return fix_call(worker->to, worker->receive, &worker->message);
	size = fix_typed(
	    worker->msg, &worker->message, MACH_MSGH_BITS(19, 21), worker->to, worker->receive);
	mr = seen(worker,
	    fix_mach_msg(
		worker->msg, MACH_SEND_MSG | MACH_RCV_MSG, size, MSG_BYTES, worker->receive, 0, 0));
	if (mr == MACH_MSG_SUCCESS && worker->msg->header.msgh_id == MACH_NOTIFY_SEND_ONCE)
		return MIG_SERVER_DIED;
	return mr;
}

static mach_msg_return_t
reply_wait(struct worker *worker, mach_port_name_t reply)
{
	mach_msg_option_t option = MACH_RCV_MSG;
	uint32_t size = 0;
	mach_msg_return_t mr;

	if (worker->in_registers) {
		mr = fix_reply_wait(
		    reply, worker->receive, &worker->message, worker->msg, MSG_BYTES);
		return mr == MACH_REGISTER_MESSAGE ? seen(worker, MACH_MSG_SUCCESS) : mr;
	}
	if (reply != 0) {
		option |= MACH_SEND_MSG;
		size = fix_typed(worker->msg, &worker->message, MACH_MSGH_BITS(18, 0), reply, 0);
		if (worker->misfit)
			size = fix_add_words(worker->msg, size, (const uint32_t[3]) { 7, 8, 9 }, 3);
	}
	return seen(
	    worker, fix_mach_msg(worker->msg, option, size, MSG_BYTES, worker->receive, 0, 0));
}

static mach_msg_return_t
note(struct worker *worker)
{
	uint32_t size =
	    fix_typed(worker->msg, &worker->message, MACH_MSGH_BITS(19, 0), worker->to, 0);

	return fix_mach_msg(worker->msg, MACH_SEND_MSG, size, 0, 0, 0, 0);
}

/* -- Workers ------------------------------------------------------------------------ */

/* A call learns label and words only; of a reply right that there is one. */
static void
record(struct worker *worker, mach_msg_return_t mr)
{
	struct record *log = running->log, record;
	unsigned i, word;

	if (worker->quit)
		return;
	i = running->logged++;
	assert_true(running->logged < LOG);
	memset(&record, 0, sizeof(record));
	record.step = running->step;
	record.worker = worker->number;
	record.mr = mr;
	if (mr == MACH_MSG_SUCCESS && worker->kind != OP_NOTE)
		record.message = worker->message;
	if (worker->kind == OP_CALL)
		memset(&record.message.payload, 0,
		    sizeof(record.message) - offsetof(struct mach_register_message, payload));
	record.message.reply = record.message.reply != 0;
	record.message.pad = 0;
	for (word = ipc_register_count(record.message.label); word < MACH_REGISTER_WORDS; word++)
		record.message.words[word] = 0;
	for (; i > 0 && log[i - 1].step == record.step && log[i - 1].worker > record.worker; i--)
		log[i] = log[i - 1];
	log[i] = record;
}

static void
perform(struct worker *worker)
{
	mach_port_name_t reply = worker->kind == OP_REPLY_RECEIVE ? worker->reply_to : 0;
	mach_msg_return_t mr;

	memset(worker->msg, 0x33, sizeof(*worker->msg));
	worker->reply_to = 0;
	if (worker->kind == OP_CALL)
		mr = call(worker);
	else if (worker->kind == OP_NOTE)
		mr = note(worker);
	else
		mr = reply_wait(worker, reply);
	if (mr == MACH_MSG_SUCCESS && worker->kind != OP_NOTE && worker->kind != OP_CALL)
		worker->reply_to = worker->message.reply;
	record(worker, mr);
}

static void
worker_body(void *arg)
{
	struct worker *worker = arg;

	worker->msg = fix_msg();
	while (!worker->quit) {
		worker->turn = waiter_current();
		waiter_prepare(worker->turn, false, WAIT_FOREVER);
		(void)waiter_block(worker->turn);
		if (!worker->quit)
			perform(worker);
	}
	fix_user_free(worker->msg);
}

static void
give_turn(struct worker *worker)
{
	struct waiter *turn = worker->turn;

	worker->turn = NULL;
	assert_true(waiter_claim(turn, WAIT_OK));
	waiter_go(turn);
	host_run();
}

/* Types whose values fill the words, so that both forms show the same. */
static void
make_message(struct mach_register_message *message)
{
	unsigned i, words = dice(MACH_REGISTER_WORDS + 1);
	uint32_t types = 0;

	memset(message, 0, sizeof(*message));
	for (i = 0; i < words; i++) {
		types |= MACH_REGISTER_TYPE(
		    i, dice(2) ? MACH_REGISTER_INTEGER_64 : MACH_REGISTER_INTEGER_32);
		message->words[i] = dice(1000000);
	}
	message->label = MACH_REGISTER_LABEL(100 + dice(100000), types);
}

static void
make_op(struct worker *worker)
{
	unsigned space = worker->space;
	mach_port_status_t status = { 0 };

	worker->kind = (enum op_kind)dice(OP_KINDS);
	/* The first worker of each space is most often its server. */
	if (worker->number < SPACES && dice(8) != 0)
		worker->kind = OP_RECEIVE;
	else if (worker->number >= SPACES && dice(3) != 0)
		worker->kind = OP_CALL;
	if (worker->reply_to != 0 && dice(5) != 0)
		worker->kind = OP_REPLY_RECEIVE;
	worker->to = running->sends[space][dice(SPACES)];
	(void)mach_port_get_receive_status(running->spaces[space], running->ports[space], &status);
	worker->receive = status.mps_pset;
	if (worker->receive == 0 || dice(8) == 0)
		worker->receive = running->ports[space];
	if (worker->kind == OP_CALL)
		worker->receive = worker->reply_port;
	/* A call's answer may carry no rights, so it does not wait where
	 * requests arrive. */
	if (dice(40) == 0)
		worker->receive = worker->kind == OP_CALL ? running->sets[space] + 900 * dice(2)
		    : dice(2)                             ? running->sends[space][dice(SPACES)]
							  : 900;
	/* Queues never fill up. */
	if (worker->kind == OP_NOTE && status.mps_msgcount > 3)
		worker->kind = OP_RECEIVE;
	make_message(&worker->message);
	worker->in_registers = running->form == REGISTERS ||
	    (running->form == MIXED && throw_dice(&form_state, 2) != 0);
	worker->misfit = worker->kind == OP_REPLY_RECEIVE && dice(12) == 0;
	if (worker->misfit)
		worker->in_registers = false;
	/* The fixture's kernel answers some ids on the short way alone. */
	if (worker->kind == OP_CALL && dice(12) == 0) {
		worker->to = running->kernel_sends[space];
		worker->message.label = MACH_REGISTER_LABEL(5000 + dice(1000), 0);
	}
}

/* -- Comings and goings ------------------------------------------------------------ */

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

static void
worker_end(struct worker *worker)
{
	worker->quit = true;
	if (worker->turn != NULL)
		give_turn(worker);
	else if (!host_thread_done(worker->thread))
		host_thread_abort(worker->thread);
	host_run();
	assert_true(host_thread_done(worker->thread));
}

static void
space_start(struct run *run, unsigned i)
{
	run->spaces[i] = fix_space_create();
	run->ports[i] = fix_receive(run->spaces[i]);
	run->sets[i] = fix_pset(run->spaces[i]);
	assert_int_equal(
	    mach_port_set_qlimit(run->spaces[i], run->ports[i], MACH_PORT_QLIMIT_MAX), 0);
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
	/* Which of its rights goes first depends on their names: its threads
	 * may see this or that, but there is nobody to tell. */
	for (i = space; i < WORKERS; i += SPACES)
		run->workers[i].quit = true;
	ipc_space_destroy(run->spaces[space]);
	host_run();
	for (i = space; i < WORKERS; i += SPACES)
		worker_end(&run->workers[i]);
	fix_space_destroy(run->spaces[space]);
	space_start(run, space);
	for (i = 0; i < SPACES; i++)
		introduce(run, space, i);
	for (i = space; i < WORKERS; i += SPACES)
		worker_start(run, i);
}

/* Something from outside: abort, rights changing hands. */
static void
disturb(void)
{
	struct worker *worker = &running->workers[dice(WORKERS)];
	unsigned space = dice(SPACES);
	struct ipc_space *in = running->spaces[space];

	switch (dice(8)) {
	case 0:
		if (host_thread_blocked(worker->thread) && worker->turn == NULL)
			host_thread_abort(worker->thread);
		break;
	case 1:
		host_thread_set_handoff(worker->thread, dice(3) != 0);
		break;
	case 2:
		(void)mach_port_move_member(
		    in, running->ports[space], dice(2) ? running->sets[space] : 0);
		break;
	case 3:
		(void)mach_port_set_protected_payload(in, running->ports[space], dice(1000));
		break;
	case 4:
		(void)mach_port_clear_protected_payload(in, running->ports[space]);
		break;
	case 5:
		if (dice(20) == 0)
			(void)mach_port_mod_refs(running->spaces[worker->space], worker->reply_port,
			    MACH_PORT_RIGHT_RECEIVE, -1);
		break;
	case 6:
		if (dice(8) == 0)
			task_again(running, space);
		break;
	case 7:
		if (dice(4) == 0) {
			worker_end(worker);
			worker_start(running, worker->number);
		}
		break;
	}
	host_run();
}

/* -- Runs ------------------------------------------------------------------------------ */

#define LINE_BYTES 80
#define LINES      100

/* Names up to renaming: reply rights get other ones in registers, and so does
 * what comes after them. */
struct description {
	struct ipc_space *space;
	char lines[LINES][LINE_BYTES];
	unsigned used, once, dead;
};

/* Reply rights are counted only. */
static void
describe_entry(struct description *d, mach_port_name_t name)
{
	mach_port_type_t type = fix_type(d->space, name);
	mach_port_status_t status;

	d->once += (type & MACH_PORT_TYPE_SEND_ONCE) != 0;
	d->dead += (type & MACH_PORT_TYPE_DEAD_NAME) != 0;
	if (type == 0 || (type & (MACH_PORT_TYPE_SEND_ONCE | MACH_PORT_TYPE_DEAD_NAME)))
		return;
	memset(&status, 0, sizeof(status));
	(void)mach_port_get_receive_status(d->space, name, &status);
	assert_true(d->used < LINES);
	(void)snprintf(d->lines[d->used++], LINE_BYTES, "%x refs %u status %u %u %u %u %u %u\n",
	    type, fix_refs(d->space, name, 0), status.mps_pset != 0, status.mps_seqno,
	    status.mps_mscount, status.mps_msgcount, status.mps_sorights, status.mps_srights);
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
describe(struct ipc_space *space, char *text, size_t size)
{
	static struct description d;
	size_t used = 0;
	unsigned i;

	d = (struct description) { .space = space };
	for (i = 1; i < space->is_slots; i++) {
		struct ipc_entry *entry =
		    &space->is_chunks[i >> IPC_ENTRY_CHUNK_SHIFT][i & (IPC_ENTRY_CHUNK - 1)];

		if (ipc_entry_type(entry) != 0)
			describe_entry(&d, entry->ie_name);
	}
	qsort(d.lines, d.used, LINE_BYTES, compare_lines);
	for (i = 0; i < d.used; i++)
		used += (size_t)snprintf(text + used, size - used, "%s", d.lines[i]);
	(void)snprintf(text + used, size - used, "once %u dead %u\n", d.once, d.dead);
}

static void
run_setup(struct run *run, enum form form)
{
	unsigned i, j;

	memset(run, 0, sizeof(*run));
	running = run;
	run->form = form;
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
		describe(run->spaces[i], run->final[i], sizeof(run->final[i]));
	for (i = 0; i < WORKERS; i++)
		run->workers[i].quit = true;
	for (i = 0; i < SPACES; i++)
		ipc_space_destroy(run->spaces[i]);
	host_run();
	for (i = 0; i < WORKERS; i++)
		worker_end(&run->workers[i]);
	ipc_port_destroy_kernel(run->kernel);
}

static void
run_program(struct run *run, uint64_t seed, enum form form)
{
	unsigned step;
	void *state = NULL;

	fix_setup(&state);
	atomic_store(&ipc_transports, form == MESSAGES ? PORTOLAN_IPC_BUFFERED : PORTOLAN_IPC_ALL);
	dice_state = seed;
	form_state = ~seed;
	run_setup(run, form);
	for (step = 0; step < STEPS; step++) {
		struct worker *worker = &run->workers[dice(WORKERS)];

		run->step = step;
		if (worker->turn != NULL) {
			make_op(worker);
			give_turn(worker);
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
		fail_msg("seed %llu form %d: record %u differs: step %u worker %u mr %x label %llx "
			 "seqno %u bits %x; step %u worker %u mr %x label %llx seqno %u bits %x",
		    (unsigned long long)seed, b->form, i, a->log[i].step, a->log[i].worker,
		    (unsigned)a->log[i].mr, (unsigned long long)a->log[i].message.label,
		    a->log[i].message.seqno, a->log[i].message.bits, b->log[i].step,
		    b->log[i].worker, (unsigned)b->log[i].mr,
		    (unsigned long long)b->log[i].message.label, b->log[i].message.seqno,
		    b->log[i].message.bits);
	for (i = 0; i < SPACES; i++)
		assert_string_equal(a->final[i], b->final[i]);
}

static void
differential(void **state)
{
	static struct run runs[FORMS];
	const char *first = getenv("IPC_SEED"), *count = getenv("IPC_RUNS");
	uint64_t seed = first != NULL ? strtoull(first, NULL, 0) : 1;
	uint64_t left = count != NULL ? strtoull(count, NULL, 0) : 100;
	uint64_t records = 0, revivals = 0;
	enum form form;

	(void)state;
	for (; left > 0; left--, seed++) {
		for (form = MESSAGES; form < FORMS; form++) {
			run_program(&runs[form], seed, form);
			compare(&runs[MESSAGES], &runs[form], seed);
		}
		records += runs[0].logged;
		revivals += runs[0].revivals;
	}
	printf("%llu operations, %llu in rendezvous, %llu tasks killed\n",
	    (unsigned long long)records, (unsigned long long)fix_rendezvous,
	    (unsigned long long)revivals);
	assert_true(fix_rendezvous > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differential),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
