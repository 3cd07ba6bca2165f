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
 *	register_leave  as the other thread, to user mode
 *
 * Up to the taking nothing anybody could see is changed, and a "no" leaves all
 * to ipc_register.c. After it nothing fails: the name for the reply right is
 * one that the server's thread set aside when it last answered.
 *
 * Each trap has it twice: for two threads that stand where they wait
 * (ipc_register_stand.c), and, called from there, for all others: receivers in
 * lists, those of port sets, and threads that begin to stand.
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
#include "mach_msg_kind.h"

/* -- Names ---------------------------------------------------------------------- */

/* -- Names ---------------------------------------------------------------------- */

/* What is there for a name that is no slot's. */
static struct ipc_entry nothing;

/* The thread's hint for this name. Locks: space. */
KERN_RARE static void
dest_renew(struct ipc_thread *self, uint64_t names)
{
	if (mach_msg_slot_lookup(self->ith_space, (mach_port_name_t)names, &self->ith_dest_hint) ==
	    NULL)
		self->ith_dest_hint = &nothing;
}

/* The entry of the destination, by way of the hint; never NULL. Locks: space. */
static always_inline struct ipc_entry *
dest_find(struct ipc_thread *self, uint64_t names)
{
	if (unlikely(self->ith_dest_hint->ie_name != (mach_port_name_t)names))
		dest_renew(self, names);
	return self->ith_dest_hint;
}

/* Where self will wait if it does not stand there; NULL: not there. Locks:
 * space. */
static struct ipc_object *
wait_find(struct ipc_thread *self, uint64_t names)
{
	struct ipc_entry *entry =
	    hint_lookup(self->ith_space, (mach_port_name_t)(names >> 32), &self->ith_wait_hint);

	if (entry == NULL || !(entry->ie_bits & (MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET)))
		return NULL;
	return entry->ie_object;
}

static always_inline bool
holds(const struct ipc_entry *entry, uint32_t types)
{
	return likely(entry->ie_bits & types);
}

/* Is this the name of where self stands? Good as long as it stands there. */
static always_inline bool
stands_at_name(const struct ipc_object *stand, uint64_t names)
{
	return likely(ipc_object_name(stand) == (mach_port_name_t)(names >> 32));
}

/* Self stands nowhere but there. Locks: none. */
static always_inline void
stand_if_named(struct ipc_thread *self, uint64_t names)
{
	if (self->ith_stand != &ipc_nowhere.ip_object && !stands_at_name(self->ith_stand, names))
		ipc_stand_leave(self);
}

/* -- Waiting ---------------------------------------------------------------------- */

/* Self still stands there, a port, and nothing is queued. Locks: port. */
static always_inline bool
may_stand(const struct ipc_thread *self, const struct ipc_object *wait)
{
	return likely(wait->o_standing == self) &&
	    likely(((const struct ipc_port *)(const void *)wait)->ip_pending == IPC_PENDING_STOOD);
}

/* The thread's wait where it stands ends here. Locks: its port. */
static always_inline bool
take_standing(struct ipc_thread *to, enum waiter_state kind)
{
	return likely(waiter_fit(&to->ith_waiter)) &&
	    likely(waiter_take_from(&to->ith_waiter, kind));
}

/* Locks: port, where self stands. */
static always_inline void
wait_standing(struct ipc_thread *self, enum waiter_state kind)
{
	waiter_leave_as(&self->ith_waiter, ipc_register_continue, kind);
}

/* -- Waiting in lists, and beginning to stand ---------------------------------------- */

static always_inline enum ipc_receive_form
form_of(enum waiter_state kind)
{
	return kind == WAITER_WAITING_SERVER ? IPC_RECEIVE_REGISTER : IPC_RECEIVE_REGISTER_CALL;
}

/* The oldest receiver, if it waits as `kind`. Locks: object. */
static always_inline struct ipc_thread *
receiver_of(const struct ipc_object *object, enum waiter_state kind)
{
	struct list *node = object->o_receivers.next;
	struct ipc_thread *to = object->o_standing;

	if (to != NULL)
		return atomic_load(&to->ith_waiter.w_state) == kind ? to : NULL;
	if (node == &object->o_receivers)
		return NULL;
	to = (struct ipc_thread *)(void *)list_entry(node, struct waiter, w_link);
	return to->ith_form == form_of(kind) ? to : NULL;
}

/* Nothing queued where self will wait, which is a set, or a port in no set.
 * Locks: object. */
static always_inline bool
may_wait(struct ipc_thread *self, struct ipc_object *wait)
{
	const struct ipc_pset *pset = ipc_pset_of(wait);
	const struct ipc_port *port = ipc_port_of(wait);

	/* It stands elsewhere, or there are two of them. */
	if (self->ith_stand != wait && self->ith_stand != &ipc_nowhere.ip_object)
		return false;
	if (wait->o_is_set)
		return list_empty(&pset->ips_messages) && !pset->ips_owing;
	return (port->ip_pending & ~(uint64_t)IPC_PENDING_STOOD) == 0 && port->ip_pset == NULL;
}

/* As take_standing, wherever it waits. Locks: source. */
static always_inline bool
take(struct ipc_object *source, struct ipc_thread *to, enum waiter_state kind)
{
	if (source->o_standing == to)
		return take_standing(to, kind);
	if (!waiter_fit(&to->ith_waiter) || !waiter_take(&to->ith_waiter))
		return false;
	list_unlink(&to->ith_waiter.w_link);
	return true;
}

/* A receiver that was taken has left the list. */
static always_inline void
took(struct ipc_thread *to)
{
	struct ipc_object *object = to->ith_object;

	if (object == NULL)
		return;
	to->ith_object = NULL;
	object_release(object, 1);
}

/* As a receiver in the list. Locks: object. */
static __attribute__((noinline)) void
wait_listed(struct ipc_thread *self, struct ipc_object *object, enum waiter_state kind)
{
	self->ith_form = form_of(kind);
	self->ith_object = object;
	self->ith_option = MACH_RCV_MSG;
	/* The reference is that of its place, if it had one. */
	if (self->ith_stand != object)
		ipc_object_reference(object);
	self->ith_stand = &ipc_nowhere.ip_object;
	ipc_stand_end(object);
	list_insert_tail(&object->o_receivers, &self->ith_waiter.w_link);
	waiter_leave(&self->ith_waiter, ipc_register_continue);
}

/* Nobody waits there. Locks: object. */
KERN_RARE static void
stand(struct ipc_thread *self, struct ipc_object *object)
{
	if (self->ith_stand != object)
		ipc_object_reference(object);
	self->ith_object = NULL;
	self->ith_stand = object;
	object->o_standing = self;
	if (!object->o_is_set)
		ipc_port_of(object)->ip_stood = 1;
}

/* Standing there, if nobody else waits. Locks: object. */
static always_inline void
wait_on(struct ipc_thread *self, struct ipc_object *object, enum waiter_state kind)
{
	if (unlikely(object->o_standing != self)) {
		if (!list_empty(&object->o_receivers) || object->o_standing != NULL) {
			wait_listed(self, object, kind);
			return;
		}
		stand(self, object);
	}
	wait_standing(self, kind);
}

/* -- The state of one leg ------------------------------------------------------------ */

struct leg {
	uint64_t names;
	uint64_t label;
	struct ipc_thread *self;
	struct ipc_space *space; /* its names */
	struct ipc_entry *dest_entry;
	struct ipc_port *dest;
	struct ipc_object *wait; /* where self will wait */
	struct ipc_thread *to;
};

#define LEG(...)                                                                                   \
	(&(struct leg) {                                                                           \
	    .names = names,                                                                        \
	    .label = label,                                                                        \
	    .self = self,                                                                          \
	    .space = self->ith_space,                                                              \
	    __VA_ARGS__,                                                                           \
	})

/* In their order, after the first was taken out of it. A set comes last. */
KERN_RARE static bool
lock_in_order(struct ipc_object *dest, struct ipc_object *wait)
{
	if (dest == wait)
		return false;
	if (dest < wait || wait->o_is_set) {
		spin_lock(&dest->o_lock);
		spin_lock(&wait->o_lock);
	} else {
		spin_lock(&wait->o_lock);
		spin_lock(&dest->o_lock);
	}
	return true;
}

/* A port, and a port or set; false if they are one. */
static always_inline bool
lock_pair(struct ipc_object *dest, struct ipc_object *wait)
{
	spin_lock(&dest->o_lock);
	if (likely(spin_try_lock_beside(&wait->o_lock, &dest->o_lock)))
		return true;
	spin_unlock(&dest->o_lock);
	return lock_in_order(dest, wait);
}

static always_inline void
leg_unlock(const struct leg *leg)
{
	spin_unlock(&leg->wait->o_lock);
	spin_unlock(&leg->dest->ip_object.o_lock);
	/* Not leg->space: registers are few. */
	spin_unlock(&leg->self->ith_space->is_lock);
}

/* Somebody ended its standing: the receive right may be anywhere, its name
 * another space's. Locks: wait. */
static always_inline bool
stood_gone(const struct ipc_thread *self, const struct leg *leg)
{
	return leg->wait->o_standing != self;
}

/* -- Call ----------------------------------------------------------------------------- */

/* What the server is told beside label and words. Locks: dest. */
static always_inline void
call_tell(struct leg *leg, struct register_told *told)
{
	told->bits_seqno = leg->dest->ip_told;
	leg->dest->ip_seqno++;
	told->payload = leg->dest->ip_told_port;
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

/* The reply right. Locks: all. */
static always_inline void
call_commit(struct leg *leg, struct register_told *told)
{
	ipc_port_of(leg->wait)->ip_sorights++;
	ipc_object_reference(leg->wait);
	call_tell(leg, told);
}

static always_inline void
call_leave(struct leg *leg, struct register_told *told)
{
	told->label = leg->label;
	told->name = call_name(leg);
	ipc_count(IPC_COUNT_REGISTER_CALL);
	IPC_TRACE(REGISTERS, leg->dest, leg->to);
	register_leave(&leg->self->ith_waiter, &leg->to->ith_waiter, told);
}

/* With everything locked, wherever the two wait; unlocks it. Comes back if the
 * answer is no. What it is given travels in registers. */
static __attribute__((noinline)) void
call_any(uint64_t names, uint64_t label, struct ipc_thread *self, struct ipc_port *dest,
    struct ipc_object *wait)
{
	struct leg *leg = LEG(.dest = dest, .wait = wait);
	struct ipc_object *source = &dest->ip_object;
	struct register_told told;

	if (dest->ip_pset != NULL) {
		source = &dest->ip_pset->ips_object;
		spin_lock(&source->o_lock);
	}
	leg->to = receiver_of(source, WAITER_WAITING_SERVER);
	if (leg->to == NULL) {
		ipc_count(IPC_COUNT_REGISTER_NO_RECEIVER);
		goto refuse;
	}
	if (!may_wait(self, wait)) {
		ipc_count(IPC_COUNT_REGISTER_NO_QUEUE);
		goto refuse;
	}
	if (!take(source, leg->to, WAITER_WAITING_SERVER)) {
		ipc_count(ipc_register_unfit(leg->to));
		goto refuse;
	}
	call_commit(leg, &told);
	wait_on(self, wait, WAITER_WAITING_CALLER);
	if (source != &dest->ip_object)
		spin_unlock(&source->o_lock);
	leg_unlock(leg);
	took(leg->to);
	call_leave(leg, &told);

refuse:
	if (source != &dest->ip_object)
		spin_unlock(&source->o_lock);
	leg_unlock(leg);
	register_call_again(names, label);
}

/* From the beginning. */
static __attribute__((noinline)) void
call_general(uint64_t names, uint64_t label, struct ipc_thread *self)
{
	struct ipc_space *space = self->ith_space;
	struct ipc_object *wait;
	struct ipc_entry *dest;

	stand_if_named(self, names);
	spin_lock(&space->is_lock);
	dest = dest_find(self, names);
	wait = wait_find(self, names);
	if (!holds(dest, MACH_PORT_TYPE_SEND) || wait == NULL || wait->o_is_set ||
	    !lock_pair(dest->ie_object, wait)) {
		ipc_count(IPC_COUNT_REGISTER_NO_NAME);
		spin_unlock(&space->is_lock);
		register_call_again(names, label);
		return;
	}
	call_any(names, label, self, ipc_port_of(dest->ie_object), wait);
}

void
ipc_register_call_fast(
    uint64_t names, uint64_t label, uint64_t unused, uint64_t unused_too, struct ipc_thread *self)
{
	struct leg *leg = LEG(.wait = self->ith_stand);
	struct ipc_entry *dest;
	struct register_told told;

	(void)unused;
	(void)unused_too;
	IPC_TRACE(ENTRY, (uint32_t)PORTOLAN_TRAP_CALL, 0);
	if (!stands_at_name(leg->wait, names))
		goto general;
	spin_lock(&leg->space->is_lock);
	dest = dest_find(self, names);
	leg->dest = ipc_port_of(dest->ie_object);
	if (!holds(dest, MACH_PORT_TYPE_SEND) || !lock_pair(&leg->dest->ip_object, leg->wait))
		goto general_unlock;
	leg->to = leg->dest->ip_object.o_standing;
	if (unlikely(leg->to == NULL) || !may_stand(self, leg->wait) ||
	    !take_standing(leg->to, WAITER_WAITING_SERVER)) {
		if (stood_gone(self, leg)) {
			leg_unlock(leg);
			goto general;
		}
		call_any(names, label, self, leg->dest, leg->wait);
		return;
	}
	call_commit(leg, &told);
	wait_standing(self, WAITER_WAITING_CALLER);
	leg_unlock(leg);
	call_leave(leg, &told);

general_unlock:
	spin_unlock(&leg->space->is_lock);
general:
	call_general(names, label, self);
}

/* -- Reply and wait -------------------------------------------------------------------- */

/* A send-once right that nobody watches, on a slot. Locks: space. */
static always_inline bool
reply_fits(const struct leg *leg)
{
	return holds(leg->dest_entry, MACH_PORT_TYPE_SEND_ONCE) &&
	    likely(leg->dest_entry->ie_request == NULL) &&
	    /* A space with chosen names looks for the next name of a slot. */
	    likely(leg->space->is_side_count == 0) &&
	    likely(leg->self->ith_spare_space == leg->space);
}

/* The right is used up. Its name is set aside for the next. Locks: all. */
static always_inline void
reply_commit(struct leg *leg)
{
	struct ipc_entry *entry = leg->dest_entry;

	leg->dest->ip_sorights--;
	leg->dest->ip_seqno++;
	entry->ie_bits = IPC_ENTRY_SPARE;
	entry->ie_name = (entry->ie_name + IPC_NAME_GENERATION) & IPC_NAME_MASK;
	leg->self->ith_spare = entry;
}

static always_inline void
reply_leave(struct leg *leg)
{
	struct register_told told = { .label = leg->label };

	object_release(&leg->dest->ip_object, 1);
	ipc_count(IPC_COUNT_REGISTER_REPLY);
	IPC_TRACE(REGISTERS, leg->dest, leg->to);
	register_leave(&leg->self->ith_waiter, &leg->to->ith_waiter, &told);
}

static __attribute__((noinline)) void
reply_again(uint64_t names, uint64_t label, struct ipc_thread *self)
{
	register_reply_again(names, label, self->ith_msg, self->ith_rcv_size);
}

/* As call_any. Membership in a set changes under the lock of the space that
 * receives, and the port's; a caller does not wait on a member. */
static __attribute__((noinline)) void
reply_any(uint64_t names, uint64_t label, struct ipc_thread *self, struct ipc_entry *dest,
    struct ipc_object *wait)
{
	struct leg *leg = LEG(.dest_entry = dest, .wait = wait);

	leg->dest = ipc_port_of(dest->ie_object);
	leg->to = receiver_of(dest->ie_object, WAITER_WAITING_CALLER);
	if (leg->to == NULL) {
		ipc_count(IPC_COUNT_REGISTER_NO_RECEIVER);
		goto refuse;
	}
	if (!may_wait(self, wait)) {
		ipc_count(IPC_COUNT_REGISTER_NO_QUEUE);
		goto refuse;
	}
	if (!take(dest->ie_object, leg->to, WAITER_WAITING_CALLER)) {
		ipc_count(ipc_register_unfit(leg->to));
		goto refuse;
	}
	reply_commit(leg);
	wait_on(self, wait, WAITER_WAITING_SERVER);
	leg_unlock(leg);
	took(leg->to);
	reply_leave(leg);

refuse:
	leg_unlock(leg);
	reply_again(names, label, self);
}

static __attribute__((noinline)) void
reply_general(uint64_t names, uint64_t label, struct ipc_thread *self)
{
	struct leg *leg = LEG(.to = NULL);

	stand_if_named(self, names);
	spin_lock(&leg->space->is_lock);
	leg->dest_entry = dest_find(self, names);
	leg->wait = wait_find(self, names);
	if (!reply_fits(leg) || leg->wait == NULL ||
	    !lock_pair(leg->dest_entry->ie_object, leg->wait)) {
		/* The first wait of a server has nothing to answer. */
		if ((mach_port_name_t)names != MACH_PORT_NAME_NULL)
			ipc_count(IPC_COUNT_REGISTER_NO_NAME);
		spin_unlock(&leg->space->is_lock);
		reply_again(names, label, self);
		return;
	}
	reply_any(names, label, self, leg->dest_entry, leg->wait);
}

void
ipc_register_reply_fast(
    uint64_t names, uint64_t label, uint64_t msg, uint64_t size, struct ipc_thread *self)
{
	struct leg *leg = LEG(.wait = self->ith_stand);

	IPC_TRACE(ENTRY, (uint32_t)PORTOLAN_TRAP_REPLY_WAIT, 0);
	/* Self does not wait yet: nobody looks. */
	self->ith_msg = msg;
	self->ith_rcv_size = (uint32_t)size;
	if (!stands_at_name(leg->wait, names))
		goto general;
	spin_lock(&leg->space->is_lock);
	leg->dest_entry = dest_find(self, names);
	leg->dest = ipc_port_of(leg->dest_entry->ie_object);
	if (!reply_fits(leg) || !lock_pair(&leg->dest->ip_object, leg->wait))
		goto general_unlock;
	leg->to = leg->dest->ip_object.o_standing;
	if (unlikely(leg->to == NULL) || !may_stand(self, leg->wait) ||
	    !take_standing(leg->to, WAITER_WAITING_CALLER)) {
		if (stood_gone(self, leg)) {
			leg_unlock(leg);
			goto general;
		}
		reply_any(names, label, self, leg->dest_entry, leg->wait);
		return;
	}
	reply_commit(leg);
	wait_standing(self, WAITER_WAITING_SERVER);
	leg_unlock(leg);
	reply_leave(leg);

general_unlock:
	spin_unlock(&leg->space->is_lock);
general:
	reply_general(names, label, self);
}
