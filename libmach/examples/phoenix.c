/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * phoenix -- a server is killed and started again while clients use it.
 *
 * The guardian makes the service's port, asks to be told if its receive right
 * is ever lost (a port-destroyed request), and moves the right to a server
 * task. When that task dies the right comes back to the guardian, with all
 * messages that were waiting on it; the clients' send rights never noticed.
 * The guardian moves it to the next server. Only the request that was being
 * served is lost: the client's reply right dies unused, which the client is
 * told by a send-once notification, and it asks again.
 *
 * Asking again must not do the work twice: the server notes in a ledger, which
 * it shares with the guardian and the servers after it, the last request of each
 * client and its answer.
 *
 *	./run --module 'build/libmach/phoenix --host-port=${host-port}
 *		$(task-create) $(task-resume)'
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <mach/task_special_ports.h>
#include <mach/vm_inherit.h>

#include "spawn.h"

#define CLIENTS      3
#define REQUESTS     20000 /* of each client */
#define DEATHS       20
#define PERIOD       5 /* milliseconds between deaths */
#define SERVICE_NAME 0x1000
#define ID_ADD       6100
#define ID_DONE      6101

struct message {
	mach_msg_header_t header;
	mach_msg_type_t type;
	int64_t words[3]; /* client, number, value; or the answer */
	char room[64];    /* trailer of notifications */
};

#define MESSAGE_SIZE offsetof(struct message, room)

static const mach_msg_type_t words_type = {
	.msgt_name = MACH_MSG_TYPE_INTEGER_64,
	.msgt_size = 64,
	.msgt_inline = TRUE,
	.msgt_number = 3,
};

/* Shared by the guardian and all servers. */
struct ledger {
	int64_t sum;
	struct {
		int64_t last;   /* number of the last request done */
		int64_t answer; /* to it */
		int64_t sum;    /* what the client added so far */
	} client[CLIENTS];
};

static struct ledger *ledger;
static char stacks[CLIENTS + 1][16384] __attribute__((aligned(16)));

/* -- The server: adds numbers up -------------------------------------------------- */

/* One request. The ledger changes by one store, that of `last`: what comes
 * before can be done again by the next server with the same result. */
static int64_t
server_add(int64_t client, int64_t number, int64_t value)
{
	if (client < 0 || client >= CLIENTS)
		return -1;
	if (ledger->client[client].last == number)
		return ledger->client[client].answer;
	ledger->client[client].answer = number * value;
	ledger->client[client].sum = number * (number + 1) / 2 * value;
	__atomic_store_n(&ledger->client[client].last, number, __ATOMIC_RELEASE);
	return ledger->client[client].answer;
}

static void
server(void)
{
	struct message m;
	mach_msg_return_t mr;

	mach_init();
	mr = mach_msg(&m.header, MACH_RCV_MSG, 0, sizeof(m), SERVICE_NAME, 0, MACH_PORT_NULL);
	while (mr == MACH_MSG_SUCCESS) {
		m.words[0] = server_add(m.words[0], m.words[1], m.words[2]);
		m.header.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(m.header.msgh_bits), 0);
		m.header.msgh_local_port = MACH_PORT_NULL;
		m.header.msgh_id += 100;
		mr = mach_msg(&m.header, MACH_SEND_MSG | MACH_RCV_MSG, MESSAGE_SIZE, sizeof(m),
		    SERVICE_NAME, 0, MACH_PORT_NULL);
	}
	for (;;)
		task_terminate(mach_task_self());
}

/* -- A client: asks until it is answered --------------------------------------------- */

static int client_number; /* of the client whose task is made next */

/* One request; how often it had to be asked, or -1. */
static int
client_ask(mach_port_t service, mach_port_t reply, int64_t number)
{
	for (int asked = 1;; asked++) {
		struct message m = { .type = words_type };
		mach_msg_return_t mr;

		m.header.msgh_bits =
		    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		m.header.msgh_remote_port = service;
		m.header.msgh_local_port = reply;
		m.header.msgh_id = ID_ADD;
		m.words[0] = client_number;
		m.words[1] = number;
		m.words[2] = client_number + 1;
		mr = mach_msg(&m.header, MACH_SEND_MSG | MACH_RCV_MSG, MESSAGE_SIZE, sizeof(m),
		    reply, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
		if (mr != MACH_MSG_SUCCESS)
			return -1;
		if (m.header.msgh_id == MACH_NOTIFY_SEND_ONCE)
			continue;
		return m.words[0] == number * (client_number + 1) ? asked : -1;
	}
}

static void
client(void)
{
	mach_port_t service, guardian, reply;
	struct message done = { .type = words_type };
	int asked = 0;

	mach_init();
	reply = mach_reply_port();
	task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &service);
	task_get_special_port(mach_task_self(), TASK_EXCEPTION_PORT, &guardian);
	for (int64_t number = 1; number <= REQUESTS && asked >= 0; number++) {
		int times = client_ask(service, reply, number);

		asked = times < 0 ? -1 : asked + times;
	}
	done.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
	done.header.msgh_remote_port = guardian;
	done.header.msgh_id = ID_DONE;
	done.words[0] = client_number;
	done.words[1] = asked;
	mach_msg(&done.header, MACH_SEND_MSG, MESSAGE_SIZE, 0, MACH_PORT_NULL,
	    MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
	for (;;)
		task_terminate(mach_task_self());
}

/* -- The guardian ----------------------------------------------------------------------- */

static mach_port_t guardian_port, service_send, server_task;
static int deaths, clients_left = CLIENTS, asked_in_all;
static bool failed;

static void
must(const char *what, kern_return_t kr)
{
	if (kr == KERN_SUCCESS)
		return;
	mach_printf("phoenix: %s: %s\n", what, mach_error_string(kr));
	failed = true;
}

/* A new server for the service's receive right. */
static void
server_start(mach_port_t service)
{
	mach_port_t thread, previous;

	must("request",
	    mach_port_request_notification(mach_task_self(), service, MACH_NOTIFY_PORT_DESTROYED, 0,
		guardian_port, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	must("task", spawn_task(&server_task));
	must("move",
	    mach_port_insert_right(server_task, SERVICE_NAME, service, MACH_MSG_TYPE_MOVE_RECEIVE));
	must("thread", thread_create(server_task, &thread));
	must("begin", spawn_begin(thread, server, stacks[CLIENTS], sizeof(stacks[0])));
	mach_port_deallocate(mach_task_self(), thread);
}

static void
client_start(int number)
{
	mach_port_t task, thread;

	client_number = number;
	must("task", spawn_task(&task));
	must("service", task_set_special_port(task, TASK_BOOTSTRAP_PORT, service_send));
	must("guardian", task_set_special_port(task, TASK_EXCEPTION_PORT, guardian_port));
	must("thread", thread_create(task, &thread));
	must("begin", spawn_begin(thread, client, stacks[number], sizeof(stacks[0])));
	mach_port_deallocate(mach_task_self(), thread);
	mach_port_deallocate(mach_task_self(), task);
}

static void
server_kill(void)
{
	if (deaths < DEATHS && server_task != MACH_PORT_NULL) {
		must("kill", task_terminate(server_task));
		mach_port_deallocate(mach_task_self(), server_task);
		server_task = MACH_PORT_NULL;
		deaths++;
	}
}

/* Wait a moment for a message; act on it, or else kill. */
static void
guardian_step(void)
{
	struct message m;
	mach_port_destroyed_notification_t *destroyed = (void *)&m;
	mach_msg_return_t mr;

	mr = mach_msg(&m.header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(m), guardian_port,
	    PERIOD, MACH_PORT_NULL);
	if (mr == MACH_RCV_TIMED_OUT) {
		server_kill();
	} else if (mr != MACH_MSG_SUCCESS) {
		must("receive", mr);
	} else if (m.header.msgh_id == MACH_NOTIFY_PORT_DESTROYED) {
		server_start(destroyed->not_port);
	} else if (m.header.msgh_id == ID_DONE) {
		clients_left--;
		asked_in_all += (int)m.words[1];
		failed |= m.words[1] < REQUESTS;
	}
}

static void
guardian_prepare(void)
{
	mach_port_t service;

	must("ledger", vm_allocate(mach_task_self(), (vm_address_t *)&ledger, vm_page_size, TRUE));
	must("share",
	    vm_inherit(mach_task_self(), (vm_address_t)ledger, vm_page_size, VM_INHERIT_SHARE));
	must("port", mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &guardian_port));
	must("send",
	    mach_port_insert_right(
		mach_task_self(), guardian_port, guardian_port, MACH_MSG_TYPE_MAKE_SEND));
	must("port", mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &service));
	must("send",
	    mach_port_insert_right(mach_task_self(), service, service, MACH_MSG_TYPE_MAKE_SEND));
	service_send = service;
	for (int i = 0; i < CLIENTS; i++)
		client_start(i);
	server_start(service);
}

/* Was everything done, and nothing twice? */
static void
ledger_check(void)
{
	for (int i = 0; i < CLIENTS; i++) {
		int64_t sum = (int64_t)REQUESTS * (REQUESTS + 1) / 2 * (i + 1);

		failed |= ledger->client[i].last != REQUESTS || ledger->client[i].sum != sum;
	}
}

int
main(int argc, char **argv)
{
	guardian_prepare();
	while (clients_left > 0 && !failed)
		guardian_step();
	ledger_check();
	mach_printf("phoenix: %d deaths, %d requests, asked %d times: %s\n", deaths,
	    CLIENTS * REQUESTS, asked_in_all, failed ? "failed" : "all done, none twice");
	spawn_exit(argc, argv, failed);
}
