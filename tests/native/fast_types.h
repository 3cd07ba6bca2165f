/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAST_TYPES_H
#define FAST_TYPES_H

#include <stdint.h>

typedef int64_t int64;

typedef struct {
	int first;
	int second;
} pair_t;

typedef char text_t[64];
typedef const char *const_text_t;

#endif
