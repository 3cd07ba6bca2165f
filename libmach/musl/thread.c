/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads and futexes.
 */
#include <mach/gnumach.h>
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/vm_param.h>

#include "handler.h"

/* libc keeps flags above a tid's low 30 bits, so names of threads will not do. */
#define TID_FIRST 1

static unsigned int last_tid = TID_FIRST - 1;

static uint64_t
tid_next(void)
{
	return __atomic_add_fetch(&last_tid, 1, __ATOMIC_RELAXED) & 0x3fffffff;
}

void
handler_thread_init(struct emulation_block *block)
{
	block->eb_words[EB_TID] = tid_next();
	block->eb_words[EB_THREAD] = mach_thread_self();
}

/* A stack for the handler of a new thread, its block at the top. */
static struct emulation_block *
handler_stack_create(void)
{
	struct emulation_block *block;
	vm_address_t stack = 0;

	if (vm_allocate(mach_task_self(), &stack, HANDLER_STACK_SIZE, TRUE) != KERN_SUCCESS)
		return NULL;
	block = (struct emulation_block *)(stack + HANDLER_STACK_SIZE) - 1;
	block->eb_words[EB_TID] = tid_next();
	block->eb_words[EB_STACK] = stack;
	block->eb_words[EB_STACK_SIZE] = HANDLER_STACK_SIZE;
	return block;
}

static void
handler_stack_destroy(struct emulation_block *block)
{
	(void)vm_deallocate(
	    mach_task_self(), block->eb_words[EB_STACK], block->eb_words[EB_STACK_SIZE]);
}

/* What clone stores before either thread goes on. */
static void
clone_store_tid(const struct handler_frame *frame, struct emulation_block *block)
{
	uint64_t flags = FRAME_ARG0(frame);

	if (flags & LINUX_CLONE_PARENT_SETTID)
		*(int *)FRAME_ARG2(frame) = (int)block->eb_words[EB_TID];
	if (flags & LINUX_CLONE_CHILD_SETTID)
		*(int *)FRAME_ARG3(frame) = (int)block->eb_words[EB_TID];
	if (flags & LINUX_CLONE_CHILD_CLEARTID)
		block->eb_words[EB_CLEAR_TID] = FRAME_ARG3(frame);
}

static kern_return_t
clone_start(const struct handler_frame *frame, const struct emulation_block *caller,
    struct emulation_block *block)
{
	const uint64_t *tls = FRAME_ARG0(frame) & LINUX_CLONE_SETTLS ? &FRAME_ARG4(frame) : NULL;
	thread_t thread;
	kern_return_t kr;

	kr = thread_create(mach_task_self(), &thread);
	if (kr != KERN_SUCCESS)
		return kr;
	block->eb_words[EB_THREAD] = thread;
	kr = handler_thread_set(thread, frame, caller, FRAME_ARG1(frame), block, tls);
	if (kr == KERN_SUCCESS) {
		clone_store_tid(frame, block);
		kr = thread_resume(thread);
	}
	if (kr != KERN_SUCCESS) {
		(void)thread_terminate(thread);
		(void)mach_port_deallocate(mach_task_self(), thread);
	}
	return kr;
}

/* Threads only: a copy of the task is what native programs ask task_create for. */
long
handler_clone(struct handler_frame *frame, struct emulation_block *block)
{
	const uint64_t needed = LINUX_CLONE_VM | LINUX_CLONE_THREAD;
	struct emulation_block *child;
	long tid;

	if ((FRAME_ARG0(frame) & needed) != needed)
		return -LINUX_ENOSYS;
	child = handler_stack_create();
	if (child == NULL)
		return -LINUX_EAGAIN;
	tid = (long)child->eb_words[EB_TID]; /* the child may be gone at its start */
	if (clone_start(frame, block, child) != KERN_SUCCESS) {
		handler_stack_destroy(child);
		return -LINUX_EAGAIN;
	}
	return tid;
}

/*
 * The end of a thread. Whoever waits for the tid to be cleared may then
 * reuse the thread's memory, of which nothing is touched any more; the stack
 * this runs on goes with the thread in the last call.
 */
long
handler_exit(struct handler_frame *frame, struct emulation_block *block)
{
	mach_port_name_t thread = (mach_port_name_t)block->eb_words[EB_THREAD];
	int *clear_tid = (int *)block->eb_words[EB_CLEAR_TID];

	if (clear_tid != NULL) {
		__atomic_store_n(clear_tid, 0, __ATOMIC_SEQ_CST);
		(void)gsync_wake(mach_task_self(), (vm_address_t)clear_tid, 0, GSYNC_BROADCAST);
	}
	for (;;)
		(void)thread_terminate_release(thread, mach_task_self(), thread, MACH_PORT_NULL,
		    block->eb_words[EB_STACK], block->eb_words[EB_STACK_SIZE]);
}

long
handler_set_tid_address(struct handler_frame *frame, struct emulation_block *block)
{
	block->eb_words[EB_CLEAR_TID] = FRAME_ARG0(frame);
	return (long)block->eb_words[EB_TID];
}

long
handler_gettid(struct handler_frame *frame, struct emulation_block *block)
{
	return (long)block->eb_words[EB_TID];
}

long
handler_sched_yield(struct handler_frame *frame, struct emulation_block *block)
{
	(void)swtch();
	return 0;
}

static long
futex_wait(vm_address_t address, unsigned int value, const struct linux_timespec *timeout)
{
	int64_t msec = 0;
	kern_return_t kr;

	if (timeout != NULL) {
		msec = handler_milliseconds(timeout);
		if (msec < 0)
			return -LINUX_EINVAL;
	}
	kr = gsync_wait(mach_task_self(), address, value, 0, (natural_t)msec,
	    timeout != NULL ? GSYNC_TIMED : 0);
	switch (kr) {
	case KERN_SUCCESS:
		return 0;
	case KERN_INVALID_ARGUMENT:
		return -LINUX_EAGAIN;
	case KERN_TIMEDOUT:
		return -LINUX_ETIMEDOUT;
	case KERN_INTERRUPTED:
		return -LINUX_EINTR;
	case KERN_INVALID_ADDRESS:
		return -LINUX_EFAULT;
	default:
		return -LINUX_EAGAIN;
	}
}

/* How many there were the kernel does not say: at most `count` are woken. */
static long
futex_wake(vm_address_t address, int count)
{
	if (count <= 0)
		return 0;
	if (count > 8) {
		(void)gsync_wake(mach_task_self(), address, 0, GSYNC_BROADCAST);
		return 1;
	}
	for (int i = 0; i < count; i++)
		(void)gsync_wake(mach_task_self(), address, 0, 0);
	return 1;
}

static long
futex_requeue(vm_address_t from, vm_address_t to, int wake, int move)
{
	(void)futex_wake(from, wake);
	if (move > 8) {
		(void)gsync_requeue(mach_task_self(), from, to, FALSE, GSYNC_BROADCAST);
		return 1;
	}
	for (int i = 0; i < move; i++)
		(void)gsync_requeue(mach_task_self(), from, to, FALSE, 0);
	return 1;
}

/* All futexes are this task's own; a timeout is a length of time. */
long
handler_futex(struct handler_frame *frame, struct emulation_block *block)
{
	vm_address_t address = FRAME_ARG0(frame);

	switch (FRAME_ARG1(frame) & LINUX_FUTEX_COMMAND) {
	case LINUX_FUTEX_WAIT:
		return futex_wait(address, (unsigned int)FRAME_ARG2(frame),
		    (const struct linux_timespec *)FRAME_ARG3(frame));
	case LINUX_FUTEX_WAKE:
		return futex_wake(address, (int)FRAME_ARG2(frame));
	case LINUX_FUTEX_REQUEUE:
		return futex_requeue(
		    address, FRAME_ARG4(frame), (int)FRAME_ARG2(frame), (int)FRAME_ARG3(frame));
	default:
		return -LINUX_ENOSYS;
	}
}
