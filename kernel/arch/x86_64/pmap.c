/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pmap -- vm/pmap.h for 4-level page tables.
 *
 * A user pmap is a root whose upper half is the kernel's and page tables below
 * it, made on demand. Every mapping of a frame of RAM ("managed") is on the
 * frame's pv list: the first inline in pv_table, more in zone elements. The
 * accessed and dirty bits of a mapping that goes away are collected in the
 * frame's head.
 *
 * Locks and invariants:
 *  - The pmap's lock (PMAP) guards the tree of its tables.
 *  - A present entry of a managed frame changes only under that frame's PV
 *    lock (a hash of locks), entered under PMAP or, by page, alone. So whoever
 *    holds the PV lock may follow the list into any pmap's tables: a table
 *    is freed only when its entries are gone.
 *  - A CPU may hold a translation only if the entry's accessed bit was set
 *    and the pmap is loaded there (active[]). Stale ones of other CPUs are
 *    flushed in batches after the entries changed; until then the frame's
 *    lock counts them in `unflushed`, and by-page operations wait for that.
 *  - A table's own frame is mapped nowhere, so its head in pv_table is free
 *    for a word that tells which groups of eight entries were ever used;
 *    walks look at no others. It changes under PMAP.
 */
#include <arch/boot_info.h>
#include <arch/pmap.h>
#include <kern/account.h>
#include <kern/assert.h>
#include <kern/physmem.h>
#include <kern/preempt.h>
#include <kern/spinlock.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <mach/kern_return.h>

#include "machine.h"
#include "offsets.h"

#define PTE_WIRED   (1ul << 9)
#define PTE_MANAGED (1ul << 10)

#define TABLE_ENTRIES 512
#define TABLE_SPAN    (TABLE_ENTRIES * PAGE_SIZE_4K)

#define PV_LOCKS  256
#define BATCH_MAX 32

struct pmap {
	uint64_t root; /* as in struct pmap_head */
	_Atomic uint8_t active[MAX_CPUS];
	struct spinlock lock;
	uint32_t pad;
	struct account *account;
	_Atomic uint64_t resident;
};

_Static_assert(offsetof(struct pmap, root) == offsetof(struct pmap_head, root), "the head");
_Static_assert(offsetof(struct pmap, active) == offsetof(struct pmap_head, active), "the head");

/* One mapping. In a head, the low bits of `va` are PV_* of the frame. */
struct pv_entry {
	struct pmap *pmap; /* NULL in a head: no mapping */
	uint64_t va;
	struct pv_entry *next;
};

#define PV_MODIFIED   1ul
#define PV_REFERENCED 2ul
#define PV_BITS       (PV_MODIFIED | PV_REFERENCED)

struct pv_lock {
	struct spinlock lock;
	_Atomic uint32_t unflushed;
};

/* Translations to be flushed together. */
struct flush_batch {
	struct pmap *pmap;
	unsigned count;
	bool remote; /* other CPUs may hold some */
	uint64_t va[BATCH_MAX];
	struct pv_lock *waiting[BATCH_MAX];
};

static struct pmap kernel_pmap_store = { .lock = SPINLOCK_INITIALIZER(PMAP) };
struct pmap *const kernel_pmap = &kernel_pmap_store;

static struct pv_entry *pv_table;
static uint64_t pv_frames;
static struct pv_lock pv_locks[PV_LOCKS];
static struct zone pv_zone, pmap_zone;

/* -- set-up ------------------------------------------------------------------ */

void
pmap_bootstrap(void)
{
	pv_frames = boot_info.memory_end / PAGE_SIZE_4K;
	pv_table = boot_alloc(pv_frames * sizeof(*pv_table));
	for (unsigned i = 0; i < PV_LOCKS; i++)
		spinlock_init(&pv_locks[i].lock, LOCK_RANK_PV);
	kernel_pmap->root = paging_root();
	this_cpu()->pmap = kernel_pmap;
}

void
pmap_init(void)
{
	zone_init(&pv_zone, "pv entries", sizeof(struct pv_entry));
	zone_init(&pmap_zone, "pmaps", sizeof(struct pmap));
}

/* -- tables ------------------------------------------------------------------- */

#define GROUP_ENTRIES   8
#define GROUP_OF(index) ((index) / GROUP_ENTRIES)

/* The word of groups in use of the table that holds `entry`. */
static uint64_t *
groups_of(const uint64_t *entry)
{
	return &pv_table[((uint64_t)entry - DIRECT_MAP_BASE) >> 12].va;
}

static unsigned
entry_index(const uint64_t *entry)
{
	return (uint64_t)entry >> 3 & (TABLE_ENTRIES - 1);
}

static void
group_mark(const uint64_t *entry)
{
	*groups_of(entry) |= 1ul << GROUP_OF(entry_index(entry));
}

/* Bits of the groups that hold entries [first, last]. */
static uint64_t
groups_between(unsigned first, unsigned last)
{
	return (~0ul << GROUP_OF(first)) & (~0ul >> (63 - GROUP_OF(last)));
}

/*
 * The next entry of `table`, at or after index `at`, in a group in use and not
 * after `last`; TABLE_ENTRIES when there is none.
 */
static unsigned
table_next_used(const uint64_t *table, unsigned at, unsigned last)
{
	uint64_t groups;

	if (at > last)
		return TABLE_ENTRIES;
	groups = *groups_of(table) & groups_between(at, last);
	if (groups == 0)
		return TABLE_ENTRIES;
	if ((groups & 1ul << GROUP_OF(at)) != 0)
		return at;
	return (unsigned)__builtin_ctzl(groups) * GROUP_ENTRIES;
}

/* Every entry [first, last] of `table` that may be in use, as `index`. The
 * groups are asked for anew only at the start of one. */
#define table_for_each(table, first, last, index)                                                  \
	for ((index) = table_next_used((table), (first), (last)); (index) <= (last);               \
	     (index) = ((index) + 1) % GROUP_ENTRIES != 0                                          \
		 ? (index) + 1                                                                     \
		 : table_next_used((table), (index) + 1, (last)))

static bool
table_alloc(struct pmap *pmap, uint64_t *framep)
{
	if (!account_charge(pmap->account, ACCOUNT_PAGE_TABLES, 1))
		return false;
	if (!phys_alloc(0, framep)) {
		account_uncharge(pmap->account, ACCOUNT_PAGE_TABLES, 1);
		return false;
	}
	pmap_zero_page(*framep);
	pv_table[*framep >> 12].va = 0;
	return true;
}

static void
table_free(struct pmap *pmap, uint64_t frame)
{
	pv_table[frame >> 12].va = 0;
	phys_free(frame, 0);
	account_uncharge(pmap->account, ACCOUNT_PAGE_TABLES, 1);
}

static uint64_t *
table_at(uint64_t entry)
{
	return direct_map(entry & PTE_FRAME);
}

static unsigned
table_index(uint64_t va, int level)
{
	return va >> (12 + 9 * (level - 1)) & (TABLE_ENTRIES - 1);
}

/* The lowest-level entry of `va`, or NULL when there is no table for it. */
static uint64_t *
pte_find(struct pmap *pmap, uint64_t va)
{
	uint64_t *table = direct_map(pmap->root);

	for (int level = 4; level > 1; level--) {
		uint64_t entry = table[table_index(va, level)];

		if ((entry & PTE_PRESENT) == 0)
			return NULL;
		table = table_at(entry);
	}
	return &table[table_index(va, 1)];
}

/* As pte_find, but makes what is missing. NULL: shortage. */
static uint64_t *
pte_make(struct pmap *pmap, uint64_t va)
{
	uint64_t *table = direct_map(pmap->root), *entry;
	uint64_t frame, user = va < USER_END ? PTE_USER : 0;

	for (int level = 4; level > 1; level--) {
		entry = &table[table_index(va, level)];
		if ((*entry & PTE_PRESENT) == 0) {
			if (!table_alloc(pmap, &frame))
				return NULL;
			*(volatile uint64_t *)entry = frame | PTE_PRESENT | PTE_WRITE | user;
			group_mark(entry);
		}
		table = table_at(*entry);
	}
	return &table[table_index(va, 1)];
}

static uint64_t
pte_swap(uint64_t *pte, uint64_t value)
{
	return __atomic_exchange_n(pte, value, __ATOMIC_SEQ_CST);
}

/* Change bits while the CPU may be setting accessed and dirty; old value. */
static uint64_t
pte_change(uint64_t *pte, uint64_t clear, uint64_t set)
{
	uint64_t old = *(volatile uint64_t *)pte;

	while (!__atomic_compare_exchange_n(
	    pte, &old, (old & ~clear) | set, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
	return old;
}

static uint64_t
pte_flags(uint64_t va, vm_prot_t prot, bool wired)
{
	uint64_t flags = PTE_PRESENT;

	flags |= va < USER_END ? PTE_USER : 0;
	flags |= (prot & VM_PROT_WRITE) != 0 ? PTE_WRITE : 0;
	flags |= (prot & VM_PROT_EXECUTE) == 0 && cpu_features.nx ? PTE_NX : 0;
	flags |= wired ? PTE_WIRED : 0;
	return flags;
}

/* -- flushing ------------------------------------------------------------------- */

static bool
is_remote(const struct pmap *pmap)
{
	unsigned me = cpu_id();

	if (pmap == kernel_pmap)
		return cpu_count() > 1;
	for (unsigned id = 0; id < cpu_found; id++)
		if (id != me && atomic_load(&pmap->active[id]) != 0)
			return true;
	return false;
}

static uint32_t
active_mask(const struct pmap *pmap)
{
	uint32_t mask = 0;

	if (pmap == kernel_pmap)
		return (1u << cpu_found) - 1;
	for (unsigned id = 0; id < cpu_found; id++)
		if (atomic_load(&pmap->active[id]) != 0)
			mask |= 1u << id;
	return mask;
}

static void
flush_here(void *arg)
{
	const struct flush_batch *batch = arg;

	for (unsigned i = 0; i < batch->count; i++)
		x86_invlpg(batch->va[i]);
}

static void
batch_init(struct flush_batch *batch, struct pmap *pmap)
{
	batch->pmap = pmap;
	batch->count = 0;
	batch->remote = is_remote(pmap);
}

static void
batch_flush(struct flush_batch *batch)
{
	if (batch->count == 0)
		return;
	cpu_call(active_mask(batch->pmap), flush_here, batch);
	for (unsigned i = 0; i < batch->count; i++)
		if (batch->waiting[i] != NULL)
			atomic_fetch_sub(&batch->waiting[i]->unflushed, 1);
	batch->count = 0;
}

/* The translation of va must go. `pv` (locked) is its frame's, or NULL. */
static void
batch_add(struct flush_batch *batch, uint64_t va, struct pv_lock *pv)
{
	/* A batch that waits for an answer is never full here. */
	if (pv != NULL)
		atomic_fetch_add(&pv->unflushed, 1);
	batch->va[batch->count] = va;
	batch->waiting[batch->count++] = pv;
}

static void
batch_make_room(struct flush_batch *batch)
{
	if (batch->count == BATCH_MAX)
		batch_flush(batch);
}

/* One translation, at once. */
static void
flush_one(struct pmap *pmap, uint64_t va)
{
	struct flush_batch batch = { .pmap = pmap, .count = 1, .va = { va } };
	uint32_t mask = active_mask(pmap);

	if (mask != 0)
		cpu_call(mask, flush_here, &batch);
}

/* -- physical-to-virtual lists ----------------------------------------------------- */

static struct pv_entry *
pv_head(uint64_t pa)
{
	return &pv_table[pa >> 12];
}

static bool
is_managed(uint64_t pa)
{
	return pa >> 12 < pv_frames;
}

static struct pv_lock *
pv_lock_of(uint64_t pa)
{
	return &pv_locks[(pa >> 12) % PV_LOCKS];
}

static bool
pv_insert(uint64_t pa, struct pmap *pmap, uint64_t va)
{
	struct pv_entry *head = pv_head(pa), *entry;

	if (head->pmap == NULL) {
		head->pmap = pmap;
		head->va |= va;
		return true;
	}
	entry = zalloc(&pv_zone);
	if (entry == NULL)
		return false;
	entry->pmap = pmap;
	entry->va = va;
	entry->next = head->next;
	head->next = entry;
	return true;
}

static bool
pv_is(const struct pv_entry *entry, const struct pmap *pmap, uint64_t va)
{
	return entry->pmap == pmap && (entry->va & ~PV_BITS) == va;
}

static void
pv_remove_head(struct pv_entry *head)
{
	struct pv_entry *next = head->next;
	uint64_t bits = head->va & PV_BITS;

	if (next == NULL) {
		head->pmap = NULL;
		head->va = bits;
		return;
	}
	head->pmap = next->pmap;
	head->va = next->va | bits;
	head->next = next->next;
	zfree(&pv_zone, next);
}

static void
pv_remove(uint64_t pa, struct pmap *pmap, uint64_t va)
{
	struct pv_entry *head = pv_head(pa), **link, *entry;

	if (pv_is(head, pmap, va)) {
		pv_remove_head(head);
		return;
	}
	for (link = &head->next; (entry = *link) != NULL; link = &entry->next) {
		if (!pv_is(entry, pmap, va))
			continue;
		*link = entry->next;
		zfree(&pv_zone, entry);
		return;
	}
	panic("pmap: page %lx has no mapping at %lx", (unsigned long)pa, (unsigned long)va);
}

/* What a dying entry knows about its frame. */
static void
pv_collect(uint64_t pte)
{
	struct pv_entry *head = pv_head(pte & PTE_FRAME);

	head->va |= (pte & PTE_DIRTY) != 0 ? PV_MODIFIED : 0;
	head->va |= (pte & PTE_ACCESSED) != 0 ? PV_REFERENCED : 0;
}

/* -- removing and changing one entry --------------------------------------------------- */

/* Lock the frame that a managed entry maps; NULL when the entry has gone
 * meanwhile. *ptep is the entry's value. */
static struct pv_lock *
pte_lock_frame(uint64_t *pte, uint64_t value)
{
	struct pv_lock *pv = pv_lock_of(value & PTE_FRAME);

	spin_lock(&pv->lock);
	if ((*(volatile uint64_t *)pte & PTE_PRESENT) != 0)
		return pv;
	spin_unlock(&pv->lock);
	return NULL;
}

static void
note_stale(struct flush_batch *batch, uint64_t old, uint64_t va, struct pv_lock *pv)
{
	if ((old & PTE_ACCESSED) == 0)
		return;
	/* Asked after the change: a CPU that loads the pmap later sees it. */
	batch->remote = batch->remote || is_remote(batch->pmap);
	batch_add(batch, va, batch->remote ? pv : NULL);
}

/* Clear one present entry. PMAP held. */
static void
pte_remove(struct pmap *pmap, uint64_t *pte, uint64_t va, struct flush_batch *batch)
{
	uint64_t value = *(volatile uint64_t *)pte;
	struct pv_lock *pv = NULL;

	batch_make_room(batch);
	if ((value & PTE_MANAGED) != 0) {
		pv = pte_lock_frame(pte, value);
		if (pv == NULL)
			return;
	}
	value = pte_swap(pte, 0);
	if (pv != NULL) {
		pv_collect(value);
		pv_remove(value & PTE_FRAME, pmap, va);
	}
	note_stale(batch, value, va, pv);
	atomic_fetch_sub_explicit(&pmap->resident, 1, memory_order_relaxed);
	if (pv != NULL)
		spin_unlock(&pv->lock);
}

static void
pte_protect(struct pmap *pmap, uint64_t *pte, uint64_t va, uint64_t clear, uint64_t set,
    struct flush_batch *batch)
{
	uint64_t value = *(volatile uint64_t *)pte;
	struct pv_lock *pv = NULL;

	batch_make_room(batch);
	if ((value & PTE_MANAGED) != 0) {
		pv = pte_lock_frame(pte, value);
		if (pv == NULL)
			return;
	}
	value = pte_change(pte, clear, set);
	if ((value & clear) != 0 || (value & set) != set)
		note_stale(batch, value, va, pv);
	if (pv != NULL)
		spin_unlock(&pv->lock);
}

/* -- ranges ------------------------------------------------------------------------------ */

/* First address after va that table entries of `level` could cover anew. */
static uint64_t
level_next(uint64_t va, int level)
{
	uint64_t span = PAGE_SIZE_4K << (9 * (level - 1));

	return (va & ~(span - 1)) + span;
}

/* The lowest table that covers *vap, skipping holes; NULL at the end. */
static uint64_t *
table_next(struct pmap *pmap, uint64_t *vap, uint64_t end, uint64_t **parentp)
{
	while (*vap < end) {
		uint64_t *table = direct_map(pmap->root), *entry = NULL;
		int level;

		for (level = 4; level > 1; level--) {
			entry = &table[table_index(*vap, level)];
			if ((*entry & PTE_PRESENT) == 0)
				break;
			table = table_at(*entry);
		}
		if (level == 1) {
			*parentp = entry;
			return table;
		}
		*vap = level_next(*vap, level);
		if (*vap == 0)
			break;
	}
	return NULL;
}

static bool
table_is_empty(const uint64_t *table)
{
	unsigned i;

	table_for_each(table, 0, TABLE_ENTRIES - 1u, i) if (table[i] != 0) return false;
	return true;
}

/* A table whose whole span was removed goes too, unless refilled by then.
 * The flush drops what CPUs remember of the upper levels. */
static void
table_remove(struct pmap *pmap, uint64_t *parent, uint64_t va, struct flush_batch *batch)
{
	uint64_t entry = *parent;

	if (!table_is_empty(table_at(entry)))
		return;
	*(volatile uint64_t *)parent = 0;
	batch_make_room(batch);
	batch_add(batch, va, NULL);
	batch_flush(batch);
	table_free(pmap, entry & PTE_FRAME);
}

static void
table_remove_range(
    struct pmap *pmap, uint64_t *table, uint64_t start, uint64_t end, struct flush_batch *batch)
{
	unsigned first = table_index(start, 1), last = table_index(end - 1, 1), i;

	table_for_each(table, first, last, i) if ((table[i] & PTE_PRESENT) != 0)
	    pte_remove(pmap, &table[i], start + (i - first) * PAGE_SIZE_4K, batch);
}

void
pmap_remove(struct pmap *pmap, uint64_t start, uint64_t end)
{
	struct flush_batch batch;
	uint64_t va = start, stop, *table, *parent;

	spin_lock(&pmap->lock);
	batch_init(&batch, pmap);
	while ((table = table_next(pmap, &va, end, &parent)) != NULL) {
		stop = level_next(va, 2) < end ? level_next(va, 2) : end;
		table_remove_range(pmap, table, va, stop, &batch);
		if (va % TABLE_SPAN == 0 && stop - va == TABLE_SPAN && pmap != kernel_pmap)
			table_remove(pmap, parent, va, &batch);
		va = stop;
	}
	batch_flush(&batch);
	spin_unlock(&pmap->lock);
}

static void
table_protect_range(struct pmap *pmap, uint64_t *table, uint64_t start, uint64_t end,
    vm_prot_t prot, struct flush_batch *batch)
{
	uint64_t clear = (prot & VM_PROT_WRITE) == 0 ? PTE_WRITE : 0;
	uint64_t set = (prot & VM_PROT_EXECUTE) == 0 && cpu_features.nx ? PTE_NX : 0;
	unsigned first = table_index(start, 1), last = table_index(end - 1, 1), i;

	table_for_each(table, first, last, i)
	{
		uint64_t value = table[i];

		if ((value & PTE_PRESENT) != 0 && ((value & clear) != 0 || (value & set) != set))
			pte_protect(
			    pmap, &table[i], start + (i - first) * PAGE_SIZE_4K, clear, set, batch);
	}
}

void
pmap_protect(struct pmap *pmap, uint64_t start, uint64_t end, vm_prot_t prot)
{
	struct flush_batch batch;
	uint64_t va = start, stop, *table, *parent;

	if ((prot & VM_PROT_ALL) == VM_PROT_NONE) {
		pmap_remove(pmap, start, end);
		return;
	}
	spin_lock(&pmap->lock);
	batch_init(&batch, pmap);
	while ((table = table_next(pmap, &va, end, &parent)) != NULL) {
		stop = level_next(va, 2) < end ? level_next(va, 2) : end;
		table_protect_range(pmap, table, va, stop, prot, &batch);
		va = stop;
	}
	batch_flush(&batch);
	spin_unlock(&pmap->lock);
}

/* -- entering ------------------------------------------------------------------------------ */

/* The same frame is mapped there already: new rights. False: it vanished. */
static bool
enter_same(struct pmap *pmap, uint64_t *pte, uint64_t va, uint64_t pa, uint64_t flags)
{
	const uint64_t rights = PTE_WRITE | PTE_NX | PTE_WIRED;
	struct pv_lock *pv = is_managed(pa) ? pv_lock_of(pa) : NULL;
	uint64_t old;
	bool present;

	if (pv != NULL)
		spin_lock(&pv->lock);
	present = (*(volatile uint64_t *)pte & PTE_PRESENT) != 0;
	if (present) {
		old = pte_change(pte, rights & ~flags, flags & rights);
		if ((old & PTE_ACCESSED) != 0 &&
		    ((old & PTE_WRITE & ~flags) != 0 || (flags & PTE_NX & ~old) != 0))
			flush_one(pmap, va);
		else
			x86_invlpg(va);
	}
	if (pv != NULL)
		spin_unlock(&pv->lock);
	return present;
}

/* The entry is empty: put the frame there. */
static bool
enter_new(struct pmap *pmap, uint64_t *pte, uint64_t va, uint64_t pa, uint64_t flags)
{
	struct pv_lock *pv = is_managed(pa) ? pv_lock_of(pa) : NULL;

	if (pv != NULL) {
		spin_lock(&pv->lock);
		if (!pv_insert(pa, pmap, va)) {
			spin_unlock(&pv->lock);
			return false;
		}
		flags |= PTE_MANAGED;
	} else {
		flags |= PTE_PCD | PTE_PWT;
	}
	group_mark(pte);
	*(volatile uint64_t *)pte = pa | flags;
	if (pv != NULL)
		spin_unlock(&pv->lock);
	atomic_fetch_add_explicit(&pmap->resident, 1, memory_order_relaxed);
	return true;
}

static bool
pte_enter(struct pmap *pmap, uint64_t *pte, uint64_t va, uint64_t pa, uint64_t flags)
{
	uint64_t value = *(volatile uint64_t *)pte;
	struct flush_batch batch;

	if ((value & PTE_PRESENT) != 0 && (value & PTE_FRAME) == pa &&
	    enter_same(pmap, pte, va, pa, flags))
		return true;
	if ((value & PTE_PRESENT) != 0) {
		batch_init(&batch, pmap);
		pte_remove(pmap, pte, va, &batch);
		batch_flush(&batch);
	}
	return enter_new(pmap, pte, va, pa, flags);
}

kern_return_t
pmap_enter(struct pmap *pmap, uint64_t va, uint64_t pa, vm_prot_t prot, bool wired)
{
	kern_return_t result = KERN_RESOURCE_SHORTAGE;
	uint64_t *pte;

	kassert(pmap == kernel_pmap ? va >= KERNEL_VM_START && va < KERNEL_VM_END : va < USER_END);
	if ((prot & VM_PROT_ALL) == VM_PROT_NONE) {
		pmap_remove(pmap, va, va + PAGE_SIZE_4K);
		return KERN_SUCCESS;
	}
	spin_lock(&pmap->lock);
	pte = pte_make(pmap, va);
	if (pte != NULL && pte_enter(pmap, pte, va, pa, pte_flags(va, prot, wired)))
		result = KERN_SUCCESS;
	spin_unlock(&pmap->lock);
	return result;
}

void
pmap_change_wiring(struct pmap *pmap, uint64_t va, bool wired)
{
	struct pv_lock *pv = NULL;
	uint64_t *pte, value;

	spin_lock(&pmap->lock);
	pte = pte_find(pmap, va);
	value = pte != NULL ? *(volatile uint64_t *)pte : 0;
	if ((value & PTE_MANAGED) != 0)
		pv = pte_lock_frame(pte, value);
	if ((value & PTE_PRESENT) != 0 && (pv != NULL || (value & PTE_MANAGED) == 0))
		pte_change(pte, wired ? 0 : PTE_WIRED, wired ? PTE_WIRED : 0);
	if (pv != NULL)
		spin_unlock(&pv->lock);
	spin_unlock(&pmap->lock);
}

bool
pmap_extract(struct pmap *pmap, uint64_t va, uint64_t *pap)
{
	uint64_t *pte, value = 0;

	spin_lock(&pmap->lock);
	pte = pte_find(pmap, va);
	if (pte != NULL)
		value = *(volatile uint64_t *)pte;
	spin_unlock(&pmap->lock);
	*pap = (value & PTE_FRAME) | va % PAGE_SIZE_4K;
	return (value & PTE_PRESENT) != 0;
}

uint64_t
pmap_resident_count(const struct pmap *pmap)
{
	return atomic_load_explicit(&pmap->resident, memory_order_relaxed);
}

/* -- by page ---------------------------------------------------------------------------------- */

/* Lock a frame with no stale translation of it left on any CPU. */
static struct pv_lock *
frame_lock(uint64_t pa)
{
	struct pv_lock *pv = pv_lock_of(pa);

	for (;;) {
		spin_lock(&pv->lock);
		if (atomic_load(&pv->unflushed) == 0)
			return pv;
		spin_unlock(&pv->lock);
		while (atomic_load(&pv->unflushed) != 0) {
			cpu_pause();
			cpu_call_poll();
		}
	}
}

/* Remove the mapping that the head holds, until there is none. */
static void
frame_remove_all(struct pv_entry *head)
{
	while (head->pmap != NULL) {
		struct pmap *pmap = head->pmap;
		uint64_t va = head->va & ~PV_BITS;
		uint64_t old = pte_swap(pte_find(pmap, va), 0);

		pv_collect(old);
		pv_remove_head(head);
		atomic_fetch_sub_explicit(&pmap->resident, 1, memory_order_relaxed);
		if ((old & PTE_ACCESSED) != 0)
			flush_one(pmap, va);
	}
}

/* Clear and set bits in every mapping; returns all bits that were there. */
static uint64_t
frame_change_all(struct pv_entry *head, uint64_t clear, uint64_t set)
{
	uint64_t seen = 0, old, va;

	if (head->pmap == NULL)
		return 0;
	for (struct pv_entry *entry = head; entry != NULL; entry = entry->next) {
		va = entry->va & ~PV_BITS;
		old = pte_change(pte_find(entry->pmap, va), clear, set);
		seen |= old;
		if ((old & PTE_ACCESSED) != 0 && ((old & clear) != 0 || (old & set) != set))
			flush_one(entry->pmap, va);
	}
	return seen;
}

void
pmap_page_protect(uint64_t pa, vm_prot_t prot)
{
	struct pv_lock *pv;

	if (!is_managed(pa))
		return;
	pv = frame_lock(pa);
	if ((prot & VM_PROT_ALL) == VM_PROT_NONE)
		frame_remove_all(pv_head(pa));
	else
		frame_change_all(pv_head(pa), (prot & VM_PROT_WRITE) == 0 ? PTE_WRITE : 0,
		    (prot & VM_PROT_EXECUTE) == 0 && cpu_features.nx ? PTE_NX : 0);
	spin_unlock(&pv->lock);
}

static bool
frame_test(uint64_t pa, uint64_t pte_bit, uint64_t pv_bit)
{
	struct pv_entry *head = pv_head(pa);
	struct pv_lock *pv;
	bool result;

	if (!is_managed(pa))
		return true;
	pv = frame_lock(pa);
	result = (head->va & pv_bit) != 0;
	for (struct pv_entry *e = head; !result && e != NULL && e->pmap != NULL; e = e->next)
		result = (*pte_find(e->pmap, e->va & ~PV_BITS) & pte_bit) != 0;
	spin_unlock(&pv->lock);
	return result;
}

static void
frame_clear(uint64_t pa, uint64_t pte_bit, uint64_t pv_bit)
{
	struct pv_lock *pv;

	if (!is_managed(pa))
		return;
	pv = frame_lock(pa);
	pv_head(pa)->va &= ~pv_bit;
	frame_change_all(pv_head(pa), pte_bit, 0);
	spin_unlock(&pv->lock);
}

bool
pmap_is_modified(uint64_t pa)
{
	return frame_test(pa, PTE_DIRTY, PV_MODIFIED);
}

void
pmap_clear_modify(uint64_t pa)
{
	frame_clear(pa, PTE_DIRTY, PV_MODIFIED);
}

bool
pmap_is_referenced(uint64_t pa)
{
	return frame_test(pa, PTE_ACCESSED, PV_REFERENCED);
}

void
pmap_clear_reference(uint64_t pa)
{
	frame_clear(pa, PTE_ACCESSED, PV_REFERENCED);
}

/* -- contents --------------------------------------------------------------------------------- */

void
pmap_zero_page(uint64_t pa)
{
	void *to = direct_map(pa);
	uint64_t words = PAGE_SIZE_4K / 8;

	__asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(0) : "memory");
}

void
pmap_copy_page(uint64_t from, uint64_t to)
{
	void *target = direct_map(to);
	const void *source = direct_map(from);
	uint64_t words = PAGE_SIZE_4K / 8;

	__asm__ volatile("rep movsq" : "+D"(target), "+S"(source), "+c"(words) : : "memory");
}

void
pmap_read_page(uint64_t pa, uint32_t offset, void *to, uint32_t size)
{
	kassert(offset <= PAGE_SIZE_4K && size <= PAGE_SIZE_4K - offset);
	memcpy(to, (char *)direct_map(pa) + offset, size);
}

void
pmap_write_page(uint64_t pa, uint32_t offset, const void *from, uint32_t size)
{
	kassert(offset <= PAGE_SIZE_4K && size <= PAGE_SIZE_4K - offset);
	memcpy((char *)direct_map(pa) + offset, from, size);
}

/* -- life -------------------------------------------------------------------------------------- */

struct pmap *
pmap_create(struct account *account)
{
	struct pmap *pmap = zalloc(&pmap_zone);
	const uint64_t *kernel_root = direct_map(kernel_pmap->root);

	if (pmap == NULL)
		return NULL;
	memset(pmap, 0, sizeof(*pmap));
	spinlock_init(&pmap->lock, LOCK_RANK_PMAP);
	pmap->account = account;
	if (!table_alloc(pmap, &pmap->root)) {
		zfree(&pmap_zone, pmap);
		return NULL;
	}
	memcpy((uint64_t *)direct_map(pmap->root) + TABLE_ENTRIES / 2,
	    kernel_root + TABLE_ENTRIES / 2, TABLE_ENTRIES / 2 * 8);
	if (account != NULL)
		account_reference(account);
	return pmap;
}

void
pmap_load(struct pmap *pmap)
{
	struct pmap *old = this_cpu()->pmap;
	unsigned me = cpu_id();

	if (old != kernel_pmap)
		atomic_store_explicit(&old->active[me], 0, memory_order_relaxed);
	atomic_store_explicit(&pmap->active[me], 1, memory_order_relaxed);
	this_cpu()->pmap = pmap;
	/* Serializing: the mark is visible before the first translation. */
	x86_write_cr3(pmap->root);
}

/* A CPU that stayed in a dying address space out of laziness. */
static void
evict(void *arg)
{
	if (this_cpu()->pmap == arg)
		pmap_load(kernel_pmap);
}

/* Clear an entry of a pmap that is loaded nowhere and only by-page operations
 * still reach. */
static void
destroy_entry(struct pmap *pmap, uint64_t *pte, uint64_t va)
{
	uint64_t value = *(volatile uint64_t *)pte;
	struct pv_lock *pv = NULL;

	if ((value & PTE_MANAGED) != 0) {
		pv = pte_lock_frame(pte, value);
		if (pv == NULL)
			return;
		value = *(volatile uint64_t *)pte;
		pv_collect(value);
		pv_remove(value & PTE_FRAME, pmap, va);
	}
	*(volatile uint64_t *)pte = 0;
	atomic_fetch_sub_explicit(&pmap->resident, 1, memory_order_relaxed);
	if (pv != NULL)
		spin_unlock(&pv->lock);
}

static void
destroy_table(struct pmap *pmap, uint64_t frame, uint64_t va)
{
	uint64_t *table = direct_map(frame);
	unsigned i;

	table_for_each(table, 0, TABLE_ENTRIES - 1u, i) if ((table[i] & PTE_PRESENT) != 0)
	    destroy_entry(pmap, &table[i], va + i * PAGE_SIZE_4K);
	table_free(pmap, frame);
	preempt_point();
}

/* All tables below entries [0, last] of a table of the given level. */
static void
destroy_below(struct pmap *pmap, uint64_t table_frame, int level, unsigned last, uint64_t va)
{
	uint64_t *table = direct_map(table_frame);
	uint64_t span = PAGE_SIZE_4K << (9 * (level - 1)), below;
	unsigned i;

	table_for_each(table, 0, last, i)
	{
		if ((table[i] & PTE_PRESENT) == 0)
			continue;
		below = table[i] & PTE_FRAME;
		if (level == 2) {
			destroy_table(pmap, below, va + i * span);
			continue;
		}
		destroy_below(pmap, below, level - 1, TABLE_ENTRIES - 1u, va + i * span);
		table_free(pmap, below);
	}
}

void
pmap_destroy(struct pmap *pmap)
{
	struct account *account = pmap->account;

	kassert(pmap != kernel_pmap);
	cpu_call(active_mask(pmap), evict, pmap);
	destroy_below(pmap, pmap->root, 4, TABLE_ENTRIES / 2 - 1u, 0);
	kassert(pmap_resident_count(pmap) == 0);
	table_free(pmap, pmap->root);
	zfree(&pmap_zone, pmap);
	if (account != NULL)
		account_release(account);
}
