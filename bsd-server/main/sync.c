/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master lock, sleep and wakeup, server threads.
 *
 * A sleeper waits in the kernel on a word of its own (gsync), which is set
 * when it is woken. The kernel is told only after the master lock has been
 * given up, lest the woken thread run into it.
 */
#include "server/sync.h"

#include <mach.h>
#include <mach/gnumach.h>
#include <mach/portolan.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#include "main/service.h"
#include "server/list.h"
#include "server/proc.h"
#include "server/timer.h"

/* One that sleeps, on the stack of its server thread. */
struct sleeper {
	struct list link; /* in its bucket until woken */
	const void *channel;
	unsigned flags;
	bool woken;
	bool interrupted;
	uint32_t word; /* 1: woken or interrupted */
};

#define BUCKETS    64
#define STACK_SIZE (128 * 1024)
#define TOLD_MAX   16

static pthread_mutex_t master = PTHREAD_MUTEX_INITIALIZER;
static struct list buckets[BUCKETS];
static __thread struct thread *current;

/* Words whose waiters are to be told of. */
static const uint32_t *to_tell[TOLD_MAX];
static unsigned to_tell_count;

void
sync_init(void)
{
	for (int i = 0; i < BUCKETS; i++)
		list_init(&buckets[i]);
}

void
bsd_lock(void)
{
	pthread_mutex_lock(&master);
}

/* The sleeper may be gone by now: nobody waits at the address then. */
static void
tell(const uint32_t *word)
{
	(void)gsync_wake(mach_task_self(), (vm_address_t)word, 0, 0);
}

void
bsd_unlock(void)
{
	const uint32_t *words[TOLD_MAX];
	unsigned count = to_tell_count;

	for (unsigned i = 0; i < count; i++)
		words[i] = to_tell[i];
	to_tell_count = 0;
	pthread_mutex_unlock(&master);
	for (unsigned i = 0; i < count; i++)
		tell(words[i]);
}

static void
sleeper_wake(struct sleeper *s)
{
	if (__atomic_exchange_n(&s->word, 1, __ATOMIC_RELEASE) != 0)
		return;
	if (to_tell_count < TOLD_MAX)
		to_tell[to_tell_count++] = &s->word;
	else
		tell(&s->word);
}

struct thread *
bsd_current_thread(void)
{
	return current;
}

struct proc *
bsd_current_proc(void)
{
	return current != NULL ? current->proc : NULL;
}

void
bsd_current_set(struct thread *t)
{
	current = t;
}

static struct list *
bucket(const void *channel)
{
	return &buckets[((uintptr_t)channel >> 4) * 2654435761u % BUCKETS];
}

void
bsd_outside_begin(void)
{
	service_blocking();
	if (current != NULL)
		current->outside = mach_thread_self();
	bsd_unlock();
}

bool
bsd_outside_end(void)
{
	bsd_lock();
	if (current == NULL)
		return true;
	mach_port_deallocate(mach_task_self(), current->outside);
	current->outside = MACH_PORT_NULL;
	return !current->dead && !current->proc->exiting;
}

/* Whether a sleep of `t` ends at once. */
static bool
must_not_sleep(const struct thread *t, unsigned flags)
{
	if (t == NULL)
		return false;
	if (t->dead || t->proc->exiting)
		return true;
	return (flags & BSD_SLEEP_INTR) != 0 && signal_deliverable(t);
}

/* Milliseconds to wait, at least one. */
static natural_t
time_left(uint64_t deadline, uint64_t now)
{
	uint64_t ms = (deadline - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;

	return ms < UINT32_MAX ? (natural_t)ms : UINT32_MAX;
}

static void
wait_until_woken(struct sleeper *s, uint64_t deadline)
{
	natural_t ms = 0;

	while (s->word == 0) {
		if (deadline != 0) {
			uint64_t now = bsd_uptime();

			if (now >= deadline)
				return;
			ms = time_left(deadline, now);
		}
		bsd_unlock();
		(void)gsync_wait(mach_task_self(), (vm_address_t)&s->word, 0, 0, ms,
		    deadline != 0 ? GSYNC_TIMED : 0);
		bsd_lock();
	}
}

int
bsd_sleep(const void *channel, unsigned flags, uint64_t deadline)
{
	struct thread *t = current;
	struct sleeper s = { .channel = channel, .flags = flags };

	if (must_not_sleep(t, flags))
		return ERESTART;
	if (deadline != 0 && bsd_uptime() >= deadline)
		return ETIMEDOUT;
	service_blocking();
	list_append(bucket(channel), &s.link);
	if (t != NULL)
		t->sleeper = &s;
	wait_until_woken(&s, deadline);
	if (t != NULL)
		t->sleeper = NULL;
	list_remove(&s.link);
	current = t;
	if (s.woken)
		return 0;
	return s.interrupted ? ERESTART : ETIMEDOUT;
}

void
bsd_wakeup(const void *channel)
{
	struct list *head = bucket(channel);
	struct list *link;
	struct list *next;

	list_for_each_safe(link, next, head) {
		struct sleeper *s = list_entry(link, struct sleeper, link);

		if (s->channel != channel)
			continue;
		list_remove(&s->link);
		s->woken = true;
		sleeper_wake(s);
	}
}

void
sleep_interrupt(struct thread *t, bool always)
{
	struct sleeper *s = t->sleeper;

	if (always && t->outside != MACH_PORT_NULL)
		(void)thread_abort(t->outside);
	if (s == NULL || (!always && (s->flags & BSD_SLEEP_INTR) == 0))
		return;
	s->interrupted = true;
	sleeper_wake(s);
}

/* ---- server threads ------------------------------------------------------------- */

struct start {
	void (*function)(void *);
	void *argument;
};

static void *
thread_main(void *argument)
{
	struct start start = *(struct start *)argument;

	bsd_free(argument, sizeof(start));
	service_priority_raise();
	start.function(start.argument);
	return NULL;
}

bool
bsd_thread_start(void (*function)(void *), void *argument)
{
	struct start *start = bsd_alloc(sizeof(*start));
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	if (start == NULL)
		return false;
	start->function = function;
	start->argument = argument;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	error = pthread_create(&thread, &attributes, thread_main, start);
	pthread_attr_destroy(&attributes);
	if (error != 0)
		bsd_free(start, sizeof(*start));
	return error == 0;
}

void
bsd_log(const char *format, ...)
{
	char line[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	service_print(line);
}
