/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_kern -- wired memory in the kernel's map.
 *
 * The pages are made and mapped at once: kernel memory never faults. Each
 * allocation is an entry with an object of its own, wired by the kernel
 * (me_wired), so that removing it is the ordinary removal.
 */
#include <kern/assert.h>
#include <kern/preempt.h>
#include <mach/vm_param.h>
#include <vm/pmap.h>
#include <vm/vm_init.h>
#include <vm/vm_internal.h>
#include <vm/vm_kern.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>
#include <vm/vm_pageout.h>

struct vm_map *kernel_map;

static kern_return_t
kern_page(struct vm_object *object, vm_offset_t offset, vm_offset_t address)
{
	struct vm_page *page;
	kern_return_t kr;

	page = vm_page_create_wait(NULL);
	if (page == NULL)
		return KERN_RESOURCE_SHORTAGE;
	pmap_zero_page(page->pg_pa);
	vm_object_lock(object);
	vm_object_insert(object, offset, page);
	vm_page_wire(page);
	kr = pmap_enter(kernel_pmap, address, page->pg_pa, VM_PROT_DEFAULT, true);
	vm_object_unlock(object);
	return kr;
}

/* The entry says wired at once: it is unwired on removal whatever happens. */
static void
kern_mark_wired(vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry;

	rwlock_write(&kernel_map->vm_lock);
	entry = vm_map_entry_at(kernel_map, start);
	kassert(entry != NULL && entry->me_start == start && entry->me_end == end);
	entry->me_wired = 1;
	rwlock_unlock(&kernel_map->vm_lock);
}

kern_return_t
vm_kern_allocate(vm_size_t size, bool guard, vm_offset_t *addressp)
{
	vm_size_t below = guard ? PAGE_SIZE : 0;
	vm_offset_t start = 0, address;
	struct vm_object *object;
	kern_return_t kr;

	size = round_page(size);
	object = vm_object_create(below + size, NULL);
	if (object == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = vm_map_enter(kernel_map, &start, below + size, 0, true, object, 0, false,
	    VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_NONE);
	if (kr != KERN_SUCCESS) {
		vm_object_release(object);
		return kr;
	}
	kern_mark_wired(start, start + below + size);
	address = start + below;
	for (vm_size_t at = 0; kr == KERN_SUCCESS && at < size; at += PAGE_SIZE)
		kr = kern_page(object, below + at, address + at);
	if (kr != KERN_SUCCESS) {
		vm_kern_free(address, size, guard);
		return kr;
	}
	*addressp = address;
	return KERN_SUCCESS;
}

void
vm_kern_free(vm_offset_t address, vm_size_t size, bool guard)
{
	vm_offset_t start = guard ? address - PAGE_SIZE : address;
	kern_return_t kr;

	kr = vm_map_remove(kernel_map, start, address + round_page(size));
	kassert(kr == KERN_SUCCESS); /* whole entries: nothing to clip */
}

void
vm_init(vm_offset_t min, vm_offset_t max)
{
	vm_page_init();
	vm_object_init();
	vm_map_init();
	vm_pager_init();
	vm_pageout_init();
	kernel_map = vm_map_create(kernel_pmap, min, max, NULL);
	if (kernel_map == NULL)
		panic("vm_init: no memory for the kernel map");
}
