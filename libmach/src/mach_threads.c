/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads without a libc. At the top of its stack a thread has the record
 * that says what it runs and what it gives back at its end.
 */
#include <mach/gnumach.h>
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/mach_threads.h>
#include <mach/vm_param.h>

#include "machine.h"

struct thread_record {
	void (*function)(void *);
	void *argument;
	thread_t thread;
	vm_address_t stack; /* the guard page included */
	vm_size_t size;
} __attribute__((aligned(16)));

_Noreturn void mach_thread_body(struct thread_record *record);

/* The name, the stack and the thread go in one kernel call. */
_Noreturn void
mach_thread_body(struct thread_record *record)
{
	record->function(record->argument);
	for (;;)
		(void)thread_terminate_release(record->thread, mach_task_self(), record->thread,
		    MACH_PORT_NULL, record->stack, record->size);
}

/* A new region in `task`, its lowest page without access. */
static kern_return_t
stack_create(task_t task, vm_size_t size, vm_address_t *stackp)
{
	kern_return_t kr;

	*stackp = 0;
	kr = vm_map(task, stackp, size, 0, TRUE, MACH_PORT_NULL, 0, FALSE, VM_PROT_DEFAULT,
	    VM_PROT_ALL, VM_INHERIT_COPY);
	if (kr != KERN_SUCCESS)
		return kr;
	kr = vm_protect(task, *stackp, PAGE_SIZE, FALSE, VM_PROT_NONE);
	if (kr != KERN_SUCCESS)
		(void)vm_deallocate(task, *stackp, size);
	return kr;
}

static vm_size_t
stack_size_of(vm_size_t wanted)
{
	if (wanted == 0)
		wanted = MACH_THREAD_STACK_DEFAULT;
	return round_page(wanted) + PAGE_SIZE;
}

/* Set up and start the thread of `record`. On success it may be gone at once. */
static kern_return_t
thread_launch(struct thread_record *record, boolean_t keep_name)
{
	thread_t thread = record->thread;
	kern_return_t kr;

	kr = mach_thread_set_entry(
	    thread, (vm_address_t)mach_thread_trampoline, (vm_address_t)record);
	if (kr == KERN_SUCCESS && keep_name)
		kr = mach_port_mod_refs(mach_task_self(), thread, MACH_PORT_RIGHT_SEND, 1);
	if (kr == KERN_SUCCESS)
		kr = thread_resume(thread);
	return kr;
}

kern_return_t
mach_thread_start(void (*function)(void *), void *argument, vm_size_t stack_size, thread_t *threadp)
{
	vm_size_t size = stack_size_of(stack_size);
	struct thread_record *record;
	vm_address_t stack;
	thread_t thread;
	kern_return_t kr;

	kr = stack_create(mach_task_self(), size, &stack);
	if (kr != KERN_SUCCESS)
		return kr;
	kr = thread_create(mach_task_self(), &thread);
	if (kr != KERN_SUCCESS)
		goto no_thread;
	record = (struct thread_record *)(stack + size) - 1;
	*record = (struct thread_record) { function, argument, thread, stack, size };
	kr = thread_launch(record, threadp != NULL);
	if (kr != KERN_SUCCESS)
		goto no_launch;
	if (threadp != NULL)
		*threadp = thread;
	return KERN_SUCCESS;

no_launch:
	(void)thread_terminate(thread);
	(void)mach_port_destroy(mach_task_self(), thread);
no_thread:
	(void)vm_deallocate(mach_task_self(), stack, size);
	return kr;
}

kern_return_t
mach_setup_thread(task_t task, thread_t thread, void *pc, vm_address_t *stackp, vm_size_t *sizep)
{
	vm_size_t size = stack_size_of(sizep != NULL ? *sizep : 0);
	vm_address_t stack;
	kern_return_t kr;

	kr = stack_create(task, size, &stack);
	if (kr != KERN_SUCCESS)
		return kr;
	/* As after a call: the return address would lie at the stack pointer. */
	kr = mach_thread_set_entry(thread, (vm_address_t)pc, stack + size - sizeof(long));
	if (kr != KERN_SUCCESS) {
		(void)vm_deallocate(task, stack, size);
		return kr;
	}
	if (stackp != NULL)
		*stackp = stack + PAGE_SIZE;
	if (sizep != NULL)
		*sizep = size - PAGE_SIZE;
	return KERN_SUCCESS;
}
