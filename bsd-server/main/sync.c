/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master lock, sleep and wakeup, server threads.
 */
#include "server/sync.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

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
	pthread_cond_t condition;
};

#define BUCKETS    64
#define STACK_SIZE (128 * 1024)

static pthread_mutex_t master = PTHREAD_MUTEX_INITIALIZER;
static pthread_condattr_t monotonic;
static struct list buckets[BUCKETS];
static __thread struct thread *current;

void
sync_init(void)
{
	for (int i = 0; i < BUCKETS; i++)
		list_init(&buckets[i]);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
}

void
bsd_lock(void)
{
	pthread_mutex_lock(&master);
}

void
bsd_unlock(void)
{
	pthread_mutex_unlock(&master);
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

static void
wait_until_woken(struct sleeper *s, uint64_t deadline)
{
	struct timespec until = {
		.tv_sec = (time_t)(deadline / NSEC_PER_SEC),
		.tv_nsec = (long)(deadline % NSEC_PER_SEC),
	};

	while (!s->woken && !s->interrupted) {
		if (deadline == 0)
			pthread_cond_wait(&s->condition, &master);
		else if (bsd_uptime() >= deadline)
			return;
		else
			pthread_cond_timedwait(&s->condition, &master, &until);
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
	pthread_cond_init(&s.condition, &monotonic);
	list_append(bucket(channel), &s.link);
	if (t != NULL)
		t->sleeper = &s;
	wait_until_woken(&s, deadline);
	if (t != NULL)
		t->sleeper = NULL;
	list_remove(&s.link);
	pthread_cond_destroy(&s.condition);
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
		pthread_cond_signal(&s->condition);
	}
}

void
sleep_interrupt(struct thread *t, bool always)
{
	struct sleeper *s = t->sleeper;

	if (s == NULL || (!always && (s->flags & BSD_SLEEP_INTR) == 0))
		return;
	s->interrupted = true;
	pthread_cond_signal(&s->condition);
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
