/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * debug -- what panic, log and backtrace share with the machine layer.
 */
#ifndef DEBUG_DEBUG_H
#define DEBUG_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

/* The name of the function that contains `address` and the distance from its
 * start; NULL when it is no kernel text. */
const char *symbol_find(uint64_t address, uint64_t *offsetp);

/* Print the chain of frame pointers from `frame` on (0: the caller's). Stops
 * at anything that is not kernel memory. */
void backtrace_print(uint64_t frame, uint64_t rip);

/* Where log output goes, decided by the boot arguments log= and panic=. */
void log_init(void);

/* Log a line with no newline added, bypassing locks: dying machine. */
void log_emergency(void);

/* Stop with a message that names registers the trap handler has: rip and
 * frame pointer at the fault. */
_Noreturn void panic_at(uint64_t rip, uint64_t frame, const char *format, ...)
    __attribute__((format(printf, 3, 4), cold));

/* The machine layer's part: stop the other CPUs; write log bytes. */
void debug_stop_others(void);
void debug_console_force(void);
void debug_port_write(const char *bytes, unsigned long size);
/* Is this readable kernel memory (a mapped stack or image address)? */
bool debug_readable(uint64_t address);

#endif
