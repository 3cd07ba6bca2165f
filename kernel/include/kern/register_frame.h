/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * register_frame -- the registers of a trap that carry a message
 * (docs/register-ipc.md), for ipc/, which knows no machine.
 *
 * The words are where the trap entry put the user's registers; they are read
 * once, at the start of the trap, and written when it ends.
 */
#ifndef KERN_REGISTER_FRAME_H
#define KERN_REGISTER_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#define REGISTER_FRAME_WORDS 6

struct register_frame {
	uint64_t label;
	uint64_t words[REGISTER_FRAME_WORDS];
	uint64_t payload;
	uint32_t name; /* of the reply right */
	uint32_t bits;
	uint32_t seqno;
};

/* May traps try the short way (ipc_register_fast.c)? At first they may. */
void register_frame_allow(bool allow);

/* The payload words that the running thread passed. In its trap. */
void register_frame_words(uint64_t words[REGISTER_FRAME_WORDS]);

/* End the running thread's trap with `result` and everything in the frame.
 * As trap_return, from a continuation or not. */
_Noreturn void register_frame_return(uint64_t result, const struct register_frame *frame);

#endif
