/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcb -- the machine's part of a thread.
 *
 * Embedded anywhere in struct thread (alignment 16). The user's registers are
 * saved here at every entry from user mode: for interrupts and exceptions by
 * the CPU itself, since TSS.rsp[0] points at the end of `r` while the thread
 * runs. So the PCB always holds the user state of a thread that is in the
 * kernel.
 *
 * Life:  pcb_init at thread creation, pcb_destroy at the end.
 * Locks: fields belong to the running thread; others may use the functions
 *        that read or change state only while the thread is stopped at a
 *        clean point or blocked and kept from running by the caller.
 */
#ifndef ARCH_PCB_H
#define ARCH_PCB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mach/kern_return.h>

/* User registers, in the order entry.S and the CPU store them. */
struct pcb_registers {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8;
	uint64_t rax, rcx, rdx, rsi, rdi;
	uint64_t vector; /* of the last interrupt or exception */
	uint64_t error;
	uint64_t rip, cs, rflags, rsp, ss;
};

struct pcb {
	struct pcb_registers r; /* 176 bytes, end is rsp[0] */
	/* Emulation (design D2). entry 0: none. Kept by pcb_set_emulation*. */
	uint64_t emulation_entry;
	uint64_t emulation_start;
	uint64_t emulation_end;
	uint64_t emulation_block; /* 0: none */
	/* While switched out with a stack. */
	uint64_t kernel_rsp;
	uint64_t kernel_stack; /* end of the stack, or 0 */
	uint64_t fs_base;      /* while switched out */
	uint64_t gs_base;
	void *fpu;            /* XSAVE area */
	bool fpu_initialized; /* the area (or the FPU) holds state */
	bool has_debug;       /* some breakpoint is enabled */
	uint64_t debug[8];    /* DR0-3, -, -, DR6, DR7 */
} __attribute__((aligned(16)));

/* Start with all registers zero, RFLAGS 0x200, user selectors, no emulation,
 * no stack. False: no memory. */
bool pcb_init(struct pcb *pcb) __attribute__((warn_unused_result));

/* Free what pcb_init allocated. The thread runs no more. */
void pcb_destroy(struct pcb *pcb);

/* The state a new user program starts with (ABI sheet 10.3). */
void pcb_set_start(struct pcb *pcb, uint64_t rip, uint64_t rsp);

/* The thread gets its task's emulation entry and range: entry 0 is none. The
 * caller checked that they are user addresses. Any thread; it takes effect
 * at the next entry. */
void pcb_set_emulation(struct pcb *pcb, uint64_t entry, uint64_t start, uint64_t end);

/* The thread's emulation block (0: none); false when misaligned or not in
 * user memory. */
bool pcb_set_emulation_block(struct pcb *pcb, uint64_t block) __attribute__((warn_unused_result));

/*
 * Thread state flavours of ABI sheet 4.5 and EMULATION_BLOCK_STATE
 * (mach/portolan.h). `state` is kernel memory, `*countp` its room in 32-bit
 * words on entry and the words filled on return.
 *
 * Returns KERN_INVALID_ARGUMENT for an unknown flavour, a count that does not
 * fit or values that are refused. Setting makes every register safe to load.
 */
kern_return_t pcb_get_state(struct pcb *pcb, int flavor, uint32_t *state, uint32_t *countp);
kern_return_t pcb_set_state(struct pcb *pcb, int flavor, const uint32_t *state, uint32_t count);

/* Bytes of i386_XFLOAT_STATE (ABI sheet 9.7). */
uint32_t pcb_xfloat_size(void);

/* Copy FPU state, FS and GS bases of the running thread from the CPU into its
 * PCB, as pcb_get_state of the running thread does itself. */
void pcb_sync(struct pcb *pcb);

/* The running thread's PCB. */
struct pcb *pcb_current(void);

#endif
