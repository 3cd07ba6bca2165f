/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each pass has made, as text: --dump=ast|types|layout|plan.  The
 * JSON form is in dump_json.c.
 */
#include <string.h>

#include "mig.h"

/* ---- AST ---------------------------------------------------------------------- */

static void
ast_flags(const struct ast_flag *flag, struct buffer *out)
{
	static const char *const names[] = {
		"IsLong",
		"IsNotLong",
		"dealloc",
		"notdealloc",
		"dealloc[]",
		"ServerCopy",
		"CountInOut",
		"SameCount",
		"PhysicalCopy",
		"Overwrite",
		"auto",
		"const",
		"retcode",
	};

	for (; flag != NULL; flag = flag->next) {
		unsigned bit = 0;

		while ((1u << bit) != (unsigned)flag->flag)
			bit++;
		buffer_printf(out, ", %s", names[bit]);
	}
}

static void
ast_wire_name(const struct ast_wire_name *name, struct buffer *out)
{
	if (name->is_number)
		buffer_printf(out, "%u", name->number);
	else
		buffer_puts(out, name->text);
}

static void
ast_wire(const struct ast_type *type, struct buffer *out)
{
	if (type->has_size)
		buffer_puts(out, "(");
	ast_wire_name(&type->send, out);
	if (type->has_receive) {
		buffer_puts(out, " | ");
		ast_wire_name(&type->receive, out);
	}
	if (!type->has_size)
		return;
	buffer_printf(out, ", %u", type->size);
	ast_flags(type->flags, out);
	buffer_puts(out, ")");
}

static void
ast_bound(const struct ast_type *type, struct buffer *out)
{
	buffer_puts(out, "[");
	if (type->variable)
		buffer_puts(out, type->has_count ? "*:" : "*");
	if (type->has_count)
		buffer_printf(out, "%u", type->count);
	buffer_puts(out, "]");
}

static void ast_type(const struct ast_type *type, struct buffer *out);

static void
ast_struct(const struct ast_type *type, struct buffer *out)
{
	buffer_puts(out, "struct {");
	for (const struct ast_member *m = type->members; m != NULL; m = m->next) {
		buffer_puts(out, " ");
		ast_type(m->type, out);
		buffer_printf(out, " %s;", m->name.text);
	}
	buffer_puts(out, " }");
}

static void
ast_type(const struct ast_type *type, struct buffer *out)
{
	switch (type->kind) {
	case AST_TYPE_NAME:
		buffer_puts(out, type->name.text);
		break;
	case AST_TYPE_WIRE:
		ast_wire(type, out);
		break;
	case AST_TYPE_ARRAY:
	case AST_TYPE_STRUCT_ARRAY:
		buffer_puts(out, type->kind == AST_TYPE_ARRAY ? "array" : "struct");
		ast_bound(type, out);
		buffer_puts(out, " of ");
		ast_type(type->element, out);
		break;
	case AST_TYPE_STRUCT:
		ast_struct(type, out);
		break;
	case AST_TYPE_POINTER:
		buffer_puts(out, "^");
		ast_type(type->element, out);
		break;
	case AST_TYPE_C_STRING:
		buffer_puts(out, "c_string");
		ast_bound(type, out);
		break;
	case AST_TYPE_POINTER_TO:
		buffer_printf(out, "PointerTo(%s)", type->name.text);
		break;
	case AST_TYPE_POINTER_TO_IF_NOT:
		buffer_printf(out, "PointerToIfNot(%s, %s)", type->name.text, type->bad_value);
		break;
	case AST_TYPE_VALUE_OF:
		buffer_printf(out, "ValueOf(%s)", type->name.text);
		break;
	}
}

static void
ast_attributes(const struct ast_attribute *a, struct buffer *out)
{
	static const char *const names[] = {
		[ATTR_CTYPE] = "ctype",
		[ATTR_CUSERTYPE] = "cusertype",
		[ATTR_CSERVERTYPE] = "cservertype",
		[ATTR_INTRAN] = "intran",
		[ATTR_INTRANPAYLOAD] = "intranpayload",
		[ATTR_OUTTRAN] = "outtran",
		[ATTR_DESTRUCTOR] = "destructor",
	};

	for (; a != NULL; a = a->next)
		buffer_printf(out, " %s{%s %s %s}", names[a->kind], a->type != NULL ? a->type : "-",
		    a->function != NULL ? a->function : "-", a->from != NULL ? a->from : "-");
}

static void
ast_routine(const struct ast_statement *st, struct buffer *out)
{
	buffer_printf(out, "%s %s\n", routine_kind_text(st->routine_kind), st->name.text);
	for (const struct ast_argument *a = st->arguments; a != NULL; a = a->next) {
		buffer_printf(out, "\t%s%s%s : %s", direction_text(a->direction),
		    a->direction != DIR_NONE ? " " : "", a->name.text, a->type_name.text);
		if (a->type != NULL) {
			buffer_puts(out, " = ");
			ast_type(a->type, out);
			ast_attributes(a->type->attributes, out);
		}
		ast_flags(a->flags, out);
		buffer_puts(out, "\n");
	}
	if (st->result.text != NULL)
		buffer_printf(out, "\t: %s\n", st->result.text);
}

static const char *const statement_names[] = {
	[ST_SUBSYSTEM] = "subsystem",
	[ST_SKIP] = "skip",
	[ST_TYPE] = "type",
	[ST_ROUTINE] = "routine",
	[ST_MSG_OPTION] = "msgoption",
	[ST_MSG_TYPE] = "msgtype",
	[ST_WAIT_TIME] = "waittime",
	[ST_NO_WAIT_TIME] = "nowaittime",
	[ST_SEND_TIME] = "sendtime",
	[ST_NO_SEND_TIME] = "nosendtime",
	[ST_ERROR] = "error",
	[ST_SERVER_PREFIX] = "serverprefix",
	[ST_USER_PREFIX] = "userprefix",
	[ST_SERVER_DEMUX] = "serverdemux",
	[ST_RCSID] = "rcsid",
	[ST_IMPORT] = "import",
	[ST_UIMPORT] = "uimport",
	[ST_SIMPORT] = "simport",
	[ST_IIMPORT] = "iimport",
	[ST_DIMPORT] = "dimport",
	[ST_SPECIAL_REPLY_PORT] = "usespecialreplyport",
	[ST_CONSUME_ON_SEND_ERROR] = "consumeonsenderror",
	[ST_USER_TYPE_LIMIT] = "UserTypeLimit",
	[ST_ON_STACK_LIMIT] = "OnStackLimit",
};

static void
ast_statement(const struct ast_statement *st, struct buffer *out)
{
	switch (st->kind) {
	case ST_ROUTINE:
		ast_routine(st, out);
		return;
	case ST_TYPE:
		buffer_printf(out, "type %s = ", st->name.text);
		ast_type(st->type, out);
		ast_attributes(st->type->attributes, out);
		break;
	case ST_SUBSYSTEM:
		buffer_printf(out, "subsystem%s%s %s %u", st->kernel_user ? " KernelUser" : "",
		    st->kernel_server ? " KernelServer" : "", st->name.text, st->number);
		break;
	case ST_SKIP:
	case ST_SPECIAL_REPLY_PORT:
	case ST_USER_TYPE_LIMIT:
	case ST_ON_STACK_LIMIT:
		buffer_printf(out, "%s %u", statement_names[st->kind], st->number);
		break;
	default:
		buffer_printf(out, "%s%s%s", statement_names[st->kind],
		    st->name.text != NULL ? " " : "", st->name.text != NULL ? st->name.text : "");
	}
	buffer_puts(out, "\n");
}

void
dump_ast(const struct ast *ast, struct buffer *out)
{
	for (const struct ast_statement *st = ast->first; st != NULL; st = st->next)
		ast_statement(st, out);
}

/* ---- types -------------------------------------------------------------------------- */

static void
dump_type(const struct type *t, struct buffer *out)
{
	buffer_printf(out, "%s: %s", t->name, form_text(t->form));
	if (t->send_name == t->receive_name)
		buffer_printf(out, " %s", wire_text(t->send_name));
	else
		buffer_printf(out, " %s>%s", wire_text(t->send_name), wire_text(t->receive_name));
	buffer_printf(out, "/%u x%u", t->size, t->number);
	if (type_is_variable(t) && !type_data(t)->bounded)
		buffer_puts(out, " unbounded");
	if (t->form == FORM_POINTER)
		buffer_printf(out, " of %s", form_text(t->element->form));
	if (t->dealloc != DEALLOC_NO)
		buffer_puts(out, t->dealloc == DEALLOC_YES ? " dealloc" : " dealloc[]");
	buffer_printf(
	    out, ", align %u, user %s, server %s", t->alignment, t->user_type, t->server_type);
	if (t->intran != NULL)
		buffer_printf(out, ", intran %s %s", t->trans_type, t->intran);
	if (t->intran_payload != NULL)
		buffer_printf(out, ", intranpayload %s", t->intran_payload);
	if (t->outtran != NULL)
		buffer_printf(out, ", outtran %s %s", t->trans_type, t->outtran);
	if (t->destructor != NULL)
		buffer_printf(out, ", destructor %s", t->destructor);
	buffer_puts(out, "\n");
}

void
dump_types(const struct subsystem *s, struct buffer *out)
{
	for (size_t i = 0; i < s->type_count; i++)
		dump_type(s->types[i], out);
}

/* ---- layout: the notation of the ABI sheet -------------------------------------------- */

static const char *
presence_text(enum presence presence)
{
	return presence == ALWAYS ? "C" : presence == MAYBE ? "s|C" : "s";
}

static const char *
sheet_name(uint32_t name)
{
	static const struct {
		uint32_t name;
		const char *text;
	} names[] = {
		{ WIRE_INTEGER_16, "I16" },
		{ WIRE_INTEGER_32, "I32" },
		{ WIRE_INTEGER_64, "I64" },
		{ WIRE_PORT_NAME, "NAME" },
		{ WIRE_MOVE_RECEIVE, "MOVE_RECV" },
		{ WIRE_MOVE_SEND, "MOVE_SEND" },
		{ WIRE_MOVE_SEND_ONCE, "MOVE_SONCE" },
		{ WIRE_MAKE_SEND_ONCE, "MAKE_SONCE" },
		{ WIRE_POLYMORPHIC, "POLY" },
		{ WIRE_UNSTRUCTURED, "BOOL" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].name == name)
			return names[i].text;
	return wire_text(name);
}

static void
dump_field(const struct field *f, struct buffer *out)
{
	bool memory = f->kind == FIELD_OUT_OF_LINE;
	bool variable = f->type != NULL && type_is_variable(f->type) && f->kind != FIELD_COUNT &&
	    f->kind != FIELD_OOL_COUNT;

	buffer_printf(out, " %u%s %s:%s%s/%u",
	    f->has_descriptor ? f->descriptor_offset : f->data_offset, f->part > 0 ? "+" : "",
	    f->name, memory ? "ool " : "", sheet_name(f->send_name), f->bits);
	if (f->kind == FIELD_INDEFINITE)
		buffer_printf(out, "[n] inline if n<=%u else ool", f->number);
	else if (f->variable)
		buffer_printf(out, "[n<=%u]", f->number);
	else if (variable)
		buffer_printf(out, type_data(f->type)->bounded ? "[n<=%u]" : "[n]", f->number);
	else if (f->number != 1)
		buffer_printf(out, "x%u", f->number);
	if (f->longform)
		buffer_puts(out, " L");
	if (f->dealloc != DEALLOC_NO)
		buffer_puts(out, f->dealloc == DEALLOC_YES ? " dealloc" : " dealloc[]");
	if (f->is_port && f->receive_name != f->send_name)
		buffer_printf(out, " > %s", sheet_name(f->receive_name));
	buffer_puts(out, ",");
}

static void
dump_message(const struct message *m, struct buffer *out)
{
	buffer_printf(out, "     %s", m->is_request ? "q" : "r");
	if (!m->is_request)
		buffer_printf(out, " %u", m->id);
	buffer_printf(out, " %u", m->min_size);
	if (m->min_size != m->max_size)
		buffer_printf(out, "..%u", m->max_size);
	buffer_printf(out, " %s:", presence_text(m->complex));
	if (m->fields == NULL)
		buffer_puts(out, " -");
	for (const struct field *f = m->fields; f != NULL; f = f->next)
		dump_field(f, out);
	if (out->data[out->length - 1] == ',')
		out->length--;
	buffer_puts(out, "\n");
}

void
dump_layout(const struct subsystem *s, struct buffer *out)
{
	buffer_printf(out, "subsystem %s %u %s, largest reply %u\n", s->name, s->base,
	    s->abi == ABI_OSF ? "untyped" : "typed", s->reply_max);
	for (const struct routine *r = s->routines; r != NULL; r = r->next) {
		buffer_printf(out, "%u %s %s\n", r->id, r->name, routine_kind_text(r->kind));
		dump_message(r->request, out);
		if (r->reply != NULL)
			dump_message(r->reply, out);
	}
}

/* ---- plan -------------------------------------------------------------------------------- */

static void
dump_plan_message(struct message *m, struct buffer *out)
{
	struct plan *plan = plan_message(m);

	buffer_printf(out, "  %s: %s", m->is_request ? "request" : "reply",
	    plan->fits_registers ? "fits registers" : "needs a buffer");
	if (plan->fits_registers)
		buffer_printf(out, " (%u words)", plan->register_words);
	buffer_puts(out, "\n");
	for (const struct op *op = plan->ops; op != NULL; op = op->next)
		buffer_printf(out, "    %s %s at %u in part %u%s\n", op_name(op->kind),
		    op->field->name, op->field->data_offset - m->parts[op->field->part].start,
		    op->field->part, op->advances ? ", advance" : "");
}

void
dump_plan(const struct subsystem *s, struct buffer *out)
{
	for (const struct routine *r = s->routines; r != NULL; r = r->next) {
		buffer_printf(out, "%s\n", r->name);
		dump_plan_message(r->request, out);
		if (r->reply != NULL)
			dump_plan_message(r->reply, out);
	}
}
