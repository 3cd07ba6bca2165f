/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --fuzz: a libFuzzer harness for a server's demultiplexer.
 * --trace: a table, and the code to read it, that make a captured message
 * readable.  Both stand alone: they include the server header's types only.
 */
#include "emit.h"

/* ---- trace ------------------------------------------------------------------------- */

static const char trace_support[] =
    "#ifndef MIG_TRACE_SUPPORT\n"
    "#define MIG_TRACE_SUPPORT\n"
    "\n"
    "enum mig_trace_kind {\n"
    "\tMIG_TRACE_TYPED,\t/* described by the message itself */\n"
    "\tMIG_TRACE_PORT, MIG_TRACE_MEMORY, MIG_TRACE_NDR, MIG_TRACE_VALUE,\n"
    "\tMIG_TRACE_ARRAY, MIG_TRACE_STRING,\n"
    "};\n"
    "\n"
    "struct mig_trace_field {\n"
    "\tconst char *name;\n"
    "\tenum mig_trace_kind kind;\n"
    "\tuint32_t bytes;\t\t/* of the value, or of one element */\n"
    "};\n"
    "\n"
    "struct mig_trace_message {\n"
    "\tint32_t id;\n"
    "\tint is_reply;\n"
    "\tconst char *routine;\n"
    "\tconst struct mig_trace_field *fields;\n"
    "\tuint32_t field_count;\n"
    "};\n"
    "\n"
    "struct mig_trace_text {\n"
    "\tchar *at;\n"
    "\tsize_t left;\n"
    "\tsize_t used;\n"
    "};\n"
    "\n"
    "static inline void\n"
    "mig_trace_char(struct mig_trace_text *text, char c)\n"
    "{\n"
    "\tif (text->left > 1) {\n"
    "\t\ttext->at[0] = c;\n"
    "\t\ttext->at[1] = '\\0';\n"
    "\t\ttext->at++;\n"
    "\t\ttext->left--;\n"
    "\t}\n"
    "\ttext->used++;\n"
    "}\n"
    "\n"
    "static inline void\n"
    "mig_trace_string(struct mig_trace_text *text, const char *string)\n"
    "{\n"
    "\twhile (*string != '\\0')\n"
    "\t\tmig_trace_char(text, *string++);\n"
    "}\n"
    "\n"
    "static inline void\n"
    "mig_trace_number(struct mig_trace_text *text, uint64_t number, unsigned base)\n"
    "{\n"
    "\tchar digits[24];\n"
    "\tunsigned n = 0;\n"
    "\n"
    "\tdo {\n"
    "\t\tdigits[n++] = \"0123456789abcdef\"[number % base];\n"
    "\t\tnumber /= base;\n"
    "\t} while (number != 0);\n"
    "\tif (base == 16)\n"
    "\t\tmig_trace_string(text, \"0x\");\n"
    "\twhile (n != 0)\n"
    "\t\tmig_trace_char(text, digits[--n]);\n"
    "}\n"
    "\n"
    "static inline uint64_t\n"
    "mig_trace_get(const unsigned char *at, size_t bytes)\n"
    "{\n"
    "\tuint64_t value = 0;\n"
    "\n"
    "\tfor (size_t i = bytes < 8 ? bytes : 8; i != 0; i--)\n"
    "\t\tvalue = value << 8 | at[i - 1];\n"
    "\treturn value;\n"
    "}\n"
    "\n"
    "static inline void\n"
    "mig_trace_characters(struct mig_trace_text *text, const unsigned char *at, size_t count)\n"
    "{\n"
    "\tmig_trace_char(text, '\"');\n"
    "\tfor (size_t i = 0; i < count && i < 32 && at[i] != '\\0'; i++)\n"
    "\t\tmig_trace_char(text, at[i] >= 32 && at[i] < 127 ? (char)at[i] : '.');\n"
    "\tmig_trace_string(text, count > 32 ? \"...\\\"\" : \"\\\"\");\n"
    "}\n"
    "\n"
    "static inline void\n"
    "mig_trace_values(struct mig_trace_text *text, const unsigned char *at, size_t bytes, uint64_t "
    "count)\n"
    "{\n"
    "\tif (count != 1)\n"
    "\t\tmig_trace_char(text, '{');\n"
    "\tfor (uint64_t i = 0; i < count && i < 8; i++) {\n"
    "\t\tif (i != 0)\n"
    "\t\t\tmig_trace_char(text, ' ');\n"
    "\t\tmig_trace_number(text, mig_trace_get(at + i * bytes, bytes), bytes > 4 ? 16 : 10);\n"
    "\t}\n"
    "\tif (count > 8)\n"
    "\t\tmig_trace_string(text, \" ...\");\n"
    "\tif (count != 1)\n"
    "\t\tmig_trace_char(text, '}');\n"
    "}\n"
    "\n"
    "static inline const char *\n"
    "mig_trace_right(unsigned name)\n"
    "{\n"
    "\tstatic const char *const names[] = {\n"
    "\t\t\"receive\", \"send\", \"send-once\", \"copy-send\", \"make-send\", \"make-send-once\",\n"
    "\t};\n"
    "\n"
    "\treturn name >= 16 && name <= 21 ? names[name - 16] : \"value\";\n"
    "}\n"
    "\n";

static const char trace_typed[] =
    "/* One (descriptor, data) pair; returns the bytes it takes, 0 at a broken one. */\n"
    "static inline size_t\n"
    "mig_trace_item(struct mig_trace_text *text, const unsigned char *at, size_t left)\n"
    "{\n"
    "\tuint32_t low;\n"
    "\tuint64_t count, bytes;\n"
    "\tunsigned name, bits;\n"
    "\n"
    "\tif (left < 8)\n"
    "\t\treturn 0;\n"
    "\tlow = (uint32_t)mig_trace_get(at, 4);\n"
    "\tcount = mig_trace_get(at + 4, 4);\n"
    "\tname = low & 0xff;\n"
    "\tbits = (low >> 8) & 0xffff;\n"
    "\tbytes = (count * bits + 7) / 8;\n"
    "\tif ((low & 0x20000000u) == 0) {\n"
    "\t\tif (left < 16)\n"
    "\t\t\treturn 0;\n"
    "\t\tmig_trace_string(text, name >= 16 && name <= 21 ? mig_trace_right(name) : \"memory\");\n"
    "\t\tmig_trace_char(text, '[');\n"
    "\t\tmig_trace_number(text, count, 10);\n"
    "\t\tmig_trace_string(text, \"] at \");\n"
    "\t\tmig_trace_number(text, mig_trace_get(at + 8, 8), 16);\n"
    "\t\treturn 16;\n"
    "\t}\n"
    "\tif (((bytes + 7) & ~(uint64_t)7) > left - 8)\n"
    "\t\treturn 0;\n"
    "\tif (name >= 16 && name <= 21) {\n"
    "\t\tmig_trace_string(text, mig_trace_right(name));\n"
    "\t\tfor (uint64_t i = 0; i < count && i < 8; i++) {\n"
    "\t\t\tmig_trace_char(text, ' ');\n"
    "\t\t\tmig_trace_number(text, mig_trace_get(at + 8 + 8 * i, 4), 10);\n"
    "\t\t}\n"
    "\t\tmig_trace_string(text, count > 8 ? \" ...\" : \"\");\n"
    "\t} else if ((name == 12 || name == 8) && count != 1)\n"
    "\t\tmig_trace_characters(text, at + 8, (size_t)bytes);\n"
    "\telse if (name == 12)\n"
    "\t\tmig_trace_characters(text, at + 8, (size_t)bytes);\n"
    "\telse if (bits >= 8 && bits <= 64)\n"
    "\t\tmig_trace_values(text, at + 8, bits / 8, count);\n"
    "\telse\n"
    "\t\tmig_trace_values(text, at + 8, 1, bytes);\n"
    "\treturn 8 + (size_t)((bytes + 7) & ~(uint64_t)7);\n"
    "}\n"
    "\n"
    "static inline void\n"
    "mig_trace_body(struct mig_trace_text *text, const struct mig_trace_message *m,\n"
    "    const unsigned char *message, size_t size)\n"
    "{\n"
    "\tsize_t offset = 32;\n"
    "\n"
    "\tfor (uint32_t i = 0; i < m->field_count && offset < size; i++) {\n"
    "\t\tsize_t step;\n"
    "\n"
    "\t\tif (i != 0)\n"
    "\t\t\tmig_trace_string(text, \", \");\n"
    "\t\tmig_trace_string(text, m->fields[i].name);\n"
    "\t\tmig_trace_char(text, '=');\n"
    "\t\tstep = mig_trace_item(text, message + offset, size - offset);\n"
    "\t\tif (step == 0) {\n"
    "\t\t\tmig_trace_string(text, \"<cut off>\");\n"
    "\t\t\treturn;\n"
    "\t\t}\n"
    "\t\toffset += step;\n"
    "\t}\n"
    "}\n"
    "#define MIG_TRACE_ID 28\n"
    "#define MIG_TRACE_HEADER 32\n"
    "#define MIG_TRACE_REMOTE 8\n"
    "#define MIG_TRACE_LOCAL 16\n";

static const char trace_untyped[] =
    "/* One field; returns the bytes it takes, 0 at a broken one. */\n"
    "static inline size_t\n"
    "mig_trace_item(struct mig_trace_text *text, const struct mig_trace_field *f,\n"
    "    const unsigned char *at, size_t left)\n"
    "{\n"
    "\tsize_t prefix = f->kind == MIG_TRACE_ARRAY ? 4 : f->kind == MIG_TRACE_STRING ? 8 : 0;\n"
    "\tuint64_t count = 1;\n"
    "\tsize_t bytes = f->kind == MIG_TRACE_PORT ? 12 : f->kind == MIG_TRACE_MEMORY ? 16 : "
    "f->bytes;\n"
    "\n"
    "\tif (left < prefix)\n"
    "\t\treturn 0;\n"
    "\tif (prefix != 0) {\n"
    "\t\tcount = mig_trace_get(at + prefix - 4, 4);\n"
    "\t\tif (count > left)\n"
    "\t\t\treturn 0;\n"
    "\t\tbytes = (size_t)count * f->bytes;\n"
    "\t}\n"
    "\tif (bytes > left - prefix)\n"
    "\t\treturn 0;\n"
    "\tat += prefix;\n"
    "\tif (f->kind == MIG_TRACE_PORT) {\n"
    "\t\tmig_trace_string(text, mig_trace_right(at[10]));\n"
    "\t\tmig_trace_char(text, ' ');\n"
    "\t\tmig_trace_number(text, mig_trace_get(at, 4), 10);\n"
    "\t} else if (f->kind == MIG_TRACE_MEMORY) {\n"
    "\t\tmig_trace_string(text, \"memory[\");\n"
    "\t\tmig_trace_number(text, mig_trace_get(at + 12, 4), 10);\n"
    "\t\tmig_trace_string(text, \"] at \");\n"
    "\t\tmig_trace_number(text, mig_trace_get(at, 8), 16);\n"
    "\t} else if (f->kind == MIG_TRACE_STRING) {\n"
    "\t\tmig_trace_characters(text, at, bytes);\n"
    "\t} else if (f->kind == MIG_TRACE_ARRAY) {\n"
    "\t\tmig_trace_values(text, at, f->bytes, count);\n"
    "\t} else if (f->kind == MIG_TRACE_NDR) {\n"
    "\t\tmig_trace_string(text, at[4] == 1 ? \"little-endian\" : \"big-endian\");\n"
    "\t} else if (bytes <= 8) {\n"
    "\t\tmig_trace_values(text, at, bytes, 1);\n"
    "\t} else {\n"
    "\t\tmig_trace_values(text, at, 4, bytes / 4);\n"
    "\t}\n"
    "\treturn prefix + ((bytes + 3) & ~(size_t)3);\n"
    "}\n"
    "\n"
    "static inline void\n"
    "mig_trace_body(struct mig_trace_text *text, const struct mig_trace_message *m,\n"
    "    const unsigned char *message, size_t size)\n"
    "{\n"
    "\tsize_t offset = (message[3] & 0x80) != 0 ? 28 : 24;\n"
    "\n"
    "\tfor (uint32_t i = 0; i < m->field_count && offset < size; i++) {\n"
    "\t\tsize_t step;\n"
    "\n"
    "\t\tif (i != 0)\n"
    "\t\t\tmig_trace_string(text, \", \");\n"
    "\t\tmig_trace_string(text, m->fields[i].name);\n"
    "\t\tmig_trace_char(text, '=');\n"
    "\t\tstep = mig_trace_item(text, &m->fields[i], message + offset, size - offset);\n"
    "\t\tif (step == 0) {\n"
    "\t\t\tmig_trace_string(text, \"<cut off>\");\n"
    "\t\t\treturn;\n"
    "\t\t}\n"
    "\t\toffset += step;\n"
    "\t}\n"
    "}\n"
    "#define MIG_TRACE_ID 20\n"
    "#define MIG_TRACE_HEADER 24\n"
    "#define MIG_TRACE_REMOTE 8\n"
    "#define MIG_TRACE_LOCAL 12\n";

static const char trace_common[] =
    "\n"
    "/*\n"
    " * Write one line about a message of `size` bytes into `text`; returns the\n"
    " * bytes the whole line needs, 0 when the id is in no message of `table`.\n"
    " */\n"
    "static inline size_t\n"
    "mig_trace_format(const struct mig_trace_message *table, size_t count, const void *message,\n"
    "    size_t size, char *line, size_t room)\n"
    "{\n"
    "\tstruct mig_trace_text text = { line, room, 0 };\n"
    "\tconst unsigned char *bytes = (const unsigned char *)message;\n"
    "\tint32_t id;\n"
    "\n"
    "\tif (room != 0)\n"
    "\t\tline[0] = '\\0';\n"
    "\tif (size < MIG_TRACE_HEADER)\n"
    "\t\treturn 0;\n"
    "\tid = (int32_t)(uint32_t)mig_trace_get(bytes + MIG_TRACE_ID, 4);\n"
    "\tfor (size_t i = 0; i < count; i++) {\n"
    "\t\tif (table[i].id != id)\n"
    "\t\t\tcontinue;\n"
    "\t\tmig_trace_string(&text, table[i].routine);\n"
    "\t\tmig_trace_string(&text, table[i].is_reply ? \" reply(\" : \"(\");\n"
    "\t\tmig_trace_body(&text, &table[i], bytes, size);\n"
    "\t\tmig_trace_string(&text, \") remote \");\n"
    "\t\tmig_trace_number(&text, mig_trace_get(bytes + MIG_TRACE_REMOTE, 4), 10);\n"
    "\t\tmig_trace_string(&text, \" local \");\n"
    "\t\tmig_trace_number(&text, mig_trace_get(bytes + MIG_TRACE_LOCAL, 4), 10);\n"
    "\t\treturn text.used + 1;\n"
    "\t}\n"
    "\treturn 0;\n"
    "}\n"
    "\n"
    "#endif /* MIG_TRACE_SUPPORT */\n";

static const char *
trace_kind(const struct subsystem *s, const struct field *f)
{
	if (s->abi != ABI_OSF)
		return "MIG_TRACE_TYPED";
	switch (f->kind) {
	case FIELD_NDR:
		return "MIG_TRACE_NDR";
	case FIELD_OUT_OF_LINE:
		return "MIG_TRACE_MEMORY";
	case FIELD_VARRAY:
		return "MIG_TRACE_ARRAY";
	case FIELD_VSTRING:
		return "MIG_TRACE_STRING";
	default:
		return f->has_descriptor ? "MIG_TRACE_PORT" : "MIG_TRACE_VALUE";
	}
}

static void
trace_fields(const struct subsystem *s, const struct message *m, struct buffer *out)
{
	if (m->fields == NULL)
		return;
	buffer_printf(
	    out, "\nstatic const struct mig_trace_field %s_%u_fields[] = {\n", s->name, m->id);
	for (const struct field *f = m->fields; f != NULL; f = f->next) {
		uint32_t bytes = f->kind == FIELD_VARRAY
		    ? (uint32_t)type_wire_bytes(f->type->element)
		    : f->kind == FIELD_VSTRING ? 1
					       : f->bytes;
		uint32_t copies =
		    s->abi == ABI_OSF && f->has_descriptor && f->kind != FIELD_OUT_OF_LINE
		    ? f->number
		    : 1;

		/* Each right of an untyped array has a descriptor of its own. */
		for (uint32_t i = 0; i < copies; i++)
			buffer_printf(
			    out, "\t{ \"%s\", %s, %u },\n", f->name, trace_kind(s, f), bytes);
	}
	buffer_puts(out, "};\n");
}

static void
trace_row(const struct subsystem *s, const struct message *m, struct buffer *out)
{
	buffer_printf(out, "\t{ %u, %d, \"%s\", ", m->id, !m->is_request, m->routine->name);
	if (m->fields == NULL)
		buffer_puts(out, "0, 0 },\n");
	else
		buffer_printf(out,
		    "%s_%u_fields,\n\t    sizeof(%s_%u_fields) / sizeof(%s_%u_fields[0]) },\n",
		    s->name, m->id, s->name, m->id, s->name, m->id);
}

void
emit_trace(struct subsystem *s, struct buffer *out)
{
	emit_banner(s, out, "Trace table");
	buffer_puts(out, "#include <stddef.h>\n#include <stdint.h>\n\n");
	buffer_puts(out, trace_support);
	buffer_puts(out, s->abi == ABI_OSF ? trace_untyped : trace_typed);
	buffer_puts(out, trace_common);
	for (const struct routine *r = s->routines; r != NULL; r = r->next) {
		trace_fields(s, r->request, out);
		if (r->reply != NULL)
			trace_fields(s, r->reply, out);
	}
	buffer_printf(out,
	    "\nextern const struct mig_trace_message %s_trace[];\n"
	    "extern const size_t %s_trace_count;\n\n"
	    "const struct mig_trace_message %s_trace[] = {\n",
	    s->name, s->name, s->name);
	for (const struct routine *r = s->routines; r != NULL; r = r->next) {
		trace_row(s, r->request, out);
		if (r->reply != NULL)
			trace_row(s, r->reply, out);
	}
	buffer_printf(out,
	    "\t{ -1, 0, \"\", 0, 0 },\n};\nconst size_t %s_trace_count =\n"
	    "    sizeof(%s_trace) / sizeof(%s_trace[0]) - 1;\n\n"
	    "/* One line about a message; see mig_trace_format. */\n"
	    "size_t %s_trace_format(const void *message, size_t size, char *line, size_t room);\n\n"
	    "size_t\n%s_trace_format(const void *message, size_t size, char *line, size_t "
	    "room)\n{\n"
	    "\treturn mig_trace_format(%s_trace, %s_trace_count, message, size, line, room);\n}\n",
	    s->name, s->name, s->name, s->name, s->name, s->name, s->name);
}

/* ---- fuzz ------------------------------------------------------------------------------- */

static const char fuzz_typed[] =
    "/*\n"
    " * As the kernel would deliver it: what says it is out of line gets memory,\n"
    " * and a body that no kernel would pass on is refused.\n"
    " */\n"
    "static int\n"
    "fuzz_body(unsigned char *message, size_t size, void **memory, size_t room, size_t *countp)\n"
    "{\n"
    "\tsize_t offset = 32;\n"
    "\n"
    "\twhile (offset < size) {\n"
    "\t\tuint32_t low, number;\n"
    "\t\tuint64_t bytes, step;\n"
    "\n"
    "\t\tif (size - offset < 8)\n"
    "\t\t\treturn 0;\n"
    "\t\tmemcpy(&low, message + offset, 4);\n"
    "\t\tmemcpy(&number, message + offset + 4, 4);\n"
    "\t\tbytes = ((uint64_t)number * ((low >> 8) & 0xffff) + 7) / 8;\n"
    "\t\tstep = (low & 0x20000000u) != 0 ? (bytes + 7) & ~(uint64_t)7 : 8;\n"
    "\t\tif (step > size - offset - 8)\n"
    "\t\t\treturn 0;\n"
    "\t\tif ((low & 0x20000000u) == 0) {\n"
    "\t\t\tvoid *data;\n"
    "\n"
    "\t\t\tif (bytes > 65536 || *countp == room)\n"
    "\t\t\t\treturn 0;\n"
    "\t\t\tdata = calloc(1, bytes != 0 ? (size_t)bytes : 1);\n"
    "\t\t\tmemory[(*countp)++] = data;\n"
    "\t\t\tmemcpy(message + offset + 8, &data, 8);\n"
    "\t\t\tlow |= 0x80000000u;\n"
    "\t\t\tmemcpy(message + offset, &low, 4);\n"
    "\t\t}\n"
    "\t\toffset += 8 + (size_t)step;\n"
    "\t}\n"
    "\treturn 1;\n"
    "}\n"
    "#define FUZZ_HEADER 32\n"
    "#define FUZZ_ID 28\n";

static const char fuzz_untyped[] =
    "static int\n"
    "fuzz_body(unsigned char *message, size_t size, void **memory, size_t room, size_t *countp)\n"
    "{\n"
    "\tsize_t offset = 28;\n"
    "\tuint32_t descriptors;\n"
    "\n"
    "\tif (size < 28)\n"
    "\t\treturn 0;\n"
    "\tmemcpy(&descriptors, message + 24, 4);\n"
    "\tfor (uint32_t i = 0; i < descriptors; i++) {\n"
    "\t\tuint32_t count;\n"
    "\t\tvoid *data;\n"
    "\n"
    "\t\tif (size - offset < 16)\n"
    "\t\t\treturn 0;\n"
    "\t\tif (message[offset + 11] == 0) {\n"
    "\t\t\toffset += 12;\n"
    "\t\t\tcontinue;\n"
    "\t\t}\n"
    "\t\tmemcpy(&count, message + offset + 12, 4);\n"
    "\t\tif (message[offset + 11] > 2 || count > 65536 || *countp == room)\n"
    "\t\t\treturn 0;\n"
    "\t\tdata = calloc(1, (size_t)count * 4 + 1);\n"
    "\t\tmemory[(*countp)++] = data;\n"
    "\t\tmemcpy(message + offset, &data, 8);\n"
    "\t\toffset += 16;\n"
    "\t}\n"
    "\treturn 1;\n"
    "}\n"
    "#define FUZZ_HEADER 24\n"
    "#define FUZZ_ID 20\n";

static const char fuzz_support[] =
    "static volatile unsigned char fuzz_sink;\n"
    "\n"
    "/* A server function reads all it is given: the sanitizer sees a byte too many. */\n"
    "static __attribute__((__unused__)) void\n"
    "fuzz_touch(const void *data, uint64_t size)\n"
    "{\n"
    "\tfor (uint64_t i = 0; i < size; i++)\n"
    "\t\tfuzz_sink ^= ((const unsigned char *)data)[i];\n"
    "}\n"
    "\n"
    "__attribute__((__weak__)) kern_return_t\n"
    "fuzz_result(void)\n"
    "{\n"
    "\treturn KERN_SUCCESS;\n"
    "}\n"
    "\n";

static const char fuzz_main[] =
    "\n"
    "int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);\n"
    "\n"
    "int\n"
    "LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)\n"
    "{\n"
    "\tstatic unsigned char reply[FUZZ_REPLY] __attribute__((__aligned__(16)));\n"
    "\tvoid *memory[64];\n"
    "\tsize_t count = 0;\n"
    "\tunsigned char *message;\n"
    "\tuint32_t bits, id;\n"
    "\n"
    "\tif (size < FUZZ_HEADER || size > 65536)\n"
    "\t\treturn 0;\n"
    "\tsize &= ~(size_t)7;\n"
    "\tmessage = malloc(size + FUZZ_TRAILER);\n"
    "\tif (message == NULL)\n"
    "\t\treturn 0;\n"
    "\tmemset(message, 0, size + FUZZ_TRAILER);\n"
    "\tmemcpy(message, data, size);\n"
    "\tmemcpy(&bits, message, 4);\n"
    "\tbits = (bits & 0x80000000u) | 0x1112;\n"
    "\tmemcpy(message, &bits, 4);\n"
    "\tmemcpy(message + 4, &(uint32_t){ (uint32_t)size }, 4);\n"
    "\tmemcpy(&id, message + FUZZ_ID, 4);\n"
    "\tid = FUZZ_BASE + id % FUZZ_COUNT;\n"
    "\tmemcpy(message + FUZZ_ID, &id, 4);\n"
    "\tif ((bits & 0x80000000u) == 0 || fuzz_body(message, size, memory, 64, &count))\n"
    "\t\tFUZZ_DEMUX((mach_msg_header_t *)(void *)message, (mach_msg_header_t *)(void *)reply);\n"
    "\twhile (count != 0)\n"
    "\t\tfree(memory[--count]);\n"
    "\tfree(message);\n"
    "\treturn 0;\n"
    "}\n";

static void
fuzz_touch(const struct argument *a, struct buffer *out)
{
	const struct type *t = a->type;

	if (!a->in_request || a->in_reply)
		return;
	if (t->form == FORM_STRING || t->form == FORM_VSTRING)
		buffer_printf(out, "\tfuzz_touch(%s, strlen(%s) + 1);\n", a->name, a->name);
	else if (type_is_variable(t))
		buffer_printf(out, "\tfuzz_touch((const void *)%s, (uint64_t)%sCnt * %llu);\n",
		    a->name, a->same_count != NULL ? a->same_count->name : a->name,
		    (unsigned long long)(type_is_port(t) ? 4
							 : type_wire_bytes(type_data(t)->element)));
	else if (t->form == FORM_ARRAY || t->form == FORM_POINTER)
		buffer_printf(out, "\tfuzz_touch((const void *)%s, %llu);\n", a->name,
		    (unsigned long long)type_c_bytes(type_data(t)));
}

static void
fuzz_function(const struct routine *r, const struct side *side, struct buffer *out)
{
	const char *type = routine_return_type(r, side);

	buffer_printf(out, "__attribute__((__weak__)) %s\n%s(\n", type, r->server_name);
	emit_unused_parameters(out, r, side);
	buffer_puts(out, ")\n{\n");
	for (const struct argument *a = r->arguments; a != NULL; a = a->next)
		if (a->server_sees && !side->kernel)
			fuzz_touch(a, out);
	for (const struct argument *a = r->arguments; a != NULL; a = a->next)
		if (a->server_sees && a->in_reply && !a->in_request && a->same_count == NULL &&
		    type_is_variable(a->type))
			buffer_printf(out, "\t*%sCnt = 0;\n", a->name);
	if (r->kind == FUNCTION)
		buffer_printf(out,
		    "\t%s value;\n\n\tmemset(&value, 0, sizeof(value));\n\treturn value;\n", type);
	else if (r->kind == ROUTINE || r->kind == SIMPLE_ROUTINE)
		buffer_puts(out, "\treturn fuzz_result();\n");
	buffer_puts(out, "}\n\n");
}

void
emit_fuzz(struct subsystem *s, struct buffer *out)
{
	struct side side = side_server(s);

	emit_banner(s, out, "Fuzzing harness");
	buffer_printf(out,
	    "/*\n * Build: clang -fsanitize=fuzzer,address THIS.c SERVER.c\n"
	    " * Server functions that are not linked in are the ones below, which read\n"
	    " * everything they get.\n */\n#include <stdlib.h>\n#include <string.h>\n");
	emit_standard_includes(s, out, &side);
	emit_imports(s, out, false, true, false);
	buffer_puts(out,
	    "\n#ifndef MIG_UNUSED\n#define MIG_UNUSED __attribute__((__unused__))\n#endif\n\n");
	buffer_printf(out,
	    "#define FUZZ_BASE %uu\n#define FUZZ_COUNT %uu\n#define FUZZ_DEMUX %s\n"
	    "#define FUZZ_REPLY %u\n#define FUZZ_TRAILER %u\n\n"
	    "extern boolean_t %s(mach_msg_header_t *, mach_msg_header_t *);\n\n",
	    s->base, s->id_count != 0 ? s->id_count : 1, s->server_demux, s->reply_max + 64,
	    s->abi == ABI_OSF ? 68u : 0u, s->server_demux);
	buffer_puts(out, fuzz_support);
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		fuzz_function(r, &side, out);
	buffer_puts(out, s->abi == ABI_OSF ? fuzz_untyped : fuzz_typed);
	buffer_puts(out, fuzz_main);
}
