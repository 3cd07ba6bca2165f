/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chief -- a task stands between another and the kernel.
 *
 * Whoever holds a task's kernel port has the task; a task holds its own only
 * because task_set_special_port put it there. The chief puts a port of its own
 * in that place before the ward's first instruction, so that every request of
 * the ward to "its kernel" arrives here. What the policy allows is passed on to
 * the real port with the ward's own reply right in it: the kernel answers the
 * ward directly. What it forbids is answered here. The ward cannot tell, and
 * has no name by which to go around.
 *
 *	./run --module 'build/libmach/chief --host-port=${host-port}
 *		$(task-create) $(task-resume)'
 */
#include <stdbool.h>
#include <string.h>

#include <mach/task_special_ports.h>
#include <mach/thread_special_ports.h>

#include "spawn.h"

#define QUOTA (1024 * 1024) /* bytes that the ward may allocate */

union request {
	mach_msg_header_t header;
	mig_reply_header_t reply;
	struct {
		mach_msg_header_t header;
		mach_msg_type_t address_type;
		vm_address_t address;
		mach_msg_type_t size_type;
		vm_size_t size;
	} allocate;
	char room[4096];
};

/* -- The ward ------------------------------------------------------------------- */

static char ward_stack[16384] __attribute__((aligned(16)));

static void
ward_try(const char *what, kern_return_t kr)
{
	mach_printf("ward: %s: %s\n", what, mach_error_string(kr));
}

static void
ward(void)
{
	vm_address_t small = 0, large = 0;
	mach_port_t port, task;

	mach_init();
	ward_try("allocate 64 KiB", vm_allocate(mach_task_self(), &small, 64 * 1024, TRUE));
	memset((void *)small, 'w', 64 * 1024);
	ward_try("allocate 64 MiB", vm_allocate(mach_task_self(), &large, 64 << 20, TRUE));
	ward_try("free 64 KiB", vm_deallocate(mach_task_self(), small, 64 * 1024));
	ward_try(
	    "make a port", mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
	ward_try("make a task", task_create(mach_task_self(), FALSE, &task));
	ward_try("suspend myself", thread_suspend(mach_thread_self()));
	for (;;)
		task_terminate(mach_task_self());
}

/* -- The policy ------------------------------------------------------------------- */

static vm_size_t allocated;

static kern_return_t
judge_allocate(const union request *request)
{
	vm_size_t size = request->allocate.size;

	if (request->header.msgh_size < sizeof(request->allocate))
		return MIG_BAD_ARGUMENTS;
	if (size > QUOTA - allocated)
		return KERN_RESOURCE_SHORTAGE;
	allocated += size;
	return KERN_SUCCESS;
}

static kern_return_t
judge_allowed(const union request *request)
{
	(void)request;
	return KERN_SUCCESS;
}

/* What is not in here is not allowed. */
static const struct {
	mach_msg_id_t id;
	const char *name;
	kern_return_t (*judge)(const union request *request);
} policy[] = {
	{ 2021, "vm_allocate", judge_allocate },
	{ 2023, "vm_deallocate", judge_allowed },
	{ 3204, "mach_port_allocate", judge_allowed },
	{ 2008, "task_terminate", judge_allowed },
};

static kern_return_t
judge(const union request *request, const char **namep)
{
	for (size_t i = 0; i < sizeof(policy) / sizeof(policy[0]); i++) {
		if (policy[i].id == request->header.msgh_id) {
			*namep = policy[i].name;
			return policy[i].judge(request);
		}
	}
	*namep = "something else";
	return KERN_NO_ACCESS;
}

/* -- The chief ---------------------------------------------------------------------- */

/* To the real port; the reply right goes along. Received rights in the body
 * have the dispositions of a move already. */
static kern_return_t
pass_on(union request *request, mach_port_t kernel_port)
{
	mach_msg_header_t *header = &request->header;

	header->msgh_bits = (header->msgh_bits & MACH_MSGH_BITS_COMPLEX) |
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSGH_BITS_REMOTE(header->msgh_bits));
	header->msgh_local_port = header->msgh_remote_port;
	header->msgh_remote_port = kernel_port;
	return mach_msg(header, MACH_SEND_MSG, header->msgh_size, 0, MACH_PORT_NULL,
	    MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
}

/* An answer as the kernel's stub would give it. */
static kern_return_t
refuse(union request *request, kern_return_t code)
{
	static const mach_msg_type_t code_type = {
		.msgt_name = MACH_MSG_TYPE_INTEGER_32,
		.msgt_size = 32,
		.msgt_inline = TRUE,
		.msgt_number = 1,
	};
	mig_reply_header_t reply = { .RetCodeType = code_type, .RetCode = code };
	mach_port_t answer = request->header.msgh_remote_port;

	reply.Head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(request->header.msgh_bits), 0);
	reply.Head.msgh_size = sizeof(reply);
	reply.Head.msgh_remote_port = answer;
	reply.Head.msgh_id = request->header.msgh_id + 100;
	/* Rights and memory that came with it go. */
	request->header.msgh_remote_port = MACH_PORT_NULL;
	mach_msg_destroy(&request->header);
	return mach_msg(&reply.Head, MACH_SEND_MSG, sizeof(reply), 0, MACH_PORT_NULL,
	    MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
}

/* One request; false: the ward is gone. */
static bool
serve(mach_port_t port, mach_port_t kernel_port)
{
	union request request;
	const char *name;
	kern_return_t kr;

	kr = mach_msg(&request.header, MACH_RCV_MSG, 0, sizeof(request), port,
	    MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
	if (kr != MACH_MSG_SUCCESS || request.header.msgh_id == MACH_NOTIFY_NO_SENDERS)
		return false;
	kr = judge(&request, &name);
	mach_printf("chief: %s (id %d): %s\n", name, request.header.msgh_id,
	    kr == KERN_SUCCESS ? "passed on" : mach_error_string(kr));
	if (kr == KERN_SUCCESS)
		kr = pass_on(&request, kernel_port);
	else
		kr = refuse(&request, kr);
	if (kr != MACH_MSG_SUCCESS)
		mach_printf("chief: the answer: %s\n", mach_error_string(kr));
	return true;
}

/* The ward, with `port` wherever it would look for the kernel. */
static kern_return_t
ward_create(mach_port_t port, mach_port_t *taskp)
{
	mach_port_t thread, previous;
	kern_return_t kr;

	kr = spawn_task(taskp);
	if (kr == KERN_SUCCESS)
		kr = mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND);
	if (kr == KERN_SUCCESS)
		kr = task_set_special_port(*taskp, TASK_KERNEL_PORT, port);
	if (kr == KERN_SUCCESS)
		kr = thread_create(*taskp, &thread);
	if (kr == KERN_SUCCESS)
		kr = thread_set_special_port(thread, THREAD_KERNEL_PORT, port);
	if (kr == KERN_SUCCESS)
		kr = spawn_begin(thread, ward, ward_stack, sizeof(ward_stack));
	/* Our own send right goes; when the ward's are gone too we are told. */
	if (kr == KERN_SUCCESS)
		kr = mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_SEND, -1);
	if (kr == KERN_SUCCESS)
		kr = mach_port_request_notification(mach_task_self(), port, MACH_NOTIFY_NO_SENDERS,
		    1, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
	return kr;
}

int
main(int argc, char **argv)
{
	mach_port_t port, ward_task;
	kern_return_t kr;

	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port);
	if (kr == KERN_SUCCESS)
		kr = ward_create(port, &ward_task);
	if (kr != KERN_SUCCESS) {
		mach_printf("chief: %s\n", mach_error_string(kr));
		spawn_exit(argc, argv, 1);
	}
	while (serve(port, ward_task))
		continue;
	mach_printf("chief: the ward is gone\n");
	spawn_exit(argc, argv, 0);
}
