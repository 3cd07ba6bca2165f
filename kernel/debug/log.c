/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log -- kern_log: one line to wherever boot argument log= says.
 */
#include <stdarg.h>

#include <arch/boot_info.h>
#include <arch/console.h>
#include <kern/assert.h>
#include <kern/string.h>

#include "debug.h"

enum log_target { LOG_CONSOLE, LOG_DEBUGCON, LOG_NONE };

static enum log_target log_target = LOG_CONSOLE;

void
log_init(void)
{
	if (boot_argument_is("log", "debugcon"))
		log_target = LOG_DEBUGCON;
	else if (boot_argument_is("log", "none"))
		log_target = LOG_NONE;
}

void
log_emergency(void)
{
	log_init(); /* it may be that early */
	if (log_target == LOG_NONE)
		log_target = LOG_CONSOLE;
	debug_console_force();
}

static void
log_bytes(const char *bytes, size_t size)
{
	if (log_target == LOG_CONSOLE)
		console_write(bytes, size);
	else if (log_target == LOG_DEBUGCON)
		debug_port_write(bytes, size);
}

void
kern_log(const char *format, ...)
{
	char line[256];
	va_list args;
	size_t length;

	va_start(args, format);
	length = (size_t)vsnprintf(line, sizeof(line) - 2, format, args);
	va_end(args);
	if (length > sizeof(line) - 3)
		length = sizeof(line) - 3;
	if (length == 0 || line[length - 1] != '\n')
		line[length++] = '\n';
	if (log_target == LOG_CONSOLE) {
		/* A terminal on the serial line wants both. */
		line[length - 1] = '\r';
		line[length++] = '\n';
	}
	log_bytes(line, length);
}
