/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_trace -- the event ring behind the marks of kern/ipc_trace.h; built
 * with the option ipc_trace only.
 *
 * The newest events stay. An event's clock leaves out what recording costs:
 * `ipc_trace_skew` adds up the time spent in here and is taken off, so that
 * the steps of a message cost in the trace what they cost without it, but for
 * a few instructions at each mark. Several CPUs may record at a time; each
 * claims its slots by one addition.
 *
 * What goes out, little-endian: struct ring_head, then its `count` events,
 * oldest first. tools/ipctrace reads it.
 */
#include <stdatomic.h>
#include <stdbool.h>

#include <arch/cpu.h>
#include <arch/trace.h>
#include <core/task.h>
#include <core/thread.h>
#include <kern/ipc_trace.h>
#include <kern/string.h>

#define RING_EVENTS 16384u
#define MESSAGE_MAX 256u /* bytes of a message that are kept */
#define MAGIC       "IPCTRACE"
#define VERSION     1u
/* Instructions of a trap's mark that are not its call: entry.S. */
#define TRAP_COST   14

struct event {
	uint64_t clock;
	uint16_t step;
	uint16_t cpu;
	uint32_t pad;
	union {
		struct {
			uint64_t thread;
			uint64_t task;
			uint64_t a;
			uint64_t b;
		};
		uint8_t data[32];
	};
};

_Static_assert(sizeof(struct event) == 48, "layout");

struct ring_head {
	char magic[8];
	uint32_t version;
	uint32_t event_size;
	uint64_t count;
	uint64_t lost; /* overwritten */
};

_Static_assert(sizeof(struct ring_head) == 32, "layout");

/* Called from entry.S. */
void ipc_trace_trap(void);
void ipc_trace_return(uint64_t result);

static struct event ring[RING_EVENTS];
static _Atomic uint64_t ring_next;
static _Atomic uint64_t skew;
static uint64_t call_cost; /* of a record, beside what it measures itself */

static struct event *
ring_claim(enum ipc_trace_step step, uint64_t clock)
{
	uint64_t number = atomic_fetch_add_explicit(&ring_next, 1, memory_order_relaxed);
	struct event *event = &ring[number % RING_EVENTS];

	event->clock = clock;
	event->step = (uint16_t)step;
	event->cpu = (uint16_t)cpu_id();
	return event;
}

static void
record(enum ipc_trace_step step, uint64_t a, uint64_t b, uint64_t clock)
{
	const struct thread *thread = this_cpu()->current;
	struct event *event = ring_claim(step, clock);

	event->thread = (uint64_t)thread;
	event->task = thread == NULL ? 0 : (uint64_t)thread->t_task;
	event->a = a;
	event->b = b;
}

static uint64_t
clock_now(void)
{
	return arch_trace_clock() - atomic_load_explicit(&skew, memory_order_relaxed);
}

/* From `begin` on nothing but recording was done. */
static void
clock_leave_out(uint64_t begin, uint64_t more)
{
	atomic_fetch_add_explicit(&skew, clock_now() - begin + more, memory_order_relaxed);
}

/* What two marks in a row are apart is what a mark still costs. */
static void
calibrate(void)
{
	static bool done;
	uint64_t first;

	if (done)
		return;
	done = true;
	first = clock_now();
	ipc_trace_record(IPC_TRACE_DATA, 0, 0);
	call_cost = clock_now() - first;
	atomic_store(&ring_next, 0);
}

void
ipc_trace_record(enum ipc_trace_step step, uint64_t a, uint64_t b)
{
	uint64_t begin;

	calibrate();
	begin = clock_now();
	record(step, a, b, begin);
	clock_leave_out(begin, call_cost);
}

void
ipc_trace_message(const void *message, uint32_t size, uint64_t address)
{
	uint32_t kept = size < MESSAGE_MAX ? size : MESSAGE_MAX;
	uint64_t begin;

	calibrate();
	begin = clock_now();
	record(IPC_TRACE_COPYIN, size, address, begin);
	for (uint32_t at = 0; at < kept; at += sizeof(ring->data)) {
		struct event *event = ring_claim(IPC_TRACE_DATA, begin);
		uint32_t part = kept - at;

		memset(event->data, 0, sizeof(event->data));
		memcpy(event->data, (const char *)message + at,
		    part < sizeof(event->data) ? part : sizeof(event->data));
	}
	clock_leave_out(begin, call_cost);
}

void
ipc_trace_trap(void)
{
	const struct thread *thread = this_cpu()->current;
	uint64_t begin;

	calibrate();
	begin = clock_now();
	record(IPC_TRACE_ENTRY, (uint32_t)thread->pcb.r.rax | thread->pcb.r.rsi << 32,
	    thread->pcb.r.rdi, begin);
	clock_leave_out(begin, call_cost + TRAP_COST);
}

void
ipc_trace_return(uint64_t result)
{
	ipc_trace_record(IPC_TRACE_RETURN, result, 0);
}

void
ipc_trace_dump(void)
{
	uint64_t next = atomic_load(&ring_next);
	uint64_t first = next > RING_EVENTS ? next - RING_EVENTS : 0;
	struct ring_head head = {
		.version = VERSION,
		.event_size = sizeof(struct event),
		.count = next - first,
		.lost = first,
	};

	memcpy(head.magic, MAGIC, sizeof(head.magic));
	arch_trace_out(&head, sizeof(head));
	for (uint64_t number = first; number < next; number++)
		arch_trace_out(&ring[number % RING_EVENTS], sizeof(ring[0]));
}
