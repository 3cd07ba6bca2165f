/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_fast -- what the fast path and the buffered one know of each
 * other. Private to ipc.
 */
#ifndef IPC_MACH_MSG_FAST_H
#define IPC_MACH_MSG_FAST_H

#include <stdint.h>

#include <mach/message.h>

#include "ipc_kmsg.h"
#include "ipc_port.h"
#include "ipc_thread.h"

/* Longest message handed over: 1 KiB of body. */
#define MACH_MSG_FAST_MAX (sizeof(mach_msg_header_t) + 1024)

/*
 * A request to a kernel object, served without kmsgs (mach_msg_short.c): the
 * caller's space is locked and will be unlocked; of `request` the message id and
 * the body are there, `dest` and `reply` are what its names denote in that
 * space: a send right and a receive right. MACH_MSG_DECLINED: nothing
 * happened but to the request's memory.
 */
mach_msg_return_t mach_msg_short(struct ipc_thread *self, struct ipc_msg_header *request,
    uint32_t size, struct ipc_port *dest, struct ipc_port *reply);

/* Not a result: the path is not for this message. */
#define MACH_MSG_DECLINED ((mach_msg_return_t)-1)

/* The receiving half alone, with what self->ith_msg, ith_rcv_size and
 * ith_rcv_name say. */
mach_msg_return_t mach_msg_receive_again(struct ipc_thread *self);

/* A user's receive goes on after its wait, whatever came of it. */
_Noreturn void mach_msg_receive_continue_any(struct ipc_thread *self);

/* A message received to the user's buffer, as self->ith_msg, ith_rcv_size and
 * ith_option say; consumes it. */
mach_msg_return_t mach_msg_receive_message(struct ipc_thread *self, struct ipc_kmsg *kmsg);

/*
 * The running thread, whose ith_form was IPC_RECEIVE_ANSWER, has its answer:
 * simple, complete, on the stack in use. It has left the object it waited on.
 */
_Noreturn void mach_msg_answered(struct ipc_thread *self, const mach_msg_header_t *message);

#endif
