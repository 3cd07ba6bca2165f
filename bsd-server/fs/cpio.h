/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpio -- unpack a newc archive (magic 070701 or 070702) into the file tree.
 *
 * Format (cpio(5), "New ASCII Format"): per file a header of 6 + 13 * 8
 * hexadecimal digits, the name with its NUL padded to 4 bytes, the data padded
 * to 4 bytes; the end is a file named TRAILER!!!.  Names of one inode with
 * more than one link share the data, which stands at the last of them.
 *
 * Locks: master lock.
 */
#ifndef BSD_FS_CPIO_H
#define BSD_FS_CPIO_H

#include <stddef.h>
#include <stdint.h>

struct proc;

/* Longest message about a bad archive, with its NUL. */
#define CPIO_MESSAGE 160

struct cpio_result {
	unsigned files;             /* unpacked */
	char message[CPIO_MESSAGE]; /* what is wrong, when something is */
};

/*
 * Unpack with the rights of `proc` (the super-user's) below its root.
 * Existing files are replaced, existing directories kept.  Stops at the first
 * fault; what came before it stays.  EINVAL: not an archive, damaged or cut
 * off; errors of the file system.
 */
int cpio_unpack(struct proc *proc, const void *archive, size_t size, struct cpio_result *result);

#endif /* BSD_FS_CPIO_H */
