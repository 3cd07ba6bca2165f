/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master lock, sleeping and server threads.
 *
 * Whoever runs server code holds the master lock and gives it up only by
 * sleeping. A request that sleeps keeps its server thread; the service loop
 * starts another when none is left to receive.
 */
#ifndef SERVER_SYNC_H
#define SERVER_SYNC_H

#include <stdbool.h>
#include <stdint.h>

struct thread;

void bsd_lock(void);
void bsd_unlock(void);

/*
 * Around a kernel call that may wait for a program or its pager: the master
 * lock is given up, others go on, all may have changed. The answer is whether
 * the calling request's thread is still one of a living process; when it is
 * not, the kernel call was aborted.
 */
void bsd_outside_begin(void);
bool bsd_outside_end(void);

#define BSD_SLEEP_INTR 0x1 /* a signal to be handled ends the sleep */

/*
 * Give up the master lock until bsd_wakeup(channel); may return for no
 * reason. `deadline` in ns of bsd_uptime, 0 for none.
 * Returns 0, ETIMEDOUT, or ERESTART: a signal that has a handler came
 * (BSD_SLEEP_INTR), or the calling process is ending (always).
 */
int bsd_sleep(const void *channel, unsigned flags, uint64_t deadline);

/* Wake all that sleep on `channel`. */
void bsd_wakeup(const void *channel);

/* Wake a thread from an interruptible sleep; `always`: from any. */
void sleep_interrupt(struct thread *t, bool always);

/* Start a server thread. False when there is none to be had. */
bool bsd_thread_start(void (*function)(void *), void *argument);

/* Set and read whom this server thread works for. */
void bsd_current_set(struct thread *t);

/* ---- messages of the server ------------------------------------------------ */

void bsd_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
