/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that name files, and their status.
 */
#include "bsd_file_user.h"
#include "calls.h"
#include "emul.h"

/* ---- flags ------------------------------------------------------------------------- */

struct flag_pair {
	uint32_t linux_flag;
	uint32_t bsd_flag;
};

static const struct flag_pair open_flags[] = {
	{ LINUX_O_CREAT, O_CREAT },
	{ LINUX_O_EXCL, O_EXCL },
	{ LINUX_O_NOCTTY, O_NOCTTY },
	{ LINUX_O_TRUNC, O_TRUNC },
	{ LINUX_O_APPEND, O_APPEND },
	{ LINUX_O_NONBLOCK, O_NONBLOCK },
	{ LINUX_O_DSYNC, O_FSYNC },
	{ LINUX_O_ASYNC, O_ASYNC },
	{ LINUX_O_DIRECTORY, O_DIRECTORY },
	{ LINUX_O_NOFOLLOW, O_NOFOLLOW },
	{ LINUX_O_CLOEXEC, O_CLOEXEC },
	{ LINUX_O_PATH, O_PATH },
};
#define OPEN_FLAG_COUNT (sizeof(open_flags) / sizeof(open_flags[0]))

int
emul_open_flags(uint64_t flags)
{
	uint32_t result = flags & O_ACCMODE;

	for (size_t i = 0; i < OPEN_FLAG_COUNT; i++)
		if ((flags & open_flags[i].linux_flag) != 0)
			result |= open_flags[i].bsd_flag;
	if ((flags & LINUX_O_TMPFILE) == LINUX_O_TMPFILE)
		result = (result & ~(uint32_t)O_DIRECTORY) | O_TMPFILE;
	return (int)result;
}

int
emul_open_flags_to_linux(int flags)
{
	uint32_t result = (uint32_t)flags & O_ACCMODE;

	for (size_t i = 0; i < OPEN_FLAG_COUNT; i++)
		if (((uint32_t)flags & open_flags[i].bsd_flag) != 0)
			result |= open_flags[i].linux_flag;
	return (int)(result | LINUX_O_LARGEFILE);
}

static const struct flag_pair at_flags[] = {
	{ LINUX_AT_SYMLINK_NOFOLLOW, AT_SYMLINK_NOFOLLOW },
	{ LINUX_AT_SYMLINK_FOLLOW, AT_SYMLINK_FOLLOW },
	{ LINUX_AT_EMPTY_PATH, AT_EMPTY_PATH },
};

/* The flags of the ..at calls but the one number that means two things. */
static int
from_at_flags(uint64_t flags)
{
	uint32_t result = 0;

	for (size_t i = 0; i < sizeof(at_flags) / sizeof(at_flags[0]); i++)
		if ((flags & at_flags[i].linux_flag) != 0)
			result |= at_flags[i].bsd_flag;
	return (int)result;
}

static bool
at_flags_bad(uint64_t flags, uint32_t allowed)
{
	return ((uint32_t)flags & ~(allowed | LINUX_AT_NO_AUTOMOUNT)) != 0;
}

/* ---- paths ----------------------------------------------------------------------------- */

/* Take the path at `address` into `path`, or leave with its error. */
#define TAKE_PATH(path, address)                                                                   \
	do {                                                                                       \
		long length_ = emul_path(path, address);                                           \
		if (length_ < 0)                                                                   \
			return length_;                                                            \
	} while (0)

static int64_t
open_at(int dirfd, uint64_t address, uint64_t flags, uint64_t mode)
{
	bsd_path_t path;
	int fd;
	int64_t r;

	TAKE_PATH(path, address);
	r = emul_result(
	    bsd_open(emul_process(), dirfd, path, emul_open_flags(flags), (int)mode & 07777, &fd));
	return r != 0 ? r : fd;
}

int64_t
sys_open(struct emul_frame *f)
{
	return open_at(AT_FDCWD, ARG1(f), ARG2(f), ARG3(f));
}

int64_t
sys_openat(struct emul_frame *f)
{
	return open_at((int)ARG1(f), ARG2(f), ARG3(f), ARG4(f));
}

int64_t
sys_creat(struct emul_frame *f)
{
	return open_at(AT_FDCWD, ARG1(f), LINUX_O_CREAT | LINUX_O_WRONLY | LINUX_O_TRUNC, ARG2(f));
}

/* ---- status ------------------------------------------------------------------------------ */

static int64_t
out_stat(uint64_t at, const struct bsd_stat *from)
{
	struct linux_stat st;

	memset(&st, 0, sizeof(st));
	st.st_dev = from->st_dev;
	st.st_ino = from->st_ino;
	st.st_nlink = from->st_nlink;
	st.st_mode = (uint32_t)from->st_mode;
	st.st_uid = (uint32_t)from->st_uid;
	st.st_gid = (uint32_t)from->st_gid;
	st.st_rdev = from->st_rdev;
	st.st_size = from->st_size;
	st.st_blksize = from->st_blksize;
	st.st_blocks = from->st_blocks;
	st.st_atim[0] = from->st_atim.tv_sec;
	st.st_atim[1] = from->st_atim.tv_nsec;
	st.st_mtim[0] = from->st_mtim.tv_sec;
	st.st_mtim[1] = from->st_mtim.tv_nsec;
	st.st_ctim[0] = from->st_ctim.tv_sec;
	st.st_ctim[1] = from->st_ctim.tv_nsec;
	return emul_copyout(at, &st, sizeof(st));
}

static int64_t
get_stat(int dirfd, uint64_t address, int flags, struct bsd_stat *st)
{
	bsd_path_t path;

	TAKE_PATH(path, address);
	if (path[0] == '\0' && (flags & AT_EMPTY_PATH) != 0 && dirfd != AT_FDCWD)
		return emul_result(bsd_fstat(emul_process(), dirfd, st));
	return emul_result(bsd_stat(emul_process(), dirfd, path, flags, st));
}

static int64_t
stat_at(int dirfd, uint64_t address, int flags, uint64_t out)
{
	struct bsd_stat st;
	int64_t r = get_stat(dirfd, address, flags, &st);

	return r != 0 ? r : out_stat(out, &st);
}

int64_t
sys_stat(struct emul_frame *f)
{
	return stat_at(AT_FDCWD, ARG1(f), 0, ARG2(f));
}

int64_t
sys_lstat(struct emul_frame *f)
{
	return stat_at(AT_FDCWD, ARG1(f), AT_SYMLINK_NOFOLLOW, ARG2(f));
}

int64_t
sys_fstat(struct emul_frame *f)
{
	struct bsd_stat st;
	int64_t r = emul_result(bsd_fstat(emul_process(), (int)ARG1(f), &st));

	return r != 0 ? r : out_stat(ARG2(f), &st);
}

int64_t
sys_newfstatat(struct emul_frame *f)
{
	if (at_flags_bad(ARG4(f), LINUX_AT_SYMLINK_NOFOLLOW | LINUX_AT_EMPTY_PATH))
		return -LINUX_EINVAL;
	return stat_at((int)ARG1(f), ARG2(f), from_at_flags(ARG4(f)), ARG3(f));
}

static void
fill_statx(struct linux_statx *x, const struct bsd_stat *st)
{
	memset(x, 0, sizeof(*x));
	x->mask = LINUX_STATX_BASIC;
	x->blksize = (uint32_t)st->st_blksize;
	x->nlink = (uint32_t)st->st_nlink;
	x->uid = (uint32_t)st->st_uid;
	x->gid = (uint32_t)st->st_gid;
	x->mode = (uint16_t)st->st_mode;
	x->ino = st->st_ino;
	x->size = (uint64_t)st->st_size;
	x->blocks = (uint64_t)st->st_blocks;
	x->atime.sec = st->st_atim.tv_sec;
	x->atime.nsec = (uint32_t)st->st_atim.tv_nsec;
	x->mtime.sec = st->st_mtim.tv_sec;
	x->mtime.nsec = (uint32_t)st->st_mtim.tv_nsec;
	x->ctime.sec = st->st_ctim.tv_sec;
	x->ctime.nsec = (uint32_t)st->st_ctim.tv_nsec;
	x->rdev_major = BSD_MAJOR(st->st_rdev);
	x->rdev_minor = BSD_MINOR(st->st_rdev);
	x->dev_major = BSD_MAJOR(st->st_dev);
	x->dev_minor = BSD_MINOR(st->st_dev);
}

int64_t
sys_statx(struct emul_frame *f)
{
	struct bsd_stat st;
	struct linux_statx x;
	int64_t r;

	if (at_flags_bad(
		ARG3(f), LINUX_AT_SYMLINK_NOFOLLOW | LINUX_AT_EMPTY_PATH | LINUX_AT_STATX_SYNC))
		return -LINUX_EINVAL;
	r = get_stat((int)ARG1(f), ARG2(f), from_at_flags(ARG3(f)), &st);
	if (r != 0)
		return r;
	fill_statx(&x, &st);
	return emul_copyout(ARG5(f), &x, sizeof(x));
}

static int64_t
access_at(int dirfd, uint64_t address, uint64_t mode, int flags)
{
	bsd_path_t path;

	if ((mode & ~7UL) != 0)
		return -LINUX_EINVAL;
	TAKE_PATH(path, address);
	return emul_result(bsd_access(emul_process(), dirfd, path, (int)mode, flags));
}

int64_t
sys_access(struct emul_frame *f)
{
	return access_at(AT_FDCWD, ARG1(f), (uint32_t)ARG2(f), 0);
}

int64_t
sys_faccessat(struct emul_frame *f)
{
	return access_at((int)ARG1(f), ARG2(f), (uint32_t)ARG3(f), 0);
}

int64_t
sys_faccessat2(struct emul_frame *f)
{
	int flags;

	if (at_flags_bad(
		ARG4(f), LINUX_AT_SYMLINK_NOFOLLOW | LINUX_AT_EMPTY_PATH | LINUX_AT_EACCESS))
		return -LINUX_EINVAL;
	flags = from_at_flags(ARG4(f));
	if ((ARG4(f) & LINUX_AT_EACCESS) != 0)
		flags |= AT_EACCESS;
	return access_at((int)ARG1(f), ARG2(f), (uint32_t)ARG3(f), flags);
}

/* ---- directories ---------------------------------------------------------------------------- */

/* An entry of the server's as the program wants it; its length, 0 = no room. */
static uint16_t
convert_dirent(char *to, size_t room, const struct bsd_dirent *from)
{
	struct linux_dirent64 *d = (void *)to;
	size_t size =
	    (offsetof(struct linux_dirent64, d_name) + from->d_namlen + 1 + 7) & ~(size_t)7;

	if (size > room)
		return 0;
	memset(to, 0, size);
	d->d_ino = from->d_ino;
	d->d_off = (int64_t)from->d_off;
	d->d_reclen = (uint16_t)size;
	d->d_type = from->d_type;
	memcpy(d->d_name, from->d_name, from->d_namlen);
	return (uint16_t)size;
}

int64_t
sys_getdents64(struct emul_frame *f)
{
	char from[BSD_IO_MAX] __attribute__((aligned(8)));
	char to[BSD_IO_MAX] __attribute__((aligned(8)));
	mach_msg_type_number_t got = sizeof(from);
	uint32_t want = ARG3(f) < BSD_IO_MAX ? (uint32_t)ARG3(f) : BSD_IO_MAX;
	uint32_t used = 0;
	int64_t r = emul_result(bsd_getdents(emul_process(), (int)ARG1(f), (int)want, from, &got));

	if (r != 0)
		return r;
	/* a Linux entry is never longer than the server's, so all have room */
	for (uint32_t at = 0; at + sizeof(struct bsd_dirent) <= got;) {
		const struct bsd_dirent *d = (const void *)(from + at);

		if (d->d_reclen < sizeof(*d) || d->d_reclen > got - at)
			return -LINUX_EIO;
		used += convert_dirent(to + used, want - used, d);
		at += d->d_reclen;
	}
	if (emul_copyout(ARG2(f), to, used) != 0)
		return -LINUX_EFAULT;
	return used;
}

int64_t
sys_chdir(struct emul_frame *f)
{
	bsd_path_t path;

	TAKE_PATH(path, ARG1(f));
	return emul_result(bsd_chdir(emul_process(), path));
}

int64_t
sys_fchdir(struct emul_frame *f)
{
	return emul_result(bsd_fchdir(emul_process(), (int)ARG1(f)));
}

int64_t
sys_chroot(struct emul_frame *f)
{
	bsd_path_t path;

	TAKE_PATH(path, ARG1(f));
	return emul_result(bsd_chroot(emul_process(), path));
}

int64_t
sys_getcwd(struct emul_frame *f)
{
	char path[BSD_PATH_MAX + 1];
	mach_msg_type_number_t length = BSD_PATH_MAX;
	int64_t r = emul_result(bsd_getcwd(emul_process(), path, &length));

	if (r != 0)
		return r;
	path[length] = '\0';
	if (ARG2(f) < length + 1u)
		return -LINUX_ERANGE;
	if (emul_copyout(ARG1(f), path, length + 1u) != 0)
		return -LINUX_EFAULT;
	return length + 1;
}

int64_t
sys_umask(struct emul_frame *f)
{
	int old;
	int64_t r = emul_result(bsd_umask(emul_process(), (int)ARG1(f) & 0777, &old));

	return r != 0 ? r : old;
}

static int64_t
mkdir_at(int dirfd, uint64_t address, uint64_t mode)
{
	bsd_path_t path;

	TAKE_PATH(path, address);
	return emul_result(bsd_mkdir(emul_process(), dirfd, path, (int)mode & 07777));
}

int64_t
sys_mkdir(struct emul_frame *f)
{
	return mkdir_at(AT_FDCWD, ARG1(f), ARG2(f));
}

int64_t
sys_mkdirat(struct emul_frame *f)
{
	return mkdir_at((int)ARG1(f), ARG2(f), ARG3(f));
}

static int64_t
mknod_at(int dirfd, uint64_t address, uint64_t mode, uint64_t dev)
{
	bsd_path_t path;

	TAKE_PATH(path, address);
	if ((mode & S_IFMT) == 0)
		mode |= S_IFREG;
	return emul_result(bsd_mknod(emul_process(), dirfd, path, (int)mode & 0177777, dev));
}

int64_t
sys_mknod(struct emul_frame *f)
{
	return mknod_at(AT_FDCWD, ARG1(f), ARG2(f), ARG3(f));
}

int64_t
sys_mknodat(struct emul_frame *f)
{
	return mknod_at((int)ARG1(f), ARG2(f), ARG3(f), ARG4(f));
}

/* ---- names ------------------------------------------------------------------------------------- */

static int64_t
unlink_at(int dirfd, uint64_t address, int flags)
{
	bsd_path_t path;

	TAKE_PATH(path, address);
	return emul_result(bsd_unlink(emul_process(), dirfd, path, flags));
}

int64_t
sys_unlink(struct emul_frame *f)
{
	return unlink_at(AT_FDCWD, ARG1(f), 0);
}

int64_t
sys_rmdir(struct emul_frame *f)
{
	return unlink_at(AT_FDCWD, ARG1(f), AT_REMOVEDIR);
}

int64_t
sys_unlinkat(struct emul_frame *f)
{
	if (at_flags_bad(ARG3(f), LINUX_AT_REMOVEDIR))
		return -LINUX_EINVAL;
	return unlink_at(
	    (int)ARG1(f), ARG2(f), (ARG3(f) & LINUX_AT_REMOVEDIR) != 0 ? AT_REMOVEDIR : 0);
}

static int64_t
rename_at(int fromfd, uint64_t from_address, int tofd, uint64_t to_address, uint64_t flags)
{
	bsd_path_t from;
	bsd_path_t to;

	if ((flags & ~3UL) != 0)
		return -LINUX_EINVAL;
	TAKE_PATH(from, from_address);
	TAKE_PATH(to, to_address);
	return emul_result(bsd_rename(emul_process(), fromfd, from, tofd, to, (int)flags));
}

int64_t
sys_rename(struct emul_frame *f)
{
	return rename_at(AT_FDCWD, ARG1(f), AT_FDCWD, ARG2(f), 0);
}

int64_t
sys_renameat(struct emul_frame *f)
{
	return rename_at((int)ARG1(f), ARG2(f), (int)ARG3(f), ARG4(f), 0);
}

int64_t
sys_renameat2(struct emul_frame *f)
{
	return rename_at((int)ARG1(f), ARG2(f), (int)ARG3(f), ARG4(f), (uint32_t)ARG5(f));
}

static int64_t
link_at(int fromfd, uint64_t from_address, int tofd, uint64_t to_address, int flags)
{
	bsd_path_t from;
	bsd_path_t to;

	TAKE_PATH(from, from_address);
	TAKE_PATH(to, to_address);
	return emul_result(bsd_link(emul_process(), fromfd, from, tofd, to, flags));
}

int64_t
sys_link(struct emul_frame *f)
{
	return link_at(AT_FDCWD, ARG1(f), AT_FDCWD, ARG2(f), 0);
}

int64_t
sys_linkat(struct emul_frame *f)
{
	if (at_flags_bad(ARG5(f), LINUX_AT_SYMLINK_FOLLOW | LINUX_AT_EMPTY_PATH))
		return -LINUX_EINVAL;
	return link_at((int)ARG1(f), ARG2(f), (int)ARG3(f), ARG4(f), from_at_flags(ARG5(f)));
}

static int64_t
symlink_at(uint64_t target_address, int dirfd, uint64_t address)
{
	bsd_path_t target;
	bsd_path_t path;

	TAKE_PATH(target, target_address);
	TAKE_PATH(path, address);
	return emul_result(bsd_symlink(emul_process(), target, dirfd, path));
}

int64_t
sys_symlink(struct emul_frame *f)
{
	return symlink_at(ARG1(f), AT_FDCWD, ARG2(f));
}

int64_t
sys_symlinkat(struct emul_frame *f)
{
	return symlink_at(ARG1(f), (int)ARG2(f), ARG3(f));
}

static int64_t
readlink_at(int dirfd, uint64_t address, uint64_t out, uint64_t room)
{
	bsd_path_t path;
	char target[BSD_PATH_MAX];
	mach_msg_type_number_t length = sizeof(target);
	int64_t r;

	if ((int64_t)room <= 0)
		return -LINUX_EINVAL;
	TAKE_PATH(path, address);
	r = emul_result(bsd_readlink(emul_process(), dirfd, path, target, &length));
	if (r != 0)
		return r;
	if (length > room)
		length = (mach_msg_type_number_t)room;
	if (emul_copyout(out, target, length) != 0)
		return -LINUX_EFAULT;
	return length;
}

int64_t
sys_readlink(struct emul_frame *f)
{
	return readlink_at(AT_FDCWD, ARG1(f), ARG2(f), ARG3(f));
}

int64_t
sys_readlinkat(struct emul_frame *f)
{
	return readlink_at((int)ARG1(f), ARG2(f), ARG3(f), ARG4(f));
}

/* ---- attributes ----------------------------------------------------------------------------------- */

static int64_t
chmod_at(int dirfd, uint64_t address, uint64_t mode)
{
	bsd_path_t path;

	TAKE_PATH(path, address);
	return emul_result(bsd_chmod(emul_process(), dirfd, path, (int)mode & 07777, 0));
}

int64_t
sys_chmod(struct emul_frame *f)
{
	return chmod_at(AT_FDCWD, ARG1(f), ARG2(f));
}

int64_t
sys_fchmodat(struct emul_frame *f)
{
	return chmod_at((int)ARG1(f), ARG2(f), ARG3(f));
}

int64_t
sys_fchmod(struct emul_frame *f)
{
	bsd_path_t empty = "";

	return emul_result(
	    bsd_chmod(emul_process(), (int)ARG1(f), empty, (int)ARG2(f) & 07777, AT_EMPTY_PATH));
}

static int64_t
chown_at(int dirfd, uint64_t address, uint64_t uid, uint64_t gid, int flags)
{
	bsd_path_t path;

	TAKE_PATH(path, address);
	return emul_result(bsd_chown(emul_process(), dirfd, path, (int)uid, (int)gid, flags));
}

int64_t
sys_chown(struct emul_frame *f)
{
	return chown_at(AT_FDCWD, ARG1(f), ARG2(f), ARG3(f), 0);
}

int64_t
sys_lchown(struct emul_frame *f)
{
	return chown_at(AT_FDCWD, ARG1(f), ARG2(f), ARG3(f), AT_SYMLINK_NOFOLLOW);
}

int64_t
sys_fchownat(struct emul_frame *f)
{
	if (at_flags_bad(ARG5(f), LINUX_AT_SYMLINK_NOFOLLOW | LINUX_AT_EMPTY_PATH))
		return -LINUX_EINVAL;
	return chown_at((int)ARG1(f), ARG2(f), ARG3(f), ARG4(f), from_at_flags(ARG5(f)));
}

int64_t
sys_fchown(struct emul_frame *f)
{
	bsd_path_t empty = "";

	return emul_result(bsd_chown(
	    emul_process(), (int)ARG1(f), empty, (int)ARG2(f), (int)ARG3(f), AT_EMPTY_PATH));
}

static int64_t
set_times(int dirfd, const char *path, int flags, const struct bsd_timespec t[2])
{
	return emul_result(bsd_utimes(emul_process(), dirfd, path, t[0], t[1], flags));
}

/* A Linux timespec with its two special values. */
static int
take_utime(struct bsd_timespec *t, const int64_t from[2])
{
	t->tv_sec = from[0];
	t->tv_nsec = from[1];
	if (from[1] == LINUX_UTIME_NOW)
		t->tv_nsec = UTIME_NOW;
	else if (from[1] == LINUX_UTIME_OMIT)
		t->tv_nsec = UTIME_OMIT;
	else if (from[1] < 0 || from[1] >= 1000000000)
		return -LINUX_EINVAL;
	return 0;
}

int64_t
sys_utimensat(struct emul_frame *f)
{
	struct bsd_timespec t[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
	bsd_path_t path = "";
	int64_t raw[4];
	int flags = from_at_flags(ARG4(f));

	if (at_flags_bad(ARG4(f), LINUX_AT_SYMLINK_NOFOLLOW | LINUX_AT_EMPTY_PATH))
		return -LINUX_EINVAL;
	if (ARG3(f) != 0) {
		if (emul_copyin(raw, ARG3(f), sizeof(raw)) != 0)
			return -LINUX_EFAULT;
		if (take_utime(&t[0], raw) != 0 || take_utime(&t[1], raw + 2) != 0)
			return -LINUX_EINVAL;
	}
	if (ARG2(f) == 0)
		flags |= AT_EMPTY_PATH;
	else
		TAKE_PATH(path, ARG2(f));
	return set_times((int)ARG1(f), path, flags, t);
}

/* Pairs of (seconds, microseconds) at `address`; 0: now. */
static int64_t
utimes_at(int dirfd, uint64_t name, uint64_t address)
{
	struct bsd_timespec t[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
	bsd_path_t path;
	int64_t raw[4];

	if (address != 0) {
		if (emul_copyin(raw, address, sizeof(raw)) != 0)
			return -LINUX_EFAULT;
		for (int i = 0; i < 2; i++) {
			if (raw[2 * i + 1] < 0 || raw[2 * i + 1] >= 1000000)
				return -LINUX_EINVAL;
			t[i].tv_sec = raw[2 * i];
			t[i].tv_nsec = raw[2 * i + 1] * 1000;
		}
	}
	TAKE_PATH(path, name);
	return set_times(dirfd, path, 0, t);
}

int64_t
sys_utimes(struct emul_frame *f)
{
	return utimes_at(AT_FDCWD, ARG1(f), ARG2(f));
}

int64_t
sys_futimesat(struct emul_frame *f)
{
	return utimes_at((int)ARG1(f), ARG2(f), ARG3(f));
}

int64_t
sys_utime(struct emul_frame *f)
{
	struct bsd_timespec t[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
	bsd_path_t path;
	int64_t raw[2];

	if (ARG2(f) != 0) {
		if (emul_copyin(raw, ARG2(f), sizeof(raw)) != 0)
			return -LINUX_EFAULT;
		t[0] = (struct bsd_timespec) { raw[0], 0 };
		t[1] = (struct bsd_timespec) { raw[1], 0 };
	}
	TAKE_PATH(path, ARG1(f));
	return set_times(AT_FDCWD, path, 0, t);
}

int64_t
sys_truncate(struct emul_frame *f)
{
	bsd_path_t path;

	if ((int64_t)ARG2(f) < 0)
		return -LINUX_EINVAL;
	TAKE_PATH(path, ARG1(f));
	return emul_result(bsd_truncate(emul_process(), path, (int64_t)ARG2(f)));
}

/* ---- file systems ------------------------------------------------------------------------------------ */

static int64_t
out_statfs(uint64_t at, const struct bsd_statfs *from)
{
	struct linux_statfs st;

	memset(&st, 0, sizeof(st));
	st.f_type = (int64_t)from->f_type;
	st.f_bsize = (int64_t)from->f_bsize;
	st.f_blocks = (int64_t)from->f_blocks;
	st.f_bfree = (int64_t)from->f_bfree;
	st.f_bavail = (int64_t)from->f_bavail;
	st.f_files = (int64_t)from->f_files;
	st.f_ffree = (int64_t)from->f_ffree;
	st.f_fsid = (int64_t)from->f_fsid;
	st.f_namelen = (int64_t)from->f_namelen;
	st.f_frsize = (int64_t)from->f_bsize;
	st.f_flags = (from->f_flags & MNT_RDONLY) != 0 ? LINUX_ST_RDONLY : 0;
	return emul_copyout(at, &st, sizeof(st));
}

int64_t
sys_statfs(struct emul_frame *f)
{
	struct bsd_statfs st;
	bsd_path_t path;
	int64_t r;

	TAKE_PATH(path, ARG1(f));
	r = emul_result(bsd_statfs(emul_process(), path, &st));
	return r != 0 ? r : out_statfs(ARG2(f), &st);
}

int64_t
sys_fstatfs(struct emul_frame *f)
{
	struct bsd_statfs st;
	int64_t r = emul_result(bsd_fstatfs(emul_process(), (int)ARG1(f), &st));

	return r != 0 ? r : out_statfs(ARG2(f), &st);
}

static const struct flag_pair mount_flags[] = {
	{ LINUX_MS_RDONLY, MNT_RDONLY },
	{ LINUX_MS_NOSUID, MNT_NOSUID },
	{ LINUX_MS_NODEV, MNT_NODEV },
	{ LINUX_MS_NOEXEC, MNT_NOEXEC },
	{ LINUX_MS_REMOUNT, MNT_UPDATE },
};

int64_t
sys_mount(struct emul_frame *f)
{
	bsd_path_t source = "";
	bsd_path_t target;
	bsd_path_t type = "";
	uint32_t flags = 0;

	if (ARG1(f) != 0)
		TAKE_PATH(source, ARG1(f));
	TAKE_PATH(target, ARG2(f));
	if (ARG3(f) != 0)
		TAKE_PATH(type, ARG3(f));
	for (size_t i = 0; i < sizeof(mount_flags) / sizeof(mount_flags[0]); i++)
		if ((ARG4(f) & mount_flags[i].linux_flag) != 0)
			flags |= mount_flags[i].bsd_flag;
	return emul_result(bsd_mount(emul_process(), type, source, target, (int)flags));
}

int64_t
sys_umount2(struct emul_frame *f)
{
	bsd_path_t target;

	TAKE_PATH(target, ARG1(f));
	return emul_result(bsd_unmount(emul_process(), target, (ARG2(f) & 1) != 0 ? MNT_FORCE : 0));
}
