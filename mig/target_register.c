/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --fastpath: stubs for register IPC (docs/register-ipc.md), beside the
 * ordinary ones, for routines whose request and reply are a few single words.
 *
 * User: NAME_register() calls in registers, and by NAME() when that transport
 * is forbidden. Server: DEMUX_register() answers a call that came in registers
 * by the same function that the ordinary demultiplexer calls; what it does
 * not know is for the ordinary one, as a typed message.
 */
#include <string.h>

#include "emit.h"

#define WORDS 6

/* Where the stubs have them. */
#define USER_WORDS   "mig_message.words"
#define SERVER_WORDS "mig_message->words"

/* Type codes of mach/register_ipc.h. */
static const struct {
	uint32_t name;
	uint32_t bits;
	uint32_t number;
	unsigned code;
} codes[] = {
	{ WIRE_UNSTRUCTURED, 32, 1, 1 },
	{ WIRE_INTEGER_16, 16, 1, 2 },
	{ WIRE_INTEGER_32, 32, 1, 3 },
	{ WIRE_INTEGER_64, 64, 1, 4 },
	{ WIRE_CHAR, 8, 1, 5 },
	{ WIRE_BYTE, 8, 1, 6 },
	{ WIRE_REAL, 32, 1, 7 },
	{ WIRE_REAL, 64, 1, 8 },
	{ WIRE_PORT_NAME, 32, 1, 9 },
	{ WIRE_INTEGER_32, 32, 2, 10 },
	{ WIRE_INTEGER_16, 16, 4, 11 },
	{ WIRE_BYTE, 8, 4, 12 },
	{ WIRE_BYTE, 8, 8, 13 },
	{ WIRE_CHAR, 8, 8, 14 },
	{ WIRE_UNSTRUCTURED, 64, 1, 15 },
};

/* ---- which routines -------------------------------------------------------------- */

/* The type code of a field, 0 when it has none. */
static unsigned
field_code(const struct field *field)
{
	if (field->is_port || !field->is_inline || field->longform ||
	    field->send_name != field->receive_name)
		return 0;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].name == field->send_name && codes[i].bits == field->bits &&
		    codes[i].number == field->number)
			return codes[i].code;
	return 0;
}

static bool
type_is_translated(const struct type *type)
{
	return type->intran != NULL || type->intran_payload != NULL || type->outtran != NULL ||
	    type->destructor != NULL;
}

/* A value that is passed as a whole and means the same on both sides. */
static bool
field_fits(const struct field *field)
{
	const struct argument *a = field->argument;

	if (field->kind == FIELD_RETCODE)
		return true;
	return field->kind == FIELD_VALUE && a != NULL &&
	    (a->type->form == FORM_SCALAR || a->type->form == FORM_STRUCT) && a->flags == 0 &&
	    !type_is_translated(a->type) && field_code(field) != 0;
}

static bool
message_fits(const struct message *m)
{
	unsigned count = 0;

	if (m == NULL || m->complex != NEVER)
		return false;
	for (const struct field *field = m->fields; field != NULL; field = field->next)
		if (!field_fits(field) || ++count > WORDS)
			return false;
	return true;
}

/* Nothing but the port and what the messages carry. */
static bool
arguments_fit(const struct routine *r)
{
	for (const struct argument *a = r->arguments; a != NULL; a = a->next)
		if (a != r->request_port && !a->in_request && !a->in_reply)
			return false;
	return true;
}

static bool
routine_fits(const struct subsystem *s, const struct routine *r)
{
	const struct type *port = r->request_port != NULL ? r->request_port->type : NULL;

	return s->abi != ABI_OSF && !s->kernel_user && !s->kernel_server && r->kind == ROUTINE &&
	    port != NULL && port->send_name == WIRE_COPY_SEND && !type_is_translated(port) &&
	    r->user_reply_port == NULL && r->server_reply_port == NULL && r->wait_time == NULL &&
	    r->wait_time_text == NULL && r->send_time == NULL && r->send_time_text == NULL &&
	    r->msg_option == NULL && r->option_text == NULL && r->msg_seqno == NULL &&
	    !r->special_reply_port && r->consume_on_send_error == NULL && arguments_fit(r) &&
	    message_fits(r->request) && message_fits(r->reply);
}

/* ---- what both sides say ------------------------------------------------------------ */

/* The label of a message: its id and the code of each field. */
static const char *
label(const struct message *m, uint32_t id)
{
	unsigned long long value = id;
	unsigned shift = 32;

	for (const struct field *field = m->fields; field != NULL; field = field->next) {
		value |= (unsigned long long)field_code(field) << shift;
		shift += 4;
	}
	return mig_format("UINT64_C(0x%016llx)", value);
}

/* An answer that is nothing but a code. */
static const char *
error_label(const struct routine *r)
{
	return mig_format("UINT64_C(0x%016llx)", 3ull << 32 | r->reply_id);
}

/* A value to its word, or back: as many bytes as it has on the wire. */
static void
move(struct buffer *out, const char *words, const struct field *field, unsigned word,
    const char *value, bool to_word)
{
	const char *here = mig_format("&%s[%u]", words, word);
	const char *there = mig_format("&%s", value);
	const char *indent = strcmp(words, SERVER_WORDS) == 0 ? "\t\t" : "\t";

	buffer_printf(out, "%s_Static_assert(sizeof(%s) == %u, \"as on the wire\");\n", indent,
	    value, field->bytes);
	buffer_printf(out, "%s__builtin_memcpy(%s, %s, %u);\n", indent, to_word ? here : there,
	    to_word ? there : here, field->bytes);
}

/* ---- the user's side -------------------------------------------------------------------- */

static const char *
user_value(const struct argument *a)
{
	return a->in_reply ? mig_format("*%s", a->name) : a->name;
}

static void
user_send(struct buffer *out, const struct routine *r)
{
	unsigned word = 0;

	buffer_printf(out,
	    "\tmig_zero(&mig_message, sizeof(mig_message));\n\tmig_message.label = %s;\n",
	    label(r->request, r->id));
	for (const struct field *field = r->request->fields; field != NULL; field = field->next)
		move(out, USER_WORDS, field, word++, user_value(field->argument), true);
	buffer_printf(out, "\tmig_result = mach_register_call(%s, mig_reply_port, &mig_message);\n",
	    r->request_port->name);
}

static void
user_fall_back(struct buffer *out, const struct routine *r, const struct side *side)
{
	const char *separator = "";

	buffer_puts(out,
	    "\tif (mig_result == MACH_REGISTER_FORBIDDEN) {\n"
	    "\t\tmig_put_reply_port(mig_reply_port);\n");
	buffer_printf(out, "\t\treturn %s(", r->user_name);
	for (const struct argument *a = r->arguments; a != NULL; a = a->next) {
		if (!(side->server ? a->server_sees : a->user_sees))
			continue;
		buffer_printf(out, "%s%s", separator, a->name);
		separator = ", ";
	}
	buffer_puts(out, ");\n\t}\n");
}

static void
user_check(struct buffer *out, const struct routine *r)
{
	buffer_puts(out,
	    "\tif (mig_result != MACH_MSG_SUCCESS) {\n"
	    "\t\tif (mig_result == MIG_SERVER_DIED || mig_result == MACH_RCV_TOO_LARGE)\n"
	    "\t\t\tmig_put_reply_port(mig_reply_port);\n"
	    "\t\telse\n\t\t\tmig_dealloc_reply_port(mig_reply_port);\n"
	    "\t\t/* An answer that fits no registers is none of this routine. */\n"
	    "\t\treturn mig_result == MACH_RCV_TOO_LARGE ? MIG_TYPE_ERROR : mig_result;\n\t}\n");
	buffer_printf(out,
	    "\tif (MACH_REGISTER_ID(mig_message.label) != %u) {\n"
	    "\t\tmig_dealloc_reply_port(mig_reply_port);\n"
	    "\t\treturn MIG_REPLY_MISMATCH;\n\t}\n"
	    "\tmig_put_reply_port(mig_reply_port);\n"
	    "\tmig_message.label &= UINT64_C(0x00ffffffffffffff);\n",
	    r->reply_id);
	buffer_printf(out,
	    "\t__builtin_memcpy(&mig_code, &mig_message.words[0], 4);\n"
	    "\tif (mig_message.label == %s && mig_code != KERN_SUCCESS)\n\t\treturn mig_code;\n"
	    "\tif (mig_message.label != %s)\n\t\treturn MIG_TYPE_ERROR;\n"
	    "\tif (mig_code != KERN_SUCCESS)\n\t\treturn mig_code;\n",
	    error_label(r), label(r->reply, r->reply_id));
}

static void
user_take(struct buffer *out, const struct routine *r)
{
	unsigned word = 0;

	for (const struct field *field = r->reply->fields; field != NULL; field = field->next) {
		if (field->kind != FIELD_RETCODE)
			move(out, USER_WORDS, field, word, user_value(field->argument), false);
		word++;
	}
	buffer_puts(out, "\treturn KERN_SUCCESS;\n}\n");
}

static void
user_prototype(struct buffer *out, const struct routine *r, const struct side *side)
{
	buffer_printf(out, "%s_register(\n", r->user_name);
	emit_parameters(out, r, side);
	buffer_puts(out, ")");
}

static void
user_routine(struct buffer *out, const struct routine *r, const struct side *side)
{
	buffer_printf(out, "\n/* %s in registers. */\n", r->name);
	buffer_puts(out, "extern kern_return_t ");
	user_prototype(out, r, side);
	buffer_puts(out, ";\n\nmig_external kern_return_t\n");
	user_prototype(out, r, side);
	buffer_puts(out,
	    "\n{\n\tstruct mach_register_message mig_message;\n"
	    "\tmach_port_t mig_reply_port = mig_get_reply_port();\n"
	    "\tmach_msg_return_t mig_result;\n\tkern_return_t mig_code;\n\n");
	user_send(out, r);
	user_fall_back(out, r, side);
	user_check(out, r);
	user_take(out, r);
}

/* ---- the server's side -------------------------------------------------------------------- */

static void
server_locals(struct buffer *out, const struct routine *r, const struct side *side)
{
	buffer_puts(out, "\t\tkern_return_t mig_code;\n");
	for (const struct argument *a = r->arguments; a != NULL; a = a->next)
		if (a != r->request_port)
			buffer_printf(
			    out, "\t\t%s mig_v_%s;\n", type_c_name(a->type, side), a->name);
	buffer_puts(out, "\n");
}

static void
server_take(struct buffer *out, const struct routine *r)
{
	unsigned word = 0;

	for (const struct field *field = r->request->fields; field != NULL; field = field->next)
		move(out, SERVER_WORDS, field, word++,
		    mig_format("mig_v_%s", field->argument->name), false);
	for (const struct argument *a = r->arguments; a != NULL; a = a->next)
		if (a != r->request_port && !a->in_request)
			buffer_printf(
			    out, "\t\tmig_zero(&mig_v_%s, sizeof(mig_v_%s));\n", a->name, a->name);
}

static void
server_call(struct buffer *out, const struct routine *r)
{
	const char *separator = "";

	buffer_printf(out, "\t\tmig_code = %s(", r->server_name);
	for (const struct argument *a = r->arguments; a != NULL; a = a->next) {
		if (!a->server_sees)
			continue;
		if (a == r->request_port)
			buffer_printf(out, "%s(mach_port_t)mig_message->payload", separator);
		else
			buffer_printf(
			    out, "%s%smig_v_%s", separator, a->in_reply ? "&" : "", a->name);
		separator = ", ";
	}
	buffer_puts(out, ");\n");
}

static void
server_answer(struct buffer *out, const struct routine *r)
{
	unsigned word = 0;

	buffer_puts(out,
	    "\t\tif (mig_code == MIG_NO_REPLY)\n\t\t\tmig_message->reply = MACH_PORT_NULL;\n"
	    "\t\tmig_zero(mig_message->words, sizeof(mig_message->words));\n"
	    "\t\t__builtin_memcpy(&mig_message->words[0], &mig_code, 4);\n");
	buffer_printf(out,
	    "\t\tmig_message->label = %s;\n"
	    "\t\tif (mig_code != KERN_SUCCESS)\n\t\t\treturn TRUE;\n"
	    "\t\tmig_message->label = %s;\n",
	    error_label(r), label(r->reply, r->reply_id));
	for (const struct field *field = r->reply->fields; field != NULL; field = field->next) {
		if (field->kind != FIELD_RETCODE)
			move(out, SERVER_WORDS, field, word,
			    mig_format("mig_v_%s", field->argument->name), true);
		word++;
	}
	buffer_puts(out, "\t\treturn TRUE;\n\t}\n");
}

static void
server_routine(struct buffer *out, const struct routine *r, const struct side *side)
{
	buffer_printf(out, "\tcase %s: { /* %s */\n", label(r->request, r->id), r->name);
	server_locals(out, r, side);
	server_take(out, r);
	server_call(out, r);
	server_answer(out, r);
}

/* ---- outputs -------------------------------------------------------------------------------- */

void
emit_register_user(struct subsystem *s, struct buffer *out)
{
	struct side side = side_user(s);

	buffer_puts(out, "\n#include <mach/register_ipc.h>\n");
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		if (routine_fits(s, r))
			user_routine(out, r, &side);
}

void
emit_register_user_header(struct subsystem *s, struct buffer *out)
{
	struct side side = side_user(s);

	for (const struct routine *r = s->routines; r != NULL; r = r->next) {
		if (!routine_fits(s, r))
			continue;
		buffer_printf(
		    out, "\n/* %s, in registers when it may */\nextern kern_return_t ", r->name);
		user_prototype(out, r, &side);
		buffer_puts(out, ";\n");
	}
}

void
emit_register_server(struct subsystem *s, struct buffer *out)
{
	struct side side = side_server(s);

	buffer_printf(out,
	    "\n#include <mach/register_ipc.h>\n\n"
	    "extern boolean_t %s_register(struct mach_register_message *);\n\n"
	    "/* A call in registers, answered in place. FALSE: it is for %s. */\n"
	    "mig_external boolean_t\n%s_register(struct mach_register_message *mig_message)\n{\n"
	    "\tswitch (mig_message->label & UINT64_C(0x00ffffffffffffff)) {\n",
	    s->server_demux, s->server_demux, s->server_demux);
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		if (routine_fits(s, r))
			server_routine(out, r, &side);
	buffer_puts(out, "\tdefault:\n\t\treturn FALSE;\n\t}\n}\n");
}

void
emit_register_server_header(struct subsystem *s, struct buffer *out)
{
	buffer_printf(out,
	    "\nstruct mach_register_message;\n"
	    "extern boolean_t %s_register(struct mach_register_message *message);\n",
	    s->server_demux);
}
