/* SPDX-License-Identifier: BSD-2-Clause */
/* --doc: every message of a subsystem as an offset table, in Markdown. */
#include "mig.h"

static const char *
offset_text(uint32_t offset, unsigned part)
{
	return mig_format("%u%s", offset, part > 0 ? "+" : "");
}

static const char *
wire_of(const struct field *f)
{
	const char *name = f->send_name == f->receive_name
	    ? wire_text(f->send_name)
	    : mig_format("%s, received as %s", wire_text(f->send_name), wire_text(f->receive_name));
	const char *count = f->kind == FIELD_INDEFINITE
	    ? mig_format(", n elements, inline up to %u, else out of line", f->number)
	    : f->variable ? mig_format(", n elements, at most %u", f->number)
	    : f->kind == FIELD_OUT_OF_LINE && type_is_variable(f->type) ? ", n elements"
	    : f->number != 1 ? mig_format(" x %u", f->number)
			     : "";

	if (f->kind == FIELD_NDR)
		return "NDR record";
	return mig_format("%s, %u bits%s%s%s%s", name, f->bits, count,
	    f->kind == FIELD_OUT_OF_LINE ? ", out of line" : "", f->longform ? ", long form" : "",
	    f->dealloc == DEALLOC_YES         ? ", dealloc"
		: f->dealloc == DEALLOC_MAYBE ? ", dealloc chosen by the sender"
					      : "");
}

static void
doc_message(const struct message *m, struct buffer *out, bool typed)
{
	static const char *const complex[] = {
		[NEVER] = "simple",
		[ALWAYS] = "complex",
		[MAYBE] = "simple or complex",
	};

	buffer_printf(out, "\n%s: id %u, ", m->is_request ? "Request" : "Reply", m->id);
	if (m->min_size == m->max_size)
		buffer_printf(out, "%u bytes", m->min_size);
	else
		buffer_printf(out, "%u to %u bytes", m->min_size, m->max_size);
	buffer_printf(out, ", %s.\n\n", complex[m->complex]);
	buffer_printf(out,
	    "| Offset | Bytes | Field | Wire |\n|---|---|---|---|\n| 0 | %u | header | |\n",
	    typed ? 32 : 24);
	for (const struct field *f = m->fields; f != NULL; f = f->next) {
		if (f->has_descriptor && typed)
			buffer_printf(out, "| %s | 8 | descriptor of `%s` | 0x%016llx |\n",
			    offset_text(f->descriptor_offset, f->part), f->name,
			    (unsigned long long)field_descriptor(f, false));
		buffer_printf(out, "| %s | %s%u | `%s` | %s |\n",
		    offset_text(f->data_offset, f->part), f->variable ? "up to " : "", f->room,
		    f->name, wire_of(f));
	}
}

static void
doc_routine(const struct routine *r, struct buffer *out, bool typed)
{
	buffer_printf(
	    out, "\n## %u %s\n\n`%s %s(", r->id, r->name, routine_kind_text(r->kind), r->name);
	for (const struct argument *a = r->arguments; a != NULL; a = a->next)
		buffer_printf(out, "%s%s %s: %s", a == r->arguments ? "" : "; ",
		    direction_text(a->direction), a->name, a->type->name);
	buffer_puts(out, ")`\n");
	doc_message(r->request, out, typed);
	if (r->reply != NULL)
		doc_message(r->reply, out, typed);
	else
		buffer_puts(out, "\nNo reply.\n");
}

void
emit_doc(struct subsystem *s, struct buffer *out)
{
	bool typed = s->abi != ABI_OSF;

	buffer_printf(out, "# Subsystem %s\n\n", s->name);
	buffer_printf(out, "Base %u, %u routines, %s messages. The largest reply has %u bytes.\n",
	    s->base, s->routine_count, typed ? "typed 64-bit" : "untyped", s->reply_max);
	buffer_puts(out, "An offset with a plus is shifted by the variable data before it");
	buffer_puts(out, typed ? ", rounded up to 8.\n" : ", rounded up to 4.\n");
	if (typed)
		buffer_puts(out,
		    "An error reply is 48 bytes: header, descriptor 0x0000000120002002 at 32, "
		    "code at 40.\n");
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		doc_routine(r, out, typed);
}
