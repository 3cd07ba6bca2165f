/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors 0, 1 and 2.
 */
#include <device/device.h>
#include <mach/mach_musl.h>
#include <mach/mach_traps.h>

#include "handler.h"

#define PRINT_CHUNK   256
#define LINUX_IOV_MAX 1024

mach_port_t mach_musl_input;

/* The trap takes strings: NULs in the text are left out. */
static void
console_print(const char *text, uint64_t length)
{
	char chunk[PRINT_CHUNK];
	size_t used = 0;

	for (uint64_t i = 0; i < length; i++) {
		if (text[i] == '\0')
			continue;
		chunk[used++] = text[i];
		if (used == sizeof(chunk) - 1) {
			chunk[used] = '\0';
			mach_print(chunk);
			used = 0;
		}
	}
	chunk[used] = '\0';
	if (used != 0)
		mach_print(chunk);
}

static boolean_t
is_output(uint64_t descriptor)
{
	return descriptor == 1 || descriptor == 2;
}

long
handler_write(struct handler_frame *frame, struct emulation_block *block)
{
	if (!is_output(FRAME_ARG0(frame)))
		return -LINUX_EBADF;
	console_print((const char *)FRAME_ARG1(frame), FRAME_ARG2(frame));
	return (long)FRAME_ARG2(frame);
}

long
handler_writev(struct handler_frame *frame, struct emulation_block *block)
{
	const struct linux_iovec *iov = (const struct linux_iovec *)FRAME_ARG1(frame);
	long total = 0;

	if (!is_output(FRAME_ARG0(frame)))
		return -LINUX_EBADF;
	if (FRAME_ARG2(frame) > LINUX_IOV_MAX)
		return -LINUX_EINVAL;
	for (uint64_t i = 0; i < FRAME_ARG2(frame); i++) {
		console_print((const char *)iov[i].iov_base, iov[i].iov_len);
		total += (long)iov[i].iov_len;
	}
	return total;
}

static long
input_read(char *to, uint64_t room)
{
	io_buf_ptr_inband_t data;
	mach_msg_type_number_t count = sizeof(data);
	int wanted = room < sizeof(data) ? (int)room : (int)sizeof(data);

	if (mach_musl_input == MACH_PORT_NULL || room == 0)
		return 0;
	if (device_read_inband(mach_musl_input, 0, 0, wanted, data, &count) != D_SUCCESS)
		return -LINUX_EIO;
	for (mach_msg_type_number_t i = 0; i < count && i < (mach_msg_type_number_t)wanted; i++)
		to[i] = data[i];
	return (long)count;
}

long
handler_read(struct handler_frame *frame, struct emulation_block *block)
{
	if (FRAME_ARG0(frame) != 0)
		return -LINUX_EBADF;
	return input_read((char *)FRAME_ARG1(frame), FRAME_ARG2(frame));
}

/* Into the first part that has room: a short count is always allowed. */
long
handler_readv(struct handler_frame *frame, struct emulation_block *block)
{
	const struct linux_iovec *iov = (const struct linux_iovec *)FRAME_ARG1(frame);

	if (FRAME_ARG0(frame) != 0)
		return -LINUX_EBADF;
	if (FRAME_ARG2(frame) > LINUX_IOV_MAX)
		return -LINUX_EINVAL;
	for (uint64_t i = 0; i < FRAME_ARG2(frame); i++) {
		if (iov[i].iov_len != 0)
			return input_read((char *)iov[i].iov_base, iov[i].iov_len);
	}
	return 0;
}

long
handler_ioctl(struct handler_frame *frame, struct emulation_block *block)
{
	return -LINUX_ENOTTY;
}
