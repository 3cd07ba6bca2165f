/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_pageout -- second chance over two queues.
 *
 * Pages go from the active queue to the inactive one; whoever is used again
 * there comes back, the others are dropped (clean) or returned to their pager
 * (dirty, precious). Cached objects that nobody uses go before all.
 *
 * A scan finds a page under the queue lock, but needs the lock of its object,
 * which ranks lower: it pins the page and holds on to the family, lets go of
 * the queues, takes the object's lock and looks again.
 */
#include <kern/assert.h>
#include <kern/event.h>
#include <kern/physmem.h>
#include <kern/preempt.h>
#include <vm/pmap.h>
#include <vm/vm_internal.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_pageout.h>

uint64_t vm_pageout_low;
uint64_t vm_pageout_servers;
uint64_t vm_pageout_reserved;

static struct spinlock vm_pageout_lock;
static bool vm_pageout_wanted;

/* Cached objects kept when memory runs low. */
#define VM_PAGEOUT_CACHE_KEEP  16
/* While dirty pages are on their way: how long to wait for their frames. */
#define VM_PAGEOUT_RETURN_MS   20
/* The daemon looks by itself this often, and no more often than that when it
 * could free nothing. */
#define VM_PAGEOUT_INTERVAL_MS 1000
#define VM_PAGEOUT_NAP_MS      200

void
vm_pageout_init(void)
{
	uint64_t total = phys_pages_total();

	spinlock_init(&vm_pageout_lock, LOCK_RANK_PAGE_QUEUES);
	vm_pageout_wanted = false;
	vm_pageout_reserved = total / 256 < 64 ? total / 256 : 64;
	vm_pageout_servers = total / 32 < 2048 ? total / 32 : 2048;
	vm_pageout_servers += vm_pageout_reserved;
	vm_pageout_low = total / 64 + vm_pageout_servers;
}

/* ---- Scanning ---- */

struct vm_pageout_result {
	uint64_t freed;
	uint64_t returned;
};

/* Keep a third of the queued pages inactive. */
static void
vm_pageout_refill(void)
{
	struct vm_page_queues *q = &vm_page_queues;
	struct vm_page *page;
	struct list *link;

	spin_lock(&q->lock);
	for (int i = 0; i < VM_BATCH; i++) {
		if (q->count[VM_PAGE_QUEUE_INACTIVE] * 2 >= q->count[VM_PAGE_QUEUE_ACTIVE])
			break;
		link = list_pop(&q->head[VM_PAGE_QUEUE_ACTIVE]);
		page = list_entry(link, struct vm_page, pg_queue_link);
		pmap_clear_reference(page->pg_pa);
		list_insert_tail(&q->head[VM_PAGE_QUEUE_INACTIVE], link);
		q->count[VM_PAGE_QUEUE_ACTIVE]--;
		q->count[VM_PAGE_QUEUE_INACTIVE]++;
		page->pg_queue = VM_PAGE_QUEUE_INACTIVE;
	}
	spin_unlock(&q->lock);
}

/* The oldest inactive page, pinned and sent to the young end; *founderp is
 * its family, held. NULL: none. */
static struct vm_page *
vm_pageout_pick(struct vm_object **founderp)
{
	struct vm_page_queues *q = &vm_page_queues;
	struct vm_page *page = NULL;
	struct list *link;

	spin_lock(&q->lock);
	link = list_pop(&q->head[VM_PAGE_QUEUE_INACTIVE]);
	if (link != NULL) {
		list_insert_tail(&q->head[VM_PAGE_QUEUE_INACTIVE], link);
		page = list_entry(link, struct vm_page, pg_queue_link);
		if (page->pg_pinned) {
			page = NULL; /* another scan is at it */
		} else {
			page->pg_pinned = true;
			*founderp = vm_page_object(page)->vo_family;
			atomic_fetch_add(&(*founderp)->vo_members, 1);
		}
	}
	spin_unlock(&q->lock);
	return page;
}

/* With the family locked: is the page still there, and ours to judge? */
static bool
vm_pageout_still(struct vm_page *page, const struct vm_object *founder)
{
	bool still;

	spin_lock(&vm_page_queues.lock);
	still = page->pg_queue != VM_PAGE_QUEUE_NONE && vm_page_object(page)->vo_family == founder;
	spin_unlock(&vm_page_queues.lock);
	return still && !page->pg_busy && page->pg_wire_count == 0;
}

/* Family locked, stays so (given away for a return). */
static void
vm_pageout_judge(struct vm_page *page, struct vm_pageout_result *result)
{
	struct vm_object *object = vm_page_object(page);
	uint64_t before = object->vo_set->ps_count;
	bool dirty;

	if (object->vo_pager == NULL || object->vo_terminating)
		return;
	if (pmap_is_referenced(page->pg_pa)) {
		vm_page_activate(page);
		return;
	}
	pmap_page_protect(page->pg_pa, VM_PROT_NONE);
	dirty = page->pg_dirty || page->pg_precious || pmap_is_modified(page->pg_pa);
	if (!vm_pager_clean_page(object, page))
		return;
	if (dirty)
		result->returned++;
	else
		result->freed += before > 0;
}

static bool
vm_pageout_one(struct vm_pageout_result *result)
{
	struct vm_object *founder;
	struct vm_page *page = vm_pageout_pick(&founder);

	if (page == NULL)
		return false;
	spin_lock(&founder->vo_lock);
	if (vm_pageout_still(page, founder))
		vm_pageout_judge(page, result);
	spin_unlock(&founder->vo_lock);
	(void)vm_page_unpin(page);
	vm_object_family_release(founder);
	return true;
}

static struct vm_pageout_result
vm_pageout_run(uint64_t target)
{
	struct vm_pageout_result result = { 0, 0 };
	uint64_t looks;

	result.freed = vm_pager_cache_trim(VM_PAGEOUT_CACHE_KEEP);
	looks = vm_page_queues.count[VM_PAGE_QUEUE_ACTIVE] +
	    vm_page_queues.count[VM_PAGE_QUEUE_INACTIVE];
	looks *= 2; /* each page its second chance */
	while (result.freed + result.returned < target && looks-- > 0) {
		vm_pageout_refill();
		if (!vm_pageout_one(&result))
			break;
		preempt_point();
	}
	return result;
}

uint64_t
vm_pageout_scan(uint64_t target)
{
	return vm_pageout_run(target).freed;
}

/* ---- The daemon, and those who need it ---- */

void
vm_pageout_wake(void)
{
	if (vm_pageout_wanted)
		return;
	vm_pageout_wanted = true;
	event_wake_all(&vm_pageout_wanted);
}

/* Sleep until wanted; a lost race costs one interval. */
static void
vm_pageout_sleep(void)
{
	vm_pageout_wanted = false;
	spin_lock(&vm_pageout_lock);
	(void)event_wait(&vm_pageout_wanted, &vm_pageout_lock, false, VM_PAGEOUT_INTERVAL_MS);
}

/* Nothing could be freed: until things change, do not run for every page that
 * somebody takes. vm_pageout_wanted stays set, so nobody wakes us. */
static void
vm_pageout_nap(void)
{
	spin_lock(&vm_pageout_lock);
	(void)event_wait(&vm_pageout_lock, &vm_pageout_lock, false, VM_PAGEOUT_NAP_MS);
}

void
vm_pageout_turn(void)
{
	struct vm_pageout_result result;
	uint64_t available;

	vm_pageout_sleep();
	available = phys_pages_free();
	if (available >= vm_pageout_low)
		return;
	vm_pageout_wanted = true;
	result = vm_pageout_run(vm_pageout_low - available);
	if (result.freed + result.returned == 0)
		vm_pageout_nap();
}

void
vm_pageout_daemon(void)
{
	for (;;)
		vm_pageout_turn();
}

bool
vm_pageout_wait(void)
{
	struct vm_pageout_result result = vm_pageout_run(VM_BATCH);

	if (result.freed == 0 && result.returned > 0) {
		spin_lock(&vm_pageout_lock);
		(void)event_wait(&vm_page_queues, &vm_pageout_lock, false, VM_PAGEOUT_RETURN_MS);
	}
	return result.freed + result.returned > 0;
}
