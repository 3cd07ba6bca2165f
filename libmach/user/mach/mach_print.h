/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted output on the kernel's console, for programs without a libc.
 */
#ifndef MACH_MACH_PRINT_H
#define MACH_MACH_PRINT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * A part of printf: %% %c %s %d %i %u %x %p with l, ll or z, a width, and the
 * flags 0 and -. Returns the length without the NUL; at most size bytes,
 * the NUL included, are stored.
 */
int mach_vsnprintf(char *buffer, size_t size, const char *format, va_list args);
int mach_snprintf(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Print on the console by mach_print; one call prints at most 511 bytes. */
void mach_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* MACH_MACH_PRINT_H */
