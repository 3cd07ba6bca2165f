/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_user -- the memory calls as the ABI sheet states them: rounding, checks,
 * codes; the work is done in vm_map and vm_map_copy.
 */
#include <kern/physmem.h>
#include <mach/vm_param.h>
#include <vm/pmap.h>
#include <vm/vm_internal.h>
#include <vm/vm_map.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_object.h>
#include <vm/vm_user.h>

/* vm_wire with the unprivileged host port (sheet 5.5). */
#define VM_USER_WIRE_LIMIT (8ul << 20)

/*
 * Whole pages around [address, address + size). What lies above the map does
 * not exist, so a range may be cut there by callers that allow holes.
 *
 * False: the range wraps.
 */
static bool
page_range(vm_offset_t address, vm_size_t size, vm_offset_t *startp, vm_offset_t *endp)
{
	*startp = trunc_page(address);
	*endp = round_page(address + size);
	return address + size >= address && (size == 0 || *endp > *startp);
}

static bool
inside(const struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	return start >= map->vm_min && end <= map->vm_max;
}

/* As page_range, cut to the map. */
static bool
page_range_in(const struct vm_map *map, vm_offset_t address, vm_size_t size, vm_offset_t *startp,
    vm_offset_t *endp)
{
	if (!page_range(address, size, startp, endp))
		return false;
	if (*startp < map->vm_min)
		*startp = map->vm_min;
	if (*endp > map->vm_max)
		*endp = map->vm_max;
	if (*startp > *endp)
		*startp = *endp;
	return true;
}

kern_return_t
vm_allocate(struct vm_map *map, vm_address_t *address, vm_size_t size, boolean_t anywhere)
{
	vm_offset_t start = trunc_page(*address), end;

	if (map == NULL)
		return KERN_INVALID_ARGUMENT;
	if (size == 0) {
		*address = 0;
		return KERN_SUCCESS;
	}
	if (anywhere)
		start = 0;
	if (!page_range(start, size, &start, &end))
		return anywhere ? KERN_NO_SPACE : KERN_INVALID_ADDRESS;
	*address = start;
	return vm_map_enter(map, address, end - start, 0, anywhere, NULL, 0, false, VM_PROT_DEFAULT,
	    VM_PROT_ALL, VM_INHERIT_DEFAULT);
}

kern_return_t
vm_deallocate(struct vm_map *map, vm_address_t address, vm_size_t size)
{
	vm_offset_t start, end;

	if (map == NULL)
		return KERN_INVALID_ARGUMENT;
	if (size == 0)
		return KERN_SUCCESS;
	if (!page_range_in(map, address, size, &start, &end))
		return KERN_INVALID_ARGUMENT;
	return start == end ? KERN_SUCCESS : vm_map_remove(map, start, end);
}

kern_return_t
vm_protect(struct vm_map *map, vm_address_t address, vm_size_t size, boolean_t set_maximum,
    vm_prot_t new_protection)
{
	vm_offset_t start, end;

	if (map == NULL || (new_protection & ~(VM_PROT_ALL | VM_PROT_NOTIFY)) != 0)
		return KERN_INVALID_ARGUMENT;
	if (size == 0)
		return KERN_SUCCESS;
	if (!page_range_in(map, address, size, &start, &end))
		return KERN_INVALID_ARGUMENT;
	if (start == end)
		return KERN_SUCCESS;
	return vm_map_protect(map, start, end, new_protection, set_maximum);
}

static bool
inheritance_valid(vm_inherit_t inheritance)
{
	return inheritance == VM_INHERIT_SHARE || inheritance == VM_INHERIT_COPY ||
	    inheritance == VM_INHERIT_NONE;
}

kern_return_t
vm_inherit(struct vm_map *map, vm_address_t address, vm_size_t size, vm_inherit_t new_inheritance)
{
	vm_offset_t start, end;

	if (map == NULL || !inheritance_valid(new_inheritance))
		return KERN_INVALID_ARGUMENT;
	if (size == 0)
		return KERN_SUCCESS;
	if (!page_range_in(map, address, size, &start, &end))
		return KERN_INVALID_ARGUMENT;
	if (start == end)
		return KERN_SUCCESS;
	return vm_map_inherit(map, start, end, new_inheritance);
}

kern_return_t
vm_read(struct vm_map *map, vm_address_t address, vm_size_t size, pointer_t *data,
    mach_msg_type_number_t *countp)
{
	struct vm_map_copy *copy;
	kern_return_t kr;

	if (map == NULL || size > UINT32_MAX)
		return KERN_INVALID_ARGUMENT;
	kr = vm_map_copyin(map, address, size, false, VM_COPYIN_LAZY, &copy);
	if (kr != KERN_SUCCESS)
		return kr;
	*data = (pointer_t)copy;
	*countp = (mach_msg_type_number_t)size;
	return KERN_SUCCESS;
}

kern_return_t
vm_write(struct vm_map *map, vm_address_t address, pointer_t data, mach_msg_type_number_t count)
{
	struct vm_map_copy *copy = (struct vm_map_copy *)data;

	if (map == NULL)
		return KERN_INVALID_ARGUMENT;
	if (copy == NULL)
		return KERN_SUCCESS;
	if (!page_aligned(address) || copy->vc_offset != 0 || !page_aligned(copy->vc_size) ||
	    copy->vc_size != count)
		return KERN_INVALID_ARGUMENT;
	return vm_map_copy_overwrite(map, address, copy);
}

kern_return_t
vm_copy(struct vm_map *map, vm_address_t source_address, vm_size_t size, vm_address_t dest_address)
{
	struct vm_map_copy *copy;
	kern_return_t kr;

	if (map == NULL || !page_aligned(source_address) || !page_aligned(dest_address) ||
	    !page_aligned(size))
		return KERN_INVALID_ARGUMENT;
	kr = vm_map_copyin(map, source_address, size, false, VM_COPYIN_LAZY, &copy);
	if (kr != KERN_SUCCESS)
		return kr;
	kr = vm_map_copy_overwrite(map, dest_address, copy);
	if (kr != KERN_SUCCESS)
		vm_map_copy_discard(copy);
	return kr;
}

kern_return_t
vm_statistics(struct vm_map *map, vm_statistics_data_t *statistics)
{
	if (map == NULL)
		return KERN_INVALID_ARGUMENT;
	vm_page_statistics(statistics);
	return KERN_SUCCESS;
}

kern_return_t
vm_cache_statistics(struct vm_map *map, vm_cache_statistics_data_t *statistics)
{
	uint64_t objects, pages;

	if (map == NULL)
		return KERN_INVALID_ARGUMENT;
	vm_pager_cache_statistics(&objects, &pages);
	*statistics = (vm_cache_statistics_data_t) {
		.cache_object_count = (integer_t)objects,
		.cache_count = (integer_t)pages,
	};
	return KERN_SUCCESS;
}

/* x86 caches are coherent: there is nothing to set (sheet 5.4). */
kern_return_t
vm_machine_attribute(struct vm_map *map, vm_address_t address, vm_size_t size,
    vm_machine_attribute_t attribute, vm_machine_attribute_val_t *value)
{
	if (map == NULL || address + size < address || !inside(map, address, address + size))
		return KERN_INVALID_ARGUMENT;
	return KERN_INVALID_ADDRESS;
}

/* Sheet 5.7. */
kern_return_t
vm_msync(struct vm_map *map, vm_address_t address, vm_size_t size, vm_sync_t sync_flags)
{
	const vm_sync_t both = VM_SYNC_ASYNCHRONOUS | VM_SYNC_SYNCHRONOUS;

	if (map == NULL || (sync_flags & both) == both)
		return KERN_INVALID_ARGUMENT;
	return size == 0 ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

kern_return_t
vm_user_map(struct vm_map *map, vm_address_t *address, vm_size_t size, vm_address_t mask,
    boolean_t anywhere, struct vm_object *object, vm_offset_t offset, boolean_t copy,
    vm_prot_t cur_protection, vm_prot_t max_protection, vm_inherit_t inheritance)
{
	vm_offset_t start = anywhere ? 0 : trunc_page(*address);
	vm_offset_t rounded = round_page(size);

	if (map == NULL || rounded == 0 || rounded < size || (cur_protection & ~VM_PROT_ALL) ||
	    (max_protection & ~VM_PROT_ALL) || !inheritance_valid(inheritance))
		return KERN_INVALID_ARGUMENT;
	if (!page_aligned(offset))
		return KERN_INVALID_ARGUMENT;
	if (start + rounded < start)
		return KERN_INVALID_ADDRESS;
	*address = start;
	return vm_map_enter(map, address, rounded, mask, anywhere, object, offset, copy,
	    cur_protection, max_protection, inheritance);
}

kern_return_t
vm_user_wire(
    struct vm_map *map, vm_address_t address, vm_size_t size, vm_prot_t access, bool privileged)
{
	vm_offset_t start, end;

	if (map == NULL)
		return KERN_INVALID_TASK;
	if ((access & ~VM_PROT_ALL) || !page_range(address, size, &start, &end))
		return KERN_INVALID_ARGUMENT;
	if (size == 0)
		return KERN_SUCCESS;
	if (!inside(map, start, end))
		return KERN_NO_SPACE;
	return vm_map_wire(
	    map, start, end, access, privileged ? VM_MAP_NO_LIMIT : VM_USER_WIRE_LIMIT);
}

/* ---- vm_allocate_contiguous ---- */

/* The pages of a block of 2^order frames; those past `count` are freed. */
static kern_return_t
contiguous_fill(
    struct vm_object *object, uint64_t pa, unsigned order, uint64_t count, struct account *account)
{
	kern_return_t kr = KERN_SUCCESS;
	struct vm_page *page;

	for (uint64_t i = 0; i < 1ull << order; i++, pa += PAGE_SIZE) {
		page = kr == KERN_SUCCESS && i < count ? vm_page_adopt(pa, account) : NULL;
		if (page == NULL) {
			phys_free(pa, 0);
			if (i < count)
				kr = KERN_RESOURCE_SHORTAGE;
			continue;
		}
		pmap_zero_page(pa);
		page->pg_dirty = true;
		vm_object_lock(object);
		vm_object_insert(object, i << PAGE_SHIFT, page);
		vm_object_unlock(object);
	}
	return kr;
}

static kern_return_t
contiguous_object(
    struct vm_map *map, vm_size_t size, uint64_t pmax, uint64_t *pap, struct vm_object **objectp)
{
	struct vm_object *object;
	unsigned order = 0;
	kern_return_t kr;

	while (order < PHYS_ORDER_MAX && (PAGE_SIZE << order) < (long)size)
		order++;
	if (PHYS_PAGE_SIZE << order < size || !phys_alloc(order, pap))
		return KERN_RESOURCE_SHORTAGE;
	object = vm_object_create(size, map->vm_account);
	if (object == NULL || (pmax != 0 && *pap + size > pmax)) {
		phys_free(*pap, order);
		vm_object_release(object);
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = contiguous_fill(object, *pap, order, VM_PAGES(size), map->vm_account);
	if (kr != KERN_SUCCESS)
		vm_object_release(object);
	else
		*objectp = object;
	return kr;
}

kern_return_t
vm_user_allocate_contiguous(struct vm_map *map, vm_address_t *addressp, rpc_phys_addr_t *pap,
    vm_size_t size, rpc_phys_addr_t pmin, rpc_phys_addr_t pmax, rpc_phys_addr_t palign)
{
	struct vm_object *object;
	uint64_t pa;
	kern_return_t kr;

	size = round_page(size);
	if (map == NULL || size == 0 || pmin != 0 || (palign != 0 && palign != PAGE_SIZE))
		return KERN_INVALID_ARGUMENT;
	kr = contiguous_object(map, size, pmax, &pa, &object);
	if (kr != KERN_SUCCESS)
		return kr;
	*addressp = 0;
	kr = vm_map_enter(map, addressp, size, 0, true, object, 0, false, VM_PROT_DEFAULT,
	    VM_PROT_ALL, VM_INHERIT_DEFAULT);
	if (kr != KERN_SUCCESS) {
		vm_object_release(object);
		return kr;
	}
	kr = vm_map_wire(map, *addressp, *addressp + size, VM_PROT_DEFAULT, VM_MAP_NO_LIMIT);
	if (kr != KERN_SUCCESS)
		(void)vm_map_remove(map, *addressp, *addressp + size);
	*pap = pa;
	return kr;
}
