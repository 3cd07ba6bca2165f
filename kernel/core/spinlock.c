/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The slow path of spin locks.
 *
 * A CPU that waits answers cross-CPU calls meanwhile, so that a holder may
 * itself wait for an answer (a TLB shootdown under a pmap lock).
 */
#include <arch/cpu.h>
#include <kern/spinlock.h>

void
spinlock_wait(struct spinlock *lock)
{
	while (spin_is_locked(lock)) {
		cpu_call_poll();
		cpu_pause();
	}
}
