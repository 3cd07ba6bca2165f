/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * power -- the end of the machine's day.
 */
#ifndef ARCH_POWER_H
#define ARCH_POWER_H

/* Turn the machine off; under QEMU `status` (0..255) reaches whoever started
 * it by port 0x402, then isa-debug-exit, ACPI, Bochs; else halt. Any context. */
_Noreturn void arch_power_off(int status);

/* Start over: keyboard controller, then a triple fault. Any context. */
_Noreturn void arch_reboot(void);

#endif
