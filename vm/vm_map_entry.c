/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_map_entry -- the entries of a map: list and tree, clipping and merging,
 *                 finding room.
 *
 * The tree is augmented with the free space below each entry and its maximum
 * over the subtree, so that the lowest fitting gap is found without a walk.
 */
#include <kern/account.h>
#include <kern/assert.h>
#include <kern/event.h>
#include <kern/zalloc.h>
#include <mach/vm_param.h>
#include <vm/vm_internal.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>

struct zone vm_map_entry_zone;

/* Low pages that `anywhere` avoids while there is room elsewhere, so that
 * null pointers fault in programs that never asked for address 0. */
#define VM_MAP_ANYWHERE_FLOOR 0x10000ul

/* ---- Life ---- */

struct vm_map_entry *
vm_map_entry_create(struct account *account)
{
	struct vm_map_entry *entry;

	if (!account_charge(account, ACCOUNT_MAP_ENTRIES, 1))
		return NULL;
	entry = zalloc(&vm_map_entry_zone);
	if (entry == NULL) {
		account_uncharge(account, ACCOUNT_MAP_ENTRIES, 1);
		return NULL;
	}
	*entry = (struct vm_map_entry) {
		.me_account = account,
		.me_protection = VM_PROT_DEFAULT,
		.me_max_protection = VM_PROT_ALL,
		.me_inheritance = VM_INHERIT_DEFAULT,
	};
	list_init(&entry->me_link);
	return entry;
}

void
vm_map_entry_free(struct vm_map_entry *entry)
{
	account_uncharge(entry->me_account, ACCOUNT_MAP_ENTRIES, 1);
	zfree(&vm_map_entry_zone, entry);
}

bool
vm_map_entry_recharge(struct vm_map_entry *entry, struct account *account)
{
	if (entry->me_account == account)
		return true;
	if (!account_charge(account, ACCOUNT_MAP_ENTRIES, 1))
		return false;
	account_uncharge(entry->me_account, ACCOUNT_MAP_ENTRIES, 1);
	entry->me_account = account;
	return true;
}

/* ---- List and tree ---- */

static struct vm_map_entry *
entry_of_node(struct rb_node *node)
{
	return container_of(node, struct vm_map_entry, me_node);
}

static vm_size_t
subtree_gap(struct rb_node *node)
{
	return node == NULL ? 0 : entry_of_node(node)->me_max_gap;
}

static void
entry_update(struct rb_node *node)
{
	struct vm_map_entry *entry = entry_of_node(node);
	vm_size_t gap = entry->me_gap;

	if (subtree_gap(node->left) > gap)
		gap = subtree_gap(node->left);
	if (subtree_gap(node->right) > gap)
		gap = subtree_gap(node->right);
	entry->me_max_gap = gap;
}

struct vm_map_entry *
vm_map_entry_next(struct vm_map *map, struct vm_map_entry *entry)
{
	struct list *next = entry->me_link.next;

	return next == &map->vm_entries ? NULL : vm_map_entry_of(next);
}

struct vm_map_entry *
vm_map_entry_prev(struct vm_map *map, struct vm_map_entry *entry)
{
	struct list *prev = entry->me_link.prev;

	return prev == &map->vm_entries ? NULL : vm_map_entry_of(prev);
}

static vm_offset_t
end_below(struct vm_map *map, struct vm_map_entry *entry)
{
	struct vm_map_entry *prev = vm_map_entry_prev(map, entry);

	return prev == NULL ? map->vm_min : prev->me_end;
}

/* The free space below the entry changed. */
void
vm_map_entry_refresh_gap(struct vm_map *map, struct vm_map_entry *entry)
{
	if (entry == NULL)
		return;
	entry->me_gap = entry->me_start - end_below(map, entry);
	rb_refresh(&entry->me_node, entry_update);
}

static bool
entry_holds(const struct vm_map_entry *entry, vm_offset_t address)
{
	return address >= entry->me_start && address < entry->me_end;
}

struct vm_map_entry *
vm_map_entry_from(struct vm_map *map, vm_offset_t address)
{
	struct rb_node *node = map->vm_tree.root;
	struct vm_map_entry *entry, *above = NULL;

	while (node != NULL) {
		entry = entry_of_node(node);
		if (address < entry->me_start) {
			above = entry;
			node = node->left;
		} else if (address >= entry->me_end) {
			node = node->right;
		} else {
			return entry;
		}
	}
	return above;
}

struct vm_map_entry *
vm_map_entry_at(struct vm_map *map, vm_offset_t address)
{
	struct vm_map_entry *entry;

	entry = atomic_load_explicit(&map->vm_hint, memory_order_relaxed);
	if (entry != NULL && entry_holds(entry, address))
		return entry;
	entry = vm_map_entry_from(map, address);
	if (entry == NULL || address < entry->me_start)
		return NULL;
	atomic_store_explicit(&map->vm_hint, entry, memory_order_relaxed);
	return entry;
}

/* The empty child slot for an entry that starts at `start`; *nextp is the list
 * node it goes before. */
static struct rb_node **
entry_slot(struct vm_map *map, vm_offset_t start, struct rb_node **parentp, struct list **nextp)
{
	struct rb_node **link = &map->vm_tree.root;

	*parentp = NULL;
	*nextp = &map->vm_entries;
	while (*link != NULL) {
		*parentp = *link;
		if (start < entry_of_node(*parentp)->me_start) {
			*nextp = &entry_of_node(*parentp)->me_link;
			link = &(*parentp)->left;
		} else {
			link = &(*parentp)->right;
		}
	}
	return link;
}

/* Above all others: the last entry has no right child. */
static void
entry_append(struct vm_map *map, struct vm_map_entry *last, struct vm_map_entry *entry)
{
	list_insert_tail(&map->vm_entries, &entry->me_link);
	entry->me_gap = entry->me_start - last->me_end;
	rb_insert(
	    &map->vm_tree, &last->me_node, &last->me_node.right, &entry->me_node, entry_update);
	map->vm_entry_count++;
}

void
vm_map_entry_link(struct vm_map *map, struct vm_map_entry *entry)
{
	struct rb_node *parent, **link;
	struct list *next;

	if (!list_empty(&map->vm_entries)) {
		struct vm_map_entry *last = vm_map_entry_of(map->vm_entries.prev);

		if (entry->me_start >= last->me_end) {
			entry_append(map, last, entry);
			return;
		}
	}
	link = entry_slot(map, entry->me_start, &parent, &next);
	list_insert_before(next, &entry->me_link);
	entry->me_gap = entry->me_start - end_below(map, entry);
	rb_insert(&map->vm_tree, parent, link, &entry->me_node, entry_update);
	vm_map_entry_refresh_gap(map, vm_map_entry_next(map, entry));
	map->vm_entry_count++;
}

void
vm_map_entry_unlink(struct vm_map *map, struct vm_map_entry *entry)
{
	struct vm_map_entry *next = vm_map_entry_next(map, entry);

	if (atomic_load_explicit(&map->vm_hint, memory_order_relaxed) == entry)
		atomic_store_explicit(&map->vm_hint, NULL, memory_order_relaxed);
	list_remove(&entry->me_link);
	rb_remove(&map->vm_tree, &entry->me_node, entry_update);
	vm_map_entry_refresh_gap(map, next);
	map->vm_entry_count--;
}

/* ---- Clipping and merging ---- */

/* A second entry showing the same object. */
static struct vm_map_entry *
entry_clone(struct vm_map *map, const struct vm_map_entry *entry)
{
	struct vm_map_entry *clone = vm_map_entry_create(map->vm_account);

	if (clone == NULL)
		return NULL;
	*clone = *entry;
	clone->me_account = map->vm_account;
	list_init(&clone->me_link);
	if (clone->me_object != NULL)
		vm_object_reference(clone->me_object);
	return clone;
}

kern_return_t
vm_map_clip_start(struct vm_map *map, struct vm_map_entry *entry, vm_offset_t address)
{
	struct vm_map_entry *below;

	if (address <= entry->me_start || address >= entry->me_end)
		return KERN_SUCCESS;
	below = entry_clone(map, entry);
	if (below == NULL)
		return KERN_RESOURCE_SHORTAGE;
	below->me_end = address;
	entry->me_offset += address - entry->me_start;
	entry->me_start = address;
	vm_map_entry_link(map, below);
	return KERN_SUCCESS;
}

kern_return_t
vm_map_clip_end(struct vm_map *map, struct vm_map_entry *entry, vm_offset_t address)
{
	struct vm_map_entry *above;

	if (address <= entry->me_start || address >= entry->me_end)
		return KERN_SUCCESS;
	above = entry_clone(map, entry);
	if (above == NULL)
		return KERN_RESOURCE_SHORTAGE;
	above->me_start = address;
	above->me_offset += address - entry->me_start;
	entry->me_end = address;
	vm_map_entry_link(map, above);
	return KERN_SUCCESS;
}

kern_return_t
vm_map_clip_range(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, struct vm_map_entry **firstp)
{
	struct vm_map_entry *first = vm_map_entry_from(map, start);
	struct vm_map_entry *last;
	kern_return_t kr;

	*firstp = NULL;
	if (first == NULL || first->me_start >= end)
		return KERN_SUCCESS;
	kr = vm_map_clip_start(map, first, start);
	if (kr != KERN_SUCCESS)
		return kr;
	last = vm_map_entry_from(map, end - 1);
	if (last != NULL) {
		kr = vm_map_clip_end(map, last, end);
		if (kr != KERN_SUCCESS)
			return kr;
	}
	*firstp = first;
	return KERN_SUCCESS;
}

static bool
entries_alike(const struct vm_map_entry *a, const struct vm_map_entry *b)
{
	return a->me_protection == b->me_protection &&
	    a->me_max_protection == b->me_max_protection &&
	    a->me_inheritance == b->me_inheritance && a->me_needs_copy == b->me_needs_copy &&
	    a->me_shared == b->me_shared && a->me_wired == b->me_wired &&
	    a->me_user_wired == b->me_user_wired && a->me_notify == b->me_notify &&
	    !a->me_transition && !b->me_transition;
}

static bool
entries_continue(const struct vm_map_entry *a, const struct vm_map_entry *b)
{
	if (a->me_end != b->me_start || a->me_object != b->me_object)
		return false;
	return a->me_object == NULL || a->me_offset + (a->me_end - a->me_start) == b->me_offset;
}

/* Let `entry` swallow the next one. */
static void
entry_swallow(struct vm_map *map, struct vm_map_entry *entry, struct vm_map_entry *next)
{
	vm_map_entry_unlink(map, next);
	entry->me_end = next->me_end;
	vm_map_entry_refresh_gap(map, vm_map_entry_next(map, entry));
	vm_object_release(next->me_object);
	vm_map_entry_free(next);
}

void
vm_map_simplify(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry, *next;

	entry = vm_map_entry_from(map, start > map->vm_min ? start - 1 : start);
	while (entry != NULL && entry->me_start <= end) {
		next = vm_map_entry_next(map, entry);
		if (next != NULL && entries_continue(entry, next) && entries_alike(entry, next))
			entry_swallow(map, entry, next);
		else
			entry = next;
	}
}

/* ---- Room ---- */

struct vm_map_want {
	vm_size_t size;
	vm_offset_t align; /* power of two */
	vm_offset_t floor;
	vm_offset_t limit;   /* the range ends at or below */
	vm_offset_t address; /* the answer */
};

/* See ABI sheet 5.6: low bits ask for alignment, high ones for a limit. */
static bool
want_mask(struct vm_map_want *want, vm_offset_t mask)
{
	vm_offset_t low, high, limit;

	if (mask == ~(vm_offset_t)0)
		return false;
	low = ((vm_offset_t)1 << __builtin_ctzl(~mask)) - 1;
	high = mask & ~low;
	want->align = low + 1;
	if (want->align < PAGE_SIZE)
		want->align = PAGE_SIZE;
	if (high == 0)
		return true;
	if (high != ~(vm_offset_t)0 << __builtin_ctzl(high))
		return false;
	limit = (vm_offset_t)1 << __builtin_ctzl(high);
	if (want->limit > limit)
		want->limit = limit;
	return true;
}

/* Does it fit in the free range [from, to)? */
static bool
want_fits(struct vm_map_want *want, vm_offset_t from, vm_offset_t to)
{
	vm_offset_t at = from > want->floor ? from : want->floor;
	vm_offset_t end = to < want->limit ? to : want->limit;

	if (at > ~(want->align - 1))
		return false;
	at = (at + want->align - 1) & ~(want->align - 1);
	if (at >= end || end - at < want->size)
		return false;
	want->address = at;
	return true;
}

/* The lowest fitting gap below an entry of this subtree. Recursion is as deep
 * as the tree is high. */
static bool
want_search(struct vm_map_want *want, struct rb_node *node)
{
	struct vm_map_entry *entry;

	if (subtree_gap(node) < want->size)
		return false;
	entry = entry_of_node(node);
	if (entry->me_start > want->floor) {
		if (want_search(want, node->left))
			return true;
		if (want_fits(want, entry->me_start - entry->me_gap, entry->me_start))
			return true;
	}
	if (entry->me_start >= want->limit)
		return false;
	return want_search(want, node->right);
}

static bool
want_place(struct vm_map *map, struct vm_map_want *want)
{
	struct rb_node *last;

	if (want->size == 0)
		return false;
	if (want_search(want, map->vm_tree.root))
		return true;
	last = rb_last(&map->vm_tree);
	return want_fits(
	    want, last == NULL ? map->vm_min : entry_of_node(last)->me_end, map->vm_max);
}

kern_return_t
vm_map_find_space(struct vm_map *map, vm_size_t size, vm_offset_t mask, vm_offset_t *addressp)
{
	struct vm_map_want want = {
		.size = size,
		.floor = map->vm_min,
		.limit = map->vm_max,
	};

	if (!want_mask(&want, mask))
		return KERN_NO_SPACE;
	if (want.floor < VM_MAP_ANYWHERE_FLOOR)
		want.floor = VM_MAP_ANYWHERE_FLOOR;
	if (!want_place(map, &want)) {
		want.floor = map->vm_min;
		if (!want_place(map, &want))
			return KERN_NO_SPACE;
	}
	*addressp = want.address;
	return KERN_SUCCESS;
}

bool
vm_map_mask_allows(vm_offset_t mask, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_want want = { .limit = ~(vm_offset_t)0 };

	return want_mask(&want, mask) && (start & (want.align - 1)) == 0 && end <= want.limit;
}

kern_return_t
vm_map_check_free(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry;

	if (start < map->vm_min || end > map->vm_max || start > end)
		return KERN_INVALID_ADDRESS;
	entry = vm_map_entry_from(map, start);
	if (entry != NULL && entry->me_start < end)
		return KERN_NO_SPACE;
	return KERN_SUCCESS;
}

/* ---- Transitions ---- */

void
vm_map_wait_transition(struct vm_map *map)
{
	spin_lock(&map->vm_transition_lock);
	rwlock_unlock(&map->vm_lock);
	event_wait(&map->vm_transition_lock, &map->vm_transition_lock, false, WAIT_FOREVER);
	rwlock_write(&map->vm_lock);
}

void
vm_map_end_transition(struct vm_map *map)
{
	spin_lock(&map->vm_transition_lock);
	event_wake_all(&map->vm_transition_lock);
	spin_unlock(&map->vm_transition_lock);
}
