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

/* What every struct pmap begins with (pmap.c has the rest). */
struct pmap_head {
	uint64_t root; /* physical */
	/* Per CPU, written by it alone: loaded in its CR3. */
	_Atomic uint8_t active[MAX_CPUS];
};

/* pmap_load from one task's space, which is loaded, to another's; `me` is this
 * CPU. */
static inline void
pmap_exchange(struct pmap *old, struct pmap *new, unsigned long me)
{
	struct pmap_head *from = (struct pmap_head *)(void *)old;
	struct pmap_head *to = (struct pmap_head *)(void *)new;

	atomic_store_explicit(&from->active[me], 0, memory_order_relaxed);
	atomic_store_explicit(&to->active[me], 1, memory_order_relaxed);
	this_cpu()->pmap = new;
	/* Serializing: the mark is visible before the first translation. */
	__asm__ volatile("movq %0, %%cr3" : : "r"(to->root) : "memory");
}

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
