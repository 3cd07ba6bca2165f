/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Releasing what a message carries: the reply right and, of a complex
 * message, every right and region of the body.
 */
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/mig_support.h>

/*
 * A right that was to be made is made and dropped, so that the port sees
 * the same as if the message had been sent and destroyed.
 */
static void
right_make_and_drop(mach_port_t port, mach_msg_type_name_t disposition)
{
	mach_msg_type_name_t made;
	mach_port_t right;

	if (mach_port_extract_right(mach_task_self(), port, disposition, &right, &made) ==
	    KERN_SUCCESS)
		(void)mach_port_deallocate(mach_task_self(), right);
}

static void
right_destroy(mach_port_t port, mach_msg_type_name_t disposition)
{
	if (!MACH_PORT_VALID(port))
		return;
	switch (disposition) {
	case MACH_MSG_TYPE_MOVE_SEND:
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		(void)mach_port_deallocate(mach_task_self(), port);
		break;
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		(void)mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
		break;
	case MACH_MSG_TYPE_MAKE_SEND:
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		right_make_and_drop(port, disposition);
		break;
	default: /* a copy costs nothing */
		break;
	}
}

static void
rights_destroy_inline(
    const mach_port_name_inlined_t *rights, natural_t count, mach_msg_type_name_t disposition)
{
	for (natural_t i = 0; i < count; i++)
		right_destroy(rights[i].name, disposition);
}

static void
rights_destroy_array(
    const mach_port_name_t *names, natural_t count, mach_msg_type_name_t disposition)
{
	for (natural_t i = 0; i < count; i++)
		right_destroy(names[i], disposition);
}

/* One out-of-line item; `bytes` is its length. */
static void
region_destroy(const mach_msg_type_t *type, vm_address_t address, vm_size_t bytes)
{
	if (bytes == 0 || address == 0)
		return;
	if (MACH_MSG_TYPE_PORT_ANY(type->msgt_name))
		rights_destroy_array(
		    (const mach_port_name_t *)address, type->msgt_number, type->msgt_name);
	if (type->msgt_deallocate)
		(void)vm_deallocate(mach_task_self(), address, bytes);
}

static vm_size_t
item_bytes(const mach_msg_type_t *type)
{
	return ((uint64_t)type->msgt_number * type->msgt_size + 7) / 8;
}

/* Release the item at `offset`; returns the offset of the next, 0 at the end. */
static vm_size_t
item_destroy(mach_msg_header_t *msg, vm_size_t offset)
{
	const mach_msg_type_t *type;
	vm_size_t bytes, data, next;

	data = offset + sizeof(*type);
	if (data > msg->msgh_size)
		return 0;
	type = (const mach_msg_type_t *)((char *)msg + offset);
	bytes = item_bytes(type);
	next = data + (type->msgt_inline ? mach_msg_user_align(bytes) : sizeof(vm_address_t));
	if (next > msg->msgh_size)
		return 0;
	if (!type->msgt_inline)
		region_destroy(type, *(vm_address_t *)((char *)msg + data), bytes);
	else if (MACH_MSG_TYPE_PORT_ANY(type->msgt_name))
		rights_destroy_inline((const mach_port_name_inlined_t *)((char *)msg + data),
		    type->msgt_number, type->msgt_name);
	return next;
}

void
mach_msg_destroy(mach_msg_header_t *msg)
{
	mach_msg_bits_t bits = msg->msgh_bits;
	vm_size_t offset = sizeof(*msg);

	right_destroy(msg->msgh_remote_port, MACH_MSGH_BITS_REMOTE(bits));
	if (!(bits & MACH_MSGH_BITS_COMPLEX))
		return;
	while (offset != 0 && offset < msg->msgh_size)
		offset = item_destroy(msg, offset);
}
