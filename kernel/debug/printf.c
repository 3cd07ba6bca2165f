/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * printf -- snprintf of the kernel: flags - 0 # + space, width and precision
 * (numbers or *), lengths hh h l ll z j t, conversions d i u x X o c s p %.
 */
#include <stdbool.h>
#include <stdint.h>

#include <kern/string.h>

struct output {
	char *to;
	size_t size;
	size_t length; /* of everything, stored or not */
};

struct conversion {
	bool left, zero, alternate, plus, space;
	int width;
	int precision; /* -1: none */
	int length;    /* -2 hh, -1 h, 0 int, 1 long and the like */
};

static void
put(struct output *out, char c)
{
	if (out->length + 1 < out->size)
		out->to[out->length] = c;
	out->length++;
}

static void
put_repeated(struct output *out, char c, int count)
{
	for (; count > 0; count--)
		put(out, c);
}

static void
put_text(struct output *out, const struct conversion *conv, const char *text, size_t length)
{
	int blanks = conv->width - (int)length;

	if (!conv->left)
		put_repeated(out, ' ', blanks);
	for (size_t i = 0; i < length; i++)
		put(out, text[i]);
	if (conv->left)
		put_repeated(out, ' ', blanks);
}

static int
digits_of(char *end, uint64_t value, unsigned base, bool capitals)
{
	const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
	int count = 0;

	for (; value != 0; value /= base, count++)
		*--end = digits[value % base];
	return count;
}

static void
put_number(struct output *out, const struct conversion *conv, uint64_t value, unsigned base,
    bool capitals, const char *prefix)
{
	char buffer[24];
	int count = digits_of(buffer + sizeof(buffer), value, base, capitals);
	int prefix_length = (int)strlen(prefix);
	int zeros = conv->precision >= 0 ? conv->precision - count : (count == 0);
	int blanks;

	if (conv->precision < 0 && conv->zero && !conv->left)
		zeros = conv->width - prefix_length - count;
	if (zeros < 0)
		zeros = 0;
	blanks = conv->width - prefix_length - zeros - count;
	if (!conv->left)
		put_repeated(out, ' ', blanks);
	for (; *prefix != '\0'; prefix++)
		put(out, *prefix);
	put_repeated(out, '0', zeros);
	for (int i = count; i > 0; i--)
		put(out, buffer[sizeof(buffer) - (size_t)i]);
	if (conv->left)
		put_repeated(out, ' ', blanks);
}

static const char *
parse_flags(struct conversion *conv, const char *format)
{
	for (;; format++) {
		switch (*format) {
		case '-':
			conv->left = true;
			break;
		case '0':
			conv->zero = true;
			break;
		case '#':
			conv->alternate = true;
			break;
		case '+':
			conv->plus = true;
			break;
		case ' ':
			conv->space = true;
			break;
		default:
			return format;
		}
	}
}

static const char *
parse_number(int *number, const char *format, va_list *args)
{
	if (*format == '*') {
		*number = va_arg(*args, int);
		return format + 1;
	}
	for (*number = 0; *format >= '0' && *format <= '9'; format++)
		*number = *number * 10 + (*format - '0');
	return format;
}

static const char *
parse_length(struct conversion *conv, const char *format)
{
	for (;; format++) {
		switch (*format) {
		case 'h':
			conv->length--;
			break;
		case 'l':
		case 'z':
		case 'j':
		case 't':
			conv->length = 1;
			break;
		default:
			return format;
		}
	}
}

static uint64_t
fetch_unsigned(const struct conversion *conv, va_list *args)
{
	if (conv->length > 0)
		return va_arg(*args, uint64_t);
	if (conv->length == -1)
		return (uint16_t)va_arg(*args, unsigned);
	if (conv->length < -1)
		return (uint8_t)va_arg(*args, unsigned);
	return va_arg(*args, unsigned);
}

static int64_t
fetch_signed(const struct conversion *conv, va_list *args)
{
	if (conv->length > 0)
		return va_arg(*args, int64_t);
	if (conv->length == -1)
		return (int16_t)va_arg(*args, int);
	if (conv->length < -1)
		return (int8_t)va_arg(*args, int);
	return va_arg(*args, int);
}

static void
convert_signed(struct output *out, const struct conversion *conv, int64_t value)
{
	const char *sign = conv->plus ? "+" : conv->space ? " " : "";
	uint64_t magnitude = (uint64_t)value;

	if (value < 0) {
		sign = "-";
		magnitude = -magnitude;
	}
	put_number(out, conv, magnitude, 10, false, sign);
}

static void
convert_string(struct output *out, const struct conversion *conv, const char *text)
{
	if (text == NULL)
		text = "(null)";
	put_text(out, conv, text,
	    conv->precision >= 0 ? strnlen(text, (size_t)conv->precision) : strlen(text));
}

static void
convert(struct output *out, struct conversion *conv, char kind, va_list *args)
{
	char c;

	switch (kind) {
	case 'd':
	case 'i':
		convert_signed(out, conv, fetch_signed(conv, args));
		break;
	case 'u':
		put_number(out, conv, fetch_unsigned(conv, args), 10, false, "");
		break;
	case 'o':
		put_number(
		    out, conv, fetch_unsigned(conv, args), 8, false, conv->alternate ? "0" : "");
		break;
	case 'x':
	case 'X':
		put_number(out, conv, fetch_unsigned(conv, args), 16, kind == 'X',
		    conv->alternate ? (kind == 'X' ? "0X" : "0x") : "");
		break;
	case 'p':
		put_number(out, conv, (uintptr_t)va_arg(*args, void *), 16, false, "0x");
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		put_text(out, conv, &c, 1);
		break;
	case 's':
		convert_string(out, conv, va_arg(*args, const char *));
		break;
	default:
		put(out, kind);
		break;
	}
}

static const char *
parse_conversion(struct conversion *conv, const char *format, va_list *args)
{
	*conv = (struct conversion) { .precision = -1 };
	format = parse_flags(conv, format);
	format = parse_number(&conv->width, format, args);
	if (conv->width < 0) {
		conv->left = true;
		conv->width = -conv->width;
	}
	if (*format == '.')
		format = parse_number(&conv->precision, format + 1, args);
	return parse_length(conv, format);
}

int
vsnprintf(char *to, size_t size, const char *format, va_list args)
{
	struct output out = { to, size, 0 };
	struct conversion conv;
	va_list list;

	va_copy(list, args);
	for (; *format != '\0'; format++) {
		if (*format != '%') {
			put(&out, *format);
			continue;
		}
		format = parse_conversion(&conv, format + 1, &list);
		if (*format == '\0')
			break;
		convert(&out, &conv, *format, &list);
	}
	va_end(list);
	if (size > 0)
		to[out.length < size ? out.length : size - 1] = '\0';
	return (int)out.length;
}

int
snprintf(char *to, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(to, size, format, args);
	va_end(args);
	return length;
}
