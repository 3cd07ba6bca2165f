/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fast/copyio -- a short message between user memory and the kernel, in line.
 *
 * The header goes through registers, since it is looked at and rewritten on
 * its way; the body through a buffer. Nothing faults: a page that is not
 * there makes the answer false, and a part may have been moved.
 *
 * The hosted machine puts its own file of this name before this one.
 */
#ifndef KERN_FAST_COPYIO_H
#define KERN_FAST_COPYIO_H

#include <stdbool.h>
#include <stdint.h>

#include <arch/copy_message.h>
#include <mach/message.h>

/* The longest message: 1 KiB of body. */
#define FAST_MESSAGE_MAX (sizeof(mach_msg_header_t) + 1024)

/* mach_msg_header_t as it lies in memory, in words, but for bits and size. */
struct fast_header {
	uint64_t remote;
	uint64_t local;
	uint64_t id_seqno; /* id in the upper half */
};

/* May a short message begin at `user`, as far as that is not found out by
 * trying: is it no address of the kernel's? */
static inline bool
fast_message_in_range(uint64_t user)
{
	return arch_message_in_range(user);
}

/* Read the bits of a message alone, in range. If that succeeds user memory
 * stays open until fast_message_in or fast_close. */
static inline __attribute__((always_inline)) bool
fast_bits_in(uint64_t user, uint32_t *bits)
{
	return arch_word_in(user, bits);
}

static inline void
fast_close(void)
{
	arch_message_close();
}

/*
 * Then read a message of `size` bytes: a multiple of 8, in range. `buffer` is for
 * the whole, but its first 32 bytes stay free.
 */
static inline __attribute__((always_inline)) bool
fast_message_in(uint64_t user, uint32_t size, void *buffer, struct fast_header *header)
{
	return arch_message_in(
	    user, size, buffer, &header->remote, &header->local, &header->id_seqno);
}

/* Write one: header from registers, body from the buffer. */
static inline __attribute__((always_inline)) bool
fast_message_out(uint64_t user, uint32_t size, const void *buffer, const struct fast_header *header,
    uint32_t bits, uint32_t seqno)
{
	return arch_message_out(
	    user, size, buffer, bits, header->remote, header->local, header->id_seqno, seqno);
}

#endif
