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
 * Three kinds of message are taken, each compiled by itself from the same
 * inline steps, with `kind` a constant.
 */
#include "mach_msg_fast.h"

#include <stdatomic.h>

#include <kern/assert.h>
#include <kern/copyio.h>
#include <kern/cpu_number.h>
#include <kern/fast/copyio.h>
#include <kern/ipc_trace.h>
#include <kern/fast/waiter.h>
#include <kern/string.h>
#include <mach/portolan.h>

#include "ipc_mqueue.h"
#include "ipc_port.h"
#include "ipc_pset.h"
#include "ipc_space.h"
#include "mach_msg.h"

#define always_inline inline __attribute__((always_inline))
#define likely(x)     __builtin_expect(!!(x), 1)
#define unlikely(x)   __builtin_expect(!!(x), 0)

_Static_assert(FAST_MESSAGE_MAX == MACH_MSG_FAST_MAX, "one limit");

/* A message as a whole. */
struct message {
	mach_msg_header_t header;
	char body[MACH_MSG_FAST_MAX - sizeof(mach_msg_header_t)];
};

enum kind {
	/* COPY_SEND, and a reply right made from the port received on */
	KIND_CALL = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
	/* to a send-once right, no reply */
	KIND_REPLY = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0),
	/* COPY_SEND, no reply */
	KIND_NOTE = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
};

#define KIND_MASK (MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS_PORTS_MASK)

struct fast {
	struct ipc_thread *self;
	struct message *message; /* its body; the header is not in it */
	struct fast_header header;
	uint64_t msg; /* self's buffer */
	uint32_t size;
	uint32_t rcv_size;
	mach_port_name_t rcv_name;

	struct ipc_entry *dest_entry;
	struct ipc_port *dest;
	struct ipc_object *source; /* dest, or the set it is in */
	struct ipc_object *wait;   /* where self will receive */
	struct ipc_thread *to;     /* the waiting receiver */
	uint32_t seqno;
};

static always_inline bool
no(enum ipc_counter reason)
{
	ipc_count(reason);
	return false;
}

/* -- Names ------------------------------------------------------------------------ */

/* A name that is a slot, or NULL. Locks: space. */
static __attribute__((noinline)) struct ipc_entry *
slot_lookup(struct ipc_space *space, mach_port_name_t name, struct ipc_entry **hint)
{
	uint32_t index = IPC_NAME_INDEX(name);
	struct ipc_entry *entry;

	if (unlikely(index >= space->is_slots))
		return NULL;
	entry = &space->is_chunks[index >> IPC_ENTRY_CHUNK_SHIFT][index & (IPC_ENTRY_CHUNK - 1)];
	if (unlikely(entry->ie_name != name))
		return NULL;
	*hint = entry;
	return entry;
}

/* The same for a name that the hint may know. Entries stay where they are. */
static always_inline struct ipc_entry *
hint_lookup(struct ipc_space *space, mach_port_name_t name, struct ipc_entry **hint)
{
	struct ipc_entry *entry = *hint;

	return likely(entry->ie_name == name) ? entry : slot_lookup(space, name, hint);
}

/* Destination and place to receive. Locks: space. */
static always_inline bool
fast_find(struct fast *fast, enum kind kind, struct ipc_space *space)
{
	const uint32_t held = kind == KIND_REPLY ? MACH_PORT_TYPE_SEND_ONCE : MACH_PORT_TYPE_SEND;
	const uint32_t receives = kind == KIND_CALL
	    ? MACH_PORT_TYPE_RECEIVE
	    : MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET;
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
	if (unlikely(!(wait->ie_bits & receives)))
		return no(IPC_COUNT_NO_RIGHT);
	fast->wait = wait->ie_object;
	return true;
}

/* -- Objects ---------------------------------------------------------------------- */

static always_inline bool
wait_is_set(const struct fast *fast, enum kind kind)
{
	return kind != KIND_CALL && fast->wait->o_is_set;
}

/* Ports in the order of addresses, then at most one set. */
static always_inline bool
fast_lock(struct fast *fast, enum kind kind)
{
	struct ipc_object *dest = &fast->dest->ip_object, *wait = fast->wait;

	if (unlikely(dest == wait))
		return no(IPC_COUNT_NO_RIGHT);
	fast->source = dest;
	if (wait_is_set(fast, kind)) {
		spin_lock(&dest->o_lock);
		if (unlikely(fast->dest->ip_pset != NULL)) {
			spin_unlock(&dest->o_lock);
			return no(IPC_COUNT_NO_RIGHT);
		}
		spin_lock(&wait->o_lock);
		return true;
	}
	spin_lock(dest < wait ? &dest->o_lock : &wait->o_lock);
	spin_lock(dest < wait ? &wait->o_lock : &dest->o_lock);
	if (unlikely(fast->dest->ip_pset != NULL)) {
		fast->source = &fast->dest->ip_pset->ips_object;
		spin_lock(&fast->source->o_lock);
	}
	return true;
}

static always_inline void
fast_unlock(struct fast *fast)
{
	spin_unlock(&fast->wait->o_lock);
	if (unlikely(fast->source != &fast->dest->ip_object))
		spin_unlock(&fast->source->o_lock);
	spin_unlock(&fast->dest->ip_object.o_lock);
}

/* Could self simply wait? Locks: wait. */
static always_inline bool
wait_is_empty(struct fast *fast, enum kind kind)
{
	struct ipc_port *port = ipc_port_of(fast->wait);

	if (wait_is_set(fast, kind))
		return list_empty(&ipc_pset_of(fast->wait)->ips_messages) &&
		    !ipc_pset_of(fast->wait)->ips_owing;
	return port->ip_pset == NULL && (port->ip_msgcount | port->ip_sonce_owed) == 0;
}

/* A user's mach_msg, or kernel code that awaits the answer to a request. */
static always_inline bool
form_is_fit(uint32_t form, enum kind kind)
{
	return likely(form == IPC_RECEIVE_USER) ||
	    (kind == KIND_REPLY && form == IPC_RECEIVE_ANSWER);
}

/*
 * TOUR: fast-2
 * Does a fitting receiver wait for this message, and may it have the CPU?
 * That one waits implies that the port is alive and its queue empty.
 */
static always_inline bool
fast_judge(struct fast *fast, enum kind kind)
{
	struct list *head = &fast->source->o_receivers, *node = head->next;
	struct ipc_thread *to;

	if (unlikely(node == head))
		return no(IPC_COUNT_NO_RECEIVER);
	to = (struct ipc_thread *)(void *)list_entry(node, struct waiter, w_link);
	if (unlikely(!form_is_fit(to->ith_form, kind)))
		return no(IPC_COUNT_NO_FORM);
	if (unlikely(to->ith_rcv_size < fast->size))
		return no(IPC_COUNT_NO_ROOM);
	if (unlikely(!wait_is_empty(fast, kind)))
		return no(IPC_COUNT_NO_QUEUE);
	fast->to = to;
	if (unlikely(!waiter_fit(&to->ith_waiter)))
		return no(IPC_COUNT_NO_PRIORITY);
	/* Its wait may have ended by itself just now. */
	if (unlikely(!waiter_take(&to->ith_waiter)))
		return no(IPC_COUNT_NO_RECEIVER);
	/* Nobody looks at the link of a thread that was taken. */
	head->next = node->next;
	node->next->prev = head;
	return true;
}

/* -- Beyond the point of no return -------------------------------------------------- */

/* What the receiver sees, but the reply port. Locks: dest. */
static always_inline void
fast_header(struct fast *fast, enum kind kind)
{
	struct ipc_port *dest = fast->dest;
	uint32_t local =
	    kind == KIND_REPLY ? MACH_MSG_TYPE_PORT_SEND_ONCE : MACH_MSG_TYPE_PORT_SEND;
	uint32_t remote = kind == KIND_CALL ? MACH_MSG_TYPE_PORT_SEND_ONCE : 0;

	fast->header.bits = MACH_MSGH_BITS(remote, local);
	fast->header.remote = MACH_PORT_NAME_NULL;
	fast->header.local = dest->ip_receiver_name;
	if (unlikely(dest->ip_object.o_has_payload)) {
		fast->header.bits = MACH_MSGH_BITS(remote, MACH_MSG_TYPE_PROTECTED_PAYLOAD);
		fast->header.local = dest->ip_payload;
	}
	fast->seqno = dest->ip_seqno++;
}

/* Rights; then self is a receiver as any other. Locks: all. TOUR: fast-3 */
static always_inline void
fast_commit(struct fast *fast, enum kind kind, struct ipc_space *space)
{
	struct ipc_thread *self = fast->self;
	struct ipc_object *wait = fast->wait;

	if (kind == KIND_CALL)
		ipc_port_of(wait)->ip_sorights++;
	else if (kind == KIND_REPLY)
		fast->dest->ip_sorights--;
	fast_header(fast, kind);
	self->ith_msg = fast->msg;
	self->ith_rcv_size = fast->rcv_size;
	self->ith_option = MACH_RCV_MSG;
	self->ith_form = IPC_RECEIVE_USER;
	self->ith_object = wait;
	/* One for the waiter, one for the right that was made. */
	atomic_fetch_add_explicit(
	    &wait->o_references, kind == KIND_CALL ? 2 : 1, memory_order_relaxed);
	list_insert_tail(&wait->o_receivers, &self->ith_waiter.w_link);
	waiter_leave(&self->ith_waiter, mach_msg_receive_continue);
	if (kind == KIND_REPLY)
		ipc_entry_free_fast(space, fast->dest_entry);
}

static always_inline void
object_release(struct ipc_object *object, uint32_t count)
{
	if (unlikely(atomic_fetch_sub_explicit(
			 &object->o_references, count, memory_order_acq_rel) == count))
		ipc_object_release_last(object);
}

/* The receiver leaves the object it waited on; a used up right ends. */
static always_inline void
fast_release(struct fast *fast, enum kind kind)
{
	if (kind != KIND_REPLY) {
		object_release(fast->source, 1);
	} else if (likely(fast->source == &fast->dest->ip_object)) {
		object_release(fast->source, 2);
	} else {
		object_release(fast->source, 1);
		object_release(&fast->dest->ip_object, 1);
	}
}

/* A message as a whole, from the registers and the body's place. */
static void
message_complete(const struct fast *fast, struct message *message)
{
	message->header = (mach_msg_header_t) {
		.msgh_bits = fast->header.bits,
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
	if (likely(fast_message_out(
		fast->to->ith_msg, fast->size, fast->message, &fast->header, fast->seqno))) {
		IPC_TRACE(COPYOUT, fast->size, fast->to->ith_msg);
		trap_return(MACH_MSG_SUCCESS);
	}
	ipc_count(IPC_COUNT_HANDOFF_UNDONE);
	deliver_slowly(fast, MACH_MSG_SUCCESS);
}

/* The receiver cannot be told the reply right's name: it gets the header. */
static __attribute__((noinline, cold)) _Noreturn void
fast_no_address(struct fast *fast, kern_return_t kr)
{
	mach_msg_return_t mr = MACH_RCV_HEADER_ERROR |
	    (kr == KERN_NO_SPACE ? MACH_MSG_IPC_SPACE : MACH_MSG_IPC_KERNEL);

	fast->size = sizeof(mach_msg_header_t);
	fast->header.remote = MACH_PORT_NAME_NULL;
	fast->header.bits = MACH_MSGH_BITS(0, MACH_MSGH_BITS_LOCAL(fast->header.bits));
	waiter_switch(&fast->self->ith_waiter, &fast->to->ith_waiter);
	ipc_port_release_sonce(ipc_port_of(fast->wait));
	deliver_slowly(fast, mr);
}

/* A name for the reply right, or the error that its want makes. */
static always_inline void
fast_address(struct fast *fast)
{
	struct ipc_space *space = fast->to->ith_space;
	struct ipc_entry *entry;
	kern_return_t kr;

	spin_lock(&space->is_lock);
	kr = likely(space->is_active) ? ipc_entry_alloc_fast(space, &entry) : KERN_NO_SPACE;
	if (likely(kr == KERN_SUCCESS)) {
		entry->ie_bits = MACH_PORT_TYPE_SEND_ONCE | 1;
		entry->ie_object = fast->wait;
		fast->header.remote = entry->ie_name;
		fast->to->ith_dest_hint = entry;
	}
	spin_unlock(&space->is_lock);
	if (unlikely(kr != KERN_SUCCESS))
		fast_no_address(fast, kr);
}

/* Kernel code waits for it (mach_msg_raise.c): its continuation wants it in
 * the scratch, and leaves the object itself. */
static __attribute__((noinline)) _Noreturn void
fast_answer(struct fast *fast)
{
	const struct message *from = fast->message;
	struct message *to = (struct message *)(void *)mach_msg_scratch();
	continuation_t *continuation = fast->to->ith_waiter.w_continuation;
	uint32_t i;

	message_complete(fast, to);
	for (i = 0; i < fast->size - sizeof(to->header); i += 8)
		*(uint64_t *)(void *)(to->body + i) =
		    *(const uint64_t *)(const void *)(from->body + i);
	fast->to->ith_form = IPC_RECEIVE_FAST;
	fast->to->ith_result = MACH_MSG_SUCCESS;
	fast->to->ith_msize = fast->size;
	object_release(&fast->dest->ip_object, 1);
	waiter_switch(&fast->self->ith_waiter, &fast->to->ith_waiter);
	continuation(&fast->to->ith_waiter);
	panic("fast_answer: the continuation returned");
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
	struct ipc_thread *self = fast->self;
	mach_msg_return_t mr;

	self->ith_msg = fast->msg;
	self->ith_rcv_size = fast->rcv_size;
	self->ith_option = MACH_RCV_MSG;
	self->ith_form = IPC_RECEIVE_USER;
	self->ith_rcv_name = fast->rcv_name;
	message_complete(fast, fast->message);
	mr = mach_msg_short(
	    self, &fast->message->header, fast->size, fast->dest, ipc_port_of(fast->wait));
	if (mr != MACH_MSG_DECLINED)
		trap_return((uint32_t)mr);
}

/* -- The path --------------------------------------------------------------------------- */

/* All of it for one kind. Comes back if the answer is no. */
static always_inline void
fast_path(struct fast *fast, enum kind kind)
{
	struct ipc_space *space = fast->self->ith_space;

	spin_lock(&space->is_lock);
	if (unlikely(!fast_find(fast, kind, space)))
		goto no_unlock_space;
	IPC_TRACE(FAST, fast->dest, fast->wait);
	if (kind == KIND_CALL && unlikely(dest_is_kernel(fast))) {
		fast_kernel(fast);
		return;
	}
	if (unlikely(!fast_lock(fast, kind)))
		goto no_unlock_space;
	if (unlikely(!fast_judge(fast, kind))) {
		fast_unlock(fast);
		goto no_unlock_space;
	}
	fast_commit(fast, kind, space);
	fast_unlock(fast);
	spin_unlock(&space->is_lock);
	ipc_count(IPC_COUNT_HANDOFF);
	IPC_TRACE(COMMIT, fast->dest, fast->to);
	if (kind == KIND_REPLY && unlikely(fast->to->ith_form == IPC_RECEIVE_ANSWER))
		fast_answer(fast);
	fast->to->ith_object = NULL;
	fast_release(fast, kind);
	if (kind == KIND_CALL)
		fast_address(fast);
	waiter_switch(&fast->self->ith_waiter, &fast->to->ith_waiter);
	fast_deliver(fast);

no_unlock_space:
	spin_unlock(&space->is_lock);
}

/* Both halves, nothing special, and the transport is allowed. */
static always_inline bool
fast_wanted(uint32_t option)
{
	return likely((option & ~(uint32_t)(MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT)) ==
		   (MACH_SEND_MSG | MACH_RCV_MSG)) &&
	    likely(
		atomic_load_explicit(&ipc_transports, memory_order_relaxed) & PORTOLAN_IPC_HANDOFF);
}

static always_inline bool
fast_fits(uint64_t msg, uint32_t size)
{
	return likely(size - sizeof(mach_msg_header_t) <=
		   MACH_MSG_FAST_MAX - sizeof(mach_msg_header_t)) &&
	    likely(size % 8 == 0) && likely(fast_message_in_range(msg));
}

/* TOUR: fast-1 */
void
mach_msg_fast(
    uint64_t msg, uint32_t option, uint32_t send_size, uint32_t rcv_size, mach_port_name_t rcv_name)
{
	struct message message;
	struct fast fast;
	uint32_t kind;

	if (unlikely(!fast_wanted(option))) {
		ipc_count(IPC_COUNT_NO_OPTION);
		return;
	}
	if (unlikely(!fast_fits(msg, send_size))) {
		ipc_count(IPC_COUNT_NO_SIZE);
		return;
	}
	if (unlikely(!fast_message_in(msg, send_size, &message, &fast.header))) {
		ipc_count(IPC_COUNT_NO_DATA);
		return;
	}
	fast.self = ipc_thread_current();
	fast.message = &message;
	fast.msg = msg;
	fast.size = send_size;
	fast.rcv_size = rcv_size;
	fast.rcv_name = rcv_name;
	IPC_TRACE_MESSAGE((message_complete(&fast, &message), &message), send_size, msg);
	kind = fast.header.bits & KIND_MASK;
	if (kind == KIND_CALL && (mach_port_name_t)fast.header.local == rcv_name)
		fast_path(&fast, KIND_CALL);
	else if (kind == KIND_REPLY && (mach_port_name_t)fast.header.local == MACH_PORT_NAME_NULL)
		fast_path(&fast, KIND_REPLY);
	else if (kind == KIND_NOTE && (mach_port_name_t)fast.header.local == MACH_PORT_NAME_NULL)
		fast_path(&fast, KIND_NOTE);
	else
		ipc_count(kind & MACH_MSGH_BITS_COMPLEX ? IPC_COUNT_NO_COMPLEX
							: IPC_COUNT_NO_DISPOSITION);
}

/* -- Messages handed over by other paths ------------------------------------------------ */

static struct scratch {
	mach_msg_header_t header;
	char body[2048 - sizeof(mach_msg_header_t)];
} scratch[KERN_CPUS] __attribute__((aligned(2048)));

_Static_assert(sizeof(struct scratch) >= MACH_MSG_FAST_MAX, "room");

mach_msg_header_t *
mach_msg_scratch(void)
{
	return &scratch[cpu_number()].header;
}

/* The buffer is not all there: serve faults from a copy of the message, since
 * others may use the scratch meanwhile. */
static __attribute__((noinline, cold)) bool
finish_faulting(uint64_t msg, uint32_t size)
{
	char copy[MACH_MSG_FAST_MAX];

	ipc_count(IPC_COUNT_HANDOFF_UNDONE);
	memcpy(copy, mach_msg_scratch(), size);
	return copyout(copy, msg, size);
}

static _Noreturn void
scratch_finish(struct ipc_thread *self)
{
	struct ipc_object *object = self->ith_object;
	uint32_t size = self->ith_msize;

	self->ith_form = IPC_RECEIVE_NONE;
	self->ith_object = NULL;
	ipc_object_release(object);
	if (unlikely(!copyout_resident(mach_msg_scratch(), self->ith_msg, size)) &&
	    !finish_faulting(self->ith_msg, size))
		trap_return(MACH_RCV_INVALID_DATA);
	trap_return((uint32_t)self->ith_result);
}

void
mach_msg_receive_continue(struct waiter *waiter)
{
	struct ipc_thread *self = (struct ipc_thread *)(void *)waiter;

	if (self->ith_form == IPC_RECEIVE_FAST)
		scratch_finish(self);
	mach_msg_buffered_continue(self);
}
