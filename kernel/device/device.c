/* SPDX-License-Identifier: BSD-2-Clause */
/* device -- the table of devices, opening and closing; see device.h. */
#include <core/host_counts.h>
#include <core/task.h>
#include <core/thread.h>
#include <glue/device_reply_user.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_notify.h>
#include <ipc/ipc_port.h>
#include <kern/assert.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <mach/notify.h>
#include <vm/vm_map_copy.h>

#include "device.h"
#include "device_private.h"

static struct list devices = LIST_INITIALIZER(devices);

void
device_register(struct device *device, const char *name, const struct device_ops *ops, void *data)
{
	memset(device, 0, sizeof(*device));
	snprintf(device->d_name, sizeof(device->d_name), "%s", name);
	device->d_ops = ops;
	device->d_data = data;
	mutex_init(&device->d_lock, LOCK_RANK_DEVICE);
	list_insert_tail(&devices, &device->d_link);
}

struct device *
device_find(const char *name)
{
	struct list *node;

	list_for_each(&devices, node) {
		struct device *device = list_entry(node, struct device, d_link);

		if (strcmp(device->d_name, name) == 0)
			return device;
	}
	return NULL;
}

static uint64_t
devices_open(void)
{
	struct list *node;
	uint64_t open = 0;

	list_for_each(&devices, node)
		if (list_entry(node, struct device, d_link)->d_open_count > 0)
			open++;
	return open;
}

void
device_module_init(void)
{
	console_device_init();
	time_device_init();
	ramdisk_init();
	host_count_function(PORTOLAN_COUNT_DEVICES_OPEN, devices_open);
}

void
device_reference(struct device *device)
{
	(void)device;
}

void
device_release(struct device *device)
{
	(void)device;
}

/* -- Open and close ------------------------------------------------------------------ */

/*
 * Have the port tell itself when its last sender is gone, unless it is to be
 * told already. False: no memory, or there is no sender and none underway.
 * Locks: d_lock, which new senders are made under.
 */
static bool
device_watch_senders(struct device *device, struct ipc_port *port)
{
	struct ipc_port *once = ipc_port_make_sonce(port);
	struct ipc_kmsg *kmsg = ipc_notify_prepare(once, MACH_NOTIFY_NO_SENDERS);
	bool used, watched;

	ipc_port_lock(port);
	used = port->ip_srights > 0 || device->d_opening > 0;
	watched = port->ip_no_senders != NULL;
	if (used && !watched && kmsg != NULL) {
		port->ip_no_senders = kmsg;
		once = NULL;
	}
	ipc_port_unlock(port);
	if (once != NULL)
		ipc_port_drop_sonce(kmsg != NULL ? ipc_notify_cancel(kmsg) : once);
	return used && (watched || kmsg != NULL);
}

/* The port of the first open. Locks: d_lock. */
static io_return_t
device_create_port(struct device *device)
{
	struct ipc_port *port = ipc_port_create_kernel(NULL);

	if (port == NULL)
		return D_NO_MEMORY;
	ipc_kobject_set(port, device, IKOT_DEVICE);
	if (!device_watch_senders(device, port)) {
		ipc_port_destroy_kernel(port);
		return D_NO_MEMORY;
	}
	device->d_port = port;
	return D_SUCCESS;
}

io_return_t
device_open_by_name(const char *name, struct device **devicep)
{
	struct device *device = device_find(name);
	io_return_t result = D_SUCCESS;

	if (device == NULL)
		return D_NO_SUCH_DEVICE;
	mutex_lock(&device->d_lock);
	device->d_opening++;
	if (device->d_port == NULL)
		result = device_create_port(device);
	if (result == D_SUCCESS)
		device->d_open_count++;
	else
		device->d_opening--;
	mutex_unlock(&device->d_lock);
	*devicep = device;
	return result;
}

struct ipc_port *
device_opened(struct device *device)
{
	struct ipc_port *port = NULL;

	mutex_lock(&device->d_lock);
	device->d_opening--;
	if (device->d_port != NULL)
		port = ipc_port_make_send(device->d_port);
	mutex_unlock(&device->d_lock);
	return port;
}

/* It is closed: away with the port (NULL: it is not). Locks: d_lock, released. */
static void
device_finish_close(struct device *device, struct ipc_port *port)
{
	mutex_unlock(&device->d_lock);
	if (port == NULL)
		return;
	ipc_port_destroy_kernel(port);
	if (device->d_ops->closed != NULL)
		device->d_ops->closed(device);
}

io_return_t
device_close_once(struct device *device)
{
	struct ipc_port *port = NULL;
	io_return_t result = D_NO_SUCH_DEVICE;

	mutex_lock(&device->d_lock);
	if (device->d_open_count > 0) {
		result = D_SUCCESS;
		if (--device->d_open_count == 0) {
			port = device->d_port;
			device->d_port = NULL;
		}
	}
	device_finish_close(device, port);
	return result;
}

/* Somebody may have opened it again before the notification came, and a user
 * may send it too: what counts is what the port says. */
void
device_no_senders(struct ipc_port *port)
{
	struct device *device = ipc_kobject_get(port, IKOT_DEVICE, NULL);
	struct ipc_port *unused = NULL;

	if (device == NULL)
		return;
	mutex_lock(&device->d_lock);
	if (device->d_port == port && !device_watch_senders(device, port) &&
	    port->ip_srights == 0 && device->d_opening == 0) {
		unused = port;
		device->d_port = NULL;
		device->d_open_count = 0;
	}
	device_finish_close(device, unused);
}

/* -- Reads that waited ----------------------------------------------------------------- */

static void
read_reply(struct device_read *read, io_return_t result, const char *data, uint32_t size)
{
	struct vm_map_copy *copy = NULL;
	kern_return_t kr;

	if (read->r_inband) {
		kr =
		    device_read_reply_inband(read->r_reply, read->r_reply_type, result, data, size);
	} else {
		if (vm_map_copy_from_kernel(data, size, NULL, &copy) != KERN_SUCCESS) {
			copy = NULL;
			size = 0;
			result = D_NO_MEMORY;
		}
		kr = device_read_reply(read->r_reply, read->r_reply_type, result, copy, size);
	}
	if (kr == KERN_SUCCESS)
		return;
	vm_map_copy_discard(copy);
	ipc_port_release_right(read->r_reply, read->r_reply_type);
}

void
device_read_done(struct device_read *read, io_return_t result, const char *data, uint32_t size)
{
	read_reply(read, result, data, size);
	kfree(read, sizeof(*read));
}
