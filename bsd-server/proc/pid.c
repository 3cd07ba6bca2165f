/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/pid.h"

#define PID_LIMIT 32768

static uint8_t holders[PID_LIMIT];
static int32_t last;
static unsigned taken;

static int32_t
following(int32_t pid)
{
	return pid + 1 < PID_LIMIT ? pid + 1 : 1;
}

int32_t
pid_allocate(void)
{
	int32_t pid = last;

	if (taken == PID_LIMIT - 1)
		return 0;
	do
		pid = following(pid);
	while (holders[pid] != 0);
	holders[pid] = 1;
	taken++;
	last = pid;
	return pid;
}

void
pid_hold(int32_t pid)
{
	holders[pid]++;
}

void
pid_release(int32_t pid)
{
	if (--holders[pid] == 0)
		taken--;
}

unsigned
pid_count(void)
{
	return taken;
}
