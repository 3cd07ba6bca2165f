/* SPDX-License-Identifier: BSD-2-Clause */
/* physmem -- how the allocator of kern/physmem.h gets its memory. */
#ifndef CORE_PHYSMEM_H
#define CORE_PHYSMEM_H

#include <stdint.h>

#include <arch/boot_info.h>

/*
 * Take over the free memory of the machine: `ranges` do not overlap, are in
 * the direct map, hold nothing that is still needed, and none of them is page
 * 0. Frames below frame_limit may be added later. The first big enough loses the room for the frame table. Once, at start.
 */
void phys_module_init(struct boot_range *ranges, unsigned count, uint64_t frame_limit);

/* Later: memory of a boot module that is not needed any more. It lies below
 * phys_frame_end(). */
void phys_add_range(uint64_t start, uint64_t end);

#endif
