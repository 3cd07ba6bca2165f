/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_notify -- see ipc_notify.h.
 */
#include "ipc_notify.h"

#include <kern/assert.h>
#include <kern/zalloc.h>

#include "ipc_kmsg.h"
#include "ipc_mqueue.h"
#include "ipc_right.h"
#include "ipc_space.h"

/* The body of a notification, in held form. */
struct notify_body {
	struct ipc_msg_header nb_header;
	mach_msg_type_t nb_type;
	union {
		uint64_t nb_value;
		struct ipc_port *nb_right;
	};
};

_Static_assert(sizeof(struct notify_body) == sizeof(mach_dead_name_notification_t), "sheet 3.6");

static struct zone marequest_zone;

void
ipc_notify_bootstrap(void)
{
	zone_init(&marequest_zone, "ipc accept requests", sizeof(struct ipc_marequest));
}

static struct notify_body *
kmsg_body(struct ipc_kmsg *kmsg)
{
	return (struct notify_body *)(void *)&kmsg->km_header;
}

struct ipc_kmsg *
ipc_notify_alloc(struct account *account, int32_t id)
{
	struct ipc_kmsg *kmsg = ipc_kmsg_alloc(sizeof(struct notify_body));

	if (kmsg == NULL)
		return NULL;
	if (!ipc_kmsg_charge(kmsg, account)) {
		ipc_kmsg_free(kmsg);
		return NULL;
	}
	*kmsg_body(kmsg) = (struct notify_body) {
		.nb_header.mh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, 0),
		.nb_header.mh_size = id == MACH_NOTIFY_SEND_ONCE ? sizeof(struct ipc_msg_header)
								 : sizeof(struct notify_body),
		.nb_header.mh_id = id,
	};
	kmsg->km_state = IPC_KMSG_COMPLETE;
	return kmsg;
}

void
ipc_notify_set_port(struct ipc_kmsg *kmsg, struct ipc_port *notify)
{
	kmsg->km_header.mh_remote = notify;
}

struct ipc_kmsg *
ipc_notify_prepare(struct ipc_port *notify, int32_t id)
{
	struct ipc_kmsg *kmsg = ipc_notify_alloc(notify->ip_account, id);

	if (kmsg != NULL)
		ipc_notify_set_port(kmsg, notify);
	return kmsg;
}

struct ipc_port *
ipc_notify_cancel(struct ipc_kmsg *kmsg)
{
	struct ipc_port *notify = kmsg->km_header.mh_remote;

	ipc_kmsg_free(kmsg);
	return notify;
}

static void
set_value(struct ipc_kmsg *kmsg, int32_t id, unsigned type, uint32_t value)
{
	struct notify_body *body = kmsg_body(kmsg);

	body->nb_header.mh_id = id;
	body->nb_header.mh_size = sizeof(*body);
	body->nb_type = (mach_msg_type_t) {
		.msgt_name = type,
		.msgt_size = 32,
		.msgt_inline = 1,
		.msgt_number = 1,
	};
	body->nb_value = value;
}

void
ipc_notify_set_name(struct ipc_kmsg *kmsg, int32_t id, mach_port_name_t name)
{
	set_value(kmsg, id, MACH_MSG_TYPE_PORT_NAME, name);
}

void
ipc_notify_set_count(struct ipc_kmsg *kmsg, uint32_t mscount)
{
	set_value(kmsg, MACH_NOTIFY_NO_SENDERS, MACH_MSG_TYPE_INTEGER_32, mscount);
}

void
ipc_notify_set_right(struct ipc_kmsg *kmsg, struct ipc_port *port)
{
	struct notify_body *body = kmsg_body(kmsg);

	body->nb_header.mh_bits |= MACH_MSGH_BITS_COMPLEX;
	body->nb_header.mh_size = sizeof(*body);
	body->nb_type = (mach_msg_type_t) {
		.msgt_name = MACH_MSG_TYPE_PORT_RECEIVE,
		.msgt_size = 64,
		.msgt_inline = 1,
		.msgt_number = 1,
	};
	body->nb_right = port;
}

void
ipc_notify_send(struct ipc_kmsg *kmsg)
{
	ipc_mqueue_send_always(kmsg);
}

void
ipc_notify_flush(struct list *notifications)
{
	struct list *node;

	while ((node = list_pop(notifications)) != NULL)
		ipc_notify_send(list_entry(node, struct ipc_kmsg, km_link));
}

void
ipc_notify_send_once(struct ipc_port *port)
{
	struct ipc_kmsg *kmsg = ipc_notify_prepare(port, MACH_NOTIFY_SEND_ONCE);

	if (kmsg != NULL) {
		ipc_notify_send(kmsg);
		return;
	}
	ipc_mqueue_owe(port);
	ipc_port_release(port);
}

/* -- Message accepted ------------------------------------------------------- */

/* The entry of the send right for dest, with memory for a request. */
static mach_msg_return_t
marequest_attach(struct ipc_space *space, struct ipc_port *dest, struct ipc_marequest *marequest,
    struct ipc_request **requestp)
{
	struct ipc_entry *entry = ipc_reverse_lookup(space, dest);

	/* No name for it: the announcement will say null. */
	if (entry == NULL)
		return MACH_MSG_SUCCESS;
	if (entry->ie_request == NULL) {
		entry->ie_request = *requestp;
		*requestp = NULL;
		entry->ie_request->rq_name = entry->ie_name;
	}
	if (entry->ie_request->rq_accepted != NULL)
		return MACH_SEND_NOTIFY_IN_PROGRESS;
	entry->ie_request->rq_accepted = marequest;
	marequest->ma_request = entry->ie_request;
	return MACH_MSG_SUCCESS;
}

/* Make the send-once right and attach. Locks: space. */
static mach_msg_return_t
marequest_register(struct ipc_space *space, struct ipc_port *dest, mach_port_name_t notify,
    struct ipc_marequest *marequest, struct ipc_request **requestp)
{
	const struct ipc_copyin_rule *rule = ipc_copyin_rule(MACH_MSG_TYPE_MAKE_SEND_ONCE);
	struct ipc_entry *entry;
	struct ipc_port *port;
	mach_msg_return_t mr;

	entry = space->is_active ? ipc_right_lookup(space, notify) : NULL;
	if (entry == NULL || !ipc_right_copyin_check(entry, rule))
		return MACH_SEND_INVALID_NOTIFY;
	mr = marequest_attach(space, dest, marequest, requestp);
	if (mr != MACH_MSG_SUCCESS)
		return mr;
	if (!ipc_right_copyin(space, entry, rule, &port, NULL))
		panic("marequest_register: a receive right is dead");
	ipc_notify_set_port(marequest->ma_kmsg, port);
	return MACH_MSG_SUCCESS;
}

static struct ipc_marequest *
marequest_alloc(struct ipc_space *space)
{
	struct ipc_marequest *marequest = zalloc(&marequest_zone);

	if (marequest == NULL)
		return NULL;
	*marequest = (struct ipc_marequest) {
		.ma_space = space,
		.ma_kmsg = ipc_notify_alloc(space->is_account, MACH_NOTIFY_MSG_ACCEPTED),
	};
	if (marequest->ma_kmsg != NULL)
		return marequest;
	zfree(&marequest_zone, marequest);
	return NULL;
}

mach_msg_return_t
ipc_marequest_create(struct ipc_space *space, struct ipc_port *dest, mach_port_name_t notify,
    struct ipc_marequest **marequestp)
{
	struct ipc_request *request = ipc_request_alloc();
	struct ipc_marequest *marequest = marequest_alloc(space);
	mach_msg_return_t mr = MACH_SEND_NO_NOTIFY;

	if (request != NULL && marequest != NULL) {
		spin_lock(&space->is_lock);
		mr = marequest_register(space, dest, notify, marequest, &request);
		spin_unlock(&space->is_lock);
	}
	if (request != NULL)
		ipc_request_free(request);
	if (mr == MACH_MSG_SUCCESS) {
		ipc_space_reference(space);
		*marequestp = marequest;
	} else if (marequest != NULL) {
		ipc_kmsg_free(marequest->ma_kmsg);
		zfree(&marequest_zone, marequest);
	}
	return mr;
}

void
ipc_marequest_done(struct ipc_marequest *marequest, bool dest_died)
{
	struct ipc_space *space = marequest->ma_space;
	mach_port_name_t name = MACH_PORT_NAME_NULL;

	spin_lock(&space->is_lock);
	if (marequest->ma_request != NULL) {
		name = marequest->ma_request->rq_name;
		marequest->ma_request->rq_accepted = NULL;
	}
	spin_unlock(&space->is_lock);
	if (dest_died) {
		ipc_port_release_sonce(ipc_notify_cancel(marequest->ma_kmsg));
	} else {
		ipc_notify_set_name(marequest->ma_kmsg, MACH_NOTIFY_MSG_ACCEPTED, name);
		ipc_notify_send(marequest->ma_kmsg);
	}
	ipc_space_release(space);
	zfree(&marequest_zone, marequest);
}
