/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * poll -- waiting for one of many open files.
 *
 * Each object that can become ready has a poll_head: the list of those who
 * wait for it.  A caller of poll has a poll_wait with one poll_entry per
 * descriptor; it sleeps on the poll_wait.  An object that changes calls
 * poll_notify, which marks and wakes the waiters; they look for themselves.
 *
 * Life:  a poll_head is zero when unused and must be empty when its object
 *        goes (waiters hold references on the open file).
 * Locks: master lock.
 */
#ifndef BSD_FILE_POLL_H
#define BSD_FILE_POLL_H

#include <stdbool.h>
#include <stdint.h>

struct bsd_pollfd;
struct file;
struct poll_wait;
struct proc;

struct poll_entry {
	struct poll_entry *next;
	struct poll_entry **link; /* NULL: on no list */
	struct poll_wait *wait;
};

struct poll_head {
	struct poll_entry *first;
};

struct poll_wait {
	bool fired;
	unsigned used, count;
	struct poll_entry *entries;
};

/* An operation's part: be told of changes of this object. */
void poll_record(struct poll_head *head, struct poll_wait *wait);

/* The object changed. */
void poll_notify(struct poll_head *head);

/* Heads one open file may register with. */
#define POLL_HEADS 2

/*
 * Wait until one of the descriptors is ready.  `deadline` in ns of bsd_uptime,
 * 0: wait without end, 1: do not wait.  *readyp counts the elements with
 * revents.  EINTR (a signal), ENOMEM.
 */
int file_poll(
    struct proc *proc, struct bsd_pollfd *set, unsigned count, uint64_t deadline, unsigned *readyp);

/*
 * Wait until one of the events (or an error or hangup) holds for one file.
 * ERESTART.
 */
int file_wait(struct file *file, unsigned events);

/* What holds for one open file now. */
unsigned file_poll_now(struct file *file, unsigned events);

#endif /* BSD_FILE_POLL_H */
