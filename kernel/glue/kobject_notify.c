/* SPDX-License-Identifier: BSD-2-Clause */
/* kobject_notify -- see kobject_notify.h. Others than no-senders are accepted
 * and forgotten (ABI sheet section 11). */
#include <ipc/ipc_kobject.h>
#include <mach/notify.h>

#include "kobject_notify.h"
#include "pager.h"

bool
kobject_notify(struct ipc_kmsg *request)
{
	struct ipc_port *port = request->km_header.mh_remote;
	int32_t id = request->km_header.mh_id;
	bool window;

	if (id < MACH_NOTIFY_FIRST || id > MACH_NOTIFY_LAST)
		return false;
	window = id == MACH_NOTIFY_NO_SENDERS && IPC_PORT_VALID(port) &&
	    ipc_kobject_type(port) == IKOT_PAGER;
	if (window)
		pager_window_no_senders(port);
	ipc_kobject_request_done(request, false);
	return true;
}
