/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Path names, permissions, links and renames.
 */
#include <stdio.h>

#include "file/cred.h"
#include "file/fd_table.h"
#include "file/file.h"
#include "file/file_io.h"
#include "fs/ramfs.h"
#include "services.h"
#include "vfs/fs_context.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

static int
t_mkdir(const char *path)
{
	return vfs_mkdir(root_proc, AT_FDCWD, path, 0777);
}

static int
t_unlink(const char *path)
{
	return vfs_unlink(root_proc, AT_FDCWD, path, 0);
}

static int
t_rmdir(const char *path)
{
	return vfs_unlink(root_proc, AT_FDCWD, path, AT_REMOVEDIR);
}

static int
t_rename(const char *from, const char *to)
{
	return vfs_rename(root_proc, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static int
t_link(const char *from, const char *to)
{
	return vfs_link(root_proc, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static int
t_symlink(const char *target, const char *path)
{
	return vfs_symlink(root_proc, target, AT_FDCWD, path);
}

static int
t_try_open(struct proc *proc, const char *path, unsigned flags)
{
	int fd, error;

	error = vfs_open(proc, AT_FDCWD, path, flags, 0666, &fd);
	if (error == 0)
		assert_ok(file_close(proc, fd));
	return error;
}

static struct bsd_stat
t_stat(const char *path)
{
	struct bsd_stat st;

	assert_ok(vfs_stat(root_proc, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &st));
	return st;
}

static void
assert_cwd(const char *expected)
{
	char path[VFS_PATH_MAX];
	size_t length;

	assert_ok(vfs_getcwd(root_proc, path, sizeof(path), &length));
	assert_string_equal(path, expected);
	assert_int_equal(length, strlen(expected));
}

struct path_case {
	const char *path;
	int error;
};

static void
test_walk(void **state)
{
	static const struct path_case cases[] = {
		{ "/", 0 },
		{ ".", 0 },
		{ "..", 0 },
		{ "/..", 0 },
		{ "///", 0 },
		{ "", ENOENT },
		{ "/d", 0 },
		{ "d/", 0 },
		{ "d/.", 0 },
		{ "d/./../d/e/..//e/f", 0 },
		{ "d/e/f/", ENOTDIR },
		{ "d/e/f/..", ENOTDIR },
		{ "d/e/f/x", ENOTDIR },
		{ "d/nothing", ENOENT },
		{ "d/nothing/x", ENOENT },
		{ "to-e/f", 0 },
		{ "to-e/../e/f", 0 },
		{ "abs/f", 0 },
		{ "loop", ELOOP },
		{ "loop/x", ELOOP },
		{ "dangling", ENOENT },
		{ "to-f/", ENOTDIR },
		{ "to-e/", 0 },
		{ "chain9/f", 0 },
	};
	struct bsd_stat st;
	char target[8], name[8];
	size_t i;

	assert_ok(t_mkdir("d"));
	assert_ok(t_mkdir("d/e"));
	t_write_file("d/e/f", "text");
	assert_ok(t_symlink("d/e", "to-e"));
	assert_ok(t_symlink("/d/e", "abs"));
	assert_ok(t_symlink("d/e/f", "to-f"));
	assert_ok(t_symlink("loop", "loop"));
	assert_ok(t_symlink("nowhere", "dangling"));
	assert_ok(t_symlink("to-e/../../abs", "chain0"));
	for (i = 1; i < 10; i++) {
		snprintf(target, sizeof(target), "chain%zu", i - 1);
		snprintf(name, sizeof(name), "chain%zu", i);
		assert_ok(t_symlink(target, name));
	}
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    vfs_stat(root_proc, AT_FDCWD, cases[i].path, 0, &st), cases[i].error);
	}
	assert_true(S_ISLNK(t_stat("to-e").st_mode));
	assert_true(S_ISDIR(t_stat("to-e/").st_mode));
}

static void
test_long_names(void **state)
{
	char path[VFS_PATH_MAX + 8], name[VFS_NAME_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[VFS_NAME_MAX + 1] = '\0';
	assert_int_equal(t_mkdir(name), ENAMETOOLONG);
	name[VFS_NAME_MAX] = '\0';
	assert_ok(t_mkdir(name));
	memset(path, '/', sizeof(path));
	path[VFS_PATH_MAX] = '\0';
	assert_int_equal(t_mkdir(path), ENAMETOOLONG);
	path[VFS_PATH_MAX - 1] = '\0';
	assert_int_equal(t_mkdir(path), EEXIST);
	/* A link whose text and rest together are too long. */
	memset(path, 'x', sizeof(path));
	path[VFS_PATH_MAX - 3] = '\0';
	assert_ok(t_symlink(path, "long"));
	assert_int_equal(t_try_open(root_proc, "long/abc", O_RDONLY), ENAMETOOLONG);
}

static void
test_links_limit(void **state)
{
	char name[16], target[16];
	int i;

	t_write_file("l0", "end");
	for (i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "l%d", i - 1);
		assert_ok(t_symlink(target, name));
	}
	t_assert_file("l40", "end");
	assert_int_equal(t_try_open(root_proc, "l41", O_RDONLY), ELOOP);
}

static void
test_open_flags(void **state)
{
	int fd;
	size_t done;

	t_write_file("f", "hello");
	assert_ok(t_mkdir("dir"));
	assert_ok(t_symlink("f", "sf"));
	assert_ok(t_symlink("new", "snew"));
	assert_int_equal(t_try_open(root_proc, "f", O_CREAT | O_EXCL), EEXIST);
	assert_int_equal(t_try_open(root_proc, "snew", O_CREAT | O_EXCL), EEXIST);
	assert_int_equal(t_try_open(root_proc, "sf", O_NOFOLLOW), ELOOP);
	assert_int_equal(t_try_open(root_proc, "f", O_DIRECTORY), ENOTDIR);
	assert_int_equal(t_try_open(root_proc, "dir", O_WRONLY), EISDIR);
	assert_int_equal(t_try_open(root_proc, "dir", O_CREAT), EISDIR);
	assert_int_equal(t_try_open(root_proc, "x/", O_CREAT), EISDIR);
	assert_int_equal(t_try_open(root_proc, "none", O_RDONLY), ENOENT);
	assert_ok(t_try_open(root_proc, "dir", O_DIRECTORY));
	/* Creating through a dangling link makes its target. */
	assert_ok(t_try_open(root_proc, "snew", O_CREAT | O_WRONLY));
	assert_true(S_ISREG(t_stat("new").st_mode));
	assert_int_equal(t_stat("new").st_mode & 07777, 0644);

	fd = t_open("f", O_WRONLY | O_APPEND);
	assert_ok(file_write(root_proc, fd, "!!", 2, -1, &done));
	t_close(fd);
	t_assert_file("f", "hello!!");
	fd = t_open("f", O_RDWR | O_TRUNC);
	assert_int_equal(t_stat("f").st_size, 0);
	t_close(fd);
	fd = t_open("f", O_RDONLY);
	assert_int_equal(file_write(root_proc, fd, "x", 1, -1, &done), EBADF);
	t_close(fd);
	fd = t_open("f", O_WRONLY);
	assert_int_equal(file_read(root_proc, fd, (char[1]) { 0 }, 1, -1, &done), EBADF);
	t_close(fd);
	fd = t_open("sf", O_PATH | O_NOFOLLOW);
	assert_int_equal(file_read(root_proc, fd, (char[1]) { 0 }, 1, -1, &done), EBADF);
	t_close(fd);
}

static void
test_at_calls(void **state)
{
	struct bsd_stat st;
	int dir, fd, other;

	assert_ok(t_mkdir("a"));
	assert_ok(t_mkdir("a/b"));
	dir = t_open("a", O_RDONLY | O_DIRECTORY);
	assert_ok(vfs_open(root_proc, dir, "b/f", O_CREAT | O_RDWR, 0600, &fd));
	assert_ok(vfs_stat(root_proc, AT_FDCWD, "a/b/f", 0, &st));
	assert_ok(vfs_stat(root_proc, fd, "", AT_EMPTY_PATH, &st));
	assert_int_equal(vfs_stat(root_proc, fd, "", 0, &st), ENOENT);
	assert_int_equal(vfs_stat(root_proc, fd, "x", 0, &st), ENOTDIR);
	assert_int_equal(vfs_stat(root_proc, 77, "x", 0, &st), EBADF);
	assert_ok(vfs_stat(root_proc, 77, "/a", 0, &st));
	assert_ok(vfs_fchdir(root_proc, dir));
	assert_cwd("/a");
	assert_ok(vfs_open(root_proc, AT_FDCWD, "b", O_RDONLY, 0, &other));
	assert_ok(vfs_rename(root_proc, other, "f", dir, "g", 0));
	assert_ok(vfs_stat(root_proc, AT_FDCWD, "/a/g", 0, &st));
	assert_int_equal(vfs_fchdir(root_proc, fd), ENOTDIR);
	assert_int_equal(vfs_fchdir(root_proc, 99), EBADF);
}

static void
test_links(void **state)
{
	assert_ok(t_mkdir("d"));
	t_write_file("f", "one");
	assert_ok(t_link("f", "d/g"));
	assert_int_equal(t_stat("f").st_nlink, 2);
	assert_int_equal(t_stat("f").st_ino, t_stat("d/g").st_ino);
	assert_int_equal(t_link("f", "d/g"), EEXIST);
	assert_int_equal(t_link("d", "e"), EPERM);
	assert_int_equal(t_link("none", "e"), ENOENT);
	assert_int_equal(t_link("f", "e/"), ENOENT);
	assert_ok(t_unlink("f"));
	t_assert_file("d/g", "one");
	assert_int_equal(t_stat("d/g").st_nlink, 1);
	assert_int_equal(t_unlink("d"), EISDIR);
	assert_int_equal(t_unlink("f"), ENOENT);
	assert_int_equal(t_unlink("d/g/"), ENOTDIR);
	assert_ok(t_symlink("g", "d/s"));
	/* link does not follow, unless told so */
	assert_ok(t_link("d/s", "s2"));
	assert_true(S_ISLNK(t_stat("s2").st_mode));
	assert_ok(vfs_link(root_proc, AT_FDCWD, "d/s", AT_FDCWD, "g2", AT_SYMLINK_FOLLOW));
	t_assert_file("g2", "one");
}

static void
test_rmdir(void **state)
{
	struct bsd_stat st;

	assert_ok(t_mkdir("d"));
	assert_ok(t_mkdir("d/e"));
	t_write_file("f", "");
	assert_int_equal(t_stat("d").st_nlink, 3);
	assert_int_equal(t_rmdir("d"), ENOTEMPTY);
	assert_int_equal(t_rmdir("d/e/."), EINVAL);
	assert_int_equal(t_rmdir("d/e/.."), ENOTEMPTY);
	assert_int_equal(t_rmdir("/"), EBUSY);
	assert_int_equal(t_rmdir("f"), ENOTDIR);
	assert_ok(vfs_chdir(root_proc, "d/e"));
	assert_ok(t_rmdir("/d/e"));
	assert_int_equal(t_stat("/d").st_nlink, 2);
	/* Nothing can be made in a removed directory, nor can it be left by "..". */
	assert_int_equal(t_mkdir("x"), ENOENT);
	assert_int_equal(t_try_open(root_proc, "x", O_CREAT), ENOENT);
	assert_int_equal(vfs_stat(root_proc, AT_FDCWD, "..", 0, &st), ENOENT);
	assert_int_equal(vfs_getcwd(root_proc, (char[64]) { 0 }, 64, (size_t[1]) { 0 }), ENOENT);
	assert_ok(vfs_chdir(root_proc, "/"));
	assert_ok(t_rmdir("d/"));
}

static void
test_rename(void **state)
{
	assert_ok(t_mkdir("a"));
	assert_ok(t_mkdir("a/b"));
	assert_ok(t_mkdir("a/b/c"));
	assert_ok(t_mkdir("empty"));
	t_write_file("f", "f");
	t_write_file("g", "g");

	assert_ok(t_rename("f", "g"));
	t_assert_file("g", "f");
	assert_int_equal(t_rename("f", "h"), ENOENT);
	assert_int_equal(t_rename("a", "a/b/x"), EINVAL);
	assert_int_equal(t_rename("a", "a/b"), EINVAL);
	assert_int_equal(t_rename("a/b", "a"), ENOTEMPTY);
	assert_int_equal(t_rename("a/b/c", "a"), ENOTEMPTY);
	assert_int_equal(t_rename("a", "g"), ENOTDIR);
	assert_int_equal(t_rename("g", "a"), EISDIR);
	assert_int_equal(t_rename("empty", "a"), ENOTEMPTY);
	assert_int_equal(t_rename("g/", "h"), ENOTDIR);
	assert_int_equal(t_rename("g", "h/"), ENOTDIR);
	assert_int_equal(t_rename("a/.", "h"), EBUSY);
	assert_int_equal(t_rename("a/b/..", "h"), EBUSY);
	assert_int_equal(t_rename("/", "h"), EBUSY);
	assert_ok(t_rename("a", "a"));
	/* a directory over an empty one, to another parent */
	assert_ok(t_rename("a/b", "empty"));
	assert_int_equal(t_stat("a").st_nlink, 2);
	assert_int_equal(t_stat("empty").st_nlink, 3);
	assert_ok(vfs_chdir(root_proc, "empty/c"));
	assert_cwd("/empty/c");
	assert_ok(t_rename("/empty", "/a/moved/"));
	assert_cwd("/a/moved/c");
	assert_ok(vfs_chdir(root_proc, ".."));
	assert_cwd("/a/moved");
	assert_ok(vfs_chdir(root_proc, "/"));
	/* two names of one file: both stay */
	assert_ok(t_link("g", "g2"));
	assert_ok(t_rename("g", "g2"));
	assert_int_equal(t_stat("g").st_nlink, 2);
	assert_int_equal(
	    vfs_rename(root_proc, AT_FDCWD, "g", AT_FDCWD, "a", BSD_RENAME_NOREPLACE), EEXIST);
	assert_int_equal(
	    vfs_rename(root_proc, AT_FDCWD, "g", AT_FDCWD, "z", BSD_RENAME_EXCHANGE), EINVAL);
	assert_ok(t_rename("g", "g3"));
	t_assert_file("g3", "f");
	t_assert_file("g2", "f");
}

static void
test_permissions(void **state)
{
	struct proc *user = test_proc_create(2, 500);
	struct proc *other = test_proc_create(3, 600);
	struct bsd_stat st;

	t_write_file("secret", "s");
	assert_ok(vfs_chmod(root_proc, AT_FDCWD, "secret", 0640, 0));
	assert_int_equal(t_try_open(user, "secret", O_RDONLY), EACCES);
	assert_ok(vfs_chown(root_proc, AT_FDCWD, "secret", UINT32_MAX, 500, 0));
	assert_ok(t_try_open(user, "secret", O_RDONLY));
	assert_int_equal(t_try_open(user, "secret", O_RDWR), EACCES);
	assert_int_equal(t_try_open(user, "new", O_CREAT), EACCES);
	assert_int_equal(vfs_chmod(user, AT_FDCWD, "secret", 0777, 0), EPERM);
	assert_int_equal(vfs_chroot(user, "/"), EPERM);

	/* search permission */
	assert_ok(t_mkdir("closed"));
	assert_ok(t_mkdir("closed/in"));
	assert_ok(vfs_chmod(root_proc, AT_FDCWD, "closed", 0700, 0));
	assert_int_equal(vfs_stat(user, AT_FDCWD, "closed/in", 0, &st), EACCES);
	assert_int_equal(vfs_chdir(user, "closed"), EACCES);
	/* a class that is named closer counts, even if it allows less */
	assert_ok(vfs_chown(root_proc, AT_FDCWD, "closed", 500, 0, 0));
	assert_ok(vfs_chmod(root_proc, AT_FDCWD, "closed", 0077, 0));
	assert_int_equal(vfs_chdir(user, "closed"), EACCES);

	/* sticky directory */
	assert_ok(t_mkdir("tmp"));
	assert_ok(vfs_chmod(root_proc, AT_FDCWD, "tmp", 01777, 0));
	assert_ok(t_try_open(user, "tmp/mine", O_CREAT | O_WRONLY));
	assert_int_equal(vfs_unlink(other, AT_FDCWD, "tmp/mine", 0), EPERM);
	assert_int_equal(vfs_rename(other, AT_FDCWD, "tmp/mine", AT_FDCWD, "tmp/x", 0), EPERM);
	assert_ok(vfs_unlink(user, AT_FDCWD, "tmp/mine", 0));

	/* set-id bits fall when a file is written by its owner */
	assert_ok(t_try_open(user, "tmp/prog", O_CREAT | O_WRONLY));
	assert_ok(vfs_chmod(user, AT_FDCWD, "tmp/prog", 04755, 0));
	assert_ok(vfs_truncate(user, "tmp/prog", 5));
	assert_int_equal(t_stat("tmp/prog").st_mode & 07777, 0755);
	assert_int_equal(vfs_chown(user, AT_FDCWD, "tmp/prog", 600, -1, 0), EPERM);
	/* the group of a set-gid directory is handed down */
	assert_ok(vfs_chown(root_proc, AT_FDCWD, "tmp", -1, 77, 0));
	assert_ok(vfs_chmod(root_proc, AT_FDCWD, "tmp", 03777, 0));
	assert_ok(vfs_mkdir(user, AT_FDCWD, "tmp/sub", 0777));
	assert_int_equal(t_stat("tmp/sub").st_gid, 77);
	assert_int_equal(t_stat("tmp/sub").st_mode & 07777, 02755);
	/* only the super-user makes devices */
	assert_int_equal(vfs_mknod(user, AT_FDCWD, "tmp/d", S_IFCHR | 0666, 1), EPERM);
	assert_ok(vfs_mknod(user, AT_FDCWD, "tmp/p", S_IFIFO | 0666, 0));
	/* access uses the real ids, unless told otherwise */
	user->cred->euid = 0;
	assert_int_equal(vfs_access(user, AT_FDCWD, "secret", W_OK, 0), EACCES);
	assert_ok(vfs_access(user, AT_FDCWD, "secret", W_OK, AT_EACCESS));
	assert_int_equal(vfs_access(root_proc, AT_FDCWD, "secret", X_OK, 0), EACCES);
	test_proc_destroy(user);
	test_proc_destroy(other);
}

static void
test_chroot(void **state)
{
	struct bsd_stat st;

	assert_ok(t_mkdir("jail"));
	assert_ok(t_mkdir("jail/etc"));
	t_write_file("outside", "o");
	assert_ok(t_symlink("/outside", "jail/link"));
	assert_ok(vfs_chroot(root_proc, "jail"));
	assert_ok(vfs_chdir(root_proc, "/etc"));
	assert_cwd("/etc");
	assert_int_equal(vfs_stat(root_proc, AT_FDCWD, "../../../outside", 0, &st), ENOENT);
	assert_int_equal(vfs_stat(root_proc, AT_FDCWD, "/link", 0, &st), ENOENT);
}

static void
test_mount(void **state)
{
	struct bsd_statfs fs;
	struct bsd_stat st;

	assert_ok(t_mkdir("mnt"));
	t_write_file("mnt/hidden", "h");
	t_write_file("f", "f");
	assert_int_equal(vfs_mount(root_proc, "nofs", "x", "mnt", 0), ENODEV);
	assert_int_equal(vfs_mount(root_proc, "tmpfs", "x", "f", 0), ENOTDIR);
	assert_ok(vfs_mount(root_proc, "tmpfs", "mem", "/mnt", 0));
	assert_int_equal(vfs_stat(root_proc, AT_FDCWD, "mnt/hidden", 0, &st), ENOENT);
	assert_ok(t_mkdir("mnt/sub"));
	assert_int_not_equal(t_stat("mnt").st_dev, t_stat("/").st_dev);
	assert_ok(vfs_chdir(root_proc, "mnt/sub"));
	assert_cwd("/mnt/sub");
	assert_int_equal(vfs_unmount(root_proc, "/mnt"), EBUSY);
	assert_ok(vfs_chdir(root_proc, "../.."));
	assert_cwd("/");
	assert_int_equal(t_link("f", "mnt/f"), EXDEV);
	assert_int_equal(t_rename("f", "mnt/f"), EXDEV);
	assert_int_equal(t_rmdir("mnt"), EBUSY);
	assert_int_equal(t_rename("mnt", "x"), EBUSY);
	assert_ok(vfs_statfs(root_proc, "mnt", &fs));
	assert_string_equal(fs.f_fstypename, "tmpfs");
	assert_ok(vfs_remount(root_proc, "mnt", MOUNT_READ_ONLY));
	assert_int_equal(t_mkdir("mnt/x"), EROFS);
	assert_int_equal(t_try_open(root_proc, "mnt/x", O_CREAT), EROFS);
	assert_int_equal(vfs_chmod(root_proc, AT_FDCWD, "mnt/sub", 0, 0), EROFS);
	assert_int_equal(vfs_unmount(root_proc, "/"), EBUSY);
	assert_int_equal(vfs_unmount(root_proc, "f"), EINVAL);
	assert_ok(vfs_unmount(root_proc, "mnt"));
	t_assert_file("mnt/hidden", "h");
}

static void
test_utimes(void **state)
{
	struct bsd_timespec now = { 0, UTIME_NOW }, omit = { 0, UTIME_OMIT };
	struct bsd_timespec old = { -5, 999999999 }, bad = { 0, 1000000000 };

	t_write_file("f", "");
	assert_ok(vfs_utimes(root_proc, AT_FDCWD, "f", &old, &omit, 0));
	assert_int_equal(t_stat("f").st_atim.tv_sec, -5);
	assert_int_equal(t_stat("f").st_atim.tv_nsec, 999999999);
	assert_int_equal(t_stat("f").st_mtim.tv_sec, test_uptime / 1000000000);
	assert_ok(vfs_utimes(root_proc, AT_FDCWD, "f", &now, &old, 0));
	assert_int_equal(t_stat("f").st_mtim.tv_sec, -5);
	assert_int_equal(vfs_utimes(root_proc, AT_FDCWD, "f", &bad, &now, 0), EINVAL);
}

/* All names of a directory, read with a small buffer. */
static unsigned
count_entries(const char *path, bool (*each)(const char *name))
{
	uint64_t buffer[16];
	struct bsd_dirent *entry;
	unsigned count = 0;
	size_t done, at;
	int fd = t_open(path, O_RDONLY | O_DIRECTORY);

	for (;;) {
		assert_ok(vfs_getdents(root_proc, fd, buffer, sizeof(buffer), &done));
		if (done == 0)
			break;
		for (at = 0; at < done; at += entry->d_reclen) {
			entry = (void *)((char *)buffer + at);
			assert_int_equal(strlen(entry->d_name), entry->d_namlen);
			if (each == NULL || each(entry->d_name))
				count++;
		}
	}
	t_close(fd);
	return count;
}

static bool
remove_even(const char *name)
{
	char path[64];
	unsigned number;

	if (sscanf(name, "f%u", &number) != 1)
		return false;
	snprintf(path, sizeof(path), "d/%s", name);
	if (number % 2 == 0)
		assert_ok(t_unlink(path));
	return true;
}

static void
test_readdir(void **state)
{
	uint64_t small[2];
	char name[32];
	size_t done;
	int i, fd;

	assert_ok(t_mkdir("d"));
	assert_int_equal(count_entries("d", NULL), 2);
	for (i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "d/f%d", i);
		t_write_file(name, "");
	}
	assert_int_equal(count_entries("d", NULL), 10002);
	/* Removing while listing must not hide any other entry. */
	assert_int_equal(count_entries("d", remove_even), 10000);
	assert_int_equal(count_entries("d", NULL), 5002);
	fd = t_open("d", O_RDONLY);
	assert_int_equal(vfs_getdents(root_proc, fd, small, sizeof(small), &done), EINVAL);
	t_close(fd);
	fd = t_open("d/f1", O_RDONLY);
	assert_int_equal(vfs_getdents(root_proc, fd, small, sizeof(small), &done), ENOTDIR);
	t_close(fd);
}

static void
test_exec_text(void **state)
{
	struct vnode *vp;
	const void *base;
	size_t size;
	int fd;

	t_write_file("prog", "#!/bin/sh\n");
	assert_int_equal(vfs_open_exec(root_proc, AT_FDCWD, "prog", 0, &vp), EACCES);
	assert_ok(vfs_chmod(root_proc, AT_FDCWD, "prog", 0755, 0));
	assert_int_equal(vfs_open_exec(root_proc, AT_FDCWD, "/", 0, &vp), EACCES);
	fd = t_open("prog", O_WRONLY);
	assert_int_equal(vfs_open_exec(root_proc, AT_FDCWD, "prog", 0, &vp), ETXTBSY);
	t_close(fd);
	assert_ok(vfs_open_exec(root_proc, AT_FDCWD, "prog", 0, &vp));
	assert_int_equal(t_try_open(root_proc, "prog", O_WRONLY), ETXTBSY);
	assert_int_equal(vfs_truncate(root_proc, "prog", 0), ETXTBSY);
	assert_ok(vnode_extent(vp, &base, &size));
	assert_int_equal(size, 10);
	assert_memory_equal(base, "#!/bin/sh\n", 10);
	assert_int_equal((uintptr_t)base % 4096, 0);
	/* Still a file like others, and writable in both forms. */
	vfs_text_release(vfs_text_reference(vp));
	vfs_text_release(vp);
	t_assert_file("prog", "#!/bin/sh\n");
	t_write_file("prog", "new");
	t_assert_file("prog", "new");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)
	const struct CMUnitTest tests[] = {
		T(test_walk),
		T(test_long_names),
		T(test_links_limit),
		T(test_open_flags),
		T(test_at_calls),
		T(test_links),
		T(test_rmdir),
		T(test_rename),
		T(test_permissions),
		T(test_chroot),
		T(test_mount),
		T(test_utimes),
		T(test_readdir),
		T(test_exec_text),
	};

	return cmocka_run_group_tests_name("vfs", tests, NULL, NULL);
}
