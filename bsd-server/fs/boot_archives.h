/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot_archives -- fill the file tree from the boot-module ram disks rd0, rd1,
 * ...: each one a newc archive, later ones over earlier ones.
 *
 * Locks: master lock (or before there are other threads).
 */
#ifndef BSD_FS_BOOT_ARCHIVES_H
#define BSD_FS_BOOT_ARCHIVES_H

#include <mach.h>

struct proc;

/* Longest message, with its NUL. */
#define BOOT_MESSAGE 200

/*
 * Unpack all of them with the rights of `proc`.  0; else an errno and in
 * `message` a sentence for the log: which disk, what is wrong.  ENODEV when
 * there is not even rd0.
 */
int boot_archives_unpack(mach_port_t device_master, struct proc *proc, char message[BOOT_MESSAGE]);

#endif /* BSD_FS_BOOT_ARCHIVES_H */
