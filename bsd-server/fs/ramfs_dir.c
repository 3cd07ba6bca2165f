/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Directories of the ram file system: hash table and ordered slots.
 *
 * Removing leaves a hole in the slots; when more than half are holes they
 * are squeezed out.  Positions stay with the entries, so readers do not
 * notice.
 */
#include "fs/ramfs_dir.h"

#include <string.h>

#include "bsd/abi.h"
#include "fs/ramfs.h"
#include "vfs/services.h"

#define RAMFS_FIRST_BUCKETS 8
#define RAMFS_FIRST_SLOTS   8

/* FNV-1a. */
static uint32_t
ramfs_hash(const struct vfs_name *name)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < name->length; i++)
		hash = (hash ^ (uint8_t)name->text[i]) * 16777619u;
	return hash;
}

struct ramfs_entry *
ramfs_dir_find(const struct ramfs_dir *dir, const struct vfs_name *name)
{
	struct ramfs_entry *entry;
	uint32_t hash;

	if (dir->bucket_count == 0)
		return NULL;
	hash = ramfs_hash(name);
	for (entry = dir->buckets[hash & (dir->bucket_count - 1)]; entry != NULL;
	     entry = entry->hash_next) {
		if (entry->hash == hash && entry->length == name->length &&
		    memcmp(entry->name, name->text, name->length) == 0)
			return entry;
	}
	return NULL;
}

static void
ramfs_bucket_insert(struct ramfs_dir *dir, struct ramfs_entry *entry)
{
	size_t i = entry->hash & (dir->bucket_count - 1);

	entry->hash_next = dir->buckets[i];
	dir->buckets[i] = entry;
}

/* Room for one more entry in the hash table. */
static int
ramfs_buckets_reserve(struct ramfs_dir *dir)
{
	struct ramfs_entry **old = dir->buckets, *entry, *next;
	size_t count = dir->bucket_count, grown, i;

	if (dir->entry_count < count)
		return 0;
	grown = count == 0 ? RAMFS_FIRST_BUCKETS : 2 * count;
	dir->buckets = bsd_alloc(grown * sizeof(*old));
	if (dir->buckets == NULL) {
		dir->buckets = old;
		return count == 0 ? ENOSPC : 0; /* longer chains will do */
	}
	dir->bucket_count = grown;
	for (i = 0; i < count; i++) {
		for (entry = old[i]; entry != NULL; entry = next) {
			next = entry->hash_next;
			ramfs_bucket_insert(dir, entry);
		}
	}
	bsd_free(old, count * sizeof(*old));
	return 0;
}

/* Squeeze out the holes. */
static void
ramfs_slots_compact(struct ramfs_dir *dir)
{
	size_t i, kept = 0;

	for (i = 0; i < dir->slot_count; i++) {
		if (dir->slots[i].entry != NULL)
			dir->slots[kept++] = dir->slots[i];
	}
	dir->slot_count = kept;
}

static int
ramfs_slots_reserve(struct ramfs_dir *dir)
{
	struct ramfs_slot *slots;
	size_t grown;

	if (dir->slot_count < dir->slot_capacity)
		return 0;
	grown = dir->slot_capacity == 0 ? RAMFS_FIRST_SLOTS : 2 * dir->slot_capacity;
	slots = bsd_alloc(grown * sizeof(*slots));
	if (slots == NULL)
		return ENOSPC;
	if (dir->slot_count > 0)
		memcpy(slots, dir->slots, dir->slot_count * sizeof(*slots));
	bsd_free(dir->slots, dir->slot_capacity * sizeof(*slots));
	dir->slots = slots;
	dir->slot_capacity = grown;
	return 0;
}

int
ramfs_dir_add(struct ramfs_node *node_dir, const struct vfs_name *name, struct ramfs_node *node,
    struct ramfs_entry **entryp)
{
	struct ramfs_dir *dir = &node_dir->dir;
	struct ramfs_entry *entry;

	if (ramfs_buckets_reserve(dir) != 0 || ramfs_slots_reserve(dir) != 0)
		return ENOSPC;
	entry = bsd_alloc(sizeof(*entry) + name->length + 1);
	if (entry == NULL)
		return ENOSPC;
	if (dir->next_position < RAMFS_FIRST_POSITION)
		dir->next_position = RAMFS_FIRST_POSITION;
	entry->dir = node_dir;
	entry->node = node;
	entry->position = dir->next_position++;
	entry->hash = ramfs_hash(name);
	entry->length = name->length;
	memcpy(entry->name, name->text, name->length);
	ramfs_bucket_insert(dir, entry);
	dir->slots[dir->slot_count].position = entry->position;
	dir->slots[dir->slot_count++].entry = entry;
	dir->entry_count++;
	*entryp = entry;
	return 0;
}

/* Index of the first slot at or behind `position`. */
static size_t
ramfs_slot_index(const struct ramfs_dir *dir, uint64_t position)
{
	size_t low = 0, high = dir->slot_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (dir->slots[middle].position < position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
ramfs_dir_remove(struct ramfs_dir *dir, struct ramfs_entry *entry)
{
	struct ramfs_entry **link;
	size_t index;

	link = &dir->buckets[entry->hash & (dir->bucket_count - 1)];
	while (*link != entry)
		link = &(*link)->hash_next;
	*link = entry->hash_next;
	index = ramfs_slot_index(dir, entry->position);
	bsd_assert(dir->slots[index].entry == entry);
	dir->slots[index].entry = NULL;
	dir->entry_count--;
	if (dir->slot_count > 2 * dir->entry_count)
		ramfs_slots_compact(dir);
	bsd_free(entry, sizeof(*entry) + entry->length + 1);
}

struct ramfs_entry *
ramfs_dir_next(const struct ramfs_dir *dir, uint64_t position)
{
	size_t i;

	for (i = ramfs_slot_index(dir, position); i < dir->slot_count; i++) {
		if (dir->slots[i].entry != NULL)
			return dir->slots[i].entry;
	}
	return NULL;
}

void
ramfs_dir_destroy(struct ramfs_dir *dir)
{
	bsd_assert(dir->entry_count == 0);
	bsd_free(dir->buckets, dir->bucket_count * sizeof(*dir->buckets));
	bsd_free(dir->slots, dir->slot_capacity * sizeof(*dir->slots));
	dir->buckets = NULL;
	dir->slots = NULL;
	dir->bucket_count = dir->slot_capacity = dir->slot_count = 0;
}
