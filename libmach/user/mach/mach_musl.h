/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Native programs on musl: what the in-task handler can be told. The handler
 * answers the system calls libc makes for itself: memory, threads, futexes,
 * clocks, console output, the end. All others fail with ENOSYS.
 */
#ifndef MACH_MACH_MUSL_H
#define MACH_MACH_MUSL_H

#include <mach/port.h>

/*
 * A device, opened for reading, that descriptor 0 reads from. Null, the
 * initial value: end of file. Descriptors 1 and 2 print on the kernel's console.
 */
extern mach_port_t mach_musl_input;

/*
 * Called with the status before the task ends by exit_group, on the
 * handler's stack: it must use neither libc nor thread-local storage.
 */
extern void (*mach_musl_exit_hook)(int status);

#endif /* MACH_MACH_MUSL_H */
