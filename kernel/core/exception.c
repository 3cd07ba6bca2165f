/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exception -- see exception.h and ABI sheet 7.2.
 *
 * The thread sends exception_raise to its own exception port, then to its
 * task's, and each time waits for the answer without a stack. A handler's
 * success, or an abort that takes the reply port away, lets it go on. A handler
 * that waits for a message gets this one with the CPU (ipc/mach_msg_raise.h).
 */
#include <arch/trap.h>
#include <glue/exception_answer_server.h>
#include <glue/exception_kernel_user.h>
#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_port.h>
#include <ipc/mach_msg_raise.h>
#include <kern/assert.h>
#include <mach/mig_errors.h>

#include "exception.h"
#include "task.h"
#include "thread.h"

#define EXCEPTION_ANSWER_ID 2500

/* The next handler to ask, or NULL; the right stays in its place. That the
 * port is alive is a hint. Locks: task. */
static struct ipc_port *
exception_next_port(struct thread *self)
{
	struct ipc_port *port = NULL;

	if (!self->t_exception.thread_port_tried) {
		self->t_exception.thread_port_tried = true;
		port = self->t_exception_port;
		if (IPC_PORT_VALID(port) && ipc_port_active(port))
			return port;
	}
	if (!self->t_exception.task_port_tried) {
		self->t_exception.task_port_tried = true;
		port = self->t_task->k_exception_port;
		if (IPC_PORT_VALID(port) && ipc_port_active(port))
			return port;
	}
	return NULL;
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

/* An ordinary message. The rights are consumed. False: could not. */
static bool
exception_send(struct thread *self, const struct mach_msg_raise *say)
{
	struct ipc_port *reply = ipc_thread_reply_port(&self->ipc);

	if (reply != NULL && IPC_PORT_VALID(say->handler) &&
	    exception_raise_request(say->handler, reply, say->thread, say->task, say->exception,
		say->code, say->subcode) == KERN_SUCCESS)
		return true;
	ipc_port_release_send(say->handler);
	ipc_port_release_send(say->thread);
	ipc_port_release_send(say->task);
	return false;
}

/* The generated stub found the answer well-formed. */
kern_return_t
exception_raise_answer(struct ipc_port *reply_port, kern_return_t code)
{
	(void)reply_port;
	return code;
}

/* The answer as every stub writes it, but for the code. */
static inline bool
answer_is_plain(const mach_msg_header_t *message)
{
	static const mach_msg_type_t plain = {
		.msgt_name = MACH_MSG_TYPE_INTEGER_32,
		.msgt_size = 32,
		.msgt_inline = 1,
		.msgt_number = 1,
	};

	return message->msgh_id == EXCEPTION_ANSWER_ID &&
	    message->msgh_size == sizeof(mig_reply_header_t) &&
	    !(message->msgh_bits & MACH_MSGH_BITS_COMPLEX) &&
	    __builtin_memcmp(message + 1, &plain, sizeof(plain)) == 0;
}

/* Another one: the generated stub looks at it. */
static __attribute__((noinline, cold)) kern_return_t
answer_by_stub(const mach_msg_header_t *message)
{
	mig_reply_header_t result = { .RetCode = KERN_FAILURE };

	if (message->msgh_id == EXCEPTION_ANSWER_ID)
		exception_answer_server_routines[0](
		    (mach_msg_header_t *)(uintptr_t)message, &result.Head);
	return result.RetCode;
}

/* What the handler says; anything else than a proper answer is a refusal. */
static inline kern_return_t
exception_answer(const mach_msg_header_t *message)
{
	if (__builtin_expect(answer_is_plain(message), 1))
		return ((const mig_reply_header_t *)(const void *)message)->RetCode;
	return answer_by_stub(message);
}

static _Noreturn void exception_ask_next(struct thread *self);

static void
exception_answered(struct ipc_thread *ipc, mach_msg_return_t result, struct ipc_kmsg *kmsg,
    const mach_msg_header_t *message)
{
	kern_return_t answer;

	if (result != MACH_MSG_SUCCESS) {
		ipc_thread_reply_port_abandon(ipc);
		exception_return();
	}
	answer = exception_answer(message);
	if (kmsg != NULL)
		ipc_kmsg_destroy(kmsg);
	if (answer == KERN_SUCCESS)
		exception_return();
	exception_ask_next(thread_of(&ipc->ith_waiter));
}

/* Rights of one's own instead of borrowed ones. */
static void
exception_copy_rights(struct mach_msg_raise *say)
{
	say->handler = ipc_port_copy_send(say->handler);
	say->thread = ipc_port_copy_send(say->thread);
	say->task = ipc_port_copy_send(say->task);
}

/* The short way if a handler waits, else an ordinary message. Comes back if
 * there was nobody to tell. Locks: task, released. */
static void
exception_tell(struct thread *self, struct ipc_port *port)
{
	struct task *task = self->t_task;
	struct mach_msg_raise say;
	bool short_way;

	say.handler = port;
	say.thread = self->t_kernel_port;
	say.task = task->k_kernel_port;
	say.exception = self->t_exception.exception;
	say.code = self->t_exception.code;
	say.subcode = self->t_exception.subcode;
	short_way = mach_msg_raise(&say, exception_answered);
	if (!short_way)
		exception_copy_rights(&say);
	mutex_unlock(&task->k_lock);
	if (short_way)
		mach_msg_raise_go(&say);
	if (exception_send(self, &say))
		mach_msg_await_answer(ipc_thread_reply_port(&self->ipc), exception_answered);
}

static _Noreturn void
exception_ask_next(struct thread *self)
{
	struct ipc_port *port;

	for (;;) {
		mutex_lock(&self->t_task->k_lock);
		port = exception_next_port(self);
		if (port == NULL)
			break;
		exception_tell(self, port);
	}
	mutex_unlock(&self->t_task->k_lock);
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
