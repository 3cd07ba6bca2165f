/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpu -- processors: per-CPU block, identity, waiting, cross-CPU calls.
 *
 * Every CPU owns a struct cpu, reached through GS while in the kernel. The
 * kernel runs with interrupts off (execution model); interrupts are let in
 * only by cpu_idle_wait and cpu_interrupt_window.
 *
 * Locks: none needed. cpu_call takes CPU_CALL itself and may be made while
 *        holding any lock of a lower rank; a CPU that spins serves calls.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_CPUS   16
#define CACHE_LINE 64

struct thread;
struct pmap;
struct pcb;

/* The task state segment of long mode (AMD64 manual vol. 2, 12.2.5). */
struct cpu_tss {
	uint32_t reserved0;
	uint64_t rsp[3]; /* rsp[0]: end of the running thread's registers */
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_bitmap;
} __attribute__((packed, aligned(4)));

/*
 * Per-CPU block. The offsets up to `call_pending` are known to entry.S
 * (kernel/arch/x86_64/offsets.h asserts them). `ast` is the scheduler's word:
 * not 0 means trap_ast is called before this CPU goes back to user mode.
 */
struct cpu {
	struct thread *current;        /* 0 */
	uint64_t scratch;              /* 8: user RSP at a syscall */
	uint32_t pad;                  /* 16 */
	struct cpu_tss tss;            /* 20: rsp[0] at 24 */
	uint32_t pad2;                 /* 124 */
	uint64_t stack;                /* 128: end of the kernel stack in use */
	_Atomic uint32_t ast;          /* 136: reasons, the scheduler's */
	uint32_t id;                   /* 140: 0 .. cpu_count() - 1 */
	struct cpu *self;              /* 144 */
	_Atomic uint32_t call_pending; /* 152: a cross-CPU call waits */
	uint32_t apic_id;
	struct pmap *pmap;     /* loaded in CR3 */
	struct pcb *fpu_owner; /* whose state is live in the FPU */
	void *debug_owner;     /* pcb whose debug registers are loaded */
	union {
		struct {
			bool fpu_live;        /* fpu_owner is not NULL */
			bool context_special; /* switches look closer */
		};
		uint32_t context_attention; /* either */
	};
	bool has_fsgsbase; /* user may write FS and GS bases */
	bool has_xsaveopt;
	bool online;
	uint8_t priority; /* of the running thread; the scheduler's */
	uint8_t in_panic;
	uint64_t idle_tsc;                     /* time-stamp counts spent in cpu_idle_wait */
	uint64_t ticks;                        /* clock ticks taken on this CPU */
	void *scheduler;                       /* free for the scheduler */
	uint64_t scratch_line[CACHE_LINE / 8]; /* free for the fast path */
} __attribute__((aligned(64)));

/* This CPU's block, for direct use in expressions: this_cpu()->id. The
 * address space makes each use one GS-relative instruction. Not for the atomic
 * members, which compilers do not take there: this_cpu()->self->ast. */
#define this_cpu() ((struct cpu __seg_gs *)0)

/* The block of CPU `id`; its address proper. */
struct cpu *cpu_block(unsigned id);

static inline unsigned
cpu_id(void)
{
	return this_cpu()->id;
}

/* CPUs that are running the kernel (they have ids 0 .. count-1). */
unsigned cpu_count(void);

/* CPUs found, running or about to. */
unsigned cpu_count_possible(void);

static inline void
cpu_pause(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/*
 * Wait for an interrupt with interrupts on, unless this CPU's `ast` is set or
 * *wake is not 0: checked with interrupts off, so a wake-up is not lost.
 * Interrupts are off again on return. Idle threads only.
 */
void cpu_idle_wait(const _Atomic uint32_t *wake);

/* Let pending interrupts in for one moment. No spin lock held. */
void cpu_interrupt_window(void);

/* Make CPU `id` look at its `ast` word: in user mode or idle at once. */
void cpu_send_reschedule(unsigned id);

/*
 * Run `function(arg)` on every CPU in `mask` (bit i = CPU i) and wait until
 * all have. The own CPU is served by a direct call. It runs with interrupts
 * off in interrupt context or inside another CPU's spin loop: it takes no
 * locks and does not block.
 */
void cpu_call(uint32_t mask, void (*function)(void *arg), void *arg);

/* Serve calls of other CPUs now; for spin loops. */
void cpu_call_poll(void);

/* Start the other CPUs; each calls kernel_cpu_main (arch/startup.h) on a
 * stack of its own. Returns when all answered or were given up. */
void cpu_start_others(void);

/* Time-stamp counter: on QEMU with icount, guest instructions. */
static inline uint64_t
cpu_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

#endif
