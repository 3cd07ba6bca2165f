/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the ipc suites share: tasks (spaces), threads in them, messages as a
 * user would lay them out, and a stand-in for out-of-line memory and kernel
 * objects.
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <host/host.h>
#include <kern/account.h>
#include <mach/message.h>
#include <mach/notify.h>
#include <mach/port.h>

#include "ipc_init.h"
#include "ipc_kmsg.h"
#include "ipc_kobject.h"
#include "ipc_mqueue.h"
#include "ipc_notify.h"
#include "ipc_port.h"
#include "ipc_pset.h"
#include "ipc_right.h"
#include "ipc_space.h"
#include "ipc_thread.h"
#include "mach_msg.h"
#include "mach_port.h"

_Static_assert(sizeof(struct ipc_thread) <= HOST_THREAD_BYTES, "room");

/* A buffer a user message lives in. */
#define MSG_BYTES 8192
struct user_msg {
	union {
		mach_msg_header_t header;
		uint64_t words[MSG_BYTES / 8];
		char bytes[MSG_BYTES];
	};
};

extern struct account *fix_account; /* of all spaces made here */
extern struct ipc_space *fix_space; /* of the test's own thread */

/* cmocka setup and teardown: teardown fails the test if anything leaked. */
int fix_setup(void **state);
int fix_setup_seeded(void **state, uint64_t seed);
int fix_teardown(void **state);

/* Another task. Destroyed by fix_teardown if still there. */
struct ipc_space *fix_space_create(void);
void fix_space_destroy(struct ipc_space *space);

/* Run body(arg) in a new thread of `space`; its ipc part is cleaned up when
 * it ends. */
struct host_thread *fix_thread(struct ipc_space *space, void (*body)(void *), void *arg);

/* A buffer registered as user memory; freed in teardown. */
struct user_msg *fix_msg(void);
/* Any user memory. */
void *fix_user(size_t size);
void fix_user_free(void *memory);

/* mach_msg as a user calls it. */
/* mach_msg tries the short way through a buffer. Set by fix_setup, unless the
 * environment has IPC_GENERAL. */
extern bool fix_plain;

mach_msg_return_t fix_mach_msg(void *msg, mach_msg_option_t option, mach_msg_size_t send_size,
    mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify);
/* The same in another space, by the running thread (never blocks). */
mach_msg_return_t fix_mach_msg_as(struct ipc_space *space, void *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_name_t rcv_name,
    mach_msg_timeout_t timeout, mach_port_name_t notify);

/* Short ways, which fail the test on an error. */
mach_port_name_t fix_receive(struct ipc_space *space); /* receive right */
/* A send right for `name` (receive right) under the same name. */
void fix_make_send(struct ipc_space *space, mach_port_name_t name);
mach_port_name_t fix_pset(struct ipc_space *space);
/* Give `to` a right made from `name` in `from`; its name there. */
mach_port_name_t fix_give(struct ipc_space *from, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct ipc_space *to);
mach_port_type_t fix_type(struct ipc_space *space, mach_port_name_t name);
uint32_t fix_refs(struct ipc_space *space, mach_port_name_t name, mach_port_right_t right);
mach_port_status_t fix_status(struct ipc_space *space, mach_port_name_t name);

/* Header for a message, and items behind it; each returns the new size. */
void fix_header(struct user_msg *msg, uint32_t bits, mach_port_name_t remote,
    mach_port_name_t local, int32_t id);
uint32_t fix_add_words(struct user_msg *msg, uint32_t size, const uint32_t *words, uint32_t count);
uint32_t fix_add_ports(struct user_msg *msg, uint32_t size, mach_msg_type_name_t disposition,
    const mach_port_name_t *names, uint32_t count);
uint32_t fix_add_ool(struct user_msg *msg, uint32_t size, unsigned name, unsigned bits,
    const void *address, uint32_t count, bool dealloc);

/* Send header and nothing else; receive with a poll. */
mach_msg_return_t fix_send_id(
    struct ipc_space *space, mach_port_name_t to, mach_msg_type_name_t disposition, int32_t id);
/* The next message on `name`, or MACH_RCV_TIMED_OUT. */
mach_msg_return_t fix_poll(struct ipc_space *space, mach_port_name_t name, struct user_msg *msg);
/* Expect a notification (id, word at 40) on `name`. */
void fix_expect_notify(struct ipc_space *space, mach_port_name_t name, int32_t id, uint32_t word);
void fix_expect_nothing(struct ipc_space *space, mach_port_name_t name);

/* Out-of-line regions alive; failures to come. */
extern unsigned fix_regions;
extern kern_return_t fix_ool_deliver_result;
extern kern_return_t fix_ool_allocate_result;
/* The last kernel message served, and what to answer. */
extern int32_t fix_served_id;
extern unsigned fix_served_count;
/* Answer the request with id 3000, which had no answer on the short way. */
void fix_answer_kept(void);

#endif
