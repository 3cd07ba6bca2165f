/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * symbols -- the kernel's own symbol table; see backtrace.c.
 */
#ifndef DEBUG_SYMBOLS_H
#define DEBUG_SYMBOLS_H

#include <stdint.h>

struct symbol {
	uint32_t address; /* minus kernel_start */
	uint32_t name;    /* offset into symbol_names */
};

extern const uint32_t symbol_count;
extern const struct symbol symbol_table[];
extern const char symbol_names[];

#endif
