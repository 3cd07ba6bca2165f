/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree of /proc, as a table: each row is a name in a place.
 *
 *   PLACE_ROOT      /proc            + a directory for each process
 *   PLACE_PROCESS   /proc/N
 *   PLACE_FDS       /proc/N/fd       a link for each descriptor
 *   PLACE_SYS, PLACE_KERNEL          /proc/sys, /proc/sys/kernel
 */
#include "fs/procfs.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bsd/abi.h"
#include "file/cred.h"
#include "file/fd_table.h"
#include "file/file.h"
#include "vfs/fs_context.h"
#include "vfs/namei.h"
#include "vfs/services.h"

#define PROCFS_TEXT_MAX 65536

enum procfs_place {
	PLACE_NONE,
	PLACE_ROOT,
	PLACE_PROCESS,
	PLACE_FDS,
	PLACE_SYS,
	PLACE_KERNEL,
};

struct procfs_node;

struct procfs_entry {
	enum procfs_place in;
	const char *name;
	uint32_t mode;
	enum procfs_place holds; /* directories */
	void (*write)(struct procfs_text *text, struct proc *subject);
	/* Links to a file: the file, with a reference. */
	int (*target)(struct procfs_node *node, struct vnode **vpp);
};

struct procfs_node {
	struct vnode vnode; /* first */
	const struct procfs_entry *entry;
	int32_t pid; /* 0: not about a process */
	int fd;
};

static const struct vnode_ops procfs_dir_ops, procfs_file_ops;
static const struct vnode_ops procfs_link_ops, procfs_self_ops;

/* ---- where links lead ------------------------------------------------------------ */

static int
target_program(struct procfs_node *node, struct vnode **vpp)
{
	struct proc *p = proc_find(node->pid);
	struct vnode *vp = p == NULL ? NULL : proc_program(p);

	if (vp == NULL)
		return ENOENT;
	*vpp = vnode_reference(vp);
	return 0;
}

static struct fs_context *
node_context(const struct procfs_node *node)
{
	struct proc *p = proc_find(node->pid);

	return p == NULL ? NULL : proc_fs(p);
}

static int
target_cwd(struct procfs_node *node, struct vnode **vpp)
{
	struct fs_context *fs = node_context(node);

	if (fs == NULL)
		return ENOENT;
	*vpp = vnode_reference(fs->cwd);
	return 0;
}

static int
target_root(struct procfs_node *node, struct vnode **vpp)
{
	struct fs_context *fs = node_context(node);

	if (fs == NULL)
		return ENOENT;
	*vpp = vnode_reference(fs->root);
	return 0;
}

static struct fd_table *
node_files(const struct procfs_node *node)
{
	struct proc *p = proc_find(node->pid);

	return p == NULL ? NULL : proc_files(p);
}

static int
target_fd(struct procfs_node *node, struct vnode **vpp)
{
	struct fd_table *files = node_files(node);
	struct fd_slot *slot = files == NULL ? NULL : fd_table_slot(files, node->fd);

	if (slot == NULL)
		return ENOENT;
	if (slot->file->vnode == NULL)
		return ENXIO;
	*vpp = vnode_reference(slot->file->vnode);
	return 0;
}

/* ---- the tree -------------------------------------------------------------------- */

#define DIR  (S_IFDIR | 0555)
#define FILE (S_IFREG | 0444)
#define LINK (S_IFLNK | 0777)

static const struct procfs_entry entries[] = {
	{ PLACE_ROOT, "self", LINK, PLACE_NONE, NULL, NULL },
	{ PLACE_ROOT, "mounts", FILE, PLACE_NONE, procfs_write_mounts, NULL },
	{ PLACE_ROOT, "meminfo", FILE, PLACE_NONE, procfs_write_meminfo, NULL },
	{ PLACE_ROOT, "uptime", FILE, PLACE_NONE, procfs_write_uptime, NULL },
	{ PLACE_ROOT, "version", FILE, PLACE_NONE, procfs_write_version, NULL },
	{ PLACE_ROOT, "loadavg", FILE, PLACE_NONE, procfs_write_loadavg, NULL },
	{ PLACE_ROOT, "stat", FILE, PLACE_NONE, procfs_write_system_stat, NULL },
	{ PLACE_ROOT, "cpuinfo", FILE, PLACE_NONE, procfs_write_cpuinfo, NULL },
	{ PLACE_ROOT, "filesystems", FILE, PLACE_NONE, procfs_write_filesystems, NULL },
	{ PLACE_ROOT, "cmdline", FILE, PLACE_NONE, procfs_write_cmdline, NULL },
	{ PLACE_ROOT, "sys", DIR, PLACE_SYS, NULL, NULL },
	{ PLACE_SYS, "kernel", DIR, PLACE_KERNEL, NULL, NULL },
	{ PLACE_KERNEL, "hostname", FILE, PLACE_NONE, procfs_write_hostname, NULL },
	{ PLACE_KERNEL, "osrelease", FILE, PLACE_NONE, procfs_write_osrelease, NULL },
	{ PLACE_KERNEL, "ostype", FILE, PLACE_NONE, procfs_write_ostype, NULL },
	{ PLACE_PROCESS, "stat", FILE, PLACE_NONE, procfs_write_stat, NULL },
	{ PLACE_PROCESS, "statm", FILE, PLACE_NONE, procfs_write_statm, NULL },
	{ PLACE_PROCESS, "status", FILE, PLACE_NONE, procfs_write_status, NULL },
	{ PLACE_PROCESS, "cmdline", FILE, PLACE_NONE, procfs_write_cmdline, NULL },
	{ PLACE_PROCESS, "comm", FILE, PLACE_NONE, procfs_write_comm, NULL },
	{ PLACE_PROCESS, "mounts", FILE, PLACE_NONE, procfs_write_mounts, NULL },
	{ PLACE_PROCESS, "exe", LINK, PLACE_NONE, NULL, target_program },
	{ PLACE_PROCESS, "cwd", LINK, PLACE_NONE, NULL, target_cwd },
	{ PLACE_PROCESS, "root", LINK, PLACE_NONE, NULL, target_root },
	{ PLACE_PROCESS, "fd", S_IFDIR | 0500, PLACE_FDS, NULL, NULL },
};

#define ENTRIES (sizeof(entries) / sizeof(entries[0]))

/* Rows for what has a number for a name. */
static const struct procfs_entry root_entry = { PLACE_NONE, "", DIR, PLACE_ROOT, NULL, NULL };
static const struct procfs_entry process_entry = { PLACE_ROOT, "", DIR, PLACE_PROCESS, NULL, NULL };
static const struct procfs_entry fd_entry = { PLACE_FDS, "", S_IFLNK | 0700, PLACE_NONE, NULL,
	target_fd };

static struct procfs_node *
node_of(struct vnode *vp)
{
	return (struct procfs_node *)vp;
}

/* The index of a row, for inode numbers. */
static uint64_t
entry_index(const struct procfs_entry *entry)
{
	if (entry == &root_entry)
		return ENTRIES + 1;
	if (entry == &process_entry)
		return ENTRIES + 2;
	return entry == &fd_entry ? ENTRIES + 3 : (uint64_t)(entry - entries);
}

static uint64_t
entry_ino(const struct procfs_entry *entry, int32_t pid, int fd)
{
	return 1 + entry_index(entry) + (uint64_t)(uint32_t)pid * 64 +
	    ((uint64_t)(uint32_t)fd << 40);
}

static const struct vnode_ops *
entry_ops(const struct procfs_entry *entry)
{
	if (S_ISDIR(entry->mode))
		return &procfs_dir_ops;
	if (S_ISREG(entry->mode))
		return &procfs_file_ops;
	return entry->target != NULL ? &procfs_link_ops : &procfs_self_ops;
}

static int
node_create(
    struct mount *mount, const struct procfs_entry *entry, int32_t pid, int fd, struct vnode **vpp)
{
	struct procfs_node *node = bsd_alloc(sizeof(*node));
	struct proc *p = pid != 0 ? proc_find(pid) : NULL;

	if (node == NULL)
		return ENOMEM;
	node->entry = entry;
	node->pid = pid;
	node->fd = fd;
	node->vnode.attr.mode = entry->mode;
	node->vnode.attr.nlink = S_ISDIR(entry->mode) ? 2 : 1;
	node->vnode.attr.ino = entry_ino(entry, pid, fd);
	if (p != NULL) {
		node->vnode.attr.uid = proc_cred(p)->euid;
		node->vnode.attr.gid = proc_cred(p)->egid;
	}
	vnode_init(&node->vnode, entry_ops(entry), mount);
	vnode_touch(&node->vnode, VNODE_ATIME | VNODE_MTIME | VNODE_CTIME);
	*vpp = &node->vnode;
	return 0;
}

static void
procfs_inactive(struct vnode *vp)
{
	bsd_free(node_of(vp), sizeof(struct procfs_node));
}

/* ---- directories ----------------------------------------------------------------- */

/* A name that is a decimal number without leading zeros; -1: none. */
static int32_t
name_number(const struct vfs_name *name)
{
	int32_t number = 0;
	size_t i;

	if (name->length == 0 || name->length > 9 || (name->text[0] == '0' && name->length > 1))
		return -1;
	for (i = 0; i < name->length; i++) {
		if (name->text[i] < '0' || name->text[i] > '9')
			return -1;
		number = number * 10 + (name->text[i] - '0');
	}
	return number;
}

static int
lookup_number(struct procfs_node *dir, int32_t number, struct vnode **vpp)
{
	struct fd_table *files;

	switch (dir->entry->holds) {
	case PLACE_ROOT:
		if (number == 0 || proc_find(number) == NULL)
			return ENOENT;
		return node_create(dir->vnode.mount, &process_entry, number, 0, vpp);
	case PLACE_FDS:
		files = node_files(dir);
		if (files == NULL || fd_table_slot(files, number) == NULL)
			return ENOENT;
		return node_create(dir->vnode.mount, &fd_entry, dir->pid, number, vpp);
	default:
		return ENOENT;
	}
}

static const struct procfs_entry *
entry_holding(enum procfs_place place)
{
	size_t i;

	if (place == PLACE_PROCESS)
		return &process_entry;
	for (i = 0; i < ENTRIES; i++) {
		if (entries[i].holds == place)
			return &entries[i];
	}
	return &root_entry;
}

static int
lookup_parent(struct procfs_node *dir, struct vnode **vpp)
{
	const struct procfs_entry *up;

	if (dir->entry == &root_entry || dir->entry->in == PLACE_ROOT) {
		*vpp = vnode_reference(dir->vnode.mount->root);
		return 0;
	}
	up = entry_holding(dir->entry->in);
	return node_create(dir->vnode.mount, up, dir->pid, 0, vpp);
}

static int
procfs_lookup(struct vnode *vp, const struct vfs_name *name, struct vnode **vpp)
{
	struct procfs_node *dir = node_of(vp);
	int32_t number;
	size_t i;

	if (name->length == 2 && memcmp(name->text, "..", 2) == 0)
		return lookup_parent(dir, vpp);
	if (dir->pid != 0 && proc_find(dir->pid) == NULL)
		return ENOENT;
	number = name_number(name);
	if (number >= 0)
		return lookup_number(dir, number, vpp);
	for (i = 0; i < ENTRIES; i++) {
		if (entries[i].in == dir->entry->holds && strlen(entries[i].name) == name->length &&
		    memcmp(entries[i].name, name->text, name->length) == 0)
			return node_create(vp->mount, &entries[i], dir->pid, 0, vpp);
	}
	return ENOENT;
}

/* A listing in progress. */
struct procfs_list {
	struct procfs_node *dir;
	struct vfs_dirsink *sink;
	uint64_t *cookie;
};

/* Positions of entries with numbers for names begin here. */
#define NUMBERS 1000

static bool
list_add(struct procfs_list *list, const char *name, const struct procfs_entry *entry, int32_t pid,
    int fd, uint64_t next)
{
	struct vfs_dirent out = {
		.ino = entry_ino(entry, pid, fd),
		.next = next,
		.type = entry->mode >> 12,
		.name = { name, strlen(name) },
	};

	if (!list->sink->add(list->sink, &out))
		return false;
	*list->cookie = next;
	return true;
}

static bool
list_named(struct procfs_list *list)
{
	const struct procfs_entry *self = list->dir->entry;
	size_t i;

	if (*list->cookie == 0 && !list_add(list, ".", self, list->dir->pid, 0, 1))
		return false;
	if (*list->cookie == 1 && !list_add(list, "..", self, 0, 0, 2))
		return false;
	for (i = *list->cookie - 2; i < ENTRIES; i++) {
		if (entries[i].in == self->holds &&
		    !list_add(list, entries[i].name, &entries[i], list->dir->pid, 0, i + 3))
			return false;
	}
	*list->cookie = NUMBERS;
	return true;
}

static void
list_processes(struct procfs_list *list)
{
	struct proc *p;
	char name[12];

	for (p = proc_next(*list->cookie - NUMBERS); p != NULL; p = proc_next(proc_pid(p))) {
		snprintf(name, sizeof(name), "%d", proc_pid(p));
		if (!list_add(list, name, &process_entry, proc_pid(p), 0,
			NUMBERS + (uint64_t)proc_pid(p)))
			return;
	}
}

static void
list_descriptors(struct procfs_list *list)
{
	struct fd_table *files = node_files(list->dir);
	char name[12];
	int fd;

	if (files == NULL)
		return;
	for (fd = fd_table_next(files, *list->cookie - NUMBERS); fd >= 0;
	     fd = fd_table_next(files, fd + 1)) {
		snprintf(name, sizeof(name), "%d", fd);
		if (!list_add(
			list, name, &fd_entry, list->dir->pid, fd, NUMBERS + (uint64_t)fd + 1))
			return;
	}
}

static int
procfs_readdir(struct vnode *vp, uint64_t *cookie, struct vfs_dirsink *sink)
{
	struct procfs_list list = { node_of(vp), sink, cookie };

	if (list.dir->pid != 0 && proc_find(list.dir->pid) == NULL)
		return ENOENT;
	if (*cookie < NUMBERS && !list_named(&list))
		return 0;
	if (*cookie > NUMBERS + (uint64_t)INT32_MAX - 1)
		return 0;
	if (list.dir->entry->holds == PLACE_ROOT)
		list_processes(&list);
	else if (list.dir->entry->holds == PLACE_FDS)
		list_descriptors(&list);
	return 0;
}

static int
procfs_name(struct vnode *vp, struct vnode **dirp, char *buffer, size_t size)
{
	struct procfs_node *node = node_of(vp);

	if (node->entry == &process_entry)
		snprintf(buffer, size, "%d", node->pid);
	else if (node->entry == &fd_entry)
		snprintf(buffer, size, "%d", node->fd);
	else
		snprintf(buffer, size, "%s", node->entry->name);
	return lookup_parent(node, dirp);
}

static const struct vnode_ops procfs_dir_ops = {
	.lookup = procfs_lookup,
	.readdir = procfs_readdir,
	.name = procfs_name,
	.inactive = procfs_inactive,
};

/* ---- files ------------------------------------------------------------------------ */

static int
procfs_read(struct vnode *vp, void *buffer, size_t length, uint64_t offset, size_t *donep)
{
	struct procfs_node *node = node_of(vp);
	struct proc *p = node->pid != 0 ? proc_find(node->pid) : NULL;
	struct procfs_text text = { .size = PROCFS_TEXT_MAX };

	*donep = 0;
	if (node->pid != 0 && p == NULL)
		return ESRCH;
	text.buffer = bsd_alloc(text.size);
	if (text.buffer == NULL)
		return ENOMEM;
	node->entry->write(&text, p);
	if (text.used > text.size)
		text.used = text.size;
	if (offset < text.used) {
		*donep = text.used - offset;
		if (*donep > length)
			*donep = length;
		memcpy(buffer, text.buffer + offset, *donep);
	}
	bsd_free(text.buffer, text.size);
	return 0;
}

static const struct vnode_ops procfs_file_ops = {
	.read = procfs_read,
	.name = procfs_name,
	.inactive = procfs_inactive,
};

/* ---- links ------------------------------------------------------------------------- */

static int
self_readlink(struct vnode *vp, struct proc *proc, char *buffer, size_t size, size_t *lengthp)
{
	char text[12];
	int length = snprintf(text, sizeof(text), "%d", proc_pid(proc));

	*lengthp = (size_t)length < size ? (size_t)length : size;
	memcpy(buffer, text, *lengthp);
	return 0;
}

static const struct vnode_ops procfs_self_ops = {
	.readlink = self_readlink,
	.name = procfs_name,
	.inactive = procfs_inactive,
};

/* Others' links tell nothing: only the owner and the super-user look. */
static int
link_check(struct vnode *vp, struct proc *proc)
{
	const struct cred *cred = proc_cred(proc);

	return cred_is_root(cred) || cred->euid == vp->attr.uid ? 0 : EACCES;
}

static int
link_target(struct vnode *vp, struct proc *proc, struct vnode **vpp)
{
	struct procfs_node *node = node_of(vp);
	int error;

	error = link_check(vp, proc);
	return error != 0 ? error : node->entry->target(node, vpp);
}

/* What a file without a path is called. */
static void
link_describe(const struct vnode *vp, char *text, size_t size)
{
	if (vp == NULL)
		snprintf(text, size, "socket:[0]");
	else if (vp->mount == NULL)
		snprintf(text, size, "pipe:[%lu]", (unsigned long)vp->attr.ino);
	else
		snprintf(text, size, "/%lu (deleted)", (unsigned long)vp->attr.ino);
}

static int
link_readlink(struct vnode *vp, struct proc *proc, char *buffer, size_t size, size_t *lengthp)
{
	char path[VFS_PATH_MAX];
	struct vnode *target = NULL;
	int error;

	error = link_target(vp, proc, &target);
	if (error != 0 && error != ENXIO)
		return error;
	if (target == NULL || namei_path(proc, target, path, sizeof(path), lengthp) != 0)
		link_describe(target, path, sizeof(path));
	vnode_release(target);
	*lengthp = strlen(path) < size ? strlen(path) : size;
	memcpy(buffer, path, *lengthp);
	return 0;
}

static int
link_follow(struct vnode *vp, struct proc *proc, struct vnode **vpp)
{
	return link_target(vp, proc, vpp);
}

static const struct vnode_ops procfs_link_ops = {
	.readlink = link_readlink,
	.follow = link_follow,
	.name = procfs_name,
	.inactive = procfs_inactive,
};

/* ---- mounting ------------------------------------------------------------------------ */

static int
procfs_mount(struct mount *mount, struct vnode **rootp)
{
	return node_create(mount, &root_entry, 0, 0, rootp);
}

static void
procfs_unmount(struct mount *mount)
{
	vnode_release(mount->root);
}

const struct fs_type procfs_type = {
	.name = "proc",
	.mount = procfs_mount,
	.unmount = procfs_unmount,
	.magic = 0x9fa0,
};
