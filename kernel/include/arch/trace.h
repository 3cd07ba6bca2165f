/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace -- what the event ring (debug/ipc_trace.c) needs of the machine: a
 * clock, and a way out for its bytes. Locks: none.
 */
#ifndef ARCH_TRACE_H
#define ARCH_TRACE_H

#include <stddef.h>
#include <stdint.h>

/* Monotonic over all CPUs; under icount, guest instructions. */
static inline uint64_t
arch_trace_clock(void)
{
	return __builtin_ia32_rdtsc();
}

/* Bytes to the port of a QEMU -device isa-debugcon,iobase=0x504. */
void arch_trace_out(const void *bytes, size_t size);

#endif
