/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * preempt -- preemption points for long loops.
 *
 * Kernel code is not preemptible and runs with interrupts off. A loop whose
 * length a user can choose calls this once per bounded piece of work.
 */
#ifndef KERN_PREEMPT_H
#define KERN_PREEMPT_H

/* Let interrupts in, and another thread run if one should. No spin lock held;
 * sleeping locks may be. Keeps the stack. */
void preempt_point(void);

#endif
