/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pmap -- the machine layer's own part of pmaps (vm/pmap.h is vm's).
 */
#ifndef ARCH_PMAP_H
#define ARCH_PMAP_H

#include <stdint.h>

#include <arch/cpu.h>
#include <vm/pmap.h>

/* Addresses of the kernel's own pageable or pieced-together memory; entered
 * in kernel_pmap, the same in every address space. */
#define KERNEL_VM_START 0xffffc00000000000ul
#define KERNEL_VM_END   0xffffc07ffffff000ul

void pmap_load(struct pmap *pmap);

/* Make `pmap` this CPU's address space. Kernel threads pass kernel_pmap and
 * stay in whatever space is loaded (lazy); pmap_destroy evicts them. */
static inline void
pmap_activate(struct pmap *pmap)
{
	if (pmap != this_cpu()->pmap && pmap != kernel_pmap)
		pmap_load(pmap);
}

/* Boot CPU, after physical memory and zones work: pv lists. */
void pmap_init(void);

/* Map `size` bytes of device memory at physical `address`, uncached, for
 * ever; NULL when the window is used up. Boot and drivers. */
void *mmio_map(uint64_t address, uint64_t size);

/* As mmio_map, write-combining: frame buffers. */
void *mmio_map_combining(uint64_t address, uint64_t size);

#endif
