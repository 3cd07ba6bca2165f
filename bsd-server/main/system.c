/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The requests about the system as a whole: clocks, sleeping, names, power.
 */
#include <string.h>

#include "bsd_server.h"
#include "dev/dev.h"
#include "exec/image.h"
#include "file/cred.h"
#include "main/init.h"
#include "proc/proc.h"
#include "server/sync.h"
#include "vfs/services.h"

#define HOST_NAME_MAX 64

static char names[2][HOST_NAME_MAX + 1] = { "portolan", "(none)" };

const char *
system_hostname(void)
{
	return names[0];
}

static bool
caller_is_root(void)
{
	return cred_is_root(bsd_current_proc()->cred);
}

/* ---- clocks --------------------------------------------------------------------------- */

static int64_t
cpu_time(void)
{
	struct bsd_rusage usage;

	proc_usage(bsd_current_proc(), &usage);
	return usage.ru_utime + usage.ru_stime;
}

kern_return_t
serve_bsd_clock_get(mach_port_t port, int clock, int64_t *now)
{
	switch (clock) {
	case BSD_CLOCK_REALTIME:
		*now = clock_realtime();
		return 0;
	case BSD_CLOCK_MONOTONIC:
		*now = (int64_t)bsd_uptime();
		return 0;
	case BSD_CLOCK_PROCESS_CPU:
	case BSD_CLOCK_THREAD_CPU:
		*now = cpu_time();
		return 0;
	default:
		return EINVAL;
	}
}

kern_return_t
serve_bsd_clock_set(mach_port_t port, int64_t now)
{
	if (!caller_is_root())
		return EPERM;
	if (now < 0)
		return EINVAL;
	clock_set_realtime(now);
	return 0;
}

/* When a sleep is over, on the monotonic clock; at least 1. */
static uint64_t
sleep_deadline(int clock, bool absolute, int64_t time)
{
	int64_t deadline = time;

	if (!absolute)
		deadline += (int64_t)bsd_uptime();
	else if (clock == BSD_CLOCK_REALTIME)
		deadline += (int64_t)bsd_uptime() - clock_realtime();
	return deadline > 0 ? (uint64_t)deadline : 1;
}

kern_return_t
serve_bsd_sleep_for(
    mach_port_t port, int clock, int absolute, int64_t time, int *result, int64_t *left)
{
	uint64_t deadline;
	uint64_t now;
	int error;

	if (time < 0 || (clock != BSD_CLOCK_REALTIME && clock != BSD_CLOCK_MONOTONIC))
		return EINVAL;
	if (time > INT64_MAX / 2)
		time = INT64_MAX / 2;
	deadline = sleep_deadline(clock, absolute != 0, time);
	do
		error = bsd_sleep(&deadline, BSD_SLEEP_INTR, deadline);
	while (error == 0);
	now = bsd_uptime();
	*left = deadline > now ? (int64_t)(deadline - now) : 0;
	*result = error == ERESTART ? EINTR : 0;
	return 0;
}

/* ---- names ----------------------------------------------------------------------------- */

kern_return_t
serve_bsd_gethostname(mach_port_t port, int domain, bsd_names_t name, mach_msg_type_number_t *count)
{
	const char *text = names[domain != 0];

	*count = (mach_msg_type_number_t)strlen(text);
	memcpy(name, text, *count);
	return 0;
}

kern_return_t
serve_bsd_sethostname(mach_port_t port, int domain, const char *name)
{
	size_t size = strlen(name) + 1;

	if (!caller_is_root())
		return EPERM;
	if (size > HOST_NAME_MAX + 1)
		return EINVAL;
	memcpy(names[domain != 0], name, size);
	return 0;
}

/* ---- the machine ------------------------------------------------------------------------- */

kern_return_t
serve_bsd_sysinfo(mach_port_t port, bsd_sysinfo_t *info)
{
	*info = (struct bsd_sysinfo) {
		.si_uptime = (int64_t)bsd_uptime(),
		.si_procs = proc_count(),
		.si_cpus = bsd_cpu_count(),
	};
	bsd_memory(&info->si_freeram, &info->si_totalram);
	return 0;
}

kern_return_t
serve_bsd_reboot(mach_port_t port, int how, int status)
{
	if (!caller_is_root())
		return EPERM;
	if (how < BSD_REBOOT_POWEROFF || how > BSD_REBOOT_HALT)
		return EINVAL;
	init_power_off(status & 0xff, how == BSD_REBOOT_RESTART);
	return EIO;
}

kern_return_t
serve_bsd_random(mach_port_t port, int count, bsd_names_t data, mach_msg_type_number_t *got)
{
	if (count < 0)
		return EINVAL;
	*got = count < BSD_PATH_MAX ? (unsigned)count : BSD_PATH_MAX;
	random_bytes(data, *got);
	return 0;
}

kern_return_t
serve_bsd_flush_caches(mach_port_t port)
{
	if (!caller_is_root())
		return EPERM;
	image_flush();
	return 0;
}

/* ---- tracing ------------------------------------------------------------------------------- */

kern_return_t
serve_bsd_trace(mach_port_t port, int unknown, const char *name, int number, int64_t result)
{
	const struct thread *t = bsd_current_thread();

	if ((image_options() & BSD_OPTION_TRACE) != 0)
		bsd_log("[%d] %s: %s%.28s(%d) = %ld\n", t->tid, t->proc->comm,
		    unknown != 0 ? "unknown call " : "", name, number, (long)result);
	return MIG_NO_REPLY;
}
