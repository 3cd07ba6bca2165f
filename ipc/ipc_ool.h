/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_ool -- out-of-line memory, as ipc wants it from the vm system.
 *
 * ipc and vm do not know each other; kernel/glue implements these on vm maps
 * (capture = a lazy copy of part of the running task's map, and so on). A
 * region is opaque here. Calls are made with no ipc lock held and may block.
 */
#ifndef IPC_OOL_H
#define IPC_OOL_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/kern_return.h>

struct ipc_ool_ops {
	/*
	 * A logical copy of [address, address+size) of the running task, size
	 * not 0; the whole range must be mapped and readable. With `deallocate`
	 * the pages that overlap it are then removed from the task. On any
	 * failure nothing is removed.
	 */
	kern_return_t (*capture)(uint64_t address, uint64_t size, bool deallocate, void **regionp);

	/* The same of a kernel buffer (a reply's array). */
	kern_return_t (*capture_kernel)(const void *data, uint64_t size, void **regionp);

	/*
	 * Place a region into the running task's map as new memory. Consumes
	 * it on success. KERN_NO_SPACE or KERN_RESOURCE_SHORTAGE otherwise.
	 */
	kern_return_t (*deliver)(void *region, uint64_t *addressp);

	/* Throw a region away. */
	void (*discard)(void *region);

	/* New zeroed memory in the running task, and its removal (whole
	 * pages: start rounded down, end up). */
	kern_return_t (*allocate)(uint64_t size, uint64_t *addressp);
	kern_return_t (*deallocate)(uint64_t address, uint64_t size);
};

extern const struct ipc_ool_ops *ipc_ool;

#endif
