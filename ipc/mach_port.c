/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_port -- see mach_port.h.
 *
 * Most calls look one name up under the space lock, do one thing to it, and
 * finish what must be told or released without locks: struct call carries
 * these three steps.
 */
#include "mach_port.h"
#include "mach_port_own.h"

#include <kern/assert.h>
#include <kern/zalloc.h>
#include <mach/notify.h>

#include "ipc_kmsg.h"
#include "ipc_kobject.h"
#include "ipc_mqueue.h"
#include "ipc_notify.h"
#include "ipc_ool.h"
#include "ipc_port.h"
#include "ipc_pset.h"
#include "ipc_right.h"
#include "ipc_space.h"

struct call {
	struct ipc_space *space;
	struct ipc_entry *entry;
	struct ipc_after after;
};

/* Lock the space and find the name, turned dead if its port is. On success
 * the space is locked and call_end must follow. */
static kern_return_t
call_begin(struct call *call, struct ipc_space *space, mach_port_name_t name)
{
	if (space == NULL)
		return KERN_INVALID_TASK;
	call->space = space;
	ipc_after_init(&call->after);
	spin_lock(&space->is_lock);
	if (!space->is_active) {
		spin_unlock(&space->is_lock);
		return KERN_INVALID_TASK;
	}
	call->entry = ipc_right_lookup(space, name);
	if (call->entry == NULL) {
		spin_unlock(&space->is_lock);
		return KERN_INVALID_NAME;
	}
	return KERN_SUCCESS;
}

static kern_return_t
call_end(struct call *call, kern_return_t kr)
{
	spin_unlock(&call->space->is_lock);
	ipc_after_finish(&call->after);
	return kr;
}

/* As call_begin, for a name with a receive right; its port comes locked. */
static kern_return_t
call_begin_receive(
    struct call *call, struct ipc_space *space, mach_port_name_t name, struct ipc_port **portp)
{
	kern_return_t kr = call_begin(call, space, name);

	if (kr != KERN_SUCCESS)
		return kr;
	if (!(ipc_entry_type(call->entry) & MACH_PORT_TYPE_RECEIVE))
		return call_end(call, KERN_INVALID_RIGHT);
	*portp = ipc_port_of(call->entry->ie_object);
	ipc_port_lock(*portp);
	return KERN_SUCCESS;
}

static kern_return_t
call_end_receive(struct call *call, struct ipc_port *port)
{
	ipc_port_unlock(port);
	return call_end(call, KERN_SUCCESS);
}

/* -- Listing ---------------------------------------------------------------- */

struct name_list {
	struct ipc_space *space;
	uint32_t *names;
	uint32_t *types;
	uint32_t room;
	uint32_t count;
};

static void
list_name(struct ipc_entry *entry, void *arg)
{
	struct name_list *list = arg;

	if (list->count < list->room) {
		list->names[list->count] = entry->ie_name;
		list->types[list->count] = ipc_right_type(list->space, entry);
	}
	list->count++;
}

static void
list_free(struct name_list *list)
{
	if (list->names != NULL)
		kfree(list->names, list->room * sizeof(uint32_t));
	if (list->types != NULL)
		kfree(list->types, list->room * sizeof(uint32_t));
	list->names = NULL;
	list->types = NULL;
}

/* Fill the list; KERN_NO_SPACE when there are more names than room. */
static kern_return_t
list_fill(struct name_list *list)
{
	kern_return_t kr = KERN_INVALID_TASK;

	list->count = 0;
	spin_lock(&list->space->is_lock);
	if (list->space->is_active) {
		ipc_space_for_each(list->space, list_name, list);
		kr = list->count <= list->room ? KERN_SUCCESS : KERN_NO_SPACE;
	}
	spin_unlock(&list->space->is_lock);
	return kr;
}

static kern_return_t
list_make(struct name_list *list)
{
	kern_return_t kr;

	for (;;) {
		/* A few more, for names that come meanwhile. */
		list->room = list->space->is_names + 16;
		list->names = kalloc(list->room * sizeof(uint32_t));
		list->types = kalloc(list->room * sizeof(uint32_t));
		if (list->names == NULL || list->types == NULL)
			kr = KERN_RESOURCE_SHORTAGE;
		else
			kr = list_fill(list);
		if (kr == KERN_SUCCESS)
			return kr;
		list_free(list);
		if (kr != KERN_NO_SPACE)
			return kr;
	}
}

/* An array of words as a region in the array's pointer variable. */
static kern_return_t
words_to_region(const uint32_t *words, uint32_t count, void **regionp)
{
	*regionp = NULL;
	return count == 0 ? KERN_SUCCESS
			  : ipc_ool->capture_kernel(words, count * sizeof(*words), regionp);
}

kern_return_t
mach_port_names(struct ipc_space *space, mach_port_name_array_t *namesp,
    mach_msg_type_number_t *names_countp, mach_port_type_array_t *typesp,
    mach_msg_type_number_t *types_countp)
{
	struct name_list list = { .space = space };
	void *names, *types;
	kern_return_t kr;

	if (space == NULL)
		return KERN_INVALID_TASK;
	kr = list_make(&list);
	if (kr != KERN_SUCCESS)
		return kr;
	kr = words_to_region(list.names, list.count, &names);
	if (kr == KERN_SUCCESS) {
		kr = words_to_region(list.types, list.count, &types);
		if (kr != KERN_SUCCESS && names != NULL)
			ipc_ool->discard(names);
	}
	list_free(&list);
	if (kr != KERN_SUCCESS)
		return KERN_RESOURCE_SHORTAGE;
	*namesp = names;
	*typesp = types;
	*names_countp = *types_countp = list.count;
	return KERN_SUCCESS;
}

kern_return_t
mach_port_type(struct ipc_space *space, mach_port_name_t name, mach_port_type_t *typep)
{
	struct call call;
	kern_return_t kr = call_begin(&call, space, name);

	if (kr != KERN_SUCCESS)
		return kr;
	*typep = ipc_right_type(space, call.entry);
	return call_end(&call, KERN_SUCCESS);
}

/* -- Names and references --------------------------------------------------- */

kern_return_t
mach_port_rename(struct ipc_space *space, mach_port_name_t old_name, mach_port_name_t new_name)
{
	struct call call;
	kern_return_t kr;

	if (space == NULL)
		return KERN_INVALID_TASK;
	if (!MACH_PORT_NAME_VALID(new_name))
		return KERN_INVALID_VALUE;
	kr = call_begin(&call, space, old_name);
	if (kr != KERN_SUCCESS)
		return kr;
	return call_end(&call, ipc_right_rename(space, call.entry, new_name));
}

static kern_return_t
allocate_dead_name(struct ipc_space *space, mach_port_name_t *namep)
{
	kern_return_t kr;

	spin_lock(&space->is_lock);
	kr = ipc_entry_enter(space, namep, MACH_PORT_TYPE_DEAD_NAME | 1, NULL);
	spin_unlock(&space->is_lock);
	return kr;
}

static kern_return_t
allocate(struct ipc_space *space, mach_port_right_t right, mach_port_name_t *namep)
{
	switch (right) {
	case MACH_PORT_RIGHT_RECEIVE:
		return ipc_port_create(space, namep, NULL);
	case MACH_PORT_RIGHT_PORT_SET:
		return ipc_pset_create(space, namep);
	case MACH_PORT_RIGHT_DEAD_NAME:
		return allocate_dead_name(space, namep);
	default:
		return KERN_INVALID_VALUE;
	}
}

kern_return_t
mach_port_allocate_name(struct ipc_space *space, mach_port_right_t right, mach_port_name_t name)
{
	if (space == NULL)
		return KERN_INVALID_TASK;
	if (!MACH_PORT_NAME_VALID(name))
		return KERN_INVALID_VALUE;
	return allocate(space, right, &name);
}

kern_return_t
mach_port_allocate(struct ipc_space *space, mach_port_right_t right, mach_port_name_t *namep)
{
	mach_port_name_t name = MACH_PORT_NAME_NULL;
	kern_return_t kr;

	if (space == NULL)
		return KERN_INVALID_TASK;
	kr = allocate(space, right, &name);
	if (kr == KERN_SUCCESS)
		*namep = name;
	return kr;
}

kern_return_t
mach_port_destroy(struct ipc_space *space, mach_port_name_t name)
{
	struct call call;
	kern_return_t kr = call_begin(&call, space, name);

	if (kr != KERN_SUCCESS)
		return kr;
	ipc_right_destroy(space, call.entry, &call.after);
	return call_end(&call, KERN_SUCCESS);
}

kern_return_t
mach_port_deallocate(struct ipc_space *space, mach_port_name_t name)
{
	struct call call;
	kern_return_t kr = call_begin(&call, space, name);

	if (kr != KERN_SUCCESS)
		return kr;
	return call_end(&call, ipc_right_dealloc(space, call.entry, &call.after));
}

void
mach_port_deallocate_last(struct ipc_space *space, struct ipc_entry *entry)
{
	struct call call = { .space = space, .entry = entry };

	ipc_after_init(&call.after);
	(void)call_end(&call, ipc_right_dealloc(space, entry, &call.after));
}

/* References of one kind of right; 0 if the name lacks it. */
static mach_port_urefs_t
entry_refs(const struct ipc_entry *entry, mach_port_right_t right)
{
	bool counted = right == MACH_PORT_RIGHT_SEND || right == MACH_PORT_RIGHT_DEAD_NAME;

	if (!(ipc_entry_type(entry) & MACH_PORT_TYPE(right)))
		return 0;
	return counted ? ipc_entry_urefs(entry) : 1;
}

/* call_begin for calls about one kind of right. */
static kern_return_t
call_begin_right(
    struct call *call, struct ipc_space *space, mach_port_name_t name, mach_port_right_t right)
{
	if (space == NULL)
		return KERN_INVALID_TASK;
	if (right >= MACH_PORT_RIGHT_NUMBER)
		return KERN_INVALID_VALUE;
	return call_begin(call, space, name);
}

kern_return_t
mach_port_get_refs(struct ipc_space *space, mach_port_name_t name, mach_port_right_t right,
    mach_port_urefs_t *urefsp)
{
	struct call call;
	kern_return_t kr = call_begin_right(&call, space, name, right);

	if (kr != KERN_SUCCESS)
		return kr;
	*urefsp = entry_refs(call.entry, right);
	return call_end(&call, KERN_SUCCESS);
}

kern_return_t
mach_port_mod_refs(struct ipc_space *space, mach_port_name_t name, mach_port_right_t right,
    mach_port_delta_t delta)
{
	struct call call;
	kern_return_t kr = call_begin_right(&call, space, name, right);

	if (kr != KERN_SUCCESS)
		return kr;
	return call_end(&call, ipc_right_delta(space, call.entry, right, delta, &call.after));
}

/* -- Receive rights --------------------------------------------------------- */

kern_return_t
mach_port_set_qlimit(struct ipc_space *space, mach_port_name_t name, mach_port_msgcount_t qlimit)
{
	struct ipc_port *port;
	struct call call;
	kern_return_t kr;

	if (space == NULL)
		return KERN_INVALID_TASK;
	if (qlimit > MACH_PORT_QLIMIT_MAX)
		return KERN_INVALID_VALUE;
	kr = call_begin_receive(&call, space, name, &port);
	if (kr != KERN_SUCCESS)
		return kr;
	port->ip_qlimit = qlimit;
	ipc_mqueue_room_locked(port);
	return call_end_receive(&call, port);
}

kern_return_t
mach_port_set_mscount(struct ipc_space *space, mach_port_name_t name, mach_port_mscount_t mscount)
{
	struct ipc_port *port;
	struct call call;
	kern_return_t kr = call_begin_receive(&call, space, name, &port);

	if (kr != KERN_SUCCESS)
		return kr;
	port->ip_mscount = mscount;
	return call_end_receive(&call, port);
}

kern_return_t
mach_port_set_seqno(struct ipc_space *space, mach_port_name_t name, mach_port_seqno_t seqno)
{
	struct ipc_port *port;
	struct call call;
	kern_return_t kr = call_begin_receive(&call, space, name, &port);

	if (kr != KERN_SUCCESS)
		return kr;
	port->ip_seqno = seqno;
	return call_end_receive(&call, port);
}

static mach_port_name_t
port_set_name(struct ipc_port *port)
{
	mach_port_name_t name;

	if (port->ip_pset == NULL)
		return MACH_PORT_NAME_NULL;
	ipc_pset_lock(port->ip_pset);
	name = port->ip_pset->ips_name;
	ipc_pset_unlock(port->ip_pset);
	return name;
}

kern_return_t
mach_port_get_receive_status(
    struct ipc_space *space, mach_port_name_t name, mach_port_status_t *statusp)
{
	struct ipc_port *port;
	struct call call;
	kern_return_t kr = call_begin_receive(&call, space, name, &port);

	if (kr != KERN_SUCCESS)
		return kr;
	*statusp = (mach_port_status_t) {
		.mps_pset = port_set_name(port),
		.mps_seqno = port->ip_seqno,
		.mps_mscount = port->ip_mscount,
		.mps_qlimit = port->ip_qlimit,
		.mps_msgcount = port->ip_msgcount,
		.mps_sorights = port->ip_sorights,
		.mps_srights = port->ip_srights != 0,
		.mps_pdrequest = port->ip_destroyed != NULL,
		.mps_nsrequest = port->ip_no_senders != NULL,
	};
	return call_end_receive(&call, port);
}

kern_return_t
mach_port_set_protected_payload(struct ipc_space *space, mach_port_name_t name, uint64_t payload)
{
	struct ipc_port *port;
	struct call call;
	kern_return_t kr = call_begin_receive(&call, space, name, &port);

	if (kr != KERN_SUCCESS)
		return kr;
	port->ip_payload = payload;
	port->ip_object.o_has_payload = true;
	ipc_port_told_update(port);
	return call_end_receive(&call, port);
}

kern_return_t
mach_port_clear_protected_payload(struct ipc_space *space, mach_port_name_t name)
{
	struct ipc_port *port;
	struct call call;
	kern_return_t kr = call_begin_receive(&call, space, name, &port);

	if (kr != KERN_SUCCESS)
		return kr;
	port->ip_payload = 0;
	port->ip_object.o_has_payload = false;
	ipc_port_told_update(port);
	return call_end_receive(&call, port);
}

kern_return_t
ipc_port_set_ktype(struct ipc_space *space, mach_port_name_t name, mach_port_right_t right,
    mach_port_ktype_t ktype)
{
	struct call call;
	struct ipc_port *port;
	kern_return_t kr;

	if (space == NULL)
		return KERN_INVALID_TASK;
	if (right >= MACH_PORT_RIGHT_NUMBER ||
	    (ktype != MACH_PORT_KTYPE_NONE && ktype != MACH_PORT_KTYPE_USER_DEVICE))
		return KERN_INVALID_ARGUMENT;
	kr = call_begin(&call, space, name);
	if (kr != KERN_SUCCESS)
		return kr;
	if (!(ipc_entry_type(call.entry) & MACH_PORT_TYPE(right) & MACH_PORT_TYPE_PORT_RIGHTS))
		return call_end(&call, KERN_INVALID_RIGHT);
	port = ipc_port_of(call.entry->ie_object);
	ipc_port_lock(port);
	if (port->ip_receiver == &ipc_space_kernel)
		kr = KERN_INVALID_ARGUMENT;
	else
		port->ip_object.o_kind =
		    ktype == MACH_PORT_KTYPE_NONE ? IKOT_NONE : IKOT_USER_DEVICE;
	ipc_port_unlock(port);
	return call_end(&call, kr);
}

/* -- Port sets -------------------------------------------------------------- */

/* Names of the members into `names`; returns how many there are. */
static uint32_t
pset_list(struct ipc_pset *pset, mach_port_name_t *names, uint32_t room)
{
	struct list *node;
	uint32_t count = 0;

	ipc_pset_lock(pset);
	list_for_each(&pset->ips_members, node) {
		/* Under the space lock, which guards receivers' names. */
		if (count < room)
			names[count] =
			    list_entry(node, struct ipc_port, ip_set_link)->ip_receiver_name;
		count++;
	}
	ipc_pset_unlock(pset);
	return count;
}

/* One try with a given room; *countp tells how much is needed. */
static kern_return_t
set_status_try(struct ipc_space *space, mach_port_name_t name, mach_port_name_t *names,
    uint32_t room, uint32_t *countp)
{
	struct call call;
	kern_return_t kr = call_begin(&call, space, name);

	if (kr != KERN_SUCCESS)
		return kr;
	if (ipc_entry_type(call.entry) != MACH_PORT_TYPE_PORT_SET)
		return call_end(&call, KERN_INVALID_RIGHT);
	*countp = pset_list(ipc_pset_of(call.entry->ie_object), names, room);
	return call_end(&call, KERN_SUCCESS);
}

kern_return_t
mach_port_get_set_status(struct ipc_space *space, mach_port_name_t name,
    mach_port_name_array_t *membersp, mach_msg_type_number_t *countp)
{
	mach_port_name_t *names;
	uint32_t room = 0, count = 0;
	void *region = NULL;
	kern_return_t kr;

	for (;;) {
		names = room == 0 ? NULL : kalloc(room * sizeof(*names));
		if (room != 0 && names == NULL)
			return KERN_RESOURCE_SHORTAGE;
		kr = set_status_try(space, name, names, room, &count);
		if (kr == KERN_SUCCESS && count <= room)
			break;
		if (names != NULL)
			kfree(names, room * sizeof(*names));
		if (kr != KERN_SUCCESS)
			return kr;
		room = count + 16;
	}
	if (words_to_region(names, count, &region) != KERN_SUCCESS)
		kr = KERN_RESOURCE_SHORTAGE;
	if (names != NULL)
		kfree(names, room * sizeof(*names));
	if (kr == KERN_SUCCESS) {
		*membersp = region;
		*countp = count;
	}
	return kr;
}

kern_return_t
mach_port_move_member(struct ipc_space *space, mach_port_name_t member, mach_port_name_t after)
{
	struct ipc_pset *pset = NULL;
	struct ipc_entry *set_entry;
	struct call call;
	kern_return_t kr = call_begin(&call, space, member);

	if (kr != KERN_SUCCESS)
		return kr;
	if (!(ipc_entry_type(call.entry) & MACH_PORT_TYPE_RECEIVE))
		return call_end(&call, KERN_INVALID_RIGHT);
	if (after != MACH_PORT_NAME_NULL) {
		set_entry = ipc_right_lookup(space, after);
		if (set_entry == NULL)
			return call_end(&call, KERN_INVALID_NAME);
		if (ipc_entry_type(set_entry) != MACH_PORT_TYPE_PORT_SET)
			return call_end(&call, KERN_INVALID_RIGHT);
		pset = ipc_pset_of(set_entry->ie_object);
	}
	kr = ipc_pset_move(ipc_port_of(call.entry->ie_object), pset);
	return call_end(&call, kr);
}

/* -- Notifications ---------------------------------------------------------- */

/* One of the two requests that stand at a port: exchange it. Gives back what
 * was registered. Locks: port. */
static struct ipc_port *
port_request_exchange(struct ipc_kmsg **slot, struct ipc_kmsg *notify)
{
	struct ipc_kmsg *old = *slot;

	*slot = notify;
	return old == NULL ? NULL : ipc_notify_cancel(old);
}

static kern_return_t
request_no_senders(struct ipc_space *space, mach_port_name_t name, mach_port_mscount_t sync,
    struct ipc_kmsg *notify, struct ipc_port **previousp)
{
	struct ipc_port *port;
	struct call call;
	kern_return_t kr = call_begin_receive(&call, space, name, &port);

	if (kr != KERN_SUCCESS)
		return kr;
	if (notify != NULL && port->ip_srights == 0 && sync <= port->ip_mscount) {
		*previousp = port_request_exchange(&port->ip_no_senders, NULL);
		ipc_notify_set_count(notify, port->ip_mscount);
		list_insert_tail(&call.after.notifications, &notify->km_link);
	} else {
		*previousp = port_request_exchange(&port->ip_no_senders, notify);
	}
	return call_end_receive(&call, port);
}

static kern_return_t
request_port_destroyed(struct ipc_space *space, mach_port_name_t name, mach_port_mscount_t sync,
    struct ipc_kmsg *notify, struct ipc_port **previousp)
{
	struct ipc_port *port;
	struct call call;
	kern_return_t kr;

	if (sync != 0)
		return KERN_INVALID_VALUE;
	kr = call_begin_receive(&call, space, name, &port);
	if (kr != KERN_SUCCESS)
		return kr;
	*previousp = port_request_exchange(&port->ip_destroyed, notify);
	return call_end_receive(&call, port);
}

static kern_return_t
request_dead_name(struct ipc_space *space, mach_port_name_t name, mach_port_mscount_t sync,
    struct ipc_kmsg *notify, struct ipc_port **previousp)
{
	struct ipc_request *request = NULL;
	struct call call;
	kern_return_t kr;

	if (notify != NULL && (request = ipc_request_alloc()) == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = call_begin(&call, space, name);
	if (kr == KERN_SUCCESS)
		kr = call_end(&call,
		    ipc_right_dead_name_request(
			space, call.entry, sync != 0, notify, &request, previousp, &call.after));
	if (request != NULL)
		ipc_request_free(request);
	return kr;
}

typedef kern_return_t request_t(struct ipc_space *, mach_port_name_t, mach_port_mscount_t,
    struct ipc_kmsg *, struct ipc_port **);

static request_t *
request_for(mach_msg_id_t id)
{
	switch (id) {
	case MACH_NOTIFY_NO_SENDERS:
		return request_no_senders;
	case MACH_NOTIFY_PORT_DESTROYED:
		return request_port_destroyed;
	case MACH_NOTIFY_DEAD_NAME:
		return request_dead_name;
	default:
		return NULL;
	}
}

kern_return_t
mach_port_request_notification(struct ipc_space *space, mach_port_name_t name, mach_msg_id_t id,
    mach_port_mscount_t sync, struct ipc_port *notify, struct ipc_port **previousp)
{
	request_t *request = request_for(id);
	struct ipc_kmsg *kmsg = NULL;
	kern_return_t kr;

	if (space == NULL)
		return KERN_INVALID_TASK;
	if (notify == IPC_PORT_DEAD)
		return KERN_INVALID_CAPABILITY;
	if (request == NULL)
		return KERN_INVALID_VALUE;
	if (notify != NULL) {
		kmsg = ipc_notify_prepare(notify, id);
		if (kmsg == NULL)
			return KERN_RESOURCE_SHORTAGE;
	}
	kr = request(space, name, sync, kmsg, previousp);
	if (kr != KERN_SUCCESS && kmsg != NULL)
		(void)ipc_notify_cancel(kmsg); /* the right stays the caller's */
	return kr;
}

/* -- Rights in and out ------------------------------------------------------ */

kern_return_t
mach_port_insert_right(struct ipc_space *space, mach_port_name_t name, struct ipc_port *poly,
    mach_msg_type_name_t poly_type)
{
	struct ipc_after after;
	kern_return_t kr;

	if (space == NULL)
		return KERN_INVALID_TASK;
	if (!MACH_PORT_NAME_VALID(name) || !MACH_MSG_TYPE_PORT_ANY_RIGHT(poly_type))
		return KERN_INVALID_VALUE;
	if (!IPC_PORT_VALID(poly))
		return KERN_INVALID_CAPABILITY;
	ipc_after_init(&after);
	spin_lock(&space->is_lock);
	kr = !space->is_active ? KERN_INVALID_TASK
			       : ipc_right_copyout_name(space, poly, poly_type, name, &after);
	spin_unlock(&space->is_lock);
	ipc_after_finish(&after);
	return kr;
}

kern_return_t
ipc_name_copyin(struct ipc_space *space, mach_port_name_t name, mach_msg_type_name_t disposition,
    struct ipc_port **portp)
{
	const struct ipc_copyin_rule *rule = ipc_copyin_rule(disposition);
	struct call call;
	kern_return_t kr;

	if (space == NULL)
		return KERN_INVALID_TASK;
	if (rule == NULL)
		return KERN_INVALID_VALUE;
	if (!MACH_PORT_NAME_VALID(name)) {
		*portp = name == MACH_PORT_NAME_NULL ? NULL : IPC_PORT_DEAD;
		return KERN_SUCCESS;
	}
	kr = call_begin(&call, space, name);
	if (kr != KERN_SUCCESS)
		return kr;
	if (!ipc_right_copyin_check(call.entry, rule) ||
	    !ipc_right_copyin(space, call.entry, rule, portp, &call.after))
		return call_end(&call, KERN_INVALID_RIGHT);
	return call_end(&call, KERN_SUCCESS);
}

kern_return_t
mach_port_extract_right(struct ipc_space *space, mach_port_name_t name,
    mach_msg_type_name_t msgt_name, struct ipc_port **polyp, mach_msg_type_name_t *poly_typep)
{
	kern_return_t kr;

	if (space == NULL)
		return KERN_INVALID_TASK;
	if (!MACH_MSG_TYPE_PORT_ANY(msgt_name))
		return KERN_INVALID_VALUE;
	if (!MACH_PORT_NAME_VALID(name))
		return KERN_INVALID_NAME;
	kr = ipc_name_copyin(space, name, msgt_name, polyp);
	if (kr == KERN_SUCCESS)
		*poly_typep = ipc_right_carried(msgt_name);
	return kr;
}

/* -- For traps -------------------------------------------------------------- */

mach_port_name_t
ipc_reply_port_allocate(struct ipc_space *space)
{
	mach_port_name_t name = MACH_PORT_NAME_NULL;

	return ipc_port_create(space, &name, NULL) == KERN_SUCCESS ? name : MACH_PORT_NAME_NULL;
}

mach_port_name_t
ipc_name_send_right(struct ipc_space *space, struct ipc_port *port)
{
	mach_port_name_t name = MACH_PORT_NAME_NULL;
	struct ipc_after after;
	kern_return_t kr;

	if (!IPC_PORT_VALID(port))
		return port == NULL ? MACH_PORT_NAME_NULL : MACH_PORT_NAME_DEAD;
	ipc_after_init(&after);
	spin_lock(&space->is_lock);
	kr = !space->is_active
	    ? KERN_INVALID_TASK
	    : ipc_right_copyout(space, port, MACH_MSG_TYPE_PORT_SEND, &name, &after);
	spin_unlock(&space->is_lock);
	ipc_after_finish(&after);
	if (kr == KERN_SUCCESS)
		return name;
	ipc_port_release_send(port);
	return MACH_PORT_NAME_NULL;
}

struct ipc_port *
ipc_name_lookup_send(struct ipc_space *space, mach_port_name_t name)
{
	struct ipc_port *port = NULL;
	struct ipc_entry *entry;

	spin_lock(&space->is_lock);
	entry = space->is_active ? ipc_right_lookup(space, name) : NULL;
	if (entry != NULL && (ipc_entry_type(entry) & MACH_PORT_TYPE_SEND)) {
		port = ipc_port_of(entry->ie_object);
		ipc_port_reference(port);
	}
	spin_unlock(&space->is_lock);
	return port;
}

kern_return_t
ipc_insert_right_from_name(struct ipc_space *from, struct ipc_space *space, mach_port_name_t name,
    mach_port_name_t right, mach_msg_type_name_t type)
{
	struct ipc_port *port;
	kern_return_t kr;

	if (!MACH_MSG_TYPE_PORT_ANY(type))
		return KERN_INVALID_VALUE;
	kr = ipc_name_copyin(from, right, type, &port);
	if (kr != KERN_SUCCESS)
		return kr;
	if (type == MACH_MSG_TYPE_MOVE_RECEIVE && IPC_PORT_VALID(port))
		ipc_port_clear_destination(port);
	kr = mach_port_insert_right(space, name, port, ipc_right_carried(type));
	if (kr != KERN_SUCCESS)
		ipc_port_release_right(port, ipc_right_carried(type));
	return kr;
}
