/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of a thread inside the handler.
 */
#ifndef LIBMACH_MUSL_FRAME_H
#define LIBMACH_MUSL_FRAME_H

#include <mach/portolan.h>
#include <stddef.h>
#include <stdint.h>

#include "frame_offsets.h"

/* As entry.S pushes it, just below the emulation block. */
struct handler_frame {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r9, r8, r10, rdx, rsi, rdi;
	uint64_t rax; /* the number of the call */
	uint64_t pad;
};

_Static_assert(sizeof(struct handler_frame) == HANDLER_FRAME_SIZE, "layout");
_Static_assert(HANDLER_FRAME_SIZE % 16 == 0, "stack alignment");
_Static_assert(offsetof(struct emulation_block, eb_rip) == BLOCK_RIP, "layout");
_Static_assert(offsetof(struct emulation_block, eb_rsp) == BLOCK_RSP, "layout");
_Static_assert(offsetof(struct emulation_block, eb_rflags) == BLOCK_RFLAGS, "layout");

/* Number and arguments of a call by the Linux convention. */
#define FRAME_NUMBER(frame) ((frame)->rax)
#define FRAME_ARG0(frame)   ((frame)->rdi)
#define FRAME_ARG1(frame)   ((frame)->rsi)
#define FRAME_ARG2(frame)   ((frame)->rdx)
#define FRAME_ARG3(frame)   ((frame)->r10)
#define FRAME_ARG4(frame)   ((frame)->r8)
#define FRAME_ARG5(frame)   ((frame)->r9)

#endif /* LIBMACH_MUSL_FRAME_H */
