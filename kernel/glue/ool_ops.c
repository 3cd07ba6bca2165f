/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ool_ops -- out-of-line memory of messages as copies of vm (ipc_ool.h on
 * vm_map_copy.h). A region is a struct vm_map_copy.
 */
#include <core/task.h>
#include <core/thread.h>
#include <ipc/ipc_ool.h>
#include <mach/vm_inherit.h>
#include <mach/vm_param.h>
#include <mach/vm_prot.h>
#include <vm/vm_map.h>
#include <vm/vm_map_copy.h>

#include "ool_ops.h"

static struct task *
current_task(void)
{
	return thread_current()->t_task;
}

/* TOUR: ool-1 */
static kern_return_t
ool_capture(uint64_t address, uint64_t size, bool deallocate, void **regionp)
{
	struct vm_map_copy *copy = NULL;
	kern_return_t kr =
	    vm_map_copyin(current_task()->k_map, address, size, deallocate, VM_COPYIN_LAZY, &copy);

	*regionp = copy;
	return kr;
}

static kern_return_t
ool_capture_kernel(const void *data, uint64_t size, void **regionp)
{
	struct vm_map_copy *copy = NULL;
	kern_return_t kr = vm_map_copy_from_kernel(data, size, current_task()->k_account, &copy);

	*regionp = copy;
	return kr;
}

static kern_return_t
ool_deliver(void *region, uint64_t *addressp)
{
	vm_offset_t address = 0;
	kern_return_t kr = vm_map_copyout(current_task()->k_map, &address, region);

	*addressp = address;
	return kr;
}

static void
ool_discard(void *region)
{
	vm_map_copy_discard(region);
}

static kern_return_t
ool_allocate(uint64_t size, uint64_t *addressp)
{
	vm_offset_t address = 0;
	kern_return_t kr = vm_map_enter(current_task()->k_map, &address, round_page(size), 0, true,
	    NULL, 0, false, VM_PROT_READ | VM_PROT_WRITE, VM_PROT_ALL, VM_INHERIT_COPY);

	*addressp = address;
	return kr;
}

static kern_return_t
ool_deallocate(uint64_t address, uint64_t size)
{
	return vm_map_remove(
	    current_task()->k_map, trunc_page(address), round_page(address + size));
}

const struct ipc_ool_ops glue_ool_ops = {
	.capture = ool_capture,
	.capture_kernel = ool_capture_kernel,
	.deliver = ool_deliver,
	.discard = ool_discard,
	.allocate = ool_allocate,
	.deallocate = ool_deallocate,
};
