/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * event -- waiting whose condition has no spin lock.
 *
 *	event_prepare(x);
 *	if (condition) { event_cancel(); ... } else event_block();
 *
 * A waker makes the condition true, then wakes x: either the test sees it or
 * the wake-up finds the waiter.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include <stdbool.h>

#include <kern/event.h>

void event_module_init(void);

void event_prepare(const void *event, bool interruptible, uint64_t timeout);
void event_cancel(void);
enum wait_result event_block(void);

#endif
