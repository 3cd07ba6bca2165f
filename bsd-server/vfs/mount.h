/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mount -- the table of mounted file systems.
 *
 * Life:  vfs_init mounts the root; vfs_mount adds; vfs_unmount takes away what
 *        nobody uses.
 * Locks: master lock.
 */
#ifndef BSD_VFS_MOUNT_H
#define BSD_VFS_MOUNT_H

#include "vfs/vnode.h"

struct proc;

/* Mount an empty ram file system as the root; 0 or ENOMEM. */
int vfs_init(void);

/* Make /proc and /tmp, and mount processes' files on /proc.  EEXIST is fine. */
int vfs_populate(struct proc *proc);

/* Unmount everything and forget it (tests). */
void vfs_shutdown(void);

/* The root directory of the whole tree, borrowed. */
struct vnode *vfs_root(void);

/* Make a type known to vfs_mount. */
void vfs_register(const struct fs_type **list, unsigned count);

/*
 * Mount a file system of a named type on a directory.  `from` is only text.
 * ENODEV: unknown type.  EPERM, ENOTDIR, EBUSY, path errors.
 */
int
vfs_mount(struct proc *proc, const char *type, const char *from, const char *path, unsigned flags);

/* The same without a process, on a directory the server knows. */
int vfs_mount_at(const struct fs_type *type, const char *from, const char *path,
    struct vnode *covers, unsigned flags);

/* Change the flags of what is mounted at `path`. */
int vfs_remount(struct proc *proc, const char *path, unsigned flags);

/* Unmount what is mounted at `path`; EBUSY while in use. */
int vfs_unmount(struct proc *proc, const char *path);

/* The mounts in order of mounting: first with NULL, NULL after the last. */
const struct mount *mount_next(const struct mount *mount);

/* Flush everything to where it lives. */
void vfs_sync(void);

#endif /* BSD_VFS_MOUNT_H */
