/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls the emulator serves, and functions its files share about them.
 * EMUL_CALLS(X) expands X(name) for each; sys_name is its function.
 */
#ifndef EMUL_CALLS_H
#define EMUL_CALLS_H

#include "emul.h"

#define EMUL_CALLS(X)                                                                              \
	X(rt_sigreturn)                                                                            \
	X(rt_sigaction)                                                                            \
	X(rt_sigprocmask)                                                                          \
	X(rt_sigpending)                                                                           \
	X(rt_sigsuspend)                                                                           \
	X(pause)                                                                                   \
	X(rt_sigtimedwait)                                                                         \
	X(kill)                                                                                    \
	X(tkill)                                                                                   \
	X(tgkill)                                                                                  \
	X(rt_sigqueueinfo)                                                                         \
	X(rt_tgsigqueueinfo)                                                                       \
	X(sigaltstack)                                                                             \
	X(mmap)                                                                                    \
	X(munmap)                                                                                  \
	X(mprotect)                                                                                \
	X(brk)                                                                                     \
	X(mremap)                                                                                  \
	X(madvise)                                                                                 \
	X(msync)                                                                                   \
	X(getpid)                                                                                  \
	X(gettid)                                                                                  \
	X(set_tid_address)                                                                         \
	X(getresuid)                                                                               \
	X(getresgid)                                                                               \
	X(setuid)                                                                                  \
	X(setgid)                                                                                  \
	X(setresuid)                                                                               \
	X(setresgid)                                                                               \
	X(setreuid)                                                                                \
	X(setregid)                                                                                \
	X(getgroups)                                                                               \
	X(setgroups)                                                                               \
	X(setpgid)                                                                                 \
	X(getpgid)                                                                                 \
	X(getsid)                                                                                  \
	X(setsid)                                                                                  \
	X(fork)                                                                                    \
	X(vfork)                                                                                   \
	X(clone)                                                                                   \
	X(clone3)                                                                                  \
	X(exit)                                                                                    \
	X(exit_group)                                                                              \
	X(wait4)                                                                                   \
	X(waitid)                                                                                  \
	X(execve)                                                                                  \
	X(execveat)                                                                                \
	X(arch_prctl)                                                                              \
	X(getppid)                                                                                 \
	X(getuid)                                                                                  \
	X(geteuid)                                                                                 \
	X(getgid)                                                                                  \
	X(getegid)                                                                                 \
	X(getpgrp)                                                                                 \
	X(read)                                                                                    \
	X(pread64)                                                                                 \
	X(write)                                                                                   \
	X(pwrite64)                                                                                \
	X(readv)                                                                                   \
	X(writev)                                                                                  \
	X(preadv)                                                                                  \
	X(pwritev)                                                                                 \
	X(sendfile)                                                                                \
	X(close)                                                                                   \
	X(close_range)                                                                             \
	X(lseek)                                                                                   \
	X(dup)                                                                                     \
	X(dup2)                                                                                    \
	X(dup3)                                                                                    \
	X(pipe)                                                                                    \
	X(pipe2)                                                                                   \
	X(fcntl)                                                                                   \
	X(flock)                                                                                   \
	X(ftruncate)                                                                               \
	X(fallocate)                                                                               \
	X(fsync)                                                                                   \
	X(fdatasync)                                                                               \
	X(sync)                                                                                    \
	X(open)                                                                                    \
	X(openat)                                                                                  \
	X(creat)                                                                                   \
	X(stat)                                                                                    \
	X(lstat)                                                                                   \
	X(fstat)                                                                                   \
	X(newfstatat)                                                                              \
	X(statx)                                                                                   \
	X(access)                                                                                  \
	X(faccessat)                                                                               \
	X(faccessat2)                                                                              \
	X(getdents64)                                                                              \
	X(chdir)                                                                                   \
	X(fchdir)                                                                                  \
	X(chroot)                                                                                  \
	X(getcwd)                                                                                  \
	X(umask)                                                                                   \
	X(mkdir)                                                                                   \
	X(mkdirat)                                                                                 \
	X(mknod)                                                                                   \
	X(mknodat)                                                                                 \
	X(unlink)                                                                                  \
	X(rmdir)                                                                                   \
	X(unlinkat)                                                                                \
	X(rename)                                                                                  \
	X(renameat)                                                                                \
	X(renameat2)                                                                               \
	X(link)                                                                                    \
	X(linkat)                                                                                  \
	X(symlink)                                                                                 \
	X(symlinkat)                                                                               \
	X(readlink)                                                                                \
	X(readlinkat)                                                                              \
	X(chmod)                                                                                   \
	X(fchmodat)                                                                                \
	X(fchmod)                                                                                  \
	X(chown)                                                                                   \
	X(lchown)                                                                                  \
	X(fchownat)                                                                                \
	X(fchown)                                                                                  \
	X(utimensat)                                                                               \
	X(utimes)                                                                                  \
	X(futimesat)                                                                               \
	X(utime)                                                                                   \
	X(truncate)                                                                                \
	X(statfs)                                                                                  \
	X(fstatfs)                                                                                 \
	X(mount)                                                                                   \
	X(umount2)                                                                                 \
	X(ioctl)                                                                                   \
	X(poll)                                                                                    \
	X(ppoll)                                                                                   \
	X(select)                                                                                  \
	X(pselect6)                                                                                \
	X(clock_gettime)                                                                           \
	X(clock_settime)                                                                           \
	X(clock_getres)                                                                            \
	X(gettimeofday)                                                                            \
	X(settimeofday)                                                                            \
	X(time)                                                                                    \
	X(nanosleep)                                                                               \
	X(clock_nanosleep)                                                                         \
	X(getitimer)                                                                               \
	X(setitimer)                                                                               \
	X(alarm)                                                                                   \
	X(getrusage)                                                                               \
	X(times)                                                                                   \
	X(futex)                                                                                   \
	X(set_robust_list)                                                                         \
	X(get_robust_list)                                                                         \
	X(sched_yield)                                                                             \
	X(uname)                                                                                   \
	X(sethostname)                                                                             \
	X(setdomainname)                                                                           \
	X(sysinfo)                                                                                 \
	X(reboot)                                                                                  \
	X(getrandom)                                                                               \
	X(prlimit64)                                                                               \
	X(getrlimit)                                                                               \
	X(setrlimit)                                                                               \
	X(getpriority)                                                                             \
	X(setpriority)                                                                             \
	X(sched_getaffinity)                                                                       \
	X(prctl)                                                                                   \
	X(socket)                                                                                  \
	X(socketpair)                                                                              \
	X(bind)                                                                                    \
	X(connect)                                                                                 \
	X(listen)                                                                                  \
	X(accept)                                                                                  \
	X(accept4)                                                                                 \
	X(shutdown)                                                                                \
	X(getsockname)                                                                             \
	X(getpeername)                                                                             \
	X(sendto)                                                                                  \
	X(recvfrom)                                                                                \
	X(sendmsg)                                                                                 \
	X(recvmsg)                                                                                 \
	X(getsockopt)                                                                              \
	X(setsockopt)                                                                              \
	X(restart_syscall)

#define DECLARE(name) emul_call sys_##name;
EMUL_CALLS(DECLARE)
#undef DECLARE

/* Open flags both ways. */
int emul_open_flags(uint64_t flags);
int emul_open_flags_to_linux(int flags);

/* Seconds and parts (of `scale` ns) as ns; -LINUX_EINVAL when out of range. */
int64_t emul_time_to_ns(int64_t seconds, int64_t parts, int64_t scale, int64_t *ns);

void emul_rusage_to_linux(struct linux_rusage *to, const struct bsd_rusage *from);

/* Fill f->state from f->regs, for the way out with all registers. */
void emul_set_full(struct emul_frame *f);

/* Vector registers into the thread's own area (bytes used) and back. */
uint32_t emul_fpu_save_local(struct emul_thread *self);
void emul_fpu_restore_local(struct emul_thread *self);

/* Set the FS and GS bases of the calling thread. */
void emul_set_bases(uint64_t fs_base, uint64_t gs_base);

/* The process ends as by this signal. */
_Noreturn void emul_die(int sig);
_Noreturn void emul_sleep_forever(void);

#endif
