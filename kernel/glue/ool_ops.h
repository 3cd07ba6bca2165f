/* SPDX-License-Identifier: BSD-2-Clause */
/* ool_ops -- the table that joins ipc's out-of-line memory to vm. */
#ifndef GLUE_OOL_OPS_H
#define GLUE_OOL_OPS_H

struct ipc_ool_ops;

extern const struct ipc_ool_ops glue_ool_ops;

#endif
