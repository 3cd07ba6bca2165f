/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_port -- communication end point: one receiver, many senders.
 * ipc_object is what a port and a port set have in common.
 *
 * Life:    created active in a space (or the kernel's)
 *          <-> in limbo (held by a kmsg) or in transit (that kmsg queued)
 *          -> dead: rights to it are dead names; freed on last reference.
 * Owns:    its queued messages; each holds one right and one reference on it.
 * Rights:  ip_srights counts send rights (an entry is one, whatever its user
 *          references; a right in a message or kernel variable is one),
 *          ip_sorights send-once rights. Every right holds a reference.
 * Locks:   o_lock (rank PORT; two at once: lower address first), then the
 *          set's. ip_receiver changes only under the locks of port and space.
 * Fields:  (c) set at creation  (l) port lock  (a) atomic
 */
#ifndef IPC_PORT_H
#define IPC_PORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <kern/list.h>
#include <kern/spinlock.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>

struct account;
struct ipc_kmsg;
struct ipc_pset;
struct ipc_space;
struct zone;

struct ipc_object {
	struct spinlock o_lock;
	_Atomic uint32_t o_references;
	bool o_is_set;           /* (c) a port set, not a port */
	bool o_active;           /* (l) */
	bool o_has_payload;      /* (l) ports: ip_payload is valid */
	uint8_t o_kind;          /* (l) ports: enum ipc_kobject_type */
	struct list o_receivers; /* (l) ipc_thread, by w_link */
	/* (l) the thread that waits here in registers when it does, in
	 * place of a receiver in the list, which is empty; or NULL. See
	 * ipc_register_stand.c. */
	struct ipc_thread *o_standing;
};

struct ipc_port {
	struct ipc_object ip_object;
	struct ipc_space *ip_receiver;     /* (l) NULL: limbo, transit, dead */
	mach_port_name_t ip_receiver_name; /* (l) */
	uint32_t ip_srights;               /* (l) */
	union {
		struct {
			uint32_t ip_stood : 1;       /* (l) o_standing is somebody */
			uint32_t ip_sonce_owed : 31; /* (l) send-once notifications
						      * without memory yet */
			uint32_t ip_msgcount;        /* (l) messages queued */
		};
		uint64_t ip_pending; /* (l) all: something to look at
				      * before one waits */
	};
	/* What a request in registers tells its receiver. */
	union {
		struct {
			uint32_t ip_told_bits; /* (l) msgh_bits */
			uint32_t ip_seqno;     /* (l) */
		};
		uint64_t ip_told; /* (l) both */
	};
	uint64_t ip_told_port;    /* (l) payload, or name */
	uint32_t ip_sorights;     /* (l) */
	uint32_t ip_mscount;      /* (l) */
	uint32_t ip_qlimit;       /* (l) */
	struct ipc_pset *ip_pset; /* (l) the set it is in, referenced */
	struct list ip_set_link;  /* (l, set) members */
	union {
		uint64_t ip_payload; /* (l) protected payload */
		void *ip_kobject;    /* (l) when o_kind says so */
	};
	struct list ip_messages;         /* (l) ipc_kmsg, oldest first */
	struct list ip_senders;          /* (l) threads waiting for room */
	struct ipc_port *ip_destination; /* (l) in limbo or transit: where to */
	struct ipc_kmsg *ip_no_senders;  /* (l) prepared notifications: each */
	struct ipc_kmsg *ip_destroyed;   /* (l) holds the send-once right */
	struct list ip_requests;         /* (l) dead-name requests */
	struct account *ip_account;      /* (c) charged for it */
};

#define IPC_PENDING_STOOD 1 /* nothing but o_standing */

struct ipc_thread;

/* A right whose port died, where a port pointer is expected. */
#define IPC_PORT_DEAD        ((struct ipc_port *)~(uintptr_t)0)
#define IPC_PORT_VALID(port) ((port) != NULL && (port) != IPC_PORT_DEAD)

static inline struct ipc_port *
ipc_port_of(struct ipc_object *object)
{
	return (struct ipc_port *)(void *)object;
}

static inline void
ipc_port_lock(struct ipc_port *port)
{
	spin_lock(&port->ip_object.o_lock);
}

static inline void
ipc_port_unlock(struct ipc_port *port)
{
	spin_unlock(&port->ip_object.o_lock);
}

static inline bool
ipc_port_active(const struct ipc_port *port)
{
	return port->ip_object.o_active;
}

static inline void
ipc_object_reference(struct ipc_object *object)
{
	atomic_fetch_add_explicit(&object->o_references, 1, memory_order_relaxed);
}

/*
 * A new object of `size` bytes, the rest of them zero: active, one reference,
 * no receivers; its lock is the caller's to initialize. Charged to `account`
 * as a port. NULL on shortage. Locks: none below ZONE.
 */
struct ipc_object *ipc_object_alloc(struct zone *zone, size_t size, struct account *account);

/* Undo ipc_object_alloc. */
void ipc_object_free(struct zone *zone, struct ipc_object *object, struct account *account);

void ipc_object_release_last(struct ipc_object *object);

static inline void
ipc_object_release(struct ipc_object *object)
{
	if (atomic_fetch_sub_explicit(&object->o_references, 1, memory_order_acq_rel) == 1)
		ipc_object_release_last(object);
}

static inline void
ipc_port_reference(struct ipc_port *port)
{
	ipc_object_reference(&port->ip_object);
}

static inline void
ipc_port_release(struct ipc_port *port)
{
	ipc_object_release(&port->ip_object);
}

/* A reference that is not the last: the port is active, and locked. */
static inline void
ipc_port_release_held(struct ipc_port *port)
{
	atomic_fetch_sub_explicit(&port->ip_object.o_references, 1, memory_order_release);
}

/*
 * A port whose receive right gets a name in `space`: chosen by the kernel
 * (*namep 0) or by the caller. The name's entry holds the first reference.
 * *portp (may be NULL) gets the port, with a reference of its own.
 *
 * Locks:   none held.
 * Returns: KERN_INVALID_TASK, KERN_NO_SPACE, KERN_NAME_EXISTS,
 *          KERN_RESOURCE_SHORTAGE.
 */
kern_return_t
ipc_port_create(struct ipc_space *space, mach_port_name_t *namep, struct ipc_port **portp);

/*
 * A port received by the kernel, charged to `account` (may be NULL). The
 * caller holds the one reference, which stands for the receive right.
 */
struct ipc_port *ipc_port_create_kernel(struct account *account);

/*
 * End a kernel port: detach the object, destroy the port as if its receive
 * right were deallocated. Consumes the reference of ipc_port_create_kernel.
 *
 * Locks:   none held.
 */
void ipc_port_destroy_kernel(struct ipc_port *port);

/*
 * Destroy a receive right that no space names any more (the caller took it
 * out; ip_receiver is NULL). A port-destroyed request gets the right instead.
 * Consumes the caller's reference. Iterative over queued rights.
 *
 * Locks:   none held.
 */
void ipc_port_destroy(struct ipc_port *port);

/*
 * Send rights for the kernel's own use. make: from the receive right (the
 * caller is entitled); NULL if the port is dead. copy: from a send right the
 * caller holds; IPC_PORT_DEAD if the port is dead; NULL and IPC_PORT_DEAD
 * pass through. release: consumes right and reference, may send no-senders;
 * NULL and IPC_PORT_DEAD are ignored.
 *
 * Locks:   none held.
 */
struct ipc_port *ipc_port_make_send(struct ipc_port *port);
struct ipc_port *ipc_port_copy_send(struct ipc_port *port);
void ipc_port_release_send(struct ipc_port *port);

/*
 * Send-once rights: make from the receive right (NULL if dead); release
 * unused, which sends a send-once notification.
 */
struct ipc_port *ipc_port_make_sonce(struct ipc_port *port);
void ipc_port_release_sonce(struct ipc_port *port);

/* A send-once right ends without telling the port (a cancelled request). */
void ipc_port_drop_sonce(struct ipc_port *port);

/* Release a right as a message carries it: type 16..18. */
void ipc_port_release_right(struct ipc_port *port, mach_msg_type_name_t type);

/*
 * The receive right leaves its space: out of its set, counts and payload
 * reset, receivers woken with MACH_RCV_PORT_DIED. Locks: space, port.
 */
void ipc_port_leave_space_locked(struct ipc_port *port);

/* The receive right gets a name. Locks: space, port. */
void
ipc_port_enter_space_locked(struct ipc_port *port, struct ipc_space *space, mach_port_name_t name);

/* Forget where the receive right was going. Locks: none on ports. */
void ipc_port_clear_destination(struct ipc_port *port);

/* Its name or its payload has changed: what requests in registers tell of it. */
void ipc_port_told_update(struct ipc_port *port);

/* Set up zones. Once. */
void ipc_port_bootstrap(void);

/*
 * The name of `port` for `space` if its receive right is there, else
 * MACH_PORT_NAME_NULL (DEAD for a dead port). No locks held. A hint.
 */
mach_port_name_t ipc_port_receiver_name(struct ipc_port *port, struct ipc_space *space);

/*
 * Tell the circularity check that `port`'s receive right goes into a message
 * for `dest`: true if dest lies (through queued messages) inside port's own
 * queue. On false ip_destination holds a reference on dest.
 *
 * Locks:   none held; takes the TRANSIT mutex when dest is itself in transit.
 */
bool ipc_port_check_circularity(struct ipc_port *port, struct ipc_port *dest);

uint64_t ipc_port_count(void);
uint64_t ipc_pset_count(void);

#endif
