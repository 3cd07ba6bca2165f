/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_msg -- the message trap, and the kernel's own sending and receiving.
 */
#ifndef IPC_MACH_MSG_H
#define IPC_MACH_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kern/rare.h>
#include <mach/message.h>

#include "ipc_kmsg.h"
#include "ipc_mqueue.h"
#include "ipc_thread.h"

/*
 * Trap -25, first try, in all but the last two arguments, which are only of
 * interest for options that this path declines. Called from the trap entry
 * with nothing on the stack that must survive. Ends in trap_return, perhaps
 * as another thread, or comes back when nothing has happened: then
 * mach_msg_syscall is called.
 */
void mach_msg_fast(uint64_t msg, uint32_t option, uint32_t send_size, uint32_t rcv_size,
    mach_port_name_t rcv_name);

/*
 * Trap -25, second try: plain messages by way of a buffer
 * (mach_msg_plain.c), also for one half alone. Otherwise as above.
 */
void mach_msg_plain(uint64_t msg, uint32_t option, uint32_t send_size, uint32_t rcv_size,
    mach_port_name_t rcv_name);

/*
 * Trap -25 by way of a buffer. Called from the trap entry with nothing on the
 * stack that must survive: a thread that waits to receive gives its stack up
 * and ends in trap_return. Otherwise the result is returned. The arguments are
 * as the user gave them.
 */
mach_msg_return_t
mach_msg_syscall(uint64_t msg, uint32_t option, uint32_t send_size, uint32_t rcv_size,
    mach_port_name_t rcv_name, mach_msg_timeout_t timeout, mach_port_name_t notify);

/*
 * Send a message composed by the kernel: `message` is a header in held form
 * (pointers for ports, any disposition) and its body, mh_remote the
 * destination. Never waits. On success all MOVE rights and regions in it are
 * consumed, also if the destination is dead. For MIG KernelUser stubs.
 *
 * Returns: MACH_MSG_SUCCESS, MACH_SEND_NO_BUFFER, MACH_SEND_INVALID_DEST
 *          (null destination): nothing consumed.
 */
mach_msg_return_t mach_msg_send_from_kernel(struct ipc_msg_header *message, uint32_t size);

/*
 * As above, then wait (keeping the stack) for the answer on the reply port,
 * mh_local of the request, which the kernel receives on, and copy it over
 * `message`, in held form. An answer longer than rcv_size is destroyed:
 * MACH_RCV_TOO_LARGE. MACH_RCV_INTERRUPTED: abort or termination; the caller
 * abandons the reply port.
 */
mach_msg_return_t
mach_msg_rpc_from_kernel(struct ipc_msg_header *message, uint32_t send_size, uint32_t rcv_size);

/*
 * Wait for a message on a kernel port, keeping the stack. On success *kmsgp is
 * COMPLETE, the caller's, and seen from the receiver (mh_remote the reply
 * right or NULL). option: 0 or MACH_RCV_TIMEOUT. (Without a stack:
 * mach_msg_raise.h.)
 */
mach_msg_return_t mach_msg_receive_from_kernel(struct ipc_port *port, mach_msg_option_t option,
    mach_msg_timeout_t timeout, struct ipc_kmsg **kmsgp);

/* The continuation of a user's receive (for the fast paths and tests). */
void mach_msg_receive_continue(struct waiter *waiter);

/* -- Transports (design D6) --------------------------------------------- */

/* Bits PORTOLAN_IPC_*: which transports may be used. Set by boot argument
 * and host call. */
extern _Atomic uint32_t ipc_transports;

/* Set them, in a kernel that runs. */
void ipc_transports_set(uint32_t transports);

/*
 * The transports that a name allows: "buffered", "handoff", "register" (each
 * beside the buffered one) or "auto" (all). False: no such name.
 */
bool ipc_transports_named(const char *name, size_t length, uint32_t *transportsp);

/* Reasons why an eligible-looking call went the buffered way, and counts of
 * each path. Indexes of ipc_counters. */
#define IPC_COUNTER_TABLE(C)                                                                       \
	C(BUFFERED_SEND, "messages sent through kernel buffers")                                   \
	C(BUFFERED_RECEIVE, "messages received through buffers")                                   \
	C(KERNEL_RPC, "messages served by the kernel")                                             \
	C(KERNEL_SHORT, "of these, answered without queueing")                                     \
	C(HANDOFF, "messages handed over with the CPU")                                            \
	C(HANDOFF_SEND, "buffered messages handed over with the CPU")                              \
	C(HANDOFF_UNDONE, "handed over, finished by a buffered copyout")                           \
	C(REGISTER_CALL, "register calls")                                                         \
	C(REGISTER_REPLY, "register replies")                                                      \
	C(REGISTER_CONVERTED, "between registers and mach_msg")                                    \
	C(REGISTER_BUFFERED, "register messages that became kernel messages")                      \
	C(REGISTER_NO_NAME, "registers fell back: names or rights not plain")                      \
	C(REGISTER_NO_RECEIVER, "registers fell back: nobody waits in registers")                  \
	C(REGISTER_NO_QUEUE, "registers fell back: a message is waiting already")                  \
	C(REGISTER_NO_PRIORITY, "registers fell back: another thread should run")                  \
	C(REGISTER_NO_CPU, "registers fell back: bound to another CPU")                            \
	C(NO_OPTION, "fell back: options")                                                         \
	C(NO_SIZE, "fell back: too long")                                                          \
	C(NO_COMPLEX, "fell back: rights or memory in the body")                                   \
	C(NO_DISPOSITION, "fell back: header dispositions")                                        \
	C(NO_NAME, "fell back: names not plain")                                                   \
	C(NO_RIGHT, "fell back: rights not plain")                                                 \
	C(NO_RECEIVER, "fell back: nobody waits")                                                  \
	C(NO_FORM, "fell back: the receiver wants another form")                                   \
	C(NO_ROOM, "fell back: receiver's buffer too small")                                       \
	C(NO_PRIORITY, "fell back: another thread should run")                                     \
	C(NO_CPU, "fell back: the receiver is bound to another CPU")                               \
	C(NO_DATA, "fell back: message not resident")                                              \
	C(NO_QUEUE, "fell back: a message is waiting already")                                     \
	C(NO_CONTENTION, "fell back: a lock was held")

enum ipc_counter {
#define IPC_COUNTER_ENUM(name, what) IPC_COUNT_##name,
	IPC_COUNTER_TABLE(IPC_COUNTER_ENUM)
#undef IPC_COUNTER_ENUM
	    IPC_COUNT_COUNT
};

/* Counted without locked operations: with several CPUs a few may be lost. */
extern uint64_t ipc_counters[IPC_COUNT_COUNT];

static inline void
ipc_count(enum ipc_counter counter)
{
	ipc_counters[counter]++;
}

/* What to count when waiter_fit said no of `to`: it has to run elsewhere, or
 * something else. */
KERN_RARE enum ipc_counter ipc_unfit(const struct ipc_thread *to);
KERN_RARE enum ipc_counter ipc_register_unfit(const struct ipc_thread *to);

/* The name and meaning of a counter, for programs that show them. */
const char *ipc_counter_name(enum ipc_counter counter);
const char *ipc_counter_meaning(enum ipc_counter counter);

#endif
