/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Linux x86-64 ABI as far as the emulator serves it: numbers and layouts.
 * They are known here and nowhere else.
 */
#ifndef EMUL_LINUX_H
#define EMUL_LINUX_H

#include <stddef.h>
#include <stdint.h>

/* ---- errors ---------------------------------------------------------------- */
#define LINUX_EPERM        1
#define LINUX_ENOENT       2
#define LINUX_ESRCH        3
#define LINUX_EINTR        4
#define LINUX_EIO          5
#define LINUX_ENXIO        6
#define LINUX_E2BIG        7
#define LINUX_EBADF        9
#define LINUX_ECHILD       10
#define LINUX_EAGAIN       11
#define LINUX_ENOMEM       12
#define LINUX_EACCES       13
#define LINUX_EFAULT       14
#define LINUX_EBUSY        16
#define LINUX_EEXIST       17
#define LINUX_ENODEV       19
#define LINUX_ENOTDIR      20
#define LINUX_EISDIR       21
#define LINUX_EINVAL       22
#define LINUX_EMFILE       24
#define LINUX_ENOTTY       25
#define LINUX_ENOSPC       28
#define LINUX_ESPIPE       29
#define LINUX_ERANGE       34
#define LINUX_EDEADLK      35
#define LINUX_ENAMETOOLONG 36
#define LINUX_ENOSYS       38
#define LINUX_EOPNOTSUPP   95
#define LINUX_EAFNOSUPPORT 97
#define LINUX_ETIMEDOUT    110

/* ---- files ------------------------------------------------------------------- */
#define LINUX_AT_FDCWD            (-100)
#define LINUX_AT_SYMLINK_NOFOLLOW 0x100
#define LINUX_AT_REMOVEDIR        0x200
#define LINUX_AT_EACCESS          0x200
#define LINUX_AT_SYMLINK_FOLLOW   0x400
#define LINUX_AT_NO_AUTOMOUNT     0x800
#define LINUX_AT_EMPTY_PATH       0x1000
#define LINUX_AT_STATX_SYNC       0x6000

#define LINUX_O_WRONLY    01
#define LINUX_O_RDWR      02
#define LINUX_O_CREAT     0100
#define LINUX_O_EXCL      0200
#define LINUX_O_NOCTTY    0400
#define LINUX_O_TRUNC     01000
#define LINUX_O_APPEND    02000
#define LINUX_O_NONBLOCK  04000
#define LINUX_O_DSYNC     010000
#define LINUX_O_ASYNC     020000
#define LINUX_O_LARGEFILE 0100000
#define LINUX_O_DIRECTORY 0200000
#define LINUX_O_NOFOLLOW  0400000
#define LINUX_O_CLOEXEC   02000000
#define LINUX_O_SYNC      04010000
#define LINUX_O_PATH      010000000
#define LINUX_O_TMPFILE   020200000

#define LINUX_F_DUPFD         0
#define LINUX_F_GETFD         1
#define LINUX_F_SETFD         2
#define LINUX_F_GETFL         3
#define LINUX_F_SETFL         4
#define LINUX_F_GETLK         5
#define LINUX_F_SETLK         6
#define LINUX_F_SETLKW        7
#define LINUX_F_SETOWN        8
#define LINUX_F_GETOWN        9
#define LINUX_F_DUPFD_CLOEXEC 1030
#define LINUX_F_SETPIPE_SZ    1031
#define LINUX_F_GETPIPE_SZ    1032

struct linux_stat {
	uint64_t st_dev;
	uint64_t st_ino;
	uint64_t st_nlink;
	uint32_t st_mode;
	uint32_t st_uid;
	uint32_t st_gid;
	uint32_t pad;
	uint64_t st_rdev;
	int64_t st_size;
	int64_t st_blksize;
	int64_t st_blocks;
	int64_t st_atim[2];
	int64_t st_mtim[2];
	int64_t st_ctim[2];
	int64_t unused[3];
};
_Static_assert(sizeof(struct linux_stat) == 144, "layout");
_Static_assert(offsetof(struct linux_stat, st_rdev) == 40, "layout");
_Static_assert(offsetof(struct linux_stat, st_ctim) == 104, "layout");

struct linux_dirent64 {
	uint64_t d_ino;
	int64_t d_off;
	uint16_t d_reclen;
	uint8_t d_type;
	char d_name[];
};
_Static_assert(offsetof(struct linux_dirent64, d_name) == 19, "layout");

struct linux_statx {
	uint32_t mask;
	uint32_t blksize;
	uint64_t attributes;
	uint32_t nlink;
	uint32_t uid;
	uint32_t gid;
	uint16_t mode;
	uint16_t pad0;
	uint64_t ino;
	uint64_t size;
	uint64_t blocks;
	uint64_t attributes_mask;
	struct {
		int64_t sec;
		uint32_t nsec;
		int32_t pad;
	} atime, btime, ctime, mtime;
	uint32_t rdev_major;
	uint32_t rdev_minor;
	uint32_t dev_major;
	uint32_t dev_minor;
	uint64_t spare[14];
};
_Static_assert(sizeof(struct linux_statx) == 256, "layout");
_Static_assert(offsetof(struct linux_statx, atime) == 64, "layout");
_Static_assert(offsetof(struct linux_statx, rdev_major) == 128, "layout");
#define LINUX_STATX_BASIC 0x7ff

struct linux_statfs {
	int64_t f_type;
	int64_t f_bsize;
	int64_t f_blocks;
	int64_t f_bfree;
	int64_t f_bavail;
	int64_t f_files;
	int64_t f_ffree;
	int64_t f_fsid;
	int64_t f_namelen;
	int64_t f_frsize;
	int64_t f_flags;
	int64_t spare[4];
};
_Static_assert(sizeof(struct linux_statfs) == 120, "layout");

struct linux_flock {
	int16_t l_type;
	int16_t l_whence;
	int64_t l_start;
	int64_t l_len;
	int32_t l_pid;
};
_Static_assert(sizeof(struct linux_flock) == 32, "layout");
#define LINUX_F_RDLCK 0
#define LINUX_F_WRLCK 1
#define LINUX_F_UNLCK 2

struct linux_iovec {
	uint64_t base;
	uint64_t length;
};
#define LINUX_IOV_MAX 1024

struct linux_pollfd {
	int32_t fd;
	int16_t events;
	int16_t revents;
};
#define LINUX_POLLWRNORM 0x100
#define LINUX_POLLWRBAND 0x200
#define LINUX_POLLRDHUP  0x2000

/* ---- terminals ------------------------------------------------------------------ */
#define LINUX_NCCS 19
struct linux_termios {
	uint32_t c_iflag;
	uint32_t c_oflag;
	uint32_t c_cflag;
	uint32_t c_lflag;
	uint8_t c_line;
	uint8_t c_cc[LINUX_NCCS];
};
_Static_assert(sizeof(struct linux_termios) == 36, "layout");

#define LINUX_TCGETS     0x5401
#define LINUX_TCSETS     0x5402
#define LINUX_TCSETSW    0x5403
#define LINUX_TCSETSF    0x5404
#define LINUX_TCSBRK     0x5409
#define LINUX_TCXONC     0x540a
#define LINUX_TCFLSH     0x540b
#define LINUX_TIOCEXCL   0x540c
#define LINUX_TIOCNXCL   0x540d
#define LINUX_TIOCSCTTY  0x540e
#define LINUX_TIOCGPGRP  0x540f
#define LINUX_TIOCSPGRP  0x5410
#define LINUX_TIOCOUTQ   0x5411
#define LINUX_TIOCSTI    0x5412
#define LINUX_TIOCGWINSZ 0x5413
#define LINUX_TIOCSWINSZ 0x5414
#define LINUX_FIONREAD   0x541b
#define LINUX_TIOCCONS   0x541d
#define LINUX_FIONBIO    0x5421
#define LINUX_TIOCNOTTY  0x5422
#define LINUX_TIOCSETD   0x5423
#define LINUX_TIOCGETD   0x5424
#define LINUX_TCSBRKP    0x5425
#define LINUX_TIOCGSID   0x5429
#define LINUX_FIONCLEX   0x5450
#define LINUX_FIOCLEX    0x5451
#define LINUX_FIOASYNC   0x5452

/* ---- memory ---------------------------------------------------------------------- */
#define LINUX_PROT_READ           1
#define LINUX_PROT_WRITE          2
#define LINUX_PROT_EXEC           4
#define LINUX_MAP_SHARED          1
#define LINUX_MAP_PRIVATE         2
#define LINUX_MAP_SHARED_VALIDATE 3
#define LINUX_MAP_TYPE            0xf
#define LINUX_MAP_FIXED           0x10
#define LINUX_MAP_ANONYMOUS       0x20
#define LINUX_MAP_FIXED_NOREPLACE 0x100000
#define LINUX_MREMAP_MAYMOVE      1
#define LINUX_MREMAP_FIXED        2
#define LINUX_MADV_DONTNEED       4
#define LINUX_MADV_FREE           8

/* ---- signals --------------------------------------------------------------------- */
#define LINUX_SIG_BLOCK    0
#define LINUX_SIG_UNBLOCK  1
#define LINUX_SIG_SETMASK  2
#define LINUX_SA_NOCLDSTOP 0x00000001UL
#define LINUX_SA_NOCLDWAIT 0x00000002UL
#define LINUX_SA_SIGINFO   0x00000004UL
#define LINUX_SA_RESTORER  0x04000000UL
#define LINUX_SA_ONSTACK   0x08000000UL
#define LINUX_SA_RESTART   0x10000000UL
#define LINUX_SA_NODEFER   0x40000000UL
#define LINUX_SA_RESETHAND 0x80000000UL

struct linux_sigaction {
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	uint64_t mask;
};
_Static_assert(sizeof(struct linux_sigaction) == 32, "layout");

struct linux_siginfo {
	int32_t si_signo;
	int32_t si_errno;
	int32_t si_code;
	int32_t pad;
	union {
		struct {
			int32_t pid;
			uint32_t uid;
			int32_t status;
			int32_t pad1;
			int64_t utime;
			int64_t stime;
		} child;
		struct {
			int32_t pid;
			uint32_t uid;
			uint64_t value;
		} queue;
		struct {
			int32_t id;
			int32_t overrun;
			uint64_t value;
		} timer;
		struct {
			uint64_t addr;
		} fault;
		uint8_t bytes[112];
	} u;
};
_Static_assert(sizeof(struct linux_siginfo) == 128, "layout");
_Static_assert(offsetof(struct linux_siginfo, u.child.status) == 24, "layout");
_Static_assert(offsetof(struct linux_siginfo, u.child.utime) == 32, "layout");

struct linux_stack {
	uint64_t sp;
	int32_t flags;
	int32_t pad;
	uint64_t size;
};
_Static_assert(sizeof(struct linux_stack) == 24, "layout");
#define LINUX_SS_ONSTACK    1
#define LINUX_SS_DISABLE    2
#define LINUX_SS_AUTODISARM 0x80000000u
#define LINUX_MINSIGSTKSZ   2048

struct linux_sigcontext {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags;
	uint16_t cs, gs, fs, ss;
	uint64_t err, trapno, oldmask, cr2;
	uint64_t fpstate;
	uint64_t reserved[8];
};
_Static_assert(sizeof(struct linux_sigcontext) == 256, "layout");
_Static_assert(offsetof(struct linux_sigcontext, cs) == 144, "layout");
_Static_assert(offsetof(struct linux_sigcontext, fpstate) == 184, "layout");

struct linux_ucontext {
	uint64_t uc_flags;
	uint64_t uc_link;
	struct linux_stack uc_stack;
	struct linux_sigcontext uc_mcontext;
	uint64_t uc_sigmask;
};
_Static_assert(sizeof(struct linux_ucontext) == 304, "layout");
#define LINUX_UC_FP_XSTATE         1
#define LINUX_UC_SIGCONTEXT_SS     2
#define LINUX_UC_STRICT_RESTORE_SS 4

struct linux_rt_sigframe {
	uint64_t restorer;
	struct linux_ucontext uc;
	struct linux_siginfo info;
};
_Static_assert(offsetof(struct linux_rt_sigframe, uc) == 8, "layout");
_Static_assert(offsetof(struct linux_rt_sigframe, info) == 312, "layout");
_Static_assert(sizeof(struct linux_rt_sigframe) == 440, "layout");

/* bytes 464..511 of the fxsave area in a frame with extended state */
struct linux_fpx_sw_bytes {
	uint32_t magic1;
	uint32_t extended_size;
	uint64_t features;
	uint32_t xstate_size;
	uint32_t padding[7];
};
_Static_assert(sizeof(struct linux_fpx_sw_bytes) == 48, "layout");
#define LINUX_FP_XSTATE_MAGIC1 0x46505853u
#define LINUX_FP_XSTATE_MAGIC2 0x46505845u

/* ---- processes ----------------------------------------------------------------------- */
#define LINUX_CLONE_VM             0x100
#define LINUX_CLONE_FS             0x200
#define LINUX_CLONE_FILES          0x400
#define LINUX_CLONE_SIGHAND        0x800
#define LINUX_CLONE_VFORK          0x4000
#define LINUX_CLONE_PARENT         0x8000
#define LINUX_CLONE_THREAD         0x10000
#define LINUX_CLONE_SYSVSEM        0x40000
#define LINUX_CLONE_SETTLS         0x80000
#define LINUX_CLONE_PARENT_SETTID  0x100000
#define LINUX_CLONE_CHILD_CLEARTID 0x200000
#define LINUX_CLONE_UNTRACED       0x800000
#define LINUX_CLONE_IO             0x80000000UL
#define LINUX_CLONE_CHILD_SETTID   0x1000000
#define LINUX_CLONE_CLEAR_SIGHAND  0x100000000UL /* clone3 only */

/* What clone3 understands; clone passes over what it does not. */
#define LINUX_CLONE3_FLAGS                                                                         \
	(LINUX_CLONE_VM | LINUX_CLONE_FS | LINUX_CLONE_FILES | LINUX_CLONE_SIGHAND |               \
	    LINUX_CLONE_VFORK | LINUX_CLONE_PARENT | LINUX_CLONE_THREAD | LINUX_CLONE_SYSVSEM |    \
	    LINUX_CLONE_SETTLS | LINUX_CLONE_PARENT_SETTID | LINUX_CLONE_CHILD_CLEARTID |          \
	    LINUX_CLONE_UNTRACED | LINUX_CLONE_CHILD_SETTID | LINUX_CLONE_IO |                     \
	    LINUX_CLONE_CLEAR_SIGHAND)

#define LINUX_WNOHANG    1
#define LINUX_WUNTRACED  2
#define LINUX_WEXITED    4
#define LINUX_WCONTINUED 8
#define LINUX_WNOWAIT    0x1000000
#define LINUX_WNOTHREAD  0x20000000
#define LINUX_WALL       0x40000000
#define LINUX_WCLONE     0x80000000

#define LINUX_ARCH_SET_GS 0x1001
#define LINUX_ARCH_SET_FS 0x1002
#define LINUX_ARCH_GET_FS 0x1003
#define LINUX_ARCH_GET_GS 0x1004

struct linux_rusage {
	int64_t utime[2];
	int64_t stime[2];
	int64_t maxrss;
	int64_t ixrss, idrss, isrss;
	int64_t minflt;
	int64_t majflt;
	int64_t nswap;
	int64_t inblock;
	int64_t oublock;
	int64_t msgsnd, msgrcv, nsignals;
	int64_t nvcsw;
	int64_t nivcsw;
};
_Static_assert(sizeof(struct linux_rusage) == 144, "layout");
_Static_assert(offsetof(struct linux_rusage, nvcsw) == 128, "layout");

struct linux_sysinfo {
	int64_t uptime;
	uint64_t loads[3];
	uint64_t totalram;
	uint64_t freeram;
	uint64_t sharedram;
	uint64_t bufferram;
	uint64_t totalswap;
	uint64_t freeswap;
	uint16_t procs;
	uint16_t pad;
	uint64_t totalhigh;
	uint64_t freehigh;
	uint32_t mem_unit;
	uint32_t pad2;
};
_Static_assert(sizeof(struct linux_sysinfo) == 112, "layout");

struct linux_utsname {
	char field[6][65];
};
_Static_assert(sizeof(struct linux_utsname) == 390, "layout");

#define LINUX_FUTEX_WAIT           0
#define LINUX_FUTEX_WAKE           1
#define LINUX_FUTEX_REQUEUE        3
#define LINUX_FUTEX_CMP_REQUEUE    4
#define LINUX_FUTEX_WAKE_OP        5
#define LINUX_FUTEX_WAIT_BITSET    9
#define LINUX_FUTEX_WAKE_BITSET    10
#define LINUX_FUTEX_PRIVATE        128
#define LINUX_FUTEX_CLOCK_REALTIME 256

#define LINUX_PR_SET_PDEATHSIG 1
#define LINUX_PR_GET_DUMPABLE  3
#define LINUX_PR_SET_DUMPABLE  4
#define LINUX_PR_SET_NAME      15
#define LINUX_PR_GET_NAME      16

#define LINUX_REBOOT_MAGIC1    0xfee1dead
#define LINUX_REBOOT_MAGIC2    672274793
#define LINUX_REBOOT_POWER_OFF 0x4321fedc
#define LINUX_REBOOT_RESTART   0x01234567
#define LINUX_REBOOT_HALT      0xcdef0123
#define LINUX_REBOOT_CAD_ON    0x89abcdef
#define LINUX_REBOOT_CAD_OFF   0

#define LINUX_UTIME_NOW  0x3fffffff
#define LINUX_UTIME_OMIT 0x3ffffffe

#define LINUX_ST_RDONLY  1
#define LINUX_MS_RDONLY  1
#define LINUX_MS_NOSUID  2
#define LINUX_MS_NODEV   4
#define LINUX_MS_NOEXEC  8
#define LINUX_MS_REMOUNT 0x20

#endif
