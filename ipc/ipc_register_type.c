/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_register_type -- labels and words as typed messages: see
 * ipc_register.h. What a type code means is a table (mach/register_ipc.h),
 * and every code means something, so building cannot fail.
 */
#include <kern/string.h>

#include "ipc_register.h"

#define CODES 16

/* In the place of a descriptor with nothing else in it. */
#define DESCRIPTOR(name, size, number)                                                             \
	{                                                                                          \
		.msgt_name = (name), .msgt_size = (size), .msgt_inline = 1,                        \
		.msgt_number = (number)                                                            \
	}

static const mach_msg_type_t descriptors[CODES] = {
#define TYPE_ROW(code, name, msgt_name, msgt_size, msgt_number)                                    \
	[code] = DESCRIPTOR(msgt_name, msgt_size, msgt_number),
	MACH_REGISTER_TYPE_TABLE(TYPE_ROW)
#undef TYPE_ROW
};

/* The bits of a word that are its value. */
static uint64_t
value_mask(const mach_msg_type_t *type)
{
	uint32_t bits = type->msgt_size * type->msgt_number;

	return bits >= 64 ? ~0ul : (1ul << bits) - 1;
}

uint32_t
ipc_register_count(uint64_t label)
{
	uint32_t count = 0;

	while (count < MACH_REGISTER_WORDS && MACH_REGISTER_CODE(label, count) != 0)
		count++;
	return count;
}

/* TOUR: reg-2 */
uint32_t
ipc_register_build(
    struct ipc_register_item *items, uint64_t label, const uint64_t words[MACH_REGISTER_WORDS])
{
	uint32_t count = ipc_register_count(label), i;

	for (i = 0; i < count; i++) {
		items[i].type = descriptors[MACH_REGISTER_CODE(label, i)];
		items[i].value = words[i] & value_mask(&items[i].type);
	}
	return count;
}

/* A descriptor as one number, to be compared. */
static uint64_t
descriptor_word(const mach_msg_type_t *type)
{
	uint64_t word;

	_Static_assert(sizeof(word) == sizeof(*type), "a descriptor is a word");
	memcpy(&word, type, sizeof(word));
	return word;
}

/* The code of a descriptor, 0 if it has none. The long form says the same. */
static uint32_t
descriptor_code(const mach_msg_type_t *type)
{
	mach_msg_type_t plain = *type;
	uint32_t code = CODES;
	uint64_t word;

	plain.msgt_longform = 0;
	word = descriptor_word(&plain);
	while (--code > 0)
		if (descriptor_word(&descriptors[code]) == word)
			break;
	return code;
}

bool
ipc_register_parse(struct register_frame *frame, const mach_msg_header_t *header, uint32_t size)
{
	const struct ipc_register_item *items = (const void *)(header + 1);
	uint32_t body = size - (uint32_t)sizeof(*header);
	uint32_t count = body / sizeof(*items), types = 0, code, i;

	if (body % sizeof(*items) != 0 || count > MACH_REGISTER_WORDS)
		return false;
	memset(frame->words, 0, sizeof(frame->words));
	for (i = 0; i < count; i++) {
		code = descriptor_code(&items[i].type);
		if (code == 0)
			return false;
		types |= MACH_REGISTER_TYPE(i, code);
		frame->words[i] = items[i].value & value_mask(&descriptors[code]);
	}
	frame->label = MACH_REGISTER_LABEL(header->msgh_id, types);
	return true;
}
