/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_model -- see ipc_model.h. Numbers in brackets are sections of the sheet.
 */
#include "ipc_model.h"

#include <mach/kern_return.h>
#include <mach/mig_errors.h>
#include <mach/notify.h>
#include <mach/register_ipc.h>

#define SEND_MAX (MACH_PORT_UREFS_MAX - 1)

static int
task_of(int worker)
{
	return worker / M_PER_TASK;
}

void
model_init(struct model *m)
{
	__builtin_memset(m, 0, sizeof(*m));
}

/* -- Counting rights ------------------------------------------------------------------ */

static unsigned
rights_in_message(const struct m_message *msg, int port, uint8_t type)
{
	unsigned count = msg->dest == port && msg->dest_type == type;

	count += msg->reply.type == type && msg->reply.port == port;
	for (int i = 0; i < msg->rights; i++)
		count += msg->body[i].type == type && msg->body[i].port == port;
	return count;
}

static unsigned
rights_in_messages(const struct model *m, int port, uint8_t type)
{
	unsigned count = 0;

	for (int i = 0; i < M_MESSAGES; i++)
		if (m->messages[i].state != M_FREE)
			count += rights_in_message(&m->messages[i], port, type);
	return count;
}

static unsigned
rights_in_tasks(const struct model *m, int port, uint32_t type)
{
	unsigned count = 0;

	for (int task = 0; task < M_TASKS; task++)
		for (int i = 0; i < M_ENTRIES; i++)
			count +=
			    (m->entries[task][i].type & type) && m->entries[task][i].port == port;
	return count;
}

bool
model_sends_exist(const struct model *m, int port)
{
	return rights_in_tasks(m, port, MACH_PORT_TYPE_SEND) != 0 ||
	    rights_in_messages(m, port, MACH_MSG_TYPE_PORT_SEND) != 0;
}

/* Rights kept for notifications are send-once rights too. */
unsigned
model_sonce_count(const struct model *m, int port)
{
	unsigned count = rights_in_tasks(m, port, MACH_PORT_TYPE_SEND_ONCE) +
	    rights_in_messages(m, port, MACH_MSG_TYPE_PORT_SEND_ONCE);

	for (int task = 0; task < M_TASKS; task++)
		for (int i = 0; i < M_ENTRIES; i++)
			count += m->entries[task][i].type != 0 &&
			    m->entries[task][i].dead_name_to == port;
	for (int i = 0; i < M_PORTS; i++)
		if (m->ports[i].alive)
			count += (m->ports[i].no_senders_to == port) +
			    (m->ports[i].destroyed_to == port);
	return count;
}

/* -- Tables ----------------------------------------------------------------------------- */

struct m_entry *
model_find(struct model *m, int task, mach_port_name_t name)
{
	for (int i = 0; i < M_ENTRIES && name != 0; i++)
		if (m->entries[task][i].type != 0 && m->entries[task][i].name == name)
			return &m->entries[task][i];
	return NULL;
}

static struct m_entry *
entry_new(struct model *m, int task, uint32_t type, int port)
{
	for (int i = 0; i < M_ENTRIES; i++) {
		struct m_entry *entry = &m->entries[task][i];

		if (entry->type == 0) {
			*entry = (struct m_entry) {
				.type = type,
				.urefs = 1,
				.port = (int16_t)port,
				.dead_name_to = M_NULL,
			};
			return entry;
		}
	}
	m->overflow = true;
	return &m->entries[task][M_ENTRIES - 1];
}

static int
entry_index(struct model *m, int task, const struct m_entry *entry)
{
	return (int)(entry - m->entries[task]);
}

/* Where send and receive rights for a port meet: one name (3.1). */
static struct m_entry *
entry_for_port(struct model *m, int task, int port)
{
	for (int i = 0; i < M_ENTRIES; i++)
		if ((m->entries[task][i].type & MACH_PORT_TYPE_SEND_RECEIVE) &&
		    m->entries[task][i].port == port)
			return &m->entries[task][i];
	return NULL;
}

static int
message_new(struct model *m)
{
	for (int i = 0; i < M_MESSAGES; i++) {
		if (m->messages[i].state == M_FREE) {
			m->messages[i] =
			    (struct m_message) { .worker = M_NULL, .region = M_NO_REGION };
			return i;
		}
	}
	m->overflow = true;
	return M_MESSAGES - 1;
}

static int
port_new(struct model *m, int task)
{
	for (int i = 0; i < M_PORTS; i++) {
		/* A dead port may still be named by something. */
		if (m->ports[i].alive || rights_in_messages(m, i, MACH_MSG_TYPE_PORT_SEND) != 0 ||
		    model_sonce_count(m, i) != 0)
			continue;
		m->ports[i] = (struct m_port) {
			.alive = true,
			.holder = (int16_t)task,
			.set = M_NULL,
			.qlimit = MACH_PORT_QLIMIT_DEFAULT,
			.no_senders_to = M_NULL,
			.destroyed_to = M_NULL,
		};
		return i;
	}
	m->overflow = true;
	return M_PORTS - 1;
}

static bool
is_alive(const struct model *m, int port)
{
	return port >= 0 && m->ports[port].alive;
}

/* -- Notifications (3.6) ------------------------------------------------------------------ */

static struct m_message *
note_new(struct model *m, int to, int32_t id)
{
	struct m_message *msg = &m->messages[message_new(m)];

	msg->state = M_NOTE;
	msg->dest = (int16_t)to;
	msg->dest_type = MACH_MSG_TYPE_PORT_SEND_ONCE;
	msg->id = msg->other_id = id;
	msg->size = id == MACH_NOTIFY_SEND_ONCE ? 32 : 48;
	if (id == MACH_NOTIFY_NO_SENDERS)
		msg->types = MACH_REGISTER_INTEGER_32;
	else if (id == MACH_NOTIFY_DEAD_NAME || id == MACH_NOTIFY_PORT_DELETED)
		msg->types = MACH_REGISTER_PORT_NAME;
	return msg;
}

static void
note_name(struct model *m, int to, int32_t id, const struct m_entry *entry)
{
	struct m_message *msg;

	if (!is_alive(m, to))
		return;
	msg = note_new(m, to, id);
	msg->word = entry->name;
	/* Which of the two depends on who ended first. */
	if (m->loose)
		msg->other_id =
		    id == MACH_NOTIFY_DEAD_NAME ? MACH_NOTIFY_PORT_DELETED : MACH_NOTIFY_DEAD_NAME;
}

/* A send-once right dies unused. */
static struct m_message *
note_send_once(struct model *m, int to)
{
	return is_alive(m, to) ? note_new(m, to, MACH_NOTIFY_SEND_ONCE) : NULL;
}

/* Were these the last send rights? (3.7) */
static void
check_senders(struct model *m, int port)
{
	struct m_message *note;
	struct m_port *p;
	int to;

	if (!is_alive(m, port) || m->ports[port].no_senders_to == M_NULL ||
	    model_sends_exist(m, port))
		return;
	p = &m->ports[port];
	to = p->no_senders_to;
	p->no_senders_to = M_NULL;
	if (!is_alive(m, to))
		return;
	note = note_new(m, to, MACH_NOTIFY_NO_SENDERS);
	note->word = p->mscount;
	if (m->loose)
		note->other_id = MACH_NOTIFY_SEND_ONCE;
}

/* -- The end of things ---------------------------------------------------------------------- */

static void destroy_port(struct model *m, int port);

/* A right that is nowhere any more. */
static void
drop_right(struct model *m, struct m_right right)
{
	switch (right.type) {
	case MACH_MSG_TYPE_PORT_SEND:
		check_senders(m, right.port);
		break;
	case MACH_MSG_TYPE_PORT_SEND_ONCE:
		(void)note_send_once(m, right.port);
		break;
	case MACH_MSG_TYPE_PORT_RECEIVE:
		if (is_alive(m, right.port))
			destroy_port(m, right.port);
		break;
	default:
		break;
	}
}

static void
message_destroy(struct model *m, int index)
{
	struct m_message msg = m->messages[index];
	bool loose = m->loose;

	m->messages[index].state = M_FREE;
	m->loose = loose || msg.rights > 1;
	drop_right(m, (struct m_right) { msg.dest_type, msg.dest });
	drop_right(m, msg.reply);
	for (int i = 0; i < msg.rights; i++)
		drop_right(m, msg.body[i]);
	m->loose = loose;
}

/* The name denotes its port no more, though that lives (3.6). */
static void
entry_end(struct model *m, struct m_entry *entry)
{
	if (entry->dead_name_to != M_NULL)
		note_name(m, entry->dead_name_to, MACH_NOTIFY_PORT_DELETED, entry);
	entry->type = 0;
	entry->dead_name_to = M_NULL;
}

/* 3.2: user references are kept, and one more is the notification's. */
static void
entry_die(struct model *m, struct m_entry *entry)
{
	if (entry->type & MACH_PORT_TYPE_SEND_ONCE)
		entry->urefs = 1;
	if (entry->dead_name_to != M_NULL) {
		note_name(m, entry->dead_name_to, MACH_NOTIFY_DEAD_NAME, entry);
		if (entry->urefs < MACH_PORT_UREFS_MAX)
			entry->urefs++;
	}
	entry->type = MACH_PORT_TYPE_DEAD_NAME;
	entry->dead_name_to = M_NULL;
	entry->port = M_DEAD;
}

static void
finish(struct model *m, int worker, uint32_t code)
{
	m->results[worker] = (struct m_result) { .kind = M_RESULT_CODE, .code = code };
	m->waits[worker].kind = M_NO_WAIT;
}

static void
wake_receivers(struct model *m, int port, int set, uint32_t code)
{
	for (int w = 0; w < M_WORKERS; w++)
		if (m->waits[w].kind == M_RECEIVES && m->waits[w].port == port &&
		    m->waits[w].set == set)
			finish(m, w, code);
}

/* 3.3: what a receive right loses when it moves. */
static void
leave_task(struct model *m, int port)
{
	struct m_port *p = &m->ports[port];

	p->set = M_NULL;
	p->seqno = p->mscount = 0;
	p->holder = M_NOBODY;
	wake_receivers(m, port, M_NULL, MACH_RCV_PORT_DIED);
}

/* Would `port`, in a message to `dest`, be reachable only from itself? */
static bool
is_circular(const struct model *m, int port, int dest)
{
	for (int hops = 0; dest >= 0 && hops < M_PORTS; hops++) {
		if (dest == port)
			return true;
		if (!is_alive(m, dest) || m->ports[dest].holder != M_IN_MESSAGE)
			return false;
		dest = m->messages[m->ports[dest].message].dest;
	}
	return false;
}

static bool
offer_destroyed(struct model *m, int port)
{
	struct m_port *p = &m->ports[port];
	int to = p->destroyed_to;
	struct m_message *msg;

	p->destroyed_to = M_NULL;
	if (to == M_NULL)
		return false;
	if (!is_alive(m, to))
		return false;
	if (is_circular(m, port, to)) {
		(void)note_send_once(m, to);
		return false;
	}
	msg = note_new(m, to, MACH_NOTIFY_PORT_DESTROYED);
	msg->rights = 1;
	msg->body[0] = (struct m_right) { MACH_MSG_TYPE_PORT_RECEIVE, (int16_t)port };
	p->holder = M_IN_MESSAGE;
	p->message = (int16_t)(msg - m->messages);
	return true;
}

static void
names_die(struct model *m, int port)
{
	for (int task = 0; task < M_TASKS; task++)
		for (int i = 0; i < M_ENTRIES; i++)
			if ((m->entries[task][i].type & MACH_PORT_TYPE_SEND_RIGHTS) &&
			    m->entries[task][i].port == port)
				entry_die(m, &m->entries[task][i]);
}

/* 3.5. The receive right is nobody's already. */
static void
destroy_port(struct model *m, int port)
{
	struct m_port *p = &m->ports[port];
	bool loose = m->loose;

	if (offer_destroyed(m, port))
		return;
	p->alive = false;
	p->queued = 0;
	p->holder = M_NOBODY;
	if (p->no_senders_to != M_NULL) {
		struct m_message *note = note_send_once(m, p->no_senders_to);

		if (note != NULL && loose)
			note->other_id = MACH_NOTIFY_NO_SENDERS;
		p->no_senders_to = M_NULL;
	}
	for (int i = 0; i < M_MESSAGES; i++) {
		struct m_message *msg = &m->messages[i];

		if (msg->dest != port || (msg->state != M_QUEUED && msg->state != M_BLOCKED))
			continue;
		if (msg->state == M_BLOCKED)
			finish(m, msg->worker, MACH_MSG_SUCCESS);
		m->loose = true;
		message_destroy(m, i);
		m->loose = loose;
	}
	names_die(m, port);
}

/* -- Rights in and out -------------------------------------------------------------------------- */

/* A name for a right; M_NULL, M_DEAD. */
static int
give_right(struct model *m, int task, struct m_right right)
{
	struct m_entry *entry = NULL;

	if (right.type == 0 || right.port == M_NULL)
		return M_NULL;
	if (!is_alive(m, right.port))
		return M_DEAD;
	if (right.type == MACH_MSG_TYPE_PORT_SEND_ONCE)
		return entry_index(
		    m, task, entry_new(m, task, MACH_PORT_TYPE_SEND_ONCE, right.port));
	entry = entry_for_port(m, task, right.port);
	if (right.type == MACH_MSG_TYPE_PORT_RECEIVE) {
		if (entry == NULL)
			entry = entry_new(m, task, 0, right.port);
		entry->type |= MACH_PORT_TYPE_RECEIVE;
		m->ports[right.port].holder = (int16_t)task;
		return entry_index(m, task, entry);
	}
	if (entry == NULL)
		entry = entry_new(m, task, MACH_PORT_TYPE_SEND, right.port);
	else if (!(entry->type & MACH_PORT_TYPE_SEND))
		entry->type |= MACH_PORT_TYPE_SEND, entry->urefs = 1;
	else if (entry->urefs < SEND_MAX)
		entry->urefs++;
	return entry_index(m, task, entry);
}

/* 2.3: what each disposition needs; dead names go where send rights do. */
static bool
may_take(const struct m_entry *entry, uint8_t type)
{
	static const uint32_t needs[] = { MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND,
		MACH_PORT_TYPE_SEND_ONCE, MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_RECEIVE,
		MACH_PORT_TYPE_RECEIVE };

	if (entry == NULL || type < MACH_MSG_TYPE_MOVE_RECEIVE ||
	    type > MACH_MSG_TYPE_MAKE_SEND_ONCE)
		return false;
	if (entry->type == MACH_PORT_TYPE_DEAD_NAME)
		return type == MACH_MSG_TYPE_MOVE_SEND || type == MACH_MSG_TYPE_MOVE_SEND_ONCE ||
		    type == MACH_MSG_TYPE_COPY_SEND;
	return entry->type & needs[type - MACH_MSG_TYPE_MOVE_RECEIVE];
}

static void
lose_uref(struct model *m, struct m_entry *entry)
{
	if (entry->urefs > 1) {
		entry->urefs--;
		return;
	}
	entry->type &= ~(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE | MACH_PORT_TYPE_DEAD_NAME);
	if (entry->type == 0)
		entry_end(m, entry);
}

/* 3.10. The receive right, moved, waits for a message to be in. */
static struct m_right
take_right(struct model *m, struct m_entry *entry, uint8_t type)
{
	struct m_right right = { .port = entry->port };

	if (entry->type == MACH_PORT_TYPE_DEAD_NAME) {
		if (type != MACH_MSG_TYPE_COPY_SEND)
			lose_uref(m, entry);
		right.type = type == MACH_MSG_TYPE_MOVE_SEND_ONCE ? MACH_MSG_TYPE_PORT_SEND_ONCE
								  : MACH_MSG_TYPE_PORT_SEND;
		right.port = M_DEAD;
		return right;
	}
	switch (type) {
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		right.type = MACH_MSG_TYPE_PORT_RECEIVE;
		leave_task(m, entry->port);
		entry->type &= ~MACH_PORT_TYPE_RECEIVE;
		if (entry->type == 0)
			entry_end(m, entry);
		break;
	case MACH_MSG_TYPE_MOVE_SEND:
		right.type = MACH_MSG_TYPE_PORT_SEND;
		lose_uref(m, entry);
		break;
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		right.type = MACH_MSG_TYPE_PORT_SEND_ONCE;
		lose_uref(m, entry);
		break;
	case MACH_MSG_TYPE_MAKE_SEND:
		m->ports[entry->port].mscount++;
		right.type = MACH_MSG_TYPE_PORT_SEND;
		break;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		right.type = MACH_MSG_TYPE_PORT_SEND_ONCE;
		break;
	default:
		right.type = MACH_MSG_TYPE_PORT_SEND;
		break;
	}
	return right;
}

/* -- Queues ---------------------------------------------------------------------------------------- */

/* Where the receive right is now, as the receiver is told (2.12). */
static mach_port_name_t
local_name(struct model *m, int task, int port)
{
	struct m_entry *entry;

	if (!m->ports[port].alive)
		return MACH_PORT_NAME_DEAD;
	entry = m->ports[port].holder == task ? entry_for_port(m, task, port) : NULL;
	return entry == NULL ? MACH_PORT_NULL : entry->name;
}

/* The message is the worker's, which has yet to name its rights. */
static void
deliver(struct model *m, int w, int index, enum m_form form, uint32_t room)
{
	struct m_message *msg = &m->messages[index];

	msg->state = M_DELIVERED;
	msg->worker = (int16_t)w;
	m->waits[w] = (struct m_wait) { .kind = M_MUST_NAME,
		.form = (uint8_t)form,
		.message = (int16_t)index,
		.port = M_NULL,
		.set = M_NULL,
		.large = form == M_BY_CALL || msg->size <= room ||
		    (form == M_BY_REPLY_WAIT && msg->in_registers) };
	m->results[w] =
	    (struct m_result) { .kind = M_RESULT_NONE, .seqno = m->ports[msg->dest].seqno++ };
}

/* What is left of a message that is not for its receiver. */
static void
drop_contents(struct model *m, const struct m_message *msg)
{
	drop_right(m, msg->reply);
	for (int i = 0; i < msg->rights; i++)
		drop_right(m, msg->body[i]);
}

/* register-ipc.md 3. */
static bool
fits_registers(const struct m_message *msg)
{
	return msg->rights == 0 && msg->region == M_NO_REGION && !msg->odd &&
	    (msg->reply.type == 0 || msg->reply.port == M_NULL);
}

static void
receive_answer(struct model *m, const struct m_message *msg, struct m_result *r)
{
	r->kind = M_RESULT_CODE;
	if (!msg->in_registers && msg->id == MACH_NOTIFY_SEND_ONCE) {
		r->code = (uint32_t)MIG_SERVER_DIED;
	} else if (fits_registers(msg)) {
		r->kind = M_RESULT_WORDS;
		r->code = MACH_MSG_SUCCESS;
	} else {
		r->code = MACH_RCV_TOO_LARGE;
		drop_contents(m, msg);
	}
}

/* 2.12. A right of the body gets its name, a move of its own. */
static void
name_next(struct model *m, int w)
{
	struct m_message *msg = &m->messages[m->waits[w].message];
	int i = m->waits[w].named - 1;

	m->results[w].body[i] = (int16_t)give_right(m, task_of(w), msg->body[i]);
	msg->body[i].type = 0;
	m->waits[w].named++;
}

static void
received(struct model *m, int w, uint8_t kind, uint32_t code)
{
	m->results[w].kind = kind;
	m->results[w].code = code;
	m->messages[m->waits[w].message].state = M_FREE;
	m->waits[w].kind = M_NO_WAIT;
}

/* All of a message that is taken whole, its last right named. */
static void
receive_end(struct model *m, int w)
{
	enum m_form form = m->waits[w].form;
	bool words = form == M_BY_REPLY_WAIT && m->results[w].message.in_registers;

	received(m, w, words ? M_RESULT_REQUEST : M_RESULT_MESSAGE,
	    form == M_BY_MESSAGE || words ? MACH_MSG_SUCCESS : MACH_REGISTER_MESSAGE);
}

/* The header: the reply right's name first. */
static void
receive_header(struct model *m, int w)
{
	struct m_message *held = &m->messages[m->waits[w].message];
	struct m_message msg = *held;
	struct m_result *r = &m->results[w];
	int task = task_of(w);

	r->message = msg;
	r->local_name = local_name(m, task, msg.dest);
	r->remote = M_NULL;
	m->waits[w].named = 1;
	/* Neither is the message's any more. */
	held->reply.type = 0;
	held->dest_type = 0;
	if (m->waits[w].form == M_BY_CALL || !m->waits[w].large) {
		received(m, w, M_RESULT_HEADER, MACH_RCV_TOO_LARGE);
		if (m->waits[w].form == M_BY_CALL)
			receive_answer(m, &msg, r);
		else
			drop_contents(m, &msg);
	} else {
		r->remote = (int16_t)give_right(m, task, msg.reply);
		r->remote_type = msg.reply.type;
	}
	if (msg.dest_type == MACH_MSG_TYPE_PORT_SEND)
		check_senders(m, msg.dest);
}

static void
receive_message(struct model *m, int w)
{
	if (m->waits[w].named == 0)
		receive_header(m, w);
	else
		name_next(m, w);
	if (m->waits[w].kind == M_MUST_NAME && m->waits[w].named > m->results[w].message.rights)
		receive_end(m, w);
}

/* The worker that has waited longest on the port or its set; M_NULL. */
static int
first_receiver(const struct model *m, int port)
{
	int set = m->ports[port].set, first = M_NULL;

	for (int w = 0; w < M_WORKERS; w++) {
		const struct m_wait *wait = &m->waits[w];

		if (wait->kind == M_RECEIVES &&
		    (set == M_NULL ? wait->port == port && wait->set == M_NULL
				   : wait->set == set) &&
		    (first == M_NULL || wait->stamp < m->waits[first].stamp))
			first = w;
	}
	return first;
}

/* True if a receiver took it. */
static bool
offer_message(struct model *m, int index)
{
	const struct m_message *msg = &m->messages[index];
	int w;

	while ((w = first_receiver(m, msg->dest)) != M_NULL) {
		if (msg->size <= m->waits[w].room || !m->waits[w].large) {
			deliver(m, w, index, m->waits[w].form, m->waits[w].room);
			return true;
		}
		finish(m, w, MACH_RCV_TOO_LARGE);
		m->results[w].kind = M_RESULT_SIZE;
		m->results[w].message.size = msg->size;
	}
	return false;
}

static void
accept_message(struct model *m, int index)
{
	struct m_message *msg = &m->messages[index];

	if (offer_message(m, index))
		return;
	msg->state = M_QUEUED;
	msg->stamp = ++m->stamp;
	m->ports[msg->dest].queued++;
}

static int
first_sender(const struct model *m, int port)
{
	int first = M_NULL;

	for (int w = 0; w < M_WORKERS; w++)
		if (m->waits[w].kind == M_SENDS && m->messages[m->waits[w].message].dest == port &&
		    (first == M_NULL || m->waits[w].stamp < m->waits[first].stamp))
			first = w;
	return first;
}

static void sent(struct model *m, int w);

static void
make_room(struct model *m, int port)
{
	int w;

	while (m->ports[port].queued < m->ports[port].qlimit &&
	    (w = first_sender(m, port)) != M_NULL) {
		m->waits[w].kind = M_NO_WAIT;
		sent(m, w);
		accept_message(m, m->waits[w].message);
	}
}

/* The oldest message of the port, or of the members of the set. */
static int
first_message(const struct model *m, int port, int set)
{
	int first = M_NULL;

	for (int i = 0; i < M_MESSAGES; i++) {
		const struct m_message *msg = &m->messages[i];

		if (msg->state == M_QUEUED &&
		    (set == M_NULL ? msg->dest == port : m->ports[msg->dest].set == set) &&
		    (first == M_NULL || msg->stamp < m->messages[first].stamp))
			first = i;
	}
	return first;
}

/* -- Sending ------------------------------------------------------------------------------------------ */

/* 2.11: back to the sender, remote and local as they were. */
static void
pseudo_receive(struct model *m, int w, int index, uint32_t code)
{
	struct m_message msg = m->messages[index];
	struct m_result *r = &m->results[w];
	int task = task_of(w);

	m->waits[w].kind = M_NO_WAIT;
	m->messages[index].state = M_FREE;
	*r = (struct m_result) { .kind = M_RESULT_RETURN, .code = code, .message = msg };
	r->remote = (int16_t)give_right(m, task, (struct m_right) { msg.dest_type, msg.dest });
	r->remote_type = msg.dest_type;
	r->local = (int16_t)give_right(m, task, msg.reply);
	for (int i = 0; i < msg.rights; i++)
		r->body[i] = (int16_t)give_right(m, task, msg.body[i]);
}

/* register-ipc.md 4, 5: it did not go; the reply right was never made. */
static void
undo_words(struct model *m, int index)
{
	struct m_message msg = m->messages[index];

	m->messages[index].state = M_FREE;
	drop_right(m, (struct m_right) { msg.dest_type, msg.dest });
}

static void
not_sent(struct model *m, int w, int index, uint32_t code)
{
	if (m->messages[index].in_registers) {
		undo_words(m, index);
		finish(m, w, code);
	} else {
		pseudo_receive(m, w, index, code);
	}
}

static void
sent(struct model *m, int w)
{
	m->results[w] = (struct m_result) { .kind = M_RESULT_CODE, .code = MACH_MSG_SUCCESS };
	m->waits[w].kind = M_NO_WAIT;
}

/* 2.10, queueing. */
static void
queue_message(struct model *m, int w, int index, bool at_once)
{
	struct m_message *msg = &m->messages[index];
	const struct m_port *p = &m->ports[msg->dest];
	bool circular = false;

	for (int i = 0; i < msg->rights; i++) {
		if (msg->body[i].type != MACH_MSG_TYPE_PORT_RECEIVE || msg->body[i].port < 0)
			continue;
		circular = circular || is_circular(m, msg->body[i].port, msg->dest);
		m->ports[msg->body[i].port].holder = M_IN_MESSAGE;
		m->ports[msg->body[i].port].message = (int16_t)index;
	}
	if (circular) {
		for (int i = 0; i < msg->rights; i++)
			if (msg->body[i].type == MACH_MSG_TYPE_PORT_RECEIVE &&
			    msg->body[i].port >= 0)
				m->ports[msg->body[i].port].holder = M_NOBODY;
		message_destroy(m, index);
		sent(m, w);
		return;
	}
	if (!is_alive(m, msg->dest)) {
		message_destroy(m, index);
		sent(m, w);
		return;
	}
	if (msg->dest_type != MACH_MSG_TYPE_PORT_SEND ||
	    (p->queued < p->qlimit && first_sender(m, msg->dest) == M_NULL)) {
		sent(m, w);
		accept_message(m, index);
	} else if (at_once) {
		not_sent(m, w, index, MACH_SEND_TIMED_OUT);
	} else {
		msg->state = M_BLOCKED;
		m->waits[w] = (struct m_wait) { .kind = M_SENDS,
			.message = (int16_t)index,
			.port = M_NULL,
			.set = M_NULL,
			.stamp = ++m->stamp };
		m->results[w].kind = M_RESULT_NONE;
	}
}

static struct m_right
null_right(uint8_t type, mach_port_name_t name)
{
	bool once = type == MACH_MSG_TYPE_MOVE_SEND_ONCE || type == MACH_MSG_TYPE_MAKE_SEND_ONCE;

	return (struct m_right) {
		.type = type == MACH_MSG_TYPE_MOVE_RECEIVE ? MACH_MSG_TYPE_PORT_RECEIVE
		    : once                                 ? MACH_MSG_TYPE_PORT_SEND_ONCE
							   : MACH_MSG_TYPE_PORT_SEND,
		.port = name == MACH_PORT_NULL ? M_NULL : M_DEAD,
	};
}

/* The body is in, but for memory that is not there (2.7). */
static void
take_region(struct model *m, int w, const struct m_order *o)
{
	if (o->region != M_NO_REGION && o->region != 0 && o->region_unmapped) {
		message_destroy(m, m->waits[w].message);
		finish(m, w, MACH_SEND_INVALID_MEMORY);
		return;
	}
	m->messages[m->waits[w].message].region = o->region;
	m->waits[w].kind = M_MUST_QUEUE;
}

/* The next right of the body, a move of its own; if it is bad, all are lost. */
static void
take_next(struct model *m, int w, const struct m_order *o)
{
	struct m_message *msg = &m->messages[m->waits[w].message];
	mach_port_name_t name = o->body[msg->rights];
	struct m_entry *entry = model_find(m, task_of(w), name);
	uint8_t type = o->body_type[msg->rights];

	if (name == MACH_PORT_NULL || name == MACH_PORT_NAME_DEAD) {
		msg->body[msg->rights] = null_right(type, name);
	} else if (may_take(entry, type)) {
		msg->body[msg->rights] = take_right(m, entry, type);
	} else {
		message_destroy(m, m->waits[w].message);
		finish(m, w, MACH_SEND_INVALID_RIGHT);
		return;
	}
	if (++msg->rights == o->rights)
		take_region(m, w, o);
}

static unsigned
count_words(uint32_t types)
{
	unsigned count = 0;

	while (count < MACH_REGISTER_WORDS && ((types >> 4 * count) & 15) != 0)
		count++;
	return count;
}

static uint32_t
size_of(const struct m_order *o)
{
	uint32_t rights = o->array ? 1 : o->rights;

	return 32 + 16 * (rights + count_words(o->types) + (o->region != M_NO_REGION)) +
	    (o->odd ? 24 : 0);
}

/* A message with its header taken in; NULL: refused. */
static struct m_message *
take_header(
    struct model *m, int w, const struct m_order *o, uint8_t remote_type, uint8_t local_type)
{
	int task = task_of(w), index;
	struct m_entry *remote = model_find(m, task, o->name);
	struct m_entry *local = model_find(m, task, o->local);
	bool no_local = o->local == MACH_PORT_NULL || o->local == MACH_PORT_NAME_DEAD;
	struct m_message *msg;

	if (!may_take(remote, remote_type) || remote->type == MACH_PORT_TYPE_DEAD_NAME) {
		finish(m, w, MACH_SEND_INVALID_DEST);
		return NULL;
	}
	if (local_type != 0 && !no_local && !may_take(local, local_type)) {
		finish(m, w, MACH_SEND_INVALID_REPLY);
		return NULL;
	}
	index = message_new(m);
	msg = &m->messages[index];
	msg->state = M_TAKEN;
	msg->worker = (int16_t)w;
	msg->id = msg->other_id = o->id;
	msg->size = size_of(o);
	msg->types = o->types;
	msg->array = o->array;
	msg->odd = o->odd;
	msg->dest = remote->port;
	msg->dest_type = take_right(m, remote, remote_type).type;
	if (local_type != 0)
		msg->reply =
		    no_local ? null_right(local_type, o->local) : take_right(m, local, local_type);
	m->waits[w] = (struct m_wait) {
		.kind = M_MUST_TAKE, .message = (int16_t)index, .port = M_NULL, .set = M_NULL
	};
	m->results[w].kind = M_RESULT_NONE;
	return msg;
}

static void
step_send(struct model *m, int w, const struct m_order *o)
{
	if (take_header(m, w, o, o->remote_type, o->local_type) != NULL && o->rights == 0)
		take_region(m, w, o);
}

/* register-ipc.md 3, 4: the first half of the traps. */
static void
step_send_words(struct model *m, int w, const struct m_order *o)
{
	struct m_entry *remote = model_find(m, task_of(w), o->name);
	bool call = o->op == OP_CALL;
	uint8_t remote_type = MACH_MSG_TYPE_COPY_SEND;
	struct m_message *msg;

	if (!m->registers) {
		finish(m, w, MACH_REGISTER_FORBIDDEN);
	} else if (call && (o->local == MACH_PORT_NULL || o->local == MACH_PORT_NAME_DEAD)) {
		finish(m, w, MACH_SEND_INVALID_REPLY);
	} else if (o->name == MACH_PORT_NULL) {
		finish(m, w, MACH_MSG_SUCCESS);
	} else {
		if (!call)
			remote_type = remote != NULL && (remote->type & MACH_PORT_TYPE_SEND)
			    ? MACH_MSG_TYPE_MOVE_SEND
			    : MACH_MSG_TYPE_MOVE_SEND_ONCE;
		msg = take_header(m, w, o, remote_type, call ? MACH_MSG_TYPE_MAKE_SEND_ONCE : 0);
		if (msg == NULL)
			return;
		msg->in_registers = true;
		m->waits[w].kind = M_MUST_QUEUE;
	}
}

/* -- Receiving ----------------------------------------------------------------------------------------- */

static void
step_receive(struct model *m, int w, const struct m_order *o)
{
	mach_port_name_t from = o->op == OP_CALL ? o->local : o->from;
	struct m_entry *entry = model_find(m, task_of(w), from);
	enum m_form form = o->op == OP_CALL ? M_BY_CALL
	    : o->op == OP_REPLY_WAIT        ? M_BY_REPLY_WAIT
					    : M_BY_MESSAGE;
	int port = M_NULL, set = M_NULL, index;

	if (entry != NULL && (entry->type & MACH_PORT_TYPE_PORT_SET))
		set = entry->port;
	else if (entry != NULL && (entry->type & MACH_PORT_TYPE_RECEIVE))
		port = entry->port;
	if (port == M_NULL && set == M_NULL) {
		finish(m, w, MACH_RCV_INVALID_NAME);
		return;
	}
	if (port != M_NULL && m->ports[port].set != M_NULL) {
		finish(m, w, MACH_RCV_IN_SET);
		return;
	}
	index = first_message(m, port, set);
	if (index != M_NULL && m->messages[index].size > o->room && o->large) {
		finish(m, w, MACH_RCV_TOO_LARGE);
		m->results[w].kind = M_RESULT_SIZE;
		m->results[w].message.size = m->messages[index].size;
	} else if (index != M_NULL) {
		port = m->messages[index].dest;
		m->ports[port].queued--;
		deliver(m, w, index, form, o->room);
		make_room(m, port);
	} else if (o->receive_timed && o->timeout == 0) {
		finish(m, w, MACH_RCV_TIMED_OUT);
	} else {
		m->waits[w] = (struct m_wait) { .kind = M_RECEIVES,
			.form = (uint8_t)form,
			.port = (int16_t)port,
			.set = (int16_t)set,
			.large = o->large,
			.room = o->room,
			.stamp = ++m->stamp };
		m->results[w].kind = M_RESULT_NONE;
	}
}

/* -- Calls on names (3.8) --------------------------------------------------------------------------------- */

static uint32_t
step_deallocate(struct model *m, struct m_entry *entry)
{
	struct m_right right = { .port = entry->port };

	if (!(entry->type & (MACH_PORT_TYPE_SEND_RIGHTS | MACH_PORT_TYPE_DEAD_NAME)))
		return KERN_INVALID_RIGHT;
	if (entry->type & MACH_PORT_TYPE_SEND)
		right.type = MACH_MSG_TYPE_PORT_SEND;
	else if (entry->type & MACH_PORT_TYPE_SEND_ONCE)
		right.type = MACH_MSG_TYPE_PORT_SEND_ONCE;
	lose_uref(m, entry);
	drop_right(m, right);
	return KERN_SUCCESS;
}

static void
destroy_set(struct model *m, int set)
{
	m->sets[set].alive = false;
	for (int i = 0; i < M_PORTS; i++)
		if (m->ports[i].alive && m->ports[i].set == set)
			m->ports[i].set = M_NULL;
	wake_receivers(m, M_NULL, set, MACH_RCV_PORT_DIED);
}

/* The receive right of a name; a send right may stay under it. */
static void
drop_receive(struct model *m, struct m_entry *entry)
{
	int port = entry->port;

	leave_task(m, port);
	entry->type &= ~MACH_PORT_TYPE_RECEIVE;
	if (entry->type == 0)
		entry_end(m, entry);
	destroy_port(m, port);
}

static uint32_t
step_destroy(struct model *m, struct m_entry *entry)
{
	struct m_right right = { .port = entry->port };

	if (entry->type & MACH_PORT_TYPE_RECEIVE) {
		entry->type = MACH_PORT_TYPE_RECEIVE;
		drop_receive(m, entry);
		return KERN_SUCCESS;
	}
	if (entry->type & MACH_PORT_TYPE_PORT_SET)
		destroy_set(m, entry->port);
	if (entry->type & MACH_PORT_TYPE_SEND)
		right.type = MACH_MSG_TYPE_PORT_SEND;
	if (entry->type & MACH_PORT_TYPE_SEND_ONCE)
		right.type = MACH_MSG_TYPE_PORT_SEND_ONCE;
	entry_end(m, entry);
	drop_right(m, right);
	return KERN_SUCCESS;
}

static uint32_t
step_mod_refs(struct model *m, struct m_entry *entry, uint32_t right, int32_t delta)
{
	bool counted = right == MACH_PORT_RIGHT_SEND || right == MACH_PORT_RIGHT_DEAD_NAME;
	int64_t refs;

	if (!(entry->type & MACH_PORT_TYPE(right)))
		return KERN_INVALID_RIGHT;
	refs = (counted ? entry->urefs : 1) + (int64_t)delta;
	if (refs < 0 || (!counted && refs > 1))
		return KERN_INVALID_VALUE;
	if (refs > (right == MACH_PORT_RIGHT_SEND ? SEND_MAX : MACH_PORT_UREFS_MAX))
		return KERN_UREFS_OVERFLOW;
	if (refs != 0) {
		if (counted)
			entry->urefs = (uint32_t)refs;
		return KERN_SUCCESS;
	}
	if (right == MACH_PORT_RIGHT_RECEIVE) {
		drop_receive(m, entry);
	} else if (right == MACH_PORT_RIGHT_SEND) {
		entry->urefs = 1;
		(void)step_deallocate(m, entry);
	} else {
		(void)step_destroy(m, entry);
	}
	return KERN_SUCCESS;
}

static uint32_t
step_move_member(struct model *m, int task, struct m_entry *entry, mach_port_name_t into)
{
	struct m_entry *set = model_find(m, task, into);
	struct m_port *p;
	int moved[M_MESSAGES], count = 0, index;

	if (!(entry->type & MACH_PORT_TYPE_RECEIVE))
		return KERN_INVALID_RIGHT;
	p = &m->ports[entry->port];
	if (into == MACH_PORT_NULL) {
		if (p->set == M_NULL)
			return KERN_NOT_IN_SET;
		p->set = M_NULL;
		return KERN_SUCCESS;
	}
	if (set == NULL)
		return KERN_INVALID_NAME;
	if (!(set->type & MACH_PORT_TYPE_PORT_SET))
		return KERN_INVALID_RIGHT;
	if (p->set == set->port)
		return KERN_SUCCESS;
	p->set = set->port;
	wake_receivers(m, entry->port, M_NULL, MACH_RCV_PORT_CHANGED);
	/* Queued messages move to the set, in their order (3.4). */
	while ((index = first_message(m, entry->port, M_NULL)) != M_NULL) {
		m->messages[index].state = M_TAKEN;
		moved[count++] = index;
		p->queued--;
	}
	while (count > 0) {
		accept_message(m, moved[0]);
		count--;
		for (int i = 0; i < count; i++)
			moved[i] = moved[i + 1];
	}
	make_room(m, entry->port);
	return KERN_SUCCESS;
}

/* 3.7. The old request's right comes back under a name. */
static uint32_t
notify_dead_name(struct model *m, struct m_entry *entry, bool immediate, int to, int *previous)
{
	if (entry->type & MACH_PORT_TYPE_PORT_SET)
		return KERN_INVALID_RIGHT;
	if (entry->type == MACH_PORT_TYPE_DEAD_NAME) {
		if (!immediate || to == M_NULL)
			return KERN_INVALID_ARGUMENT;
		if (entry->urefs == MACH_PORT_UREFS_MAX)
			return KERN_UREFS_OVERFLOW;
		entry->urefs++;
		note_name(m, to, MACH_NOTIFY_DEAD_NAME, entry);
		return KERN_SUCCESS;
	}
	*previous = entry->dead_name_to;
	entry->dead_name_to = (int16_t)to;
	return KERN_SUCCESS;
}

static uint32_t
notify_no_senders(struct model *m, struct m_entry *entry, uint32_t sync, int to, int *previous)
{
	struct m_port *p = &m->ports[entry->port];

	if (!(entry->type & MACH_PORT_TYPE_RECEIVE))
		return KERN_INVALID_RIGHT;
	*previous = p->no_senders_to;
	p->no_senders_to = (int16_t)to;
	if (to != M_NULL && sync <= p->mscount)
		check_senders(m, entry->port);
	return KERN_SUCCESS;
}

static uint32_t
notify_destroyed(struct model *m, struct m_entry *entry, uint32_t sync, int to, int *previous)
{
	if (sync != 0)
		return KERN_INVALID_VALUE;
	if (!(entry->type & MACH_PORT_TYPE_RECEIVE))
		return KERN_INVALID_RIGHT;
	*previous = m->ports[entry->port].destroyed_to;
	m->ports[entry->port].destroyed_to = (int16_t)to;
	return KERN_SUCCESS;
}

/* The old request's right is in the call's answer: its name is a move of its own. */
static void
give_back(struct model *m, int w, int previous)
{
	int index = message_new(m);

	m->messages[index].state = M_TAKEN;
	m->messages[index].worker = (int16_t)w;
	m->messages[index].dest = M_NULL;
	m->messages[index].reply =
	    (struct m_right) { MACH_MSG_TYPE_PORT_SEND_ONCE, (int16_t)previous };
	m->waits[w] = (struct m_wait) {
		.kind = M_MUST_GIVE, .message = (int16_t)index, .port = M_NULL, .set = M_NULL
	};
	m->results[w].kind = M_RESULT_NONE;
}

static void
name_given_back(struct model *m, int w, int index)
{
	struct m_right right = m->messages[index].reply;

	m->messages[index].state = M_FREE;
	finish(m, w, KERN_SUCCESS);
	m->results[w].kind = M_RESULT_NAME;
	m->results[w].name = (int16_t)give_right(m, task_of(w), right);
}

/* The call's message, with the right to notify, has been taken in. */
static void
step_notify(struct model *m, int w, const struct m_order *o, int to)
{
	struct m_entry *entry = model_find(m, task_of(w), o->name);
	int previous = M_NULL;
	uint32_t code = KERN_INVALID_NAME;

	if (entry == NULL)
		;
	else if (to != M_NULL && !is_alive(m, to))
		code = KERN_INVALID_CAPABILITY;
	else if (o->right == MACH_NOTIFY_DEAD_NAME)
		code = notify_dead_name(m, entry, o->delta != 0, to, &previous);
	else if (o->right == MACH_NOTIFY_NO_SENDERS)
		code = notify_no_senders(m, entry, (uint32_t)o->delta, to, &previous);
	else
		code = notify_destroyed(m, entry, (uint32_t)o->delta, to, &previous);
	finish(m, w, code);
	if (code != KERN_SUCCESS) {
		(void)note_send_once(m, to);
		return;
	}
	if (previous == M_NULL) {
		m->results[w].kind = M_RESULT_NAME;
		m->results[w].name = M_NULL;
	} else {
		give_back(m, w, previous);
	}
}

/* A call's message with a right in it: a move of its own. */
static void
step_take_notify(struct model *m, int w, const struct m_order *o)
{
	struct m_entry *notify = model_find(m, task_of(w), o->name2);
	int index;

	if (o->name2 == MACH_PORT_NULL) {
		step_notify(m, w, o, M_NULL);
		return;
	}
	if (!may_take(notify, MACH_MSG_TYPE_MAKE_SEND_ONCE)) {
		finish(m, w, MACH_SEND_INVALID_RIGHT);
		return;
	}
	index = message_new(m);
	m->messages[index].state = M_TAKEN;
	m->messages[index].worker = (int16_t)w;
	m->messages[index].dest = M_NULL;
	m->messages[index].reply = take_right(m, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	m->waits[w] = (struct m_wait) {
		.kind = M_MUST_ASK, .message = (int16_t)index, .port = M_NULL, .set = M_NULL
	};
	m->results[w].kind = M_RESULT_NONE;
}

static void
step_allocate(struct model *m, int w, uint32_t right)
{
	struct m_entry *entry = entry_new(m, task_of(w), MACH_PORT_TYPE(right), M_DEAD);

	if (right == MACH_PORT_RIGHT_RECEIVE)
		entry->port = (int16_t)port_new(m, task_of(w));
	if (right == MACH_PORT_RIGHT_PORT_SET) {
		int set = 0;

		while (set < M_SETS - 1 && m->sets[set].alive)
			set++;
		m->overflow = m->overflow || m->sets[set].alive;
		m->sets[set] = (struct m_set) { .alive = true, .task = (int16_t)task_of(w) };
		entry->port = (int16_t)set;
	}
	finish(m, w, KERN_SUCCESS);
	m->results[w].kind = M_RESULT_NAME;
	m->results[w].name = (int16_t)entry_index(m, task_of(w), entry);
}

/* Rights made from a receive right and inserted: a send right under the same
 * name, a send-once right under a free one. */
static uint32_t
step_make(struct model *m, int task, struct m_entry *entry, const struct m_order *o)
{
	struct m_entry *made;

	if (!(entry->type & MACH_PORT_TYPE_RECEIVE))
		return KERN_INVALID_RIGHT;
	if (o->op == OP_MAKE_SEND) {
		m->ports[entry->port].mscount++;
		(void)give_right(
		    m, task, (struct m_right) { MACH_MSG_TYPE_PORT_SEND, entry->port });
		return KERN_SUCCESS;
	}
	made = entry_new(m, task, MACH_PORT_TYPE_SEND_ONCE, entry->port);
	made->name = o->name2;
	return KERN_SUCCESS;
}

static uint32_t
step_name(struct model *m, int task, struct m_entry *entry, const struct m_order *o)
{
	switch (o->op) {
	case OP_DEALLOCATE:
		return step_deallocate(m, entry);
	case OP_DESTROY:
		return step_destroy(m, entry);
	case OP_MOD_REFS:
		return step_mod_refs(m, entry, o->right, o->delta);
	case OP_MOVE_MEMBER:
		return step_move_member(m, task, entry, o->name2);
	case OP_QLIMIT:
		if (!(entry->type & MACH_PORT_TYPE_RECEIVE))
			return KERN_INVALID_RIGHT;
		m->ports[entry->port].qlimit = (uint8_t)o->right;
		make_room(m, entry->port);
		return KERN_SUCCESS;
	default:
		return step_make(m, task, entry, o);
	}
}

void
model_step(struct model *m, int w, const struct m_order *o, bool second)
{
	struct m_entry *entry = model_find(m, task_of(w), o->name);

	if (o->op == OP_SEND || (o->op == OP_BOTH && !second))
		step_send(m, w, o);
	else if ((o->op == OP_CALL || o->op == OP_REPLY_WAIT) && !second)
		step_send_words(m, w, o);
	else if (o->op == OP_RECEIVE || second)
		step_receive(m, w, o);
	else if (o->op == OP_ALLOCATE)
		step_allocate(m, w, o->right);
	else if (o->op == OP_NOTIFY)
		step_take_notify(m, w, o);
	else
		finish(
		    m, w, entry == NULL ? KERN_INVALID_NAME : step_name(m, task_of(w), entry, o));
}

void
model_go_on(struct model *m, int w, const struct m_order *o)
{
	int index = m->waits[w].message;

	if (m->waits[w].kind == M_MUST_NAME) {
		receive_message(m, w);
	} else if (m->waits[w].kind == M_MUST_TAKE) {
		take_next(m, w, o);
	} else if (m->waits[w].kind == M_MUST_ASK) {
		m->messages[index].state = M_FREE;
		step_notify(m, w, o, m->messages[index].reply.port);
	} else if (m->waits[w].kind == M_MUST_GIVE) {
		name_given_back(m, w, index);
	} else {
		queue_message(
		    m, w, index, o->op == OP_REPLY_WAIT || (o->send_timed && o->timeout == 0));
	}
}

/* -- From outside ------------------------------------------------------------------------------------------ */

static void
end_wait(struct model *m, int w, uint32_t send_code, uint32_t receive_code)
{
	if (m->waits[w].kind == M_RECEIVES)
		finish(m, w, receive_code);
	else if (m->waits[w].kind == M_SENDS)
		not_sent(m, w, m->waits[w].message, send_code);
}

void
model_expire(struct model *m, int w)
{
	end_wait(m, w, MACH_SEND_TIMED_OUT, MACH_RCV_TIMED_OUT);
}

void
model_abort(struct model *m, int w)
{
	end_wait(m, w, MACH_SEND_INTERRUPTED, MACH_RCV_INTERRUPTED);
}

void
model_kill(struct model *m, int task)
{
	m->loose = true;
	for (int w = task * M_PER_TASK; w < (task + 1) * M_PER_TASK; w++) {
		if (m->waits[w].kind == M_SENDS && m->messages[m->waits[w].message].in_registers)
			undo_words(m, m->waits[w].message);
		else if (m->waits[w].kind == M_SENDS)
			message_destroy(m, m->waits[w].message);
		m->waits[w].kind = M_NO_WAIT;
		m->results[w].kind = M_RESULT_NONE;
	}
	for (int i = 0; i < M_ENTRIES; i++)
		if (m->entries[task][i].type & MACH_PORT_TYPE_RECEIVE)
			drop_receive(m, &m->entries[task][i]);
	for (int i = 0; i < M_ENTRIES; i++)
		if (m->entries[task][i].type != 0)
			(void)step_destroy(m, &m->entries[task][i]);
	m->loose = false;
	m->lives[task] = false;
}

void
model_note(struct model *m, int index)
{
	if (is_alive(m, m->messages[index].dest))
		accept_message(m, index);
	else
		message_destroy(m, index);
}

/* -- Making a world ------------------------------------------------------------------------------------------ */

void
model_task(struct model *m, int task)
{
	m->lives[task] = true;
	for (int i = 0; i < M_ENTRIES; i++)
		m->entries[task][i].type = 0;
}

int
model_port(struct model *m, int task, mach_port_name_t name)
{
	int port = port_new(m, task);

	entry_new(m, task, MACH_PORT_TYPE_RECEIVE, port)->name = name;
	return port;
}

void
model_send_right(struct model *m, int port, int task, mach_port_name_t name)
{
	int index;

	m->ports[port].mscount++;
	index = give_right(m, task, (struct m_right) { MACH_MSG_TYPE_PORT_SEND, (int16_t)port });
	if (index >= 0 && m->entries[task][index].name == 0)
		m->entries[task][index].name = name;
}

/* -- Equality but for places in tables ------------------------------------------------------------------------ */

static uint64_t
mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ul;
	return hash ^ hash >> 29;
}

/* The name under which a task holds one of these rights for the object. */
static uint64_t
name_of(const struct model *m, int task, uint32_t type, int object)
{
	for (int i = 0; i < M_ENTRIES; i++)
		if ((m->entries[task][i].type & type) && m->entries[task][i].port == object)
			return m->entries[task][i].name;
	return 0;
}

static uint64_t
set_key(const struct model *m, int set)
{
	if (set < 0)
		return 1;
	return mix(mix(2, (uint64_t)m->sets[set].task),
	    name_of(m, m->sets[set].task, MACH_PORT_TYPE_PORT_SET, set));
}

/* Older messages of the same port, of the same set. */
static uint64_t
place_in_queue(const struct model *m, const struct m_message *msg)
{
	int set = m->ports[msg->dest].set;
	uint64_t in_port = 0, in_set = 0;

	for (int i = 0; i < M_MESSAGES; i++) {
		const struct m_message *other = &m->messages[i];

		if (other->state != M_QUEUED || other->stamp >= msg->stamp)
			continue;
		in_port += other->dest == msg->dest;
		in_set += set != M_NULL && m->ports[other->dest].set == set;
	}
	return in_port << 8 | in_set;
}

static uint64_t port_key(const struct model *m, int port);

static uint64_t
message_key(const struct model *m, const struct m_message *msg)
{
	uint64_t place = 0x10000u + (uint64_t)(uint8_t)msg->worker;

	if (msg->state == M_QUEUED)
		place = place_in_queue(m, msg);
	place |= (uint64_t)msg->state << 32;

	return mix(mix(3, port_key(m, msg->dest)), place);
}

static uint64_t
port_key(const struct model *m, int port)
{
	const struct m_port *p;

	if (port < 0)
		return (uint64_t)(uint8_t)port;
	p = &m->ports[port];
	if (!p->alive)
		return (uint64_t)(uint8_t)M_DEAD;
	if (p->holder == M_IN_MESSAGE)
		return mix(message_key(m, &m->messages[p->message]),
		    m->messages[p->message].body[0].port == port);
	if (p->holder < 0)
		return 4;
	return mix(
	    mix(5, (uint64_t)p->holder), name_of(m, p->holder, MACH_PORT_TYPE_RECEIVE, port));
}

static uint64_t
entry_digest(const struct model *m, int task, const struct m_entry *entry)
{
	uint64_t hash = mix(mix(mix(6, (uint64_t)task), entry->name), entry->type);

	hash = mix(hash, entry->urefs);
	hash = mix(hash, port_key(m, entry->dead_name_to));
	return mix(hash, entry->type & MACH_PORT_TYPE_PORT_SET ? 0 : port_key(m, entry->port));
}

static uint64_t
port_digest(const struct model *m, int port)
{
	const struct m_port *p = &m->ports[port];
	uint64_t hash = mix(mix(7, port_key(m, port)), set_key(m, p->set));

	hash = mix(mix(mix(mix(hash, p->queued), p->qlimit), p->seqno), p->mscount);
	return mix(mix(hash, port_key(m, p->no_senders_to)), port_key(m, p->destroyed_to));
}

static uint64_t
message_digest(const struct model *m, const struct m_message *msg)
{
	uint64_t hash = mix(mix(8, message_key(m, msg)), msg->dest_type);

	hash = mix(mix(hash, (uint64_t)msg->id), (uint64_t)msg->other_id);
	hash = mix(mix(hash, msg->size), msg->word);
	hash = mix(mix(hash, msg->region), msg->in_registers);
	hash = mix(mix(hash, msg->reply.type), msg->reply.type ? port_key(m, msg->reply.port) : 0);
	for (int i = 0; i < msg->rights; i++)
		hash = mix(mix(hash, msg->body[i].type), port_key(m, msg->body[i].port));
	return hash;
}

static uint64_t
wait_digest(const struct model *m, int w)
{
	const struct m_wait *wait = &m->waits[w];
	uint64_t hash = mix(mix(9, (uint64_t)w), wait->kind | wait->form << 4), before = 0;

	if (wait->kind == M_RECEIVES)
		hash = mix(mix(mix(mix(hash, port_key(m, wait->port)), set_key(m, wait->set)),
			       wait->large),
		    wait->room);
	/* the same notice twice: who has the first? */
	if (wait->kind == M_MUST_NAME)
		hash = mix(mix(hash, m->results[w].seqno), wait->named);
	for (int i = 0; i < M_WORKERS; i++)
		before += m->waits[i].kind == wait->kind && m->waits[i].stamp < wait->stamp;
	return mix(hash, before);
}

uint64_t
model_digest(const struct model *m)
{
	uint64_t sum = 0;

	for (int task = 0; task < M_TASKS; task++)
		for (int i = 0; i < M_ENTRIES; i++)
			if (m->entries[task][i].type != 0)
				sum += entry_digest(m, task, &m->entries[task][i]);
	for (int i = 0; i < M_PORTS; i++)
		if (m->ports[i].alive)
			sum += port_digest(m, i);
	for (int i = 0; i < M_MESSAGES; i++)
		if (m->messages[i].state != M_FREE)
			sum += message_digest(m, &m->messages[i]);
	for (int w = 0; w < M_WORKERS; w++)
		if (m->waits[w].kind != 0)
			sum += wait_digest(m, w);
	return sum;
}
