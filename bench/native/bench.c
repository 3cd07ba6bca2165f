/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdbool.h>

#include <mach.h>
#include <mach/mach_traps.h>
#include <mach/policy.h>
#include <mach/thread_status.h>
#include <portolan/portolan.h>

#include "bench.h"

#define LINE_MAX 256

struct line {
	char text[LINE_MAX];
	size_t used;
};

static void
line_put(struct line *line, char c)
{
	if (line->used < LINE_MAX - 1)
		line->text[line->used++] = c;
}

static void
line_put_string(struct line *line, const char *s)
{
	while (*s != '\0')
		line_put(line, *s++);
}

static void
line_put_number(struct line *line, uint64_t value, unsigned base)
{
	char digits[24];
	size_t n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	while (n > 0)
		line_put(line, digits[--n]);
}

static void
line_put_signed(struct line *line, int value)
{
	if (value < 0)
		line_put(line, '-');
	line_put_number(line, value < 0 ? 0u - (unsigned)value : (unsigned)value, 10);
}

static void
line_put_argument(struct line *line, const char **formatp, va_list *args)
{
	bool is_long = **formatp == 'l';

	if (is_long)
		++*formatp;
	switch (**formatp) {
	case 's':
		line_put_string(line, va_arg(*args, const char *));
		break;
	case 'd':
		line_put_signed(line, va_arg(*args, int));
		break;
	case 'u':
	case 'x':
		line_put_number(line,
		    is_long ? va_arg(*args, unsigned long) : va_arg(*args, unsigned),
		    **formatp == 'x' ? 16 : 10);
		break;
	default:
		line_put(line, **formatp);
	}
}

void
bench_print(const char *format, ...)
{
	struct line line = { .used = 0 };
	va_list args;

	va_start(args, format);
	for (; *format != '\0'; format++) {
		if (*format != '%') {
			line_put(&line, *format);
			continue;
		}
		format++;
		line_put_argument(&line, &format, &args);
	}
	va_end(args);
	line.text[line.used] = '\0';
	mach_print(line.text);
}

static mach_port_name_t exit_host;

void
bench_exit(mach_port_name_t host_priv, int status)
{
	host_exit(host_priv, status);
}

void
bench_fail(const char *what, int code)
{
	bench_print("bench: %s failed: %d (0x%x)\n", what, code, (unsigned)code);
	if (exit_host != MACH_PORT_NULL)
		host_exit(exit_host, 1);
	for (;;)
		syscall_task_terminate(bench_task_self());
}

void
bench_check(const char *what, int code)
{
	if (code != KERN_SUCCESS)
		bench_fail(what, code);
}

mach_port_name_t
bench_task_self(void)
{
	static mach_port_name_t self;

	if (self == MACH_PORT_NULL)
		self = (mach_task_self)();
	return self;
}

/* What follows `prefix` in s, or NULL. */
static const char *
after_prefix(const char *s, const char *prefix)
{
	while (*prefix != '\0') {
		if (*s++ != *prefix++)
			return NULL;
	}
	return s;
}

const char *
bench_argument(int argc, char **argv, const char *prefix)
{
	for (int i = 1; i < argc; i++) {
		const char *rest = after_prefix(argv[i], prefix);

		if (rest != NULL)
			return rest;
	}
	return NULL;
}

bool
bench_string_equal(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

unsigned long
bench_number(const char *digits)
{
	unsigned long number = 0;

	for (; *digits >= '0' && *digits <= '9'; digits++)
		number = number * 10 + (unsigned long)(*digits - '0');
	return number;
}

mach_port_name_t
bench_port_argument(int argc, char **argv, const char *option)
{
	const char *digit = bench_argument(argc, argv, option);

	if (digit == NULL) {
		bench_print("bench: argument %s<name> is missing\n", option);
		bench_fail(option, KERN_INVALID_ARGUMENT);
	}
	exit_host = (mach_port_name_t)bench_number(digit);
	return exit_host;
}

kern_return_t
bench_port_allocate_in(mach_port_name_t task, mach_port_name_t *namep, mach_port_name_t *sendp)
{
	mach_msg_type_name_t type;
	kern_return_t result = mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, namep);

	if (result != KERN_SUCCESS)
		return result;
	return mach_port_extract_right(task, *namep, MACH_MSG_TYPE_MAKE_SEND, sendp, &type);
}

void
bench_poke(mach_port_name_t task, const void *address, size_t size)
{
	vm_address_t at = (vm_address_t)address;
	vm_address_t page = at & ~4095ul;
	vm_size_t length = ((at + size + 4095) & ~4095ul) - page;

	bench_check("vm_write", vm_write(task, page, page, (mach_msg_type_number_t)length));
}

mach_port_name_t
bench_thread_start(mach_port_name_t task, void (*entry)(void), void *stack_top)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_name_t thread;

	bench_check("thread_create", thread_create(task, &thread));
	bench_check("thread_get_state",
	    thread_get_state(thread, i386_REGS_SEGS_STATE, (thread_state_t)&state, &count));
	state.rip = (uint64_t)entry;
	/* As after a call: 16-byte aligned less the return address. */
	state.ursp = ((uint64_t)stack_top & ~15ul) - 8;
	bench_check("thread_set_state",
	    thread_set_state(thread, i386_REGS_SEGS_STATE, (thread_state_t)&state, count));
	bench_check("thread_resume", thread_resume(thread));
	return thread;
}

kern_return_t
bench_set_exception_port(mach_port_name_t task, mach_port_name_t name)
{
	kern_return_t result =
	    mach_port_insert_right(bench_task_self(), name, name, MACH_MSG_TYPE_MAKE_SEND);

	if (result != KERN_SUCCESS)
		return result;
	return task_set_special_port(task, TASK_EXCEPTION_PORT, name);
}

void
bench_exception_reply(mach_msg_header_t *message)
{
	struct {
		mach_msg_header_t header;
		mach_msg_type_t type;
		int32_t code;
		uint32_t pad;
	} *reply = (void *)message;
	const struct {
		mach_msg_header_t header;
		mach_msg_type_t thread_type;
		mach_port_name_inlined_t thread;
		mach_msg_type_t task_type;
		mach_port_name_inlined_t task;
	} *request = (const void *)message;

	syscall_mach_port_deallocate(bench_task_self(), request->thread.name);
	syscall_mach_port_deallocate(bench_task_self(), request->task.name);
	reply->header.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(message->msgh_bits), 0);
	reply->header.msgh_local_port = MACH_PORT_NULL;
	reply->header.msgh_id = EXC_REPLY_ID;
	reply->type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_INTEGER_32,
		.msgt_size = 32,
		.msgt_inline = TRUE,
		.msgt_number = 1 };
	reply->code = KERN_SUCCESS;
	reply->pad = 0;
}

kern_return_t
bench_move_member(mach_port_name_t task, mach_port_name_t member, mach_port_name_t set)
{
	return mach_port_move_member(task, member, set);
}

kern_return_t
bench_ipc_mode_set(mach_port_name_t host_priv, int mode)
{
	return host_ipc_mode_set(host_priv, mode);
}

kern_return_t
bench_bind(mach_port_name_t host_priv, mach_port_name_t thread, int cpu)
{
	return thread_bind(host_priv, thread, cpu);
}

static void
fixed_priorities_enable(mach_port_name_t host_priv)
{
	mach_port_name_t name, set;

	bench_check("default set", processor_set_default(mach_host_self(), &name));
	bench_check("set port", host_processor_set_priv(host_priv, name, &set));
	bench_check("set policy", processor_set_policy_enable(set, POLICY_FIXEDPRI));
	mach_port_deallocate(bench_task_self(), set);
	mach_port_deallocate(bench_task_self(), name);
}

void
bench_fix_priority(mach_port_name_t host_priv, mach_port_name_t thread)
{
	static bool enabled;

	if (!enabled)
		fixed_priorities_enable(host_priv);
	enabled = true;
	bench_check("thread_policy", thread_policy(thread, POLICY_FIXEDPRI, 100));
}
