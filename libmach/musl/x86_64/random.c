/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers: RDRAND where the processor has it; else the time stamp
 * counter, stirred, which is no secret.
 */
#include <cpuid.h>

#include "../handler.h"

#define RDRAND_TRIES 10

static uint64_t stirred;

static int
cpu_has_rdrand(void)
{
	unsigned int eax, ebx, ecx, edx;

	return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_RDRND);
}

static int
rdrand(uint64_t *value)
{
	unsigned char ok;

	for (int i = 0; i < RDRAND_TRIES; i++) {
		__asm__ volatile("rdrand %0; setc %1" : "=r"(*value), "=qm"(ok) : : "cc");
		if (ok)
			return 1;
	}
	return 0;
}

static uint64_t
rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return ((uint64_t)high << 32) | low;
}

/* The finalizer of splitmix64 over a counter stepped by the clock. */
static uint64_t
stir(void)
{
	uint64_t x;

	x = __atomic_add_fetch(&stirred, rdtsc() | 1, __ATOMIC_RELAXED);
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9UL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebUL;
	return x ^ (x >> 31);
}

uint64_t
handler_random(void)
{
	uint64_t value;

	return cpu_has_rdrand() && rdrand(&value) ? value : stir();
}
