/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosted machine's, by its ordinary copies. See the kernel's file. */
#ifndef KERN_FAST_COPYIO_H
#define KERN_FAST_COPYIO_H

#include <string.h>

#include <kern/assert.h>
#include <kern/copyio.h>
#include <mach/message.h>

#define FAST_MESSAGE_MAX (sizeof(mach_msg_header_t) + 1024)

struct fast_header {
	uint64_t remote;
	uint64_t local;
	uint64_t id_seqno;
};

static inline bool
fast_message_in_range(uint64_t user)
{
	return (int64_t)user >= 0;
}

static inline bool
fast_bits_in(uint64_t user, uint32_t *bits)
{
	return copyin_resident(user, bits, sizeof(*bits));
}

static inline void
fast_close(void)
{
}

static inline bool
fast_message_in(uint64_t user, uint32_t size, void *buffer, struct fast_header *header)
{
	uint64_t words[4];

	if (!copyin_resident(user, buffer, size))
		return false;
	memcpy(words, buffer, sizeof(words));
	header->remote = words[1];
	header->local = words[2];
	header->id_seqno = words[3];
	memset(buffer, 0x5a, sizeof(words));
	return true;
}

static inline bool
fast_message_out(uint64_t user, uint32_t size, const void *buffer, const struct fast_header *header,
    uint32_t bits, uint32_t seqno)
{
	const char *body = (const char *)buffer + 4 * sizeof(uint64_t);
	uint64_t words[4] = { (uint64_t)size << 32 | bits, header->remote, header->local,
		header->id_seqno >> 32 << 32 | seqno };

	kassert(fast_message_in_range(user));
	return copyout_resident(words, user, sizeof(words)) &&
	    copyout_resident(body, user + sizeof(words), size - sizeof(words));
}

#endif
