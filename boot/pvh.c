/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pvh -- the hvm_start_info structure of the PVH boot protocol, as QEMU's
 * -kernel fills it, and module bundles.
 *
 * QEMU has one -initrd only. When it is a newc cpio archive, each regular
 * file in it is one boot module and its name is the module's line; "-" stands
 * for an empty one.
 */
#include <stdbool.h>

#include <arch/boot_info.h>
#include <kern/assert.h>
#include <kern/string.h>

#include "boot_parse.h"

#define DIRECT_MAP 0xffff800000000000ul

struct start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules;
	uint64_t command_line;
	uint64_t rsdp;
	/* Version 1. */
	uint64_t memory_map;
	uint32_t memory_map_count;
	uint32_t reserved;
};

struct start_module {
	uint64_t address;
	uint64_t size;
	uint64_t command_line;
	uint64_t reserved;
};

struct start_memory {
	uint64_t address;
	uint64_t size;
	uint32_t type; /* as in the BIOS memory map */
	uint32_t reserved;
};

static const char *
keep_string(uint64_t address)
{
	const char *text = (const char *)(address + DIRECT_MAP);

	if (address == 0)
		return "";
	boot_ram_reserve(address, address + strlen(text) + 1);
	return text;
}

static void
parse_memory(const struct start_info *info)
{
	const struct start_memory *memory =
	    (const struct start_memory *)(info->memory_map + DIRECT_MAP);

	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		if (memory[i].type == 1)
			boot_ram_add(memory[i].address, memory[i].address + memory[i].size);
		else if (memory[i].type == 3 || memory[i].type == 4)
			boot_ram_note(memory[i].address + memory[i].size);
	}
}

void
pvh_parse(uint64_t address)
{
	const struct start_info *info = (const struct start_info *)(address + DIRECT_MAP);
	const struct start_module *module =
	    (const struct start_module *)(info->modules + DIRECT_MAP);

	boot_info.loader = "PVH";
	if (info->version >= 1)
		parse_memory(info);
	boot_info.command_line = keep_string(info->command_line);
	boot_info.rsdp = info->rsdp;
	for (uint32_t i = 0; i < info->module_count; i++)
		boot_module_add(
		    module[i].address, module[i].size, keep_string(module[i].command_line));
}

/* -- bundles ------------------------------------------------------------ */

#define CPIO_HEADER    110
#define CPIO_FIELD(n)  (6 + 8 * (n))
#define CPIO_MODE      1
#define CPIO_FILE_SIZE 6
#define CPIO_NAME_SIZE 11
#define CPIO_REGULAR   0100000u
#define CPIO_TYPE      0170000u

static uint64_t
hex_field(const char *header, int field)
{
	const char *at = header + CPIO_FIELD(field);
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value =
		    value << 4 | (uint64_t)(at[i] <= '9' ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
	return value;
}

static bool
is_cpio(const char *at, uint64_t left)
{
	return left >= CPIO_HEADER && memcmp(at, "070701", 6) == 0;
}

static uint64_t
round4(uint64_t value)
{
	return (value + 3) & ~3ul;
}

static void
bundle_entry(const char *header, uint64_t data)
{
	const char *name = header + CPIO_HEADER;

	if ((hex_field(header, CPIO_MODE) & CPIO_TYPE) == CPIO_REGULAR)
		boot_module_add(
		    data, hex_field(header, CPIO_FILE_SIZE), strcmp(name, "-") == 0 ? "" : name);
}

static void
bundle_parse(struct boot_module bundle)
{
	const char *start = (const char *)(bundle.start + DIRECT_MAP);
	uint64_t at = 0, data, next;

	while (is_cpio(start + at, bundle.size - at)) {
		data = round4(at + CPIO_HEADER + hex_field(start + at, CPIO_NAME_SIZE));
		next = round4(data + hex_field(start + at, CPIO_FILE_SIZE));
		if (data > bundle.size || next > round4(bundle.size))
			panic("boot bundle is cut short at byte %lu", (unsigned long)at);
		if (strcmp(start + at + CPIO_HEADER, "TRAILER!!!") == 0)
			return;
		bundle_entry(start + at, bundle.start + data);
		at = next < bundle.size ? next : bundle.size;
	}
}

bool
boot_bundle_expand(void)
{
	struct boot_module only = boot_info.module[0];

	/* A module with a line of its own is no bundle, whatever it holds. */
	if (boot_info.module_count != 1 || only.line[0] != '\0' ||
	    !is_cpio((const char *)(only.start + DIRECT_MAP), only.size))
		return false;
	boot_info.module_count = 0;
	bundle_parse(only);
	return true;
}
