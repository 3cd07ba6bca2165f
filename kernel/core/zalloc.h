/* SPDX-License-Identifier: BSD-2-Clause */
/* zalloc -- what the kernel's own start-up and statistics need of it. */
#ifndef CORE_ZALLOC_H
#define CORE_ZALLOC_H

#include <stdint.h>

/* Set up the size classes of kalloc. After phys_module_init. */
void zalloc_module_init(void);

/* Pages in slabs and in kalloc's whole-page allocations. */
uint64_t zone_pages_held(void);

#endif
