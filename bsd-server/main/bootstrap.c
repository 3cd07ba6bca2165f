/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The name service (bootstrap.defs). Requests come in on process ports, so
 * the caller is known.
 *
 * Locks: the master lock.
 */
#include <mach.h>
#include <mach/portolan.h>
#include <portolan/bootstrap_server.h>
#include <string.h>

#include "file/cred.h"
#include "main/init.h"
#include "main/service.h"
#include "proc/proc.h"

#define SERVICES_MAX 256

struct service {
	struct list link;
	mach_port_t port; /* send right of ours */
	bootstrap_name_t name;
};

static struct list services = LIST_HEAD(services);
static unsigned service_count;

static void
forget(struct service *s)
{
	list_remove(&s->link);
	service_count--;
	mach_port_deallocate(mach_task_self(), s->port);
	bsd_free(s, sizeof(*s));
}

static bool
alive(const struct service *s)
{
	mach_port_type_t type;

	return mach_port_type(mach_task_self(), s->port, &type) == KERN_SUCCESS &&
	    (type & MACH_PORT_TYPE_SEND) != 0;
}

/* The service of that name; a dead one is forgotten. */
static struct service *
find(const char *name)
{
	struct list *link;

	list_for_each(link, &services) {
		struct service *s = list_entry(link, struct service, link);

		if (strcmp(s->name, name) != 0)
			continue;
		if (alive(s))
			return s;
		forget(s);
		return NULL;
	}
	return NULL;
}

static void
forget_dead(void)
{
	struct list *link;
	struct list *next;

	list_for_each_safe(link, next, &services)
		if (!alive(list_entry(link, struct service, link)))
			forget(list_entry(link, struct service, link));
}

/* Takes over the right on success. */
static kern_return_t
add(const char *name, mach_port_t port)
{
	struct service *s;

	if (name[0] == '\0')
		return KERN_INVALID_VALUE;
	if (find(name) != NULL)
		return KERN_NAME_EXISTS;
	if (service_count >= SERVICES_MAX)
		forget_dead();
	if (service_count >= SERVICES_MAX)
		return KERN_RESOURCE_SHORTAGE;
	s = bsd_alloc(sizeof(*s));
	if (s == NULL)
		return KERN_RESOURCE_SHORTAGE;
	strncpy(s->name, name, sizeof(s->name) - 1);
	s->port = port;
	list_append(&services, &s->link);
	service_count++;
	return KERN_SUCCESS;
}

kern_return_t
S_bootstrap_register(mach_port_t bootstrap, const char *name, mach_port_t service)
{
	if (!MACH_PORT_VALID(service))
		return KERN_INVALID_CAPABILITY;
	return add(name, service);
}

kern_return_t
S_bootstrap_look_up(mach_port_t bootstrap, const char *name, mach_port_t *service)
{
	const struct service *s = find(name);

	if (s == NULL)
		return KERN_INVALID_NAME;
	*service = s->port;
	return KERN_SUCCESS;
}

kern_return_t
S_bootstrap_check_in(mach_port_t bootstrap, const char *name, mach_port_t *service)
{
	mach_port_t self = mach_task_self();
	mach_port_t port;
	kern_return_t kr = mach_port_allocate(self, MACH_PORT_RIGHT_RECEIVE, &port);

	if (kr != KERN_SUCCESS)
		return kr;
	kr = mach_port_insert_right(self, port, port, MACH_MSG_TYPE_MAKE_SEND);
	if (kr == KERN_SUCCESS)
		kr = add(name, port);
	if (kr != KERN_SUCCESS) {
		mach_port_destroy(self, port);
		return kr;
	}
	*service = port; /* the receive right moves to the caller */
	return KERN_SUCCESS;
}

static bool
privileged(void)
{
	return cred_is_root(bsd_current_proc()->cred);
}

kern_return_t
S_bootstrap_privileged_ports(mach_port_t bootstrap, mach_port_t *host, mach_port_t *device)
{
	if (!privileged())
		return KERN_NO_ACCESS;
	*host = init_host_port();
	*device = init_device_port();
	return KERN_SUCCESS;
}

kern_return_t
S_bootstrap_task_for_pid(mach_port_t bootstrap, int pid, mach_port_t *task)
{
	struct proc *p = proc_find(pid);
	const struct list *first;

	if (!privileged())
		return KERN_NO_ACCESS;
	first = p != NULL ? list_first(&p->threads) : NULL;
	if (first == NULL)
		return KERN_INVALID_ARGUMENT;
	*task = list_entry(first, struct thread, link)->space->task;
	return KERN_SUCCESS;
}
