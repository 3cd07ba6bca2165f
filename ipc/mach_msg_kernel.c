/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg_kernel -- messages the kernel itself sends and receives, and the
 * counters of all paths. See mach_msg.h.
 */
#include <kern/assert.h>
#include <kern/string.h>
#include <mach/portolan.h>

#include "ipc_space.h"
#include "mach_msg.h"

_Atomic uint32_t ipc_transports = PORTOLAN_IPC_ALL;
uint64_t ipc_counters[IPC_COUNT_COUNT];

static const struct {
	const char *name;
	uint32_t transports;
} transport_names[] = {
	{ "buffered", PORTOLAN_IPC_BUFFERED },
	{ "handoff", PORTOLAN_IPC_HANDOFF },
	{ "register", PORTOLAN_IPC_REGISTER },
	{ "auto", PORTOLAN_IPC_ALL },
};

bool
ipc_transports_named(const char *name, size_t length, uint32_t *transportsp)
{
	unsigned i;

	for (i = 0; i < sizeof(transport_names) / sizeof(*transport_names); i++) {
		if (strlen(transport_names[i].name) != length ||
		    strncmp(transport_names[i].name, name, length) != 0)
			continue;
		*transportsp = transport_names[i].transports;
		return true;
	}
	return false;
}

static const struct {
	const char *name;
	const char *meaning;
} counter_text[IPC_COUNT_COUNT] = {
#define COUNTER_TEXT(name, meaning) { #name, meaning },
	IPC_COUNTER_TABLE(COUNTER_TEXT)
#undef COUNTER_TEXT
};

enum ipc_counter
ipc_unfit(const struct ipc_thread *to)
{
	return waiter_is_elsewhere(&to->ith_waiter) ? IPC_COUNT_NO_CPU : IPC_COUNT_NO_PRIORITY;
}

enum ipc_counter
ipc_register_unfit(const struct ipc_thread *to)
{
	return waiter_is_elsewhere(&to->ith_waiter) ? IPC_COUNT_REGISTER_NO_CPU
						    : IPC_COUNT_REGISTER_NO_PRIORITY;
}

const char *
ipc_counter_name(enum ipc_counter counter)
{
	return counter_text[counter].name;
}

const char *
ipc_counter_meaning(enum ipc_counter counter)
{
	return counter_text[counter].meaning;
}

/* -- Sending ---------------------------------------------------------------- */

mach_msg_return_t
mach_msg_send_from_kernel(struct ipc_msg_header *message, uint32_t size)
{
	struct ipc_kmsg *kmsg;

	if (message->mh_remote == NULL)
		return MACH_SEND_INVALID_DEST;
	kmsg = ipc_kmsg_alloc(size);
	if (kmsg == NULL)
		return MACH_SEND_NO_BUFFER;
	memcpy(&kmsg->km_header, message, size);
	kmsg->km_header.mh_size = size;
	ipc_kmsg_copyin_from_kernel(kmsg);
	ipc_mqueue_send_always(kmsg);
	return MACH_MSG_SUCCESS;
}

/* -- Receiving -------------------------------------------------------------- */

mach_msg_return_t
mach_msg_receive_from_kernel(struct ipc_port *port, mach_msg_option_t option,
    mach_msg_timeout_t timeout, struct ipc_kmsg **kmsgp)
{
	mach_msg_return_t mr;

	mr = ipc_mqueue_receive(&port->ip_object, option, timeout, kmsgp);
	if (mr == MACH_MSG_SUCCESS)
		ipc_kmsg_copyout_to_kernel(*kmsgp);
	return mr;
}

mach_msg_return_t
mach_msg_rpc_from_kernel(struct ipc_msg_header *message, uint32_t send_size, uint32_t rcv_size)
{
	struct ipc_port *reply = message->mh_local;
	struct ipc_kmsg *kmsg;
	mach_msg_return_t mr;

	kassert(IPC_PORT_VALID(reply));
	mr = mach_msg_send_from_kernel(message, send_size);
	if (mr == MACH_MSG_SUCCESS)
		mr = mach_msg_receive_from_kernel(reply, 0, 0, &kmsg);
	if (mr != MACH_MSG_SUCCESS)
		return mr;
	if (kmsg->km_header.mh_size > rcv_size) {
		ipc_kmsg_destroy(kmsg);
		return MACH_RCV_TOO_LARGE;
	}
	memcpy(message, &kmsg->km_header, kmsg->km_header.mh_size);
	ipc_kmsg_free(kmsg);
	return MACH_MSG_SUCCESS;
}
