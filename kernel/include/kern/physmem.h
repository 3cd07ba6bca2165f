/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * physmem -- physical pages: a buddy allocator and the direct map.
 *
 * All usable RAM is mapped at a fixed offset (the direct map). vm_page keeps
 * its own structure per frame on top; zalloc takes slabs from here.
 */
#ifndef KERN_PHYSMEM_H
#define KERN_PHYSMEM_H

#include <stdbool.h>
#include <stdint.h>

#define PHYS_PAGE_SHIFT 12
#define PHYS_PAGE_SIZE  4096ul
#define PHYS_ORDER_MAX  10 /* 4 MiB */

/* 2^order contiguous pages; false when there are none. Not cleared.
 * Any context, any lock below rank PHYS. */
bool phys_alloc(unsigned order, uint64_t *addressp) __attribute__((warn_unused_result));
void phys_free(uint64_t address, unsigned order);

/* Free pages, managed pages, and one past the highest frame number. */
uint64_t phys_pages_free(void);
uint64_t phys_pages_total(void);
uint64_t phys_frame_end(void);

/* Frames never handed out by phys_alloc unless free >= reserve: kept for the
 * pageout path. */
void *phys_to_virt(uint64_t address);
uint64_t virt_to_phys(const void *virt);

#endif
