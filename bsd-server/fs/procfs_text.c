/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of /proc say.  The formats are those that ps, top, free,
 * uptime and mount parse.
 */
#include <stdio.h>
#include <string.h>

#include "bsd/abi.h"
#include "file/cred.h"
#include "fs/procfs.h"
#include "vfs/fs_context.h"
#include "vfs/identity.h"
#include "vfs/mount.h"
#include "vfs/services.h"

#define NS_PER_TICK 10000000 /* clock ticks are 1/100 s */
#define PAGE_BYTES  4096

void
procfs_put(struct procfs_text *text, const char *bytes, size_t length)
{
	size_t room;

	if (text->used < text->size) {
		room = text->size - text->used;
		memcpy(text->buffer + text->used, bytes, length < room ? length : room);
	}
	text->used += length;
}

void
procfs_print(struct procfs_text *text, const char *format, ...)
{
	char line[512];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (length > 0)
		procfs_put(
		    text, line, (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1);
}

static unsigned long
ticks(uint64_t ns)
{
	return ns / NS_PER_TICK;
}

/* ---- one process ---------------------------------------------------------------- */

void
procfs_write_stat(struct procfs_text *text, struct proc *subject)
{
	struct proc_info i;

	proc_info_get(subject, &i);
	procfs_print(text, "%d (%.15s) %c %d %d %d %lu %d 0 %lu 0 0 0", i.pid, i.comm, i.state,
	    i.ppid, i.pgrp, i.session, (unsigned long)i.tty, i.tpgid, (unsigned long)i.faults);
	procfs_print(text, " %lu %lu %lu %lu %d %d %u 0 %lu %lu %lu", ticks(i.user_ns),
	    ticks(i.system_ns), ticks(i.children_user_ns), ticks(i.children_system_ns), 20 + i.nice,
	    i.nice, i.threads, ticks(i.start_ns), (unsigned long)i.vsize,
	    (unsigned long)(i.rss / PAGE_BYTES));
	/* limit of rss, addresses, then the rest up to field 52 */
	procfs_print(text, " 18446744073709551615 0 0 0 0 0 %lu %lu %lu %lu",
	    (unsigned long)i.pending, (unsigned long)i.blocked, (unsigned long)i.ignored,
	    (unsigned long)i.caught);
	procfs_print(text, " 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
}

void
procfs_write_statm(struct procfs_text *text, struct proc *subject)
{
	struct proc_info i;

	proc_info_get(subject, &i);
	procfs_print(text, "%lu %lu 0 0 0 0 0\n", (unsigned long)(i.vsize / PAGE_BYTES),
	    (unsigned long)(i.rss / PAGE_BYTES));
}

static const char *
state_name(char state)
{
	switch (state) {
	case 'R':
		return "R (running)";
	case 'T':
		return "T (stopped)";
	case 'Z':
		return "Z (zombie)";
	default:
		return "S (sleeping)";
	}
}

void
procfs_write_status(struct procfs_text *text, struct proc *subject)
{
	const struct cred *cred = proc_cred(subject);
	const struct fs_context *fs = proc_fs(subject);
	struct proc_info i;
	unsigned n;

	proc_info_get(subject, &i);
	procfs_print(text, "Name:\t%.15s\nUmask:\t%04o\nState:\t%s\n", i.comm,
	    fs != NULL ? fs->umask : 0, state_name(i.state));
	procfs_print(text, "Tgid:\t%d\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", i.pid, i.pid, i.ppid);
	procfs_print(text, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", cred->ruid, cred->euid,
	    cred->suid, cred->euid, cred->rgid, cred->egid, cred->sgid, cred->egid);
	procfs_print(text, "Groups:\t");
	for (n = 0; n < cred->group_count; n++)
		procfs_print(text, "%u ", cred->groups[n]);
	procfs_print(text, "\nVmSize:\t%8lu kB\nVmRSS:\t%8lu kB\n", (unsigned long)(i.vsize / 1024),
	    (unsigned long)(i.rss / 1024));
	procfs_print(text, "Threads:\t%u\nSigPnd:\t%016lx\nSigBlk:\t%016lx\n", i.threads,
	    (unsigned long)i.pending, (unsigned long)i.blocked);
	procfs_print(text, "SigIgn:\t%016lx\nSigCgt:\t%016lx\n", (unsigned long)i.ignored,
	    (unsigned long)i.caught);
}

void
procfs_write_cmdline(struct procfs_text *text, struct proc *subject)
{
	const char *arguments;
	size_t length;

	if (subject == NULL)
		return;
	arguments = proc_arguments(subject, &length);
	if (arguments != NULL)
		procfs_put(text, arguments, length);
}

void
procfs_write_comm(struct procfs_text *text, struct proc *subject)
{
	struct proc_info i;

	proc_info_get(subject, &i);
	procfs_print(text, "%.15s\n", i.comm);
}

/* ---- the system -------------------------------------------------------------------- */

/* Names in the table have blanks and the like as octal. */
static void
put_escaped(struct procfs_text *text, const char *name)
{
	for (; *name != '\0'; name++) {
		if (strchr(" \t\n\\", *name) != NULL)
			procfs_print(text, "\\%03o", (unsigned)*name);
		else
			procfs_put(text, name, 1);
	}
}

void
procfs_write_mounts(struct procfs_text *text, struct proc *subject)
{
	const struct mount *mount;

	for (mount = mount_next(NULL); mount != NULL; mount = mount_next(mount)) {
		put_escaped(text, mount->from);
		procfs_put(text, " ", 1);
		put_escaped(text, mount->path);
		procfs_print(text, " %s %s 0 0\n", mount->type->name,
		    mount->flags & MOUNT_READ_ONLY ? "ro" : "rw");
	}
}

void
procfs_write_meminfo(struct procfs_text *text, struct proc *subject)
{
	static const char *const zeros[] = {
		"Buffers",
		"Cached",
		"SwapCached",
		"Active",
		"Inactive",
		"SwapTotal",
		"SwapFree",
		"Dirty",
		"Shmem",
		"Slab",
	};
	uint64_t free_bytes, total;
	size_t n;

	bsd_memory(&free_bytes, &total);
	procfs_print(text, "MemTotal:       %8lu kB\n", (unsigned long)(total / 1024));
	procfs_print(text, "MemFree:        %8lu kB\n", (unsigned long)(free_bytes / 1024));
	procfs_print(text, "MemAvailable:   %8lu kB\n", (unsigned long)(free_bytes / 1024));
	for (n = 0; n < sizeof(zeros) / sizeof(zeros[0]); n++)
		procfs_print(text, "%s:%*s%8u kB\n", zeros[n], (int)(15 - strlen(zeros[n])), "", 0);
}

/* Nanoseconds as seconds with two digits behind the point. */
static void
put_seconds(struct procfs_text *text, uint64_t ns)
{
	procfs_print(text, "%lu.%02lu", (unsigned long)(ns / 1000000000),
	    (unsigned long)(ns / 10000000 % 100));
}

void
procfs_write_uptime(struct procfs_text *text, struct proc *subject)
{
	struct system_info s;

	system_info_get(&s);
	put_seconds(text, bsd_uptime());
	procfs_put(text, " ", 1);
	put_seconds(text, s.idle_ns);
	procfs_put(text, "\n", 1);
}

void
procfs_write_version(struct procfs_text *text, struct proc *subject)
{
	procfs_print(text, "%s version %s (%s) %s\n", IDENTITY_SYSTEM, IDENTITY_RELEASE,
	    IDENTITY_MACHINE, IDENTITY_VERSION);
}

void
procfs_write_loadavg(struct procfs_text *text, struct proc *subject)
{
	struct system_info s;
	unsigned n;

	system_info_get(&s);
	for (n = 0; n < 3; n++)
		procfs_print(text, "%u.%02u ", s.load[n] >> 16, (s.load[n] & 0xffff) * 100 >> 16);
	procfs_print(text, "%u/%u %lu\n", s.running, s.processes, (unsigned long)s.forks);
}

void
procfs_write_system_stat(struct procfs_text *text, struct proc *subject)
{
	uint64_t user = 0, system = 0;
	struct proc_info i;
	struct system_info s;
	struct proc *p;
	unsigned n;

	system_info_get(&s);
	for (p = proc_next(0); p != NULL; p = proc_next(i.pid)) {
		proc_info_get(p, &i);
		user += i.user_ns;
		system += i.system_ns;
	}
	procfs_print(
	    text, "cpu %lu 0 %lu %lu 0 0 0 0 0 0\n", ticks(user), ticks(system), ticks(s.idle_ns));
	for (n = 0; n < s.cpus; n++)
		procfs_print(text, "cpu%u %lu 0 %lu %lu 0 0 0 0 0 0\n", n, ticks(user / s.cpus),
		    ticks(system / s.cpus), ticks(s.idle_ns / s.cpus));
	procfs_print(text, "intr 0\nctxt 0\nbtime %ld\nprocesses %lu\n", (long)s.boot_time,
	    (unsigned long)s.forks);
	procfs_print(text, "procs_running %u\nprocs_blocked 0\n", s.running);
}

void
procfs_write_cpuinfo(struct procfs_text *text, struct proc *subject)
{
	struct system_info s;
	unsigned n;

	system_info_get(&s);
	for (n = 0; n < s.cpus; n++)
		procfs_print(text, "processor\t: %u\nmodel name\t: %s\n\n", n, IDENTITY_MACHINE);
}

void
procfs_write_filesystems(struct procfs_text *text, struct proc *subject)
{
	procfs_print(text, "nodev\ttmpfs\nnodev\tramfs\nnodev\tproc\n");
}

void
procfs_write_hostname(struct procfs_text *text, struct proc *subject)
{
	procfs_print(text, "%s\n", system_hostname());
}

void
procfs_write_osrelease(struct procfs_text *text, struct proc *subject)
{
	procfs_print(text, "%s\n", IDENTITY_RELEASE);
}

void
procfs_write_ostype(struct procfs_text *text, struct proc *subject)
{
	procfs_print(text, "%s\n", IDENTITY_SYSTEM);
}
