/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel says of undefined behaviour. This file is compiled with the
 * compiler's checks; they call kernel/debug/ubsan.c, and that calls panic().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <kern/assert.h>

static jmp_buf back;
static char said[256];

void
panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	longjmp(back, 1);
}

/* Run the case; it must panic, naming this file and saying `words`. */
static void
must_say(void (*body)(void), const char *words)
{
	said[0] = '\0';
	if (setjmp(back) == 0)
		body();
	if (strstr(said, "t_ubsan.c:") == NULL || strstr(said, words) == NULL)
		fail_msg("said '%s', not '%s'", said, words);
}

/* Unknown to the optimizer. */
static volatile int max = INT32_MAX, minus = -1, zero, seven = 7, sixty = 60;
static volatile int64_t lowest = INT64_MIN, far = INT64_MIN;
static volatile uint8_t two = 2;
static volatile int sink;
static char bytes[16] __attribute__((aligned(16)));

static void
add(void)
{
	sink = max + seven;
}

static void
subtract(void)
{
	sink = minus - max - seven;
}

static void
multiply(void)
{
	sink = max * seven;
}

static void
divide(void)
{
	sink = seven / zero;
}

static void
negate(void)
{
	lowest = -lowest;
}

static void
shift(void)
{
	sink = seven << sixty;
}

static void
subscript(void)
{
	static int table[7];

	sink = table[seven];
}

static void
truth(void)
{
	bool value;

	memcpy(&value, (const void *)&two, 1);
	sink = value;
}

static void
misaligned(void)
{
	*(volatile uint32_t *)(bytes + (seven & 1)) = 0;
}

static void
wrapped(void)
{
	char *end = bytes + far;

	sink = end == bytes + seven;
}

static void
unreachable(void)
{
	if (zero == 0)
		__builtin_unreachable();
}

static void
bit_count(void)
{
	sink = __builtin_ctz((unsigned int)zero);
}

__attribute__((nonnull)) static void __attribute__((noinline)) wants_one(const volatile void *p)
{
	sink = p != bytes;
}

static void
null_argument(void)
{
	char *none = (char *)(uintptr_t)zero;

	wants_one(none);
}

__attribute__((returns_nonnull, noinline)) static void *
gives_one(void)
{
	return zero != 0 ? bytes : NULL;
}

static void
null_result(void)
{
	sink = gives_one() == (void *)bytes;
}

static void
test_arithmetic(void **state)
{
	must_say(add, "undefined behaviour: 2147483647 + 7 in type 'int'");
	must_say(subtract, "undefined behaviour: -2147483648 - 7 in type 'int'");
	must_say(multiply, "undefined behaviour: 2147483647 * 7 in type 'int'");
	must_say(divide, "undefined behaviour: 7 / 0 in type 'int'");
	must_say(negate, "undefined behaviour: negation overflows");
	must_say(shift, "undefined behaviour: 'int' 7 shifted by 60");
	must_say(bit_count, "undefined behaviour: zero given to a bit count");
}

static void
test_memory(void **state)
{
	must_say(subscript, "undefined behaviour: index 7 of 'int");
	must_say(misaligned, ", misaligned");
	must_say(wrapped, "undefined behaviour: pointer ");
}

static void
test_values(void **state)
{
	must_say(truth, "undefined behaviour: 2 is no value of ");
	must_say(unreachable, "undefined behaviour: reached what is marked unreachable");
	must_say(null_argument, "undefined behaviour: null argument where none may be");
	must_say(null_result, "undefined behaviour: null returned where none may be");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
