/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_pset -- receiving from several ports at once.
 *
 * Life:    created by name in a space; destroyed with the name; freed on the
 *          last reference (members and waiting receivers hold some).
 * Owns:    the order of the messages of its members (oldest first), which
 *          stay on their ports' own queues as well.
 * Locks:   o_lock (rank PORT_SET), after a member's lock.
 */
#ifndef IPC_PSET_H
#define IPC_PSET_H

#include "ipc_port.h"

struct ipc_pset {
	struct ipc_object ips_object;
	struct account *ips_account; /* (c) */
	mach_port_name_t ips_name;   /* (l) its name in its space; where a port
				      * has ip_receiver_name */
	bool ips_owing;              /* (l) a member may have ip_sonce_owed */
	struct list ips_members;     /* (l) ipc_port, by ip_set_link */
	struct list ips_messages;    /* (l) ipc_kmsg, by km_set_link */
};

_Static_assert(offsetof(struct ipc_pset, ips_name) == offsetof(struct ipc_port, ip_receiver_name),
    "ipc_object_name");
/* What is there in a set is no IPC_PENDING_STOOD. */
_Static_assert(offsetof(struct ipc_pset, ips_members) == offsetof(struct ipc_port, ip_pending),
    "may_stand in ipc_register_fast.c");

/* Its name in the space that receives from it. Locks: object; else a hint. */
static inline mach_port_name_t
ipc_object_name(const struct ipc_object *object)
{
	return ((const struct ipc_port *)(const void *)object)->ip_receiver_name;
}

static inline struct ipc_pset *
ipc_pset_of(struct ipc_object *object)
{
	return (struct ipc_pset *)(void *)object;
}

static inline void
ipc_pset_lock(struct ipc_pset *pset)
{
	spin_lock(&pset->ips_object.o_lock);
}

static inline void
ipc_pset_unlock(struct ipc_pset *pset)
{
	spin_unlock(&pset->ips_object.o_lock);
}

/* A set named in `space`; *namep 0 or a chosen name. Errors as
 * ipc_port_create. Locks: none held. */
kern_return_t ipc_pset_create(struct ipc_space *space, mach_port_name_t *namep);

/*
 * Put `port` (receive right in the caller's space) into `pset`, out of the
 * one it may be in; NULL takes it out. Threads receiving from the port itself
 * get MACH_RCV_PORT_CHANGED.
 *
 * Locks:   the space; takes port and sets.
 * Returns: KERN_SUCCESS, KERN_NOT_IN_SET (pset NULL and in none).
 */
kern_return_t ipc_pset_move(struct ipc_port *port, struct ipc_pset *pset);

/* Take a port out of its set, if it is in one. Locks: port. */
void ipc_pset_remove_locked(struct ipc_port *port);

/*
 * End a set whose name is gone: members leave, receivers get
 * MACH_RCV_PORT_DIED. Consumes the name's reference. Locks: none held.
 */
void ipc_pset_destroy(struct ipc_pset *pset);

/* The last reference is gone. */
void ipc_pset_free(struct ipc_pset *pset);

/* Set up the zone. Once. */
void ipc_pset_bootstrap(void);

#endif
