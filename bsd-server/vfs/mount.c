/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mounting: a list in the order of mounting, the root first.
 */
#include "vfs/mount.h"

#include <string.h>

#include "file/cred.h"
#include "fs/procfs.h"
#include "fs/ramfs.h"
#include "vfs/namei.h"
#include "vfs/services.h"
#include "vfs/vfs.h"

#define MOUNT_TYPES_MAX 16

static struct mount *mounts;
static uint64_t next_dev = BSD_MAKEDEV(0, 1);
static const struct fs_type *types[MOUNT_TYPES_MAX];
static unsigned type_count;

static char *
mount_text(const char *text)
{
	char *copy = bsd_alloc(strlen(text) + 1);

	if (copy != NULL)
		memcpy(copy, text, strlen(text) + 1);
	return copy;
}

static void
mount_destroy(struct mount *mount)
{
	if (mount->from != NULL)
		bsd_free(mount->from, strlen(mount->from) + 1);
	if (mount->path != NULL)
		bsd_free(mount->path, strlen(mount->path) + 1);
	bsd_free(mount, sizeof(*mount));
}

static struct mount *
mount_create(const struct fs_type *type, const char *from, const char *path, unsigned flags)
{
	struct mount *mount = bsd_alloc(sizeof(*mount));

	if (mount == NULL)
		return NULL;
	mount->type = type;
	mount->flags = flags;
	mount->dev = next_dev++;
	mount->from = mount_text(from);
	mount->path = mount_text(path);
	if (mount->from == NULL || mount->path == NULL) {
		mount_destroy(mount);
		return NULL;
	}
	return mount;
}

static void
mount_append(struct mount *mount)
{
	struct mount **link = &mounts;

	while (*link != NULL)
		link = &(*link)->next;
	*link = mount;
}

int
vfs_mount_at(const struct fs_type *type, const char *from, const char *path, struct vnode *covers,
    unsigned flags)
{
	struct mount *mount;
	int error;

	mount = mount_create(type, from, path, flags);
	if (mount == NULL)
		return ENOMEM;
	error = type->mount(mount, &mount->root);
	if (error != 0) {
		mount_destroy(mount);
		return error;
	}
	if (covers != NULL) {
		mount->covers = vnode_reference(covers);
		covers->covered_by = mount;
	}
	mount_append(mount);
	return 0;
}

int
vfs_init(void)
{
	bsd_assert(mounts == NULL);
	vfs_register((const struct fs_type *[]) { &ramfs_type, &procfs_type }, 2);
	return vfs_mount_at(&ramfs_type, "root", "/", NULL, 0);
}

/* Take a mount out of the tree and give it back. */
static void
mount_remove(struct mount *mount)
{
	struct mount **link = &mounts;

	while (*link != mount)
		link = &(*link)->next;
	*link = mount->next;
	if (mount->covers != NULL) {
		mount->covers->covered_by = NULL;
		vnode_release(mount->covers);
	}
	mount->type->unmount(mount);
	mount_destroy(mount);
}

int
vfs_populate(struct proc *proc)
{
	int error;

	error = vfs_mkdir(proc, AT_FDCWD, "/proc", 0555);
	if (error == 0 || error == EEXIST)
		error = vfs_mkdir(proc, AT_FDCWD, "/tmp", 01777);
	if (error == 0)
		error = vfs_chmod(proc, AT_FDCWD, "/tmp", 01777, 0);
	if (error != 0 && error != EEXIST)
		return error;
	return vfs_mount(proc, "proc", "proc", "/proc", 0);
}

void
vfs_shutdown(void)
{
	struct mount *last;

	while (mounts != NULL) {
		for (last = mounts; last->next != NULL; last = last->next)
			;
		mount_remove(last);
	}
	type_count = 0;
}

struct vnode *
vfs_root(void)
{
	return mounts->root;
}

void
vfs_register(const struct fs_type **list, unsigned count)
{
	unsigned i;

	bsd_assert(type_count + count <= MOUNT_TYPES_MAX);
	for (i = 0; i < count; i++)
		types[type_count++] = list[i];
}

static const struct fs_type *
mount_type(const char *name)
{
	unsigned i;

	if (strcmp(name, "ramfs") == 0)
		return &ramfs_type;
	for (i = 0; i < type_count; i++) {
		if (strcmp(types[i]->name, name) == 0)
			return types[i];
	}
	return NULL;
}

int
vfs_mount(
    struct proc *proc, const char *type_name, const char *from, const char *path, unsigned flags)
{
	const struct fs_type *type = mount_type(type_name);
	char where[VFS_PATH_MAX];
	struct vnode *vp;
	size_t length;
	int error;

	if (!cred_is_root(proc_cred(proc)))
		return EPERM;
	if (type == NULL)
		return ENODEV;
	error = vfs_find(proc, AT_FDCWD, path, 0, &vp);
	if (error != 0)
		return error;
	error = vnode_type(vp) == S_IFDIR ? 0 : ENOTDIR;
	if (error == 0)
		error = namei_path(proc, vp, where, sizeof(where), &length);
	if (error == 0)
		error = vfs_mount_at(type, from, where, vp, flags);
	vnode_release(vp);
	return error;
}

/* The mount whose root `path` names. */
static int
mount_find(struct proc *proc, const char *path, struct mount **mountp)
{
	struct vnode *vp;
	int error;

	if (!cred_is_root(proc_cred(proc)))
		return EPERM;
	error = vfs_find(proc, AT_FDCWD, path, 0, &vp);
	if (error != 0)
		return error;
	*mountp = vp->mount;
	if (vp->mount == NULL || vp->mount->root != vp)
		error = EINVAL;
	vnode_release(vp);
	return error;
}

int
vfs_remount(struct proc *proc, const char *path, unsigned flags)
{
	struct mount *mount;
	int error;

	error = mount_find(proc, path, &mount);
	if (error == 0)
		mount->flags = flags;
	return error;
}

int
vfs_unmount(struct proc *proc, const char *path)
{
	struct mount *mount;
	int error;

	error = mount_find(proc, path, &mount);
	if (error != 0)
		return error;
	if (mount->covers == NULL || mount->vnodes != 1 || mount->root->refs != 1)
		return EBUSY;
	mount_remove(mount);
	return 0;
}

const struct mount *
mount_next(const struct mount *mount)
{
	return mount == NULL ? mounts : mount->next;
}

void
vfs_sync(void)
{
	/* Every file system so far lives in memory: nothing is behind. */
}
