/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_fast -- the handoff fast path of mach_msg (design D6.2). Private
 * to ipc.
 */
#ifndef IPC_MACH_MSG_FAST_H
#define IPC_MACH_MSG_FAST_H

#include <stdatomic.h>
#include <stdint.h>

#include <mach/message.h>
#include <mach/portolan.h>

#include "ipc_thread.h"
#include "mach_msg.h"

/* Longest message handed over: 1 KiB of body. */
#define MACH_MSG_FAST_MAX	(sizeof(mach_msg_header_t) + 1024)

/*
 * Try a combined send and receive. Does not return if the message was handed
 * over. Otherwise nothing at all has happened and the buffered path begins
 * from the start.
 */
void mach_msg_fast(uint64_t msg, uint32_t send_size, uint32_t rcv_size,
    mach_port_name_t rcv_name);

/* The receiver's side: called from its continuation with ith_form
 * IPC_RECEIVE_FAST, on the CPU that was handed over. */
_Noreturn void mach_msg_fast_finish(struct ipc_thread *self);

/* Options that make a call look eligible: both halves, nothing special. */
static inline bool
mach_msg_fast_wanted(uint32_t option)
{
	return (option & ~(uint32_t)(MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT)) ==
	    (MACH_SEND_MSG | MACH_RCV_MSG) &&
	    (atomic_load_explicit(&ipc_transports, memory_order_relaxed) &
	    PORTOLAN_IPC_HANDOFF);
}

#endif
