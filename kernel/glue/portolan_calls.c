/* SPDX-License-Identifier: BSD-2-Clause */
/* portolan_calls -- portolan.defs about the host: transports, counts, exit. */
#include <arch/cpu.h>
#include <arch/power.h>
#include <core/host.h>
#include <core/host_counts.h>
#include <core/sched.h>
#include <core/task.h>
#include <core/thread.h>
#include <glue/portolan_server.h>
#include <ipc/mach_msg.h>
#include <kern/assert.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <mach/portolan.h>

kern_return_t
host_ipc_mode_set(struct host *host, int mode)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	if ((mode & ~PORTOLAN_IPC_ALL) != 0)
		return KERN_INVALID_ARGUMENT;
	ipc_transports_set((uint32_t)mode);
	return KERN_SUCCESS;
}

kern_return_t
host_ipc_mode_get(struct host *host, int *modep)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	*modep = (int)ipc_transports;
	return KERN_SUCCESS;
}

/* As many as the caller has room for. */
static void
counts_copy(portolan_counts_t out, mach_msg_type_number_t *countp, const uint64_t *counts,
    mach_msg_type_number_t used)
{
	if (*countp > used)
		*countp = used;
	memcpy(out, counts, *countp * sizeof(counts[0]));
}

kern_return_t
host_kernel_counts(struct host *host, portolan_counts_t out, mach_msg_type_number_t *countp)
{
	uint64_t counts[PORTOLAN_COUNT_USED];

	if (host == NULL)
		return KERN_INVALID_HOST;
	host_counts_read(counts);
	counts_copy(out, countp, counts, PORTOLAN_COUNT_USED);
	return KERN_SUCCESS;
}

_Static_assert(IPC_COUNT_COUNT <= PORTOLAN_COUNT_MAX, "room on the wire");

kern_return_t
host_ipc_statistics(struct host *host, portolan_counts_t out, mach_msg_type_number_t *countp)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	counts_copy(out, countp, ipc_counters, IPC_COUNT_COUNT);
	return KERN_SUCCESS;
}

/* Fills all PORTOLAN_TEXT_MAX bytes of `out`, which go on the wire. */
static void
text_copy(char *out, const char *text)
{
	size_t length = strlen(text);

	if (length > PORTOLAN_TEXT_MAX - 1)
		length = PORTOLAN_TEXT_MAX - 1;
	memset(out, 0, PORTOLAN_TEXT_MAX);
	memcpy(out, text, length);
}

kern_return_t
host_ipc_counter_text(struct host *host, int index, char *name, char *meaning)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	if (index < 0 || index >= IPC_COUNT_COUNT)
		return KERN_INVALID_ARGUMENT;
	text_copy(name, ipc_counter_name((enum ipc_counter)index));
	text_copy(meaning, ipc_counter_meaning((enum ipc_counter)index));
	return KERN_SUCCESS;
}

/* Every CPU's caches, by going there; then the slabs that became empty. */
kern_return_t
host_caches_empty(struct host *host)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	for (unsigned id = 0; id < cpu_count(); id++) {
		sched_errand((int)id);
		sched_stacks_empty();
		zone_caches_empty();
	}
	sched_errand(ON_NO_CPU);
	zone_caches_empty();
	return KERN_SUCCESS;
}

_Static_assert(PORTOLAN_CPU_ANY == ON_NO_CPU, "one value");

kern_return_t
thread_bind(struct host *host, struct thread *thread, int cpu)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	if (thread == NULL || thread->t_task == kernel_task)
		return KERN_INVALID_ARGUMENT;
	return sched_bind(thread, cpu) ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

kern_return_t
host_exit(struct host *host, int status)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	if (status < 0 || status > 255)
		return KERN_INVALID_ARGUMENT;
	kern_log("host exit, status %d", status);
	arch_power_off(status);
}
