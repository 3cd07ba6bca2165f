/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * procfs -- processes and the system as files.
 *
 * Life:  a vnode is made at each lookup and goes with its last reference; it
 *        names its process by number, and once that is gone every use of the
 *        vnode gives ENOENT.
 * Locks: master lock; nothing sleeps.
 */
#ifndef BSD_FS_PROCFS_H
#define BSD_FS_PROCFS_H

#include <stdarg.h>
#include <stddef.h>

struct fs_type;
struct proc;

/* Type "proc" of mount. */
extern const struct fs_type procfs_type;

/* The content of a file being written; what does not fit is counted only. */
struct procfs_text {
	char *buffer;
	size_t size;
	size_t used; /* may exceed size */
};

void procfs_print(struct procfs_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void procfs_put(struct procfs_text *text, const char *bytes, size_t length);

/* fs/procfs_text.c: the contents; `subject` is NULL for system-wide files. */
void procfs_write_stat(struct procfs_text *text, struct proc *subject);
void procfs_write_statm(struct procfs_text *text, struct proc *subject);
void procfs_write_status(struct procfs_text *text, struct proc *subject);
void procfs_write_cmdline(struct procfs_text *text, struct proc *subject);
void procfs_write_comm(struct procfs_text *text, struct proc *subject);
void procfs_write_mounts(struct procfs_text *text, struct proc *subject);
void procfs_write_meminfo(struct procfs_text *text, struct proc *subject);
void procfs_write_uptime(struct procfs_text *text, struct proc *subject);
void procfs_write_version(struct procfs_text *text, struct proc *subject);
void procfs_write_loadavg(struct procfs_text *text, struct proc *subject);
void procfs_write_system_stat(struct procfs_text *text, struct proc *subject);
void procfs_write_cpuinfo(struct procfs_text *text, struct proc *subject);
void procfs_write_filesystems(struct procfs_text *text, struct proc *subject);
void procfs_write_hostname(struct procfs_text *text, struct proc *subject);
void procfs_write_osrelease(struct procfs_text *text, struct proc *subject);
void procfs_write_ostype(struct procfs_text *text, struct proc *subject);

#endif /* BSD_FS_PROCFS_H */
