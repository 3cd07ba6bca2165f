/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock -- time for everybody: ticks for timeouts, nanoseconds for people.
 */
#ifndef KERN_CLOCK_H
#define KERN_CLOCK_H

#include <stdint.h>

#define CLOCK_HZ 100 /* ABI sheet 0.4 */

/* Ticks since boot. */
uint64_t clock_ticks(void);
/* Nanoseconds since boot, monotonic over all CPUs. */
uint64_t clock_uptime_ns(void);
/* Nanoseconds since 1970. */
uint64_t clock_wall_ns(void);
void clock_wall_set(uint64_t ns);

#endif
