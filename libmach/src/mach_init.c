/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program's own ports.
 */
#include <mach/mach_init.h>
#include <mach/mig_support.h>
#include <mach/vm_param.h>

mach_port_t mach_task_self_;
mach_port_t mach_host_self_;
vm_size_t vm_page_size = PAGE_SIZE;

void
mach_init(void)
{
	mach_task_self_ = (mach_task_self)();
	mach_host_self_ = mach_host_self();
	mig_init(NULL);
}
