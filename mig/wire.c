/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of wire types, directions, forms; questions about types. */
#include <string.h>

#include "mig.h"

static const char *const wire_texts[] = {
	[WIRE_UNSTRUCTURED] = "UNSTRUCTURED",
	[WIRE_INTEGER_16] = "INTEGER_16",
	[WIRE_INTEGER_32] = "INTEGER_32",
	[WIRE_CHAR] = "CHAR",
	[WIRE_BYTE] = "BYTE",
	[WIRE_REAL] = "REAL",
	[WIRE_INTEGER_64] = "INTEGER_64",
	[WIRE_STRING] = "STRING",
	[WIRE_PORT_NAME] = "PORT_NAME",
	[WIRE_MOVE_RECEIVE] = "MOVE_RECEIVE",
	[WIRE_MOVE_SEND] = "MOVE_SEND",
	[WIRE_MOVE_SEND_ONCE] = "MOVE_SEND_ONCE",
	[WIRE_COPY_SEND] = "COPY_SEND",
	[WIRE_MAKE_SEND] = "MAKE_SEND",
	[WIRE_MAKE_SEND_ONCE] = "MAKE_SEND_ONCE",
};

const char *
wire_text(uint32_t name)
{
	if (name == WIRE_POLYMORPHIC)
		return "POLYMORPHIC";
	if (name < sizeof(wire_texts) / sizeof(wire_texts[0]) && wire_texts[name] != NULL)
		return wire_texts[name];
	return mig_format("%u", name);
}

static const char *const direction_texts[] = {
	[DIR_NONE] = "",
	[DIR_IN] = "in",
	[DIR_OUT] = "out",
	[DIR_INOUT] = "inout",
	[DIR_REQUEST_PORT] = "requestport",
	[DIR_REPLY_PORT] = "replyport",
	[DIR_UREPLY_PORT] = "ureplyport",
	[DIR_SREPLY_PORT] = "sreplyport",
	[DIR_WAIT_TIME] = "waittime",
	[DIR_SEND_TIME] = "sendtime",
	[DIR_MSG_OPTION] = "msgoption",
	[DIR_MSG_TYPE] = "msgtype",
	[DIR_MSG_SEQNO] = "msgseqno",
	[DIR_SEC_TOKEN] = "sectoken",
	[DIR_SERVER_SEC_TOKEN] = "serversectoken",
	[DIR_USER_SEC_TOKEN] = "usersectoken",
	[DIR_AUDIT_TOKEN] = "audittoken",
	[DIR_SERVER_AUDIT_TOKEN] = "serveraudittoken",
	[DIR_USER_AUDIT_TOKEN] = "useraudittoken",
	[DIR_SERVER_CONTEXT_TOKEN] = "servercontexttoken",
	[DIR_SERVER_IMPL] = "serverimpl",
	[DIR_USER_IMPL] = "userimpl",
};

const char *
direction_text(enum direction direction)
{
	return direction_texts[direction];
}

const char *
form_text(enum form form)
{
	static const char *const texts[] = {
		[FORM_SCALAR] = "scalar",
		[FORM_STRUCT] = "struct",
		[FORM_ARRAY] = "array",
		[FORM_VARRAY] = "variable array",
		[FORM_INDEFINITE] = "indefinite array",
		[FORM_STRING] = "string",
		[FORM_VSTRING] = "variable string",
		[FORM_POINTER] = "out of line",
		[FORM_C_POINTER] = "C pointer",
		[FORM_C_VALUE] = "C value",
	};

	return texts[form];
}

const char *
routine_kind_text(enum routine_kind kind)
{
	static const char *const texts[] = {
		[ROUTINE] = "routine",
		[SIMPLE_ROUTINE] = "simpleroutine",
		[PROCEDURE] = "procedure",
		[SIMPLE_PROCEDURE] = "simpleprocedure",
		[FUNCTION] = "function",
	};

	return texts[kind];
}

static bool
wire_is_port(uint32_t name)
{
	return name == WIRE_POLYMORPHIC ||
	    (name >= WIRE_MOVE_RECEIVE && name <= WIRE_MAKE_SEND_ONCE);
}

bool
type_is_port(const struct type *type)
{
	return wire_is_port(type->send_name) || wire_is_port(type->receive_name);
}

const struct type *
type_data(const struct type *type)
{
	return type->form == FORM_POINTER ? type->element : type;
}

bool
type_is_variable(const struct type *type)
{
	const struct type *data = type_data(type);

	return data->form == FORM_VARRAY || data->form == FORM_INDEFINITE;
}

bool
type_is_out_of_line(const struct type *type)
{
	return type->form == FORM_POINTER;
}

uint32_t
type_element_words(const struct type *type)
{
	const struct type *data = type_data(type);

	return data->element != NULL ? data->element->number : 1;
}

uint64_t
type_wire_bytes(const struct type *type)
{
	return ((uint64_t)type->size * type->number + 7) / 8;
}

uint64_t
type_c_bytes(const struct type *type)
{
	return type_is_port(type) ? (uint64_t)type->number * 4 : type_wire_bytes(type);
}
