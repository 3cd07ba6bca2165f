/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bind_check -- thread_bind: a bound thread executes user code on its CPU and
 * no other, whatever wakes it, whoever hands it the CPU, and from whatever
 * state it was bound.
 *
 * A boot module: `bind_check --host-port=${host-port} $(task-create)
 * $(task-resume)`. Prints a line for each check that fails, then `bind: N
 * passed, M failed`. Where a thread is it asks the CPU itself (CPUID leaf 1:
 * the number of its APIC), so that the kernel need not be believed.
 */
#include <mach.h>
#include <mach/exception.h>
#include <mach/mach_traps.h>
#include <mach/policy.h>
#include <mach/portolan.h>
#include <mach/register_ipc.h>
#include <mach/thread_info.h>
#include <mach/thread_switch.h>
#include <portolan/portolan.h>

#include "bench.h"
#include "check.h"

#define CPUS_MAX 16
#define STACK    16384
#define ROUNDS   60
#define SPINNERS 3
#define STORM    200

static unsigned char stacks[SPINNERS + 2][STACK] __attribute__((aligned(16)));
static mach_port_name_t host_priv;
static unsigned cpus;
static unsigned apic[CPUS_MAX];

static unsigned
apic_here(void)
{
	uint32_t a = 1, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b >> 24;
}

/* Which of the CPUs; CPUS_MAX: none that is known. */
static unsigned
cpu_here(void)
{
	unsigned here = apic_here(), cpu = 0;

	while (cpu < cpus && apic[cpu] != here)
		cpu++;
	return cpu < cpus ? cpu : CPUS_MAX;
}

static kern_return_t
bind(mach_port_name_t thread, int cpu)
{
	return thread_bind(host_priv, thread, cpu);
}

static unsigned
last_processor(mach_port_name_t thread)
{
	struct thread_sched_info info;
	mach_msg_type_number_t count = THREAD_SCHED_INFO_COUNT;

	bench_check(
	    "thread_info", thread_info(thread, THREAD_SCHED_INFO, (thread_info_t)&info, &count));
	return (unsigned)info.last_processor;
}

/* -- The running thread itself -------------------------------------------------- */

/* Also finds out how many CPUs there are and their numbers. */
static void
test_self(mach_port_name_t self)
{
	while (cpus < CPUS_MAX && bind(self, (int)cpus) == KERN_SUCCESS) {
		apic[cpus] = apic_here();
		CHECK_EQ(last_processor(self), cpus);
		for (unsigned i = 0; i < cpus; i++)
			CHECK(apic[i] != apic[cpus]);
		cpus++;
	}
	CHECK(cpus > 0);
	for (unsigned i = 0; i < 5 * cpus; i++) {
		unsigned cpu = i * 3 % cpus;

		CHECK_EQ(bind(self, (int)cpu), KERN_SUCCESS);
		CHECK_EQ(cpu_here(), cpu);
		rest(1);
		CHECK_EQ(cpu_here(), cpu);
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0);
		CHECK_EQ(cpu_here(), cpu);
	}
	CHECK_EQ(bind(self, PORTOLAN_CPU_ANY), KERN_SUCCESS);
}

static void
test_refusals(mach_port_name_t self)
{
	static const int none[] = { CPUS_MAX, -2, 0x7fffffff, -0x7fffffff - 1, 65536 };
	mach_port_name_t host = mach_host_self();

	CHECK_EQ(bind(self, (int)cpus), KERN_INVALID_ARGUMENT);
	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		CHECK_EQ(bind(self, none[i]), KERN_INVALID_ARGUMENT);
	CHECK_EQ(thread_bind(host, self, 0), KERN_INVALID_HOST);
	CHECK_EQ(bind(me(), 0), KERN_INVALID_ARGUMENT);
	CHECK_EQ(bind(MACH_PORT_NULL, 0), KERN_INVALID_ARGUMENT);
	drop(host);
}

/* A kernel call that goes round all CPUs brings its caller back. */
static void
test_errand(mach_port_name_t self)
{
	for (unsigned cpu = 0; cpu < cpus; cpu++) {
		CHECK_EQ(bind(self, (int)cpu), KERN_SUCCESS);
		CHECK_EQ(host_caches_empty(host_priv), KERN_SUCCESS);
		CHECK_EQ(cpu_here(), cpu);
	}
	CHECK_EQ(bind(self, PORTOLAN_CPU_ANY), KERN_SUCCESS);
}

/* -- Threads that run ------------------------------------------------------------- */

static volatile unsigned spinner_cpu[SPINNERS];
static volatile unsigned spinner_stray[SPINNERS]; /* times seen elsewhere */
static volatile unsigned spinner_home[SPINNERS];  /* where it should be, or CPUS_MAX */

static void
spin(unsigned number)
{
	for (;;) {
		unsigned home = spinner_home[number], here = cpu_here();

		spinner_cpu[number] = here;
		if (home != CPUS_MAX && home != here && home == spinner_home[number])
			spinner_stray[number]++;
	}
}

static void
spin_0(void)
{
	spin(0);
}

static void
spin_1(void)
{
	spin(1);
}

static void
spin_2(void)
{
	spin(2);
}

static void (*const spinners[SPINNERS])(void) = { spin_0, spin_1, spin_2 };

static mach_port_name_t
spinner_start(unsigned number)
{
	spinner_home[number] = CPUS_MAX;
	return bench_thread_start(me(), spinners[number], stacks[number] + STACK);
}

static void
thread_end(mach_port_name_t thread)
{
	CHECK_EQ(thread_terminate(thread), KERN_SUCCESS);
	drop(thread);
}

/* One that runs, is ready, or is suspended, is moved. */
static void
test_running(void)
{
	mach_port_name_t thread[SPINNERS];

	for (unsigned i = 0; i < SPINNERS; i++)
		thread[i] = spinner_start(i);
	for (unsigned round = 0; round < 2 * cpus + 3; round++) {
		unsigned cpu = round % cpus, i = round % SPINNERS;
		bool suspended = round % 5 == 4;

		spinner_home[i] = CPUS_MAX;
		if (suspended)
			CHECK_EQ(thread_suspend(thread[i]), KERN_SUCCESS);
		CHECK_EQ(bind(thread[i], (int)cpu), KERN_SUCCESS);
		spinner_cpu[i] = CPUS_MAX;
		if (suspended)
			CHECK_EQ(thread_resume(thread[i]), KERN_SUCCESS);
		CHECK(await_value(&spinner_cpu[i], cpu));
		spinner_home[i] = cpu;
		rest(5);
	}
	for (unsigned i = 0; i < SPINNERS; i++)
		CHECK_EQ(spinner_stray[i], 0);
	for (unsigned i = 0; i < SPINNERS; i++)
		thread_end(thread[i]);
}

/* -- Messages ----------------------------------------------------------------------- */

struct question {
	mach_msg_header_t head;
	mach_msg_type_t type;
	uint64_t cpu;
};

static mach_port_name_t question_port, answer_port;

/* Answers where it is. */
static void
answer_loop(void)
{
	struct question q;
	mach_msg_return_t mr;

	mr = mach_msg(&q.head, MACH_RCV_MSG, 0, sizeof(q), question_port, 0, 0);
	for (;;) {
		bench_check("answer_loop", mr);
		q.cpu = cpu_here();
		q.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		q.head.msgh_local_port = MACH_PORT_NULL;
		mr = mach_msg(&q.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(q), sizeof(q),
		    question_port, 0, 0);
	}
}

static unsigned
ask(void)
{
	struct question q = {
		.head.msgh_bits =
		    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.head.msgh_remote_port = question_port,
		.head.msgh_local_port = answer_port,
		.type = { .msgt_name = MACH_MSG_TYPE_INTEGER_64,
		    .msgt_size = 64,
		    .msgt_inline = TRUE,
		    .msgt_number = 1 },
	};

	bench_check("ask",
	    mach_msg(
		&q.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(q), sizeof(q), answer_port, 0, 0));
	return (unsigned)q.cpu;
}

/* The same in registers, also for those who ask by mach_msg. */
static void
answer_loop_registers(void)
{
	struct mach_register_message m = { 0 };
	mach_port_name_t reply = MACH_PORT_NULL;
	struct question q;

	for (;;) {
		mach_msg_return_t mr =
		    mach_register_reply_wait(reply, question_port, &m, &q.head, sizeof(q));

		reply = mr == MACH_REGISTER_MESSAGE ? q.head.msgh_remote_port : m.reply;
		if (mr != MACH_REGISTER_MESSAGE)
			bench_check("reply_wait", mr);
		m.label = MACH_REGISTER_LABEL(101, MACH_REGISTER_TYPE(0, MACH_REGISTER_INTEGER_64));
		m.words[0] = cpu_here();
	}
}

static unsigned
ask_registers(void)
{
	struct mach_register_message m = {
		.label = MACH_REGISTER_LABEL(1, MACH_REGISTER_TYPE(0, MACH_REGISTER_INTEGER_64)),
	};

	bench_check("call", mach_register_call(question_port, answer_port, &m));
	return (unsigned)m.words[0];
}

/* Index of a counter by its name. */
static unsigned
counter(const char *name)
{
	portolan_text_t found, meaning;

	for (int i = 0; host_ipc_counter_text(host_priv, i, found, meaning) == KERN_SUCCESS; i++) {
		if (bench_string_equal(found, name))
			return (unsigned)i;
	}
	bench_print("no counter %s\n", name);
	CHECK(false);
	return 0;
}

static uint64_t
counted(unsigned index)
{
	portolan_counts_data_t counts;
	mach_msg_type_number_t count = PORTOLAN_COUNT_MAX;

	bench_check("host_ipc_statistics", host_ipc_statistics(host_priv, counts, &count));
	return counts[index];
}

struct transport {
	int mode;
	void (*serve)(void);
	unsigned (*ask)(void);
	/* Counters: done the short way, done the long way, and why; or NULL. */
	const char *short_way, *long_way, *reason;
};

/* Both ends stay at home; the short way is gone only if these differ. */
static void
check_pair(const struct transport *transport, unsigned server_cpu, unsigned client_cpu)
{
	const char *grows = server_cpu == client_cpu ? transport->short_way : transport->long_way;
	unsigned which = grows != NULL ? counter(grows) : 0;
	unsigned reason = grows != NULL ? counter(transport->reason) : 0;
	uint64_t before = counted(which), reason_before = counted(reason);
	unsigned good = 0;

	for (unsigned i = 0; i < ROUNDS; i++)
		good += transport->ask() == server_cpu && cpu_here() == client_cpu;
	CHECK_EQ(good, ROUNDS);
	if (grows == NULL)
		return;
	CHECK(counted(which) - before >= ROUNDS / 2);
	if (server_cpu == client_cpu)
		CHECK_EQ(counted(reason), reason_before);
	else
		CHECK(counted(reason) - reason_before >= ROUNDS / 2);
}

static void
test_transport(const struct transport *transport, mach_port_name_t self)
{
	mach_port_name_t server;

	bench_check("mode", bench_ipc_mode_set(host_priv, transport->mode));
	server = bench_thread_start(me(), transport->serve, stacks[0] + STACK);
	for (unsigned i = 0; i < 2 * cpus; i++) {
		unsigned server_cpu = (i + 1) % cpus, client_cpu = i / 2 % cpus;

		/* The server waits in a receive, or soon will. */
		CHECK_EQ(bind(server, (int)server_cpu), KERN_SUCCESS);
		CHECK_EQ(bind(self, (int)client_cpu), KERN_SUCCESS);
		(void)transport->ask();
		check_pair(transport, server_cpu, client_cpu);
	}
	CHECK_EQ(bind(self, PORTOLAN_CPU_ANY), KERN_SUCCESS);
	CHECK_EQ(bind(server, PORTOLAN_CPU_ANY), KERN_SUCCESS);
	for (unsigned i = 0; i < ROUNDS; i++)
		(void)transport->ask();
	thread_end(server);
	bench_check("mode", bench_ipc_mode_set(host_priv, PORTOLAN_IPC_ALL));
}

static const struct transport transports[] = {
	{ PORTOLAN_IPC_BUFFERED, answer_loop, ask, NULL, NULL, NULL },
	{ PORTOLAN_IPC_HANDOFF, answer_loop, ask, "HANDOFF", "BUFFERED_SEND", "NO_CPU" },
	{ PORTOLAN_IPC_REGISTER, answer_loop_registers, ask_registers, "REGISTER_CALL",
	    "REGISTER_BUFFERED", "REGISTER_NO_CPU" },
	{ PORTOLAN_IPC_ALL, answer_loop, ask_registers, NULL, NULL, NULL },
	{ PORTOLAN_IPC_ALL, answer_loop_registers, ask, NULL, NULL, NULL },
};

#define TRANSPORTS (sizeof(transports) / sizeof(transports[0]))

static void
test_messages(mach_port_name_t self)
{
	question_port = port_new();
	answer_port = mach_reply_port();
	for (unsigned i = 0; i < TRANSPORTS; i++)
		test_transport(&transports[i], self);
}

/* -- Exceptions ------------------------------------------------------------------------ */

static volatile unsigned faults_at[CPUS_MAX + 1];

/* Its own CPU before, and after, each exception. */
static void
fault_loop(void)
{
	for (;;) {
		__asm__ volatile("ud2" : : : "memory");
		faults_at[cpu_here()]++;
	}
}

/* Its instruction pointer past the ud2, then the answer. */
static void
serve_exception(mach_port_name_t thread, mach_msg_header_t *m, mach_port_name_t port, bool first)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;

	bench_check("exception",
	    bench_mach_msg(
		m, first ? MACH_RCV_MSG : MACH_SEND_MSG | MACH_RCV_MSG, EXC_REPLY_SIZE, 512, port));
	bench_check("state",
	    thread_get_state(thread, i386_REGS_SEGS_STATE, (thread_state_t)&state, &count));
	state.rip += 2;
	bench_check(
	    "state", thread_set_state(thread, i386_REGS_SEGS_STATE, (thread_state_t)&state, count));
	bench_exception_reply(m);
}

static void
test_exceptions(mach_port_name_t self)
{
	static uint64_t message[64];
	mach_msg_header_t *m = (void *)message;
	mach_port_name_t task, port = mach_reply_port(), thread;

	task = me();
	bench_check("exception port", bench_set_exception_port(task, port));
	thread = bench_thread_start(task, fault_loop, stacks[0] + STACK);
	serve_exception(thread, m, port, true);
	for (unsigned i = 0; i < 2 * cpus; i++) {
		unsigned at = i % cpus, handler = i / 2 % cpus, before;

		CHECK_EQ(bind(thread, (int)at), KERN_SUCCESS);
		CHECK_EQ(bind(self, (int)handler), KERN_SUCCESS);
		serve_exception(thread, m, port, false);
		before = faults_at[at];
		for (unsigned round = 0; round < ROUNDS / 4; round++)
			serve_exception(thread, m, port, false);
		CHECK_EQ(faults_at[at] - before, ROUNDS / 4);
		CHECK_EQ(cpu_here(), handler);
	}
	CHECK_EQ(faults_at[CPUS_MAX], 0);
	CHECK_EQ(bind(self, PORTOLAN_CPU_ANY), KERN_SUCCESS);
	CHECK_EQ(task_set_special_port(task, TASK_EXCEPTION_PORT, MACH_PORT_NULL), KERN_SUCCESS);
	thread_end(thread);
}

/* -- All at once -------------------------------------------------------------------------- */

static unsigned
random_next(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

/* Threads that spin and threads that talk, bound anew all the time. */
static void
test_storm(mach_port_name_t self)
{
	mach_port_name_t threads[SPINNERS + 2];
	unsigned seed = 1, answers = 0;

	for (unsigned i = 0; i < SPINNERS; i++)
		threads[i] = spinner_start(i);
	threads[SPINNERS] =
	    bench_thread_start(me(), answer_loop_registers, stacks[SPINNERS] + STACK);
	threads[SPINNERS + 1] = self;
	for (unsigned i = 0; i < STORM; i++) {
		unsigned which = random_next(&seed) % (SPINNERS + 2);
		int cpu = (int)(random_next(&seed) % (cpus + 1)) - 1;

		bench_check("bind", bind(threads[which], cpu));
		if (which == SPINNERS + 1 && cpu != PORTOLAN_CPU_ANY)
			CHECK_EQ(cpu_here(), cpu);
		answers += ask_registers() < cpus;
	}
	CHECK_EQ(answers, STORM);
	for (unsigned i = 0; i <= SPINNERS; i++)
		thread_end(threads[i]);
	CHECK_EQ(bind(self, PORTOLAN_CPU_ANY), KERN_SUCCESS);
}

int
main(int argc, char **argv)
{
	mach_port_name_t self = mach_thread_self();

	host_priv = bench_port_argument(argc, argv, "--host-port=");
	test_self(self);
	test_refusals(self);
	test_errand(self);
	test_running();
	test_messages(self);
	test_exceptions(self);
	test_storm(self);
	bench_print("bind: %u passed, %u failed, %u CPUs\n", check_passed, check_failed, cpus);
	bench_exit(host_priv, check_failed != 0);
	return 0;
}
