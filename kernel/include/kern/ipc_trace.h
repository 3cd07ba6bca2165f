/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_trace -- marks at the named steps of a message (option ipc_trace).
 *
 * With the option every mark puts an event into a ring (debug/ipc_trace.c),
 * which leaves the machine when it is turned off and is read by
 * tools/ipctrace. Without it the marks are nothing at all. The tool takes the
 * names of the steps from the table below.
 *
 * Locks: any may be held, none is taken; a mark may stand anywhere in the
 *        kernel after the first thread runs.
 */
#ifndef KERN_IPC_TRACE_H
#define KERN_IPC_TRACE_H

#include <stdint.h>

/* Step, what it is, and what `a` and `b` hold. */
#define IPC_TRACE_TABLE(S)                                                                         \
	S(DATA, "", "32 bytes of a message")                                                       \
	S(ENTRY, "trap entry", "number and option, address of the message")                        \
	S(COPYIN, "copyin", "size of the message, whose bytes follow; address")                    \
	S(TRANSLATE, "names to rights", "size, destination port")                                  \
	S(FAST, "tests passed, names found", "destination port, receiving thread")                 \
	S(COMMIT, "beyond the point of no return", "destination port, receiving thread")           \
	S(ENQUEUE, "queued", "port, message")                                                      \
	S(DELIVER, "given to a waiting receiver", "port, receiving thread")                        \
	S(WAKEUP, "receiver made ready", "thread, 0")                                              \
	S(WAIT, "begins to wait", "port or set, 0")                                                \
	S(SWITCH, "CPU changes hands", "from thread, to thread")                                   \
	S(DEQUEUE, "taken from the queue", "port, message")                                        \
	S(NAMES, "rights to names", "message, result")                                             \
	S(COPYOUT, "copyout", "size, address")                                                     \
	S(SERVE, "served by the kernel", "message id, port")                                       \
	S(REGISTERS, "rendezvous: words stay in registers", "destination port, receiving thread")  \
	S(RETURN, "return", "result, 0")

enum ipc_trace_step {
#define IPC_TRACE_STEP(name, what, holds) IPC_TRACE_##name,
	IPC_TRACE_TABLE(IPC_TRACE_STEP)
#undef IPC_TRACE_STEP
	    IPC_TRACE_STEPS
};

#ifdef PORTOLAN_IPC_TRACE

void ipc_trace_record(enum ipc_trace_step step, uint64_t a, uint64_t b);
/* As above with IPC_TRACE_COPYIN; the first bytes of the message follow. */
void ipc_trace_message(const void *message, uint32_t size, uint64_t address);
/* The ring goes out; for whoever turns the machine off. */
void ipc_trace_dump(void);

#define IPC_TRACE(step, a, b)                     ipc_trace_record(IPC_TRACE_##step, (uint64_t)(a), (uint64_t)(b))
#define IPC_TRACE_MESSAGE(message, size, address) ipc_trace_message(message, size, address)
#define IPC_TRACE_DUMP()                          ipc_trace_dump()

#else

#define IPC_TRACE(step, a, b)                     ((void)0)
#define IPC_TRACE_MESSAGE(message, size, address) ((void)0)
#define IPC_TRACE_DUMP()                          ((void)0)

#endif

#endif
