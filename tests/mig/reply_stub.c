/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server stub whose reply fails half way, in both dialects: the answer is an
 * error reply like any other, not complex; memory of the stub is freed, the
 * translated object is returned.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reply_server.h"
#include "reply_types.h"

#define FILLED 0xa5

enum { FEW = 9100, FAR, TAKE, TWO };

static int failures;
static int references;
static mach_msg_type_number_t few_count;
static mach_msg_type_number_t data_count;
static mach_msg_type_number_t last_count;
static kern_return_t code;
static char far_data[16];
static uint64_t request[64];
static uint64_t reply[2048];

static void
check(const char *what, int ok)
{
	if (!ok) {
		printf("FAIL %s\n", what);
		failures++;
	}
}

/* -- Memory ------------------------------------------------------------------- */

static unsigned live;

void *
reply_memory_new(size_t size)
{
	live++;
	return malloc(size);
}

void
reply_memory_free(void *memory)
{
	live--;
	free(memory);
}

/* -- The server's functions ----------------------------------------------------- */

rep_object_t
rep_object_get(mach_port_t port)
{
	references++;
	return port;
}

void
rep_object_put(rep_object_t object)
{
	(void)object;
	references--;
}

kern_return_t
rep_two(rep_object_t server, data_t *a, mach_msg_type_number_t *aCnt, data_t *c,
    mach_msg_type_number_t *cCnt)
{
	(void)server;
	memset(*a, 'a', data_count < *aCnt ? data_count : 1);
	memset(*c, 'c', last_count < *cCnt ? last_count : 1);
	*aCnt = data_count;
	*cCnt = last_count;
	return code;
}

kern_return_t
rep_few(rep_object_t server, data_t *a, mach_msg_type_number_t *aCnt, few_t b,
    mach_msg_type_number_t *bCnt, data_t *c, mach_msg_type_number_t *cCnt)
{
	memset(b, 0, sizeof(few_t));
	*bCnt = few_count;
	return rep_two(server, a, aCnt, c, cCnt);
}

kern_return_t
rep_far(rep_object_t server, data_t *a, mach_msg_type_number_t *aCnt, far_t *b,
    mach_msg_type_number_t *bCnt, data_t *c, mach_msg_type_number_t *cCnt)
{
	*b = far_data;
	*bCnt = few_count;
	return rep_two(server, a, aCnt, c, cCnt);
}

kern_return_t
rep_take(rep_object_t server, data_t d, mach_msg_type_number_t dCnt, few_t b,
    mach_msg_type_number_t *bCnt)
{
	(void)server;
	(void)d;
	check("all that came is seen", dCnt == 64);
	memset(b, 0, sizeof(few_t));
	*bCnt = few_count;
	return code;
}

/* -- Calling ---------------------------------------------------------------------- */

static void
put32(size_t at, uint32_t value)
{
	memcpy((char *)request + at, &value, sizeof(value));
}

/* 64 bytes out of line, in either dialect. */
static mach_msg_size_t
memory_put(const void *memory)
{
	bool typed = sizeof(mach_msg_header_t) == 32;

	memcpy((char *)request + (typed ? 40 : 28), &memory, sizeof(memory));
	if (typed) {
		put32(32, 0xc0000808u);
		put32(36, 64);
		return 48;
	}
	put32(24, 1);
	put32(36, 1u << 24 | 1u << 8 | 1u);
	put32(40, 64);
	put32(48, 1); /* NDR: little-endian */
	put32(52, 64);
	return 56;
}

static mach_msg_header_t *
call(mach_msg_id_t id)
{
	mach_msg_header_t *head = (mach_msg_header_t *)(void *)request;

	memset(request, 0, sizeof(request));
	memset(reply, FILLED, sizeof(reply));
	head->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND);
	head->msgh_size = sizeof(*head);
	head->msgh_id = id;
	if (id == TAKE) {
		head->msgh_size = memory_put(reply_memory_new(64));
		head->msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	}
	if (!rep_server(head, (mach_msg_header_t *)(void *)reply))
		check("the routine is known", 0);
	check("the object is returned", references == 0);
	return (mach_msg_header_t *)(void *)reply;
}

static void
memory_free(void)
{
	void *memory;

	memcpy(
	    &memory, (char *)request + (sizeof(mach_msg_header_t) == 32 ? 40 : 28), sizeof(memory));
	(void)mig_deallocate((vm_address_t)(uintptr_t)memory, 64);
}

/* What the function answers, and what the caller must be told. */
struct test {
	const char *what;
	mach_msg_id_t id;
	mach_msg_type_number_t data, few, last;
	kern_return_t result, expected;
};

/* Header, 8 bytes of descriptor or NDR record, the code: the same in both dialects. */
static void
run(const struct test *test)
{
	const mach_msg_header_t *head;
	kern_return_t got;

	data_count = test->data;
	few_count = test->few;
	last_count = test->last;
	code = test->result;
	head = call(test->id);
	memcpy(&got, (const char *)head + sizeof(*head) + 8, sizeof(got));
	check(test->what, got == test->expected);
	check("an error reply is small", head->msgh_size == (sizeof(*head) == 32 ? 48 : 36));
	check("an error reply is not complex", (head->msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0);
	/* A server destroys the request of a routine that failed. */
	if ((((mach_msg_header_t *)(void *)request)->msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0)
		memory_free();
	if (live != 0) {
		printf("FAIL %s: %u regions are lost\n", test->what, live);
		failures++;
	}
}

static const struct test tests[] = {
	{ "an inline array is too large", FEW, 10, 5, 10, KERN_SUCCESS, MIG_ARRAY_TOO_LARGE },
	{ "the same, others empty", FEW, 0, 5, 0, KERN_SUCCESS, MIG_ARRAY_TOO_LARGE },
	{ "an array out of line is too large", FAR, 10, 9, 10, KERN_SUCCESS, MIG_ARRAY_TOO_LARGE },
	{ "too much memory, first", TWO, 2049, 0, 10, KERN_SUCCESS, MIG_ARRAY_TOO_LARGE },
	{ "too much memory, last", TWO, 10, 0, 2049, KERN_SUCCESS, MIG_ARRAY_TOO_LARGE },
	{ "the function fails", FEW, 10, 2, 10, KERN_FAILURE, KERN_FAILURE },
	{ "the request's memory is the function's", TAKE, 0, 5, 0, KERN_SUCCESS,
	    MIG_ARRAY_TOO_LARGE },
	{ "the request's memory is the server's", TAKE, 0, 2, 0, KERN_FAILURE, KERN_FAILURE },
};

static const struct test no_memory = { "no memory for a result", FEW, 10, 2, 10, KERN_SUCCESS,
	KERN_RESOURCE_SHORTAGE };

int
main(void)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		run(&tests[i]);
	for (unsigned nth = 1; nth <= 2 && reply_memory_fail(nth); nth++) {
		run(&no_memory);
		reply_memory_fail(0);
	}
	if (failures == 0)
		puts("replies that fail half way: nothing is lost");
	return failures != 0;
}
