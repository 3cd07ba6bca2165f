/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device_calls -- the routines of device.defs (ABI sheet 8.1, 8.4).
 *
 * The same requests come from clients that wait for the reply and from those
 * that sent them with a reply port of their choice (device_request.defs): a
 * routine answers at once, or keeps the reply right and returns MIG_NO_REPLY.
 */
#include <core/task.h>
#include <core/thread.h>
#include <glue/device_server.h>
#include <glue/pager.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <kern/preempt.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <mach/mig_errors.h>
#include <mach/vm_param.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_object.h>

#include "device.h"
#include "device_private.h"

/* -- Open, close ------------------------------------------------------------------------ */

kern_return_t
ds_device_open(struct ipc_port *master_port, struct ipc_port *reply_port,
    mach_msg_type_name_t reply_type, dev_mode_t mode, const char *name, struct device **devicep)
{
	(void)reply_type;
	(void)mode;
	if (!IPC_PORT_VALID(master_port) || ipc_kobject_type(master_port) != IKOT_MASTER_DEVICE)
		return D_INVALID_OPERATION;
	if (!IPC_PORT_VALID(reply_port))
		return MIG_NO_REPLY;
	if (strnlen(name, sizeof(dev_name_t)) == sizeof(dev_name_t))
		return D_NO_SUCH_DEVICE;
	return device_open_by_name(name, devicep);
}

kern_return_t
ds_device_open_new(struct ipc_port *master_port, struct ipc_port *reply_port,
    mach_msg_type_name_t reply_type, dev_mode_t mode, const char *name, struct device **devicep)
{
	return ds_device_open(master_port, reply_port, reply_type, mode, name, devicep);
}

kern_return_t
ds_device_close(struct device *device)
{
	return device == NULL ? D_NO_SUCH_DEVICE : device_close_once(device);
}

static bool
device_is_open(const struct device *device)
{
	return device != NULL && device->d_open_count > 0;
}

/* -- Reading ------------------------------------------------------------------------------ */

/* Nothing there: keep the request and its reply right. */
static kern_return_t
read_wait(struct device *device, struct ipc_port *reply_port, mach_msg_type_name_t reply_type,
    recnum_t recnum, uint32_t wanted, bool inband)
{
	struct device_read *read;

	if (device->d_ops->wait == NULL || !IPC_PORT_VALID(reply_port))
		return D_WOULD_BLOCK;
	read = kalloc(sizeof(*read));
	if (read == NULL)
		return D_NO_MEMORY;
	list_init(&read->r_link);
	read->r_device = device;
	read->r_reply = reply_port;
	read->r_reply_type = reply_type;
	read->r_recnum = recnum;
	read->r_wanted = wanted;
	read->r_inband = inband;
	device->d_ops->wait(device, read);
	return MIG_NO_REPLY;
}

static io_return_t
read_check(const struct device *device, int wanted)
{
	if (!device_is_open(device))
		return D_NO_SUCH_DEVICE;
	if (device->d_ops->read == NULL)
		return D_INVALID_OPERATION;
	return wanted < 0 ? D_INVALID_SIZE : D_SUCCESS;
}

/* Into a buffer, then into a copy for the reply. */
static io_return_t
read_copy(struct device *device, recnum_t recnum, uint32_t wanted, struct vm_map_copy **copyp,
    uint32_t *donep)
{
	uint32_t room = wanted > 0 ? wanted : 1;
	char *buffer = kalloc(room);
	io_return_t result;

	if (buffer == NULL)
		return D_NO_MEMORY;
	result = device->d_ops->read(device, recnum, buffer, wanted, donep);
	if (result == D_SUCCESS &&
	    vm_map_copy_from_kernel(buffer, *donep, thread_current()->t_task->k_account, copyp) !=
		KERN_SUCCESS)
		result = D_NO_MEMORY;
	kfree(buffer, room);
	return result;
}

kern_return_t
ds_device_read(struct device *device, struct ipc_port *reply_port, mach_msg_type_name_t reply_type,
    dev_mode_t mode, recnum_t recnum, int bytes_wanted, struct vm_map_copy **data,
    mach_msg_type_number_t *data_count)
{
	io_return_t result = read_check(device, bytes_wanted);
	uint32_t wanted = (uint32_t)bytes_wanted;
	uint32_t done = 0;

	if (result != D_SUCCESS)
		return result;
	if (wanted > DEVICE_TRANSFER_MAX)
		wanted = DEVICE_TRANSFER_MAX;
	*data = NULL;
	result = read_copy(device, recnum, wanted, data, &done);
	if (result == D_WOULD_BLOCK && (mode & D_NOWAIT) == 0)
		return read_wait(device, reply_port, reply_type, recnum, wanted, false);
	*data_count = done;
	return result;
}

kern_return_t
ds_device_read_inband(struct device *device, struct ipc_port *reply_port,
    mach_msg_type_name_t reply_type, dev_mode_t mode, recnum_t recnum, int bytes_wanted,
    io_buf_ptr_inband_t data, mach_msg_type_number_t *data_count)
{
	io_return_t result = read_check(device, bytes_wanted);
	uint32_t wanted = (uint32_t)bytes_wanted;
	uint32_t done = 0;

	if (result != D_SUCCESS)
		return result;
	if (wanted > IO_INBAND_MAX)
		wanted = IO_INBAND_MAX;
	result = device->d_ops->read(device, recnum, data, wanted, &done);
	if (result == D_WOULD_BLOCK && (mode & D_NOWAIT) == 0)
		return read_wait(device, reply_port, reply_type, recnum, wanted, true);
	*data_count = done;
	return result;
}

/* -- Writing ------------------------------------------------------------------------------- */

static io_return_t
write_check(const struct device *device)
{
	if (!device_is_open(device))
		return D_NO_SUCH_DEVICE;
	return device->d_ops->write == NULL ? D_INVALID_OPERATION : D_SUCCESS;
}

/* Piece by piece through `buffer`; *donep counts what was written. */
static io_return_t
write_pieces(struct device *device, recnum_t recnum, struct vm_map_copy *data, uint32_t size,
    char *buffer, uint32_t room, uint32_t *donep)
{
	io_return_t result = D_SUCCESS;
	uint32_t offset = 0;

	while (offset < size && result == D_SUCCESS) {
		uint32_t piece = size - offset < room ? size - offset : room;
		uint32_t written = 0;

		if (vm_map_copy_read(data, offset, buffer, piece) != KERN_SUCCESS)
			return *donep > 0 ? D_SUCCESS : D_IO_ERROR;
		result = device->d_ops->write(device, recnum + offset, buffer, piece, &written);
		offset += piece;
		*donep += written;
		if (written < piece)
			break;
		preempt_point();
	}
	return *donep > 0 ? D_SUCCESS : result;
}

#define WRITE_PIECE 4096u

kern_return_t
ds_device_write(struct device *device, struct ipc_port *reply_port, mach_msg_type_name_t reply_type,
    dev_mode_t mode, recnum_t recnum, struct vm_map_copy *data, mach_msg_type_number_t size,
    int *bytes_written)
{
	io_return_t result = write_check(device);
	uint32_t done = 0;
	char *buffer;

	(void)reply_port;
	(void)reply_type;
	(void)mode;
	if (result != D_SUCCESS)
		return result;
	if (data == NULL || size > INT32_MAX)
		return D_INVALID_SIZE;
	buffer = kalloc(WRITE_PIECE);
	if (buffer == NULL)
		return D_NO_MEMORY;
	result = write_pieces(device, recnum, data, size, buffer, WRITE_PIECE, &done);
	kfree(buffer, WRITE_PIECE);
	if (result == D_SUCCESS) {
		*bytes_written = (int)done;
		vm_map_copy_discard(data);
	}
	return result;
}

kern_return_t
ds_device_write_inband(struct device *device, struct ipc_port *reply_port,
    mach_msg_type_name_t reply_type, dev_mode_t mode, recnum_t recnum,
    const io_buf_ptr_inband_t data, mach_msg_type_number_t size, int *bytes_written)
{
	io_return_t result = write_check(device);
	uint32_t done = 0;

	(void)reply_port;
	(void)reply_type;
	(void)mode;
	if (result != D_SUCCESS)
		return result;
	result = device->d_ops->write(device, recnum, data, size, &done);
	*bytes_written = (int)done;
	return result;
}

/* -- Status, mapping -------------------------------------------------------------------------- */

kern_return_t
ds_device_get_status(
    struct device *device, dev_flavor_t flavor, dev_status_t status, mach_msg_type_number_t *countp)
{
	if (!device_is_open(device))
		return D_NO_SUCH_DEVICE;
	if (device->d_ops->get_status == NULL)
		return D_INVALID_OPERATION;
	return device->d_ops->get_status(device, flavor, status, countp);
}

kern_return_t
ds_device_set_status(struct device *device, dev_flavor_t flavor, const dev_status_t status,
    mach_msg_type_number_t count)
{
	if (!device_is_open(device))
		return D_NO_SUCH_DEVICE;
	if (device->d_ops->set_status == NULL)
		return D_INVALID_OPERATION;
	return device->d_ops->set_status(device, flavor, status, count);
}

kern_return_t
ds_device_map(struct device *device, vm_prot_t prot, vm_offset_t offset, vm_size_t size,
    struct ipc_port **pagerp, int unmap)
{
	struct pager_window window = {
		.start = offset,
		.length = PAGER_WINDOW_WHOLE,
		.max_protection = VM_PROT_ALL,
	};
	io_return_t result;

	(void)unmap;
	if ((prot & ~VM_PROT_ALL) != 0)
		return KERN_INVALID_ARGUMENT;
	if (!device_is_open(device))
		return D_NO_SUCH_DEVICE;
	if (device->d_ops->map == NULL)
		return D_INVALID_OPERATION;
	if (offset % PAGE_SIZE != 0 || offset + size < offset)
		return D_INVALID_SIZE;
	result = device->d_ops->map(device, prot, &window.object);
	if (result != D_SUCCESS)
		return result;
	*pagerp = pager_window_create(&window);
	if (*pagerp == NULL) {
		vm_object_release(window.object);
		return D_NO_MEMORY;
	}
	return D_SUCCESS;
}

/* No network, no user interrupts: the right stays the dispatcher's. */
kern_return_t
ds_device_set_filter(struct device *device, struct ipc_port *receive_port, int priority,
    const filter_array_t filter, mach_msg_type_number_t count)
{
	(void)receive_port;
	(void)priority;
	(void)filter;
	(void)count;
	return device_is_open(device) ? D_INVALID_OPERATION : D_NO_SUCH_DEVICE;
}

kern_return_t
ds_device_intr_register(struct device *device, int id, int flags, struct ipc_port *receive_port)
{
	(void)id;
	(void)flags;
	(void)receive_port;
	return device_is_open(device) ? D_INVALID_OPERATION : D_NO_SUCH_DEVICE;
}

kern_return_t
ds_device_intr_ack(struct device *device, struct ipc_port *receive_port)
{
	(void)receive_port;
	return device_is_open(device) ? D_INVALID_OPERATION : D_NO_SUCH_DEVICE;
}
