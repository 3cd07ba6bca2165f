/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads and spaces of Unix processes as kernel objects (see server/proc.h
 * for their life).
 *
 * A thread is found by its handle, an index with a generation, which is the
 * payload of its process port; by its kernel thread port (exceptions); and by
 * its id.
 *
 * Locks: the master lock.
 */
#ifndef PROC_THREAD_H
#define PROC_THREAD_H

#include <mach.h>
#include <stdbool.h>
#include <stdint.h>

struct proc;
struct space;
struct thread;

/* Prepare the tables. */
void thread_init(void);

struct thread *thread_by_handle(uint64_t handle);

/*
 * A thread of p with id `tid`, in slot `slot` of the space (a reference on
 * which is taken): its process port is made and put into the task. No kernel
 * thread yet. Null: no memory or kernel objects.
 */
struct thread *thread_create_in(struct proc *p, struct space *space, uint32_t slot, int32_t tid);

/* Make the kernel thread and let it go at the emulator's start. */
kern_return_t thread_start(struct thread *t);

/*
 * Take a thread off its process: its ports and its place in the space go; the
 * kernel thread ends unless its task did. The structure stays until its last
 * reference.
 */
void thread_destroy(struct thread *t);

/* The only thread left gets the process's own number. */
void thread_become_leader(struct thread *t);

/* Put t, whose old place is given up, into another space. */
kern_return_t thread_move(struct thread *t, struct space *space);

/* ---- spaces ------------------------------------------------------------------ */

/*
 * A task with a copy of the memory of `source`, counted against the server:
 * tasks of programs may create none (design D2).
 */
kern_return_t space_task_create(mach_port_t source, mach_port_t *task);

/* A space whose task copies the memory of `parent`. Null: none to be had. */
struct space *space_create(mach_port_t source);
/* A space with this task, which is ended when that fails. */
struct space *space_adopt(mach_port_t task);
void space_reference(struct space *space);
void space_release(struct space *space);

/*
 * Take a free slot and give it memory; false when there is none, or when the
 * caller ended meanwhile: the master lock is given up for it.
 */
bool space_slot_take(struct space *space, uint32_t *slotp);
void space_slot_give(struct space *space, uint32_t slot);

/* Slot `slot` is there already: copied with the memory. */
void space_slot_claim(struct space *space, uint32_t slot);

#endif
