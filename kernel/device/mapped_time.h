/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mapped_time -- the page of device "time": the clock for reading without a
 * call (ABI sheet 8.7). Written by CPU 0's tick alone.
 */
#ifndef DEVICE_MAPPED_TIME_H
#define DEVICE_MAPPED_TIME_H

#include <stdint.h>

/* Allocate the page. Panics without memory. */
void mapped_time_init(void);

/* Store the present time. Harmless before mapped_time_init. */
void mapped_time_update(void);

/* Physical address of the page. */
uint64_t mapped_time_page(void);

#endif
