/* SPDX-License-Identifier: BSD-2-Clause */
/* Fork and copy-on-write: inheritance, shadow chains, collapse, sharing. */
#include "vm_test.h"

#include <host/host.h>
#include <host/memory.h>
#include <vm/pmap.h>
#include <vm/vm_fault.h>
#include <vm/vm_internal.h>
#include <vm/vm_pager.h>
#include <vm/vm_user.h>

static void
fill(struct vm_map *map, vm_offset_t at, vm_size_t size, uint8_t value)
{
	for (vm_offset_t i = 0; i < size; i += PAGE_SIZE)
		user_store(map, at + i, value);
}

static void
expect(struct vm_map *map, vm_offset_t at, vm_size_t size, uint8_t value)
{
	for (vm_offset_t i = 0; i < size; i += PAGE_SIZE)
		assert_int_equal(user_load(map, at + i), value);
}

static void
t_fork_copies(void **state)
{
	struct vm_map *map = test_map(), *child;
	vm_offset_t at = test_allocate(map, KB(64));

	(void)state;
	fill(map, at, KB(64), 1);
	child = test_fork(map);
	assert_int_equal(host_frames_used(), 16); /* nothing copied */
	expect(child, at, KB(64), 1);
	user_store(child, at, 2);
	user_store(map, at + KB(4), 3);
	assert_int_equal(user_load(map, at), 1);
	assert_int_equal(user_load(child, at + KB(4)), 1);
	assert_int_equal(user_load(child, at), 2);
	assert_int_equal(host_frames_used(), 18);
	check_map(map);
	check_map(child);
	vm_map_release(child);
	expect(map, at + KB(8), KB(56), 1);
	/* The child is gone: one object again, no hidden page kept. */
	assert_int_equal(chain_length(map, at), 1);
	assert_int_equal(host_frames_used(), 16);
	vm_map_release(map);
}

static void
t_fork_inheritance(void **state)
{
	struct vm_map *map = test_map(), *child;
	vm_offset_t shared = test_allocate(map, KB(16));
	vm_offset_t none, at;
	struct vm_map_region region;
	void *p;

	(void)state;
	none = shared + KB(4);
	at = shared + KB(8);
	fill(map, shared, KB(16), 5);
	assert_int_equal(vm_inherit(map, shared, KB(4), VM_INHERIT_SHARE), KERN_SUCCESS);
	assert_int_equal(vm_inherit(map, none, KB(4), VM_INHERIT_NONE), KERN_SUCCESS);
	assert_int_equal(vm_inherit(map, none, KB(4), 3), KERN_INVALID_ARGUMENT);
	child = test_fork(map);
	user_store(child, shared, 6);
	assert_int_equal(user_load(map, shared), 6);
	user_store(map, shared, 7);
	assert_int_equal(user_load(child, shared), 7);
	assert_int_equal(user_access(child, none, false, &p), KERN_INVALID_ADDRESS);
	user_store(child, at, 8);
	assert_int_equal(user_load(map, at), 5);
	assert_int_equal(vm_map_region(map, shared, &region), KERN_SUCCESS);
	assert_true(region.shared);
	vm_object_release(region.object);
	check_map(map);
	vm_map_release(map);
	assert_int_equal(user_load(child, shared), 7);
	vm_map_release(child);
}

/* Memory made shared while a copy of it is pending on both sides. */
static void
t_share_after_copy(void **state)
{
	struct vm_map *a = test_map(), *b, *c;
	vm_offset_t at = test_allocate(a, KB(32));

	(void)state;
	fill(a, at, KB(32), 1);
	b = test_fork(a);
	assert_int_equal(vm_inherit(a, at, KB(32), VM_INHERIT_SHARE), KERN_SUCCESS);
	c = test_fork(a);
	user_store(c, at, 2);
	user_store(a, at + KB(4), 3);
	assert_int_equal(user_load(a, at), 2);
	assert_int_equal(user_load(c, at + KB(4)), 3);
	expect(b, at, KB(32), 1);
	vm_map_release(a);
	expect(b, at, KB(32), 1);
	assert_int_equal(user_load(c, at), 2);
	vm_map_release(b);
	assert_int_equal(user_load(c, at + KB(8)), 1);
	vm_map_release(c);
}

/* Untouched shared memory is one object from the fork on. */
static void
t_share_untouched(void **state)
{
	struct vm_map *a = test_map(), *b;
	vm_offset_t at = test_allocate(a, KB(32));

	(void)state;
	assert_int_equal(vm_inherit(a, at, KB(32), VM_INHERIT_SHARE), KERN_SUCCESS);
	b = test_fork(a);
	user_store(b, at, 2);
	assert_int_equal(user_load(a, at), 2);
	vm_map_release(a);
	vm_map_release(b);
}

/* A snapshot of shared memory (case E), of any age, sees no later write. */
static void
t_snapshots_of_shared(void **state)
{
	struct vm_map *a = test_map(), *b, *snap[4];
	vm_offset_t at = test_allocate(a, KB(32));

	(void)state;
	fill(a, at, KB(16), 1);
	assert_int_equal(vm_inherit(a, at, KB(32), VM_INHERIT_SHARE), KERN_SUCCESS);
	b = test_fork(a);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(vm_inherit(a, at, KB(32), VM_INHERIT_COPY), KERN_SUCCESS);
		snap[i] = test_fork(a);
		assert_int_equal(vm_inherit(a, at, KB(32), VM_INHERIT_SHARE), KERN_SUCCESS);
		user_store(i & 1 ? a : b, at + KB(4), (uint8_t)(10 + i));
		user_store(i & 1 ? b : a, at + KB(20), (uint8_t)(20 + i));
		assert_int_equal(user_load(a, at + KB(4)), 10 + i);
		assert_int_equal(user_load(b, at + KB(20)), 20 + i);
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(user_load(snap[i], at), 1);
		assert_int_equal(user_load(snap[i], at + KB(4)), i == 0 ? 1 : 10 + i - 1);
		assert_int_equal(user_load(snap[i], at + KB(20)), i == 0 ? 0 : 20 + i - 1);
		user_store(snap[i], at + KB(8), (uint8_t)(30 + i));
	}
	assert_int_equal(user_load(a, at + KB(8)), 1);
	check_map(a);
	for (int i = 0; i < 4; i++)
		check_map(snap[i]);
	vm_map_release(snap[2]);
	vm_map_release(snap[0]);
	assert_int_equal(user_load(snap[1], at + KB(4)), 10);
	assert_int_equal(user_load(snap[3], at + KB(20)), 22);
	vm_map_release(a);
	assert_int_equal(user_load(snap[1], at + KB(20)), 20);
	user_store(b, at + KB(4), 99);
	assert_int_equal(user_load(snap[3], at + KB(4)), 12);
	vm_map_release(b);
	assert_int_equal(user_load(snap[3], at + KB(4)), 12);
	assert_int_equal(user_load(snap[1], at + KB(4)), 10);
	vm_map_release(snap[1]);
	vm_map_release(snap[3]);
}

/* A snapshot is taken over as long as nothing was written: programs mapped
 * again and again do not grow a chain. */
static void
t_snapshot_reused(void **state)
{
	struct vm_map *a = test_map(), *b, *snap[8];
	vm_offset_t at = test_allocate(a, KB(32));
	uint64_t objects;

	(void)state;
	fill(a, at, KB(32), 1);
	assert_int_equal(vm_inherit(a, at, KB(32), VM_INHERIT_SHARE), KERN_SUCCESS);
	b = test_fork(a);
	assert_int_equal(vm_inherit(a, at, KB(32), VM_INHERIT_COPY), KERN_SUCCESS);
	snap[0] = test_fork(a);
	objects = test_account->used[ACCOUNT_OBJECTS];
	for (int i = 1; i < 8; i++)
		snap[i] = test_fork(a);
	assert_int_equal(test_account->used[ACCOUNT_OBJECTS], objects);
	expect(snap[7], at, KB(32), 1);
	for (int i = 0; i < 8; i++)
		vm_map_release(snap[i]);
	vm_map_release(a);
	vm_map_release(b);
}

/* Forks of forks, parents dying first: chains stay short. */
static void
t_generations(void **state)
{
	struct vm_map *map = test_map(), *child;
	vm_offset_t at = test_allocate(map, KB(64));

	(void)state;
	fill(map, at, KB(64), 0);
	for (int i = 1; i <= 100; i++) {
		child = test_fork(map);
		user_store(child, at + (vm_offset_t)(i % 16) * PAGE_SIZE, (uint8_t)i);
		user_store(map, at, 200); /* the parent works on */
		vm_map_release(map);
		map = child;
		assert_true(chain_length(map, at) <= 2);
		assert_true(host_frames_used() <= 17);
		check_map(map);
	}
	for (int i = 85; i <= 100; i++)
		assert_int_equal(user_load(map, at + (vm_offset_t)(i % 16) * PAGE_SIZE), i);
	vm_map_release(map);
}

/* The same, children dying first: a shell running commands. */
static void
t_shell(void **state)
{
	struct vm_map *map = test_map(), *child;
	vm_offset_t at = test_allocate(map, KB(256));

	(void)state;
	fill(map, at, KB(256), 1);
	for (int i = 1; i <= 100; i++) {
		child = test_fork(map);
		for (int j = 0; j < 5; j++)
			user_store(
			    child, at + (vm_offset_t)((i * 7 + j) % 64) * PAGE_SIZE, (uint8_t)i);
		for (int j = 0; j < 5; j++)
			user_store(map, at + (vm_offset_t)((i + j) % 64) * PAGE_SIZE, (uint8_t)i);
		vm_map_release(child);
		assert_int_equal(chain_length(map, at), 1);
		assert_int_equal(host_frames_used(), 64);
	}
	check_map(map);
	vm_map_release(map);
}

/* All children alive: every one of them sees its own time. */
static void
t_all_alive(void **state)
{
	struct vm_map *map = test_map(), *child[40];
	vm_offset_t at = test_allocate(map, KB(64));

	(void)state;
	for (int i = 0; i < 40; i++) {
		user_store(map, at + (vm_offset_t)(i % 16) * PAGE_SIZE, (uint8_t)(i + 1));
		child[i] = test_fork(map);
	}
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 40; i++) {
			for (int p = 0; p < 16; p++) {
				int last = i - (i - p + 160) % 16;

				assert_int_equal(
				    user_load(child[i], at + (vm_offset_t)p * PAGE_SIZE),
				    last < 0 ? 0 : last + 1);
			}
		}
	}
	for (int i = 0; i < 40; i += 2)
		vm_map_release(child[i]);
	for (int i = 1; i < 40; i += 2) {
		assert_int_equal(
		    user_load(child[i], at + (vm_offset_t)(i % 16) * PAGE_SIZE), i + 1);
		check_map(child[i]);
	}
	vm_map_release(map);
	for (int i = 39; i > 0; i -= 2)
		vm_map_release(child[i]);
}

/* A front object that has every page drops what is behind it. */
static void
t_complete_front(void **state)
{
	struct vm_map *map = test_map(), *child;
	vm_offset_t at = test_allocate(map, KB(32));

	(void)state;
	fill(map, at, KB(32), 1);
	child = test_fork(map);
	fill(child, at, KB(32), 2);
	assert_int_equal(chain_length(child, at), 1);
	fill(map, at, KB(32), 3);
	expect(child, at, KB(32), 2);
	assert_int_equal(host_frames_used(), 16);
	vm_map_release(map);
	vm_map_release(child);
}

/* Many more pages than a batch, collapse in both directions. */
static void
t_large_collapse(void **state)
{
	struct vm_map *map = test_map(), *child;
	vm_size_t size = KB(4 * 1000);
	vm_offset_t at = test_allocate(map, size);

	(void)state;
	fill(map, at, size, 1);
	child = test_fork(map);
	fill(map, at, size / 4, 2); /* front smaller: pages go down */
	vm_map_release(child);
	assert_int_equal(chain_length(map, at), 1);
	assert_int_equal(host_frames_used(), 1000);
	expect(map, at, size / 4, 2);
	expect(map, at + size / 4, size / 4 * 3, 1);
	child = test_fork(map);
	fill(map, at, size / 4 * 3, 3); /* front larger: pages go up */
	vm_map_release(child);
	assert_int_equal(chain_length(map, at), 1);
	assert_int_equal(host_frames_used(), 1000);
	expect(map, at, size / 4 * 3, 3);
	expect(map, at + size / 4 * 3, size / 4, 1);
	check_map(map);
	vm_map_release(map);
}

/* The child keeps a window of the parent's object: what it cannot see goes. */
static void
t_window(void **state)
{
	struct vm_map *map = test_map(), *child;
	vm_offset_t at = test_allocate(map, KB(256));

	(void)state;
	fill(map, at, KB(256), 1);
	child = test_fork(map);
	assert_int_equal(vm_deallocate(child, at, KB(64)), KERN_SUCCESS);
	assert_int_equal(vm_deallocate(child, at + KB(80), KB(176)), KERN_SUCCESS);
	user_store(child, at + KB(64), 2);
	vm_map_release(map);
	assert_int_equal(chain_length(child, at + KB(64)), 1);
	assert_int_equal(host_frames_used(), 4);
	assert_int_equal(user_load(child, at + KB(64)), 2);
	expect(child, at + KB(68), KB(12), 1);
	vm_map_release(child);
}

/* A write after everybody else is gone costs no copy and no shadow. */
static void
t_sole_user(void **state)
{
	struct vm_map *map = test_map(), *child;
	vm_offset_t at = test_allocate(map, KB(32));
	uint64_t objects;

	(void)state;
	fill(map, at, KB(32), 1);
	child = test_fork(map);
	vm_map_release(child);
	objects = test_account->used[ACCOUNT_OBJECTS];
	fill(map, at, KB(32), 2);
	assert_int_equal(test_account->used[ACCOUNT_OBJECTS], objects);
	assert_int_equal(chain_length(map, at), 1);
	vm_map_release(map);
}

/* A very long chain is freed without recursion. */
static void
t_long_chain(void **state)
{
	enum { N = 3000 };
	static struct vm_map *map[N];
	vm_offset_t at;

	(void)state;
	map[0] = test_map();
	at = test_allocate(map[0], KB(16));
	user_store(map[0], at, 1);
	for (int i = 1; i < N; i++) {
		map[i] = test_fork(map[i - 1]);
		/* Keep generations apart: each has a page of its own. */
		user_store(map[i], at + KB(4), (uint8_t)i);
		user_store(map[i - 1], at + KB(8), (uint8_t)i);
	}
	assert_int_equal(user_load(map[N - 1], at), 1);
	for (int i = 0; i < N - 1; i++)
		vm_map_release(map[i]);
	assert_int_equal(user_load(map[N - 1], at), 1);
	assert_true(chain_length(map[N - 1], at) <= 2);
	vm_map_release(map[N - 1]);
}

static void
t_fork_shortage(void **state)
{
	struct vm_map *map = test_map(), *child;
	struct pmap *pmap;
	vm_offset_t at = test_allocate(map, KB(64));

	(void)state;
	for (vm_offset_t i = 0; i < KB(64); i += KB(8))
		assert_int_equal(vm_protect(map, at + i, KB(4), false, VM_PROT_READ), KERN_SUCCESS);
	fill(map, at + KB(4), KB(4), 1);
	test_account->limit[ACCOUNT_MAP_ENTRIES] = 20;
	pmap = pmap_create(test_account);
	assert_null(vm_map_fork(map, pmap, test_account));
	pmap_destroy(pmap);
	user_store(map, at + KB(4), 2);
	check_map(map);
	test_account->limit[ACCOUNT_MAP_ENTRIES] = 32;
	child = test_fork(map);
	assert_int_equal(user_load(child, at + KB(4)), 2);
	vm_map_release(child);
	vm_map_release(map);
}

static void
t_identity(void **state)
{
	struct vm_map *a = test_map(), *b;
	vm_offset_t at = test_allocate(a, KB(32));
	struct vm_object *object[2];
	vm_offset_t offset[2];

	(void)state;
	assert_int_equal(vm_inherit(a, at, KB(32), VM_INHERIT_SHARE), KERN_SUCCESS);
	b = test_fork(a);
	assert_int_equal(
	    vm_map_lookup_identity(a, at + KB(8) + 12, VM_PROT_READ, &object[0], &offset[0]),
	    KERN_SUCCESS);
	assert_int_equal(
	    vm_map_lookup_identity(b, at + KB(8) + 12, VM_PROT_DEFAULT, &object[1], &offset[1]),
	    KERN_SUCCESS);
	assert_ptr_equal(object[0], object[1]);
	assert_int_equal(offset[0], KB(8) + 12);
	assert_int_equal(offset[0], offset[1]);
	vm_object_release(object[0]);
	vm_object_release(object[1]);
	assert_int_equal(vm_map_lookup_identity(b, 0, VM_PROT_READ, &object[0], &offset[0]),
	    KERN_INVALID_ADDRESS);
	vm_map_release(a);
	vm_map_release(b);
}

/* A window of one task's memory in another, while copies of it exist. */
static void
t_share_region(void **state)
{
	struct vm_map *a = test_map(), *b = test_map(), *child;
	vm_offset_t at = test_allocate(a, KB(32)), at2 = 0;
	struct vm_map_region region;

	(void)state;
	user_store(a, at + KB(4), 1);
	child = test_fork(a);
	assert_int_equal(vm_map_share_region(a, at, &region), KERN_SUCCESS);
	assert_int_equal(vm_map_enter(b, &at2, region.size, 0, true, region.object, region.offset,
			     false, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_SUCCESS);
	user_store(b, at2 + KB(4), 2);
	assert_int_equal(user_load(a, at + KB(4)), 2);
	assert_int_equal(user_load(child, at + KB(4)), 1);
	vm_map_release(child);
	child = test_fork(b);
	user_store(a, at + KB(4), 3);
	assert_int_equal(user_load(child, at2 + KB(4)), 2);
	assert_int_equal(user_load(b, at2 + KB(4)), 3);
	assert_int_equal(vm_map_share_region(a, VM_MAX_ADDRESS - 1, &region), KERN_NO_SPACE);
	vm_map_release(a);
	vm_map_release(b);
	vm_map_release(child);
}

static void
t_physical(void **state)
{
	static uint8_t device[KB(16)] __attribute__((aligned(4096)));
	uint64_t pa = host_device_memory(device, sizeof(device));
	struct vm_map *map = test_map(), *child;
	struct vm_object *object;
	vm_offset_t at = 0;

	(void)state;
	device[KB(8)] = 42;
	object = vm_object_create_physical(pa, KB(16), VM_PROT_READ | VM_PROT_WRITE, test_account);
	assert_non_null(object);
	assert_int_equal(vm_map_enter(map, &at, KB(16), 0, true, object, KB(4), false,
			     VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_INVALID_ARGUMENT);
	assert_int_equal(vm_map_enter(map, &at, KB(12), 0, true, object, KB(4), false,
			     VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_SHARE),
	    KERN_SUCCESS);
	assert_int_equal(user_load(map, at + KB(4)), 42);
	user_store(map, at + KB(4), 43);
	assert_int_equal(device[KB(8)], 43);
	child = test_fork(map);
	user_store(child, at + KB(4), 44);
	assert_int_equal(device[KB(8)], 44);
	vm_map_release(child);
	/* A private copy is a copy of what the device shows now. */
	assert_int_equal(vm_inherit(map, at, KB(12), VM_INHERIT_COPY), KERN_SUCCESS);
	child = test_fork(map);
	device[KB(8)] = 45;
	assert_int_equal(user_load(child, at + KB(4)), 44);
	assert_int_equal(user_load(map, at + KB(4)), 45);
	vm_map_release(child);
	vm_map_release(map);
	object = vm_object_create_physical(pa, KB(16), VM_PROT_READ, test_account);
	map = test_map();
	assert_int_equal(vm_map_enter(map, &at, KB(12), 0, true, object, 0, false, VM_PROT_DEFAULT,
			     VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_PROTECTION_FAILURE);
	vm_object_release(object);
	vm_map_release(map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		VM_TEST(t_fork_copies),
		VM_TEST(t_fork_inheritance),
		VM_TEST(t_share_after_copy),
		VM_TEST(t_share_untouched),
		VM_TEST(t_snapshots_of_shared),
		VM_TEST(t_snapshot_reused),
		VM_TEST(t_generations),
		VM_TEST(t_shell),
		VM_TEST(t_all_alive),
		VM_TEST(t_complete_front),
		VM_TEST(t_large_collapse),
		VM_TEST(t_window),
		VM_TEST(t_sole_user),
		VM_TEST(t_long_chain),
		VM_TEST(t_fork_shortage),
		VM_TEST(t_identity),
		VM_TEST(t_share_region),
		VM_TEST(t_physical),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
