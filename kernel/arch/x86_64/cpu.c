/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpu -- descriptor tables, control registers and per-CPU blocks.
 */
#include <arch/boot_info.h>
#include <arch/context.h>
#include <arch/cpu.h>
#include <kern/assert.h>
#include <kern/string.h>

#include "machine.h"
#include "offsets.h"

#define IST_DEBUG   1
#define IST_NMI     2
#define IST_DOUBLE  3
#define IST_MACHINE 4
#define IST_COUNT   4
#define IST_SIZE    8192ul

#define GDT_ENTRIES         7
#define GATE_INTERRUPT      0x8e
#define GATE_INTERRUPT_USER 0xee

struct idt_gate {
	uint16_t offset0;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset1;
	uint32_t offset2;
	uint32_t zero;
};

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

struct cpu_features cpu_features;
unsigned cpu_found;
_Atomic unsigned cpu_online;

static struct cpu cpu_boot;
static struct cpu *cpu_blocks[MAX_CPUS] = { &cpu_boot };
static uint64_t cpu_gdt[MAX_CPUS][GDT_ENTRIES] __attribute__((aligned(16)));
static struct idt_gate cpu_idt[256] __attribute__((aligned(16)));
static uint8_t cpu_boot_ist[IST_COUNT][IST_SIZE] __attribute__((aligned(16)));

/* User selectors 0x17 and 0x1f are entries 2 and 3 of the LDT. */
static const uint64_t cpu_ldt[4] __attribute__((aligned(16))) = {
	0,
	0,
	0x00cff3000000ffff,
	0x00affb000000ffff,
};

extern char interrupt_stubs[], syscall_entry[];
extern const uint64_t patch_table_start[], patch_table_end[];

struct cpu *
cpu_block(unsigned id)
{
	return cpu_blocks[id];
}

unsigned
cpu_count(void)
{
	return atomic_load_explicit(&cpu_online, memory_order_relaxed);
}

unsigned
cpu_count_possible(void)
{
	return cpu_found;
}

static void
idt_fill(void)
{
	uint64_t address = (uint64_t)interrupt_stubs;

	for (unsigned vector = 0; vector < 256; vector++, address += 16)
		cpu_idt[vector] = (struct idt_gate) {
			.offset0 = (uint16_t)address,
			.selector = KERNEL_CS,
			.type = GATE_INTERRUPT,
			.offset1 = (uint16_t)(address >> 16),
			.offset2 = (uint32_t)(address >> 32),
		};
	cpu_idt[1].ist = IST_DEBUG;
	cpu_idt[2].ist = IST_NMI;
	cpu_idt[8].ist = IST_DOUBLE;
	cpu_idt[18].ist = IST_MACHINE;
	cpu_idt[3].type = GATE_INTERRUPT_USER;
	cpu_idt[4].type = GATE_INTERRUPT_USER;
}

/* A system descriptor of 16 bytes (AMD64 manual vol. 2, 4.8.3). */
static void
gdt_system(uint64_t *entry, const void *base, uint32_t limit, unsigned type)
{
	uint64_t address = (uint64_t)base;

	entry[0] = limit | (address & 0xffffff) << 16 | (uint64_t)(0x80 | type) << 40 |
	    (address >> 24 & 0xff) << 56;
	entry[1] = address >> 32;
}

static void
gdt_load(struct cpu *cpu)
{
	uint64_t *gdt = cpu_gdt[cpu->id];
	struct table_pointer pointer = { sizeof(cpu_gdt[0]) - 1, (uint64_t)gdt };

	gdt[1] = 0x00af9b000000ffff;
	gdt[2] = 0x00cf93000000ffff;
	gdt_system(&gdt[3], cpu_ldt, sizeof(cpu_ldt) - 1, 2);
	gdt_system(&gdt[5], &cpu->tss, sizeof(cpu->tss) - 1, 9);
	__asm__ volatile("lgdt %0\n\t"
			 "pushq %1\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:\n\t"
			 "movl %2, %%eax\n\t"
			 "movw %%ax, %%ss\n\t"
			 "xorl %%eax, %%eax\n\t"
			 "movw %%ax, %%ds\n\t"
			 "movw %%ax, %%es\n\t"
			 "movw %%ax, %%fs\n\t"
			 "movw %%ax, %%gs"
			 :
			 : "m"(pointer), "i"(KERNEL_CS), "i"(KERNEL_SS)
			 : "rax", "memory");
	x86_wrmsr(MSR_GSBASE, (uint64_t)cpu);
	x86_wrmsr(MSR_KERNEL_GS, 0);
	__asm__ volatile("lldt %w0" : : "r"(LDT_SELECTOR));
	__asm__ volatile("ltr %w0" : : "r"(TSS_SELECTOR));
}

static void
idt_load(void)
{
	struct table_pointer pointer = { sizeof(cpu_idt) - 1, (uint64_t)cpu_idt };

	__asm__ volatile("lidt %0" : : "m"(pointer));
}

/* Each IST stack ends in a word that names the CPU (entry.S). */
static void
ist_fill(struct cpu *cpu, uint8_t *stacks)
{
	uint64_t end;

	for (unsigned i = 0; i < IST_COUNT; i++) {
		end = (uint64_t)stacks + (i + 1) * IST_SIZE - 16;
		*(struct cpu **)end = cpu;
		cpu->tss.ist[i] = end;
	}
	cpu->tss.io_bitmap = sizeof(cpu->tss);
}

static void
detect_xsave(void)
{
	struct cpuid id = x86_cpuid(0xd, 0);

	cpu_features.xsave = true;
	/* x87, SSE, AVX, AVX-512; state we do not know stays off. */
	cpu_features.xcr0 = id.a & 0xe7;
	if ((cpu_features.xcr0 & 0xe0) != 0xe0)
		cpu_features.xcr0 &= 0x7;
	cpu_features.xsaveopt = x86_cpuid(0xd, 1).a & 1;
}

void
cpu_detect(void)
{
	uint32_t leaves = x86_cpuid(0, 0).a;
	struct cpuid id = x86_cpuid(1, 0);
	bool has_xsave = id.c >> 26 & 1;

	cpu_features.pge = id.d >> 13 & 1;
	if (leaves >= 7) {
		id = x86_cpuid(7, 0);
		cpu_features.fsgsbase = id.b & 1;
		cpu_features.smep = id.b >> 7 & 1;
		cpu_features.smap = id.b >> 20 & 1;
		cpu_features.umip = id.c >> 2 & 1;
	}
	id = x86_cpuid(0x80000001, 0);
	cpu_features.nx = id.d >> 20 & 1;
	cpu_features.page_1g = id.d >> 26 & 1;
	if (has_xsave && leaves >= 0xd)
		detect_xsave();
}

static void
control_registers(void)
{
	uint64_t cr0 = x86_read_cr0(), cr4 = x86_read_cr4();

	x86_wrmsr(MSR_EFER, x86_rdmsr(MSR_EFER) | EFER_SCE | (cpu_features.nx ? EFER_NXE : 0));
	cr0 &= ~(CR0_EM | CR0_AM | CR0_NW | CR0_CD);
	x86_write_cr0(cr0 | CR0_WP | CR0_NE | CR0_MP);
	cr4 &= ~CR4_OSXMMEXCPT;
	cr4 |= CR4_OSFXSR | CR4_DE;
	cr4 |= cpu_features.pge ? CR4_PGE : 0;
	cr4 |= cpu_features.smep ? CR4_SMEP : 0;
	cr4 |= cpu_features.smap ? CR4_SMAP : 0;
	cr4 |= cpu_features.umip ? CR4_UMIP : 0;
	cr4 |= cpu_features.fsgsbase ? CR4_FSGSBASE : 0;
	cr4 |= cpu_features.xsave ? CR4_OSXSAVE : 0;
	x86_write_cr4(cr4);
	/* Entry 1 (PWT alone) is write-combining, not write-through. */
	x86_wrmsr(MSR_PAT, (x86_rdmsr(MSR_PAT) & ~0xff00ul) | 0x0100);
}

static void
syscall_registers(void)
{
	x86_wrmsr(MSR_STAR, (uint64_t)(USER_CS - 16) << 48 | (uint64_t)KERNEL_CS << 32);
	x86_wrmsr(MSR_LSTAR, (uint64_t)syscall_entry);
	x86_wrmsr(MSR_FMASK,
	    RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_IOPL | RFLAGS_NT | RFLAGS_RF | RFLAGS_AC);
}

/* Make `cpu` the CPU that runs this. */
void
cpu_setup(struct cpu *cpu)
{
	gdt_load(cpu);
	idt_load();
	control_registers();
	syscall_registers();
	cpu->has_fsgsbase = cpu_features.fsgsbase;
	if (!cpu->has_fsgsbase)
		cpu->context_special = true;
	cpu->has_xsaveopt = cpu_features.xsaveopt;
	fpu_init_cpu();
}

/* Boot CPU, first thing: exceptions can be taken and reported. */
void
cpu_early_init(void)
{
	cpu_boot.self = &cpu_boot;
	cpu_detect();
	idt_fill();
	ist_fill(&cpu_boot, cpu_boot_ist[0]);
	cpu_setup(&cpu_boot);
	cpu_boot.online = true;
	cpu_found = 1;
	atomic_store(&cpu_online, 1);
}

/* A block for another CPU, found by acpi.c. */
void
cpu_allocate(unsigned id, uint32_t apic_id_)
{
	struct cpu *cpu = boot_alloc(sizeof(*cpu) + IST_COUNT * IST_SIZE + 64);
	uint8_t *stacks = (uint8_t *)cpu + ((sizeof(*cpu) + 63) & ~63ul);

	cpu->self = cpu;
	cpu->id = id;
	cpu->apic_id = apic_id_;
	ist_fill(cpu, stacks);
	cpu_blocks[id] = cpu;
}

/* Without SMAP, stac and clac are not there: turn them into no-ops, before
 * the text becomes read-only. */
void
cpu_patch_text(void)
{
	static const uint8_t nop[3] = { 0x0f, 0x1f, 0x00 };

	if (cpu_features.smap)
		return;
	for (const uint64_t *at = patch_table_start; at < patch_table_end; at++)
		memcpy((void *)*at, nop, sizeof(nop));
}

void
cpu_idle_wait(const _Atomic uint32_t *wake)
{
	struct cpu *cpu = this_cpu()->self;
	uint64_t start = cpu_tsc();

	if (cpu->ast == 0 && (wake == NULL || *wake == 0))
		__asm__ volatile("sti; hlt; cli" ::: "memory");
	else
		cpu_interrupt_window();
	cpu->idle_tsc += cpu_tsc() - start;
}

void
cpu_interrupt_window(void)
{
	__asm__ volatile("sti; nop; nop; cli" ::: "memory");
}
