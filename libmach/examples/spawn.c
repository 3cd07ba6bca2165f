/* SPDX-License-Identifier: BSD-2-Clause */
#include "spawn.h"

#include <mach/thread_status.h>
#include <portolan/portolan.h>

kern_return_t
spawn_task(mach_port_t *taskp)
{
	return task_create(mach_task_self(), TRUE, taskp);
}

kern_return_t
spawn_begin(mach_port_t thread, void (*entry)(void), void *stack, size_t size)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	kern_return_t kr;

	kr = thread_get_state(thread, i386_REGS_SEGS_STATE, (thread_state_t)&state, &count);
	if (kr != KERN_SUCCESS)
		return kr;
	state.rip = (uint64_t)entry;
	/* As after a call: 16-byte aligned less the return address. */
	state.ursp = (((uint64_t)stack + size) & ~15ul) - 8;
	kr = thread_set_state(thread, i386_REGS_SEGS_STATE, (thread_state_t)&state, count);
	return kr == KERN_SUCCESS ? thread_resume(thread) : kr;
}

_Noreturn void
spawn_exit(int argc, char **argv, int status)
{
	static const char option[] = "--host-port=";

	for (int i = 1; i < argc; i++) {
		mach_port_t host = 0;
		size_t at = 0;

		while (option[at] != '\0' && argv[i][at] == option[at])
			at++;
		if (option[at] != '\0')
			continue;
		for (; argv[i][at] >= '0' && argv[i][at] <= '9'; at++)
			host = host * 10 + (mach_port_t)(argv[i][at] - '0');
		host_exit(host, status);
	}
	for (;;)
		task_terminate(mach_task_self());
}
