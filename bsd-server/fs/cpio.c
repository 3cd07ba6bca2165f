/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unpacking newc archives.  Nothing in the archive is believed: sizes are
 * checked against what is left, names against leaving the tree.
 */
#include "fs/cpio.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bsd/abi.h"
#include "vfs/namei.h"
#include "vfs/services.h"
#include "vfs/vfs.h"

#define CPIO_HEADER  110
#define CPIO_TRAILER "TRAILER!!!"

/* Fields in their order behind the magic. */
enum cpio_field {
	CPIO_INO,
	CPIO_MODE,
	CPIO_UID,
	CPIO_GID,
	CPIO_NLINK,
	CPIO_MTIME,
	CPIO_FILESIZE,
	CPIO_DEVMAJOR,
	CPIO_DEVMINOR,
	CPIO_RDEVMAJOR,
	CPIO_RDEVMINOR,
	CPIO_NAMESIZE,
	CPIO_CHECK,
	CPIO_FIELDS
};

/* The first name of a file with several. */
struct cpio_link {
	struct cpio_link *next;
	uint32_t ino, devmajor, devminor;
	struct vnode *vp;
};

struct cpio {
	struct proc *proc;
	const uint8_t *bytes;
	size_t size, at;
	struct cpio_link *links;
	struct cpio_result *result;
	/* the current file */
	uint32_t field[CPIO_FIELDS];
	const char *name; /* with NUL */
	const uint8_t *data;
};

static int
cpio_fault(struct cpio *cpio, size_t at, const char *what)
{
	snprintf(cpio->result->message, CPIO_MESSAGE, "cpio archive, byte %zu: %s", at, what);
	return EINVAL;
}

static int
cpio_failed(struct cpio *cpio, int error, const char *what)
{
	snprintf(cpio->result->message, CPIO_MESSAGE,
	    "cpio archive, file %.80s: cannot %s (error %d)", cpio->name, what, error);
	return error;
}

/* ---- reading ------------------------------------------------------------------ */

static bool
cpio_hex(const uint8_t *digits, uint32_t *valuep)
{
	uint32_t value = 0;
	unsigned i, digit;

	for (i = 0; i < 8; i++) {
		if (digits[i] >= '0' && digits[i] <= '9')
			digit = digits[i] - '0';
		else if ((digits[i] | 0x20) >= 'a' && (digits[i] | 0x20) <= 'f')
			digit = (digits[i] | 0x20) - 'a' + 10;
		else
			return false;
		value = value << 4 | digit;
	}
	*valuep = value;
	return true;
}

/* Skip `length` bytes and the padding to 4. */
static bool
cpio_skip(struct cpio *cpio, size_t length)
{
	size_t end;

	if (length > cpio->size - cpio->at)
		return false;
	end = (cpio->at + length + 3) & ~(size_t)3;
	/* The padding behind the last data may be missing. */
	cpio->at = end < cpio->size ? end : cpio->size;
	return true;
}

static int
cpio_read_header(struct cpio *cpio)
{
	const uint8_t *header = cpio->bytes + cpio->at;
	unsigned i;

	if (cpio->size - cpio->at < CPIO_HEADER)
		return cpio_fault(cpio, cpio->at, "cut off inside a header");
	if (memcmp(header, "07070", 5) != 0 || (header[5] != '1' && header[5] != '2'))
		return cpio_fault(cpio, cpio->at, "no newc header here (magic 070701)");
	for (i = 0; i < CPIO_FIELDS; i++) {
		if (!cpio_hex(header + 6 + 8 * i, &cpio->field[i]))
			return cpio_fault(cpio, cpio->at + 6 + 8 * i, "not a hexadecimal number");
	}
	return 0;
}

/* Whether the name stays inside the tree. */
static bool
cpio_name_safe(const char *name)
{
	size_t length;

	for (; *name != '\0'; name += length) {
		while (*name == '/')
			name++;
		length = strcspn(name, "/");
		if (length == 2 && name[0] == '.' && name[1] == '.')
			return false;
	}
	return true;
}

static int
cpio_read_entry(struct cpio *cpio)
{
	size_t at = cpio->at, namesize;
	int error;

	error = cpio_read_header(cpio);
	if (error != 0)
		return error;
	namesize = cpio->field[CPIO_NAMESIZE];
	cpio->name = (const char *)cpio->bytes + at + CPIO_HEADER;
	if (namesize == 0 || namesize > VFS_PATH_MAX)
		return cpio_fault(cpio, at, "bad length of a name");
	if (!cpio_skip(cpio, CPIO_HEADER + namesize))
		return cpio_fault(cpio, at, "cut off inside a name");
	if (memchr(cpio->name, '\0', namesize) != cpio->name + namesize - 1)
		return cpio_fault(cpio, at, "a name without its end");
	if (!cpio_name_safe(cpio->name))
		return cpio_fault(cpio, at, "a name with '..' in it");
	cpio->data = cpio->bytes + cpio->at;
	if (!cpio_skip(cpio, cpio->field[CPIO_FILESIZE]))
		return cpio_fault(cpio, at, "cut off inside a file");
	return 0;
}

/* ---- writing -------------------------------------------------------------------- */

/* Make the directories above cpio->name that are missing. */
static int
cpio_make_parents(struct cpio *cpio)
{
	char path[VFS_PATH_MAX];
	size_t i, length = strlen(cpio->name);
	int error;

	memcpy(path, cpio->name, length + 1);
	for (i = 1; i < length; i++) {
		if (path[i] != '/')
			continue;
		path[i] = '\0';
		error = vfs_mkdir(cpio->proc, AT_FDCWD, path, 0755);
		if (error != 0 && error != EEXIST)
			return cpio_failed(cpio, error, "make its directory");
		path[i] = '/';
	}
	return 0;
}

/* Take an existing file that is in the way. */
static int
cpio_clear(struct cpio *cpio)
{
	int error;

	error = vfs_unlink(cpio->proc, AT_FDCWD, cpio->name, 0);
	return error == ENOENT ? 0 : error;
}

static struct cpio_link *
cpio_link_find(struct cpio *cpio)
{
	struct cpio_link *link;

	for (link = cpio->links; link != NULL; link = link->next) {
		if (link->ino == cpio->field[CPIO_INO] &&
		    link->devmajor == cpio->field[CPIO_DEVMAJOR] &&
		    link->devminor == cpio->field[CPIO_DEVMINOR])
			return link;
	}
	return NULL;
}

static int
cpio_link_remember(struct cpio *cpio, struct vnode *vp)
{
	struct cpio_link *link;

	if (cpio->field[CPIO_NLINK] < 2)
		return 0;
	link = bsd_alloc(sizeof(*link));
	if (link == NULL)
		return ENOMEM;
	link->ino = cpio->field[CPIO_INO];
	link->devmajor = cpio->field[CPIO_DEVMAJOR];
	link->devminor = cpio->field[CPIO_DEVMINOR];
	link->vp = vnode_reference(vp);
	link->next = cpio->links;
	cpio->links = link;
	return 0;
}

/* One more name for a file that came before; *vpp stays its owner's. */
static int
cpio_make_link(struct cpio *cpio, struct cpio_link *link)
{
	struct namei nd;
	int error;

	error = namei_parent(cpio->proc, NULL, cpio->name, 0, &nd);
	if (error != 0)
		return error;
	if (nd.node == link->vp)
		error = 0;
	else if (nd.node != NULL)
		error = EEXIST;
	else if (nd.dir->mount != link->vp->mount || nd.dir->ops->link == NULL)
		error = EXDEV;
	else
		error = nd.dir->ops->link(nd.dir, &nd.last, link->vp);
	namei_done(&nd);
	return error;
}

static int
cpio_fill(struct cpio *cpio, struct vnode *vp)
{
	size_t length = cpio->field[CPIO_FILESIZE], done;
	int error = 0;

	if (length == 0)
		return 0;
	error = vp->ops->write(vp, cpio->data, length, 0, &done);
	return error == 0 && done != length ? ENOSPC : error;
}

/* Owner, mode and time as the archive says. */
static void
cpio_attributes(struct cpio *cpio, struct vnode *vp)
{
	vp->attr.uid = cpio->field[CPIO_UID];
	vp->attr.gid = cpio->field[CPIO_GID];
	vp->attr.mode = (vp->attr.mode & S_IFMT) | (cpio->field[CPIO_MODE] & 07777);
	vp->attr.mtime.sec = cpio->field[CPIO_MTIME];
	vp->attr.mtime.nsec = 0;
	vp->attr.atime = vp->attr.mtime;
	if (vp->ops->changed != NULL)
		(void)vp->ops->changed(vp);
}

static int
cpio_make_symlink(struct cpio *cpio)
{
	char target[VFS_PATH_MAX];
	size_t length = cpio->field[CPIO_FILESIZE];

	if (length == 0 || length >= sizeof(target))
		return EINVAL;
	memcpy(target, cpio->data, length);
	target[length] = '\0';
	return vfs_symlink(cpio->proc, target, AT_FDCWD, cpio->name);
}

/* Make the new name, with a type of its own. */
static int
cpio_make_node(struct cpio *cpio)
{
	uint32_t mode = cpio->field[CPIO_MODE];
	int error;

	if (S_ISDIR(mode)) {
		error = vfs_mkdir(cpio->proc, AT_FDCWD, cpio->name, 0755);
		return error == EEXIST ? 0 : error;
	}
	error = cpio_clear(cpio);
	if (error != 0)
		return error;
	if (S_ISLNK(mode))
		return cpio_make_symlink(cpio);
	return vfs_mknod(cpio->proc, AT_FDCWD, cpio->name, mode,
	    BSD_MAKEDEV(cpio->field[CPIO_RDEVMAJOR], cpio->field[CPIO_RDEVMINOR]));
}

/* The file just made or found under this name: content and attributes. */
static int
cpio_finish(struct cpio *cpio)
{
	struct vnode *vp;
	int error;

	error = vfs_find(cpio->proc, AT_FDCWD, cpio->name,
	    S_ISDIR(cpio->field[CPIO_MODE]) ? 0 : AT_SYMLINK_NOFOLLOW, &vp);
	if (error != 0)
		return error;
	if (vnode_type(vp) != (cpio->field[CPIO_MODE] & S_IFMT))
		error = EEXIST;
	if (error == 0 && S_ISREG(cpio->field[CPIO_MODE]))
		error = cpio_fill(cpio, vp);
	if (error == 0) {
		cpio_attributes(cpio, vp);
		if (S_ISREG(cpio->field[CPIO_MODE]) && cpio_link_find(cpio) == NULL)
			error = cpio_link_remember(cpio, vp);
	}
	vnode_release(vp);
	return error;
}

static int
cpio_make(struct cpio *cpio)
{
	struct cpio_link *link = NULL;
	int error;

	error = cpio_make_parents(cpio);
	if (error != 0)
		return error;
	if (S_ISREG(cpio->field[CPIO_MODE]) && cpio->field[CPIO_NLINK] > 1)
		link = cpio_link_find(cpio);
	if (link != NULL) {
		error = cpio_clear(cpio);
		if (error == 0)
			error = cpio_make_link(cpio, link);
	} else {
		error = cpio_make_node(cpio);
	}
	if (error == 0)
		error = cpio_finish(cpio);
	if (error != 0)
		return cpio_failed(cpio, error, "make it");
	cpio->result->files++;
	return 0;
}

/* "", "." and "/" are the root itself. */
static bool
cpio_is_root(const char *name)
{
	return name[strspn(name, "./")] == '\0';
}

static int
cpio_unpack_all(struct cpio *cpio)
{
	int error;

	for (;;) {
		if (cpio->at == cpio->size)
			return cpio_fault(cpio, cpio->at, "ends without a trailer");
		error = cpio_read_entry(cpio);
		if (error != 0)
			return error;
		if (strcmp(cpio->name, CPIO_TRAILER) == 0)
			return 0;
		if (cpio_is_root(cpio->name))
			continue;
		error = cpio_make(cpio);
		if (error != 0)
			return error;
	}
}

int
cpio_unpack(struct proc *proc, const void *archive, size_t size, struct cpio_result *result)
{
	struct cpio cpio = {
		.proc = proc,
		.bytes = archive,
		.size = size,
		.result = result,
	};
	struct cpio_link *link;
	uint32_t mask = vfs_umask(proc, 0);
	int error;

	result->files = 0;
	result->message[0] = '\0';
	error = cpio_unpack_all(&cpio);
	while ((link = cpio.links) != NULL) {
		cpio.links = link->next;
		vnode_release(link->vp);
		bsd_free(link, sizeof(*link));
	}
	(void)vfs_umask(proc, mask);
	return error;
}
