/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_register_stand -- threads that keep their place at a port or a port set
 * between two waits in registers.
 *
 * A server that answers and waits, a client that calls and waits, wait at the
 * same object each time. Such a thread *stands* there: its o_standing
 * names it while it runs, too. It waits there when its waiter's state is
 * WAITER_WAITING_SERVER or _CALLER, which are used for nothing else. So
 * beginning and ending a wait (ipc_register_fast.c) change the thread's state
 * and nothing else.
 *
 * For everybody else such a receiver is in the list of receivers: who is about
 * to look at the list, or to join it, ends the standing first (ipc_stand_end),
 * which puts a waiting thread there. It may stand again at its next wait.
 *
 * Thus:	o_standing is somebody => the list is empty, the object is alive,
 *		a port in no set, and its receive right where it was
 *		ith_stand of o_standing is the object
 *		who waits in the list in registers stands nowhere (ith_stand
 *		is ipc_nowhere)
 * The thread's ith_stand holds a reference, which becomes that of ith_object
 * when the thread gets into the list. ith_object is NULL while it stands and
 * waits.
 *
 * Locks: o_standing, the object's. ith_stand, the thread itself; while it
 *        waits, the object's.
 */
#include <kern/waiter.h>

#include "ipc_register.h"
#include "ipc_space.h"

/* Its name is the null name, which users may give; nobody may wait there. */
struct ipc_port ipc_nowhere = {
	.ip_object = {
		.o_lock = SPINLOCK_INITIALIZER(PORT),
		.o_references = 1,
	},
	.ip_msgcount = 1,
};

/* Nobody stands there. Locks: object. */
static void
stand_clear(struct ipc_object *object)
{
	object->o_standing = NULL;
	if (!object->o_is_set)
		ipc_port_of(object)->ip_stood = 0;
}

/* The reference that goes with the place is that of a receiver from now on. */
static void
stand_to_wait(struct ipc_thread *thread)
{
	thread->ith_object = thread->ith_stand;
	/* ipc_stand_wait_ended looks at ith_stand without the lock, then there. */
	__atomic_store_n(&thread->ith_stand, &ipc_nowhere.ip_object, __ATOMIC_RELEASE);
}

/* A standing thread that waits becomes an ordinary receiver, unless its wait
 * ends just now: it sees to itself then. Locks: object. */
static void
stand_list(struct ipc_object *object, struct ipc_thread *thread)
{
	uint32_t state = atomic_load(&thread->ith_waiter.w_state), form;

	if (state != WAITER_WAITING_SERVER && state != WAITER_WAITING_CALLER)
		return;
	form = state == WAITER_WAITING_SERVER ? IPC_RECEIVE_REGISTER : IPC_RECEIVE_REGISTER_CALL;
	if (!atomic_compare_exchange_strong(&thread->ith_waiter.w_state, &state, WAITER_WAITING))
		return;
	thread->ith_form = form;
	thread->ith_option = MACH_RCV_MSG;
	stand_to_wait(thread);
	list_insert_tail(&object->o_receivers, &thread->ith_waiter.w_link);
}

void
ipc_stand_end_thread(struct ipc_object *object)
{
	struct ipc_thread *thread = object->o_standing;

	stand_clear(object);
	stand_list(object, thread);
}

bool
ipc_stand_end_quiet(struct ipc_port *port)
{
	ipc_stand_end(&port->ip_object);
	return port->ip_pending == 0 && port->ip_pset == NULL;
}

/*
 * End the standing of a thread whose wait is over: true if it had not been put
 * into the list. It may have been just now, as its wait ended.
 */
static bool
stand_off(struct ipc_thread *thread, struct ipc_object *object)
{
	bool standing;

	spin_lock(&object->o_lock);
	standing = thread->ith_stand == object;
	if (standing) {
		if (object->o_standing == thread)
			stand_clear(object);
		stand_to_wait(thread);
		list_init(&thread->ith_waiter.w_link);
	}
	spin_unlock(&object->o_lock);
	return standing;
}

void
ipc_stand_leave(struct ipc_thread *thread)
{
	struct ipc_object *object = thread->ith_stand, *waits = thread->ith_object;

	if (object == &ipc_nowhere.ip_object || !stand_off(thread, object))
		return;
	thread->ith_object = waits;
	ipc_object_release(object);
}

void
ipc_stand_wait_ended(struct ipc_thread *self)
{
	if (self->ith_stand != &ipc_nowhere.ip_object)
		(void)stand_off(self, self->ith_stand);
}
