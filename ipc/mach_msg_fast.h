/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_fast -- what the fast path and the buffered one know of each
 * other. Private to ipc.
 */
#ifndef IPC_MACH_MSG_FAST_H
#define IPC_MACH_MSG_FAST_H

#include <stdint.h>

#include <mach/message.h>

#include "ipc_thread.h"

/* Longest message handed over: 1 KiB of body. */
#define MACH_MSG_FAST_MAX	(sizeof(mach_msg_header_t) + 1024)

/* The buffered path as a whole; arguments of the trap. */
mach_msg_return_t mach_msg_buffered(uint64_t msg, uint32_t option,
    uint32_t send_size, uint32_t rcv_size, mach_port_name_t rcv_name,
    mach_msg_timeout_t timeout, mach_port_name_t notify);

/* Its continuation, for a receiver whose message came through a buffer. */
_Noreturn void mach_msg_buffered_continue(struct ipc_thread *self);

#endif
