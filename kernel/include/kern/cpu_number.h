/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpu_number -- which CPU this is, 0 to KERN_CPUS - 1: good until the next
 * preemption point, wait or return to user mode. The hosted machine, with its
 * one CPU, puts its own file of this name before this one on the include path.
 */
#ifndef KERN_CPU_NUMBER_H
#define KERN_CPU_NUMBER_H

#include <arch/cpu.h>

#define KERN_CPUS MAX_CPUS

static inline unsigned
cpu_number(void)
{
	return cpu_id();
}

#endif
