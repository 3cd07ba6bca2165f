/* SPDX-License-Identifier: BSD-2-Clause */
/* The pattern engine, and the pieces of C that all stubs share. */
#include <string.h>

#include "emit.h"

const char *const hole_names[HOLE_COUNT] = {
	[HOLE_M] = "M",
	[HOLE_f] = "f",
	[HOLE_D] = "D",
	[HOLE_arg] = "arg",
	[HOLE_in] = "in",
	[HOLE_cnt] = "cnt",
	[HOLE_leader] = "leader",
	[HOLE_own] = "own",
	[HOLE_N] = "N",
	[HOLE_NT] = "NT",
	[HOLE_off] = "off",
	[HOLE_bytes] = "bytes",
	[HOLE_max] = "max",
	[HOLE_maxnum] = "maxnum",
	[HOLE_words] = "words",
	[HOLE_eb] = "eb",
	[HOLE_cb] = "cb",
	[HOLE_padz] = "padz",
	[HOLE_word] = "word",
	[HOLE_low] = "low",
	[HOLE_ool_low] = "ool_low",
	[HOLE_mask] = "mask",
	[HOLE_reject] = "reject",
	[HOLE_poly] = "poly",
	[HOLE_poly_out] = "poly_out",
	[HOLE_maybe] = "maybe",
	[HOLE_dealloc] = "dealloc",
	[HOLE_dealloc_yes] = "dealloc_yes",
	[HOLE_var] = "var",
	[HOLE_ports] = "ports",
	[HOLE_kernel] = "kernel",
	[HOLE_complex] = "complex",
	[HOLE_T] = "T",
	[HOLE_same] = "same",
	[HOLE_O] = "O",
	[HOLE_moved] = "moved",
	[HOLE_outtran] = "outtran",
	[HOLE_const] = "const",
	[HOLE_disposition] = "disposition",
	[HOLE_scalar_bytes] = "scalar_bytes",
	[HOLE_osf_dealloc] = "osf_dealloc",
	[HOLE_physical] = "physical",
	[HOLE_number] = "number",
	[HOLE_indefinite] = "indefinite",
};

const char *const env_yes = "1";

static const char *
number(uint64_t n)
{
	return mig_format("%llu", (unsigned long long)n);
}

static int
hole_find(const char *name, size_t length)
{
	for (int i = 0; i < HOLE_COUNT; i++)
		if (hole_names[i] != NULL && hole_names[i][0] == name[0] &&
		    strncmp(hole_names[i], name, length) == 0 && hole_names[i][length] == '\0')
			return i;
	return -1;
}

/* Conditions in front of a line; moves *linep behind them. */
static bool
line_is_kept(const struct env *env, const char **linep)
{
	const char *line = *linep;
	bool kept = true;

	while (*line == '?' || *line == '!') {
		size_t length = strcspn(line + 1, ":");
		int hole = hole_find(line + 1, length);

		if (hole < 0)
			mig_fatal("pattern names unknown hole '%.*s'", (int)length, line + 1);
		if ((env->value[hole] != NULL) != (*line == '?'))
			kept = false;
		line += length + 2;
	}
	*linep = line;
	return kept;
}

static const char *
expand_hole(struct buffer *out, const struct env *env, const char *p)
{
	size_t length = strcspn(p, "}");
	int hole = hole_find(p, length);

	if (hole < 0 || p[length] != '}')
		mig_fatal("pattern names unknown hole '%.*s'", (int)length, p);
	if (env->value[hole] == NULL)
		mig_fatal("hole '%s' has no value here", hole_names[hole]);
	buffer_puts(out, env->value[hole]);
	return p + length + 1;
}

static void
expand_line(struct buffer *out, const struct env *env, const char *line, const char *end)
{
	buffer_append(out, "\t", 1);
	while (line < end) {
		const char *dollar = memchr(line, '$', (size_t)(end - line));

		if (dollar == NULL || dollar[1] != '{') {
			buffer_append(out, line, (size_t)(end - line));
			break;
		}
		buffer_append(out, line, (size_t)(dollar - line));
		line = expand_hole(out, env, dollar + 2);
	}
	buffer_append(out, "\n", 1);
}

void
emit_pattern(struct buffer *out, const struct env *env, const char *pattern)
{
	while (*pattern != '\0') {
		const char *end = pattern + strcspn(pattern, "\n");

		if (line_is_kept(env, &pattern))
			expand_line(out, env, pattern, end);
		pattern = *end == '\n' ? end + 1 : end;
	}
}

const char *
row_pattern(const struct subsystem *s, const struct op *op, enum role role)
{
	return s->abi == ABI_OSF ? untyped_rows[op->kind][role] : typed_rows[op->kind][role];
}

static bool
row_holes_known(const char *pattern, FILE *out)
{
	bool known = true;

	for (const char *p = pattern; *p != '\0'; p++) {
		bool at_start = p == pattern || p[-1] == '\n';

		while (at_start && (*p == '?' || *p == '!')) {
			size_t length = strcspn(p + 1, ":");

			if (hole_find(p + 1, length) < 0) {
				fprintf(out, "unknown condition %.*s\n", (int)length, p + 1);
				known = false;
			}
			p += length + 2;
		}
		if (p[0] == '$' && p[1] == '{' && hole_find(p + 2, strcspn(p + 2, "}")) < 0) {
			fprintf(out, "unknown hole %.*s\n", (int)strcspn(p + 2, "}"), p + 2);
			known = false;
		}
		if (*p == '\0')
			break;
	}
	return known;
}

bool
emit_self_check(FILE *out)
{
	bool known = true;

	for (int hole = 0; hole < HOLE_COUNT; hole++)
		if (hole_names[hole] == NULL) {
			fprintf(out, "hole %d has no name\n", hole);
			known = false;
		}
	for (int kind = 0; kind < OP_KINDS; kind++)
		for (int role = 0; role < ROLE_COUNT; role++) {
			const char *typed = typed_rows[kind][role];
			const char *untyped = untyped_rows[kind][role];

			known = (typed == NULL || row_holes_known(typed, out)) && known;
			known = (untyped == NULL || row_holes_known(untyped, out)) && known;
		}
	return known;
}

/* ---- names ------------------------------------------------------------------ */

struct side
side_user(const struct subsystem *s)
{
	return (struct side) {
		.subsystem = s, .server = false, .kernel = s->kernel_user && s->abi != ABI_OSF
	};
}

struct side
side_server(const struct subsystem *s)
{
	return (struct side) {
		.subsystem = s, .server = true, .kernel = s->kernel_server && s->abi != ABI_OSF
	};
}

const char *
type_c_name(const struct type *type, const struct side *side)
{
	return side->server ? type->server_type : type->user_type;
}

const char *
part_pointer(const struct message *m, unsigned part)
{
	return mig_format("%s%uP", m->is_request ? "In" : "Out", part);
}

const char *
part_type(const struct message *m, unsigned part)
{
	const char *base = m->is_request ? "Request" : "Reply";

	return part == 0 ? base : mig_format("%s%u", base, part);
}

/* `dataType`, unless an argument has that name already. */
const char *
field_member(const struct field *field, const char *suffix)
{
	size_t n = strlen(field->name);

	if (field->argument == NULL)
		return mig_format("%s%s", field->name, suffix);
	for (const struct argument *a = field->argument->routine->arguments; a != NULL; a = a->next)
		if (strncmp(a->name, field->name, n) == 0 && strcmp(a->name + n, suffix) == 0)
			return mig_format("%s_%s", field->name, suffix);
	return mig_format("%s%s", field->name, suffix);
}

bool
user_wants_poly(const struct argument *a, bool *by_reference)
{
	const struct type *t = a->type;

	*by_reference = a->in_reply && type_is_port(t) && t->receive_name == WIRE_POLYMORPHIC;
	if (!type_is_port(t))
		return false;
	if (a->direction == DIR_REQUEST_PORT || a->direction == DIR_REPLY_PORT ||
	    a->direction == DIR_UREPLY_PORT)
		return t->send_name == WIRE_POLYMORPHIC;
	return *by_reference || (a->in_request && t->send_name == WIRE_POLYMORPHIC);
}

bool
server_wants_poly(const struct argument *a, const struct side *side, bool *by_reference)
{
	const struct type *t = a->type;
	uint32_t out = side->kernel ? t->receive_name : t->send_name;

	*by_reference = a->in_reply && type_is_port(t) && out == WIRE_POLYMORPHIC;
	if (!type_is_port(t))
		return false;
	if (a->direction == DIR_REPLY_PORT || a->direction == DIR_SREPLY_PORT)
		return t->receive_name == WIRE_POLYMORPHIC;
	if (a->direction == DIR_REQUEST_PORT)
		return false;
	return *by_reference || (a->in_request && t->receive_name == WIRE_POLYMORPHIC);
}

const char *
routine_return_type(const struct routine *r, const struct side *side)
{
	if (r->kind == PROCEDURE || r->kind == SIMPLE_PROCEDURE)
		return "void";
	if (r->kind == FUNCTION)
		return type_c_name(r->result->type, side);
	return "kern_return_t";
}

/* ---- file level ---------------------------------------------------------------- */

void
emit_banner(const struct subsystem *s, struct buffer *out, const char *what)
{
	buffer_printf(out,
	    "/*\n * %s of subsystem %s (base %u, %s messages).\n"
	    " * Made by mig from its .defs file; do not edit.\n */\n",
	    what, s->name, s->base, s->abi == ABI_OSF ? "untyped" : "typed");
}

void
emit_imports(const struct subsystem *s, struct buffer *out, bool user, bool server, bool header)
{
	for (const struct import *i = s->imports; i != NULL; i = i->next) {
		bool wanted = i->kind == ST_IMPORT || (i->kind == ST_UIMPORT && user) ||
		    (i->kind == ST_SIMPORT && server) || (i->kind == ST_IIMPORT && !header) ||
		    (i->kind == ST_DIMPORT && header);

		if (wanted)
			buffer_printf(out, "#include %s\n", i->file);
	}
}

void
emit_rcsid(const struct subsystem *s, struct buffer *out, const char *side)
{
	if (s->rcsid == NULL)
		return;
	buffer_printf(out,
	    "\n#ifdef UseExternRCSId\nconst char *%s_%s_rcsid = %s;\n#else\n"
	    "static const char *const %s_%s_rcsid __attribute__((__unused__)) = %s;\n#endif\n",
	    s->name, side, s->rcsid, s->name, side, s->rcsid);
}

/* ---- the shape of a message ------------------------------------------------------- */

bool
message_varies(const struct message *m)
{
	return m->min_size != m->max_size;
}

bool
plan_asks_complex(const struct plan *plan)
{
	for (const struct op *op = plan->ops; op != NULL; op = op->next)
		if (op->kind == OP_INDEFINITE || op->kind == OP_PORTS_INDEFINITE ||
		    (op->field->is_port && op->field->send_name == WIRE_POLYMORPHIC))
			return true;
	return false;
}

static void
check_complex(struct buffer *out, const struct subsystem *s, const struct message *m,
    const char *head, const char *reject)
{
	if (m->complex == ALWAYS && s->abi == ABI_OSF)
		buffer_printf(out,
		    "\tif ((%s->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0 ||\n"
		    "\t    %s->msgh_body.msgh_descriptor_count != %u)\n\t\t%s\n",
		    head, head, m->descriptor_count, reject);
	else if (m->complex == ALWAYS)
		buffer_printf(out,
		    "\tif ((%s->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0)\n\t\t%s\n", head,
		    reject);
	else if (m->complex == NEVER)
		buffer_printf(out,
		    "\tif ((%s->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0)\n\t\t%s\n", head,
		    reject);
}

void
emit_check_shape(struct buffer *out, const struct subsystem *s, const struct message *m,
    const char *head, const char *reject)
{
	if (message_varies(m))
		buffer_printf(out,
		    "\tif (%s->Head.msgh_size < %u || %s->Head.msgh_size > %u ||\n"
		    "\t    %s->Head.msgh_size %% %u != 0)\n\t\t%s\n\tmig_left = %s->Head.msgh_size "
		    "- %u;\n",
		    head, m->min_size, head, m->max_size, head, s->abi == ABI_OSF ? 4 : 8, reject,
		    head, m->min_size);
	else
		buffer_printf(
		    out, "\tif (%s->Head.msgh_size != %u)\n\t\t%s\n", head, m->max_size, reject);
	check_complex(out, s, m, head, reject);
}

/* Headers of the environment; the kernel's stubs are freestanding. */
void
emit_standard_includes(const struct subsystem *s, struct buffer *out, const struct side *side)
{
	buffer_puts(out,
	    "#include <stddef.h>\n#include <stdint.h>\n\n"
	    "#include <mach/boolean.h>\n#include <mach/kern_return.h>\n"
	    "#include <mach/message.h>\n#include <mach/mig_errors.h>\n");
	if (s->abi == ABI_OSF)
		buffer_puts(out, "#include <mach/mig.h>\n#include <mach/ndr.h>\n");
	if (!side->kernel)
		buffer_puts(out, "#include <mach/mig_support.h>\n");
	buffer_puts(out, "#include <mach/std_types.h>\n\n");
}

/* MsgError and its like, named by `error` statements. */
void
emit_error_procedures(const struct subsystem *s, struct buffer *out)
{
	const char *last = NULL;

	for (const struct routine *r = s->routines; r != NULL; r = r->next) {
		if (r->kind == ROUTINE || r->kind == SIMPLE_ROUTINE)
			continue;
		if (last == NULL || strcmp(last, r->error_name) != 0)
			buffer_printf(out, "extern void %s(kern_return_t);\n", r->error_name);
		last = r->error_name;
	}
}

/* ---- messages ------------------------------------------------------------------------ */

static const char *
field_wire_comment(const struct field *field)
{
	const char *number = field->variable || (!field->is_inline && type_is_variable(field->type))
	    ? mig_format("[n<=%u]", field->number)
	    : field->number != 1 ? mig_format("x%u", field->number)
				 : "";

	if (field->kind == FIELD_NDR)
		return "NDR record";
	if (!field->is_inline && field->type != NULL && type_is_variable(field->type) &&
	    !type_data(field->type)->bounded)
		number = "[n]";
	return mig_format("%s%s/%u%s", field->is_inline ? "" : "out of line ",
	    wire_text(field->send_name), field->bits, number);
}

void
emit_layout_comment(struct buffer *out, const struct message *m, const char *indent)
{
	static const char *const complex[] = {
		[NEVER] = "simple",
		[ALWAYS] = "complex",
		[MAYBE] = "simple or complex",
	};

	buffer_printf(out, "%s%s %u, ", indent, m->is_request ? "request" : "reply  ", m->id);
	if (m->min_size == m->max_size)
		buffer_printf(out, "%u bytes, %s:\n", m->min_size, complex[m->complex]);
	else
		buffer_printf(
		    out, "%u to %u bytes, %s:\n", m->min_size, m->max_size, complex[m->complex]);
	for (const struct field *f = m->fields; f != NULL; f = f->next)
		buffer_printf(out, "%s  @%u%s %s: %s\n", indent, f->data_offset,
		    f->part > 0 ? "+" : "", f->name, field_wire_comment(f));
}

static uint32_t
field_pad(const struct field *field)
{
	return field->room - field->bytes;
}

/* C type of an element, or NULL when it has none that can be named. */
static const char *
field_element_type(const struct field *field, const struct side *side)
{
	const struct type *element = type_data(field->type)->element;

	if (element == NULL || element->form == FORM_ARRAY || element->form == FORM_STRING)
		return NULL;
	return type_c_name(element, side);
}

static void
field_declare_array(struct buffer *out, const struct field *field, const struct side *side)
{
	const char *element = field_element_type(field, side);
	bool slots = field->is_port && !side->kernel;

	if (field->kind == FIELD_INDEFINITE)
		buffer_printf(out, "\t\tunsigned char %s[%u];\n", field->name, field->bytes);
	else if (slots)
		buffer_printf(out, "\t\tstruct { mach_port_t name; uint32_t pad; } %s[%u];\n",
		    field->name, field->number);
	else if (element != NULL)
		buffer_printf(out, "\t\t%s %s[%u];\n", element, field->name, field->type->count);
	else
		buffer_printf(out, "\t\tunsigned char %s[%u];\n", field->name, field->bytes);
}

static void
field_declare(struct buffer *out, const struct field *field, const struct side *side)
{
	uint32_t pad = field_pad(field);

	switch (field->kind) {
	case FIELD_RETCODE:
		buffer_puts(out, "\t\tkern_return_t RetCode;\n");
		break;
	case FIELD_COUNT:
	case FIELD_OOL_COUNT:
		buffer_printf(out, "\t\tmach_msg_type_number_t %s;\n", field->name);
		break;
	case FIELD_NDR:
		buffer_puts(out, "\t\tNDR_record_t NDR;\n");
		break;
	case FIELD_STRING:
	case FIELD_VSTRING:
		buffer_printf(out, "\t\tchar %s[%u];\n", field->name, field->bytes);
		break;
	case FIELD_OUT_OF_LINE:
		buffer_printf(out, "\t\t%s %s;\n", type_c_name(field->type, side), field->name);
		break;
	case FIELD_VARRAY:
	case FIELD_INDEFINITE:
		field_declare_array(out, field, side);
		break;
	case FIELD_VALUE:
		if (field->type->form == FORM_ARRAY) {
			field_declare_array(out, field, side);
			break;
		}
		buffer_printf(out, "\t\t%s %s;\n", type_c_name(field->type, side), field->name);
		if (field->is_port && !side->kernel)
			pad = 4;
		break;
	}
	if (pad == 4)
		buffer_printf(out, "\t\tuint32_t %s;\n", field_member(field, "Pad"));
	else if (pad != 0)
		buffer_printf(out, "\t\tunsigned char %s[%u];\n", field_member(field, "Pad"), pad);
}

static void
part_asserts(struct buffer *out, const struct message *m, unsigned part)
{
	const char *name = part_type(m, part);
	uint32_t start = m->parts[part].start;
	uint32_t size = m->parts[part].fixed;

	for (const struct field *f = m->fields; f != NULL; f = f->next) {
		if (f->part != part)
			continue;
		buffer_printf(out, "\t_Static_assert(offsetof(%s, %s) == %u, \"%s lies at %u\");\n",
		    name, f->name, f->data_offset - start, f->name, f->data_offset - start);
		if (f->variable)
			size += f->room;
	}
	buffer_printf(out, "\t_Static_assert(sizeof(%s) == %u, \"%s has %u bytes\");\n\n", name,
	    size, name, size);
}

void
emit_message_struct(struct buffer *out, const struct message *m, const struct side *side)
{
	bool osf = side->subsystem->abi == ABI_OSF;

	for (unsigned part = 0; part < m->part_count; part++) {
		buffer_puts(out, "\ttypedef struct MIG_MESSAGE {\n");
		if (part == 0)
			buffer_puts(out, "\t\tmach_msg_header_t Head;\n");
		if (part == 0 && m->descriptor_count != 0)
			buffer_puts(out, "\t\tmach_msg_body_t msgh_body;\n");
		for (const struct field *f = m->fields; f != NULL; f = f->next) {
			if (f->part != part)
				continue;
			if (osf && f->has_descriptor) {
				untyped_declare(out, f);
				continue;
			}
			if (osf)
				untyped_declare_prefix(out, f);
			if (f->has_descriptor)
				buffer_printf(
				    out, "\t\tmach_msg_type_t %s;\n", field_member(f, "Type"));
			field_declare(out, f, side);
		}
		buffer_printf(out, "\t} %s;\n", part_type(m, part));
		part_asserts(out, m, part);
	}
}

static const char *
descriptor_name_text(const struct field *field)
{
	if (field->send_name == WIRE_POLYMORPHIC)
		return "MACH_MSG_TYPE_UNSTRUCTURED";
	if (field->send_name > WIRE_MAKE_SEND_ONCE || field->send_name == 0)
		return field->send_name == 0 && field->bits == 32
		    ? "MACH_MSG_TYPE_BOOLEAN"
		    : mig_format("%u", field->send_name);
	return mig_format("MACH_MSG_TYPE_%s", wire_text(field->send_name));
}

void
emit_descriptors(struct buffer *out, const struct message *m)
{
	for (const struct field *f = m->fields; f != NULL; f = f->next) {
		uint64_t word = field_descriptor(f, false);

		if (!f->has_descriptor || f->kind == FIELD_RETCODE)
			continue;
		buffer_printf(out,
		    "\tstatic const mach_msg_type_t %s = {\n"
		    "\t\t.msgt_name = %s, .msgt_size = %u, .msgt_number = %u,\n"
		    "\t\t.msgt_inline = %u, .msgt_longform = %u, .msgt_deallocate = %u,\n\t};\n",
		    field_member(f, "Type"), descriptor_name_text(f), f->bits,
		    (uint32_t)(word >> 32), f->is_inline, f->longform, (uint32_t)(word >> 31) & 1);
	}
}

void
emit_descriptors_if_typed(struct buffer *out, const struct subsystem *s, const struct message *m)
{
	if (s->abi != ABI_OSF)
		emit_descriptors(out, m);
}

/* ---- parameters ---------------------------------------------------------------------- */

static bool
passed_by_pointer_anyway(const struct type *type)
{
	return type->form == FORM_ARRAY || type->form == FORM_VARRAY || type->form == FORM_STRING ||
	    type->form == FORM_VSTRING;
}

/* The user gets tokens back, whichever way the request goes. */
static bool
argument_is_token(const struct argument *a)
{
	return a->direction == DIR_SEC_TOKEN || a->direction == DIR_USER_SEC_TOKEN ||
	    a->direction == DIR_AUDIT_TOKEN || a->direction == DIR_USER_AUDIT_TOKEN;
}

static const char *
parameter_type(const struct argument *a, const struct side *side)
{
	const struct type *t = a->type;
	bool out = a->in_reply;
	bool string = t->form == FORM_STRING || t->form == FORM_VSTRING;
	const char *name =
	    side->server && t->trans_type != NULL ? t->trans_type : type_c_name(t, side);

	if (string)
		return out ? "char *" : "const char *";
	if (!side->server && argument_is_token(a))
		return mig_format("%s *", name);
	if (out && !passed_by_pointer_anyway(t))
		return mig_format("%s *", name);
	if (!out && (t->form == FORM_ARRAY || t->form == FORM_VARRAY || t->form == FORM_INDEFINITE))
		return mig_format("const %s ", name);
	return mig_format("%s ", name);
}

static void
parameter(struct buffer *out, bool *first, const char *type, const char *name, const char *suffix)
{
	size_t n = strlen(type);

	buffer_printf(out, "%s\t%s%s%s%s", *first ? "" : ",\n", type,
	    n != 0 && (type[n - 1] == '*' || type[n - 1] == ' ') ? "" : " ", name, suffix);
	*first = false;
}

static bool
argument_has_dealloc_parameter(const struct argument *a, const struct side *side)
{
	return a->dealloc == DEALLOC_MAYBE && (side->server ? a->in_reply : a->in_request);
}

void
emit_parameters(struct buffer *out, const struct routine *r, const struct side *side)
{
	bool first = true;

	for (const struct argument *a = r->arguments; a != NULL; a = a->next) {
		bool by_reference = false;

		if (!(side->server ? a->server_sees : a->user_sees))
			continue;
		parameter(out, &first, parameter_type(a, side), a->name, "");
		if (side->server ? server_wants_poly(a, side, &by_reference)
				 : user_wants_poly(a, &by_reference))
			parameter(out, &first,
			    by_reference ? "mach_msg_type_name_t *" : "mach_msg_type_name_t",
			    a->name, "Poly");
		if (type_is_variable(a->type) && a->same_count == NULL)
			parameter(out, &first,
			    a->in_reply ? "mach_msg_type_number_t *" : "mach_msg_type_number_t",
			    a->name, "Cnt");
		if (argument_has_dealloc_parameter(a, side))
			parameter(out, &first, a->in_reply ? "boolean_t *" : "boolean_t", a->name,
			    "Dealloc");
		if (side->server && a->servercopy)
			parameter(out, &first, "boolean_t", a->name, "SCopy");
	}
	if (first)
		buffer_puts(out, "\tvoid");
}

/* The same, each marked unused: for bodies that do nothing. */
void
emit_unused_parameters(struct buffer *out, const struct routine *r, const struct side *side)
{
	struct buffer plain = { 0 };

	emit_parameters(&plain, r, side);
	for (const char *p = plain.data; *p != '\0'; p++) {
		if (*p == ',' || p[1] == '\0') {
			bool last = p[1] == '\0';

			if (last)
				buffer_append(out, p, 1);
			if (!last || strcmp(plain.data, "\tvoid") != 0)
				buffer_puts(out, " MIG_UNUSED");
			if (last)
				break;
		}
		buffer_append(out, p, 1);
	}
	buffer_destroy(&plain);
}

void
emit_source_line(struct buffer *out, const struct routine *r)
{
	struct position where;

	if (!options.source_positions)
		return;
	where = source_position(diag.source, r->place);
	buffer_printf(out, "/* %s:%u */\n", where.file, where.line);
}

/* ---- what a field is, for the patterns -------------------------------------------------- */

static void
env_count(struct env *env, const struct side *side, const struct field *field)
{
	const struct type *type = field->type;
	const struct type *data = type_data(type);
	const struct argument *a = field->argument;
	const struct argument *leader = a->same_count != NULL ? a->same_count : a;
	uint32_t words = type_element_words(type);
	bool memory = !field->is_inline;
	uint32_t element_bits = data->element != NULL ? data->element->size * words : field->bits;
	bool names = type_is_port(type) && (!side->kernel || memory);

	env->value[HOLE_var] = env_yes;
	env->value[HOLE_leader] = leader->name;
	env->value[HOLE_own] = a->same_count == NULL ? env_yes : NULL;
	env->value[HOLE_same] = a->same_count != NULL ? a->same_count->name : NULL;
	env->value[HOLE_words] = words != 1 ? number(words) : NULL;
	env->value[HOLE_max] = field->is_inline || data->bounded ? number(data->count) : NULL;
	env->value[HOLE_maxnum] = field->is_inline || data->bounded ? number(field->number) : NULL;
	env->value[HOLE_eb] = number(
	    type_is_port(type) && side->subsystem->abi != ABI_OSF && !memory ? 8
									     : element_bits / 8);
	env->value[HOLE_cb] = number(names ? 4 : element_bits / 8);
}

const char *
env_padding(const struct field *field, const struct side *side, const char *pointer)
{
	uint32_t pad = field_pad(field);

	if (side->subsystem->abi == ABI_OSF && field->has_descriptor)
		return NULL;
	if (field->kind == FIELD_VALUE && field->is_port && field->type->form != FORM_ARRAY)
		pad = side->kernel ? 0 : 4;
	if (pad == 0 || field->variable)
		return NULL;
	if (pad == 4)
		return mig_format("%s->%s = 0;", pointer, field_member(field, "Pad"));
	return mig_format("mig_zero(%s->%s, %u);", pointer, field_member(field, "Pad"), pad);
}

/* What only the untyped rows ask for. */
static void
env_untyped(struct env *env, const struct field *field)
{
	const struct argument *a = field->argument;
	const struct type *data = type_data(a->type);
	bool port = type_is_port(a->type);

	env->value[HOLE_ports] = port ? env_yes : NULL;
	env->value[HOLE_const] = number(a->type->receive_name);
	env->value[HOLE_disposition] = mig_format("MACH_MSG_TYPE_%s", wire_text(field->send_name));
	env->value[HOLE_scalar_bytes] = number(type_wire_bytes(data));
	env->value[HOLE_number] = number(a->type->number);
	env->value[HOLE_indefinite] = a->type->form == FORM_INDEFINITE ? env_yes : NULL;
	env->value[HOLE_osf_dealloc] = a->dealloc == DEALLOC_YES ? "TRUE" : "FALSE";
	env->value[HOLE_physical] = (a->flags & FLAG_PHYSICALCOPY) != 0 ? env_yes : NULL;
	if (type_is_variable(a->type)) {
		bool memory = field->kind == FIELD_OUT_OF_LINE || field->kind == FIELD_OOL_COUNT;

		env->value[HOLE_eb] = memory && port
		    ? "4"
		    : number((uint64_t)data->element->size * data->element->number / 8);
		env->value[HOLE_max] = !memory || data->bounded || field->kind == FIELD_COUNT
		    ? number(data->count)
		    : NULL;
	}
}

static void
env_place(struct env *env, const struct side *side, const struct op *op, const struct message *m)
{
	const struct field *field = op->field;

	env->value[HOLE_M] = part_pointer(m, field->part);
	env->value[HOLE_off] = number(field->data_offset - m->parts[field->part].start);
	env->value[HOLE_padz] = env_padding(field, side, env->value[HOLE_M]);
	env->value[HOLE_complex] = m->complex == ALWAYS ? env_yes : NULL;
	if (op->advances) {
		env->value[HOLE_N] = part_pointer(m, field->part + 1);
		env->value[HOLE_NT] = part_type(m, field->part + 1);
	}
}

void
env_field(struct env *env, const struct side *side, const struct op *op, const struct message *m,
    bool received)
{
	const struct field *field = op->field;
	const struct argument *a = field->argument;
	uint64_t word = field_descriptor(field, received);
	uint32_t mask = 0xffffffffu;

	memset(env, 0, sizeof(*env));
	env_place(env, side, op, m);
	if (received && side->kernel)
		mask &= 0x7fffffffu; /* the kernel sees the bit as the sender set it */
	env->value[HOLE_f] = field->name;
	env->value[HOLE_D] = field_member(field, "Type");
	env->value[HOLE_bytes] = number(field->bytes);
	env->value[HOLE_number] = number(field->number);
	env->value[HOLE_kernel] = side->kernel ? env_yes : NULL;
	env->value[HOLE_ports] = field->is_port && !side->kernel ? env_yes : NULL;
	if (a != NULL) {
		env->value[HOLE_arg] = a->name;
		env->value[HOLE_T] = type_c_name(a->type, side);
		if (type_is_variable(a->type))
			env_count(env, side, field);
		if (side->subsystem->abi == ABI_OSF)
			env_untyped(env, field);
	}
	if (field->receive_name == WIRE_POLYMORPHIC && field->is_port && received)
		mask &= ~0xffu;
	env->value[HOLE_word] = mask == 0xffffffffu
	    ? mig_format("0x%016llx", (unsigned long long)word)
	    : mig_format(
		  "0x%016llx", (unsigned long long)((word & 0xffffffff00000000u) | (word & mask)));
	env->value[HOLE_mask] = mask == 0xffffffffu ? NULL : mig_format("0x%08xu", mask);
	env->value[HOLE_low] = mig_format("0x%08xu", (uint32_t)word & mask);
	if (field->kind == FIELD_INDEFINITE) {
		uint32_t ool = ((uint32_t)word & ~0x20000000u) | 0x80000000u;

		if (field->is_port)
			ool = (ool & ~0x00ffff00u) | 32u << 8;
		env->value[HOLE_ool_low] = mig_format("0x%08xu", ool & mask);
	}
	if (field->is_port && field->send_name == WIRE_POLYMORPHIC)
		env->value[HOLE_maybe] = env_yes;
}
