/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Root, working directory and mask of a process.
 */
#include "vfs/fs_context.h"

#include "vfs/services.h"
#include "vfs/vnode.h"

#define FS_DEFAULT_UMASK 022

struct fs_context *
fs_context_create(struct vnode *root)
{
	struct fs_context *fs;

	fs = bsd_alloc(sizeof(*fs));
	if (fs == NULL)
		return NULL;
	fs->refs = 1;
	fs->root = vnode_reference(root);
	fs->cwd = vnode_reference(root);
	fs->umask = FS_DEFAULT_UMASK;
	return fs;
}

struct fs_context *
fs_context_copy(const struct fs_context *fs)
{
	struct fs_context *copy;

	copy = fs_context_create(fs->root);
	if (copy == NULL)
		return NULL;
	vnode_release(copy->cwd);
	copy->cwd = vnode_reference(fs->cwd);
	copy->umask = fs->umask;
	return copy;
}

struct fs_context *
fs_context_share(struct fs_context *fs)
{
	fs->refs++;
	return fs;
}

void
fs_context_release(struct fs_context *fs)
{
	bsd_assert(fs->refs > 0);
	if (--fs->refs > 0)
		return;
	vnode_release(fs->cwd);
	vnode_release(fs->root);
	bsd_free(fs, sizeof(*fs));
}
