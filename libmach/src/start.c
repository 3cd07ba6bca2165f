/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start of a native program without a libc.
 */
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/vm_param.h>
#include <portolan/portolan.h>

#include "machine.h"
#include "start.h"

int main(int argc, char **argv, char **envp);
_Noreturn void mach_start(long *stack);

/*
 * The end of the program. One that was started as a Unix process has an
 * emulator beneath it and leaves through that, so that its parent sees the
 * status; any other task just ends.
 */
static _Noreturn void
mach_start_end(int status)
{
	vm_address_t entry, range_start, range_end;
	kern_return_t kr;

	kr = task_get_emulation_entry(mach_task_self(), &entry, &range_start, &range_end);
	if (kr == KERN_SUCCESS && entry != 0)
		mach_emulated_exit(status);
	for (;;)
		(void)task_terminate(mach_task_self());
}

/* The kernel's initial stack: argc, argv, 0, environment, 0 (ABI sheet 10.4). */
_Noreturn void
mach_start(long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)&stack[1];
	char **envp = argv + argc + 1;

	mach_init();
	mach_reserve_null_page();
	mach_start_end(main(argc, argv, envp));
}
