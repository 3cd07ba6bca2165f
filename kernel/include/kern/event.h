/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * event -- waiting for something to happen at an address.
 *
 * Hashed wait queues keyed by any kernel address (a busy page, an object, a
 * mutex). The caller holds a spin lock that guards the condition; it is
 * released once the waiter is queued. Wakers hold the same lock.
 */
#ifndef KERN_EVENT_H
#define KERN_EVENT_H

#include <kern/spinlock.h>
#include <kern/waiter.h>

/* Wait for `event`, keeping the stack. Releases `interlock`; the caller
 * re-checks its condition afterwards. */
enum wait_result
event_wait(const void *event, struct spinlock *interlock, bool interruptible, uint64_t timeout);

/* As event_wait, without a stack (entered from user mode only). */
_Noreturn void event_wait_continue(const void *event, struct spinlock *interlock,
    bool interruptible, uint64_t timeout, continuation_t *continuation);

/* Wake every waiter, or the oldest one (true if there was one). */
void event_wake_all(const void *event);
bool event_wake_one(const void *event);

#endif
