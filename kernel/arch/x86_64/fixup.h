/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fixup -- where kernel code that touches user memory goes on after a fault.
 */
#ifndef X86_64_FIXUP_H
#define X86_64_FIXUP_H

#include <stdint.h>

struct fixup {
	uint64_t at; /* the instruction that may fault */
	uint64_t resume;
	uint64_t kind; /* FIXUP_FAIL: at once; FIXUP_RETRY: if not resolved */
};

extern const struct fixup fixup_table_start[], fixup_table_end[];

#endif
