/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vfs -- the file system calls: what the routines of bsd_file.defs that take
 * a path do for a process.
 *
 * Everywhere: results are 0 or an errno; `dirfd` is AT_FDCWD or a descriptor
 * of a directory that relative paths begin at (EBADF, ENOTDIR); paths give
 * ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG.  Only further errors are
 * listed.
 *
 * Locks: master lock; vfs_open may sleep (FIFO, terminal).
 */
#ifndef BSD_VFS_VFS_H
#define BSD_VFS_VFS_H

#include "bsd/abi.h"
#include "vfs/vnode.h"

struct file;
struct proc;

/*
 * The directory that `dirfd` names, with a reference; *vpp is NULL for
 * AT_FDCWD and for absolute paths, which need none.
 */
int vfs_start(struct proc *proc, int dirfd, const char *path, struct vnode **vpp);

/*
 * The file a call with flags is about: AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH
 * (with an empty path any descriptor's file).  *vpp gets a reference.
 */
int vfs_find(struct proc *proc, int dirfd, const char *path, unsigned flags, struct vnode **vpp);

/* ---- opening (vfs_open.c) ---------------------------------------------- */

/*
 * Open, creating when asked, and give it the lowest descriptor.
 * EEXIST, EISDIR, ENXIO, EROFS, ETXTBSY, EMFILE, ENFILE, ERESTART.
 */
int
vfs_open(struct proc *proc, int dirfd, const char *path, unsigned flags, uint32_t mode, int *fdp);

/*
 * Open a file that is already found: permissions, kind, device.  Takes over
 * the caller's reference on `vp` in any case.
 */
int vfs_open_vnode(struct proc *proc, struct vnode *vp, unsigned flags, struct file **filep);

/*
 * For exec: a regular file that the process may execute, with a reference
 * and counted as text in use until vfs_text_release.  EACCES, ETXTBSY.
 */
int
vfs_open_exec(struct proc *proc, int dirfd, const char *path, unsigned flags, struct vnode **vpp);

/* Another process executes the same text (fork). */
struct vnode *vfs_text_reference(struct vnode *vp);

/* The process no longer executes it.  NULL is allowed. */
void vfs_text_release(struct vnode *vp);

/* ---- names (vfs_names.c) ------------------------------------------------ */

/* EEXIST, ENOSPC, EROFS */
int vfs_mkdir(struct proc *proc, int dirfd, const char *path, uint32_t mode);
/* Regular files, FIFOs, sockets; devices for the super-user (EPERM). */
int vfs_mknod(struct proc *proc, int dirfd, const char *path, uint32_t mode, uint64_t rdev);
int vfs_symlink(struct proc *proc, const char *target, int dirfd, const char *path);
/* flags AT_SYMLINK_FOLLOW, AT_EMPTY_PATH.  EEXIST, EXDEV, EPERM, EMLINK */
int
vfs_link(struct proc *proc, int fromfd, const char *from, int tofd, const char *to, unsigned flags);
/* flags AT_REMOVEDIR.  EISDIR, EBUSY, ENOTEMPTY, EPERM, EINVAL */
int vfs_unlink(struct proc *proc, int dirfd, const char *path, unsigned flags);
/* flags BSD_RENAME_NOREPLACE.  EINVAL, EXDEV, EBUSY, ENOTEMPTY, EISDIR */
int vfs_rename(
    struct proc *proc, int fromfd, const char *from, int tofd, const char *to, unsigned flags);
/* The text, without a NUL, cut to `size`.  EINVAL: no symbolic link. */
int vfs_readlink(
    struct proc *proc, int dirfd, const char *path, char *buffer, size_t size, size_t *lengthp);

/* ---- attributes (vfs_attr.c) -------------------------------------------- */

void vfs_stat_fill(struct vnode *vp, struct bsd_stat *st);
int vfs_stat(struct proc *proc, int dirfd, const char *path, unsigned flags, struct bsd_stat *st);
int vfs_fstat(struct proc *proc, int fd, struct bsd_stat *st);
/* mode of R_OK, W_OK, X_OK; flags AT_EACCESS, AT_SYMLINK_NOFOLLOW */
int vfs_access(struct proc *proc, int dirfd, const char *path, unsigned mode, unsigned flags);
/* EPERM, EROFS */
int vfs_chmod(struct proc *proc, int dirfd, const char *path, uint32_t mode, unsigned flags);
int vfs_chown(
    struct proc *proc, int dirfd, const char *path, uint32_t uid, uint32_t gid, unsigned flags);
int vfs_utimes(struct proc *proc, int dirfd, const char *path, const struct bsd_timespec *atime,
    const struct bsd_timespec *mtime, unsigned flags);
/* EISDIR, EINVAL, ETXTBSY, EFBIG, ENOSPC */
int vfs_truncate(struct proc *proc, const char *path, int64_t length);
int vfs_ftruncate(struct proc *proc, int fd, int64_t length);
int vfs_statfs(struct proc *proc, const char *path, struct bsd_statfs *st);
int vfs_fstatfs(struct proc *proc, int fd, struct bsd_statfs *st);

/* ---- directories (vfs_dir.c) -------------------------------------------- */

int vfs_chdir(struct proc *proc, const char *path);
int vfs_fchdir(struct proc *proc, int fd);
/* EPERM */
int vfs_chroot(struct proc *proc, const char *path);
/* ERANGE; *lengthp is without a NUL. */
int vfs_getcwd(struct proc *proc, char *buffer, size_t size, size_t *lengthp);
uint32_t vfs_umask(struct proc *proc, uint32_t mask);
/*
 * Whole bsd_dirents from the descriptor's position on; none at the end.
 * ENOTDIR; EINVAL when not one entry fits.
 */
int vfs_getdents(struct proc *proc, int fd, void *buffer, size_t size, size_t *donep);

#endif /* BSD_VFS_VFS_H */
