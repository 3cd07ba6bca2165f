/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_out -- see arch/trace.h; built with the option ipc_trace only. */
#include <arch/trace.h>

#include "machine.h"

#define TRACE_PORT 0x504

void
arch_trace_out(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < size; i++)
		x86_out8(TRACE_PORT, at[i]);
}
