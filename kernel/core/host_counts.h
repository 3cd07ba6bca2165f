/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host_counts -- how many kernel objects exist, for host_kernel_counts.
 *
 * A module registers, once at start, the zone or the function that knows the
 * figure of its row. Rows nobody registered read 0.
 */
#ifndef CORE_HOST_COUNTS_H
#define CORE_HOST_COUNTS_H

#include <stdint.h>

#include <mach/portolan.h>

struct zone;

/* The row is the zone's live elements. */
void host_count_zone(enum portolan_count row, const struct zone *zone);
/* The row is the sum of all zones with this name (of a module that keeps its
 * zones to itself). */
void host_count_zone_named(enum portolan_count row, const char *name);
/* The row is what `read` returns. */
void host_count_function(enum portolan_count row, uint64_t (*read)(void));

/* Register the rows whose modules do not do it themselves. */
void host_counts_init(void);

/* Fill counts[0 .. PORTOLAN_COUNT_USED). */
void host_counts_read(uint64_t *counts);

#endif
