/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_fast -- one mach_msg hands its message and its CPU to a thread
 * that waits for it, and waits itself.
 *
 *	fast_read       the message, into this CPU's scratch; tests on it alone
 *	fast_find       names to objects, in the caller's space
 *	fast_judge      objects locked: does somebody wait, may we wait
 *	-- waiter_claim: the point of no return --
 *	fast_commit     count, make and use up rights; wait; unlock
 *	fast_address    the reply right's name in the receiver's space
 *	waiter_handoff  -> mach_msg_fast_finish in the receiver's context
 *
 * Up to the claim nothing is changed, and any "no" leaves the call to the
 * buffered path. After it nothing fails but the making of the reply's name,
 * which then ends as it does in the buffered path: header error, reply right
 * destroyed. No kernel memory is taken: the CPU's scratch is the receiver's
 * until it has copied it out, for the kernel neither waits nor lets another
 * thread run in between. If the receiver's buffer needs a page fault served,
 * the message moves to its stack first.
 *
 * Net effects are applied, not each step: a COPY_SEND destination right would
 * be counted at copyin and uncounted at copyout, so it is left alone.
 */
#include "mach_msg_fast.h"

#include <kern/assert.h>
#include <kern/copyio.h>
#include <kern/cpu_number.h>
#include <kern/string.h>

#include "ipc_mqueue.h"
#include "ipc_port.h"
#include "ipc_pset.h"
#include "ipc_space.h"
#include "mach_msg.h"

#define always_inline inline __attribute__((always_inline))

struct scratch {
	mach_msg_header_t header;
	char body[MACH_MSG_FAST_MAX - sizeof(mach_msg_header_t)];
} __attribute__((aligned(64)));

static struct scratch scratch[KERN_CPUS];

struct fast {
	struct ipc_thread *self;
	struct ipc_space *space;	/* self's, locked by fast_find */
	mach_msg_header_t *header;	/* of the scratch */
	struct ipc_entry *dest_entry;
	struct ipc_port *dest;
	struct ipc_object *source;	/* dest, or the set it is in */
	struct ipc_object *wait;	/* where self will receive */
	struct ipc_thread *to;		/* the waiting receiver */
	struct ipc_space *to_space;
	bool call;			/* a send-once reply right goes along */
	bool reply;			/* sent to a send-once right */
};

static always_inline bool
no(enum ipc_counter reason)
{
	ipc_count(reason);
	return false;
}

/* -- Tests on the message alone ------------------------------------------------ */

#define BITS_CALL   MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define BITS_REPLY  MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0)
#define BITS_NOTE   MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0)
#define BITS_OURS   (MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS_PORTS_MASK)

static always_inline bool
fast_read(struct fast *fast, uint64_t msg, uint32_t size)
{
	uint32_t bits;

	if (size > MACH_MSG_FAST_MAX || size < sizeof(*fast->header) ||
	    size % 8 != 0)
		return no(IPC_COUNT_NO_SIZE);
	fast->header = &scratch[cpu_number()].header;
	if (!copyin_resident(msg, fast->header, size))
		return no(IPC_COUNT_NO_DATA);
	bits = fast->header->msgh_bits & BITS_OURS;
	fast->call = bits == BITS_CALL;
	fast->reply = bits == BITS_REPLY;
	if (fast->call)
		return true;
	if (bits & MACH_MSGH_BITS_COMPLEX)
		return no(IPC_COUNT_NO_COMPLEX);
	if ((!fast->reply && bits != BITS_NOTE) ||
	    fast->header->msgh_local_port != MACH_PORT_NAME_NULL)
		return no(IPC_COUNT_NO_DISPOSITION);
	return true;
}

/* -- Names ------------------------------------------------------------------------ */

/* A name that is a slot, or NULL. Locks: space. */
static always_inline struct ipc_entry *
slot_lookup(struct ipc_space *space, mach_port_name_t name)
{
	uint32_t index = IPC_NAME_INDEX(name);
	struct ipc_entry *entry;

	if (index >= space->is_slots)
		return NULL;
	entry = &space->is_chunks[index >> IPC_ENTRY_CHUNK_SHIFT]
	    [index & (IPC_ENTRY_CHUNK - 1)];
	return entry->ie_name == name ? entry : NULL;
}

/* Destination and place to receive. Locks: space. */
static always_inline bool
fast_find(struct fast *fast, mach_port_name_t rcv_name)
{
	struct ipc_entry *dest, *wait;
	uint32_t types = MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET;

	if (!fast->space->is_active)
		return no(IPC_COUNT_NO_NAME);
	dest = slot_lookup(fast->space, fast->header->msgh_remote_port);
	wait = slot_lookup(fast->space, rcv_name);
	if (dest == NULL || wait == NULL)
		return no(IPC_COUNT_NO_NAME);
	if (!(dest->ie_bits & (fast->reply ? MACH_PORT_TYPE_SEND_ONCE
	    : MACH_PORT_TYPE_SEND)))
		return no(IPC_COUNT_NO_RIGHT);
	if (fast->call) {
		if (fast->header->msgh_local_port != rcv_name)
			return no(IPC_COUNT_NO_DISPOSITION);
		types = MACH_PORT_TYPE_RECEIVE;
	}
	/* A watched send-once name would have to tell of its end. */
	if (!(wait->ie_bits & types) ||
	    (fast->reply && dest->ie_request != NULL))
		return no(IPC_COUNT_NO_RIGHT);
	fast->dest_entry = dest;
	fast->dest = ipc_port_of(dest->ie_object);
	fast->wait = wait->ie_object;
	return true;
}

/* -- Objects ---------------------------------------------------------------------- */

/* Ports in the order of addresses, then at most one set. */
static always_inline bool
fast_lock(struct fast *fast)
{
	struct ipc_object *dest = &fast->dest->ip_object, *wait = fast->wait;

	if (dest == wait)
		return no(IPC_COUNT_NO_RIGHT);
	if (wait->o_is_set || dest < wait)
		spin_lock(&dest->o_lock);
	if (!wait->o_is_set)
		spin_lock(&wait->o_lock);
	if (!wait->o_is_set && dest > wait)
		spin_lock(&dest->o_lock);
	fast->source = dest;
	if (fast->dest->ip_pset != NULL)
		fast->source = &fast->dest->ip_pset->ips_object;
	if (wait->o_is_set && fast->source != dest) {
		spin_unlock(&dest->o_lock);
		return no(IPC_COUNT_NO_RIGHT);
	}
	if (fast->source != dest)
		spin_lock(&fast->source->o_lock);
	if (wait->o_is_set)
		spin_lock(&wait->o_lock);
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
wait_is_empty(struct ipc_object *wait)
{
	struct ipc_port *port = ipc_port_of(wait);

	if (wait->o_is_set)
		return list_empty(&ipc_pset_of(wait)->ips_messages);
	return port->ip_pset == NULL && list_empty(&port->ip_messages) &&
	    port->ip_sonce_owed == 0;
}

/*
 * Does a fitting receiver wait for this message, and may it have the CPU?
 * That one waits implies that the port is alive and its queue empty.
 */
static always_inline bool
fast_judge(struct fast *fast, uint32_t size)
{
	struct list *node = fast->source->o_receivers.next;
	struct ipc_thread *to;

	if (node == &fast->source->o_receivers)
		return no(IPC_COUNT_NO_RECEIVER);
	to = (struct ipc_thread *)(void *)list_entry(node, struct waiter,
	    w_link);
	if (to->ith_form != IPC_RECEIVE_USER ||
	    (to->ith_option & MACH_RCV_NOTIFY))
		return no(IPC_COUNT_NO_FORM);
	if (to->ith_rcv_size < size)
		return no(IPC_COUNT_NO_ROOM);
	if (!wait_is_empty(fast->wait))
		return no(IPC_COUNT_NO_QUEUE);
	if (!waiter_may_handoff(&to->ith_waiter))
		return no(IPC_COUNT_NO_PRIORITY);
	/* Its wait may have ended by itself just now. */
	list_remove(node);
	if (!waiter_claim(&to->ith_waiter, WAIT_OK))
		return no(IPC_COUNT_NO_RECEIVER);
	fast->to = to;
	return true;
}

/* -- Beyond the point of no return -------------------------------------------------- */

/* What the receiver sees in place of the local port. Locks: dest. */
static always_inline void
fast_local(struct fast *fast, uint32_t size)
{
	mach_msg_header_t *header = fast->header;
	struct ipc_port *dest = fast->dest;
	uint32_t type = fast->reply ? MACH_MSG_TYPE_PORT_SEND_ONCE
	    : MACH_MSG_TYPE_PORT_SEND;

	header->msgh_protected_payload = dest->ip_receiver_name;
	if (__builtin_expect(dest->ip_object.o_has_payload, 0)) {
		type = MACH_MSG_TYPE_PROTECTED_PAYLOAD;
		header->msgh_protected_payload = dest->ip_payload;
	}
	header->msgh_bits = MACH_MSGH_BITS(0, type);
	header->msgh_size = size;
	header->msgh_remote_slot = MACH_PORT_NAME_NULL;
	header->msgh_seqno = dest->ip_seqno++;
}

/* Rights, and self becomes a receiver. Locks: all. */
static always_inline void
fast_commit(struct fast *fast, uint64_t msg, uint32_t size, uint32_t rcv_size,
    mach_port_name_t rcv_name)
{
	struct ipc_thread *self = fast->self;

	if (fast->call) {
		ipc_port_of(fast->wait)->ip_sorights++;
		ipc_object_reference(fast->wait);
	} else if (fast->reply) {
		fast->dest->ip_sorights--;
		ipc_entry_free(fast->space, fast->dest_entry);
	}
	fast_local(fast, size);
	self->ith_msg = msg;
	self->ith_rcv_size = rcv_size;
	self->ith_option = MACH_RCV_MSG;
	self->ith_form = IPC_RECEIVE_USER;
	self->ith_object = fast->wait;
	self->ith_rcv_name = rcv_name;
	self->ith_kmsg = NULL;
	ipc_object_reference(fast->wait);
	list_insert_tail(&fast->wait->o_receivers, &self->ith_waiter.w_link);
	waiter_prepare(&self->ith_waiter, true, WAIT_FOREVER);
	fast->to->ith_form = IPC_RECEIVE_FAST;
	fast->to->ith_result = MACH_MSG_SUCCESS;
	fast->to->ith_msize = size;
	fast->to_space = fast->to->ith_space;
}

/* A name for the reply right, or the error that its want makes. */
static always_inline void
fast_address(struct fast *fast)
{
	struct ipc_space *space = fast->to_space;
	struct ipc_entry *entry;
	kern_return_t kr;

	spin_lock(&space->is_lock);
	kr = space->is_active ? ipc_entry_alloc(space, &entry) : KERN_NO_SPACE;
	if (__builtin_expect(kr == KERN_SUCCESS, 1)) {
		entry->ie_bits |= MACH_PORT_TYPE_SEND_ONCE | 1;
		entry->ie_object = fast->wait;
		fast->header->msgh_remote_slot = entry->ie_name;
		fast->header->msgh_bits |= MACH_MSG_TYPE_PORT_SEND_ONCE;
	}
	spin_unlock(&space->is_lock);
	if (__builtin_expect(kr == KERN_SUCCESS, 1))
		return;
	fast->to->ith_msize = sizeof(*fast->header);
	fast->to->ith_result = MACH_RCV_HEADER_ERROR | (kr == KERN_NO_SPACE
	    ? MACH_MSG_IPC_SPACE : MACH_MSG_IPC_KERNEL);
	ipc_port_release_sonce(ipc_port_of(fast->wait));
}

void
mach_msg_fast(uint64_t msg, uint32_t send_size, uint32_t rcv_size,
    mach_port_name_t rcv_name)
{
	struct fast fast;
	bool go = false;

	if (!fast_read(&fast, msg, send_size))
		return;
	fast.self = ipc_thread_current();
	fast.space = fast.self->ith_space;
	spin_lock(&fast.space->is_lock);
	if (fast_find(&fast, rcv_name) && fast_lock(&fast)) {
		go = fast_judge(&fast, send_size);
		if (go)
			fast_commit(&fast, msg, send_size, rcv_size, rcv_name);
		fast_unlock(&fast);
	}
	spin_unlock(&fast.space->is_lock);
	if (!go)
		return;
	if (fast.call)
		fast_address(&fast);
	else if (fast.reply)
		ipc_port_release(fast.dest);	/* the used up right's */
	ipc_count(IPC_COUNT_HANDOFF);
	waiter_handoff(&fast.self->ith_waiter, &fast.to->ith_waiter,
	    mach_msg_receive_continue);
}

/* -- The receiver --------------------------------------------------------------------- */

/* The buffer is not all there: serve faults from a copy of the message, since
 * others may use the scratch meanwhile. */
static __attribute__((noinline)) bool
finish_faulting(uint64_t msg, uint32_t size)
{
	struct scratch copy;

	ipc_count(IPC_COUNT_HANDOFF_UNDONE);
	memcpy(&copy, &scratch[cpu_number()], size);
	return copyout(&copy, msg, size);
}

_Noreturn void
mach_msg_fast_finish(struct ipc_thread *self)
{
	mach_msg_return_t mr = self->ith_result;
	struct ipc_object *object = self->ith_object;

	self->ith_form = IPC_RECEIVE_NONE;
	self->ith_object = NULL;
	ipc_object_release(object);
	if (!copyout_resident(&scratch[cpu_number()], self->ith_msg,
	    self->ith_msize) &&
	    !finish_faulting(self->ith_msg, self->ith_msize))
		mr = MACH_RCV_INVALID_DATA;
	trap_return((uint32_t)mr);
}
