/* SPDX-License-Identifier: BSD-2-Clause */
/* mapped_time -- see mapped_time.h. */
#include <stdatomic.h>

#include <kern/assert.h>
#include <kern/clock.h>
#include <kern/physmem.h>
#include <kern/string.h>
#include <mach/time_value.h>

#include "mapped_time.h"

#define NS_PER_SECOND 1000000000ul

static volatile struct mapped_time_value *mapped_time;
static uint64_t mapped_time_address;

void
mapped_time_init(void)
{
	if (!phys_alloc(0, &mapped_time_address))
		panic("too little memory for the clock page");
	memset(phys_to_virt(mapped_time_address), 0, PHYS_PAGE_SIZE);
	mapped_time = phys_to_virt(mapped_time_address);
}

uint64_t
mapped_time_page(void)
{
	return mapped_time_address;
}

/* The check fields first, the seconds last: a reader that sees both equal saw
 * one time. x86 keeps the order of stores; the fences keep the compiler's. */
void
mapped_time_update(void)
{
	uint64_t wall = clock_wall_ns();
	uint64_t up = clock_uptime_ns();

	if (mapped_time == NULL)
		return;
	mapped_time->check_seconds = (integer_t)(wall / NS_PER_SECOND);
	mapped_time->check_seconds64 = (int64_t)(wall / NS_PER_SECOND);
	mapped_time->check_upseconds64 = (int64_t)(up / NS_PER_SECOND);
	atomic_thread_fence(memory_order_release);
	mapped_time->microseconds = (integer_t)(wall % NS_PER_SECOND / 1000);
	mapped_time->time_value.nanoseconds = (int64_t)(wall % NS_PER_SECOND);
	mapped_time->uptime_value.nanoseconds = (int64_t)(up % NS_PER_SECOND);
	atomic_thread_fence(memory_order_release);
	mapped_time->seconds = (integer_t)(wall / NS_PER_SECOND);
	mapped_time->time_value.seconds = (int64_t)(wall / NS_PER_SECOND);
	mapped_time->uptime_value.seconds = (int64_t)(up / NS_PER_SECOND);
}
