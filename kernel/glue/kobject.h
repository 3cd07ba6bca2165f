/* SPDX-License-Identifier: BSD-2-Clause */
/* kobject -- the kernel as a server of messages. */
#ifndef GLUE_KOBJECT_H
#define GLUE_KOBJECT_H

struct ipc_kobject_ops;

extern const struct ipc_kobject_ops glue_kobject_ops;

#endif
