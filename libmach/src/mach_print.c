/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted output without a libc.
 */
#include <mach/boolean.h>
#include <mach/mach_print.h>
#include <mach/mach_traps.h>

#define PRINT_BUFFER 512
#define DIGITS_MAX   24

struct output {
	char *buffer;
	size_t size;
	size_t length;
};

struct conversion {
	boolean_t left;
	boolean_t zero;
	boolean_t is_long;
	size_t width;
};

static void
output_char(struct output *out, char c)
{
	if (out->length + 1 < out->size)
		out->buffer[out->length] = c;
	out->length++;
}

static void
output_fill(struct output *out, char c, size_t count)
{
	while (count-- > 0)
		output_char(out, c);
}

/* A field: sign or prefix, then digits or text, padded to the width. */
static void
output_field(struct output *out, const struct conversion *conv, const char *prefix,
    const char *text, size_t length)
{
	size_t prefix_length = 0, fill;

	while (prefix[prefix_length] != '\0')
		prefix_length++;
	fill = conv->width > length + prefix_length ? conv->width - length - prefix_length : 0;
	if (!conv->left && !conv->zero)
		output_fill(out, ' ', fill);
	for (size_t i = 0; i < prefix_length; i++)
		output_char(out, prefix[i]);
	if (!conv->left && conv->zero)
		output_fill(out, '0', fill);
	for (size_t i = 0; i < length; i++)
		output_char(out, text[i]);
	if (conv->left)
		output_fill(out, ' ', fill);
}

static void
output_number(struct output *out, const struct conversion *conv, const char *prefix,
    unsigned long value, unsigned int base)
{
	char digits[DIGITS_MAX];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	output_field(out, conv, prefix, digits + at, sizeof(digits) - at);
}

static void
output_signed(struct output *out, const struct conversion *conv, long value)
{
	if (value < 0)
		output_number(out, conv, "-", -(unsigned long)value, 10);
	else
		output_number(out, conv, "", (unsigned long)value, 10);
}

static void
output_string(struct output *out, struct conversion *conv, const char *text)
{
	size_t length = 0;

	if (text == NULL)
		text = "(null)";
	while (text[length] != '\0')
		length++;
	conv->zero = FALSE;
	output_field(out, conv, "", text, length);
}

/* Flags, width and size of a conversion; returns its last character. */
static const char *
conversion_parse(const char *format, struct conversion *conv)
{
	*conv = (struct conversion) { 0 };
	for (; *format == '-' || *format == '0'; format++) {
		conv->left |= *format == '-';
		conv->zero |= *format == '0';
	}
	for (; *format >= '0' && *format <= '9'; format++)
		conv->width = conv->width * 10 + (size_t)(*format - '0');
	for (; *format == 'l' || *format == 'z'; format++)
		conv->is_long = TRUE;
	return format;
}

static unsigned long
next_unsigned(va_list *args, const struct conversion *conv)
{
	return conv->is_long ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int);
}

static void
output_conversion(struct output *out, struct conversion *conv, char kind, va_list *args)
{
	char c;

	switch (kind) {
	case 'd':
	case 'i':
		output_signed(out, conv, conv->is_long ? va_arg(*args, long) : va_arg(*args, int));
		break;
	case 'u':
		output_number(out, conv, "", next_unsigned(args, conv), 10);
		break;
	case 'x':
		output_number(out, conv, "", next_unsigned(args, conv), 16);
		break;
	case 'p':
		output_number(out, conv, "0x", (unsigned long)va_arg(*args, void *), 16);
		break;
	case 's':
		output_string(out, conv, va_arg(*args, const char *));
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		output_field(out, conv, "", &c, 1);
		break;
	default:
		output_char(out, kind);
		break;
	}
}

int
mach_vsnprintf(char *buffer, size_t size, const char *format, va_list args)
{
	struct output out = { buffer, size, 0 };
	struct conversion conv;
	va_list rest;

	va_copy(rest, args);
	for (; *format != '\0'; format++) {
		if (*format != '%') {
			output_char(&out, *format);
			continue;
		}
		format = conversion_parse(format + 1, &conv);
		if (*format == '\0')
			break;
		output_conversion(&out, &conv, *format, &rest);
	}
	va_end(rest);
	if (size != 0)
		buffer[out.length < size ? out.length : size - 1] = '\0';
	return (int)out.length;
}

int
mach_snprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = mach_vsnprintf(buffer, size, format, args);
	va_end(args);
	return length;
}

void
mach_printf(const char *format, ...)
{
	char line[PRINT_BUFFER];
	va_list args;

	va_start(args, format);
	(void)mach_vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	mach_print(line);
}
