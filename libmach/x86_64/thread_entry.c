/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a new thread begins.
 */
#include <mach/mach_interface.h>
#include <mach/thread_status.h>

#include "../src/machine.h"

kern_return_t
mach_thread_set_entry(thread_t thread, vm_address_t pc, vm_address_t sp)
{
	struct i386_thread_state state = { .rip = pc, .ursp = sp };

	return thread_set_state(
	    thread, i386_THREAD_STATE, (thread_state_t)&state, i386_THREAD_STATE_COUNT);
}
