/* SPDX-License-Identifier: BSD-2-Clause */
/* A task that begins with a copy of our memory, at a function of ours. */
#ifndef SPAWN_H
#define SPAWN_H

#include <mach.h>

/* Without a thread, so that its ports can be set up first. */
kern_return_t spawn_task(mach_port_t *taskp);

/*
 * Let a fresh thread call entry() on the stack of `size` bytes at `stack`;
 * entry must not return. It calls mach_init() before anything else: the names
 * in the copied memory are not its own.
 */
kern_return_t spawn_begin(mach_port_t thread, void (*entry)(void), void *stack, size_t size);

/* End everything: of a boot module the run, of any other program the task. */
_Noreturn void spawn_exit(int argc, char **argv, int status);

#endif /* SPAWN_H */
