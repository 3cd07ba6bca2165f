/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * string -- kern/string.h, with general registers only. Loops are written so
 * that the compiler does not turn them into calls of themselves. Names in
 * parentheses are not the macros of kern/string.h.
 */
#include <stdint.h>

#include <kern/string.h>

typedef uint64_t unaligned_word __attribute__((may_alias, aligned(1)));

/* Up to this size a loop beats the start-up cost of a string instruction. */
#define STRING_SMALL 64

void *(memcpy)(void *restrict to, const void *restrict from, size_t size)
{
	char *t = to;
	const char *f = from;
	size_t words;

	if (size >= STRING_SMALL) {
		words = size / 8;
		__asm__ volatile("rep movsq" : "+D"(t), "+S"(f), "+c"(words) : : "memory");
		size &= 7;
	}
	for (; size >= 8; size -= 8, t += 8, f += 8) {
		*(unaligned_word *)t = *(const unaligned_word *)f;
		__asm__ volatile("" ::: "memory");
	}
	for (; size > 0; size--) {
		*t++ = *f++;
		__asm__ volatile("" ::: "memory");
	}
	return to;
}

void *
memmove(void *to, const void *from, size_t size)
{
	char *t = (char *)to + size;
	const char *f = (const char *)from + size;

	if ((uintptr_t)to - (uintptr_t)from >= size)
		return memcpy(to, from, size);
	for (; size >= 8; size -= 8) {
		t -= 8;
		f -= 8;
		*(unaligned_word *)t = *(const unaligned_word *)f;
		__asm__ volatile("" ::: "memory");
	}
	for (; size > 0; size--) {
		*--t = *--f;
		__asm__ volatile("" ::: "memory");
	}
	return to;
}

void *(memset)(void *to, int byte, size_t size)
{
	char *t = to;
	uint64_t pattern = 0x0101010101010101ul * (uint8_t)byte;
	size_t words;

	if (size >= STRING_SMALL) {
		words = size / 8;
		__asm__ volatile("rep stosq" : "+D"(t), "+c"(words) : "a"(pattern) : "memory");
		size &= 7;
	}
	for (; size >= 8; size -= 8, t += 8) {
		*(unaligned_word *)t = pattern;
		__asm__ volatile("" ::: "memory");
	}
	for (; size > 0; size--) {
		*t++ = (char)byte;
		__asm__ volatile("" ::: "memory");
	}
	return to;
}

int(memcmp)(const void *a, const void *b, size_t size)
{
	const unsigned char *p = a, *q = b;

	for (; size > 0; size--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

size_t
strlen(const char *s)
{
	size_t length = 0;

	while (s[length] != '\0') {
		length++;
		__asm__ volatile("" ::: "memory");
	}
	return length;
}

size_t
strnlen(const char *s, size_t size)
{
	size_t length = 0;

	while (length < size && s[length] != '\0')
		length++;
	return length;
}

int
strcmp(const char *a, const char *b)
{
	for (; *a == *b && *a != '\0'; a++, b++)
		;
	return (unsigned char)*a - (unsigned char)*b;
}

int
strncmp(const char *a, const char *b, size_t size)
{
	for (; size > 0; size--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (*a == '\0')
			break;
	}
	return 0;
}

char *
strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (*s == '\0')
			return NULL;
	return (char *)(uintptr_t)s;
}
