/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Server stubs: check the whole request before anything of it is used,
 * translate, call, and fill the reply.  Then the table of routines and the
 * demultiplexer.
 *
 * While the server function runs, each result lies where it would be if
 * every variable result before it were full.  Afterwards the parts are
 * moved down, first one first.
 */
#include <string.h>

#include "emit.h"

struct server {
	struct subsystem *subsystem;
	struct routine *routine;
	struct side side;
	struct buffer *out;
	struct plan *request;
	struct plan *reply;
};

static const char *
count_leader(const struct argument *a)
{
	return a->same_count != NULL ? a->same_count->name : a->name;
}

/* A translated or otherwise converted result has a variable of its own. */
static bool
result_is_translated(const struct argument *a)
{
	return a->type->outtran != NULL || (a->in_request && a->type->intran != NULL);
}

static const char *
filling_pointer(const struct message *m, unsigned part)
{
	return part == 0 ? part_pointer(m, 0) : mig_format("Out%uM", part);
}

static const char *
result_value(const struct argument *a)
{
	if (a->type->outtran != NULL)
		return mig_format("%s(mig_v_%s)", a->type->outtran, a->name);
	return mig_format("mig_v_%s", a->name);
}

static void
server_env_reply(const struct server *s, struct env *env, const struct field *field)
{
	const struct argument *a = field->argument;
	const struct message *m = s->routine->reply;
	bool by_reference;

	env->value[HOLE_O] = filling_pointer(m, field->part);
	env->value[HOLE_moved] = field->part > 0 ? env_yes : NULL;
	if (a == NULL)
		return;
	if (type_is_variable(a->type))
		env->value[HOLE_cnt] = mig_format("mig_c_%s", count_leader(a));
	if (server_wants_poly(a, &s->side, &by_reference) && by_reference)
		env->value[HOLE_poly] = mig_format("mig_p_%s", a->name);
	else
		env->value[HOLE_maybe] = NULL;
	if (result_is_translated(a) && a->type->form != FORM_INDEFINITE)
		env->value[HOLE_outtran] = result_value(a);
	if (a->dealloc == DEALLOC_MAYBE)
		env->value[HOLE_dealloc] = mig_format("mig_d_%s", a->name);
	if (a->dealloc == DEALLOC_YES)
		env->value[HOLE_dealloc_yes] = env_yes;
	if (s->subsystem->abi != ABI_OSF)
		return;
	env->value[HOLE_outtran] = a == s->routine->result ? "mig_value" : result_value(a);
	if (env->value[HOLE_poly] != NULL)
		env->value[HOLE_disposition] = env->value[HOLE_poly];
	if (a->dealloc == DEALLOC_MAYBE)
		env->value[HOLE_osf_dealloc] = mig_format("mig_d_%s != FALSE", a->name);
}

static void
server_env(const struct server *s, struct env *env, const struct op *op, const struct message *m)
{
	const struct field *field = op->field;

	env_field(env, &s->side, op, m, m->is_request);
	env->value[HOLE_reject] = m->is_request ? "goto mig_bad;" : "goto mig_too_large;";
	env->value[HOLE_own] = NULL;
	if (!m->is_request)
		server_env_reply(s, env, field);
	if (s->subsystem->abi != ABI_OSF || field->argument == NULL)
		return;
	if (m->is_request && field->receive_name == WIRE_POLYMORPHIC && field->is_port)
		env->value[HOLE_poly_out] = env_yes;
	if (op->kind == OP_OOL_COUNT)
		env->value[HOLE_D] =
		    mig_format("%s->%s", part_pointer(m, 0), field->argument->name);
}

static void
server_row(const struct server *s, const struct plan *plan, const struct op *op, enum role role)
{
	const char *pattern = row_pattern(s->subsystem, op, role);
	struct env env;

	if (pattern == NULL)
		return;
	server_env(s, &env, op, plan->message);
	emit_pattern(s->out, &env, pattern);
}

static void
server_rows(const struct server *s, const struct plan *plan, enum role role)
{
	for (const struct op *op = plan->ops; op != NULL; op = op->next)
		server_row(s, plan, op, role);
}

/* ---- request -------------------------------------------------------------------- */

static void
server_check(const struct server *s)
{
	struct buffer *out = s->out;

	emit_check_shape(out, s->subsystem, s->routine->request, "In0P", "goto mig_bad;");
	if (s->subsystem->abi == ABI_OSF)
		untyped_server_check(out, s->routine);
	if (plan_asks_complex(s->request) && s->subsystem->abi != ABI_OSF)
		buffer_puts(
		    out, "\tmig_complex = In0P->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX;\n");
	server_rows(s, s->request, ROLE_CHECK);
	if (message_varies(s->routine->request))
		buffer_puts(out, "\tif (mig_left != 0)\n\t\tgoto mig_bad;\n");
}

/* Variables filled while the request is checked. */
static void
server_request_locals(const struct server *s)
{
	struct buffer *out = s->out;
	const struct message *m = s->routine->request;

	for (unsigned part = 1; part < m->part_count; part++)
		buffer_printf(out, "\t%s *%s;\n", part_type(m, part), part_pointer(m, part));
	server_rows(s, s->request, ROLE_LOCAL);
	if (message_varies(m))
		buffer_puts(out, "\tmach_msg_size_t mig_left;\n");
	if (s->subsystem->abi == ABI_OSF && untyped_has_trailer(s->routine, true))
		buffer_puts(out, "\tconst mach_msg_max_trailer_t *mig_trailer;\n");
	if (message_varies(m) || (s->routine->reply != NULL && message_varies(s->routine->reply)))
		buffer_puts(out, "\tmach_msg_size_t mig_used;\n");
	if (s->subsystem->abi != ABI_OSF && plan_asks_complex(s->request))
		buffer_puts(out, "\tmach_msg_bits_t mig_complex;\n");
}

/* ---- values for the call ------------------------------------------------------------ */

static const struct field *
argument_field(const struct message *m, const struct argument *a)
{
	for (const struct field *f = m != NULL ? m->fields : NULL; f != NULL; f = f->next)
		if (f->argument == a && f->kind != FIELD_COUNT && f->kind != FIELD_OOL_COUNT)
			return f;
	return NULL;
}

static const char *
request_value(const struct server *s, const struct argument *a)
{
	const struct message *m = s->routine->request;
	const struct field *field = argument_field(m, a);

	return mig_format(
	    "%s->%s", part_pointer(m, field->part), untyped_member(s->subsystem, field));
}

static const char *
header_port(const struct server *s, bool request)
{
	/* In the kernel the request port is still the destination. */
	if (s->side.kernel)
		return request ? "mig_port((const char *)In0P + 8)"
			       : "mig_port((const char *)In0P + 16)";
	return request ? "In0P->Head.msgh_local_port" : "In0P->Head.msgh_remote_port";
}

static const char *
header_reply_bits(const struct server *s)
{
	return s->side.kernel ? "MACH_MSGH_BITS_LOCAL(In0P->Head.msgh_bits)"
			      : "MACH_MSGH_BITS_REMOTE(In0P->Head.msgh_bits)";
}

static const char *
translated(const struct argument *a, const char *value)
{
	return a->type->intran != NULL ? mig_format("%s(%s)", a->type->intran, value) : value;
}

static const char *
request_port_value(const struct server *s, const struct argument *a)
{
	const char *value = translated(a, header_port(s, true));

	if (a->type->intran_payload == NULL || s->side.kernel || s->subsystem->abi == ABI_OSF)
		return value;
	return mig_format(
	    "MACH_MSGH_BITS_LOCAL(In0P->Head.msgh_bits) == MACH_MSG_TYPE_PROTECTED_PAYLOAD ?\n"
	    "\t    %s(In0P->Head.msgh_protected_payload) :\n\t    %s",
	    a->type->intran_payload, value);
}

static const char *
in_value(const struct server *s, const struct argument *a)
{
	switch (a->direction) {
	case DIR_REQUEST_PORT:
		return request_port_value(s, a);
	case DIR_REPLY_PORT:
	case DIR_SREPLY_PORT:
		return translated(a, header_port(s, false));
	case DIR_MSG_SEQNO:
		return s->subsystem->abi == ABI_OSF ? "mig_trailer->msgh_seqno"
						    : "In0P->Head.msgh_seqno";
	default:
		return s->subsystem->abi == ABI_OSF && !a->in_request
		    ? untyped_trailer_value(a)
		    : translated(a, request_value(s, a));
	}
}

static bool
in_needs_variable(const struct argument *a)
{
	return a->type->destructor != NULL || a->type->intran_payload != NULL ||
	    a->type->form == FORM_INDEFINITE;
}

static bool
user_level_ports(const struct server *s, const struct argument *a)
{
	return type_is_port(a->type) && !s->side.kernel && s->subsystem->abi != ABI_OSF &&
	    (a->type->form == FORM_ARRAY || a->type->form == FORM_VARRAY ||
		a->type->form == FORM_INDEFINITE);
}

/* Rights received inline become an array of names; the message stays as it is. */
static void
in_port_names(const struct server *s, const struct argument *a)
{
	const char *value = request_value(s, a);
	const char *count = a->type->form == FORM_ARRAY ? mig_format("%u", a->type->number)
							: mig_format("mig_n_%s", a->name);

	if (a->type->form == FORM_INDEFINITE) {
		buffer_printf(s->out,
		    "\tif (%s->%s.msgt_inline) {\n"
		    "\t\tmig_slots_get(mig_a_%s, %s, %s);\n\t\tmig_v_%s = mig_a_%s;\n\t} else {\n"
		    "\t\tmig_copy(&mig_v_%s, %s, 8);\n\t}\n",
		    part_pointer(s->routine->request, argument_field(s->routine->request, a)->part),
		    field_member(argument_field(s->routine->request, a), "Type"), a->name, value,
		    count, a->name, a->name, a->name, value);
		return;
	}
	buffer_printf(s->out, "\tmig_slots_get(mig_a_%s, %s, %s);\n", a->name, value, count);
}

static void
in_indefinite(const struct server *s, const struct argument *a)
{
	const struct field *field = argument_field(s->routine->request, a);
	const char *value = request_value(s, a);

	if (s->subsystem->abi == ABI_OSF)
		return;
	if (user_level_ports(s, a)) {
		in_port_names(s, a);
		return;
	}
	buffer_printf(s->out,
	    "\tif (%s->%s.msgt_inline)\n\t\tmig_v_%s = (%s)(void *)%s;\n"
	    "\telse\n\t\tmig_copy(&mig_v_%s, %s, 8);\n",
	    part_pointer(s->routine->request, field->part), field_member(field, "Type"), a->name,
	    a->type->server_type, value, a->name, value);
}

static void
in_locals(const struct server *s)
{
	for (const struct argument *a = s->routine->arguments; a != NULL; a = a->next) {
		if (!a->server_sees || a->in_reply)
			continue;
		if (user_level_ports(s, a))
			buffer_printf(
			    s->out, "\tmach_port_t mig_a_%s[%u];\n", a->name, a->type->number);
		if (s->subsystem->abi == ABI_OSF && untyped_needs_variable(a))
			untyped_in_local(s->out, a);
		else if (in_needs_variable(a))
			buffer_printf(s->out, "\t%s mig_v_%s;\n",
			    a->type->form == FORM_INDEFINITE ? a->type->server_type
							     : a->type->trans_type,
			    a->name);
	}
}

/* Everything has been checked: now values are translated. */
static void
in_values(const struct server *s)
{
	for (const struct argument *a = s->routine->arguments; a != NULL; a = a->next) {
		if (!a->server_sees || a->in_reply)
			continue;
		if (a->type->form == FORM_STRING && a->in_request)
			buffer_printf(s->out, "\t%s[%u] = '\\0';\n", request_value(s, a),
			    argument_field(s->routine->request, a)->bytes - 1);
		if (s->subsystem->abi == ABI_OSF && untyped_needs_variable(a))
			untyped_in_value(s->out, a, request_value(s, a));
		else if (a->type->form == FORM_INDEFINITE)
			in_indefinite(s, a);
		else if (user_level_ports(s, a))
			in_port_names(s, a);
		else if (in_needs_variable(a))
			buffer_printf(s->out, "\tmig_v_%s = %s;\n", a->name, in_value(s, a));
	}
}

static bool
passed_as_array(const struct argument *a)
{
	return a->type->form == FORM_ARRAY || a->type->form == FORM_VARRAY;
}

static const char *
in_expression(const struct server *s, const struct argument *a)
{
	if (s->subsystem->abi == ABI_OSF && untyped_needs_variable(a))
		return untyped_in_expression(a);
	if (user_level_ports(s, a) && a->type->form != FORM_INDEFINITE)
		return mig_format("mig_a_%s", a->name);
	if (in_needs_variable(a))
		return mig_format("mig_v_%s", a->name);
	if (passed_as_array(a))
		return mig_format("(void *)%s", request_value(s, a));
	return in_value(s, a);
}

static const char *
out_expression(const struct server *s, const struct argument *a)
{
	const struct message *m = s->routine->reply;
	const struct field *field = argument_field(m, a);
	const char *place = mig_format(
	    "%s->%s", filling_pointer(m, field->part), untyped_member(s->subsystem, field));

	if (s->subsystem->abi == ABI_OSF && untyped_needs_variable(a))
		return untyped_out_expression(a);
	if (a->type->form == FORM_INDEFINITE || result_is_translated(a))
		return mig_format("&mig_v_%s", a->name);
	if (passed_as_array(a))
		return mig_format("(void *)%s", place);
	if (a->type->form == FORM_STRING || a->type->form == FORM_VSTRING)
		return place;
	return mig_format("&%s", place);
}

/* ---- results ---------------------------------------------------------------------------- */

static void
out_locals(const struct server *s)
{
	const struct message *m = s->routine->reply;
	struct buffer *out = s->out;

	if (m == NULL)
		return;
	for (unsigned part = 1; part < m->part_count; part++)
		buffer_printf(out,
		    "\t%s *const Out%uM MIG_UNUSED = (%s *)(void *)((char *)Out0P + %u);\n"
		    "\t%s *%s;\n",
		    part_type(m, part), part, part_type(m, part), m->parts[part].max_start,
		    part_type(m, part), part_pointer(m, part));
	for (const struct argument *a = s->routine->arguments; a != NULL; a = a->next) {
		bool by_reference = false;

		if (!a->in_reply)
			continue;
		if (s->subsystem->abi == ABI_OSF && untyped_needs_variable(a))
			untyped_out_local(out, a);
		else if (a->type->form == FORM_INDEFINITE)
			buffer_printf(out, "\t%s mig_v_%s;\n", a->type->server_type, a->name);
		else if (result_is_translated(a))
			buffer_printf(out, "\t%s mig_v_%s;\n", a->type->trans_type, a->name);
		if (type_is_variable(a->type) && a->same_count == NULL)
			buffer_printf(out, "\tmach_msg_type_number_t mig_c_%s;\n", a->name);
		if (a->type->form == FORM_VSTRING)
			buffer_printf(out, "\tmach_msg_type_number_t mig_n_%s;\n", a->name);
		if (server_wants_poly(a, &s->side, &by_reference) && by_reference)
			buffer_printf(out, "\tmach_msg_type_name_t mig_p_%s;\n", a->name);
		if (a->dealloc == DEALLOC_MAYBE)
			buffer_printf(out, "\tboolean_t mig_d_%s = FALSE;\n", a->name);
	}
	if (message_varies(m))
		buffer_printf(out, "\tmach_msg_size_t mig_size = %u;\n", m->min_size);
	if (s->subsystem->abi != ABI_OSF && m->complex == MAYBE && !plan_asks_complex(s->request))
		buffer_puts(out, "\tmach_msg_bits_t mig_complex;\n");
}

static const char *
out_count_initial(const struct server *s, const struct argument *a)
{
	const struct message *m = s->routine->request;
	uint32_t max = type_data(a->type)->count;

	if (a->in_request)
		return mig_format("mig_n_%s", a->name);
	if (type_is_out_of_line(a->type))
		return "0";
	if (!a->countinout)
		return mig_format("%u", max);
	for (const struct field *f = m->fields; f != NULL; f = f->next)
		if (f->kind == FIELD_COUNT && f->argument == a)
			return mig_format("%s->%s < %u ? %s->%s : %u", part_pointer(m, f->part),
			    f->name, max, part_pointer(m, f->part), f->name, max);
	return "0";
}

/* An inout value begins as it came. */
static void
out_from_request(const struct server *s, const struct argument *a)
{
	const char *from = request_value(s, a);
	const struct field *field = argument_field(s->routine->reply, a);
	const char *to = mig_format("%s->%s", filling_pointer(s->routine->reply, field->part),
	    untyped_member(s->subsystem, field));

	if (s->subsystem->abi == ABI_OSF && untyped_needs_variable(a))
		untyped_inout_value(s->out, a, from);
	else if (result_is_translated(a))
		buffer_printf(s->out, "\tmig_v_%s = %s;\n", a->name, translated(a, from));
	else if (user_level_ports(s, a))
		buffer_printf(s->out, "\tmig_slots_get((mach_port_t *)(void *)%s, %s, %u);\n", to,
		    from, a->type->number);
	else if (a->type->form == FORM_ARRAY)
		buffer_printf(s->out, "\tmig_copy(%s, %s, %u);\n", to, from, field->bytes);
	else if (a->type->form == FORM_STRING)
		buffer_printf(s->out, "\tmig_string_copy(%s, %s, %u);\n", to, from, field->bytes);
	else
		buffer_printf(s->out, "\t%s = %s;\n", to, from);
}

/* The disposition as received. */
static const char *
request_disposition_member(const struct server *s, const struct argument *a)
{
	const struct message *m = s->routine->request;
	const struct field *field = argument_field(m, a);
	bool osf = s->subsystem->abi == ABI_OSF;

	return mig_format("%s->%s.%s", part_pointer(m, field->part),
	    osf ? field->name : field_member(field, "Type"), osf ? "disposition" : "msgt_name");
}

static void
out_prepare(const struct server *s)
{
	struct buffer *out = s->out;

	if (s->routine->reply == NULL)
		return;
	if (s->subsystem->abi != ABI_OSF && s->routine->reply->complex == MAYBE)
		buffer_puts(out, "\tmig_complex = 0;\n");
	for (const struct op *op = s->reply->ops; op != NULL; op = op->next) {
		const struct argument *a = op->field->argument;
		bool by_reference = false;

		if (a == NULL || a == s->routine->result)
			continue;
		if (op->kind == OP_OOL_COUNT)
			continue;
		if (a->in_request)
			out_from_request(s, a);
		else if (!(s->subsystem->abi == ABI_OSF && op->kind == OP_COUNT))
			server_row(s, s->reply, op, ROLE_PREPARE);
		if (a->type->form == FORM_INDEFINITE && s->subsystem->abi != ABI_OSF)
			buffer_printf(out, "\tmig_v_%s = (%s)(void *)%s->%s;\n", a->name,
			    a->type->server_type,
			    filling_pointer(s->routine->reply, op->field->part), op->field->name);
		else if (!a->in_request && result_is_translated(a) && s->subsystem->abi != ABI_OSF)
			buffer_printf(
			    out, "\tmig_zero(&mig_v_%s, sizeof(mig_v_%s));\n", a->name, a->name);
		if (type_is_variable(a->type) && a->same_count == NULL)
			buffer_printf(out, "\tmig_c_%s = %s;\n", a->name, out_count_initial(s, a));
		if (server_wants_poly(a, &s->side, &by_reference) && by_reference)
			buffer_printf(out, "\tmig_p_%s = %s;\n", a->name,
			    a->in_request ? request_disposition_member(s, a)
					  : "MACH_MSG_TYPE_PORT_SEND");
	}
}

/* ---- the call ----------------------------------------------------------------------------- */

static void
call_argument(const struct server *s, bool *first, const char *text)
{
	buffer_printf(s->out, "%s\n\t\t%s", *first ? "" : ",", text);
	*first = false;
}

static const char *
poly_expression(const struct server *s, const struct argument *a, bool by_reference)
{
	if (by_reference)
		return mig_format("&mig_p_%s", a->name);
	return a->in_request ? request_disposition_member(s, a) : header_reply_bits(s);
}

static void
call_arguments(const struct server *s)
{
	bool first = true;

	for (const struct argument *a = s->routine->arguments; a != NULL; a = a->next) {
		bool by_reference = false;

		if (!a->server_sees)
			continue;
		call_argument(s, &first, a->in_reply ? out_expression(s, a) : in_expression(s, a));
		if (server_wants_poly(a, &s->side, &by_reference))
			call_argument(s, &first, poly_expression(s, a, by_reference));
		if (type_is_variable(a->type) && a->same_count == NULL)
			call_argument(
			    s, &first, mig_format(a->in_reply ? "&mig_c_%s" : "mig_n_%s", a->name));
		if (a->dealloc == DEALLOC_MAYBE && a->in_reply)
			call_argument(s, &first, mig_format("&mig_d_%s", a->name));
		if (a->servercopy && s->subsystem->abi == ABI_OSF)
			call_argument(s, &first, "FALSE");
		else if (a->servercopy)
			call_argument(s, &first,
			    mig_format("%s->%s.msgt_inline",
				part_pointer(s->routine->request,
				    argument_field(s->routine->request, a)->part),
				field_member(argument_field(s->routine->request, a), "Type")));
	}
}

/* Where the code goes: in an untyped reply with descriptors it has no place of its own. */
static const char *
server_code(const struct server *s)
{
	return s->subsystem->abi == ABI_OSF ? "OutErrorP->RetCode" : "Out0P->RetCode";
}

static void
server_call(const struct server *s)
{
	const struct routine *r = s->routine;

	if (r->kind == FUNCTION) {
		const struct field *field = argument_field(r->reply, r->result);

		if (s->subsystem->abi == ABI_OSF)
			buffer_printf(s->out, "\tmig_value = %s(", r->server_name);
		else
			buffer_printf(s->out, "\t%s->%s = %s(", part_pointer(r->reply, field->part),
			    field->name, r->server_name);
	} else if (r->kind == PROCEDURE || r->kind == SIMPLE_PROCEDURE) {
		buffer_printf(s->out, "\t%s(", r->server_name);
	} else {
		buffer_printf(s->out, "\t%s = %s(", server_code(s), r->server_name);
	}
	call_arguments(s);
	buffer_puts(s->out, ");\n");
	if (r->kind != ROUTINE && r->kind != SIMPLE_ROUTINE)
		buffer_printf(s->out, "\t%s = KERN_SUCCESS;\n", server_code(s));
}

static void
server_destructors(const struct server *s)
{
	for (const struct argument *a = s->routine->arguments; a != NULL; a = a->next)
		if (a->server_sees && !a->in_reply && a->type->destructor != NULL)
			buffer_printf(s->out, "\t%s(mig_v_%s);\n", a->type->destructor, a->name);
}

static bool
in_is_freed(const struct server *s, const struct argument *a)
{
	if (!a->in_request || a->in_reply || s->side.kernel)
		return false;
	return (a->flags & FLAG_AUTO) != 0 || (a->type->form == FORM_INDEFINITE && !a->servercopy);
}

/* Bytes of memory that came out of line: rights are 4-byte names there. */
static const char *
received_bytes(const struct argument *a)
{
	const struct type *data = type_data(a->type);

	if (!type_is_variable(a->type))
		return mig_format("%llu",
		    (unsigned long long)(type_is_port(a->type) ? 4 * (uint64_t)data->number
							       : type_wire_bytes(data)));
	return mig_format("mig_n_%s * %llu", count_leader(a),
	    (unsigned long long)(type_is_port(a->type) ? 4 : type_wire_bytes(data->element)));
}

static void
typed_free(const struct server *s, const struct argument *a, const struct field *field)
{
	const char *part = part_pointer(s->routine->request, field->part);

	if (a->type->form == FORM_INDEFINITE)
		buffer_printf(
		    s->out, "\tif (!%s->%s.msgt_inline)\n", part, field_member(field, "Type"));
	else if (type_is_variable(a->type))
		buffer_printf(s->out, "\tif (mig_n_%s != 0)\n", count_leader(a));
	buffer_printf(s->out, "\t%s(void)mig_deallocate((vm_address_t)%s, (vm_size_t)%s);\n",
	    type_is_variable(a->type) ? "\t" : "",
	    a->type->form == FORM_INDEFINITE ? mig_format("mig_v_%s", a->name)
					     : mig_format("%s->%s", part, field->name),
	    received_bytes(a));
}

/*
 * A kernel function sees the object that a right was translated to, never the
 * right: once it succeeds, nobody but the stub can give that back. (When it
 * fails the whole request is destroyed.)
 */
static bool
in_right_is_released(const struct server *s, const struct argument *a)
{
	return s->side.kernel && a->in_request && a->type->form == FORM_SCALAR &&
	    a->type->intran != NULL && a->type->receive_name == WIRE_MOVE_SEND;
}

/* Arrays that came out of line and that the function may not keep. */
static void
server_free(const struct server *s)
{
	for (const struct argument *a = s->routine->arguments; a != NULL; a = a->next) {
		const struct field *field;

		if (in_right_is_released(s, a))
			buffer_printf(s->out,
			    "\tif (IP_VALID(%s))\n\t\tipc_port_release_send(%s);\n",
			    request_value(s, a), request_value(s, a));
		if (!in_is_freed(s, a))
			continue;
		field = argument_field(s->routine->request, a);
		if (s->subsystem->abi == ABI_OSF)
			untyped_free(s->out, a, field);
		else
			typed_free(s, a, field);
	}
}

static bool
anything_is_freed(const struct server *s)
{
	for (const struct argument *a = s->routine->arguments; a != NULL; a = a->next)
		if (in_is_freed(s, a) || in_right_is_released(s, a))
			return true;
	return false;
}

static bool
server_owns_memory(const struct server *s)
{
	return s->subsystem->abi == ABI_OSF && untyped_owns_memory(s->routine);
}

static void
server_reply(const struct server *s)
{
	struct buffer *out = s->out;
	const struct routine *r = s->routine;

	if (r->kind == ROUTINE || (r->kind == SIMPLE_ROUTINE && anything_is_freed(s))) {
		buffer_printf(out, "\tif (%s != KERN_SUCCESS)\n\t\t%s;\n", server_code(s),
		    server_owns_memory(s) ? "goto mig_failed" : "return");
	}
	server_free(s);
	if (r->reply == NULL)
		return;
	server_rows(s, s->reply, ROLE_FITS);
	if (s->subsystem->abi == ABI_OSF)
		untyped_server_reply_begin(out, r);
	server_rows(s, s->reply, ROLE_REPLY);
	if (s->subsystem->abi != ABI_OSF && r->reply->complex == ALWAYS)
		buffer_puts(out, "\tOut0P->Head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;\n");
	if (s->subsystem->abi != ABI_OSF && r->reply->complex == MAYBE)
		buffer_puts(out, "\tOut0P->Head.msgh_bits |= mig_complex;\n");
	buffer_printf(out, "\tOut0P->Head.msgh_size = %s;\n",
	    message_varies(r->reply) ? "mig_size" : mig_format("%u", r->reply->max_size));
}

/* ---- a routine -------------------------------------------------------------------------------- */

static void
server_prototype(const struct server *s)
{
	struct buffer *out = s->out;
	const struct routine *r = s->routine;

	buffer_printf(out, "extern %s %s(\n", routine_return_type(r, &s->side), r->server_name);
	emit_parameters(out, r, &s->side);
	buffer_puts(out, ");\n");
	if (r->kind != ROUTINE && r->kind != SIMPLE_ROUTINE)
		return;
	buffer_printf(out, "#ifdef MIG_EOPNOTSUPP\n__attribute__((__weak__)) kern_return_t\n%s(\n",
	    r->server_name);
	emit_unused_parameters(out, r, &s->side);
	buffer_puts(out, ")\n{\n\treturn MIG_EOPNOTSUPP;\n}\n#endif\n");
}

static void
server_structs(const struct server *s)
{
	struct buffer *out = s->out;
	const struct routine *r = s->routine;

	emit_message_struct(out, r->request, &s->side);
	if (r->reply != NULL)
		emit_message_struct(out, r->reply, &s->side);
	else if (s->subsystem->abi == ABI_OSF)
		buffer_puts(out, "\ttypedef mig_reply_error_t Reply;\n");
	else
		buffer_puts(out,
		    "\ttypedef struct MIG_MESSAGE {\n\t\tmach_msg_header_t Head;\n"
		    "\t\tmach_msg_type_t RetCodeType;\n\t\tkern_return_t RetCode;\n"
		    "\t\tuint32_t RetCodePad;\n\t} Reply;\n");
	if (r->reply != NULL)
		emit_descriptors_if_typed(out, s->subsystem, r->reply);
}

/* Does a row of `role` keep any line? */
static bool
server_has_rows(const struct server *s, const struct plan *plan, enum role role)
{
	struct buffer text = { 0 };
	struct server probe = *s;
	bool any;

	probe.out = &text;
	if (plan != NULL)
		server_rows(&probe, plan, role);
	any = text.length != 0;
	buffer_destroy(&text);
	return any;
}

/*
 * The function has succeeded, so that what came with the request is its own
 * already: who destroys a request that failed must find nothing in it.
 */
static void
server_too_large(const struct server *s)
{
	if (!server_has_rows(s, s->reply, ROLE_FITS))
		return;
	buffer_puts(s->out, "mig_too_large:\n");
	if (s->routine->request->complex != NEVER)
		buffer_puts(s->out, "\tIn0P->Head.msgh_bits &= ~MACH_MSGH_BITS_COMPLEX;\n");
	buffer_printf(s->out, "\t%s = MIG_ARRAY_TOO_LARGE;\n", server_code(s));
	if (!server_owns_memory(s))
		buffer_puts(s->out, "\treturn;\n\n");
}

static void
server_routine(struct subsystem *subsystem, struct routine *r, struct buffer *out)
{
	struct server s = {
		.subsystem = subsystem,
		.routine = r,
		.side = side_server(subsystem),
		.out = out,
		.request = plan_message(r->request),
		.reply = plan_message(r->reply),
	};

	buffer_printf(out, "\n/*\n * %s %s\n", routine_kind_text(r->kind), r->name);
	emit_layout_comment(out, r->request, " * ");
	if (r->reply != NULL)
		emit_layout_comment(out, r->reply, " * ");
	buffer_puts(out, " */\n");
	emit_source_line(out, r);
	server_prototype(&s);
	buffer_printf(out,
	    "\nmig_internal void\n_X%s(mach_msg_header_t *InHeadP, "
	    "mach_msg_header_t *OutHeadP)\n{\n",
	    r->name);
	server_structs(&s);
	buffer_puts(out,
	    "\tRequest *const In0P = (Request *)(void *)InHeadP;\n"
	    "\tReply *const Out0P MIG_UNUSED = (Reply *)(void *)OutHeadP;\n");
	if (subsystem->abi == ABI_OSF)
		buffer_puts(out,
		    "\tmig_reply_error_t *const OutErrorP = (mig_reply_error_t *)(void "
		    "*)OutHeadP;\n");
	if (subsystem->abi == ABI_OSF && r->kind == FUNCTION)
		buffer_printf(out, "\t%s mig_value;\n", r->result->type->server_type);
	server_request_locals(&s);
	in_locals(&s);
	out_locals(&s);
	buffer_puts(out, "\n");
	server_check(&s);
	if (server_owns_memory(&s))
		untyped_take_memory(out, r);
	in_values(&s);
	out_prepare(&s);
	server_call(&s);
	server_destructors(&s);
	server_reply(&s);
	buffer_puts(out, "\treturn;\n\n");
	server_too_large(&s);
	if (server_owns_memory(&s))
		untyped_failed(out, r);
	buffer_puts(out, "mig_bad:\n");
	buffer_printf(out, "\t%s = MIG_BAD_ARGUMENTS;\n}\n", server_code(&s));
}

/* ---- table and demultiplexer -------------------------------------------------------------------- */

static void
server_table(struct subsystem *s, struct buffer *out)
{
	const char *prefix = options.prefix != NULL ? options.prefix : "";
	const struct routine *r = s->routines;
	uint32_t count = s->id_count != 0 ? s->id_count : 1;

	buffer_printf(out,
	    "\nextern const mig_routine_t %s%s_server_routines[%u];\n"
	    "extern mig_routine_t %s%s_server_routine(const mach_msg_header_t *);\n"
	    "extern boolean_t %s(mach_msg_header_t *, mach_msg_header_t *);\n",
	    prefix, s->name, count, prefix, s->name, s->server_demux);
	buffer_printf(out,
	    "\n/* By message id, from %u; a null entry is an unused id. */\n"
	    "const mig_routine_t %s%s_server_routines[%u] = {\n",
	    s->base, prefix, s->name, count);
	for (uint32_t i = 0; i < s->id_count; i++) {
		if (r != NULL && r->index == i) {
			buffer_printf(out, "\t_X%s,\n", r->name);
			r = r->next;
		} else if (s->id_count - i > 1 && r == NULL) {
			break;
		} else {
			buffer_puts(out, "\t0,\n");
		}
	}
	if (s->id_count == 0)
		buffer_puts(out, "\t0,\n");
	buffer_printf(out,
	    "};\n\nmig_external mig_routine_t\n%s%s_server_routine("
	    "const mach_msg_header_t *InHeadP)\n{\n"
	    "\tuint32_t index = (uint32_t)InHeadP->msgh_id - %u;\n\n"
	    "\treturn index < %u ? %s%s_server_routines[index] : 0;\n}\n",
	    prefix, s->name, s->base, count, prefix, s->name);
}

static void
server_demux_typed(struct subsystem *s, struct buffer *out)
{
	const char *prefix = options.prefix != NULL ? options.prefix : "";

	buffer_printf(out,
	    "\nmig_external boolean_t\n%s(mach_msg_header_t *InHeadP, "
	    "mach_msg_header_t *OutHeadP)\n{\n"
	    "\tmig_routine_t routine = %s%s_server_routine(InHeadP);\n"
	    "\tmig_reply_header_t *OutP = (mig_reply_header_t *)(void *)OutHeadP;\n"
	    "\tstatic const mach_msg_type_t RetCodeType = {\n"
	    "\t\t.msgt_name = MACH_MSG_TYPE_INTEGER_32, .msgt_size = 32, .msgt_number = 1,\n"
	    "\t\t.msgt_inline = 1,\n\t};\n\n",
	    s->server_demux, prefix, s->name);
	if (s->kernel_server)
		buffer_puts(out,
		    "\tmig_head(OutP, MACH_MSGH_BITS(MACH_MSGH_BITS_LOCAL(InHeadP->msgh_bits), "
		    "0),\n"
		    "\t    sizeof(mig_reply_header_t), mig_port((const char *)InHeadP + 16), "
		    "NULL,\n"
		    "\t    (mach_msg_id_t)((uint32_t)InHeadP->msgh_id + 100u));\n");
	else
		buffer_puts(out,
		    "\tmig_head(OutP, MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(InHeadP->msgh_bits), "
		    "0),\n"
		    "\t    sizeof(mig_reply_header_t), InHeadP->msgh_remote_port, MACH_PORT_NULL,\n"
		    "\t    (mach_msg_id_t)((uint32_t)InHeadP->msgh_id + 100u));\n");
	buffer_puts(out,
	    "\tOutP->RetCodeType = RetCodeType;\n\tmig_zero((char *)OutP + 40, 8);\n"
	    "\tif (routine == 0) {\n\t\tOutP->RetCode = MIG_BAD_ID;\n\t\treturn FALSE;\n\t}\n"
	    "\troutine(InHeadP, OutHeadP);\n\treturn TRUE;\n}\n");
}

static void
server_symbols(struct subsystem *s, struct buffer *out)
{
	if (!options.symbol_table)
		return;
	buffer_printf(out, "\nconst mig_symtab_t _%s_%s_symtab[] = {\n",
	    options.prefix != NULL ? options.prefix : "", s->name);
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		buffer_printf(
		    out, "\t{ \"%s\", %u, (void (*)(void))_X%s },\n", r->name, r->id, r->name);
	buffer_puts(out, "\t{ 0, 0, 0 },\n};\n");
}

void
emit_server(struct subsystem *s, struct buffer *out)
{
	struct side side = side_server(s);

	emit_banner(s, out, "Server stubs");
	emit_standard_includes(s, out, &side);
	emit_imports(s, out, false, true, false);
	emit_rcsid(s, out, "server");
	emit_preamble(s, out, &side);
	for (struct routine *r = s->routines; r != NULL; r = r->next)
		server_routine(s, r, out);
	if (s->abi == ABI_OSF) {
		untyped_server_table(s, out);
	} else {
		server_table(s, out);
		server_demux_typed(s, out);
	}
	if (options.fastpath && s->abi != ABI_OSF)
		emit_register_server(s, out);
	server_symbols(s, out);
}
