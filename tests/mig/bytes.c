/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The worked examples of the ABI sheet (13.7), byte for byte, and messages
 * known to slip through the stubs of other generators.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/mig_support.h>

#include "crafted_server.h"
#include "crafted_user.h"
#include "mach_port_user.h"

static int failures;
static unsigned char sent[4096];
static mach_msg_option_t sent_option;
static mach_msg_size_t sent_size, sent_room;
static mach_port_name_t sent_receive;
static unsigned char answer[4096];
static size_t answer_size;
static mach_msg_return_t answer_code;
static unsigned destroyed;
static unsigned calls;

static void
check(const char *what, int ok)
{
	if (!ok) {
		printf("FAIL %s\n", what);
		failures++;
	}
}

mach_msg_return_t
mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
    mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify)
{
	(void)timeout;
	(void)notify;
	memcpy(sent, msg, send_size);
	sent_option = option;
	sent_size = send_size;
	sent_room = rcv_size;
	sent_receive = rcv_name;
	if (answer_code != MACH_MSG_SUCCESS)
		return answer_code;
	if ((option & MACH_RCV_MSG) != 0)
		memcpy(msg, answer, answer_size);
	return MACH_MSG_SUCCESS;
}

mach_port_t
mig_get_reply_port(void)
{
	return 9;
}

void
mig_put_reply_port(mach_port_t port)
{
	(void)port;
}

static unsigned dealloced;

void
mig_dealloc_reply_port(mach_port_t port)
{
	(void)port;
	dealloced++;
}

kern_return_t
mig_allocate(vm_address_t *addrp, vm_size_t size)
{
	*addrp = (vm_address_t)malloc(size);
	return KERN_SUCCESS;
}

kern_return_t
mig_deallocate(vm_address_t addr, vm_size_t size)
{
	(void)addr;
	(void)size;
	return KERN_SUCCESS;
}

void
mach_msg_destroy(mach_msg_header_t *msg)
{
	(void)msg;
	destroyed++;
}

static void
set(unsigned char *at, const char *hex)
{
	unsigned byte;
	int used;

	while (sscanf(hex, "%x%n", &byte, &used) == 1) {
		*at++ = (unsigned char)byte;
		hex += used;
	}
}

static int
same(const unsigned char *got, size_t offset, const char *hex)
{
	unsigned char expected[64];
	size_t n = (strlen(hex) + 1) / 3;

	set(expected, hex);
	return memcmp(got + offset, expected, n) == 0;
}

/* ---- 13.7 ------------------------------------------------------------------- */

static void
test_allocate(void)
{
	mach_port_name_t name = 0;
	kern_return_t code;

	memset(answer, 0, sizeof(answer));
	set(answer,
	    "00 12 00 00 40 00 00 00 00 00 00 00 00 00 00 00 09 00 00 00 00 00 00 00"
	    " 05 00 00 00 e8 0c 00 00 02 20 00 20 01 00 00 00 00 00 00 00 aa aa aa aa"
	    " 0f 20 00 20 01 00 00 00 0a 00 00 00 bb bb bb bb");
	answer_size = 64;
	code = mach_port_allocate(1, 1, &name);
	check("allocate result", code == KERN_SUCCESS && name == 10);
	check("allocate sizes",
	    sent_size == 48 && sent_room >= 64 && sent_receive == 9 &&
		sent_option == (MACH_SEND_MSG | MACH_RCV_MSG));
	check("allocate bits and size", same(sent, 0, "13 15 00 00 30 00 00 00"));
	check("allocate ports", same(sent, 8, "01 00 00 00 00 00 00 00 09 00 00 00 00 00 00 00"));
	check("allocate id", same(sent, 24, "00 00 00 00 84 0c 00 00"));
	check("allocate right", same(sent, 32, "02 20 00 20 01 00 00 00 01 00 00 00 00 00 00 00"));
	/* An error reply ends after the code. */
	set(answer + 4, "30");
	set(answer + 40, "d1 fe ff ff");
	answer_size = 48;
	check("error reply", mach_port_allocate(1, 1, &name) == MIG_BAD_ID);
}

static void
test_notification(void)
{
	mach_port_t previous = 0;

	answer_size = 48;
	(void)mach_port_request_notification(
	    1, 5, 72, 1, 7, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
	check("notification size", sent_size == 96);
	check("notification bits", same(sent, 0, "13 15 00 80 60 00 00 00"));
	check(
	    "notification ports", same(sent, 8, "01 00 00 00 00 00 00 00 09 00 00 00 00 00 00 00"));
	check("notification id", same(sent, 24, "00 00 00 00 8e 0c 00 00"));
	check(
	    "notification name", same(sent, 32, "0f 20 00 20 01 00 00 00 05 00 00 00 00 00 00 00"));
	check(
	    "notification kind", same(sent, 48, "02 20 00 20 01 00 00 00 48 00 00 00 00 00 00 00"));
	check(
	    "notification sync", same(sent, 64, "02 20 00 20 01 00 00 00 01 00 00 00 00 00 00 00"));
	check(
	    "notification port", same(sent, 80, "15 40 00 20 01 00 00 00 07 00 00 00 00 00 00 00"));
}

/* ---- replies that fail ---------------------------------------------------------- */

static void
test_replies(void)
{
	mach_port_name_t name = 0;

	/* The reply right died: a header-only notification. */
	memset(answer, 0, sizeof(answer));
	set(answer, "00 12 00 00 20 00 00 00");
	set(answer + 28, "47 00 00 00");
	answer_size = 32;
	check("server died", mach_port_allocate(1, 1, &name) == MIG_SERVER_DIED);
	set(answer + 28, "01 00 00 00");
	dealloced = 0;
	destroyed = 0;
	check("wrong id", mach_port_allocate(1, 1, &name) == MIG_REPLY_MISMATCH);
	check("wrong id is destroyed", destroyed == 1 && dealloced == 1);
	/* Too short, though it says success. */
	set(answer, "00 12 00 00 30 00 00 00");
	set(answer + 28, "e8 0c 00 00 02 20 00 20 01 00 00 00 00 00 00 00");
	answer_size = 48;
	destroyed = 0;
	check("short reply", mach_port_allocate(1, 1, &name) == MIG_TYPE_ERROR && destroyed == 1);
	/* Complex where it must be simple. */
	set(answer, "00 12 00 80 40 00 00 00");
	set(answer + 48, "0f 20 00 20 01 00 00 00 0a 00 00 00");
	answer_size = 64;
	destroyed = 0;
	check("complex reply", mach_port_allocate(1, 1, &name) == MIG_TYPE_ERROR && destroyed == 1);
	/* Another type. */
	set(answer, "00 12 00 00 40 00 00 00");
	set(answer + 48, "02 20 00 20 01 00 00 00 0a 00 00 00");
	check("reply of another type", mach_port_allocate(1, 1, &name) == MIG_TYPE_ERROR);
	/* A failed receive: its code, and the port is not kept. */
	answer_code = MACH_RCV_TIMED_OUT;
	dealloced = 0;
	check(
	    "failed call", mach_port_allocate(1, 1, &name) == MACH_RCV_TIMED_OUT && dealloced == 1);
	answer_code = MACH_MSG_SUCCESS;
}

/* ---- crafted requests -------------------------------------------------------------- */

static union {
	unsigned char bytes[4096];
	uint64_t align;
} request, reply;

kern_return_t
do_cr_array(mach_port_t server, const cr_v_t v, mach_msg_type_number_t vCnt, int64_t after)
{
	(void)server;
	(void)v;
	calls++;
	check("array count", vCnt <= 13);
	check("field behind the array", after == 0x1122334455667788);
	return KERN_SUCCESS;
}

kern_return_t
do_cr_string(mach_port_t server, const char *s, int after)
{
	(void)server;
	(void)after;
	calls++;
	check("string is short", strlen(s) < 8);
	return KERN_SUCCESS;
}

kern_return_t
do_cr_ports(mach_port_t server, const cr_p_t p, mach_msg_type_number_t pCnt)
{
	(void)server;
	calls++;
	check("ports", pCnt == 2 && p[0] == 5 && p[1] == 6);
	return KERN_SUCCESS;
}

static kern_return_t
serve(size_t size, const char *bits)
{
	set(request.bytes, bits);
	memcpy(request.bytes + 4, &(uint32_t) { (uint32_t)size }, 4);
	memset(&reply, 0xee, sizeof(reply));
	calls = 0;
	crafted_server((mach_msg_header_t *)(void *)&request, (mach_msg_header_t *)(void *)&reply);
	return *(kern_return_t *)(void *)(reply.bytes + 40);
}

static void
craft(uint32_t id)
{
	memset(&request, 0, sizeof(request));
	memcpy(request.bytes + 28, &id, 4);
}

static void
test_array_count(void)
{
	craft(7000);
	set(request.bytes + 32, "08 08 00 20 0d 00 00 00");
	set(request.bytes + 56, "0b 40 00 20 01 00 00 00 88 77 66 55 44 33 22 11");
	check("13 of 13 elements", serve(72, "12 11 00 00") == KERN_SUCCESS && calls == 1);
	check("padding of the reply", same(reply.bytes, 40, "00 00 00 00 00 00 00 00"));
	set(request.bytes + 32, "08 08 00 20 0e 00 00 00");
	check("14 of 13 elements", serve(72, "12 11 00 00") == MIG_BAD_ARGUMENTS && calls == 0);
	set(request.bytes + 32, "08 08 00 20 ff ff ff ff");
	check("2^32 - 1 elements", serve(72, "12 11 00 00") == MIG_BAD_ARGUMENTS && calls == 0);
	set(request.bytes + 32, "08 08 00 20 0d 00 00 00");
	check("message cut off", serve(64, "12 11 00 00") == MIG_BAD_ARGUMENTS && calls == 0);
	check("message too long", serve(80, "12 11 00 00") == MIG_BAD_ARGUMENTS && calls == 0);
	check("size not a multiple of 8",
	    serve(70, "12 11 00 00") == MIG_BAD_ARGUMENTS && calls == 0);
	check("no size at all", serve(0, "12 11 00 00") == MIG_BAD_ARGUMENTS && calls == 0);
	check("complex", serve(72, "12 11 00 80") == MIG_BAD_ARGUMENTS && calls == 0);
	set(request.bytes + 32, "08 08 00 00 0d 00 00 00");
	check("out of line instead", serve(72, "12 11 00 00") == MIG_BAD_ARGUMENTS && calls == 0);
	set(request.bytes + 32, "08 08 00 60 0d 00 00 00");
	check("long form instead", serve(72, "12 11 00 00") == MIG_BAD_ARGUMENTS && calls == 0);
}

static void
test_string(void)
{
	craft(7001);
	set(request.bytes + 32,
	    "0c 08 00 20 03 00 00 00 61 62 00 00 00 00 00 00"
	    " 02 20 00 20 01 00 00 00 01 00 00 00");
	check("string", serve(64, "12 11 00 00") == KERN_SUCCESS && calls == 1);
	set(request.bytes + 32, "0c 08 00 20 02 00 00 00");
	check("string without NUL", serve(64, "12 11 00 00") == MIG_BAD_ARGUMENTS && calls == 0);
	set(request.bytes + 32, "0c 08 00 20 00 00 00 00");
	memmove(request.bytes + 40, request.bytes + 48, 16);
	check("empty string without NUL",
	    serve(56, "12 11 00 00") == MIG_BAD_ARGUMENTS && calls == 0);
	craft(7001);
	set(request.bytes + 32,
	    "0c 08 00 20 09 00 00 00 61 61 61 61 61 61 61 61 00 00 00 00 00 00 00 00"
	    " 02 20 00 20 01 00 00 00 01 00 00 00");
	check(
	    "string over its maximum", serve(72, "12 11 00 00") == MIG_BAD_ARGUMENTS && calls == 0);
}

static void
test_ports(void)
{
	craft(7002);
	set(request.bytes + 32,
	    "11 40 00 20 02 00 00 00 05 00 00 00 ff ff ff ff 06 00 00 00 ff ff ff ff");
	check("ports inline", serve(56, "12 11 00 80") == KERN_SUCCESS && calls == 1);
	check("ports in a simple message",
	    serve(56, "12 11 00 00") == MIG_BAD_ARGUMENTS && calls == 0);
	set(request.bytes + 32, "11 20 00 20 02 00 00 00");
	check("4-byte ports inline", serve(56, "12 11 00 80") == MIG_BAD_ARGUMENTS && calls == 0);
	set(request.bytes + 32, "12 40 00 20 02 00 00 00");
	check("send-once rights instead",
	    serve(56, "12 11 00 80") == MIG_BAD_ARGUMENTS && calls == 0);
}

static void
test_user_refuses(void)
{
	char data[64] = { 0 };

	sent_size = 0;
	check(
	    "too many elements", cr_array(1, data, 14, 0) == MIG_ARRAY_TOO_LARGE && sent_size == 0);
	check("too long a string",
	    cr_string(1, "12345678", 0) == MIG_ARRAY_TOO_LARGE && sent_size == 0);
	memset(answer, 0, sizeof(answer));
	set(answer, "00 12 00 00 30 00 00 00");
	set(answer + 28, "bd 1b 00 00 02 20 00 20 01 00 00 00");
	answer_size = 48;
	check("longest string", cr_string(1, "1234567", 3) == KERN_SUCCESS && sent_size == 64);
	check("number of bytes sent", same(sent, 32, "0c 08 00 20 08 00 00 00"));
}

static void
test_unknown_id(void)
{
	craft(7077);
	check("unknown id", serve(32, "12 11 00 00") == MIG_BAD_ID);
	check("its reply",
	    same(reply.bytes, 4, "30 00 00 00") && same(reply.bytes, 28, "09 1c 00 00"));
}

int
main(void)
{
	test_allocate();
	test_notification();
	test_replies();
	test_array_count();
	test_string();
	test_ports();
	test_user_refuses();
	test_unknown_id();
	printf("%s\n", failures == 0 ? "all bytes as in the sheet" : "failed");
	return failures != 0;
}
