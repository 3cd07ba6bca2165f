/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all vnodes have in common: counting, permissions, times.
 */
#include "vfs/vnode.h"

#include <string.h>

#include "bsd/abi.h"
#include "file/cred.h"
#include "vfs/services.h"

void
vnode_init(struct vnode *vp, const struct vnode_ops *ops, struct mount *mount)
{
	vp->refs = 1;
	vp->ops = ops;
	vp->mount = mount;
	if (mount != NULL)
		mount->vnodes++;
}

struct vnode *
vnode_reference(struct vnode *vp)
{
	if (vp->refs++ == 0 && vp->mount != NULL)
		vp->mount->vnodes++;
	return vp;
}

void
vnode_release(struct vnode *vp)
{
	if (vp == NULL)
		return;
	bsd_assert(vp->refs > 0);
	if (--vp->refs > 0)
		return;
	if (vp->mount != NULL)
		vp->mount->vnodes--;
	if (vp->ops->inactive != NULL)
		vp->ops->inactive(vp);
}

uint32_t
vnode_type(const struct vnode *vp)
{
	return vp->attr.mode & S_IFMT;
}

void
vnode_touch(struct vnode *vp, unsigned which)
{
	struct vfs_time now;

	if (vnode_read_only(vp))
		return;
	bsd_now(&now);
	if (which & VNODE_ATIME)
		vp->attr.atime = now;
	if (which & VNODE_MTIME)
		vp->attr.mtime = now;
	if (which & VNODE_CTIME)
		vp->attr.ctime = now;
}

static int
vnode_check_data(const struct vnode *vp)
{
	if (vnode_type(vp) == S_IFDIR)
		return EISDIR;
	return vnode_type(vp) == S_IFREG && vp->ops->read != NULL ? 0 : EINVAL;
}

int
vnode_read(struct vnode *vp, void *buffer, size_t length, uint64_t offset, size_t *donep)
{
	int error;

	*donep = 0;
	error = vnode_check_data(vp);
	if (error != 0)
		return error;
	error = vp->ops->read(vp, buffer, length, offset, donep);
	if (error == 0)
		vnode_touch(vp, VNODE_ATIME);
	return error;
}

int
vnode_extent(struct vnode *vp, const void **basep, size_t *sizep)
{
	int error;

	error = vnode_check_data(vp);
	if (error != 0)
		return error;
	if (vp->ops->extent == NULL)
		return ENOMEM;
	return vp->ops->extent(vp, basep, sizep);
}

int
vnode_map(struct vnode *vp, uint64_t need, bool writable, const void **basep)
{
	if (vnode_type(vp) != S_IFREG || vp->ops->map == NULL)
		return ENODEV;
	return vp->ops->map(vp, need, writable, basep);
}

int
vnode_getattr(struct vnode *vp, struct vnode_attr *attrp)
{
	int error = 0;

	if (vp->ops->refresh != NULL)
		error = vp->ops->refresh(vp);
	*attrp = vp->attr;
	return error;
}

/* The three permission bits that hold for this user. */
static unsigned
vnode_class_bits(const struct vnode *vp, const struct cred *cred, bool real)
{
	uint32_t uid = real ? cred->ruid : cred->euid;
	unsigned i;

	if (uid == vp->attr.uid)
		return vp->attr.mode >> 6 & 7;
	if ((real ? cred->rgid : cred->egid) == vp->attr.gid)
		return vp->attr.mode >> 3 & 7;
	for (i = 0; i < cred->group_count; i++) {
		if (cred->groups[i] == vp->attr.gid)
			return vp->attr.mode >> 3 & 7;
	}
	return vp->attr.mode & 7;
}

int
vnode_access(struct vnode *vp, const struct cred *cred, unsigned want, bool real)
{
	bool root = (real ? cred->ruid : cred->euid) == 0;
	bool nobody_runs = (vp->attr.mode & 0111) == 0;

	if (root) {
		if ((want & VWANT_EXEC) && nobody_runs && vnode_type(vp) != S_IFDIR)
			return EACCES;
		return 0;
	}
	if ((vnode_class_bits(vp, cred, real) & want) == want)
		return 0;
	return EACCES;
}

void
vnode_drop_setid(struct vnode *vp, const struct cred *cred)
{
	if (cred_is_root(cred) || vnode_type(vp) != S_IFREG)
		return;
	vp->attr.mode &= ~S_ISUID;
	if (vp->attr.mode & 010)
		vp->attr.mode &= ~S_ISGID;
}
