/* SPDX-License-Identifier: BSD-2-Clause */
#include "exec/stack.h"

#include <string.h>

#define PAGE    4096ULL
#define AUX_MAX 24
#define SLACK   128 /* random bytes, platform name, alignment */

static const char platform[] = "x86_64";

/* Auxiliary vector: System V ABI and Linux. */
enum aux {
	AT_NULL = 0,
	AT_PHDR = 3,
	AT_PHENT = 4,
	AT_PHNUM = 5,
	AT_PAGESZ = 6,
	AT_BASE = 7,
	AT_FLAGS = 8,
	AT_ENTRY = 9,
	AT_UID = 11,
	AT_EUID = 12,
	AT_GID = 13,
	AT_EGID = 14,
	AT_PLATFORM = 15,
	AT_HWCAP = 16,
	AT_CLKTCK = 17,
	AT_SECURE = 23,
	AT_RANDOM = 25,
	AT_HWCAP2 = 26,
	AT_EXECFN = 31,
	AT_MINSIGSTKSZ = 51,
};

/* Where in the buffer things are put, and where that will be. */
struct builder {
	char *buffer;
	uint64_t low; /* address of the buffer's first byte */
	uint64_t at;  /* address reached, downward */
};

static size_t
words(const struct stack_input *in)
{
	return 1 + in->argc + 1 + in->envc + 1 + 2 * AUX_MAX;
}

size_t
stack_size(const struct stack_input *in)
{
	size_t size = in->strings_size + strlen(in->file_name) + 1 + sizeof(platform) +
	    sizeof(in->random) + SLACK + words(in) * 8;

	return (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static uint64_t
put(struct builder *b, const void *bytes, size_t size)
{
	b->at -= size;
	memcpy(b->buffer + (b->at - b->low), bytes, size);
	return b->at;
}

static void
store(struct builder *b, uint64_t *address, uint64_t value)
{
	memcpy(b->buffer + (*address - b->low), &value, sizeof(value));
	*address += sizeof(value);
}

/* `count` pointers to consecutive strings, and a null; the string after them. */
static uint64_t
store_vector(struct builder *b, uint64_t *address, unsigned count, uint64_t string)
{
	for (unsigned i = 0; i < count; i++) {
		store(b, address, string);
		string += strlen(b->buffer + (string - b->low)) + 1;
	}
	store(b, address, 0);
	return string;
}

static void
store_aux(struct builder *b, uint64_t *address, enum aux type, uint64_t value)
{
	store(b, address, type);
	store(b, address, value);
}

uint64_t
stack_build(const struct stack_input *in, void *buffer, uint64_t top)
{
	struct builder b = { .buffer = buffer, .low = top - stack_size(in), .at = top - 8 };
	uint64_t name = put(&b, in->file_name, strlen(in->file_name) + 1);
	uint64_t strings = put(&b, in->strings, in->strings_size);
	uint64_t machine = put(&b, platform, sizeof(platform));
	uint64_t random;
	uint64_t rsp;
	uint64_t at;

	b.at &= ~15ULL;
	random = put(&b, in->random, sizeof(in->random));
	rsp = (random - words(in) * 8) & ~15ULL;
	at = rsp;
	store(&b, &at, in->argc);
	strings = store_vector(&b, &at, in->argc, strings);
	store_vector(&b, &at, in->envc, strings);
	store_aux(&b, &at, AT_PHDR, in->headers);
	store_aux(&b, &at, AT_PHENT, in->header_size);
	store_aux(&b, &at, AT_PHNUM, in->header_count);
	store_aux(&b, &at, AT_PAGESZ, PAGE);
	store_aux(&b, &at, AT_BASE, in->base);
	store_aux(&b, &at, AT_FLAGS, 0);
	store_aux(&b, &at, AT_ENTRY, in->entry);
	store_aux(&b, &at, AT_UID, in->ruid);
	store_aux(&b, &at, AT_EUID, in->euid);
	store_aux(&b, &at, AT_GID, in->rgid);
	store_aux(&b, &at, AT_EGID, in->egid);
	store_aux(&b, &at, AT_PLATFORM, machine);
	store_aux(&b, &at, AT_HWCAP, in->hardware);
	store_aux(&b, &at, AT_CLKTCK, 100);
	store_aux(&b, &at, AT_SECURE, (uint64_t)in->secure);
	store_aux(&b, &at, AT_RANDOM, random);
	store_aux(&b, &at, AT_HWCAP2, in->hardware2);
	store_aux(&b, &at, AT_EXECFN, name);
	store_aux(&b, &at, AT_MINSIGSTKSZ, in->signal_stack);
	store_aux(&b, &at, AT_NULL, 0);
	return rsp;
}
