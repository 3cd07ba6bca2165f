/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot-module ram disks as archives.  A disk is mapped when its device can be
 * mapped, else read into memory of our own.
 */
#include "fs/boot_archives.h"

#include <device/device.h>
#include <device/device_types.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bsd/abi.h"
#include "fs/cpio.h"
#include "vfs/services.h"

#define BOOT_DISKS_MAX  16
#define BOOT_READ_PIECE (256 * 1024)

struct boot_disk {
	mach_port_t device;
	size_t size; /* in bytes, of all records */
	size_t record;
	vm_address_t bytes;
};

static int
disk_open(mach_port_t master, unsigned unit, struct boot_disk *disk)
{
	int status[DEV_GET_SIZE_COUNT];
	mach_msg_type_number_t count = DEV_GET_SIZE_COUNT;
	dev_name_t name = { 0 };

	snprintf(name, sizeof(name), "rd%u", unit);
	if (device_open(master, D_READ, name, &disk->device) != D_SUCCESS)
		return ENODEV;
	if (device_get_status(disk->device, DEV_GET_SIZE, status, &count) != D_SUCCESS ||
	    count < DEV_GET_SIZE_COUNT) {
		(void)device_close(disk->device);
		return EIO;
	}
	disk->size = (unsigned)status[DEV_GET_SIZE_DEVICE_SIZE];
	disk->record =
	    status[DEV_GET_SIZE_RECORD_SIZE] > 0 ? (unsigned)status[DEV_GET_SIZE_RECORD_SIZE] : 1;
	return 0;
}

static bool
disk_map(struct boot_disk *disk)
{
	memory_object_t pager;
	kern_return_t result;

	disk->bytes = 0;
	if (device_map(disk->device, VM_PROT_READ, 0, round_page(disk->size), &pager, 0) !=
	    D_SUCCESS)
		return false;
	result = vm_map(mach_task_self(), &disk->bytes, round_page(disk->size), 0, TRUE, pager, 0,
	    FALSE, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE);
	(void)mach_port_deallocate(mach_task_self(), pager);
	return result == KERN_SUCCESS;
}

/* Read one piece to where it belongs; false at a fault. */
static bool
disk_read_piece(struct boot_disk *disk, size_t at, size_t *donep)
{
	size_t want = disk->size - at;
	mach_msg_type_number_t count;
	io_buf_ptr_t data;

	if (want > BOOT_READ_PIECE)
		want = BOOT_READ_PIECE;
	if (device_read(disk->device, 0, at / disk->record, want, &data, &count) != D_SUCCESS)
		return false;
	*donep = count < want ? count : want;
	memcpy((char *)disk->bytes + at, data, *donep);
	(void)vm_deallocate(mach_task_self(), (vm_address_t)data, count);
	return *donep > 0;
}

static int
disk_read(struct boot_disk *disk)
{
	size_t at, done = 0;

	if (vm_allocate(mach_task_self(), &disk->bytes, round_page(disk->size), TRUE) !=
	    KERN_SUCCESS)
		return ENOMEM;
	for (at = 0; at < disk->size; at += done) {
		if (!disk_read_piece(disk, at, &done)) {
			(void)vm_deallocate(mach_task_self(), disk->bytes, round_page(disk->size));
			return EIO;
		}
	}
	return 0;
}

static int
disk_unpack(struct boot_disk *disk, struct proc *proc, char *message, unsigned unit)
{
	struct cpio_result result;
	int error = 0;

	if (disk->size == 0) {
		snprintf(message, BOOT_MESSAGE, "rd%u: empty", unit);
		return EINVAL;
	}
	if (!disk_map(disk))
		error = disk_read(disk);
	if (error != 0) {
		snprintf(message, BOOT_MESSAGE, "rd%u: cannot be read (error %d)", unit, error);
		return error;
	}
	error = cpio_unpack(proc, (const void *)disk->bytes, disk->size, &result);
	if (error != 0)
		snprintf(message, BOOT_MESSAGE, "rd%u: %s", unit, result.message);
	(void)vm_deallocate(mach_task_self(), disk->bytes, round_page(disk->size));
	return error;
}

int
boot_archives_unpack(mach_port_t device_master, struct proc *proc, char message[BOOT_MESSAGE])
{
	struct boot_disk disk;
	unsigned unit;
	int error = 0;

	message[0] = '\0';
	for (unit = 0; unit < BOOT_DISKS_MAX && error == 0; unit++) {
		error = disk_open(device_master, unit, &disk);
		if (error == ENODEV && unit > 0)
			return 0;
		if (error != 0) {
			snprintf(message, BOOT_MESSAGE, "rd%u: %s", unit,
			    error == ENODEV ? "there is no such boot module"
					    : "does not tell its size");
			return error;
		}
		error = disk_unpack(&disk, proc, message, unit);
		(void)device_close(disk.device);
		(void)mach_port_deallocate(mach_task_self(), disk.device);
	}
	return error;
}
