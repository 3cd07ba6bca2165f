/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operations of the ram file system.
 *
 * Link counts: a directory has 2 plus one for each directory in it.  A node
 * whose count reaches 0 is freed when its last reference goes.
 */
#include "fs/ramfs.h"

#include <string.h>

#include "bsd/abi.h"
#include "vfs/services.h"

static const struct vnode_ops ramfs_ops;

static struct ramfs_node *
ramfs_node_of(struct vnode *vp)
{
	bsd_assert(vp->ops == &ramfs_ops);
	return (struct ramfs_node *)vp;
}

/* What a node costs beside its data; charged as one sum. */
static uint64_t
ramfs_node_cost(const struct ramfs_node *node)
{
	uint64_t cost = sizeof(*node);

	if (vnode_type(&node->vnode) == S_IFLNK)
		cost += node->vnode.attr.size + 1;
	return cost;
}

static void
ramfs_node_destroy(struct ramfs_node *node)
{
	struct ramfs *fs = node->fs;

	ramfs_budget_give(&fs->budget, ramfs_node_cost(node));
	switch (vnode_type(&node->vnode)) {
	case S_IFDIR:
		ramfs_dir_destroy(&node->dir);
		break;
	case S_IFREG:
		ramfs_data_destroy(&node->data, &fs->budget);
		break;
	case S_IFLNK:
		bsd_free(node->link, node->vnode.attr.size + 1);
		break;
	}
	fs->files--;
	bsd_free(node, sizeof(*node));
}

static int
ramfs_link_text(struct ramfs_node *node, const struct vnode_template *template)
{
	node->link = bsd_alloc(template->link_length + 1);
	if (node->link == NULL)
		return ENOSPC;
	memcpy(node->link, template->link, template->link_length);
	node->vnode.attr.size = template->link_length;
	return 0;
}

/* A node without a name and with one reference. */
static int
ramfs_node_create(
    struct ramfs *fs, const struct vnode_template *template, struct ramfs_node **nodep)
{
	struct ramfs_node *node;
	struct vnode_attr *attr;

	node = bsd_alloc(sizeof(*node));
	if (node == NULL)
		return ENOSPC;
	attr = &node->vnode.attr;
	attr->mode = template->mode;
	attr->uid = template->uid;
	attr->gid = template->gid;
	attr->rdev = template->rdev;
	if (vnode_type(&node->vnode) == S_IFLNK && ramfs_link_text(node, template) != 0) {
		bsd_free(node, sizeof(*node));
		return ENOSPC;
	}
	if (!ramfs_budget_take(&fs->budget, ramfs_node_cost(node))) {
		if (vnode_type(&node->vnode) == S_IFLNK)
			bsd_free(node->link, attr->size + 1);
		bsd_free(node, sizeof(*node));
		return ENOSPC;
	}
	attr->ino = fs->next_ino++;
	node->fs = fs;
	fs->files++;
	vnode_init(&node->vnode, &ramfs_ops, fs->mount);
	vnode_touch(&node->vnode, VNODE_ATIME | VNODE_MTIME | VNODE_CTIME);
	*nodep = node;
	return 0;
}

static int
ramfs_lookup(struct vnode *vdir, const struct vfs_name *name, struct vnode **vpp)
{
	struct ramfs_node *dir = ramfs_node_of(vdir);
	struct ramfs_entry *entry;

	if (name->length == 2 && memcmp(name->text, "..", 2) == 0) {
		if (dir->dir.parent == NULL)
			return ENOENT;
		*vpp = vnode_reference(&dir->dir.parent->vnode);
		return 0;
	}
	entry = ramfs_dir_find(&dir->dir, name);
	if (entry == NULL)
		return ENOENT;
	entry->node->entry = entry;
	*vpp = vnode_reference(&entry->node->vnode);
	return 0;
}

/* Name `node` in `dir`, counting links. */
static int
ramfs_enter(struct ramfs_node *dir, const struct vfs_name *name, struct ramfs_node *node)
{
	struct ramfs_entry *entry;
	int error;

	if (dir->dir.parent == NULL)
		return ENOENT; /* removed while somebody works in it */
	error = ramfs_dir_add(dir, name, node, &entry);
	if (error != 0)
		return error;
	node->entry = entry;
	node->vnode.attr.nlink++;
	if (vnode_type(&node->vnode) == S_IFDIR) {
		node->vnode.attr.nlink++; /* its own "." */
		dir->vnode.attr.nlink++;  /* and its ".." */
		node->dir.parent = dir;
	}
	dir->vnode.attr.size = dir->dir.entry_count * 32;
	vnode_touch(&dir->vnode, VNODE_MTIME | VNODE_CTIME);
	return 0;
}

/* The reverse; does not free the node. */
static void
ramfs_leave(struct ramfs_node *dir, struct ramfs_entry *entry)
{
	struct ramfs_node *node = entry->node;

	if (node->entry == entry)
		node->entry = NULL;
	ramfs_dir_remove(&dir->dir, entry);
	node->vnode.attr.nlink--;
	if (vnode_type(&node->vnode) == S_IFDIR) {
		node->vnode.attr.nlink--;
		dir->vnode.attr.nlink--;
		node->dir.parent = NULL;
	}
	dir->vnode.attr.size = dir->dir.entry_count * 32;
	vnode_touch(&dir->vnode, VNODE_MTIME | VNODE_CTIME);
	vnode_touch(&node->vnode, VNODE_CTIME);
}

static int
ramfs_create(struct vnode *vdir, const struct vfs_name *name, const struct vnode_template *template,
    struct vnode **vpp)
{
	struct ramfs_node *dir = ramfs_node_of(vdir), *node;
	int error;

	error = ramfs_node_create(dir->fs, template, &node);
	if (error != 0)
		return error;
	error = ramfs_enter(dir, name, node);
	if (error != 0) {
		vnode_release(&node->vnode);
		return error;
	}
	*vpp = &node->vnode;
	return 0;
}

static int
ramfs_link(struct vnode *vdir, const struct vfs_name *name, struct vnode *vp)
{
	int error;

	error = ramfs_enter(ramfs_node_of(vdir), name, ramfs_node_of(vp));
	if (error == 0)
		vnode_touch(vp, VNODE_CTIME);
	return error;
}

static int
ramfs_unlink(struct vnode *vdir, const struct vfs_name *name, struct vnode *vp)
{
	struct ramfs_node *dir = ramfs_node_of(vdir);

	ramfs_leave(dir, ramfs_dir_find(&dir->dir, name));
	return 0;
}

static int
ramfs_rmdir(struct vnode *vdir, const struct vfs_name *name, struct vnode *vp)
{
	if (ramfs_node_of(vp)->dir.entry_count > 0)
		return ENOTEMPTY;
	return ramfs_unlink(vdir, name, vp);
}

static int
ramfs_rename(struct vnode *vfdir, const struct vfs_name *fname, struct vnode *vp,
    struct vnode *vtdir, const struct vfs_name *tname, struct vnode *target)
{
	struct ramfs_node *fdir = ramfs_node_of(vfdir);
	struct ramfs_node *tdir = ramfs_node_of(vtdir);
	struct ramfs_node *node = ramfs_node_of(vp);
	struct ramfs_entry *from, *old, *entry;
	int error;

	if (target != NULL && vnode_type(target) == S_IFDIR &&
	    ramfs_node_of(target)->dir.entry_count > 0)
		return ENOTEMPTY;
	if (tdir->dir.parent == NULL)
		return ENOENT;
	/* The only step that can fail; two entries of one name are for now. */
	old = target != NULL ? ramfs_dir_find(&tdir->dir, tname) : NULL;
	error = ramfs_dir_add(tdir, tname, node, &entry);
	if (error != 0)
		return error;
	if (old != NULL)
		ramfs_leave(tdir, old);
	from = node->entry != NULL && node->entry->dir == fdir &&
		node->entry->length == fname->length &&
		memcmp(node->entry->name, fname->text, fname->length) == 0
	    ? node->entry
	    : NULL;
	if (from == NULL)
		from = ramfs_dir_find(&fdir->dir, fname);
	/* The new entry takes the place of the old one: counts balance. */
	ramfs_leave(fdir, from);
	node->entry = entry;
	node->vnode.attr.nlink++;
	if (vnode_type(vp) == S_IFDIR) {
		node->vnode.attr.nlink++;
		tdir->vnode.attr.nlink++;
		node->dir.parent = tdir;
	}
	tdir->vnode.attr.size = tdir->dir.entry_count * 32;
	vnode_touch(vtdir, VNODE_MTIME | VNODE_CTIME);
	return 0;
}

static int
ramfs_readlink(struct vnode *vp, struct proc *proc, char *buffer, size_t size, size_t *lengthp)
{
	*lengthp = vp->attr.size < size ? vp->attr.size : size;
	memcpy(buffer, ramfs_node_of(vp)->link, *lengthp);
	return 0;
}

static void
ramfs_data_attr(struct ramfs_node *node)
{
	node->vnode.attr.size = node->data.size;
	node->vnode.attr.blocks = node->data.pages * (RAMFS_PAGE / 512);
}

static int
ramfs_read(struct vnode *vp, void *buffer, size_t length, uint64_t offset, size_t *donep)
{
	*donep = ramfs_data_read(&ramfs_node_of(vp)->data, buffer, length, offset);
	return 0;
}

static int
ramfs_write(struct vnode *vp, const void *buffer, size_t length, uint64_t offset, size_t *donep)
{
	struct ramfs_node *node = ramfs_node_of(vp);

	*donep = 0;
	if (length == 0)
		return 0;
	if (offset >= RAMFS_SIZE_MAX)
		return EFBIG;
	*donep = ramfs_data_write(&node->data, &node->fs->budget, buffer, length, offset);
	ramfs_data_attr(node);
	return *donep == 0 ? ENOSPC : 0;
}

static int
ramfs_truncate(struct vnode *vp, uint64_t size)
{
	struct ramfs_node *node = ramfs_node_of(vp);
	int error;

	error = ramfs_data_truncate(&node->data, &node->fs->budget, size);
	ramfs_data_attr(node);
	return error;
}

static int
ramfs_extent(struct vnode *vp, const void **basep, size_t *sizep)
{
	struct ramfs_node *node = ramfs_node_of(vp);
	int error;

	error = ramfs_data_extent(&node->data, &node->fs->budget, basep);
	*sizep = node->data.size;
	return error;
}

static int
ramfs_map(struct vnode *vp, uint64_t need, bool writable, const void **basep)
{
	struct ramfs_node *node = ramfs_node_of(vp);
	int error;

	error = ramfs_data_pin(&node->data, &node->fs->budget, need, writable, basep);
	ramfs_data_attr(node);
	return error;
}

/* Hand over one entry; false when the sink is full. */
static bool
ramfs_emit(struct vfs_dirsink *sink, const char *name, size_t length, const struct ramfs_node *node,
    uint64_t next)
{
	struct vfs_dirent entry = {
		.ino = node->vnode.attr.ino,
		.next = next,
		.type = node->vnode.attr.mode >> 12,
		.name = { name, length },
	};

	return sink->add(sink, &entry);
}

static int
ramfs_readdir(struct vnode *vp, uint64_t *cookie, struct vfs_dirsink *sink)
{
	struct ramfs_node *node = ramfs_node_of(vp);
	struct ramfs_dir *dir = &node->dir;
	struct ramfs_entry *entry;

	if (dir->parent == NULL)
		return 0;
	if (*cookie == 0) {
		if (!ramfs_emit(sink, ".", 1, node, 1))
			return 0;
		*cookie = 1;
	}
	if (*cookie == 1) {
		if (!ramfs_emit(sink, "..", 2, dir->parent, 2))
			return 0;
		*cookie = RAMFS_FIRST_POSITION;
	}
	while ((entry = ramfs_dir_next(dir, *cookie)) != NULL) {
		if (!ramfs_emit(sink, entry->name, entry->length, entry->node, entry->position + 1))
			return 0;
		*cookie = entry->position + 1;
	}
	return 0;
}

static int
ramfs_changed(struct vnode *vp)
{
	return 0; /* the attributes in the vnode are the only ones */
}

static int
ramfs_name(struct vnode *vp, struct vnode **dirp, char *buffer, size_t size)
{
	const struct ramfs_entry *entry = ramfs_node_of(vp)->entry;
	size_t length;

	if (entry == NULL)
		return ENOENT;
	length = entry->length < size ? entry->length : size - 1;
	memcpy(buffer, entry->name, length);
	buffer[length] = '\0';
	*dirp = vnode_reference(&entry->dir->vnode);
	return 0;
}

static void
ramfs_inactive(struct vnode *vp)
{
	if (vp->attr.nlink == 0)
		ramfs_node_destroy(ramfs_node_of(vp));
}

static const struct vnode_ops ramfs_ops = {
	.lookup = ramfs_lookup,
	.create = ramfs_create,
	.link = ramfs_link,
	.unlink = ramfs_unlink,
	.rmdir = ramfs_rmdir,
	.rename = ramfs_rename,
	.readlink = ramfs_readlink,
	.read = ramfs_read,
	.write = ramfs_write,
	.truncate = ramfs_truncate,
	.extent = ramfs_extent,
	.map = ramfs_map,
	.readdir = ramfs_readdir,
	.changed = ramfs_changed,
	.name = ramfs_name,
	.inactive = ramfs_inactive,
};

static int
ramfs_mount(struct mount *mount, struct vnode **rootp)
{
	struct vnode_template template = { .mode = S_IFDIR | 0755 };
	struct ramfs_node *root;
	struct ramfs *fs;
	int error;

	fs = bsd_alloc(sizeof(*fs));
	if (fs == NULL)
		return ENOMEM;
	fs->mount = mount;
	fs->next_ino = 2;
	error = ramfs_node_create(fs, &template, &root);
	if (error != 0) {
		bsd_free(fs, sizeof(*fs));
		return error;
	}
	root->vnode.attr.nlink = 2;
	root->dir.parent = root;
	mount->data = fs;
	*rootp = &root->vnode;
	return 0;
}

/*
 * Remove all entries below `top`, without recursion: go down to a directory
 * without subdirectories, empty it, come back up.
 */
static void
ramfs_empty(struct ramfs_node *top)
{
	struct ramfs_node *dir = top, *node, *up;
	struct ramfs_entry *entry;

	for (;;) {
		entry = ramfs_dir_next(&dir->dir, 0);
		if (entry == NULL) {
			if (dir == top)
				return;
			up = dir->dir.parent;
			ramfs_leave(up, ramfs_dir_next(&up->dir, 0));
			ramfs_node_destroy(dir);
			dir = up;
			continue;
		}
		node = entry->node;
		if (vnode_type(&node->vnode) == S_IFDIR && node->dir.entry_count > 0) {
			dir = node;
			continue;
		}
		ramfs_leave(dir, entry);
		if (node->vnode.attr.nlink == 0)
			ramfs_node_destroy(node);
	}
}

static void
ramfs_unmount(struct mount *mount)
{
	struct ramfs *fs = mount->data;
	struct ramfs_node *root = ramfs_node_of(mount->root);

	ramfs_empty(root);
	root->vnode.attr.nlink = 0;
	vnode_release(&root->vnode);
	bsd_assert(fs->files == 0 && fs->budget.used == 0);
	bsd_free(fs, sizeof(*fs));
}

static void
ramfs_statfs(
    struct mount *mount, uint64_t *blocks, uint64_t *bfree, uint64_t *files, uint64_t *ffree)
{
	const struct ramfs *fs = mount->data;
	uint64_t free_bytes = ramfs_machine_free(), total;

	if (fs->budget.limit != 0) {
		total = fs->budget.limit;
		if (free_bytes > total - fs->budget.used)
			free_bytes = total - fs->budget.used;
	} else {
		total = free_bytes + fs->budget.used;
	}
	*blocks = total / RAMFS_PAGE;
	*bfree = free_bytes / RAMFS_PAGE;
	*files = fs->files + *bfree;
	*ffree = *bfree;
}

const struct fs_type ramfs_type = {
	.name = "tmpfs",
	.mount = ramfs_mount,
	.unmount = ramfs_unmount,
	.statfs = ramfs_statfs,
	.magic = 0x01021994,
};
