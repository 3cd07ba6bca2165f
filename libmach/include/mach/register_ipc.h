/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register IPC: a short message in CPU registers, on the same port rights as
 * mach_msg (docs/register-ipc.md). Included by the kernel and by programs.
 */
#ifndef MACH_REGISTER_IPC_H
#define MACH_REGISTER_IPC_H

#include <mach/boolean.h>
#include <mach/message.h>
#include <mach/port.h>
#include <stddef.h>
#include <stdint.h>

/* Payload words of a message. */
#define MACH_REGISTER_WORDS 6

/*
 * A label: the message id in the low half; above it a type code of 4 bits for
 * each word, word 0 lowest. The first code 0 ends the message. Bits 56 and up
 * mean nothing.
 */
#define MACH_REGISTER_LABEL(id, types)  ((uint64_t)(uint32_t)(id) | (uint64_t)(types) << 32)
#define MACH_REGISTER_ID(label)         ((mach_msg_id_t)(uint32_t)(label))
#define MACH_REGISTER_TYPE(word, code)  ((uint32_t)(code) << (4 * (word)))
#define MACH_REGISTER_CODE(label, word) ((unsigned)((label) >> (32 + 4 * (word))) & 15)

/*
 * Type codes: code, name here, msgt_name, msgt_size, msgt_number. A word's
 * value is in its low bits, elements from the low end up; bits above are
 * unspecified on both sides.
 */
#define MACH_REGISTER_TYPE_TABLE(T)                                                                \
	T(1, BOOLEAN, MACH_MSG_TYPE_BOOLEAN, 32, 1)                                                \
	T(2, INTEGER_16, MACH_MSG_TYPE_INTEGER_16, 16, 1)                                          \
	T(3, INTEGER_32, MACH_MSG_TYPE_INTEGER_32, 32, 1)                                          \
	T(4, INTEGER_64, MACH_MSG_TYPE_INTEGER_64, 64, 1)                                          \
	T(5, CHAR, MACH_MSG_TYPE_CHAR, 8, 1)                                                       \
	T(6, BYTE, MACH_MSG_TYPE_BYTE, 8, 1)                                                       \
	T(7, REAL_32, MACH_MSG_TYPE_REAL, 32, 1)                                                   \
	T(8, REAL_64, MACH_MSG_TYPE_REAL, 64, 1)                                                   \
	T(9, PORT_NAME, MACH_MSG_TYPE_PORT_NAME, 32, 1)                                            \
	T(10, INTEGER_32_X2, MACH_MSG_TYPE_INTEGER_32, 32, 2)                                      \
	T(11, INTEGER_16_X4, MACH_MSG_TYPE_INTEGER_16, 16, 4)                                      \
	T(12, BYTE_X4, MACH_MSG_TYPE_BYTE, 8, 4)                                                   \
	T(13, BYTE_X8, MACH_MSG_TYPE_BYTE, 8, 8)                                                   \
	T(14, CHAR_X8, MACH_MSG_TYPE_CHAR, 8, 8)                                                   \
	T(15, UNSTRUCTURED_64, MACH_MSG_TYPE_UNSTRUCTURED, 64, 1)

enum mach_register_type {
	MACH_REGISTER_NONE = 0,
#define MACH_REGISTER_TYPE_ENUM(code, name, msgt_name, msgt_size, msgt_number)                     \
	MACH_REGISTER_##name = (code),
	MACH_REGISTER_TYPE_TABLE(MACH_REGISTER_TYPE_ENUM)
#undef MACH_REGISTER_TYPE_ENUM
};

/* Results beside those of mach_msg. */
#define MACH_REGISTER_MESSAGE   1 /* reply_wait: a message is in the buffer */
#define MACH_REGISTER_FORBIDDEN 5 /* the transport is off: use mach_msg */

/* What the library's calls pass and bring back. */
struct mach_register_message {
	uint64_t label;
	uint64_t words[MACH_REGISTER_WORDS];
	/* Brought back by reply_wait alone. */
	uint64_t payload;       /* the port's payload, else its name */
	mach_port_name_t reply; /* right to answer with, or null */
	mach_msg_bits_t bits;   /* as in a received mach_msg_header_t */
	mach_port_seqno_t seqno;
	uint32_t pad;
};

_Static_assert(sizeof(struct mach_register_message) == 80, "known to the assembler stubs");
_Static_assert(offsetof(struct mach_register_message, words) == 8, "stubs");
_Static_assert(offsetof(struct mach_register_message, payload) == 56, "stubs");
_Static_assert(offsetof(struct mach_register_message, reply) == 64, "stubs");
_Static_assert(offsetof(struct mach_register_message, bits) == 68, "stubs");
_Static_assert(offsetof(struct mach_register_message, seqno) == 72, "stubs");

/*
 * Send label and words to `dest`, a send right (null: send nothing), with a
 * send-once right made from `reply`, a receive right, and wait there for the
 * answer, which replaces label and words. Interrupted waits are taken up again.
 *
 * Returns: MIG_SERVER_DIED: the send-once right died unused.
 *          MACH_RCV_TOO_LARGE: the answer does not fit and was destroyed.
 *          MACH_REGISTER_FORBIDDEN, and the codes of mach_msg.
 */
mach_msg_return_t mach_register_call(
    mach_port_name_t dest, mach_port_name_t reply, struct mach_register_message *message);

/*
 * Answer with label and words to `reply` (consumed; null: nobody) and wait for
 * the next request on `receive`, a port or a set. MACH_MSG_SUCCESS: it is in
 * *message. MACH_REGISTER_MESSAGE: it came in message form and is in `buffer`.
 */
mach_msg_return_t mach_register_reply_wait(mach_port_name_t reply, mach_port_name_t receive,
    struct mach_register_message *message, mach_msg_header_t *buffer, mach_msg_size_t size);

/*
 * The server loop for both forms: calls that come in registers are for
 * `registers`, which mig --fastpath makes; what that refuses, and messages, for
 * `demux`. By mach_msg alone while registers are forbidden. Returns on an
 * error only.
 */
mach_msg_return_t
mach_register_server(boolean_t (*registers)(struct mach_register_message *message),
    boolean_t (*demux)(mach_msg_header_t *request, mach_msg_header_t *reply),
    mach_msg_size_t max_size, mach_port_t port);

/* What came in registers as the message that mach_msg would have received; at
 * most MACH_REGISTER_SIZE_MAX bytes. */
#define MACH_REGISTER_SIZE_MAX (sizeof(mach_msg_header_t) + 16 * MACH_REGISTER_WORDS)
void
mach_register_to_message(const struct mach_register_message *message, mach_msg_header_t *header);

/* The traps themselves: interrupted operations are reported. */
mach_msg_return_t mach_register_call_trap(
    mach_port_name_t dest, mach_port_name_t reply, struct mach_register_message *message);
mach_msg_return_t mach_register_reply_wait_trap(mach_port_name_t reply, mach_port_name_t receive,
    struct mach_register_message *message, mach_msg_header_t *buffer, mach_msg_size_t size);

#endif
