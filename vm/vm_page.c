/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_page -- frames, charges and queues of resident pages.
 *
 * Only pages that could be reclaimed are queued: those of pager-backed
 * objects. Anonymous memory has no backing store yet, so putting it on a
 * queue would only make every fault and every scan longer; the statistics
 * count it as active.
 *
 * The pageout daemon finds a page under the queue lock and must then take the
 * object's lock, which ranks lower. It pins the page (pg_pinned) meanwhile: a
 * pinned page that is freed stays allocated until it is unpinned.
 */
#include <kern/account.h>
#include <kern/assert.h>
#include <kern/physmem.h>
#include <kern/zalloc.h>
#include <vm/vm_internal.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_pageout.h>

struct zone vm_page_zone;
struct vm_page_queues vm_page_queues;
uint32_t vm_counts[VM_COUNTS];

void
vm_page_init(void)
{
	zone_init(&vm_page_zone, "vm pages", sizeof(struct vm_page));
	spinlock_init(&vm_page_queues.lock, LOCK_RANK_PAGE_QUEUES);
	for (int i = 0; i < VM_PAGE_QUEUES; i++) {
		list_init(&vm_page_queues.head[i]);
		vm_page_queues.count[i] = 0;
	}
}

/* A structure without a frame, in its first state. */
static struct vm_page *
vm_page_create_bare(void)
{
	struct vm_page *page = zalloc(&vm_page_zone);

	if (page == NULL)
		return NULL;
	*page = (struct vm_page) { .pg_pa = VM_PAGE_NO_FRAME };
	list_init(&page->pg_queue_link);
	return page;
}

/* Frames that must stay free when this account takes one. */
static uint64_t
vm_page_reserve(const struct account *account)
{
	return account != NULL ? vm_pageout_servers : vm_pageout_reserved;
}

/* A frame, unless only the reserve is left. */
static bool
vm_page_frame(const struct account *account, uint64_t *pap)
{
	uint64_t available = phys_pages_free();

	if (available < vm_pageout_low) {
		vm_pageout_wake();
		if (available <= vm_page_reserve(account))
			return false;
	}
	return phys_alloc(0, pap);
}

struct vm_page *
vm_page_create(struct account *account, bool *shortp)
{
	struct vm_page *page;

	*shortp = false;
	if (!account_charge(account, ACCOUNT_PAGES, 1))
		return NULL;
	page = vm_page_create_bare();
	if (page != NULL && vm_page_frame(account, &page->pg_pa)) {
		page->pg_account = account;
		return page;
	}
	*shortp = true;
	if (page != NULL)
		zfree(&vm_page_zone, page);
	account_uncharge(account, ACCOUNT_PAGES, 1);
	return NULL;
}

struct vm_page *
vm_page_create_wait(struct account *account)
{
	struct vm_page *page;
	bool machine;

	do
		page = vm_page_create(account, &machine);
	while (page == NULL && machine && vm_pageout_wait());
	return page;
}

struct vm_page *
vm_page_adopt(uint64_t pa, struct account *account)
{
	struct vm_page *page;

	if (!account_charge(account, ACCOUNT_PAGES, 1))
		return NULL;
	page = vm_page_create_bare();
	if (page == NULL) {
		account_uncharge(account, ACCOUNT_PAGES, 1);
		return NULL;
	}
	page->pg_pa = pa;
	page->pg_account = account;
	return page;
}

struct vm_page *
vm_page_create_placeholder(void)
{
	struct vm_page *page = vm_page_create_bare();

	if (page != NULL) {
		page->pg_busy = true;
		page->pg_absent = true;
		vm_page_queues.placeholders++;
	}
	return page;
}

/* Give back what the page owns, and the page. */
static void
vm_page_dispose(struct vm_page *page)
{
	if (page->pg_pa != VM_PAGE_NO_FRAME) {
		phys_free(page->pg_pa, 0);
		account_uncharge(page->pg_account, ACCOUNT_PAGES, 1);
	} else {
		vm_page_queues.placeholders--;
	}
	zfree(&vm_page_zone, page);
}

static void
vm_page_dequeue_locked(struct vm_page *page)
{
	list_remove(&page->pg_queue_link);
	vm_page_queues.count[page->pg_queue]--;
	page->pg_queue = VM_PAGE_QUEUE_NONE;
}

/* Onto `queue` (NONE: off), at its young end. */
static void
vm_page_enqueue(struct vm_page *page, enum vm_page_queue queue)
{
	spin_lock(&vm_page_queues.lock);
	if (page->pg_queue != VM_PAGE_QUEUE_NONE)
		vm_page_dequeue_locked(page);
	if (queue != VM_PAGE_QUEUE_NONE) {
		list_insert_tail(&vm_page_queues.head[queue], &page->pg_queue_link);
		vm_page_queues.count[queue]++;
		page->pg_queue = queue;
	}
	spin_unlock(&vm_page_queues.lock);
}

void
vm_page_leave_set(struct vm_page *page)
{
	if (page->pg_queue == VM_PAGE_QUEUE_NONE) {
		page->pg_set = NULL;
		return;
	}
	spin_lock(&vm_page_queues.lock);
	vm_page_dequeue_locked(page);
	page->pg_set = NULL;
	spin_unlock(&vm_page_queues.lock);
}

/* A page that is on no queue cannot become pinned, only unpinned. */
static bool
vm_page_left_to_pinner(struct vm_page *page)
{
	bool pinned;

	if (!page->pg_pinned)
		return false;
	spin_lock(&vm_page_queues.lock);
	pinned = page->pg_pinned;
	page->pg_freed = pinned;
	spin_unlock(&vm_page_queues.lock);
	return pinned;
}

void
vm_page_free(struct vm_page *page)
{
	kassert(page->pg_set == NULL && page->pg_queue == VM_PAGE_QUEUE_NONE);
	if (!vm_page_left_to_pinner(page))
		vm_page_dispose(page);
}

bool
vm_page_unpin(struct vm_page *page)
{
	bool freed;

	spin_lock(&vm_page_queues.lock);
	page->pg_pinned = false;
	freed = page->pg_freed;
	spin_unlock(&vm_page_queues.lock);
	if (freed)
		vm_page_dispose(page);
	return !freed;
}

static bool
vm_page_reclaimable(const struct vm_page *page)
{
	return page->pg_wire_count == 0 && page->pg_pa != VM_PAGE_NO_FRAME &&
	    page->pg_set != NULL && page->pg_set->ps_object->vo_pager != NULL;
}

void
vm_page_activate(struct vm_page *page)
{
	if (!vm_page_reclaimable(page) || page->pg_queue == VM_PAGE_QUEUE_ACTIVE)
		return;
	if (page->pg_queue == VM_PAGE_QUEUE_INACTIVE)
		vm_count(VM_COUNT_REACTIVATIONS);
	vm_page_enqueue(page, VM_PAGE_QUEUE_ACTIVE);
}

void
vm_page_deactivate(struct vm_page *page)
{
	if (vm_page_reclaimable(page) && page->pg_queue != VM_PAGE_QUEUE_INACTIVE)
		vm_page_enqueue(page, VM_PAGE_QUEUE_INACTIVE);
}

void
vm_page_wire(struct vm_page *page)
{
	if (page->pg_wire_count++ > 0)
		return;
	page->pg_set->ps_wired++;
	vm_page_queues.wired++;
	if (page->pg_queue != VM_PAGE_QUEUE_NONE)
		vm_page_enqueue(page, VM_PAGE_QUEUE_NONE);
}

void
vm_page_unwire(struct vm_page *page)
{
	kassert(page->pg_wire_count > 0);
	if (--page->pg_wire_count > 0)
		return;
	page->pg_set->ps_wired--;
	vm_page_queues.wired--;
	vm_page_activate(page);
}

void
vm_page_ready(struct vm_page *page)
{
	page->pg_busy = false;
	vm_page_wake(page);
}

void
vm_page_wake(struct vm_page *page)
{
	if (page->pg_wanted) {
		page->pg_wanted = false;
		event_wake_all(page);
	}
}

void
vm_page_statistics(struct vm_statistics *statistics)
{
	struct vm_page_queues *q = &vm_page_queues;
	uint64_t resident, inactive, wired;

	spin_lock(&q->lock);
	inactive = q->count[VM_PAGE_QUEUE_INACTIVE];
	spin_unlock(&q->lock);
	wired = q->wired;
	resident = zone_live(&vm_page_zone) - q->placeholders;
	*statistics = (struct vm_statistics) {
		.pagesize = PAGE_SIZE,
		.free_count = (integer_t)phys_pages_free(),
		.active_count = (integer_t)(resident - inactive - wired),
		.inactive_count = (integer_t)inactive,
		.wire_count = (integer_t)wired,
		.zero_fill_count = (integer_t)vm_counts[VM_COUNT_ZERO_FILL],
		.reactivations = (integer_t)vm_counts[VM_COUNT_REACTIVATIONS],
		.pageins = (integer_t)vm_counts[VM_COUNT_PAGEINS],
		.pageouts = (integer_t)vm_counts[VM_COUNT_PAGEOUTS],
		.faults = (integer_t)vm_counts[VM_COUNT_FAULTS],
		.cow_faults = (integer_t)vm_counts[VM_COUNT_COW_FAULTS],
		.lookups = (integer_t)vm_counts[VM_COUNT_LOOKUPS],
		.hits = (integer_t)vm_counts[VM_COUNT_HITS],
	};
}
