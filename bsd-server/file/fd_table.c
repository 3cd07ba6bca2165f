/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptor tables: an array that doubles.
 */
#include "file/fd_table.h"

#include <string.h>

#include "bsd/abi.h"
#include "file/file.h"
#include "file/file_lock.h"
#include "vfs/services.h"

#define FD_FIRST_SLOTS 16

struct fd_table *
fd_table_create(void)
{
	struct fd_table *table;

	table = bsd_alloc(sizeof(*table));
	if (table == NULL)
		return NULL;
	table->slots = bsd_alloc(FD_FIRST_SLOTS * sizeof(*table->slots));
	if (table->slots == NULL) {
		bsd_free(table, sizeof(*table));
		return NULL;
	}
	table->refs = 1;
	table->count = FD_FIRST_SLOTS;
	return table;
}

/* Make room so that slot `fd` exists. */
static int
fd_table_grow(struct fd_table *table, unsigned fd)
{
	struct fd_slot *slots;
	unsigned count = table->count;

	if (fd < count)
		return 0;
	if (fd >= FD_TABLE_MAX)
		return EMFILE;
	while (count <= fd)
		count *= 2;
	slots = bsd_alloc(count * sizeof(*slots));
	if (slots == NULL)
		return ENOMEM;
	memcpy(slots, table->slots, table->count * sizeof(*slots));
	bsd_free(table->slots, table->count * sizeof(*slots));
	table->slots = slots;
	table->count = count;
	return 0;
}

struct fd_table *
fd_table_copy(const struct fd_table *table)
{
	struct fd_table *copy;
	unsigned i;

	copy = fd_table_create();
	if (copy == NULL)
		return NULL;
	if (fd_table_grow(copy, table->count - 1) != 0) {
		fd_table_release(copy);
		return NULL;
	}
	for (i = 0; i < table->count; i++) {
		if (table->slots[i].file == NULL)
			continue;
		copy->slots[i].file = file_reference(table->slots[i].file);
		copy->slots[i].close_on_exec = table->slots[i].close_on_exec;
	}
	return copy;
}

struct fd_table *
fd_table_share(struct fd_table *table)
{
	table->refs++;
	return table;
}

/* Empty a slot and drop its file. */
static void
fd_slot_close(struct fd_table *table, unsigned fd)
{
	struct file *file = table->slots[fd].file;

	table->slots[fd].file = NULL;
	table->slots[fd].close_on_exec = false;
	if (fd < table->lowest)
		table->lowest = fd;
	if (file->vnode != NULL)
		file_lock_forget_owner(file->vnode, table);
	file_release(file);
}

void
fd_table_release(struct fd_table *table)
{
	unsigned i;

	bsd_assert(table->refs > 0);
	if (--table->refs > 0)
		return;
	for (i = 0; i < table->count; i++) {
		if (table->slots[i].file != NULL)
			fd_slot_close(table, i);
	}
	bsd_free(table->slots, table->count * sizeof(*table->slots));
	bsd_free(table, sizeof(*table));
}

void
fd_table_close_on_exec(struct fd_table *table)
{
	unsigned i;

	for (i = 0; i < table->count; i++) {
		if (table->slots[i].file != NULL && table->slots[i].close_on_exec)
			fd_slot_close(table, i);
	}
}

struct fd_slot *
fd_table_slot(struct fd_table *table, int fd)
{
	if (fd < 0 || (unsigned)fd >= table->count || table->slots[fd].file == NULL)
		return NULL;
	return &table->slots[fd];
}

int
fd_table_get(struct fd_table *table, int fd, struct file **filep)
{
	struct fd_slot *slot = fd_table_slot(table, fd);

	if (slot == NULL)
		return EBADF;
	*filep = file_reference(slot->file);
	return 0;
}

int
fd_table_reserve(struct fd_table *table, unsigned from, uint64_t limit, int *fdp)
{
	unsigned fd = from > table->lowest ? from : table->lowest;
	int error;

	while (fd < table->count && (table->slots[fd].file != NULL || table->slots[fd].reserved))
		fd++;
	if (fd >= limit)
		return EMFILE;
	error = fd_table_grow(table, fd);
	if (error != 0)
		return error;
	table->slots[fd].reserved = true;
	if (from <= table->lowest)
		table->lowest = fd + 1;
	*fdp = fd;
	return 0;
}

void
fd_table_set(struct fd_table *table, int fd, struct file *file, bool close_on_exec)
{
	bsd_assert(table->slots[fd].reserved && table->slots[fd].file == NULL);
	table->slots[fd].reserved = false;
	table->slots[fd].file = file;
	table->slots[fd].close_on_exec = close_on_exec;
}

void
fd_table_cancel(struct fd_table *table, int fd)
{
	bsd_assert(table->slots[fd].reserved);
	table->slots[fd].reserved = false;
	if ((unsigned)fd < table->lowest)
		table->lowest = fd;
}

int
fd_table_add(struct fd_table *table, unsigned from, uint64_t limit, struct file *file,
    bool close_on_exec, int *fdp)
{
	int error;

	error = fd_table_reserve(table, from, limit, fdp);
	if (error == 0)
		fd_table_set(table, *fdp, file, close_on_exec);
	return error;
}

int
fd_table_close(struct fd_table *table, int fd)
{
	if (fd_table_slot(table, fd) == NULL)
		return EBADF;
	fd_slot_close(table, fd);
	return 0;
}

int
fd_table_replace(
    struct fd_table *table, int fd, uint64_t limit, struct file *file, bool close_on_exec)
{
	int error;

	if (fd < 0 || (unsigned)fd >= limit)
		return EBADF;
	error = fd_table_grow(table, fd);
	if (error != 0)
		return error == EMFILE ? EBADF : error;
	if (table->slots[fd].reserved)
		return EBUSY;
	if (table->slots[fd].file != NULL)
		fd_slot_close(table, fd);
	table->slots[fd].reserved = true;
	fd_table_set(table, fd, file, close_on_exec);
	return 0;
}

int
fd_table_next(const struct fd_table *table, int fd)
{
	unsigned i;

	for (i = fd < 0 ? 0 : fd; i < table->count; i++) {
		if (table->slots[i].file != NULL)
			return i;
	}
	return -1;
}
