/* SPDX-License-Identifier: BSD-2-Clause */
/* check -- what the guest's test programs count: conditions that do not hold. */
#ifndef GUEST_CHECK_H
#define GUEST_CHECK_H

#include <errno.h>
#include <stdio.h>

static int failures;

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("line %d: %s (errno %d)\n", __LINE__, #condition, errno);           \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

#endif
