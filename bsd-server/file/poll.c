/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * poll: look at all, registering on the way; sleep; look again.
 */
#include "file/poll.h"

#include <string.h>

#include "bsd/abi.h"
#include "file/fd_table.h"
#include "file/file.h"
#include "vfs/services.h"

/* Events reported whether asked for or not. */
#define POLL_ALWAYS (POLLERR | POLLHUP | POLLNVAL)

/* What files without a poll operation are. */
#define POLL_PLAIN (POLLIN | POLLOUT | POLLRDNORM)

void
poll_record(struct poll_head *head, struct poll_wait *wait)
{
	struct poll_entry *entry;

	if (wait == NULL)
		return;
	bsd_assert(wait->used < wait->count);
	entry = &wait->entries[wait->used++];
	entry->wait = wait;
	entry->next = head->first;
	entry->link = &head->first;
	if (entry->next != NULL)
		entry->next->link = &entry->next;
	head->first = entry;
}

static void
poll_forget(struct poll_wait *wait)
{
	struct poll_entry *entry;

	while (wait->used > 0) {
		entry = &wait->entries[--wait->used];
		*entry->link = entry->next;
		if (entry->next != NULL)
			entry->next->link = entry->link;
	}
	wait->fired = false;
}

void
poll_notify(struct poll_head *head)
{
	struct poll_entry *entry;

	for (entry = head->first; entry != NULL; entry = entry->next) {
		if (!entry->wait->fired) {
			entry->wait->fired = true;
			bsd_wakeup(entry->wait);
		}
	}
}

static unsigned
poll_file(struct file *file, unsigned events, struct poll_wait *wait)
{
	events |= POLL_ALWAYS;
	if (file->flags & O_PATH)
		return POLLNVAL;
	if (file->ops->poll == NULL)
		return POLL_PLAIN & events;
	return file->ops->poll(file, events, wait) & events;
}

unsigned
file_poll_now(struct file *file, unsigned events)
{
	return poll_file(file, events, NULL);
}

int
file_wait(struct file *file, unsigned events)
{
	struct poll_entry entries[POLL_HEADS];
	struct poll_wait wait = { .count = POLL_HEADS, .entries = entries };
	int error = 0;

	while (error == 0 && poll_file(file, events, &wait) == 0) {
		while (!wait.fired && error == 0)
			error = bsd_sleep(&wait, BSD_SLEEP_INTR, 0);
		poll_forget(&wait);
	}
	poll_forget(&wait);
	return error;
}

/* Fill in revents; registers only while nothing is ready. */
static unsigned
poll_scan(struct bsd_pollfd *set, struct file **files, unsigned count, struct poll_wait *wait)
{
	unsigned i, ready = 0;

	for (i = 0; i < count; i++) {
		set[i].revents = 0;
		if (set[i].fd < 0)
			continue;
		if (files[i] == NULL)
			set[i].revents = POLLNVAL;
		else
			set[i].revents =
			    poll_file(files[i], (uint16_t)set[i].events, ready == 0 ? wait : NULL);
		if (set[i].revents != 0)
			ready++;
	}
	return ready;
}

static int
poll_wait_ready(struct bsd_pollfd *set, struct file **files, unsigned count, uint64_t deadline,
    struct poll_wait *wait, unsigned *readyp)
{
	int error = 0;

	for (;;) {
		*readyp = poll_scan(set, files, count, deadline == 1 ? NULL : wait);
		if (*readyp > 0 || deadline == 1 || error != 0)
			break;
		while (!wait->fired && error == 0)
			error = bsd_sleep(wait, BSD_SLEEP_INTR, deadline);
		poll_forget(wait);
		if (error == ERESTART)
			break;
		if (error == ETIMEDOUT)
			deadline = 1;
		error = 0;
	}
	poll_forget(wait);
	return error == ERESTART ? EINTR : 0;
}

int
file_poll(
    struct proc *proc, struct bsd_pollfd *set, unsigned count, uint64_t deadline, unsigned *readyp)
{
	struct fd_table *table = proc_files(proc);
	struct poll_wait wait = { .count = count * POLL_HEADS };
	struct file **files;
	unsigned i;
	int error = ENOMEM;

	files = bsd_alloc((count + 1) * sizeof(*files));
	wait.entries = bsd_alloc((wait.count + 1) * sizeof(*wait.entries));
	if (files != NULL && wait.entries != NULL) {
		for (i = 0; i < count; i++) {
			if (fd_table_get(table, set[i].fd, &files[i]) != 0)
				files[i] = NULL;
		}
		error = poll_wait_ready(set, files, count, deadline, &wait, readyp);
		for (i = 0; i < count; i++)
			file_release(files[i]);
	}
	bsd_free(files, (count + 1) * sizeof(*files));
	bsd_free(wait.entries, (wait.count + 1) * sizeof(*wait.entries));
	return error;
}
