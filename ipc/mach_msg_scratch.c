/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_scratch -- messages that paths other than mach_msg_fast hand over
 * with the CPU (mach_msg_raise.c): they lie in a place of the CPU's until the
 * receiver's continuation copies them out.
 */
#include <kern/copyio.h>
#include <kern/cpu_number.h>
#include <kern/string.h>

#include "ipc_port.h"
#include "mach_msg.h"
#include "mach_msg_fast.h"

static struct scratch {
	mach_msg_header_t header;
	char body[2048 - sizeof(mach_msg_header_t)];
} scratch[KERN_CPUS] __attribute__((aligned(2048)));

_Static_assert(sizeof(struct scratch) >= MACH_MSG_FAST_MAX, "room");

mach_msg_header_t *
mach_msg_scratch(void)
{
	return &scratch[cpu_number()].header;
}

/* The buffer is not all there: serve faults from a copy of the message, since
 * others may use the scratch meanwhile. */
static __attribute__((noinline, cold)) bool
finish_faulting(uint64_t msg, uint32_t size)
{
	char copy[MACH_MSG_FAST_MAX];

	ipc_count(IPC_COUNT_HANDOFF_UNDONE);
	memcpy(copy, mach_msg_scratch(), size);
	return copyout(copy, msg, size);
}

static _Noreturn void
scratch_finish(struct ipc_thread *self)
{
	struct ipc_object *object = self->ith_object;
	uint32_t size = self->ith_msize;

	self->ith_form = IPC_RECEIVE_NONE;
	self->ith_object = NULL;
	ipc_object_release(object);
	if ((!copyout_resident(mach_msg_scratch(), self->ith_msg, size)) &&
	    !finish_faulting(self->ith_msg, size))
		trap_return(MACH_RCV_INVALID_DATA);
	trap_return((uint32_t)self->ith_result);
}

void
mach_msg_receive_continue(struct waiter *waiter)
{
	struct ipc_thread *self = (struct ipc_thread *)(void *)waiter;

	if (self->ith_form == IPC_RECEIVE_FAST)
		scratch_finish(self);
	mach_msg_buffered_continue(self);
}
