/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vnode -- one file of any kind and any file system, as the rest of the server
 * sees it: type, attributes, a reference count and a table of operations.
 *
 * Life:   made by its file system -> referenced by directories walks, open
 *         files, mounts, working directories -> on the last release its
 *         operation `inactive` decides whether it stays (it has names) or goes.
 * Locks:  master lock.  Operations marked (sleeps) may give it up; the caller
 *         holds a reference, so the vnode stays, but anything else may change.
 * Fields: (c) set at creation, (m) master lock.
 * Hosted: yes (tests/unit/bsd-vfs).
 */
#ifndef BSD_VFS_VNODE_H
#define BSD_VFS_VNODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cred;
struct fifo;
struct file_lock_set;
struct mount;
struct proc;
struct unix_socket;
struct vnode;

/* Longest file name and path (bytes; the path with its final NUL). */
#define VFS_NAME_MAX 255
#define VFS_PATH_MAX 4096

/* Links followed in one lookup before ELOOP. */
#define VFS_LINKS_MAX 40

struct vfs_time {
	int64_t sec;
	uint32_t nsec;
};

/* Attributes kept in every vnode; `mode` includes the type bits. */
struct vnode_attr {
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint32_t nlink;
	uint64_t ino;
	uint64_t rdev;
	uint64_t size;
	uint64_t blocks; /* of 512 bytes, really in use */
	struct vfs_time atime;
	struct vfs_time mtime;
	struct vfs_time ctime;
};

/* A name inside a directory: not NUL-terminated, no slash, 1..VFS_NAME_MAX. */
struct vfs_name {
	const char *text;
	size_t length;
};

/* What a new file is to be; `link` is the text of a symbolic link. */
struct vnode_template {
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint64_t rdev;
	const char *link;
	size_t link_length;
};

/* One directory entry handed to a readdir sink. */
struct vfs_dirent {
	uint64_t ino;
	uint64_t next; /* position behind this entry */
	uint32_t type; /* mode >> 12 */
	struct vfs_name name;
};

/*
 * Receives the entries of a directory one by one.  `add` returns false when
 * the entry does not fit; the directory then stops before that entry.
 */
struct vfs_dirsink {
	bool (*add)(struct vfs_dirsink *sink, const struct vfs_dirent *entry);
};

/*
 * What a file system does.  Results are 0 or an errno.  Names given to the
 * changing operations were looked up just before under the same hold of the
 * master lock: what the caller says exists does, what it wants to make does
 * not.  Permissions were checked by the caller (vfs/).  NULL entries answer
 * as the comments say.
 */
struct vnode_ops {
	/* Find `name` (also ".."); *vpp gets a reference.  ENOENT. */
	int (*lookup)(struct vnode *dir, const struct vfs_name *name, struct vnode **vpp);
	/* Make a file of any type; *vpp gets a reference.  NULL: EROFS. */
	int (*create)(struct vnode *dir, const struct vfs_name *name,
	    const struct vnode_template *template, struct vnode **vpp);
	/* Give `vp` one more name.  NULL: EPERM. */
	int (*link)(struct vnode *dir, const struct vfs_name *name, struct vnode *vp);
	/* Remove the name of a file that is no directory.  NULL: EROFS. */
	int (*unlink)(struct vnode *dir, const struct vfs_name *name, struct vnode *vp);
	/* Remove an empty directory (ENOTEMPTY).  NULL: EROFS. */
	int (*rmdir)(struct vnode *dir, const struct vfs_name *name, struct vnode *vp);
	/*
	 * Move `vp`; `target` is what bears the new name now, or NULL.  Types
	 * and the cycle were checked.  ENOTEMPTY.  NULL: EROFS.
	 */
	int (*rename)(struct vnode *fdir, const struct vfs_name *fname, struct vnode *vp,
	    struct vnode *tdir, const struct vfs_name *tname, struct vnode *target);
	/* Text of a symbolic link, cut to `size`.  NULL: EINVAL. */
	int (*readlink)(
	    struct vnode *vp, struct proc *proc, char *buffer, size_t size, size_t *lengthp);
	/*
	 * For links whose text is not the whole truth: the file itself, with
	 * a reference.  NULL: the text is walked.
	 */
	int (*follow)(struct vnode *vp, struct proc *proc, struct vnode **vpp);
	/* Regular files: bytes at an offset.  Short only at the end. */
	int (*read)(struct vnode *vp, void *buffer, size_t length, uint64_t offset, size_t *donep);
	/* Regular files; extends.  May be short with ENOSPC hidden. */
	int (*write)(
	    struct vnode *vp, const void *buffer, size_t length, uint64_t offset, size_t *donep);
	/* Regular files: cut or extend by a hole.  NULL: EINVAL. */
	int (*truncate)(struct vnode *vp, uint64_t size);
	/*
	 * The whole file in one piece of page-aligned server memory, valid
	 * until the file is written, truncated or released.  NULL or ENOMEM:
	 * read it instead.
	 */
	int (*extent)(struct vnode *vp, const void **basep, size_t *sizep);
	/*
	 * The file in one piece of page-aligned server memory for good, at
	 * least its first `need` bytes, for programs to map: what is written
	 * there (if it may be) is in the file.  Behind the page of the file's
	 * end nothing may be touched.  NULL: ENODEV.
	 */
	int (*map)(struct vnode *vp, uint64_t need, bool writable, const void **basep);
	/* Entries from position *cookie on; *cookie moves behind the last. */
	int (*readdir)(struct vnode *dir, uint64_t *cookie, struct vfs_dirsink *sink);
	/* Bring vp->attr up to date before it is looked at.  NULL: it is. */
	int (*refresh)(struct vnode *vp);
	/* vp->attr was changed by vfs (mode, owner, times).  NULL: EROFS. */
	int (*changed)(struct vnode *vp);
	/*
	 * The directory a file is named in and its name there (cut to size),
	 * for getcwd and /proc.  *dirp gets a reference.  ENOENT: no name.
	 */
	int (*name)(struct vnode *vp, struct vnode **dirp, char *buffer, size_t size);
	/* The last reference is gone. */
	void (*inactive)(struct vnode *vp);
};

struct vnode {
	unsigned refs;               /* (m) */
	const struct vnode_ops *ops; /* (c) */
	struct mount *mount;         /* (c) file system it is in */
	struct mount *covered_by;    /* (m) what is mounted on it */
	struct vnode_attr attr;      /* (m) */
	struct file_lock_set *locks; /* (m) record locks, or NULL */
	struct fifo *fifo;           /* (m) of an open FIFO, or NULL */
	struct unix_socket *socket;  /* (m) bound here, or NULL */
	unsigned writers;            /* (m) opens for writing */
	unsigned text_users;         /* (m) processes executing it */
};

/* A file system: kind of mount that `mount` can name. */
struct fs_type {
	const char *name;
	/* Make the root vnode (a reference for the mount). */
	int (*mount)(struct mount *mount, struct vnode **rootp);
	/* Give everything back; no vnode but the root is in use. */
	void (*unmount)(struct mount *mount);
	/* Totals in blocks of 4096 bytes and files. */
	void (*statfs)(struct mount *mount, uint64_t *blocks, uint64_t *bfree, uint64_t *files,
	    uint64_t *ffree);
	uint64_t magic;
};

#define MOUNT_READ_ONLY 0x1

/*
 * A mounted file system.  Owns one reference on its root and one on the
 * directory it covers (none for the root file system).
 */
struct mount {
	struct mount *next;
	const struct fs_type *type;
	struct vnode *root;
	struct vnode *covers;
	void *data;
	unsigned flags;
	unsigned vnodes; /* referenced vnodes, the root's by us included */
	uint64_t dev;
	char *from; /* what /proc/mounts says: device */
	char *path; /* and directory */
};

/*
 * Prepare the fields common to all vnodes with one reference.  The caller
 * filled attr.
 */
void vnode_init(struct vnode *vp, const struct vnode_ops *ops, struct mount *mount);

/* One more reference; returns vp. */
struct vnode *vnode_reference(struct vnode *vp);

/* One reference less; the last calls ops->inactive.  NULL is allowed. */
void vnode_release(struct vnode *vp);

/* Type bits of the mode: S_IFREG and so on. */
uint32_t vnode_type(const struct vnode *vp);

static inline bool
vnode_read_only(const struct vnode *vp)
{
	return vp->mount != NULL && (vp->mount->flags & MOUNT_READ_ONLY);
}

/* Set the times that `which` names (bits below) to the current time. */
#define VNODE_ATIME 1
#define VNODE_MTIME 2
#define VNODE_CTIME 4
void vnode_touch(struct vnode *vp, unsigned which);

/*
 * Read bytes of a regular file; *donep is less than `length` only at the end.
 * For exec and for those who need no open file.  EISDIR, EINVAL.
 */
int vnode_read(struct vnode *vp, void *buffer, size_t length, uint64_t offset, size_t *donep);

/*
 * The whole regular file as page-aligned server memory (see ops->extent).
 * The memory stays until the file changes or its last reference goes; copy or
 * map it before sleeping.
 */
int vnode_extent(struct vnode *vp, const void **basep, size_t *sizep);

/* Server memory of a regular file to be mapped by programs (see ops->map). */
int vnode_map(struct vnode *vp, uint64_t need, bool writable, const void **basep);

/* Attributes, brought up to date. */
int vnode_getattr(struct vnode *vp, struct vnode_attr *attrp);

/*
 * Whether `cred` may do what the bits of `want` (4 read, 2 write, 1 execute
 * or search) say.  With `real` the real ids count.  EACCES.  The super-user
 * may do all, but execute only what somebody may execute.
 */
int vnode_access(struct vnode *vp, const struct cred *cred, unsigned want, bool real);
/* After a change by `cred`: set-id bits of a program do not survive. */
void vnode_drop_setid(struct vnode *vp, const struct cred *cred);

#define VWANT_READ  4
#define VWANT_WRITE 2
#define VWANT_EXEC  1

#endif /* BSD_VFS_VNODE_H */
