/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosted machine's only CPU. See the kernel's file of this name. */
#ifndef KERN_CPU_NUMBER_H
#define KERN_CPU_NUMBER_H

#define KERN_CPUS 1

static inline unsigned
cpu_number(void)
{
	return 0;
}

#endif
