/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer target: any text through every pass and every output. */
#include <stdlib.h>
#include <string.h>

#include "mig.h"

struct options options;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
emit_all(struct subsystem *s, struct ast *ast)
{
	struct buffer out = { 0 };

	emit_user(s, &out);
	emit_server(s, &out);
	emit_user_header(s, &out);
	emit_server_header(s, &out);
	emit_internal_header(s, &out);
	emit_defines_header(s, &out);
	emit_list(s, &out);
	emit_doc(s, &out);
	emit_fuzz(s, &out);
	emit_trace(s, &out);
	dump_ast(ast, &out);
	dump_types(s, &out);
	dump_layout(s, &out);
	dump_plan(s, &out);
	dump_json(s, &out);
	buffer_destroy(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *null;
	struct source source = { 0 };
	struct ast ast;
	struct subsystem *s;
	char *text = malloc(size + 2);

	if (text == NULL || size > 1 << 16) {
		free(text);
		return 0;
	}
	if (null == NULL)
		null = fopen("/dev/null", "w");
	memcpy(text, data, size);
	text[size] = text[size + 1] = '\0';
	memset(&diag, 0, sizeof(diag));
	diag.out = null;
	diag.error_limit = diag.warning_limit = 20;
	diag.ownership = true;
	diag.source = &source;
	options.abi = size % 3 == 0 ? ABI_AUTO : size % 3 == 1 ? ABI_TYPED : ABI_OSF;
	options.compat25 = size % 2 == 0;
	source_init(&source, text, size, "fuzz.defs");
	parse_source(&source, &ast);
	s = sema_check(&ast);
	diag_flush();
	if (s != NULL) {
		layout_subsystem(s);
		emit_all(s, &ast);
	}
	source_release(&source);
	mig_arena_destroy();
	return 0;
}
