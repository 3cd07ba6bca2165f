/* SPDX-License-Identifier: BSD-2-Clause */
/* glue -- see glue.h. */
#include <ipc/ipc_init.h>

#include "glue.h"
#include "gsync.h"
#include "kobject.h"
#include "ool_ops.h"
#include "pager.h"

void
glue_init(void)
{
	ipc_init(&glue_ool_ops, &glue_kobject_ops);
	pager_module_init();
	gsync_module_init();
}
