/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * screen -- a terminal of characters on the VGA text screen or a frame
 * buffer, with the handful of ANSI sequences that line editors use.
 *
 * The cells are kept in memory; what differs is drawn. Frame buffers are
 * mapped only when the kernel's page tables are made (screen_init_late);
 * what was written before is drawn then.
 */
#include <arch/boot_info.h>
#include <arch/pmap.h>
#include <kern/string.h>

#include "font.h"
#include "machine.h"

#define COLUMNS_MAX    200
#define ROWS_MAX       75
#define CELL_WIDTH     8
#define CELL_HEIGHT    16
#define COLOUR         0xc0c0c0u
#define VGA_ATTRIBUTE  0x0700
#define VGA_INDEX      0x3d4
#define PARAMETERS_MAX 4

static unsigned columns, rows; /* 0: no screen */
static unsigned column, row;
static char cells[ROWS_MAX][COLUMNS_MAX];
static char drawn[ROWS_MAX][COLUMNS_MAX];
static volatile uint8_t *pixels;
static volatile uint16_t *vga;

static enum { PLAIN, ESCAPE, SEQUENCE } state;
static unsigned parameter[PARAMETERS_MAX], parameter_count;

/* -- drawing ------------------------------------------------------------------- */

static void
pixel_set(unsigned x, unsigned y, bool on)
{
	const struct boot_framebuffer *fb = &boot_info.framebuffer;
	volatile uint8_t *at = pixels + (uint64_t)y * fb->pitch + (uint64_t)x * (fb->bits / 8);
	uint32_t colour = on ? COLOUR : 0;

	if (fb->bits == 32) {
		*(volatile uint32_t *)at = colour;
		return;
	}
	at[0] = (uint8_t)colour;
	at[1] = (uint8_t)(colour >> 8);
	at[2] = (uint8_t)(colour >> 16);
}

static bool
glyph_dot(const uint8_t *glyph, unsigned x, unsigned y)
{
	return x > 0 && x <= FONT_WIDTH && (glyph[x - 1] >> y / 2 & 1) != 0;
}

static void
glyph_draw(unsigned at_row, unsigned at_column, char c, bool inverse)
{
	static const uint8_t blank[FONT_WIDTH];
	const uint8_t *glyph =
	    c >= FONT_FIRST && c <= FONT_LAST ? font_columns[c - FONT_FIRST] : blank;

	for (unsigned y = 0; y < CELL_HEIGHT; y++)
		for (unsigned x = 0; x < CELL_WIDTH; x++)
			pixel_set(at_column * CELL_WIDTH + x, at_row * CELL_HEIGHT + y,
			    glyph_dot(glyph, x, y) != inverse);
}

static void
cell_draw(unsigned at_row, unsigned at_column)
{
	char c = cells[at_row][at_column];

	if (vga != NULL)
		vga[at_row * columns + at_column] = (uint16_t)(VGA_ATTRIBUTE | (uint8_t)c);
	else if (pixels != NULL)
		glyph_draw(at_row, at_column, c, false);
	drawn[at_row][at_column] = c;
}

static void
draw_changed(void)
{
	for (unsigned y = 0; y < rows; y++)
		for (unsigned x = 0; x < columns; x++)
			if (cells[y][x] != drawn[y][x])
				cell_draw(y, x);
}

/* On a frame buffer the cursor is its cell in inverse. */
static void
cursor_hide(void)
{
	if (pixels != NULL && column < columns)
		cell_draw(row, column);
}

static void
cursor_show(void)
{
	unsigned at = row * columns + column;

	if (vga != NULL) {
		x86_out8(VGA_INDEX, 14);
		x86_out8(VGA_INDEX + 1, (uint8_t)(at >> 8));
		x86_out8(VGA_INDEX, 15);
		x86_out8(VGA_INDEX + 1, (uint8_t)at);
	} else if (pixels != NULL && column < columns) {
		glyph_draw(row, column, cells[row][column], true);
	}
}

/* -- the terminal ----------------------------------------------------------------- */

static void
clear_cells(unsigned y, unsigned from, unsigned to)
{
	for (unsigned x = from; x < to; x++)
		cells[y][x] = ' ';
}

static void
scroll(void)
{
	memmove(cells[0], cells[1], (rows - 1) * sizeof(cells[0]));
	clear_cells(rows - 1, 0, columns);
	draw_changed();
}

static void
line_feed(void)
{
	if (row + 1 < rows)
		row++;
	else
		scroll();
}

static void
put_printable(char c)
{
	if (column == columns) {
		column = 0;
		line_feed();
	}
	cells[row][column] = c;
	cell_draw(row, column);
	column++;
}

static void
put_plain(char c)
{
	switch (c) {
	case '\033':
		state = ESCAPE;
		break;
	case '\n':
		line_feed();
		break;
	case '\r':
		column = 0;
		break;
	case '\b':
		column -= column > 0;
		break;
	case '\t':
		column = (column | 7) + 1 < columns ? (column | 7) + 1 : columns - 1;
		break;
	case '\a':
		break;
	default:
		put_printable(c);
		break;
	}
}

static unsigned
argument(unsigned index, unsigned otherwise)
{
	return index < parameter_count && parameter[index] != 0 ? parameter[index] : otherwise;
}

static void
erase_line(unsigned how)
{
	clear_cells(row, how == 0 ? column : 0, how == 1 ? column + 1 : columns);
}

static void
erase_screen(unsigned how)
{
	for (unsigned y = 0; y < rows; y++)
		if (how == 2 || (how == 0 && y > row) || (how == 1 && y < row))
			clear_cells(y, 0, columns);
	if (how != 2)
		erase_line(how);
}

static unsigned
limit(unsigned value, unsigned end)
{
	return value < end ? value : end - 1;
}

static void
sequence_end(char c)
{
	unsigned n = argument(0, 1);

	if (column >= columns)
		column = columns - 1;
	switch (c) {
	case 'A':
		row -= n < row ? n : row;
		break;
	case 'B':
		row = limit(row + n, rows);
		break;
	case 'C':
		column = limit(column + n, columns);
		break;
	case 'D':
		column -= n < column ? n : column;
		break;
	case 'G':
		column = limit(n - 1, columns);
		break;
	case 'H':
	case 'f':
		row = limit(n - 1, rows);
		column = limit(argument(1, 1) - 1, columns);
		break;
	case 'J':
		erase_screen(argument(0, 0));
		break;
	case 'K':
		erase_line(argument(0, 0));
		break;
	default:
		break;
	}
	draw_changed();
}

static void
put_sequence(char c)
{
	if (c >= '0' && c <= '9') {
		if (parameter_count == 0)
			parameter_count = 1;
		parameter[parameter_count - 1] =
		    (parameter[parameter_count - 1] * 10 + (unsigned)(c - '0')) % 10000;
	} else if (c == ';') {
		if (parameter_count == 0)
			parameter_count = 1;
		if (parameter_count < PARAMETERS_MAX)
			parameter[parameter_count++] = 0;
	} else if (c >= '@' && c <= '~') {
		state = PLAIN;
		sequence_end(c);
	}
}

static void
put_escape(char c)
{
	state = c == '[' ? SEQUENCE : PLAIN;
	parameter_count = 0;
	memset(parameter, 0, sizeof(parameter));
}

void
screen_write(const char *bytes, size_t size)
{
	if (columns == 0)
		return;
	cursor_hide();
	for (size_t i = 0; i < size; i++) {
		if (state == PLAIN)
			put_plain(bytes[i]);
		else if (state == ESCAPE)
			put_escape(bytes[i]);
		else
			put_sequence(bytes[i]);
	}
	cursor_show();
}

void
screen_size(unsigned *columnsp, unsigned *rowsp)
{
	*columnsp = columns != 0 ? columns : 80;
	*rowsp = rows != 0 ? rows : 24;
}

void
screen_init(void)
{
	const struct boot_framebuffer *fb = &boot_info.framebuffer;

	if (fb->address == 0 || fb->width == 0)
		return;
	if (fb->bits == 0) {
		columns = fb->width;
		rows = fb->height;
		vga = direct_map(fb->address);
	} else {
		columns = fb->width / CELL_WIDTH;
		rows = fb->height / CELL_HEIGHT;
	}
	columns = columns < COLUMNS_MAX ? columns : COLUMNS_MAX;
	rows = rows < ROWS_MAX ? rows : ROWS_MAX;
	memset(cells, ' ', sizeof(cells));
	draw_changed();
}

void
screen_init_late(void)
{
	const struct boot_framebuffer *fb = &boot_info.framebuffer;

	if (columns == 0 || fb->bits == 0)
		return;
	pixels = mmio_map_combining(fb->address, (uint64_t)fb->pitch * fb->height);
	if (pixels == NULL) {
		columns = 0;
		return;
	}
	memset((void *)(uintptr_t)pixels, 0, (uint64_t)fb->pitch * fb->height);
	memset(drawn, 0, sizeof(drawn));
	draw_changed();
}
