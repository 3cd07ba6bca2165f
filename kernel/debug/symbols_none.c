/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * symbols_none -- the empty symbol table of the first link.
 */
#include "symbols.h"

const uint32_t symbol_count __attribute__((section(".symbols"))) = 0;
const struct symbol symbol_table[1] __attribute__((section(".symbols"))) = { { 0, 0 } };
const char symbol_names[1] __attribute__((section(".symbols"))) = "";
