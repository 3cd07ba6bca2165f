/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory calls, by the vm_ calls of the kernel. Protections have the same
 * bits on both sides.
 */
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_threads.h>
#include <mach/vm_param.h>

#include "handler.h"

static long
errno_of(kern_return_t kr)
{
	switch (kr) {
	case KERN_SUCCESS:
		return 0;
	case KERN_NO_SPACE:
	case KERN_RESOURCE_SHORTAGE:
	case KERN_INVALID_ADDRESS:
		return -LINUX_ENOMEM;
	default:
		return -LINUX_EINVAL;
	}
}

static kern_return_t
map_anonymous(vm_address_t *address, vm_size_t size, boolean_t anywhere, vm_prot_t prot)
{
	return vm_map(mach_task_self(), address, size, 0, anywhere, MACH_PORT_NULL, 0, FALSE, prot,
	    VM_PROT_ALL, VM_INHERIT_COPY);
}

static boolean_t
range_is_valid(vm_address_t address, vm_size_t size)
{
	return page_aligned(address) && size != 0 && size < VM_MAX_ADDRESS &&
	    address <= VM_MAX_ADDRESS - size;
}

long
handler_mmap(struct handler_frame *frame, struct emulation_block *block)
{
	vm_address_t address = FRAME_ARG0(frame);
	vm_size_t size = round_page(FRAME_ARG1(frame));
	uint64_t flags = FRAME_ARG3(frame);
	boolean_t fixed = (flags & (LINUX_MAP_FIXED | LINUX_MAP_FIXED_NOREPLACE)) != 0;
	kern_return_t kr;

	if (!(flags & LINUX_MAP_ANONYMOUS))
		return -LINUX_ENODEV;
	if (!range_is_valid(fixed ? address : 0, size))
		return -LINUX_EINVAL;
	if (flags & LINUX_MAP_FIXED)
		(void)vm_deallocate(mach_task_self(), address, size);
	kr = map_anonymous(&address, size, !fixed, (vm_prot_t)FRAME_ARG2(frame) & LINUX_PROT_ALL);
	return kr == KERN_SUCCESS ? (long)address : errno_of(kr);
}

long
handler_mprotect(struct handler_frame *frame, struct emulation_block *block)
{
	vm_address_t address = FRAME_ARG0(frame);
	vm_size_t size = round_page(FRAME_ARG1(frame));

	if (size == 0)
		return 0;
	if (!range_is_valid(address, size))
		return -LINUX_EINVAL;
	return errno_of(vm_protect(
	    mach_task_self(), address, size, FALSE, (vm_prot_t)FRAME_ARG2(frame) & LINUX_PROT_ALL));
}

long
handler_munmap(struct handler_frame *frame, struct emulation_block *block)
{
	vm_address_t address = FRAME_ARG0(frame);
	vm_size_t size = round_page(FRAME_ARG1(frame));

	if (!range_is_valid(address, size))
		return -LINUX_EINVAL;
	return errno_of(vm_deallocate(mach_task_self(), address, size));
}

/* Move the pages to a new place of `size` bytes. */
static long
remap_moved(vm_address_t old, vm_size_t old_size, vm_size_t size)
{
	vm_address_t new = 0;
	kern_return_t kr;

	kr = map_anonymous(&new, size, TRUE, VM_PROT_DEFAULT);
	if (kr != KERN_SUCCESS)
		return errno_of(kr);
	kr = vm_copy(mach_task_self(), old, old_size, new);
	if (kr != KERN_SUCCESS) {
		(void)vm_deallocate(mach_task_self(), new, size);
		return -LINUX_EFAULT;
	}
	(void)vm_deallocate(mach_task_self(), old, old_size);
	return (long)new;
}

/* Of read-write memory: what realloc moves. */
long
handler_mremap(struct handler_frame *frame, struct emulation_block *block)
{
	vm_address_t old = FRAME_ARG0(frame), end;
	vm_size_t old_size = round_page(FRAME_ARG1(frame));
	vm_size_t size = round_page(FRAME_ARG2(frame));
	uint64_t flags = FRAME_ARG3(frame);

	if (!range_is_valid(old, old_size) || !range_is_valid(0, size) ||
	    (flags & ~(uint64_t)LINUX_MREMAP_MAYMOVE))
		return -LINUX_EINVAL;
	if (size <= old_size) {
		if (size < old_size)
			(void)vm_deallocate(mach_task_self(), old + size, old_size - size);
		return (long)old;
	}
	end = old + old_size;
	if (map_anonymous(&end, size - old_size, FALSE, VM_PROT_DEFAULT) == KERN_SUCCESS)
		return (long)old;
	return flags & LINUX_MREMAP_MAYMOVE ? remap_moved(old, old_size, size) : -LINUX_ENOMEM;
}

/* Only DONTNEED has an effect that programs rely on: the pages read as zero. */
long
handler_madvise(struct handler_frame *frame, struct emulation_block *block)
{
	vm_address_t address = FRAME_ARG0(frame);
	vm_size_t size = round_page(FRAME_ARG1(frame));

	if (FRAME_ARG2(frame) != LINUX_MADV_DONTNEED || size == 0)
		return 0;
	if (!range_is_valid(address, size))
		return -LINUX_EINVAL;
	(void)vm_deallocate(mach_task_self(), address, size);
	return errno_of(map_anonymous(&address, size, FALSE, VM_PROT_DEFAULT));
}

extern char _end[] __attribute__((visibility("hidden")));

static struct mach_mutex break_lock;
static vm_address_t break_now;

static void
break_move(vm_address_t wanted)
{
	vm_address_t old_end = round_page(break_now), new_end = round_page(wanted);

	if (new_end > old_end &&
	    map_anonymous(&old_end, new_end - old_end, FALSE, VM_PROT_DEFAULT) != KERN_SUCCESS)
		return;
	if (new_end < old_end)
		(void)vm_deallocate(mach_task_self(), new_end, old_end - new_end);
	break_now = wanted;
}

/* The break starts on the page after the program; failure leaves it in place. */
long
handler_brk(struct handler_frame *frame, struct emulation_block *block)
{
	vm_address_t wanted = FRAME_ARG0(frame), lowest = round_page(_end);
	long result;

	mach_mutex_lock(&break_lock);
	if (break_now == 0)
		break_now = lowest;
	if (wanted >= lowest && wanted < VM_MAX_ADDRESS)
		break_move(wanted);
	result = (long)break_now;
	mach_mutex_unlock(&break_lock);
	return result;
}
