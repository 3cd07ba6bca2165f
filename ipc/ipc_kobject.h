/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_kobject -- ports that stand for kernel objects.
 *
 * A port received by the kernel may carry a typed pointer. Messages to it are
 * served at once in the sender's context; queue limits do not apply.
 *
 * Locks:   type and pointer under the port's lock.
 */
#ifndef IPC_KOBJECT_H
#define IPC_KOBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc_kmsg.h"
#include "ipc_port.h"

enum ipc_kobject_type {
	IKOT_NONE,
	IKOT_THREAD,
	IKOT_TASK,
	IKOT_HOST,
	IKOT_HOST_PRIV,
	IKOT_PROCESSOR,
	IKOT_PROCESSOR_NAME,
	IKOT_PROCESSOR_SET,
	IKOT_PROCESSOR_SET_NAME,
	IKOT_PAGER,          /* memory object served by the kernel */
	IKOT_PAGING_REQUEST, /* memory object control port */
	IKOT_PAGING_NAME,    /* memory object name port */
	IKOT_DEVICE,
	IKOT_MASTER_DEVICE,
	IKOT_IO_PERM,
	IKOT_CLOCK,
	IKOT_OTHER,
	IKOT_USER_DEVICE, /* user's port marked by set_ktype;
					 * carries no object */
	IKOT_COUNT
};

/* What became of a request on the short way. */
enum ipc_served {
	IPC_SERVED_NOT,      /* nothing happened: to be served by serve */
	IPC_SERVED_REPLY,    /* the reply is there */
	IPC_SERVED_NO_REPLY, /* the routine has the reply right */
};

/* Room for a reply on the short way. */
#define IPC_KOBJECT_SHORT 256u

struct ipc_kobject_ops {
	/*
	 * Serve a COMPLETE request for a kernel port (mh_remote, whose right
	 * it holds). Consumes the request. Returns the reply, COMPLETE, its
	 * mh_remote the reply right, or NULL for none. May block.
	 */
	struct ipc_kmsg *(*serve)(struct ipc_kmsg *request);

	/*
	 * The same for a simple request, without kmsgs: both messages stand on
	 * the caller's stack. mh_remote is
	 * the kernel port, kept alive by the caller; mh_local a send-once right
	 * which goes to the reply's mh_remote. The reply, of at most
	 * IPC_KOBJECT_SHORT bytes, is composed as for
	 * ipc_kmsg_copyin_from_kernel. May block.
	 */
	enum ipc_served (*serve_short)(
	    struct ipc_msg_header *request, struct ipc_msg_header *reply);
};

extern const struct ipc_kobject_ops *ipc_kobject_ops;

/*
 * Give a kernel port its object (NULL and IKOT_NONE take it away). The port
 * does not keep the object alive.
 *
 * Locks:   none held.
 */
void ipc_kobject_set(struct ipc_port *port, void *object, enum ipc_kobject_type type);

/*
 * The object of a live port of this type, the port locked, so that what belongs
 * to the object can be referenced: an object takes itself off its port before
 * it gives anything up. NULL otherwise, also for NULL and dead ports, and
 * nothing is locked.
 */
static inline void *
ipc_kobject_lock(struct ipc_port *port, enum ipc_kobject_type type)
{
	if (!IPC_PORT_VALID(port))
		return NULL;
	ipc_port_lock(port);
	if (__builtin_expect(
		ipc_port_active(port) && port->ip_object.o_kind == type && port->ip_kobject != NULL,
		1))
		return port->ip_kobject;
	ipc_port_unlock(port);
	return NULL;
}

/*
 * The object of a live port of this type, referenced by reference(object)
 * while the port is locked; NULL otherwise, also for NULL and dead ports.
 * `reference` may be NULL. It must not take locks ranked at or before PORT.
 */
void *
ipc_kobject_get(struct ipc_port *port, enum ipc_kobject_type type, void (*reference)(void *object));

static inline enum ipc_kobject_type
ipc_kobject_type(const struct ipc_port *port)
{
	return (enum ipc_kobject_type)port->ip_object.o_kind;
}

/*
 * Serve a message to a kernel port and send the answer on its way. Consumes
 * the kmsg. Called by ipc_mqueue_send.
 */
void ipc_kobject_serve(struct ipc_kmsg *kmsg);

/*
 * The end of a request: frees the buffer and releases the right it came by
 * (mh_remote) and the reply right unless the reply took it (mh_local set to
 * NULL). The body's rights and regions are destroyed unless `consumed`, the
 * server function having taken them (KERN_SUCCESS, MIG_NO_REPLY).
 */
void ipc_kobject_request_done(struct ipc_kmsg *request, bool consumed);

#endif
