/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host -- the machine as a whole, its processors, and the one set they form.
 *
 * These objects are never destroyed; their ports live for ever.
 */
#ifndef CORE_HOST_H
#define CORE_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include <arch/cpu.h>
#include <kern/mutex.h>
#include <mach/kern_return.h>

struct ipc_port;
struct task;

struct host {
	struct mutex lock;              /* rank HOST */
	struct ipc_port *name_port;     /* queries */
	struct ipc_port *priv_port;     /* control */
	struct ipc_port *device_port;   /* the device master */
	struct ipc_port *new_task_port; /* (lock) send right: told of tasks */
};

struct processor {
	unsigned id;
	struct ipc_port *port;
	struct ipc_port *name_port;
};

/* There is one set, the default one; processors and tasks do not move. */
struct processor_set {
	struct ipc_port *port;
	struct ipc_port *name_port;
	uint32_t policies; /* mask of enabled POLICY_* */
	int max_priority;
};

extern struct host the_host;
extern struct processor processors[MAX_CPUS];
extern struct processor_set default_set;

/* The ports. ipc is up, all CPUs are known. */
void host_module_init(void);

/* register_new_task_notification: takes the send right on success. */
kern_return_t host_register_new_task(struct host *host, struct ipc_port *port);

/* Tell whoever registered for it that `task` was made (ABI sheet 9.6). */
void host_notify_new_task(struct task *task, struct task *parent);

/* One second passed: the load averages. */
void host_load_update(void);

#endif
