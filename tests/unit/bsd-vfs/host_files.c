/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "host_files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[] = "/tmp/bsd-vfs-XXXXXX";
static int base_fd;

/* Linux numbers above 34 that file calls give, as 4.4BSD has them. */
static int
to_bsd(int result)
{
	if (result >= 0)
		return 0;
	switch (errno) {
	case EAGAIN:
		return 35;
	case ELOOP:
		return 62;
	case ENAMETOOLONG:
		return 63;
	case ENOTEMPTY:
		return 66;
	default:
		return errno;
	}
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void
host_begin(void)
{
	strcpy(base, "/tmp/bsd-vfs-XXXXXX");
	if (mkdtemp(base) == NULL || (base_fd = open(base, O_DIRECTORY)) < 0 || chdir(base) != 0)
		abort();
	umask(022);
}

void
host_end(void)
{
	close(base_fd);
	if (chdir("/") != 0)
		abort();
	nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
host_mkdir(const char *path)
{
	return to_bsd(mkdir(path, 0777));
}

int
host_rmdir(const char *path)
{
	return to_bsd(rmdir(path));
}

int
host_unlink(const char *path)
{
	return to_bsd(unlink(path));
}

int
host_rename(const char *from, const char *to)
{
	return to_bsd(rename(from, to));
}

int
host_link(const char *from, const char *to)
{
	return to_bsd(link(from, to));
}

int
host_symlink(const char *target, const char *path)
{
	return to_bsd(symlink(target, path));
}

int
host_write(const char *path, int exclusive, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | (exclusive ? O_EXCL : 0), 0666);
	int result;

	if (fd < 0)
		return to_bsd(fd);
	result = to_bsd((int)write(fd, text, strlen(text)));
	close(fd);
	return result;
}

int
host_truncate(const char *path, int64_t length)
{
	return to_bsd(truncate(path, length));
}

int
host_read(const char *path, char *buffer, size_t size, size_t *donep)
{
	int fd = open(path, O_RDONLY);
	ssize_t done;
	int result;

	*donep = 0;
	if (fd < 0)
		return to_bsd(fd);
	done = read(fd, buffer, size);
	result = to_bsd((int)done);
	if (done > 0)
		*donep = (size_t)done;
	close(fd);
	return result;
}

int
host_chdir(const char *path)
{
	return to_bsd(chdir(path));
}

void
host_chdir_back(void)
{
	if (fchdir(base_fd) != 0)
		abort();
}

static int
fill(int result, const struct stat *from, struct host_stat *st)
{
	if (result == 0) {
		st->mode = from->st_mode;
		st->nlink = (uint32_t)from->st_nlink;
		st->size = from->st_size;
	}
	return to_bsd(result);
}

int
host_lstat(const char *path, struct host_stat *st)
{
	struct stat own;
	int result = lstat(path, &own);

	return fill(result, &own, st);
}

int
host_stat(const char *path, struct host_stat *st)
{
	struct stat own;
	int result = stat(path, &own);

	return fill(result, &own, st);
}
