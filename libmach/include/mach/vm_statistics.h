/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System-wide memory counters (ABI sheet 5.8).
 */
#ifndef MACH_VM_STATISTICS_H
#define MACH_VM_STATISTICS_H

#include <mach/machine/vm_types.h>
#include <stddef.h>

struct vm_statistics {
	integer_t pagesize;        /* page size in bytes */
	integer_t free_count;      /* pages free */
	integer_t active_count;    /* pages active */
	integer_t inactive_count;  /* pages inactive */
	integer_t wire_count;      /* pages wired down */
	integer_t zero_fill_count; /* zero-fill faults */
	integer_t reactivations;   /* inactive pages used again */
	integer_t pageins;
	integer_t pageouts;
	integer_t faults;
	integer_t cow_faults; /* copy-on-write faults */
	integer_t lookups;    /* object cache lookups */
	integer_t hits;       /* object cache hits */
};

typedef struct vm_statistics *vm_statistics_t;
typedef struct vm_statistics vm_statistics_data_t;

struct pmap_statistics {
	integer_t resident_count; /* pages mapped */
	integer_t wired_count;    /* pages wired */
};

typedef struct pmap_statistics *pmap_statistics_t;

_Static_assert(sizeof(struct vm_statistics) == 52, "13 words");
_Static_assert(offsetof(struct vm_statistics, wire_count) == 16, "layout");
_Static_assert(offsetof(struct vm_statistics, faults) == 36, "layout");
_Static_assert(offsetof(struct vm_statistics, hits) == 48, "layout");

#endif /* MACH_VM_STATISTICS_H */
