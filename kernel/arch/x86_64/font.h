/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * font -- a small dot-matrix font for frame buffers.
 */
#ifndef X86_64_FONT_H
#define X86_64_FONT_H

#include <stdint.h>

#define FONT_FIRST 0x20
#define FONT_LAST  0x7e
#define FONT_WIDTH 5

extern const uint8_t font_columns[FONT_LAST - FONT_FIRST + 1][FONT_WIDTH];

#endif
