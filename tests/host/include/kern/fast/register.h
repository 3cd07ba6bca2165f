/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosted machine's, in tests/unit/ipc/registers.c. See the kernel's file. */
#ifndef KERN_FAST_REGISTER_H
#define KERN_FAST_REGISTER_H

#include <kern/fast/waiter.h>

struct register_told {
	uint64_t name;
	uint64_t label;
	uint64_t payload;
	uint64_t bits_seqno;
};

void register_call_again(uint64_t names, uint64_t label);
void register_reply_again(uint64_t names, uint64_t label, uint64_t msg, uint64_t size);
_Noreturn void
register_leave(struct waiter *self, struct waiter *to, const struct register_told *told);

#endif
