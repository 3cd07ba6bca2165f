/* SPDX-License-Identifier: BSD-2-Clause */
/* Executables and `#!` lines: good ones, damaged ones, noise. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

#include "bsd/errno.h"
#include "exec/elf.h"

#define PIE       0x555555554000ULL
#define LOWEST    0x1000ULL
#define LIMIT     0x7fff00000000ULL
#define FILE_SIZE 0x5000

/* ELF64 fields by offset (System V ABI). */
static void
put(uint8_t *at, uint64_t value, unsigned size)
{
	memcpy(at, &value, size);
}

static void
put_segment(uint8_t *file, unsigned index, uint32_t type, uint32_t flags, uint64_t offset,
    uint64_t address, uint64_t file_size, uint64_t memory_size)
{
	uint8_t *ph = file + 64 + 56 * index;

	put(ph, type, 4);
	put(ph + 4, flags, 4);
	put(ph + 8, offset, 8);
	put(ph + 16, address, 8);
	put(ph + 32, file_size, 8);
	put(ph + 40, memory_size, 8);
	put(ph + 48, 0x1000, 8);
}

/* A small static program: text at 0x400000, data with bss at 0x402ff0. */
static void
make(uint8_t file[ELF_HEAD_SIZE], unsigned type)
{
	static const uint8_t ident[7] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	uint64_t base = type == 2 ? 0x400000 : 0;

	memset(file, 0, ELF_HEAD_SIZE);
	memcpy(file, ident, sizeof(ident));
	put(file + 16, type, 2);
	put(file + 18, 62, 2);
	put(file + 24, base + 0x120, 8);
	put(file + 32, 64, 8);
	put(file + 54, 56, 2);
	put(file + 56, 2, 2);
	put_segment(file, 0, 1, 5, 0, base, 0x1800, 0x1800);
	put_segment(file, 1, 1, 6, 0x1ff0, base + 0x2ff0, 0x800, 0x3000);
}

static int
parse(const uint8_t *file, size_t size, struct elf_image *image)
{
	return elf_parse(file, size, FILE_SIZE, PIE, LOWEST, LIMIT, image);
}

static void
test_fixed(void **state)
{
	uint8_t file[ELF_HEAD_SIZE];
	struct elf_image image;

	make(file, 2);
	assert_int_equal(parse(file, sizeof(file), &image), 0);
	assert_int_equal(image.entry, 0x400120);
	assert_int_equal(image.headers, 0x400040);
	assert_int_equal(image.header_count, 2);
	assert_int_equal(image.segment_count, 2);
	assert_int_equal(image.low, 0x400000);
	assert_int_equal(image.high, 0x406000);
	assert_true(image.segments[0].execute && !image.segments[0].write);
	assert_true(image.segments[1].write && !image.segments[1].execute);
	assert_int_equal(image.segments[1].memory_size, 0x3000);
}

static void
test_position_independent(void **state)
{
	uint8_t file[ELF_HEAD_SIZE];
	struct elf_image image;

	make(file, 3);
	/* it starts at 0, which is below the lowest address but for the base */
	assert_int_equal(parse(file, sizeof(file), &image), 0);
	assert_int_equal(image.entry, PIE + 0x120);
	assert_int_equal(image.headers, PIE + 0x40);
	assert_int_equal(image.low, PIE);
}

/* A third header of this kind. */
static void
make_with(uint8_t file[ELF_HEAD_SIZE], uint32_t type, uint64_t offset, uint64_t size)
{
	make(file, 3);
	put(file + 56, 3, 2);
	put_segment(file, 2, type, 4, offset, offset, size, size);
}

static void
test_interpreter(void **state)
{
	uint8_t file[ELF_HEAD_SIZE];
	struct elf_image image;

	make_with(file, 3, 0x200, 28);
	assert_int_equal(parse(file, sizeof(file), &image), 0);
	assert_int_equal(image.interpreter, 0x200);
	assert_int_equal(image.interpreter_size, 28);
	assert_int_equal(image.segment_count, 2);
	/* anywhere in the file, not beyond; neither empty nor too long */
	make_with(file, 3, FILE_SIZE - 28, 28);
	assert_int_equal(parse(file, sizeof(file), &image), 0);
	make_with(file, 3, FILE_SIZE - 27, 28);
	assert_int_equal(parse(file, sizeof(file), &image), ENOEXEC);
	make_with(file, 3, UINT64_MAX - 5, 28);
	assert_int_equal(parse(file, sizeof(file), &image), ENOEXEC);
	make_with(file, 3, 0x200, 1);
	assert_int_equal(parse(file, sizeof(file), &image), ENOEXEC);
	make_with(file, 3, 0x200, ELF_INTERPRETER_MAX + 1);
	assert_int_equal(parse(file, sizeof(file), &image), ENOEXEC);
	make(file, 3);
	assert_int_equal(parse(file, sizeof(file), &image), 0);
	assert_int_equal(image.interpreter_size, 0);
}

/* Large pages are asked for by alignment. */
static void
test_alignment(void **state)
{
	uint8_t file[ELF_HEAD_SIZE];
	struct elf_image image;

	make(file, 3);
	put(file + 64 + 48, 0x200000, 8);
	assert_int_equal(parse(file, sizeof(file), &image), 0);
	assert_int_equal(image.low, PIE & ~0x1fffffULL);
	put(file + 64 + 48, 0x200001, 8); /* no power of two */
	assert_int_equal(parse(file, sizeof(file), &image), 0);
	assert_int_equal(image.low, PIE);
	put(file + 64 + 48, UINT64_C(1) << 63, 8);
	assert_int_equal(parse(file, sizeof(file), &image), 0);
	assert_int_equal(image.low, PIE);
}

/* One field made wrong. */
struct damage {
	unsigned offset;
	unsigned size;
	uint64_t value;
};

static const struct damage damages[] = {
	{ 0, 1, 0x7e },                                        /* magic */
	{ 4, 1, 1 },                                           /* 32 bits */
	{ 5, 1, 2 },                                           /* big endian */
	{ 16, 2, 1 },                                          /* object file */
	{ 18, 2, 3 },                                          /* other machine */
	{ 24, 8, 0x100 },                                      /* entry outside */
	{ 32, 8, UINT64_MAX - 10 },                            /* headers beyond the file */
	{ 32, 8, ELF_HEAD_SIZE - 56 },                         /* and half beyond */
	{ 54, 2, 32 },                                         /* header size */
	{ 56, 2, 0 },                                          /* no headers */
	{ 56, 2, 0xffff },                                     /* too many */
	{ 64 + 8, 8, FILE_SIZE + 1 },                          /* offset beyond the file */
	{ 64 + 16, 8, 0x400001 },                              /* not congruent */
	{ 64 + 16, 8, LIMIT },                                 /* beyond user addresses */
	{ 64 + 16, 8, UINT64_MAX - 0xfff }, { 64 + 16, 8, 0 }, /* page 0 */
	{ 64 + 32, 8, UINT64_MAX },                            /* file size */
	{ 64 + 40, 8, 0x100 },                                 /* memory smaller than file */
	{ 64 + 40, 8, UINT64_MAX },                            /* memory size */
	{ 64 + 40, 8, LIMIT }, { 64, 4, 3 },                   /* an interpreter */
};

static void
test_damaged(void **state)
{
	uint8_t file[ELF_HEAD_SIZE];
	struct elf_image image;

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		make(file, 2);
		put(file + damages[i].offset, damages[i].value, damages[i].size);
		if (parse(file, sizeof(file), &image) != ENOEXEC)
			fail_msg("damage %zu was taken", i);
	}
}

static void
test_short(void **state)
{
	uint8_t file[ELF_HEAD_SIZE];
	struct elf_image image;

	make(file, 2);
	for (size_t size = 0; size < 64 + 2 * 56; size++) {
		uint8_t *cut = malloc(size + 1);

		memcpy(cut, file, size);
		assert_int_equal(parse(cut, size, &image), ENOEXEC);
		free(cut);
	}
	assert_int_equal(parse(file, 64 + 2 * 56, &image), 0);
}

static void
test_noise(void **state)
{
	uint8_t file[ELF_HEAD_SIZE];
	struct elf_image image;
	struct script script;

	srand(1);
	for (int round = 0; round < 20000; round++) {
		make(file, 2 + round % 2);
		for (int i = 0; i < 1 + round % 8; i++)
			file[rand() % (64 + 2 * 56)] = (uint8_t)rand();
		if (parse(file, sizeof(file), &image) == 0) {
			assert_true(image.low >= LOWEST && image.high <= LIMIT);
			assert_true(image.entry >= image.low && image.entry < image.high);
		}
		(void)script_parse(file, (size_t)(rand() % ELF_HEAD_SIZE), &script);
	}
}

/* ---- scripts ---------------------------------------------------------------------- */

static bool
script(const char *text, struct script *s)
{
	return script_parse(text, strlen(text), s);
}

static void
test_script(void **state)
{
	struct script s;

	assert_true(script("#!/bin/sh\necho", &s));
	assert_string_equal(s.interpreter, "/bin/sh");
	assert_string_equal(s.argument, "");
	assert_true(script("#! \t/usr/bin/env  bash -x \t\n", &s));
	assert_string_equal(s.interpreter, "/usr/bin/env");
	assert_string_equal(s.argument, "bash -x");
	assert_true(script("#!/bin/sh", &s));
	assert_true(script("#!/bin/sh\r\n", &s));
	assert_string_equal(s.interpreter, "/bin/sh");
}

static void
test_not_a_script(void **state)
{
	struct script s;
	char line[1000];

	assert_false(script("", &s));
	assert_false(script("#", &s));
	assert_false(script("#!", &s));
	assert_false(script("#!   \n/bin/sh", &s));
	assert_false(script("# !/bin/sh\n", &s));
	memset(line, 'x', sizeof(line));
	memcpy(line, "#!/", 3);
	assert_false(script_parse(line, sizeof(line), &s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_position_independent),
		cmocka_unit_test(test_interpreter),
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_script),
		cmocka_unit_test(test_not_a_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
