/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exception -- see exception.h and ABI sheet 7.2.
 *
 * The thread sends exception_raise to its own exception port, then to its
 * task's, and each time waits for the answer without a stack. A handler's
 * success, or an abort that takes the reply port away, lets it go on.
 */
#include <arch/trap.h>
#include <glue/exception_answer_server.h>
#include <glue/exception_kernel_user.h>
#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_port.h>
#include <ipc/mach_msg.h>
#include <kern/assert.h>
#include <mach/mig_errors.h>

#include "exception.h"
#include "task.h"
#include "thread.h"

#define EXCEPTION_ANSWER_ID 2500

/* A send right for the next handler to ask, or NULL. */
static struct ipc_port *
exception_next_port(struct thread *self)
{
	struct task *task = self->t_task;
	struct ipc_port *port = NULL;

	mutex_lock(&task->k_lock);
	if (!self->t_exception.thread_port_tried) {
		self->t_exception.thread_port_tried = true;
		port = ipc_port_copy_send(self->t_exception_port);
	}
	if (!IPC_PORT_VALID(port) && !self->t_exception.task_port_tried) {
		self->t_exception.task_port_tried = true;
		port = ipc_port_copy_send(task->k_exception_port);
	}
	mutex_unlock(&task->k_lock);
	return IPC_PORT_VALID(port) ? port : NULL;
}

static _Noreturn void
exception_unhandled(struct thread *self)
{
	struct task *task = self->t_task;

	kern_log("task %s: unhandled exception %d, code %d, subcode 0x%lx at "
		 "0x%lx: terminated",
	    task->k_name, self->t_exception.exception, self->t_exception.code,
	    (unsigned long)self->t_exception.subcode, self->pcb.r.rip);
	if (task->k_essential)
		panic("essential task %s crashed", task->k_name);
	(void)task_terminate_start(task);
	exception_return();
}

/* Send to `port`, whose right is consumed. False: could not. */
static bool
exception_send(struct thread *self, struct ipc_port *port)
{
	struct ipc_port *reply = ipc_thread_reply_port(&self->ipc);
	struct ipc_port *thread_port, *task_port;

	if (reply == NULL) {
		ipc_port_release_send(port);
		return false;
	}
	mutex_lock(&self->t_task->k_lock);
	thread_port = ipc_port_copy_send(self->t_kernel_port);
	task_port = ipc_port_copy_send(self->t_task->k_kernel_port);
	mutex_unlock(&self->t_task->k_lock);
	if (exception_raise_request(port, reply, thread_port, task_port,
		self->t_exception.exception, self->t_exception.code,
		self->t_exception.subcode) == KERN_SUCCESS)
		return true;
	ipc_port_release_send(port);
	ipc_port_release_send(thread_port);
	ipc_port_release_send(task_port);
	return false;
}

/* The generated stub found the answer well-formed. */
kern_return_t
exception_raise_answer(struct ipc_port *reply_port, kern_return_t code)
{
	(void)reply_port;
	return code;
}

/* What the handler says; anything else than a proper answer is a refusal. */
static kern_return_t
exception_answer(struct ipc_kmsg *kmsg)
{
	mig_reply_header_t result = { .RetCode = KERN_FAILURE };

	if (kmsg->km_header.mh_id == EXCEPTION_ANSWER_ID)
		exception_answer_server_routines[0](
		    (mach_msg_header_t *)(void *)&kmsg->km_header, &result.Head);
	ipc_kmsg_destroy(kmsg);
	return result.RetCode;
}

static _Noreturn void exception_ask_next(struct thread *self);

static void
exception_answered(struct ipc_thread *ipc, mach_msg_return_t result, struct ipc_kmsg *kmsg)
{
	struct thread *self = thread_of(&ipc->ith_waiter);

	if (result != MACH_MSG_SUCCESS) {
		ipc_thread_reply_port_abandon(ipc);
		exception_return();
	}
	if (exception_answer(kmsg) == KERN_SUCCESS)
		exception_return();
	exception_ask_next(self);
}

static _Noreturn void
exception_ask_next(struct thread *self)
{
	struct ipc_port *port;

	while ((port = exception_next_port(self)) != NULL)
		if (exception_send(self, port))
			mach_msg_receive_from_kernel_continue(
			    ipc_thread_reply_port(&self->ipc), exception_answered);
	exception_unhandled(self);
}

_Noreturn void
exception_raise_self(int exception, int code, int64_t subcode)
{
	struct thread *self = thread_current();

	self->t_exception.exception = exception;
	self->t_exception.code = code;
	self->t_exception.subcode = subcode;
	self->t_exception.thread_port_tried = false;
	self->t_exception.task_port_tried = false;
	exception_ask_next(self);
}
