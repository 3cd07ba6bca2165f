/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pmap -- what vm asks of the MMU; the only machine-dependent part of vm.
 *
 * A pmap is a cache of translations: any of its entries may vanish except
 * wired ones, and a fault brings them back. Every mapping of a managed page
 * is on that page's pv list. Implemented by kernel/arch/<cpu>/pmap.c and, as a
 * plain table that checks every call, by tests/host/pmap.c.
 *
 * Locks: takes PMAP and PV itself; callers may hold MAP, OBJECT, PAGE_QUEUES.
 * TLBs of other CPUs are clean when a call that lowers rights returns.
 */
#ifndef VM_PMAP_H
#define VM_PMAP_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/vm_prot.h>

struct pmap;
struct account;

/* The kernel's own pmap (upper half; shared by all). */
extern struct pmap *const kernel_pmap;

/* An empty user pmap, or NULL. Page-table pages are charged to `account`. */
struct pmap *pmap_create(struct account *account);
/* Frees all page tables. No CPU runs on it any more; preemption points. */
void pmap_destroy(struct pmap *pmap);

/*
 * Map the page at physical `pa` at `va` with `prot` (VM_PROT_READ, WRITE,
 * EXECUTE); replaces what was there. `wired` mappings stay.
 * Returns KERN_RESOURCE_SHORTAGE when a page-table page cannot be had.
 */
kern_return_t pmap_enter(struct pmap *pmap, uint64_t va, uint64_t pa, vm_prot_t prot, bool wired)
    __attribute__((warn_unused_result));

/* Drop all mappings in [start, end); lower their protection to `prot`. */
void pmap_remove(struct pmap *pmap, uint64_t start, uint64_t end);
void pmap_protect(struct pmap *pmap, uint64_t start, uint64_t end, vm_prot_t prot);
void pmap_change_wiring(struct pmap *pmap, uint64_t va, bool wired);

/* Physical address mapped at va; false when none. */
bool pmap_extract(struct pmap *pmap, uint64_t va, uint64_t *pap);

/* By physical page, in every pmap: lower the protection (VM_PROT_NONE
 * removes all mappings); modified and referenced bits. */
void pmap_page_protect(uint64_t pa, vm_prot_t prot);
bool pmap_is_modified(uint64_t pa);
void pmap_clear_modify(uint64_t pa);
bool pmap_is_referenced(uint64_t pa);
void pmap_clear_reference(uint64_t pa);

/* Contents, through the direct map. */
void pmap_zero_page(uint64_t pa);
void pmap_copy_page(uint64_t from, uint64_t to);
/* Part of a page to or from kernel memory (direct map). */
void pmap_read_page(uint64_t pa, uint32_t offset, void *to, uint32_t size);
void pmap_write_page(uint64_t pa, uint32_t offset, const void *from, uint32_t size);

/* Mappings present now (task_info, tests). */
uint64_t pmap_resident_count(const struct pmap *pmap);

#endif
