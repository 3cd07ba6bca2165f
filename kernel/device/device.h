/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device -- the device interface: drivers in the kernel, users by port
 * (ABI sheet section 8).
 *
 * Life:    registered once at start, never freed. While it is open (count
 *          > 0) it has a port, shared by all who opened it; the last close, or
 *          the end of the last send right (its openers died), destroys that
 *          port and fails the reads that wait.
 * Locks:   d_lock (rank DEVICE): open count, port. Drivers have their own for
 *          their data.
 */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <device/device_types.h>
#include <kern/list.h>
#include <kern/mutex.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/vm_prot.h>

struct device;
struct ipc_port;
struct vm_object;

#define DEVICE_NAME_MAX 32

/* A read that cannot be answered at once. */
struct device_read {
	struct list r_link;
	struct device *r_device;
	struct ipc_port *r_reply; /* right of the kind r_reply_type */
	mach_msg_type_name_t r_reply_type;
	recnum_t r_recnum;
	uint32_t r_wanted; /* bytes */
	bool r_inband;
};

struct device_ops {
	/*
	 * Bytes from record `recnum` into `buffer`; at most `wanted`, which
	 * fits. *donep tells how many. D_WOULD_BLOCK: nothing there now; the
	 * device then has `wait`.
	 */
	io_return_t (*read)(
	    struct device *device, recnum_t recnum, char *buffer, uint32_t wanted, uint32_t *donep);
	/* Keep a read until there is data; device_read_done ends it. */
	void (*wait)(struct device *device, struct device_read *read);
	/* The device was closed: fail all reads that wait. */
	void (*closed)(struct device *device);
	io_return_t (*write)(struct device *device, recnum_t recnum, const char *data,
	    uint32_t size, uint32_t *donep);
	io_return_t (*get_status)(struct device *device, dev_flavor_t flavor, integer_t *status,
	    mach_msg_type_number_t *countp);
	io_return_t (*set_status)(struct device *device, dev_flavor_t flavor,
	    const integer_t *status, mach_msg_type_number_t count);
	/* The object that shows the device's memory, with a reference. */
	io_return_t (*map)(struct device *device, vm_prot_t prot, struct vm_object **objectp);
};

struct device {
	char d_name[DEVICE_NAME_MAX];
	const struct device_ops *d_ops;
	void *d_data; /* the driver's */
	struct mutex d_lock;
	uint32_t d_open_count;
	uint32_t d_opening; /* opens whose send right is still to be made */
	struct ipc_port *d_port;
	struct list d_link;
};

/* Longest transfer of one call: a longer read is short, a longer write is
 * made in pieces. */
#define DEVICE_TRANSFER_MAX (256u * 1024)

/* All devices the kernel has. host_module_init has run. */
void device_module_init(void);

/* Add one; `device` lives for ever. At start. */
void
device_register(struct device *device, const char *name, const struct device_ops *ops, void *data);

/* Devices are not counted. */
void device_reference(struct device *device);
void device_release(struct device *device);

/* The send right that answers one device_open (device_open_by_name), or NULL:
 * somebody closed it in between. */
struct ipc_port *device_opened(struct device *device);

/* A no-senders notification came to this port of a device. */
void device_no_senders(struct ipc_port *port);

/* End a read that waited. Consumes it. `data` holds `size` bytes. */
void
device_read_done(struct device_read *read, io_return_t result, const char *data, uint32_t size);

/* The devices that exist everywhere. */
void console_device_init(void);
void time_device_init(void);
void ramdisk_init(void);

#endif
