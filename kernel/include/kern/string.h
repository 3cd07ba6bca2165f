/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * string -- the few functions of <string.h> and <stdio.h> the kernel has.
 * Hosted builds get the C library's.
 */
#ifndef KERN_STRING_H
#define KERN_STRING_H

#include <stdarg.h>
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t size);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);
char *strchr(const char *s, int c);
int snprintf(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char *to, size_t size, const char *format, va_list args);

#if !__STDC_HOSTED__
/* Short ones of known size are a few moves: -ffreestanding takes from compilers
 * the knowledge of what these functions do. */
#define memcpy(to, from, size) __builtin_memcpy(to, from, size)
#define memset(to, byte, size) __builtin_memset(to, byte, size)
#define memcmp(a, b, size)     __builtin_memcmp(a, b, size)
#endif

#endif
