/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_space -- see ipc_space.h and ipc_entry.h.
 *
 *	is_chunks -> [ chunk 0 | chunk 1 | ... ]	pages of 128 entries
 *	is_free   -> slot -> slot -> ...		oldest freed first
 *	is_reverse[hash(port)] -> entry -> entry	by ie_hash
 *	is_side[hash(name)] -> side -> side		chosen names
 */
#include "ipc_space.h"

#include <kern/account.h>
#include <kern/assert.h>
#include <kern/preempt.h>
#include <kern/string.h>
#include <kern/zalloc.h>

#include "ipc_port.h"
#include "ipc_right.h"

/* A chosen name that stands in no slot. */
struct ipc_entry_side {
	struct ipc_entry side_entry; /* first */
	struct ipc_entry_side *side_next;
};

#define CHUNK_BYTES  (IPC_ENTRY_CHUNK * sizeof(struct ipc_entry))
#define CHUNKS_FIRST 8u
#define HASH_FIRST   16u
#define HASH_MAX     (256u * 1024)

struct ipc_space ipc_space_kernel;

static struct zone space_zone;
static struct zone side_zone;
static struct list spaces = LIST_INITIALIZER(spaces);
static struct spinlock spaces_lock = SPINLOCK_INITIALIZER(SPACE);

void
ipc_space_bootstrap(void)
{
	zone_init(&space_zone, "ipc spaces", sizeof(struct ipc_space));
	zone_init(&side_zone, "ipc chosen names", sizeof(struct ipc_entry_side));
	memset(&ipc_space_kernel, 0, sizeof(ipc_space_kernel));
	spinlock_init(&ipc_space_kernel.is_lock, LOCK_RANK_SPACE);
	atomic_store(&ipc_space_kernel.is_references, 1);
	ipc_space_kernel.is_active = true;
	list_init(&ipc_space_kernel.is_free);
	list_init(&ipc_space_kernel.is_link);
}

/* Read without the spaces' locks: a snapshot that may be off by names being
 * made, as any would be. */
uint64_t
ipc_space_names_total(void)
{
	struct list *node;
	uint64_t total = 0;

	spin_lock(&spaces_lock);
	list_for_each(&spaces, node)
		total += list_entry(node, struct ipc_space, is_link)->is_names;
	spin_unlock(&spaces_lock);
	return total;
}

uint64_t
ipc_space_count(void)
{
	return zone_live(&space_zone);
}

/* -- Chosen names --------------------------------------------------------- */

static uint32_t
hash_name(mach_port_name_t name)
{
	return (name * 0x9e3779b1u) >> 8;
}

struct ipc_entry *
ipc_entry_lookup_side(struct ipc_space *space, mach_port_name_t name)
{
	struct ipc_entry_side *side;

	if (space->is_side == NULL)
		return NULL;
	side = space->is_side[hash_name(name) & space->is_side_mask];
	for (; side != NULL; side = side->side_next)
		if (side->side_entry.ie_name == name)
			return &side->side_entry;
	return NULL;
}

static void
side_insert(struct ipc_space *space, struct ipc_entry_side *side)
{
	struct ipc_entry_side **bucket;

	bucket = &space->is_side[hash_name(side->side_entry.ie_name) & space->is_side_mask];
	side->side_next = *bucket;
	*bucket = side;
}

/* Have a table with room for one more; a table that cannot grow still works. */
static bool
side_make_room(struct ipc_space *space)
{
	uint32_t old_size = space->is_side == NULL ? 0 : space->is_side_mask + 1;
	struct ipc_entry_side **old = space->is_side;
	struct ipc_entry_side *side, *next;
	uint32_t size, i;

	if (space->is_side_count < old_size || old_size >= HASH_MAX)
		return true;
	size = old_size == 0 ? HASH_FIRST : old_size * 2;
	space->is_side = kalloc(size * sizeof(*old));
	if (space->is_side == NULL) {
		space->is_side = old;
		return old != NULL;
	}
	memset(space->is_side, 0, size * sizeof(*old));
	space->is_side_mask = size - 1;
	for (i = 0; i < old_size; i++) {
		for (side = old[i]; side != NULL; side = next) {
			next = side->side_next;
			side_insert(space, side);
		}
	}
	if (old != NULL)
		kfree(old, old_size * sizeof(*old));
	return true;
}

static kern_return_t
side_alloc(struct ipc_space *space, mach_port_name_t name, struct ipc_entry **entryp)
{
	struct ipc_entry_side *side;

	if (!account_charge(space->is_account, ACCOUNT_ENTRIES, 1))
		return KERN_RESOURCE_SHORTAGE;
	side = side_make_room(space) ? zalloc(&side_zone) : NULL;
	if (side == NULL) {
		account_uncharge(space->is_account, ACCOUNT_ENTRIES, 1);
		return KERN_RESOURCE_SHORTAGE;
	}
	side->side_entry = (struct ipc_entry) {
		.ie_name = name,
		.ie_bits = IPC_ENTRY_SIDE,
	};
	side_insert(space, side);
	space->is_side_count++;
	*entryp = &side->side_entry;
	return KERN_SUCCESS;
}

static void
side_free(struct ipc_space *space, struct ipc_entry *entry)
{
	struct ipc_entry_side *side = (struct ipc_entry_side *)(void *)entry;
	struct ipc_entry_side **link;

	link = &space->is_side[hash_name(entry->ie_name) & space->is_side_mask];
	while (*link != side)
		link = &(*link)->side_next;
	*link = side->side_next;
	space->is_side_count--;
	zfree(&side_zone, side);
	account_uncharge(space->is_account, ACCOUNT_ENTRIES, 1);
}

/* -- Slots ---------------------------------------------------------------- */

/* Step a free slot's name over names that stand in the side table. */
static void
slot_skip_taken(struct ipc_space *space, struct ipc_entry *entry)
{
	if (space->is_side_count == 0)
		return;
	while (ipc_entry_lookup_side(space, entry->ie_name) != NULL)
		entry->ie_name = (entry->ie_name + IPC_NAME_GENERATION) & IPC_NAME_MASK;
}

static bool
directory_make_room(struct ipc_space *space)
{
	uint32_t chunks = space->is_slots >> IPC_ENTRY_CHUNK_SHIFT;
	uint32_t room = space->is_chunks_room;
	struct ipc_entry **directory;

	if (chunks < room)
		return true;
	room = room == 0 ? CHUNKS_FIRST : room * 2;
	directory = kalloc(room * sizeof(*directory));
	if (directory == NULL)
		return false;
	if (space->is_chunks != NULL) {
		memcpy(directory, space->is_chunks, chunks * sizeof(*directory));
		kfree(space->is_chunks, space->is_chunks_room * sizeof(*directory));
	}
	space->is_chunks = directory;
	space->is_chunks_room = room;
	return true;
}

static void
chunk_fill(struct ipc_space *space, struct ipc_entry *chunk)
{
	uint32_t i;

	for (i = 0; i < IPC_ENTRY_CHUNK; i++) {
		struct ipc_entry *entry = &chunk[i];

		entry->ie_name = space->is_slots + i;
		entry->ie_bits = 0;
		entry->ie_request = NULL;
		if (entry->ie_name == 0)
			continue; /* never a name */
		slot_skip_taken(space, entry);
		list_insert_tail(&space->is_free, &entry->ie_free);
	}
	space->is_chunks[space->is_slots >> IPC_ENTRY_CHUNK_SHIFT] = chunk;
	space->is_slots += IPC_ENTRY_CHUNK;
}

static kern_return_t
space_grow(struct ipc_space *space)
{
	struct ipc_entry *chunk;

	if (space->is_slots >= IPC_NAME_INDEX_MAX)
		return KERN_NO_SPACE;
	if (!account_charge(space->is_account, ACCOUNT_ENTRIES, IPC_ENTRY_CHUNK))
		return KERN_RESOURCE_SHORTAGE;
	chunk = directory_make_room(space) ? kalloc(CHUNK_BYTES) : NULL;
	if (chunk == NULL) {
		account_uncharge(space->is_account, ACCOUNT_ENTRIES, IPC_ENTRY_CHUNK);
		return KERN_RESOURCE_SHORTAGE;
	}
	chunk_fill(space, chunk);
	return KERN_SUCCESS;
}

static void
entry_clear(struct ipc_entry *entry)
{
	entry->ie_bits &= IPC_ENTRY_SIDE;
	entry->ie_object = NULL;
	entry->ie_hash = NULL;
	entry->ie_request = NULL;
}

kern_return_t
ipc_entry_alloc(struct ipc_space *space, struct ipc_entry **entryp)
{
	struct list *node;
	kern_return_t kr;

	while ((node = list_pop(&space->is_free)) == NULL) {
		kr = space_grow(space);
		if (kr != KERN_SUCCESS)
			return kr;
	}
	*entryp = list_entry(node, struct ipc_entry, ie_free);
	entry_clear(*entryp);
	space->is_names++;
	return KERN_SUCCESS;
}

/* The free slot whose next name this is, if there is one. */
static struct ipc_entry *
slot_for_name(struct ipc_space *space, mach_port_name_t name)
{
	uint32_t index = IPC_NAME_INDEX(name);
	struct ipc_entry *entry;

	if (index == 0 || index >= space->is_slots)
		return NULL;
	entry = &space->is_chunks[index >> IPC_ENTRY_CHUNK_SHIFT][index & (IPC_ENTRY_CHUNK - 1)];
	return entry->ie_name == name && ipc_entry_type(entry) == 0 ? entry : NULL;
}

/* Is it the name a thread has set aside (ipc_register.h)? */
static bool
is_spare(struct ipc_space *space, mach_port_name_t name)
{
	const struct ipc_entry *entry = slot_for_name(space, name);

	return entry != NULL && (entry->ie_bits & IPC_ENTRY_SPARE);
}

kern_return_t
ipc_entry_alloc_name(struct ipc_space *space, mach_port_name_t name, struct ipc_entry **entryp)
{
	struct ipc_entry *entry;
	kern_return_t kr;

	if (ipc_entry_lookup(space, name) != NULL || is_spare(space, name))
		return KERN_NAME_EXISTS;
	/* A small name in a young space is worth a slot. */
	if (space->is_slots == 0 && name < IPC_ENTRY_CHUNK)
		(void)space_grow(space);
	entry = slot_for_name(space, name);
	if (entry != NULL) {
		list_remove(&entry->ie_free);
		entry_clear(entry);
	} else {
		kr = side_alloc(space, name, &entry);
		if (kr != KERN_SUCCESS)
			return kr;
	}
	space->is_names++;
	*entryp = entry;
	return KERN_SUCCESS;
}

kern_return_t
ipc_entry_enter(
    struct ipc_space *space, mach_port_name_t *namep, uint32_t bits, struct ipc_object *object)
{
	struct ipc_entry *entry;
	kern_return_t kr;

	if (!space->is_active)
		return KERN_INVALID_TASK;
	if (*namep == MACH_PORT_NAME_NULL)
		kr = ipc_entry_alloc(space, &entry);
	else
		kr = ipc_entry_alloc_name(space, *namep, &entry);
	if (kr != KERN_SUCCESS)
		return kr;
	entry->ie_bits |= bits;
	entry->ie_object = object;
	*namep = entry->ie_name;
	return KERN_SUCCESS;
}

void
ipc_entry_free(struct ipc_space *space, struct ipc_entry *entry)
{
	kassert(entry->ie_request == NULL);
	space->is_names--;
	if (entry->ie_bits & IPC_ENTRY_SIDE) {
		side_free(space, entry);
		return;
	}
	entry->ie_bits = 0;
	entry->ie_name = (entry->ie_name + IPC_NAME_GENERATION) & IPC_NAME_MASK;
	slot_skip_taken(space, entry);
	list_insert_tail(&space->is_free, &entry->ie_free);
}

/* -- (space, port) -> entry ----------------------------------------------- */

static uint32_t
hash_port(const void *port)
{
	return (uint32_t)(((uintptr_t)port * 0x9e3779b97f4a7c15ul) >> 40);
}

struct ipc_entry *
ipc_reverse_lookup(struct ipc_space *space, const struct ipc_port *port)
{
	struct ipc_entry *entry;

	if (space->is_reverse == NULL)
		return NULL;
	entry = space->is_reverse[hash_port(port) & space->is_reverse_mask];
	while (entry != NULL && entry->ie_object != &port->ip_object)
		entry = entry->ie_hash;
	return entry;
}

static void
reverse_link(struct ipc_space *space, struct ipc_entry *entry)
{
	struct ipc_entry **bucket;

	bucket = &space->is_reverse[hash_port(entry->ie_object) & space->is_reverse_mask];
	entry->ie_hash = *bucket;
	*bucket = entry;
}

static bool
reverse_make_room(struct ipc_space *space)
{
	uint32_t old_size = space->is_reverse == NULL ? 0 : space->is_reverse_mask + 1;
	struct ipc_entry **old = space->is_reverse;
	struct ipc_entry *entry, *next;
	uint32_t size, i;

	if (space->is_reverse_count < old_size || old_size >= HASH_MAX)
		return true;
	size = old_size == 0 ? HASH_FIRST : old_size * 2;
	space->is_reverse = kalloc(size * sizeof(*old));
	if (space->is_reverse == NULL) {
		space->is_reverse = old;
		return old != NULL;
	}
	memset(space->is_reverse, 0, size * sizeof(*old));
	space->is_reverse_mask = size - 1;
	for (i = 0; i < old_size; i++) {
		for (entry = old[i]; entry != NULL; entry = next) {
			next = entry->ie_hash;
			reverse_link(space, entry);
		}
	}
	if (old != NULL)
		kfree(old, old_size * sizeof(*old));
	return true;
}

bool
ipc_reverse_insert(struct ipc_space *space, struct ipc_entry *entry)
{
	if (!reverse_make_room(space))
		return false;
	reverse_link(space, entry);
	space->is_reverse_count++;
	return true;
}

void
ipc_reverse_remove(struct ipc_space *space, struct ipc_entry *entry)
{
	struct ipc_entry **link;

	link = &space->is_reverse[hash_port(entry->ie_object) & space->is_reverse_mask];
	while (*link != entry) {
		kassert(*link != NULL);
		link = &(*link)->ie_hash;
	}
	*link = entry->ie_hash;
	entry->ie_hash = NULL;
	space->is_reverse_count--;
}

/* -- Spaces --------------------------------------------------------------- */

void
ipc_space_for_each(
    struct ipc_space *space, void (*visit)(struct ipc_entry *entry, void *arg), void *arg)
{
	struct ipc_entry_side *side;
	struct ipc_entry *entry;
	uint32_t i;

	for (i = 0; i < space->is_slots; i++) {
		entry = &space->is_chunks[i >> IPC_ENTRY_CHUNK_SHIFT][i & (IPC_ENTRY_CHUNK - 1)];
		if (ipc_entry_type(entry) != 0)
			visit(entry, arg);
	}
	if (space->is_side_count == 0)
		return;
	for (i = 0; i <= space->is_side_mask; i++)
		for (side = space->is_side[i]; side != NULL; side = side->side_next)
			visit(&side->side_entry, arg);
}

struct ipc_space *
ipc_space_create(struct account *account)
{
	struct ipc_space *space = zalloc(&space_zone);

	if (space == NULL)
		return NULL;
	memset(space, 0, sizeof(*space));
	spinlock_init(&space->is_lock, LOCK_RANK_SPACE);
	atomic_store_explicit(&space->is_references, 1, memory_order_relaxed);
	space->is_active = true;
	list_init(&space->is_free);
	list_init(&space->is_link);
	space->is_account = account;
	if (account != NULL)
		account_reference(account);
	spin_lock(&spaces_lock);
	list_insert_tail(&spaces, &space->is_link);
	spin_unlock(&spaces_lock);
	return space;
}

/* Destroy what one entry holds. The space is inactive: nobody else looks. */
static void
space_destroy_entry(struct ipc_space *space, struct ipc_entry *entry)
{
	struct ipc_after after;

	ipc_after_init(&after);
	spin_lock(&space->is_lock);
	if (ipc_entry_type(entry) != 0)
		ipc_right_destroy(space, entry, &after);
	spin_unlock(&space->is_lock);
	ipc_after_finish(&after);
	preempt_point();
}

static void
space_destroy_slots(struct ipc_space *space)
{
	uint32_t chunks = space->is_slots >> IPC_ENTRY_CHUNK_SHIFT;
	uint32_t i, j;

	for (i = 0; i < chunks; i++) {
		struct ipc_entry *chunk = space->is_chunks[i];

		for (j = 0; j < IPC_ENTRY_CHUNK; j++)
			if (ipc_entry_type(&chunk[j]) != 0)
				space_destroy_entry(space, &chunk[j]);
			else if (chunk[j].ie_bits & IPC_ENTRY_SPARE)
				space->is_names--;
		preempt_point();
	}
}

static void
space_destroy_side(struct ipc_space *space)
{
	uint32_t i;

	if (space->is_side == NULL)
		return;
	for (i = 0; i <= space->is_side_mask; i++)
		while (space->is_side[i] != NULL)
			space_destroy_entry(space, &space->is_side[i]->side_entry);
}

static void
space_free_tables(struct ipc_space *space)
{
	uint32_t chunks = space->is_slots >> IPC_ENTRY_CHUNK_SHIFT;
	uint32_t i;

	for (i = 0; i < chunks; i++)
		kfree(space->is_chunks[i], CHUNK_BYTES);
	if (space->is_chunks != NULL)
		kfree(space->is_chunks, space->is_chunks_room * sizeof(*space->is_chunks));
	if (space->is_reverse != NULL)
		kfree(space->is_reverse, (space->is_reverse_mask + 1) * sizeof(*space->is_reverse));
	if (space->is_side != NULL)
		kfree(space->is_side, (space->is_side_mask + 1) * sizeof(*space->is_side));
	account_uncharge(space->is_account, ACCOUNT_ENTRIES, space->is_slots);
	list_init(&space->is_free);
	space->is_slots = 0;
	space->is_chunks = NULL;
	space->is_chunks_room = 0;
	space->is_reverse = NULL;
	space->is_side = NULL;
}

void
ipc_space_destroy(struct ipc_space *space)
{
	bool was_active;

	spin_lock(&space->is_lock);
	was_active = space->is_active;
	space->is_active = false;
	spin_unlock(&space->is_lock);
	if (!was_active)
		return;
	space_destroy_slots(space);
	space_destroy_side(space);
	kassert(space->is_names == 0);
}

void
ipc_space_release_last(struct ipc_space *space)
{
	kassert(!space->is_active);
	spin_lock(&spaces_lock);
	list_remove(&space->is_link);
	spin_unlock(&spaces_lock);
	space_free_tables(space);
	if (space->is_account != NULL)
		account_release(space->is_account);
	zfree(&space_zone, space);
}
