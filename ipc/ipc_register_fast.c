/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_register_fast -- the rendezvous of register IPC: a caller whose server
 * waits in reply_wait, a server whose caller waits in call. Called from the
 * trap entry with the payload in the registers that functions keep for their
 * callers; so it is the receiver's already when these functions come back,
 * and nothing here touches it.
 *
 *	find      names to entries, in the caller's space
 *	lock      destination, and where the caller will wait
 *	judge     does the other side wait in registers, may this side wait
 *	-- waiter_take: the point of no return --
 *	commit    count, make and use up rights; begin to wait
 *	tell      the server: the reply right's name, on behalf of which port
 *	waiter_switch   from here on this is the other thread
 *
 * Up to the taking nothing anybody could see is changed, and a "no" leaves all
 * to ipc_register.c. After it nothing fails: the name for the reply right is
 * one that the server's thread set aside when it last answered.
 */
#include <stdatomic.h>

#include <kern/fast/register.h>
#include <kern/fast/waiter.h>
#include <kern/ipc_trace.h>
#include <kern/rare.h>
#include <mach/portolan.h>

#include "ipc_mqueue.h"
#include "ipc_port.h"
#include "ipc_pset.h"
#include "ipc_register.h"
#include "ipc_space.h"
#include "mach_msg.h"

#define always_inline inline __attribute__((always_inline))
#define likely(x)     __builtin_expect(!!(x), 1)
#define unlikely(x)   __builtin_expect(!!(x), 0)

static always_inline bool
allowed(void)
{
	/* Any time will do; as a byte, tested where it is. */
	__asm__("" : : : "memory");
	return likely(*(const uint8_t *)(const void *)&ipc_transports & PORTOLAN_IPC_REGISTER);
}

/* -- Names ---------------------------------------------------------------------- */

/* What is there for a name that is no slot's. */
static struct ipc_entry nothing;

static struct ipc_entry *
slot_lookup(struct ipc_space *space, mach_port_name_t name)
{
	uint32_t index = IPC_NAME_INDEX(name);
	struct ipc_entry *entry;

	if (index >= space->is_slots)
		return &nothing;
	entry = &space->is_chunks[index >> IPC_ENTRY_CHUNK_SHIFT][index & (IPC_ENTRY_CHUNK - 1)];
	return entry->ie_name == name ? entry : &nothing;
}

/* The thread's hints for these names. Locks: space. */
KERN_RARE static void
hints_renew(struct ipc_thread *self, uint64_t names)
{
	self->ith_dest_hint = slot_lookup(self->ith_space, (mach_port_name_t)names);
	self->ith_wait_hint = slot_lookup(self->ith_space, (mach_port_name_t)(names >> 32));
}

/* The entries of two names, by way of the hints; never NULL. Locks: space. */
static always_inline void
find(struct ipc_thread *self, uint64_t names, struct ipc_entry **destp, struct ipc_entry **waitp)
{
	struct ipc_entry *dest = self->ith_dest_hint, *wait = self->ith_wait_hint;

	if (unlikely(dest->ie_name != (mach_port_name_t)names) ||
	    unlikely(wait->ie_name != (mach_port_name_t)(names >> 32))) {
		hints_renew(self, names);
		dest = self->ith_dest_hint;
		wait = self->ith_wait_hint;
	}
	*destp = dest;
	*waitp = wait;
}

static always_inline bool
holds(const struct ipc_entry *entry, uint32_t types)
{
	return likely(entry->ie_bits & types);
}

/* -- Waiting ---------------------------------------------------------------------- */

/* The oldest receiver, if it waits in this form. Locks: object. */
static always_inline struct ipc_thread *
receiver_of(const struct ipc_object *object, enum ipc_receive_form form)
{
	struct list *node = object->o_receivers.next;
	struct ipc_thread *to =
	    (struct ipc_thread *)(void *)list_entry(node, struct waiter, w_link);

	if (unlikely(node == &object->o_receivers))
		return NULL;
	return likely(to->ith_form == form) ? to : NULL;
}

/* Nothing queued where self will wait, on a port in no set. Locks: port. */
static always_inline bool
port_is_quiet(const struct ipc_port *port)
{
	return likely((port->ip_pending | (uintptr_t)port->ip_pset) == 0);
}

static always_inline bool
pset_is_quiet(const struct ipc_pset *pset)
{
	return likely(list_empty(&pset->ips_messages)) && likely(!pset->ips_owing);
}

/* The thread's wait ends here; off the queue with it. Locks: its object. */
static always_inline bool
take(struct ipc_thread *self, struct ipc_thread *to)
{
	struct list *next, *prev;

	if (unlikely(!waiter_fit(&self->ith_waiter, &to->ith_waiter)) ||
	    unlikely(!waiter_take(&to->ith_waiter)))
		return false;
	next = to->ith_waiter.w_link.next;
	prev = to->ith_waiter.w_link.prev;
	prev->next = next;
	next->prev = prev;
	to->ith_object = NULL;
	return true;
}

/* Locks: object. `references`: for the waiter, and for a right made. */
static always_inline void
wait_on(struct ipc_thread *self, struct ipc_object *object, enum ipc_receive_form form,
    uint32_t references)
{
	self->ith_form = form;
	self->ith_object = object;
	self->ith_option = MACH_RCV_MSG;
	atomic_fetch_add_explicit(&object->o_references, references, memory_order_relaxed);
	list_insert_tail(&object->o_receivers, &self->ith_waiter.w_link);
	waiter_leave(&self->ith_waiter, ipc_register_continue);
}

static always_inline void
object_release(struct ipc_object *object, uint32_t count)
{
	if (unlikely(atomic_fetch_sub_explicit(
			 &object->o_references, count, memory_order_acq_rel) == count))
		ipc_object_release_last(object);
}

/* -- The state of one leg ------------------------------------------------------------ */

struct leg {
	uint64_t names;
	uint64_t label;
	struct ipc_thread *self;
	struct ipc_space *space;
	struct ipc_entry *dest_entry;
	struct ipc_port *dest;
	struct ipc_object *source; /* dest, or the set it is in */
	struct ipc_object *wait;   /* where self will wait */
	struct ipc_thread *to;
};

static always_inline void
leg_begin(struct leg *leg, int32_t trap)
{
	leg->space = leg->self->ith_space;
	(void)trap; /* for the trace */
	IPC_TRACE(ENTRY, (uint32_t)trap, 0);
	spin_lock(&leg->space->is_lock);
}

/* Ports by address; false if they are one. */
static always_inline bool
lock_pair(struct ipc_object *a, struct ipc_object *b)
{
	if (unlikely(a == b))
		return false;
	if (a < b) {
		spin_lock(&a->o_lock);
		spin_lock(&b->o_lock);
	} else {
		spin_lock(&b->o_lock);
		spin_lock(&a->o_lock);
	}
	return true;
}

/* -- Call ----------------------------------------------------------------------------- */

/* Locks: space. */
static always_inline bool
call_find(struct leg *leg, uint64_t names)
{
	struct ipc_thread *self = leg->self;
	struct ipc_entry *dest, *wait;

	find(self, names, &dest, &wait);
	if (!holds(dest, MACH_PORT_TYPE_SEND) || !holds(wait, MACH_PORT_TYPE_RECEIVE))
		return false;
	leg->dest = ipc_port_of(dest->ie_object);
	leg->wait = wait->ie_object;
	return true;
}

/* What the server is told beside label and words. Locks: dest. */
static always_inline void
call_tell(struct leg *leg, struct register_told *told)
{
	struct ipc_port *dest = leg->dest;
	uint32_t bits = MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND);

	told->payload = dest->ip_receiver_name;
	if (unlikely(dest->ip_object.o_has_payload)) {
		bits =
		    MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PROTECTED_PAYLOAD);
		told->payload = dest->ip_payload;
	}
	told->bits_seqno = (uint64_t)dest->ip_seqno++ << 32 | bits;
}

/* The name that the server's thread set aside becomes the reply right's.
 * Nobody else writes to the entry; who looks at it sees the bits last. */
static always_inline mach_port_name_t
call_name(struct leg *leg)
{
	struct ipc_entry *entry = leg->to->ith_spare;

	leg->to->ith_spare = NULL;
	entry->ie_object = leg->wait;
	__atomic_store_n(&entry->ie_bits, MACH_PORT_TYPE_SEND_ONCE | 1, __ATOMIC_RELEASE);
	return entry->ie_name;
}

static always_inline void
call_unlock(struct leg *leg, bool in_set)
{
	spin_unlock(&leg->wait->o_lock);
	if (in_set)
		spin_unlock(&leg->source->o_lock);
	spin_unlock(&leg->dest->ip_object.o_lock);
	spin_unlock(&leg->space->is_lock);
}

/* With everything locked; unlocks it. Comes back if the answer is no. */
static always_inline void
call_rest(struct leg *leg, bool in_set)
{
	struct register_told told = { .label = leg->label };

	leg->to = receiver_of(leg->source, IPC_RECEIVE_REGISTER);
	if (unlikely(leg->to == NULL)) {
		ipc_count(IPC_COUNT_REGISTER_NO_RECEIVER);
		goto refuse;
	}
	if (!port_is_quiet(ipc_port_of(leg->wait))) {
		ipc_count(IPC_COUNT_REGISTER_NO_QUEUE);
		goto refuse;
	}
	if (!take(leg->self, leg->to)) {
		ipc_count(ipc_register_unfit(leg->to));
		goto refuse;
	}
	ipc_port_of(leg->wait)->ip_sorights++;
	call_tell(leg, &told);
	wait_on(leg->self, leg->wait, IPC_RECEIVE_REGISTER_CALL, 2);
	call_unlock(leg, in_set);
	told.name = call_name(leg);
	object_release(leg->source, 1);
	ipc_count(IPC_COUNT_REGISTER_CALL);
	IPC_TRACE(REGISTERS, leg->dest, leg->to);
	register_leave(&leg->self->ith_waiter, &leg->to->ith_waiter, &told);

refuse:
	call_unlock(leg, in_set);
}

/* The same for a port in a set. */
static __attribute__((noinline)) void
call_rest_set(uint64_t names, uint64_t label, struct ipc_thread *self, struct ipc_port *dest,
    struct ipc_object *wait)
{
	struct leg leg = {
		.names = names,
		.label = label,
		.self = self,
		.space = self->ith_space,
		.dest = dest,
		.wait = wait,
	};

	leg.source = &dest->ip_pset->ips_object;
	spin_lock(&leg.source->o_lock);
	call_rest(&leg, true);
	register_call_again(names, label);
}

void
ipc_register_call_fast(
    uint64_t names, uint64_t label, uint64_t unused, uint64_t unused_too, struct ipc_thread *self)
{
	struct leg leg = { .names = names, .label = label, .self = self };

	(void)unused;
	(void)unused_too;
	if (!allowed())
		goto again;
	leg_begin(&leg, PORTOLAN_TRAP_CALL);
	if (!call_find(&leg, names) || !lock_pair(&leg.dest->ip_object, leg.wait)) {
		ipc_count(IPC_COUNT_REGISTER_NO_NAME);
		spin_unlock(&leg.space->is_lock);
		goto again;
	}
	leg.source = &leg.dest->ip_object;
	if (unlikely(leg.dest->ip_pset != NULL)) {
		call_rest_set(names, label, self, leg.dest, leg.wait);
		return;
	}
	call_rest(&leg, false);
again:
	register_call_again(names, label);
}

/* -- Reply and wait -------------------------------------------------------------------- */

/* A send-once right that nobody watches, on a slot. Locks: space. */
static always_inline bool
reply_find(struct leg *leg, uint64_t names)
{
	struct ipc_thread *self = leg->self;
	struct ipc_entry *dest, *wait;

	find(self, names, &dest, &wait);
	if (!holds(dest, MACH_PORT_TYPE_SEND_ONCE) || unlikely(dest->ie_request != NULL))
		return false;
	if (!holds(wait, MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET))
		return false;
	leg->dest_entry = dest;
	leg->dest = ipc_port_of(dest->ie_object);
	leg->wait = wait->ie_object;
	/* A space with chosen names looks for the next name of a slot. */
	return likely(leg->space->is_side_count == 0) &&
	    likely(self->ith_spare_space == leg->space);
}

static always_inline bool
reply_lock(struct leg *leg, bool on_set)
{
	if (!on_set)
		return lock_pair(leg->source, leg->wait);
	spin_lock(&leg->source->o_lock);
	spin_lock(&leg->wait->o_lock);
	return true;
}

/* The used up name is set aside for the next reply right. Locks: space. */
static always_inline void
reply_keep_name(struct leg *leg)
{
	struct ipc_entry *entry = leg->dest_entry;

	entry->ie_bits = IPC_ENTRY_SPARE;
	entry->ie_name = (entry->ie_name + IPC_NAME_GENERATION) & IPC_NAME_MASK;
	leg->self->ith_spare = entry;
}

static always_inline void
reply_unlock(struct leg *leg)
{
	spin_unlock(&leg->wait->o_lock);
	spin_unlock(&leg->source->o_lock);
	spin_unlock(&leg->space->is_lock);
}

/* Membership in a set changes under the lock of the space that receives, and
 * the port's; a caller does not wait on a member. Comes back if the answer is
 * no. */
static always_inline void
reply_rest(struct leg *leg, bool on_set)
{
	struct register_told told = { .label = leg->label };

	leg->to = receiver_of(leg->source, IPC_RECEIVE_REGISTER_CALL);
	if (unlikely(leg->to == NULL)) {
		ipc_count(IPC_COUNT_REGISTER_NO_RECEIVER);
		goto refuse;
	}
	if (on_set ? !pset_is_quiet(ipc_pset_of(leg->wait))
		   : !port_is_quiet(ipc_port_of(leg->wait))) {
		ipc_count(IPC_COUNT_REGISTER_NO_QUEUE);
		goto refuse;
	}
	if (!take(leg->self, leg->to)) {
		ipc_count(ipc_register_unfit(leg->to));
		goto refuse;
	}
	leg->dest->ip_sorights--;
	leg->dest->ip_seqno++;
	reply_keep_name(leg);
	wait_on(leg->self, leg->wait, IPC_RECEIVE_REGISTER, 1);
	reply_unlock(leg);
	object_release(leg->source, 2);
	ipc_count(IPC_COUNT_REGISTER_REPLY);
	IPC_TRACE(REGISTERS, leg->dest, leg->to);
	register_leave(&leg->self->ith_waiter, &leg->to->ith_waiter, &told);

refuse:
	reply_unlock(leg);
}

static __attribute__((noinline)) void
reply_again(uint64_t names, uint64_t label, struct ipc_thread *self)
{
	register_reply_again(names, label, self->ith_msg, self->ith_rcv_size);
}

/* The same for a server that waits on a set. */
static __attribute__((noinline)) void
reply_rest_set(uint64_t names, uint64_t label, struct ipc_thread *self,
    struct ipc_entry *dest_entry, struct ipc_object *wait)
{
	struct leg leg = {
		.names = names,
		.label = label,
		.self = self,
		.space = self->ith_space,
		.dest_entry = dest_entry,
		.wait = wait,
	};

	leg.dest = ipc_port_of(dest_entry->ie_object);
	leg.source = &leg.dest->ip_object;
	(void)reply_lock(&leg, true);
	reply_rest(&leg, true);
	reply_again(names, label, self);
}

void
ipc_register_reply_fast(
    uint64_t names, uint64_t label, uint64_t msg, uint64_t size, struct ipc_thread *self)
{
	struct leg leg = { .names = names, .label = label, .self = self };

	/* Self does not wait yet: nobody looks. */
	self->ith_msg = msg;
	self->ith_rcv_size = (uint32_t)size;
	if (!allowed())
		goto again;
	leg_begin(&leg, PORTOLAN_TRAP_REPLY_WAIT);
	if (!reply_find(&leg, names))
		goto no_names;
	leg.source = &leg.dest->ip_object;
	if (unlikely(leg.wait->o_is_set)) {
		reply_rest_set(names, label, self, leg.dest_entry, leg.wait);
		return;
	}
	if (!reply_lock(&leg, false))
		goto no_names;
	reply_rest(&leg, false);
	goto again;

no_names:
	/* The first wait of a server has nothing to answer. */
	if ((mach_port_name_t)names != MACH_PORT_NAME_NULL)
		ipc_count(IPC_COUNT_REGISTER_NO_NAME);
	spin_unlock(&leg.space->is_lock);
again:
	reply_again(names, label, self);
}
