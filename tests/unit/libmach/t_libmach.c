/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libmach, hosted: the library's own logic over a scripted kernel. The traps
 * and calls it makes are answered here, recorded, and checked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mach.h>

/* ---- The scripted kernel -------------------------------------------------------- */

#define SCRIPT_MAX 32
#define PAGE       4096

/* One mach_msg trap: what to answer, and what was asked. */
struct step {
	mach_msg_return_t result;
	const void *deliver; /* copied into the buffer of a receive */
	mach_msg_size_t deliver_size;
	mach_msg_option_t option;
	mach_msg_size_t send_size;
	mach_msg_size_t rcv_size;
	union {
		mach_msg_header_t head;
		mig_reply_header_t reply;
	} sent;
};

static struct step script[SCRIPT_MAX];
static unsigned int script_length, script_at;

static char journal[2048];
static unsigned int regions;

static void
note(const char *format, ...)
{
	size_t used = strlen(journal);
	va_list args;

	va_start(args, format);
	vsnprintf(journal + used, sizeof(journal) - used, format, args);
	va_end(args);
}

static struct step *
expect(mach_msg_return_t result)
{
	struct step *step = &script[script_length++];

	assert_true(script_length <= SCRIPT_MAX);
	*step = (struct step) { .result = result };
	return step;
}

static void
expect_message(const void *message, mach_msg_size_t size)
{
	struct step *step = expect(MACH_MSG_SUCCESS);

	step->deliver = message;
	step->deliver_size = size;
}

static int
setup(void **state)
{
	memset(script, 0, sizeof(script));
	script_length = script_at = 0;
	journal[0] = '\0';
	mach_task_self_ = 1;
	mig_init(NULL);
	return 0;
}

static int
teardown(void **state)
{
	assert_int_equal(script_at, script_length);
	assert_int_equal(regions, 0);
	return 0;
}

mach_msg_return_t
mach_msg_trap(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
    mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify)
{
	struct step *step = &script[script_at++];

	assert_true(script_at <= script_length);
	step->option = option;
	step->send_size = send_size;
	step->rcv_size = rcv_size;
	if (option & MACH_SEND_MSG)
		memcpy(&step->sent, msg,
		    send_size < sizeof(step->sent) ? send_size : sizeof(step->sent));
	if (step->deliver != NULL) {
		assert_true(step->deliver_size <= rcv_size);
		memcpy(msg, step->deliver, step->deliver_size);
	}
	if (step->result == MACH_RCV_TOO_LARGE)
		msg->msgh_size = step->deliver_size;
	return step->result;
}

mach_port_name_t(mach_task_self)(void)
{
	return 1;
}

mach_port_name_t
mach_host_self(void)
{
	return 2;
}

mach_port_name_t
mach_reply_port(void)
{
	static mach_port_name_t next = 100;

	note("new %u;", next);
	return next++;
}

void
mach_print(const char *string)
{
	note("print %s;", string);
}

kern_return_t
vm_allocate(vm_task_t task, vm_address_t *address, vm_size_t size, boolean_t anywhere)
{
	void *region = aligned_alloc(PAGE, (size + PAGE - 1) & ~(vm_size_t)(PAGE - 1));

	assert_non_null(region);
	memset(region, 0, size);
	regions++;
	*address = (vm_address_t)region;
	return KERN_SUCCESS;
}

kern_return_t
vm_deallocate(vm_task_t task, vm_address_t address, vm_size_t size)
{
	note("unmap %lu;", (unsigned long)size);
	free((void *)address);
	regions--;
	return KERN_SUCCESS;
}

kern_return_t
mach_port_mod_refs(
    ipc_space_t task, mach_port_name_t name, mach_port_right_t right, mach_port_delta_t delta)
{
	note("mod %u %u %d;", name, right, delta);
	return KERN_SUCCESS;
}

kern_return_t
mach_port_deallocate(ipc_space_t task, mach_port_name_t name)
{
	note("drop %u;", name);
	return KERN_SUCCESS;
}

kern_return_t
mach_port_extract_right(ipc_space_t task, mach_port_name_t name, mach_msg_type_name_t wanted,
    mach_port_t *right, mach_msg_type_name_t *made)
{
	note("make %u %u;", name, wanted);
	*right = name + 1000;
	*made = MACH_MSG_TYPE_MOVE_SEND;
	return KERN_SUCCESS;
}

/* ---- mach_msg (sheet section 14) ------------------------------------------------- */

static void
test_send_is_repeated(void **state)
{
	mach_msg_header_t msg = { 0 };

	expect(MACH_SEND_INTERRUPTED);
	expect(MACH_SEND_INTERRUPTED);
	expect(MACH_MSG_SUCCESS);
	assert_int_equal(mach_msg(&msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), MACH_MSG_SUCCESS);
	assert_int_equal(script[2].send_size, 32);
	assert_int_equal(script[2].option, MACH_SEND_MSG);
}

static void
test_receive_is_repeated_without_send(void **state)
{
	mach_msg_header_t msg = { 0 };

	expect(MACH_SEND_INTERRUPTED);
	expect(MACH_RCV_INTERRUPTED);
	expect(MACH_RCV_INTERRUPTED);
	expect(MACH_MSG_SUCCESS);
	assert_int_equal(mach_msg(&msg, MACH_SEND_MSG | MACH_RCV_MSG, 32, 64, 9, 0, 0), 0);
	assert_int_equal(script[1].option, MACH_SEND_MSG | MACH_RCV_MSG);
	assert_int_equal(script[2].option, MACH_RCV_MSG);
	assert_int_equal(script[2].send_size, 0);
	assert_int_equal(script[3].rcv_size, 64);
}

static void
test_interruptions_are_reported_when_asked(void **state)
{
	mach_msg_header_t msg = { 0 };

	expect(MACH_SEND_INTERRUPTED);
	assert_int_equal(mach_msg(&msg, MACH_SEND_MSG | MACH_SEND_INTERRUPT, 32, 0, 0, 0, 0),
	    MACH_SEND_INTERRUPTED);
	expect(MACH_RCV_INTERRUPTED);
	assert_int_equal(mach_msg(&msg, MACH_RCV_MSG | MACH_RCV_INTERRUPT, 0, 64, 9, 0, 0),
	    MACH_RCV_INTERRUPTED);
	expect(MACH_SEND_INTERRUPTED | MACH_MSG_IPC_SPACE);
	assert_int_equal(mach_msg(&msg, MACH_SEND_MSG, 32, 0, 0, 0, 0),
	    MACH_SEND_INTERRUPTED | MACH_MSG_IPC_SPACE);
}

/* ---- mach_msg_destroy --------------------------------------------------------------- */

struct body {
	mach_msg_header_t head;
	struct {
		mach_msg_type_t type;
		uint64_t data;
	} items[6];
};

static mach_msg_type_t
inline_type(unsigned int name, unsigned int size, unsigned int number)
{
	return (mach_msg_type_t) {
		.msgt_name = name, .msgt_size = size, .msgt_inline = 1, .msgt_number = number
	};
}

static void
test_destroy_releases_each_right(void **state)
{
	struct body msg = { .head = { .msgh_bits = MACH_MSGH_BITS_COMPLEX |
				    MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0),
				.msgh_size = sizeof(msg),
				.msgh_remote_port = 10 } };
	static const unsigned int names[] = { MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_COPY_SEND,
		MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_INTEGER_32,
		MACH_MSG_TYPE_MOVE_SEND_ONCE };

	for (unsigned int i = 0; i < 6; i++) {
		msg.items[i].type = inline_type(names[i], names[i] < 16 ? 32 : 64, 1);
		msg.items[i].data = 20 + i;
	}
	mach_msg_destroy(&msg.head);
	assert_string_equal(journal, "drop 10;drop 20;make 22 20;drop 1022;mod 23 1 -1;drop 25;");
}

static void
test_destroy_of_a_simple_message(void **state)
{
	struct body msg = { .head = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, 0),
				.msgh_size = 48,
				.msgh_remote_port = MACH_PORT_DEAD } };

	msg.items[0].type = inline_type(MACH_MSG_TYPE_MOVE_SEND, 64, 1);
	msg.items[0].data = 5;
	mach_msg_destroy(&msg.head);
	assert_string_equal(journal, "");
}

static void
test_destroy_releases_memory(void **state)
{
	struct body msg = { .head = { .msgh_bits = MACH_MSGH_BITS_COMPLEX, .msgh_size = 64 } };
	vm_address_t region;
	mach_port_name_t *names;

	vm_allocate(1, &region, 8, TRUE);
	names = (mach_port_name_t *)region;
	names[0] = 7;
	names[1] = MACH_PORT_NULL;
	msg.items[0].type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_MOVE_SEND,
		.msgt_size = 32,
		.msgt_longform = 1,
		.msgt_deallocate = 1,
		.msgt_number = 2 };
	msg.items[0].data = region;
	msg.items[1].type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_BYTE,
		.msgt_size = 8,
		.msgt_longform = 1,
		.msgt_deallocate = 1,
		.msgt_number = 0 };
	mach_msg_destroy(&msg.head);
	assert_string_equal(journal, "drop 7;unmap 8;");
}

/* Bodies that end in the middle of an item: nothing past the end is touched. */
static void
test_destroy_stops_at_the_end(void **state)
{
	struct body msg = { .head = { .msgh_bits = MACH_MSGH_BITS_COMPLEX } };

	msg.items[0].type = inline_type(MACH_MSG_TYPE_MOVE_SEND, 64, 0xffffffff);
	msg.items[0].data = 5;
	for (mach_msg_size_t size = 32; size <= 48; size += 4) {
		msg.head.msgh_size = size;
		mach_msg_destroy(&msg.head);
	}
	assert_string_equal(journal, "");
}

/* ---- Stub support ------------------------------------------------------------------- */

static void
test_reply_ports_are_reused(void **state)
{
	mach_port_t first = mig_get_reply_port(), second = mig_get_reply_port();
	mach_port_t ports[40];

	assert_int_not_equal(first, second);
	mig_put_reply_port(first);
	assert_int_equal(mig_get_reply_port(), first);
	mig_put_reply_port(first);
	mig_put_reply_port(second);
	journal[0] = '\0';
	for (unsigned int i = 0; i < 40; i++)
		ports[i] = mig_get_reply_port();
	journal[0] = '\0';
	for (unsigned int i = 0; i < 40; i++)
		mig_put_reply_port(ports[i]);
	/* Sixteen are kept, the others destroyed. */
	assert_non_null(strstr(journal, "mod "));
	mig_put_reply_port(MACH_PORT_NULL);
	mig_dealloc_reply_port(MACH_PORT_NULL);
}

static void
test_strncpy(void **state)
{
	char text[8] = "-------";

	assert_int_equal(mig_strncpy(text, "abc", 0), 0);
	assert_string_equal(text, "-------");
	assert_int_equal(mig_strncpy(text, "abc", 8), 3);
	assert_string_equal(text, "abc");
	assert_int_equal(mig_strncpy(text, "abcdefghij", 8), 7);
	assert_string_equal(text, "abcdefg");
	assert_int_equal(mig_strncpy(text, "abc", 1), 0);
	assert_string_equal(text, "");
}

/* Sheet 13.2. */
static void
test_reply_setup(void **state)
{
	mach_msg_header_t request = { .msgh_bits = MACH_MSGH_BITS(18, 17) | MACH_MSGH_BITS_COMPLEX,
		.msgh_size = 64,
		.msgh_remote_port = 33,
		.msgh_local_port = 44,
		.msgh_id = 2007 };
	mig_reply_header_t reply;

	memset(&reply, 0xff, sizeof(reply));
	mig_reply_setup(&request, &reply.Head);
	assert_int_equal(reply.Head.msgh_bits, 18);
	assert_int_equal(reply.Head.msgh_size, 48);
	assert_int_equal(reply.Head.msgh_remote_port, 33);
	assert_int_equal(reply.Head.msgh_local_port, 0);
	assert_int_equal(reply.Head.msgh_id, 2107);
	assert_int_equal(*(uint64_t *)&reply.RetCodeType, 0x0000000120002002);
	assert_int_equal(reply.RetCode, MIG_BAD_ID);
}

/* ---- The server loop (sheet 13.5) ------------------------------------------------------ */

static kern_return_t routine_result;
static unsigned int routine_calls;

static boolean_t
demux(mach_msg_header_t *request, mach_msg_header_t *reply)
{
	routine_calls++;
	mig_reply_setup(request, reply);
	((mig_reply_header_t *)reply)->RetCode = routine_result;
	return TRUE;
}

static struct body request;

static void
request_fill(mach_port_t reply_port, unsigned int disposition)
{
	request = (struct body) { .head = { .msgh_bits = MACH_MSGH_BITS_COMPLEX |
					  MACH_MSGH_BITS(disposition, 17),
				      .msgh_size = 48,
				      .msgh_remote_port = reply_port,
				      .msgh_id = 500 } };
	request.items[0].type = inline_type(MACH_MSG_TYPE_MOVE_SEND, 64, 1);
	request.items[0].data = 77;
}

static void
server_run(mach_msg_size_t max_size, mach_msg_return_t last)
{
	routine_calls = 0;
	expect(last);
	assert_int_equal(mach_msg_server(demux, max_size, 9), last);
}

static void
test_server_replies(void **state)
{
	routine_result = KERN_SUCCESS;
	request_fill(60, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	expect_message(&request, 48);
	server_run(0, MACH_RCV_PORT_DIED);
	assert_int_equal(script[0].option, MACH_RCV_MSG | MACH_RCV_LARGE);
	assert_int_equal(script[0].rcv_size, 2 * PAGE);
	assert_int_equal(script[1].option, MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_LARGE);
	assert_int_equal(script[1].send_size, 48);
	assert_int_equal(script[1].sent.head.msgh_remote_port, 60);
	assert_int_equal(script[1].sent.reply.RetCode, KERN_SUCCESS);
	assert_string_equal(journal, "unmap 16384;");
}

/* An error: what the request carried goes, the reply right does not. */
static void
test_server_destroys_after_an_error(void **state)
{
	routine_result = KERN_FAILURE;
	request_fill(60, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	expect_message(&request, 48);
	server_run(0, MACH_RCV_PORT_DIED);
	assert_int_equal(script[1].sent.reply.RetCode, KERN_FAILURE);
	assert_string_equal(journal, "drop 77;unmap 16384;");
}

static void
test_server_without_reply(void **state)
{
	routine_result = MIG_NO_REPLY;
	request_fill(60, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	expect_message(&request, 48);
	routine_calls = 0;
	server_run(0, MACH_RCV_PORT_DIED);
	assert_int_equal(script[1].option, MACH_RCV_MSG | MACH_RCV_LARGE);
	assert_string_equal(journal, "unmap 16384;");
}

static void
test_server_null_reply_port(void **state)
{
	routine_result = KERN_FAILURE;
	request_fill(MACH_PORT_NULL, 0);
	expect_message(&request, 48);
	server_run(0, MACH_RCV_PORT_DIED);
	assert_int_equal(script[1].option, MACH_RCV_MSG | MACH_RCV_LARGE);
	assert_string_equal(journal, "drop 77;unmap 16384;");
}

static void
test_server_survives_a_dead_client(void **state)
{
	routine_result = KERN_SUCCESS;
	request_fill(60, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	expect_message(&request, 48);
	expect(MACH_SEND_INVALID_DEST);
	expect_message(&request, 48);
	server_run(0, MACH_RCV_PORT_DIED);
	assert_int_equal(routine_calls, 2);
	assert_int_equal(script[2].option, MACH_RCV_MSG | MACH_RCV_LARGE);
	assert_string_equal(journal, "drop 60;unmap 16384;");
}

/* A reply to a send right must not block the server. */
static void
test_server_does_not_wait_for_a_slow_client(void **state)
{
	routine_result = KERN_SUCCESS;
	request_fill(60, MACH_MSG_TYPE_MOVE_SEND);
	expect_message(&request, 48);
	expect(MACH_SEND_TIMED_OUT);
	server_run(0, MACH_RCV_PORT_DIED);
	assert_int_equal(script[1].option, MACH_SEND_MSG | MACH_SEND_TIMEOUT);
	assert_string_equal(journal, "drop 60;unmap 16384;");
}

static void
test_server_grows(void **state)
{
	struct step *step;

	routine_result = KERN_SUCCESS;
	step = expect(MACH_RCV_TOO_LARGE);
	step->deliver_size = 5 * PAGE + 8;
	request_fill(60, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	expect_message(&request, 48);
	server_run(0, MACH_RCV_PORT_DIED);
	assert_int_equal(script[1].rcv_size, 6 * PAGE);
	assert_int_equal(script[1].send_size, 0);
	assert_string_equal(journal, "unmap 16384;unmap 49152;");
}

/* With a fixed size the kernel destroys what does not fit; the server goes on. */
static void
test_server_of_fixed_size(void **state)
{
	struct step *step;

	routine_result = KERN_SUCCESS;
	step = expect(MACH_RCV_TOO_LARGE);
	step->deliver_size = 100000;
	request_fill(60, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	expect_message(&request, 48);
	server_run(1000, MACH_RCV_PORT_DIED);
	assert_int_equal(script[0].option, MACH_RCV_MSG);
	assert_int_equal(script[0].rcv_size, PAGE);
	assert_int_equal(routine_calls, 1);
}

static void
test_server_survives_shortages(void **state)
{
	struct step *step;

	routine_result = KERN_SUCCESS;
	request_fill(60, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	step = expect(MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE);
	step->deliver = &request;
	step->deliver_size = 48;
	expect(MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_SPACE);
	server_run(0, MACH_RCV_PORT_DIED);
	assert_int_equal(routine_calls, 0);
	assert_string_equal(journal, "drop 60;drop 77;unmap 16384;");
}

/* ---- Printing ---------------------------------------------------------------------------- */

static void
test_print(void **state)
{
	static const char *const formats[] = { "%d", "%5d|", "%-5d|", "%05d", "%u", "%x", "%%" };
	char ours[64], theirs[64];

	for (unsigned int i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		for (int value = -1000; value <= 1000; value += 333) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
			int a = mach_snprintf(ours, sizeof(ours), formats[i], value);
			int b = snprintf(theirs, sizeof(theirs), formats[i], value);
#pragma GCC diagnostic pop
			assert_int_equal(a, b);
			assert_string_equal(ours, theirs);
		}
	}
	mach_printf("%s-%c-%ld", "a", 'b', -5L);
	assert_string_equal(journal, "print a-b--5;");
	assert_int_equal(mach_snprintf(ours, 3, "abcdef"), 6);
	assert_string_equal(ours, "ab");
	assert_int_equal(mach_snprintf(NULL, 0, "abc"), 3);
}

static void
test_error_names(void **state)
{
	assert_string_equal(mach_error_string(KERN_SUCCESS), "KERN_SUCCESS");
	assert_string_equal(mach_error_string(MACH_SEND_INVALID_DEST), "MACH_SEND_INVALID_DEST");
	assert_string_equal(
	    mach_error_string(MACH_RCV_BODY_ERROR | MACH_MSG_IPC_KERNEL), "MACH_RCV_BODY_ERROR");
	assert_string_equal(mach_error_string(12345), "unknown error");
	assert_string_equal(mach_error_type(MACH_SEND_TIMED_OUT), "IPC send");
	assert_string_equal(mach_error_type(MACH_RCV_TIMED_OUT), "IPC receive");
	assert_string_equal(mach_error_type(KERN_FAILURE), "kernel");
	assert_string_equal(mach_error_type(-303), "MIG");
	assert_string_equal(mach_error_type(2501), "device");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_send_is_repeated),
		TEST(test_receive_is_repeated_without_send),
		TEST(test_interruptions_are_reported_when_asked),
		TEST(test_destroy_releases_each_right),
		TEST(test_destroy_of_a_simple_message),
		TEST(test_destroy_releases_memory),
		TEST(test_destroy_stops_at_the_end),
		TEST(test_reply_ports_are_reused),
		TEST(test_strncpy),
		TEST(test_reply_setup),
		TEST(test_server_replies),
		TEST(test_server_destroys_after_an_error),
		TEST(test_server_without_reply),
		TEST(test_server_null_reply_port),
		TEST(test_server_survives_a_dead_client),
		TEST(test_server_does_not_wait_for_a_slow_client),
		TEST(test_server_grows),
		TEST(test_server_of_fixed_size),
		TEST(test_server_survives_shortages),
		TEST(test_print),
		TEST(test_error_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
