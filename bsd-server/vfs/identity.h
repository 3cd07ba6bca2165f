/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * identity -- what /proc calls this system.  Must agree with what the
 * emulator answers to uname.
 */
#ifndef BSD_VFS_IDENTITY_H
#define BSD_VFS_IDENTITY_H

#define IDENTITY_SYSTEM  "Linux"
#define IDENTITY_RELEASE "6.1.0-portolan"
#define IDENTITY_VERSION "#1 Portolan BSD server"
#define IDENTITY_MACHINE "x86_64"

#endif /* BSD_VFS_IDENTITY_H */
