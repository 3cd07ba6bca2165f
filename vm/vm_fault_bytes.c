/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_fault_bytes -- the kernel's own access to memory of any map or object:
 * resolve the page as a fault would, use it through the direct map.
 */
#include <kern/assert.h>
#include <kern/preempt.h>
#include <kern/string.h>
#include <mach/vm_param.h>
#include <vm/pmap.h>
#include <vm/vm_fault_internal.h>

/* One step of a byte copy: what is used of the page. */
struct vm_bytes {
	uint32_t offset; /* in the page */
	uint32_t size;
	void *to;         /* reading, or */
	const void *from; /* writing */
};

static uint64_t
vm_bytes_pa(const struct vm_fault *fault)
{
	return fault->page != NULL ? fault->page->pg_pa
				   : fault->object->vo_physical + fault->offset;
}

static kern_return_t
vm_bytes_move(struct vm_fault *fault, const struct vm_bytes *bytes)
{
	kern_return_t kr = vm_fault_resolve(fault);

	if (kr != KERN_SUCCESS)
		return kr;
	if (bytes->to != NULL) {
		pmap_read_page(vm_bytes_pa(fault), bytes->offset, bytes->to, bytes->size);
	} else {
		pmap_write_page(vm_bytes_pa(fault), bytes->offset, bytes->from, bytes->size);
		if (fault->page != NULL)
			fault->page->pg_dirty = true;
	}
	vm_fault_release(fault);
	return KERN_SUCCESS;
}

/* Split [address, address + size) at page borders. */
static kern_return_t
vm_bytes_loop(struct vm_map *map, vm_offset_t address, void *to, const void *from, vm_size_t size,
    vm_size_t *donep)
{
	struct vm_bytes bytes;
	vm_size_t done = 0;
	kern_return_t kr = KERN_SUCCESS;

	if (address + size < address)
		kr = KERN_INVALID_ADDRESS;
	while (kr == KERN_SUCCESS && done < size) {
		struct vm_fault fault = {
			.map = map,
			.address = trunc_page(address + done),
			.access = to != NULL ? VM_PROT_READ : VM_PROT_READ | VM_PROT_WRITE,
			.account = map->vm_account,
		};

		bytes.offset = (address + done) & PAGE_MASK;
		bytes.size = PAGE_SIZE - bytes.offset;
		if (bytes.size > size - done)
			bytes.size = (uint32_t)(size - done);
		bytes.to = to != NULL ? (char *)to + done : NULL;
		bytes.from = from != NULL ? (const char *)from + done : NULL;
		kr = vm_bytes_move(&fault, &bytes);
		if (kr == KERN_SUCCESS)
			done += bytes.size;
		preempt_point();
	}
	if (donep != NULL)
		*donep = done;
	return kr;
}

kern_return_t
vm_map_read_bytes(
    struct vm_map *map, vm_offset_t address, void *to, vm_size_t size, vm_size_t *donep)
{
	return vm_bytes_loop(map, address, to, NULL, size, donep);
}

kern_return_t
vm_map_write_bytes(
    struct vm_map *map, vm_offset_t address, const void *from, vm_size_t size, vm_size_t *donep)
{
	return vm_bytes_loop(map, address, NULL, from, size, donep);
}

kern_return_t
vm_fault_read_object(
    struct vm_object *object, vm_offset_t offset, void *to, uint32_t size, struct account *account)
{
	struct vm_fault fault = {
		.access = VM_PROT_READ,
		.first = object,
		.first_offset = trunc_page(offset),
		.account = account,
	};
	struct vm_bytes bytes = {
		.offset = offset & PAGE_MASK,
		.size = size,
		.to = to,
	};

	kassert(bytes.offset + size <= PAGE_SIZE);
	return vm_bytes_move(&fault, &bytes);
}

/* The page is made before the fault is resolved: a resolved fault holds
 * locks. */
static kern_return_t
vm_fault_copy_resolved(
    struct vm_fault *fault, struct vm_object *to, vm_offset_t to_offset, struct account *account)
{
	struct vm_page *page;
	kern_return_t kr;

	page = vm_page_create_wait(account);
	if (page == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = vm_fault_resolve(fault);
	if (kr != KERN_SUCCESS) {
		vm_page_free(page);
		return kr;
	}
	pmap_copy_page(vm_bytes_pa(fault), page->pg_pa);
	vm_fault_release(fault);
	page->pg_dirty = true;
	vm_object_lock(to);
	vm_object_insert(to, to_offset, page);
	vm_object_unlock(to);
	return KERN_SUCCESS;
}

kern_return_t
vm_fault_copy_page(struct vm_map *map, vm_offset_t address, bool trusted, struct vm_object *to,
    vm_offset_t to_offset, struct account *account)
{
	struct vm_fault fault = {
		.map = map,
		.trusted = trusted,
		.address = address,
		.access = VM_PROT_READ,
		.account = map->vm_account,
	};

	return vm_fault_copy_resolved(&fault, to, to_offset, account);
}

kern_return_t
vm_fault_copy_object_page(struct vm_object *from, vm_offset_t offset, struct vm_object *to,
    vm_offset_t to_offset, struct account *account)
{
	struct vm_fault fault = {
		.access = VM_PROT_READ,
		.first = from,
		.first_offset = offset,
		.account = account,
	};

	return vm_fault_copy_resolved(&fault, to, to_offset, account);
}

struct vm_object *
vm_object_copy_eagerly(struct vm_object *object, vm_offset_t offset, vm_size_t size,
    struct account *account, kern_return_t *krp)
{
	struct vm_object *copy = vm_object_create(size, account);

	*krp = copy == NULL ? KERN_RESOURCE_SHORTAGE : KERN_SUCCESS;
	for (vm_offset_t at = 0; *krp == KERN_SUCCESS && at < size; at += PAGE_SIZE) {
		*krp = vm_fault_copy_object_page(object, offset + at, copy, at, account);
		preempt_point();
	}
	if (*krp == KERN_SUCCESS)
		return copy;
	vm_object_release(copy);
	return NULL;
}

kern_return_t
vm_map_lookup_identity(struct vm_map *map, vm_offset_t address, vm_prot_t access,
    struct vm_object **objectp, vm_offset_t *offsetp)
{
	struct vm_fault fault = {
		.map = map,
		.address = trunc_page(address),
		.access = access,
		.account = map->vm_account,
	};
	kern_return_t kr = vm_fault_resolve(&fault);

	if (kr != KERN_SUCCESS)
		return kr;
	vm_object_reference_locked(fault.first);
	*objectp = fault.first;
	*offsetp = fault.first_offset + (address & PAGE_MASK);
	vm_fault_release(&fault);
	return KERN_SUCCESS;
}
