/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads of one task at once, switching wherever the kernel may: at locks,
 * preemption points and waits for a pager that answers late. Each thread owns
 * every fifth page of common regions, so that it knows what it must read,
 * while forks, copies, wiring and protection of its neighbours go on.
 */
#include "vm_test.h"

#include <stdlib.h>
#include <string.h>

#include <host/host.h>
#include <host/memory.h>
#include <kern/preempt.h>
#include <vm/pmap.h>
#include <vm/vm_fault.h>
#include <vm/vm_internal.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_pageout.h>
#include <vm/vm_pager.h>
#include <vm/vm_user.h>

#define THREADS  5
#define PAGES    100 /* in each of two regions */
#define REQUESTS 64

static struct vm_map *map;
static vm_offset_t anonymous, mapped;
static unsigned steps;

/* ---- The file and its slow manager ---- */

static struct vm_pager file;
static uint8_t backing[PAGES];
static vm_offset_t queue[REQUESTS];
static unsigned queued;

static bool
slow_init(struct vm_pager *pager, struct vm_object *object)
{
	(void)pager;
	vm_pager_ready(object, false, MEMORY_OBJECT_COPY_DELAY);
	return true;
}

static void
slow_terminate(struct vm_pager *pager, struct vm_object *object)
{
	(void)pager;
	(void)object;
}

static bool
slow_data_request(struct vm_pager *pager, vm_offset_t offset, vm_size_t length, vm_prot_t access)
{
	(void)pager;
	(void)length;
	(void)access;
	assert_true(queued < REQUESTS);
	queue[queued++] = offset;
	return true;
}

static void
slow_data_return(struct vm_pager *pager, vm_offset_t offset, struct vm_map_copy *data, bool dirty,
    bool kernel_copy)
{
	(void)pager;
	(void)dirty;
	(void)kernel_copy;
	assert_int_equal(vm_map_copy_read(data, 0, &backing[offset / PAGE_SIZE], 1), KERN_SUCCESS);
	vm_map_copy_discard(data);
}

static const struct vm_pager_ops slow_ops = {
	.init = slow_init,
	.terminate = slow_terminate,
	.data_request = slow_data_request,
	.data_return = slow_data_return,
};

static void
answer_one(void)
{
	struct vm_object *object = vm_pager_object_lookup(&file);
	vm_offset_t offset = queue[--queued];
	static char page[PAGE_SIZE];
	struct vm_map_copy *copy;

	assert_non_null(object);
	page[0] = (char)backing[offset / PAGE_SIZE];
	assert_int_equal(
	    vm_map_copy_from_kernel(page, PAGE_SIZE, test_account, &copy), KERN_SUCCESS);
	assert_int_equal(
	    vm_pager_data_supply(object, offset, copy, VM_PROT_NONE, false, NULL), KERN_SUCCESS);
	vm_object_release(object);
}

/* ---- Threads ---- */

struct worker {
	unsigned index;
	uint8_t value[2][PAGES]; /* of its own pages */
	struct host_thread *thread;
};

static struct worker workers[THREADS];

static unsigned
draw(unsigned n)
{
	return (unsigned)host_random(n);
}

static unsigned
own_page(const struct worker *worker)
{
	return draw(PAGES / THREADS) * THREADS + worker->index;
}

static vm_offset_t
region(unsigned which)
{
	return which == 0 ? anonymous : mapped;
}

static void
work_access(struct worker *worker)
{
	unsigned which = draw(2), page = own_page(worker);
	vm_offset_t at = region(which) + page * PAGE_SIZE;
	uint8_t value = (uint8_t)draw(256);
	void *p;

	assert_int_equal(user_load(map, at), worker->value[which][page]);
	if (draw(2) == 0)
		return;
	/* Another thread may run between fault and store, as on a real
	 * machine: then the store faults again. */
	assert_int_equal(user_access(map, at, true, &p), KERN_SUCCESS);
	*(uint8_t *)p = value;
	worker->value[which][page] = value;
}

/* A child sees what was written when it was made. */
static void
work_fork(struct worker *worker)
{
	struct vm_map *child = test_fork(map);
	unsigned page = own_page(worker), which = draw(2);
	uint8_t was = worker->value[which][page];

	user_store(map, region(which) + page * PAGE_SIZE, (uint8_t)(was + 1));
	worker->value[which][page] = (uint8_t)(was + 1);
	preempt_point();
	assert_int_equal(user_load(child, region(which) + page * PAGE_SIZE), was);
	vm_map_release(child);
}

static void
work_private(struct worker *worker)
{
	vm_size_t size = KB(4) * (1 + draw(20));
	vm_offset_t at = test_allocate(map, size);

	user_store(map, at + size - 1, (uint8_t)worker->index);
	preempt_point();
	assert_int_equal(user_load(map, at + size - 1), worker->index);
	assert_int_equal(vm_deallocate(map, at, size), KERN_SUCCESS);
}

/* A copy of everything holds this thread's pages as they are now. */
static void
work_copy(struct worker *worker)
{
	unsigned which = draw(2), page = own_page(worker);
	struct vm_map_copy *copy;
	vm_offset_t at;

	assert_int_equal(vm_map_copyin(map, region(which), PAGES * PAGE_SIZE, false,
			     draw(4) == 0 ? VM_COPYIN_RESIDENT : VM_COPYIN_LAZY, &copy),
	    KERN_SUCCESS);
	assert_int_equal(vm_map_copyout(map, &at, copy), KERN_SUCCESS);
	assert_int_equal(user_load(map, at + page * PAGE_SIZE), worker->value[which][page]);
	user_store(map, at + page * PAGE_SIZE, 0);
	assert_int_equal(vm_deallocate(map, at, PAGES * PAGE_SIZE), KERN_SUCCESS);
}

static void
work_wire(struct worker *worker)
{
	unsigned which = draw(2), page = draw(PAGES - 10);

	(void)worker;
	assert_int_equal(vm_user_wire(map, region(which) + page * PAGE_SIZE, KB(40),
			     draw(2) ? VM_PROT_READ : VM_PROT_NONE, true),
	    KERN_SUCCESS);
}

static void
work_other(struct worker *worker)
{
	struct vm_object *object;

	(void)worker;
	switch (draw(4)) {
	case 0:
		vm_pageout_scan(draw(16));
		break;
	case 1:
		host_pmap_forget(map->vm_pmap);
		break;
	case 2:
		object = vm_pager_object_lookup(&file);
		vm_object_sync(object, 0, PAGES * PAGE_SIZE, draw(2), true, false);
		vm_object_release(object);
		break;
	default:
		assert_int_equal(vm_inherit(map, anonymous + draw(PAGES) * PAGE_SIZE, KB(20),
				     draw(2) ? VM_INHERIT_COPY : VM_INHERIT_COPY),
		    KERN_SUCCESS);
	}
}

static void
work(void *arg)
{
	static void (*const works[])(struct worker *) = { work_access, work_access, work_access,
		work_access, work_access, work_access, work_fork, work_private, work_copy,
		work_wire, work_other };
	struct worker *worker = arg;

	for (unsigned i = 0; i < steps; i++)
		works[draw(sizeof(works) / sizeof(works[0]))](worker);
}

static bool
all_done(void)
{
	for (unsigned i = 0; i < THREADS; i++)
		if (!host_thread_done(workers[i].thread))
			return false;
	return true;
}

static void
start(void)
{
	struct vm_object *object;

	memset(workers, 0, sizeof(workers));
	file = (struct vm_pager) { .ops = &slow_ops };
	queued = 0;
	map = test_map();
	anonymous = test_allocate(map, PAGES * PAGE_SIZE);
	object = vm_pager_object(&file, test_account);
	mapped = 0;
	assert_int_equal(vm_user_map(map, &mapped, PAGES * PAGE_SIZE, 0, true, object, 0, false,
			     VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_SUCCESS);
	for (unsigned i = 0; i < PAGES; i++) {
		backing[i] = (uint8_t)draw(256);
		workers[i % THREADS].value[1][i] = backing[i];
	}
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i].index = i;
		workers[i].thread = host_thread_create(work, &workers[i]);
	}
}

static void
run(uint64_t seed)
{
	host_finish();
	host_init(seed);
	start();
	while (!all_done()) {
		host_run();
		if (queued > 0)
			answer_one();
	}
	check_map(map);
	vm_map_release(map);
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(backing[i], workers[i % THREADS].value[1][i]);
	assert_int_equal(host_frames_used(), 0);
}

static void
t_threads(void **state)
{
	const char *seeds = getenv("VM_SEEDS");
	uint64_t last = seeds == NULL ? 20 : strtoul(seeds, NULL, 10);

	(void)state;
	steps = 100;
	for (uint64_t seed = 1; seed <= last; seed++)
		run(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		VM_TEST(t_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
