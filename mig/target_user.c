/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User stubs: pack the request, send (and receive), check the reply
 * completely, then take the results out of it.
 */
#include <string.h>

#include "emit.h"

struct user {
	struct subsystem *subsystem;
	struct routine *routine;
	struct side side;
	struct buffer *out;
	struct plan *request;
	struct plan *reply;
};

/* A result that is also an argument is passed by reference. */
static const char *
argument_value(const struct argument *a)
{
	return a->in_reply ? mig_format("*%s", a->name) : a->name;
}

static const char *
count_value(const struct argument *a)
{
	const struct argument *leader = a->same_count != NULL ? a->same_count : a;

	return mig_format("%s%sCnt", leader->in_reply ? "*" : "", leader->name);
}

/* What a stub does about an argument that cannot be sent. */
static const char *
user_refusal(const struct routine *r)
{
	if (r->kind == PROCEDURE || r->kind == SIMPLE_PROCEDURE)
		return mig_format("{ %s(MIG_ARRAY_TOO_LARGE); return; }", r->error_name);
	if (r->kind == FUNCTION)
		return mig_format("{ %s(MIG_ARRAY_TOO_LARGE); return mig_value; }", r->error_name);
	return "return MIG_ARRAY_TOO_LARGE;";
}

static void
user_env_untyped(struct env *env, const struct op *op, const struct message *m)
{
	const struct argument *a = op->field->argument;

	if (env->value[HOLE_poly] != NULL)
		env->value[HOLE_disposition] = env->value[HOLE_poly];
	if (!m->is_request && op->field->receive_name == WIRE_POLYMORPHIC && op->field->is_port)
		env->value[HOLE_poly_out] = env_yes;
	if (a->dealloc == DEALLOC_MAYBE && m->is_request)
		env->value[HOLE_osf_dealloc] = mig_format("%sDealloc != FALSE", a->name);
	if (op->kind == OP_OOL_COUNT)
		env->value[HOLE_D] = mig_format("%s->%s", part_pointer(m, 0), a->name);
}

static void
user_env(const struct user *u, struct env *env, const struct op *op, const struct message *m)
{
	const struct field *field = op->field;
	const struct argument *a = field->argument;
	bool by_reference = false;

	env_field(env, &u->side, op, m, !m->is_request);
	env->value[HOLE_reject] = m->is_request ? user_refusal(u->routine) : "goto mig_reject;";
	if (a == NULL)
		return;
	if (a == u->routine->result)
		env->value[HOLE_arg] = "(&mig_value)";
	env->value[HOLE_in] = argument_value(a);
	if (type_is_variable(a->type)) {
		env->value[HOLE_cnt] = count_value(a);
		if (!m->is_request || a->in_reply)
			env->value[HOLE_own] =
			    a->same_count == NULL && !m->is_request ? env_yes : NULL;
		else
			env->value[HOLE_own] = NULL;
	}
	if (user_wants_poly(a, &by_reference)) {
		if (m->is_request && field->send_name == WIRE_POLYMORPHIC)
			env->value[HOLE_poly] =
			    mig_format("%s%sPoly", by_reference ? "*" : "", a->name);
		env->value[HOLE_poly_out] = by_reference ? env_yes : NULL;
	}
	if (m->is_request && env->value[HOLE_poly] == NULL)
		env->value[HOLE_maybe] = NULL;
	if (a->dealloc == DEALLOC_MAYBE && m->is_request)
		env->value[HOLE_dealloc] = mig_format("%sDealloc", a->name);
	if (a->dealloc == DEALLOC_YES)
		env->value[HOLE_dealloc_yes] = env_yes;
	if (u->subsystem->abi == ABI_OSF)
		user_env_untyped(env, op, m);
}

static void
user_row(const struct user *u, const struct plan *plan, const struct op *op, enum role role)
{
	const char *pattern = row_pattern(u->subsystem, op, role);
	struct env env;

	if (pattern == NULL)
		return;
	user_env(u, &env, op, plan->message);
	emit_pattern(u->out, &env, pattern);
}

static void
user_rows(const struct user *u, const struct plan *plan, enum role role)
{
	for (const struct op *op = plan->ops; op != NULL; op = op->next)
		user_row(u, plan, op, role);
}

static bool
reply_has(const struct plan *plan, enum role role, const struct subsystem *s)
{
	for (const struct op *op = plan->ops; op != NULL; op = op->next)
		if (row_pattern(s, op, role) != NULL)
			return true;
	return false;
}

static void
user_locals(const struct user *u)
{
	struct routine *r = u->routine;
	struct buffer *out = u->out;
	const struct message *m = r->request;

	buffer_puts(out, "\tunion {\n\t\tRequest In;\n");
	if (r->reply != NULL)
		buffer_puts(out, "\t\tReply Out;\n");
	if (u->subsystem->abi == ABI_OSF)
		buffer_puts(out, "\t\tmig_reply_error_t error;\n");
	buffer_printf(out, "\t\tunsigned char room[%u];\n\t\tuint64_t align;\n\t} Mess;\n",
	    (r->reply != NULL && r->reply->max_size > m->max_size ? r->reply->max_size
								  : m->max_size) +
		(u->subsystem->abi == ABI_OSF ? 72u : 0u));
	if (u->subsystem->abi == ABI_OSF && r->reply != NULL && untyped_has_trailer(r, false))
		buffer_puts(out, "\tconst mach_msg_max_trailer_t *mig_trailer;\n");
	buffer_puts(out, "\tRequest *const In0P = &Mess.In;\n");
	for (unsigned part = 1; part < m->part_count; part++)
		buffer_printf(out, "\t%s *%s;\n", part_type(m, part), part_pointer(m, part));
	if (r->reply != NULL) {
		buffer_puts(out, "\tReply *const Out0P = &Mess.Out;\n");
		for (unsigned part = 1; part < r->reply->part_count; part++)
			buffer_printf(out, "\t%s *%s;\n", part_type(r->reply, part),
			    part_pointer(r->reply, part));
	}
	if (r->kind == FUNCTION)
		buffer_printf(out, "\t%s mig_value;\n", r->result->type->user_type);
	buffer_puts(out, "\tmach_msg_return_t mig_result;\n");
	if (message_varies(m))
		buffer_printf(out, "\tmach_msg_size_t mig_size = %u;\n", m->min_size);
	if (message_varies(m) || (r->reply != NULL && message_varies(r->reply)))
		buffer_puts(out, "\tmach_msg_size_t mig_used;\n");
	if (m->complex == MAYBE)
		buffer_puts(out, "\tmach_msg_bits_t mig_complex = 0;\n");
	if (r->reply != NULL && reply_has(u->reply, ROLE_TAKE_ARRAY, u->subsystem))
		buffer_puts(out, "\tint mig_too_large = 0;\n");
	if (r->reply != NULL && reply_has(u->reply, ROLE_TAKE_MEMORY, u->subsystem))
		buffer_puts(out, "\tint mig_no_memory = 0;\n");
}

/* Counts of request and reply arrays; an array is in one of them only. */
static void
user_array_locals(const struct user *u)
{
	for (int pass = 0; pass < 2; pass++) {
		const struct plan *plan = pass == 0 ? u->request : u->reply;

		if (plan == NULL)
			continue;
		for (const struct op *op = plan->ops; op != NULL; op = op->next) {
			const struct argument *a = op->field->argument;

			/* In the request only strings keep a count of their own. */
			if (pass == 0 && op->kind != OP_VSTRING)
				continue;
			if (pass == 1 && a != NULL && a->in_request && op->kind == OP_VSTRING)
				continue;
			user_row(u, plan, op, ROLE_LOCAL);
		}
	}
}

static const char *
disposition_text(const struct argument *a, uint32_t name)
{
	if (name == WIRE_POLYMORPHIC)
		return mig_format("%sPoly", a->name);
	return mig_format("MACH_MSG_TYPE_%s", wire_text(name));
}

static const char *
request_disposition(const struct routine *r)
{
	return disposition_text(r->request_port, r->request_port->type->send_name);
}

static const char *
reply_disposition(const struct routine *r)
{
	if (r->user_reply_port != NULL)
		return disposition_text(r->user_reply_port, r->user_reply_port->type->send_name);
	return r->oneway ? "0" : "MACH_MSG_TYPE_MAKE_SEND_ONCE";
}

static const char *
complex_text(const struct message *m)
{
	return m->complex == ALWAYS ? " | MACH_MSGH_BITS_COMPLEX"
	    : m->complex == MAYBE   ? " | mig_complex"
				    : "";
}

static bool
user_owns_reply_port(const struct user *u)
{
	return !u->routine->oneway && u->routine->user_reply_port == NULL && !u->side.kernel;
}

static void
user_head(const struct user *u)
{
	struct routine *r = u->routine;
	const char *local = r->user_reply_port != NULL ? r->user_reply_port->name
	    : user_owns_reply_port(u)                  ? "mig_reply_port"
	    : u->side.kernel                           ? "NULL"
						       : "MACH_PORT_NULL";

	if (user_owns_reply_port(u))
		buffer_printf(u->out, "\tmig_reply_port = %s();\n",
		    r->special_reply_port ? "mig_get_special_reply_port" : "mig_get_reply_port");
	buffer_printf(u->out,
	    "\tmig_head(In0P, MACH_MSGH_BITS(%s, %s)%s,\n\t    %s, %s, %s, %u);\n",
	    request_disposition(r), reply_disposition(r), complex_text(r->request),
	    message_varies(r->request) ? "mig_size" : mig_format("%u", r->request->max_size),
	    r->request_port->name, local, r->id);
}

static const char *
user_options(const struct user *u, const char *base)
{
	const struct routine *r = u->routine;
	const char *options_text = base;

	if (r->option_text != NULL)
		options_text = mig_format("%s | (%s)", options_text, r->option_text);
	if (u->subsystem->abi == ABI_OSF && strstr(base, "RCV") != NULL &&
	    untyped_trailer_options(r) != NULL)
		options_text = mig_format("%s | %s", options_text, untyped_trailer_options(r));
	if (r->msg_option != NULL)
		options_text = mig_format("%s | %s", options_text, r->msg_option->name);
	return options_text;
}

static const char *
user_timeout(const struct routine *r)
{
	if (r->wait_time != NULL)
		return r->wait_time->name;
	if (r->wait_time_text != NULL)
		return r->wait_time_text;
	if (r->send_time != NULL)
		return r->send_time->name;
	if (r->send_time_text != NULL)
		return r->send_time_text;
	return "MACH_MSG_TIMEOUT_NONE";
}

/* Typed: waittime bounds the wait for the reply only. */
static const char *
user_timeout_options(const struct user *u)
{
	const struct routine *r = u->routine;
	bool wait = r->wait_time != NULL || r->wait_time_text != NULL;
	bool send = r->send_time != NULL || r->send_time_text != NULL;

	if (u->subsystem->abi == ABI_OSF)
		return wait
		    ? r->oneway ? " | MACH_SEND_TIMEOUT" : " | MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT"
		    : send ? " | MACH_SEND_TIMEOUT"
			   : "";
	return wait && !r->oneway ? " | MACH_RCV_TIMEOUT" : "";
}

static void
user_fail(const struct user *u, const char *indent, const char *code)
{
	const struct routine *r = u->routine;

	if (r->kind == PROCEDURE || r->kind == SIMPLE_PROCEDURE)
		buffer_printf(
		    u->out, "%s%s(%s);\n%sreturn;\n", indent, r->error_name, code, indent);
	else if (r->kind == FUNCTION)
		buffer_printf(u->out, "%s%s(%s);\n%sreturn mig_value;\n", indent, r->error_name,
		    code, indent);
	else
		buffer_printf(u->out, "%sreturn %s;\n", indent, code);
}

static void
user_send_kernel(const struct user *u)
{
	const struct routine *r = u->routine;
	const char *size =
	    message_varies(r->request) ? "mig_size" : mig_format("%u", r->request->max_size);

	if (r->oneway)
		buffer_printf(
		    u->out, "\tmig_result = mach_msg_send_from_kernel(&Mess.In.Head, %s);\n", size);
	else
		buffer_printf(u->out,
		    "\tmig_result = mach_msg_rpc_from_kernel(&Mess.In.Head, %s, sizeof(Mess));\n",
		    size);
}

static void
user_send_apart(const struct user *u, const char *size, const char *port, const char *timeout)
{
	buffer_printf(u->out,
	    "\tmig_result = mach_msg(&Mess.In.Head, %s%s, %s, 0,\n"
	    "\t    MACH_PORT_NULL, %s, MACH_PORT_NULL);\n"
	    "\tif (mig_result == MACH_MSG_SUCCESS)\n"
	    "\t\tmig_result = mach_msg(&Mess.Out.Head, %s%s, 0, sizeof(Mess),\n"
	    "\t\t    %s, %s, MACH_PORT_NULL);\n",
	    user_options(u, "MACH_SEND_MSG"), "", size, timeout, user_options(u, "MACH_RCV_MSG"),
	    user_timeout_options(u), port, timeout);
}

static void
user_send(const struct user *u)
{
	const struct routine *r = u->routine;
	const char *size =
	    message_varies(r->request) ? "mig_size" : mig_format("%u", r->request->max_size);
	const char *port = r->user_reply_port != NULL ? r->user_reply_port->name : "mig_reply_port";
	const char *timeout =
	    r->oneway && u->subsystem->abi != ABI_OSF ? "MACH_MSG_TIMEOUT_NONE" : user_timeout(r);

	if (u->side.kernel) {
		user_send_kernel(u);
		return;
	}
	if (r->oneway)
		buffer_printf(u->out,
		    "\tmig_result = mach_msg(&Mess.In.Head, %s%s, %s, 0,\n"
		    "\t    MACH_PORT_NULL, %s, MACH_PORT_NULL);\n",
		    user_options(u, "MACH_SEND_MSG"), user_timeout_options(u), size,
		    r->wait_time != NULL && u->subsystem->abi != ABI_OSF ? r->wait_time->name
									 : timeout);
	else if (options.rpc_separate)
		user_send_apart(u, size, port, timeout);
	else
		buffer_printf(u->out,
		    "\tmig_result = mach_msg(&Mess.In.Head, %s%s,\n"
		    "\t    %s, sizeof(Mess), %s, %s, MACH_PORT_NULL);\n",
		    user_options(u, "MACH_SEND_MSG | MACH_RCV_MSG"), user_timeout_options(u), size,
		    port, timeout);
}

/*
 * A send that was given up (timed out, interrupted) came back to us with
 * its rights: they are destroyed, or they would leak.
 */
static void
user_after_send(const struct user *u)
{
	struct buffer *out = u->out;
	const struct routine *r = u->routine;

	buffer_puts(out, "\tif (mig_result != MACH_MSG_SUCCESS) {\n");
	if (r->request->complex != NEVER && !u->side.kernel && u->subsystem->abi != ABI_OSF &&
	    (r->wait_time != NULL || r->msg_option != NULL || r->option_text != NULL))
		buffer_puts(out,
		    "\t\tif (mig_result == MACH_SEND_TIMED_OUT || mig_result == "
		    "MACH_SEND_INTERRUPTED)\n"
		    "\t\t\tmach_msg_destroy(&Mess.In.Head);\n");
	if (r->consume_on_send_error != NULL && strcmp(r->consume_on_send_error, "Any") == 0)
		buffer_puts(out,
		    "\t\t/* Not sent at all: what it carries is given up. */\n"
		    "\t\tif (((uint32_t)mig_result & 0xffffc000u) == 0x10000000u)\n"
		    "\t\t\tmach_msg_destroy(&Mess.In.Head);\n");
	else if (r->consume_on_send_error != NULL)
		buffer_puts(out,
		    "\t\tif (mig_result == MACH_SEND_TIMED_OUT)\n"
		    "\t\t\tmach_msg_destroy(&Mess.In.Head);\n");
	if (user_owns_reply_port(u))
		buffer_puts(out, "\t\tmig_dealloc_reply_port(mig_reply_port);\n");
	user_fail(u, "\t\t", "mig_result");
	buffer_puts(out, "\t}\n");
	if (user_owns_reply_port(u))
		buffer_puts(out, "\tmig_put_reply_port(mig_reply_port);\n");
}

static const char *
destroy_function(const struct user *u)
{
	return u->side.kernel ? "mach_msg_destroy_from_kernel" : "mach_msg_destroy";
}

static void
user_check_typed(const struct user *u)
{
	struct buffer *out = u->out;
	const struct message *m = u->routine->reply;

	buffer_puts(out,
	    "\t/* An error: nothing but its code. */\n"
	    "\tif (Out0P->Head.msgh_size == 48 &&\n"
	    "\t    (Out0P->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0 &&\n"
	    "\t    mig_word(&Out0P->RetCodeType) == UINT64_C(0x0000000120002002) &&\n"
	    "\t    Out0P->RetCode != KERN_SUCCESS)\n\t{\n");
	user_fail(u, "\t\t", "Out0P->RetCode");
	buffer_puts(out, "\t}\n");
	emit_check_shape(out, u->subsystem, m, "Out0P", "goto mig_reject;");
}

static void
user_reply_id(const struct user *u)
{
	struct buffer *out = u->out;
	const struct routine *r = u->routine;

	buffer_printf(out,
	    "\tif (Out0P->Head.msgh_id != %u) {\n"
	    "\t\t/* 71: the reply right died unused. */\n"
	    "\t\tmig_result = Out0P->Head.msgh_id == 71 ? MIG_SERVER_DIED : MIG_REPLY_MISMATCH;\n"
	    "\t\t%s(&Out0P->Head);\n",
	    r->reply_id, destroy_function(u));
	if (user_owns_reply_port(u))
		buffer_puts(out,
		    "\t\tif (mig_result == MIG_REPLY_MISMATCH)\n"
		    "\t\t\tmig_dealloc_reply_port(mig_reply_port);\n");
	user_fail(u, "\t\t", "mig_result");
	buffer_puts(out, "\t}\n");
}

/* Results that may not fit; when one does not, all the reply carries is freed. */
static void
user_take_some(const struct user *u, enum role role, const char *flag, const char *code)
{
	if (!reply_has(u->reply, role, u->subsystem))
		return;
	user_rows(u, u->reply, role);
	buffer_printf(u->out, "\tif (%s) {\n", flag);
	if (u->routine->reply->complex != NEVER)
		buffer_printf(u->out, "\t\t%s(&Out0P->Head);\n", destroy_function(u));
	user_fail(u, "\t\t", code);
	buffer_puts(u->out, "\t}\n");
}

static void
user_take(const struct user *u)
{
	struct buffer *out = u->out;
	const struct routine *r = u->routine;

	user_rows(u, u->reply, ROLE_CHECK);
	if (message_varies(r->reply))
		buffer_puts(out, "\tif (mig_left != 0)\n\t\tgoto mig_reject;\n");
	if (u->subsystem->abi != ABI_OSF) {
		buffer_puts(out,
		    "\tif (Out0P->RetCode != KERN_SUCCESS) {\n"
		    "\t\tmig_result = Out0P->RetCode;\n");
		if (r->reply->complex != NEVER)
			buffer_printf(out, "\t\t%s(&Out0P->Head);\n", destroy_function(u));
		user_fail(u, "\t\t", "mig_result");
		buffer_puts(out, "\t}\n");
	}
	user_take_some(u, ROLE_TAKE_ARRAY, "mig_too_large", "MIG_ARRAY_TOO_LARGE");
	user_take_some(u, ROLE_TAKE_MEMORY, "mig_no_memory", "MIG_ARRAY_TOO_LARGE");
	user_rows(u, u->reply, ROLE_TAKE);
	if (u->subsystem->abi == ABI_OSF)
		untyped_user_tokens(out, r);
}

static void
user_reply(const struct user *u)
{
	struct buffer *out = u->out;
	const struct routine *r = u->routine;

	user_reply_id(u);
	if (u->subsystem->abi == ABI_OSF)
		untyped_user_check(out, u->subsystem, r, "goto mig_reject;");
	else
		user_check_typed(u);
	if (u->subsystem->abi != ABI_OSF && plan_asks_complex(u->reply))
		buffer_puts(
		    out, "\tmig_complex = Out0P->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX;\n");
	user_take(u);
	if (r->kind == FUNCTION)
		buffer_puts(out, "\treturn mig_value;\n");
	else if (r->kind == PROCEDURE)
		buffer_puts(out, "\treturn;\n");
	else
		buffer_puts(out, "\treturn KERN_SUCCESS;\n");
	buffer_printf(out,
	    "\nmig_reject:\n\t/* Not a reply of this routine: what it carries is freed. */\n"
	    "\t%s(&Out0P->Head);\n",
	    destroy_function(u));
	user_fail(u, "\t", "MIG_TYPE_ERROR");
}

static void
user_body(const struct user *u)
{
	struct buffer *out = u->out;
	const struct routine *r = u->routine;

	emit_message_struct(out, r->request, &u->side);
	if (r->reply != NULL)
		emit_message_struct(out, r->reply, &u->side);
	emit_descriptors_if_typed(out, u->subsystem, r->request);
	user_locals(u);
	user_array_locals(u);
	if (r->reply != NULL && message_varies(r->reply))
		buffer_puts(out, "\tmach_msg_size_t mig_left;\n");
	if (u->subsystem->abi != ABI_OSF && r->reply != NULL && plan_asks_complex(u->reply) &&
	    r->request->complex != MAYBE)
		buffer_puts(out, "\tmach_msg_bits_t mig_complex;\n");
	if (user_owns_reply_port(u))
		buffer_puts(out, "\tmach_port_t mig_reply_port;\n");
	buffer_puts(out, "\n");
	if (r->kind == FUNCTION)
		buffer_puts(out, "\tmig_zero(&mig_value, sizeof(mig_value));\n");
	user_rows(u, u->request, ROLE_PRE);
	user_rows(u, u->request, ROLE_PACK);
	if (r->request->descriptor_count != 0)
		buffer_printf(out, "\tIn0P->msgh_body.msgh_descriptor_count = %u;\n",
		    r->request->descriptor_count);
	user_head(u);
	user_send(u);
	if (r->oneway && r->kind == SIMPLE_ROUTINE && r->request->complex == NEVER &&
	    r->consume_on_send_error == NULL) {
		buffer_puts(out, "\treturn mig_result;\n");
		return;
	}
	user_after_send(u);
	if (r->reply != NULL)
		user_reply(u);
	else if (r->kind == SIMPLE_ROUTINE)
		buffer_puts(out, "\treturn MACH_MSG_SUCCESS;\n");
}

/* Without a header each stub declares itself. */
static bool
header_is_made(void)
{
	return options.header_file != NULL && strcmp(options.header_file, "/dev/null") != 0;
}

static void
user_routine(struct subsystem *s, struct routine *r, struct buffer *out)
{
	struct user u = {
		.subsystem = s,
		.routine = r,
		.side = side_user(s),
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
	if (!header_is_made()) {
		buffer_printf(
		    out, "extern %s %s(\n", routine_return_type(r, &u.side), r->user_name);
		emit_parameters(out, r, &u.side);
		buffer_puts(out, ");\n\n");
	}
	buffer_printf(out, "mig_external %s\n%s(\n", routine_return_type(r, &u.side), r->user_name);
	emit_parameters(out, r, &u.side);
	buffer_puts(out, ")\n{\n");
	user_body(&u);
	buffer_puts(out, "}\n");
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* The header as the stub's #include finds it: by name when in the same folder. */
static const char *
header_as_included(const char *header, const char *from)
{
	size_t a = (size_t)(base_name(header) - header);
	size_t b = (size_t)(base_name(from) - from);

	return a == b && strncmp(header, from, a) == 0 ? base_name(header) : header;
}

static void
user_begin(struct subsystem *s, struct buffer *out)
{
	struct side side = side_user(s);

	emit_banner(s, out, "User stubs");
	emit_standard_includes(s, out, &side);
	emit_imports(s, out, true, false, false);
	if (header_is_made())
		buffer_printf(out, "#include \"%s\"\n",
		    header_as_included(
			options.header_file, options.user_file != NULL ? options.user_file : ""));
	emit_rcsid(s, out, "user");
	emit_preamble(s, out, &side);
	emit_error_procedures(s, out);
	if (side.kernel)
		buffer_puts(out,
		    "extern mach_msg_return_t mach_msg_send_from_kernel("
		    "mach_msg_header_t *, mach_msg_size_t);\n"
		    "extern mach_msg_return_t mach_msg_rpc_from_kernel("
		    "mach_msg_header_t *, mach_msg_size_t, mach_msg_size_t);\n"
		    "extern void mach_msg_destroy_from_kernel(mach_msg_header_t *);\n"
		    "extern kern_return_t mig_allocate(vm_address_t *, vm_size_t);\n");
}

void
emit_user(struct subsystem *s, struct buffer *out)
{
	user_begin(s, out);
	for (struct routine *r = s->routines; r != NULL; r = r->next)
		user_routine(s, r, out);
	if (options.fastpath && s->abi != ABI_OSF)
		emit_register_user(s, out);
}

void
emit_user_routine(struct subsystem *s, struct routine *r, struct buffer *out)
{
	user_begin(s, out);
	user_routine(s, r, out);
}
