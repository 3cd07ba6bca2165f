/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Advisory locks.
 *
 * Setting a range for an owner: its older locks under the range are cut away
 * (one may fall into two), the new one is put in, and neighbours of the same
 * kind are joined.  Everything that may need memory is taken beforehand: two
 * structures at most.
 */
#include "file/file_lock.h"

#include <stddef.h>

#include "bsd/abi.h"
#include "file/file.h"
#include "vfs/services.h"
#include "vfs/vnode.h"

#define LOCK_END_MAX INT64_MAX

struct file_lock {
	struct file_lock *next;
	const void *owner;
	int32_t pid;
	bool exclusive;
	int64_t first, last; /* inclusive */
};

struct file_lock_set {
	struct file_lock *records; /* by owner's range start */
	struct file_lock *wholes;
	unsigned waiters; /* sleep on the set */
};

/* A process that waits for a record lock; all of them are on one list. */
struct lock_waiter {
	struct lock_waiter *next;
	const void *owner;
	const void *holder;
};

static struct lock_waiter *lock_waiters;

static struct file_lock_set *
lock_set_get(struct vnode *vp)
{
	if (vp->locks == NULL)
		vp->locks = bsd_alloc(sizeof(*vp->locks));
	return vp->locks;
}

static void
lock_set_drop(struct vnode *vp)
{
	struct file_lock_set *set = vp->locks;

	if (set == NULL || set->records != NULL || set->wholes != NULL || set->waiters > 0)
		return;
	vp->locks = NULL;
	bsd_free(set, sizeof(*set));
}

/* The first lock of somebody else that `want` cannot stand beside. */
static struct file_lock *
lock_conflict(struct file_lock *list, const struct file_lock *want)
{
	for (; list != NULL; list = list->next) {
		if (list->owner != want->owner && list->first <= want->last &&
		    want->first <= list->last && (list->exclusive || want->exclusive))
			return list;
	}
	return NULL;
}

static void
lock_insert(struct file_lock **list, struct file_lock *lock)
{
	while (*list != NULL && (*list)->first < lock->first)
		list = &(*list)->next;
	lock->next = *list;
	*list = lock;
}

/*
 * Take [first, last] away from the owner's locks.  `spare` is used when one
 * falls in two; what is not used is still the caller's.  True: changed.
 */
static bool
lock_cut(struct file_lock **list, const void *owner, int64_t first, int64_t last,
    struct file_lock **spare)
{
	struct file_lock *lock, *rest;
	bool changed = false;

	while ((lock = *list) != NULL) {
		if (lock->owner != owner || lock->last < first || lock->first > last) {
			list = &lock->next;
			continue;
		}
		changed = true;
		if (lock->first < first && lock->last > last) {
			rest = *spare;
			*spare = NULL;
			*rest = *lock;
			rest->first = last + 1;
			lock->last = first - 1;
			lock_insert(&lock->next, rest);
			return true;
		}
		if (lock->first < first) {
			lock->last = first - 1;
			list = &lock->next;
		} else if (lock->last > last) {
			/* Its start moves behind others: put it in again. */
			*list = lock->next;
			lock->first = last + 1;
			lock_insert(list, lock);
			return true;
		} else {
			*list = lock->next;
			bsd_free(lock, sizeof(*lock));
		}
	}
	return changed;
}

/* Join locks of one owner and kind that touch. */
static void
lock_join(struct file_lock *list, const void *owner)
{
	struct file_lock *lock, *other, **link;

	for (lock = list; lock != NULL; lock = lock->next) {
		if (lock->owner != owner)
			continue;
		link = &lock->next;
		while ((other = *link) != NULL) {
			if (other->owner != owner || other->exclusive != lock->exclusive ||
			    lock->last == LOCK_END_MAX || other->first != lock->last + 1) {
				link = &other->next;
				continue;
			}
			lock->last = other->last;
			*link = other->next;
			bsd_free(other, sizeof(*other));
		}
	}
}

static void
lock_wake(struct file_lock_set *set)
{
	if (set->waiters > 0)
		bsd_wakeup(set);
}

/* Put `want` in (or only take its range away); needs no one's consent. */
static int
lock_apply(struct vnode *vp, const struct file_lock *want, bool unlock)
{
	struct file_lock *fresh = NULL, *spare;
	struct file_lock_set *set = lock_set_get(vp);

	spare = bsd_alloc(sizeof(*spare));
	if (!unlock)
		fresh = bsd_alloc(sizeof(*fresh));
	if (set == NULL || spare == NULL || (!unlock && fresh == NULL)) {
		bsd_free(spare, sizeof(*spare));
		bsd_free(fresh, sizeof(*fresh));
		lock_set_drop(vp);
		return ENOLCK;
	}
	(void)lock_cut(&set->records, want->owner, want->first, want->last, &spare);
	if (!unlock) {
		*fresh = *want;
		lock_insert(&set->records, fresh);
		lock_join(set->records, want->owner);
	}
	bsd_free(spare, sizeof(*spare));
	lock_wake(set);
	lock_set_drop(vp);
	return 0;
}

/* Whether `owner` waiting for `holder` would close a circle. */
static bool
lock_circle(const void *owner, const void *holder)
{
	const struct lock_waiter *waiter;
	unsigned steps = 0;

	while (holder != owner) {
		for (waiter = lock_waiters; waiter != NULL; waiter = waiter->next) {
			if (waiter->owner == holder)
				break;
		}
		if (waiter == NULL || ++steps > 1000)
			return false;
		holder = waiter->holder;
	}
	return true;
}

/* Sleep until something changes in the set. */
static int
lock_wait(struct vnode *vp, const void *owner, const void *holder)
{
	struct file_lock_set *set = vp->locks;
	struct lock_waiter self = { lock_waiters, owner, holder }, **link;
	int error;

	lock_waiters = &self;
	set->waiters++;
	error = bsd_sleep(set, BSD_SLEEP_INTR, 0);
	set->waiters--;
	for (link = &lock_waiters; *link != &self; link = &(*link)->next)
		;
	*link = self.next;
	lock_set_drop(vp);
	return error;
}

static int
lock_base(const struct file *file, int whence, int64_t *basep)
{
	switch (whence) {
	case SEEK_SET:
		*basep = 0;
		return 0;
	case SEEK_CUR:
		*basep = file->offset;
		return 0;
	case SEEK_END:
		*basep = file->vnode->attr.size;
		return 0;
	default:
		return EINVAL;
	}
}

/* From the request's terms to an inclusive range. */
static int
lock_range(const struct file *file, const struct bsd_flock *lock, struct file_lock *want)
{
	int64_t base;

	if (lock_base(file, lock->l_whence, &base) != 0)
		return EINVAL;
	if (__builtin_add_overflow(base, lock->l_start, &want->first))
		return EOVERFLOW;
	want->last = LOCK_END_MAX;
	if (lock->l_len > 0 && __builtin_add_overflow(want->first, lock->l_len - 1, &want->last))
		return EOVERFLOW;
	if (lock->l_len < 0) {
		want->last = want->first - 1;
		if (__builtin_add_overflow(want->first, lock->l_len, &want->first))
			return EINVAL;
	}
	return want->first < 0 || want->last < 0 ? EINVAL : 0;
}

static void
lock_report(const struct file_lock *found, struct bsd_flock *lock)
{
	if (found == NULL) {
		lock->l_type = F_UNLCK;
		return;
	}
	lock->l_type = found->exclusive ? F_WRLCK : F_RDLCK;
	lock->l_whence = SEEK_SET;
	lock->l_start = found->first;
	lock->l_len = found->last == LOCK_END_MAX ? 0 : found->last - found->first + 1;
	lock->l_pid = found->pid;
}

static int
lock_acquire(struct file *file, const struct file_lock *want, bool wait)
{
	struct vnode *vp = file->vnode;
	struct file_lock *other;
	int error;

	for (;;) {
		other = vp->locks == NULL ? NULL : lock_conflict(vp->locks->records, want);
		if (other == NULL)
			return lock_apply(vp, want, false);
		if (!wait)
			return EAGAIN;
		if (lock_circle(want->owner, other->owner))
			return EDEADLK;
		error = lock_wait(vp, want->owner, other->owner);
		if (error != 0)
			return error;
	}
}

int
file_lock_record(struct file *file, struct proc *proc, int command, struct bsd_flock *lock)
{
	struct file_lock want = {
		.owner = proc_files(proc),
		.pid = proc_pid(proc),
		.exclusive = lock->l_type == F_WRLCK,
	};
	int error;

	if (file->vnode == NULL || (file->flags & O_PATH))
		return EBADF;
	if (lock->l_type != F_RDLCK && lock->l_type != F_WRLCK && lock->l_type != F_UNLCK)
		return EINVAL;
	error = lock_range(file, lock, &want);
	if (error != 0)
		return error;
	if (command == F_GETLK) {
		lock_report(file->vnode->locks == NULL
			? NULL
			: lock_conflict(file->vnode->locks->records, &want),
		    lock);
		return 0;
	}
	if (lock->l_type == F_UNLCK)
		return file->vnode->locks == NULL ? 0 : lock_apply(file->vnode, &want, true);
	if ((want.exclusive && !file_writable(file)) || (!want.exclusive && !file_readable(file)))
		return EBADF;
	return lock_acquire(file, &want, command == F_SETLKW);
}

/* Remove all locks of one owner from a list. */
static bool
lock_remove_owner(struct file_lock **list, const void *owner)
{
	struct file_lock *lock;
	bool changed = false;

	while ((lock = *list) != NULL) {
		if (lock->owner == owner) {
			*list = lock->next;
			bsd_free(lock, sizeof(*lock));
			changed = true;
		} else {
			list = &lock->next;
		}
	}
	return changed;
}

void
file_lock_forget_owner(struct vnode *vp, const void *owner)
{
	if (vp->locks == NULL)
		return;
	if (lock_remove_owner(&vp->locks->records, owner))
		lock_wake(vp->locks);
	lock_set_drop(vp);
}

void
file_lock_forget_file(struct file *file)
{
	struct vnode *vp = file->vnode;

	if (!file->flocked || vp->locks == NULL)
		return;
	if (lock_remove_owner(&vp->locks->wholes, file))
		lock_wake(vp->locks);
	lock_set_drop(vp);
}

/* Put the whole-file lock of `file` in place of an older one. */
static int
lock_whole_apply(struct file *file, bool exclusive)
{
	struct file_lock_set *set = lock_set_get(file->vnode);
	struct file_lock *lock = bsd_alloc(sizeof(*lock));

	if (set == NULL || lock == NULL) {
		bsd_free(lock, sizeof(*lock));
		lock_set_drop(file->vnode);
		return ENOLCK;
	}
	(void)lock_remove_owner(&set->wholes, file);
	lock->owner = file;
	lock->exclusive = exclusive;
	lock->last = LOCK_END_MAX;
	lock_insert(&set->wholes, lock);
	file->flocked = true;
	lock_wake(set);
	return 0;
}

int
file_lock_whole(struct file *file, int operation)
{
	struct file_lock want = { .owner = file, .last = LOCK_END_MAX };
	struct vnode *vp = file->vnode;
	int kind = operation & ~LOCK_NB, error;

	if (vp == NULL)
		return EINVAL;
	if (file->flags & O_PATH)
		return EBADF;
	if (kind == LOCK_UN) {
		file_lock_forget_file(file);
		return 0;
	}
	if (kind != LOCK_SH && kind != LOCK_EX)
		return EINVAL;
	want.exclusive = kind == LOCK_EX;
	while (vp->locks != NULL && lock_conflict(vp->locks->wholes, &want)) {
		if (operation & LOCK_NB)
			return EWOULDBLOCK;
		/* As everywhere, a conversion gives up the old lock first. */
		file_lock_forget_file(file);
		vp->locks->waiters++;
		error = bsd_sleep(vp->locks, BSD_SLEEP_INTR, 0);
		vp->locks->waiters--;
		if (error != 0) {
			lock_set_drop(vp);
			return error;
		}
	}
	return lock_whole_apply(file, want.exclusive);
}
