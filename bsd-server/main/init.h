/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first process, and the end of the system.
 */
#ifndef MAIN_INIT_H
#define MAIN_INIT_H

#include <mach.h>
#include <stdbool.h>

struct proc;

struct init_options {
	mach_port_t host_port; /* privileged */
	mach_port_t device_port;
	bool script; /* run /etc/portolan/command, then power off */
	bool trace;  /* list every call */
};

/*
 * Fill the root and start the first program. Returns a text about what went
 * wrong, or null. Called with the master lock held, by the server's first
 * thread.
 */
const char *init_start(const struct init_options *given);

/* A process has ended; if it is the one the system lives for, so has this. */
void init_process_ended(struct proc *p);

/*
 * Process 1 got a signal: SIGUSR1 and SIGUSR2 power off, SIGTERM restarts, as
 * busybox halt, poweroff and reboot ask for; others mean nothing to it.
 */
void init_signal(int sig);

/* Write out what the console has and power off (or reset). */
void init_power_off(int status, bool restart);

mach_port_t init_host_port(void);
mach_port_t init_device_port(void);

#endif
