/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The BSD server: arguments, start.
 */
#include <mach.h>
#include <portolan/portolan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bsd/abi.h"
#include "exec/image.h"
#include "main/init.h"
#include "main/service.h"
#include "proc/robust.h"
#include "proc/thread.h"
#include "server/sync.h"
#include "server/timer.h"

/* ---- arguments ---------------------------------------------------------------------- */

static mach_port_t
port_argument(const char *text)
{
	return (mach_port_t)strtoul(text, NULL, 10);
}

static bool
parse_argument(struct init_options *o, const char *word)
{
	if (strncmp(word, "--host-port=", 12) == 0)
		o->host_port = port_argument(word + 12);
	else if (strncmp(word, "--device-port=", 14) == 0)
		o->device_port = port_argument(word + 14);
	else if (strcmp(word, "--script") == 0)
		o->script = true;
	else if (strcmp(word, "--trace") == 0)
		o->trace = true;
	else if (strncmp(word, "--task=", 7) != 0) /* not needed */
		return false;
	return true;
}

static bool
parse_arguments(struct init_options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!parse_argument(o, argv[i])) {
			bsd_log("bsd-server: unknown argument %s\n", argv[i]);
			return false;
		}
	}
	if (o->host_port == MACH_PORT_NULL || o->device_port == MACH_PORT_NULL) {
		bsd_log("bsd-server: --host-port=N and --device-port=N are needed\n");
		return false;
	}
	return true;
}

/* ---- start ------------------------------------------------------------------------------ */

static const char *
start(const struct init_options *o)
{
	if (service_init() != KERN_SUCCESS)
		return "no ports";
	service_priority_init(o->host_port);
	thread_init();
	if (image_init(service_exception_port, o->trace ? BSD_OPTION_TRACE : 0) != KERN_SUCCESS)
		return "the emulator cannot be set up";
	if (!service_start() || !timer_start() || !robust_start())
		return "no threads";
	return init_start(o);
}

int
main(int argc, char **argv)
{
	struct init_options o = { 0 };
	const char *trouble;

	if (!parse_arguments(&o, argc, argv))
		return 2;
	bsd_lock();
	trouble = start(&o);
	if (trouble != NULL) {
		bsd_log("bsd-server: %s\n", trouble);
		bsd_unlock();
		(void)host_exit(o.host_port, 1);
		return 1;
	}
	for (;;)
		(void)bsd_sleep(&o, 0, 0);
}
