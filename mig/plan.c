/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must be done with each field, independent of who does it: packing
 * and unpacking walk the same list.  Also judged here: whether a message
 * would fit a call in registers (words and single rights only).
 */
#include "mig.h"

#define REGISTER_WORDS 6

static const char *const op_names[OP_KINDS] = {
	[OP_RETCODE] = "retcode",
	[OP_SCALAR] = "scalar",
	[OP_BLOCK] = "block",
	[OP_STRING] = "string",
	[OP_VSTRING] = "string-var",
	[OP_BLOCK_VAR] = "block-var",
	[OP_PORT] = "port",
	[OP_PORTS] = "ports",
	[OP_PORTS_VAR] = "ports-var",
	[OP_OUT_OF_LINE] = "out-of-line",
	[OP_INDEFINITE] = "indefinite",
	[OP_PORTS_INDEFINITE] = "ports-indefinite",
	[OP_COUNT] = "count",
	[OP_NDR] = "ndr",
	[OP_OOL_COUNT] = "out-of-line-count",
};

const char *
op_name(enum op_kind kind)
{
	return op_names[kind];
}

static enum op_kind
op_value(const struct field *field)
{
	if (field->is_port)
		return field->type->form == FORM_ARRAY ? OP_PORTS : OP_PORT;
	return field->type->form == FORM_ARRAY ? OP_BLOCK : OP_SCALAR;
}

static enum op_kind
op_of(const struct field *field)
{
	switch (field->kind) {
	case FIELD_RETCODE:
		return OP_RETCODE;
	case FIELD_VALUE:
		return op_value(field);
	case FIELD_STRING:
		return OP_STRING;
	case FIELD_VSTRING:
		return OP_VSTRING;
	case FIELD_VARRAY:
		return field->is_port ? OP_PORTS_VAR : OP_BLOCK_VAR;
	case FIELD_INDEFINITE:
		return field->is_port ? OP_PORTS_INDEFINITE : OP_INDEFINITE;
	case FIELD_OUT_OF_LINE:
		return OP_OUT_OF_LINE;
	case FIELD_COUNT:
		return OP_COUNT;
	case FIELD_NDR:
		return OP_NDR;
	case FIELD_OOL_COUNT:
		return OP_OOL_COUNT;
	}
	return OP_SCALAR;
}

/* Words the operation takes in registers; 0 when it does not fit. */
static unsigned
op_register_words(const struct op *op)
{
	const struct field *field = op->field;

	if (op->kind == OP_PORT || op->kind == OP_COUNT)
		return 1;
	if (op->kind == OP_SCALAR && field->bytes <= 32)
		return (field->bytes + 7) / 8;
	return 0;
}

static void
plan_registers(struct plan *plan)
{
	plan->fits_registers = true;
	for (const struct op *op = plan->ops; op != NULL; op = op->next) {
		unsigned words = op_register_words(op);

		if (op->kind == OP_RETCODE)
			continue; /* has a register of its own */
		if (words == 0)
			plan->fits_registers = false;
		plan->register_words += words;
	}
	if (plan->register_words > REGISTER_WORDS)
		plan->fits_registers = false;
}

static bool
op_pre_check(const struct op *op)
{
	return op->kind == OP_BLOCK_VAR || op->kind == OP_PORTS_VAR || op->kind == OP_VSTRING ||
	    (op->kind == OP_OUT_OF_LINE && type_is_variable(op->field->type));
}

struct plan *
plan_message(struct message *message)
{
	struct plan *plan = mig_alloc(sizeof(*plan));
	struct op **end = &plan->ops;

	plan->transport = TRANSPORT_MESSAGE;
	plan->message = message;
	if (message == NULL)
		return plan;
	for (struct field *field = message->fields; field != NULL; field = field->next) {
		struct op *op = mig_alloc(sizeof(*op));

		op->kind = op_of(field);
		op->field = field;
		op->advances = field->variable && field->part + 1 < message->part_count;
		*end = op;
		end = &op->next;
		plan->needs_pre_check = plan->needs_pre_check || op_pre_check(op);
	}
	plan_registers(plan);
	return plan;
}
