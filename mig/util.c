/* SPDX-License-Identifier: BSD-2-Clause */
/* Arena, text buffer, name table and spelling distance. */
#include <stdlib.h>
#include <string.h>

#include "mig.h"

#define ARENA_BLOCK 65536

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t room;
	max_align_t data[];
};

static struct arena_block *arena;

void
mig_fatal(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("mig: error: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static struct arena_block *
arena_block_create(size_t size)
{
	size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;
	struct arena_block *block = calloc(1, sizeof(*block) + room);

	if (block == NULL)
		mig_fatal("out of memory");
	block->room = room;
	block->next = arena;
	arena = block;
	return block;
}

void *
mig_alloc(size_t size)
{
	size_t rounded = (size + 15) & ~(size_t)15;
	struct arena_block *block = arena;
	void *result;

	if (block == NULL || block->room - block->used < rounded)
		block = arena_block_create(rounded);
	result = (char *)block->data + block->used;
	block->used += rounded;
	return result;
}

char *
mig_strndup(const char *text, size_t length)
{
	char *copy = mig_alloc(length + 1);

	memcpy(copy, text, length);
	return copy;
}

void
mig_arena_destroy(void)
{
	while (arena != NULL) {
		struct arena_block *next = arena->next;

		free(arena);
		arena = next;
	}
}

static void
buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t room = buffer->room != 0 ? buffer->room : 4096;

	while (room - buffer->length <= more)
		room *= 2;
	if (room == buffer->room)
		return;
	buffer->data = realloc(buffer->data, room);
	if (buffer->data == NULL)
		mig_fatal("out of memory");
	buffer->room = room;
}

void
buffer_append(struct buffer *buffer, const char *text, size_t length)
{
	if (buffer->room - buffer->length <= length)
		buffer_reserve(buffer, length);
	memcpy(buffer->data + buffer->length, text, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
}

void
buffer_puts(struct buffer *buffer, const char *text)
{
	buffer_append(buffer, text, strlen(text));
}

/*
 * Most formats hold nothing but text and plain numbers, %s %u %llu %x %08x
 * %016llx: no need for the library's printf.
 */
struct directive {
	char conversion; /* 's', 'u', 'x' or '%'; '\0' when it is another one */
	bool is_long;
	unsigned width; /* filled with zeros */
	const char *end;
};

static struct directive
directive_read(const char *p)
{
	struct directive d = { 0 };

	if (*p == '0')
		while (*p >= '0' && *p <= '9')
			d.width = d.width * 10 + (unsigned)(*p++ - '0');
	if (p[0] == 'l' && p[1] == 'l') {
		d.is_long = true;
		p += 2;
	}
	if (*p == 's' || *p == 'u' || *p == 'x' || *p == '%')
		d.conversion = *p;
	d.end = p + 1;
	return d;
}

static bool
format_is_simple(const char *format)
{
	const char *p = format;

	while ((p = strchr(p, '%')) != NULL) {
		struct directive d;

		if (p[1] == 's' || p[1] == 'u') {
			p += 2;
			continue;
		}
		d = directive_read(p + 1);
		if (d.conversion == '\0' || d.width > 16)
			return false;
		p = d.end;
	}
	return true;
}

static void
append_number(struct buffer *buffer, uint64_t number, unsigned base, unsigned width)
{
	char digits[24];
	size_t n = sizeof(digits);

	do {
		digits[--n] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number != 0);
	while (sizeof(digits) - n < width)
		digits[--n] = '0';
	buffer_append(buffer, digits + n, sizeof(digits) - n);
}

static void
format_simply(struct buffer *buffer, const char *format, va_list args)
{
	const char *percent;

	while ((percent = strchr(format, '%')) != NULL) {
		struct directive d;

		buffer_append(buffer, format, (size_t)(percent - format));
		if (percent[1] == 's') {
			buffer_puts(buffer, va_arg(args, const char *));
			format = percent + 2;
			continue;
		}
		d = directive_read(percent + 1);
		if (d.conversion == '%')
			buffer_append(buffer, "%", 1);
		else
			append_number(buffer,
			    d.is_long ? va_arg(args, unsigned long long) : va_arg(args, unsigned),
			    d.conversion == 'x' ? 16 : 10, d.width);
		format = d.end;
	}
	buffer_puts(buffer, format);
}

void
buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	int length;

	if (format_is_simple(format)) {
		va_start(args, format);
		format_simply(buffer, format, args);
		va_end(args);
		return;
	}
	buffer_reserve(buffer, 256);
	va_start(args, format);
	length =
	    vsnprintf(buffer->data + buffer->length, buffer->room - buffer->length, format, args);
	va_end(args);
	if (length < 0)
		mig_fatal("cannot format text");
	if ((size_t)length >= buffer->room - buffer->length) {
		buffer_reserve(buffer, (size_t)length + 1);
		va_start(args, format);
		vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, args);
		va_end(args);
	}
	buffer->length += (size_t)length;
}

void
buffer_destroy(struct buffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof(*buffer));
}

char *
mig_format(const char *format, ...)
{
	static struct buffer scratch;
	va_list args;
	int length;

	scratch.length = 0;
	va_start(args, format);
	if (format_is_simple(format)) {
		format_simply(&scratch, format, args);
		va_end(args);
		return mig_strndup(scratch.data != NULL ? scratch.data : "", scratch.length);
	}
	buffer_reserve(&scratch, 1024);
	length = vsnprintf(scratch.data, scratch.room, format, args);
	va_end(args);
	if (length < 0)
		mig_fatal("cannot format text");
	if ((size_t)length >= scratch.room) {
		buffer_reserve(&scratch, (size_t)length + 1);
		va_start(args, format);
		vsnprintf(scratch.data, scratch.room, format, args);
		va_end(args);
	}
	return mig_strndup(scratch.data, (size_t)length);
}

static size_t
name_hash(const char *name)
{
	size_t hash = 5381;

	while (*name != '\0')
		hash = hash * 33 ^ (unsigned char)*name++;
	return hash;
}

static struct table_slot *
table_slot(const struct table *table, const char *name)
{
	size_t i = name_hash(name) & (table->room - 1);

	while (table->slots[i].name != NULL && strcmp(table->slots[i].name, name) != 0)
		i = (i + 1) & (table->room - 1);
	return &table->slots[i];
}

void *
table_find(const struct table *table, const char *name)
{
	return table->room == 0 ? NULL : table_slot(table, name)->object;
}

static void
table_grow(struct table *table)
{
	struct table old = *table;

	table->room = old.room != 0 ? old.room * 2 : 64;
	table->slots = mig_alloc(table->room * sizeof(*table->slots));
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i].name != NULL)
			*table_slot(table, old.slots[i].name) = old.slots[i];
}

void
table_put(struct table *table, const char *name, void *object)
{
	struct table_slot *slot;

	if (table->count * 2 >= table->room)
		table_grow(table);
	slot = table_slot(table, name);
	if (slot->name == NULL)
		table->count++;
	slot->name = name;
	slot->object = object;
}

static unsigned
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned)c + 32 : c;
}

/* Edit distance, letter case ignored, for words of at most 63 bytes. */
static unsigned
word_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned row[64];

	for (size_t j = 0; j <= b_length; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a_length; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_length; j++) {
			bool same =
			    lower((unsigned char)a[i - 1]) == lower((unsigned char)b[j - 1]);
			unsigned best = diagonal + (same ? 0 : 1);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[b_length];
}

const char *
nearest_name(const char *word, const char *const *names, size_t count)
{
	size_t length = strlen(word);
	unsigned limit = length < 3 ? 2 : length < 8 ? 3 : 4;
	const char *best = NULL;

	if (length > 63)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t other = strlen(names[i]);
		unsigned distance;

		if (other > 63)
			continue;
		distance = word_distance(word, length, names[i], other);
		if (distance < limit) {
			limit = distance;
			best = names[i];
		}
	}
	return best;
}
