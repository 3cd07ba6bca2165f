/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz -- nothing a task does harms the kernel or anybody else.
 *
 * A boot module: `fuzz --host-port=${host-port} --device-port=${device-port}
 * [--seed=N] [--rounds=N] [--steps=N] [--loud=STEP] $(task-create)
 * $(task-resume)`.
 *
 * Each round a child task is made, inside limits of its own, with a pool of
 * ports (its own kernel ports, those of a victim task, ports, sets, dead
 * names, devices), and some threads of it do random things: every kernel
 * routine with plausible, hostile or disturbed arguments, every trap, faults.
 * When they are done, or time is up, everything the round made is ended and
 * the kernel's counts must be what they were. Ends with
 * `fuzz: N passed, M failed`.
 */
#include <device/device.h>
#include <mach.h>
#include <mach/exc_server.h>
#include <mach/machine/thread_status.h>
#include <mach/portolan.h>
#include <portolan/portolan.h>

/* Requests, as mig lays them out. */
enum form { FORM_VALUE, FORM_STRING, FORM_VARIABLE, FORM_OUT_OF_LINE };

struct call_field {
	enum form form;
	unsigned int type; /* of the elements; POLYMORPHIC: any right */
	unsigned int bits;
	boolean_t variable;
	boolean_t longform;
	unsigned int descriptor; /* offsets with all earlier variable fields empty */
	unsigned int offset;
	unsigned int bytes;
	unsigned int number;
};

struct call {
	const char *name;
	int id;
	unsigned int size;
	boolean_t drastic; /* ends or stops what it is called on */
	unsigned int first_field;
	unsigned int field_count;
};

#define POLYMORPHIC 255u

#include "call_table.h"
#include "counts.h"

#define CALLS         (sizeof(calls) / sizeof(calls[0]))
#define POOL          48
#define THREADS       3
#define STACKS        (THREADS + 2)
#define STACK_SIZE    (64u << 10)
#define ROUND_SECONDS 2
#define MESSAGE_MAX   4096u

static mach_port_t host_priv, device_port;
static unsigned int passed, failed;

/* What the child finds in its copy of our memory. */
static struct {
	mach_port_name_t ports[POOL];
	unsigned int port_count;
	vm_address_t region; /* some pages to play with */
	vm_size_t region_size;
	vm_address_t stacks; /* one for the victim, each fuzzer, the catcher */
	boolean_t ready;     /* faults are caught */
	unsigned long seed;
	unsigned int steps;
	unsigned int loud; /* steps from here on are told */
} child;

/* ---- chance -------------------------------------------------------------------------- */

struct chance {
	unsigned long state;
	boolean_t loud; /* say what is done */
};

#define TELL(c, ...)                                                                               \
	do {                                                                                       \
		if ((c)->loud)                                                                     \
			mach_printf(__VA_ARGS__);                                                  \
	} while (0)

static unsigned long
draw(struct chance *c)
{
	c->state ^= c->state << 13;
	c->state ^= c->state >> 7;
	c->state ^= c->state << 17;
	return c->state * 2685821657736338717ul;
}

static unsigned int
below(struct chance *c, unsigned int limit)
{
	return (unsigned int)((draw(c) >> 33) % limit);
}

static boolean_t
one_in(struct chance *c, unsigned int n)
{
	return below(c, n) == 0;
}

static mach_port_name_t
any_port(struct chance *c)
{
	if (one_in(c, 16))
		return (mach_port_name_t)draw(c);
	if (one_in(c, 16))
		return below(c, 64);
	return child.ports[below(c, child.port_count)];
}

static unsigned int
any_word(struct chance *c)
{
	static const unsigned int edges[] = { 0, 1, 2, 3, 7, 8, 16, 31, 64, 255, 256, 4095, 4096,
		65535, 65536, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };

	if (one_in(c, 4))
		return edges[below(c, sizeof(edges) / sizeof(edges[0]))];
	if (one_in(c, 8))
		return (unsigned int)draw(c);
	return one_in(c, 2) ? below(c, 8) : below(c, 128);
}

static unsigned long
any_long(struct chance *c)
{
	static const unsigned long edges[] = { 0, 1, 0xfff, 0x1000, 0x1001, 0x7ffffffff000,
		0x7fffffffffff, 0x800000000000, 0xffff800000000000, 0xffffffff80000000,
		0xfffffffffffff000, 0xffffffffffffffff, 0x100000, 0x40000000 };

	switch (below(c, 8)) {
	case 0:
		return draw(c);
	case 1:
		return edges[below(c, sizeof(edges) / sizeof(edges[0]))];
	case 2:
		return any_word(c);
	case 3: /* an address inside, not aligned */
		return child.region + below(c, (unsigned int)child.region_size);
	case 4: /* a size */
		return vm_page_size * below(c, 64);
	default: /* a page inside */
		return child.region + below(c, (unsigned int)(child.region_size >> 12)) * 4096ul;
	}
}

/* ---- a routine's request -------------------------------------------------------------- */

/* One more element of a field, of its type. */
static void
put_element(struct chance *c, const struct call_field *f, unsigned char *at, unsigned int bytes)
{
	unsigned long value = f->bits == 64 ? any_long(c) : any_word(c);
	const unsigned char *from = (const unsigned char *)&value;

	if (f->type >= MACH_MSG_TYPE_PORT_NAME)
		value = any_port(c);
	for (unsigned int i = 0; i < bytes; i++)
		at[i] = from[i % sizeof(value)];
}

static const char *
any_text(struct chance *c)
{
	static const char *const texts[] = { "", "time", "rd0", "rd1", "nosuch", "%s%n", "mem",
		"a name that is longer than any name of a thing in this kernel should ever be" };

	return texts[below(c, sizeof(texts) / sizeof(texts[0]))];
}

static void
put_text(struct chance *c, unsigned char *at, unsigned int room)
{
	const char *text = any_text(c);
	unsigned int i = 0;

	for (; i < room && text[i] != '\0'; i++)
		at[i] = (unsigned char)text[i];
	if (i < room)
		at[i] = one_in(c, 32) ? 'x' : 0;
}

static unsigned int
any_right(struct chance *c)
{
	return MACH_MSG_TYPE_MOVE_RECEIVE + below(c, 6);
}

/* Write a field; how many bytes more or fewer it has than its maximum. */
static unsigned int
put_field(struct chance *c, const struct call_field *f, unsigned char *message, unsigned int shift)
{
	mach_msg_type_t *descriptor = (mach_msg_type_t *)(void *)(message + shift + f->descriptor);
	unsigned char *data = message + shift + f->offset;
	unsigned int type = f->type, number = f->number, bytes;

	if (type == POLYMORPHIC || (type > MACH_MSG_TYPE_PORT_NAME && one_in(c, 16)))
		type = any_right(c);
	if (f->form == FORM_VARIABLE || f->form == FORM_OUT_OF_LINE)
		number = below(c, f->number < 64 ? f->number + 1 : 64);
	*descriptor = (mach_msg_type_t) {
		.msgt_name = type,
		.msgt_size = f->bits,
		.msgt_inline = f->form != FORM_OUT_OF_LINE,
		.msgt_longform = f->longform,
		.msgt_deallocate = f->form == FORM_OUT_OF_LINE && one_in(c, 16),
		.msgt_number = number,
	};
	if (f->form == FORM_OUT_OF_LINE) {
		unsigned long address = any_long(c);

		__builtin_memcpy(data, &address, sizeof(address));
		return 8;
	}
	bytes = f->form == FORM_VARIABLE ? number * f->bits / 8 : f->bytes;
	if (f->type == MACH_MSG_TYPE_STRING_C)
		put_text(c, data, bytes);
	else
		for (unsigned int i = 0; i < bytes; i += f->bits / 8)
			put_element(c, f, data + i, f->bits / 8);
	return (bytes + 7) & ~7u;
}

static unsigned int
build(struct chance *c, const struct call *call, unsigned char *message)
{
	mach_msg_header_t *header = (mach_msg_header_t *)(void *)message;
	unsigned int shift = 0, size = sizeof(*header);
	boolean_t complex = FALSE;

	for (unsigned int i = 0; i < call->field_count; i++) {
		const struct call_field *f = &call_fields[call->first_field + i];
		unsigned int used;

		if (shift + f->offset + f->bytes + 64 > MESSAGE_MAX)
			break;
		used = put_field(c, f, message, shift);
		size = shift + f->offset + used;
		if (f->form == FORM_VARIABLE)
			shift += used;
		complex |= f->type > MACH_MSG_TYPE_PORT_NAME || f->form == FORM_OUT_OF_LINE;
	}
	*header = (mach_msg_header_t) {
		.msgh_bits = complex ? MACH_MSGH_BITS_COMPLEX : 0,
		.msgh_size = size,
		.msgh_id = call->id,
	};
	return size;
}

/* Turn some bits over. */
static void
disturb(struct chance *c, unsigned char *message, unsigned int size)
{
	for (unsigned int n = 1 + below(c, 3); n > 0; n--) {
		unsigned int at = one_in(c, 3) ? below(c, 32) : below(c, size);

		message[at] ^= (unsigned char)(1u << below(c, 8));
	}
}

/* Rights that a reply brought go into the pool. */
static void
keep_ports(struct chance *c, const unsigned char *reply)
{
	const mach_msg_header_t *header = (const void *)reply;
	unsigned int at = sizeof(*header);

	while (at + 16 <= header->msgh_size && at + 16 <= MESSAGE_MAX) {
		const mach_msg_type_t *d = (const void *)(reply + at);
		unsigned long bytes = (unsigned long)d->msgt_number * d->msgt_size / 8;

		at += 8;
		if (!d->msgt_inline)
			bytes = 8;
		else if (d->msgt_name > MACH_MSG_TYPE_PORT_NAME)
			child.ports[POOL / 2 + below(c, POOL / 2)] =
			    *(const mach_port_name_t *)(const void *)(reply + at);
		if (bytes > MESSAGE_MAX)
			return;
		at += (unsigned int)((bytes + 7) & ~7ul);
	}
}

static void
call_kernel(struct chance *c, mach_port_name_t reply_port)
{
	_Alignas(8) unsigned char message[MESSAGE_MAX];
	mach_msg_header_t *header = (mach_msg_header_t *)(void *)message;
	const struct call *call = &calls[below(c, CALLS)];
	unsigned int size;

	if (call->drastic && !one_in(c, 16))
		return;
	__builtin_memset(message, 0, sizeof(message));
	size = build(c, call, message);
	header->msgh_bits |= MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	header->msgh_remote_port = any_port(c);
	header->msgh_local_port = reply_port;
	if (one_in(c, 5))
		disturb(c, message, size);
	TELL(c, "%s on %u\n", call->name, header->msgh_remote_port);
	if (mach_msg(header, MACH_SEND_MSG | MACH_RCV_MSG | MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT,
		one_in(c, 20) ? (mach_msg_size_t)draw(c) % (MESSAGE_MAX + 1) : size,
		one_in(c, 20) ? below(c, 256) : MESSAGE_MAX, reply_port, 20,
		MACH_PORT_NULL) == MACH_MSG_SUCCESS)
		keep_ports(c, message);
}

/* ---- other ways to be a nuisance ----------------------------------------------------------- */

static long
trap6(long number, const unsigned long a[6])
{
	register unsigned long r10 __asm__("r10") = a[3];
	register unsigned long r8 __asm__("r8") = a[4];
	register unsigned long r9 __asm__("r9") = a[5];
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result), "+r"(r10), "+r"(r8), "+r"(r9)
			 : "0"(number), "D"(a[0]), "S"(a[1]), "d"(a[2])
			 : "rcx", "r11", "memory");
	return result;
}

static void
any_trap(struct chance *c)
{
	/* Not mach_print, which fills the console; rarely what ends or stops us. */
	static const int numbers[] = { -17, -18, -26, -27, -28, -29, -39, -40, -59, -60, -64, -65,
		-68, -71, -72, -73, -74, -75, -76, -77, -1024 };
	static const int rare[] = { -25, -61, -66, -69, -70, -1025, -1026 };
	unsigned long a[6];
	int number = numbers[below(c, sizeof(numbers) / sizeof(numbers[0]))];

	if (one_in(c, 8))
		number = rare[below(c, sizeof(rare) / sizeof(rare[0]))];
	else if (one_in(c, 16))
		number = -(int)below(c, 1100);
	if (number == -30)
		return;
	for (unsigned int i = 0; i < 6; i++)
		a[i] = one_in(c, 2) ? any_port(c) : one_in(c, 2) ? any_long(c) : any_word(c);
	TELL(c, "trap %d (0x%lx, 0x%lx, 0x%lx, 0x%lx)\n", number, a[0], a[1], a[2], a[3]);
	(void)trap6(number, a);
}

/* A message to a port that is no kernel object, with rights or memory in it. */
static void
send_message(struct chance *c)
{
	struct {
		mach_msg_header_t header;
		mach_msg_type_t type;
		unsigned long data[8];
	} m = {
		.header = { .msgh_size = sizeof(m),
		    .msgh_remote_port = any_port(c),
		    .msgh_local_port = any_port(c),
		    .msgh_id = (int)any_word(c) },
		.type = { .msgt_name = any_right(c),
		    .msgt_size = 64,
		    .msgt_inline = 1,
		    .msgt_number = below(c, 9) },
	};

	m.header.msgh_bits = MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(any_right(c), any_right(c));
	if (one_in(c, 3)) {
		m.type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_BYTE,
			.msgt_size = 8,
			.msgt_number = below(c, 65536),
			.msgt_deallocate = one_in(c, 8) };
		m.data[0] = any_long(c);
		m.header.msgh_size = sizeof(m.header) + sizeof(m.type) + sizeof(m.data[0]);
	} else {
		for (unsigned int i = 0; i < 8; i++)
			m.data[i] = any_port(c);
		m.header.msgh_size =
		    (mach_msg_size_t)(sizeof(m.header) + sizeof(m.type) + m.type.msgt_number * 8);
	}
	if (one_in(c, 8))
		disturb(c, (unsigned char *)&m, sizeof(m));
	TELL(c, "send 0x%x to %u reply %u\n", m.header.msgh_bits, m.header.msgh_remote_port,
	    m.header.msgh_local_port);
	(void)mach_msg(&m.header,
	    MACH_SEND_MSG | MACH_SEND_TIMEOUT | (one_in(c, 4) ? MACH_SEND_CANCEL : 0),
	    one_in(c, 16) ? below(c, 256) : m.header.msgh_size, 0, MACH_PORT_NULL, 5,
	    one_in(c, 4) ? any_port(c) : MACH_PORT_NULL);
}

static void
receive_message(struct chance *c)
{
	_Alignas(8) unsigned char message[MESSAGE_MAX];
	mach_msg_header_t *header = (mach_msg_header_t *)(void *)message;

	TELL(c, "receive\n");
	if (mach_msg(header, MACH_RCV_MSG | MACH_RCV_TIMEOUT | (one_in(c, 4) ? MACH_RCV_LARGE : 0),
		0, one_in(c, 8) ? below(c, 128) : MESSAGE_MAX, any_port(c), below(c, 4),
		MACH_PORT_NULL) == MACH_MSG_SUCCESS)
		keep_ports(c, message);
}

static void
touch_memory(struct chance *c)
{
	volatile unsigned long *at = (volatile unsigned long *)(child.region +
	    (below(c, (unsigned int)child.region_size) & ~7u));

	if (one_in(c, 64))
		at = (volatile unsigned long *)any_long(c);
	TELL(c, "touch 0x%lx\n", (unsigned long)at);
	if (one_in(c, 2))
		(void)*at;
	else
		*at = draw(c);
}

/* ---- threads ----------------------------------------------------------------------------- */

static kern_return_t
set_start(
    mach_port_t thread, void (*function)(unsigned long), unsigned long argument, vm_address_t stack)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	kern_return_t kr =
	    thread_get_state(thread, i386_THREAD_STATE, (thread_state_t)&state, &count);

	if (kr != KERN_SUCCESS)
		return kr;
	state.rip = (unsigned long)function;
	state.rdi = argument;
	state.ursp = stack + STACK_SIZE - 64 - 8;
	return thread_set_state(thread, i386_THREAD_STATE, (thread_state_t)&state, count);
}

static kern_return_t
start_thread(mach_port_t task, void (*function)(unsigned long), unsigned long argument,
    vm_address_t stack, mach_port_t *thread)
{
	kern_return_t kr = thread_create(task, thread);

	if (kr == KERN_SUCCESS)
		kr = set_start(*thread, function, argument, stack);
	return kr == KERN_SUCCESS ? thread_resume(*thread) : kr;
}

/* ---- the child ------------------------------------------------------------------------------- */

/* What a thread knows across its faults. */
static struct fuzzer {
	mach_port_name_t thread;
	mach_port_name_t reply_port;
	struct chance chance;
	unsigned int steps;
} fuzzers[THREADS];

static unsigned int child_ended;

static void
one_step(struct chance *c, mach_port_name_t reply_port)
{
	switch (below(c, 8)) {
	case 0:
		any_trap(c);
		break;
	case 1:
		send_message(c);
		break;
	case 2:
		receive_message(c);
		break;
	case 3:
		touch_memory(c);
		break;
	default:
		call_kernel(c, reply_port);
	}
}

static void
fuzzer_main(unsigned long number)
{
	struct fuzzer *f = &fuzzers[number];

	if (f->thread == MACH_PORT_NULL) {
		f->chance.state = child.seed * 48271 + number * 69621 + 1;
		f->reply_port = mach_reply_port();
		f->thread = mach_thread_self();
	}
	while (!__atomic_load_n(&child.ready, __ATOMIC_SEQ_CST))
		(void)swtch();
	while (f->steps++ < child.steps) {
		f->chance.loud = f->steps >= child.loud;
		TELL(&f->chance, "%lu.%u: ", number, f->steps);
		one_step(&f->chance, f->reply_port);
	}
	if (__atomic_add_fetch(&child_ended, 1, __ATOMIC_SEQ_CST) == THREADS)
		(void)syscall_task_terminate((mach_task_self)());
	for (;;)
		(void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1000);
}

/* A fuzzer's fault: it goes on with its next step. */
kern_return_t
catch_exception_raise(mach_port_t exception_port, mach_port_t thread, mach_port_t task,
    integer_t exception, integer_t code, long subcode)
{
	kern_return_t kr = KERN_FAILURE;

	for (unsigned int i = 0; i < THREADS; i++)
		if (fuzzers[i].thread == thread)
			kr = set_start(thread, fuzzer_main, i, child.stacks + (i + 1) * STACK_SIZE);
	(void)mach_port_deallocate(mach_task_self(), thread);
	(void)mach_port_deallocate(mach_task_self(), task);
	return kr;
}

/* The child's first thread: rights, the other threads' faults. */
static void
catcher_main(unsigned long number)
{
	mach_port_t port;

	mach_init();
	for (unsigned int i = 0; i < child.port_count; i++)
		(void)mach_port_insert_right(
		    mach_task_self(), child.ports[i], child.ports[i], MACH_MSG_TYPE_MAKE_SEND);
	if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port) != KERN_SUCCESS ||
	    mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND) !=
		KERN_SUCCESS ||
	    task_set_exception_port(mach_task_self(), port) != KERN_SUCCESS)
		(void)task_terminate(mach_task_self());
	__atomic_store_n(&child.ready, TRUE, __ATOMIC_SEQ_CST);
	for (;;)
		(void)mach_msg_server(exc_server, 1024, port);
}

static void
victim_main(unsigned long number)
{
	for (volatile unsigned long turns = number;; turns++)
		if (turns % 1024 == 0)
			(void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
}

/* ---- making it ---------------------------------------------------------------------------------- */

#define TRY(call)                                                                                  \
	do {                                                                                       \
		kern_return_t try_kr = (call);                                                     \
		if (try_kr != KERN_SUCCESS) {                                                      \
			mach_printf("FAIL %s: 0x%x\n", #call, (unsigned int)try_kr);               \
			return try_kr;                                                             \
		}                                                                                  \
	} while (0)

/* Names 1, 2, ... of the child: what child.ports promises. */
static kern_return_t
fill_pool(mach_port_t task, mach_port_t victim, mach_port_t victim_thread, mach_port_t sink)
{
	const mach_port_t sends[] = { task, victim, victim_thread, sink, device_port,
		mach_host_self() };
	mach_port_name_t name = 1;

	for (; name <= 10; name++)
		TRY(mach_port_allocate_name(task, MACH_PORT_RIGHT_RECEIVE, name));
	for (; name <= 13; name++)
		TRY(mach_port_allocate_name(task, MACH_PORT_RIGHT_PORT_SET, name));
	for (; name <= 15; name++)
		TRY(mach_port_allocate_name(task, MACH_PORT_RIGHT_DEAD_NAME, name));
	for (unsigned int i = 0; i < sizeof(sends) / sizeof(sends[0]); i++)
		TRY(mach_port_insert_right(task, name++, sends[i], MACH_MSG_TYPE_COPY_SEND));
	return KERN_SUCCESS;
}

static void
promise_pool(void)
{
	child.port_count = POOL;
	for (unsigned int i = 0; i < POOL; i++)
		child.ports[i] = i < 21 ? i + 1 : 16 + i % 6;
}

struct round {
	mach_port_t task, victim, victim_thread, sink;
};

static kern_return_t
start_round(struct round *r)
{
	mach_port_t thread;

	promise_pool();
	child_ended = 0;
	TRY(vm_allocate(mach_task_self(), &child.region, child.region_size, TRUE));
	TRY(vm_allocate(mach_task_self(), &child.stacks, STACKS * STACK_SIZE, TRUE));
	TRY(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &r->sink));
	TRY(mach_port_insert_right(mach_task_self(), r->sink, r->sink, MACH_MSG_TYPE_MAKE_SEND));
	TRY(task_create_with_limits(
	    mach_task_self(), PORTOLAN_CREATE_INHERIT_MEMORY, 8, 4096, 1024, &r->task));
	TRY(task_create(r->task, TRUE, &r->victim));
	TRY(start_thread(r->victim, victim_main, 1, child.stacks, &r->victim_thread));
	TRY(fill_pool(r->task, r->victim, r->victim_thread, r->sink));
	for (unsigned int i = 0; i <= THREADS; i++) {
		TRY(start_thread(r->task, i == THREADS ? catcher_main : fuzzer_main, i,
		    child.stacks + (i + 1) * STACK_SIZE, &thread));
		(void)mach_port_deallocate(mach_task_self(), thread);
	}
	return KERN_SUCCESS;
}

/* ---- ending it ------------------------------------------------------------------------------------ */

/* Wait until the child is gone, or for so long. */
static void
wait_round(const struct round *r)
{
	mach_port_t notify, previous;
	mach_dead_name_notification_t message;

	if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &notify) != KERN_SUCCESS)
		return;
	if (mach_port_request_notification(mach_task_self(), r->task, MACH_NOTIFY_DEAD_NAME, 1,
		notify, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous) == KERN_SUCCESS)
		(void)mach_msg(&message.not_header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0,
		    sizeof(message), notify, ROUND_SECONDS * 1000, MACH_PORT_NULL);
	(void)mach_port_mod_refs(mach_task_self(), notify, MACH_PORT_RIGHT_RECEIVE, -1);
}

#define TASKS_MAX 64
static mach_port_t known_tasks[TASKS_MAX];
static unsigned int known_count;

static boolean_t
is_known(mach_port_t task)
{
	for (unsigned int i = 0; i < known_count; i++)
		if (known_tasks[i] == task)
			return TRUE;
	return FALSE;
}

/* End all tasks that were not there at the start; with learn, know them all. */
static void
sweep_tasks(boolean_t learn)
{
	mach_port_t set, control;
	task_array_t tasks;
	mach_msg_type_number_t count = 0;

	if (processor_set_default(mach_host_self(), &set) != KERN_SUCCESS ||
	    host_processor_set_priv(host_priv, set, &control) != KERN_SUCCESS ||
	    processor_set_tasks(control, &tasks, &count) != KERN_SUCCESS) {
		mach_printf("FAIL no list of tasks\n");
		failed++;
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		if (learn && known_count < TASKS_MAX) {
			known_tasks[known_count++] = tasks[i];
			continue;
		}
		if (!is_known(tasks[i]))
			(void)task_terminate(tasks[i]);
		(void)mach_port_deallocate(mach_task_self(), tasks[i]);
	}
	(void)vm_deallocate(mach_task_self(), (vm_address_t)tasks, count * sizeof(tasks[0]));
	(void)mach_port_deallocate(mach_task_self(), set);
	(void)mach_port_deallocate(mach_task_self(), control);
}

static void
drop(mach_port_t name)
{
	if (MACH_PORT_VALID(name))
		(void)mach_port_destroy(mach_task_self(), name);
}

static void
end_round(struct round *r)
{
	if (MACH_PORT_VALID(r->task))
		(void)task_terminate(r->task);
	if (MACH_PORT_VALID(r->victim))
		(void)task_terminate(r->victim);
	drop(r->task);
	drop(r->victim);
	drop(r->victim_thread);
	drop(r->sink);
	sweep_tasks(FALSE);
	(void)vm_deallocate(mach_task_self(), child.stacks, STACKS * STACK_SIZE);
	(void)vm_deallocate(mach_task_self(), child.region, child.region_size);
}

/* ---- nothing left behind ---------------------------------------------------------------------------- */

static const struct counts_row compared[] = {
	COUNTS_IPC,
	COUNTS_VM,
	{ PORTOLAN_COUNT_MAP_ENTRIES, "map entries", 2 },
	{ PORTOLAN_COUNT_OBJECTS, "objects", 2 },
	{ PORTOLAN_COUNT_PAGES_WIRED, "wired pages", 64 },
	{ PORTOLAN_COUNT_PAGES_RESIDENT, "resident pages", 64 },
};

#define COMPARED (sizeof(compared) / sizeof(compared[0]))

static void
one_round(unsigned long seed, const portolan_counts_t before)
{
	portolan_counts_data_t after;
	struct round r = { 0 };
	boolean_t good;

	child.seed = seed;
	good = start_round(&r) == KERN_SUCCESS;
	if (good)
		wait_round(&r);
	end_round(&r);
	if (good && counts_return(host_priv, before, after, compared, COMPARED)) {
		passed++;
		return;
	}
	failed++;
	mach_printf("FAIL seed %lu\n", seed);
	if (good)
		counts_tell(before, after, compared, COMPARED);
}

/* A task inside an account may call itself essential; its crash is its own. */
static void
crash_essential(void)
{
	mach_port_t task = MACH_PORT_NULL, thread;

	if (task_create_with_limits(mach_task_self(), 0, 1, 64, 64, &task) == KERN_SUCCESS) {
		(void)task_set_essential(task, TRUE);
		(void)start_thread(task, fuzzer_main, 0, 0, &thread);
		wait_round(&(struct round) { .task = task });
		drop(thread);
	}
	drop(task);
}

static unsigned long
argument(int argc, char **argv, const char *option, unsigned long otherwise)
{
	for (int i = 1; i < argc; i++) {
		const char *at = argv[i], *want = option;
		unsigned long value = 0;

		while (*want != '\0' && *at == *want)
			at++, want++;
		if (*want != '\0')
			continue;
		for (; *at != '\0'; at++)
			value = value * 10 + (unsigned long)(*at - '0');
		return value;
	}
	return otherwise;
}

int
main(int argc, char **argv)
{
	unsigned long seed = argument(argc, argv, "--seed=", 1);
	unsigned long rounds = argument(argc, argv, "--rounds=", 10);
	portolan_counts_data_t before;
	struct round warm = { 0 };

	host_priv = (mach_port_t)argument(argc, argv, "--host-port=", 0);
	device_port = (mach_port_t)argument(argc, argv, "--device-port=", 0);
	child.region_size = 32 * vm_page_size;
	sweep_tasks(TRUE);
	crash_essential();
	child.steps = 1;
	child.loud = 2;
	(void)start_round(&warm);
	wait_round(&warm);
	end_round(&warm);
	child.steps = (unsigned int)argument(argc, argv, "--steps=", 300);
	child.loud = (unsigned int)argument(argc, argv, "--loud=", child.steps + 1);
	if (!counts_settle(host_priv, before, compared, COMPARED))
		failed++;
	for (unsigned long i = 0; i < rounds; i++)
		one_round(seed + i, before);
	mach_printf("fuzz: %u passed, %u failed\n", passed, failed);
	(void)host_exit(host_priv, failed != 0);
	return 1;
}
