/* SPDX-License-Identifier: BSD-2-Clause */
/* Typed server stubs ask for no memory: results travel inside the reply. */
#include <stdlib.h>

#include "reply_types.h"

static unsigned live;

kern_return_t
mig_deallocate(vm_address_t addr, vm_size_t size)
{
	(void)size;
	free((void *)addr);
	live--;
	return KERN_SUCCESS;
}

void *
reply_memory_received(void)
{
	live++;
	return malloc(64);
}

unsigned
reply_memory_live(void)
{
	return live;
}

bool
reply_memory_fail(unsigned nth)
{
	(void)nth;
	return false;
}
