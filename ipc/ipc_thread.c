/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_thread -- see ipc_thread.h.
 */
#include "ipc_thread.h"

#include <kern/assert.h>

#include "ipc_entry.h"
#include "ipc_kmsg.h"
#include "ipc_port.h"
#include "ipc_register.h"
#include "ipc_space.h"

/* What hints denote that know nothing. */
static struct ipc_entry no_entry;

void
ipc_thread_set_space(struct ipc_thread *thread, struct ipc_space *space)
{
	ipc_stand_leave(thread);
	thread->ith_space = space;
	thread->ith_dest_hint = &no_entry;
	thread->ith_wait_hint = &no_entry;
}

void
ipc_thread_init(struct ipc_thread *thread, struct ipc_space *space)
{
	thread->ith_stand = &ipc_nowhere.ip_object;
	ipc_thread_set_space(thread, space);
	thread->ith_kmsg = NULL;
	thread->ith_form = IPC_RECEIVE_NONE;
	thread->ith_object = NULL;
	thread->ith_spare = NULL;
	thread->ith_spare_space = NULL;
	thread->ith_reaping = false;
	thread->ith_wake = NULL;
	list_init(&thread->ith_reap);
	thread->ith_answer = NULL;
	thread->ith_reply = NULL;
}

/* A thread killed while it waited without a stack never came back to take
 * itself off the queue or to look at what it was given. */
static void
leave_receive(struct ipc_thread *thread)
{
	struct ipc_object *object = thread->ith_object;

	if (object == NULL)
		return;
	spin_lock(&object->o_lock);
	list_remove(&thread->ith_waiter.w_link);
	spin_unlock(&object->o_lock);
	thread->ith_object = NULL;
	ipc_object_release(object);
}

void
ipc_thread_cleanup(struct ipc_thread *thread)
{
	struct ipc_kmsg *kmsg;

	ipc_stand_leave(thread);
	leave_receive(thread);
	ipc_register_spare_drop(thread);
	if (thread->ith_spare_space != NULL)
		ipc_space_release(thread->ith_spare_space);
	thread->ith_spare_space = NULL;
	kmsg = thread->ith_kmsg;
	thread->ith_kmsg = NULL;
	if (kmsg != NULL)
		ipc_kmsg_destroy(kmsg);
	if (thread->ith_reply != NULL)
		ipc_port_destroy_kernel(thread->ith_reply);
	thread->ith_reply = NULL;
	kassert(list_empty(&thread->ith_reap));
}

struct ipc_port *
ipc_thread_reply_port(struct ipc_thread *self)
{
	if (self->ith_reply == NULL)
		self->ith_reply = ipc_port_create_kernel(NULL);
	return self->ith_reply;
}

void
ipc_thread_reply_port_abandon(struct ipc_thread *self)
{
	struct ipc_port *port = self->ith_reply;

	self->ith_reply = NULL;
	if (port != NULL)
		ipc_port_destroy_kernel(port);
}
