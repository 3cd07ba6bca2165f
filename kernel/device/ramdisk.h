/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ramdisk -- boot modules as devices "rd0", "rd1", ...: readable, writable in
 * place, mappable. Record size 1 (design D10).
 */
#ifndef DEVICE_RAMDISK_H
#define DEVICE_RAMDISK_H

#include <stdint.h>

/* The next disk is the memory [physical, physical + size). At start. */
void ramdisk_add(uint64_t physical, uint64_t size);

#endif
