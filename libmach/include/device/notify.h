/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt notifications of the device "irq" (ABI sheet 8.4).
 */
#ifndef DEVICE_NOTIFY_H
#define DEVICE_NOTIFY_H

#include <mach/message.h>
#include <stddef.h>

#define DEVICE_NOTIFY_BASE 100
#define DEVICE_INTR_NOTIFY 100

typedef struct {
	mach_msg_header_t intr_header;
	mach_msg_type_t intr_type;
	int id;
	int intr_pad;
} device_intr_notification_t;

_Static_assert(sizeof(device_intr_notification_t) == 48, "layout");
_Static_assert(offsetof(device_intr_notification_t, id) == 40, "layout");

#endif /* DEVICE_NOTIFY_H */
