/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_port -- see ipc_port.h.
 *
 * Destroying a port may destroy queued messages, which may carry receive
 * rights of ports with queues of their own. Messages to destroy therefore go
 * through the thread's reap list (ipc_kmsg.c) and nothing here recurses
 * deeper than one port.
 */
#include "ipc_port.h"

#include <kern/account.h>
#include <kern/assert.h>
#include <kern/mutex.h>
#include <kern/preempt.h>
#include <kern/string.h>
#include <kern/zalloc.h>

#include "ipc_kmsg.h"
#include "ipc_mqueue.h"
#include "ipc_notify.h"
#include "ipc_pset.h"
#include "ipc_right.h"
#include "ipc_space.h"

#define TRANSIT_STEPS 256 /* between preemption points */

static struct zone port_zone;
static struct mutex transit_lock;

void
ipc_port_bootstrap(void)
{
	zone_init(&port_zone, "ipc ports", sizeof(struct ipc_port));
	mutex_init(&transit_lock, LOCK_RANK_TRANSIT);
}

uint64_t
ipc_port_count(void)
{
	return zone_live(&port_zone);
}

/* -- Life ------------------------------------------------------------------ */

struct ipc_object *
ipc_object_alloc(struct zone *zone, size_t size, struct account *account)
{
	struct ipc_object *object;

	if (!account_charge(account, ACCOUNT_PORTS, 1))
		return NULL;
	object = zalloc(zone);
	if (object == NULL) {
		account_uncharge(account, ACCOUNT_PORTS, 1);
		return NULL;
	}
	memset(object, 0, size);
	atomic_store_explicit(&object->o_references, 1, memory_order_relaxed);
	object->o_active = true;
	list_init(&object->o_receivers);
	return object;
}

void
ipc_object_free(struct zone *zone, struct ipc_object *object, struct account *account)
{
	zfree(zone, object);
	account_uncharge(account, ACCOUNT_PORTS, 1);
}

static struct ipc_port *
port_alloc(struct account *account)
{
	struct ipc_object *object = ipc_object_alloc(&port_zone, sizeof(struct ipc_port), account);
	struct ipc_port *port;

	if (object == NULL)
		return NULL;
	port = ipc_port_of(object);
	spinlock_init(&object->o_lock, LOCK_RANK_PORT);
	list_init(&port->ip_set_link);
	list_init(&port->ip_messages);
	list_init(&port->ip_senders);
	list_init(&port->ip_requests);
	port->ip_qlimit = MACH_PORT_QLIMIT_DEFAULT;
	port->ip_account = account;
	return port;
}

static void
port_free(struct ipc_port *port)
{
	ipc_object_free(&port_zone, &port->ip_object, port->ip_account);
}

void
ipc_object_release_last(struct ipc_object *object)
{
	kassert(!object->o_active);
	if (object->o_is_set)
		ipc_pset_free(ipc_pset_of(object));
	else
		port_free(ipc_port_of(object));
}

kern_return_t
ipc_port_create(struct ipc_space *space, mach_port_name_t *namep, struct ipc_port **portp)
{
	struct ipc_port *port = port_alloc(space->is_account);
	kern_return_t kr;

	if (port == NULL)
		return KERN_RESOURCE_SHORTAGE;
	spin_lock(&space->is_lock);
	kr = ipc_entry_enter(space, namep, MACH_PORT_TYPE_RECEIVE, &port->ip_object);
	if (kr == KERN_SUCCESS) {
		ipc_port_enter_space_locked(port, space, *namep);
		if (portp != NULL) {
			ipc_port_reference(port);
			*portp = port;
		}
	}
	spin_unlock(&space->is_lock);
	if (kr != KERN_SUCCESS)
		port_free(port);
	return kr;
}

struct ipc_port *
ipc_port_create_kernel(struct account *account)
{
	struct ipc_port *port = port_alloc(account);

	if (port != NULL)
		port->ip_receiver = &ipc_space_kernel;
	return port;
}

void
ipc_port_destroy_kernel(struct ipc_port *port)
{
	ipc_port_lock(port);
	port->ip_object.o_kind = 0;
	port->ip_kobject = NULL;
	ipc_port_leave_space_locked(port);
	ipc_port_unlock(port);
	ipc_port_destroy(port);
}

void
ipc_port_leave_space_locked(struct ipc_port *port)
{
	ipc_pset_remove_locked(port);
	port->ip_receiver = NULL;
	port->ip_receiver_name = MACH_PORT_NAME_NULL;
	port->ip_mscount = 0;
	port->ip_seqno = 0;
	if (port->ip_object.o_has_payload) {
		port->ip_object.o_has_payload = false;
		port->ip_payload = 0;
	}
	ipc_mqueue_wake_receivers_locked(&port->ip_object, MACH_RCV_PORT_DIED);
}

void
ipc_port_enter_space_locked(struct ipc_port *port, struct ipc_space *space, mach_port_name_t name)
{
	port->ip_receiver = space;
	port->ip_receiver_name = name;
	port->ip_mscount = 0;
	port->ip_seqno = 0;
	ipc_port_told_update(port);
}

void
ipc_port_told_update(struct ipc_port *port)
{
	bool payload = port->ip_object.o_has_payload;

	port->ip_told_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE,
	    payload ? MACH_MSG_TYPE_PROTECTED_PAYLOAD : MACH_MSG_TYPE_PORT_SEND);
	port->ip_told_port = payload ? port->ip_payload : port->ip_receiver_name;
}

/* -- Destruction ------------------------------------------------------------ */

/* A port-destroyed request: the right itself goes to whoever asked. True if
 * that took care of it. */
static bool
port_offer_destroyed(struct ipc_port *port)
{
	struct ipc_kmsg *kmsg;

	ipc_port_lock(port);
	kmsg = port->ip_destroyed;
	port->ip_destroyed = NULL;
	ipc_port_unlock(port);
	if (kmsg == NULL)
		return false;
	ipc_port_clear_destination(port);
	if (ipc_port_check_circularity(port, kmsg->km_header.mh_remote)) {
		ipc_port_release_sonce(ipc_notify_cancel(kmsg));
		return false;
	}
	ipc_notify_set_right(kmsg, port);
	ipc_notify_send(kmsg);
	return true;
}

/* Tell everybody who asked about the death, one request at a time. */
static void
port_announce_death(struct ipc_port *port)
{
	struct ipc_request *request;
	struct ipc_kmsg *kmsg;
	struct list *node;
	bool forgotten;

	for (;;) {
		ipc_port_lock(port);
		node = list_pop(&port->ip_requests);
		if (node == NULL)
			break;
		request = list_entry(node, struct ipc_request, rq_link);
		kmsg = request->rq_dead_name;
		request->rq_dead_name = NULL;
		ipc_notify_set_name(kmsg, MACH_NOTIFY_DEAD_NAME, request->rq_name);
		forgotten = request->rq_forgotten;
		ipc_port_unlock(port);
		if (forgotten)
			ipc_request_free(request);
		ipc_notify_send(kmsg);
		preempt_point();
	}
	ipc_port_unlock(port);
}

/* Take one message of a dead port's queue. */
static struct ipc_kmsg *
port_take_message(struct ipc_port *port)
{
	struct list *node;

	ipc_port_lock(port);
	node = list_pop(&port->ip_messages);
	if (node != NULL)
		port->ip_msgcount--;
	ipc_port_unlock(port);
	return node == NULL ? NULL : list_entry(node, struct ipc_kmsg, km_link);
}

void
ipc_port_destroy(struct ipc_port *port)
{
	struct ipc_kmsg *no_senders, *kmsg;

	if (port_offer_destroyed(port))
		return;
	ipc_port_clear_destination(port);
	ipc_port_lock(port);
	kassert(port->ip_object.o_active && port->ip_receiver == NULL);
	port->ip_object.o_active = false;
	port->ip_sonce_owed = 0;
	no_senders = port->ip_no_senders;
	port->ip_no_senders = NULL;
	ipc_mqueue_wake_senders_locked(port);
	ipc_port_unlock(port);

	if (no_senders != NULL)
		ipc_port_release_sonce(ipc_notify_cancel(no_senders));
	while ((kmsg = port_take_message(port)) != NULL)
		ipc_kmsg_destroy(kmsg);
	port_announce_death(port);
	ipc_port_release(port);
}

/* -- Rights for the kernel -------------------------------------------------- */

/* One more right, counted in `rights` of the port, with a reference; false:
 * the port is dead. */
static bool
port_add_right(struct ipc_port *port, uint32_t *rights, uint32_t made)
{
	bool active;

	ipc_port_lock(port);
	active = ipc_port_active(port);
	if (active) {
		++*rights;
		port->ip_mscount += made;
		ipc_port_reference(port);
	}
	ipc_port_unlock(port);
	return active;
}

struct ipc_port *
ipc_port_make_send(struct ipc_port *port)
{
	if (!IPC_PORT_VALID(port) || !port_add_right(port, &port->ip_srights, 1))
		return NULL;
	return port;
}

struct ipc_port *
ipc_port_copy_send(struct ipc_port *port)
{
	if (!IPC_PORT_VALID(port))
		return port;
	return port_add_right(port, &port->ip_srights, 0) ? port : IPC_PORT_DEAD;
}

struct ipc_port *
ipc_port_make_sonce(struct ipc_port *port)
{
	if (!IPC_PORT_VALID(port) || !port_add_right(port, &port->ip_sorights, 0))
		return NULL;
	return port;
}

void
ipc_port_release_send(struct ipc_port *port)
{
	struct ipc_kmsg *kmsg = NULL;

	if (!IPC_PORT_VALID(port))
		return;
	ipc_port_lock(port);
	kassert(port->ip_srights > 0);
	if (--port->ip_srights == 0 && port->ip_no_senders != NULL) {
		kmsg = port->ip_no_senders;
		port->ip_no_senders = NULL;
		ipc_notify_set_count(kmsg, port->ip_mscount);
	}
	ipc_port_unlock(port);
	ipc_port_release(port);
	if (kmsg != NULL)
		ipc_notify_send(kmsg);
}

void
ipc_port_drop_sonce(struct ipc_port *port)
{
	if (!IPC_PORT_VALID(port))
		return;
	ipc_port_lock(port);
	kassert(port->ip_sorights > 0);
	port->ip_sorights--;
	ipc_port_unlock(port);
	ipc_port_release(port);
}

void
ipc_port_release_sonce(struct ipc_port *port)
{
	bool active;

	if (!IPC_PORT_VALID(port))
		return;
	ipc_port_lock(port);
	active = ipc_port_active(port);
	ipc_port_unlock(port);
	if (active)
		ipc_notify_send_once(port);
	else
		ipc_port_drop_sonce(port);
}

void
ipc_port_release_right(struct ipc_port *port, mach_msg_type_name_t type)
{
	if (!IPC_PORT_VALID(port))
		return;
	switch (type) {
	case MACH_MSG_TYPE_PORT_RECEIVE:
		ipc_port_destroy(port);
		break;
	case MACH_MSG_TYPE_PORT_SEND:
		ipc_port_release_send(port);
		break;
	case MACH_MSG_TYPE_PORT_SEND_ONCE:
		ipc_port_release_sonce(port);
		break;
	default:
		panic("ipc_port_release_right: type %u", type);
	}
}

mach_port_name_t
ipc_port_receiver_name(struct ipc_port *port, struct ipc_space *space)
{
	mach_port_name_t name = MACH_PORT_NAME_NULL;

	ipc_port_lock(port);
	if (!ipc_port_active(port))
		name = MACH_PORT_NAME_DEAD;
	else if (port->ip_receiver == space)
		name = port->ip_receiver_name;
	ipc_port_unlock(port);
	return name;
}

/* -- Circularity ------------------------------------------------------------ */

/* Where the port's receive right is going, referenced, or NULL when it is in
 * a space (or dead). */
static struct ipc_port *
port_next_in_transit(struct ipc_port *port)
{
	struct ipc_port *next;

	ipc_port_lock(port);
	next = port->ip_receiver == NULL ? port->ip_destination : NULL;
	if (next != NULL)
		ipc_port_reference(next);
	ipc_port_unlock(port);
	return next;
}

/*
 * Does the way from `from` through the ports in whose queues it lies lead to
 * `port`? Only additions could close a circle behind our back, and they hold
 * the transit lock; a way that exists cannot vanish, for nobody holds the
 * receive rights on it.
 */
static bool
transit_reaches(struct ipc_port *from, struct ipc_port *port)
{
	struct ipc_port *step = from, *next;
	unsigned steps = 0;

	ipc_port_reference(step);
	while (step != port) {
		next = port_next_in_transit(step);
		ipc_port_release(step);
		if (next == NULL)
			return false;
		step = next;
		if (++steps % TRANSIT_STEPS == 0)
			preempt_point();
	}
	ipc_port_release(step);
	return true;
}

bool
ipc_port_check_circularity(struct ipc_port *port, struct ipc_port *dest)
{
	bool circular;

	mutex_lock(&transit_lock);
	circular = transit_reaches(dest, port);
	if (!circular) {
		ipc_port_reference(dest);
		ipc_port_lock(port);
		kassert(port->ip_destination == NULL);
		port->ip_destination = dest;
		ipc_port_unlock(port);
	}
	mutex_unlock(&transit_lock);
	return circular;
}

void
ipc_port_clear_destination(struct ipc_port *port)
{
	struct ipc_port *dest;

	ipc_port_lock(port);
	dest = port->ip_destination;
	port->ip_destination = NULL;
	ipc_port_unlock(port);
	if (dest != NULL)
		ipc_port_release(dest);
}
