/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel stubs at work: rights are pointers in their slots, objects are
 * translated and released, memory is an opaque pointer.  The user stub's
 * message goes to the server stub as a kernel would hand it over.
 */
#include <stdio.h>
#include <string.h>

#include <mach/message.h>
#include <mach/mig_errors.h>

#include "kern_server.h"
#include "kern_user.h"

static int failures;
static char objects[32];
static int references;
static unsigned destroyed;
static unsigned released;
static uint64_t reply[1024];
static mach_msg_size_t told_size;

#define PORT(n) ((ipc_port_t)(void *)&objects[n])
#define TASK(n) ((kern_task_t)(void *)&objects[n])

static void
check(const char *what, int ok)
{
	if (!ok) {
		printf("FAIL %s\n", what);
		failures++;
	}
}

kern_task_t
convert_port_to_task(ipc_port_t port)
{
	if (port != PORT(1))
		return NULL;
	references++;
	return TASK(11);
}

ipc_port_t
convert_task_to_port(kern_task_t task)
{
	return task == TASK(12) ? PORT(2) : NULL;
}

void
task_deallocate(kern_task_t task)
{
	if (task == NULL)
		return;
	check("the task released is the one made", task == TASK(11));
	references--;
}

void
ipc_port_release_send(ipc_port_t port)
{
	check("the right released is the one in the body", port == PORT(1));
	released++;
}

void
mach_msg_destroy_from_kernel(mach_msg_header_t *msg)
{
	(void)msg;
	destroyed++;
}

/* What ipc makes of dispositions on the way. */
static void
translate(uint64_t *words, mach_msg_size_t size)
{
	for (size_t i = 4; i < size / 8;) {
		uint64_t name = words[i] & 0xff;
		uint64_t number = words[i] >> 32;
		uint64_t bytes = (number * ((words[i] >> 8) & 0xffff) + 63) / 64;

		if (name >= 19 && name <= 20)
			words[i] = (words[i] & ~UINT64_C(0xff)) | 17;
		i += 1 + ((words[i] & 0x20000000) != 0 ? bytes : 1);
	}
}

mach_msg_return_t
mach_msg_rpc_from_kernel(mach_msg_header_t *msg, mach_msg_size_t send_size, mach_msg_size_t room)
{
	mig_reply_header_t *answer = (mig_reply_header_t *)(void *)reply;

	check("room for the reply",
	    room >= (msg->msgh_id == 9000 ? kern_server_reply_max : sizeof(*answer)));
	check("destination is a pointer", ((uint64_t *)(void *)msg)[1] == (uintptr_t)PORT(1));
	translate((uint64_t *)(void *)msg, send_size);
	memset(reply, 0xa5, sizeof(reply));
	check("known id", kern_server(msg, (mach_msg_header_t *)(void *)reply));
	check("reply id", answer->Head.msgh_id == 9100 || answer->Head.msgh_id == 9102);
	memcpy(msg, reply, answer->Head.msgh_size);
	return MACH_MSG_SUCCESS;
}

mach_msg_return_t
mach_msg_send_from_kernel(mach_msg_header_t *msg, mach_msg_size_t size)
{
	uint64_t *words = (uint64_t *)(void *)msg;

	told_size = size;
	check("told complex", (msg->msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0);
	check("told destination", words[1] == (uintptr_t)PORT(3) && words[2] == 0);
	check("told right", words[4] == UINT64_C(0x120004014) && words[5] == (uintptr_t)PORT(4));
	return MACH_MSG_SUCCESS;
}

kern_return_t
do_kn_all(kern_task_t task, ipc_port_t a, const three_t t, const some_t s,
    mach_msg_type_number_t sCnt, kern_copy_t data, mach_msg_type_number_t dataCnt,
    kern_task_t *child, ipc_port_t *p, some_t back, mach_msg_type_number_t *backCnt, words_t *w,
    mach_msg_type_number_t *wCnt, int *n)
{
	check("translated", task == TASK(11));
	check("port", a == PORT(5));
	check("three", t[0] == PORT(6) && t[1] == NULL && t[2] == PORT(7));
	check("some", sCnt == 2 && s[0] == PORT(8) && s[1] == PORT(9));
	check("copy", data == (kern_copy_t)(void *)&objects[20] && dataCnt == 4096);
	check("room", *backCnt == 4 && *wCnt == 512 && *n == 5);
	if (*n != 5)
		return KERN_FAILURE;
	*child = TASK(12);
	*p = PORT(10);
	back[0] = PORT(13);
	*backCnt = 1;
	(*w)[0] = 41;
	(*w)[1] = 42;
	*wCnt = 2;
	*n = 6;
	return KERN_SUCCESS;
}

kern_return_t
do_kn_tell(ipc_port_t port, ipc_port_t a, int n)
{
	(void)port;
	(void)a;
	(void)n;
	return KERN_SUCCESS;
}

kern_return_t
do_kn_two(kern_task_t task, kern_task_t other, int n)
{
	check("both translated", task == TASK(11) && (other == TASK(11) || other == NULL));
	return n == 0 ? KERN_SUCCESS : KERN_FAILURE;
}

/* The right beside the request port is the stub's to release, once the
 * function succeeded; before, it is the request's. */
static void
test_two(void)
{
	check("success", send_kn_two(PORT(1), PORT(1), 0) == KERN_SUCCESS && released == 1);
	check("failure", send_kn_two(PORT(1), PORT(1), 1) == KERN_FAILURE && released == 1);
	check("no right", send_kn_two(PORT(1), NULL, 0) == KERN_SUCCESS && released == 1);
	check("references", references == 0);
}

static void
test_all(void)
{
	ipc_port_t three[3] = { PORT(6), NULL, PORT(7) };
	ipc_port_t some[2] = { PORT(8), PORT(9) };
	ipc_port_t back[4], child, p;
	int words[8];
	words_t w = words;
	mach_msg_type_number_t backCnt = 4, wCnt = 8;
	int n = 5;

	check("call",
	    send_kn_all(PORT(1), PORT(5), three, some, 2, (kern_copy_t)(void *)&objects[20], 4096,
		&child, &p, back, &backCnt, &w, &wCnt, &n) == KERN_SUCCESS);
	check("child", child == PORT(2));
	check("made", p == PORT(10));
	check("back", backCnt == 1 && back[0] == PORT(13));
	check("words", wCnt == 2 && w == words && w[0] == 41 && w[1] == 42);
	check("n", n == 6);
	check("references", references == 0);
	check("nothing destroyed", destroyed == 0);
}

int
main(void)
{
	test_all();
	test_two();
	check("tell", send_kn_tell(PORT(3), PORT(4), 3) == MACH_MSG_SUCCESS && told_size == 64);
	check("routine table",
	    kern_server_routines[0] != NULL && kern_server_base == 9000 && kern_server_count == 3);
	printf("%s\n", failures == 0 ? "kernel stubs work" : "failed");
	return failures != 0;
}

/* The indefinite result fits: no memory is asked for. */
kern_return_t mig_allocate(vm_address_t *addrp, vm_size_t size);

kern_return_t
mig_allocate(vm_address_t *addrp, vm_size_t size)
{
	(void)size;
	*addrp = 0;
	return KERN_FAILURE;
}
