/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_right -- see ipc_right.h.
 *
 * An entry holds one reference on its object however many rights it stands
 * for; every entry with a send right is in the space's reverse table. A name
 * whose port died is turned into a dead name when it is next looked at.
 */
#include "ipc_right.h"

#include <kern/assert.h>
#include <kern/zalloc.h>

#include "ipc_kmsg.h"
#include "ipc_notify.h"
#include "ipc_pset.h"
#include "ipc_space.h"

#define SEND_UREFS_MAX (MACH_PORT_UREFS_MAX - 1)

static struct zone request_zone;

void
ipc_right_bootstrap(void)
{
	zone_init(&request_zone, "ipc requests", sizeof(struct ipc_request));
}

struct ipc_request *
ipc_request_alloc(void)
{
	struct ipc_request *request = zalloc(&request_zone);

	if (request != NULL) {
		*request = (struct ipc_request) { .rq_name = 0 };
		list_init(&request->rq_link);
	}
	return request;
}

void
ipc_request_free(struct ipc_request *request)
{
	zfree(&request_zone, request);
}

/* -- Work for later --------------------------------------------------------- */

void
ipc_after_finish_work(struct ipc_after *after)
{
	ipc_notify_flush(&after->notifications);
	if (after->send != NULL)
		ipc_port_release_send(after->send);
	if (after->sonce != NULL)
		ipc_port_release_sonce(after->sonce);
	if (after->receive != NULL)
		ipc_port_destroy(after->receive);
	if (after->pset != NULL)
		ipc_pset_destroy(after->pset);
}

/* -- Small steps on entries ------------------------------------------------- */

static struct ipc_port *
entry_port(const struct ipc_entry *entry)
{
	return ipc_port_of(entry->ie_object);
}

static void
entry_set_urefs(struct ipc_entry *entry, uint32_t urefs)
{
	entry->ie_bits = (entry->ie_bits & ~IPC_ENTRY_UREFS_MASK) | urefs;
}

/* The entry's msg-accepted request no longer has a name to tell. */
static void
request_forget_accepted(struct ipc_request *request)
{
	if (request->rq_accepted != NULL) {
		request->rq_accepted->ma_request = NULL;
		request->rq_accepted = NULL;
	}
}

/*
 * The name stops denoting its live port: whoever asked is told so. The
 * dead-name request becomes a port-deleted notification. Locks: port.
 */
static void
entry_end_request(struct ipc_entry *entry, struct ipc_after *after)
{
	struct ipc_request *request = entry->ie_request;

	if (request == NULL)
		return;
	entry->ie_request = NULL;
	request_forget_accepted(request);
	if (request->rq_dead_name == NULL && request->rq_registered) {
		/* The port died and is being announced; it frees this. */
		ipc_request_free(request);
		return;
	}
	list_remove(&request->rq_link);
	if (request->rq_dead_name != NULL) {
		ipc_notify_set_name(
		    request->rq_dead_name, MACH_NOTIFY_PORT_DELETED, entry->ie_name);
		list_insert_tail(&after->notifications, &request->rq_dead_name->km_link);
	}
	ipc_request_free(request);
}

/* The send part of an entry is over. Locks: port. */
static void
entry_drop_send(struct ipc_space *space, struct ipc_entry *entry)
{
	ipc_reverse_remove(space, entry);
	entry->ie_bits &= ~(MACH_PORT_TYPE_SEND | IPC_ENTRY_UREFS_MASK);
}

/*
 * The port died: announced already, or about to be. If the announcement has
 * not come to this request yet, the port shall free it.
 */
static bool
request_leave_to_port(struct ipc_request *request, struct ipc_port *port)
{
	bool pending;

	ipc_port_lock(port);
	pending = request->rq_dead_name != NULL;
	request->rq_forgotten = pending;
	ipc_port_unlock(port);
	return pending;
}

void
ipc_right_turn_dead(struct ipc_space *space, struct ipc_entry *entry)
{
	struct ipc_request *request = entry->ie_request;
	struct ipc_port *port = entry_port(entry);
	uint32_t urefs = ipc_entry_urefs(entry);

	if (ipc_entry_type(entry) == MACH_PORT_TYPE_SEND_ONCE)
		urefs = 1;
	else
		ipc_reverse_remove(space, entry);
	if (request != NULL) {
		request_forget_accepted(request);
		if (request->rq_registered && urefs < MACH_PORT_UREFS_MAX)
			urefs++; /* the notification's */
		if (!request_leave_to_port(request, port))
			ipc_request_free(request);
		entry->ie_request = NULL;
	}
	entry->ie_bits = (entry->ie_bits & IPC_ENTRY_SIDE) | MACH_PORT_TYPE_DEAD_NAME | urefs;
	entry->ie_object = NULL;
	/* Rights to dead ports are not counted any more. */
	ipc_port_release(port);
}

mach_port_type_t
ipc_right_type(struct ipc_space *space, struct ipc_entry *entry)
{
	struct ipc_request *request;
	mach_port_type_t type;

	(void)ipc_right_lookup(space, entry->ie_name);
	type = ipc_entry_type(entry);
	request = entry->ie_request;
	if (request != NULL && request->rq_registered)
		type |= MACH_PORT_TYPE_DNREQUEST;
	if (request != NULL && request->rq_accepted != NULL)
		type |= MACH_PORT_TYPE_MAREQUEST;
	return type;
}

/* -- Taking rights out ------------------------------------------------------ */

static bool
take_make_send(struct ipc_space *space, struct ipc_entry *entry, struct ipc_port *port,
    struct ipc_after *after)
{
	port->ip_mscount++;
	port->ip_srights++;
	return false;
}

static bool
take_make_sonce(struct ipc_space *space, struct ipc_entry *entry, struct ipc_port *port,
    struct ipc_after *after)
{
	port->ip_sorights++;
	return false;
}

static bool
take_copy_send(struct ipc_space *space, struct ipc_entry *entry, struct ipc_port *port,
    struct ipc_after *after)
{
	port->ip_srights++;
	return false;
}

/* The name is used up. */
static void
entry_end(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after)
{
	entry_end_request(entry, after);
	ipc_entry_free(space, entry);
}

static bool
take_move_send(struct ipc_space *space, struct ipc_entry *entry, struct ipc_port *port,
    struct ipc_after *after)
{
	if (ipc_entry_urefs(entry) > 1) {
		entry->ie_bits--;
		port->ip_srights++;
		return false;
	}
	entry_drop_send(space, entry);
	if (ipc_entry_type(entry) != 0)
		return false; /* the receive right stays */
	entry_end(space, entry, after);
	return true;
}

static bool
take_move_sonce(struct ipc_space *space, struct ipc_entry *entry, struct ipc_port *port,
    struct ipc_after *after)
{
	entry_end(space, entry, after);
	return true;
}

static bool
take_move_receive(struct ipc_space *space, struct ipc_entry *entry, struct ipc_port *port,
    struct ipc_after *after)
{
	ipc_port_leave_space_locked(port);
	entry->ie_bits &= ~MACH_PORT_TYPE_RECEIVE;
	if (ipc_entry_type(entry) != 0)
		return false; /* the send right stays */
	entry_end(space, entry, after);
	return true;
}

#define RULE(name, becomes, needed, dead, loses, step)                                             \
	[MACH_MSG_TYPE_##name - MACH_MSG_TYPE_MOVE_RECEIVE] = {                                    \
		.disposition = MACH_MSG_TYPE_##name,                                               \
		.result = MACH_MSG_TYPE_PORT_##becomes,                                            \
		.needs = MACH_PORT_TYPE_##needed,                                                  \
		.dead_allowed = dead,                                                              \
		.moves = loses,                                                                    \
		.take = step,                                                                      \
	}

/* Sheet 2.3 and 3.10. TOUR: right-1 */
const struct ipc_copyin_rule ipc_copyin_rules[] = {
	RULE(MOVE_RECEIVE, RECEIVE, RECEIVE, false, true, take_move_receive),
	RULE(MOVE_SEND, SEND, SEND, true, true, take_move_send),
	RULE(MOVE_SEND_ONCE, SEND_ONCE, SEND_ONCE, true, true, take_move_sonce),
	RULE(COPY_SEND, SEND, SEND, true, false, take_copy_send),
	RULE(MAKE_SEND, SEND, RECEIVE, false, false, take_make_send),
	RULE(MAKE_SEND_ONCE, SEND_ONCE, RECEIVE, false, false, take_make_sonce),
};

static void
dead_name_drop(struct ipc_space *space, struct ipc_entry *entry)
{
	if (ipc_entry_urefs(entry) > 1)
		entry->ie_bits--;
	else
		ipc_entry_free(space, entry);
}

bool
ipc_right_copyin(struct ipc_space *space, struct ipc_entry *entry,
    const struct ipc_copyin_rule *rule, struct ipc_port **portp, struct ipc_after *after)
{
	struct ipc_port *port;

	if (ipc_entry_type(entry) != MACH_PORT_TYPE_DEAD_NAME) {
		port = entry_port(entry);
		ipc_port_lock(port);
		if (ipc_port_active(port)) {
			if (!rule->take(space, entry, port, after))
				ipc_port_reference(port);
			ipc_port_unlock(port);
			*portp = port;
			return true;
		}
		ipc_port_unlock(port);
		ipc_right_turn_dead(space, entry);
	}
	if (!rule->dead_allowed)
		return false;
	if (rule->moves)
		dead_name_drop(space, entry);
	*portp = IPC_PORT_DEAD;
	return true;
}

/* -- Giving rights names ---------------------------------------------------- */

/* The entry in which a send right for this port would be merged. Locks: port. */
static struct ipc_entry *
entry_known_as(struct ipc_space *space, struct ipc_port *port)
{
	return port->ip_receiver == space ? ipc_entry_lookup(space, port->ip_receiver_name)
					  : ipc_reverse_lookup(space, port);
}

/* One more user reference for an entry that has a send right; the carried
 * right is dropped (the entry's keeps the port from losing its last). */
static void
merge_send_known(struct ipc_entry *entry, struct ipc_port *port)
{
	if (ipc_entry_urefs(entry) < SEND_UREFS_MAX)
		entry->ie_bits++;
	port->ip_srights--;
}

/* The receive right's name gets a send right too. */
static bool
merge_send_new(struct ipc_space *space, struct ipc_entry *entry)
{
	if (!ipc_reverse_insert(space, entry))
		return false;
	entry->ie_bits |= MACH_PORT_TYPE_SEND;
	entry_set_urefs(entry, 1);
	return true;
}

/* True if the carried reference is to be dropped: the entry had one. */
static kern_return_t
name_send(struct ipc_space *space, struct ipc_port *port, mach_port_name_t *namep, bool *dropp)
{
	struct ipc_entry *entry = entry_known_as(space, port);
	kern_return_t kr;

	if (entry != NULL) {
		*dropp = true;
		*namep = entry->ie_name;
		if (ipc_entry_type(entry) & MACH_PORT_TYPE_SEND)
			merge_send_known(entry, port);
		else if (!merge_send_new(space, entry))
			return KERN_RESOURCE_SHORTAGE;
		return KERN_SUCCESS;
	}
	kr = ipc_entry_alloc(space, &entry);
	if (kr != KERN_SUCCESS)
		return kr;
	entry->ie_object = &port->ip_object;
	if (!merge_send_new(space, entry)) {
		ipc_entry_free(space, entry);
		return KERN_RESOURCE_SHORTAGE;
	}
	*dropp = false;
	*namep = entry->ie_name;
	return KERN_SUCCESS;
}

static kern_return_t
name_sonce(struct ipc_space *space, struct ipc_port *port, mach_port_name_t *namep, bool *dropp)
{
	struct ipc_entry *entry;
	kern_return_t kr = ipc_entry_alloc(space, &entry);

	if (kr != KERN_SUCCESS)
		return kr;
	entry->ie_object = &port->ip_object;
	entry->ie_bits |= MACH_PORT_TYPE_SEND_ONCE | 1;
	*namep = entry->ie_name;
	*dropp = false;
	return KERN_SUCCESS;
}

static kern_return_t
name_receive(struct ipc_space *space, struct ipc_port *port, mach_port_name_t *namep, bool *dropp)
{
	struct ipc_entry *entry = ipc_reverse_lookup(space, port);
	kern_return_t kr;

	*dropp = entry != NULL;
	if (entry == NULL) {
		kr = ipc_entry_alloc(space, &entry);
		if (kr != KERN_SUCCESS)
			return kr;
		entry->ie_object = &port->ip_object;
	}
	entry->ie_bits |= MACH_PORT_TYPE_RECEIVE;
	*namep = entry->ie_name;
	ipc_port_enter_space_locked(port, space, entry->ie_name);
	return KERN_SUCCESS;
}

typedef kern_return_t
name_right_t(struct ipc_space *, struct ipc_port *, mach_port_name_t *, bool *);

static name_right_t *const name_right[] = {
	[MACH_MSG_TYPE_PORT_RECEIVE - MACH_MSG_TYPE_PORT_RECEIVE] = name_receive,
	[MACH_MSG_TYPE_PORT_SEND - MACH_MSG_TYPE_PORT_RECEIVE] = name_send,
	[MACH_MSG_TYPE_PORT_SEND_ONCE - MACH_MSG_TYPE_PORT_RECEIVE] = name_sonce,
};

/* After a receive right arrived: it is going nowhere any more. */
static void
settle_receive(struct ipc_port *port, mach_msg_type_name_t type)
{
	if (type == MACH_MSG_TYPE_PORT_RECEIVE)
		ipc_port_clear_destination(port);
}

kern_return_t
ipc_right_copyout(struct ipc_space *space, struct ipc_port *port, mach_msg_type_name_t type,
    mach_port_name_t *namep, struct ipc_after *after)
{
	kern_return_t kr;
	bool drop;

	kassert(MACH_MSG_TYPE_PORT_ANY_RIGHT(type));
	ipc_port_lock(port);
	if (!ipc_port_active(port)) {
		ipc_port_unlock(port);
		ipc_port_release(port);
		*namep = MACH_PORT_NAME_DEAD;
		return KERN_SUCCESS;
	}
	kr = name_right[type - MACH_MSG_TYPE_PORT_RECEIVE](space, port, namep, &drop);
	ipc_port_unlock(port);
	if (kr != KERN_SUCCESS)
		return kr;
	settle_receive(port, type);
	if (drop)
		ipc_port_release(port);
	return KERN_SUCCESS;
}

/* A send right into the name that already holds rights for its port. */
static kern_return_t
insert_known(struct ipc_space *space, struct ipc_entry *entry, struct ipc_port *port,
    mach_msg_type_name_t type)
{
	switch (type) {
	case MACH_MSG_TYPE_PORT_SEND:
		if (!(ipc_entry_type(entry) & MACH_PORT_TYPE_SEND))
			return merge_send_new(space, entry) ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
		if (ipc_entry_urefs(entry) >= SEND_UREFS_MAX)
			return KERN_UREFS_OVERFLOW;
		merge_send_known(entry, port);
		return KERN_SUCCESS;
	case MACH_MSG_TYPE_PORT_RECEIVE:
		entry->ie_bits |= MACH_PORT_TYPE_RECEIVE;
		ipc_port_enter_space_locked(port, space, entry->ie_name);
		return KERN_SUCCESS;
	default:
		return KERN_NAME_EXISTS;
	}
}

static kern_return_t
insert_new(struct ipc_space *space, mach_port_name_t name, struct ipc_port *port,
    mach_msg_type_name_t type)
{
	struct ipc_entry *entry;
	kern_return_t kr = ipc_entry_alloc_name(space, name, &entry);

	if (kr != KERN_SUCCESS)
		return kr;
	entry->ie_object = &port->ip_object;
	if (type == MACH_MSG_TYPE_PORT_SEND) {
		if (merge_send_new(space, entry))
			return KERN_SUCCESS;
		ipc_entry_free(space, entry);
		return KERN_RESOURCE_SHORTAGE;
	}
	if (type == MACH_MSG_TYPE_PORT_SEND_ONCE) {
		entry->ie_bits |= MACH_PORT_TYPE_SEND_ONCE | 1;
	} else {
		entry->ie_bits |= MACH_PORT_TYPE_RECEIVE;
		ipc_port_enter_space_locked(port, space, entry->ie_name);
	}
	return KERN_SUCCESS;
}

/* mach_port_insert_right's choice. Locks: space, port. */
static kern_return_t
insert_locked(struct ipc_space *space, mach_port_name_t name, struct ipc_port *port,
    mach_msg_type_name_t type, bool *dropp)
{
	struct ipc_entry *named = ipc_entry_lookup(space, name);
	struct ipc_entry *known =
	    type == MACH_MSG_TYPE_PORT_SEND_ONCE ? NULL : entry_known_as(space, port);

	if (known != NULL && known == named) {
		*dropp = true;
		return insert_known(space, known, port, type);
	}
	if (named != NULL)
		return KERN_NAME_EXISTS;
	if (known != NULL)
		return KERN_RIGHT_EXISTS;
	*dropp = false;
	return insert_new(space, name, port, type);
}

kern_return_t
ipc_right_copyout_name(struct ipc_space *space, struct ipc_port *port, mach_msg_type_name_t type,
    mach_port_name_t name, struct ipc_after *after)
{
	kern_return_t kr;
	bool drop = false;

	/* Looked at before the port is locked: turning another name dead
	 * locks that name's port. */
	(void)ipc_right_lookup(space, name);
	ipc_port_lock(port);
	kr = ipc_port_active(port) ? insert_locked(space, name, port, type, &drop)
				   : KERN_INVALID_CAPABILITY;
	ipc_port_unlock(port);
	if (kr != KERN_SUCCESS)
		return kr;
	settle_receive(port, type);
	if (drop)
		ipc_port_release(port);
	return KERN_SUCCESS;
}

/* -- Dropping rights -------------------------------------------------------- */

/* The name and all it holds goes; the entry's reference with it. Locks: none
 * on the port. */
static void
entry_end_locking(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after)
{
	struct ipc_port *port = entry_port(entry);

	ipc_port_lock(port);
	entry_end(space, entry, after);
	ipc_port_unlock(port);
}

static void
drop_receive_only(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after)
{
	struct ipc_port *port = entry_port(entry);

	ipc_port_lock(port);
	ipc_port_leave_space_locked(port);
	entry_end(space, entry, after);
	ipc_port_unlock(port);
	after->receive = port; /* the entry's reference */
}

/* The receive right goes, the send right stays and will find itself dead
 * (or the right, asked for by a port-destroyed request, lives on). */
static void
drop_receive_keep_send(struct ipc_entry *entry, struct ipc_after *after)
{
	struct ipc_port *port = entry_port(entry);

	ipc_port_lock(port);
	ipc_port_leave_space_locked(port);
	entry->ie_bits &= ~MACH_PORT_TYPE_RECEIVE;
	ipc_port_reference(port);
	ipc_port_unlock(port);
	after->receive = port;
}

static void
drop_receive(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after)
{
	if (ipc_entry_type(entry) & MACH_PORT_TYPE_SEND)
		drop_receive_keep_send(entry, after);
	else
		drop_receive_only(space, entry, after);
}

static void
drop_send(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after)
{
	struct ipc_port *port = entry_port(entry);

	ipc_port_lock(port);
	entry_drop_send(space, entry);
	if (ipc_entry_type(entry) != 0)
		ipc_port_reference(port); /* the receive right's stays */
	else
		entry_end(space, entry, after);
	ipc_port_unlock(port);
	after->send = port;
}

/* With the receive right gone too, nobody is told of the last sender. */
static void
drop_both(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after)
{
	struct ipc_port *port = entry_port(entry);

	ipc_port_lock(port);
	entry_drop_send(space, entry);
	port->ip_srights--;
	ipc_port_unlock(port);
	drop_receive_only(space, entry, after);
}

static void
drop_sonce(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after)
{
	after->sonce = entry_port(entry);
	entry_end_locking(space, entry, after);
}

static void
drop_pset(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after)
{
	after->pset = ipc_pset_of(entry->ie_object);
	ipc_entry_free(space, entry);
}

static void
drop_dead(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after)
{
	(void)after;
	ipc_entry_free(space, entry);
}

void
ipc_right_destroy(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after)
{
	switch (ipc_right_type(space, entry) & IPC_ENTRY_TYPE_MASK) {
	case MACH_PORT_TYPE_SEND:
		drop_send(space, entry, after);
		break;
	case MACH_PORT_TYPE_SEND_RECEIVE:
		drop_both(space, entry, after);
		break;
	case MACH_PORT_TYPE_RECEIVE:
		drop_receive_only(space, entry, after);
		break;
	case MACH_PORT_TYPE_SEND_ONCE:
		drop_sonce(space, entry, after);
		break;
	case MACH_PORT_TYPE_PORT_SET:
		drop_pset(space, entry, after);
		break;
	case MACH_PORT_TYPE_DEAD_NAME:
		drop_dead(space, entry, after);
		break;
	default:
		panic("ipc_right_destroy: bits %x", entry->ie_bits);
	}
}

kern_return_t
ipc_right_dealloc(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after)
{
	mach_port_type_t type = ipc_entry_type(entry);

	if (type == MACH_PORT_TYPE_DEAD_NAME)
		dead_name_drop(space, entry);
	else if (type == MACH_PORT_TYPE_SEND_ONCE)
		drop_sonce(space, entry, after);
	else if (!(type & MACH_PORT_TYPE_SEND))
		return KERN_INVALID_RIGHT;
	else if (ipc_entry_urefs(entry) > 1)
		entry->ie_bits--;
	else
		drop_send(space, entry, after);
	return KERN_SUCCESS;
}

/* -- mod_refs --------------------------------------------------------------- */

/* What may be done to each kind of right, and what to do at zero. */
struct delta_rule {
	mach_port_type_t type;
	uint32_t max; /* user references; 1: not counted */
	void (*drop)(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after);
};

static const struct delta_rule delta_rules[MACH_PORT_RIGHT_NUMBER] = {
	[MACH_PORT_RIGHT_SEND] = { MACH_PORT_TYPE_SEND, SEND_UREFS_MAX, drop_send },
	[MACH_PORT_RIGHT_RECEIVE] = { MACH_PORT_TYPE_RECEIVE, 1, drop_receive },
	[MACH_PORT_RIGHT_SEND_ONCE] = { MACH_PORT_TYPE_SEND_ONCE, 1, drop_sonce },
	[MACH_PORT_RIGHT_PORT_SET] = { MACH_PORT_TYPE_PORT_SET, 1, drop_pset },
	[MACH_PORT_RIGHT_DEAD_NAME] = { MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_UREFS_MAX, drop_dead },
};

kern_return_t
ipc_right_delta(struct ipc_space *space, struct ipc_entry *entry, mach_port_right_t right,
    mach_port_delta_t delta, struct ipc_after *after)
{
	const struct delta_rule *rule = &delta_rules[right];
	int64_t urefs;

	if (!(ipc_entry_type(entry) & rule->type))
		return KERN_INVALID_RIGHT;
	urefs = rule->max == 1 ? 1 : ipc_entry_urefs(entry);
	urefs += delta;
	if (urefs < 0 || (rule->max == 1 && urefs > 1))
		return KERN_INVALID_VALUE;
	if (urefs > rule->max)
		return KERN_UREFS_OVERFLOW;
	if (urefs == 0)
		rule->drop(space, entry, after);
	else if (rule->max != 1)
		entry_set_urefs(entry, (uint32_t)urefs);
	return KERN_SUCCESS;
}

/* -- Renaming and requests -------------------------------------------------- */

/* The object that knows this name, and the request that will tell it. */
static void
rename_outside(struct ipc_entry *entry)
{
	struct ipc_port *port;

	if (ipc_entry_type(entry) == MACH_PORT_TYPE_PORT_SET) {
		struct ipc_pset *pset = ipc_pset_of(entry->ie_object);

		ipc_pset_lock(pset);
		pset->ips_name = entry->ie_name;
		ipc_pset_unlock(pset);
		return;
	}
	if (entry->ie_object == NULL)
		return;
	port = entry_port(entry);
	ipc_port_lock(port);
	if (ipc_entry_type(entry) & MACH_PORT_TYPE_RECEIVE) {
		port->ip_receiver_name = entry->ie_name;
		ipc_port_told_update(port);
	}
	if (entry->ie_request != NULL)
		entry->ie_request->rq_name = entry->ie_name;
	ipc_port_unlock(port);
}

kern_return_t
ipc_right_rename(struct ipc_space *space, struct ipc_entry *entry, mach_port_name_t name)
{
	bool reverse = ipc_entry_type(entry) & MACH_PORT_TYPE_SEND;
	struct ipc_entry *fresh;
	kern_return_t kr;

	kr = ipc_entry_alloc_name(space, name, &fresh);
	if (kr != KERN_SUCCESS)
		return kr;
	if (reverse)
		ipc_reverse_remove(space, entry);
	fresh->ie_bits |= entry->ie_bits & ~IPC_ENTRY_SIDE;
	fresh->ie_object = entry->ie_object;
	fresh->ie_request = entry->ie_request;
	entry->ie_request = NULL;
	/* One just left, so there is a table and room in it. */
	if (reverse && !ipc_reverse_insert(space, fresh))
		panic("ipc_right_rename: no room");
	rename_outside(fresh);
	ipc_entry_free(space, entry);
	return KERN_SUCCESS;
}

/* A request on a name already dead. */
static kern_return_t
request_on_dead(
    struct ipc_entry *entry, bool immediate, struct ipc_kmsg *notify, struct ipc_after *after)
{
	if (!immediate || notify == NULL)
		return KERN_INVALID_ARGUMENT;
	if (ipc_entry_urefs(entry) >= MACH_PORT_UREFS_MAX)
		return KERN_UREFS_OVERFLOW;
	entry->ie_bits++;
	ipc_notify_set_name(notify, MACH_NOTIFY_DEAD_NAME, entry->ie_name);
	list_insert_tail(&after->notifications, &notify->km_link);
	return KERN_SUCCESS;
}

/* Locks: port, alive. Returns the registration that was there. */
static struct ipc_kmsg *
request_exchange(struct ipc_entry *entry, struct ipc_port *port, struct ipc_kmsg *notify,
    struct ipc_request **requestp)
{
	struct ipc_request *request = entry->ie_request;
	struct ipc_kmsg *old = NULL;

	if (request == NULL && notify != NULL) {
		request = entry->ie_request = *requestp;
		*requestp = NULL;
		request->rq_name = entry->ie_name;
	}
	if (request == NULL)
		return NULL;
	old = request->rq_dead_name;
	request->rq_dead_name = notify;
	request->rq_registered = notify != NULL;
	list_remove(&request->rq_link);
	if (notify != NULL)
		list_insert_tail(&port->ip_requests, &request->rq_link);
	if (notify == NULL && request->rq_accepted == NULL) {
		entry->ie_request = NULL;
		ipc_request_free(request);
	}
	return old;
}

kern_return_t
ipc_right_dead_name_request(struct ipc_space *space, struct ipc_entry *entry, bool immediate,
    struct ipc_kmsg *notify, struct ipc_request **requestp, struct ipc_port **previousp,
    struct ipc_after *after)
{
	struct ipc_port *port;
	struct ipc_kmsg *old;

	*previousp = NULL;
	if (ipc_entry_type(entry) == MACH_PORT_TYPE_PORT_SET)
		return KERN_INVALID_RIGHT;
	if (ipc_entry_type(entry) == MACH_PORT_TYPE_DEAD_NAME)
		return request_on_dead(entry, immediate, notify, after);
	port = entry_port(entry);
	ipc_port_lock(port);
	if (!ipc_port_active(port)) {
		ipc_port_unlock(port);
		ipc_right_turn_dead(space, entry);
		return request_on_dead(entry, immediate, notify, after);
	}
	old = request_exchange(entry, port, notify, requestp);
	ipc_port_unlock(port);
	if (old != NULL)
		*previousp = ipc_notify_cancel(old);
	return KERN_SUCCESS;
}
