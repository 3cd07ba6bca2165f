/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * counts -- that nothing is left behind: the kernel's objects before and after,
 * for test programs over libmach.
 *
 * Take the counts when all is quiet (counts_settle), do what is to be tested,
 * wait for them to come back (counts_return), and say what did not
 * (counts_tell). What ends, ends in its own time, so both wait.
 */
#ifndef COUNTS_H
#define COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include <mach.h>
#include <mach/portolan.h>
#include <mach/thread_switch.h>
#include <portolan/portolan.h>

#define COUNTS_TURNS 100
#define COUNTS_MS    20

struct counts_row {
	enum portolan_count index;
	const char *name;
	unsigned int slack; /* how many more are no leak */
};

/* Of messages and rights; so many ports and their names may be kept for reuse. */
#define COUNTS_IPC_KEPT(kept)                                                                      \
	{ PORTOLAN_COUNT_TASKS, "tasks", 0 }, { PORTOLAN_COUNT_THREADS, "threads", 0 },            \
	    { PORTOLAN_COUNT_SPACES, "spaces", 0 }, { PORTOLAN_COUNT_PORTS, "ports", (kept) },     \
	    { PORTOLAN_COUNT_PORT_SETS, "port sets", 0 },                                          \
	    { PORTOLAN_COUNT_ENTRIES, "names", (kept) },                                           \
	{                                                                                          \
		PORTOLAN_COUNT_KMSGS, "messages", 0                                                \
	}

#define COUNTS_IPC COUNTS_IPC_KEPT(0)

/* Of memory; entries and objects, which merge and split, apart. */
#define COUNTS_VM                                                                                  \
	{ PORTOLAN_COUNT_MAPS, "maps", 0 }, { PORTOLAN_COUNT_MAP_COPIES, "map copies", 0 },        \
	    { PORTOLAN_COUNT_PMAPS, "pmaps", 0 },                                                  \
	{                                                                                          \
		PORTOLAN_COUNT_ACCOUNTS, "accounts", 0                                             \
	}

/* With caches emptied if `host_priv` is no null. */
static inline bool
counts_take(mach_port_t host_priv, portolan_counts_t counts)
{
	mach_msg_type_number_t count = PORTOLAN_COUNT_MAX;

	if (host_priv != MACH_PORT_NULL && host_caches_empty(host_priv) != KERN_SUCCESS)
		return false;
	return host_kernel_counts(mach_host_self(), counts, &count) == KERN_SUCCESS;
}

static inline void
counts_rest(void)
{
	(void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, COUNTS_MS);
}

/* Counts of these kinds that stand still. */
static inline bool
counts_settle(mach_port_t host_priv, portolan_counts_t counts, const struct counts_row *rows,
    unsigned int row_count)
{
	portolan_counts_data_t again;
	bool moved = true;

	for (unsigned int turn = 0; moved && turn < COUNTS_TURNS; turn++) {
		if (!counts_take(host_priv, counts))
			return false;
		counts_rest();
		if (!counts_take(host_priv, again))
			return false;
		moved = false;
		for (unsigned int i = 0; i < row_count; i++)
			moved |= counts[rows[i].index] != again[rows[i].index];
	}
	return !moved;
}

static inline bool
counts_left(
    const struct counts_row *row, const_portolan_counts_t before, const_portolan_counts_t after)
{
	return after[row->index] > before[row->index] + row->slack;
}

/* Wait until no more than before is there; *after is what there was last. */
static inline bool
counts_return(mach_port_t host_priv, const_portolan_counts_t before, portolan_counts_t after,
    const struct counts_row *rows, unsigned int row_count)
{
	bool more = true;

	for (unsigned int turn = 0; more && turn < COUNTS_TURNS; turn++) {
		if (turn != 0)
			counts_rest();
		if (!counts_take(host_priv, after))
			return false;
		more = false;
		for (unsigned int i = 0; i < row_count; i++)
			more |= counts_left(&rows[i], before, after);
	}
	return !more;
}

static inline void
counts_tell(const_portolan_counts_t before, const_portolan_counts_t after,
    const struct counts_row *rows, unsigned int row_count)
{
	for (unsigned int i = 0; i < row_count; i++)
		if (counts_left(&rows[i], before, after))
			mach_printf("     %s: %lu -> %lu\n", rows[i].name,
			    (unsigned long)before[rows[i].index],
			    (unsigned long)after[rows[i].index]);
}

/* The kernel's counter of messages of that name (ipcstat); ~0: there is none. */
static inline uint64_t
counts_ipc(const char *name)
{
	portolan_counts_data_t counts;
	mach_msg_type_number_t count = PORTOLAN_COUNT_MAX;
	portolan_text_t text, meaning;

	if (host_ipc_statistics(mach_host_self(), counts, &count) != KERN_SUCCESS)
		return ~0ul;
	for (unsigned int i = 0; i < count; i++) {
		const char *a = name, *b = text;

		if (host_ipc_counter_text(mach_host_self(), (int)i, text, meaning) != KERN_SUCCESS)
			continue;
		while (*a != '\0' && *a == *b)
			a++, b++;
		if (*a == *b)
			return counts[i];
	}
	return ~0ul;
}

#endif
