/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_kind -- the kinds of message that have short ways, and the steps
 * that these have in common. Private to mach_msg_fast.c, mach_msg_plain.c and
 * ipc_register_fast.c.
 */
#ifndef IPC_MACH_MSG_KIND_H
#define IPC_MACH_MSG_KIND_H

#include <stdatomic.h>

#include <kern/rare.h>
#include <mach/message.h>

#include "ipc_port.h"
#include "ipc_space.h"
#include "ipc_thread.h"

#define always_inline inline __attribute__((always_inline))
#define likely(x)     __builtin_expect(!!(x), 1)
#define unlikely(x)   __builtin_expect(!!(x), 0)

enum kind {
	/* COPY_SEND, and a reply right made from a port of the sender's */
	KIND_CALL = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
	/* to a send-once right, no reply */
	KIND_REPLY = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0),
	/* COPY_SEND, no reply */
	KIND_NOTE = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
};

#define KIND_MASK (MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS_PORTS_MASK)

/* The type of the right by which a message of this kind is sent. */
#define KIND_CARRIED(kind)                                                                         \
	((kind) == KIND_REPLY ? MACH_MSG_TYPE_PORT_SEND_ONCE : MACH_MSG_TYPE_PORT_SEND)
/* And of the reply right that comes with it. */
#define KIND_REPLY_RIGHT(kind) ((kind) == KIND_CALL ? MACH_MSG_TYPE_PORT_SEND_ONCE : 0)

/* -- What is seldom needed, in mach_msg_kind.c ---------------------------- */

/* A name that is a slot, now the hint, or NULL. Locks: space. */
KERN_RARE struct ipc_entry *
mach_msg_slot_lookup(struct ipc_space *space, mach_port_name_t name, struct ipc_entry **hint);

/* ipc_entry_free. Locks: space. */
KERN_RARE void mach_msg_slot_free(struct ipc_space *space, struct ipc_entry *entry);

/* A free slot for want of an old one, or NULL and why not. Locks: space. */
KERN_RARE struct ipc_entry *mach_msg_slot_alloc(struct ipc_space *space, kern_return_t *krp);

/* ipc_object_release_last. */
KERN_RARE void mach_msg_object_free(struct ipc_object *object);

/* -- The usual cases, in line ------------------------------------------------- */

/* The entry of a name that the hint may know. Entries stay where they are.
 * Locks: space. */
static always_inline struct ipc_entry *
hint_lookup(struct ipc_space *space, mach_port_name_t name, struct ipc_entry **hint)
{
	struct ipc_entry *entry = *hint;

	return likely(entry->ie_name == name) ? entry : mach_msg_slot_lookup(space, name, hint);
}

/* The send-once right of an entry was used. Locks: space. */
static always_inline void
slot_push(struct ipc_space *space, struct ipc_entry *entry)
{
	if (likely(space->is_side_count == 0))
		ipc_entry_push(space, entry);
	else
		mach_msg_slot_free(space, entry);
}

static always_inline void
object_release(struct ipc_object *object, uint32_t count)
{
	if (unlikely(atomic_fetch_sub_explicit(
			 &object->o_references, count, memory_order_acq_rel) == count))
		mach_msg_object_free(object);
}

#endif
