/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * backtrace -- frames and names.
 *
 * The symbol table is made from a first link of the kernel by
 * kernel/debug/symbols.py and linked in by a second: addresses relative to
 * the kernel's start in ascending order, and the names one after the other.
 * The first link uses the empty table of symbols_none.c.
 */
#include <kern/assert.h>
#include <kern/string.h>

#include "debug.h"
#include "symbols.h"

#define BACKTRACE_MAX 32

extern const char kernel_start[], kernel_text_end[];

const char *
symbol_find(uint64_t address, uint64_t *offsetp)
{
	uint32_t low = 0, high = symbol_count;
	uint32_t relative, middle;

	if (address < (uint64_t)kernel_start || address >= (uint64_t)kernel_text_end ||
	    symbol_count == 0)
		return NULL;
	relative = (uint32_t)(address - (uint64_t)kernel_start);
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (symbol_table[middle].address <= relative)
			low = middle;
		else
			high = middle;
	}
	if (symbol_table[low].address > relative)
		return NULL;
	*offsetp = relative - symbol_table[low].address;
	return symbol_names + symbol_table[low].name;
}

static void
print_frame(int number, uint64_t rip)
{
	uint64_t offset;
	const char *name = symbol_find(rip, &offset);

	if (name != NULL)
		kern_log("  #%d %016lx %s+0x%lx", number, rip, name, offset);
	else
		kern_log("  #%d %016lx", number, rip);
}

void
backtrace_print(uint64_t frame, uint64_t rip)
{
	const uint64_t *link;
	int number = 0;

	if (frame == 0)
		frame = (uint64_t)__builtin_frame_address(0);
	if (rip != 0)
		print_frame(number++, rip);
	for (; number < BACKTRACE_MAX; number++) {
		if (frame % 8 != 0 || !debug_readable(frame) || !debug_readable(frame + 8))
			break;
		link = (const uint64_t *)frame;
		if (link[1] == 0)
			break;
		print_frame(number, link[1]);
		if (link[0] <= frame)
			break;
		frame = link[0];
	}
}
