/* SPDX-License-Identifier: BSD-2-Clause */
/* host_counts -- see host_counts.h. */
#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>
#include <kern/physmem.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <vm/vm_page.h>

#include "host_counts.h"
#include "sched.h"
#include "zalloc.h"

struct count_source {
	const struct zone *zone;
	const char *zone_name;
	uint64_t (*read)(void);
};

static struct count_source count_sources[PORTOLAN_COUNT_USED];

struct named_sum {
	const char *name;
	uint64_t sum;
};

void
host_count_zone(enum portolan_count row, const struct zone *zone)
{
	count_sources[row].zone = zone;
}

void
host_count_zone_named(enum portolan_count row, const char *name)
{
	count_sources[row].zone_name = name;
}

void
host_count_function(enum portolan_count row, uint64_t (*read)(void))
{
	count_sources[row].read = read;
}

static void
named_sum_add(const struct zone *zone, void *arg)
{
	struct named_sum *named = arg;

	if (strcmp(zone->name, named->name) == 0)
		named->sum += zone_live(zone);
}

static uint64_t
count_source_read(const struct count_source *source)
{
	struct named_sum named = { source->zone_name, 0 };

	if (source->zone != NULL)
		return zone_live(source->zone);
	if (source->read != NULL)
		return source->read();
	if (source->zone_name != NULL)
		zone_for_each(named_sum_add, &named);
	return named.sum;
}

void
host_counts_read(uint64_t *counts)
{
	for (unsigned row = 0; row < PORTOLAN_COUNT_USED; row++)
		counts[row] = count_source_read(&count_sources[row]);
}

/* -- Rows of modules that keep their figures to themselves ----------------------- */

static uint64_t
pages_resident(void)
{
	struct vm_statistics statistics;

	vm_page_statistics(&statistics);
	return (uint64_t)statistics.active_count + (uint64_t)statistics.inactive_count +
	    (uint64_t)statistics.wire_count;
}

static uint64_t
pages_wired(void)
{
	struct vm_statistics statistics;

	vm_page_statistics(&statistics);
	return (uint64_t)statistics.wire_count;
}

void
host_counts_init(void)
{
	host_count_function(PORTOLAN_COUNT_SPACES, ipc_space_count);
	host_count_function(PORTOLAN_COUNT_PORTS, ipc_port_count);
	host_count_function(PORTOLAN_COUNT_PORT_SETS, ipc_pset_count);
	host_count_function(PORTOLAN_COUNT_ENTRIES, ipc_space_names_total);
	host_count_function(PORTOLAN_COUNT_KMSGS, ipc_kmsg_count);
	host_count_zone_named(PORTOLAN_COUNT_MAPS, "vm maps");
	host_count_zone_named(PORTOLAN_COUNT_MAP_ENTRIES, "vm map entries");
	host_count_zone_named(PORTOLAN_COUNT_MAP_COPIES, "vm map copies");
	host_count_zone_named(PORTOLAN_COUNT_OBJECTS, "vm objects");
	host_count_function(PORTOLAN_COUNT_PAGES_MANAGED, phys_pages_total);
	host_count_function(PORTOLAN_COUNT_PAGES_FREE, phys_pages_free);
	host_count_function(PORTOLAN_COUNT_PAGES_RESIDENT, pages_resident);
	host_count_function(PORTOLAN_COUNT_PAGES_WIRED, pages_wired);
	host_count_function(PORTOLAN_COUNT_PAGES_KERNEL, zone_pages_held);
	host_count_zone_named(PORTOLAN_COUNT_PMAPS, "pmaps");
	host_count_function(PORTOLAN_COUNT_KERNEL_STACKS, sched_stack_count);
}
