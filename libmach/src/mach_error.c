/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of error numbers (ABI sheet 2.15, 8.3, 12).
 */
#include <device/device_types.h>
#include <mach/mach_error.h>
#include <mach/message.h>
#include <mach/mig_errors.h>

struct error_name {
	mach_error_t error;
	const char *name;
};

#define NAME(code)                                                                                 \
	{                                                                                          \
		code, #code                                                                        \
	}

static const struct error_name error_names[] = {
	NAME(KERN_SUCCESS),
	NAME(KERN_INVALID_ADDRESS),
	NAME(KERN_PROTECTION_FAILURE),
	NAME(KERN_NO_SPACE),
	NAME(KERN_INVALID_ARGUMENT),
	NAME(KERN_FAILURE),
	NAME(KERN_RESOURCE_SHORTAGE),
	NAME(KERN_NOT_RECEIVER),
	NAME(KERN_NO_ACCESS),
	NAME(KERN_MEMORY_FAILURE),
	NAME(KERN_MEMORY_ERROR),
	NAME(KERN_NOT_IN_SET),
	NAME(KERN_NAME_EXISTS),
	NAME(KERN_ABORTED),
	NAME(KERN_INVALID_NAME),
	NAME(KERN_INVALID_TASK),
	NAME(KERN_INVALID_RIGHT),
	NAME(KERN_INVALID_VALUE),
	NAME(KERN_UREFS_OVERFLOW),
	NAME(KERN_INVALID_CAPABILITY),
	NAME(KERN_RIGHT_EXISTS),
	NAME(KERN_INVALID_HOST),
	NAME(KERN_MEMORY_PRESENT),
	NAME(KERN_WRITE_PROTECTION_FAILURE),
	NAME(KERN_TERMINATED),
	NAME(KERN_TIMEDOUT),
	NAME(KERN_INTERRUPTED),
	NAME(MACH_SEND_IN_PROGRESS),
	NAME(MACH_SEND_INVALID_DATA),
	NAME(MACH_SEND_INVALID_DEST),
	NAME(MACH_SEND_TIMED_OUT),
	NAME(MACH_SEND_WILL_NOTIFY),
	NAME(MACH_SEND_NOTIFY_IN_PROGRESS),
	NAME(MACH_SEND_INTERRUPTED),
	NAME(MACH_SEND_MSG_TOO_SMALL),
	NAME(MACH_SEND_INVALID_REPLY),
	NAME(MACH_SEND_INVALID_RIGHT),
	NAME(MACH_SEND_INVALID_NOTIFY),
	NAME(MACH_SEND_INVALID_MEMORY),
	NAME(MACH_SEND_NO_BUFFER),
	NAME(MACH_SEND_NO_NOTIFY),
	NAME(MACH_SEND_INVALID_TYPE),
	NAME(MACH_SEND_INVALID_HEADER),
	NAME(MACH_RCV_IN_PROGRESS),
	NAME(MACH_RCV_INVALID_NAME),
	NAME(MACH_RCV_TIMED_OUT),
	NAME(MACH_RCV_TOO_LARGE),
	NAME(MACH_RCV_INTERRUPTED),
	NAME(MACH_RCV_PORT_CHANGED),
	NAME(MACH_RCV_INVALID_NOTIFY),
	NAME(MACH_RCV_INVALID_DATA),
	NAME(MACH_RCV_PORT_DIED),
	NAME(MACH_RCV_IN_SET),
	NAME(MACH_RCV_HEADER_ERROR),
	NAME(MACH_RCV_BODY_ERROR),
	NAME(MIG_TYPE_ERROR),
	NAME(MIG_REPLY_MISMATCH),
	NAME(MIG_REMOTE_ERROR),
	NAME(MIG_BAD_ID),
	NAME(MIG_BAD_ARGUMENTS),
	NAME(MIG_NO_REPLY),
	NAME(MIG_EXCEPTION),
	NAME(MIG_ARRAY_TOO_LARGE),
	NAME(MIG_SERVER_DIED),
	NAME(MIG_DESTROY_REQUEST),
	NAME(D_IO_QUEUED),
	NAME(D_IO_ERROR),
	NAME(D_WOULD_BLOCK),
	NAME(D_NO_SUCH_DEVICE),
	NAME(D_ALREADY_OPEN),
	NAME(D_DEVICE_DOWN),
	NAME(D_INVALID_OPERATION),
	NAME(D_INVALID_RECNUM),
	NAME(D_INVALID_SIZE),
	NAME(D_NO_MEMORY),
	NAME(D_READ_ONLY),
	NAME(EML_BAD_TASK),
	NAME(EML_BAD_CNT),
};

static boolean_t
is_message_error(mach_error_t error)
{
	return err_get_system(error) == err_get_system(err_mach_ipc);
}

const char *
mach_error_string(mach_error_t error)
{
	/* The special bits tell about a shortage, not which call failed. */
	if (is_message_error(error))
		error &= ~MACH_MSG_MASK;
	for (size_t i = 0; i < sizeof(error_names) / sizeof(error_names[0]); i++) {
		if (error_names[i].error == error)
			return error_names[i].name;
	}
	return "unknown error";
}

const char *
mach_error_type(mach_error_t error)
{
	if (is_message_error(error))
		return err_get_sub(error) == 0 ? "IPC send" : "IPC receive";
	if (error <= MIG_TYPE_ERROR && error >= MIG_DESTROY_REQUEST)
		return "MIG";
	if (error == D_IO_QUEUED || (error >= D_IO_ERROR && error <= D_READ_ONLY))
		return "device";
	return err_get_system(error) == 0 && err_get_sub(error) == 0 ? "kernel" : "other";
}
