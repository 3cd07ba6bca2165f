/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_thread -- what ipc keeps in every thread.
 *
 * Embedded first in struct thread (and has the waiter first), so that a
 * waiter, an ipc_thread and a thread are one pointer.
 *
 * Life:    ipc_thread_init when the thread is made, ipc_thread_cleanup by
 *          the thread itself or its reaper once it can no longer run.
 * Fields:  (o) the thread itself  (w) whoever claimed its wait
 *          (x) thread owner (kernel/core), under its own lock
 */
#ifndef IPC_THREAD_H
#define IPC_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include <kern/list.h>
#include <kern/waiter.h>
#include <mach/message.h>

struct ipc_entry;
struct ipc_kmsg;
struct ipc_object;
struct ipc_port;
struct ipc_space;

/* How a waiting receiver wants its message. */
enum ipc_receive_form {
	IPC_RECEIVE_NONE,          /* not receiving, or not for the fast path */
	IPC_RECEIVE_USER,          /* user's mach_msg, blocked without a stack */
	IPC_RECEIVE_USER_TIMED,    /* the same, not for ever */
	IPC_RECEIVE_ANSWER,        /* mach_msg_raise.h: message or kmsg */
	IPC_RECEIVE_KERNEL,        /* kernel code wants the kmsg itself */
	IPC_RECEIVE_REGISTER,      /* reply_wait: registers or buffer */
	IPC_RECEIVE_REGISTER_BARE, /* the same, without a spare name */
	IPC_RECEIVE_REGISTER_CALL, /* call: registers */
};

struct ipc_thread {
	struct waiter ith_waiter;    /* first */
	struct ipc_space *ith_space; /* (x) names it uses; not referenced */

	/* The receive under way: set before waiting, read by senders under
	 * the lock of the port or set waited on. */
	struct ipc_kmsg *ith_kmsg;     /* (w) message delivered */
	uint64_t ith_msg;              /* (o) user buffer */
	uint32_t ith_rcv_size;         /* (o) its size */
	uint32_t ith_option;           /* (o) mach_msg options */
	uint32_t ith_form;             /* (o) enum ipc_receive_form */
	mach_msg_return_t ith_result;  /* (w) with WAIT_OK */
	mach_port_name_t ith_notify;   /* (o) */
	mach_msg_size_t ith_msize;     /* (w) size of a too large message */
	struct ipc_object *ith_object; /* (o) port or set, referenced */
	mach_port_name_t ith_rcv_name; /* (o) */
	bool ith_reaping;              /* (o) draining ith_reap */

	/* Entries of ith_space that the fast path tries first: the one that
	 * will probably be named as destination, where it received last.
	 * Never NULL; they may denote anything by now. */
	struct ipc_entry *ith_dest_hint; /* (o) (w) */
	struct ipc_entry *ith_wait_hint; /* (o) */

	/* An entry of ith_spare_space set aside while it waits in reply_wait
	 * (ipc_register.h), and that space, referenced once there was one. */
	struct ipc_entry *ith_spare;       /* (o) (w) */
	struct ipc_space *ith_spare_space; /* (o) */

	/* A port at which it stands, or stood until somebody else ended that,
	 * referenced; else ipc_nowhere. See ipc_register_stand.c. */
	struct ipc_object *ith_stand; /* (o) (l) */

	/* Claimed and given a message, but not yet made runnable: gets this
	 * CPU when self waits, which it does next (IPC_SEND_HANDOFF). */
	struct ipc_thread *ith_wake; /* (o) */
	struct list ith_reap;        /* (o) kmsgs waiting for destruction */
	void (*ith_answer)(struct ipc_thread *self, mach_msg_return_t result, struct ipc_kmsg *kmsg,
	    const mach_msg_header_t *message); /* (o) mach_msg_answer_t */
	struct ipc_port *ith_reply;            /* (o) reply port of kernel RPC, or NULL */
};

/* The running thread. */
static inline struct ipc_thread *
ipc_thread_current(void)
{
	return (struct ipc_thread *)(void *)waiter_current();
}

/*
 * Make the ipc part of a thread usable. The waiter is the caller's to
 * initialize. `space` may be NULL (kernel threads).
 */
void ipc_thread_init(struct ipc_thread *thread, struct ipc_space *space);

/* Make `space` the one whose names the running thread uses. */
void ipc_thread_set_space(struct ipc_thread *thread, struct ipc_space *space);

/*
 * Give back what the thread holds: its reply port. The thread is
 * not waiting and will not receive again.
 *
 * Locks:   none held; may destroy rights.
 */
void ipc_thread_cleanup(struct ipc_thread *thread);

/*
 * The port on which this thread awaits answers to the kernel's own requests,
 * made at first use. Receiver is the kernel. Not referenced: lives until
 * cleanup or ipc_thread_reply_port_abandon. NULL on shortage.
 */
struct ipc_port *ipc_thread_reply_port(struct ipc_thread *self);

/* Destroy the reply port: a late answer finds a dead port. */
void ipc_thread_reply_port_abandon(struct ipc_thread *self);

#endif
