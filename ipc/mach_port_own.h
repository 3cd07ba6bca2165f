/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_port_own -- mach_port_deallocate in one step, in line, for a task that
 * drops a send right of its own: a handler or a server does so for every
 * request it serves.
 */
#ifndef IPC_MACH_PORT_OWN_H
#define IPC_MACH_PORT_OWN_H

#include <stdbool.h>

#include <mach/port.h>

#include "ipc_port.h"
#include "ipc_space.h"

/* The last user reference: the right goes. Locks: space, released. */
void mach_port_deallocate_last(struct ipc_space *space, struct ipc_entry *entry);

/* The slot of a name with a send right, or NULL. Locks: space. */
static inline struct ipc_entry *
mach_port_own_slot(struct ipc_space *space, mach_port_name_t name)
{
	uint32_t index = IPC_NAME_INDEX(name);
	struct ipc_entry *entry;

	if (__builtin_expect(index >= space->is_slots, 0))
		return NULL;
	entry = &space->is_chunks[index >> IPC_ENTRY_CHUNK_SHIFT][index & (IPC_ENTRY_CHUNK - 1)];
	return entry->ie_name == name && (entry->ie_bits & MACH_PORT_TYPE_SEND) ? entry : NULL;
}

/* Both names as mach_port_deallocate_own wants them: what `name` denotes.
 * Locks: space. */
static inline struct ipc_entry *
mach_port_own_find(struct ipc_space *space, const struct ipc_port *self_port,
    mach_port_name_t target, mach_port_name_t name)
{
	struct ipc_entry *entry;

	if (__builtin_expect(!space->is_active, 0))
		return NULL;
	entry = mach_port_own_slot(space, target);
	if (__builtin_expect(entry == NULL || ipc_port_of(entry->ie_object) != self_port, 0))
		return NULL;
	entry = mach_port_own_slot(space, name);
	if (__builtin_expect(entry == NULL || !ipc_port_active(ipc_port_of(entry->ie_object)), 0))
		return NULL;
	return entry;
}

/*
 * mach_port_deallocate for a caller that names its own task: `target` is a
 * send right to `self_port`, the port of the task that has `space`, and `name`
 * has a send right. False: it is not so, or something else is unusual, and
 * nothing happened.
 *
 * Locks:   none held.
 */
static inline bool
mach_port_deallocate_own(struct ipc_space *space, const struct ipc_port *self_port,
    mach_port_name_t target, mach_port_name_t name)
{
	struct ipc_entry *entry;

	spin_lock(&space->is_lock);
	entry = mach_port_own_find(space, self_port, target, name);
	if (__builtin_expect(entry == NULL, 0)) {
		spin_unlock(&space->is_lock);
		return false;
	}
	if (__builtin_expect(ipc_entry_urefs(entry) == 1, 0)) {
		mach_port_deallocate_last(space, entry);
		return true;
	}
	entry->ie_bits--;
	spin_unlock(&space->is_lock);
	return true;
}

#endif
