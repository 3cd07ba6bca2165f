/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_register -- the traps of register IPC over kernel messages; see
 * ipc_register.h. A short path may have been tried before.
 *
 * The words become an ordinary typed message, which is queued, or given to
 * whoever waits, as any other; km_register remembers that it fits registers.
 * What arrives goes back into registers if it came so (reply_wait) or fits
 * (call).
 */
#include "ipc_register.h"

#include <kern/assert.h>
#include <mach/mig_errors.h>
#include <mach/notify.h>
#include <mach/portolan.h>

#include "ipc_mqueue.h"
#include "ipc_space.h"
#include "mach_msg.h"
#include "mach_msg_fast.h"

#define NAME_LOW(names)  ((mach_port_name_t)(names))
#define NAME_HIGH(names) ((mach_port_name_t)((names) >> 32))

static bool
register_allowed(void)
{
	return atomic_load_explicit(&ipc_transports, memory_order_relaxed) & PORTOLAN_IPC_REGISTER;
}

void
ipc_transports_set(uint32_t transports)
{
	ipc_transports = transports;
	register_frame_allow(transports & PORTOLAN_IPC_REGISTER);
}

/* -- Sending ---------------------------------------------------------------- */

/* The running thread's words as a message with names, charged to its space. */
static mach_msg_return_t
words_to_kmsg(const struct ipc_space *space, uint64_t label, uint32_t bits, uint64_t names,
    struct ipc_kmsg **kmsgp)
{
	uint64_t words[MACH_REGISTER_WORDS];
	struct ipc_kmsg *kmsg = ipc_kmsg_alloc(IPC_REGISTER_SIZE_MAX);
	mach_msg_header_t *header;
	uint32_t count;

	if (kmsg == NULL)
		return MACH_SEND_NO_BUFFER;
	if (!ipc_kmsg_charge(kmsg, space->is_account)) {
		ipc_kmsg_free(kmsg);
		return MACH_SEND_NO_BUFFER;
	}
	register_frame_words(words);
	header = (void *)&kmsg->km_header;
	count = ipc_register_build((void *)(header + 1), label, words);
	*header = (mach_msg_header_t) {
		.msgh_bits = bits,
		.msgh_size = (uint32_t)IPC_REGISTER_SIZE(count),
		.msgh_remote_slot = NAME_LOW(names),
		.msgh_protected_payload = NAME_HIGH(names),
		.msgh_id = MACH_REGISTER_ID(label),
	};
	kmsg->km_register = true;
	*kmsgp = kmsg;
	return MACH_MSG_SUCCESS;
}

/* The message did not go. Its reply right ends as if never made. */
static void
send_undo(struct ipc_kmsg *kmsg)
{
	struct ipc_msg_header *held = &kmsg->km_header;
	struct ipc_port *reply = held->mh_local;

	held->mh_bits = MACH_MSGH_BITS_REMOTE(held->mh_bits);
	held->mh_local = NULL;
	ipc_kmsg_destroy(kmsg);
	if (IPC_PORT_VALID(reply))
		ipc_port_drop_sonce(reply);
}

/* `names`: destination below, reply port or null above. */
static mach_msg_return_t
send_words(struct ipc_space *space, uint64_t label, uint32_t bits, uint64_t names,
    mach_msg_option_t option)
{
	struct ipc_kmsg *kmsg;
	mach_msg_return_t mr;

	mr = words_to_kmsg(space, label, bits, names, &kmsg);
	if (mr != MACH_MSG_SUCCESS)
		return mr;
	mr = ipc_kmsg_copyin_header(kmsg, space, false, MACH_PORT_NAME_NULL);
	if (mr == MACH_MSG_SUCCESS)
		mr = ipc_kmsg_copyin_body(kmsg, space);
	if (mr != MACH_MSG_SUCCESS) {
		ipc_kmsg_destroy(kmsg);
		return mr;
	}
	mr = ipc_mqueue_send(kmsg, option | IPC_SEND_HANDOFF, 0);
	if (mr != MACH_MSG_SUCCESS)
		send_undo(kmsg);
	else
		ipc_count(IPC_COUNT_REGISTER_BUFFERED);
	return mr;
}

/* -- Receiving -------------------------------------------------------------- */

/* A request from registers: registers again, and the names of its rights. */
static uint64_t
take_words(struct ipc_thread *self, struct ipc_kmsg *kmsg)
{
	const mach_msg_header_t *seen = (const void *)&kmsg->km_header;
	struct register_frame frame;
	mach_msg_return_t mr;

	mr = ipc_kmsg_copyout(kmsg, self->ith_space, false, MACH_PORT_NAME_NULL);
	if (mr != MACH_MSG_SUCCESS) {
		ipc_kmsg_copyout_dest(kmsg);
		ipc_kmsg_free(kmsg);
		return (uint32_t)mr;
	}
	if (!ipc_register_parse(&frame, seen, seen->msgh_size))
		panic("ipc_register: words are no message");
	frame.name = seen->msgh_remote_port;
	frame.payload = seen->msgh_protected_payload;
	frame.bits = seen->msgh_bits;
	frame.seqno = seen->msgh_seqno;
	ipc_kmsg_free(kmsg);
	register_frame_return(MACH_MSG_SUCCESS, &frame);
}

static uint64_t
take_request(struct ipc_thread *self, struct ipc_kmsg *kmsg)
{
	mach_msg_return_t mr;

	if (kmsg->km_register)
		return take_words(self, kmsg);
	mr = mach_msg_receive_message(self, kmsg);
	return mr == MACH_MSG_SUCCESS ? MACH_REGISTER_MESSAGE : (uint32_t)mr;
}

/* An answer goes into registers or is destroyed whole. */
static uint64_t
take_answer(struct ipc_thread *self, struct ipc_kmsg *kmsg)
{
	const struct ipc_msg_header *held = &kmsg->km_header;
	bool words = kmsg->km_register, fits;
	struct register_frame frame = { 0 };
	int32_t id = held->mh_id;

	fits = !(held->mh_bits & MACH_MSGH_BITS_COMPLEX) && held->mh_remote == NULL &&
	    ipc_register_parse(&frame, (const void *)held, held->mh_size);
	ipc_kmsg_copyout_dest(kmsg);
	ipc_kmsg_free(kmsg);
	if (!words)
		ipc_count(IPC_COUNT_REGISTER_CONVERTED);
	if (!words && id == MACH_NOTIFY_SEND_ONCE)
		return (uint32_t)MIG_SERVER_DIED;
	if (!fits)
		return MACH_RCV_TOO_LARGE;
	register_frame_return(MACH_MSG_SUCCESS, &frame);
}

/* The receive is decided: leave the object and take what came. */
static uint64_t
receive_complete(struct ipc_thread *self, mach_msg_return_t mr)
{
	struct ipc_object *object = self->ith_object;
	struct ipc_kmsg *kmsg = self->ith_kmsg;
	uint32_t form = self->ith_form;

	self->ith_form = IPC_RECEIVE_NONE;
	self->ith_object = NULL;
	self->ith_kmsg = NULL;
	if (object != NULL)
		ipc_object_release(object);
	if (mr != MACH_MSG_SUCCESS)
		return (uint32_t)mr;
	return form == IPC_RECEIVE_REGISTER_CALL ? take_answer(self, kmsg)
						 : take_request(self, kmsg);
}

void
ipc_register_continue(struct waiter *waiter)
{
	struct ipc_thread *self = (struct ipc_thread *)(void *)waiter;

	ipc_register_spare_drop(self);
	ipc_stand_wait_ended(self);
	trap_return(receive_complete(self, ipc_mqueue_receive_finish(self)));
}

/* Wait, giving the CPU to the thread just woken if there is one. */
static _Noreturn void
register_block(struct ipc_thread *self)
{
	struct ipc_thread *to = self->ith_wake;

	if (to == NULL)
		waiter_block_continue(&self->ith_waiter, ipc_register_continue);
	self->ith_wake = NULL;
	ipc_count(IPC_COUNT_HANDOFF_SEND);
	waiter_handoff(&self->ith_waiter, &to->ith_waiter, ipc_register_continue);
}

/* ith_msg, ith_rcv_size and ith_form are set. */
static uint64_t
receive(struct ipc_thread *self, mach_port_name_t name)
{
	mach_msg_return_t mr;

	ipc_stand_leave(self);
	self->ith_option = MACH_RCV_MSG;
	self->ith_notify = MACH_PORT_NAME_NULL;
	/* Before anybody can find it waiting. */
	if (self->ith_form == IPC_RECEIVE_REGISTER)
		ipc_register_spare_make(self);
	if (self->ith_form == IPC_RECEIVE_REGISTER && self->ith_spare == NULL)
		self->ith_form = IPC_RECEIVE_REGISTER_BARE;
	mr = ipc_mqueue_receive_named(self, name, 0);
	if (mr == MACH_RCV_IN_PROGRESS)
		register_block(self);
	ipc_register_spare_drop(self);
	ipc_mqueue_wake_left(self);
	return receive_complete(self, mr);
}

/* -- The traps -------------------------------------------------------------- */

static mach_msg_return_t
send_question(struct ipc_thread *self, uint64_t names, uint64_t label)
{
	mach_msg_return_t mr;

	mr = send_words(self->ith_space, label,
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), names, 0);
	if (mr == MACH_MSG_SUCCESS)
		ipc_count(IPC_COUNT_REGISTER_CALL);
	return mr;
}

/* TOUR: reg-1 */
uint64_t
ipc_register_call(uint64_t names, uint64_t label)
{
	struct ipc_thread *self = ipc_thread_current();
	mach_msg_return_t mr = MACH_MSG_SUCCESS;

	if (!register_allowed())
		return MACH_REGISTER_FORBIDDEN;
	if (!MACH_PORT_NAME_VALID(NAME_HIGH(names)))
		return MACH_SEND_INVALID_REPLY;
	if (NAME_LOW(names) != MACH_PORT_NAME_NULL)
		mr = send_question(self, names, label);
	if (mr != MACH_MSG_SUCCESS)
		return (uint32_t)mr;
	self->ith_msg = 0;
	self->ith_rcv_size = MACH_MSG_SIZE_MAX;
	self->ith_form = IPC_RECEIVE_REGISTER_CALL;
	return receive(self, NAME_HIGH(names));
}

/* How a reply right is given up: as the send-once or send right that it is. */
static uint32_t
reply_disposition(struct ipc_space *space, mach_port_name_t name)
{
	struct ipc_entry *entry = NULL;
	bool is_send;

	spin_lock(&space->is_lock);
	if (space->is_active)
		entry = ipc_entry_lookup(space, name);
	is_send = entry != NULL && (ipc_entry_type(entry) & MACH_PORT_TYPE_SEND);
	spin_unlock(&space->is_lock);
	return is_send ? MACH_MSG_TYPE_MOVE_SEND : MACH_MSG_TYPE_MOVE_SEND_ONCE;
}

static mach_msg_return_t
send_answer(struct ipc_thread *self, mach_port_name_t name, uint64_t label)
{
	uint32_t disposition = reply_disposition(self->ith_space, name);
	mach_msg_return_t mr;

	/* A client does not stop its server by filling its own queue. */
	mr = send_words(self->ith_space, label, disposition, name, MACH_SEND_TIMEOUT);
	if (mr == MACH_MSG_SUCCESS)
		ipc_count(IPC_COUNT_REGISTER_REPLY);
	return mr;
}

uint64_t
ipc_register_reply_wait(uint64_t names, uint64_t label, uint64_t msg, uint64_t size)
{
	struct ipc_thread *self = ipc_thread_current();
	mach_msg_return_t mr;

	if (!register_allowed())
		return MACH_REGISTER_FORBIDDEN;
	if (NAME_LOW(names) != MACH_PORT_NAME_NULL) {
		mr = send_answer(self, NAME_LOW(names), label);
		if (mr != MACH_MSG_SUCCESS)
			return (uint32_t)mr;
	}
	self->ith_msg = msg;
	self->ith_rcv_size = (uint32_t)size;
	self->ith_form = IPC_RECEIVE_REGISTER;
	return receive(self, NAME_HIGH(names));
}
