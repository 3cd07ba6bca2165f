/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_init -- see ipc_init.h.
 */
#include "ipc_init.h"

#include "ipc_kmsg.h"
#include "ipc_notify.h"
#include "ipc_port.h"
#include "ipc_pset.h"
#include "ipc_right.h"
#include "ipc_space.h"

const struct ipc_ool_ops *ipc_ool;

void
ipc_init(const struct ipc_ool_ops *ool, const struct ipc_kobject_ops *kobject)
{
	ipc_ool = ool;
	ipc_kobject_ops = kobject;
	ipc_space_bootstrap();
	ipc_port_bootstrap();
	ipc_pset_bootstrap();
	ipc_kmsg_bootstrap();
	ipc_right_bootstrap();
	ipc_notify_bootstrap();
}
