/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * namei -- from path names to vnodes.
 *
 * One walk takes a path component by component, follows symbolic links (up to
 * VFS_LINKS_MAX), crosses mount points both ways and never leaves the process'
 * root.  Search permission is checked in each directory.
 *
 * Locks: master lock; a walk does not sleep in any file system so far.
 */
#ifndef BSD_VFS_NAMEI_H
#define BSD_VFS_NAMEI_H

#include "vfs/vnode.h"

#define NAMEI_FOLLOW 0x1 /* follow a link in the last place */
#define NAMEI_EMPTY  0x2 /* "" is the start itself */
#define NAMEI_PARENT 0x4 /* the last component need not exist */
#define NAMEI_NAME   0x8 /* the name itself, even with a slash behind */

/* The result of a walk to the last component. */
struct namei {
	struct vnode *dir;    /* directory of the last component */
	struct vnode *node;   /* the file, NULL when it does not exist */
	struct vfs_name last; /* points into `text` */
	bool slash;           /* the path ended in a slash */
	bool dots;            /* last is ".", ".." or the path "/" : no name */
	char text[VFS_NAME_MAX + 1];
};

/*
 * Find the file `path` names, beginning at `start` (NULL: the working
 * directory) unless it begins with a slash.  *vpp gets a reference.
 * ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG.
 */
int namei_find(
    struct proc *proc, struct vnode *start, const char *path, unsigned flags, struct vnode **vpp);

/*
 * Walk to the directory of the last component and look that one up.  On
 * success the caller ends with namei_done.
 */
int namei_parent(
    struct proc *proc, struct vnode *start, const char *path, unsigned flags, struct namei *nd);

void namei_done(struct namei *nd);

/*
 * The absolute path of a vnode as seen from the process' root.  ENOENT when
 * it has none, ERANGE when it does not fit; *lengthp is without the NUL.
 */
int namei_path(struct proc *proc, struct vnode *vp, char *buffer, size_t size, size_t *lengthp);

#endif /* BSD_VFS_NAMEI_H */
