/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_item -- the (descriptor, data) pairs of a message body, one at a time.
 *
 * Layout is the same in sent and held messages, so one walker serves copyin,
 * copyout and destruction. Private to ipc.
 */
#ifndef IPC_ITEM_H
#define IPC_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc_kmsg.h"

enum ipc_item_kind {
	IPC_ITEM_DATA,      /* inline bytes */
	IPC_ITEM_PORTS,     /* inline rights, 8 bytes each */
	IPC_ITEM_OOL_DATA,  /* 8-byte address or region */
	IPC_ITEM_OOL_PORTS, /* 8-byte address or array of rights */
	IPC_ITEM_KINDS
};

struct ipc_item {
	enum ipc_item_kind kind;
	mach_msg_type_t *type; /* the descriptor, in the message */
	uint64_t *data;        /* what follows it */
	uint64_t bytes;        /* of data, out of line too */
	uint32_t number;       /* elements */
	uint32_t next;         /* offset of the next descriptor */
};

/*
 * Decode and check the item at `offset` (sheet 2.7). MACH_SEND_MSG_TOO_SMALL,
 * MACH_SEND_INVALID_TYPE.
 */
mach_msg_return_t ipc_item_decode(struct ipc_kmsg *kmsg, uint32_t offset, struct ipc_item *item);

/* Tell those who asked that the message was accepted, or destroyed with its
 * port (`dead`), and that its port has no more senders. Locks: none held. */
void ipc_kmsg_announce(struct ipc_kmsg *kmsg, bool dead);

/* Release what the body holds; the header stays. Locks: none held. */
void ipc_kmsg_destroy_body(struct ipc_kmsg *kmsg);

#define IPC_BODY_OFFSET ((uint32_t)sizeof(struct ipc_msg_header))

/* A batch of rights handled under one hold of the space lock. */
#define IPC_ITEM_BATCH 32u

/* How many of an array's pointers take this much memory. */
#define IPC_ARRAY_BYTES(number) ((uint64_t)(number) * sizeof(struct ipc_port *))

#endif
