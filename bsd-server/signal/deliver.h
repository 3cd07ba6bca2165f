/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bringing a running thread to look for its signals, by its kernel thread's
 * state. Machine-dependent.
 *
 * Locks: the master lock.
 */
#ifndef SIGNAL_DELIVER_H
#define SIGNAL_DELIVER_H

struct thread;

/*
 * t is in user mode or in the emulator, not in a request: stop it, and either
 * send it to the emulator's signal entry (its registers are kept in t->saved)
 * or mark it so that the emulator looks on its way out.
 */
void deliver_to_running(struct thread *t);

/*
 * t has stopped at an exception in its program: send it to the signal entry.
 * False when its state cannot be had.
 */
_Bool deliver_at_exception(struct thread *t);

/*
 * t has an exception at an address of the emulator: if it was touching the
 * program's memory, let it go on with that failing. False: it was not.
 */
_Bool deliver_copy_fault(struct thread *t);

/* Whether t's exception happened inside the emulator. */
_Bool deliver_in_emulator(struct thread *t);

#endif
