/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The requests about identity: ids of users, groups, process groups, sessions.
 */
#include <string.h>

#include "bsd_server.h"
#include "file/cred.h"
#include "proc/proc.h"

kern_return_t
serve_bsd_getids(mach_port_t port, bsd_ids_t *ids)
{
	const struct thread *t = bsd_current_thread();
	const struct proc *p = t->proc;

	*ids = (struct bsd_ids) {
		.pid = p->pid,
		.tid = t->tid,
		.ppid = p->parent != NULL ? p->parent->pid : 0,
		.pgrp = p->pgrp->id,
		.session = p->pgrp->session->id,
		.ruid = p->cred->ruid,
		.euid = p->cred->euid,
		.suid = p->cred->suid,
		.rgid = p->cred->rgid,
		.egid = p->cred->egid,
		.sgid = p->cred->sgid,
		.ngroups = (int32_t)p->cred->group_count,
	};
	return 0;
}

/* ---- users and groups ----------------------------------------------------------------- */

/* A copy to change; proc_set_cred puts it in place. */
static struct cred *
begin_change(void)
{
	return cred_copy(bsd_current_proc()->cred);
}

static void
end_change(struct cred *cred)
{
	struct proc *p = bsd_current_proc();
	struct cred *old = p->cred;

	p->cred = cred;
	cred_release(old);
}

/* One set of three ids on its way to a new value. */
struct change {
	const uint32_t *old[3];
	int32_t wish[3]; /* real, effective, saved; -1: stay */
};

/* The unprivileged may only pick among the three they have. */
static bool
allowed(const struct change *c, bool root)
{
	for (int i = 0; i < 3; i++) {
		uint32_t wish = (uint32_t)c->wish[i];

		if (root || c->wish[i] == -1)
			continue;
		if (wish != *c->old[0] && wish != *c->old[1] && wish != *c->old[2])
			return false;
	}
	return true;
}

static void
choose(uint32_t *id, int32_t wish)
{
	if (wish != -1)
		*id = (uint32_t)wish;
}

static int
set_users(int32_t real, int32_t effective, int32_t saved)
{
	struct cred *cred = begin_change();
	struct change c;

	if (cred == NULL)
		return ENOMEM;
	c = (struct change) { { &cred->ruid, &cred->euid, &cred->suid },
		{ real, effective, saved } };
	if (!allowed(&c, cred_is_root(cred))) {
		cred_release(cred);
		return EPERM;
	}
	choose(&cred->ruid, real);
	choose(&cred->euid, effective);
	choose(&cred->suid, saved);
	end_change(cred);
	return 0;
}

static int
set_groups(int32_t real, int32_t effective, int32_t saved)
{
	struct cred *cred = begin_change();
	struct change c;

	if (cred == NULL)
		return ENOMEM;
	c = (struct change) { { &cred->rgid, &cred->egid, &cred->sgid },
		{ real, effective, saved } };
	if (!allowed(&c, cred_is_root(cred))) {
		cred_release(cred);
		return EPERM;
	}
	choose(&cred->rgid, real);
	choose(&cred->egid, effective);
	choose(&cred->sgid, saved);
	end_change(cred);
	return 0;
}

kern_return_t
serve_bsd_setresuid(mach_port_t port, int ruid, int euid, int suid)
{
	return set_users(ruid, euid, suid);
}

kern_return_t
serve_bsd_setresgid(mach_port_t port, int rgid, int egid, int sgid)
{
	return set_groups(rgid, egid, sgid);
}

kern_return_t
serve_bsd_setuid(mach_port_t port, int uid)
{
	if (uid == -1)
		return EINVAL;
	return cred_is_root(bsd_current_proc()->cred) ? set_users(uid, uid, uid)
						      : set_users(-1, uid, -1);
}

kern_return_t
serve_bsd_setgid(mach_port_t port, int gid)
{
	if (gid == -1)
		return EINVAL;
	return cred_is_root(bsd_current_proc()->cred) ? set_groups(gid, gid, gid)
						      : set_groups(-1, gid, -1);
}

kern_return_t
serve_bsd_getgroups(mach_port_t port, bsd_groups_t groups, mach_msg_type_number_t *count)
{
	const struct cred *cred = bsd_current_proc()->cred;
	unsigned n = cred->group_count < BSD_GROUPS_MAX ? cred->group_count : BSD_GROUPS_MAX;

	memcpy(groups, cred->groups, n * sizeof(groups[0]));
	*count = n;
	return 0;
}

kern_return_t
serve_bsd_setgroups(mach_port_t port, const bsd_groups_t groups, mach_msg_type_number_t count)
{
	struct cred *cred;

	if (!cred_is_root(bsd_current_proc()->cred))
		return EPERM;
	if (count > CRED_GROUPS_MAX)
		return EINVAL;
	cred = begin_change();
	if (cred == NULL)
		return ENOMEM;
	cred->group_count = count;
	memcpy(cred->groups, groups, count * sizeof(groups[0]));
	end_change(cred);
	return 0;
}

/* ---- process groups and sessions --------------------------------------------------------- */

/* The process whose group the caller may change: itself or a child not yet executing. */
static int
find_movable(int32_t pid, struct proc **pp)
{
	struct proc *self = bsd_current_proc();
	struct proc *p = pid == 0 ? self : proc_find(pid);

	if (p == NULL || p->state == PROC_ZOMBIE || (p != self && p->parent != self))
		return ESRCH;
	if (p != self && p->pgrp->session != self->pgrp->session)
		return EPERM;
	if (p != self && p->executed)
		return EACCES;
	if (p->pgrp->session->leader == p)
		return EPERM;
	*pp = p;
	return 0;
}

kern_return_t
serve_bsd_setpgid(mach_port_t port, int pid, int id)
{
	const struct pgrp *g;
	struct proc *p;
	int error;

	if (id < 0 || pid < 0)
		return EINVAL;
	error = find_movable(pid, &p);
	if (error != 0)
		return error;
	if (id == 0)
		id = p->pid;
	if (id != p->pid) {
		g = pgrp_find(id);
		if (g == NULL || g->session != p->pgrp->session)
			return EPERM;
	}
	return pgrp_enter(p, id);
}

kern_return_t
serve_bsd_getpgid(mach_port_t port, int pid, int *pgrp, int *session)
{
	const struct proc *p = pid == 0 ? bsd_current_proc() : proc_find(pid);

	if (p == NULL || p->pgrp == NULL)
		return ESRCH;
	*pgrp = p->pgrp->id;
	*session = p->pgrp->session->id;
	return 0;
}

kern_return_t
serve_bsd_setsid(mach_port_t port, int *session)
{
	struct proc *p = bsd_current_proc();
	int error;

	if (pgrp_find(p->pid) != NULL)
		return EPERM;
	error = session_create(p);
	*session = p->pid;
	return error;
}
