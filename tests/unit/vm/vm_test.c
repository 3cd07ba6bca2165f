/* SPDX-License-Identifier: BSD-2-Clause */
/* See vm_test.h. */
#include "vm_test.h"

#include <host/host.h>
#include <host/memory.h>
#include <vm/pmap.h>
#include <vm/vm_fault.h>
#include <vm/vm_init.h>
#include <vm/vm_internal.h>
#include <vm/vm_kern.h>
#include <vm/vm_object.h>
#include <vm/vm_user.h>

#define KERNEL_MIN 0xffffc00000000000ul
#define KERNEL_MAX 0xffffc00100000000ul

struct account *test_account;

int
vm_test_setup(void **state)
{
	(void)state;
	host_init(0);
	host_memory_init(TEST_FRAMES);
	vm_init(KERNEL_MIN, KERNEL_MAX);
	test_account = account_create(NULL);
	return 0;
}

static void
forget_kernel_map(void)
{
	rwlock_write(&kernel_map->vm_lock);
	assert_true(list_empty(&kernel_map->vm_entries));
	rwlock_unlock(&kernel_map->vm_lock);
	vm_map_abandon(kernel_map);
	kernel_map = NULL;
}

int
vm_test_teardown(void **state)
{
	(void)state;
	host_fail_allocation(0);
	host_fail_frame(0);
	host_fail_pmap_enter(0);
	vm_pager_cache_trim(0);
	forget_kernel_map();
	for (int i = 0; i < ACCOUNT_KIND_COUNT; i++)
		assert_int_equal(test_account->used[i], 0);
	account_release(test_account);
	if (host_live_allocations() != 0)
		host_report_live();
	assert_int_equal(host_live_allocations(), 0);
	assert_int_equal(host_frames_used(), 0);
	assert_int_equal(host_pmaps(), 0);
	host_finish();
	return 0;
}

struct vm_map *
test_map(void)
{
	struct pmap *pmap = pmap_create(test_account);
	struct vm_map *map;

	map = vm_map_create(pmap, VM_MIN_ADDRESS, VM_MAX_ADDRESS, test_account);
	assert_non_null(map);
	return map;
}

struct vm_map *
test_fork(struct vm_map *map)
{
	struct vm_map *child;

	child = vm_map_fork(map, pmap_create(test_account), test_account);
	assert_non_null(child);
	return child;
}

vm_offset_t
test_allocate(struct vm_map *map, vm_size_t size)
{
	vm_address_t at = 0;

	assert_int_equal(vm_allocate(map, &at, size, true), KERN_SUCCESS);
	return at;
}

void
test_allocate_at(struct vm_map *map, vm_offset_t at, vm_size_t size)
{
	assert_int_equal(vm_allocate(map, &at, size, false), KERN_SUCCESS);
}

kern_return_t
user_access(struct vm_map *map, vm_offset_t at, bool write, void **pointerp)
{
	vm_prot_t access = VM_PROT_READ | (write ? VM_PROT_WRITE : 0);
	kern_return_t kr;

	while (!host_mmu(map->vm_pmap, at, write, false, pointerp)) {
		kr = vm_fault(map, at, access, NULL);
		if (kr != KERN_SUCCESS)
			return kr;
	}
	return KERN_SUCCESS;
}

void
user_store(struct vm_map *map, vm_offset_t at, uint8_t value)
{
	void *p;

	assert_int_equal(user_access(map, at, true, &p), KERN_SUCCESS);
	*(uint8_t *)p = value;
}

uint8_t
user_load(struct vm_map *map, vm_offset_t at)
{
	void *p;

	assert_int_equal(user_access(map, at, false, &p), KERN_SUCCESS);
	return *(uint8_t *)p;
}

unsigned
chain_length(struct vm_map *map, vm_offset_t at)
{
	struct vm_map_entry *entry = vm_map_entry_at(map, at);
	struct vm_object *object;
	unsigned length = 0;

	assert_non_null(entry);
	for (object = entry->me_object; object != NULL; object = object->vo_shadow)
		length++;
	return length;
}

static void
check_object(struct vm_object *object)
{
	struct rb_node *node;
	struct list *link;
	uint64_t count = 0, wired = 0, shadowers = 0;

	for (; object != NULL; object = object->vo_shadow) {
		count = wired = shadowers = 0;
		for (node = rb_first(&object->vo_set->ps_pages); node != NULL;
		     node = rb_next(node)) {
			struct vm_page *page = container_of(node, struct vm_page, pg_node);

			assert_ptr_equal(vm_page_object(page), object);
			assert_ptr_equal(vm_object_page(object, vm_page_offset(page)), page);
			count++;
			wired += page->pg_wire_count > 0;
		}
		assert_int_equal(count, object->vo_set->ps_count);
		assert_int_equal(wired, object->vo_set->ps_wired);
		node = rb_last(&object->vo_set->ps_pages);
		assert_ptr_equal(object->vo_set->ps_max,
		    node == NULL ? NULL : container_of(node, struct vm_page, pg_node));
		list_for_each(&object->vo_shadowers, link)
			shadowers++;
		assert_true(object->vo_refs >= shadowers);
		assert_true(object->vo_refs > 0);
		assert_false(object->vo_is_pending);
	}
}

void
check_map(struct vm_map *map)
{
	vm_offset_t below = map->vm_min;
	vm_size_t size = 0;
	uint64_t count = 0;
	struct list *link;

	list_for_each(&map->vm_entries, link) {
		struct vm_map_entry *entry = vm_map_entry_of(link);

		assert_true(entry->me_start < entry->me_end);
		assert_true(entry->me_start >= below);
		assert_int_equal(entry->me_gap, entry->me_start - below);
		assert_ptr_equal(vm_map_entry_from(map, entry->me_start), entry);
		assert_ptr_equal(vm_map_entry_from(map, entry->me_end - 1), entry);
		below = entry->me_end;
		size += entry->me_end - entry->me_start;
		count++;
		check_object(entry->me_object);
	}
	assert_int_equal(count, map->vm_entry_count);
	assert_int_equal(size, map->vm_size);
}
