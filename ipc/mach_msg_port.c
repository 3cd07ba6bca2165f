/* SPDX-License-Identifier: BSD-2-Clause */
/* mach_msg_port -- see mach_msg_port.h. */
#include "mach_msg_port.h"

#include "ipc_right.h"

_Static_assert(sizeof(struct mach_msg_port) == 16, "ABI sheet 2.7: an inline port");

/* The descriptors as they may be, but for their number of elements. */
#define DESCRIPTOR(disposition) ((disposition) | 64u << 8 | 1u << 29)

static uint32_t
descriptor_bits(const mach_msg_type_t *type)
{
	return *(const uint32_t *)(const void *)type;
}

/* Bytes of inline data behind a descriptor; 0: it is for the general path. */
static uint32_t
data_bytes(const mach_msg_type_t *type, uint32_t room)
{
	uint64_t bytes = ((uint64_t)type->msgt_number * type->msgt_size + 7) / 8;

	if (type->msgt_unused != 0 || !type->msgt_inline || type->msgt_deallocate ||
	    MACH_MSG_TYPE_PORT_ANY(type->msgt_name) || bytes > room)
		return 0;
	return (uint32_t)(bytes + 7) & ~7u;
}

struct mach_msg_port *
mach_msg_port_find(void *message, uint32_t size)
{
	struct mach_msg_port *found = NULL, *item;
	uint32_t at = sizeof(mach_msg_header_t), bytes;

	while (at < size) {
		if (size - at < sizeof(*item))
			return NULL;
		item = (struct mach_msg_port *)(void *)((char *)message + at);
		if (descriptor_bits(&item->type) == DESCRIPTOR(MACH_MSG_TYPE_COPY_SEND) ||
		    descriptor_bits(&item->type) == DESCRIPTOR(MACH_MSG_TYPE_MAKE_SEND)) {
			if (found != NULL || item->type.msgt_number != 1)
				return NULL;
			found = item;
			bytes = sizeof(item->word);
		} else {
			bytes = data_bytes(&item->type, size - at - sizeof(item->type));
			if (bytes == 0)
				return NULL;
		}
		at += sizeof(item->type) + bytes;
	}
	return at == size ? found : NULL;
}

static bool
is_make(const struct mach_msg_port *item)
{
	return item->type.msgt_name == MACH_MSG_TYPE_MAKE_SEND;
}

struct ipc_port *
mach_msg_port_take(struct ipc_space *space, const struct mach_msg_port *item)
{
	struct ipc_entry *entry = ipc_entry_lookup(space, item->name);
	uint32_t needs = is_make(item) ? MACH_PORT_TYPE_RECEIVE : MACH_PORT_TYPE_SEND;
	struct ipc_port *port;

	if (entry == NULL || !(entry->ie_bits & needs))
		return NULL;
	port = ipc_port_of(entry->ie_object);
	ipc_port_lock(port);
	if (!ipc_port_active(port)) {
		ipc_port_unlock(port);
		return NULL;
	}
	port->ip_srights++;
	port->ip_mscount += is_make(item);
	ipc_port_reference(port);
	ipc_port_unlock(port);
	return port;
}

void
mach_msg_port_untake(struct ipc_port *port, const struct mach_msg_port *item)
{
	if (is_make(item)) {
		ipc_port_lock(port);
		port->ip_mscount--;
		ipc_port_unlock(port);
	}
	ipc_port_release_send(port);
}

mach_msg_return_t
mach_msg_port_name(struct ipc_space *space, struct ipc_port *port, struct mach_msg_port *item)
{
	mach_port_name_t name = MACH_PORT_NAME_NULL;
	kern_return_t kr = KERN_NO_SPACE;
	struct ipc_after after;

	ipc_after_init(&after); /* nothing comes of naming a send right */
	spin_lock(&space->is_lock);
	if (__builtin_expect(space->is_active, 1))
		kr = ipc_right_copyout(space, port, MACH_MSG_TYPE_PORT_SEND, &name, &after);
	spin_unlock(&space->is_lock);
	item->type.msgt_name = MACH_MSG_TYPE_PORT_SEND;
	item->word = name;
	if (__builtin_expect(kr == KERN_SUCCESS, 1))
		return MACH_MSG_SUCCESS;
	item->word = MACH_PORT_NAME_NULL;
	ipc_port_release_send(port);
	return MACH_RCV_BODY_ERROR |
	    (kr == KERN_NO_SPACE ? MACH_MSG_IPC_SPACE : MACH_MSG_IPC_KERNEL);
}
