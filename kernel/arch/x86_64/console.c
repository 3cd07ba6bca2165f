/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console -- serial line, screen and keyboard as one.
 */
#include <arch/boot_info.h>
#include <arch/console.h>
#include <kern/spinlock.h>

#include "../../debug/debug.h"
#include "machine.h"

#define DEBUGCON_PORT         0xe9
#define DEBUGCON_CONSOLE_PORT 0x503 /* an emulator's own byte channel */

static struct spinlock console_lock = SPINLOCK_INITIALIZER(CONSOLE);
static void (*console_input)(uint8_t byte);
static bool console_forced;
static bool console_on_debugcon; /* boot argument console=debugcon */

/* `console=debugcon`: a channel that no firmware writes to, for scripts. */
static void
console_line_write(char byte)
{
	if (console_on_debugcon)
		x86_out8(DEBUGCON_CONSOLE_PORT, (uint8_t)byte);
	else
		serial_write(byte);
}

void
console_write(const char *bytes, size_t size)
{
	if (!console_forced)
		spin_lock(&console_lock);
	for (size_t i = 0; i < size; i++)
		console_line_write(bytes[i]);
	screen_write(bytes, size);
	if (!console_forced)
		spin_unlock(&console_lock);
}

int
console_poll(void)
{
	int byte = serial_read();

	return byte >= 0 ? byte : keyboard_read();
}

static void
console_interrupt(void)
{
	int byte;

	while ((byte = console_poll()) >= 0)
		if (console_input != NULL)
			console_input((uint8_t)byte);
}

void
console_set_input(void (*input)(uint8_t byte))
{
	console_input = input;
	irq_register(serial_irq(), console_interrupt);
	irq_register(1, console_interrupt);
	serial_enable_interrupt();
	keyboard_init();
	console_interrupt();
}

void
console_size(unsigned *columnsp, unsigned *rowsp)
{
	screen_size(columnsp, rowsp);
}

void
console_init(void)
{
	console_on_debugcon = boot_argument_is("console", "debugcon");
	serial_init();
	screen_init();
}

/* A dying CPU may have interrupted the lock's holder. */
void
debug_console_force(void)
{
	console_forced = true;
	console_on_debugcon = boot_argument_is("console", "debugcon");
}

void
debug_port_write(const char *bytes, unsigned long size)
{
	for (unsigned long i = 0; i < size; i++)
		x86_out8(DEBUGCON_PORT, (uint8_t)bytes[i]);
}
