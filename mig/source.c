/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The preprocessed text and where its lines came from.
 *
 * A marker `# 12 "file"` says that the line after it is line 12 of file.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "mig.h"

static const char *
skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Copy a quoted file name of a marker, with its escapes undone. */
static const char *
marker_file(const char *p)
{
	const char *start = ++p;
	char *name;
	size_t n = 0;

	while (*p != '"' && *p != '\n' && *p != '\0')
		p += *p == '\\' && p[1] != '\n' && p[1] != '\0' ? 2 : 1;
	name = mig_alloc((size_t)(p - start) + 1);
	for (const char *q = start; q < p; q++) {
		if (*q == '\\' && q + 1 < p)
			q++;
		name[n++] = *q;
	}
	return name;
}

/* Apply the marker at `p` (a line that starts with '#'). */
static bool
marker_apply(const char *p, uint32_t *number, const char **file)
{
	unsigned long line;
	char *end;

	p = skip_blanks(p + 1);
	if (strncmp(p, "line", 4) == 0)
		p = skip_blanks(p + 4);
	if (!isdigit((unsigned char)*p))
		return false;
	line = strtoul(p, &end, 10);
	if (line > INT32_MAX)
		return false;
	p = skip_blanks(end);
	if (*p == '"' &&
	    (*file == NULL || strncmp(p + 1, *file, strlen(*file)) != 0 ||
		p[1 + strlen(*file)] != '"'))
		*file = marker_file(p);
	*number = (uint32_t)line;
	return true;
}

void
source_init(struct source *source, char *text, size_t length, const char *name)
{
	size_t room = 1;
	uint32_t number = 1;
	const char *file = name;
	const char *p = text;

	for (size_t i = 0; i < length; i++)
		room += text[i] == '\n';
	source->text = text;
	source->length = length;
	source->name = name;
	source->lines = malloc((room + 1) * sizeof(*source->lines));
	if (source->lines == NULL)
		mig_fatal("out of memory");
	source->line_count = 0;
	while (p <= text + length) {
		const char *end = memchr(p, '\n', (size_t)(text + length - p));
		bool marker = *p == '#' && marker_apply(p, &number, &file);
		struct source_line *line = &source->lines[source->line_count++];

		line->start = (uint32_t)(p - text);
		line->number = number;
		line->file = file;
		if (!marker)
			number++;
		if (end == NULL)
			break;
		p = end + 1;
	}
}

void
source_release(struct source *source)
{
	free(source->lines);
	free(source->text);
	memset(source, 0, sizeof(*source));
}

static const struct source_line *
source_find_line(const struct source *source, uint32_t offset)
{
	size_t low = 0;
	size_t high = source->line_count;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (source->lines[middle].start <= offset)
			low = middle;
		else
			high = middle;
	}
	return &source->lines[low];
}

struct position
source_position(const struct source *source, struct place place)
{
	const struct source_line *line = source_find_line(source, place.first);

	return (struct position) {
		.file = line->file,
		.line = line->number,
		.column = place.first - line->start + 1,
	};
}
