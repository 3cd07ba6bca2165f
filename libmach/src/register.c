/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * register: the traps of register IPC, with interrupted operations repeated.
 */
#include <mach/register_ipc.h>

static const mach_msg_type_t descriptors[16] = {
#define TYPE_ROW(code, name, type, size, number)                                                   \
	[code] = { .msgt_name = (type),                                                            \
		.msgt_size = (size),                                                               \
		.msgt_inline = 1,                                                                  \
		.msgt_number = (number) },
	MACH_REGISTER_TYPE_TABLE(TYPE_ROW)
#undef TYPE_ROW
};

void
mach_register_to_message(const struct mach_register_message *message, mach_msg_header_t *header)
{
	struct {
		mach_msg_type_t type;
		uint64_t value;
	} *item = (void *)(header + 1);
	unsigned count = 0, code;

	while (count < MACH_REGISTER_WORDS &&
	    (code = MACH_REGISTER_CODE(message->label, count)) != MACH_REGISTER_NONE) {
		item[count].type = descriptors[code];
		item[count].value = message->words[count];
		count++;
	}
	*header = (mach_msg_header_t) {
		.msgh_bits = message->bits,
		.msgh_size = (mach_msg_size_t)(sizeof(*header) + count * sizeof(*item)),
		.msgh_remote_slot = message->reply,
		.msgh_protected_payload = message->payload,
		.msgh_seqno = message->seqno,
		.msgh_id = MACH_REGISTER_ID(message->label),
	};
}

/* A wait that was interrupted after its send must not send again: the message
 * has gone. */
mach_msg_return_t
mach_register_call(
    mach_port_name_t dest, mach_port_name_t reply, struct mach_register_message *message)
{
	struct mach_register_message question = *message;
	mach_msg_return_t result;

	result = mach_register_call_trap(dest, reply, message);
	while (result == MACH_SEND_INTERRUPTED) {
		*message = question;
		result = mach_register_call_trap(dest, reply, message);
	}
	while (result == MACH_RCV_INTERRUPTED)
		result = mach_register_call_trap(MACH_PORT_NULL, reply, message);
	return result;
}

mach_msg_return_t
mach_register_reply_wait(mach_port_name_t reply, mach_port_name_t receive,
    struct mach_register_message *message, mach_msg_header_t *buffer, mach_msg_size_t size)
{
	mach_msg_return_t result;

	result = mach_register_reply_wait_trap(reply, receive, message, buffer, size);
	while (result == MACH_RCV_INTERRUPTED)
		result =
		    mach_register_reply_wait_trap(MACH_PORT_NULL, receive, message, buffer, size);
	return result;
}
