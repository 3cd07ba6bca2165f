/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Meaning of statements, routines and arguments: directions, dispositions,
 * numbers.  Every complaint about what the user wrote is made here, in
 * sema_type.c or by the parser.
 */
#include <string.h>

#include "sema.h"

#define REPLY_DISTANCE 100

/* ---- arguments ------------------------------------------------------------ */

static const char *const c_keywords[] = {
	"auto",
	"break",
	"case",
	"char",
	"const",
	"continue",
	"default",
	"do",
	"double",
	"else",
	"enum",
	"extern",
	"float",
	"for",
	"goto",
	"if",
	"inline",
	"int",
	"long",
	"register",
	"restrict",
	"return",
	"short",
	"signed",
	"sizeof",
	"static",
	"struct",
	"switch",
	"typedef",
	"union",
	"unsigned",
	"void",
	"volatile",
	"while",
	"_Bool",
	"_Static_assert",
	/* names the stubs use themselves */
	"In0P",
	"Out0P",
	"InHeadP",
	"OutHeadP",
	"Mess",
	"Request",
	"Reply",
};

static void
argument_name_check(const struct ast_argument *ast)
{
	for (size_t i = 0; i < sizeof(c_keywords) / sizeof(c_keywords[0]); i++)
		if (strcmp(ast->name.text, c_keywords[i]) == 0)
			diag_error(ast->name.place, "'%s' cannot be the name of a C parameter",
			    ast->name.text);
	if (strncmp(ast->name.text, "mig_", 4) == 0)
		diag_error(ast->name.place, "names that begin with 'mig_' belong to the stubs");
}

/* What follows from a direction alone. */
static const struct direction_row {
	bool in_request;
	bool in_reply;
	bool user;
	bool server;
	bool osf; /* not in the typed dialect */
} direction_rows[] = {
	[DIR_IN] = { true, false, true, true, false },
	[DIR_OUT] = { false, true, true, true, false },
	[DIR_INOUT] = { true, true, true, true, false },
	[DIR_REQUEST_PORT] = { .user = true, .server = true },
	[DIR_REPLY_PORT] = { .user = true, .server = true },
	[DIR_UREPLY_PORT] = { .user = true },
	[DIR_SREPLY_PORT] = { .server = true },
	[DIR_WAIT_TIME] = { .user = true },
	[DIR_SEND_TIME] = { .user = true, .osf = true },
	[DIR_MSG_OPTION] = { .user = true },
	[DIR_MSG_TYPE] = { .user = true },
	[DIR_MSG_SEQNO] = { .server = true },
	[DIR_SEC_TOKEN] = { .user = true, .server = true, .osf = true },
	[DIR_SERVER_SEC_TOKEN] = { .server = true, .osf = true },
	[DIR_USER_SEC_TOKEN] = { .user = true, .osf = true },
	[DIR_AUDIT_TOKEN] = { .user = true, .server = true, .osf = true },
	[DIR_SERVER_AUDIT_TOKEN] = { .server = true, .osf = true },
	[DIR_USER_AUDIT_TOKEN] = { .user = true, .osf = true },
	[DIR_SERVER_CONTEXT_TOKEN] = { .server = true, .osf = true },
	[DIR_SERVER_IMPL] = { .server = true, .osf = true },
	[DIR_USER_IMPL] = { .user = true, .osf = true },
};

static bool
argument_inline_variable(const struct argument *a)
{
	return !type_is_out_of_line(a->type) &&
	    (type_is_variable(a->type) || a->type->form == FORM_VSTRING);
}

static void
flag_meaningless(const struct ast_flag *flag, const char *what, const char *where)
{
	diag_warning(flag->place, "%s has a meaning only for %s; it is ignored", what, where);
}

static void
flag_dealloc(struct argument *a, const struct ast_flag *flag)
{
	enum form form = a->type->form;

	if (form != FORM_POINTER && form != FORM_INDEFINITE)
		flag_meaningless(flag, "dealloc", "out-of-line data");
	else
		a->dealloc = flag->flag == FLAG_DEALLOC ? DEALLOC_YES
		    : flag->flag == FLAG_DEALLOC_MAYBE  ? DEALLOC_MAYBE
							: DEALLOC_NO;
}

static void
flag_same_count(struct argument *a, struct argument *previous, const struct ast_flag *flag)
{
	if (!type_is_variable(a->type) || previous == NULL || !type_is_variable(previous->type) ||
	    previous->direction != a->direction) {
		diag_error(flag->place,
		    "SameCount needs a variable array of the same direction before it");
		return;
	}
	a->same_count = previous->same_count != NULL ? previous->same_count : previous;
}

static void
flag_count_inout(struct argument *a, const struct ast_flag *flag)
{
	if (!a->in_reply || a->in_request || type_is_out_of_line(a->type) ||
	    !type_is_variable(a->type))
		flag_meaningless(flag, "CountInOut", "an out array of variable length, inline");
	else
		a->countinout = true;
}

static void
flag_apply(
    struct sema *sema, struct argument *a, struct argument *previous, const struct ast_flag *flag)
{
	static const unsigned memory_only = FLAG_PHYSICALCOPY | FLAG_OVERWRITE | FLAG_AUTO;

	if ((flag->flag & memory_only) != 0) {
		if (flag->flag == FLAG_PHYSICALCOPY && sema->subsystem->abi != ABI_OSF)
			diag_warning(flag->place,
			    "this flag exists in the untyped dialect only (--abi=osf); it is "
			    "ignored");
		else if (!type_is_out_of_line(a->type))
			flag_meaningless(flag, "this flag", "out-of-line data");
		else if (flag->flag == FLAG_AUTO && (!a->in_request || a->in_reply))
			flag_meaningless(flag, "auto", "an in argument");
	}
	a->flags |= flag->flag;
	switch (flag->flag) {
	case FLAG_ISLONG:
		a->islong = true;
		break;
	case FLAG_ISNOTLONG:
		a->islong = false;
		break;
	case FLAG_DEALLOC:
	case FLAG_NOTDEALLOC:
	case FLAG_DEALLOC_MAYBE:
		flag_dealloc(a, flag);
		break;
	case FLAG_SERVERCOPY:
		if (!a->in_request || a->type->form != FORM_INDEFINITE)
			flag_meaningless(flag, "ServerCopy", "an in array[]");
		else
			a->servercopy = true;
		break;
	case FLAG_COUNTINOUT:
		flag_count_inout(a, flag);
		break;
	case FLAG_SAMECOUNT:
		flag_same_count(a, previous, flag);
		break;
	case FLAG_OVERWRITE:
		/* Ignored it would leak: the caller expects to find the data in its own memory. */
		diag_error(flag->place,
		    "Overwrite is not supported: results are received into new memory");
		diag_help("leave it out, and copy or use the memory that the result points to");
		break;
	case FLAG_CONST:
		a->is_const = true;
		break;
	case FLAG_RETCODE:
		if (!a->in_request || a->type->size != 32 || a->type->number != 1)
			flag_meaningless(flag, "retcode", "an in argument of 32 bits");
		break;
	default:
		break;
	}
}

static void
argument_flags(
    struct sema *sema, struct argument *a, struct argument *previous, const struct ast_flag *flags)
{
	a->dealloc = a->type->dealloc;
	a->islong = a->type->islong;
	for (const struct ast_flag *flag = flags; flag != NULL; flag = flag->next) {
		if ((a->flags & flag->flag) != 0) {
			diag_warning(flag->place, "the flag is given twice");
			continue;
		}
		flag_apply(sema, a, previous, flag);
	}
	if (a->type->form != FORM_POINTER && a->type->form != FORM_INDEFINITE)
		a->dealloc = DEALLOC_NO;
}

static void
argument_port_check(const struct argument *a)
{
	static const char *const what[] = {
		[DIR_REQUEST_PORT] = "request",
		[DIR_REPLY_PORT] = "reply",
		[DIR_UREPLY_PORT] = "reply",
		[DIR_SREPLY_PORT] = "reply",
	};
	const struct type *t = a->type;

	if (t->form != FORM_SCALAR || !type_is_port(t))
		diag_error(a->place, "the %s port '%s' must be a single port right",
		    what[a->direction], a->name);
	else if (t->send_name == WIRE_MOVE_RECEIVE)
		diag_error(a->place, "the %s port '%s' must be a send or send-once right",
		    what[a->direction], a->name);
}

static void
argument_word_check(const struct argument *a)
{
	if (a->type->form != FORM_SCALAR || a->type->size != 32 || type_is_port(a->type))
		diag_error(a->place, "'%s' must be a 32-bit integer: it is a %s", a->name,
		    direction_text(a->direction));
}

static void
argument_check(struct sema *sema, struct routine *r, struct argument *a)
{
	switch (a->direction) {
	case DIR_REQUEST_PORT:
	case DIR_REPLY_PORT:
	case DIR_UREPLY_PORT:
	case DIR_SREPLY_PORT:
		argument_port_check(a);
		break;
	case DIR_WAIT_TIME:
	case DIR_SEND_TIME:
	case DIR_MSG_OPTION:
	case DIR_MSG_TYPE:
	case DIR_MSG_SEQNO:
		argument_word_check(a);
		break;
	default:
		break;
	}
	if (direction_rows[a->direction].osf && sema->subsystem->abi == ABI_TYPED) {
		diag_error(a->place, "'%s' is not supported by the typed dialect",
		    direction_text(a->direction));
		diag_help("it needs the message trailer of the untyped one: --abi=osf");
	}
	if ((a->direction == DIR_SERVER_IMPL || a->direction == DIR_USER_IMPL) &&
	    sema->subsystem->abi == ABI_OSF)
		diag_error(a->place,
		    "'%s' is not supported: the meaning of its trailer data is not known",
		    direction_text(a->direction));
	if (r->oneway && a->in_reply) {
		diag_error(a->place, "a %s has no reply, so '%s' cannot be %s",
		    routine_kind_text(r->kind), a->name, direction_text(a->direction));
		diag_help("make it a routine");
	}
	if (sema->subsystem->abi == ABI_OSF && type_is_port(a->type) &&
	    a->type->form == FORM_VARRAY) {
		diag_error(a->place,
		    "'%s', a variable number of rights inline, is not supported by the"
		    " untyped dialect",
		    a->name);
		diag_help(
		    "each right has a descriptor there; send them out of line: ^array[*:n] of ...");
	}
	if (a->direction == DIR_INOUT && argument_inline_variable(a)) {
		diag_error(a->place,
		    "'%s' cannot be inout: it is an inline array of variable length", a->name);
		diag_help("split it into an in and an out argument");
	}
}

static void
argument_ownership_warn(const struct routine *r, const struct argument *a)
{
	if (!diag.ownership)
		return;
	if (a->type->form == FORM_INDEFINITE && a->dealloc != DEALLOC_NO && a->in_request)
		diag_warning(a->place,
		    "'%s' is given away only when it is sent out of line [-Wownership]:"
		    " up to 2048 bytes travel inline and stay the caller's",
		    a->name);
	if (a->type->form == FORM_INDEFINITE && a->in_request && !a->servercopy)
		diag_warning(a->place,
		    "'%s' is freed by the stub when it came out of line [-Wownership]:"
		    " the server function may not keep it",
		    a->name);
	if (a->type->form == FORM_POINTER && a->in_reply && a->dealloc == DEALLOC_NO)
		diag_warning(a->place,
		    "out-of-line result '%s' is not 'dealloc' [-Wownership]:"
		    " what the server function allocates for it leaks",
		    a->name);
	if (type_is_port(a->type) && a->in_request && a->type->destructor == NULL &&
	    a->type->intran != NULL && !r->oneway)
		diag_warning(a->place,
		    "'%s' is translated but has no destructor [-Wownership]:"
		    " a reference taken by '%s' leaks",
		    a->name, a->type->intran);
	if (a->direction == DIR_INOUT && type_is_port(a->type) &&
	    a->type->send_name == WIRE_MOVE_SEND)
		diag_warning(a->place,
		    "inout right '%s' is moved both ways [-Wownership]:"
		    " after a failure nobody knows who holds it",
		    a->name);
}

static struct type *
argument_type(struct sema *sema, const struct ast_argument *ast)
{
	struct type *type;

	if (ast->type == NULL)
		return sema_type_lookup(sema, &ast->type_name);
	type = sema_type_define(sema, ast->type, &ast->type_name);
	if (type != NULL)
		sema_type_list(sema, type);
	return type;
}

static struct argument *
argument_create(
    struct sema *sema, struct routine *r, const struct ast_argument *ast, struct argument *previous)
{
	struct type *type = argument_type(sema, ast);
	struct argument *a;
	const struct direction_row *row;

	argument_name_check(ast);
	if (type == NULL)
		return NULL;
	a = mig_alloc(sizeof(*a));
	a->name = ast->name.text;
	a->place = ast->name.place;
	a->direction = ast->direction != DIR_NONE      ? ast->direction
	    : previous == NULL && r->arguments == NULL ? DIR_REQUEST_PORT
						       : DIR_IN;
	a->type = type;
	a->routine = r;
	row = &direction_rows[a->direction];
	a->in_request = row->in_request;
	a->in_reply = row->in_reply;
	a->user_sees = row->user;
	a->server_sees = row->server;
	argument_flags(sema, a, previous, ast->flags);
	argument_check(sema, r, a);
	argument_ownership_warn(r, a);
	return a;
}

/* ---- routines ----------------------------------------------------------------- */

static void
role_set(struct argument **slot, struct argument *a, const char *what)
{
	if (*slot != NULL) {
		diag_warning(a->place, "a second %s; it replaces '%s'", what, (*slot)->name);
		diag_note((*slot)->place, "the first one is here");
	}
	*slot = a;
}

static void
argument_role(struct routine *r, struct argument *a)
{
	switch (a->direction) {
	case DIR_REQUEST_PORT:
		role_set(&r->request_port, a, "request port");
		break;
	case DIR_REPLY_PORT:
		role_set(&r->user_reply_port, a, "reply port");
		role_set(&r->server_reply_port, a, "reply port");
		break;
	case DIR_UREPLY_PORT:
		role_set(&r->user_reply_port, a, "user reply port");
		break;
	case DIR_SREPLY_PORT:
		role_set(&r->server_reply_port, a, "server reply port");
		break;
	case DIR_WAIT_TIME:
		role_set(&r->wait_time, a, "waittime");
		break;
	case DIR_SEND_TIME:
		role_set(&r->send_time, a, "sendtime");
		break;
	case DIR_MSG_OPTION:
		role_set(&r->msg_option, a, "msgoption");
		break;
	case DIR_MSG_SEQNO:
		role_set(&r->msg_seqno, a, "msgseqno");
		break;
	default:
		break;
	}
}

/* Argument names, with the parameters that the compiler adds (dataCnt). */
static void
argument_names_check(const struct routine *r)
{
	static const char *const suffixes[] = { "Cnt", "Poly", "Dealloc", "SCopy" };

	for (const struct argument *a = r->arguments; a != NULL; a = a->next) {
		for (const struct argument *b = r->arguments; b != a; b = b->next)
			if (strcmp(a->name, b->name) == 0) {
				diag_error(a->place, "duplicate argument '%s'", a->name);
				diag_note(b->place, "the first one is here");
				break;
			}
		for (const struct argument *b = r->arguments; b != NULL; b = b->next) {
			size_t n = strlen(b->name);

			if (b == a || strncmp(a->name, b->name, n) != 0)
				continue;
			for (size_t i = 0; i < 4; i++)
				if (strcmp(a->name + n, suffixes[i]) == 0 &&
				    type_is_variable(b->type)) {
					diag_error(a->place,
					    "'%s' is also the name of a parameter"
					    " made for '%s'",
					    a->name, b->name);
					diag_note(b->place, "'%s' is declared here", b->name);
				}
		}
	}
}

static void
routine_arguments(struct sema *sema, struct routine *r, const struct ast_argument *first)
{
	struct argument **end = &r->arguments;
	struct argument *previous = NULL;
	unsigned count = 0;

	for (const struct ast_argument *ast = first; ast != NULL; ast = ast->next) {
		struct ast_argument copy = *ast;
		struct argument *a;

		if (copy.direction == DIR_NONE)
			copy.direction = count == 0 ? DIR_REQUEST_PORT : DIR_IN;
		count++;
		if (ast->broken)
			continue;
		a = argument_create(sema, r, &copy, previous);
		if (a == NULL)
			continue;
		*end = a;
		end = &a->next;
		previous = a;
		argument_role(r, a);
	}
	if (count > 1024)
		diag_error(
		    r->place, "routine '%s' has %u arguments; the limit is 1024", r->name, count);
	else
		argument_names_check(r);
}

/* The value of a function is its first result. */
static void
routine_result(struct sema *sema, struct routine *r, const struct ast_statement *st)
{
	struct argument *a;
	struct type *type = st->type != NULL ? sema_type_define(sema, st->type, &st->result)
					     : sema_type_lookup(sema, &st->result);

	if (type == NULL)
		return;
	if (st->type != NULL)
		sema_type_list(sema, type);
	a = mig_alloc(sizeof(*a));
	a->name = r->name;
	a->place = st->result.place;
	a->direction = DIR_OUT;
	a->type = type;
	a->routine = r;
	a->in_reply = true;
	if (type->form != FORM_SCALAR && type->form != FORM_STRUCT)
		diag_error(
		    st->result.place, "the value of a function must be a scalar or a struct");
	a->next = r->arguments;
	r->arguments = a;
	r->result = a;
}

static void
routine_name_enter(struct table *table, const char *name, struct routine *r, const char *what)
{
	struct routine *old = table_find(table, name);

	if (old == NULL) {
		table_put(table, name, r);
		return;
	}
	diag_error(r->place, "duplicate %s '%s'", what, name);
	diag_note(old->place, "the first one is here");
}

static bool
index_fits(struct sema *sema, const struct place *place, uint32_t more)
{
	uint64_t last = (uint64_t)sema->subsystem->base + sema->next_index + more;

	/* Ids are signed 32-bit numbers, and so is the reply's. */
	if (last + REPLY_DISTANCE <= INT32_MAX)
		return true;
	diag_error(*place, "message id %llu does not fit in 31 bits, with its reply",
	    (unsigned long long)last);
	return false;
}

static void
routine_number(struct sema *sema, struct routine *r)
{
	r->index = sema->next_index;
	if (!index_fits(sema, &r->place, 0))
		return;
	r->id = sema->subsystem->base + r->index;
	r->reply_id = r->id + REPLY_DISTANCE;
	sema->next_index++;
}

static void
routine_names(struct sema *sema, struct routine *r)
{
	const char *prefix = options.prefix != NULL ? options.prefix : "";
	const char *sub = options.subrprefix != NULL ? options.subrprefix : "";
	const char *user = sema->user_prefix != NULL ? sema->user_prefix : "";
	const char *server = sema->server_prefix != NULL ? sema->server_prefix : "";

	r->user_name = mig_format("%s%s%s%s", prefix, sub, user, r->name);
	r->server_name = mig_format("%s%s%s%s", prefix, sub, server, r->name);
	routine_name_enter(&sema->routines, r->user_name, r, "routine");
	if (strcmp(r->user_name, r->server_name) != 0)
		routine_name_enter(&sema->servers, r->server_name, r, "server function");
}

static void
routine_positional(struct sema *sema, struct routine *r)
{
	r->wait_time_text = r->wait_time == NULL ? sema->wait_time : NULL;
	r->send_time_text = r->send_time == NULL ? sema->send_time : NULL;
	r->option_text = r->msg_option == NULL ? sema->option : NULL;
	r->error_name = sema->error;
	r->special_reply_port = sema->special_reply_port && !r->oneway;
	r->consume_on_send_error = sema->consume_on_send_error;
}

/* What is missing in it may have been there. */
static bool
routine_is_broken(const struct ast_statement *st)
{
	for (const struct ast_argument *a = st->arguments; a != NULL; a = a->next)
		if (a->broken)
			return true;
	return st->broken;
}

static void
routine_statement(struct sema *sema, const struct ast_statement *st)
{
	struct routine *r = mig_alloc(sizeof(*r));

	if (!sema->has_subsystem && !sema->has_broken) {
		diag_error(
		    st->place, "routine '%s' comes before the subsystem statement", st->name.text);
		diag_help("begin with: subsystem name base;");
		return;
	}
	r->name = st->name.text;
	r->place = st->name.place;
	r->kind = st->routine_kind;
	r->oneway = r->kind == SIMPLE_ROUTINE || r->kind == SIMPLE_PROCEDURE;
	routine_number(sema, r);
	routine_arguments(sema, r, st->arguments);
	if (r->kind == FUNCTION && st->result.text != NULL)
		routine_result(sema, r, st);
	if (r->request_port == NULL && !routine_is_broken(st)) {
		/* An argument with a bad type has been told already. */
		if (st->arguments == NULL || r->arguments != NULL)
			diag_error(r->place, "routine '%s' has no request port", r->name);
		if (st->arguments == NULL)
			diag_help("its first argument is the port the message goes to");
	}
	routine_names(sema, r);
	routine_positional(sema, r);
	*sema->routine_end = r;
	sema->routine_end = &r->next;
	sema->subsystem->routine_count++;
}

/* ---- statements ------------------------------------------------------------------ */

static void
statement_subsystem(struct sema *sema, const struct ast_statement *st)
{
	struct subsystem *s = sema->subsystem;

	if (sema->has_subsystem) {
		diag_error(st->place, "a second subsystem statement");
		diag_note(sema->subsystem_place, "the first one is here");
		return;
	}
	sema->has_subsystem = true;
	sema->subsystem_place = st->place;
	s->name = st->name.text;
	s->place = st->name.place;
	s->base = st->number;
	if (st->broken)
		return;
	if ((st->kernel_user || st->kernel_server) && s->abi == ABI_OSF) {
		diag_error(st->kernel_place,
		    "%s is not supported by the untyped dialect: where its messages hold the "
		    "kernel's"
		    " port pointers is not known",
		    st->kernel_user && st->kernel_server ? "kernel"
			: st->kernel_user                ? "KernelUser"
							 : "KernelServer");
		diag_help("kernel stubs are typed: --abi=typed");
	}
	if ((uint64_t)s->base + REPLY_DISTANCE > INT32_MAX)
		diag_error(st->number_place, "base %u does not fit in 31 bits, with the reply ids",
		    s->base);
}

static void
statement_skip(struct sema *sema, const struct ast_statement *st)
{
	if (!sema->has_subsystem && !sema->has_broken)
		diag_error(st->place, "skip comes before the subsystem statement");
	else if (st->has_number && st->number == 0)
		diag_warning(st->number_place, "skip 0 does nothing");
	else if (index_fits(sema, &st->place, st->number))
		sema->next_index += st->number;
}

static void
statement_import(struct sema *sema, const struct ast_statement *st)
{
	struct import *import = mig_alloc(sizeof(*import));

	import->kind = st->kind;
	import->file = st->name.text;
	*sema->import_end = import;
	sema->import_end = &import->next;
}

static const char *
none_text(const struct ast_statement *st, const char *none)
{
	return strcmp(st->name.text, none) == 0 ? NULL : st->name.text;
}

static void
statement_osf_only(struct sema *sema, const struct ast_statement *st, const char *what)
{
	if (sema->subsystem->abi == ABI_TYPED)
		diag_error(st->place, "%s is not supported by the typed dialect", what);
}

static void
statement_consume(struct sema *sema, const struct ast_statement *st)
{
	const char *text = st->name.text;

	if (strcmp(text, "None") != 0 && strcmp(text, "Timeout") != 0 && strcmp(text, "Any") != 0) {
		diag_error(st->name.place, "expected None, Timeout or Any");
		return;
	}
	sema->consume_on_send_error = none_text(st, "None");
}

static void
statement_apply(struct sema *sema, const struct ast_statement *st)
{
	switch (st->kind) {
	case ST_SUBSYSTEM:
		statement_subsystem(sema, st);
		break;
	case ST_SKIP:
		statement_skip(sema, st);
		break;
	case ST_TYPE:
		sema_type_statement(sema, st);
		break;
	case ST_ROUTINE:
		routine_statement(sema, st);
		break;
	case ST_MSG_OPTION:
		sema->option = none_text(st, "MACH_MSG_OPTION_NONE");
		break;
	case ST_MSG_TYPE:
		break; /* the field it set no longer exists */
	case ST_WAIT_TIME:
		sema->wait_time = st->name.text;
		break;
	case ST_NO_WAIT_TIME:
		sema->wait_time = NULL;
		break;
	case ST_SEND_TIME:
		statement_osf_only(sema, st, "sendtime");
		sema->send_time = st->name.text;
		break;
	case ST_NO_SEND_TIME:
		sema->send_time = NULL;
		break;
	case ST_ERROR:
		sema->error = st->name.text;
		break;
	case ST_SERVER_PREFIX:
		sema->server_prefix = st->name.text;
		break;
	case ST_USER_PREFIX:
		sema->user_prefix = st->name.text;
		break;
	case ST_SERVER_DEMUX:
		sema->subsystem->server_demux = st->name.text;
		break;
	case ST_RCSID:
		sema->subsystem->rcsid = st->name.text;
		break;
	case ST_IMPORT:
	case ST_UIMPORT:
	case ST_SIMPORT:
	case ST_IIMPORT:
	case ST_DIMPORT:
		statement_import(sema, st);
		break;
	case ST_SPECIAL_REPLY_PORT:
		statement_osf_only(sema, st, "usespecialreplyport");
		sema->special_reply_port = st->number != 0;
		break;
	case ST_CONSUME_ON_SEND_ERROR:
		statement_consume(sema, st);
		break;
	case ST_BROKEN:
		break;
	case ST_USER_TYPE_LIMIT:
	case ST_ON_STACK_LIMIT:
		break; /* all messages of bounded size live on the stack */
	}
}

/* ---- which dialect ----------------------------------------------------------------- */

static bool
type_uses_osf(const struct ast_type *t)
{
	for (; t != NULL; t = t->element) {
		if (t->kind >= AST_TYPE_POINTER_TO)
			return true;
		if (t->kind == AST_TYPE_WIRE && t->send.text != NULL &&
		    strncmp(t->send.text, "MACH_MSG_TYPE_REAL_", 19) == 0)
			return true;
	}
	return false;
}

static bool
type_uses_typed(const struct ast_type *t)
{
	for (; t != NULL; t = t->element)
		if (t->has_size || t->flags != NULL || t->kind == AST_TYPE_STRUCT)
			return true;
	return false;
}

static bool
argument_uses(const struct ast_argument *a, bool osf)
{
	unsigned flags = osf ? FLAG_SAMECOUNT | FLAG_PHYSICALCOPY | FLAG_OVERWRITE | FLAG_AUTO
			     : FLAG_ISLONG | FLAG_ISNOTLONG | FLAG_SERVERCOPY;

	for (const struct ast_flag *f = a->flags; f != NULL; f = f->next)
		if ((f->flag & flags) != 0)
			return true;
	if (osf && direction_rows[a->direction].osf)
		return true;
	return a->type != NULL && (osf ? type_uses_osf(a->type) : type_uses_typed(a->type));
}

static bool
statement_uses(const struct ast_statement *st, bool osf)
{
	if (st->type != NULL && (osf ? type_uses_osf(st->type) : type_uses_typed(st->type)))
		return true;
	for (const struct ast_argument *a = st->arguments; a != NULL; a = a->next)
		if (argument_uses(a, osf))
			return true;
	return osf &&
	    (st->kind == ST_SEND_TIME || st->kind == ST_IIMPORT || st->kind == ST_DIMPORT ||
		st->kind == ST_SPECIAL_REPLY_PORT || st->kind == ST_CONSUME_ON_SEND_ERROR ||
		st->kind == ST_USER_TYPE_LIMIT || st->kind == ST_ON_STACK_LIMIT);
}

/* Without --abi: untyped if the file uses what only that dialect has. */
static enum abi
abi_choose(const struct ast *ast)
{
	bool osf = false;

	if (options.abi != ABI_AUTO)
		return options.abi;
	for (const struct ast_statement *st = ast->first; st != NULL; st = st->next) {
		if (statement_uses(st, false))
			return ABI_TYPED;
		osf = osf || statement_uses(st, true);
	}
	return osf ? ABI_OSF : ABI_TYPED;
}

/* ---- the whole file ------------------------------------------------------------------ */

static void
reply_ids_check(const struct subsystem *s)
{
	struct table ids = { 0 };

	if (s->routine_count == 0 || s->id_count <= REPLY_DISTANCE)
		return;
	for (struct routine *r = s->routines; r != NULL; r = r->next)
		table_put(&ids, mig_format("%u", r->id), r);
	for (struct routine *r = s->routines; r != NULL; r = r->next) {
		struct routine *other;

		if (r->oneway)
			continue;
		other = table_find(&ids, mig_format("%u", r->reply_id));
		if (other == NULL)
			continue;
		diag_warning(r->place, "the reply id %u of '%s' is the request id of '%s'",
		    r->reply_id, r->name, other->name);
		diag_note(other->place, "'%s' is declared here", other->name);
		diag_help("a subsystem should have at most 100 ids");
		return;
	}
}

static bool
is_word_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    c == '_';
}

static void
broken_words_enter(struct sema *sema, const char *text, const char *end)
{
	while (text < end) {
		const char *word = text;

		while (text < end && is_word_byte(*text))
			text++;
		if (text != word)
			table_put(
			    &sema->broken_words, mig_strndup(word, (size_t)(text - word)), sema);
		else
			text++;
	}
}

/* What a statement that could not be read was to declare is not told to be missing. */
static void
broken_statements(struct sema *sema, const struct ast *ast)
{
	const char *text = diag.source->text;

	for (const struct ast_statement *st = ast->first; st != NULL; st = st->next)
		if (st->broken || st->kind == ST_BROKEN) {
			sema->has_broken = true;
			broken_words_enter(sema, text + st->place.first, text + st->place.last);
		}
}

static struct place
end_of_file(void)
{
	uint32_t end = (uint32_t)diag.source->length;

	return (struct place) { end > 0 ? end - 1 : 0, end };
}

struct subsystem *
sema_check(const struct ast *ast)
{
	struct sema sema = { 0 };
	struct subsystem *s = mig_alloc(sizeof(*s));

	sema.subsystem = s;
	sema.routine_end = &s->routines;
	sema.import_end = &s->imports;
	sema.error = "MsgError";
	s->abi = abi_choose(ast);
	for (const struct ast_statement *st = ast->first; st != NULL; st = st->next) {
		if (st->kind == ST_SUBSYSTEM) {
			s->kernel_user = st->kernel_user;
			s->kernel_server = st->kernel_server;
		}
	}
	sema_types_predefine(&sema);
	broken_statements(&sema, ast);
	for (const struct ast_statement *st = ast->first; st != NULL; st = st->next)
		statement_apply(&sema, st);
	s->id_count = sema.next_index;
	if (!sema.has_subsystem && !sema.has_broken) {
		diag_error(end_of_file(), "no subsystem statement");
		diag_help("begin with: subsystem name base;");
	} else if (!sema.has_broken) {
		reply_ids_check(s);
	}
	if (s->server_demux == NULL && s->name != NULL)
		s->server_demux = mig_format("%s_server", s->name);
	if (s->server_demux != NULL && options.prefix != NULL)
		s->server_demux = mig_format("%s%s", options.prefix, s->server_demux);
	return diag.errors == 0 ? s : NULL;
}
