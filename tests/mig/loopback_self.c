/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loopback itself: messages written by hand, disturbed by hand.  A message
 * that names memory of the other task is refused; one that gives up what its
 * sender still uses takes nothing from under it.  LOOPBACK_OSF chooses the
 * untyped dialect; the sanitizer sees memory used that was taken.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loopback.h"

#define BYTES               64
#define SEND_INVALID_MEMORY 0x10000002
#define RCV_REFUSED         0x10004009

static char *server_memory; /* made by the last call of serve_memory */
static uint64_t planted;    /* the address plant() puts into a message */

static void
expect(const char *what, int ok)
{
	if (ok)
		return;
	fprintf(stderr, "loopback-self: %s\n", what);
	abort();
}

static void
put(void *message, size_t at, const void *value, size_t size)
{
	memcpy((char *)message + at, value, size);
}

static void
put32(void *message, size_t at, uint32_t value)
{
	put(message, at, &value, sizeof(value));
}

/* A message of a code and one region; both dialects have room for both. */
#ifdef LOOPBACK_OSF
enum { ADDRESS_AT = 28, SIMPLE_SIZE = 36, MEMORY_SIZE = 44 };

static void
code_put(void *message)
{
	put32(message, 32, KERN_SUCCESS);
}

static void
memory_put(void *message)
{
	put32(message, 24, 1);
	put32(message, 36, 1u | 1u << 24); /* deallocate; out of line */
	put32(message, 40, BYTES);
}
#else
enum { ADDRESS_AT = 56, SIMPLE_SIZE = 48, MEMORY_SIZE = 64 };

static void
code_put(void *message)
{
	put32(message, 32, 0x20000000u | 32u << 8 | 2);
	put32(message, 36, 1);
	memset((char *)message + 40, 0, 8);
}

static void
memory_put(void *message)
{
	put32(message, 48, 0x80000000u | 8u << 8 | 9);
	put32(message, 52, BYTES);
}
#endif

/* Writes a message that sends BYTES at `memory` and gives them up; none: null. */
static void
message_write(void *message, const void *memory)
{
	uint64_t address = (uintptr_t)memory;

	memset(message, 0, MEMORY_SIZE);
	put32(message, 0, memory != NULL ? 0x80000000u | 0x1513u : 0x1513u);
	put32(message, 4, memory != NULL ? MEMORY_SIZE : SIMPLE_SIZE);
	code_put(message);
	if (memory == NULL)
		return;
	memory_put(message);
	put(message, ADDRESS_AT, &address, sizeof(address));
}

static mach_msg_return_t
call(const void *memory, void **replyp)
{
	static char buffer[256] __attribute__((aligned(16)));
	mach_msg_return_t result;
	uint64_t address;

	message_write(buffer, memory);
	result = mach_msg((mach_msg_header_t *)(void *)buffer, MACH_SEND_MSG | MACH_RCV_MSG,
	    memory != NULL ? MEMORY_SIZE : SIMPLE_SIZE, sizeof(buffer), 99, 0, 0);
	memcpy(&address, buffer + ADDRESS_AT, sizeof(address));
	if (replyp != NULL)
		*replyp = (void *)(uintptr_t)address;
	return result;
}

static void
plant(char *message, size_t *sizep)
{
	(void)sizep;
	put(message, ADDRESS_AT, &planted, sizeof(planted));
}

static void
disturb(enum lb_mode mode, const void *address)
{
	lb_mode = mode;
	lb_disturb = plant;
	planted = (uintptr_t)address;
}

/* ---- servers ----------------------------------------------------------------- */

/* Answers with memory of its own, given up. */
static boolean_t
serve_memory(mach_msg_header_t *request, mach_msg_header_t *reply)
{
	(void)request;
	server_memory = lb_alloc(BYTES);
	memset(server_memory, 0x5a, BYTES);
	message_write(reply, server_memory);
	return 1;
}

/* Keeps memory of its own; frees what it was sent. */
static boolean_t
serve_release(mach_msg_header_t *request, mach_msg_header_t *reply)
{
	uint64_t address;

	server_memory = lb_alloc(BYTES);
	if (request->msgh_size == MEMORY_SIZE) {
		memcpy(&address, (char *)request + ADDRESS_AT, sizeof(address));
		lb_release((void *)(uintptr_t)address, BYTES);
	}
	message_write(reply, NULL);
	return 1;
}

/* ---- cases ------------------------------------------------------------------- */

/* The memory of an undisturbed reply is copied, and the server's is gone. */
static void
reply_gives_up(void)
{
	void *got;

	lb_mode = LB_EXACT;
	expect("a reply with memory arrives", call(NULL, &got) == MACH_MSG_SUCCESS);
	expect("memory is copied", got != server_memory && *(char *)got == 0x5a);
	lb_release(got, BYTES);
}

/* The disturbed reply gives up a buffer of the client, which still writes there. */
static void
reply_names_client(void)
{
	char *buffer = lb_alloc(BYTES);

	disturb(LB_MUTATE_REPLY, buffer);
	expect("a server cannot send memory of the client", call(NULL, NULL) == RCV_REFUSED);
	memset(buffer, 1, BYTES);
}

static void
request_names_server(void)
{
	char *buffer = lb_alloc(BYTES);

	lb_mode = LB_EXACT;
	expect("a simple call", call(NULL, NULL) == MACH_MSG_SUCCESS);
	disturb(LB_MUTATE_REQUEST, server_memory);
	expect(
	    "a client cannot send memory of the server", call(buffer, NULL) == SEND_INVALID_MEMORY);
	memset(server_memory, 1, BYTES);
	memset(buffer, 1, BYTES);
}

/* The disturbed request gives up another buffer than the one its sender meant. */
static void
request_gives_up_other(void)
{
	char *meant = lb_alloc(BYTES);
	char *other = lb_alloc(BYTES);

	disturb(LB_MUTATE_REQUEST, other);
	expect("own memory can be sent", call(meant, NULL) == MACH_MSG_SUCCESS);
	memset(meant, 1, BYTES);
	memset(other, 1, BYTES);
}

/* An undisturbed message takes what it gives up: a second one finds nothing. */
static void
request_gives_up_twice(void)
{
	char *buffer = lb_alloc(BYTES);

	memset(buffer, 1, BYTES);
	disturb(LB_MUTATE_REPLY, NULL);
	expect("memory is sent", call(buffer, NULL) == MACH_MSG_SUCCESS);
	expect("memory is sent once", call(buffer, NULL) == SEND_INVALID_MEMORY);
}

static const struct lb_case cases[] = {
	{ "reply_gives_up", serve_memory, reply_gives_up },
	{ "reply_names_client", serve_memory, reply_names_client },
	{ "request_names_server", serve_release, request_names_server },
	{ "request_gives_up_other", serve_release, request_gives_up_other },
	{ "request_gives_up_twice", serve_release, request_gives_up_twice },
	{ 0, 0, 0 },
};

const struct lb_case *const lb_tables[] = { cases };
const size_t lb_table_count = 1;
