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

static const struct ipc_register_done no = { 0, 0 };

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
take(struct ipc_thread *to)
{
	struct list *next, *prev;

	if (unlikely(!waiter_fit(&to->ith_waiter)) || unlikely(!waiter_take(&to->ith_waiter)))
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
	leg->self = ipc_thread_current();
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
static always_inline uint64_t
call_tell(struct leg *leg, struct ipc_register_told *told)
{
	struct ipc_port *dest = leg->dest;

	told->seqno = dest->ip_seqno++;
	told->bits = MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND);
	if (likely(!dest->ip_object.o_has_payload))
		return dest->ip_receiver_name;
	told->bits = MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PROTECTED_PAYLOAD);
	return dest->ip_payload;
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

/* With everything locked; unlocks it. */
static always_inline struct ipc_register_done
call_rest(struct leg *leg, struct ipc_register_told *told, bool in_set)
{
	struct ipc_register_done done;

	leg->to = receiver_of(leg->source, IPC_RECEIVE_REGISTER);
	if (unlikely(leg->to == NULL)) {
		ipc_count(IPC_COUNT_REGISTER_NO_RECEIVER);
		goto refuse;
	}
	if (!port_is_quiet(ipc_port_of(leg->wait))) {
		ipc_count(IPC_COUNT_REGISTER_NO_QUEUE);
		goto refuse;
	}
	if (!take(leg->to)) {
		ipc_count(ipc_register_unfit(leg->to));
		goto refuse;
	}
	ipc_port_of(leg->wait)->ip_sorights++;
	done.payload = call_tell(leg, told);
	wait_on(leg->self, leg->wait, IPC_RECEIVE_REGISTER_CALL, 2);
	call_unlock(leg, in_set);
	done.name = call_name(leg);
	object_release(leg->source, 1);
	ipc_count(IPC_COUNT_REGISTER_CALL);
	IPC_TRACE(REGISTERS, leg->dest, leg->to);
	waiter_switch(&leg->self->ith_waiter, &leg->to->ith_waiter);
	IPC_TRACE(RETURN, 0, 0);
	return done;

refuse:
	call_unlock(leg, in_set);
	return no;
}

/* The same for a port in a set. What it is given travels in registers. */
static __attribute__((noinline)) struct ipc_register_done
call_rest_set(struct ipc_thread *self, struct ipc_space *space, struct ipc_port *dest,
    struct ipc_object *wait, struct ipc_register_told *told)
{
	struct leg leg = { .self = self, .space = space, .dest = dest, .wait = wait };

	leg.source = &dest->ip_pset->ips_object;
	spin_lock(&leg.source->o_lock);
	return call_rest(&leg, told, true);
}

struct ipc_register_done
ipc_register_call_fast(uint64_t names, struct ipc_register_told *told)
{
	struct leg leg;

	if (!allowed())
		return no;
	leg_begin(&leg, PORTOLAN_TRAP_CALL);
	if (!call_find(&leg, names) || !lock_pair(&leg.dest->ip_object, leg.wait)) {
		ipc_count(IPC_COUNT_REGISTER_NO_NAME);
		spin_unlock(&leg.space->is_lock);
		return no;
	}
	leg.source = &leg.dest->ip_object;
	if (unlikely(leg.dest->ip_pset != NULL))
		return call_rest_set(leg.self, leg.space, leg.dest, leg.wait, told);
	return call_rest(&leg, told, false);
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
 * the port's; a caller does not wait on a member. */
static always_inline struct ipc_register_done
reply_rest(struct leg *leg, bool on_set)
{
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
	if (!take(leg->to)) {
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
	waiter_switch(&leg->self->ith_waiter, &leg->to->ith_waiter);
	IPC_TRACE(RETURN, 0, 0);
	return (struct ipc_register_done) { 1, 0 };

refuse:
	reply_unlock(leg);
	return no;
}

/* The same for a server that waits on a set. */
static __attribute__((noinline)) struct ipc_register_done
reply_rest_set(struct ipc_thread *self, struct ipc_space *space, struct ipc_entry *dest_entry,
    struct ipc_object *wait)
{
	struct leg leg = { .self = self, .space = space, .dest_entry = dest_entry, .wait = wait };

	leg.dest = ipc_port_of(dest_entry->ie_object);
	leg.source = &leg.dest->ip_object;
	(void)reply_lock(&leg, true);
	return reply_rest(&leg, true);
}

struct ipc_register_done
ipc_register_reply_fast(uint64_t names, uint64_t msg, uint64_t size)
{
	struct leg leg;

	if (!allowed())
		return no;
	leg_begin(&leg, PORTOLAN_TRAP_REPLY_WAIT);
	/* Self does not wait yet: nobody looks. */
	leg.self->ith_msg = msg;
	leg.self->ith_rcv_size = (uint32_t)size;
	if (!reply_find(&leg, names))
		goto no_names;
	leg.source = &leg.dest->ip_object;
	if (unlikely(leg.wait->o_is_set))
		return reply_rest_set(leg.self, leg.space, leg.dest_entry, leg.wait);
	if (!reply_lock(&leg, false))
		goto no_names;
	return reply_rest(&leg, false);

no_names:
	/* The first wait of a server has nothing to answer. */
	if ((mach_port_name_t)names != MACH_PORT_NAME_NULL)
		ipc_count(IPC_COUNT_REGISTER_NO_NAME);
	spin_unlock(&leg.space->is_lock);
	return no;
}
