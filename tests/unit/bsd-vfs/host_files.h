/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * File calls of the system the tests run on, with the BSD interface's error
 * numbers: what t_differential compares ours with.  Kept apart because the
 * two sides' constants have the same names.
 */
#ifndef TEST_BSD_VFS_HOST_FILES_H
#define TEST_BSD_VFS_HOST_FILES_H

#include <stddef.h>
#include <stdint.h>

/* Make an empty directory and stand in it; remove it with all in it. */
void host_begin(void);
void host_end(void);

/* Each returns 0 or a BSD errno. */
int host_mkdir(const char *path);
int host_rmdir(const char *path);
int host_unlink(const char *path);
int host_rename(const char *from, const char *to);
int host_link(const char *from, const char *to);
int host_symlink(const char *target, const char *path);
int host_write(const char *path, int exclusive, const char *text);
int host_truncate(const char *path, int64_t length);
int host_read(const char *path, char *buffer, size_t size, size_t *donep);
int host_chdir(const char *path);
void host_chdir_back(void);

struct host_stat {
	uint32_t mode, nlink;
	int64_t size;
};

/* Without following a link in the last place. */
int host_lstat(const char *path, struct host_stat *st);
int host_stat(const char *path, struct host_stat *st);

#endif
