/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Status of tape drives (ABI sheet 8.6).
 */
#ifndef DEVICE_TAPE_STATUS_H
#define DEVICE_TAPE_STATUS_H

#include <device/device_types.h>

struct tape_status {
	unsigned int mt_type;
	unsigned int speed;
	unsigned int density;
	unsigned int flags;
};

#define TAPE_FLG_REWIND 0x1
#define TAPE_FLG_WP     0x2

#define TAPE_STATUS_COUNT (sizeof(struct tape_status) / sizeof(int))
#define TAPE_STATUS       ((dev_flavor_t)(('m' << 16) + 1))

_Static_assert(TAPE_STATUS_COUNT == 4, "layout");

#endif /* DEVICE_TAPE_STATUS_H */
