/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pty -- pseudo-terminals: opening /dev/ptmx makes a pair; the slave is the
 * terminal /dev/pts/N, the master plays its hardware.
 *
 * Life:  pty_master_open -> slave opens -> closing the master hangs the slave
 *        up and takes its name away; the pair goes with its last user.
 * Locks: master lock; master reads and writes sleep.
 */
#ifndef BSD_TTY_PTY_H
#define BSD_TTY_PTY_H

#include <stdint.h>

struct file;
struct proc;
struct vnode;

/* Pairs that can exist at a time. */
#define PTY_MAX 64

/* Open a new master; ENOSPC when all are in use. */
int pty_master_open(struct proc *proc, struct vnode *vp, unsigned flags, struct file **filep);

/* Open slave `index`; EIO: no such pair, or still locked. */
int pty_slave_open(
    struct proc *proc, unsigned index, struct vnode *vp, unsigned flags, struct file **filep);

#endif /* BSD_TTY_PTY_H */
