/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_mqueue -- see ipc_mqueue.h.
 *
 * Whoever makes something possible does it for the waiter: a sender gives its
 * message to the waiting receiver, a receiver that makes room puts the oldest
 * waiting sender's message into the queue. So the woken thread has nothing to
 * compete for, and first come is first served.
 */
#include "ipc_mqueue.h"

#include <kern/assert.h>
#include <kern/ipc_trace.h>

#include "ipc_kobject.h"
#include "ipc_notify.h"
#include "ipc_register.h"
#include "ipc_space.h"
#include "mach_msg.h"

static struct ipc_thread *
thread_of_link(struct list *node)
{
	return (struct ipc_thread *)(void *)list_entry(node, struct waiter, w_link);
}

static void
object_lock(struct ipc_object *object)
{
	spin_lock(&object->o_lock);
}

static void
object_unlock(struct ipc_object *object)
{
	spin_unlock(&object->o_lock);
}

/* -- Delivery --------------------------------------------------------------- */

static bool
receiver_has_room(const struct ipc_thread *thread, const struct ipc_kmsg *kmsg)
{
	return !(thread->ith_option & MACH_RCV_LARGE) ||
	    kmsg->km_header.mh_size <= thread->ith_rcv_size;
}

/* End a receiver's wait with a result; false: its wait is over already. */
static bool
receiver_wake(struct ipc_thread *thread, mach_msg_return_t result)
{
	if (!waiter_claim(&thread->ith_waiter, WAIT_OK))
		return false;
	thread->ith_result = result;
	waiter_go(&thread->ith_waiter);
	return true;
}

/* How a receiver that got its message comes to run. */
enum wake {
	WAKE_NOW,
	WAKE_HANDOFF, /* see IPC_SEND_HANDOFF */
};

static void
receiver_run(struct ipc_thread *thread, enum wake wake)
{
	struct ipc_thread *self = ipc_thread_current();

	if (wake == WAKE_HANDOFF && self->ith_wake == NULL &&
	    waiter_may_handoff(&thread->ith_waiter))
		self->ith_wake = thread;
	else
		waiter_go(&thread->ith_waiter);
	IPC_TRACE(WAKEUP, thread, self->ith_wake == thread);
}

void
ipc_mqueue_wake_left(struct ipc_thread *self)
{
	struct ipc_thread *thread = self->ith_wake;

	self->ith_wake = NULL;
	if (thread != NULL)
		waiter_go(&thread->ith_waiter);
}

static bool
receiver_give(
    struct ipc_thread *thread, struct ipc_port *port, struct ipc_kmsg *kmsg, enum wake wake)
{
	if (!waiter_claim(&thread->ith_waiter, WAIT_OK))
		return false;
	ipc_kmsg_uncharge(kmsg);
	ipc_kmsg_take(kmsg, port);
	thread->ith_kmsg = kmsg;
	thread->ith_result = MACH_MSG_SUCCESS;
	IPC_TRACE(DELIVER, port, thread);
	receiver_run(thread, wake);
	return true;
}

/* Give the message to the oldest receiver that can take it. Locks: port, and
 * the set if object is one. */
static bool
object_deliver(
    struct ipc_object *object, struct ipc_port *port, struct ipc_kmsg *kmsg, enum wake wake)
{
	struct ipc_thread *thread;
	struct list *node;

	ipc_stand_end(object);
	while ((node = list_pop(&object->o_receivers)) != NULL) {
		thread = thread_of_link(node);
		if (receiver_has_room(thread, kmsg)) {
			if (receiver_give(thread, port, kmsg, wake))
				return true;
			continue;
		}
		thread->ith_msize = kmsg->km_header.mh_size;
		(void)receiver_wake(thread, MACH_RCV_TOO_LARGE);
	}
	return false;
}

/* TOUR: set-1 */
void
ipc_mqueue_enqueue_locked(struct ipc_port *port, struct ipc_kmsg *kmsg)
{
	IPC_TRACE(ENQUEUE, port, kmsg);
	list_insert_tail(&port->ip_messages, &kmsg->km_link);
	port->ip_msgcount++;
	if (port->ip_pset != NULL)
		list_insert_tail(&port->ip_pset->ips_messages, &kmsg->km_set_link);
}

/* Deliver or queue. Locks: port. */
static void
port_accept(struct ipc_port *port, struct ipc_kmsg *kmsg, enum wake wake)
{
	struct ipc_pset *pset = port->ip_pset;

	if (pset == NULL) {
		if (!object_deliver(&port->ip_object, port, kmsg, wake))
			ipc_mqueue_enqueue_locked(port, kmsg);
		return;
	}
	ipc_pset_lock(pset);
	if (!object_deliver(&pset->ips_object, port, kmsg, wake))
		ipc_mqueue_enqueue_locked(port, kmsg);
	ipc_pset_unlock(pset);
}

void
ipc_mqueue_join_locked(struct ipc_port *port, struct ipc_pset *pset)
{
	struct list *node, *next;
	struct ipc_kmsg *kmsg;

	list_for_each_safe(&port->ip_messages, node, next) {
		kmsg = list_entry(node, struct ipc_kmsg, km_link);
		list_remove(&kmsg->km_link);
		if (object_deliver(&pset->ips_object, port, kmsg, WAKE_NOW)) {
			port->ip_msgcount--;
			continue;
		}
		list_insert_before(next, &kmsg->km_link);
		list_insert_tail(&pset->ips_messages, &kmsg->km_set_link);
	}
}

/* -- Sending ---------------------------------------------------------------- */

/* A limit of 0 is accepted, but one message must fit for any to pass. So a
 * full port has messages, and one on which a receiver waits is not full. */
static bool
port_has_room(const struct ipc_port *port)
{
	return port->ip_msgcount < port->ip_qlimit || port->ip_msgcount == 0;
}

bool
ipc_mqueue_has_room_locked(const struct ipc_port *port)
{
	return port_has_room(port) && list_empty(&port->ip_senders);
}

void
ipc_mqueue_room_locked(struct ipc_port *port)
{
	struct ipc_thread *thread;
	struct ipc_kmsg *kmsg;
	struct list *node;

	while (port_has_room(port) && (node = list_pop(&port->ip_senders)) != NULL) {
		thread = thread_of_link(node);
		if (!waiter_claim(&thread->ith_waiter, WAIT_OK))
			continue;
		kmsg = thread->ith_kmsg;
		thread->ith_kmsg = NULL;
		port_accept(port, kmsg, WAKE_NOW);
		waiter_go(&thread->ith_waiter);
	}
}

void
ipc_mqueue_wake_senders_locked(struct ipc_port *port)
{
	struct ipc_thread *thread;
	struct list *node;

	while ((node = list_pop(&port->ip_senders)) != NULL) {
		thread = thread_of_link(node);
		if (waiter_claim(&thread->ith_waiter, WAIT_RESTART))
			waiter_go(&thread->ith_waiter);
	}
}

/* Unlink a thread whose wait ended by itself. */
static void
sender_unlink(struct ipc_thread *self, struct ipc_port *port)
{
	ipc_port_lock(port);
	list_remove(&self->ith_waiter.w_link);
	ipc_port_unlock(port);
	self->ith_kmsg = NULL;
}

/* Wait for room. Locks: port, released. */
static mach_msg_return_t
port_wait_for_room(struct ipc_port *port, struct ipc_kmsg *kmsg, mach_msg_option_t option,
    mach_msg_timeout_t timeout)
{
	struct ipc_thread *self = ipc_thread_current();
	bool timed = option & MACH_SEND_TIMEOUT;

	if (timed && timeout == 0) {
		ipc_port_unlock(port);
		return MACH_SEND_TIMED_OUT;
	}
	self->ith_kmsg = kmsg;
	list_insert_tail(&port->ip_senders, &self->ith_waiter.w_link);
	waiter_prepare(&self->ith_waiter, true, timed ? timeout : WAIT_FOREVER);
	ipc_port_unlock(port);
	switch (waiter_block(&self->ith_waiter)) {
	case WAIT_OK:
		return MACH_MSG_SUCCESS;
	case WAIT_RESTART:
		self->ith_kmsg = NULL;
		ipc_kmsg_destroy(kmsg);
		return MACH_MSG_SUCCESS;
	case WAIT_TIMED_OUT:
		sender_unlink(self, port);
		return MACH_SEND_TIMED_OUT;
	case WAIT_INTERRUPTED:
	default:
		sender_unlink(self, port);
		return MACH_SEND_INTERRUPTED;
	}
}

static bool
port_is_kernel_object(const struct ipc_port *port)
{
	return port->ip_receiver == &ipc_space_kernel && port->ip_object.o_kind != IKOT_NONE;
}

mach_msg_return_t
ipc_mqueue_send(struct ipc_kmsg *kmsg, mach_msg_option_t option, mach_msg_timeout_t timeout)
{
	struct ipc_port *port = kmsg->km_header.mh_remote;
	bool limited;

	if (!IPC_PORT_VALID(port) || kmsg->km_circular) {
		ipc_kmsg_destroy(kmsg);
		return MACH_MSG_SUCCESS;
	}
	ipc_port_lock(port);
	if (!ipc_port_active(port)) {
		ipc_port_unlock(port);
		ipc_kmsg_destroy(kmsg);
		return MACH_MSG_SUCCESS;
	}
	if (port_is_kernel_object(port)) {
		ipc_port_unlock(port);
		ipc_kobject_serve(kmsg);
		return MACH_MSG_SUCCESS;
	}
	limited = MACH_MSGH_BITS_REMOTE(kmsg->km_header.mh_bits) == MACH_MSG_TYPE_PORT_SEND &&
	    !(option & MACH_SEND_ALWAYS);
	if (limited && !ipc_mqueue_has_room_locked(port))
		return port_wait_for_room(port, kmsg, option, timeout);
	port_accept(port, kmsg, option & IPC_SEND_HANDOFF ? WAKE_HANDOFF : WAKE_NOW);
	ipc_port_unlock(port);
	ipc_count(IPC_COUNT_BUFFERED_SEND);
	return MACH_MSG_SUCCESS;
}

void
ipc_mqueue_send_always(struct ipc_kmsg *kmsg)
{
	mach_msg_return_t mr = ipc_mqueue_send(kmsg, MACH_SEND_ALWAYS, 0);

	kassert(mr == MACH_MSG_SUCCESS);
}

/* -- Receiving -------------------------------------------------------------- */

/* What `name` receives from, referenced: a port in no set, or a set. Locks:
 * space. */
static mach_msg_return_t
receive_find(struct ipc_space *space, mach_port_name_t name, struct ipc_object **objectp)
{
	struct ipc_entry *entry = space->is_active ? ipc_entry_lookup(space, name) : NULL;

	if (entry == NULL ||
	    !(ipc_entry_type(entry) & (MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET)))
		return MACH_RCV_INVALID_NAME;
	/* Membership changes under the space lock only. */
	if (!entry->ie_object->o_is_set && ipc_port_of(entry->ie_object)->ip_pset != NULL)
		return MACH_RCV_IN_SET;
	*objectp = entry->ie_object;
	ipc_object_reference(*objectp);
	return MACH_MSG_SUCCESS;
}

static struct ipc_kmsg *
port_first(const struct ipc_port *port)
{
	struct list *node = list_first(&port->ip_messages);

	return node == NULL ? NULL : list_entry(node, struct ipc_kmsg, km_link);
}

void
ipc_mqueue_dequeue_locked(struct ipc_port *port, struct ipc_kmsg *kmsg)
{
	IPC_TRACE(DEQUEUE, port, kmsg);
	list_remove(&kmsg->km_link);
	list_remove(&kmsg->km_set_link);
	port->ip_msgcount--;
	ipc_kmsg_take(kmsg, port);
	ipc_count(IPC_COUNT_BUFFERED_RECEIVE);
}

/* The message if it fits. Locks: port (and set). */
static mach_msg_return_t
receive_first(struct ipc_thread *self, struct ipc_port *port, struct ipc_kmsg *kmsg)
{
	if (!receiver_has_room(self, kmsg)) {
		self->ith_msize = kmsg->km_header.mh_size;
		return MACH_RCV_TOO_LARGE;
	}
	ipc_mqueue_dequeue_locked(port, kmsg);
	ipc_kmsg_uncharge(kmsg);
	self->ith_kmsg = kmsg;
	/* No wait, no handoff; and before any sender that finds room now. */
	ipc_mqueue_wake_left(self);
	return MACH_MSG_SUCCESS;
}

/* Nothing there: time out at once or get ready to wait. Locks: object. */
static mach_msg_return_t
receive_wait(struct ipc_thread *self, struct ipc_object *object, mach_msg_timeout_t timeout)
{
	bool timed = self->ith_option & MACH_RCV_TIMEOUT;

	if (timed && timeout == 0)
		return MACH_RCV_TIMED_OUT;
	IPC_TRACE(WAIT, object, 0);
	self->ith_result = MACH_RCV_IN_PROGRESS;
	ipc_stand_end(object);
	list_insert_tail(&object->o_receivers, &self->ith_waiter.w_link);
	waiter_prepare(&self->ith_waiter, true, timed ? timeout : WAIT_FOREVER);
	return MACH_RCV_IN_PROGRESS;
}

/* May this thread receive from the port now? Locks: port. */
static mach_msg_return_t
receive_check_port(const struct ipc_thread *self, const struct ipc_port *port)
{
	bool kernel = self->ith_form == IPC_RECEIVE_KERNEL || self->ith_form == IPC_RECEIVE_ANSWER;
	const struct ipc_space *space = kernel ? &ipc_space_kernel : self->ith_space;

	if (!ipc_port_active(port) || port->ip_receiver != space)
		return MACH_RCV_PORT_DIED;
	if (port->ip_pset != NULL)
		return MACH_RCV_PORT_CHANGED;
	return MACH_MSG_SUCCESS;
}

/* Make the oldest receiver ask again. Locks: object. */
static void
object_ask_again(struct ipc_object *object)
{
	struct list *node;

	ipc_stand_end(object);
	while ((node = list_pop(&object->o_receivers)) != NULL)
		if (receiver_wake(thread_of_link(node), MACH_RCV_INTERRUPTED))
			return;
}

void
ipc_mqueue_owe(struct ipc_port *port)
{
	struct ipc_pset *pset;

	ipc_port_lock(port);
	port->ip_sonce_owed++;
	pset = port->ip_pset;
	if (pset == NULL) {
		object_ask_again(&port->ip_object);
	} else {
		ipc_pset_lock(pset);
		pset->ips_owing = true;
		object_ask_again(&pset->ips_object);
		ipc_pset_unlock(pset);
	}
	ipc_port_unlock(port);
}

/* A send-once notification that found no memory in its time: try again.
 * Locks: port, and its set if it is in one. */
static struct ipc_kmsg *
port_pay_debt(struct ipc_port *port)
{
	struct ipc_kmsg *kmsg = ipc_notify_prepare(port, MACH_NOTIFY_SEND_ONCE);

	if (kmsg == NULL)
		return NULL;
	ipc_port_reference(port);
	port->ip_sonce_owed--;
	ipc_mqueue_enqueue_locked(port, kmsg);
	return kmsg;
}

static mach_msg_return_t
receive_from_port(struct ipc_thread *self, struct ipc_port *port, mach_msg_timeout_t timeout)
{
	struct ipc_kmsg *kmsg;
	mach_msg_return_t mr;

	ipc_port_lock(port);
	mr = receive_check_port(self, port);
	if (mr == MACH_MSG_SUCCESS) {
		kmsg = port_first(port);
		if (kmsg == NULL && port->ip_sonce_owed != 0)
			kmsg = port_pay_debt(port);
		if (kmsg == NULL) {
			mr = receive_wait(self, &port->ip_object, timeout);
		} else {
			mr = receive_first(self, port, kmsg);
			ipc_mqueue_room_locked(port);
		}
	}
	ipc_port_unlock(port);
	return mr;
}

/* The port whose message is the set's oldest, referenced. Locks: set. */
static struct ipc_port *
pset_first_port(struct ipc_pset *pset)
{
	struct list *node = list_first(&pset->ips_messages);
	struct ipc_port *port;

	if (node == NULL)
		return NULL;
	port = list_entry(node, struct ipc_kmsg, km_set_link)->km_header.mh_remote;
	ipc_port_reference(port);
	return port;
}

/*
 * Take the set's oldest message, which was seen on `port`. The port's lock
 * comes before the set's, so things may have changed meanwhile:
 * MACH_RCV_IN_PROGRESS means look again.
 */
static mach_msg_return_t
receive_from_member(struct ipc_thread *self, struct ipc_pset *pset, struct ipc_port *port)
{
	mach_msg_return_t mr = MACH_RCV_IN_PROGRESS;
	struct ipc_kmsg *kmsg;

	ipc_port_lock(port);
	ipc_pset_lock(pset);
	kmsg = port_first(port);
	if (port->ip_pset == pset && kmsg != NULL &&
	    list_first(&pset->ips_messages) == &kmsg->km_set_link)
		mr = receive_first(self, port, kmsg);
	ipc_pset_unlock(pset);
	if (mr == MACH_MSG_SUCCESS)
		ipc_mqueue_room_locked(port);
	ipc_port_unlock(port);
	return mr;
}

/* A member that owes a notification, referenced; NULL: none does. Only after
 * a shortage, so that looking at every member is no matter. Locks: set. */
static struct ipc_port *
pset_owing_port(struct ipc_pset *pset)
{
	struct ipc_port *port;
	struct list *node;

	list_for_each(&pset->ips_members, node) {
		port = list_entry(node, struct ipc_port, ip_set_link);
		if (port->ip_sonce_owed != 0) {
			ipc_port_reference(port);
			return port;
		}
	}
	pset->ips_owing = false;
	return NULL;
}

/* Pay what a member owes, if there is memory. Locks: none. */
static bool
pset_pay_debt(struct ipc_pset *pset)
{
	struct ipc_port *port;
	bool paid = false;

	ipc_pset_lock(pset);
	port = pset_owing_port(pset);
	ipc_pset_unlock(pset);
	if (port == NULL)
		return false;
	ipc_port_lock(port);
	ipc_pset_lock(pset);
	if (port->ip_pset == pset && port->ip_sonce_owed != 0)
		paid = port_pay_debt(port) != NULL;
	ipc_pset_unlock(pset);
	ipc_port_unlock(port);
	ipc_port_release(port);
	return paid;
}

static mach_msg_return_t
receive_from_set(struct ipc_thread *self, struct ipc_pset *pset, mach_msg_timeout_t timeout)
{
	struct ipc_port *port;
	mach_msg_return_t mr;

	do {
		port = NULL;
		/* A hint; looked at again when it is true. */
		if (pset->ips_owing && list_empty(&pset->ips_messages))
			(void)pset_pay_debt(pset);
		ipc_pset_lock(pset);
		if (!pset->ips_object.o_active)
			mr = MACH_RCV_PORT_DIED;
		else if ((port = pset_first_port(pset)) == NULL)
			mr = receive_wait(self, &pset->ips_object, timeout);
		ipc_pset_unlock(pset);
		if (port == NULL)
			return mr;
		mr = receive_from_member(self, pset, port);
		ipc_port_release(port);
	} while (mr == MACH_RCV_IN_PROGRESS);
	return mr;
}

mach_msg_return_t
ipc_mqueue_receive_start(struct ipc_thread *self, mach_msg_timeout_t timeout)
{
	struct ipc_object *object = self->ith_object;

	self->ith_kmsg = NULL;
	return object->o_is_set ? receive_from_set(self, ipc_pset_of(object), timeout)
				: receive_from_port(self, ipc_port_of(object), timeout);
}

mach_msg_return_t
ipc_mqueue_receive_named(struct ipc_thread *self, mach_port_name_t name, mach_msg_timeout_t timeout)
{
	struct ipc_space *space = self->ith_space;
	mach_msg_return_t mr;

	self->ith_object = NULL;
	self->ith_rcv_name = name;
	spin_lock(&space->is_lock);
	mr = receive_find(space, name, &self->ith_object);
	if (mr == MACH_MSG_SUCCESS)
		mr = ipc_mqueue_receive_start(self, timeout);
	spin_unlock(&space->is_lock);
	return mr;
}

mach_msg_return_t
ipc_mqueue_receive_finish(struct ipc_thread *self)
{
	enum wait_result result = self->ith_waiter.w_result;

	if (result == WAIT_OK)
		return self->ith_result;
	object_lock(self->ith_object);
	list_remove(&self->ith_waiter.w_link);
	object_unlock(self->ith_object);
	return result == WAIT_TIMED_OUT ? MACH_RCV_TIMED_OUT : MACH_RCV_INTERRUPTED;
}

mach_msg_return_t
ipc_mqueue_receive(struct ipc_object *object, mach_msg_option_t option, mach_msg_timeout_t timeout,
    struct ipc_kmsg **kmsgp)
{
	struct ipc_thread *self = ipc_thread_current();
	mach_msg_return_t mr;

	self->ith_option = (uint32_t)option;
	self->ith_rcv_size = UINT32_MAX;
	self->ith_form = IPC_RECEIVE_KERNEL;
	self->ith_object = object;
	mr = ipc_mqueue_receive_start(self, timeout);
	if (mr == MACH_RCV_IN_PROGRESS) {
		(void)waiter_block(&self->ith_waiter);
		mr = ipc_mqueue_receive_finish(self);
	}
	self->ith_form = IPC_RECEIVE_NONE;
	self->ith_object = NULL;
	if (mr == MACH_MSG_SUCCESS) {
		*kmsgp = self->ith_kmsg;
		self->ith_kmsg = NULL;
	}
	return mr;
}

void
ipc_mqueue_wake_receivers_locked(struct ipc_object *object, mach_msg_return_t result)
{
	struct list *node;

	ipc_stand_end(object);
	while ((node = list_pop(&object->o_receivers)) != NULL)
		(void)receiver_wake(thread_of_link(node), result);
}
