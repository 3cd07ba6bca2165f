/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench -- what native benchmark programs share: the trap in line, the clock,
 * printing, and set-up calls that are not measured.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>

#define EXC_REPLY_ID   2500 /* ABI sheet 7.1 */
#define EXC_REPLY_SIZE 48

static inline uint64_t
bench_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* A trap without arguments (ABI sheet 1.1). */
static inline long
bench_trap0(long number)
{
	__asm__ volatile("syscall" : "+a"(number) : : "rcx", "r11", "memory");
	return number;
}

/* mach_msg without time-out and notification, in line. The seventh argument,
 * notify, is read from 8(%rsp) when an option asks for it; none does here, but
 * the kernel may read the slot, which the red zone's owner skips. */
static inline mach_msg_return_t
bench_mach_msg(mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t send_size,
    mach_msg_size_t receive_size, mach_port_name_t receive_name)
{
	long result = -25;
	register uint64_t r10 __asm__("r10") = receive_size;
	register uint64_t r8 __asm__("r8") = receive_name;
	register uint64_t r9 __asm__("r9") = 0;

	__asm__ volatile("syscall"
			 : "+a"(result)
			 : "D"(message), "S"((uint64_t)(uint32_t)option), "d"((uint64_t)send_size),
			 "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return (mach_msg_return_t)result;
}

/*
 * Loops of register traps (register_loop.S). `names`: destination below and
 * reply port above, or the port to serve above. The first result that is not
 * MACH_MSG_SUCCESS.
 */
mach_msg_return_t bench_register_calls(uint64_t names, uint64_t label, unsigned count);
mach_msg_return_t bench_register_serve(uint64_t names, uint64_t label);

/* printf with %s, %d, %u, %x, %lu, %lx to the console. */
void bench_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Say what failed with which code and end the run with status 1. */
_Noreturn void bench_fail(const char *what, int code);
/* bench_fail unless code is 0. */
void bench_check(const char *what, int code);
/* End the run. */
void bench_exit(mach_port_name_t host_priv, int status);

/* Our own task port; one name, asked for once. */
mach_port_name_t bench_task_self(void);
/* The decimal name after `option` in the arguments. */
mach_port_name_t bench_port_argument(int argc, char **argv, const char *option);

/* What follows `prefix` in the first argument that begins so, or NULL. */
const char *bench_argument(int argc, char **argv, const char *prefix);
unsigned long bench_number(const char *digits);
bool bench_string_equal(const char *a, const char *b);

/* A receive right in `task`, named *namep there, and a send right for us. */
kern_return_t
bench_port_allocate_in(mach_port_name_t task, mach_port_name_t *namep, mach_port_name_t *sendp);
/* Write our bytes at `address` to the same address of `task`. */
void bench_poke(mach_port_name_t task, const void *address, size_t size);
/* A thread in `task` that starts at `entry` with that stack. */
mach_port_name_t bench_thread_start(mach_port_name_t task, void (*entry)(void), void *stack_top);
/* Make the receive right `name` of ours the exception port of `task`. */
kern_return_t bench_set_exception_port(mach_port_name_t task, mach_port_name_t name);
/* Turn a received exception message into the reply that says success, and
 * drop the thread and task rights it carried. */
void bench_exception_reply(mach_msg_header_t *message);
/* mach_port_move_member. */
kern_return_t
bench_move_member(mach_port_name_t task, mach_port_name_t member, mach_port_name_t set);
kern_return_t bench_ipc_mode_set(mach_port_name_t host_priv, int mode);
/* Let the thread's priority not depend on how much it ran. */
void bench_fix_priority(mach_port_name_t host_priv, mach_port_name_t thread);
/* thread_bind. */
kern_return_t bench_bind(mach_port_name_t host_priv, mach_port_name_t thread, int cpu);

#endif
