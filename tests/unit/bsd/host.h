/* SPDX-License-Identifier: BSD-2-Clause */
/* What the pure parts of the server stand on, hosted. */
#ifndef TEST_BSD_HOST_H
#define TEST_BSD_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The k-th allocation from now fails (1 = the next); 0 = none. */
extern unsigned host_fail_at;

/* Allocations that were not freed. */
extern int host_live;

#endif
