/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Status of disks: the flavours every device knows (ABI sheet 8.3).
 */
#ifndef DEVICE_DISK_STATUS_H
#define DEVICE_DISK_STATUS_H

#include <device/device_types.h>

#endif /* DEVICE_DISK_STATUS_H */
