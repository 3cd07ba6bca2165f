/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ramfs_dir -- the entries of one directory: found by name through a hash
 * table, listed in the order of making through an array with positions.
 *
 * A position (readdir cookie) belongs to an entry for its life and is never
 * given to another one, so that a reader that stops and goes on sees each
 * lasting entry exactly once, whatever is added or removed meanwhile.
 *
 * Locks: master lock; nothing sleeps.
 */
#ifndef BSD_FS_RAMFS_DIR_H
#define BSD_FS_RAMFS_DIR_H

#include <stddef.h>
#include <stdint.h>

#include "vfs/vnode.h"

struct ramfs_node;

struct ramfs_entry {
	struct ramfs_entry *hash_next;
	struct ramfs_node *dir;  /* whose entry it is */
	struct ramfs_node *node; /* what it names */
	uint64_t position;
	uint32_t hash;
	uint8_t length;
	char name[];
};

struct ramfs_slot {
	uint64_t position;
	struct ramfs_entry *entry; /* NULL: removed */
};

struct ramfs_dir {
	struct ramfs_entry **buckets;
	size_t bucket_count;      /* 0 or a power of two */
	struct ramfs_slot *slots; /* ascending positions */
	size_t slot_count, slot_capacity;
	size_t entry_count;
	uint64_t next_position;
	struct ramfs_node *parent; /* the root's is itself; NULL: removed */
};

/* Positions below this one are "." and "..". */
#define RAMFS_FIRST_POSITION 2

struct ramfs_entry *ramfs_dir_find(const struct ramfs_dir *dir, const struct vfs_name *name);

/* Make an entry for a name that is not there; ENOSPC. */
int ramfs_dir_add(struct ramfs_node *dir, const struct vfs_name *name, struct ramfs_node *node,
    struct ramfs_entry **entryp);

/* Remove and free an entry. */
void ramfs_dir_remove(struct ramfs_dir *dir, struct ramfs_entry *entry);

/* The first entry at or behind `position`; NULL at the end. */
struct ramfs_entry *ramfs_dir_next(const struct ramfs_dir *dir, uint64_t position);

/* Free the tables of an empty directory. */
void ramfs_dir_destroy(struct ramfs_dir *dir);

#endif /* BSD_FS_RAMFS_DIR_H */
