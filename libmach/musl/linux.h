/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What musl passes to its system calls on x86-64: facts of the Linux ABI, as
 * far as the handler serves it.
 */
#ifndef LIBMACH_MUSL_LINUX_H
#define LIBMACH_MUSL_LINUX_H

#include <stdint.h>

#define NR_READ            0
#define NR_WRITE           1
#define NR_MMAP            9
#define NR_MPROTECT        10
#define NR_MUNMAP          11
#define NR_BRK             12
#define NR_RT_SIGACTION    13
#define NR_RT_SIGPROCMASK  14
#define NR_IOCTL           16
#define NR_READV           19
#define NR_WRITEV          20
#define NR_SCHED_YIELD     24
#define NR_MREMAP          25
#define NR_MADVISE         28
#define NR_NANOSLEEP       35
#define NR_GETPID          39
#define NR_CLONE           56
#define NR_EXIT            60
#define NR_KILL            62
#define NR_GETUID          102
#define NR_GETGID          104
#define NR_GETEUID         107
#define NR_GETEGID         108
#define NR_ARCH_PRCTL      158
#define NR_GETTID          186
#define NR_TKILL           200
#define NR_FUTEX           202
#define NR_SET_TID_ADDRESS 218
#define NR_CLOCK_GETTIME   228
#define NR_CLOCK_GETRES    229
#define NR_CLOCK_NANOSLEEP 230
#define NR_EXIT_GROUP      231
#define NR_TGKILL          234
#define NR_GETRANDOM       318
#define NR_LIMIT           512

#define LINUX_EPERM     1
#define LINUX_EINTR     4
#define LINUX_EIO       5
#define LINUX_EBADF     9
#define LINUX_EAGAIN    11
#define LINUX_ENOMEM    12
#define LINUX_EFAULT    14
#define LINUX_ENODEV    19
#define LINUX_EINVAL    22
#define LINUX_ENOTTY    25
#define LINUX_ENOSYS    38
#define LINUX_ETIMEDOUT 110

#define LINUX_MAP_FIXED           0x10
#define LINUX_MAP_ANONYMOUS       0x20
#define LINUX_MAP_FIXED_NOREPLACE 0x100000
#define LINUX_PROT_ALL            0x7

#define LINUX_MREMAP_MAYMOVE 1
#define LINUX_MREMAP_FIXED   2

#define LINUX_MADV_DONTNEED 4

#define LINUX_CLONE_VM             0x00000100
#define LINUX_CLONE_THREAD         0x00010000
#define LINUX_CLONE_SETTLS         0x00080000
#define LINUX_CLONE_PARENT_SETTID  0x00100000
#define LINUX_CLONE_CHILD_CLEARTID 0x00200000
#define LINUX_CLONE_CHILD_SETTID   0x01000000

#define LINUX_ARCH_SET_GS 0x1001
#define LINUX_ARCH_SET_FS 0x1002
#define LINUX_ARCH_GET_FS 0x1003
#define LINUX_ARCH_GET_GS 0x1004

#define LINUX_FUTEX_WAIT    0
#define LINUX_FUTEX_WAKE    1
#define LINUX_FUTEX_REQUEUE 3
#define LINUX_FUTEX_COMMAND 0x7f /* without PRIVATE and REALTIME */

#define LINUX_CLOCK_REALTIME         0
#define LINUX_CLOCK_MONOTONIC        1
#define LINUX_CLOCK_REALTIME_COARSE  5
#define LINUX_CLOCK_MONOTONIC_COARSE 6
#define LINUX_CLOCK_BOOTTIME         7
#define LINUX_TIMER_ABSTIME          1

#define LINUX_SIGSET_SIZE 8

struct linux_timespec {
	int64_t tv_sec;
	int64_t tv_nsec;
};

struct linux_iovec {
	uint64_t iov_base;
	uint64_t iov_len;
};

/* Entries of the auxiliary vector. */
#define LINUX_AT_NULL   0
#define LINUX_AT_PHDR   3
#define LINUX_AT_PHENT  4
#define LINUX_AT_PHNUM  5
#define LINUX_AT_PAGESZ 6
#define LINUX_AT_BASE   7
#define LINUX_AT_FLAGS  8
#define LINUX_AT_ENTRY  9
#define LINUX_AT_UID    11
#define LINUX_AT_EUID   12
#define LINUX_AT_GID    13
#define LINUX_AT_EGID   14
#define LINUX_AT_CLKTCK 17
#define LINUX_AT_SECURE 23
#define LINUX_AT_RANDOM 25
#define LINUX_AT_EXECFN 31

#endif /* LIBMACH_MUSL_LINUX_H */
