/* SPDX-License-Identifier: BSD-2-Clause */
#include "host.h"

#include <stdlib.h>

void *bsd_alloc(size_t size);
void bsd_free(void *memory, size_t size);

unsigned host_fail_at;
int host_live;

void *
bsd_alloc(size_t size)
{
	if (host_fail_at > 0 && --host_fail_at == 0)
		return NULL;
	host_live++;
	return calloc(1, size);
}

void
bsd_free(void *memory, size_t size)
{
	if (memory != NULL)
		host_live--;
	free(memory);
}
