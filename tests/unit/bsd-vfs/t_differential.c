/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random sequences of file calls, done here and on the host's own file
 * system: every result, and what every name is afterwards, must agree.
 */
#include <stdio.h>

#include "file/file_io.h"
#include "host_files.h"
#include "services.h"
#include "vfs/vfs.h"

static uint32_t random_state;

static uint32_t
next_random(uint32_t below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % below;
}

/*
 * A path of up to four components out of few names, so that calls meet.  It
 * never climbs above where it began.
 */
static const char *
random_path(void)
{
	static const char *const names[] = {
		"a",
		"b",
		"c",
		"d",
		".",
		"..",
		"a",
		"b",
		"link",
	};
	static char paths[4][64];
	static unsigned turn;
	char *path = paths[turn++ % 4];
	unsigned i, n = 1 + next_random(4), depth = 0;

	path[0] = '\0';
	for (i = 0; i < n; i++) {
		const char *name = names[next_random(9)];

		if (strcmp(name, "..") == 0) {
			if (depth == 0)
				name = "a";
			else
				depth--;
		} else if (strcmp(name, ".") != 0) {
			depth++;
		}
		if (strcmp(name, "link") == 0)
			depth = 0; /* may lead up to the start */
		if (i > 0)
			strcat(path, "/");
		strcat(path, name);
	}
	if (next_random(12) == 0)
		strcat(path, "/");
	return path;
}

static int
our_write(const char *path, int exclusive, const char *text)
{
	size_t done;
	int fd, error;

	error = vfs_open(
	    root_proc, AT_FDCWD, path, O_WRONLY | O_CREAT | (exclusive ? O_EXCL : 0), 0666, &fd);
	if (error != 0)
		return error;
	error = file_write(root_proc, fd, text, strlen(text), -1, &done);
	t_close(fd);
	return error;
}

static int
our_read(const char *path, char *buffer, size_t size, size_t *donep)
{
	int fd, error;

	*donep = 0;
	error = vfs_open(root_proc, AT_FDCWD, path, O_RDONLY, 0, &fd);
	if (error != 0)
		return error;
	error = file_read(root_proc, fd, buffer, size, -1, donep);
	t_close(fd);
	return error;
}

static char what[256];

static void
agree(int ours, int theirs)
{
	if (ours != theirs)
		fail_msg("%s: ours %d, the host's %d", what, ours, theirs);
}

static void
step_names(unsigned kind)
{
	const char *p = random_path(), *q = random_path();

	snprintf(what, sizeof(what), "call %u of %s and %s", kind, p, q);
	switch (kind) {
	case 0:
		agree(vfs_mkdir(root_proc, AT_FDCWD, p, 0777), host_mkdir(p));
		break;
	case 1:
		agree(vfs_unlink(root_proc, AT_FDCWD, p, AT_REMOVEDIR), host_rmdir(p));
		break;
	case 2:
		agree(vfs_unlink(root_proc, AT_FDCWD, p, 0), host_unlink(p));
		break;
	case 3:
		agree(vfs_rename(root_proc, AT_FDCWD, p, AT_FDCWD, q, 0), host_rename(p, q));
		break;
	case 4:
		agree(vfs_link(root_proc, AT_FDCWD, p, AT_FDCWD, q, 0), host_link(p, q));
		break;
	default:
		agree(vfs_symlink(root_proc, p, AT_FDCWD, q), host_symlink(p, q));
		break;
	}
}

static void
step_data(unsigned kind)
{
	const char *p = random_path();
	char ours[64], theirs[64];
	size_t our_done, their_done;
	int exclusive = next_random(2);

	snprintf(what, sizeof(what), "data call %u of %s", kind, p);
	switch (kind) {
	case 0:
		agree(our_write(p, exclusive, p), host_write(p, exclusive, p));
		break;
	case 1:
		agree(vfs_truncate(root_proc, p, exclusive * 7), host_truncate(p, exclusive * 7));
		break;
	default:
		agree(our_read(p, ours, sizeof(ours), &our_done),
		    host_read(p, theirs, sizeof(theirs), &their_done));
		assert_int_equal(our_done, their_done);
		assert_memory_equal(ours, theirs, our_done);
	}
}

static void
compare_stat(const char *path, unsigned flags)
{
	struct bsd_stat ours;
	struct host_stat theirs;
	int error;

	snprintf(what, sizeof(what), "stat of %s", path);
	error = flags != 0 ? host_lstat(path, &theirs) : host_stat(path, &theirs);
	agree(vfs_stat(root_proc, AT_FDCWD, path, flags, &ours), error);
	if (error != 0)
		return;
	assert_int_equal(ours.st_mode, theirs.mode);
	if (!S_ISDIR(ours.st_mode)) {
		assert_int_equal(ours.st_nlink, theirs.nlink);
		assert_int_equal(ours.st_size, theirs.size);
	}
}

static void
run_sequence(uint32_t seed)
{
	int i;

	random_state = seed;
	test_setup(NULL);
	host_begin();
	/* Far down: links can lead a path above where it began. */
	for (i = 0; i < 16; i++) {
		assert_ok(vfs_mkdir(root_proc, AT_FDCWD, "base", 0777));
		assert_ok(host_mkdir("base"));
		assert_ok(vfs_chdir(root_proc, "base"));
		assert_ok(host_chdir("base"));
	}
	for (i = 0; i < 200; i++) {
		if (next_random(3) == 0)
			step_data(next_random(3));
		else
			step_names(next_random(6));
		compare_stat(random_path(), 0);
		compare_stat(random_path(), AT_SYMLINK_NOFOLLOW);
	}
	host_end();
	test_teardown(NULL);
}

static void
test_differential(void **state)
{
	uint32_t seed;

	for (seed = 1; seed <= 120; seed++)
		run_sequence(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_differential),
	};

	return cmocka_run_group_tests_name("differential", tests, NULL, NULL);
}
