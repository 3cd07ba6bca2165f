/* SPDX-License-Identifier: BSD-2-Clause */
/* gnumach_calls -- the odd one of gnumach.defs and mach_port.defs. */
#include <core/host.h>
#include <glue/gnumach_server.h>
#include <glue/mach_port_server.h>
#include <ipc/ipc_space.h>

kern_return_t ipc_port_set_ktype(struct ipc_space *space, mach_port_name_t name,
    mach_port_right_t right, mach_port_ktype_t ktype);

kern_return_t
register_new_task_notification(struct host *host, struct ipc_port *port)
{
	return host_register_new_task(host, port);
}

kern_return_t
mach_port_set_ktype(struct host *host, struct ipc_space *space, mach_port_name_t name,
    mach_port_right_t right, mach_port_ktype_t ktype)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	return ipc_port_set_ktype(space, name, right, ktype);
}
