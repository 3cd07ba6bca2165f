/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server loop: receive, demultiplex, reply (ABI sheet 13.5).
 *
 * Two buffers: the request lies in one while the reply is built in the
 * other; the next request is received into the one the reply left from.
 */
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/mig_support.h>
#include <mach/register_ipc.h>
#include <mach/vm_param.h>

struct server {
	boolean_t (*demux)(mach_msg_header_t *, mach_msg_header_t *);
	mach_port_t port;
	mach_msg_option_t option;
	mach_msg_timeout_t timeout;
	mach_msg_size_t size; /* of each buffer */
	boolean_t grows;
	mach_msg_header_t *request;
	mach_msg_header_t *reply;
};

static kern_return_t
server_buffers_create(struct server *server, mach_msg_size_t size)
{
	vm_address_t buffer;
	vm_size_t each = round_page(size);
	kern_return_t kr;

	buffer = 0;
	kr = vm_allocate(mach_task_self(), &buffer, 2 * each, TRUE);
	if (kr != KERN_SUCCESS)
		return kr;
	server->size = (mach_msg_size_t)each;
	server->request = (mach_msg_header_t *)buffer;
	server->reply = (mach_msg_header_t *)(buffer + each);
	return KERN_SUCCESS;
}

static void
server_buffers_destroy(struct server *server)
{
	vm_address_t low;

	low = server->request < server->reply ? (vm_address_t)server->request
					      : (vm_address_t)server->reply;
	(void)vm_deallocate(mach_task_self(), low, 2 * (vm_size_t)server->size);
}

/* A request of `needed` bytes waits in the queue. */
static kern_return_t
server_grow(struct server *server, mach_msg_size_t needed)
{
	struct server old = *server;
	kern_return_t kr;

	kr = server_buffers_create(server, needed);
	if (kr == KERN_SUCCESS)
		server_buffers_destroy(&old);
	return kr;
}

static void
server_swap(struct server *server)
{
	mach_msg_header_t *request = server->request;

	server->request = server->reply;
	server->reply = request;
}

/*
 * Receive into `buffer`, after sending the reply that lies in it if
 * `send_size` is not 0. A client that is slow to take a reply from a full
 * queue is not waited for.
 */
static mach_msg_return_t
server_exchange(struct server *server, mach_msg_header_t *buffer, mach_msg_size_t send_size)
{
	mach_msg_option_t option = MACH_RCV_MSG | server->option;
	mach_msg_timeout_t timeout = server->timeout;

	if (server->grows)
		option |= MACH_RCV_LARGE;
	if (send_size != 0) {
		option |= MACH_SEND_MSG;
		if (MACH_MSGH_BITS_REMOTE(buffer->msgh_bits) != MACH_MSG_TYPE_MOVE_SEND_ONCE) {
			/* One timeout serves both halves: do the send apart. */
			mach_msg_return_t result =
			    mach_msg(buffer, MACH_SEND_MSG | MACH_SEND_TIMEOUT, send_size, 0,
				MACH_PORT_NULL, 0, MACH_PORT_NULL);
			if (result != MACH_MSG_SUCCESS)
				return result;
			option &= ~MACH_SEND_MSG;
			send_size = 0;
		}
	}
	return mach_msg(
	    buffer, option, send_size, server->size, server->port, timeout, MACH_PORT_NULL);
}

/* Let the demultiplexer answer the request. Returns the size of the reply, or 0. */
static mach_msg_size_t
server_answer(struct server *server)
{
	mig_reply_header_t *reply = (mig_reply_header_t *)server->reply;
	mach_msg_header_t *request = server->request;

	(void)server->demux(request, server->reply);
	if (!(reply->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) && reply->RetCode != KERN_SUCCESS) {
		if (reply->RetCode == MIG_NO_REPLY)
			return 0;
		/* The routine took nothing; the reply right is the reply's. */
		request->msgh_remote_port = MACH_PORT_NULL;
		mach_msg_destroy(request);
	}
	if (reply->Head.msgh_remote_port != MACH_PORT_NULL)
		return reply->Head.msgh_size;
	if (reply->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX)
		mach_msg_destroy(&reply->Head);
	return 0;
}

/* A client that went away or does not take its reply is no error. */
static boolean_t
reply_was_refused(mach_msg_return_t result)
{
	return result == MACH_SEND_INVALID_DEST || result == MACH_SEND_TIMED_OUT;
}

/*
 * A request that could not be taken in whole, for want of names or room. The
 * kernel has destroyed it, or what is left of it lies in the buffer.
 */
static boolean_t
request_was_lost(mach_msg_header_t *buffer, mach_msg_return_t result)
{
	mach_msg_return_t code = result & ~MACH_MSG_MASK;

	if (code == MACH_RCV_BODY_ERROR)
		mach_msg_destroy(buffer);
	return code == MACH_RCV_BODY_ERROR || code == MACH_RCV_HEADER_ERROR;
}

static mach_msg_return_t
server_loop(struct server *server)
{
	mach_msg_return_t result;
	mach_msg_size_t send_size = 0;

	for (;;) {
		result = server_exchange(server, server->reply, send_size);
		send_size = 0;
		if (reply_was_refused(result)) {
			mach_msg_destroy(server->reply);
			continue;
		}
		if (request_was_lost(server->reply, result))
			continue;
		if (result == MACH_RCV_TOO_LARGE) {
			/* Without growth the kernel has destroyed the request. */
			if (!server->grows)
				continue;
			result = server_grow(server, server->reply->msgh_size);
			if (result == KERN_SUCCESS)
				continue;
		}
		if (result != MACH_MSG_SUCCESS)
			return result;
		server_swap(server);
		send_size = server_answer(server);
	}
}

/* -- Both forms ---------------------------------------------------------------- */

/* Answer `request` by mach_msg; what the client does with it is its affair. */
static void
server_send(struct server *server)
{
	mach_msg_size_t size = server_answer(server);

	if (size != 0 &&
	    mach_msg(server->reply, MACH_SEND_MSG | MACH_SEND_TIMEOUT, size, 0, MACH_PORT_NULL, 0,
		MACH_PORT_NULL) != MACH_MSG_SUCCESS)
		mach_msg_destroy(server->reply);
}

/* An answer that did not go, with its reply right in *message. */
static void
register_refused(struct server *server, struct mach_register_message *message, mach_port_t reply,
    mach_msg_return_t result)
{
	if (result != MACH_REGISTER_FORBIDDEN) {
		(void)mach_port_deallocate(mach_task_self(), reply);
		return;
	}
	message->bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(message->bits), 0);
	message->reply = reply;
	message->payload = MACH_PORT_NULL;
	mach_register_to_message(message, server->reply);
	if (mach_msg(server->reply, MACH_SEND_MSG, server->reply->msgh_size, 0, MACH_PORT_NULL, 0,
		MACH_PORT_NULL) != MACH_MSG_SUCCESS)
		mach_msg_destroy(server->reply);
}

static mach_msg_return_t
register_loop(struct server *server, boolean_t (*registers)(struct mach_register_message *))
{
	struct mach_register_message message = { 0 };
	mach_port_t reply = MACH_PORT_NULL, answered;
	mach_msg_return_t result;

	for (;;) {
		struct mach_register_message answer = message;

		answered = reply;
		reply = MACH_PORT_NULL;
		result = mach_register_reply_wait(
		    answered, server->port, &message, server->request, server->size);
		if (answered != MACH_PORT_NULL &&
		    (result == MACH_REGISTER_FORBIDDEN || reply_was_refused(result)))
			register_refused(server, &answer, answered, result);
		if (reply_was_refused(result) || request_was_lost(server->request, result) ||
		    result == MACH_RCV_TOO_LARGE)
			continue;
		if (result == MACH_MSG_SUCCESS && registers(&message)) {
			reply = message.reply;
			continue;
		}
		if (result == MACH_MSG_SUCCESS)
			mach_register_to_message(&message, server->request);
		else if (result != MACH_REGISTER_MESSAGE)
			return result;
		server_send(server);
	}
}

mach_msg_return_t
mach_register_server(boolean_t (*registers)(struct mach_register_message *),
    boolean_t (*demux)(mach_msg_header_t *, mach_msg_header_t *), mach_msg_size_t max_size,
    mach_port_t port)
{
	struct server server = { .demux = demux, .port = port };
	mach_msg_return_t result;
	kern_return_t kr;

	if (max_size < MACH_REGISTER_SIZE_MAX)
		max_size = MACH_REGISTER_SIZE_MAX;
	kr = server_buffers_create(&server, max_size);
	if (kr != KERN_SUCCESS)
		return kr;
	result = register_loop(&server, registers);
	server_buffers_destroy(&server);
	return result == MACH_REGISTER_FORBIDDEN ? mach_msg_server(demux, max_size, port) : result;
}

mach_msg_return_t
mach_msg_server_timeout(boolean_t (*demux)(mach_msg_header_t *, mach_msg_header_t *),
    mach_msg_size_t max_size, mach_port_t port, mach_msg_option_t option,
    mach_msg_timeout_t timeout)
{
	struct server server = {
		.demux = demux,
		.port = port,
		.option = option,
		.timeout = timeout,
		.grows = max_size == 0,
	};
	mach_msg_return_t result;
	kern_return_t kr;

	kr = server_buffers_create(&server, max_size == 0 ? 2 * PAGE_SIZE : max_size);
	if (kr != KERN_SUCCESS)
		return kr;
	result = server_loop(&server);
	server_buffers_destroy(&server);
	return result;
}

mach_msg_return_t
mach_msg_server(boolean_t (*demux)(mach_msg_header_t *, mach_msg_header_t *),
    mach_msg_size_t max_size, mach_port_t port)
{
	return mach_msg_server_timeout(
	    demux, max_size, port, MACH_MSG_OPTION_NONE, MACH_MSG_TIMEOUT_NONE);
}
