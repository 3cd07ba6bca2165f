/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host memory -- simulated frames and a checking pmap for tests of vm.
 *
 * Every frame is a block of its own, so that a sanitizer sees a stray access;
 * frames are filled with junk when handed out. The pmap is a plain table that
 * checks every call: only allocated frames may be mapped, a freed frame must
 * have no mapping, wired mappings stay, ranges are page aligned.
 */
#ifndef HOST_MEMORY_H
#define HOST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

struct pmap;

/* Start anew with `limit` free frames. All must have been given back. */
void host_memory_init(uint64_t limit);
/* Frames handed out now. */
uint64_t host_frames_used(void);
/* Bound them anew. */
void host_frames_limit(uint64_t limit);
/* The k-th frame asked for from now on is refused, once; 0: none. */
void host_fail_frame(uint64_t k);
/* The k-th pmap_enter from now on finds no page-table page, once; 0: none. */
void host_fail_pmap_enter(uint64_t k);
/* Did a refusal asked for happen? */
bool host_memory_refused(void);

/* Memory of a device: mappable, never allocated or freed. */
uint64_t host_device_memory(void *memory, uint64_t size);

/* What the MMU would do: translate for an access; false: page fault. Sets
 * referenced and modified bits. */
bool host_mmu(struct pmap *pmap, uint64_t va, bool write, bool execute, void **pointerp);
/* Forget every mapping that is not wired: a pmap is only a cache. */
void host_pmap_forget(struct pmap *pmap);
/* Pmaps alive but for the kernel's. */
uint64_t host_pmaps(void);
/* Calls that changed mappings, for tests of cost. */
uint64_t host_pmap_enters(void);

#endif
