/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_kmsg -- buffers of messages, and their destruction. Translation between
 * names and rights is in ipc_copyin.c and ipc_copyout.c.
 *
 * Destruction: ipc_kmsg_destroy puts the message on the running thread's reap
 * list and, unless the thread is emptying that list already further up its
 * stack, empties it. A message whose destruction destroys a port adds that
 * port's messages to the list; depth never grows.
 */
#include "ipc_kmsg.h"

#include <kern/account.h>
#include <kern/assert.h>
#include <kern/copyio.h>
#include <kern/ipc_trace.h>
#include <kern/preempt.h>
#include <kern/string.h>
#include <kern/zalloc.h>

#include "ipc_item.h"
#include "ipc_notify.h"
#include "ipc_ool.h"
#include "ipc_right.h"
#include "ipc_thread.h"

#define KMSG_OVERHEAD offsetof(struct ipc_kmsg, km_header)

struct zone ipc_kmsg_zone;
static _Atomic uint64_t large_count;

void
ipc_kmsg_bootstrap(void)
{
	zone_init(&ipc_kmsg_zone, "ipc messages", KMSG_OVERHEAD + IPC_KMSG_SMALL);
}

uint64_t
ipc_kmsg_count(void)
{
	return zone_live(&ipc_kmsg_zone) + atomic_load_explicit(&large_count, memory_order_relaxed);
}

/* -- Buffers ---------------------------------------------------------------- */

static struct ipc_kmsg *
kmsg_alloc_large(uint32_t size)
{
	struct ipc_kmsg *kmsg;

	if (size > IPC_KMSG_MAX)
		return NULL;
	kmsg = kalloc(KMSG_OVERHEAD + size);
	if (kmsg != NULL)
		atomic_fetch_add_explicit(&large_count, 1, memory_order_relaxed);
	return kmsg;
}

struct ipc_kmsg *
ipc_kmsg_alloc(uint32_t size)
{
	struct ipc_kmsg *kmsg;
	bool small = size <= IPC_KMSG_SMALL;

	kmsg = small ? zalloc(&ipc_kmsg_zone) : kmsg_alloc_large(size);
	if (kmsg == NULL)
		return NULL;
	list_init(&kmsg->km_link);
	list_init(&kmsg->km_set_link);
	kmsg->km_room = small ? IPC_KMSG_SMALL : size;
	kmsg->km_state = IPC_KMSG_RAW;
	kmsg->km_circular = false;
	kmsg->km_register = false;
	kmsg->km_done = IPC_BODY_OFFSET;
	kmsg->km_done_elements = 0;
	kmsg->km_plain = false;
	kmsg->km_charge = 0;
	kmsg->km_account = NULL;
	kmsg->km_accepted = NULL;
	kmsg->km_no_senders = NULL;
	return kmsg;
}

void
ipc_kmsg_free(struct ipc_kmsg *kmsg)
{
	ipc_kmsg_uncharge(kmsg);
	kassert(kmsg->km_accepted == NULL && kmsg->km_no_senders == NULL);
	if (kmsg->km_room <= IPC_KMSG_SMALL) {
		zfree(&ipc_kmsg_zone, kmsg);
		return;
	}
	atomic_fetch_sub_explicit(&large_count, 1, memory_order_relaxed);
	kfree(kmsg, KMSG_OVERHEAD + kmsg->km_room);
}

bool
ipc_kmsg_charge(struct ipc_kmsg *kmsg, struct account *account)
{
	uint64_t bytes = KMSG_OVERHEAD + kmsg->km_room;

	if (!account_charge(account, ACCOUNT_MESSAGE_BYTES, bytes))
		return false;
	kmsg->km_account = account;
	kmsg->km_charge = bytes;
	return true;
}

void
ipc_kmsg_uncharge(struct ipc_kmsg *kmsg)
{
	if (kmsg->km_charge == 0)
		return;
	account_uncharge(kmsg->km_account, ACCOUNT_MESSAGE_BYTES, kmsg->km_charge);
	kmsg->km_charge = 0;
}

mach_msg_return_t
ipc_kmsg_get(uint64_t user, uint32_t size, struct account *account, struct ipc_kmsg **kmsgp)
{
	struct ipc_kmsg *kmsg;

	if (size < sizeof(mach_msg_header_t) || size % 8 != 0)
		return MACH_SEND_MSG_TOO_SMALL;
	kmsg = ipc_kmsg_alloc(size);
	if (kmsg == NULL)
		return MACH_SEND_NO_BUFFER;
	if (!ipc_kmsg_charge(kmsg, account)) {
		ipc_kmsg_free(kmsg);
		return MACH_SEND_NO_BUFFER;
	}
	if (!copyin(user, &kmsg->km_header, size)) {
		ipc_kmsg_free(kmsg);
		return MACH_SEND_INVALID_DATA;
	}
	IPC_TRACE_MESSAGE(&kmsg->km_header, size, user);
	kmsg->km_header.mh_size = size;
	kmsg->km_header.mh_bits &= MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS_PORTS_MASK;
	*kmsgp = kmsg;
	return MACH_MSG_SUCCESS;
}

mach_msg_return_t
ipc_kmsg_put(uint64_t user, struct ipc_kmsg *kmsg, uint32_t size)
{
	bool ok = copyout(&kmsg->km_header, user, size);

	IPC_TRACE(COPYOUT, size, user);
	ipc_kmsg_free(kmsg);
	return ok ? MACH_MSG_SUCCESS : MACH_RCV_INVALID_DATA;
}

/* -- Items ------------------------------------------------------------------ */

mach_msg_return_t
ipc_item_decode(struct ipc_kmsg *kmsg, uint32_t offset, struct ipc_item *item)
{
	uint32_t left = kmsg->km_header.mh_size - offset;
	mach_msg_type_t *type;
	bool ports;
	uint64_t here;

	if (left < sizeof(*type))
		return MACH_SEND_MSG_TOO_SMALL;
	type = (void *)((char *)&kmsg->km_header + offset);
	ports = MACH_MSG_TYPE_PORT_ANY(type->msgt_name);
	if (type->msgt_unused != 0 || (type->msgt_inline && type->msgt_deallocate))
		return MACH_SEND_INVALID_TYPE;
	if (ports && type->msgt_size != (type->msgt_inline ? 64 : 32))
		return MACH_SEND_INVALID_TYPE;
	item->type = type;
	item->data = (uint64_t *)(void *)(type + 1);
	item->number = type->msgt_number;
	item->bytes = ((uint64_t)type->msgt_number * type->msgt_size + 7) / 8;
	item->kind = type->msgt_inline ? (ports ? IPC_ITEM_PORTS : IPC_ITEM_DATA)
				       : (ports ? IPC_ITEM_OOL_PORTS : IPC_ITEM_OOL_DATA);
	here = type->msgt_inline ? (item->bytes + 7) & ~7ul : sizeof(uint64_t);
	if (here > left - sizeof(*type))
		return MACH_SEND_MSG_TOO_SMALL;
	item->next = offset + (uint32_t)(sizeof(*type) + here);
	return MACH_MSG_SUCCESS;
}

/* -- Destruction ------------------------------------------------------------ */

/* Release the first `count` rights of an array. */
static void
release_rights(struct ipc_port **ports, uint32_t count, mach_msg_type_name_t type)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		ipc_port_release_right(ports[i], type);
		if (i % IPC_ITEM_BATCH == IPC_ITEM_BATCH - 1)
			preempt_point();
	}
}

static void
item_destroy_ports(struct ipc_item *item, uint32_t done)
{
	release_rights(
	    (struct ipc_port **)(void *)item->data, done, ipc_right_carried(item->type->msgt_name));
}

static void
item_destroy_ool_data(struct ipc_item *item, uint32_t done)
{
	void *region = (void *)(uintptr_t)*item->data;

	if (region != NULL && done != 0)
		ipc_ool->discard(region);
}

static void
item_destroy_ool_ports(struct ipc_item *item, uint32_t done)
{
	struct ipc_port **ports = (void *)(uintptr_t)*item->data;

	if (ports == NULL || done == 0)
		return;
	/* A half translated array destroyed itself (ipc_copyin.c). */
	release_rights(ports, done, ipc_right_carried(item->type->msgt_name));
	kfree(ports, IPC_ARRAY_BYTES(item->number));
}

typedef void item_destroy_t(struct ipc_item *item, uint32_t done);

static item_destroy_t *const item_destroy[IPC_ITEM_KINDS] = {
	[IPC_ITEM_PORTS] = item_destroy_ports,
	[IPC_ITEM_OOL_DATA] = item_destroy_ool_data,
	[IPC_ITEM_OOL_PORTS] = item_destroy_ool_ports,
};

/* Destroy what the body holds: items before km_done whole, of the item there
 * the first km_done_elements. */
void
ipc_kmsg_destroy_body(struct ipc_kmsg *kmsg)
{
	uint32_t end =
	    kmsg->km_state >= IPC_KMSG_COMPLETE ? kmsg->km_header.mh_size : kmsg->km_done;
	uint32_t offset = IPC_BODY_OFFSET, last = 0;
	struct ipc_item item;

	if (!(kmsg->km_header.mh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	while (offset < end) {
		if (ipc_item_decode(kmsg, offset, &item) != MACH_MSG_SUCCESS)
			panic("ipc_kmsg_destroy_body: message changed");
		if (item_destroy[item.kind] != NULL)
			item_destroy[item.kind](&item, item.number);
		offset = item.next;
		preempt_point();
	}
	if (kmsg->km_state == IPC_KMSG_HELD)
		last = kmsg->km_done_elements;
	if (last != 0 && ipc_item_decode(kmsg, offset, &item) == MACH_MSG_SUCCESS)
		item_destroy_ports(&item, last);
}

static bool
port_is_dead(struct ipc_port *port)
{
	return !IPC_PORT_VALID(port) || !ipc_port_active(port);
}

void
ipc_kmsg_announce(struct ipc_kmsg *kmsg, bool dead)
{
	struct ipc_marequest *accepted = kmsg->km_accepted;
	struct ipc_kmsg *no_senders = kmsg->km_no_senders;

	kmsg->km_accepted = NULL;
	kmsg->km_no_senders = NULL;
	if (accepted != NULL)
		ipc_marequest_done(accepted, dead);
	if (no_senders != NULL)
		ipc_notify_send(no_senders);
}

/* Undo one message and free it. */
static void
kmsg_reap(struct ipc_kmsg *kmsg)
{
	struct ipc_msg_header *header = &kmsg->km_header;
	bool taken = kmsg->km_state == IPC_KMSG_TAKEN;

	ipc_kmsg_announce(
	    kmsg, !taken && kmsg->km_accepted != NULL && port_is_dead(header->mh_remote));
	if (kmsg->km_state != IPC_KMSG_RAW) {
		ipc_kmsg_destroy_body(kmsg);
		if (!taken)
			ipc_port_release_right(header->mh_local,
			    ipc_right_carried(MACH_MSGH_BITS_LOCAL(header->mh_bits)));
		ipc_port_release_right(
		    header->mh_remote, ipc_right_carried(MACH_MSGH_BITS_REMOTE(header->mh_bits)));
	}
	ipc_kmsg_free(kmsg);
}

void
ipc_kmsg_destroy(struct ipc_kmsg *kmsg)
{
	struct ipc_thread *self = ipc_thread_current();
	struct list *node;

	list_insert_tail(&self->ith_reap, &kmsg->km_link);
	if (self->ith_reaping)
		return;
	self->ith_reaping = true;
	while ((node = list_pop(&self->ith_reap)) != NULL) {
		kmsg_reap(list_entry(node, struct ipc_kmsg, km_link));
		preempt_point();
	}
	self->ith_reaping = false;
}
