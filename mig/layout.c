/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where every byte of a message lies.
 *
 * Typed (64 bits): header 32, then (descriptor 8, data rounded up to 8).
 * Untyped: header 24, descriptor block, NDR record, data rounded up to 4.
 * A field whose size varies ends a part; offsets in the next part are
 * fixed again.  Two offsets are kept for each field: with every earlier
 * variable field empty (wire offsets are that or more) and with every one
 * full (how much room the message can need).
 */
#include <string.h>

#include "mig.h"

#define TYPED_HEADER   32
#define TYPED_ALIGN    8
#define DESCRIPTOR     8
#define UNTYPED_HEADER 24
#define UNTYPED_ALIGN  4
#define NDR_BYTES      8
#define INLINE_MAX     2048

struct layout {
	struct subsystem *subsystem;
	struct message *message;
	struct field **end;
	uint32_t offset;     /* earlier variable fields empty */
	uint32_t max_offset; /* earlier variable fields full */
	struct part parts[1026];
};

static uint32_t
round_up(uint32_t n, uint32_t to)
{
	return (n + to - 1) & ~(to - 1);
}

static struct field *
field_create(struct layout *l, enum field_kind kind, struct argument *a, const char *name)
{
	struct field *field = mig_alloc(sizeof(*field));

	field->kind = kind;
	field->argument = a;
	field->type = a != NULL ? a->type : NULL;
	field->name = name;
	*l->end = field;
	l->end = &field->next;
	return field;
}

static enum field_kind
field_kind_of(const struct type *type)
{
	switch (type->form) {
	case FORM_VARRAY:
		return FIELD_VARRAY;
	case FORM_INDEFINITE:
		return FIELD_INDEFINITE;
	case FORM_STRING:
		return FIELD_STRING;
	case FORM_VSTRING:
		return FIELD_VSTRING;
	case FORM_POINTER:
		return FIELD_OUT_OF_LINE;
	default:
		return FIELD_VALUE;
	}
}

/* Place `bytes` of data behind what is there; the rest of the field is set. */
static void
field_place(struct layout *l, struct field *field, uint32_t descriptor, uint32_t align)
{
	struct message *m = l->message;

	field->part = m->part_count - 1;
	field->descriptor_offset = l->offset;
	field->data_offset = l->offset + descriptor;
	field->max_offset = l->max_offset + descriptor;
	field->room = round_up(field->bytes, align);
	l->max_offset += descriptor + field->room;
	l->offset += descriptor + (field->variable ? 0 : field->room);
	if (!field->variable)
		return;
	l->parts[field->part].fixed = l->offset - l->parts[field->part].start;
	if (m->part_count < 1026)
		m->part_count++;
	l->parts[m->part_count - 1] = (struct part) { l->offset, l->max_offset, 0 };
}

static void
field_names(const struct layout *l, struct field *field)
{
	const struct type *type = field->type;

	field->send_name = type->send_name;
	field->receive_name = type->receive_name;
	field->is_port = type_is_port(type);
	/* A kernel's server sends rights that are already in received form. */
	if (!l->message->is_request && l->subsystem->kernel_server && field->is_port)
		field->send_name = field->receive_name;
}

static void
message_complex(struct message *m, const struct field *field)
{
	enum presence now = NEVER;

	if (field->kind == FIELD_OUT_OF_LINE)
		now = ALWAYS;
	else if (field->is_port)
		now = field->send_name == WIRE_POLYMORPHIC ? MAYBE : ALWAYS;
	else if (field->kind == FIELD_INDEFINITE)
		now = MAYBE;
	if (now == ALWAYS || (now == MAYBE && m->complex == NEVER))
		m->complex = now;
}

/* ---- typed ------------------------------------------------------------------- */

static void
typed_word(struct layout *l, enum field_kind kind, struct argument *a, const char *name)
{
	struct field *field = field_create(l, kind, a, name);

	field->has_descriptor = true;
	field->send_name = field->receive_name = WIRE_INTEGER_32;
	field->bits = 32;
	field->number = 1;
	field->bytes = 4;
	field->is_inline = true;
	field_place(l, field, DESCRIPTOR, TYPED_ALIGN);
}

static bool
typed_longform(const struct field *field)
{
	const struct argument *a = field->argument;

	if (a->islong || field->kind == FIELD_INDEFINITE)
		return true;
	if ((a->flags & FLAG_ISNOTLONG) != 0 || a->type->isnotlong)
		return false;
	return (field->kind == FIELD_OUT_OF_LINE && type_is_variable(field->type)) ||
	    field->bits >= 256 || field->number >= 4096;
}

static void
typed_argument(struct layout *l, struct argument *a)
{
	const struct type *type = a->type;
	struct field *field = field_create(l, field_kind_of(type), a, a->name);

	field_names(l, field);
	field->has_descriptor = true;
	field->bits = type->size;
	field->number = type->number;
	field->is_inline = type->form != FORM_POINTER;
	field->dealloc = a->dealloc;
	field->longform = typed_longform(field);
	field->variable = field->kind == FIELD_VARRAY || field->kind == FIELD_VSTRING ||
	    field->kind == FIELD_INDEFINITE;
	field->bytes = field->kind == FIELD_OUT_OF_LINE ? 8
	    : field->kind == FIELD_INDEFINITE           ? INLINE_MAX
							: (uint32_t)type_wire_bytes(type);
	field_place(l, field, DESCRIPTOR, TYPED_ALIGN);
	message_complex(l->message, field);
}

static void
typed_message(struct layout *l)
{
	struct routine *r = l->message->routine;
	bool request = l->message->is_request;

	if (!request)
		typed_word(l, FIELD_RETCODE, NULL, "RetCode");
	for (struct argument *a = r->arguments; a != NULL; a = a->next) {
		if (request ? a->in_request : a->in_reply)
			typed_argument(l, a);
		if (request && a->countinout)
			typed_word(l, FIELD_COUNT, a, mig_format("%sCnt", a->name));
	}
}

uint64_t
field_descriptor(const struct field *field, bool received)
{
	uint32_t name = received ? field->receive_name : field->send_name;
	bool out_of_line = !field->is_inline;
	bool dealloc = out_of_line && (received || field->dealloc == DEALLOC_YES);
	uint32_t low = (name == WIRE_POLYMORPHIC ? 0 : name & 0xff) | field->bits << 8;

	low |= field->is_inline ? 0x20000000u : 0;
	low |= field->longform ? 0x40000000u : 0;
	low |= dealloc ? 0x80000000u : 0;
	if (field->variable || (out_of_line && type_is_variable(field->type)))
		return low;
	return low | (uint64_t)field->number << 32;
}

/* ---- untyped ------------------------------------------------------------------- */

static bool
untyped_is_descriptor(const struct argument *a)
{
	return type_is_port(a->type) || type_is_out_of_line(a->type) ||
	    a->type->form == FORM_INDEFINITE;
}

static void
untyped_descriptor(struct layout *l, struct argument *a)
{
	bool memory = a->type->form == FORM_POINTER || a->type->form == FORM_INDEFINITE;
	struct field *field = field_create(l, memory ? FIELD_OUT_OF_LINE : FIELD_VALUE, a, a->name);
	uint32_t count = memory ? 1 : a->type->number;

	field_names(l, field);
	field->has_descriptor = true;
	field->dealloc = a->dealloc;
	field->number = memory ? 1 : a->type->number;
	field->bits = a->type->size;
	field->bytes = memory ? 16 : 12 * count;
	field_place(l, field, 0, UNTYPED_ALIGN);
	l->message->descriptor_count += count;
	l->message->complex = ALWAYS;
}

static void
untyped_word(
    struct layout *l, enum field_kind kind, struct argument *a, const char *name, uint32_t bytes)
{
	struct field *field = field_create(l, kind, a, name);

	field->bytes = bytes;
	field->bits = bytes * 8;
	field->number = 1;
	field->is_inline = true;
	field_place(l, field, 0, UNTYPED_ALIGN);
}

/* A variable array has its count in front, a variable string offset and length. */
static void
untyped_data(struct layout *l, struct argument *a)
{
	struct type *type = a->type;
	enum field_kind kind = field_kind_of(type);
	uint32_t prefix = kind == FIELD_VARRAY ? 4 : kind == FIELD_VSTRING ? 8 : 0;
	struct field *field = field_create(l, kind, a, a->name);

	field_names(l, field);
	field->is_inline = true;
	field->bits = type->size;
	field->number = type->number;
	field->bytes = (uint32_t)type_wire_bytes(type);
	field->variable = prefix != 0;
	field_place(l, field, prefix, UNTYPED_ALIGN);
}

static bool
untyped_has_body(const struct routine *r, bool request)
{
	for (const struct argument *a = r->arguments; a != NULL; a = a->next) {
		if (request && a->countinout)
			return true;
		if ((request ? a->in_request : a->in_reply) &&
		    (!untyped_is_descriptor(a) || type_is_variable(a->type)))
			return true;
	}
	return false;
}

static void
untyped_message(struct layout *l)
{
	struct routine *r = l->message->routine;
	bool request = l->message->is_request;
	bool complex = false;

	for (struct argument *a = r->arguments; a != NULL; a = a->next)
		complex = complex ||
		    ((request ? a->in_request : a->in_reply) && untyped_is_descriptor(a));
	if (complex)
		l->offset = l->max_offset += 4;
	for (struct argument *a = r->arguments; a != NULL; a = a->next)
		if ((request ? a->in_request : a->in_reply) && untyped_is_descriptor(a))
			untyped_descriptor(l, a);
	if (untyped_has_body(r, request) || (!request && !complex))
		untyped_word(l, FIELD_NDR, NULL, "NDR", NDR_BYTES);
	if (!request && !complex)
		untyped_word(l, FIELD_RETCODE, NULL, "RetCode", 4);
	for (struct argument *a = r->arguments; a != NULL; a = a->next) {
		bool carried = request ? a->in_request : a->in_reply;

		if (carried && !untyped_is_descriptor(a))
			untyped_data(l, a);
		else if (carried && type_is_variable(a->type))
			untyped_word(l, FIELD_OOL_COUNT, a, mig_format("%sCnt", a->name), 4);
		if (request && a->countinout)
			untyped_word(l, FIELD_COUNT, a, mig_format("%sCnt", a->name), 4);
	}
}

/* ---- messages -------------------------------------------------------------------- */

static struct message *
layout_message(struct subsystem *s, struct routine *r, bool request)
{
	static struct layout l;
	struct message *m = mig_alloc(sizeof(*m));
	bool osf = s->abi == ABI_OSF;

	l.subsystem = s;
	l.message = m;
	l.end = &m->fields;
	m->routine = r;
	m->is_request = request;
	m->id = request ? r->id : r->reply_id;
	m->part_count = 1;
	l.offset = l.max_offset = osf ? UNTYPED_HEADER : TYPED_HEADER;
	l.parts[0] = (struct part) { 0, 0, 0 };
	if (osf)
		untyped_message(&l);
	else
		typed_message(&l);
	l.parts[m->part_count - 1].fixed = l.offset - l.parts[m->part_count - 1].start;
	/* A variable field at the very end opened a part with nothing in it. */
	if (m->part_count > 1 && l.parts[m->part_count - 1].fixed == 0)
		m->part_count--;
	m->parts = mig_alloc(m->part_count * sizeof(*m->parts));
	memcpy(m->parts, l.parts, m->part_count * sizeof(*m->parts));
	m->min_size = l.offset;
	m->max_size = l.max_offset;
	return m;
}

void
layout_subsystem(struct subsystem *s)
{
	s->reply_max = s->abi == ABI_OSF ? 36 : 48;
	for (struct routine *r = s->routines; r != NULL; r = r->next) {
		r->request = layout_message(s, r, true);
		if (!r->oneway) {
			r->reply = layout_message(s, r, false);
			if (r->reply->max_size > s->reply_max)
				s->reply_max = r->reply->max_size;
		}
	}
}
