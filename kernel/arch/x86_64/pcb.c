/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcb -- arch/pcb.h and the C part of arch/context.h.
 */
#include <arch/context.h>
#include <arch/pcb.h>
#include <kern/assert.h>
#include <kern/string.h>
#include <mach/kern_return.h>
#include <mach/portolan.h>
#include <mach/thread_status.h>

#include "machine.h"
#include "offsets.h"

_Static_assert(offsetof(struct cpu, current) == CPU_CURRENT, "offsets.h");
_Static_assert(offsetof(struct cpu, scratch) == CPU_SCRATCH, "offsets.h");
_Static_assert(offsetof(struct cpu, tss.rsp[0]) == CPU_RSP0, "offsets.h");
_Static_assert(offsetof(struct cpu, stack) == CPU_STACK, "offsets.h");
_Static_assert(offsetof(struct cpu, ast) == CPU_AST, "offsets.h");
_Static_assert(offsetof(struct cpu, self) == CPU_SELF, "offsets.h");
_Static_assert(sizeof(struct cpu_tss) == 104, "AMD64 manual vol. 2, 12.2.5");
_Static_assert(offsetof(struct pcb, r.r15) == PCB_R15, "offsets.h");
_Static_assert(offsetof(struct pcb, r.rbx) == PCB_RBX, "offsets.h");
_Static_assert(offsetof(struct pcb, r.rax) == PCB_RAX, "offsets.h");
_Static_assert(offsetof(struct pcb, r.rdi) == PCB_RDI, "offsets.h");
_Static_assert(offsetof(struct pcb, r.rip) == PCB_RIP, "offsets.h");
_Static_assert(offsetof(struct pcb, r.ss) == PCB_SS, "offsets.h");
_Static_assert(sizeof(struct pcb_registers) == PCB_END, "offsets.h");
_Static_assert(offsetof(struct pcb, emulation_entry) == PCB_EM_ENTRY, "offsets.h");
_Static_assert(offsetof(struct pcb, emulation_start) == PCB_EM_START, "offsets.h");
_Static_assert(offsetof(struct pcb, emulation_end) == PCB_EM_END, "offsets.h");
_Static_assert(offsetof(struct pcb, emulation_block) == PCB_EM_BLOCK, "offsets.h");
_Static_assert(offsetof(struct pcb, kernel_rsp) == PCB_KERNEL_RSP, "offsets.h");
_Static_assert(offsetof(struct pcb, kernel_stack) == PCB_KERNEL_STACK, "offsets.h");

/* What a user may set: CF PF AF ZF SF TF DF OF AC ID. */
#define RFLAGS_USER (0x0cd5ul | RFLAGS_TF | RFLAGS_AC | 1ul << 21)

void *context_swap(struct pcb *old, struct pcb *new, void *arg);
_Noreturn void context_take(struct pcb *old, struct pcb *new, void *arg);
extern char context_begin[];

/* -- life ------------------------------------------------------------------ */

bool
pcb_init(struct pcb *pcb)
{
	memset(pcb, 0, sizeof(*pcb));
	pcb->fpu = fpu_area_create();
	pcb_set_start(pcb, 0, 0);
	return pcb->fpu != NULL;
}

void
pcb_destroy(struct pcb *pcb)
{
	if (pcb->fpu != NULL)
		fpu_area_destroy(pcb->fpu);
	pcb->fpu = NULL;
}

void
pcb_set_start(struct pcb *pcb, uint64_t rip, uint64_t rsp)
{
	memset(&pcb->r, 0, sizeof(pcb->r));
	pcb->r.cs = USER_CS;
	pcb->r.ss = USER_SS;
	pcb->r.rflags = RFLAGS_IF | RFLAGS_FIXED;
	pcb->r.rip = rip;
	pcb->r.rsp = rsp;
}

void
pcb_set_emulation(struct pcb *pcb, uint64_t entry, uint64_t start, uint64_t end)
{
	pcb->emulation_start = start;
	pcb->emulation_end = end;
	/* A redirect ends in sysret, which must not see a strange address. */
	pcb->emulation_entry = entry < USER_END ? entry : 0;
}

bool
pcb_set_emulation_block(struct pcb *pcb, uint64_t block)
{
	if (block % EMULATION_BLOCK_ALIGN != 0 || block > USER_END - sizeof(struct emulation_block))
		return false;
	pcb->emulation_block = block;
	return true;
}

struct pcb *
pcb_current(void)
{
	return (struct pcb *)(this_cpu()->tss.rsp[0] - PCB_END);
}

/* -- switching ---------------------------------------------------------------- */

/* Without the FSGSBASE instructions users change bases only through selector
 * loads, which still may: read back here too. */
static void
context_bases_slow(struct pcb *old, struct pcb *new)
{
	old->fs_base = x86_rdmsr(MSR_FS_BASE);
	old->gs_base = x86_rdmsr(MSR_KERNEL_GS);
	if (new->fs_base != old->fs_base)
		x86_wrmsr(MSR_FS_BASE, new->fs_base);
	if (new->gs_base != old->gs_base)
		x86_wrmsr(MSR_KERNEL_GS, new->gs_base);
}

static void
debug_load(const uint64_t *dr)
{
	__asm__ volatile("movq %0, %%dr7" : : "r"(0x400ul));
	__asm__ volatile("movq %0, %%dr0\n\t"
			 "movq %1, %%dr1\n\t"
			 "movq %2, %%dr2\n\t"
			 "movq %3, %%dr3"
			 :
			 : "r"(dr[0]), "r"(dr[1]), "r"(dr[2]), "r"(dr[3]));
	__asm__ volatile("movq %0, %%dr7" : : "r"(dr[7] | 0x400ul));
}

static void
context_debug_switch(struct pcb *new)
{
	static const uint64_t none[8];

	debug_load(new->has_debug ? new->debug : none);
	this_cpu()->debug_owner = new->has_debug ? new : NULL;
}

void
context_set_special(void)
{
	for (unsigned id = 0; id < cpu_count_possible(); id++)
		if (cpu_block(id) != NULL)
			cpu_block(id)->context_special = true;
}

void
context_become_special(struct pcb *new)
{
	struct pcb *old = pcb_current();

	if (this_cpu()->fpu_live)
		fpu_save_owner();
	if (this_cpu()->has_fsgsbase)
		context_bases_fast(old, new);
	else
		context_bases_slow(old, new);
	if (new->has_debug || this_cpu()->debug_owner != NULL)
		context_debug_switch(new);
}

void *
context_switch(struct pcb *old, struct pcb *new, struct thread *new_thread, void *arg)
{
	context_become(old, new, new_thread);
	return context_swap(old, new, arg);
}

void
context_load(struct pcb *old, struct pcb *new, struct thread *new_thread, void *arg)
{
	context_become(old, new, new_thread);
	context_take(old, new, arg);
}

/* The lowest word of a stack; overwritten only by running out of it. */
#define STACK_GUARD 0x6e6f206675727468ul

static uint64_t *
guard_of(uint64_t stack)
{
	return (uint64_t *)(stack - KERNEL_STACK_SIZE);
}

void
context_guard(uint64_t stack)
{
	*guard_of(stack) = STACK_GUARD;
}

void
context_guard_check(void)
{
	uint64_t stack = this_cpu()->stack;

	if (*guard_of(stack) != STACK_GUARD)
		panic("kernel stack at %lx has overflowed", (unsigned long)stack);
}

void
context_prepare(struct pcb *pcb, uint64_t stack, void (*start)(void *arg))
{
	uint64_t *frame = (uint64_t *)stack - 8;

	context_guard(stack);
	memset(frame, 0, 8 * sizeof(*frame));
	frame[5] = (uint64_t)start;         /* RBX */
	frame[6] = (uint64_t)context_begin; /* return address */
	pcb->kernel_rsp = (uint64_t)frame;
	pcb->kernel_stack = stack;
}

/* -- thread state flavours ------------------------------------------------------ */

void
pcb_sync(struct pcb *pcb)
{
	if (pcb != pcb_current())
		return;
	pcb->fs_base = x86_rdmsr(MSR_FS_BASE);
	pcb->gs_base = x86_rdmsr(MSR_KERNEL_GS);
	fpu_sync(pcb);
}

/* Pairs of 64-bit fields of the user's structure and of the PCB. */
#define REGISTER(user, saved)                                                                      \
	{                                                                                          \
		offsetof(struct i386_thread_state, user), offsetof(struct pcb_registers, saved)    \
	}

static const struct {
	uint16_t user, saved;
} register_rows[] = {
	REGISTER(r8, r8),
	REGISTER(r9, r9),
	REGISTER(r10, r10),
	REGISTER(r11, r11),
	REGISTER(r12, r12),
	REGISTER(r13, r13),
	REGISTER(r14, r14),
	REGISTER(r15, r15),
	REGISTER(rdi, rdi),
	REGISTER(rsi, rsi),
	REGISTER(rbp, rbp),
	REGISTER(rbx, rbx),
	REGISTER(rdx, rdx),
	REGISTER(rcx, rcx),
	REGISTER(rax, rax),
	REGISTER(rip, rip),
	REGISTER(ursp, rsp),
};

#define REGISTER_ROWS (sizeof(register_rows) / sizeof(register_rows[0]))

static kern_return_t
list_get(struct pcb *pcb, void *state)
{
	static const uint32_t list[] = { i386_THREAD_STATE, i386_FLOAT_STATE,
		i386_ISA_PORT_MAP_STATE };

	memcpy(state, list, sizeof(list));
	return KERN_SUCCESS;
}

static kern_return_t
registers_get(struct pcb *pcb, void *state)
{
	struct i386_thread_state *user = state;

	memset(user, 0, sizeof(*user));
	for (unsigned i = 0; i < REGISTER_ROWS; i++)
		memcpy((char *)user + register_rows[i].user,
		    (char *)&pcb->r + register_rows[i].saved, 8);
	user->cs = (uint32_t)pcb->r.cs & 0xffff;
	user->ss = (uint32_t)pcb->r.ss & 0xffff;
	user->rfl = pcb->r.rflags;
	return KERN_SUCCESS;
}

static void
registers_load(struct pcb *pcb, const struct i386_thread_state *user)
{
	for (unsigned i = 0; i < REGISTER_ROWS; i++)
		memcpy((char *)&pcb->r + register_rows[i].saved,
		    (const char *)user + register_rows[i].user, 8);
	pcb->r.rflags = (user->rfl & RFLAGS_USER) | RFLAGS_IF | RFLAGS_FIXED;
	/* Of addresses that are none, one: with bit 47 set, as in the kernel's
	 * half. The ways out by sysret look at that bit alone. */
	if ((int64_t)(pcb->r.rip << 16) >> 16 != (int64_t)pcb->r.rip)
		pcb->r.rip = USER_END;
}

static kern_return_t
registers_set_flat(struct pcb *pcb, const void *state, uint32_t count)
{
	registers_load(pcb, state);
	pcb->r.cs = USER_CS;
	pcb->r.ss = USER_SS;
	return KERN_SUCCESS;
}

static bool
selector_is_user(uint32_t selector)
{
	return (selector & 0xfffc) != 0 && (selector & 3) == 3;
}

static kern_return_t
registers_set(struct pcb *pcb, const void *state, uint32_t count)
{
	const struct i386_thread_state *user = state;

	if (!selector_is_user(user->cs) || !selector_is_user(user->ss))
		return KERN_INVALID_ARGUMENT;
	registers_load(pcb, user);
	pcb->r.cs = user->cs & 0xffff;
	pcb->r.ss = user->ss & 0xffff;
	return KERN_SUCCESS;
}

/* No thread has a right to I/O ports. */
static kern_return_t
ports_get(struct pcb *pcb, void *state)
{
	memset(state, 0xff, sizeof(struct i386_isa_port_map_state));
	return KERN_SUCCESS;
}

static kern_return_t
ports_set(struct pcb *pcb, const void *state, uint32_t count)
{
	return KERN_SUCCESS;
}

static kern_return_t
debug_get(struct pcb *pcb, void *state)
{
	struct i386_debug_state *user = state;

	for (int i = 0; i < 8; i++)
		user->dr[i] = (uint32_t)pcb->debug[i];
	return KERN_SUCCESS;
}

/* Enable bits, and conditions but that for I/O ports (10); GD must be clear. */
static bool
debug_control_is_sound(uint32_t dr7)
{
	for (int i = 0; i < 4; i++)
		if ((dr7 >> (16 + 4 * i) & 3) == 2)
			return false;
	return true;
}

static kern_return_t
debug_set(struct pcb *pcb, const void *state, uint32_t count)
{
	const struct i386_debug_state *user = state;

	if (!debug_control_is_sound(user->dr[7]))
		return KERN_INVALID_ARGUMENT;
	for (int i = 0; i < 4; i++)
		pcb->debug[i] = user->dr[i];
	pcb->debug[6] = user->dr[6] & 0x600f;
	pcb->debug[7] = user->dr[7] & 0xffff0355;
	pcb->has_debug = (pcb->debug[7] & 0x55) != 0;
	if (pcb->has_debug)
		context_set_special();
	if (pcb == pcb_current())
		context_debug_switch(pcb);
	return KERN_SUCCESS;
}

static kern_return_t
bases_get(struct pcb *pcb, void *state)
{
	struct i386_fsgs_base_state *user = state;

	user->fs_base = pcb->fs_base;
	user->gs_base = pcb->gs_base;
	return KERN_SUCCESS;
}

static uint64_t
user_base(uint64_t base)
{
	return base < USER_END ? base : 0;
}

static kern_return_t
bases_set(struct pcb *pcb, const void *state, uint32_t count)
{
	const struct i386_fsgs_base_state *user = state;

	pcb->fs_base = user_base(user->fs_base);
	pcb->gs_base = user_base(user->gs_base & ~(1ul << 63));
	if (pcb == pcb_current()) {
		x86_wrmsr(MSR_FS_BASE, pcb->fs_base);
		x86_wrmsr(MSR_KERNEL_GS, pcb->gs_base);
	}
	return KERN_SUCCESS;
}

static kern_return_t
block_get(struct pcb *pcb, void *state)
{
	((struct emulation_block_state *)state)->block = pcb->emulation_block;
	return KERN_SUCCESS;
}

static kern_return_t
block_set(struct pcb *pcb, const void *state, uint32_t count)
{
	const struct emulation_block_state *user = state;

	return pcb_set_emulation_block(pcb, user->block) ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

/* The flavours of a fixed size; the list and the extended state apart. */
static const struct flavour_row {
	int flavour;
	uint32_t count;
	kern_return_t (*get)(struct pcb *pcb, void *state);
	kern_return_t (*set)(struct pcb *pcb, const void *state, uint32_t count);
} flavour_rows[] = {
	{ THREAD_STATE_FLAVOR_LIST, 3, list_get, NULL },
	{ i386_THREAD_STATE, i386_THREAD_STATE_COUNT, registers_get, registers_set_flat },
	{ i386_FLOAT_STATE, i386_FLOAT_STATE_COUNT, fpu_float_get, fpu_float_set },
	{ i386_ISA_PORT_MAP_STATE, i386_ISA_PORT_MAP_STATE_COUNT, ports_get, ports_set },
	{ i386_REGS_SEGS_STATE, i386_THREAD_STATE_COUNT, registers_get, registers_set },
	{ i386_DEBUG_STATE, i386_DEBUG_STATE_COUNT, debug_get, debug_set },
	{ i386_FSGS_BASE_STATE, i386_FSGS_BASE_STATE_COUNT, bases_get, bases_set },
	{ i386_XFLOAT_STATE, 0, fpu_xfloat_get, fpu_xfloat_set },
	{ EMULATION_BLOCK_STATE, EMULATION_BLOCK_STATE_COUNT, block_get, block_set },
};

static const struct flavour_row *
flavour_find(int flavor)
{
	for (unsigned i = 0; i < sizeof(flavour_rows) / sizeof(flavour_rows[0]); i++)
		if (flavour_rows[i].flavour == flavor)
			return &flavour_rows[i];
	return NULL;
}

static uint32_t
flavour_count(const struct flavour_row *row)
{
	return row->count != 0 ? row->count : pcb_xfloat_size() / 4;
}

kern_return_t
pcb_get_state(struct pcb *pcb, int flavor, uint32_t *state, uint32_t *countp)
{
	const struct flavour_row *row = flavour_find(flavor);
	kern_return_t result;

	if (row == NULL || *countp < flavour_count(row))
		return KERN_INVALID_ARGUMENT;
	pcb_sync(pcb);
	result = row->get(pcb, state);
	if (result == KERN_SUCCESS)
		*countp = flavour_count(row);
	return result;
}

kern_return_t
pcb_set_state(struct pcb *pcb, int flavor, const uint32_t *state, uint32_t count)
{
	const struct flavour_row *row = flavour_find(flavor);

	if (row == NULL || row->set == NULL || count < flavour_count(row))
		return KERN_INVALID_ARGUMENT;
	return row->set(pcb, state, count);
}
