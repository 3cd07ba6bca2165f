/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hosted user memory: registered ranges of the process's own. See
 * host/host.h. In a file of its own so that a test may bring another.
 */
#include <host/host.h>

#include <string.h>

#include <kern/assert.h>
#include <kern/copyio.h>

#include "host_private.h"

#define RANGES 64

static struct {
	uint64_t start;
	uint64_t end;
	int rights;
} ranges[RANGES];
static unsigned range_count;

bool (*host_user_fault)(uint64_t address);

void
host_user_clear(void)
{
	range_count = 0;
	host_user_fault = NULL;
}

void
host_user_remove(const void *memory)
{
	unsigned i;

	for (i = 0; i < range_count; i++)
		if (ranges[i].start == (uint64_t)(uintptr_t)memory)
			break;
	if (i == range_count)
		panic("host_user_remove: not there");
	ranges[i] = ranges[--range_count];
}

void
host_user_add(const void *memory, size_t size, int rights)
{
	uint64_t start = (uint64_t)(uintptr_t)memory;
	unsigned i;

	for (i = 0; i < range_count; i++)
		if (ranges[i].start == start)
			break;
	if (i == RANGES)
		panic("host_user_add: too many");
	ranges[i].start = start;
	ranges[i].end = start + size;
	ranges[i].rights = rights;
	if (i == range_count)
		range_count++;
}

/* How many bytes from `address` on may be used so. */
static size_t
usable(uint64_t address, int rights)
{
	unsigned i;

	for (i = 0; i < range_count; i++)
		if (address >= ranges[i].start && address < ranges[i].end &&
		    (ranges[i].rights & rights) == rights)
			return ranges[i].end - address;
	return 0;
}

bool
host_user_check(uint64_t address, size_t size, int rights)
{
	size_t run;

	for (; size != 0; address += run, size -= run) {
		run = usable(address, rights);
		if (run == 0)
			return false;
		if (run > size)
			run = size;
	}
	return true;
}

/* The same, after a fault has been served if there must be one. */
static size_t
usable_now(uint64_t address, int rights)
{
	size_t run = usable(address, rights);

	if (run == 0 || host_user_fault == NULL || usable(address, HOST_RESIDENT) != 0)
		return run;
	/* Much may have happened meanwhile. */
	return host_user_fault(address) ? usable(address, rights) : 0;
}

/* As much as can be, then stop: what was moved stays moved. */
static bool
move(char *user, char *kernel, size_t size, int rights)
{
	size_t run;

	for (; size != 0; user += run, kernel += run, size -= run) {
		run = usable_now((uint64_t)(uintptr_t)user, rights);
		if (run == 0)
			return false;
		if (run > size)
			run = size;
		if (rights & HOST_WRITE)
			memcpy(user, kernel, run);
		else
			memcpy(kernel, user, run);
	}
	return true;
}

static char *
user_pointer(uint64_t user)
{
	return (char *)(uintptr_t)user;
}

bool
copyin(uint64_t user, void *to, size_t size)
{
	host_check_no_spin_locks("copyin");
	return move(user_pointer(user), to, size, HOST_READ);
}

bool
copyout(const void *from, uint64_t user, size_t size)
{
	host_check_no_spin_locks("copyout");
	return move(user_pointer(user), (char *)(uintptr_t)from, size, HOST_WRITE);
}

bool
copyin_resident(uint64_t user, void *to, size_t size)
{
	return host_user_check(user, size, HOST_READ | HOST_RESIDENT) &&
	    move(user_pointer(user), to, size, HOST_READ);
}

bool
copyout_resident(const void *from, uint64_t user, size_t size)
{
	return host_user_check(user, size, HOST_WRITE | HOST_RESIDENT) &&
	    move(user_pointer(user), (char *)(uintptr_t)from, size, HOST_WRITE);
}

bool
copyin_string(uint64_t user, char *to, size_t size, size_t *lengthp)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (!copyin(user + i, &to[i], 1))
			return false;
		if (to[i] == '\0') {
			*lengthp = i;
			return true;
		}
	}
	return false;
}
