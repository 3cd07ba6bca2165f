/* SPDX-License-Identifier: BSD-2-Clause */
/* kobject_notify -- see kobject_notify.h. Those nobody waits for are accepted
 * and forgotten (ABI sheet section 11). */
#include <device/device.h>
#include <ipc/ipc_kobject.h>
#include <mach/notify.h>

#include "kobject_notify.h"
#include "pager.h"

static void
notify_port(struct ipc_port *port, int32_t id)
{
	enum ipc_kobject_type type = ipc_kobject_type(port);

	if (id == MACH_NOTIFY_NO_SENDERS && type == IKOT_PAGER)
		pager_window_no_senders(port);
	else if (id == MACH_NOTIFY_NO_SENDERS && type == IKOT_DEVICE)
		device_no_senders(port);
	else if (id == MACH_NOTIFY_DEAD_NAME && type == IKOT_PAGING_REQUEST)
		pager_dead_name(port);
}

bool
kobject_notify(struct ipc_kmsg *request)
{
	struct ipc_port *port = request->km_header.mh_remote;
	int32_t id = request->km_header.mh_id;

	if (id < MACH_NOTIFY_FIRST || id > MACH_NOTIFY_LAST)
		return false;
	if (IPC_PORT_VALID(port))
		notify_port(port, id);
	ipc_kobject_request_done(request, false);
	return true;
}
