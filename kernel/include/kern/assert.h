/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assert, panic -- what the kernel guarantees to itself.
 *
 * Assert what the code guarantees; return errors for what users can cause.
 */
#ifndef KERN_ASSERT_H
#define KERN_ASSERT_H

/* Stop the machine: message, backtrace, failing status. Any context. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2), cold));

/* One line on the console log. Any context, no locks needed by the caller. */
void kern_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define kassert(expr)                                                                              \
	((expr) ? (void)0 : panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #expr))

#endif
