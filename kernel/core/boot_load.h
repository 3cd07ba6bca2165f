/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot_load -- put an ELF image of a boot module into a task and make its
 * first thread (ABI sheet 10.3, 10.4).
 */
#ifndef CORE_BOOT_LOAD_H
#define CORE_BOOT_LOAD_H

#include <stddef.h>
#include <stdint.h>

struct task;

struct boot_strings {
	unsigned argument_count;
	unsigned environment_count;
	size_t size;      /* of all strings with their NULs */
	const char *text; /* arguments, then environment */
};

/*
 * Load the image into the empty `task` and make a thread, held once, that
 * will enter it. Returns NULL, or what is wrong.
 */
const char *
boot_load(struct task *task, const void *image, uint64_t size, const struct boot_strings *strings);

#endif
