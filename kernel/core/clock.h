/* SPDX-License-Identifier: BSD-2-Clause */
/* clock -- what the kernel's own start-up, tick and host calls need. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

/* Read the battery-backed clock. */
void clock_module_init(void);

/* CPU 0 took a clock interrupt. */
void clock_tick(void);

/* Nanoseconds by which the wall clock is still to be moved, slowly. */
int64_t clock_adjust_get(void);
void clock_adjust_set(int64_t ns);

#endif
