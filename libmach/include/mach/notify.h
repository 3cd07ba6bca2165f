/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notifications (ABI sheet 3.6, 16.2).
 */
#ifndef MACH_NOTIFY_H
#define MACH_NOTIFY_H

#include <mach/message.h>
#include <mach/port.h>
#include <stddef.h>

#define MACH_NOTIFY_FIRST          0100
#define MACH_NOTIFY_PORT_DELETED   (MACH_NOTIFY_FIRST + 001)
#define MACH_NOTIFY_MSG_ACCEPTED   (MACH_NOTIFY_FIRST + 002)
#define MACH_NOTIFY_PORT_DESTROYED (MACH_NOTIFY_FIRST + 005)
#define MACH_NOTIFY_NO_SENDERS     (MACH_NOTIFY_FIRST + 006)
#define MACH_NOTIFY_SEND_ONCE      (MACH_NOTIFY_FIRST + 007)
#define MACH_NOTIFY_DEAD_NAME      (MACH_NOTIFY_FIRST + 010)
#define MACH_NOTIFY_LAST           (MACH_NOTIFY_FIRST + 015)

typedef struct {
	mach_msg_header_t not_header;
	mach_msg_type_t not_type;
	mach_port_name_t not_port;
	natural_t not_pad;
} mach_port_deleted_notification_t;

typedef struct {
	mach_msg_header_t not_header;
	mach_msg_type_t not_type;
	mach_port_name_t not_port;
	natural_t not_pad;
} mach_msg_accepted_notification_t;

typedef struct {
	mach_msg_header_t not_header;
	mach_msg_type_t not_type;
	union {
		mach_port_t not_port; /* the receive right */
		mach_port_name_inlined_t not_slot;
	};
} mach_port_destroyed_notification_t;

typedef struct {
	mach_msg_header_t not_header;
	mach_msg_type_t not_type;
	unsigned int not_count; /* make-send count */
	natural_t not_pad;
} mach_no_senders_notification_t;

typedef struct {
	mach_msg_header_t not_header;
} mach_send_once_notification_t;

typedef struct {
	mach_msg_header_t not_header;
	mach_msg_type_t not_type;
	mach_port_name_t not_port;
	natural_t not_pad;
} mach_dead_name_notification_t;

_Static_assert(sizeof(mach_port_deleted_notification_t) == 48, "layout");
_Static_assert(sizeof(mach_msg_accepted_notification_t) == 48, "layout");
_Static_assert(sizeof(mach_port_destroyed_notification_t) == 48, "layout");
_Static_assert(sizeof(mach_no_senders_notification_t) == 48, "layout");
_Static_assert(sizeof(mach_send_once_notification_t) == 32, "layout");
_Static_assert(sizeof(mach_dead_name_notification_t) == 48, "layout");
_Static_assert(offsetof(mach_dead_name_notification_t, not_port) == 40, "layout");
_Static_assert(MACH_NOTIFY_DEAD_NAME == 72 && MACH_NOTIFY_LAST == 77, "ids");

#endif /* MACH_NOTIFY_H */
