/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <mach.h>
#include <mach/mach_traps.h>
#include <mach/thread_status.h>
#include <mach/thread_switch.h>

#include "bench.h"

unsigned check_passed, check_failed;
const char *check_about = "";

bool
check_at(int line, const char *what, long got, long wanted)
{
	if (got == wanted) {
		check_passed++;
		return true;
	}
	check_failed++;
	bench_print("FAIL %s line %d: %s: got %lx, wanted %lx\n", check_about, line, what,
	    (unsigned long)got, (unsigned long)wanted);
	return false;
}

void
rest(unsigned ms)
{
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, (int)ms);
}

mach_port_name_t
me(void)
{
	return bench_task_self();
}

unsigned
names_held(void)
{
	mach_msg_type_number_t names_count = 0, types_count = 0;
	mach_port_name_array_t names = NULL;
	mach_port_type_array_t types = NULL;

	CHECK_EQ(mach_port_names(me(), &names, &names_count, &types, &types_count), KERN_SUCCESS);
	(void)vm_deallocate(me(), (vm_address_t)names, names_count * sizeof(*names));
	(void)vm_deallocate(me(), (vm_address_t)types, types_count * sizeof(*types));
	return names_count;
}

mach_port_name_t
port_new(void)
{
	mach_port_name_t name = MACH_PORT_NULL;

	CHECK_EQ(mach_port_allocate(me(), MACH_PORT_RIGHT_RECEIVE, &name), KERN_SUCCESS);
	CHECK_EQ(mach_port_insert_right(me(), name, name, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
	return name;
}

void
port_end(mach_port_name_t name)
{
	CHECK_EQ(mach_port_destroy(me(), name), KERN_SUCCESS);
}

void
drop(mach_port_name_t name)
{
	CHECK_EQ(syscall_mach_port_deallocate(me(), name), KERN_SUCCESS);
}

bool
is_dead(mach_port_name_t name)
{
	mach_port_type_t type = 0;

	return mach_port_type(me(), name, &type) == KERN_SUCCESS &&
	    (type & MACH_PORT_TYPE_DEAD_NAME);
}

/* A while; most of what is waited for comes at once. */
static unsigned
wait_a_turn(unsigned turn)
{
	if (turn > 20)
		rest(5);
	else
		(void)swtch();
	return turn + 1;
}

#define TURNS (CHECK_PATIENCE / 5)

bool
await_death(mach_port_name_t name)
{
	for (unsigned turn = 0; turn < TURNS && !is_dead(name);)
		turn = wait_a_turn(turn);
	return is_dead(name);
}

bool
await_value(const volatile uint32_t *flag, uint32_t wanted)
{
	for (unsigned turn = 0; turn < TURNS && *flag != wanted;)
		turn = wait_a_turn(turn);
	return *flag == wanted;
}

bool
await_flag(const volatile bool *flag)
{
	for (unsigned turn = 0; turn < TURNS && !*flag;)
		turn = wait_a_turn(turn);
	return *flag;
}

mach_port_name_t
thread_new(mach_port_name_t task, void *entry, void *stack_top, uint64_t first, uint64_t second)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_name_t thread = MACH_PORT_NULL;

	CHECK_EQ(thread_create(task, &thread), KERN_SUCCESS);
	CHECK_EQ(thread_get_state(thread, i386_REGS_SEGS_STATE, (thread_state_t)&state, &count),
	    KERN_SUCCESS);
	state.rip = (uint64_t)entry;
	state.rdi = first;
	state.rsi = second;
	state.ursp = ((uint64_t)stack_top & ~15ul) - 8;
	CHECK_EQ(thread_set_state(thread, i386_REGS_SEGS_STATE, (thread_state_t)&state, count),
	    KERN_SUCCESS);
	return thread;
}

void *
shared_memory(vm_size_t size)
{
	vm_address_t address = 0;

	bench_check("vm_allocate", vm_allocate(me(), &address, size, TRUE));
	bench_check("vm_inherit", vm_inherit(me(), address, size, VM_INHERIT_SHARE));
	return (void *)address;
}
