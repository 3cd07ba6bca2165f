/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kobject -- the kernel as a server of messages: finds the stub for a request
 * to a kernel port and makes the reply.
 *
 * The message id alone selects the stub (ABI sheet section 11): hundreds
 * select a subsystem, the rest a row of its table.
 */
#include <core/thread.h>
#include <ipc/ipc_kobject.h>
#include <kern/assert.h>
#include <mach/mig_errors.h>
#include <mach/notify.h>

#include <glue/device_server.h>
#include <glue/gnumach_server.h>
#include <glue/mach4_server.h>
#include <glue/mach_debug_server.h>
#include <glue/mach_host_server.h>
#include <glue/mach_i386_server.h>
#include <glue/mach_port_server.h>
#include <glue/mach_server.h>
#include <glue/portolan_server.h>
#include <glue/reply_sizes.h>

#include "kobject.h"
#include "kobject_notify.h"

#define SUBSYSTEM_IDS   100
#define SUBSYSTEMS      51
#define REPLY_ID_OFFSET 100

struct subsystem {
	const mig_routine_t *routines;
	uint32_t count;
};

#define SUBSYSTEM(base, table)                                                                     \
	[(base) / SUBSYSTEM_IDS] = { table, sizeof(table) / sizeof((table)[0]) }

static const struct subsystem subsystems[SUBSYSTEMS] = {
	SUBSYSTEM(2000, mach_server_routines),
	SUBSYSTEM(2600, mach_host_server_routines),
	SUBSYSTEM(2800, device_server_routines),
	SUBSYSTEM(3000, mach_debug_server_routines),
	SUBSYSTEM(3200, mach_port_server_routines),
	SUBSYSTEM(3800, mach_i386_server_routines),
	SUBSYSTEM(4000, mach4_server_routines),
	SUBSYSTEM(4200, gnumach_server_routines),
	SUBSYSTEM(5000, portolan_server_routines),
};

static mig_routine_t
routine_find(uint32_t id)
{
	const struct subsystem *subsystem;

	if (id / SUBSYSTEM_IDS >= SUBSYSTEMS)
		return NULL;
	subsystem = &subsystems[id / SUBSYSTEM_IDS];
	if (id % SUBSYSTEM_IDS >= subsystem->count)
		return NULL;
	return subsystem->routines[id % SUBSYSTEM_IDS];
}

/* Header and return code of a reply that says `code` and nothing else. */
static void
reply_init(struct ipc_msg_header *head, const struct ipc_msg_header *request, kern_return_t code)
{
	static const mach_msg_type_t code_type = {
		.msgt_name = MACH_MSG_TYPE_INTEGER_32,
		.msgt_size = 32,
		.msgt_number = 1,
		.msgt_inline = 1,
	};
	mig_reply_header_t *body = (mig_reply_header_t *)(void *)head;

	head->mh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_LOCAL(request->mh_bits), 0);
	head->mh_size = sizeof(mig_reply_header_t);
	head->mh_remote = request->mh_local;
	head->mh_local = NULL;
	head->mh_seqno = 0;
	head->mh_id = (int32_t)((uint32_t)request->mh_id + REPLY_ID_OFFSET);
	body->RetCodeType = code_type;
	body->RetCode = code;
	body->RetCodePad = 0;
}

static kern_return_t
reply_code(const struct ipc_msg_header *reply)
{
	return ((const mig_reply_header_t *)(const void *)reply)->RetCode;
}

/* An error is told with 48 simple bytes, whatever the stub began. */
static void
reply_trim(struct ipc_msg_header *head)
{
	if (reply_code(head) == KERN_SUCCESS)
		return;
	head->mh_bits &= ~(uint32_t)MACH_MSGH_BITS_COMPLEX;
	head->mh_size = sizeof(mig_reply_header_t);
}

/* The reply right went into the reply, or to a routine that answers later. */
static void
request_forget_reply(struct ipc_kmsg *request)
{
	request->km_header.mh_local = NULL;
	request->km_header.mh_bits &= ~(uint32_t)MACH_MSGH_BITS_LOCAL_MASK;
}

/* Send it, or drop it when nobody wants one. */
static struct ipc_kmsg *
reply_finish(struct ipc_kmsg *reply)
{
	if (!IPC_PORT_VALID(reply->km_header.mh_remote)) {
		ipc_kmsg_copyin_from_kernel(reply);
		ipc_kmsg_destroy(reply);
		return NULL;
	}
	ipc_kmsg_copyin_from_kernel(reply);
	return reply;
}

static struct ipc_kmsg *
kobject_call(struct ipc_kmsg *request, struct ipc_kmsg *reply, mig_routine_t routine)
{
	kern_return_t code;

	routine((mach_msg_header_t *)(void *)&request->km_header,
	    (mach_msg_header_t *)(void *)&reply->km_header);
	code = reply_code(&reply->km_header);
	reply_trim(&reply->km_header);
	request_forget_reply(request);
	ipc_kobject_request_done(request, code == KERN_SUCCESS || code == MIG_NO_REPLY);
	if (code == MIG_NO_REPLY) {
		ipc_kmsg_free(reply);
		return NULL;
	}
	return reply_finish(reply);
}

static struct ipc_kmsg *
kobject_serve(struct ipc_kmsg *request)
{
	uint32_t id = (uint32_t)request->km_header.mh_id;
	mig_routine_t routine = routine_find(id);
	struct ipc_kmsg *reply;

	if (routine == NULL && kobject_notify(request))
		return NULL;
	reply = ipc_kmsg_alloc(reply_size(id));
	if (reply == NULL) {
		ipc_kobject_request_done(request, false);
		return NULL;
	}
	reply_init(
	    &reply->km_header, &request->km_header, routine != NULL ? KERN_SUCCESS : MIG_BAD_ID);
	if (routine != NULL)
		return kobject_call(request, reply, routine);
	request_forget_reply(request);
	ipc_kobject_request_done(request, false);
	return reply_finish(reply);
}

/* Without kmsgs; replies that would be too long for that way are served by
 * kobject_serve. */
static enum ipc_served
kobject_serve_short(struct ipc_msg_header *request, struct ipc_msg_header *reply)
{
	uint32_t id = (uint32_t)request->mh_id;
	mig_routine_t routine = routine_find(id);
	mig_reply_header_t *answer = (mig_reply_header_t *)(void *)reply;

	if (routine == NULL || reply_size(id) > IPC_KOBJECT_SHORT)
		return IPC_SERVED_NOT;
	reply_init(reply, request, KERN_SUCCESS);
	routine((mach_msg_header_t *)(void *)request, (mach_msg_header_t *)(void *)reply);
	if (answer->RetCode == MIG_NO_REPLY)
		return IPC_SERVED_NO_REPLY;
	reply_trim(reply);
	return IPC_SERVED_REPLY;
}

const struct ipc_kobject_ops glue_kobject_ops = {
	.serve = kobject_serve,
	.serve_short = kobject_serve_short,
};
