/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images: template tasks from which the tasks of programs are copied. The
 * base template holds the emulator, slot 0, the program's stack and nothing
 * at page 0; an image adds the segments of one file, and of its interpreter (the
 * dynamic linker) if it names one. Images of files that did not change are kept
 * for the next exec.
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
	uint64_t start;   /* where it begins to run: its interpreter's entry, or its own */
	uint64_t base;    /* of the interpreter, or 0 */
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

/* An executable file and its first bytes. */
struct image_file {
	struct vnode *vp; /* NULL: there is none */
	const void *head;
	size_t size;
};

/*
 * The name of an executable's interpreter into `name`, of ELF_INTERPRETER_MAX
 * bytes; empty: it has none. ENOEXEC, EIO.
 */
int image_interpreter(const struct image_file *file, char *name);

/*
 * The image of an executable and its interpreter. Valid until the master lock
 * is given up. ENOEXEC, ENOMEM, EIO; ELIBBAD: the interpreter cannot be loaded.
 */
int image_get(const struct image_file *file, const struct image_file *interpreter,
    const struct image **imagep);

/* Drop all that are kept. */
void image_flush(void);

#endif
