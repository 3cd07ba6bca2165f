/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot_info -- what the boot loader told, in one form for all of them.
 *
 * Filled before kernel_main by boot/ (Multiboot2 or PVH). All strings are
 * kernel memory and live for ever. Physical ranges are page-aligned and free
 * of the kernel, the modules and everything boot/ allocated.
 */
#ifndef ARCH_BOOT_INFO_H
#define ARCH_BOOT_INFO_H

#include <stddef.h>
#include <stdint.h>

#define BOOT_RANGES_MAX  128
#define BOOT_MODULES_MAX 64

struct boot_range {
	uint64_t start;
	uint64_t end;
};

struct boot_module {
	uint64_t start;   /* physical, page-aligned */
	uint64_t size;    /* bytes; the rest of the last page is zero */
	const char *line; /* boot-script line (ABI sheet 10.2) */
};

struct boot_framebuffer {
	uint64_t address; /* 0: none */
	uint32_t pitch, width, height;
	uint8_t bits; /* per pixel; 0: text mode cells */
	uint8_t red_shift, green_shift, blue_shift;
};

struct boot_info {
	const char *loader;       /* "GRUB 2.06", "PVH" */
	const char *command_line; /* without the kernel's file name */
	uint64_t rsdp;            /* physical address, or 0 */
	uint32_t range_count;     /* free RAM, ascending */
	struct boot_range range[BOOT_RANGES_MAX];
	uint32_t module_count;
	struct boot_module module[BOOT_MODULES_MAX];
	struct boot_framebuffer framebuffer;
	uint64_t memory_end;   /* one past the highest RAM address */
	uint64_t memory_total; /* bytes of RAM */
};

extern struct boot_info boot_info;

/* The value of `name=value` on the kernel command line, "" for a bare `name`,
 * NULL when absent. Points into the command line: ends at a blank or NUL;
 * *lengthp, if asked for, gets the length. */
const char *boot_argument(const char *name, size_t *lengthp);

/* True when the argument is there with exactly this value. */
int boot_argument_is(const char *name, const char *value);

/*
 * Zeroed memory for ever, taken out of boot_info.range; page-aligned. Before
 * physical memory is handed to the page allocator only. Panics when there is
 * too little memory.
 */
void *boot_alloc(uint64_t size);

#endif
