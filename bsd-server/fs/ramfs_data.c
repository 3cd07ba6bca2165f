/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page tree of a ram file.
 *
 *   height 2          root
 *                  /    |    \          512 children, 2 MiB of file each
 *   height 1     node  NULL  node       a NULL child is a hole
 *               / | \
 *   height 0   page page ...            4096 bytes
 *
 * A tree of height h covers 512^h pages.  Growing puts a new root on top; the
 * old one becomes child 0.
 */
#include "fs/ramfs_data.h"

#include <string.h>

#include "bsd/abi.h"
#include "fs/page_pool.h"
#include "vfs/services.h"

struct ramfs_table {
	void *child[RAMFS_FANOUT];
};

_Static_assert(sizeof(struct ramfs_table) == RAMFS_PAGE, "a table is a page");
_Static_assert(RAMFS_PAGE == POOL_PAGE, "pages come from the pool");

/*
 * What all ram file systems together may still take before the machine's free
 * memory is looked at again.
 */
static uint64_t machine_room;

/* The part of all memory that files never take, and one look's worth. */
#define MACHINE_RESERVE_SHARE 8
#define MACHINE_RESERVE_MIN   (4u << 20)
#define MACHINE_GRANT         (1u << 20)

uint64_t
ramfs_machine_free(void)
{
	uint64_t free_bytes, total, reserve;

	bsd_memory(&free_bytes, &total);
	reserve = total / MACHINE_RESERVE_SHARE;
	if (reserve < MACHINE_RESERVE_MIN)
		reserve = MACHINE_RESERVE_MIN;
	return free_bytes > reserve ? free_bytes - reserve : 0;
}

static bool
machine_take(uint64_t bytes)
{
	uint64_t room;

	if (bytes > machine_room) {
		room = ramfs_machine_free();
		machine_room = 0;
		if (room < bytes)
			return false;
		machine_room = bytes + MACHINE_GRANT < room ? bytes + MACHINE_GRANT : room;
	}
	machine_room -= bytes;
	return true;
}

bool
ramfs_budget_take(struct ramfs_budget *budget, uint64_t bytes)
{
	if (budget->limit != 0 && (bytes > budget->limit || budget->used > budget->limit - bytes))
		return false;
	if (!machine_take(bytes))
		return false;
	budget->used += bytes;
	return true;
}

void
ramfs_budget_give(struct ramfs_budget *budget, uint64_t bytes)
{
	bsd_assert(budget->used >= bytes);
	budget->used -= bytes;
}

static void *
ramfs_page_create(struct ramfs_budget *budget)
{
	void *page;

	if (!ramfs_budget_take(budget, RAMFS_PAGE))
		return NULL;
	page = page_pool_get();
	if (page == NULL)
		ramfs_budget_give(budget, RAMFS_PAGE);
	return page;
}

static void
ramfs_page_destroy(struct ramfs_budget *budget, void *page)
{
	page_pool_put(page);
	ramfs_budget_give(budget, RAMFS_PAGE);
}

/* Pages covered by one child of a table at `height`. */
static uint64_t
ramfs_span(unsigned height)
{
	uint64_t span = 1;

	while (--height > 0)
		span *= RAMFS_FANOUT;
	return span;
}

/* Whether page `index` is inside what a tree of this height covers. */
static bool
ramfs_covers(unsigned height, uint64_t index)
{
	return height == 0 ? index == 0 : index / ramfs_span(height) < RAMFS_FANOUT;
}

static uint8_t *
ramfs_page_find(const struct ramfs_data *data, uint64_t index)
{
	void *node = data->root;
	unsigned height = data->height;
	uint64_t span;

	if (data->extent != NULL) {
		if (index >= data->extent_size / RAMFS_PAGE)
			return NULL;
		return (uint8_t *)data->extent + index * RAMFS_PAGE;
	}
	if (!ramfs_covers(height, index))
		return NULL;
	for (; height > 0 && node != NULL; height--) {
		span = ramfs_span(height);
		node = ((struct ramfs_table *)node)->child[index / span];
		index %= span;
	}
	return node;
}

/* Put tables on top until page `index` is covered. */
static bool
ramfs_tree_grow(struct ramfs_data *data, struct ramfs_budget *budget, uint64_t index)
{
	struct ramfs_table *table;

	while (!ramfs_covers(data->height, index)) {
		if (data->root != NULL) {
			table = ramfs_page_create(budget);
			if (table == NULL)
				return false;
			table->child[0] = data->root;
			data->root = table;
		}
		data->height++;
	}
	return true;
}

/* The page for `index`, made when missing; NULL when out of memory. */
static uint8_t *
ramfs_page_get(struct ramfs_data *data, struct ramfs_budget *budget, uint64_t index)
{
	void **slot = &data->root;
	unsigned height;
	uint64_t span;

	if (!ramfs_tree_grow(data, budget, index))
		return NULL;
	for (height = data->height; height > 0; height--) {
		if (*slot == NULL)
			*slot = ramfs_page_create(budget);
		if (*slot == NULL)
			return NULL;
		span = ramfs_span(height);
		slot = &((struct ramfs_table *)*slot)->child[index / span];
		index %= span;
	}
	if (*slot == NULL) {
		*slot = ramfs_page_create(budget);
		if (*slot != NULL)
			data->pages++;
	}
	return *slot;
}

/*
 * Free what lies at or behind page `first` of the tree below *slot (height
 * `height`); empty tables go too.  The depth is bounded by the file size.
 */
static void
ramfs_tree_cut(struct ramfs_data *data, struct ramfs_budget *budget, void **slot, unsigned height,
    uint64_t first)
{
	struct ramfs_table *table = *slot;
	uint64_t span;
	unsigned i;

	if (*slot == NULL)
		return;
	if (height > 0) {
		span = ramfs_span(height);
		for (i = first / span; i < RAMFS_FANOUT; i++) {
			ramfs_tree_cut(data, budget, &table->child[i], height - 1,
			    i == first / span ? first % span : 0);
		}
	} else {
		data->pages--;
	}
	if (height == 0 || first == 0) {
		ramfs_page_destroy(budget, *slot);
		*slot = NULL;
	}
}

static void
ramfs_cut(struct ramfs_data *data, struct ramfs_budget *budget, uint64_t first)
{
	if (ramfs_covers(data->height, first))
		ramfs_tree_cut(data, budget, &data->root, data->height, first);
	if (data->root == NULL)
		data->height = 0;
}

static void
ramfs_extent_drop(struct ramfs_data *data, struct ramfs_budget *budget)
{
	if (data->pinned != 0)
		bsd_file_memory_destroy(data->extent, data->pinned, data->owner);
	else
		bsd_free_pages(data->extent, data->extent_size);
	ramfs_budget_give(budget, data->extent_size);
	data->pages -= data->extent_size / RAMFS_PAGE;
	data->extent = NULL;
	data->extent_size = 0;
	data->pinned = 0;
	data->shared = false;
}

static uint64_t
ramfs_whole_pages(uint64_t size)
{
	return (size + RAMFS_PAGE - 1) & ~(uint64_t)(RAMFS_PAGE - 1);
}

/* Keep the rule that bytes behind the end are zero. */
static void
ramfs_clear_tail(struct ramfs_data *data)
{
	size_t used = data->size % RAMFS_PAGE;
	uint8_t *page;

	if (used == 0)
		return;
	page = ramfs_page_find(data, data->size / RAMFS_PAGE);
	if (page != NULL)
		memset(page + used, 0, RAMFS_PAGE - used);
}

/* Pay for the pages of a pinned file of this size. */
static bool
ramfs_pinned_grow(struct ramfs_data *data, struct ramfs_budget *budget, uint64_t size)
{
	uint64_t more;

	if (size <= data->extent_size)
		return true;
	if (size > data->pinned)
		return false;
	more = ramfs_whole_pages(size) - data->extent_size;
	if (!ramfs_budget_take(budget, more))
		return false;
	data->extent_size += more;
	data->pages += more / RAMFS_PAGE;
	bsd_file_memory_end(data->owner, data->extent_size);
	return true;
}

static void
ramfs_pinned_shrink(struct ramfs_data *data, struct ramfs_budget *budget, uint64_t size)
{
	uint64_t less = data->extent_size - ramfs_whole_pages(size);

	data->extent_size -= less;
	data->pages -= less / RAMFS_PAGE;
	ramfs_budget_give(budget, less);
	bsd_file_memory_end(data->owner, data->extent_size);
}

/*
 * What is cut off is zero when the file grows again, and so is what programs
 * wrote behind the end in the last page.
 */
static int
ramfs_pinned_truncate(struct ramfs_data *data, struct ramfs_budget *budget, uint64_t size)
{
	if (!ramfs_pinned_grow(data, budget, size))
		return ENOSPC;
	if (size < data->size)
		data->size = size;
	ramfs_clear_tail(data);
	data->size = size;
	if (ramfs_whole_pages(size) < data->extent_size)
		ramfs_pinned_shrink(data, budget, size);
	return 0;
}

/* Change to an extent with room for `length` bytes; false: no memory. */
static bool
ramfs_extent_make(struct ramfs_data *data, struct ramfs_budget *budget, size_t length)
{
	size_t size = (length + RAMFS_PAGE - 1) & ~(size_t)(RAMFS_PAGE - 1);
	void *extent;

	if (!ramfs_budget_take(budget, size))
		return false;
	extent = bsd_alloc_pages(size);
	if (extent == NULL) {
		ramfs_budget_give(budget, size);
		return false;
	}
	ramfs_data_read(data, extent, data->size, 0);
	ramfs_cut(data, budget, 0);
	data->extent = extent;
	data->extent_size = size;
	data->pages = size / RAMFS_PAGE;
	return true;
}

/* Copy the extent into a tree; false (nothing changed) when out of memory. */
static bool
ramfs_extent_split(struct ramfs_data *data, struct ramfs_budget *budget)
{
	struct ramfs_data tree = { .splitting = true };
	const void *extent = data->extent;

	if (extent == NULL)
		return true;
	if (ramfs_data_write(&tree, budget, extent, data->size, 0) != data->size) {
		ramfs_data_destroy(&tree, budget);
		return false;
	}
	ramfs_extent_drop(data, budget);
	tree.splitting = false;
	*data = tree;
	return true;
}

/* Whether an extent can have this size, or is no extent any more. */
static bool
ramfs_extent_fits(struct ramfs_data *data, struct ramfs_budget *budget, uint64_t size)
{
	if (data->extent == NULL || size <= data->extent_size)
		return true;
	return data->pinned != 0 ? ramfs_pinned_grow(data, budget, size)
				 : ramfs_extent_split(data, budget);
}

size_t
ramfs_data_read(const struct ramfs_data *data, void *buffer, size_t length, uint64_t offset)
{
	const uint8_t *page;
	size_t done, part;

	if (offset >= data->size)
		return 0;
	if (length > data->size - offset)
		length = data->size - offset;
	for (done = 0; done < length; done += part, offset += part) {
		part = RAMFS_PAGE - offset % RAMFS_PAGE;
		if (part > length - done)
			part = length - done;
		page = ramfs_page_find(data, offset / RAMFS_PAGE);
		if (page == NULL)
			memset((uint8_t *)buffer + done, 0, part);
		else
			memcpy((uint8_t *)buffer + done, page + offset % RAMFS_PAGE, part);
	}
	return length;
}

size_t
ramfs_data_write(struct ramfs_data *data, struct ramfs_budget *budget, const void *buffer,
    size_t length, uint64_t offset)
{
	uint8_t *page;
	size_t done, part;

	if (offset >= RAMFS_SIZE_MAX)
		return 0;
	if (length > RAMFS_SIZE_MAX - offset)
		length = RAMFS_SIZE_MAX - offset;
	if (!ramfs_extent_fits(data, budget, offset + length))
		return 0;
	/* A large file written in one go is in one piece from the start. */
	if (data->size == 0 && data->extent == NULL && offset == 0 && length >= RAMFS_EXTENT_MIN &&
	    !data->splitting)
		(void)ramfs_extent_make(data, budget, length);
	for (done = 0; done < length; done += part, offset += part) {
		part = RAMFS_PAGE - offset % RAMFS_PAGE;
		if (part > length - done)
			part = length - done;
		page = data->extent != NULL ? ramfs_page_find(data, offset / RAMFS_PAGE)
					    : ramfs_page_get(data, budget, offset / RAMFS_PAGE);
		if (page == NULL)
			break;
		memcpy(page + offset % RAMFS_PAGE, (const uint8_t *)buffer + done, part);
	}
	if (done > 0 && offset > data->size)
		data->size = offset;
	return done;
}

int
ramfs_data_truncate(struct ramfs_data *data, struct ramfs_budget *budget, uint64_t size)
{
	if (size > RAMFS_SIZE_MAX)
		return EFBIG;
	if (data->pinned != 0)
		return ramfs_pinned_truncate(data, budget, size);
	if (size == 0 && data->extent != NULL)
		ramfs_extent_drop(data, budget);
	if (!ramfs_extent_split(data, budget))
		return ENOSPC;
	if (size < data->size)
		ramfs_cut(data, budget, (size + RAMFS_PAGE - 1) / RAMFS_PAGE);
	data->size = size;
	ramfs_clear_tail(data);
	return 0;
}

void
ramfs_data_destroy(struct ramfs_data *data, struct ramfs_budget *budget)
{
	if (data->extent != NULL)
		ramfs_extent_drop(data, budget);
	ramfs_cut(data, budget, 0);
	data->size = 0;
	bsd_assert(data->pages == 0);
}

int
ramfs_data_extent(struct ramfs_data *data, struct ramfs_budget *budget, const void **basep)
{
	if (data->shared || data->size == 0)
		return ENOMEM; /* it may change at any moment */
	if (data->extent == NULL) {
		/* A sparse file is not worth its size in memory. */
		if (data->pages < data->size / RAMFS_PAGE || data->size == 0 ||
		    !ramfs_extent_make(data, budget, data->size))
			return ENOMEM;
	}
	*basep = data->extent;
	return 0;
}

/* Copy what the file has; holes stay untouched zeros. */
static void
ramfs_copy_pages(const struct ramfs_data *data, uint8_t *to)
{
	uint64_t count = (data->size + RAMFS_PAGE - 1) / RAMFS_PAGE;
	const uint8_t *page;
	uint64_t i;

	for (i = 0; i < count; i++) {
		page = ramfs_page_find(data, i);
		if (page != NULL)
			memcpy(to + i * RAMFS_PAGE, page, RAMFS_PAGE);
	}
}

int
ramfs_data_pin(struct ramfs_data *data, struct ramfs_budget *budget, uint64_t need, bool writable,
    const void **basep)
{
	struct ramfs_data pinned = { .size = data->size, .shared = writable };
	uint64_t room;

	if (need < data->size)
		need = data->size;
	if (data->pinned != 0) {
		if (need > data->pinned)
			return ENOMEM;
		data->shared |= writable;
		*basep = data->extent;
		return 0;
	}
	if (need > RAMFS_PIN_MAX)
		return ENOMEM;
	room = 4 * ramfs_whole_pages(need);
	pinned.pinned = room > RAMFS_PIN_MIN ? room : RAMFS_PIN_MIN;
	pinned.extent = bsd_file_memory_create(pinned.pinned, &pinned.owner);
	if (pinned.extent == NULL)
		return ENOSPC;
	if (!ramfs_pinned_grow(&pinned, budget, data->size)) {
		bsd_file_memory_destroy(pinned.extent, pinned.pinned, pinned.owner);
		return ENOSPC;
	}
	ramfs_copy_pages(data, pinned.extent);
	ramfs_data_destroy(data, budget);
	*data = pinned;
	*basep = data->extent;
	return 0;
}
