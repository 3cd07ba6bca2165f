/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fs_context -- where a process stands in the file tree: root, working
 * directory, creation mask.  Shared by threads that clone with CLONE_FS.
 *
 * Life:  fs_context_create -> fs_context_share or fs_context_copy at fork ->
 *        freed on the last fs_context_release.
 * Locks: master lock.
 */
#ifndef BSD_VFS_FS_CONTEXT_H
#define BSD_VFS_FS_CONTEXT_H

#include <stdint.h>

struct vnode;

struct fs_context {
	unsigned refs;
	struct vnode *root;
	struct vnode *cwd;
	uint32_t umask;
};

/* Standing in `root` with mask 022; takes references.  NULL: no memory. */
struct fs_context *fs_context_create(struct vnode *root);

/* A private copy; NULL when out of memory. */
struct fs_context *fs_context_copy(const struct fs_context *fs);

/* One more reference to the same one. */
struct fs_context *fs_context_share(struct fs_context *fs);

void fs_context_release(struct fs_context *fs);

#endif /* BSD_VFS_FS_CONTEXT_H */
