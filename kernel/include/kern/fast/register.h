/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fast/register -- the ends of a register trap that is taken the short way
 * (ipc/ipc_register_fast.c). The payload words are in the registers that C
 * functions keep, as they were in the sender; nothing here touches them.
 *
 *	register_leave          hand over the CPU (kern/fast/waiter.h) and
 *	                        return to user mode as the receiver
 *	register_call_again     nothing happened: the trap from its start,
 *	register_reply_again    the general way
 *
 * What no other way out of the kernel can do without, this one can:
 *
 * - this CPU's `ast` is not looked at. Other CPUs that set it interrupt this
 *   one, which is done as soon as it is in user mode; only waiter_switch_ast
 *   sets it here, and that leaves through register_leave_slow;
 * - the user's GS base is exchanged after the last use of the kernel's.
 *
 * The hosted machine puts its own file of this name before this one.
 */
#ifndef KERN_FAST_REGISTER_H
#define KERN_FAST_REGISTER_H

#include <kern/fast/waiter.h>
#include <kern/ipc_trace.h>

/* Compilers think little of code that ends like this. */
#define REGISTER_INLINE inline __attribute__((always_inline))

/* They do not return. Compilers that know lay out as rare what leads here. */
void register_call_again(uint64_t names, uint64_t label);
void register_reply_again(uint64_t names, uint64_t label, uint64_t msg, uint64_t size);

/* As the running thread, which may have something to attend to first. */
_Noreturn void register_leave_slow(uint64_t name, uint64_t label, uint64_t payload, uint64_t told);

/*
 * Where the words are when C code ends: where they were, or, if the compiler
 * cannot be told to leave those registers alone, at the end of the stack
 * (entry.S).
 */
#ifdef PORTOLAN_FIXED_REGISTERS
#define REGISTER_WORDS ""
#define REGISTER_SELF  "r"
#define REGISTER_TO    "r"
#else
#define REGISTER_WORDS                                                                             \
	"movq %%gs:%c[stack], %%r11\n\t"                                                           \
	"movq -8(%%r11), %%rbx\n\t"                                                                \
	"movq -16(%%r11), %%rbp\n\t"                                                               \
	"movq -24(%%r11), %%r12\n\t"                                                               \
	"movq -32(%%r11), %%r13\n\t"                                                               \
	"movq -40(%%r11), %%r14\n\t"                                                               \
	"movq -48(%%r11), %%r15\n\t"
#define REGISTER_SELF "a"
#define REGISTER_TO   "c"
#endif

/* RDI, RSI, RDX and R8 of docs/register-ipc.md. */
struct register_told {
	uint64_t name;
	uint64_t label;
	uint64_t payload;
	uint64_t bits_seqno;
};

/* Something to attend to, for either thread or by the switch itself; or an
 * address that sysret does not take (registers_load in pcb.c). */
static REGISTER_INLINE bool
register_leave_is_rare(const struct thread *self, const struct thread *to)
{
	uint32_t rare = waiter_peek(&self->t_ast);

	rare |= waiter_peek(&to->t_ast);
	rare |= this_cpu()->context_attention;
	return waiter_unlikely(rare != 0) || waiter_unlikely(to->pcb.r.rip >> 47 & 1);
}

/*
 * The last use of the kernel's GS is behind us. Once `self` is on no CPU it
 * may run on another one, and go.
 */
_Noreturn static REGISTER_INLINE void
register_sysret(struct thread *self, struct thread *to, const struct register_told *told)
{
	register uint64_t bits_seqno __asm__("r8") = told->bits_seqno;

	__asm__ volatile(
	    REGISTER_WORDS "swapgs\n\t"
			   "rdgsbase %%r11\n\t"
			   "movq %%r11, %c[gs_base](%[self])\n\t"
			   "movq %c[gs_base](%[to]), %%r11\n\t"
			   "wrgsbase %%r11\n\t"
			   "movl %[on_no_cpu], %c[on_cpu](%[self])\n\t"
			   "movq %c[rflags](%[to]), %%r11\n\t"
			   "movq %c[rsp](%[to]), %%rsp\n\t"
			   "movq %c[rip](%[to]), %%rcx\n\t"
			   "xorl %%eax, %%eax\n\t"
			   "xorl %%r9d, %%r9d\n\t"
			   "xorl %%r10d, %%r10d\n\t"
			   "sysretq"
	    :
	    : [self] REGISTER_SELF(self), [to] REGISTER_TO(to), "D"(told->name), "S"(told->label),
	    "d"(told->payload),
	    "r"(bits_seqno), [on_no_cpu] "i"(ON_NO_CPU), [stack] "i"(offsetof(struct cpu, stack)),
	    [on_cpu] "i"(offsetof(struct thread, t_on_cpu)),
	    [gs_base] "i"(offsetof(struct thread, pcb.gs_base)),
	    [rflags] "i"(offsetof(struct thread, pcb.r.rflags)),
	    [rsp] "i"(offsetof(struct thread, pcb.r.rsp)),
	    [rip] "i"(offsetof(struct thread, pcb.r.rip))
	    : "r11", "memory");
	__builtin_unreachable();
}

/*
 * Locks: none. `to` is taken and not timed, `self` has left.
 */
_Noreturn static REGISTER_INLINE void
register_leave(
    struct waiter *self_waiter, struct waiter *to_waiter, const struct register_told *told)
{
	struct thread *self = thread_of(self_waiter), *to = thread_of(to_waiter);
	unsigned long here;
	uint64_t fs;

	if (register_leave_is_rare(self, to)) {
		waiter_switch(self_waiter, to_waiter);
		IPC_TRACE(RETURN, 0, 0);
		register_leave_slow(told->name, told->label, told->payload, told->bits_seqno);
	}
	IPC_TRACE(SWITCH, self, to);
	to_waiter->w_continuation = NULL;
	this_cpu()->priority = to->t_priority;
	here = waiter_here();
	waiter_switch_space(self, to, here);
	to->t_last_cpu = (uint16_t)here;
	__asm__ volatile("rdfsbase %0" : "=r"(fs));
	self->pcb.fs_base = fs;
	__asm__ volatile("wrfsbase %0" : : "r"(to->pcb.fs_base));
	this_cpu()->tss.rsp[0] = (uint64_t)(&to->pcb.r + 1);
	this_cpu()->current = to;
	IPC_TRACE(RETURN, 0, 0);
	register_sysret(self, to, told);
}

#endif
