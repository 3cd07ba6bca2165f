/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile_check -- entry to and exit from the kernel under ill will.
 *
 * A boot module: `hostile_check --host-port=${host-port} $(task-create)
 * $(task-resume)`. A victim thread runs each case of hostile_cases.S; its
 * exception arrives here as a message and must be the one the sheet says (7.4),
 * at the instruction it says. The victim then gets the next case's state with
 * the reply. Prints a line for each failure, `hostile: N passed, M failed`,
 * and halts the machine. What it really tests is that it gets that far.
 */
#include <mach.h>
#include <mach/exc_server.h>
#include <mach/exception.h>
#include <mach/host_info.h>
#include <mach/thread_status.h>

#define USER_END      0x800000000000ul
#define FLAG_TF       0x100u
#define ANY_SUBCODE   (-1l)
#define ANY_EXCEPTION (-1)
#define SEED_REGISTER 0x1111111111111111ul

struct hostile_case {
	const char *name;
	void (*code)(void);
	const char *at; /* expected RIP; NULL: not checked */
	int exception;
	int code_wanted;
	long subcode;
	void (*prepare)(struct i386_thread_state *state);
	boolean_t (*check)(const struct i386_thread_state *state);
};

#define DECLARE(name)                                                                              \
	extern void hostile_##name(void);                                                          \
	extern const char hostile_##name##_at[]

DECLARE(registers);
DECLARE(trace);
DECLARE(flags);
DECLARE(nested);
DECLARE(stack_syscall);
DECLARE(stack_push);
DECLARE(gs_kernel);
DECLARE(gs_selector);
DECLARE(selector_kernel);
DECLARE(selector_tss);
DECLARE(far_kernel);
DECLARE(jump_hole);
DECLARE(iret_kernel);
DECLARE(sysret);
DECLARE(swapgs);
DECLARE(halt);
DECLARE(disable);
DECLARE(port);
DECLARE(control);
DECLARE(model);
DECLARE(int_14);
DECLARE(int_2);
DECLARE(int_8);
DECLARE(int_128);
DECLARE(int_timer);
DECLARE(number_130);
DECLARE(number_1023);
DECLARE(number_1088);
DECLARE(number_min);
DECLARE(number_max);
DECLARE(number_high);
DECLARE(divide);
DECLARE(null);
DECLARE(kernel_read);
DECLARE(direct_write);
DECLARE(hole_read);
DECLARE(x87);
DECLARE(stop);
extern void hostile_stack_kernel(void), hostile_stack_end(void), hostile_jump_kernel(void),
    hostile_last(void), hostile_icebp(void), hostile_sse(void), hostile_stack_segment_syscall(void),
    hostile_stack_segment_int3(void);
extern const uint64_t hostile_selector;

/* -- checks of the state the victim stopped with ------------------------------- */

static void
prepare_registers(struct i386_thread_state *state)
{
	uint64_t *word = (uint64_t *)state;

	for (unsigned int i = 0; i < 15; i++)
		if (&word[i] != &state->rsp)
			word[i] = SEED_REGISTER * (i + 1);
}

static boolean_t
check_registers(const struct i386_thread_state *state)
{
	const uint64_t *word = (const uint64_t *)state;

	for (unsigned int i = 0; i < 15; i++) {
		if (&word[i] == &state->rsp || &word[i] == &state->r11 || &word[i] == &state->rcx)
			continue;
		if (word[i] != SEED_REGISTER * (i + 1))
			return FALSE;
	}
	return (uint32_t)state->rax == KERN_INVALID_ARGUMENT;
}

static boolean_t
check_flags(const struct i386_thread_state *state)
{
	/* AC, NT and DF, which the thread set itself. */
	return (state->rfl & 0x44400) == 0x44400 && (uint32_t)state->rax == 4;
}

static boolean_t
check_rax_4(const struct i386_thread_state *state)
{
	return (uint32_t)state->rax == 4;
}

static boolean_t
check_stack_kept(const struct i386_thread_state *state)
{
	return state->ursp == 0xdead000000000000ul && (uint32_t)state->rax == 4;
}

static void
prepare_all_flags(struct i386_thread_state *state)
{
	state->rfl = 0xffffffffffffffff & ~(uint64_t)FLAG_TF;
}

/* IOPL, NT, RF, VM, VIF, VIP must not get through; IF is on. */
static boolean_t
check_all_flags(const struct i386_thread_state *state)
{
	return (state->rfl & 0xffffffffffdb7000ul) == 0 && (state->rfl & 0x202) == 0x202;
}

static void
prepare_rip_hole(struct i386_thread_state *state)
{
	state->rip = USER_END;
}

static void
prepare_rip_wild(struct i386_thread_state *state)
{
	state->rip = 0x1234567812345678ul;
}

static void
prepare_rip_kernel(struct i386_thread_state *state)
{
	state->rip = 0xffff800000100000ul;
}

static void
prepare_stack_wild(struct i386_thread_state *state)
{
	state->ursp = 0x8888000000000000ul;
}

static struct i386_debug_state watch;

/* DR0: reads and writes of the selector. */
static void
prepare_watch(struct i386_thread_state *state)
{
	watch.dr[0] = (unsigned int)(uintptr_t)&hostile_selector;
	watch.dr[7] = 1u | 3u << 16 | 1u << 18;
}

/* -- the table --------------------------------------------------------------------- */

#define BPT EXC_BREAKPOINT, EXC_I386_BPT, 0
#define GP  EXC_BAD_INSTRUCTION, EXC_I386_GPFLT, ANY_SUBCODE
#define ANY ANY_EXCEPTION, -1, ANY_SUBCODE
#define UD  EXC_BAD_INSTRUCTION, EXC_I386_INVOP, 0
#define ROW(name, what, ...)                                                                       \
	{                                                                                          \
#name, hostile_##name, hostile_##name##_at, what, __VA_ARGS__                      \
	}

static const struct hostile_case cases[] = {
	ROW(registers, BPT, prepare_registers, check_registers),
	{ "trace", hostile_trace, NULL, EXC_BREAKPOINT, EXC_I386_SGL, 0, NULL, NULL },
	ROW(flags, BPT, NULL, check_flags),
	{ "nested", hostile_nested, NULL, UD, NULL, NULL },
	ROW(stack_syscall, BPT, NULL, check_stack_kept),
	{ "stack_push", hostile_stack_push, NULL, EXC_BAD_INSTRUCTION, -1, ANY_SUBCODE, NULL,
	    NULL },
	{ "stack_kernel", hostile_stack_kernel, NULL, EXC_BAD_ACCESS, -1,
	    (long)0xffffffff80100008ul, NULL, NULL },
	{ "stack_end", hostile_stack_end, NULL, EXC_BAD_ACCESS, -1, (long)USER_END, NULL, NULL },
	{ "gs_kernel", hostile_gs_kernel, NULL, UD, NULL, NULL },
	ROW(gs_selector, BPT, NULL, check_rax_4),
	ROW(selector_kernel, GP, NULL, NULL),
	ROW(selector_tss, GP, NULL, NULL),
	/* Under QEMU an access fault: it reads the stack wrongly (SMAP). */
	ROW(far_kernel, ANY, NULL, NULL),
	{ "jump_hole", hostile_jump_hole, NULL, GP, NULL, NULL },
	{ "jump_kernel", hostile_jump_kernel, NULL, EXC_BAD_ACCESS, EXC_I386_PGFLT,
	    (long)0xffffffff80100000ul, NULL, NULL },
	ROW(iret_kernel, ANY, NULL, NULL),
	ROW(sysret, GP, NULL, NULL),
	ROW(swapgs, GP, NULL, NULL),
	ROW(halt, GP, NULL, NULL),
	ROW(disable, GP, NULL, NULL),
	ROW(port, GP, NULL, NULL),
	ROW(control, GP, NULL, NULL),
	ROW(model, GP, NULL, NULL),
	ROW(int_14, GP, NULL, NULL),
	ROW(int_2, GP, NULL, NULL),
	ROW(int_8, GP, NULL, NULL),
	ROW(int_128, GP, NULL, NULL),
	ROW(int_timer, GP, NULL, NULL),
	/* QEMU: general protection; else a debug exception. */
	{ "icebp", hostile_icebp, NULL, ANY, NULL, NULL },
	ROW(number_130, UD, NULL, NULL),
	ROW(number_1023, UD, NULL, NULL),
	ROW(number_1088, UD, NULL, NULL),
	ROW(number_min, UD, NULL, NULL),
	ROW(number_max, UD, NULL, NULL),
	ROW(number_high, BPT, NULL, check_rax_4),
	ROW(divide, EXC_ARITHMETIC, EXC_I386_DIV, 0, NULL, NULL),
	ROW(null, EXC_BAD_ACCESS, -1, 0, NULL, NULL),
	ROW(kernel_read, EXC_BAD_ACCESS, EXC_I386_PGFLT, (long)0xffffffff80100000ul, NULL, NULL),
	ROW(direct_write, EXC_BAD_ACCESS, EXC_I386_PGFLT, (long)0xffff800000100000ul, NULL, NULL),
	ROW(hole_read, GP, NULL, NULL),
	ROW(x87, EXC_ARITHMETIC, EXC_I386_EXTERR, ANY_SUBCODE, NULL, NULL),
	/* QEMU never raises these: the next int3 comes. */
	{ "sse", hostile_sse, NULL, ANY, NULL, NULL },
	{ "last", hostile_last, NULL, GP, NULL, NULL },
	{ "stack_segment_syscall", hostile_stack_segment_syscall, NULL, EXC_BREAKPOINT, -1, 0,
	    prepare_watch, NULL },
	{ "stack_segment_int3", hostile_stack_segment_int3, NULL, EXC_BREAKPOINT, -1, 0,
	    prepare_watch, NULL },
	{ "all_flags", hostile_stop, NULL, BPT, prepare_all_flags, check_all_flags },
	{ "rip_hole", hostile_stop, NULL, GP, prepare_rip_hole, NULL },
	{ "rip_wild", hostile_stop, NULL, GP, prepare_rip_wild, NULL },
	{ "rip_kernel", hostile_stop, NULL, EXC_BAD_ACCESS, EXC_I386_PGFLT,
	    (long)0xffff800000100000ul, prepare_rip_kernel, NULL },
	{ "stack_wild", hostile_stop, NULL, BPT, prepare_stack_wild, NULL },
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

/* -- the victim ---------------------------------------------------------------------- */

static char victim_stack[16384] __attribute__((aligned(16)));
static mach_port_t victim;
static unsigned int current;
static unsigned int passed, failed;

static void
start_case(const struct hostile_case *c)
{
	struct i386_thread_state state = { 0 };
	struct i386_float_state none = { 0 };

	state.rip = (uint64_t)c->code;
	state.ursp = (uint64_t)victim_stack + sizeof(victim_stack) - 64;
	state.rfl = 0x202;
	watch = (struct i386_debug_state) { 0 };
	if (c->prepare != NULL)
		c->prepare(&state);
	(void)thread_set_state(
	    victim, i386_DEBUG_STATE, (thread_state_t)&watch, i386_DEBUG_STATE_COUNT);
	(void)thread_set_state(
	    victim, i386_FLOAT_STATE, (thread_state_t)&none, i386_FLOAT_STATE_COUNT);
	if (thread_set_state(victim, i386_THREAD_STATE, (thread_state_t)&state,
		i386_THREAD_STATE_COUNT) != KERN_SUCCESS)
		mach_printf("hostile: cannot set the state of %s\n", c->name);
}

static void
fail(const struct hostile_case *c, const char *what, long got, long wanted)
{
	failed++;
	mach_printf("FAIL %s: %s is 0x%lx, not 0x%lx\n", c->name, what, (unsigned long)got,
	    (unsigned long)wanted);
}

static void
judge(const struct hostile_case *c, int exception, int code, long subcode)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;

	(void)thread_get_state(victim, i386_REGS_SEGS_STATE, (thread_state_t)&state, &count);
	if (c->exception != ANY_EXCEPTION && exception != c->exception)
		fail(c, "exception", exception, c->exception);
	else if (c->code_wanted != -1 && code != c->code_wanted)
		fail(c, "code", code, c->code_wanted);
	else if (c->subcode != ANY_SUBCODE && subcode != c->subcode)
		fail(c, "subcode", subcode, c->subcode);
	else if (c->at != NULL && state.rip != (uint64_t)c->at)
		fail(c, "rip", (long)state.rip, (long)c->at);
	else if (c->check != NULL && !c->check(&state))
		fail(c, "state: rfl", (long)state.rfl, 0);
	else
		passed++;
}

kern_return_t
catch_exception_raise(mach_port_t exception_port, mach_port_t thread, mach_port_t task,
    integer_t exception, integer_t code, rpc_long_integer_t subcode)
{
	(void)mach_port_deallocate(mach_task_self(), thread);
	(void)mach_port_deallocate(mach_task_self(), task);
	judge(&cases[current], exception, code, subcode);
	if (++current < CASES)
		start_case(&cases[current]);
	return KERN_SUCCESS;
}

/* A syscall instruction as the last two bytes of user space. */
static void
place_last(void)
{
	vm_address_t address = USER_END - vm_page_size;

	(void)vm_allocate(mach_task_self(), &address, vm_page_size, FALSE);
	(void)vm_protect(mach_task_self(), address, vm_page_size, FALSE, VM_PROT_ALL);
	*(volatile unsigned char *)(USER_END - 2) = 0x0f;
	*(volatile unsigned char *)(USER_END - 1) = 0x05;
}

static void
serve(mach_port_t port)
{
	union {
		mach_msg_header_t header;
		char bytes[512];
	} request, reply;

	while (current < CASES) {
		if (mach_msg(&request.header, MACH_RCV_MSG, 0, sizeof(request), port,
			MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL) != MACH_MSG_SUCCESS)
			break;
		(void)exc_server(&request.header, &reply.header);
		if (current == CASES)
			(void)thread_terminate(victim);
		(void)mach_msg(&reply.header, MACH_SEND_MSG, reply.header.msgh_size, 0,
		    MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
	}
}

static mach_port_t
host_port_of(int argc, char **argv)
{
	static const char option[] = "--host-port=";
	mach_port_t port = MACH_PORT_NULL;
	unsigned int i;

	for (int a = 1; a < argc; a++) {
		for (i = 0; option[i] != '\0' && argv[a][i] == option[i]; i++)
			;
		if (option[i] != '\0')
			continue;
		for (; argv[a][i] >= '0' && argv[a][i] <= '9'; i++)
			port = port * 10 + (mach_port_t)(argv[a][i] - '0');
	}
	return port;
}

int
main(int argc, char **argv)
{
	mach_port_t port;

	place_last();
	if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port) != KERN_SUCCESS ||
	    mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND) !=
		KERN_SUCCESS ||
	    thread_create(mach_task_self(), &victim) != KERN_SUCCESS ||
	    thread_set_special_port(victim, THREAD_EXCEPTION_PORT, port) != KERN_SUCCESS) {
		mach_printf("hostile: no victim\n");
		return 1;
	}
	start_case(&cases[0]);
	(void)thread_resume(victim);
	serve(port);
	mach_printf("hostile: %u passed, %u failed\n", passed, failed);
	(void)host_reboot(host_port_of(argc, argv), RB_HALT);
	return 0;
}
