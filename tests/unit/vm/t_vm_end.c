/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects with an end: what a file that is mapped shows behind its last page. */
#include "vm_test.h"

#include <host/host.h>
#include <host/memory.h>
#include <vm/vm_internal.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_user.h>

#define FILE_SIZE KB(64)

/* An object of the size, ending at `end`; the caller's reference. */
static struct vm_object *
file_new(vm_offset_t end)
{
	struct vm_object *object = vm_object_create(FILE_SIZE, test_account);

	assert_non_null(object);
	vm_object_set_end(object, end);
	return object;
}

static vm_offset_t
map_file(struct vm_map *map, struct vm_object *object, bool copy)
{
	vm_offset_t at = 0;

	vm_object_reference(object);
	assert_int_equal(vm_user_map(map, &at, FILE_SIZE, 0, true, object, 0, copy, VM_PROT_DEFAULT,
			     VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_SUCCESS);
	return at;
}

static void
expect_nothing(struct vm_map *map, vm_offset_t at)
{
	void *p;

	assert_int_equal(user_access(map, at, false, &p), KERN_MEMORY_ERROR);
	assert_int_equal(user_access(map, at, true, &p), KERN_MEMORY_ERROR);
}

static void
t_end_moves(void **state)
{
	struct vm_map *map = test_map(), *other = test_map();
	struct vm_object *file = file_new(KB(8));
	vm_offset_t at = map_file(map, file, false), at2 = map_file(other, file, false);

	(void)state;
	user_store(map, at + KB(4), 1);
	assert_int_equal(user_load(other, at2 + KB(4)), 1);
	expect_nothing(map, at + KB(8));
	expect_nothing(other, at2 + KB(60));
	vm_object_set_end(file, KB(32));
	user_store(other, at2 + KB(28), 2);
	assert_int_equal(user_load(map, at + KB(28)), 2);
	vm_object_set_end(file, KB(4));
	expect_nothing(map, at + KB(4));
	expect_nothing(other, at2 + KB(28));
	assert_int_equal(host_frames_used(), 0);
	/* What comes again is empty. */
	vm_object_set_end(file, FILE_SIZE);
	assert_int_equal(user_load(map, at + KB(4)), 0);
	assert_int_equal(user_load(other, at2 + KB(28)), 0);
	vm_object_release(file);
	vm_map_release(map);
	vm_map_release(other);
}

/* A private mapping: what it wrote is its own, the rest follows the file. */
static void
t_private(void **state)
{
	struct vm_map *map = test_map(), *owner = test_map(), *child;
	struct vm_object *file = file_new(KB(16));
	vm_offset_t own = map_file(owner, file, false), at;

	(void)state;
	user_store(owner, own, 1);
	user_store(owner, own + KB(4), 1);
	at = map_file(map, file, true);
	assert_int_equal(user_load(map, at), 1);
	user_store(map, at, 2);
	user_store(owner, own + KB(4), 3);
	assert_int_equal(user_load(owner, own), 1);
	assert_int_equal(user_load(map, at + KB(4)), 1);
	assert_int_equal(user_load(map, at + KB(8)), 0);
	expect_nothing(map, at + KB(16));
	child = test_fork(map);
	vm_object_set_end(file, 0);
	assert_int_equal(user_load(map, at), 2);
	expect_nothing(map, at + KB(12));
	expect_nothing(child, at + KB(12));
	vm_map_release(map);
	assert_int_equal(user_load(child, at), 2);
	/* Nobody else is left: the chain must still know the end. */
	vm_map_release(owner);
	vm_object_release(file);
	expect_nothing(child, at + KB(12));
	vm_map_release(child);
}

/* What was nowhere before a writer came is not the private mapping's own. */
static void
t_hole(void **state)
{
	struct vm_map *map = test_map(), *owner = test_map();
	struct vm_object *file = file_new(KB(16));
	vm_offset_t own = map_file(owner, file, false), at = map_file(map, file, true);

	(void)state;
	user_store(owner, own + KB(4), 1);
	user_store(owner, own + KB(8), 1);
	user_store(map, at, 2); /* an object of its own, with the copy's pages */
	assert_int_equal(user_load(map, at + KB(4)), 1);
	vm_object_set_end(file, KB(8));
	assert_int_equal(user_load(map, at + KB(4)), 1);
	expect_nothing(map, at + KB(8));
	vm_object_release(file);
	vm_map_release(map);
	vm_map_release(owner);
}

/* More than one batch at a time. */
static void
t_many(void **state)
{
	struct vm_map *map = test_map();
	struct vm_object *file = file_new(FILE_SIZE);
	vm_offset_t at = map_file(map, file, false), big = 0;
	struct vm_object *large = vm_object_create(KB(8192), test_account);

	(void)state;
	assert_non_null(large);
	vm_object_reference(large);
	assert_int_equal(vm_user_map(map, &big, KB(8192), 0, true, large, 0, false, VM_PROT_DEFAULT,
			     VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_SUCCESS);
	for (vm_offset_t i = 0; i < KB(8192); i += PAGE_SIZE)
		user_store(map, big + i, 1);
	user_store(map, at, 1);
	vm_object_set_end(large, KB(4));
	assert_int_equal(host_frames_used(), 2);
	expect_nothing(map, big + KB(8188));
	vm_object_release(large);
	vm_object_release(file);
	vm_map_release(map);
}

/* What the kernel does with such memory fails as an access would. */
static void
t_kernel_copies(void **state)
{
	struct vm_map *map = test_map();
	struct vm_object *file = file_new(KB(4));
	vm_offset_t at = map_file(map, file, false), got;
	struct vm_map_copy *copy;

	(void)state;
	user_store(map, at, 7);
	assert_int_equal(
	    vm_map_copyin(map, at, KB(8), false, VM_COPYIN_RESIDENT, &copy), KERN_MEMORY_ERROR);
	assert_int_equal(
	    vm_map_copyin(map, at, FILE_SIZE, false, VM_COPYIN_LAZY, &copy), KERN_SUCCESS);
	assert_int_equal(vm_map_copyout(map, &got, copy), KERN_SUCCESS);
	assert_int_equal(user_load(map, got), 7);
	expect_nothing(map, got + KB(8));
	vm_object_release(file);
	vm_map_release(map);
}

/* A wired page stays where it is, without its contents. */
static void
t_wired(void **state)
{
	struct vm_map *map = test_map();
	struct vm_object *file = file_new(KB(8));
	vm_offset_t at = map_file(map, file, false);

	(void)state;
	user_store(map, at + KB(4), 7);
	assert_int_equal(vm_user_wire(map, at + KB(4), KB(4), VM_PROT_DEFAULT, true), KERN_SUCCESS);
	vm_object_set_end(file, 0);
	assert_int_equal(user_load(map, at + KB(4)), 0);
	expect_nothing(map, at);
	assert_int_equal(vm_user_wire(map, at + KB(4), KB(4), VM_PROT_NONE, true), KERN_SUCCESS);
	vm_object_release(file);
	vm_map_release(map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		VM_TEST(t_end_moves),
		VM_TEST(t_private),
		VM_TEST(t_hole),
		VM_TEST(t_many),
		VM_TEST(t_kernel_copies),
		VM_TEST(t_wired),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
