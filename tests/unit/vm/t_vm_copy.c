/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyin, copyout, overwrite, vm_read, vm_write, vm_copy (sheet 2.8, 5.4). */
#include "vm_test.h"

#include <stdlib.h>
#include <string.h>

#include <host/host.h>
#include <host/memory.h>
#include <vm/pmap.h>
#include <vm/vm_fault.h>
#include <vm/vm_internal.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_user.h>

static void
pattern(struct vm_map *map, vm_offset_t at, vm_size_t size)
{
	for (vm_offset_t i = 0; i < size; i++)
		if (i % 251 == 0 || i == size - 1)
			user_store(map, at + i, (uint8_t)(i * 7 + 1));
}

static void
expect_pattern(struct vm_map *map, vm_offset_t at, vm_size_t size)
{
	for (vm_offset_t i = 0; i < size; i++)
		if (i % 251 == 0 || i == size - 1)
			assert_int_equal(user_load(map, at + i), (uint8_t)(i * 7 + 1));
}

/* Every size class, any alignment, with and without removal. */
static void
transfer(vm_size_t size, vm_offset_t skew, bool destroy, enum vm_copyin_how how)
{
	struct vm_map *from = test_map(), *to = test_map();
	vm_offset_t at = test_allocate(from, size + skew), got, end;
	struct vm_map_copy *copy;
	struct vm_map_region region;
	void *p;

	pattern(from, at + skew, size);
	assert_int_equal(vm_map_copyin(from, at + skew, size, destroy, how, &copy), KERN_SUCCESS);
	if (destroy)
		assert_int_equal(from->vm_size, 0);
	else
		user_store(from, at + skew, 0); /* too late to be seen */
	assert_int_equal(vm_map_copyout(to, &got, copy), KERN_SUCCESS);
	assert_int_equal(got & PAGE_MASK, (at + skew) & PAGE_MASK);
	expect_pattern(to, got, size);
	user_store(to, got, 0x55);
	if (!destroy)
		assert_int_equal(user_load(from, at + skew), 0);
	assert_int_equal(vm_map_region(to, got, &region), KERN_SUCCESS);
	assert_int_equal(region.protection, VM_PROT_DEFAULT);
	assert_int_equal(region.max_protection, VM_PROT_ALL);
	assert_int_equal(region.inheritance, VM_INHERIT_COPY);
	vm_object_release(region.object);
	end = round_page(got + size);
	assert_int_equal(user_access(to, end, false, &p), KERN_INVALID_ADDRESS);
	check_map(from);
	check_map(to);
	vm_map_release(from);
	assert_int_equal(user_load(to, got), 0x55);
	vm_map_release(to);
}

static void
t_transfer(void **state)
{
	static const vm_size_t sizes[] = { 1, 100, 4096, 4097, KB(16), KB(16) + 1, KB(100),
		KB(1024) };
	static const vm_offset_t skews[] = { 0, 1, 4095 };

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		for (unsigned j = 0; j < 3; j++)
			for (int k = 0; k < 4; k++)
				transfer(sizes[i], skews[j], k & 1,
				    k & 2 ? VM_COPYIN_RESIDENT : VM_COPYIN_LAZY);
}

static void
t_copyin_refused(void **state)
{
	struct vm_map *map = test_map();
	struct vm_map_copy *copy;
	vm_offset_t at;

	(void)state;
	test_allocate_at(map, KB(64), KB(64));
	at = KB(64);
	assert_int_equal(vm_map_copyin(map, at, 0, true, VM_COPYIN_LAZY, &copy), KERN_SUCCESS);
	assert_null(copy);
	assert_int_equal(
	    vm_map_copyin(map, at, KB(64) + 1, true, VM_COPYIN_LAZY, &copy), KERN_INVALID_ADDRESS);
	assert_int_equal(
	    vm_map_copyin(map, at - 1, 2, true, VM_COPYIN_LAZY, &copy), KERN_INVALID_ADDRESS);
	assert_int_equal(vm_map_copyin(map, at, ~(vm_size_t)0, true, VM_COPYIN_LAZY, &copy),
	    KERN_INVALID_ADDRESS);
	assert_int_equal(vm_map_copyin(map, at, ~(vm_size_t)0 - at, true, VM_COPYIN_LAZY, &copy),
	    KERN_INVALID_ADDRESS);
	assert_int_equal(vm_map_copyin(map, VM_MAX_ADDRESS - 1, 2, true, VM_COPYIN_LAZY, &copy),
	    KERN_INVALID_ADDRESS);
	assert_int_equal(vm_protect(map, at + KB(60), KB(4), false, VM_PROT_NONE), KERN_SUCCESS);
	for (int how = VM_COPYIN_LAZY; how <= VM_COPYIN_RESIDENT; how++) {
		assert_int_equal(
		    vm_map_copyin(map, at, KB(64), true, (enum vm_copyin_how)how, &copy),
		    KERN_PROTECTION_FAILURE);
		assert_int_equal(
		    vm_map_copyin(map, at + KB(59), KB(2), true, (enum vm_copyin_how)how, &copy),
		    KERN_PROTECTION_FAILURE);
	}
	assert_int_equal(map->vm_size, KB(64)); /* nothing was removed */
	check_map(map);
	vm_map_release(map);
}

static void
t_copyout_refused(void **state)
{
	struct vm_map *from = test_map(), *to = test_map();
	vm_offset_t at = test_allocate(from, KB(64)), got;
	struct vm_map_copy *copy;
	struct account *poor = account_create(NULL);
	struct pmap *pmap = pmap_create(poor);
	struct vm_map *limited = vm_map_create(pmap, 0, VM_MAX_ADDRESS, poor);

	(void)state;
	pattern(from, at, KB(64));
	assert_int_equal(
	    vm_map_copyin(from, at, KB(64), false, VM_COPYIN_LAZY, &copy), KERN_SUCCESS);
	poor->limit[ACCOUNT_MAP_ENTRIES] = 0;
	assert_int_equal(vm_map_copyout(limited, &got, copy), KERN_RESOURCE_SHORTAGE);
	assert_int_equal(vm_map_set_limit(to, KB(32), KB(32), true), KERN_SUCCESS);
	assert_int_equal(vm_map_copyout(to, &got, copy), KERN_NO_SPACE);
	vm_map_terminate(to);
	assert_int_equal(vm_map_copyout(to, &got, copy), KERN_INVALID_ARGUMENT);
	poor->limit[ACCOUNT_MAP_ENTRIES] = 1;
	assert_int_equal(vm_map_copyout(limited, &got, copy), KERN_SUCCESS);
	expect_pattern(limited, got, KB(64));
	vm_map_release(from);
	vm_map_release(to);
	vm_map_release(limited);
	account_release(poor);
}

static void
t_from_kernel(void **state)
{
	struct vm_map *map = test_map();
	struct vm_map_copy *copy;
	char data[10000], back[10000];
	vm_offset_t at;

	(void)state;
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 13);
	assert_int_equal(
	    vm_map_copy_from_kernel(data, sizeof(data), test_account, &copy), KERN_SUCCESS);
	assert_int_equal(vm_map_copy_read(copy, 0, back, sizeof(back)), KERN_SUCCESS);
	assert_memory_equal(data, back, sizeof(data));
	assert_int_equal(vm_map_copy_read(copy, 4000, back, 5000), KERN_SUCCESS);
	assert_memory_equal(data + 4000, back, 5000);
	assert_int_equal(vm_map_copy_read(copy, 9999, back, 2), KERN_INVALID_ARGUMENT);
	assert_int_equal(vm_map_copy_read(copy, ~(vm_size_t)0, back, 2), KERN_INVALID_ARGUMENT);
	assert_int_equal(vm_map_copyout(map, &at, copy), KERN_SUCCESS);
	for (unsigned i = 0; i < sizeof(data); i += 99)
		assert_int_equal(user_load(map, at + i), (uint8_t)data[i]);
	assert_int_equal(user_load(map, at + KB(12) - 1), 0);
	assert_int_equal(vm_map_copy_from_kernel(data, 0, NULL, &copy), KERN_SUCCESS);
	assert_null(copy);
	assert_int_equal(vm_map_copyout(map, &at, NULL), KERN_SUCCESS);
	assert_int_equal(at, 0);
	vm_map_release(map);
}

/* Untouched memory between touched pages, several entries. */
static void
t_sparse(void **state)
{
	struct vm_map *from = test_map(), *to = test_map();
	vm_offset_t at = test_allocate(from, KB(256)), got;
	struct vm_map_copy *copy;
	uint8_t byte;

	(void)state;
	user_store(from, at + KB(40), 1);
	assert_int_equal(vm_protect(from, at + KB(80), KB(40), false, VM_PROT_READ), KERN_SUCCESS);
	assert_int_equal(vm_inherit(from, at + KB(100), KB(40), VM_INHERIT_NONE), KERN_SUCCESS);
	assert_int_equal(
	    vm_map_copyin(from, at + 5, KB(200), false, VM_COPYIN_LAZY, &copy), KERN_SUCCESS);
	assert_int_equal(vm_map_copy_read(copy, KB(40) - 5, &byte, 1), KERN_SUCCESS);
	assert_int_equal(byte, 1);
	assert_int_equal(vm_map_copyout(to, &got, copy), KERN_SUCCESS);
	assert_int_equal(user_load(to, got + KB(40) - 5), 1);
	assert_int_equal(user_load(to, got + KB(199)), 0);
	user_store(to, got + KB(90), 2);
	assert_int_equal(user_load(from, at + KB(90)), 0);
	check_map(from);
	check_map(to);
	vm_map_release(from);
	vm_map_release(to);
}

static void
t_vm_read_write(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, KB(128)), odd;
	mach_msg_type_number_t count;
	pointer_t data;

	(void)state;
	pattern(map, at, KB(64));
	assert_int_equal(vm_read(map, at, KB(64), &data, &count), KERN_SUCCESS);
	assert_int_equal(count, KB(64));
	assert_int_equal(vm_write(map, at + KB(64) + 1, data, count), KERN_INVALID_ARGUMENT);
	assert_int_equal(vm_write(map, at + KB(128), data, count), KERN_INVALID_ADDRESS);
	assert_int_equal(vm_write(map, at + KB(96), data, count), KERN_INVALID_ADDRESS);
	assert_int_equal(vm_protect(map, at + KB(120), KB(4), false, VM_PROT_READ), KERN_SUCCESS);
	assert_int_equal(vm_write(map, at + KB(64), data, count), KERN_PROTECTION_FAILURE);
	assert_int_equal(user_load(map, at + KB(64)), 0);
	assert_int_equal(
	    vm_protect(map, at + KB(120), KB(4), false, VM_PROT_DEFAULT), KERN_SUCCESS);
	assert_int_equal(vm_write(map, at + KB(64), data, count), KERN_SUCCESS);
	expect_pattern(map, at, KB(64));
	expect_pattern(map, at + KB(64), KB(64));
	assert_int_equal(vm_write(map, at, 0, 0), KERN_SUCCESS);
	/* Any alignment may be read, only pages written. */
	odd = at + 77;
	assert_int_equal(vm_read(map, odd, 100, &data, &count), KERN_SUCCESS);
	assert_int_equal(vm_write(map, at, data, count), KERN_INVALID_ARGUMENT);
	vm_map_copy_discard((struct vm_map_copy *)data);
	assert_int_equal(vm_read(map, at, 0, &data, &count), KERN_SUCCESS);
	assert_int_equal(data, 0);
	assert_int_equal(count, 0);
	check_map(map);
	vm_map_release(map);
}

static void
t_vm_copy(void **state)
{
	struct vm_map *map = test_map(), *child;
	vm_offset_t at = test_allocate(map, KB(256));

	(void)state;
	pattern(map, at, KB(64));
	child = test_fork(map);
	assert_int_equal(vm_copy(map, at, KB(64), at + KB(32)), KERN_SUCCESS); /* overlapping */
	expect_pattern(map, at + KB(32), KB(64));
	expect_pattern(child, at, KB(64));
	assert_int_equal(vm_copy(map, at, 0, at), KERN_SUCCESS);
	assert_int_equal(vm_copy(map, at + 1, KB(4), at), KERN_INVALID_ARGUMENT);
	assert_int_equal(vm_copy(map, at, 5, at), KERN_INVALID_ARGUMENT);
	/* Into shared memory: by bytes, everybody sees them. */
	assert_int_equal(vm_inherit(map, at + KB(128), KB(64), VM_INHERIT_SHARE), KERN_SUCCESS);
	vm_map_release(child);
	child = test_fork(map);
	assert_int_equal(vm_copy(map, at + KB(32), KB(64), at + KB(128)), KERN_SUCCESS);
	expect_pattern(child, at + KB(128), KB(64));
	check_map(map);
	vm_map_release(map);
	vm_map_release(child);
}

static void
t_bytes(void **state)
{
	struct vm_map *map = test_map();
	vm_offset_t at = test_allocate(map, KB(64));
	char data[9000], back[9000];
	vm_size_t done;

	(void)state;
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 3 + 1);
	assert_int_equal(
	    vm_map_write_bytes(map, at + 4000, data, sizeof(data), &done), KERN_SUCCESS);
	assert_int_equal(done, sizeof(data));
	assert_int_equal(vm_map_read_bytes(map, at + 4000, back, sizeof(back), NULL), KERN_SUCCESS);
	assert_memory_equal(data, back, sizeof(data));
	assert_int_equal(user_load(map, at + 4000), data[0]);
	assert_int_equal(
	    vm_map_read_bytes(map, at + KB(64) - 100, back, 200, &done), KERN_INVALID_ADDRESS);
	assert_int_equal(done, 100);
	assert_int_equal(
	    vm_map_read_bytes(map, ~(vm_offset_t)0 - 10, back, 200, &done), KERN_INVALID_ADDRESS);
	assert_int_equal(vm_protect(map, at, KB(4), false, VM_PROT_READ), KERN_SUCCESS);
	assert_int_equal(vm_map_write_bytes(map, at, data, 1, &done), KERN_PROTECTION_FAILURE);
	vm_map_release(map);
}

/* The sender's account pays until delivery, even after its death. */
static void
t_charges(void **state)
{
	struct account *a = account_create(test_account);
	struct account *b = account_create(test_account);
	struct vm_map *from, *to;
	struct vm_map_copy *copy;
	vm_offset_t at, got;

	(void)state;
	from = vm_map_create(pmap_create(a), 0, VM_MAX_ADDRESS, a);
	to = vm_map_create(pmap_create(b), 0, VM_MAX_ADDRESS, b);
	at = test_allocate(from, KB(64));
	pattern(from, at, KB(64));
	assert_int_equal(
	    vm_map_copyin(from, at, KB(64), true, VM_COPYIN_LAZY, &copy), KERN_SUCCESS);
	vm_map_release(from);
	assert_int_equal(a->used[ACCOUNT_MAP_ENTRIES], 1);
	assert_int_equal(a->used[ACCOUNT_PAGES], 16);
	account_release(a);
	assert_int_equal(vm_map_copyout(to, &got, copy), KERN_SUCCESS);
	assert_int_equal(b->used[ACCOUNT_MAP_ENTRIES], 1);
	expect_pattern(to, got, KB(64));
	vm_map_release(to);
	account_release(b);
}

/* A small message is readable at once. */
static void
t_premapped(void **state)
{
	struct vm_map *from = test_map(), *to = test_map();
	vm_offset_t at = test_allocate(from, KB(8)), got;
	struct vm_map_copy *copy;
	void *p;

	(void)state;
	pattern(from, at, KB(8));
	assert_int_equal(
	    vm_map_copyin(from, at, KB(8), false, VM_COPYIN_LAZY, &copy), KERN_SUCCESS);
	assert_int_equal(vm_map_copyout(to, &got, copy), KERN_SUCCESS);
	assert_true(host_mmu(to->vm_pmap, got + KB(7), true, false, &p));
	vm_map_release(from);
	vm_map_release(to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		VM_TEST(t_transfer),
		VM_TEST(t_copyin_refused),
		VM_TEST(t_copyout_refused),
		VM_TEST(t_from_kernel),
		VM_TEST(t_sparse),
		VM_TEST(t_vm_read_write),
		VM_TEST(t_vm_copy),
		VM_TEST(t_bytes),
		VM_TEST(t_charges),
		VM_TEST(t_premapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
