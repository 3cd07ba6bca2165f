/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console's device: in-band reads and writes, each a call to the kernel
 * that may wait.
 */
#include "tty/console_mach.h"

#include <device/device.h>
#include <device/device_types.h>
#include <string.h>

#include "bsd/abi.h"
#include "tty/console.h"

static mach_port_t console_port;

static size_t
console_mach_read(uint8_t *bytes, size_t length)
{
	io_buf_ptr_inband_t data;
	mach_msg_type_number_t count = sizeof(data);
	kern_return_t result;

	do {
		count = sizeof(data);
		result = device_read_inband(console_port, 0, 0,
		    length < sizeof(data) ? length : sizeof(data), data, &count);
	} while (result == D_IO_ERROR || (result == D_SUCCESS && count == 0));
	if (result != D_SUCCESS)
		return 0;
	memcpy(bytes, data, count);
	return count;
}

static void
console_mach_write(const uint8_t *bytes, size_t length)
{
	io_buf_ptr_inband_t data;
	size_t part;
	int written;

	while (length > 0) {
		part = length < sizeof(data) ? length : sizeof(data);
		memcpy(data, bytes, part);
		if (device_write_inband(console_port, 0, 0, data, part, &written) != D_SUCCESS ||
		    written <= 0 || (size_t)written > part)
			return;
		bytes += written;
		length -= written;
	}
}

static const struct console_device console_mach_device = {
	.read = console_mach_read,
	.write = console_mach_write,
};

int
console_mach_init(mach_port_t device_master, bool raw_output)
{
	dev_name_t name = "console";

	if (device_open(device_master, D_READ | D_WRITE, name, &console_port) != D_SUCCESS)
		return ENXIO;
	return console_init(&console_mach_device, raw_output);
}
