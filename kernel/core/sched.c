/* SPDX-License-Identifier: BSD-2-Clause */
/* sched -- see sched.h. The waiter functions stand in waiter.c. */
#include <arch/context.h>
#include <arch/pmap.h>
#include <kern/assert.h>
#include <kern/clock.h>
#include <kern/physmem.h>
#include <kern/preempt.h>
#include <mach/policy.h>

#include "clock.h"
#include "event.h"
#include "sched.h"
#include "sched_private.h"
#include "thread.h"

struct sched_cpu sched_cpus[MAX_CPUS];
static _Atomic uint32_t idle_cpus; /* bit: runs its idle thread */
static _Atomic uint32_t started_cpus;
static _Atomic uint64_t stack_total;

/* This CPU becomes idle, or ceases to be. */
static __attribute__((cold, noinline)) void
sched_set_idle(struct sched_cpu *cpu, bool idle)
{
	cpu->is_idle = idle;
	if (idle)
		atomic_fetch_or(&idle_cpus, 1u << cpu_id());
	else
		atomic_fetch_and(&idle_cpus, ~(1u << cpu_id()));
}

void
sched_cpu_start(struct thread *idle)
{
	struct sched_cpu *cpu = &sched_cpus[cpu_id()];

	cpu->idle = idle;
	cpu->block = cpu_block(cpu_id());
	cpu->block->scheduler = cpu;
	cpu->block->priority = PRIORITY_IDLE;
	atomic_store(&idle->t_on_cpu, (int32_t)cpu_id());
	this_cpu()->current = idle;
	sched_set_idle(cpu, true);
	atomic_fetch_or(&started_cpus, 1u << cpu_id());
}

/* -- Kernel stacks ----------------------------------------------------------- */

/*
 * Stacks set aside at start for when memory is used up: whoever gives memory
 * back needs one to run on.
 */
#define STACK_POOL_SIZE 24

static struct spinlock stack_pool_lock = SPINLOCK_INITIALIZER(ZONE);
static uint64_t stack_pool[STACK_POOL_SIZE];
static _Atomic uint32_t stack_pool_count;

static uint64_t
stack_pool_take(void)
{
	uint64_t stack = 0;

	spin_lock(&stack_pool_lock);
	if (stack_pool_count > 0)
		stack = stack_pool[--stack_pool_count];
	spin_unlock(&stack_pool_lock);
	return stack;
}

/* False: the pool is full. */
static bool
stack_pool_put(uint64_t stack)
{
	bool put = false;

	if (stack_pool_count == STACK_POOL_SIZE)
		return false;
	spin_lock(&stack_pool_lock);
	if (stack_pool_count < STACK_POOL_SIZE) {
		stack_pool[stack_pool_count++] = stack;
		put = true;
	}
	spin_unlock(&stack_pool_lock);
	return put;
}

static uint64_t
stack_alloc(void)
{
	uint64_t address;

	if (!phys_alloc(KERNEL_STACK_ORDER, &address))
		return 0;
	atomic_fetch_add_explicit(&stack_total, 1, memory_order_relaxed);
	return (uint64_t)phys_to_virt(address) + KERNEL_STACK_SIZE;
}

static void
stack_destroy(uint64_t stack)
{
	atomic_fetch_sub_explicit(&stack_total, 1, memory_order_relaxed);
	phys_free(virt_to_phys((void *)(stack - KERNEL_STACK_SIZE)), KERNEL_STACK_ORDER);
}

static void
stack_pool_fill(void)
{
	for (unsigned i = 0; i < STACK_POOL_SIZE; i++) {
		uint64_t stack = stack_alloc();

		if (stack == 0)
			panic("too little memory for kernel stacks");
		(void)stack_pool_put(stack);
	}
}

/* Have at least one spare stack on this CPU. */
static bool
stack_reserve(struct sched_cpu *cpu)
{
	uint64_t stack;

	if (cpu->stack_count > 0)
		return true;
	stack = stack_alloc();
	if (stack == 0)
		stack = stack_pool_take();
	if (stack != 0)
		cpu->stack[cpu->stack_count++] = stack;
	return stack != 0;
}

static void
stack_free(struct sched_cpu *cpu, uint64_t stack)
{
	if (stack_pool_put(stack))
		return;
	if (cpu->stack_count < SCHED_STACK_CACHE)
		cpu->stack[cpu->stack_count++] = stack;
	else
		stack_destroy(stack);
}

void
sched_stacks_empty(void)
{
	struct sched_cpu *cpu = &sched_cpus[cpu_id()];

	while (cpu->stack_count > 0)
		stack_destroy(cpu->stack[--cpu->stack_count]);
}

uint64_t
sched_stack_count(void)
{
	return stack_total;
}

void
sched_module_init(void)
{
	for (unsigned id = 0; id < MAX_CPUS; id++) {
		struct run_queue *queue = &sched_cpus[id].queue;

		spinlock_init(&queue->lock, LOCK_RANK_RUN_QUEUE);
		list_init(&queue->with_stack);
		for (unsigned i = 0; i < PRIORITY_COUNT; i++)
			list_init(&queue->ready[i]);
	}
	/* The boot CPU's, in which threads are ready before it runs any. */
	sched_cpus[0].block = cpu_block(0);
	sched_cpus[0].block->priority = PRIORITY_IDLE;
	stack_pool_fill();
}

/* Turns of the worst off thread of a queue (queue_find_worst). */
#define TURN_TICKS (CLOCK_HZ / 10)

/* -- Run queues -------------------------------------------------------------- */

/* Read without the lock, written under it. */
static inline void
queue_count_set(struct run_queue *queue, uint32_t count)
{
	atomic_store_explicit(&queue->count, count, memory_order_release);
}

static inline void
queue_insert(struct run_queue *queue, struct thread *thread, bool at_head)
{
	unsigned priority = thread->t_priority;

	if (at_head)
		list_insert_head(&queue->ready[priority], &thread->t_run_link);
	else
		list_insert_tail(&queue->ready[priority], &thread->t_run_link);
	if (thread_waiter(thread)->w_continuation == NULL)
		list_insert_tail(&queue->with_stack, &thread->t_stack_link);
	queue->bitmap[priority / 64] |= 1ul << (priority % 64);
	queue_count_set(queue, queue->count + 1);
	thread->t_queued = true;
}

static inline void
queue_remove(struct run_queue *queue, struct thread *thread)
{
	unsigned priority = thread->t_priority;

	list_unlink(&thread->t_run_link);
	if (thread_waiter(thread)->w_continuation == NULL)
		list_unlink(&thread->t_stack_link);
	if (list_empty(&queue->ready[priority]))
		queue->bitmap[priority / 64] &= ~(1ul << (priority % 64));
	queue_count_set(queue, queue->count - 1);
	thread->t_queued = false;
}

/* What a CPU can take out of a queue. */
struct pick {
	int id;          /* the CPU */
	bool stealing;   /* from another CPU's queue */
	bool need_stack; /* has no spare stack: only those who have one */
};

/* One that was bound as it became ready may be in the queue of another CPU: its
 * own may take it there. */
static bool
pick_suits(const struct pick *pick, struct thread *thread)
{
	int on_cpu = atomic_load_explicit(&thread->t_on_cpu, memory_order_acquire);
	int target = thread->t_bound_cpu;

	if (on_cpu != ON_NO_CPU && (pick->stealing || on_cpu != pick->id))
		return false;
	return !pick->stealing || target == ON_NO_CPU || target == pick->id;
}

/* The oldest thread of one priority that suits. */
static struct thread *
queue_find_level(struct run_queue *queue, unsigned priority, const struct pick *pick)
{
	struct list *node;

	list_for_each(&queue->ready[priority], node) {
		struct thread *thread = list_entry(node, struct thread, t_run_link);

		if (pick_suits(pick, thread))
			return thread;
	}
	return NULL;
}

/* The best of the few that have a kernel stack. */
static struct thread *
queue_find_with_stack(struct run_queue *queue, const struct pick *pick)
{
	struct thread *best = NULL;
	struct list *node;

	list_for_each(&queue->with_stack, node) {
		struct thread *thread = list_entry(node, struct thread, t_stack_link);

		if (pick_suits(pick, thread) &&
		    (best == NULL || thread->t_priority < best->t_priority))
			best = thread;
	}
	return best;
}

static struct thread *
queue_find(struct run_queue *queue, const struct pick *pick)
{
	for (unsigned word = 0; word < 2; word++) {
		uint64_t bits = queue->bitmap[word];

		while (bits != 0) {
			unsigned priority = word * 64 + (unsigned)__builtin_ctzl(bits);
			struct thread *thread = queue_find_level(queue, priority, pick);

			if (thread != NULL)
				return thread;
			bits &= bits - 1;
		}
	}
	return NULL;
}

/*
 * A stream of threads that come and go, each fresh and so of good priority,
 * would keep those that have used the CPU from it for ever. So now and then
 * the worst off has a turn: it is taken first, its usage forgotten. Threads
 * that depressed themselves asked for nothing of the kind.
 */
static struct thread *
queue_find_worst(struct run_queue *queue, const struct pick *pick)
{
	for (unsigned priority = PRIORITY_LOWEST; priority-- > 0;) {
		struct thread *thread = NULL;

		if ((queue->bitmap[priority / 64] >> (priority % 64) & 1) != 0)
			thread = queue_find_level(queue, priority, pick);
		if (thread != NULL)
			return thread;
	}
	return NULL;
}

static inline bool
queue_is_steady(const struct run_queue *queue)
{
	return clock_hands.ticks - queue->turn < TURN_TICKS;
}

static struct thread *
queue_take_worst(struct run_queue *queue, const struct pick *pick)
{
	struct thread *thread;

	queue->turn = clock_ticks();
	thread = queue_find_worst(queue, pick);
	if (thread == NULL)
		return NULL;
	queue_remove(queue, thread);
	thread->t_usage = 0;
	sched_priority_update(thread);
	return thread;
}

static struct thread *
queue_take_best(struct run_queue *queue, const struct pick *pick)
{
	struct thread *thread;

	thread = pick->need_stack ? queue_find_with_stack(queue, pick) : queue_find(queue, pick);
	if (thread != NULL)
		queue_remove(queue, thread);
	return thread;
}

/* The usual case of it: the oldest of the best level is on no CPU. */
static inline struct thread *
queue_take_head(struct run_queue *queue)
{
	struct thread *thread;
	unsigned priority;

	if (queue->bitmap[0] == 0)
		return NULL;
	priority = (unsigned)__builtin_ctzl(queue->bitmap[0]);
	thread = list_entry(queue->ready[priority].next, struct thread, t_run_link);
	if (atomic_load_explicit(&thread->t_on_cpu, memory_order_acquire) != ON_NO_CPU)
		return NULL;
	queue_remove(queue, thread);
	return thread;
}

static struct thread *
queue_take(struct run_queue *queue, const struct pick *pick)
{
	struct thread *thread = NULL;

	if (atomic_load_explicit(&queue->count, memory_order_relaxed) == 0)
		return NULL;
	spin_lock(&queue->lock);
	if (!pick->stealing && !pick->need_stack && !queue_is_steady(queue))
		thread = queue_take_worst(queue, pick);
	if (thread == NULL)
		thread = queue_take_best(queue, pick);
	spin_unlock(&queue->lock);
	return thread;
}

static struct thread *
sched_steal(const struct pick *own)
{
	struct pick pick = { own->id, true, own->need_stack };
	unsigned count = cpu_count();

	for (unsigned i = 1; i < count; i++) {
		unsigned victim = ((unsigned)pick.id + i) % count;
		struct thread *thread = queue_take(&sched_cpus[victim].queue, &pick);

		if (thread != NULL)
			return thread;
	}
	return NULL;
}

/* Where a thread that became ready should run. */
static inline unsigned
sched_place(const struct thread *thread)
{
	uint32_t idle = atomic_load_explicit(&idle_cpus, memory_order_relaxed);
	unsigned last = thread->t_last_cpu;
	int target = thread->t_bound_cpu;

	if (target != ON_NO_CPU)
		return (unsigned)target;
	if (idle == 0 || (idle & (1u << last)) != 0)
		return last;
	if ((idle & (1u << cpu_id())) != 0)
		return cpu_id();
	return (unsigned)__builtin_ctz(idle);
}

static __attribute__((cold, noinline)) void
sched_poke(unsigned id)
{
	atomic_fetch_or(&cpu_block(id)->ast, CPU_AST_RESCHED);
	if (id != cpu_id())
		cpu_send_reschedule(id);
}

/*
 * Another CPU may be on its way to idle: it says so and then looks at its
 * queue's count; here the count is said, and then its priority looked at. With
 * a barrier on both sides one of the two sees the other.
 */
static __attribute__((cold, noinline)) void
sched_look_again(const struct thread *thread, unsigned id)
{
	atomic_thread_fence(memory_order_seq_cst);
	if (thread->t_priority < sched_cpus[id].block->priority)
		sched_poke(id);
}

static inline void
sched_insert(struct thread *thread, unsigned id, bool at_head)
{
	struct sched_cpu *cpu = &sched_cpus[id];

	thread->t_last_cpu = (uint16_t)id;
	spin_lock(&cpu->queue.lock);
	queue_insert(&cpu->queue, thread, at_head);
	spin_unlock(&cpu->queue.lock);
	if (thread->t_priority < cpu->block->priority)
		sched_poke(id);
	else if (__builtin_expect(id != cpu_id(), 0))
		sched_look_again(thread, id);
}

void
sched_priority_update(struct thread *thread)
{
	uint32_t second = clock_seconds();
	uint32_t elapsed = second - thread->t_usage_second;
	unsigned priority = thread->t_base_priority;

	if (elapsed != 0) {
		thread->t_usage = elapsed < 32 ? thread->t_usage >> elapsed : 0;
		thread->t_usage_second = second;
	}
	if (thread->t_policy == POLICY_TIMESHARE)
		priority += thread->t_usage / 8;
	if (priority > PRIORITY_LOWEST - 1 || thread->t_depressed)
		priority = thread->t_depressed ? PRIORITY_LOWEST : PRIORITY_LOWEST - 1;
	thread->t_priority = (uint8_t)priority;
}

/* The same when nothing it depends on has changed, as a rule. */
static inline void
sched_priority_refresh(struct thread *thread)
{
	if (__builtin_expect(
		thread->t_priority_changed || thread->t_usage_second != clock_seconds(), 0)) {
		thread->t_priority_changed = false;
		sched_priority_update(thread);
	}
}

void
sched_enqueue(struct thread *thread)
{
	kassert(!thread->t_queued && !thread->t_is_idle);
	sched_priority_refresh(thread);
	thread->t_slice = thread->t_quantum;
	sched_insert(thread, sched_place(thread), false);
}

/* The queue a ready thread is in can only change while it is in none. */
bool
sched_dequeue(struct thread *thread)
{
	for (;;) {
		struct run_queue *queue = &sched_cpus[thread->t_last_cpu].queue;
		bool queued;

		spin_lock(&queue->lock);
		if (queue != &sched_cpus[thread->t_last_cpu].queue) {
			spin_unlock(&queue->lock);
			continue;
		}
		queued = thread->t_queued;
		if (queued)
			queue_remove(queue, thread);
		spin_unlock(&queue->lock);
		return queued;
	}
}

bool
sched_prefer(struct thread *thread)
{
	int target = thread->t_bound_cpu;

	if ((target != ON_NO_CPU && target != (int)cpu_id()) || !sched_dequeue(thread))
		return false;
	thread->t_last_cpu = (uint16_t)cpu_id();
	sched_cpus[cpu_id()].preferred = thread;
	return true;
}

bool
sched_others_ready(void)
{
	return sched_cpus[cpu_id()].queue.count > 0;
}

unsigned
sched_load(void)
{
	unsigned load = 0;

	for (unsigned id = 0; id < cpu_count(); id++) {
		load += sched_cpus[id].queue.count;
		if ((idle_cpus & (1u << id)) == 0)
			load++;
	}
	return load;
}

/* -- Switching --------------------------------------------------------------- */

/* The next thread for this CPU; the idle thread if there is none. Its reasons
 * have been cleared. */
static __attribute__((noinline)) struct thread *
sched_pick_any(struct sched_cpu *cpu, bool need_stack)
{
	struct pick pick = { (int)cpu_id(), false, need_stack };
	struct thread *next = cpu->preferred;

	if (__builtin_expect(next != NULL, 0)) {
		cpu->preferred = NULL;
		if (pick_suits(&pick, next) && !need_stack)
			return next;
		sched_enqueue(next);
	}
	next = queue_take(&cpu->queue, &pick);
	if (next == NULL && cpu_count() > 1)
		next = sched_steal(&pick);
	return next != NULL ? next : cpu->idle;
}

/* The same, mostly the head of its queue. Clears the CPU's reasons first, so
 * that what comes later is not lost. */
static inline struct thread *
sched_pick(struct sched_cpu *cpu, bool need_stack)
{
	struct run_queue *queue = &cpu->queue;
	struct thread *next = NULL;

	atomic_store(&cpu->block->ast, 0);
	if (__builtin_expect(!need_stack && cpu->preferred == NULL && queue_is_steady(queue), 1)) {
		spin_lock(&queue->lock);
		next = queue_take_head(queue);
		spin_unlock(&queue->lock);
	}
	return __builtin_expect(next != NULL, 1) ? next : sched_pick_any(cpu, need_stack);
}

static inline void
sched_set_current(struct sched_cpu *cpu, struct thread *next)
{
	int32_t id = (int32_t)cpu_id();

	if (next->t_on_cpu != id)
		atomic_exchange(&next->t_on_cpu, id);
	if (__builtin_expect(next->t_leaving, 0))
		next->t_leaving = false;
	next->t_last_cpu = (uint16_t)id;
	cpu->block->priority = next->t_priority;
	if (__builtin_expect(next->t_is_idle != cpu->is_idle, 0))
		sched_set_idle(cpu, next->t_is_idle);
	if (__builtin_expect(thread_must_attend(next), 0))
		atomic_fetch_or(&cpu->block->ast, CPU_AST_THREAD);
}

/* The thread that ran before is off this CPU now; it may be gone with that. */
static void
sched_let_go(struct thread *previous)
{
	bool dead = previous->t_dead;

	atomic_store_explicit(&previous->t_leaving, false, memory_order_relaxed);
	atomic_store_explicit(&previous->t_on_cpu, ON_NO_CPU, memory_order_release);
	if (dead)
		thread_release(previous);
}

/* First thing on another stack. */
static void
sched_finish(void)
{
	struct sched_cpu *cpu = &sched_cpus[cpu_id()];

	if (cpu->previous_stack != 0)
		stack_free(cpu, cpu->previous_stack);
	cpu->previous_stack = 0;
	sched_let_go(cpu->previous);
}

void
sched_continue(void *arg)
{
	struct thread *self = thread_current();
	continuation_t *continuation = thread_waiter(self)->w_continuation;

	(void)arg;
	thread_waiter(self)->w_continuation = NULL;
	timer_cancel(&self->t_wait_timer);
	continuation(thread_waiter(self));
	panic("a continuation of thread %p returned", (void *)self);
}

static void
sched_start(void *arg)
{
	sched_finish();
	sched_continue(arg);
}

/* Switch to `next`, keeping the stack. */
static void
sched_switch(struct sched_cpu *cpu, struct thread *self, struct thread *next)
{
	if (next == self) {
		sched_set_current(cpu, self);
		return;
	}
	sched_set_current(cpu, next);
	cpu->previous = self;
	pmap_activate(next->t_pmap);
	if (thread_waiter(next)->w_continuation != NULL)
		context_prepare(&next->pcb, cpu->stack[--cpu->stack_count], sched_start);
	context_switch(&self->pcb, &next->pcb, next, NULL);
	sched_finish();
}

/* Switch to `next`, which goes on on this stack when it has none. */
_Noreturn static inline void
sched_switch_away(struct sched_cpu *cpu, struct thread *self, struct thread *next)
{
	sched_set_current(cpu, next);
	if (next == self)
		context_call(sched_continue, NULL);
	pmap_activate(next->t_pmap);
	if (thread_waiter(next)->w_continuation == NULL) {
		cpu->previous = self;
		cpu->previous_stack = context_stack();
		context_load(&self->pcb, &next->pcb, next, NULL);
	}
	context_become(&self->pcb, &next->pcb, next);
	sched_let_go(self);
	context_call(sched_continue, NULL);
}

_Noreturn void
sched_leave(struct thread *self)
{
	struct sched_cpu *cpu = this_cpu()->scheduler;

	sched_switch_away(cpu, self, sched_pick(cpu, false));
}

void
sched_leave_keep_stack(struct thread *self)
{
	struct sched_cpu *cpu = &sched_cpus[cpu_id()];

	sched_switch(cpu, self, sched_pick(cpu, !stack_reserve(cpu)));
}

_Noreturn void
sched_yield_continue(continuation_t *continuation)
{
	struct thread *self = thread_current();

	thread_waiter(self)->w_continuation = continuation;
	sched_enqueue_self(self);
	sched_leave(self);
}

void
sched_yield(void)
{
	struct thread *self = thread_current();

	sched_enqueue_self(self);
	sched_leave_keep_stack(self);
}

/* The running thread stays ready on this CPU: behind its equals when its
 * time is up, before them when something better took its turn. */
void
sched_enqueue_self(struct thread *self)
{
	bool at_head = self->t_slice != 0;
	int target = self->t_bound_cpu;

	sched_priority_refresh(self);
	if (!at_head)
		self->t_slice = self->t_quantum;
	if (self->t_ast != 0) {
		atomic_store(&self->t_leaving, true);
		thread_watched(self);
	}
	sched_insert(self, target != ON_NO_CPU ? (unsigned)target : cpu_id(), at_head);
}

void
sched_idle(void)
{
	struct thread *self = thread_current();
	struct sched_cpu *cpu = &sched_cpus[cpu_id()];

	kassert(self->t_is_idle);
	for (;;) {
		sched_leave_keep_stack(self);
		cpu_idle_wait(&cpu->queue.count);
		cpu_call_poll();
		cpu_pause();
	}
}

/* -- Preemption -------------------------------------------------------------- */

/* Should the running thread make room? */
static bool
sched_should_yield(const struct sched_cpu *cpu, const struct thread *self)
{
	const struct run_queue *queue = &cpu->queue;
	unsigned best;

	if (cpu->preferred != NULL)
		return true;
	if (queue->count == 0)
		return false;
	if (queue->bitmap[0] != 0)
		best = (unsigned)__builtin_ctzl(queue->bitmap[0]);
	else
		best = PRIORITY_LOWEST;
	return best < self->t_priority || (best == self->t_priority && self->t_slice == 0);
}

void
thread_return_continue(struct waiter *self)
{
	(void)self;
	exception_return();
}

/* this_cpu()->ast, already taken, asked for another thread. */
void
sched_preempt_user(struct thread *self)
{
	const struct sched_cpu *cpu = &sched_cpus[cpu_id()];

	if (sched_should_yield(cpu, self))
		sched_yield_continue(thread_return_continue);
	if (self->t_slice == 0)
		self->t_slice = self->t_quantum;
}

void
preempt_point(void)
{
	struct thread *self = thread_current();
	struct sched_cpu *cpu = &sched_cpus[cpu_id()];

	cpu_interrupt_window();
	if (self == NULL || (cpu->block->ast & CPU_AST_RESCHED) == 0)
		return;
	if (sched_should_yield(cpu, self))
		sched_yield();
}

void
sched_notify_ast(struct thread *thread)
{
	int on_cpu = atomic_load(&thread->t_on_cpu);

	if (on_cpu == ON_NO_CPU)
		return;
	atomic_fetch_or(&cpu_block((unsigned)on_cpu)->ast, CPU_AST_THREAD);
	if ((unsigned)on_cpu != cpu_id())
		cpu_send_reschedule((unsigned)on_cpu);
}

void
sched_tick(bool user)
{
	struct sched_cpu *cpu = &sched_cpus[cpu_id()];
	struct thread *self = thread_current();

	if (self->t_is_idle)
		return;
	if (user)
		self->t_user_ns += 1000000000ul / CLOCK_HZ;
	else
		self->t_system_ns += 1000000000ul / CLOCK_HZ;
	if (self->t_usage < 128)
		self->t_usage++;
	if (self->t_slice > 0)
		self->t_slice--;
	sched_priority_update(self);
	cpu->block->priority = self->t_priority;
	/* A better one may have come while another CPU still saw what ran here
	 * before, or been passed over as it was just leaving its own. */
	if ((self->t_slice == 0 && cpu->queue.count > 0) || sched_should_yield(cpu, self))
		atomic_fetch_or(&cpu->block->ast, CPU_AST_RESCHED);
}

/* -- Binding ----------------------------------------------------------------- */

/*
 * As with all of t_ast: mark, then look where the thread is. A thread that
 * somebody puts into the queue of a CPU it was bound to before finds the mark
 * when it comes to run there. Locks: t_lock.
 */
static void
bind_update(struct thread *thread, int target)
{
	atomic_store(&thread->t_bound_cpu, (int16_t)target);
	if (target != ON_NO_CPU)
		atomic_fetch_or(&thread->t_ast, THREAD_AST_BOUND);
	else
		atomic_fetch_and(&thread->t_ast, ~THREAD_AST_BOUND);
}

bool
sched_bind(struct thread *thread, int target)
{
	bool known = target == ON_NO_CPU ||
	    (target >= 0 && target < MAX_CPUS && (started_cpus >> target & 1) != 0);

	if (!known)
		return false;
	spin_lock(&thread->t_lock);
	thread->t_home_cpu = (int16_t)target;
	if (!thread->t_on_errand)
		bind_update(thread, target);
	if (sched_dequeue(thread))
		sched_enqueue(thread);
	spin_unlock(&thread->t_lock);
	sched_notify_ast(thread);
	return true;
}

void
sched_move_bound(struct thread *self)
{
	int target = self->t_bound_cpu;

	if (target != ON_NO_CPU && target != (int)cpu_id())
		sched_yield_continue(thread_return_continue);
}

void
sched_errand(int target)
{
	struct thread *self = thread_current();

	spin_lock(&self->t_lock);
	self->t_on_errand = target != ON_NO_CPU;
	bind_update(self, self->t_on_errand ? target : self->t_home_cpu);
	spin_unlock(&self->t_lock);
	if (target != ON_NO_CPU && (unsigned)target != cpu_id()) {
		sched_yield();
		kassert((unsigned)target == cpu_id());
	}
	if (thread_must_attend(self))
		sched_notify_ast(self);
}
