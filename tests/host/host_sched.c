/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hosted threads, waiters and time; see host/host.h.
 *
 * Each thread has a user context (its body) and a kernel context (what runs
 * inside host_trap). All switches go through the hub, a context of its own
 * that picks who runs next. A thread that blocks without a stack leaves its
 * kernel context to be built anew for the continuation.
 */
#include <host/host.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <kern/assert.h>
#include <kern/clock.h>
#include <kern/fast/waiter.h>
#include <kern/preempt.h>

#include "host_private.h"

#define STACK_BYTES (256 * 1024)
#define MS_PER_TICK (1000 / CLOCK_HZ)

struct context {
	ucontext_t ucontext;
	char *stack; /* NULL: the process's own */
	size_t stack_size;
	void *fake_stack; /* the sanitizer's */
};

struct host_thread {
	union {
		struct waiter waiter;
		char room[HOST_THREAD_BYTES];
	} u; /* first */
	struct context user;
	struct context kernel;
	bool in_kernel; /* which of the two runs */
	bool runnable;
	bool on_cpu;
	bool done;
	bool abort_pending;
	bool no_handoff;
	uint64_t deadline; /* tick, or WAIT_FOREVER */
	uint64_t trap_result;
	uint64_t (*trap_body)(void *);
	void *trap_arg;
	void (*body)(void *);
	void *arg;
	struct list link;     /* all threads */
	struct list run_link; /* runnable threads */
};

struct waiter *host_current;

static struct list threads = LIST_INITIALIZER(threads);
static struct list run_queue = LIST_INITIALIZER(run_queue);
static struct host_thread *main_thread;
static struct host_thread *next_thread; /* handed the CPU */
static struct context hub;
static struct context *running; /* context executing now */
static uint64_t ticks;
static uint64_t random_state;
static uint64_t handoffs;
static bool seeded;
static enum { IDLE_DEADLOCK, IDLE_RETURN, IDLE_ADVANCE } on_idle;

/* Present when a sanitizer is linked. */
extern void
__sanitizer_start_switch_fiber(void **save, const void *bottom, size_t size) __attribute__((weak));
extern void __sanitizer_finish_switch_fiber(void *save, const void **bottom, size_t *size)
    __attribute__((weak));

static struct host_thread *
current_thread(void)
{
	return (struct host_thread *)(void *)host_current;
}

uint64_t
host_random(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return n == 0 ? 0 : random_state % n;
}

/* -- Contexts ---------------------------------------------------------------- */

/* First words on a context: tell the sanitizer we arrived. */
static void
context_arrived(struct context *self)
{
	if (__sanitizer_finish_switch_fiber != NULL)
		__sanitizer_finish_switch_fiber(self->fake_stack, NULL, NULL);
	running = self;
}

/* Leave `from` (which comes back here later) for `to`. */
static void
context_switch(struct context *from, struct context *to)
{
	if (__sanitizer_start_switch_fiber != NULL)
		__sanitizer_start_switch_fiber(&from->fake_stack, to->stack, to->stack_size);
	if (swapcontext(&from->ucontext, &to->ucontext) != 0)
		abort();
	context_arrived(from);
}

/* Leave `from` for good. */
static _Noreturn void
context_leave(struct context *to)
{
	if (__sanitizer_start_switch_fiber != NULL)
		__sanitizer_start_switch_fiber(NULL, to->stack, to->stack_size);
	setcontext(&to->ucontext);
	abort();
}

static void
context_make(struct context *context, void (*entry)(void))
{
	if (context->stack == NULL) {
		context->stack_size = STACK_BYTES;
		context->stack = malloc(STACK_BYTES);
		if (context->stack == NULL)
			abort();
	}
	if (getcontext(&context->ucontext) != 0)
		abort();
	context->ucontext.uc_stack.ss_sp = context->stack;
	context->ucontext.uc_stack.ss_size = context->stack_size;
	context->ucontext.uc_link = NULL;
	context->fake_stack = NULL;
	makecontext(&context->ucontext, entry, 0);
}

/* -- The hub ----------------------------------------------------------------- */

static void
make_runnable(struct host_thread *thread)
{
	if (thread->runnable)
		panic("host: thread made runnable twice");
	thread->runnable = true;
	list_insert_tail(&run_queue, &thread->run_link);
}

static struct host_thread *
pick_thread(void)
{
	struct host_thread *thread = next_thread;
	struct list *node;
	uint64_t n = 0;

	next_thread = NULL;
	if (thread != NULL)
		return thread;
	if (list_empty(&run_queue))
		return NULL;
	node = run_queue.next;
	if (seeded) {
		struct list *each;

		list_for_each(&run_queue, each)
			n++;
		for (n = host_random(n); n > 0; n--)
			node = node->next;
	}
	list_remove(node);
	thread = list_entry(node, struct host_thread, run_link);
	thread->runnable = false;
	return thread;
}

static void
expire(void)
{
	struct host_thread *thread;
	struct list *node;

	list_for_each(&threads, node) {
		thread = list_entry(node, struct host_thread, link);
		if (thread->deadline > ticks)
			continue;
		thread->deadline = WAIT_FOREVER;
		if (waiter_claim(&thread->u.waiter, WAIT_TIMED_OUT))
			waiter_go(&thread->u.waiter);
	}
}

/* Let time pass to the next timeout; false when there is none. */
static bool
advance_to_timeout(void)
{
	uint64_t earliest = WAIT_FOREVER;
	struct list *node;

	list_for_each(&threads, node) {
		struct host_thread *thread = list_entry(node, struct host_thread, link);

		if (thread->deadline < earliest)
			earliest = thread->deadline;
	}
	if (earliest == WAIT_FOREVER)
		return false;
	if (earliest > ticks)
		ticks = earliest;
	expire();
	return true;
}

/* Nobody can run: the test may be waiting for just that. */
static struct host_thread *
when_idle(void)
{
	if (on_idle == IDLE_ADVANCE || on_idle == IDLE_DEADLOCK)
		if (advance_to_timeout())
			return NULL;
	if (on_idle == IDLE_DEADLOCK)
		panic("host: deadlock, the test's thread waits for ever");
	on_idle = IDLE_DEADLOCK;
	return main_thread;
}

static void
resume(struct host_thread *thread)
{
	thread->on_cpu = true;
	host_current = &thread->u.waiter;
	context_switch(&hub, thread->in_kernel ? &thread->kernel : &thread->user);
	current_thread()->on_cpu = false; /* perhaps another: waiter_switch */
}

static void
hub_main(void)
{
	struct host_thread *thread;

	context_arrived(&hub);
	for (;;) {
		thread = pick_thread();
		if (thread == NULL)
			thread = when_idle();
		if (thread != NULL)
			resume(thread);
	}
}

static void
leave_to_hub(struct host_thread *self)
{
	host_check_no_spin_locks("switching threads");
	self->on_cpu = false;
	context_switch(self->in_kernel ? &self->kernel : &self->user, &hub);
}

/* -- Threads ----------------------------------------------------------------- */

static struct host_thread *
thread_alloc(void)
{
	struct host_thread *thread = calloc(1, sizeof(*thread));

	if (thread == NULL)
		abort();
	list_init(&thread->u.waiter.w_link);
	thread->deadline = WAIT_FOREVER;
	list_init(&thread->run_link);
	list_insert_tail(&threads, &thread->link);
	return thread;
}

static void
thread_entry(void)
{
	struct host_thread *self = current_thread();

	context_arrived(&self->user);
	self->body(self->arg);
	self->done = true;
	context_leave(&hub);
}

struct host_thread *
host_thread_create(void (*body)(void *), void *arg)
{
	struct host_thread *thread = thread_alloc();

	thread->body = body;
	thread->arg = arg;
	context_make(&thread->user, thread_entry);
	make_runnable(thread);
	return thread;
}

struct host_thread *
host_thread_main(void)
{
	return main_thread;
}

struct waiter *
host_thread_waiter(struct host_thread *thread)
{
	return &thread->u.waiter;
}

struct host_thread *
host_thread_of(struct waiter *waiter)
{
	return (struct host_thread *)(void *)waiter;
}

bool
host_thread_done(const struct host_thread *thread)
{
	return thread->done;
}

bool
host_thread_blocked(const struct host_thread *thread)
{
	uint32_t state = atomic_load(&thread->u.waiter.w_state);

	return waiter_state_interruptible(state) || state == WAITER_WAITING_UNINT;
}

void
host_init(uint64_t seed)
{
	list_init(&threads);
	list_init(&run_queue);
	ticks = 0;
	handoffs = 0;
	seeded = seed != 0;
	random_state = seed * 0x9e3779b97f4a7c15ul + 88172645463325252ul;
	on_idle = IDLE_DEADLOCK;
	next_thread = NULL;
	main_thread = thread_alloc();
	main_thread->on_cpu = true;
	host_current = &main_thread->u.waiter;
	running = &main_thread->user;
	context_make(&hub, hub_main);
	host_zalloc_init();
	host_locks_init();
	host_user_clear();
}

void
host_finish(void)
{
	struct list *node;

	while ((node = list_pop(&threads)) != NULL) {
		struct host_thread *thread = list_entry(node, struct host_thread, link);

		if (thread != main_thread && !thread->done)
			panic("host_finish: a thread is still there");
		free(thread->kernel.stack);
		free(thread->user.stack);
		free(thread);
	}
	free(hub.stack);
	hub.stack = NULL;
	main_thread = NULL;
	host_current = NULL;
	host_user_clear();
}

void
host_thread_set_handoff(struct host_thread *thread, bool may)
{
	thread->no_handoff = !may;
}

uint64_t
host_handoff_count(void)
{
	return handoffs;
}

/* -- Traps ------------------------------------------------------------------- */

static void
trap_entry(void)
{
	struct host_thread *self = current_thread();

	context_arrived(&self->kernel);
	trap_return(self->trap_body(self->trap_arg));
}

uint64_t
host_trap(uint64_t (*body)(void *), void *arg)
{
	struct host_thread *self = current_thread();

	if (self->in_kernel)
		panic("host_trap: in the kernel already");
	self->trap_body = body;
	self->trap_arg = arg;
	context_make(&self->kernel, trap_entry);
	self->in_kernel = true;
	context_switch(&self->user, &self->kernel);
	return self->trap_result;
}

_Noreturn void
trap_return(uint64_t result)
{
	struct host_thread *self = current_thread();

	if (!self->in_kernel)
		panic("trap_return: not in a trap");
	host_check_no_spin_locks("returning to user mode");
	self->trap_result = result;
	self->in_kernel = false;
	context_leave(&self->user);
}

_Noreturn void
exception_return(void)
{
	trap_return(0);
}

/* -- Waiters ----------------------------------------------------------------- */

void
waiter_prepare(struct waiter *self, bool interruptible, uint64_t timeout)
{
	struct host_thread *thread = host_thread_of(self);

	if (self != host_current)
		panic("waiter_prepare: not the running thread");
	if (atomic_load(&self->w_state) != WAITER_RUNNING)
		panic("waiter_prepare: waiting already");
	self->w_continuation = NULL;
	thread->deadline = timeout == WAIT_FOREVER
	    ? WAIT_FOREVER
	    : ticks + (timeout + MS_PER_TICK - 1) / MS_PER_TICK;
	atomic_store(&self->w_state, interruptible ? WAITER_WAITING : WAITER_WAITING_UNINT);
	if (interruptible && thread->abort_pending) {
		thread->abort_pending = false;
		if (waiter_claim(self, WAIT_INTERRUPTED))
			waiter_go(self);
	}
}

bool
waiter_claim(struct waiter *waiter, enum wait_result result)
{
	uint32_t state = atomic_load(&waiter->w_state);

	if (!waiter_state_interruptible(state) && state != WAITER_WAITING_UNINT)
		return false;
	if (state == WAITER_WAITING_UNINT && result == WAIT_INTERRUPTED)
		return false;
	atomic_store(&waiter->w_state, WAITER_CLAIMED);
	waiter->w_result = result;
	host_thread_of(waiter)->deadline = WAIT_FOREVER;
	return true;
}

bool
waiter_cancel(struct waiter *self)
{
	if (!waiter_claim(self, WAIT_OK))
		return false;
	atomic_store(&self->w_state, WAITER_RUNNING);
	return true;
}

void
waiter_go(struct waiter *waiter)
{
	struct host_thread *thread = host_thread_of(waiter);

	if (atomic_load(&waiter->w_state) != WAITER_CLAIMED)
		panic("waiter_go: not claimed");
	atomic_store(&waiter->w_state, WAITER_RUNNING);
	if (!thread->on_cpu)
		make_runnable(thread);
}

enum wait_result
waiter_block(struct waiter *waiter)
{
	struct host_thread *thread = host_thread_of(waiter);

	host_check_no_spin_locks("blocking");
	while (atomic_load(&waiter->w_state) != WAITER_RUNNING)
		leave_to_hub(thread);
	return (enum wait_result)waiter->w_result;
}

static void
continuation_entry(void)
{
	struct waiter *self = host_current;
	continuation_t *continuation = self->w_continuation;

	context_arrived(&host_thread_of(self)->kernel);
	self->w_continuation = NULL;
	continuation(self);
	panic("host: a continuation returned");
}

/* The kernel stack is void from here on; run the continuation next time. */
static void
give_up_stack(struct host_thread *thread, continuation_t *continuation)
{
	if (!thread->in_kernel)
		panic("waiter_block_continue: outside a trap");
	host_check_no_spin_locks("blocking");
	thread->u.waiter.w_continuation = continuation;
}

/* Runs on the hub's side of a switch: the old stack is not in use any more. */
static void
rebuild_kernel(struct host_thread *thread)
{
	context_make(&thread->kernel, continuation_entry);
}

_Noreturn void
waiter_block_continue(struct waiter *waiter, continuation_t *continuation)
{
	struct host_thread *thread = host_thread_of(waiter);

	give_up_stack(thread, continuation);
	if (atomic_load(&waiter->w_state) == WAITER_RUNNING)
		make_runnable(thread); /* claimed before it blocked */
	/* The context is set up for later; makecontext does not touch the
	 * part of the stack that is in use now until it is entered. */
	thread->on_cpu = false;
	rebuild_kernel(thread);
	context_leave(&hub);
}

_Noreturn void
waiter_handoff(struct waiter *waiter, struct waiter *to, continuation_t *continuation)
{
	struct host_thread *target = host_thread_of(to);

	if (atomic_load(&to->w_state) != WAITER_CLAIMED || target->on_cpu)
		panic("waiter_handoff: not a claimed waiter");
	atomic_store(&to->w_state, WAITER_RUNNING);
	handoffs++;
	next_thread = target;
	waiter_block_continue(waiter, continuation);
}

/*
 * The caller goes on as `to`, on the stack it is on: the two threads exchange
 * kernel stacks, of which that of `to` is free.
 */
void
waiter_switch(struct waiter *self, struct waiter *to)
{
	struct host_thread *left = host_thread_of(self), *target = host_thread_of(to);
	continuation_t *continuation = self->w_continuation;
	char *stack = left->kernel.stack;

	if (atomic_load(&to->w_state) != WAITER_CLAIMED || target->on_cpu)
		panic("waiter_switch: not a claimed waiter");
	atomic_store(&to->w_state, WAITER_RUNNING);
	handoffs++;
	give_up_stack(left, continuation);
	if (atomic_load(&self->w_state) == WAITER_RUNNING)
		make_runnable(left); /* claimed before it blocked */
	left->kernel.stack = target->kernel.stack;
	target->kernel.stack = stack;
	left->on_cpu = false;
	rebuild_kernel(left);
	target->on_cpu = true;
	to->w_continuation = NULL;
	host_current = to;
	running = &target->kernel;
}

bool
waiter_may_handoff(const struct waiter *to)
{
	const struct host_thread *thread = (const void *)to;

	return !thread->no_handoff && !thread->on_cpu;
}

bool
waiter_is_elsewhere(const struct waiter *to)
{
	(void)to;
	return false; /* has one CPU */
}

void
host_thread_abort(struct host_thread *thread)
{
	if (waiter_claim(&thread->u.waiter, WAIT_INTERRUPTED))
		waiter_go(&thread->u.waiter);
	else
		thread->abort_pending = true;
}

void
host_thread_abort_clear(struct host_thread *thread)
{
	thread->abort_pending = false;
}

/* -- Running others, and time ------------------------------------------------- */

void
host_yield(void)
{
	struct host_thread *self = current_thread();

	make_runnable(self);
	leave_to_hub(self);
}

void
preempt_point(void)
{
	host_check_no_spin_locks("preempt_point");
	if (seeded && !list_empty(&run_queue) && host_random(4) == 0)
		host_yield();
}

static void
run_others(bool advance)
{
	if (current_thread() != main_thread)
		panic("host_run: not the test's thread");
	on_idle = advance ? IDLE_ADVANCE : IDLE_RETURN;
	leave_to_hub(main_thread);
	on_idle = IDLE_DEADLOCK;
}

void
host_run(void)
{
	run_others(false);
}

void
host_run_all(void)
{
	run_others(true);
}

void
host_advance_ms(uint64_t ms)
{
	ticks += (ms + MS_PER_TICK - 1) / MS_PER_TICK;
	expire();
	host_run();
}

uint64_t
clock_ticks(void)
{
	return ticks;
}

uint64_t
clock_uptime_ns(void)
{
	return ticks * (1000000000ul / CLOCK_HZ);
}

static uint64_t wall_offset;

uint64_t
clock_wall_ns(void)
{
	return wall_offset + clock_uptime_ns();
}

void
clock_wall_set(uint64_t ns)
{
	wall_offset = ns - clock_uptime_ns();
}
