/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_init -- start of ipc, and what it needs from outside.
 */
#ifndef IPC_INIT_H
#define IPC_INIT_H

#include "ipc_kobject.h"
#include "ipc_ool.h"

/* Zones, the kernel's space, counters. Once, on one CPU, before anything
 * else of ipc; the tables stay valid for ever. */
void ipc_init(const struct ipc_ool_ops *ool, const struct ipc_kobject_ops *kobject);

#endif
