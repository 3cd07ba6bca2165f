/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread_calls -- the routines of mach.defs and mach_host.defs about threads
 * that kernel code calls too. Semantics and errors: ABI sheet section 4.
 */
#ifndef CORE_THREAD_CALLS_H
#define CORE_THREAD_CALLS_H

#include <mach/boolean.h>
#include <mach/kern_return.h>

struct thread;

/* swtch_pri's and the least time slice, ABI sheet 4.7. */
#define THREAD_MINIMUM_QUANTUM_MS 30

kern_return_t thread_terminate(struct thread *thread);
kern_return_t thread_suspend(struct thread *thread);
kern_return_t thread_resume(struct thread *thread);
kern_return_t thread_depress_abort(struct thread *thread);
kern_return_t thread_priority(struct thread *thread, int priority, boolean_t set_max);

#endif
