/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kcounts -- what the kernel holds: live objects by kind.
 *
 * A Unix program that also speaks Mach: it asks the name service for the
 * host port, which only uid 0 gets, and prints one line per kind.
 * `kcounts -e` first lets what runs beside it come to rest (the shell that
 * started it may still be on its way into wait(), its request a message in a
 * queue), then has the kernel give back what it only caches, so that two runs
 * can be compared.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <mach.h>
#include <mach/portolan.h>
#include <portolan/bootstrap.h>
#include <portolan/portolan.h>

static const char *const names[PORTOLAN_COUNT_USED] = {
	[PORTOLAN_COUNT_TASKS] = "tasks",
	[PORTOLAN_COUNT_THREADS] = "threads",
	[PORTOLAN_COUNT_SPACES] = "spaces",
	[PORTOLAN_COUNT_PORTS] = "ports",
	[PORTOLAN_COUNT_PORT_SETS] = "port-sets",
	[PORTOLAN_COUNT_ENTRIES] = "entries",
	[PORTOLAN_COUNT_KMSGS] = "kmsgs",
	[PORTOLAN_COUNT_MAPS] = "maps",
	[PORTOLAN_COUNT_MAP_ENTRIES] = "map-entries",
	[PORTOLAN_COUNT_MAP_COPIES] = "map-copies",
	[PORTOLAN_COUNT_OBJECTS] = "objects",
	[PORTOLAN_COUNT_PAGES_MANAGED] = "pages-managed",
	[PORTOLAN_COUNT_PAGES_FREE] = "pages-free",
	[PORTOLAN_COUNT_PAGES_RESIDENT] = "pages-resident",
	[PORTOLAN_COUNT_PAGES_WIRED] = "pages-wired",
	[PORTOLAN_COUNT_PAGES_KERNEL] = "pages-kernel",
	[PORTOLAN_COUNT_PMAPS] = "pmaps",
	[PORTOLAN_COUNT_ACCOUNTS] = "accounts",
	[PORTOLAN_COUNT_DEVICES_OPEN] = "devices-open",
	[PORTOLAN_COUNT_KERNEL_STACKS] = "kernel-stacks",
};

static int
fail(const char *what, kern_return_t result)
{
	fprintf(stderr, "kcounts: %s: error %d (0x%x)\n", what, result, (unsigned)result);
	return 1;
}

int
main(int argc, char **argv)
{
	static const struct timespec settle = { .tv_nsec = 100 * 1000 * 1000 };
	mach_port_t bootstrap, host, devices;
	portolan_counts_data_t counts;
	mach_msg_type_number_t count = PORTOLAN_COUNT_MAX;
	kern_return_t result;

	mach_init();
	result = task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &bootstrap);
	if (result != KERN_SUCCESS)
		return fail("no bootstrap port", result);
	result = bootstrap_privileged_ports(bootstrap, &host, &devices);
	if (result != KERN_SUCCESS)
		return fail("no host port", result);
	if (argc > 1 && strcmp(argv[1], "-e") == 0) {
		nanosleep(&settle, NULL);
		result = host_caches_empty(host);
		if (result != KERN_SUCCESS)
			return fail("host_caches_empty", result);
	}
	result = host_kernel_counts(host, counts, &count);
	if (result != KERN_SUCCESS)
		return fail("host_kernel_counts", result);
	for (unsigned i = 0; i < count && i < PORTOLAN_COUNT_USED; i++)
		printf("%s %llu\n", names[i], (unsigned long long)counts[i]);
	return 0;
}
