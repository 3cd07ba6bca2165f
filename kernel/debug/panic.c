/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * panic -- say what is wrong and how we got there, then stop the machine.
 */
#include <stdarg.h>
#include <stdatomic.h>

#include <arch/boot_info.h>
#include <arch/cpu.h>
#include <arch/power.h>
#include <kern/assert.h>
#include <kern/string.h>

#include "debug.h"

#define PANIC_STATUS 127
#define PANIC_NOBODY 0

static _Atomic uint32_t panic_cpu; /* 1 + id of the first to panic */

static void
panic_stop(void)
{
	if (boot_argument_is("panic", "poweroff"))
		arch_power_off(PANIC_STATUS);
	if (boot_argument_is("panic", "reboot"))
		arch_reboot();
	kern_log("Stopped.");
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* The first CPU to come here goes on; another waits to be stopped; the same
 * one, failing again while it reports, stops at once. */
static void
panic_enter(void)
{
	uint32_t nobody = PANIC_NOBODY;
	uint32_t me = cpu_id() + 1;

	if (atomic_compare_exchange_strong(&panic_cpu, &nobody, me))
		return;
	if (nobody == me)
		panic_stop();
	for (;;)
		__asm__ volatile("cli; hlt");
}

static _Noreturn void
panic_report(uint64_t rip, uint64_t frame, const char *format, va_list args)
{
	char text[224];

	__asm__ volatile("cli");
	panic_enter();
	debug_stop_others();
	log_emergency();
	vsnprintf(text, sizeof(text), format, args);
	kern_log("PANIC on CPU %u: %s", cpu_id(), text);
	backtrace_print(frame, rip);
	panic_stop();
	__builtin_unreachable();
}

void
panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	panic_report((uint64_t)__builtin_return_address(0), *(uint64_t *)__builtin_frame_address(0),
	    format, args);
}

void
panic_at(uint64_t rip, uint64_t frame, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	panic_report(rip, frame, format, args);
}
