/* SPDX-License-Identifier: BSD-2-Clause */
/* ramdisk, time -- the devices that are memory; see ramdisk.h. */
#include <kern/assert.h>
#include <kern/physmem.h>
#include <kern/string.h>
#include <mach/vm_param.h>
#include <vm/vm_object.h>
#include <vm/vm_pager.h>

#include "device.h"
#include "mapped_time.h"
#include "ramdisk.h"

#define RAMDISKS_MAX 16

struct ramdisk {
	struct device device;
	uint64_t physical;
	uint64_t size;
};

static struct ramdisk ramdisks[RAMDISKS_MAX];
static unsigned ramdisk_count;

static io_return_t
ramdisk_read(struct device *device, recnum_t recnum, char *buffer, uint32_t wanted, uint32_t *donep)
{
	const struct ramdisk *disk = device->d_data;
	uint64_t left = recnum < disk->size ? disk->size - recnum : 0;

	if (recnum > disk->size)
		return D_INVALID_RECNUM;
	*donep = wanted < left ? wanted : (uint32_t)left;
	memcpy(buffer, (char *)phys_to_virt(disk->physical) + recnum, *donep);
	return D_SUCCESS;
}

static io_return_t
ramdisk_write(
    struct device *device, recnum_t recnum, const char *data, uint32_t size, uint32_t *donep)
{
	const struct ramdisk *disk = device->d_data;
	uint64_t left = recnum < disk->size ? disk->size - recnum : 0;

	if (recnum >= disk->size)
		return D_INVALID_RECNUM;
	*donep = size < left ? size : (uint32_t)left;
	memcpy((char *)phys_to_virt(disk->physical) + recnum, data, *donep);
	return D_SUCCESS;
}

static io_return_t
ramdisk_get_status(
    struct device *device, dev_flavor_t flavor, integer_t *status, mach_msg_type_number_t *countp)
{
	const struct ramdisk *disk = device->d_data;

	if ((flavor != DEV_GET_SIZE && flavor != DEV_GET_RECORDS) || *countp < DEV_GET_SIZE_COUNT)
		return D_INVALID_OPERATION;
	status[0] = (integer_t)disk->size; /* bytes are records */
	status[1] = 1;
	*countp = DEV_GET_SIZE_COUNT;
	return D_SUCCESS;
}

static io_return_t
memory_map(uint64_t physical, uint64_t size, vm_prot_t prot, struct vm_object **objectp)
{
	*objectp = vm_object_create_physical(physical, round_page(size), prot, NULL);
	return *objectp != NULL ? D_SUCCESS : D_NO_MEMORY;
}

static io_return_t
ramdisk_map(struct device *device, vm_prot_t prot, struct vm_object **objectp)
{
	const struct ramdisk *disk = device->d_data;

	return memory_map(disk->physical, disk->size, prot, objectp);
}

static const struct device_ops ramdisk_ops = {
	.read = ramdisk_read,
	.write = ramdisk_write,
	.get_status = ramdisk_get_status,
	.map = ramdisk_map,
};

void
ramdisk_add(uint64_t physical, uint64_t size)
{
	struct ramdisk *disk;
	char name[16];

	if (ramdisk_count == RAMDISKS_MAX)
		panic("more than %d ram disks", RAMDISKS_MAX);
	disk = &ramdisks[ramdisk_count];
	disk->physical = physical;
	disk->size = size;
	snprintf(name, sizeof(name), "rd%u", ramdisk_count++);
	device_register(&disk->device, name, &ramdisk_ops, disk);
}

void
ramdisk_init(void)
{
	ramdisk_count = 0;
}

/* -- Device "time": its page can be mapped, for reading --------------------------------- */

static struct device time_device;

static io_return_t
time_map(struct device *device, vm_prot_t prot, struct vm_object **objectp)
{
	(void)device;
	if ((prot & VM_PROT_WRITE) != 0)
		return D_INVALID_OPERATION;
	return memory_map(mapped_time_page(), PAGE_SIZE, VM_PROT_READ, objectp);
}

static const struct device_ops time_ops = {
	.map = time_map,
};

void
time_device_init(void)
{
	device_register(&time_device, "time", &time_ops, NULL);
}
