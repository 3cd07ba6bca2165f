/* SPDX-License-Identifier: BSD-2-Clause */
/* External pagers: the memory_object protocol (sheet 6) with a scripted one. */
#include "vm_test.h"

#include <string.h>

#include <host/host.h>
#include <host/memory.h>
#include <vm/pmap.h>
#include <vm/vm_fault.h>
#include <vm/vm_internal.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_pageout.h>
#include <vm/vm_pager.h>
#include <vm/vm_user.h>

#define FILE_PAGES 64

/* How the manager answers a request. */
enum manner { SUPPLY, LATER, UNAVAILABLE, ERROR, REFUSE };

struct manager {
	struct vm_pager pager;
	enum manner manner;
	bool ready_at_init;
	bool unreachable; /* init fails */
	bool may_cache;
	memory_object_copy_strategy_t strategy;
	vm_prot_t lock;
	bool precious;
	uint8_t data[FILE_PAGES]; /* first byte of each page */
	unsigned inits, terminates, requests, unlocks, returns, locked, supplied, changed,
	    dirty_returns, kept;
	vm_offset_t last_request, last_return;
	vm_prot_t last_access;
	kern_return_t supply_result;
	vm_offset_t supply_error_offset;
};

static struct manager manager;

static struct manager *
manager_of(struct vm_pager *pager)
{
	return container_of(pager, struct manager, pager);
}

static kern_return_t
supply(struct manager *m, vm_offset_t offset, vm_size_t size, void *reply)
{
	static char data[FILE_PAGES * 4096];
	struct vm_object *object = vm_pager_object_lookup(&m->pager);
	struct vm_map_copy *copy;
	kern_return_t kr;

	assert_non_null(object);
	memset(data, 0, sizeof(data));
	for (vm_offset_t i = 0; i < size; i += PAGE_SIZE)
		data[i] = (char)m->data[(offset + i) / PAGE_SIZE];
	kr = vm_map_copy_from_kernel(data, size, test_account, &copy);
	if (kr == KERN_SUCCESS)
		kr = vm_pager_data_supply(object, offset, copy, m->lock, m->precious, reply);
	vm_object_release(object);
	return kr;
}

static bool
op_init(struct vm_pager *pager, struct vm_object *object)
{
	struct manager *m = manager_of(pager);

	m->inits++;
	if (m->ready_at_init)
		vm_pager_ready(object, m->may_cache, m->strategy);
	return !m->unreachable;
}

static void
op_terminate(struct vm_pager *pager, struct vm_object *object)
{
	(void)object;
	manager_of(pager)->terminates++;
}

static bool
op_data_request(struct vm_pager *pager, vm_offset_t offset, vm_size_t length, vm_prot_t access)
{
	struct manager *m = manager_of(pager);
	struct vm_object *object = pager->object;

	assert_int_equal(length, PAGE_SIZE);
	m->requests++;
	m->last_request = offset;
	m->last_access = access;
	switch (m->manner) {
	case SUPPLY:
		/* Without memory for the data there is no supply. */
		if (supply(m, offset, length, NULL) != KERN_SUCCESS)
			vm_pager_data_error(object, offset, length);
		return true;
	case UNAVAILABLE:
		vm_pager_data_unavailable(object, offset, length);
		return true;
	case ERROR:
		vm_pager_data_error(object, offset, length);
		return true;
	case REFUSE:
		return false;
	case LATER:
		return true;
	}
	return false;
}

static bool
op_data_unlock(struct vm_pager *pager, vm_offset_t offset, vm_size_t length, vm_prot_t access)
{
	struct manager *m = manager_of(pager);

	m->unlocks++;
	m->last_access = access;
	if (m->manner == SUPPLY)
		vm_pager_lock_request(pager->object, offset, length, MEMORY_OBJECT_RETURN_NONE,
		    false, VM_PROT_NONE, NULL);
	return true;
}

static void
op_data_return(struct vm_pager *pager, vm_offset_t offset, struct vm_map_copy *data, bool dirty,
    bool kernel_copy)
{
	struct manager *m = manager_of(pager);
	uint8_t byte;

	assert_int_equal(data->vc_size, PAGE_SIZE);
	assert_int_equal(vm_map_copy_read(data, 0, &byte, 1), KERN_SUCCESS);
	m->data[offset / PAGE_SIZE] = byte;
	m->returns++;
	m->dirty_returns += dirty;
	m->kept += kernel_copy;
	m->last_return = offset;
	vm_map_copy_discard(data);
}

static void
op_lock_completed(struct vm_pager *pager, void *reply, vm_offset_t offset, vm_size_t length)
{
	(void)offset;
	(void)length;
	assert_ptr_equal(reply, &manager);
	manager_of(pager)->locked++;
}

static void
op_supply_completed(struct vm_pager *pager, void *reply, vm_offset_t offset, vm_size_t length,
    kern_return_t result, vm_offset_t error_offset)
{
	(void)reply;
	(void)offset;
	(void)length;
	manager_of(pager)->supplied++;
	manager_of(pager)->supply_result = result;
	manager_of(pager)->supply_error_offset = error_offset;
}

static void
op_change_completed(
    struct vm_pager *pager, void *reply, bool may_cache, memory_object_copy_strategy_t strategy)
{
	(void)reply;
	(void)may_cache;
	(void)strategy;
	manager_of(pager)->changed++;
}

static const struct vm_pager_ops ops = {
	.init = op_init,
	.terminate = op_terminate,
	.data_request = op_data_request,
	.data_unlock = op_data_unlock,
	.data_return = op_data_return,
	.lock_completed = op_lock_completed,
	.supply_completed = op_supply_completed,
	.change_completed = op_change_completed,
};

static struct manager *
manager_new(enum manner manner)
{
	manager = (struct manager) {
		.pager = { .ops = &ops },
		.manner = manner,
		.ready_at_init = true,
		.strategy = MEMORY_OBJECT_COPY_DELAY,
	};
	for (unsigned i = 0; i < FILE_PAGES; i++)
		manager.data[i] = (uint8_t)(i + 1);
	return &manager;
}

static kern_return_t
try_map(struct vm_map *map, struct manager *m, bool copy, vm_offset_t *atp)
{
	struct vm_object *object = vm_pager_object(&m->pager, test_account);
	kern_return_t kr;

	assert_non_null(object);
	*atp = 0;
	kr = vm_user_map(map, atp, FILE_PAGES * PAGE_SIZE, 0, true, object, 0, copy,
	    VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY);
	if (kr != KERN_SUCCESS)
		vm_object_release(object);
	return kr;
}

static vm_offset_t
map_file(struct vm_map *map, struct manager *m, bool copy)
{
	vm_offset_t at;

	assert_int_equal(try_map(map, m, copy, &at), KERN_SUCCESS);
	return at;
}

static struct vm_object *
file_object(struct manager *m)
{
	struct vm_object *object = vm_pager_object_lookup(&m->pager);

	assert_non_null(object);
	return object;
}

/* ---- Tests ---- */

static void
t_shared(void **state)
{
	struct vm_map *a = test_map(), *b = test_map();
	struct manager *m = manager_new(SUPPLY);
	vm_offset_t at = map_file(a, m, false), at2 = map_file(b, m, false);

	(void)state;
	assert_int_equal(m->inits, 1);
	assert_int_equal(user_load(a, at), 1);
	assert_int_equal(user_load(b, at2), 1);
	assert_int_equal(m->requests, 1);
	assert_int_equal(user_load(b, at2 + KB(20)), 6);
	assert_int_equal(m->last_request, KB(20));
	user_store(a, at + KB(20), 99);
	assert_int_equal(user_load(b, at2 + KB(20)), 99);
	check_map(a);
	vm_map_release(a);
	assert_int_equal(m->terminates, 0);
	vm_map_release(b);
	assert_int_equal(m->terminates, 1);
	assert_int_equal(m->returns, 1);
	assert_int_equal(m->dirty_returns, 1);
	assert_int_equal(m->kept, 0);
	assert_int_equal(m->data[5], 99);
	/* A later mapping starts anew. */
	a = test_map();
	at = map_file(a, m, false);
	assert_int_equal(m->inits, 2);
	assert_int_equal(user_load(a, at + KB(20)), 99);
	vm_map_release(a);
}

static void
t_private(void **state)
{
	struct vm_map *a = test_map(), *b = test_map(), *child;
	struct manager *m = manager_new(SUPPLY);
	vm_offset_t at = map_file(a, m, true), at2 = map_file(b, m, false);

	(void)state;
	user_store(a, at, 50);
	user_store(b, at2 + KB(4), 60); /* pushed first */
	assert_int_equal(user_load(a, at + KB(4)), 2);
	assert_int_equal(user_load(b, at2), 1);
	child = test_fork(a);
	user_store(child, at, 51);
	assert_int_equal(user_load(a, at), 50);
	assert_int_equal(user_load(child, at + KB(8)), 3);
	user_store(b, at2 + KB(8), 61);
	assert_int_equal(user_load(a, at + KB(8)), 3);
	assert_int_equal(user_load(child, at + KB(8)), 3);
	check_map(a);
	check_map(child);
	vm_map_release(b);
	assert_int_equal(m->terminates, 0); /* still behind the copies */
	vm_map_release(a);
	assert_int_equal(user_load(child, at + KB(12)), 4);
	vm_map_release(child);
	assert_int_equal(m->terminates, 1);
	assert_int_equal(m->data[0], 1);
	assert_int_equal(m->data[1], 60);
	assert_int_equal(m->data[2], 61);
}

static void
t_eager_strategy(void **state)
{
	struct vm_map *a = test_map(), *b = test_map();
	struct manager *m = manager_new(SUPPLY);
	vm_offset_t at, at2;

	(void)state;
	m->strategy = MEMORY_OBJECT_COPY_NONE;
	at = map_file(a, m, true);
	assert_int_equal(m->requests, FILE_PAGES);
	assert_int_equal(m->terminates, 1); /* the copy needs it no more */
	at2 = map_file(b, m, false);
	user_store(b, at2, 77);
	assert_int_equal(user_load(a, at), 1);
	vm_map_release(a);
	vm_map_release(b);
}

static void
t_unavailable(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(UNAVAILABLE);
	vm_offset_t at = map_file(map, m, false);

	(void)state;
	assert_int_equal(user_load(map, at), 0);
	user_store(map, at + KB(4), 5);
	vm_map_release(map);
	assert_int_equal(m->data[1], 5);
	map = test_map();
	at = map_file(map, m, true);
	user_store(map, at, 6);
	assert_int_equal(user_load(map, at + KB(8)), 0);
	vm_map_release(map);
}

static void
t_error(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(ERROR);
	vm_offset_t at = map_file(map, m, false);
	void *p;

	(void)state;
	assert_int_equal(user_access(map, at, false, &p), KERN_MEMORY_ERROR);
	m->manner = REFUSE;
	assert_int_equal(user_access(map, at, false, &p), KERN_MEMORY_ERROR);
	m->manner = SUPPLY; /* only what was being asked for failed */
	assert_int_equal(user_load(map, at), 1);
	vm_map_release(map);
}

/* ---- Waiting ---- */

struct visitor {
	struct vm_map *map;
	vm_offset_t at;
	bool write;
	kern_return_t kr;
	uint8_t value;
};

static void
visit(void *arg)
{
	struct visitor *visitor = arg;
	void *p;

	visitor->kr = user_access(visitor->map, visitor->at, visitor->write, &p);
	if (visitor->kr == KERN_SUCCESS)
		visitor->value = *(uint8_t *)p;
}

static void
t_wait_for_data(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(LATER);
	vm_offset_t at = map_file(map, m, false);
	struct visitor one = { .map = map, .at = at }, two = one;
	struct host_thread *first = host_thread_create(visit, &one);
	struct host_thread *second = host_thread_create(visit, &two);

	(void)state;
	two.write = true;
	host_run();
	assert_true(host_thread_blocked(first));
	assert_true(host_thread_blocked(second));
	assert_int_equal(m->requests, 1);
	/* The map is free meanwhile. */
	(void)test_allocate(map, KB(4));
	assert_int_equal(supply(m, 0, PAGE_SIZE, NULL), KERN_SUCCESS);
	host_run();
	assert_true(host_thread_done(first) && host_thread_done(second));
	assert_int_equal(one.kr, KERN_SUCCESS);
	assert_int_equal(one.value, 1);
	assert_int_equal(two.value, 1);
	vm_map_release(map);
}

static void
t_wait_aborted(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(LATER);
	vm_offset_t at = map_file(map, m, false);
	struct visitor one = { .map = map, .at = at };
	struct host_thread *first = host_thread_create(visit, &one);

	(void)state;
	host_run();
	host_thread_abort(first);
	host_run();
	assert_true(host_thread_done(first));
	assert_int_equal(one.kr, KERN_ABORTED);
	vm_map_release(map);
	assert_int_equal(m->terminates, 1);
}

static void
t_wait_ready(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(SUPPLY);
	vm_offset_t at;
	struct visitor one;
	struct host_thread *first;
	struct vm_object *object;

	(void)state;
	m->ready_at_init = false;
	at = map_file(map, m, false);
	one = (struct visitor) { .map = map, .at = at };
	first = host_thread_create(visit, &one);
	host_run();
	assert_true(host_thread_blocked(first));
	assert_int_equal(m->requests, 0);
	object = file_object(m);
	vm_pager_ready(object, false, MEMORY_OBJECT_COPY_DELAY);
	vm_object_release(object);
	host_run();
	assert_int_equal(one.value, 1);
	vm_map_release(map);
}

/* The object goes with its last mapping: who waits for a page, or for the
 * manager to be ready, looks again and finds nothing. */
static void
t_unmapped_while_waiting(void **state)
{
	for (int ready = 0; ready < 2; ready++) {
		struct vm_map *map = test_map();
		struct manager *m = manager_new(LATER);
		struct visitor one = { .map = map };
		struct host_thread *first;

		(void)state;
		m->ready_at_init = ready;
		one.at = map_file(map, m, false);
		first = host_thread_create(visit, &one);
		host_run();
		assert_true(host_thread_blocked(first));
		assert_int_equal(m->requests, ready);
		assert_int_equal(vm_map_remove(map, one.at, one.at + KB(4) * FILE_PAGES), 0);
		assert_int_equal(m->terminates, 1);
		host_run();
		assert_true(host_thread_done(first));
		assert_int_equal(one.kr, KERN_INVALID_ADDRESS);
		vm_map_release(map);
	}
}

static void
t_destroyed_while_waiting(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(LATER);
	vm_offset_t at = map_file(map, m, false);
	struct visitor one = { .map = map, .at = at };
	struct vm_object *object;
	void *p;

	(void)state;
	(void)host_thread_create(visit, &one);
	assert_int_equal(supply(m, KB(4), PAGE_SIZE, NULL), KERN_SUCCESS);
	host_run();
	object = file_object(m);
	vm_pager_destroy(object);
	vm_object_release(object);
	host_run();
	assert_int_equal(one.kr, KERN_MEMORY_ERROR);
	assert_int_equal(m->terminates, 1);
	assert_int_equal(user_access(map, at + KB(8), false, &p), KERN_MEMORY_ERROR);
	assert_null(vm_pager_object_lookup(&m->pager));
	vm_map_release(map);
	assert_int_equal(m->terminates, 1);
}

static void
t_manager_dies_before_ready(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(LATER);
	struct vm_object *object;
	vm_offset_t at;

	(void)state;
	m->ready_at_init = false;
	object = vm_pager_object(&m->pager, test_account);
	vm_pager_destroy(object);
	assert_int_equal(m->terminates, 1);
	assert_int_equal(vm_pager_change_attributes(object, false, 0, m), KERN_MEMORY_FAILURE);
	assert_int_equal(vm_map_enter(map, &at, KB(4), 0, true, object, 0, true, VM_PROT_DEFAULT,
			     VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_MEMORY_ERROR);
	vm_object_release(object);
	vm_map_release(map);
}

/* Init could not be sent: no request follows, the manager is told the end. */
static void
t_manager_unreachable(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(SUPPLY);
	struct vm_object *object;
	vm_offset_t at;
	void *p;

	(void)state;
	m->unreachable = true;
	at = map_file(map, m, false);
	assert_int_equal(m->terminates, 1);
	assert_int_equal(user_access(map, at, false, &p), KERN_MEMORY_ERROR);
	assert_int_equal(m->requests, 0);
	assert_null(vm_pager_hold(vm_map_entry_at(map, at)->me_object));
	/* The next mapping tries anew. */
	m->unreachable = false;
	object = vm_pager_object(&m->pager, test_account);
	assert_non_null(object);
	assert_int_equal(m->inits, 2);
	vm_object_release(object);
	vm_map_release(map);
	assert_int_equal(m->terminates, 2);
}

/* What a manager supplies is memory of another one, who does not answer. */
static struct manager slow;

struct supplier {
	struct vm_map *map;
	vm_offset_t at; /* the slow one's, in map */
	struct vm_object *object;
	kern_return_t kr;
};

static void
supply_from_slow(void *arg)
{
	struct supplier *supplier = arg;
	struct vm_map_copy *copy;

	assert_int_equal(
	    vm_map_copyin(supplier->map, supplier->at, KB(64), false, VM_COPYIN_LAZY, &copy),
	    KERN_SUCCESS);
	supplier->kr =
	    vm_pager_data_supply(supplier->object, 0, copy, VM_PROT_NONE, false, &manager);
	if (supplier->kr != KERN_SUCCESS)
		vm_map_copy_discard(copy);
}

static void
t_destroyed_while_supplying(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(LATER);
	vm_offset_t at = map_file(map, m, false);
	struct visitor one = { .map = map, .at = at };
	struct supplier supplier = { .map = map, .object = file_object(m) };
	struct host_thread *thread;
	struct vm_object *object;

	(void)state;
	slow = manager;
	slow.pager.object = NULL;
	supplier.at = map_file(map, &slow, false);
	(void)host_thread_create(visit, &one);
	thread = host_thread_create(supply_from_slow, &supplier);
	host_run();
	assert_true(host_thread_blocked(thread));
	assert_int_equal(slow.requests, 1);
	vm_pager_destroy(supplier.object);
	assert_int_equal(m->terminates, 1);
	host_run();
	assert_int_equal(one.kr, KERN_MEMORY_ERROR);
	object = file_object(&slow);
	vm_pager_destroy(object);
	vm_object_release(object);
	host_run();
	assert_true(host_thread_done(thread));
	assert_int_equal(supplier.kr, KERN_MEMORY_FAILURE);
	assert_int_equal(m->supplied, 0);
	vm_object_release(supplier.object);
	vm_map_release(map);
}

/* From user mode the wait gives up the stack; the continuation goes back. */
static void
resume(struct waiter *self)
{
	(void)self;
	trap_return(1234);
}

static uint64_t
fault_from_user(void *arg)
{
	struct visitor *visitor = arg;

	visitor->kr = vm_fault(visitor->map, visitor->at, VM_PROT_READ, resume);
	return (uint64_t)visitor->kr;
}

static void
user_thread(void *arg)
{
	struct visitor *visitor = arg;

	visitor->value = host_trap(fault_from_user, arg) == 1234;
}

static void
t_wait_without_stack(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(LATER);
	vm_offset_t at = map_file(map, m, false);
	struct visitor one = { .map = map, .at = at };
	struct host_thread *first = host_thread_create(user_thread, &one);

	(void)state;
	host_run();
	assert_true(host_thread_blocked(first));
	assert_non_null(host_thread_waiter(first)->w_continuation);
	assert_int_equal(supply(m, 0, PAGE_SIZE, NULL), KERN_SUCCESS);
	host_run();
	assert_true(host_thread_done(first));
	assert_int_equal(one.value, 1);
	assert_int_equal(user_load(map, at), 1);
	assert_int_equal(m->requests, 1);
	vm_map_release(map);
}

/* ---- Requests of the manager ---- */

static void
t_lock(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(LATER);
	vm_offset_t at = map_file(map, m, false);
	struct visitor one = { .map = map, .at = at, .write = true };
	struct visitor two = one;
	struct host_thread *thread;
	struct vm_object *object = file_object(m);

	(void)state;
	m->lock = VM_PROT_WRITE;
	assert_int_equal(supply(m, 0, PAGE_SIZE, m), KERN_SUCCESS);
	assert_int_equal(m->supplied, 1);
	assert_int_equal(m->supply_result, KERN_SUCCESS);
	assert_int_equal(user_load(map, at), 1);
	thread = host_thread_create(visit, &one);
	(void)host_thread_create(visit, &two);
	host_run();
	assert_true(host_thread_blocked(thread));
	assert_int_equal(m->unlocks, 1);
	assert_true(m->last_access & VM_PROT_WRITE);
	assert_int_equal(vm_pager_lock_request(object, 0, PAGE_SIZE, MEMORY_OBJECT_RETURN_NONE,
			     false, VM_PROT_NONE, m),
	    KERN_SUCCESS);
	assert_int_equal(m->locked, 1);
	host_run();
	assert_true(host_thread_done(thread));
	assert_int_equal(one.kr, KERN_SUCCESS);
	user_store(map, at, 9);
	/* Lock it again: the mapping goes at once. */
	assert_int_equal(vm_pager_lock_request(object, 0, PAGE_SIZE, MEMORY_OBJECT_RETURN_DIRTY,
			     false, VM_PROT_WRITE, NULL),
	    KERN_SUCCESS);
	assert_int_equal(m->data[0], 9);
	assert_int_equal(m->kept, 1);
	m->manner = SUPPLY; /* unlocks at once */
	user_store(map, at, 10);
	assert_int_equal(m->unlocks, 2);
	assert_int_equal(vm_pager_lock_request(object, 0, PAGE_SIZE, 0, false, 0x30, NULL),
	    KERN_INVALID_ARGUMENT);
	vm_object_release(object);
	vm_map_release(map);
	assert_int_equal(m->data[0], 10);
}

static void
t_clean_and_flush(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(SUPPLY);
	vm_offset_t at = map_file(map, m, false);
	struct vm_object *object = file_object(m);

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		user_store(map, at + i * PAGE_SIZE, (uint8_t)(100 + i));
	assert_int_equal(user_load(map, at + KB(32)), 9);
	/* Clean: all come back, all stay. */
	vm_pager_lock_request(object, 0, FILE_PAGES * PAGE_SIZE, MEMORY_OBJECT_RETURN_DIRTY, false,
	    VM_PROT_NO_CHANGE, NULL);
	assert_int_equal(m->returns, 8);
	assert_int_equal(m->data[7], 107);
	m->requests = 0;
	assert_int_equal(user_load(map, at), 100);
	assert_int_equal(m->requests, 0);
	/* Clean again: nothing to do, until somebody writes. */
	vm_object_sync(object, 0, KB(64), false, true, false);
	assert_int_equal(m->returns, 8);
	user_store(map, at, 111);
	vm_object_sync(object, 0, KB(64), false, true, false);
	assert_int_equal(m->returns, 9);
	assert_int_equal(m->data[0], 111);
	/* Flush without return: changes are lost. */
	user_store(map, at, 112);
	vm_pager_lock_request(
	    object, 0, KB(4), MEMORY_OBJECT_RETURN_NONE, true, VM_PROT_NO_CHANGE, NULL);
	assert_int_equal(user_load(map, at), 111);
	assert_int_equal(m->requests, 1);
	/* Flush with return. */
	user_store(map, at, 113);
	vm_object_sync(object, 0, KB(4), true, true, false);
	assert_int_equal(m->data[0], 113);
	assert_int_equal(user_load(map, at), 113);
	vm_object_release(object);
	vm_map_release(map);
}

static void
t_precious(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(SUPPLY);
	vm_offset_t at = map_file(map, m, false);
	struct vm_object *object = file_object(m);

	(void)state;
	m->precious = true;
	assert_int_equal(user_load(map, at), 1);
	assert_int_equal(user_load(map, at + KB(4)), 2);
	vm_pager_lock_request(
	    object, 0, KB(4), MEMORY_OBJECT_RETURN_DIRTY, false, VM_PROT_NO_CHANGE, NULL);
	assert_int_equal(m->returns, 0);
	vm_pager_lock_request(
	    object, 0, KB(4), MEMORY_OBJECT_RETURN_ALL, false, VM_PROT_NO_CHANGE, NULL);
	assert_int_equal(m->returns, 1);
	assert_int_equal(m->dirty_returns, 0);
	vm_object_release(object);
	vm_map_release(map);
	assert_int_equal(m->returns, 2); /* the other one, at the end */
}

static void
t_supply_present(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(SUPPLY);
	vm_offset_t at = map_file(map, m, false);
	struct vm_object *object = file_object(m);
	struct vm_map_copy *copy;
	char odd[100] = { 0 };

	(void)state;
	assert_int_equal(user_load(map, at + KB(8)), 3);
	m->data[2] = 200;
	assert_int_equal(supply(m, 0, KB(16), m), KERN_SUCCESS);
	assert_int_equal(m->supply_result, KERN_MEMORY_PRESENT);
	assert_int_equal(m->supply_error_offset, KB(8));
	assert_int_equal(user_load(map, at + KB(8)), 3);
	m->requests = 0;
	assert_int_equal(user_load(map, at + KB(4)), 2); /* accepted */
	assert_int_equal(m->requests, 0);
	assert_int_equal(user_load(map, at + KB(12)), 4); /* dropped */
	assert_int_equal(m->requests, 1);
	assert_int_equal(vm_map_copy_from_kernel(odd, 100, test_account, &copy), KERN_SUCCESS);
	assert_int_equal(
	    vm_pager_data_supply(object, 0, copy, 0, false, NULL), KERN_INVALID_ARGUMENT);
	vm_map_copy_discard(copy);
	assert_int_equal(vm_pager_data_error(object, 5, KB(4)), KERN_INVALID_ARGUMENT);
	assert_int_equal(
	    vm_pager_data_unavailable(object, ~(vm_offset_t)0xfff, KB(8)), KERN_INVALID_ARGUMENT);
	vm_object_release(object);
	vm_map_release(map);
}

static void
t_cache(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(SUPPLY);
	struct vm_object *object;
	vm_cache_statistics_data_t statistics;
	vm_offset_t at;

	(void)state;
	m->may_cache = true;
	at = map_file(map, m, false);
	user_store(map, at, 44);
	vm_map_release(map);
	assert_int_equal(m->terminates, 0);
	map = test_map();
	assert_int_equal(vm_cache_statistics(map, &statistics), KERN_SUCCESS);
	assert_int_equal(statistics.cache_object_count, 1);
	assert_int_equal(statistics.cache_count, 1);
	m->requests = 0;
	at = map_file(map, m, false);
	assert_int_equal(user_load(map, at), 44);
	assert_int_equal(m->requests, 0);
	assert_int_equal(m->inits, 1);
	vm_map_release(map);
	assert_int_equal(m->terminates, 0);
	/* Not to be cached any more: it goes. */
	object = file_object(m);
	assert_int_equal(
	    vm_pager_change_attributes(object, false, MEMORY_OBJECT_COPY_DELAY, m), KERN_SUCCESS);
	vm_object_release(object);
	assert_int_equal(m->changed, 1);
	assert_int_equal(m->terminates, 1);
	assert_int_equal(m->data[0], 44);
}

static void
t_pageout(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(SUPPLY);
	vm_offset_t at = map_file(map, m, false), more;
	void *p;

	(void)state;
	for (unsigned i = 0; i < FILE_PAGES; i++) {
		if (i % 4 == 0)
			user_store(map, at + i * PAGE_SIZE, (uint8_t)(i + 101));
		else
			assert_int_equal(user_load(map, at + i * PAGE_SIZE), i + 1);
	}
	/* Anonymous memory pushes the file out, down to the reserve. */
	host_frames_limit(FILE_PAGES + vm_pageout_servers + 2);
	more = test_allocate(map, KB(200));
	for (vm_offset_t i = 0; i < KB(160); i += PAGE_SIZE)
		user_store(map, more + i, 7);
	assert_true(m->returns > 0);
	for (unsigned i = 0; i < FILE_PAGES; i++)
		assert_int_equal(user_load(map, at + i * PAGE_SIZE), i % 4 == 0 ? i + 101 : i + 1);
	/* Wired file pages stay. */
	assert_int_equal(vm_user_wire(map, at, KB(16), VM_PROT_READ, true), KERN_SUCCESS);
	vm_pageout_scan(1000);
	assert_true(host_mmu(map->vm_pmap, at, false, false, &p));
	assert_int_equal(user_load(map, more + KB(80)), 7);
	check_map(map);
	/* Nothing left to reclaim: a clear answer. */
	more = test_allocate(map, KB(4096));
	for (vm_offset_t i = 0;; i += PAGE_SIZE) {
		kern_return_t kr = user_access(map, more + i, true, &p);

		if (kr == KERN_SUCCESS)
			continue;
		assert_int_equal(kr, KERN_RESOURCE_SHORTAGE);
		break;
	}
	vm_map_release(map);
}

static void
daemon(void *arg)
{
	(void)arg;
	vm_pageout_turn();
}

/* The daemon frees clean file pages before anybody is refused. */
static void
t_pageout_daemon(void **state)
{
	struct vm_map *map = test_map();
	struct manager *m = manager_new(SUPPLY);
	vm_offset_t at = map_file(map, m, false);

	(void)state;
	for (unsigned i = 0; i < FILE_PAGES; i++)
		assert_int_equal(user_load(map, at + i * PAGE_SIZE), i + 1);
	(void)host_thread_create(daemon, NULL);
	host_run();
	assert_int_equal(host_frames_used(), FILE_PAGES);
	host_frames_limit(FILE_PAGES + vm_pageout_low - 10);
	(void)test_allocate(map, KB(4));
	user_store(map, test_allocate(map, KB(4)), 1); /* wakes it */
	host_run();
	assert_in_range(host_frames_used(), 1, FILE_PAGES - 9);
	check_map(map);
	vm_map_release(map);
}

/* A message sent by a task holds the pages its pager would have to bring:
 * afterwards nobody needs that pager. */
static void
t_resident_copy(void **state)
{
	struct vm_map *from = test_map(), *to = test_map();
	struct manager *m = manager_new(SUPPLY);
	vm_offset_t at = map_file(from, m, false), got;
	struct vm_map_copy *copy;

	(void)state;
	assert_int_equal(
	    vm_map_copyin(from, at + 1, KB(100), true, VM_COPYIN_RESIDENT, &copy), KERN_SUCCESS);
	m->manner = REFUSE;
	assert_int_equal(vm_map_copyout(to, &got, copy), KERN_SUCCESS);
	assert_int_equal(user_load(to, got + KB(40) - 1), 11);
	vm_map_release(from);
	vm_map_release(to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		VM_TEST(t_shared),
		VM_TEST(t_private),
		VM_TEST(t_eager_strategy),
		VM_TEST(t_unavailable),
		VM_TEST(t_error),
		VM_TEST(t_wait_for_data),
		VM_TEST(t_wait_aborted),
		VM_TEST(t_wait_ready),
		VM_TEST(t_unmapped_while_waiting),
		VM_TEST(t_destroyed_while_waiting),
		VM_TEST(t_manager_dies_before_ready),
		VM_TEST(t_manager_unreachable),
		VM_TEST(t_destroyed_while_supplying),
		VM_TEST(t_wait_without_stack),
		VM_TEST(t_lock),
		VM_TEST(t_clean_and_flush),
		VM_TEST(t_precious),
		VM_TEST(t_supply_present),
		VM_TEST(t_cache),
		VM_TEST(t_pageout),
		VM_TEST(t_pageout_daemon),
		VM_TEST(t_resident_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
