/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * context -- kernel stacks and switching between threads.
 *
 * A stack is named by its end (highest address, 16-aligned); it has
 * KERNEL_STACK_SIZE bytes below. The scheduler owns stacks: arch runs on what
 * it is given. A thread that is switched out either keeps its stack
 * (pcb.kernel_stack != 0) or has none (blocked with a continuation).
 *
 * The four switches, `old` running, `new` chosen; the caller then has done
 * its own bookkeeping (locks, run state):
 *
 *   old keeps, new has a stack      context_switch(old, new, arg)
 *   old keeps, new has none         context_prepare(new, fresh, start);
 *                                   context_switch(old, new, arg)
 *   old gives up, new has a stack   context_load(new, arg)  [the new side
 *                                   frees old's stack]
 *   old gives up, new has none      context_become(new) ; context_call(f, x)
 *                                   [same stack goes on: handoff]
 *
 * All of them must be preceded by pmap_activate (arch/pmap.h) for the new
 * thread's task and move this_cpu()->current, rsp[0], FS/GS bases and FPU
 * ownership (context_become is that part; the first three include it).
 *
 * Locks: interrupts off.
 */
#ifndef ARCH_CONTEXT_H
#define ARCH_CONTEXT_H

#include <stdint.h>

#include <arch/cpu.h>
#include <arch/pcb.h>
#include <kern/ipc_trace.h>
#include <kern/rare.h>

#define KERNEL_STACK_SIZE  16384ul
#define KERNEL_STACK_ORDER 2 /* of phys_alloc */

/* Slow parts of context_become. */
void fpu_save_owner(void);
KERN_RARE void context_become_special(struct pcb *new);

/* From now on every CPU's switches look closer: one lacks FSGSBASE, or some
 * thread has a breakpoint. */
void context_set_special(void);

static inline void
context_bases_fast(struct pcb *old, struct pcb *new)
{
	uint64_t gs;

	__asm__ volatile("rdfsbase %0" : "=r"(old->fs_base));
	__asm__ volatile("swapgs\n\trdgsbase %0\n\twrgsbase %1\n\tswapgs"
			 : "=&r"(gs)
			 : "r"(new->gs_base)
			 : "memory");
	old->gs_base = gs;
	__asm__ volatile("wrfsbase %0" : : "r"(new->fs_base));
}

/*
 * TOUR: cont-2
 * Everything of a switch from `old` to `new` but stack and address space.
 * `old` is the PCB of the thread that ran until now on this CPU.
 */
static inline void
context_become(struct pcb *old, struct pcb *new, struct thread *thread)
{
	IPC_TRACE(SWITCH, this_cpu()->current, thread);
	if (__builtin_expect(this_cpu()->context_attention == 0, 1))
		context_bases_fast(old, new);
	else
		context_become_special(new);
	this_cpu()->tss.rsp[0] = (uint64_t)(&new->r + 1);
	this_cpu()->current = thread;
	__asm__ volatile("" ::: "memory");
}

/*
 * Save the running context in `old`, which keeps its stack, and go on in
 * `new`. Returns, in the context of a later switch back to `old`, the `arg`
 * of that switch.
 */
void *context_switch(struct pcb *old, struct pcb *new, struct thread *new_thread, void *arg);

/* As context_switch, but the running context is dropped with its stack. `old`
 * is the PCB of the running thread. */
_Noreturn void context_load(struct pcb *old, struct pcb *new, struct thread *new_thread, void *arg);

/* Give `pcb`, which has no stack, one that ends at `stack`; the first switch
 * to it calls start(arg of the switch), which does not return. */
void context_prepare(struct pcb *pcb, uint64_t stack, void (*start)(void *arg));

/* Mark the lowest word of a stack (context_prepare does), and panic when the
 * mark of the stack in use is gone; every tick looks. */
void context_guard(uint64_t stack);
void context_guard_check(void);

/* The running thread no longer owns a stack (it will context_load away) or
 * owns the one in use. */
static inline uint64_t
context_stack(void)
{
	return this_cpu()->stack;
}

/* Empty the stack in use and call function(arg), which does not return. */
_Noreturn static inline void
context_call(void (*function)(void *arg), void *arg)
{
	__asm__ volatile(
	    "movq %%gs:%c[stack], %%rsp\n\t"
	    "xorl %%ebp, %%ebp\n\t"
	    "callq *%[function]\n\t"
	    "ud2"
	    :
	    : [stack] "i"(offsetof(struct cpu, stack)), [function] "r"(function), "D"(arg)
	    : "memory");
	__builtin_unreachable();
}

#endif
