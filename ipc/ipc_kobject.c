/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_kobject -- see ipc_kobject.h.
 */
#include "ipc_kobject.h"

#include <kern/assert.h>
#include <kern/ipc_trace.h>

#include "ipc_item.h"
#include "ipc_mqueue.h"
#include "ipc_space.h"
#include "ipc_thread.h"
#include "mach_msg.h"

const struct ipc_kobject_ops *ipc_kobject_ops;

void
ipc_kobject_set(struct ipc_port *port, void *object, enum ipc_kobject_type type)
{
	ipc_port_lock(port);
	kassert(port->ip_receiver == &ipc_space_kernel);
	port->ip_kobject = object;
	port->ip_object.o_kind = (uint8_t)type;
	ipc_port_unlock(port);
}

void *
ipc_kobject_get(struct ipc_port *port, enum ipc_kobject_type type, void (*reference)(void *object))
{
	void *object = ipc_kobject_lock(port, type);

	if (object == NULL)
		return NULL;
	if (reference != NULL)
		reference(object);
	ipc_port_unlock(port);
	return object;
}

void
ipc_kobject_serve(struct ipc_kmsg *kmsg)
{
	struct ipc_space *space = ipc_thread_current()->ith_space;
	struct ipc_kmsg *reply;

	ipc_count(IPC_COUNT_KERNEL_RPC);
	IPC_TRACE(SERVE, kmsg->km_header.mh_id, kmsg->km_header.mh_remote);
	reply = ipc_kobject_ops->serve(kmsg);
	if (reply == NULL)
		return;
	/* Queue limits do not apply, so whoever asks pays for what waits. */
	if (space == NULL || ipc_kmsg_charge(reply, space->is_account))
		ipc_mqueue_send_always(reply);
	else
		ipc_kmsg_destroy(reply);
}

void
ipc_kobject_request_done(struct ipc_kmsg *request, bool consumed)
{
	struct ipc_msg_header *held = &request->km_header;

	if (!consumed)
		ipc_kmsg_destroy_body(request);
	ipc_port_release_right(held->mh_local, MACH_MSGH_BITS_LOCAL(held->mh_bits));
	ipc_port_release_right(held->mh_remote, MACH_MSGH_BITS_REMOTE(held->mh_bits));
	request->km_state = IPC_KMSG_RAW;
	ipc_kmsg_free(request);
}
