/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device switch and the names in /dev.
 */
#include "dev/dev.h"

#include "bsd/abi.h"
#include "tty/console.h"
#include "tty/pty.h"
#include "tty/tty.h"
#include "vfs/services.h"
#include "vfs/vfs.h"

enum {
	TTY_MINOR_SELF = 0,
	TTY_MINOR_CONSOLE = 1,
	TTY_MINOR_PTMX = 2,
};

static int
dev_open_tty(struct proc *proc, struct vnode *vp, unsigned flags, struct file **filep)
{
	struct tty *tty;

	switch (BSD_MINOR(vp->attr.rdev)) {
	case TTY_MINOR_SELF:
		tty = proc_ctty(proc);
		return tty == NULL ? ENXIO : tty_open(tty, proc, vp, flags | O_NOCTTY, filep);
	case TTY_MINOR_CONSOLE:
		tty = console_tty();
		return tty == NULL ? ENXIO : tty_open(tty, proc, vp, flags, filep);
	case TTY_MINOR_PTMX:
		return pty_master_open(proc, vp, flags, filep);
	default:
		return ENXIO;
	}
}

int
dev_open(struct proc *proc, struct vnode *vp, unsigned flags, struct file **filep)
{
	unsigned keep = flags & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_ASYNC | O_NOCTTY);

	switch (BSD_MAJOR(vp->attr.rdev)) {
	case DEV_MAJOR_MEM:
		return mem_open(vp, keep & ~(unsigned)O_NOCTTY, filep);
	case DEV_MAJOR_TTY:
		return dev_open_tty(proc, vp, keep, filep);
	case DEV_MAJOR_PTS:
		return pty_slave_open(proc, BSD_MINOR(vp->attr.rdev), vp, keep, filep);
	default:
		return ENXIO;
	}
}

struct dev_name {
	const char *path;
	uint32_t mode;
	uint64_t rdev;
};

static const struct dev_name dev_names[] = {
	{ "/dev", S_IFDIR | 0755, 0 },
	{ "/dev/null", S_IFCHR | 0666, BSD_MAKEDEV(DEV_MAJOR_MEM, 3) },
	{ "/dev/zero", S_IFCHR | 0666, BSD_MAKEDEV(DEV_MAJOR_MEM, 5) },
	{ "/dev/full", S_IFCHR | 0666, BSD_MAKEDEV(DEV_MAJOR_MEM, 7) },
	{ "/dev/random", S_IFCHR | 0666, BSD_MAKEDEV(DEV_MAJOR_MEM, 8) },
	{ "/dev/urandom", S_IFCHR | 0666, BSD_MAKEDEV(DEV_MAJOR_MEM, 9) },
	{ "/dev/tty", S_IFCHR | 0666, BSD_MAKEDEV(DEV_MAJOR_TTY, 0) },
	{ "/dev/console", S_IFCHR | 0600, BSD_MAKEDEV(DEV_MAJOR_TTY, 1) },
	{ "/dev/ptmx", S_IFCHR | 0666, BSD_MAKEDEV(DEV_MAJOR_TTY, 2) },
	{ "/dev/pts", S_IFDIR | 0755, 0 },
	{ "/dev/shm", S_IFDIR | 01777, 0 },
};

static const char *const dev_links[][2] = {
	{ "/proc/self/fd", "/dev/fd" },
	{ "/proc/self/fd/0", "/dev/stdin" },
	{ "/proc/self/fd/1", "/dev/stdout" },
	{ "/proc/self/fd/2", "/dev/stderr" },
};

int
dev_populate(struct proc *proc)
{
	uint32_t mask = vfs_umask(proc, 0);
	int error = 0;
	size_t i;

	for (i = 0; i < sizeof(dev_names) / sizeof(dev_names[0]); i++) {
		const struct dev_name *d = &dev_names[i];

		error = S_ISDIR(d->mode) ? vfs_mkdir(proc, AT_FDCWD, d->path, d->mode)
					 : vfs_mknod(proc, AT_FDCWD, d->path, d->mode, d->rdev);
		if (error != 0 && error != EEXIST)
			break;
		error = 0;
	}
	for (i = 0; error == 0 && i < sizeof(dev_links) / sizeof(dev_links[0]); i++) {
		error = vfs_symlink(proc, dev_links[i][0], AT_FDCWD, dev_links[i][1]);
		if (error == EEXIST)
			error = 0;
	}
	(void)vfs_umask(proc, mask);
	return error;
}
