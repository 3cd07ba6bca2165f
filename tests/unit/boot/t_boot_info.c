/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What boot/ makes of memory maps, arguments and bundles. The parsers reach
 * physical memory through the direct map; here "physical" addresses are such
 * that they come out at the test's own buffers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arch/boot_info.h>
#include <boot/boot_parse.h>
#include <kern/assert.h>

#define DIRECT_MAP 0xffff800000000000ul

char kernel_end[1];
static jmp_buf panicked;

_Noreturn void
panic(const char *format, ...)
{
	longjmp(panicked, 1);
}

static uint64_t
physical(const void *memory)
{
	return (uint64_t)memory - DIRECT_MAP;
}

static int
set_up(void **state)
{
	memset(&boot_info, 0, sizeof(boot_info));
	boot_info.command_line = "";
	return 0;
}

static void
expect_ranges(uint32_t count, const uint64_t *edges)
{
	assert_int_equal(boot_info.range_count, count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(boot_info.range[i].start, edges[2 * i]);
		assert_int_equal(boot_info.range[i].end, edges[2 * i + 1]);
	}
}

static void
test_ranges(void **state)
{
	/* Out of order, ragged edges, an empty one. */
	boot_ram_add(0x100000, 0x7fffff0);
	boot_ram_add(0x10, 0x9fc00);
	boot_ram_add(0x9fc01, 0x9ffff);
	expect_ranges(2, (uint64_t[]) { 0x1000, 0x9f000, 0x100000, 0x7fff000 });
	assert_int_equal(boot_info.memory_end, 0x8000000);
	/* A hole, an edge, all of one, across two. */
	boot_ram_reserve(0x200001, 0x2fffff);
	boot_ram_reserve(0x100000, 0x100001);
	expect_ranges(3, (uint64_t[]) { 0x1000, 0x9f000, 0x101000, 0x200000, 0x300000, 0x7fff000 });
	boot_ram_reserve(0, 0x100000);
	boot_ram_reserve(0x1ff000, 0x301000);
	expect_ranges(2, (uint64_t[]) { 0x101000, 0x1ff000, 0x301000, 0x7fff000 });
	boot_ram_reserve(0, ~0ul - 0xfff);
	expect_ranges(0, NULL);
}

/* Of the loader's code only what is free now is cleared; this first note finds
 * none before it. */
static void
test_scrub(void **state)
{
	static char pages[4][4096] __attribute__((aligned(4096)));
	uint64_t start = physical(pages);

	memset(pages, 'c', sizeof(pages));
	boot_ram_add(start, start + 3 * 4096);
	boot_code_note(start + 4096, start + 2 * 4096);
	boot_code_note(start + 2 * 4096, start + 4 * 4096);
	boot_scrub();
	for (size_t i = 0; i < sizeof(pages[0]); i++) {
		assert_int_equal(pages[0][i], 'c');
		assert_int_equal(pages[1][i], 0);
		assert_int_equal(pages[2][i], 0);
		assert_int_equal(pages[3][i], 'c');
	}
}

static void
test_arguments(void **state)
{
	size_t length;

	boot_info.command_line = "  quiet log=debugcon logs=x\tempty= panic=poweroff";
	assert_non_null(boot_argument("quiet", NULL));
	assert_null(boot_argument("lo", NULL));
	assert_null(boot_argument("debugcon", NULL));
	assert_true(boot_argument_is("log", "debugcon"));
	assert_false(boot_argument_is("log", "debug"));
	assert_true(boot_argument_is("panic", "poweroff"));
	assert_string_equal(boot_argument("quiet", &length), "");
	assert_int_equal(length, 0);
	assert_non_null(boot_argument("empty", &length));
	assert_int_equal(length, 0);
}

/* -- bundles ------------------------------------------------------------ */

static char bundle[4096];
static size_t bundle_size;

static void
bundle_add(const char *name, unsigned mode, const char *data)
{
	bundle_size += (size_t)sprintf(bundle + bundle_size,
	    "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1, mode, 0, 0, 1, 0,
	    strlen(data), 0, 0, 0, 0, strlen(name) + 1, 0);
	bundle_size += (size_t)sprintf(bundle + bundle_size, "%s", name) + 1;
	bundle_size = (bundle_size + 3) & ~3ul;
	bundle_size += (size_t)sprintf(bundle + bundle_size, "%s", data);
	bundle_size = (bundle_size + 3) & ~3ul;
}

static void
bundle_make(void)
{
	memset(bundle, 0, sizeof(bundle));
	bundle_size = 0;
	bundle_add("server --x=${host-port} $(task-create)", 0100644, "ELF");
	bundle_add("folder", 040755, "");
	bundle_add("-", 0100644, "12345");
	bundle_add("TRAILER!!!", 0, "");
}

static void
test_bundle(void **state)
{
	bundle_make();
	boot_module_add(physical(bundle), bundle_size, "");
	boot_bundle_expand();
	assert_int_equal(boot_info.module_count, 2);
	assert_string_equal(boot_info.module[0].line, "server --x=${host-port} $(task-create)");
	assert_int_equal(boot_info.module[0].size, 3);
	assert_memory_equal((char *)(boot_info.module[0].start + DIRECT_MAP), "ELF", 3);
	assert_string_equal(boot_info.module[1].line, "");
	assert_int_equal(boot_info.module[1].size, 5);
}

/* A module that merely is a cpio archive stays one. */
static void
test_bundle_not(void **state)
{
	bundle_make();
	boot_module_add(physical(bundle), bundle_size, "ramdisk root.cpio");
	boot_bundle_expand();
	assert_int_equal(boot_info.module_count, 1);
	assert_string_equal(boot_info.module[0].line, "ramdisk root.cpio");
}

/* Cut short anywhere: a module less or a clear end, never a wild read. */
static void
test_bundle_cut(void **state)
{
	char *exact;

	bundle_make();
	for (size_t size = 0; size < bundle_size; size++) {
		set_up(NULL);
		exact = malloc(size + 1);
		memcpy(exact, bundle, size);
		exact[size] = '\0';
		boot_module_add(physical(exact), size, "");
		if (setjmp(panicked) == 0)
			boot_bundle_expand();
		assert_true(boot_info.module_count <= 2);
		free(exact);
	}
}

/* -- Multiboot2 ------------------------------------------------------------- */

static uint32_t tags[256];
static size_t tag_words;

static void
tag_add(uint32_t type, const void *data, uint32_t size)
{
	tags[tag_words] = type;
	tags[tag_words + 1] = 8 + size;
	memcpy(&tags[tag_words + 2], data, size);
	tag_words += 2 + (size + 7) / 8 * 2;
}

static void
test_multiboot2(void **state)
{
	static const char line[] = "a \\'quoted\\' \\\"b\\\" c\\\\d";
	static const struct {
		uint32_t start, end;
		char text[16];
	} module = { 0x200000, 0x200123, "prog x${y}" };
	static const struct {
		uint32_t entry_size, version;
		struct {
			uint64_t address, length;
			uint32_t type, zero;
		} entry[2];
	} map = { 24, 0, { { 0x100000, 0x3f00000, 1, 0 }, { 0x5000000, 0x1000, 3, 0 } } };

	tag_words = 2;
	tag_add(1, line, sizeof(line));
	tag_add(3, &module, sizeof(module));
	tag_add(6, &map, sizeof(map));
	tag_add(0, "", 0);
	tags[0] = (uint32_t)(tag_words * 4);
	multiboot2_parse(physical(tags));
	/* The kernel keeps nothing of the loader's own. */
	memset(tags, 0xee, sizeof(tags));
	assert_string_equal(boot_info.command_line, "a 'quoted' \"b\" c\\d");
	assert_int_equal(boot_info.module_count, 1);
	assert_string_equal(boot_info.module[0].line, "prog x${y}");
	assert_int_equal(boot_info.module[0].size, 0x123);
	assert_int_equal(boot_info.memory_total, 0x3f00000);
	assert_int_equal(boot_info.memory_end, 0x5001000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_ranges, set_up),
		cmocka_unit_test_setup(test_scrub, set_up),
		cmocka_unit_test_setup(test_arguments, set_up),
		cmocka_unit_test_setup(test_bundle, set_up),
		cmocka_unit_test_setup(test_bundle_not, set_up),
		cmocka_unit_test_setup(test_bundle_cut, set_up),
		cmocka_unit_test_setup(test_multiboot2, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
