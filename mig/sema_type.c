/* SPDX-License-Identifier: BSD-2-Clause */
/* Meaning of types: wire names, sizes, forms, C names, translation. */
#include <string.h>

#include "sema.h"

#define MAX_BYTES      0x08000000u /* of one inline argument */
#define PORT_BITS      64          /* of a right inside a message */
#define PORT_NAME_BITS 32          /* of a right in out-of-line memory */
#define INLINE_MAX     2048        /* bytes an indefinite array has inline */

/* ---- wire names ----------------------------------------------------------- */

static const struct wire_row {
	const char *text; /* without MACH_MSG_TYPE_ */
	uint32_t send;
	uint32_t receive;
	uint32_t bits; /* 0: none */
	bool mach25;   /* only as MSG_TYPE_X */
	bool osf;      /* only untyped */
	bool both;     /* MSG_TYPE_X too */
} wire_rows[] = {
	{ "UNSTRUCTURED", 0, 0, 0, .both = true },
	{ "BIT", 0, 0, 1, .both = true },
	{ "BOOLEAN", 0, 0, 32, .both = true },
	{ "INTEGER_16", 1, 1, 16, .both = true },
	{ "INTEGER_32", 2, 2, 32, .both = true },
	{ "INTEGER_64", 11, 11, 64, .both = true },
	{ "INTEGER_T", 2, 2, 32, .both = false },
	{ "CHAR", 8, 8, 8, .both = true },
	{ "BYTE", 9, 9, 8, .both = true },
	{ "INTEGER_8", 9, 9, 8, .both = true },
	{ "REAL", 10, 10, 0, .both = true },
	{ "REAL_32", 10, 10, 32, .osf = true },
	{ "REAL_64", 10, 10, 64, .osf = true },
	{ "STRING", 12, 12, 0, .both = true },
	{ "STRING_C", 12, 12, 0, .both = true },
	{ "PORT_NAME", 15, 15, 32, .both = true },
	{ "MOVE_RECEIVE", 16, 16, PORT_BITS, .both = false },
	{ "PORT_RECEIVE", WIRE_POLYMORPHIC, 16, PORT_BITS, .both = false },
	{ "MOVE_SEND", 17, 17, PORT_BITS, .both = false },
	{ "PORT_SEND", WIRE_POLYMORPHIC, 17, PORT_BITS, .both = false },
	{ "MOVE_SEND_ONCE", 18, 18, PORT_BITS, .both = false },
	{ "PORT_SEND_ONCE", WIRE_POLYMORPHIC, 18, PORT_BITS, .both = false },
	{ "COPY_SEND", 19, 17, PORT_BITS, .both = false },
	{ "MAKE_SEND", 20, 17, PORT_BITS, .both = false },
	{ "MAKE_SEND_ONCE", 21, 18, PORT_BITS, .both = false },
	{ "POLYMORPHIC", WIRE_POLYMORPHIC, WIRE_POLYMORPHIC, PORT_BITS, .both = false },
	/* Mach 2.5: a right travels as the modern disposition nearest to it. */
	{ "PORT", 19, 17, PORT_BITS, .mach25 = true },
	{ "PORT_OWNERSHIP", 16, 16, PORT_BITS, .mach25 = true },
	{ "PORT_RECEIVE", 16, 16, PORT_BITS, .mach25 = true },
	{ "PORT_ALL", 16, 16, PORT_BITS, .mach25 = true },
	{ "INTERNAL_MEMORY", 9, 9, 8, .mach25 = true },
};

#define WIRE_ROWS (sizeof(wire_rows) / sizeof(wire_rows[0]))

static const struct wire_row *
wire_find(const char *text, bool mach25)
{
	for (size_t i = 0; i < WIRE_ROWS; i++) {
		const struct wire_row *row = &wire_rows[i];

		if (strcmp(row->text, text) == 0 &&
		    (mach25 ? row->mach25 || row->both : !row->mach25))
			return row;
	}
	return NULL;
}

static void
wire_unknown(const struct ast_wire_name *name, const char *bare, bool mach25)
{
	const char *names[WIRE_ROWS];
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < WIRE_ROWS; i++)
		if (mach25 ? wire_rows[i].mach25 || wire_rows[i].both : !wire_rows[i].mach25)
			names[n++] = wire_rows[i].text;
	near = nearest_name(bare, names, n);
	diag_error(name->place, "unknown message type '%s'", name->text);
	if (near != NULL)
		diag_help("did you mean '%s%s'?", mach25 ? "MSG_TYPE_" : "MACH_MSG_TYPE_", near);
}

/* The row of a wire name; a number makes a row of its own in `scratch`. */
static const struct wire_row *
wire_resolve(struct sema *sema, const struct ast_wire_name *name, struct wire_row *scratch)
{
	const struct wire_row *row;
	const char *bare;
	bool mach25;

	if (name->is_number) {
		if (name->number > 255)
			diag_error(name->place,
			    "message type %u does not fit in a descriptor's 8 bits", name->number);
		*scratch = (struct wire_row) { .text = "number",
			.send = name->number & 0xff,
			.receive = name->number & 0xff };
		if (scratch->send >= WIRE_COPY_SEND && scratch->send <= WIRE_MAKE_SEND)
			scratch->receive = WIRE_MOVE_SEND;
		if (scratch->send == WIRE_MAKE_SEND_ONCE)
			scratch->receive = WIRE_MOVE_SEND_ONCE;
		return scratch;
	}
	mach25 = strncmp(name->text, "MSG_TYPE_", 9) == 0;
	if (mach25)
		bare = name->text + 9;
	else if (strncmp(name->text, "MACH_MSG_TYPE_", 14) == 0)
		bare = name->text + 14;
	else
		bare = "POLYMORPHIC";
	if (mach25 && !options.compat25) {
		diag_error(name->place, "'%s' is a Mach 2.5 name", name->text);
		diag_help("use MACH_MSG_TYPE_* names, or run mig with --compat=2.5");
		return NULL;
	}
	row = wire_find(bare, mach25);
	if (row == NULL)
		wire_unknown(name, bare, mach25);
	else if (row->osf && sema->osf_what == NULL) {
		sema->osf_what = row->text;
		sema->osf_use = name->place;
	}
	return row;
}

/* ---- types ------------------------------------------------------------------ */

/* Stands for a type whose definition was wrong: told once, not at each use. */
static struct type type_bad;

static struct type *type_resolve(struct sema *sema, const struct ast_type *ast, const char *name);

static struct type *
type_unknown(struct sema *sema, const struct name *name)
{
	const char **names;
	const char *near;
	size_t n = 0;

	/* A statement that could not be read may have defined it. */
	if (table_find(&sema->broken_words, name->text) != NULL)
		return NULL;
	diag_error(name->place, "unknown type '%s'", name->text);
	if (!diag.last_shown)
		return NULL;
	names = mig_alloc((sema->types.count + 1) * sizeof(*names));

	for (size_t i = 0; i < sema->types.room; i++)
		if (sema->types.slots[i].name != NULL && sema->types.slots[i].object != &type_bad)
			names[n++] = sema->types.slots[i].name;
	near = nearest_name(name->text, names, n);
	if (near != NULL)
		diag_help("did you mean '%s'?", near);
	else if (strcmp(name->text, "mach_port_t") == 0 || strcmp(name->text, "kern_return_t") == 0)
		diag_help("#include <mach/std_types.defs> defines it");
	return NULL;
}

struct type *
sema_type_lookup(struct sema *sema, const struct name *name)
{
	struct type *type = table_find(&sema->types, name->text);

	if (type == &type_bad)
		return NULL;
	return type != NULL ? type : type_unknown(sema, name);
}

static struct type *
type_create(const struct ast_type *ast, enum form form, const char *name)
{
	struct type *type = mig_alloc(sizeof(*type));

	type->name = name;
	type->place = ast->place;
	type->form = form;
	type->number = 1;
	type->alignment = 1;
	return type;
}

static uint32_t
bits_alignment(uint32_t bits)
{
	return bits % 64 == 0 ? 8 : bits % 32 == 0 ? 4 : bits % 16 == 0 ? 2 : 1;
}

static void
type_apply_flags(struct type *type, const struct ast_flag *flag)
{
	for (; flag != NULL; flag = flag->next) {
		switch (flag->flag) {
		case FLAG_ISLONG:
			type->islong = true;
			break;
		case FLAG_ISNOTLONG:
			type->isnotlong = true;
			break;
		case FLAG_DEALLOC:
			type->dealloc = DEALLOC_YES;
			break;
		case FLAG_NOTDEALLOC:
			type->dealloc = DEALLOC_NO;
			break;
		case FLAG_DEALLOC_MAYBE:
			type->dealloc = DEALLOC_MAYBE;
			break;
		default:
			diag_warning(
			    flag->place, "this flag has no meaning in a type; it is ignored");
		}
	}
	if (type->islong && type->isnotlong) {
		diag_error(type->place, "IsLong and IsNotLong contradict each other");
		type->isnotlong = false;
	}
}

static bool
wire_size_ok(const struct ast_type *ast, struct type *type, const struct wire_row *send)
{
	if (type_is_port(type)) {
		if (ast->has_size && ast->size != 32 && ast->size != 64)
			diag_warning(
			    ast->size_place, "a port has its own size; %u is ignored", ast->size);
		type->size = PORT_BITS;
		return true;
	}
	if (!ast->has_size && send->bits == 0) {
		diag_error(ast->place, "'%s' has no size of its own",
		    ast->send.is_number ? "a number" : ast->send.text);
		diag_help(
		    "write the size in bits: (%s, 32)", ast->send.is_number ? "2" : ast->send.text);
		return false;
	}
	type->size = ast->has_size ? ast->size : send->bits;
	if (type->size == 0) {
		diag_error(ast->size_place, "the size of a type cannot be zero");
		return false;
	}
	if (type->size >= 65536) {
		diag_error(ast->size_place,
		    "size of %u bits does not fit in a descriptor (below 65536)", type->size);
		return false;
	}
	if (type->size % 8 != 0 && type->size != 1) {
		diag_error(
		    ast->size_place, "size of %u bits is not a whole number of bytes", type->size);
		return false;
	}
	return true;
}

/* A size that is not the default is usual for strings, opaque and real data only. */
static void
wire_size_warn(const struct ast_type *ast, const struct type *type, const struct wire_row *send)
{
	if (ast->has_size && send->bits != 0 && !type_is_port(type) && ast->size != send->bits &&
	    type->size % send->bits != 0)
		diag_warning(ast->size_place, "%u bits is not the size of '%s', which has %u",
		    ast->size, ast->send.text, send->bits);
}

static struct type *
type_resolve_wire(struct sema *sema, const struct ast_type *ast, const char *name)
{
	struct type *type = type_create(ast, FORM_SCALAR, name);
	struct wire_row send_row, receive_row;
	const struct wire_row *send = wire_resolve(sema, &ast->send, &send_row);
	const struct wire_row *receive = send;

	if (ast->has_receive)
		receive = wire_resolve(sema, &ast->receive, &receive_row);
	if (send == NULL || receive == NULL)
		return NULL;
	type->send_name = send->send;
	type->receive_name = receive->receive;
	if (send->bits != receive->bits && send->bits != 0 && receive->bits != 0) {
		diag_error(ast->place, "'%s' and '%s' have different sizes", ast->send.text,
		    ast->receive.text);
		return NULL;
	}
	if (!wire_size_ok(ast, type, send))
		return NULL;
	wire_size_warn(ast, type, send);
	type_apply_flags(type, ast->flags);
	if (send->send == WIRE_STRING && !ast->send.is_number)
		type->form = FORM_STRING;
	type->alignment = type->form == FORM_STRING ? 1 : bits_alignment(type->size);
	return type;
}

static struct type *
type_resolve_name(struct sema *sema, const struct ast_type *ast, const char *name)
{
	const struct type *old = sema_type_lookup(sema, &ast->name);
	struct type *type;

	if (old == NULL)
		return NULL;
	type = mig_alloc(sizeof(*type));
	*type = *old;
	type->name = name;
	type->place = ast->place;
	type->predefined = false;
	type->user_type = type->server_type = type->trans_type = NULL;
	type->intran = type->intran_payload = type->outtran = type->destructor = NULL;
	return type;
}

static const char *
wire_c_type(const struct type *type)
{
	if (type_is_port(type) || type->send_name == WIRE_PORT_NAME)
		return "mach_port_t";
	if (type->form == FORM_STRING)
		return "char";
	if (type->number != 1)
		return NULL;
	switch (type->size) {
	case 8:
		return type->send_name == WIRE_BYTE ? "unsigned char" : "char";
	case 16:
		return "int16_t";
	case 32:
		return "int32_t";
	case 64:
		return "int64_t";
	default:
		return NULL;
	}
}

/* The element of an array: a named type keeps its C name and translation. */
static struct type *
type_resolve_element(struct sema *sema, const struct ast_type *ast)
{
	struct type *type;

	if (ast->kind == AST_TYPE_NAME)
		return sema_type_lookup(sema, &ast->name);
	type = type_resolve(sema, ast, NULL);
	if (type != NULL)
		type->user_type = type->server_type = type->trans_type = wire_c_type(type);
	return type;
}

static bool
element_ok(const struct ast_type *ast, const struct type *element)
{
	if (type_is_out_of_line(element)) {
		diag_error(ast->place, "type is too complicated: an array of out-of-line data");
		return false;
	}
	if (type_is_variable(element) || element->form == FORM_VSTRING) {
		diag_error(ast->place, "type is too complicated: a variable array inside an array");
		diag_help("only '^' may stand around a variable array");
		return false;
	}
	if (element->form == FORM_C_POINTER || element->form == FORM_C_VALUE) {
		diag_error(ast->place, "a C pointer or value cannot be an element");
		return false;
	}
	return true;
}

static bool
array_size_ok(const struct ast_type *ast, const struct type *element, uint64_t count)
{
	if (count == 0) {
		diag_error(ast->count_place, "an array of no elements");
		diag_help("write array[] or array[*:n] for an array whose length varies");
		return false;
	}
	if (count * element->number > MAX_BYTES ||
	    count * element->number * element->size / 8 > MAX_BYTES) {
		diag_error(ast->count_place,
		    "array of %llu elements is larger than a message may be",
		    (unsigned long long)count);
		diag_help("send it out of line: ^array[] of ...");
		return false;
	}
	return true;
}

static struct type *
type_resolve_array(struct sema *sema, const struct ast_type *ast, const char *name)
{
	struct type *element = type_resolve_element(sema, ast->element);
	struct type *type;
	uint32_t element_bytes;

	if (element == NULL || !element_ok(ast, element))
		return NULL;
	if (ast->has_count && !array_size_ok(ast, element, ast->count))
		return NULL;
	type = type_create(ast,
	    ast->kind == AST_TYPE_STRUCT_ARRAY ? FORM_STRUCT
		: !ast->variable               ? FORM_ARRAY
		: ast->has_count               ? FORM_VARRAY
					       : FORM_INDEFINITE,
	    name);
	element_bytes = (uint32_t)type_wire_bytes(element);
	if (ast->variable && (element->size * (uint64_t)element->number) % 8 != 0) {
		diag_error(ast->place, "the element of a variable array must be whole bytes");
		return NULL;
	}
	if (type->form == FORM_STRUCT && type_is_port(element)) {
		diag_error(ast->place, "a struct cannot hold rights");
		diag_help("write array[n] of ...");
		return NULL;
	}
	type->element = element;
	type->bounded = ast->has_count;
	type->count = ast->has_count          ? ast->count
	    : INLINE_MAX / element_bytes != 0 ? INLINE_MAX / element_bytes
					      : 1;
	type->send_name = element->send_name;
	type->receive_name = element->receive_name;
	type->size = element->size;
	type->number = type->count * element->number;
	type->alignment = element->alignment;
	return type;
}

static uint32_t
round_up(uint32_t n, uint32_t to)
{
	return (n + to - 1) / to * to;
}

static bool
member_ok(const struct ast_member *member, const struct type *type)
{
	if (type_is_port(type)) {
		diag_error(member->name.place, "member '%s' is a %s; a struct cannot hold rights",
		    member->name.text,
		    type->send_name == WIRE_POLYMORPHIC && type->receive_name == WIRE_POLYMORPHIC
			? "polymorphic element"
			: "port right");
		return false;
	}
	if (type_is_out_of_line(type) || type_is_variable(type) || type->form == FORM_VSTRING ||
	    type->form == FORM_C_POINTER || type->form == FORM_C_VALUE) {
		diag_error(member->name.place, "member '%s' must be inline and of fixed size",
		    member->name.text);
		return false;
	}
	return true;
}

static struct type *
type_resolve_struct(struct sema *sema, const struct ast_type *ast, const char *name)
{
	struct type *type = type_create(ast, FORM_STRUCT, name);
	struct table names = { 0 };
	uint64_t offset = 0;
	bool ok = true;

	for (struct ast_member *m = ast->members; m != NULL; m = m->next) {
		struct type *member = type_resolve_element(sema, m->type);
		const struct ast_member *first = table_find(&names, m->name.text);

		if (first != NULL) {
			diag_error(m->name.place, "duplicate member '%s'", m->name.text);
			diag_note(first->name.place, "the first one is here");
			ok = false;
		} else {
			table_put(&names, m->name.text, m);
		}
		if (member == NULL || !member_ok(m, member)) {
			ok = false;
			continue;
		}
		offset = round_up((uint32_t)offset, member->alignment) + type_wire_bytes(member);
		if (member->alignment > type->alignment)
			type->alignment = member->alignment;
		if (offset > MAX_BYTES) {
			diag_error(m->name.place, "struct is larger than a message may be");
			return NULL;
		}
	}
	if (ok && offset == 0) {
		diag_error(ast->place, "a struct without members has no size");
		return NULL;
	}
	if (!ok)
		return NULL;
	offset = round_up((uint32_t)offset, type->alignment);
	type->size = type->alignment * 8;
	type->number = (uint32_t)offset / type->alignment;
	type->send_name = type->receive_name = type->alignment == 8 ? WIRE_INTEGER_64
	    : type->alignment == 4                                  ? WIRE_INTEGER_32
	    : type->alignment == 2                                  ? WIRE_INTEGER_16
								    : WIRE_BYTE;
	type->members = ast->members;
	return type;
}

static struct type *
type_resolve_pointer(struct sema *sema, const struct ast_type *ast, const char *name)
{
	struct type *element = type_resolve_element(sema, ast->element);
	struct type *type;

	if (element == NULL)
		return NULL;
	if (type_is_out_of_line(element)) {
		diag_error(ast->place,
		    "type is too complicated: out-of-line data inside out-of-line data");
		return NULL;
	}
	if (element->form == FORM_VSTRING || element->form == FORM_C_POINTER ||
	    element->form == FORM_C_VALUE) {
		diag_error(ast->place, "this cannot be sent out of line");
		diag_help("write ^array[] of char for text of any length");
		return NULL;
	}
	type = type_create(ast, FORM_POINTER, name);
	type->element = element;
	type->send_name = element->send_name;
	type->receive_name = element->receive_name;
	type->size = type_is_port(element) ? PORT_NAME_BITS : element->size;
	type->number = element->number;
	type->bounded = element->bounded;
	type->dealloc = element->dealloc;
	type->islong = element->islong;
	type->isnotlong = element->isnotlong;
	type->alignment = 8;
	return type;
}

static struct type *
type_resolve_string(struct sema *sema, const struct ast_type *ast, const char *name)
{
	struct type *type = type_create(ast, ast->variable ? FORM_VSTRING : FORM_STRING, name);

	(void)sema;
	if (!ast->has_count) {
		diag_error(ast->place, "a c_string needs a length");
		diag_help("write c_string[n] or c_string[*:n], n with room for the NUL");
		return NULL;
	}
	if (ast->count == 0) {
		diag_error(ast->count_place, "a c_string of no bytes has no room for its NUL");
		return NULL;
	}
	if (ast->count > MAX_BYTES) {
		diag_error(ast->count_place, "c_string of %u bytes is larger than a message may be",
		    ast->count);
		return NULL;
	}
	type->send_name = type->receive_name = WIRE_STRING;
	type->size = 8;
	type->number = type->count = ast->count;
	return type;
}

static struct type *
type_resolve_c(struct sema *sema, const struct ast_type *ast, const char *name)
{
	struct type *type =
	    type_create(ast, ast->kind == AST_TYPE_VALUE_OF ? FORM_C_VALUE : FORM_C_POINTER, name);

	if (sema->subsystem->abi == ABI_TYPED) {
		diag_error(ast->place, "%s is not supported by the typed dialect",
		    ast->kind == AST_TYPE_VALUE_OF         ? "ValueOf"
			: ast->kind == AST_TYPE_POINTER_TO ? "PointerTo"
							   : "PointerToIfNot");
		diag_help("its size is known to the C compiler only; a typed descriptor states it."
			  "  Declare struct { ... } instead");
		return NULL;
	}
	diag_error(ast->place, "%s is not supported: its size is known to the C compiler only",
	    ast->kind == AST_TYPE_VALUE_OF         ? "ValueOf"
		: ast->kind == AST_TYPE_POINTER_TO ? "PointerTo"
						   : "PointerToIfNot");
	diag_help("declare struct { ... } instead");
	type->user_type = ast->name.text;
	return NULL;
}

static struct type *
type_resolve(struct sema *sema, const struct ast_type *ast, const char *name)
{
	static struct type *(*const resolve[])(
	    struct sema *, const struct ast_type *, const char *) = {
		[AST_TYPE_NAME] = type_resolve_name,
		[AST_TYPE_WIRE] = type_resolve_wire,
		[AST_TYPE_ARRAY] = type_resolve_array,
		[AST_TYPE_STRUCT_ARRAY] = type_resolve_array,
		[AST_TYPE_STRUCT] = type_resolve_struct,
		[AST_TYPE_POINTER] = type_resolve_pointer,
		[AST_TYPE_C_STRING] = type_resolve_string,
		[AST_TYPE_POINTER_TO] = type_resolve_c,
		[AST_TYPE_POINTER_TO_IF_NOT] = type_resolve_c,
		[AST_TYPE_VALUE_OF] = type_resolve_c,
	};

	return resolve[ast->kind](sema, ast, name);
}

/* ---- attributes ---------------------------------------------------------------- */

/* Set *slot; a second, different value is a conflict. */
static void
attribute_set(
    const char **slot, const char *value, const struct ast_attribute *attribute, const char *what)
{
	if (value == NULL)
		return;
	if (*slot != NULL && strcmp(*slot, value) != 0 &&
	    !(strcmp(*slot, "mach_port_t") == 0 && strcmp(value, "ipc_port_t") == 0))
		diag_warning(
		    attribute->place, "conflicting %s: '%s' replaces '%s'", what, value, *slot);
	*slot = value;
}

static void
attribute_apply(struct type *type, const struct ast_attribute *a)
{
	switch (a->kind) {
	case ATTR_CTYPE:
		attribute_set(&type->user_type, a->type, a, "C user type");
		attribute_set(&type->server_type, a->type, a, "C server type");
		break;
	case ATTR_CUSERTYPE:
		attribute_set(&type->user_type, a->type, a, "C user type");
		break;
	case ATTR_CSERVERTYPE:
		attribute_set(&type->server_type, a->type, a, "C server type");
		break;
	case ATTR_INTRAN:
		attribute_set(&type->trans_type, a->type, a, "translated type");
		attribute_set(&type->intran, a->function, a, "intran function");
		attribute_set(&type->server_type, a->from, a, "C server type");
		break;
	case ATTR_INTRANPAYLOAD:
		attribute_set(&type->trans_type, a->type, a, "translated type");
		attribute_set(&type->intran_payload, a->function, a, "intranpayload function");
		break;
	case ATTR_OUTTRAN:
		attribute_set(&type->trans_type, a->type, a, "translated type");
		attribute_set(&type->outtran, a->function, a, "outtran function");
		attribute_set(&type->server_type, a->from, a, "C server type");
		break;
	case ATTR_DESTRUCTOR:
		attribute_set(&type->destructor, a->function, a, "destructor");
		attribute_set(&type->trans_type, a->type, a, "translated type");
		break;
	}
}

static void
attributes_check(const struct type *type, const struct ast_attribute *attributes)
{
	bool translated = type->intran != NULL || type->outtran != NULL ||
	    type->destructor != NULL || type->intran_payload != NULL;

	if (attributes == NULL || !translated)
		return;
	if (type_is_variable(type) || type->form == FORM_VSTRING || type->form == FORM_STRING ||
	    type->form == FORM_ARRAY) {
		diag_error(attributes->place, "%s cannot have a translation or a destructor",
		    type->form == FORM_STRING || type->form == FORM_VSTRING ? "a string"
									    : "an array");
		return;
	}
	if (type->intran_payload != NULL && !type_is_port(type))
		diag_error(attributes->place, "intranpayload needs a port type");
	if (strcmp(type->trans_type, type->server_type) != 0 && type->intran == NULL &&
	    type->outtran == NULL)
		diag_warning(attributes->place,
		    "'%s' and '%s' differ, but there is no function to translate", type->trans_type,
		    type->server_type);
}

/* In the kernel a port is a pointer: mach_port_t becomes ipc_port_t. */
static const char *
kernel_c_type(bool kernel, const struct type *type, const char *c_type)
{
	if (kernel && type_is_port(type) && strcmp(c_type, "mach_port_t") == 0)
		return "ipc_port_t";
	return c_type;
}

static void
type_finish(struct sema *sema, struct type *type, const struct ast_attribute *attributes)
{
	const struct subsystem *s = sema->subsystem;

	for (const struct ast_attribute *a = attributes; a != NULL; a = a->next)
		attribute_apply(type, a);
	if (type->user_type == NULL)
		type->user_type = type->name;
	if (type->server_type == NULL)
		type->server_type = type->name;
	type->user_type = kernel_c_type(s->kernel_user, type, type->user_type);
	type->server_type = kernel_c_type(s->kernel_server, type, type->server_type);
	if (type->trans_type == NULL)
		type->trans_type = type->server_type;
	type->trans_type = kernel_c_type(s->kernel_server, type, type->trans_type);
	attributes_check(type, attributes);
}

struct type *
sema_type_define(struct sema *sema, const struct ast_type *ast, const struct name *name)
{
	struct type *type = type_resolve(sema, ast, name->text);

	if (type == NULL)
		return NULL;
	type->name = name->text;
	type->place = name->place;
	type_finish(sema, type, ast->attributes);
	return type;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
type_same_wire(const struct type *a, const struct type *b)
{
	return a->form == b->form && a->send_name == b->send_name &&
	    a->receive_name == b->receive_name && a->size == b->size && a->number == b->number &&
	    a->dealloc == b->dealloc && a->bounded == b->bounded;
}

static bool
type_same(const struct type *a, const struct type *b)
{
	return type_same_wire(a, b) && same_text(a->user_type, b->user_type) &&
	    same_text(a->server_type, b->server_type) && same_text(a->trans_type, b->trans_type) &&
	    same_text(a->intran, b->intran) && same_text(a->outtran, b->outtran) &&
	    same_text(a->destructor, b->destructor);
}

void
sema_type_list(struct sema *sema, struct type *type)
{
	struct subsystem *s = sema->subsystem;

	if (s->type_count == sema->type_room) {
		struct type **old = s->types;

		sema->type_room = sema->type_room != 0 ? sema->type_room * 2 : 64;
		s->types = mig_alloc(sema->type_room * sizeof(*s->types));
		if (s->type_count != 0)
			memcpy(s->types, old, s->type_count * sizeof(*s->types));
	}
	s->types[s->type_count++] = type;
}

static void
type_enter(struct sema *sema, struct type *type)
{
	sema_type_list(sema, type);
	table_put(&sema->types, type->name, type);
}

void
sema_type_statement(struct sema *sema, const struct ast_statement *st)
{
	struct type *old = table_find(&sema->types, st->name.text);
	struct type *type = st->type != NULL ? sema_type_define(sema, st->type, &st->name) : NULL;

	if (type == NULL) {
		if (old == NULL)
			table_put(&sema->types, st->name.text, &type_bad);
		return;
	}
	if (old == NULL || old == &type_bad || (old->predefined && type_same_wire(old, type))) {
		type_enter(sema, type);
		return;
	}
	if (old->predefined) {
		diag_error(st->name.place, "'%s' is predefined and cannot become another type",
		    st->name.text);
		diag_note(st->type->place, "predefined as %s of %u bits", wire_text(old->send_name),
		    old->size);
		return;
	}
	if (type_same(old, type))
		return;
	diag_error(st->name.place, "type '%s' is defined again and differs", st->name.text);
	diag_note(old->place, "the first definition is here");
}

static void
type_predefine(
    struct sema *sema, const char *name, const char *c_type, uint32_t wire, uint32_t bits)
{
	struct type *type = mig_alloc(sizeof(*type));

	type->name = name;
	type->predefined = true;
	type->form = FORM_SCALAR;
	type->send_name = type->receive_name = wire;
	type->size = bits;
	type->number = 1;
	type->alignment = bits / 8;
	type->user_type = type->server_type = type->trans_type = c_type;
	table_put(&sema->types, name, type);
}

void
sema_types_predefine(struct sema *sema)
{
	type_predefine(sema, "char", "char", WIRE_CHAR, 8);
	type_predefine(sema, "short", "short", WIRE_INTEGER_16, 16);
	type_predefine(sema, "int", "int", WIRE_INTEGER_32, 32);
	type_predefine(sema, "int64", "int64_t", WIRE_INTEGER_64, 64);
	type_predefine(sema, "uintptr_t", "uintptr_t", WIRE_INTEGER_64, 64);
	type_predefine(sema, "intptr_t", "intptr_t", WIRE_INTEGER_64, 64);
}
