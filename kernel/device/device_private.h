/* SPDX-License-Identifier: BSD-2-Clause */
/* device_private -- between device.c and device_calls.c. */
#ifndef DEVICE_DEVICE_PRIVATE_H
#define DEVICE_DEVICE_PRIVATE_H

#include "device.h"

/* By exact name; NULL: none. */
struct device *device_find(const char *name);

/* One more open; makes the port for the first. On success device_opened is to
 * follow. D_NO_SUCH_DEVICE, D_NO_MEMORY. */
io_return_t device_open_by_name(const char *name, struct device **devicep);

/* One open less. D_NO_SUCH_DEVICE: it was not open. */
io_return_t device_close_once(struct device *device);

#endif
