/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_space -- the names of one task.
 *
 * Life:    created active with one reference (the task's); ipc_space_destroy
 *          makes it inactive and destroys every right in it; freed with its
 *          slots, empty ones, on the last reference.
 * Locks:   is_lock (rank SPACE), then ports. Nothing blocks under it.
 * Account: slots are charged a chunk at a time, so that taking a name from
 *          existing slots costs no accounting.
 */
#ifndef IPC_SPACE_H
#define IPC_SPACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <kern/list.h>
#include <kern/spinlock.h>
#include <mach/kern_return.h>
#include <mach/port.h>

#include "ipc_entry.h"

struct account;
struct ipc_port;

struct ipc_space {
	struct spinlock is_lock;
	_Atomic uint32_t is_references;
	bool is_active;
	uint32_t is_slots; /* capacity of the chunks */
	struct ipc_entry **is_chunks;
	uint32_t is_chunks_room; /* size of that array */
	uint32_t is_names;       /* names in use */
	struct list is_free;     /* slots, oldest freed first */

	struct ipc_entry **is_reverse; /* (space, port) -> send entry */
	uint32_t is_reverse_mask;
	uint32_t is_reverse_count;

	uint32_t is_side_count; /* names outside the slots */
	uint32_t is_side_mask;
	struct ipc_entry_side **is_side;

	struct account *is_account; /* NULL: the kernel's */
	struct list is_link;        /* all spaces, for debuggers */
};

/* The space that receives on kernel ports; has no names. */
extern struct ipc_space ipc_space_kernel;

/*
 * An active, empty space with one reference, or NULL on shortage. The space
 * keeps a reference on `account`.
 */
struct ipc_space *ipc_space_create(struct account *account);

/*
 * Make the space inactive and destroy every right in it, with preemption
 * points. The caller keeps its reference. A second call does nothing.
 *
 * Locks:   none held.
 */
void ipc_space_destroy(struct ipc_space *space);

void ipc_space_release_last(struct ipc_space *space);

static inline void
ipc_space_reference(struct ipc_space *space)
{
	atomic_fetch_add_explicit(&space->is_references, 1, memory_order_relaxed);
}

static inline void
ipc_space_release(struct ipc_space *space)
{
	if (atomic_fetch_sub_explicit(&space->is_references, 1, memory_order_acq_rel) == 1)
		ipc_space_release_last(space);
}

struct ipc_entry *ipc_entry_lookup_side(struct ipc_space *space, mach_port_name_t name);

/*
 * The entry that `name` denotes, or NULL. Locks: space, which is active.
 */
static inline struct ipc_entry *
ipc_entry_lookup(struct ipc_space *space, mach_port_name_t name)
{
	uint32_t index = IPC_NAME_INDEX(name);
	struct ipc_entry *entry;

	if (index < space->is_slots) {
		entry =
		    &space
			 ->is_chunks[index >> IPC_ENTRY_CHUNK_SHIFT][index & (IPC_ENTRY_CHUNK - 1)];
		if (entry->ie_name == name && ipc_entry_type(entry) != 0)
			return entry;
	}
	return space->is_side_count == 0 ? NULL : ipc_entry_lookup_side(space, name);
}

/*
 * Take a free slot: an entry with its name set, no rights, no request.
 * The caller gives it a type before unlocking. Grows the table when needed.
 *
 * Locks:   space, active.
 * Returns: KERN_NO_SPACE (name space full), KERN_RESOURCE_SHORTAGE (memory,
 *          account).
 */
kern_return_t ipc_entry_alloc(struct ipc_space *space, struct ipc_entry **entryp);

/*
 * As above, under a name of the caller's choice, which must be valid and
 * denote nothing (KERN_NAME_EXISTS).
 */
kern_return_t
ipc_entry_alloc_name(struct ipc_space *space, mach_port_name_t name, struct ipc_entry **entryp);

/*
 * Enter `object` (NULL: a dead name) under *namep or, when that is null, under
 * a name found here, which *namep is set to. `bits`: type and user references;
 * the reference on the object becomes the entry's.
 *
 * Locks:   space.
 * Returns: KERN_INVALID_TASK (the space is dead), and as the two above.
 */
kern_return_t ipc_entry_enter(
    struct ipc_space *space, mach_port_name_t *namep, uint32_t bits, struct ipc_object *object);

/* Give a name back. The entry holds no right, request or reverse link any
 * more. Locks: space. */
void ipc_entry_free(struct ipc_space *space, struct ipc_entry *entry);

/* A free slot, as ipc_entry_alloc_fast; NULL: ask ipc_entry_alloc. */
static inline struct ipc_entry *
ipc_entry_pop(struct ipc_space *space)
{
	struct list *node = space->is_free.next;
	struct list *next = node->next;
	struct ipc_entry *entry = list_entry(node, struct ipc_entry, ie_free);

	if (__builtin_expect(node == &space->is_free, 0))
		return NULL;
	space->is_free.next = next;
	next->prev = &space->is_free;
	space->is_names++;
	entry->ie_hash = NULL;
	return entry;
}

/* Give back a slot that a right just left, in a space without chosen names. */
static inline void
ipc_entry_push(struct ipc_space *space, struct ipc_entry *entry)
{
	struct list *node = &entry->ie_free, *last = space->is_free.prev;

	space->is_names--;
	entry->ie_bits = 0;
	entry->ie_name = (entry->ie_name + IPC_NAME_GENERATION) & IPC_NAME_MASK;
	node->next = &space->is_free;
	node->prev = last;
	last->next = node;
	space->is_free.prev = node;
}

/*
 * The same two without a call in the common case: a slot is free, no chosen
 * names exist. The entry allocated has everything but name and bits cleared.
 */
static inline kern_return_t
ipc_entry_alloc_fast(struct ipc_space *space, struct ipc_entry **entryp)
{
	*entryp = ipc_entry_pop(space);
	return __builtin_expect(*entryp != NULL, 1) ? KERN_SUCCESS : ipc_entry_alloc(space, entryp);
}

static inline void
ipc_entry_free_fast(struct ipc_space *space, struct ipc_entry *entry)
{
	if (__builtin_expect(space->is_side_count != 0, 0))
		ipc_entry_free(space, entry);
	else
		ipc_entry_push(space, entry);
}

/*
 * (space, port): the entry with a send right for `port`, when the receive
 * right is elsewhere. Constant time. Locks: space.
 */
struct ipc_entry *ipc_reverse_lookup(struct ipc_space *space, const struct ipc_port *port);
/* False on shortage: the right cannot be entered. */
bool ipc_reverse_insert(struct ipc_space *space, struct ipc_entry *entry)
    __attribute__((warn_unused_result));
void ipc_reverse_remove(struct ipc_space *space, struct ipc_entry *entry);

/* Visit every name in use, in no particular order. Locks: space. */
void ipc_space_for_each(
    struct ipc_space *space, void (*visit)(struct ipc_entry *entry, void *arg), void *arg);

/* Set up the zones and the kernel's space. Once. */
void ipc_space_bootstrap(void);

/* Names in use, all spaces; spaces in existence. */
uint64_t ipc_space_names_total(void);
uint64_t ipc_space_count(void);

#endif
