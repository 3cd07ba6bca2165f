/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Enough of Mach on Linux to run a native musl program and libmach's in-task
 * handler as a Linux process: the redirect of system calls is made by
 * Linux's syscall user dispatch and a signal handler that does what the kernel
 * does at a redirect; the few Mach calls the handler makes become Linux calls.
 *
 * Like the handler itself this uses no thread-local storage, no vector
 * registers and no libc.
 */
#include <device/device.h>
#include <mach.h>
#include <mach/portolan.h>
#include <mach/thread_status.h>
#include <portolan/portolan.h>

#include "../../../libmach/musl/linux.h"
#include "../../../libmach/src/start.h"

#define SYS_WRITE        1
#define SYS_SIGACTION    13
#define SYS_SIGALTSTACK  131
#define SYS_PRCTL        157
#define SYS_ARCH_PRCTL   158
#define SYS_FUTEX        202
#define SYS_EXIT_GROUP   231
#define SIGNAL_SYS       31
#define ACTION_FLAGS     0x0c000004UL /* SIGINFO | ONSTACK | RESTORER */
#define USER_DISPATCH    59
#define FUTEX_PRIVATE    128
#define THREADS          64
#define ALT_SIZE         16384UL
#define CLONE_FLAGS      0x50f00UL /* VM FS FILES SIGHAND THREAD SYSVSEM */
#define MAP_PRIVATE_ANON 0x22
#define MAP_NOREPLACE    0x100000
#define SKIP_STATUS      77

long host_syscall(long number, ...);
long host_clone(long flags, void *stack, void *thread);
void host_restorer(void);
_Noreturn void host_unmap_exit(uint64_t stack, uint64_t size);
extern char host_allowed[], host_allowed_end[];

/* The signal stack of a thread; found from any address in it. */
struct alt_stack {
	struct emulation_block *block;
	char room[ALT_SIZE - sizeof(void *)];
} __attribute__((aligned(16384)));

struct host_thread {
	struct i386_thread_state state;
	uint64_t fs_base;
	struct emulation_block *block;
	struct alt_stack *alt;
	char stack[4096] __attribute__((aligned(16)));
};

struct i386_thread_state *host_thread_prepare(struct host_thread *thread);

static struct host_thread threads[THREADS];
static struct alt_stack alt_stacks[THREADS];
static unsigned int threads_made = 1; /* 0 is the first thread */
static vm_address_t entry_point;
static char selector = 1;

mach_port_t mach_task_self_ = 1, mach_host_self_ = 2;

static _Noreturn void
quit(int status)
{
	for (;;)
		(void)host_syscall(SYS_EXIT_GROUP, (long)status, 0L, 0L, 0L, 0L, 0L);
}

/* ---- The redirect ------------------------------------------------------------------ */

/* The part of Linux' ucontext that counts here: general registers at 40. */
struct host_context {
	char head[40];
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip,
	    eflags;
};

static void
on_system_call(int signal, void *info, struct host_context *context)
{
	struct alt_stack *alt = (struct alt_stack *)((uint64_t)context & ~(ALT_SIZE - 1));
	struct emulation_block *block = alt->block;

	block->eb_rip = context->rip;
	block->eb_rsp = context->rsp;
	block->eb_rflags = context->eflags;
	context->rsp = (uint64_t)block;
	context->rip = entry_point;
}

static void
redirect_begin(struct alt_stack *alt)
{
	uint64_t stack[3] = { (uint64_t)alt, 0, ALT_SIZE };

	if (host_syscall(SYS_SIGALTSTACK, stack, 0L, 0L, 0L, 0L, 0L) != 0 ||
	    host_syscall(SYS_PRCTL, (long)USER_DISPATCH, 1L, host_allowed,
		(long)(host_allowed_end - host_allowed), &selector, 0L) != 0)
		quit(SKIP_STATUS);
}

kern_return_t
thread_set_emulation_block(struct emulation_block *block)
{
	alt_stacks[0].block = block;
	return KERN_SUCCESS;
}

kern_return_t
task_set_emulation_entry(
    task_t task, vm_address_t entry, vm_address_t range_start, vm_address_t range_end)
{
	uint64_t action[4] = { (uint64_t)on_system_call, ACTION_FLAGS, (uint64_t)host_restorer, 0 };

	entry_point = entry;
	if (host_syscall(SYS_SIGACTION, (long)SIGNAL_SYS, action, 0L, 8L, 0L, 0L) != 0)
		return KERN_FAILURE;
	redirect_begin(&alt_stacks[0]);
	return KERN_SUCCESS;
}

/* ---- Memory ------------------------------------------------------------------------- */

static kern_return_t
map(vm_address_t *address, vm_size_t size, boolean_t anywhere, int prot)
{
	long flags = MAP_PRIVATE_ANON | (anywhere ? 0 : MAP_NOREPLACE);
	long got = host_syscall(
	    (long)NR_MMAP, anywhere ? 0UL : *address, size, (long)prot, flags, -1L, 0L);

	if (got < 0)
		return KERN_NO_SPACE;
	*address = (vm_address_t)got;
	return KERN_SUCCESS;
}

kern_return_t
vm_map(vm_task_t task, vm_address_t *address, vm_size_t size, vm_address_t mask, boolean_t anywhere,
    memory_object_t object, vm_offset_t offset, boolean_t copy, vm_prot_t cur_protection,
    vm_prot_t max_protection, vm_inherit_t inheritance)
{
	return map(address, size, anywhere, cur_protection);
}

kern_return_t
vm_allocate(vm_task_t task, vm_address_t *address, vm_size_t size, boolean_t anywhere)
{
	return map(address, size, anywhere, VM_PROT_DEFAULT);
}

kern_return_t
vm_deallocate(vm_task_t task, vm_address_t address, vm_size_t size)
{
	(void)host_syscall((long)NR_MUNMAP, address, size, 0L, 0L, 0L, 0L);
	return KERN_SUCCESS;
}

kern_return_t
vm_protect(vm_task_t task, vm_address_t address, vm_size_t size, boolean_t set_maximum,
    vm_prot_t protection)
{
	return host_syscall((long)NR_MPROTECT, address, size, (long)protection, 0L, 0L, 0L) == 0
	    ? KERN_SUCCESS
	    : KERN_INVALID_ADDRESS;
}

kern_return_t
vm_copy(vm_task_t task, vm_address_t source, vm_size_t size, vm_address_t destination)
{
	__asm__ volatile("rep movsb" : "+S"(source), "+D"(destination), "+c"(size) : : "memory");
	return KERN_SUCCESS;
}

void
mach_reserve_null_page(void)
{
}

/* ---- Threads --------------------------------------------------------------------------- */

kern_return_t
thread_create(task_t task, thread_t *thread)
{
	unsigned int slot = __atomic_fetch_add(&threads_made, 1, __ATOMIC_RELAXED);

	if (slot >= THREADS)
		return KERN_RESOURCE_SHORTAGE;
	threads[slot].alt = &alt_stacks[slot];
	*thread = slot;
	return KERN_SUCCESS;
}

kern_return_t
thread_set_state(
    thread_t thread, int flavor, const thread_state_t state, mach_msg_type_number_t count)
{
	struct host_thread *t = &threads[thread];

	switch (flavor) {
	case i386_THREAD_STATE:
		t->state = *(const struct i386_thread_state *)(const void *)state;
		return KERN_SUCCESS;
	case i386_FSGS_BASE_STATE:
		t->fs_base = ((const struct i386_fsgs_base_state *)state)->fs_base;
		return KERN_SUCCESS;
	case EMULATION_BLOCK_STATE:
		t->alt->block =
		    (struct emulation_block *)((const struct emulation_block_state *)state)->block;
		return KERN_SUCCESS;
	default:
		return KERN_INVALID_ARGUMENT;
	}
}

struct i386_thread_state *
host_thread_prepare(struct host_thread *thread)
{
	(void)host_syscall(
	    SYS_ARCH_PRCTL, (long)LINUX_ARCH_SET_FS, thread->fs_base, 0L, 0L, 0L, 0L);
	redirect_begin(thread->alt);
	return &thread->state;
}

kern_return_t
thread_resume(thread_t thread)
{
	struct host_thread *t = &threads[thread];

	return host_clone(CLONE_FLAGS, t->stack + sizeof(t->stack), t) > 0 ? KERN_SUCCESS
									   : KERN_FAILURE;
}

kern_return_t
thread_terminate(thread_t thread)
{
	return KERN_SUCCESS;
}

kern_return_t
thread_terminate_release(thread_t thread, task_t task, mach_port_name_t name,
    mach_port_name_t reply_port, vm_address_t address, vm_size_t size)
{
	host_unmap_exit(address, size);
}

kern_return_t
thread_set_self_state(int flavor, natural_t *state, natural_t count)
{
	const struct i386_fsgs_base_state *bases = (const struct i386_fsgs_base_state *)state;

	if (flavor != i386_FSGS_BASE_STATE || count != i386_FSGS_BASE_STATE_COUNT)
		return KERN_INVALID_ARGUMENT;
	return host_syscall(
		   SYS_ARCH_PRCTL, (long)LINUX_ARCH_SET_FS, bases->fs_base, 0L, 0L, 0L, 0L) == 0
	    ? KERN_SUCCESS
	    : KERN_FAILURE;
}

kern_return_t
thread_switch(mach_port_name_t thread, int option, mach_msg_timeout_t option_time)
{
	struct linux_timespec time = { option_time / 1000, option_time % 1000 * 1000000L };

	(void)host_syscall((long)NR_NANOSLEEP, &time, 0L, 0L, 0L, 0L, 0L);
	return KERN_SUCCESS;
}

boolean_t
swtch(void)
{
	(void)host_syscall((long)NR_SCHED_YIELD, 0L, 0L, 0L, 0L, 0L, 0L);
	return FALSE;
}

/* ---- gsync ------------------------------------------------------------------------------- */

kern_return_t
gsync_wait(task_t task, vm_address_t addr, unsigned val1, unsigned val2, natural_t msec, int flags)
{
	struct linux_timespec time = { msec / 1000, msec % 1000 * 1000000L };

	switch (-host_syscall(SYS_FUTEX, addr, (long)(LINUX_FUTEX_WAIT | FUTEX_PRIVATE), (long)val1,
	    flags & GSYNC_TIMED ? &time : NULL, 0L, 0L)) {
	case 0:
		return KERN_SUCCESS;
	case LINUX_ETIMEDOUT:
		return KERN_TIMEDOUT;
	case LINUX_EINTR:
		return KERN_INTERRUPTED;
	case LINUX_EFAULT:
		return KERN_INVALID_ADDRESS;
	default:
		return KERN_INVALID_ARGUMENT;
	}
}

kern_return_t
gsync_wake(task_t task, vm_address_t addr, unsigned val, int flags)
{
	(void)host_syscall(SYS_FUTEX, addr, (long)(LINUX_FUTEX_WAKE | FUTEX_PRIVATE),
	    flags & GSYNC_BROADCAST ? 0x7fffffffL : 1L, 0L, 0L, 0L);
	return KERN_SUCCESS;
}

kern_return_t
gsync_requeue(task_t task, vm_address_t from, vm_address_t to, boolean_t wake_one, int flags)
{
	(void)host_syscall(SYS_FUTEX, from, (long)(LINUX_FUTEX_REQUEUE | FUTEX_PRIVATE),
	    wake_one ? 1L : 0L, flags & GSYNC_BROADCAST ? 0x7fffffffL : 1L, to, 0L);
	return KERN_SUCCESS;
}

/* ---- The rest ------------------------------------------------------------------------------- */

static kern_return_t
clock_get(long clock, time_value64_t *now)
{
	struct linux_timespec time;

	(void)host_syscall((long)NR_CLOCK_GETTIME, clock, &time, 0L, 0L, 0L, 0L);
	TIMESPEC_TO_TIME_VALUE64(now, &time);
	return KERN_SUCCESS;
}

kern_return_t
host_get_time64(host_t host, time_value64_t *now)
{
	return clock_get(LINUX_CLOCK_REALTIME, now);
}

kern_return_t
host_get_uptime64(host_t host, time_value64_t *now)
{
	return clock_get(LINUX_CLOCK_MONOTONIC, now);
}

void
mach_print(const char *string)
{
	long length = 0;

	while (string[length] != '\0')
		length++;
	(void)host_syscall(SYS_WRITE, 1L, string, length, 0L, 0L, 0L);
}

void
mach_init(void)
{
}

mach_port_name_t
mach_thread_self(void)
{
	return 0;
}

mach_port_name_t(mach_task_self)(void)
{
	return 1;
}

kern_return_t
host_reboot(host_priv_t host, int options)
{
	quit(0);
}

kern_return_t
task_terminate(task_t task)
{
	quit(1);
}

kern_return_t
task_suspend(task_t task)
{
	return KERN_INVALID_ARGUMENT;
}

kern_return_t
mach_port_allocate(ipc_space_t task, mach_port_right_t right, mach_port_name_t *name)
{
	*name = 9;
	return KERN_SUCCESS;
}

kern_return_t
mach_port_deallocate(ipc_space_t task, mach_port_name_t name)
{
	return KERN_SUCCESS;
}

kern_return_t
mach_port_mod_refs(
    ipc_space_t task, mach_port_name_t name, mach_port_right_t right, mach_port_delta_t delta)
{
	return KERN_SUCCESS;
}

io_return_t
device_read_inband(mach_port_t device, dev_mode_t mode, recnum_t recnum, int bytes_wanted,
    io_buf_ptr_inband_t data, mach_msg_type_number_t *count)
{
	*count = 0;
	return D_SUCCESS;
}
