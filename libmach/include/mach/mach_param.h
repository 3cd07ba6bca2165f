/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fixed limits of the interface.
 */
#ifndef MACH_MACH_PARAM_H
#define MACH_MACH_PARAM_H

/* Ports kept by mach_ports_register. */
#define TASK_PORT_REGISTER_MAX 4

#endif /* MACH_MACH_PARAM_H */
