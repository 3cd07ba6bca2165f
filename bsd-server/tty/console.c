/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console terminal and its two threads.
 */
#include "tty/console.h"

#include "dev/dev.h"
#include "server/sync.h"
#include "tty/tty.h"
#include "vfs/services.h"

#define CONSOLE_PIECE 1024

static struct {
	struct tty *tty;
	const struct console_device *device;
	bool writing;     /* the device has bytes that we gave it */
	char start, room; /* channels of the two threads */
} console;

struct tty *
console_tty(void)
{
	return console.tty;
}

static void
console_start(struct tty *tty)
{
	bsd_wakeup(&console.start);
}

static void
console_input_room(struct tty *tty)
{
	bsd_wakeup(&console.room);
}

static bool
console_busy(struct tty *tty)
{
	return console.writing;
}

static const struct tty_device console_tty_device = {
	.start = console_start,
	.input_room = console_input_room,
	.busy = console_busy,
};

static void
console_writer(void *argument)
{
	uint8_t piece[CONSOLE_PIECE];
	size_t length;

	bsd_lock();
	for (;;) {
		length = tty_output_take(console.tty, piece, sizeof(piece));
		if (length == 0) {
			(void)bsd_sleep(&console.start, 0, 0);
			continue;
		}
		console.writing = true;
		bsd_unlock();
		console.device->write(piece, length);
		bsd_lock();
		console.writing = false;
		tty_wake_writers(console.tty);
	}
}

/* Give all bytes to the terminal, waiting for readers when it is full. */
static void
console_accept(const uint8_t *bytes, size_t length)
{
	size_t done = 0;

	for (;;) {
		done += tty_input(console.tty, bytes + done, length - done);
		if (done == length)
			return;
		(void)bsd_sleep(&console.room, 0, 0);
	}
}

static void
console_reader(void *argument)
{
	uint8_t piece[CONSOLE_PIECE];
	size_t length;

	for (;;) {
		length = console.device->read(piece, sizeof(piece));
		if (length == 0)
			return;
		bsd_lock();
		random_stir(piece, length);
		console_accept(piece, length);
		bsd_unlock();
	}
}

int
console_init(const struct console_device *device, bool raw_output)
{
	console.device = device;
	console.tty = tty_create(&console_tty_device, NULL, BSD_MAKEDEV(DEV_MAJOR_TTY, 1));
	if (console.tty == NULL)
		return ENOMEM;
	if (raw_output)
		console.tty->termios.c_oflag &= ~(uint32_t)OPOST;
	if (!bsd_thread_start(console_writer, NULL) || !bsd_thread_start(console_reader, NULL))
		return ENOMEM;
	return 0;
}

void
console_drain(void)
{
	struct tty *tty = console.tty;

	while (tty != NULL && (tty->output_used > 0 || console.writing)) {
		tty->stopped = false;
		console_start(tty);
		if (bsd_sleep(tty->output, 0, 0) == ERESTART)
			return;
	}
}
