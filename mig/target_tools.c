/* SPDX-License-Identifier: BSD-2-Clause */
#include "mig.h"
void emit_fuzz(struct subsystem *s, struct buffer *out) { (void)s; (void)out; }
void emit_trace(struct subsystem *s, struct buffer *out) { (void)s; (void)out; }
