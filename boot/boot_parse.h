/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot_parse -- building blocks of boot_info for the loaders' parsers.
 */
#ifndef BOOT_PARSE_H
#define BOOT_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#define MULTIBOOT2_MAGIC 0x36d76289
#define PVH_MAGIC        0x336ec578

/* A range of RAM, in any order and alignment. */
void boot_ram_add(uint64_t start, uint64_t end);

/* Memory that is RAM but holds something to keep (ACPI tables and the like);
 * it is mapped but not handed out. */
void boot_ram_note(uint64_t end);

/* Take out of the RAM what is in use; rounded outward to pages. */
void boot_ram_reserve(uint64_t start, uint64_t end);

/* Memory that held code of the firmware or the loader. */
void boot_code_note(uint64_t start, uint64_t end);

/* One boot module; `line` stays where it is, so reserve it. */
void boot_module_add(uint64_t start, uint64_t size, const char *line);

/* The parsers: fill boot_info from the loader's structure at `address`. */
void multiboot2_parse(uint64_t address);
void pvh_parse(uint64_t address);

/* Clear free memory that held code; all of it is mapped. */
void boot_scrub(void);

/* A module that is a bundle (PVH's one -initrd) is replaced by its contents:
 * true; they lie close together then. */
bool boot_bundle_expand(void);

#endif
