/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * acpi -- the few static tables that matter: MADT (CPUs and interrupt
 * controllers), HPET, FADT (power off). ACPI specification 6.4, chapter 5.
 * Without tables: one CPU, the interrupt controllers where they always are.
 */
#include <arch/boot_info.h>
#include <arch/pmap.h>
#include <kern/assert.h>
#include <kern/string.h>

#include "machine.h"

struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem[6 + 8 + 4 + 4 + 4];
} __attribute__((packed));

struct acpi_rsdp {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
} __attribute__((packed));

struct acpi_madt {
	struct acpi_header header;
	uint32_t lapic;
	uint32_t flags;
	uint8_t entries[];
} __attribute__((packed));

struct madt_entry {
	uint8_t type;
	uint8_t length;
	union {
		struct {
			uint8_t processor;
			uint8_t apic_id;
			uint32_t flags;
		} __attribute__((packed)) cpu;
		struct {
			uint8_t id;
			uint8_t reserved;
			uint32_t address;
			uint32_t gsi_base;
		} __attribute__((packed)) ioapic;
		struct {
			uint8_t bus;
			uint8_t source;
			uint32_t gsi;
			uint16_t flags;
		} __attribute__((packed)) override;
	};
} __attribute__((packed));

enum { MADT_CPU = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2 };

#define CPU_ENABLED 1

struct acpi_fadt {
	struct acpi_header header;
	uint32_t facs;
	uint32_t dsdt;
	uint8_t skip[64 - 44];
	uint32_t pm1a_control; /* offset 64 */
	uint32_t pm1b_control;
	uint32_t pm2_control;
	uint32_t pm_timer; /* 76 */
} __attribute__((packed));

_Static_assert(__builtin_offsetof(struct acpi_fadt, pm1a_control) == 64, "FADT");
_Static_assert(__builtin_offsetof(struct acpi_fadt, pm_timer) == 76, "FADT");

struct acpi_hpet {
	struct acpi_header header;
	uint32_t block;
	uint8_t space;
	uint8_t width, offset, reserved;
	uint64_t address;
} __attribute__((packed));

struct acpi_info acpi_info = {
	.lapic = 0xfee00000,
	.ioapic = 0xfec00000,
};

/* Tables mostly lie in RAM; else a window onto them. */
static const void *
acpi_at(uint64_t address, uint64_t size)
{
	if (address + size <= boot_info.memory_end)
		return direct_map(address);
	return mmio_map(address, size);
}

static const struct acpi_header *
acpi_table(uint64_t address)
{
	const struct acpi_header *header = acpi_at(address, sizeof(*header));

	if (header == NULL || header->length < sizeof(*header) || header->length > 1u << 20)
		return NULL;
	if (address + header->length > boot_info.memory_end)
		header = mmio_map(address, header->length);
	return header;
}

static void
parse_cpu(const struct madt_entry *entry)
{
	if ((entry->cpu.flags & CPU_ENABLED) == 0 || acpi_info.cpu_count == MAX_CPUS)
		return;
	acpi_info.cpu_apic_id[acpi_info.cpu_count++] = entry->cpu.apic_id;
}

static void
parse_ioapic(const struct madt_entry *entry)
{
	/* ISA interrupts are at the one that starts at 0. */
	if (entry->ioapic.gsi_base == 0)
		acpi_info.ioapic = entry->ioapic.address;
}

static void
parse_override(const struct madt_entry *entry)
{
	if (entry->override.source < 16) {
		acpi_info.irq_gsi[entry->override.source] = entry->override.gsi;
		acpi_info.irq_flags[entry->override.source] = entry->override.flags;
	}
}

static void
parse_madt(const struct acpi_header *header)
{
	const struct acpi_madt *madt = (const struct acpi_madt *)header;
	const uint8_t *at = madt->entries;
	const uint8_t *end = (const uint8_t *)madt + header->length;
	const struct madt_entry *entry;

	acpi_info.lapic = madt->lapic;
	for (; at + 2 <= end && at[1] >= 2; at += at[1]) {
		entry = (const struct madt_entry *)at;
		if (at + at[1] > end)
			break;
		if (entry->type == MADT_CPU)
			parse_cpu(entry);
		else if (entry->type == MADT_IOAPIC)
			parse_ioapic(entry);
		else if (entry->type == MADT_OVERRIDE)
			parse_override(entry);
	}
}

/*
 * The package \_S5_ holds the sleep types for "off". Its byte code is looked
 * for in the DSDT without an interpreter: name, package op, length, count,
 * then byte constants.
 */
static void
parse_s5(const struct acpi_header *dsdt)
{
	const uint8_t *at = (const uint8_t *)(dsdt + 1);
	const uint8_t *end = (const uint8_t *)dsdt + dsdt->length - 16;

	for (; at < end; at++)
		if (memcmp(at, "_S5_", 4) == 0 && at[4] == 0x12)
			break;
	if (at >= end)
		return;
	at += 5;
	at += (*at >> 6) + 1 + 1;
	if (*at == 0x0a)
		at++;
	acpi_info.sleep_type_a = *at++ & 7;
	if (*at == 0x0a)
		at++;
	acpi_info.sleep_type_b = *at & 7;
}

static void
parse_fadt(const struct acpi_header *header)
{
	const struct acpi_fadt *fadt = (const struct acpi_fadt *)header;
	const struct acpi_header *dsdt = acpi_table(fadt->dsdt);

	acpi_info.pm1a_control = (uint16_t)fadt->pm1a_control;
	acpi_info.pm1b_control = (uint16_t)fadt->pm1b_control;
	acpi_info.pm_timer = (uint16_t)fadt->pm_timer;
	if (dsdt != NULL && dsdt->length > sizeof(*dsdt) + 16)
		parse_s5(dsdt);
}

static void
parse_hpet(const struct acpi_header *header)
{
	const struct acpi_hpet *hpet = (const struct acpi_hpet *)header;

	if (hpet->space == 0)
		acpi_info.hpet = hpet->address;
}

static const struct {
	char signature[5];
	void (*parse)(const struct acpi_header *header);
} acpi_parsers[] = {
	{ "APIC", parse_madt },
	{ "FACP", parse_fadt },
	{ "HPET", parse_hpet },
};

static void
parse_table(uint64_t address)
{
	const struct acpi_header *table = acpi_table(address);

	if (table == NULL)
		return;
	for (unsigned i = 0; i < sizeof(acpi_parsers) / sizeof(acpi_parsers[0]); i++)
		if (memcmp(table->signature, acpi_parsers[i].signature, 4) == 0)
			acpi_parsers[i].parse(table);
}

static void
parse_root(const struct acpi_header *table, unsigned width)
{
	const uint8_t *at = (const uint8_t *)(table + 1);
	unsigned count = (table->length - (unsigned)sizeof(*table)) / width;
	uint64_t address;

	for (unsigned i = 0; i < count; i++, at += width) {
		address = 0;
		memcpy(&address, at, width);
		parse_table(address);
	}
}

/* Without the loader's help: the BIOS area, on 16-byte boundaries. */
static uint64_t
rsdp_search(void)
{
	for (uint64_t at = 0xe0000; at < 0x100000; at += 16)
		if (memcmp(direct_map(at), "RSD PTR ", 8) == 0)
			return at;
	return 0;
}

void
acpi_init(void)
{
	const struct acpi_rsdp *rsdp;
	const struct acpi_header *table;
	uint64_t address = boot_info.rsdp;

	for (unsigned irq = 0; irq < 16; irq++)
		acpi_info.irq_gsi[irq] = irq;
	if (address == 0)
		address = rsdp_search();
	if (address == 0)
		return;
	rsdp = acpi_at(address, sizeof(*rsdp));
	if (rsdp == NULL || memcmp(rsdp->signature, "RSD PTR ", 8) != 0)
		return;
	if (rsdp->revision >= 2 && rsdp->xsdt != 0) {
		table = acpi_table(rsdp->xsdt);
		if (table != NULL)
			parse_root(table, 8);
	} else {
		table = acpi_table(rsdp->rsdt);
		if (table != NULL)
			parse_root(table, 4);
	}
}
