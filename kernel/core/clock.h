/* SPDX-License-Identifier: BSD-2-Clause */
/* clock -- what the kernel's own start-up, tick and host calls need. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>

/* The time as the scheduler asks for it, written by CPU 0's interrupt. */
extern struct clock_hands {
	_Atomic uint64_t ticks;
	_Atomic uint32_t seconds;
} clock_hands;

/* Seconds since boot. */
static inline uint32_t
clock_seconds(void)
{
	return atomic_load_explicit(&clock_hands.seconds, memory_order_relaxed);
}

/* Read the battery-backed clock. */
void clock_module_init(void);

/* CPU 0 took a clock interrupt. */
void clock_tick(void);

/* Nanoseconds by which the wall clock is still to be moved, slowly. */
int64_t clock_adjust_get(void);
void clock_adjust_set(int64_t ns);

#endif
