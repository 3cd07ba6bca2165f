/* SPDX-License-Identifier: BSD-2-Clause */
/* glue -- see glue.h. */
#include <arch/boot_info.h>
#include <ipc/ipc_init.h>
#include <ipc/mach_msg.h>
#include <kern/assert.h>

#include "glue.h"
#include "gsync.h"
#include "kobject.h"
#include "ool_ops.h"
#include "pager.h"

/* Boot argument ipc=buffered|handoff|register|auto. */
static void
ipc_transports_init(void)
{
	uint32_t transports;
	const char *value;
	size_t length;

	value = boot_argument("ipc", &length);
	if (value == NULL)
		return;
	if (ipc_transports_named(value, length, &transports))
		ipc_transports_set(transports);
	else
		kern_log("boot argument ipc=%.*s: not one of buffered, "
			 "handoff, register, auto; ignored",
		    (int)length, value);
}

void
glue_init(void)
{
	ipc_init(&glue_ool_ops, &glue_kobject_ops);
	ipc_transports_init();
	pager_module_init();
	gsync_module_init();
}
