/* SPDX-License-Identifier: BSD-2-Clause */
/* waiter -- what threads need of waiter.c beside kern/waiter.h. */
#ifndef CORE_WAITER_H
#define CORE_WAITER_H

struct timer;

/* The function of every thread's t_wait_timer. */
void waiter_timeout(struct timer *timer);

#endif
