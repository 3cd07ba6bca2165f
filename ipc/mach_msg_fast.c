/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_fast -- the trap itself: one mach_msg hands its message and its
 * CPU to a thread that waits for it, and waits itself.
 *
 *	fast_message_in the message: header into registers, body to this stack
 *	fast_find       names to objects, in the caller's space
 *	fast_lock       the objects
 *	fast_judge      does a fitting thread wait, may we wait
 *	-- waiter_take: the point of no return --
 *	fast_commit     count, make and use up rights; begin to wait
 *	fast_address    the reply right's name in the receiver's space
 *	waiter_switch   from here on this is the receiver, on the same stack
 *	fast_deliver    the message into its buffer; back to user mode
 *
 * Up to the taking nothing anybody could see is changed, and any "no" leaves
 * the call to the buffered path. After it nothing fails but the making of the
 * reply's name, which then ends as it does in the buffered path: header error,
 * reply right destroyed. No kernel memory is taken, and no continuation is
 * called: the stack the sender came in on is the receiver's until it leaves.
 * If the receiver's buffer needs a page fault served, that is an ordinary
 * fault of a thread with a stack.
 *
 * Net effects are applied, not each step: a COPY_SEND destination right would
 * be counted at copyin and uncounted at copyout, so it is left alone.
 *
 * Names are tried against the thread's two hints first: the place where it
 * received last, and the right it will most probably name next, which for a
 * server is the reply right that came with the request.
 *
 * Three kinds of message are taken, two of them also with one right in the
 * body (mach_msg_port.h), each compiled by itself from the same inline steps,
 * with `kind` and `carries` constants.
 */
#include "mach_msg_fast.h"

#include <stdatomic.h>

#include <kern/assert.h>
#include <kern/compiler.h>
#include <kern/copyio.h>
#include <kern/fast/copyio.h>
#include <kern/fast/waiter.h>
#include <kern/ipc_trace.h>
#include <kern/rare.h>
#include <kern/string.h>
#include <mach/portolan.h>

#include "ipc_mqueue.h"
#include "ipc_port.h"
#include "ipc_pset.h"
#include "ipc_register.h"
#include "ipc_space.h"
#include "mach_msg.h"
#include "mach_msg_kind.h"
#include "mach_msg_port.h"

_Static_assert(FAST_MESSAGE_MAX == MACH_MSG_FAST_MAX, "one limit");

/* A message as a whole. */
struct message {
	mach_msg_header_t header;
	char body[MACH_MSG_FAST_MAX - sizeof(mach_msg_header_t)];
};

#define CARRIES MACH_MSGH_BITS_COMPLEX /* one right in the body */

struct fast {
	struct ipc_thread *self;
	struct message *message; /* its body; the header is not in it */
	uint32_t bits;           /* of the message as it arrives */
	struct fast_header header;
	uint32_t size;
	mach_port_name_t rcv_name;

	struct ipc_entry *dest_entry;
	struct ipc_port *dest;
	struct ipc_object *wait; /* where self will receive */
	bool in_set;             /* a set, not a port */
	struct ipc_thread *to;   /* the waiting receiver */
	uint32_t seqno;

	/* The right in the body, if it is of a kind that carries one. */
	struct mach_msg_port *item;
	struct ipc_port *right;
};

/*
 * What is seldom needed is called with a copy, member by member, so that the
 * compiler may keep those of the original in registers.
 */
#define COPY_OF(fast)                                                                              \
	(&(struct fast) {                                                                          \
	    .self = (fast)->self,                                                                  \
	    .message = (fast)->message,                                                            \
	    .bits = (fast)->bits,                                                                  \
	    .header.remote = (fast)->header.remote,                                                \
	    .header.local = (fast)->header.local,                                                  \
	    .header.id_seqno = (fast)->header.id_seqno,                                            \
	    .size = (fast)->size,                                                                  \
	    .rcv_name = (fast)->rcv_name,                                                          \
	    .dest_entry = (fast)->dest_entry,                                                      \
	    .dest = (fast)->dest,                                                                  \
	    .wait = (fast)->wait,                                                                  \
	    .in_set = (fast)->in_set,                                                              \
	    .to = (fast)->to,                                                                      \
	    .seqno = (fast)->seqno,                                                                \
	    .item = (fast)->item,                                                                  \
	    .right = (fast)->right,                                                                \
	})

static always_inline bool
no(enum ipc_counter reason)
{
	ipc_count(reason);
	return false;
}

/* -- Names ------------------------------------------------------------------------ */

/* Destination and place to receive. Locks: space. */
static always_inline bool
fast_find(struct fast *fast, enum kind kind, struct ipc_space *space)
{
	const uint32_t held = kind == KIND_REPLY ? MACH_PORT_TYPE_SEND_ONCE : MACH_PORT_TYPE_SEND;
	mach_port_name_t name = (mach_port_name_t)fast->header.remote;
	struct ipc_entry *dest, *wait;

	if (unlikely(!space->is_active))
		return no(IPC_COUNT_NO_NAME);
	dest = hint_lookup(space, name, &fast->self->ith_dest_hint);
	if (unlikely(dest == NULL))
		return no(IPC_COUNT_NO_NAME);
	/* A watched send-once name would have to tell of its end. */
	if (unlikely(!(dest->ie_bits & held) || (kind == KIND_REPLY && dest->ie_request != NULL)))
		return no(IPC_COUNT_NO_RIGHT);
	fast->dest_entry = dest;
	fast->dest = ipc_port_of(dest->ie_object);
	wait = hint_lookup(space, fast->rcv_name, &fast->self->ith_wait_hint);
	if (unlikely(wait == NULL))
		return no(IPC_COUNT_NO_NAME);
	fast->wait = wait->ie_object;
	fast->in_set = false;
	if (likely(wait->ie_bits & MACH_PORT_TYPE_RECEIVE))
		return true;
	fast->in_set = true;
	return kind != KIND_CALL && (wait->ie_bits & MACH_PORT_TYPE_PORT_SET)
	    ? true
	    : no(IPC_COUNT_NO_RIGHT);
}

/* -- Objects ---------------------------------------------------------------------- */

/* Destination first: a port, in no set, and the set. */
static always_inline bool
fast_lock_set(struct fast *fast)
{
	spin_lock(&fast->dest->ip_object.o_lock);
	if (unlikely(fast->dest->ip_pset != NULL)) {
		spin_unlock(&fast->dest->ip_object.o_lock);
		return no(IPC_COUNT_NO_RIGHT);
	}
	spin_lock(&fast->wait->o_lock);
	return true;
}

/* Ports in the order of addresses, then at most one set. */
static always_inline bool
fast_lock(struct fast *fast, bool in_set)
{
	struct ipc_object *dest = &fast->dest->ip_object, *wait = fast->wait;

	if (in_set)
		return fast_lock_set(fast);
	if (dest < wait) {
		spin_lock(&dest->o_lock);
		spin_lock(&wait->o_lock);
	} else {
		if (unlikely(dest == wait))
			return no(IPC_COUNT_NO_RIGHT);
		spin_lock(&wait->o_lock);
		spin_lock(&dest->o_lock);
	}
	if (unlikely(fast->dest->ip_pset != NULL))
		ipc_pset_lock(fast->dest->ip_pset);
	return true;
}

static always_inline void
fast_unlock(struct fast *fast)
{
	spin_unlock(&fast->wait->o_lock);
	if (unlikely(fast->dest->ip_pset != NULL))
		ipc_pset_unlock(fast->dest->ip_pset);
	spin_unlock(&fast->dest->ip_object.o_lock);
}

/* Could self simply wait? Locks: wait. */
static always_inline bool
wait_is_empty(struct fast *fast, bool in_set)
{
	struct ipc_port *port = ipc_port_of(fast->wait);

	if (in_set) {
		ipc_stand_end(fast->wait);
		return list_empty(&ipc_pset_of(fast->wait)->ips_messages) &&
		    !ipc_pset_of(fast->wait)->ips_owing;
	}
	if (unlikely((port->ip_pending | (uintptr_t)port->ip_pset) != 0))
		return ipc_stand_end_quiet(port);
	return true;
}

/* The oldest receiver on the destination port or its set. That one waits
 * implies that the port is alive and its queue empty. Locks: both. */
static always_inline bool
fast_receiver(struct fast *fast)
{
	struct ipc_object *source = &fast->dest->ip_object;
	struct list *head;

	if (unlikely(fast->dest->ip_pset != NULL))
		source = &fast->dest->ip_pset->ips_object;
	head = &source->o_receivers;
	fast->to = (struct ipc_thread *)(void *)list_entry(head->next, struct waiter, w_link);
	return likely(head->next != head) ? true : no(IPC_COUNT_NO_RECEIVER);
}

/* Does the message fit this receiver, and may it have the CPU? TOUR: fast-2 */
static always_inline bool
fast_judge(struct fast *fast, bool in_set)
{
	struct list *next, *prev;

	if (unlikely(fast->to->ith_rcv_size < fast->size))
		return no(IPC_COUNT_NO_ROOM);
	if (unlikely(!wait_is_empty(fast, in_set)))
		return no(IPC_COUNT_NO_QUEUE);
	if (unlikely(!waiter_fit(&fast->to->ith_waiter)))
		return no(ipc_unfit(fast->to));
	/* Its wait may have ended by itself just now. */
	if (unlikely(!waiter_take(&fast->to->ith_waiter)))
		return no(IPC_COUNT_NO_RECEIVER);
	/* Nobody looks at the link of a thread that was taken. */
	next = fast->to->ith_waiter.w_link.next;
	prev = fast->to->ith_waiter.w_link.prev;
	next->prev = prev;
	prev->next = next;
	return true;
}

/* -- Beyond the point of no return -------------------------------------------------- */

/* What the receiver sees, but the reply port. Locks: dest. */
static always_inline void
fast_header(struct fast *fast, enum kind kind, uint32_t carries)
{
	struct ipc_port *dest = fast->dest;
	uint32_t local = KIND_CARRIED(kind);
	uint32_t remote = KIND_REPLY_RIGHT(kind);

	fast->bits = carries | MACH_MSGH_BITS(remote, local);
	fast->header.remote = MACH_PORT_NAME_NULL;
	fast->header.local = dest->ip_receiver_name;
	if (unlikely(dest->ip_object.o_has_payload)) {
		fast->bits = carries | MACH_MSGH_BITS(remote, MACH_MSG_TYPE_PROTECTED_PAYLOAD);
		fast->header.local = dest->ip_payload;
	}
	fast->seqno = dest->ip_seqno++;
}

/* Rights; then self is a receiver as any other. Locks: all. TOUR: fast-3 */
static always_inline void
fast_commit(struct fast *fast, enum kind kind, uint32_t carries, struct ipc_space *space)
{
	struct ipc_thread *self = fast->self;
	struct ipc_object *wait = fast->wait;

	if (kind == KIND_CALL)
		ipc_port_of(wait)->ip_sorights++;
	else if (kind == KIND_REPLY)
		fast->dest->ip_sorights--;
	fast_header(fast, kind, carries);
	self->ith_option = MACH_RCV_MSG;
	self->ith_form = IPC_RECEIVE_USER;
	self->ith_object = wait;
	/* One for the waiter, one for the right that was made. */
	atomic_fetch_add_explicit(
	    &wait->o_references, kind == KIND_CALL ? 2 : 1, memory_order_relaxed);
	list_insert_tail(&wait->o_receivers, &self->ith_waiter.w_link);
	waiter_leave(&self->ith_waiter, mach_msg_receive_continue);
	if (kind != KIND_REPLY)
		return;
	slot_push(space, fast->dest_entry);
}

/* The receiver leaves the object it waited on; a used up right ends. */
static always_inline void
fast_release(struct fast *fast, enum kind kind)
{
	struct ipc_object *source = fast->to->ith_object;

	fast->to->ith_object = NULL;
	if (kind != KIND_REPLY) {
		object_release(source, 1);
	} else if (likely(source == &fast->dest->ip_object)) {
		object_release(source, 2);
	} else {
		object_release(source, 1);
		object_release(&fast->dest->ip_object, 1);
	}
}

/* A message as a whole, from the registers and the body's place. */
static void
message_complete(const struct fast *fast, struct message *message)
{
	message->header = (mach_msg_header_t) {
		.msgh_bits = fast->bits,
		.msgh_size = fast->size,
		.msgh_remote_slot = fast->header.remote,
		.msgh_protected_payload = fast->header.local,
		.msgh_seqno = fast->seqno,
		.msgh_id = (mach_msg_id_t)(fast->header.id_seqno >> 32),
	};
}

/* By way of the whole message; faults are served, or make it fail. */
static __attribute__((noinline, cold)) _Noreturn void
deliver_slowly(struct fast *fast, mach_msg_return_t mr)
{
	message_complete(fast, fast->message);
	if (!copyout(fast->message, fast->to->ith_msg, fast->size))
		mr = MACH_RCV_INVALID_DATA;
	trap_return((uint32_t)mr);
}

/* As the receiver. TOUR: fast-4 */
static always_inline _Noreturn void
fast_deliver(struct fast *fast)
{
	if (likely(fast_message_out(fast->to->ith_msg, fast->size, fast->message, &fast->header,
		fast->bits, fast->seqno))) {
		IPC_TRACE(COPYOUT, fast->size, fast->to->ith_msg);
		trap_return_success();
	}
	ipc_count(IPC_COUNT_HANDOFF_UNDONE);
	deliver_slowly(COPY_OF(fast), MACH_MSG_SUCCESS);
}

/* The receiver cannot be told the reply right's name: it gets the header. */
static __attribute__((noinline, cold)) _Noreturn void
fast_no_address(struct fast *fast, kern_return_t kr)
{
	mach_msg_return_t mr = MACH_RCV_HEADER_ERROR |
	    (kr == KERN_NO_SPACE ? MACH_MSG_IPC_SPACE : MACH_MSG_IPC_KERNEL);

	fast->size = sizeof(mach_msg_header_t);
	fast->header.remote = MACH_PORT_NAME_NULL;
	fast->bits = MACH_MSGH_BITS(0, MACH_MSGH_BITS_LOCAL(fast->bits));
	waiter_switch(&fast->self->ith_waiter, &fast->to->ith_waiter);
	ipc_port_release_sonce(ipc_port_of(fast->wait));
	if (fast->right != NULL)
		ipc_port_release_send(fast->right);
	deliver_slowly(fast, mr);
}

/* A name for the reply right, or the error that its want makes. */
static always_inline void
fast_address(struct fast *fast)
{
	struct ipc_space *space = fast->to->ith_space;
	struct ipc_entry *entry = NULL;

	spin_lock(&space->is_lock);
	if (likely(space->is_active))
		entry = ipc_entry_pop(space);
	if (unlikely(entry == NULL)) {
		kern_return_t kr;

		entry = mach_msg_slot_alloc(space, &kr);
		if (entry == NULL) {
			spin_unlock(&space->is_lock);
			fast_no_address(COPY_OF(fast), kr);
		}
	}
	entry->ie_bits = MACH_PORT_TYPE_SEND_ONCE | 1;
	entry->ie_object = fast->wait;
	fast->header.remote = entry->ie_name;
	fast->to->ith_dest_hint = entry;
	spin_unlock(&space->is_lock);
}

/* Begin to wait and release the locks. */
static always_inline void
fast_go(struct fast *fast, enum kind kind, uint32_t carries, struct ipc_space *space)
{
	fast_commit(fast, kind, carries, space);
	fast_unlock(fast);
	spin_unlock(&space->is_lock);
	ipc_count(IPC_COUNT_HANDOFF);
	IPC_TRACE(COMMIT, fast->dest, fast->to);
}

/*
 * The rest for a reply that kernel code waits for (mach_msg_raise.c), on a
 * port of its own: it is told on this stack. Comes back, locks held, if the
 * answer is no.
 */
static __attribute__((noinline)) void
fast_answer(struct fast *fast, struct ipc_space *space)
{
	struct ipc_thread *to = fast->to;

	if (!fast_judge(fast, fast->in_set))
		return;
	fast_go(fast, KIND_REPLY, 0, space);
	message_complete(fast, fast->message);
	to->ith_object = NULL;
	object_release(&fast->dest->ip_object, 2);
	waiter_switch(&fast->self->ith_waiter, &to->ith_waiter);
	mach_msg_answered(to, &fast->message->header);
}

/* -- The kernel itself as server -------------------------------------------------------- */

/* A hint until the port is locked. */
static always_inline bool
dest_is_kernel(const struct fast *fast)
{
	return fast->dest->ip_object.o_kind != 0 && fast->dest->ip_receiver == &ipc_space_kernel;
}

/* Locks: space, released. */
static __attribute__((noinline)) void
fast_kernel(struct fast *fast)
{
	struct ipc_msg_header *request = (struct ipc_msg_header *)(void *)fast->message;
	struct ipc_thread *self = fast->self;
	mach_msg_return_t mr;

	self->ith_rcv_name = fast->rcv_name;
	request->mh_id = (int32_t)(fast->header.id_seqno >> 32);
	mr = mach_msg_short(self, request, fast->size, fast->dest, ipc_port_of(fast->wait));
	if (mr != MACH_MSG_DECLINED)
		trap_return((uint32_t)mr);
}

/* -- The path --------------------------------------------------------------------------- */

/* A name for the right in the body, as the receiver. */
static always_inline void
fast_name_right(struct fast *fast)
{
	mach_msg_return_t mr = mach_msg_port_name(fast->to->ith_space, fast->right, fast->item);

	if (unlikely(mr != MACH_MSG_SUCCESS))
		deliver_slowly(COPY_OF(fast), mr);
}

/* Everything after the taking. Locks: all, released. */
static always_inline _Noreturn void
fast_finish(
    struct fast *fast, enum kind kind, uint32_t carries, bool timed, struct ipc_space *space)
{
	fast_go(fast, kind, carries, space);
	fast_release(fast, kind);
	if (kind == KIND_CALL)
		fast_address(fast);
	if (timed)
		waiter_untime(&fast->to->ith_waiter);
	waiter_switch(&fast->self->ith_waiter, &fast->to->ith_waiter);
	if (carries)
		fast_name_right(fast);
	fast_deliver(fast);
}

/* The receiver has a time limit. Comes back, locks held, if the answer is no. */
static __attribute__((noinline)) void
fast_timed(
    struct fast *fast, enum kind kind, uint32_t carries, bool in_set, struct ipc_space *space)
{
	if (fast_judge(fast, in_set))
		fast_finish(fast, kind, carries, true, space);
}

/* A receiver that is not a user's mach_msg without a time limit. */
static always_inline void
fast_other_form(
    struct fast *fast, enum kind kind, uint32_t carries, bool in_set, struct ipc_space *space)
{
	uint32_t form = waiter_peek(&fast->to->ith_form);

	if (form == IPC_RECEIVE_USER_TIMED)
		fast_timed(COPY_OF(fast), kind, carries, in_set, space);
	else if (kind == KIND_REPLY && carries == 0 && form == IPC_RECEIVE_ANSWER)
		fast_answer(COPY_OF(fast), space);
	else
		ipc_count(IPC_COUNT_NO_FORM);
}

/* With the objects. Locks: space, released. Comes back if the answer is no. */
static always_inline void
fast_hand_over(
    struct fast *fast, enum kind kind, uint32_t carries, bool in_set, struct ipc_space *space)
{
	if (unlikely(!fast_lock(fast, in_set)))
		goto no_unlock_space;
	if (unlikely(!fast_receiver(fast)))
		goto no_unlock;
	if (unlikely(waiter_peek(&fast->to->ith_form) != IPC_RECEIVE_USER))
		fast_other_form(fast, kind, carries, in_set, space);
	else if (likely(fast_judge(fast, in_set)))
		fast_finish(fast, kind, carries, false, space);
no_unlock:
	fast_unlock(fast);
no_unlock_space:
	spin_unlock(&space->is_lock);
}

/* The same with a right in the body, which is given back. */
static always_inline void
fast_carry_over(struct fast *fast, enum kind kind, bool in_set, struct ipc_space *space)
{
	fast->right = mach_msg_port_take(space, fast->item);
	if (unlikely(fast->right == NULL)) {
		spin_unlock(&space->is_lock);
		ipc_count(IPC_COUNT_NO_COMPLEX);
		return;
	}
	fast_hand_over(fast, kind, CARRIES, in_set, space);
	mach_msg_port_untake(fast->right, fast->item);
}

/* All of it for one kind. Comes back if the answer is no. */
static always_inline void
fast_path(struct fast *fast, enum kind kind, uint32_t carries)
{
	struct ipc_space *space = fast->self->ith_space;

	spin_lock(&space->is_lock);
	if (unlikely(!fast_find(fast, kind, space))) {
		spin_unlock(&space->is_lock);
		return;
	}
	IPC_TRACE(FAST, fast->dest, fast->wait);
	if (kind == KIND_CALL && unlikely(dest_is_kernel(fast))) {
		if (carries)
			spin_unlock(&space->is_lock);
		else
			fast_kernel(COPY_OF(fast));
	} else if (carries) {
		fast_carry_over(fast, kind, kind != KIND_CALL && fast->in_set, space);
	} else if (kind != KIND_CALL && fast->in_set) {
		fast_hand_over(fast, kind, 0, true, space);
	} else {
		fast_hand_over(fast, kind, 0, false, space);
	}
}

/* Both halves, nothing special, and the transport is allowed. */
static always_inline bool
fast_wanted(uint32_t option)
{
	const uint32_t both = MACH_SEND_MSG | MACH_RCV_MSG;

	return (likely(option == both) ||
		   (option & ~(uint32_t)(MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT)) == both) &&
	    likely(waiter_peek(&ipc_transports) & PORTOLAN_IPC_HANDOFF);
}

static always_inline bool
fast_fits(uint64_t msg, uint32_t size)
{
	uint32_t body = size - (uint32_t)sizeof(mach_msg_header_t);
	uint32_t words = body >> 3 | body << 29; /* vast if not a multiple */

	return likely(words <= (MACH_MSG_FAST_MAX - sizeof(mach_msg_header_t)) / 8) &&
	    likely(fast_message_in_range(msg));
}

/* TOUR: fast-1 */
/*
 * One function per kind, so that each has the registers to itself, called with
 * the arguments where they are.
 */
static always_inline void
fast_try(enum kind kind, uint32_t carries, uint64_t msg, uint32_t size, uint32_t rcv_size,
    mach_port_name_t rcv_name)
{
	mach_port_name_t local = kind == KIND_CALL ? rcv_name : MACH_PORT_NAME_NULL;
	struct message message;
	struct fast fast = {
		.self = ipc_thread_current(),
		.message = &message,
		.size = size,
		.rcv_name = rcv_name,
	};

	/* The buffered path says it again, should it come to that. */
	fast.self->ith_msg = msg;
	fast.self->ith_rcv_size = rcv_size;
	if (unlikely(!fast_message_in(msg, size, &message, &fast.header))) {
		ipc_count(IPC_COUNT_NO_DATA);
		return;
	}
	IPC_TRACE_MESSAGE((message_complete(&fast, &message), &message), size, msg);
	if (unlikely((mach_port_name_t)fast.header.local != local)) {
		ipc_count(IPC_COUNT_NO_DISPOSITION);
		return;
	}
	if (carries) {
		fast.item = mach_msg_port_find(&message, size);
		if (fast.item == NULL) {
			ipc_count(IPC_COUNT_NO_COMPLEX);
			return;
		}
	}
	fast_path(&fast, kind, carries);
}

#define FAST_KIND(function, kind, carries)                                                         \
	static KERN_NO_IPA void function(uint64_t msg, uint32_t option, uint32_t size,             \
	    uint32_t rcv_size, mach_port_name_t rcv_name)                                          \
	{                                                                                          \
		fast_try(kind, carries, msg, size, rcv_size, rcv_name);                            \
	}

FAST_KIND(fast_call, KIND_CALL, 0)
FAST_KIND(fast_reply, KIND_REPLY, 0)
FAST_KIND(fast_note, KIND_NOTE, 0)
FAST_KIND(fast_call_carry, KIND_CALL, CARRIES)
FAST_KIND(fast_reply_carry, KIND_REPLY, CARRIES)

/* A kind of message that is not for this path. */
static KERN_RARE void
fast_no_kind(uint32_t bits)
{
	fast_close();
	ipc_count(bits & MACH_MSGH_BITS_COMPLEX ? IPC_COUNT_NO_COMPLEX : IPC_COUNT_NO_DISPOSITION);
}

void
mach_msg_fast(
    uint64_t msg, uint32_t option, uint32_t send_size, uint32_t rcv_size, mach_port_name_t rcv_name)
{
	uint32_t bits;

	if (unlikely(!fast_wanted(option))) {
		ipc_count(IPC_COUNT_NO_OPTION);
		return;
	}
	if (unlikely(!fast_fits(msg, send_size))) {
		ipc_count(IPC_COUNT_NO_SIZE);
		return;
	}
	if (unlikely(!fast_bits_in(msg, &bits))) {
		ipc_count(IPC_COUNT_NO_DATA);
		return;
	}
	bits &= KIND_MASK;
	if (bits == KIND_CALL)
		fast_call(msg, option, send_size, rcv_size, rcv_name);
	else if (bits == KIND_REPLY)
		fast_reply(msg, option, send_size, rcv_size, rcv_name);
	else if (bits == KIND_NOTE)
		fast_note(msg, option, send_size, rcv_size, rcv_name);
	else if (bits == (KIND_CALL | CARRIES))
		fast_call_carry(msg, option, send_size, rcv_size, rcv_name);
	else if (bits == (KIND_REPLY | CARRIES))
		fast_reply_carry(msg, option, send_size, rcv_size, rcv_name);
	else
		fast_no_kind(bits);
}
