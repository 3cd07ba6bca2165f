/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_register -- register IPC (design D6.3, docs/register-ipc.md): messages
 * of up to six words in registers, on the port rights of mach_msg.
 *
 * ipc_register.c       the two traps over kernel messages: always right
 * ipc_register_fast.c  the same between two threads that wait for each other
 * ipc_register_spare.c the name a server's thread keeps for the next request
 * ipc_register_stand.c the place a thread keeps at a port
 * ipc_register_type.c  labels and words to typed messages and back
 *
 * A thread that waits in one of the traps has form IPC_RECEIVE_REGISTER
 * (reply_wait: takes both forms) or IPC_RECEIVE_REGISTER_CALL (call: takes
 * only what fits registers), and no stack.
 */
#ifndef IPC_REGISTER_H
#define IPC_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

#include <kern/register_frame.h>
#include <mach/message.h>
#include <mach/register_ipc.h>

#include <kern/rare.h>

#include "ipc_kmsg.h"
#include "ipc_port.h"
#include "ipc_thread.h"

_Static_assert(MACH_REGISTER_WORDS == REGISTER_FRAME_WORDS, "all words of the ABI");

/* A descriptor and eight bytes for each word. */
struct ipc_register_item {
	mach_msg_type_t type;
	uint64_t value;
};

#define IPC_REGISTER_SIZE(words)                                                                   \
	(sizeof(mach_msg_header_t) + (words) * sizeof(struct ipc_register_item))
#define IPC_REGISTER_SIZE_MAX IPC_REGISTER_SIZE(MACH_REGISTER_WORDS)

/*
 * Trap -1025: send and wait for the answer. `names`: destination (null: only
 * wait) below, reply port above. The words are in the register frame.
 *
 * Returns: as mach_msg, send errors before anything happened; or leaves by
 *          register_frame_return.
 */
uint64_t ipc_register_call(uint64_t names, uint64_t label);

/*
 * Trap -1026: answer and wait for a request. `names`: reply right below (null:
 * none), port or set to receive on above. `msg` and `size`: the buffer for
 * messages in message form.
 */
uint64_t ipc_register_reply_wait(uint64_t names, uint64_t label, uint64_t msg, uint64_t size);

/* -- The rendezvous (ipc_register_fast.c); the trap entry's ----------------------- */

/* As the two above, and `self` the running thread. They leave by way of
 * kern/fast/register.h: as the receiver, or to begin again above. */
void ipc_register_call_fast(
    uint64_t names, uint64_t label, uint64_t unused, uint64_t unused_too, struct ipc_thread *self);
void ipc_register_reply_fast(
    uint64_t names, uint64_t label, uint64_t msg, uint64_t size, struct ipc_thread *self);

/* A receiver's continuation when its message came another way. */
void ipc_register_continue(struct waiter *waiter);

/*
 * The name that a thread waiting in reply_wait has set aside for a reply right,
 * so that there is one when a caller comes: take one, if there is one to
 * be had; give it back.
 */
void ipc_register_spare_make(struct ipc_thread *self);
void ipc_register_spare_drop(struct ipc_thread *self);

/* -- Standing (ipc_register_stand.c) -------------------------------------------------- */

/* Where threads stand that stand nowhere. */
extern struct ipc_port ipc_nowhere;

/* Nobody stands at the object any more: who waits there is its one receiver in
 * the list. Locks: object. */
KERN_RARE void ipc_stand_end_thread(struct ipc_object *object);

static inline void
ipc_stand_end(struct ipc_object *object)
{
	if (object->o_standing != NULL)
		ipc_stand_end_thread(object);
}

/* The same; true if there is nothing to be received and the port is in no set.
 * Locks: port. */
KERN_RARE bool ipc_stand_end_quiet(struct ipc_port *port);

/* A thread that is not waiting any more, or never will again, gives up its
 * place. Locks: none. */
KERN_RARE void ipc_stand_leave(struct ipc_thread *thread);

/* Self's wait where it stands has ended otherwise than by a message: it becomes
 * that of a receiver in no list. Locks: none. */
void ipc_stand_wait_ended(struct ipc_thread *self);

/* -- Labels -------------------------------------------------------------------------- */

/* Words of a label: up to the first type code 0. */
uint32_t ipc_register_count(uint64_t label);

/*
 * Write the body of a message for `label` and `words` at `items`, room for
 * all six. Returns the words written.
 */
uint32_t ipc_register_build(
    struct ipc_register_item *items, uint64_t label, const uint64_t words[MACH_REGISTER_WORDS]);

/*
 * Label and words of a message, whose body has `size` less a header bytes. The
 * rest of *frame is left alone; words that the message does not have become 0.
 * False: it has a body that words cannot express.
 */
bool
ipc_register_parse(struct register_frame *frame, const mach_msg_header_t *header, uint32_t size);

#endif
