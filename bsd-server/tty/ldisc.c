/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line discipline: what is done with each character on its way in and
 * out.
 *
 * Input queue in canonical mode:
 *
 *	| line one \n* | line two EOF* | being typed ...
 *	  head                           <- pending ->      * = DELIMITER
 *
 * Only the pending part can be edited; only what is before it can be read.
 * Outside canonical mode everything can be read.
 */
#include <string.h>

#include "tty/tty.h"
#include "vfs/services.h"

#define CTRL(c)   ((c)&0x1f)
#define DEL       0x7f
#define TAB_WIDTH 8

/* A slot is kept so that a full queue still takes the end of the line. */
#define INPUT_RESERVE 1

/* Room that one echoed character may need ("\b \b" for each of 8 columns). */
#define ECHO_ROOM (3 * TAB_WIDTH)

static const uint8_t default_cc[BSD_NCCS] = {
	[VEOF] = CTRL('d'),
	[VEOL] = BSD_VDISABLE,
	[VEOL2] = BSD_VDISABLE,
	[VERASE] = DEL,
	[VWERASE] = CTRL('w'),
	[VKILL] = CTRL('u'),
	[VREPRINT] = CTRL('r'),
	[VINTR] = CTRL('c'),
	[VQUIT] = 0x1c,
	[VSUSP] = CTRL('z'),
	[VDSUSP] = BSD_VDISABLE,
	[VSTART] = CTRL('q'),
	[VSTOP] = CTRL('s'),
	[VLNEXT] = CTRL('v'),
	[VDISCARD] = CTRL('o'),
	[VMIN] = 1,
	[VTIME] = 0,
	[VSTATUS] = BSD_VDISABLE,
};

void
ldisc_init(struct tty *tty)
{
	struct bsd_termios *t = &tty->termios;

	t->c_iflag = ICRNL | IXON | IUTF8;
	t->c_oflag = OPOST | ONLCR;
	t->c_cflag = CS8 | CREAD | HUPCL;
	t->c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
	memcpy(t->c_cc, default_cc, sizeof(default_cc));
	t->c_ispeed = 38400;
	t->c_ospeed = 38400;
}

static bool
is_local(const struct tty *tty, uint32_t flag)
{
	return (tty->termios.c_lflag & flag) != 0;
}

/* Whether `c` is the control character `index` (not when that is off). */
static bool
is_cc(const struct tty *tty, unsigned index, uint8_t c)
{
	uint8_t cc = tty->termios.c_cc[index];

	return cc == c && cc != BSD_VDISABLE;
}

static bool
is_continuation(const struct tty *tty, uint8_t c)
{
	return (tty->termios.c_iflag & IUTF8) && (c & 0xc0) == 0x80;
}

static bool
is_control(uint8_t c)
{
	return c < 0x20 || c == DEL;
}

/* ---- the output ring ------------------------------------------------------- */

static size_t
output_room(const struct tty *tty)
{
	return TTY_OUTPUT_SIZE - tty->output_used;
}

static void
output_put(struct tty *tty, uint8_t c)
{
	tty->output[(tty->output_head + tty->output_used) % TTY_OUTPUT_SIZE] = c;
	tty->output_used++;
}

/* Keep track of the cursor. */
static void
output_move(struct tty *tty, uint8_t c)
{
	switch (c) {
	case '\r':
		tty->column = 0;
		break;
	case '\b':
		if (tty->column > 0)
			tty->column--;
		break;
	case '\t':
		tty->column += TAB_WIDTH - tty->column % TAB_WIDTH;
		break;
	default:
		if (!is_control(c) && !is_continuation(tty, c))
			tty->column++;
		break;
	}
}

static void
output_newline(struct tty *tty, uint32_t flags)
{
	if (flags & ONLCR) {
		output_put(tty, '\r');
		tty->column = 0;
	}
	if (flags & ONLRET)
		tty->column = 0;
	output_put(tty, '\n');
}

static void
output_tab(struct tty *tty)
{
	do {
		output_put(tty, ' ');
		tty->column++;
	} while (tty->column % TAB_WIDTH != 0);
}

/* One character by the output rules; false when the ring is too full. */
static bool
output_char(struct tty *tty, uint8_t c)
{
	uint32_t flags = tty->termios.c_oflag;

	if (output_room(tty) < TAB_WIDTH)
		return false;
	if (!(flags & OPOST)) {
		output_put(tty, c);
	} else if (c == '\n') {
		output_newline(tty, flags);
	} else if (c == '\r' && (flags & ONOCR) && tty->column == 0) {
		/* suppressed */
	} else if (c == '\r' && (flags & OCRNL)) {
		output_newline(tty, flags & ONLRET);
	} else if (c == '\t' && (flags & OXTABS)) {
		output_tab(tty);
	} else {
		output_move(tty, c);
		output_put(tty, c);
	}
	return true;
}

size_t
ldisc_output(struct tty *tty, const uint8_t *bytes, size_t length)
{
	size_t done = 0;

	while (done < length && output_char(tty, bytes[done]))
		done++;
	return done;
}

/* ---- echo ------------------------------------------------------------------- */

static void
echo_raw(struct tty *tty, uint8_t c)
{
	if (output_room(tty) > ECHO_ROOM)
		(void)output_char(tty, c);
}

/* Whether `c` shows as two characters, ^X. */
static bool
echo_is_caret(const struct tty *tty, uint8_t c)
{
	return is_control(c) && c != '\t' && is_local(tty, ECHOCTL);
}

/* A character as it looks in a line. */
static void
echo_visible(struct tty *tty, uint8_t c)
{
	if (echo_is_caret(tty, c)) {
		echo_raw(tty, '^');
		echo_raw(tty, c ^ 0x40);
	} else {
		echo_raw(tty, c);
	}
}

static void
echo_input(struct tty *tty, uint8_t c, bool literal)
{
	if (c == '\n' && !literal) {
		if (is_local(tty, ECHO) || (is_local(tty, ECHONL) && is_local(tty, ICANON)))
			echo_raw(tty, c);
		return;
	}
	if (is_local(tty, ECHO))
		echo_visible(tty, c);
}

/* ---- the input queue ---------------------------------------------------------- */

static uint16_t
input_at(const struct tty *tty, unsigned index)
{
	return tty->input[(tty->input_head + index) % TTY_INPUT_SIZE];
}

static void
input_put(struct tty *tty, uint16_t c)
{
	if (tty->pending == 0)
		tty->line_column = tty->column;
	tty->input[(tty->input_head + tty->input_used) % TTY_INPUT_SIZE] = c;
	tty->input_used++;
	if (c & TTY_CHAR_DELIMITER) {
		tty->lines++;
		tty->pending = 0;
	} else {
		tty->pending++;
	}
}

static uint16_t
input_get(struct tty *tty)
{
	uint16_t c = input_at(tty, 0);

	tty->input_head = (tty->input_head + 1) % TTY_INPUT_SIZE;
	tty->input_used--;
	if (c & TTY_CHAR_DELIMITER)
		tty->lines--;
	if (tty->pending > tty->input_used)
		tty->pending = tty->input_used;
	return c;
}

/* The i-th pending character. */
static uint8_t
pending_at(const struct tty *tty, unsigned i)
{
	return input_at(tty, tty->input_used - tty->pending + i);
}

unsigned
ldisc_room(const struct tty *tty)
{
	unsigned room = TTY_INPUT_SIZE - tty->input_used;

	return room > INPUT_RESERVE ? room - INPUT_RESERVE : 0;
}

void
ldisc_flush_input(struct tty *tty)
{
	tty->input_used = 0;
	tty->lines = 0;
	tty->pending = 0;
	tty->literal_next = false;
}

void
ldisc_flush_output(struct tty *tty)
{
	tty->output_used = 0;
	tty_wake_writers(tty);
}

/* ---- editing ------------------------------------------------------------------ */

/* Columns that the first `count` pending characters take. */
static unsigned
pending_width(const struct tty *tty, unsigned count)
{
	unsigned column = tty->line_column, i;
	uint8_t c;

	for (i = 0; i < count; i++) {
		c = pending_at(tty, i);
		if (c == '\t')
			column += TAB_WIDTH - column % TAB_WIDTH;
		else if (echo_is_caret(tty, c))
			column += 2;
		else if (!is_control(c) && !is_continuation(tty, c))
			column++;
	}
	return column - tty->line_column;
}

/* Take the last pending character (all bytes of it) away, without echo. */
static void
pending_drop(struct tty *tty)
{
	bool more;

	do {
		more = is_continuation(tty, pending_at(tty, tty->pending - 1));
		tty->input_used--;
		tty->pending--;
	} while (more && tty->pending > 0);
}

static void
erase_one(struct tty *tty)
{
	unsigned before = pending_width(tty, tty->pending), after;
	uint8_t c = pending_at(tty, tty->pending - 1);

	pending_drop(tty);
	after = pending_width(tty, tty->pending);
	if (!is_local(tty, ECHO))
		return;
	for (; before > after; before--) {
		echo_raw(tty, '\b');
		if (c == '\t')
			continue;
		echo_raw(tty, ' ');
		echo_raw(tty, '\b');
	}
}

static bool
is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    c == '_' || c >= 0x80;
}

static void
edit_erase(struct tty *tty)
{
	if (tty->pending == 0)
		return;
	if (is_local(tty, ECHOE)) {
		erase_one(tty);
		return;
	}
	pending_drop(tty);
	if (is_local(tty, ECHO))
		echo_visible(tty, tty->termios.c_cc[VERASE]);
}

static void
edit_erase_word(struct tty *tty)
{
	while (tty->pending > 0 && !is_word(pending_at(tty, tty->pending - 1)))
		erase_one(tty);
	while (tty->pending > 0 && is_word(pending_at(tty, tty->pending - 1)))
		erase_one(tty);
}

static void
edit_kill(struct tty *tty)
{
	bool visually = is_local(tty, ECHOE) && is_local(tty, ECHOKE);

	if (visually) {
		while (tty->pending > 0)
			erase_one(tty);
		return;
	}
	tty->input_used -= tty->pending;
	tty->pending = 0;
	if (is_local(tty, ECHO)) {
		echo_visible(tty, tty->termios.c_cc[VKILL]);
		if (is_local(tty, ECHOK))
			echo_raw(tty, '\n');
	}
}

static void
edit_reprint(struct tty *tty)
{
	unsigned i;

	if (!is_local(tty, ECHO))
		return;
	echo_visible(tty, tty->termios.c_cc[VREPRINT]);
	echo_raw(tty, '\n');
	tty->line_column = tty->column;
	for (i = 0; i < tty->pending; i++)
		echo_visible(tty, pending_at(tty, i));
}

static void
edit_literal_next(struct tty *tty)
{
	tty->literal_next = true;
	if (is_local(tty, ECHO) && is_local(tty, ECHOCTL)) {
		echo_raw(tty, '^');
		echo_raw(tty, '\b');
	}
}

struct edit_key {
	unsigned cc;
	uint32_t needs; /* local flags */
	void (*edit)(struct tty *tty);
};

static const struct edit_key edit_keys[] = {
	{ VERASE, ICANON, edit_erase },
	{ VKILL, ICANON, edit_kill },
	{ VWERASE, ICANON | IEXTEN, edit_erase_word },
	{ VREPRINT, ICANON | IEXTEN, edit_reprint },
	{ VLNEXT, ICANON | IEXTEN, edit_literal_next },
};

/* Editing characters; true when `c` was one. */
static bool
input_edit(struct tty *tty, uint8_t c)
{
	unsigned i;

	for (i = 0; i < sizeof(edit_keys) / sizeof(edit_keys[0]); i++) {
		const struct edit_key *key = &edit_keys[i];

		if (is_cc(tty, key->cc, c) && (tty->termios.c_lflag & key->needs) == key->needs) {
			key->edit(tty);
			return true;
		}
	}
	return false;
}

/* ---- special characters -------------------------------------------------------- */

struct signal_key {
	unsigned cc;
	int sig;
};

static const struct signal_key signal_keys[] = {
	{ VINTR, SIGINT },
	{ VQUIT, SIGQUIT },
	{ VSUSP, SIGTSTP },
};

static bool
input_signal(struct tty *tty, uint8_t c)
{
	unsigned i;

	if (!is_local(tty, ISIG))
		return false;
	for (i = 0; i < sizeof(signal_keys) / sizeof(signal_keys[0]); i++) {
		if (!is_cc(tty, signal_keys[i].cc, c))
			continue;
		if (!is_local(tty, NOFLSH)) {
			ldisc_flush_input(tty);
			ldisc_flush_output(tty);
		}
		tty->stopped = false;
		if (is_local(tty, ECHO))
			echo_visible(tty, c);
		tty_signal(tty, signal_keys[i].sig);
		return true;
	}
	return false;
}

static void
input_restart_output(struct tty *tty)
{
	tty->stopped = false;
	if (tty->output_used > 0 && tty->device->start != NULL)
		tty->device->start(tty);
	tty_wake_writers(tty);
}

/* Flow control; true when `c` is used up. */
static bool
input_flow(struct tty *tty, uint8_t c)
{
	uint32_t flags = tty->termios.c_iflag;

	if (!(flags & IXON))
		return false;
	if (is_cc(tty, VSTOP, c)) {
		/* The same key for both turns it over. */
		if (tty->stopped && is_cc(tty, VSTART, c))
			input_restart_output(tty);
		else
			tty->stopped = true;
		return true;
	}
	if (is_cc(tty, VSTART, c)) {
		input_restart_output(tty);
		return true;
	}
	if (tty->stopped && (flags & IXANY))
		input_restart_output(tty);
	return false;
}

/* CR and NL; false when the character is dropped. */
static bool
input_map(const struct tty *tty, uint8_t *c)
{
	uint32_t flags = tty->termios.c_iflag;

	if (flags & ISTRIP)
		*c &= 0x7f;
	if (*c == '\r') {
		if (flags & IGNCR)
			return false;
		if (flags & ICRNL)
			*c = '\n';
	} else if (*c == '\n' && (flags & INLCR)) {
		*c = '\r';
	}
	return true;
}

static bool
is_line_end(const struct tty *tty, uint8_t c)
{
	return c == '\n' || is_cc(tty, VEOL, c) || (is_cc(tty, VEOL2, c) && is_local(tty, IEXTEN));
}

static void
input_full(struct tty *tty)
{
	if (tty->termios.c_iflag & IMAXBEL)
		echo_raw(tty, '\a');
}

/* A character that nothing else used: into the queue, echoed. */
static void
input_store(struct tty *tty, uint8_t c, bool literal)
{
	bool canonical = is_local(tty, ICANON), end;

	end = canonical && !literal && is_line_end(tty, c);
	if (ldisc_room(tty) == 0 && !(end && tty->input_used < TTY_INPUT_SIZE)) {
		input_full(tty);
		return;
	}
	input_put(tty, c | (end ? TTY_CHAR_DELIMITER : 0));
	echo_input(tty, c, literal);
	if (end || !canonical)
		tty_wake_readers(tty);
}

static void
input_eof(struct tty *tty)
{
	if (tty->input_used == TTY_INPUT_SIZE)
		return;
	input_put(tty, TTY_CHAR_DELIMITER | TTY_CHAR_EOF);
	tty_wake_readers(tty);
}

static void
input_char(struct tty *tty, uint8_t c)
{
	if (tty->literal_next) {
		tty->literal_next = false;
		input_store(tty, c, true);
		return;
	}
	if (!input_map(tty, &c))
		return;
	if (input_signal(tty, c) || input_flow(tty, c) || input_edit(tty, c))
		return;
	if (is_local(tty, ICANON) && is_cc(tty, VEOF, c))
		input_eof(tty);
	else
		input_store(tty, c, false);
}

void
ldisc_input(struct tty *tty, uint8_t c)
{
	unsigned before = tty->output_used;

	input_char(tty, c);
	if (tty->output_used != before && tty->device->start != NULL)
		tty->device->start(tty);
}

/* ---- reading --------------------------------------------------------------------- */

bool
ldisc_ready(const struct tty *tty, size_t want)
{
	unsigned minimum = tty->termios.c_cc[VMIN];

	if (is_local(tty, ICANON))
		return tty->lines > 0;
	if (minimum == 0 || tty->termios.c_cc[VTIME] != 0)
		minimum = 1;
	if (want < minimum)
		minimum = want;
	return tty->input_used >= minimum;
}

/* At most one line. */
static size_t
take_line(struct tty *tty, uint8_t *buffer, size_t length)
{
	size_t done = 0;
	uint16_t c;

	while (tty->lines > 0) {
		c = input_at(tty, 0);
		if (done == length && !(c & TTY_CHAR_EOF))
			break;
		(void)input_get(tty);
		if (!(c & TTY_CHAR_EOF))
			buffer[done++] = c;
		if (c & TTY_CHAR_DELIMITER)
			break;
	}
	return done;
}

static size_t
take_raw(struct tty *tty, uint8_t *buffer, size_t length)
{
	size_t done = 0;
	uint16_t c;

	while (done < length && tty->input_used > 0) {
		c = input_get(tty);
		if (!(c & TTY_CHAR_EOF))
			buffer[done++] = c;
	}
	return done;
}

size_t
ldisc_take(struct tty *tty, uint8_t *buffer, size_t length)
{
	size_t done;

	if (length == 0)
		return 0;
	done =
	    is_local(tty, ICANON) ? take_line(tty, buffer, length) : take_raw(tty, buffer, length);
	if (tty->device->input_room != NULL)
		tty->device->input_room(tty);
	return done;
}

size_t
ldisc_count(const struct tty *tty)
{
	unsigned readable = tty->input_used, i;
	size_t count = 0;

	if (is_local(tty, ICANON))
		readable -= tty->pending;
	for (i = 0; i < readable; i++) {
		if (!(input_at(tty, i) & TTY_CHAR_EOF))
			count++;
	}
	return count;
}

void
ldisc_set(struct tty *tty, const struct bsd_termios *termios)
{
	bool was = is_local(tty, ICANON), is;
	unsigned last;

	tty->termios = *termios;
	is = is_local(tty, ICANON);
	tty->literal_next = false;
	if (!was && is && tty->pending > 0) {
		/* What came without lines is one line now. */
		last = (tty->input_head + tty->input_used - 1) % TTY_INPUT_SIZE;
		tty->input[last] |= TTY_CHAR_DELIMITER;
		tty->lines++;
		tty->pending = 0;
	}
	if (tty->stopped && !(termios->c_iflag & IXON))
		input_restart_output(tty);
	tty_wake_readers(tty);
}
