/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_short -- an RPC to the kernel itself without kernel messages.
 *
 * The request is simple and short, the caller waits for the answer on the port
 * from which it made the reply right: then request and reply stand on the
 * stack, and the reply goes straight to the caller's buffer, unless somebody
 * else has meanwhile put something before it, or it carries rights. In these
 * cases it becomes an ordinary message.
 */
#include <kern/assert.h>
#include <kern/copyio.h>
#include <kern/fast/copyio.h>
#include <kern/ipc_trace.h>
#include <kern/string.h>

#include "ipc_item.h"
#include "ipc_kobject.h"
#include "ipc_mqueue.h"
#include "ipc_space.h"
#include "mach_msg.h"
#include "mach_msg_fast.h"

/* A kmsg that lives on the stack and is never queued. */
struct short_reply {
	struct ipc_kmsg kmsg;
	uint64_t body[(IPC_KOBJECT_SHORT - sizeof(struct ipc_msg_header)) / 8];
};

_Static_assert(offsetof(struct short_reply, body) ==
	offsetof(struct ipc_kmsg, km_header) + sizeof(struct ipc_msg_header),
    "the body follows the header");

/* The request as held; its body and id are there. */
static void
short_hold(
    struct ipc_msg_header *request, uint32_t size, struct ipc_port *dest, struct ipc_port *reply)
{
	request->mh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND, MACH_MSG_TYPE_PORT_SEND_ONCE);
	request->mh_size = size;
	request->mh_remote = dest;
	request->mh_local = reply;
	request->mh_seqno = 0;
}

/* A reply for which there is no memory: its rights end here. */
static void
short_destroy(struct ipc_kmsg *kmsg)
{
	kmsg->km_state = IPC_KMSG_RAW;
	kmsg->km_circular = false;
	ipc_kmsg_copyin_from_kernel(kmsg);
	ipc_kmsg_destroy_body(kmsg);
	ipc_port_release_sonce(kmsg->km_header.mh_remote);
}

/* The reply as an ordinary message, paid for by whoever asked (as in
 * ipc_kobject_serve), or NULL. */
static struct ipc_kmsg *
short_copy(const struct ipc_thread *self, const struct ipc_msg_header *reply)
{
	struct ipc_kmsg *kmsg = ipc_kmsg_alloc(reply->mh_size);

	if (kmsg == NULL)
		return NULL;
	if (!ipc_kmsg_charge(kmsg, self->ith_space->is_account)) {
		ipc_kmsg_free(kmsg);
		return NULL;
	}
	memcpy(&kmsg->km_header, reply, reply->mh_size);
	ipc_kmsg_copyin_from_kernel(kmsg);
	return kmsg;
}

/* It goes its way, then an ordinary receive. */
static mach_msg_return_t
short_queue(struct ipc_thread *self, struct ipc_kmsg *reply)
{
	struct ipc_kmsg *kmsg = short_copy(self, &reply->km_header);

	if (kmsg != NULL)
		ipc_mqueue_send_always(kmsg);
	else
		short_destroy(reply);
	return mach_msg_receive_again(self);
}

/* Would the reply, sent to `port`, be what its sender receives next? */
static bool
port_is_mine(const struct ipc_thread *self, const struct ipc_port *port)
{
	return ipc_port_active(port) && port->ip_receiver == self->ith_space &&
	    port->ip_receiver_name == self->ith_rcv_name && port->ip_pset == NULL &&
	    port->ip_msgcount == 0 && port->ip_sonce_owed == 0 &&
	    list_empty(&port->ip_object.o_receivers) &&
	    (port->ip_object.o_standing == NULL || port->ip_object.o_standing == self);
}

/* Use up the reply right as delivery would, and say what the receiver sees. */
static bool
short_take_reply(const struct ipc_thread *self, struct ipc_msg_header *reply)
{
	struct ipc_port *port = reply->mh_remote;
	mach_msg_header_t *seen = (mach_msg_header_t *)(void *)reply;
	uint32_t local = MACH_MSG_TYPE_PORT_SEND_ONCE;
	bool mine;

	ipc_port_lock(port);
	mine = port_is_mine(self, port);
	if (mine) {
		port->ip_sorights--;
		seen->msgh_seqno = port->ip_seqno++;
		seen->msgh_remote_slot = MACH_PORT_NAME_NULL;
		seen->msgh_protected_payload = port->ip_receiver_name;
		if (port->ip_object.o_has_payload) {
			local = MACH_MSG_TYPE_PROTECTED_PAYLOAD;
			seen->msgh_protected_payload = port->ip_payload;
		}
		seen->msgh_bits = MACH_MSGH_BITS(0, local);
	}
	ipc_port_unlock(port);
	if (mine)
		ipc_port_release(port);
	return mine;
}

/* To the caller's buffer: at once, or with faults served. */
static mach_msg_return_t
short_copyout(struct ipc_thread *self, const mach_msg_header_t *seen, uint32_t size)
{
	struct fast_header header = {
		.remote = seen->msgh_remote_slot,
		.local = seen->msgh_protected_payload,
		.id_seqno = (uint64_t)(uint32_t)seen->msgh_id << 32,
	};

	if (fast_message_out(self->ith_msg, size, seen, &header, seen->msgh_bits, seen->msgh_seqno))
		return MACH_MSG_SUCCESS;
	return copyout(seen, self->ith_msg, size) ? MACH_MSG_SUCCESS : MACH_RCV_INVALID_DATA;
}

static mach_msg_return_t
short_reply(struct ipc_thread *self, struct ipc_kmsg *kmsg)
{
	struct ipc_msg_header *reply = &kmsg->km_header;
	uint32_t size = reply->mh_size;

	if ((reply->mh_bits & MACH_MSGH_BITS_COMPLEX) || size > self->ith_rcv_size ||
	    !short_take_reply(self, reply))
		return short_queue(self, kmsg);
	ipc_count(IPC_COUNT_KERNEL_SHORT);
	return short_copyout(self, (const mach_msg_header_t *)(const void *)reply, size);
}

/* Make the send-once right for the reply. Locks: space (receive right). */
static void
short_make_reply_right(struct ipc_port *reply)
{
	ipc_port_lock(reply);
	reply->ip_sorights++;
	ipc_port_reference(reply);
	ipc_port_unlock(reply);
}

mach_msg_return_t
mach_msg_short(struct ipc_thread *self, struct ipc_msg_header *request, uint32_t size,
    struct ipc_port *dest, struct ipc_port *reply_port)
{
	struct short_reply reply;
	enum ipc_served served;
	mach_port_name_t rcv_name;
	uint32_t rcv_size;
	uint64_t msg;

	if (!ipc_port_active(dest)) {
		spin_unlock(&self->ith_space->is_lock);
		return MACH_MSG_DECLINED;
	}
	msg = self->ith_msg;
	rcv_size = self->ith_rcv_size;
	rcv_name = self->ith_rcv_name;
	short_make_reply_right(reply_port);
	ipc_port_reference(dest);
	spin_unlock(&self->ith_space->is_lock);
	IPC_TRACE(SERVE, request->mh_id, dest);
	short_hold(request, size, dest, reply_port);
	served = ipc_kobject_ops->serve_short(request, &reply.kmsg.km_header);
	/* Serving may have meant receiving, as for a pager's answer. */
	self->ith_msg = msg;
	self->ith_rcv_size = rcv_size;
	self->ith_rcv_name = rcv_name;
	ipc_port_release(dest);
	if (served == IPC_SERVED_NOT) {
		ipc_port_drop_sonce(reply_port);
		return MACH_MSG_DECLINED;
	}
	ipc_count(IPC_COUNT_KERNEL_RPC);
	if (served == IPC_SERVED_NO_REPLY)
		return mach_msg_receive_again(self);
	return short_reply(self, &reply.kmsg);
}
