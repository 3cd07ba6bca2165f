/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The four functions a compiler may call on its own. Weak: a libc's win.
 */
#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t length);
void *memmove(void *dst, const void *src, size_t length);
void *memset(void *dst, int value, size_t length);
int memcmp(const void *a, const void *b, size_t length);

__attribute__((weak)) void *
memcpy(void *restrict dst, const void *restrict src, size_t length)
{
	void *at = dst;
	size_t words = length / 8, rest = length % 8;

	__asm__ volatile("rep movsq" : "+D"(at), "+S"(src), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(at), "+S"(src), "+c"(rest) : : "memory");
	return dst;
}

__attribute__((weak)) void *
memmove(void *dst, const void *src, size_t length)
{
	char *to = dst;
	const char *from = src;

	if (to <= from || to >= from + length)
		return memcpy(dst, src, length);
	while (length-- > 0) {
		to[length] = from[length];
		__asm__ volatile("" : : : "memory");
	}
	return dst;
}

__attribute__((weak)) void *
memset(void *dst, int value, size_t length)
{
	void *at = dst;
	size_t words = length / 8, rest = length % 8;
	unsigned long pattern = (unsigned char)value * 0x0101010101010101UL;

	__asm__ volatile("rep stosq" : "+D"(at), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(at), "+c"(rest) : "a"(pattern) : "memory");
	return dst;
}

__attribute__((weak)) int
memcmp(const void *a, const void *b, size_t length)
{
	const unsigned char *left = a, *right = b;

	for (size_t i = 0; i < length; i++) {
		if (left[i] != right[i])
			return left[i] - right[i];
	}
	return 0;
}
