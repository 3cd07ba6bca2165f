/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start of a native program without a libc.
 */
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/vm_param.h>

#include "start.h"

int main(int argc, char **argv, char **envp);
_Noreturn void mach_start(long *stack);

/* The kernel's initial stack: argc, argv, 0, environment, 0 (ABI sheet 10.4). */
_Noreturn void
mach_start(long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)&stack[1];
	char **envp = argv + argc + 1;

	mach_init();
	mach_reserve_null_page();
	(void)main(argc, argv, envp);
	for (;;)
		(void)task_terminate(mach_task_self());
}
