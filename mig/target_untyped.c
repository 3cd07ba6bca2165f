/* SPDX-License-Identifier: BSD-2-Clause */
/* placeholder for the untyped dialect */
#include "emit.h"
const char untyped_preamble[] = "";
const char *const untyped_rows[OP_KINDS][ROLE_COUNT] = { { NULL } };
void untyped_user_check(struct buffer *out, const struct routine *r, const char *reject) { (void)out; (void)r; (void)reject; }
void untyped_server_check(struct buffer *out, const struct routine *r) { (void)out; (void)r; }
void untyped_server_reply_begin(struct buffer *out, const struct routine *r) { (void)out; (void)r; }
void untyped_server_table(struct subsystem *s, struct buffer *out) { (void)s; (void)out; }
const char *untyped_member(const struct subsystem *s, const struct field *field) { (void)s; return field->name; }
const char *untyped_trailer_value(const struct argument *a) { return a->name; }
bool untyped_needs_variable(const struct argument *a) { (void)a; return false; }
void untyped_in_local(struct buffer *out, const struct argument *a, const struct side *side) { (void)out; (void)a; (void)side; }
void untyped_in_value(struct buffer *out, const struct argument *a, const char *value) { (void)out; (void)a; (void)value; }
void untyped_inout_value(struct buffer *out, const struct argument *a, const char *from) { (void)out; (void)a; (void)from; }
void untyped_out_local(struct buffer *out, const struct argument *a, const struct side *side) { (void)out; (void)a; (void)side; }
const char *untyped_out_expression(const struct argument *a) { return a->name; }
void untyped_free(struct buffer *out, const struct argument *a, const struct field *field) { (void)out; (void)a; (void)field; }
