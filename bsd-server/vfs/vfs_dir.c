/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls about directories: where the process stands, and listing.
 */
#include <string.h>

#include "file/cred.h"
#include "file/fd_table.h"
#include "file/file.h"
#include "vfs/fs_context.h"
#include "vfs/namei.h"
#include "vfs/services.h"
#include "vfs/vfs.h"

/* Whether the process may stand in `vp`. */
static int
dir_check(struct proc *proc, struct vnode *vp)
{
	if (vnode_type(vp) != S_IFDIR)
		return ENOTDIR;
	return vnode_access(vp, proc_cred(proc), VWANT_EXEC, false);
}

/* Put `vp` into a place of the context, taking over its reference. */
static void
dir_replace(struct vnode **place, struct vnode *vp)
{
	struct vnode *old = *place;

	*place = vp;
	vnode_release(old);
}

/* Find a directory and make it *place. */
static int
dir_enter(struct proc *proc, const char *path, struct vnode **place)
{
	struct vnode *vp;
	int error;

	error = vfs_find(proc, AT_FDCWD, path, 0, &vp);
	if (error != 0)
		return error;
	error = dir_check(proc, vp);
	if (error != 0)
		vnode_release(vp);
	else
		dir_replace(place, vp);
	return error;
}

int
vfs_chdir(struct proc *proc, const char *path)
{
	return dir_enter(proc, path, &proc_fs(proc)->cwd);
}

int
vfs_fchdir(struct proc *proc, int fd)
{
	struct file *file;
	int error;

	error = fd_table_get(proc_files(proc), fd, &file);
	if (error != 0)
		return error;
	error = file->vnode == NULL ? ENOTDIR : dir_check(proc, file->vnode);
	if (error == 0)
		dir_replace(&proc_fs(proc)->cwd, vnode_reference(file->vnode));
	file_release(file);
	return error;
}

int
vfs_chroot(struct proc *proc, const char *path)
{
	if (!cred_is_root(proc_cred(proc)))
		return EPERM;
	return dir_enter(proc, path, &proc_fs(proc)->root);
}

int
vfs_getcwd(struct proc *proc, char *buffer, size_t size, size_t *lengthp)
{
	return namei_path(proc, proc_fs(proc)->cwd, buffer, size, lengthp);
}

uint32_t
vfs_umask(struct proc *proc, uint32_t mask)
{
	struct fs_context *fs = proc_fs(proc);
	uint32_t old = fs->umask;

	fs->umask = mask & 0777;
	return old;
}

/* A sink that packs entries into the caller's buffer. */
struct dents_sink {
	struct vfs_dirsink sink;
	uint8_t *buffer;
	size_t size;
	size_t used;
	bool refused;
};

static bool
dents_add(struct vfs_dirsink *sink, const struct vfs_dirent *entry)
{
	struct dents_sink *dents = (struct dents_sink *)sink;
	size_t size = BSD_DIRENT_SIZE(entry->name.length);
	struct bsd_dirent *out;

	if (size > dents->size - dents->used) {
		dents->refused = true;
		return false;
	}
	out = (struct bsd_dirent *)(dents->buffer + dents->used);
	memset(out, 0, size);
	out->d_ino = entry->ino;
	out->d_off = entry->next;
	out->d_reclen = size;
	out->d_type = entry->type;
	out->d_namlen = entry->name.length;
	memcpy(out->d_name, entry->name.text, entry->name.length);
	dents->used += size;
	return true;
}

static int
dir_list(struct file *file, struct dents_sink *dents)
{
	struct vnode *vp = file->vnode;
	int error;

	if (vp == NULL || vnode_type(vp) != S_IFDIR || vp->ops->readdir == NULL)
		return ENOTDIR;
	if (file->flags & O_PATH)
		return EBADF;
	error = vp->ops->readdir(vp, &file->offset, &dents->sink);
	if (error == 0 && dents->used == 0 && dents->refused)
		error = EINVAL;
	if (error == 0)
		vnode_touch(vp, VNODE_ATIME);
	return error;
}

int
vfs_getdents(struct proc *proc, int fd, void *buffer, size_t size, size_t *donep)
{
	struct dents_sink dents = {
		.sink = { dents_add },
		.buffer = buffer,
		.size = size,
	};
	struct file *file;
	int error;

	error = fd_table_get(proc_files(proc), fd, &file);
	if (error != 0)
		return error;
	error = dir_list(file, &dents);
	*donep = error == 0 ? dents.used : 0;
	file_release(file);
	return error;
}
