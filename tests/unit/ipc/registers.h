/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * registers -- the traps of register IPC as a hosted program makes them. A
 * hosted thread's registers are the last bytes of its room.
 */
#ifndef REGISTERS_H
#define REGISTERS_H

#include "fixture.h"
#include "ipc_register.h"

/* Legs that went from thread to thread without a kernel message. */
extern uint64_t fix_rendezvous;

/* As the library's calls of these names. */
mach_msg_return_t
fix_call(mach_port_name_t dest, mach_port_name_t reply, struct mach_register_message *message);
mach_msg_return_t fix_reply_wait(mach_port_name_t reply, mach_port_name_t receive,
    struct mach_register_message *message, void *buffer, uint32_t size);

/* The message as mach_msg sends it: header and body; its size. */
uint32_t fix_typed(struct user_msg *msg, const struct mach_register_message *message, uint32_t bits,
    mach_port_name_t remote, mach_port_name_t local);

/* What came by mach_msg, as registers show it; false if it does not fit. */
bool fix_untyped(struct mach_register_message *message, const struct user_msg *msg);

#endif
