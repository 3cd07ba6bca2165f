/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console_mach -- the console terminal on the kernel's device "console".
 *
 * Locks: none held while the device is waited for.
 */
#ifndef BSD_TTY_CONSOLE_MACH_H
#define BSD_TTY_CONSOLE_MACH_H

#include <mach.h>
#include <stdbool.h>

/*
 * Open the device through the device master port and make the terminal on it
 * (console_init).  0 or an errno.
 */
int console_mach_init(mach_port_t device_master, bool raw_output);

#endif /* BSD_TTY_CONSOLE_MACH_H */
