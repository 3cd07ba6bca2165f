/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipcstat -- which way messages went, and why not the short one.
 *
 *	ipcstat			what happened since the system started
 *	ipcstat COMMAND...	what happened while COMMAND ran (the whole system's)
 *	ipcstat --mode		which transports are allowed
 *	ipcstat --mode NAME	allow only these (uid 0): buffered, handoff,
 *				register, auto
 *	ipcstat --mode NAME COMMAND...
 *				while COMMAND runs, and what happened
 *
 * The kernel knows the counters and what they are called; this program only
 * asks. As a boot module it is given `--host-port=${host-port}`, and with
 * `--power-off` ends the run.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mach.h>
#include <mach/portolan.h>
#include <portolan/bootstrap.h>
#include <portolan/portolan.h>

struct counters {
	portolan_counts_data_t value;
	mach_msg_type_number_t count;
};

static const struct {
	const char *name;
	int mode;
} modes[] = {
	{ "buffered", PORTOLAN_IPC_BUFFERED },
	{ "handoff", PORTOLAN_IPC_HANDOFF },
	{ "register", PORTOLAN_IPC_REGISTER },
	{ "auto", PORTOLAN_IPC_ALL },
};

#define MODES (sizeof(modes) / sizeof(modes[0]))

static mach_port_t host_argument; /* from the boot script, or null */

static int
fail(const char *what, kern_return_t result)
{
	fprintf(stderr, "ipcstat: %s: error %d (0x%x)\n", what, result, (unsigned)result);
	return 1;
}

static mach_port_t
host_port(void)
{
	return host_argument != MACH_PORT_NULL ? host_argument : mach_host_self();
}

/* The port that may change things; null if the name service says no. */
static mach_port_t
host_priv_port(void)
{
	mach_port_t bootstrap, host, devices;

	if (host_argument != MACH_PORT_NULL)
		return host_argument;
	if (task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &bootstrap) !=
		KERN_SUCCESS ||
	    bootstrap_privileged_ports(bootstrap, &host, &devices) != KERN_SUCCESS)
		return MACH_PORT_NULL;
	return host;
}

static int
mode_show(void)
{
	int mode;
	kern_return_t result = host_ipc_mode_get(host_port(), &mode);

	if (result != KERN_SUCCESS)
		return fail("host_ipc_mode_get", result);
	for (size_t i = 0; i < MODES; i++) {
		if (modes[i].mode == mode)
			puts(modes[i].name);
	}
	return 0;
}

/* The mode called so, or -1. */
static int
mode_find(const char *name)
{
	for (size_t i = 0; i < MODES; i++) {
		if (strcmp(name, modes[i].name) == 0)
			return modes[i].mode;
	}
	fprintf(stderr, "ipcstat: --mode %s: buffered, handoff, register or auto\n", name);
	return -1;
}

static int
mode_set(int mode)
{
	mach_port_t host = host_priv_port();
	kern_return_t result;

	if (host == MACH_PORT_NULL)
		return fail("the mode is for uid 0", KERN_NO_ACCESS);
	result = host_ipc_mode_set(host, mode);
	return result == KERN_SUCCESS ? 0 : fail("host_ipc_mode_set", result);
}

static kern_return_t
counters_read(struct counters *counters)
{
	counters->count = PORTOLAN_COUNT_MAX;
	return host_ipc_statistics(host_port(), counters->value, &counters->count);
}

/* Run the command and wait; its wait status, or -1. */
static int
command_run(char **argv)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		execvp(argv[0], argv);
		fprintf(stderr, "ipcstat: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child) {
		fprintf(stderr, "ipcstat: %s: %s\n", argv[0], strerror(errno));
		return -1;
	}
	return status;
}

/* NAME value  meaning; those that stand at 0 are left out. */
static int
counters_print(const struct counters *now, const struct counters *before)
{
	for (unsigned i = 0; i < now->count; i++) {
		uint64_t value = now->value[i] - before->value[i];
		portolan_text_t name, meaning;
		kern_return_t result;

		if (value == 0)
			continue;
		result = host_ipc_counter_text(host_port(), (int)i, name, meaning);
		if (result != KERN_SUCCESS)
			return fail("host_ipc_counter_text", result);
		printf("%-20s %12llu  %s\n", name, (unsigned long long)value, meaning);
	}
	return 0;
}

static int
statistics(char **command)
{
	static struct counters before, now;
	kern_return_t result;
	int status = 0;

	if (command[0] != NULL) {
		result = counters_read(&before);
		if (result != KERN_SUCCESS)
			return fail("host_ipc_statistics", result);
		status = command_run(command);
		if (status < 0)
			return 1;
	}
	result = counters_read(&now);
	if (result != KERN_SUCCESS)
		return fail("host_ipc_statistics", result);
	if (counters_print(&now, &before) != 0)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What follows --mode. */
static int
mode_words(char **words)
{
	kern_return_t result;
	int mode, old, status;

	if (words[0] == NULL)
		return mode_show();
	mode = mode_find(words[0]);
	if (mode < 0)
		return 2;
	result = host_ipc_mode_get(host_port(), &old);
	if (result != KERN_SUCCESS)
		return fail("host_ipc_mode_get", result);
	status = mode_set(mode);
	if (status != 0 || words[1] == NULL)
		return status;
	status = statistics(words + 1);
	return mode_set(old) != 0 ? 1 : status;
}

static int
usage(void)
{
	fputs("usage: ipcstat [COMMAND...]\n"
	      "       ipcstat --mode [buffered|handoff|register|auto [COMMAND...]]\n",
	    stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	static const char host_option[] = "--host-port=";
	int power_off = 0, at = 1, status;

	mach_init();
	for (; at < argc; at++) {
		if (strncmp(argv[at], host_option, sizeof(host_option) - 1) == 0)
			host_argument =
			    (mach_port_t)strtoul(argv[at] + sizeof(host_option) - 1, NULL, 10);
		else if (strcmp(argv[at], "--power-off") == 0)
			power_off = 1;
		else
			break;
	}
	if (at < argc && strcmp(argv[at], "--mode") == 0)
		status = mode_words(argv + at + 1);
	else if (at < argc && argv[at][0] == '-')
		status = usage();
	else
		status = statistics(argv + at);
	(void)fflush(stdout);
	if (power_off)
		host_exit(host_argument, status);
	return status;
}
