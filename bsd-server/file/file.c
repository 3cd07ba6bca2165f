/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open file objects, and the operations of plain files.
 */
#include "file/file.h"

#include "file/file_lock.h"
#include "vfs/services.h"

static unsigned files_open;

unsigned
file_count(void)
{
	return files_open;
}

int
file_create(const struct file_ops *ops, uint32_t flags, struct vnode *vp, struct file **filep)
{
	struct file *file;

	if (files_open >= FILE_MAX)
		return ENFILE;
	file = bsd_alloc(sizeof(*file));
	if (file == NULL)
		return ENOMEM;
	file->refs = 1;
	file->flags = flags;
	file->ops = ops;
	file->vnode = vp;
	files_open++;
	*filep = file;
	return 0;
}

struct file *
file_reference(struct file *file)
{
	file->refs++;
	return file;
}

void
file_release(struct file *file)
{
	if (file == NULL)
		return;
	bsd_assert(file->refs > 0);
	if (--file->refs > 0)
		return;
	if (file->vnode != NULL)
		file_lock_forget_file(file);
	if (file->ops->close != NULL)
		file->ops->close(file);
	vnode_release(file->vnode);
	files_open--;
	bsd_free(file, sizeof(*file));
}

static int
vnode_file_read(struct file *file, struct proc *proc, void *buffer, size_t length, uint64_t offset,
    size_t *donep)
{
	return vnode_read(file->vnode, buffer, length, offset, donep);
}

/* How much the process' file size limit lets it write at `offset`. */
static int
vnode_file_limit(struct file *file, struct proc *proc, uint64_t offset, size_t *lengthp)
{
	uint64_t limit = proc_limit_fsize(proc);

	if (offset >= limit) {
		bsd_signal_proc(proc, SIGXFSZ);
		return EFBIG;
	}
	if (*lengthp > limit - offset)
		*lengthp = limit - offset;
	return 0;
}

static int
vnode_file_write(struct file *file, struct proc *proc, const void *buffer, size_t length,
    uint64_t offset, size_t *donep)
{
	struct vnode *vp = file->vnode;
	int error;

	*donep = 0;
	if (vp->ops->write == NULL)
		return EINVAL;
	if (length == 0)
		return 0;
	error = vnode_file_limit(file, proc, offset, &length);
	if (error != 0)
		return error;
	error = vp->ops->write(vp, buffer, length, offset, donep);
	if (*donep > 0) {
		vnode_touch(vp, VNODE_MTIME | VNODE_CTIME);
		vnode_drop_setid(vp, proc_cred(proc));
	}
	return error;
}

static void
vnode_file_close(struct file *file)
{
	if (file_writable(file)) {
		bsd_assert(file->vnode->writers > 0);
		file->vnode->writers--;
	}
}

static int
vnode_file_ioctl(struct file *file, struct proc *proc, uint32_t request, void *data)
{
	uint64_t left = 0;

	if (request != FIONREAD || vnode_type(file->vnode) != S_IFREG)
		return ENOTTY;
	if (file->vnode->attr.size > file->offset)
		left = file->vnode->attr.size - file->offset;
	*(int32_t *)data = left > INT32_MAX ? INT32_MAX : left;
	return 0;
}

const struct file_ops vnode_file_ops = {
	.read = vnode_file_read,
	.write = vnode_file_write,
	.ioctl = vnode_file_ioctl,
	.close = vnode_file_close,
	.seekable = true,
};
