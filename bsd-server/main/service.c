/* SPDX-License-Identifier: BSD-2-Clause */
#include "main/service.h"

#include <mach/exc_server.h>
#include <mach/mig_support.h>
#include <mach/notify_server.h>
#include <portolan/bootstrap_server.h>
#include <stdio.h>
#include <string.h>

#include "bsd_file_server.h"
#include "bsd_server.h"
#include "bsd_socket_server.h"
#include "proc/thread.h"
#include "server/proc.h"
#include "server/sync.h"
#include "server/timer.h"

/* Codes of a failed send; those of a failed receive have bit 14 set as well. */
#define MACH_MSG_ERROR_MASK 0xffffc000
#define MACH_SEND_ERROR     0x10000000

/* The largest request is bsd_mount's three paths; the largest reply a read's. */
#define MESSAGE_SIZE 16384

/* At least as many as the library keeps (mig_support.c). */
#define REPLY_PORTS 16

#define IDLE_INTERVAL (NSEC_PER_SEC / 4)

mach_port_t service_exception_port;
mach_port_t service_notify_port;

static mach_port_t service_set;
static mach_port_t retire_port;
static unsigned receivers; /* threads in mach_msg or on their way to it */
static unsigned idle_low;  /* the fewest since the last look at them */
static struct timer idle_timer;

union message {
	mach_msg_header_t header;
	char bytes[MESSAGE_SIZE];
};

/* What one service thread works with; the two change their parts. */
struct service_buffers {
	union message *request;
	union message *reply;
	union message space[2];
};

/* ---- ports ---------------------------------------------------------------------- */

kern_return_t
service_port_create(uint64_t payload, mach_port_t *portp)
{
	mach_port_t self = mach_task_self();
	mach_port_t port;
	kern_return_t kr = mach_port_allocate(self, MACH_PORT_RIGHT_RECEIVE, &port);

	if (kr != KERN_SUCCESS)
		return kr;
	kr = mach_port_set_protected_payload(self, port, payload);
	if (kr == KERN_SUCCESS)
		kr = mach_port_insert_right(self, port, port, MACH_MSG_TYPE_MAKE_SEND);
	if (kr == KERN_SUCCESS)
		kr = mach_port_move_member(self, port, service_set);
	if (kr != KERN_SUCCESS) {
		service_port_destroy(port);
		return kr;
	}
	*portp = port;
	return KERN_SUCCESS;
}

void
service_port_destroy(mach_port_t port)
{
	mach_port_destroy(mach_task_self(), port);
}

/* ---- how many threads -------------------------------------------------------- */

static bool
send_home(void)
{
	mach_msg_header_t message = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.msgh_remote_port = retire_port,
	};

	return mach_msg(&message, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(message), 0,
		   MACH_PORT_NULL, 0, MACH_PORT_NULL) == MACH_MSG_SUCCESS;
}

/* Send those home who had nothing to do since the last time. */
static void
retire_idle(void *unused)
{
	unsigned surplus = idle_low > SERVICE_IDLE_MAX ? idle_low - SERVICE_IDLE_MAX : 0;

	idle_low = receivers;
	while (surplus > 0 && send_home())
		surplus--;
	if (receivers > SERVICE_IDLE_MAX)
		timer_set(&idle_timer, bsd_uptime() + IDLE_INTERVAL);
}

static void
count_out(void)
{
	receivers--;
	if (receivers < idle_low)
		idle_low = receivers;
}

static void
count_in(void)
{
	receivers++;
	if (receivers > SERVICE_IDLE_MAX && idle_timer.deadline == 0)
		timer_set(&idle_timer, bsd_uptime() + IDLE_INTERVAL);
}

/* Whether the calling thread, told to go home, may; then it is not counted. */
static bool
retire(void)
{
	bool many;

	bsd_lock();
	many = receivers > SERVICE_IDLE_MAX;
	if (many)
		count_out();
	bsd_unlock();
	return many;
}

/*
 * The library keeps reply ports for reuse, as many as were once needed at the
 * same time, up to a limit: let it have them all now, so that the number of
 * ports says nothing about what went on.
 */
static void
reply_ports_fill(void)
{
	mach_port_t ports[REPLY_PORTS];

	for (unsigned i = 0; i < REPLY_PORTS; i++)
		ports[i] = mig_get_reply_port();
	for (unsigned i = 0; i < REPLY_PORTS; i++)
		mig_put_reply_port(ports[i]);
}

kern_return_t
service_init(void)
{
	kern_return_t kr;

	sync_init();
	reply_ports_fill();
	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &service_set);
	if (kr == KERN_SUCCESS)
		kr = service_port_create(SERVICE_PAYLOAD_EXCEPTION, &service_exception_port);
	if (kr == KERN_SUCCESS)
		kr = service_port_create(SERVICE_PAYLOAD_NOTIFY, &service_notify_port);
	if (kr == KERN_SUCCESS)
		kr = service_port_create(SERVICE_PAYLOAD_RETIRE, &retire_port);
	timer_init(&idle_timer, retire_idle, NULL);
	return kr;
}

void
service_print(const char *line)
{
	mach_print(line);
}

/* ---- one request ------------------------------------------------------------------- */

/* What the port it arrived on is for. */
static uint64_t
payload_of(const mach_msg_header_t *request)
{
	return MACH_MSGH_BITS_LOCAL(request->msgh_bits) == MACH_MSG_TYPE_PROTECTED_PAYLOAD
	    ? request->msgh_protected_payload
	    : 0;
}

static bool
is_from_emulator(const mach_msg_header_t *request)
{
	return request->msgh_id >= 5400 && request->msgh_id < 6000;
}

/* A request on a thread's process port. */
static boolean_t
serve_thread(struct thread *t, mach_msg_header_t *request, mach_msg_header_t *reply)
{
	struct proc *p = t->proc;
	boolean_t known;

	thread_reference(t);
	t->in_request = true;
	p->requests++;
	bsd_current_set(t);
	known = bsd_server(request, reply) || bsd_file_server(request, reply) ||
	    bsd_socket_server(request, reply) || bootstrap_server(request, reply);
	bsd_current_set(NULL);
	t->in_request = false;
	if (--p->requests == 0 && p->exiting)
		proc_finish(p);
	if (!t->dead && signal_deliverable(t)) {
		if (is_from_emulator(request))
			reply->msgh_id |= BSD_REPLY_SIGNAL;
		else
			signal_notify_thread(t);
	}
	thread_release(t);
	return known;
}

/* The answer to one who may not ask now, or whom we do not know. */
static void
refuse(const mach_msg_header_t *request, mach_msg_header_t *reply, kern_return_t code)
{
	mig_reply_setup(request, reply);
	((mig_reply_header_t *)reply)->RetCode = code;
}

/*
 * Run one request under the master lock. A thread waits for each answer, so a
 * second request beside a sleeping one is a forgery.
 */
static boolean_t
serve(mach_msg_header_t *request, mach_msg_header_t *reply)
{
	uint64_t payload = payload_of(request);
	struct thread *t;

	if (payload == SERVICE_PAYLOAD_EXCEPTION)
		return exc_server(request, reply);
	if (payload == SERVICE_PAYLOAD_NOTIFY)
		return notify_server(request, reply);
	t = thread_by_handle(payload);
	if (t == NULL || t->in_request) {
		refuse(request, reply, t == NULL ? ESRCH : EBUSY);
		return TRUE;
	}
	return serve_thread(t, request, reply);
}

/* Serve what was received; whether `reply` is to be sent. */
static bool
handle(struct service_buffers *b)
{
	mach_msg_header_t *request = &b->request->header;
	mach_msg_header_t *reply = &b->reply->header;
	kern_return_t code;

	bsd_lock();
	count_out();
	if (!serve(request, reply))
		mig_reply_setup(request, reply);
	count_in();
	bsd_unlock();
	if ((reply->msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0)
		return true; /* only good replies carry rights */
	code = ((mig_reply_header_t *)reply)->RetCode;
	if (code == MIG_NO_REPLY) {
		if (MACH_PORT_VALID(request->msgh_remote_port))
			mach_port_deallocate(mach_task_self(), request->msgh_remote_port);
		return false;
	}
	if (code != KERN_SUCCESS) {
		/* what the request brought was not taken */
		request->msgh_remote_port = MACH_PORT_NULL;
		mach_msg_destroy(request);
	}
	return reply->msgh_remote_port != MACH_PORT_NULL;
}

/* ---- the loop --------------------------------------------------------------------------- */

static mach_msg_return_t
receive(struct service_buffers *b)
{
	return mach_msg(&b->request->header, MACH_RCV_MSG, 0, MESSAGE_SIZE, service_set,
	    MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
}

/*
 * Send the answer and receive the next request in one call, in the reply's
 * buffer. A client whose reply port is full or dead loses its answer.
 */
static mach_msg_return_t
reply_receive(struct service_buffers *b)
{
	union message *buffer = b->reply;
	mach_msg_return_t mr;

	mr = mach_msg(&buffer->header, MACH_SEND_MSG | MACH_SEND_TIMEOUT | MACH_RCV_MSG,
	    buffer->header.msgh_size, MESSAGE_SIZE, service_set, 0, MACH_PORT_NULL);
	if ((mr & MACH_MSG_ERROR_MASK) == MACH_SEND_ERROR) {
		mach_msg_destroy(&buffer->header);
		return receive(b);
	}
	b->reply = b->request;
	b->request = buffer;
	return mr;
}

static void
service_thread(void *unused)
{
	struct service_buffers *b = bsd_alloc(sizeof(*b));
	mach_msg_return_t mr;
	bool answer = false;

	if (b == NULL) {
		bsd_lock();
		receivers--;
		bsd_unlock();
		return;
	}
	b->request = &b->space[0];
	b->reply = &b->space[1];
	for (;;) {
		mr = answer ? reply_receive(b) : receive(b);
		if (mr == MACH_MSG_SUCCESS &&
		    payload_of(&b->request->header) == SERVICE_PAYLOAD_RETIRE) {
			answer = false;
			if (retire())
				break;
			continue;
		}
		answer = mr == MACH_MSG_SUCCESS && handle(b);
	}
	bsd_free(b, sizeof(*b));
}

void
service_blocking(void)
{
	if (receivers > 0)
		return;
	receivers++;
	if (!bsd_thread_start(service_thread, NULL))
		receivers--;
}

bool
service_start(void)
{
	receivers++;
	return bsd_thread_start(service_thread, NULL);
}
