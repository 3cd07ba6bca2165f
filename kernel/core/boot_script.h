/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot_script -- the module lines of the boot loader as a program (ABI sheet
 * section 10): create the first tasks, give them their ports, start them.
 */
#ifndef CORE_BOOT_SCRIPT_H
#define CORE_BOOT_SCRIPT_H

/* Run every line; a thread of the kernel's. Panics with a message that names
 * the line when one is wrong. */
void boot_script_run(void);

#endif
