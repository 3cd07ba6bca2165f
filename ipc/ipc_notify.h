/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_notify -- what ports and names tell those who asked.
 *
 * A notification is a kmsg prepared when it is requested, its mh_remote the
 * send-once right it will go to; nothing is allocated when it fires. (The
 * send-once notification has no request: it uses memory at the time, or the
 * port remembers that it owes one.)
 *
 * Under spin locks notifications are collected in a list (km_link) and sent
 * by ipc_notify_flush when the locks are gone.
 */
#ifndef IPC_NOTIFY_H
#define IPC_NOTIFY_H

#include <kern/list.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/notify.h>
#include <mach/port.h>

#include "ipc_port.h"

struct account;
struct ipc_kmsg;
struct ipc_space;

/*
 * What one entry asked for. On ip_requests of its port while a dead-name
 * notification is asked for and the port lives.
 *
 * Locks:   rq_link, rq_dead_name, rq_forgotten: the port. The rest: the space.
 */
struct ipc_request {
	struct list rq_link;
	struct ipc_kmsg *rq_dead_name;     /* prepared, or NULL */
	struct ipc_marequest *rq_accepted; /* msg-accepted pending, or NULL */
	mach_port_name_t rq_name;
	bool rq_registered; /* a dead-name request stands */
	bool rq_forgotten;  /* entry is gone; port frees it */
};

/* One forced message whose acceptance is to be announced (sheet 2.13). */
struct ipc_marequest {
	struct ipc_space *ma_space;     /* referenced */
	struct ipc_request *ma_request; /* of the send right's entry, or NULL */
	struct ipc_kmsg *ma_kmsg;       /* prepared */
};

/*
 * A prepared notification for the send-once right `notify` (consumed), charged
 * to the account of its port until it is received. NULL on shortage: then the
 * right stays the caller's. Any lock before ACCOUNT.
 */
struct ipc_kmsg *ipc_notify_prepare(struct ipc_port *notify, int32_t id);

/*
 * The same in two steps: memory first, charged to `account`, and the right
 * (which may be made under locks) later. A kmsg without a right is freed by
 * ipc_kmsg_free.
 */
struct ipc_kmsg *ipc_notify_alloc(struct account *account, int32_t id);
void ipc_notify_set_port(struct ipc_kmsg *kmsg, struct ipc_port *notify);

/* Give up a prepared notification: returns the right, frees the kmsg. */
struct ipc_port *ipc_notify_cancel(struct ipc_kmsg *kmsg);

/* Fill in what a notification says. */
void ipc_notify_set_name(struct ipc_kmsg *kmsg, int32_t id, mach_port_name_t name);
void ipc_notify_set_count(struct ipc_kmsg *kmsg, uint32_t mscount);
void ipc_notify_set_right(struct ipc_kmsg *kmsg, struct ipc_port *port);

/* Send one, or all of a list. Locks: none held. */
void ipc_notify_send(struct ipc_kmsg *kmsg);
void ipc_notify_flush(struct list *notifications);

/* Tell a port that a send-once right for it died unused: the right and its
 * reference become the notification's. Locks: none held. */
void ipc_notify_send_once(struct ipc_port *port);

/*
 * A forced message for `dest`, sent by `space` to the name `name`, wants to be
 * announced on receive right `notify`. MACH_SEND_NOTIFY_IN_PROGRESS,
 * MACH_SEND_INVALID_NOTIFY, MACH_SEND_NO_NOTIFY. Locks: none held.
 */
mach_msg_return_t ipc_marequest_create(struct ipc_space *space, struct ipc_port *dest,
    mach_port_name_t notify, struct ipc_marequest **marequestp);

/*
 * The message is received or destroyed: announce it and free the request. If
 * its destination died the send-once right dies unused instead.
 */
void ipc_marequest_done(struct ipc_marequest *marequest, bool dest_died);

/* Set up zones. Once. */
void ipc_notify_bootstrap(void);

#endif
