/* SPDX-License-Identifier: BSD-2-Clause */
/* The initial stack, read back as a program reads it. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

#include "exec/stack.h"

#define TOP 0x7fffe0000000ULL

struct built {
	struct stack_input in;
	size_t size;
	uint8_t *bytes;
	uint64_t rsp;
};

static void
build(struct built *b, const char *strings, size_t size, unsigned argc, unsigned envc)
{
	b->in = (struct stack_input) {
		.strings = strings,
		.strings_size = size,
		.argc = argc,
		.envc = envc,
		.file_name = "/bin/prog",
		.random = { 1, 2, 3 },
		.entry = 0x401000,
		.base = 0x7f0000000000,
		.hardware2 = 2,
		.signal_stack = 3000,
		.headers = 0x400040,
		.header_count = 4,
		.header_size = 56,
		.secure = 1,
	};
	b->size = stack_size(&b->in);
	b->bytes = calloc(1, b->size);
	b->rsp = stack_build(&b->in, b->bytes, TOP);
}

static const void *
at(const struct built *b, uint64_t address)
{
	assert_true(address >= TOP - b->size && address < TOP);
	return b->bytes + (address - (TOP - b->size));
}

static uint64_t
word(const struct built *b, uint64_t address)
{
	uint64_t value;

	memcpy(&value, at(b, address), sizeof(value));
	return value;
}

/* The value of an auxiliary entry; all must end within the stack. */
static uint64_t
aux(const struct built *b, uint64_t type)
{
	uint64_t address = b->rsp + 8 * (1 + b->in.argc + 1 + b->in.envc + 1);

	for (;; address += 16) {
		if (word(b, address) == type)
			return word(b, address + 8);
		assert_int_not_equal(word(b, address), 0);
	}
}

static void
test_layout(void **state)
{
	static const char strings[] = "prog\0one\0\0PATH=/bin\0HOME=/";
	struct built b;

	build(&b, strings, sizeof(strings), 3, 2);
	assert_int_equal(b.rsp % 16, 0);
	assert_int_equal(b.size % 4096, 0);
	assert_int_equal(word(&b, b.rsp), 3);
	assert_string_equal(at(&b, word(&b, b.rsp + 8)), "prog");
	assert_string_equal(at(&b, word(&b, b.rsp + 16)), "one");
	assert_string_equal(at(&b, word(&b, b.rsp + 24)), "");
	assert_int_equal(word(&b, b.rsp + 32), 0);
	assert_string_equal(at(&b, word(&b, b.rsp + 40)), "PATH=/bin");
	assert_string_equal(at(&b, word(&b, b.rsp + 48)), "HOME=/");
	assert_int_equal(word(&b, b.rsp + 56), 0);
	free(b.bytes);
}

static void
test_auxiliary(void **state)
{
	static const uint8_t random[16] = { 1, 2, 3 };
	struct built b;

	build(&b, "p", 2, 1, 0);
	assert_int_equal(aux(&b, 7), 0x7f0000000000);
	assert_int_equal(aux(&b, 26), 2);
	assert_int_equal(aux(&b, 51), 3000);
	assert_int_equal(aux(&b, 3), 0x400040);
	assert_int_equal(aux(&b, 4), 56);
	assert_int_equal(aux(&b, 5), 4);
	assert_int_equal(aux(&b, 6), 4096);
	assert_int_equal(aux(&b, 9), 0x401000);
	assert_int_equal(aux(&b, 23), 1);
	assert_string_equal(at(&b, aux(&b, 15)), "x86_64");
	assert_string_equal(at(&b, aux(&b, 31)), "/bin/prog");
	assert_memory_equal(at(&b, aux(&b, 25)), random, sizeof(random));
	free(b.bytes);
}

/* Every size: nothing may run over, and rsp stays aligned. */
static void
test_sizes(void **state)
{
	char strings[9000];
	struct built b;

	memset(strings, 'x', sizeof(strings));
	for (unsigned n = 1; n < 4500; n += 37) {
		for (unsigned i = 0; i < n; i++)
			strings[2 * i + 1] = '\0';
		build(&b, strings, 2 * n, n, 0);
		assert_int_equal(b.rsp % 16, 0);
		assert_true(b.rsp >= TOP - b.size);
		assert_string_equal(at(&b, word(&b, b.rsp + 8 * n)), "x");
		free(b.bytes);
	}
	build(&b, "", 0, 0, 0);
	assert_int_equal(word(&b, b.rsp), 0);
	free(b.bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_auxiliary),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
