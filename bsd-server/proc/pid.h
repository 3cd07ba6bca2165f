/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers of processes and threads, 1..PID_MAX: handed out upward, around at
 * the end, so that a number is not used again soon.
 *
 * A number may have several holders (a process and a group of its name): it
 * is free again when each has released it.
 *
 * Locks: the master lock.
 */
#ifndef PROC_PID_H
#define PROC_PID_H

#include <stdint.h>

/* A free number with one holder, or 0 when all are taken. */
int32_t pid_allocate(void);

/* One more holder of a taken number. */
void pid_hold(int32_t pid);

/* One holder less. */
void pid_release(int32_t pid);

/* How many numbers are taken. */
unsigned pid_count(void);

#endif
