/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pseudo-terminals.
 *
 * What the slave's side writes stands in its terminal's output ring until the
 * master reads it; what the master writes is input of the terminal.
 */
#include "tty/pty.h"

#include <stdio.h>
#include <string.h>

#include "dev/dev.h"
#include "file/cred.h"
#include "file/file.h"
#include "tty/tty.h"
#include "vfs/mount.h"
#include "vfs/services.h"
#include "vfs/vfs.h"

/* A pair; lives while the master is open, the terminal maybe longer. */
struct pty {
	unsigned index;
	struct tty *tty;
	bool locked;           /* until the master unlocks it */
	bool slave_seen;       /* was opened at least once */
	struct poll_head poll; /* of the master */
};

static struct pty *ptys[PTY_MAX];

static void
pty_wake_master(struct pty *pty)
{
	bsd_wakeup(pty);
	poll_notify(&pty->poll);
}

/* The terminal's hardware; no pair any more once the master has closed. */
static void
pty_changed(struct tty *tty)
{
	if (tty->device_data != NULL)
		pty_wake_master(tty->device_data);
}

static const struct tty_device pty_tty_device = {
	.start = pty_changed,
	.input_room = pty_changed,
	.last_close = pty_changed,
};

/* ---- the name in /dev/pts ----------------------------------------------------- */

/* The directory of the slaves, with a reference. */
static int
pty_directory(struct vnode **dirp)
{
	static const char *const names[] = { "dev", "pts" };
	struct vnode *dir = vnode_reference(vfs_root()), *next;
	unsigned i;
	int error;

	for (i = 0; i < 2; i++) {
		struct vfs_name name = { names[i], strlen(names[i]) };

		error = vnode_type(dir) != S_IFDIR ? ENOTDIR : dir->ops->lookup(dir, &name, &next);
		vnode_release(dir);
		if (error != 0)
			return error;
		dir = next;
	}
	*dirp = dir;
	return 0;
}

static int
pty_name_make(struct proc *proc, unsigned index)
{
	struct vnode_template template = {
		.mode = S_IFCHR | 0620,
		.uid = proc_cred(proc)->euid,
		.gid = proc_cred(proc)->egid,
		.rdev = BSD_MAKEDEV(DEV_MAJOR_PTS, index),
	};
	struct vnode *dir, *vp = NULL;
	char text[16];
	struct vfs_name name = { text, 0 };
	int error;

	name.length = snprintf(text, sizeof(text), "%u", index);
	error = pty_directory(&dir);
	if (error != 0)
		return error;
	if (vnode_type(dir) != S_IFDIR || dir->ops->create == NULL)
		error = ENOSPC;
	else if (dir->ops->lookup(dir, &name, &vp) != 0)
		error = dir->ops->create(dir, &name, &template, &vp);
	if (error == 0)
		vnode_release(vp);
	vnode_release(dir);
	return error;
}

static void
pty_name_remove(unsigned index)
{
	struct vnode *dir, *vp;
	char text[16];
	struct vfs_name name = { text, 0 };

	name.length = snprintf(text, sizeof(text), "%u", index);
	if (pty_directory(&dir) != 0)
		return;
	if (vnode_type(dir) == S_IFDIR && dir->ops->unlink != NULL &&
	    dir->ops->lookup(dir, &name, &vp) == 0) {
		if (vnode_type(vp) == S_IFCHR)
			(void)dir->ops->unlink(dir, &name, vp);
		vnode_release(vp);
	}
	vnode_release(dir);
}

/* ---- the master's open file ------------------------------------------------------ */

/* Whether the slave was opened and all its files are closed again. */
static bool
pty_slave_left(const struct pty *pty)
{
	return pty->slave_seen && pty->tty->opens == 0;
}

static int
master_read(struct file *file, struct proc *proc, void *buffer, size_t length, uint64_t offset,
    size_t *donep)
{
	struct pty *pty = file->data;
	int error = 0;

	*donep = 0;
	while (length > 0 && error == 0) {
		*donep = tty_output_take(pty->tty, buffer, length);
		if (*donep > 0)
			break;
		if (pty_slave_left(pty))
			return EIO;
		if (file_nonblocking(file))
			return EAGAIN;
		error = bsd_sleep(pty, BSD_SLEEP_INTR, 0);
	}
	return *donep > 0 ? 0 : error;
}

static int
master_write(struct file *file, struct proc *proc, const void *buffer, size_t length,
    uint64_t offset, size_t *donep)
{
	struct pty *pty = file->data;
	int error = 0;

	*donep = 0;
	while (*donep < length && error == 0) {
		*donep += tty_input(pty->tty, (const uint8_t *)buffer + *donep, length - *donep);
		if (*donep == length)
			break;
		error = file_nonblocking(file) ? EAGAIN : bsd_sleep(pty, BSD_SLEEP_INTR, 0);
	}
	return *donep > 0 ? 0 : error;
}

static unsigned
master_poll(struct file *file, unsigned events, struct poll_wait *wait)
{
	struct pty *pty = file->data;
	unsigned ready = 0;

	poll_record(&pty->poll, wait);
	if (pty->tty->output_used > 0 && !pty->tty->stopped)
		ready |= POLLIN | POLLRDNORM;
	if (ldisc_room(pty->tty) > 0)
		ready |= POLLOUT;
	if (pty_slave_left(pty))
		ready |= POLLHUP;
	return ready;
}

static int
master_ioctl(struct file *file, struct proc *proc, uint32_t request, void *data)
{
	struct pty *pty = file->data;

	switch (request) {
	case TIOCGPTN:
		*(int32_t *)data = pty->index;
		return 0;
	case TIOCSPTLCK:
		pty->locked = *(int32_t *)data != 0;
		return 0;
	case FIONREAD:
		*(int32_t *)data = pty->tty->output_used;
		return 0;
	case TIOCGPGRP:
		*(int32_t *)data = pty->tty->pgrp;
		return 0;
	case TIOCSCTTY:
		return ENOTTY;
	default:
		return tty_control(pty->tty, proc, request, data);
	}
}

static void
master_close(struct file *file)
{
	struct pty *pty = file->data;

	ptys[pty->index] = NULL;
	pty_name_remove(pty->index);
	pty->tty->device_data = NULL;
	pty->tty->gone = true;
	tty_hangup(pty->tty);
	tty_release(pty->tty);
	bsd_free(pty, sizeof(*pty));
}

static const struct file_ops master_ops = {
	.read = master_read,
	.write = master_write,
	.poll = master_poll,
	.ioctl = master_ioctl,
	.close = master_close,
};

/* ---- opening ------------------------------------------------------------------------ */

static int
pty_create(struct pty **ptyp)
{
	struct pty *pty;
	unsigned index = 0;

	while (index < PTY_MAX && ptys[index] != NULL)
		index++;
	if (index == PTY_MAX)
		return ENOSPC;
	pty = bsd_alloc(sizeof(*pty));
	if (pty == NULL)
		return ENOMEM;
	pty->index = index;
	pty->locked = true;
	pty->tty = tty_create(&pty_tty_device, pty, BSD_MAKEDEV(DEV_MAJOR_PTS, index));
	if (pty->tty == NULL) {
		bsd_free(pty, sizeof(*pty));
		return ENOMEM;
	}
	ptys[index] = pty;
	*ptyp = pty;
	return 0;
}

static void
pty_destroy(struct pty *pty)
{
	ptys[pty->index] = NULL;
	tty_release(pty->tty);
	bsd_free(pty, sizeof(*pty));
}

int
pty_master_open(struct proc *proc, struct vnode *vp, unsigned flags, struct file **filep)
{
	struct pty *pty;
	int error;

	error = pty_create(&pty);
	if (error != 0)
		return error;
	error = pty_name_make(proc, pty->index);
	if (error == 0) {
		error = file_create(&master_ops, flags & ~(unsigned)O_NOCTTY, vp, filep);
		if (error != 0)
			pty_name_remove(pty->index);
	}
	if (error != 0)
		pty_destroy(pty);
	else
		(*filep)->data = pty;
	return error;
}

int
pty_slave_open(
    struct proc *proc, unsigned index, struct vnode *vp, unsigned flags, struct file **filep)
{
	struct pty *pty;
	int error;

	if (index >= PTY_MAX || ptys[index] == NULL || ptys[index]->locked)
		return EIO;
	pty = ptys[index];
	error = tty_open(pty->tty, proc, vp, flags, filep);
	if (error == 0)
		pty->slave_seen = true;
	return error;
}
