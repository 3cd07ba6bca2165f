/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_copyout -- rights and regions of a held message become names and
 * addresses in the receiver (sheet 2.12 to 2.14).
 *
 * Each right is given a name or, when that fails, destroyed: never half a
 * right. The error bits collect what went wrong.
 */
#include <kern/assert.h>
#include <kern/copyio.h>
#include <kern/ipc_trace.h>
#include <kern/preempt.h>
#include <kern/zalloc.h>

#include "ipc_item.h"
#include "ipc_kmsg.h"
#include "ipc_notify.h"
#include "ipc_ool.h"
#include "ipc_right.h"
#include "ipc_space.h"

static mach_msg_return_t
right_error_bits(kern_return_t kr)
{
	if (kr == KERN_SUCCESS)
		return 0;
	return kr == KERN_NO_SPACE ? MACH_MSG_IPC_SPACE : MACH_MSG_IPC_KERNEL;
}

static mach_msg_return_t
memory_error_bits(kern_return_t kr)
{
	if (kr == KERN_SUCCESS)
		return 0;
	return kr == KERN_NO_SPACE ? MACH_MSG_VM_SPACE : MACH_MSG_VM_KERNEL;
}

/* One right to a name, or bits. Locks: space. */
static mach_msg_return_t
name_right(struct ipc_space *space, struct ipc_port *port, mach_msg_type_name_t type,
    mach_port_name_t *namep, struct ipc_after *after)
{
	if (!IPC_PORT_VALID(port)) {
		*namep = port == NULL ? MACH_PORT_NAME_NULL : MACH_PORT_NAME_DEAD;
		return 0;
	}
	if (!space->is_active)
		return MACH_MSG_IPC_SPACE;
	return right_error_bits(ipc_right_copyout(space, port, type, namep, after));
}

/* -- Header ----------------------------------------------------------------- */

/* The dead-name request that MACH_RCV_NOTIFY puts on a new reply name. */
struct reply_request {
	struct ipc_kmsg *kmsg;
	struct ipc_request *request;
};

static mach_msg_return_t
reply_request_alloc(struct ipc_space *space, struct reply_request *wanted)
{
	wanted->kmsg = ipc_notify_alloc(space->is_account, MACH_NOTIFY_DEAD_NAME);
	wanted->request = ipc_request_alloc();
	return wanted->kmsg != NULL && wanted->request != NULL
	    ? MACH_MSG_SUCCESS
	    : MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_KERNEL;
}

static void
reply_request_free(struct reply_request *wanted)
{
	if (wanted->kmsg != NULL)
		ipc_kmsg_free(wanted->kmsg);
	if (wanted->request != NULL)
		ipc_request_free(wanted->request);
}

/* Does the space know the right already? Then no request is made. */
static bool
reply_is_known(struct ipc_space *space, struct ipc_port *port, mach_msg_type_name_t type)
{
	return type == MACH_MSG_TYPE_PORT_SEND &&
	    (port->ip_receiver == space || ipc_reverse_lookup(space, port) != NULL);
}

/* Register the request on the name just made. Locks: space. */
static void
reply_request_register(struct ipc_space *space, mach_port_name_t reply, struct ipc_entry *notify,
    struct reply_request *wanted, struct ipc_after *after)
{
	const struct ipc_copyin_rule *rule = ipc_copyin_rule(MACH_MSG_TYPE_MAKE_SEND_ONCE);
	struct ipc_entry *entry = ipc_entry_lookup(space, reply);
	struct ipc_port *port, *previous;

	if (entry == NULL || !ipc_right_copyin(space, notify, rule, &port, after))
		return;
	ipc_notify_set_port(wanted->kmsg, port);
	if (ipc_right_dead_name_request(space, entry, true, wanted->kmsg, &wanted->request,
		&previous, after) != KERN_SUCCESS)
		panic("reply_request_register: a new name refuses");
	wanted->kmsg = NULL;
}

/* The reply right, with its request if one is wanted. Locks: space. */
static mach_msg_return_t
name_reply(struct ipc_kmsg *kmsg, struct ipc_space *space, struct reply_request *wanted,
    mach_port_name_t notify, mach_port_name_t *namep, struct ipc_after *after)
{
	struct ipc_port *port = kmsg->km_header.mh_remote;
	mach_msg_type_name_t type = MACH_MSGH_BITS_REMOTE(kmsg->km_header.mh_bits);
	struct ipc_entry *entry = NULL;
	mach_msg_return_t bits;
	bool known = true;

	if (wanted != NULL) {
		entry = space->is_active ? ipc_right_lookup(space, notify) : NULL;
		if (entry == NULL || !(ipc_entry_type(entry) & MACH_PORT_TYPE_RECEIVE))
			return MACH_RCV_INVALID_NOTIFY;
		known = !IPC_PORT_VALID(port) || reply_is_known(space, port, type);
	}
	bits = name_right(space, port, type, namep, after);
	if (bits != 0)
		return MACH_RCV_HEADER_ERROR | bits;
	if (!known && MACH_PORT_NAME_VALID(*namep))
		reply_request_register(space, *namep, entry, wanted, after);
	return MACH_MSG_SUCCESS;
}

/* Use up the right that the message came by; a notification may become due.
 * Locks: port. */
static void
take_dest_right(struct ipc_kmsg *kmsg, struct ipc_port *port, mach_msg_type_name_t type)
{
	if (type == MACH_MSG_TYPE_PORT_SEND_ONCE) {
		port->ip_sorights--;
	} else if (--port->ip_srights == 0 && port->ip_no_senders != NULL) {
		kmsg->km_no_senders = port->ip_no_senders;
		port->ip_no_senders = NULL;
		ipc_notify_set_count(kmsg->km_no_senders, port->ip_mscount);
	}
	ipc_port_release_held(port);
}

void
ipc_kmsg_take(struct ipc_kmsg *kmsg, struct ipc_port *port)
{
	struct ipc_msg_header *header = &kmsg->km_header;
	uint32_t bits = header->mh_bits;
	uint32_t local = MACH_MSGH_BITS_REMOTE(bits);
	uint64_t payload = port->ip_receiver_name;

	kassert(kmsg->km_state == IPC_KMSG_COMPLETE && ipc_port_active(port));
	take_dest_right(kmsg, port, local);
	if (port->ip_object.o_has_payload) {
		local = MACH_MSG_TYPE_PROTECTED_PAYLOAD;
		payload = port->ip_payload;
	}
	header->mh_bits =
	    (bits & MACH_MSGH_BITS_COMPLEX) | MACH_MSGH_BITS(MACH_MSGH_BITS_LOCAL(bits), local);
	header->mh_remote = header->mh_local;
	header->mh_payload = payload;
	header->mh_seqno = port->ip_seqno++;
	kmsg->km_state = IPC_KMSG_TAKEN;
}

/* A name, or none, in the place of the reply right. */
static void
name_remote(struct ipc_kmsg *kmsg, mach_port_name_t reply)
{
	mach_msg_header_t *seen = (void *)&kmsg->km_header;

	seen->msgh_remote_slot = reply;
}

static mach_msg_return_t
copyout_header(struct ipc_kmsg *kmsg, struct ipc_space *space, struct reply_request *wanted,
    mach_port_name_t notify)
{
	mach_port_name_t reply = MACH_PORT_NAME_NULL;
	struct ipc_after after;
	mach_msg_return_t mr;

	ipc_after_init(&after);
	spin_lock(&space->is_lock);
	mr = name_reply(kmsg, space, wanted, notify, &reply, &after);
	spin_unlock(&space->is_lock);
	if (mr == MACH_MSG_SUCCESS)
		name_remote(kmsg, reply);
	ipc_after_finish(&after);
	return mr;
}

/* -- Body ------------------------------------------------------------------- */

/* Names for up to a batch of rights; those that fail are handed back through
 * `failed` to be destroyed without the lock. */
static mach_msg_return_t
name_batch(struct ipc_space *space, struct ipc_port **ports, mach_msg_type_name_t type,
    mach_port_name_t *names, uint32_t count, struct ipc_port **failed)
{
	mach_msg_return_t bits = 0, one;
	struct ipc_after after;
	uint32_t i;

	ipc_after_init(&after);
	spin_lock(&space->is_lock);
	for (i = 0; i < count; i++) {
		failed[i] = NULL;
		one = name_right(space, ports[i], type, &names[i], &after);
		if (one != 0) {
			failed[i] = ports[i];
			names[i] = MACH_PORT_NAME_NULL;
			bits |= one;
		}
	}
	spin_unlock(&space->is_lock);
	ipc_after_finish(&after);
	return bits;
}

/*
 * Names for a whole array, by batches; store(to, i, name) puts them where
 * they belong, which may be over the rights already named.
 */
static mach_msg_return_t
name_rights(struct ipc_space *space, struct ipc_port **ports, mach_msg_type_name_t type,
    uint32_t count, void (*store)(void *to, uint32_t i, mach_port_name_t name), void *to)
{
	struct ipc_port *failed[IPC_ITEM_BATCH];
	mach_port_name_t names[IPC_ITEM_BATCH];
	mach_msg_return_t bits = 0;
	uint32_t base, i, batch;

	for (base = 0; base < count; base += batch) {
		batch = count - base < IPC_ITEM_BATCH ? count - base : IPC_ITEM_BATCH;
		bits |= name_batch(space, ports + base, type, names, batch, failed);
		for (i = 0; i < batch; i++) {
			ipc_port_release_right(failed[i], type);
			store(to, base + i, names[i]);
		}
		preempt_point();
	}
	return bits;
}

static void
store_inline(void *to, uint32_t i, mach_port_name_t name)
{
	((uint64_t *)to)[i] = name;
}

static void
store_packed(void *to, uint32_t i, mach_port_name_t name)
{
	((mach_port_name_t *)to)[i] = name;
}

static mach_msg_return_t
copyout_ports(struct ipc_space *space, struct ipc_item *item)
{
	return name_rights(space, (struct ipc_port **)(void *)item->data, item->type->msgt_name,
	    item->number, store_inline, item->data);
}

/* Memory that found no place: address 0 and no size (sheet 2.14). */
static void
item_lost(struct ipc_item *item)
{
	*item->data = 0;
	item->type->msgt_size = 0;
}

static mach_msg_return_t
copyout_ool_data(struct ipc_space *space, struct ipc_item *item)
{
	void *region = (void *)(uintptr_t)*item->data;
	uint64_t address;
	kern_return_t kr;

	(void)space;
	if (region == NULL)
		return 0;
	kr = ipc_ool->deliver(region, &address);
	if (kr == KERN_SUCCESS) {
		*item->data = address;
		return 0;
	}
	ipc_ool->discard(region);
	item_lost(item);
	return memory_error_bits(kr);
}

static mach_msg_return_t
copyout_ool_ports(struct ipc_space *space, struct ipc_item *item)
{
	struct ipc_port **ports = (void *)(uintptr_t)*item->data;
	mach_msg_type_name_t type = item->type->msgt_name;
	uint64_t bytes = (uint64_t)item->number * sizeof(mach_port_name_t);
	mach_msg_return_t bits = 0;
	uint64_t address = 0;
	kern_return_t kr;
	uint32_t i;

	if (ports == NULL)
		return 0;
	kr = ipc_ool->allocate(bytes, &address);
	if (kr == KERN_SUCCESS) {
		bits = name_rights(space, ports, type, item->number, store_packed, ports);
		*item->data = address;
		/* Just allocated; if the task took it away that is its loss. */
		if (!copyout(ports, address, bytes))
			bits |= MACH_MSG_VM_SPACE;
	} else {
		for (i = 0; i < item->number; i++)
			ipc_port_release_right(ports[i], type);
		item_lost(item);
		bits = memory_error_bits(kr);
	}
	kfree(ports, IPC_ARRAY_BYTES(item->number));
	return bits;
}

typedef mach_msg_return_t item_copyout_t(struct ipc_space *, struct ipc_item *);

static item_copyout_t *const item_copyout[IPC_ITEM_KINDS] = {
	[IPC_ITEM_PORTS] = copyout_ports,
	[IPC_ITEM_OOL_DATA] = copyout_ool_data,
	[IPC_ITEM_OOL_PORTS] = copyout_ool_ports,
};

/* The whole body. Only error bits come back. */
static mach_msg_return_t
copyout_body(struct ipc_kmsg *kmsg, struct ipc_space *space)
{
	uint32_t offset = IPC_BODY_OFFSET;
	mach_msg_return_t bits = 0;
	struct ipc_item item;

	if (!(kmsg->km_header.mh_bits & MACH_MSGH_BITS_COMPLEX))
		return 0;
	while (offset < kmsg->km_header.mh_size) {
		if (ipc_item_decode(kmsg, offset, &item) != MACH_MSG_SUCCESS)
			panic("copyout_body: message changed");
		if (item_copyout[item.kind] != NULL)
			bits |= item_copyout[item.kind](space, &item);
		offset = item.next;
		preempt_point();
	}
	return bits;
}

/* -- The whole message ------------------------------------------------------ */

mach_msg_return_t
ipc_kmsg_copyout(
    struct ipc_kmsg *kmsg, struct ipc_space *space, bool want_notify, mach_port_name_t notify)
{
	struct reply_request wanted = { NULL, NULL };
	mach_msg_return_t mr = MACH_MSG_SUCCESS, bits;

	ipc_kmsg_announce(kmsg, false);
	if (want_notify)
		mr = reply_request_alloc(space, &wanted);
	if (mr == MACH_MSG_SUCCESS)
		mr = copyout_header(kmsg, space, want_notify ? &wanted : NULL, notify);
	reply_request_free(&wanted);
	if (mr != MACH_MSG_SUCCESS)
		return mr;
	bits = copyout_body(kmsg, space);
	kmsg->km_state = IPC_KMSG_RAW;
	IPC_TRACE(NAMES, kmsg, bits);
	return bits == 0 ? MACH_MSG_SUCCESS : MACH_RCV_BODY_ERROR | bits;
}

/* A header right back to its sender, or destroyed. */
static mach_msg_return_t
pseudo_right(struct ipc_space *space, struct ipc_port *port, mach_msg_type_name_t type,
    mach_port_name_t *namep)
{
	struct ipc_after after;
	mach_msg_return_t bits;

	ipc_after_init(&after);
	spin_lock(&space->is_lock);
	bits = name_right(space, port, type, namep, &after);
	spin_unlock(&space->is_lock);
	if (bits != 0) {
		*namep = MACH_PORT_NAME_NULL;
		ipc_port_release_right(port, type);
	}
	ipc_after_finish(&after);
	return bits;
}

mach_msg_return_t
ipc_kmsg_copyout_pseudo(struct ipc_kmsg *kmsg, struct ipc_space *space)
{
	struct ipc_msg_header *held = &kmsg->km_header;
	mach_msg_header_t *seen = (void *)held;
	mach_msg_return_t bits;
	mach_port_name_t name;

	bits = pseudo_right(space, held->mh_remote, MACH_MSGH_BITS_REMOTE(held->mh_bits), &name);
	seen->msgh_remote_slot = name;
	bits |= pseudo_right(space, held->mh_local, MACH_MSGH_BITS_LOCAL(held->mh_bits), &name);
	seen->msgh_protected_payload = name;
	bits |= copyout_body(kmsg, space);
	kmsg->km_state = IPC_KMSG_RAW;
	return bits;
}

void
ipc_kmsg_copyout_dest(struct ipc_kmsg *kmsg)
{
	struct ipc_msg_header *held = &kmsg->km_header;

	ipc_kmsg_announce(kmsg, false);
	ipc_kmsg_destroy_body(kmsg);
	ipc_port_release_right(held->mh_remote, MACH_MSGH_BITS_REMOTE(held->mh_bits));
	/* The reply is gone, and with it its disposition. */
	held->mh_bits = MACH_MSGH_BITS(0, MACH_MSGH_BITS_LOCAL(held->mh_bits));
	name_remote(kmsg, MACH_PORT_NAME_NULL);
	kmsg->km_state = IPC_KMSG_RAW;
}

void
ipc_kmsg_copyout_to_kernel(struct ipc_kmsg *kmsg)
{
	ipc_kmsg_announce(kmsg, false);
	kmsg->km_header.mh_local = NULL;
}
