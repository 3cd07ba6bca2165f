/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that make, remove and move names.
 */
#include <string.h>

#include "file/cred.h"
#include "vfs/fs_context.h"
#include "vfs/namei.h"
#include "vfs/services.h"
#include "vfs/vfs.h"
#include "vfs/vfs_check.h"

int
vfs_may_change(struct proc *proc, struct vnode *dir)
{
	if (vnode_read_only(dir))
		return EROFS;
	return vnode_access(dir, proc_cred(proc), VWANT_WRITE | VWANT_EXEC, false);
}

int
vfs_may_remove(struct proc *proc, struct vnode *dir, struct vnode *vp)
{
	const struct cred *cred = proc_cred(proc);
	int error;

	error = vfs_may_change(proc, dir);
	if (error != 0)
		return error;
	if ((dir->attr.mode & S_ISVTX) && !cred_is_root(cred) && cred->euid != dir->attr.uid &&
	    cred->euid != vp->attr.uid)
		return EPERM;
	return 0;
}

int
vfs_must_own(struct proc *proc, const struct vnode *vp)
{
	const struct cred *cred = proc_cred(proc);

	return cred_is_root(cred) || cred->euid == vp->attr.uid ? 0 : EPERM;
}

uint32_t
vfs_group_for(const struct vnode *dir, const struct cred *cred)
{
	return dir->attr.mode & S_ISGID ? dir->attr.gid : cred->egid;
}

/* Walk to where a name is to be; ends in namei_done by the caller. */
static int
names_walk(struct proc *proc, int dirfd, const char *path, struct namei *nd)
{
	struct vnode *start;
	int error;

	error = vfs_start(proc, dirfd, path, &start);
	if (error != 0)
		return error;
	error = namei_parent(proc, start, path, NAMEI_NAME, nd);
	vnode_release(start);
	return error;
}

/* Create what `template` says under a name that must not exist. */
static int
names_make(struct proc *proc, int dirfd, const char *path, struct vnode_template *template)
{
	const struct cred *cred = proc_cred(proc);
	struct vnode *vp;
	struct namei nd;
	int error;

	error = names_walk(proc, dirfd, path, &nd);
	if (error != 0)
		return error;
	if (nd.node != NULL)
		error = EEXIST;
	else if (nd.slash && (template->mode & S_IFMT) != S_IFDIR)
		error = ENOENT;
	else
		error = vfs_may_change(proc, nd.dir);
	if (error == 0 && nd.dir->ops->create == NULL)
		error = EROFS;
	if (error == 0) {
		template->uid = cred->euid;
		template->gid = vfs_group_for(nd.dir, cred);
		if ((template->mode & S_IFMT) == S_IFDIR)
			template->mode |= nd.dir->attr.mode &S_ISGID;
		error = nd.dir->ops->create(nd.dir, &nd.last, template, &vp);
		if (error == 0)
			vnode_release(vp);
	}
	namei_done(&nd);
	return error;
}

int
vfs_mkdir(struct proc *proc, int dirfd, const char *path, uint32_t mode)
{
	struct vnode_template template = {
		.mode = S_IFDIR | (mode & 01777 & ~proc_fs(proc)->umask),
	};

	return names_make(proc, dirfd, path, &template);
}

int
vfs_mknod(struct proc *proc, int dirfd, const char *path, uint32_t mode, uint64_t rdev)
{
	struct vnode_template template = {
		.mode = (mode & S_IFMT) | (mode & 07777 & ~proc_fs(proc)->umask),
		.rdev = rdev,
	};

	switch (mode & S_IFMT) {
	case 0:
		template.mode |= S_IFREG;
		/* FALLTHROUGH */
	case S_IFREG:
	case S_IFIFO:
	case S_IFSOCK:
		template.rdev = 0;
		break;
	case S_IFCHR:
	case S_IFBLK:
		if (!cred_is_root(proc_cred(proc)))
			return EPERM;
		break;
	default:
		return EINVAL;
	}
	return names_make(proc, dirfd, path, &template);
}

int
vfs_symlink(struct proc *proc, const char *target, int dirfd, const char *path)
{
	struct vnode_template template = {
		.mode = S_IFLNK | 0777,
		.link = target,
		.link_length = strlen(target),
	};

	if (template.link_length == 0)
		return ENOENT;
	if (template.link_length >= VFS_PATH_MAX)
		return ENAMETOOLONG;
	return names_make(proc, dirfd, path, &template);
}

static int
names_link(struct proc *proc, struct vnode *vp, struct namei *nd)
{
	int error;

	if (nd->node != NULL)
		return EEXIST;
	if (nd->slash)
		return ENOENT;
	if (vp->mount != nd->dir->mount)
		return EXDEV;
	if (vnode_type(vp) == S_IFDIR || nd->dir->ops->link == NULL)
		return EPERM;
	if (vp->attr.nlink == 0)
		return ENOENT;
	if (vp->attr.nlink == UINT32_MAX)
		return EMLINK;
	error = vfs_may_change(proc, nd->dir);
	if (error != 0)
		return error;
	return nd->dir->ops->link(nd->dir, &nd->last, vp);
}

int
vfs_link(struct proc *proc, int fromfd, const char *from, int tofd, const char *to, unsigned flags)
{
	unsigned find = flags & AT_EMPTY_PATH;
	struct vnode *vp;
	struct namei nd;
	int error;

	if (!(flags & AT_SYMLINK_FOLLOW))
		find |= AT_SYMLINK_NOFOLLOW;
	error = vfs_find(proc, fromfd, from, find, &vp);
	if (error != 0)
		return error;
	error = names_walk(proc, tofd, to, &nd);
	if (error == 0) {
		error = names_link(proc, vp, &nd);
		namei_done(&nd);
	}
	vnode_release(vp);
	return error;
}

/* Why a directory's last component cannot be removed, if it cannot. */
static int
names_rmdir_check(const struct namei *nd)
{
	if (nd->dots) {
		if (nd->last.length == 1)
			return EINVAL; /* "." */
		return nd->last.length == 2 ? ENOTEMPTY : EBUSY;
	}
	if (vnode_type(nd->node) != S_IFDIR)
		return ENOTDIR;
	return nd->node->mount->root == nd->node ? EBUSY : 0;
}

static int
names_rmdir(struct proc *proc, struct namei *nd)
{
	int error;

	error = names_rmdir_check(nd);
	if (error == 0)
		error = vfs_may_remove(proc, nd->dir, nd->node);
	if (error != 0)
		return error;
	if (nd->dir->ops->rmdir == NULL)
		return EROFS;
	return nd->dir->ops->rmdir(nd->dir, &nd->last, nd->node);
}

static int
names_unlink(struct proc *proc, struct namei *nd)
{
	int error;

	if (nd->dots || vnode_type(nd->node) == S_IFDIR)
		return EISDIR;
	if (nd->slash)
		return ENOTDIR;
	error = vfs_may_remove(proc, nd->dir, nd->node);
	if (error != 0)
		return error;
	if (nd->dir->ops->unlink == NULL)
		return EROFS;
	return nd->dir->ops->unlink(nd->dir, &nd->last, nd->node);
}

int
vfs_unlink(struct proc *proc, int dirfd, const char *path, unsigned flags)
{
	struct namei nd;
	int error;

	if (flags & ~(unsigned)AT_REMOVEDIR)
		return EINVAL;
	error = names_walk(proc, dirfd, path, &nd);
	if (error != 0)
		return error;
	if (nd.node == NULL)
		error = ENOENT;
	else if (flags & AT_REMOVEDIR)
		error = names_rmdir(proc, &nd);
	else
		error = names_unlink(proc, &nd);
	namei_done(&nd);
	return error;
}

/* Whether `dir` is `vp` or lies below it (both of one file system). */
static int
names_is_below(struct vnode *dir, const struct vnode *vp, bool *belowp)
{
	static const struct vfs_name dotdot = { "..", 2 };
	struct vnode *at = vnode_reference(dir), *up;
	int error = 0;

	*belowp = at == vp;
	while (error == 0 && !*belowp && at != at->mount->root) {
		error = at->ops->lookup(at, &dotdot, &up);
		if (error == 0) {
			vnode_release(at);
			at = up;
			*belowp = at == vp;
		}
	}
	vnode_release(at);
	return error;
}

/* Neither may be moved into what is below itself, or over what is above. */
static int
names_rename_circle(const struct namei *from, const struct namei *to)
{
	bool below = false;
	int error = 0;

	if (vnode_type(from->node) == S_IFDIR)
		error = names_is_below(to->dir, from->node, &below);
	if (error != 0 || below)
		return error != 0 ? error : EINVAL;
	if (to->node != NULL && vnode_type(to->node) == S_IFDIR)
		error = names_is_below(from->dir, to->node, &below);
	return error == 0 && below ? ENOTEMPTY : error;
}

/* The types of what moves and what it replaces must agree. */
static int
names_rename_types(const struct namei *from, const struct namei *to)
{
	bool dir = vnode_type(from->node) == S_IFDIR;

	if (to->node == NULL)
		return 0;
	if (vnode_type(to->node) == S_IFDIR)
		return dir ? 0 : EISDIR;
	return dir ? ENOTDIR : 0;
}

static int
names_rename_allowed(struct proc *proc, struct namei *from, struct namei *to)
{
	int error;

	error = vfs_may_remove(proc, from->dir, from->node);
	if (error != 0)
		return error;
	return to->node != NULL ? vfs_may_remove(proc, to->dir, to->node)
				: vfs_may_change(proc, to->dir);
}

static int
names_rename_check(struct proc *proc, struct namei *from, struct namei *to)
{
	int error;

	if (from->dots || to->dots)
		return EBUSY;
	if (from->node == NULL)
		return ENOENT;
	if (from->dir->mount != to->dir->mount)
		return EXDEV;
	if (from->node->mount->root == from->node ||
	    (to->node != NULL && to->node->mount->root == to->node))
		return EBUSY;
	if (vnode_type(from->node) != S_IFDIR && (from->slash || to->slash))
		return ENOTDIR;
	error = names_rename_circle(from, to);
	if (error != 0 || from->node == to->node)
		return error;
	error = names_rename_allowed(proc, from, to);
	return error != 0 ? error : names_rename_types(from, to);
}

static int
names_rename(struct proc *proc, struct namei *from, struct namei *to, unsigned flags)
{
	int error;

	if ((flags & BSD_RENAME_NOREPLACE) && to->node != NULL)
		return EEXIST;
	error = names_rename_check(proc, from, to);
	if (error != 0)
		return error;
	if (from->node == to->node)
		return 0; /* two names of one file: both stay */
	if (from->dir->ops->rename == NULL)
		return EROFS;
	error = from->dir->ops->rename(
	    from->dir, &from->last, from->node, to->dir, &to->last, to->node);
	if (error == 0)
		vnode_touch(from->node, VNODE_CTIME);
	return error;
}

int
vfs_rename(
    struct proc *proc, int fromfd, const char *from, int tofd, const char *to, unsigned flags)
{
	struct namei source, target;
	int error;

	if (flags & ~(unsigned)BSD_RENAME_NOREPLACE)
		return EINVAL;
	error = names_walk(proc, fromfd, from, &source);
	if (error != 0)
		return error;
	error = names_walk(proc, tofd, to, &target);
	if (error == 0) {
		error = names_rename(proc, &source, &target, flags);
		namei_done(&target);
	}
	namei_done(&source);
	return error;
}

int
vfs_readlink(
    struct proc *proc, int dirfd, const char *path, char *buffer, size_t size, size_t *lengthp)
{
	struct vnode *vp;
	int error;

	error = vfs_find(
	    proc, dirfd, path, AT_SYMLINK_NOFOLLOW | (*path == '\0' ? AT_EMPTY_PATH : 0), &vp);
	if (error != 0)
		return error;
	if (vnode_type(vp) != S_IFLNK || vp->ops->readlink == NULL)
		error = EINVAL;
	else
		error = vp->ops->readlink(vp, proc, buffer, size, lengthp);
	vnode_release(vp);
	return error;
}
