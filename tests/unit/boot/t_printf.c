/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's formatted output and string functions against the C library's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int k_vsnprintf(char *to, size_t size, const char *format, va_list args);
void *k_memcpy(void *to, const void *from, size_t size);
void *k_memmove(void *to, const void *from, size_t size);
void *k_memset(void *to, int byte, size_t size);
int k_memcmp(const void *a, const void *b, size_t size);
size_t k_strnlen(const char *s, size_t size);
int k_strncmp(const char *a, const char *b, size_t size);

static void
same(size_t size, const char *format, ...)
{
	char ours[128], theirs[128];
	va_list args;
	int our_length, their_length;

	memset(ours, 'x', sizeof(ours));
	memset(theirs, 'x', sizeof(theirs));
	va_start(args, format);
	our_length = k_vsnprintf(ours, size, format, args);
	va_end(args);
	va_start(args, format);
	their_length = vsnprintf(theirs, size, format, args);
	va_end(args);
	assert_int_equal(our_length, their_length);
	assert_memory_equal(ours, theirs, sizeof(ours));
}

static void
test_numbers(void **state)
{
	static const char *const formats[] = { "%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%.3d",
		"%8.3d", "%x", "%#x", "%08x", "%X", "%o", "%#o", "%u", "%hhd", "%hd", "%hu" };
	static const int values[] = { 0, 1, -1, 42, -42, 127, 128, 65535, 65536, 2147483647,
		-2147483647 - 1 };

	for (size_t f = 0; f < sizeof(formats) / sizeof(formats[0]); f++)
		for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			/* The C library prints no prefix before a zero. */
			if (values[v] == 0 && strchr(formats[f], '#') != NULL)
				continue;
			same(100, formats[f], values[v]);
		}
	same(100, "%ld %lu %lx %llx %zu", -5000000000l, 5000000000ul, ~0ul, ~0ull, (size_t)7);
	same(100, "%*d %-*d %.*d", 7, 1, 7, 2, 4, 3);
}

static void
test_text(void **state)
{
	same(100, "%s %10s %-10s| %.2s %c%%", "abc", "right", "left", "cut", 'z');
	same(4, "%s", "longer than four");
	same(1, "%s", "x");
	same(0, "%d", 12345);
	same(100, "%p", (void *)0x1234abcd);
}

static void
test_memory(void **state)
{
	unsigned char a[300], b[300];
	unsigned seed = 1;

	for (int round = 0; round < 2000; round++) {
		size_t size = (unsigned)rand_r(&seed) % 200, from = (unsigned)rand_r(&seed) % 90,
		       to = (unsigned)rand_r(&seed) % 90;

		for (size_t i = 0; i < sizeof(a); i++)
			a[i] = b[i] = (unsigned char)rand_r(&seed);
		memmove(a + to, a + from, size);
		k_memmove(b + to, b + from, size);
		assert_memory_equal(a, b, sizeof(a));
		memset(a + from, (int)to, size);
		k_memset(b + from, (int)to, size);
		assert_memory_equal(a, b, sizeof(a));
		k_memcpy(b, a, size);
		assert_int_equal(k_memcmp(a, b, size), 0);
	}
	assert_int_equal(k_strnlen("hello", 3), 3);
	assert_int_equal(k_strnlen("hi", 3), 2);
	assert_true(k_strncmp("abc", "abd", 2) == 0);
	assert_true(k_strncmp("abc", "abd", 3) < 0);
	assert_true(k_strncmp("\xff", "a", 1) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
