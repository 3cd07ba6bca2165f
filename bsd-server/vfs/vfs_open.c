/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * open: find or create, check, and make an open file of the right kind.
 */
#include <string.h>

#include "dev/dev.h"
#include "file/cred.h"
#include "file/fd_table.h"
#include "file/file.h"
#include "pipe/pipe.h"
#include "vfs/fs_context.h"
#include "vfs/namei.h"
#include "vfs/services.h"
#include "vfs/vfs.h"
#include "vfs/vfs_check.h"

/* Flags that stay with the open file. */
#define OPEN_KEEP (O_ACCMODE | O_APPEND | O_NONBLOCK | O_PATH | O_ASYNC)

int
vfs_start(struct proc *proc, int dirfd, const char *path, struct vnode **vpp)
{
	struct file *file;
	int error;

	*vpp = NULL;
	if (dirfd == AT_FDCWD || *path == '/')
		return 0;
	error = fd_table_get(proc_files(proc), dirfd, &file);
	if (error != 0)
		return error;
	if (file->vnode == NULL)
		error = ENOTDIR;
	else if (*path != '\0' && vnode_type(file->vnode) != S_IFDIR)
		error = ENOTDIR;
	else
		*vpp = vnode_reference(file->vnode);
	file_release(file);
	return error;
}

int
vfs_find(struct proc *proc, int dirfd, const char *path, unsigned flags, struct vnode **vpp)
{
	unsigned nflags = NAMEI_FOLLOW;
	struct vnode *start;
	int error;

	if (flags & AT_SYMLINK_NOFOLLOW)
		nflags = 0;
	if (flags & AT_EMPTY_PATH)
		nflags |= NAMEI_EMPTY;
	error = vfs_start(proc, dirfd, path, &start);
	if (error != 0)
		return error;
	error = namei_find(proc, start, path, nflags, vpp);
	vnode_release(start);
	return error;
}

/* The permissions that opening with these flags needs. */
static unsigned
open_wants(unsigned flags)
{
	static const uint8_t wants[4] = {
		[O_RDONLY] = VWANT_READ,
		[O_WRONLY] = VWANT_WRITE,
		[O_RDWR] = VWANT_READ | VWANT_WRITE,
		[O_ACCMODE] = VWANT_READ | VWANT_WRITE,
	};
	unsigned want = wants[flags & O_ACCMODE];

	if (flags & O_TRUNC)
		want |= VWANT_WRITE;
	return want;
}

/* Whether this kind of file may be opened so. */
static int
open_check(struct proc *proc, struct vnode *vp, unsigned flags)
{
	uint32_t type = vnode_type(vp);
	unsigned want = open_wants(flags);

	if ((flags & O_DIRECTORY) && type != S_IFDIR)
		return ENOTDIR;
	if (type == S_IFLNK)
		return ELOOP;
	if (type == S_IFSOCK)
		return ENXIO;
	if (type == S_IFDIR && (want & VWANT_WRITE))
		return EISDIR;
	if ((want & VWANT_WRITE) && vnode_read_only(vp) && (type == S_IFREG || type == S_IFDIR))
		return EROFS;
	if (type == S_IFREG && (want & VWANT_WRITE) && vp->text_users > 0)
		return ETXTBSY;
	return vnode_access(vp, proc_cred(proc), want, false);
}

static int
open_truncate(struct proc *proc, struct vnode *vp)
{
	int error;

	if (vnode_type(vp) != S_IFREG)
		return 0;
	if (vp->ops->truncate == NULL)
		return EINVAL;
	error = vp->ops->truncate(vp, 0);
	if (error == 0) {
		vnode_touch(vp, VNODE_MTIME | VNODE_CTIME);
		vnode_drop_setid(vp, proc_cred(proc));
	}
	return error;
}

static int
open_plain(struct vnode *vp, unsigned flags, struct file **filep)
{
	int error;

	error = file_create(&vnode_file_ops, flags & OPEN_KEEP, vp, filep);
	if (error == 0 && file_writable(*filep))
		vp->writers++;
	return error;
}

/* Make the open file by kind; takes over the reference on success. */
static int
open_by_kind(struct proc *proc, struct vnode *vp, unsigned flags, struct file **filep)
{
	switch (vnode_type(vp)) {
	case S_IFIFO:
		return fifo_open(proc, vp, flags & OPEN_KEEP, filep);
	case S_IFCHR:
		return dev_open(proc, vp, flags, filep);
	case S_IFBLK:
		return ENXIO;
	default:
		return open_plain(vp, flags, filep);
	}
}

/* A file opened only as a place: no data, no permission needed. */
static const struct file_ops path_file_ops;

int
vfs_open_vnode(struct proc *proc, struct vnode *vp, unsigned flags, struct file **filep)
{
	int error;

	if (flags & O_PATH) {
		if ((flags & O_DIRECTORY) && vnode_type(vp) != S_IFDIR)
			error = ENOTDIR;
		else
			error = file_create(&path_file_ops, O_PATH, vp, filep);
	} else {
		error = open_check(proc, vp, flags);
		if (error == 0 && (flags & O_TRUNC))
			error = open_truncate(proc, vp);
		if (error == 0)
			error = open_by_kind(proc, vp, flags, filep);
	}
	if (error != 0)
		vnode_release(vp);
	return error;
}

/* Make the regular file that `nd` says is missing. */
static int
open_create(struct proc *proc, struct namei *nd, unsigned flags, uint32_t mode, struct file **filep)
{
	const struct cred *cred = proc_cred(proc);
	struct vnode_template template = {
		.mode = S_IFREG | (mode & 07777 & ~proc_fs(proc)->umask),
		.uid = cred->euid,
		.gid = vfs_group_for(nd->dir, cred),
	};
	struct vnode *vp;
	int error;

	error = vfs_may_change(proc, nd->dir);
	if (error == 0 && nd->dir->ops->create == NULL)
		error = EROFS;
	if (error == 0)
		error = nd->dir->ops->create(nd->dir, &nd->last, &template, &vp);
	if (error != 0)
		return error;
	/* The creator gets what it asks for, whatever the mode says. */
	error = open_plain(vp, flags, filep);
	if (error != 0)
		vnode_release(vp);
	return error;
}

static int
open_existing(struct proc *proc, struct namei *nd, unsigned flags, struct file **filep)
{
	struct vnode *vp = nd->node;

	if ((flags & O_CREAT) && (flags & O_EXCL))
		return EEXIST;
	if ((flags & O_CREAT) && vnode_type(vp) == S_IFDIR)
		return EISDIR;
	nd->node = NULL;
	return vfs_open_vnode(proc, vp, flags, filep);
}

/* How to walk to what is to be opened. */
static unsigned
open_walk_flags(unsigned flags)
{
	unsigned nflags = NAMEI_FOLLOW;

	if ((flags & O_NOFOLLOW) || ((flags & O_CREAT) && (flags & O_EXCL)))
		nflags = 0;
	/* A file to be made cannot have a slash behind, whatever it names. */
	if (flags & O_CREAT)
		nflags |= NAMEI_NAME;
	return nflags;
}

static int
open_path(struct proc *proc, int dirfd, const char *path, unsigned flags, uint32_t mode,
    struct file **filep)
{
	struct vnode *start;
	struct namei nd;
	int error;

	error = vfs_start(proc, dirfd, path, &start);
	if (error != 0)
		return error;
	error = namei_parent(proc, start, path, open_walk_flags(flags), &nd);
	vnode_release(start);
	if (error != 0)
		return error;
	if (nd.slash && !nd.dots && (flags & O_CREAT))
		error = EISDIR;
	else if (nd.node != NULL)
		error = open_existing(proc, &nd, flags, filep);
	else if (flags & O_CREAT)
		error = open_create(proc, &nd, flags, mode, filep);
	else
		error = ENOENT;
	namei_done(&nd);
	return error;
}

int
vfs_open(struct proc *proc, int dirfd, const char *path, unsigned flags, uint32_t mode, int *fdp)
{
	struct fd_table *files = fd_table_share(proc_files(proc));
	struct file *file;
	int error;

	if ((flags & O_TMPFILE) || (flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY)) {
		error = flags & O_TMPFILE ? EOPNOTSUPP : EINVAL;
		fd_table_release(files);
		return error;
	}
	error = fd_table_reserve(files, 0, proc_limit_nofile(proc), fdp);
	if (error == 0) {
		error = open_path(proc, dirfd, path, flags, mode, &file);
		if (error != 0)
			fd_table_cancel(files, *fdp);
		else
			fd_table_set(files, *fdp, file, flags & O_CLOEXEC);
	}
	fd_table_release(files);
	return error;
}

int
vfs_open_exec(struct proc *proc, int dirfd, const char *path, unsigned flags, struct vnode **vpp)
{
	struct vnode *vp;
	int error;

	error = vfs_find(proc, dirfd, path, flags, &vp);
	if (error != 0)
		return error;
	if (vnode_type(vp) == S_IFLNK)
		error = ELOOP;
	else if (vnode_type(vp) != S_IFREG)
		error = EACCES;
	else
		error = vnode_access(vp, proc_cred(proc), VWANT_EXEC, false);
	if (error == 0 && vp->writers > 0)
		error = ETXTBSY;
	if (error != 0) {
		vnode_release(vp);
		return error;
	}
	vp->text_users++;
	*vpp = vp;
	return 0;
}

struct vnode *
vfs_text_reference(struct vnode *vp)
{
	vp->text_users++;
	return vnode_reference(vp);
}

void
vfs_text_release(struct vnode *vp)
{
	if (vp == NULL)
		return;
	bsd_assert(vp->text_users > 0);
	vp->text_users--;
	vnode_release(vp);
}
