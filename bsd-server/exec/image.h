/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images: template tasks from which the tasks of programs are copied. The
 * base template holds the emulator, slot 0, the program's stack and nothing
 * at page 0; an image adds the segments of one file. Images of files that did
 * not change are kept for the next exec.
 *
 * Life of an image: image_get -> image_release; kept in a cache of a few,
 * least recently used first out; its vnode is referenced as running text only
 * while a program runs it, so that an idle image does not block writers: a
 * changed file is noticed by its attributes.
 * Locks: the master lock.
 */
#ifndef EXEC_IMAGE_H
#define EXEC_IMAGE_H

#include <mach.h>
#include <stdint.h>

#include "bsd/emulator.h"

struct vnode;

struct image {
	mach_port_t task; /* the template */
	uint64_t entry;
	uint64_t headers; /* program headers in memory */
	unsigned header_count;
	unsigned header_size;
	uint64_t break_start;
	uint64_t bytes; /* mapped by the program */
};

/* Make the base template. */
kern_return_t image_init(mach_port_t exception_port, uint32_t options);

/* The marked places of the emulator. */
const struct emul_header *image_emulator(void);

/* BSD_OPTION_* for the emulators. */
uint32_t image_options(void);

/*
 * The image of an executable whose first bytes are `head`. Valid until the
 * master lock is given up. ENOEXEC, ENOMEM, EIO.
 */
int image_get(struct vnode *vp, const void *head, size_t size, const struct image **imagep);

/* Drop all that are kept. */
void image_flush(void);

#endif
