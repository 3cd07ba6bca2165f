/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keyboard -- PS/2 keyboard, scan code set 1, US layout, as bytes of ASCII
 * with the usual escape sequences for the arrow keys.
 */
#include "machine.h"

#define KEYBOARD_DATA   0x60
#define KEYBOARD_STATUS 0x64
#define STATUS_FULL     0x01

#define KEY_CTRL        0x1d
#define KEY_SHIFT_LEFT  0x2a
#define KEY_SHIFT_RIGHT 0x36
#define KEY_CAPS        0x3a
#define KEY_RELEASED    0x80
#define KEY_EXTENDED    0xe0

/* By scan code. */
static const char keys_plain[] = "\0\0331234567890-=\177\tqwertyuiop[]\r\0"
				 "asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char keys_shift[] = "\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0"
				 "ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static bool keyboard_there;
static bool key_shift, key_ctrl, key_caps, key_extended;
static const char *keyboard_pending; /* rest of an escape sequence */

void
keyboard_init(void)
{
	/* No controller: the bus reads all ones. */
	keyboard_there = x86_in8(KEYBOARD_STATUS) != 0xff;
}

static bool
key_modifier(uint8_t code, bool pressed)
{
	switch (code) {
	case KEY_CTRL:
		key_ctrl = pressed;
		return true;
	case KEY_SHIFT_LEFT:
	case KEY_SHIFT_RIGHT:
		key_shift = pressed;
		return true;
	case KEY_CAPS:
		key_caps ^= pressed;
		return true;
	default:
		return false;
	}
}

static const char *
key_sequence(uint8_t code)
{
	switch (code) {
	case 0x48:
		return "[A";
	case 0x50:
		return "[B";
	case 0x4d:
		return "[C";
	case 0x4b:
		return "[D";
	case 0x47:
		return "[H";
	case 0x4f:
		return "[F";
	case 0x53:
		return "[3~";
	default:
		return NULL;
	}
}

static int
key_character(uint8_t code)
{
	char c;

	if (code >= sizeof(keys_plain) - 1)
		return -1;
	c = key_shift ? keys_shift[code] : keys_plain[code];
	if (key_caps && ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
		c ^= 0x20;
	if (key_ctrl && ((c & 0x7f) >= '@' || c == ' '))
		c &= 0x1f;
	else if (c == '\0')
		return -1;
	return (uint8_t)c;
}

static int
key_decode(uint8_t code)
{
	bool extended = key_extended;
	bool pressed = (code & KEY_RELEASED) == 0;

	key_extended = code == KEY_EXTENDED;
	if (key_extended)
		return -1;
	code &= 0x7f;
	if (key_modifier(code, pressed) || !pressed)
		return -1;
	if (extended && (keyboard_pending = key_sequence(code)) != NULL)
		return '\033';
	return key_character(code);
}

int
keyboard_read(void)
{
	uint8_t status;
	int byte;

	if (keyboard_pending != NULL && *keyboard_pending != '\0')
		return (uint8_t)*keyboard_pending++;
	while (keyboard_there && ((status = x86_in8(KEYBOARD_STATUS)) & STATUS_FULL) != 0) {
		byte = key_decode(x86_in8(KEYBOARD_DATA));
		if (byte >= 0 && (status & 0x20) == 0)
			return byte;
	}
	return -1;
}
