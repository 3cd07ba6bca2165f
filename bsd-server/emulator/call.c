/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dispatch of calls, and what happens to a thread at its start and at its
 * way out.
 */
#include "bsd_user.h"
#include "calls.h"
#include "emul.h"
#include "linux_nr.h"

static emul_call *const call_table[LINUX_NR_LIMIT] = {
#define CALL(name) [LINUX_NR_##name] = sys_##name,
	EMUL_CALLS(CALL)
#undef CALL
};

#define NAME_LENGTH 28

static const char call_names[LINUX_NR_LIMIT][NAME_LENGTH] = {
#define LINUX_NAME(name, number) [number] = #name,
	LINUX_CALLS(LINUX_NAME)
#undef LINUX_NAME
};

static void
trace(bool unknown, uint64_t number, int64_t result)
{
	bsd_path_t name = "";

	if (number < LINUX_NR_LIMIT)
		memcpy(name, call_names[number], NAME_LENGTH);
	bsd_trace(emul_process(), unknown, name, (int)number, result);
}

static int64_t
call(struct emul_frame *f, uint64_t number)
{
	int64_t result;

	if (number >= LINUX_NR_LIMIT || call_table[number] == NULL) {
		trace(true, number, -LINUX_ENOSYS);
		return -LINUX_ENOSYS;
	}
	result = call_table[number](f);
	if ((emul_self()->options & BSD_OPTION_TRACE) != 0)
		trace(false, number, result);
	return result;
}

static int
leave(struct emul_frame *f)
{
	if (f->full)
		emul_set_full(f);
	return (int)f->full;
}

int
emul_syscall(struct emul_frame *f)
{
	uint64_t number = (uint32_t)f->regs.rax;
	int64_t result;

	f->full = 0;
	result = call(f, number);
	f->regs.rax = (uint64_t)result;
	if (result == EMUL_RESTART || emul_self()->signal_pending != 0)
		emul_deliver(f, result == EMUL_RESTART && !f->full, number);
	return leave(f);
}

/* The server marked the thread on its way out. */
int
emul_pending(struct emul_frame *f)
{
	emul_deliver(f, false, 0);
	return leave(f);
}

/* The thread was taken out of its program; the server keeps its registers. */
int
emul_interrupted(struct emul_frame *f)
{
	f->full = 1;
	emul_deliver(f, false, 0);
	return leave(f);
}

/* The kernel refuses the program's registers. */
void
emul_bad_registers(struct emul_frame *f)
{
	emul_die(SIGSEGV);
}

void
emul_die(int sig)
{
	bsd_sigdie(emul_process(), sig);
	emul_sleep_forever();
}

/* The server ends this thread. */
void
emul_sleep_forever(void)
{
	for (;;)
		emul_trap(0, 2, 1000000, 0, 0, 0, -61); /* thread_switch, wait */
}

void
emul_set_bases(uint64_t fs_base, uint64_t gs_base)
{
	struct i386_fsgs_base_state bases = { fs_base, gs_base };
	struct emul_thread *self = emul_self();

	self->fs_base = fs_base;
	self->gs_base = gs_base;
	emul_trap(i386_FSGS_BASE_STATE, (uint64_t)&bases, i386_FSGS_BASE_STATE_COUNT, 0, 0, 0, -77);
}

static void
thread_init(struct emul_thread *self)
{
	unsigned slot = (unsigned)(((uint64_t)self - EMUL_SLOT_BASE) / EMUL_SLOT_SIZE);

	self->interruptible = false;
	self->mask_known = false;
	self->signal_pending = 0;
	self->reply_port = MACH_PORT_NULL;
	self->task = (mach_port_name_t)emul_trap(0, 0, 0, 0, 0, 0, -28);
	self->process = EMUL_PROCESS_PORT(slot);
	self->block.eb_process_port = self->process;
	self->clear_tid = 0;
	self->robust_list = 0;
	self->ready = true;
}

int
emul_thread_start(struct emul_frame *f)
{
	struct emul_thread *self = emul_self();
	struct bsd_start start;
	mach_msg_type_number_t fpu_size = sizeof(self->fpu);

	thread_init(self);
	if (bsd_start(self->process, &start, (char *)self->fpu, &fpu_size) != 0)
		emul_die(SIGKILL);
	self->pid = start.pid;
	self->tid = start.tid;
	self->options = (uint8_t)start.options;
	f->regs = start.regs;
	f->full = start.how != BSD_START_THREAD;
	if (start.how == BSD_START_EXEC) {
		emul_space_init(start.break_start);
	} else {
		if (start.how == BSD_START_FORK)
			emul_space_forked();
		emul_fpu_restore_local(self);
		emul_set_bases(start.regs.fs_base, start.regs.gs_base);
		emul_clone_child(f, &start);
	}
	if (self->signal_pending != 0)
		emul_deliver(f, false, 0);
	return leave(f);
}
