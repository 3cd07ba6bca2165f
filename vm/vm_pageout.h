/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_pageout -- getting frames back when they run low.
 *
 * Clean pages of pager-backed objects are dropped, dirty ones are returned to
 * their pager, cached objects go first. Anonymous memory has nowhere to go
 * until a default pager exists: then the shortage is reported to whoever asks
 * for more.
 */
#ifndef VM_VM_PAGEOUT_H
#define VM_VM_PAGEOUT_H

#include <stdbool.h>
#include <stdint.h>

/* The body of the daemon's thread: scan when woken, forever. Created by
 * kernel startup. */
_Noreturn void vm_pageout_daemon(void);

/* One scan for up to `target` frames; returns how many were freed. */
uint64_t vm_pageout_scan(uint64_t target);

/* Wake the daemon. Any context that may wake. */
void vm_pageout_wake(void);

/*
 * Memory is short: let the daemon work and wait for it.
 *
 * Locks:   none.
 * Returns: false: there is nothing to reclaim; give up.
 */
bool vm_pageout_wait(void);

/* Free pages below which the daemon works, and below which only the pageout
 * path may allocate; set by vm_init from the size of memory. */
extern uint64_t vm_pageout_low;
extern uint64_t vm_pageout_reserved;

#endif
