/* SPDX-License-Identifier: BSD-2-Clause */
/* kobject_notify -- notifications sent to the kernel's own ports. */
#ifndef GLUE_KOBJECT_NOTIFY_H
#define GLUE_KOBJECT_NOTIFY_H

#include <stdbool.h>

struct ipc_kmsg;

/* Consume a notification (ids 64..72), acting on no-senders of pager and device
 * ports and on the death of managers; false: it is none. */
bool kobject_notify(struct ipc_kmsg *request);

#endif
