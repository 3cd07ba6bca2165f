/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Process groups and sessions, and orphaned groups as 4.4BSD has them: a
 * group counts the members whose parent is in another group of the same
 * session; at zero it is orphaned, and if it has stopped members they are
 * told by SIGHUP and SIGCONT.
 */
#include "main/service.h"
#include "proc/pid.h"
#include "proc/proc.h"
#include "vfs/session_tty.h"

static struct list groups = LIST_HEAD(groups);

struct pgrp *
pgrp_find(int32_t id)
{
	struct list *link;

	list_for_each(link, &groups) {
		struct pgrp *g = list_entry(link, struct pgrp, link);

		if (g->id == id)
			return g;
	}
	return NULL;
}

/* ---- making and unmaking --------------------------------------------------------------- */

static struct pgrp *
group_create(int32_t id, struct session *session)
{
	struct pgrp *g = bsd_alloc(sizeof(*g));

	if (g == NULL)
		return NULL;
	g->id = id;
	g->session = session;
	session->refs++;
	pid_hold(id);
	list_init(&g->members);
	list_append(&groups, &g->link);
	return g;
}

static void
session_release(struct session *session)
{
	if (--session->refs > 0)
		return;
	tty_hangup_session(session);
	pid_release(session->id);
	bsd_free(session, sizeof(*session));
}

static void
group_destroy(struct pgrp *g)
{
	list_remove(&g->link);
	pid_release(g->id);
	session_release(g->session);
	bsd_free(g, sizeof(*g));
}

static void
detach(struct proc *p)
{
	struct pgrp *g = p->pgrp;

	list_remove(&p->pgrp_link);
	p->pgrp = NULL;
	if (list_empty(&g->members))
		group_destroy(g);
}

static void
attach(struct proc *p, struct pgrp *g)
{
	p->pgrp = g;
	list_append(&g->members, &p->pgrp_link);
}

/* ---- orphans ------------------------------------------------------------------------------- */

static bool
has_stopped_member(const struct pgrp *g)
{
	struct list *link;

	list_for_each(link, &g->members)
		if (list_entry(link, struct proc, pgrp_link)->state == PROC_STOPPED)
			return true;
	return false;
}

static void
count(struct pgrp *g, bool entering)
{
	if (entering) {
		g->job_control++;
		return;
	}
	if (--g->job_control == 0 && has_stopped_member(g)) {
		int32_t id = g->id;

		bsd_signal_pgrp(id, SIGHUP);
		bsd_signal_pgrp(id, SIGCONT);
	}
}

/* Whether `parent` can look after a member of g that is in another group. */
static bool
cares(const struct proc *parent, const struct pgrp *own, const struct pgrp *g)
{
	return parent != NULL && own != NULL && own != g && own->session == g->session;
}

void
pgrp_adjust(struct proc *p, struct pgrp *group, bool entering)
{
	struct list *link;
	struct list *next;

	if (cares(p->parent, p->parent != NULL ? p->parent->pgrp : NULL, group))
		count(group, entering);
	list_for_each_safe(link, next, &p->children) {
		struct proc *child = list_entry(link, struct proc, sibling);

		if (child->state != PROC_ZOMBIE && child->pgrp != NULL &&
		    cares(p, group, child->pgrp))
			count(child->pgrp, entering);
	}
}

/* ---- moving ------------------------------------------------------------------------------------ */

static void
move(struct proc *p, struct pgrp *to)
{
	struct pgrp *from = p->pgrp;

	if (from == to)
		return;
	pgrp_adjust(p, to, true);
	if (from != NULL) {
		pgrp_adjust(p, from, false);
		detach(p);
	}
	attach(p, to);
}

int
pgrp_enter(struct proc *p, int32_t id)
{
	struct pgrp *g = pgrp_find(id);

	if (g == NULL)
		g = group_create(id, p->pgrp->session);
	if (g == NULL)
		return ENOMEM;
	move(p, g);
	return 0;
}

int
session_create(struct proc *p)
{
	struct session *session = bsd_alloc(sizeof(*session));
	struct pgrp *g;

	if (session == NULL)
		return ENOMEM;
	session->id = p->pid;
	session->leader = p;
	g = group_create(p->pid, session);
	if (g == NULL) {
		bsd_free(session, sizeof(*session));
		return ENOMEM;
	}
	pid_hold(p->pid);
	move(p, g);
	return 0;
}

void
pgrp_join(struct proc *p, struct pgrp *g)
{
	attach(p, g);
	pgrp_adjust(p, g, true);
}

void
pgrp_leave(struct proc *p)
{
	detach(p);
}
