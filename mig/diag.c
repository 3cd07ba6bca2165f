/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages to the user: file:line:column, the source line, a caret, notes
 * and hints.  Several errors are shown in one run, up to a limit.  Parser and
 * sema find them one after the other: they are kept, each with its notes and
 * hints, and shown in the order of the text by diag_flush().
 */
#include <stdlib.h>
#include <string.h>

#include "mig.h"

#define SHOWN_WIDTH 160

struct diag diag;

struct message_text {
	uint32_t first;
	uint32_t order;
	char *text;
	size_t length;
};

static struct message_text *texts;
static uint32_t text_count;
static uint32_t text_room;
static FILE *text_stream; /* of the last one, NULL when it is complete */

static void
text_close(void)
{
	if (text_stream != NULL && fclose(text_stream) != 0)
		mig_fatal("out of memory");
	text_stream = NULL;
}

static void
text_open(struct place at)
{
	struct message_text *text;

	text_close();
	if (text_count == text_room) {
		text_room = text_room != 0 ? text_room * 2 : 16;
		texts = realloc(texts, text_room * sizeof(*texts));
		if (texts == NULL)
			mig_fatal("out of memory");
	}
	text = &texts[text_count];
	*text = (struct message_text) { .first = at.first, .order = text_count };
	text_stream = open_memstream(&text->text, &text->length);
	if (text_stream == NULL)
		mig_fatal("out of memory");
	text_count++;
}

static int
text_compare(const void *a, const void *b)
{
	const struct message_text *x = a;
	const struct message_text *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void
diag_flush(void)
{
	text_close();
	if (text_count != 0)
		qsort(texts, text_count, sizeof(*texts), text_compare);
	for (uint32_t i = 0; i < text_count; i++) {
		(void)fwrite(texts[i].text, 1, texts[i].length, diag.out);
		free(texts[i].text);
	}
	free(texts);
	texts = NULL;
	text_count = text_room = 0;
	if (diag.warnings > diag.warning_limit)
		fprintf(diag.out, "mig: too many warnings; the rest is not shown\n");
	if (diag.errors > diag.error_limit)
		fprintf(diag.out, "mig: too many errors; the rest is not shown\n");
}

static const char *const severity_text[] = { "note", "warning", "error" };

static void
show_line(const char *line, size_t length, unsigned column, size_t width)
{
	size_t start = 0;

	if (column > SHOWN_WIDTH / 2 && length > SHOWN_WIDTH)
		start = column - SHOWN_WIDTH / 2;
	if (length - start > SHOWN_WIDTH)
		length = start + SHOWN_WIDTH;
	fputs("    ", text_stream);
	for (size_t i = start; i < length; i++) {
		unsigned char c = (unsigned char)line[i];

		fputc(c == '\t' || (c >= 32 && c != 127) ? c : '?', text_stream);
	}
	fputs("\n    ", text_stream);
	for (size_t i = start; i + 1 < column; i++)
		fputc(i < length && line[i] == '\t' ? '\t' : ' ', text_stream);
	fputc('^', text_stream);
	for (size_t i = 1; i < width && column + i <= length; i++)
		fputc('~', text_stream);
	fputc('\n', text_stream);
}

static void
show_source(struct place at, unsigned column)
{
	const struct source *source = diag.source;
	uint32_t start = at.first - (column - 1);
	const char *line = source->text + start;
	const char *end = memchr(line, '\n', source->length - start);
	size_t length = end != NULL ? (size_t)(end - line) : source->length - start;

	show_line(line, length, column, at.last > at.first ? at.last - at.first : 1);
}

static void
report(enum severity severity, struct place at, const char *format, va_list args)
{
	struct position where = source_position(diag.source, at);

	fprintf(text_stream, "%s:%u:%u: %s: ", where.file, where.line, where.column,
	    severity_text[severity]);
	vfprintf(text_stream, format, args);
	fputc('\n', text_stream);
	show_source(at, where.column);
}

void
diag_error(struct place at, const char *format, ...)
{
	va_list args;

	diag.errors++;
	diag.last_shown = diag.errors <= diag.error_limit;
	if (!diag.last_shown)
		return;
	text_open(at);
	va_start(args, format);
	report(SEV_ERROR, at, format, args);
	va_end(args);
}

void
diag_warning(struct place at, const char *format, ...)
{
	va_list args;

	if (diag.warnings_are_errors && !diag.quiet)
		diag.errors++;
	if (!diag.quiet)
		diag.warnings++;
	diag.last_shown =
	    !diag.quiet && diag.errors <= diag.error_limit && diag.warnings <= diag.warning_limit;
	if (!diag.last_shown)
		return;
	text_open(at);
	va_start(args, format);
	report(SEV_WARNING, at, format, args);
	va_end(args);
}

void
diag_note(struct place at, const char *format, ...)
{
	va_list args;

	if (!diag.last_shown)
		return;
	va_start(args, format);
	report(SEV_NOTE, at, format, args);
	va_end(args);
}

void
diag_help(const char *format, ...)
{
	va_list args;

	if (!diag.last_shown)
		return;
	va_start(args, format);
	fputs("    help: ", text_stream);
	vfprintf(text_stream, format, args);
	fputc('\n', text_stream);
	va_end(args);
}
