/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check -- what test programs over libmach and bench.c share: checks that are
 * counted, threads in other tasks, and names that must die or be given back.
 *
 * For one thread, but where a comment says otherwise. (The checks of abi_*.c
 * use no header of this tree and have their own.)
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/port.h>

#define CHECK_PATIENCE 5000 /* ms for something that must happen */

extern unsigned check_passed, check_failed;
/* In front of what is said about failures. */
extern const char *check_about;

bool check_at(int line, const char *what, long got, long wanted);

#define CHECK_EQ(got, wanted) check_at(__LINE__, #got, (long)(got), (long)(wanted))
#define CHECK(condition)      check_at(__LINE__, #condition, (condition) ? 1 : 0, 1)

/* Any thread. */
void rest(unsigned ms);
mach_port_name_t me(void);

/* How many names this task has. */
unsigned names_held(void);
/* A port of ours with a send right; its end; a right's. */
mach_port_name_t port_new(void);
void port_end(mach_port_name_t name);
void drop(mach_port_name_t name);

bool is_dead(mach_port_name_t name);
bool await_death(mach_port_name_t name);
/* Wait until *flag is `wanted`. */
bool await_value(const volatile uint32_t *flag, uint32_t wanted);
bool await_flag(const volatile bool *flag);

/* A thread that will begin with entry(first, second); not resumed. */
mach_port_name_t
thread_new(mach_port_name_t task, void *entry, void *stack_top, uint64_t first, uint64_t second);

/* A page that children share with this task. */
void *shared_memory(vm_size_t size);

#endif
