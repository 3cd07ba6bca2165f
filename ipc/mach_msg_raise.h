/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_raise -- an exception's message and its answer, handed over with
 * the CPU (design D6.2): exception_raise goes straight to a handler that waits
 * in mach_msg, the handler's reply straight back. Neither becomes a kmsg.
 *
 * Life:    mach_msg_raise does all but leave; its caller drops its locks and
 *          calls mach_msg_raise_go. When mach_msg_raise declines, the caller
 *          sends an ordinary message and waits with mach_msg_await_answer,
 *          to which the answer may still come the short way.
 */
#ifndef IPC_MACH_MSG_RAISE_H
#define IPC_MACH_MSG_RAISE_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/message.h>

#include "ipc_kmsg.h"
#include "ipc_port.h"
#include "ipc_thread.h"

/* exception_raise as received (ABI sheet 7.1). */
struct raise_message {
	mach_msg_header_t head;
	mach_msg_type_t thread_type;
	uint64_t thread;
	mach_msg_type_t task_type;
	uint64_t task;
	mach_msg_type_t exception_type;
	int64_t exception; /* 32 bits and padding */
	mach_msg_type_t code_type;
	int64_t code;
	mach_msg_type_t subcode_type;
	int64_t subcode;
};

/* What it says. The ports are send rights that stay the caller's. */
struct mach_msg_raise {
	struct ipc_port *handler;
	struct ipc_port *thread;
	struct ipc_port *task;
	int32_t exception;
	int32_t code;
	int64_t subcode;

	/* Between mach_msg_raise and mach_msg_raise_go. */
	struct ipc_thread *to;
	struct raise_message message;
	uint32_t size; /* of what the receiver gets of it */
	mach_msg_return_t result;
};

/*
 * The end of a wait for an answer; runs on a fresh stack and must end as a
 * continuation does. On MACH_MSG_SUCCESS `message` is what came: bits, size
 * and id stand where they do in any message, the ports are no business of the
 * receiver's. It belongs to `kmsg`, which the function owns, COMPLETE; or
 * lies on the stack in use when `kmsg` is NULL, and is then simple.
 */
typedef void mach_msg_answer_t(struct ipc_thread *self, mach_msg_return_t result,
    struct ipc_kmsg *kmsg, const mach_msg_header_t *message);

/*
 * Give what `raise` says to a thread that waits for a message on the handler's
 * port: claim that thread, and begin to wait for the answer on the running
 * thread's reply port, to end in `then`.
 *
 * Locks:   those that keep the caller's rights; none of ipc.
 * Returns: true: mach_msg_raise_go must follow, without anything that could
 *          block; false: nothing happened.
 */
bool mach_msg_raise(struct mach_msg_raise *raise, mach_msg_answer_t *then)
    __attribute__((warn_unused_result));

/* Leave the CPU to the receiver, on the stack in use. Locks: none. */
_Noreturn void mach_msg_raise_go(struct mach_msg_raise *say);

/*
 * Wait on the running thread's reply port, without a stack, for the answer to
 * a request that was sent. Called from a context that entered from user mode.
 *
 * Locks:   none.
 */
_Noreturn void mach_msg_await_answer(struct ipc_port *reply, mach_msg_answer_t *then);

#endif
