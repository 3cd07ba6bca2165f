/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The in-task handler: serves the system calls that libc makes for itself.
 *
 * It runs on a stack of its own below the thread's emulation block, while FS,
 * GS, the vector registers and the program's stack are the program's: so
 * none of it uses thread-local storage, vector registers, malloc, or any
 * function of libc. Pointers are used as they are: they are the program's own.
 */
#ifndef LIBMACH_MUSL_HANDLER_H
#define LIBMACH_MUSL_HANDLER_H

#include <mach/mach_types.h>
#include <mach/portolan.h>

#include "linux.h"
#include "x86_64/frame.h"

/* Use of the emulation block's words. */
#define EB_TID        0 /* as libc knows the thread */
#define EB_CLEAR_TID  1 /* address to clear and wake at the end, or 0 */
#define EB_THREAD     2 /* name of the thread */
#define EB_STACK      3 /* handler stack to release at the end, or 0 */
#define EB_STACK_SIZE 4

/* A handler stack with its block at the top. */
#define HANDLER_STACK_SIZE (32 * 1024)

typedef long (*handler_call_t)(struct handler_frame *frame, struct emulation_block *block);

/* memory.c */
long handler_mmap(struct handler_frame *frame, struct emulation_block *block);
long handler_mprotect(struct handler_frame *frame, struct emulation_block *block);
long handler_munmap(struct handler_frame *frame, struct emulation_block *block);
long handler_mremap(struct handler_frame *frame, struct emulation_block *block);
long handler_madvise(struct handler_frame *frame, struct emulation_block *block);
long handler_brk(struct handler_frame *frame, struct emulation_block *block);

/* thread.c */
long handler_clone(struct handler_frame *frame, struct emulation_block *block);
long handler_exit(struct handler_frame *frame, struct emulation_block *block);
long handler_set_tid_address(struct handler_frame *frame, struct emulation_block *block);
long handler_gettid(struct handler_frame *frame, struct emulation_block *block);
long handler_sched_yield(struct handler_frame *frame, struct emulation_block *block);
long handler_futex(struct handler_frame *frame, struct emulation_block *block);

/* Number the first thread, before libc runs. */
void handler_thread_init(struct emulation_block *block);

/* clock.c */
long handler_clock_gettime(struct handler_frame *frame, struct emulation_block *block);
long handler_clock_getres(struct handler_frame *frame, struct emulation_block *block);
long handler_nanosleep(struct handler_frame *frame, struct emulation_block *block);
long handler_clock_nanosleep(struct handler_frame *frame, struct emulation_block *block);

/* Milliseconds of a time, rounded up, at most what a natural_t holds; -1: not a time. */
int64_t handler_milliseconds(const struct linux_timespec *time);

/* console.c */
long handler_read(struct handler_frame *frame, struct emulation_block *block);
long handler_readv(struct handler_frame *frame, struct emulation_block *block);
long handler_write(struct handler_frame *frame, struct emulation_block *block);
long handler_writev(struct handler_frame *frame, struct emulation_block *block);
long handler_ioctl(struct handler_frame *frame, struct emulation_block *block);

/* process.c */
long handler_exit_group(struct handler_frame *frame, struct emulation_block *block);
long handler_tkill(struct handler_frame *frame, struct emulation_block *block);
long handler_tgkill(struct handler_frame *frame, struct emulation_block *block);
long handler_getpid(struct handler_frame *frame, struct emulation_block *block);
long handler_getuid(struct handler_frame *frame, struct emulation_block *block);
long handler_rt_sigaction(struct handler_frame *frame, struct emulation_block *block);
long handler_rt_sigprocmask(struct handler_frame *frame, struct emulation_block *block);
long handler_getrandom(struct handler_frame *frame, struct emulation_block *block);

/* x86_64/thread_state.c */
long handler_arch_prctl(struct handler_frame *frame, struct emulation_block *block);

/*
 * Give a new thread the registers of the caller of clone, with `stack`, result
 * 0 and the given block; and thread-local storage at *tls unless that is null.
 */
kern_return_t handler_thread_set(thread_t thread, const struct handler_frame *frame,
    const struct emulation_block *caller, uint64_t stack, struct emulation_block *block,
    const uint64_t *tls);

/* x86_64/random.c: 64 bits, from the processor's generator where it has one. */
uint64_t handler_random(void);

#endif /* LIBMACH_MUSL_HANDLER_H */
