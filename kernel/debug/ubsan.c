/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ubsan -- undefined behaviour found by the compiler's checks is a panic.
 *
 * Built only with -Dsanitize=kernel. gcc and clang then call a function named
 * __ubsan_handle_WHAT_abort where a check fails, with a pointer to a constant
 * that begins with the place in the source, and the values in question. The
 * names and layouts are those of the compilers' own run-time library; what
 * follows the place differs by function and is named below where it is used.
 */
#include <stdint.h>

#include <kern/assert.h>

struct ubsan_place {
	const char *file;
	uint32_t line;
	uint32_t column;
};
_Static_assert(sizeof(struct ubsan_place) == 16, "compilers' layout");

/* A type: its kind (0 integer, 1 floating, 0xffff other), twice the logarithm
 * of its bits plus one when signed, its name. */
struct ubsan_type {
	uint16_t kind;
	uint16_t info;
	char name[];
};

#define UBSAN_INTEGER 0

struct ubsan_two_types {
	struct ubsan_place place;
	const struct ubsan_type *first;
	const struct ubsan_type *second;
};

/* Null, misaligned, or too small for what is done with it. */
struct ubsan_access {
	struct ubsan_place place;
	const struct ubsan_type *type;
	uint8_t log_alignment;
	uint8_t kind;
};

static _Noreturn void
ubsan_stop(const struct ubsan_place *place, const char *what)
{
	panic("%s:%u:%u: undefined behaviour: %s", place->file, place->line, place->column, what);
}

/* An integer is passed by value when it fits a register, else by address. */
static int64_t
ubsan_value(const struct ubsan_type *type, uintptr_t value)
{
	unsigned int bits = 1u << (type->info >> 1);
	unsigned int unused;

	if (type->kind != UBSAN_INTEGER)
		return (int64_t)value;
	if (bits > 64)
		return (int64_t) * (const uint64_t *)value;
	unused = 64 - bits;
	if (type->info & 1)
		return (int64_t)(value << unused) >> unused;
	return (int64_t)(value << unused >> unused);
}

static _Noreturn void
ubsan_stop_operands(const void *data, const char *what, uintptr_t left, uintptr_t right)
{
	const struct ubsan_two_types *types = data;
	const struct ubsan_type *type = types->first;

	panic("%s:%u:%u: undefined behaviour: %ld %s %ld in type %s", types->place.file,
	    types->place.line, types->place.column, ubsan_value(type, left), what,
	    ubsan_value(type, right), type->name);
}

#define UBSAN_OPERATION(name, symbol)                                                              \
	_Noreturn void __ubsan_handle_##name##_abort(                                              \
	    const void *data, uintptr_t left, uintptr_t right);                                    \
	_Noreturn void __ubsan_handle_##name##_abort(                                              \
	    const void *data, uintptr_t left, uintptr_t right)                                     \
	{                                                                                          \
		ubsan_stop_operands(data, symbol, left, right);                                    \
	}

UBSAN_OPERATION(add_overflow, "+")
UBSAN_OPERATION(sub_overflow, "-")
UBSAN_OPERATION(mul_overflow, "*")
UBSAN_OPERATION(divrem_overflow, "/")

/* Those of which the place says enough. Surplus arguments are the caller's to
 * clear away, as always in the C calling convention. */
#define UBSAN_PLACE(name, what)                                                                    \
	_Noreturn void __ubsan_handle_##name(const void *data);                                    \
	_Noreturn void __ubsan_handle_##name(const void *data)                                     \
	{                                                                                          \
		ubsan_stop(data, what);                                                            \
	}

UBSAN_PLACE(negate_overflow_abort, "negation overflows")
UBSAN_PLACE(vla_bound_not_positive_abort, "array of no positive size")
UBSAN_PLACE(nonnull_arg_abort, "null argument where none may be")
UBSAN_PLACE(builtin_unreachable, "reached what is marked unreachable")
UBSAN_PLACE(missing_return, "no value returned")
UBSAN_PLACE(invalid_builtin_abort, "zero given to a bit count")
UBSAN_PLACE(float_cast_overflow_abort, "floating value out of range")
UBSAN_PLACE(alignment_assumption_abort, "not aligned as assumed")

/* This one is given the place apart. */
_Noreturn void
__ubsan_handle_nonnull_return_v1_abort(const void *data, const struct ubsan_place *place);
_Noreturn void
__ubsan_handle_nonnull_return_v1_abort(const void *data, const struct ubsan_place *place)
{
	(void)data;
	ubsan_stop(place, "null returned where none may be");
}

_Noreturn void __ubsan_handle_shift_out_of_bounds_abort(
    const struct ubsan_two_types *data, uintptr_t left, uintptr_t right);
_Noreturn void
__ubsan_handle_shift_out_of_bounds_abort(
    const struct ubsan_two_types *data, uintptr_t left, uintptr_t right)
{
	panic("%s:%u:%u: undefined behaviour: %s %ld shifted by %ld", data->place.file,
	    data->place.line, data->place.column, data->first->name, ubsan_value(data->first, left),
	    ubsan_value(data->second, right));
}

/* Types: of the array, of the index. */
_Noreturn void
__ubsan_handle_out_of_bounds_abort(const struct ubsan_two_types *data, uintptr_t index);
_Noreturn void
__ubsan_handle_out_of_bounds_abort(const struct ubsan_two_types *data, uintptr_t index)
{
	panic("%s:%u:%u: undefined behaviour: index %ld of %s", data->place.file, data->place.line,
	    data->place.column, ubsan_value(data->second, index), data->first->name);
}

_Noreturn void
__ubsan_handle_load_invalid_value_abort(const struct ubsan_two_types *data, uintptr_t value);
_Noreturn void
__ubsan_handle_load_invalid_value_abort(const struct ubsan_two_types *data, uintptr_t value)
{
	panic("%s:%u:%u: undefined behaviour: %lu is no value of %s", data->place.file,
	    data->place.line, data->place.column, value, data->first->name);
}

_Noreturn void __ubsan_handle_pointer_overflow_abort(
    const struct ubsan_place *place, uintptr_t base, uintptr_t result);
_Noreturn void
__ubsan_handle_pointer_overflow_abort(
    const struct ubsan_place *place, uintptr_t base, uintptr_t result)
{
	panic("%s:%u:%u: undefined behaviour: pointer %lx becomes %lx", place->file, place->line,
	    place->column, base, result);
}

static const char *
ubsan_access_fault(const struct ubsan_access *access, uintptr_t address)
{
	if (address == 0)
		return "null";
	if ((address & ((1ul << access->log_alignment) - 1)) != 0)
		return "misaligned";
	return "too small";
}

_Noreturn void
__ubsan_handle_type_mismatch_v1_abort(const struct ubsan_access *access, uintptr_t address);
_Noreturn void
__ubsan_handle_type_mismatch_v1_abort(const struct ubsan_access *access, uintptr_t address)
{
	panic("%s:%u:%u: undefined behaviour: access to %s at %lx, %s", access->place.file,
	    access->place.line, access->place.column, access->type->name, address,
	    ubsan_access_fault(access, address));
}
