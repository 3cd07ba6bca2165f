/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * machine_calls -- mach_i386.defs (ABI sheet 9.7), as far as the machine has
 * it: no private descriptors and no I/O permissions for user tasks. Setting
 * them answers KERN_FAILURE, as every routine that is not here.
 */
#include <arch/pcb.h>
#include <core/host.h>
#include <glue/mach_i386_server.h>
#include <kern/mig_kernel.h>

#include "io_perm.h"

kern_return_t
i386_get_xstate_size(struct host *host, vm_size_t *size)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	*size = pcb_xfloat_size();
	return KERN_SUCCESS;
}

#define LDT_SELECTOR_MAX 0xffff

/* No thread has a table of its own: nothing in it. */
kern_return_t
i386_get_ldt(struct thread *thread, int first_selector, int selector_count, descriptor_list_t *list,
    mach_msg_type_number_t *countp)
{
	if (thread == NULL || first_selector < 0 || first_selector > LDT_SELECTOR_MAX ||
	    selector_count < 0)
		return KERN_INVALID_ARGUMENT;
	*countp = 0;
	return KERN_SUCCESS;
}

struct io_perm *
convert_port_to_io_perm(struct ipc_port *port)
{
	(void)port;
	return NULL;
}

struct ipc_port *
convert_io_perm_to_port(struct io_perm *perm)
{
	(void)perm;
	return NULL;
}

void
io_perm_deallocate(struct io_perm *perm)
{
	(void)perm;
}
