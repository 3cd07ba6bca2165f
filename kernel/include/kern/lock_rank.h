/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lock_rank -- the one table of lock classes and their order.
 *
 * A thread that holds a lock may take only locks of a higher rank, or of an
 * equal one in ascending address order where the row says so. The table feeds
 * docs/locking.md and the run-time check (option lock_check, hosted tests).
 *
 * Row: LOCK_RANK(name, kind, equal rank allowed by address, what it protects)
 */
#ifndef KERN_LOCK_RANK_H
#define KERN_LOCK_RANK_H

#define LOCK_RANK_TABLE(LOCK_RANK)                                                                 \
	LOCK_RANK(HOST, sleep, false, "host-wide settings")                                        \
	LOCK_RANK(TASK, sleep, false, "a task: its threads, ports, suspension")                    \
	LOCK_RANK(THREAD_STATE, sleep, false, "a thread's user state while others edit it")        \
	LOCK_RANK(DEVICE, sleep, false, "a device's open state and request queue")                 \
	LOCK_RANK(TRANSIT, sleep, false, "receive rights put into messages: no cycles")            \
	LOCK_RANK(MAP, sleep, true, "a vm map: its entries (outer before submap)")                 \
	LOCK_RANK(OBJECT_CHAIN, sleep, false, "shadow chain surgery")                              \
	LOCK_RANK(OBJECT, spin, true, "a vm object and its pages (front before back)")             \
	LOCK_RANK(PAGE_QUEUES, spin, false, "active, inactive and free page queues")               \
	LOCK_RANK(PMAP, spin, true, "one pmap's page tables")                                      \
	LOCK_RANK(PV, spin, false, "physical-to-virtual lists")                                    \
	LOCK_RANK(SPACE, spin, true, "an ipc space: its entries")                                  \
	LOCK_RANK(PORT, spin, true, "a port: rights, queue, waiters (lower address first)")        \
	LOCK_RANK(PORT_SET, spin, false, "a port set: members, receivers")                         \
	LOCK_RANK(EVENT, spin, true, "a bucket of event waiters; a mutex's guard")                 \
	LOCK_RANK(THREAD, spin, true, "a thread's scheduling state")                               \
	LOCK_RANK(RUN_QUEUE, spin, true, "a CPU's run queue")                                      \
	LOCK_RANK(TIMER, spin, true, "a CPU's timer wheel")                                        \
	LOCK_RANK(ACCOUNT, spin, true, "an account's charges")                                     \
	LOCK_RANK(ZONE, spin, true, "a zone's free lists")                                         \
	LOCK_RANK(PHYS, spin, false, "the physical page allocator")                                \
	LOCK_RANK(CPU_CALL, spin, false, "cross-CPU requests")                                     \
	LOCK_RANK(CONSOLE, spin, false, "console output and input rings")

enum lock_rank {
#define LOCK_RANK_ENUM(name, kind, equal, what) LOCK_RANK_##name,
	LOCK_RANK_TABLE(LOCK_RANK_ENUM)
#undef LOCK_RANK_ENUM
	    LOCK_RANK_COUNT
};

#endif
