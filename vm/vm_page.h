/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_page -- a resident page: one frame of memory holding one page of one
 *            object; and the queues that decide which go first.
 *
 * Life:    created with a frame (vm_page_create) -> inserted in an object ->
 *          perhaps moved to another -> freed. A placeholder (no frame) marks
 *          a page that a pager has been asked for.
 * Owns:    its frame, and one charge to the account whose fault brought it in.
 * Busy:    pg_busy is the token of whoever works on the page while the object
 *          is unlocked (pager transfers). Others wait for the event of the
 *          page's address with the object's lock as interlock.
 * Locks:   (o) the lock of the page's object  (q) page queues  (c) creation
 */
#ifndef VM_VM_PAGE_H
#define VM_VM_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <kern/list.h>
#include <kern/rbtree.h>
#include <mach/machine/vm_types.h>
#include <mach/vm_param.h>
#include <mach/vm_prot.h>
#include <mach/vm_statistics.h>

struct account;
struct vm_object;
struct vm_page_set;

enum vm_page_queue {
	VM_PAGE_QUEUE_NONE,
	VM_PAGE_QUEUE_ACTIVE,
	VM_PAGE_QUEUE_INACTIVE,
};

#define VM_PAGE_NO_FRAME UINT64_MAX

struct vm_page {
	struct rb_node pg_node;     /* (o) in the set, by pg_key */
	struct vm_page_set *pg_set; /* (o) and (q) to change */
	uint64_t pg_key;            /* (o) offset as the set counts */
	uint64_t pg_pa;             /* (c) VM_PAGE_NO_FRAME: placeholder */
	struct account *pg_account; /* (c) charged for the frame */
	struct list pg_queue_link;  /* (q) */
	uint8_t pg_queue;           /* (q) enum vm_page_queue */
	bool pg_busy;               /* (o) */
	bool pg_wanted;             /* (o) somebody waits for not busy */
	bool pg_absent;             /* (o) pager asked, no data yet */
	bool pg_unavailable;        /* (o) pager said: no data */
	bool pg_error;              /* (o) pager said: error */
	bool pg_dirty;              /* (o) beside the pmap's own bit */
	bool pg_precious;           /* (o) */
	_Atomic bool pg_pinned;     /* (q) pageout looks at it */
	bool pg_freed;              /* (q) freed while pinned */
	uint8_t pg_lock;            /* (o) accesses the pager forbids */
	uint8_t pg_unlock_request;  /* (o) accesses asked for */
	uint32_t pg_wire_count;     /* (o) */
};

/*
 * A page with a frame, not cleared, in no object, charged to `account`.
 *
 * Locks:   any below rank ACCOUNT.
 * Returns: NULL when the account or the machine has none left; *shortp then
 *          tells whether it is the machine (waiting may help).
 */
struct vm_page *
vm_page_create(struct account *account, bool *shortp) __attribute__((warn_unused_result));

/* The same, letting pageout work while it helps. Locks: none held. */
struct vm_page *vm_page_create_wait(struct account *account) __attribute__((warn_unused_result));

/* A placeholder: busy, absent, no frame. NULL on shortage. */
struct vm_page *vm_page_create_placeholder(void) __attribute__((warn_unused_result));

/* Free a page that is in no object: off its queue, charge and frame back.
 * Its mappings must be gone. */
void vm_page_free(struct vm_page *page);

/* Queue changes. Locks: the page's object; takes page queues. */
void vm_page_activate(struct vm_page *page);
void vm_page_deactivate(struct vm_page *page);
/* A wired page is on no queue. */
void vm_page_wire(struct vm_page *page);
void vm_page_unwire(struct vm_page *page);

/* End of busy: wake whoever waits. Locks: the page's object. */
void vm_page_ready(struct vm_page *page);

/* Numbers for everybody (ABI sheet 5.8); the queue lengths are exact. */
void vm_page_statistics(struct vm_statistics *statistics);

/* Event counters. Cheap: plain adds, so a count may be lost between CPUs. */
enum vm_count {
	VM_COUNT_ZERO_FILL,
	VM_COUNT_REACTIVATIONS,
	VM_COUNT_PAGEINS,
	VM_COUNT_PAGEOUTS,
	VM_COUNT_FAULTS,
	VM_COUNT_COW_FAULTS,
	VM_COUNT_LOOKUPS,
	VM_COUNT_HITS,
	VM_COUNTS
};

extern uint32_t vm_counts[VM_COUNTS];

static inline void
vm_count(enum vm_count which)
{
	vm_counts[which]++;
}

#endif
