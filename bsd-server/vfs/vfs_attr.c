/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that look at and change attributes.
 */
#include <string.h>

#include "file/cred.h"
#include "file/fd_table.h"
#include "file/file.h"
#include "vfs/mount.h"
#include "vfs/namei.h"
#include "vfs/services.h"
#include "vfs/vfs.h"
#include "vfs/vfs_check.h"

static struct bsd_timespec
stat_time(const struct vfs_time *time)
{
	return (struct bsd_timespec) { time->sec, time->nsec };
}

void
vfs_stat_fill(struct vnode *vp, struct bsd_stat *st)
{
	struct vnode_attr attr;

	(void)vnode_getattr(vp, &attr);
	*st = (struct bsd_stat) {
		.st_dev = vp->mount != NULL ? vp->mount->dev : 0,
		.st_ino = attr.ino,
		.st_mode = attr.mode,
		.st_nlink = attr.nlink,
		.st_uid = attr.uid,
		.st_gid = attr.gid,
		.st_rdev = attr.rdev,
		.st_size = attr.size,
		.st_blksize = 4096,
		.st_blocks = attr.blocks,
		.st_atim = stat_time(&attr.atime),
		.st_mtim = stat_time(&attr.mtime),
		.st_ctim = stat_time(&attr.ctime),
	};
}

/* The file of a descriptor that has one, with a reference. */
static int
attr_of_fd(struct proc *proc, int fd, struct file **filep)
{
	int error;

	error = fd_table_get(proc_files(proc), fd, filep);
	if (error == 0 && (*filep)->vnode == NULL) {
		file_release(*filep);
		error = EINVAL;
	}
	return error;
}

int
vfs_stat(struct proc *proc, int dirfd, const char *path, unsigned flags, struct bsd_stat *st)
{
	struct vnode *vp;
	int error;

	if (*path == '\0' && (flags & AT_EMPTY_PATH) && dirfd != AT_FDCWD)
		return vfs_fstat(proc, dirfd, st);
	error = vfs_find(proc, dirfd, path, flags, &vp);
	if (error != 0)
		return error;
	vfs_stat_fill(vp, st);
	vnode_release(vp);
	return 0;
}

int
vfs_fstat(struct proc *proc, int fd, struct bsd_stat *st)
{
	struct file *file;
	int error;

	error = fd_table_get(proc_files(proc), fd, &file);
	if (error != 0)
		return error;
	if (file->vnode != NULL) {
		vfs_stat_fill(file->vnode, st);
	} else {
		memset(st, 0, sizeof(*st));
		st->st_mode = S_IFSOCK | 0777;
		st->st_nlink = 1;
		st->st_blksize = 4096;
	}
	file_release(file);
	return 0;
}

int
vfs_access(struct proc *proc, int dirfd, const char *path, unsigned mode, unsigned flags)
{
	struct vnode *vp;
	int error;

	if (mode & ~(unsigned)(R_OK | W_OK | X_OK))
		return EINVAL;
	error = vfs_find(proc, dirfd, path, flags, &vp);
	if (error != 0)
		return error;
	error = vnode_access(vp, proc_cred(proc), mode, !(flags & AT_EACCESS));
	if (error == 0 && (mode & W_OK) && vnode_read_only(vp) &&
	    (vnode_type(vp) == S_IFREG || vnode_type(vp) == S_IFDIR))
		error = EROFS;
	vnode_release(vp);
	return error;
}

/* Tell the file system that vp->attr changed. */
static int
attr_changed(struct vnode *vp)
{
	vnode_touch(vp, VNODE_CTIME);
	return vp->ops->changed(vp);
}

/* Whether attributes of the file can be changed at all. */
static int
attr_changeable(const struct vnode *vp)
{
	return vp->ops->changed == NULL || vnode_read_only(vp) ? EROFS : 0;
}

static int
attr_chmod(struct proc *proc, struct vnode *vp, uint32_t mode)
{
	const struct cred *cred = proc_cred(proc);
	int error;

	error = attr_changeable(vp);
	if (error == 0)
		error = vfs_must_own(proc, vp);
	if (error != 0)
		return error;
	if (vnode_type(vp) == S_IFLNK)
		return EOPNOTSUPP;
	mode &= 07777;
	if (!cred_is_root(cred) && vnode_type(vp) != S_IFDIR && !cred_in_group(cred, vp->attr.gid))
		mode &= ~S_ISGID;
	vp->attr.mode = (vp->attr.mode & S_IFMT) | mode;
	return attr_changed(vp);
}

int
vfs_chmod(struct proc *proc, int dirfd, const char *path, uint32_t mode, unsigned flags)
{
	struct vnode *vp;
	int error;

	error = vfs_find(proc, dirfd, path, flags, &vp);
	if (error != 0)
		return error;
	error = attr_chmod(proc, vp, mode);
	vnode_release(vp);
	return error;
}

/* An owner may give the file to a group it is in; root may do all. */
static int
attr_may_chown(const struct cred *cred, const struct vnode *vp, uint32_t uid, uint32_t gid)
{
	if (cred_is_root(cred))
		return 0;
	if (uid != UINT32_MAX && uid != vp->attr.uid)
		return EPERM;
	if (cred->euid != vp->attr.uid)
		return EPERM;
	if (gid != UINT32_MAX && gid != vp->attr.gid && !cred_in_group(cred, gid))
		return EPERM;
	return 0;
}

static int
attr_chown(struct proc *proc, struct vnode *vp, uint32_t uid, uint32_t gid)
{
	int error;

	error = attr_changeable(vp);
	if (error == 0)
		error = attr_may_chown(proc_cred(proc), vp, uid, gid);
	if (error != 0)
		return error;
	if (uid != UINT32_MAX)
		vp->attr.uid = uid;
	if (gid != UINT32_MAX)
		vp->attr.gid = gid;
	if (vnode_type(vp) == S_IFREG) {
		vp->attr.mode &= ~S_ISUID;
		if (vp->attr.mode & 010)
			vp->attr.mode &= ~S_ISGID;
	}
	return attr_changed(vp);
}

int
vfs_chown(
    struct proc *proc, int dirfd, const char *path, uint32_t uid, uint32_t gid, unsigned flags)
{
	struct vnode *vp;
	int error;

	error = vfs_find(proc, dirfd, path, flags, &vp);
	if (error != 0)
		return error;
	error = attr_chown(proc, vp, uid, gid);
	vnode_release(vp);
	return error;
}

static bool
attr_time_valid(const struct bsd_timespec *time)
{
	return time->tv_nsec == UTIME_NOW || time->tv_nsec == UTIME_OMIT ||
	    (time->tv_nsec >= 0 && time->tv_nsec < 1000000000);
}

static void
attr_set_time(struct vfs_time *to, const struct bsd_timespec *from)
{
	if (from->tv_nsec == UTIME_NOW) {
		bsd_now(to);
	} else if (from->tv_nsec != UTIME_OMIT) {
		to->sec = from->tv_sec;
		to->nsec = from->tv_nsec;
	}
}

/* Setting both to now needs only write permission. */
static int
attr_may_utimes(struct proc *proc, struct vnode *vp, const struct bsd_timespec *atime,
    const struct bsd_timespec *mtime)
{
	int error;

	error = attr_changeable(vp);
	if (error != 0)
		return error;
	if (atime->tv_nsec == UTIME_OMIT && mtime->tv_nsec == UTIME_OMIT)
		return 0;
	error = vfs_must_own(proc, vp);
	if (error != 0 && atime->tv_nsec == UTIME_NOW && mtime->tv_nsec == UTIME_NOW)
		error = vnode_access(vp, proc_cred(proc), VWANT_WRITE, false);
	return error;
}

int
vfs_utimes(struct proc *proc, int dirfd, const char *path, const struct bsd_timespec *atime,
    const struct bsd_timespec *mtime, unsigned flags)
{
	struct vnode *vp;
	int error;

	if (!attr_time_valid(atime) || !attr_time_valid(mtime))
		return EINVAL;
	error = vfs_find(proc, dirfd, path, flags, &vp);
	if (error != 0)
		return error;
	error = attr_may_utimes(proc, vp, atime, mtime);
	if (error == 0) {
		attr_set_time(&vp->attr.atime, atime);
		attr_set_time(&vp->attr.mtime, mtime);
		error = attr_changed(vp);
	}
	vnode_release(vp);
	return error;
}

static int
attr_truncate(struct proc *proc, struct vnode *vp, int64_t length)
{
	int error;

	if (vnode_type(vp) == S_IFDIR)
		return EISDIR;
	if (length < 0 || vnode_type(vp) != S_IFREG || vp->ops->truncate == NULL)
		return EINVAL;
	if (vnode_read_only(vp))
		return EROFS;
	if (vp->text_users > 0)
		return ETXTBSY;
	if ((uint64_t)length > vp->attr.size && (uint64_t)length > proc_limit_fsize(proc)) {
		bsd_signal_proc(proc, SIGXFSZ);
		return EFBIG;
	}
	error = vp->ops->truncate(vp, length);
	if (error == 0) {
		vnode_touch(vp, VNODE_MTIME | VNODE_CTIME);
		vnode_drop_setid(vp, proc_cred(proc));
	}
	return error;
}

int
vfs_truncate(struct proc *proc, const char *path, int64_t length)
{
	struct vnode *vp;
	int error;

	error = vfs_find(proc, AT_FDCWD, path, 0, &vp);
	if (error != 0)
		return error;
	error = vnode_type(vp) == S_IFDIR ? EISDIR
					  : vnode_access(vp, proc_cred(proc), VWANT_WRITE, false);
	if (error == 0)
		error = attr_truncate(proc, vp, length);
	vnode_release(vp);
	return error;
}

int
vfs_ftruncate(struct proc *proc, int fd, int64_t length)
{
	struct file *file;
	int error;

	error = attr_of_fd(proc, fd, &file);
	if (error != 0)
		return error;
	if (file->flags & O_PATH)
		error = EBADF;
	else if (!file_writable(file))
		error = EINVAL;
	else
		error = attr_truncate(proc, file->vnode, length);
	file_release(file);
	return error;
}

static void
attr_statfs(struct vnode *vp, struct bsd_statfs *st)
{
	struct mount *mount = vp->mount;
	uint64_t blocks = 0, bfree = 0, files = 0, ffree = 0;

	memset(st, 0, sizeof(*st));
	st->f_bsize = 4096;
	st->f_namelen = VFS_NAME_MAX;
	if (mount == NULL)
		return;
	if (mount->type->statfs != NULL)
		mount->type->statfs(mount, &blocks, &bfree, &files, &ffree);
	st->f_type = mount->type->magic;
	st->f_blocks = blocks;
	st->f_bfree = bfree;
	st->f_bavail = bfree;
	st->f_files = files;
	st->f_ffree = ffree;
	st->f_fsid = mount->dev;
	st->f_flags = mount->flags & MOUNT_READ_ONLY ? MNT_RDONLY : 0;
	strncpy(st->f_fstypename, mount->type->name, sizeof(st->f_fstypename) - 1);
}

int
vfs_statfs(struct proc *proc, const char *path, struct bsd_statfs *st)
{
	struct vnode *vp;
	int error;

	error = vfs_find(proc, AT_FDCWD, path, 0, &vp);
	if (error != 0)
		return error;
	attr_statfs(vp, st);
	vnode_release(vp);
	return 0;
}

int
vfs_fstatfs(struct proc *proc, int fd, struct bsd_statfs *st)
{
	struct file *file;
	int error;

	error = attr_of_fd(proc, fd, &file);
	if (error != 0)
		return error;
	attr_statfs(file->vnode, st);
	file_release(file);
	return 0;
}
