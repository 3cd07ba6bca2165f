/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands in front of all stubs of a file: shapes of the environment,
 * stated, and the few functions that the patterns call.  The dialects differ in
 * the unit to which everything in a message is rounded.
 */
#include "emit.h"

static const char linkage_text[] = "\n"
				   "#ifndef mig_internal\n"
				   "#define mig_internal static\n"
				   "#endif\n"
				   "#ifndef mig_external\n"
				   "#define mig_external\n"
				   "#endif\n"
				   "#ifndef MIG_UNUSED\n"
				   "#define MIG_UNUSED __attribute__((__unused__))\n"
				   "#endif\n"
				   "\n";

/* `unit` bytes, `last` one less, `word` the integer of that size. */
#define HELPERS(unit, last, word)                                                                  \
	"static inline MIG_UNUSED void\n"                                                          \
	"mig_copy(void *to, const void *from, size_t size)\n"                                      \
	"{\n"                                                                                      \
	"\tif (size != 0)\n"                                                                       \
	"\t\t__builtin_memcpy(to, from, size);\n"                                                  \
	"}\n"                                                                                      \
	"\n"                                                                                       \
	"static inline MIG_UNUSED void\n"                                                          \
	"mig_zero(void *to, size_t size)\n"                                                        \
	"{\n"                                                                                      \
	"\t__builtin_memset(to, 0, size);\n"                                                       \
	"}\n"                                                                                      \
	"\n"                                                                                       \
	"/* Bytes behind `used` up to the next multiple of " unit                                  \
	" become zero; returns that multiple. */\n"                                                \
	"static inline MIG_UNUSED mach_msg_size_t\n"                                               \
	"mig_pad(void *part, size_t offset, size_t used)\n"                                        \
	"{\n"                                                                                      \
	"\tsize_t rounded = (used + " last ") & ~(size_t)" last ";\n"                              \
	"\n"                                                                                       \
	"\tfor (size_t i = used; i < rounded; i++)\n"                                              \
	"\t\t((unsigned char *)part)[offset + i] = 0;\n"                                           \
	"\treturn (mach_msg_size_t)rounded;\n"                                                     \
	"}\n"                                                                                      \
	"\n"                                                                                       \
	"static inline MIG_UNUSED mach_msg_size_t\n"                                               \
	"mig_round(size_t size)\n"                                                                 \
	"{\n"                                                                                      \
	"\treturn (mach_msg_size_t)((size + " last ") & ~(size_t)" last ");\n"                     \
	"}\n"                                                                                      \
	"\n"                                                                                       \
	"/* Close a gap: whole words, towards lower addresses. */\n"                               \
	"static inline MIG_UNUSED void\n"                                                          \
	"mig_move(void *to, const void *from, size_t size)\n"                                      \
	"{\n"                                                                                      \
	"\tif (to == from)\n"                                                                      \
	"\t\treturn;\n"                                                                            \
	"\tfor (size_t i = 0; i < size; i += " unit ") {\n"                                        \
	"\t\t" word " word;\n"                                                                     \
	"\n"                                                                                       \
	"\t\t__builtin_memcpy(&word, (const char *)from + i, sizeof(word));\n"                     \
	"\t\t__builtin_memcpy((char *)to + i, &word, sizeof(word));\n"                             \
	"\t}\n"                                                                                    \
	"}\n"                                                                                      \
	"\n"                                                                                       \
	"/* Bytes of a string with its NUL; more than `room` when it does not fit. */\n"           \
	"static inline MIG_UNUSED mach_msg_type_number_t\n"                                        \
	"mig_string_size(const char *string, mach_msg_type_number_t room)\n"                       \
	"{\n"                                                                                      \
	"\tmach_msg_type_number_t size = 0;\n"                                                     \
	"\n"                                                                                       \
	"\twhile (size < room && string[size] != '\\0')\n"                                         \
	"\t\tsize++;\n"                                                                            \
	"\treturn size + 1;\n"                                                                     \
	"}\n"                                                                                      \
	"\n"                                                                                       \
	"/* Copy at most room - 1 characters; the rest of the room becomes zero. */\n"             \
	"static inline MIG_UNUSED void\n"                                                          \
	"mig_string_copy(char *to, const char *from, mach_msg_type_number_t room)\n"               \
	"{\n"                                                                                      \
	"\tmach_msg_type_number_t i = 0;\n"                                                        \
	"\n"                                                                                       \
	"\tfor (; i + 1 < room && from[i] != '\\0'; i++)\n"                                        \
	"\t\tto[i] = from[i];\n"                                                                   \
	"\tfor (; i < room; i++)\n"                                                                \
	"\t\tto[i] = '\\0';\n"                                                                     \
	"}\n"

static const char helpers_of_8_text[] = HELPERS("8", "7", "uint64_t");
static const char helpers_of_4_text[] = HELPERS("4", "3", "uint32_t");

static const char typed_shape_text[] =
    "#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || __SIZEOF_POINTER__ != 8\n"
    "#error \"these stubs are for little-endian 64-bit machines\"\n"
    "#endif\n"
    "_Static_assert(sizeof(mach_msg_header_t) == 32, \"header is 32 bytes\");\n"
    "_Static_assert(sizeof(mach_msg_type_t) == 8, \"descriptor is 8 bytes\");\n"
    "\n"
    "/* A message part may be read as whatever it holds. */\n"
    "#define MIG_MESSAGE __attribute__((__may_alias__))\n"
    "\n";

static const char typed_word_text[] = "\n"
				      "/* A descriptor as one word, to be compared. */\n"
				      "static inline MIG_UNUSED uint64_t\n"
				      "mig_word(const void *descriptor)\n"
				      "{\n"
				      "\tuint64_t word;\n"
				      "\n"
				      "\t__builtin_memcpy(&word, descriptor, sizeof(word));\n"
				      "\treturn word;\n"
				      "}\n"
				      "\n";

static const char typed_port_text[] =
    "/* A right in a message: its name in an 8-byte slot. */\n"
    "typedef struct MIG_MESSAGE {\n"
    "\tmach_port_t name;\n"
    "\tuint32_t pad;\n"
    "} mig_slot_t;\n"
    "\n"
    "static inline MIG_UNUSED void\n"
    "mig_slots_put(void *slots, const mach_port_t *names, mach_msg_type_number_t count)\n"
    "{\n"
    "\tmig_slot_t *to = (mig_slot_t *)slots;\n"
    "\n"
    "\tfor (mach_msg_type_number_t i = 0; i < count; i++) {\n"
    "\t\tto[i].name = names[i];\n"
    "\t\tto[i].pad = 0;\n"
    "\t}\n"
    "}\n"
    "\n"
    "static inline MIG_UNUSED void\n"
    "mig_slots_get(mach_port_t *names, const void *slots, mach_msg_type_number_t count)\n"
    "{\n"
    "\tconst mig_slot_t *from = (const mig_slot_t *)slots;\n"
    "\n"
    "\tfor (mach_msg_type_number_t i = 0; i < count; i++)\n"
    "\t\tnames[i] = from[i].name;\n"
    "}\n"
    "\n"
    "/* Names written to the front of the slots move into them, last one first. */\n"
    "static inline MIG_UNUSED void\n"
    "mig_slots_spread(void *slots, mach_msg_type_number_t count)\n"
    "{\n"
    "\twhile (count-- != 0) {\n"
    "\t\tmig_slot_t slot = { 0, 0 };\n"
    "\n"
    "\t\t__builtin_memcpy(&slot.name, (const char *)slots + 4 * (size_t)count, 4);\n"
    "\t\t__builtin_memcpy((char *)slots + 8 * (size_t)count, &slot, 8);\n"
    "\t}\n"
    "}\n"
    "\n"
    "/* The header: all of it, the upper halves of the port slots too. */\n"
    "static inline MIG_UNUSED void\n"
    "mig_head(void *head, mach_msg_bits_t bits, mach_msg_size_t size, mach_port_t remote,\n"
    "    mach_port_t local, mach_msg_id_t id)\n"
    "{\n"
    "\tconst uint64_t words[4] = {\n"
    "\t\t(uint64_t)size << 32 | bits, remote, local, (uint64_t)(uint32_t)id << 32,\n"
    "\t};\n"
    "\n"
    "\t__builtin_memcpy(head, words, sizeof(words));\n"
    "}\n"
    "\n";

static const char typed_kernel_text[] =
    "/* In the kernel a right in a message is a pointer that fills its slot. */\n"
    "_Static_assert(sizeof(ipc_port_t) == 8, \"a port pointer fills its slot\");\n"
    "\n"
    "static inline MIG_UNUSED ipc_port_t\n"
    "mig_port(const void *slot)\n"
    "{\n"
    "\tipc_port_t port;\n"
    "\n"
    "\t__builtin_memcpy(&port, slot, sizeof(port));\n"
    "\treturn port;\n"
    "}\n"
    "\n"
    "static inline MIG_UNUSED void\n"
    "mig_head(void *head, mach_msg_bits_t bits, mach_msg_size_t size, ipc_port_t remote,\n"
    "    ipc_port_t local, mach_msg_id_t id)\n"
    "{\n"
    "\tconst uint64_t words[4] = {\n"
    "\t\t(uint64_t)size << 32 | bits, (uintptr_t)remote, (uintptr_t)local,\n"
    "\t\t(uint64_t)(uint32_t)id << 32,\n"
    "\t};\n"
    "\n"
    "\t__builtin_memcpy(head, words, sizeof(words));\n"
    "}\n"
    "\n";

static const char untyped_shape_text[] =
    "/* A message part may be read as whatever it holds; all is aligned to 4. */\n"
    "#define MIG_MESSAGE __attribute__((__may_alias__, __packed__, __aligned__(4)))\n"
    "\n"
    "_Static_assert(sizeof(mach_msg_header_t) == 24, \"header is 24 bytes\");\n"
    "_Static_assert(sizeof(mach_msg_port_descriptor_t) == 12, \"port descriptor is 12 bytes\");\n"
    "_Static_assert(sizeof(mach_msg_ool_descriptor_t) == 16, \"memory descriptor is 16 bytes\");\n"
    "_Static_assert(sizeof(NDR_record_t) == 8, \"NDR record is 8 bytes\");\n"
    "_Static_assert(sizeof(mig_reply_error_t) == 36, \"error reply is 36 bytes\");\n"
    "\n";

static const char untyped_head_text[] =
    "\n"
    "static inline MIG_UNUSED void\n"
    "mig_head(void *head, mach_msg_bits_t bits, mach_msg_size_t size, mach_port_t remote,\n"
    "    mach_port_t local, mach_msg_id_t id)\n"
    "{\n"
    "\tconst uint32_t words[6] = { bits, size, remote, local, 0, (uint32_t)id };\n"
    "\n"
    "\t__builtin_memcpy(head, words, sizeof(words));\n"
    "}\n"
    "\n"
    "/* The trailer behind a message of any size. */\n"
    "static inline MIG_UNUSED const mach_msg_max_trailer_t *\n"
    "mig_trailer_of(const void *head)\n"
    "{\n"
    "\tmach_msg_size_t size;\n"
    "\n"
    "\t__builtin_memcpy(&size, (const char *)head + 4, sizeof(size));\n"
    "\treturn (const mach_msg_max_trailer_t *)(const void *)((const char *)head + "
    "mig_round(size));\n"
    "}\n"
    "\n";

void
emit_preamble(const struct subsystem *s, struct buffer *out, const struct side *side)
{
	/* Guarded, so that one file may include several stubs. */
	buffer_puts(out, "\n#ifndef MIG_STUB_HELPERS\n#define MIG_STUB_HELPERS\n");
	buffer_puts(out, linkage_text);
	if (s->abi == ABI_OSF) {
		buffer_puts(out, untyped_shape_text);
		buffer_puts(out, helpers_of_4_text);
		buffer_puts(out, untyped_head_text);
	} else {
		buffer_puts(out, typed_shape_text);
		buffer_puts(out, helpers_of_8_text);
		buffer_puts(out, typed_word_text);
		buffer_puts(out, side->kernel ? typed_kernel_text : typed_port_text);
	}
	buffer_puts(out, "#endif\n");
}
