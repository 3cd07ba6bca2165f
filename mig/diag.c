/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages to the user: file:line:column, the source line, a caret, notes
 * and hints.  Several errors are shown in one run, up to a limit.
 */
#include <string.h>

#include "mig.h"

#define SHOWN_WIDTH 160

struct diag diag;

static const char *const severity_text[] = { "note", "warning", "error" };

static void
show_line(const char *line, size_t length, unsigned column, size_t width)
{
	size_t start = 0;

	if (column > SHOWN_WIDTH / 2 && length > SHOWN_WIDTH)
		start = column - SHOWN_WIDTH / 2;
	if (length - start > SHOWN_WIDTH)
		length = start + SHOWN_WIDTH;
	fputs("    ", diag.out);
	for (size_t i = start; i < length; i++) {
		unsigned char c = (unsigned char)line[i];

		fputc(c == '\t' || (c >= 32 && c != 127) ? c : '?', diag.out);
	}
	fputs("\n    ", diag.out);
	for (size_t i = start; i + 1 < column; i++)
		fputc(i < length && line[i] == '\t' ? '\t' : ' ', diag.out);
	fputc('^', diag.out);
	for (size_t i = 1; i < width && column + i <= length; i++)
		fputc('~', diag.out);
	fputc('\n', diag.out);
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

	fprintf(diag.out, "%s:%u:%u: %s: ", where.file, where.line, where.column,
	    severity_text[severity]);
	vfprintf(diag.out, format, args);
	fputc('\n', diag.out);
	show_source(at, where.column);
}

void
diag_error(struct place at, const char *format, ...)
{
	va_list args;

	diag.errors++;
	diag.last_shown = diag.errors <= diag.error_limit;
	if (diag.errors == diag.error_limit + 1)
		fprintf(diag.out, "mig: too many errors; the rest is not shown\n");
	if (!diag.last_shown)
		return;
	va_start(args, format);
	report(SEV_ERROR, at, format, args);
	va_end(args);
}

void
diag_warning(struct place at, const char *format, ...)
{
	va_list args;

	diag.last_shown = !diag.quiet && diag.errors <= diag.error_limit;
	if (!diag.last_shown)
		return;
	diag.warnings++;
	if (diag.warnings_are_errors)
		diag.errors++;
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
	fputs("    help: ", diag.out);
	vfprintf(diag.out, format, args);
	fputc('\n', diag.out);
	va_end(args);
}
