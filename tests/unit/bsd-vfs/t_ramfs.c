/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * File contents against a model, sparse files, full file systems, archives.
 */
#include <stdio.h>

#include "file/file_io.h"
#include "fs/cpio.h"
#include "fs/ramfs.h"
#include "pipe/pipe.h"
#include "services.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

#include <stdlib.h> /* last: it defines names of the BSD interface */

#define MODEL_SIZE (300 * 1024)

static uint32_t random_state;

static uint32_t
next_random(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

struct model {
	uint8_t bytes[MODEL_SIZE];
	size_t size;
	struct ramfs_data data;
	struct ramfs_budget budget;
};

static void
model_write(struct model *m)
{
	static uint8_t piece[100000];
	size_t offset = next_random() % (MODEL_SIZE - sizeof(piece));
	size_t length = next_random() % sizeof(piece), i;

	/* often enough: all of a file at once, which makes an extent */
	if (m->size == 0)
		offset = 0;
	for (i = 0; i < length; i++)
		piece[i] = next_random();
	assert_int_equal(ramfs_data_write(&m->data, &m->budget, piece, length, offset), length);
	memcpy(m->bytes + offset, piece, length);
	if (length > 0 && offset + length > m->size)
		m->size = offset + length;
}

static void
model_truncate(struct model *m)
{
	size_t size = next_random() % 4 == 0 ? 0 : next_random() % MODEL_SIZE;

	assert_ok(ramfs_data_truncate(&m->data, &m->budget, size));
	if (size < m->size)
		memset(m->bytes + size, 0, m->size - size);
	m->size = size;
}

static void
model_check(struct model *m)
{
	static uint8_t piece[MODEL_SIZE];
	size_t offset = next_random() % MODEL_SIZE;
	size_t expect = offset < m->size ? m->size - offset : 0;

	assert_int_equal(m->data.size, m->size);
	assert_int_equal(ramfs_data_read(&m->data, piece, sizeof(piece), offset), expect);
	assert_memory_equal(piece, m->bytes + offset, expect);
}

static void
model_run(struct model *m, int steps)
{
	const void *base;
	int i;

	for (i = 0; i < steps; i++) {
		switch (next_random() % 8) {
		case 0:
			model_truncate(m);
			break;
		case 1:
			if (ramfs_data_extent(&m->data, &m->budget, &base) == 0)
				assert_memory_equal(base, m->bytes, m->size);
			break;
		case 2:
		case 3:
		case 4:
			model_write(m);
			break;
		default:
			model_check(m);
		}
	}
}

static void
test_model(void **state)
{
	static struct model m;

	random_state = 12345;
	model_run(&m, 4000);
	ramfs_data_destroy(&m.data, &m.budget);
	assert_int_equal(m.budget.used, 0);
}

/* Pinned in whatever form it was: the bytes are where programs see them. */
static void
test_model_pinned(void **state)
{
	static struct model m;
	const void *base, *again;
	int i;

	random_state = 54321;
	for (i = 0; i < 20; i++) {
		memset(&m, 0, sizeof(m));
		model_run(&m, 10);
		assert_ok(ramfs_data_pin(&m.data, &m.budget, MODEL_SIZE, true, &base));
		assert_memory_equal(base, m.bytes, m.size);
		model_run(&m, 100);
		assert_memory_equal(base, m.bytes, MODEL_SIZE);
		assert_ok(ramfs_data_pin(&m.data, &m.budget, 1, true, &again));
		assert_ptr_equal(base, again);
		ramfs_data_destroy(&m.data, &m.budget);
		assert_int_equal(m.budget.used, 0);
	}
}

/* Limits of a pinned file; a refusal changes nothing. */
static void
test_pin_limits(void **state)
{
	struct ramfs_data data = { 0 };
	struct ramfs_budget budget = { .limit = 64 * 4096 };
	const void *base;
	char text[4];

	assert_ok(ramfs_data_truncate(&data, &budget, RAMFS_PIN_MAX + 1));
	assert_int_equal(ramfs_data_pin(&data, &budget, 1, true, &base), ENOMEM);
	assert_ok(ramfs_data_truncate(&data, &budget, 100 * 4096));
	assert_int_equal(ramfs_data_write(&data, &budget, "text", 4, 0), 4);
	assert_int_equal(ramfs_data_pin(&data, &budget, 1, true, &base), ENOSPC);
	assert_ok(ramfs_data_truncate(&data, &budget, 10));
	alloc_fail_at = 1;
	assert_int_equal(ramfs_data_pin(&data, &budget, 1, true, &base), ENOSPC);
	alloc_fail_at = 0;
	assert_int_equal(ramfs_data_read(&data, text, 4, 0), 4);
	assert_memory_equal(text, "text", 4);
	assert_ok(ramfs_data_pin(&data, &budget, 5000, true, &base));
	assert_memory_equal(base, "text", 4);
	assert_int_equal(ramfs_data_pin(&data, &budget, RAMFS_PIN_MIN + 1, true, &base), ENOMEM);
	assert_int_equal(ramfs_data_truncate(&data, &budget, 65 * 4096), ENOSPC);
	assert_int_equal(ramfs_data_write(&data, &budget, "x", 1, 64 * 4096), 0);
	assert_int_equal(data.size, 10);
	ramfs_data_destroy(&data, &budget);
	assert_int_equal(budget.used, 0);
}

static void
test_sparse(void **state)
{
	struct ramfs_data data = { 0 };
	struct ramfs_budget budget = { 0 };
	static const uint64_t offsets[] = {
		0,
		4095,
		UINT64_C(1) << 21,
		(UINT64_C(1) << 32) - 3,
		UINT64_C(1) << 40,
		RAMFS_SIZE_MAX - 5,
	};
	char text[8];
	size_t i;

	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
		assert_int_equal(ramfs_data_write(&data, &budget, "hello", 5, offsets[i]), 5);
	assert_int_equal(data.size, RAMFS_SIZE_MAX);
	assert_true(budget.used < 40 * 4096);
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		assert_int_equal(ramfs_data_read(&data, text, 5, offsets[i]), 5);
		assert_memory_equal(text, "hello", 5);
	}
	assert_int_equal(ramfs_data_read(&data, text, 4, 1 << 20), 4);
	assert_memory_equal(text, "\0\0\0\0", 4);
	/* nothing goes beyond the largest size */
	assert_int_equal(ramfs_data_write(&data, &budget, "hello", 5, RAMFS_SIZE_MAX - 2), 2);
	assert_int_equal(ramfs_data_write(&data, &budget, "hello", 5, RAMFS_SIZE_MAX), 0);
	assert_int_equal(ramfs_data_truncate(&data, &budget, RAMFS_SIZE_MAX + 1), EFBIG);
	assert_ok(ramfs_data_truncate(&data, &budget, 4096));
	assert_int_equal(data.pages, 1);
	ramfs_data_destroy(&data, &budget);
	assert_int_equal(budget.used, 0);
}

static void
test_file_calls(void **state)
{
	struct bsd_stat st;
	char text[16];
	int64_t position;
	size_t done;
	int fd = t_open("f", O_RDWR | O_CREAT);

	assert_ok(file_lseek(root_proc, fd, (int64_t)1 << 40, SEEK_SET, &position));
	assert_ok(file_write(root_proc, fd, "end", 3, -1, &done));
	assert_ok(vfs_fstat(root_proc, fd, &st));
	assert_int_equal(st.st_size, ((int64_t)1 << 40) + 3);
	assert_int_equal(st.st_blocks, 8);
	assert_ok(file_lseek(root_proc, fd, -3, SEEK_END, &position));
	assert_ok(file_read(root_proc, fd, text, sizeof(text), -1, &done));
	assert_int_equal(done, 3);
	assert_memory_equal(text, "end", 3);
	assert_ok(file_read(root_proc, fd, text, sizeof(text), -1, &done));
	assert_int_equal(done, 0);
	assert_int_equal(file_lseek(root_proc, fd, -1, SEEK_SET, &position), EINVAL);
	assert_int_equal(file_lseek(root_proc, fd, INT64_MAX, SEEK_END, &position), EOVERFLOW);
	assert_int_equal(file_lseek(root_proc, fd, 0, 9, &position), EINVAL);
	/* pread and pwrite leave the position alone */
	assert_ok(file_write(root_proc, fd, "xy", 2, 10, &done));
	assert_ok(file_read(root_proc, fd, text, 4, 9, &done));
	assert_memory_equal(text, "\0xy\0", 4);
	assert_ok(file_lseek(root_proc, fd, 0, SEEK_CUR, &position));
	assert_int_equal(position, ((int64_t)1 << 40) + 3);
	assert_int_equal(file_read(root_proc, fd, text, 1, -5, &done), EINVAL);
	/* size limit of the process */
	root_proc->limit_fsize = 12;
	assert_ok(file_write(root_proc, fd, "abcd", 4, 10, &done));
	assert_int_equal(done, 2);
	assert_int_equal(file_write(root_proc, fd, "e", 1, 12, &done), EFBIG);
	assert_int_equal(signals[0] & 0xff, SIGXFSZ);
	assert_int_equal(vfs_ftruncate(root_proc, fd, -1), EINVAL);
	assert_ok(vfs_ftruncate(root_proc, fd, 3));
	t_close(fd);
}

static void
test_no_space(void **state)
{
	static char big[1 << 20];
	struct bsd_stat st;
	size_t done, total = 0;
	int fd = t_open("f", O_RDWR | O_CREAT), error;

	memory_left = 5 << 20;
	do {
		error = file_write(root_proc, fd, big, sizeof(big), -1, &done);
		total += done;
	} while (error == 0);
	assert_int_equal(error, ENOSPC);
	assert_true(total > 4 << 20);
	assert_ok(vfs_fstat(root_proc, fd, &st));
	assert_int_equal(st.st_size, total);
	assert_ok(vfs_ftruncate(root_proc, fd, 0));
	assert_ok(file_write(root_proc, fd, big, sizeof(big), 0, &done));
	assert_int_equal(done, sizeof(big));
	t_close(fd);
}

/* Files stop growing while an eighth of the machine's memory is left. */
static void
test_machine_reserve(void **state)
{
	static char piece[65536];
	size_t done;
	int fd = t_open("f", O_RDWR | O_CREAT), error;
	int64_t total = 0;

	machine_free = 20 << 20;
	do {
		error = file_write(root_proc, fd, piece, sizeof(piece), -1, &done);
		total += done;
		machine_free -= done;
	} while (error == 0 && total < 20 << 20);
	assert_int_equal(error, ENOSPC);
	assert_true(total >= 1 << 20 && total <= 6 << 20);
	machine_free = 64 << 20;
	assert_ok(file_write(root_proc, fd, piece, sizeof(piece), -1, &done));
	t_close(fd);
}

/* ---- sendfile ------------------------------------------------------------------ */

static void
test_sendfile(void **state)
{
	static char text[100000], back[100000];
	uint64_t copied;
	size_t done;
	int in, out, i;

	for (i = 0; i < (int)sizeof(text); i++)
		text[i] = next_random();
	in = t_open("in", O_RDWR | O_CREAT);
	out = t_open("out", O_RDWR | O_CREAT);
	assert_ok(file_write(root_proc, in, text, sizeof(text), 0, &done));
	assert_ok(file_sendfile(root_proc, out, in, -1, 1 << 30, &copied));
	assert_int_equal(copied, sizeof(text));
	assert_ok(file_read(root_proc, out, back, sizeof(back), 0, &done));
	assert_memory_equal(back, text, sizeof(text));
	assert_ok(file_sendfile(root_proc, out, in, 99990, 100, &copied));
	assert_int_equal(copied, 10);
	assert_int_equal(file_sendfile(root_proc, out, 50, 0, 1, &copied), EBADF);
	t_close(in);
	t_close(out);
}

/* ---- archives -------------------------------------------------------------------- */

static uint8_t archive[65536];
static size_t archive_size;

static void
archive_add(
    const char *name, uint32_t mode, uint32_t ino, uint32_t nlink, const void *data, size_t length)
{
	char *at = (char *)archive + archive_size;

	sprintf(at, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", ino, mode, 1u,
	    2u, nlink, 1000u, length, 0u, 0u, 1u, 3u, strlen(name) + 1, 0u);
	archive_size += 110;
	memcpy(archive + archive_size, name, strlen(name) + 1);
	archive_size = (archive_size + strlen(name) + 1 + 3) & ~3ul;
	memcpy(archive + archive_size, data, length);
	archive_size = (archive_size + length + 3) & ~3ul;
}

static void
archive_make(void)
{
	memset(archive, 0, sizeof(archive));
	archive_size = 0;
	archive_add(".", S_IFDIR | 0755, 1, 2, "", 0);
	archive_add("bin", S_IFDIR | 0711, 2, 2, "", 0);
	archive_add("bin/a", S_IFREG | 04755, 3, 2, "", 0);
	archive_add("bin/b", S_IFREG | 04755, 3, 2, "linked", 6);
	archive_add("lib", S_IFLNK | 0777, 4, 1, "bin", 3);
	archive_add("lib/through", S_IFREG | 0600, 5, 1, "x", 1);
	archive_add("deep/er/file", S_IFREG | 0644, 6, 1, "content", 7);
	archive_add("dev/n", S_IFCHR | 0666, 7, 1, "", 0);
	archive_add("TRAILER!!!", 0, 0, 1, "", 0);
}

static void
test_cpio(void **state)
{
	struct cpio_result result;
	struct bsd_stat st;

	archive_make();
	assert_ok(cpio_unpack(root_proc, archive, archive_size, &result));
	assert_string_equal(result.message, "");
	assert_int_equal(result.files, 7);
	t_assert_file("bin/a", "linked");
	t_assert_file("bin/b", "linked");
	t_assert_file("bin/through", "x");
	t_assert_file("deep/er/file", "content");
	assert_ok(vfs_stat(root_proc, AT_FDCWD, "bin/a", 0, &st));
	assert_int_equal(st.st_nlink, 2);
	assert_int_equal(st.st_mode, S_IFREG | 04755);
	assert_int_equal(st.st_uid, 1);
	assert_int_equal(st.st_gid, 2);
	assert_int_equal(st.st_mtim.tv_sec, 1000);
	assert_ok(vfs_stat(root_proc, AT_FDCWD, "bin", 0, &st));
	assert_int_equal(st.st_mode, S_IFDIR | 0711);
	assert_ok(vfs_stat(root_proc, AT_FDCWD, "dev/n", 0, &st));
	assert_int_equal(st.st_rdev, BSD_MAKEDEV(1, 3));
	/* a second time over the first */
	assert_ok(cpio_unpack(root_proc, archive, archive_size, &result));
	t_assert_file("bin/b", "linked");
}

static void
test_cpio_cut(void **state)
{
	struct cpio_result result;
	size_t size;
	int error;

	archive_make();
	for (size = 0; size < archive_size; size++) {
		uint8_t *copy = malloc(size > 0 ? size : 1);

		memcpy(copy, archive, size);
		error = cpio_unpack(root_proc, copy, size, &result);
		free(copy);
		/* The padding behind the trailer's name may be missing. */
		if (error == 0)
			assert_true(size >= archive_size - 3);
		else
			assert_true(strlen(result.message) > 10);
	}
}

static void
test_cpio_garbage(void **state)
{
	struct cpio_result result;
	int i, j, bad = 0;

	random_state = 99;
	for (i = 0; i < 3000; i++) {
		archive_make();
		for (j = 0; j < 1 + i % 4; j++)
			archive[next_random() % archive_size] = next_random();
		if (cpio_unpack(root_proc, archive, archive_size, &result) != 0) {
			bad++;
			assert_true(strlen(result.message) > 10);
		}
	}
	assert_true(bad > 1000);
	archive_size = 0;
	archive_add("../../etc/x", S_IFREG | 0644, 3, 1, "", 0);
	assert_int_equal(cpio_unpack(root_proc, archive, archive_size, &result), EINVAL);
	assert_non_null(strstr(result.message, ".."));
}

/* Fail the k-th allocation for every k; nothing may be lost. */
static void
test_cpio_no_memory(void **state)
{
	struct cpio_result result;
	unsigned k;
	int error;

	archive_make();
	for (k = 1;; k++) {
		alloc_fail_at = k;
		error = cpio_unpack(root_proc, archive, archive_size, &result);
		if (alloc_fail_at > 0)
			break;
		test_teardown(NULL);
		test_setup(NULL);
	}
	alloc_fail_at = 0;
	assert_ok(error);
	assert_true(k > 30);
}

/* The calls of a small program; stops at the first failure. */
static int
program(void)
{
	size_t done;
	int fd, r, w, error;

	if ((error = vfs_mkdir(root_proc, AT_FDCWD, "d", 0755)) != 0)
		return error;
	if ((error = vfs_open(root_proc, AT_FDCWD, "d/f", O_CREAT | O_RDWR, 0644, &fd)) != 0)
		return error;
	if ((error = file_write(root_proc, fd, "text", 4, 5000000, &done)) != 0)
		return error;
	if ((error = vfs_symlink(root_proc, "d/f", AT_FDCWD, "s")) != 0)
		return error;
	if ((error = vfs_link(root_proc, AT_FDCWD, "d/f", AT_FDCWD, "g", 0)) != 0)
		return error;
	if ((error = vfs_rename(root_proc, AT_FDCWD, "g", AT_FDCWD, "d/h", 0)) != 0)
		return error;
	if ((error = vfs_truncate(root_proc, "s", 10)) != 0)
		return error;
	if ((error = pipe_call(root_proc, 0, &r, &w)) != 0)
		return error;
	if ((error = file_write(root_proc, w, "x", 1, -1, &done)) != 0)
		return error;
	if ((error = file_dup(root_proc, w, 200, 0, &fd)) != 0)
		return error;
	return vfs_mount(root_proc, "tmpfs", "x", "d", 0);
}

static void
test_no_memory(void **state)
{
	unsigned k;
	int error;

	for (k = 1;; k++) {
		alloc_fail_at = k;
		error = program();
		if (alloc_fail_at > 0)
			break;
		assert_true(error == ENOMEM || error == ENOSPC || error == 0);
		test_teardown(NULL);
		test_setup(NULL);
	}
	alloc_fail_at = 0;
	assert_ok(error);
	assert_true(k > 20);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)
	const struct CMUnitTest tests[] = {
		T(test_model),
		T(test_model_pinned),
		T(test_pin_limits),
		T(test_sparse),
		T(test_file_calls),
		T(test_no_space),
		T(test_machine_reserve),
		T(test_sendfile),
		T(test_cpio),
		T(test_cpio_cut),
		T(test_cpio_garbage),
		T(test_cpio_no_memory),
		T(test_no_memory),
	};

	return cmocka_run_group_tests_name("ramfs", tests, NULL, NULL);
}
