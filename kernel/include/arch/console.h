/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console -- the machine's console: a serial line and, when there is one, a
 * screen and a keyboard.
 *
 * COM1 (COM2 with boot argument `console=com2`, port 0x503 with `console=debugcon`). The kernel's log (kern_log)
 * goes here too unless `log=debugcon` or `log=none` says otherwise.
 *
 * Locks: functions take CONSOLE themselves.
 */
#ifndef ARCH_CONSOLE_H
#define ARCH_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Write bytes as they are to serial line and screen (a newline moves the
 * screen to the start of the next line). Any context. */
void console_write(const char *bytes, size_t size);

/* Take one byte typed, or -1. Any context; for polling. */
int console_poll(void);

/*
 * From now on `input` is called in interrupt context for every byte typed
 * (serial receive interrupt, keyboard). It does not block; locks ranked after
 * CONSOLE only.
 */
void console_set_input(void (*input)(uint8_t byte));

/* Columns and rows of the screen, 80 x 24 when there is none. */
void console_size(unsigned *columnsp, unsigned *rowsp);

#endif
