/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_copyin -- names and addresses of a sent message become rights and
 * regions (sheet 2.7, 2.8, 2.10).
 *
 * Header: both names are looked up and judged first; then the rights are
 * taken, the destination's in a way that may still find it dead, the reply's
 * in a way that cannot fail. Body: item by item, front to back; the kmsg
 * remembers how far it got.
 */
#include <kern/account.h>
#include <kern/assert.h>
#include <kern/copyio.h>
#include <kern/ipc_trace.h>
#include <kern/preempt.h>
#include <kern/string.h>
#include <kern/zalloc.h>

#include "ipc_item.h"
#include "ipc_kmsg.h"
#include "ipc_notify.h"
#include "ipc_ool.h"
#include "ipc_right.h"
#include "ipc_space.h"

/* -- Header ----------------------------------------------------------------- */

/* What copyin_header found out about one of its two names. */
struct header_name {
	mach_port_name_t name;
	const struct ipc_copyin_rule *rule;
	struct ipc_entry *entry; /* NULL: null or dead by name */
	struct ipc_port *port;   /* the right, once taken */
};

struct header {
	struct header_name dest;
	struct header_name reply;
	struct ipc_port *cancel; /* notify port of MACH_SEND_CANCEL */
	struct ipc_after after;
};

static bool
is_header_disposition(mach_msg_type_name_t disposition)
{
	return MACH_MSG_TYPE_PORT_ANY_SEND(disposition);
}

static mach_msg_return_t
header_decode(const struct ipc_kmsg *kmsg, struct header *header)
{
	const mach_msg_header_t *sent = (const void *)&kmsg->km_header;
	mach_msg_type_name_t remote = MACH_MSGH_BITS_REMOTE(sent->msgh_bits);
	mach_msg_type_name_t local = MACH_MSGH_BITS_LOCAL(sent->msgh_bits);

	if (!is_header_disposition(remote))
		return MACH_SEND_INVALID_HEADER;
	if (local == 0 ? sent->msgh_local_port != MACH_PORT_NAME_NULL
		       : !is_header_disposition(local))
		return MACH_SEND_INVALID_HEADER;
	header->dest.name = sent->msgh_remote_port;
	header->dest.rule = ipc_copyin_rule(remote);
	header->reply.name = sent->msgh_local_port;
	header->reply.rule = ipc_copyin_rule(local);
	return MACH_MSG_SUCCESS;
}

/* Look a name up and judge it. Locks: space. */
static bool
header_find(struct ipc_space *space, struct header_name *name)
{
	name->entry = ipc_right_lookup(space, name->name);
	return name->entry != NULL && ipc_right_copyin_check(name->entry, name->rule);
}

static bool
is_move(const struct header_name *name, mach_msg_type_name_t disposition)
{
	return name->rule->disposition == disposition;
}

/* May one entry serve both fields? */
static bool
header_may_share(const struct header *header)
{
	if (is_move(&header->dest, MACH_MSG_TYPE_MOVE_SEND_ONCE) ||
	    is_move(&header->reply, MACH_MSG_TYPE_MOVE_SEND_ONCE))
		return false;
	return !is_move(&header->dest, MACH_MSG_TYPE_MOVE_SEND) ||
	    !is_move(&header->reply, MACH_MSG_TYPE_MOVE_SEND) ||
	    ipc_entry_urefs(header->dest.entry) >= 2;
}

static mach_msg_return_t
header_find_cancel(struct ipc_space *space, mach_port_name_t notify, struct header *header)
{
	struct ipc_entry *entry = ipc_right_lookup(space, notify);

	if (entry == NULL || !(ipc_entry_type(entry) & MACH_PORT_TYPE_RECEIVE))
		return MACH_SEND_INVALID_NOTIFY;
	header->cancel = ipc_port_of(entry->ie_object);
	return MACH_MSG_SUCCESS;
}

/* Both names, judged; nothing is changed. Locks: space. */
static mach_msg_return_t
header_judge(struct ipc_space *space, struct header *header)
{
	if (!space->is_active || !header_find(space, &header->dest) ||
	    ipc_entry_type(header->dest.entry) == MACH_PORT_TYPE_DEAD_NAME)
		return MACH_SEND_INVALID_DEST;
	if (header->reply.rule == NULL || header->reply.name == 0)
		header->reply.port = NULL;
	else if (header->reply.name == MACH_PORT_NAME_DEAD)
		header->reply.port = IPC_PORT_DEAD;
	else if (!header_find(space, &header->reply))
		return MACH_SEND_INVALID_REPLY;
	if (header->reply.entry == header->dest.entry && !header_may_share(header))
		return MACH_SEND_INVALID_DEST;
	return MACH_MSG_SUCCESS;
}

/* Take one of the rights. False: dead, and it may not be. Locks: space. */
static bool
header_take(struct ipc_space *space, struct header_name *name, struct ipc_after *after)
{
	return name->entry == NULL ||
	    ipc_right_copyin(space, name->entry, name->rule, &name->port, after);
}

/*
 * Take both. When they share a name, the one that leaves it as it is goes
 * first. A destination that dies meanwhile is told by IPC_PORT_DEAD.
 */
static mach_msg_return_t
header_take_both(struct ipc_space *space, struct header *header)
{
	bool reply_first = header->reply.entry == header->dest.entry && !header->reply.rule->moves;

	if (reply_first && !header_take(space, &header->reply, &header->after))
		return MACH_SEND_INVALID_DEST;
	if (!header_take(space, &header->dest, &header->after) ||
	    header->dest.port == IPC_PORT_DEAD)
		return MACH_SEND_INVALID_DEST;
	if (!reply_first && !header_take(space, &header->reply, &header->after))
		panic("header_take_both: a receive right is dead");
	return MACH_MSG_SUCCESS;
}

/* Drop the port-deleted notification that MACH_SEND_CANCEL foresaw. */
static void
header_cancel(struct header *header)
{
	struct list *node, *next;
	struct ipc_kmsg *kmsg;

	list_for_each_safe(&header->after.notifications, node, next) {
		kmsg = list_entry(node, struct ipc_kmsg, km_link);
		if (kmsg->km_header.mh_remote != header->cancel)
			continue;
		list_remove(node);
		ipc_port_drop_sonce(ipc_notify_cancel(kmsg));
	}
}

static void
header_hold(struct ipc_kmsg *kmsg, const struct header *header)
{
	struct ipc_msg_header *held = &kmsg->km_header;
	mach_msg_type_name_t local = header->reply.rule == NULL ? 0 : header->reply.rule->result;

	held->mh_bits = (held->mh_bits & MACH_MSGH_BITS_COMPLEX) |
	    MACH_MSGH_BITS((uint32_t)header->dest.rule->result, local);
	held->mh_remote = header->dest.port;
	held->mh_local = header->reply.port;
	kmsg->km_state = IPC_KMSG_HELD;
}

mach_msg_return_t
ipc_kmsg_copyin_header(
    struct ipc_kmsg *kmsg, struct ipc_space *space, bool cancel, mach_port_name_t notify)
{
	struct header header;
	mach_msg_return_t mr = header_decode(kmsg, &header);

	if (mr != MACH_MSG_SUCCESS)
		return mr;
	header.cancel = NULL;
	header.reply.entry = NULL;
	header.reply.port = NULL;
	ipc_after_init(&header.after);
	spin_lock(&space->is_lock);
	if (cancel && space->is_active)
		mr = header_find_cancel(space, notify, &header);
	if (mr == MACH_MSG_SUCCESS)
		mr = header_judge(space, &header);
	if (mr == MACH_MSG_SUCCESS)
		mr = header_take_both(space, &header);
	spin_unlock(&space->is_lock);
	if (mr == MACH_MSG_SUCCESS)
		header_hold(kmsg, &header);
	else if (header.reply.entry != NULL)
		ipc_port_release_right(header.reply.port, header.reply.rule->result);
	if (header.cancel != NULL && mr == MACH_MSG_SUCCESS)
		header_cancel(&header);
	ipc_after_finish(&header.after);
	IPC_TRACE(TRANSLATE, kmsg->km_header.mh_size, kmsg->km_header.mh_remote);
	return mr;
}

/* -- Body ------------------------------------------------------------------- */

/* A receive right goes into the message: it must not end up in itself. */
static void
right_in_transit(struct ipc_kmsg *kmsg, struct ipc_port *port)
{
	if (ipc_port_check_circularity(port, kmsg->km_header.mh_remote))
		kmsg->km_circular = true;
}

/* One name by one rule. Locks: space. */
static bool
take_right(struct ipc_space *space, mach_port_name_t name, const struct ipc_copyin_rule *rule,
    struct ipc_port **portp, struct ipc_after *after)
{
	struct ipc_entry *entry;

	if (!MACH_PORT_NAME_VALID(name)) {
		*portp = name == MACH_PORT_NAME_NULL ? NULL : IPC_PORT_DEAD;
		return true;
	}
	entry = space->is_active ? ipc_right_lookup(space, name) : NULL;
	return entry != NULL && ipc_right_copyin_check(entry, rule) &&
	    ipc_right_copyin(space, entry, rule, portp, after);
}

/*
 * Up to a batch of rights under one hold of the lock. Names that must be told
 * of something, and receive rights, end the batch. Returns how many were
 * taken; fewer than asked with *okp false means a bad name.
 */
static uint32_t
take_batch(struct ipc_space *space, const struct ipc_copyin_rule *rule,
    mach_port_name_t (*name_at)(const void *names, uint32_t i), const void *names,
    struct ipc_port **ports, uint32_t count, bool *okp)
{
	bool single = rule->needs == MACH_PORT_TYPE_RECEIVE && rule->moves;
	struct ipc_after after;
	uint32_t i = 0;

	if (count > IPC_ITEM_BATCH)
		count = IPC_ITEM_BATCH;
	ipc_after_init(&after);
	*okp = true;
	spin_lock(&space->is_lock);
	while (i < count) {
		struct ipc_port *port;

		*okp = take_right(space, name_at(names, i), rule, &port, &after);
		if (!*okp)
			break;
		ports[i++] = port;
		if (single)
			break;
	}
	spin_unlock(&space->is_lock);
	ipc_after_finish(&after);
	return i;
}

static mach_port_name_t
inline_name_at(const void *names, uint32_t i)
{
	return ((const mach_port_name_inlined_t *)names)[i].name;
}

static mach_port_name_t
packed_name_at(const void *names, uint32_t i)
{
	return ((const mach_port_name_t *)names)[i];
}

/*
 * Take `count` rights from names; both arrays advance together (an inline
 * array is translated in place). *donep says how many were taken.
 */
static mach_msg_return_t
take_rights(struct ipc_kmsg *kmsg, struct ipc_space *space, const struct ipc_copyin_rule *rule,
    mach_port_name_t (*name_at)(const void *names, uint32_t i), const void *names, size_t name_size,
    struct ipc_port **ports, uint32_t count, uint32_t *donep)
{
	uint32_t taken, i;
	bool ok;

	while (*donep < count) {
		taken = take_batch(space, rule, name_at, (const char *)names + *donep * name_size,
		    ports + *donep, count - *donep, &ok);
		for (i = 0; i < taken; i++, (*donep)++)
			if (rule->result == MACH_MSG_TYPE_PORT_RECEIVE &&
			    IPC_PORT_VALID(ports[*donep]))
				right_in_transit(kmsg, ports[*donep]);
		if (!ok)
			return MACH_SEND_INVALID_RIGHT;
		preempt_point();
	}
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
copyin_ports(struct ipc_kmsg *kmsg, struct ipc_space *space, struct ipc_item *item)
{
	const struct ipc_copyin_rule *rule = ipc_copyin_rule(item->type->msgt_name);
	mach_msg_return_t mr;

	mr = take_rights(kmsg, space, rule, inline_name_at, item->data, sizeof(uint64_t),
	    (struct ipc_port **)(void *)item->data, item->number, &kmsg->km_done_elements);
	if (mr == MACH_MSG_SUCCESS)
		item->type->msgt_name = rule->result;
	return mr;
}

static mach_msg_return_t
copyin_ool_data(struct ipc_kmsg *kmsg, struct ipc_space *space, struct ipc_item *item)
{
	uint64_t address = *item->data;
	void *region = NULL;

	(void)kmsg;
	(void)space;
	if (item->bytes != 0 &&
	    ipc_ool->capture(address, item->bytes, item->type->msgt_deallocate, &region) !=
		KERN_SUCCESS)
		return MACH_SEND_INVALID_MEMORY;
	*item->data = (uintptr_t)region;
	item->type->msgt_deallocate = 1;
	return MACH_MSG_SUCCESS;
}

/* Read the user's names into the upper half of the array they become, where
 * translation from the front never overtakes them. */
static mach_msg_return_t
read_names(struct ipc_item *item, struct ipc_port **ports, const mach_port_name_t **namesp)
{
	mach_port_name_t *names = (mach_port_name_t *)(void *)ports + item->number;
	uint64_t address = *item->data;

	if (!copyin(address, names, item->bytes))
		return MACH_SEND_INVALID_MEMORY;
	if (item->type->msgt_deallocate &&
	    ipc_ool->deallocate(address, item->bytes) != KERN_SUCCESS)
		return MACH_SEND_INVALID_MEMORY;
	*namesp = names;
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
copyin_port_array(
    struct ipc_kmsg *kmsg, struct ipc_space *space, struct ipc_item *item, struct ipc_port **ports)
{
	const struct ipc_copyin_rule *rule = ipc_copyin_rule(item->type->msgt_name);
	const mach_port_name_t *names;
	uint32_t done = 0;
	mach_msg_return_t mr;

	mr = read_names(item, ports, &names);
	if (mr == MACH_MSG_SUCCESS)
		mr = take_rights(kmsg, space, rule, packed_name_at, names, sizeof(*names), ports,
		    item->number, &done);
	if (mr == MACH_MSG_SUCCESS)
		return mr;
	while (done > 0)
		ipc_port_release_right(ports[--done], rule->result);
	return mr;
}

/* Memory for an array of rights, charged like the message's own. */
static struct ipc_port **
array_alloc(struct ipc_kmsg *kmsg, uint64_t bytes)
{
	struct ipc_port **ports;

	if (bytes > IPC_KMSG_MAX || !account_charge(kmsg->km_account, ACCOUNT_MESSAGE_BYTES, bytes))
		return NULL;
	ports = kalloc(bytes);
	if (ports == NULL)
		account_uncharge(kmsg->km_account, ACCOUNT_MESSAGE_BYTES, bytes);
	else
		kmsg->km_charge += bytes;
	return ports;
}

static mach_msg_return_t
copyin_ool_ports(struct ipc_kmsg *kmsg, struct ipc_space *space, struct ipc_item *item)
{
	uint64_t bytes = IPC_ARRAY_BYTES(item->number);
	struct ipc_port **ports = NULL;
	mach_msg_return_t mr;

	if (item->number != 0) {
		ports = array_alloc(kmsg, bytes);
		if (ports == NULL)
			return MACH_SEND_INVALID_MEMORY;
		mr = copyin_port_array(kmsg, space, item, ports);
		if (mr != MACH_MSG_SUCCESS) {
			kfree(ports, bytes);
			return mr;
		}
	}
	*item->data = (uintptr_t)ports;
	item->type->msgt_name = ipc_copyin_rule(item->type->msgt_name)->result;
	item->type->msgt_deallocate = 1;
	return MACH_MSG_SUCCESS;
}

typedef mach_msg_return_t item_copyin_t(struct ipc_kmsg *, struct ipc_space *, struct ipc_item *);

static item_copyin_t *const item_copyin[IPC_ITEM_KINDS] = {
	[IPC_ITEM_PORTS] = copyin_ports,
	[IPC_ITEM_OOL_DATA] = copyin_ool_data,
	[IPC_ITEM_OOL_PORTS] = copyin_ool_ports,
};

/* TOUR: right-2 */
mach_msg_return_t
ipc_kmsg_copyin_body(struct ipc_kmsg *kmsg, struct ipc_space *space)
{
	bool complex = false;
	struct ipc_item item;
	mach_msg_return_t mr;

	if (!(kmsg->km_header.mh_bits & MACH_MSGH_BITS_COMPLEX)) {
		kmsg->km_state = IPC_KMSG_COMPLETE;
		return MACH_MSG_SUCCESS;
	}
	while (kmsg->km_done < kmsg->km_header.mh_size) {
		mr = ipc_item_decode(kmsg, kmsg->km_done, &item);
		if (mr != MACH_MSG_SUCCESS)
			return mr;
		if (item_copyin[item.kind] != NULL) {
			complex = true;
			mr = item_copyin[item.kind](kmsg, space, &item);
			if (mr != MACH_MSG_SUCCESS)
				return mr;
		}
		kmsg->km_done = item.next;
		kmsg->km_done_elements = 0;
		preempt_point();
	}
	if (!complex)
		kmsg->km_header.mh_bits &= ~MACH_MSGH_BITS_COMPLEX;
	kmsg->km_state = IPC_KMSG_COMPLETE;
	return MACH_MSG_SUCCESS;
}

/* -- Messages of the kernel's own ------------------------------------------- */

/* The right a kernel message asks for, from a pointer to its port. */
static struct ipc_port *
kernel_right(struct ipc_port *port, mach_msg_type_name_t disposition)
{
	struct ipc_port *right;

	switch (disposition) {
	case MACH_MSG_TYPE_COPY_SEND:
		return ipc_port_copy_send(port);
	case MACH_MSG_TYPE_MAKE_SEND:
		right = ipc_port_make_send(port);
		break;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		right = ipc_port_make_sonce(port);
		break;
	default:
		return port; /* moved: it is the caller's */
	}
	return right == NULL && IPC_PORT_VALID(port) ? IPC_PORT_DEAD : right;
}

/* A receive right of the kernel's goes away: the port is nobody's for now. */
static void
kernel_gives_receive(struct ipc_kmsg *kmsg, struct ipc_port *port)
{
	ipc_port_lock(port);
	if (port->ip_receiver == &ipc_space_kernel)
		ipc_port_leave_space_locked(port);
	ipc_port_unlock(port);
	if (IPC_PORT_VALID(kmsg->km_header.mh_remote))
		right_in_transit(kmsg, port);
}

static void
kernel_rights(struct ipc_kmsg *kmsg, struct ipc_port **ports, uint32_t count,
    mach_msg_type_name_t disposition)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		ports[i] = kernel_right(ports[i], disposition);
		if (disposition == MACH_MSG_TYPE_MOVE_RECEIVE && IPC_PORT_VALID(ports[i]))
			kernel_gives_receive(kmsg, ports[i]);
	}
}

static void
kernel_item(struct ipc_kmsg *kmsg, struct ipc_item *item)
{
	struct ipc_port **ports;

	if (!item->type->msgt_inline)
		item->type->msgt_deallocate = 1;
	if (item->kind == IPC_ITEM_PORTS)
		ports = (struct ipc_port **)(void *)item->data;
	else if (item->kind == IPC_ITEM_OOL_PORTS)
		ports = (void *)(uintptr_t)*item->data;
	else
		return;
	if (ports != NULL)
		kernel_rights(kmsg, ports, item->number, item->type->msgt_name);
	item->type->msgt_name = ipc_right_carried(item->type->msgt_name);
}

void
ipc_kmsg_copyin_from_kernel(struct ipc_kmsg *kmsg)
{
	struct ipc_msg_header *header = &kmsg->km_header;
	mach_msg_type_name_t remote = MACH_MSGH_BITS_REMOTE(header->mh_bits);
	mach_msg_type_name_t local = MACH_MSGH_BITS_LOCAL(header->mh_bits);
	uint32_t offset = IPC_BODY_OFFSET;
	struct ipc_item item;

	header->mh_remote = kernel_right(header->mh_remote, remote);
	header->mh_local = kernel_right(header->mh_local, local);
	header->mh_bits = (header->mh_bits & MACH_MSGH_BITS_COMPLEX) |
	    MACH_MSGH_BITS(ipc_right_carried(remote), ipc_right_carried(local));
	while ((header->mh_bits & MACH_MSGH_BITS_COMPLEX) && offset < header->mh_size) {
		if (ipc_item_decode(kmsg, offset, &item) != MACH_MSG_SUCCESS)
			panic(
			    "ipc_kmsg_copyin_from_kernel: id %d, offset %u", header->mh_id, offset);
		kernel_item(kmsg, &item);
		offset = item.next;
	}
	kmsg->km_state = IPC_KMSG_COMPLETE;
}
