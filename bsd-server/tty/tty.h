/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tty -- terminals: line discipline, job control, and what devices plug into.
 *
 *   device --tty_input--> ldisc --input queue--> read
 *                           | echo
 *   device <--tty_output_take-- output ring <--ldisc-- write
 *
 * Life:   tty_create -> referenced by its device, by open files, by the
 *         session it controls -> freed on the last tty_release.  A hangup
 *         cuts off all open files of that moment (their generation is old).
 * Locks:  master lock; reads, writes, drains sleep.
 * Hosted: yes (tests/unit/bsd-vfs/t_tty.c).
 */
#ifndef BSD_TTY_TTY_H
#define BSD_TTY_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bsd/abi.h"
#include "file/poll.h"

struct file;
struct proc;
struct tty;
struct vnode;

#define TTY_INPUT_SIZE  4096u  /* characters waiting to be read */
#define TTY_OUTPUT_SIZE 16384u /* bytes waiting for the device */

/* What the hardware side does for a terminal; NULL entries: nothing. */
struct tty_device {
	/* The output ring has bytes. */
	void (*start)(struct tty *tty);
	/* A reader made room in the input queue. */
	void (*input_room)(struct tty *tty);
	/* Bytes the device took and has not sent yet. */
	bool (*busy)(struct tty *tty);
	/* The last open file was closed. */
	void (*last_close)(struct tty *tty);
};

/* A queued input character: its byte and marks. */
#define TTY_CHAR_DELIMITER 0x100 /* ends a line */
#define TTY_CHAR_EOF       0x200 /* a delimiter that is no character */

struct tty {
	unsigned refs;
	unsigned opens; /* open files, this generation or not */
	uint32_t generation;
	uint64_t rdev;
	const struct tty_device *device;
	void *device_data;

	struct bsd_termios termios;
	struct bsd_winsize winsize;
	int32_t session; /* it controls; 0: none */
	int32_t pgrp;    /* in the foreground; 0: none */

	uint16_t input[TTY_INPUT_SIZE];
	unsigned input_head, input_used;
	unsigned lines;       /* delimiters in the queue */
	unsigned pending;     /* characters behind the last one */
	unsigned line_column; /* cursor where they began */
	bool literal_next;    /* VLNEXT came */

	uint8_t output[TTY_OUTPUT_SIZE];
	unsigned output_head, output_used;
	unsigned column; /* of the cursor, for tabs */
	bool stopped;    /* VSTOP came or TIOCSTOP */
	bool exclusive;
	bool gone; /* the other side of a pty has closed */

	struct poll_head read_poll, write_poll;
};

/* ---- line discipline (tty/ldisc.c, pure) ----------------------------------- */

/* The settings of a fresh terminal. */
void ldisc_init(struct tty *tty);

/* A character arrived from the device. */
void ldisc_input(struct tty *tty, uint8_t c);

/* Characters that ldisc_input would not drop now. */
unsigned ldisc_room(const struct tty *tty);

/*
 * Put program output through the output rules into the ring; returns how
 * many of the bytes went in (0: full).
 */
size_t ldisc_output(struct tty *tty, const uint8_t *bytes, size_t length);

/* Whether a canonical read or a raw read of `want` can be satisfied. */
bool ldisc_ready(const struct tty *tty, size_t want);

/* Take input for a reader by the mode in force. */
size_t ldisc_take(struct tty *tty, uint8_t *buffer, size_t length);

/* Bytes a read could return now. */
size_t ldisc_count(const struct tty *tty);

/* New settings, with the consequences for what is queued. */
void ldisc_set(struct tty *tty, const struct bsd_termios *termios);

void ldisc_flush_input(struct tty *tty);
void ldisc_flush_output(struct tty *tty);

/* The queues changed: wake whom it concerns (tty.c). */
void tty_wake_readers(struct tty *tty);
void tty_wake_writers(struct tty *tty);
/* A signal character: to the foreground group (tty.c). */
void tty_signal(struct tty *tty, int sig);

/* ---- terminals (tty/tty.c) --------------------------------------------------- */

/* With one reference; NULL when out of memory. */
struct tty *tty_create(const struct tty_device *device, void *data, uint64_t rdev);
struct tty *tty_reference(struct tty *tty);
void tty_release(struct tty *tty);

/* Bytes from the device; returns how many were taken. */
size_t tty_input(struct tty *tty, const uint8_t *bytes, size_t length);

/* Bytes for the device, unless output is stopped. */
size_t tty_output_take(struct tty *tty, uint8_t *bytes, size_t length);

/*
 * Open it; becomes the controlling terminal of a session leader without one
 * unless O_NOCTTY.  Takes over the reference on `vp` on success.  EBUSY, EIO.
 */
int
tty_open(struct tty *tty, struct proc *proc, struct vnode *vp, unsigned flags, struct file **filep);

/*
 * The line is gone: SIGHUP (and SIGCONT) to the foreground group and the
 * session's leader, all open files cut off, no longer a controlling terminal.
 */
void tty_hangup(struct tty *tty);

/* Terminal ioctls, also for a pty's master.  ENOTTY. */
int tty_control(struct tty *tty, struct proc *proc, uint32_t request, void *data);

/* Set the window's size; SIGWINCH to the foreground when it changed. */
void tty_set_winsize(struct tty *tty, const struct bsd_winsize *size);

/* The number of the terminal an open file is on; 0: none. */
uint64_t tty_rdev(const struct tty *tty);

#endif /* BSD_TTY_TTY_H */
