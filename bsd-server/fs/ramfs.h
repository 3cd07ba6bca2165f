/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ramfs -- a file system in the server's memory.
 *
 * A node is a vnode with its content: a tree of pages (regular), a directory
 * (directory), a text (symbolic link).  A node lives while it has names or
 * references.  Everything is charged to the file system, which has a limit.
 *
 * Locks: master lock; nothing here sleeps.
 */
#ifndef BSD_FS_RAMFS_H
#define BSD_FS_RAMFS_H

#include "fs/ramfs_data.h"
#include "fs/ramfs_dir.h"
#include "vfs/vnode.h"

/* Types "tmpfs" and "ramfs" of mount. */
extern const struct fs_type ramfs_type;

struct ramfs {
	struct mount *mount;
	struct ramfs_budget budget;
	uint64_t next_ino;
	uint64_t files;
};

struct ramfs_node {
	struct vnode vnode; /* first: a vnode is its node */
	struct ramfs *fs;
	/* One entry that names this node, for paths; NULL when unknown. */
	struct ramfs_entry *entry;
	union {
		struct ramfs_dir dir;
		struct ramfs_data data;
		char *link; /* attr.size bytes and a NUL */
	};
};

#endif /* BSD_FS_RAMFS_H */
