/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeping page 0 unmapped for all time.
 */
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/vm_param.h>

#include "start.h"

/*
 * Nothing shall be allocated at address 0, which the kernel does not keep
 * free (ABI sheet 5.1). That it is taken already is no error.
 */
void
mach_reserve_null_page(void)
{
	vm_address_t page = 0;

	(void)vm_map(mach_task_self(), &page, PAGE_SIZE, 0, FALSE, MACH_PORT_NULL, 0, FALSE,
	    VM_PROT_NONE, VM_PROT_NONE, VM_INHERIT_COPY);
}
