/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_object -- a container of pages: what a map entry shows a window of.
 *
 *      entry ---> first object ---> shadow ---> ... ---> pager
 *                   (changed pages)   (older pages)
 *
 * Life:    created with one reference -> referenced by map entries, copies
 *          and by objects that shadow it -> the last release frees its pages,
 *          drops its shadow (iteratively) and, when it has a pager, returns
 *          dirty pages and terminates or caches it.
 *
 * Families: all objects linked by shadow pointers form a family and share one
 *          lock, that of the family's founder, whose structure outlives its
 *          pages until the family is empty. New links are only made between
 *          an object and one created for it, so families never merge, and no
 *          code ever holds two object locks.
 *
 * Pages:   live in a page set beside the object. Collapse hands the larger
 *          of two sets over whole and moves the pages of the smaller
 *          (design D8).
 *
 * Copies:  symmetric: both sides mark their entry needs_copy and the first
 *          write makes a shadow. Objects with writers that do not go through
 *          a needs_copy entry (shared memory, pagers) are copied
 *          asymmetrically: a copy object is put before them and every writer
 *          pushes the old page into it first (vo_copy).
 */
#ifndef VM_VM_OBJECT_H
#define VM_VM_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <kern/list.h>
#include <kern/rbtree.h>
#include <kern/spinlock.h>
#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/memory_object.h>
#include <mach/vm_prot.h>

struct account;
struct vm_page;
struct vm_pager;

/* Size of an object whose pager alone knows the size. */
#define VM_OBJECT_SIZE_MAX ((vm_size_t)1 << 63)

/* vo_end of an object that has none of its own. */
#define VM_OBJECT_UNBOUNDED UINT64_MAX

struct vm_page_set {
	struct rb_tree ps_pages;     /* by pg_key */
	uint64_t ps_count;           /* pages, placeholders too */
	uint64_t ps_bias;            /* pg_key = object offset + bias */
	uint64_t ps_wired;           /* pages wired */
	struct vm_page *ps_max;      /* the page with the largest key */
	struct vm_object *ps_object; /* page queues lock too, to change */
};

struct vm_object {
	/* (c) never changes, (f) family lock, (a) atomic */
	struct vm_object *vo_family;  /* (c) the founder, perhaps itself */
	struct spinlock vo_lock;      /* the founder's is the family's */
	_Atomic uint32_t vo_members;  /* (a) founder: structures alive */
	uint32_t vo_refs;             /* (f) */
	struct vm_page_set *vo_set;   /* (f) */
	vm_size_t vo_size;            /* (f) in bytes, whole pages */
	vm_offset_t vo_end;           /* (f) touching what lies behind fails */
	struct vm_object *vo_shadow;  /* (f) holds a reference */
	vm_offset_t vo_shadow_offset; /* (f) our 0 in the shadow */
	struct list vo_shadowers;     /* (f) objects whose shadow we are */
	struct list vo_shadower_link; /* (f) */
	struct vm_object *vo_copy;    /* (f) newest copy object, no ref */
	struct vm_object *vo_pending; /* (f) next to be tried for collapse */
	struct account *vo_account;   /* (c) charged for the structure */

	struct vm_pager *vo_pager;   /* (f) NULL: anonymous */
	struct list vo_cache_link;   /* page queues lock: cached objects */
	uint64_t vo_physical;        /* (c) physical base */
	uint32_t vo_paging;          /* (f) operations in progress */
	uint8_t vo_strategy;         /* (f) MEMORY_OBJECT_COPY_* */
	vm_prot_t vo_max_protection; /* (c) physical: what may be mapped */
	bool vo_is_physical;         /* (c) */
	bool vo_true_share;          /* (f) several writers: copy asymmetrically */
	bool vo_one_map;             /* (f) only clips of one entry refer to it */
	bool vo_snapshot;            /* (f) nobody writes it: only pushes */
	bool vo_written;             /* (f) a writable mapping may exist */
	bool vo_ready;               /* (f) pager said so */
	bool vo_may_cache;           /* (f) */
	bool vo_dead;                /* (f) pager gone: faults fail */
	bool vo_terminating;         /* (f) */
	bool vo_is_pending;          /* (f) vo_pending is in use */
	bool vo_wanted;              /* (f) somebody waits for the object */
};

static inline struct spinlock *
vm_object_lock_of(const struct vm_object *object)
{
	return &object->vo_family->vo_lock;
}

static inline void
vm_object_lock(const struct vm_object *object)
{
	spin_lock(vm_object_lock_of(object));
}

static inline void
vm_object_unlock(const struct vm_object *object)
{
	spin_unlock(vm_object_lock_of(object));
}

/* Anonymous zero-fill memory of `size` bytes, one reference. NULL: shortage. */
struct vm_object *
vm_object_create(vm_size_t size, struct account *account) __attribute__((warn_unused_result));

void vm_object_reference(struct vm_object *object);
/* Drop a reference. Not under spin locks; preemption points. NULL is fine. */
void vm_object_release(struct vm_object *object);

/*
 * Put a new object in front of `*objectp` at `*offsetp`, of `size` bytes:
 * the caller's reference on the old one becomes the shadow link; the outputs
 * name the new one with one reference, offset 0.
 *
 * Returns: KERN_RESOURCE_SHORTAGE, nothing changed.
 */
kern_return_t vm_object_shadow(struct vm_object **objectp, vm_offset_t *offsetp, vm_size_t size,
    struct account *account) __attribute__((warn_unused_result));

/*
 * The resident page at `offset` (page aligned), or NULL.
 *
 * Locks: the object's.
 */
struct vm_page *vm_object_page(struct vm_object *object, vm_offset_t offset);

/* Where a page that was looked for would be linked; good while the lock is
 * held and the object's pages do not change. */
struct vm_object_slot {
	struct rb_node *parent;
	struct rb_node **link;
};

/* As vm_object_page; when the answer is NULL, *slot says where it belongs. */
struct vm_page *
vm_object_page_or_slot(struct vm_object *object, vm_offset_t offset, struct vm_object_slot *slot);

/* The first resident page at or above `offset`, or NULL; its offset. */
struct vm_page *
vm_object_page_from(struct vm_object *object, vm_offset_t offset, vm_offset_t *foundp);

/* Put a page that is in no object into this one, where there is none. */
void vm_object_insert(struct vm_object *object, vm_offset_t offset, struct vm_page *page);
void vm_object_insert_at(struct vm_object *object, vm_offset_t offset, struct vm_page *page,
    const struct vm_object_slot *slot);
/* Take a page out of its object; it keeps frame and charge. */
void vm_object_detach(struct vm_page *page);
/* Unmap everywhere, detach and free; waiters are woken. */
void vm_object_page_destroy(struct vm_page *page);

struct vm_object *vm_page_object(const struct vm_page *page);
vm_offset_t vm_page_offset(const struct vm_page *page);

/* Free the pages of [start, end). Locks: none; preemption points. */
void vm_object_remove_pages(struct vm_object *object, vm_offset_t start, vm_offset_t end);
/*
 * From `end` (whole pages) on there is nothing: pages there go, and touching
 * them fails with KERN_MEMORY_ERROR, through copies made before as well; below
 * it absent pages are zeroes, which copies do not keep when somebody writes
 * there. Wired pages stay, and become zero. For objects made for it, which have
 * neither a pager nor a shadow. No locks held.
 */
void vm_object_set_end(struct vm_object *object, vm_offset_t end);

/* Simplify the chain behind `object` if counts allow (design D8).
 * Locks: none; the caller has a reference. Preemption points. */
void vm_object_collapse(struct vm_object *object);

/* Wait until the pager has said it is ready. KERN_ABORTED when interrupted,
 * KERN_MEMORY_ERROR when it died. */
kern_return_t vm_object_wait_ready(struct vm_object *object);

/* A copy object in front of `object`, snapshot of the present contents, with
 * a reference for the caller. Offsets stay the same. NULL: shortage. */
struct vm_object *vm_object_copy_delayed(struct vm_object *object, struct account *account);

/* Must copies of it be made page by page at once (sheet 6.5, NONE; CALL is
 * treated alike: nothing asks the manager for a copy)? */
bool vm_object_copies_eagerly(const struct vm_object *object);

/* Is a symmetric copy (needs_copy on both sides) right for this object? */
bool vm_object_copies_symmetrically(const struct vm_object *object);

#endif
