/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_kind -- see mach_msg_kind.h.
 */
#include "mach_msg_kind.h"

struct ipc_entry *
mach_msg_slot_lookup(struct ipc_space *space, mach_port_name_t name, struct ipc_entry **hint)
{
	uint32_t index = IPC_NAME_INDEX(name);
	struct ipc_entry *entry;

	if (unlikely(index >= space->is_slots))
		return NULL;
	entry = &space->is_chunks[index >> IPC_ENTRY_CHUNK_SHIFT][index & (IPC_ENTRY_CHUNK - 1)];
	if (unlikely(entry->ie_name != name))
		return NULL;
	*hint = entry;
	return entry;
}

void
mach_msg_slot_free(struct ipc_space *space, struct ipc_entry *entry)
{
	ipc_entry_free(space, entry);
}

struct ipc_entry *
mach_msg_slot_alloc(struct ipc_space *space, kern_return_t *krp)
{
	struct ipc_entry *entry = NULL;

	*krp = space->is_active ? ipc_entry_alloc(space, &entry) : KERN_NO_SPACE;
	return entry;
}

void
mach_msg_object_free(struct ipc_object *object)
{
	ipc_object_release_last(object);
}
