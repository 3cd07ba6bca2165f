/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trap -- what the machine layer calls when something happens.
 *
 * The functions below the line "upcalls" are implemented by kernel/core and
 * kernel/glue. They run with interrupts off on the thread's kernel stack, its
 * user registers in the PCB. Those called "from user mode" may return (the
 * thread goes on in user mode, after trap_ast if this_cpu()->ast is set), or
 * block with a continuation and leave by exception_return, which is the
 * machine layer's (kern/waiter.h declares trap_return and exception_return).
 */
#ifndef ARCH_TRAP_H
#define ARCH_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/vm_prot.h>

/*
 * A system call: up to 11 arguments, each 64 bits as the user passed it
 * (functions narrow them themselves); the result goes to RAX. Functions may
 * leave by trap_return or exception_return instead of returning.
 * function NULL: an unused slot; answers KERN_INVALID_ARGUMENT, or is
 * redirected when the task has an emulation entry.
 */
typedef void trap_function_t(void);

struct trap_entry {
	trap_function_t *function;
	uint64_t arguments;
};

#define TRAP_ARGUMENTS_MAX 11

/* A row of a trap table: TRAP(function, number of arguments). */
#define TRAP(function, arguments)                                                                  \
	{                                                                                          \
		(trap_function_t *)(function), (arguments)                                         \
	}

/* Indexed by -RAX: the traps of ABI sheet 1.3. */
#define TRAP_COUNT 130
extern const struct trap_entry trap_table[TRAP_COUNT];

/* Indexed by -1024 - RAX: Portolan's own (design D1, mach/portolan.h). */
#define TRAP_OWN_FIRST 1024
#define TRAP_OWN_COUNT 64
extern const struct trap_entry trap_own_table[TRAP_OWN_COUNT];

/* Upcalls, from user mode. */

/* A page fault at a user address: `access` is READ, WRITE or EXECUTE. */
void trap_user_page_fault(uint64_t address, vm_prot_t access);

/* Any other exception, already translated (ABI sheet 7.3, 7.4). */
void trap_user_exception(int exception, int code, int64_t subcode);

/* this_cpu()->ast is set and the thread is about to go to user mode. May
 * block, with continuation exception_return; called again while ast is set,
 * so it clears what it has handled. */
void trap_ast(void);

/* Upcalls, from kernel mode. */

/* copyin or copyout of the running thread met a page that is not there: make
 * it so (true: retry) or not (false: the copy fails). Keeps the stack; may
 * block. */
bool trap_copy_fault(uint64_t address, vm_prot_t access);

/* The clock ticked on this CPU (CLOCK_HZ); `user`: it was in user mode.
 * Interrupt context: sets ast, wakes threads, does not block or switch. */
void trap_tick(bool user);

#endif
