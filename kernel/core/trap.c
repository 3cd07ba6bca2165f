/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trap -- what happens on faults of user programs and of copies to and from
 * their memory (upcalls of arch/trap.h).
 */
#include <arch/trap.h>
#include <mach/exception.h>
#include <vm/vm_fault.h>

#include "exception.h"
#include "sched.h"
#include "task.h"
#include "thread.h"

void
trap_user_page_fault(uint64_t address, vm_prot_t access)
{
	struct thread *self = thread_current();
	kern_return_t kr;

	task_count_fault(self->t_task);
	kr = vm_fault(self->t_task->k_map, address, access, thread_return_continue);
	if (kr == KERN_SUCCESS || kr == KERN_ABORTED)
		return;
	exception_raise_self(EXC_BAD_ACCESS, kr, (int64_t)address);
}

void
trap_user_exception(int exception, int code, int64_t subcode)
{
	exception_raise_self(exception, code, subcode);
}

bool
trap_copy_fault(uint64_t address, vm_prot_t access)
{
	struct thread *self = thread_current();

	return vm_fault(self->t_task->k_map, address, access, NULL) == KERN_SUCCESS;
}
