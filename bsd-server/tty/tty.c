/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Terminals: open files, job control, ioctls, hangup.
 *
 * Channels: tty->input for readers, tty->output for writers and those who
 * wait for the output to drain.
 */
#include "tty/tty.h"

#include <string.h>

#include "file/cred.h"
#include "file/file.h"
#include "vfs/services.h"

/* An open file on a terminal. */
struct tty_handle {
	struct tty *tty;
	uint32_t generation;
};

static const struct file_ops tty_file_ops;

struct tty *
tty_create(const struct tty_device *device, void *data, uint64_t rdev)
{
	struct tty *tty = bsd_alloc(sizeof(*tty));

	if (tty == NULL)
		return NULL;
	tty->refs = 1;
	tty->device = device;
	tty->device_data = data;
	tty->rdev = rdev;
	ldisc_init(tty);
	return tty;
}

struct tty *
tty_reference(struct tty *tty)
{
	tty->refs++;
	return tty;
}

void
tty_release(struct tty *tty)
{
	bsd_assert(tty->refs > 0);
	if (--tty->refs == 0)
		bsd_free(tty, sizeof(*tty));
}

uint64_t
tty_rdev(const struct tty *tty)
{
	return tty == NULL ? 0 : tty->rdev;
}

/* ---- the device's side ---------------------------------------------------------- */

void
tty_wake_readers(struct tty *tty)
{
	bsd_wakeup(tty->input);
	poll_notify(&tty->read_poll);
}

void
tty_wake_writers(struct tty *tty)
{
	bsd_wakeup(tty->output);
	poll_notify(&tty->write_poll);
}

void
tty_signal(struct tty *tty, int sig)
{
	if (tty->pgrp != 0)
		bsd_signal_pgrp(tty->pgrp, sig);
}

/* Canonical input without a whole line must not stop: it would for ever. */
static bool
tty_must_take(const struct tty *tty)
{
	return (tty->termios.c_lflag & ICANON) && tty->lines == 0;
}

size_t
tty_input(struct tty *tty, const uint8_t *bytes, size_t length)
{
	size_t done;

	for (done = 0; done < length; done++) {
		if (ldisc_room(tty) == 0 && !tty_must_take(tty))
			break;
		ldisc_input(tty, bytes[done]);
	}
	return done;
}

size_t
tty_output_take(struct tty *tty, uint8_t *bytes, size_t length)
{
	size_t done, front;

	if (tty->stopped)
		return 0;
	done = length < tty->output_used ? length : tty->output_used;
	front = TTY_OUTPUT_SIZE - tty->output_head;
	if (front > done)
		front = done;
	memcpy(bytes, tty->output + tty->output_head, front);
	memcpy(bytes + front, tty->output, done - front);
	tty->output_head = (tty->output_head + done) % TTY_OUTPUT_SIZE;
	tty->output_used -= done;
	if (done > 0)
		tty_wake_writers(tty);
	return done;
}

static void
tty_start(struct tty *tty)
{
	if (tty->output_used > 0 && tty->device->start != NULL)
		tty->device->start(tty);
}

static bool
tty_busy(struct tty *tty)
{
	return tty->output_used > 0 || (tty->device->busy != NULL && tty->device->busy(tty));
}

static int
tty_drain(struct tty *tty)
{
	uint32_t generation = tty->generation;
	int error = 0;

	while (error == 0 && tty_busy(tty) && !tty->gone && tty->generation == generation)
		error = bsd_sleep(tty->output, BSD_SLEEP_INTR, 0);
	return error;
}

/* ---- job control ------------------------------------------------------------------ */

static bool
tty_controls(const struct tty *tty, const struct proc *proc)
{
	return tty->session != 0 && tty->session == proc_session(proc);
}

/*
 * Whether the process may go on: 0, or ERESTART after its group was sent
 * `sig`, or EIO when that would help nobody.
 */
static int
tty_background(struct tty *tty, struct proc *proc, int sig)
{
	int32_t pgrp = proc_pgrp(proc);

	if (!tty_controls(tty, proc) || tty->pgrp == 0 || tty->pgrp == pgrp)
		return 0;
	if (proc_signal_held(proc, sig))
		return sig == SIGTTIN ? EIO : 0;
	if (pgrp_orphaned(pgrp))
		return EIO;
	bsd_signal_pgrp(pgrp, sig);
	return ERESTART;
}

/* Make it the controlling terminal of the process' session. */
static void
tty_adopt(struct tty *tty, struct proc *proc)
{
	tty->session = proc_session(proc);
	tty->pgrp = proc_pgrp(proc);
	proc_set_ctty(proc, tty);
}

static void
tty_disown(struct tty *tty)
{
	if (tty->session == 0)
		return;
	session_forget_tty(tty);
	tty->session = 0;
	tty->pgrp = 0;
}

void
tty_hangup(struct tty *tty)
{
	int32_t session = tty->session, pgrp = tty->pgrp;

	tty->generation++;
	tty->stopped = false;
	tty->exclusive = false;
	ldisc_flush_input(tty);
	ldisc_flush_output(tty);
	ldisc_init(tty);
	tty_disown(tty);
	tty_wake_readers(tty);
	tty_wake_writers(tty);
	if (session != 0) {
		bsd_signal_session_leader(session, SIGHUP);
		bsd_signal_session_leader(session, SIGCONT);
	}
	if (pgrp != 0) {
		bsd_signal_pgrp(pgrp, SIGHUP);
		bsd_signal_pgrp(pgrp, SIGCONT);
	}
}

/* ---- open files --------------------------------------------------------------------- */

/* Whether the line behind this open file is no more. */
static bool
tty_is_dead(const struct tty_handle *handle)
{
	return handle->tty->gone || handle->generation != handle->tty->generation;
}

/* When a raw read of `length` must return at the latest; 0: never. */
static uint64_t
tty_read_deadline(const struct tty *tty)
{
	uint64_t time = tty->termios.c_cc[VTIME];

	if ((tty->termios.c_lflag & ICANON) || time == 0)
		return 0;
	/* With VMIN the time counts from the last character. */
	if (tty->termios.c_cc[VMIN] > 0 && tty->input_used == 0)
		return 0;
	return bsd_uptime() + time * 100000000;
}

/* A raw read that does not wait for a first character. */
static bool
tty_read_polls(const struct tty *tty)
{
	return !(tty->termios.c_lflag & ICANON) && tty->termios.c_cc[VMIN] == 0 &&
	    tty->termios.c_cc[VTIME] == 0;
}

/* Whether what is there is enough to return. */
static bool
tty_read_enough(const struct tty *tty, size_t length)
{
	unsigned minimum = tty->termios.c_cc[VMIN];

	if (tty->termios.c_lflag & ICANON)
		return tty->lines > 0;
	if (minimum == 0)
		minimum = 1;
	if (length < minimum)
		minimum = length;
	return tty->input_used >= minimum;
}

/* Wait until a read can be answered; ETIMEDOUT: with what there is. */
static int
tty_read_wait(struct tty_handle *handle, struct file *file, struct proc *proc, size_t length)
{
	struct tty *tty = handle->tty;
	uint64_t deadline = tty_read_deadline(tty);
	unsigned before = tty->input_used;
	int error;

	while (!tty_is_dead(handle)) {
		error = tty_background(tty, proc, SIGTTIN);
		if (error != 0)
			return error;
		if (tty_read_enough(tty, length) || tty_read_polls(tty))
			return 0;
		if (file_nonblocking(file))
			return tty->input_used > tty->pending ? 0 : EAGAIN;
		error = bsd_sleep(tty->input, BSD_SLEEP_INTR, deadline);
		if (error != 0)
			return error;
		if (tty->input_used != before) {
			before = tty->input_used;
			deadline = tty_read_deadline(tty);
		}
	}
	return 0;
}

static int
tty_read(struct file *file, struct proc *proc, void *buffer, size_t length, uint64_t offset,
    size_t *donep)
{
	struct tty_handle *handle = file->data;
	int error;

	*donep = 0;
	if (length == 0)
		return 0;
	error = tty_read_wait(handle, file, proc, length);
	if (error != 0 && error != ETIMEDOUT)
		return error;
	if (!tty_is_dead(handle))
		*donep = ldisc_take(handle->tty, buffer, length);
	return 0;
}

/* One round of a write; 0 and *donep moved, or why not. */
static int
tty_write_some(struct tty_handle *handle, struct file *file, const uint8_t *bytes, size_t length,
    size_t *donep)
{
	struct tty *tty = handle->tty;
	size_t part;

	if (tty_is_dead(handle))
		return EIO;
	part = ldisc_output(tty, bytes + *donep, length - *donep);
	tty_start(tty);
	*donep += part;
	if (part > 0)
		return 0;
	if (file_nonblocking(file))
		return EAGAIN;
	return bsd_sleep(tty->output, BSD_SLEEP_INTR, 0);
}

static int
tty_write(struct file *file, struct proc *proc, const void *buffer, size_t length, uint64_t offset,
    size_t *donep)
{
	struct tty_handle *handle = file->data;
	int error = 0;

	*donep = 0;
	if (handle->tty->termios.c_lflag & TOSTOP)
		error = tty_background(handle->tty, proc, SIGTTOU);
	while (error == 0 && *donep < length)
		error = tty_write_some(handle, file, buffer, length, donep);
	return *donep > 0 ? 0 : error;
}

static unsigned
tty_poll(struct file *file, unsigned events, struct poll_wait *wait)
{
	struct tty_handle *handle = file->data;
	struct tty *tty = handle->tty;
	unsigned ready = 0;

	poll_record(&tty->read_poll, wait);
	poll_record(&tty->write_poll, wait);
	if (tty_is_dead(handle))
		return POLLIN | POLLRDNORM | POLLHUP | POLLERR;
	if (ldisc_ready(tty, SIZE_MAX))
		ready |= POLLIN | POLLRDNORM;
	if (TTY_OUTPUT_SIZE - tty->output_used > 256)
		ready |= POLLOUT;
	return ready;
}

static int
tty_ioctl(struct file *file, struct proc *proc, uint32_t request, void *data)
{
	struct tty_handle *handle = file->data;

	if (tty_is_dead(handle))
		return EIO;
	return tty_control(handle->tty, proc, request, data);
}

static void
tty_close(struct file *file)
{
	struct tty_handle *handle = file->data;
	struct tty *tty = handle->tty;

	bsd_assert(tty->opens > 0);
	if (--tty->opens == 0) {
		tty->exclusive = false;
		if (tty->device->last_close != NULL)
			tty->device->last_close(tty);
	}
	tty_release(tty);
	bsd_free(handle, sizeof(*handle));
}

static const struct file_ops tty_file_ops = {
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.close = tty_close,
};

int
tty_open(struct tty *tty, struct proc *proc, struct vnode *vp, unsigned flags, struct file **filep)
{
	struct tty_handle *handle;
	int error;

	if (tty->gone)
		return EIO;
	if (tty->exclusive && !cred_is_root(proc_cred(proc)))
		return EBUSY;
	handle = bsd_alloc(sizeof(*handle));
	if (handle == NULL)
		return ENOMEM;
	error = file_create(&tty_file_ops, flags & ~(unsigned)O_NOCTTY, vp, filep);
	if (error != 0) {
		bsd_free(handle, sizeof(*handle));
		return error;
	}
	handle->tty = tty_reference(tty);
	handle->generation = tty->generation;
	(*filep)->data = handle;
	tty->opens++;
	if (!(flags & O_NOCTTY) && proc_session_leader(proc) && proc_ctty(proc) == NULL &&
	    tty->session == 0)
		tty_adopt(tty, proc);
	return 0;
}

/* ---- ioctls --------------------------------------------------------------------------- */

void
tty_set_winsize(struct tty *tty, const struct bsd_winsize *size)
{
	if (memcmp(&tty->winsize, size, sizeof(*size)) == 0)
		return;
	tty->winsize = *size;
	tty_signal(tty, SIGWINCH);
}

static int
control_get(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	memcpy(data, &tty->termios, sizeof(tty->termios));
	return 0;
}

static int
control_set(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	struct bsd_termios termios;
	int error = 0;

	memcpy(&termios, data, sizeof(termios));
	if (request != TIOCSETA)
		error = tty_drain(tty);
	if (error != 0)
		return error;
	if (request == TIOCSETAF)
		ldisc_flush_input(tty);
	ldisc_set(tty, &termios);
	return 0;
}

static int
control_get_pgrp(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	if (!tty_controls(tty, proc))
		return ENOTTY;
	/* No group in front: a number that no group has. */
	*(int32_t *)data = tty->pgrp != 0 ? tty->pgrp : INT32_MAX;
	return 0;
}

static int
control_set_pgrp(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	int32_t pgrp = *(int32_t *)data;

	if (!tty_controls(tty, proc))
		return ENOTTY;
	if (pgrp <= 0)
		return EINVAL;
	if (pgrp_session(pgrp) != tty->session)
		return EPERM;
	tty->pgrp = pgrp;
	return 0;
}

static int
control_get_session(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	if (!tty_controls(tty, proc))
		return ENOTTY;
	*(int32_t *)data = tty->session;
	return 0;
}

static int
control_adopt(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	if (tty_controls(tty, proc))
		return 0;
	if (!proc_session_leader(proc) || proc_ctty(proc) != NULL || tty->session != 0)
		return EPERM;
	tty_adopt(tty, proc);
	return 0;
}

static int
control_disown(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	if (!tty_controls(tty, proc))
		return ENOTTY;
	/* Only the leader's word takes it from the whole session. */
	if (!proc_session_leader(proc))
		return EPERM;
	tty_signal(tty, SIGHUP);
	tty_signal(tty, SIGCONT);
	tty_disown(tty);
	return 0;
}

static int
control_get_winsize(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	memcpy(data, &tty->winsize, sizeof(tty->winsize));
	return 0;
}

static int
control_set_winsize(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	struct bsd_winsize size;

	memcpy(&size, data, sizeof(size));
	tty_set_winsize(tty, &size);
	return 0;
}

static int
control_flush(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	int32_t which = *(int32_t *)data;

	if (which == 0)
		which = BSD_FREAD | BSD_FWRITE;
	if (which & BSD_FREAD) {
		ldisc_flush_input(tty);
		if (tty->device->input_room != NULL)
			tty->device->input_room(tty);
	}
	if (which & BSD_FWRITE)
		ldisc_flush_output(tty);
	return 0;
}

static int
control_count(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	*(int32_t *)data = request == FIONREAD ? ldisc_count(tty) : tty->output_used;
	return 0;
}

static int
control_drain(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	return tty_drain(tty);
}

static int
control_flow(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	tty->stopped = request == TIOCSTOP;
	if (!tty->stopped) {
		tty_start(tty);
		tty_wake_writers(tty);
	}
	return 0;
}

static int
control_exclusive(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	tty->exclusive = request == TIOCEXCL;
	return 0;
}

/* Typing for somebody else. */
static int
control_type(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	if (!cred_is_root(proc_cred(proc)))
		return EPERM;
	ldisc_input(tty, *(uint8_t *)data);
	return 0;
}

static int
control_discipline(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	if (request == TIOCSETD)
		return *(int32_t *)data == 0 ? 0 : EINVAL;
	*(int32_t *)data = 0;
	return 0;
}

static int
control_nothing(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	return 0;
}

struct tty_request {
	uint32_t request;
	bool changes; /* stops a background process (SIGTTOU) */
	int (*control)(struct tty *tty, struct proc *proc, uint32_t request, void *data);
};

static const struct tty_request tty_requests[] = {
	{ TIOCGETA, false, control_get },
	{ TIOCSETA, true, control_set },
	{ TIOCSETAW, true, control_set },
	{ TIOCSETAF, true, control_set },
	{ TIOCGPGRP, false, control_get_pgrp },
	{ TIOCSPGRP, true, control_set_pgrp },
	{ TIOCGSID, false, control_get_session },
	{ TIOCSCTTY, false, control_adopt },
	{ TIOCNOTTY, false, control_disown },
	{ TIOCGWINSZ, false, control_get_winsize },
	{ TIOCSWINSZ, true, control_set_winsize },
	{ TIOCFLUSH, true, control_flush },
	{ FIONREAD, false, control_count },
	{ TIOCOUTQ, false, control_count },
	{ TIOCDRAIN, true, control_drain },
	{ TIOCSTOP, true, control_flow },
	{ TIOCSTART, true, control_flow },
	{ TIOCEXCL, false, control_exclusive },
	{ TIOCNXCL, false, control_exclusive },
	{ TIOCSTI, false, control_type },
	{ TIOCGETD, false, control_discipline },
	{ TIOCSETD, true, control_discipline },
	{ TIOCSBRK, true, control_nothing },
};

int
tty_control(struct tty *tty, struct proc *proc, uint32_t request, void *data)
{
	size_t i;
	int error;

	for (i = 0; i < sizeof(tty_requests) / sizeof(tty_requests[0]); i++) {
		const struct tty_request *r = &tty_requests[i];

		if (r->request != request)
			continue;
		error = r->changes ? tty_background(tty, proc, SIGTTOU) : 0;
		return error != 0 ? error : r->control(tty, proc, request, data);
	}
	return ENOTTY;
}
