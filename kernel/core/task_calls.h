/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * task_calls -- the routines of mach.defs about tasks that the shortcut traps
 * call too. Semantics and errors: ABI sheet section 4.
 */
#ifndef CORE_TASK_CALLS_H
#define CORE_TASK_CALLS_H

#include <mach/boolean.h>
#include <mach/kern_return.h>

struct ipc_port;
struct task;

kern_return_t task_create(struct task *parent, boolean_t inherit_memory, struct task **childp);
kern_return_t task_terminate(struct task *task);
kern_return_t task_suspend(struct task *task);
/* Takes the send right on success. */
kern_return_t task_set_special_port(struct task *task, int which, struct ipc_port *port);

#endif
