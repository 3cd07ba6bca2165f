/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exception -- telling a thread's or task's handler about a fault, by message
 * (ABI sheet section 7).
 */
#ifndef CORE_EXCEPTION_H
#define CORE_EXCEPTION_H

#include <stdint.h>

/*
 * Raise an exception of the running thread, entered from user mode. Gives up
 * the stack while the handler works; the thread then goes on in user mode, or
 * its task is terminated when nobody handles it.
 */
_Noreturn void exception_raise_self(int exception, int code, int64_t subcode);

#endif
