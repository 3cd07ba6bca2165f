/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start -- the machine layer's start-up (arch/startup.h).
 */
#include <arch/boot_info.h>
#include <arch/console.h>
#include <arch/context.h>
#include <arch/cpu.h>
#include <arch/pmap.h>
#include <arch/startup.h>
#include <kern/assert.h>
#include <kern/zalloc.h>

#include "../../debug/debug.h"
#include "machine.h"

#define MEMORY_MINIMUM (16ul << 20)

extern char boot_stack_end[], kernel_start[], kernel_end[];

_Noreturn void arch_start(uint64_t magic, uint64_t information);

/* Boot arguments of this layer and what they may say. */
static const struct {
	const char *name;
	const char *values[4];
	const char *text;
} choice_rows[] = {
	{ "log", { "console", "debugcon", "none" }, "console, debugcon, none" },
	{ "console", { "com1", "com2", "debugcon" }, "com1, com2, debugcon" },
	{ "panic", { "halt", "poweroff", "reboot" }, "halt, poweroff, reboot" },
};

static bool
choice_is_known(unsigned row)
{
	for (unsigned i = 0; choice_rows[row].values[i] != NULL; i++)
		if (boot_argument_is(choice_rows[row].name, choice_rows[row].values[i]))
			return true;
	return false;
}

static void
choices_check(void)
{
	const char *value;
	size_t length;

	for (unsigned row = 0; row < sizeof(choice_rows) / sizeof(choice_rows[0]); row++) {
		value = boot_argument(choice_rows[row].name, &length);
		if (value != NULL && !choice_is_known(row))
			kern_log("boot argument %s=%.*s: not one of %s; ignored",
			    choice_rows[row].name, (int)length, value, choice_rows[row].text);
	}
}

static void
cpus_from_acpi(void)
{
	uint32_t me = apic_id();
	unsigned id = 1;

	for (unsigned i = 0; i < acpi_info.cpu_count && id < MAX_CPUS; i++)
		if (acpi_info.cpu_apic_id[i] != me)
			cpu_allocate(id++, acpi_info.cpu_apic_id[i]);
	cpu_found = id;
}

void
arch_start(uint64_t magic, uint64_t information)
{
	cpu_early_init();
	this_cpu()->stack = (uint64_t)boot_stack_end;
	context_guard(this_cpu()->stack);
	/* So that trouble with what the loader says can be told. */
	serial_init();
	boot_info_init((uint32_t)magic, information);
	console_init();
	log_init();
	choices_check();
	kern_log("Portolan: %lu MiB of memory, %u boot modules, by %s",
	    (unsigned long)(boot_info.memory_total >> 20), boot_info.module_count,
	    boot_info.loader);
	if (boot_info.memory_total < MEMORY_MINIMUM)
		panic("too little memory: %lu KiB; Portolan needs %lu MiB",
		    (unsigned long)boot_info.memory_total >> 10, MEMORY_MINIMUM >> 20);
	cpu_patch_text();
	paging_init();
	boot_scrub();
	screen_init_late();
	acpi_init();
	apic_init();
	cpus_from_acpi();
	timer_init();
	pmap_bootstrap();
	kernel_main();
}

void
arch_init(void)
{
	paging_late = true;
	fpu_init();
	pmap_init();
}

/* An address a backtrace may look at: the image or RAM. */
bool
debug_readable(uint64_t address)
{
	if (address >= (uint64_t)kernel_start && address < (uint64_t)kernel_end)
		return true;
	return address >= DIRECT_MAP_BASE && address < DIRECT_MAP_BASE + boot_info.memory_end;
}
