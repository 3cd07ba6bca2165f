/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * multiboot2 -- the information of a Multiboot2 loader (specification 2.0,
 * section 3.6): a list of tags.
 */
#include <arch/boot_info.h>
#include <kern/assert.h>
#include <kern/string.h>

#include "boot_parse.h"

#define DIRECT_MAP      0xffff800000000000ul
#define KERNEL_BASE     0xffffffff80000000ul
#define INFORMATION_MAX 65536u

enum {
	TAG_END = 0,
	TAG_COMMAND_LINE = 1,
	TAG_LOADER = 2,
	TAG_MODULE = 3,
	TAG_MEMORY_MAP = 6,
	TAG_FRAMEBUFFER = 8,
	TAG_ACPI_OLD = 14,
	TAG_ACPI_NEW = 15,
	TAG_EFI_MEMORY_MAP = 17,
};

enum { MEMORY_RAM = 1, MEMORY_ACPI = 3, MEMORY_NVS = 4 };

/* UEFI memory types that become free RAM (specification 2.9, table 7-6). */
enum { EFI_LOADER_CODE = 1, EFI_LOADER_DATA = 2, EFI_BOOT_CODE = 3, EFI_BOOT_DATA = 4 };

struct tag {
	uint32_t type;
	uint32_t size;
};

struct tag_string {
	struct tag tag;
	char text[];
};

struct tag_module {
	struct tag tag;
	uint32_t start;
	uint32_t end;
	char text[];
};

struct memory_entry {
	uint64_t address;
	uint64_t length;
	uint32_t type;
	uint32_t zero;
};

struct tag_memory_map {
	struct tag tag;
	uint32_t entry_size;
	uint32_t version;
	struct memory_entry entry[];
};

struct tag_efi_memory_map {
	struct tag tag;
	uint32_t entry_size;
	uint32_t version;
	char entries[];
};

struct efi_memory {
	uint32_t type;
	uint32_t pad;
	uint64_t address;
	uint64_t virtual;
	uint64_t pages;
	uint64_t attributes;
};

struct tag_framebuffer {
	struct tag tag;
	uint64_t address;
	uint32_t pitch, width, height;
	uint8_t bits;
	uint8_t type; /* 0 palette, 1 RGB, 2 EGA text */
	uint16_t zero;
	uint8_t red_shift, red_size, green_shift, green_size, blue_shift, blue_size;
};

/* GRUB puts a backslash before quotes and backslashes in arguments; take it
 * out again, in place. */
static const char *
unescape(const char *text)
{
	char *to = (char *)(uintptr_t)text;

	for (const char *from = text; *from != '\0'; from++) {
		if (*from == '\\' && from[1] != '\0' && strchr("\\'\"", from[1]) != NULL)
			from++;
		*to++ = *from;
	}
	*to = '\0';
	return text;
}

static void
parse_module(const struct tag_module *tag)
{
	boot_module_add(tag->start, tag->end - tag->start, unescape(tag->text));
}

static void
parse_memory_map(const struct tag_memory_map *tag)
{
	const char *at = (const char *)tag->entry;
	const char *end = (const char *)tag + tag->tag.size;
	const struct memory_entry *entry;

	for (; at + sizeof(*entry) <= end; at += tag->entry_size) {
		entry = (const struct memory_entry *)(const void *)at;
		if (entry->type == MEMORY_RAM)
			boot_ram_add(entry->address, entry->address + entry->length);
		else if (entry->type == MEMORY_ACPI || entry->type == MEMORY_NVS)
			boot_ram_note(entry->address + entry->length);
	}
}

static void
parse_efi_memory_map(const struct tag_efi_memory_map *tag)
{
	const char *end = (const char *)tag + tag->tag.size;
	const struct efi_memory *entry;

	if (tag->entry_size < sizeof(*entry))
		return;
	for (const char *at = tag->entries; at + sizeof(*entry) <= end; at += tag->entry_size) {
		entry = (const struct efi_memory *)(const void *)at;
		if (entry->type >= EFI_LOADER_CODE && entry->type <= EFI_BOOT_CODE)
			boot_code_note(entry->address, entry->address + entry->pages * 4096);
	}
}

static void
parse_framebuffer(const struct tag_framebuffer *tag)
{
	struct boot_framebuffer *fb = &boot_info.framebuffer;

	if (tag->type == 1 && tag->bits != 32 && tag->bits != 24)
		return;
	if (tag->type == 0)
		return;
	*fb = (struct boot_framebuffer) { tag->address, tag->pitch, tag->width, tag->height,
		tag->type == 2 ? 0 : tag->bits, 0, 0, 0 };
	if (tag->type == 1) {
		fb->red_shift = tag->red_shift;
		fb->green_shift = tag->green_shift;
		fb->blue_shift = tag->blue_shift;
	}
}

static void
parse_tag(const struct tag *tag)
{
	switch (tag->type) {
	case TAG_COMMAND_LINE:
		boot_info.command_line = unescape(((const struct tag_string *)tag)->text);
		break;
	case TAG_LOADER:
		boot_info.loader = ((const struct tag_string *)tag)->text;
		break;
	case TAG_MODULE:
		parse_module((const struct tag_module *)tag);
		break;
	case TAG_MEMORY_MAP:
		parse_memory_map((const struct tag_memory_map *)tag);
		break;
	case TAG_FRAMEBUFFER:
		parse_framebuffer((const struct tag_framebuffer *)tag);
		break;
	case TAG_EFI_MEMORY_MAP:
		parse_efi_memory_map((const struct tag_efi_memory_map *)tag);
		break;
	case TAG_ACPI_OLD:
	case TAG_ACPI_NEW:
		/* The loader's copy of the RSDP. */
		boot_info.rsdp = (uint64_t)(tag + 1) - KERNEL_BASE;
		break;
	default:
		break;
	}
}

/* The loader puts its information anywhere, right behind a module too: it
 * is used from a copy. */
static const uint32_t *
information_copy(const uint32_t *header)
{
	static uint64_t copy[INFORMATION_MAX / 8];

	if (header[0] > sizeof(copy))
		panic("the boot loader's information has %u bytes, room is for %u", header[0],
		    INFORMATION_MAX);
	return memcpy(copy, header, header[0]);
}

void
multiboot2_parse(uint64_t address)
{
	const uint32_t *header = information_copy((const uint32_t *)(address + DIRECT_MAP));
	const char *at = (const char *)(header + 2);
	const char *end = (const char *)header + header[0];
	const struct tag *tag;

	for (; at + sizeof(*tag) <= end; at += (tag->size + 7) & ~7u) {
		tag = (const struct tag *)(const void *)at;
		if (tag->type == TAG_END || tag->size < sizeof(*tag))
			break;
		parse_tag(tag);
	}
}
