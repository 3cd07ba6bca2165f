/* SPDX-License-Identifier: BSD-2-Clause */
/* What the lexer and the parser share. */
#ifndef MIG_PARSE_H
#define MIG_PARSE_H

#include "mig.h"

/* Flex may not move offsets: places are bytes of source->text. */
struct scan {
	struct source *source;
	struct table keywords;
	uint32_t offset;
	const char *previous; /* the last name, while nothing follows it */
	const char *last;
	bool before_colon;
	unsigned depth;       /* of ( and { */
	unsigned braces;      /* of { alone */
	bool statement_start; /* the last token was ';' or there was none */
};

enum { SCAN_PLAIN = 1, SCAN_QUOTED, SCAN_FILENAME, SCAN_AGAIN };

#define YYLTYPE             struct place
#define YYLTYPE_IS_DECLARED 1

bool scan_marker_ok(struct scan *scan, const char *text, const struct place *place);
/* The keyword among `tokens` that `word` may have been meant to be. */
const char *scan_nearest_keyword(const char *word, const int *tokens, size_t count);

#endif
