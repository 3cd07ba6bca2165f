/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_kmsg -- a message as the kernel holds it.
 *
 * Same layout as the user's message, but with rights in place of names:
 * header ports and inline port elements are 8-byte `struct ipc_port *`;
 * an out-of-line memory item's address is a region of ipc_ool.h; an
 * out-of-line port array's is a kalloc'ed array of `struct ipc_port *`
 * (count * 8 bytes). msgh_bits and descriptors carry dispositions 16..18.
 *
 * State says how far the message got, and so what one ipc_kmsg_destroy must
 * undo:
 *
 *   RAW ----------> HELD ------------------> COMPLETE ------> TAKEN
 *   bytes only      header rights taken,     all rights       out of its port,
 *                   body items [0, km_done)  taken; queued    a receiver's
 *
 * A message is TAKEN under the lock of its port: from then on its header is
 * seen from the receiver: mh_remote is the reply right, mh_payload what the
 * receiver learns of the port, and the right it was sent to is used up.
 *
 * Account: km_account is charged MESSAGE_BYTES for the buffer until the
 *          message is dequeued.
 * Locks:   a kmsg belongs to one thread or one queue; the queue's lock.
 */
#ifndef IPC_KMSG_H
#define IPC_KMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kern/list.h>
#include <mach/message.h>

#include "ipc_port.h"

struct account;
struct ipc_marequest;
struct ipc_space;
struct ipc_thread;
struct zone;

/* mach_msg_header_t with rights for names. */
struct ipc_msg_header {
	uint32_t mh_bits;
	uint32_t mh_size;
	struct ipc_port *mh_remote; /* destination */
	union {
		struct ipc_port *mh_local; /* reply right */
		uint64_t mh_payload;
	};
	uint32_t mh_seqno;
	int32_t mh_id;
};

_Static_assert(sizeof(struct ipc_msg_header) == sizeof(mach_msg_header_t),
    "held and sent messages have one layout");
_Static_assert(
    offsetof(struct ipc_msg_header, mh_remote) == offsetof(mach_msg_header_t, msgh_remote_port),
    "layout");
_Static_assert(
    offsetof(struct ipc_msg_header, mh_local) == offsetof(mach_msg_header_t, msgh_local_port),
    "layout");
_Static_assert(
    offsetof(struct ipc_msg_header, mh_id) == offsetof(mach_msg_header_t, msgh_id), "layout");

enum ipc_kmsg_state {
	IPC_KMSG_RAW,
	IPC_KMSG_HELD,
	IPC_KMSG_COMPLETE,
	IPC_KMSG_TAKEN,
};

struct ipc_kmsg {
	struct list km_link;       /* port queue, reap or notify list */
	struct list km_set_link;   /* the set's queue */
	uint32_t km_room;          /* bytes from km_header on */
	uint8_t km_state;          /* enum ipc_kmsg_state */
	bool km_circular;          /* destroy instead of queueing */
	bool km_register;          /* came in registers */
	bool km_plain;             /* for the short ways of mach_msg_plain.c */
	uint32_t km_done;          /* HELD: bytes of body translated */
	uint32_t km_done_elements; /* and rights of the item there */
	uint64_t km_charge;        /* bytes charged */
	struct account *km_account;
	struct ipc_marequest *km_accepted; /* msg-accepted wanted */
	struct ipc_kmsg *km_no_senders;    /* TAKEN: this notification is due */
	struct ipc_msg_header km_header;   /* the body follows */
};

/* Buffers up to this size come from one zone. */
extern struct zone ipc_kmsg_zone;
#define IPC_KMSG_SMALL (256 - offsetof(struct ipc_kmsg, km_header))
/* Longest message (the kernel's memory comes in contiguous blocks). */
#define IPC_KMSG_MAX   (4u * 1024 * 1024 - 256)

/*
 * An empty RAW message with room for `size` bytes, header included, not
 * cleared and charged to nobody. NULL on shortage.
 */
struct ipc_kmsg *ipc_kmsg_alloc(uint32_t size);

/* Free the buffer and its charge. Rights are not touched. */
void ipc_kmsg_free(struct ipc_kmsg *kmsg);

/* Charge the buffer to `account`; false over the limit. */
bool
ipc_kmsg_charge(struct ipc_kmsg *kmsg, struct account *account) __attribute__((warn_unused_result));
void ipc_kmsg_uncharge(struct ipc_kmsg *kmsg);

/*
 * Undo whatever the message holds, according to its state, and free it.
 * Nested receive rights are destroyed one after the other, not recursively.
 *
 * Locks:   none held.
 */
void ipc_kmsg_destroy(struct ipc_kmsg *kmsg);

/*
 * Read `size` bytes of the user's message. MACH_SEND_MSG_TOO_SMALL,
 * MACH_SEND_NO_BUFFER, MACH_SEND_INVALID_DATA.
 */
mach_msg_return_t
ipc_kmsg_get(uint64_t user, uint32_t size, struct account *account, struct ipc_kmsg **kmsgp);

/*
 * Write the first `size` bytes of the buffer to the user and free the kmsg,
 * also when the write fails (MACH_RCV_INVALID_DATA).
 */
mach_msg_return_t ipc_kmsg_put(uint64_t user, struct ipc_kmsg *kmsg, uint32_t size);

/*
 * Header names to rights: RAW to HELD. On failure nothing happened.
 * `notify` matters with MACH_SEND_CANCEL (cancel true).
 */
mach_msg_return_t ipc_kmsg_copyin_header(
    struct ipc_kmsg *kmsg, struct ipc_space *space, bool cancel, mach_port_name_t notify);

/*
 * Body names and addresses to rights and regions: HELD to COMPLETE. On
 * failure the message is to be destroyed.
 */
mach_msg_return_t ipc_kmsg_copyin_body(struct ipc_kmsg *kmsg, struct ipc_space *space);

/*
 * A message composed by the kernel, with any disposition 16..21 and pointers
 * in place: takes or makes the rights. COPY_SEND and MAKE_* need only that the
 * port is alive or dead, never a name. Cannot fail; afterwards COMPLETE.
 */
void ipc_kmsg_copyin_from_kernel(struct ipc_kmsg *kmsg);

/*
 * The message, COMPLETE, leaves its port for a receiver of the port's: TAKEN.
 *
 * Locks:   port.
 */
void ipc_kmsg_take(struct ipc_kmsg *kmsg, struct ipc_port *port);

/*
 * Rights to names in `space`, as a receiver. Header failures
 * (MACH_RCV_HEADER_ERROR|bits, MACH_RCV_INVALID_NOTIFY) leave the message
 * TAKEN, to be destroyed with ipc_kmsg_copyout_dest. Body failures
 * (MACH_RCV_BODY_ERROR|bits) lose single rights and regions.
 */
mach_msg_return_t ipc_kmsg_copyout(
    struct ipc_kmsg *kmsg, struct ipc_space *space, bool want_notify, mach_port_name_t notify);

/* As a sender whose message did not go: header ports not swapped, MOVE
 * dispositions (sheet 2.11). Returns special bits only. */
mach_msg_return_t ipc_kmsg_copyout_pseudo(struct ipc_kmsg *kmsg, struct ipc_space *space);

/* Keep the header only: destroy body and reply right, name the destination
 * (sheet 2.14). Afterwards RAW bytes. */
void ipc_kmsg_copyout_dest(struct ipc_kmsg *kmsg);

/*
 * As kernel code that receives: header and body stay as they are.
 */
void ipc_kmsg_copyout_to_kernel(struct ipc_kmsg *kmsg);

/* Set up the zone. Once. */
void ipc_kmsg_bootstrap(void);

/* kmsgs in existence. */
uint64_t ipc_kmsg_count(void);

#endif
