/* SPDX-License-Identifier: BSD-2-Clause */
/* See fixture.h. */
#include "fixture.h"

#include <stdio.h>

#include <kern/assert.h>
#include <kern/copyio.h>
#include <kern/zalloc.h>

#define SPACES  16
#define BUFFERS 48

struct account *fix_account;
bool fix_plain = true;
struct ipc_space *fix_space;
unsigned fix_regions;
kern_return_t fix_ool_deliver_result;
kern_return_t fix_ool_allocate_result;
int32_t fix_served_id;
unsigned fix_served_count;

static struct ipc_space *spaces[SPACES];
static void *buffers[BUFFERS];

/* -- Out-of-line memory -------------------------------------------------------- */

struct region {
	uint64_t size;
	char data[];
};

static kern_return_t
ool_capture_kernel(const void *data, uint64_t size, void **regionp)
{
	struct region *region = kalloc(sizeof(*region) + size);

	if (region == NULL)
		return KERN_RESOURCE_SHORTAGE;
	region->size = size;
	memcpy(region->data, data, size);
	fix_regions++;
	*regionp = region;
	return KERN_SUCCESS;
}

static void
ool_discard(void *arg)
{
	struct region *region = arg;

	fix_regions--;
	kfree(region, sizeof(*region) + region->size);
}

static kern_return_t
ool_deallocate(uint64_t address, uint64_t size)
{
	if (!host_user_check(address, size, HOST_READ))
		return KERN_INVALID_ADDRESS;
	fix_user_free((void *)(uintptr_t)address);
	return KERN_SUCCESS;
}

static kern_return_t
ool_capture(uint64_t address, uint64_t size, bool deallocate, void **regionp)
{
	kern_return_t kr;

	if (size > 1u << 20 || !host_user_check(address, size, HOST_READ))
		return KERN_INVALID_ADDRESS;
	kr = ool_capture_kernel((void *)(uintptr_t)address, size, regionp);
	if (kr == KERN_SUCCESS && deallocate)
		return ool_deallocate(address, size);
	return kr;
}

static kern_return_t
ool_allocate(uint64_t size, uint64_t *addressp)
{
	if (fix_ool_allocate_result != KERN_SUCCESS)
		return fix_ool_allocate_result;
	*addressp = (uintptr_t)fix_user(size);
	return KERN_SUCCESS;
}

static kern_return_t
ool_deliver(void *arg, uint64_t *addressp)
{
	struct region *region = arg;

	if (fix_ool_deliver_result != KERN_SUCCESS)
		return fix_ool_deliver_result;
	*addressp = (uintptr_t)fix_user(region->size);
	memcpy((void *)(uintptr_t)*addressp, region->data, region->size);
	ool_discard(region);
	return KERN_SUCCESS;
}

static const struct ipc_ool_ops ool_ops = {
	.capture = ool_capture,
	.capture_kernel = ool_capture_kernel,
	.deliver = ool_deliver,
	.discard = ool_discard,
	.allocate = ool_allocate,
	.deallocate = ool_deallocate,
};

/* -- Kernel objects ------------------------------------------------------------- */

/* Answers every request with its id + 100 and its size, as a MIG server. */
static struct ipc_kmsg *
serve(struct ipc_kmsg *request)
{
	struct ipc_msg_header *asked = &request->km_header;
	struct ipc_kmsg *reply = NULL;

	fix_served_id = asked->mh_id;
	fix_served_count++;
	if (IPC_PORT_VALID(asked->mh_local))
		reply = ipc_kmsg_alloc(sizeof(struct ipc_msg_header));
	if (reply != NULL) {
		reply->km_header = (struct ipc_msg_header) {
			.mh_bits = MACH_MSGH_BITS_LOCAL(asked->mh_bits),
			.mh_size = sizeof(struct ipc_msg_header),
			.mh_remote = asked->mh_local,
			.mh_id = asked->mh_id + 100,
		};
		reply->km_state = IPC_KMSG_COMPLETE;
		asked->mh_local = NULL;
	}
	ipc_kobject_request_done(request, false);
	return reply;
}

/* The same on the short way; ids under 1000 are too long for it, 3000 keeps
 * the reply right and answers nothing, 4000 answers with a right. */
static struct ipc_port *kept_reply;

static enum ipc_served
serve_short(struct ipc_msg_header *request, struct ipc_msg_header *reply)
{
	struct {
		struct ipc_msg_header header;
		mach_msg_type_t type;
		struct ipc_port *port;
	} *with_port = (void *)reply;

	if (request->mh_id < 1000)
		return IPC_SERVED_NOT;
	fix_served_id = request->mh_id;
	fix_served_count++;
	if (request->mh_id == 3000) {
		kept_reply = request->mh_local;
		return IPC_SERVED_NO_REPLY;
	}
	*reply = (struct ipc_msg_header) {
		.mh_bits = MACH_MSGH_BITS_LOCAL(request->mh_bits),
		.mh_size = sizeof(struct ipc_msg_header),
		.mh_remote = request->mh_local,
		.mh_id = request->mh_id + 100,
	};
	if (request->mh_id != 4000)
		return IPC_SERVED_REPLY;
	reply->mh_bits |= MACH_MSGH_BITS_COMPLEX;
	reply->mh_size = sizeof(*with_port);
	with_port->type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_MAKE_SEND,
		.msgt_size = 64,
		.msgt_inline = 1,
		.msgt_number = 1 };
	with_port->port = request->mh_remote;
	return IPC_SERVED_REPLY;
}

void
fix_answer_kept(void)
{
	struct ipc_msg_header reply = {
		.mh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0),
		.mh_remote = kept_reply,
		.mh_id = 3100,
	};

	assert_int_equal(mach_msg_send_from_kernel(&reply, sizeof(reply)), 0);
}

static const struct ipc_kobject_ops kobject_ops = {
	.serve = serve,
	.serve_short = serve_short,
};

/* -- Set-up --------------------------------------------------------------------- */

int
fix_setup_seeded(void **state, uint64_t seed)
{
	(void)state;
	host_init(seed);
	fix_plain = getenv("IPC_GENERAL") == NULL;
	ipc_init(&ool_ops, &kobject_ops);
	fix_account = account_create(NULL);
	fix_regions = 0;
	fix_ool_deliver_result = KERN_SUCCESS;
	fix_ool_allocate_result = KERN_SUCCESS;
	fix_served_count = 0;
	memset(spaces, 0, sizeof(spaces));
	memset(buffers, 0, sizeof(buffers));
	fix_space = fix_space_create();
	ipc_thread_init((struct ipc_thread *)(void *)waiter_current(), fix_space);
	return 0;
}

int
fix_setup(void **state)
{
	return fix_setup_seeded(state, 0);
}

static bool
account_is_clean(void)
{
	unsigned i;

	for (i = 0; i < ACCOUNT_KIND_COUNT; i++)
		if (atomic_load(&fix_account->used[i]) != 0) {
			fprintf(stderr, "account: kind %u: %llu left\n", i,
			    (unsigned long long)fix_account->used[i]);
			return false;
		}
	return true;
}

int
fix_teardown(void **state)
{
	unsigned i;

	(void)state;
	host_fail_allocation(0);
	for (i = 0; i < SPACES; i++)
		if (spaces[i] != NULL)
			fix_space_destroy(spaces[i]);
	host_run_all();
	ipc_thread_cleanup((struct ipc_thread *)(void *)waiter_current());
	for (i = 0; i < BUFFERS; i++)
		if (buffers[i] != NULL)
			fix_user_free(buffers[i]);
	if (host_live_allocations() != 0 || fix_regions != 0 || !account_is_clean()) {
		host_report_live();
		fail_msg("something leaked");
	}
	account_release(fix_account);
	host_finish();
	return 0;
}

struct ipc_space *
fix_space_create(void)
{
	unsigned i;

	for (i = 0; i < SPACES; i++) {
		if (spaces[i] == NULL) {
			spaces[i] = ipc_space_create(fix_account);
			assert_non_null(spaces[i]);
			return spaces[i];
		}
	}
	fail_msg("too many spaces");
	return NULL;
}

void
fix_space_destroy(struct ipc_space *space)
{
	unsigned i;

	for (i = 0; i < SPACES; i++)
		if (spaces[i] == space)
			spaces[i] = NULL;
	ipc_space_destroy(space);
	ipc_space_release(space);
}

struct thread_start {
	struct ipc_space *space;
	void (*body)(void *arg);
	void *arg;
};

static void
thread_body(void *arg)
{
	struct thread_start start = *(struct thread_start *)arg;

	free(arg);
	ipc_thread_init(ipc_thread_current(), start.space);
	start.body(start.arg);
	ipc_thread_cleanup(ipc_thread_current());
}

struct host_thread *
fix_thread(struct ipc_space *space, void (*body)(void *), void *arg)
{
	struct thread_start *start = malloc(sizeof(*start));

	assert_non_null(start);
	*start = (struct thread_start) { space, body, arg };
	return host_thread_create(thread_body, start);
}

void *
fix_user(size_t size)
{
	unsigned i;

	for (i = 0; i < BUFFERS; i++) {
		if (buffers[i] == NULL) {
			buffers[i] = calloc(1, size == 0 ? 1 : size);
			host_user_add(buffers[i], size, HOST_ALL);
			return buffers[i];
		}
	}
	fail_msg("too many buffers");
	return NULL;
}

void
fix_user_free(void *memory)
{
	unsigned i;

	for (i = 0; i < BUFFERS; i++)
		if (buffers[i] == memory)
			break;
	if (i == BUFFERS)
		panic("fix_user_free: not there");
	buffers[i] = NULL;
	host_user_remove(memory);
	free(memory);
}

struct user_msg *
fix_msg(void)
{
	return fix_user(sizeof(struct user_msg));
}

/* -- Calls ---------------------------------------------------------------------- */

struct msg_args {
	void *msg;
	mach_msg_option_t option;
	mach_msg_size_t send_size, rcv_size;
	mach_port_name_t rcv_name, notify;
	mach_msg_timeout_t timeout;
};

static uint64_t
msg_body(void *arg)
{
	struct msg_args *args = arg;

	mach_msg_fast((uintptr_t)args->msg, (uint32_t)args->option, args->send_size, args->rcv_size,
	    args->rcv_name);
	if (fix_plain)
		mach_msg_plain((uintptr_t)args->msg, (uint32_t)args->option, args->send_size,
		    args->rcv_size, args->rcv_name);
	return (uint32_t)mach_msg_syscall((uintptr_t)args->msg, (uint32_t)args->option,
	    args->send_size, args->rcv_size, args->rcv_name, args->timeout, args->notify);
}

mach_msg_return_t
fix_mach_msg(void *msg, mach_msg_option_t option, mach_msg_size_t send_size,
    mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify)
{
	struct msg_args args = { msg, option, send_size, rcv_size, rcv_name, notify, timeout };

	return (mach_msg_return_t)host_trap(msg_body, &args);
}

mach_msg_return_t
fix_mach_msg_as(struct ipc_space *space, void *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_name_t rcv_name,
    mach_msg_timeout_t timeout, mach_port_name_t notify)
{
	struct ipc_thread *self = ipc_thread_current();
	struct ipc_space *own = self->ith_space;
	mach_msg_return_t mr;

	ipc_thread_set_space(self, space);
	mr = fix_mach_msg(msg, option, send_size, rcv_size, rcv_name, timeout, notify);
	ipc_thread_set_space(self, own);
	return mr;
}

/* -- Short ways ------------------------------------------------------------------ */

mach_port_name_t
fix_receive(struct ipc_space *space)
{
	mach_port_name_t name = 0;

	assert_int_equal(mach_port_allocate(space, MACH_PORT_RIGHT_RECEIVE, &name), KERN_SUCCESS);
	return name;
}

mach_port_name_t
fix_pset(struct ipc_space *space)
{
	mach_port_name_t name = 0;

	assert_int_equal(mach_port_allocate(space, MACH_PORT_RIGHT_PORT_SET, &name), KERN_SUCCESS);
	return name;
}

void
fix_make_send(struct ipc_space *space, mach_port_name_t name)
{
	assert_int_equal(
	    ipc_insert_right_from_name(space, space, name, name, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_SUCCESS);
}

mach_port_name_t
fix_give(struct ipc_space *from, mach_port_name_t name, mach_msg_type_name_t disposition,
    struct ipc_space *to)
{
	struct ipc_port *port;
	mach_port_name_t given = 0;
	struct ipc_after after;

	assert_int_equal(ipc_name_copyin(from, name, disposition, &port), KERN_SUCCESS);
	assert_true(IPC_PORT_VALID(port));
	ipc_after_init(&after);
	spin_lock(&to->is_lock);
	assert_int_equal(
	    ipc_right_copyout(to, port, ipc_right_carried(disposition), &given, &after),
	    KERN_SUCCESS);
	spin_unlock(&to->is_lock);
	ipc_after_finish(&after);
	return given;
}

mach_port_type_t
fix_type(struct ipc_space *space, mach_port_name_t name)
{
	mach_port_type_t type = 0;

	if (mach_port_type(space, name, &type) != KERN_SUCCESS)
		return 0;
	return type;
}

uint32_t
fix_refs(struct ipc_space *space, mach_port_name_t name, mach_port_right_t right)
{
	mach_port_urefs_t refs = 0;

	if (mach_port_get_refs(space, name, right, &refs) != KERN_SUCCESS)
		return 0;
	return refs;
}

mach_port_status_t
fix_status(struct ipc_space *space, mach_port_name_t name)
{
	mach_port_status_t status;

	assert_int_equal(mach_port_get_receive_status(space, name, &status), KERN_SUCCESS);
	return status;
}

void
fix_header(struct user_msg *msg, uint32_t bits, mach_port_name_t remote, mach_port_name_t local,
    int32_t id)
{
	msg->header = (mach_msg_header_t) {
		.msgh_bits = bits,
		.msgh_remote_port = remote,
		.msgh_id = id,
	};
	msg->header.msgh_local_port = local;
}

static uint32_t
add_type(struct user_msg *msg, uint32_t size, mach_msg_type_t type)
{
	memcpy(msg->bytes + size, &type, sizeof(type));
	return size + (uint32_t)sizeof(type);
}

uint32_t
fix_add_words(struct user_msg *msg, uint32_t size, const uint32_t *words, uint32_t count)
{
	size = add_type(msg, size,
	    (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_INTEGER_32,
		.msgt_size = 32,
		.msgt_inline = 1,
		.msgt_number = count });
	memcpy(msg->bytes + size, words, count * sizeof(*words));
	return (size + count * 4 + 7) & ~7u;
}

uint32_t
fix_add_ports(struct user_msg *msg, uint32_t size, mach_msg_type_name_t disposition,
    const mach_port_name_t *names, uint32_t count)
{
	uint32_t i;

	size = add_type(msg, size,
	    (mach_msg_type_t) { .msgt_name = disposition,
		.msgt_size = 64,
		.msgt_inline = 1,
		.msgt_number = count });
	for (i = 0; i < count; i++, size += 8)
		msg->words[size / 8] = names[i] | 0xabcd00000000ul;
	return size;
}

uint32_t
fix_add_ool(struct user_msg *msg, uint32_t size, unsigned name, unsigned bits, const void *address,
    uint32_t count, bool dealloc)
{
	size = add_type(msg, size,
	    (mach_msg_type_t) { .msgt_name = name,
		.msgt_size = bits,
		.msgt_longform = 1,
		.msgt_deallocate = dealloc,
		.msgt_number = count });
	msg->words[size / 8] = (uintptr_t)address;
	return size + 8;
}

mach_msg_return_t
fix_send_id(
    struct ipc_space *space, mach_port_name_t to, mach_msg_type_name_t disposition, int32_t id)
{
	struct user_msg *msg = fix_msg();
	mach_msg_return_t mr;

	fix_header(msg, MACH_MSGH_BITS(disposition, 0), to, 0, id);
	mr = fix_mach_msg_as(space, msg, MACH_SEND_MSG | MACH_SEND_TIMEOUT, 32, 0, 0, 0, 0);
	fix_user_free(msg);
	return mr;
}

mach_msg_return_t
fix_poll(struct ipc_space *space, mach_port_name_t name, struct user_msg *msg)
{
	memset(msg, 0x5a, sizeof(*msg));
	return fix_mach_msg_as(
	    space, msg, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(*msg), name, 0, 0);
}

void
fix_expect_notify(struct ipc_space *space, mach_port_name_t name, int32_t id, uint32_t word)
{
	struct user_msg *msg = fix_msg();

	assert_int_equal(fix_poll(space, name, msg), MACH_MSG_SUCCESS);
	assert_int_equal(msg->header.msgh_id, id);
	assert_int_equal(msg->header.msgh_remote_port, 0);
	assert_int_equal(MACH_MSGH_BITS_PORTS(msg->header.msgh_bits),
	    MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE));
	if (id == MACH_NOTIFY_SEND_ONCE) {
		assert_int_equal(msg->header.msgh_size, 32);
	} else {
		assert_int_equal(msg->header.msgh_size, 48);
		if (id != MACH_NOTIFY_PORT_DESTROYED)
			assert_int_equal((uint32_t)msg->words[5], word);
	}
	fix_user_free(msg);
}

void
fix_expect_nothing(struct ipc_space *space, mach_port_name_t name)
{
	struct user_msg *msg = fix_msg();

	assert_int_equal(fix_poll(space, name, msg), MACH_RCV_TIMED_OUT);
	fix_user_free(msg);
}
