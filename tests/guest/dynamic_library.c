/* SPDX-License-Identifier: BSD-2-Clause */
/* dynamic_library -- a shared library for dynamic.c: data, TLS, a constructor. */

int library_bump(void);
int late_double(int value);

int library_loaded;
static __thread int counter = 5;
static int *volatile pointer = &library_loaded; /* a relocation */
static char zeroes[70000];

__attribute__((constructor)) static void
loading(void)
{
	*pointer += 1 + zeroes[sizeof(zeroes) - 1];
}

int
library_bump(void)
{
	return ++counter;
}

int
late_double(int value)
{
	return 2 * value;
}
