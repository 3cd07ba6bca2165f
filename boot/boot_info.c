/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot_info -- the loader-independent part: memory ranges, arguments, early
 * memory.
 *
 * While this runs only the first 4 GiB are mapped (boot/entry.S), where
 * loaders put everything they hand over.
 */
#include <stdbool.h>

#include <arch/boot_info.h>
#include <kern/assert.h>
#include <kern/string.h>

#include "boot_parse.h"

#define PAGE        4096ul
#define LOW_MEMORY  0x100000ul /* left alone: firmware, AP start code */
#define EARLY_END   0x100000000ul
#define DIRECT_MAP  0xffff800000000000ul
#define KERNEL_BASE 0xffffffff80000000ul

extern char kernel_end[];

#define CODE_RANGES_MAX 64

/* Where code of firmware and loader was; see boot_scrub. */
static struct boot_range code_range[CODE_RANGES_MAX];
static uint32_t code_range_count;

struct boot_info boot_info = { .loader = "?", .command_line = "" };

static uint64_t
round_up(uint64_t value)
{
	return (value + PAGE - 1) & ~(PAGE - 1);
}

static void
range_insert(uint32_t index, uint64_t start, uint64_t end)
{
	if (boot_info.range_count == BOOT_RANGES_MAX)
		return;
	for (uint32_t i = boot_info.range_count; i > index; i--)
		boot_info.range[i] = boot_info.range[i - 1];
	boot_info.range[index] = (struct boot_range) { start, end };
	boot_info.range_count++;
}

static void
range_delete(uint32_t index)
{
	boot_info.range_count--;
	for (uint32_t i = index; i < boot_info.range_count; i++)
		boot_info.range[i] = boot_info.range[i + 1];
}

void
boot_ram_note(uint64_t end)
{
	if (round_up(end) > boot_info.memory_end)
		boot_info.memory_end = round_up(end);
}

void
boot_ram_add(uint64_t start, uint64_t end)
{
	uint32_t index = 0;

	boot_ram_note(end);
	start = round_up(start);
	end &= ~(PAGE - 1);
	if (start >= end)
		return;
	boot_info.memory_total += end - start;
	while (index < boot_info.range_count && boot_info.range[index].start < start)
		index++;
	range_insert(index, start, end);
}

/* Cut [start, end) out of range `index`; true when that range is gone. */
static bool
range_cut(uint32_t index, uint64_t start, uint64_t end)
{
	struct boot_range *range = &boot_info.range[index];

	if (start >= range->end || end <= range->start)
		return false;
	if (start <= range->start && end >= range->end) {
		range_delete(index);
		return true;
	}
	if (start > range->start && end < range->end)
		range_insert(index + 1, end, range->end);
	if (start > range->start)
		range->end = start;
	else
		range->start = end;
	return false;
}

void
boot_ram_reserve(uint64_t start, uint64_t end)
{
	uint32_t index = 0;

	start &= ~(PAGE - 1);
	end = round_up(end);
	while (index < boot_info.range_count)
		if (!range_cut(index, start, end))
			index++;
}

/* Neighbours become one; what finds no room is left unscrubbed. */
void
boot_code_note(uint64_t start, uint64_t end)
{
	uint32_t count = code_range_count;

	if (count > 0 && code_range[count - 1].end == start)
		code_range[count - 1].end = end;
	else if (code_range_count < CODE_RANGES_MAX)
		code_range[code_range_count++] = (struct boot_range) { start, end };
}

static void
scrub(uint64_t start, uint64_t end)
{
	if (start < end)
		memset((void *)(start + DIRECT_MAP), 0, end - start);
}

/*
 * Clear the free memory that held code. An emulator keeps translations of
 * code it has run, and every store into a page with some of them is slow until
 * they are overwritten: kernel data in such a page would stay slow for ever.
 */
void
boot_scrub(void)
{
	for (uint32_t i = 0; i < boot_info.range_count; i++) {
		const struct boot_range *free = &boot_info.range[i];

		for (uint32_t j = 0; j < code_range_count; j++) {
			const struct boot_range *code = &code_range[j];

			scrub(code->start > free->start ? code->start : free->start,
			    code->end < free->end ? code->end : free->end);
		}
	}
}

void
boot_module_add(uint64_t start, uint64_t size, const char *line)
{
	if (boot_info.module_count == BOOT_MODULES_MAX)
		panic("more than %d boot modules", BOOT_MODULES_MAX);
	boot_info.module[boot_info.module_count++] = (struct boot_module) { start, size, line };
}

/* The range below 4 GiB with the most room. */
static struct boot_range *
early_range(uint64_t size)
{
	struct boot_range *best = NULL;

	for (uint32_t i = 0; i < boot_info.range_count; i++) {
		struct boot_range *range = &boot_info.range[i];

		if (range->end > EARLY_END || range->end - range->start < size)
			continue;
		if (best == NULL || range->end - range->start > best->end - best->start)
			best = range;
	}
	return best;
}

static void *
early_take(uint64_t size)
{
	struct boot_range *range;

	size = round_up(size);
	range = early_range(size + PAGE);
	if (range == NULL)
		panic("not enough memory: %lu KiB wanted at boot, %lu MiB of RAM",
		    (unsigned long)size / 1024, (unsigned long)boot_info.memory_total >> 20);
	range->end -= size;
	return (void *)(range->end + DIRECT_MAP);
}

void *
boot_alloc(uint64_t size)
{
	void *memory = early_take(size);

	memset(memory, 0, round_up(size));
	return memory;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

const char *
boot_argument(const char *name, size_t *lengthp)
{
	const char *at = boot_info.command_line;
	size_t name_length = strlen(name), length;

	while (*at != '\0') {
		for (length = 0; at[length] != '\0' && !is_blank(at[length]);)
			length++;
		if (length >= name_length && memcmp(at, name, name_length) == 0 &&
		    (length == name_length || at[name_length] == '=')) {
			at += name_length + (length > name_length);
			if (lengthp != NULL)
				*lengthp = length - name_length - (length > name_length);
			return length > name_length ? at : "";
		}
		for (at += length; is_blank(*at);)
			at++;
	}
	return NULL;
}

int
boot_argument_is(const char *name, const char *value)
{
	size_t length;
	const char *found = boot_argument(name, &length);

	return found != NULL && length == strlen(value) && memcmp(found, value, length) == 0;
}

/* The last page of a module is zero behind its end. */
static void
module_clear_tails(void)
{
	for (uint32_t i = 0; i < boot_info.module_count; i++) {
		struct boot_module *module = &boot_info.module[i];
		uint64_t end = module->start + module->size;

		memset((void *)(end + DIRECT_MAP), 0, round_up(end) - end);
	}
}

static const char *
line_keep(const char *line)
{
	static char *next;
	static size_t room;
	size_t size = strlen(line) + 1;
	char *kept;

	if (size > room) {
		room = round_up(size);
		next = early_take(room);
	}
	kept = memcpy(next, line, size);
	next += size;
	room -= size;
	return kept;
}

/* Modules out of a bundle start anywhere and share their last page with the
 * next one's header and line: they move to pages of their own. The bundle is
 * free memory then. */
static void
modules_move(struct boot_module bundle)
{
	uint64_t total = boot_info.memory_total;

	for (uint32_t i = 0; i < boot_info.module_count; i++) {
		struct boot_module *module = &boot_info.module[i];
		void *to;

		to = early_take(module->size);
		memcpy(to, (void *)(module->start + DIRECT_MAP), module->size);
		module->start = (uint64_t)to - DIRECT_MAP;
		module->line = line_keep(module->line);
	}
	boot_ram_add(bundle.start, bundle.start + bundle.size);
	boot_info.memory_total = total;
}

void boot_info_init(uint32_t magic, uint64_t information);

void
boot_info_init(uint32_t magic, uint64_t information)
{
	struct boot_module first;

	if (magic == MULTIBOOT2_MAGIC)
		multiboot2_parse(information);
	else if (magic == PVH_MAGIC)
		pvh_parse(information);
	boot_ram_reserve(0, LOW_MEMORY);
	boot_ram_reserve(LOW_MEMORY, (uint64_t)kernel_end - KERNEL_BASE);
	for (uint32_t i = 0; i < boot_info.module_count; i++)
		boot_ram_reserve(boot_info.module[i].start,
		    boot_info.module[i].start + boot_info.module[i].size);
	first = boot_info.module[0];
	if (boot_bundle_expand())
		modules_move(first);
	module_clear_tails();
}
