/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Status of the device "irq" (ABI sheet 8.5).
 */
#ifndef DEVICE_IRQ_STATUS_H
#define DEVICE_IRQ_STATUS_H

#define IRQGETPICMODE      0
#define ACPI_PICMODE_PIC   0
#define ACPI_PICMODE_APIC  1
#define ACPI_PICMODE_SAPIC 2

#endif /* DEVICE_IRQ_STATUS_H */
