/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_plain -- a plain message by way of a kernel buffer.
 *
 * What ipc/mach_msg.c does for every message is done here, with the steps in
 * line, for one that is short and simple, of the three kinds that have short
 * ways, sent and received without options. Sending and receiving are separate:
 * either may be all that is asked for.
 *
 *	plain_send      a buffer and the user's bytes in it; names to objects
 *	plain_give      to the thread that waits, which becomes ready; or
 *	plain_queue     to the end of the port's queue
 *	plain_receive   take from the queue, or wait
 *	plain_deliver   a name for the reply right, the bytes to the user
 *
 * Sending declines as the fast path does, with nothing done (a reply right
 * made too early is taken back); mach_msg_syscall then does it all. A receiver
 * that cannot have its message this way gets it by mach_msg_receive_message.
 *
 * Net effects are applied: a message given at once is charged to nobody, and
 * the send right of its destination is not counted up and down again.
 */
#include <kern/account.h>
#include <kern/compiler.h>
#include <kern/fast/copyio.h>
#include <kern/fast/waiter.h>
#include <kern/fast/zalloc.h>
#include <kern/ipc_trace.h>

#include "ipc_kobject.h"
#include "ipc_mqueue.h"
#include "ipc_pset.h"
#include "ipc_register.h"
#include "mach_msg.h"
#include "mach_msg_fast.h"
#include "mach_msg_kind.h"

/* Longest message: what is copied without a look at who else wants the CPU. */
#define PLAIN_MAX (sizeof(mach_msg_header_t) + 65536)

struct plain {
	struct ipc_thread *self;
	struct ipc_kmsg *kmsg; /* its body; the header is not in it */
	struct fast_header header;
	uint32_t size;

	struct ipc_entry *dest_entry;
	struct ipc_port *dest;
	struct ipc_port *reply; /* for which a right is made, or NULL */
	struct ipc_thread *to;  /* who got it, or NULL: queued */
};

/* -- Buffers ---------------------------------------------------------------------- */

static KERN_RARE struct ipc_kmsg *
buffer_alloc(uint32_t size)
{
	return ipc_kmsg_alloc(size);
}

static KERN_RARE void
buffer_free(struct ipc_kmsg *kmsg)
{
	ipc_kmsg_free(kmsg);
}

/* A buffer charged to nobody, its links not set. */
static always_inline struct ipc_kmsg *
plain_alloc(uint32_t size)
{
	struct ipc_kmsg *kmsg;

	if (unlikely(size > IPC_KMSG_SMALL))
		return buffer_alloc(size);
	kmsg = zalloc_cached(&ipc_kmsg_zone);
	if (unlikely(kmsg == NULL))
		return buffer_alloc(size);
	kmsg->km_room = IPC_KMSG_SMALL;
	kmsg->km_circular = false;
	kmsg->km_register = false;
	kmsg->km_charge = 0;
	kmsg->km_accepted = NULL;
	kmsg->km_no_senders = NULL;
	return kmsg;
}

static always_inline void
plain_free(struct ipc_kmsg *kmsg)
{
	if (likely(kmsg->km_room == IPC_KMSG_SMALL) && likely(zfree_cached(&ipc_kmsg_zone, kmsg)))
		return;
	buffer_free(kmsg);
}

/* -- Names ------------------------------------------------------------------------ */

/* Destination and, in a call, reply port. Locks: space. TOUR: msg-4 */
static always_inline bool
plain_find(struct plain *plain, enum kind kind, struct ipc_space *space)
{
	const uint32_t held = kind == KIND_REPLY ? MACH_PORT_TYPE_SEND_ONCE : MACH_PORT_TYPE_SEND;
	struct ipc_thread *self = plain->self;
	struct ipc_entry *dest, *reply;

	dest = hint_lookup(space, (mach_port_name_t)plain->header.remote, &self->ith_dest_hint);
	if (unlikely(dest == NULL) || unlikely(!(dest->ie_bits & held)))
		return false;
	/* A watched send-once name would have to tell of its end. */
	if (kind == KIND_REPLY && unlikely(dest->ie_request != NULL))
		return false;
	plain->dest_entry = dest;
	plain->dest = ipc_port_of(dest->ie_object);
	plain->reply = NULL;
	if (kind != KIND_CALL)
		return (mach_port_name_t)plain->header.local == MACH_PORT_NAME_NULL;
	reply = hint_lookup(space, (mach_port_name_t)plain->header.local, &self->ith_wait_hint);
	if (unlikely(reply == NULL) || unlikely(!(reply->ie_bits & MACH_PORT_TYPE_RECEIVE)))
		return false;
	plain->reply = ipc_port_of(reply->ie_object);
	return true;
}

/* Make the reply right. Locks: space (a receive right: the port lives). */
static always_inline void
reply_right_make(struct ipc_port *reply)
{
	ipc_port_lock(reply);
	reply->ip_sorights++;
	ipc_port_reference(reply);
	ipc_port_unlock(reply);
}

/* Take it back. Locks: space. */
static KERN_RARE void
reply_right_unmake(struct ipc_port *reply)
{
	ipc_port_lock(reply);
	reply->ip_sorights--;
	ipc_port_release_held(reply);
	ipc_port_unlock(reply);
}

/* -- Sending ---------------------------------------------------------------------- */

/* Header and body are one message again. */
static always_inline void
plain_header(struct plain *plain, uint32_t bits, struct ipc_port *remote, uint64_t local)
{
	struct ipc_msg_header *header = &plain->kmsg->km_header;

	header->mh_bits = bits;
	header->mh_size = plain->size;
	header->mh_remote = remote;
	header->mh_payload = local;
	header->mh_id = (int32_t)(plain->header.id_seqno >> 32);
}

/* To the oldest thread that waits; false: it cannot have it. Locks: dest, and
 * its set. */
static always_inline bool
plain_give(struct plain *plain, enum kind kind, struct list *node)
{
	struct ipc_thread *to =
	    (struct ipc_thread *)(void *)list_entry(node, struct waiter, w_link);
	struct ipc_port *dest = plain->dest;
	uint32_t local = KIND_CARRIED(kind);
	uint64_t payload = dest->ip_receiver_name;

	if (unlikely(to->ith_option & MACH_RCV_LARGE) && plain->size > to->ith_rcv_size)
		return false;
	if (unlikely(!waiter_claim_fast(&to->ith_waiter)))
		return false;
	list_remove(node);
	if (kind == KIND_REPLY) {
		dest->ip_sorights--;
		ipc_port_release_held(dest);
	}
	if (unlikely(dest->ip_object.o_has_payload)) {
		local = MACH_MSG_TYPE_PROTECTED_PAYLOAD;
		payload = dest->ip_payload;
	}
	plain_header(plain, MACH_MSGH_BITS(KIND_REPLY_RIGHT(kind), local), plain->reply, payload);
	plain->kmsg->km_header.mh_seqno = dest->ip_seqno++;
	plain->kmsg->km_state = IPC_KMSG_TAKEN;
	plain->kmsg->km_plain = true;
	to->ith_kmsg = plain->kmsg;
	to->ith_result = MACH_MSG_SUCCESS;
	plain->to = to;
	IPC_TRACE(DELIVER, dest, to);
	return true;
}

/* At the end of the queue; false: it is full. Locks: dest, and its set. */
static always_inline bool
plain_queue(struct plain *plain, enum kind kind, struct ipc_space *space)
{
	struct ipc_kmsg *kmsg = plain->kmsg;
	struct ipc_port *dest = plain->dest;

	if (kind != KIND_REPLY && unlikely(!ipc_mqueue_has_room_locked(dest)))
		return false;
	if (unlikely(!ipc_kmsg_charge(kmsg, space->is_account)))
		return false;
	if (kind != KIND_REPLY) {
		dest->ip_srights++;
		ipc_port_reference(dest);
	}
	plain_header(plain, MACH_MSGH_BITS(KIND_CARRIED(kind), KIND_REPLY_RIGHT(kind)), dest,
	    (uintptr_t)plain->reply);
	kmsg->km_state = IPC_KMSG_COMPLETE;
	kmsg->km_plain = true;
	list_init(&kmsg->km_set_link);
	ipc_mqueue_enqueue_locked(dest, kmsg);
	plain->to = NULL;
	return true;
}

/* To whoever waits, or queued. Locks: dest. TOUR: msg-5 */
static always_inline bool
plain_accept(struct plain *plain, enum kind kind, struct ipc_space *space)
{
	struct ipc_port *dest = plain->dest;
	struct ipc_object *object = &dest->ip_object;
	struct ipc_pset *pset = dest->ip_pset;
	struct list *first;
	bool done;

	if (unlikely(!ipc_port_active(dest)) || unlikely(dest->ip_receiver == &ipc_space_kernel))
		return false;
	if (pset != NULL) {
		ipc_pset_lock(pset);
		object = &pset->ips_object;
	}
	ipc_stand_end(object);
	first = list_first(&object->o_receivers);
	done = first != NULL ? plain_give(plain, kind, first) : plain_queue(plain, kind, space);
	if (pset != NULL)
		ipc_pset_unlock(pset);
	return done;
}

/* Names to rights, and the message to where it goes. False: nothing happened. */
static always_inline bool
plain_go(struct plain *plain, enum kind kind)
{
	struct ipc_space *space = plain->self->ith_space;
	bool done;

	spin_lock(&space->is_lock);
	done = likely(space->is_active) && likely(plain_find(plain, kind, space));
	if (likely(done)) {
		if (kind == KIND_CALL)
			reply_right_make(plain->reply);
		IPC_TRACE(TRANSLATE, plain->size, plain->dest);
		ipc_port_lock(plain->dest);
		done = plain_accept(plain, kind, space);
		ipc_port_unlock(plain->dest);
		if (kind == KIND_REPLY && likely(done))
			slot_push(space, plain->dest_entry);
		if (kind == KIND_CALL && unlikely(!done))
			reply_right_unmake(plain->reply);
	}
	spin_unlock(&space->is_lock);
	return done;
}

/* The message with its names, for the trace. */
static inline __attribute__((unused)) const mach_msg_header_t *
plain_seen(const struct plain *plain, uint32_t bits)
{
	mach_msg_header_t *seen = (mach_msg_header_t *)(void *)&plain->kmsg->km_header;

	seen->msgh_bits = bits;
	seen->msgh_remote_slot = plain->header.remote;
	seen->msgh_protected_payload = plain->header.local;
	seen->msgh_id = (mach_msg_id_t)(plain->header.id_seqno >> 32);
	return seen;
}

/* TOUR: msg-3 */
static always_inline bool
plain_send(enum kind kind, uint64_t msg, uint32_t size)
{
	struct plain plain = { .self = ipc_thread_current(), .size = size };

	plain.kmsg = plain_alloc(size);
	if (unlikely(plain.kmsg == NULL)) {
		fast_close();
		return false;
	}
	if (unlikely(!fast_message_in(msg, size, &plain.kmsg->km_header, &plain.header))) {
		plain_free(plain.kmsg);
		return false;
	}
	IPC_TRACE_MESSAGE(plain_seen(&plain, kind), size, msg);
	if (unlikely(!plain_go(&plain, kind))) {
		plain_free(plain.kmsg);
		return false;
	}
	ipc_count(IPC_COUNT_BUFFERED_SEND);
	if (plain.to != NULL) {
		IPC_TRACE(WAKEUP, plain.to, 0);
		waiter_go(&plain.to->ith_waiter);
	}
	return true;
}

#define PLAIN_KIND(function, kind)                                                                 \
	static KERN_NO_IPA bool function(uint64_t msg, uint32_t size)                              \
	{                                                                                          \
		return plain_send(kind, msg, size);                                                \
	}

PLAIN_KIND(plain_call, KIND_CALL)
PLAIN_KIND(plain_reply, KIND_REPLY)
PLAIN_KIND(plain_note, KIND_NOTE)

static always_inline bool
plain_send_any(uint64_t msg, uint32_t size)
{
	uint32_t body = size - (uint32_t)sizeof(mach_msg_header_t);
	uint32_t words = body >> 3 | body << 29; /* vast if not a multiple */
	uint32_t bits;

	if (unlikely(words > (PLAIN_MAX - sizeof(mach_msg_header_t)) / 8) ||
	    unlikely(!fast_message_in_range(msg)) || unlikely(!fast_bits_in(msg, &bits)))
		return false;
	bits &= KIND_MASK;
	if (bits == KIND_CALL)
		return plain_call(msg, size);
	if (bits == KIND_REPLY)
		return plain_reply(msg, size);
	if (bits == KIND_NOTE)
		return plain_note(msg, size);
	fast_close();
	return false;
}

/* -- Receiving -------------------------------------------------------------------- */

/* A message TAKEN, by the general way. */
static __attribute__((noinline, cold)) _Noreturn void
deliver_any(struct ipc_thread *self, struct ipc_kmsg *kmsg)
{
	trap_return((uint32_t)mach_msg_receive_message(self, kmsg));
}

/* The header has names in it; the user's memory did not take it at once. */
static __attribute__((noinline, cold)) _Noreturn void
deliver_slowly(struct ipc_thread *self, struct ipc_kmsg *kmsg, mach_port_name_t reply)
{
	mach_msg_header_t *seen = (mach_msg_header_t *)(void *)&kmsg->km_header;

	seen->msgh_remote_slot = reply;
	kmsg->km_state = IPC_KMSG_RAW;
	trap_return((uint32_t)ipc_kmsg_put(self->ith_msg, kmsg, kmsg->km_header.mh_size));
}

/* A name for the reply right, or null: the general way sees why. TOUR: msg-7 */
static always_inline mach_port_name_t
plain_name(struct ipc_thread *self, struct ipc_port *reply)
{
	struct ipc_space *space = self->ith_space;
	mach_port_name_t name = MACH_PORT_NAME_NULL;
	struct ipc_entry *entry = NULL;
	kern_return_t kr;

	/* If it dies only now, the name is found dead when next looked at. */
	if (unlikely(!ipc_port_active(reply)))
		return name;
	spin_lock(&space->is_lock);
	if (likely(space->is_active))
		entry = ipc_entry_pop(space);
	if (unlikely(entry == NULL))
		entry = mach_msg_slot_alloc(space, &kr);
	if (likely(entry != NULL)) {
		entry->ie_bits = MACH_PORT_TYPE_SEND_ONCE | 1;
		entry->ie_object = &reply->ip_object;
		name = entry->ie_name;
		self->ith_dest_hint = entry;
	}
	spin_unlock(&space->is_lock);
	return name;
}

/* May the message be delivered here? */
static always_inline bool
plain_suits(const struct ipc_thread *self, const struct ipc_kmsg *kmsg)
{
	return likely(kmsg->km_plain) && likely(kmsg->km_header.mh_size <= self->ith_rcv_size) &&
	    likely(kmsg->km_no_senders == NULL);
}

/* TOUR: msg-8 */
static always_inline _Noreturn void
plain_deliver(struct ipc_thread *self, struct ipc_kmsg *kmsg)
{
	const struct ipc_msg_header *held = &kmsg->km_header;
	struct fast_header header = {
		.remote = MACH_PORT_NAME_NULL,
		.local = held->mh_payload,
		.id_seqno = (uint64_t)(uint32_t)held->mh_id << 32,
	};

	if (held->mh_remote != NULL) {
		header.remote = plain_name(self, held->mh_remote);
		if (unlikely(header.remote == MACH_PORT_NAME_NULL))
			deliver_any(self, kmsg);
	}
	IPC_TRACE(NAMES, kmsg, 0);
	if (unlikely(!fast_message_out(
		self->ith_msg, held->mh_size, held, &header, held->mh_bits, held->mh_seqno)))
		deliver_slowly(self, kmsg, (mach_port_name_t)header.remote);
	IPC_TRACE(COPYOUT, held->mh_size, self->ith_msg);
	plain_free(kmsg);
	trap_return_success();
}

/* IPC_RECEIVE_NONE: it waits for a message as mach_msg_receive makes it, into
 * a buffer that may be anywhere. */
void
mach_msg_receive_continue(struct waiter *waiter)
{
	struct ipc_thread *self = (struct ipc_thread *)(void *)waiter;
	struct ipc_kmsg *kmsg = self->ith_kmsg;

	if (unlikely(waiter->w_result != WAIT_OK) || unlikely(self->ith_result != 0) ||
	    unlikely(self->ith_form == IPC_RECEIVE_NONE) || unlikely(!plain_suits(self, kmsg)))
		mach_msg_receive_continue_any(self);
	object_release(self->ith_object, 1);
	self->ith_form = IPC_RECEIVE_NONE;
	self->ith_object = NULL;
	self->ith_kmsg = NULL;
	plain_deliver(self, kmsg);
}

/* Take the oldest message and unlock. Locks: space and port, released. */
static always_inline _Noreturn void
plain_take(struct ipc_thread *self, struct ipc_space *space, struct ipc_port *port)
{
	struct ipc_kmsg *kmsg = list_entry(port->ip_messages.next, struct ipc_kmsg, km_link);

	ipc_mqueue_dequeue_locked(port, kmsg);
	if (unlikely(!list_empty(&port->ip_senders)))
		ipc_mqueue_room_locked(port);
	ipc_port_unlock(port);
	spin_unlock(&space->is_lock);
	ipc_kmsg_uncharge(kmsg);
	self->ith_option = MACH_RCV_MSG;
	if (unlikely(!plain_suits(self, kmsg)))
		deliver_any(self, kmsg);
	plain_deliver(self, kmsg);
}

/* Wait for a message. Locks: space and object, released. TOUR: msg-6 */
static always_inline _Noreturn void
plain_wait(struct ipc_thread *self, struct ipc_space *space, struct ipc_object *object)
{
	IPC_TRACE(WAIT, object, 0);
	self->ith_kmsg = NULL;
	self->ith_option = MACH_RCV_MSG;
	self->ith_form = IPC_RECEIVE_USER;
	self->ith_object = object;
	ipc_object_reference(object);
	ipc_stand_end(object);
	list_insert_tail(&object->o_receivers, &self->ith_waiter.w_link);
	waiter_leave(&self->ith_waiter, mach_msg_receive_continue);
	spin_unlock(&object->o_lock);
	spin_unlock(&space->is_lock);
	waiter_depart(&self->ith_waiter);
}

/* Locks: space. Comes back, the space locked, if the answer is no. */
static always_inline void
plain_receive_port(struct ipc_thread *self, struct ipc_space *space, struct ipc_port *port)
{
	ipc_port_lock(port);
	/* In a set: an error. Notifications are owed: a rare thing. */
	if (unlikely(port->ip_pset != NULL) || unlikely(port->ip_sonce_owed != 0)) {
		ipc_port_unlock(port);
		return;
	}
	if (port->ip_msgcount != 0)
		plain_take(self, space, port);
	plain_wait(self, space, &port->ip_object);
}

/* The same for a set; messages are taken in the general way. */
static always_inline void
plain_receive_set(struct ipc_thread *self, struct ipc_space *space, struct ipc_pset *pset)
{
	ipc_pset_lock(pset);
	if (likely(list_empty(&pset->ips_messages)) && likely(!pset->ips_owing))
		plain_wait(self, space, &pset->ips_object);
	ipc_pset_unlock(pset);
}

/* Comes back if this is not for us, with nothing done. */
static always_inline void
plain_receive(struct ipc_thread *self, uint64_t msg, uint32_t rcv_size, mach_port_name_t rcv_name)
{
	struct ipc_space *space = self->ith_space;
	struct ipc_entry *entry = NULL;

	if (unlikely(!fast_message_in_range(msg)))
		return;
	self->ith_msg = msg;
	self->ith_rcv_size = rcv_size;
	spin_lock(&space->is_lock);
	if (likely(space->is_active))
		entry = hint_lookup(space, rcv_name, &self->ith_wait_hint);
	if (likely(entry != NULL)) {
		if (entry->ie_bits & MACH_PORT_TYPE_RECEIVE)
			plain_receive_port(self, space, ipc_port_of(entry->ie_object));
		else if (entry->ie_bits & MACH_PORT_TYPE_PORT_SET)
			plain_receive_set(self, space, ipc_pset_of(entry->ie_object));
	}
	spin_unlock(&space->is_lock);
}

/* -- The trap ---------------------------------------------------------------------- */

/* The receiving half alone in the general way: the message has been sent. */
static __attribute__((noinline, cold)) _Noreturn void
receive_any(struct ipc_thread *self, uint64_t msg, uint32_t rcv_size, mach_port_name_t rcv_name)
{
	self->ith_msg = msg;
	self->ith_rcv_size = rcv_size;
	self->ith_rcv_name = rcv_name;
	trap_return((uint32_t)mach_msg_receive_again(self));
}

void
mach_msg_plain(
    uint64_t msg, uint32_t option, uint32_t send_size, uint32_t rcv_size, mach_port_name_t rcv_name)
{
	const uint32_t plain =
	    MACH_SEND_MSG | MACH_RCV_MSG | MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT;
	struct ipc_thread *self;

	if (unlikely((option & ~plain) != 0))
		return;
	if (option & MACH_SEND_MSG) {
		if (unlikely(!plain_send_any(msg, send_size)))
			return;
		if (!(option & MACH_RCV_MSG))
			trap_return_success();
	} else if (!(option & MACH_RCV_MSG)) {
		return;
	}
	self = ipc_thread_current();
	plain_receive(self, msg, rcv_size, rcv_name);
	if (option & MACH_SEND_MSG)
		receive_any(self, msg, rcv_size, rcv_name);
}
