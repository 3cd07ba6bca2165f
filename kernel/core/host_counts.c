/* SPDX-License-Identifier: BSD-2-Clause */
/* host_counts -- see host_counts.h. */
#include <kern/string.h>
#include <kern/zalloc.h>

#include "host_counts.h"

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
		named->sum += atomic_load(&zone->live);
}

static uint64_t
count_source_read(const struct count_source *source)
{
	struct named_sum named = { source->zone_name, 0 };

	if (source->zone != NULL)
		return atomic_load(&source->zone->live);
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
