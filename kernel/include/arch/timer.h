/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timer -- the clock hardware: ticks, monotonic time, time of day.
 *
 * Each CPU's local APIC timer calls trap_tick (arch/trap.h) CLOCK_HZ times a
 * second. Monotonic time is the time-stamp counter, calibrated at boot.
 */
#ifndef ARCH_TIMER_H
#define ARCH_TIMER_H

#include <stdint.h>

/* Nanoseconds since boot, monotonic over all CPUs. Any context. */
uint64_t timer_uptime_ns(void);

/* Nanoseconds since 1970 from the battery-backed clock; 0 when it has none. */
uint64_t timer_read_rtc_ns(void);

/* Time-stamp counter ticks per second. */
uint64_t timer_tsc_hz(void);

/* Busy waiting, for hardware that needs it. */
void timer_delay_us(uint64_t us);

#endif
