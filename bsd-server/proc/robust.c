/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/robust.h"

#include <mach/gnumach.h>
#include <mach/portolan.h>
#include <string.h>

#include "bsd/emulator.h"
#include "proc/thread.h"
#include "server/proc.h"
#include "server/sync.h"
#include "server/timer.h"
#include "vfs/services.h"

#define GSYNC_SHARED 0x01
#define GSYNC_MUTATE 0x10

/* How long the dead may keep us, all threads of a task together. */
#define PATIENCE (NSEC_PER_SEC / 10)

struct note {
	struct list link;
	uint32_t slot;
	uint32_t tid;
};

struct grave {
	struct list link;
	struct list notes;
	mach_port_t task;
};

static struct list graves = LIST_HEAD(graves);
static struct timer impatience;
static mach_port_t walker;
static bool hurried; /* the present walk took too long */

bool
robust_note(struct thread *t)
{
	struct note *note;

	if (t->left || t->port == MACH_PORT_NULL || t->proc->shares_parent)
		return false;
	note = bsd_alloc(sizeof(*note));
	if (note == NULL)
		return false;
	note->slot = t->slot;
	note->tid = (uint32_t)t->tid;
	list_append(&t->space->notes, &note->link);
	return true;
}

static void
forget(struct list *notes)
{
	struct list *first;

	while ((first = list_first(notes)) != NULL) {
		list_remove(first);
		bsd_free(list_entry(first, struct note, link), sizeof(struct note));
	}
}

bool
robust_bury(mach_port_t task, struct list *notes)
{
	struct list *first = list_first(notes);
	struct grave *grave;

	if (first == NULL)
		return false;
	grave = bsd_alloc(sizeof(*grave));
	if (grave == NULL) {
		forget(notes);
		return false;
	}
	grave->task = task;
	list_init(&grave->notes);
	while ((first = list_first(notes)) != NULL) {
		list_remove(first);
		list_append(&grave->notes, first);
	}
	list_append(&graves, &grave->link);
	bsd_wakeup(&graves);
	return true;
}

/* ---- the walk: without the master lock ---------------------------------------------------- */

/* As Linux has it: set_robust_list(2). */
struct robust_head {
	uint64_t next;
	int64_t offset;
	uint64_t adding;
};

#define ROBUST_MAX   2048
#define ENTRY_FLAGS  1UL
#define WORD_OWNER   0x3fffffffu
#define WORD_DEAD    0x40000000u
#define WORD_WAITERS 0x80000000u

static bool
peek(mach_port_t task, uint64_t address, void *to, size_t size)
{
	mach_msg_type_number_t count;
	pointer_t data;

	if (__atomic_load_n(&hurried, __ATOMIC_RELAXED) ||
	    vm_read(task, address, size, &data, &count) != KERN_SUCCESS)
		return false;
	if (count == size)
		memcpy(to, (const void *)data, size);
	vm_deallocate(mach_task_self(), data, count);
	return count == size;
}

/*
 * Nobody but its dead owner takes a word out of his hands: others only add the
 * mark that they wait, which is set here in any case.
 */
static void
mark_word(mach_port_t task, uint64_t at, uint32_t tid)
{
	uint32_t word;

	if (at % sizeof(word) == 0 && peek(task, at, &word, sizeof(word)) &&
	    (word & WORD_OWNER) == tid)
		(void)gsync_wake(task, at, WORD_WAITERS | WORD_DEAD, GSYNC_MUTATE | GSYNC_SHARED);
}

static void
walk(mach_port_t task, const struct note *note)
{
	struct robust_head head;
	uint64_t list, entry, next, adding;

	if (!peek(task, EMUL_ROBUST_ADDRESS(note->slot), &list, sizeof(list)) || list == 0 ||
	    !peek(task, list, &head, sizeof(head)))
		return;
	adding = head.adding & ~ENTRY_FLAGS;
	entry = head.next & ~ENTRY_FLAGS;
	for (int i = 0; i < ROBUST_MAX && entry != list; i++) {
		/* whoever gets the mutex may change the entry */
		if (!peek(task, entry, &next, sizeof(next)))
			break;
		if (entry != adding)
			mark_word(task, entry + (uint64_t)head.offset, note->tid);
		entry = next & ~ENTRY_FLAGS;
	}
	if (adding != 0)
		mark_word(task, adding + (uint64_t)head.offset, note->tid);
}

static void
walk_all(struct grave *grave)
{
	struct list *link;

	(void)task_suspend(grave->task);
	list_for_each(link, &grave->notes)
		walk(grave->task, list_entry(link, struct note, link));
	task_terminate(grave->task);
	mach_port_deallocate(mach_task_self(), grave->task);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void
hurry(void *unused)
{
	__atomic_store_n(&hurried, true, __ATOMIC_RELAXED);
	(void)thread_abort(walker);
	timer_set(&impatience, bsd_uptime() + PATIENCE);
}

static void
bury(struct grave *grave)
{
	list_remove(&grave->link);
	hurried = false;
	timer_set(&impatience, bsd_uptime() + PATIENCE);
	bsd_unlock();
	walk_all(grave);
	bsd_lock();
	timer_cancel(&impatience);
	forget(&grave->notes);
	bsd_free(grave, sizeof(*grave));
}

static void
walker_thread(void *unused)
{
	struct list *first;

	walker = mach_thread_self();
	bsd_lock();
	for (;;) {
		first = list_first(&graves);
		if (first != NULL)
			bury(list_entry(first, struct grave, link));
		else
			(void)bsd_sleep(&graves, 0, 0);
	}
}

bool
robust_start(void)
{
	timer_init(&impatience, hurry, NULL);
	return bsd_thread_start(walker_thread, NULL);
}
