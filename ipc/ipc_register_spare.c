/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_register_spare -- the names that threads in reply_wait set aside: see
 * ipc_register.h.
 *
 * The entry is in use as far as its space is concerned, but holds no right.
 * A caller that hands its CPU to the thread makes it the reply right's without
 * the space's lock: it is the thread's, and the thread is claimed. From then
 * on it is an entry as any other. The answer that uses it up sets it aside
 * again, under its next name.
 */
#include "ipc_register.h"
#include "ipc_space.h"

void
ipc_register_spare_make(struct ipc_thread *self)
{
	struct ipc_space *space = self->ith_space;

	if (self->ith_spare_space == NULL) {
		ipc_space_reference(space);
		self->ith_spare_space = space;
	}
	spin_lock(&space->is_lock);
	if (space->is_active && ipc_entry_alloc(space, &self->ith_spare) == KERN_SUCCESS)
		self->ith_spare->ie_bits = IPC_ENTRY_SPARE;
	/* The name that it will answer. */
	if (self->ith_spare != NULL)
		self->ith_dest_hint = self->ith_spare;
	spin_unlock(&space->is_lock);
}

/* A space that was destroyed has freed its entries itself. */
void
ipc_register_spare_drop(struct ipc_thread *self)
{
	struct ipc_space *space = self->ith_spare_space;

	if (self->ith_spare == NULL)
		return;
	spin_lock(&space->is_lock);
	if (space->is_active)
		ipc_entry_free(space, self->ith_spare);
	self->ith_spare = NULL;
	spin_unlock(&space->is_lock);
}
