/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random programs of several tasks against a plain model: per task and page a
 * pointer to a cell that holds what one would read there. Sharing is a cell
 * with several users; copying is a new cell. A file, kept by a pager that
 * answers at once, is mapped shared and private; its cells live for ever.
 */
#include "vm_test.h"

#include <stdlib.h>
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

#define TASKS      6
#define PAGES      48
#define BASE       0x200000ul
#define COPIES     4
#define FILE_PAGES 24

struct cell {
	unsigned users;
	uint8_t first; /* bytes 0 and 4095 of the page */
	uint8_t last;
};

struct slot {
	struct cell *cell; /* NULL: not mapped */
	vm_inherit_t inherit;
	bool writable;
};

struct task {
	struct vm_map *map;
	struct slot slot[PAGES];
};

struct pending {
	struct vm_map_copy *copy;
	unsigned pages;
	struct cell was[PAGES];
};

static struct task tasks[TASKS];
static struct pending pending[COPIES];
static unsigned verify_every = 16;

static unsigned
draw(unsigned n)
{
	return (unsigned)host_random(n);
}

static vm_offset_t
va(unsigned page)
{
	return BASE + (vm_offset_t)page * PAGE_SIZE;
}

/* ---- Model ---- */

static struct cell *
cell_new(uint8_t first, uint8_t last)
{
	struct cell *cell = calloc(1, sizeof(*cell));

	assert_non_null(cell);
	*cell = (struct cell) { 1, first, last };
	return cell;
}

static void
slot_clear(struct slot *slot)
{
	if (slot->cell != NULL && --slot->cell->users == 0)
		free(slot->cell);
	*slot = (struct slot) { 0 };
}

static struct task *
some_task(void)
{
	for (;;) {
		struct task *task = &tasks[draw(TASKS)];

		if (task->map != NULL)
			return task;
	}
}

static struct task *
free_task(void)
{
	for (unsigned i = 0; i < TASKS; i++)
		if (tasks[i].map == NULL)
			return &tasks[i];
	return NULL;
}

static void
some_range(unsigned *startp, unsigned *countp)
{
	*startp = draw(PAGES);
	*countp = 1 + draw(draw(3) == 0 ? PAGES - *startp : 4);
	if (*startp + *countp > PAGES)
		*countp = PAGES - *startp;
}

static bool
all_slots(const struct task *task, unsigned start, unsigned count, bool writable)
{
	for (unsigned i = start; i < start + count; i++)
		if (task->slot[i].cell == NULL || (writable && !task->slot[i].writable))
			return false;
	return true;
}

/* ---- The file ---- */

static struct vm_pager file;
static struct cell *file_cell[FILE_PAGES];
static uint8_t backing[FILE_PAGES][2];

static bool
file_init(struct vm_pager *pager, struct vm_object *object)
{
	assert_ptr_equal(pager, &file);
	vm_pager_ready(object, draw(2), MEMORY_OBJECT_COPY_DELAY);
	return true;
}

static void
file_terminate(struct vm_pager *pager, struct vm_object *object)
{
	(void)pager;
	(void)object;
}

static bool
file_data_request(struct vm_pager *pager, vm_offset_t offset, vm_size_t length, vm_prot_t access)
{
	static uint8_t page[PAGE_SIZE];
	struct vm_map_copy *copy;

	(void)access;
	page[0] = backing[offset / PAGE_SIZE][0];
	page[PAGE_SIZE - 1] = backing[offset / PAGE_SIZE][1];
	assert_int_equal(vm_map_copy_from_kernel(page, length, test_account, &copy), KERN_SUCCESS);
	assert_int_equal(
	    vm_pager_data_supply(pager->object, offset, copy, VM_PROT_NONE, false, NULL),
	    KERN_SUCCESS);
	return true;
}

static void
file_data_return(struct vm_pager *pager, vm_offset_t offset, struct vm_map_copy *data, bool dirty,
    bool kernel_copy)
{
	uint8_t *at = backing[offset / PAGE_SIZE];

	(void)pager;
	(void)kernel_copy;
	assert_true(dirty);
	assert_int_equal(vm_map_copy_read(data, 0, &at[0], 1), KERN_SUCCESS);
	assert_int_equal(vm_map_copy_read(data, PAGE_SIZE - 1, &at[1], 1), KERN_SUCCESS);
	vm_map_copy_discard(data);
}

static const struct vm_pager_ops file_ops = {
	.init = file_init,
	.terminate = file_terminate,
	.data_request = file_data_request,
	.data_return = file_data_return,
};

static void
file_start(void)
{
	file = (struct vm_pager) { .ops = &file_ops };
	for (unsigned i = 0; i < FILE_PAGES; i++) {
		backing[i][0] = (uint8_t)draw(256);
		backing[i][1] = (uint8_t)draw(256);
		file_cell[i] = cell_new(backing[i][0], backing[i][1]);
	}
}

static void
file_end(void)
{
	vm_pager_cache_trim(0);
	assert_null(file.object);
	for (unsigned i = 0; i < FILE_PAGES; i++) {
		assert_int_equal(file_cell[i]->users, 1);
		assert_int_equal(file_cell[i]->first, backing[i][0]);
		assert_int_equal(file_cell[i]->last, backing[i][1]);
		free(file_cell[i]);
	}
}

/* ---- Operations ---- */

static void
op_load(void)
{
	struct task *task = some_task();
	unsigned page = draw(PAGES);
	struct cell *cell = task->slot[page].cell;
	void *p;

	if (cell == NULL) {
		assert_int_equal(user_access(task->map, va(page), false, &p), KERN_INVALID_ADDRESS);
		return;
	}
	assert_int_equal(user_load(task->map, va(page)), cell->first);
	assert_int_equal(user_load(task->map, va(page) + 4095), cell->last);
}

static void
op_store(void)
{
	struct task *task = some_task();
	unsigned page = draw(PAGES);
	struct slot *slot = &task->slot[page];
	uint8_t value = (uint8_t)draw(256);
	void *p;

	if (slot->cell == NULL || !slot->writable) {
		assert_int_equal(user_access(task->map, va(page), true, &p),
		    slot->cell == NULL ? KERN_INVALID_ADDRESS : KERN_PROTECTION_FAILURE);
		return;
	}
	if (value & 1) {
		user_store(task->map, va(page), value);
		slot->cell->first = value;
	} else {
		user_store(task->map, va(page) + 4095, value);
		slot->cell->last = value;
	}
}

static void
op_allocate(void)
{
	struct task *task = some_task();
	unsigned start, count, i;
	vm_address_t at;
	bool busy = false;

	some_range(&start, &count);
	at = va(start);
	for (i = start; i < start + count; i++)
		busy |= task->slot[i].cell != NULL;
	assert_int_equal(vm_allocate(task->map, &at, (vm_size_t)count * PAGE_SIZE, false),
	    busy ? KERN_NO_SPACE : KERN_SUCCESS);
	for (i = start; !busy && i < start + count; i++)
		task->slot[i] = (struct slot) { cell_new(0, 0), VM_INHERIT_COPY, true };
}

static void
op_deallocate(void)
{
	struct task *task = some_task();
	unsigned start, count;

	some_range(&start, &count);
	assert_int_equal(
	    vm_deallocate(task->map, va(start), (vm_size_t)count * PAGE_SIZE), KERN_SUCCESS);
	for (unsigned i = start; i < start + count; i++)
		slot_clear(&task->slot[i]);
}

static void
op_inherit(void)
{
	struct task *task = some_task();
	vm_inherit_t inherit = (vm_inherit_t)draw(3);
	unsigned start, count;

	some_range(&start, &count);
	assert_int_equal(
	    vm_inherit(task->map, va(start), (vm_size_t)count * PAGE_SIZE, inherit), KERN_SUCCESS);
	for (unsigned i = start; i < start + count; i++)
		task->slot[i].inherit = inherit;
}

static void
op_protect(void)
{
	struct task *task = some_task();
	bool writable = draw(3) != 0;
	unsigned start, count;

	some_range(&start, &count);
	assert_int_equal(vm_protect(task->map, va(start), (vm_size_t)count * PAGE_SIZE, false,
			     writable ? VM_PROT_DEFAULT : VM_PROT_READ),
	    KERN_SUCCESS);
	for (unsigned i = start; i < start + count; i++)
		task->slot[i].writable = writable;
}

static void
op_fork(void)
{
	struct task *task = some_task();
	struct task *child = free_task();

	if (child == NULL)
		return;
	child->map = test_fork(task->map);
	for (unsigned i = 0; i < PAGES; i++) {
		struct slot *from = &task->slot[i], *to = &child->slot[i];

		*to = (struct slot) { 0 };
		if (from->cell == NULL || from->inherit == VM_INHERIT_NONE)
			continue;
		*to = *from;
		if (from->inherit == VM_INHERIT_SHARE)
			to->cell->users++;
		else
			to->cell = cell_new(from->cell->first, from->cell->last);
	}
}

static void
task_end(struct task *task)
{
	vm_map_release(task->map);
	task->map = NULL;
	for (unsigned i = 0; i < PAGES; i++)
		slot_clear(&task->slot[i]);
}

static void
op_kill(void)
{
	if (free_task() == NULL || draw(4) == 0) {
		struct task *task = some_task();

		task_end(task);
		if (task == &tasks[0] || tasks[0].map == NULL)
			tasks[0].map = test_map();
	}
}

static void
op_vm_copy(void)
{
	struct task *task = some_task();
	unsigned from, to, count;
	struct cell was[PAGES];

	some_range(&from, &count);
	to = draw(PAGES - count + 1);
	if (!all_slots(task, from, count, false) || !all_slots(task, to, count, true))
		return;
	for (unsigned i = 0; i < count; i++)
		was[i] = *task->slot[from + i].cell;
	assert_int_equal(
	    vm_copy(task->map, va(from), (vm_size_t)count * PAGE_SIZE, va(to)), KERN_SUCCESS);
	for (unsigned i = 0; i < count; i++) {
		task->slot[to + i].cell->first = was[i].first;
		task->slot[to + i].cell->last = was[i].last;
	}
}

static struct pending *
some_pending(bool full)
{
	struct pending *it = &pending[draw(COPIES)];

	return (it->copy != NULL) == full ? it : NULL;
}

static void
op_send(void)
{
	struct pending *to = some_pending(false);
	struct task *task = some_task();
	bool destroy = draw(3) == 0;
	unsigned start, count;

	if (to == NULL)
		return;
	some_range(&start, &count);
	if (!all_slots(task, start, count, false)) {
		assert_int_equal(vm_map_copyin(task->map, va(start), (vm_size_t)count * PAGE_SIZE,
				     destroy, VM_COPYIN_LAZY, &to->copy),
		    KERN_INVALID_ADDRESS);
		assert_null(to->copy);
		return;
	}
	assert_int_equal(vm_map_copyin(task->map, va(start), (vm_size_t)count * PAGE_SIZE, destroy,
			     draw(4) == 0 ? VM_COPYIN_RESIDENT : VM_COPYIN_LAZY, &to->copy),
	    KERN_SUCCESS);
	to->pages = count;
	for (unsigned i = 0; i < count; i++) {
		to->was[i] = *task->slot[start + i].cell;
		if (destroy)
			slot_clear(&task->slot[start + i]);
	}
}

static void
expect_at(struct vm_map *map, vm_offset_t at, const struct pending *it)
{
	for (unsigned i = 0; i < it->pages; i++, at += PAGE_SIZE) {
		assert_int_equal(user_load(map, at), it->was[i].first);
		assert_int_equal(user_load(map, at + 4095), it->was[i].last);
		if (draw(2))
			user_store(map, at, 0xee);
	}
}

static void
op_receive(void)
{
	struct pending *it = some_pending(true);
	struct task *task = some_task();
	vm_offset_t at;

	if (it == NULL)
		return;
	if (draw(6) == 0) {
		vm_map_copy_discard(it->copy);
	} else {
		assert_int_equal(vm_map_copyout(task->map, &at, it->copy), KERN_SUCCESS);
		expect_at(task->map, at, it);
		assert_int_equal(
		    vm_deallocate(task->map, at, (vm_size_t)it->pages * PAGE_SIZE), KERN_SUCCESS);
	}
	it->copy = NULL;
}

static void
op_write(void)
{
	struct pending *it = some_pending(true);
	struct task *task = some_task();
	unsigned to;
	uint8_t byte;

	if (it == NULL)
		return;
	assert_int_equal(
	    vm_map_copy_read(it->copy, it->pages * PAGE_SIZE - 1, &byte, 1), KERN_SUCCESS);
	assert_int_equal(byte, it->was[it->pages - 1].last);
	to = draw(PAGES - it->pages + 1);
	if (!all_slots(task, to, it->pages, true)) {
		assert_int_not_equal(
		    vm_map_copy_overwrite(task->map, va(to), it->copy), KERN_SUCCESS);
		return;
	}
	assert_int_equal(vm_map_copy_overwrite(task->map, va(to), it->copy), KERN_SUCCESS);
	it->copy = NULL;
	for (unsigned i = 0; i < it->pages; i++) {
		task->slot[to + i].cell->first = it->was[i].first;
		task->slot[to + i].cell->last = it->was[i].last;
	}
}

static void
op_wire(void)
{
	struct task *task = some_task();
	unsigned start, count;
	bool wire = draw(2);

	some_range(&start, &count);
	assert_int_equal(vm_user_wire(task->map, va(start), (vm_size_t)count * PAGE_SIZE,
			     wire ? VM_PROT_READ : VM_PROT_NONE, true),
	    !wire || all_slots(task, start, count, false) ? KERN_SUCCESS : KERN_NO_SPACE);
}

static bool
none_mapped(const struct task *task, unsigned start, unsigned count)
{
	for (unsigned i = start; i < start + count; i++)
		if (task->slot[i].cell != NULL)
			return false;
	return true;
}

static void
op_map_file(void)
{
	struct task *task = some_task();
	unsigned start, count, from;
	struct vm_object *object;
	vm_offset_t at;
	bool copy = draw(2);

	some_range(&start, &count);
	if (count > FILE_PAGES || !none_mapped(task, start, count))
		return;
	from = draw(FILE_PAGES - count + 1);
	at = va(start);
	object = vm_pager_object(&file, test_account);
	assert_int_equal(
	    vm_user_map(task->map, &at, (vm_size_t)count * PAGE_SIZE, 0, false, object,
		(vm_offset_t)from * PAGE_SIZE, copy, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_SUCCESS);
	for (unsigned i = 0; i < count; i++) {
		struct cell *cell = file_cell[from + i];

		if (copy)
			cell = cell_new(cell->first, cell->last);
		else
			cell->users++;
		task->slot[start + i] = (struct slot) { cell, VM_INHERIT_COPY, true };
	}
}

static void
op_clean_file(void)
{
	struct vm_object *object = vm_pager_object_lookup(&file);

	if (object == NULL)
		return;
	vm_object_sync(object, draw(FILE_PAGES) * PAGE_SIZE, draw(FILE_PAGES) * PAGE_SIZE, draw(2),
	    true, false);
	vm_object_release(object);
}

static void
op_pageout(void)
{
	vm_pageout_scan(draw(8));
}

static void
op_forget(void)
{
	host_pmap_forget(some_task()->map->vm_pmap);
}

static void
op_check(void)
{
	check_map(some_task()->map);
}

static void (*const operations[])(void) = {
	op_load,
	op_load,
	op_load,
	op_load,
	op_store,
	op_store,
	op_store,
	op_store,
	op_store,
	op_allocate,
	op_allocate,
	op_deallocate,
	op_inherit,
	op_protect,
	op_fork,
	op_fork,
	op_kill,
	op_kill,
	op_vm_copy,
	op_send,
	op_send,
	op_receive,
	op_receive,
	op_write,
	op_wire,
	op_forget,
	op_check,
	op_map_file,
	op_map_file,
	op_clean_file,
	op_pageout,
};

static unsigned last_operation;

static void
fail_at(
    struct task *task, unsigned i, unsigned step, struct vm_map_entry *entry, struct vm_page *page)
{
	struct vm_object *object;
	uint64_t pa = 0;

	(void)pmap_extract(task->map->vm_pmap, va(i), &pa);
	for (object = entry->me_object; object != NULL; object = object->vo_shadow)
		print_error("object %p refs %u pages %lu size %#lx shadow at "
			    "%#lx copy %p share %d\n",
		    (void *)object, object->vo_refs, object->vo_set->ps_count, object->vo_size,
		    object->vo_shadow_offset, (void *)object->vo_copy, object->vo_true_share);
	fail_msg("step %u, operation %u: task %u page %u: entry %#lx-%#lx "
		 "needs_copy %d; page %#lx of %p, mapped %#lx; model %x %x",
	    step, last_operation, (unsigned)(task - tasks), i, entry->me_start, entry->me_end,
	    entry->me_needs_copy, page ? page->pg_pa : 0,
	    page ? (void *)vm_page_object(page) : NULL, pa, task->slot[i].cell->first,
	    task->slot[i].cell->last);
}

/* What each task would read, straight from the objects: no fault disturbs the
 * state. Frames of pages that the pmap maps must be the right ones. */
static void
peek(struct vm_object *object, vm_offset_t offset, struct vm_page **pagep, uint8_t *firstp,
    uint8_t *lastp)
{
	*pagep = NULL;
	*firstp = *lastp = 0;
	if (object == NULL)
		return;
	*pagep = vm_object_chain_page(object, offset);
	if (*pagep != NULL) {
		pmap_read_page((*pagep)->pg_pa, 0, firstp, 1);
		pmap_read_page((*pagep)->pg_pa, 4095, lastp, 1);
		return;
	}
	while (object->vo_shadow != NULL) {
		offset += object->vo_shadow_offset;
		object = object->vo_shadow;
	}
	if (object->vo_pager != NULL) {
		*firstp = backing[offset / PAGE_SIZE][0];
		*lastp = backing[offset / PAGE_SIZE][1];
	}
}

static void
verify_task(struct task *task, unsigned step)
{
	for (unsigned i = 0; i < PAGES; i++) {
		struct vm_map_entry *entry = vm_map_entry_at(task->map, va(i));
		struct cell *cell = task->slot[i].cell;
		struct vm_page *page = NULL;
		uint8_t first, last;
		uint64_t pa;

		assert_int_equal(entry != NULL, cell != NULL);
		if (entry == NULL)
			continue;
		peek(entry->me_object, entry->me_offset + (va(i) - entry->me_start), &page, &first,
		    &last);
		if (first != cell->first || last != cell->last ||
		    (pmap_extract(task->map->vm_pmap, va(i), &pa) &&
			(page == NULL || pa != page->pg_pa)))
			fail_at(task, i, step, entry, page);
	}
}

static void
verify_all(unsigned step)
{
	for (unsigned i = 0; i < TASKS; i++)
		if (tasks[i].map != NULL)
			verify_task(&tasks[i], step);
}

static void
run(uint64_t seed, unsigned steps)
{
	host_finish();
	host_init(seed);
	tasks[0].map = test_map();
	file_start();
	for (unsigned i = 0; i < steps; i++) {
		last_operation = draw(sizeof(operations) / sizeof(operations[0]));
		operations[last_operation]();
		if (i % verify_every == 0)
			verify_all(i);
	}
	for (unsigned i = 0; i < TASKS; i++) {
		if (tasks[i].map == NULL)
			continue;
		check_map(tasks[i].map);
		task_end(&tasks[i]);
	}
	for (unsigned i = 0; i < COPIES; i++) {
		vm_map_copy_discard(pending[i].copy);
		pending[i].copy = NULL;
	}
	file_end();
	assert_int_equal(host_frames_used(), 0);
	assert_int_equal(test_account->used[ACCOUNT_OBJECTS], 0);
}

static unsigned
from_environment(const char *name, unsigned otherwise)
{
	const char *value = getenv(name);

	return value == NULL ? otherwise : (unsigned)strtoul(value, NULL, 10);
}

static void
t_random(void **state)
{
	unsigned first = from_environment("VM_SEED", 1);
	unsigned seeds = from_environment("VM_SEEDS", 30);
	unsigned steps = from_environment("VM_STEPS", 4000);

	(void)state;
	verify_every = from_environment("VM_VERIFY", 16);
	for (unsigned seed = first; seed < first + seeds; seed++) {
		if (getenv("VM_SEEDS") != NULL)
			print_message("seed %u\n", seed);
		run(seed, steps);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		VM_TEST(t_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
