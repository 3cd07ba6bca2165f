/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the library asks of the processor's folder.
 */
#ifndef LIBMACH_MACHINE_H
#define LIBMACH_MACHINE_H

#include <mach/mach_types.h>

/* Let a new thread begin at `pc` with stack pointer `sp`, all else zero. */
kern_return_t mach_thread_set_entry(thread_t thread, vm_address_t pc, vm_address_t sp);

/*
 * First instruction of the library's threads: calls mach_thread_body with
 * the stack pointer it was started with.
 */
void mach_thread_trampoline(void);

/* exit_group of the Linux ABI, which the task's emulator answers. */
void mach_emulated_exit(int status);

#endif /* LIBMACH_MACHINE_H */
