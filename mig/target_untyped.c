/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The untyped dialect (OSF, Apple): rows of patterns and the pieces of
 * stubs that differ from the typed one.
 *
 * Everything in a message is aligned to 4 bytes only, so whatever a server
 * function gets a pointer to is kept in a variable when it needs more.
 */
#include <string.h>

#include "emit.h"

#define NEXT_PART "?N:${N} = (${NT} *)(void *)((char *)${M} + ${off} + mig_used);\n"
#define CHECK_LEFT                                                                                 \
	"if (mig_used > mig_left)\n"                                                               \
	"\t${reject}\n"                                                                            \
	"mig_left -= mig_used;\n" NEXT_PART
#define SAME_COUNT                                                                                 \
	"?same:if (mig_n_${arg} != mig_n_${leader})\n"                                             \
	"?same:\t${reject}\n"
#define LOCAL_COUNT "mach_msg_type_number_t mig_n_${arg};\n"
#define LOCAL_ROOM  LOCAL_COUNT "?own:const mach_msg_type_number_t mig_room_${arg} = *${arg}Cnt;\n"
#define REPLY_MOVE  "?moved:mig_move((char *)${M} + ${off}, (char *)${O} + ${off}, mig_used);\n"
#define PORT_DESCRIPTOR(value)                                                                     \
	"${M}->${f} = (mach_msg_port_descriptor_t){\n"                                             \
	"\t.name = " value ", .disposition = (${disposition}) & 0xffu,\n"                          \
	"\t.type = MACH_MSG_PORT_DESCRIPTOR,\n"                                                    \
	"};\n"
#define OOL_DESCRIPTOR(value)                                                                      \
	"!ports:${M}->${f} = (mach_msg_ool_descriptor_t){\n"                                       \
	"?ports:${M}->${f} = (mach_msg_ool_ports_descriptor_t){\n"                                 \
	"\t.address = (void *)(uintptr_t)(" value "),\n"                                           \
	"?ports:?var:\t.count = ${cnt}, .disposition = (${disposition}) & 0xffu,\n"                \
	"?ports:!var:\t.count = ${number}, .disposition = (${disposition}) & 0xffu,\n"             \
	"!ports:?var:\t.size = ${cnt} * ${eb},\n"                                                  \
	"!ports:!var:\t.size = ${scalar_bytes},\n"                                                 \
	"\t.deallocate = ${osf_dealloc},\n"                                                        \
	"?physical:\t.copy = MACH_MSG_PHYSICAL_COPY,\n"                                            \
	"!physical:\t.copy = MACH_MSG_VIRTUAL_COPY,\n"                                             \
	"?ports:\t.type = MACH_MSG_OOL_PORTS_DESCRIPTOR,\n"                                        \
	"!ports:\t.type = MACH_MSG_OOL_DESCRIPTOR,\n"                                              \
	"};\n"

const char *const untyped_rows[OP_KINDS][ROLE_COUNT] = {
	[OP_NDR] = {
		[ROLE_PACK] = "${M}->NDR = NDR_record;\n",
		[ROLE_CHECK] = "if (${M}->NDR.int_rep != NDR_record.int_rep)\n"
		    "\t${reject}\n",
		[ROLE_REPLY] = "${M}->NDR = NDR_record;\n",
	},
	[OP_RETCODE] = {
		[ROLE_REPLY] = "Out0P->RetCode = KERN_SUCCESS;\n",
	},
	[OP_SCALAR] = {
		[ROLE_PACK] = "${M}->${f} = ${in};\n"
		    "?padz:${padz}\n",
		[ROLE_TAKE] = "*${arg} = ${M}->${f};\n",
		[ROLE_PREPARE] = "mig_zero(&mig_v_${arg}, sizeof(mig_v_${arg}));\n",
		[ROLE_REPLY] = "${M}->${f} = ${outtran};\n"
		    "?padz:${padz}\n",
	},
	[OP_PORT] = {
		[ROLE_PACK] = PORT_DESCRIPTOR("${in}"),
		[ROLE_CHECK] = "!poly_out:if (${M}->${f}.type != MACH_MSG_PORT_DESCRIPTOR ||\n"
		    "!poly_out:    ${M}->${f}.disposition != ${const})\n"
		    "?poly_out:if (${M}->${f}.type != MACH_MSG_PORT_DESCRIPTOR)\n"
		    "\t${reject}\n",
		[ROLE_TAKE] = "*${arg} = ${M}->${f}.name;\n"
		    "?poly_out:*${arg}Poly = ${M}->${f}.disposition;\n",
		[ROLE_PREPARE] = "mig_zero(&mig_v_${arg}, sizeof(mig_v_${arg}));\n",
		[ROLE_REPLY] = PORT_DESCRIPTOR("${outtran}"),
	},
	[OP_PORTS] = {
		[ROLE_PACK] = "for (mach_msg_type_number_t mig_i = 0; mig_i < ${number}; mig_i++)\n"
		    "\t${M}->${f}[mig_i] = (mach_msg_port_descriptor_t){\n"
		    "\t\t.name = ${arg}[mig_i], .disposition = (${disposition}) & 0xffu,\n"
		    "\t\t.type = MACH_MSG_PORT_DESCRIPTOR,\n"
		    "\t};\n",
		[ROLE_CHECK] = "for (mach_msg_type_number_t mig_i = 0; mig_i < ${number}; mig_i++)\n"
		    "!poly_out:\tif (${M}->${f}[mig_i].type != MACH_MSG_PORT_DESCRIPTOR ||\n"
		    "!poly_out:\t    ${M}->${f}[mig_i].disposition != ${const})\n"
		    "?poly_out:\tif (${M}->${f}[mig_i].type != MACH_MSG_PORT_DESCRIPTOR)\n"
		    "\t\t${reject}\n",
		[ROLE_TAKE] = "for (mach_msg_type_number_t mig_i = 0; mig_i < ${number}; mig_i++)\n"
		    "\t${arg}[mig_i] = ${M}->${f}[mig_i].name;\n",
		[ROLE_PREPARE] = "mig_zero(mig_b_${arg}, sizeof(mig_b_${arg}));\n",
		[ROLE_REPLY] = "for (mach_msg_type_number_t mig_i = 0; mig_i < ${number}; mig_i++)\n"
		    "\t${M}->${f}[mig_i] = (mach_msg_port_descriptor_t){\n"
		    "\t\t.name = mig_b_${arg}[mig_i], .disposition = (${disposition}) & 0xffu,\n"
		    "\t\t.type = MACH_MSG_PORT_DESCRIPTOR,\n"
		    "\t};\n",
	},
	[OP_BLOCK] = {
		[ROLE_PACK] = "mig_copy(&${M}->${f}, ${arg}, ${bytes});\n"
		    "?padz:${padz}\n",
		[ROLE_TAKE] = "mig_copy(${arg}, &${M}->${f}, ${bytes});\n",
		[ROLE_PREPARE] = "mig_zero(mig_b_${arg}, ${bytes});\n",
		[ROLE_REPLY] = "mig_copy(&${M}->${f}, mig_b_${arg}, ${bytes});\n"
		    "?padz:${padz}\n",
	},
	[OP_STRING] = {
		[ROLE_PACK] = "mig_string_copy(${M}->${f}, ${arg}, ${bytes});\n"
		    "?padz:${padz}\n",
		[ROLE_TAKE] = "mig_string_copy(${arg}, ${M}->${f}, ${bytes});\n",
		[ROLE_PREPARE] = "mig_zero(${O}->${f}, ${bytes});\n",
		[ROLE_REPLY] = "?moved:mig_move((char *)${M} + ${off}, (char *)${O} + ${off}, ${bytes});\n"
		    "${M}->${f}[${bytes} - 1] = '\\0';\n"
		    "?padz:${padz}\n",
	},
	[OP_VSTRING] = {
		[ROLE_LOCAL] = LOCAL_COUNT,
		[ROLE_PRE] = "mig_n_${arg} = mig_string_size(${arg}, ${bytes});\n"
		    "if (mig_n_${arg} > ${bytes})\n"
		    "\t${reject}\n",
		[ROLE_PACK] = "${M}->${f}Offset = 0;\n"
		    "${M}->${f}Cnt = mig_n_${arg};\n"
		    "mig_copy(${M}->${f}, ${arg}, mig_n_${arg});\n"
		    "mig_used = mig_pad(${M}, ${off}, mig_n_${arg});\n"
		    NEXT_PART
		    "mig_size += mig_used;\n",
		[ROLE_CHECK] = "mig_n_${arg} = ${M}->${f}Cnt;\n"
		    "if (${M}->${f}Offset != 0 || mig_n_${arg} > ${bytes})\n"
		    "\t${reject}\n"
		    "mig_used = mig_round(mig_n_${arg});\n"
		    CHECK_LEFT
		    "if (mig_string_size(${M}->${f}, mig_n_${arg}) > mig_n_${arg})\n"
		    "\t${reject}\t/* no NUL */\n",
		[ROLE_TAKE] = "mig_copy(${arg}, ${M}->${f}, mig_n_${arg});\n",
		[ROLE_PREPARE] = "${O}->${f}[0] = '\\0';\n",
		[ROLE_REPLY] = "${O}->${f}[${bytes} - 1] = '\\0';\n"
		    "mig_n_${arg} = mig_string_size(${O}->${f}, ${bytes});\n"
		    "${M}->${f}Offset = 0;\n"
		    "${M}->${f}Cnt = mig_n_${arg};\n"
		    "mig_used = mig_pad(${O}, ${off}, mig_n_${arg});\n"
		    REPLY_MOVE
		    NEXT_PART
		    "mig_size += mig_used;\n",
	},
	[OP_BLOCK_VAR] = {
		[ROLE_LOCAL] = LOCAL_ROOM,
		[ROLE_PRE] = "if (${cnt} > ${max})\n"
		    "\t${reject}\n",
		[ROLE_PACK] = "${M}->${f}Cnt = ${cnt};\n"
		    "mig_copy(&${M}->${f}, ${arg}, (size_t)${cnt} * ${eb});\n"
		    "mig_used = mig_pad(${M}, ${off}, (size_t)${cnt} * ${eb});\n"
		    NEXT_PART
		    "mig_size += mig_used;\n",
		[ROLE_CHECK] = "mig_n_${arg} = ${M}->${f}Cnt;\n"
		    "if (mig_n_${arg} > ${max})\n"
		    "\t${reject}\n"
		    SAME_COUNT
		    "mig_used = mig_round((size_t)mig_n_${arg} * ${eb});\n"
		    CHECK_LEFT,
		[ROLE_TAKE_ARRAY] = "if (mig_n_${arg} > mig_room_${leader}) {\n"
		    "\tmig_too_large = 1;\n"
		    "\tmig_copy(${arg}, &${M}->${f}, (size_t)mig_room_${leader} * ${eb});\n"
		    "} else {\n"
		    "\tmig_copy(${arg}, &${M}->${f}, (size_t)mig_n_${arg} * ${eb});\n"
		    "}\n"
		    "?own:*${arg}Cnt = mig_n_${arg};\n",
		[ROLE_FITS] = "if (${cnt} > ${max})\n"
		    "\t${reject}\n",
		[ROLE_REPLY] = "mig_copy((char *)${O} + ${off}, mig_b_${arg}, (size_t)${cnt} * ${eb});\n"
		    "${M}->${f}Cnt = ${cnt};\n"
		    "mig_used = mig_pad(${O}, ${off}, (size_t)${cnt} * ${eb});\n"
		    REPLY_MOVE
		    NEXT_PART
		    "mig_size += mig_used;\n",
	},
	[OP_OUT_OF_LINE] = {
		[ROLE_LOCAL] = "?var:" LOCAL_COUNT
		    "?var:?own:?indefinite:const mach_msg_type_number_t mig_room_${arg} = *${arg}Cnt;\n",
		[ROLE_PRE] = "?var:?max:if (${cnt} > ${max})\n"
		    "?var:!max:if (${cnt} > UINT32_MAX / ${eb})\n"
		    "?var:\t${reject}\n",
		[ROLE_PACK] = OOL_DESCRIPTOR("${in}"),
		[ROLE_CHECK] = "!ports:if (${M}->${f}.type != MACH_MSG_OOL_DESCRIPTOR)\n"
		    "?ports:!poly_out:if (${M}->${f}.type != MACH_MSG_OOL_PORTS_DESCRIPTOR ||\n"
		    "?ports:!poly_out:    ${M}->${f}.disposition != ${const})\n"
		    "?ports:?poly_out:if (${M}->${f}.type != MACH_MSG_OOL_PORTS_DESCRIPTOR)\n"
		    "\t${reject}\n"
		    "!var:!ports:if (${M}->${f}.size != ${scalar_bytes})\n"
		    "!var:?ports:if (${M}->${f}.count != ${number})\n"
		    "!var:\t${reject}\n",
		[ROLE_TAKE] = "!indefinite:*${arg} = (${T})(uintptr_t)${M}->${f}.address;\n"
		    "?indefinite:if (mig_n_${arg} > mig_room_${leader}) {\n"
		    "?indefinite:\t*${arg} = (${T})(uintptr_t)${M}->${f}.address;\n"
		    "?indefinite:} else {\n"
		    "?indefinite:\tmig_copy((void *)(uintptr_t)*${arg}, (const void *)(uintptr_t)${M}->${f}.address,\n"
		    "?indefinite:\t    (size_t)mig_n_${arg} * ${eb});\n"
		    "?indefinite:\tif (mig_n_${arg} != 0)\n"
		    "?indefinite:\t\t(void)mig_deallocate((vm_address_t)(uintptr_t)${M}->${f}.address,\n"
		    "?indefinite:\t\t    (vm_size_t)mig_n_${arg} * ${eb});\n"
		    "?indefinite:}\n"
		    "?var:?own:*${arg}Cnt = mig_n_${arg};\n"
		    "?poly_out:*${arg}Poly = ${M}->${f}.disposition;\n",
		[ROLE_PREPARE] = "!indefinite:mig_zero(&mig_v_${arg}, sizeof(mig_v_${arg}));\n"
		    "?indefinite:mig_v_${arg} = (${T})mig_m_${arg};\n",
		[ROLE_FITS] = "?indefinite:if ((vm_address_t)(uintptr_t)mig_v_${arg} == mig_m_${arg} &&\n"
		    "?indefinite:    ${cnt} > 2048 / ${eb})\n"
		    "?indefinite:\t${reject}\n"
		    "?var:?max:if (${cnt} > ${max})\n"
		    "?var:!max:if (${cnt} > UINT32_MAX / ${eb})\n"
		    "?var:\t${reject}\n",
		[ROLE_REPLY] = OOL_DESCRIPTOR("mig_v_${arg}")
		    /* Of an empty region nothing is given up with the message. */
		    "?indefinite:if ((vm_address_t)(uintptr_t)mig_v_${arg} == mig_m_${arg} && "
		    "${cnt} != 0)\n"
		    "?indefinite:\t${M}->${f}.deallocate = TRUE;\n"
		    "?indefinite:else\n"
		    "?indefinite:\t(void)mig_deallocate(mig_m_${arg}, 2048);\n",
	},
	[OP_COUNT] = {
		[ROLE_PACK] = "${M}->${f} = *${leader}Cnt < ${max} ? *${leader}Cnt : ${max};\n",
	},
	[OP_OOL_COUNT] = {
		[ROLE_PACK] = "${M}->${f} = ${cnt};\n",
		[ROLE_CHECK] = "mig_n_${arg} = ${M}->${f};\n"
		    "?ports:if (mig_n_${arg} != ${D}.count)\n"
		    "!ports:if ((uint64_t)mig_n_${arg} * ${eb} != ${D}.size)\n"
		    "\t${reject}\n"
		    "?max:if (mig_n_${arg} > ${max})\n"
		    "?max:\t${reject}\n"
		    SAME_COUNT,
		[ROLE_REPLY] = "${M}->${f} = ${cnt};\n",
	},
};

/* ---- structures ------------------------------------------------------------------- */

void
untyped_declare(struct buffer *out, const struct field *field)
{
	bool memory = field->kind == FIELD_OUT_OF_LINE;

	if (memory)
		buffer_printf(out, "\t\t%s %s;\n",
		    field->is_port ? "mach_msg_ool_ports_descriptor_t"
				   : "mach_msg_ool_descriptor_t",
		    field->name);
	else if (field->type->form == FORM_ARRAY)
		buffer_printf(
		    out, "\t\tmach_msg_port_descriptor_t %s[%u];\n", field->name, field->number);
	else
		buffer_printf(out, "\t\tmach_msg_port_descriptor_t %s;\n", field->name);
}

/* What stands before variable data: its count, for a string an offset too. */
void
untyped_declare_prefix(struct buffer *out, const struct field *field)
{
	if (field->kind == FIELD_VSTRING)
		buffer_printf(out, "\t\tmach_msg_type_number_t %sOffset;\n", field->name);
	if (field->kind == FIELD_VSTRING || field->kind == FIELD_VARRAY)
		buffer_printf(out, "\t\tmach_msg_type_number_t %sCnt;\n", field->name);
}

const char *
untyped_member(const struct subsystem *s, const struct field *field)
{
	if (s->abi == ABI_OSF && field->has_descriptor && field->kind != FIELD_OUT_OF_LINE)
		return mig_format("%s.name", field->name);
	return field->name;
}

/* ---- checks -------------------------------------------------------------------------- */

static const char *
trailer_element(const struct argument *a, bool server)
{
	switch (a->direction) {
	case DIR_SEC_TOKEN:
		return "msgh_sender";
	case DIR_AUDIT_TOKEN:
		return "msgh_audit";
	case DIR_SERVER_SEC_TOKEN:
		return server ? "msgh_sender" : NULL;
	case DIR_SERVER_AUDIT_TOKEN:
		return server ? "msgh_audit" : NULL;
	case DIR_SERVER_CONTEXT_TOKEN:
		return server ? "msgh_context" : NULL;
	case DIR_MSG_SEQNO:
		return server ? "msgh_seqno" : NULL;
	case DIR_USER_SEC_TOKEN:
		return server ? NULL : "msgh_sender";
	case DIR_USER_AUDIT_TOKEN:
		return server ? NULL : "msgh_audit";
	default:
		return NULL;
	}
}

static unsigned
trailer_bytes(const struct routine *r, bool server)
{
	unsigned most = 0;

	for (const struct argument *a = r->arguments; a != NULL; a = a->next) {
		const char *element = trailer_element(a, server);
		unsigned bytes = element == NULL          ? 0
		    : strcmp(element, "msgh_seqno") == 0  ? 12
		    : strcmp(element, "msgh_sender") == 0 ? 20
		    : strcmp(element, "msgh_audit") == 0  ? 52
							  : 60;

		if (bytes > most)
			most = bytes;
	}
	return most;
}

/* Options that make the kernel add what the user stub wants; NULL for none. */
const char *
untyped_trailer_options(const struct routine *r)
{
	unsigned bytes = r->oneway ? 0 : trailer_bytes(r, false);

	if (bytes == 0)
		return NULL;
	return mig_format("MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) |\n"
			  "\t    MACH_RCV_TRAILER_ELEMENTS(%s)",
	    bytes == 20 ? "MACH_RCV_TRAILER_SENDER" : "MACH_RCV_TRAILER_AUDIT");
}

static void
check_trailer(struct buffer *out, const struct routine *r, bool server)
{
	unsigned bytes = trailer_bytes(r, server);

	if (bytes == 0)
		return;
	buffer_printf(out,
	    "\tmig_trailer = mig_trailer_of(%s);\n"
	    "\tif (mig_trailer->msgh_trailer_type != MACH_MSG_TRAILER_FORMAT_0 ||\n"
	    "\t    mig_trailer->msgh_trailer_size < %u)",
	    server ? "In0P" : "Out0P", bytes);
	if (server)
		buffer_puts(
		    out, " {\n\t\tOutErrorP->RetCode = MIG_TRAILER_ERROR;\n\t\treturn;\n\t}\n");
	else
		buffer_puts(out,
		    " {\n\t\tmach_msg_destroy(&Out0P->Head);\n"
		    "\t\treturn MIG_TRAILER_ERROR;\n\t}\n");
}

bool
untyped_has_trailer(const struct routine *r, bool server)
{
	return trailer_bytes(r, server) != 0;
}

void
untyped_server_check(struct buffer *out, const struct routine *r)
{
	check_trailer(out, r, true);
}

static void
fail(struct buffer *out, const struct routine *r, const char *code)
{
	if (r->kind == PROCEDURE)
		buffer_printf(out, "\t\t%s(%s);\n\t\treturn;\n", r->error_name, code);
	else if (r->kind == FUNCTION)
		buffer_printf(out, "\t\t%s(%s);\n\t\treturn mig_value;\n", r->error_name, code);
	else
		buffer_printf(out, "\t\treturn %s;\n", code);
}

void
untyped_user_check(
    struct buffer *out, const struct subsystem *s, const struct routine *r, const char *reject)
{
	buffer_puts(out,
	    "\t/* An error: nothing but its code. */\n"
	    "\tif ((Out0P->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0 &&\n"
	    "\t    Out0P->Head.msgh_size == sizeof(mig_reply_error_t) &&\n"
	    "\t    Mess.error.RetCode != KERN_SUCCESS)\n\t{\n");
	fail(out, r, "Mess.error.RetCode");
	buffer_puts(out, "\t}\n");
	emit_check_shape(out, s, r->reply, "Out0P", reject);
	if (r->reply->complex != ALWAYS) {
		buffer_puts(out, "\tif (Out0P->RetCode != KERN_SUCCESS) {\n");
		fail(out, r, "Out0P->RetCode");
		buffer_puts(out, "\t}\n");
	}
	check_trailer(out, r, false);
}

/* The user's tokens, once everything else has been checked. */
void
untyped_user_tokens(struct buffer *out, const struct routine *r)
{
	for (const struct argument *a = r->arguments; a != NULL; a = a->next) {
		const char *element = trailer_element(a, false);

		if (element != NULL && a->user_sees)
			buffer_printf(out, "\t*%s = mig_trailer->%s;\n", a->name, element);
	}
}

const char *
untyped_trailer_value(const struct argument *a)
{
	const char *element = trailer_element(a, true);

	return mig_format("mig_trailer->%s", element != NULL ? element : "msgh_seqno");
}

/* ---- variables of the server stub --------------------------------------------------------- */

static bool
is_array(const struct argument *a)
{
	return a->type->form == FORM_ARRAY || a->type->form == FORM_VARRAY;
}

bool
untyped_needs_variable(const struct argument *a)
{
	if (!a->in_request && !a->in_reply)
		return false;
	if (is_array(a))
		return a->in_reply || a->type->alignment > 4 || type_is_port(a->type);
	if (type_is_out_of_line(a->type) || a->type->form == FORM_INDEFINITE)
		return true;
	return a->in_reply && a->type->form != FORM_STRING && a->type->form != FORM_VSTRING;
}

static void
array_local(struct buffer *out, const struct argument *a)
{
	if (type_is_port(a->type))
		buffer_printf(out, "\tmach_port_t mig_b_%s[%u];\n", a->name, a->type->number);
	else
		buffer_printf(out,
		    "\tunsigned char mig_b_%s[%llu] __attribute__((__aligned__(8)));\n", a->name,
		    (unsigned long long)type_wire_bytes(a->type));
}

void
untyped_in_local(struct buffer *out, const struct argument *a)
{
	if (is_array(a))
		array_local(out, a);
	else
		buffer_printf(out, "\t%s mig_v_%s;\n", a->type->server_type, a->name);
}

static void
array_from_message(struct buffer *out, const struct argument *a, const char *value)
{
	if (type_is_port(a->type))
		buffer_printf(out,
		    "\tfor (mach_msg_type_number_t mig_i = 0; mig_i < %u; mig_i++)\n"
		    "\t\tmig_b_%s[mig_i] = In0P->%s[mig_i].name;\n",
		    a->type->number, a->name, a->name);
	else if (type_is_variable(a->type))
		buffer_printf(out, "\tmig_copy(mig_b_%s, &%s, (size_t)mig_n_%s * %llu);\n", a->name,
		    value, a->name, (unsigned long long)type_wire_bytes(a->type->element));
	else
		buffer_printf(out, "\tmig_copy(mig_b_%s, &%s, %llu);\n", a->name, value,
		    (unsigned long long)type_wire_bytes(a->type));
}

void
untyped_in_value(struct buffer *out, const struct argument *a, const char *value)
{
	if (is_array(a))
		array_from_message(out, a, value);
	else
		buffer_printf(out, "\tmig_v_%s = (%s)(uintptr_t)%s.address;\n", a->name,
		    a->type->server_type, value);
}

void
untyped_inout_value(struct buffer *out, const struct argument *a, const char *from)
{
	if (is_array(a))
		array_from_message(out, a, from);
	else if (type_is_out_of_line(a->type))
		buffer_printf(out, "\tmig_v_%s = (%s)(uintptr_t)%s.address;\n", a->name,
		    a->type->server_type, from);
	else if (a->type->intran != NULL)
		buffer_printf(out, "\tmig_v_%s = %s(%s);\n", a->name, a->type->intran, from);
	else
		buffer_printf(out, "\tmig_v_%s = %s;\n", a->name, from);
}

void
untyped_out_local(struct buffer *out, const struct argument *a)
{
	if (is_array(a)) {
		array_local(out, a);
		return;
	}
	if (a->type->form == FORM_INDEFINITE)
		buffer_printf(out, "\tvm_address_t mig_m_%s = 0;\n", a->name);
	buffer_printf(out, "\t%s mig_v_%s;\n",
	    type_is_out_of_line(a->type) ? a->type->server_type : a->type->trans_type, a->name);
}

const char *
untyped_in_expression(const struct argument *a)
{
	return mig_format(is_array(a) ? "(void *)mig_b_%s" : "mig_v_%s", a->name);
}

const char *
untyped_out_expression(const struct argument *a)
{
	return mig_format(is_array(a) ? "(void *)mig_b_%s" : "&mig_v_%s", a->name);
}

void
untyped_free(struct buffer *out, const struct argument *a, const struct field *field)
{
	const char *size = field->is_port ? mig_format("In0P->%s.count * 4", a->name)
					  : mig_format("In0P->%s.size", a->name);

	buffer_printf(out,
	    "\tif (In0P->%s.%s != 0)\n"
	    "\t\t(void)mig_deallocate((vm_address_t)(uintptr_t)mig_v_%s, (vm_size_t)%s);\n",
	    a->name, field->is_port ? "count" : "size", a->name, size);
}

static bool
offers_memory(const struct argument *a)
{
	return a->in_reply && a->type->form == FORM_INDEFINITE;
}

bool
untyped_owns_memory(const struct routine *r)
{
	for (const struct argument *a = r->arguments; a != NULL; a = a->next)
		if (offers_memory(a))
			return true;
	return false;
}

void
untyped_take_memory(struct buffer *out, const struct routine *r)
{
	for (const struct argument *a = r->arguments; a != NULL; a = a->next)
		if (offers_memory(a))
			buffer_printf(out,
			    "\t(void)mig_allocate(&mig_m_%s, 2048);\n"
			    "\tif (mig_m_%s == 0) {\n"
			    "\t\tOutErrorP->RetCode = KERN_RESOURCE_SHORTAGE;\n"
			    "\t\tgoto mig_failed;\n\t}\n",
			    a->name, a->name);
}

void
untyped_failed(struct buffer *out, const struct routine *r)
{
	buffer_puts(out, "mig_failed:\n");
	for (const struct argument *a = r->arguments; a != NULL; a = a->next)
		if (offers_memory(a))
			buffer_printf(out,
			    "\tif (mig_m_%s != 0)\n"
			    "\t\t(void)mig_deallocate(mig_m_%s, 2048);\n",
			    a->name, a->name);
	buffer_puts(out, "\treturn;\n\n");
}

void
untyped_server_reply_begin(struct buffer *out, const struct routine *r)
{
	if (r->reply->complex == ALWAYS)
		buffer_printf(out,
		    "\tOut0P->Head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;\n"
		    "\tOut0P->msgh_body.msgh_descriptor_count = %u;\n",
		    r->reply->descriptor_count);
}

/* ---- table and demultiplexer -------------------------------------------------------------- */

static unsigned
routine_words(const struct routine *r)
{
	unsigned words = 0;

	for (const struct argument *a = r->arguments; a != NULL; a = a->next)
		words += type_is_out_of_line(a->type) || type_is_variable(a->type) ? 2 : 1;
	return words;
}

static void
table_entry(struct buffer *out, const struct routine *r)
{
	buffer_printf(out, "\t\t{ 0, _X%s, %u, %u, 0, %u },\n", r->name, routine_words(r),
	    r->reply != NULL ? r->reply->descriptor_count : 0,
	    r->reply != NULL ? r->reply->max_size : 36);
}

void
untyped_table_struct(struct subsystem *s, struct buffer *out)
{
	const char *prefix = options.prefix != NULL ? options.prefix : "";

	buffer_printf(out,
	    "\n/* Server, first id, last id + 1, largest reply, and a row for each routine. */\n"
	    "extern const struct %s%s_subsystem {\n\tmig_server_routine_t server;\n"
	    "\tmach_msg_id_t start;\n\tmach_msg_id_t end;\n\tunsigned int maxsize;\n"
	    "\tvm_address_t reserved;\n\tstruct routine_descriptor routine[%u];\n} "
	    "%s%s_subsystem;\n",
	    prefix, s->name, s->id_count != 0 ? s->id_count : 1, prefix, s->name);
}

void
untyped_server_table(struct subsystem *s, struct buffer *out)
{
	const char *prefix = options.prefix != NULL ? options.prefix : "";
	const struct routine *r = s->routines;

	buffer_printf(out,
	    "\nmig_external boolean_t %s(mach_msg_header_t *, mach_msg_header_t *);\n"
	    "mig_external mig_routine_t %s%s_server_routine(mach_msg_header_t *);\n",
	    s->server_demux, prefix, s->name);
	untyped_table_struct(s, out);
	buffer_printf(out,
	    "\nconst struct %s%s_subsystem %s%s_subsystem = {\n\t%s%s_server_routine,\n"
	    "\t%u,\n\t%u,\n\t%u,\n\t0,\n\t{\n",
	    prefix, s->name, prefix, s->name, prefix, s->name, s->base, s->base + s->id_count,
	    s->reply_max);
	for (uint32_t i = 0; i < s->id_count && r != NULL; i++) {
		if (r->index == i) {
			table_entry(out, r);
			r = r->next;
		} else {
			buffer_puts(out, "\t\t{ 0, 0, 0, 0, 0, 0 },\n");
		}
	}
	if (s->routines == NULL)
		buffer_puts(out, "\t\t{ 0, 0, 0, 0, 0, 0 },\n");
	buffer_printf(out,
	    "\t},\n};\n\nmig_external mig_routine_t\n%s%s_server_routine("
	    "mach_msg_header_t *InHeadP)\n{\n\tuint32_t index = (uint32_t)InHeadP->msgh_id - "
	    "%u;\n\n"
	    "\treturn index < %u ? %s%s_subsystem.routine[index].stub_routine : 0;\n}\n",
	    prefix, s->name, s->base, s->id_count != 0 ? s->id_count : 1, prefix, s->name);
	buffer_printf(out,
	    "\nmig_external boolean_t\n%s(mach_msg_header_t *InHeadP, "
	    "mach_msg_header_t *OutHeadP)\n{\n"
	    "\tmig_routine_t routine = %s%s_server_routine(InHeadP);\n"
	    "\tmig_reply_error_t *OutP = (mig_reply_error_t *)(void *)OutHeadP;\n\n"
	    "\tmig_head(OutP, MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(InHeadP->msgh_bits), 0),\n"
	    "\t    sizeof(mig_reply_error_t), InHeadP->msgh_remote_port, MACH_PORT_NULL,\n"
	    "\t    (mach_msg_id_t)((uint32_t)InHeadP->msgh_id + 100u));\n"
	    "\tOutP->NDR = NDR_record;\n\tOutP->RetCode = KERN_SUCCESS;\n"
	    "\tif (routine == 0) {\n\t\tOutP->RetCode = MIG_BAD_ID;\n\t\treturn FALSE;\n\t}\n"
	    "\troutine(InHeadP, OutHeadP);\n\treturn TRUE;\n}\n",
	    s->server_demux, prefix, s->name);
}

/* ---- message types for headers --------------------------------------------------------------- */

static void
header_message(struct buffer *out, const struct routine *r, const struct message *m)
{
	buffer_printf(out, "typedef struct {\n\tmach_msg_header_t Head;\n");
	if (m->descriptor_count != 0)
		buffer_puts(out, "\tmach_msg_body_t msgh_body;\n");
	for (const struct field *f = m->fields; f != NULL; f = f->next) {
		if (f->has_descriptor) {
			untyped_declare(out, f);
			continue;
		}
		untyped_declare_prefix(out, f);
		if (f->kind == FIELD_NDR)
			buffer_puts(out, "\tNDR_record_t NDR;\n");
		else if (f->kind == FIELD_RETCODE)
			buffer_puts(out, "\tkern_return_t RetCode;\n");
		else if (f->kind == FIELD_COUNT || f->kind == FIELD_OOL_COUNT)
			buffer_printf(out, "\tmach_msg_type_number_t %s;\n", f->name);
		else if (f->type->form == FORM_SCALAR || (f->type->form == FORM_STRUCT))
			buffer_printf(out, "\t%s %s;\n", f->type->user_type, f->name);
		else
			buffer_printf(out, "\tchar %s[%u];\n", f->name, f->room);
		if ((f->type != NULL && f->kind == FIELD_VALUE && f->type->form != FORM_ARRAY) &&
		    f->room != f->bytes)
			buffer_printf(out, "\tchar %sPad[%u];\n", f->name, f->room - f->bytes);
	}
	buffer_printf(out, "} __attribute__((__packed__, __aligned__(4))) __%s__%s_t;\n",
	    m->is_request ? "Request" : "Reply", r->name);
}

static void
header_union(struct subsystem *s, struct buffer *out, bool request)
{
	buffer_printf(
	    out, "union __%sUnion__%s_subsystem {\n", request ? "Request" : "Reply", s->name);
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		if (request || r->reply != NULL)
			buffer_printf(out, "\t__%s__%s_t %s_%s;\n", request ? "Request" : "Reply",
			    r->name, request ? "Request" : "Reply", r->name);
	buffer_printf(out, "\tmig_reply_error_t error;\n};\n");
}

void
untyped_header_types(struct subsystem *s, struct buffer *out)
{
	buffer_printf(out, "\n#ifndef __%s_messages__defined\n#define __%s_messages__defined\n\n",
	    s->name, s->name);
	for (const struct routine *r = s->routines; r != NULL; r = r->next) {
		header_message(out, r, r->request);
		if (r->reply != NULL)
			header_message(out, r, r->reply);
	}
	header_union(s, out, true);
	header_union(s, out, false);
	buffer_puts(out, "\n#endif\n");
}
