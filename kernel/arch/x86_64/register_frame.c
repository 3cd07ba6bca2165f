/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * register_frame -- see kern/register_frame.h. Words: RBX, RBP, R12 to R15,
 * which C functions keep for their callers.
 */
#include <arch/pcb.h>
#include <core/thread.h>
#include <kern/register_frame.h>
#include <kern/waiter.h>

#include "offsets.h"

_Static_assert(offsetof(struct thread, pcb) == THREAD_PCB, "offsets.h");

/* Of the trap entry: what it calls for the two traps. */
extern uint64_t register_paths[2];
extern const uint64_t register_paths_short[2], register_paths_general[2];

void
register_frame_allow(bool allow)
{
	const uint64_t *paths = allow ? register_paths_short : register_paths_general;

	register_paths[0] = paths[0];
	register_paths[1] = paths[1];
}

void
register_frame_words(uint64_t words[REGISTER_FRAME_WORDS])
{
	const struct pcb_registers *r = &pcb_current()->r;

	words[0] = r->rbx;
	words[1] = r->rbp;
	words[2] = r->r12;
	words[3] = r->r13;
	words[4] = r->r14;
	words[5] = r->r15;
}

_Noreturn void
register_frame_return(uint64_t result, const struct register_frame *frame)
{
	struct pcb_registers *r = &pcb_current()->r;

	r->rdi = frame->name;
	r->rsi = frame->label;
	r->rdx = frame->payload;
	r->r8 = (uint64_t)frame->seqno << 32 | frame->bits;
	r->r9 = 0;
	r->r10 = 0;
	r->rbx = frame->words[0];
	r->rbp = frame->words[1];
	r->r12 = frame->words[2];
	r->r13 = frame->words[3];
	r->r14 = frame->words[4];
	r->r15 = frame->words[5];
	trap_return(result);
}
