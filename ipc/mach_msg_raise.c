/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_raise -- see mach_msg_raise.h.
 *
 *	raise_lock      handler's port and its set, the reply port
 *	raise_judge     does a fitting thread wait there, may we wait here
 *	-- waiter_take: the point of no return --
 *	raise_commit    count, make the reply right; begin to wait
 *	raise_message   the message, on the stack
 *	raise_names     the three rights' names in the receiver's space
 *	waiter_switch   from here on this is the receiver, on the same stack
 *	raise_deliver   the message into its buffer; back to user mode
 *
 * It is the fast path of mach_msg (mach_msg_fast.c) for a message that the
 * kernel makes, and that file's remarks hold here too. Net effects are
 * applied: a right that is copied into the message and merged with the
 * receiver's own counts for nothing but a user reference.
 *
 * The answer comes by that fast path: a thread whose ith_form is
 * IPC_RECEIVE_ANSWER is told on the handler's stack (mach_msg_answered).
 */
#include "mach_msg_raise.h"

#include <stdatomic.h>

#include <kern/assert.h>
#include <kern/copyio.h>
#include <kern/fast/copyio.h>
#include <kern/fast/waiter.h>
#include <mach/portolan.h>

#include "ipc_mqueue.h"
#include "ipc_pset.h"
#include "ipc_right.h"
#include "ipc_space.h"
#include "mach_msg.h"
#include "mach_msg_fast.h"

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define EXCEPTION_RAISE_ID 2400

_Static_assert(sizeof(struct raise_message) == 112, "ABI sheet 7.1");
_Static_assert(offsetof(struct raise_message, task_type) == 48, "ABI sheet 7.1");
_Static_assert(offsetof(struct raise_message, exception_type) == 64, "ABI sheet 7.1");
_Static_assert(offsetof(struct raise_message, code_type) == 80, "ABI sheet 7.1");
_Static_assert(offsetof(struct raise_message, subcode_type) == 96, "ABI sheet 7.1");

static continuation_t answer_continue;

struct raise {
	struct ipc_thread *self;
	struct ipc_port *handler;
	struct ipc_object *source; /* the handler's port, or its set */
	struct ipc_port *reply;
	struct ipc_thread *to; /* the waiting receiver */
};

static inline bool
no(enum ipc_counter reason)
{
	ipc_count(reason);
	return false;
}

/* -- Up to the point of no return ------------------------------------------------ */

/* Ports in the order of addresses, then the set. */
static inline void
raise_lock(struct raise *raise)
{
	struct ipc_object *handler = &raise->handler->ip_object;
	struct ipc_object *reply = &raise->reply->ip_object;

	spin_lock(handler < reply ? &handler->o_lock : &reply->o_lock);
	spin_lock(handler < reply ? &reply->o_lock : &handler->o_lock);
	raise->source = handler;
	if (raise->handler->ip_pset != NULL) {
		raise->source = &raise->handler->ip_pset->ips_object;
		spin_lock(&raise->source->o_lock);
	}
}

static inline void
raise_unlock(struct raise *raise)
{
	if (raise->source != &raise->handler->ip_object)
		spin_unlock(&raise->source->o_lock);
	spin_unlock(&raise->reply->ip_object.o_lock);
	spin_unlock(&raise->handler->ip_object.o_lock);
}

/* That a thread waits implies that the port is alive and its queue empty. */
static inline bool
raise_judge(struct raise *raise)
{
	struct list *node = raise->source->o_receivers.next;
	struct ipc_thread *to;

	if (unlikely(node == &raise->source->o_receivers))
		return no(IPC_COUNT_NO_RECEIVER);
	to = (struct ipc_thread *)(void *)list_entry(node, struct waiter, w_link);
	if (unlikely(to->ith_form != IPC_RECEIVE_USER))
		return no(IPC_COUNT_NO_FORM);
	if (unlikely(to->ith_rcv_size < sizeof(struct raise_message)))
		return no(IPC_COUNT_NO_ROOM);
	if (unlikely(raise->reply->ip_pending != 0))
		return no(IPC_COUNT_NO_QUEUE);
	if (unlikely(!waiter_fit(&to->ith_waiter)))
		return no(ipc_unfit(to));
	/* Its wait may have ended by itself just now. */
	if (unlikely(!waiter_take(&to->ith_waiter)))
		return no(IPC_COUNT_NO_RECEIVER);
	list_remove(&to->ith_waiter.w_link);
	raise->to = to;
	return true;
}

/* -- Beyond ------------------------------------------------------------------------ */

/* The reply right; then self is a receiver as any other. Locks: all. */
static inline void
raise_commit(struct raise *raise, mach_msg_answer_t *then)
{
	struct ipc_thread *self = raise->self;
	struct ipc_object *reply = &raise->reply->ip_object;

	raise->reply->ip_sorights++;
	/* One for the right, one for who waits. */
	atomic_fetch_add_explicit(&reply->o_references, 2, memory_order_relaxed);
	self->ith_object = reply;
	self->ith_form = IPC_RECEIVE_ANSWER;
	self->ith_option = 0;
	self->ith_rcv_size = UINT32_MAX;
	self->ith_kmsg = NULL;
	self->ith_answer = then;
	list_insert_tail(&reply->o_receivers, &self->ith_waiter.w_link);
	waiter_leave(&self->ith_waiter, answer_continue);
}

static inline mach_msg_type_t
descriptor(unsigned name, unsigned bits)
{
	return (mach_msg_type_t) {
		.msgt_name = name,
		.msgt_size = bits,
		.msgt_inline = 1,
		.msgt_number = 1,
	};
}

/* All but the names. Locks: handler's port. */
static inline void
raise_header(struct ipc_port *handler, mach_msg_header_t *head)
{
	uint32_t local = MACH_MSG_TYPE_PORT_SEND;

	head->msgh_protected_payload = handler->ip_receiver_name;
	if (unlikely(handler->ip_object.o_has_payload)) {
		local = MACH_MSG_TYPE_PROTECTED_PAYLOAD;
		head->msgh_protected_payload = handler->ip_payload;
	}
	head->msgh_bits =
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, local);
	head->msgh_size = sizeof(struct raise_message);
	head->msgh_seqno = handler->ip_seqno++;
	head->msgh_id = EXCEPTION_RAISE_ID;
}

static inline void
raise_body(struct mach_msg_raise *say)
{
	struct raise_message *message = &say->message;

	message->thread_type = descriptor(MACH_MSG_TYPE_PORT_SEND, 64);
	message->task_type = descriptor(MACH_MSG_TYPE_PORT_SEND, 64);
	message->exception_type = descriptor(MACH_MSG_TYPE_INTEGER_32, 32);
	message->exception = (uint32_t)say->exception;
	message->code_type = descriptor(MACH_MSG_TYPE_INTEGER_32, 32);
	message->code = (uint32_t)say->code;
	message->subcode_type = descriptor(MACH_MSG_TYPE_INTEGER_64, 64);
	message->subcode = say->subcode;
}

static mach_msg_return_t
error_bits(kern_return_t kr)
{
	return kr == KERN_NO_SPACE ? MACH_MSG_IPC_SPACE : MACH_MSG_IPC_KERNEL;
}

/* A send right that the receiver does not hold yet, or that is not alive.
 * *lostp: one that found no name, to be dropped without locks. Locks: space. */
static __attribute__((noinline)) mach_msg_return_t
raise_name_new(
    struct ipc_space *space, struct ipc_port *held, uint64_t *namep, struct ipc_port **lostp)
{
	mach_port_name_t name = MACH_PORT_NAME_DEAD;
	struct ipc_port *port = ipc_port_copy_send(held);
	struct ipc_after after;
	kern_return_t kr;

	*namep = name;
	if (port == IPC_PORT_DEAD)
		return 0;
	ipc_after_init(&after); /* nothing comes of naming a send right */
	kr = ipc_right_copyout(space, port, MACH_MSG_TYPE_PORT_SEND, &name, &after);
	if (kr == KERN_SUCCESS) {
		*namep = name;
		return 0;
	}
	*namep = MACH_PORT_NAME_NULL;
	*lostp = port;
	return MACH_RCV_BODY_ERROR | error_bits(kr);
}

/* A name for one more send right to `port`. Locks: space, active. */
static inline mach_msg_return_t
raise_name(struct ipc_space *space, struct ipc_port *port, uint64_t *namep, struct ipc_port **lostp)
{
	struct ipc_entry *entry = ipc_reverse_lookup(space, port);

	if (unlikely(entry == NULL || !ipc_port_active(port)))
		return raise_name_new(space, port, namep, lostp);
	if (likely(ipc_entry_urefs(entry) < MACH_PORT_UREFS_MAX - 1))
		entry->ie_bits++;
	*namep = entry->ie_name;
	return 0;
}

/* The reply right's name, which the receiver will most probably use next.
 * Locks: space. */
static inline kern_return_t
raise_name_reply(struct raise *raise, struct ipc_space *space, mach_msg_header_t *head)
{
	struct ipc_entry *entry;
	kern_return_t kr;

	kr = likely(space->is_active) ? ipc_entry_alloc_fast(space, &entry) : KERN_NO_SPACE;
	if (unlikely(kr != KERN_SUCCESS))
		return kr;
	entry->ie_bits = MACH_PORT_TYPE_SEND_ONCE | 1;
	entry->ie_object = &raise->reply->ip_object;
	head->msgh_remote_slot = entry->ie_name;
	raise->to->ith_dest_hint = entry;
	return KERN_SUCCESS;
}

/* The receiver cannot be told the reply right's name: it gets the header, and
 * the answer is that the right was destroyed. */
static __attribute__((noinline, cold)) void
raise_no_reply(struct raise *raise, struct mach_msg_raise *say, kern_return_t kr)
{
	mach_msg_header_t *head = &say->message.head;

	head->msgh_remote_slot = MACH_PORT_NAME_NULL;
	head->msgh_bits = MACH_MSGH_BITS(0, MACH_MSGH_BITS_LOCAL(head->msgh_bits));
	say->size = sizeof(*head);
	say->result = MACH_RCV_HEADER_ERROR | error_bits(kr);
	ipc_port_release_sonce(raise->reply);
}

static inline void
raise_names(struct raise *raise, struct mach_msg_raise *say)
{
	struct ipc_port *lost_thread = NULL, *lost_task = NULL;
	struct raise_message *message = &say->message;
	struct ipc_space *space = raise->to->ith_space;
	mach_msg_return_t error = MACH_MSG_SUCCESS;
	kern_return_t kr;

	spin_lock(&space->is_lock);
	kr = raise_name_reply(raise, space, &message->head);
	if (likely(kr == KERN_SUCCESS)) {
		error = raise_name(space, say->thread, &message->thread, &lost_thread);
		error |= raise_name(space, say->task, &message->task, &lost_task);
	}
	spin_unlock(&space->is_lock);
	say->size = sizeof(*message);
	say->result = error;
	if (unlikely(kr != KERN_SUCCESS)) {
		raise_no_reply(raise, say, kr);
	} else if (unlikely(error != MACH_MSG_SUCCESS)) {
		ipc_port_release_send(lost_thread);
		ipc_port_release_send(lost_task);
	}
}

bool
mach_msg_raise(struct mach_msg_raise *say, mach_msg_answer_t *then)
{
	struct raise raise = { .self = ipc_thread_current(), .handler = say->handler };

	if (!(atomic_load_explicit(&ipc_transports, memory_order_relaxed) & PORTOLAN_IPC_HANDOFF))
		return false;
	if (unlikely(!IPC_PORT_VALID(say->thread) || !IPC_PORT_VALID(say->task)))
		return false;
	raise.reply = ipc_thread_reply_port(raise.self);
	if (unlikely(raise.reply == NULL || raise.reply == say->handler))
		return false;
	raise_lock(&raise);
	if (unlikely(!raise_judge(&raise))) {
		raise_unlock(&raise);
		return false;
	}
	raise_commit(&raise, then);
	raise_header(raise.handler, &say->message.head);
	raise_unlock(&raise);
	say->to = raise.to;
	raise_body(say);
	raise_names(&raise, say);
	ipc_count(IPC_COUNT_HANDOFF);
	return true;
}

/* By way of faults, or with an error to tell. */
static __attribute__((noinline, cold)) _Noreturn void
deliver_slowly(const struct mach_msg_raise *say)
{
	mach_msg_return_t mr = say->result;

	ipc_count(IPC_COUNT_HANDOFF_UNDONE);
	if (!copyout(&say->message, say->to->ith_msg, say->size))
		mr = MACH_RCV_INVALID_DATA;
	trap_return((uint32_t)mr);
}

/* As the receiver. */
static inline _Noreturn void
raise_deliver(struct mach_msg_raise *say)
{
	const mach_msg_header_t *head = &say->message.head;
	struct fast_header header = {
		.remote = head->msgh_remote_slot,
		.local = head->msgh_protected_payload,
		.id_seqno = (uint64_t)EXCEPTION_RAISE_ID << 32,
	};
	struct ipc_object *source = say->to->ith_object;

	say->to->ith_object = NULL;
	ipc_object_release(source);
	if (likely(say->result == MACH_MSG_SUCCESS) &&
	    likely(fast_message_out(say->to->ith_msg, sizeof(say->message), &say->message, &header,
		head->msgh_bits, head->msgh_seqno)))
		trap_return_success();
	deliver_slowly(say);
}

_Noreturn void
mach_msg_raise_go(struct mach_msg_raise *say)
{
	waiter_switch(&ipc_thread_current()->ith_waiter, &say->to->ith_waiter);
	raise_deliver(say);
}

/* -- The answer -------------------------------------------------------------------- */

/* It is decided: leave the port and tell. */
static _Noreturn void
answer_complete(struct ipc_thread *self, mach_msg_return_t mr)
{
	struct ipc_object *object = self->ith_object;
	struct ipc_kmsg *kmsg = self->ith_kmsg;

	self->ith_form = IPC_RECEIVE_NONE;
	self->ith_object = NULL;
	self->ith_kmsg = NULL;
	ipc_object_release(object);
	if (mr == MACH_MSG_SUCCESS) {
		ipc_kmsg_copyout_to_kernel(kmsg);
		self->ith_answer(
		    self, mr, kmsg, (const mach_msg_header_t *)(const void *)&kmsg->km_header);
	} else {
		self->ith_answer(self, mr, NULL, NULL);
	}
	panic("answer_complete: the continuation returned");
}

/* It came in a buffer, or an error did. */
static void
answer_continue(struct waiter *waiter)
{
	struct ipc_thread *self = (struct ipc_thread *)(void *)waiter;

	answer_complete(self, ipc_mqueue_receive_finish(self));
}

_Noreturn void
mach_msg_answered(struct ipc_thread *self, const mach_msg_header_t *message)
{
	self->ith_form = IPC_RECEIVE_NONE;
	self->ith_answer(self, MACH_MSG_SUCCESS, NULL, message);
	panic("mach_msg_answered: the continuation returned");
}

_Noreturn void
mach_msg_await_answer(struct ipc_port *reply, mach_msg_answer_t *then)
{
	struct ipc_thread *self = ipc_thread_current();
	mach_msg_return_t mr;

	ipc_port_reference(reply);
	self->ith_option = 0;
	self->ith_rcv_size = UINT32_MAX;
	self->ith_form = IPC_RECEIVE_ANSWER;
	self->ith_object = &reply->ip_object;
	self->ith_answer = then;
	mr = ipc_mqueue_receive_start(self, 0);
	if (mr == MACH_RCV_IN_PROGRESS)
		waiter_block_continue(&self->ith_waiter, answer_continue);
	answer_complete(self, mr);
}
