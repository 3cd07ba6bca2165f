/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * register: the traps of register IPC, with interrupted operations repeated.
 */
#include <mach/register_ipc.h>

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
