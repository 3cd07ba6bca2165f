/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * startup -- who calls whom while the machine comes up.
 *
 *  boot/    entry in 32-bit protected mode, long mode, higher half
 *  arch     arch_start: CPU block 0, GDT/IDT, log, boot_info, direct map,
 *           final W^X page tables, TSC calibration, pv table
 *  core     kernel_main() on the boot stack (16 KiB, interrupts off):
 *             physical pages from boot_info.range, zones,
 *             arch_init()   -- PCB zone, pv entries, APICs, console input
 *             tasks, threads, scheduler; idle thread of CPU 0
 *             cpu_start_others()
 *             context_load into the first thread; does not return
 *  core     kernel_cpu_main() on each further CPU, same way, on a boot stack
 *           of its own which that CPU's idle thread may keep using
 *
 * The clock ticks on a CPU from arch_timer_start on.
 */
#ifndef ARCH_STARTUP_H
#define ARCH_STARTUP_H

/* Upcalls: kernel/core. */
_Noreturn void kernel_main(void);
_Noreturn void kernel_cpu_main(void);

/* Second part of machine set-up; zones and phys_alloc work. Boot CPU. */
void arch_init(void);

/* Start this CPU's ticks; every CPU calls it when it can schedule. */
void arch_timer_start(void);

#endif
