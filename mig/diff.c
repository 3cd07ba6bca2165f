/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mig diff: what changes on the wire between two versions of an interface.
 * New routines and changes of C names are compatible; everything else that
 * a peer built from the other version would misread is listed.
 */
#include <string.h>

#include "mig.h"

struct comparison {
	FILE *out;
	unsigned changes;
};

static void __attribute__((format(printf, 2, 3)))
change(struct comparison *c, const char *format, ...)
{
	va_list args;

	c->changes++;
	va_start(args, format);
	vfprintf(c->out, format, args);
	va_end(args);
	fputc('\n', c->out);
}

static const char *
field_text(const struct field *f)
{
	return mig_format("%s%s/%u x%u%s%s%s", f->is_inline ? "" : "out of line ",
	    wire_text(f->receive_name), f->bits, f->number,
	    f->kind == FIELD_INDEFINITE ? " (indefinite)"
		: f->variable           ? " (variable)"
					: "",
	    f->longform ? " long" : "", f->dealloc != DEALLOC_NO ? " dealloc" : "");
}

static bool
field_same(const struct field *a, const struct field *b)
{
	return a->kind == b->kind && a->receive_name == b->receive_name && a->bits == b->bits &&
	    a->number == b->number && a->is_inline == b->is_inline && a->longform == b->longform &&
	    a->variable == b->variable;
}

static void
compare_message(
    struct comparison *c, const char *routine, const struct message *a, const struct message *b)
{
	const char *what = a->is_request ? "request" : "reply";
	const struct field *f = a->fields;
	const struct field *g = b->fields;

	for (; f != NULL && g != NULL; f = f->next, g = g->next)
		if (!field_same(f, g))
			change(c, "%s: %s field '%s' was %s, is now '%s', %s", routine, what,
			    f->name, field_text(f), g->name, field_text(g));
		else if (f->data_offset != g->data_offset)
			change(c, "%s: %s field '%s' moved from %u to %u", routine, what, f->name,
			    f->data_offset, g->data_offset);
	for (; f != NULL; f = f->next)
		change(c, "%s: %s field '%s' is gone", routine, what, f->name);
	for (; g != NULL; g = g->next)
		change(c, "%s: %s field '%s' is new", routine, what, g->name);
	if (a->min_size != b->min_size || a->max_size != b->max_size)
		change(c, "%s: %s size was %u..%u, is now %u..%u", routine, what, a->min_size,
		    a->max_size, b->min_size, b->max_size);
	if (a->complex != b->complex)
		change(c, "%s: %s may carry rights or memory: this changed", routine, what);
}

static void
compare_request_port(struct comparison *c, const struct routine *a, const struct routine *b)
{
	if (a->request_port->type->receive_name != b->request_port->type->receive_name)
		change(c, "%s: the request port was %s, is now %s", a->name,
		    wire_text(a->request_port->type->receive_name),
		    wire_text(b->request_port->type->receive_name));
}

static void
compare_routine(struct comparison *c, const struct routine *a, const struct routine *b)
{
	if (a->id != b->id)
		change(c, "%s: id moved from %u to %u", a->name, a->id, b->id);
	if (a->oneway != b->oneway)
		change(
		    c, "%s: %s", a->name, a->oneway ? "now has a reply" : "no longer has a reply");
	compare_request_port(c, a, b);
	compare_message(c, a->name, a->request, b->request);
	if (a->reply != NULL && b->reply != NULL)
		compare_message(c, a->name, a->reply, b->reply);
}

static const struct routine *
routine_find(const struct subsystem *s, const char *name)
{
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		if (strcmp(r->name, name) == 0)
			return r;
	return NULL;
}

static const struct routine *
routine_with_id(const struct subsystem *s, uint32_t id)
{
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		if (r->id == id)
			return r;
	return NULL;
}

unsigned
diff_subsystems(const struct subsystem *older, const struct subsystem *newer, FILE *out)
{
	struct comparison c = { .out = out };

	if (older->abi != newer->abi)
		change(&c, "subsystem: the wire dialect changed");
	if (older->base != newer->base)
		change(&c, "subsystem: base moved from %u to %u", older->base, newer->base);
	for (const struct routine *r = older->routines; r != NULL; r = r->next) {
		const struct routine *other = routine_find(newer, r->name);
		const struct routine *renamed = routine_with_id(newer, r->id);

		if (other != NULL)
			compare_routine(&c, r, other);
		else if (renamed != NULL && routine_find(older, renamed->name) == NULL)
			compare_routine(&c, r, renamed);
		else
			change(&c, "%s: gone (id %u)", r->name, r->id);
	}
	if (c.changes != 0)
		fprintf(out, "%u incompatible change%s\n", c.changes, c.changes == 1 ? "" : "s");
	return c.changes;
}
