/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * glue -- where ipc, vm and the kernel meet: kernel objects behind ports,
 * out-of-line memory, pagers, traps.
 */
#ifndef GLUE_GLUE_H
#define GLUE_GLUE_H

/* Start ipc with its operation tables, and the modules here. vm is up. */
void glue_init(void);

#endif
