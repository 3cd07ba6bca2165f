/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg -- the message trap, buffered path (mach_msg_fast.c comes before).
 *
 * Step (one function each)   In          Out                  If it fails
 * -------------------------- ----------- -------------------- ---------------
 * ipc_kmsg_get               user bytes  kmsg RAW             return
 * ipc_kmsg_copyin_header     names       kmsg HELD            free
 * ipc_kmsg_copyin_body       descriptors kmsg COMPLETE        destroy by state
 * ipc_mqueue_send            COMPLETE    queued or delivered  pseudo-receive
 * ipc_mqueue_receive_named   name        kmsg, or waiting     release object
 * ipc_kmsg_copyout           rights      names                header only
 * ipc_kmsg_put               kmsg        user bytes           code
 *
 * What a thread needs after a wait stands in its struct ipc_thread, so that
 * the stack can be given up in between.
 */
#include "mach_msg.h"

#include <kern/assert.h>
#include <kern/copyio.h>
#include <kern/fast/copyio.h>
#include <kern/string.h>
#include <mach/portolan.h>

#include "ipc_notify.h"
#include "ipc_space.h"
#include "mach_msg_fast.h"

struct mach_msg_op {
	struct ipc_thread *self;
	uint64_t msg;
	mach_msg_option_t option;
	uint32_t send_size;
	uint32_t rcv_size;
	mach_port_name_t rcv_name;
	mach_msg_timeout_t timeout;
	mach_port_name_t notify;
};

/* -- Sending ---------------------------------------------------------------- */

/* User bytes to a COMPLETE message. */
static mach_msg_return_t
send_prepare(const struct mach_msg_op *op, struct ipc_kmsg **kmsgp)
{
	struct ipc_space *space = op->self->ith_space;
	struct ipc_kmsg *kmsg;
	mach_msg_return_t mr;

	mr = ipc_kmsg_get(op->msg, op->send_size, space->is_account, &kmsg);
	if (mr != MACH_MSG_SUCCESS)
		return mr;
	mr = ipc_kmsg_copyin_header(kmsg, space, op->option & MACH_SEND_CANCEL, op->notify);
	if (mr == MACH_MSG_SUCCESS)
		mr = ipc_kmsg_copyin_body(kmsg, space);
	if (mr != MACH_MSG_SUCCESS) {
		ipc_kmsg_destroy(kmsg);
		return mr;
	}
	*kmsgp = kmsg;
	return MACH_MSG_SUCCESS;
}

/* The queue stayed full, but the sender asked to have its message queued
 * nevertheless and to be told when it is taken. */
static mach_msg_return_t
send_force(const struct mach_msg_op *op, struct ipc_kmsg *kmsg)
{
	mach_msg_return_t mr;

	mr = ipc_marequest_create(
	    op->self->ith_space, kmsg->km_header.mh_remote, op->notify, &kmsg->km_accepted);
	if (mr != MACH_MSG_SUCCESS)
		return mr;
	ipc_mqueue_send_always(kmsg);
	return MACH_SEND_WILL_NOTIFY;
}

/* The thread will wait next, and may give its CPU to whom it wakes. */
static bool
may_handoff(const struct mach_msg_op *op)
{
	return (op->option & MACH_RCV_MSG) &&
	    (atomic_load_explicit(&ipc_transports, memory_order_relaxed) & PORTOLAN_IPC_HANDOFF);
}

static mach_msg_return_t
send_queue(const struct mach_msg_op *op, struct ipc_kmsg *kmsg)
{
	mach_msg_option_t option = op->option & MACH_SEND_TIMEOUT;
	mach_msg_timeout_t timeout = op->timeout;
	bool force = op->option & MACH_SEND_NOTIFY;
	mach_msg_return_t mr;

	if (force && !option) {
		option = MACH_SEND_TIMEOUT;
		timeout = 0;
	}
	if (may_handoff(op))
		option |= IPC_SEND_HANDOFF;
	mr = ipc_mqueue_send(kmsg, option, timeout);
	if (force && mr == MACH_SEND_TIMED_OUT)
		mr = send_force(op, kmsg);
	return mr;
}

/* The message did not go: back to its sender, ready to be sent again. */
static mach_msg_return_t
send_take_back(const struct mach_msg_op *op, struct ipc_kmsg *kmsg, mach_msg_return_t mr)
{
	mr |= ipc_kmsg_copyout_pseudo(kmsg, op->self->ith_space);
	/* The buffer was readable; if it is not writable the names are lost
	 * to the sender, which is told the code all the same. */
	(void)ipc_kmsg_put(op->msg, kmsg, kmsg->km_header.mh_size);
	return mr;
}

static mach_msg_return_t
mach_msg_send(const struct mach_msg_op *op)
{
	struct ipc_kmsg *kmsg;
	mach_msg_return_t mr = send_prepare(op, &kmsg);

	if (mr != MACH_MSG_SUCCESS)
		return mr;
	mr = send_queue(op, kmsg);
	if (mr == MACH_MSG_SUCCESS || mr == MACH_SEND_WILL_NOTIFY)
		return mr;
	return send_take_back(op, kmsg, mr);
}

/* -- Receiving -------------------------------------------------------------- */

/* The message is lost; the receiver gets its header. */
static mach_msg_return_t
receive_header_only(struct ipc_thread *self, struct ipc_kmsg *kmsg, mach_msg_return_t mr)
{
	uint32_t size = sizeof(mach_msg_header_t);

	if (self->ith_rcv_size < size)
		size = self->ith_rcv_size;
	ipc_kmsg_copyout_dest(kmsg);
	if (ipc_kmsg_put(self->ith_msg, kmsg, size) != MACH_MSG_SUCCESS)
		return MACH_RCV_INVALID_DATA;
	return mr;
}

mach_msg_return_t
mach_msg_receive_message(struct ipc_thread *self, struct ipc_kmsg *kmsg)
{
	mach_msg_return_t mr, put;

	if (kmsg->km_header.mh_size > self->ith_rcv_size)
		return receive_header_only(self, kmsg, MACH_RCV_TOO_LARGE);
	mr = ipc_kmsg_copyout(
	    kmsg, self->ith_space, self->ith_option & MACH_RCV_NOTIFY, self->ith_notify);
	if (mr != MACH_MSG_SUCCESS && (mr & ~MACH_MSG_MASK) != MACH_RCV_BODY_ERROR)
		return receive_header_only(self, kmsg, mr);
	put = ipc_kmsg_put(self->ith_msg, kmsg, kmsg->km_header.mh_size);
	return put != MACH_MSG_SUCCESS ? put : mr;
}

/* The message stays queued; its size goes to the user. */
static mach_msg_return_t
receive_tell_size(struct ipc_thread *self)
{
	return copyout(&self->ith_msize, self->ith_msg + offsetof(mach_msg_header_t, msgh_size),
		   sizeof(self->ith_msize))
	    ? MACH_RCV_TOO_LARGE
	    : MACH_RCV_INVALID_DATA;
}

/* The receive is decided: leave the object and hand over what came. */
static mach_msg_return_t
receive_complete(struct ipc_thread *self, mach_msg_return_t mr)
{
	struct ipc_object *object = self->ith_object;
	struct ipc_kmsg *kmsg = self->ith_kmsg;

	self->ith_form = IPC_RECEIVE_NONE;
	self->ith_object = NULL;
	self->ith_kmsg = NULL;
	if (object != NULL)
		ipc_object_release(object);
	if (mr == MACH_MSG_SUCCESS)
		return mach_msg_receive_message(self, kmsg);
	if (mr == MACH_RCV_TOO_LARGE)
		return receive_tell_size(self);
	return mr;
}

_Noreturn void
mach_msg_receive_continue_any(struct ipc_thread *self)
{
	mach_msg_return_t mr = ipc_mqueue_receive_finish(self);

	trap_return((uint32_t)receive_complete(self, mr));
}

/* Wait, giving the CPU to the thread just woken if there is one. */
static _Noreturn void
receive_block(struct ipc_thread *self)
{
	struct ipc_thread *to = self->ith_wake;

	if (to == NULL)
		waiter_block_continue(&self->ith_waiter, mach_msg_receive_continue);
	self->ith_wake = NULL;
	ipc_count(IPC_COUNT_HANDOFF_SEND);
	waiter_handoff(&self->ith_waiter, &to->ith_waiter, mach_msg_receive_continue);
}

static mach_msg_return_t
mach_msg_receive(const struct mach_msg_op *op)
{
	struct ipc_thread *self = op->self;
	mach_msg_return_t mr;

	self->ith_msg = op->msg;
	self->ith_rcv_size = op->rcv_size;
	self->ith_option = (uint32_t)op->option;
	self->ith_notify = op->notify;
	/* The fast path makes no dead-name requests. */
	self->ith_form = op->option & MACH_RCV_NOTIFY || !fast_message_in_range(op->msg)
	    ? IPC_RECEIVE_NONE
	    : op->option & MACH_RCV_TIMEOUT ? IPC_RECEIVE_USER_TIMED
					    : IPC_RECEIVE_USER;
	mr = ipc_mqueue_receive_named(self, op->rcv_name, op->timeout);
	if (mr == MACH_RCV_IN_PROGRESS)
		receive_block(self);
	ipc_mqueue_wake_left(self);
	return receive_complete(self, mr);
}

mach_msg_return_t
mach_msg_receive_again(struct ipc_thread *self)
{
	struct mach_msg_op op = {
		.self = self,
		.msg = self->ith_msg,
		.option = MACH_RCV_MSG,
		.rcv_size = self->ith_rcv_size,
		.rcv_name = self->ith_rcv_name,
	};

	return mach_msg_receive(&op);
}

/* -- The trap but for its fast path --------------------------------------------------------------- */

/* TOUR: msg-2 */
mach_msg_return_t
mach_msg_syscall(uint64_t msg, uint32_t option, uint32_t send_size, uint32_t rcv_size,
    mach_port_name_t rcv_name, mach_msg_timeout_t timeout, mach_port_name_t notify)
{
	struct mach_msg_op op = {
		.self = ipc_thread_current(),
		.msg = msg,
		.option = (mach_msg_option_t)option,
		.send_size = send_size,
		.rcv_size = rcv_size,
		.rcv_name = rcv_name,
		.timeout = timeout,
		.notify = notify,
	};
	mach_msg_return_t mr;

	if (option & MACH_SEND_MSG) {
		mr = mach_msg_send(&op);
		if (mr != MACH_MSG_SUCCESS)
			return mr;
	}
	if (option & MACH_RCV_MSG)
		return mach_msg_receive(&op);
	return MACH_MSG_SUCCESS;
}
