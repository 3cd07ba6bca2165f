/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trap -- exceptions and interrupts after entry.S has saved the registers,
 * and the rare cases of system calls.
 */
#include <arch/console.h>
#include <arch/trap.h>
#include <kern/assert.h>
#include <kern/copyio.h>
#include <kern/string.h>
#include <kern/waiter.h>
#include <mach/exception.h>
#include <mach/kern_return.h>

#include "../../debug/debug.h"
#include "fixup.h"
#include "machine.h"
#include "offsets.h"

#define VECTOR_DEBUG      1
#define VECTOR_NMI        2
#define VECTOR_NO_FPU     7
#define VECTOR_PAGE_FAULT 14
#define VECTOR_X87        16
#define VECTOR_FIRST_IRQ  32

/* Results of trap_unknown that are no results (entry.S). */
#define UNKNOWN_RAISED   (-1l)
#define UNKNOWN_REDIRECT (1l << 32)

/* How an exception vector shows to the user (ABI sheet 7.4). */
struct exception_row {
	const char *name;
	uint8_t type; /* 0: not for users: bad instruction */
	uint8_t code;
	bool error_is_subcode;
};

static const struct exception_row exception_rows[VECTOR_FIRST_IRQ] = {
	[0] = { "divide error", EXC_ARITHMETIC, EXC_I386_DIV, false },
	[1] = { "debug", EXC_BREAKPOINT, EXC_I386_SGL, false },
	[2] = { "NMI", 0, 0, false },
	[3] = { "breakpoint", EXC_BREAKPOINT, EXC_I386_BPT, false },
	[4] = { "overflow", EXC_ARITHMETIC, EXC_I386_INTO, false },
	[5] = { "bound", EXC_SOFTWARE, EXC_I386_BOUND, false },
	[6] = { "invalid opcode", EXC_BAD_INSTRUCTION, EXC_I386_INVOP, false },
	[8] = { "double fault", 0, 0, false },
	[9] = { "coprocessor overrun", EXC_BAD_ACCESS, VM_PROT_READ | VM_PROT_EXECUTE, false },
	[10] = { "invalid TSS", EXC_BAD_INSTRUCTION, EXC_I386_INVTSSFLT, true },
	[11] = { "segment not present", EXC_BAD_INSTRUCTION, EXC_I386_SEGNPFLT, true },
	[12] = { "stack fault", EXC_BAD_INSTRUCTION, EXC_I386_STKFLT, true },
	[13] = { "general protection", EXC_BAD_INSTRUCTION, EXC_I386_GPFLT, true },
	[14] = { "page fault", 0, 0, false },
	[16] = { "x87 error", EXC_ARITHMETIC, EXC_I386_EXTERR, false },
	[18] = { "machine check", 0, 0, false },
};

static irq_handler_t *irq_handlers[VECTOR_IRQ_COUNT];

void trap_from_user(struct pcb *pcb);
void trap_from_kernel(struct pcb_registers *frame);
void trap_paranoid(struct pcb_registers *frame);
int64_t trap_unknown(struct pcb *pcb);
uint64_t trap_stack_slow(struct pcb *pcb);
void trap_redirect_fault(struct pcb *pcb);
void trap_bad_return(struct pcb *pcb);

void
irq_register(unsigned irq, irq_handler_t *handler)
{
	kassert(irq < VECTOR_IRQ_COUNT);
	irq_handlers[irq] = handler;
	ioapic_enable(irq, cpu_block(0)->apic_id);
}

/* -- interrupts --------------------------------------------------------- */

static void
interrupt_device(uint64_t vector)
{
	uint64_t irq = vector - VECTOR_IRQ;

	if (irq < VECTOR_IRQ_COUNT && irq_handlers[irq] != NULL)
		irq_handlers[irq]();
	apic_eoi();
}

static void
interrupt(uint64_t vector, bool user)
{
	switch (vector) {
	case VECTOR_TIMER:
		apic_eoi();
		timer_interrupt(user);
		break;
	case VECTOR_RESCHEDULE:
		apic_eoi();
		break;
	case VECTOR_CALL:
		apic_eoi();
		call_interrupt();
		break;
	case VECTOR_SPURIOUS:
		break;
	default:
		interrupt_device(vector);
		break;
	}
}

/* -- from user mode ------------------------------------------------------- */

static vm_prot_t
fault_access(uint64_t error)
{
	if ((error & PF_FETCH) != 0)
		return VM_PROT_EXECUTE;
	return (error & PF_WRITE) != 0 ? VM_PROT_WRITE : VM_PROT_READ;
}

/*
 * A page that is there, but not for what the CPU itself wanted with it in
 * the user's name: no mapping helps. (QEMU reads the stack of far returns as
 * if it were the kernel's, which SMAP forbids.)
 */
static bool
fault_is_hopeless(uint64_t error)
{
	return (error & (PF_PRESENT | PF_USER)) == PF_PRESENT || (error & PF_RESERVED) != 0;
}

static void
user_page_fault(struct pcb *pcb)
{
	uint64_t address = x86_read_cr2();

	if (address >= USER_END)
		trap_user_exception(EXC_BAD_ACCESS, EXC_I386_PGFLT, (int64_t)address);
	else if (fault_is_hopeless(pcb->r.error))
		trap_user_exception(EXC_BAD_ACCESS, KERN_PROTECTION_FAILURE, (int64_t)address);
	else
		trap_user_page_fault(address, fault_access(pcb->r.error));
}

static void
user_x87_error(void)
{
	uint16_t status;

	__asm__ volatile("fnstsw %0" : "=a"(status));
	trap_user_exception(EXC_ARITHMETIC, EXC_I386_EXTERR, status);
}

static void
user_exception(struct pcb *pcb)
{
	const struct exception_row *row = &exception_rows[pcb->r.vector];

	if (row->type == 0)
		trap_user_exception(EXC_BAD_INSTRUCTION, (int)pcb->r.vector, 0);
	else
		trap_user_exception(row->type, row->code,
		    row->error_is_subcode ? (int64_t)(pcb->r.error & 0xffff) : 0);
}

/* Keep what DR6 says for the debug state; the next exception adds to it. */
static void
user_debug(struct pcb *pcb)
{
	uint64_t dr6;

	__asm__ volatile("movq %%dr6, %0" : "=r"(dr6));
	__asm__ volatile("movq %0, %%dr6" : : "r"(0xffff0ff0ul));
	pcb->debug[6] = dr6 & 0x600f;
	user_exception(pcb);
}

void
trap_from_user(struct pcb *pcb)
{
	uint64_t vector = pcb->r.vector;

	if (vector == VECTOR_PAGE_FAULT)
		user_page_fault(pcb);
	else if (vector >= VECTOR_FIRST_IRQ)
		interrupt(vector, true);
	else if (vector == VECTOR_NO_FPU)
		fpu_device_not_available(pcb);
	else if (vector == VECTOR_X87)
		user_x87_error();
	else if (vector == VECTOR_DEBUG)
		user_debug(pcb);
	else
		user_exception(pcb);
}

/* exception_return found registers that iretq refuses. */
void
trap_bad_return(struct pcb *pcb)
{
	pcb->r.cs = USER_CS;
	pcb->r.ss = USER_SS;
	if ((int64_t)(pcb->r.rip << 16) >> 16 != (int64_t)pcb->r.rip)
		pcb->r.rip = 0;
	trap_user_exception(EXC_BAD_INSTRUCTION, EXC_I386_GPFLT, 0);
}

/* -- from kernel mode ----------------------------------------------------- */

static _Noreturn void
kernel_fatal(const struct pcb_registers *frame)
{
	const char *name =
	    frame->vector < VECTOR_FIRST_IRQ ? exception_rows[frame->vector].name : NULL;

	log_emergency();
	kern_log("rax %016lx rbx %016lx rcx %016lx rdx %016lx", frame->rax, frame->rbx, frame->rcx,
	    frame->rdx);
	kern_log("rsi %016lx rdi %016lx rbp %016lx rsp %016lx", frame->rsi, frame->rdi, frame->rbp,
	    frame->rsp);
	kern_log("r8  %016lx r9  %016lx r10 %016lx r11 %016lx", frame->r8, frame->r9, frame->r10,
	    frame->r11);
	kern_log("r12 %016lx r13 %016lx r14 %016lx r15 %016lx", frame->r12, frame->r13, frame->r14,
	    frame->r15);
	kern_log("rip %016lx rflags %lx cr2 %016lx cr3 %lx", frame->rip, frame->rflags,
	    x86_read_cr2(), x86_read_cr3());
	panic_at(frame->rip, frame->rbp, "%s (vector %lu, error %lx) in the kernel",
	    name != NULL ? name : "unexpected exception", frame->vector, frame->error);
}

static const struct fixup *
fixup_find(uint64_t rip)
{
	for (const struct fixup *row = fixup_table_start; row < fixup_table_end; row++)
		if (row->at == rip)
			return row;
	return NULL;
}

/* A fault of kernel code on user memory: served, or the code's fix-up. */
static bool
kernel_fault(struct pcb_registers *frame)
{
	const struct fixup *row = fixup_find(frame->rip);
	uint64_t address = x86_read_cr2();

	if (row == NULL)
		return false;
	if (row->kind == FIXUP_RETRY && frame->vector == VECTOR_PAGE_FAULT && address < USER_END &&
	    trap_copy_fault(address, fault_access(frame->error)))
		return true;
	frame->rip = row->resume;
	return true;
}

void
trap_from_kernel(struct pcb_registers *frame)
{
	if (frame->vector >= VECTOR_FIRST_IRQ)
		interrupt(frame->vector, false);
	else if (!kernel_fault(frame))
		kernel_fatal(frame);
}

/*
 * #DB, NMI, double fault, machine check. A debug exception in the kernel is
 * the user's trap flag or breakpoint at work where an entry instruction just
 * came in: the kernel goes on without it, the user's own flags are saved.
 */
void
trap_paranoid(struct pcb_registers *frame)
{
	if (frame->vector == VECTOR_DEBUG) {
		frame->rflags &= ~RFLAGS_TF;
		__asm__ volatile("movq %0, %%dr6" : : "r"(0xffff0ff0ul));
		return;
	}
	if (frame->vector == VECTOR_NMI) {
		/* Panicking CPUs stop the others this way; else noise. */
		if (this_cpu()->in_panic != 0)
			for (;;)
				__asm__ volatile("cli; hlt");
		return;
	}
	kernel_fatal(frame);
}

void
debug_stop_others(void)
{
	for (unsigned id = 0; id < cpu_found; id++)
		if (id != cpu_id())
			cpu_block(id)->in_panic = 1;
	if (cpu_count() > 1)
		apic_nmi_others();
}

/* -- system calls: the rare cases ------------------------------------------ */

static bool
in_emulator(const struct pcb *pcb)
{
	return pcb->r.rip > pcb->emulation_start && pcb->r.rip <= pcb->emulation_end;
}

/*
 * A number without a function: redirected if the task says so, else an unused
 * slot answers and a number beyond the table is an exception (ABI sheet 1.1).
 */
int64_t
trap_unknown(struct pcb *pcb)
{
	int64_t number = -(int64_t)pcb->r.rax;

	if (pcb->emulation_entry != 0) {
		if (pcb->emulation_block != 0 && !in_emulator(pcb))
			return UNKNOWN_REDIRECT;
	} else if (number >= 0 && number < TRAP_COUNT) {
		return KERN_INVALID_ARGUMENT;
	}
	trap_user_exception(EXC_BAD_INSTRUCTION, EXC_I386_INVOP, 0);
	return UNKNOWN_RAISED;
}

/* The emulation block could not be written. */
void
trap_redirect_fault(struct pcb *pcb)
{
	trap_user_page_fault(x86_read_cr2(), VM_PROT_WRITE);
}

static const struct trap_entry *
trap_entry_of(const struct pcb *pcb)
{
	uint64_t number = -pcb->r.rax;

	return number < TRAP_COUNT ? &trap_table[number] : &trap_own_table[number - TRAP_OWN_FIRST];
}

typedef uint64_t trap_function_full_t(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
    uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

/* Stack arguments that are not there, or at the very end of user space. */
uint64_t
trap_stack_slow(struct pcb *pcb)
{
	const struct trap_entry *entry = trap_entry_of(pcb);
	uint64_t a[TRAP_ARGUMENTS_MAX - 6] = { 0 };
	uint64_t user = pcb->r.rsp + 8;

	for (uint64_t i = 0; i < entry->arguments - 6; i++, user += 8) {
		if (user > USER_END - 8) {
			trap_user_exception(EXC_BAD_ACCESS, KERN_INVALID_ADDRESS, (int64_t)user);
			exception_return();
		}
		if (!copyin_resident(user, &a[i], sizeof(a[i]))) {
			/* As if the syscall instruction had faulted: again. */
			pcb->r.rip -= 2;
			trap_user_page_fault(user, VM_PROT_READ);
			exception_return();
		}
	}
	return ((trap_function_full_t *)entry->function)(pcb->r.rdi, pcb->r.rsi, pcb->r.rdx,
	    pcb->r.r10, pcb->r.r8, pcb->r.r9, a[0], a[1], a[2], a[3], a[4]);
}
