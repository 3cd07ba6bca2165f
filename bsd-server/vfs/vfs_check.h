/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vfs_check -- rules that several of the file system calls share.
 *
 * Locks: master lock.
 */
#ifndef BSD_VFS_VFS_CHECK_H
#define BSD_VFS_VFS_CHECK_H

#include "vfs/vnode.h"

struct cred;
struct namei;
struct proc;

/* Whether the process may add and remove names in `dir`: EACCES, EROFS. */
int vfs_may_change(struct proc *proc, struct vnode *dir);

/* The same for taking away or replacing `vp` there (sticky bit): EPERM. */
int vfs_may_remove(struct proc *proc, struct vnode *dir, struct vnode *vp);

/* Whether the process owns the file or is the super-user: EPERM. */
int vfs_must_own(struct proc *proc, const struct vnode *vp);

/* The group of a file made in `dir`: the directory's if it is set-gid. */
uint32_t vfs_group_for(const struct vnode *dir, const struct cred *cred);

#endif /* BSD_VFS_VFS_CHECK_H */
