/* SPDX-License-Identifier: BSD-2-Clause */
#include "mig.h"
void dump_ast(const struct ast *ast, struct buffer *out) { (void)ast; (void)out; }
void dump_types(const struct subsystem *s, struct buffer *out) { (void)s; (void)out; }
void dump_layout(const struct subsystem *s, struct buffer *out) { (void)s; (void)out; }
void dump_plan(const struct subsystem *s, struct buffer *out) { (void)s; (void)out; }
void dump_json(const struct subsystem *s, struct buffer *out) { (void)s; (void)out; }
unsigned diff_subsystems(const struct subsystem *a, const struct subsystem *b, FILE *out) { (void)a; (void)b; (void)out; return 0; }
void emit_doc(struct subsystem *s, struct buffer *out) { (void)s; (void)out; }
void emit_fuzz(struct subsystem *s, struct buffer *out) { (void)s; (void)out; }
void emit_trace(struct subsystem *s, struct buffer *out) { (void)s; (void)out; }
