/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emit -- text patterns with named holes, and what all targets share.
 *
 * A pattern is lines of C.  `${name}` is replaced by the value of a hole.
 * A line may begin with conditions: `?name:` keeps it when the hole has a
 * value, `!name:` when it has none.  There is one row of patterns for each
 * (operation, role); an unknown hole stops the build (mig --self-check).
 */
#ifndef MIG_EMIT_H
#define MIG_EMIT_H

#include "mig.h"

enum hole {
	HOLE_M,      /* pointer to the part of the message */
	HOLE_f,      /* member with the data */
	HOLE_D,      /* member with the descriptor, and its constant */
	HOLE_arg,    /* the argument */
	HOLE_in,     /* its value on the sending side */
	HOLE_cnt,    /* its count on the sending side */
	HOLE_leader, /* the argument whose count is used */
	HOLE_own,    /* set when that is the argument itself */
	HOLE_N,      /* pointer to the next part, if one follows */
	HOLE_NT,     /* its structure */
	HOLE_off,    /* of the data in its part */
	HOLE_bytes,
	HOLE_max,      /* elements at most */
	HOLE_maxnum,   /* base elements at most; none when unbounded */
	HOLE_words,    /* base elements per element, when not 1 */
	HOLE_eb,       /* bytes per element in the message */
	HOLE_cb,       /* bytes per element in C */
	HOLE_padz,     /* statement that clears the padding */
	HOLE_word,     /* descriptor as received */
	HOLE_low,      /* its low half */
	HOLE_ool_low,  /* the low half when sent out of line */
	HOLE_mask,     /* bits of the low half that are compared */
	HOLE_reject,   /* statement that refuses the message */
	HOLE_poly,     /* disposition chosen by the sender, at run time */
	HOLE_poly_out, /* the receiver wants the disposition */
	HOLE_maybe,    /* complex only when the disposition is a right */
	HOLE_dealloc,  /* expression, when chosen at run time */
	HOLE_dealloc_yes,
	HOLE_var,     /* has a count */
	HOLE_ports,   /* rights, as 8-byte slots of 4-byte names */
	HOLE_kernel,  /* rights are pointers */
	HOLE_complex, /* the message is complex in any case */
	HOLE_T,       /* C type of the argument */
	HOLE_same,    /* count shared with an earlier array */
	HOLE_O,       /* pointer to the part while it is being filled */
	HOLE_moved,   /* the part has to be moved down */
	HOLE_outtran,
	HOLE_const,       /* disposition a receiver expects */
	HOLE_disposition, /* the one its sender gives */
	HOLE_scalar_bytes,
	HOLE_osf_dealloc,
	HOLE_physical,
	HOLE_number,
	HOLE_indefinite,
	HOLE_COUNT
};

enum role {
	ROLE_LOCAL,       /* declarations in front */
	ROLE_PRE,         /* user, before packing: what may refuse the call */
	ROLE_PACK,        /* user: request */
	ROLE_CHECK,       /* either receiver */
	ROLE_TAKE_ARRAY,  /* user: arrays first, they may not fit */
	ROLE_TAKE_MEMORY, /* user: arrays that may need memory, when all others fit */
	ROLE_TAKE,        /* user: the rest */
	ROLE_PREPARE,     /* server: results before the call */
	ROLE_FITS,        /* server: what cannot be sent, before anything of the reply is filled */
	ROLE_REPLY,       /* server: results after it */
	ROLE_COUNT
};

struct env {
	const char *value[HOLE_COUNT];
};

extern const char *const hole_names[HOLE_COUNT];
/* Patterns of both dialects, by operation and role. */
extern const char *const typed_rows[OP_KINDS][ROLE_COUNT];
extern const char *const untyped_rows[OP_KINDS][ROLE_COUNT];

void emit_pattern(struct buffer *out, const struct env *env, const char *pattern);
/* What is to be done with the field of `op`; NULL for nothing. */
const char *row_pattern(const struct subsystem *s, const struct op *op, enum role role);

/* Which side's C names and pointers are meant. */
struct side {
	const struct subsystem *subsystem;
	bool server;
	bool kernel;
};

struct side side_user(const struct subsystem *s);
struct side side_server(const struct subsystem *s);

/* Fill the holes that say what the field is and where; targets add their own. */
void env_field(struct env *env, const struct side *side, const struct op *op,
    const struct message *m, bool received);
const char *part_pointer(const struct message *m, unsigned part);
const char *part_type(const struct message *m, unsigned part);
const char *field_member(const struct field *field, const char *suffix);

extern const char *const env_yes; /* the value of a hole that is only asked for */
/* Does its length depend on what it carries? */
bool message_varies(const struct message *m);
/* Indefinite arrays and chosen dispositions want to know the complex bit. */
bool plan_asks_complex(const struct plan *plan);
/* Size and complex bit of what was received, `head` pointing to it; sets mig_left. */
void emit_check_shape(struct buffer *out, const struct subsystem *s, const struct message *m,
    const char *head, const char *reject);
/* The string of the rcsid statement; `side` is user or server. */
void emit_rcsid(const struct subsystem *s, struct buffer *out, const char *side);
void emit_banner(const struct subsystem *s, struct buffer *out, const char *what);
void emit_preamble(const struct subsystem *s, struct buffer *out, const struct side *side);
void
emit_imports(const struct subsystem *s, struct buffer *out, bool user, bool server, bool header);
void emit_layout_comment(struct buffer *out, const struct message *m, const char *indent);
void emit_message_struct(struct buffer *out, const struct message *m, const struct side *side);
void emit_descriptors(struct buffer *out, const struct message *m);
void
emit_descriptors_if_typed(struct buffer *out, const struct subsystem *s, const struct message *m);
void emit_standard_includes(const struct subsystem *s, struct buffer *out, const struct side *side);
void emit_error_procedures(const struct subsystem *s, struct buffer *out);
/* The statement that clears the padding behind a field; NULL when there is none. */
const char *env_padding(const struct field *field, const struct side *side, const char *pointer);
/* Parameter list of the user stub or the server function, without parentheses. */
void emit_parameters(struct buffer *out, const struct routine *r, const struct side *side);
void emit_unused_parameters(struct buffer *out, const struct routine *r, const struct side *side);
void emit_source_line(struct buffer *out, const struct routine *r);
const char *routine_return_type(const struct routine *r, const struct side *side);

bool user_wants_poly(const struct argument *a, bool *by_reference);
bool server_wants_poly(const struct argument *a, const struct side *side, bool *by_reference);
const char *type_c_name(const struct type *type, const struct side *side);

/* ---- untyped dialect (target_untyped.c) ---- */

void untyped_user_check(
    struct buffer *out, const struct subsystem *s, const struct routine *r, const char *reject);
void untyped_server_check(struct buffer *out, const struct routine *r);
void untyped_server_reply_begin(struct buffer *out, const struct routine *r);
void untyped_server_table(struct subsystem *s, struct buffer *out);
/* The value in a descriptor lies in a member of it. */
const char *untyped_member(const struct subsystem *s, const struct field *field);
const char *untyped_trailer_value(const struct argument *a);
/* Data is 4-byte aligned only: what needs more is copied to a variable. */
bool untyped_needs_variable(const struct argument *a);
void untyped_in_local(struct buffer *out, const struct argument *a);
void untyped_in_value(struct buffer *out, const struct argument *a, const char *value);
void untyped_inout_value(struct buffer *out, const struct argument *a, const char *from);
void untyped_out_local(struct buffer *out, const struct argument *a);
const char *untyped_out_expression(const struct argument *a);
const char *untyped_in_expression(const struct argument *a);
void untyped_declare(struct buffer *out, const struct field *field);
void untyped_declare_prefix(struct buffer *out, const struct field *field);
const char *untyped_trailer_options(const struct routine *r);
bool untyped_has_trailer(const struct routine *r, bool server);
void untyped_user_tokens(struct buffer *out, const struct routine *r);
/* Memory that the stub offers the function for results: taken, and given back when unused. */
bool untyped_owns_memory(const struct routine *r);
void untyped_take_memory(struct buffer *out, const struct routine *r);
void untyped_failed(struct buffer *out, const struct routine *r);
void untyped_table_struct(struct subsystem *s, struct buffer *out);
void untyped_header_types(struct subsystem *s, struct buffer *out);
void untyped_free(struct buffer *out, const struct argument *a, const struct field *field);

#endif /* MIG_EMIT_H */
