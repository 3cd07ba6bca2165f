/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipcbench -- what messages, traps, faults and exceptions cost.
 *
 * A boot module: `ipcbench --host-port=${host-port} [--transport=NAME]
 * [--only=OPERATION] [--bytes=N] [--batches=N] [--short] [--apart] $(task-create)
 * $(task-resume)`. Prints one line per figure,
 *
 *	RESULT operation transport bytes cost marked each median
 *
 * in units of the TSC, which under icount is one per guest instruction (docs:
 * bench/README.md). The cost is that of the smallest of several batches, so
 * that a timer tick in one of them does not show, and the median is that of
 * the batches. After each measurement the operation is done some times more
 * between two marks that tools outside look for: `marked` windows, `each`
 * operations in one. --short leaves long messages out. --apart is another
 * program: messages between two CPUs, nothing else.
 *
 * Client and server are two tasks: the server inherits this task's memory
 * copy-on-write and runs its echo loop there. Both loops are plain traps; no
 * stub is measured.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mach/exception.h>
#include <mach/mach_traps.h>
#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/port.h>
#include <mach/portolan.h>
#include <mach/register_ipc.h>
#include <mach/thread_status.h>

#include "bench.h"

#define BATCHES     6 /* unless --batches */
#define BATCHES_MAX 100
#define MARKED      3  /* windows between marks, for each figure */
#define EACH        16 /* operations in a window, where one alone says too little */
/* The longest message is 4 MiB less some (ipc_kmsg.h). */
#define BODY_MAX    ((4u << 20) - 4096)

struct message {
	mach_msg_header_t header;
	unsigned char body[BODY_MAX];
};

#define RIGHTS_MAX 64

struct port_message {
	mach_msg_header_t header;
	mach_msg_type_t type;
	mach_port_name_inlined_t ports[RIGHTS_MAX];
};

#define PORT_MESSAGE_SIZE(rights) offsetof(struct port_message, ports[rights])

struct ool_message {
	mach_msg_header_t header;
	mach_msg_type_t type;
	vm_address_t address;
};

static struct message client_buffer __attribute__((aligned(64)));
static struct message server_buffer __attribute__((aligned(64)));
static unsigned char server_stack[16384] __attribute__((aligned(16)));
static unsigned char faulter_stack[16384] __attribute__((aligned(16)));

static mach_port_name_t host_priv;
static mach_port_name_t server_task, server_thread;
static mach_port_name_t server_port; /* our send right to the echo server */
static mach_port_name_t server_name; /* the server's name for its port */
static mach_port_name_t reply_port;
static const char *transport;
static const char *only; /* the one operation wanted, or NULL */
static const char *only_bytes, *only_transport;
static bool brief;
static bool apart; /* the server runs on CPU 1, we on CPU 0 */
static unsigned batches = BATCHES;

/* -- The echo server, in its own task --------------------------------------- */

/* Answer every request with the same bytes; drop out-of-line memory. */
static void
server_loop(void)
{
	struct message *m = &server_buffer;
	mach_msg_return_t result;

	result = bench_mach_msg(&m->header, MACH_RCV_MSG, 0, sizeof(*m), server_name);
	for (;;) {
		if (result != MACH_MSG_SUCCESS)
			bench_fail("server: mach_msg", result);
		m->header.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(m->header.msgh_bits), 0);
		m->header.msgh_local_port = MACH_PORT_NULL;
		result = bench_mach_msg(&m->header, MACH_SEND_MSG | MACH_RCV_MSG,
		    m->header.msgh_size, sizeof(*m), server_name);
	}
}

/* The same with a trap for each half. */
static void
server_loop_halves(void)
{
	struct message *m = &server_buffer;
	mach_msg_return_t result;

	for (;;) {
		result = bench_mach_msg(&m->header, MACH_RCV_MSG, 0, sizeof(*m), server_name);
		if (result != MACH_MSG_SUCCESS)
			bench_fail("server: receive", result);
		m->header.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(m->header.msgh_bits), 0);
		m->header.msgh_local_port = MACH_PORT_NULL;
		result = bench_mach_msg(
		    &m->header, MACH_SEND_MSG, m->header.msgh_size, 0, MACH_PORT_NULL);
		if (result != MACH_MSG_SUCCESS)
			bench_fail("server: send", result);
	}
}

/* Write to every page of what was received. */
static void
touch(const struct ool_message *ool)
{
	for (size_t at = 0; at < ool->type.msgt_number; at += 4096)
		*(volatile char *)(ool->address + at) = 1;
}

/* The reply is a bare header; memory is given back, at wish written to before. */
static inline __attribute__((always_inline)) _Noreturn void
server_loop_memory(bool touched)
{
	struct message *m = &server_buffer;
	mach_msg_return_t result;

	result = bench_mach_msg(&m->header, MACH_RCV_MSG, 0, sizeof(*m), server_name);
	for (;;) {
		struct ool_message *ool = (void *)m;
		mach_msg_bits_t bits = m->header.msgh_bits;

		if (result != MACH_MSG_SUCCESS)
			bench_fail("server: mach_msg", result);
		if ((bits & MACH_MSGH_BITS_COMPLEX) != 0 && !ool->type.msgt_inline) {
			if (touched)
				touch(ool);
			syscall_vm_deallocate(
			    bench_task_self(), ool->address, ool->type.msgt_number);
		}
		m->header.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(bits), 0);
		m->header.msgh_local_port = MACH_PORT_NULL;
		result = bench_mach_msg(&m->header, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(m->header),
		    sizeof(*m), server_name);
	}
}

static void
server_loop_complex(void)
{
	server_loop_memory(false);
}

static void
server_loop_touch(void)
{
	server_loop_memory(true);
}

/* Have the server receive from a port set that holds its port. */
static void
server_use_set(void)
{
	mach_port_name_t set;

	bench_check("allocate set",
	    syscall_mach_port_allocate(server_task, MACH_PORT_RIGHT_PORT_SET, &set));
	bench_check("move member", bench_move_member(server_task, server_name, set));
	server_name = set;
}

static void
server_start(void (*loop)(void), bool in_set)
{
	bench_check("task_create", syscall_task_create(bench_task_self(), TRUE, &server_task));
	bench_check("allocate", bench_port_allocate_in(server_task, &server_name, &server_port));
	if (in_set)
		server_use_set();
	/* The child's copy of server_name was taken before it was set. */
	bench_poke(server_task, &server_name, sizeof(server_name));
	server_thread = bench_thread_start(server_task, loop, server_stack + sizeof(server_stack));
	bench_fix_priority(host_priv, server_thread);
	if (apart)
		bench_check("thread_bind", bench_bind(host_priv, server_thread, 1));
}

static void
server_stop(void)
{
	syscall_task_terminate(server_task);
	syscall_mach_port_deallocate(bench_task_self(), server_thread);
	syscall_mach_port_deallocate(bench_task_self(), server_port);
	syscall_mach_port_deallocate(bench_task_self(), server_task);
}

/* -- Measuring --------------------------------------------------------------- */

/* Around one operation; bench/plugin and tools/ipctrace know the addresses. */
void bench_mark_begin(void);
void bench_mark_end(void);

__attribute__((noinline, used)) void
bench_mark_begin(void)
{
	__asm__ volatile("");
}

__attribute__((noinline, used)) void
bench_mark_end(void)
{
	__asm__ volatile("");
}

/* What one operation costs: by the best batch, and by the middle one. */
struct cost {
	uint64_t least, median;
};

/* In order, smallest first. */
static void
batch_insert(uint64_t *sorted, unsigned used, uint64_t cost)
{
	for (; used > 0 && sorted[used - 1] > cost; used--)
		sorted[used] = sorted[used - 1];
	sorted[used] = cost;
}

/* `steps(count)` does so many operations. The first batch warms up. */
static struct cost
measure(void (*steps)(size_t), size_t count)
{
	uint64_t sorted[BATCHES_MAX];

	steps(count);
	for (unsigned batch = 0; batch < batches; batch++) {
		uint64_t begin = bench_tsc();

		steps(count);
		batch_insert(sorted, batch, (bench_tsc() - begin) / count);
	}
	return (struct cost) { sorted[0], sorted[batches / 2] };
}

/* For those that do one operation a call. */
static struct {
	void (*step)(size_t);
	size_t argument;
} single;

static void
steps_single(size_t count)
{
	void (*step)(size_t) = single.step;
	size_t argument = single.argument;

	for (size_t i = 0; i < count; i++)
		step(argument);
}

/* Do some operations between marks, and print what one costs. */
static void
report(const char *operation, size_t bytes, void (*steps)(size_t), unsigned each, struct cost cost)
{
	for (unsigned i = 0; i < MARKED; i++) {
		bench_mark_begin();
		steps(each);
		bench_mark_end();
	}
	bench_print("RESULT %s %s %lu %lu %u %u %lu\n", operation, transport, (unsigned long)bytes,
	    (unsigned long)cost.least, MARKED, each, (unsigned long)cost.median);
}

static bool
is_wanted(const char *operation, size_t bytes)
{
	return (only == NULL || bench_string_equal(only, operation)) &&
	    (only_bytes == NULL || bench_number(only_bytes) == bytes);
}

static bool
is_transport(const char *name)
{
	return only_transport == NULL || bench_string_equal(only_transport, name);
}

/* Measure one figure, do it a few times between marks, and print it. */
static void
row(const char *operation, size_t bytes, void (*step)(size_t), size_t argument, unsigned count)
{
	if (!is_wanted(operation, bytes))
		return;
	single.step = step;
	single.argument = argument;
	/* Where one round trip ends, the other side may still be on its way. */
	report(operation, bytes, steps_single, apart ? EACH : 1, measure(steps_single, count));
}

static void
step_trap(size_t number)
{
	bench_trap0((long)-number);
}

static void
step_rpc(size_t bytes)
{
	mach_msg_header_t *h = &client_buffer.header;
	mach_msg_return_t result;

	h->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	h->msgh_remote_port = server_port;
	h->msgh_local_port = reply_port;
	h->msgh_id = 1000;
	result = bench_mach_msg(h, MACH_SEND_MSG | MACH_RCV_MSG,
	    (mach_msg_size_t)(sizeof(*h) + bytes), sizeof(client_buffer), reply_port);
	if (result != MACH_MSG_SUCCESS)
		bench_fail("client: mach_msg", result);
}

/* Two traps here and two there; each finds the other side waiting. */
static void
step_rpc_halves(size_t bytes)
{
	mach_msg_header_t *h = &client_buffer.header;
	mach_msg_return_t result;

	h->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	h->msgh_remote_port = server_port;
	h->msgh_local_port = reply_port;
	h->msgh_id = 1003;
	result = bench_mach_msg(
	    h, MACH_SEND_MSG, (mach_msg_size_t)(sizeof(*h) + bytes), 0, MACH_PORT_NULL);
	if (result != MACH_MSG_SUCCESS)
		bench_fail("client: send", result);
	result = bench_mach_msg(h, MACH_RCV_MSG, 0, sizeof(client_buffer), reply_port);
	if (result != MACH_MSG_SUCCESS)
		bench_fail("client: receive", result);
}

static inline __attribute__((always_inline)) void
port_message(size_t rights)
{
	struct port_message *m = (void *)&client_buffer;
	mach_msg_return_t result;

	m->header.msgh_bits = MACH_MSGH_BITS_COMPLEX |
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	m->header.msgh_remote_port = server_port;
	m->header.msgh_local_port = reply_port;
	m->header.msgh_id = 1001;
	m->type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_COPY_SEND,
		.msgt_size = 64,
		.msgt_inline = TRUE,
		.msgt_number = (mach_msg_type_number_t)rights };
	for (size_t i = 0; i < rights; i++)
		m->ports[i].name = server_port;
	result = bench_mach_msg(&m->header, MACH_SEND_MSG | MACH_RCV_MSG,
	    (mach_msg_size_t)PORT_MESSAGE_SIZE(rights), sizeof(client_buffer), reply_port);
	if (result != MACH_MSG_SUCCESS)
		bench_fail("client: port message", result);
}

static void
step_rpc_port(size_t unused)
{
	(void)unused;
	port_message(1);
}

static void
step_rpc_ports(size_t rights)
{
	port_message(rights);
}

static vm_address_t ool_source;

static void
step_rpc_ool(size_t bytes)
{
	struct ool_message *m = (void *)&client_buffer;
	mach_msg_return_t result;

	m->header.msgh_bits = MACH_MSGH_BITS_COMPLEX |
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	m->header.msgh_remote_port = server_port;
	m->header.msgh_local_port = reply_port;
	m->header.msgh_id = 1002;
	m->type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_BYTE,
		.msgt_size = 8,
		.msgt_inline = FALSE,
		.msgt_number = (mach_msg_type_number_t)bytes };
	m->address = ool_source;
	result = bench_mach_msg(&m->header, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(*m),
	    sizeof(client_buffer), reply_port);
	if (result != MACH_MSG_SUCCESS)
		bench_fail("client: out-of-line message", result);
}

/* mach_port_type (id 3201) on our own task port, packed by hand. */
static void
step_rpc_kernel(size_t unused)
{
	struct {
		mach_msg_header_t header;
		mach_msg_type_t type;
		uint32_t name;
		uint32_t pad;
		unsigned char room[64];
	} m;
	mach_msg_return_t result;

	(void)unused;
	m.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	m.header.msgh_remote_port = bench_task_self();
	m.header.msgh_local_port = reply_port;
	m.header.msgh_id = 3201;
	m.type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_PORT_NAME,
		.msgt_size = 32,
		.msgt_inline = TRUE,
		.msgt_number = 1 };
	m.name = server_port;
	m.pad = 0;
	result = bench_mach_msg(&m.header, MACH_SEND_MSG | MACH_RCV_MSG, 48, sizeof(m), reply_port);
	if (result != MACH_MSG_SUCCESS || m.header.msgh_id != 3301)
		bench_fail("mach_port_type", result);
}

/* The server keeps what it is given: a new one each time. */
static void
bench_rights(unsigned rights, unsigned count)
{
	size_t bytes = PORT_MESSAGE_SIZE(rights) - sizeof(mach_msg_header_t);

	if (!is_wanted("rpc_port", bytes))
		return;
	server_start(server_loop_complex, false);
	row("rpc_port", bytes, rights == 1 ? step_rpc_port : step_rpc_ports, rights, count);
	server_stop();
}

static void
bench_rpcs(void)
{
	static const struct {
		unsigned number, count;
	} rights[] = { { 1, 200 }, { 4, 100 }, { 16, 50 }, { RIGHTS_MAX, 20 } };
	static const size_t sizes[] = { 0, 8, 32, 64, 128, 256, 512, 1024, 2048, 4096, 16384, 65536,
		262144, 1u << 20, BODY_MAX - sizeof(mach_msg_header_t) };

	server_start(server_loop, false);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (sizes[i] <= 4096 || !brief)
			row("rpc", sizes[i], step_rpc, sizes[i],
			    sizes[i] > 65536      ? 4
				: sizes[i] > 4096 ? 20
						  : 200);
	}
	server_stop();
	server_start(server_loop, true);
	row("rpc_set", 32, step_rpc, 32, 200);
	server_stop();
	for (unsigned i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		bench_rights(rights[i].number, rights[i].count);
	server_start(server_loop_halves, false);
	row("rpc_halves", 32, step_rpc_halves, 32, 200);
	server_stop();
}

static void
bench_ool_size(const char *operation, size_t size)
{
	ool_source = 0;
	bench_check("vm_allocate", syscall_vm_allocate(bench_task_self(), &ool_source, size, TRUE));
	for (size_t at = 0; at < size; at += 4096)
		*(volatile char *)(ool_source + at) = 1;
	row(operation, size, step_rpc_ool, size, size > 65536 ? 4 : 20);
	syscall_vm_deallocate(bench_task_self(), ool_source, size);
}

static void
bench_ool(const char *operation, void (*loop)(void))
{
	static const size_t sizes[] = { 4096, 16384, 65536, 262144, 1u << 20, 4u << 20 };

	server_start(loop, false);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (sizes[i] <= 65536 || !brief)
			bench_ool_size(operation, sizes[i]);
	}
	server_stop();
}

/* -- Faults and exceptions ---------------------------------------------------- */

#define FAULTS 20

static volatile char *fault_next;

/* Touch a page that has never been touched. */
static void
step_zero_fill(size_t unused)
{
	(void)unused;
	*fault_next = 1;
	fault_next += 4096;
}

static void
step_allocate(size_t pages)
{
	vm_address_t address = 0;

	bench_check(
	    "vm_allocate", syscall_vm_allocate(bench_task_self(), &address, pages * 4096, TRUE));
	for (size_t i = 0; i < pages; i++)
		*(volatile char *)(address + i * 4096) = 1;
	syscall_vm_deallocate(bench_task_self(), address, pages * 4096);
}

static void
bench_faults(void)
{
	const vm_size_t size = ((batches + 1) * FAULTS + MARKED) * 4096;
	vm_address_t address = 0;

	bench_check("vm_allocate", syscall_vm_allocate(bench_task_self(), &address, size, TRUE));
	fault_next = (volatile char *)address;
	row("fault_zero_fill", 4096, step_zero_fill, 0, FAULTS);
	syscall_vm_deallocate(bench_task_self(), address, size);
	row("vm_allocate_touch_deallocate", 4096, step_allocate, 1, 20);
}

static mach_port_name_t exception_name;

static void
fault_forever(void)
{
	for (;;)
		__asm__ volatile("ud2");
}

/* Receive the exception of a thread elsewhere and answer success, which makes
 * it fault again at once: one round trip an iteration. */
static void
step_exception(size_t unused)
{
	struct message *m = &client_buffer;
	mach_msg_return_t result;
	bool answer = m->header.msgh_id == EXC_REPLY_ID;

	(void)unused;
	result = bench_mach_msg(&m->header, answer ? MACH_SEND_MSG | MACH_RCV_MSG : MACH_RCV_MSG,
	    EXC_REPLY_SIZE, sizeof(*m), exception_name);
	if (result != MACH_MSG_SUCCESS)
		bench_fail("exception: mach_msg", result);
	bench_exception_reply(&m->header);
}

static void
bench_exceptions(void)
{
	mach_port_name_t task;
	mach_port_name_t thread;

	bench_check("task_create", syscall_task_create(bench_task_self(), TRUE, &task));
	exception_name = mach_reply_port();
	bench_check("exception port", bench_set_exception_port(task, exception_name));
	thread = bench_thread_start(task, fault_forever, faulter_stack + sizeof(faulter_stack));
	bench_fix_priority(host_priv, thread);
	client_buffer.header.msgh_id = 0;
	row("exception", 0, step_exception, 0, 100);
	syscall_task_terminate(task);
	syscall_mach_port_deallocate(bench_task_self(), thread);
	syscall_mach_port_deallocate(bench_task_self(), task);
}

/* -- Registers ----------------------------------------------------------------- */

/* Message id 1000 and so many 64-bit integers. */
static uint64_t register_label;

static void
register_label_set(unsigned words)
{
	uint64_t types = 0;

	for (unsigned i = 0; i < words; i++)
		types |= MACH_REGISTER_TYPE(i, MACH_REGISTER_INTEGER_64);
	register_label = MACH_REGISTER_LABEL(1000, types);
}

static void
server_loop_register(void)
{
	bench_fail("server: reply_wait",
	    bench_register_serve((uint64_t)server_name << 32, register_label));
}

static void
steps_register(size_t count)
{
	mach_msg_return_t result;

	result = bench_register_calls(
	    (uint64_t)reply_port << 32 | server_port, register_label, (unsigned)count);
	if (result != MACH_MSG_SUCCESS)
		bench_fail("client: call", result);
}

static void
register_row(const char *operation, unsigned words, bool in_set)
{
	if (!is_wanted(operation, words * 8))
		return;
	register_label_set(words);
	server_start(server_loop_register, in_set);
	report(operation, words * 8, steps_register, EACH, measure(steps_register, 200));
	server_stop();
}

static void
bench_registers(void)
{
	transport = "register";
	bench_check("host_ipc_mode_set", bench_ipc_mode_set(host_priv, PORTOLAN_IPC_REGISTER));
	for (unsigned words = 0; words <= MACH_REGISTER_WORDS; words++)
		register_row("rpc", words, false);
	register_row("rpc_set", 4, true);
}

/* -- Between two CPUs ----------------------------------------------------------- */

static void
apart_messages(const char *name, int mode)
{
	static const size_t sizes[] = { 0, 32, 1024 };

	transport = name;
	bench_check("host_ipc_mode_set", bench_ipc_mode_set(host_priv, mode));
	server_start(server_loop, false);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		row("rpc_cpus", sizes[i], step_rpc, sizes[i], 100);
	server_stop();
}

static void
bench_apart(void)
{
	bench_check("thread_bind", bench_bind(host_priv, mach_thread_self(), 0));
	if (is_transport("buffered"))
		apart_messages("buffered", PORTOLAN_IPC_BUFFERED);
	if (is_transport("handoff"))
		apart_messages("handoff", PORTOLAN_IPC_HANDOFF);
	if (!is_transport("register"))
		return;
	transport = "register";
	bench_check("host_ipc_mode_set", bench_ipc_mode_set(host_priv, PORTOLAN_IPC_REGISTER));
	register_row("rpc_cpus", 0, false);
	register_row("rpc_cpus", 4, false);
}

/* -- All of it ----------------------------------------------------------------- */

static void
bench_all(const char *name, int mode)
{
	transport = name;
	bench_check("host_ipc_mode_set", bench_ipc_mode_set(host_priv, mode));
	bench_rpcs();
	row("rpc_kernel", 16, step_rpc_kernel, 0, 200);
	bench_exceptions();
	bench_ool("rpc_ool", server_loop_complex);
	bench_ool("rpc_ool_touched", server_loop_touch);
}

static void
bench_together(void)
{
	if (is_transport("none")) {
		transport = "none";
		row("trap", 0, step_trap, 1, 1000);
		row("trap_task_self", 0, step_trap, 28, 1000);
		bench_faults();
	}
	if (is_transport("buffered"))
		bench_all("buffered", PORTOLAN_IPC_BUFFERED);
	if (is_transport("handoff"))
		bench_all("handoff", PORTOLAN_IPC_HANDOFF);
	if (is_transport("register"))
		bench_registers();
}

static void
batches_set(const char *digits)
{
	unsigned long number = digits == NULL ? BATCHES : bench_number(digits);

	batches = number == 0 ? 1 : number > BATCHES_MAX ? BATCHES_MAX : (unsigned)number;
}

int
main(int argc, char **argv)
{
	host_priv = bench_port_argument(argc, argv, "--host-port=");
	only = bench_argument(argc, argv, "--only=");
	only_bytes = bench_argument(argc, argv, "--bytes=");
	only_transport = bench_argument(argc, argv, "--transport=");
	brief = bench_argument(argc, argv, "--short") != NULL;
	apart = bench_argument(argc, argv, "--apart") != NULL;
	batches_set(bench_argument(argc, argv, "--batches="));
	reply_port = mach_reply_port();
	bench_fix_priority(host_priv, mach_thread_self());
	if (apart)
		bench_apart();
	else
		bench_together();
	bench_ipc_mode_set(host_priv, PORTOLAN_IPC_ALL);
	bench_print("RESULT done none 0 0\n");
	bench_exit(host_priv, 0);
	return 0;
}
