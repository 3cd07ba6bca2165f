/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * call -- cross-CPU calls and waiting for spin locks.
 *
 * One call is under way at a time, guarded by call_lock. The caller raises
 * `call_pending` of each target and sends an interrupt; a target serves it in
 * the interrupt, or in its own spin loop, and counts itself off.
 */
#include <stdatomic.h>

#include <arch/cpu.h>
#include <kern/spinlock.h>

#include "machine.h"

static struct spinlock call_lock = SPINLOCK_INITIALIZER(CPU_CALL);
static void (*call_function)(void *arg);
static void *call_arg;
static _Atomic uint32_t call_open; /* targets still to answer */

void
cpu_call_poll(void)
{
	if (atomic_load_explicit(&this_cpu()->self->call_pending, memory_order_acquire) == 0)
		return;
	atomic_store_explicit(&this_cpu()->self->call_pending, 0, memory_order_relaxed);
	call_function(call_arg);
	atomic_fetch_sub_explicit(&call_open, 1, memory_order_release);
}

void
call_interrupt(void)
{
	cpu_call_poll();
	/* The caller waits: where virtual CPUs take turns, it is its turn. */
	cpu_pause();
}

void
spinlock_wait(struct spinlock *lock)
{
	do {
		while (spin_is_locked(lock)) {
			cpu_pause();
			cpu_call_poll();
		}
	} while (!spin_take(lock));
}

static uint32_t
call_targets(uint32_t mask)
{
	uint32_t others = mask & ~(1u << cpu_id());
	uint32_t count = 0;

	for (unsigned id = 0; id < cpu_found; id++) {
		if ((others & 1u << id) == 0)
			continue;
		if (cpu_block(id)->online)
			count++;
		else
			others &= ~(1u << id);
	}
	atomic_store_explicit(&call_open, count, memory_order_relaxed);
	return others;
}

static void
call_others(uint32_t others)
{
	struct cpu *cpu;

	for (unsigned id = 0; id < cpu_found; id++) {
		if ((others & 1u << id) == 0)
			continue;
		cpu = cpu_block(id);
		atomic_store_explicit(&cpu->call_pending, 1, memory_order_release);
		apic_send_vector(cpu->apic_id, VECTOR_CALL);
	}
}

void
cpu_call(uint32_t mask, void (*function)(void *arg), void *arg)
{
	if ((mask & ~(1u << cpu_id())) != 0) {
		spin_lock(&call_lock);
		call_function = function;
		call_arg = arg;
		call_others(call_targets(mask));
		while (atomic_load_explicit(&call_open, memory_order_acquire) != 0)
			cpu_pause();
		spin_unlock(&call_lock);
	}
	if ((mask & 1u << cpu_id()) != 0)
		function(arg);
}

void
cpu_send_reschedule(unsigned id)
{
	if (id != cpu_id())
		apic_send_vector(cpu_block(id)->apic_id, VECTOR_RESCHEDULE);
}
