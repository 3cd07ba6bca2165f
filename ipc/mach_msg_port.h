/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_port -- the one right that a message handed over with the CPU may
 * carry in its body: COPY_SEND or MAKE_SEND, inline, alone in its descriptor,
 * with inline data around it. Everything else goes through a buffer. Private
 * to ipc.
 *
 *	find    in the message, no names looked at
 *	take    of the sender's name a right of the kernel's
 *	untake  the message went another way after all
 *	name    the right gets a name in the receiver's space
 */
#ifndef IPC_MACH_MSG_PORT_H
#define IPC_MACH_MSG_PORT_H

#include <mach/message.h>

#include "ipc_port.h"
#include "ipc_space.h"

/* A descriptor and what follows it. */
struct mach_msg_port {
	mach_msg_type_t type;
	union {
		mach_port_name_t name;
		uint64_t word;
	};
};

/* Where the only right is in `size` bytes of message, whose header is not
 * looked at; NULL: not such a message. */
struct mach_msg_port *mach_msg_port_find(void *message, uint32_t size);

/* The right, with a reference; NULL: its name does not allow it at once.
 * Locks: space, active. */
struct ipc_port *mach_msg_port_take(struct ipc_space *space, const struct mach_msg_port *item);

/* Undo it. Locks: none held. */
void mach_msg_port_untake(struct ipc_port *port, const struct mach_msg_port *item);

/* A name for it, in place. Error bits of MACH_RCV_BODY_ERROR: the right is
 * lost. Locks: none held. */
mach_msg_return_t
mach_msg_port_name(struct ipc_space *space, struct ipc_port *port, struct mach_msg_port *item);

#endif
