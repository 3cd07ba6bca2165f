/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc: its tree, its links, its texts.
 */
#include <stdio.h>

#include "dev/dev.h"
#include "file/fd_table.h"
#include "file/file.h"
#include "file/file_io.h"
#include "fs/procfs.h"
#include "pipe/pipe.h"
#include "services.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

static int
procfs_setup(void **state)
{
	test_setup(state);
	assert_ok(vfs_populate(root_proc));
	assert_ok(dev_populate(root_proc));
	return 0;
}

static const char *
read_all(const char *path)
{
	static char text[8192];
	size_t done;
	int fd = t_open(path, O_RDONLY);

	assert_ok(file_read(root_proc, fd, text, sizeof(text) - 1, -1, &done));
	text[done] = '\0';
	t_close(fd);
	return text;
}

static const char *
read_link(const char *path)
{
	static char text[VFS_PATH_MAX];
	size_t length;

	assert_ok(vfs_readlink(root_proc, AT_FDCWD, path, text, sizeof(text) - 1, &length));
	text[length] = '\0';
	return text;
}

static void
test_links(void **state)
{
	struct vnode *program;
	char path[64], byte;
	int fd, r, w, again;
	size_t done;

	assert_string_equal(read_link("/proc/self"), "1");
	assert_string_equal(read_link("/proc/self/cwd"), "/");
	t_write_file("prog", "text");
	assert_ok(vfs_find(root_proc, AT_FDCWD, "prog", 0, &program));
	root_proc->program = program;
	assert_string_equal(read_link("/proc/self/exe"), "/prog");
	t_assert_file("/proc/self/exe", "text");
	assert_ok(vfs_unlink(root_proc, AT_FDCWD, "prog", 0));
	t_assert_file("/proc/1/exe", "text");
	assert_non_null(strstr(read_link("/proc/self/exe"), "(deleted)"));
	root_proc->program = NULL;
	vnode_release(program);
	assert_int_equal(vfs_open(root_proc, AT_FDCWD, "/proc/self/exe", 0, 0, &fd), ENOENT);

	/* a pipe through /dev/fd, as process substitution does */
	assert_ok(pipe_call(root_proc, 0, &r, &w));
	snprintf(path, sizeof(path), "/dev/fd/%d", r);
	assert_int_equal(strncmp(read_link(path), "pipe:[", 6), 0);
	again = t_open(path, O_RDONLY);
	assert_ok(file_write(root_proc, w, "x", 1, -1, &done));
	assert_ok(file_read(root_proc, again, &byte, 1, -1, &done));
	assert_int_equal(byte, 'x');
	t_close(again);
	/* also when the writer has come and gone already */
	t_close(w);
	again = t_open(path, O_RDONLY);
	t_close(r);
	assert_ok(file_read(root_proc, again, &byte, 1, -1, &done));
	assert_int_equal(done, 0);
	t_close(again);
	assert_int_equal(vfs_open(root_proc, AT_FDCWD, path, 0, 0, &fd), ENOENT);
}

static void
test_texts(void **state)
{
	static const char *const files[] = {
		"/proc/mounts",
		"/proc/meminfo",
		"/proc/uptime",
		"/proc/version",
		"/proc/loadavg",
		"/proc/stat",
		"/proc/cpuinfo",
		"/proc/filesystems",
		"/proc/1/stat",
		"/proc/1/statm",
		"/proc/1/status",
		"/proc/1/comm",
		"/proc/sys/kernel/hostname",
		"/proc/sys/kernel/osrelease",
		"/proc/sys/kernel/../kernel/ostype",
		"/proc/self/mounts",
	};
	const char *text;
	unsigned fields = 0;
	size_t i, length;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		text = read_all(files[i]);
		length = strlen(text);
		assert_true(length > 1);
		assert_int_equal(text[length - 1], '\n');
	}
	assert_string_equal(
	    read_all("/proc/mounts"), "root / tmpfs rw 0 0\nproc /proc proc rw 0 0\n");
	for (text = read_all("/proc/1/stat") + 17; *text != '\0'; text++)
		fields += *text == ' ';
	assert_int_equal(fields + 3, 52);
	assert_int_equal(vfs_truncate(root_proc, "/proc/uptime", 0), EINVAL);
	assert_int_equal(vfs_mkdir(root_proc, AT_FDCWD, "/proc/x", 0), EROFS);
	assert_int_equal(vfs_unlink(root_proc, AT_FDCWD, "/proc/stat", 0), EROFS);
	assert_int_equal(vfs_chmod(root_proc, AT_FDCWD, "/proc/stat", 0, 0), EROFS);
}

static unsigned
list(const char *path, char *names, size_t size)
{
	uint64_t buffer[12];
	struct bsd_dirent *entry;
	unsigned count = 0;
	size_t done, at;
	int fd = t_open(path, O_RDONLY | O_DIRECTORY);

	names[0] = '\0';
	for (;;) {
		assert_ok(vfs_getdents(root_proc, fd, buffer, sizeof(buffer), &done));
		if (done == 0)
			break;
		for (at = 0; at < done; at += entry->d_reclen) {
			entry = (void *)((char *)buffer + at);
			count++;
			assert_true(strlen(names) + 40 < size);
			strcat(names, entry->d_name);
			strcat(names, " ");
		}
	}
	t_close(fd);
	return count;
}

static void
test_listing(void **state)
{
	struct proc *other = test_proc_create(345, 500);
	struct bsd_stat st, in;
	char names[2048], path[64];
	int fd;

	(void)list("/proc", names, sizeof(names));
	assert_non_null(strstr(names, ". .. self mounts"));
	assert_non_null(strstr(names, "sys 1 345 "));
	(void)list("/proc/345", names, sizeof(names));
	assert_non_null(strstr(names, "cmdline"));
	fd = t_open("/proc/mounts", O_RDONLY);
	(void)list("/proc/self/fd", names, sizeof(names));
	assert_string_equal(names, ". .. 0 1 ");
	t_close(fd);
	/* inode numbers of both views agree */
	assert_ok(vfs_stat(root_proc, AT_FDCWD, "/proc/345", 0, &st));
	assert_int_equal(st.st_uid, 500);
	assert_ok(vfs_stat(root_proc, AT_FDCWD, "/proc/345/fd/..", 0, &in));
	assert_int_equal(st.st_ino, in.st_ino);
	assert_int_equal(vfs_stat(root_proc, AT_FDCWD, "/proc/0345", 0, &st), ENOENT);
	assert_int_equal(vfs_stat(root_proc, AT_FDCWD, "/proc/999999999999", 0, &st), ENOENT);
	/* somebody else's descriptors */
	assert_int_equal(vfs_stat(other, AT_FDCWD, "/proc/1/fd/0", 0, &st), EACCES);
	assert_int_equal(
	    vfs_readlink(other, AT_FDCWD, "/proc/1/cwd", path, sizeof(path), (size_t[1]) { 0 }),
	    EACCES);
	/* standing in the directory of a process that goes */
	assert_ok(vfs_chdir(root_proc, "/proc/345/"));
	test_proc_destroy(other);
	assert_int_equal(vfs_stat(root_proc, AT_FDCWD, "stat", 0, &st), ENOENT);
	assert_ok(vfs_stat(root_proc, AT_FDCWD, "..", 0, &st));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, procfs_setup, test_teardown)
	const struct CMUnitTest tests[] = {
		T(test_links),
		T(test_texts),
		T(test_listing),
	};

	return cmocka_run_group_tests_name("procfs", tests, NULL, NULL);
}
