/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_map -- an address space: sorted, non-overlapping entries, each a window
 *           of an object with protection and inheritance.
 *
 * Life:    created with one reference over a pmap it owns -> terminated (all
 *          memory gone, nothing can be added) -> freed with the last reference.
 * Owns:    its entries and pmap; one reference on its account. Each entry is
 *          one charge (MAP_ENTRIES) and one reference on its object.
 * Locks:   vm_lock (rank MAP, may block): read for faults, write for changes.
 *          Never held while a pager is waited for.
 * Fields:  (c) set at creation  (m) vm_lock  (a) atomic
 * Hosted:  yes (tests/unit/vm)
 */
#ifndef VM_VM_MAP_H
#define VM_VM_MAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <kern/list.h>
#include <kern/mutex.h>
#include <kern/rbtree.h>
#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/vm_inherit.h>
#include <mach/vm_param.h>
#include <mach/vm_prot.h>
#include <mach/vm_wire.h>

struct account;
struct pmap;
struct vm_object;

struct vm_map_entry {
	struct list me_link;         /* (m) by address */
	struct rb_node me_node;      /* (m) by address */
	vm_offset_t me_start;        /* (m) */
	vm_offset_t me_end;          /* (m) */
	vm_size_t me_gap;            /* (m) free bytes just below me_start */
	vm_size_t me_max_gap;        /* (m) largest me_gap in the subtree */
	struct vm_object *me_object; /* (m) NULL: zero fill, untouched */
	vm_offset_t me_offset;       /* (m) of me_start in the object */
	struct account *me_account;  /* charged for this structure */
	uint32_t me_wired;           /* (m) wirings by the kernel */
	uint8_t me_protection;       /* (m) */
	uint8_t me_max_protection;   /* (m) */
	uint8_t me_inheritance;      /* (m) */
	bool me_needs_copy;          /* (m) a write must shadow first */
	bool me_shared;              /* (m) several maps write the object */
	bool me_user_wired;          /* (m) wired by vm_wire: does not nest */
	bool me_transition;          /* (m) being wired: others wait */
	bool me_notify;              /* (m) VM_PROT_NOTIFY */
};

struct vm_map {
	struct rwlock vm_lock;
	struct list vm_entries;                 /* (m) */
	struct rb_tree vm_tree;                 /* (m) */
	_Atomic(struct vm_map_entry *) vm_hint; /* entry found last, or NULL */
	struct pmap *vm_pmap;                   /* (c) */
	struct account *vm_account;             /* (c) */
	vm_offset_t vm_min;                     /* (c) */
	vm_offset_t vm_max;                     /* (c) */
	vm_size_t vm_size;                      /* (m) mapped bytes */
	vm_size_t vm_limited;                   /* (m) of these, max protection != NONE */
	vm_size_t vm_limit_current;             /* (m) bound on vm_limited */
	vm_size_t vm_limit_max;                 /* (m) */
	vm_size_t vm_user_wired;                /* (m) bytes wired by vm_wire */
	uint64_t vm_entry_count;                /* (m) */
	_Atomic uint32_t vm_refs;
	struct spinlock vm_transition_lock; /* event: me_transition ends */
	bool vm_wire_future;                /* (m) wire what is entered later */
	bool vm_enforce_execute;            /* (m) no EXECUTE bit: not executable */
	bool vm_terminated;                 /* (m) */
};

/*
 * An empty map of [min, max) over `pmap`, which it owns from now on.
 *
 * Refs:    takes a reference on `account` (may be NULL: the kernel's).
 * Returns: NULL on shortage; the caller keeps the pmap.
 */
struct vm_map *vm_map_create(struct pmap *pmap, vm_offset_t min, vm_offset_t max,
    struct account *account) __attribute__((warn_unused_result));

void vm_map_reference(struct vm_map *map);
/* The last one frees the map, its memory and its pmap. */
void vm_map_release(struct vm_map *map);

/* Remove everything, now and for good: the task is gone. Preempt points. */
void vm_map_terminate(struct vm_map *map);

/*
 * A map for a child task over `pmap`, as inheritance says: SHARE, COPY
 * (copy-on-write), NONE. Cost: the entries and the pages written so far.
 *
 * Returns: NULL on shortage, `map` unharmed; the caller keeps `pmap`.
 */
struct vm_map *vm_map_fork(struct vm_map *map, struct pmap *pmap, struct account *account)
    __attribute__((warn_unused_result));

/*
 * Map `object` (NULL: zero fill) from `offset`: the vm_map call (sheet 5.6).
 * `mask` as there. With `copy` a private copy is made by the object's
 * strategy (may wait for its pager).
 *
 * Refs:    consumes the caller's reference on `object` on success only.
 * Returns: KERN_NO_SPACE, KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT,
 *          KERN_RESOURCE_SHORTAGE, KERN_PROTECTION_FAILURE (physical object),
 *          KERN_ABORTED, KERN_MEMORY_ERROR (waiting for the pager).
 */
kern_return_t vm_map_enter(struct vm_map *map, vm_offset_t *addressp, vm_size_t size,
    vm_offset_t mask, bool anywhere, struct vm_object *object, vm_offset_t offset, bool copy,
    vm_prot_t protection, vm_prot_t max_protection, vm_inherit_t inheritance);

/* The following take page-aligned [start, end) inside the map. */

/* Holes allowed. Fails only for want of memory to split an entry. */
kern_return_t vm_map_remove(struct vm_map *map, vm_offset_t start, vm_offset_t end);
kern_return_t vm_map_protect(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_prot_t protection, bool set_maximum);
kern_return_t
vm_map_inherit(struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_inherit_t inheritance);

/*
 * Wire for `access`, or unwire with NONE (sheet 5.5). `limit` bounds the bytes
 * the map may then hold wired by this call (VM_MAP_NO_LIMIT: privileged).
 *
 * Returns: KERN_NO_SPACE (hole, protection), KERN_NO_ACCESS (limit), faults'.
 */
#define VM_MAP_NO_LIMIT UINT64_MAX
kern_return_t vm_map_wire(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_prot_t access, uint64_t limit);
/* VM_WIRE_CURRENT, VM_WIRE_FUTURE or both; 0 unwires everything. */
kern_return_t vm_map_wire_all(struct vm_map *map, vm_wire_t flags);

/* The entry containing `address` or the next one; KERN_NO_SPACE above all. */
struct vm_map_region {
	vm_offset_t start;
	vm_size_t size;
	vm_prot_t protection;
	vm_prot_t max_protection;
	vm_inherit_t inheritance;
	bool shared;
	bool needs_copy;
	uint32_t wired;
	uint32_t user_wired;
	vm_offset_t offset;
	struct vm_object *object; /* with a reference; may be NULL */
};
kern_return_t vm_map_region(struct vm_map *map, vm_offset_t address, struct vm_map_region *region);

/*
 * As vm_map_region, for mapping region->object elsewhere with vm_map_enter:
 * what either side writes, the other one sees. (An object from vm_map_region
 * may be shared copy-on-write with strangers and must not be written.)
 *
 * Returns: KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t
vm_map_share_region(struct vm_map *map, vm_offset_t address, struct vm_map_region *region);

/* Bound on mapped bytes (sheet 5.7); `privileged` may raise the maximum. */
kern_return_t
vm_map_set_limit(struct vm_map *map, vm_size_t current, vm_size_t max, bool privileged);
void vm_map_get_limit(struct vm_map *map, vm_size_t *currentp, vm_size_t *maxp);

/* Whether a mapping without EXECUTE really is not executable. Off at first:
 * the sheet's native programs expect readable to mean executable (5.4). */
void vm_map_set_enforce_execute(struct vm_map *map, bool enforce);

/* Physical address of each page of the range, 0 where none is resident. */
kern_return_t
vm_map_pages_phys(struct vm_map *map, vm_offset_t start, vm_offset_t end, uint64_t *pages);

/* Mapped and resident bytes, for task_info. */
vm_size_t vm_map_virtual_size(struct vm_map *map);
vm_size_t vm_map_resident_size(struct vm_map *map);

#endif
