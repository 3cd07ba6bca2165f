/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * machine -- what the files of this folder share among themselves.
 */
#ifndef X86_64_MACHINE_H
#define X86_64_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include <arch/cpu.h>
#include <arch/pcb.h>

#include "x86.h"

/* Interrupt vectors. */
#define VECTOR_IRQ        0x30 /* I/O APIC inputs 0 .. 23 */
#define VECTOR_IRQ_COUNT  24
#define VECTOR_RESCHEDULE 0xe0
#define VECTOR_CALL       0xe1
#define VECTOR_TIMER      0xef
#define VECTOR_SPURIOUS   0xff

/* What the CPU has (cpu.c). */
struct cpu_features {
	bool nx, pge, smep, smap, umip, fsgsbase, xsave, xsaveopt, page_1g;
	uint64_t xcr0; /* state components in use */
	uint32_t xsave_size;
};

extern struct cpu_features cpu_features;

/* Frame of an exception or interrupt in kernel mode; same layout as
 * struct pcb_registers. */
struct trap_frame {
	struct pcb_registers r;
};

/* cpu.c: tables and control registers. The first also for AP trampolines. */
void cpu_detect(void);
void cpu_early_init(void);
void cpu_setup(struct cpu *cpu);
void cpu_allocate(unsigned id, uint32_t apic_id);
void cpu_patch_text(void);
extern unsigned cpu_found;
extern _Atomic unsigned cpu_online;

/* paging.c: the kernel's page tables. */
void paging_init(void);
void paging_drop_identity(void);
uint64_t paging_root(void);
extern bool paging_late; /* tables come from phys_alloc */

/* acpi.c */
struct acpi_info {
	uint64_t lapic;
	uint64_t ioapic;
	uint32_t ioapic_gsi_base;
	uint32_t irq_gsi[16];   /* ISA interrupt -> input */
	uint16_t irq_flags[16]; /* MPS INTI flags */
	uint64_t hpet;          /* 0: none */
	uint16_t pm1a_control;  /* I/O port, 0: none */
	uint16_t pm1b_control;
	uint16_t sleep_type_a;
	uint16_t sleep_type_b;
	uint16_t pm_timer; /* I/O port, 0: none */
	uint32_t cpu_count;
	uint32_t cpu_apic_id[MAX_CPUS];
};

extern struct acpi_info acpi_info;
void acpi_init(void);

/* apic.c */
void apic_init(void);
void apic_init_cpu(void);
uint32_t apic_id(void);
void apic_eoi(void);
uint32_t lapic_register_read(unsigned reg);
void lapic_register_write(unsigned reg, uint32_t value);
void apic_send(uint32_t target, uint32_t command);
void apic_send_vector(uint32_t target, unsigned vector);
void apic_nmi_others(void);
void ioapic_enable(unsigned irq, uint32_t target);

/* timer.c */
void timer_init(void);
void timer_interrupt(bool user);

/* trap.c */
typedef void irq_handler_t(void);
void irq_register(unsigned irq, irq_handler_t *handler);

/* call.c */
void call_interrupt(void);

/* fpu.c */
void fpu_init_cpu(void);
void fpu_init(void);
void *fpu_area_create(void);
void fpu_area_destroy(void *area);
void fpu_device_not_available(struct pcb *pcb);
/* Bring the running thread's FPU state into its area; it stays usable. */
void fpu_sync(struct pcb *pcb);
/* State flavours i386_FLOAT_STATE and i386_XFLOAT_STATE. The state has been
 * synchronized. */
kern_return_t fpu_float_get(struct pcb *pcb, void *state);
kern_return_t fpu_float_set(struct pcb *pcb, const void *state, uint32_t count);
kern_return_t fpu_xfloat_get(struct pcb *pcb, void *state);
kern_return_t fpu_xfloat_set(struct pcb *pcb, const void *state, uint32_t count);

/* serial.c, screen.c, keyboard.c: behind arch/console.h. */
void console_init(void);

bool serial_init(void);
void serial_write(char byte);
int serial_read(void);
void serial_flush(void);
void serial_enable_interrupt(void);
void screen_init(void);
void screen_init_late(void); /* devices can be mapped */
void screen_write(const char *bytes, size_t size);
void screen_size(unsigned *columnsp, unsigned *rowsp);
void keyboard_init(void);
int keyboard_read(void);
unsigned serial_irq(void);
void console_input_byte(uint8_t byte);

/* pmap.c */
void pmap_bootstrap(void);

/* boot/ */
void boot_info_init(uint32_t magic, uint64_t information);
void boot_scrub(void);

/* smp.c, in assembler */
extern char ap_trampoline[], ap_trampoline_end[];

#endif
