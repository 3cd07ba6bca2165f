/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_right -- what a name may be used for, and what each use does to it.
 *
 * The rules stand in two tables (ipc_right.c): what each disposition needs
 * and leaves behind, and what mod_refs may do to each kind of right. Tests
 * iterate the same tables.
 *
 * Locks:   unless said otherwise the space is locked and active; ports are
 *          locked inside. Whatever must be told or released afterwards is
 *          put into a struct ipc_after, to be finished without locks.
 */
#ifndef IPC_RIGHT_H
#define IPC_RIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include <kern/list.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>

#include "ipc_entry.h"
#include "ipc_notify.h"
#include "ipc_port.h"
#include "ipc_space.h"

struct ipc_pset;
struct ipc_space;

/* Work that must wait until the locks are gone. */
struct ipc_after {
	struct list notifications; /* kmsgs to send */
	struct ipc_port *send;     /* rights to release */
	struct ipc_port *sonce;
	struct ipc_port *receive; /* port to destroy */
	struct ipc_pset *pset;    /* set to destroy */
};

static inline void
ipc_after_init(struct ipc_after *after)
{
	list_init(&after->notifications);
	after->send = NULL;
	after->sonce = NULL;
	after->receive = NULL;
	after->pset = NULL;
}

void ipc_after_finish_work(struct ipc_after *after);

/* Locks: none held. */
static inline void
ipc_after_finish(struct ipc_after *after)
{
	if (!list_empty(&after->notifications) || after->send != NULL || after->sonce != NULL ||
	    after->receive != NULL || after->pset != NULL)
		ipc_after_finish_work(after);
}

/*
 * One disposition: what the name must hold, what comes of it, and the step
 * that does it. `take` runs with space and port locked, the port alive; it
 * returns true if the entry's own reference went with the right.
 */
struct ipc_copyin_rule {
	uint8_t disposition; /* MACH_MSG_TYPE_* 16..21 */
	uint8_t result;      /* as carried: 16..18 */
	uint32_t needs;      /* MACH_PORT_TYPE_* */
	bool dead_allowed;   /* a dead name gives IPC_PORT_DEAD */
	bool moves;          /* the name loses something */
	bool (*take)(struct ipc_space *space, struct ipc_entry *entry, struct ipc_port *port,
	    struct ipc_after *after);
};

extern const struct ipc_copyin_rule ipc_copyin_rules[];

/* NULL for anything but 16..21. */
static inline const struct ipc_copyin_rule *
ipc_copyin_rule(mach_msg_type_name_t disposition)
{
	return MACH_MSG_TYPE_PORT_ANY(disposition)
	    ? &ipc_copyin_rules[disposition - MACH_MSG_TYPE_MOVE_RECEIVE]
	    : NULL;
}

/* The disposition as carried: 16..18; 0 stays 0. */
static inline mach_msg_type_name_t
ipc_right_carried(mach_msg_type_name_t disposition)
{
	const struct ipc_copyin_rule *rule = ipc_copyin_rule(disposition);

	return rule == NULL ? 0 : rule->result;
}

/* The entry's port died: make it a dead name. Locks: space. */
void ipc_right_turn_dead(struct ipc_space *space, struct ipc_entry *entry);

/*
 * Look a name up, turning it into a dead name if its port died. NULL: no
 * such name. The entry's type is up to date, although a port may die at any
 * time after.
 */
static inline struct ipc_entry *
ipc_right_lookup(struct ipc_space *space, mach_port_name_t name)
{
	struct ipc_entry *entry = ipc_entry_lookup(space, name);

	if (entry != NULL && (ipc_entry_type(entry) & MACH_PORT_TYPE_SEND_RIGHTS) &&
	    __builtin_expect(!ipc_port_active(ipc_port_of(entry->ie_object)), 0))
		ipc_right_turn_dead(space, entry);
	return entry;
}

/* Does the entry hold what the rule needs? */
static inline bool
ipc_right_copyin_check(const struct ipc_entry *entry, const struct ipc_copyin_rule *rule)
{
	if (ipc_entry_type(entry) == MACH_PORT_TYPE_DEAD_NAME)
		return rule->dead_allowed;
	return (ipc_entry_type(entry) & rule->needs) != 0;
}

/*
 * Take a right out by a rule that ipc_right_copyin_check allowed under this
 * same lock. *portp: the right (with its reference), or IPC_PORT_DEAD. The
 * entry may be freed. False: it turned out dead and the rule allows no dead
 * names; nothing happened (not possible for receive rights).
 */
bool ipc_right_copyin(struct ipc_space *space, struct ipc_entry *entry,
    const struct ipc_copyin_rule *rule, struct ipc_port **portp, struct ipc_after *after);

/*
 * Give a carried right (type 16..18, with its reference) a name. Consumes the
 * right on success. A right whose port is dead arrives as MACH_PORT_NAME_DEAD.
 *
 * Returns: KERN_SUCCESS; KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE: the right
 *          stays the caller's.
 */
kern_return_t ipc_right_copyout(struct ipc_space *space, struct ipc_port *port,
    mach_msg_type_name_t type, mach_port_name_t *namep, struct ipc_after *after);

/*
 * As above, under a given name (mach_port_insert_right). KERN_NAME_EXISTS,
 * KERN_RIGHT_EXISTS, KERN_UREFS_OVERFLOW, KERN_INVALID_CAPABILITY,
 * KERN_RESOURCE_SHORTAGE.
 */
kern_return_t ipc_right_copyout_name(struct ipc_space *space, struct ipc_port *port,
    mach_msg_type_name_t type, mach_port_name_t name, struct ipc_after *after);

/* Destroy everything under a name (mach_port_destroy, space destruction). */
void ipc_right_destroy(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after);

/* Drop one user reference of send, send-once or dead (mach_port_deallocate). */
kern_return_t
ipc_right_dealloc(struct ipc_space *space, struct ipc_entry *entry, struct ipc_after *after);

/* mach_port_mod_refs. */
kern_return_t ipc_right_delta(struct ipc_space *space, struct ipc_entry *entry,
    mach_port_right_t right, mach_port_delta_t delta, struct ipc_after *after);

/* Give a right another name, which is free (mach_port_rename). */
kern_return_t
ipc_right_rename(struct ipc_space *space, struct ipc_entry *entry, mach_port_name_t name);

/* Type bits as mach_port_type reports them. Looks for death first. */
mach_port_type_t ipc_right_type(struct ipc_space *space, struct ipc_entry *entry);

/*
 * Register (notify prepared) or cancel (notify NULL) the dead-name request
 * of a name. *previousp: the send-once right registered before, or NULL.
 * With `immediate`, a name already dead fires at once. On success the notify
 * kmsg is consumed, and *requestp, memory the caller brought, is NULL if used.
 *
 * Returns: KERN_INVALID_RIGHT, KERN_INVALID_ARGUMENT (dead and not
 *          immediate), KERN_UREFS_OVERFLOW.
 */
kern_return_t ipc_right_dead_name_request(struct ipc_space *space, struct ipc_entry *entry,
    bool immediate, struct ipc_kmsg *notify, struct ipc_request **requestp,
    struct ipc_port **previousp, struct ipc_after *after);

/* Set up the zone of requests. Once. */
void ipc_right_bootstrap(void);
struct ipc_request *ipc_request_alloc(void);
void ipc_request_free(struct ipc_request *request);

#endif
