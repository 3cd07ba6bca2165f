/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps: allocation, clipping, merging, protection, regions, limits, wiring. */
#include "vm_test.h"

#include <host/host.h>
#include <host/memory.h>
#include <vm/pmap.h>
#include <vm/vm_fault.h>
#include <vm/vm_internal.h>
#include <vm/vm_kern.h>
#include <vm/vm_user.h>

static void
t_allocate(void **state)
{
	struct vm_map *map = test_map();
	vm_address_t at = 12345;

	(void)state;
	assert_int_equal(vm_allocate(map, &at, 0, true), KERN_SUCCESS);
	assert_int_equal(at, 0);
	at = KB(64) + 5;
	assert_int_equal(vm_allocate(map, &at, 10, false), KERN_SUCCESS);
	assert_int_equal(at, KB(64));
	assert_int_equal(vm_allocate(map, &at, 10, false), KERN_NO_SPACE);
	at = VM_MAX_ADDRESS;
	assert_int_equal(vm_allocate(map, &at, 1, false), KERN_INVALID_ADDRESS);
	at = VM_MAX_ADDRESS - PAGE_SIZE;
	assert_int_equal(vm_allocate(map, &at, PAGE_SIZE, false), KERN_SUCCESS);
	at = ~(vm_address_t)0 - PAGE_SIZE;
	assert_int_equal(vm_allocate(map, &at, 2 * PAGE_SIZE, false), KERN_INVALID_ADDRESS);
	assert_int_equal(vm_allocate(map, &at, ~(vm_size_t)0, true), KERN_NO_SPACE);
	at = 0;
	assert_int_equal(vm_allocate(map, &at, 1, false), KERN_SUCCESS);
	assert_int_equal(at, 0); /* page 0 belongs to the map */
	user_store(map, 0, 7);
	check_map(map);
	assert_int_equal(vm_allocate(NULL, &at, 1, true), KERN_INVALID_ARGUMENT);
	vm_map_release(map);
}

/* Page 0 is given out last, but it is. */
static void
t_anywhere_avoids_zero(void **state)
{
	struct vm_map *map = test_map();
	vm_address_t at = 0;

	(void)state;
	assert_true(test_allocate(map, PAGE_SIZE) != 0);
	assert_int_equal(vm_allocate(map, &at, VM_MAX_ADDRESS - 0x11000, true), KERN_SUCCESS);
	assert_int_equal(vm_allocate(map, &at, 0x10000, true), KERN_SUCCESS);
	assert_int_equal(at, 0);
	assert_int_equal(vm_allocate(map, &at, 1, true), KERN_NO_SPACE);
	vm_map_release(map);
}

static void
t_zero_fill(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, KB(64));

	(void)state;
	for (vm_offset_t i = 0; i < KB(64); i += 997)
		assert_int_equal(user_load(map, at + i), 0);
	user_store(map, at + 4095, 1);
	user_store(map, at + 4096, 2);
	assert_int_equal(user_load(map, at + 4095), 1);
	assert_int_equal(user_load(map, at + 4096), 2);
	host_pmap_forget(map->vm_pmap);
	assert_int_equal(user_load(map, at + 4095), 1);
	assert_int_equal(test_account->used[ACCOUNT_PAGES], 16);
	vm_map_release(map);
}

static void
t_growing_stays_one_entry(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = KB(1024);

	(void)state;
	for (int i = 0; i < 64; i++) {
		test_allocate_at(map, at, PAGE_SIZE);
		user_store(map, at, (uint8_t)i);
		at += PAGE_SIZE;
	}
	assert_int_equal(map->vm_entry_count, 1);
	for (int i = 0; i < 64; i++)
		assert_int_equal(user_load(map, KB(1024) + (vm_offset_t)i * PAGE_SIZE), i);
	check_map(map);
	vm_map_release(map);
}

/* Unmapping part of an object gives its frames back at once, and what is
 * mapped there later is zero. */
static void
t_partial_deallocate(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, KB(64));

	(void)state;
	for (vm_offset_t i = 0; i < KB(64); i += PAGE_SIZE)
		user_store(map, at + i, 1);
	assert_int_equal(vm_deallocate(map, at + KB(16), KB(16)), KERN_SUCCESS);
	assert_int_equal(host_frames_used(), 12);
	check_map(map);
	test_allocate_at(map, at + KB(16), KB(16));
	for (vm_offset_t i = KB(16); i < KB(32); i += PAGE_SIZE)
		assert_int_equal(user_load(map, at + i), 0);
	assert_int_equal(user_load(map, at + KB(32)), 1);
	assert_int_equal(vm_deallocate(map, at + KB(48), KB(16)), KERN_SUCCESS);
	test_allocate_at(map, at + KB(48), KB(16));
	assert_int_equal(user_load(map, at + KB(48)), 0);
	check_map(map);
	vm_map_release(map);
}

static void
t_deallocate_edges(void **state)
{
	struct vm_map *map = test_map();
	void *p;

	(void)state;
	test_allocate_at(map, KB(64), KB(16));
	assert_int_equal(vm_deallocate(map, 0, 0), KERN_SUCCESS);
	assert_int_equal(vm_deallocate(map, KB(64) + 4095, 2), KERN_SUCCESS);
	assert_int_equal(user_access(map, KB(64), false, &p), KERN_INVALID_ADDRESS);
	assert_int_equal(user_access(map, KB(68), false, &p), KERN_INVALID_ADDRESS);
	assert_int_equal(user_access(map, KB(72), false, &p), KERN_SUCCESS);
	assert_int_equal(vm_deallocate(map, 0, VM_MAX_ADDRESS), KERN_SUCCESS);
	assert_int_equal(vm_deallocate(map, KB(4), ~(vm_size_t)0), KERN_INVALID_ARGUMENT);
	assert_int_equal(map->vm_entry_count, 0);
	vm_map_release(map);
}

static void
t_protect(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, KB(16));
	void *p;

	(void)state;
	user_store(map, at + KB(4), 9);
	assert_int_equal(vm_protect(map, at + KB(4), 1, false, VM_PROT_READ), KERN_SUCCESS);
	assert_int_equal(map->vm_entry_count, 3);
	assert_int_equal(user_access(map, at + KB(4), true, &p), KERN_PROTECTION_FAILURE);
	assert_int_equal(user_load(map, at + KB(4)), 9);
	assert_int_equal(vm_protect(map, at + KB(4), 1, false, VM_PROT_DEFAULT), KERN_SUCCESS);
	assert_int_equal(map->vm_entry_count, 1);
	user_store(map, at + KB(4), 10);
	assert_int_equal(vm_protect(map, at, KB(4), true, VM_PROT_READ), KERN_SUCCESS);
	assert_int_equal(
	    vm_protect(map, at, KB(16), false, VM_PROT_DEFAULT), KERN_PROTECTION_FAILURE);
	user_store(map, at + KB(8), 1); /* nothing had changed */
	assert_int_equal(vm_protect(map, at, KB(16), false, 0x20), KERN_INVALID_ARGUMENT);
	assert_int_equal(
	    vm_protect(map, at + KB(8), KB(4), false, VM_PROT_READ | VM_PROT_NOTIFY), KERN_SUCCESS);
	assert_int_equal(user_access(map, at + KB(8), true, &p), KERN_WRITE_PROTECTION_FAILURE);
	assert_int_equal(vm_protect(map, at + KB(8), KB(4), false, VM_PROT_NONE), KERN_SUCCESS);
	assert_int_equal(user_access(map, at + KB(8), false, &p), KERN_PROTECTION_FAILURE);
	check_map(map);
	vm_map_release(map);
}

static void
t_execute(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, KB(4));
	void *p;

	(void)state;
	user_store(map, at, 1);
	assert_true(host_mmu(map->vm_pmap, at, false, true, &p));
	vm_map_set_enforce_execute(map, true);
	assert_false(host_mmu(map->vm_pmap, at, false, true, &p));
	assert_int_equal(
	    vm_fault(map, at, VM_PROT_READ | VM_PROT_EXECUTE, NULL), KERN_PROTECTION_FAILURE);
	assert_int_equal(
	    vm_protect(map, at, 1, false, VM_PROT_READ | VM_PROT_EXECUTE), KERN_SUCCESS);
	assert_int_equal(vm_fault(map, at, VM_PROT_READ | VM_PROT_EXECUTE, NULL), KERN_SUCCESS);
	assert_true(host_mmu(map->vm_pmap, at, false, true, &p));
	vm_map_release(map);
}

static void
t_region(void **state)
{
	struct vm_map *map = test_map();
	struct vm_map_region region;

	(void)state;
	test_allocate_at(map, KB(64), KB(8));
	assert_int_equal(vm_map_region(map, 0, &region), KERN_SUCCESS);
	assert_int_equal(region.start, KB(64));
	assert_int_equal(region.size, KB(8));
	assert_int_equal(region.protection, VM_PROT_DEFAULT);
	assert_int_equal(region.max_protection, VM_PROT_ALL);
	assert_int_equal(region.inheritance, VM_INHERIT_COPY);
	assert_false(region.shared);
	assert_null(region.object);
	assert_int_equal(vm_map_region(map, KB(72), &region), KERN_NO_SPACE);
	vm_map_release(map);
}

static void
t_map_mask(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = 0;

	(void)state;
	test_allocate_at(map, 0x10000, KB(4));
	assert_int_equal(vm_user_map(map, &at, KB(4), 0xfffff, true, NULL, 0, false,
			     VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_SUCCESS);
	assert_int_equal(at, 0x100000);
	at = 0x123000;
	assert_int_equal(vm_user_map(map, &at, KB(4), 0xfffff, false, NULL, 0, false,
			     VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_NO_SPACE);
	/* High bits: the range ends at or below 2^17. */
	assert_int_equal(vm_user_map(map, &at, KB(32), ~0x1fffful, true, NULL, 0, false,
			     VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_SUCCESS);
	assert_true(at + KB(32) <= 0x20000);
	assert_int_equal(vm_user_map(map, &at, KB(64), ~0x1fffful, true, NULL, 0, false,
			     VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_SUCCESS); /* below the floor there was room */
	assert_int_equal(at, 0);
	assert_int_equal(vm_user_map(map, &at, KB(4), 0xff00, true, NULL, 0, false, VM_PROT_DEFAULT,
			     VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_NO_SPACE);
	assert_int_equal(vm_user_map(map, &at, KB(4), ~0ul, true, NULL, 0, false, VM_PROT_DEFAULT,
			     VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_NO_SPACE);
	assert_int_equal(vm_user_map(map, &at, 0, 0, true, NULL, 0, false, VM_PROT_DEFAULT,
			     VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_INVALID_ARGUMENT);
	assert_int_equal(
	    vm_user_map(map, &at, KB(4), 0, true, NULL, 0, false, VM_PROT_DEFAULT, VM_PROT_ALL, 3),
	    KERN_INVALID_ARGUMENT);
	check_map(map);
	vm_map_release(map);
}

static void
t_size_limit(void **state)
{
	struct vm_map *map = test_map();
	vm_address_t at = 0;
	vm_size_t current, max;

	(void)state;
	assert_int_equal(vm_map_set_limit(map, KB(16), KB(8), true), KERN_INVALID_ARGUMENT);
	assert_int_equal(vm_map_set_limit(map, KB(16), KB(32), false), KERN_SUCCESS);
	assert_int_equal(vm_map_set_limit(map, KB(16), KB(64), false), KERN_NO_ACCESS);
	vm_map_get_limit(map, &current, &max);
	assert_int_equal(current, KB(16));
	assert_int_equal(max, KB(32));
	at = test_allocate(map, KB(12));
	assert_int_equal(vm_allocate(map, &at, KB(8), true), KERN_NO_SPACE);
	at = test_allocate(map, KB(4));
	assert_int_equal(vm_protect(map, at, KB(4), true, VM_PROT_NONE), KERN_SUCCESS);
	(void)test_allocate(map, KB(4)); /* what cannot be used does
						 * not count */
	vm_map_release(map);
}

static void
t_wire(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, KB(64));
	struct vm_map *child;
	void *p;

	(void)state;
	user_store(map, at, 3);
	assert_int_equal(vm_user_wire(map, at, KB(32), VM_PROT_DEFAULT, false), KERN_SUCCESS);
	assert_int_equal(host_frames_used(), 8);
	assert_int_equal(test_account->used[ACCOUNT_WIRED_PAGES], 8);
	assert_int_equal(vm_user_wire(map, at, KB(32), VM_PROT_DEFAULT, false), KERN_SUCCESS);
	assert_int_equal(test_account->used[ACCOUNT_WIRED_PAGES], 8);
	host_pmap_forget(map->vm_pmap);
	assert_true(host_mmu(map->vm_pmap, at + KB(31), true, false, &p));
	/* A fork does not disturb wired memory. */
	child = test_fork(map);
	assert_true(host_mmu(map->vm_pmap, at, true, false, &p));
	assert_int_equal(user_load(child, at), 3);
	vm_map_release(child);
	/* One unwiring undoes two wirings. */
	assert_int_equal(vm_user_wire(map, at + KB(8), KB(8), VM_PROT_NONE, false), KERN_SUCCESS);
	assert_int_equal(test_account->used[ACCOUNT_WIRED_PAGES], 6);
	check_map(map);
	assert_int_equal(vm_user_wire(map, at, KB(128), VM_PROT_READ, true), KERN_NO_SPACE);
	assert_int_equal(vm_protect(map, at + KB(60), KB(4), false, VM_PROT_READ), KERN_SUCCESS);
	assert_int_equal(vm_user_wire(map, at, KB(64), VM_PROT_DEFAULT, true), KERN_NO_SPACE);
	assert_int_equal(test_account->used[ACCOUNT_WIRED_PAGES], 6);
	assert_int_equal(vm_deallocate(map, at, KB(4)), KERN_SUCCESS);
	assert_int_equal(test_account->used[ACCOUNT_WIRED_PAGES], 5);
	vm_map_release(map);
}

static void
t_wire_limit(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, KB(9 * 1024));

	(void)state;
	assert_int_equal(vm_user_wire(map, at, KB(9 * 1024), VM_PROT_READ, false), KERN_NO_ACCESS);
	assert_int_equal(vm_user_wire(map, at, KB(8 * 1024), VM_PROT_READ, false), KERN_SUCCESS);
	assert_int_equal(
	    vm_user_wire(map, at + KB(8 * 1024), KB(4), VM_PROT_READ, false), KERN_NO_ACCESS);
	assert_int_equal(
	    vm_user_wire(map, at + KB(8 * 1024), KB(4), VM_PROT_READ, true), KERN_SUCCESS);
	check_map(map);
	vm_map_release(map);
}

static void
t_wire_all(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, KB(16));
	void *p;

	(void)state;
	assert_int_equal(vm_map_wire_all(map, 4), KERN_INVALID_ARGUMENT);
	assert_int_equal(vm_map_wire_all(map, VM_WIRE_ALL), KERN_SUCCESS);
	assert_true(host_mmu(map->vm_pmap, at + KB(15), true, false, &p));
	at = test_allocate(map, KB(64));
	assert_true(host_mmu(map->vm_pmap, at + KB(63), true, false, &p));
	assert_int_equal(vm_map_wire_all(map, VM_WIRE_NONE), KERN_SUCCESS);
	assert_int_equal(test_account->used[ACCOUNT_WIRED_PAGES], 0);
	vm_map_release(map);
}

/* Wiring what cannot be had leaves nothing wired. */
static void
t_wire_fails(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, KB(64));

	(void)state;
	test_account->limit[ACCOUNT_PAGES] = 10;
	assert_int_equal(vm_user_wire(map, at, KB(64), VM_PROT_READ, true), KERN_RESOURCE_SHORTAGE);
	assert_int_equal(test_account->used[ACCOUNT_WIRED_PAGES], 0);
	assert_int_equal(vm_map_entry_at(map, at)->me_object->vo_set->ps_wired, 0);
	test_account->limit[ACCOUNT_PAGES] = ACCOUNT_NO_LIMIT;
	test_account->limit[ACCOUNT_WIRED_PAGES] = 10;
	assert_int_equal(vm_user_wire(map, at, KB(64), VM_PROT_READ, true), KERN_RESOURCE_SHORTAGE);
	check_map(map);
	assert_int_equal(vm_user_wire(map, at, KB(40), VM_PROT_READ, true), KERN_SUCCESS);
	vm_map_release(map);
}

static void
t_accounts(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, KB(64));
	vm_address_t second = KB(1024 * 1024);
	void *p;

	(void)state;
	test_account->limit[ACCOUNT_PAGES] = 2;
	user_store(map, at, 1);
	user_store(map, at + KB(4), 1);
	assert_int_equal(user_access(map, at + KB(8), true, &p), KERN_RESOURCE_SHORTAGE);
	assert_int_equal(vm_deallocate(map, at, KB(4)), KERN_SUCCESS);
	user_store(map, at + KB(8), 1);
	test_account->limit[ACCOUNT_MAP_ENTRIES] = 1;
	assert_int_equal(vm_allocate(map, &second, KB(4), false), KERN_RESOURCE_SHORTAGE);
	assert_int_equal(
	    vm_deallocate(map, at + KB(8), KB(4)), KERN_RESOURCE_SHORTAGE); /* would split */
	assert_int_equal(user_load(map, at + KB(8)), 1);
	vm_map_release(map);
}

/* The last frames are for those who have no account: boot's servers. */
static void
t_reserve(void **state)
{
	struct vm_map *server = vm_map_create(pmap_create(NULL), 0, VM_MAX_ADDRESS, NULL);
	struct vm_map *map = test_map();
	vm_offset_t at, mine = test_allocate(server, KB(1024));
	kern_return_t kr = KERN_SUCCESS;
	vm_size_t i;
	void *p;

	(void)state;
	host_frames_limit(1000);
	at = test_allocate(map, KB(8192));
	for (i = 0; kr == KERN_SUCCESS; i += PAGE_SIZE)
		kr = user_access(map, at + i, true, &p);
	assert_int_equal(kr, KERN_RESOURCE_SHORTAGE);
	assert_in_range(host_frames_used(), 500, 800);
	for (i = 0; i < KB(512); i += PAGE_SIZE)
		user_store(server, mine + i, 1);
	vm_map_release(server);
	vm_map_release(map);
}

static void
t_terminated(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, KB(64));
	void *p;

	(void)state;
	user_store(map, at, 1);
	vm_map_terminate(map);
	assert_int_equal(host_frames_used(), 0);
	assert_int_equal(user_access(map, at, false, &p), KERN_INVALID_ADDRESS);
	assert_int_equal(vm_allocate(map, &at, KB(4), true), KERN_INVALID_ARGUMENT);
	vm_map_release(map);
}

static void
t_kernel_memory(void **state)
{
	vm_offset_t at[3];
	void *p;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(vm_kern_allocate(KB(20), i == 1, &at[i]), KERN_SUCCESS);
		assert_true(host_mmu(kernel_pmap, at[i] + KB(19), true, false, &p));
		assert_int_equal(*(uint8_t *)p, 0);
	}
	assert_false(host_mmu(kernel_pmap, at[1] - 1, false, false, &p));
	for (int i = 0; i < 3; i++)
		vm_kern_free(at[i], KB(20), i == 1);
	assert_false(host_mmu(kernel_pmap, at[0], false, false, &p));
	host_frames_limit(34 + 3);
	assert_int_equal(vm_kern_allocate(KB(4096), true, &at[0]), KERN_RESOURCE_SHORTAGE);
	assert_int_equal(host_frames_used(), 0);
}

static void
t_contiguous(void **state)
{
	struct vm_map *map = test_map();
	vm_address_t at;
	rpc_phys_addr_t pa;
	uint64_t pages[5];

	(void)state;
	assert_int_equal(vm_user_allocate_contiguous(map, &at, &pa, KB(20), 0, 0, 0), KERN_SUCCESS);
	user_store(map, at + KB(19), 1);
	assert_int_equal(vm_map_pages_phys(map, at, at + KB(20), pages), KERN_SUCCESS);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(pages[i], pa + i * PAGE_SIZE);
	assert_int_equal(host_frames_used(), 5);
	assert_int_equal(
	    vm_user_allocate_contiguous(map, &at, &pa, KB(4), 1, 0, 0), KERN_INVALID_ARGUMENT);
	assert_int_equal(vm_user_allocate_contiguous(map, &at, &pa, KB(4), 0, PAGE_SIZE, 0),
	    KERN_RESOURCE_SHORTAGE);
	assert_int_equal(
	    vm_user_allocate_contiguous(map, &at, &pa, KB(8192), 0, 0, 0), KERN_RESOURCE_SHORTAGE);
	vm_map_release(map);
}

static void
t_machine_attribute(void **state)
{
	struct vm_map *map = test_map();
	vm_machine_attribute_val_t value = MATTR_VAL_GET;

	(void)state;
	assert_int_equal(
	    vm_machine_attribute(map, KB(64), KB(4), MATTR_CACHE, &value), KERN_INVALID_ADDRESS);
	assert_int_equal(vm_machine_attribute(map, VM_MAX_ADDRESS, KB(4), MATTR_CACHE, &value),
	    KERN_INVALID_ARGUMENT);
	assert_int_equal(vm_msync(map, 0, 0, 3), KERN_INVALID_ARGUMENT);
	assert_int_equal(vm_msync(map, 0, 0, 1), KERN_SUCCESS);
	assert_int_equal(vm_msync(map, 0, 4, 1), KERN_INVALID_ARGUMENT);
	vm_map_release(map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		VM_TEST(t_allocate),
		VM_TEST(t_anywhere_avoids_zero),
		VM_TEST(t_zero_fill),
		VM_TEST(t_growing_stays_one_entry),
		VM_TEST(t_partial_deallocate),
		VM_TEST(t_deallocate_edges),
		VM_TEST(t_protect),
		VM_TEST(t_execute),
		VM_TEST(t_region),
		VM_TEST(t_map_mask),
		VM_TEST(t_size_limit),
		VM_TEST(t_wire),
		VM_TEST(t_wire_limit),
		VM_TEST(t_wire_all),
		VM_TEST(t_wire_fails),
		VM_TEST(t_accounts),
		VM_TEST(t_reserve),
		VM_TEST(t_terminated),
		VM_TEST(t_kernel_memory),
		VM_TEST(t_contiguous),
		VM_TEST(t_machine_attribute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
