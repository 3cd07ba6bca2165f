/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * power -- ways to turn the machine off, most certain first.
 */
#include <arch/power.h>
#include <kern/ipc_trace.h>

#include "machine.h"

/* Ports of a QEMU -device isa-debugcon of its own. SeaBIOS talks on the first. */
#define STATUS_PORT       0x402
#define STATUS_PORT_QUIET 0x502
#define DEBUG_EXIT_PORT   0xf4 /* isa-debug-exit */
#define BOCHS_PORT        0x8900
#define SLEEP_ENABLE      (1u << 13)

/* QEMU's PM1a control register by chipset: PIIX4, ICH9. */
static const uint16_t qemu_pm1a[] = { 0x604, 0xb004 };

static void
acpi_off(void)
{
	if (acpi_info.pm1a_control != 0)
		x86_out16(acpi_info.pm1a_control,
		    (uint16_t)(acpi_info.sleep_type_a << 10 | SLEEP_ENABLE));
	if (acpi_info.pm1b_control != 0)
		x86_out16(acpi_info.pm1b_control,
		    (uint16_t)(acpi_info.sleep_type_b << 10 | SLEEP_ENABLE));
}

void
arch_power_off(int status)
{
	__asm__ volatile("cli");
	serial_flush();
	IPC_TRACE_DUMP();
	x86_out8(STATUS_PORT, (uint8_t)status);
	x86_out8(STATUS_PORT_QUIET, (uint8_t)status);
	x86_out32(DEBUG_EXIT_PORT, (uint32_t)(uint8_t)status);
	acpi_off();
	for (unsigned i = 0; i < sizeof(qemu_pm1a) / sizeof(qemu_pm1a[0]); i++)
		x86_out16(qemu_pm1a[i], SLEEP_ENABLE);
	for (const char *word = "Shutdown"; *word != '\0'; word++)
		x86_out8(BOCHS_PORT, (uint8_t)*word);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void
arch_reboot(void)
{
	const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) none = { 0, 0 };

	__asm__ volatile("cli");
	serial_flush();
	x86_out8(0x64, 0xfe);
	for (int i = 0; i < 1000000; i++)
		cpu_pause();
	__asm__ volatile("lidt %0; int3" : : "m"(none));
	for (;;)
		__asm__ volatile("hlt");
}
