/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fork, vfork, and threads.
 */
#include <string.h>

#include "bsd_server.h"
#include "exec/image.h"
#include "file/cred.h"
#include "file/fd_table.h"
#include "main/service.h"
#include "proc/pid.h"
#include "proc/proc.h"
#include "proc/thread.h"
#include "server/sync.h"
#include "vfs/fs_context.h"
#include "vfs/vfs.h"

#define FORK_KNOWN                                                                                 \
	(BSD_FORK_SHARE_VM | BSD_FORK_WAIT | BSD_FORK_THREAD | BSD_FORK_SHARE_FILES |              \
	    BSD_FORK_SHARE_FS | BSD_FORK_KEEP_PARENT | BSD_FORK_NO_HANDLERS)

/* ---- what a child has from its parent ------------------------------------------------ */

static bool
inherit_files(struct proc *child, const struct proc *p, int flags)
{
	child->files = (flags & BSD_FORK_SHARE_FILES) != 0 ? fd_table_share(p->files)
							   : fd_table_copy(p->files);
	child->fs =
	    (flags & BSD_FORK_SHARE_FS) != 0 ? fs_context_share(p->fs) : fs_context_copy(p->fs);
	child->actions = sigactions_copy(p->actions);
	if (child->actions != NULL && (flags & BSD_FORK_NO_HANDLERS) != 0)
		sigactions_reset(child->actions);
	return child->files != NULL && child->fs != NULL && child->actions != NULL;
}

static char *
copy_bytes(const char *from, uint32_t size)
{
	char *copy = from != NULL ? bsd_alloc(size) : NULL;

	if (copy != NULL)
		memcpy(copy, from, size);
	return copy;
}

static void
inherit_names(struct proc *child, const struct proc *p)
{
	memcpy(child->comm, p->comm, sizeof(child->comm));
	if (p->exe != NULL)
		child->exe = vfs_text_reference(p->exe);
	if (p->exe_path != NULL)
		child->exe_path = copy_bytes(p->exe_path, (uint32_t)strlen(p->exe_path) + 1);
	child->arguments = copy_bytes(p->arguments, p->arguments_length);
	child->arguments_length = child->arguments != NULL ? p->arguments_length : 0;
}

static void
inherit(struct proc *child, struct proc *p, int flags, int exit_signal)
{
	child->parent = (flags & BSD_FORK_KEEP_PARENT) != 0 && p->parent != NULL ? p->parent : p;
	list_append(&child->parent->children, &child->sibling);
	child->cred = cred_reference(p->cred);
	child->exit_signal = exit_signal;
	child->nice = p->nice;
	memcpy(child->rlimit, p->rlimit, sizeof(child->rlimit));
	child->image_bytes = p->image_bytes;
	child->shares_parent = (flags & BSD_FORK_SHARE_VM) != 0;
	inherit_names(child, p);
	pgrp_join(child, p->pgrp);
}

/* Undo what was done for a child that never ran. */
static void
discard(struct proc *child)
{
	proc_end_threads(child, NULL);
	if (child->files != NULL)
		fd_table_release(child->files);
	if (child->fs != NULL)
		fs_context_release(child->fs);
	if (child->actions != NULL)
		sigactions_release(child->actions);
	vfs_text_release(child->exe);
	bsd_free(child->exe_path, 0);
	bsd_free(child->arguments, child->arguments_length);
	if (child->pgrp != NULL) {
		pgrp_adjust(child, child->pgrp, false);
		pgrp_leave(child);
		list_remove(&child->sibling);
	}
	proc_remove(child);
}

/* ---- its first thread ----------------------------------------------------------------- */

/* What bsd_fork says of the machine's registers. */
struct machine {
	const struct bsd_regs *regs;
	const char *fpu;
	uint32_t fpu_size;
};

static bool
inherit_thread(struct thread *t, const struct thread *from, const struct machine *machine,
    uint32_t how, int flags)
{
	t->mask = from->mask_to_restore ? from->saved_mask : from->mask;
	if ((flags & BSD_FORK_THREAD) == 0)
		t->altstack = from->altstack;
	t->start.how = how;
	t->start.flags = (uint64_t)flags;
	t->start.regs = *machine->regs;
	if (machine->fpu_size == 0)
		return true;
	t->start_fpu = copy_bytes(machine->fpu, machine->fpu_size);
	t->start_fpu_size = t->start_fpu != NULL ? machine->fpu_size : 0;
	return t->start_fpu != NULL;
}

/*
 * A copy of the caller's memory. A pager of his may take its time over it, so
 * nobody waits for that but him; done before there is anything to be undone.
 */
static struct space *
copied_space(const struct thread *from)
{
	struct space *source = from->space;
	struct space *copy;
	mach_port_t task;
	kern_return_t kr;
	bool alive;

	space_reference(source);
	bsd_outside_begin();
	kr = space_task_create(source->task, &task);
	alive = bsd_outside_end();
	space_release(source);
	if (kr != KERN_SUCCESS)
		return NULL;
	copy = space_adopt(task);
	if (copy != NULL && !alive) {
		space_release(copy);
		return NULL;
	}
	return copy;
}

/* What a new process will live in. */
struct place {
	struct space *space; /* a reference of ours */
	uint32_t slot;
	bool shared; /* with the caller */
};

static bool
place_find(struct place *place, const struct thread *from, bool share)
{
	place->shared = share;
	place->slot = from->slot;
	if (!share) {
		place->space = copied_space(from);
		if (place->space != NULL)
			space_slot_claim(place->space, place->slot);
		return place->space != NULL;
	}
	place->space = from->space;
	space_reference(place->space);
	if (space_slot_take(place->space, &place->slot))
		return true;
	space_release(place->space);
	return false;
}

/* A thread there; without one the place is given up. */
static struct thread *
place_thread(struct place *place, struct proc *p, int32_t tid)
{
	struct thread *t = thread_create_in(p, place->space, place->slot, tid);

	if (t == NULL)
		space_slot_give(place->space, place->slot);
	space_release(place->space);
	return t;
}

static void
place_give(struct place *place)
{
	space_slot_give(place->space, place->slot);
	space_release(place->space);
}

static bool
start_child(struct proc *child, const struct thread *from, struct place *place,
    const struct machine *machine, int flags)
{
	uint32_t how = place->shared ? BSD_START_THREAD : BSD_START_FORK;
	struct thread *t = place_thread(place, child, child->pid);

	if (t == NULL || !inherit_thread(t, from, machine, how, flags))
		return false;
	child->state = PROC_RUNNING;
	return thread_start(t) == KERN_SUCCESS;
}

/* ---- the calls ------------------------------------------------------------------------------ */

/* The super-user is held to it, too: it is what bounds a runaway script. */
static bool
limit_reached(const struct proc *p)
{
	uint64_t limit = p->rlimit[RLIMIT_NPROC].rlim_cur;

	return proc_count() >= limit && proc_count_of_user(p->cred->ruid) >= limit;
}

static kern_return_t
wait_for_vfork(struct proc *child)
{
	int error = 0;

	proc_reference(child);
	while (!child->vfork_done && error == 0)
		error = bsd_sleep(&child->vfork_done, 0, 0);
	proc_release(child);
	return 0; /* interrupted only by our own end */
}

/* The place is taken over in any case. */
static kern_return_t
fork_into(struct thread *self, struct place *place, int flags, int exit_signal,
    const struct machine *machine, int *tid)
{
	struct proc *p = self->proc;
	struct proc *child = limit_reached(p) ? NULL : proc_create();

	if (child == NULL) {
		place_give(place);
		return EAGAIN;
	}
	if (!inherit_files(child, p, flags)) {
		place_give(place);
		discard(child);
		return ENOMEM;
	}
	inherit(child, p, flags, exit_signal);
	if (!start_child(child, self, place, machine, flags)) {
		discard(child);
		return EAGAIN;
	}
	*tid = child->pid;
	return (flags & BSD_FORK_WAIT) != 0 ? wait_for_vfork(child) : 0;
}

static kern_return_t
fork_process(
    struct thread *self, int flags, int exit_signal, const struct machine *machine, int *tid)
{
	struct place place;

	if (limit_reached(self->proc) ||
	    !place_find(&place, self, (flags & BSD_FORK_SHARE_VM) != 0))
		return EAGAIN;
	return fork_into(self, &place, flags, exit_signal, machine, tid);
}

static kern_return_t
fork_thread(struct thread *self, int flags, const struct machine *machine, int *tidp)
{
	struct place place;
	struct thread *t;
	int32_t tid;

	if (!place_find(&place, self, true))
		return EAGAIN;
	tid = pid_allocate();
	if (tid == 0) {
		place_give(&place);
		return EAGAIN;
	}
	t = place_thread(&place, self->proc, tid);
	if (t == NULL) {
		pid_release(tid);
		return EAGAIN;
	}
	if (!inherit_thread(t, self, machine, BSD_START_THREAD, flags) ||
	    thread_start(t) != KERN_SUCCESS) {
		thread_destroy(t);
		return EAGAIN;
	}
	*tidp = tid;
	return 0;
}

kern_return_t
serve_bsd_fork(mach_port_t port, int flags, int exit_signal, bsd_regs_t regs, const bsd_fpu_t fpu,
    mach_msg_type_number_t fpu_size, int *tid)
{
	struct thread *self = bsd_current_thread();
	struct machine machine = { .regs = &regs, .fpu = fpu, .fpu_size = fpu_size };

	if ((flags & ~FORK_KNOWN) != 0 || (exit_signal != 0 && !sig_valid(exit_signal)))
		return EINVAL;
	if ((flags & BSD_FORK_THREAD) == 0)
		return fork_process(self, flags, exit_signal, &machine, tid);
	if ((flags & BSD_FORK_SHARE_VM) == 0)
		return EINVAL;
	return fork_thread(self, flags, &machine, tid);
}

kern_return_t
serve_bsd_start(
    mach_port_t port, bsd_start_t *start, bsd_fpu_t fpu, mach_msg_type_number_t *fpu_size)
{
	struct thread *self = bsd_current_thread();

	*start = self->start;
	start->pid = self->proc->pid;
	start->tid = self->tid;
	start->options = image_options();
	*fpu_size = self->start_fpu_size;
	if (self->start_fpu != NULL)
		memcpy(fpu, self->start_fpu, self->start_fpu_size);
	bsd_free(self->start_fpu, self->start_fpu_size);
	self->start_fpu = NULL;
	self->start_fpu_size = 0;
	return 0;
}
