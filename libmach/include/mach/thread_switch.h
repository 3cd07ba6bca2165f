/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of thread_switch (ABI sheet 1.4).
 */
#ifndef MACH_THREAD_SWITCH_H
#define MACH_THREAD_SWITCH_H

#define SWITCH_OPTION_NONE    0
#define SWITCH_OPTION_DEPRESS 1
#define SWITCH_OPTION_WAIT    2

#define valid_switch_option(opt) ((opt) >= 0 && (opt) <= SWITCH_OPTION_WAIT)

#endif /* MACH_THREAD_SWITCH_H */
