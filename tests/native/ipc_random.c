/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_random -- random calls of several tasks at once, each result held
 * against the reference model (ipc_model.h).
 *
 * A boot module: `ipc_random --host-port=${host-port} [--first=SEED]
 * [--worlds=N] [--rounds=N] [--tell] $(task-create) $(task-resume)`.
 *
 * A *world* is three tasks of two threads each, with some rights to begin
 * with. In every *round* up to three of them get an order (ipc_model.h's
 * OP_...) and carry it out at the same time, on as many CPUs as there are; or
 * a blocked one is aborted, or a task is killed and another takes its place.
 * When all are done or blocked, this task reads every name, right and status,
 * and looks for an order of the steps in which the model gives every worker
 * what it got and every task what it has. There must be one. More than one is
 * fine: all are kept, and the next round decides.
 *
 * A world ends early when the model's tables are full or too many orders are
 * possible. Prints `random: N passed, M failed`, each pass a round, and what
 * happened in them.
 */
#include <mach.h>
#include <mach/mach_traps.h>
#include <mach/notify.h>
#include <mach/portolan.h>
#include <mach/register_ipc.h>
#include <mach/thread_info.h>
#include <mach/thread_status.h>
#include <mach/thread_switch.h>

#include "bench.h"
#include "counts.h"
#include "ipc_model.h"

#define AT_ONCE    3
#define STACK      16384
#define CANDIDATES 64
#define PATIENCE   5000 /* ms to come to rest */
#define NAMES_MAX  64
#define TEXT_ID    1000

/* -- What this task and the workers share ---------------------------------------------- */

enum seat_state { SEAT_IDLE, SEAT_ORDERED, SEAT_ENTERED, SEAT_DONE };

struct seat {
	volatile uint32_t state;
	mach_port_name_t control, reply; /* the worker's, for orders and RPCs */
	struct m_order order;
	uint32_t delay;
	uint32_t code;
	mach_port_name_t name;
	union {
		mach_msg_header_t header;
		uint64_t words[32];
	} message;
	struct mach_register_message registers;
	/* What came out of line, which the worker has given back. */
	uint32_t names[M_RIGHTS];
	bool memory_wrong;
};

struct shared {
	volatile uint32_t go;
	struct seat seats[M_WORKERS];
};

static struct shared *shared;

/* -- A worker --------------------------------------------------------------------------- */

static uint64_t
descriptor(unsigned name, unsigned bits)
{
	return 1ul << 32 | 1ul << 29 | (uint64_t)bits << 8 | name;
}

/* An RPC to one's own task: items of (descriptor, value). */
static uint32_t
call(struct seat *seat, int32_t id, const uint64_t *items, unsigned count, mach_port_name_t *name)
{
	union {
		mach_msg_header_t header;
		uint64_t words[24];
	} m;
	mach_msg_return_t mr;

	m.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	m.header.msgh_remote_slot = (mach_task_self)();
	m.header.msgh_protected_payload = seat->reply;
	m.header.msgh_id = id;
	for (unsigned i = 0; i < 2 * count; i++)
		m.words[4 + i] = items[i];
	for (unsigned i = 0; i < count; i++)
		if ((items[2 * i] & 0xff) == MACH_MSG_TYPE_MAKE_SEND_ONCE)
			m.header.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	mr = bench_mach_msg(
	    &m.header, MACH_SEND_MSG | MACH_RCV_MSG, 32 + 16 * count, sizeof(m), seat->reply);
	/* A send that failed in its body cost the reply right: we are told. */
	if (mr == MACH_SEND_INVALID_RIGHT)
		(void)bench_mach_msg(&m.header, MACH_RCV_MSG, 0, sizeof(m), seat->reply);
	if (mr != MACH_MSG_SUCCESS)
		return (uint32_t)mr;
	if (name != NULL && m.header.msgh_size == 64)
		*name = (mach_port_name_t)m.words[7];
	return (uint32_t)m.words[5];
}

#define INT(value)  descriptor(MACH_MSG_TYPE_INTEGER_32, 32), (uint32_t)(value)
#define NAME(value) descriptor(MACH_MSG_TYPE_PORT_NAME, 32), (value)

static uint32_t
do_notify(struct seat *seat, const struct m_order *o)
{
	const uint64_t items[] = { NAME(o->name), INT(o->right), INT(o->delta),
		descriptor(MACH_MSG_TYPE_MAKE_SEND_ONCE, 64), o->name2 };

	return call(seat, 3214, items, 4, &seat->name);
}

static uint32_t
do_on_name(struct seat *seat, const struct m_order *o)
{
	const uint64_t destroy[] = { NAME(o->name) };
	const uint64_t mod_refs[] = { NAME(o->name), INT(o->right), INT(o->delta) };
	const uint64_t move[] = { NAME(o->name), NAME(o->name2) };
	const uint64_t qlimit[] = { NAME(o->name), INT(o->right) };
	mach_port_name_t self = (mach_task_self)();

	switch (o->op) {
	case OP_ALLOCATE:
		return (uint32_t)syscall_mach_port_allocate(self, o->right, &seat->name);
	case OP_DEALLOCATE:
		return (uint32_t)syscall_mach_port_deallocate(self, o->name);
	case OP_DESTROY:
		return call(seat, 3205, destroy, 1, NULL);
	case OP_MOD_REFS:
		return call(seat, 3208, mod_refs, 3, NULL);
	case OP_MOVE_MEMBER:
		return call(seat, 3213, move, 2, NULL);
	case OP_QLIMIT:
		return call(seat, 3210, qlimit, 2, NULL);
	case OP_MAKE_SEND:
		return (uint32_t)syscall_mach_port_insert_right(
		    self, o->name, o->name, MACH_MSG_TYPE_MAKE_SEND);
	case OP_MAKE_SONCE:
		return (uint32_t)syscall_mach_port_insert_right(
		    self, o->name2, o->name, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	default:
		return do_notify(seat, o);
	}
}

/* -- Bodies: rights, a region, words, something odd, in this order -------------------------- */

#define AREA       0x300000000000ul /* of each worker, for what it sends out of line */
#define AREA_STEP  0x100000000ul
#define AREA_ARRAY 0x10000ul
#define REGION_MAX 9000u

static uint64_t
long_descriptor(unsigned name, unsigned bits, uint64_t number, bool deallocate)
{
	return number << 32 | (deallocate ? 1ul << 31 : 0) | 1ul << 30 | (uint64_t)bits << 8 | name;
}

static unsigned
word_count(uint32_t types)
{
	unsigned count = 0;

	while (count < MACH_REGISTER_WORDS && ((types >> 4 * count) & 15) != 0)
		count++;
	return count;
}

/* Of a type code (register-ipc.md 2). */
static uint64_t
word_descriptor(unsigned code)
{
	static const struct {
		uint8_t name, bits, number;
	} codes[16] = {
#define CODE_ROW(code, name, msgt_name, msgt_size, msgt_number)                                    \
	[code] = { msgt_name, msgt_size, msgt_number },
		MACH_REGISTER_TYPE_TABLE(CODE_ROW)
#undef CODE_ROW
	};

	return (uint64_t)codes[code].number << 32 | 1ul << 29 | (uint64_t)codes[code].bits << 8 |
	    codes[code].name;
}

static uint64_t
word_mask(unsigned code)
{
	uint64_t d = word_descriptor(code);
	unsigned bits = (unsigned)(d >> 8 & 0xff) * (unsigned)(d >> 32);

	return bits >= 64 ? ~0ul : (1ul << bits) - 1;
}

static uint64_t
word_value(int32_t id, unsigned i)
{
	return ((uint64_t)(uint32_t)id + i) * 0x9e3779b97f4a7c15ul;
}

/* Where a region lies in its page, and what is in it. */
static uint64_t
region_offset(int32_t id)
{
	return (uint64_t)(uint32_t)id * 37 % 4096;
}

static unsigned char
region_byte(int32_t id, uint32_t at)
{
	return (unsigned char)(((uint32_t)id + at) * 2654435761u >> 24);
}

static uint64_t
area_of(const struct seat *seat)
{
	return AREA + AREA_STEP * (uint64_t)(seat - shared->seats);
}

/* Memory of ours at its place, as much as the region needs. */
static void
region_make(const struct seat *seat, const struct m_order *o)
{
	vm_address_t area = area_of(seat);
	unsigned char *bytes;

	(void)syscall_vm_deallocate((mach_task_self)(), area, 4 * 4096);
	if (o->region_unmapped)
		return;
	(void)syscall_vm_allocate((mach_task_self)(), &area, 4 * 4096, FALSE);
	bytes = (unsigned char *)(area + region_offset(o->id));
	for (uint32_t i = 0; i < o->region; i++)
		bytes[i] = region_byte(o->id, i);
}

static unsigned
put_rights(struct seat *seat, const struct m_order *o, unsigned at)
{
	vm_address_t array = area_of(seat) + AREA_ARRAY;

	if (o->array) {
		(void)syscall_vm_allocate((mach_task_self)(), &array, 4096, FALSE);
		seat->message.words[at++] =
		    long_descriptor(o->body_type[0], 32, o->rights, o->array_deallocate);
		seat->message.words[at++] = array;
		for (unsigned i = 0; i < o->rights; i++)
			((uint32_t *)array)[i] = o->body[i];
		return at;
	}
	for (unsigned i = 0; i < o->rights; i++) {
		seat->message.words[at++] = descriptor(o->body_type[i], 64);
		seat->message.words[at++] = o->body[i];
	}
	return at;
}

static unsigned
put_words(struct seat *seat, const struct m_order *o, unsigned at)
{
	for (unsigned i = 0; i < word_count(o->types); i++) {
		unsigned code = (o->types >> 4 * i) & 15;

		seat->message.words[at++] = word_descriptor(code);
		seat->message.words[at++] = word_value(o->id, i) & word_mask(code);
	}
	if (o->odd) {
		seat->message.words[at++] = 3ul << 32 | 1ul << 29 | 32u << 8 | 2;
		seat->message.words[at++] = 7ul << 32 | 6;
		seat->message.words[at++] = 8;
	}
	return at;
}

static mach_msg_size_t
compose(struct seat *seat, const struct m_order *o)
{
	mach_msg_header_t *h = &seat->message.header;
	unsigned at = 4;

	h->msgh_bits = MACH_MSGH_BITS(o->remote_type, o->local_type);
	h->msgh_remote_slot = o->name;
	h->msgh_protected_payload = o->local;
	h->msgh_seqno = 0;
	h->msgh_id = o->id;
	at = put_rights(seat, o, at);
	if (o->region != M_NO_REGION) {
		region_make(seat, o);
		seat->message.words[at++] =
		    long_descriptor(MACH_MSG_TYPE_BYTE, 8, o->region, o->region_deallocate);
		seat->message.words[at++] = area_of(seat) + region_offset(o->id);
	}
	if (at != 4)
		h->msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	return 8 * put_words(seat, o, at);
}

/* -- What came out of line ------------------------------------------------------------------ */

static void
give_back(uint64_t address, uint64_t size)
{
	if (size != 0)
		(void)syscall_vm_deallocate((mach_task_self)(), address, size);
}

static void
take_region(struct seat *seat, uint64_t address, uint32_t size)
{
	const unsigned char *bytes = (const unsigned char *)address;
	int32_t id = seat->message.header.msgh_id;

	if (size == 0 ? address != 0 : (address & 4095) != region_offset(id))
		seat->memory_wrong = true;
	for (uint32_t i = 0; i < size; i++)
		if (bytes[i] != region_byte(id, i))
			seat->memory_wrong = true;
	give_back(address, size);
}

/* Rights come first, then a region. */
static void
take_out_of_line(struct seat *seat)
{
	const uint64_t *words = seat->message.words;

	if (!(seat->message.header.msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	for (unsigned at = 4; at < seat->message.header.msgh_size / 8; at += 2) {
		uint32_t number = (uint32_t)(words[at] >> 32);
		unsigned name = words[at] & 0xff;

		if (words[at] & (1ul << 29)) {
			if (!MACH_MSG_TYPE_PORT_ANY(name))
				return;
		} else if (MACH_MSG_TYPE_PORT_ANY(name)) {
			for (unsigned i = 0; i < number && i < M_RIGHTS; i++)
				seat->names[i] = ((const uint32_t *)words[at + 1])[i];
			give_back(words[at + 1], 4ul * number);
		} else {
			take_region(seat, words[at + 1], number);
		}
	}
}

/* A page that was sent to be gone is gone; the others are still there. */
static void
check_gone(struct seat *seat, vm_address_t page, bool gone)
{
	kern_return_t kr = syscall_vm_allocate((mach_task_self)(), &page, 4096, FALSE);

	if ((kr == KERN_SUCCESS) != gone)
		seat->memory_wrong = true;
}

/* Was the body taken in (2.11)? */
static bool
was_taken(const struct m_order *o, uint32_t code)
{
	return code == MACH_MSG_SUCCESS || code == MACH_SEND_TIMED_OUT ||
	    code == MACH_SEND_INTERRUPTED || (o->op == OP_BOTH && (code & 0xff00) == 0x4000);
}

static void
end_sent(struct seat *seat, const struct m_order *o)
{
	bool taken = was_taken(o, seat->code);
	vm_address_t area = area_of(seat);

	if (o->array) {
		if (taken)
			check_gone(seat, area + AREA_ARRAY, o->array_deallocate);
		give_back(area + AREA_ARRAY, 4096);
	}
	if (o->region == M_NO_REGION)
		return;
	if (taken && o->region != 0 && !o->region_unmapped)
		check_gone(seat, area, o->region_deallocate);
	give_back(area, 4ul * 4096);
}

static void
end_message(struct seat *seat, const struct m_order *o)
{
	uint32_t code = seat->code;

	if (o->op == OP_SEND || o->op == OP_BOTH)
		end_sent(seat, o);
	if ((o->op != OP_SEND && code == MACH_MSG_SUCCESS) || code == MACH_SEND_TIMED_OUT ||
	    code == MACH_SEND_INTERRUPTED)
		take_out_of_line(seat);
}

/* -- Sending and receiving ---------------------------------------------------------------- */

static uint32_t
do_message(struct seat *seat, const struct m_order *o)
{
	mach_msg_option_t option = 0;
	mach_msg_size_t size = 0;

	if (o->op != OP_RECEIVE) {
		option |= MACH_SEND_MSG | (o->send_timed ? MACH_SEND_TIMEOUT : 0);
		size = compose(seat, o);
	}
	if (o->op != OP_SEND)
		option |= MACH_RCV_MSG | (o->receive_timed ? MACH_RCV_TIMEOUT : 0) |
		    (o->large ? MACH_RCV_LARGE : 0);
	return (uint32_t)mach_msg_trap(
	    &seat->message.header, option, size, o->room, o->from, o->timeout, MACH_PORT_NULL);
}

static uint32_t
do_registers(struct seat *seat, const struct m_order *o)
{
	struct mach_register_message *m = &seat->registers;

	m->label = MACH_REGISTER_LABEL(o->id, o->types);
	for (unsigned i = 0; i < MACH_REGISTER_WORDS; i++)
		m->words[i] = word_value(o->id, i);
	return (uint32_t)(o->op == OP_CALL ? mach_register_call_trap(o->name, o->local, m)
					   : mach_register_reply_wait_trap(o->name, o->from, m,
						 &seat->message.header, o->room));
}

static void
do_order(struct seat *seat)
{
	const struct m_order *o = &seat->order;

	seat->memory_wrong = false;
	if (o->op < OP_SEND) {
		seat->code = do_on_name(seat, o);
	} else if (o->op < OP_CALL) {
		seat->code = do_message(seat, o);
		end_message(seat, o);
	} else {
		seat->code = do_registers(seat, o);
		if (seat->code == MACH_REGISTER_MESSAGE)
			take_out_of_line(seat);
	}
}

static void
worker(uint64_t number)
{
	struct seat *seat = &shared->seats[number];
	union {
		mach_msg_header_t header;
		uint64_t words[8];
	} m;
	uint32_t round = 0;

	(void)(mach_task_self)();
	for (;;) {
		(void)bench_mach_msg(&m.header, MACH_RCV_MSG, 0, sizeof(m), seat->control);
		round = (uint32_t)m.header.msgh_id;
		/* All begin at once, if they can. */
		while (shared->go != round)
			(void)swtch();
		for (volatile uint32_t i = 0; i < seat->delay; i++)
			;
		__atomic_store_n(&seat->state, SEAT_ENTERED, __ATOMIC_SEQ_CST);
		do_order(seat);
		__atomic_store_n(&seat->state, SEAT_DONE, __ATOMIC_SEQ_CST);
	}
}

/* -- The world, as this task sees it ------------------------------------------------------ */

struct task {
	mach_port_name_t port;
	mach_port_name_t threads[M_PER_TASK];
	mach_port_name_t controls[M_PER_TASK]; /* our send rights */
	mach_port_name_t apart[16];            /* names that are not the model's */
	unsigned apart_count;
};

static struct task tasks[M_TASKS];
static unsigned char stacks[M_PER_TASK][STACK] __attribute__((aligned(16)));
static struct model candidates[2 * CANDIDATES]; /* the old, the new */
static uint64_t digests[CANDIDATES];            /* of the new */
static unsigned candidate_count;
static uint64_t dice_state;
static uint32_t rounds_done, failures, round_number;
static int32_t message_id;
static const char *mode_name;
static bool over;        /* the world is to end */
static bool tell_rounds; /* each, with its orders */

/* What happened. */
static uint32_t kills, aborts, early_ends;
static uint32_t sends, receives, calls, refusals, in_registers;

static uint32_t
dice(uint32_t n)
{
	dice_state = dice_state * 6364136223846793005ul + 1442695040888963407ul;
	return (uint32_t)(dice_state >> 33) % n;
}

static void
rest(unsigned ms)
{
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, (int)ms);
}

static mach_port_name_t
me(void)
{
	return bench_task_self();
}

/* -- What is so ---------------------------------------------------------------------------- */

struct name_seen {
	mach_port_name_t name;
	mach_port_type_t type;
	mach_port_urefs_t refs;
	mach_port_status_t status;
};

struct seen {
	unsigned count;
	struct name_seen names[NAMES_MAX];
};

static struct seen seen[M_TASKS];

static void
read_name(mach_port_name_t task, struct name_seen *name)
{
	name->refs = 1;
	if (name->type & MACH_PORT_TYPE_SEND)
		(void)mach_port_get_refs(task, name->name, MACH_PORT_RIGHT_SEND, &name->refs);
	else if (name->type & MACH_PORT_TYPE_DEAD_NAME)
		(void)mach_port_get_refs(task, name->name, MACH_PORT_RIGHT_DEAD_NAME, &name->refs);
	if (name->type & MACH_PORT_TYPE_RECEIVE)
		(void)mach_port_get_receive_status(task, name->name, &name->status);
}

static bool
is_apart(const struct task *task, mach_port_name_t name)
{
	for (unsigned i = 0; i < task->apart_count; i++)
		if (task->apart[i] == name)
			return true;
	return false;
}

static void
read_task(const struct task *task, struct seen *s)
{
	mach_msg_type_number_t count = 0, types_count = 0;
	mach_port_name_array_t names = NULL;
	mach_port_type_array_t types = NULL;

	s->count = 0;
	bench_check(
	    "mach_port_names", mach_port_names(task->port, &names, &count, &types, &types_count));
	for (unsigned i = 0; i < count && s->count < NAMES_MAX; i++) {
		if (is_apart(task, names[i]))
			continue;
		s->names[s->count] = (struct name_seen) { .name = names[i], .type = types[i] };
		read_name(task->port, &s->names[s->count++]);
	}
	(void)vm_deallocate(me(), (vm_address_t)names, count * sizeof(*names));
	(void)vm_deallocate(me(), (vm_address_t)types, count * sizeof(*types));
}

/* Is the worker's call over, or waiting? */
static bool
is_at_rest(unsigned w)
{
	struct thread_basic_info info;
	mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;
	uint32_t state = shared->seats[w].state;

	if (state == SEAT_IDLE || state == SEAT_DONE)
		return true;
	if (state != SEAT_ENTERED)
		return false;
	if (thread_info(tasks[w / M_PER_TASK].threads[w % M_PER_TASK], THREAD_BASIC_INFO,
		(thread_info_t)&info, &count) != KERN_SUCCESS)
		return false;
	return info.run_state == TH_STATE_WAITING;
}

static bool
all_at_rest(void)
{
	for (unsigned w = 0; w < M_WORKERS; w++)
		if (!is_at_rest(w))
			return false;
	return true;
}

/* The workers' calls as they were when the names were read. */
static struct seat held[M_WORKERS];

static bool
read_all(void)
{
	__builtin_memcpy(held, (const void *)shared->seats, sizeof(held));
	for (int task = 0; task < M_TASKS; task++)
		if (tasks[task].port != MACH_PORT_NULL)
			read_task(&tasks[task], &seen[task]);
	for (unsigned w = 0; w < M_WORKERS; w++)
		if (held[w].state != shared->seats[w].state)
			return false;
	return true;
}

/* -- Is the model right about it? --------------------------------------------------------------- */

/* The name of something the worker got; binds it if nobody knew it yet. */
static bool
bind_name(struct model *m, int task, int index, uint64_t name)
{
	struct m_entry *entry;

	if (index == M_NULL)
		return name == MACH_PORT_NULL;
	if (index == M_DEAD)
		return name == MACH_PORT_NAME_DEAD;
	entry = &m->entries[task][index];
	if (entry->name == 0 && entry->type != 0) {
		if (name == 0 || name >= MACH_PORT_NAME_DEAD ||
		    model_find(m, task, (mach_port_name_t)name) != NULL)
			return false;
		entry->name = (mach_port_name_t)name;
	}
	return entry->name == name;
}

/* An item's descriptor and address or value. */
struct cursor {
	const uint64_t *words;
	unsigned at;
};

static bool
bind_rights(
    struct model *m, int task, const struct m_result *r, const struct seat *seat, struct cursor *c)
{
	const struct m_message *msg = &r->message;

	if (msg->array && msg->rights != 0) {
		if (c->words[c->at] != long_descriptor(msg->body[0].type, 32, msg->rights, true))
			return false;
		c->at += 2;
	}
	for (int i = 0; i < msg->rights; i++) {
		uint64_t name = seat->names[i];

		if (!msg->array) {
			if (c->words[c->at] != descriptor(msg->body[i].type, 64))
				return false;
			name = c->words[c->at + 1];
			c->at += 2;
		}
		if (!bind_name(m, task, r->body[i], name))
			return false;
	}
	return true;
}

static bool
same_words(int32_t id, uint32_t types, struct cursor *c)
{
	for (unsigned i = 0; i < word_count(types); i++, c->at += 2) {
		unsigned code = (types >> 4 * i) & 15;

		if (c->words[c->at] != word_descriptor(code) ||
		    (c->words[c->at + 1] & word_mask(code)) !=
			(word_value(id, i) & word_mask(code)))
			return false;
	}
	return true;
}

/* Contents of a region are for the worker to look at. */
static bool
bind_body(struct model *m, int task, const struct m_result *r, const struct seat *seat)
{
	struct cursor c = { seat->message.words, 4 };
	const struct m_message *msg = &r->message;

	if (!bind_rights(m, task, r, seat, &c))
		return false;
	if (msg->id < TEXT_ID) /* a notification */
		return true;
	if (msg->region != M_NO_REGION) {
		if (c.words[c.at] != long_descriptor(MACH_MSG_TYPE_BYTE, 8, msg->region, true))
			return false;
		c.at += 2;
	}
	if (!same_words(msg->id, msg->types, &c))
		return false;
	return !msg->odd ||
	    (c.words[c.at] == (3ul << 32 | 1ul << 29 | 32u << 8 | 2) &&
		c.words[c.at + 1] == (7ul << 32 | 6) && (uint32_t)c.words[c.at + 2] == 8);
}

static bool
is_complex(const struct m_message *msg)
{
	return msg->rights != 0 || msg->region != M_NO_REGION;
}

/* What registers brought; of notifications see same_id. */
static bool
same_registers(struct model *m, int w, const struct m_result *r, const struct seat *seat)
{
	const struct mach_register_message *got = &seat->registers;
	const struct m_message *msg = &r->message;
	uint32_t word = (uint32_t)got->words[0];

	if (msg->id < TEXT_ID)
		return MACH_REGISTER_ID(got->label) == msg->id ||
			MACH_REGISTER_ID(got->label) == msg->other_id
		    ? msg->word == 0 || word == msg->word || msg->id != msg->other_id
		    : false;
	if (got->label << 8 != MACH_REGISTER_LABEL(msg->id, msg->types) << 8)
		return false;
	for (unsigned i = 0; i < word_count(msg->types); i++) {
		uint64_t mask = word_mask((msg->types >> 4 * i) & 15);

		if ((got->words[i] & mask) != (word_value(msg->id, i) & mask))
			return false;
	}
	(void)m;
	(void)w;
	return true;
}

static bool
same_id(const struct m_result *r, const mach_msg_header_t *h, uint64_t word)
{
	const struct m_message *msg = &r->message;
	mach_msg_size_t size = h->msgh_id == MACH_NOTIFY_SEND_ONCE ? 32 : 48;

	if (msg->id != msg->other_id && (h->msgh_id == msg->id || h->msgh_id == msg->other_id))
		return h->msgh_size == size;
	if (h->msgh_id != msg->id || h->msgh_size != msg->size)
		return false;
	return msg->id >= TEXT_ID || msg->rights != 0 || msg->word == 0 || msg->size == 32 ||
	    r->kind == M_RESULT_HEADER || (uint32_t)word == msg->word;
}

/* A right that is just being destroyed may still seem to live elsewhere. */
static bool
same_local(const struct m_result *r, uint64_t local)
{
	return r->local_name == 0 || local == r->local_name || local == r->local_then ||
	    (r->local_name == MACH_PORT_NAME_DEAD && local == MACH_PORT_NULL);
}

static bool
same_message(struct model *m, int w, const struct m_result *r, const struct seat *seat)
{
	const mach_msg_header_t *h = &seat->message.header;
	bool whole = r->kind == M_RESULT_MESSAGE;
	uint32_t bits = MACH_MSGH_BITS(whole ? r->remote_type : 0u, r->message.dest_type);

	if (whole && is_complex(&r->message))
		bits |= MACH_MSGH_BITS_COMPLEX;
	return h->msgh_bits == bits && h->msgh_seqno == r->seqno &&
	    same_local(r, h->msgh_protected_payload) && same_id(r, h, seat->message.words[5]) &&
	    bind_name(m, w / M_PER_TASK, r->remote, h->msgh_remote_slot) &&
	    (!whole || bind_body(m, w / M_PER_TASK, r, seat));
}

static bool
same_return(struct model *m, int w, const struct m_result *r, const struct seat *seat)
{
	const mach_msg_header_t *h = &seat->message.header;
	uint32_t bits = MACH_MSGH_BITS(r->remote_type, (uint32_t)r->message.reply.type);

	if (is_complex(&r->message))
		bits |= MACH_MSGH_BITS_COMPLEX;
	return h->msgh_bits == bits && h->msgh_id == r->message.id &&
	    bind_name(m, w / M_PER_TASK, r->remote, h->msgh_remote_slot) &&
	    bind_name(m, w / M_PER_TASK, r->local, h->msgh_protected_payload) &&
	    bind_body(m, w / M_PER_TASK, r, seat);
}

/* What reply_wait tells besides label and words. */
static bool
same_request_told(struct model *m, int w, const struct m_result *r, const struct seat *seat)
{
	const struct mach_register_message *got = &seat->registers;

	return same_registers(m, w, r, seat) && got->seqno == r->seqno &&
	    got->bits == MACH_MSGH_BITS((uint32_t)r->remote_type, r->message.dest_type) &&
	    same_local(r, got->payload) && bind_name(m, w / M_PER_TASK, r->remote, got->reply);
}

/* Which of two notifications it was depends on who ended first; one of them
 * is told by a code. */
static bool
same_code(const struct m_result *r, uint32_t code)
{
	const struct m_message *msg = &r->message;

	if (code == r->code)
		return true;
	return msg->id != msg->other_id &&
	    ((r->kind == M_RESULT_WORDS && msg->other_id == MACH_NOTIFY_SEND_ONCE &&
		 code == (uint32_t)MIG_SERVER_DIED) ||
		(r->code == (uint32_t)MIG_SERVER_DIED && code == MACH_MSG_SUCCESS));
}

/* What the model gave the worker, and what it got. */
static bool
same_result(struct model *m, int w)
{
	const struct m_result *r = &m->results[w];
	const struct seat *seat = &held[w];

	if (seat->state != SEAT_DONE || seat->memory_wrong || !same_code(r, seat->code))
		return false;
	switch (r->kind) {
	case M_RESULT_NAME:
		return bind_name(m, w / M_PER_TASK, r->name, seat->name);
	case M_RESULT_MESSAGE:
	case M_RESULT_HEADER:
		return same_message(m, w, r, seat);
	case M_RESULT_SIZE:
		return seat->message.header.msgh_size == r->message.size;
	case M_RESULT_RETURN:
		return same_return(m, w, r, seat);
	case M_RESULT_WORDS:
		return seat->code != r->code || same_registers(m, w, r, seat);
	case M_RESULT_REQUEST:
		return same_request_told(m, w, r, seat);
	default:
		return true;
	}
}

static mach_port_name_t
set_name(struct model *m, int task, int set)
{
	for (int i = 0; set != M_NULL && i < M_ENTRIES; i++)
		if ((m->entries[task][i].type & MACH_PORT_TYPE_PORT_SET) &&
		    m->entries[task][i].port == set)
			return m->entries[task][i].name;
	return MACH_PORT_NULL;
}

/* A request whose own port died may or may not still show. */
static bool
same_request(const struct model *m, int to, boolean_t shown)
{
	return (to != M_NULL && !m->ports[to].alive) || (to != M_NULL) == (shown != 0);
}

static bool
same_status(struct model *m, int task, int port, const mach_port_status_t *status)
{
	const struct m_port *p = &m->ports[port];

	return status->mps_pset == set_name(m, task, p->set) && status->mps_seqno == p->seqno &&
	    status->mps_mscount == p->mscount && status->mps_qlimit == p->qlimit &&
	    status->mps_msgcount == p->queued &&
	    status->mps_sorights == model_sonce_count(m, port) &&
	    (status->mps_srights != 0) == model_sends_exist(m, port) &&
	    same_request(m, p->no_senders_to, status->mps_nsrequest) &&
	    same_request(m, p->destroyed_to, status->mps_pdrequest);
}

static bool
same_name(struct model *m, int task, const struct name_seen *name)
{
	const struct m_entry *entry = model_find(m, task, name->name);

	if (entry == NULL || (name->type & MACH_PORT_TYPE_ALL_RIGHTS) != entry->type)
		return false;
	if (!same_request(m, entry->dead_name_to, (name->type & MACH_PORT_TYPE_DNREQUEST) != 0))
		return false;
	if ((entry->type & (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DEAD_NAME)) &&
	    name->refs != entry->urefs)
		return false;
	return !(entry->type & MACH_PORT_TYPE_RECEIVE) ||
	    same_status(m, task, entry->port, &name->status);
}

static unsigned
entries_used(const struct model *m, int task)
{
	unsigned count = 0;

	for (int i = 0; i < M_ENTRIES; i++)
		count += m->entries[task][i].type != 0;
	return count;
}

/* Which names differ; told when nothing fits. */
static bool
same_world(struct model *m, bool tell)
{
	bool same = true;

	for (int task = 0; task < M_TASKS && (same || tell); task++) {
		if (!m->lives[task])
			continue;
		if (entries_used(m, task) != seen[task].count)
			same = false;
		if (tell && entries_used(m, task) != seen[task].count)
			bench_print("  task %d: %u names, model %u\n", task, seen[task].count,
			    entries_used(m, task));
		for (unsigned i = 0; i < seen[task].count && (same || tell); i++) {
			const struct name_seen *name = &seen[task].names[i];
			const struct m_entry *e;

			if (same_name(m, task, name))
				continue;
			same = false;
			if (!tell)
				continue;
			e = model_find(m, task, name->name);
			bench_print("  task %d name %x: type %x refs %u seqno %u mscount %u "
				    "queued %u sonce %u sends %d pset %x\n",
			    task, name->name, name->type, name->refs, name->status.mps_seqno,
			    name->status.mps_mscount, name->status.mps_msgcount,
			    name->status.mps_sorights, name->status.mps_srights,
			    name->status.mps_pset);
			if (e == NULL)
				bench_print("    model: no such name\n");
			else if (!(e->type & MACH_PORT_TYPE_RECEIVE))
				bench_print("    model: type %x refs %u request %d\n", e->type,
				    e->urefs, e->dead_name_to);
			else
				bench_print(
				    "    model: type %x refs %u request %d, seqno %u mscount "
				    "%u queued %u sonce %u sends %d\n",
				    e->type, e->urefs, e->dead_name_to, m->ports[e->port].seqno,
				    m->ports[e->port].mscount, m->ports[e->port].queued,
				    model_sonce_count(m, e->port), model_sends_exist(m, e->port));
		}
	}
	return same;
}

/* -- Looking for an order ---------------------------------------------------------------------------- */

/* The orders of a round: steps taken by each, and how many there are. */
struct path {
	unsigned taken[M_WORKERS];
	uint32_t matched; /* workers whose result was held against the model */
};

static uint32_t ordered;    /* workers that have an order, of this round or before */
static uint32_t this_round; /* of this round */
static unsigned found;
static unsigned tell_all;  /* lines left to say why nothing fits */
static unsigned tell_ends; /* the same of what fits but in the end */

/* States on the way to the one in hand; and those seen already. */
#define DEPTH_MAX 64
#define VISITED   8192
static struct model depth_models[DEPTH_MAX];
static uint64_t visited[VISITED];
static unsigned visited_count;

static void
tell_result(const struct model *m, int w)
{
	const struct m_result *r = &m->results[w];

	if (tell_all == 0)
		return;
	tell_all--;
	bench_print("  worker %d: got %x, model %x kind %u: id %d/%d size %u rights %u word %x "
		    "seqno %u local %x remote %d %u reply %d\n",
	    w, held[w].code, r->code, r->kind, r->message.id, r->message.other_id, r->message.size,
	    r->message.rights, r->message.word, r->seqno, r->local_name, r->remote, r->remote_type,
	    r->message.reply.type);
}

static bool
match_results(struct model *m, struct path *path)
{
	for (int w = 0; w < M_WORKERS; w++) {
		if (!(ordered & (1u << w)) || (path->matched & (1u << w)) ||
		    m->results[w].kind == M_RESULT_NONE)
			continue;
		/* The first half of two. */
		if (m_has_two_halves(held[w].order.op) && path->taken[w] == 1 &&
		    m->results[w].kind == M_RESULT_CODE && m->results[w].code == MACH_MSG_SUCCESS)
			continue;
		if (!same_result(m, w)) {
			tell_result(m, w);
			return false;
		}
		path->matched |= 1u << w;
	}
	return true;
}

static bool
has_more(const struct model *m, const struct path *path, int w)
{
	if (!(ordered & (1u << w)) || m->waits[w].kind != M_NO_WAIT)
		return false;
	if (path->taken[w] == 0)
		return true;
	return path->taken[w] == 1 && m_has_two_halves(held[w].order.op) &&
	    m->results[w].kind == M_RESULT_CODE && m->results[w].code == MACH_MSG_SUCCESS;
}

static bool
may_expire(const struct model *m, int w)
{
	const struct m_order *o = &held[w].order;

	if (!(ordered & (1u << w)) || o->timeout == 0)
		return false;
	return (m->waits[w].kind == M_SENDS && o->send_timed) ||
	    (m->waits[w].kind == M_RECEIVES && o->receive_timed);
}

/* One move of worker w; false: it has none. */
static bool
move_worker(struct model *m, struct path *path, int w)
{
	const struct m_order *o = &held[w].order;

	if (m->waits[w].kind != M_NO_WAIT && m->waits[w].kind != M_SENDS &&
	    m->waits[w].kind != M_RECEIVES)
		model_go_on(m, w, o);
	else if (may_expire(m, w))
		model_expire(m, w);
	else if (has_more(m, path, w))
		model_step(m, w, o, path->taken[w]++ == 1);
	else
		return false;
	return true;
}

static void
keep_candidate(struct model *m)
{
	uint64_t digest = model_digest(m);

	if (m->overflow) {
		over = true;
		return;
	}
	for (unsigned i = 0; i < found; i++)
		if (digests[i] == digest)
			return;
	if (found == CANDIDATES) {
		over = true;
		return;
	}
	digests[found] = digest;
	candidates[CANDIDATES + found++] = *m;
}

/* Nobody has a step left: is everything as it should be? */
static void
end_of_path(struct model *m, const struct path *path)
{
	for (int w = 0; w < M_WORKERS; w++) {
		bool done = held[w].state == SEAT_DONE;

		if ((ordered & (1u << w)) && done != ((path->matched >> w) & 1)) {
			if (tell_ends != 0 && tell_ends-- != 0)
				bench_print("  worker %d: done %d, model %d\n", w, done,
				    (path->matched >> w) & 1);
			return;
		}
	}
	if (same_world(m, tell_ends != 0 && tell_ends-- != 0)) {
		__builtin_memset(m->results, 0, sizeof(m->results));
		keep_candidate(m);
	}
}

/* Has this state been looked at, by another order of the same moves? */
static bool
is_visited(const struct model *m, const struct path *path)
{
	uint64_t key = model_digest(m) ^ (path->matched * 0x9e3779b97f4a7c15ul);
	unsigned at;

	for (int w = 0; w < M_WORKERS; w++)
		key += (uint64_t)path->taken[w] << (8 + 2 * w);
	key |= 1;
	for (at = key % VISITED; visited[at] != 0; at = (at + 1) % VISITED)
		if (visited[at] == key)
			return true;
	visited[at] = key;
	visited_count++;
	return false;
}

static void explore(struct model *m, struct path path, unsigned depth);

/* What follows after a move that led to m. */
static void
explore_after(struct model *m, struct path path, unsigned depth)
{
	if (m->overflow || visited_count > VISITED / 2 || depth == DEPTH_MAX - 1)
		over = true;
	else if (match_results(m, &path) && !is_visited(m, &path))
		explore(m, path, depth);
}

/* Everybody's next move, in every order. */
static void
explore(struct model *from, struct path path, unsigned depth)
{
	struct model *m = &depth_models[depth];
	bool last = true;

	for (int w = 0; w < M_WORKERS && !over; w++) {
		struct path next = path;

		*m = *from;
		if (!move_worker(m, &next, w))
			continue;
		last = false;
		explore_after(m, next, depth + 1);
	}
	for (int i = 0; i < M_MESSAGES && !over; i++) {
		if (from->messages[i].state != M_NOTE)
			continue;
		last = false;
		*m = *from;
		model_note(m, i);
		explore_after(m, path, depth + 1);
	}
	if (last)
		end_of_path(from, &path);
}

enum event { EVENT_ROUND, EVENT_ABORT, EVENT_KILL };

/* Who has an order of a round before waits in the middle of it. */
static struct path
begin_path(void)
{
	struct path path = { .matched = 0 };

	for (int w = 0; w < M_WORKERS; w++)
		path.taken[w] = (ordered & ~this_round & (1u << w)) != 0;
	return path;
}

/* Every order that explains what is so. */
static void
explore_all(enum event event, int subject)
{
	struct model *m = &depth_models[0];

	found = 0;
	for (unsigned i = 0; i < candidate_count && !over; i++) {
		__builtin_memset(visited, 0, sizeof(visited));
		visited_count = 0;
		*m = candidates[i];
		if (event == EVENT_ABORT)
			model_abort(m, subject);
		else if (event == EVENT_KILL)
			model_kill(m, subject);
		explore_after(m, begin_path(), 1);
	}
}

/* Orders and what came of them. */
static void
tell_seats(void)
{
	for (unsigned w = 0; w < M_WORKERS; w++) {
		const struct seat *s = &held[w];
		const struct m_order *o = &s->order;

		if (!(ordered & (1u << w)))
			continue;
		bench_print("  worker %u%s state %u: op %u name %x name2 %x right %u delta %d\n", w,
		    this_round & (1u << w) ? "" : " (before)", s->state, o->op, o->name, o->name2,
		    o->right, o->delta);
		bench_print("    id %d types %u %u local %x rights %u: %u %x %u %x\n", o->id,
		    o->remote_type, o->local_type, o->local, o->rights, o->body_type[0], o->body[0],
		    o->body_type[1], o->body[1]);
		bench_print("    types %x odd %d array %d %d region %x %d %d: wrong %d label %lx\n",
		    o->types, o->odd, o->array, o->array_deallocate, o->region,
		    o->region_deallocate, o->region_unmapped, s->memory_wrong,
		    (unsigned long)s->registers.label);
		bench_print("    from %x timed %d %d %u large %d room %u: code %x name %x\n",
		    o->from, o->send_timed, o->receive_timed, o->timeout, o->large, o->room,
		    s->code, s->name);
		bench_print("    message %lx %lx %lx %lx %lx %lx\n", s->message.words[0],
		    s->message.words[1], s->message.words[2], s->message.words[3],
		    s->message.words[4], s->message.words[5]);
	}
}

static void
tell_orders(enum event event, int subject)
{
	bench_print("random: %s round %u: event %d %d, %u candidates: nothing fits\n", mode_name,
	    round_number, event, subject, candidate_count);
	tell_seats();
	tell_all = 12;
	tell_ends = 12;
	explore_all(event, subject);
	tell_all = tell_ends = 0;
}

static void
outcome_count(const struct seat *seat)
{
	if (seat->code != 0 && seat->code != MACH_REGISTER_MESSAGE)
		refusals++;
	else if (seat->order.op >= OP_CALL)
		in_registers++;
	else if (seat->order.op == OP_SEND)
		sends++;
	else if (seat->order.op > OP_SEND)
		receives++;
	else
		calls++;
}

/* Wait for rest, look, and find out what must have happened. */
static void
settle(enum event event, int subject)
{
	unsigned waited = 0;

	for (found = 0; found == 0 && !over && waited < PATIENCE;) {
		if (all_at_rest() && read_all())
			explore_all(event, subject);
		if (found == 0) {
			if (waited < 20)
				(void)swtch();
			else
				rest(10);
			waited += waited < 20 ? 1 : 10;
		}
	}
	if (found == 0 && over) {
		early_ends++;
		return;
	}
	if (found == 0) {
		failures++;
		tell_orders(event, subject);
		over = true;
		return;
	}
	if (over)
		early_ends++;
	if (tell_rounds) {
		bench_print(
		    "round %u: event %d %d: %u candidates\n", round_number, event, subject, found);
		tell_seats();
	}
	candidate_count = found;
	for (unsigned i = 0; i < found; i++)
		candidates[i] = candidates[CANDIDATES + i];
	for (unsigned w = 0; w < M_WORKERS; w++) {
		if (held[w].state == SEAT_DONE) {
			outcome_count(&held[w]);
			shared->seats[w].state = SEAT_IDLE;
			ordered &= ~(1u << w);
		}
	}
	this_round = 0;
	rounds_done++;
}

/* -- Orders ---------------------------------------------------------------------------------------------- */

/* A name of the task with one of these rights, if it has any; now and then
 * another one. */
static mach_port_name_t
some_name(int task, uint32_t type)
{
	struct model *m = &candidates[0];
	unsigned begin = dice(M_ENTRIES);

	if (dice(40) == 0)
		type = MACH_PORT_TYPE_ALL_RIGHTS;
	if (dice(40) == 0)
		return 0x600000 + dice(100);
	for (unsigned i = 0; i < M_ENTRIES; i++) {
		const struct m_entry *e = &m->entries[task][(begin + i) % M_ENTRIES];

		if ((e->type & type) && e->name != 0)
			return e->name;
	}
	return 0x600000 + dice(100);
}

static bool
is_nothing(mach_port_name_t name)
{
	return name >= 0x600000 && name < 0x600000 + 100;
}

/* The form in which somebody waits for a message there, or -1. */
static int
awaited_form(const struct model *m, int port)
{
	for (int w = 0; w < M_WORKERS; w++)
		if (m->waits[w].kind == M_RECEIVES &&
		    (m->waits[w].port == port ||
			(m->waits[w].set != M_NULL && m->waits[w].set == m->ports[port].set)))
			return m->waits[w].form;
	return -1;
}

/* A right to send of the task's, where a receiver waits, or NULL. */
static const struct m_entry *
some_awaited(int task, uint32_t type, int *form)
{
	struct model *m = &candidates[0];
	unsigned begin = dice(M_ENTRIES);

	for (unsigned i = 0; i < M_ENTRIES; i++) {
		const struct m_entry *e = &m->entries[task][(begin + i) % M_ENTRIES];

		if (!(e->type & type) || e->name == 0 || e->port < 0)
			continue;
		*form = awaited_form(m, e->port);
		if (*form >= 0)
			return e;
	}
	return NULL;
}

/* The same as some_name, of rights to send; most often one that is awaited. */
static mach_port_name_t
some_destination(int task, uint32_t type)
{
	int form;
	const struct m_entry *e = dice(4) ? some_awaited(task, type, &form) : NULL;

	return e != NULL ? e->name : some_name(task, type);
}

static uint32_t
type_of(int task, mach_port_name_t name)
{
	const struct m_entry *entry = model_find(&candidates[0], task, name);

	return entry == NULL ? 0 : entry->type;
}

/* A disposition for the name, most often a possible one. */
static uint8_t
some_disposition(int task, mach_port_name_t name, bool header)
{
	uint32_t type = type_of(task, name);
	uint8_t fit[6];
	unsigned count = 0;

	if (type & MACH_PORT_TYPE_SEND) {
		fit[count++] = MACH_MSG_TYPE_COPY_SEND;
		fit[count++] = MACH_MSG_TYPE_MOVE_SEND;
	}
	if (type & MACH_PORT_TYPE_RECEIVE) {
		fit[count++] = MACH_MSG_TYPE_MAKE_SEND;
		fit[count++] = MACH_MSG_TYPE_MAKE_SEND_ONCE;
		if (!header && dice(3) == 0)
			fit[count++] = MACH_MSG_TYPE_MOVE_RECEIVE;
	}
	if (type & MACH_PORT_TYPE_SEND_ONCE)
		fit[count++] = MACH_MSG_TYPE_MOVE_SEND_ONCE;
	if (count == 0 || dice(30) == 0)
		return (uint8_t)(MACH_MSG_TYPE_MOVE_SEND + dice(3));
	return fit[dice(count)];
}

static uint32_t
some_types(void)
{
	uint32_t types = 0;

	for (unsigned i = dice(2) * dice(MACH_REGISTER_WORDS + 1); i > 0; i--)
		types = types << 4 | (1 + dice(15));
	return types;
}

static void
order_rights(struct m_order *o, int task)
{
	o->rights = (uint8_t)(dice(3) ? 0 : 1 + dice(M_RIGHTS));
	for (unsigned i = 0; i < o->rights; i++) {
		o->body[i] =
		    dice(12) ? some_name(task, MACH_PORT_TYPE_PORT_OR_DEAD) : MACH_PORT_NULL;
		o->body_type[i] = some_disposition(task, o->body[i], false);
	}
	/* An array's rights are all of one kind. */
	o->array = o->rights != 0 && dice(3) == 0;
	o->array_deallocate = dice(2) != 0;
	if (o->array && o->rights == 2 && o->body_type[1] != o->body_type[0]) {
		o->body_type[1] = o->body_type[0];
		if (dice(4) != 0)
			o->body[1] = dice(2) ? MACH_PORT_NULL : o->body[0];
	}
}

static void
order_body(struct m_order *o, int task)
{
	static const uint32_t regions[] = { 0, 1, 7, 100, 4096, 5001, REGION_MAX };

	order_rights(o, task);
	o->types = some_types();
	o->odd = dice(8) == 0;
	if (dice(5) == 0) {
		o->region = regions[dice(sizeof(regions) / sizeof(regions[0]))];
		o->region_deallocate = dice(2) != 0;
		o->region_unmapped = dice(10) == 0;
	}
}

static void
order_send(struct m_order *o, int task)
{
	o->id = ++message_id;
	o->name = dice(3) ? some_destination(task, MACH_PORT_TYPE_SEND_RIGHTS)
			  : some_name(task, MACH_PORT_TYPE_SEND_ONCE | MACH_PORT_TYPE_RECEIVE);
	o->remote_type = some_disposition(task, o->name, true);
	if (dice(2) == 0) {
		o->local = some_name(task, MACH_PORT_TYPE_PORT_RIGHTS);
		o->local_type = some_disposition(task, o->local, true);
	}
	/* One name twice, and moved, is a case of its own in the sheet. */
	if (o->local == o->name)
		o->local = MACH_PORT_NULL, o->local_type = 0;
	order_body(o, task);
	o->send_timed = dice(3) != 0;
	o->timeout = 10 * dice(2);
}

static void
order_receive(struct m_order *o, int task)
{
	o->from = some_name(task, MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET);
	o->receive_timed = dice(2) != 0;
	o->timeout = 10 * dice(2);
	o->large = dice(6) == 0;
	o->room = dice(10) ? sizeof(shared->seats[0].message) : 32 + 16 * dice(6);
}

/* As clients and servers do it: a call, an answer or a note, without limits of
 * time, and a wait where the next is to come. */
static void
order_rpc(struct m_order *o, int task)
{
	uint32_t kind = dice(3);

	order_receive(o, task);
	o->id = ++message_id;
	o->receive_timed = o->large = false;
	o->name =
	    some_destination(task, kind == 0 ? MACH_PORT_TYPE_SEND_ONCE : MACH_PORT_TYPE_SEND);
	o->remote_type = kind == 0 ? MACH_MSG_TYPE_MOVE_SEND_ONCE : MACH_MSG_TYPE_COPY_SEND;
	if (kind == 1) {
		o->from = o->local = some_name(task, MACH_PORT_TYPE_RECEIVE);
		o->local_type = MACH_MSG_TYPE_MAKE_SEND_ONCE;
	}
	if (o->local == o->name)
		o->local = MACH_PORT_NULL, o->local_type = 0;
	if (dice(3) == 0)
		order_body(o, task);
	else
		o->types = some_types();
}

static void
order_registers(struct m_order *o, int task)
{
	o->id = ++message_id;
	o->types = some_types();
	if (o->op == OP_CALL) {
		o->name = dice(12) ? some_destination(task, MACH_PORT_TYPE_SEND) : MACH_PORT_NULL;
		o->local = dice(20) ? some_name(task, MACH_PORT_TYPE_RECEIVE) : MACH_PORT_NULL;
		return;
	}
	order_receive(o, task);
	o->receive_timed = o->large = false;
	o->name = dice(5) == 0 ? MACH_PORT_NULL
	    : dice(5)          ? some_destination(task, MACH_PORT_TYPE_SEND_ONCE)
			       : some_destination(task, MACH_PORT_TYPE_SEND_RIGHTS);
	/* Half of the time there is no right to answer with. */
	if (is_nothing(o->name) && dice(8) != 0)
		o->name = MACH_PORT_NULL;
}

static void
order_on_name(struct m_order *o, int task)
{
	switch (o->op) {
	case OP_ALLOCATE:
		o->right = dice(6) ? MACH_PORT_RIGHT_RECEIVE
		    : dice(3)      ? MACH_PORT_RIGHT_PORT_SET
				   : MACH_PORT_RIGHT_DEAD_NAME;
		break;
	case OP_MOD_REFS:
		o->name = some_name(task, MACH_PORT_TYPE_ALL_RIGHTS);
		o->right = dice(5);
		o->delta = (int32_t)dice(5) - 2;
		break;
	case OP_MOVE_MEMBER:
		o->name = some_name(task, MACH_PORT_TYPE_RECEIVE);
		o->name2 = dice(4) ? some_name(task, MACH_PORT_TYPE_PORT_SET) : MACH_PORT_NULL;
		/* Which of two errors comes first is nobody's business. */
		if (!(type_of(task, o->name) & MACH_PORT_TYPE_RECEIVE))
			o->name2 = MACH_PORT_NULL;
		break;
	case OP_QLIMIT:
		o->name = some_name(task, MACH_PORT_TYPE_RECEIVE);
		o->right = 1 + dice(4);
		break;
	case OP_MAKE_SEND:
	case OP_MAKE_SONCE:
		o->name = some_name(task, MACH_PORT_TYPE_RECEIVE);
		o->name2 = 0x700000 + (uint32_t)message_id++;
		if (!(type_of(task, o->name) & MACH_PORT_TYPE_RECEIVE))
			o->op = OP_DEALLOCATE;
		break;
	case OP_NOTIFY:
		o->name2 = dice(5) ? some_name(task, MACH_PORT_TYPE_RECEIVE) : MACH_PORT_NULL;
		if (!(type_of(task, o->name2) & MACH_PORT_TYPE_RECEIVE))
			o->name2 = MACH_PORT_NULL;
		o->right = dice(4) == 0 ? MACH_NOTIFY_PORT_DESTROYED
		    : dice(3) == 0      ? MACH_NOTIFY_NO_SENDERS
					: MACH_NOTIFY_DEAD_NAME;
		o->name = some_name(task,
		    o->right == MACH_NOTIFY_DEAD_NAME ? MACH_PORT_TYPE_PORT_OR_DEAD
						      : MACH_PORT_TYPE_RECEIVE);
		o->delta = (int32_t)dice(3);
		/* Which of two errors comes first is nobody's business. */
		if (o->right == MACH_NOTIFY_PORT_DESTROYED &&
		    (dice(8) || !(type_of(task, o->name) & MACH_PORT_TYPE_RECEIVE)))
			o->delta = 0;
		break;
	default:
		o->name = some_name(task, MACH_PORT_TYPE_ALL_RIGHTS);
		break;
	}
}

/* How often each is chosen, of WEIGHTS times. */
#define WEIGHTS 162
static const uint8_t weights[OP_COUNT] = {
	[OP_ALLOCATE] = 6,
	[OP_DEALLOCATE] = 8,
	[OP_DESTROY] = 6,
	[OP_MOD_REFS] = 5,
	[OP_MOVE_MEMBER] = 5,
	[OP_QLIMIT] = 2,
	[OP_MAKE_SEND] = 3,
	[OP_MAKE_SONCE] = 3,
	[OP_NOTIFY] = 12,
	[OP_SEND] = 30,
	[OP_RECEIVE] = 30,
	[OP_BOTH] = 20,
	[OP_CALL] = 16,
	[OP_REPLY_WAIT] = 16,
};

/* What fits a receiver that waits. False: there is none that we can reach. */
static bool
order_to_waiting(struct m_order *o, int task)
{
	int form;
	const struct m_entry *e = some_awaited(task, MACH_PORT_TYPE_SEND_RIGHTS, &form);
	bool once;

	if (e == NULL)
		return false;
	once = e->type & MACH_PORT_TYPE_SEND_ONCE;
	o->op = OP_BOTH;
	if (candidates[0].registers && form == M_BY_CALL)
		o->op = OP_REPLY_WAIT;
	else if (candidates[0].registers && form == M_BY_REPLY_WAIT && !once)
		o->op = OP_CALL;
	if (o->op == OP_BOTH) {
		order_rpc(o, task);
		o->remote_type = once ? MACH_MSG_TYPE_MOVE_SEND_ONCE : MACH_MSG_TYPE_COPY_SEND;
	} else {
		order_registers(o, task);
	}
	o->name = e->name;
	if (o->local == o->name)
		o->local = MACH_PORT_NULL, o->local_type = 0;
	return true;
}

static void
order_messages(struct m_order *o, int task)
{
	if (o->op != OP_RECEIVE)
		order_send(o, task);
	if (o->op != OP_SEND)
		order_receive(o, task);
}

static void
try_order(struct m_order *o, int task)
{
	uint32_t roll = dice(WEIGHTS);

	*o = (struct m_order) { .op = 0, .region = M_NO_REGION };
	if (dice(3) == 0 && order_to_waiting(o, task))
		return;
	while (roll >= weights[o->op]) {
		roll -= weights[o->op];
		o->op++;
	}
	/* A full table ends a world: make room in time. */
	if (entries_used(&candidates[0], task) > M_ENTRIES / 2 && o->op != OP_SEND)
		o->op = dice(2) ? OP_DESTROY : OP_DEALLOCATE;
	/* Where registers are forbidden, that is soon seen. */
	if (o->op >= OP_CALL && !candidates[0].registers && dice(20) != 0)
		o->op = OP_BOTH;
	if (o->op < OP_SEND)
		order_on_name(o, task);
	else if (o->op >= OP_CALL)
		order_registers(o, task);
	else if (o->op == OP_BOTH && dice(4) != 0)
		order_rpc(o, task);
	else
		order_messages(o, task);
}

/* Most orders have something to work on. */
static void
make_order(struct m_order *o, int task)
{
	unsigned tries = 0;

	do
		try_order(o, task);
	while ((is_nothing(o->name) || is_nothing(o->name2) || is_nothing(o->local) ||
		   is_nothing(o->from)) &&
	    ++tries < 10 && dice(8) != 0);
}

static void
start_worker(unsigned w)
{
	struct seat *seat = &shared->seats[w];
	mach_msg_header_t go = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.msgh_remote_slot = tasks[w / M_PER_TASK].controls[w % M_PER_TASK],
		.msgh_id = (int32_t)round_number,
	};

	make_order(&seat->order, (int)w / M_PER_TASK);
	seat->delay = dice(3) ? dice(200) : dice(3000);
	seat->code = 0xdead;
	seat->name = 0;
	seat->state = SEAT_ORDERED;
	ordered |= 1u << w;
	this_round |= 1u << w;
	bench_check("order", bench_mach_msg(&go, MACH_SEND_MSG, sizeof(go), 0, 0));
}

static void
round_of_orders(void)
{
	unsigned wanted = 1 + dice(AT_ONCE), begin = dice(M_WORKERS);

	for (unsigned i = 0; i < M_WORKERS && wanted > 0; i++) {
		unsigned w = (begin + i) % M_WORKERS;

		if (shared->seats[w].state != SEAT_IDLE)
			continue;
		start_worker(w);
		wanted--;
	}
	__atomic_store_n(&shared->go, round_number, __ATOMIC_SEQ_CST);
	settle(EVENT_ROUND, 0);
}

/* -- Worlds ------------------------------------------------------------------------------------------------ */

static mach_port_name_t
thread_new(mach_port_name_t task, unsigned w, unsigned char *stack)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_name_t thread = MACH_PORT_NULL;

	bench_check("thread_create", thread_create(task, &thread));
	bench_check("thread_get_state",
	    thread_get_state(thread, i386_REGS_SEGS_STATE, (thread_state_t)&state, &count));
	state.rip = (uint64_t)worker;
	state.rdi = w;
	state.ursp = ((uint64_t)(stack + STACK) & ~15ul) - 8;
	bench_check("thread_set_state",
	    thread_set_state(thread, i386_REGS_SEGS_STATE, (thread_state_t)&state, count));
	bench_check("thread_resume", thread_resume(thread));
	return thread;
}

/* Wait until a worker waits for its first order. */
static void
await_worker(mach_port_name_t thread)
{
	struct thread_basic_info info = { .run_state = 0 };

	for (unsigned ms = 0; ms < PATIENCE && info.run_state != TH_STATE_WAITING; ms += 5) {
		mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;

		rest(5);
		(void)thread_info(thread, THREAD_BASIC_INFO, (thread_info_t)&info, &count);
	}
}

static void
task_new(struct task *task, int index)
{
	struct seen s;

	*task = (struct task) { .port = MACH_PORT_NULL };
	bench_check("task_create", syscall_task_create(me(), TRUE, &task->port));
	for (unsigned i = 0; i < M_PER_TASK; i++) {
		unsigned w = (unsigned)index * M_PER_TASK + i;
		struct seat *seat = &shared->seats[w];

		seat->state = SEAT_IDLE;
		bench_check("control",
		    bench_port_allocate_in(task->port, &seat->control, &task->controls[i]));
		bench_check(
		    "reply", mach_port_allocate(task->port, MACH_PORT_RIGHT_RECEIVE, &seat->reply));
		task->threads[i] = thread_new(task->port, w, stacks[i]);
		await_worker(task->threads[i]);
	}
	read_task(task, &s);
	for (unsigned i = 0; i < s.count; i++)
		task->apart[task->apart_count++] = s.names[i].name;
}

/* A send right for `port`, named `name` in task `from`, goes to task `to`. */
static void
give_send(int from, mach_port_name_t name, int to)
{
	mach_port_name_t ours, theirs = 60 + (mach_port_name_t)message_id++ % 64;
	mach_msg_type_name_t type;
	kern_return_t kr;

	bench_check("extract",
	    mach_port_extract_right(tasks[from].port, name, MACH_MSG_TYPE_MAKE_SEND, &ours, &type));
	/* One of the names the kernel might choose, if it is free. */
	kr = mach_port_insert_right(tasks[to].port, theirs, ours, MACH_MSG_TYPE_COPY_SEND);
	if (kr == KERN_NAME_EXISTS) {
		theirs = 0x500000 + (mach_port_name_t)message_id++;
		kr = mach_port_insert_right(tasks[to].port, theirs, ours, MACH_MSG_TYPE_COPY_SEND);
	}
	bench_check("insert", kr);
	(void)syscall_mach_port_deallocate(me(), ours);
	for (unsigned i = 0; i < candidate_count; i++)
		model_send_right(
		    &candidates[i], model_find(&candidates[i], from, name)->port, to, theirs);
}

/* A task takes its place in the world, with rights to and from the others. */
static void
task_enter(int index)
{
	mach_port_name_t name = MACH_PORT_NULL;

	task_new(&tasks[index], index);
	for (unsigned i = 0; i < candidate_count; i++)
		model_task(&candidates[i], index);
	for (unsigned n = 0; n < 2; n++) {
		bench_check(
		    "port", mach_port_allocate(tasks[index].port, MACH_PORT_RIGHT_RECEIVE, &name));
		for (unsigned i = 0; i < candidate_count; i++)
			(void)model_port(&candidates[i], index, name);
		for (int to = 0; to < M_TASKS; to++)
			if (to != index && tasks[to].port != MACH_PORT_NULL)
				give_send(index, name, to);
	}
	for (int from = 0; from < M_TASKS; from++) {
		struct m_entry *e = candidates[0].entries[from];

		for (unsigned i = 0;
		     from != index && tasks[from].port != MACH_PORT_NULL && i < M_ENTRIES; i++) {
			if (e[i].type & MACH_PORT_TYPE_RECEIVE) {
				give_send(from, e[i].name, index);
				break;
			}
		}
	}
}

static void
task_leave(struct task *task)
{
	bench_check("terminate", syscall_task_terminate(task->port));
	for (unsigned i = 0; i < M_PER_TASK; i++) {
		(void)syscall_mach_port_deallocate(me(), task->threads[i]);
		(void)syscall_mach_port_deallocate(me(), task->controls[i]);
	}
	(void)syscall_mach_port_deallocate(me(), task->port);
	task->port = MACH_PORT_NULL;
}

/* All candidates agree on the names that the newcomer is told about: those of
 * tasks that live have been read. */
static void
kill_task(int index)
{
	kills++;
	task_leave(&tasks[index]);
	for (unsigned w = (unsigned)index * M_PER_TASK; w < ((unsigned)index + 1) * M_PER_TASK;
	     w++) {
		ordered &= ~(1u << w);
		shared->seats[w].state = SEAT_IDLE;
	}
	settle(EVENT_KILL, index);
	if (!over)
		task_enter(index);
}

static void
abort_worker(unsigned w)
{
	aborts++;
	(void)thread_abort(tasks[w / M_PER_TASK].threads[w % M_PER_TASK]);
	settle(EVENT_ABORT, (int)w);
}

static void
one_round(void)
{
	unsigned w = dice(M_WORKERS);

	round_number++;
	if (shared->seats[w].state == SEAT_ENTERED && dice(6) == 0)
		abort_worker(w);
	else if (dice(60) == 0)
		kill_task((int)dice(M_TASKS));
	else
		round_of_orders();
}

static void
one_world(uint64_t seed, unsigned rounds, bool registers)
{
	unsigned before = failures;

	dice_state = seed * 0x9e3779b97f4a7c15ul;
	message_id = TEXT_ID;
	over = false;
	ordered = this_round = 0;
	candidate_count = 1;
	model_init(&candidates[0]);
	candidates[0].registers = registers;
	for (int i = 0; i < M_TASKS; i++)
		task_enter(i);
	for (unsigned i = 0; i < rounds && !over; i++)
		one_round();
	for (int i = 0; i < M_TASKS; i++)
		if (tasks[i].port != MACH_PORT_NULL)
			task_leave(&tasks[i]);
	if (failures != before)
		bench_print("random: %s: seed %lu failed\n", mode_name, (unsigned long)seed);
}

/* Of all that, nothing is left behind. What the first world leaves is kept for
 * reuse. */
static const struct counts_row rows[] = { COUNTS_IPC, COUNTS_VM,
	{ PORTOLAN_COUNT_OBJECTS, "objects", 2 } };

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void
check_counts(const_portolan_counts_t before)
{
	portolan_counts_data_t after;

	if (counts_return(MACH_PORT_NULL, before, after, rows, ROWS))
		return;
	failures++;
	bench_print("random: left behind:\n");
	counts_tell(before, after, rows, ROWS);
}

static unsigned
number_argument(int argc, char **argv, const char *option, unsigned otherwise)
{
	const char *text = bench_argument(argc, argv, option);
	unsigned value = 0;

	if (text == NULL)
		return otherwise;
	while (*text >= '0' && *text <= '9')
		value = value * 10 + (unsigned)(*text++ - '0');
	return value;
}

/* Which ways the messages went, and why not others. */
static void
tell_paths(void)
{
	static const char *const names[] = { "HANDOFF", "HANDOFF_UNDONE", "HANDOFF_SEND",
		"REGISTER_CALL", "REGISTER_REPLY", "REGISTER_BUFFERED", "REGISTER_CONVERTED",
		"REGISTER_NO_NAME", "REGISTER_NO_RECEIVER", "REGISTER_NO_QUEUE",
		"REGISTER_NO_PRIORITY", "NO_OPTION", "NO_COMPLEX", "NO_DISPOSITION", "NO_NAME",
		"NO_RIGHT", "NO_RECEIVER", "NO_FORM", "NO_ROOM", "NO_PRIORITY", "NO_DATA",
		"NO_QUEUE" };
	const unsigned count = sizeof(names) / sizeof(names[0]);

	for (unsigned i = 0; i < count; i++)
		bench_print("%s %lu%s", names[i], (unsigned long)counts_ipc(names[i]),
		    i % 6 == 5 || i + 1 == count ? "\n" : ", ");
}

int main(int argc, char **argv);

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int mode;
	} modes[] = {
		{ "buffered", PORTOLAN_IPC_BUFFERED },
		{ "handoff", PORTOLAN_IPC_HANDOFF },
		{ "register", PORTOLAN_IPC_REGISTER },
		{ "auto", PORTOLAN_IPC_ALL },
	};
	mach_port_name_t host = bench_port_argument(argc, argv, "--host-port=");
	unsigned first = number_argument(argc, argv, "--first=", 1);
	unsigned worlds = number_argument(argc, argv, "--worlds=", 1);
	unsigned rounds = number_argument(argc, argv, "--rounds=", 150);
	portolan_counts_data_t before;
	vm_address_t address = 0;

	tell_rounds = bench_argument(argc, argv, "--tell") != NULL;
	_Static_assert(sizeof(struct shared) <= 8192, "two pages");
	bench_check("vm_allocate", vm_allocate(me(), &address, 8192, TRUE));
	bench_check("vm_inherit", vm_inherit(me(), address, 8192, VM_INHERIT_SHARE));
	shared = (struct shared *)address;
	mode_name = "first";
	bench_check("mode", bench_ipc_mode_set(host, PORTOLAN_IPC_ALL));
	one_world(0, 1, true);
	if (!counts_settle(MACH_PORT_NULL, before, rows, ROWS))
		failures++;
	for (unsigned i = 0; i < worlds && failures < 3; i++) {
		for (unsigned mode = 0; mode < sizeof(modes) / sizeof(modes[0]); mode++) {
			mode_name = modes[mode].name;
			bench_check("mode", bench_ipc_mode_set(host, modes[mode].mode));
			one_world(first + i, rounds, modes[mode].mode & PORTOLAN_IPC_REGISTER);
		}
	}
	bench_print("random: %u messages sent, %u received, %u in registers, %u calls, %u refused, "
		    "%u aborts, %u kills, %u worlds ended early\n",
	    sends, receives, in_registers, calls, refusals, aborts, kills, early_ends);
	check_counts(before);
	tell_paths();
	bench_print("random: %u passed, %u failed\n", rounds_done, failures);
	bench_exit(host, failures != 0);
	return 0;
}
