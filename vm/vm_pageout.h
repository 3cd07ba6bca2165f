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

/*
 * Free pages, set by vm_init from the size of memory: below `low` the daemon
 * works; below `servers` no bounded account gets pages, only the kernel's own
 * (NULL), which is also that of what boot started: a program that takes all
 * memory must meet the shortage before the servers that it and others depend
 * on do; below `reserved` only the pageout path.
 */
extern uint64_t vm_pageout_low;
extern uint64_t vm_pageout_servers;
extern uint64_t vm_pageout_reserved;

#endif
