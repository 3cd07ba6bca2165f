/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_fast -- the trap itself: one mach_msg hands its message and its
 * CPU to a thread that waits for it, and waits itself.
 *
 *	fast_read       the message, into this CPU's scratch; tests on it alone
 *	fast_find       names to objects, in the caller's space
 *	fast_lock       the objects
 *	fast_judge      does a fitting thread wait, may we wait
 *	-- waiter_claim_fast: the point of no return --
 *	fast_commit     count, make and use up rights; begin to wait
 *	fast_address    the reply right's name in the receiver's space
 *	waiter_handoff  -> mach_msg_receive_continue in the receiver's context
 *
 * Up to the claim nothing anybody could see is changed, and any "no" leaves
 * the call to the buffered path. After it nothing fails but the making of the
 * reply's name, which then ends as it does in the buffered path: header error,
 * reply right destroyed. No kernel memory is taken: the CPU's scratch is the
 * receiver's until it has copied it out, for the kernel neither waits nor lets
 * another thread run in between. If the receiver's buffer needs a page fault
 * served, the message moves to its stack first.
 *
 * Net effects are applied, not each step: a COPY_SEND destination right would
 * be counted at copyin and uncounted at copyout, so it is left alone.
 *
 * Three kinds of message are taken, each compiled by itself from the same
 * inline steps, with `kind` a constant.
 */
#include "mach_msg_fast.h"

#include <stdatomic.h>

#include <kern/assert.h>
#include <kern/copyio.h>
#include <kern/cpu_number.h>
#include <kern/string.h>
#include <kern/waiter_fast.h>
#include <mach/portolan.h>

#include "ipc_mqueue.h"
#include "ipc_port.h"
#include "ipc_pset.h"
#include "ipc_space.h"
#include "mach_msg.h"

#define always_inline inline __attribute__((always_inline))
#define likely(x)     __builtin_expect(!!(x), 1)
#define unlikely(x)   __builtin_expect(!!(x), 0)

struct scratch {
	mach_msg_header_t header;
	char body[2048 - sizeof(mach_msg_header_t)];
} __attribute__((aligned(2048)));

_Static_assert(sizeof(struct scratch) >= MACH_MSG_FAST_MAX, "room");

static struct scratch scratch[KERN_CPUS];

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
	mach_msg_header_t *header; /* of the scratch */
	struct ipc_entry *dest_entry;
	struct ipc_port *dest;
	struct ipc_object *source; /* dest, or the set it is in */
	struct ipc_object *wait;   /* where self will receive */
	struct ipc_thread *to;     /* the waiting receiver */
	uint32_t size;
};

static always_inline bool
no(enum ipc_counter reason)
{
	ipc_count(reason);
	return false;
}

/* -- Names ------------------------------------------------------------------------ */

/* A name that is a slot, or NULL. Locks: space. */
static always_inline struct ipc_entry *
slot_lookup(struct ipc_space *space, mach_port_name_t name)
{
	uint32_t index = IPC_NAME_INDEX(name);
	struct ipc_entry *entry;

	if (unlikely(index >= space->is_slots))
		return NULL;
	entry = &space->is_chunks[index >> IPC_ENTRY_CHUNK_SHIFT][index & (IPC_ENTRY_CHUNK - 1)];
	return likely(entry->ie_name == name) ? entry : NULL;
}

/* Destination and place to receive. Locks: space. */
static always_inline bool
fast_find(struct fast *fast, enum kind kind, struct ipc_space *space, mach_port_name_t rcv_name)
{
	const uint32_t held = kind == KIND_REPLY ? MACH_PORT_TYPE_SEND_ONCE : MACH_PORT_TYPE_SEND;
	const uint32_t receives = kind == KIND_CALL
	    ? MACH_PORT_TYPE_RECEIVE
	    : MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET;
	struct ipc_entry *dest, *wait;

	if (unlikely(!space->is_active))
		return no(IPC_COUNT_NO_NAME);
	dest = slot_lookup(space, fast->header->msgh_remote_port);
	if (unlikely(dest == NULL))
		return no(IPC_COUNT_NO_NAME);
	/* A watched send-once name would have to tell of its end. */
	if (unlikely(!(dest->ie_bits & held) || (kind == KIND_REPLY && dest->ie_request != NULL)))
		return no(IPC_COUNT_NO_RIGHT);
	fast->dest_entry = dest;
	fast->dest = ipc_port_of(dest->ie_object);
	wait = slot_lookup(space, rcv_name);
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
	if (fast->dest->ip_pset != NULL) {
		fast->source = &fast->dest->ip_pset->ips_object;
		spin_lock(&fast->source->o_lock);
	}
	return true;
}

static always_inline void
fast_unlock(struct fast *fast)
{
	spin_unlock(&fast->wait->o_lock);
	if (fast->source != &fast->dest->ip_object)
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
	return port->ip_pset == NULL && port->ip_msgcount == 0 && port->ip_sonce_owed == 0;
}

/* A user's mach_msg, or kernel code that awaits the answer to a request. */
static always_inline bool
form_is_fit(uint32_t form, enum kind kind)
{
	return form == IPC_RECEIVE_USER || (kind == KIND_REPLY && form == IPC_RECEIVE_ANSWER);
}

/*
 * Does a fitting receiver wait for this message, and may it have the CPU?
 * That one waits implies that the port is alive and its queue empty.
 */
static always_inline bool
fast_judge(struct fast *fast, enum kind kind)
{
	struct list *node = fast->source->o_receivers.next;
	struct ipc_thread *to;

	if (unlikely(node == &fast->source->o_receivers))
		return no(IPC_COUNT_NO_RECEIVER);
	to = (struct ipc_thread *)(void *)list_entry(node, struct waiter, w_link);
	if (unlikely(!form_is_fit(to->ith_form, kind)))
		return no(IPC_COUNT_NO_FORM);
	if (unlikely(to->ith_rcv_size < fast->size))
		return no(IPC_COUNT_NO_ROOM);
	if (unlikely(!wait_is_empty(fast, kind)))
		return no(IPC_COUNT_NO_QUEUE);
	fast->to = to;
	if (unlikely(!waiter_may_handoff(&to->ith_waiter)))
		return no(IPC_COUNT_NO_PRIORITY);
	/* Its wait may have ended by itself just now. */
	if (unlikely(!waiter_claim_fast(&to->ith_waiter)))
		return no(IPC_COUNT_NO_RECEIVER);
	list_remove(&to->ith_waiter.w_link);
	return true;
}

/* -- Beyond the point of no return -------------------------------------------------- */

/* What the receiver sees, but the reply port. Locks: dest. */
static always_inline void
fast_header(struct fast *fast, enum kind kind)
{
	mach_msg_header_t *header = fast->header;
	struct ipc_port *dest = fast->dest;
	uint32_t type = kind == KIND_REPLY ? MACH_MSG_TYPE_PORT_SEND_ONCE : MACH_MSG_TYPE_PORT_SEND;

	header->msgh_protected_payload = dest->ip_receiver_name;
	if (unlikely(dest->ip_object.o_has_payload)) {
		type = MACH_MSG_TYPE_PROTECTED_PAYLOAD;
		header->msgh_protected_payload = dest->ip_payload;
	}
	header->msgh_bits = MACH_MSGH_BITS(0, type);
	header->msgh_size = fast->size;
	header->msgh_remote_slot = MACH_PORT_NAME_NULL;
	header->msgh_seqno = dest->ip_seqno++;
}

/* Rights; then self is a receiver as any other. Locks: all. */
static always_inline void
fast_commit(struct fast *fast, enum kind kind, struct ipc_space *space)
{
	struct ipc_thread *self = fast->self, *to = fast->to;

	if (kind == KIND_CALL) {
		ipc_port_of(fast->wait)->ip_sorights++;
		ipc_object_reference(fast->wait);
	} else if (kind == KIND_REPLY) {
		fast->dest->ip_sorights--;
		ipc_entry_free_fast(space, fast->dest_entry);
	}
	fast_header(fast, kind);
	self->ith_object = fast->wait;
	ipc_object_reference(fast->wait);
	list_insert_tail(&fast->wait->o_receivers, &self->ith_waiter.w_link);
	waiter_prepare_fast(&self->ith_waiter);
	to->ith_form = IPC_RECEIVE_FAST;
	to->ith_result = MACH_MSG_SUCCESS;
	to->ith_msize = fast->size;
}

/* The receiver cannot be told the reply right's name. */
static __attribute__((noinline, cold)) void
fast_no_address(struct fast *fast, kern_return_t kr)
{
	fast->to->ith_msize = sizeof(*fast->header);
	fast->to->ith_result = MACH_RCV_HEADER_ERROR |
	    (kr == KERN_NO_SPACE ? MACH_MSG_IPC_SPACE : MACH_MSG_IPC_KERNEL);
	ipc_port_release_sonce(ipc_port_of(fast->wait));
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
		fast->header->msgh_remote_slot = entry->ie_name;
		fast->header->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, 0) |
		    (fast->header->msgh_bits & MACH_MSGH_BITS_LOCAL_MASK);
	}
	spin_unlock(&space->is_lock);
	if (unlikely(kr != KERN_SUCCESS))
		fast_no_address(fast, kr);
}

/* Is it a message to the kernel? A hint until the port is locked. */
static always_inline bool
dest_is_kernel(const struct fast *fast)
{
	return fast->dest->ip_object.o_kind != 0 && fast->dest->ip_receiver == &ipc_space_kernel;
}

/*
 * The whole path for one kind. Comes back if the answer is no, or if the
 * kernel itself answered.
 */
static always_inline mach_msg_return_t
fast_path(struct fast *fast, enum kind kind, mach_port_name_t rcv_name)
{
	struct ipc_space *space = fast->self->ith_space;

	spin_lock(&space->is_lock);
	if (unlikely(!fast_find(fast, kind, space, rcv_name))) {
		spin_unlock(&space->is_lock);
		return MACH_MSG_DECLINED;
	}
	if (kind == KIND_CALL && unlikely(dest_is_kernel(fast)))
		return mach_msg_short(
		    fast->self, fast->header, fast->size, fast->dest, ipc_port_of(fast->wait));
	if (unlikely(!fast_lock(fast, kind))) {
		spin_unlock(&space->is_lock);
		return MACH_MSG_DECLINED;
	}
	if (unlikely(!fast_judge(fast, kind))) {
		fast_unlock(fast);
		spin_unlock(&space->is_lock);
		return MACH_MSG_DECLINED;
	}
	fast_commit(fast, kind, space);
	fast_unlock(fast);
	spin_unlock(&space->is_lock);
	if (kind == KIND_CALL)
		fast_address(fast);
	else if (kind == KIND_REPLY)
		ipc_port_release(fast->dest); /* the used up right's */
	ipc_count(IPC_COUNT_HANDOFF);
	waiter_handoff(&fast->self->ith_waiter, &fast->to->ith_waiter, mach_msg_receive_continue);
}

/* One function per kind, so that each has its registers to itself. */
#define FAST_KIND(function, kind, local_name)                                                      \
	static __attribute__((noinline)) mach_msg_return_t function(struct ipc_thread *self,       \
	    mach_msg_header_t *header, uint32_t size, mach_port_name_t rcv_name)                   \
	{                                                                                          \
		struct fast fast;                                                                  \
                                                                                                   \
		if (unlikely(header->msgh_local_port != (local_name))) {                           \
			ipc_count(IPC_COUNT_NO_DISPOSITION);                                       \
			return MACH_MSG_DECLINED;                                                  \
		}                                                                                  \
		fast.self = self;                                                                  \
		fast.header = header;                                                              \
		fast.size = size;                                                                  \
		return fast_path(&fast, kind, rcv_name);                                           \
	}

FAST_KIND(fast_call, KIND_CALL, rcv_name)
FAST_KIND(fast_reply, KIND_REPLY, MACH_PORT_NAME_NULL)
FAST_KIND(fast_note, KIND_NOTE, MACH_PORT_NAME_NULL)

/*
 * Try a combined send and receive. MACH_MSG_DECLINED if nothing at all has
 * happened; but what the thread would receive with is noted already, which
 * the buffered path does again.
 */
static always_inline mach_msg_return_t
fast_try(uint64_t msg, uint32_t size, uint32_t rcv_size, mach_port_name_t rcv_name)
{
	struct ipc_thread *self = ipc_thread_current();
	mach_msg_header_t *header = &scratch[cpu_number()].header;
	uint32_t kind;

	self->ith_msg = msg;
	self->ith_rcv_size = rcv_size;
	self->ith_option = MACH_RCV_MSG;
	self->ith_form = IPC_RECEIVE_USER;
	self->ith_rcv_name = rcv_name;
	if (unlikely(!copyin_resident(msg, header, size))) {
		ipc_count(IPC_COUNT_NO_DATA);
		return MACH_MSG_DECLINED;
	}
	kind = header->msgh_bits & KIND_MASK;
	if (kind == KIND_CALL)
		return fast_call(self, header, size, rcv_name);
	if (kind == KIND_REPLY)
		return fast_reply(self, header, size, rcv_name);
	if (kind == KIND_NOTE)
		return fast_note(self, header, size, rcv_name);
	ipc_count(kind & MACH_MSGH_BITS_COMPLEX ? IPC_COUNT_NO_COMPLEX : IPC_COUNT_NO_DISPOSITION);
	return MACH_MSG_DECLINED;
}

/* Both halves, nothing special, and the transport is allowed. */
static always_inline bool
fast_wanted(uint32_t option)
{
	return (option & ~(uint32_t)(MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT)) ==
	    (MACH_SEND_MSG | MACH_RCV_MSG) &&
	    (atomic_load_explicit(&ipc_transports, memory_order_relaxed) & PORTOLAN_IPC_HANDOFF);
}

static always_inline bool
fast_fits(uint32_t size)
{
	return size - sizeof(mach_msg_header_t) <= MACH_MSG_FAST_MAX - sizeof(mach_msg_header_t) &&
	    size % 8 == 0;
}

mach_msg_return_t
mach_msg_syscall(uint64_t msg, uint32_t option, uint32_t send_size, uint32_t rcv_size,
    mach_port_name_t rcv_name, mach_msg_timeout_t timeout, mach_port_name_t notify)
{
	mach_msg_return_t mr;

	if (likely(fast_wanted(option))) {
		if (likely(fast_fits(send_size))) {
			mr = fast_try(msg, send_size, rcv_size, rcv_name);
			if (mr != MACH_MSG_DECLINED)
				return mr;
		} else {
			ipc_count(IPC_COUNT_NO_SIZE);
		}
	} else {
		ipc_count(IPC_COUNT_NO_OPTION);
	}
	return mach_msg_buffered(msg, option, send_size, rcv_size, rcv_name, timeout, notify);
}

/* -- The receiver --------------------------------------------------------------------- */

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
	memcpy(copy, &scratch[cpu_number()], size);
	return copyout(copy, msg, size);
}

static always_inline _Noreturn void
fast_finish(struct ipc_thread *self)
{
	struct ipc_object *object = self->ith_object;
	uint32_t size = self->ith_msize;

	self->ith_form = IPC_RECEIVE_NONE;
	self->ith_object = NULL;
	ipc_object_release(object);
	if (unlikely(!copyout_resident(&scratch[cpu_number()], self->ith_msg, size)) &&
	    !finish_faulting(self->ith_msg, size))
		trap_return(MACH_RCV_INVALID_DATA);
	trap_return((uint32_t)self->ith_result);
}

void
mach_msg_receive_continue(struct waiter *waiter)
{
	struct ipc_thread *self = (struct ipc_thread *)(void *)waiter;

	if (likely(self->ith_form == IPC_RECEIVE_FAST))
		fast_finish(self);
	mach_msg_buffered_continue(self);
}
