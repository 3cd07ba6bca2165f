/* SPDX-License-Identifier: BSD-2-Clause */
/* Headers and the routine list. */
#include <ctype.h>
#include <string.h>

#include "emit.h"

static const char *
guard_name(const struct subsystem *s, const char *kind)
{
	return mig_format("_%s_%s_", s->name, kind);
}

static void
header_begin(struct subsystem *s, struct buffer *out, const char *kind, const char *what,
    const struct side *side)
{
	const char *guard = guard_name(s, kind);

	emit_banner(s, out, what);
	buffer_printf(out, "#ifndef %s\n#define %s\n\n", guard, guard);
	buffer_puts(out,
	    "#include <stdint.h>\n\n#include <mach/boolean.h>\n"
	    "#include <mach/kern_return.h>\n#include <mach/message.h>\n"
	    "#include <mach/mig_errors.h>\n#include <mach/port.h>\n#include <mach/std_types.h>\n");
	if (s->abi == ABI_OSF)
		buffer_puts(out, "#include <mach/mig.h>\n#include <mach/ndr.h>\n");
	emit_imports(s, out, !side->server, side->server, true);
	buffer_puts(out, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
}

static void
header_end(struct buffer *out)
{
	buffer_puts(out, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

static void
header_ids(struct subsystem *s, struct buffer *out)
{
	buffer_puts(out, "\n");
	for (const struct routine *r = s->routines; r != NULL; r = r->next) {
		buffer_printf(out, "#define MIG_RPC_HAVE_%s 1\n#define MIG_RPC_REQUEST_ID_%s %u\n",
		    r->name, r->name, r->id);
		if (!r->oneway)
			buffer_printf(
			    out, "#define MIG_RPC_REPLY_ID_%s %u\n", r->name, r->reply_id);
	}
}

static void
header_routine(const struct routine *r, struct buffer *out, const struct side *side)
{
	buffer_printf(out, "\n/* %s %s, id %u */\nextern %s %s(\n", routine_kind_text(r->kind),
	    r->name, r->id, routine_return_type(r, side),
	    side->server ? r->server_name : r->user_name);
	emit_parameters(out, r, side);
	buffer_puts(out, ");\n");
}

static void
header_map(struct subsystem *s, struct buffer *out)
{
	const char *separator = "";

	if (s->abi != ABI_OSF)
		return;
	buffer_printf(out,
	    "\n#ifndef %s_MSG_COUNT\n#define %s_MSG_COUNT %u\n#endif\n"
	    "\n#define subsystem_to_name_map_%s",
	    s->name, s->name, s->id_count, s->name);
	for (const struct routine *r = s->routines; r != NULL; r = r->next) {
		buffer_printf(out, "%s \\\n\t{ \"%s\", %u }", separator, r->name, r->id);
		separator = ",";
	}
	buffer_puts(out, "\n");
}

void
emit_user_header(struct subsystem *s, struct buffer *out)
{
	struct side side = side_user(s);

	header_begin(s, out, "user", "User interface", &side);
	header_ids(s, out);
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		header_routine(r, out, &side);
	if (options.fastpath && s->abi != ABI_OSF)
		emit_register_user_header(s, out);
	if (s->abi == ABI_OSF)
		untyped_header_types(s, out);
	header_map(s, out);
	header_end(out);
}

void
emit_server_header(struct subsystem *s, struct buffer *out)
{
	struct side side = side_server(s);
	const char *prefix = options.prefix != NULL ? options.prefix : "";

	header_begin(s, out, "server", "Server interface", &side);
	header_ids(s, out);
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		header_routine(r, out, &side);
	buffer_printf(out,
	    "\nextern boolean_t %s(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP);\n"
	    "extern mig_routine_t %s%s_server_routine(%smach_msg_header_t *InHeadP);\n",
	    s->server_demux, prefix, s->name, s->abi == ABI_OSF ? "" : "const ");
	if (s->abi == ABI_OSF) {
		untyped_header_types(s, out);
		untyped_table_struct(s, out);
	}
	if (s->abi != ABI_OSF)
		buffer_printf(out,
		    "extern const mig_routine_t %s%s_server_routines[%u];\n"
		    "#define %s_server_base %u\n#define %s_server_count %u\n"
		    "#define %s_server_reply_max %u\n",
		    prefix, s->name, s->id_count != 0 ? s->id_count : 1, s->name, s->base, s->name,
		    s->id_count, s->name, s->reply_max);
	if (options.fastpath && s->abi != ABI_OSF)
		emit_register_server_header(s, out);
	header_map(s, out);
	header_end(out);
}

/* Renames for a kernel that is server and user of one interface. */
void
emit_internal_header(struct subsystem *s, struct buffer *out)
{
	const char *guard = guard_name(s, "internal");

	emit_banner(s, out, "Internal names");
	buffer_printf(out, "#ifndef %s\n#define %s\n\n", guard, guard);
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		buffer_printf(out, "#define %s %s_external\n", r->user_name, r->user_name);
	buffer_puts(out, "\n#endif\n");
}

void
emit_defines_header(struct subsystem *s, struct buffer *out)
{
	const char *guard = guard_name(s, "defines");

	emit_banner(s, out, "Message ids");
	buffer_printf(out, "#ifndef %s\n#define %s\n\n", guard, guard);
	emit_imports(s, out, true, true, true);
	header_ids(s, out);
	buffer_puts(out, "\n#endif\n");
}

void
emit_list(struct subsystem *s, struct buffer *out)
{
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		buffer_printf(out, "%s %u %s %u %u %u\n", s->name, s->base, r->name, r->index,
		    r->id, r->reply_id);
}
