/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program's own ports and page size, known after mach_init. User
 * programs only.
 */
#ifndef MACH_MACH_INIT_H
#define MACH_MACH_INIT_H

#include <mach/mach_traps.h>
#include <mach/mach_types.h>

/*
 * Find the task's and the host's port and prepare the stubs. The start code
 * calls it; a child task that inherited the memory calls it again.
 */
void mach_init(void);

/* The cached names: using them adds no references. */
extern mach_port_t mach_task_self_;
extern mach_port_t mach_host_self_;
#define mach_task_self() (mach_task_self_)

extern vm_size_t vm_page_size;

#endif /* MACH_MACH_INIT_H */
