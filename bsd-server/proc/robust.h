/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Robust mutexes of threads that others ended: who is killed cannot mark the
 * mutexes he holds, so it is done for him before his task goes.
 *
 * A thread that ends by itself marks them in the emulator. For the others a note
 * is kept with their space; when the space goes with notes, its task is not
 * terminated at once but handed to a thread that first walks the lists
 * (Linux' set_robust_list) with the task suspended. The program may have put
 * anything there, memory whose pager never answers too: the walk is cut short
 * after a while.
 *
 * Locks: the master lock.
 */
#ifndef PROC_ROBUST_H
#define PROC_ROBUST_H

#include <mach.h>
#include <stdbool.h>

struct list;
struct thread;

/* Start the thread. */
bool robust_start(void);

/* The thread is about to be ended by others. True: noted, its slot must stay as
 * it is; not without memory, and not if it ends by itself. */
bool robust_note(struct thread *t);

/* Take the notes and, if there are any, the task: true. */
bool robust_bury(mach_port_t task, struct list *notes);

#endif
