/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a number to its function.
 */
#include "handler.h"

long mach_handler_dispatch(struct handler_frame *frame, struct emulation_block *block);

static const handler_call_t handler_calls[NR_LIMIT] = {
	[NR_READ] = handler_read,
	[NR_WRITE] = handler_write,
	[NR_MMAP] = handler_mmap,
	[NR_MPROTECT] = handler_mprotect,
	[NR_MUNMAP] = handler_munmap,
	[NR_BRK] = handler_brk,
	[NR_RT_SIGACTION] = handler_rt_sigaction,
	[NR_RT_SIGPROCMASK] = handler_rt_sigprocmask,
	[NR_IOCTL] = handler_ioctl,
	[NR_READV] = handler_readv,
	[NR_WRITEV] = handler_writev,
	[NR_SCHED_YIELD] = handler_sched_yield,
	[NR_MREMAP] = handler_mremap,
	[NR_MADVISE] = handler_madvise,
	[NR_NANOSLEEP] = handler_nanosleep,
	[NR_GETPID] = handler_getpid,
	[NR_CLONE] = handler_clone,
	[NR_EXIT] = handler_exit,
	[NR_KILL] = handler_tkill,
	[NR_GETUID] = handler_getuid,
	[NR_GETGID] = handler_getuid,
	[NR_GETEUID] = handler_getuid,
	[NR_GETEGID] = handler_getuid,
	[NR_ARCH_PRCTL] = handler_arch_prctl,
	[NR_GETTID] = handler_gettid,
	[NR_TKILL] = handler_tkill,
	[NR_FUTEX] = handler_futex,
	[NR_SET_TID_ADDRESS] = handler_set_tid_address,
	[NR_CLOCK_GETTIME] = handler_clock_gettime,
	[NR_CLOCK_GETRES] = handler_clock_getres,
	[NR_CLOCK_NANOSLEEP] = handler_clock_nanosleep,
	[NR_EXIT_GROUP] = handler_exit_group,
	[NR_TGKILL] = handler_tgkill,
	[NR_GETRANDOM] = handler_getrandom,
};

long
mach_handler_dispatch(struct handler_frame *frame, struct emulation_block *block)
{
	uint64_t number = FRAME_NUMBER(frame);

	if (number >= NR_LIMIT || handler_calls[number] == NULL)
		return -LINUX_ENOSYS;
	return handler_calls[number](frame, block);
}
