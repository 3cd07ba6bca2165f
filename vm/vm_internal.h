/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_internal -- what the files of vm/ share and nobody else sees.
 */
#ifndef VM_VM_INTERNAL_H
#define VM_VM_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <kern/event.h>
#include <kern/list.h>
#include <kern/spinlock.h>
#include <kern/zalloc.h>
#include <vm/vm_map.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

/* Pages handled in one hold of a lock by loops that a user can make long. */
#define VM_BATCH 64

#define VM_PAGES(bytes) ((bytes) >> PAGE_SHIFT)

/* ---- vm_page.c ---- */

#define VM_PAGE_QUEUES 3 /* indexed by enum vm_page_queue */

struct vm_page_queues {
	struct spinlock lock;
	struct list head[VM_PAGE_QUEUES];
	uint64_t count[VM_PAGE_QUEUES];
	_Atomic uint64_t wired; /* pages */
	_Atomic uint64_t placeholders;
};

extern struct vm_page_queues vm_page_queues;
extern struct zone vm_page_zone;

void vm_page_init(void);
/* Clear pg_set and take it off its queue, in one. Locks: the object's. */
void vm_page_leave_set(struct vm_page *page);
/* A page over a frame the caller has. NULL: the frame is still the caller's. */
struct vm_page *vm_page_adopt(uint64_t pa, struct account *account);
/* End a pin: false if the page was freed meanwhile (it is gone now). */
bool vm_page_unpin(struct vm_page *page);
/* Wake who waits for a change of the page, busy or not. Locks: the object's. */
void vm_page_wake(struct vm_page *page);

/* ---- vm_object.c ---- */

/* One step of a loop over an object's pages is done; *done counts them. After a
 * batch others get a turn. Locks: the object, given up and taken again then. */
void vm_object_batch(struct vm_object *object, unsigned *done);

void vm_object_init(void);
/* A new anonymous object in `family`'s family (NULL: its own). */
struct vm_object *
vm_object_create_in(struct vm_object *family, vm_size_t size, struct account *account);
/* Free the structure of an object without pages, links and references. */
void vm_object_free(struct vm_object *object);
/* Free the pages, the shadow reference and the structure of an object without
 * references whose pager was told. Locks: none. */
void vm_object_destroy_dead(struct vm_object *object);
/* One member (or watcher) of a family less. */
void vm_object_family_release(struct vm_object *founder);
/* Make `shadow` (whose reference the caller gives up) the shadow of `object`;
 * take it away, the reference passing to the caller. Locks: the family's. */
void vm_object_link(struct vm_object *object, struct vm_object *shadow, vm_offset_t shadow_offset);
struct vm_object *vm_object_unlink(struct vm_object *object);
/* Put the object on a list of those to try for collapse. Locks: the object's. */
void vm_object_push_pending(struct vm_object *object, struct vm_object **pending);
/* One step of shortening the chain behind `front`; true: progress was made,
 * step again. *releasep: an object of which to drop one reference, or NULL.
 * Locks: none. */
bool vm_collapse_step(struct vm_object *front, struct vm_object **releasep);
/* As vm_object_reference, the lock held. */
void vm_object_reference_locked(struct vm_object *object);
/* All its pages are resident: what lies behind is out of sight. */
bool vm_object_complete(const struct vm_object *object);
/* Give the page another set, keeping queue and wiring. */
void vm_object_move_page(struct vm_page *page, struct vm_object *to, vm_offset_t offset);
/* A fresh object with resident copies of [offset, offset + size); may wait for
 * pagers. NULL: *krp says why. Locks: none. */
struct vm_object *vm_object_copy_eagerly(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, struct account *account, kern_return_t *krp);
/* The resident page that shows at `offset` through the chain, or NULL. */
struct vm_page *vm_object_chain_page(struct vm_object *object, vm_offset_t offset);
/* Wait for the object to change (vo_wanted); releases its lock. */
enum wait_result vm_object_wait(struct vm_object *object, bool interruptible);
void vm_object_wake(struct vm_object *object);

/* ---- vm_pager.c ---- */

/*
 * The last reference on a pager-backed object is gone.
 *
 * Locks:   the object's; released.
 * Returns: true if it was kept in the cache or came back to life; false: all
 *          pages are gone and the pager told; the caller destroys it.
 */
bool vm_pager_last_release(struct vm_object *object);

/* Drop unreferenced cached objects down to `keep`; pages freed by that. */
uint64_t vm_pager_cache_trim(uint64_t keep);
void vm_pager_cache_statistics(uint64_t *objectsp, uint64_t *pagesp);
void vm_pager_init(void);
/* Drop a page, or return it if it is dirty or precious. False: no memory to
 * return it with. Locks: the object's; may be given away meanwhile. */
bool vm_pager_clean_page(struct vm_object *object, struct vm_page *page);

/* ---- vm_pageout.c ---- */

void vm_pageout_init(void);
/* One turn of the daemon: sleep until wanted, then scan if need be. */
void vm_pageout_turn(void);

/* ---- vm_map_copy.c ---- */

/* A copy of one entry that shows a fresh object of `size` bytes. */
struct vm_map_copy *vm_map_copy_create_object(vm_size_t size, struct account *account);

/* ---- vm_map.c and friends ---- */

extern struct zone vm_map_entry_zone;
extern struct zone vm_map_zone;
extern struct zone vm_map_copy_zone;

void vm_map_init(void);

/* Free a map nobody else knows; the caller keeps its pmap. */
void vm_map_abandon(struct vm_map *map);

/* An entry charged to `account` and otherwise unset; NULL over the limit. */
struct vm_map_entry *vm_map_entry_create(struct account *account);
/* Free the structure; the object reference must have been dealt with. */
void vm_map_entry_free(struct vm_map_entry *entry);
/* Charge it to another account: false over the limit, nothing changed. */
bool vm_map_entry_recharge(struct vm_map_entry *entry, struct account *account);

static inline struct vm_map_entry *
vm_map_entry_of(struct list *link)
{
	return list_entry(link, struct vm_map_entry, me_link);
}

/* Neighbours in the map; NULL at the ends. */
struct vm_map_entry *vm_map_entry_next(struct vm_map *map, struct vm_map_entry *entry);
struct vm_map_entry *vm_map_entry_prev(struct vm_map *map, struct vm_map_entry *entry);

/* The entry containing `address`; or the first above it. Locks: the map. */
struct vm_map_entry *vm_map_entry_at(struct vm_map *map, vm_offset_t address);
struct vm_map_entry *vm_map_entry_from(struct vm_map *map, vm_offset_t address);

/* The free space below `entry` (NULL: nothing) changed. */
void vm_map_entry_refresh_gap(struct vm_map *map, struct vm_map_entry *entry);

/* Put in and take out of list and tree; sizes are kept. Locks: map, write. */
void vm_map_entry_link(struct vm_map *map, struct vm_map_entry *entry);
void vm_map_entry_unlink(struct vm_map *map, struct vm_map_entry *entry);

/* Split so that an entry begins (ends) at `address` if one contains it. The
 * entry then beginning (ending) there stays `entry`. */
kern_return_t
vm_map_clip_start(struct vm_map *map, struct vm_map_entry *entry, vm_offset_t address);
kern_return_t vm_map_clip_end(struct vm_map *map, struct vm_map_entry *entry, vm_offset_t address);
/* Both, for all entries of a range; *firstp is the first entry at or above
 * start (NULL: none in the range). */
kern_return_t vm_map_clip_range(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, struct vm_map_entry **firstp);
/* Merge entries around [start, end) that continue each other. */
void vm_map_simplify(struct vm_map *map, vm_offset_t start, vm_offset_t end);

/* Room for `size` bytes: lowest fit; see vm_map call for mask. */
kern_return_t
vm_map_find_space(struct vm_map *map, vm_size_t size, vm_offset_t mask, vm_offset_t *addressp);
/* Is [start, end) inside the map and free? */
kern_return_t vm_map_check_free(struct vm_map *map, vm_offset_t start, vm_offset_t end);
/* Does a range chosen by the caller agree with the mask? */
bool vm_map_mask_allows(vm_offset_t mask, vm_offset_t start, vm_offset_t end);
/* May `size` more bytes be mapped, as vm_map_set_limit bounds them? */
bool vm_map_limit_allows(const struct vm_map *map, vm_size_t size);

static inline bool
vm_map_entry_wired(const struct vm_map_entry *entry)
{
	return entry->me_wired != 0 || entry->me_user_wired || entry->me_transition;
}

/* What the hardware may be told for this entry. */
vm_prot_t vm_map_entry_hardware(
    const struct vm_map *map, const struct vm_map_entry *entry, vm_prot_t protection);

/* Wait, with the map write-locked, until a transition ends somewhere; comes
 * back locked. The caller looks everything up anew. */
void vm_map_wait_transition(struct vm_map *map);

/* Wake the waiters; the entries' flags are clear. Map write-locked. */
void vm_map_end_transition(struct vm_map *map);

/*
 * Remove [start, end), map write-locked; entries go to `dead` and must be
 * freed by vm_map_entries_destroy after unlocking.
 */
kern_return_t
vm_map_remove_locked(struct vm_map *map, vm_offset_t start, vm_offset_t end, struct list *dead);
/* Release objects and free entries of a list. No locks; preemption points. */
void vm_map_entries_destroy(struct list *entries);

/* vm_map_clip_range, waiting until nothing of the range is in transition. */
kern_return_t vm_map_clip_settled(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, struct vm_map_entry **firstp);
/* Keep the map's byte counts as an entry comes or goes. */
void vm_map_count_mapped(struct vm_map *map, const struct vm_map_entry *entry, bool added);

/* Give the entry the object it shows, if it has none yet. Map write lock. */
kern_return_t vm_map_entry_need_object(struct vm_map *map, struct vm_map_entry *entry);
/* Resolve needs_copy: afterwards writes may go to the entry's object. Map
 * write lock. */
kern_return_t vm_map_entry_unshare(struct vm_map *map, struct vm_map_entry *entry);

/*
 * Let `copy`, a fresh entry, show what `entry` shows of [start, end), as a
 * copy-on-write copy (both may end up needs_copy). Physical copying is left to
 * the caller: *slowp tells that this entry needs it and nothing was done.
 *
 * Locks: the map, write.
 */
kern_return_t vm_map_entry_copy(struct vm_map *map, struct vm_map_entry *entry, vm_offset_t start,
    vm_offset_t end, struct vm_map_entry *copy, bool *slowp);

/* Make the entry's object one that several may write, and take a reference on
 * it for the other one. Locks: the map, write. */
kern_return_t vm_map_entry_share(struct vm_map *map, struct vm_map_entry *entry);

/* Wired and unwired pages of an entry about to go. Map write lock. */
void vm_map_entry_unwire(struct vm_map *map, struct vm_map_entry *entry);

#endif
