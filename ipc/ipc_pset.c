/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_pset -- see ipc_pset.h.
 */
#include "ipc_pset.h"

#include <kern/account.h>
#include <kern/assert.h>
#include <kern/preempt.h>
#include <kern/string.h>
#include <kern/zalloc.h>

#include "ipc_kmsg.h"
#include "ipc_mqueue.h"
#include "ipc_space.h"

static struct zone pset_zone;

void
ipc_pset_bootstrap(void)
{
	zone_init(&pset_zone, "ipc port sets", sizeof(struct ipc_pset));
}

uint64_t
ipc_pset_count(void)
{
	return zone_live(&pset_zone);
}

static struct ipc_pset *
pset_alloc(struct account *account)
{
	struct ipc_object *object = ipc_object_alloc(&pset_zone, sizeof(struct ipc_pset), account);
	struct ipc_pset *pset;

	if (object == NULL)
		return NULL;
	pset = ipc_pset_of(object);
	spinlock_init(&object->o_lock, LOCK_RANK_PORT_SET);
	object->o_is_set = true;
	list_init(&pset->ips_members);
	list_init(&pset->ips_messages);
	pset->ips_account = account;
	return pset;
}

void
ipc_pset_free(struct ipc_pset *pset)
{
	ipc_object_free(&pset_zone, &pset->ips_object, pset->ips_account);
}

kern_return_t
ipc_pset_create(struct ipc_space *space, mach_port_name_t *namep)
{
	struct ipc_pset *pset = pset_alloc(space->is_account);
	kern_return_t kr;

	if (pset == NULL)
		return KERN_RESOURCE_SHORTAGE;
	spin_lock(&space->is_lock);
	kr = ipc_entry_enter(space, namep, MACH_PORT_TYPE_PORT_SET, &pset->ips_object);
	if (kr == KERN_SUCCESS)
		pset->ips_name = *namep;
	spin_unlock(&space->is_lock);
	if (kr != KERN_SUCCESS)
		ipc_pset_free(pset);
	return kr;
}

/* Unlink a member and its messages. Locks: port, set. */
static void
pset_unlink(struct ipc_pset *pset, struct ipc_port *port)
{
	struct list *node;

	list_for_each(&port->ip_messages, node)
		list_remove(&list_entry(node, struct ipc_kmsg, km_link)->km_set_link);
	list_remove(&port->ip_set_link);
	port->ip_pset = NULL;
	(void)pset;
}

void
ipc_pset_remove_locked(struct ipc_port *port)
{
	struct ipc_pset *pset = port->ip_pset;

	if (pset == NULL)
		return;
	ipc_pset_lock(pset);
	pset_unlink(pset, port);
	ipc_pset_unlock(pset);
	ipc_object_release(&pset->ips_object);
}

static void
pset_add_locked(struct ipc_pset *pset, struct ipc_port *port)
{
	ipc_mqueue_wake_receivers_locked(&port->ip_object, MACH_RCV_PORT_CHANGED);
	ipc_pset_lock(pset);
	ipc_object_reference(&pset->ips_object);
	port->ip_pset = pset;
	if (port->ip_sonce_owed != 0)
		pset->ips_owing = true;
	list_insert_tail(&pset->ips_members, &port->ip_set_link);
	ipc_mqueue_join_locked(port, pset);
	ipc_pset_unlock(pset);
}

kern_return_t
ipc_pset_move(struct ipc_port *port, struct ipc_pset *pset)
{
	kern_return_t kr = KERN_SUCCESS;

	ipc_port_lock(port);
	if (pset == NULL && port->ip_pset == NULL)
		kr = KERN_NOT_IN_SET;
	else if (port->ip_pset != pset) {
		ipc_pset_remove_locked(port);
		if (pset != NULL)
			pset_add_locked(pset, port);
	}
	ipc_port_unlock(port);
	return kr;
}

/* A member, referenced, or NULL when there is none left. */
static struct ipc_port *
pset_any_member(struct ipc_pset *pset)
{
	struct ipc_port *port = NULL;
	struct list *node;

	ipc_pset_lock(pset);
	node = list_first(&pset->ips_members);
	if (node != NULL) {
		port = list_entry(node, struct ipc_port, ip_set_link);
		ipc_port_reference(port);
	}
	ipc_pset_unlock(pset);
	return port;
}

void
ipc_pset_destroy(struct ipc_pset *pset)
{
	struct ipc_port *port;

	ipc_pset_lock(pset);
	pset->ips_object.o_active = false;
	ipc_mqueue_wake_receivers_locked(&pset->ips_object, MACH_RCV_PORT_DIED);
	ipc_pset_unlock(pset);
	while ((port = pset_any_member(pset)) != NULL) {
		ipc_port_lock(port);
		if (port->ip_pset == pset)
			ipc_pset_remove_locked(port);
		ipc_port_unlock(port);
		ipc_port_release(port);
		preempt_point();
	}
	ipc_object_release(&pset->ips_object);
}
