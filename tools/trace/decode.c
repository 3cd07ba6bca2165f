/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace_decode -- messages to text, by the tables of `mig --trace`.
 *
 * Reads one message a line in hexadecimal, writes for each a line: routine and
 * arguments, or nothing if no interface has its id. tools/ipctrace feeds it.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "trace_tables.h"

#define MESSAGE_MAX 4096

typedef size_t format_t(const void *message, size_t size, char *line, size_t room);

static format_t *const formats[] = {
#define TRACE_FORMAT(name) name##_trace_format,
	TRACE_FORMATS(TRACE_FORMAT)
#undef TRACE_FORMAT
};

static int
digit(int c)
{
	const char *at = c == '\0' ? NULL : strchr("0123456789abcdef", c);

	return at == NULL ? -1 : (int)(at - "0123456789abcdef");
}

/* The bytes of a line of hexadecimal digits. */
static size_t
parse(const char *text, unsigned char *bytes)
{
	size_t count = 0;

	while (count < MESSAGE_MAX && digit(text[0]) >= 0 && digit(text[1]) >= 0) {
		bytes[count++] = (unsigned char)(digit(text[0]) << 4 | digit(text[1]));
		text += 2;
	}
	return count;
}

static void
decode(const unsigned char *message, size_t size, char *line, size_t room)
{
	line[0] = '\0';
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (formats[i](message, size, line, room) != 0)
			return;
	}
	line[0] = '\0';
}

int
main(void)
{
	static char text[2 * MESSAGE_MAX + 2], line[1024];
	static unsigned char message[MESSAGE_MAX] __attribute__((aligned(8)));

	while (fgets(text, sizeof(text), stdin) != NULL) {
		memset(message, 0, sizeof(message));
		decode(message, parse(text, message), line, sizeof(line));
		puts(line);
		(void)fflush(stdout);
	}
	return 0;
}
