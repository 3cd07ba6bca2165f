/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg: the trap, with interrupted operations repeated (ABI sheet 14).
 */
#include <mach/mig_support.h>

/*
 * A receive that was interrupted after its send must not send again: the
 * message has gone.
 */
mach_msg_return_t
mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
    mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify)
{
	mach_msg_return_t result;

	result = mach_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout, notify);
	while (result == MACH_SEND_INTERRUPTED && !(option & MACH_SEND_INTERRUPT))
		result = mach_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout, notify);
	while (result == MACH_RCV_INTERRUPTED && !(option & MACH_RCV_INTERRUPT))
		result = mach_msg_trap(
		    msg, option & ~MACH_SEND_MSG, 0, rcv_size, rcv_name, timeout, notify);
	return result;
}

mach_msg_return_t
mach_msg_send(mach_msg_header_t *msg)
{
	return mach_msg(msg, MACH_SEND_MSG, msg->msgh_size, 0, MACH_PORT_NULL,
	    MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
}

mach_msg_return_t
mach_msg_receive(mach_msg_header_t *msg)
{
	return mach_msg(msg, MACH_RCV_MSG, 0, msg->msgh_size, msg->msgh_local_port,
	    MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
}
