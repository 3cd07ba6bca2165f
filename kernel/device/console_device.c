/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console_device -- device "console": raw bytes typed and printed.
 *
 * The interrupt puts bytes into a ring; a thread of the kernel hands them to
 * the reads that wait. Bytes that do not fit are lost.
 *
 * Locks: input_lock (rank PORT_SET, before EVENT): ring and queue. The interrupt takes it too;
 *        no code that holds it lets interrupts in.
 */
#include <arch/console.h>
#include <core/thread.h>
#include <device/tty_status.h>
#include <ipc/ipc_port.h>
#include <kern/assert.h>
#include <kern/event.h>
#include <kern/preempt.h>
#include <kern/string.h>

#include "device.h"

#define RING_SIZE        4096u
#define WRITE_PIECE      256u
#define TTY_STATUS_WORDS 4

static struct device console_device;
static struct spinlock input_lock = SPINLOCK_INITIALIZER(PORT_SET);
static uint8_t ring[RING_SIZE];
static uint32_t ring_head, ring_tail; /* taken at head, put at tail */
static struct list readers = LIST_INITIALIZER(readers);
static integer_t tty_status[TTY_STATUS_WORDS] = { B115200, B115200, 0, 0 };

/* -- Input ------------------------------------------------------------------------------ */

static void
console_input(uint8_t byte)
{
	spin_lock(&input_lock);
	if (ring_tail - ring_head < RING_SIZE)
		ring[ring_tail++ % RING_SIZE] = byte;
	if (!list_empty(&readers))
		event_wake_all(&readers);
	spin_unlock(&input_lock);
}

/* Locks: input_lock. */
static uint32_t
ring_take(char *buffer, uint32_t wanted)
{
	uint32_t count = 0;

	while (count < wanted && ring_head != ring_tail)
		buffer[count++] = (char)ring[ring_head++ % RING_SIZE];
	return count;
}

static io_return_t
console_read(struct device *device, recnum_t recnum, char *buffer, uint32_t wanted, uint32_t *donep)
{
	(void)device;
	(void)recnum;
	spin_lock(&input_lock);
	*donep = list_empty(&readers) ? ring_take(buffer, wanted) : 0;
	spin_unlock(&input_lock);
	return *donep > 0 || wanted == 0 ? D_SUCCESS : D_WOULD_BLOCK;
}

static void
console_wait(struct device *device, struct device_read *read)
{
	(void)device;
	spin_lock(&input_lock);
	list_insert_tail(&readers, &read->r_link);
	if (ring_head != ring_tail)
		event_wake_all(&readers);
	spin_unlock(&input_lock);
}

/* The oldest read whose client still waits, taken out; others are dropped.
 * Locks: input_lock, free meanwhile. */
static struct device_read *
reader_pop(void)
{
	struct list *node;

	while ((node = list_pop(&readers)) != NULL) {
		struct device_read *read = list_entry(node, struct device_read, r_link);

		if (ipc_port_active(read->r_reply))
			return read;
		spin_unlock(&input_lock);
		device_read_done(read, D_DEVICE_DOWN, NULL, 0);
		spin_lock(&input_lock);
	}
	return NULL;
}

/* Answer one read. Locks: input_lock, free meanwhile. */
static void
reader_serve(char *buffer)
{
	struct device_read *read = reader_pop();
	uint32_t count;

	if (read == NULL)
		return;
	count = ring_take(buffer, read->r_wanted < RING_SIZE ? read->r_wanted : RING_SIZE);
	spin_unlock(&input_lock);
	device_read_done(read, D_SUCCESS, buffer, count);
	spin_lock(&input_lock);
}

static void
console_thread(void)
{
	static char buffer[RING_SIZE];

	for (;;) {
		spin_lock(&input_lock);
		while (ring_head != ring_tail && !list_empty(&readers))
			reader_serve(buffer);
		(void)event_wait(&readers, &input_lock, false, WAIT_FOREVER);
	}
}

static void
console_closed(struct device *device)
{
	struct list *node;

	(void)device;
	spin_lock(&input_lock);
	while ((node = list_pop(&readers)) != NULL) {
		spin_unlock(&input_lock);
		device_read_done(
		    list_entry(node, struct device_read, r_link), D_DEVICE_DOWN, NULL, 0);
		spin_lock(&input_lock);
	}
	spin_unlock(&input_lock);
}

/* -- Output ----------------------------------------------------------------------------- */

static io_return_t
console_put(
    struct device *device, recnum_t recnum, const char *data, uint32_t size, uint32_t *donep)
{
	(void)device;
	(void)recnum;
	*donep = 0;
	while (*donep < size) {
		uint32_t piece = size - *donep < WRITE_PIECE ? size - *donep : WRITE_PIECE;

		console_write(data + *donep, piece);
		*donep += piece;
		preempt_point();
	}
	return D_SUCCESS;
}

/* -- Status (ABI sheet 8.6) ---------------------------------------------------------------- */

static io_return_t
console_get_status(
    struct device *device, dev_flavor_t flavor, integer_t *status, mach_msg_type_number_t *countp)
{
	(void)device;
	if (flavor == TTY_STATUS && *countp >= TTY_STATUS_WORDS) {
		memcpy(status, tty_status, sizeof(tty_status));
		*countp = TTY_STATUS_WORDS;
		return D_SUCCESS;
	}
	if (flavor == DEV_GET_SIZE && *countp >= DEV_GET_SIZE_COUNT) {
		status[DEV_GET_SIZE_DEVICE_SIZE] = 0;
		status[DEV_GET_SIZE_RECORD_SIZE] = 1;
		*countp = DEV_GET_SIZE_COUNT;
		return D_SUCCESS;
	}
	return D_INVALID_OPERATION;
}

static io_return_t
console_set_status(struct device *device, dev_flavor_t flavor, const integer_t *status,
    mach_msg_type_number_t count)
{
	(void)device;
	if (flavor == TTY_STATUS && count >= TTY_STATUS_WORDS) {
		memcpy(tty_status, status, sizeof(tty_status));
		return D_SUCCESS;
	}
	if (flavor == TTY_FLUSH && count >= 1) {
		spin_lock(&input_lock);
		if ((status[0] & D_READ) != 0)
			ring_head = ring_tail;
		spin_unlock(&input_lock);
		return D_SUCCESS;
	}
	return D_INVALID_OPERATION;
}

static const struct device_ops console_ops = {
	.read = console_read,
	.wait = console_wait,
	.closed = console_closed,
	.write = console_put,
	.get_status = console_get_status,
	.set_status = console_set_status,
};

void
console_device_init(void)
{
	device_register(&console_device, "console", &console_ops, NULL);
	(void)thread_create_kernel("console", PRIORITY_SYSTEM, console_thread);
	console_set_input(console_input);
}
