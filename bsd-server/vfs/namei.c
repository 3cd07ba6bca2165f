/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk.  Its state is the directory reached and the rest of the path; a
 * symbolic link puts its text in front of the rest, in one of two buffers
 * that take turns.
 */
#include "vfs/namei.h"

#include <string.h>

#include "bsd/abi.h"
#include "file/cred.h"
#include "vfs/fs_context.h"
#include "vfs/services.h"

struct walk {
	struct proc *proc;
	unsigned flags;
	unsigned links; /* followed so far */
	const char *rest;
	char *buffer; /* 2 * VFS_PATH_MAX or NULL */
	struct namei *nd;
};

static void
walk_move(struct walk *walk, struct vnode *dir)
{
	vnode_release(walk->nd->dir);
	walk->nd->dir = dir;
}

/* From a covered directory to the root of what covers it. */
static struct vnode *
walk_descend(struct vnode *vp)
{
	struct vnode *root;

	while (vp->covered_by != NULL) {
		root = vnode_reference(vp->covered_by->root);
		vnode_release(vp);
		vp = root;
	}
	return vp;
}

static int
walk_dotdot(struct walk *walk, struct vnode **vpp)
{
	static const struct vfs_name dotdot = { "..", 2 };
	struct vnode *root = proc_fs(walk->proc)->root;
	struct vnode *dir = walk->nd->dir;
	int error;

	while (dir != root && dir->mount->root == dir && dir->mount->covers != NULL)
		dir = dir->mount->covers;
	if (dir == root) {
		*vpp = vnode_reference(dir);
		return 0;
	}
	error = dir->ops->lookup(dir, &dotdot, vpp);
	if (error == 0)
		*vpp = walk_descend(*vpp);
	return error;
}

/* Cut the next component off the rest. */
static int
walk_next(struct walk *walk)
{
	struct namei *nd = walk->nd;
	const char *from = walk->rest;
	size_t length = 0;

	while (from[length] != '\0' && from[length] != '/')
		length++;
	if (length > VFS_NAME_MAX)
		return ENAMETOOLONG;
	memcpy(nd->text, from, length);
	nd->text[length] = '\0';
	nd->last.text = nd->text;
	nd->last.length = length;
	from += length;
	nd->slash = *from == '/';
	while (*from == '/')
		from++;
	walk->rest = from;
	return 0;
}

/* Look the current component up in the current directory. */
static int
walk_lookup(struct walk *walk)
{
	struct namei *nd = walk->nd;
	int error;

	if (vnode_type(nd->dir) != S_IFDIR)
		return ENOTDIR;
	error = vnode_access(nd->dir, proc_cred(walk->proc), VWANT_EXEC, false);
	if (error != 0)
		return error;
	nd->dots = true;
	if (nd->last.length == 0 || strcmp(nd->text, ".") == 0) {
		nd->node = vnode_reference(nd->dir);
		return 0;
	}
	if (strcmp(nd->text, "..") == 0)
		return walk_dotdot(walk, &nd->node);
	nd->dots = false;
	error = nd->dir->ops->lookup(nd->dir, &nd->last, &nd->node);
	if (error == 0)
		nd->node = walk_descend(nd->node);
	return error;
}

/* Put the link's text and what is left of the path into the free buffer. */
static int
walk_splice(struct walk *walk, struct vnode *link)
{
	char *to;
	size_t length, rest = strlen(walk->rest);
	int error;

	if (walk->buffer == NULL)
		walk->buffer = bsd_alloc(2 * VFS_PATH_MAX);
	if (walk->buffer == NULL)
		return ENOMEM;
	to = walk->links % 2 == 0 ? walk->buffer : walk->buffer + VFS_PATH_MAX;
	if (link->ops->readlink == NULL)
		return EINVAL;
	error = link->ops->readlink(link, walk->proc, to, VFS_PATH_MAX, &length);
	if (error != 0)
		return error;
	if (length == 0)
		return ENOENT;
	if (length + 1 + rest + 1 > VFS_PATH_MAX)
		return ENAMETOOLONG;
	if (walk->nd->slash)
		to[length++] = '/';
	memcpy(to + length, walk->rest, rest + 1);
	walk->rest = to;
	return 0;
}

/* Begin at the root when the path says so. */
static void
walk_absolute(struct walk *walk)
{
	if (*walk->rest != '/')
		return;
	walk_move(walk, vnode_reference(proc_fs(walk->proc)->root));
	while (*walk->rest == '/')
		walk->rest++;
}

/*
 * Follow the link in nd->node.  Either the walk goes on with a new rest
 * (nd->node becomes NULL), or nd->node is the target itself.
 */
static int
walk_link(struct walk *walk)
{
	struct namei *nd = walk->nd;
	struct vnode *link = nd->node;
	int error;

	nd->node = NULL;
	if (++walk->links > VFS_LINKS_MAX) {
		error = ELOOP;
	} else if (link->ops->follow != NULL) {
		error = link->ops->follow(link, walk->proc, &nd->node);
		nd->dots = true; /* where it is named is unknown */
	} else {
		error = walk_splice(walk, link);
		if (error == 0)
			walk_absolute(walk);
	}
	vnode_release(link);
	return error;
}

static bool
walk_wants_link(const struct walk *walk)
{
	const struct namei *nd = walk->nd;

	if (vnode_type(nd->node) != S_IFLNK)
		return false;
	if (*walk->rest != '\0')
		return true;
	if (nd->slash)
		return !(walk->flags & NAMEI_NAME);
	return (walk->flags & NAMEI_FOLLOW) != 0;
}

/* One component; *endp tells that it was the last. */
static int
walk_step(struct walk *walk, bool *endp)
{
	struct namei *nd = walk->nd;
	int error;

	*endp = false;
	error = walk_next(walk);
	if (error != 0)
		return error;
	error = walk_lookup(walk);
	if (error == ENOENT && *walk->rest == '\0' && (walk->flags & NAMEI_PARENT) && !nd->dots) {
		*endp = true;
		return 0;
	}
	if (error != 0)
		return error;
	if (walk_wants_link(walk)) {
		error = walk_link(walk);
		if (error != 0 || nd->node == NULL)
			return error;
	}
	*endp = *walk->rest == '\0';
	if (!*endp) {
		walk_move(walk, nd->node);
		nd->node = NULL;
	} else if (nd->slash && !(walk->flags & NAMEI_NAME) && vnode_type(nd->node) != S_IFDIR) {
		return ENOTDIR;
	}
	return 0;
}

static int
walk_run(struct walk *walk)
{
	bool end;
	int error;

	walk_absolute(walk);
	do {
		error = walk_step(walk, &end);
	} while (error == 0 && !end);
	return error;
}

int
namei_parent(
    struct proc *proc, struct vnode *start, const char *path, unsigned flags, struct namei *nd)
{
	struct walk walk = {
		.proc = proc,
		.flags = flags | NAMEI_PARENT,
		.rest = path,
		.nd = nd,
	};
	int error;

	nd->dir = NULL;
	nd->node = NULL;
	nd->dots = false;
	if (memchr(path, '\0', VFS_PATH_MAX) == NULL)
		return ENAMETOOLONG;
	if (*path == '\0' && !(flags & NAMEI_EMPTY))
		return ENOENT;
	nd->dir = vnode_reference(start != NULL ? start : proc_fs(proc)->cwd);
	if (*path == '\0') {
		nd->node = vnode_reference(nd->dir);
		nd->last.length = 0;
		nd->slash = false;
		nd->dots = true;
		return 0;
	}
	error = walk_run(&walk);
	bsd_free(walk.buffer, 2 * VFS_PATH_MAX);
	if (error != 0)
		namei_done(nd);
	return error;
}

void
namei_done(struct namei *nd)
{
	vnode_release(nd->node);
	vnode_release(nd->dir);
	nd->node = NULL;
	nd->dir = NULL;
}

int
namei_find(
    struct proc *proc, struct vnode *start, const char *path, unsigned flags, struct vnode **vpp)
{
	struct namei nd;
	int error;

	error = namei_parent(proc, start, path, flags, &nd);
	if (error != 0)
		return error;
	*vpp = nd.node;
	nd.node = NULL;
	namei_done(&nd);
	return *vpp != NULL ? 0 : ENOENT;
}

/* Put "/name" in front of what stands at `at`. */
static int
path_prepend(char *buffer, size_t *at, const char *name)
{
	size_t length = strlen(name);

	if (*at < length + 1)
		return ERANGE;
	*at -= length;
	memcpy(buffer + *at, name, length);
	buffer[--*at] = '/';
	return 0;
}

/* One step up: name of *vpp and its directory, across mount points. */
static int
path_up(struct vnode **vpp, char *name)
{
	struct vnode *vp = *vpp, *dir;
	int error;

	while (vp->mount->root == vp && vp->mount->covers != NULL)
		vp = vp->mount->covers;
	if (vp->ops->name == NULL)
		return ENOENT;
	error = vp->ops->name(vp, &dir, name, VFS_NAME_MAX + 1);
	if (error != 0)
		return error;
	vnode_release(*vpp);
	*vpp = dir;
	return 0;
}

/* Whether `vp` is where all paths end. */
static bool
path_is_top(struct proc *proc, const struct vnode *vp)
{
	return vp == proc_fs(proc)->root ||
	    (vp->mount != NULL && vp->mount->root == vp && vp->mount->covers == NULL);
}

int
namei_path(struct proc *proc, struct vnode *vp, char *buffer, size_t size, size_t *lengthp)
{
	char name[VFS_NAME_MAX + 1];
	size_t at = size;
	int error = 0;

	if (size < 2)
		return ERANGE;
	buffer[--at] = '\0';
	vnode_reference(vp);
	while (error == 0 && !path_is_top(proc, vp)) {
		if (vp->mount == NULL)
			error = ENOENT;
		else
			error = path_up(&vp, name);
		if (error == 0)
			error = path_prepend(buffer, &at, name);
	}
	vnode_release(vp);
	if (error == 0 && buffer[at] == '\0')
		error = path_prepend(buffer, &at, "");
	if (error != 0)
		return error;
	*lengthp = size - 1 - at;
	memmove(buffer, buffer + at, size - at);
	return 0;
}
