/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Constants and structures of the BSD interface (bsd.defs, bsd_file.defs):
 * the server's own, mostly 4.4BSD's values. Shared by the server and the
 * emulators; no emulated ABI's number appears here. Never include libc's
 * headers that define the same names (<fcntl.h>, <signal.h>, <sys/...>).
 */
#ifndef BSD_ABI_H
#define BSD_ABI_H

#include <stdint.h>

#include "bsd/errno.h"

/* ---- limits ---- */
#define BSD_PATH_MAX   4096 /* NUL included */
#define BSD_NAME_MAX   255
#define BSD_IO_MAX     8192 /* bytes of one read or write request */
#define BSD_ARGS_MAX   8192 /* bytes of argument strings per request */
#define BSD_POLL_MAX   256  /* descriptors of one poll request */
#define BSD_GROUPS_MAX 32

/* ---- open and descriptor flags ---- */
#define O_RDONLY    0x0000
#define O_WRONLY    0x0001
#define O_RDWR      0x0002
#define O_ACCMODE   0x0003
#define O_NONBLOCK  0x0004
#define O_APPEND    0x0008
#define O_ASYNC     0x0040
#define O_FSYNC     0x0080
#define O_NOFOLLOW  0x0100
#define O_CREAT     0x0200
#define O_TRUNC     0x0400
#define O_EXCL      0x0800
#define O_NOCTTY    0x8000
#define O_DIRECTORY 0x200000
#define O_CLOEXEC   0x400000
#define O_PATH      0x1000000
#define O_TMPFILE   0x2000000

#define FD_CLOEXEC 1

#define F_DUPFD         0
#define F_GETFD         1
#define F_SETFD         2
#define F_GETFL         3
#define F_SETFL         4
#define F_GETOWN        5
#define F_SETOWN        6
#define F_GETLK         7
#define F_SETLK         8
#define F_SETLKW        9
#define F_DUPFD_CLOEXEC 12
#define F_GETPIPE_SZ    100
#define F_SETPIPE_SZ    101
#define F_RDLCK         1
#define F_UNLCK         2
#define F_WRLCK         3

#define LOCK_SH 1
#define LOCK_EX 2
#define LOCK_NB 4
#define LOCK_UN 8

#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

#define R_OK 4
#define W_OK 2
#define X_OK 1
#define F_OK 0

#define AT_FDCWD            (-100)
#define AT_EACCESS          0x100
#define AT_SYMLINK_NOFOLLOW 0x200
#define AT_SYMLINK_FOLLOW   0x400
#define AT_REMOVEDIR        0x800
#define AT_EMPTY_PATH       0x4000

/* rename flags */
#define BSD_RENAME_NOREPLACE 1
#define BSD_RENAME_EXCHANGE  2

/* ---- modes ---- */
#define S_IFMT      0170000
#define S_IFSOCK    0140000
#define S_IFLNK     0120000
#define S_IFREG     0100000
#define S_IFBLK     0060000
#define S_IFDIR     0040000
#define S_IFCHR     0020000
#define S_IFIFO     0010000
#define S_ISUID     0004000
#define S_ISGID     0002000
#define S_ISVTX     0001000
#define S_ISDIR(m)  (((m)&S_IFMT) == S_IFDIR)
#define S_ISREG(m)  (((m)&S_IFMT) == S_IFREG)
#define S_ISLNK(m)  (((m)&S_IFMT) == S_IFLNK)
#define S_ISCHR(m)  (((m)&S_IFMT) == S_IFCHR)
#define S_ISBLK(m)  (((m)&S_IFMT) == S_IFBLK)
#define S_ISFIFO(m) (((m)&S_IFMT) == S_IFIFO)

/* ---- time ---- */
struct bsd_timespec {
	int64_t tv_sec;
	int64_t tv_nsec;
};
typedef struct bsd_timespec bsd_timespec_t;

/* tv_nsec of a time given to bsd_utimes */
#define UTIME_NOW  (-1)
#define UTIME_OMIT (-2)

#define BSD_CLOCK_REALTIME    0
#define BSD_CLOCK_MONOTONIC   3
#define BSD_CLOCK_PROCESS_CPU 1073741823
#define BSD_CLOCK_THREAD_CPU  1073741824

#define ITIMER_REAL    0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF    2

struct bsd_itimer {
	int64_t it_interval; /* nanoseconds */
	int64_t it_value;    /* nanoseconds, 0 = not running */
};
typedef struct bsd_itimer bsd_itimer_t;

/* ---- files ---- */
struct bsd_stat {
	uint64_t st_dev;
	uint64_t st_ino;
	uint64_t st_mode;
	uint64_t st_nlink;
	uint64_t st_uid;
	uint64_t st_gid;
	uint64_t st_rdev;
	int64_t st_size;
	int64_t st_blksize;
	int64_t st_blocks; /* of 512 bytes */
	struct bsd_timespec st_atim;
	struct bsd_timespec st_mtim;
	struct bsd_timespec st_ctim;
};
typedef struct bsd_stat bsd_stat_t;
_Static_assert(sizeof(struct bsd_stat) == 16 * 8, "wire size of bsd_stat");

/* dev_t: major << 8 | minor in the low part, as the emulated ABIs have it */
#define BSD_MAKEDEV(major, minor)                                                                  \
	((uint64_t)(((major)&0xfff) << 8 | ((minor)&0xff) | ((uint64_t)((minor) & ~0xffu) << 12)))
#define BSD_MAJOR(dev) ((unsigned)((dev) >> 8) & 0xfff)
#define BSD_MINOR(dev) ((unsigned)((dev)&0xff) | ((unsigned)((dev) >> 12) & ~0xffu))

/*
 * One directory entry: d_reclen bytes, a multiple of 8; the name is NUL
 * ended. d_off is the position to seek to for the entry after this one.
 */
struct bsd_dirent {
	uint64_t d_ino;
	uint64_t d_off;
	uint16_t d_reclen;
	uint8_t d_type; /* mode >> 12 */
	uint8_t d_namlen;
	char d_name[];
};
#define BSD_DIRENT_SIZE(namlen)                                                                    \
	((offsetof(struct bsd_dirent, d_name) + (namlen) + 1 + 7) & ~(size_t)7)

struct bsd_statfs {
	uint64_t f_type;
	uint64_t f_bsize;
	uint64_t f_blocks;
	uint64_t f_bfree;
	uint64_t f_bavail;
	uint64_t f_files;
	uint64_t f_ffree;
	uint64_t f_fsid;
	uint64_t f_namelen;
	uint64_t f_flags;
	char f_fstypename[16];
};
typedef struct bsd_statfs bsd_statfs_t;
_Static_assert(sizeof(struct bsd_statfs) == 12 * 8, "wire size of bsd_statfs");

#define MNT_RDONLY 0x1
#define MNT_NOEXEC 0x4
#define MNT_NOSUID 0x8
#define MNT_NODEV  0x10
#define MNT_UPDATE 0x10000
#define MNT_FORCE  0x80000

struct bsd_flock {
	int64_t l_start;
	int64_t l_len;
	int32_t l_pid;
	int16_t l_type;
	int16_t l_whence;
};
typedef struct bsd_flock bsd_flock_t;
_Static_assert(sizeof(struct bsd_flock) == 3 * 8, "wire size of bsd_flock");

/* ---- poll ---- */
#define POLLIN     0x001
#define POLLPRI    0x002
#define POLLOUT    0x004
#define POLLERR    0x008
#define POLLHUP    0x010
#define POLLNVAL   0x020
#define POLLRDNORM 0x040
#define POLLRDBAND 0x080
#define POLLWRBAND 0x100
#define POLLWRNORM POLLOUT

struct bsd_pollfd {
	int32_t fd;
	int16_t events;
	int16_t revents;
};
typedef struct bsd_pollfd bsd_pollfd_t;
_Static_assert(sizeof(struct bsd_pollfd) == 8, "wire size of bsd_pollfd");

/* ---- terminals ---- */
#define VEOF         0
#define VEOL         1
#define VEOL2        2
#define VERASE       3
#define VWERASE      4
#define VKILL        5
#define VREPRINT     6
#define VINTR        8
#define VQUIT        9
#define VSUSP        10
#define VDSUSP       11
#define VSTART       12
#define VSTOP        13
#define VLNEXT       14
#define VDISCARD     15
#define VMIN         16
#define VTIME        17
#define VSTATUS      18
#define BSD_NCCS     20
#define BSD_VDISABLE 0xff

#define IGNBRK  0x0001
#define BRKINT  0x0002
#define IGNPAR  0x0004
#define PARMRK  0x0008
#define INPCK   0x0010
#define ISTRIP  0x0020
#define INLCR   0x0040
#define IGNCR   0x0080
#define ICRNL   0x0100
#define IXON    0x0200
#define IXOFF   0x0400
#define IXANY   0x0800
#define IMAXBEL 0x2000
#define IUTF8   0x4000

#define OPOST  0x0001
#define ONLCR  0x0002
#define OXTABS 0x0004
#define ONOEOT 0x0008
#define OCRNL  0x0010
#define ONOCR  0x0020
#define ONLRET 0x0040

#define CSIZE   0x0300
#define CS5     0x0000
#define CS6     0x0100
#define CS7     0x0200
#define CS8     0x0300
#define CSTOPB  0x0400
#define CREAD   0x0800
#define PARENB  0x1000
#define PARODD  0x2000
#define HUPCL   0x4000
#define CLOCAL  0x8000
#define CRTSCTS 0x10000

#define ECHOKE  0x00000001
#define ECHOE   0x00000002
#define ECHOK   0x00000004
#define ECHO    0x00000008
#define ECHONL  0x00000010
#define ECHOPRT 0x00000020
#define ECHOCTL 0x00000040
#define ISIG    0x00000080
#define ICANON  0x00000100
#define IEXTEN  0x00000400
#define TOSTOP  0x00400000
#define FLUSHO  0x00800000
#define PENDIN  0x20000000
#define NOFLSH  0x80000000

struct bsd_termios {
	uint32_t c_iflag;
	uint32_t c_oflag;
	uint32_t c_cflag;
	uint32_t c_lflag;
	uint8_t c_cc[BSD_NCCS];
	uint32_t c_ispeed; /* bits per second */
	uint32_t c_ospeed;
};
_Static_assert(sizeof(struct bsd_termios) == 44, "wire size of bsd_termios");

struct bsd_winsize {
	uint16_t ws_row;
	uint16_t ws_col;
	uint16_t ws_xpixel;
	uint16_t ws_ypixel;
};

/*
 * Ioctl requests: direction and length in the number, as in 4.4BSD, so that
 * an emulator need not know a request to carry its data.
 */
#define IOC_VOID            0x20000000u
#define IOC_OUT             0x40000000u /* server to caller */
#define IOC_IN              0x80000000u /* caller to server */
#define IOC_LEN(r)          (((r) >> 16) & 0x1fffu)
#define BSD_IO(g, n)        (IOC_VOID | (g) << 8 | (n))
#define BSD_IOR(g, n, type) (IOC_OUT | (uint32_t)sizeof(type) << 16 | (g) << 8 | (n))
#define BSD_IOW(g, n, type) (IOC_IN | (uint32_t)sizeof(type) << 16 | (g) << 8 | (n))
#define BSD_IOCTL_MAX       256

#define TIOCEXCL   BSD_IO('t', 13)
#define TIOCNXCL   BSD_IO('t', 14)
#define TIOCFLUSH  BSD_IOW('t', 16, int32_t) /* BSD_FREAD | BSD_FWRITE */
#define TIOCGETA   BSD_IOR('t', 19, struct bsd_termios)
#define TIOCSETA   BSD_IOW('t', 20, struct bsd_termios)
#define TIOCSETAW  BSD_IOW('t', 21, struct bsd_termios)
#define TIOCSETAF  BSD_IOW('t', 22, struct bsd_termios)
#define TIOCGETD   BSD_IOR('t', 26, int32_t)
#define TIOCSETD   BSD_IOW('t', 27, int32_t)
#define TIOCDRAIN  BSD_IO('t', 94)
#define TIOCSCTTY  BSD_IO('t', 97)
#define TIOCCONS   BSD_IOW('t', 98, int32_t)
#define TIOCGSID   BSD_IOR('t', 99, int32_t)
#define TIOCSWINSZ BSD_IOW('t', 103, struct bsd_winsize)
#define TIOCGWINSZ BSD_IOR('t', 104, struct bsd_winsize)
#define TIOCSTART  BSD_IO('t', 110)
#define TIOCSTOP   BSD_IO('t', 111)
#define TIOCNOTTY  BSD_IO('t', 113)
#define TIOCSTI    BSD_IOW('t', 114, char)
#define TIOCOUTQ   BSD_IOR('t', 115, int32_t)
#define TIOCSPGRP  BSD_IOW('t', 118, int32_t)
#define TIOCGPGRP  BSD_IOR('t', 119, int32_t)
#define TIOCGPTN   BSD_IOR('t', 15, int32_t)
#define TIOCSPTLCK BSD_IOW('t', 92, int32_t)
#define TIOCSBRK   BSD_IO('t', 123)
#define FIOCLEX    BSD_IO('f', 1)
#define FIONCLEX   BSD_IO('f', 2)
#define FIOASYNC   BSD_IOW('f', 125, int32_t)
#define FIONBIO    BSD_IOW('f', 126, int32_t)
#define FIONREAD   BSD_IOR('f', 127, int32_t)
#define BSD_FREAD  1
#define BSD_FWRITE 2

/* ---- signals ---- */
#define SIGHUP          1
#define SIGINT          2
#define SIGQUIT         3
#define SIGILL          4
#define SIGTRAP         5
#define SIGABRT         6
#define SIGEMT          7
#define SIGFPE          8
#define SIGKILL         9
#define SIGBUS          10
#define SIGSEGV         11
#define SIGSYS          12
#define SIGPIPE         13
#define SIGALRM         14
#define SIGTERM         15
#define SIGURG          16
#define SIGSTOP         17
#define SIGTSTP         18
#define SIGCONT         19
#define SIGCHLD         20
#define SIGTTIN         21
#define SIGTTOU         22
#define SIGIO           23
#define SIGXCPU         24
#define SIGXFSZ         25
#define SIGVTALRM       26
#define SIGPROF         27
#define SIGWINCH        28
#define SIGINFO         29
#define SIGUSR1         30
#define SIGUSR2         31
#define BSD_SIGRT_FIRST 32 /* 32..64: queued */
#define BSD_NSIG        65

/* A signal set: bit n - 1 is signal n. */
typedef uint64_t bsd_sigset_t;
#define BSD_SIGMASK(n) ((bsd_sigset_t)1 << ((n)-1))

/* Dispositions: a handler address above BSD_SIG_IGN, or one of these. */
#define BSD_SIG_DFL 0
#define BSD_SIG_IGN 1

#define SA_ONSTACK   0x0001
#define SA_RESTART   0x0002
#define SA_RESETHAND 0x0004
#define SA_NOCLDSTOP 0x0008
#define SA_NODEFER   0x0010
#define SA_NOCLDWAIT 0x0020
#define SA_SIGINFO   0x0040

/*
 * What to do with a signal. sa_trampoline and sa_flags bits above
 * BSD_SA_KNOWN are kept for the emulator and mean nothing to the server.
 */
struct bsd_sigaction {
	uint64_t sa_handler;
	uint64_t sa_mask;
	uint64_t sa_trampoline;
	uint64_t sa_flags;
};
typedef struct bsd_sigaction bsd_sigaction_t;
_Static_assert(sizeof(struct bsd_sigaction) == 4 * 8, "wire size of bsd_sigaction");

#define SIG_BLOCK   1
#define SIG_UNBLOCK 2
#define SIG_SETMASK 3

#define SS_ONSTACK 1
#define SS_DISABLE 4

struct bsd_sigstack {
	uint64_t ss_sp;
	uint64_t ss_size;
	uint64_t ss_flags;
};
typedef struct bsd_sigstack bsd_sigstack_t;

/* si_code values */
#define SI_USER       0
#define SI_QUEUE      (-1)
#define SI_TIMER      (-2)
#define SI_LWP        (-6) /* sent to one thread */
#define SI_KERNEL     0x80
#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_TRAPPED   4
#define CLD_STOPPED   5
#define CLD_CONTINUED 6
#define SEGV_MAPERR   1
#define SEGV_ACCERR   2
#define BUS_ADRALN    1
#define BUS_ADRERR    2
#define FPE_INTDIV    1
#define FPE_INTOVF    2
#define FPE_FLTINV    7
#define ILL_ILLOPC    1
#define TRAP_BRKPT    1
#define TRAP_TRACE    2

struct bsd_siginfo {
	int32_t si_signo;
	int32_t si_code;
	int32_t si_pid;
	int32_t si_uid;
	int32_t si_status; /* SIGCHLD: exit code or signal */
	int32_t si_trap;   /* faults: vector of the machine */
	uint64_t si_addr;  /* faults: address */
	uint64_t si_value; /* queued value */
	int64_t si_utime;  /* SIGCHLD: nanoseconds */
	int64_t si_stime;
};
typedef struct bsd_siginfo bsd_siginfo_t;
_Static_assert(sizeof(struct bsd_siginfo) == 7 * 8, "wire size of bsd_siginfo");

/* ---- processes ---- */
#define WNOHANG                 1
#define WUNTRACED               2
#define BSD_WEXITED             4
#define WCONTINUED              8
#define WNOWAIT                 0x10
#define BSD_WSTATUS_EXIT(code)  (((code)&0xff) << 8)
#define BSD_WSTATUS_SIGNAL(sig) ((sig)&0x7f)
#define BSD_WSTATUS_CORE        0x80
#define BSD_WSTATUS_STOP(sig)   ((sig) << 8 | 0x7f)
#define BSD_WSTATUS_CONTINUED   0xffff

struct bsd_rusage {
	int64_t ru_utime; /* nanoseconds */
	int64_t ru_stime;
	int64_t ru_maxrss; /* KiB */
	int64_t ru_minflt;
	int64_t ru_majflt;
	int64_t ru_nvcsw;
	int64_t ru_nivcsw;
};
typedef struct bsd_rusage bsd_rusage_t;
_Static_assert(sizeof(struct bsd_rusage) == 7 * 8, "wire size of bsd_rusage");

#define BSD_RUSAGE_SELF     0
#define BSD_RUSAGE_CHILDREN (-1)
#define BSD_RUSAGE_THREAD   1

#define RLIMIT_CPU        0
#define RLIMIT_FSIZE      1
#define RLIMIT_DATA       2
#define RLIMIT_STACK      3
#define RLIMIT_CORE       4
#define RLIMIT_RSS        5
#define RLIMIT_MEMLOCK    6
#define RLIMIT_NPROC      7
#define RLIMIT_NOFILE     8
#define RLIMIT_AS         9
#define RLIMIT_LOCKS      10
#define RLIMIT_SIGPENDING 11
#define RLIMIT_MSGQUEUE   12
#define RLIMIT_NICE       13
#define RLIMIT_RTPRIO     14
#define RLIMIT_RTTIME     15
#define BSD_RLIM_COUNT    16
#define BSD_RLIM_INFINITY UINT64_MAX

struct bsd_rlimit {
	uint64_t rlim_cur;
	uint64_t rlim_max;
};
typedef struct bsd_rlimit bsd_rlimit_t;

/* bsd_fork flags; without any: a process of its own, memory copied */
#define BSD_FORK_SHARE_VM    0x01 /* child is a thread in the caller's task */
#define BSD_FORK_WAIT        0x02 /* answer when the child has executed or exited */
#define BSD_FORK_THREAD      0x04 /* a thread of the caller's process */
#define BSD_FORK_SHARE_FILES 0x08
#define BSD_FORK_SHARE_FS    0x10
#define BSD_FORK_KEEP_PARENT 0x20 /* the caller's parent becomes the child's */
#define BSD_FORK_NO_HANDLERS 0x40 /* caught signals get their default action */

/* Registers of a program, in bsd_fork and bsd_start; interrupted, in bsd_sigtake. */
struct bsd_regs {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t rip, rsp, rflags;
	uint64_t fs_base, gs_base;
};
typedef struct bsd_regs bsd_regs_t;
_Static_assert(sizeof(struct bsd_regs) == 20 * 8, "wire size of bsd_regs");

/* Most bytes of vector registers in bsd_fork and bsd_start. */
#define BSD_FPU_MAX 2816

/* Why a thread starts, in bsd_start. */
#define BSD_START_EXEC   1 /* a fresh program */
#define BSD_START_FORK   2 /* a copy of the thread that called bsd_fork */
#define BSD_START_THREAD 3 /* beside its maker in the same memory */

#define BSD_OPTION_TRACE 1 /* report every call by bsd_trace */

struct bsd_start {
	uint32_t how;
	uint32_t options; /* BSD_OPTION_* */
	int32_t pid;
	int32_t tid;
	uint64_t break_start; /* EXEC: end of the program's data */
	uint64_t flags;       /* those of bsd_fork */
	struct bsd_regs regs;
};
typedef struct bsd_start bsd_start_t;
_Static_assert(sizeof(struct bsd_start) == 24 * 8, "wire size of bsd_start");

struct bsd_ids {
	int32_t pid, tid, ppid, pgrp, session;
	uint32_t ruid, euid, suid, rgid, egid, sgid;
	int32_t ngroups;
};
typedef struct bsd_ids bsd_ids_t;
_Static_assert(sizeof(struct bsd_ids) == 12 * 4, "wire size of bsd_ids");

/* What a thread is told about the signal it is to handle. */
#define BSD_SIGTAKE_NONE    0 /* nothing to deliver */
#define BSD_SIGTAKE_DELIVER 1
#define BSD_SIGTAKE_ASYNC   2 /* or-ed: `regs` hold the program's registers */

struct bsd_sigdelivery {
	uint64_t what; /* BSD_SIGTAKE_* */
	struct bsd_sigaction action;
	uint64_t oldmask;          /* to be restored when the handler returns */
	struct bsd_sigstack stack; /* alternate stack as set; SS_ONSTACK: in use */
	struct bsd_siginfo info;
	struct bsd_regs regs;
};
typedef struct bsd_sigdelivery bsd_sigdelivery_t;
_Static_assert(sizeof(struct bsd_sigdelivery) == 36 * 8, "wire size of bsd_sigdelivery");

struct bsd_sysinfo {
	int64_t si_uptime;    /* nanoseconds */
	uint64_t si_loads[3]; /* 16 bits of fraction */
	uint64_t si_totalram; /* bytes */
	uint64_t si_freeram;
	uint64_t si_procs;
	uint64_t si_cpus;
};
typedef struct bsd_sysinfo bsd_sysinfo_t;
_Static_assert(sizeof(struct bsd_sysinfo) == 8 * 8, "wire size of bsd_sysinfo");

#define BSD_REBOOT_POWEROFF 1
#define BSD_REBOOT_RESTART  2
#define BSD_REBOOT_HALT     3

/*
 * Set in the msgh_id of a reply: the caller has a signal to take (bsd_sigtake)
 * before it returns to its program.
 */
#define BSD_REPLY_SIGNAL 0x40000000

#endif
