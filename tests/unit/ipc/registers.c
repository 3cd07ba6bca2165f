/* SPDX-License-Identifier: BSD-2-Clause */
/* See registers.h; and the hosted machine's side of kern/register_frame.h. */
#include "registers.h"

#include <kern/assert.h>
#include <kern/fast/register.h>
#include <kern/register_frame.h>
#include <mach/portolan.h>

#include "mach_msg.h"

struct registers {
	uint64_t names, label, msg, size;
	uint64_t words[REGISTER_FRAME_WORDS];
	struct register_frame result;
};

static struct registers *
registers(void)
{
	return (void *)((char *)waiter_current() + HOST_THREAD_BYTES - sizeof(struct registers));
}

_Static_assert(sizeof(struct ipc_thread) + sizeof(struct registers) <= HOST_THREAD_BYTES, "room");

/* The bodies below look for themselves. */
void
register_frame_allow(bool allow)
{
}

void
register_frame_words(uint64_t words[REGISTER_FRAME_WORDS])
{
	memcpy(words, registers()->words, sizeof(registers()->words));
}

_Noreturn void
register_frame_return(uint64_t result, const struct register_frame *frame)
{
	registers()->result = *frame;
	trap_return(result);
}

uint64_t fix_rendezvous;

/* From here on this is the other thread, and the words are its own. */
_Noreturn void
register_leave(struct waiter *self, struct waiter *to, const struct register_told *told)
{
	struct register_frame frame = {
		.label = told->label,
		.payload = told->payload,
		.name = (uint32_t)told->name,
		.bits = (uint32_t)told->bits_seqno,
		.seqno = (uint32_t)(told->bits_seqno >> 32),
	};

	register_frame_words(frame.words);
	waiter_switch(self, to);
	fix_rendezvous++;
	register_frame_return(MACH_MSG_SUCCESS, &frame);
}

void
register_call_again(uint64_t names, uint64_t label)
{
	trap_return(ipc_register_call(names, label));
}

void
register_reply_again(uint64_t names, uint64_t label, uint64_t msg, uint64_t size)
{
	trap_return(ipc_register_reply_wait(names, label, msg, size));
}

static uint64_t
call_body(void *arg)
{
	const struct registers *r = arg;

	if (!(ipc_transports & PORTOLAN_IPC_REGISTER))
		register_call_again(r->names, r->label);
	ipc_register_call_fast(r->names, r->label, 0, 0, ipc_thread_current());
	panic("register_call: it came back");
}

static uint64_t
reply_wait_body(void *arg)
{
	const struct registers *r = arg;

	if (!(ipc_transports & PORTOLAN_IPC_REGISTER))
		register_reply_again(r->names, r->label, r->msg, r->size);
	ipc_register_reply_fast(r->names, r->label, r->msg, r->size, ipc_thread_current());
	panic("register_reply_wait: it came back");
}

/* On a result that brings no words they are all ones. */
static mach_msg_return_t
trap(uint64_t (*body)(void *), struct mach_register_message *message)
{
	struct registers *r = registers();
	mach_msg_return_t mr;

	r->label = message->label;
	memcpy(r->words, message->words, sizeof(r->words));
	memset(&r->result, 0xff, sizeof(r->result));
	mr = (mach_msg_return_t)host_trap(body, r);
	message->label = r->result.label;
	memcpy(message->words, r->result.words, sizeof(message->words));
	message->payload = r->result.payload;
	message->reply = r->result.name;
	message->bits = r->result.bits;
	message->seqno = r->result.seqno;
	return mr;
}

mach_msg_return_t
fix_call(mach_port_name_t dest, mach_port_name_t reply, struct mach_register_message *message)
{
	registers()->names = (uint64_t)reply << 32 | dest;
	return trap(call_body, message);
}

mach_msg_return_t
fix_reply_wait(mach_port_name_t reply, mach_port_name_t receive,
    struct mach_register_message *message, void *buffer, uint32_t size)
{
	registers()->names = (uint64_t)receive << 32 | reply;
	registers()->msg = (uintptr_t)buffer;
	registers()->size = size;
	return trap(reply_wait_body, message);
}

uint32_t
fix_typed(struct user_msg *msg, const struct mach_register_message *message, uint32_t bits,
    mach_port_name_t remote, mach_port_name_t local)
{
	uint32_t count;

	fix_header(msg, bits, remote, local, MACH_REGISTER_ID(message->label));
	count = ipc_register_build((void *)(&msg->header + 1), message->label, message->words);
	return (uint32_t)IPC_REGISTER_SIZE(count);
}

bool
fix_untyped(struct mach_register_message *message, const struct user_msg *msg)
{
	struct register_frame frame;

	if (!ipc_register_parse(&frame, &msg->header, msg->header.msgh_size))
		return false;
	message->label = frame.label;
	memcpy(message->words, frame.words, sizeof(message->words));
	message->payload = msg->header.msgh_protected_payload;
	message->reply = msg->header.msgh_remote_port;
	message->bits = msg->header.msgh_bits;
	message->seqno = msg->header.msgh_seqno;
	return true;
}
