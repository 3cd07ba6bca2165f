/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * smp -- starting the other CPUs, one after the other: INIT, start-up
 * interrupt, wait for the answer (Intel manual vol. 3, 9.4).
 *
 * The start code borrows the page at 32 KiB, where a loader may have put a
 * module. It needs that page identity-mapped for the moment of switching
 * paging on; a private root with that one mapping more serves all of them.
 */
#include <arch/boot_info.h>
#include <arch/context.h>
#include <arch/cpu.h>
#include <arch/pmap.h>
#include <arch/startup.h>
#include <arch/timer.h>
#include <kern/assert.h>
#include <kern/physmem.h>
#include <kern/string.h>

#include "machine.h"

#define AP_START   0x8000ul
#define AP_WAIT_US 500000ul
#define AP_STEP_US 100

#define COMMAND_INIT    0x4500u
#define COMMAND_STARTUP 0x4600u

struct ap_parameters {
	uint64_t root;
	uint64_t stack;
	struct cpu *cpu;
	uint64_t efer;
};

extern struct ap_parameters ap_parameters;

_Noreturn void ap_main(struct cpu *cpu);

static struct ap_parameters *
parameters(void)
{
	return direct_map(AP_START + (uint64_t)((char *)&ap_parameters - ap_trampoline));
}

/* Root, and three tables below it that map the first 2 MiB to themselves. */
static bool
identity_create(uint64_t frame[4])
{
	uint64_t *table;

	for (int i = 0; i < 4; i++) {
		/* CR3 is loaded with 32 bits. */
		if (!phys_alloc(0, &frame[i]) || frame[i] >> 32 != 0)
			return false;
		memset(direct_map(frame[i]), 0, PAGE_SIZE_4K);
	}
	table = direct_map(frame[0]);
	memcpy(table + 256, (uint64_t *)direct_map(paging_root()) + 256, 256 * 8);
	table[0] = frame[1] | PTE_PRESENT | PTE_WRITE;
	table = direct_map(frame[1]);
	table[0] = frame[2] | PTE_PRESENT | PTE_WRITE;
	table = direct_map(frame[2]);
	table[0] = frame[3] | PTE_PRESENT | PTE_WRITE;
	table = direct_map(frame[3]);
	table[AP_START >> 12] = AP_START | PTE_PRESENT;
	return true;
}

void
ap_main(struct cpu *cpu)
{
	cpu_setup(cpu);
	cpu->stack = ((uint64_t)__builtin_frame_address(0) + KERNEL_STACK_SIZE - 1) &
	    ~(KERNEL_STACK_SIZE - 1);
	context_guard(cpu->stack);
	x86_write_cr3(paging_root());
	this_cpu()->pmap = kernel_pmap;
	apic_init_cpu();
	cpu->online = true;
	atomic_fetch_add(&cpu_online, 1);
	kernel_cpu_main();
}

static bool
ap_wait(const struct cpu *cpu, uint64_t us)
{
	for (; us > 0 && !*(const volatile bool *)&cpu->online; us -= AP_STEP_US)
		timer_delay_us(AP_STEP_US);
	return *(const volatile bool *)&cpu->online;
}

static void
ap_start(struct cpu *cpu)
{
	uint64_t stack;

	if (!phys_alloc(KERNEL_STACK_ORDER, &stack))
		return;
	parameters()->stack = (uint64_t)direct_map(stack) + KERNEL_STACK_SIZE;
	parameters()->cpu = cpu;
	apic_send(cpu->apic_id, COMMAND_INIT);
	timer_delay_us(10000);
	for (int attempt = 0; attempt < 2; attempt++) {
		apic_send(cpu->apic_id, COMMAND_STARTUP | AP_START >> 12);
		if (ap_wait(cpu, AP_WAIT_US))
			return;
	}
	kern_log("cpu %u (APIC %u) does not answer", cpu->id, cpu->apic_id);
	phys_free(stack, KERNEL_STACK_ORDER);
}

/* How many CPUs boot argument cpus= allows; all when it says nothing. */
static unsigned
cpus_allowed(void)
{
	size_t length;
	const char *value = boot_argument("cpus", &length);
	unsigned count = 0;

	if (value == NULL)
		return cpu_found;
	for (size_t i = 0; i < length && value[i] >= '0' && value[i] <= '9' && count <= MAX_CPUS;
	     i++)
		count = count * 10 + (unsigned)(value[i] - '0');
	for (size_t i = 0; i < length; i++)
		if (value[i] < '0' || value[i] > '9')
			count = 0;
	if (count >= 1 && count <= MAX_CPUS)
		return count < cpu_found ? count : cpu_found;
	kern_log("boot argument cpus=%.*s: not a number from 1 to %d; ignored", (int)length, value,
	    MAX_CPUS);
	return cpu_found;
}

void
cpu_start_others(void)
{
	uint64_t frame[4], borrowed;
	unsigned allowed = cpus_allowed();

	if (allowed == 1)
		return;
	if (!phys_alloc(0, &borrowed) || !identity_create(frame)) {
		kern_log("no low memory to start the other CPUs with");
		return;
	}
	pmap_copy_page(AP_START, borrowed);
	memcpy(direct_map(AP_START), ap_trampoline, (size_t)(ap_trampoline_end - ap_trampoline));
	parameters()->root = frame[0];
	parameters()->efer = 0x100 | (cpu_features.nx ? EFER_NXE : 0);
	for (unsigned id = 1; id < allowed; id++)
		ap_start(cpu_block(id));
	pmap_copy_page(borrowed, AP_START);
	phys_free(borrowed, 0);
	for (int i = 0; i < 4; i++)
		phys_free(frame[i], 0);
	kern_log("%u of %u CPUs running", cpu_count(), cpu_found);
}
