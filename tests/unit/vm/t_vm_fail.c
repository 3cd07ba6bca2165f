/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Failure injection: a scenario over everything is run with its k-th request
 * refused, for every k: zone elements, frames, page-table pages. Whatever is
 * refused, the error is one of shortage, what was there before stays intact,
 * and nothing is left behind (the teardown counts).
 */
#include "vm_test.h"

#include <host/host.h>
#include <host/memory.h>
#include <vm/pmap.h>
#include <vm/vm_fault.h>
#include <vm/vm_internal.h>
#include <vm/vm_kern.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_user.h>

#define SIZE KB(64)

static bool
success(kern_return_t kr)
{
	if (kr != KERN_SUCCESS)
		assert_int_equal(kr, KERN_RESOURCE_SHORTAGE);
	return kr == KERN_SUCCESS;
}

static bool
store(struct vm_map *map, vm_offset_t at, uint8_t value)
{
	void *p;

	if (!success(user_access(map, at, true, &p)))
		return false;
	*(uint8_t *)p = value;
	return true;
}

static bool
load(struct vm_map *map, vm_offset_t at, uint8_t value)
{
	void *p;

	if (!success(user_access(map, at, false, &p)))
		return false;
	assert_int_equal(*(uint8_t *)p, value);
	return true;
}

static void
scenario_fork(struct vm_map *map, vm_offset_t at)
{
	struct pmap *pmap = pmap_create(test_account);
	struct vm_map *child = vm_map_fork(map, pmap, test_account);

	if (child == NULL) {
		pmap_destroy(pmap);
		return;
	}
	if (load(child, at, 1) && store(child, at, 2) && load(child, at, 2))
		(void)load(child, at + KB(4), 1);
	(void)load(map, at, 1);
	(void)store(map, at + KB(32), 1);
	vm_map_release(child);
}

static void
scenario_copy(struct vm_map *map, vm_offset_t at, vm_size_t size, enum vm_copyin_how how)
{
	struct vm_map_copy *copy;
	vm_offset_t got;

	if (!success(vm_map_copyin(map, at, size, false, how, &copy)))
		return;
	if (!success(vm_map_copyout(map, &got, copy))) {
		vm_map_copy_discard(copy);
		return;
	}
	(void)load(map, got, 1);
	(void)store(map, got, 3);
	(void)success(vm_deallocate(map, got, size));
}

static void
scenario_write(struct vm_map *map, vm_offset_t at)
{
	mach_msg_type_number_t count;
	pointer_t data;

	if (!success(vm_read(map, at, KB(32), &data, &count)))
		return;
	if (!success(vm_write(map, at + KB(32), data, count)))
		vm_map_copy_discard((struct vm_map_copy *)data);
	(void)success(vm_copy(map, at, KB(8), at + KB(32)));
}

static void
scenario_ranges(struct vm_map *map, vm_offset_t at)
{
	(void)success(vm_protect(map, at + KB(4), KB(4), false, VM_PROT_READ));
	(void)success(vm_inherit(map, at + KB(20), KB(4), VM_INHERIT_SHARE));
	(void)success(vm_user_wire(map, at + KB(8), KB(8), VM_PROT_READ, true));
	scenario_fork(map, at);
	(void)success(vm_user_wire(map, at + KB(12), KB(4), VM_PROT_NONE, true));
	(void)success(vm_deallocate(map, at + KB(40), KB(8)));
}

static void
scenario(struct vm_map *map, vm_offset_t at)
{
	vm_address_t more = 0;
	vm_offset_t kernel;

	scenario_fork(map, at);
	scenario_copy(map, at, KB(8), VM_COPYIN_LAZY);
	scenario_copy(map, at, SIZE, VM_COPYIN_LAZY);
	scenario_copy(map, at, SIZE, VM_COPYIN_RESIDENT);
	scenario_write(map, at);
	scenario_ranges(map, at);
	if (success(vm_allocate(map, &more, KB(12), true)))
		(void)store(map, more, 1);
	if (vm_kern_allocate(KB(12), true, &kernel) == KERN_SUCCESS)
		vm_kern_free(kernel, KB(12), true);
	check_map(map);
}

/* Only pages [32K, 64K) were written, with 1. */
static void
unharmed(struct vm_map *map, vm_offset_t at)
{
	for (vm_offset_t i = 0; i < KB(32); i += PAGE_SIZE)
		assert_int_equal(user_load(map, at + i), 1);
}

/* One run with the k-th request of one kind refused; false: there was no
 * k-th request. */
static bool
run(void (*refuse)(uint64_t k), bool (*refused)(void), uint64_t k)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, SIZE);
	bool happened;

	for (vm_offset_t i = 0; i < SIZE; i += PAGE_SIZE)
		user_store(map, at + i, 1);
	refuse(k);
	scenario(map, at);
	happened = refused();
	host_fail_allocation(0);
	host_fail_frame(0);
	host_fail_pmap_enter(0);
	unharmed(map, at);
	vm_map_release(map);
	assert_int_equal(host_frames_used(), 0);
	assert_int_equal(test_account->used[ACCOUNT_OBJECTS], 0);
	assert_int_equal(test_account->used[ACCOUNT_MAP_ENTRIES], 0);
	return happened;
}

static void
fail_zone(uint64_t k)
{
	host_fail_allocation(k);
}

static void
t_zones(void **state)
{
	uint64_t k = 1;

	(void)state;
	while (k < 5000 && run(fail_zone, host_failed, k))
		k++;
	assert_in_range(k, 50, 4999);
}

static void
t_frames(void **state)
{
	uint64_t k = 1;

	(void)state;
	while (k < 5000 && run(host_fail_frame, host_memory_refused, k))
		k++;
	assert_in_range(k, 20, 4999);
}

static void
t_page_tables(void **state)
{
	uint64_t k = 1;

	(void)state;
	while (k < 5000 && run(host_fail_pmap_enter, host_memory_refused, k))
		k++;
	assert_in_range(k, 20, 4999);
}

/* An account at each limit in turn. */
static void
t_accounts(void **state)
{
	static const enum account_kind kinds[] = { ACCOUNT_PAGES, ACCOUNT_OBJECTS,
		ACCOUNT_MAP_ENTRIES, ACCOUNT_WIRED_PAGES };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		for (uint64_t extra = 0; extra < 24; extra++) {
			struct vm_map *map = test_map();
			vm_offset_t at = test_allocate(map, SIZE);

			for (vm_offset_t o = 0; o < SIZE; o += PAGE_SIZE)
				user_store(map, at + o, 1);
			test_account->limit[kinds[i]] = test_account->used[kinds[i]] + extra;
			scenario(map, at);
			test_account->limit[kinds[i]] = ACCOUNT_NO_LIMIT;
			unharmed(map, at);
			vm_map_release(map);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		VM_TEST(t_zones),
		VM_TEST(t_frames),
		VM_TEST(t_page_tables),
		VM_TEST(t_accounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
