/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --dump=json: the whole interface for programs that write bindings.  The
 * form is described in docs/mig-json.md; "format" changes with it.
 */
#include <string.h>

#include "emit.h"

#define FORMAT 1

static void
json_string(struct buffer *out, const char *text)
{
	buffer_puts(out, "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buffer_append(out, "\\", 1);
		if ((unsigned char)*text < 32)
			buffer_printf(out, "\\u%04x", (unsigned char)*text);
		else
			buffer_append(out, text, 1);
	}
	buffer_puts(out, "\"");
}

static void
json_member(struct buffer *out, const char *name, const char *text)
{
	buffer_printf(out, ", \"%s\": ", name);
	if (text != NULL)
		json_string(out, text);
	else
		buffer_puts(out, "null");
}

static void
json_flag(struct buffer *out, const char *name, bool value)
{
	buffer_printf(out, ", \"%s\": %s", name, value ? "true" : "false");
}

static const char *
dealloc_text(enum dealloc dealloc)
{
	return dealloc == DEALLOC_YES ? "yes" : dealloc == DEALLOC_MAYBE ? "run time" : "no";
}

static const char *
presence_text(enum presence presence)
{
	return presence == ALWAYS ? "yes" : presence == MAYBE ? "run time" : "no";
}

static void json_type(const struct type *t, struct buffer *out);

static void
json_element(const struct type *t, struct buffer *out)
{
	buffer_puts(out, ", \"element\": ");
	if (t->element != NULL)
		json_type(t->element, out);
	else
		buffer_puts(out, "null");
}

static void
json_type(const struct type *t, struct buffer *out)
{
	buffer_puts(out, "{ \"name\": ");
	if (t->name != NULL)
		json_string(out, t->name);
	else
		buffer_puts(out, "null");
	json_member(out, "form", form_text(t->form));
	json_member(out, "send", wire_text(t->send_name));
	json_member(out, "receive", wire_text(t->receive_name));
	buffer_printf(out, ", \"bits\": %u, \"number\": %u, \"alignment\": %u", t->size, t->number,
	    t->alignment);
	json_flag(out, "bounded", !type_is_variable(t) || type_data(t)->bounded);
	json_member(out, "dealloc", dealloc_text(t->dealloc));
	buffer_printf(out, ", \"count\": %u", t->count);
	json_element(t, out);
	json_member(out, "user_type", t->user_type);
	json_member(out, "server_type", t->server_type);
	json_member(out, "translated_type", t->trans_type);
	json_member(out, "intran", t->intran);
	json_member(out, "intranpayload", t->intran_payload);
	json_member(out, "outtran", t->outtran);
	json_member(out, "destructor", t->destructor);
	buffer_puts(out, " }");
}

static void
json_field(const struct field *f, struct buffer *out)
{
	static const char *const kinds[] = {
		[FIELD_RETCODE] = "retcode",
		[FIELD_VALUE] = "value",
		[FIELD_STRING] = "string",
		[FIELD_VSTRING] = "variable string",
		[FIELD_VARRAY] = "variable array",
		[FIELD_INDEFINITE] = "indefinite array",
		[FIELD_OUT_OF_LINE] = "out of line",
		[FIELD_COUNT] = "room",
		[FIELD_NDR] = "ndr",
		[FIELD_OOL_COUNT] = "out-of-line count",
	};

	buffer_puts(out, "          { \"name\": ");
	json_string(out, f->name);
	json_member(out, "kind", kinds[f->kind]);
	json_member(out, "argument", f->argument != NULL ? f->argument->name : NULL);
	if (f->has_descriptor)
		buffer_printf(out, ", \"descriptor\": %u", f->descriptor_offset);
	else
		buffer_puts(out, ", \"descriptor\": null");
	buffer_printf(out, ", \"offset\": %u, \"max_offset\": %u, \"bytes\": %u, \"room\": %u",
	    f->data_offset, f->max_offset, f->bytes, f->room);
	buffer_printf(out, ", \"part\": %u", f->part);
	json_flag(out, "moves", f->part > 0);
	json_member(out, "send", wire_text(f->send_name));
	json_member(out, "receive", wire_text(f->receive_name));
	buffer_printf(out, ", \"bits\": %u, \"number\": %u", f->bits, f->number);
	json_flag(out, "variable", f->variable);
	json_flag(out, "inline", f->is_inline);
	json_flag(out, "longform", f->longform);
	json_member(out, "dealloc", dealloc_text(f->dealloc));
	buffer_puts(out, " }");
}

static void
json_message(const struct message *m, struct buffer *out)
{
	const char *separator = "";

	if (m == NULL) {
		buffer_puts(out, "null");
		return;
	}
	buffer_printf(out, "{ \"id\": %u, \"min_size\": %u, \"max_size\": %u", m->id, m->min_size,
	    m->max_size);
	json_member(out, "complex", presence_text(m->complex));
	buffer_printf(out, ", \"descriptors\": %u,\n        \"fields\": [", m->descriptor_count);
	for (const struct field *f = m->fields; f != NULL; f = f->next) {
		buffer_printf(out, "%s\n", separator);
		json_field(f, out);
		separator = ",";
	}
	buffer_puts(out, "] }");
}

static void
json_argument(const struct argument *a, struct buffer *out)
{
	buffer_puts(out, "        { \"name\": ");
	json_string(out, a->name);
	json_member(out, "direction", direction_text(a->direction));
	json_member(out, "type", a->type->name);
	json_flag(out, "request", a->in_request);
	json_flag(out, "reply", a->in_reply);
	json_flag(out, "user", a->user_sees);
	json_flag(out, "server", a->server_sees);
	json_flag(out, "count", type_is_variable(a->type) && a->same_count == NULL);
	json_member(out, "same_count", a->same_count != NULL ? a->same_count->name : NULL);
	json_flag(out, "countinout", a->countinout);
	json_flag(out, "servercopy", a->servercopy);
	json_flag(out, "auto", (a->flags & FLAG_AUTO) != 0);
	json_member(out, "dealloc", dealloc_text(a->dealloc));
	buffer_puts(out, " }");
}

/* C parameter lists of the two functions. */
static void
json_parameters(const struct routine *r, const struct subsystem *s, struct buffer *out)
{
	struct side sides[2] = { side_user(s), side_server(s) };

	for (int i = 0; i < 2; i++) {
		struct buffer text = { 0 };
		char *write;

		emit_parameters(&text, r, &sides[i]);
		write = text.data;
		for (const char *p = text.data; *p != '\0'; p++)
			if (*p != '\t')
				*write++ = *p == '\n' ? ' ' : *p;
		*write = '\0';
		json_member(out, i == 0 ? "user_parameters" : "server_parameters", text.data);
		json_member(out, i == 0 ? "user_result" : "server_result",
		    routine_return_type(r, &sides[i]));
		buffer_destroy(&text);
	}
}

static void
json_routine(const struct subsystem *s, const struct routine *r, struct buffer *out)
{
	const char *separator = "";

	buffer_puts(out, "    { \"name\": ");
	json_string(out, r->name);
	json_member(out, "kind", routine_kind_text(r->kind));
	json_member(out, "user_function", r->user_name);
	json_member(out, "server_function", r->server_name);
	buffer_printf(out, ", \"id\": %u, \"reply_id\": ", r->id);
	if (r->oneway)
		buffer_puts(out, "null");
	else
		buffer_printf(out, "%u", r->reply_id);
	json_parameters(r, s, out);
	json_member(out, "error",
	    r->kind == PROCEDURE || r->kind == SIMPLE_PROCEDURE || r->kind == FUNCTION
		? r->error_name
		: NULL);
	json_member(out, "waittime", r->wait_time_text);
	json_member(out, "msgoption", r->option_text);
	buffer_puts(out, ",\n      \"arguments\": [");
	for (const struct argument *a = r->arguments; a != NULL; a = a->next) {
		buffer_printf(out, "%s\n", separator);
		json_argument(a, out);
		separator = ",";
	}
	buffer_puts(out, "],\n      \"request\": ");
	json_message(r->request, out);
	buffer_puts(out, ",\n      \"reply\": ");
	json_message(r->reply, out);
	buffer_puts(out, " }");
}

void
dump_json(const struct subsystem *s, struct buffer *out)
{
	const char *separator = "";

	buffer_printf(out, "{ \"format\": %d, \"subsystem\": ", FORMAT);
	json_string(out, s->name);
	buffer_printf(out, ", \"base\": %u, \"ids\": %u, \"abi\": \"%s\"", s->base, s->id_count,
	    s->abi == ABI_OSF ? "osf" : "typed64");
	json_flag(out, "kernel_user", s->kernel_user);
	json_flag(out, "kernel_server", s->kernel_server);
	json_member(out, "demux", s->server_demux);
	buffer_printf(out, ", \"max_reply\": %u,\n  \"types\": [", s->reply_max);
	for (size_t i = 0; i < s->type_count; i++) {
		buffer_printf(out, "%s\n    ", separator);
		json_type(s->types[i], out);
		separator = ",";
	}
	buffer_puts(out, "],\n  \"routines\": [");
	separator = "";
	for (const struct routine *r = s->routines; r != NULL; r = r->next) {
		buffer_printf(out, "%s\n", separator);
		json_routine(s, r, out);
		separator = ",";
	}
	buffer_puts(out, "] }\n");
}
