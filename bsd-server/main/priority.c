/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Priorities of the server's own threads. Tasks made by the server are copies
 * of templates, which keep the usual priority.
 */
#include <mach.h>

#include "main/service.h"

/* The kernel's scale: 25 is a program's, lower numbers go first. */
#define SERVER_PRIORITY 12

static mach_port_t set_control;

void
service_priority_init(mach_port_t host_priv)
{
	mach_port_t set;

	if (processor_set_default(mach_host_self_, &set) != KERN_SUCCESS)
		return;
	if (host_processor_set_priv(host_priv, set, &set_control) != KERN_SUCCESS)
		set_control = MACH_PORT_NULL;
	mach_port_deallocate(mach_task_self(), set);
	service_priority_raise();
}

/* Without the right the server is only slower. */
void
service_priority_raise(void)
{
	mach_port_t self;

	if (set_control == MACH_PORT_NULL)
		return;
	self = mach_thread_self();
	(void)thread_max_priority(self, set_control, SERVER_PRIORITY);
	(void)thread_priority(self, SERVER_PRIORITY, FALSE);
	mach_port_deallocate(mach_task_self(), self);
}
