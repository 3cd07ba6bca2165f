/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * apic -- local APIC (interrupts between CPUs, clock) and I/O APIC (devices).
 * The old interrupt controllers are masked for good.
 */
#include <arch/pmap.h>
#include <kern/assert.h>

#include "machine.h"

#define LAPIC_ID        0x20
#define LAPIC_TPR       0x80
#define LAPIC_EOI       0xb0
#define LAPIC_SPURIOUS  0xf0
#define LAPIC_ICR_LOW   0x300
#define LAPIC_ICR_HIGH  0x310
#define LAPIC_LVT_LINT0 0x350
#define LAPIC_LVT_LINT1 0x360
#define LAPIC_LVT_ERROR 0x370
#define LAPIC_ENABLE    0x100
#define LAPIC_MASKED    0x10000

#define APIC_BASE_X2     (1ul << 10)
#define APIC_BASE_ENABLE (1ul << 11)

#define ICR_PENDING (1u << 12)
#define ICR_NMI     (4u << 8)
#define ICR_ASSERT  (1u << 14)
#define ICR_OTHERS  (3u << 18)

#define IOAPIC_SELECT  0x00
#define IOAPIC_WINDOW  0x10
#define IOAPIC_VERSION 0x01
#define IOAPIC_ENTRY   0x10
#define IOAPIC_MASKED  0x10000u
#define IOAPIC_LEVEL   0x8000u
#define IOAPIC_LOW     0x2000u

static volatile uint8_t *lapic;
static volatile uint8_t *ioapic;

static uint32_t
lapic_read(unsigned reg)
{
	return *(volatile uint32_t *)(lapic + reg);
}

static void
lapic_write(unsigned reg, uint32_t value)
{
	*(volatile uint32_t *)(lapic + reg) = value;
}

uint32_t
lapic_register_read(unsigned reg)
{
	return lapic_read(reg);
}

void
lapic_register_write(unsigned reg, uint32_t value)
{
	lapic_write(reg, value);
}

uint32_t
apic_id(void)
{
	return lapic_read(LAPIC_ID) >> 24;
}

void
apic_eoi(void)
{
	lapic_write(LAPIC_EOI, 0);
}

void
apic_send(uint32_t target, uint32_t command)
{
	while ((lapic_read(LAPIC_ICR_LOW) & ICR_PENDING) != 0)
		cpu_pause();
	lapic_write(LAPIC_ICR_HIGH, target << 24);
	lapic_write(LAPIC_ICR_LOW, command);
}

void
apic_send_vector(uint32_t target, unsigned vector)
{
	apic_send(target, vector | ICR_ASSERT);
}

void
apic_nmi_others(void)
{
	if (lapic != NULL)
		apic_send(0, ICR_NMI | ICR_ASSERT | ICR_OTHERS);
}

static uint32_t
ioapic_read(unsigned reg)
{
	*(volatile uint32_t *)(ioapic + IOAPIC_SELECT) = reg;
	return *(volatile uint32_t *)(ioapic + IOAPIC_WINDOW);
}

static void
ioapic_write(unsigned reg, uint32_t value)
{
	*(volatile uint32_t *)(ioapic + IOAPIC_SELECT) = reg;
	*(volatile uint32_t *)(ioapic + IOAPIC_WINDOW) = value;
}

static unsigned
ioapic_inputs(void)
{
	return (ioapic_read(IOAPIC_VERSION) >> 16 & 0xff) + 1;
}

/* ISA interrupt `irq` goes to one CPU as vector VECTOR_IRQ + irq. */
void
ioapic_enable(unsigned irq, uint32_t target)
{
	unsigned input = irq < 16 ? acpi_info.irq_gsi[irq] : irq;
	uint16_t flags = irq < 16 ? acpi_info.irq_flags[irq] : 0;
	uint32_t low = VECTOR_IRQ + irq;

	if (input >= ioapic_inputs())
		return;
	if ((flags & 3) == 3)
		low |= IOAPIC_LOW;
	if ((flags >> 2 & 3) == 3)
		low |= IOAPIC_LEVEL;
	ioapic_write(IOAPIC_ENTRY + 2 * input + 1, target << 24);
	ioapic_write(IOAPIC_ENTRY + 2 * input, low);
}

static void
pic_disable(void)
{
	/* Move them off the exception vectors first: a spurious one may come. */
	x86_out8(0x20, 0x11);
	x86_out8(0xa0, 0x11);
	x86_out8(0x21, 0x20);
	x86_out8(0xa1, 0x28);
	x86_out8(0x21, 0x04);
	x86_out8(0xa1, 0x02);
	x86_out8(0x21, 0x01);
	x86_out8(0xa1, 0x01);
	x86_out8(0x21, 0xff);
	x86_out8(0xa1, 0xff);
}

/* Firmware may have left the APIC in x2APIC mode, which has no registers in
 * memory; the way back leads through "off". */
static void
apic_enable(void)
{
	uint64_t base = x86_rdmsr(MSR_APIC_BASE);

	if ((base & APIC_BASE_X2) != 0) {
		base &= ~(APIC_BASE_X2 | APIC_BASE_ENABLE);
		x86_wrmsr(MSR_APIC_BASE, base);
	}
	x86_wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
}

void
apic_init_cpu(void)
{
	apic_enable();
	lapic_write(LAPIC_TPR, 0);
	lapic_write(LAPIC_LVT_LINT0, LAPIC_MASKED);
	lapic_write(LAPIC_LVT_LINT1, ICR_NMI);
	lapic_write(LAPIC_LVT_ERROR, LAPIC_MASKED);
	lapic_write(LAPIC_SPURIOUS, LAPIC_ENABLE | VECTOR_SPURIOUS);
	this_cpu()->apic_id = apic_id();
}

void
apic_init(void)
{
	pic_disable();
	lapic = mmio_map(acpi_info.lapic, PAGE_SIZE_4K);
	ioapic = mmio_map(acpi_info.ioapic, PAGE_SIZE_4K);
	if (lapic == NULL || ioapic == NULL)
		panic("cannot map the interrupt controllers");
	for (unsigned input = 0; input < ioapic_inputs(); input++)
		ioapic_write(IOAPIC_ENTRY + 2 * input, IOAPIC_MASKED);
	apic_init_cpu();
}
