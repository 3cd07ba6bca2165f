/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the program, and what a program without Unix answers about
 * processes and signals.
 */
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_musl.h>
#include <mach/mach_print.h>

#include "handler.h"

#define PID_SELF        1
#define SIGNAL_MAX      64
#define SIGACTION_BYTES 32 /* of the kernel's structure on x86-64 */

void (*mach_musl_exit_hook)(int status);

static _Noreturn void
task_end(int status)
{
	if (mach_musl_exit_hook != NULL)
		mach_musl_exit_hook(status);
	for (;;)
		(void)task_terminate(mach_task_self());
}

long
handler_exit_group(struct handler_frame *frame, struct emulation_block *block)
{
	task_end((int)FRAME_ARG0(frame) & 0xff);
}

/* There are no handlers: a signal to oneself is the end, as abort() means it. */
static long
signal_self(uint64_t signal)
{
	if (signal > SIGNAL_MAX)
		return -LINUX_EINVAL;
	if (signal == 0)
		return 0;
	mach_printf("program ended by signal %lu\n", signal);
	task_end(128 + (int)signal);
}

long
handler_tkill(struct handler_frame *frame, struct emulation_block *block)
{
	return signal_self(FRAME_ARG1(frame));
}

long
handler_tgkill(struct handler_frame *frame, struct emulation_block *block)
{
	return signal_self(FRAME_ARG2(frame));
}

long
handler_getpid(struct handler_frame *frame, struct emulation_block *block)
{
	return PID_SELF;
}

long
handler_getuid(struct handler_frame *frame, struct emulation_block *block)
{
	return 0;
}

static void
bytes_clear(uint64_t address, unsigned int count)
{
	volatile unsigned char *at = (volatile unsigned char *)address;

	if (at == NULL)
		return;
	for (unsigned int i = 0; i < count; i++)
		at[i] = 0;
}

/* No signal ever comes: any action will do, and the old one was the default. */
long
handler_rt_sigaction(struct handler_frame *frame, struct emulation_block *block)
{
	if (FRAME_ARG0(frame) == 0 || FRAME_ARG0(frame) > SIGNAL_MAX)
		return -LINUX_EINVAL;
	bytes_clear(FRAME_ARG2(frame), SIGACTION_BYTES);
	return 0;
}

long
handler_rt_sigprocmask(struct handler_frame *frame, struct emulation_block *block)
{
	if (FRAME_ARG3(frame) != LINUX_SIGSET_SIZE)
		return -LINUX_EINVAL;
	bytes_clear(FRAME_ARG2(frame), LINUX_SIGSET_SIZE);
	return 0;
}

long
handler_getrandom(struct handler_frame *frame, struct emulation_block *block)
{
	unsigned char *to = (unsigned char *)FRAME_ARG0(frame);
	uint64_t word = 0;

	for (uint64_t i = 0; i < FRAME_ARG1(frame); i++) {
		if (i % sizeof(word) == 0)
			word = handler_random();
		to[i] = (unsigned char)word;
		word >>= 8;
	}
	return (long)FRAME_ARG1(frame);
}
