/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_mqueue -- queues of ports and sets: who waits, who gets what.
 *
 * A message is given to the oldest receiver that waits on the port or its
 * set, else queued on the port (and, in a set, in the set's order). Senders
 * wait first come first served for room, except to send-once rights.
 *
 * Locks:   none held on entry; port, then set, inside.
 */
#ifndef IPC_MQUEUE_H
#define IPC_MQUEUE_H

#include <stdint.h>

#include <kern/waiter.h>
#include <mach/message.h>

#include "ipc_kmsg.h"
#include "ipc_port.h"
#include "ipc_pset.h"
#include "ipc_thread.h"

/*
 * Internal send option: the sender goes on to wait for a message at once,
 * without anything in between that could block. A receiver that may have its
 * CPU is then left in self->ith_wake, claimed.
 */
#define IPC_SEND_HANDOFF 0x01000000

/* Make the thread left by IPC_SEND_HANDOFF runnable after all. */
void ipc_mqueue_wake_left(struct ipc_thread *self);

/*
 * Deliver, queue, have the kernel serve, or (dead port, circular) destroy a
 * COMPLETE message. `option`: MACH_SEND_TIMEOUT, MACH_SEND_ALWAYS (never
 * wait). Keeps the stack while waiting.
 *
 * Returns: MACH_MSG_SUCCESS: consumed. MACH_SEND_TIMED_OUT,
 *          MACH_SEND_INTERRUPTED: still the caller's.
 */
mach_msg_return_t
ipc_mqueue_send(struct ipc_kmsg *kmsg, mach_msg_option_t option, mach_msg_timeout_t timeout);

/* ipc_mqueue_send with MACH_SEND_ALWAYS, which cannot fail. */
void ipc_mqueue_send_always(struct ipc_kmsg *kmsg);

/*
 * Take the oldest message, or begin to wait for one.
 *
 * self->ith_option, ith_rcv_size, ith_form, ith_object are set; for
 * MACH_RCV_LARGE a message over ith_rcv_size stays and ith_msize tells.
 *
 * Returns: MACH_MSG_SUCCESS (self->ith_kmsg), MACH_RCV_TOO_LARGE,
 *          MACH_RCV_TIMED_OUT (poll), MACH_RCV_PORT_DIED,
 *          MACH_RCV_PORT_CHANGED; MACH_RCV_IN_PROGRESS: the thread is
 *          prepared to wait and must now block, then call
 *          ipc_mqueue_receive_finish.
 */
mach_msg_return_t ipc_mqueue_receive_start(struct ipc_thread *self, mach_msg_timeout_t timeout);

/*
 * The same from what `name` denotes in the thread's space, a port in no set or
 * a set, which becomes ith_object, referenced; the name means it until the
 * thread waits or has its message. ith_object is set here, the rest as above.
 *
 * Returns: also MACH_RCV_INVALID_NAME, MACH_RCV_IN_SET: ith_object is NULL.
 * Locks:   none held; space, then the object.
 */
mach_msg_return_t ipc_mqueue_receive_named(
    struct ipc_thread *self, mach_port_name_t name, mach_msg_timeout_t timeout);

/* After the wait: unlink if need be and say what came of it. */
mach_msg_return_t ipc_mqueue_receive_finish(struct ipc_thread *self);

/* receive_start, waiter_block and receive_finish for kernel code: keeps the
 * stack; waits interruptibly. The object is referenced by the caller. */
mach_msg_return_t ipc_mqueue_receive(struct ipc_object *object, mach_msg_option_t option,
    mach_msg_timeout_t timeout, struct ipc_kmsg **kmsgp);

/*
 * The pieces, for mach_msg_plain.c. has_room: may a sender by a send right queue
 * a message now? enqueue: at the end, also of the set's order. dequeue: TAKEN,
 * still charged; `room` is to be called when senders wait.
 *
 * Locks:   the port and the set it is in.
 */
bool ipc_mqueue_has_room_locked(const struct ipc_port *port);
void ipc_mqueue_enqueue_locked(struct ipc_port *port, struct ipc_kmsg *kmsg);
void ipc_mqueue_dequeue_locked(struct ipc_port *port, struct ipc_kmsg *kmsg);

/*
 * There is no memory for a send-once notification: the port owes it and tries
 * again when a message is next asked for. A thread that waits now is made to
 * ask again (MACH_RCV_INTERRUPTED, upon which libraries receive anew).
 * Keeps the send-once right's count; the caller drops the reference.
 *
 * Locks:   none held.
 */
void ipc_mqueue_owe(struct ipc_port *port);

/* Wake every thread waiting to receive, with a result. Locks: the object. */
void ipc_mqueue_wake_receivers_locked(struct ipc_object *object, mach_msg_return_t result);

/* There is new room: queue the messages of waiting senders. Locks: port. */
void ipc_mqueue_room_locked(struct ipc_port *port);

/* The port died: waiting senders destroy their messages. Locks: port. */
void ipc_mqueue_wake_senders_locked(struct ipc_port *port);

/* A port joined a set: its queued messages take their place in the set's
 * order, and waiting receivers get what they can. Locks: port and set. */
void ipc_mqueue_join_locked(struct ipc_port *port, struct ipc_pset *pset);

#endif
