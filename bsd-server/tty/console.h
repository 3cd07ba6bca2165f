/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console -- the terminal on the Mach device "console".
 *
 * One thread reads from the device, one writes to it; both hold the master
 * lock only while they touch the terminal.
 *
 * Locks: master lock.
 */
#ifndef BSD_TTY_CONSOLE_H
#define BSD_TTY_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tty;

/* How the console reaches its device; both wait, without the master lock. */
struct console_device {
	/* At least one byte; 0: no input will ever come. */
	size_t (*read)(uint8_t *bytes, size_t length);
	void (*write)(const uint8_t *bytes, size_t length);
};

/*
 * Make the terminal and start its threads.  With `raw_output` newlines go out
 * as they are (scripted runs).  ENOMEM.
 */
int console_init(const struct console_device *device, bool raw_output);

/* The terminal, borrowed; NULL before console_init. */
struct tty *console_tty(void);

/* Wait until everything written has reached the device (before power-off). */
void console_drain(void);

#endif /* BSD_TTY_CONSOLE_H */
