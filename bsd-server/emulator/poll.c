/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * poll and select in all their forms, by the server's one poll.
 */
#include "bsd_file_user.h"
#include "calls.h"
#include "emul.h"

struct poll_request {
	struct bsd_pollfd set[BSD_POLL_MAX];
	uint32_t count;
	int64_t timeout; /* ns or negative */
	bool setmask;
	bsd_sigset_t mask;
};

/* 0 and *ready, or negative; never restarted. */
static int64_t
do_poll(struct poll_request *p, int *ready)
{
	struct bsd_pollfd result[BSD_POLL_MAX];
	mach_msg_type_number_t got = BSD_POLL_MAX;
	int64_t r;

	if (p->setmask)
		emul_self()->mask_known = false;
	r = emul_result(bsd_poll(emul_process(), (uint64_t *)(void *)p->set, p->count, p->timeout,
	    p->setmask, p->mask, ready, (uint64_t *)(void *)result, &got));
	if (r != 0)
		return r == EMUL_RESTART ? -LINUX_EINTR : r;
	if (got != p->count)
		return -LINUX_EIO;
	for (uint32_t i = 0; i < got; i++)
		p->set[i].revents = result[i].revents;
	return 0;
}

/* ---- times and masks ---------------------------------------------------------------- */

static int64_t
timeout_at(uint64_t address, int64_t scale, int64_t *ns)
{
	int64_t t[2];

	*ns = -1;
	if (address == 0)
		return 0;
	if (emul_copyin(t, address, sizeof(t)) != 0)
		return -LINUX_EFAULT;
	return emul_time_to_ns(t[0], t[1], scale, ns);
}

/* What is left goes back to where the timeout came from. */
static void
store_left(uint64_t address, int64_t scale, int64_t timeout, int64_t started)
{
	int64_t left = timeout - (emul_clock_now(BSD_CLOCK_MONOTONIC) - started);
	int64_t t[2];

	if (left < 0)
		left = 0;
	t[0] = left / 1000000000;
	t[1] = left % 1000000000 / scale;
	(void)emul_copyout(address, t, sizeof(t));
}

static int64_t
take_mask(struct poll_request *p, uint64_t address, uint64_t size)
{
	uint64_t set;

	p->setmask = address != 0;
	p->mask = 0;
	if (address == 0)
		return 0;
	if (size != 8)
		return -LINUX_EINVAL;
	if (emul_copyin(&set, address, sizeof(set)) != 0)
		return -LINUX_EFAULT;
	p->mask = emul_sigset_from_linux(set);
	return 0;
}

/* ---- poll -------------------------------------------------------------------------------- */

#define POLL_SAME                                                                                  \
	(POLLIN | POLLPRI | POLLOUT | POLLERR | POLLHUP | POLLNVAL | POLLRDNORM | POLLRDBAND)

static int16_t
events_from_linux(int16_t events)
{
	int16_t result = events & POLL_SAME;

	if ((events & LINUX_POLLWRNORM) != 0)
		result |= POLLWRNORM;
	if ((events & LINUX_POLLWRBAND) != 0)
		result |= POLLWRBAND;
	return result;
}

static int16_t
events_to_linux(int16_t revents, int16_t asked)
{
	int16_t result = revents & POLL_SAME & (asked | POLLERR | POLLHUP | POLLNVAL);

	if ((revents & POLLWRNORM) != 0)
		result |= asked & LINUX_POLLWRNORM;
	if ((revents & POLLWRBAND) != 0)
		result |= asked & LINUX_POLLWRBAND;
	return result;
}

static int64_t
poll_descriptors(struct poll_request *p, uint64_t address, uint64_t count)
{
	struct linux_pollfd fds[BSD_POLL_MAX];
	int ready;
	int64_t r;

	if (count > BSD_POLL_MAX)
		return -LINUX_EINVAL;
	if (emul_copyin(fds, address, count * sizeof(fds[0])) != 0)
		return -LINUX_EFAULT;
	p->count = (uint32_t)count;
	for (uint64_t i = 0; i < count; i++)
		p->set[i] = (struct bsd_pollfd) { .fd = fds[i].fd,
			.events = events_from_linux(fds[i].events) };
	r = do_poll(p, &ready);
	if (r != 0)
		return r;
	for (uint64_t i = 0; i < count; i++)
		fds[i].revents = events_to_linux(p->set[i].revents, fds[i].events);
	if (emul_copyout(address, fds, count * sizeof(fds[0])) != 0)
		return -LINUX_EFAULT;
	return ready;
}

int64_t
sys_poll(struct emul_frame *f)
{
	struct poll_request p;
	int32_t ms = (int32_t)ARG3(f);

	p.timeout = ms < 0 ? -1 : (int64_t)ms * 1000000;
	p.setmask = false;
	p.mask = 0;
	return poll_descriptors(&p, ARG1(f), (uint32_t)ARG2(f));
}

int64_t
sys_ppoll(struct emul_frame *f)
{
	struct poll_request p;
	int64_t started = 0;
	int64_t r = timeout_at(ARG3(f), 1, &p.timeout);

	if (r == 0)
		r = take_mask(&p, ARG4(f), ARG5(f));
	if (r != 0)
		return r;
	if (p.timeout > 0)
		started = emul_clock_now(BSD_CLOCK_MONOTONIC);
	r = poll_descriptors(&p, ARG1(f), (uint32_t)ARG2(f));
	if (p.timeout > 0)
		store_left(ARG3(f), 1, p.timeout, started);
	return r;
}

/* ---- select ----------------------------------------------------------------------------------- */

#define SELECT_FDS 1024

struct fd_sets {
	uint64_t in[SELECT_FDS / 64];
	uint64_t out[SELECT_FDS / 64];
	uint64_t except[SELECT_FDS / 64];
};

static int64_t
take_sets(struct fd_sets *sets, struct emul_frame *f, size_t bytes)
{
	memset(sets, 0, sizeof(*sets));
	if (ARG2(f) != 0 && emul_copyin(sets->in, ARG2(f), bytes) != 0)
		return -LINUX_EFAULT;
	if (ARG3(f) != 0 && emul_copyin(sets->out, ARG3(f), bytes) != 0)
		return -LINUX_EFAULT;
	if (ARG4(f) != 0 && emul_copyin(sets->except, ARG4(f), bytes) != 0)
		return -LINUX_EFAULT;
	return 0;
}

static int64_t
put_sets(const struct fd_sets *sets, struct emul_frame *f, size_t bytes)
{
	if (ARG2(f) != 0 && emul_copyout(ARG2(f), sets->in, bytes) != 0)
		return -LINUX_EFAULT;
	if (ARG3(f) != 0 && emul_copyout(ARG3(f), sets->out, bytes) != 0)
		return -LINUX_EFAULT;
	if (ARG4(f) != 0 && emul_copyout(ARG4(f), sets->except, bytes) != 0)
		return -LINUX_EFAULT;
	return 0;
}

static bool
has(const uint64_t *set, int fd)
{
	return (set[fd / 64] >> (fd % 64) & 1) != 0;
}

static int64_t
sets_to_poll(struct poll_request *p, const struct fd_sets *sets, int limit)
{
	p->count = 0;
	for (int fd = 0; fd < limit; fd++) {
		int16_t events = 0;

		if (has(sets->in, fd))
			events |= POLLIN;
		if (has(sets->out, fd))
			events |= POLLOUT;
		if (has(sets->except, fd))
			events |= POLLPRI;
		if (events == 0)
			continue;
		if (p->count == BSD_POLL_MAX)
			return -LINUX_EINVAL;
		p->set[p->count++] = (struct bsd_pollfd) { .fd = fd, .events = events };
	}
	return 0;
}

/* The sets of what is ready; the number of bits or -LINUX_EBADF. */
static int64_t
poll_to_sets(struct fd_sets *sets, const struct poll_request *p)
{
	int64_t bits = 0;

	memset(sets, 0, sizeof(*sets));
	for (uint32_t i = 0; i < p->count; i++) {
		const struct bsd_pollfd *e = &p->set[i];
		uint64_t bit = (uint64_t)1 << (e->fd % 64);

		if ((e->revents & POLLNVAL) != 0)
			return -LINUX_EBADF;
		if ((e->events & POLLIN) != 0 && (e->revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
			sets->in[e->fd / 64] |= bit;
			bits++;
		}
		if ((e->events & POLLOUT) != 0 && (e->revents & (POLLOUT | POLLERR)) != 0) {
			sets->out[e->fd / 64] |= bit;
			bits++;
		}
		if ((e->events & POLLPRI) != 0 && (e->revents & POLLPRI) != 0) {
			sets->except[e->fd / 64] |= bit;
			bits++;
		}
	}
	return bits;
}

static int64_t
do_select(struct emul_frame *f, struct poll_request *p)
{
	struct fd_sets sets;
	int limit = (int)ARG1(f);
	size_t bytes;
	int ready;
	int64_t bits;
	int64_t r;

	if (limit < 0)
		return -LINUX_EINVAL;
	if (limit > SELECT_FDS)
		limit = SELECT_FDS;
	bytes = ((size_t)limit + 63) / 64 * 8;
	r = take_sets(&sets, f, bytes);
	if (r == 0)
		r = sets_to_poll(p, &sets, limit);
	if (r == 0)
		r = do_poll(p, &ready);
	if (r != 0)
		return r;
	bits = poll_to_sets(&sets, p);
	if (bits < 0)
		return bits;
	r = put_sets(&sets, f, bytes);
	return r != 0 ? r : bits;
}

static int64_t
timed_select(struct emul_frame *f, struct poll_request *p, int64_t scale)
{
	int64_t started = 0;
	int64_t r = timeout_at(ARG5(f), scale, &p->timeout);

	if (r != 0)
		return r;
	if (p->timeout > 0)
		started = emul_clock_now(BSD_CLOCK_MONOTONIC);
	r = do_select(f, p);
	if (p->timeout > 0)
		store_left(ARG5(f), scale, p->timeout, started);
	return r;
}

int64_t
sys_select(struct emul_frame *f)
{
	struct poll_request p = { .setmask = false };

	return timed_select(f, &p, 1000);
}

int64_t
sys_pselect6(struct emul_frame *f)
{
	struct poll_request p;
	uint64_t pair[2] = { 0, 0 }; /* address and size of the mask */
	int64_t r;

	if (ARG6(f) != 0 && emul_copyin(pair, ARG6(f), sizeof(pair)) != 0)
		return -LINUX_EFAULT;
	r = take_mask(&p, pair[0], pair[1]);
	return r != 0 ? r : timed_select(f, &p, 1);
}
