/* SPDX-License-Identifier: BSD-2-Clause */
/* io_perm -- ranges of I/O ports a task may use (ABI sheet 9.7). */
#ifndef GLUE_IO_PERM_H
#define GLUE_IO_PERM_H

/* No object exists: user drivers are not supported yet and
 * i386_io_perm_create answers KERN_FAILURE. */
struct io_perm;

#endif
