/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_entry -- one name of a space.
 *
 * A name is a slot index in the low bits and a generation above it; bit 31 is
 * never set by the kernel (design D7). Slots stand in chunks of a page that
 * never move, so an entry pointer stays good while the space is locked and
 * after. Names a task chose itself that fit no free slot are entries too, in
 * a side table (ipc_space.c).
 *
 * Invariant: the next name of a free slot is not in the side table, so that
 * taking a slot needs no look into it. It is kept when a slot is freed (the
 * generation steps over taken names), when slots are added, and when a name
 * is chosen (a free slot's next name takes the slot).
 *
 * Locks:   everything under is_lock of the space.
 */
#ifndef IPC_ENTRY_H
#define IPC_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kern/list.h>
#include <mach/port.h>

#define IPC_NAME_INDEX_BITS  22
#define IPC_NAME_INDEX_MAX   (1u << IPC_NAME_INDEX_BITS)
#define IPC_NAME_INDEX(name) ((name) & (IPC_NAME_INDEX_MAX - 1))
#define IPC_NAME_GENERATION  IPC_NAME_INDEX_MAX /* one step */
#define IPC_NAME_MASK        0x7fffffffu        /* what the kernel makes */

#define IPC_ENTRY_CHUNK_SHIFT 7
#define IPC_ENTRY_CHUNK       (1u << IPC_ENTRY_CHUNK_SHIFT)

/* ie_bits: MACH_PORT_TYPE_* of the rights, user references of send or dead. */
#define IPC_ENTRY_UREFS_MASK 0x0000ffffu
#define IPC_ENTRY_TYPE_MASK  MACH_PORT_TYPE_ALL_RIGHTS
#define IPC_ENTRY_SIDE       0x00200000u /* stands in the side table */
#define IPC_ENTRY_SPARE      0x00400000u /* a thread's, for its next reply right */

struct ipc_object;
struct ipc_request;

struct ipc_entry {
	mach_port_name_t ie_name; /* this name; free: the next one */
	uint32_t ie_bits;
	union {
		struct {
			struct ipc_object *ie_object; /* port, set or NULL */
			struct ipc_entry *ie_hash;    /* (space, port) chain */
		};
		struct list ie_free;
	};
	struct ipc_request *ie_request; /* notifications asked for, or NULL */
};

_Static_assert(sizeof(struct ipc_entry) == 32, "128 entries fill a page");

static inline uint32_t
ipc_entry_type(const struct ipc_entry *entry)
{
	return entry->ie_bits & IPC_ENTRY_TYPE_MASK;
}

static inline uint32_t
ipc_entry_urefs(const struct ipc_entry *entry)
{
	return entry->ie_bits & IPC_ENTRY_UREFS_MASK;
}

#endif
