/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dev -- character devices: from a device number to an open file.
 *
 * Numbers are those that programs expect (mem 1:x, tty 5:0, console 5:1,
 * ptmx 5:2, pseudo-terminal slaves 136:n).
 *
 * Locks: master lock; opening a terminal may sleep.
 */
#ifndef BSD_DEV_DEV_H
#define BSD_DEV_DEV_H

#include <stddef.h>
#include <stdint.h>

struct file;
struct proc;
struct vnode;

#define DEV_MAJOR_MEM 1
#define DEV_MAJOR_TTY 5
#define DEV_MAJOR_PTS 136

/*
 * Open the device a vnode stands for; takes over the reference on `vp` on
 * success.  ENXIO: no such device.
 */
int dev_open(struct proc *proc, struct vnode *vp, unsigned flags, struct file **filep);

/*
 * Make the device files, /dev/fd and the like, and /dev/pts.  Existing names
 * stay as they are.  ENOSPC.
 */
int dev_populate(struct proc *proc);

/* dev/mem.c: null, zero, full, random, urandom. */
int mem_open(struct vnode *vp, unsigned flags, struct file **filep);

/* Mix bytes that others cannot know into the random source. */
void random_stir(const void *bytes, size_t length);

/* Fill with random bytes. */
void random_bytes(void *buffer, size_t length);

#endif /* BSD_DEV_DEV_H */
